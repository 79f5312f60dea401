"""Who is known here already: records that may be the same person, at this clinic only."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from clients.models import Client, NotTheSame
from clients.rules import duplicates, names
from clients.rules.duplicates import Identity, Match

# More would be no help to somebody on the phone.
SHOWN = 5
CANDIDATES = 200


@dataclass(frozen=True)
class Found:
    """A record that may be the same person, and why."""

    client: Client
    match: Match


def identity(
    *,
    legal_name: str = "",
    goes_by: str = "",
    born_on: date | None = None,
    phone: str = "",
    email: str = "",
    postal_code: str = "",
) -> Identity:
    """Return what was typed so far, as it is compared. `phone` is in the international form."""
    family, given = names.family_and_given(names.tidy(legal_name))
    return Identity(
        phone=phone,
        email=duplicates.email_key(email),
        born_on=born_on,
        family_key=names.key(family),
        given_keys=frozenset({names.key(given), names.key(goes_by)} - {""}),
        zip=duplicates.zip_key(postal_code),
    )


def identity_of(client: Client) -> Identity:
    """Return a record as it is compared."""
    return Identity(
        phone=client.phone,
        email=client.email,
        born_on=client.born_on,
        family_key=client.family_key,
        given_keys=frozenset({client.given_key, client.goes_by_key} - {""}),
        zip=client.postal_code,
    )


def told_apart_from(client: Client) -> set[int]:
    """Return the keys of the records that somebody found to be another person than this one."""
    found = NotTheSame.objects.filter(Q(first=client) | Q(second=client)).values_list("first_id", "second_id")
    return {key for pair in found for key in pair} - {client.pk}


def matches(typed: Identity, *, among: Any = None, besides: Client | None = None) -> list[Found]:
    """
    Return the records that may be the same person, the likeliest first, at most five.

    among   the clients whom the asking person may see; all of the clinic without it

    Three indexed look-ups: no pair can match without an equal telephone number, e-mail or date of birth (also with
    day and month exchanged), as the rule's own test shows.
    """
    same = Q()
    if typed.phone:
        same |= Q(phone=typed.phone)
    if typed.email:
        same |= Q(email=typed.email)
    if typed.born_on is not None:
        same |= Q(born_on__in=duplicates.dates_to_search(typed.born_on))
    if not same:
        return []
    everybody = Client.objects.all() if among is None else among
    rows = everybody.filter(same, merged_into__isnull=True)
    if besides is not None:
        rows = rows.exclude(pk__in=[besides.pk, *told_apart_from(besides)])
    found = [
        Found(client, match)
        for client in rows.order_by("-id")[:CANDIDATES]
        if (match := duplicates.score(typed, identity_of(client))).level is not None
    ]
    return sorted(found, key=lambda one: (-one.match.points, one.client.pk))[:SHOWN]

"""Who is known here already: records that may be the same person, at this clinic only."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from clients.models import Client, Coverage, NotTheSame
from clients.rules import duplicates, names
from clients.rules.duplicates import Identity, Match
from clinics import crypto
from clinics.tenancy import active_clinic_id

# More would be no help to somebody on the phone.
SHOWN = 5
CANDIDATES = 200
MEMBER_COLUMN = "clients_coverage.member_id"
NONE: frozenset[str] = frozenset()


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
    member_id: str = "",
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
        member_keys=frozenset({member_index(member_id)} - {""}),
    )


def member_index(member_id: str) -> str:
    """Return what an equal member ID is found by at the entered clinic; empty without letters and digits."""
    return crypto.blind_index(active_clinic_id(), MEMBER_COLUMN, member_id)


def member_keys_of(clients: Iterable[Client]) -> Mapping[int, frozenset[str]]:
    """Return what the member IDs of each record's covers are found by, those of joined records with them."""
    keys = [client.pk for client in clients]
    covers = Coverage.objects.filter(removed_at=None).exclude(member_index="")
    rows = covers.filter(Q(client_id__in=keys) | Q(client__merged_into_id__in=keys))
    found: dict[int, set[str]] = defaultdict(set)
    for client_id, merged_into, index in rows.values_list("client_id", "client__merged_into_id", "member_index"):
        found[merged_into if merged_into in keys else client_id].add(index)
    return {key: frozenset(indexes) for key, indexes in found.items()}


def identity_of(client: Client, member_keys: frozenset[str] = NONE) -> Identity:
    """Return a record as it is compared; `member_keys` are read for many at once (`member_keys_of`)."""
    return Identity(
        phone=client.phone,
        email=client.email,
        born_on=client.born_on,
        family_key=client.family_key,
        given_keys=frozenset({client.given_key, client.goes_by_key} - {""}),
        zip=client.postal_code,
        member_keys=member_keys,
    )


def told_apart_from(client: Client) -> set[int]:
    """Return the keys of the records that somebody found to be another person than this one."""
    found = NotTheSame.objects.filter(Q(first=client) | Q(second=client)).values_list("first_id", "second_id")
    return {key for pair in found for key in pair} - {client.pk}


def matches(typed: Identity, *, among: Any = None, besides: Client | None = None) -> list[Found]:
    """
    Return the records that may be the same person, the likeliest first, at most five.

    among   the clients whom the asking person may see; all of the clinic without it

    Four indexed look-ups: no pair can match without an equal member ID, telephone number, e-mail or date of birth
    (also with day and month exchanged), as the rule's own test shows.
    """
    holders = _holders(typed.member_keys)
    same = Q(pk__in=list(holders)) if holders else Q()
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
        if (match := duplicates.score(typed, identity_of(client, holders.get(client.pk, NONE)))).level is not None
    ]
    return sorted(found, key=lambda one: (-one.match.points, one.client.pk))[:SHOWN]


def _holders(member_keys: frozenset[str]) -> Mapping[int, frozenset[str]]:
    """Return the records that hold one of these member IDs, each with those; a joined one as what it was joined to."""
    if not member_keys:
        return {}
    rows = Coverage.objects.filter(member_index__in=member_keys, removed_at=None)
    found: dict[int, set[str]] = defaultdict(set)
    for client_id, merged_into, index in rows.values_list("client_id", "client__merged_into_id", "member_index"):
        found[merged_into or client_id].add(index)
    return {key: frozenset(indexes) for key, indexes in found.items()}

"""
What a person has typed and not yet saved, kept on the server.

A draft belongs to one person, clinic and form, lies encrypted like the record it may become, and is shown again only
by that form, which asks for the same right as saving. It goes when the form is saved, and after 30 days. A form of
which several may be open at once puts an id into the key of each.
Listing, opening and locking (it became the record) are in the trail; every keystroke is not.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django import forms
from django.db import transaction
from django.http import QueryDict
from django.urls import reverse

from clinics import audit, repeat
from clinics.models import Clinic, Draft, User
from clinics.models.trail import ClockTimestamp

KEPT_DAYS: Final = 30
MAX_CHARS: Final = 200_000
MAX_DRAFTS: Final = 200
# Name of the form, then the public id of what it is about where there is one: "client_edit:3f0c…".
KEY: Final = re.compile(r"[a-z][a-z_]{0,39}(:[0-9a-f-]{36})?")
# Of the page that was open, not of the text: a form that opens again gets its own.
NOT_KEPT: Final = frozenset({"csrfmiddlewaretoken"})


class BadDraft(Exception):
    """This cannot be kept as a draft: the key names no form, the text is too long, or too many are kept."""


@dataclass(frozen=True)
class Slot:
    """Where a form's draft is kept: what its template needs. `saved_at` is None when nothing is kept."""

    url: str
    saved_at: datetime | None


@transaction.atomic
def save(*, user: User, key: str, data: QueryDict) -> datetime | None:
    """
    Keep what stands in a form at this moment, in place of what was kept before.

    data      the posted fields; files are not kept
    returns   when it was kept, by the database's clock; None when the form was already saved for good
    :raises BadDraft: malformed key, more than MAX_CHARS characters, or more than MAX_DRAFTS drafts
    """
    if not KEY.fullmatch(key):
        raise BadDraft("No form has this key.")
    if repeat.was_sent(user, data.get(repeat.FIELD, "")):
        # A draft that was on its way while the form was saved must not come back to life.
        return None
    body = json.dumps({name: data.getlist(name) for name in data if name not in NOT_KEPT})
    if len(body) > MAX_CHARS:
        raise BadDraft("This is too long to keep as a draft.")
    draft = Draft.objects.select_for_update().filter(user=user, key=key).first()
    if draft is None:
        if Draft.objects.filter(user=user).count() >= MAX_DRAFTS:
            raise BadDraft("Too many drafts are open. Finish or discard some.")
        # Two first saves at once: the unique key lets one insert, the other writes over it.
        draft, _made = Draft.objects.get_or_create(user=user, key=key, defaults={"body": body})
    draft.body = body
    draft.saved_at = ClockTimestamp()
    draft.save(update_fields=["body", "saved_at"])
    draft.refresh_from_db(fields=["saved_at"])
    kept: datetime = draft.saved_at
    return kept


def open_into(form: forms.Form, *, user: User, clinic: Clinic, key: str) -> Slot:
    """
    Return where the form's draft is kept; an unbound form is filled with what was kept.

    Hidden fields are filled too, so that a draft made from an older version of a record is seen to be stale; only
    the repeat key stays the form's own.
    """
    url = reverse("draft_save", args=[clinic.slug, key])
    draft = None if form.is_bound else Draft.objects.filter(user=user, key=key).first()
    if draft is None:
        return Slot(url, None)
    data = QueryDict(mutable=True)
    for name, values in json.loads(draft.body).items():
        data.setlist(name, values)
    for name, field in form.fields.items():
        if name != repeat.FIELD:
            form.initial[name] = field.widget.value_from_datadict(data, {}, form.add_prefix(name))  # type: ignore[arg-type]
    audit.record("draft.opened", draft, by=user)
    return Slot(url, draft.saved_at)


@dataclass(frozen=True)
class Kept:
    """
    A draft that waits to be finished.

    about      what follows the name of the form in its key
    saved_at   when it was kept, by the database's clock
    data       what stood in the form
    """

    about: str
    saved_at: datetime
    data: Mapping[str, list[str]]


def waiting(*, user: User, form: str, most: int) -> list[Kept]:
    """
    Return the newest `most` of a person's drafts of one form, and record that they were shown.

    form   the name of the form, as it stands before the colon of the key
    """
    rows = Draft.objects.filter(user=user, key__startswith=f"{form}:").order_by("-saved_at", "-pk")
    found = [Kept(row.key.partition(":")[2], row.saved_at, json.loads(row.body)) for row in rows[:most]]
    if found:
        audit.record("draft.listed", by=user, detail={"form": form, "n": len(found)})
    return found


@transaction.atomic
def settle(*, user: User, key: str) -> None:
    """Let go of a draft whose form was saved: from now on the record holds the text."""
    for draft in Draft.objects.filter(user=user, key=key):
        audit.record("draft.locked", draft, by=user)
        draft.delete()


@transaction.atomic
def discard(*, user: User, key: str) -> None:
    """Throw a draft away because its author said so."""
    for draft in Draft.objects.filter(user=user, key=key):
        audit.record("draft.discarded", draft, by=user)
        draft.delete()


@transaction.atomic
def purge_drafts(now: datetime) -> int:
    """Remove the entered clinic's drafts that were last saved more than 30 days before `now`; return how many."""
    removed: int
    removed, _by_model = Draft.objects.filter(saved_at__lt=now - timedelta(days=KEPT_DAYS)).delete()
    if removed:
        audit.record("draft.purged", detail={"n": removed, "days": KEPT_DAYS})
    return removed

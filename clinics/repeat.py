"""
The same POST twice acts once.

A form carries a key made when it was shown; a program sends one in `Idempotency-Key`. Both are claimed in
`IdempotencyKey` before anything is done and in the same transaction: a rival waits for the unique index, then gets
the first result. A claim whose act fails is rolled back with it, so a refused form may be mended and sent again.
"""

import hashlib
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django import forms
from django.db import transaction
from django.db.models.functions import Now
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinics import audit
from clinics.models import IdempotencyKey, User

FIELD: Final = "repeat_key"
KEPT_HOURS: Final = 24
MAX_KEY_CHARS: Final = 100
NOT_PART_OF_THE_BODY: Final = frozenset({"csrfmiddlewaretoken"})


class OtherBody(Exception):
    """This key was already used for a request with another content. `object_id` names what that one made."""

    def __init__(self, object_id: str) -> None:
        super().__init__(
            gettext("This form was already saved once, with other words. Open what was saved and change it there.")
        )
        self.object_id = object_id


@dataclass(frozen=True)
class Outcome:
    """What a request led to: the public id of the row it made, the status answered, and whether this was a repeat."""

    object_id: str
    status: int
    repeated: bool


def fresh_key() -> str:
    """Return a key for a form that is about to be shown."""
    return uuid.uuid4().hex


class OnceForm(forms.Form):
    """A form whose POST makes something: sent twice, it makes it once."""

    repeat_key = forms.CharField(
        widget=forms.HiddenInput,
        initial=fresh_key,
        max_length=MAX_KEY_CHARS,
        error_messages={
            "required": _("This form has lost its number. Open the page again, then save."),
            "max_length": _("This form has lost its number. Open the page again, then save."),
        },
    )


def form_body(data: QueryDict) -> bytes:
    """Return the content of a posted form, the same however its fields were ordered."""
    kept = {name: data.getlist(name) for name in data if name not in NOT_PART_OF_THE_BODY}
    return json.dumps(kept, sort_keys=True).encode()


def once(*, user: User, key: str, route: str, body: bytes, act: Callable[[], Any], status: int = 201) -> Outcome:
    """
    Do `act` unless this person already sent this key at the entered clinic; then return what that led to.

    key      as sent, 1 to 100 characters
    route    name of the route, with its object where it has one
    body     the content; the same key with another content is refused
    act      makes and returns one row that has a `public_id`; what it raises undoes the claim
    status   stored with the result, for programs
    :raises OtherBody: the key was used for another content or route
    """
    digest = hashlib.sha256(body).digest()
    with transaction.atomic():
        claim, first = IdempotencyKey.objects.get_or_create(
            user=user, key=key, defaults={"route": route, "body_hash": digest}
        )
        if not first:
            if bytes(claim.body_hash) != digest or claim.route != route:
                raise OtherBody(claim.object_id)
            return Outcome(claim.object_id, claim.status or status, True)
        made = act()
        claim.object_id, claim.status = str(made.public_id), status
        claim.save(update_fields=["object_id", "status"])
        return Outcome(claim.object_id, status, False)


def was_sent(user: User, key: str) -> bool:
    """Tell whether this person already sent a form with this key, and it was acted on."""
    return bool(key) and IdempotencyKey.objects.filter(user=user, key=key[:MAX_KEY_CHARS]).exists()


@transaction.atomic
def purge_keys() -> int:
    """Remove the entered clinic's keys older than 24 hours by the database's clock; return how many."""
    removed: int
    removed, _by_model = IdempotencyKey.objects.filter(created_at__lt=Now() - timedelta(hours=KEPT_HOURS)).delete()
    if removed:
        audit.record("idempotency_key.purged", detail={"n": removed})
    return removed

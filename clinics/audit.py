"""
The trail: one function that records what was done, one that records what was seen, one for what was refused.

Events carry references only. Changes are recorded inside the transaction that makes them; views at the door, one
event a response; denials after the scope has closed, in a transaction of their own, or the rollback would take them.
"""

import json
import uuid
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import connection

from clinics.models import AccountEvent, AuditEvent, Clinic, User
from clinics.tenancy import ClinicOwned, active_clinic_id, clinic_scope

MAX_IDS = 200
# Written out, because every request that shows a client records one. Time and transaction are the database's.
EVENT = """
insert into clinics_auditevent (clinic_id, actor_id, role, action, client_ref, object_type, object_id, request_id,
                                purpose, detail)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


@dataclass(frozen=True)
class _Request:
    actor_id: int | None
    roles: str
    request_id: uuid.UUID | None


_request: ContextVar[_Request | None] = ContextVar("audit_request", default=None)


def note_request(request: Any, user: Any) -> None:
    """Remember who acts in this request, so that events can say so. Called when a clinic is entered."""
    roles = ",".join(user.roles_at(request.clinic.pk)) if user.is_authenticated else ""
    _request.set(_Request(user.pk, roles, getattr(request, "request_id", None)))


def forget_request() -> None:
    """Forget it, when the request is over."""
    _request.set(None)


def record(
    action: str,
    subject: ClinicOwned | Clinic | None = None,
    *,
    by: User | None = None,
    client_id: int | None = None,
    purpose: str = "",
    detail: dict[str, Any] | None = None,
) -> None:
    """
    Append one event to the entered clinic's trail.

    action     what happened, as "noun.verb": "note.signed"
    subject    the row it happened to
    client_id  key of the client it is about; taken from the subject where it has one
    detail     references and numbers only, never content
    """
    context = _request.get()
    actor_id = by.pk if by is not None else (context.actor_id if context else None)
    with connection.cursor() as cursor:
        cursor.execute(
            EVENT,
            [
                active_clinic_id(),
                actor_id,
                context.roles if context else "",
                action,
                client_id if client_id is not None else _client_of(subject),
                subject._meta.label_lower if subject is not None else "",
                str(getattr(subject, "public_id", subject.pk)) if subject is not None else "",
                context.request_id if context else None,
                purpose,
                json.dumps(detail or {}),
            ],
        )


def _client_of(subject: Any) -> int | None:
    if subject is None:
        return None
    if subject._meta.label_lower == "clients.client":
        return int(subject.pk)
    return getattr(subject, "client_id", None)


def viewed(subject: ClinicOwned, *, purpose: str, client_id: int | None = None) -> None:
    """Record that one row was shown."""
    record(f"{subject._meta.model_name}.viewed", subject, purpose=purpose, client_id=client_id)


def listed(what: str, client_ids: Iterable[int], *, purpose: str, detail: dict[str, Any] | None = None) -> None:
    """
    Record that a list was shown, as one event with the clients on the page.

    what        the list, as "noun.listed" without the verb
    client_ids  keys of the clients shown; an empty page is recorded too
    """
    ids = list(dict.fromkeys(client_ids))
    record(
        f"{what}.listed",
        purpose=purpose,
        detail={"client_ids": ids[:MAX_IDS], "n": len(ids), **(detail or {})},
    )


def refused(
    *,
    clinic: Clinic | None,
    user: Any,
    request_id: uuid.UUID | None,
    status: int,
    route: str,
    address: str | None,
) -> None:
    """
    Record a denial or a fault of the server, after the request's own transaction is over.

    clinic   the clinic that was entered, or None: then it is an account event, of no clinic
    route    name of the route, never its ids
    """
    actor = user if getattr(user, "is_authenticated", False) else None
    if clinic is None:
        AccountEvent.objects.create(
            user=actor, event="entry.refused", address=address, request_id=request_id,
            detail={"status": status, "route": route},
        )  # fmt: skip
        return
    with clinic_scope(clinic.pk, actor.pk if actor else None):
        AuditEvent(
            clinic=clinic, actor=actor, action="request.refused" if status < 500 else "request.failed",
            request_id=request_id, detail={"status": status, "route": route},
        ).save(force_insert=True)  # fmt: skip

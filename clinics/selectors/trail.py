"""Reading the trail: the filters of its page, and events in words."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinics.models import AuditEvent, Clinic, User
from clinics.models.people import Membership
from clinics.roles import ROLE_LABELS, Role

# Events name clients by key, and this app stands below the one that has them: it knows the model by its label only.
CLIENT_MODEL = "clients.Client"
SHOWN_REFERENCES = 5

NOUNS = {
    "row": _("Rows"),
    "request": _("Request"),
    "audit": _("Audit trail"),
    "client": _("Person's record"),
    "therapysession": _("Session"),
    "progressnote": _("Progress note"),
    "note": _("Progress note"),
    "membership": _("Membership"),
    "break_glass": _("Break-glass"),
}
VERBS = {
    "viewed": _("opened"),
    "listed": _("shown in a list"),
    "insert": _("added in the database"),
    "update": _("changed in the database"),
    "delete": _("removed from the database"),
    "refused": _("refused"),
    "failed": _("failed on the server"),
}
WHOLE = {"audit.listed": _("Audit trail searched")}
DETAILS = {"n": _("rows"), "status": _("answer")}


@dataclass(frozen=True)
class Filters:
    """
    What the trail is searched for; each may be empty. Days are the clinic's, both included.

    client_ids   the keys of all records of one person, the one that was asked for first
    """

    person: User | None = None
    client_ids: tuple[int, ...] = ()
    action: str = ""
    since: date | None = None
    until: date | None = None
    request_id: UUID | None = None


@dataclass(frozen=True)
class EventRow:
    """One event in words. `about` names people by their record's reference; `request` groups what one request did."""

    at: datetime
    who: str
    roles: str
    what: str
    action: str
    about: str
    thing: str
    more: str
    request: str


def records_of(reference: str) -> tuple[int, ...]:
    """
    Return the keys of the record with this reference at the entered clinic, and of those joined with it.

    Nothing when there is none.
    """
    found: Any = apps.get_model(CLIENT_MODEL).objects.filter(reference__iexact=reference.strip()).first()
    return tuple(found.record_keys) if found is not None else ()


def staff_of(clinic: Clinic) -> QuerySet[User]:
    """Return everybody who works or ever worked at the clinic, by name."""
    ever = Membership.objects.filter(clinic=clinic).values("user_id")
    return User.objects.filter(pk__in=ever).order_by("name")


def events(filters: Filters, clinic: Clinic) -> QuerySet[AuditEvent]:
    """Return the events of the entered clinic that match all filters."""
    rows: QuerySet[AuditEvent] = AuditEvent.objects.select_related("actor")
    if filters.person is not None:
        rows = rows.filter(actor=filters.person)
    if filters.client_ids:
        # Shown alone, or among others in a list: both are somebody having seen this person's data.
        about = Q(client_ref__in=filters.client_ids)
        for key in filters.client_ids:
            about |= Q(detail__client_ids__contains=[key])
        rows = rows.filter(about)
    if filters.action:
        rows = rows.filter(action__startswith=filters.action.strip().lower())
    zone = ZoneInfo(clinic.time_zone)
    if filters.since is not None:
        rows = rows.filter(at__gte=datetime.combine(filters.since, time.min, zone))
    if filters.until is not None:
        rows = rows.filter(at__lt=datetime.combine(filters.until + timedelta(days=1), time.min, zone))
    if filters.request_id is not None:
        rows = rows.filter(request_id=filters.request_id)
    return rows


def clients_on(rows: list[AuditEvent]) -> list[int]:
    """Return the keys of all people whom these events are about."""
    keys: dict[int, None] = {}
    for row in rows:
        keys.update(dict.fromkeys([row.client_ref] if row.client_ref is not None else []))
        keys.update(dict.fromkeys(row.detail.get("client_ids", [])))
    return list(keys)


def in_words(rows: list[AuditEvent]) -> list[EventRow]:
    """Return events as the page shows them; people by reference, looked up at once."""
    clients = apps.get_model(CLIENT_MODEL).objects.filter(pk__in=clients_on(rows))
    references: dict[int, str] = dict(clients.values_list("pk", "reference"))
    return [_in_words(row, references) for row in rows]


def _in_words(row: AuditEvent, references: dict[int, str]) -> EventRow:
    return EventRow(
        at=row.at,
        who=row.actor.name if row.actor is not None else gettext("Evoke itself"),
        roles=", ".join(_role_in_words(name) for name in row.role.split(",") if name),
        what=action_in_words(row.action),
        action=row.action,
        about=_about(row, references),
        thing=_thing(row),
        more=_more(row.detail),
        request=str(row.request_id) if row.request_id else "",
    )


def action_in_words(action: str) -> str:
    """Return an action such as "note.signed" in words, such as "Progress note signed"."""
    if action in WHOLE:
        return str(WHOLE[action])
    noun, _dot, verb = action.partition(".")
    return f"{NOUNS.get(noun, noun.replace('_', ' ').capitalize())} {VERBS.get(verb, verb.replace('_', ' '))}"


def _role_in_words(name: str) -> str:
    return ROLE_LABELS[Role(name)] if name in set(Role) else name


def _about(row: AuditEvent, references: dict[int, str]) -> str:
    keys = clients_on([row])
    names = [references.get(key, gettext("a record that is gone")) for key in keys[:SHOWN_REFERENCES]]
    total = int(row.detail.get("n", len(keys))) if "client_ids" in row.detail else len(keys)
    if total > len(names) and names:
        return gettext("%(some)s and %(more)d more") % {"some": ", ".join(names), "more": total - len(names)}
    return ", ".join(names)


def _thing(row: AuditEvent) -> str:
    """Return the kind of row an event is about, with the beginning of its id."""
    if not row.object_type:
        return ""
    try:
        kind = str(apps.get_model(row.object_type)._meta.verbose_name).capitalize()
    except (LookupError, ValueError):
        kind = row.object_type  # a table's own name, in events of the database's trail
    return f"{kind} {row.object_id[:8]}".strip()


def _more(detail: dict[str, Any]) -> str:
    """Return what else an event says: numbers and references, as "name: value"."""
    hidden = {"client_ids", "ids"} | ({"n"} if "client_ids" in detail else set())
    parts = [
        f"{DETAILS.get(key, key.replace('_', ' '))}: {value}"
        for key, value in detail.items()
        if key not in hidden and isinstance(value, int | str) and value != ""
    ]
    return ", ".join(parts)

"""Questions about consents: what a stored one says, what it is worth now, and which wait for the privacy officer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.formats import date_format

from clients.models import Client, Consent, ConsentEvent, NoticeGiven
from clients.rules import names
from clients.rules.clock import civil_date, instant
from clients.rules.consent_terms import (
    CATEGORY_LABELS,
    CLASS_LABELS,
    INSIDE,
    LABELS,
    PURPOSE_LABELS,
    STATE_LABELS,
    TPO,
    Category,
    Kind,
    Purpose,
    RecipientClass,
    Signer,
    State,
    Statement,
)
from clients.rules.consents import Document, Problem, state_at, validate
from clinics.models import User

VIEW, CAPTURE, HOLD = "clinics.view_consent", "clinics.capture_consent", "clinics.hold_consent"
TPO_CODE: Final = "tpo"  # how the three purposes of that kind stand in the one column
SOON: Final = timedelta(days=30)
TONES: Final[Mapping[State, str]] = {
    State.DRAFT: "info", State.ACTIVE: "ok", State.ON_HOLD: "warn", State.EXPIRED: "", State.REVOKED: "",
    State.INVALID: "danger",
}  # fmt: skip
DAY: Final = "M j, Y"
E = TypeVar("E", bound=StrEnum)


def known(kind: type[E], codes: list[str]) -> frozenset[E]:
    """Return the codes of this vocabulary; one that it does not have is left out, so that it permits nothing."""
    return frozenset(kind(code) for code in codes if code in set(kind))


def listed(text: str) -> tuple[str, ...]:
    """Return names as they were written into one field, one after another with ; or a new line between."""
    return tuple(name for part in text.replace("\n", ";").split(";") if (name := names.tidy(part)))


def document_of(consent: Consent) -> Document:
    """Return a stored consent as the rules read it."""
    kind = Kind(consent.kind)
    zone = ZoneInfo(consent.clinic.time_zone)
    classes = known(RecipientClass, consent.recipient.split(",")) if consent.recipient_is_class else frozenset()
    names_body = kind in (Kind.INTERMEDIARY, Kind.CRIMINAL_JUSTICE)
    if names_body:
        recipients = () if consent.recipient_is_class else listed(consent.participants)
        classes = known(RecipientClass, consent.participants.split(",")) if consent.recipient_is_class else frozenset()
    else:
        recipients = () if consent.recipient_is_class else listed(consent.recipient)
    purposes = TPO if consent.purpose == TPO_CODE else known(Purpose, [consent.purpose])
    said = {
        Statement.REVOCATION: consent.states_revocation,
        Statement.REDISCLOSURE: consent.states_redisclosure,
        Statement.REFUSAL: consent.states_refusal,
        Statement.OPT_OUT: consent.states_opt_out,
    }
    return Document(
        kind,
        person=consent.client.legal_name,
        discloser=consent.discloser,
        categories=known(Category, consent.categories),
        recipients=recipients,
        recipient_classes=classes,
        named_body=consent.recipient if names_body else "",
        purposes=purposes,
        statements=frozenset(statement for statement, is_there in said.items() if is_there),
        expires_at=consent.expires_at,
        expiry_event=consent.expiry_event,
        event_at=consent.event_occurred_at,
        open_ended=consent.expires_never,
        revocable_at=instant(consent.revocable_from, time(0), zone) if consent.revocable_from else None,
        revocable_event=consent.revocable_when,
        signer=Signer(consent.signer or Signer.SELF),
        signed_name=consent.signed_name,
        authority=consent.authority,
        signed_at=consent.signed_at,
        stored=State(consent.state),
    )


def days_of(consent: Consent) -> dict[str, str]:
    """Return the days of a consent as its text names them: its last day, and the first on which it is revocable."""
    found = {}
    if consent.expires_at is not None:
        found["expires"] = date_format(last_day(consent.expires_at, consent), DAY)
    if consent.revocable_from is not None:
        found["revocable"] = date_format(consent.revocable_from, DAY)
    return found


def last_day(expires_at: datetime, consent: Consent) -> datetime:
    """Return the last moment before a consent's end: it ends with the beginning of the next day."""
    return (expires_at - timedelta(microseconds=1)).astimezone(ZoneInfo(consent.clinic.time_zone))


def state_of(consent: Consent, now: datetime) -> State:
    """Return what a consent is worth now."""
    return state_at(document_of(consent), now)


# --- as pages show them ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShownConsent:
    """
    A consent as a line of a list, or the head of its page.

    problems   what is missing, in sentences; empty while it is valid or only not signed yet
    asked      somebody asked to revoke it, and it is not revoked
    """

    consent: Consent
    kind: str
    state: State
    state_label: str
    tone: str
    to: str
    purpose: str
    categories: list[str]
    ends: datetime | None
    problems: list[Problem]
    asked: bool = False

    @property
    def is_over(self) -> bool:
        """Tell whether it permits nothing and never will again."""
        return self.state in (State.EXPIRED, State.REVOKED, State.INVALID)


def shown(consent: Consent, now: datetime, *, asked: bool = False) -> ShownConsent:
    """Return a consent as it is shown."""
    document = document_of(consent)
    state = state_at(document, now)
    drafted = state is State.DRAFT
    return ShownConsent(
        consent,
        LABELS[document.kind],
        state,
        STATE_LABELS[state],
        TONES[state],
        recipients_in_words(document),
        "; ".join(PURPOSE_LABELS[one] for one in Purpose if one in document.purposes),
        [CATEGORY_LABELS[one] for one in Category if one in document.categories],
        last_day(consent.expires_at, consent) if consent.expires_at else None,
        validate(document, signature=not drafted) if drafted or state is State.INVALID else [],
        asked and not state_is_over(state),
    )


def state_is_over(state: State) -> bool:
    """Tell whether a consent in this state permits nothing and never will again."""
    return state in (State.EXPIRED, State.REVOKED, State.INVALID)


def recipients_in_words(document: Document) -> str:
    """Return who receives something under a consent, in words."""
    classes = [CLASS_LABELS[one] for one in RecipientClass if one in document.recipient_classes]
    people = "; ".join([*document.recipients, *classes])
    return f"{document.named_body}: {people}" if document.named_body else people


# Somebody asked to revoke it, and nobody has let it go on since.
ASKED: Final = ConsentEvent.objects.filter(
    ~Exists(
        ConsentEvent.objects.filter(
            consent_id=OuterRef("consent_id"), what=ConsentEvent.What.RESUMED, id__gt=OuterRef("id")
        )
    ),
    consent_id=OuterRef("pk"),
    what=ConsentEvent.What.REVOCATION_ASKED,
)


def still_asked(events: Iterable[ConsentEvent]) -> bool:
    """Tell from what happened to a consent whether somebody asked to revoke it and nobody let it go on since."""
    asked = False
    for event in events:
        if event.what in (ConsentEvent.What.REVOCATION_ASKED, ConsentEvent.What.RESUMED):
            asked = event.what == ConsentEvent.What.REVOCATION_ASKED
    return asked


def consents_of(client: Client, now: datetime) -> list[ShownConsent]:
    """Return a person's consents, those that matter now before those that are over, the newest first."""
    rows = Consent.objects.filter(client__in=client.records).select_related("client")
    rows = rows.annotate(asked=Exists(ASKED)).order_by("-id")
    found = []
    for consent in rows:
        consent.clinic = client.clinic
        found.append(shown(consent, now, asked=consent.asked))
    return sorted(found, key=lambda one: one.is_over)


def usable(client: Client, now: datetime) -> list[Consent]:
    """Return the consents of a person under which something may go out now."""
    rows = Consent.objects.filter(client__in=client.records, state=Consent.State.ACTIVE).select_related("client")
    found = []
    for consent in rows.order_by("-id"):
        consent.clinic = client.clinic
        document = document_of(consent)
        if document.kind not in INSIDE and state_at(document, now) is State.ACTIVE:
            found.append(consent)
    return found


def in_force(client: Client, kind: Kind, now: datetime) -> Consent | None:
    """Return a consent of this kind that is in force now, such as the one to treatment, or None."""
    rows = Consent.objects.filter(client__in=client.records, state=Consent.State.ACTIVE, kind=kind)
    for consent in rows.select_related("client").order_by("-id"):
        consent.clinic = client.clinic
        if state_of(consent, now) is State.ACTIVE:
            found: Consent = consent
            return found
    return None


def notice_of(client: Client) -> NoticeGiven | None:
    """Return the newest notice of confidentiality that the person was given, or None."""
    rows = NoticeGiven.objects.filter(client__in=client.records).select_related("given_by")
    found: NoticeGiven | None = rows.order_by("-id").first()
    return found


def history_of(consent: Consent) -> QuerySet[ConsentEvent, ConsentEvent]:
    """Return what happened to a consent, the first event first."""
    found: QuerySet[ConsentEvent, ConsentEvent] = ConsentEvent.objects.filter(consent=consent)
    return found.select_related("by").order_by("id")


# --- the work list --------------------------------------------------------------------------------------------------


class Why(StrEnum):
    """Why a consent waits for somebody."""

    ASKED = "asked"
    HELD = "held"
    ENDED = "ended"
    ENDS_SOON = "ends_soon"
    INVALID = "invalid"


def to_look_after(user: User, now: datetime) -> QuerySet[Consent, Consent]:
    """
    Return consents that somebody has to look at: held, asked to be revoked, ended or ending, or not valid.

    Those that ended, or were found not valid, stay for 30 days.
    """
    rows: QuerySet[Consent, Consent] = Consent.objects.permitted(user, VIEW).filter(client__merged_into=None)
    in_force_now = Q(state__in=[Consent.State.ACTIVE, Consent.State.ON_HOLD])
    around = Q(expires_at__gt=now - SOON, expires_at__lte=now + SOON)
    wanted = (
        Q(state=Consent.State.ON_HOLD)
        | (in_force_now & (around | Q(event_occurred_at__gt=now - SOON) | Q(asked=True)))
        | Q(state=Consent.State.INVALID, signed_at__gt=now - SOON)
    )
    return rows.annotate(asked=Exists(ASKED)).filter(wanted).select_related("client")


def why_waiting(one: ShownConsent) -> Why:
    """Return why a consent of the work list is on it."""
    if one.state is State.INVALID:
        return Why.INVALID
    if one.state is State.ON_HOLD:
        return Why.HELD
    if one.asked:
        return Why.ASKED
    return Why.ENDED if one.state is State.EXPIRED else Why.ENDS_SOON


def days_left(one: ShownConsent, now: datetime) -> int:
    """Return in how many days by the clinic's calendar a consent ends; 0 is today, negative is over."""
    zone = ZoneInfo(one.consent.clinic.time_zone)
    return (one.ends.date() - civil_date(now, zone)).days if one.ends is not None else 0

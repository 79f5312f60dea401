"""Mandates: written down, corrected, ended; and the one report that is made on them, sent by the one way out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction

from clients import disclosure as way_out
from clients.disclosure import Asked, Refused
from clients.models import CaseloadAssignment, Client, Consent, Inquiry, Mandate, MandateReport, Task
from clients.models.people import person_of
from clients.rules import clocks, names, transitions
from clients.rules import mandates as rules
from clients.rules.clock import civil_date
from clients.rules.consent_terms import Category, Purpose, State
from clients.rules.consents import REFUSALS, state_at
from clients.rules.disclosure import Basis, Decision
from clients.rules.mandates import Wrong
from clients.selectors import mandates as selectors
from clients.selectors.consents import document_of
from clients.services import tasks
from clinics import audit
from clinics.models import Clinic, Job, User
from clinics.models.people import in_force
from clinics.roles import Role
from clinics.versions import lock_version

TASK: Final = Task.Kind.MANDATE_REPORT
KEPT_BACK: Final = "The person asked to keep attendance back from them, and the clinic agreed. No report goes out."
# Columns that a family's wish has none of.
LEGAL_ONLY: Final = ("docket", "officer", "consent", "next_report_on", "reporting")


class Ended(ValueError):
    """The mandate has ended."""

    def __init__(self) -> None:
        super().__init__("This mandate has ended. It stands as it was; write down a new one if there is one.")


class NoReport(ValueError):
    """No report can go out. The text says why and what to do."""


@dataclass(frozen=True)
class Terms:
    """
    What somebody wants, and what the person makes of it. Empty means: not said.

    body             who wants it; a family needs no name
    reporting        code of `rules.FREQUENCIES`
    next_report_on   the day of the first report; None takes one period from the beginning
    consent          for the reports
    client_view      in the person's words
    discord          0 to 10: how far the person is from wanting what the mandate wants
    """

    kind: str
    body: str = ""
    officer: str = ""
    docket: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    end_condition: str = ""
    required_level: str = ""
    required_sessions: int | None = None
    reporting: str = rules.NO_REPORTS
    next_report_on: date | None = None
    consent: Consent | None = None
    client_view: str = ""
    discord: int | None = None


@transaction.atomic
def add(*, client: Client, terms: Terms, by: User, now: datetime) -> Mandate:
    """
    Write down that somebody wants a person in care; it belongs to their open request for care, where there is one.

    :raises Wrong: something about it cannot be as entered; a family's wish with what only a legal mandate has
    """
    asked = Inquiry.objects.filter(client_id__in=client.record_keys, status__in=transitions.ACTIVE)
    inquiry = asked.order_by("-received_at", "-pk").first()
    mandate = Mandate(clinic=client.clinic, client=client, inquiry=inquiry, created_by=by)
    _set(mandate, client, terms, now)
    mandate.save()
    audit.record("mandate.added", mandate, by=by, detail={"kind": mandate.kind})
    return mandate


@transaction.atomic
def change(*, mandate: Mandate, version: int, terms: Terms, by: User, now: datetime) -> Mandate:
    """
    Correct a mandate that stands.

    :raises Stale: somebody saved it in the meantime
    :raises Ended: it has ended
    :raises Wrong: something about it cannot be as entered
    """
    held = _held(mandate, version)
    if rules.is_legal(held.kind) != rules.is_legal(terms.kind):
        raise Wrong("kind", rules.STAYS)
    before = _kept(held)
    _set(held, person_of(held), terms, now)
    changed = sorted(name for name, value in _kept(held).items() if before[name] != value)
    if changed:
        held.save(update_fields=[*changed, "version"])
        audit.record("mandate.changed", held, by=by, detail={"fields": changed})
    if before["next_report_on"] != held.next_report_on:
        # The watch puts it on somebody's list again when the new day comes near.
        tasks.settle_about(kind=TASK, about=held, by=by)
    return held


@transaction.atomic
def end(*, mandate: Mandate, version: int, by: User, now: datetime) -> Mandate:
    """
    End a mandate: nothing more is owed on it.

    :raises Stale: somebody saved it in the meantime
    :raises Ended: it has ended already
    """
    held = _held(mandate, version)
    held.ended_at = now
    held.save(update_fields=["ended_at", "version"])
    tasks.settle_about(kind=TASK, about=held, by=by)
    audit.record("mandate.ended", held, by=by)
    return held


def _held(mandate: Mandate, version: int) -> Mandate:
    """Return the mandate as it stands, locked; that it has ended is said before that the page is old."""
    if Mandate.objects.select_for_update(of=("self",)).get(pk=mandate.pk).ended_at is not None:
        raise Ended
    held = lock_version(mandate, version)
    held.clinic = mandate.clinic
    return held


def _kept(mandate: Mandate) -> dict[str, Any]:
    fields = ("kind", "body", *LEGAL_ONLY, "starts_on", "ends_on", "end_condition", "required_level",
              "required_sessions", "client_view", "discord")  # fmt: skip
    return {name: mandate.consent_id if name == "consent" else getattr(mandate, name) for name in fields}


def _set(mandate: Mandate, client: Client, terms: Terms, now: datetime) -> None:
    """Set everything that was said, or refuse it."""
    today = civil_date(now, ZoneInfo(client.clinic.time_zone))
    if terms.kind not in dict(rules.KINDS):
        raise Wrong("kind", "Choose who asks for it.")
    rules.require_days(terms.starts_on, terms.ends_on, terms.next_report_on, today)
    was, was_due = mandate.consent_id, mandate.next_report_on
    mandate.kind = terms.kind
    mandate.body, mandate.officer = names.tidy(terms.body), names.tidy(terms.officer)
    mandate.docket = names.tidy(terms.docket) or None
    mandate.starts_on, mandate.ends_on = terms.starts_on, terms.ends_on
    mandate.end_condition = names.tidy(terms.end_condition)
    mandate.required_level, mandate.required_sessions = terms.required_level, terms.required_sessions
    mandate.client_view = terms.client_view.replace("\x00", "").strip() or None
    mandate.discord = terms.discord
    mandate.reporting, mandate.next_report_on = terms.reporting, terms.next_report_on
    mandate.consent = terms.consent
    if not rules.is_legal(terms.kind):
        for name in LEGAL_ONLY:
            if getattr(mandate, name) not in (None, "", rules.NO_REPORTS):
                raise Wrong(name, rules.NOT_LEGAL)
        return
    if not mandate.body:
        raise Wrong("body", "Write who asks for it, such as the court.")
    if terms.reporting == rules.NO_REPORTS and terms.next_report_on == was_due:
        mandate.next_report_on = None
    elif terms.reporting == rules.NO_REPORTS and terms.next_report_on is not None:
        raise Wrong("reporting", "A day for a report is chosen. Choose how often they want one, or take the day out.")
    if mandate.next_report_on is None and mandate.reporting != rules.NO_REPORTS:
        mandate.next_report_on = rules.first_due(terms.reporting, terms.starts_on, today)
    if terms.consent is not None and terms.consent.pk != was:
        _require_usable(mandate, client, terms.consent, now)


def _require_usable(mandate: Mandate, client: Client, consent: Consent, now: datetime) -> None:
    if consent.client_id not in client.record_keys:
        raise Wrong("consent", "Choose a consent of this person.")
    # As it stands now: the page may have read it before somebody held or revoked it.
    consent = Consent.objects.select_related("client").get(pk=consent.pk)
    consent.clinic = client.clinic
    document = document_of(consent)
    state = state_at(document, now)
    why = rules.why_not_under(mandate.kind, mandate.body, mandate.officer, document)
    if state is not State.ACTIVE or why:
        raise Wrong("consent", REFUSALS[state] if state is not State.ACTIVE else why)


# --- reports --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Telling:
    """
    What a report says of itself; the appointments are counted.

    recipient   one of those that the consent names; empty for the first of them
    """

    from_on: date
    until_on: date
    participating: bool
    completed: bool
    recipient: str = ""
    notice: str = "long"


@transaction.atomic
def report(*, mandate: Mandate, telling: Telling, by: User, now: datetime) -> tuple[MandateReport, Job]:
    """
    Report on a mandate: count, write the row and its disclosure, and promise the package; the door sends the job.

    :raises PermissionDenied: the person may not disclose this record
    :raises NoReport: nothing permits it
    :raises Refused: the one way out lets nothing go; the text says why
    :raises Wrong: the period cannot be meant
    """
    client = person_of(mandate)
    way_out.require_right(client, Basis.CONSENT, by)
    clinic = mandate.clinic
    held: Mandate = Mandate.objects.select_for_update(of=("self",)).select_related("consent__client").get(pk=mandate.pk)
    held.clinic = clinic
    if held.consent is not None:
        held.consent.clinic = clinic
    if why := refusal(mandate=held, recipient=telling.recipient, now=now):
        raise NoReport(why)
    rules.require_period(telling.from_on, telling.until_on, civil_date(now, ZoneInfo(clinic.time_zone)))
    found = preview(mandate=held, telling=telling)
    disclosure, job = way_out.disclose(
        client=client, asked=asked_for(held, telling.recipient, telling.notice), by=by, now=now
    )
    if Category.ATTENDANCE.value not in disclosure.categories_given:
        # Agreed to between the look and the act.
        raise Refused(Decision(KEPT_BACK))
    made = MandateReport(
        clinic=clinic, client=held.client, mandate=held, disclosure=disclosure, from_on=found.from_on,
        until_on=found.until_on, kept=found.kept, missed=found.missed, participating=found.participating,
        completed=found.completed, made_by=by,
    )  # fmt: skip
    made.save()
    held.next_report_on = rules.next_due(
        held.reporting, held.next_report_on, civil_date(now, ZoneInfo(clinic.time_zone))
    )
    held.version += 1
    held.save(update_fields=["next_report_on", "version"])
    tasks.settle_about(kind=TASK, about=held, by=by)
    audit.record(
        "mandate.reported", made, by=by, purpose=Purpose.MONITORING,
        detail={"mandate": str(held.public_id), "disclosure": str(disclosure.public_id)},
    )  # fmt: skip
    return made, job


def refusal(*, mandate: Mandate, now: datetime, recipient: str = "") -> str:
    """Return why nothing can be reported to a recipient now, as a sentence that says what to do; empty when it can."""
    if why := selectors.why_not(mandate, now):
        return why
    decision = weigh(mandate=mandate, recipient=recipient, now=now)
    return decision.refused or ("" if Category.ATTENDANCE in decision.given else KEPT_BACK)


def weigh(*, mandate: Mandate, now: datetime, recipient: str = "") -> Decision:
    """Return which parts of the record a report would tell, without letting anything out."""
    return way_out.weigh(client=person_of(mandate), asked=asked_for(mandate, recipient), now=now)


def preview(*, mandate: Mandate, telling: Telling) -> rules.Report:
    """Return what a report would say; nothing is kept."""
    kept, missed = selectors.counted(person_of(mandate), telling.from_on, telling.until_on)
    return rules.Report(telling.from_on, telling.until_on, kept, missed, telling.participating, telling.completed)


def asked_for(mandate: Mandate, recipient: str = "", notice: str = "long") -> Asked:
    """Return what the one way out is asked for a report."""
    to = recipient or next(iter(selectors.recipients_of(mandate)), mandate.body)
    record = {"description": rules.TOLD_IN_WORDS}
    return Asked(Basis.CONSENT, Purpose.MONITORING, to, rules.TOLD, mandate.consent, record=record, notice=notice)


def record_refusal(*, mandate: Mandate, why: str, by: User) -> None:
    """Record in the trail that a report was asked for and nothing went out."""
    client = person_of(mandate)
    way_out.record_refusal(client=client, asked=asked_for(mandate), decision=Decision(why), by=by)


# --- what is due ----------------------------------------------------------------------------------------------------


@transaction.atomic
def owe_reports(*, clinic: Clinic, now: datetime) -> int:
    """
    Put the reports that are due within three days, or late, on somebody's list; return how many were new.

    They are the therapist's where the person has one, and every supervisor's from the day they are due.
    """
    zone = ZoneInfo(clinic.time_zone)
    owed = set(Task.objects.filter(kind=TASK, done_at=None).values_list("key", flat=True))
    made = 0
    for mandate in selectors.due_soon(civil_date(now, zone)).select_related("client").order_by("next_report_on")[:500]:
        if tasks.key_about(TASK, mandate) in owed or mandate.next_report_on is None:
            continue
        mandate.clinic = clinic
        client = person_of(mandate)
        tasks.owe_about(
            kind=TASK, about=mandate, client=client, owner=_therapist_of(client), role=Role.SUPERVISOR, by=None,
            due_at=clocks.day_end(mandate.next_report_on, zone),
        )  # fmt: skip
        made += 1
    return made


def _therapist_of(client: Client) -> User | None:
    rows = CaseloadAssignment.objects.filter(in_force(), client_id__in=client.record_keys).select_related("user")
    found = rows.order_by("starts_at", "pk").first()
    return found.user if found is not None else None


def with_changes(mandate: Mandate, changes: Mapping[str, Any]) -> Terms:
    """Return a mandate as it stands, as terms, with some of them changed."""
    stands = Terms(
        kind=mandate.kind, body=mandate.body, officer=mandate.officer, docket=mandate.docket or "",
        starts_on=mandate.starts_on, ends_on=mandate.ends_on, end_condition=mandate.end_condition,
        required_level=mandate.required_level, required_sessions=mandate.required_sessions,
        reporting=mandate.reporting, next_report_on=mandate.next_report_on, consent=mandate.consent,
        client_view=mandate.client_view or "", discord=mandate.discord,
    )  # fmt: skip
    return replace(stands, **changes)

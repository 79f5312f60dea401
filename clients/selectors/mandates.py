"""Questions about mandates: a person's, which consents may carry reports, what a report would say, what is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet
from django.utils.formats import date_format

from clients.models import Appointment, Client, Consent, Inquiry, Mandate, MandateReport
from clients.rules import mandates as rules
from clients.rules import names
from clients.rules.clock import civil_date
from clients.rules.consent_terms import State
from clients.rules.consents import REFUSALS, state_at
from clients.selectors.consents import DAY, ShownConsent, document_of, shown, usable
from clients.selectors.people import VIEW as VIEW_PERSON
from clinics.models import User

VIEW, CHANGE = "clinics.view_inquiry", "clinics.change_mandate"
NO_CONSENT: Final = (
    "No consent is chosen for this mandate's reports. Have the person sign one that names {body}, then choose it here."
)


@dataclass(frozen=True)
class ShownMandate:
    """
    A mandate as its person's page shows it.

    consent   the consent for its reports, None without one
    why_not   why no report can go out now, as a sentence; empty when one can
    reports   those that were made, the newest first
    """

    mandate: Mandate
    consent: ShownConsent | None
    why_not: str
    reports: Sequence[MandateReport]

    @property
    def is_legal(self) -> bool:
        """Tell whether somebody may be owed a report."""
        return rules.is_legal(self.mandate.kind)


def permitted(user: User) -> QuerySet[Mandate, Mandate]:
    """
    Return the mandates that `user` may see.

    The right to inquiries is an administrator's for the admin; a mandate is for those who may also see the person.
    """
    found: QuerySet[Mandate, Mandate] = Mandate.objects.permitted(user, VIEW).permitted(user, VIEW_PERSON)
    return found


def of_person(client: Client, now: datetime) -> list[ShownMandate]:
    """Return a person's mandates, those that stand before those that ended, the newest first; with their reports."""
    rows = Mandate.objects.filter(client_id__in=client.record_keys).select_related("consent__client")
    found = sorted(rows.order_by("-pk"), key=lambda row: row.ended_at is not None)
    reports: dict[int, list[MandateReport]] = {}
    made = MandateReport.objects.filter(client_id__in=client.record_keys).select_related("disclosure", "made_by")
    for report in made.order_by("-pk"):
        reports.setdefault(report.mandate_id, []).append(report)
    for mandate in found:
        mandate.clinic = client.clinic
        if mandate.consent is not None:
            mandate.consent.clinic = client.clinic
    return [
        ShownMandate(
            mandate,
            shown(mandate.consent, now) if mandate.consent is not None else None,
            why_not(mandate, now),
            reports.get(mandate.pk, ()),
        )
        for mandate in found
    ]


def asked_of(client: Client, user: User) -> Inquiry | None:
    """Return the newest request for care in which own reasons or outside pressure stand, where `user` may see it."""
    rows = Inquiry.objects.permitted(user, VIEW).filter(client_id__in=client.record_keys)
    found: Inquiry | None = (
        rows.exclude(own_reasons=None, outside_pressure=None).order_by("-received_at", "-pk").first()
    )
    return found


# --- reports --------------------------------------------------------------------------------------------------------


def usable_consents(client: Client, kind: str, now: datetime) -> list[Consent]:
    """Return the consents of a person in force now under which a mandate of this kind may be reported on at all."""
    allowed = rules.CONSENTS.get(kind, frozenset())
    return [one for one in usable(client, now) if one.kind in allowed]


def why_not(mandate: Mandate, now: datetime) -> str:
    """Return why no report on a mandate can go out now, as a sentence that says what to do; empty when one can."""
    if not rules.is_legal(mandate.kind):
        return rules.NOT_LEGAL
    if mandate.ended_at is not None:
        return "This mandate has ended. Nothing more is reported on it."
    if mandate.consent is None:
        return NO_CONSENT.format(body=mandate.body)
    document = document_of(mandate.consent)
    state = state_at(document, now)
    if state is not State.ACTIVE:
        return REFUSALS[state]
    return rules.why_not_under(mandate.kind, mandate.body, mandate.officer, document)


def recipients_of(mandate: Mandate) -> tuple[str, ...]:
    """Return who may receive a report, by the consent; the mandate's officer first where they are named."""
    if mandate.consent is None:
        return ()
    named = document_of(mandate.consent).recipients
    return tuple(sorted(named, key=lambda name: names.key(name) != names.key(mandate.officer)))


def counted(client: Client, from_on: date, until_on: date) -> tuple[int, int]:
    """Return how many appointments of a person were kept and missed in a period, both days included."""
    rows = Appointment.objects.filter(
        client_id__in=client.record_keys, service_on__gte=from_on, service_on__lte=until_on
    )
    sums = rows.aggregate(
        kept=Count("pk", filter=Q(attendance__in=sorted(rules.KEPT))),
        missed=Count("pk", filter=Q(attendance__in=sorted(rules.MISSED))),
    )
    return sums["kept"], sums["missed"]


def next_period(mandate: Mandate, now: datetime) -> tuple[date, date]:
    """Return the period of the next report: since the last one, else since the mandate or care began, to today."""
    today = civil_date(now, ZoneInfo(mandate.clinic.time_zone))
    last = (
        MandateReport.objects.filter(mandate=mandate).order_by("-until_on").values_list("until_on", flat=True).first()
    )
    if last is not None:
        return min(last + timedelta(days=1), today), today
    begins = mandate.starts_on or civil_date(mandate.created_at, ZoneInfo(mandate.clinic.time_zone))
    return min(begins, today), today


def told(report: MandateReport) -> dict[str, str]:
    """Return the lines of a report as its package tells them."""
    stored = rules.Report(
        report.from_on, report.until_on, report.kept, report.missed, report.participating, report.completed
    )
    return lines_of(stored)


def lines_of(report: rules.Report) -> dict[str, str]:
    """Return the lines of a report, with days as the clinic writes them."""
    return rules.template(
        report, from_day=str(date_format(report.from_on, DAY)), until_day=str(date_format(report.until_on, DAY))
    )


def due_soon(today: date) -> QuerySet[Mandate, Mandate]:
    """Return the mandates on which a report is due within three days, or is late."""
    rows: Any = Mandate.objects.filter(
        ended_at=None, next_report_on__isnull=False, next_report_on__lte=today + timedelta(days=rules.REMIND_DAYS)
    )
    found: QuerySet[Mandate, Mandate] = rows
    return found

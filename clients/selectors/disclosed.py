"""
What of a record goes out under each of its parts, gathered from this app; higher apps add theirs.

Each part is an allow-list: what is not named here does not leave. `settings.DISCLOSED_CATEGORIES` names, for each
part of the record, the functions that gather it.

source   shared/domain/care.md 6.3, 6.6
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.formats import date_format
from django.utils.module_loading import import_string

from clients.models import Appointment, ChangeTarget, Client, Coverage, Episode, Inquiry, RulerReading, SafetyConcern
from clients.rules import intake
from clients.rules.consent_terms import Category
from clients.selectors.consents import DAY

# One thing that is told: label and words, in order.
Row = Mapping[str, str]


@dataclass(frozen=True)
class Subject:
    """
    Whose record is gathered, and how.

    keys         keys of the person's records: theirs, and those that were joined into it
    identified   False: no names, no dates, no free text, no numbers that point to a record
    """

    client: Client
    keys: tuple[int, ...]
    identified: bool
    at: datetime

    @property
    def zone(self) -> ZoneInfo:
        """Return the clinic's time zone."""
        return ZoneInfo(self.client.clinic.time_zone)

    def day(self, moment: datetime) -> str:
        """Return the day of an instant as the clinic writes it."""
        return str(date_format(moment.astimezone(self.zone), DAY))


Collector = Callable[[Subject], Sequence[Row]]


def subject_of(client: Client, *, identified: bool, at: datetime) -> Subject:
    """Return a person as a subject of collectors."""
    return Subject(client, tuple(client.records.values_list("pk", flat=True)), identified, at)


@cache
def _collectors() -> Mapping[Category, tuple[Collector, ...]]:
    return {
        Category(name): tuple(import_string(path) for path in paths)
        for name, paths in settings.DISCLOSED_CATEGORIES.items()
    }


def kept_categories() -> frozenset[Category]:
    """Return the parts of the record that are kept here at all."""
    return frozenset(_collectors())


def gather(subject: Subject, category: Category) -> list[dict[str, str]]:
    """Return everything that goes out under one part of the record; empty when nothing is kept."""
    return [dict(row) for collect in _collectors().get(category, ()) for row in collect(subject)]


# --- the parts that this app keeps ----------------------------------------------------------------------------------


def identity(subject: Subject) -> list[Row]:
    """Return name, date of birth and record number."""
    client = subject.client
    if not subject.identified:
        return []
    row = {"Name": client.legal_name, "Record number": client.reference}
    if client.goes_by:
        row["Goes by"] = client.goes_by
    if client.born_on:
        row["Born"] = str(date_format(client.born_on, DAY))
    return [row]


def contact(subject: Subject) -> list[Row]:
    """Return how the person may be reached."""
    client = subject.client
    found = {"Telephone": client.phone, "E-mail": client.email, "Postal code": client.postal_code}
    row = {label: words for label, words in found.items() if words}
    return [row] if row and subject.identified else []


def episodes(subject: Subject) -> list[Row]:
    """Return the programs with the days of admission and discharge."""
    if not subject.identified:
        return []
    rows = Episode.objects.filter(client_id__in=subject.keys).select_related("program").order_by("admitted_on", "id")
    return [
        {
            "Program": episode.program.name,
            "Admitted": str(date_format(episode.admitted_on, DAY)),
            "Discharged": str(date_format(episode.closed_on, DAY)) if episode.closed_on else "in care",
        }
        for episode in rows
    ]


def attendance(subject: Subject) -> list[Row]:
    """Return each appointment with what came of it; without identifiers, how many there were of each."""
    rows = Appointment.objects.filter(client_id__in=subject.keys, starts_at__lte=subject.at).exclude(attendance="")
    if not subject.identified:
        counted = Counter(row.get_attendance_display() for row in rows)
        return [{"What came of it": label, "Appointments": str(n)} for label, n in sorted(counted.items())]
    return [
        {
            "Day": subject.day(row.starts_at),
            "Kind": row.get_kind_display(),
            "Minutes": str(row.duration_min),
            "What came of it": row.get_attendance_display(),
        }
        for row in rows.order_by("starts_at", "id")
    ]


def readiness(subject: Subject) -> list[Row]:
    """Return the rulers; without identifiers, days since the first in place of dates."""
    # How strained a therapist found a talk is no answer of the person's.
    said = RulerReading.objects.filter(client_id__in=subject.keys).exclude(ruler=RulerReading.Ruler.DISCORD)
    rows = list(said.order_by("taken_on", "id"))
    first = rows[0].taken_on if rows else None

    def when(row: RulerReading) -> tuple[str, str]:
        if subject.identified or first is None:
            return "Day", str(date_format(row.taken_on, DAY))
        return "Days since the first", str((row.taken_on - first).days)

    return [
        {when(row)[0]: when(row)[1], "Ruler": row.get_ruler_display(), "From 0 to 10": str(row.value)} for row in rows
    ]


def plan(subject: Subject) -> list[Row]:
    """Return what the person wants to change, in their words."""
    if not subject.identified:
        return []
    rows = ChangeTarget.objects.filter(client_id__in=subject.keys).order_by("id")
    return [
        {"Goal": row.goal, "Since": subject.day(row.created_at), "Stands": "yes" if row.is_active else "set aside"}
        for row in rows
    ]


def screening(subject: Subject) -> list[Row]:
    """Return what was said at intake, in the person's words and as it was ticked; nothing about the caller."""
    if not subject.identified:
        return []
    found: list[Row] = []
    for inquiry in Inquiry.objects.filter(client_id__in=subject.keys).order_by("received_at", "id"):
        substances, levels, last_use = (dict(one) for one in (intake.SUBSTANCES, intake.LEVELS, intake.LAST_USE))
        said = {
            "Day": subject.day(inquiry.received_at),
            "In their words": inquiry.words or "",
            "Own reasons": inquiry.own_reasons or "",
            "Substances": ", ".join(str(substances.get(code, code)) for code in inquiry.substances),
            "Last use": str(last_use.get(inquiry.last_use, "")),
            "Level of care sought": str(levels.get(inquiry.level_sought, "")),
            "Withdrawal risk": "yes" if inquiry.withdrawal_risk else "",
            "Overdose in the last 30 days": "yes" if inquiry.overdose_30_days else "",
        }
        found.append({label: words for label, words in said.items() if words})
    return found


def safety(subject: Subject) -> list[Row]:
    """Return safety concerns, and what a clinician found."""
    if not subject.identified:
        return []
    rows = SafetyConcern.objects.filter(client_id__in=subject.keys).order_by("raised_at", "id")
    return [
        {
            "Day": subject.day(row.raised_at),
            "Level": row.level,
            "Reviewed": subject.day(row.reviewed_at) if row.reviewed_at else "not yet",
            **({"What was found": row.rationale} if row.rationale else {}),
        }
        for row in rows
    ]


def payer(subject: Subject) -> list[Row]:
    """Return who pays: the plans that stand, with member and subscriber; never what a payer answered or authorized."""
    if not subject.identified:
        return []
    rows = Coverage.objects.filter(client_id__in=subject.keys, removed_at=None).order_by("rank", "id")
    found: list[Row] = []
    for row in rows:
        days = {"From": row.effective_on, "Until": row.ends_on, "Subscriber born": row.subscriber_born_on}
        said = {
            "Plan": row.get_plan_type_display(),
            "Paid by": row.get_payment_display(),
            "Payer": row.payer,
            "Member ID": row.member_id or "",
            "Group": row.group_number,
            "Subscriber": row.subscriber_name,
            **{label: str(date_format(day, DAY)) for label, day in days.items() if day is not None},
        }
        found.append({label: words for label, words in said.items() if words})
    return found

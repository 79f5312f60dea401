"""How soon the person of an inquiry is to be assessed, and by which day: in words, for the page of the inquiry."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from clients.models import Inquiry, SafetyConcern
from clients.rules import clocks, safety, triage
from clients.rules.clock import civil_date
from clients.rules.transitions import Status

# Before these somebody is assessed, or it is settled that they are not.
BEFORE_ASSESSMENT: Final = frozenset(
    {
        Status.NEW, Status.CONTACTING, Status.CONTACTED, Status.SCREENING, Status.SCREENED, Status.ASSESSMENT_SCHEDULED,
        Status.ASSESSMENT_NO_SHOW,
    }
)  # fmt: skip


@dataclass(frozen=True)
class Due:
    """
    How soon an assessment is to be held.

    by        the last day of the clinic's calendar
    is_over   that day is over
    """

    verdict: triage.Verdict
    by: date
    is_over: bool

    @property
    def is_urgent(self) -> bool:
        """Tell whether it is urgent."""
        return self.verdict.triage is triage.Triage.URGENT


def verdict_of(inquiry: Inquiry, raised: Iterable[str] | None = None) -> triage.Verdict:
    """
    Return how soon somebody is to be assessed: by their answers, by every concern about them, by who chose.

    raised   the levels of all concerns about the inquiry, where the caller has just read them
    """
    levels = {finding.level for finding in safety.findings(inquiry.safety_answers())}
    if not safety.HOLDS & levels:
        if raised is None:
            raised = SafetyConcern.objects.filter(inquiry=inquiry).values_list("level", flat=True)
        levels |= {safety.Level(level) for level in raised}
    return triage.verdict(inquiry.triage, levels)


def due_of(inquiry: Inquiry, now: datetime, raised: Iterable[str] | None = None) -> Due | None:
    """
    Return by when somebody is to be assessed; None once they were, or where nobody waits for it any more.

    raised   as `verdict_of`
    """
    if inquiry.status not in BEFORE_ASSESSMENT:
        return None
    found, zone = verdict_of(inquiry, raised), ZoneInfo(inquiry.clinic.time_zone)
    reading = clocks.read(found.clock, inquiry.received_at, now, zone)
    return Due(found, civil_date(reading.due_at - clocks.MINUTE, zone), reading.late)

"""What the funnel reads: how far requests for care came, how long that took, and what is open now."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import (
    Aggregate,
    Count,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    Func,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)

from analytics.metrics.funnel import STEPS, Stage, Step, stages
from clients.models import Admission, Appointment, Inquiry
from clients.models.appointments import TOOK_PLACE
from clients.rules import intake
from clients.rules.clocks import PROMISES, Clock
from clients.rules.transitions import ACTIVE, LABELS, Status
from clinics.instruments.figures import Figure, ratio

NOT_COUNTED = (Status.DUPLICATE, Status.SPAM)
# The move that stands for a step; whoever moved on to the next step has taken it.
MOVES = {Step.SCREENED: Status.SCREENED, Step.ASSESSED: Status.ASSESSED}
STOPS = {Clock.FIRST_ATTEMPT: "first_attempt_at", Clock.SPEED_TO_CONTACT: "first_contact_at"}


class _MedianDays(Aggregate):
    """The median of a span of time, in days; None over nothing."""

    function = "percentile_cont"
    template = "percentile_cont(0.5) within group (order by extract(epoch from %(expressions)s) / 86400.0)"
    output_field = FloatField()


class _Span(Func):
    """The time between two instants, as the database's interval."""

    template = "(%(expressions)s)"
    arg_joiner = " - "
    output_field = DateTimeField()


@dataclass(frozen=True)
class Kept:
    """How often a promise was kept: the share within its target and within its breach, and the minutes of both."""

    clock: Clock
    target_min: int
    breach_min: int
    within_target: Figure
    within_breach: Figure


@dataclass(frozen=True)
class Open:
    """How many requests stand at a status now."""

    status: Status
    label: str
    count: int


def requests_between(start: datetime, end: datetime) -> QuerySet[Inquiry, Inquiry]:
    """Return the requests for care of a time, duplicates and what was none left out. `end` is not included."""
    rows: QuerySet[Inquiry, Inquiry] = Inquiry.objects.filter(received_at__gte=start, received_at__lt=end)
    return rows.exclude(status__in=NOT_COUNTED)


def _reached(rows: QuerySet[Inquiry, Inquiry]) -> Any:
    """
    Return one row for each request: when it reached each step, null where it did not.

    A step that was passed over is reached with the next one.
    """
    moved = {step: Min("moves__at", filter=Q(moves__to=status)) for step, status in MOVES.items()}
    admission = Admission.objects.filter(inquiry_id=OuterRef("pk"), undone_at=None).order_by("-id")
    fourth = Appointment.objects.filter(
        episode_id=OuterRef("admitted_to"), kind=Appointment.Kind.TREATMENT, attendance__in=TOOK_PLACE
    ).order_by("starts_at", "id")
    found = rows.order_by().annotate(
        admitted_to=Subquery(admission.values("episode_id")[:1]),
        at_admitted=Subquery(admission.values("admitted_at")[:1]),
        moved_screened=moved[Step.SCREENED],
        moved_assessed=moved[Step.ASSESSED],
    )
    return found.annotate(
        at_fourth_session=Subquery(fourth.values("starts_at")[3:4]),
        at_assessed=_first("moved_assessed", "at_admitted"),
        at_screened=_first("moved_screened", "moved_assessed", "at_admitted"),
        at_reached=_first("first_contact_at", "moved_screened", "moved_assessed", "at_admitted"),
        at_asked=F("received_at"),
    )


def _first(*names: str) -> Any:
    """Return the earliest of several times; null where all are null."""
    return ExpressionWrapper(Func(*names, function="least"), output_field=DateTimeField())


def funnel(start: datetime, end: datetime) -> list[Stage]:
    """Return the steps of the requests of a time, by one statement."""
    asked: dict[str, Any] = {}
    for at, step in enumerate(STEPS):
        asked[f"n_{step}"] = Count("pk", filter=Q(**{f"at_{step}__isnull": False}))
        if at:
            before = STEPS[at - 1]
            asked[f"days_{step}"] = _MedianDays(
                _Span(f"at_{step}", f"at_{before}"), filter=Q(**{f"at_{step}__isnull": False})
            )
    sums = _reached(requests_between(start, end)).aggregate(**asked)
    return stages(
        {step: sums[f"n_{step}"] for step in STEPS},
        {step: sums[f"days_{step}"] for step in STEPS[1:]},
    )


def promises_kept(start: datetime, end: datetime, now: datetime) -> list[Kept]:
    """
    Return how often those who waited for us were called, and reached, in time.

    A clock that still runs and is within the time is left out; one that ran beyond it counts as not kept.
    """
    rows = requests_between(start, end).filter(channel__in=intake.WAITING)
    spans = {clock: (PROMISES[clock].target, PROMISES[clock].breach) for clock in STOPS}
    asked = {}
    for clock, stop in STOPS.items():
        for which, span in zip(("target", "breach"), spans[clock], strict=True):
            stopped = Q(**{f"{stop}__isnull": False})
            asked[f"{clock}_{which}_kept"] = Count("pk", filter=Q(**{f"{stop}__lte": F("received_at") + span}))
            asked[f"{clock}_{which}_all"] = Count("pk", filter=stopped | Q(received_at__lt=now - span))
    sums = rows.aggregate(**asked)
    return [
        Kept(
            clock,
            _minutes(spans[clock][0]),
            _minutes(spans[clock][1]),
            ratio(sums[f"{clock}_target_kept"], sums[f"{clock}_target_all"]),
            ratio(sums[f"{clock}_breach_kept"], sums[f"{clock}_breach_all"]),
        )
        for clock in STOPS
    ]


def _minutes(span: timedelta) -> int:
    return span // timedelta(minutes=1)


def open_now() -> list[Open]:
    """Return how many requests stand at each status that is being worked on, in the order of the way into care."""
    rows = Inquiry.objects.filter(status__in=ACTIVE).order_by().values_list("status").annotate(many=Count("pk"))
    counts = dict(rows)
    return [Open(status, LABELS[status], counts.get(status, 0)) for status in Status if status in ACTIVE]


@dataclass(frozen=True)
class Brought:
    """What brought people here, as the clinic names it, and how far they came; the rest of many is one line, "…"."""

    name: str
    asked: int
    reached: int
    admitted: int


REST: Final = "…"


def by_campaign(start: datetime, end: datetime, most: int = 12) -> list[Brought]:
    """
    Return requests of a time by what brought people, most first; who was not asked is under "".

    most   lines; what is beyond them is one line more, so that no list grows without end
    """
    admitted = Exists(Admission.objects.filter(inquiry_id=OuterRef("pk"), undone_at=None))
    rows = requests_between(start, end).order_by().values("campaign")
    counts = rows.annotate(
        asked=Count("pk"),
        reached=Count("pk", filter=Q(first_contact_at__isnull=False) | Q(admitted)),
        admitted=Count("pk", filter=admitted),
    ).order_by("-asked", "campaign")
    found = [Brought(row["campaign"], row["asked"], row["reached"], row["admitted"]) for row in counts]
    rest = found[most:]
    if not rest:
        return found
    sums = (sum(getattr(one, name) for one in rest) for name in ("asked", "reached", "admitted"))
    return [*found[:most], Brought(REST, *sums)]


def by_source(start: datetime, end: datetime) -> list[tuple[str, int, int]]:
    """Return requests and admissions of a time by source of referral, in the order of the codes; unknown last."""
    admitted = Exists(Admission.objects.filter(inquiry_id=OuterRef("pk"), undone_at=None))
    rows = requests_between(start, end).order_by().values("source")
    counts = rows.annotate(asked=Count("pk"), admitted=Count("pk", filter=admitted))
    found = {row["source"]: (row["asked"], row["admitted"]) for row in counts}
    return [(key, *found.get(key, (0, 0))) for key in (*(code for code, _label in intake.SOURCES), "")]

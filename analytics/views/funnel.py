"""How far requests for care come: live for the clinic, and a table that may be passed on."""

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from analytics.metrics.funnel import Stage, Step, to_tell
from analytics.selectors import funnel as selectors
from clients.rules import intake
from clients.rules.clock import civil_date
from clients.rules.clocks import Clock, day_start
from clinics import audit
from clinics.charts import step_bar
from clinics.instruments.figures import Figure, Reason, display_text, ratio
from clinics.roles import Reach

RIGHT = "clinics.view_engagement"
DAYS = (30, 90, 365)
STEP_LABELS = {
    Step.ASKED: _("Asked for care"),
    Step.REACHED: _("Reached"),
    Step.SCREENED: _("Screened"),
    Step.ASSESSED: _("Assessed"),
    Step.ADMITTED: _("Admitted"),
    Step.FOURTH_SESSION: _("Came to a fourth session"),
}
CLOCK_LABELS = {Clock.FIRST_ATTEMPT: _("Called"), Clock.SPEED_TO_CONTACT: _("Reached")}
UNKNOWN_SOURCE = _("Not known")
BROUGHT = {"": _("Not asked"), selectors.REST: _("Everything else")}


def funnel(request: Any, clinic_slug: str) -> HttpResponse:
    """Show how many requests for care stand where, how far those of a time came, and how long it took."""
    if Reach.CLINIC not in request.user.reaches(RIGHT, request.clinic.pk):
        raise PermissionDenied(RIGHT)
    now = timezone.now()
    days = _days(request.GET.get("days", ""))
    start = _start(now, days, ZoneInfo(request.clinic.time_zone))
    steps = selectors.funnel(start, now)
    lines, total = to_tell(selectors.by_source(start, now))
    labels = dict(intake.SOURCES)
    audit.listed("funnel", [], purpose="operations", detail={"days": days})
    context = {
        "days": days,
        "choices": DAYS,
        "since": start,
        "open_now": selectors.open_now(),
        "asked": steps[0].count,
        "steps": [_step(steps, at) for at in range(len(steps))],
        "kept": [
            {
                "label": CLOCK_LABELS[one.clock],
                "target_min": one.target_min,
                "breach_min": one.breach_min,
                "within_target": _share(one.within_target),
                "within_breach": _share(one.within_breach),
                "n": one.within_breach.denominator,
            }
            for one in selectors.promises_kept(start, now, now)
        ],
        "told": [
            {"label": labels.get(line.key, UNKNOWN_SOURCE), "line": line, "share": _share(line.share)} for line in lines
        ],
        "brought": [
            {"name": BROUGHT.get(one.name, one.name), "line": one, "share": _share(ratio(one.admitted, one.asked))}
            for one in selectors.by_campaign(start, now)
        ],
        "total": {"line": total, "share": _share(total.share)},
    }
    return TemplateResponse(request, "analytics/funnel.html", context)


def _days(asked: str) -> int:
    """Return how many days back; what does not exist is the middle one: a filter has no error page."""
    return int(asked) if asked in map(str, DAYS) else DAYS[1]


def _start(now: datetime, days: int, zone: ZoneInfo) -> datetime:
    """Return the first instant of the day, by the clinic's calendar, so many days ago."""
    return day_start(civil_date(now, zone) - timedelta(days=days), zone)


def _share(figure: Figure) -> str:
    """Return a share for the eye, with one decimal, or in words why there is none."""
    if figure.value is not None:
        return display_text(figure.value, places=1, factor=100, suffix="%")
    return gettext("not shown") if figure.reason is Reason.SUPPRESSED else gettext("nobody yet")


def _step(stages: list[Stage], at: int) -> dict[str, Any]:
    """Return a step as its line of the chart and of the table."""
    stage, label = stages[at], str(STEP_LABELS[stages[at].step])
    before, first = stages[at - 1].count if at else stage.count, stages[0].count
    days = None if stage.days is None else display_text(Fraction(stage.days), places=1)
    return {
        "label": label,
        "count": stage.count,
        "note": gettext("%(share)s of all") % {"share": _share(stage.of_all)} if at else "",
        "of_all": _share(stage.of_all),
        "of_before": "" if stage.of_before is None else _share(stage.of_before),
        "days": days,
        "svg": step_bar(stage.count, before, first, label=label),
    }

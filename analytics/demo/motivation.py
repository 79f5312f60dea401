"""Where the people in care at one demonstration clinic stand with what they want to change, over half a year."""

import random
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from clients.models import CaseloadAssignment, ChangeTarget, Client, Episode, StageRating
from clients.rules.clock import civil_date
from clients.rules.motivation import Intensity, Ruler
from clients.selectors import motivation as selectors
from clients.services import targets
from clients.services.targets import Answer, Terms
from clinics.models import Clinic, User
from clinics.models.people import in_force

HALF_A_YEAR: Final = timedelta(days=182)
HOUR: Final = time(11, 30)
# What the goals of the demonstration are about: kind, direction, and how somebody puts it.
ABOUT: Final = {
    "drink less on work nights": ("substance", "reduce", "I want to wake up without counting."),
    "stay away from opioids after the surgery": ("substance", "stop", "I know where that road goes."),
    "smoke outside the house only, then not at all": ("substance", "stop", "The kids cough too."),
    "keep the evening with the children free of alcohol": ("substance", "reduce", "They notice. I notice."),
    "take the medication every morning": ("mental_health", "adhere", "I am better on the days I take it."),
    "tell one person when the craving comes": ("substance", "start", "Alone it is bigger than me."),
}
SECOND: Final = (
    Terms("walk half an hour, three days a week", "health_behaviour", "start", "My head is clearer when I walk."),
    Terms("keep the blood pressure where the doctor wants it", "chronic_condition", "maintain", ""),
    Terms("be on time for the early shift", "workplace_eap", "adhere", "I like that job."),
)
# How stages went, from the admission to now; one person in six returned to use on the way.
COURSES: Final = (
    ("con", "prep", "act"), ("pre", "con", "con"), ("con", "prep", "act", "maint"), ("prep", "act", "rec", "prep"),
    ("con", "con", "prep"), ("prep", "act"),
)  # fmt: skip


def terms_of(goal: str) -> Terms:
    """Return a goal of the demonstration as it is written down."""
    return Terms(goal, *ABOUT[goal])


def move(*, clinic: Clinic, now: datetime) -> int:
    """
    Rate stages over half a year, give every third person a second goal with rulers between sessions; return ratings.

    Two therapists work otherwise than is suggested; one took it back.
    """
    rng = random.Random(f"{clinic.slug} stages")  # noqa: S311 - invented history, no secret
    today = civil_date(now, ZoneInfo(clinic.time_zone))
    since = dict(Episode.objects.filter(status=Episode.Status.OPEN).values_list("client_id", "admitted_on"))
    rows = CaseloadAssignment.objects.filter(in_force(), client__merged_into=None).select_related("client", "user")
    people = {row.client_id: (row.client, row.user) for row in rows.order_by("client_id", "-id")}
    for number, (client, therapist) in enumerate(people.values()):
        client.clinic = clinic
        first = max(since.get(client.pk, today), today - HALF_A_YEAR)
        target = ChangeTarget.objects.filter(client=client, is_active=True).order_by("id").first()
        if target is None:
            continue
        for day, stage in _spread(first, today, COURSES[number % len(COURSES)]):
            basis = rng.choice(("interview", "rulers", "interview", "socrates"))
            targets.rate_stage(target=target, stage=stage, basis=basis, by=therapist, now=_at(clinic, day))
        if number % 3 == 0:
            _second_goal(clinic, client, therapist, SECOND[number // 3 % len(SECOND)], first, today, rng)
        if number in (1, 4):
            _otherwise(target, therapist, take_back=number == 4)
    made: int = StageRating.objects.count()
    return made


def _at(clinic: Clinic, day: date) -> datetime:
    return datetime.combine(day, HOUR, ZoneInfo(clinic.time_zone))


def _spread(first: date, today: date, course: tuple[str, ...]) -> list[tuple[date, str]]:
    """Return the stages of a course with their days, the first soon after the admission."""
    days = max((today - first).days - 4, 0)
    return [
        (first + timedelta(days=min(3, days) + days * place // len(course)), stage)
        for place, stage in enumerate(course)
    ]


def _second_goal(
    clinic: Clinic, client: Client, therapist: User, terms: Terms, first: date, today: date, rng: random.Random
) -> None:
    target = targets.add(client=client, terms=terms, by=therapist)
    levels = {ruler: rng.randint(3, 6) for ruler in Ruler}
    for day, stage in _spread(first, today, ("con", "prep", "prep")):
        moment = _at(clinic, day)
        targets.rate_stage(target=target, stage=stage, basis="interview", by=therapist, now=moment)
        answers = {ruler: Answer(level) for ruler, level in levels.items()}
        answers[Ruler.READINESS] = Answer(
            levels[Ruler.READINESS], "I did it before, for a whole summer.", "If somebody came along."
        )
        targets.take_rulers(target=target, answers=answers, by=therapist, now=moment)
        levels = {ruler: min(10, level + rng.choice((0, 1, 2))) for ruler, level in levels.items()}


def _otherwise(target: ChangeTarget, therapist: User, *, take_back: bool) -> None:
    """Choose another intensity than is suggested, and take it back where that is to be shown."""
    before = selectors.find_standing(target)
    if before.suggested.intensity is Intensity.UNKNOWN:
        return
    other = Intensity.LOW_PLAN if before.suggested.intensity is not Intensity.LOW_PLAN else Intensity.HIGH_EVOKE
    reasons = [(other, "They asked for a plan today, and had one of their own in mind.")]
    if take_back:
        reasons.append((before.suggested.intensity, "It was too early. Back to what they want for themselves."))
    for chosen, reason in reasons:
        now = selectors.find_standing(target)
        targets.choose_intensity(
            target=target, suggested=now.suggested.intensity, working=now.working, chosen=chosen, reason=reason,
            by=therapist,
        )  # fmt: skip

"""Questions about where a person stands with what they want to change, and what that suggests."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject
from django.utils import timezone

from clients.models import ChangeTarget, Client, IntensityChoice, Lapse, Mandate, RulerReading, StageRating
from clients.rules import motivation as rules
from clients.rules import returns, stages
from clients.rules.motivation import Intensity, Ruler, Suggested, Swing
from clinics.models import User

VIEW, CHANGE = "clinics.view_plan", "clinics.change_plan"
SEES_MANDATES: Final = "clinics.view_inquiry"
HISTORY: Final = 50
ON_PRESSURE: Final = 3


@dataclass(frozen=True)
class Standing:
    """
    Where a person stands with one goal.

    stage      key of the newest rating; None: not rated
    rulers     the newest answer for each ruler; None: not asked
    suggested  what the rule answers
    working    what holds: the clinician's last choice, else what is suggested
    on_mandate   the answer rests on somebody else's wish or on what was noted beside it, which not everybody may read
    """

    target: ChangeTarget
    stage: str | None
    rulers: dict[Ruler, int | None]
    suggested: Suggested
    working: Intensity
    on_mandate: bool = False

    @property
    def is_otherwise(self) -> bool:
        """Tell whether a clinician works otherwise than is suggested now."""
        return self.working is not self.suggested.intensity

    @property
    def stage_label(self) -> str:
        """Return the stage in words; empty where none is rated."""
        return dict(stages.STAGES)[self.stage] if self.stage else ""

    @property
    def label(self) -> str:
        """Return what holds, in words."""
        return dict(stages.INTENSITIES)[self.working.value]

    @property
    def suggested_label(self) -> str:
        """Return what is suggested, in words."""
        return dict(stages.INTENSITIES)[self.suggested.intensity.value]

    @property
    def advice(self) -> rules.Advice:
        """Return the mix, what to do and what not, of what holds."""
        return rules.ADVICE[self.working]

    @property
    def answers(self) -> list[tuple[str, int | None, str]]:
        """Return each ruler in words, its newest answer, and the band that lies in."""
        labels = dict(RulerReading.Ruler.choices)
        return [
            (str(labels[ruler.value]), value, rules.band(value).value if value is not None else "")
            for ruler, value in self.rulers.items()
        ]


def with_standing(rows: QuerySet[ChangeTarget, ChangeTarget]) -> QuerySet[ChangeTarget, ChangeTarget]:
    """Return goals with what `standing` reads, by the same statement."""
    here = {"target_id": OuterRef("pk")}
    newest = {
        f"now_{ruler.value}": Subquery(
            RulerReading.objects.filter(**here, ruler=ruler.value).order_by("-taken_on", "-id").values("value")[:1]
        )
        for ruler in Ruler
    }
    # On this record, on one that was joined into it, on the one it was joined into, or on another of those.
    same = (
        Q(client_id=OuterRef("client_id"))
        | Q(client__merged_into_id=OuterRef("client_id"))
        | Q(client_id=OuterRef("client__merged_into_id"))
        | Q(client__merged_into_id=OuterRef("client__merged_into_id"))
    )
    asked = Mandate.objects.filter(same, ended_at=None)
    felt = RulerReading.objects.filter(same, ruler=RulerReading.Ruler.DISCORD, appointment__isnull=False)
    about = Q(target_id=OuterRef("pk")) | Q(target_id=None)
    lapsed = Lapse.objects.filter(same, about, undone_at=None)
    choice = IntensityChoice.objects.filter(**here).order_by("-id")
    return rows.annotate(
        **newest,
        now_stage=Subquery(StageRating.objects.filter(**here).order_by("-rated_on", "-id").values("stage")[:1]),
        now_choice=Subquery(choice.values(said=JSONObject(suggested="suggested", chosen="chosen"))[:1]),
        is_mandated=Exists(asked),
        discord=Subquery(asked.order_by(F("discord").desc(nulls_last=True)).values("discord")[:1]),
        felt_discord=Subquery(felt.order_by("-taken_on", "-id").values("value")[:1]),
        lapsed_on=Subquery(lapsed.order_by("-happened_on", "-id").values("happened_on")[:1]),
    )


def standing(target: Any) -> Standing:
    """
    Return where a person stands with a goal, from a row of `with_standing`.

    That somebody wants the treatment, family too, counts as mandated: it is pressure that is named first. Strain that
    the therapist felt in the newest session where it was noted comes before strain that is noted beside a mandate. Days
    are those of the calendar that the request shows.
    """
    answers = {ruler: getattr(target, f"now_{ruler.value}") for ruler in Ruler}
    felt = target.felt_discord
    in_session = felt is not None and felt >= rules.STRONG_DISCORD
    suggested = rules.mi_intensity(
        target.now_stage, answers[Ruler.READINESS], answers[Ruler.IMPORTANCE], answers[Ruler.CONFIDENCE],
        mandated=target.is_mandated, discord=felt if in_session else target.discord,
        lapse_days=returns.days_since(target.lapsed_on, timezone.localdate()) if target.lapsed_on else None,
    )  # fmt: skip
    said = target.now_choice or {}
    # A choice of what was suggested takes an earlier one back: from then on the rule holds.
    otherwise = said and said["chosen"] != said["suggested"]
    working = Intensity(said["chosen"]) if otherwise else suggested.intensity
    on_mandate = suggested.row == ON_PRESSURE and not in_session
    return Standing(target, target.now_stage, answers, suggested, working, on_mandate)


def find_standing(target: ChangeTarget) -> Standing:
    """Return where a person stands with one goal."""
    return standing(with_standing(ChangeTarget.objects.filter(pk=target.pk)).get())


def sole_target(client_id: int) -> int | None:
    """Return the key of the one goal of a person that is not set aside; None unless there is exactly one."""
    rows = ChangeTarget.objects.filter(_of_person(client_id), is_active=True).order_by("id")
    return only(rows.values_list("pk", flat=True)[:2])


def only(keys: Iterable[int]) -> int | None:
    """Return the key where there is exactly one."""
    found = list(keys)
    return found[0] if len(found) == 1 else None


def _of_person(client_id: int) -> Q:
    """Return the condition on rows of a person, by whichever of their records."""
    current = Client.objects.filter(pk=client_id).values(key=Coalesce("merged_into_id", "pk"))
    return Q(client_id__in=current) | Q(client__merged_into_id__in=current)


def standings_of(client_id: int, user: User) -> list[Standing]:
    """
    Return where a person stands with each goal that is not set aside, as far as `user` may see it.

    Goals of records joined with theirs are among them.
    """
    rows = ChangeTarget.objects.permitted(user, VIEW).filter(_of_person(client_id), is_active=True)
    return [standing(row) for row in with_standing(rows).order_by("id")]


@dataclass(frozen=True)
class Asked:
    """The answers of one day and source, in the order of the rulers, and what was said to them."""

    on: date
    by: str
    in_session: bool
    values: list[int | None]
    said: list[tuple[str, str, str]]


@dataclass(frozen=True)
class Moved:
    """
    What a goal's page tells of the way so far, the newest first.

    swing   of readiness
    """

    asked: list[Asked]
    stages: list[StageRating]
    choices: list[IntensityChoice]
    swing: Swing


def moved(target: ChangeTarget) -> Moved:
    """Return the answers, stages and choices of one goal, by three statements; at most 50 days of answers."""
    about = {"target_id": target.pk}
    readings = list(
        RulerReading.objects.filter(**about).select_related("taken_by").order_by("-taken_on", "-id")[: HISTORY * 3]
    )
    readiness = [row.value for row in reversed(readings) if row.ruler == Ruler.READINESS]
    rated = StageRating.objects.filter(**about).select_related("rated_by").order_by("-rated_on", "-id")
    choices = IntensityChoice.objects.filter(**about).select_related("chosen_by").order_by("-id")
    return Moved(_asked(readings), list(rated[:HISTORY]), list(choices[:HISTORY]), rules.swing(readiness))


def _asked(readings: Sequence[RulerReading]) -> list[Asked]:
    """Return readings that were taken together as one: on the same day, in the same session or outside of one."""
    together: dict[Any, dict[str, RulerReading]] = {}
    turn = 0
    for row in readings:
        key = (row.taken_on, row.appointment_id, turn)
        if row.ruler in together.get(key, {}):
            # Asked twice on one day: the next set.
            turn += 1
            key = (row.taken_on, row.appointment_id, turn)
        together.setdefault(key, {})[row.ruler] = row
    return [_set(rows) for rows in together.values()]


def _set(rows: dict[str, RulerReading]) -> Asked:
    first = next(iter(rows.values()))
    ordered: Iterable[RulerReading | None] = [rows.get(ruler.value) for ruler in Ruler]
    values = [row.value if row is not None else None for row in ordered]
    said = [
        (row.get_ruler_display(), row.why_not_lower or "", row.what_would_raise or "")
        for ruler in Ruler
        if (row := rows.get(ruler.value)) is not None and (row.why_not_lower or row.what_would_raise)
    ]
    return Asked(first.taken_on, first.taken_by.name, first.appointment_id is not None, values, said)

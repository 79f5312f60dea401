"""What a person wants to change: written down, corrected, set aside, and where they stand with it as time goes by."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from clients.models import ChangeTarget, Client, IntensityChoice, RulerReading, StageRating
from clients.rules.clock import civil_date
from clients.rules.motivation import Intensity, Ruler
from clinics import audit
from clinics.models import User
from clinics.versions import lock_version


class NoGoal(ValueError):
    """Nothing is left of what they want to change."""

    field = "goal"

    def __init__(self) -> None:
        super().__init__("Write what they want to change, the way they say it.")


class SetAside(ValueError):
    """The goal was set aside: nothing new is noted about it."""

    field = ""

    def __init__(self) -> None:
        super().__init__("This goal is set aside. Its history stays; nothing is added to it.")


class NothingAsked(ValueError):
    """No ruler has an answer."""

    field = "importance"

    def __init__(self) -> None:
        super().__init__("Choose a number on at least one ruler.")


class WordsAlone(ValueError):
    """Something was said to a ruler that has no number."""

    def __init__(self, ruler: str) -> None:
        super().__init__("Choose the number that this was said to.")
        self.field = ruler


class AsSuggested(ValueError):
    """What was chosen is what is suggested, and nothing else was noted before."""

    field = "chosen"

    def __init__(self) -> None:
        super().__init__("This is what is suggested. There is nothing to note.")


@dataclass(frozen=True)
class Terms:
    """
    A goal as it is written down.

    goal       what is to change, in a few words
    kind       a key of `stages.KINDS`
    direction  a key of `stages.DIRECTIONS`; empty: not said
    own_words  how the person says it; may be empty
    """

    goal: str
    kind: str = "other"
    direction: str = ""
    own_words: str = ""


@dataclass(frozen=True)
class Answer:
    """An answer on a ruler, 0 to 10, and what the person said to it."""

    value: int | None
    why_not_lower: str = ""
    what_would_raise: str = ""


@transaction.atomic
def add(*, client: Client, terms: Terms, by: User) -> ChangeTarget:
    """
    Keep what a person wants to change.

    :raises NoGoal: nothing is written
    """
    target = ChangeTarget(clinic=client.clinic, client=client)
    _put(target, terms)
    target.save()
    audit.record("change_target.added", target, by=by, detail={"kind": target.kind})
    return target


@transaction.atomic
def change(*, target: ChangeTarget, version: int, terms: Terms, by: User) -> ChangeTarget:
    """
    Correct what a person wants to change. Set aside or not, its words may be put right.

    version   the version that was read
    :raises Stale: somebody saved it in the meantime
    :raises NoGoal: nothing is written
    """
    target = lock_version(target, version)
    before = _kept(target)
    _put(target, terms)
    after = _kept(target)
    changed = sorted(name for name, value in after.items() if before[name] != value)
    if changed:
        target.save(update_fields=[*changed, "version"])
        audit.record("change_target.changed", target, by=by, detail={"fields": changed})
    return target


@transaction.atomic
def set_aside(*, target: ChangeTarget, by: User) -> ChangeTarget:
    """Set a goal aside; again changes nothing. Its words stay: codings and plans were made against them."""
    current = _locked(target)
    if current.is_active:
        current.is_active = False
        current.version += 1
        current.save(update_fields=["is_active", "version"])
        audit.record("change_target.ended", current, by=by)
    target.is_active, target.version = current.is_active, current.version
    return target


@transaction.atomic
def take_up(*, target: ChangeTarget, by: User) -> ChangeTarget:
    """Take up a goal again that was set aside, with its history; one that stands is left as it is."""
    current = _locked(target)
    if not current.is_active:
        current.is_active = True
        current.version += 1
        current.save(update_fields=["is_active", "version"])
        audit.record("change_target.taken_up", current, by=by)
    target.is_active, target.version = current.is_active, current.version
    return target


@transaction.atomic
def rate_stage(*, target: ChangeTarget, stage: str, basis: str, by: User, now: datetime) -> StageRating:
    """
    Note the stage of change as a clinician rates it today. Final: a later rating stands beside it.

    stage, basis   keys of `stages.STAGES` and `stages.BASES`
    :raises SetAside: the goal is set aside
    """
    current = _standing(target)
    rated: StageRating = StageRating.objects.create(
        clinic_id=current.clinic_id, client_id=current.client_id, target=current, stage=stage, basis=basis,
        rated_on=civil_date(now, ZoneInfo(current.clinic.time_zone)), rated_by=by,
    )  # fmt: skip
    audit.record("stage.rated", rated, by=by, detail={"stage": stage, "basis": basis})
    return rated


@transaction.atomic
def take_rulers(
    *, target: ChangeTarget, answers: Mapping[Ruler, Answer], by: User, now: datetime
) -> list[RulerReading]:
    """
    Note the numbers a person gives for one goal between sessions, and what they said to them.

    answers   by ruler; one without a value was not asked
    :raises SetAside: the goal is set aside
    :raises NothingAsked: no ruler has a value
    :raises WordsAlone: words without their number
    """
    current = _standing(target)
    made = []
    for ruler in Ruler:
        answer = answers.get(ruler, Answer(None))
        said = {"why_not_lower": _tidy(answer.why_not_lower), "what_would_raise": _tidy(answer.what_would_raise)}
        if answer.value is None:
            if any(said.values()):
                raise WordsAlone(ruler.value)
            continue
        made.append(
            RulerReading(
                clinic_id=current.clinic_id, client_id=current.client_id, target=current, ruler=ruler.value,
                value=answer.value, taken_on=civil_date(now, ZoneInfo(current.clinic.time_zone)), taken_by=by,
                **{name: words or None for name, words in said.items()},
            )
        )  # fmt: skip
    if not made:
        raise NothingAsked
    RulerReading.objects.bulk_create(made)
    audit.record("rulers.taken", current, by=by, detail={"rulers": [reading.ruler for reading in made]})
    return made


@transaction.atomic
def choose_intensity(
    *, target: ChangeTarget, suggested: Intensity, working: Intensity, chosen: Intensity, reason: str, by: User
) -> IntensityChoice:
    """
    Note that a clinician works otherwise than the rule suggests, or as it suggests again, and why.

    suggested   what the rule answers now
    working     what holds now: the last choice, else what is suggested
    :raises SetAside: the goal is set aside
    :raises AsSuggested: there is nothing to note
    """
    current = _standing(target)
    if chosen == suggested == working:
        raise AsSuggested
    choice: IntensityChoice = IntensityChoice(
        clinic_id=current.clinic_id, client_id=current.client_id, target=current, suggested=suggested.value,
        chosen=chosen.value, reason=_tidy(reason), chosen_by=by,
    )  # fmt: skip
    choice.save()
    audit.record("intensity.chosen", choice, by=by, detail={"suggested": suggested.value, "chosen": chosen.value})
    return choice


def _locked(target: ChangeTarget) -> ChangeTarget:
    rows = ChangeTarget.objects.select_for_update(of=("self",)).select_related("clinic")
    found: ChangeTarget = rows.get(pk=target.pk)
    return found


def _standing(target: ChangeTarget) -> ChangeTarget:
    """Return the goal, held until the transaction ends; one that is set aside takes nothing new."""
    current = _locked(target)
    if not current.is_active:
        raise SetAside
    return current


def _put(target: ChangeTarget, terms: Terms) -> None:
    target.goal = _tidy(terms.goal)
    if not target.goal:
        raise NoGoal
    target.kind, target.direction = terms.kind, terms.direction
    target.own_words = _tidy(terms.own_words) or None


def _kept(target: ChangeTarget) -> dict[str, object]:
    return {name: getattr(target, name) for name in ("goal", "kind", "direction", "own_words")}


def _tidy(words: str) -> str:
    return words.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n").strip()

"""Cravings and returns to use: written down, looked back on, taken back. Neither ends a stay."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from clients.models import CaseloadAssignment, ChangeTarget, Client, Craving, Lapse, RelapsePlan, Task
from clients.models.people import person_of
from clients.rules import clocks
from clients.rules import returns as rules
from clients.rules.clock import civil_date
from clients.rules.returns import Wrong
from clients.services import targets, tasks
from clinics import audit
from clinics.models import User
from clinics.models.people import in_force
from clinics.roles import Role
from clinics.selectors.staff import staff_now

TASK = Task.Kind.LAPSE


class TakenBack(ValueError):
    """It was taken back already."""

    field = ""

    def __init__(self) -> None:
        super().__init__("This is taken back already. It stays in the record and counts nowhere.")


class LookedBack(ValueError):
    """A return to use that was looked back on stands."""

    field = ""

    def __init__(self) -> None:
        super().__init__("This return to use was looked back on already, and stands.")


class NoReason(Wrong):
    """Nothing is taken back without a reason."""

    def __init__(self) -> None:
        super().__init__("reason", "Write why this is taken back.")


@dataclass(frozen=True)
class Felt:
    """
    A craving as it is written down.

    felt_at            aware instant
    intensity, helped  0 to 10; how strong it was, how much what was tried helped
    used               they used after all
    coping             what was tried, one thing a line
    """

    felt_at: datetime
    intensity: int
    used: bool
    minutes: int | None = None
    situation: str = ""
    coping: str = ""
    helped: int | None = None


@dataclass(frozen=True)
class Happened:
    """
    A return to use as it is written down.

    target      the goal it is about; None: no one goal
    substance   a key of `rules.SUBSTANCES`; empty: not said
    """

    happened_on: date
    target: ChangeTarget | None = None
    substance: str = ""
    amount: str = ""
    situation: str = ""


@transaction.atomic
def note_craving(*, client: Client, felt: Felt, by: User, now: datetime) -> Craving:
    """
    Write down a craving. It is final; one that was written down in error is taken back.

    :raises Wrong: something of it cannot be
    """
    rules.require_craving(
        felt_at=felt.felt_at, now=now, intensity=felt.intensity, minutes=felt.minutes, helped=felt.helped
    )
    coping = _tidy(felt.coping)
    if felt.helped is not None and not coping:
        raise Wrong("coping", "Write what they tried that helped so much, or leave out how much it helped.")
    craving = Craving(
        clinic=client.clinic, client=client, felt_at=felt.felt_at, intensity=felt.intensity, minutes=felt.minutes,
        situation=_tidy(felt.situation) or None, used=felt.used, coping=coping or None, helped=felt.helped,
        recorded_by=by,
    )  # fmt: skip
    craving.save()
    audit.record("craving.noted", craving, by=by, detail={"used": felt.used})
    return craving


@transaction.atomic
def take_back_craving(*, craving: Craving, reason: str, by: User, now: datetime) -> Craving:
    """
    Take back a craving that was written down in error; it stays in the record and counts nowhere.

    :raises NoReason: nothing was written
    :raises TakenBack: it was taken back already
    """
    words = _tidy(reason)
    if not words:
        raise NoReason
    held: Craving = Craving.objects.select_for_update(of=("self",)).get(pk=craving.pk)
    if held.undone_at is not None:
        raise TakenBack
    held.undone_at, held.undone_by, held.undo_reason = now, by, words
    held.save(update_fields=["undone_at", "undone_by", "undo_reason"])
    audit.record("craving.taken_back", held, by=by)
    return held


@transaction.atomic
def record(*, client: Client, happened: Happened, rate_stage: bool, by: User, now: datetime) -> Lapse:
    """
    Write down a return to use, and owe a look back within seven days. It ends no stay, no plan and no goal.

    rate_stage   rate the stage of the goal as returned to use as well, because the clinician says so
    :raises Wrong: something of it cannot be
    :raises SetAside: the stage of a goal that is set aside is not rated
    """
    zone = ZoneInfo(client.clinic.time_zone)
    today = civil_date(now, zone)
    rules.require_return(happened_on=happened.happened_on, today=today, substance=happened.substance)
    target = happened.target
    if target is not None and target.client_id not in client.record_keys:
        raise Wrong("target", "Choose one of their goals.")
    if rate_stage and target is None:
        raise Wrong("target", "Choose the goal whose stage is rated.")
    lapse = Lapse(
        clinic=client.clinic, client=client, target=target, happened_on=happened.happened_on,
        substance=happened.substance, amount=_tidy(happened.amount) or None,
        situation=_tidy(happened.situation) or None, recorded_by=by, review_due_on=rules.review_due(today),
    )  # fmt: skip
    lapse.save()
    audit.record("lapse.recorded", lapse, by=by, detail={"rated": rate_stage})
    tasks.owe_about(
        kind=TASK, about=lapse, client=client, owner=_therapist(client, by), role=Role.SUPERVISOR,
        due_at=clocks.day_end(lapse.review_due_on, zone), by=by,
    )  # fmt: skip
    if rate_stage and target is not None:
        targets.rate_stage(target=target, stage="rec", basis="interview", by=by, now=now)
    return lapse


@transaction.atomic
def look_back(*, lapse: Lapse, learning: str, plan_changed: bool, by: User, now: datetime) -> Lapse:
    """
    Write down what a return to use taught. It is final, and settles what was owed.

    plan_changed   the plan for return to use was written anew since it happened
    :raises Wrong: nothing is written, or no revision of the plan is newer
    :raises TakenBack: it was taken back
    :raises LookedBack: it was looked back on already
    """
    words = _tidy(learning)
    if not words:
        raise Wrong("learning", "Write what it taught, in their words where you can.")
    held = _open(lapse)
    if plan_changed and not newer_plan(held):
        raise Wrong("plan_changed", "The plan was not written anew since it happened. Write it anew first, or say no.")
    held.reviewed_at, held.reviewed_by = now, by
    held.learning, held.plan_changed = words, plan_changed
    held.save(update_fields=["reviewed_at", "reviewed_by", "learning", "plan_changed"])
    audit.record("lapse.looked_back", held, by=by, detail={"plan_changed": plan_changed})
    tasks.settle_about(kind=TASK, about=held, by=by)
    return held


@transaction.atomic
def take_back(*, lapse: Lapse, reason: str, by: User, now: datetime) -> Lapse:
    """
    Take back a return to use that was written down in error; it stays in the record and counts nowhere.

    A stage that was rated along with it stays: another rating stands beside it.

    :raises NoReason: nothing was written
    :raises TakenBack: it was taken back already
    :raises LookedBack: it was looked back on
    """
    words = _tidy(reason)
    if not words:
        raise NoReason
    held = _open(lapse)
    held.undone_at, held.undone_by, held.undo_reason = now, by, words
    held.save(update_fields=["undone_at", "undone_by", "undo_reason"])
    audit.record("lapse.taken_back", held, by=by)
    tasks.settle_about(kind=TASK, about=held, by=by)
    return held


def newer_plan(lapse: Lapse) -> bool:
    """Tell whether the plan for return to use was written anew on the day of a return to use, or later."""
    zone = ZoneInfo(lapse.clinic.time_zone)
    since = clocks.day_start(lapse.happened_on, zone)
    return bool(RelapsePlan.objects.filter(client_id__in=person_of(lapse).record_keys, made_at__gte=since).exists())


def _open(lapse: Lapse) -> Lapse:
    """Return a return to use, held until the transaction ends, that was neither taken back nor looked back on."""
    rows = Lapse.objects.select_for_update(of=("self",)).select_related("clinic", "client__merged_into")
    held: Lapse = rows.get(pk=lapse.pk)
    if held.undone_at is not None:
        raise TakenBack
    if held.reviewed_at is not None:
        raise LookedBack
    return held


def _therapist(client: Client, by: User) -> User | None:
    """Return who owes the look back: who writes, where they have the person, else who has had them longest."""
    rows = CaseloadAssignment.objects.filter(in_force(), client_id__in=client.record_keys)
    has = list(rows.order_by("starts_at", "pk").values_list("user_id", flat=True))
    here = {user.pk: user for user in staff_now(client.clinic_id, Role.THERAPIST).filter(pk__in=has)}
    return here.get(by.pk) or next((here[pk] for pk in has if pk in here), None)


def _tidy(words: str) -> str:
    return words.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n").strip()

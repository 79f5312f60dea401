"""
Measures: answers kept with their scores in one go, taken back with a reason, and asked again in time.

Nothing holds saving up: answers that are not complete are kept as they are, and safety's rules look at them all the
same. Source: shared/domain/care.md 2.5.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef

from clients.models import (
    CaseloadAssignment,
    Client,
    Episode,
    MeasureLink,
    MeasureResponse,
    MeasureSchedule,
    MeasureScore,
    Task,
)
from clients.rules import clocks, safety
from clients.rules import measures as rules
from clients.rules.clock import civil_date
from clients.selectors import measures as selectors
from clients.selectors.measures import Offered
from clients.services import tasks
from clients.services.safety import raise_for_person
from clinics import audit
from clinics.instruments import measuring
from clinics.instruments.definition import Definition
from clinics.instruments.figures import Figure, rounded
from clinics.instruments.scoring import ENGINE_VERSION, BadRating, score
from clinics.models import Clinic, User
from clinics.models.people import in_force
from clinics.roles import Role
from clinics.versions import lock_version

TASK = Task.Kind.MEASURE
DECIMALS = 6


class Wrong(ValueError):
    """An answer that is not on its scale; `field` is the item."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class NothingAnswered(Wrong):
    """A measure without a single answer says nothing."""

    def __init__(self) -> None:
        super().__init__("Answer at least one question.")


class NotYet(Wrong):
    """What somebody answers tomorrow cannot be written down today."""

    def __init__(self) -> None:
        super().__init__("This day is still to come. Choose today or earlier.", "taken_on")


class NoReason(ValueError):
    """Answers are taken back with a reason only."""

    field = "reason"

    def __init__(self) -> None:
        super().__init__("Write why these answers are taken back.")


class TakenBack(ValueError):
    """These answers were taken back already."""

    def __init__(self) -> None:
        super().__init__("These answers were taken back in the meantime.")


class NotInUse(ValueError):
    """The clinic does not use this measure now."""

    field = "key"

    def __init__(self) -> None:
        super().__init__("This clinic does not use that measure now.")


class EndedAlready(ValueError):
    """This schedule was ended in the meantime."""

    def __init__(self) -> None:
        super().__init__("This was ended in the meantime.")


@transaction.atomic
def record(
    *,
    client: Client,
    offered: Offered,
    answers: Mapping[str, int],
    taken_on: date,
    source: str,
    by: User | None,
    now: datetime,
    link: MeasureLink | None = None,
) -> MeasureResponse:
    """
    Keep what a person answered, its scores, and every concern that an answer raises.

    answers    item to its value in the smallest unit; one that was left out is absent
    taken_on   today or earlier, by the clinic's calendar
    by         who asked; None where a link was answered
    :raises NothingAnswered: no answer at all
    :raises NotYet: the day is still to come
    :raises Wrong: a value is not on its scale, or the measure has no such question
    """
    definition = offered.definition
    zone = ZoneInfo(client.clinic.time_zone)
    if taken_on > civil_date(now, zone):
        raise NotYet
    if not answers:
        raise NothingAnswered
    for key, value in answers.items():
        item = definition.items.get(key)
        if item is None or item.scale is None or value not in item.scale:
            raise Wrong(f"{key}: choose one of the answers of this question.", key)
    try:
        figures = score(definition, {}, dict(answers))
    except BadRating as error:
        raise Wrong(str(error)) from None
    today = civil_date(now, zone)
    taken_at = now if taken_on == today else min(clocks.day_end(taken_on, zone), now)
    response = MeasureResponse(
        clinic=client.clinic, client=client, instrument=offered.instrument, link=link, source=source, taken_on=taken_on,
        taken_at=taken_at, taken_by=by, answers=dict(answers),
        complete=not measuring.unanswered(definition, answers),
    )  # fmt: skip
    before = selectors.history(client, definition.key, until=taken_at) if _looks_back(definition) else {}
    response.save()
    _keep_scores(response, offered, figures, selectors.sex_of(client))
    audit.record(
        "measure.recorded", response, by=by,
        detail={"measure": definition.key, "source": source, "complete": response.complete},
    )  # fmt: skip
    fired = measuring.fired(definition, answers, figures, {key: values[-1] for key, values in before.items()})
    findings = safety.of_triggers((one.about, one.code) for one in fired)
    raise_for_person(client=client, findings=findings, response=response, by=by, now=now)
    _move_on(client, definition.key, taken_on, by)
    return response


def _looks_back(definition: Definition) -> bool:
    return any(trigger.rises is not None for trigger in definition.triggers)


def _keep_scores(response: MeasureResponse, offered: Offered, figures: Mapping[str, Figure], sex: str) -> None:
    MeasureScore.objects.bulk_create(
        MeasureScore(
            clinic_id=response.clinic_id, response=response, score_key=key, value=_stored(figure),
            band=measuring.level(offered.definition.score_by_key[key], figure, sex),
            reason=figure.reason.value if figure.reason is not None else "", engine_version=ENGINE_VERSION,
        )
        for key, figure in figures.items()
    )  # fmt: skip


def _stored(figure: Figure) -> Decimal | None:
    return rounded(figure.value, DECIMALS) if figure.value is not None else None


@transaction.atomic
def take_back(*, response: MeasureResponse, reason: str, by: User, now: datetime) -> MeasureResponse:
    """
    Take answers back that were entered in error; they stay in the record and count nowhere.

    Concerns that they raised stay open until a clinician has reviewed them.

    :raises NoReason: nothing was written
    :raises TakenBack: they were taken back already
    """
    text = reason.replace("\x00", "").strip()
    if not text:
        raise NoReason
    held: MeasureResponse = MeasureResponse.objects.select_for_update(of=("self",)).get(pk=response.pk)
    if held.undone_at is not None:
        raise TakenBack
    held.undone_at, held.undone_by, held.undo_reason = now, by, text
    held.save(update_fields=["undone_at", "undone_by", "undo_reason"])
    audit.record("measure.taken_back", held, by=by)
    return held


# --- asked again in time --------------------------------------------------------------------------------------------


@transaction.atomic
def plan(
    *, client: Client, key: str, every_days: int, next_due_on: date, by: User, version: int | None = None
) -> MeasureSchedule:
    """
    Say how often a person answers a measure, and when next; one that runs already is changed.

    version   of the schedule that was read, None where there was none
    :raises NotInUse: the clinic does not use this measure
    :raises Stale: somebody changed it in the meantime
    """
    if selectors.find_offered(key) is None:
        raise NotInUse
    running = selectors.schedules_of(client).filter(key=key, ended_at=None).order_by("pk").first()
    if running is not None:
        schedule = lock_version(running, version or 0)
        schedule.every_days, schedule.next_due_on = every_days, next_due_on
        schedule.save(update_fields=["every_days", "next_due_on", "version"])
        tasks.settle_about(kind=TASK, about=schedule, by=by)
    else:
        schedule = MeasureSchedule(
            clinic=client.clinic, client=client, key=key, every_days=every_days, next_due_on=next_due_on, started_by=by
        )
        schedule.save()
    audit.record("measure.planned", schedule, by=by, detail={"measure": key, "every_days": every_days})
    return schedule


@transaction.atomic
def end_plan(*, schedule: MeasureSchedule, version: int, by: User, now: datetime) -> MeasureSchedule:
    """
    Ask a person no longer for a measure.

    :raises Stale: somebody changed it in the meantime
    :raises EndedAlready: it was ended
    """
    held = lock_version(schedule, version)
    if held.ended_at is not None:
        raise EndedAlready
    held.ended_at = now
    held.save(update_fields=["ended_at", "version"])
    tasks.settle_about(kind=TASK, about=held, by=by)
    audit.record("measure.plan_ended", held, by=by, detail={"measure": held.key})
    return held


def _move_on(client: Client, key: str, taken_on: date, by: User | None) -> None:
    """Count the next time from the day on which it was answered, never back."""
    running = selectors.schedules_of(client).filter(key=key, ended_at=None).select_for_update(of=("self",))
    for schedule in running:
        due_on = rules.next_due(taken_on, schedule.every_days)
        if due_on > schedule.next_due_on:
            schedule.next_due_on = due_on
            schedule.version += 1
            schedule.save(update_fields=["next_due_on", "version"])
            tasks.settle_about(kind=TASK, about=schedule, by=by)


@transaction.atomic
def owe_due(*, clinic: Clinic, now: datetime) -> int:
    """
    Put the measures that are due on the therapists' lists, of people in care; return how many were new.

    One that was marked as done without being answered is not owed again before its next time.
    """
    zone = ZoneInfo(clinic.time_zone)
    in_care = Episode.objects.filter(client_id=OuterRef("client_id"), status=Episode.Status.OPEN)
    due = MeasureSchedule.objects.filter(
        Exists(in_care), ended_at=None, next_due_on__lte=civil_date(now, zone)
    ).select_related("client")  # fmt: skip
    rows = {tasks.key_about(TASK, one): one for one in due.order_by("next_due_on", "pk")[:500]}
    # Of several of one schedule the last counts.
    known = dict(Task.objects.filter(key__in=list(rows)).order_by("due_at").values_list("key", "due_at"))
    therapists = _therapists({one.client_id for one in rows.values()})
    made = 0
    for key, schedule in rows.items():
        due_at = clocks.day_end(schedule.next_due_on, zone)
        if key in known and known[key] >= due_at:
            continue
        schedule.client.clinic = clinic
        tasks.owe_about(
            kind=TASK, about=schedule, client=schedule.client, owner=therapists.get(schedule.client_id),
            role=Role.THERAPIST, by=None, due_at=due_at,
        )  # fmt: skip
        made += 1
    return made


def _therapists(clients: set[int]) -> dict[int, User]:
    rows = CaseloadAssignment.objects.filter(in_force(), client_id__in=clients).select_related("user")
    found: dict[int, User] = {}
    for row in rows.order_by("starts_at", "pk"):
        found.setdefault(row.client_id, row.user)
    return found

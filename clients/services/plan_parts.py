"""The parts of a draft of a treatment plan: adding, changing, moving and removing them, and what each must say."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from clients.models import Assessment, Client, PlanVersion, RulerReading
from clients.models.people import person_of
from clients.models.plans import PlanPart
from clients.rules import motivation
from clients.rules import plans as rules
from clients.rules.clock import civil_date
from clients.rules.plan_content import BELOW, FIELDS, UNDER, Kind
from clients.rules.plans import Wrong
from clients.selectors.plans import MODELS, above_of, kind_of
from clients.services.plans import NotADraft, locked_version, tidy
from clinics import audit
from clinics.models import User
from clinics.versions import lock_version

# Texts of a part; a blank one is kept as none, but for the first two.
TEXTS = frozenset(
    {"text", "metric", "client_words", "value_link", "commitment", "gate_reason", "relevance", "unit", "diagnosis"}
)
NEVER_NULL = frozenset({"unit", "diagnosis", "metric"})


def _drafted(version: PlanVersion) -> PlanVersion:
    """
    Return a draft, held until the transaction ends, with its version raised: a part of it is about to change.

    :raises NotADraft: it is none
    """
    held = locked_version(version)
    if held.state != "draft":
        raise NotADraft(held.state)
    held.version += 1
    held.save(update_fields=["version"])
    return held


@transaction.atomic
def add_part(
    *,
    version: PlanVersion,
    kind: Kind,
    values: Mapping[str, Any],
    under: PlanPart | None = None,
    by: User,
    now: datetime,
) -> Any:
    """
    Add a part to a draft, as the last of its brothers.

    under    the part of the same draft that it stands under; None for a problem
    values   by field of `FIELDS`; one that is not named is empty
    :raises NotADraft: the version is none
    :raises Wrong: something is missing or cannot be
    """
    held = _drafted(version)
    place = _place(held, kind, under)
    if sum(model.objects.filter(plan_version=held).count() for model in MODELS.values()) >= rules.MOST_PARTS:
        raise Wrong("", f"A plan has at most {rules.MOST_PARTS} parts. Remove what is no longer needed.")
    row = MODELS[kind](clinic_id=held.clinic_id, plan_version=held, position=_last(held, kind, place) + 1, **place)
    _fill(row, kind, values, held, now)
    row.save(force_insert=True)
    _record("plan_part.added", row, held, by)
    return row


@transaction.atomic
def change_part(
    *,
    part: PlanPart,
    version: int,
    values: Mapping[str, Any],
    under: PlanPart | None = None,
    by: User,
    now: datetime,
) -> Any:
    """
    Change a part of a draft; what is not named stays.

    version   of the part, as it was read
    under     another part to put it under; None: it stays where it is
    :raises Stale: somebody saved it in the meantime
    :raises NotADraft: the version is none
    :raises Wrong: something is missing or cannot be
    """
    kind = kind_of(part)
    held = _drafted(part.plan_version)
    row: Any = lock_version(part, version)
    before = {name: getattr(row, name) for name in FIELDS[kind]}
    _fill(row, kind, {**before, **values}, held, now)
    changed = sorted(name for name in FIELDS[kind] if getattr(row, name) != before[name])
    above = above_of(row)
    if under is not None and above is not None and under.pk != above.pk:
        for name, value in _place(held, kind, under).items():
            row.position = _last(held, kind, {name: value}) + 1
            setattr(row, name, value)
            changed += [name, "position"]
    if changed:
        row.save(update_fields=[*changed, "version"])
        _record("plan_part.changed", row, held, by, fields=changed)
    return row


@transaction.atomic
def move_part(*, part: PlanPart, steps: int, by: User) -> Any:
    """
    Move a part of a draft among its brothers: up by -1, down by 1; at the end it stays.

    :raises NotADraft: the version is none
    """
    kind = kind_of(part)
    held = _drafted(part.plan_version)
    row: Any = type(part)._default_manager.get(pk=part.pk)
    above = UNDER.get(kind)
    family = {} if above is None else {above.value: getattr(row, f"{above.value}_id")}
    brothers = list(MODELS[kind].objects.filter(plan_version=held, **family).order_by("position", "pk"))
    at = [one.pk for one in brothers].index(row.pk)
    to = min(max(at + steps, 0), len(brothers) - 1)
    brothers.insert(to, brothers.pop(at))
    for place, one in enumerate(brothers, start=1):
        if one.position != place:
            one.position = place
            one.version += 1
            one.save(update_fields=["position", "version"])
    if to != at:
        _record("plan_part.moved", row, held, by)
    return row


@transaction.atomic
def remove_part(*, part: PlanPart, by: User) -> int:
    """
    Remove a part from a draft with everything under it; return how many parts went.

    :raises NotADraft: the version is none
    """
    held = _drafted(part.plan_version)
    levels: list[tuple[type[Any], list[int]]] = [(type(part), [part.pk])]
    kind = kind_of(part)
    while (below := BELOW.get(kind)) is not None:
        keys = levels[-1][1]
        under = MODELS[below].objects.filter(plan_version=held, **{f"{kind.value}_id__in": keys})
        levels.append((MODELS[below], list(under.values_list("pk", flat=True))))
        kind = below
    gone = sum(len(keys) for _model, keys in levels)
    _record("plan_part.removed", part, held, by, n=gone)
    for model, keys in reversed(levels):
        model.objects.filter(pk__in=keys).delete()
    return gone


def _record(action: str, row: PlanPart, version: PlanVersion, by: User, **detail: Any) -> None:
    about = {"kind": kind_of(row).value, "version": str(version.public_id), **detail}
    audit.record(action, row, by=by, client_id=version.client_id, detail=about)


def _place(version: PlanVersion, kind: Kind, under: PlanPart | None) -> dict[str, Any]:
    """Return what a part stands under, as its column; the same draft and the right kind."""
    above = UNDER.get(kind)
    if above is None:
        return {}
    if under is None or kind_of(under) is not above or under.plan_version_id != version.pk:
        raise Wrong("under", "Choose what it stands under, in the same draft.")
    return {above.value: under}


def _last(version: PlanVersion, kind: Kind, place: Mapping[str, Any]) -> int:
    rows = MODELS[kind].objects.filter(plan_version=version, **place).order_by("-position")
    found: int | None = rows.values_list("position", flat=True).first()
    return found or 0


# --- what a part must say -------------------------------------------------------------------------------------------


def _fill(row: Any, kind: Kind, values: Mapping[str, Any], version: PlanVersion, now: datetime) -> None:
    """Set the fields of a part, those that are not named to nothing, after asking whether they can stand."""
    said = {name: values.get(name) for name in FIELDS[kind]}
    for name in TEXTS & said.keys():
        said[name] = tidy(said[name]) or ("" if name in NEVER_NULL else None)
    plan_version = version
    plan_version.clinic = plan_version.plan.clinic
    client = person_of(plan_version)
    today = civil_date(now, ZoneInfo(plan_version.clinic.time_zone))
    checks = {Kind.PROBLEM: _problem, Kind.GOAL: _goal, Kind.OBJECTIVE: _objective, Kind.INTERVENTION: _intervention}
    checks[kind](row, said, client, today)
    for name, value in said.items():
        if value is not None or row._meta.get_field(name).null:
            setattr(row, name, value)


def _need(said: Mapping[str, Any], **sentences: str) -> None:
    for name, sentence in sentences.items():
        if said[name] in (None, ""):
            raise Wrong(name, sentence)


def _of_person(row: Any, client: Client) -> bool:
    return row.client_id in client.record_keys


def _problem(row: Any, said: dict[str, Any], client: Client, today: date) -> None:
    _need(said, text="Write what makes life hard.", evidence="Choose what shows it.")
    said["priority"] = said["priority"] or 2
    evidence = said["evidence"]
    for name, code in (("assessment", "assessment"), ("response", "measure")):
        if evidence != code:
            said[name] = None
        elif said[name] is None or not _of_person(said[name], client):
            raise Wrong("evidence", "Choose an assessment or a measure of this person.")
    if evidence == "assessment" and said["assessment"].state != Assessment.State.SIGNED:
        raise Wrong("evidence", "This assessment is not signed yet. Choose one that is, or what the person said.")
    if evidence == "measure" and said["response"].undone_at is not None:
        raise Wrong("evidence", "These answers were taken back. Choose others, or what the person said.")
    if evidence == "statement" and not said["client_words"]:
        raise Wrong("client_words", "Write how they say it: their words are what shows it.")


def _goal(row: Any, said: dict[str, Any], client: Client, today: date) -> None:
    _need(said, text="Write the goal.", proposed_by="Choose who proposed it.")
    said["phase"] = said["phase"] or "explore_motivation"
    said["status"] = said["status"] or "active"
    target = said["target"]
    if target is not None and not _of_person(target, client):
        raise Wrong("target", "Choose something this person wants to change.")
    readiness, importance = _readings(target)
    allowed, why = rules.gate(
        phase=said["phase"], readiness=readiness, importance=importance, commitment=said["commitment"] or "",
        reason=said["gate_reason"] or "",
    )  # fmt: skip
    if not allowed:
        raise Wrong("phase", why)


def _readings(target: Any) -> tuple[int | None, int | None]:
    """Return the latest readiness and importance that were given for a change; None where one was not asked."""
    if target is None:
        return None, None
    rows = RulerReading.objects.filter(target=target).order_by("taken_on", "pk").values_list("ruler", "value")
    latest = dict(rows)
    return latest.get(motivation.Ruler.READINESS.value), latest.get(motivation.Ruler.IMPORTANCE.value)


def _objective(row: Any, said: dict[str, Any], client: Client, today: date) -> None:
    _need(said, text="Write the step.")
    rules.require_objective(
        metric=said["metric"], target_value=said["target_value"], unit=said["unit"], by_on=said["by_on"]
    )
    said["achievable"] = bool(said["achievable"])
    if said["by_on"] < today and said["by_on"] != row.by_on:
        raise Wrong("by_on", "This day is over. Enter one that is still to come.")


def _intervention(row: Any, said: dict[str, Any], client: Client, today: date) -> None:
    _need(
        said, modality="Choose the way of working.", does="Choose what it does.", starts_on="Enter the first day.",
        times="Enter how often.", per="Choose a week or a month.", minutes="Enter the minutes of one time.",
    )  # fmt: skip
    said["session_format"] = said["session_format"] or "individual"
    if not 1 <= said["times"] <= 31:
        raise Wrong("times", "Enter a number from 1 to 31.")
    if not 1 <= said["minutes"] <= 600:
        raise Wrong("minutes", "Enter 1 to 600 minutes.")
    if said["ends_on"] is not None and said["ends_on"] < said["starts_on"]:
        raise Wrong("ends_on", "The last day is before the first. Check both.")
    if said["modality"] != "mi":
        said["block_sessions"] = None
    elif said["block_sessions"] is None:
        said["block_sessions"] = rules.BLOCK_DEFAULT
    elif not rules.BLOCK_LEAST <= said["block_sessions"] <= rules.BLOCK_MOST:
        raise Wrong("block_sessions", f"A block has {rules.BLOCK_LEAST} to {rules.BLOCK_MOST} sessions.")

"""Treatment plans and their versions: opening one, the draft of the next, ending one."""

from datetime import datetime
from typing import Any

from django.db import transaction

from clients.models import Episode, GoalReview, PlanVersion, TreatmentPlan
from clients.rules import plans as rules
from clients.rules.plan_content import FIELDS, UNDER, Kind
from clients.rules.plans import Wrong
from clients.selectors.plans import MODELS
from clients.services import tasks
from clinics import audit
from clinics.models import Membership, User


class NotADraft(ValueError):
    """Only a draft is changed; what was signed is changed by a new version."""

    field = ""

    def __init__(self, state: str) -> None:
        super().__init__(
            "This version waits for signatures. Take it back to change it."
            if state == "in_review"
            else "This version was signed, so it stays as it is. Change the plan by a new version."
        )


class NotInCare(ValueError):
    """A plan is made for a stay that goes on."""

    field = ""

    def __init__(self) -> None:
        super().__init__("This stay has ended. A plan is made for care that goes on.")


class AlreadyOpen(ValueError):
    """There is a version that is written on, or waits for signatures; `current` is it."""

    field = ""

    def __init__(self, current: PlanVersion) -> None:
        super().__init__("Somebody already works on the next version. Go on with that one.")
        self.current = current


# --- versions -------------------------------------------------------------------------------------------------------


@transaction.atomic
def open_plan(*, episode: Episode, by: User) -> TreatmentPlan:
    """
    Return the plan of a stay, or make it with the draft of its first version.

    :raises NotInCare: the stay is over, or was taken back
    """
    held: Episode = Episode.objects.select_for_update(of=("self",)).select_related("client").get(pk=episode.pk)
    found: TreatmentPlan | None = TreatmentPlan.objects.filter(episode=held).first()
    if found is not None:
        return found
    if held.status != Episode.Status.OPEN:
        raise NotInCare
    plan = TreatmentPlan(clinic_id=held.clinic_id, client_id=held.client_id, episode=held, created_by=by)
    plan.save()
    audit.record("plan.opened", plan, by=by)
    _draft(plan, 1, by)
    return plan


@transaction.atomic
def draft_next(*, plan: TreatmentPlan, by: User) -> PlanVersion:
    """
    Make the draft of the next version: a copy of the one in force, or else of the newest, with its lineage.

    A goal stands in the copy as it was seen at the last look back.
    :raises NotInCare: the stay is over
    :raises AlreadyOpen: somebody already works on one
    """
    held = locked_plan(plan)
    if held.episode.status != Episode.Status.OPEN:
        raise NotInCare
    versions = list(PlanVersion.objects.filter(plan=held).order_by("-number"))
    for one in versions:
        if one.state in rules.OPEN:
            raise AlreadyOpen(one)
    draft = _draft(held, versions[0].number + 1 if versions else 1, by)
    copied = next((one for one in versions if one.state == "active"), versions[0] if versions else None)
    if copied is not None:
        _copy(copied, draft)
    return draft


def _draft(plan: TreatmentPlan, number: int, by: User) -> PlanVersion:
    draft = PlanVersion(
        clinic_id=plan.clinic_id, client_id=plan.client_id, plan=plan, number=number, author=by,
        needs_cosign=is_cosigned(by, plan.clinic_id),
    )  # fmt: skip
    draft.save()
    audit.record("plan.drafted", draft, by=by, detail={"number": number})
    return draft


def _copy(version: PlanVersion, draft: PlanVersion) -> None:
    seen: dict[Any, str] = dict(
        GoalReview.objects.filter(review__plan=draft.plan_id)
        .order_by("review__held_on", "pk")
        .values_list("goal__lineage", "status")
    )
    made: dict[int, Any] = {}
    for kind in Kind:
        above = UNDER.get(kind)
        now: dict[int, Any] = {}
        for row in MODELS[kind].objects.filter(plan_version=version).order_by("pk"):
            values = {name: getattr(row, name) for name in FIELDS[kind]}
            if kind is Kind.GOAL and row.lineage in seen:
                values["status"] = seen[row.lineage]
            if above is not None:
                values[above.value] = made[getattr(row, f"{above.value}_id")]
            copy = MODELS[kind](
                clinic_id=draft.clinic_id, plan_version=draft, lineage=row.lineage, position=row.position, **values
            )
            now[row.pk] = copy
        MODELS[kind].objects.bulk_create(now.values())
        made = now


@transaction.atomic
def close(*, version: PlanVersion, reason: str, by: User, now: datetime) -> PlanVersion:
    """
    End a plan that is in force, or let go of a draft; what it says stays in the record.

    :raises Wrong: no reason
    :raises NoSuchMove: it waits for signatures, or was replaced or ended before
    """
    words = tidy(reason)
    if not words:
        raise Wrong("reason", "Write why it ends.")
    held = locked_version(version)
    was = held.state
    rules.require_move(was, "closed")
    held.state, held.ended_at, held.end_reason = "closed", now, words
    held.version += 1
    held.save(update_fields=["state", "ended_at", "end_reason", "version"])
    audit.record("plan.closed", held, by=by, detail={"number": held.number, "was": was})
    review = held.plan.reviews.filter(held_on=None).first() if was == "active" else None
    if review is not None:
        tasks.settle_about(kind="plan_review", about=review, by=by)
    return held


def is_cosigned(author: User, clinic_id: int) -> bool:
    """Tell whether the clinic has what this author writes co-signed, as it is stored now."""
    held = Membership.objects.active().filter(clinic_id=clinic_id, user=author, needs_cosign=True)
    return bool(held.exists())


def locked_plan(plan: TreatmentPlan) -> TreatmentPlan:
    """Return a plan with its stay, held until the transaction ends: what happens to its versions happens in turn."""
    rows = TreatmentPlan.objects.select_for_update(of=("self",)).select_related("episode", "client")
    found: TreatmentPlan = rows.get(pk=plan.pk)
    return found


def locked_version(version: PlanVersion) -> PlanVersion:
    """Return a version with its plan, both held until the transaction ends."""
    plan = locked_plan(version.plan)
    rows = PlanVersion.objects.select_for_update(of=("self",)).select_related("client", "author")
    held: PlanVersion = rows.get(pk=version.pk)
    held.plan = plan
    return held


def tidy(text: Any) -> str:
    """Return a text without what cannot be kept, and without blanks at its ends."""
    return str(text or "").replace("\x00", "").strip()

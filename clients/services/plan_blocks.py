"""What comes next at the end of a block of MI sessions: some more, once; going on with other work; referring."""

from datetime import datetime

from django.db import transaction

from clients.models import BlockDecision, Intervention, PlanVersion
from clients.models.people import person_of
from clients.rules import plans as rules
from clients.selectors import plan_blocks as selectors
from clients.services.plans import locked_plan, tidy
from clinics import audit
from clinics.models import User

REASON_CHARS = 500


class NoBlock(ValueError):
    """Only MI that a plan in force names comes in a block."""

    field = ""

    def __init__(self) -> None:
        super().__init__("There is no block of MI sessions in force here. Open the plan again.")


class NotOver(ValueError):
    """A block is decided about when its sessions were held."""

    field = ""

    def __init__(self, left: int) -> None:
        super().__init__(
            f"This block goes on: {left} {'session is' if left == 1 else 'sessions are'} still to come. "
            "Choose what comes next when they were held."
        )


class Chosen(ValueError):
    """It was chosen what comes after this block."""

    field = ""

    def __init__(self) -> None:
        super().__init__("What comes next was chosen already. Open the plan to read it.")


class ExtendedBefore(ValueError):
    """A block is extended once."""

    field = "decision"

    def __init__(self) -> None:
        super().__init__("This block was extended before, and that is done once. Choose something else.")


@transaction.atomic
def decide(
    *, part: Intervention, decision: str, sessions: int | None, reason: str, by: User, now: datetime
) -> BlockDecision:
    """
    Write down what comes after a block of MI sessions whose sessions were held.

    part       what the clinic does, of the version in force
    sessions   how many more, where some more are chosen
    reason     may be empty
    :raises NoBlock: the plan in force has no such block
    :raises NotOver: there are sessions to come
    :raises ExtendedBefore: it was extended before, at whatever version of the plan
    :raises Chosen: it was chosen what comes next
    :raises Wrong: something is missing or cannot be
    """
    plan = locked_plan(part.plan_version.plan)
    version: PlanVersion | None = PlanVersion.objects.filter(
        pk=part.plan_version_id, state="active"
    ).select_related("client__merged_into").first()  # fmt: skip
    if version is None or part.modality != selectors.MI:
        raise NoBlock
    version.plan, version.clinic, part.plan_version = plan, plan.clinic, version
    block = selectors.block_of(part, person_of(version)).block
    before = BlockDecision.objects.filter(plan=plan, lineage=part.lineage, decision=BlockDecision.Decision.EXTEND)
    if not block.is_over:
        raise NotOver(block.left)
    if not block.asks:
        raise Chosen
    if decision == BlockDecision.Decision.EXTEND and (decision not in dict(block.choices) or before.exists()):
        raise ExtendedBefore
    rules.require_block_choice(block, choice=decision, sessions=sessions)
    row = BlockDecision(
        clinic_id=plan.clinic_id, client_id=plan.client_id, plan=plan, lineage=part.lineage, decision=decision,
        sessions=sessions, reason=tidy(reason) or None, decided_at=now, decided_by=by,
    )  # fmt: skip
    row.save()
    audit.record("plan.block_decided", row, by=by, detail={"decision": decision, "sessions": sessions})
    return row

"""The end of a block of MI sessions: when the plan asks, what can be chosen, and that it is counted."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from clients.models import Appointment, BlockDecision, Intervention, PlanVersion
from clients.rules.plan_content import Kind
from clients.rules.plans import Wrong
from clients.selectors import plan_blocks as selectors
from clients.selectors import plans as plan_selectors
from clients.selectors.beside import beside
from clients.services import plan_blocks, plans
from clinics.models import AuditEvent
from tests.budgets.counting import browser_of, questions_of
from tests.clients import planning as at
from tests.clients.people import ABSENT_ID, body, hidden, page, signed_in
from tests.world import Side, World

ASKS = "A block of MI sessions is over. What comes next?"
BESIDE = "A block of MI is over."


def hold(side: Side, version: PlanVersion, sessions: int, **other: Any) -> None:
    """Let so many sessions take place today."""
    how: dict[str, Any] = {"kind": "treatment", "attendance": "attended", **other}
    for number in range(sessions):
        Appointment.objects.create(
            clinic=side.clinic, client=version.client, episode=version.plan.episode, therapist=side.therapist,
            starts_at=timezone.now() - timedelta(minutes=60 * number), service_on=at.day(side), duration_min=50, **how,
        )  # fmt: skip


def block(version: PlanVersion) -> Intervention:
    rows = Intervention.objects.select_related("plan_version__plan__episode", "plan_version__client__merged_into")
    found: Intervention = rows.get(plan_version=version)
    return found


def over(side: Side) -> PlanVersion:
    """Return a version in force whose block of four is over."""
    version = at.in_force(side)
    hold(side, version, 4)
    return version


def decide(side: Side, version: PlanVersion, decision: str, **other: Any) -> BlockDecision:
    how: dict[str, Any] = {"sessions": None, "reason": "", "by": side.therapist, "now": timezone.now(), **other}
    return plan_blocks.decide(part=block(version), decision=decision, **how)


def counted(version: PlanVersion) -> tuple[str, bool]:
    found = selectors.block_of(block(version), version.client).block
    return found.counted, found.asks


def test_a_block_asks_when_its_sessions_were_held_and_not_before(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.in_force(here)
        hold(here, version, 3)
        hold(here, version, 2, attendance="no_show")
        hold(here, version, 2, kind="assessment")
        assert counted(version) == ("3 of 4", False)
        with pytest.raises(plan_blocks.NotOver, match="1 session is still to come"):
            decide(here, version, "refer")
        hold(here, version, 1)
        assert counted(version) == ("4 of 4", True)


def test_some_more_sessions_are_counted_and_added_once(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = over(here)
        row = decide(here, version, "extend", sessions=2, reason=" They want to go on ")
        assert (row.sessions, row.reason, row.decided_by) == (2, "They want to go on", here.therapist)
        event = AuditEvent.objects.get(action="plan.block_decided")
        assert event.detail == {"decision": "extend", "sessions": 2}
        hold(here, version, 1)
        assert counted(version) == ("5 of 4+2", False)
        hold(here, version, 1)
        assert counted(version) == ("6 of 4+2", True)
        with pytest.raises(plan_blocks.ExtendedBefore, match="done once"):
            decide(here, version, "extend", sessions=1)
        decide(here, version, "move_on")
        assert counted(version) == ("6 of 4+2", False)
        with pytest.raises(plan_blocks.Chosen):
            decide(here, version, "refer")
        # The database holds the same: a block is extended once, and what was chosen stands.
        first = BlockDecision.objects.get(decision="extend", plan=version.plan)
        with pytest.raises(DatabaseError), transaction.atomic():
            BlockDecision.objects.create(
                clinic=here.clinic, client=first.client, plan=first.plan, lineage=first.lineage, decision="extend",
                sessions=1, decided_by=here.therapist,
            )  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic():
            BlockDecision.objects.filter(pk=first.pk).update(sessions=3)


@pytest.mark.parametrize(
    ("decision", "sessions", "field"),
    [("extend", None, "sessions"), ("extend", 7, "sessions"), ("move_on", 2, "sessions"), ("stay", None, "decision")],
)
def test_a_choice_that_cannot_be_names_its_field(world: World, decision: str, sessions: int | None, field: str) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = over(here)
        with pytest.raises(Wrong) as refused:
            decide(here, version, decision, sessions=sessions)
        assert refused.value.field == field
        assert not BlockDecision.objects.filter(plan=version.plan).exists()


def test_only_mi_of_the_version_in_force_is_decided_about(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = over(here)
        draft = plans.draft_next(plan=version.plan, by=here.therapist)
        with pytest.raises(plan_blocks.NoBlock):
            decide(here, draft, "refer")


# --- the pages ------------------------------------------------------------------------------------------------------


def test_the_plan_asks_and_the_answer_is_given_without_a_script(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = over(here)
        part = block(version)
    browser = signed_in(here.therapist)
    plan_page, block_page = (
        page(here, "plan_detail", version.plan.public_id),
        page(here, "intervention_block", part.public_id),
    )
    assert ASKS in body(browser.get(plan_page))
    asked = body(browser.get(block_page))
    assert "4 of 4 sessions held" in asked
    wrong = browser.post(block_page, {**hidden(asked), "decision": "extend", "sessions": "", "reason": ""})
    assert wrong.status_code == 422
    assert "Enter how many more sessions" in body(wrong)
    sent = {**hidden(asked), "decision": "extend", "sessions": "2", "reason": "Nearly there"}
    for _again in range(2):
        assert browser.post(block_page, sent).status_code == 302
    with here.scope(here.therapist):
        assert BlockDecision.objects.filter(plan=version.plan).count() == 1
    shown = body(browser.get(plan_page))
    assert ASKS not in shown
    assert "4 of 4+2 sessions held" in shown
    read = body(browser.get(block_page))
    assert "Nearly there" in read
    assert '<form method="post" class="stack"' not in read


def test_the_persons_page_says_so_until_it_was_chosen_and_again_when_that_is_over(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.in_force(here)
        assert not beside(version.client).block_over
        hold(here, version, 4)
        assert beside(version.client).block_over
    address = page(here, "client_detail", version.client.public_id)
    assert BESIDE in body(signed_in(here.therapist).get(address))
    with here.scope(here.therapist):
        decide(here, version, "extend", sessions=1)
        assert not beside(version.client).block_over
        hold(here, version, 1)
        assert beside(version.client).block_over
        decide(here, version, "refer")
        assert not beside(version.client).block_over
    assert BESIDE not in body(signed_in(here.therapist).get(address))


def test_who_only_reads_plans_reads_blocks_and_chooses_nothing(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = over(here)
        address = page(here, "intervention_block", block(version).public_id)
    supervisor = signed_in(here.supervisor)
    read = supervisor.get(address)
    assert read.status_code == 200
    assert "What comes next?" not in body(read)
    assert supervisor.post(address, {"decision": "refer"}).status_code == 403
    for user in (here.coordinator, here.coder, here.administrator):
        assert signed_in(user).get(address).status_code == 404
    for side, user in ((world.neighbour, world.neighbour.therapist), (here, here.therapist)):
        where = page(side, "intervention_block", block_id(version, side, here))
        assert signed_in(user).get(where).status_code == 404


def block_id(version: PlanVersion, side: Side, here: Side) -> Any:
    """Return the block's id at the neighbour, an absent one at home."""
    if side is here:
        return ABSENT_ID
    with here.scope():
        return block(version).public_id


def test_the_plan_asks_no_more_questions_for_its_blocks(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.in_force(here)
        address = page(here, "plan_detail", version.plan.public_id)
    few = questions_of(browser_of(here.therapist), address)
    with here.scope(here.therapist):
        hold(here, version, 6)
    many = questions_of(browser_of(here.therapist), address)
    assert few is not None
    assert many is not None
    assert len(many) == len(few) <= 12
    asked = questions_of(browser_of(here.therapist), page(here, "intervention_block", block_public(here, version)))
    assert asked is not None
    assert len(asked) <= 12


def block_public(side: Side, version: PlanVersion) -> Any:
    with side.scope():
        return block(version).public_id


def test_other_ways_of_working_have_no_block(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.written(here)
        step = next(node.row for node in plan_selectors.said_of(version).nodes if node.kind is Kind.OBJECTIVE)
        other = at.add(here, version, Kind.INTERVENTION, step, modality="cbt", does="teach")
    assert signed_in(here.therapist).get(page(here, "intervention_block", other.public_id)).status_code == 404

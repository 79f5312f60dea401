"""Treatment plans through the services: writing, moving on, what is refused, and joined records."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from clients.models import Episode, Goal, Objective, PlanVersion, Problem, RulerReading
from clients.models.people import person_of
from clients.rules.plan_content import Kind
from clients.rules.plan_diff import diff
from clients.rules.plans import NoSuchMove, Wrong
from clients.selectors import plans as selectors
from clients.services import caseload, merging, plan_parts, plan_reviews, plan_signing, plans
from clinics.models import AuditEvent
from clinics.versions import Stale
from tests.clients import planning as at
from tests.clients.people import in_care, today
from tests.world import NOW, World


def states(version: PlanVersion) -> list[str]:
    return list(PlanVersion.objects.filter(plan=version.plan).order_by("number").values_list("state", flat=True))


# --- opening and writing --------------------------------------------------------------------------------------------


def test_a_plan_is_opened_once_a_stay_with_the_draft_of_its_first_version(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        client = in_care(here)
        version = at.drafted(here, client)
        again = plans.open_plan(episode=Episode.objects.get(client=client), by=here.therapist)
        assert again.pk == version.plan_id
        assert (version.number, version.state, version.author_id) == (1, "draft", here.therapist.pk)
        client.episodes.update(status="closed", closed_on=NOW.date())
        other = in_care(here, "Sol Marsh")
        other.episodes.update(status="closed", closed_on=NOW.date())
        with pytest.raises(plans.NotInCare):
            plans.open_plan(episode=Episode.objects.get(client=other), by=here.therapist)


def test_the_words_of_a_plan_are_encrypted_and_no_word_is_in_the_trail(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.written(here)
        with connection.cursor() as cursor:
            for table in ("problem", "goal", "objective"):
                cursor.execute(f"select count(*) from clients_{table} where text::text like '%evening%'")
                assert cursor.fetchone()[0] == 0
        found = list(AuditEvent.objects.filter(action="plan_part.added", client_ref=version.client_id).order_by("pk"))
        assert [one.detail["kind"] for one in found] == ["problem", "goal", "objective", "intervention"]
        assert not [one for one in found if "vening" in str(one.detail)]


@pytest.mark.parametrize(
    ("kind", "wrong", "field"),
    [
        (Kind.PROBLEM, {"text": " \x00 "}, "text"),
        (Kind.PROBLEM, {"client_words": ""}, "client_words"),
        (Kind.PROBLEM, {"evidence": "assessment"}, "evidence"),
        (Kind.PROBLEM, {"evidence": "measure"}, "evidence"),
        (Kind.PROBLEM, {"evidence": ""}, "evidence"),
        (Kind.GOAL, {"text": ""}, "text"),
        (Kind.GOAL, {"proposed_by": ""}, "proposed_by"),
        (Kind.GOAL, {"phase": "consolidate_commitment"}, "phase"),
        (Kind.GOAL, {"phase": "consolidate_commitment", "commitment": "I will"}, "phase"),
        (Kind.OBJECTIVE, {"metric": ""}, "metric"),
        (Kind.OBJECTIVE, {"target_value": None}, "target_value"),
        (Kind.OBJECTIVE, {"unit": " "}, "unit"),
        (Kind.OBJECTIVE, {"by_on": None}, "by_on"),
        (Kind.OBJECTIVE, {"by_on": NOW.date().replace(year=2020)}, "by_on"),
        (Kind.INTERVENTION, {"times": 0}, "times"),
        (Kind.INTERVENTION, {"times": 32}, "times"),
        (Kind.INTERVENTION, {"minutes": 601}, "minutes"),
        (Kind.INTERVENTION, {"minutes": None}, "minutes"),
        (Kind.INTERVENTION, {"ends_on": NOW.date().replace(year=2020)}, "ends_on"),
        (Kind.INTERVENTION, {"block_sessions": 7}, "block_sessions"),
        (Kind.INTERVENTION, {"modality": ""}, "modality"),
    ],
)
def test_what_a_part_must_say(world: World, kind: Kind, wrong: dict[str, Any], field: str) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.written(here)
        parts = {node.kind: node.row for node in selectors.said_of(version).nodes}
        above = {
            Kind.PROBLEM: None,
            Kind.GOAL: Kind.PROBLEM,
            Kind.OBJECTIVE: Kind.GOAL,
            Kind.INTERVENTION: Kind.OBJECTIVE,
        }[kind]
        with pytest.raises(Wrong) as found:
            at.add(here, version, kind, parts[above] if above else None, **wrong)
        assert found.value.field == field
        assert len(selectors.said_of(version).nodes) == 4


def test_the_phase_gate_reads_the_rulers_of_the_goals_own_target(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.written(here)
        goal = Goal.objects.get(plan_version=version)
        firm = {"phase": "consolidate_commitment", "commitment": "I will"}

        def change(**values: Any) -> Any:
            part = Goal.objects.select_related("plan_version__plan").get(pk=goal.pk)
            return plan_parts.change_part(
                part=part, version=part.version, values=values, by=here.therapist, now=timezone.now()
            )

        with pytest.raises(Wrong, match="Readiness is not asked yet"):
            change(**firm)
        for ruler, value in (("readiness", 8), ("importance", 7)):
            RulerReading.objects.create(
                clinic=here.clinic, client=version.client, target=goal.target, ruler=ruler, value=value,
                taken_on=today(here), taken_by=here.therapist,
            )  # fmt: skip
        assert change(**firm).phase == "consolidate_commitment"
        RulerReading.objects.create(
            clinic=here.clinic, client=version.client, target=goal.target, ruler="readiness", value=3,
            taken_on=today(here), taken_by=here.therapist,
        )  # fmt: skip
        with pytest.raises(Wrong, match="Readiness is 3, under 7"):
            change(commitment="I still will")
        assert change(gate_reason="The court date is next week").gate_reason


def test_another_persons_target_assessment_or_measure_is_refused(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.written(here)
        problem = Problem.objects.get(plan_version=version)
        with pytest.raises(Wrong, match="this person wants to change"):
            at.add(here, version, Kind.GOAL, problem, target=here.change_target)
        for evidence, row in (("assessment", here.assessment), ("measure", here.response)):
            name = "assessment" if evidence == "assessment" else "response"
            with pytest.raises(Wrong, match="of this person"):
                at.add(here, version, Kind.PROBLEM, **{"evidence": evidence, name: row})


def test_a_part_is_changed_with_the_version_it_was_read_at(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.written(here)
        goal = Goal.objects.select_related("plan_version__plan").get(plan_version=version)
        how: dict[str, Any] = {"part": goal, "by": here.therapist, "now": timezone.now()}
        changed = plan_parts.change_part(**how, version=goal.version, values={"text": "Quiet evenings"})
        assert (changed.text, changed.client_words, changed.version) == ("Quiet evenings", "I want my evenings back", 2)
        with pytest.raises(Stale):
            plan_parts.change_part(**how, version=goal.version, values={"text": "Other"})
        assert at.fresh(version).version == version.version + 1, "who reads to sign sees that it changed"


def test_parts_move_among_brothers_and_under_another(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.written(here)
        first = Problem.objects.get(plan_version=version)
        second, third = (at.add(here, version, Kind.PROBLEM, text=text) for text in ("Sleeps badly", "Owes rent"))

        def order() -> list[str]:
            return [node.part.said("text") for node in selectors.said_of(version).problems]

        assert order() == ["Drinks most evenings", "Sleeps badly", "Owes rent"]
        plan_parts.move_part(part=third, steps=-1, by=here.therapist)
        assert order() == ["Drinks most evenings", "Owes rent", "Sleeps badly"]
        plan_parts.move_part(part=first, steps=-1, by=here.therapist)
        assert order() == ["Drinks most evenings", "Owes rent", "Sleeps badly"]
        goal = Goal.objects.select_related("plan_version__plan").get(plan_version=version)
        plan_parts.change_part(
            part=goal, version=goal.version, values={}, under=second, by=here.therapist, now=timezone.now()
        )
        assert Goal.objects.get(pk=goal.pk).problem_id == second.pk
        other = at.written(here, "Sol Marsh")
        with pytest.raises(Wrong, match="same draft"):
            plan_parts.change_part(
                part=goal, version=goal.version + 1, values={}, by=here.therapist, now=timezone.now(),
                under=Problem.objects.get(plan_version=other),
            )  # fmt: skip


def test_a_part_is_removed_with_all_that_stands_under_it(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.written(here)
        problem = Problem.objects.select_related("plan_version__plan").get(plan_version=version)
        at.add(here, version, Kind.GOAL, problem, text="Another goal")
        goal = Goal.objects.select_related("plan_version__plan").filter(plan_version=version).order_by("pk")[0]
        assert plan_parts.remove_part(part=goal, by=here.therapist) == 3
        assert [node.kind for node in selectors.said_of(version).nodes] == [Kind.PROBLEM, Kind.GOAL]
        assert plan_parts.remove_part(part=problem, by=here.therapist) == 2


# --- signing --------------------------------------------------------------------------------------------------------


def test_a_plan_comes_into_force_when_author_and_person_have_signed(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.author_signs(here, at.written(here))
        parts = selectors.said_of(version).parts
        assert (version.state, version.starts_on, len(version.content_hash)) == ("in_review", today(here), 64)
        assert selectors.stands(version, parts)
        version = at.person_signs(here, version)
        assert version.state == "active"
        assert at.review_of(version.plan).due_on == at.day(here, 30)
        found = [(one.capacity, one.method, one.refused) for one in version.signatures.order_by("pk")]
        assert found == [("author", "signed_in", False), ("client", "device", False)]
        actions = AuditEvent.objects.filter(object_id=str(version.public_id)).order_by("pk")
        assert [one.action for one in actions if one.action.startswith("plan.")] == [
            "plan.drafted", "plan.signed", "plan.signed", "plan.activated",
        ]  # fmt: skip


def test_a_person_who_says_not_now_is_written_down_with_the_reason_and_care_goes_on(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.author_signs(here, at.written(here))
        how: dict[str, Any] = {
            "version": version, "content_hash": version.content_hash, "capacity": "client", "method": "paper",
            "printed_name": "Noor Rivers", "by": here.therapist, "now": timezone.now(),
        }  # fmt: skip
        with pytest.raises(Wrong) as found:
            plan_signing.refuse(**how, reason=" ")
        assert found.value.field == "reason"
        plan_signing.refuse(**how, reason="I want to read it at home first")
        version = at.fresh(version)
        assert version.state == "active"
        signature = version.signatures.get(capacity="client")
        assert (signature.refused, signature.refusal_reason) == (True, "I want to read it at home first")
        event = AuditEvent.objects.filter(action="plan.signed", object_id=str(version.public_id)).latest("pk")
        assert event.detail["refused"] is True
        assert "home" not in str(event.detail)


def test_a_supervisor_co_signs_and_nobody_their_own(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.person_signs(here, at.author_signs(here, at.written(here), needs_cosign=True))
        assert version.state == "in_review"
        how: dict[str, Any] = {"version": version, "content_hash": version.content_hash, "now": timezone.now()}
        for other in (here.therapist, here.other_therapist):
            with pytest.raises(PermissionDenied):
                plan_signing.cosign(**how, by=other)
        plan_signing.cosign(**how, by=here.supervisor)
        assert at.fresh(version).state == "active"


def test_a_version_that_asks_for_no_co_signature_takes_none(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.author_signs(here, at.written(here))
        with pytest.raises(plan_signing.NotWaiting):
            plan_signing.cosign(
                version=version, content_hash=version.content_hash, by=here.supervisor, now=timezone.now()
            )


def test_a_version_sent_back_is_a_draft_again_with_the_reason_and_is_signed_anew(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.author_signs(here, at.written(here), needs_cosign=True)
        first = version.content_hash
        with pytest.raises(PermissionDenied):
            plan_signing.send_back(version=version, reason="Mine", by=here.other_therapist)
        with pytest.raises(Wrong):
            plan_signing.send_back(version=version, reason=" ", by=here.supervisor)
        plan_signing.send_back(version=version, reason="Name one strength", by=here.supervisor)
        version = at.fresh(version)
        assert (version.state, version.content_hash, version.end_reason) == ("draft", "", "Name one strength")
        with pytest.raises(plan_signing.NotWaiting):
            at.person_signs(here, version, content_hash=first)
        version = at.author_signs(here, version, needs_cosign=False)
        assert version.content_hash != first, "what is laid out anew is signed anew"
        with pytest.raises(plan_signing.NotWaiting):
            at.person_signs(here, version, content_hash=first)
        assert version.end_reason is None
        assert at.person_signs(here, version).state == "active"
        assert version.signatures.filter(capacity="author").count() == 2, "the first signature stands in the record"


def test_an_author_takes_a_version_back_without_a_reason(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.author_signs(here, at.written(here))
        plan_signing.send_back(version=version, reason="", by=here.therapist)
        assert at.fresh(version).state == "draft"


def test_who_may_sign_as_author_and_what(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.written(here)
        with pytest.raises(PermissionDenied):
            at.author_signs(here, version, by=here.supervisor)
        with pytest.raises(Stale):
            plan_signing.sign_as_author(
                version=version, seen=version.version - 1, starts_on=None, needs_cosign=False, by=here.therapist,
                now=timezone.now(),
            )  # fmt: skip
        at.add(here, version, Kind.OBJECTIVE, Goal.objects.get(plan_version=version), text="Call the landlord")
        with pytest.raises(plan_signing.NotWhole, match="Call the landlord"):
            at.author_signs(here, version)
        at.add(here, version, Kind.INTERVENTION, Objective.objects.filter(plan_version=version).latest("pk"))
        version = at.author_signs(here, version)
        with pytest.raises(plans.NotADraft):
            at.author_signs(here, version)
        at.person_signs(here, version)
        with pytest.raises(plan_signing.NotWaiting):
            at.person_signs(here, version)


def test_a_guardian_signs_for_a_person_once(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.author_signs(here, at.written(here), needs_cosign=True)
        at.person_signs(here, version, capacity="guardian", printed_name="Ada Rivers", method="paper")
        with pytest.raises(plan_signing.SignedBefore):
            at.person_signs(here, version)
        for wrong in ({"capacity": "author"}, {"method": "signed_in"}):
            with pytest.raises(Wrong):
                at.person_signs(here, at.author_signs(here, at.written(here, f"P {wrong}")), **wrong)


# --- the next version -----------------------------------------------------------------------------------------------


def test_the_next_version_is_a_copy_with_its_lineage_and_replaces_the_one_before(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        first = at.in_force(here)
        second = at.fresh(plans.draft_next(plan=first.plan, by=here.therapist))
        before, after = selectors.said_of(first).parts, selectors.said_of(second).parts
        assert diff(before, after).is_empty
        with pytest.raises(plans.AlreadyOpen) as found:
            plans.draft_next(plan=first.plan, by=here.therapist)
        assert found.value.current == second
        goal = Goal.objects.select_related("plan_version__plan").get(plan_version=second)
        plan_parts.change_part(
            part=goal, version=goal.version, values={"text": "Every evening"}, by=here.therapist, now=timezone.now()
        )
        (changed,) = diff(before, selectors.said_of(second).parts).changed
        assert [one.field for one in changed.fields] == ["text"]
        assert states(first) == ["active", "draft"]
        second = at.author_signs(here, second)
        assert states(first) == ["active", "in_review"], "the one before stays in force until the next is signed"
        at.person_signs(here, second)
        assert states(first) == ["superseded", "active"]
        assert at.fresh(first).ended_at is not None
        assert first.plan.reviews.filter(held_on=None).count() == 1


def test_a_plan_in_force_is_ended_with_a_reason_and_a_draft_is_let_go(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        first = at.in_force(here)
        draft = plans.draft_next(plan=first.plan, by=here.therapist)
        how: dict[str, Any] = {"by": here.therapist, "now": timezone.now()}
        with pytest.raises(Wrong):
            plans.close(version=first, reason=" ", **how)
        plans.close(version=draft, reason="Not needed after all", **how)
        plans.close(version=first, reason="Moved to another town", **how)
        assert states(first) == ["closed", "closed"]
        assert at.fresh(first).end_reason == "Moved to another town"
        with pytest.raises(NoSuchMove):
            plans.close(version=first, reason="Again", **how)
        third = plans.draft_next(plan=first.plan, by=here.therapist)
        assert third.number == 3
        assert len(selectors.said_of(third).nodes) == 4, "begun again from what was there"
        waiting = at.author_signs(here, third)
        with pytest.raises(NoSuchMove):
            plans.close(version=waiting, reason="It waits", **how)


def test_what_was_signed_is_not_written_on(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.in_force(here)
        problem = Problem.objects.select_related("plan_version__plan").get(plan_version=version)
        refused: list[Any] = [
            lambda: at.add(here, version, Kind.PROBLEM),
            lambda: plan_parts.change_part(
                part=problem, version=problem.version, values={"text": "x"}, by=here.therapist, now=timezone.now()
            ),
            lambda: plan_parts.move_part(part=problem, steps=1, by=here.therapist),
            lambda: plan_parts.remove_part(part=problem, by=here.therapist),
            lambda: plan_signing.dismiss_hint(
                version=version, code="no_strength", lineage="", reason="x", by=here.therapist
            ),
        ]
        for act in refused:
            with pytest.raises(plans.NotADraft):
                act()


def test_hints_are_set_aside_with_a_reason_once(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.written(here)
        how: dict[str, Any] = {"version": version, "code": "no_strength", "lineage": "", "by": here.therapist}
        with pytest.raises(Wrong):
            plan_signing.dismiss_hint(**how, reason=" ")
        with pytest.raises(Wrong):
            plan_signing.dismiss_hint(**{**how, "code": "none_such"}, reason="x")
        first = plan_signing.dismiss_hint(**how, reason="They will not name one yet")
        assert plan_signing.dismiss_hint(**how, reason="Twice") == first
        assert first.reason == "They will not name one yet"


# --- joined records -------------------------------------------------------------------------------------------------


def test_the_plan_of_a_joined_record_is_read_with_the_persons_own(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.in_force(here)
        noor = version.client
        noor.episodes.update(status="closed", closed_on=NOW.date())
        merging.merge(kept=here.client, absorbed=noor, reason="The same", by=here.coordinator, now=NOW)
        kept = type(noor).objects.get(pk=here.client.pk)
        kept.clinic = here.clinic
        assert str(version.plan.public_id) in {one.plan_id for one in selectors.of_person(kept)}
        row = at.fresh(version)
        row.clinic = here.clinic
        assert person_of(row).pk == kept.pk
        caseload.assign(client=noor, user=here.therapist, by=here.coordinator, reason="Joined")
        assert PlanVersion.objects.permitted(here.therapist, selectors.VIEW).filter(pk=version.pk).exists()
        assert not PlanVersion.objects.permitted(here.coordinator, selectors.VIEW).exists()


def test_a_review_carries_how_a_goal_stands_into_the_next_version(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.in_force(here)
        goal = Goal.objects.get(plan_version=version)
        plan_reviews.hold(
            review=at.review_of(version.plan), held_on=today(here), decision="revise", by=here.therapist,
            goals={goal.pk: plan_reviews.Progress(60, "partly", "Three evenings")}, now=timezone.now(),
        )  # fmt: skip
        draft = PlanVersion.objects.get(plan=version.plan, state="draft")
        assert Goal.objects.get(plan_version=draft).status == "partly"

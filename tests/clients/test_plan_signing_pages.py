"""The pages round signatures: hints, the author, the person's device, paper, the supervisor; and looking back."""

from typing import Any

import pytest
from django.utils import timezone

from clients.models import Appointment, Goal, GoalReview, LintDismissal, PlanReview, PlanSignature, PlanVersion
from clients.services import caseload, plan_signing
from tests.clients import planning as at
from tests.clients.people import hidden, page, signed_in, text_of, today
from tests.world import World


@pytest.fixture
def draft(world: World) -> PlanVersion:
    """Return a draft with one whole thread."""
    with world.here.scope(world.here.therapist):
        version = at.written(world.here)
    return version


@pytest.fixture
def waiting(world: World, draft: PlanVersion) -> PlanVersion:
    """Return a version that its author signed, and that asks for a co-signature."""
    with world.here.scope(world.here.therapist):
        version = at.author_signs(world.here, draft, needs_cosign=True)
    return version


# --- before signing -------------------------------------------------------------------------------------------------


def test_hints_are_shown_with_what_would_mend_them_and_set_aside_with_a_reason(
    world: World, draft: PlanVersion
) -> None:
    here = world.here
    with here.scope(here.therapist):
        for goal in Goal.objects.filter(plan_version=draft):
            goal.value_link = None
            goal.save(update_fields=["value_link"])
    browser: Any = signed_in(here.therapist)
    check = page(here, "plan_check", draft.public_id)
    shown = text_of(browser.get(check))
    assert "No goal names a strength" in shown
    assert "Ask what they are good at" in shown
    form = {"code": "no_strength", "lineage": ""}
    empty = browser.post(check, {**form, "reason": " "})
    assert empty.status_code == 422
    assert "Write why it stays as it is." in text_of(empty)
    after = text_of(browser.post(check, {**form, "reason": "They will not name one yet"}, follow=True))
    assert "No goal names a strength" not in after
    assert "1 hint was set aside." in after
    with here.scope():
        assert LintDismissal.objects.get(plan_version=draft).reason == "They will not name one yet"


def test_a_draft_with_a_gap_cannot_be_signed_and_says_which(world: World, draft: PlanVersion) -> None:
    here = world.here
    with here.scope(here.therapist):
        goal = Goal.objects.get(plan_version=draft)
        at.add(here, draft, at.Kind.OBJECTIVE, goal, text="Call the landlord")
    browser: Any = signed_in(here.therapist)
    assert "Nothing is planned yet for “Call the landlord”" in text_of(
        browser.get(page(here, "plan_check", draft.public_id))
    )
    sign = page(here, "plan_sign", draft.public_id)
    shown = text_of(browser.get(sign))
    assert 'name="starts_on"' in shown
    refused = browser.post(sign, {**hidden(shown), "starts_on": today(here).isoformat()})
    assert refused.status_code == 422
    with here.scope():
        assert at.fresh(draft).state == "draft"


# --- signing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("route", ["plan_sign", "plan_person_sign", "plan_paper_sign", "plan_cosign"])
def test_signing_asks_who_it_is_first(world: World, route: str, draft: PlanVersion) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = draft if route == "plan_sign" else at.author_signs(here, draft, needs_cosign=True)
    user = here.supervisor if route == "plan_cosign" else here.therapist
    address = page(here, route, version.public_id)
    asked: Any = signed_in(user, confirmed=False).get(address)
    assert asked.status_code == 302
    assert "reauthenticate" in asked.url
    assert signed_in(user).get(address).status_code == 200


def test_an_author_signs_what_they_read_and_nothing_newer(world: World, draft: PlanVersion) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    sign = page(here, "plan_sign", draft.public_id)
    form = {**hidden(text_of(browser.get(sign))), "starts_on": today(here).isoformat()}
    with here.scope(here.therapist):
        at.add(here, draft, at.Kind.PROBLEM, text="Written meanwhile")
    stale = browser.post(sign, form)
    assert stale.status_code == 422
    assert "The draft changed after you opened this page." in text_of(stale)
    assert "Written meanwhile" in text_of(stale)
    signed = browser.post(sign, {**form, **hidden(text_of(stale))}, follow=True)
    assert "You have signed." in text_of(signed)
    assert "Still to sign: The person." in text_of(signed)
    with here.scope():
        assert at.fresh(draft).state == "in_review"


def test_a_therapist_who_did_not_begin_it_does_not_sign_it(world: World, draft: PlanVersion) -> None:
    here = world.here
    with here.scope():
        caseload.assign(client=draft.client, user=here.other_therapist, by=here.coordinator, reason="Team")
    browser = signed_in(here.other_therapist)
    assert browser.get(page(here, "plan_edit", draft.public_id)).status_code == 200
    assert browser.get(page(here, "plan_sign", draft.public_id)).status_code == 403
    assert "Its author signs" in text_of(browser.get(page(here, "plan_check", draft.public_id)))


def test_the_persons_page_has_the_plan_and_the_two_acts_and_nothing_else(world: World, waiting: PlanVersion) -> None:
    here = world.here
    shown = text_of(signed_in(here.therapist).get(page(here, "plan_person_sign", waiting.public_id)))
    main = shown.partition("<main")[2]
    assert main.count("<button") == 2
    assert "I agree" in main
    assert "Not now" in main
    assert "<a " not in main
    assert "<nav" not in shown
    for kept in ("Riverbend", "Evoke", here.therapist.name.join("> ")):
        assert kept not in main


def test_the_person_agrees_on_the_device(world: World, draft: PlanVersion) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.author_signs(here, draft)
    browser: Any = signed_in(here.therapist)
    device = page(here, "plan_person_sign", version.public_id)
    form = hidden(text_of(browser.get(device)))
    neither = browser.post(device, {**form, "printed_name": "Noor Rivers"})
    assert neither.status_code == 422
    nameless = browser.post(device, {**form, "agree": "1"})
    assert "Write your name." in text_of(nameless)
    done = text_of(browser.post(device, {**form, "printed_name": "Noor Rivers", "agree": "1"}, follow=True))
    assert "In force" in done
    assert "On the clinic&#x27;s device" in done
    assert browser.post(device, {**form, "printed_name": "Noor Rivers", "agree": "1"}).status_code == 302


def test_the_person_says_not_now_and_the_plan_is_in_force_with_that_said(world: World, draft: PlanVersion) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.author_signs(here, draft)
    browser: Any = signed_in(here.therapist)
    device = page(here, "plan_person_sign", version.public_id)
    form = {**hidden(text_of(browser.get(device))), "printed_name": "Noor Rivers", "refuse": "1"}
    reasonless = browser.post(device, form)
    assert reasonless.status_code == 422
    assert "Write why not now, in their words." in text_of(reasonless)
    done = text_of(browser.post(device, {**form, "reason": "I want to sleep on it"}, follow=True))
    assert "not now" in done
    assert "In force" in done
    with here.scope():
        assert PlanSignature.objects.get(plan_version=version, refused=True).refusal_reason == "I want to sleep on it"


def test_a_guardian_answers_on_paper(world: World, waiting: PlanVersion) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    paper = page(here, "plan_paper_sign", waiting.public_id)
    form = {
        **hidden(text_of(browser.get(paper))), "answer": "signed", "capacity": "guardian", "printed_name": "Ada Rivers"
    }  # fmt: skip
    done = text_of(browser.post(paper, form, follow=True))
    assert "Ada Rivers" in done
    assert "Still to sign: Supervisor." in done


def test_what_was_taken_back_meanwhile_takes_no_signature(world: World, waiting: PlanVersion) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    device = page(here, "plan_person_sign", waiting.public_id)
    form = hidden(text_of(browser.get(device)))
    with here.scope(here.therapist):
        plan_signing.send_back(version=waiting, reason="", by=here.therapist)
        at.author_signs(here, waiting)
    refused = browser.post(device, {**form, "printed_name": "Noor Rivers", "agree": "1"})
    assert refused.status_code == 422
    assert "This version does not wait for this signature." in text_of(refused)


def test_a_supervisor_sends_back_and_the_author_reads_why(world: World, waiting: PlanVersion) -> None:
    here = world.here
    supervisor: Any = signed_in(here.supervisor)
    detail = text_of(supervisor.get(page(here, "plan_version", waiting.public_id)))
    assert page(here, "plan_cosign", waiting.public_id) in detail
    cosign = page(here, "plan_cosign", waiting.public_id)
    form = hidden(text_of(supervisor.get(cosign)))
    assert supervisor.post(cosign, {**form, "return": "1"}).status_code == 422
    assert supervisor.post(cosign, {**form, "return": "1", "reason": "Name one strength"}).status_code == 302
    shown = text_of(signed_in(here.therapist).get(page(here, "plan_edit", waiting.public_id)))
    assert "Name one strength" in shown


def test_a_supervisor_co_signs_and_a_therapist_may_not(world: World, waiting: PlanVersion) -> None:
    here = world.here
    cosign = page(here, "plan_cosign", waiting.public_id)
    assert signed_in(here.therapist).get(cosign).status_code == 403
    with here.scope(here.therapist):
        at.person_signs(here, waiting)
    supervisor: Any = signed_in(here.supervisor)
    form = hidden(text_of(supervisor.get(cosign)))
    assert supervisor.post(cosign, {**form, "cosign": "1"}).status_code == 302
    with here.scope():
        assert at.fresh(waiting).state == "active"


def test_the_author_takes_back_and_a_supervisor_may_not(world: World, waiting: PlanVersion) -> None:
    here = world.here
    back = page(here, "plan_take_back", waiting.public_id)
    assert signed_in(here.supervisor).post(back).status_code == 403
    assert signed_in(here.therapist).post(back).status_code == 302
    with here.scope():
        assert at.fresh(waiting).state == "draft"


# --- looking back ---------------------------------------------------------------------------------------------------


def answers(review: PlanReview, goal: Goal, **other: str) -> dict[str, str]:
    name = f"goal_{goal.position}_{goal.pk}"
    given = {f"{name}_progress": "60", f"{name}_status": "partly", f"{name}_comment": "Three evenings"}
    return {**given, "held_on": review.due_on.isoformat(), "decision": "continue", **other}


def test_a_look_back_is_held_read_and_leads_to_the_next(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.in_force(here)
        review, goal = at.review_of(version.plan), Goal.objects.get(plan_version=version)
    browser: Any = signed_in(here.therapist)
    hold = page(here, "plan_review", review.public_id)
    shown = text_of(browser.get(hold))
    for words in ("I want my evenings back", "0 of 4 sessions held"):
        assert words in shown, words
    name = f"goal_{goal.position}_{goal.pk}"
    form = {**hidden(shown), **answers(review, goal, held_on=today(here).isoformat())}
    for wrong, sentence in (
        ({f"{name}_progress": "101"}, "Enter a whole number from 0 to 100."),
        ({f"{name}_status": "achieved", f"{name}_comment": ""}, "Write what shows that it is achieved"),
        ({"held_on": at.day(here, 1).isoformat()}, "This day is still to come."),
        ({"next_on": at.day(here, 400).isoformat()}, "Look back again within a year"),
        ({"decision": "close"}, "Write why the plan ends."),
        ({"decision": ""}, "Choose what follows."),
    ):
        refused = browser.post(hold, {**form, **wrong})
        assert refused.status_code == 422, wrong
        assert sentence in text_of(refused), wrong
    assert browser.post(hold, form).status_code == 302
    assert "Three evenings" in text_of(browser.post(hold, form)), "sent again, it shows what was written down"
    held = text_of(browser.get(hold))
    for words in ("Three evenings", "Partly achieved", "Go on as planned", here.therapist.name):
        assert words in held, words
    with here.scope():
        assert GoalReview.objects.get(goal=goal).progress == 60
        assert at.review_of(version.plan).due_on == at.day(here, 90)


def test_changing_the_plan_opens_its_next_draft_and_ending_it_ends_it(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.in_force(here)
        review, goal = at.review_of(version.plan), Goal.objects.get(plan_version=version)
    browser: Any = signed_in(here.therapist)
    hold = page(here, "plan_review", review.public_id)
    form = {**hidden(text_of(browser.get(hold))), **answers(review, goal, held_on=today(here).isoformat())}
    answer = browser.post(hold, {**form, "decision": "revise"})
    with here.scope():
        draft = PlanVersion.objects.get(plan=version.plan, state="draft")
        second = at.review_of(version.plan)
    assert answer.url == page(here, "plan_edit", draft.public_id)
    hold = page(here, "plan_review", second.public_id)
    form = {**hidden(text_of(browser.get(hold))), **answers(second, goal, held_on=today(here).isoformat())}
    assert browser.post(hold, {**form, "decision": "close", "note": "They reached it"}).status_code == 302
    with here.scope():
        assert at.fresh(version).end_reason == "They reached it"
        assert not PlanReview.objects.filter(plan=version.plan, held_on=None).exists()


def test_sessions_count_into_a_block_and_its_end_says_what_to_choose(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.in_force(here)
        review = at.review_of(version.plan)
        for _n in range(4):
            Appointment.objects.create(
                clinic=here.clinic, client=version.client, episode=version.plan.episode, therapist=here.therapist,
                kind=Appointment.Kind.TREATMENT, starts_at=timezone.now(), service_on=today(here), duration_min=50,
                attendance="attended",
            )  # fmt: skip
    shown = text_of(signed_in(here.therapist).get(page(here, "plan_review", review.public_id)))
    assert "4 of 4 sessions held" in shown
    assert "Choose what comes next" in shown


def test_a_supervisor_reads_a_review_that_is_due_and_holds_none(world: World) -> None:
    here = world.here
    browser = signed_in(here.supervisor)
    due = page(here, "plan_review", here.review_due.public_id)
    assert "Not held yet" in text_of(browser.get(due))
    assert browser.post(due, {}).status_code == 403

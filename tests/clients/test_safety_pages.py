"""Safety: who sees what is open, handing it over, and the review that releases an inquiry."""

from typing import Any

import pytest

from clients.models import Inquiry, SafetyConcern
from clients.services import inquiries, safety
from clients.services.inquiries import Caller, Need, Person
from clinics.models import Draft
from tests.budgets.counting import asked
from tests.clients.people import ABSENT_ID, body, events, hidden, page, signed_in
from tests.world import NOW, Side, World

LATER = "2999-01-05"


def in_danger(side: Side) -> tuple[Inquiry, SafetyConcern]:
    """Return an inquiry of somebody unnamed who is in danger, and its concern."""
    inquiry = inquiries.open_inquiry(
        clinic=side.clinic, channel="phone_inbound", caller=Caller(relation="friend", phone="312 555 0142"),
        person=Person(), need=Need(words="He will not answer his door.", in_danger_now=True), by=side.coordinator, now=NOW,
    )  # fmt: skip
    return inquiry, SafetyConcern.objects.get(inquiry=inquiry)


def handed(side: Side) -> tuple[Inquiry, SafetyConcern]:
    """Return the same, handed to the other therapist."""
    inquiry, concern = in_danger(side)
    safety.hand_over(concern=concern, to=side.other_therapist, by=side.coordinator)
    return inquiry, concern


def test_each_sees_the_concerns_within_their_reach(world: World) -> None:
    here = world.here
    with here.scope():
        _inquiry, concern = handed(here)
    held = str(concern.public_id)
    for user, sees in ((here.coordinator, True), (here.other_therapist, True), (here.therapist, False)):
        html = signed_in(user).get(page(here, "safety_list")).content.decode()
        assert (held in html) == sees, user
        assert "harbor" not in html
    for user in (here.coder, here.privacy_officer, here.administrator):
        assert signed_in(user).get(page(here, "safety_list")).status_code == 403


def test_an_empty_list_says_what_appears_here(world: World) -> None:
    html = signed_in(world.here.other_therapist).get(page(world.here, "safety_list")).content.decode()
    assert "No open concern" in html


def test_the_list_is_recorded_and_asks_few_questions(world: World) -> None:
    here = world.here
    with here.scope():
        for _ in range(12):
            handed(here)
    browser = signed_in(here.other_therapist)
    browser.get(page(here, "safety_list"))
    before = len(events(here))
    with asked() as questions:
        browser.get(page(here, "safety_list"))
    assert [one.action for one in events(here, before)] == ["safetyconcern.listed"]
    assert len(questions) <= 12, "\n".join(questions)


def test_who_is_handed_a_concern_reads_the_inquiry_and_reviews_it(world: World) -> None:
    here = world.here
    with here.scope():
        inquiry, concern = in_danger(here)
    therapist, detail = signed_in(here.other_therapist), page(here, "inquiry_detail", inquiry.public_id)
    assert therapist.get(detail).status_code == 404
    over = page(here, "concern_hand_over", concern.public_id)
    coordinator = signed_in(here.coordinator)
    assert over in coordinator.get(detail).content.decode()
    assert coordinator.get(over).status_code == 200
    assert coordinator.post(over, {"to": str(here.other_therapist.public_id)})["Location"] == detail
    html = therapist.get(detail).content.decode()
    assert "He will not answer his door." in html
    assert "Log it" not in html
    review = page(here, "concern_review", concern.public_id)
    assert review in html
    sent = {
        **hidden(therapist.get(review).content.decode()), "rationale": "Spoke with him. Safe with his friend.",
        "next_check_on": LATER,
    }  # fmt: skip
    for _ in range(2):
        assert therapist.post(review, sent)["Location"] == detail
    with here.scope():
        inquiry.refresh_from_db()
        assert not inquiry.crisis_hold
        concern.refresh_from_db()
        assert (concern.reviewed_by, concern.rationale) == (here.other_therapist, sent["rationale"])
    assert sent["rationale"] in therapist.get(review).content.decode()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"rationale": " "}, "Write what you found"),
        ({"next_check_on": ""}, "Enter the day on which somebody checks"),
        ({"next_check_on": "2020-01-01"}, "This day is over."),
        ({"rationale": "r" * 5000}, "at most 4000"),
        ({"rationale": "a\x00b"}, "cannot be kept"),
        ({"repeat_key": ""}, "lost its number"),
    ],
)
def test_a_review_that_is_not_whole_leaves_the_hold(world: World, changes: Any, says: str) -> None:
    here = world.here
    with here.scope():
        inquiry, concern = handed(here)
    sent = {"rationale": "Spoke with him.", "next_check_on": LATER, "repeat_key": "one", **changes}
    answer = signed_in(here.other_therapist).post(page(here, "concern_review", concern.public_id), sent)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    with here.scope():
        inquiry.refresh_from_db()
        assert inquiry.crisis_hold


def test_who_may_review_and_who_may_hand_over(world: World) -> None:
    here = world.here
    with here.scope():
        _inquiry, concern = handed(here)
    expected = {
        here.coordinator: (403, 422), here.other_therapist: (422, 422), here.therapist: (404, 404),
        here.coder: (404, 404), here.privacy_officer: (404, 404), here.administrator: (404, 404),
    }  # fmt: skip
    for user, statuses in expected.items():
        browser = signed_in(user)
        found = tuple(
            browser.post(page(here, route, concern.public_id)).status_code
            for route in ("concern_review", "concern_hand_over")
        )
        assert found == statuses, user


def test_the_other_concerns_of_a_call_go_along(world: World) -> None:
    here = world.here
    need = Need(in_danger_now=True, safety_answer="yes", withdrawal_risk=True)
    with here.scope():
        inquiry = inquiries.open_inquiry(
            clinic=here.clinic, channel="phone_inbound", caller=Caller(relation="self", phone="312 555 0142"),
            person=Person(), need=need, by=here.coordinator, now=NOW,
        )  # fmt: skip
        first, *_others = SafetyConcern.objects.filter(inquiry=inquiry)
    over = page(here, "concern_hand_over", first.public_id)
    browser = signed_in(here.coordinator)
    assert "2 other concerns about the same call go along." in browser.get(over).content.decode()
    assert browser.post(over, {"to": str(here.supervisor.public_id)}).status_code == 302
    with here.scope():
        held = SafetyConcern.objects.filter(inquiry=inquiry).values_list("handed_to", flat=True)
        assert list(held) == [here.supervisor.pk] * 3
        world.here.concern.refresh_from_db()
        assert world.here.concern.handed_to is None


@pytest.mark.parametrize("who", ["coder", "coordinator", "neighbour", "nobody"])
def test_a_concern_goes_to_a_clinician_of_the_clinic(world: World, who: str) -> None:
    here = world.here
    with here.scope():
        _inquiry, concern = in_danger(here)
    to = {
        "coder": here.coder.public_id, "coordinator": here.coordinator.public_id,
        "neighbour": world.neighbour.therapist.public_id, "nobody": ABSENT_ID,
    }[who]  # fmt: skip
    answer = signed_in(here.coordinator).post(page(here, "concern_hand_over", concern.public_id), {"to": str(to)})
    assert answer.status_code == 422
    assert "Choose a therapist or supervisor who works here now." in answer.content.decode()
    with here.scope():
        concern.refresh_from_db()
        assert concern.handed_to is None


def test_foreign_absent_and_malformed_are_one_answer(world: World) -> None:
    browser = signed_in(world.here.therapist)
    for route in ("concern_review", "concern_hand_over"):
        ids = (world.neighbour.concern.public_id, ABSENT_ID, "not-an-id")
        answers = [browser.get(page(world.here, route, one)) for one in ids]
        assert {answer.status_code for answer in answers} == {404}
        assert len({body(answer, one) for answer, one in zip(answers, ids, strict=True)}) == 1


def test_what_was_typed_in_a_review_is_there_again(world: World) -> None:
    here = world.here
    with here.scope():
        _inquiry, concern = handed(here)
    browser, review = signed_in(here.other_therapist), page(here, "concern_review", concern.public_id)
    key = f"concern_review:{concern.public_id}"
    assert browser.post(page(here, "draft_save", key), {"rationale": "Half a thought"}).status_code < 300
    assert "Half a thought" in browser.get(review).content.decode()
    with here.scope():
        assert Draft.objects.filter(key=key).count() == 1

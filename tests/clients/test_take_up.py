"""Taking up a goal again that was set aside: with its history, by who writes plans, on a page and over the API."""

from clients.models import StageRating
from clients.services import targets
from tests.api.test_plans_api import Caller
from tests.clients.people import ABSENT_ID, body, events, page, signed_in
from tests.world import World

BUTTON, ASIDE = "Take this goal up again", "Set this goal aside"


def test_a_goal_is_taken_up_with_its_history_and_once(world: World) -> None:
    here = world.here
    target, since = here.change_target, len(events(here))
    with here.scope(here.therapist):
        targets.set_aside(target=target, by=here.therapist)
        before, ratings = target.version, StageRating.objects.filter(target=target).count()
        for _again in range(2):
            targets.take_up(target=target, by=here.therapist)
            assert (target.is_active, target.version) == (True, before + 1)
        target.refresh_from_db()
        assert target.is_active
        assert StageRating.objects.filter(target=target).count() == ratings
        targets.rate_stage(target=target, stage="prep", basis="interview", by=here.therapist, now=target.created_at)
    actions = [one.action for one in events(here, since)]
    assert actions.count("change_target.taken_up") == 1


def test_the_page_offers_it_for_what_is_set_aside_and_to_who_may(world: World) -> None:
    here = world.here
    target, browser = here.change_target, signed_in(here.therapist)
    shown, take_up = page(here, "target_detail", target.public_id), page(here, "target_take_up", target.public_id)
    assert BUTTON not in body(browser.get(shown))
    with here.scope(here.therapist):
        targets.set_aside(target=target, by=here.therapist)
    html = body(browser.get(shown))
    assert BUTTON in html
    assert ASIDE not in html
    assert BUTTON not in body(signed_in(here.supervisor).get(shown))
    assert signed_in(here.supervisor).post(take_up).status_code == 403
    assert signed_in(here.other_therapist).post(take_up).status_code == 404
    assert browser.get(take_up).status_code == 405
    answer = browser.post(take_up, follow=True)
    assert ASIDE in body(answer)
    for foreign in (world.neighbour.change_target.public_id, ABSENT_ID, "nonsense"):
        assert browser.post(page(here, "target_take_up", foreign)).status_code == 404


def test_over_the_api_it_is_the_same(world: World) -> None:
    here = world.here
    caller, path = Caller(here, here.therapist), f"targets/{here.change_target.public_id}/"
    assert caller.post(path + "end/").json()["is_active"] is False
    taken = [caller.post(path + "take-up/") for _again in range(2)]
    assert [(one.status_code, one.json()["is_active"]) for one in taken] == [(200, True)] * 2
    assert taken[0].headers["ETag"] == taken[1].headers["ETag"]
    assert Caller(here, here.supervisor).post(path + "take-up/").status_code == 403
    assert caller.post(f"targets/{world.neighbour.change_target.public_id}/take-up/").status_code == 404

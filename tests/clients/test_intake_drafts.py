"""Calls that were cut off: each is a draft of its own, listed for its author alone, and finished later."""

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clinics import drafts
from clinics.models import Draft
from tests.clients.calls import CALL, call_of, count_of, inquiry_at, send
from tests.clients.people import ABSENT_ID, events, hidden, page, signed_in
from tests.world import Side, World


def test_a_half_filled_form_is_finished_later(world: World) -> None:
    here = world.here
    browser = signed_in(here.coordinator)
    before = count_of(here)
    answer = send(browser, here, who="", phone="31", born_on_day="", words="half a \x00sentence", later="1")
    assert answer.status_code == 302
    assert count_of(here) == before
    with here.scope():
        draft = Draft.objects.get(user=here.coordinator, key__startswith="intake_create:")
    address = f"{page(here, 'intake_create')}?draft={draft.key.partition(':')[2]}"
    assert address in browser.get(page(here, "intake_create")).content.decode()
    again = browser.get(address).content.decode()
    assert "Your draft of" in again
    assert "sentence" in again
    assert 'value="31"' in again
    assert "sentence" not in signed_in(here.supervisor).get(page(here, "home"), follow=True).content.decode()
    browser.post(address, {**CALL, "repeat_key": hidden(again)["repeat_key"]})
    with here.scope():
        assert not Draft.objects.filter(pk=draft.pk).exists()


def test_a_draft_that_is_too_long_is_not_thrown_away(world: World) -> None:
    here = world.here
    answer = send(signed_in(here.coordinator), here, words="x" * 250_000, later="1")
    assert answer.status_code == 422
    assert "too long to keep as a draft" in answer.content.decode()


def left_open(browser: Browser, side: Side, address: str, **other: str) -> str:
    """Leave an intake for later, begun at an address; return where its draft is kept."""
    shown = browser.get(address).content.decode()
    action = shown.split('" id="intake"', 1)[0].rsplit('action="', 1)[1]
    sent = {**CALL, "repeat_key": hidden(shown)["repeat_key"], **other, "later": "1"}
    assert browser.post(action, sent).status_code == 302
    return action


def test_two_calls_at_once_are_two_drafts(world: World) -> None:
    here = world.here
    browser = signed_in(here.coordinator)
    fresh = page(here, "intake_create")
    assert "Unfinished intakes" not in browser.get(fresh).content.decode()
    one = left_open(browser, here, fresh, legal_name="", who="family", caller_name="Ana Rivers", words="First call.")
    two = left_open(browser, here, fresh, legal_name="", goes_by="", words="Second call.")
    assert one != two
    listing = browser.get(fresh).content.decode()
    assert "Unfinished intakes" in listing
    assert "Ana Rivers" in listing
    assert "Nobody named yet" in listing
    for words in ("First call.", "Second call."):
        assert words not in listing
    resumed = browser.get(one).content.decode()
    assert "First call." in resumed
    assert "Second call." not in resumed
    assert "Your draft of" in resumed
    assert "Unfinished intakes" not in resumed
    # Finishing one leaves the other.
    sent = {**CALL, "repeat_key": hidden(resumed)["repeat_key"], "words": "First call."}
    with here.scope():
        assert inquiry_at(browser.post(one, sent)).words == "First call."
        assert Draft.objects.filter(user=here.coordinator, key__startswith="intake_create:").count() == 1
    assert "Second call." in browser.get(two).content.decode()
    assert "First call." not in browser.get(one).content.decode()


def test_drafts_are_listed_for_their_author_alone_and_recorded(world: World) -> None:
    here = world.here
    browser = signed_in(here.coordinator)
    address = left_open(browser, here, page(here, "intake_create"), legal_name="Noor Hidden")
    seen = len(events(here))
    browser.get(page(here, "intake_create"))
    recorded = [event for event in events(here, seen) if event.action == "draft.listed"]
    assert [event.detail for event in recorded] == [{"form": "intake_create", "n": 1}]
    browser_there = signed_in(world.neighbour.coordinator)
    there = page(world.neighbour, "intake_create")
    query = address.partition("?")[2]
    for answer in (browser_there.get(there), browser_there.get(f"{there}?{query}")):
        assert "Noor Hidden" not in answer.content.decode()


@pytest.mark.parametrize("draft", ["nonsense", "", ABSENT_ID, "\x00", "../../x"])
def test_a_draft_that_is_gone_is_a_new_intake(world: World, draft: str) -> None:
    browser = signed_in(world.here.coordinator)
    answer = browser.get(page(world.here, "intake_create"), {"draft": draft})
    assert answer.status_code == 200
    assert "Your draft of" not in answer.content.decode()


def test_a_draft_is_thrown_away_from_the_list(world: World) -> None:
    here = world.here
    browser = signed_in(here.coordinator)
    fresh = page(here, "intake_create")
    left_open(browser, here, fresh)
    listing = browser.get(fresh).content.decode()
    discard = listing.split("/discard/", 1)[0].rsplit('action="', 1)[1] + "/discard/"
    answer = browser.post(discard, {"next": fresh})
    assert (answer.status_code, answer["Location"]) == (302, fresh)
    assert "Unfinished intakes" not in browser.get(fresh).content.decode()


def test_looking_for_matches_keeps_the_draft_of_the_page(world: World) -> None:
    here = world.here
    browser = signed_in(here.coordinator)
    address = left_open(browser, here, page(here, "intake_create"), words="Half a call.")
    looked = browser.post(address, call_of(browser, here, look="1", words="More of it."))
    html = looked.content.decode()
    assert looked.status_code == 200
    assert f'action="{address}"' in html
    key = address.partition("draft=")[2]
    assert f"/drafts/intake_create:{key}/" in html


def test_a_draft_of_an_intake_goes_after_thirty_days(world: World) -> None:
    here = world.here
    left_open(signed_in(here.coordinator), here, page(here, "intake_create"))
    with here.scope():
        mine = Draft.objects.filter(key__startswith="intake_create:")
        assert drafts.purge_drafts(timezone.now() + timedelta(days=29)) == 0
        assert mine.count() == 1
        drafts.purge_drafts(timezone.now() + timedelta(days=31))
        assert mine.count() == 0

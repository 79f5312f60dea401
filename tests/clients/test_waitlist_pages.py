"""The waiting list's page."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import InterimOffer, WaitlistEntry
from tests.clients import admission as at
from tests.clients.admission_pages import made, now_is_now, status, text_of  # noqa: F401 - a fixture
from tests.clients.people import events, hidden, page, signed_in
from tests.world import World

# --- waiting list --------------------------------------------------------------------------------------------------


def test_somebody_is_put_on_the_list_asked_offered_help_and_a_place(world: World) -> None:
    here = world.here
    inquiry = made(here, at.accepted)
    browser = signed_in(here.coordinator)
    address = page(here, "waitlist_join", inquiry.public_id)
    form = {"pregnant": "yes", "injects": "", **hidden(text_of(browser.get(address)))}
    assert [browser.post(address, form).status_code for _n in range(2)] == [302, 302]
    with here.scope():
        entry = WaitlistEntry.objects.get(inquiry=inquiry)
        assert entry.priority == 2
    shown = text_of(browser.get(page(here, "waitlist")))
    assert "Robin Vale" in shown
    assert "Place 1 · Pregnant" in shown
    assert "not asked yet" in shown
    answer = browser.post(page(here, "waitlist_check_in", entry.public_id), {"version": "1"}, follow=True)
    assert "last asked" in text_of(answer)
    stale = browser.post(page(here, "waitlist_check_in", entry.public_id), {"version": "1"}, follow=True)
    assert "Someone else saved this record in the meantime." in text_of(stale)
    help_at = page(here, "waitlist_meanwhile", entry.public_id)
    form = {
        "offer": "naloxone",
        "answer": "accepted",
        "words": "Two, for home.",
        **hidden(text_of(browser.get(help_at))),
    }
    assert [browser.post(help_at, form).status_code for _n in range(2)] == [302, 302]
    with here.scope():
        assert InterimOffer.objects.filter(entry=entry).count() == 1
    assert "Naloxone and how to use it · Yes" in text_of(browser.get(page(here, "waitlist")))
    offered = browser.post(page(here, "waitlist_offer", entry.public_id), {"version": "2"}, follow=True)
    assert "The place is offered." in text_of(offered)
    assert status(here, inquiry) == "accepted"
    gone = browser.post(page(here, "waitlist_offer", entry.public_id), {"version": "3"}, follow=True)
    assert "does not wait any more" in text_of(gone)


def test_the_list_is_read_by_those_who_see_the_people_and_asks_a_fixed_number_of_questions(world: World) -> None:
    here = world.here
    made(here, at.waiting)
    browser, address = signed_in(here.coordinator), page(here, "waitlist")

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(address).status_code == 200
        return len(asked)

    browser.get(page(here, "client_list"))
    seen = len(events(here))
    before = questions()
    assert [event.action for event in events(here, seen)].count("client.listed") == 1
    with here.scope():
        for name in ("Ana Vale", "Bo Vale", "Cy Vale"):
            inquiry = at.screened(here, name, born_on=None, gaps={"born_on": "not_known"})
            at.waiting(here, at.accepted(here, at.assessed(here, at.booked(here, inquiry))))
    assert questions() == before
    assert before <= 12
    assert signed_in(here.administrator).get(address).status_code == 403
    assert signed_in(here.coder).get(address).status_code == 403
    assert "Offer a place" not in text_of(signed_in(here.therapist).get(address))
    assert "Robin Vale" not in text_of(signed_in(here.other_therapist).get(address))
    assert "Robin Vale" not in text_of(signed_in(world.neighbour.coordinator).get(page(world.neighbour, "waitlist")))


def test_nobody_waits_says_so(world: World) -> None:
    with world.here.scope():
        WaitlistEntry.objects.update(ended_at=timezone.now(), ended="other")
    assert "Nobody is waiting." in text_of(signed_in(world.here.coordinator).get(page(world.here, "waitlist")))

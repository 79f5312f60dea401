"""The demonstration's requests for care: one in every status, what waits, and how long making them takes."""

import re
import time
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from analytics.demo import callers, casting, inquiries
from clients.models import ContactAttempt, Inquiry, SafetyConcern, Task
from clients.rules.transitions import ACTIVE, REOPENABLE, Status
from clients.selectors.merging import pairs_to_look_at
from clients.selectors.referrals import whole_list
from tests.world import Side, World

LIMIT_S = 5.0  # of processor time for one clinic; there are two
NOT_PERSON_FIRST = re.compile(r"addict|alcoholic|abuser|junkie|clean\b|dirty|relaps|suffer|victim|non-?complian", re.I)


def asked(side: Side, slug: str) -> int:
    """Let the people of one of the demonstration's clinics ask for care at a clinic of the world."""
    side.clinic.slug = slug  # which cast; the row keeps its own
    return inquiries.ask_for_care(
        clinic=side.clinic, coordinator=side.coordinator, therapist=side.therapist, supervisor=side.supervisor,
        now=timezone.now(),
    )  # fmt: skip


@pytest.mark.parametrize("slug", [cast.slug for cast in casting.CAST])
def test_there_is_somebody_in_every_status_and_it_is_quickly_made(
    world: World, slug: str, record_property: Any
) -> None:
    with world.here.scope():
        began = time.process_time()
        made = asked(world.here, slug)
        took = time.process_time() - began
        found = list(Inquiry.objects.exclude(pk=world.here.rows["inquiry"].pk))
        assert len(found) == made == len(callers.STORIES)
        assert {inquiry.status for inquiry in found} == set(Status)
        assert all(inquiry.received_at <= timezone.now() for inquiry in found)
    record_property(f"demo: requests for care at {slug}, seconds", round(took, 2))
    assert took < LIMIT_S


def test_what_the_coordinator_finds_in_the_morning(world: World) -> None:
    now = timezone.now()
    with world.here.scope():
        asked(world.here, "riverbend")
        held = Inquiry.objects.get(crisis_hold=True)
        concern = SafetyConcern.objects.get(inquiry=held, reviewed_at=None)
        assert (concern.level, concern.handed_to) == ("S3", world.here.therapist)
        assert SafetyConcern.objects.filter(reviewed_by=world.here.supervisor).count() == 1
        calls = Task.objects.filter(kind="call_back", done_at=None, key__startswith="call_back:")
        due = list(calls.values_list("due_at", flat=True))
        assert len(due) >= 4
        assert min(due) < now < max(due) < now + timedelta(hours=3)
        waiting = Inquiry.objects.filter(channel="web_form", status="new", first_attempt_at=None)
        assert waiting.count() == 3
        closed = Inquiry.objects.filter(status__in=["closed_declined", "referred_out", "not_eligible"])
        assert all(move.reason for one in closed for move in one.moves.filter(to=one.status))
        open_now = Counter(one.status in ACTIVE for one in Inquiry.objects.all())
        assert open_now[True] > open_now[False] >= len(REOPENABLE)
        repeated = Inquiry.objects.get(status="duplicate")
        assert repeated.master is not None
        assert repeated.master.phone == repeated.phone
        assert ContactAttempt.objects.filter(live=True).exists()


def test_nobody_is_somebody_elsewhere_and_words_are_kind() -> None:
    names = [name for people_of in callers.PEOPLE.values() for name, *_rest in people_of]
    in_care = [name for cast in casting.CAST for name, *_rest in cast.clients]
    assert len({*names, *in_care}) == len(names) + len(in_care)
    named = sum(story.named and not story.again for story in callers.STORIES)
    assert {len(people_of) for people_of in callers.PEOPLE.values()} == {named}
    for story in callers.STORIES:
        for words in story.words:
            assert not NOT_PERSON_FIRST.search(words), words


@pytest.mark.parametrize("slug", [cast.slug for cast in casting.CAST])
def test_organisations_sent_people_and_one_person_stands_there_twice(world: World, slug: str) -> None:
    here = world.here
    with here.scope():
        here.organisation.delete()
        asked(here, slug)
        sent = {row.source: row.sent for row in whole_list(timezone.now())}
        assert sent == {"2": 1, "3": 2, "4": 0, "5": 1, "6": 1, "7": 1}
        assistance = Inquiry.objects.get(source="5")
        assert (assistance.eap_number, assistance.eap_sessions, assistance.eap_report_to) == ("EA-40718", 6, "")
        assert Inquiry.objects.get(source="7").source_detail in ("1", "3")
        (pair,) = pairs_to_look_at(here.coordinator)
        assert pair.match.level == "likely"
        assert pair.older.legal_name == pair.newer.legal_name


def test_numbers_are_of_nobody(world: World) -> None:
    """555-0100 to 555-0199 are given to no line in North America."""
    with world.here.scope():
        asked(world.here, "harbor")
        for phone in Inquiry.objects.filter(phone__startswith="+1617").values_list("phone", flat=True):
            assert re.fullmatch(r"\+161755501\d\d", phone)


def test_a_clinic_of_another_name_has_no_cast() -> None:
    assert {cast.slug for cast in casting.CAST} == set(callers.PEOPLE) == set(callers.AREA_CODES)


@pytest.mark.parametrize("slug", [cast.slug for cast in casting.CAST])
def test_some_of_them_say_how_they_live(world: World, slug: str) -> None:
    with world.here.scope():
        asked(world.here, slug)
        found = Inquiry.objects.exclude(pk=world.here.rows["inquiry"].pk)
        unsafe = found.get(unsafe_at_home="yes")
        assert unsafe.safe_way
        for name in ("preferred_method", "campaign", "line_called"):
            assert found.exclude(**{name: ""}).count() >= 2, name
        for name in ("pregnant", "veteran", "homeless", "referrer_consent"):
            assert found.exclude(**{name: "not_asked"}).exists(), name
        assert sum(bool(one.mental_health) for one in found) >= 2
        assert found.filter(eap_sessions=6, eap_sessions_used=2).count() == 1
        assert found.exclude(client__gender="").exclude(client__state="").count() >= 10
        assert found.exclude(guardian_name="").exists() is (slug == "harbor")

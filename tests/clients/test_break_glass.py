"""Break-glass: by number only, with a reason, for sixty minutes of the database's clock, shouted about, reviewed."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.test import Client as Browser
from django.utils import timezone

from clients.models import BreakGlass, ChangeTarget, Client, Episode
from clients.services import break_glass as services
from clients.services import merging, people
from clinics.models import AuditEvent, Draft, Membership
from clinics.roles import BREAK_GLASS_RIGHTS, RIGHTS, Reach, Role
from clinics.services.people import add_member
from sessions.models import ProgressNote, Transcript
from tests.clients.people import ABSENT_ID, body, events, hidden, joined_twice, page, signed_in
from tests.world import CANARY, World

REASON = "She is at the desk and asks for her plan."


@pytest.fixture(autouse=True)
def _no_earlier_access(world: World) -> None:
    """Start without the access that the world holds."""
    with world.here.scope():
        BreakGlass.objects.all().delete()


def age(world: World, minutes: int) -> None:
    """Let every access have begun so many minutes earlier."""
    with world.here.scope():
        BreakGlass.objects.update(
            starts_at=F("starts_at") - timedelta(minutes=minutes), ends_at=F("ends_at") - timedelta(minutes=minutes)
        )


def opened(world: World) -> BreakGlass:
    with world.here.scope():
        return services.break_glass(client=world.here.client, reason=REASON, by=world.here.other_therapist)


def post_reason(browser: Browser, world: World, reason: str = REASON) -> Any:
    address = page(world.here, "break_glass", world.here.client.public_id)
    return browser.post(address, {"reason": reason, **hidden(browser.get(address).content.decode())})


# --- finding --------------------------------------------------------------------------------------------------------


def find(browser: Browser, world: World, reference: str) -> Any:
    return browser.post(page(world.here, "break_glass_find"), {"reference": reference})


def test_an_exact_number_leads_to_the_form_and_shows_nothing_of_the_person(world: World) -> None:
    browser = signed_in(world.here.other_therapist)
    answer = find(browser, world, " rb-2001 ")
    assert answer.url == page(world.here, "break_glass", world.here.client.public_id)
    form = browser.get(answer.url)
    assert form.status_code == 200
    assert "RB-2001" in form.content.decode()
    assert CANARY not in form.content.decode()
    assert "Jordan" not in form.content.decode()


@pytest.mark.parametrize("reference", ["RB-200", "RB-2", "2001", "%", "RB-2001%", "HY-2001", "Marsh"])
def test_part_of_a_number_a_name_or_the_neighbour_s_number_finds_nobody(world: World, reference: str) -> None:
    answer = find(signed_in(world.here.other_therapist), world, reference)
    assert answer.status_code == 422
    assert "No record at this clinic has this number." in answer.content.decode()


def test_who_can_see_the_record_is_led_to_it(world: World) -> None:
    answer = find(signed_in(world.here.therapist), world, "RB-2001")
    assert answer.url == page(world.here, "client_detail", world.here.client.public_id)
    form = signed_in(world.here.therapist).get(page(world.here, "break_glass", world.here.client.public_id))
    assert form.url == answer.url


def test_every_number_tried_is_in_the_trail_and_trying_has_an_end(world: World) -> None:
    browser = signed_in(world.here.other_therapist)
    seen = len(events(world.here))
    for number in range(services.LOOK_UPS_AN_HOUR):
        find(browser, world, f"RB-{3000 + number}")
    refused = find(browser, world, "RB-2001")
    assert refused.status_code == 422
    assert "Ask your supervisor" in refused.content.decode()
    assert [e.action for e in events(world.here, seen)] == [services.LOOKED_UP] * services.LOOK_UPS_AN_HOUR


def test_the_trail_names_the_record_that_was_found(world: World) -> None:
    seen = len(events(world.here))
    find(signed_in(world.here.other_therapist), world, "RB-2001")
    (event,) = events(world.here, seen)
    assert (event.client_ref, event.detail) == (world.here.client.pk, {"found": True})


# --- opening --------------------------------------------------------------------------------------------------------


def test_in_need_every_record_of_a_person_is_opened_from_whichever_number(world: World) -> None:
    here = world.here
    with here.scope():
        once, twice = joined_twice(here)
        given = {"by": here.coordinator, "now": timezone.now()}
        third = people.record_client(clinic=here.clinic, legal_name="J. Marsh", **given)
    browser = signed_in(here.other_therapist)
    found = find(browser, world, twice.reference)
    assert found.url == page(here, "break_glass", here.client.public_id)
    assert post_reason(browser, world).url == page(here, "client_detail", here.client.public_id)
    with here.scope():
        seen = Client.objects.permitted(here.other_therapist, "clinics.view_client")
        assert set(seen) == {here.client, once, twice, here.merge.absorbed}
        # Joined while it is open: the page is the other record's then, and says why it is seen.
        merging.merge(kept=third, absorbed=here.client, **given)
        assert set(seen.all()) == {here.client, once, twice, third, here.merge.absorbed}
        again = services.break_glass(client=twice, reason=REASON, by=here.other_therapist)
        assert again == BreakGlass.objects.get()
    answer = browser.get(page(here, "client_detail", third.public_id))
    assert "Break-glass, open until" in answer.content.decode()
    assert [reason.reach for reason in answer.context["reasons"]] == [Reach.BREAK_GLASS]


def test_one_grant_opens_the_record_for_sixty_minutes_and_leaves_one_event(world: World) -> None:
    here = world.here
    browser = signed_in(here.other_therapist)
    record = page(here, "client_detail", here.client.public_id)
    assert browser.get(record).status_code == 404
    answer = post_reason(browser, world)
    assert answer.url == record
    shown = browser.get(record).content.decode()
    assert CANARY in shown
    assert "Break-glass, open until" in shown
    with here.scope():
        access = BreakGlass.objects.get()
        assert access.ends_at - access.starts_at == timedelta(minutes=60)
        assert access.reason == REASON
    assert [e.action for e in events(here)].count("break_glass.opened") == 1


def test_the_reason_lies_encrypted(world: World) -> None:
    opened(world)
    with world.here.scope(), connection.cursor() as cursor:
        cursor.execute("select reason from clients_breakglass")
        assert b"desk" not in bytes(cursor.fetchone()[0])


@pytest.mark.parametrize("reason", ["", "   ", "short", "x" * 14, " " * 40 + "y"])
def test_a_reason_that_says_nothing_opens_nothing(world: World, reason: str) -> None:
    browser = signed_in(world.here.other_therapist)
    answer = post_reason(browser, world, reason)
    assert answer.status_code == 422
    assert "at least 15 characters" in answer.content.decode()
    with world.here.scope():
        assert not BreakGlass.objects.exists()


def test_the_same_form_twice_and_a_second_form_open_it_once(world: World) -> None:
    browser = signed_in(world.here.other_therapist)
    address = page(world.here, "break_glass", world.here.client.public_id)
    form = {"reason": REASON, **hidden(browser.get(address).content.decode())}
    assert [browser.post(address, form).status_code for _n in range(2)] == [302, 302]
    opened(world)
    with world.here.scope():
        assert BreakGlass.objects.count() == 1


def test_an_old_proof_of_identity_is_asked_again_and_the_reason_is_not_parked_in_the_session(world: World) -> None:
    browser = signed_in(world.here.other_therapist, confirmed=False)
    address = page(world.here, "break_glass", world.here.client.public_id)
    for answer in (browser.get(address), browser.post(address, {"reason": REASON, "repeat_key": "k"})):
        assert answer.status_code == 302
        assert "reauthenticate" in answer.url
    assert "desk" not in str(dict(browser.session))
    with world.here.scope():
        assert not BreakGlass.objects.exists()


def test_only_who_holds_the_right_may_try(world: World) -> None:
    here = world.here
    for user in (here.coordinator, here.coder, here.privacy_officer, here.administrator):
        browser = signed_in(user)
        assert browser.get(page(here, "break_glass_find")).status_code == 403
        assert browser.get(page(here, "break_glass", here.client.public_id)).status_code == 404
        assert browser.post(page(here, "break_glass", here.client.public_id), {"reason": REASON}).status_code == 404
    with here.scope():
        assert not BreakGlass.objects.exists()


def test_a_foreign_an_absent_and_a_malformed_record_answer_alike(world: World) -> None:
    browser = signed_in(world.here.other_therapist)
    bodies = set()
    for public_id in (world.neighbour.client.public_id, ABSENT_ID, "not-an-id"):
        answer = browser.post(page(world.here, "break_glass", public_id), {"reason": REASON})
        assert answer.status_code == 404
        bodies.add(body(answer, public_id))
    assert len(bodies) == 1
    with world.neighbour.scope():
        assert not BreakGlass.objects.filter(reason__isnull=False, user=world.here.other_therapist).exists()


# --- what it opens --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("right", sorted(RIGHTS))
def test_it_opens_the_rights_of_the_table_and_no_others(world: World, right: str) -> None:
    here = world.here
    user = here.other_therapist
    with here.scope():
        before = Client.objects.permitted(user, f"clinics.{right}").filter(pk=here.client.pk).exists()
    opened(world)
    with here.scope():
        after = Client.objects.permitted(user, f"clinics.{right}").filter(pk=here.client.pk).exists()
    assert after == (before or right in BREAK_GLASS_RIGHTS)


def test_it_opens_notes_and_goals_and_never_transcripts(world: World) -> None:
    here = world.here
    opened(world)
    with here.scope():
        assert ProgressNote.objects.permitted(here.other_therapist, "clinics.view_note").exists()
        assert ChangeTarget.objects.permitted(here.other_therapist, "clinics.view_plan").exists()
        assert Episode.objects.permitted(here.other_therapist, "clinics.view_client").exists()
        assert not Transcript.objects.permitted(here.other_therapist, "clinics.view_transcript").exists()
        assert Reach.BREAK_GLASS not in here.other_therapist.reaches("clinics.view_fidelity", here.clinic.pk)


def test_it_changes_nothing_it_only_reads(world: World) -> None:
    here = world.here
    opened(world)
    browser = signed_in(here.other_therapist)
    assert browser.get(page(here, "client_edit", here.client.public_id)).status_code == 403
    assert browser.get(page(here, "appointment_create", here.client.public_id)).status_code == 403
    assert browser.get(page(here, "target_create", here.client.public_id)).status_code == 403
    shown = browser.get(page(here, "client_detail", here.client.public_id)).content.decode()
    assert "/edit/" not in shown
    assert "/goals/new/" not in shown
    assert "/end/" not in shown


def test_it_ends_after_sixty_minutes_of_the_database_s_clock(world: World) -> None:
    here = world.here
    opened(world)
    browser = signed_in(here.other_therapist)
    record = page(here, "client_detail", here.client.public_id)
    age(world, 59)
    assert browser.get(record).status_code == 200
    assert "banner-danger" in browser.get(page(here, "client_list")).content.decode()
    age(world, 1)
    assert browser.get(record).status_code == 404
    after = browser.get(page(here, "client_list")).content.decode()
    assert "banner-danger" not in after
    assert "RB-2001" not in after


def test_who_lost_the_role_loses_what_they_opened(world: World) -> None:
    opened(world)
    with world.here.scope():
        Membership.objects.filter(user=world.here.other_therapist).update(role=Role.CODER)
    browser = signed_in(world.here.other_therapist)
    assert browser.get(page(world.here, "client_detail", world.here.client.public_id)).status_code == 404


def test_the_banner_stands_on_every_page_of_who_opened_it_and_nobody_else(world: World) -> None:
    here = world.here
    opened(world)
    for route in ("client_list", "break_glass_find"):
        shown = signed_in(here.other_therapist).get(page(here, route)).content.decode()
        assert "banner-danger" in shown
        assert "RB-2001" in shown
    assert "banner-danger" not in signed_in(here.therapist).get(page(here, "client_list")).content.decode()


def test_after_it_ended_it_can_be_opened_again_with_a_new_reason(world: World) -> None:
    first = opened(world)
    age(world, 61)
    assert opened(world).pk != first.pk


# --- reviewing ------------------------------------------------------------------------------------------------------


def reviews(browser: Browser, world: World, query: str = "") -> str:
    return browser.get(page(world.here, "break_glass_reviews") + query).content.decode()


def test_it_waits_on_the_review_list_of_supervisor_and_privacy_officer_at_once(world: World) -> None:
    opened(world)
    for user in (world.here.supervisor, world.here.privacy_officer):
        seen = len(events(world.here))
        shown = reviews(signed_in(user), world)
        assert REASON in shown
        assert CANARY not in shown
        (event,) = events(world.here, seen)
        assert (event.action, event.detail["client_ids"]) == ("break_glass.listed", [world.here.client.pk])
    for user in (world.here.therapist, world.here.coordinator, world.here.coder, world.here.administrator):
        assert signed_in(user).get(page(world.here, "break_glass_reviews")).status_code == 403


@pytest.mark.parametrize("outcome", ["justified", "not_justified"])
def test_a_review_is_kept_once(world: World, outcome: str) -> None:
    access = opened(world)
    browser = signed_in(world.here.supervisor)
    address = page(world.here, "break_glass_review", access.public_id)
    assert browser.post(address, {"outcome": outcome}).status_code == 302
    other = {"justified": "not_justified", "not_justified": "justified"}[outcome]
    again = signed_in(world.here.privacy_officer)
    again.post(address, {"outcome": other})
    assert "Somebody has reviewed this access already." in reviews(again, world)
    assert REASON in reviews(again, world, "?done=1")
    with world.here.scope():
        access.refresh_from_db()
        assert (access.outcome, access.reviewed_by) == (outcome, world.here.supervisor)
    assert [e.action for e in events(world.here)].count("break_glass.reviewed") == 1


def test_nobody_reviews_their_own(world: World) -> None:
    here = world.here
    with here.scope():
        add_member(clinic=here.clinic, user=here.other_therapist, role=Role.SUPERVISOR, by=None)
    here.other_therapist.refresh_from_db()
    access = opened(world)
    browser = signed_in(here.other_therapist)
    listed = browser.get(page(here, "break_glass_reviews"))
    assert listed.status_code == 200
    assert REASON not in listed.content.decode()
    browser.post(page(here, "break_glass_review", access.public_id), {"outcome": "justified"})
    assert "This was your own access." in reviews(browser, world)
    with here.scope():
        access.refresh_from_db()
        assert access.outcome == ""
        with pytest.raises(IntegrityError), transaction.atomic():
            BreakGlass.objects.update(outcome="justified", reviewed_by=here.other_therapist, reviewed_at=F("ends_at"))


def test_a_review_without_an_outcome_or_of_a_foreign_access_changes_nothing(world: World) -> None:
    access = opened(world)
    browser = signed_in(world.here.supervisor)
    browser.post(page(world.here, "break_glass_review", access.public_id), {"outcome": "maybe"})
    assert "Say whether this access was justified." in reviews(browser, world)
    with world.neighbour.scope():
        foreign = BreakGlass.objects.get()
    for public_id in (foreign.public_id, ABSENT_ID, "x"):
        assert (
            browser.post(page(world.here, "break_glass_review", public_id), {"outcome": "justified"}).status_code == 404
        )
    with world.neighbour.scope():
        foreign.refresh_from_db()
        assert foreign.outcome == ""


def test_an_empty_list_says_so(world: World) -> None:
    assert "Nothing waits for a review" in reviews(signed_in(world.here.supervisor), world)
    assert "No reviews yet" in reviews(signed_in(world.here.supervisor), world, "?done=1")


def test_a_draft_of_the_reason_goes_once_the_record_is_open(world: World) -> None:
    here = world.here
    browser = signed_in(here.other_therapist)
    key = f"break_glass:{here.client.public_id}"
    browser.post(page(here, "draft_save", key), {"reason": "She is at the"})
    form = browser.get(page(here, "break_glass", here.client.public_id)).content.decode()
    assert "She is at the" in form
    post_reason(browser, world)
    with here.scope():
        assert not Draft.objects.filter(user=here.other_therapist).exists()
        actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"draft.opened", "draft.locked"} <= actions

"""The list of people, a person's page, and correcting it, through the browser."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Appointment, CaseloadAssignment, ChangeTarget, Client, SafetyConcern
from clients.services import caseload, safety, targets
from clinics.roles import Role
from clinics.services.people import add_member
from tests.clients.measuring import asked, phq9
from tests.clients.people import events, hidden, in_care, page, signed_in, text_of, today
from tests.world import CANARY, World


def admit(world: World, name: str, *, on: str = "therapist", **other: Any) -> Client:
    """Return a person in care on the caseload of `on`."""
    with world.here.scope():
        return in_care(world.here, name, therapist=getattr(world.here, on), **other)


def names_on(answer: Any) -> list[str]:
    return [row.name for row in answer.context["rows"]]


def search(browser: Browser, world: World, text: str) -> Any:
    return browser.post(page(world.here, "client_list"), {"search": text}, follow=True)


# --- the list -------------------------------------------------------------------------------------------------------


def test_the_list_shows_name_number_program_and_next_appointment(world: World) -> None:
    here = world.here
    soon = timezone.now() + timedelta(days=2)
    with here.scope():
        for start, attendance in (
            (soon, ""),
            (soon - timedelta(days=1), "client_cancel"),
            (soon + timedelta(days=1), ""),
        ):
            Appointment.objects.create(
                clinic=here.clinic, client=here.client, episode=here.episode, therapist=here.therapist,
                starts_at=start, service_on=start.date(), attendance=attendance,
            )  # fmt: skip
    answer = signed_in(here.coordinator).get(page(here, "client_list"))
    (row,) = answer.context["rows"]
    assert (row.reference, row.programs, row.next_at) == ("RB-2001", "Outpatient", soon)
    assert CANARY in row.name


def test_each_role_sees_its_reach_and_never_the_neighbour(world: World) -> None:
    here = world.here
    admit(world, "Other Person", on="other_therapist")
    everybody = {"Jordan CANARY-riverbend", "Other Person"}
    for user, expected in (
        (here.coordinator, everybody),
        (here.privacy_officer, everybody),
        (here.therapist, {"Jordan CANARY-riverbend"}),
        (here.supervisor, {"Jordan CANARY-riverbend"}),
        (here.other_therapist, {"Other Person"}),
    ):
        answer = signed_in(user).get(page(here, "client_list"))
        assert set(names_on(answer)) == expected, user
        assert "harbor" not in answer.content.decode().replace("Harbor", "")
    for user in (here.coder, here.administrator):
        assert signed_in(user).get(page(here, "client_list")).status_code == 403
    assert signed_in(world.neighbour.coordinator).get(page(here, "client_list")).status_code == 404
    assert Browser().get(page(here, "client_list")).status_code == 302


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("mar", ["Jo Marsh-Núñez"]),
        ("NUNEZ", []),
        ("jordan mar", ["Jo Marsh-Núñez"]),
        ("marsh jo", ["Jo Marsh-Núñez"]),
        ("Marsh, Jordan", ["Jo Marsh-Núñez"]),
        ("jo", ["Jo Marsh-Núñez"]),
        ("rb-2002", ["Jo Marsh-Núñez"]),
        ("arsh", []),
        ("%", []),
        ("_", []),
        ("marsh zzz", []),
        ("🙂", ["🙂"]),
        ("יעל", ["יעל כהן"]),
    ],
)
def test_search_finds_by_the_beginning_of_every_name_and_of_the_number(
    world: World, text: str, found: list[str]
) -> None:
    with world.here.scope():
        Client.objects.update(family_key="zz", given_key="zz")
    admit(world, "Jordan Marsh-Núñez", goes_by="Jo")
    admit(world, "🙂")
    admit(world, "יעל כהן")
    assert names_on(search(signed_in(world.here.coordinator), world, text)) == found


def test_a_name_that_is_searched_stands_in_no_address(world: World) -> None:
    browser = signed_in(world.here.coordinator)
    answer = browser.post(page(world.here, "client_list"), {"search": "marsh"})
    assert answer.status_code == 302
    assert "marsh" not in answer.url
    assert "Found for" in browser.get(answer.url).content.decode()
    assert browser.get(page(world.here, "client_list") + "?find=nonsense").status_code == 404
    other = signed_in(world.neighbour.coordinator)
    assert other.get(answer.url.replace("riverbend", "harbor")).status_code == 404


def test_the_list_is_paged_and_each_page_leaves_one_event_with_its_ids(world: World) -> None:
    here = world.here
    with here.scope():
        Client.objects.bulk_create(
            Client(clinic=here.clinic, reference=f"RB-9{n:03}", legal_name=f"P{n:03}", family_key=f"p{n:03}", given_key="p")
            for n in range(70)
        )  # fmt: skip
        everybody = list(
            Client.objects.filter(merged_into=None).order_by("family_key", "id").values_list("pk", flat=True)
        )
    browser = signed_in(here.coordinator)
    shown: list[int] = []
    address = page(here, "client_list")
    while address:
        seen = len(events(here))
        answer = browser.get(address)
        (event,) = events(here, seen)
        assert event.action == "client.listed"
        assert event.detail["client_ids"] == [row.key for row in answer.context["rows"]]
        shown += event.detail["client_ids"]
        after = answer.context["after_url"]
        address = page(here, "client_list") + after if after else ""
    assert shown == everybody
    assert browser.get(page(here, "client_list") + "?cursor=AAAA").status_code == 404


def queries(browser: Browser, address: str) -> int:
    browser.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(address).status_code == 200
    return len([q for q in seen if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))])


@pytest.mark.parametrize("who", ["coordinator", "therapist", "supervisor"])
def test_the_list_asks_the_same_number_of_questions_for_one_person_and_for_thirty(world: World, who: str) -> None:
    browser = signed_in(getattr(world.here, who))
    one = queries(browser, page(world.here, "client_list"))
    for n in range(29):
        admit(world, f"Person {n}")
    thirty = queries(browser, page(world.here, "client_list"))
    assert thirty == one
    assert thirty <= 12


def test_only_one_s_own_caseload_can_be_asked_for_by_who_sees_more(world: World) -> None:
    here = world.here
    with here.scope():
        add_member(clinic=here.clinic, user=here.therapist, role=Role.COORDINATOR, by=None)
    here.therapist.refresh_from_db()
    admit(world, "Other Person", on="other_therapist")
    browser = signed_in(here.therapist)
    everybody = browser.get(page(here, "client_list"))
    assert len(names_on(everybody)) == 2
    assert "Only my caseload" in everybody.content.decode()
    assert names_on(browser.get(page(here, "client_list") + "?own=1")) == ["Jordan CANARY-riverbend"]


def test_empty_lists_say_why_and_offer_one_act(world: World) -> None:
    with world.here.scope():
        Client.objects.update(merged_into=None)
    assert "Nobody found" in search(signed_in(world.here.coordinator), world, "zzz").content.decode()
    assert (
        "Nobody is on this list"
        in signed_in(world.here.other_therapist).get(page(world.here, "client_list")).content.decode()
    )


# --- taking somebody in ---------------------------------------------------------------------------------------------


def test_nobody_is_admitted_from_the_list_but_somebody_who_is_here_can_ask(world: World) -> None:
    browser = signed_in(world.here.coordinator)
    shown = browser.get(page(world.here, "client_list")).content.decode()
    address = page(world.here, "intake_create") + "?channel=walk_in"
    assert address in shown
    assert '<option value="walk_in" selected>' in browser.get(address).content.decode()
    assert (
        '<option value="phone_inbound" selected>'
        in browser.get(page(world.here, "intake_create") + "?channel=web_form").content.decode()
    )
    for user in (world.here.therapist, world.here.supervisor):
        assert address not in signed_in(user).get(page(world.here, "client_list")).content.decode()


@pytest.mark.parametrize("name", ["محمد العلي", "👩🏽\u200d🚀 Ada", "יעל כהן", "<script>alert(1)</script>", "a" * 160])
def test_any_name_is_shown_as_text(world: World, name: str) -> None:
    client = admit(world, name)
    answer = signed_in(world.here.coordinator).get(page(world.here, "client_detail", client.public_id))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "<script>alert" not in text
    assert name.replace("<", "&lt;").replace(">", "&gt;") in text


# --- the person's page ----------------------------------------------------------------------------------------------


def test_the_page_shows_what_each_role_may_see(world: World) -> None:
    here = world.here
    address = page(here, "client_detail", here.client.public_id)
    goal, appointment = f"{CANARY}-riverbend goal", "Past appointments"
    for user, sees_goal, sees_appointments in (
        (here.coordinator, False, True),
        (here.therapist, True, True),
        (here.supervisor, True, True),
        (here.privacy_officer, False, False),
    ):
        answer = signed_in(user).get(address)
        text = answer.content.decode()
        assert answer.status_code == 200
        assert f"Jordan Marsh {CANARY}-riverbend" in text
        assert (goal in text) is sees_goal, user
        assert (appointment in text) is sees_appointments, user
        team = text[text.index(">Care team<") :]
        assert here.therapist.name in team[: team.index("</ul>")]


def test_an_open_safety_concern_stands_first_for_who_may_see_it_until_it_is_reviewed(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        noor = in_care(here)
        asked(here, noor, "phq9", phq9(1, 1, 1, 1, 1, 1, 1, 1, 1))
        concern = SafetyConcern.objects.get(client=noor)
        safety.hand_over_call(concern=concern, to=here.supervisor, by=here.therapist)
    address = page(here, "client_detail", noor.public_id)
    review = f'href="{page(here, "concern_review", concern.public_id)}"'
    for user, sees, reviews in (
        (here.therapist, True, True), (here.supervisor, True, True), (here.coordinator, True, False),
        (here.privacy_officer, False, False),
    ):  # fmt: skip
        text = text_of(signed_in(user).get(address))
        assert ("Look at this for safety" in text, review in text) == (sees, reviews), user
        assert (f"handed over to {here.supervisor.name}" in text) is sees
        assert not sees or text.index("Look at this for safety") < text.index("Appointments ahead")
    with here.scope(here.therapist):
        safety.review(
            concern=concern, rationale="Safe tonight", next_check_on=today(here) + timedelta(days=1), by=here.therapist,
            now=timezone.now(),
        )  # fmt: skip
    assert "Look at this for safety" not in text_of(signed_in(here.therapist).get(address))


def test_every_view_of_the_page_is_in_the_trail_with_who_and_why(world: World) -> None:
    here = world.here
    seen = len(events(here))
    signed_in(here.therapist).get(page(here, "client_detail", here.client.public_id))
    (event,) = events(here, seen)
    assert (event.action, event.actor_id, event.client_ref, event.role, event.purpose) == (
        "client.viewed", here.therapist.pk, here.client.pk, "therapist", "care",
    )  # fmt: skip
    assert event.request_id is not None


def test_the_page_asks_a_fixed_number_of_questions(world: World) -> None:
    here = world.here
    address = page(here, "client_detail", here.client.public_id)
    browser = signed_in(here.therapist)
    before = queries(browser, address)
    with here.scope():
        for n in range(12):
            start = timezone.now() + timedelta(days=n - 6)
            Appointment.objects.create(
                clinic=here.clinic, client=here.client, episode=here.episode, therapist=here.therapist,
                starts_at=start, service_on=start.date(),
            )  # fmt: skip
            targets.add(client=here.client, terms=targets.Terms(f"goal {n}"), by=here.therapist)
    assert queries(browser, address) == before
    assert before <= 20


def test_goals_are_added_and_set_aside_by_the_therapist_alone(world: World) -> None:
    here = world.here
    browser = signed_in(here.therapist)
    address = page(here, "target_create", here.client.public_id)
    form = {"goal": "Sleep without\r\ndrinking", **hidden(browser.get(address).content.decode())}
    assert [browser.post(address, form).status_code for _n in range(2)] == [302, 302]
    with here.scope():
        target = ChangeTarget.objects.latest("pk")
        assert ChangeTarget.objects.count() == 2
    end = page(here, "target_end", target.public_id)
    assert signed_in(here.supervisor).post(end).status_code == 403
    assert signed_in(here.other_therapist).post(end).status_code == 404
    assert signed_in(here.coordinator).get(address).status_code == 403
    assert browser.get(end).status_code == 405
    assert browser.post(end).status_code == 302
    with here.scope():
        target.refresh_from_db()
        assert not target.is_active
    assert browser.post(address, {"goal": " ", "repeat_key": "k"}).status_code == 422


# --- correcting -----------------------------------------------------------------------------------------------------


def correct(browser: Browser, world: World, **other: str) -> tuple[str, dict[str, str]]:
    address = page(world.here, "client_edit", world.here.client.public_id)
    shown = hidden(browser.get(address).content.decode())
    return address, {"legal_name": "Jordan Marsh", "goes_by": "Jo", "pronouns": "", **shown, **other}


def test_coordinator_and_therapist_correct_a_name(world: World) -> None:
    for user, goes_by in ((world.here.coordinator, "Jo"), (world.here.therapist, "J")):
        browser = signed_in(user)
        address, form = correct(browser, world, goes_by=goes_by)
        assert browser.post(address, form).status_code == 302
        with world.here.scope():
            assert Client.objects.get(pk=world.here.client.pk).goes_by == goes_by
    for user in (world.here.supervisor, world.here.privacy_officer):
        assert signed_in(user).get(address).status_code == 403


def test_a_stale_form_shows_both_texts_and_overwrites_only_when_sent_again(world: World) -> None:
    mine, theirs = signed_in(world.here.coordinator), signed_in(world.here.therapist)
    address, form = correct(mine, world, goes_by="Mine")
    theirs.post(*correct(theirs, world, goes_by="Theirs"))
    stale = mine.post(address, form)
    text = stale.content.decode()
    assert stale.status_code == 422
    assert "Someone else saved this while you were typing." in text
    assert "Theirs" in text
    assert "Mine" in text
    with world.here.scope():
        assert Client.objects.get(pk=world.here.client.pk).goes_by == "Theirs"
    assert mine.post(address, {**form, **hidden(text)}).status_code == 302
    with world.here.scope():
        assert Client.objects.get(pk=world.here.client.pk).goes_by == "Mine"


def test_the_same_correction_sent_twice_is_one_change(world: World) -> None:
    browser = signed_in(world.here.coordinator)
    address, form = correct(browser, world, family="MARSH", given="Jördan")
    assert [browser.post(address, form).status_code for _n in range(2)] == [302, 302]
    assert [e.action for e in events(world.here)].count("client.changed") == 1


@pytest.mark.parametrize("version", ["", "x", "0", "-1", "99999999999999999999"])
def test_a_form_without_its_version_saves_nothing(world: World, version: str) -> None:
    browser = signed_in(world.here.coordinator)
    address, form = correct(browser, world, version=version)
    answer = browser.post(address, form)
    assert answer.status_code == 422
    assert "This form has lost its place." in answer.content.decode()
    assert not [e for e in events(world.here) if e.action == "client.changed"]


def test_a_draft_from_an_older_version_is_seen_to_be_stale(world: World) -> None:
    browser = signed_in(world.here.coordinator)
    address, form = correct(browser, world, goes_by="Draft")
    browser.post(page(world.here, "draft_save", f"client_edit:{world.here.client.public_id}"), form)
    other = signed_in(world.here.therapist)
    other.post(*correct(other, world, goes_by="Stored"))
    reopened = browser.get(address).content.decode()
    assert 'value="Draft"' in reopened
    answer = browser.post(address, {**form, **hidden(reopened)})
    assert answer.status_code == 422
    assert "Stored" in answer.content.decode()


# --- who gets in ----------------------------------------------------------------------------------------------------


def test_ending_the_caseload_ends_access_with_the_next_request(world: World) -> None:
    here = world.here
    browser = signed_in(here.therapist)
    address = page(here, "client_detail", here.client.public_id)
    assert browser.get(address).status_code == 200
    with here.scope():
        caseload.end(client=here.client, user=here.therapist, by=here.administrator)
        assert CaseloadAssignment.objects.filter(client=here.client).exists()
    assert browser.get(address).status_code == 404

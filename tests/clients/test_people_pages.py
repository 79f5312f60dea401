"""The list of people, a person's page, admitting and correcting, through the browser."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Appointment, CaseloadAssignment, ChangeTarget, Client, Episode
from clients.services import caseload, people
from clinics.models import Draft, IdempotencyKey
from clinics.roles import Role
from clinics.services.people import add_member
from tests.clients.people import events, hidden, page, signed_in, today
from tests.world import CANARY, World


def admit(world: World, name: str, *, on: str = "therapist", **other: Any) -> Client:
    """Return a person admitted by the coordinator to the caseload of `on`."""
    here = world.here
    with here.scope():
        return people.admit(
            clinic=here.clinic, legal_name=name, goes_by=other.get("goes_by", ""), pronouns="", born_on=None,
            program=here.program, admitted_on=today(here), therapist=getattr(here, on), by=here.coordinator,
            now=timezone.now(),
        )  # fmt: skip


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
        everybody = list(Client.objects.order_by("family_key", "id").values_list("pk", flat=True))
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


# --- admitting ------------------------------------------------------------------------------------------------------


def form_of(browser: Browser, world: World, **other: str) -> dict[str, str]:
    here = world.here
    shown = browser.get(page(here, "client_create")).content.decode()
    return {
        "legal_name": "Noor Rivers", "goes_by": "", "pronouns": "they/them", "born_on_month": "5", "born_on_day": "6",
        "born_on_year": "1990", "program": str(here.program.public_id), "admitted_on": str(today(here)),
        "therapist": str(here.therapist.public_id), **hidden(shown), **other,
    }  # fmt: skip


def test_a_coordinator_admits_and_the_therapist_sees_the_person_at_once(world: World) -> None:
    browser = signed_in(world.here.coordinator)
    answer = browser.post(page(world.here, "client_create"), form_of(browser, world))
    assert answer.status_code == 302
    shown = browser.get(answer.url).content.decode()
    assert "Noor Rivers" in shown
    assert "RB-2002 is admitted." in shown
    assert signed_in(world.here.therapist).get(answer.url).status_code == 200
    assert "Noor" not in str(browser.cookies)


def test_only_who_may_admit_finds_the_form(world: World) -> None:
    here = world.here
    for user in (here.therapist, here.supervisor, here.coder, here.privacy_officer, here.administrator):
        browser = signed_in(user)
        assert browser.get(page(here, "client_create")).status_code == 403
        assert browser.post(page(here, "client_create"), {}).status_code == 403


def test_the_same_form_sent_twice_admits_once(world: World) -> None:
    browser = signed_in(world.here.coordinator)
    form = form_of(browser, world)
    first, second = (browser.post(page(world.here, "client_create"), form) for _n in range(2))
    assert first.url == second.url
    changed = browser.post(page(world.here, "client_create"), {**form, "legal_name": "Somebody Else"})
    assert changed.status_code == 422
    assert "already saved once" in changed.content.decode()
    with world.here.scope():
        assert Client.objects.filter(reference="RB-2002").count() == 1
        assert Client.objects.count() == 2


TOO_LONG = "x" * 10_000


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"legal_name": ""}, "Enter the name as it stands on an ID or insurance card."),
        ({"legal_name": " \u202e "}, "Enter the name as it stands on an ID or insurance card."),
        ({"legal_name": "a\x00b"}, "Something in this text cannot be kept. Type it again."),
        ({"legal_name": TOO_LONG}, "Write at most 160 characters; this has 10000."),
        ({"goes_by": "x" * 81}, "Write at most 80 characters; this has 81."),
        ({"born_on_month": "2", "born_on_day": "30"}, "Enter a real date"),
        ({"born_on_month": "١"}, "Enter a real date"),
        ({"born_on_year": "3000"}, "This date of birth is in the future."),
        ({"program": ""}, "Choose the program they are admitted to."),
        ({"program": "not-an-id"}, "Choose the program they are admitted to."),
        ({"therapist": "00000000-0000-4000-8000-000000000000"}, "Choose the therapist who will see them."),
        ({"admitted_on": "2999-01-01"}, "The day of admission is in the future."),
        ({"admitted_on": "yesterday"}, "Enter a real date: year, month and day."),
        ({"repeat_key": ""}, "This form has lost its number."),
        ({"repeat_key": "k" * 101}, "This form has lost its number."),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence_and_nothing_is_half_written(
    world: World, wrong: dict[str, str], sentence: str
) -> None:
    browser = signed_in(world.here.coordinator)
    form = form_of(browser, world, **wrong)
    answer = browser.post(page(world.here, "client_create"), form)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in text
    assert "<title>Error:" in text
    assert 'role="alert"' in text
    with world.here.scope():
        assert Client.objects.count() == 1
        assert Episode.objects.count() == 1
        assert not IdempotencyKey.objects.filter(user=world.here.coordinator).exists()


def test_the_neighbour_s_program_and_therapist_are_no_choices(world: World) -> None:
    browser = signed_in(world.here.coordinator)
    for field, row in (("program", world.neighbour.program), ("therapist", world.neighbour.therapist)):
        form = form_of(browser, world, **{field: str(row.public_id)})
        assert browser.post(page(world.here, "client_create"), form).status_code == 422
    with world.here.scope():
        assert Client.objects.count() == 1


@pytest.mark.parametrize("name", ["محمد العلي", "👩🏽\u200d🚀 Ada", "יעל כהן", "<script>alert(1)</script>", "a" * 160])
def test_any_name_is_admitted_and_shown_as_text(world: World, name: str) -> None:
    browser = signed_in(world.here.coordinator)
    answer = browser.post(page(world.here, "client_create"), form_of(browser, world, legal_name=name), follow=True)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "<script>alert" not in text
    assert name.replace("<", "&lt;").replace(">", "&gt;") in text


def test_a_draft_opens_in_the_form_and_goes_when_it_is_saved(world: World) -> None:
    browser = signed_in(world.here.coordinator)
    draft = page(world.here, "draft_save", "client_create")
    assert browser.post(draft, {"legal_name": "Half a na", "born_on_month": "4"}).status_code == 204
    shown = browser.get(page(world.here, "client_create")).content.decode()
    assert 'value="Half a na"' in shown
    assert "Delete this draft" in shown
    form = form_of(browser, world)
    browser.post(page(world.here, "client_create"), form)
    assert browser.post(draft, form).status_code == 204
    with world.here.scope():
        assert not Draft.objects.filter(user=world.here.coordinator).exists()


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
            people.add_target(client=here.client, goal=f"goal {n}", by=here.therapist)
    assert queries(browser, address) == before
    assert before <= 18


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

"""Finding the way: the rail, where a person lands, choosing a clinic, *Find or do*, and the choices kept in cookies."""

from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from lucide import IconDoesNotExist
from lucide.templatetags.lucide import lucide

from clients.models import Client
from clients.rules import names
from clinics.models import AuditEvent
from clinics.models.people import Membership
from clinics.roles import RIGHTS, Role
from clinics.services import people
from config.navigation import LINKS, RAIL_LINKS, links_held
from tests.world import Side, World

FIND = "/clinics/riverbend/find/"
PALETTE = {"HX-Request": "true"}


def make_client(side: Side, name: str, reference: str, **fields: Any) -> Client:
    with side.scope():
        given, _space, family = name.partition(" ")
        client: Client = Client.objects.create(
            clinic=side.clinic, reference=reference, legal_name=name, family_key=names.key(family),
            given_key=names.key(given), goes_by_key=names.key(fields.get("goes_by", "")), **fields,
        )  # fmt: skip
    return client


def labels(browser: Browser, query: str) -> list[str]:
    return [row.label for row in browser.get(FIND, {"q": query}, headers=PALETTE).context["rows"]]


def listed(side: Side) -> list[dict[str, Any]]:
    with side.scope():
        return list(AuditEvent.objects.filter(action="client.listed").order_by("id").values_list("detail", flat=True))


# --- people -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["mar", "MARSH", "jor", "Jordan", "RB-2001", "rb-2", "  mar  "])
def test_a_person_is_found_by_the_beginning_of_name_or_number(world: World, client: Browser, query: str) -> None:
    client.force_login(world.here.coordinator)
    assert world.here.client.known_as in labels(client, query)


@pytest.mark.parametrize("query", ["ma", "m", "", "arsh", "%", "%%%", "___", "rb-", "\x00", "'; select 1 --"])
def test_fewer_than_three_letters_or_the_middle_find_nobody(world: World, client: Browser, query: str) -> None:
    client.force_login(world.here.coordinator)
    assert world.here.client.known_as not in labels(client, query)


def test_a_person_is_found_by_the_name_they_go_by_and_without_marks(world: World, client: Browser) -> None:
    make_client(world.here, "Zoe Muller", "RB-9001", goes_by="Ziggy")
    client.force_login(world.here.coordinator)
    assert labels(client, "zig") == ["Ziggy Muller"]
    assert labels(client, "Müll") == ["Ziggy Muller"]


def test_nobody_finds_the_neighbours_people(world: World, client: Browser) -> None:
    client.force_login(world.here.coordinator)
    answer = client.get(FIND, {"q": "marsh"}, headers=PALETTE)
    assert [row.detail for row in answer.context["rows"] if row.kind == "person"] == [world.here.client.reference]
    assert world.neighbour.client.reference not in answer.content.decode()


def test_a_therapist_finds_their_caseload_only(world: World, client: Browser) -> None:
    make_client(world.here, "Mara Marshall", "RB-9002")
    client.force_login(world.here.therapist)
    assert labels(client, "mar") == [world.here.client.known_as]
    client.force_login(world.here.other_therapist)
    assert labels(client, "mar") == []


@pytest.mark.parametrize("role", [Role.CODER, Role.ADMINISTRATOR])
def test_who_may_see_no_clients_finds_none_and_leaves_no_event(world: World, client: Browser, role: Role) -> None:
    client.force_login(world.here.people[role])
    before = len(listed(world.here))
    assert world.here.client.known_as not in labels(client, "marsh")
    assert len(listed(world.here)) == before


def test_at_most_eight_people_and_one_event_with_those_shown(world: World, client: Browser) -> None:
    made = [make_client(world.here, f"Kim Quill{n:02}", f"RB-91{n:02}") for n in range(12)]
    client.force_login(world.here.coordinator)
    before = len(listed(world.here))
    assert len(labels(client, "quill")) == 8
    events = listed(world.here)[before:]
    assert events == [{"client_ids": [one.pk for one in made[:8]], "n": 8}]
    assert "quill" not in str(events)


def test_a_merged_record_is_not_found(world: World, client: Browser) -> None:
    gone = make_client(world.here, "Kim Quill", "RB-9200")
    client.force_login(world.here.coordinator)
    assert labels(client, "quill") == ["Kim Quill"]
    with world.here.scope():
        Client.objects.filter(pk=gone.pk).update(merged_into=world.here.client)
    assert labels(client, "quill") == []


def test_a_hostile_name_is_printed_as_text(world: World, client: Browser) -> None:
    make_client(world.here, "Kim Quill", "RB-9300", goes_by="<script>alert(1)</script>")
    client.force_login(world.here.coordinator)
    assert "<script>alert" not in client.get(FIND, {"q": "quill"}, headers=PALETTE).content.decode()


def test_the_same_answers_stand_on_a_page_without_a_script(world: World, client: Browser) -> None:
    client.force_login(world.here.coordinator)
    page = client.get(FIND, {"q": "mar"}).content.decode()
    assert "<h1>Find or do</h1>" in page
    assert 'value="mar"' in page
    assert world.here.client.reference in page


# --- actions and the rail -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("link", LINKS, ids=lambda link: link.route)
def test_every_link_of_the_rail_leads_somewhere(link: Any) -> None:
    assert link.right in RIGHTS
    try:
        reverse(link.route, kwargs={"clinic_slug": "riverbend"})
    except NoReverseMatch:
        pytest.fail(f"{link.label} is in LINKS of config/navigation.py, and no route is called {link.route}.")


@pytest.mark.parametrize("link", LINKS, ids=lambda link: link.route)
def test_every_icon_of_the_rail_exists(link: Any) -> None:
    try:
        assert "<svg" in lucide(link.icon)
    except IconDoesNotExist:
        pytest.fail(f"Lucide has no icon {link.icon}.")


@pytest.mark.parametrize("role", list(Role))
def test_keys_are_told_apart_and_each_address_is_there_once(world: World, role: Role) -> None:
    held = links_held(world.here.people[role], world.here.clinic)
    assert len({link.key for link in held}) == len(held)
    assert len({link.url for link in held}) == len(held)


@pytest.mark.parametrize("role", list(Role))
def test_a_person_lands_on_the_first_link_and_all_they_hold_open(world: World, client: Browser, role: Role) -> None:
    user = world.here.people[role]
    client.force_login(user)
    held = links_held(user, world.here.clinic)
    assert client.get("/")["Location"] == reverse("home", args=["riverbend"])
    assert held
    assert client.get(reverse("home", args=["riverbend"]))["Location"] == held[0].url
    for link in held:
        assert client.get(link.url, follow=True).status_code == 200, link.label


def test_rail_and_menu_together_hold_everything(world: World, client: Browser) -> None:
    user = world.here.supervisor
    client.force_login(user)
    shell = client.get(FIND).context["shell"]
    held = links_held(user, world.here.clinic, FIND)
    assert len(held) > RAIL_LINKS
    assert len(shell.links) == RAIL_LINKS
    assert shell.links == held[:RAIL_LINKS]
    assert shell.account_links[: len(held) - RAIL_LINKS] == held[RAIL_LINKS:]
    assert shell.account_links[-1].url == reverse("mfa_index")


def test_two_roles_give_the_union(world: World, client: Browser) -> None:
    user = world.here.therapist
    alone = {link.url for link in links_held(user, world.here.clinic)}
    with world.here.scope():
        people.add_member(clinic=world.here.clinic, user=user, role=Role.PRIVACY_OFFICER, by=None)
    user = type(user).objects.get(pk=user.pk)
    both = {link.url for link in links_held(user, world.here.clinic)}
    officer = {link.url for link in links_held(world.here.privacy_officer, world.here.clinic)}
    assert both == alone | officer


def test_a_supervisor_sees_fidelity_of_the_clinic_and_no_growth_of_their_own(world: World) -> None:
    def routes(user: Any) -> list[str]:
        return [link.url for link in links_held(user, world.here.clinic)]

    fidelity, growth = reverse("fidelity", args=["riverbend"]), reverse("growth", args=["riverbend"])
    assert fidelity in routes(world.here.supervisor)
    assert growth not in routes(world.here.supervisor)
    assert growth in routes(world.here.therapist)
    assert fidelity not in routes(world.here.therapist)


def test_actions_are_those_the_person_holds_with_the_keys_that_also_do_it(world: World, client: Browser) -> None:
    client.force_login(world.here.supervisor)
    rows = client.get(FIND, {"q": "fid"}, headers=PALETTE).context["rows"]
    assert [(row.kind, row.label, row.shortcut) for row in rows] == [("action", "Fidelity", "g f")]
    client.force_login(world.here.coordinator)
    assert labels(client, "fid") == []


def test_an_empty_question_shows_every_action(world: World, client: Browser) -> None:
    client.force_login(world.here.supervisor)
    held = links_held(world.here.supervisor, world.here.clinic)
    assert labels(client, "") == [link.label for link in held]


# --- choosing a clinic --------------------------------------------------------------------------------------------


def test_who_belongs_to_two_clinics_chooses(world: World, client: Browser) -> None:
    user = world.here.therapist
    with world.neighbour.scope():
        people.add_member(clinic=world.neighbour.clinic, user=user, role=Role.CODER, by=None)
    client.force_login(user)
    page = client.get("/")
    assert [(clinic.slug, roles) for clinic, roles in page.context["clinics"]] == [
        ("harbor", ["Coder"]), ("riverbend", ["Therapist"]),
    ]  # fmt: skip
    choices = page.context["shell"].clinics
    assert [choice.badge.name for choice in choices] == ["Harbor Youth and Family", "Riverbend Behavioral Health"]
    same = client.get(FIND).context["shell"].clinics
    assert [choice.url for choice in same] == ["/clinics/harbor/find/", FIND]
    assert [choice.current for choice in same] == [False, True]
    # A coder has no Today, but a practice room: no choice leads to a page that is not theirs.
    today, practice = (reverse(name, args=["riverbend"]) for name in ("today", "practice_room"))
    assert client.get(today).context["shell"].clinics[0].url == "/clinics/harbor/"
    assert client.get(practice).context["shell"].clinics[0].url == reverse("practice_room", args=["harbor"])


def test_who_belongs_to_no_clinic_is_told_so(world: World, client: Browser) -> None:
    Membership.objects.filter(user=world.here.coder).update(ends_at=timezone.now())
    client.force_login(world.here.coder)
    page = client.get("/")
    assert page.status_code == 200
    assert "No clinic yet" in page.content.decode()
    assert page.context["shell"].clinics == ()


def test_a_role_without_a_page_is_told_the_truth(
    world: World, client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.navigation.LINKS", [])
    client.force_login(world.here.therapist)
    page = client.get(reverse("home", args=["riverbend"]))
    assert page.status_code == 200
    assert "opens no page yet" in page.content.decode()


# --- choices kept in cookies --------------------------------------------------------------------------------------


def test_appearance_is_kept_and_drawn(world: World, client: Browser) -> None:
    client.force_login(world.here.therapist)
    answer = client.post(reverse("preferences"), {"theme": "dark", "next": FIND + "?q=a"})
    assert answer["Location"] == FIND + "?q=a"
    assert (client.cookies["theme"].value, client.cookies["single_keys"].value) == ("dark", "0")
    page = client.get(FIND).content.decode()
    assert 'data-theme="dark"' in page
    assert "data-single-keys" not in page
    client.post(reverse("preferences"), {"theme": "purple", "single_keys": "on"})
    assert (client.cookies["theme"].value, client.cookies["single_keys"].value) == ("auto", "1")


def test_preferences_answer_a_post_only(world: World, client: Browser) -> None:
    client.force_login(world.here.therapist)
    assert client.get(reverse("preferences")).status_code == 405

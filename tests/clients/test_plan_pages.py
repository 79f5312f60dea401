"""The pages of a treatment plan: who reads and writes, one part at a time, comparing, ending, the person's own copy."""

from typing import Any

import pytest
from django.utils import timezone

from clients.models import Client, Goal, Objective, PlanVersion, Problem, TreatmentPlan
from clients.rules.plan_content import Kind
from clients.selectors import plans as selectors
from clients.services import break_glass, plan_parts, plans
from clinics.models import Draft
from tests.clients import planning as at
from tests.clients.people import ABSENT_ID, body, events, hidden, in_care, page, signed_in, text_of, today
from tests.world import CANARY, World

READ = ["plan_list", "plan_detail", "plan_version", "plan_compare", "plan_print", "plan_review"]
WRITE = ["plan_edit", "problem_create", "plan_check", "plan_close", "plan_part_create", "plan_part_edit"]


def address(world: World, route: str) -> str:
    """Return the address of a page about the world's own plan."""
    here = world.here
    rows = {
        "plan_list": here.client, "plan_detail": here.plan, "plan_version": here.plan_version,
        "plan_compare": here.plan_draft, "plan_print": here.plan_version, "plan_review": here.plan_review,
        "plan_edit": here.plan_draft, "problem_create": here.plan_draft, "plan_check": here.plan_draft,
        "plan_close": here.plan_draft, "plan_part_create": here.goal, "plan_part_edit": here.goal,
        "plan_sign": here.plan_draft,
    }  # fmt: skip
    return page(here, route, rows[route].public_id)


@pytest.mark.parametrize(
    ("role", "read", "write"),
    [
        ("therapist", 200, 200), ("supervisor", 200, 403), ("coordinator", 404, 404), ("privacy_officer", 404, 404),
        ("other_therapist", 404, 404), ("coder", 404, 404), ("administrator", 404, 404),
    ],
)  # fmt: skip
def test_who_reads_and_writes_a_plan(world: World, role: str, read: int, write: int) -> None:
    browser = signed_in(getattr(world.here, role))
    for route in READ:
        answer = browser.get(address(world, route))
        # Who may see the person and not the plan is told so on the person's page.
        sees_person = route == "plan_list" and role in ("coordinator", "privacy_officer")
        assert answer.status_code == (403 if sees_person else read), route
        if read != 200:
            assert CANARY not in text_of(answer)
    for route in WRITE:
        assert browser.get(address(world, route)).status_code == write, route
    assert browser.get(address(world, "plan_sign")).status_code == (403 if role == "supervisor" else write)


def test_break_glass_reads_a_plan_and_writes_none(world: World) -> None:
    here = world.here
    with here.scope():
        break_glass.break_glass(client=here.client, reason="Found unconscious", by=here.other_therapist)
    browser = signed_in(here.other_therapist)
    for route in READ:
        assert browser.get(address(world, route)).status_code == 200, route
    for route in WRITE:
        assert browser.get(address(world, route)).status_code == 403, route


@pytest.mark.parametrize("route", [*READ, *WRITE, "plan_sign"])
def test_a_foreign_an_absent_and_a_malformed_id_are_the_same(world: World, route: str) -> None:
    here, there = world.here, world.neighbour
    rows = {
        "plan_list": there.client, "plan_detail": there.plan, "plan_version": there.plan_version,
        "plan_print": there.plan_version, "plan_review": there.plan_review, "plan_part_create": there.goal,
        "plan_part_edit": there.goal,
    }  # fmt: skip
    row = rows.get(route, there.plan_draft)
    browser = signed_in(here.therapist)
    ids = [row.public_id, ABSENT_ID, "nonsense"]
    answers = [browser.get(page(here, route, one)) for one in ids]
    assert [one.status_code for one in answers] == [404] * 3
    assert len({body(one, pk) for one, pk in zip(answers, ids, strict=True)}) == 1


@pytest.mark.parametrize("route", ["plan_detail", "plan_version", "plan_edit", "plan_part_edit", "plan_review"])
def test_every_look_is_in_the_trail_with_the_person(world: World, route: str) -> None:
    here = world.here
    since = len(events(here))
    signed_in(here.therapist).get(address(world, route))
    found = [one for one in events(here, since) if one.action.endswith(".viewed")]
    assert [(one.client_ref, one.purpose) for one in found] == [(here.client.pk, "care")]


# --- writing --------------------------------------------------------------------------------------------------------


def test_a_plan_is_written_by_forms_alone_from_an_empty_page_to_a_whole_thread(world: World) -> None:
    here = world.here
    with here.scope():
        noor = in_care(here)
    browser: Any = signed_in(here.therapist)
    shown = text_of(browser.get(page(here, "plan_list", noor.public_id)))
    assert "first plan by" in shown
    with here.scope():
        episode = noor.episodes.get()
    opened = browser.post(page(here, "plan_open", episode.public_id), hidden(shown), follow=True)
    assert "Start from what they want to change." in text_of(opened)
    with here.scope():
        version = PlanVersion.objects.get(plan__episode=episode)
    edit = page(here, "plan_edit", version.public_id)
    said: list[tuple[str, str, dict[str, Any]]] = [
        ("problem_create", str(version.public_id), {
            "text": "Drinks most evenings", "client_words": "It has got too much", "evidence": "statement",
            "priority": "1",
        }),
        ("plan_part_create", "problem", {
            "text": "Evenings without drinking", "client_words": "I want my evenings back", "proposed_by": "client",
            "phase": "explore_motivation", "status": "active",
        }),
        ("plan_part_create", "goal", {
            "text": "Four evenings a week", "metric": "Evenings", "target_value": "4", "unit": "a week",
            "by_on": at.day(here, 60).isoformat(),
        }),
        ("plan_part_create", "objective", {
            "modality": "mi", "does": "evoke", "session_format": "individual", "times": "1", "per": "week",
            "minutes": "50", "starts_on": today(here).isoformat(),
        }),
    ]  # fmt: skip
    for route, where, values in said:
        with here.scope():
            models = {"problem": Problem, "goal": Goal, "objective": Objective}
            key = models[where].objects.get(plan_version=version).public_id if where in models else where
        form_page = page(here, route, key)
        answer = browser.post(form_page, {**hidden(text_of(browser.get(form_page))), **values})
        assert answer.status_code == 302, text_of(answer)
        assert answer.url == edit
    outline = text_of(browser.get(edit))
    order = [outline.index(words) for words in ("It has got too much", "I want my evenings back", "Four evenings a week",
                                                "MI: evoke")]  # fmt: skip
    assert order == sorted(order)
    assert outline.index("I want my evenings back") < outline.index("Evenings without drinking"), "their words first"


@pytest.mark.parametrize(
    ("kind", "wrong", "sentence"),
    [
        (Kind.PROBLEM, {"text": ""}, "Write what makes life hard."),
        (Kind.PROBLEM, {"client_words": ""}, "Write how they say it"),
        (Kind.PROBLEM, {"evidence": "assessment:nonsense"}, "Choose what shows it."),
        (Kind.GOAL, {"phase": "consolidate_commitment"}, "Readiness is not asked yet"),
        (Kind.GOAL, {"target": ABSENT_ID}, "Choose from the list."),
        (Kind.OBJECTIVE, {"target_value": "many"}, "Enter a number with at most two decimals."),
        (Kind.OBJECTIVE, {"by_on": "2020-01-01"}, "This day is over."),
        (Kind.INTERVENTION, {"times": "40"}, "Enter a whole number from 1 to 31."),
        (Kind.INTERVENTION, {"who": ABSENT_ID}, "Choose from the list."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(world: World, kind: Kind, wrong: dict[str, str], sentence: str) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.written(here)
        row = next(node.row for node in selectors.said_of(version).nodes if node.kind is kind)
    browser: Any = signed_in(here.therapist)
    edit = page(here, "plan_part_edit", row.public_id)
    values = {
        name: value.isoformat() if hasattr(value, "isoformat") else str(value)
        for name, value in at.values(here, kind).items()
    }
    starts = {"phase": "explore_motivation", "status": "active", "session_format": "individual"}
    answer = browser.post(edit, {**hidden(text_of(browser.get(edit))), **starts, **values, **wrong})
    assert answer.status_code == 422
    assert sentence in text_of(answer)


def test_two_who_change_one_part_see_both_texts(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.written(here)
        problem = Problem.objects.select_related("plan_version__plan").get(plan_version=version)
    browser: Any = signed_in(here.therapist)
    edit = page(here, "plan_part_edit", problem.public_id)
    form = {
        **hidden(text_of(browser.get(edit))), "text": "Drinks alone", "client_words": "It has got too much",
        "evidence": "statement", "priority": "1",
    }  # fmt: skip
    with here.scope(here.therapist):
        plan_parts.change_part(
            part=problem, version=1, values={"text": "Drinks every evening"}, by=here.therapist, now=timezone.now()
        )
    stale = browser.post(edit, form)
    assert stale.status_code == 422
    for words in ("Two texts for one record", "Drinks every evening", "Drinks alone"):
        assert words in text_of(stale)
    assert browser.post(edit, {**form, **hidden(text_of(stale))}).status_code == 302
    with here.scope():
        assert Problem.objects.get(pk=problem.pk).text == "Drinks alone"


def test_a_draft_of_a_form_is_kept_and_the_same_form_twice_makes_one_part(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.drafted(here, in_care(here))
    browser: Any = signed_in(here.therapist)
    key = f"plan_problem:{version.public_id}"
    assert browser.post(page(here, "draft_save", key), {"text": "Half a wo"}).status_code == 204
    create = page(here, "problem_create", version.public_id)
    shown = text_of(browser.get(create))
    assert "Half a wo" in shown
    form = {
        **hidden(shown),
        "text": "Sleeps badly",
        "client_words": "I lie awake",
        "evidence": "statement",
        "priority": "2",
    }
    for _n in range(2):
        assert browser.post(create, form).status_code == 302
    with here.scope():
        assert Problem.objects.filter(plan_version=version).count() == 1
        assert not Draft.objects.filter(user=here.therapist, key=key).exists()


def test_parts_are_moved_and_removed_by_buttons(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.written(here)
        second = at.add(here, version, Kind.PROBLEM, text="Sleeps badly")
    browser: Any = signed_in(here.therapist)
    assert browser.post(page(here, "plan_part_move", second.public_id), {"way": "up"}).status_code == 302
    with here.scope():
        assert [one.text for one in Problem.objects.filter(plan_version=version).order_by("position")] == [
            "Sleeps badly", "Drinks most evenings",
        ]  # fmt: skip
        first = Problem.objects.filter(plan_version=version).order_by("position")[1]
    gone = text_of(browser.post(page(here, "plan_part_remove", first.public_id), follow=True))
    assert "4 in all" in gone
    with here.scope():
        assert [node.row.pk for node in selectors.said_of(version).nodes] == [second.pk]


@pytest.mark.parametrize("route", ["plan_edit", "problem_create", "plan_check", "plan_sign"])
def test_a_signed_version_sends_whoever_would_write_to_where_it_stands(world: World, route: str) -> None:
    here = world.here
    answer = signed_in(here.therapist).get(page(here, route, here.plan_version.public_id))
    assert answer.status_code == 302
    assert answer.url == page(here, "plan_version", here.plan_version.public_id)  # type: ignore[attr-defined]


# --- versions -------------------------------------------------------------------------------------------------------


def test_what_changed_is_told_field_by_field(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        first = at.in_force(here)
        second = plans.draft_next(plan=first.plan, by=here.therapist)
        goal = Goal.objects.select_related("plan_version__plan").get(plan_version=second)
        plan_parts.change_part(
            part=goal, version=1, values={"text": "Every evening"}, by=here.therapist, now=timezone.now()
        )
        at.add(here, second, Kind.PROBLEM, text="Sleeps badly")
    browser = signed_in(here.therapist)
    shown = text_of(browser.get(page(here, "plan_compare", second.public_id)))
    for words in ("From version 1 to version 2.", "Evenings without drinking", "Every evening", "Sleeps badly", "New"):
        assert words in shown, words
    assert "No longer there" not in shown
    back = text_of(browser.get(f"{page(here, 'plan_compare', first.public_id)}?with={second.public_id}"))
    assert "No longer there" in back
    only = text_of(browser.get(page(here, "plan_compare", first.public_id)))
    assert "There is nothing before it" in only
    there = f"{page(here, 'plan_compare', first.public_id)}?with={world.neighbour.plan_version.public_id}"
    assert browser.get(there).status_code == 404


def test_the_next_version_is_begun_by_a_button_once(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        first = at.in_force(here)
    browser: Any = signed_in(here.therapist)
    detail = page(here, "plan_detail", first.plan.public_id)
    shown = text_of(browser.get(detail))
    assert "Change the plan" in shown
    draft = page(here, "plan_draft", first.plan.public_id)
    for _n in range(2):
        assert "/edit/" in browser.post(draft, hidden(shown)).url
    assert browser.post(draft, {"repeat_key": "another"}).status_code == 302
    with here.scope():
        assert PlanVersion.objects.filter(plan=first.plan).count() == 2
    assert "Change the plan" not in text_of(browser.get(detail))


def test_a_plan_is_ended_with_its_reason_shown(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        first = at.in_force(here)
    browser: Any = signed_in(here.therapist)
    close = page(here, "plan_close", first.public_id)
    form = hidden(text_of(browser.get(close)))
    assert browser.post(close, {**form, "reason": " "}).status_code == 422
    assert browser.post(close, {**form, "reason": "Moved to another town"}).status_code == 302
    shown = text_of(browser.get(page(here, "plan_detail", first.plan.public_id)))
    assert "Moved to another town" in shown


def test_the_persons_own_copy_tells_nobody_where_it_is_from_and_printing_is_in_the_trail(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.in_force(here)
        noor = Client.objects.get(pk=version.client_id)
    since = len(events(here))
    answer = signed_in(here.therapist).get(page(here, "plan_print", version.public_id))
    said = text_of(answer).partition("<main")[2].replace(page(here, "plan_version", version.public_id), "")
    for words in ("I want my evenings back", "Four evenings a week without drinking", "My plan"):
        assert words in said
    for kept in ("Riverbend", "Behavioral", "Evoke", "clinic", "Noor", noor.reference, here.therapist.name):
        assert kept not in said, kept
    assert answer.headers["Cache-Control"].find("no-store") >= 0
    assert ("plan.printed", "own_copy") in [(one.action, one.purpose) for one in events(here, since)]


def test_the_persons_page_leads_to_the_plan_for_those_who_may_read_it(world: World) -> None:
    here = world.here
    link = page(here, "plan_list", here.client.public_id)
    for user, shown in ((here.therapist, True), (here.supervisor, True), (here.coordinator, False)):
        text = text_of(signed_in(user).get(page(here, "client_detail", here.client.public_id)))
        assert (link in text) is shown
        assert ("in force since" in text) is shown


def test_content_that_no_longer_matches_its_signatures_is_said(world: World) -> None:
    here = world.here
    # The world's own plan was signed over other content than it has.
    shown = text_of(signed_in(here.therapist).get(page(here, "plan_detail", here.plan.public_id)))
    assert "This is not what was signed" in shown
    with here.scope(here.therapist):
        version = at.in_force(here)
        assert TreatmentPlan.objects.filter(pk=version.plan_id).exists()
    shown = text_of(signed_in(here.therapist).get(page(here, "plan_detail", version.plan.public_id)))
    assert "This is not what was signed" not in shown

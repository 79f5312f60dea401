"""Plans for safety: revisions that stand, the page, the form, the person's own copy, and the hint at a review."""

import json
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from clients.models import Client, SafetyConcern, SafetyPlan
from clients.rules import safety_plan as rules
from clients.rules.safety_plan import CRISIS_LINE, Wrong
from clients.selectors import safety_plans as selectors
from clients.services import break_glass, merging, safety_plans
from clients.services.revisions import Newer
from clinics.models import AuditEvent, Draft
from tests.clients.people import ABSENT_ID, body, events, hidden, page, signed_in, text_of
from tests.world import CANARY, NOW, Side, World

PARTS = {"signs": ["I stop eating", "I do not pick up"], "help": ["My sister Ada, evenings"]}


def written(side: Side, client: Client, **other: Any) -> SafetyPlan:
    """Return a plan as it is written. Call inside the clinic's scope."""
    newest = selectors.newest(client)
    how: dict[str, Any] = {
        "seen": newest.revision if newest else 0, "parts": PARTS, "copy_given": False, "by": side.therapist
    }  # fmt: skip
    return safety_plans.write(client=client, **{**how, **other})


# --- what is kept ---------------------------------------------------------------------------------------------------


def test_each_writing_is_a_new_revision_whole_and_encrypted_and_the_trail_has_no_word_of_it(
    world: World, noor: Client
) -> None:
    here = world.here
    with here.scope(here.therapist):
        first = written(here, noor)
        second = written(here, noor, parts={"alone": ["Walk to the lake"]}, copy_given=True)
        assert [(one.revision, one.copy_given) for one in (first, second)] == [(1, False), (2, True)]
        assert selectors.parts_of(first)["signs"] == PARTS["signs"]
        assert selectors.parts_of(second)["signs"] == [], "nothing of the one before is kept by itself"
        assert selectors.newest(noor) == second
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from clients_safetyplan where parts::text like '%lake%'")
            assert cursor.fetchone()[0] == 0
        found = list(AuditEvent.objects.filter(action="safety_plan.written").order_by("pk"))
        assert [one.detail for one in found] == [
            {"revision": 1, "complete": False, "copy_given": False},
            {"revision": 2, "complete": False, "copy_given": True},
        ]
        second.parts = json.dumps({})
        second.copy_given = False
        with pytest.raises(Exception, match="final"):
            second.save()


def test_a_plan_based_on_an_older_revision_is_refused_with_the_newer(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        first = written(here, noor)
        with pytest.raises(Newer) as found:
            written(here, noor, seen=0)
        assert found.value.current == first
        with pytest.raises(Wrong):
            written(here, noor, parts={})
        assert SafetyPlan.objects.filter(client=noor).count() == 1


def test_revisions_are_counted_over_joined_records(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        written(here, noor)
        noor.episodes.update(status="closed", closed_on=NOW.date())
        merging.merge(kept=here.client, absorbed=noor, reason="The same", by=here.coordinator, now=NOW)
        kept = Client.objects.get(pk=here.client.pk)
        kept.clinic = here.clinic
        assert {one.client_id for one in selectors.of_person(kept)} == {kept.pk, noor.pk}
        assert written(here, kept).revision == 2


# --- the pages ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "read", "write"),
    [
        ("therapist", 200, 200), ("supervisor", 200, 200), ("coordinator", 403, 403), ("privacy_officer", 403, 403),
        ("other_therapist", 404, 404), ("coder", 404, 404), ("administrator", 404, 404),
    ],
)  # fmt: skip
def test_who_reads_and_writes_plans(world: World, role: str, read: int, write: int) -> None:
    here = world.here
    browser = signed_in(getattr(here, role))
    shown = browser.get(page(here, "safety_plan", here.client.public_id))
    assert shown.status_code == read
    assert (f"{CANARY}-riverbend sign" in text_of(shown)) is (read == 200)
    assert browser.get(page(here, "safety_plan_write", here.client.public_id)).status_code == write
    one = 200 if read == 200 else 404
    for route in ("safety_plan_detail", "safety_plan_print"):
        assert browser.get(page(here, route, here.safety_plan.public_id)).status_code == one


def test_break_glass_reads_a_plan_and_writes_none(world: World) -> None:
    here = world.here
    with here.scope():
        break_glass.break_glass(client=here.client, reason="Found unconscious", by=here.other_therapist)
    browser = signed_in(here.other_therapist)
    shown = text_of(browser.get(page(here, "safety_plan", here.client.public_id)))
    assert f"{CANARY}-riverbend sign" in shown
    assert "Go through it again" not in shown
    assert browser.get(page(here, "safety_plan_detail", here.safety_plan.public_id)).status_code == 200
    assert browser.get(page(here, "safety_plan_write", here.client.public_id)).status_code == 403


@pytest.mark.parametrize("route", ["safety_plan", "safety_plan_write", "safety_plan_detail", "safety_plan_print"])
def test_a_foreign_an_absent_and_a_malformed_id_are_the_same(world: World, route: str) -> None:
    here, there = world.here, world.neighbour
    row = there.safety_plan if route in ("safety_plan_detail", "safety_plan_print") else there.client
    browser = signed_in(here.therapist)
    ids = [row.public_id, ABSENT_ID, "nonsense"]
    answers = [browser.get(page(here, route, one)) for one in ids]
    assert [one.status_code for one in answers] == [404] * 3
    assert len({body(one, pk) for one, pk in zip(answers, ids, strict=True)}) == 1


def test_a_plan_is_written_together_read_and_written_anew(world: World, noor: Client) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    empty = text_of(browser.get(page(here, "safety_plan", noor.public_id)))
    assert "No plan yet" in empty
    address = page(here, "safety_plan_write", noor.public_id)
    shown = text_of(browser.get(address))
    for part in rules.PARTS:
        assert part.label in shown
    assert "988 Suicide" in shown
    form = {"signs": "I stop eating\n\n  I pace ", "professionals": CRISIS_LINE, "copy_given": "on", **hidden(shown)}
    saved = text_of(browser.post(address, form, follow=True))
    for words in ("The plan is saved.", "Revision 1", "I stop eating", "in their hands", "4 parts are still empty",
                  here.therapist.name):  # fmt: skip
        assert words in saved, words
    again = text_of(browser.get(address))
    assert "I stop eating\nI pace" in again
    form = {"signs": "I stop eating", "alone": "Walk", **hidden(again)}
    assert "Revision 2" in text_of(browser.post(address, form, follow=True))
    with here.scope():
        older = SafetyPlan.objects.get(client=noor, revision=1)
    shown = text_of(browser.get(page(here, "safety_plan_detail", older.public_id)))
    assert "An older revision" in shown
    assert "I pace" in shown
    assert "Their own copy" not in shown
    assert "Go through it again" not in shown


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"signs": ""}, "Write at least one line of the person&#x27;s own."),
        ({"signs": "x\n" * 11}, "Write at most 10 lines; this has 11."),
        ({"signs": "x" * 201}, "Write at most 200 characters on a line; one has 201."),
        ({"signs": "x" * 3000}, "Write at most 2020 characters"),
        ({"signs": "a\x00b"}, "Something in this text cannot be kept."),
        ({"repeat_key": ""}, "This form has lost its number."),
        ({"version": ""}, "This form has lost its place."),
    ],
)
def test_what_is_wrong_is_said_beside_its_part_and_nothing_is_kept(
    world: World, noor: Client, wrong: dict[str, str], sentence: str
) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address = page(here, "safety_plan_write", noor.public_id)
    form = {"signs": "I pace", **hidden(text_of(browser.get(address)))}
    answer = browser.post(address, {**form, **wrong})
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    with here.scope():
        assert not SafetyPlan.objects.filter(client=noor).exists()


def test_a_draft_is_kept_and_let_go_and_the_same_form_twice_makes_one_plan(world: World, noor: Client) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    key = f"safety_plan:{noor.public_id}"
    assert browser.post(page(here, "draft_save", key), {"signs": "Half a li", "version": "1"}).status_code == 204
    address = page(here, "safety_plan_write", noor.public_id)
    shown = text_of(browser.get(address))
    assert "Half a li" in shown
    form = {"signs": "I pace", **hidden(shown)}
    for _n in range(2):
        assert browser.post(address, form).status_code == 302
    with here.scope():
        assert SafetyPlan.objects.filter(client=noor).count() == 1
        assert not Draft.objects.filter(user=here.therapist, key=key).exists()


def test_two_who_write_at_once_see_both_texts(world: World, noor: Client) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address = page(here, "safety_plan_write", noor.public_id)
    form = {"signs": "I pace", **hidden(text_of(browser.get(address)))}
    with here.scope(here.supervisor):
        written(here, noor, by=here.supervisor)
    stale = browser.post(address, form)
    assert stale.status_code == 422
    assert "Two texts for one record" in text_of(stale)
    assert "My sister Ada, evenings" in text_of(stale)
    assert browser.post(address, {**form, **hidden(text_of(stale))}).status_code == 302
    with here.scope():
        assert selectors.parts_of(SafetyPlan.objects.get(client=noor, revision=2))["signs"] == ["I pace"]


def test_the_persons_own_copy_tells_nobody_where_it_is_from_and_printing_is_in_the_trail(
    world: World, noor: Client
) -> None:
    here = world.here
    with here.scope(here.therapist):
        plan = written(here, noor)
    since = len(events(here))
    answer = signed_in(here.therapist).get(page(here, "safety_plan_print", plan.public_id))
    shown = text_of(answer)
    said = shown.partition("<main")[2].replace(page(here, "safety_plan", noor.public_id), "")
    for words in ("I stop eating", "My sister Ada, evenings", "My plan", "911"):
        assert words in said
    for kept in ("Riverbend", "Behavioral", "Evoke", "clinic", "Noor", noor.reference, here.therapist.name, "safety",
                 "Safety", "Printed by"):  # fmt: skip
        assert kept not in said, kept
    assert "<title>My plan</title>" in shown
    assert answer.headers["Cache-Control"].find("no-store") >= 0
    found = [(one.action, one.purpose) for one in events(here, since)]
    assert ("safety_plan.printed", "own_copy") in found
    assert not [one for one in found if one[0].startswith("disclosure.")], "it is no disclosure: it is their own"


# --- where it is offered --------------------------------------------------------------------------------------------


def test_the_persons_page_says_whether_there_is_one_to_who_may_read_it(world: World, noor: Client) -> None:
    here = world.here
    link = page(here, "safety_plan", noor.public_id)
    for user, shown in ((here.therapist, True), (here.coordinator, False), (here.privacy_officer, False)):
        text = text_of(signed_in(user).get(page(here, "client_detail", noor.public_id)))
        assert (link in text) is shown
        assert ("none yet" in text) is shown


@pytest.mark.parametrize(("level", "hint"), [("S1", False), ("S2", True), ("S3", True)])
def test_a_review_of_level_two_or_three_without_a_plan_says_so_and_can_be_saved(
    world: World, noor: Client, level: str, hint: bool
) -> None:
    here = world.here
    with here.scope():
        concern = SafetyConcern.objects.create(
            clinic=here.clinic, client=noor, level=level, code="test", due_at=timezone.now(), raised_by=here.coordinator
        )
    browser: Any = signed_in(here.therapist)
    address = page(here, "concern_review", concern.public_id)
    shown = text_of(browser.get(address))
    assert ("There is no safety plan yet" in shown) is hint
    assert "Write a safety plan together" in shown
    with here.scope(here.therapist):
        written(here, noor)
    shown = text_of(browser.get(address))
    assert "There is no safety plan yet" not in shown
    assert "Their safety plan" in shown


def test_a_review_is_saved_without_a_plan(world: World, noor: Client) -> None:
    here = world.here
    with here.scope():
        concern = SafetyConcern.objects.create(
            clinic=here.clinic, client=noor, level="S3", code="test", due_at=timezone.now(), raised_by=here.coordinator
        )
    browser: Any = signed_in(here.therapist)
    address = page(here, "concern_review", concern.public_id)
    form = {"rationale": "Spoke for an hour", "next_check_on": "2030-01-01", **hidden(text_of(browser.get(address)))}
    assert browser.post(address, form).status_code == 302
    with here.scope():
        assert SafetyConcern.objects.get(pk=concern.pk).reviewed_by == here.therapist


def test_who_was_handed_a_concern_and_does_not_work_with_the_person_is_not_told_of_a_plan(world: World) -> None:
    here = world.here
    with here.scope():
        concern = SafetyConcern.objects.create(
            clinic=here.clinic, client=here.client, level="S2", code="test", due_at=timezone.now(),
            raised_by=here.coordinator, handed_to=here.other_therapist,
        )  # fmt: skip
    shown = text_of(signed_in(here.other_therapist).get(page(here, "concern_review", concern.public_id)))
    assert "A safety plan is written together by who has them on their caseload." in shown
    for kept in ("There is no safety plan yet", "Their safety plan", page(here, "safety_plan", here.client.public_id)):
        assert kept not in shown

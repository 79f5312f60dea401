"""The pages of what helps: the room, reasons, strengths, hope, and the person's own card."""

from typing import Any

import pytest
from django.utils import timezone

from clients.models import ChangeReason, ChangeTarget, Client, RulerReading, Strength
from clients.rules.exercises import Kind as ExerciseKind
from clients.rules.strengths import Kind
from clients.selectors import strengths as selectors
from clients.services import break_glass, exercises, reasons, strengths, targets
from clinics.models import Draft
from tests.clients.helping import KEPT, given, kept, with_values
from tests.clients.people import ABSENT_ID, body, events, hidden, page, signed_in, text_of, today
from tests.world import CANARY, World

OF_PERSON = ["client_motivation", "reason_create", "strength_create", "client_hope", "client_card", "client_card_print"]


def test_the_room_gathers_what_helps_and_counts_whose_reasons_they_are(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        target = targets.add(client=noor, terms=targets.Terms("Drink less"), by=here.therapist)
        given(here, noor, target=target, strength=8)
        given(here, noor, "The judge says so", source="legal", is_own=False)
        gone = given(here, noor, "An old one")
        reasons.end(reason=gone, by=here.therapist, now=timezone.now())
        for kind in Kind:
            kept(here, noor, kind)
        with_values(here, noor, is_private=False)
        strengths.rate_hope(client=noor, value=6, words="I slept", by=here.therapist, now=timezone.now())
        exercises.write(
            client=noor, kind=ExerciseKind.CHANGE_PLAN, target=target, seen=0, content={"change": "Less"},
            by=here.therapist, now=timezone.now(),
        )  # fmt: skip
    shown = text_of(signed_in(here.therapist).get(page(here, "client_motivation", noor.public_id)))
    for words in ("1 of 2 are their own (50%)", "strength 8", "held out by others", "1 reason let go", "Drink less",
                  "My plan for change", "Family", "Put five in order", "I slept", "Keeps her word", "Her brother",
                  "30 days", "You kept going", "Weigh both sides"):  # fmt: skip
        assert words in shown, words


def test_an_empty_room_says_what_to_ask(world: World, noor: Client) -> None:
    shown = text_of(signed_in(world.here.therapist).get(page(world.here, "client_motivation", noor.public_id)))
    for words in ("No reasons written down yet", "Nothing is written down yet", "Not sorted yet", "Not asked yet"):
        assert words in shown, words
    assert "are their own (" not in shown, "no share without reasons"


@pytest.mark.parametrize(
    ("role", "read", "write"),
    [
        ("therapist", 200, 200), ("supervisor", 200, 403), ("coordinator", 403, 403), ("privacy_officer", 403, 403),
        ("other_therapist", 404, 404), ("coder", 404, 404), ("administrator", 404, 404),
    ],
)  # fmt: skip
def test_who_reads_and_writes(world: World, role: str, read: int, write: int) -> None:
    here = world.here
    browser: Any = signed_in(getattr(here, role))
    for route in OF_PERSON:
        status = read if route in ("client_motivation", "client_card_print") else write
        answer = browser.get(page(here, route, here.client.public_id))
        assert answer.status_code == status, route
    shown = text_of(browser.get(page(here, "client_motivation", here.client.public_id)))
    assert (f"{CANARY}-riverbend reason" in shown) is (read == 200)
    assert ("Add a reason" in shown) is (write == 200)
    of_row = write if read == 200 else 404
    for route, row in (("reason_edit", here.reason), ("strength_edit", here.strength)):
        assert browser.get(page(here, route, row.public_id)).status_code == of_row, route
    done = 302 if write == 200 else of_row
    for route, row in (("reason_again", here.reason), ("reason_end", here.reason), ("strength_end", here.strength)):
        assert browser.post(page(here, route, row.public_id)).status_code == done, route


def test_break_glass_reads_and_writes_nothing(world: World) -> None:
    here = world.here
    with here.scope():
        break_glass.break_glass(client=here.client, reason="Found unconscious", by=here.other_therapist)
    browser = signed_in(here.other_therapist)
    shown = text_of(browser.get(page(here, "client_motivation", here.client.public_id)))
    assert f"{CANARY}-riverbend strength" in shown
    assert "Add a reason" not in shown
    assert browser.post(page(here, "client_card", here.client.public_id)).status_code == 403


@pytest.mark.parametrize(
    "route", [*OF_PERSON, "reason_edit", "strength_edit", "reason_again", "reason_end", "strength_end"]
)
def test_a_foreign_an_absent_and_a_malformed_id_are_the_same(world: World, route: str) -> None:
    here, there = world.here, world.neighbour
    rows = {"reason": there.reason, "strength": there.strength}
    row = there.client if route in OF_PERSON else rows[route.partition("_")[0]]
    browser: Any = signed_in(here.therapist)
    ids = [row.public_id, ABSENT_ID, "nonsense"]
    posts = route.endswith(("_again", "_end"))
    answers = [(browser.post if posts else browser.get)(page(here, route, one)) for one in ids]
    assert [one.status_code for one in answers] == [404] * 3
    assert len({body(one, pk) for one, pk in zip(answers, ids, strict=True)}) == 1


# --- the forms ------------------------------------------------------------------------------------------------------


def test_a_reason_is_written_changed_said_again_and_let_go_on_pages(world: World, noor: Client) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    with here.scope(here.therapist):
        target: ChangeTarget = targets.add(client=noor, terms=targets.Terms("Drink less"), by=here.therapist)
    address = page(here, "reason_create", noor.public_id)
    form = {
        "text": "My son", "source": "family", "is_own": "on", "strength": "8", "target": str(target.public_id),
        "first_said_on": "2026-01-02", **hidden(text_of(browser.get(address))),
    }  # fmt: skip
    for _n in range(2):
        assert browser.post(address, form).status_code == 302
    with here.scope():
        reason = ChangeReason.objects.get(client=noor)
        assert (reason.strength, reason.target, reason.on_card) == (8, target, False)
    room = text_of(browser.post(page(here, "reason_again", reason.public_id), follow=True))
    assert "Noted: they said it again today." in room
    assert "said again 1 time" in room
    address = page(here, "reason_edit", reason.public_id)
    stale = {"text": "My daughter", "source": "own", "is_own": "on", **hidden(text_of(browser.get(address)))}
    with here.scope(here.therapist):
        terms = reasons.Terms("Both my children", "family", True, 8, target)
        reasons.change(reason=reason, version=2, terms=terms, by=here.therapist, now=timezone.now())
    both = browser.post(address, stale)
    assert both.status_code == 422
    for words in ("Two texts for one record", "Both my children", "Drink less"):
        assert words in text_of(both), words
    assert browser.post(address, {**stale, **hidden(text_of(both))}).status_code == 302
    assert "It stays in the record." in text_of(browser.post(page(here, "reason_end", reason.public_id), follow=True))
    refused = browser.post(page(here, "reason_again", reason.public_id), follow=True)
    assert "This was let go." in text_of(refused)


@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_is_written_and_changed_on_pages(world: World, noor: Client, kind: Kind) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address = f"{page(here, 'strength_create', noor.public_id)}?kind={kind.value}"
    shown = text_of(browser.get(address))
    assert ("The first celebration without using" in shown) is (kind is Kind.MILESTONE)
    more = {"happened_on": today(here).isoformat()} if kind is Kind.MILESTONE else {}
    form = {**KEPT[kind], **more, "named_by": "therapist", "on_card": "on", **hidden(shown)}
    for _n in range(2):
        assert browser.post(address, form).status_code == 302
    with here.scope():
        row = Strength.objects.get(client=noor)
        assert (row.kind, row.text) == (kind.value, KEPT[kind]["text"])
    address = page(here, "strength_edit", row.public_id)
    shown = text_of(browser.get(address))
    form = {**KEPT[kind], **more, "text": "Other words", "named_by": "client", **hidden(shown)}
    assert browser.post(address, form).status_code == 302
    stale = browser.post(address, {**form, "text": "Third words"})
    assert stale.status_code == 422
    assert "Two texts for one record" in text_of(stale)
    assert "let go" in text_of(browser.post(page(here, "strength_end", row.public_id), follow=True))


@pytest.mark.parametrize(
    ("route", "query", "form", "sentence"),
    [
        ("reason_create", "", {"text": "", "source": "own"}, "Write the reason, the way they say it."),
        ("reason_create", "", {"text": "x", "source": "nobody"}, "Choose who said it first."),
        ("reason_create", "", {"text": "x", "source": "own", "strength": "11"}, "Enter a whole number from 0 to 10."),
        ("reason_create", "", {"text": "x", "source": "own", "target": ABSENT_ID}, "Choose one of their goals."),
        ("reason_create", "", {"text": "x", "source": "own", "first_said_on": "2999-01-01"}, "still to come"),
        ("strength_create", "", {"text": "x"}, "Choose what kind of strength it is."),
        ("strength_create", "?kind=milestone", {"text": "x"}, "Enter the day on which they reached it."),
        ("strength_create", "?kind=milestone", {"text": "x", "happened_on": "2999-01-01"}, "still to come"),
        ("strength_create", "?kind=affirmation", {"text": "x", "appointment": ABSENT_ID}, "Choose from the list."),
        ("client_hope", "", {"hope": ""}, "Choose a number."),
        ("client_hope", "", {"hope": "11"}, "Choose a number."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_kept(
    world: World, noor: Client, route: str, query: str, form: dict[str, str], sentence: str
) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address = page(here, route, noor.public_id) + query
    answer = browser.post(address, {"named_by": "client", **form, **hidden(text_of(browser.get(address)))})
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    with here.scope():
        for model in (ChangeReason, Strength, RulerReading):
            assert not model.objects.filter(client=noor).exists()


def test_a_reason_names_no_goal_of_somebody_else_and_an_affirmation_no_session(world: World, noor: Client) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address = page(here, "reason_create", noor.public_id)
    form = {"text": "x", "source": "own", **hidden(text_of(browser.get(address)))}
    assert browser.post(address, {**form, "target": str(here.change_target.public_id)}).status_code == 422
    address = f"{page(here, 'strength_create', noor.public_id)}?kind=affirmation"
    form = {"text": "x", "named_by": "client", **hidden(text_of(browser.get(address)))}
    assert browser.post(address, {**form, "appointment": str(here.appointment.public_id)}).status_code == 422


def test_drafts_are_kept_apart_by_kind_and_let_go(world: World, noor: Client) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    key = f"strength_success:{noor.public_id}"
    assert browser.post(page(here, "draft_save", key), {"text": "Half a wo"}).status_code == 204
    address = page(here, "strength_create", noor.public_id)
    assert "Half a wo" not in text_of(browser.get(address))
    shown = text_of(browser.get(f"{address}?kind=success"))
    assert "Half a wo" in shown
    form = {**KEPT[Kind.SUCCESS], "named_by": "client", **hidden(shown)}
    assert browser.post(f"{address}?kind=success", form).status_code == 302
    with here.scope():
        assert not Draft.objects.filter(user=here.therapist, key=key).exists()


def test_hope_is_asked_and_says_how_it_moved(world: World, noor: Client) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address = page(here, "client_hope", noor.public_id)
    for value in ("4", "7"):
        form = {"hope": value, "words": "I slept", **hidden(text_of(browser.get(address)))}
        for _n in range(2):
            assert browser.post(address, form).status_code == 302
    with here.scope():
        assert [row.value for row in RulerReading.objects.filter(client=noor, ruler="hope").order_by("pk")] == [4, 7]
        assert selectors.hope_of(noor).value == 7  # type: ignore[union-attr]
    assert 'data-moved="Same as last time."' in text_of(browser.get(address))


# --- the card -------------------------------------------------------------------------------------------------------


def test_the_card_holds_what_they_chose_and_tells_nobody_where_it_is_from(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        given(here, noor, "My son")
        given(here, noor, "The judge says so", source="legal", is_own=False)
        given(here, noor, "Not for others", on_card=False)
        reasons.end(reason=given(here, noor, "Let go"), by=here.therapist, now=timezone.now())
        for kind in Kind:
            kept(here, noor, kind)
        kept(here, noor, text="Kept to myself", on_card=False)
        strengths.end(row=kept(here, noor, text="Gone by"), by=here.therapist, now=timezone.now())
        with_values(here, noor, is_private=False)
        strengths.rate_hope(client=noor, value=6, words="I slept", by=here.therapist, now=timezone.now())
    since = len(events(here))
    browser = signed_in(here.therapist)
    address = page(here, "client_card_print", noor.public_id)
    answer = browser.get(address)
    said = text_of(answer).partition("<main")[2].replace(page(here, "client_motivation", noor.public_id), "")
    for words in ("My reasons and wins", "My son", "Keeps her word", "Quit for a summer", "You kept going", "30 days",
                  "Family", "6 of 10", "I slept"):  # fmt: skip
        assert words in said, words
    for absent in ("The judge", "Not for others", "Let go", "Kept to myself", "Gone by", "Riverbend", "Behavioral",
                   "Evoke", "clinic", "Noor", noor.reference, here.therapist.name, "Printed by"):  # fmt: skip
        assert absent not in said, absent
    assert answer.headers["Cache-Control"].find("no-store") >= 0
    found = [(one.action, one.purpose) for one in events(here, since)]
    assert ("card.printed", "own_copy") in found
    assert "6 of 10" not in text_of(browser.get(address, {"hope": "no"}))


def test_values_that_they_keep_private_stay_off_the_card(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        with_values(here, noor, is_private=True)
    shown = text_of(signed_in(here.therapist).get(page(here, "client_card_print", noor.public_id)))
    assert "Family" not in shown
    assert "Nothing is on it yet." in shown


def test_they_choose_what_is_on_it(world: World, noor: Client) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address = page(here, "client_card", noor.public_id)
    assert "Nothing to choose yet" in text_of(browser.get(address))
    with here.scope(here.therapist):
        first, second = given(here, noor, "one"), given(here, noor, "two")
        given(here, noor, "theirs", source="family", is_own=False)
    shown = text_of(browser.get(address)).partition("<main")[2].partition("</main>")[0]
    assert shown.count('name="offered"') == 2
    assert shown.count(" checked") == 2
    form = {"offered": [str(first.public_id), str(second.public_id), "nonsense"], "chosen": [str(second.public_id)]}
    assert "The card is as they chose it." in text_of(browser.post(address, form, follow=True))
    with here.scope():
        assert [one.text for one in selectors.card(noor).reasons] == ["two"]

"""What helps somebody: reasons, strengths of each kind, hope, the room that shows them, and the person's own card."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from clients.models import ChangeReason, ChangeTarget, Client, Exercise, RulerReading, Strength
from clients.rules.exercises import Kind as ExerciseKind
from clients.rules.strengths import Kind, Wrong
from clients.selectors import strengths as selectors
from clients.services import break_glass, exercises, reasons, strengths, targets
from clients.services.reasons import Ended, Refused
from clients.services.targets import SetAside
from clinics.models import AuditEvent, Draft
from clinics.versions import Stale
from tests.clients.people import ABSENT_ID, body, events, hidden, in_care, page, signed_in, today
from tests.world import CANARY, Side, World

OF_PERSON = ["client_motivation", "reason_create", "strength_create", "client_hope", "client_card", "client_card_print"]
KEPT: dict[Kind, dict[str, Any]] = {
    Kind.STRENGTH: {"text": "Keeps her word", "domain": "personal", "evidence": "Never missed a shift"},
    Kind.SUCCESS: {"text": "Quit for a summer", "evidence": "Ran every day", "helped": "Her brother"},
    Kind.AFFIRMATION: {"text": "You kept going when it got hard"},
    Kind.MILESTONE: {"text": "30 days"},
}


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.fixture
def noor(world: World) -> Client:
    """Return a person on the therapist's caseload."""
    with world.here.scope():
        client = in_care(world.here)
    return client


def given(side: Side, client: Client, text: str = "My son", **other: Any) -> ChangeReason:
    """Return a reason as it is written down. Call inside the clinic's scope."""
    terms = reasons.Terms(**{"text": text, "source": "own", "is_own": True, **other})
    return reasons.add(client=client, terms=terms, by=side.therapist, now=timezone.now())


def kept(side: Side, client: Client, kind: Kind = Kind.STRENGTH, **other: Any) -> Strength:
    """Return a strength as it is kept. Call inside the clinic's scope."""
    values = {**KEPT[kind], **({"happened_on": today(side)} if kind is Kind.MILESTONE else {}), **other}
    how: dict[str, Any] = {"named_by": "client", "on_card": values.pop("on_card", True)}
    return strengths.add(client=client, kind=kind, values=values, by=side.therapist, now=timezone.now(), **how)


def with_values(side: Side, client: Client, *, is_private: bool) -> Exercise:
    """Return values as they are sorted. Call inside the clinic's scope."""
    return exercises.write(
        client=client, kind=ExerciseKind.VALUES, target=None, seen=0, content={"values": [{"name": "Family", "rank": 1}]},
        is_private=is_private, by=side.therapist, now=timezone.now(),
    )  # fmt: skip


# --- reasons --------------------------------------------------------------------------------------------------------


def test_words_lie_encrypted_and_the_trail_has_none(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        reason = given(here, noor, f"Reason {CANARY}")
        row = kept(here, noor, Kind.SUCCESS, text=f"a {CANARY}", evidence=f"b {CANARY}", helped=f"c {CANARY}")
        reading = strengths.rate_hope(client=noor, value=6, words=f"d {CANARY}", by=here.therapist, now=timezone.now())
        reasons.end(reason=reason, by=here.therapist, now=timezone.now())
        with connection.cursor() as cursor:
            for column, table, key in (
                ("text", "changereason", reason.pk), ("text", "strength", row.pk), ("evidence", "strength", row.pk),
                ("helped", "strength", row.pk), ("why_not_lower", "rulerreading", reading.pk),
            ):  # fmt: skip
                cursor.execute(f"select {column} from clients_{table} where id = %s", [key])
                assert CANARY.encode() not in bytes(cursor.fetchone()[0])
        found = AuditEvent.objects.exclude(action__startswith="row.").order_by("-pk")[:4]
        assert [one.action for one in found] == ["reason.ended", "rulers.taken", "strength.added", "reason.added"]
        assert CANARY not in str(list(AuditEvent.objects.values()))


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"text": " \x00"}, "text"), ({"text": "x" * 1001}, "text"), ({"strength": 11}, "strength"),
        ({"first_said_on": timezone.now().date() + timedelta(days=3)}, "first_said_on"),
    ],
)  # fmt: skip
def test_a_reason_that_cannot_be_kept_says_why(world: World, noor: Client, other: dict[str, Any], field: str) -> None:
    here = world.here
    with here.scope(here.therapist):
        with pytest.raises(Refused) as found:
            given(here, noor, **other)
        assert found.value.field == field
        assert not ChangeReason.objects.filter(client=noor).exists()


def test_a_reason_for_a_goal_that_is_set_aside_is_refused(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        target = targets.add(client=noor, terms=targets.Terms("Sleep"), by=here.therapist)
        given(here, noor, target=target)
        target = targets.set_aside(target=target, by=here.therapist)
        with pytest.raises(SetAside):
            given(here, noor, target=target)


def test_a_reason_is_changed_said_again_once_a_day_and_let_go(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        before = today(here) - timedelta(days=3)
        reason = given(here, noor, first_said_on=before)
        same = reasons.Terms("My son", "own", True, first_said_on=before)
        reasons.change(reason=reason, version=1, terms=same, by=here.therapist, now=timezone.now())
        reason.refresh_from_db()
        assert reason.version == 1, "what changes nothing leaves no mark"
        for _n in range(2):
            said = reasons.say_again(reason=reason, by=here.therapist, now=timezone.now())
        assert (said.restated_on, said.version) == ([today(here)], 2)
        other = reasons.Terms("My daughter", "family", True, 9)
        with pytest.raises(Stale):
            reasons.change(reason=reason, version=1, terms=other, by=here.therapist, now=timezone.now())
        changed = reasons.change(reason=reason, version=2, terms=other, by=here.therapist, now=timezone.now())
        assert (changed.text, changed.first_said_on) == ("My daughter", before), "the day stays where none is given"
        for _n in range(2):
            ended = reasons.end(reason=reason, by=here.therapist, now=timezone.now())
        assert ended.version == 4
        with pytest.raises(Ended):
            reasons.say_again(reason=reason, by=here.therapist, now=timezone.now())
        with pytest.raises(Ended):
            reasons.change(reason=reason, version=4, terms=same, by=here.therapist, now=timezone.now())


def test_what_was_first_said_today_is_not_said_again_today(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        reason = given(here, noor)
        assert reasons.say_again(reason=reason, by=here.therapist, now=timezone.now()).restated_on == []


# --- strengths ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_is_kept_changed_and_let_go(world: World, noor: Client, kind: Kind) -> None:
    here = world.here
    with here.scope(here.therapist):
        row = kept(here, noor, kind)
        values = {**KEPT[kind], "text": "Other words"}
        if kind is Kind.MILESTONE:
            values["happened_on"] = today(here)
        how: dict[str, Any] = {"named_by": "family", "on_card": False, "by": here.therapist, "now": timezone.now()}
        changed = strengths.change(row=row, version=1, values=values, **how)
        assert (changed.text, changed.named_by, changed.on_card, changed.version) == ("Other words", "family", False, 2)
        with pytest.raises(Stale):
            strengths.change(row=row, version=1, values=values, **how)
        for _n in range(2):
            ended = strengths.end(row=row, by=here.therapist, now=timezone.now())
        assert ended.version == 3
        with pytest.raises(Ended):
            strengths.change(row=row, version=3, values=values, **how)


def test_an_affirmation_names_an_appointment_of_the_person_only(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        with pytest.raises(Wrong, match="their own appointments"):
            kept(here, noor, Kind.AFFIRMATION, appointment=here.appointment)
        here.client.clinic = here.clinic
        assert kept(here, here.client, Kind.AFFIRMATION, appointment=here.appointment).appointment == here.appointment


@pytest.mark.parametrize("value", [-1, 11])
def test_hope_lies_from_0_to_10(world: World, noor: Client, value: int) -> None:
    here = world.here
    with here.scope(here.therapist), pytest.raises(Wrong):
        strengths.rate_hope(client=noor, value=value, words="", by=here.therapist, now=timezone.now())


def test_choosing_the_card_touches_what_was_offered_and_nothing_else(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        first, second, unseen = (given(here, noor, text) for text in ("one", "two", "three"))
        row = kept(here, noor, on_card=False)
        foreign = here.reason
        changed = strengths.choose_card(
            client=noor, offered=[first.public_id, second.public_id, row.public_id, foreign.public_id],
            chosen=[str(first.public_id), str(row.public_id)], by=here.therapist,
        )  # fmt: skip
        assert changed == 2
        for one, stands in ((first, True), (second, False), (unseen, True), (row, True), (foreign, True)):
            one.refresh_from_db()
            assert one.on_card is stands
        event = AuditEvent.objects.filter(action="card.chosen").latest("pk")
        assert event.detail == {"changereason": 1, "strength": 1}


# --- the room -------------------------------------------------------------------------------------------------------


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

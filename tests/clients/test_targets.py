"""What a person wants to change: written down, put right, set aside; stages, rulers between sessions, intensity."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from clients.models import ChangeTarget, Client, IntensityChoice, Mandate, RulerReading, StageRating
from clients.rules.motivation import Intensity, Ruler
from clients.selectors import motivation as selectors
from clients.services import break_glass, merging, targets
from clients.services.targets import Answer, Terms
from clinics.models import AuditEvent, Draft
from clinics.versions import Stale
from tests.clients.people import ABSENT_ID, body, events, hidden, in_care, page, signed_in, text_of
from tests.world import CANARY, NOW, Side, World

PAGES = ["target_detail", "target_edit", "stage_rate", "rulers_take", "intensity_choose"]
READY = {Ruler.IMPORTANCE: Answer(8), Ruler.CONFIDENCE: Answer(8), Ruler.READINESS: Answer(8)}


@pytest.fixture
def goal(world: World, noor: Client) -> ChangeTarget:
    """Return a goal of theirs."""
    with world.here.scope(world.here.therapist):
        return targets.add(client=noor, terms=Terms("Drink less", "substance", "reduce"), by=world.here.therapist)


def asked(side: Side, target: ChangeTarget, answers: dict[Ruler, Answer] | None = None) -> list[RulerReading]:
    """Ask the rulers for a goal. Call inside the clinic's scope."""
    return targets.take_rulers(
        target=target, answers=READY if answers is None else answers, by=side.therapist, now=timezone.now()
    )


def rated(side: Side, target: ChangeTarget, stage: str) -> StageRating:
    """Rate the stage of a goal. Call inside the clinic's scope."""
    return targets.rate_stage(target=target, stage=stage, basis="interview", by=side.therapist, now=timezone.now())


# --- what is kept ---------------------------------------------------------------------------------------------------


def test_words_lie_encrypted_and_the_trail_has_none(world: World, goal: ChangeTarget) -> None:
    here = world.here
    terms = Terms(f"Sleep {CANARY}", "mental_health", "start", f"I am tired {CANARY}")
    with here.scope(here.therapist):
        changed = targets.change(target=goal, version=1, terms=terms, by=here.therapist)
        asked(here, goal, {Ruler.READINESS: Answer(3, f"lower {CANARY}", f"raise {CANARY}")})
        targets.choose_intensity(
            target=goal, suggested=Intensity.UNKNOWN, working=Intensity.UNKNOWN, chosen=Intensity.SUPPORT,
            reason=f"why {CANARY}", by=here.therapist,
        )  # fmt: skip
        with connection.cursor() as cursor:
            for column, table in (
                ("goal", "changetarget"), ("own_words", "changetarget"), ("why_not_lower", "rulerreading"),
                ("what_would_raise", "rulerreading"), ("reason", "intensitychoice"),
            ):  # fmt: skip
                cursor.execute(f"select {column} from clients_{table} order by id desc limit 1")
                assert CANARY.encode() not in bytes(cursor.fetchone()[0])
        assert (changed.version, changed.kind, changed.own_words) == (2, "mental_health", f"I am tired {CANARY}")
        found = AuditEvent.objects.exclude(action__startswith="row.").order_by("-pk")[:3]
        assert [(one.action, one.detail) for one in found] == [
            ("intensity.chosen", {"suggested": "unknown", "chosen": "support"}),
            ("rulers.taken", {"rulers": ["readiness"]}),
            ("change_target.changed", {"fields": ["direction", "goal", "kind", "own_words"]}),
        ]
        assert CANARY not in str(list(AuditEvent.objects.values()))


def test_a_stale_change_is_refused_and_one_that_changes_nothing_leaves_no_mark(
    world: World, goal: ChangeTarget
) -> None:
    here = world.here
    with here.scope(here.therapist):
        same = Terms("Drink less", "substance", "reduce")
        targets.change(target=goal, version=1, terms=same, by=here.therapist)
        goal.refresh_from_db()
        assert goal.version == 1
        targets.change(target=goal, version=1, terms=Terms("Drink nothing"), by=here.therapist)
        with pytest.raises(Stale) as found:
            targets.change(target=goal, version=1, terms=same, by=here.therapist)
        assert found.value.current.goal == "Drink nothing"
        with pytest.raises(targets.NoGoal):
            targets.change(target=goal, version=2, terms=Terms(" \x00 "), by=here.therapist)


def test_a_goal_that_is_set_aside_takes_nothing_new_and_keeps_its_history(world: World, goal: ChangeTarget) -> None:
    here = world.here
    with here.scope(here.therapist):
        rated(here, goal, "con")
        targets.set_aside(target=goal, by=here.therapist)
        assert (goal.is_active, goal.version) == (False, 2)
        with pytest.raises(targets.SetAside):
            rated(here, goal, "prep")
        with pytest.raises(targets.SetAside):
            asked(here, goal)
        with pytest.raises(targets.SetAside):
            targets.choose_intensity(
                target=goal, suggested=Intensity.SUPPORT, working=Intensity.SUPPORT, chosen=Intensity.LOW_PLAN,
                reason="x", by=here.therapist,
            )  # fmt: skip
        assert StageRating.objects.filter(target=goal).count() == 1


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({}, targets.NothingAsked),
        ({Ruler.READINESS: Answer(None)}, targets.NothingAsked),
        ({Ruler.READINESS: Answer(None, "because"), Ruler.IMPORTANCE: Answer(4)}, targets.WordsAlone),
    ],
    ids=["none", "no number", "words alone"],
)
def test_rulers_need_a_number_for_what_was_said(
    world: World, goal: ChangeTarget, answers: dict[Ruler, Answer], error: type[Exception]
) -> None:
    with world.here.scope(world.here.therapist):
        with pytest.raises(error):
            asked(world.here, goal, answers)
        assert not RulerReading.objects.filter(target=goal).exists()


@pytest.mark.parametrize("model", [StageRating, IntensityChoice])
def test_ratings_and_choices_are_final_by_every_path(world: World, model: Any) -> None:
    here = world.here
    with here.scope(here.therapist):
        row = model.objects.get()
        for change in (
            lambda: (
                model.objects.filter(pk=row.pk).update(rated_on=NOW.date())
                if model is StageRating
                else model.objects.filter(pk=row.pk).update(chosen="support")
            ),
            row.delete,
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"delete from {model._meta.db_table} where id = %s", [row.pk])


# --- what it suggests -----------------------------------------------------------------------------------------------


def test_the_newest_answers_and_stage_decide_and_each_goal_stands_alone(world: World, goal: ChangeTarget) -> None:
    here = world.here
    with here.scope(here.therapist):
        assert selectors.find_standing(goal).working is Intensity.UNKNOWN
        rated(here, goal, "pre")
        rated(here, goal, "prep")
        asked(here, goal, {**READY, Ruler.READINESS: Answer(2)})
        assert selectors.find_standing(goal).working is Intensity.HIGH_EVOKE
        asked(here, goal, {Ruler.READINESS: Answer(9)})
        found = selectors.find_standing(goal)
        assert (found.working, found.stage, found.rulers[Ruler.READINESS]) == (Intensity.LOW_PLAN, "prep", 9)
        other = targets.add(client=goal.client, terms=Terms("Walk"), by=here.therapist)
        assert selectors.find_standing(other).working is Intensity.UNKNOWN
        assert [one.target.goal for one in selectors.standings_of(goal.client_id, here.therapist)] == [
            "Drink less", "Walk"
        ]  # fmt: skip
        assert selectors.standings_of(goal.client_id, here.other_therapist) == []


def test_a_mandate_counts_while_it_stands_on_any_record_of_the_person(world: World, goal: ChangeTarget) -> None:
    here = world.here
    with here.scope(here.therapist):
        rated(here, goal, "prep")
        asked(here, goal, {**READY, Ruler.READINESS: Answer(6)})
        assert selectors.find_standing(goal).suggested.row == 4
        other = in_care(here, "Noor Other")
        mandate = Mandate.objects.create(clinic=here.clinic, client=other, kind="court", body="The court", discord=2)
        assert selectors.find_standing(goal).suggested.row == 4
        other.episodes.update(status="closed", closed_on=NOW.date())
        merging.merge(kept=goal.client, absorbed=other, reason="The same", by=here.coordinator, now=NOW)
        assert selectors.find_standing(goal).suggested.row == 3
        Mandate.objects.filter(pk=mandate.pk).update(ended_at=NOW)
        assert selectors.find_standing(goal).suggested.row == 4
        family = Mandate.objects.create(clinic=here.clinic, client=goal.client, kind="family_pressure", discord=7)
        asked(here, goal)
        found = selectors.find_standing(goal)
        assert (found.suggested.row, found.suggested.reason) == (3, "Discord is 7, which is 5 or more.")
        family.delete()


def test_a_choice_holds_until_it_is_taken_back(world: World, goal: ChangeTarget) -> None:
    here = world.here

    def choose(chosen: Intensity) -> None:
        now = selectors.find_standing(goal)
        targets.choose_intensity(
            target=goal, suggested=now.suggested.intensity, working=now.working, chosen=chosen, reason="So it is",
            by=here.therapist,
        )  # fmt: skip

    with here.scope(here.therapist):
        rated(here, goal, "prep")
        asked(here, goal)
        with pytest.raises(targets.AsSuggested):
            choose(Intensity.LOW_PLAN)
        choose(Intensity.HIGH_EVOKE)
        found = selectors.find_standing(goal)
        assert (found.working, found.suggested.intensity, found.is_otherwise) == (
            Intensity.HIGH_EVOKE, Intensity.LOW_PLAN, True,
        )  # fmt: skip
        # The rule comes round to it, and goes on: the choice stays what was chosen.
        asked(here, goal, {Ruler.READINESS: Answer(5)})
        assert not selectors.find_standing(goal).is_otherwise
        asked(here, goal, {Ruler.READINESS: Answer(9)})
        assert selectors.find_standing(goal).is_otherwise
        choose(Intensity.LOW_PLAN)
        assert not selectors.find_standing(goal).is_otherwise
        rated(here, goal, "act")
        assert selectors.find_standing(goal).working is Intensity.SUPPORT


def test_answers_that_were_given_together_stand_together(world: World, goal: ChangeTarget) -> None:
    here = world.here
    with here.scope(here.therapist):
        asked(here, goal, {Ruler.READINESS: Answer(3, "tired", "sleep"), Ruler.IMPORTANCE: Answer(9)})
        asked(here, goal)
        found = selectors.moved(goal)
        assert [one.values for one in found.asked] == [[8, 8, 8], [9, None, 3]]
        assert found.asked[1].said == [("Readiness", "tired", "sleep")]
        assert (found.swing.count, found.swing.wide) == (2, False)
        asked(here, goal, {Ruler.READINESS: Answer(3)})
        assert selectors.moved(goal).swing.wide


# --- the pages ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "read", "write"),
    [
        ("therapist", 200, 200), ("supervisor", 200, 403), ("coordinator", 404, 404), ("privacy_officer", 404, 404),
        ("other_therapist", 404, 404), ("coder", 404, 404), ("administrator", 404, 404),
    ],
)  # fmt: skip
def test_who_reads_and_writes(world: World, role: str, read: int, write: int) -> None:
    here = world.here
    browser = signed_in(getattr(here, role))
    for route in PAGES:
        answer = browser.get(page(here, route, here.change_target.public_id))
        assert answer.status_code == (read if route == "target_detail" else write), route
        assert (f"{CANARY}-riverbend goal" in text_of(answer)) is (answer.status_code == 200)


def test_break_glass_reads_a_goal_and_not_what_others_ask(world: World, goal: ChangeTarget) -> None:
    here = world.here
    with here.scope():
        rated(here, goal, "prep")
        asked(here, goal, {**READY, Ruler.READINESS: Answer(6)})
        Mandate.objects.create(clinic=here.clinic, client=goal.client, kind="court", body="The court")
        break_glass.break_glass(client=goal.client, reason="Found unconscious", by=here.other_therapist)
    shown = text_of(signed_in(here.other_therapist).get(page(here, "target_detail", goal.public_id)))
    assert "Drink less" in shown
    assert "not yours to read" in shown
    assert "somebody else" not in shown.lower()
    assert "Edit the goal" not in shown
    assert "somebody else" in text_of(signed_in(here.therapist).get(page(here, "target_detail", goal.public_id)))
    assert signed_in(here.other_therapist).get(page(here, "rulers_take", goal.public_id)).status_code == 403


@pytest.mark.parametrize("route", PAGES)
def test_a_foreign_an_absent_and_a_malformed_id_are_the_same(world: World, route: str) -> None:
    here, there = world.here, world.neighbour
    browser = signed_in(here.therapist)
    ids = [there.change_target.public_id, ABSENT_ID, "nonsense"]
    answers = [browser.get(page(here, route, one)) for one in ids]
    assert [one.status_code for one in answers] == [404] * 3
    assert len({body(one, pk) for one, pk in zip(answers, ids, strict=True)}) == 1


def test_a_goal_is_written_down_rated_asked_about_and_worked_with_otherwise(world: World, noor: Client) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address = page(here, "target_create", noor.public_id)
    form = {
        "goal": "Sleep without drinking", "own_words": "I want my mornings back", "kind": "substance",
        "direction": "reduce", **hidden(text_of(browser.get(address))),
    }  # fmt: skip
    person = text_of(browser.post(address, form, follow=True))
    with here.scope():
        target = ChangeTarget.objects.latest("pk")
    detail = page(here, "target_detail", target.public_id)
    assert detail in person
    shown = text_of(browser.get(detail))
    for words in ("I want my mornings back", "Substance use", "Do less", "not rated yet", "Not known yet",
                  "Not asked yet: importance, confidence, readiness."):  # fmt: skip
        assert words in shown, words
    assert "Work otherwise" not in shown

    stage = page(here, "stage_rate", target.public_id)
    form = {"stage": "prep", "basis": "rulers", **hidden(text_of(browser.get(stage)))}
    for _n in range(2):
        assert browser.post(stage, form).status_code == 302
    rulers = page(here, "rulers_take", target.public_id)
    form = {
        "importance": "8", "confidence": "5", "confidence_why": "I did it in spring", "readiness": "8",
        **hidden(text_of(browser.get(rulers))),
    }  # fmt: skip
    for _n in range(2):
        assert browser.post(rulers, form).status_code == 302
    with here.scope():
        assert StageRating.objects.filter(target=target).count() == 1
        kept = RulerReading.objects.filter(target=target).values_list("ruler", "value", "appointment")
        assert set(kept) == {("importance", 8, None), ("confidence", 5, None), ("readiness", 8, None)}
    shown = text_of(browser.get(detail))
    for words in ("Preparing", "Build confidence", "50% evoking, 50% skills", "I did it in spring",
                  "Confidence is 5, which is 6 or less."):  # fmt: skip
        assert words in shown, words
    assert "Up 2 since last time." in text_of(browser.get(rulers))

    otherwise = page(here, "intensity_choose", target.public_id)
    form = {"chosen": "medium_confidence", "reason": "x", **hidden(text_of(browser.get(otherwise)))}
    refused = browser.post(otherwise, form)
    assert refused.status_code == 422
    assert "There is nothing to note." in text_of(refused)
    form = {"chosen": "low_plan", "reason": "They asked for a plan", **hidden(text_of(refused))}
    shown = text_of(browser.post(otherwise, form, follow=True))
    for words in ("Suggested: Build confidence", "They asked for a plan", "30% evoking, 70% skills"):
        assert words in shown, words


def test_two_who_edit_see_both_texts_and_a_draft_is_kept(world: World, goal: ChangeTarget) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    key = f"target_edit:{goal.public_id}"
    draft = {"goal": "Half a sen", "version": "1"}
    assert browser.post(page(here, "draft_save", key), draft).status_code == 204
    address = page(here, "target_edit", goal.public_id)
    shown = text_of(browser.get(address))
    assert "Half a sen" in shown
    form = {"goal": "Mine", "kind": "substance", "direction": "stop", **hidden(shown)}
    with here.scope(here.therapist):
        targets.change(target=goal, version=1, terms=Terms("Theirs", "substance", "reduce"), by=here.therapist)
    stale = browser.post(address, form)
    assert stale.status_code == 422
    for words in ("Two texts for one record", "Theirs", "Do less"):
        assert words in text_of(stale), words
    assert browser.post(address, {**form, **hidden(text_of(stale))}).status_code == 302
    with here.scope():
        goal.refresh_from_db()
        assert (goal.goal, goal.direction, goal.version) == ("Mine", "stop", 3)
        assert not Draft.objects.filter(user=here.therapist, key=key).exists()


@pytest.mark.parametrize(
    ("route", "wrong", "sentence"),
    [
        ("stage_rate", {}, "Choose where they stand."),
        ("stage_rate", {"stage": "asleep", "basis": "rulers"}, "Choose where they stand."),
        ("rulers_take", {}, "Choose a number on at least one ruler."),
        ("rulers_take", {"importance_raise": "Sleep", "readiness": "3"}, "Choose the number that this was said to."),
        ("rulers_take", {"readiness": "11"}, "Select a valid choice"),
        ("rulers_take", {"readiness": "1", "readiness_why": "x" * 1001}, "Write at most 1000 characters"),
        ("intensity_choose", {"chosen": "unknown", "reason": "x"}, "Choose how you work."),
        ("intensity_choose", {"chosen": "support", "reason": " "}, "Write why. Your supervisor sees it."),
        ("target_edit", {"goal": ""}, "Write what they want to change, the way they say it."),
        ("target_edit", {"goal": "x", "kind": "y"}, "Choose what it is about."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_is_kept(
    world: World, goal: ChangeTarget, route: str, wrong: dict[str, str], sentence: str
) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address = page(here, route, goal.public_id)
    form = hidden(text_of(browser.get(address)))
    since = len(events(here))
    answer = browser.post(address, {**form, **wrong})
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert [one.action for one in events(here, since)] == ["changetarget.viewed"]


def test_a_goal_set_aside_offers_nothing_new(world: World, goal: ChangeTarget) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    assert browser.post(page(here, "target_end", goal.public_id)).status_code == 302
    shown = text_of(browser.get(page(here, "target_detail", goal.public_id)))
    assert "Its words and its history stay" in shown
    for words in ("Ask the rulers", "Rate the stage", "Work otherwise", "Set this goal aside"):
        assert words not in shown
    address = page(here, "stage_rate", goal.public_id)
    refused = browser.post(address, {"stage": "con", "basis": "other", **hidden(text_of(browser.get(address)))})
    assert refused.status_code == 422
    assert "This goal is set aside." in text_of(refused)

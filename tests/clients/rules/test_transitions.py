"""Every row of the table of moves, its guards, the crisis hold, and walks that never leave the table."""

import dataclasses
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.rules import transitions
from clients.rules.transitions import (
    EDGES,
    EMERGENCY_ONLY,
    TERMINAL,
    Facts,
    IllegalMove,
    Status,
    legal_moves,
    require_move,
)

# The table of care.md 1.3, typed again: origin, then its targets.
TABLE = """
new                  > contacting screening duplicate spam
contacting           > contacted unreachable duplicate spam closed_declined
contacted            > screening nurture referred_out closed_declined duplicate
screening            > screened contacting closed_declined referred_out
screened             > assessment_scheduled referred_out not_eligible nurture closed_declined
assessment_scheduled > assessed assessment_no_show closed_declined
assessment_no_show   > assessment_scheduled contacting unreachable
assessed             > accepted referred_out not_eligible closed_declined
accepted             > admitted waitlisted closed_declined referred_out
waitlisted           > accepted referred_out closed_declined unreachable
nurture              > contacting
unreachable          > contacting
closed_declined      > contacting
referred_out         > contacting
not_eligible         > contacting
admitted             >
duplicate            >
spam                 >
"""
ROWS = {
    Status(origin.strip()): frozenset(map(Status, targets.split()))
    for origin, targets in (line.split(">") for line in TABLE.strip().splitlines())
}
READY = Facts(
    attempts=6,
    attempt_days=3,
    attempt_span=timedelta(days=7),
    live_contact=True,
    has_master=True,
    says_no=True,
    follow_up_on=date(2026, 12, 1),
    screening_complete=True,
    safety_answered=True,
    assessment_booked=True,
    assessment_signed=True,
    decision_made=True,
    place_kept=True,
    slot_offered=True,
)
PAIRS = [(origin, to) for origin in Status for to in Status]
# What takes each guard down: the target, the facts that are missing, a word of the sentence.
MISSING: list[tuple[Status, dict[str, Any], str]] = [
    (Status.CONTACTING, {"attempts": 0}, "attempt"),
    (Status.CONTACTED, {"live_contact": False}, "conversation"),
    (Status.SCREENING, {"live_contact": False}, "conversation"),
    (Status.SCREENED, {"screening_complete": False}, "screening question"),
    (Status.SCREENED, {"safety_answered": False}, "safety question"),
    (Status.ASSESSMENT_SCHEDULED, {"assessment_booked": False}, "appointment"),
    (Status.ASSESSED, {"assessment_signed": False}, "signature"),
    (Status.ACCEPTED, {"decision_made": False}, "decision"),
    (Status.WAITLISTED, {"place_kept": False}, "waiting list"),
    (Status.ADMITTED, {"admission_gaps": ("consent to treatment", "identity check")}, "consent to treatment; identity"),
    (Status.NURTURE, {"follow_up_on": None}, "follow-up date"),
    (Status.UNREACHABLE, {"attempts": 5}, "So far: 5 on 3 over 7"),
    (Status.UNREACHABLE, {"attempt_days": 2}, "So far: 6 on 2 over 7"),
    (Status.UNREACHABLE, {"attempt_span": timedelta(days=7) - timedelta(seconds=1)}, "So far: 6 on 3 over 6"),
    (Status.DUPLICATE, {"has_master": False}, "repeats"),
]


def with_facts(**changed: Any) -> Facts:
    return dataclasses.replace(READY, **changed)


def reason_for(origin: Status, to: Status, facts: Facts) -> str:
    move = next(move for move in legal_moves(origin, facts) if move.target is to)
    return move.reasons[0] if move.reasons else ""


@pytest.mark.parametrize("origin", Status)
def test_the_table_is_the_one_of_the_specification(origin: Status) -> None:
    ordinary = {to for to in EDGES[origin] if (origin, to) not in EMERGENCY_ONLY}
    assert ordinary == ROWS[origin]
    assert {move.target for move in legal_moves(origin, READY)} == ROWS[origin]
    assert (origin in TERMINAL) == (not EDGES[origin])


@pytest.mark.parametrize(("origin", "to"), PAIRS)
def test_with_every_fact_in_place_exactly_the_table_is_open(origin: Status, to: Status) -> None:
    if to in ROWS[origin]:
        assert require_move(origin, to, READY, reason=reason_for(origin, to, READY)).target is to
        return
    with pytest.raises(IllegalMove) as refused:
        require_move(origin, to, READY)
    assert (refused.value.origin, refused.value.to) == (origin, to)
    assert set(refused.value.legal) == ROWS[origin]
    assert str(refused.value) == (
        f"An inquiry does not go from “{transitions.LABELS[origin]}” to “{transitions.LABELS[to]}”."
    )


@pytest.mark.parametrize(("to", "absent", "words"), MISSING)
def test_a_guard_holds_from_every_origin(to: Status, absent: dict[str, Any], words: str) -> None:
    origins = [origin for origin, targets in ROWS.items() if to in targets]
    assert origins
    for origin in origins:
        facts = with_facts(**absent)
        move = next(move for move in legal_moves(origin, facts) if move.target is to)
        assert not move.holds
        assert words in move.missing
        with pytest.raises(IllegalMove, match=words) as refused:
            require_move(origin, to, facts, reason=reason_for(origin, to, READY))
        assert to not in refused.value.legal


def test_a_place_from_the_waiting_list_is_offered_before_it_is_accepted() -> None:
    facts = with_facts(slot_offered=False)
    with pytest.raises(IllegalMove, match="place"):
        require_move(Status.WAITLISTED, Status.ACCEPTED, facts)
    assert require_move(Status.ASSESSED, Status.ACCEPTED, facts).holds


def test_t35_moves_that_must_never_happen() -> None:
    with pytest.raises(IllegalMove, match="does not go"):
        require_move(Status.NEW, Status.ADMITTED, READY)
    with pytest.raises(IllegalMove, match="attempt"):
        require_move(Status.NEW, Status.CONTACTING, with_facts(attempts=0))
    with pytest.raises(IllegalMove, match="Safety comes first"):
        require_move(Status.ACCEPTED, Status.ADMITTED, with_facts(crisis_hold=True))


@pytest.mark.parametrize("origin", Status)
def test_under_a_hold_the_only_way_on_is_an_emergency_referral(origin: Status) -> None:
    held = with_facts(crisis_hold=True)
    can_refer = origin not in TERMINAL and origin is not Status.REFERRED_OUT
    assert [move.target for move in legal_moves(origin, held) if move.holds] == [Status.REFERRED_OUT] * can_refer
    for to in Status:
        for reason in ("", "emergency", "cost"):
            if can_refer and to is Status.REFERRED_OUT and reason == "emergency":
                assert require_move(origin, to, held, reason=reason).reasons == ("emergency",)
            else:
                with pytest.raises(IllegalMove):
                    require_move(origin, to, held, reason=reason)


@pytest.mark.parametrize(("origin", "to"), sorted(EMERGENCY_ONLY))
def test_the_emergency_way_out_is_closed_without_a_hold(origin: Status, to: Status) -> None:
    with pytest.raises(IllegalMove, match="does not go"):
        require_move(origin, to, READY, reason="emergency")


def test_the_emergency_way_out_needs_no_other_fact() -> None:
    assert require_move(Status.NEW, Status.REFERRED_OUT, Facts(crisis_hold=True), reason="emergency").holds


@pytest.mark.parametrize(("origin", "to"), [(one, to) for one, targets in ROWS.items() for to in sorted(targets)])
def test_exactly_the_reasons_of_a_move_are_accepted(origin: Status, to: Status) -> None:
    reasons = next(move for move in legal_moves(origin, READY) if move.target is to).reasons
    asks = (
        to in (Status.CLOSED_DECLINED, Status.REFERRED_OUT, Status.NOT_ELIGIBLE)
        or (to is Status.CONTACTING and origin is not Status.NEW)
    )  # fmt: skip
    assert bool(reasons) == asks
    for code in ("", "made_up", *transitions.REASON_LABELS):
        if code in reasons or (not reasons and not code):
            require_move(origin, to, READY, reason=code, note="as said on the phone")
        else:
            with pytest.raises(IllegalMove):
                require_move(origin, to, READY, reason=code, note="as said on the phone")


def test_reasons_are_those_of_the_specification() -> None:
    listed = """cost insurance_not_accepted no_capacity distance chose_other not_ready legal_barrier
        medical_need_higher mh_need_higher age no_reason died incarcerated emergency"""
    assert set(transitions.CLOSED_REASONS) == set(listed.split())
    for codes in (transitions.DECLINED_REASONS, transitions.REFERRED_REASONS, transitions.NOT_ELIGIBLE_REASONS):
        assert set(codes) <= set(transitions.CLOSED_REASONS)
    assert "emergency" in transitions.REFERRED_REASONS
    assert "emergency" not in transitions.DECLINED_REASONS


@pytest.mark.parametrize("origin", [one for one, targets in ROWS.items() if Status.CLOSED_DECLINED in targets])
def test_closing_needs_the_person_s_no_unless_nobody_can_say_it(origin: Status) -> None:
    silent = with_facts(says_no=False)
    with pytest.raises(IllegalMove, match="said no"):
        require_move(origin, Status.CLOSED_DECLINED, silent, reason="cost")
    with pytest.raises(IllegalMove, match="reason"):
        require_move(origin, Status.CLOSED_DECLINED, silent)
    for reason in ("died", "incarcerated"):
        assert require_move(origin, Status.CLOSED_DECLINED, silent, reason=reason).holds


@pytest.mark.parametrize("origin", [Status.SCREENING, Status.NURTURE])
def test_another_reason_needs_words(origin: Status) -> None:
    with pytest.raises(IllegalMove, match="few words"):
        require_move(origin, Status.CONTACTING, READY, reason="other", note="  ")
    assert require_move(origin, Status.CONTACTING, READY, reason="other", note="Phone was off").holds


def test_a_move_without_reasons_takes_none() -> None:
    with pytest.raises(IllegalMove, match="takes no reason"):
        require_move(Status.NEW, Status.SPAM, READY, reason="cost")


def test_every_status_and_reason_has_words() -> None:
    assert set(transitions.LABELS) == set(Status)
    assert len(set(transitions.LABELS.values())) == len(Status)
    for words in (*transitions.LABELS.values(), *transitions.REASON_LABELS.values()):
        assert words[0].isupper()
        assert "_" not in words
    every = {code for origin in Status for move in legal_moves(origin, READY) for code in move.reasons}
    assert every | {"emergency"} == set(transitions.REASON_LABELS)


def test_statuses_fall_into_three_groups() -> None:
    groups = (transitions.ACTIVE, transitions.REOPENABLE, transitions.TERMINAL)
    assert sum(map(len, groups)) == len(Status)
    assert frozenset().union(*groups) == frozenset(Status)


@pytest.mark.parametrize(("days", "anew"), [(0, False), (90, False), (91, True)])
def test_a_request_is_new_after_90_days(days: int, anew: bool) -> None:
    closed = date(2026, 3, 1)
    assert transitions.begins_anew(closed, closed + timedelta(days=days)) is anew


def test_an_admission_can_be_taken_back_for_a_day() -> None:
    admitted = datetime(2026, 11, 19, 15, 0, tzinfo=UTC)
    transitions.require_undo(admitted, admitted + timedelta(hours=24), 0, "Wrong person")
    # The clocks go forward in the night: the same time of the next day is only 23 hours later.
    before, after = (datetime(2026, 3, day, 12, 30, tzinfo=ZoneInfo("America/Chicago")) for day in (7, 8))
    transitions.require_undo(before, after + timedelta(minutes=59), 0, "Wrong person")
    for hours, services, reason in [(24.01, 0, "x"), (-1, 0, "x"), (1, 1, "x"), (1, 0, " ")]:
        with pytest.raises(transitions.UndoRefused):
            transitions.require_undo(admitted, admitted + timedelta(hours=hours), services, reason)


REASONS = ["", *transitions.REASON_LABELS]


def random_facts(dice: random.Random) -> Facts:
    """Return facts of which most are in place, so that walks go deep."""

    def mostly() -> bool:
        return dice.random() < 0.8

    return Facts(
        attempts=dice.choice([0, 5, 6, 7]),
        attempt_days=dice.choice([2, 3]),
        attempt_span=timedelta(days=dice.choice([6, 7, 8])),
        live_contact=mostly(),
        has_master=mostly(),
        says_no=mostly(),
        follow_up_on=date(2026, 12, 1) if mostly() else None,
        screening_complete=mostly(),
        safety_answered=mostly(),
        assessment_booked=mostly(),
        assessment_signed=mostly(),
        decision_made=mostly(),
        place_kept=mostly(),
        slot_offered=mostly(),
        admission_gaps=() if mostly() else ("identity check",),
        crisis_hold=dice.random() < 0.1,
    )


def promise(to: Status, facts: Facts, reason: str) -> bool:
    """Tell what a status says about its inquiry, written apart from the guards."""
    return {
        Status.CONTACTING: facts.attempts >= 1,
        Status.CONTACTED: facts.live_contact,
        Status.SCREENING: facts.live_contact,
        Status.SCREENED: facts.screening_complete and facts.safety_answered,
        Status.ASSESSMENT_SCHEDULED: facts.assessment_booked,
        Status.ASSESSED: facts.assessment_signed,
        Status.ACCEPTED: facts.decision_made,
        Status.WAITLISTED: facts.place_kept,
        Status.ADMITTED: not facts.admission_gaps,
        Status.NURTURE: facts.follow_up_on is not None,
        Status.UNREACHABLE: facts.attempts >= 6 and facts.attempt_days >= 3 and facts.attempt_span.days >= 7,
        Status.DUPLICATE: facts.has_master,
        Status.CLOSED_DECLINED: facts.says_no or reason in ("died", "incarcerated"),
        Status.REFERRED_OUT: reason != "",
        Status.NOT_ELIGIBLE: reason != "",
    }.get(to, True)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_a_random_walk_never_reaches_a_status_it_should_not(seed: int) -> None:
    dice = random.Random(seed)
    status = Status.NEW
    for _ in range(250):
        facts = random_facts(dice)
        moves = {move.target: move for move in legal_moves(status, facts)}
        open_now = {to for to, move in moves.items() if move.holds}
        guided = bool(open_now) and dice.random() < 0.6
        to = dice.choice(sorted(open_now) if guided else list(Status))
        reason = dice.choice(moves[to].reasons or ("",)) if guided else dice.choice(REASONS)
        if not (to in open_now and reason in (moves[to].reasons or ("",))):
            with pytest.raises(IllegalMove) as refused:
                require_move(status, to, facts, reason=reason, note="words")
            assert set(refused.value.legal) == open_now
            assert str(refused.value)
            continue
        require_move(status, to, facts, reason=reason, note="words")
        if to in ROWS[status] and not facts.crisis_hold:
            assert promise(to, facts, reason)
        else:
            assert facts.crisis_hold
            assert (to, reason) == (Status.REFERRED_OUT, "emergency")
        # A walk that has come to its end begins again.
        status = Status.NEW if to in TERMINAL else to


@pytest.mark.parametrize("status", sorted(TERMINAL))
@pytest.mark.parametrize("facts", [Facts(), READY, Facts(crisis_hold=True)])
def test_the_end_is_the_end(status: Status, facts: Facts) -> None:
    assert legal_moves(status, facts) == ()

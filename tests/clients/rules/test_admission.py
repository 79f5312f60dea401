"""Every guard of an admission: each alone keeps somebody from being admitted, and says what to do."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.rules import transitions
from clients.rules.admission import Facts, Guard, checklist, gaps
from clients.rules.transitions import IllegalMove, Status

READY = Facts(
    named=True, assessment_signed=True, accepted=True, notice_given=True, treatment_consent=True, identity_checked=True,
    program_chosen=True, therapist_assigned=True, first_appointment=True,
)  # fmt: skip
LACKING: dict[Guard, dict[str, Any]] = {
    Guard.SAFETY: {"crisis_hold": True},
    Guard.PERSON: {"named": False},
    Guard.ASSESSMENT: {"assessment_signed": False},
    Guard.DECISION: {"accepted": False},
    Guard.NOTICE: {"notice_given": False},
    Guard.CONSENT: {"treatment_consent": False},
    Guard.IDENTITY: {"identity_checked": False},
    Guard.DUPLICATES: {"likely_matches": 1},
    Guard.PROGRAM: {"program_chosen": False},
    Guard.THERAPIST: {"therapist_assigned": False},
    Guard.APPOINTMENT: {"first_appointment": False},
    Guard.TEDS: {"teds_gaps": 1},
}


def test_with_everything_nothing_is_missing() -> None:
    assert gaps(READY) == ()
    assert all(item.holds and item.done for item in checklist(READY))
    assert [item.guard for item in checklist(READY)] == list(Guard)


@pytest.mark.parametrize("guard", Guard)
def test_each_guard_alone_holds_the_admission(guard: Guard) -> None:
    facts = replace(READY, **LACKING[guard])
    assert [item.guard for item in checklist(facts) if not item.holds] == [guard]
    (sentence,) = gaps(facts)
    with pytest.raises(IllegalMove) as refused:
        transitions.require_move(Status.ACCEPTED, Status.ADMITTED, transitions.Facts(admission_gaps=gaps(facts)))
    assert str(refused.value) == f"Before admission: {sentence}."


def test_nothing_known_is_nothing_done() -> None:
    # Without any fact only what nobody has found is open: no hold, no match, no gap.
    assert {item.guard for item in checklist(Facts()) if item.holds} == {Guard.SAFETY, Guard.DUPLICATES, Guard.TEDS}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"likely_matches": 2}, "say whether the 2 other records that are likely theirs are the same person"),
        ({"teds_gaps": 3}, "answer 3 questions of the admission record, or say that they are not known"),
        ({"in_program": True}, "choose another program: they are in this one"),
    ],
)
def test_the_words_count(changes: dict[str, Any], sentence: str) -> None:
    assert gaps(replace(READY, **changes)) == (sentence,)


@given(st.sets(st.sampled_from(list(Guard))))
def test_what_is_missing_is_what_is_said(missing: set[Guard]) -> None:
    changes: dict[str, Any] = {}
    for guard in missing:
        changes |= LACKING[guard]
    facts = replace(READY, **changes)
    assert {item.guard for item in checklist(facts) if not item.holds} == missing
    assert len(gaps(facts)) == len(missing)

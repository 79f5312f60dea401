"""Each element of a consent, its states to the very instant, and what a wish to revoke does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.rules import consents
from clients.rules.consent_terms import (
    CATEGORY_LABELS,
    INSIDE,
    LABELS,
    PURPOSE_LABELS,
    PURPOSES_OF,
    STATE_LABELS,
    STATEMENTS_OF,
    Category,
    Kind,
    Purpose,
    RecipientClass,
    Signer,
    State,
    Statement,
)
from clients.rules.consents import (
    Document,
    Effect,
    Recipient,
    ask_to_revoke,
    covers_recipient,
    may_combine,
    state_at,
    validate,
)
from tests.clients.rules.documents import ENDS, NAME, SIGNED, whole

LATER = SIGNED + timedelta(days=1)
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize("kind", Kind)
def test_a_whole_consent_of_each_kind_is_valid_and_active(kind: Kind) -> None:
    document = whole(kind)
    assert validate(document) == []
    assert state_at(document, LATER) is State.ACTIVE


# --- one element missing -------------------------------------------------------------------------------------------

# The required elements of care.md 6.2, each taken out: the field, what is left, a word of the sentence.
MISSING: list[tuple[str, Any, str]] = [
    ("person", "  ", "whose record"),
    ("discloser", "", "who may disclose"),
    ("categories", frozenset(), "which parts"),
    ("recipients", (" ",), "who receives it"),
    ("purposes", frozenset(), "purpose"),
    ("statements", frozenset(), "right to revoke in writing"),
    ("expires_at", None, "day or the event"),
    ("signed_name", "", "signature is missing"),
    ("signed_at", None, "day it was signed"),
]


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in INSIDE])
@pytest.mark.parametrize(("element", "left", "words"), MISSING)
def test_a_consent_without_a_required_element_is_invalid_and_says_which(
    kind: Kind, element: str, left: Any, words: str
) -> None:
    other = {element: left}
    if element == "recipients":
        other["recipient_classes"] = frozenset()
        words = {Kind.INTERMEDIARY: "each participant", Kind.CRIMINAL_JUSTICE: "who monitor progress"}.get(kind, words)
    if element == "expires_at":
        other["open_ended"] = False
    document = whole(kind, **other)
    assert words in " ".join(problem.sentence for problem in validate(document) if problem.element == element)
    assert state_at(document, LATER) is State.INVALID


def test_a_text_about_to_be_signed_is_asked_for_everything_but_the_signature() -> None:
    document = whole(Kind.SPECIFIC, signed_name="", signed_at=None, stored=State.DRAFT)
    assert validate(document, signature=False) == []
    assert {problem.element for problem in validate(document)} == {"signed_name", "signed_at"}


@pytest.mark.parametrize("signer", [Signer.GUARDIAN, Signer.REPRESENTATIVE])
def test_who_signs_for_somebody_needs_authority(signer: Signer) -> None:
    document = whole(Kind.SPECIFIC, signer=signer)
    assert [problem.element for problem in validate(document)] == ["authority"]
    assert not validate(replace(document, authority="Mother, sole custody"))


# --- the rules of each kind -----------------------------------------------------------------------------------------


def problems(kind: Kind, **other: Any) -> dict[str, str]:
    return {problem.element: problem.sentence for problem in validate(whole(kind, **other))}


def test_t36_a_tpo_consent_that_lists_fundraising_too_is_invalid() -> None:
    document = whole(Kind.TPO_SINGLE, purposes=PURPOSES_OF[Kind.TPO_SINGLE] | {Purpose.FUNDRAISING})
    assert "alone" in validate(document)[0].sentence
    assert state_at(document, LATER) is State.INVALID


@pytest.mark.parametrize("statement", [Statement.REDISCLOSURE, Statement.REFUSAL])
def test_a_tpo_consent_states_redisclosure_and_what_follows_a_refusal(statement: Statement) -> None:
    left = STATEMENTS_OF[Kind.TPO_SINGLE] - {statement}
    assert problems(Kind.TPO_SINGLE, statements=left) == {"statements": consents.MISSING_STATEMENT[statement]}


def test_only_tpo_and_consent_to_treatment_may_have_no_end() -> None:
    for kind in Kind:
        endless = problems(kind, expires_at=None, open_ended=True)
        assert ("expires_at" in endless) is (kind not in {Kind.TPO_SINGLE, Kind.TREATMENT}), kind
        assert problems(kind, expires_at=None, open_ended=False, expiry_event="End of treatment") == {}


def test_a_specific_consent_names_one_recipient_and_one_purpose() -> None:
    assert "one recipient" in problems(Kind.SPECIFIC, recipients=(NAME, "Another"))["recipients"]
    two = frozenset({Purpose.TREATMENT, Purpose.PAYMENT})
    assert "one purpose" in problems(Kind.SPECIFIC, purposes=two)["purposes"]


def test_a_class_of_recipients_stands_only_where_the_kind_allows_it() -> None:
    for kind in Kind:
        if kind in INSIDE:
            continue
        treating = problems(kind, recipient_classes=frozenset({RecipientClass.TREATING_PROVIDERS}))
        payers = problems(kind, recipient_classes=frozenset({RecipientClass.PLANS_AND_PAYERS}))
        assert ("recipients" in treating) is (kind not in {Kind.TPO_SINGLE, Kind.INTERMEDIARY}), kind
        assert ("recipients" in payers) is (kind is not Kind.TPO_SINGLE), kind
    assert "intermediary" in problems(Kind.INTERMEDIARY, named_body="")["named_body"]


def test_counselling_notes_stand_alone_in_both_directions() -> None:
    both = frozenset({Category.COUNSELLING_NOTES, Category.ATTENDANCE})
    for kind in Kind:
        assert "categories" in problems(kind, categories=both), kind
    assert "categories" in problems(Kind.COUNSELLING_NOTES, categories=frozenset({Category.ATTENDANCE}))
    assert "statements" in problems(Kind.COUNSELLING_NOTES, statements=frozenset({Statement.REVOCATION}))


def test_a_legal_proceeding_stands_alone() -> None:
    for kind in Kind:
        own = kind is Kind.LEGAL_PROCEEDING
        assert ("purposes" in problems(kind, purposes=frozenset({Purpose.LEGAL_PROCEEDING}))) is not own, kind
    assert "purposes" in problems(
        Kind.LEGAL_PROCEEDING, purposes=frozenset({Purpose.LEGAL_PROCEEDING, Purpose.TREATMENT})
    )


@pytest.mark.parametrize(
    ("kinds", "allowed"),
    [
        ({Kind.TPO_SINGLE, Kind.RESEARCH}, True),
        ({Kind.COUNSELLING_NOTES}, True),
        ({Kind.COUNSELLING_NOTES, Kind.SPECIFIC}, False),
        ({Kind.LEGAL_PROCEEDING, Kind.TPO_SINGLE}, False),
        ({Kind.LEGAL_PROCEEDING, Kind.COUNSELLING_NOTES}, False),
    ],
)
def test_which_consents_may_share_a_form(kinds: set[Kind], allowed: bool) -> None:
    assert may_combine(kinds) is allowed


def test_fundraising_says_how_to_choose_not_to_be_asked() -> None:
    assert "donations" in problems(Kind.FUNDRAISING, statements=frozenset({Statement.REVOCATION}))["statements"]


@pytest.mark.parametrize(
    ("other", "element"),
    [
        ({"named_body": " "}, "named_body"),
        ({"recipients": ()}, "recipients"),
        ({"revocable_at": None}, "revocable_at"),
        ({"revocable_at": ENDS + TICK}, "revocable_at"),
        ({"expires_at": SIGNED + timedelta(days=5 * 366 + 1)}, "expires_at"),
        ({"expires_at": SIGNED}, "expires_at"),
    ],
)
def test_a_mandate_names_its_body_who_monitors_and_when_it_can_be_revoked(other: dict[str, Any], element: str) -> None:
    assert element in problems(Kind.CRIMINAL_JUSTICE, **other)


# --- states ---------------------------------------------------------------------------------------------------------


def test_t36_the_instant_of_expiry_itself_is_already_over() -> None:
    document = whole(Kind.SPECIFIC)
    assert state_at(document, ENDS - TICK) is State.ACTIVE
    assert state_at(document, ENDS) is State.EXPIRED
    elsewhere = ENDS.astimezone(timezone(timedelta(hours=-8)))
    assert state_at(document, elsewhere) is State.EXPIRED


def test_an_event_ends_it_from_its_instant_on() -> None:
    document = whole(Kind.SPECIFIC, expires_at=None, expiry_event="End of treatment")
    assert state_at(document, ENDS + timedelta(days=999)) is State.ACTIVE
    over = replace(document, event_at=LATER)
    assert state_at(over, LATER - TICK) is State.ACTIVE
    assert state_at(over, LATER) is State.EXPIRED


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (State.DRAFT, State.DRAFT),
        (State.ON_HOLD, State.ON_HOLD),
        (State.REVOKED, State.REVOKED),
        (State.INVALID, State.INVALID),
    ],
)
def test_what_the_last_act_left_shows(stored: State, expected: State) -> None:
    assert state_at(whole(Kind.SPECIFIC, stored=stored), LATER) is expected


def test_one_on_hold_expires_all_the_same_and_a_revoked_one_stays_revoked() -> None:
    assert state_at(whole(Kind.SPECIFIC, stored=State.ON_HOLD), ENDS) is State.EXPIRED
    assert state_at(whole(Kind.SPECIFIC, stored=State.REVOKED), ENDS) is State.REVOKED


@given(st.sampled_from(Kind), st.sampled_from(State), st.datetimes(timezones=st.just(UTC)))
def test_active_is_only_what_is_whole_in_force_and_not_over(kind: Kind, stored: State, at: datetime) -> None:
    document = whole(kind, stored=stored)
    active = state_at(document, at) is State.ACTIVE
    over = document.expires_at is not None and at >= document.expires_at
    assert active is (stored is State.ACTIVE and not over)


# --- taking it back -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.CRIMINAL_JUSTICE])
def test_in_writing_it_ends_at_once_and_spoken_it_is_held_at_once(kind: Kind) -> None:
    document = whole(kind)
    written = ask_to_revoke(document, written=True, at=LATER)
    assert (written.effect, written.tell_recipients) == (Effect.REVOKED, True)
    spoken = ask_to_revoke(document, written=False, at=LATER)
    assert (spoken.effect, spoken.send_form, spoken.tell_privacy_officer) == (Effect.HELD, True, True)


@pytest.mark.parametrize("written", [True, False])
def test_t36_a_mandate_before_its_day_is_not_revoked_the_request_is_kept_and_the_officer_told(written: bool) -> None:
    document = whole(Kind.CRIMINAL_JUSTICE)
    assert document.revocable_at is not None
    early = ask_to_revoke(document, written=written, at=document.revocable_at - TICK)
    assert (early.effect, early.tell_privacy_officer, early.send_form) == (Effect.KEPT, True, False)
    assert "request is kept" in early.sentence
    effect = Effect.REVOKED if written else Effect.HELD
    assert ask_to_revoke(document, written=written, at=document.revocable_at).effect is effect


@pytest.mark.parametrize("stored", [State.DRAFT, State.REVOKED, State.INVALID])
def test_what_permits_nothing_has_nothing_to_take_back(stored: State) -> None:
    answer = ask_to_revoke(whole(Kind.SPECIFIC, stored=stored), written=True, at=LATER)
    assert answer.effect is Effect.NONE
    assert "permits nothing" in answer.sentence
    assert ask_to_revoke(whole(Kind.SPECIFIC), written=True, at=ENDS).effect is Effect.NONE


def test_one_that_is_held_is_still_revoked_in_writing() -> None:
    held = whole(Kind.SPECIFIC, stored=State.ON_HOLD)
    assert ask_to_revoke(held, written=True, at=LATER).effect is Effect.REVOKED


# --- recipients -----------------------------------------------------------------------------------------------------


def test_a_recipient_is_named_or_of_a_class() -> None:
    specific, tpo = whole(Kind.SPECIFIC), whole(Kind.TPO_SINGLE)
    assert covers_recipient(specific, Recipient("harbor  FAMILY practice"))
    assert not covers_recipient(specific, Recipient("Harbor Family"))
    assert not covers_recipient(specific, Recipient(""))
    assert covers_recipient(tpo, Recipient("Any clinic", RecipientClass.TREATING_PROVIDERS))
    assert not covers_recipient(tpo, Recipient("Any clinic"))
    exchange = whole(Kind.INTERMEDIARY)
    assert not covers_recipient(exchange, Recipient(NAME))
    assert covers_recipient(exchange, Recipient(NAME, through="State Health Exchange"))


@pytest.mark.parametrize("kind", sorted(INSIDE))
def test_what_is_about_inside_the_clinic_covers_nobody(kind: Kind) -> None:
    document = replace(whole(kind), recipients=(NAME,))
    assert not covers_recipient(document, Recipient(NAME))


def test_every_word_of_the_vocabulary_has_a_label_and_every_kind_a_purpose() -> None:
    assert set(LABELS) == set(Kind) == set(PURPOSES_OF) == set(STATEMENTS_OF)
    assert set(STATE_LABELS) == set(State)
    assert set(CATEGORY_LABELS) == set(Category)
    assert set(PURPOSE_LABELS) == set(Purpose)
    assert set(consents.REFUSALS) == set(State) - {State.ACTIVE}
    assert set(consents.MISSING_STATEMENT) == set(Statement)
    assert Document(Kind.SPECIFIC).stored is State.DRAFT

"""Nothing leaves but what was asked for, is consented to, is needed, and is not kept back; and what goes with it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.rules import disclosure
from clients.rules.consent_terms import INSIDE, PURPOSES_OF, Category, Kind, Purpose, RecipientClass, State
from clients.rules.consents import REFUSALS, Document, Recipient
from clients.rules.disclosure import (
    BASIS_LABELS,
    BEYOND_RESTRICTIONS,
    DROPPED_SENTENCES,
    NEEDS,
    PURPOSE_OF,
    RECORDS,
    SHORT_NOTICE,
    Basis,
    Dropped,
    KeptBack,
    Request,
    decide,
    on_presence_query,
)
from tests.clients.rules.documents import ENDS, NAME, SIGNED, whole

LATER = SIGNED + timedelta(days=1)
ALL = frozenset(Category)
FULL_RECORD = {
    "affiliation": "County hospital", "description": "Overdose", "reference": "A-17", "subpoena": "S-4",
}  # fmt: skip


def asked(consent: Document | None = None, **other: Any) -> Request:
    found = Request(
        Basis.CONSENT,
        Purpose.TREATMENT,
        Recipient(NAME),
        frozenset({Category.IDENTITY, Category.ATTENDANCE}),
        LATER,
        attachment="The text of the consent",
    )
    if consent is not None:
        of_class = min(consent.recipient_classes, default=None)
        through = consent.named_body if consent.kind is Kind.INTERMEDIARY else ""
        found = replace(found, purpose=min(consent.purposes), recipient=Recipient(NAME, of_class, through))
    return replace(found, **other)


# --- the worked examples --------------------------------------------------------------------------------------------


def test_t36_a_specific_consent_at_the_exact_instant_of_expiry_is_refused() -> None:
    consent = whole(Kind.SPECIFIC)
    assert decide(asked(at=ENDS - timedelta(microseconds=1)), consent).allowed
    refused = decide(asked(at=ENDS), consent)
    assert (refused.refused, refused.given) == (REFUSALS[State.EXPIRED], ())


def test_t36_a_tpo_disclosure_asking_for_counselling_notes_drops_them_and_says_so() -> None:
    consent = whole(Kind.TPO_SINGLE)
    found = decide(asked(consent, purpose=Purpose.TREATMENT, categories=ALL), consent)
    assert found.allowed
    assert Category.COUNSELLING_NOTES not in found.given
    assert found.dropped[Category.COUNSELLING_NOTES] is Dropped.OWN_CONSENT
    assert Category.PROGRESS_NOTES in found.given


def test_t36_a_tpo_consent_that_is_invalid_permits_nothing() -> None:
    consent = whole(Kind.TPO_SINGLE, purposes=frozenset({Purpose.TREATMENT, Purpose.FUNDRAISING}))
    assert decide(asked(consent), consent).refused == REFUSALS[State.INVALID]


@pytest.mark.parametrize("attachment", ["", "  \n"])
def test_t38_a_valid_consent_without_its_copy_or_scope_attached_is_refused(attachment: str) -> None:
    refused = decide(asked(attachment=attachment), whole(Kind.SPECIFIC))
    assert refused.refused == disclosure.NO_ATTACHMENT
    assert (refused.given, refused.dropped) == ((), {})


def test_t38_the_notice_is_the_federal_short_form_exactly() -> None:
    assert SHORT_NOTICE == "42 CFR part 2 prohibits unauthorized use or disclosure of these records."
    assert disclosure.NOTICES["short"] == SHORT_NOTICE
    assert decide(asked(notice="none"), whole(Kind.SPECIFIC)).refused == disclosure.NO_NOTICE


def test_the_long_form_states_each_point() -> None:
    text = disclosure.NOTICES["long"]
    for point in (
        "42 CFR part 2", "testimony", "civil, criminal, administrative or legislative", "patient consents",
        "2.12(c)(5)", "2.64 or 2.65", "consents in writing",
        "covered entity or business associate", "treatment, payment", "general release", "not enough",
    ):  # fmt: skip
        assert point in text, point


def test_t38_a_part_outside_the_consent_is_taken_out_with_its_reason() -> None:
    found = decide(asked(categories=frozenset({Category.IDENTITY, Category.READINESS})), whole(Kind.SPECIFIC))
    assert found.given == (Category.IDENTITY,)
    assert found.dropped == {Category.READINESS: Dropped.NOT_IN_CONSENT}


def test_t38_whoever_asks_whether_somebody_is_here_hears_the_same() -> None:
    assert "cannot confirm or deny" in on_presence_query()


# --- the legal basis ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stored", [State.DRAFT, State.ON_HOLD, State.REVOKED, State.INVALID])
def test_a_consent_not_in_force_is_refused_with_what_to_do(stored: State) -> None:
    found = decide(asked(), whole(Kind.SPECIFIC, stored=stored))
    assert (found.refused, found.given) == (REFUSALS[stored], ())


def test_a_consent_of_another_recipient_or_purpose_is_no_basis() -> None:
    consent = whole(Kind.SPECIFIC)
    assert decide(asked(recipient=Recipient("Somebody else")), consent).refused == disclosure.NOT_THE_RECIPIENT
    assert decide(asked(purpose=Purpose.PAYMENT), consent).refused == disclosure.NOT_THE_PURPOSE
    assert decide(asked(), None).refused == disclosure.NO_CONSENT
    assert decide(asked(recipient=Recipient(" ")), consent).refused == disclosure.NO_RECIPIENT
    assert decide(asked(categories=frozenset()), consent).refused == disclosure.NO_CATEGORIES


@pytest.mark.parametrize("kind", sorted(INSIDE))
def test_a_consent_about_the_inside_lets_nothing_out(kind: Kind) -> None:
    consent = whole(kind, categories=ALL - {Category.COUNSELLING_NOTES}, recipients=(NAME,))
    refused = decide(asked(consent, categories=ALL), consent).refused
    expected = disclosure.NOT_THE_RECIPIENT if kind is Kind.TREATMENT else disclosure.NOT_A_BASIS
    assert refused == expected


@pytest.mark.parametrize("purpose", Purpose)
def test_a_consent_that_names_everything_still_gives_only_what_its_purpose_needs(purpose: Purpose) -> None:
    alone = INSIDE | {Kind.COUNSELLING_NOTES}
    for kind in [kind for kind in Kind if purpose in PURPOSES_OF[kind] and kind not in alone]:
        consent = whole(kind, categories=ALL - {Category.COUNSELLING_NOTES}, purposes=frozenset({purpose}))
        found = decide(asked(consent, categories=ALL), consent)
        assert set(found.given) == NEEDS[purpose] - {Category.COUNSELLING_NOTES}, kind
        assert {one for one, why in found.dropped.items() if why is Dropped.NOT_NEEDED} == (
            ALL - NEEDS[purpose] - {Category.COUNSELLING_NOTES}
        )


@pytest.mark.parametrize("basis", PURPOSE_OF)
def test_each_other_basis_records_what_the_law_asks_for(basis: Basis) -> None:
    request = asked(basis=basis, purpose=PURPOSE_OF[basis], categories=ALL, record=FULL_RECORD)
    assert decide(request, None).allowed
    for name, sentence in RECORDS[basis].items():
        left = {**FULL_RECORD, name: " "}
        assert decide(replace(request, record=left), None).refused == sentence
    assert decide(replace(request, purpose=Purpose.MARKETING), None).refused


def test_a_court_order_needs_the_order_and_the_subpoena() -> None:
    assert {"reference", "subpoena"} <= set(RECORDS[Basis.COURT_ORDER])
    assert {"affiliation", "description"} <= set(RECORDS[Basis.MEDICAL_EMERGENCY])


def test_without_identifiers_nothing_that_identifies_goes_out() -> None:
    request = asked(
        basis=Basis.PUBLIC_HEALTH, purpose=Purpose.PUBLIC_HEALTH, categories=ALL, record=FULL_RECORD
    )  # fmt: skip
    found = decide(request, None)
    assert set(found.given) == disclosure.WITHOUT_IDENTIFIERS
    assert found.dropped[Category.IDENTITY] is Dropped.IDENTIFIES


# --- restrictions ---------------------------------------------------------------------------------------------------


def test_what_a_person_paid_for_is_kept_from_payers_alone() -> None:
    consent = whole(Kind.TPO_SINGLE)
    kept = [KeptBack(to_payers=True)]
    payer = Recipient("Blue plan", RecipientClass.PLANS_AND_PAYERS)
    found = decide(asked(consent, purpose=Purpose.PAYMENT, recipient=payer), consent, kept)
    assert (found.refused, set(found.dropped.values())) == (disclosure.NOTHING_LEFT, {Dropped.RESTRICTED})
    doctor = Recipient("Dr. Lee", RecipientClass.TREATING_PROVIDERS)
    assert decide(asked(consent, purpose=Purpose.TREATMENT, recipient=doctor), consent, kept).allowed


def test_a_restriction_by_name_and_part_takes_out_that_part_for_them() -> None:
    consent = whole(Kind.SPECIFIC)
    kept = [KeptBack(recipient="HARBOR family practice", categories=frozenset({Category.ATTENDANCE}))]
    found = decide(asked(), consent, kept)
    assert found.given == (Category.IDENTITY,)
    assert found.dropped == {Category.ATTENDANCE: Dropped.RESTRICTED}
    assert decide(asked(), consent, [KeptBack(recipient="Another")]).dropped == {}


@pytest.mark.parametrize("basis", PURPOSE_OF)
def test_a_restriction_does_not_bind_an_emergency_an_order_or_a_report(basis: Basis) -> None:
    request = asked(basis=basis, purpose=PURPOSE_OF[basis], categories=ALL, record=FULL_RECORD)
    found = decide(request, None, [KeptBack()])
    assert found.allowed is (basis in BEYOND_RESTRICTIONS)


# --- properties -----------------------------------------------------------------------------------------------------

CATEGORIES = st.frozensets(st.sampled_from(Category))
KEPT = st.builds(
    KeptBack, recipient=st.sampled_from(["", NAME, "Another"]), to_payers=st.booleans(), categories=CATEGORIES
)
REQUESTS = st.builds(
    Request,
    basis=st.sampled_from(Basis),
    purpose=st.sampled_from(Purpose),
    recipient=st.builds(
        Recipient, st.sampled_from([NAME, "Another"]), st.none() | st.sampled_from(RecipientClass),
        st.sampled_from(["", "State health exchange"]),
    ),
    categories=CATEGORIES,
    at=st.just(LATER),
    record=st.sampled_from([{}, FULL_RECORD]),
    attachment=st.sampled_from(["", "copy"]),
    notice=st.sampled_from(["short", "long", "none"]),
)  # fmt: skip
CONSENTS = st.none() | st.builds(
    lambda kind, stored, parts: whole(kind, stored=stored, categories=parts),
    st.sampled_from(Kind),
    st.sampled_from(State),
    CATEGORIES,
)


@given(REQUESTS, CONSENTS, st.lists(KEPT, max_size=3), st.booleans())
def test_nothing_outside_consent_and_purpose_is_ever_given(
    request: Request, consent: Document | None, kept: list[KeptBack], fitting: bool
) -> None:
    if fitting and consent is not None:
        # Asked as the consent has it, so that the limits are reached and not only the refusals.
        request = asked(consent, categories=request.categories)
    found = decide(request, consent, kept)
    given_parts = set(found.given)
    assert given_parts <= request.categories & NEEDS[request.purpose]
    assert found.allowed is bool(given_parts)
    if request.basis is Basis.CONSENT and found.allowed:
        assert consent is not None
        assert given_parts <= consent.categories
        assert consent.stored is State.ACTIVE
        assert request.attachment
    if found.allowed or found.dropped:
        assert given_parts | set(found.dropped) == request.categories
        assert not given_parts & set(found.dropped)


@given(REQUESTS, CONSENTS, st.lists(KEPT, max_size=3))
def test_counselling_notes_go_out_under_their_own_consent_alone(
    request: Request, consent: Document | None, kept: list[KeptBack]
) -> None:
    found = decide(request, consent, kept)
    if Category.COUNSELLING_NOTES in found.given:
        assert consent is not None
        assert consent.kind is Kind.COUNSELLING_NOTES
        assert found.given == (Category.COUNSELLING_NOTES,)


@given(REQUESTS, CONSENTS, st.lists(KEPT, max_size=2), KEPT)
def test_one_more_restriction_never_gives_more(
    request: Request, consent: Document | None, kept: list[KeptBack], more: KeptBack
) -> None:
    assert set(decide(request, consent, [*kept, more]).given) <= set(decide(request, consent, kept).given)


def test_the_tables_are_whole() -> None:
    assert set(NEEDS) == set(Purpose)
    assert set(RECORDS) == set(BASIS_LABELS) == set(Basis)
    assert set(PURPOSE_OF) == set(Basis) - {Basis.CONSENT}
    assert set(DROPPED_SENTENCES) == set(Dropped)

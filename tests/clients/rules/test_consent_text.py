"""The text to sign says every element and nothing that is not there; the hash fixes it; a package is plain data."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.rules.consent_terms import (
    CATEGORY_LABELS,
    INSIDE,
    PURPOSE_LABELS,
    Category,
    Kind,
    Purpose,
    RecipientClass,
    Signer,
    Statement,
)
from clients.rules.consent_text import consent_text, content_hash
from clients.rules.disclosure import NOTICES, SHORT_NOTICE, Basis
from clients.rules.package import Cover, LeavesTooMuch, package, package_hash, written
from tests.clients.rules.documents import NAME, SIGNED, whole

DAYS = {"expires": "Dec 31, 2026", "revocable": "Jun 1, 2026"}


def text_of(kind: Kind, **other: Any) -> str:
    return consent_text(whole(kind, **other), days=DAYS)


@pytest.mark.parametrize("kind", Kind)
def test_the_text_names_person_clinic_end_and_how_to_revoke(kind: Kind) -> None:
    text = text_of(kind)
    for words in ("Jordan Marsh", "Riverbend Counseling", "in writing"):
        assert words in text
    assert "ends on Dec 31, 2026" in text or "has no end" in text
    assert "None" not in text
    assert "[" not in text


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in INSIDE])
def test_the_text_names_each_part_purpose_and_recipient_and_no_other(kind: Kind) -> None:
    document, text = whole(kind), text_of(kind)
    for category, label in CATEGORY_LABELS.items():
        assert (label in text) is (category in document.categories), label
    for purpose in document.purposes:
        assert PURPOSE_LABELS[purpose] in text
    assert all(name in text for name in document.recipients)


def test_what_a_kind_must_state_is_stated() -> None:
    tpo = text_of(Kind.TPO_SINGLE)
    assert "no longer protected by 42 CFR part 2" in tpo
    assert "not be used in proceedings against me" in tpo
    assert "If I do not sign" in tpo
    assert "My care does not depend on signing this." in text_of(Kind.COUNSELLING_NOTES)
    assert "not to be asked for donations" in text_of(Kind.FUNDRAISING)
    mandate = text_of(Kind.CRIMINAL_JUSTICE)
    assert "County drug court made treatment a condition" in mandate
    assert "from Jun 1, 2026" in mandate
    assert "at any time" not in mandate
    assert "State health exchange, for:" in text_of(Kind.INTERMEDIARY)


def test_the_text_says_nothing_that_is_not_in_the_consent() -> None:
    bare = text_of(Kind.SPECIFIC, statements=frozenset(), expires_at=None)
    assert "revoke" not in bare
    assert "ends" not in bare
    both = consent_text(
        whole(Kind.SPECIFIC, expiry_event="End of treatment"), days=DAYS, description="The last year", purpose_words="x"
    )
    assert "whichever comes first" in both
    assert "More exactly: The last year" in both
    assert "Treatment (x)" in both


CHANGES: list[dict[str, Any]] = [
    {"kind": Kind.RESEARCH},
    {"discloser": "Another"},
    {"categories": frozenset({Category.SAFETY})},
    {"recipients": ("Another",)},
    {"recipient_classes": frozenset({RecipientClass.PLANS_AND_PAYERS})},
    {"named_body": "A court"},
    {"purposes": frozenset({Purpose.PAYMENT})},
    {"statements": frozenset({Statement.OPT_OUT})},
    {"expires_at": SIGNED + timedelta(days=1)},
    {"expiry_event": "End"},
    {"open_ended": True},
    {"revocable_at": SIGNED},
    {"revocable_event": "hearing"},
    {"signer": Signer.GUARDIAN},
    {"signed_name": "Another"},
    {"authority": "Mother"},
    {"signed_at": SIGNED + timedelta(microseconds=1)},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_the_hash_fixes_each_element(change: dict[str, Any]) -> None:
    document = whole(Kind.SPECIFIC)
    signed = content_hash(document, "text")
    assert len(signed) == 64
    assert content_hash(replace(document, **change), "text") != signed
    assert content_hash(document, "text ") != signed
    assert content_hash(replace(document, person="Renamed"), "text") == signed


def test_nothing_is_fixed_before_it_is_signed() -> None:
    with pytest.raises(ValueError, match="not signed"):
        content_hash(whole(Kind.SPECIFIC, signed_at=None), "text")


# --- the package ----------------------------------------------------------------------------------------------------

COVER = Cover(
    clinic="Riverbend", recipient=NAME, affiliation="", purpose=Purpose.TREATMENT, basis=Basis.CONSENT, day="Mar 2, 2026",
    disclosed_by="Therapist", number="0f3a91c2", notice="short", attachment="The consent",
)  # fmt: skip


def test_a_package_carries_notice_copy_and_watermark() -> None:
    cover = package(COVER, {})["cover"]
    assert cover["notice"] == SHORT_NOTICE
    assert cover["consent"] == "The consent"
    assert cover["watermark"] == f"For {NAME} only · Mar 2, 2026 · 0f3a91c2"
    assert package(replace(COVER, notice="long"), {})["cover"]["notice"] == NOTICES["long"]


@given(st.frozensets(st.sampled_from(Category)))
def test_without_identifiers_a_package_of_anything_identifying_cannot_be_made(parts: frozenset[Category]) -> None:
    cover = replace(COVER, basis=Basis.PUBLIC_HEALTH, notice="none")
    rows = {part: [{"a": "b"}] for part in parts}
    if parts <= {Category.ATTENDANCE, Category.READINESS}:
        assert {one["part"] for one in package(cover, rows)["parts"]} == parts
    else:
        with pytest.raises(LeavesTooMuch):
            package(cover, rows)


def test_the_same_content_gives_the_same_hash() -> None:
    one = package(COVER, {Category.SAFETY: [{"a": "1"}], Category.IDENTITY: [{"b": "2"}]})
    other = package(COVER, {Category.IDENTITY: [{"b": "2"}], Category.SAFETY: [{"a": "1"}]})
    assert package_hash(written(one)) == package_hash(written(other))
    assert [part["part"] for part in one["parts"]] == ["identity", "safety"]
    assert package_hash(written(package(COVER, {}))) != package_hash(written(one))

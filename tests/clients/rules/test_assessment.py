"""What an assessment needs before it is signed, and what its signature covers."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.rules import assessment
from clients.rules.assessment import AREAS, SECTIONS, Assessment, Substance, gaps, signed_hash

AT = datetime(2026, 11, 20, 15, 4, tzinfo=UTC)
WHOLE = Assessment(
    sections={one.key: "Said at length." for one in SECTIONS if one.needed},
    substances=(Substance(2, route=1, frequency=3, first_use=15, last_use="today"),),
    ratings={key: 1 for key, _label in AREAS},
    rationales={key: "Asked and listened." for key, _label in AREAS},
    level="intensive_outpatient",
    level_reasons="Works days, safe at home.",
)
IDS = {"assessment": "a", "inquiry": "i", "client": "c", "author": "u"}


def test_a_whole_one_lacks_nothing() -> None:
    assert gaps(WHOLE) == ()


def test_an_empty_one_names_everything_in_the_order_of_the_form() -> None:
    found = [one.field for one in gaps(Assessment())]
    needed = [one for one in SECTIONS if one.needed]
    assert found[: len(needed)] == [f"section_{one.key}" for one in needed]
    assert found[len(needed)] == "substance_1"
    assert found[len(needed) + 1 : -2] == [f"{what}_{key}" for key, _ in AREAS for what in ("rating", "rationale")]
    assert found[-2:] == ["level", "level_reasons"]
    assert all(one.sentence.endswith(".") for one in gaps(Assessment()))


@pytest.mark.parametrize("section", [one for one in SECTIONS if one.needed], ids=lambda one: one.key)
def test_each_needed_section_is_asked_for_and_blanks_are_no_text(section: assessment.Section) -> None:
    lacking = replace(WHOLE, sections={**WHOLE.sections, section.key: " \n"})
    assert [one.sentence for one in gaps(lacking)] == [f"Write the section “{section.title}”."]


def test_a_rating_of_none_needs_its_reason_too() -> None:
    lacking = replace(WHOLE, ratings={**WHOLE.ratings, "3": 0}, rationales={**WHOLE.rationales, "3": ""})
    assert [one.field for one in gaps(lacking)] == ["rationale_3"]


def test_no_substance_is_an_answer_and_a_named_one_has_details() -> None:
    assert gaps(replace(WHOLE, substances=(Substance(1),))) == ()
    assert gaps(replace(WHOLE, substances=(Substance(-9),))) == ()
    assert [one.field for one in gaps(replace(WHOLE, substances=(Substance(2, route=1),)))] == [
        "frequency_1",
        "first_use_1",
    ]


@pytest.mark.parametrize(
    "broken",
    [
        replace(WHOLE, sections={"gossip": "x"}),
        replace(WHOLE, ratings={"7": 1}),
        replace(WHOLE, ratings={"1": 5}),
        replace(WHOLE, ratings={"1": True}),
        replace(WHOLE, level="unsure"),
        replace(WHOLE, substances=(Substance(1),) * 4),
    ],
)
def test_what_has_no_shape_is_refused(broken: Assessment) -> None:
    with pytest.raises(ValueError, match=r"No such|A rating|At most"):
        gaps(broken)
    with pytest.raises(ValueError, match=r"No such|A rating|At most"):
        signed_hash(broken, **IDS, signed_at=AT)


def test_what_needs_help_at_once_is_named() -> None:
    assert assessment.needs_help_at_once(WHOLE) == ()
    assert assessment.needs_help_at_once(replace(WHOLE, ratings={"1": 4, "2": 3})) == (dict(AREAS)["1"],)


def test_the_answers_of_the_record_leave_out_what_was_not_asked() -> None:
    assert assessment.in_record((Substance(2, route=4), Substance(5, frequency=-9))) == {
        "substance_1": 2, "route_1": 4, "substance_2": 5, "frequency_2": -9,
    }  # fmt: skip


def test_a_signature_covers_every_word() -> None:
    first = signed_hash(WHOLE, **IDS, signed_at=AT)
    assert len(first) == 64
    changed = [
        replace(WHOLE, sections={**WHOLE.sections, "need": "Other words."}),
        replace(WHOLE, substances=(replace(WHOLE.substances[0], last_use="longer"),)),
        replace(WHOLE, ratings={**WHOLE.ratings, "6": 2}),
        replace(WHOLE, rationales={**WHOLE.rationales, "6": "Other words."}),
        replace(WHOLE, level="outpatient"),
        replace(WHOLE, level_reasons="Other words."),
    ]
    hashes = {signed_hash(one, **IDS, signed_at=AT) for one in changed}
    hashes |= {signed_hash(WHOLE, **{**IDS, key: "x"}, signed_at=AT) for key in IDS}
    hashes.add(signed_hash(WHOLE, **IDS, signed_at=AT + timedelta(microseconds=1)))
    assert len(hashes | {first}) == len(changed) + len(IDS) + 2


def test_one_instant_is_one_hash_in_every_zone() -> None:
    chicago = AT.astimezone(timezone(timedelta(hours=-6)))
    assert signed_hash(WHOLE, **IDS, signed_at=AT) == signed_hash(WHOLE, **IDS, signed_at=chicago)
    with pytest.raises(ValueError, match="time zone"):
        signed_hash(WHOLE, **IDS, signed_at=AT.replace(tzinfo=None))


@given(st.sets(st.sampled_from([one.key for one in SECTIONS])), st.sets(st.sampled_from([key for key, _ in AREAS])))
def test_filling_more_never_asks_for_more(written: set[str], rated: set[str]) -> None:
    some = Assessment(
        sections=dict.fromkeys(written, "x"), ratings=dict.fromkeys(rated, 2), rationales=dict.fromkeys(rated, "x")
    )
    more = replace(some, sections=dict.fromkeys([one.key for one in SECTIONS], "x"))
    assert {one.field for one in gaps(more)} <= {one.field for one in gaps(some)}

"""What is signed of a plan: the same parts give the same hash in any order, and any other word gives another."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.rules.plan_content import (
    BELOW,
    FIELDS,
    Content,
    Kind,
    Part,
    canonical,
    content_hash,
    fields_of,
    thread,
    written,
)
from tests.clients.rules.plan_parts import part, plans, whole

AT = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)


def content(parts: list[Part], **other: Any) -> Content:
    given_: dict[str, Any] = {
        "plan": "p", "client": "c", "author": "a", "number": 1, "starts_on": "2026-11-02", "needs_cosign": False,
        "submitted_at": AT,
    }  # fmt: skip
    return Content(**{**given_, **other}, parts=tuple(parts))


@given(plans(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(parts: list[Part], shuffler: Any) -> None:
    other = [replace(one, fields=dict(reversed(list(one.fields.items())))) for one in parts]
    shuffler.shuffle(other)
    assert content_hash(content(parts)) == content_hash(content(other))


@given(plans(), st.data())
def test_every_word_and_place_is_signed(parts: list[Part], data: st.DataObject) -> None:
    if not parts:
        return
    at = data.draw(st.integers(0, len(parts) - 1))
    one = parts[at]
    name = data.draw(st.sampled_from(FIELDS[one.kind]))
    changes = [
        replace(one, fields={**one.fields, name: one.said(name) + "!"}),
        replace(one, position=one.position + 1),
        replace(one, under=one.under + "x"),
        replace(one, lineage=one.lineage + "x"),
    ]
    before = content_hash(content(parts))
    for changed in changes:
        assert content_hash(content([*parts[:at], changed, *parts[at + 1 :]])) != before
    assert content_hash(content([*parts[:at], *parts[at + 1 :]])) != before


@pytest.mark.parametrize(
    "other",
    [
        {"plan": "q"}, {"client": "d"}, {"author": "b"}, {"number": 2}, {"starts_on": ""}, {"needs_cosign": True},
        {"submitted_at": datetime(2026, 11, 2, 15, 0, 1, tzinfo=UTC)},
    ],
)  # fmt: skip
def test_what_stands_round_the_parts_is_signed(other: dict[str, Any]) -> None:
    assert content_hash(content(whole(), **other)) != content_hash(content(whole()))


def test_a_time_is_the_same_in_every_zone_and_needs_one() -> None:
    there = AT.astimezone(ZoneInfo("America/Chicago"))
    assert content_hash(content(whole(), submitted_at=there)) == content_hash(content(whole()))
    with pytest.raises(ValueError, match="time zone"):
        canonical(content(whole(), submitted_at=datetime(2026, 11, 2)))  # noqa: DTZ001 - without one on purpose


def test_two_parts_of_one_lineage_are_refused() -> None:
    with pytest.raises(ValueError, match="same lineage"):
        canonical(content([part(Kind.PROBLEM), part(Kind.PROBLEM, text="Other")]))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""), ("", ""), (False, ""), (True, "yes"), (0, "0"), (3, "3"), (Decimal("5.00"), "5"),
        (Decimal("0.00"), "0"), (Decimal("100"), "100"), (Decimal("-2.50"), "-2.5"), (date(2027, 1, 31), "2027-01-31"),
        ("  kept as it is ", "  kept as it is "),
    ],
)  # fmt: skip
def test_values_are_written_one_way(value: Any, text: str) -> None:
    assert written(value) == text


def test_only_the_fields_of_a_kind_are_taken_and_empty_ones_are_absent() -> None:
    found = fields_of(Kind.PROBLEM, {"text": "Sleeps badly", "priority": 1, "diagnosis": "", "version": 4})
    assert found == {"text": "Sleeps badly", "priority": "1"}


def test_a_plan_is_read_down_each_thread() -> None:
    parts = [
        part(Kind.GOAL, "g2", "p1", 2), part(Kind.PROBLEM, "p2", position=2), part(Kind.OBJECTIVE, "o1", "g1"),
        part(Kind.GOAL, "g1", "p1", 1), part(Kind.PROBLEM, "p1", position=1), part(Kind.INTERVENTION, "i1", "o1"),
    ]  # fmt: skip
    assert [one.lineage for one in thread(parts)] == ["p1", "g1", "o1", "i1", "g2", "p2"]
    assert BELOW == {Kind.PROBLEM: Kind.GOAL, Kind.GOAL: Kind.OBJECTIVE, Kind.OBJECTIVE: Kind.INTERVENTION}

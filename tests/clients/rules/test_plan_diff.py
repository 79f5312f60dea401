"""What changed between two versions of a plan: every difference, and applied to the one it gives the other."""

from dataclasses import replace
from typing import Any

from hypothesis import given

from clients.rules.plan_content import Kind, Part, ordered
from clients.rules.plan_diff import FieldChange, apply, diff
from tests.clients.rules.plan_parts import part, plans, whole


@given(plans(), plans())
def test_a_difference_applied_to_the_one_version_gives_the_other(before: list[Part], after: list[Part]) -> None:
    change = diff(before, after)
    assert apply(before, change) == ordered(after)
    told = {one.key for one in change.added} | {one.key for one in change.removed}
    assert told == {one.key for one in before} ^ {one.key for one in after}


@given(plans())
def test_nothing_changed_is_no_difference(parts: list[Part]) -> None:
    change = diff(parts, list(reversed(parts)))
    assert change.is_empty
    assert not change.moved


def test_added_removed_and_changed_are_told_field_by_field() -> None:
    before = whole()
    after = [
        *whole(goal={"target": "", "client_words": "I want to read to him"})[:3],
        part(Kind.INTERVENTION, "other", modality="cbt", does="practise"),
    ]
    change = diff(before, after)
    assert [one.lineage for one in change.added] == ["other"]
    assert [one.lineage for one in change.removed] == ["intervention"]
    assert [(one.part.lineage, one.fields) for one in change.changed] == [
        (
            "goal",
            (
                FieldChange("client_words", "I want my evenings back", "I want to read to him"),
                FieldChange("target", "t-1", ""),
            ),
        )
    ]
    assert not change.moved


def brothers(*names: str) -> list[Part]:
    return [part(Kind.PROBLEM, name, position=place) for place, name in enumerate(names, start=1)]


def test_one_that_passes_its_brothers_moved_and_the_others_did_not() -> None:
    change = diff(brothers(*"abcde"), brothers(*"acdeb"))
    assert [one.part.lineage for one in change.told_moves] == ["b"]
    assert apply(brothers(*"abcde"), change) == ordered(brothers(*"acdeb"))


def test_who_only_gets_another_number_did_not_move() -> None:
    for after in (brothers(*"xabc"), brothers(*"bc")):
        change = diff(brothers(*"abc"), after)
        assert not change.told_moves
        assert apply(brothers(*"abc"), change) == ordered(after)
        assert not change.is_empty, "something came or went"


def test_what_stands_under_another_part_moved() -> None:
    before = [*brothers("a", "b"), part(Kind.GOAL, "g", "a")]
    after = [*brothers("a", "b"), part(Kind.GOAL, "g", "b")]
    (moved,) = diff(before, after).told_moves
    assert (moved.part.lineage, moved.under_before, moved.part.under) == ("g", "a", "b")


class Counted(str):
    """A text that counts how often it is compared."""

    seen = 0

    def __eq__(self, other: object) -> bool:
        Counted.seen += 1
        return str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        Counted.seen += 1
        return str.__ne__(self, other)

    def __lt__(self, other: Any) -> bool:
        Counted.seen += 1
        return str.__lt__(self, other)

    __hash__ = str.__hash__


def large(size: int) -> list[Part]:
    """Return a plan of `size` parts with every text counted, a tenth of them problems."""
    problems = [f"p{number}" for number in range(size // 10)]
    found = brothers(*problems)
    found += [
        part(Kind.GOAL, f"g{number}", problems[number % len(problems)], number + 1)
        for number in range(size - len(problems))
    ]
    return [
        replace(one, lineage=Counted(one.lineage), fields={name: Counted(text) for name, text in one.fields.items()})
        for one in found
    ]


def comparisons(size: int) -> int:
    before, after = large(size), list(reversed(large(size)))
    Counted.seen = 0
    diff(before, after)
    return Counted.seen


def test_the_work_grows_with_the_parts_and_not_with_their_square() -> None:
    """Counted, for a time would measure the machine: 200 parts of ten fields each are compared once or twice."""
    small, double = comparisons(200), comparisons(400)
    assert small <= 200 * 40
    assert double <= small * 2.5

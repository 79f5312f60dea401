"""Likeness of two people on paper: the worked examples, the measure of likeness, and what makes a search possible."""

import dataclasses
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.rules import duplicates
from clients.rules.duplicates import Identity, jaro_winkler, score

JORDAN = Identity(
    member_id="XK-4471",
    phone="+13125550188",
    email="jordan@example.org",
    born_on=date(1988, 3, 4),
    family_key="marsh",
    given_keys=frozenset({"jordan", "jo"}),
    zip="60612",
)


def test_t29_same_phone_and_zip_is_possible() -> None:
    other = Identity(
        phone=JORDAN.phone, zip="60612", family_key="keller", given_keys=frozenset({"ana"}), born_on=date(1961, 7, 9)
    )
    assert score(JORDAN, other) == duplicates.Match(45, "possible", ("Same phone number", "Same ZIP code"))


def test_t29_same_birth_names_and_zip_is_likely() -> None:
    other = Identity(born_on=JORDAN.born_on, family_key="marsh", given_keys=frozenset({"jordan"}), zip="60612")
    assert score(JORDAN, other) == duplicates.Match(
        75,
        "likely",
        ("Same date of birth", "Same family name", "Same first name or name they go by", "Same ZIP code"),
    )


def test_t29_same_member_id_and_birth_is_likely() -> None:
    other = Identity(member_id="xk4471", born_on=JORDAN.born_on)
    assert score(JORDAN, other) == duplicates.Match(80, "likely", ("Same member ID", "Same date of birth"))


def test_member_ids_that_are_kept_encrypted_are_compared_by_what_they_are_found_by() -> None:
    one = Identity(member_keys=frozenset({"a1", "b2"}), born_on=JORDAN.born_on)
    other = Identity(member_keys=frozenset({"b2", "c3"}), born_on=JORDAN.born_on)
    assert score(one, other).points == 80
    alone = score(
        Identity(member_id="XK1", member_keys=frozenset({"a1"})), Identity("xk-1", member_keys=frozenset({"a1"}))
    )
    assert (alone.points, alone.level, alone.reasons) == (45, "possible", ("Same member ID",))
    assert score(Identity(member_keys=frozenset({"a1"})), Identity(member_keys=frozenset({"c3"}))).points == 0


def test_a_family_that_shares_a_member_id_is_only_possible() -> None:
    match = score(JORDAN, Identity(member_id="XK 4471"))
    assert (match.points, match.level) == (45, "possible")


@pytest.mark.parametrize(
    ("changed", "points"),
    [
        ({"born_on": date(1988, 4, 3)}, 15),
        ({"born_on": date(1988, 3, 4)}, 35),
        ({"born_on": date(1987, 4, 3)}, 0),
        ({"family_key": "marsh"}, 20),
        ({"family_key": "marshe"}, 12),
        ({"family_key": "keller"}, 0),
        ({"given_keys": frozenset({"jo", "joanna"})}, 15),
        ({"given_keys": frozenset({"joanna"})}, 0),
        ({"email": " Jordan@Example.org "}, 35),
        ({"zip": "60612-1234"}, 5),
        ({"phone": "+13125550188"}, 40),
        ({"member_id": "XK4471"}, 45),
    ],
)
def test_each_thing_in_common_has_its_weight(changed: dict[str, object], points: int) -> None:
    assert score(JORDAN, dataclasses.replace(Identity(), **changed)).points == points  # type: ignore[arg-type]


def test_what_is_not_known_never_matches() -> None:
    blank = Identity(given_keys=frozenset({""}))
    assert score(blank, blank) == duplicates.Match(0, None, ())


def test_everything_in_common_is_the_whole_score() -> None:
    assert score(JORDAN, JORDAN).points == 195


@pytest.mark.parametrize(("points", "level"), [(69, "possible"), (70, "likely"), (45, "possible"), (44, None)])
def test_the_bands_begin_where_they_say(points: int, level: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "PHONE", points)
    assert score(Identity(phone="+1"), Identity(phone="+1")).level == level


@pytest.mark.parametrize(
    ("first", "second", "published"),
    [("martha", "marhta", "0.9611"), ("dixon", "dicksonx", "0.8133"), ("dwayne", "duane", "0.8400"),
     ("same", "same", "1.0000"), ("abc", "xyz", "0.0000"), ("", "abc", "0.0000"), ("", "", "0.0000")],
)  # fmt: skip
def test_likeness_of_published_pairs(first: str, second: str, published: str) -> None:
    assert f"{float(jaro_winkler(first, second)):.4f}" == published


def test_likeness_is_exact() -> None:
    assert jaro_winkler("martha", "marhta") == Fraction(173, 180)
    # A prefix counts to its fourth letter only.
    assert jaro_winkler("abcdef", "abcdeg") == Fraction(14, 15)


def test_a_day_above_twelve_cannot_be_swapped() -> None:
    assert duplicates.swapped(date(1988, 3, 14)) is None
    assert duplicates.swapped(date(1988, 5, 5)) is None
    assert duplicates.dates_to_search(date(1988, 3, 4)) == (date(1988, 3, 4), date(1988, 4, 3))
    assert duplicates.dates_to_search(date(1988, 3, 14)) == (date(1988, 3, 14),)


WORDS = st.sampled_from(["marsh", "marshe", "marhs", "keller", "kellerman", ""])
IDENTITIES = st.builds(
    Identity,
    member_id=st.sampled_from(["", "XK-1", "xk1", "XK2"]),
    phone=st.sampled_from(["", "+13125550188", "+13125550199"]),
    email=st.sampled_from(["", "a@example.org", "A@Example.org ", "b@example.org"]),
    born_on=st.none() | st.sampled_from([date(1988, 3, 4), date(1988, 4, 3), date(1990, 12, 31)]),
    family_key=WORDS,
    given_keys=st.frozensets(st.sampled_from(["jordan", "jo", "ana", ""])),
    zip=st.sampled_from(["", "60612", "60612-1234", "60613"]),
)


@settings(max_examples=500, deadline=None)
@given(IDENTITIES, IDENTITIES)
def test_the_order_of_two_people_does_not_matter(a: Identity, b: Identity) -> None:
    assert score(a, b) == score(b, a)


@settings(max_examples=500, deadline=None)
@given(st.text("abcde", max_size=12), st.text("abcde", max_size=12))
def test_likeness_is_symmetric_and_a_share(first: str, second: str) -> None:
    likeness = jaro_winkler(first, second)
    assert likeness == jaro_winkler(second, first)
    assert 0 <= likeness <= 1
    assert (likeness == 1) == (first == second != "")


@settings(max_examples=1000, deadline=None)
@given(IDENTITIES, IDENTITIES)
def test_a_search_by_four_indexed_columns_finds_every_match(a: Identity, b: Identity) -> None:
    found = (
        (a.member_id and duplicates.member_key(a.member_id) == duplicates.member_key(b.member_id))
        or (a.phone and a.phone == b.phone)
        or (a.email and duplicates.email_key(a.email) == duplicates.email_key(b.email))
        or (a.born_on and b.born_on in duplicates.dates_to_search(a.born_on))
    )
    assert found or score(a, b).level is None


def test_what_the_search_does_not_look_for_can_never_be_enough() -> None:
    rest = duplicates.FAMILY + duplicates.GIVEN + duplicates.ZIP
    assert max(duplicates.FAMILY, duplicates.FAMILY_ALIKE) == duplicates.FAMILY
    assert rest < duplicates.POSSIBLE_FROM

"""Names: any script, any length; found without marks; filed as one would."""

import pytest
from hypothesis import given as supposing
from hypothesis import strategies as st

from clients.rules import names


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Jordan \t  Marsh\n", "Jordan Marsh"),
        ("Jor\x00dan\x07", "Jordan"),
        ("Ine\u0301s", "Inés"),
        ("\u202eevil\u202c \u2066x\u2069", "evil x"),
        ("יעל כהן", "יעל כהן"),
        ("👩🏽\u200d🚀 Ada", "👩🏽\u200d🚀 Ada"),
        ("\x00 \u202e ", ""),
    ],
)
def test_a_name_is_kept_as_written_without_what_cannot_be_seen(typed: str, kept: str) -> None:
    assert names.tidy(typed) == kept


@pytest.mark.parametrize(
    ("name", "found_by"),
    [
        ("Núñez", "nunez"),
        ("O'Neill-Smith", "oneillsmith"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("ﬁona", "fiona"),
        ("Çelik 2", "celik2"),
        ("王小明", "王小明"),
        ("🙂 🙂", "🙂🙂"),
        ("", ""),
    ],
)
def test_a_key_is_letters_without_case_and_marks(name: str, found_by: str) -> None:
    assert names.key(name) == found_by


@pytest.mark.parametrize(
    ("legal_name", "family", "given"),
    [
        ("Jordan A. Marsh", "Marsh", "Jordan"),
        ("Marsh, Jordan A.", "Marsh", "Jordan"),
        ("Jordan Marsh Jr.", "Marsh", "Jordan"),
        ("Jordan Marsh, III", "Marsh", "Jordan"),
        ("Ana de la Cruz", "de la Cruz", "Ana"),
        ("Ludwig van der Berg", "van der Berg", "Ludwig"),
        ("bell hooks", "hooks", "bell"),
        ("Prince", "Prince", "Prince"),
        ("王小明", "王小明", "王小明"),
        (", Jordan", "Jordan", "Jordan"),
        (",", ",", ","),
        ("", "", ""),
    ],
)
def test_a_legal_name_is_filed_under_family_and_given(legal_name: str, family: str, given: str) -> None:
    assert names.family_and_given(legal_name) == (family, given)


@pytest.mark.parametrize(
    ("legal_name", "goes_by", "shown"),
    [
        ("Jordan A. Marsh", "", "Jordan A. Marsh"),
        ("Jordan A. Marsh", "Jo", "Jo Marsh"),
        ("Jordan A. Marsh", "Jo Rivers", "Jo Rivers"),
        ("Jordan A. Marsh", "Marsh", "Marsh"),
        ("Prince", "The Artist", "The Artist"),
        ("Prince", "Rogers", "Rogers"),
    ],
)
def test_a_person_is_shown_as_they_go_by_and_told_apart(legal_name: str, goes_by: str, shown: str) -> None:
    assert names.shown(legal_name, goes_by) == shown


@supposing(st.text(max_size=400))
def test_every_name_has_a_key_that_fits_and_finds_it(text: str) -> None:
    tidy = names.tidy(text)
    key = names.key(tidy)
    assert names.tidy(tidy) == tidy
    assert len(key) <= names.KEY_CHARS
    assert bool(key) == bool(tidy)
    assert names.key(key) == key
    for part in names.family_and_given(tidy):
        assert not tidy or part

"""Telephone numbers as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.rules import phones
from clients.rules.phones import BadNumber, Phone, normalise


@pytest.mark.parametrize(
    "typed",
    [
        "312 555 0188",
        "(312) 555-0188",
        "312.555.0188",
        "1-312-555-0188",
        "+1 312 555 0188",
        "011 1 312 555 0188",
        "312\u00a0555\u20110188",
        "\u200e+1 (312) 555\u20130188\u200e",
        "３１２ ５５５ ０１８８",
        "٣١٢ ٥٥٥ ٠١٨٨",
    ],
)
def test_one_number_has_one_form(typed: str) -> None:
    assert normalise(typed) == Phone("+13125550188")


@pytest.mark.parametrize(
    ("typed", "country", "e164"),
    [
        ("+44 20 7946 0958", "+1", "+442079460958"),
        ("011 44 20 7946 0958", "+1", "+442079460958"),
        ("020 7946 0958", "+44", "+442079460958"),
        ("0044 20 7946 0958", "+49", "+442079460958"),
        ("06 6982 0000", "+39", "+390669820000"),
        ("+1 312 555 0188", "+44", "+13125550188"),
    ],
)
def test_a_number_of_another_country(typed: str, country: str, e164: str) -> None:
    assert normalise(typed, country).e164 == e164


@pytest.mark.parametrize(
    "typed",
    ["312 555 0188 x204", "312-555-0188 ext. 204", "3125550188, #204", "3125550188 Extension: 2 0 4"],
)
def test_an_extension_is_kept_apart(typed: str) -> None:
    assert normalise(typed) == Phone("+13125550188", "204")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Enter a telephone number"),
        ("  + ", "Enter a telephone number"),
        ("555 0188", "10 digits"),
        ("911", "10 digits"),
        ("312 555 01888", "10 digits"),
        ("+1 312 555 018", "10 digits"),
        ("112 555 0188", "area code"),
        ("312 155 0188", "area code"),
        ("1-800-FLOWERS", "without letters"),
        ("fax 312 555 0188", "without letters"),
        ("312 555 0188 / 312 555 0199", "10 digits"),
        ("312 555 0188 & 0199", "one telephone number"),
        ("312+555 0188", "one telephone number"),
        ("312 555 0188 x", "extension"),
        ("312 555 0188 x1234567", "extension"),
        ("+0 312 555 0188", "country code"),
        ("+44 12345", "country code"),
        ("+44 1234567890123456", "country code"),
        ("3" * 41, "longer"),
    ],
)
def test_what_cannot_be_dialled_is_refused_in_words(typed: str, words: str) -> None:
    with pytest.raises(BadNumber, match=words):
        normalise(typed)


def test_a_refusal_does_not_repeat_the_number() -> None:
    with pytest.raises(BadNumber) as refused:
        normalise("312 555 018")
    assert "555" not in str(refused.value)


def test_a_number_is_shown_and_told_apart() -> None:
    assert phones.shown(Phone("+13125550188")) == "312 555 0188"
    assert phones.shown(Phone("+13125550188", "204")) == "312 555 0188 ext. 204"
    assert phones.shown(Phone("+442079460958")) == "+442079460958"
    assert phones.last4("+13125550188") == "0188"


@given(st.text(max_size=60))
def test_any_text_is_a_number_or_a_sentence(typed: str) -> None:
    sentence, phone = "", None
    try:
        phone = normalise(typed)
    except BadNumber as refused:
        sentence = str(refused)
    if phone is None:
        assert sentence.endswith(".")
        return
    assert phone.e164[0] == "+"
    assert phone.e164[1:].isascii()
    assert phone.e164[1:].isdigit()
    assert 8 <= len(phone.e164) - 1 <= 15
    assert normalise(phones.shown(phone)) == phone


@given(st.from_regex(r"[2-9][0-9]{2}[2-9][0-9]{6}", fullmatch=True), st.from_regex(r"|[0-9]{1,6}", fullmatch=True))
def test_what_is_shown_reads_back(national: str, extension: str) -> None:
    phone = Phone(f"+1{national}", extension)
    assert normalise(phones.shown(phone)) == phone

"""
Telephone numbers: from what was typed to one form that can be compared and dialled.

The form is E.164 ("+13125550188"). An extension is kept apart: it is dialled after the call is answered. Whether a
number exists is not known here; only North American numbers are checked for their shape.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

TYPED_CHARS: Final = 40
EXTENSION_DIGITS: Final = 6
# E.164: at most 15 digits with the country; shorter than 8 exist, but not as numbers one gives to be called back.
MIN_DIGITS, MAX_DIGITS = 8, 15
NORTH_AMERICA: Final = "+1"
# Countries whose national numbers keep their first 0 behind the country code.
KEEP_ZERO: Final = frozenset({"+39", "+378"})
EXTENSION: Final = re.compile(
    r"[\s,;]*(?<![a-z])(?:extension|ext\.?|x|#)\s*[:.]?\s*(?P<digits>[0-9 ]*)$", re.IGNORECASE
)
PUNCTUATION: Final = frozenset("()./-\u2010\u2011\u2012\u2013\u2014\u2212")


class BadNumber(ValueError):
    """This cannot be dialled. The text says what to enter."""


@dataclass(frozen=True, slots=True)
class Phone:
    """
    A number that can be dialled.

    e164       "+" and 8 to 15 digits
    extension  "" or up to 6 digits
    """

    e164: str
    extension: str = ""


def _plain(typed: str) -> str:
    """Return the text with the digits of any script as 0-9 and full-width signs as plain ones."""
    composed = unicodedata.normalize("NFKC", typed)
    visible = (char for char in composed if unicodedata.category(char) != "Cf")
    return "".join(str(unicodedata.decimal(char, char)) for char in visible).strip()


def _dialled(number: str) -> str:
    """Return the digits, with "+" before them when it was typed."""
    plus = number.startswith("+")
    kept = []
    for char in number[1:] if plus else number:
        if char in "0123456789":
            kept.append(char)
        elif char.isalpha():
            raise BadNumber("Enter the number in digits, without letters.")
        elif not (char.isspace() or char in PUNCTUATION):
            raise BadNumber("Enter one telephone number, in digits.")
    return ("+" if plus else "") + "".join(kept)


def _north_american(national: str) -> str:
    if len(national) != 10:
        raise BadNumber("Enter 10 digits, area code first, or + and the country code.")
    if national[0] in "01" or national[3] in "01":
        raise BadNumber("Check the number: an area code and the digits after it do not begin with 0 or 1.")
    return NORTH_AMERICA + national


def normalise(typed: str, country: str = NORTH_AMERICA) -> Phone:
    """
    Return the number that was typed, in the clinic's country unless it names another.

    country   calling code with its plus, used when the number has none
    :raises BadNumber: letters, two numbers, too few or too many digits
    """
    if len(typed) > TYPED_CHARS:
        raise BadNumber(f"This is longer than a telephone number. Enter at most {TYPED_CHARS} characters.")
    text, extension = _plain(typed), ""
    if found := EXTENSION.search(text):
        extension = found["digits"].replace(" ", "")
        text = text[: found.start()]
        if not 1 <= len(extension) <= EXTENSION_DIGITS:
            raise BadNumber(f"Enter an extension of 1 to {EXTENSION_DIGITS} digits.")
    number = _dialled(text)
    if not number.strip("+"):
        raise BadNumber("Enter a telephone number.")
    # The ways to dial abroad: 011 from North America, 00 from most of the world.
    abroad = "011" if country == NORTH_AMERICA else "00"
    if number.startswith(abroad) and len(number) > len(abroad) + MIN_DIGITS - 1:
        number = "+" + number.removeprefix(abroad)
    if not number.startswith("+"):
        if country == NORTH_AMERICA:
            number = NORTH_AMERICA + (number[1:] if len(number) == 11 and number[0] == "1" else number)
        else:
            number = country + (number if country in KEEP_ZERO else number.removeprefix("0"))
    if number.startswith(NORTH_AMERICA):
        return Phone(_north_american(number.removeprefix(NORTH_AMERICA)), extension)
    if number[1] == "0" or not MIN_DIGITS <= len(number) - 1 <= MAX_DIGITS:
        raise BadNumber(f"Enter + and the country code, {MIN_DIGITS} to {MAX_DIGITS} digits in all.")
    return Phone(number, extension)


def without_extension(typed: str) -> str:
    """
    Return a number that is dialled as it stands, in one form; "" for none.

    :raises BadNumber: it has an extension, or as `normalise`
    """
    number = normalise(typed) if typed.strip() else Phone("")
    if number.extension:
        raise BadNumber("Enter the number without an extension.")
    return number.e164


def last4(e164: str) -> str:
    """Return the last four digits, by which two numbers are told apart on a page."""
    return e164[-4:]


def shown(phone: Phone) -> str:
    """Return the number for the eye: "312 555 0188 ext. 204"; a number of another country as it is dialled."""
    number = phone.e164
    if number.startswith(NORTH_AMERICA):
        number = f"{number[2:5]} {number[5:8]} {number[8:]}"
    return f"{number} ext. {phone.extension}" if phone.extension else number

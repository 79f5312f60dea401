"""
Typed reading of a definition's tables: every wrong, missing or unknown key becomes a problem.

Reading goes on after a problem with a harmless stand-in, so that all problems of a file are found at once.
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias, TypeVar

from clinics.instruments.problems import ProblemList

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"
Choice = TypeVar("Choice", bound=StrEnum)

KEY_PATTERN = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
LARGEST_NUMBER = 10**9
MOST_UNKNOWN_KEYS = 20
_EXACT_TEXT = re.compile(r"-?\d{1,10}(?:\.\d{1,10}|/\d{1,10})?")
_EXACT_MEND = 'Write a whole number, or a decimal or fraction as text: "3.5", "2/3".'


def shown(value: object) -> str:
    """Return a value as a short quotation for a message, however large or odd it is."""
    if isinstance(value, str):
        return f"'{value}'" if len(value) <= 40 else f"'{value[:40]}…'"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if abs(value) <= LARGEST_NUMBER else "a very large number"
    return kind_of(value)


def kind_of(value: object) -> str:
    """Return what sort of thing a value is, in the words of a file's author."""
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "true or false"),
        (str, "text"),
        (int, "a whole number"),
        ((float, Decimal), "a decimal number"),
        ((date, time), "a date or time"),
        (list, "a list"),
        (dict, "a table"),
    )
    return next((name for types, name in kinds if isinstance(value, types)), "nothing")


def exact_number(value: object) -> Fraction | None:
    """Return the exact number that a file's value stands for; None when it is not one or is too long."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Fraction(value) if abs(value) <= LARGEST_NUMBER else None
    if isinstance(value, Decimal):
        # Written with an exponent, a short decimal could unfold into gigabytes.
        if not value.is_finite() or len(value.as_tuple().digits) > 20 or abs(value.adjusted()) > 20:
            return None
        fraction = Fraction(value)
        return fraction if abs(fraction) <= LARGEST_NUMBER else None
    if isinstance(value, str) and _EXACT_TEXT.fullmatch(value) and not re.search(r"/0+$", value):
        fraction = Fraction(value)
        return fraction if abs(fraction) <= LARGEST_NUMBER else None
    return None


class Table:
    """
    One table of a definition, read key by key.

    Call `close` when all known keys were asked for: what is left over is unknown.
    """

    def __init__(self, value: object, path: str, problems: ProblemList) -> None:
        self.path = path
        self.problems = problems
        self._asked: list[str] = []
        self._values: Mapping[str, object] = {}
        if isinstance(value, dict):
            self._values = value
        else:
            problems.add(path, f"Here stands {kind_of(value)}.", "Write a table of keys and values.")

    def at(self, key: str) -> str:
        """Return the path of one of the table's keys."""
        return f"{self.path}.{key}" if self.path else key

    def has(self, key: str) -> bool:
        """Tell whether the key is written."""
        return key in self._values

    def raw(self, key: str) -> object:
        """Return what is written under the key, None when nothing is; mark it as known."""
        self._asked.append(key)
        return self._values.get(key)

    def names(self) -> tuple[str, ...]:
        """Return all keys written, for tables whose keys are the author's own; mark them as known."""
        self._asked.extend(self._values)
        return tuple(self._values)

    def close(self) -> None:
        """Note every key that was written but never asked for."""
        unknown = [key for key in self._values if key not in self._asked]
        for key in unknown[:MOST_UNKNOWN_KEYS]:
            near = difflib.get_close_matches(key, self._asked, n=1)
            mend = f"Did you mean '{near[0]}'?" if near else f"Known here: {', '.join(self._asked)}."
            self.problems.add(self.at(key[:40]), "This key is not known here.", f"Remove it. {mend}")

    def _missing(self, key: str, what: str) -> None:
        self.problems.add(self.at(key), "This key is missing.", f"Write {what}.")

    def _wrong(self, key: str, value: object, what: str) -> None:
        said = shown(value)
        self.problems.add(self.at(key), f"Here stands {said}.", f"Write {what}.")

    def text(self, key: str, *, longest: int = 80) -> str:
        """Return a required text of 1 to `longest` characters, '' after a problem."""
        if not self.has(key):
            self.raw(key)
            self._missing(key, f"a text of at most {longest} characters")
            return ""
        return self.text_or_none(key, longest=longest) or ""

    def text_or_none(self, key: str, *, longest: int = 80) -> str | None:
        """Return an optional text of 1 to `longest` characters."""
        value = self.raw(key)
        if not self.has(key):
            return None
        if not isinstance(value, str) or not 0 < len(value.strip()) <= len(value) <= longest:
            self._wrong(key, value, f"a text of at most {longest} characters")
            return None
        return value

    def key(self, key: str = "key") -> str:
        """Return a required identifier, '' after a problem."""
        value = self.text(key, longest=40)
        if value and not KEY_PATTERN.fullmatch(value):
            self._wrong(key, value, "a letter followed by letters, digits, '_' or '-'")
            return ""
        return value

    def flag(self, key: str) -> bool:
        """Return an optional true or false, false when not written."""
        value = self.raw(key)
        if self.has(key) and not isinstance(value, bool):
            self._wrong(key, value, "true or false")
        return value is True

    def flag_or_none(self, key: str) -> bool | None:
        """Return an optional true or false, None when not written."""
        flag = self.flag(key)
        return flag if self.has(key) else None

    def whole(self, key: str, *, low: int, high: int, default: int | None = None) -> int:
        """Return a whole number from `low` to `high`; required without a default; `low` after a problem."""
        value = self.raw(key)
        if not self.has(key):
            if default is None:
                self._missing(key, f"a whole number from {low} to {high}")
                return low
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self._wrong(key, value, f"a whole number from {low} to {high}")
            return low
        return value

    def whole_or_none(self, key: str, *, low: int, high: int) -> int | None:
        """Return an optional whole number from `low` to `high`."""
        if not self.has(key):
            self.raw(key)
            return None
        return self.whole(key, low=low, high=high)

    def exact_or_none(self, key: str) -> Fraction | None:
        """Return an optional exact number."""
        value = self.raw(key)
        if not self.has(key):
            return None
        number = exact_number(value)
        if number is None:
            self.problems.add(self.at(key), f"Here stands {shown(value)}.", _EXACT_MEND)
        return number

    def exact(self, key: str) -> Fraction:
        """Return a required exact number, 0 after a problem."""
        if not self.has(key):
            self.raw(key)
            self.problems.add(self.at(key), "This key is missing.", _EXACT_MEND)
        return self.exact_or_none(key) or Fraction(0)

    def choice(self, key: str, choices: type[Choice]) -> Choice | None:
        """Return a required word of a fixed list, None after a problem."""
        if not self.has(key):
            self.raw(key)
            self._missing(key, _one_of(choices))
            return None
        return self.choice_or_none(key, choices)

    def choice_or_none(self, key: str, choices: type[Choice]) -> Choice | None:
        """Return an optional word of a fixed list, None when not written or after a problem."""
        value = self.raw(key)
        if not self.has(key):
            return None
        if not isinstance(value, str) or value not in {str(choice) for choice in choices}:
            self._wrong(key, value, _one_of(choices))
            return None
        return choices(value)

    def table_or_none(self, key: str) -> "Table | None":
        """Return an optional table inside this one."""
        value = self.raw(key)
        return Table(value, self.at(key), self.problems) if self.has(key) else None

    def tables(self, key: str, *, at_least: int = 0, at_most: int = 200) -> "list[Table]":
        """Return a list of tables, [] after a problem."""
        entries = self._list(key, at_least=at_least, at_most=at_most, what="tables")
        return [Table(entry, f"{self.at(key)}[{i}]", self.problems) for i, entry in enumerate(entries)]

    def keys(self, key: str, *, at_least: int = 0, at_most: int = 200) -> tuple[str, ...]:
        """Return a list of identifiers without those that are wrong."""
        found = []
        for i, entry in enumerate(self._list(key, at_least=at_least, at_most=at_most, what="names")):
            if isinstance(entry, str) and KEY_PATTERN.fullmatch(entry):
                found.append(entry)
            else:
                place = f"{self.at(key)}[{i}]"
                self.problems.add(place, f"Here stands {shown(entry)}.", "Write the key of an item or tag.")
        return tuple(found)

    def _list(self, key: str, *, at_least: int, at_most: int, what: str) -> Sequence[object]:
        value = self.raw(key)
        wanted = f"a list of {at_least} to {at_most} {what}"
        if not self.has(key):
            if at_least:
                self._missing(key, wanted)
            return ()
        if not isinstance(value, list):
            self._wrong(key, value, wanted)
            return ()
        if not at_least <= len(value) <= at_most:
            self.problems.add(self.at(key), f"The list has {len(value)} entries.", f"Write {wanted}.")
            return ()
        return value


def _one_of(choices: type[StrEnum]) -> str:
    return "one of: " + ", ".join(choices)

"""
CSV that is safe to open in a spreadsheet: no text is taken for a formula.

Source: shared/design/security.md 11. Numbers of our own are written as they are; a negative one is no formula.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Protocol

_FORMULA_SIGNS = frozenset("=+-@|%\t\r\n")
_BLANK = re.compile(r"[\s\x00-\x20]")


def neutralised(text: str) -> str:
    """
    Return the text with a leading ' when a spreadsheet could take it for a formula.

    A fullwidth twin of a sign counts as the sign; blanks and invisible characters before it are looked through.
    """
    if text[:1] in ("\t", "\r", "\n"):
        return f"'{text}"
    for character in text:
        if _BLANK.match(character) or unicodedata.category(character) in ("Cf", "Cc", "Zs", "Zl", "Zp"):
            continue
        plain = unicodedata.normalize("NFKC", character)[:1]
        return f"'{text}" if plain in _FORMULA_SIGNS else text
    return text


def cell(value: str | int | Decimal | None) -> str:
    """Return a cell: text neutralised, a number written out without an exponent, nothing as an empty cell."""
    if value is None:
        return ""
    if isinstance(value, str):
        return neutralised(value)
    return format(value, "f") if isinstance(value, Decimal) else str(value)


class Sink(Protocol):
    """What text can be written to."""

    def write(self, text: str, /) -> object:
        """Take in a piece of text."""


def write_rows(stream: Sink, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write a header and rows, every field of a row quoted; return the number of rows."""
    csv.writer(stream, lineterminator="\n").writerow(header)
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
    count = 0
    for row in rows:
        writer.writerow([cell(value) for value in row])
        count += 1
    return count

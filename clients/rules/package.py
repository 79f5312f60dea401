"""
What is handed to a recipient: a cover with the notice, the copy of the consent, and the parts that are given.

The package is plain data: the same content gives the same bytes and the same hash. What was left out is not told to
the recipient, since that would tell that it exists; it stands in the accounting.

source   shared/domain/care.md 6.3
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from clients.rules.consent_terms import CATEGORY_LABELS, PURPOSE_LABELS, Category, Purpose
from clients.rules.disclosure import BASIS_LABELS, NOTICES, WITHOUT_IDENTIFIERS, Basis

FORM: Final = "evoke.disclosure.1"
# What goes out under each part of the record.
Parts = Mapping[Category, Sequence[Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class Cover:
    """
    What stands on the first page, and at the foot of every part.

    number     of the disclosure, so that a copy that turns up can be traced
    attachment the copy of the consent, or the explanation of its scope; empty on another basis
    """

    clinic: str
    recipient: str
    affiliation: str
    purpose: Purpose
    basis: Basis
    day: str
    disclosed_by: str
    number: str
    notice: str
    attachment: str = ""

    @property
    def watermark(self) -> str:
        """Return the line that marks every part as this recipient's copy."""
        return f"For {self.recipient} only · {self.day} · {self.number}"


class LeavesTooMuch(ValueError):
    """The package would hold a part that may not go out without identifiers."""


def only_report(parts: Parts, lines: Mapping[str, str]) -> Parts:
    """
    Return what a report on a mandate holds: its lines in place of the list of appointments, and who it is about.

    lines   of the report; nothing but them and the identity stays, whatever was gathered
    """
    found: dict[Category, Sequence[Mapping[str, str]]] = {Category.ATTENDANCE: [dict(lines)]}
    if Category.IDENTITY in parts:
        found[Category.IDENTITY] = parts[Category.IDENTITY]
    return found


def package(cover: Cover, parts: Parts) -> dict[str, Any]:
    """
    Return a package as plain data.

    parts   the rows of each part that is given
    :raises LeavesTooMuch: something identifying would go out without identifiers
    """
    if cover.basis is Basis.PUBLIC_HEALTH and not set(parts) <= WITHOUT_IDENTIFIERS:
        raise LeavesTooMuch
    return {
        "form": FORM,
        "cover": {
            "clinic": cover.clinic,
            "recipient": cover.recipient,
            "affiliation": cover.affiliation,
            "purpose": PURPOSE_LABELS[cover.purpose],
            "basis": BASIS_LABELS[cover.basis],
            "day": cover.day,
            "disclosed_by": cover.disclosed_by,
            "number": cover.number,
            "notice": NOTICES.get(cover.notice, ""),
            "watermark": cover.watermark,
            "consent": cover.attachment,
        },
        "parts": [
            {"part": category.value, "title": CATEGORY_LABELS[category], "rows": [dict(row) for row in parts[category]]}
            for category in Category
            if category in parts
        ],
    }


def written(content: Mapping[str, Any]) -> str:
    """Return a package as text, the same for the same content: parts and rows stand in their own settled order."""
    return json.dumps(content, ensure_ascii=False, indent=1)


def package_hash(text: str) -> str:
    """Return the SHA-256 of a package's text, 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()

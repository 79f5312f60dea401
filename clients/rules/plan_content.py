"""
What a version of a treatment plan says, as plain parts: for signing, for comparing, for hints. Pure.

The signed content is written out in one canonical form and hashed: the same parts give the same hash in whatever order
they were read.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

FORM: Final = "evoke.plan.1"


class Kind(StrEnum):
    """What a part is, in the order of the thread."""

    PROBLEM = "problem"
    GOAL = "goal"
    OBJECTIVE = "objective"
    INTERVENTION = "intervention"


# What stands under what.
UNDER: Final = {Kind.GOAL: Kind.PROBLEM, Kind.OBJECTIVE: Kind.GOAL, Kind.INTERVENTION: Kind.OBJECTIVE}
BELOW: Final = {above: below for below, above in UNDER.items()}
RANK: Final = {kind: place for place, kind in enumerate(Kind)}
# The fields of each kind that are signed, in the order in which they are read.
FIELDS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.PROBLEM: ("text", "client_words", "diagnosis", "priority", "evidence", "assessment", "response"),
    Kind.GOAL: (
        "text", "client_words", "value_link", "target", "phase", "commitment", "gate_reason", "proposed_by",
        "target_on", "status",
    ),
    Kind.OBJECTIVE: (
        "text", "metric", "baseline", "target_value", "unit", "by_on", "achievable", "relevance",
    ),
    Kind.INTERVENTION: (
        "modality", "does", "text", "who", "session_format", "times", "per", "minutes", "starts_on", "ends_on",
        "block_sessions",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """
    A part of one version.

    lineage    the same for a part and what later versions made of it
    under      lineage of the part it stands under; empty for a problem
    position   order among its brothers
    fields     each field of `FIELDS` that is filled, as text; an empty one is absent
    """

    kind: Kind
    lineage: str
    under: str
    position: int
    fields: Mapping[str, str]

    def said(self, field: str) -> str:
        """Return a field as text, empty where nothing stands."""
        return self.fields.get(field, "")

    @property
    def key(self) -> tuple[int, str]:
        """Return what tells the part from every other of its version."""
        return RANK[self.kind], self.lineage


@dataclass(frozen=True)
class Content:
    """
    Everything a signature under a version covers.

    plan, client, author   public ids
    submitted_at           when it was laid out for signatures: what is laid out anew is signed anew
    """

    plan: str
    client: str
    author: str
    number: int
    starts_on: str
    needs_cosign: bool
    submitted_at: datetime
    parts: tuple[Part, ...]


def written(value: Any) -> str:
    """Return a value as it is signed: dates in ISO form, numbers without spare zeros, nothing for none."""
    if value is None or value is False or value == "":
        return ""
    if value is True:
        return "yes"
    if isinstance(value, Decimal):
        whole = value.normalize()
        return f"{whole:f}" if whole else "0"
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def fields_of(kind: Kind, values: Mapping[str, Any]) -> dict[str, str]:
    """Return the filled fields of a part as text, from values by name."""
    return {name: text for name in FIELDS[kind] if (text := written(values.get(name)))}


def ordered(parts: Iterable[Part]) -> list[Part]:
    """Return parts in an order that depends on nothing but themselves."""
    return sorted(parts, key=lambda part: part.key)


def canonical(content: Content) -> bytes:
    """
    Return one byte string for one content: parts in a fixed order, sorted names, no spare blanks, UTF-8.

    :raises ValueError: the time has no zone, or two parts are the same
    """
    if content.submitted_at.utcoffset() is None:
        raise ValueError("A signed time needs a time zone.")
    parts = ordered(content.parts)
    if len({part.key for part in parts}) < len(parts):
        raise ValueError("Two parts of one version have the same lineage.")
    said = {
        "form": FORM,
        "plan": content.plan,
        "client": content.client,
        "author": content.author,
        "number": content.number,
        "starts_on": content.starts_on,
        "needs_cosign": content.needs_cosign,
        "submitted_at": content.submitted_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "parts": [[part.kind, part.lineage, part.under, part.position, dict(part.fields)] for part in parts],
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def content_hash(content: Content) -> str:
    """Return the SHA-256 of a version's content, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(content)).hexdigest()


def thread(parts: Iterable[Part]) -> list[Part]:
    """Return parts as they are read: each problem, under it its goals, and so on; by position."""
    below: dict[tuple[Kind | None, str], list[Part]] = {}
    for part in parts:
        below.setdefault((UNDER.get(part.kind), part.under), []).append(part)
    found: list[Part] = []

    def walk(kind: Kind | None, lineage: str) -> None:
        for part in sorted(below.get((kind, lineage), ()), key=lambda one: (one.position, one.lineage)):
            found.append(part)
            walk(part.kind, part.lineage)

    walk(None, "")
    return found

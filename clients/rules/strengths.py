"""
What somebody has going for them: what may be said of each kind, and milestones worth looking out for.

source   shared/domain/care.md 3.5; the suggested milestones are ours
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, Final

from clients.rules import names

CHARS: Final = 1_000


class Kind(StrEnum):
    """A strength, a past success, an affirmation as it was said, or a milestone."""

    STRENGTH = "strength"
    SUCCESS = "success"
    AFFIRMATION = "affirmation"
    MILESTONE = "milestone"


TEXTS: Final = ("text", "evidence", "helped")
# What may be said beside the text and who named it.
FIELDS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.STRENGTH: ("domain", "evidence"),
    Kind.SUCCESS: ("evidence", "helped", "transfer_to", "happened_on"),
    Kind.AFFIRMATION: ("appointment",),
    Kind.MILESTONE: ("happened_on",),
}
ALL_FIELDS: Final = ("domain", "evidence", "helped", "transfer_to", "appointment", "happened_on")
MILESTONES: Final = (
    "The first day without",
    "One week",
    "30 days",
    "90 days",
    "One year",
    "The first celebration without using",
    "Back on track after a return to use",
)
MISSING: Final[Mapping[Kind, str]] = {
    Kind.STRENGTH: "Write the strength.",
    Kind.SUCCESS: "Write what worked before.",
    Kind.AFFIRMATION: "Write the affirmation as it was said.",
    Kind.MILESTONE: "Write what was reached.",
}


class Wrong(ValueError):
    """It cannot be kept as it is. `field` names what is wrong; the text says what to do."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def checked(kind: Kind, values: Mapping[str, Any], today: date) -> dict[str, Any]:
    """
    Return what is kept of one: its texts tidied, a field that is not named empty.

    values   `text` and what `FIELDS` allows of this kind
    :raises Wrong: no text, a text that is too long, a field of another kind, no domain, no day, a day to come
    """
    foreign = sorted(name for name in ALL_FIELDS if values.get(name) and name not in FIELDS[kind])
    if foreign:
        raise Wrong(foreign[0], "This does not belong to this kind. Leave it empty.")
    kept: dict[str, Any] = {name: _text(values.get(name), name) for name in TEXTS}
    if not kept["text"]:
        raise Wrong("text", MISSING[kind])
    for name in ("evidence", "helped"):
        kept[name] = kept[name] or None
    kept |= {name: values.get(name) or "" for name in ("domain", "transfer_to")}
    kept |= {name: values.get(name) or None for name in ("appointment", "happened_on")}
    if kind is Kind.STRENGTH and not kept["domain"]:
        raise Wrong("domain", "Choose what kind of strength it is.")
    if kind is Kind.MILESTONE and kept["happened_on"] is None:
        raise Wrong("happened_on", "Enter the day on which they reached it.")
    if kept["happened_on"] is not None and kept["happened_on"] > today:
        raise Wrong("happened_on", "This day is still to come.")
    return kept


def _text(value: Any, name: str) -> str:
    text = "\n".join(names.tidy(line) for line in str(value or "").splitlines()).strip()
    if len(text) > CHARS:
        raise Wrong(name, f"Write at most {CHARS} characters; this has {len(text)}.")
    return text

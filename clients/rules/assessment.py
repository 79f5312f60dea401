"""
The assessment before admission: its sections, six areas rated for risk, the level of care, and what is missing.

The sections and the areas are ours, in our own words: no text and no names of anybody's published criteria. Of a level
of care only the code and the reasons are kept.

source   shared/domain/care.md 1.8
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from clients.rules import intake, teds

Choices = tuple[tuple[str, str], ...]
FORMAT: Final = "evoke.assessment.1"


@dataclass(frozen=True, slots=True)
class Section:
    """
    One part of the assessment.

    hint      what belongs here
    needed    it must be written before the assessment can be signed
    """

    key: str
    title: str
    hint: str
    needed: bool = True


SECTIONS: Final = (
    Section("need", "What brings them here", "In their words."),
    Section("use", "Substances", "What using is like for them: what it gives, what it costs, what has changed."),
    Section("care_before", "Care before", "Where, when, how it went, and what helped."),
    Section("body", "Withdrawal and physical health", "Past withdrawal, illness, medicines, allergies, pregnancy."),
    Section("mind", "Mental health", "How they feel, sleep and think; diagnoses and care so far."),
    Section(
        "risk", "Safety",
        "Thoughts of death or self-harm, plan, intent, behavior; harm from or to others; what protects them.",
    ),
    Section("readiness", "Readiness", "Importance, confidence and readiness; what speaks for change and what against."),
    Section("strengths", "Strengths and past successes", "What they are good at, proud of, and have managed before."),
    Section("home", "Home and surroundings", "Where and with whom they live; who helps, who makes it harder."),
    Section("legal", "Legal", "Courts, probation, custody. Only what they want here or care needs.", needed=False),
    Section("family", "Family", "Who belongs to it, and who may know that they are here.", needed=False),
    Section("work", "School and work", "What they do, and what they want to keep or change.", needed=False),
    Section("wishes", "What they wish for", "Times, therapist, format, language, what to leave out.", needed=False),
)  # fmt: skip

# By number, as they are kept.
AREAS: Final[Choices] = (
    ("1", "What substances do to them now"),
    ("2", "Physical health"),
    ("3", "Feelings, thoughts and behavior"),
    ("4", "Own reasons for change"),
    ("5", "Use in the next weeks"),
    ("6", "Home and people around them"),
)
RATINGS: Final[Choices] = (
    ("0", "0 None"),
    ("1", "1 Low"),
    ("2", "2 Medium"),
    ("3", "3 High"),
    ("4", "4 Help at once"),
)
HIGHEST: Final = 4
# A level is decided here; "not sure yet" is an answer of a caller only.
LEVELS: Final[Choices] = tuple(pair for pair in intake.LEVELS if pair[0] != "unsure")

SECTION_KEYS: Final = frozenset(one.key for one in SECTIONS)
AREA_KEYS: Final = frozenset(key for key, _label in AREAS)


@dataclass(frozen=True, slots=True)
class Substance:
    """
    One substance, the codes as in the admission record (`teds`), where -9 is not known; None is not answered.

    last_use   code of `intake.LAST_USE`, may be empty
    """

    substance: int
    route: int | None = None
    frequency: int | None = None
    first_use: int | None = None
    last_use: str = ""


@dataclass(frozen=True, slots=True)
class Assessment:
    """
    What is written so far.

    sections    text by section
    substances  the first three, in order of importance; the one substance "none" says that there are none
    ratings     0 to 4 by area
    rationales  why, by area
    level       code of `LEVELS`; why stands in `level_reasons`
    """

    sections: Mapping[str, str] = field(default_factory=dict)
    substances: Sequence[Substance] = ()
    ratings: Mapping[str, int] = field(default_factory=dict)
    rationales: Mapping[str, str] = field(default_factory=dict)
    level: str = ""
    level_reasons: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing to do before signing: the field of the form it belongs to, and a sentence."""

    field: str
    sentence: str


def require_shape(content: Assessment) -> None:
    """
    Refuse sections and areas that do not exist, and ratings that are none.

    :raises ValueError: names what does not exist
    """
    unknown = {*content.sections} - SECTION_KEYS | ({*content.ratings, *content.rationales} - AREA_KEYS)
    if unknown:
        raise ValueError(f"No such part of an assessment: {', '.join(sorted(unknown))}.")
    for key, rating in content.ratings.items():
        if isinstance(rating, bool) or not isinstance(rating, int) or not 0 <= rating <= HIGHEST:
            raise ValueError(f"A rating goes from 0 to {HIGHEST}: {key}.")
    if content.level and content.level not in dict(LEVELS):
        raise ValueError("No such level of care.")
    if len(content.substances) > intake.MAX_SUBSTANCES:
        raise ValueError(f"At most {intake.MAX_SUBSTANCES} substances are kept.")


def gaps(content: Assessment) -> tuple[Gap, ...]:
    """
    Return what is still to be written before the assessment can be signed, in the order of the form.

    :raises ValueError: the content has no shape of an assessment
    """
    require_shape(content)
    found = [
        Gap(f"section_{one.key}", f"Write the section “{one.title}”.")
        for one in SECTIONS
        if one.needed and not content.sections.get(one.key, "").strip()
    ]
    found += _substance_gaps(content.substances)
    for key, label in AREAS:
        if key not in content.ratings:
            found.append(Gap(f"rating_{key}", f"Rate the risk of “{label}”."))
        # Zero needs a reason too: it says that somebody looked.
        if not content.rationales.get(key, "").strip():
            found.append(Gap(f"rationale_{key}", f"Write why you rate “{label}” so."))
    if not content.level:
        found.append(Gap("level", "Choose the level of care that this comes to."))
    if not content.level_reasons.strip():
        found.append(Gap("level_reasons", "Write why this level of care fits."))
    return tuple(found)


def in_record(substances: Sequence[Substance]) -> dict[str, int]:
    """Return the substances as answers of the admission record; what was not answered is left out."""
    found = {}
    for number, one in enumerate(substances, start=1):
        given = {"substance": one.substance, "route": one.route, "frequency": one.frequency, "first_use": one.first_use}
        found.update({f"{name}_{number}": code for name, code in given.items() if code is not None})
    return found


def _substance_gaps(substances: Sequence[Substance]) -> list[Gap]:
    if not substances:
        return [Gap("substance_1", "Name the substances, or choose “None”.")]
    wrong = [one for one in teds.problems(in_record(substances)) if one.key.rpartition("_")[0] in teds.OF_SUBSTANCE]
    return [Gap(one.key, one.sentence) for one in wrong]


def needs_help_at_once(content: Assessment) -> tuple[str, ...]:
    """Return the areas rated highest, as labels: the page names them first, whatever level was chosen."""
    return tuple(label for key, label in AREAS if content.ratings.get(key) == HIGHEST)


def signed_hash(
    content: Assessment,
    *,
    assessment: str,
    inquiry: str,
    client: str,
    author: str,
    signed_at: datetime,
) -> str:
    """
    Return the SHA-256 of everything a signature under an assessment covers, 64 hexadecimal digits.

    assessment, inquiry, client, author   public ids
    signed_at                             aware instant
    The same rows give the same hash for as long as they exist: sorted names, no spare blanks, time in UTC, UTF-8.
    :raises ValueError: the time has no zone, or the content no shape of an assessment
    """
    if signed_at.utcoffset() is None:
        raise ValueError("A signed time needs a time zone.")
    require_shape(content)
    values = {
        "form": FORMAT,
        "assessment": assessment,
        "inquiry": inquiry,
        "client": client,
        "author": author,
        "sections": {key: text for key, text in content.sections.items() if text},
        "substances": [
            [one.substance, one.route, one.frequency, one.first_use, one.last_use] for one in content.substances
        ],
        "ratings": dict(content.ratings),
        "rationales": {key: text for key, text in content.rationales.items() if text},
        "level": content.level,
        "level_reasons": content.level_reasons,
        "signed_at": signed_at.astimezone(UTC).isoformat(timespec="microseconds"),
    }
    written = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(written.encode()).hexdigest()

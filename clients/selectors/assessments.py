"""An assessment as it is kept, turned into what its rules read, and back."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clients.models import Assessment
from clients.rules import assessment as rules
from clients.rules import intake, teds

# A rating's reason stands among the sections, under the number of its area.
REASON = "area_"


def content_of(assessment: Assessment) -> rules.Assessment:
    """Return what is written in an assessment."""
    written: dict[str, str] = json.loads(assessment.sections) if assessment.sections else {}
    return rules.Assessment(
        sections={key: text for key, text in written.items() if key in rules.SECTION_KEYS},
        substances=tuple(rules.Substance(**one) for one in assessment.substances),
        ratings=dict(assessment.dimensions),
        rationales={key: written[REASON + key] for key in rules.AREA_KEYS if written.get(REASON + key)},
        level=assessment.level_of_care,
        level_reasons=assessment.level_reason or "",
    )


def kept_as(content: rules.Assessment) -> dict[str, Any]:
    """Return the columns that hold what is written; blank text is not kept."""
    written = {**content.sections, **{REASON + key: text for key, text in content.rationales.items()}}
    tidy = {key: _tidy(text) for key, text in written.items()}
    return {
        "sections": json.dumps({key: text for key, text in tidy.items() if text}, sort_keys=True, ensure_ascii=False),
        "substances": [
            {name: value for name in ("substance", "route", "frequency", "first_use", "last_use")
             if (value := getattr(one, name)) not in (None, "")}
            for one in content.substances
        ],
        "dimensions": dict(content.ratings),
        "level_of_care": content.level,
        "level_reason": _tidy(content.level_reasons) or None,
    }  # fmt: skip


def signed_content(assessment: Assessment, *, signed_at: datetime) -> str:
    """Return the hash of what a signature under this assessment covers; its inquiry, client and assessor are read."""
    return rules.signed_hash(
        content_of(assessment), assessment=str(assessment.public_id), inquiry=str(assessment.inquiry.public_id),
        client=str(assessment.client.public_id), author=str(assessment.assessor.public_id), signed_at=signed_at,
    )  # fmt: skip


def _tidy(text: str) -> str:
    return text.replace("\x00", "").strip()


# --- in words -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Area:
    """One area as it was rated."""

    label: str
    rating: str
    why: str


@dataclass(frozen=True)
class Shown:
    """An assessment as a page shows it: what is written, by section and area; `at_once` are the areas rated highest."""

    sections: list[tuple[str, str]]
    substances: list[str]
    areas: list[Area]
    at_once: tuple[str, ...]


def shown(assessment: Assessment) -> Shown:
    """Return an assessment in words; what is not written is left out."""
    content = content_of(assessment)
    return Shown(
        [(one.title, content.sections[one.key]) for one in rules.SECTIONS if content.sections.get(one.key)],
        [_substance(one) for one in content.substances],
        [
            Area(label, dict(rules.RATINGS).get(str(content.ratings.get(key, "")), ""), content.rationales.get(key, ""))
            for key, label in rules.AREAS
            if key in content.ratings or content.rationales.get(key)
        ],
        rules.needs_help_at_once(content),
    )


def _substance(one: rules.Substance) -> str:
    def word(codes: teds.Codes, code: int | None) -> str:
        return codes.get(code, "").lower() if code is not None else ""

    name = teds.SUBSTANCES.get(one.substance, "Not known")
    since = f"since age {one.first_use}" if one.first_use is not None and one.first_use >= 0 else ""
    last = dict(intake.LAST_USE).get(one.last_use, "")
    how, often = word(teds.ROUTES, one.route), word(teds.FREQUENCIES, one.frequency)
    details = ", ".join(part for part in (how, often, since, last and f"last: {last}") if part)
    return f"{name}: {details}" if details else name

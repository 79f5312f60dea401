"""Parts of plans for the tests of their rules: one thread written by hand, and any plan that hypothesis may think of."""

from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from clients.rules.plan_content import FIELDS, UNDER, Kind, Part

SAID: dict[Kind, dict[str, str]] = {
    Kind.PROBLEM: {"text": "Drinks most evenings", "client_words": "It has got too much", "evidence": "statement"},
    Kind.GOAL: {
        "text": "Evenings without drinking", "client_words": "I want my evenings back", "target": "t-1",
        "value_link": "Reading to her son", "phase": "explore_motivation", "status": "active",
    },
    Kind.OBJECTIVE: {
        "text": "Four evenings a week without drinking", "metric": "Evenings", "target_value": "4", "unit": "a week",
        "by_on": "2027-01-31", "achievable": "yes", "relevance": "They read then",
    },
    Kind.INTERVENTION: {
        "modality": "mi", "does": "evoke", "times": "1", "per": "week", "minutes": "50", "starts_on": "2026-11-02",
    },
}  # fmt: skip


def part(kind: Kind, name: str = "", under: str | None = None, position: int = 1, **said: Any) -> Part:
    """Return a part with usual words, some of them changed; an empty word takes one away."""
    above = UNDER.get(kind)
    stands_under = (above.value if above else "") if under is None else under
    words = {key: value for key, value in {**SAID[kind], **said}.items() if value}
    return Part(kind, name or kind.value, stands_under, position, words)


def whole(**changes: dict[str, Any]) -> list[Part]:
    """Return a plan of one thread; `changes` names a kind and what to change of it."""
    return [part(kind, **changes.get(kind.value, {})) for kind in Kind]


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=12)


@st.composite
def plans(draw: st.DrawFn, lineages: list[str] | None = None) -> list[Part]:
    """Draw a plan whose every part stands under one of its own; `lineages` are the names it may use."""
    names = lineages or [str(UUID(int=number)) for number in range(12)]
    found: list[Part] = []
    above: dict[Kind, list[str]] = {kind: [] for kind in Kind}
    for name in names:
        kind = list(Kind)[names.index(name) % 4]
        if not draw(st.booleans()):
            continue
        parents = above[UNDER[kind]] if kind in UNDER else [""]
        if not parents:
            continue
        said = draw(st.dictionaries(st.sampled_from(FIELDS[kind]), TEXTS.filter(bool), max_size=4))
        found.append(Part(kind, name, draw(st.sampled_from(parents)), draw(st.integers(1, 5)), said))
        above[kind].append(name)
    return found

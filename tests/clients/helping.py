"""What helps somebody, for tests: reasons, strengths of each kind, and values."""

from typing import Any

from django.utils import timezone

from clients.models import ChangeReason, Client, Exercise, Strength
from clients.rules.exercises import Kind as ExerciseKind
from clients.rules.strengths import Kind
from clients.services import exercises, reasons, strengths
from tests.clients.people import today
from tests.world import Side

KEPT: dict[Kind, dict[str, Any]] = {
    Kind.STRENGTH: {"text": "Keeps her word", "domain": "personal", "evidence": "Never missed a shift"},
    Kind.SUCCESS: {"text": "Quit for a summer", "evidence": "Ran every day", "helped": "Her brother"},
    Kind.AFFIRMATION: {"text": "You kept going when it got hard"},
    Kind.MILESTONE: {"text": "30 days"},
}


def given(side: Side, client: Client, text: str = "My son", **other: Any) -> ChangeReason:
    """Return a reason as it is written down. Call inside the clinic's scope."""
    terms = reasons.Terms(**{"text": text, "source": "own", "is_own": True, **other})
    return reasons.add(client=client, terms=terms, by=side.therapist, now=timezone.now())


def kept(side: Side, client: Client, kind: Kind = Kind.STRENGTH, **other: Any) -> Strength:
    """Return a strength as it is kept. Call inside the clinic's scope."""
    values = {**KEPT[kind], **({"happened_on": today(side)} if kind is Kind.MILESTONE else {}), **other}
    how: dict[str, Any] = {"named_by": "client", "on_card": values.pop("on_card", True)}
    return strengths.add(client=client, kind=kind, values=values, by=side.therapist, now=timezone.now(), **how)


def with_values(side: Side, client: Client, *, is_private: bool) -> Exercise:
    """Return values as they are sorted. Call inside the clinic's scope."""
    return exercises.write(
        client=client, kind=ExerciseKind.VALUES, target=None, seen=0, content={"values": [{"name": "Family", "rank": 1}]},
        is_private=is_private, by=side.therapist, now=timezone.now(),
    )  # fmt: skip

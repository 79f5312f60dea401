"""Measures answered, for tests."""

from typing import Any

from django.utils import timezone

from clients.models import Client, MeasureResponse
from clients.selectors import measures as selectors
from clients.services import measures
from tests.clients.people import today
from tests.world import Side


def phq9(*values: int | None, **other: int) -> dict[str, int]:
    """Return answers to the PHQ-9, in order; None is left out."""
    return {**{f"P{n}": value for n, value in enumerate(values, 1) if value is not None}, **other}


def asked(side: Side, client: Client, key: str, answers: dict[str, int], **other: Any) -> MeasureResponse:
    """Return answers as a therapist enters them today. Call inside the clinic's scope."""
    offered = selectors.find_offered(key)
    assert offered is not None, key
    how: dict[str, Any] = {"taken_on": today(side), "source": "clinician", "by": side.therapist, "now": timezone.now()}
    return measures.record(client=client, offered=offered, answers=answers, **{**how, **other})

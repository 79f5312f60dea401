"""Exercises for tests: what is written in each, and the form that writes it."""

from typing import Any

from django.utils import timezone

from clients.models import ChangeTarget, Exercise
from clients.rules.exercises import Kind
from clients.rules.motivation import Ruler
from clients.selectors import exercises as selectors
from clients.services import exercises, targets
from clients.services.targets import Answer
from tests.clients.people import page
from tests.world import Side

BOTH = {"good_now": [{"text": "It calms me", "weight": 6}], "good_change": [{"text": "My mornings", "weight": 9}]}
PLAN = {"change": "Drink on weekends only", "steps": [{"what": "Walk home another way"}], "confidence": 8}
MATTERS = {
    "values": [
        {"name": name, "rank": rank, "wanted": wanted, "living_it": living}
        for rank, (name, wanted, living) in enumerate(
            (("Family", 9, 3), ("Honesty", 8, 5), ("Health", 10, 4), ("Work", 7, 7), ("Fun", 6, 8)), 1
        )
    ]
}
CONTENT = {Kind.BALANCE: BOTH, Kind.VALUES: MATTERS, Kind.CHANGE_PLAN: PLAN}
# A field of the form for each exercise, and what the rulers leave as the newest answer.
FORMS = {
    "target_balance": {"good_now_1_text": "It calms me", "good_now_1_weight": "6", "purpose": "consolidate"},
    "target_change_plan": {"change": "Drink on weekends only", "steps_2_what": "Walk home another way"},
    "client_values": {"values_1_name": "Family", "values_1_rank": "1"},
}
WRITE = list(FORMS)


def asked(side: Side, target: ChangeTarget, value: int) -> None:
    """Ask the rulers for a goal. Call inside the clinic's scope."""
    answers = {ruler: Answer(value) for ruler in Ruler}
    targets.take_rulers(target=target, answers=answers, by=side.therapist, now=timezone.now())


def written(side: Side, target: ChangeTarget, kind: Kind = Kind.CHANGE_PLAN, **other: Any) -> Exercise:
    """Return an exercise as it is written. Call inside the clinic's scope."""
    about = target if kind is not Kind.VALUES else None
    newest = selectors.newest(target.client, kind, about)
    how: dict[str, Any] = {
        "seen": newest.revision if newest else 0, "content": CONTENT[kind], "by": side.therapist,
        "now": timezone.now(), "purpose": "consolidate" if kind is Kind.BALANCE else "",
    }  # fmt: skip
    return exercises.write(client=target.client, kind=kind, target=about, **{**how, **other})


def address_of(side: Side, route: str, goal: ChangeTarget) -> str:
    return page(side, route, goal.client.public_id if route == "client_values" else goal.public_id)

"""
How soon somebody is to be assessed: within one business day where their health or life is in danger, else within ten.

Whoever takes the call may ask for sooner than the rule does, never for later: what the answers say stands.

source   shared/domain/care.md 1.4, the standards of access cited there; what makes an inquiry urgent is ours: a finding
         of level 2 or 3 (2.5)
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from clients.rules import safety
from clients.rules.clocks import Clock


class Triage(StrEnum):
    """How soon an assessment is held."""

    URGENT = "urgent"
    ROUTINE = "routine"


CHOICES: Final = ((Triage.URGENT.value, "Urgent"), (Triage.ROUTINE.value, "Routine"))
CLOCKS: Final = {Triage.URGENT: Clock.URGENT_EVALUATION, Triage.ROUTINE: Clock.ROUTINE_EVALUATION}


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    How soon somebody is to be assessed.

    by_rule   what the answers say makes it urgent, whatever was chosen
    """

    triage: Triage
    by_rule: bool

    @property
    def clock(self) -> Clock:
        """Return the clock that runs until the assessment is held."""
        return CLOCKS[self.triage]


def verdict(chosen: str, levels: Iterable[safety.Level]) -> Verdict:
    """
    Return how soon somebody is to be assessed.

    chosen   code of `CHOICES`; "" where nobody chose
    levels   of every finding about them, reviewed or not
    """
    by_rule = safety.HOLDS.intersection(levels) != frozenset()
    urgent = by_rule or chosen == Triage.URGENT
    return Verdict(Triage.URGENT if urgent else Triage.ROUTINE, by_rule)

"""
Hints about a draft of a treatment plan, before it is signed. They advise and never hold up.

Each names what it saw and what would mend it; an author may set it aside with a reason.

source   shared/domain/care.md 3.2, 4.1; which words count as vague is ours
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from clients.rules.plan_content import BELOW, Kind, Part, thread

# Work on skills belongs to a goal that is firm; evoking belongs before.
SKILLS: Final = frozenset({"cbt", "dbt", "contingency"})
HIGH: Final = frozenset({"high_engage", "high_evoke"})
ACTS: Final = frozenset({"teach", "practise"})
FIRST_WEEK: Final = timedelta(days=7)

_ATTENDS = re.compile(
    r"\b(attend\w*|show(s|ing)? up|come(s|ing)? to|comply|complian\w*|participat\w*|keep(s|ing)? (all |every )?"
    r"(appointment|session|meeting)s?|go(es|ing)? to)\b",
    re.IGNORECASE,
)
_ATTENDED = re.compile(
    r"\b(sessions?|appointments?|groups?|meetings?|treatment|therapy|programs?|counsel\w+|class(es)?|week\w*|month\w*|days?|"
    r"all|every|each|per|a|an|the|to|of|in|on|and|with|for|at|will|i|he|she|they|his|her|their|my|individual|daily|"
    r"regularly|time|times|aa|na|\d+)\b",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    r"\b(better|improve\w*|work(s|ing)? on|try|tries|trying|cope\w*|coping|understand\w*|be aware|feel good|more|less|"
    r"reduce\w*|increase\w*|healthy|healthier|manage\w*|deal with|address)\b",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[^\W\d_]+")
_COUNTED = re.compile(
    r"\d|\b(one|two|three|four|five|six|seven|eight|nine|ten|once|twice|daily|every)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Hint:
    """
    One thing worth a second look.

    code      which rule
    lineage   the part it is about; empty for the plan as a whole
    mend      what would answer it
    """

    code: str
    lineage: str
    sentence: str
    mend: str


@dataclass(frozen=True)
class Around:
    """
    What the rules read beside the parts.

    starts_on     when the plan begins; None: the day it comes into force
    review_on     the next look back; None where there is none
    intensities   public id of a change target to what the intensity rule says of it
    strengths     how many strengths and past successes of the person are written down
    """

    today: date
    starts_on: date | None = None
    review_on: date | None = None
    intensities: Mapping[str, str] = field(default_factory=dict)
    strengths: int = 0


Rule = Callable[[Sequence[Part], Around], Iterator[Hint]]


def _named(part: Part) -> str:
    text = part.said("text") or part.said("modality").upper()
    return f"“{text if len(text) <= 60 else text[:57].rstrip() + '…'}”"


def _of(parts: Sequence[Part], kind: Kind) -> Iterator[Part]:
    return (part for part in parts if part.kind is kind)


def _goals_to_come(parts: Sequence[Part]) -> Iterator[Part]:
    return (part for part in _of(parts, Kind.GOAL) if part.said("status") in ("", "proposed", "active"))


def _problem_words(parts: Sequence[Part], around: Around) -> Iterator[Hint]:
    for part in _of(parts, Kind.PROBLEM):
        if not part.said("client_words"):
            yield Hint(
                "problem_words", part.lineage, f"{_named(part)} does not say how they put it themselves.",
                "Ask what they would call it, and write that down.",
            )  # fmt: skip


def _goal_words(parts: Sequence[Part], around: Around) -> Iterator[Hint]:
    for part in _goals_to_come(parts):
        if not part.said("client_words"):
            yield Hint(
                "goal_words", part.lineage, f"The goal {_named(part)} is not in their own words.",
                "Ask what they want instead, and quote it.",
            )  # fmt: skip


def _goal_target(parts: Sequence[Part], around: Around) -> Iterator[Hint]:
    for part in _goals_to_come(parts):
        if not part.said("target"):
            yield Hint(
                "goal_target", part.lineage, f"The goal {_named(part)} hangs on nothing they said they want to change.",
                "Choose which change it serves, so that rulers and stage speak to it.",
            )  # fmt: skip


def _broken(parts: Sequence[Part], around: Around) -> Iterator[Hint]:
    carried = {(part.kind, part.under) for part in parts}
    asks = {
        Kind.PROBLEM: ("problem_goal", "has no goal", "Ask what they would like instead."),
        Kind.GOAL: ("goal_step", "has no step towards it", "Agree on one small step that can be seen."),
    }
    for kind, (code, lacks, mend) in asks.items():
        for part in _of(parts, kind):
            done = kind is Kind.GOAL and part.said("status") not in ("", "proposed", "active")
            if not done and (BELOW[kind], part.lineage) not in carried:
                yield Hint(code, part.lineage, f"{_named(part)} {lacks}.", mend)


def _step_words(parts: Sequence[Part], around: Around) -> Iterator[Hint]:
    for part in _of(parts, Kind.OBJECTIVE):
        text = part.said("text")
        if only_attendance(text):
            yield Hint(
                "step_attendance", part.lineage, f"{_named(part)} asks for attendance alone.",
                "Say what will be different in their life. Attendance is how, not what.",
            )  # fmt: skip
        elif is_vague(text):
            yield Hint(
                "step_vague", part.lineage, f"{_named(part)} could mean many things.",
                "Say what somebody else could see, and how often.",
            )  # fmt: skip


def _step_over(parts: Sequence[Part], around: Around) -> Iterator[Hint]:
    for part in _of(parts, Kind.OBJECTIVE):
        by_on = part.said("by_on")
        if by_on and date.fromisoformat(by_on) < around.today:
            yield Hint(
                "step_over", part.lineage, f"The day for {_named(part)} is over.",
                "Agree on a new day, or remove the step.",
            )  # fmt: skip


def _fits(parts: Sequence[Part], around: Around) -> Iterator[Hint]:
    for part, goal in _with_goals(parts):
        firm = goal.said("phase") == "consolidate_commitment"
        modality, does = part.said("modality"), part.said("does")
        if not firm and modality in SKILLS and does in ACTS:
            yield Hint(
                "modality_phase", part.lineage,
                f"Skills work is planned while the goal {_named(goal)} is still about exploring reasons.",
                "Plan MI first, or make the goal firm when they are ready.",
            )  # fmt: skip
        elif firm and modality == "mi" and does == "evoke":
            yield Hint(
                "modality_phase", part.lineage,
                f"Evoking reasons is planned while the goal {_named(goal)} is already firm.",
                "Plan the change together, or work on skills.",
            )  # fmt: skip


def _intense(parts: Sequence[Part], around: Around) -> Iterator[Hint]:
    acting = {goal.lineage for part, goal in _with_goals(parts) if part.said("does") in ACTS}
    for goal in _goals_to_come(parts):
        high = around.intensities.get(goal.said("target"), "") in HIGH
        if high and (goal.said("phase") == "consolidate_commitment" or goal.lineage in acting):
            yield Hint(
                "intensity_action", goal.lineage,
                f"The goal {_named(goal)} asks for action, while rulers and stage say that they are still deciding.",
                "Evoke first. Leave the action plan for when they are ready.",
            )  # fmt: skip


def _strength(parts: Sequence[Part], around: Around) -> Iterator[Hint]:
    goals = list(_goals_to_come(parts))
    if goals and not around.strengths and not any(goal.said("value_link") for goal in goals):
        yield Hint(
            "no_strength", "",
            "No goal names a strength or what it is worth to them, and no strength is written down elsewhere.",
            "Ask what they are good at and what matters to them, and tie a goal to it.",
        )  # fmt: skip


def _first_week(parts: Sequence[Part], around: Around) -> Iterator[Hint]:
    begins = around.starts_on or around.today
    planned = [part.said("starts_on") for part in _of(parts, Kind.INTERVENTION)]
    if planned and not any(date.fromisoformat(day) < begins + FIRST_WEEK for day in planned if day):
        yield Hint(
            "first_week", "", "Nothing is planned for the first week.", "Begin with something small within seven days."
        )


def _review(parts: Sequence[Part], around: Around) -> Iterator[Hint]:
    if around.review_on is None:
        yield Hint("no_review", "", "No day is set for looking back at the plan.", "Set the day on which it begins.")
    elif around.review_on < around.today:
        yield Hint(
            "late_review", "", "The look back that was due has not been held.", "Look back together before you sign."
        )


RULES: Final[tuple[Rule, ...]] = (
    _problem_words, _goal_words, _goal_target, _broken, _step_words, _step_over, _fits, _intense, _strength,
    _first_week, _review,
)  # fmt: skip
CODES: Final = (
    "problem_words", "goal_words", "goal_target", "problem_goal", "goal_step", "step_attendance", "step_vague",
    "step_over", "modality_phase", "intensity_action", "no_strength", "first_week", "no_review", "late_review",
)  # fmt: skip


def hints(parts: Sequence[Part], around: Around) -> list[Hint]:
    """Return the hints about a draft, in the order of the plan; those about the whole come last."""
    read = thread(parts)
    places = {part.lineage: place for place, part in enumerate(read)}
    found = [hint for rule in RULES for hint in rule(read, around)]
    return sorted(found, key=lambda hint: places.get(hint.lineage, len(read)))


def only_attendance(text: str) -> bool:
    """Tell whether a step asks for being there and for nothing else."""
    if not _ATTENDS.search(text):
        return False
    return not _WORDS.findall(_ATTENDED.sub(" ", _ATTENDS.sub(" ", text)))


def is_vague(text: str) -> bool:
    """Tell whether a step says that something gets better without saying how anybody could see it."""
    return bool(_VAGUE.search(text)) and not _COUNTED.search(text)


def _with_goals(parts: Sequence[Part]) -> Iterator[tuple[Part, Part]]:
    """Yield each intervention with the goal above it."""
    goals = {part.lineage: part for part in _of(parts, Kind.GOAL)}
    steps = {part.lineage: part for part in _of(parts, Kind.OBJECTIVE)}
    for part in _of(parts, Kind.INTERVENTION):
        step = steps.get(part.under)
        goal = goals.get(step.under) if step is not None else None
        if goal is not None:
            yield part, goal

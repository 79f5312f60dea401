"""
Invented conversations, line by line with their codes.

Lines are drawn by code, not written as one story: what matters is that counts, ribbons and scores look as they do in
practice. A skilled therapist asks less and reflects more and deeper; change talk grows along the conversation.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

THERAPIST: dict[str, Sequence[str]] = {
    "Q": (
        "What would a good evening look like for you?",
        "How did the week go?",
        "What makes this matter to you now?",
        "Why a six and not a three?",
        "What have you already tried?",
        "Who would notice first if things changed?",
        "What would be different a month from now?",
        "How ready do you feel to take the first step?",
    ),
    "SR": (
        "You had a hard week.",
        "Fridays are when it happens.",
        "You told your sister.",
        "So the mornings are difficult.",
        "You went two days without.",
        "Work has been a lot.",
    ),
    "CR": (
        "Part of you is tired of it, and part of you would miss it.",
        "You want your daughter to be able to count on you.",
        "It is less about the drink than about having somewhere to belong.",
        "You have been carrying this alone, and you are ready to put some of it down.",
        "Being trusted again would mean more than any single sober day.",
        "You surprised yourself, and you would like to do it again.",
    ),
    "AF": (
        "You called your sponsor in the middle of the night; that took courage.",
        "You kept coming, even in the week when nothing worked. You do not give up on yourself.",
    ),
    "SEEK": (
        "Would it be all right if I told you what has helped others?",
        "Shall we look at this together, or start elsewhere?",
    ),
    "EMPHASIZE": (
        "Whatever you decide about Friday is yours to decide.",
        "Nobody can choose this for you; it is up to you.",
    ),
    "GI": (
        "Sleep often gets worse for two weeks before it gets better.",
        "The group meets on Tuesdays and Thursdays at six.",
    ),
    "PWP": ("Since you ask: many people start by planning two evenings ahead.",),
    "PERSUADE": (
        "You really should stop seeing those friends.",
        "If you just kept busy, you would not think about it.",
        "The best thing is to pour it all away tonight.",
    ),
    "CONFRONT": ("You said that last month, and here we are again.",),
    "NC": ("Good to see you.", "Let me find my notes.", "All right."),
}
CLIENT: dict[str, Sequence[str]] = {
    "CT": (
        "I want to be awake when the kids leave for school.",
        "I could skip the bar and go straight home.",
        "I cannot go on like this.",
        "I called the number you gave me.",
        "I am going to tell my brother on Sunday.",
        "My hands were steady this morning, and I liked that.",
        "I need this to be different by the holidays.",
    ),
    "ST": (
        "It is the only thing that helps me sleep.",
        "Everybody there drinks; I would be the odd one out.",
        "I do not think I can do Fridays.",
        "Honestly, it is not that bad.",
        "I have tried before, and it did not last.",
    ),
    "FN": (
        "The bus was late.",
        "We went to my aunt’s on Saturday.",
        "I am not sure what you mean.",
        "It rained the whole week.",
        "My shift starts at seven.",
        "Yes.",
    ),
}
GOALS = (
    "drink less on work nights",
    "stay away from opioids after the surgery",
    "smoke outside the house only, then not at all",
    "keep the evening with the children free of alcohol",
    "take the medication every morning",
    "tell one person when the craving comes",
)
NOTES = (
    "Talked about {goal}. Named two reasons of their own. Plan: keep {day} free and call if it gets hard.",
    "Came in tired. {goal_c} stays the goal. Looked at what helped last week; wants to repeat it on {day}.",
    "Return to use on {day}, told openly. Looked at what came before it. Wishes to go on with the plan.",
    "Felt two ways about {goal}. Explored both sides, then what matters most. Next step named by the person.",
    "Good week. Slept better, went to group twice. Asked for ideas about {day} and chose one.",
)


@dataclass(frozen=True)
class Line:
    """One line: who speaks, the words, and the item it is coded with."""

    speaker: str
    text: str
    item: str


def conversation(rng: random.Random, skill: float, pairs: int) -> list[Line]:
    """Return a conversation of `pairs` therapist lines, each answered; `skill` is 0 to 1."""
    lines = []
    for place in range(pairs):
        along = place / pairs
        item = rng.choices(
            ("Q", "SR", "CR", "AF", "SEEK", "EMPHASIZE", "GI", "PWP", "PERSUADE", "CONFRONT", "NC"),
            (
                5.5 - 3.2 * skill, 2.4 - 0.4 * skill, 0.5 + 3.6 * skill, 0.2 + 0.5 * skill, 0.1 + 0.5 * skill,
                0.1 + 0.4 * skill, 0.5, 0.2, 0.9 * (1 - skill) ** 2, 0.25 * (1 - skill) ** 3, 0.5,
            ),
        )[0]  # fmt: skip
        lines.append(Line("therapist", rng.choice(THERAPIST[item]), item))
        towards = 0.25 + 0.35 * skill + 0.3 * along
        kind = rng.choices(("CT", "ST", "FN"), (towards, max(0.1, 0.75 - towards), 0.55))[0]
        lines.append(Line("client", rng.choice(CLIENT[kind]), kind))
    return lines


def globals_of(rng: random.Random, skill: float) -> dict[str, int]:
    """Return the four MITI ratings, 1 to 5, round a skill."""
    return {
        key: min(5, max(1, round(2 + 2.8 * skill + rng.uniform(-0.7, 0.7))))
        for key in ("CCT", "SST", "PARTNER", "EMPATHY")
    }

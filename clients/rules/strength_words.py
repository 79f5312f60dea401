"""The words of motivation exercises and of what somebody has going for them (domain: exercises, strengths)."""

from typing import Final

EXERCISES: Final = (
    ("balance", "Weighing both sides"),
    ("values", "What matters most"),
    ("change_plan", "My plan for change"),
)
# A neutral choice is meant to stay open; otherwise both sides are weighed to make a decision firm.
PURPOSES: Final = (
    ("neutral_choice", "A neutral choice, left open on purpose"),
    ("consolidate", "To make a decision firm"),
)
REASON_SOURCES: Final = (
    ("own", "Myself"),
    ("family", "Family"),
    ("legal", "Court or law"),
    ("work", "Work"),
    ("health", "Health"),
    ("other", "Something else"),
)
STRENGTHS: Final = (
    ("strength", "Strength"),
    ("success", "Past success"),
    ("affirmation", "Affirmation"),
    ("milestone", "Milestone"),
)
DOMAINS: Final = (
    ("personal", "Personal"),
    ("social", "People around them"),
    ("skill", "Skill"),
    ("spiritual", "Spiritual"),
    ("cultural", "Cultural"),
    ("work", "Work"),
    ("health", "Health"),
)
NAMED_BY: Final = (
    ("client", "The person"),
    ("therapist", "The therapist"),
    ("family", "Family"),
)
# Where what worked once is used again.
TRANSFERS: Final = (
    ("goal", "A goal"),
    ("coping_plan", "The plan for return to use"),
)

"""The words of a treatment plan: states, phases, modalities and what an intervention does (domain: record model)."""

from typing import Final

STATES: Final = (
    ("draft", "Draft"),
    ("in_review", "Waiting for signatures"),
    ("active", "In force"),
    ("superseded", "Replaced"),
    ("closed", "Closed"),
)
PHASES: Final = (
    ("explore_motivation", "Exploring reasons"),
    ("consolidate_commitment", "Making it firm"),
)
PROPOSERS: Final = (
    ("client", "The person"),
    ("together", "Both together"),
    ("therapist", "The therapist"),
    ("family", "Family"),
    ("court", "Court or supervision officer"),
)
GOAL_STATUSES: Final = (
    ("proposed", "Proposed"),
    ("active", "Under way"),
    ("achieved", "Achieved"),
    ("partly", "Partly achieved"),
    ("not_met", "Not met"),
    ("dropped", "Dropped"),
)
EVIDENCE: Final = (
    ("assessment", "Assessment"),
    ("measure", "Measure"),
    ("statement", "What the person said"),
)
MODALITIES: Final = (
    ("mi", "MI"),
    ("cbt", "CBT"),
    ("dbt", "DBT"),
    ("contingency", "Contingency management"),
    ("twelve_step", "12-step facilitation"),
    ("family", "Family work"),
    ("medication_support", "Medication support"),
    ("case_management", "Case management"),
    ("other", "Other"),
)
DOES: Final = (
    ("evoke", "Evoke"),
    ("teach", "Teach"),
    ("practise", "Practice"),
    ("monitor", "Monitor"),
    ("link", "Link to others"),
)
FORMATS: Final = (
    ("individual", "Individual"),
    ("group", "Group"),
    ("family", "Family"),
    ("phone", "Phone"),
    ("video", "Video"),
)
PERIODS: Final = (("week", "a week"), ("month", "a month"))
CAPACITIES: Final = (
    ("author", "Author"),
    ("client", "The person"),
    ("guardian", "Guardian"),
    ("supervisor", "Supervisor"),
    ("physician", "Physician"),
)
METHODS: Final = (
    ("signed_in", "Signed in again"),
    ("device", "On the clinic's device"),
    ("paper", "On paper"),
)
REVIEW_DECISIONS: Final = (
    ("continue", "Go on as planned"),
    ("revise", "Change the plan"),
    ("close", "End the plan"),
)

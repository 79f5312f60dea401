"""The words of change: stages, kinds and directions of what a person may want to change (domain: motivation module)."""

from typing import Final

STAGES: Final = (
    ("pre", "Not considering a change"),
    ("con", "Considering a change"),
    ("prep", "Preparing"),
    ("act", "Changing"),
    ("maint", "Keeping it up"),
    ("rec", "Returned to use, starting again"),
)
BASES: Final = (
    ("interview", "What the person said"),
    ("rulers", "Rulers"),
    ("socrates", "SOCRATES"),
    ("other", "Another measure"),
)
KINDS: Final = (
    ("substance", "Substance use"),
    ("mental_health", "Mental health"),
    ("health_behaviour", "Health"),
    ("chronic_condition", "A long-term condition"),
    ("adolescent_behaviour", "Adolescent behavior"),
    ("justice_reintegration", "Life after justice involvement"),
    ("workplace_eap", "Work"),
    ("other", "Something else"),
)
DIRECTIONS: Final = (
    ("stop", "Stop"),
    ("reduce", "Do less"),
    ("start", "Start"),
    ("maintain", "Keep up"),
    ("adhere", "Stick to it"),
)
# What the intensity rule answers (domain: MI intensity rule), strongest evocation first.
INTENSITIES: Final = (
    ("high_engage", "Engage first"),
    ("high_evoke", "Evoke"),
    ("medium_repair", "Repair after a return to use"),
    ("medium_confidence", "Build confidence"),
    ("low_plan", "Plan"),
    ("support", "Support the change"),
    ("unknown", "Not known yet"),
)

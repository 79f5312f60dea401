"""
Care that somebody else asked for: kinds of mandate, and how often they want to hear.

A family's wish is no legal mandate: it has no consent, no report, and is met in conversation alone.

source   shared/domain/care.md 1.6
"""

from typing import Final

from clients.rules.intake import Choices

FAMILY: Final = "family_pressure"
KINDS: Final[Choices] = (
    ("court", "Court"),
    ("probation", "Probation"),
    ("parole", "Parole"),
    ("diversion", "Diversion program"),
    ("child_welfare", "Child welfare"),
    ("employer", "Employer"),
    ("professional_board", "Professional board"),
    (FAMILY, "Family asks for it"),
)
FREQUENCIES: Final[Choices] = (
    ("none", "No reports"),
    ("weekly", "Every week"),
    ("two_weeks", "Every two weeks"),
    ("monthly", "Every month"),
    ("on_request", "When they ask"),
)

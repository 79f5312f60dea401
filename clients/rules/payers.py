"""
Who pays: kinds of cover, what a payer answered, and what it authorized.

source   shared/domain/care.md 1.7; codes of insurance and payment as in the public-use files of TEDS-A
"""

from typing import Final

from clients.rules import teds
from clients.rules.intake import Choices

# Codes of the national data set, kept as they are so that the admission record takes them over.
PLAN_TYPES: Final[Choices] = tuple((str(code), label) for code, label in teds.INSURANCE.items())
PAYMENTS: Final[Choices] = tuple((str(code), label) for code, label in teds.PAYERS.items())
NO_PLAN: Final = "4"
RELATIONS: Final[Choices] = (
    ("self", "The person"),
    ("spouse", "Spouse or partner"),
    ("parent", "Parent"),
    ("other", "Somebody else"),
)
NETWORKS: Final[Choices] = (("in", "In network"), ("out", "Out of network"), ("unknown", "Not known"))
METHODS: Final[Choices] = (
    ("phone", "Telephone"),
    ("portal", "The payer’s website"),
    ("electronic", "Electronic inquiry"),
    ("fax", "Fax"),
)
RESULTS: Final[Choices] = (
    ("active", "Active"),
    ("inactive", "Not active"),
    ("out_of_network", "Active, out of network"),
    ("unknown", "Not known yet"),
)

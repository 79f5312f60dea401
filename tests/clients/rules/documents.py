"""Consents that are whole, one of each kind, for the tests of the rules."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from clients.rules.consent_terms import (
    CLASSES_OF,
    INSIDE,
    PURPOSES_OF,
    STATEMENTS_OF,
    Category,
    Kind,
    Purpose,
    RecipientClass,
    State,
)
from clients.rules.consents import Document

SIGNED = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
ENDS = SIGNED + timedelta(days=180)
NAME = "Harbor Family Practice"


def whole(kind: Kind, **other: Any) -> Document:
    """Return a consent of this kind that lacks nothing and is in force, with `other` put in place."""
    purposes = PURPOSES_OF[kind]
    parts = {
        Kind.COUNSELLING_NOTES: frozenset({Category.COUNSELLING_NOTES}),
        Kind.LEGAL_PROCEEDING: frozenset({Category.EPISODES, Category.ATTENDANCE, Category.PROGRESS_NOTES}),
    }
    found = Document(
        kind,
        person="Jordan Marsh",
        discloser="Riverbend Counseling",
        categories=parts.get(kind, frozenset({Category.IDENTITY, Category.EPISODES, Category.ATTENDANCE})),
        recipients=(NAME,),
        named_body="County drug court" if kind is Kind.CRIMINAL_JUSTICE else "",
        purposes=purposes,
        statements=STATEMENTS_OF[kind],
        expires_at=ENDS,
        signed_name="Jordan Marsh",
        signed_at=SIGNED,
        stored=State.ACTIVE,
    )
    if kind is Kind.SPECIFIC:
        found = replace(found, purposes=frozenset({Purpose.TREATMENT}))
    if kind is Kind.INTERMEDIARY:
        found = replace(found, named_body="State health exchange")
    if kind is Kind.CRIMINAL_JUSTICE:
        found = replace(found, revocable_at=SIGNED + timedelta(days=90))
    if kind is Kind.TPO_SINGLE:
        found = replace(
            found, recipients=(), recipient_classes=frozenset(RecipientClass), expires_at=None, open_ended=True,
            categories=frozenset(Category) - {Category.COUNSELLING_NOTES},
        )  # fmt: skip
    if kind in INSIDE:
        found = replace(found, recipients=(), categories=frozenset())
    assert found.recipient_classes <= CLASSES_OF.get(kind, frozenset())
    return replace(found, **other)

"""Consents as they are made in tests: written, signed, taken over from paper."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from clients.disclosure import Asked
from clients.models import Consent
from clients.rules.consent_terms import Category, Kind, Purpose
from clients.rules.disclosure import Basis
from clients.services import consents
from clients.services.consents import Terms
from tests.world import NOW, Side

# By the clock on the wall, which pages and the API go by.
AHEAD = timezone.now().date() + timedelta(days=90)
RECIPIENT = "Harbor Family Practice"
SPECIFIC = Terms(
    Kind.SPECIFIC,
    categories=("identity", "attendance", "progress_notes"),
    recipients=RECIPIENT,
    purpose="treatment",
    last_day=AHEAD,
)
OF_KIND: dict[Kind, dict[str, Any]] = {
    Kind.TREATMENT: {"categories": (), "recipients": "", "last_day": None, "open_ended": True},
    Kind.TPO_SINGLE: {
        "recipients": "", "recipient_classes": ("treating_providers", "plans_and_payers"), "last_day": None,
        "open_ended": True,
    },
    Kind.CRIMINAL_JUSTICE: {
        "named_body": "County drug court", "revocable_from": NOW.date() + timedelta(days=30), "categories": ("attendance",),
    },
    Kind.COUNSELLING_NOTES: {},
}  # fmt: skip


def terms(kind: Kind = Kind.SPECIFIC, **other: Any) -> Terms:
    """Return the terms of a consent that lacks nothing."""
    return replace(SPECIFIC, kind=kind, **{**OF_KIND.get(kind, {}), **other})


def signed(side: Side, kind: Kind = Kind.SPECIFIC, *, at: datetime = NOW, **other: Any) -> Consent:
    """Return a consent of the side's person, signed by them in front of the therapist."""
    draft = consents.draft_consent(client=side.client, terms=terms(kind, **other), by=side.therapist)
    return consents.sign_consent(
        consent=draft, version=draft.version, signer="self", signed_name="Jordan Marsh", authority="", by=side.therapist,
        now=at,
    )  # fmt: skip


def asked(consent: Consent | None, *categories: str, **other: Any) -> Asked:
    """Return what is asked for under a consent."""
    found = Asked(
        Basis.CONSENT, Purpose.TREATMENT, RECIPIENT, frozenset(map(Category, categories or ("attendance",))), consent
    )
    return replace(found, **other)

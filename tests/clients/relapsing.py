"""Plans for return to use, cravings and returns to use for the tests, as the services make them."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from clients.models import Client, Consent, Craving, Lapse, RelapsePlan
from clients.rules.consent_terms import Kind
from clients.selectors import relapse as selectors
from clients.services import consents, relapse, returns
from clients.services.returns import Felt, Happened
from tests.clients.consenting import terms
from tests.clients.people import today
from tests.world import Side

WHOLE: dict[str, Any] = {
    "triggers": [
        {"category": "urge_cue", "text": "Payday", "risk": 8, "confidence": 3, "last_met_on": "2026-01-02"},
        {"category": "conflict", "text": "Arguments with Sol", "risk": 6, "confidence": 1},
        {"category": "social_positive", "text": "Weddings", "risk": 9, "confidence": 8},
    ],
    "warnings": [{"kind": "thought", "text": "One will not matter"}],
    "coping": [
        {"text": "Walk to the lake", "type": "distract", "for_trigger": [1, 2]},
        {"text": "Tell Ada before", "type": "call", "for_trigger": [3]},
    ],
    "supports": [{"name": "Ada Rivers", "relation": "sister", "phone": "evenings"}, {"name": "Sol Marsh"}],
    "lapse_plan": {"first_hour": "Leave the place", "who_to_call": "Ada", "return_step": "Come the next day"},
}


def written(side: Side, client: Client, **other: Any) -> RelapsePlan:
    """Return a plan as it is written. Call inside the clinic's scope."""
    newest = selectors.newest(client)
    how: dict[str, Any] = {
        "seen": newest.revision if newest else 0, "parts": WHOLE, "copy_given": False, "by": side.therapist,
        "now": timezone.now(),
    }  # fmt: skip
    return relapse.write(client=client, **{**how, **other})


def craving(
    side: Side, client: Client, intensity: int = 6, *, used: bool = False, ago: int = 0, **other: Any
) -> Craving:
    """Return a craving that was felt some days ago. Call inside the clinic's scope."""
    now = timezone.now()
    felt = Felt(now - timedelta(days=ago), intensity, used, **other)
    return returns.note_craving(client=client, felt=felt, by=side.therapist, now=now)


def lapse(side: Side, client: Client, *, on: date | None = None, rate_stage: bool = False, **other: Any) -> Lapse:
    """Return a return to use that was written down just now. Call inside the clinic's scope."""
    happened = Happened(on or today(side), **other)
    return returns.record(
        client=client, happened=happened, rate_stage=rate_stage, by=side.therapist, now=timezone.now()
    )


def agreed(side: Side, client: Client, name: str = "Ada Rivers") -> Consent:
    """Return a signed consent under which somebody close to a person may be called."""
    now = timezone.now()
    draft = consents.draft_consent(
        client=client, by=side.therapist,
        terms=terms(Kind.FAMILY_CONTACT, recipients=name, last_day=today(side) + timedelta(days=30), purpose="family_contact"),
    )  # fmt: skip
    return consents.sign_consent(
        consent=draft, version=draft.version, signer="self", signed_name=client.legal_name, authority="",
        by=side.therapist, now=now,
    )  # fmt: skip

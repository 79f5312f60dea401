"""Asking a payer what it covers: only with a consent that covers it, accounted for in the same breath."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from django.core.exceptions import PermissionDenied
from django.db import transaction

from clients import disclosure
from clients.disclosure import ASK_PAYER, Asked, Refused
from clients.models import BenefitCheck, Consent, Coverage
from clients.rules import names
from clients.rules import payers as rules
from clients.rules.consent_terms import Category, Purpose, RecipientClass
from clients.rules.consents import Recipient, covers_recipient
from clients.rules.disclosure import Basis, Decision
from clients.rules.payers import Answer
from clients.selectors.consents import document_of, usable
from clients.selectors.people import permits
from clients.services.payers import CannotBe, Removed
from clinics import audit
from clinics.models import User

# What a payer needs to find the plan; how the person may be reached is none of it.
PARTS: Final = frozenset({Category.IDENTITY, Category.PAYER})
NO_CONSENT: Final = (
    "No consent that is in force lets this payer be told of the person. Ask them whether they want to sign one: for "
    "treatment, payment and running the clinic, or for this payer alone."
)
DESCRIPTION: Final = "Asked what the plan covers: {method}."


class NotAsked(ValueError):
    """This payer cannot be asked yet. The text says what is missing."""


@dataclass(frozen=True)
class Ground:
    """What a question to a payer rests on: the consent (None without one), what would be told, and what decides it."""

    consent: Consent | None
    asked: Asked
    decision: Decision


def ground_of(*, coverage: Coverage, now: datetime, method: str = "phone") -> Ground:
    """
    Return whether the payer of a cover may be asked now: of the consents that cover it, the one that permits most.

    coverage   with its client and clinic
    """
    client = coverage.client.current
    payer = Recipient(names.tidy(coverage.payer), RecipientClass.PLANS_AND_PAYERS)
    found: list[Ground] = []
    for consent in usable(client, now):
        document = document_of(consent)
        if Purpose.PAYMENT in document.purposes and covers_recipient(document, payer):
            found.append(_weighed(coverage, consent, now, method))
    if not found:
        return Ground(None, _asked(coverage, None, method), Decision(NO_CONSENT))
    return max(found, key=lambda one: len(one.decision.given))


def _weighed(coverage: Coverage, consent: Consent, now: datetime, method: str) -> Ground:
    asked = _asked(coverage, consent, method)
    return Ground(consent, asked, disclosure.weigh(client=coverage.client.current, asked=asked, now=now))


def _asked(coverage: Coverage, consent: Consent | None, method: str) -> Asked:
    words = DESCRIPTION.format(method=dict(rules.METHODS).get(method, method).lower())
    payer, kind = coverage.payer, RecipientClass.PLANS_AND_PAYERS
    return Asked(Basis.CONSENT, Purpose.PAYMENT, payer, PARTS, consent, kind, {"description": words}, "short")


@transaction.atomic
def record_check(*, coverage: Coverage, answer: Answer, by: User, now: datetime) -> BenefitCheck:
    """
    Record that a payer was asked and what it answered, with the row of the accounting. Final.

    :raises PermissionDenied: the person may not ask payers about this person
    :raises NotAsked: there is no payer, or no member ID
    :raises CannotBe: the answer contradicts itself
    :raises Refused: no consent permits it; `record_refusal` keeps that in the trail
    :raises Removed: the cover was taken out
    """
    clinic = coverage.client.clinic
    held = Coverage.objects.select_for_update(of=("self",)).select_related("client__merged_into").get(pk=coverage.pk)
    held.clinic = held.client.clinic = clinic
    client = held.client.current
    if not permits(client, by, ASK_PAYER)[0]:
        raise PermissionDenied(ASK_PAYER)
    if held.removed_at is not None:
        raise Removed
    lacking = rules.why_not_asked(held.plan_type, held.payer, has_member_id=bool(held.member_index))
    if lacking:
        raise NotAsked(lacking)
    problems = rules.answer_problems(answer)
    if problems:
        raise CannotBe(problems)
    ground = ground_of(coverage=held, now=now, method=answer.method)
    if not ground.decision.allowed:
        raise Refused(ground.decision)
    told = disclosure.tell_payer(client=client, asked=ground.asked, by=by, now=now)
    said = {**asdict(answer), "reference": names.tidy(answer.reference)}
    said["notes"] = answer.notes.replace("\x00", "").strip() or None
    # The row stays with the record of its cover, so that it goes with it when records are told apart again.
    check = BenefitCheck(
        clinic=clinic, client=held.client, coverage=held, disclosure=told, requested_at=now, recorded_by=by, **said
    )
    check.save()
    audit.record(
        "benefits.checked", check, by=by, purpose="payment",
        detail={"result": check.result, "disclosure": str(told.public_id)},
    )  # fmt: skip
    return check


def record_refusal(*, coverage: Coverage, ground: Ground, by: User) -> None:
    """Keep in the trail that somebody wanted to ask a payer and was refused."""
    client = coverage.client.current
    disclosure.record_refusal(client=client, asked=ground.asked, decision=ground.decision, by=by)

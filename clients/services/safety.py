"""Safety: rules fire on every save and cannot be switched off; a clinician reviews what they raise."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models.functions import Now

from clients.models import Client, Inquiry, MeasureResponse, SafetyConcern
from clients.models.safety import CLINICIANS
from clients.rules import clocks, safety, transitions
from clients.rules.clock import civil_date
from clients.services import tasks
from clinics import audit
from clinics.models import Clinic, User
from clinics.roles import Role
from clinics.selectors.staff import staff_now


class NotAClinician(ValueError):
    """Only a therapist or supervisor of the clinic may review a safety concern, or be handed one."""

    field = "handed_to"

    def __init__(self) -> None:
        super().__init__("Choose a therapist or supervisor who works here now.")


class NoRationale(ValueError):
    """A review says what was found and done."""

    field = "rationale"

    def __init__(self) -> None:
        super().__init__("Write what you found and what was done. Without it the concern stays open.")


class NoNextCheck(ValueError):
    """A concern of level 2 or 3 ends with a day on which somebody looks again."""

    field = "next_check_on"

    def __init__(self) -> None:
        super().__init__("Enter the day on which somebody checks on them again.")


class CheckOver(ValueError):
    """Nobody checks on a day that is over."""

    field = "next_check_on"

    def __init__(self) -> None:
        super().__init__("This day is over. Choose today or later.")


class NoNaloxone(ValueError):
    """Where an overdose may come, the review says what came of offering naloxone."""

    field = "naloxone"

    def __init__(self) -> None:
        super().__init__("Choose what came of offering naloxone.")


class AlreadyReviewed(ValueError):
    """Somebody reviewed this concern in the meantime."""

    def __init__(self) -> None:
        super().__init__("This concern was reviewed in the meantime. Open it to read what was found.")


def raise_concerns(*, inquiry: Inquiry, by: User | None, now: datetime) -> list[SafetyConcern]:
    """
    Raise a concern for each rule that fires on what is written down; one that is open already is not raised again.

    Saving is never refused: the concern holds the inquiry's moves, and its task waits for a clinician.
    """
    fired = safety.findings(inquiry.safety_answers())
    known = set(SafetyConcern.objects.filter(inquiry=inquiry).values_list("code", flat=True))
    raised = []
    for finding in fired:
        if finding.due is None or finding.code in known:
            continue
        concern = SafetyConcern(
            clinic=inquiry.clinic, client=inquiry.client, inquiry=inquiry, level=finding.level, code=finding.code,
            raised_by=by, due_at=_due_at(finding, inquiry.clinic, now),
        )  # fmt: skip
        concern.save()
        audit.record("safety.raised", concern, by=by, detail={"level": finding.level, "code": finding.code})
        tasks.owe(
            kind="safety", inquiry=inquiry, concern=concern, role=Role.SUPERVISOR, due_at=concern.due_at, by=by,
        )  # fmt: skip
        raised.append(concern)
    if raised:
        inquiry.refresh_from_db(fields=["crisis_hold"])
    return raised


def raise_for_person(
    *,
    client: Client,
    findings: Iterable[safety.Finding],
    by: User | None,
    now: datetime,
    response: MeasureResponse | None = None,
) -> list[SafetyConcern]:
    """
    Raise a concern for each finding of what a person answered; one that is open already is not raised again.

    response   the answers that raised it, where a measure did
    It holds the request for care that is being worked on, where there is one.
    """
    due = [finding for finding in findings if finding.due is not None]
    if not due:
        return []
    open_codes = set(
        SafetyConcern.objects.filter(client_id__in=client.record_keys, reviewed_at=None).values_list("code", flat=True)
    )
    asked = Inquiry.objects.filter(client_id__in=client.record_keys, status__in=transitions.ACTIVE)
    inquiry = asked.order_by("-received_at", "-pk").first()
    raised = []
    for finding in due:
        if finding.code in open_codes:
            continue
        concern = SafetyConcern(
            clinic=client.clinic, client=client, inquiry=inquiry, response=response, level=finding.level,
            code=finding.code, raised_by=by, due_at=_due_at(finding, client.clinic, now),
        )  # fmt: skip
        concern.save()
        audit.record("safety.raised", concern, by=by, detail={"level": finding.level, "code": finding.code})
        tasks.owe(
            kind="safety", inquiry=inquiry, client=client, concern=concern, role=Role.SUPERVISOR,
            due_at=concern.due_at, by=by,
        )  # fmt: skip
        raised.append(concern)
    return raised


def _due_at(finding: safety.Finding, clinic: Clinic, now: datetime) -> datetime:
    """Return when a clinician must have looked: from now on, or by the end of the clinic's day."""
    if isinstance(finding.due, timedelta):
        return now + finding.due
    zone = ZoneInfo(clinic.time_zone)
    return max(now, clocks.day_end(civil_date(now, zone), zone))


@transaction.atomic
def hand_over(*, concern: SafetyConcern, to: User, by: User) -> SafetyConcern:
    """
    Hand a concern to a clinician, who then sees the inquiry it is about.

    :raises NotAClinician: they do not work as one here now
    :raises AlreadyReviewed: somebody reviewed it in the meantime
    """
    _require_clinician(to, concern.clinic_id)
    concern = SafetyConcern.objects.select_for_update(of=("self",)).get(pk=concern.pk)
    if concern.reviewed_at is not None:
        raise AlreadyReviewed
    concern.handed_to, concern.handed_at = to, Now()
    concern.save(update_fields=["handed_to", "handed_at"])
    tasks.hand(concern=concern, to=to)
    audit.record("safety.handed_over", concern, by=by, detail={"to": str(to.public_id)})
    return concern


@transaction.atomic
def hand_over_call(*, concern: SafetyConcern, to: User, by: User) -> SafetyConcern:
    """
    Hand over a concern with what else is open about its inquiry: one clinician answers for a call, not one for a rule.

    :raises NotAClinician: they do not work as one here now
    :raises AlreadyReviewed: somebody reviewed it in the meantime
    """
    handed = hand_over(concern=concern, to=to, by=by)
    for other in others_of(concern):
        hand_over(concern=other, to=to, by=by)
    return handed


def others_of(concern: SafetyConcern) -> list[SafetyConcern]:
    """Return what else is open about the same inquiry."""
    if concern.inquiry_id is None:
        return []
    return list(SafetyConcern.objects.filter(inquiry_id=concern.inquiry_id, reviewed_at=None).exclude(pk=concern.pk))


@transaction.atomic
def review(
    *,
    concern: SafetyConcern,
    rationale: str,
    next_check_on: date | None,
    by: User,
    now: datetime,
    naloxone: str = "",
) -> SafetyConcern:
    """
    Close a concern: what a clinician found, and when somebody looks again. The last one releases the inquiry.

    naloxone   what came of offering it, a code of `safety.NALOXONE`; kept of the rules that ask for the offer
    :raises NotAClinician: who reviews is no therapist or supervisor here
    :raises NoRationale: nothing was written
    :raises NoNextCheck: level 2 or 3 without a next day
    :raises CheckOver: that day is over at the clinic
    :raises NoNaloxone: the rule asks for an offer of naloxone, and nothing says what came of it
    :raises AlreadyReviewed: somebody reviewed it in the meantime
    """
    _require_clinician(by, concern.clinic_id)
    text = rationale.replace("\x00", "").strip()
    if not text:
        raise NoRationale
    today = civil_date(now, ZoneInfo(concern.clinic.time_zone))
    concern = SafetyConcern.objects.select_for_update(of=("self",)).get(pk=concern.pk)
    if concern.reviewed_at is not None:
        raise AlreadyReviewed
    if next_check_on is None and concern.level != safety.Level.S1:
        raise NoNextCheck
    offers = concern.code in safety.OFFER_NALOXONE
    if offers and not naloxone:
        raise NoNaloxone
    if next_check_on is not None and next_check_on < today:
        raise CheckOver
    concern.naloxone = naloxone if offers else ""
    concern.rationale, concern.next_check_on = text, next_check_on
    concern.reviewed_at, concern.reviewed_by = now, by
    concern.save(update_fields=["rationale", "next_check_on", "naloxone", "reviewed_at", "reviewed_by"])
    tasks.settle(kind="safety", concern=concern, inquiry=concern.inquiry, by=by)
    audit.record("safety.reviewed", concern, by=by, detail={"level": concern.level, **_offered(concern)})
    return concern


def _offered(concern: SafetyConcern) -> dict[str, str]:
    return {"naloxone": concern.naloxone} if concern.naloxone else {}


def _require_clinician(user: User, clinic_id: int) -> None:
    if not staff_now(clinic_id, *CLINICIANS).filter(pk=user.pk).exists():
        raise NotAClinician

"""What the guards of an inquiry's moves ask about it, and which other inquiries it may repeat."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from clients.models import ContactAttempt, Inquiry
from clients.rules import contact, transitions
from clients.rules import safety as safety_rules
from clients.rules.clock import civil_date
from clients.rules.contact import Permission
from clients.selectors import admission


def alike(inquiry: Inquiry) -> Any:
    """Return other inquiries of the same caller or about the same person that this one may repeat, newest first."""
    same = Q(pk__in=[])
    for name in ("phone", "email", "client_id"):
        value = getattr(inquiry, name)
        if value:
            same |= Q(**{name: value})
    ended = (transitions.Status.DUPLICATE, transitions.Status.SPAM)
    return Inquiry.objects.filter(same).exclude(pk=inquiry.pk).exclude(status__in=ended).order_by("-received_at", "-pk")


def permissions(inquiry: Inquiry, answered: bool | None = None) -> contact.Permissions:
    """
    Return what the caller agreed to.

    answered   whether somebody has answered a call of ours, where the caller has just read the attempts
    """
    if answered is None:
        calls = inquiry.attempts.filter(direction="outbound", method="phone", outcome__in=contact.LIVE)
        answered = calls.exists()
    return contact.Permissions(
        call=Permission(inquiry.ok_to_call), voicemail=Permission(inquiry.ok_voicemail),
        sms=Permission(inquiry.ok_sms), email=Permission(inquiry.ok_email),
        # The number given may be used to call back about that call, until somebody has answered.
        call_back_open=bool(inquiry.phone) and not answered,
        unsafe_at_home=inquiry.unsafe_at_home == Permission.YES, safe_way=bool(inquiry.safe_way),
    )  # fmt: skip


def ways(inquiry: Inquiry, answered: bool | None = None) -> tuple[str, ...]:
    """Return the ways in which the caller may be contacted now, what suits them best first; `answered` as above."""
    return contact.ways(
        permissions(inquiry, answered), inquiry.preferred_method, has_phone=bool(inquiry.phone),
        has_email=bool(inquiry.email),
    )  # fmt: skip


def facts(
    inquiry: Inquiry,
    *,
    now: datetime,
    says_no: bool = False,
    follow_up_on: date | None = None,
    logged: Sequence[ContactAttempt] | None = None,
    has_master: bool | None = None,
) -> transitions.Facts:
    """
    Return what the guards of the moves ask about an inquiry: attempts, what is written down, the rows of admission.

    logged       all its attempts, where the caller has just read them
    has_master   whether one will be chosen with the step; as it is kept when None
    """
    zone = ZoneInfo(inquiry.clinic.time_zone)
    read = inquiry.attempts.all() if logged is None else logged
    attempts = sorted((one.at, one.live, one.direction) for one in read)
    tried = [at for at, _live, direction in attempts if direction == "outbound"]
    rows = admission.rows_of(inquiry, now)
    return transitions.Facts(
        # Who called us has not been tried: their calls count only where we made none.
        attempts=len(tried) or len(attempts),
        attempt_days=len({civil_date(at, zone) for at in tried}),
        attempt_span=tried[-1] - tried[0] if tried else timedelta(0),
        live_contact=any(live for _at, live, _direction in attempts),
        has_master=inquiry.master_id is not None if has_master is None else has_master,
        says_no=says_no,
        follow_up_on=follow_up_on,
        screening_complete=not screening_gaps(inquiry),
        safety_answered=safety_rules.is_answered(safety_rules.Answer(inquiry.safety_answer)),
        assessment_booked=rows.assessment_booked,
        assessment_signed=rows.assessment_signed,
        decision_made=rows.decision_made,
        place_kept=rows.place_kept,
        slot_offered=rows.slot_offered,
        admission_gaps=rows.admission_gaps,
        crisis_hold=inquiry.crisis_hold,
    )


SCREENED: tuple[tuple[str, str], ...] = (
    ("words", "what brings them here, in their words"),
    ("client", "the person's name"),
    ("born_on", "the date of birth"),
    ("substances", "substances, or that there are none"),
    ("last_use", "when they last used"),
    ("readiness", "how ready they feel"),
    ("source", "who referred them"),
    ("home", "whether it is safe to contact them at home"),
)


def screening_gaps(inquiry: Inquiry) -> list[str]:
    """Return what screening still asks for, in words; what has a reason for being left open is not named."""
    have: dict[str, Any] = {
        "words": inquiry.words, "client": inquiry.client_id, "substances": inquiry.substances,
        "born_on": inquiry.client.born_on if inquiry.client else None, "last_use": inquiry.last_use,
        "readiness": inquiry.readiness is not None, "source": inquiry.source,
        "home": inquiry.unsafe_at_home != Permission.NOT_ASKED,
    }  # fmt: skip
    if list(inquiry.substances) == ["none"]:
        have["last_use"] = True
    return [words for key, words in SCREENED if not have[key] and not inquiry.gaps.get(key)]

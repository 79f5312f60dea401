"""What was said in a request for care: who called, whom it is about, and what they need; and writing it down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time

from clients.models import Inquiry
from clients.rules import duplicates, intake, names, phones
from clients.rules.contact import Permission
from clinics.models import Program


class NoWayBack(ValueError):
    """Nobody could be called back: neither a telephone number nor an e-mail address was given."""

    field = "phone"

    def __init__(self) -> None:
        super().__init__("Enter a number or an e-mail address, in case you are cut off.")


@dataclass(frozen=True)
class Caller:
    """
    Who called, and how they may be reached: for each way yes, no or not asked.

    phone            as typed; kept in the international form
    unsafe_at_home   yes, no or not asked; on yes nothing is permitted but `safe_way`, in their words
    """

    relation: str = ""
    name: str = ""
    phone: str = ""
    email: str = ""
    ok_to_call: str = Permission.NOT_ASKED
    ok_voicemail: str = Permission.NOT_ASKED
    ok_sms: str = Permission.NOT_ASKED
    ok_email: str = Permission.NOT_ASKED
    discreet_name: str = ""
    call_from: time | None = None
    call_until: time | None = None
    language: str = ""
    interpreter: bool = False
    preferred_method: str = ""
    unsafe_at_home: str = "not_asked"
    safe_way: str = ""


@dataclass(frozen=True)
class Person:
    """Whom the call is about. An unnamed person stays unnamed: no record is made for them."""

    legal_name: str = ""
    goes_by: str = ""
    pronouns: str = ""
    born_on: date | None = None
    postal_code: str = ""
    gender: str = ""
    state: str = ""


@dataclass(frozen=True)
class Need:
    """
    What they said: in their words, and what was ticked. Each may be left for later.

    change_target   what they want to change, a code of `stages.KINDS`
    triage          how soon who takes the call wants them seen, a code of `triage.CHOICES`; the rule may ask for sooner
    program         the one they ask about
    """

    words: str = ""
    own_reasons: str = ""
    outside_pressure: str = ""
    substances: Sequence[str] = ()
    barriers: Sequence[str] = ()
    level_sought: str = ""
    last_use: str = ""
    importance: int | None = None
    confidence: int | None = None
    readiness: int | None = None
    safety_answer: str = "not_asked"
    in_danger_now: bool = False
    withdrawal_risk: bool = False
    overdose_30_days: bool = False
    gaps: Mapping[str, str] = field(default_factory=dict)
    mental_health: str = ""
    pregnant: str = "not_asked"
    veteran: str = "not_asked"
    homeless: str = "not_asked"
    change_target: str = ""
    triage: str = ""
    program: Program | None = None


def set_caller(inquiry: Inquiry, caller: Caller) -> None:
    number = phones.normalise(caller.phone) if caller.phone.strip() else None
    inquiry.phone, inquiry.phone_extension = (number.e164, number.extension) if number else ("", "")
    inquiry.email = duplicates.email_key(caller.email)
    if number is None and not inquiry.email:
        raise NoWayBack
    inquiry.caller_name = names.tidy(caller.name)
    for name in (
        "relation", "ok_to_call", "ok_voicemail", "ok_sms", "ok_email", "call_from", "call_until", "interpreter",
        "preferred_method", "unsafe_at_home",
    ):  # fmt: skip
        setattr(inquiry, name, getattr(caller, name))
    inquiry.discreet_name, inquiry.language = names.tidy(caller.discreet_name), names.tidy(caller.language)
    inquiry.safe_way = caller.safe_way.replace("\x00", "").strip() or None
    intake.require_safe_way(inquiry.unsafe_at_home, inquiry.safe_way or "")


def set_need(inquiry: Inquiry, need: Need) -> None:
    for name in ("words", "own_reasons", "outside_pressure", "mental_health"):
        setattr(inquiry, name, getattr(need, name).replace("\x00", "").strip() or None)
    inquiry.substances, inquiry.barriers = list(need.substances), list(need.barriers)
    inquiry.gaps = dict(need.gaps)
    for name in (
        "level_sought", "last_use", "importance", "confidence", "readiness", "safety_answer", "in_danger_now",
        "withdrawal_risk", "overdose_30_days", "pregnant", "veteran", "homeless", "change_target", "triage", "program",
    ):  # fmt: skip
        setattr(inquiry, name, getattr(need, name))

"""What the endpoints of inquiries take and send: serializers, and how a row is shown."""

from dataclasses import asdict
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from clients.models import ContactAttempt, Inquiry, InquiryMove
from clients.rules import contact, intake, phones, places, stages, transitions, triage
from clients.selectors import guards
from clients.selectors.triage import due_of
from clients.services.guardians import guardian_of

TEXT_CHARS = 10_000
NOTE_CHARS = 4_000
# As (value, name): the document knows an enumeration by both.
PERMISSIONS = [(permission.value, permission.name) for permission in contact.Permission]
STATUSES = [status.value for status in transitions.Status]


class Group(serializers.Serializer[Any]):
    """A part of a body, or the body itself. A field it does not know is refused, not ignored."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the values, or an error for each field that is not known here."""
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, dict) else []
        if unknown:
            raise serializers.ValidationError({name: ["This field is not known here."] for name in unknown})
        return super().to_internal_value(data)


def _text(max_length: int, **options: Any) -> serializers.CharField:
    return serializers.CharField(max_length=max_length, allow_blank=True, required=False, **options)


def _one_of(choices: Any, **options: Any) -> serializers.ChoiceField:
    return serializers.ChoiceField(choices=choices, required=False, **options)


def _ruler() -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=10, allow_null=True, required=False)


class InquiryCallerSerializer(Group):
    """Who asks: the person themselves or somebody for them. A telephone number or an e-mail address is needed."""

    relation = _one_of(Inquiry.Relation.choices, allow_blank=True)
    name = _text(160)
    phone = _text(phones.TYPED_CHARS, help_text="As dialled in the clinic's country, or + and the country code")
    email = serializers.EmailField(max_length=254, allow_blank=True, required=False)


class InquiryContactSerializer(Group):
    """How the caller may be reached. Only `yes` permits; what was not asked stays `not_asked`."""

    ok_to_call = _one_of(PERMISSIONS)
    ok_voicemail = _one_of(PERMISSIONS)
    ok_sms = _one_of(PERMISSIONS)
    ok_email = _one_of(PERMISSIONS)
    discreet_name = _text(80, help_text="The name under which to announce a call")
    call_from = serializers.TimeField(allow_null=True, required=False, help_text="Wall time of the clinic")
    call_until = serializers.TimeField(allow_null=True, required=False, help_text="Wall time of the clinic")
    language = _text(40)
    interpreter = serializers.BooleanField(required=False)
    preferred_method = _one_of(intake.REACHED_BY, allow_blank=True, help_text="Permits nothing by itself")
    unsafe_at_home = _one_of(
        intake.YES_NO, help_text="yes: nothing is permitted but `safe_way`, whatever the other answers are"
    )
    safe_way = _text(500, help_text="How they are reached safely, in their words; only with `unsafe_at_home` yes")


class InquiryPersonSerializer(Group):
    """Whom the inquiry is about. Without a legal name they stay unnamed and get no record."""

    legal_name = _text(160)
    goes_by = _text(80)
    pronouns = _text(40)
    born_on = serializers.DateField(allow_null=True, required=False)
    postal_code = _text(10)
    gender = _one_of(intake.GENDERS, allow_blank=True)
    state = _one_of(places.STATES, allow_blank=True)


class InquiryGuardianSerializer(Group):
    """Who stands beside somebody under age."""

    name = _text(160)
    phone = _text(phones.TYPED_CHARS, help_text="Without an extension")
    custody = _one_of(intake.CUSTODY, allow_blank=True)


class InquiryNeedSerializer(Group):
    """What they said, and what was asked."""

    words = _text(TEXT_CHARS, help_text="Their own words")
    own_reasons = _text(TEXT_CHARS)
    outside_pressure = _text(TEXT_CHARS)
    substances = serializers.ListField(
        child=serializers.ChoiceField(intake.SUBSTANCES), max_length=intake.MAX_SUBSTANCES, required=False
    )
    barriers = serializers.ListField(child=serializers.ChoiceField(intake.BARRIERS), max_length=10, required=False)
    level_sought = _one_of(intake.LEVELS, allow_blank=True)
    last_use = _one_of(intake.LAST_USE, allow_blank=True)
    importance = _ruler()
    confidence = _ruler()
    readiness = _ruler()
    safety_answer = _one_of(intake.SAFETY_ANSWERS)
    in_danger_now = serializers.BooleanField(required=False)
    withdrawal_risk = serializers.BooleanField(required=False)
    overdose_30_days = serializers.BooleanField(required=False)
    mental_health = _text(TEXT_CHARS)
    pregnant = _one_of(intake.YES_NO, help_text="yes: first on the waiting list")
    veteran = _one_of(intake.YES_NO)
    homeless = _one_of(intake.YES_NO)
    change_target = _one_of(stages.KINDS, allow_blank=True, help_text="What they want to change")
    triage = _one_of(
        triage.CHOICES, allow_blank=True, help_text="How soon to assess them; what they answered may ask for sooner"
    )
    program = serializers.UUIDField(allow_null=True, required=False, help_text="The program they ask about")


class InquiryAssistanceSerializer(Group):
    """Employee assistance, where the source is an employer (5)."""

    vendor = _text(160, help_text="Who runs it")
    number = _text(80, help_text="Its authorization number")
    sessions = serializers.IntegerField(min_value=0, max_value=365, allow_null=True, required=False)
    sessions_used = serializers.IntegerField(
        min_value=0, max_value=365, allow_null=True, required=False, help_text="Of these; never more"
    )
    report_to = _text(160, help_text="Who is told whether they come; empty: nobody")


class InquirySourceSerializer(Group):
    """Who referred somebody. What is empty of source and detail is filled from the organization's entry."""

    source = _one_of(intake.SOURCES, allow_blank=True)  # type: ignore[assignment]
    source_detail = _one_of(intake.JUSTICE_DETAILS, allow_blank=True, help_text="Of a court (source 7) alone")
    source_name = _text(160, help_text="Who referred them")
    organisation = serializers.UUIDField(allow_null=True, required=False, help_text="Of the clinic's list")
    assistance = InquiryAssistanceSerializer(required=False)
    referrer_consent = _one_of(
        intake.YES_NO, help_text="Whether the person agreed in writing that who referred them hears back"
    )
    line_called = _text(phones.TYPED_CHARS, help_text="The clinic's own number that was called")
    campaign = _text(80, help_text="What brought them, as the clinic names it")


class InquiryCreateSerializer(InquirySourceSerializer):
    """A new inquiry."""

    channel = serializers.ChoiceField(intake.CHANNELS)
    received_at = serializers.DateTimeField(required=False, help_text="When it came in; now, if left out")
    client = serializers.UUIDField(allow_null=True, required=False, help_text="The record they have here already")
    caller = InquiryCallerSerializer()
    contact = InquiryContactSerializer(required=False)
    person = InquiryPersonSerializer(required=False)
    guardian = InquiryGuardianSerializer(required=False)
    need = InquiryNeedSerializer(required=False)


class InquiryChangeSerializer(InquirySourceSerializer):
    """What may be changed of an inquiry. A field that is left out stays, also inside a group."""

    client = serializers.UUIDField(required=False, help_text="The record they have here; while there is none")
    caller = InquiryCallerSerializer(required=False)
    contact = InquiryContactSerializer(required=False)
    person = InquiryPersonSerializer(required=False, help_text="While there is no record of them")
    guardian = InquiryGuardianSerializer(required=False)
    need = InquiryNeedSerializer(required=False)


class InquirySerializer(serializers.Serializer[Any]):
    """An inquiry as a list shows it: nothing that tells who it is about."""

    id = serializers.UUIDField()
    channel = serializers.CharField()
    received_at = serializers.DateTimeField()
    status = serializers.CharField()
    status_at = serializers.DateTimeField()
    crisis_hold = serializers.BooleanField(help_text="true: no move but a referral for an emergency")
    source = serializers.CharField()  # type: ignore[assignment]
    client = serializers.UUIDField(allow_null=True)
    first_attempt_at = serializers.DateTimeField(allow_null=True)
    first_contact_at = serializers.DateTimeField(allow_null=True)
    next_action_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class LegalMoveSerializer(serializers.Serializer[Any]):
    """A move that the table gives from here."""

    to = serializers.CharField()
    missing = serializers.CharField(help_text="What it still needs; empty when it may be made now")
    reasons = serializers.ListField(child=serializers.CharField(), help_text="Codes to choose from; empty: none asked")


class InquiryDetailSerializer(InquirySerializer):
    """An inquiry. `source_name` and the six groups are null for who works with inquiries without seeing people."""

    source_detail = serializers.CharField()
    organisation = serializers.UUIDField(allow_null=True)
    source_name = serializers.CharField(allow_null=True)
    referrer_consent = serializers.CharField()
    line_called = serializers.CharField()
    campaign = serializers.CharField()
    assistance = InquiryAssistanceSerializer(allow_null=True)
    caller = InquiryCallerSerializer(allow_null=True)
    contact = InquiryContactSerializer(allow_null=True)
    person = InquiryPersonSerializer(allow_null=True, help_text="Null also while nobody knows their name")
    guardian = InquiryGuardianSerializer(allow_null=True)
    need = InquiryNeedSerializer(allow_null=True)
    assess_by = serializers.DateField(
        allow_null=True, help_text="Last day of the clinic's calendar; null once assessed, or when nobody waits for it"
    )
    legal_moves = LegalMoveSerializer(many=True)


class AttemptCreateSerializer(Group):
    """An attempt to reach the caller, or by them to reach the clinic."""

    method = serializers.ChoiceField(tuple(contact.METHODS.items()))
    outcome = serializers.ChoiceField(tuple(contact.OUTCOMES.items()))
    direction = serializers.ChoiceField(["outbound", "inbound"], default="outbound")
    spoke_with = serializers.ChoiceField(["person", "caller", "other"], default="caller")
    at = serializers.DateTimeField(required=False, help_text="When it was made; now, if left out")
    note = _text(NOTE_CHARS)
    call_again_at = serializers.DateTimeField(allow_null=True, required=False)
    by_safe_way = serializers.BooleanField(
        default=False, help_text="It was made the safe way; needed where `unsafe_at_home` is yes"
    )
    seconds = serializers.IntegerField(
        min_value=0, max_value=86_400, allow_null=True, required=False, help_text="How long a conversation lasted"
    )


class AttemptSerializer(serializers.Serializer[Any]):
    """An attempt, as it was logged."""

    id = serializers.UUIDField()
    at = serializers.DateTimeField()
    direction = serializers.CharField()
    method = serializers.CharField()
    outcome = serializers.CharField()
    live = serializers.BooleanField(help_text="true: somebody was spoken to")
    by_safe_way = serializers.BooleanField()
    seconds = serializers.IntegerField(allow_null=True)
    note = serializers.CharField(allow_null=True)
    next_action_at = serializers.DateTimeField(allow_null=True)


class MoveCreateSerializer(Group):
    """A step along the table of moves."""

    to = serializers.ChoiceField([(status.value, status.name) for status in transitions.Status])
    reason = _text(40, help_text="A code of `legal_moves`, where one is asked for")
    note = _text(NOTE_CHARS)
    follow_up_on = serializers.DateField(allow_null=True, required=False, help_text="Needed for nurture")
    master = serializers.UUIDField(
        allow_null=True, required=False,
        help_text="Needed for duplicate: the inquiry that this one repeats, of the same caller or person",
    )  # fmt: skip


class MoveSerializer(serializers.Serializer[Any]):
    """A step that was taken."""

    id = serializers.UUIDField()
    origin = serializers.CharField()
    to = serializers.CharField()
    at = serializers.DateTimeField()
    reason = serializers.CharField()
    note = serializers.CharField(allow_null=True)


class IllegalMoveSerializer(serializers.Serializer[Any]):
    """A refused move."""

    detail = serializers.CharField()
    code = serializers.CharField()
    fields = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))  # type: ignore[assignment]
    legal = serializers.ListField(child=serializers.CharField(), help_text="Statuses it may move to now")


ROW = (
    "channel", "received_at", "status", "status_at", "crisis_hold", "source", "first_attempt_at", "first_contact_at",
    "next_action_at", "version",
)  # fmt: skip
ROW_VALUES = ("id", "public_id", "client_id", "client__public_id", *ROW)
CALLER = ("relation", "phone", "email")
CONTACT = (
    "ok_to_call", "ok_voicemail", "ok_sms", "ok_email", "discreet_name", "call_from", "call_until", "language",
    "interpreter", "preferred_method", "unsafe_at_home",
)  # fmt: skip
PERSON = ("legal_name", "goes_by", "pronouns", "born_on", "postal_code", "gender", "state")
ORIGIN = ("referrer_consent", "line_called", "campaign")
NEED = (
    "substances", "barriers", "level_sought", "last_use", "importance", "confidence", "readiness", "safety_answer",
    "in_danger_now", "withdrawal_risk", "overdose_30_days", "pregnant", "veteran", "homeless",
    "change_target", "triage",
)  # fmt: skip
WORDS = ("words", "own_reasons", "outside_pressure", "mental_health")


def shown_row(row: dict[str, Any]) -> dict[str, Any]:
    """Return what a list sends of an inquiry."""
    return {"id": row["public_id"], "client": row["client__public_id"], **{name: row[name] for name in ROW}}


def assistance_of(inquiry: Inquiry) -> dict[str, Any]:
    """Return what is written down about employee assistance."""
    return {
        "vendor": inquiry.eap_vendor, "number": inquiry.eap_number or "", "sessions": inquiry.eap_sessions,
        "sessions_used": inquiry.eap_sessions_used, "report_to": inquiry.eap_report_to,
    }  # fmt: skip


def caller_of(inquiry: Inquiry) -> dict[str, Any]:
    """Return who called, with the extension behind the number."""
    number = phones.Phone(inquiry.phone, inquiry.phone_extension)
    extension = {"phone": f"{number.e164} ext. {number.extension}"} if number.extension else {}
    return {**{name: getattr(inquiry, name) for name in CALLER}, **extension, "name": inquiry.caller_name}


def contact_of(inquiry: Inquiry) -> dict[str, Any]:
    """Return how the caller may be reached."""
    return {**{name: getattr(inquiry, name) for name in CONTACT}, "safe_way": inquiry.safe_way or ""}


def need_of(inquiry: Inquiry) -> dict[str, Any]:
    """Return what they said, and what was asked."""
    return {
        **{name: getattr(inquiry, name) or "" for name in WORDS},
        **{name: getattr(inquiry, name) for name in NEED},
        "program": inquiry.program.public_id if inquiry.program is not None else None,
    }


def shown_inquiry(inquiry: Inquiry, *, whole: bool) -> dict[str, Any]:
    """
    Return what is sent of one inquiry.

    whole   whether the reader may see who it is about and what they said
    """
    client = inquiry.client
    status, due = transitions.Status(inquiry.status), due_of(inquiry, timezone.now())
    groups: dict[str, Any] = dict.fromkeys(
        ("source_name", "assistance", "caller", "contact", "person", "guardian", "need")
    )
    if whole:
        groups = {
            "source_name": inquiry.source_name,
            "assistance": assistance_of(inquiry),
            "caller": caller_of(inquiry),
            "contact": contact_of(inquiry),
            "person": {name: getattr(client, name) for name in PERSON} if client is not None else None,
            "guardian": asdict(guardian_of(inquiry)),
            "need": need_of(inquiry),
        }
    return {
        "id": inquiry.public_id,
        "client": client.public_id if client is not None else None,
        **{name: getattr(inquiry, name) for name in ROW},
        "source_detail": inquiry.source_detail,
        **{name: getattr(inquiry, name) for name in ORIGIN},
        "organisation": inquiry.organisation.public_id if inquiry.organisation is not None else None,
        **groups,
        "assess_by": due.by if due is not None else None,
        "legal_moves": [
            {"to": move.target, "missing": move.missing, "reasons": list(move.reasons)}
            for move in transitions.legal_moves(status, guards.facts(inquiry, now=timezone.now()))
        ],
    }


def shown_attempt(row: ContactAttempt, *, whole: bool) -> dict[str, Any]:
    """Return what is sent of an attempt."""
    names = ("at", "direction", "method", "outcome", "live", "by_safe_way", "seconds", "next_action_at")
    return {
        "id": row.public_id, **{name: getattr(row, name) for name in names}, "note": row.note or "" if whole else None
    }  # fmt: skip


def shown_move(row: InquiryMove, *, whole: bool) -> dict[str, Any]:
    """Return what is sent of a step."""
    names = ("origin", "to", "at", "reason")
    return {
        "id": row.public_id, **{name: getattr(row, name) for name in names}, "note": row.note or "" if whole else None
    }  # fmt: skip

"""What the endpoints from the assessment to the admission take and send."""

from typing import Any

from rest_framework import serializers

from clients.api.inquiry_bodies import NOTE_CHARS, Group
from clients.models import Admission, AdmissionDecision, Assessment, WaitlistEntry
from clients.rules import admission as rules
from clients.rules import assessment as assessment_rules
from clients.rules import teds, transitions
from clients.selectors.assessments import content_of

LEVELS = list(assessment_rules.LEVELS)
REASON_CODES = [code for code in transitions.REFERRED_REASONS if code != transitions.EMERGENCY]


class AppointmentBookSerializer(Group):
    """When somebody is assessed, by whom, by the clinic's clock."""

    therapist = serializers.UUIDField(help_text="Person who works here as a therapist")
    start_on = serializers.DateField()
    start_time = serializers.TimeField(format="%H:%M", input_formats=["%H:%M"])
    duration_min = serializers.IntegerField(min_value=5, max_value=600, default=60)
    beside = serializers.BooleanField(default=False, help_text="Also where the therapist has another appointment then")


class BookedSerializer(serializers.Serializer[Any]):
    """An assessment that is booked."""

    id = serializers.UUIDField()
    therapist = serializers.UUIDField()
    starts_at = serializers.DateTimeField()
    duration_min = serializers.IntegerField()
    attendance = serializers.CharField()


class AssessmentSerializer(serializers.Serializer[Any]):
    """An assessment in a list: how it stands, no text."""

    id = serializers.UUIDField()
    inquiry = serializers.UUIDField()
    client = serializers.UUIDField()
    assessor = serializers.UUIDField()
    state = serializers.ChoiceField(choices=Assessment.State.choices)
    level_of_care = serializers.CharField()
    signed_at = serializers.DateTimeField(allow_null=True)
    content_hash = serializers.CharField()


class AssessmentDetailSerializer(AssessmentSerializer):
    """An assessment as it is written so far; codes of substances as in the admission record."""

    sections = serializers.DictField(child=serializers.CharField())
    substances = serializers.ListField(child=serializers.DictField())
    ratings = serializers.DictField(child=serializers.IntegerField(), help_text="0 to 4 by area, 1 to 6")
    rationales = serializers.DictField(child=serializers.CharField())
    level_reasons = serializers.CharField()
    gaps = serializers.ListField(child=serializers.CharField(), help_text="What a signature still needs")


class DecisionCreateSerializer(Group):
    """Accept, refer elsewhere, or another service, and why."""

    outcome = serializers.ChoiceField(choices=AdmissionDecision.Outcome.choices)
    reason = serializers.CharField(max_length=NOTE_CHARS)
    level_of_care = serializers.ChoiceField(choices=LEVELS, required=False, help_text="Needed to accept")
    program = serializers.UUIDField(required=False, allow_null=True)
    reason_code = serializers.ChoiceField(choices=REASON_CODES, required=False, help_text="Needed not to accept")


class DecisionSerializer(serializers.Serializer[Any]):
    """A decision. Its reason is sent to those who may read assessments."""

    id = serializers.UUIDField()
    outcome = serializers.CharField()
    level_of_care = serializers.CharField()
    program = serializers.UUIDField(allow_null=True)
    assessment = serializers.UUIDField()
    decided_at = serializers.DateTimeField()
    decided_by = serializers.UUIDField()
    reason = serializers.CharField(allow_null=True)


class JoinSerializer(Group):
    """What the place on the waiting list goes by; null is not known. Only the priority is kept."""

    pregnant = serializers.BooleanField(allow_null=True, default=None)
    injects = serializers.BooleanField(allow_null=True, default=None)


class WaitingSerializer(serializers.Serializer[Any]):
    """Somebody who waits; `place` counts from 1."""

    id = serializers.UUIDField()
    inquiry = serializers.UUIDField()
    client = serializers.UUIDField()
    program = serializers.UUIDField(allow_null=True)
    level_of_care = serializers.CharField()
    priority = serializers.IntegerField()
    since = serializers.DateTimeField()
    last_check_at = serializers.DateTimeField(allow_null=True)
    ended = serializers.CharField()
    ended_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class GuardSerializer(serializers.Serializer[Any]):
    """One thing that must stand before an admission; `missing` is empty when it does."""

    guard = serializers.ChoiceField(choices=[guard.value for guard in rules.Guard])
    holds = serializers.BooleanField()
    missing = serializers.CharField()


class ReadySerializer(serializers.Serializer[Any]):
    """What stands before an admission, without what is chosen in its request."""

    ready = serializers.ListField(child=GuardSerializer())
    warnings = serializers.ListField(
        child=serializers.CharField(), help_text="What to look at first; nobody is kept from care by it"
    )


class AdmissionCreateSerializer(Group):
    """What an admission chooses. `record` holds the admission record: code by question, -9 is not known."""

    program = serializers.UUIDField()
    therapist = serializers.UUIDField(help_text="Person who works here as a therapist")
    start_on = serializers.DateField(help_text="First appointment")
    start_time = serializers.TimeField(format="%H:%M", input_formats=["%H:%M"])
    beside = serializers.BooleanField(default=False, help_text="Also where the therapist has another appointment then")
    identity_check = serializers.ChoiceField(choices=Admission.IdentityCheck.choices)
    record = serializers.DictField(child=serializers.IntegerField(min_value=teds.UNKNOWN, max_value=1_000))


class AdmissionSerializer(serializers.Serializer[Any]):
    """An admission."""

    id = serializers.UUIDField()
    inquiry = serializers.UUIDField()
    client = serializers.UUIDField()
    episode = serializers.UUIDField()
    therapist = serializers.UUIDField()
    first_appointment = serializers.UUIDField()
    identity_check = serializers.CharField()
    days_waited = serializers.IntegerField()
    admitted_at = serializers.DateTimeField()
    undone_at = serializers.DateTimeField(allow_null=True)


ASSESSMENT_VALUES = (
    "id", "public_id", "client_id", "inquiry__public_id", "client__public_id", "assessor__public_id", "state",
    "level_of_care", "signed_at", "content_hash",
)  # fmt: skip
WAITING_VALUES = (
    "id", "public_id", "client_id", "inquiry__public_id", "client__public_id", "program__public_id", "level_of_care",
    "priority", "since", "last_check_at", "ended", "ended_at", "version",
)  # fmt: skip


def shown_assessment_row(row: dict[str, Any]) -> dict[str, Any]:
    """Return what a list sends of an assessment."""
    kept = ("state", "level_of_care", "signed_at", "content_hash")
    return {**_linked(row, "inquiry", "client", "assessor"), **{name: row[name] for name in kept}}


def shown_waiting(row: dict[str, Any]) -> dict[str, Any]:
    """Return what is sent of a place on the waiting list."""
    kept = ("level_of_care", "priority", "since", "last_check_at", "ended", "ended_at", "version")
    return {**_linked(row, "inquiry", "client", "program"), **{name: row[name] for name in kept}}


def _linked(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {"id": row["public_id"], **{name: row[f"{name}__public_id"] for name in names}}


def shown_assessment(one: Assessment) -> dict[str, Any]:
    """Return what is sent of one assessment: all that is written."""
    content = content_of(one)
    return {
        "id": one.public_id,
        "inquiry": one.inquiry.public_id,
        "client": one.client.public_id,
        "assessor": one.assessor.public_id,
        **{name: getattr(one, name) for name in ("state", "level_of_care", "signed_at", "content_hash")},
        "sections": dict(content.sections),
        "substances": one.substances,
        "ratings": dict(content.ratings),
        "rationales": dict(content.rationales),
        "level_reasons": content.level_reasons,
        "gaps": [gap.sentence for gap in assessment_rules.gaps(content)],
    }


def shown_decision(one: AdmissionDecision, *, whole: bool) -> dict[str, Any]:
    """Return what is sent of a decision; `whole` says whether its reason is."""
    return {
        "id": one.public_id,
        "program": one.program.public_id if one.program is not None else None,
        "assessment": one.assessment.public_id,
        "decided_by": one.decided_by.public_id,
        **{name: getattr(one, name) for name in ("outcome", "level_of_care", "decided_at")},
        "reason": one.reason if whole else None,
    }


def shown_admission(one: Admission) -> dict[str, Any]:
    """Return what is sent of an admission."""
    linked = ("inquiry", "client", "episode", "therapist", "first_appointment")
    kept = ("identity_check", "days_waited", "admitted_at", "undone_at")
    return {
        "id": one.public_id,
        **{name: getattr(one, name).public_id for name in linked},
        **{name: getattr(one, name) for name in kept},
    }


def waiting_row(one: WaitlistEntry) -> dict[str, Any]:
    """Return a place on the waiting list as a row of its list."""
    row: dict[str, Any] = WaitlistEntry.objects.filter(pk=one.pk).values(*WAITING_VALUES).get()
    return row

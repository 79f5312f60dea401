"""What the API says and takes of treatment plans: versions with their parts, differences, looks back."""

from typing import Any

from rest_framework import serializers

from clients.models import PlanSignature
from clients.rules import plan_words
from clients.rules.plan_content import Kind

KINDS = [kind.value for kind in Kind]
TEXT_CHARS = 2_000


def _codes(pairs: Any) -> list[str]:
    return [code for code, _label in pairs]


def _text(**options: Any) -> serializers.CharField:
    return serializers.CharField(max_length=TEXT_CHARS, required=False, allow_blank=True, **options)


class PlanSerializer(serializers.Serializer[Any]):
    """The plan of a stay: that it is there, and how its newest version stands."""

    id = serializers.UUIDField()
    client = serializers.UUIDField()
    episode = serializers.UUIDField()
    created_at = serializers.DateTimeField()


class PlanVersionSerializer(serializers.Serializer[Any]):
    """A version of a plan, without what it says."""

    id = serializers.UUIDField()
    plan = serializers.UUIDField()
    number = serializers.IntegerField()
    state = serializers.CharField(help_text=", ".join(_codes(plan_words.STATES)))
    starts_on = serializers.DateField(allow_null=True)
    needs_cosign = serializers.BooleanField()
    content_hash = serializers.CharField(help_text="SHA-256 of what is signed; empty in a draft")
    submitted_at = serializers.DateTimeField(allow_null=True)
    activated_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class PlanDetailSerializer(PlanSerializer):
    """A plan with its versions, the newest first."""

    versions = PlanVersionSerializer(many=True)


class PlanPartSerializer(serializers.Serializer[Any]):
    """A part of a version. `said` holds the filled fields of its kind, as text."""

    id = serializers.UUIDField()
    kind = serializers.CharField(help_text=", ".join(KINDS))
    lineage = serializers.UUIDField(help_text="The same for a part and what later versions made of it")
    under = serializers.UUIDField(allow_null=True, help_text="Id of the part that it stands under")
    position = serializers.IntegerField()
    said = serializers.DictField(child=serializers.CharField())
    version = serializers.IntegerField()


class PlanSignatureSerializer(serializers.Serializer[Any]):
    """A signature, or that somebody would not sign."""

    capacity = serializers.CharField(help_text=", ".join(_codes(plan_words.CAPACITIES)))
    method = serializers.CharField(help_text=", ".join(_codes(plan_words.METHODS)))
    refused = serializers.BooleanField()
    signed_at = serializers.DateTimeField()


def shown_signature(signature: PlanSignature) -> dict[str, Any]:
    """Return what is sent of a signature."""
    return {name: getattr(signature, name) for name in ("capacity", "method", "refused", "signed_at")}


class PlanVersionDetailSerializer(PlanVersionSerializer):
    """A version with its parts, each thread from its beginning, and who signed what it says now."""

    parts = PlanPartSerializer(many=True)
    signatures = PlanSignatureSerializer(many=True)


class PlanFieldChangeSerializer(serializers.Serializer[Any]):
    """One field that reads differently."""

    field = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class PlanPartChangeSerializer(serializers.Serializer[Any]):
    """A part in a difference, by kind and lineage."""

    kind = serializers.CharField()
    lineage = serializers.UUIDField()
    changes = PlanFieldChangeSerializer(many=True)


class PlanMoveSerializer(serializers.Serializer[Any]):
    """A part that stands elsewhere; under what it stands is named by lineage."""

    kind = serializers.CharField()
    lineage = serializers.UUIDField()
    under_before = serializers.UUIDField(allow_null=True)
    under_after = serializers.UUIDField(allow_null=True)
    position_before = serializers.IntegerField()
    position_after = serializers.IntegerField()


class PlanDiffSerializer(serializers.Serializer[Any]):
    """What changed to a version from the one before it."""

    before = serializers.UUIDField(allow_null=True)
    after = serializers.UUIDField()
    added = PlanPartChangeSerializer(many=True)
    removed = PlanPartChangeSerializer(many=True)
    changed = PlanPartChangeSerializer(many=True)
    moved = PlanMoveSerializer(many=True)


class GoalReviewSerializer(serializers.Serializer[Any]):
    """How far one goal had come."""

    goal = serializers.UUIDField()
    progress = serializers.IntegerField(help_text="0 to 100")
    status = serializers.CharField(help_text=", ".join(_codes(plan_words.GOAL_STATUSES)))
    comment = serializers.CharField()


class PlanReviewSerializer(serializers.Serializer[Any]):
    """A look back at a plan: due, or held with what was decided."""

    id = serializers.UUIDField()
    due_on = serializers.DateField()
    held_on = serializers.DateField(allow_null=True)
    decision = serializers.CharField(help_text=", ".join(_codes(plan_words.REVIEW_DECISIONS)))
    note = serializers.CharField()
    goals = GoalReviewSerializer(many=True)


class PlanPartChangeBodySerializer(serializers.Serializer[Any]):
    """
    What may be written of a part; what is left out stays, and a field of another kind is refused.

    Rows are named by their ids: `assessment`, `response`, `target`, `who`.
    """

    text = _text()
    client_words = _text()
    diagnosis = serializers.CharField(max_length=10, required=False, allow_blank=True)
    priority = serializers.IntegerField(min_value=1, max_value=3, required=False)
    evidence = serializers.ChoiceField(_codes(plan_words.EVIDENCE), required=False)
    assessment = serializers.UUIDField(required=False, allow_null=True)
    response = serializers.UUIDField(required=False, allow_null=True)
    value_link = _text()
    target = serializers.UUIDField(required=False, allow_null=True)
    phase = serializers.ChoiceField(_codes(plan_words.PHASES), required=False)
    commitment = _text()
    gate_reason = _text()
    proposed_by = serializers.ChoiceField(_codes(plan_words.PROPOSERS), required=False)
    target_on = serializers.DateField(required=False, allow_null=True)
    status = serializers.ChoiceField(_codes(plan_words.GOAL_STATUSES), required=False)
    metric = serializers.CharField(max_length=200, required=False, allow_blank=True)
    baseline = serializers.DecimalField(9, 2, required=False, allow_null=True)
    target_value = serializers.DecimalField(9, 2, required=False, allow_null=True)
    unit = serializers.CharField(max_length=40, required=False, allow_blank=True)
    by_on = serializers.DateField(required=False, allow_null=True)
    achievable = serializers.BooleanField(required=False)
    relevance = _text()
    modality = serializers.ChoiceField(_codes(plan_words.MODALITIES), required=False)
    does = serializers.ChoiceField(_codes(plan_words.DOES), required=False)
    who = serializers.UUIDField(required=False, allow_null=True)
    session_format = serializers.ChoiceField(_codes(plan_words.FORMATS), required=False)
    times = serializers.IntegerField(min_value=1, max_value=31, required=False)
    per = serializers.ChoiceField(_codes(plan_words.PERIODS), required=False)
    minutes = serializers.IntegerField(min_value=1, max_value=600, required=False)
    starts_on = serializers.DateField(required=False, allow_null=True)
    ends_on = serializers.DateField(required=False, allow_null=True)
    block_sessions = serializers.IntegerField(min_value=1, max_value=6, required=False, allow_null=True)


class PlanPartCreateSerializer(PlanPartChangeBodySerializer):
    """A part that is added to a draft."""

    # No choice in the document: another field of this name is one, and its released name would change.
    kind = serializers.CharField(max_length=12, help_text=", ".join(KINDS))
    under = serializers.UUIDField(required=False, allow_null=True, help_text="Id of the part that it stands under")

    def validate_kind(self, value: str) -> Kind:
        """Return the kind, or refuse a word that is none."""
        if value not in KINDS:
            raise serializers.ValidationError(f"Choose one of: {', '.join(KINDS)}.")
        return Kind(value)


class PlanSignSerializer(serializers.Serializer[Any]):
    """The author's signature."""

    starts_on = serializers.DateField(
        required=False, allow_null=True, help_text="When the plan begins; today otherwise"
    )
    needs_cosign = serializers.BooleanField(
        default=False, help_text="Ask for a co-signature; true where the clinic has the author's plans co-signed"
    )

"""What is sent and taken of plans for return to use, cravings and returns to use."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers

from clients.forms.returns import AMOUNT_CHARS, COPING_CHARS, LEARNING_CHARS, REASON_CHARS, SITUATION_CHARS
from clients.models import Client, Craving, Lapse, RelapsePlan
from clients.rules import relapse as rules
from clients.rules import returns as return_rules
from clients.selectors import relapse as selectors

TEN: dict[str, Any] = {"min_value": 0, "max_value": 10}
MAY_CALL = "A consent in force names them: the clinic may call them at this moment"


def _line(most: int = rules.LINE_CHARS, **options: Any) -> serializers.CharField:
    return serializers.CharField(max_length=most, **options)


class TriggerSerializer(serializers.Serializer[Any]):
    """Something that makes it hard. Its number is its place in the list, from 1."""

    category = serializers.ChoiceField(rules.CATEGORIES, default="other")
    text = _line()
    risk = serializers.IntegerField(**TEN, help_text="How risky it is")
    confidence = serializers.IntegerField(**TEN, help_text="How sure they are that they get past it")
    last_met_on = serializers.DateField(required=False, allow_null=True)


class EarlySignSerializer(serializers.Serializer[Any]):
    """How it shows early."""

    sign = serializers.ChoiceField(rules.SIGNS)
    text = _line()


class CopingSerializer(serializers.Serializer[Any]):
    """Something that helps."""

    text = _line()
    way = serializers.ChoiceField(rules.COPING, default="other")
    for_trigger = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=rules.MOST["triggers"]), default=list,
        max_length=rules.MOST["triggers"], help_text="Numbers of triggers it helps with",
    )  # fmt: skip


class SupportSerializer(serializers.Serializer[Any]):
    """Somebody who helps."""

    name = _line(rules.NAME_CHARS)
    relation = _line(rules.SHORT_CHARS, allow_blank=True, default="")
    phone = _line(rules.SHORT_CHARS, allow_blank=True, default="")
    consent = serializers.UUIDField(
        required=False, allow_null=True, help_text="A consent in force that names them; without it nobody calls them"
    )


class SupportReadSerializer(SupportSerializer):
    """Somebody who helps, and whether they may be called."""

    may_call = serializers.BooleanField(help_text=MAY_CALL)


class FirstStepsSerializer(serializers.Serializer[Any]):
    """What is done first if it happens."""

    first_hour = _line(rules.FIRST_CHARS, allow_blank=True, default="")
    who_to_call = _line(rules.FIRST_CHARS, allow_blank=True, default="")
    return_step = _line(rules.FIRST_CHARS, allow_blank=True, default="")


class RelapsePartsSerializer(serializers.Serializer[Any]):
    """The parts of a plan for return to use; a part that is left out is empty."""

    triggers = serializers.ListField(child=TriggerSerializer(), required=False, max_length=rules.MOST["triggers"])
    warnings = serializers.ListField(child=EarlySignSerializer(), required=False, max_length=rules.MOST["warnings"])
    coping = serializers.ListField(child=CopingSerializer(), required=False, max_length=rules.MOST["coping"])
    supports = serializers.ListField(child=SupportSerializer(), required=False, max_length=rules.MOST["supports"])
    lapse_plan = FirstStepsSerializer(required=False)

    def to_internal_value(self, data: Any) -> Any:
        """Refuse a part that a plan does not have, rather than leave it out unsaid."""
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, dict) else []
        if unknown:
            raise serializers.ValidationError({str(name): ["A plan has no such part."] for name in unknown})
        return super().to_internal_value(data)


class RelapsePartsReadSerializer(RelapsePartsSerializer):
    """The parts of a plan for return to use as they are read."""

    supports = serializers.ListField(child=SupportReadSerializer())


class RelapsePlanSerializer(serializers.Serializer[Any]):
    """A plan for return to use as it was written."""

    id = serializers.UUIDField()
    revision = serializers.IntegerField()
    parts = RelapsePartsReadSerializer()
    complete = serializers.BooleanField(help_text="Three covered triggers, two people, and what is done first")
    missing = serializers.ListField(child=serializers.CharField())
    priorities = serializers.ListField(
        child=serializers.IntegerField(), help_text="Numbers of triggers, what asks for most attention first"
    )
    copy_given = serializers.BooleanField()
    made_at = serializers.DateTimeField()


class RelapsePlanCreateSerializer(serializers.Serializer[Any]):
    """A plan as it was written together: whole, a new revision."""

    based_on = serializers.IntegerField(
        min_value=0, help_text="The revision that was read before; 0 where there is none"
    )
    parts = RelapsePartsSerializer()
    copy_given = serializers.BooleanField(default=False)


class CravingCreateSerializer(serializers.Serializer[Any]):
    """One craving."""

    felt_at = serializers.DateTimeField()
    intensity = serializers.IntegerField(**TEN)
    used = serializers.BooleanField()
    minutes = serializers.IntegerField(
        min_value=1, max_value=return_rules.MOST_MINUTES, required=False, allow_null=True
    )
    situation = _line(SITUATION_CHARS, allow_blank=True, default="")
    coping = _line(COPING_CHARS, allow_blank=True, default="", help_text="What was tried, one thing a line")
    helped = serializers.IntegerField(**TEN, required=False, allow_null=True)


class CravingSerializer(CravingCreateSerializer):
    """One craving as it was written down."""

    id = serializers.UUIDField()
    taken_back = serializers.BooleanField()


class LapseCreateSerializer(serializers.Serializer[Any]):
    """A return to use."""

    happened_on = serializers.DateField()
    target = serializers.UUIDField(required=False, allow_null=True, help_text="The goal it is about; null: no one goal")
    substance = serializers.ChoiceField(return_rules.SUBSTANCES, allow_blank=True, default="")
    amount = _line(AMOUNT_CHARS, allow_blank=True, default="")
    situation = _line(SITUATION_CHARS, allow_blank=True, default="")
    rate_stage = serializers.BooleanField(
        default=False, help_text="Rate the stage of the goal as returned to use as well"
    )


class LapseSerializer(serializers.Serializer[Any]):
    """A return to use as it was written down, and what it taught."""

    id = serializers.UUIDField()
    happened_on = serializers.DateField()
    target = serializers.UUIDField(allow_null=True)
    substance = serializers.CharField(allow_blank=True)
    amount = serializers.CharField(allow_blank=True)
    situation = serializers.CharField(allow_blank=True)
    recorded_at = serializers.DateTimeField()
    review_due_on = serializers.DateField()
    reviewed_at = serializers.DateTimeField(allow_null=True)
    learning = serializers.CharField(allow_blank=True)
    plan_changed = serializers.BooleanField(allow_null=True)
    taken_back = serializers.BooleanField()


class LookBackSerializer(serializers.Serializer[Any]):
    """What a return to use taught."""

    learning = _line(LEARNING_CHARS)
    plan_changed = serializers.BooleanField(help_text="The plan for return to use was written anew since it happened")


class TakenBackSerializer(serializers.Serializer[Any]):
    """Why something is taken back."""

    reason = _line(REASON_CHARS)


def shown_plan(plan: RelapsePlan, client: Client) -> dict[str, Any]:
    """Return what is sent of a plan."""
    said, parts = selectors.said(plan), selectors.parts_of(plan)
    supports = selectors.supports_of(said, client, timezone.now())
    return {
        "id": plan.public_id,
        "revision": plan.revision,
        "parts": {
            "triggers": [{"last_met_on": None, **one} for one in parts.get("triggers", ())],
            "warnings": [{"sign": one.kind, "text": one.text} for one in said.warnings],
            "coping": [
                {"text": one.text, "way": one.kind, "for_trigger": list(one.helps_with)} for one in said.coping
            ],
            "supports": [
                {
                    "name": one.support.name, "relation": one.support.relation, "phone": one.support.phone,
                    "consent": one.support.consent or None, "may_call": one.may_call,
                }
                for one in supports
            ],
            "lapse_plan": dict(said.first),
        },
        "complete": said.complete,
        "missing": list(said.missing),
        "priorities": [one.number for one in said.by_priority],
        "copy_given": plan.copy_given,
        "made_at": plan.made_at,
    }  # fmt: skip


def shown_craving(row: Craving) -> dict[str, Any]:
    """Return what is sent of a craving."""
    kept = ("felt_at", "intensity", "used", "minutes", "helped")
    return {
        "id": row.public_id, **{name: getattr(row, name) for name in kept}, "situation": row.situation or "",
        "coping": row.coping or "", "taken_back": row.undone_at is not None,
    }  # fmt: skip


def shown_lapse(row: Lapse) -> dict[str, Any]:
    """Return what is sent of a return to use."""
    kept = ("happened_on", "substance", "recorded_at", "review_due_on", "reviewed_at", "plan_changed")
    return {
        "id": row.public_id, **{name: getattr(row, name) for name in kept},
        "target": row.target.public_id if row.target is not None else None,
        **{name: getattr(row, name) or "" for name in ("amount", "situation", "learning")},
        "taken_back": row.undone_at is not None,
    }  # fmt: skip


def as_parts(data: Any) -> dict[str, Any]:
    """Return the parts of a body in the names that the rules know."""
    parts = dict(data)
    if "warnings" in parts:
        parts["warnings"] = [{"kind": one["sign"], "text": one["text"]} for one in parts["warnings"]]
    if "coping" in parts:
        parts["coping"] = [{**one, "type": one["way"]} for one in parts["coping"]]
    return parts

"""What the endpoints about who pays take and send."""

from typing import Any

from rest_framework import serializers

from clients.models import Authorisation, BenefitCheck, Coverage
from clients.rules import payers as rules
from clients.selectors.payers import agreed_of

OF_COVER = (
    "rank", "plan_type", "payment", "payer", "payer_number", "group_number", "subscriber_relation", "effective_on",
    "ends_on", "network", "estimate_given_on", "created_at", "removed_at", "version",
)  # fmt: skip
SAID = ("subscriber_name", "subscriber_born_on")
OF_CHECK = ("requested_at", "method", "reference", "result", "authorisation_required", "visit_limit")
AMOUNTS = (*rules.MONEY, "coinsurance")
OF_AUTHORISATION = ("from_on", "until_on", "units", "units_used", "next_review_on", "version")


def _codes(choices: Any) -> list[str]:
    return [code for code, _label in choices]


def _text(length: int, **options: Any) -> serializers.CharField:
    return serializers.CharField(max_length=length, allow_blank=True, **options)


def _money(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=9, decimal_places=2, min_value=0, allow_null=True, **options)


class CoverageSerializer(serializers.Serializer[Any]):
    """A way of paying as a list shows it: without member ID and subscriber."""

    id = serializers.UUIDField()
    client = serializers.UUIDField()
    rank = serializers.IntegerField(help_text="1 is asked first")
    plan_type = serializers.CharField(help_text="TEDS: 1 private, 2 Medicaid, 3 Medicare or other, 4 none")
    payment = serializers.CharField(help_text="TEDS: primary source of payment, 1 to 7")
    payer = serializers.CharField()
    payer_number = serializers.CharField()
    group_number = serializers.CharField()
    subscriber_relation = serializers.CharField()
    effective_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)
    network = serializers.CharField()
    estimate_given_on = serializers.DateField(allow_null=True)
    created_at = serializers.DateTimeField()
    removed_at = serializers.DateTimeField(allow_null=True, help_text="Taken out; it stays kept")
    version = serializers.IntegerField()


class CoverageDetailSerializer(CoverageSerializer):
    """A way of paying with its member ID and subscriber."""

    member_id = serializers.CharField()
    subscriber_name = serializers.CharField()
    subscriber_born_on = serializers.DateField(allow_null=True)


class CoverageChangeSerializer(serializers.Serializer[Any]):
    """What may be changed of a way of paying; what is left out stays."""

    rank = serializers.IntegerField(min_value=1, max_value=rules.MOST, required=False)
    plan_type = serializers.ChoiceField(_codes(rules.PLAN_TYPES), required=False)
    payment = serializers.ChoiceField(_codes(rules.PAYMENTS), required=False)
    payer = _text(160, required=False)
    payer_number = _text(40, required=False)
    member_id = _text(80, required=False)
    group_number = _text(40, required=False)
    subscriber_relation = serializers.ChoiceField(_codes(rules.RELATIONS), allow_blank=True, required=False)
    subscriber_name = _text(160, required=False)
    subscriber_born_on = serializers.DateField(allow_null=True, required=False)
    effective_on = serializers.DateField(allow_null=True, required=False)
    ends_on = serializers.DateField(allow_null=True, required=False)
    network = serializers.ChoiceField(_codes(rules.NETWORKS), required=False)
    estimate_given_on = serializers.DateField(allow_null=True, required=False)


class CoverageCreateSerializer(CoverageChangeSerializer):
    """A way of paying that is written down."""

    client = serializers.UUIDField()
    rank = serializers.IntegerField(min_value=1, max_value=rules.MOST, default=1)
    plan_type = serializers.ChoiceField(_codes(rules.PLAN_TYPES))
    payment = serializers.ChoiceField(_codes(rules.PAYMENTS))


class BenefitCheckSerializer(serializers.Serializer[Any]):
    """What a payer answered. Null: it did not say."""

    id = serializers.UUIDField()
    coverage = serializers.UUIDField()
    disclosure = serializers.UUIDField(help_text="The row of the accounting for what the payer was told")
    requested_at = serializers.DateTimeField()
    method = serializers.CharField()
    reference = serializers.CharField()
    result = serializers.CharField()
    deductible = serializers.CharField(allow_null=True, help_text="Money, two decimals")
    deductible_met = serializers.CharField(allow_null=True)
    copay = serializers.CharField(allow_null=True)
    coinsurance = serializers.CharField(allow_null=True, help_text="The person's share in percent")
    out_of_pocket_max = serializers.CharField(allow_null=True)
    authorisation_required = serializers.BooleanField(allow_null=True)
    visit_limit = serializers.IntegerField(allow_null=True)
    notes = serializers.CharField()


class BenefitCheckCreateSerializer(serializers.Serializer[Any]):
    """What a payer answered, asked now."""

    method = serializers.ChoiceField(_codes(rules.METHODS))
    result = serializers.ChoiceField(_codes(rules.RESULTS))
    reference = _text(80, default="")
    deductible = _money(default=None)
    deductible_met = _money(default=None)
    copay = _money(default=None)
    coinsurance = serializers.DecimalField(
        max_digits=5, decimal_places=2, min_value=0, max_value=100, allow_null=True, default=None
    )
    out_of_pocket_max = _money(default=None)
    authorisation_required = serializers.BooleanField(allow_null=True, default=None)
    visit_limit = serializers.IntegerField(min_value=0, max_value=rules.MOST_UNITS, allow_null=True, default=None)
    notes = _text(1_000, default="")


class AuthorisationSerializer(serializers.Serializer[Any]):
    """What a payer authorized."""

    id = serializers.UUIDField()
    coverage = serializers.UUIDField()
    number = serializers.CharField()
    from_on = serializers.DateField()
    until_on = serializers.DateField()
    units = serializers.IntegerField()
    units_used = serializers.IntegerField()
    units_left = serializers.IntegerField(help_text="Negative when more were used than authorized")
    next_review_on = serializers.DateField(allow_null=True)
    version = serializers.IntegerField()


class AuthorisationChangeSerializer(serializers.Serializer[Any]):
    """What may be changed of an authorization; what is left out stays."""

    number = _text(80, required=False)
    from_on = serializers.DateField(required=False)
    until_on = serializers.DateField(required=False)
    units = serializers.IntegerField(min_value=1, max_value=rules.MOST_UNITS, required=False)
    units_used = serializers.IntegerField(min_value=0, max_value=rules.MOST_UNITS, required=False)
    next_review_on = serializers.DateField(allow_null=True, required=False)


class AuthorisationCreateSerializer(AuthorisationChangeSerializer):
    """What a payer authorized, written down."""

    number = _text(80, default="")
    from_on = serializers.DateField()
    until_on = serializers.DateField()
    units = serializers.IntegerField(min_value=1, max_value=rules.MOST_UNITS)


def shown_coverage(row: Coverage) -> dict[str, Any]:
    """Return what a list sends of a way of paying."""
    plain = {name: getattr(row, name) for name in OF_COVER}
    return {"id": row.public_id, "client": row.client.public_id, **plain}


def shown_whole(row: Coverage) -> dict[str, Any]:
    """Return what is sent of one way of paying."""
    said = {name: getattr(row, name) for name in SAID}
    return {**shown_coverage(row), **said, "member_id": row.member_id or ""}


def shown_check(row: BenefitCheck) -> dict[str, Any]:
    """Return what is sent of an answer; amounts as text, so that none loses its cents on the way."""
    amounts = {name: getattr(row, name) for name in AMOUNTS}
    return {
        "id": row.public_id, "coverage": row.coverage.public_id, "disclosure": row.disclosure.public_id,
        **{name: getattr(row, name) for name in OF_CHECK}, "notes": row.notes or "",
        **{name: None if amount is None else str(amount) for name, amount in amounts.items()},
    }  # fmt: skip


def shown_authorisation(row: Authorisation) -> dict[str, Any]:
    """Return what is sent of an authorization."""
    return {
        "id": row.public_id, "coverage": row.coverage.public_id, "number": row.number or "",
        **{name: getattr(row, name) for name in OF_AUTHORISATION}, "units_left": agreed_of(row).left,
    }  # fmt: skip

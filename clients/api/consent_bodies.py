"""What the endpoints of consents take: what a consent is to say, what a paper says, a wish to revoke."""

from collections.abc import Mapping
from typing import Any, Final

from rest_framework import serializers

from clients.api.inquiry_bodies import Group
from clients.rules.consent_terms import Category, Kind, Purpose, RecipientClass, Signer, Statement
from clients.rules.consents import Problem
from clients.services.consents import Paper, Terms

TEXT_CHARS: Final = 20_000
WORDS_CHARS: Final = 2_000
# An element of the rules, and the field of the body in which it stands.
FIELD_OF: Final[Mapping[str, str]] = {
    "purposes": "purpose",
    "expires_at": "last_day",
    "revocable_at": "revocable_from",
    "text": "paper.text",
    "signed_name": "paper.signed_name",
    "signed_at": "paper.signed_on",
    "authority": "paper.authority",
    "statements": "paper.statements",
}


class PaperSerializer(Group):
    """A consent that was signed on paper."""

    text = serializers.CharField(
        max_length=TEXT_CHARS, help_text="Word for word, or a clear explanation of what it covers"
    )
    statements = serializers.ListField(
        child=serializers.ChoiceField([(one.value, one.name) for one in Statement]), max_length=len(Statement),
        required=False,
        help_text="What the paper states",
    )  # fmt: skip
    signer = serializers.ChoiceField([(one.value, one.name) for one in Signer], default=Signer.SELF.value)
    signed_name = serializers.CharField(max_length=160, allow_blank=True, required=False)
    authority = serializers.CharField(
        max_length=160, allow_blank=True, required=False, help_text="Why somebody else may sign for the person"
    )
    signed_on = serializers.DateField()


class ConsentCreateSerializer(Group):
    """A consent that is written down to be signed at the clinic; or, with `paper`, one that was signed on paper."""

    client = serializers.UUIDField()
    kind = serializers.ChoiceField([(one.value, one.name) for one in Kind])
    categories = serializers.ListField(
        child=serializers.ChoiceField([(one.value, one.name) for one in Category]),
        max_length=len(Category),
        required=False,
    )
    description = serializers.CharField(max_length=WORDS_CHARS, allow_blank=True, required=False)
    recipients = serializers.CharField(
        max_length=400, allow_blank=True, required=False, help_text="One a line, where the kind allows several"
    )
    recipient_classes = serializers.ListField(
        child=serializers.ChoiceField([(one.value, one.name) for one in RecipientClass]),
        max_length=len(RecipientClass),
        required=False,
    )  # fmt: skip
    named_body = serializers.CharField(
        max_length=160, allow_blank=True, required=False, help_text="The intermediary, or the body of a mandate"
    )
    purpose = serializers.ChoiceField([(one.value, one.name) for one in Purpose], required=False)
    purpose_words = serializers.CharField(max_length=200, allow_blank=True, required=False)
    last_day = serializers.DateField(allow_null=True, required=False, help_text="It permits up to the end of this day")
    open_ended = serializers.BooleanField(required=False)
    expiry_event = serializers.CharField(max_length=160, allow_blank=True, required=False)
    revocable_from = serializers.DateField(allow_null=True, required=False)
    revocable_when = serializers.CharField(max_length=160, allow_blank=True, required=False)
    paper = PaperSerializer(required=False)


class RevocationSerializer(Group):
    """A wish to take a consent back."""

    written = serializers.BooleanField(help_text="On paper and signed; false: spoken, which puts it on hold at once")
    note = serializers.CharField(max_length=WORDS_CHARS, allow_blank=True, required=False)


class RevokedSerializer(serializers.Serializer[Any]):
    """What followed from a wish to take a consent back."""

    effect = serializers.CharField(help_text="revoked, held, kept (it may not be revoked yet), or none")
    tell = serializers.CharField(help_text="What to tell the person")
    state = serializers.CharField(help_text="What the consent is worth now")
    version = serializers.IntegerField()


def terms_of(data: Mapping[str, Any]) -> Terms:
    """Return what a consent is to say, of a checked body without client and paper."""
    return Terms(**{**data, "kind": Kind(data["kind"])})


def paper_of(data: Mapping[str, Any]) -> Paper:
    """Return what a paper says, of a checked body."""
    return Paper(
        text=data["text"], statements=frozenset(Statement(code) for code in data.get("statements", ())),
        signer=data["signer"], signed_name=data.get("signed_name", ""), authority=data.get("authority", ""),
        signed_on=data["signed_on"],
    )  # fmt: skip


def refused(problems: tuple[Problem, ...], *, on_paper: bool) -> serializers.ValidationError:
    """Return what is missing as errors, each at its place in the body."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        place = FIELD_OF.get(problem.element, problem.element)
        found.setdefault(place if on_paper or not place.startswith("paper.") else "kind", []).append(problem.sentence)
    return serializers.ValidationError(found)

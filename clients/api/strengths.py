"""Endpoints for what helps somebody: reasons for a change, strengths, past successes, affirmations and milestones."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from clients.api.exercises import named_target
from clients.api.of_client import OfClientView
from clients.api.targets import TargetSetAside
from clients.api.views import IF_MATCH, ONCE_KEY
from clients.models import Appointment, ChangeReason, Client, Strength
from clients.rules import strength_words
from clients.rules import strengths as rules
from clients.rules.strengths import Kind, Wrong
from clients.selectors.motivation import CHANGE, VIEW
from clients.services import reasons, strengths
from clients.services.reasons import Ended, Refused, Terms
from clients.services.targets import SetAside
from clinics.access import find_permitted
from clinics.api.errors import PreconditionFailed
from clinics.api.views import ClinicAPIView, listed_as, with_etag
from clinics.versions import Stale


class LetGo(APIException):
    """It was let go: nothing about it changes any more."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "let_go"


class ReasonSerializer(serializers.Serializer[Any]):
    """Why a person wants a change."""

    id = serializers.UUIDField()
    text = serializers.CharField()
    said_by = serializers.CharField(help_text="Who said it first")
    is_own = serializers.BooleanField(help_text="The person's own, whoever said it first")
    strength = serializers.IntegerField(allow_null=True)
    target = serializers.UUIDField(allow_null=True)
    first_said_on = serializers.DateField()
    restated_on = serializers.ListField(child=serializers.DateField())
    on_card = serializers.BooleanField()
    ended_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class ReasonChangeSerializer(serializers.Serializer[Any]):
    """What may be changed of a reason; what is left out stays."""

    text = serializers.CharField(max_length=reasons.CHARS, required=False)
    said_by = serializers.ChoiceField(strength_words.REASON_SOURCES, required=False)
    is_own = serializers.BooleanField(required=False)
    strength = serializers.IntegerField(min_value=0, max_value=10, allow_null=True, required=False)
    target = serializers.UUIDField(allow_null=True, required=False)
    first_said_on = serializers.DateField(required=False)
    on_card = serializers.BooleanField(required=False)


class ReasonCreateSerializer(ReasonChangeSerializer):
    """A reason that is written down."""

    text = serializers.CharField(max_length=reasons.CHARS)
    said_by = serializers.ChoiceField(strength_words.REASON_SOURCES)
    is_own = serializers.BooleanField()


class StrengthSerializer(serializers.Serializer[Any]):
    """What somebody has going for them."""

    id = serializers.UUIDField()
    what = serializers.CharField(help_text=", ".join(Kind))
    text = serializers.CharField()
    domain = serializers.CharField(help_text="Of a strength")
    evidence = serializers.CharField(help_text="What shows a strength, or how a success was done")
    helped = serializers.CharField(help_text="Of a success: what helped")
    transfer_to = serializers.CharField(help_text="Of a success: where it is used again")
    appointment = serializers.UUIDField(allow_null=True, help_text="Of an affirmation: the session it was said in")
    happened_on = serializers.DateField(allow_null=True)
    named_by = serializers.CharField()
    on_card = serializers.BooleanField()
    ended_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class StrengthChangeSerializer(serializers.Serializer[Any]):
    """What may be changed of it; what is left out stays, and its kind always does."""

    text = serializers.CharField(max_length=rules.CHARS, required=False)
    domain = serializers.ChoiceField(strength_words.DOMAINS, allow_blank=True, required=False)
    evidence = serializers.CharField(max_length=rules.CHARS, allow_blank=True, required=False)
    helped = serializers.CharField(max_length=rules.CHARS, allow_blank=True, required=False)
    transfer_to = serializers.ChoiceField(strength_words.TRANSFERS, allow_blank=True, required=False)
    appointment = serializers.UUIDField(allow_null=True, required=False)
    happened_on = serializers.DateField(allow_null=True, required=False)
    named_by = serializers.ChoiceField(strength_words.NAMED_BY, required=False)
    on_card = serializers.BooleanField(required=False)


class StrengthCreateSerializer(StrengthChangeSerializer):
    """One that is kept."""

    what = serializers.ChoiceField(strength_words.STRENGTHS)
    text = serializers.CharField(max_length=rules.CHARS)
    named_by = serializers.ChoiceField(strength_words.NAMED_BY)


def shown_reason(reason: ChangeReason) -> dict[str, Any]:
    """Return what is sent of a reason."""
    kept = (
        "text", "is_own", "strength", "first_said_on", "restated_on", "on_card", "ended_at", "version",
    )  # fmt: skip
    return {
        "id": reason.public_id, "said_by": reason.source,
        "target": reason.target.public_id if reason.target is not None else None,
        **{name: getattr(reason, name) for name in kept},
    }  # fmt: skip


def shown_strength(row: Strength) -> dict[str, Any]:
    """Return what is sent of a strength, a success, an affirmation or a milestone."""
    kept = (
        "text", "domain", "transfer_to", "happened_on", "named_by", "on_card", "ended_at", "version",
    )  # fmt: skip
    return {
        "id": row.public_id, "what": row.kind, "evidence": row.evidence or "", "helped": row.helped or "",
        "appointment": row.appointment.public_id if row.appointment is not None else None,
        **{name: getattr(row, name) for name in kept},
    }  # fmt: skip


def _refused(act: Callable[[], Any]) -> Any:
    """Return what `act` makes; a refusal of the rules becomes an error of its field, or of the state of things."""
    try:
        return act()
    except (Refused, Wrong) as error:
        raise serializers.ValidationError({error.field: [str(error)]}) from None
    except SetAside as error:
        raise TargetSetAside(str(error)) from None
    except Ended as error:
        raise LetGo(str(error)) from None
    except Stale:
        raise PreconditionFailed from None


class _OfPerson(ClinicAPIView):
    """An endpoint under one reason or strength."""

    def find(self, model: Any, public_id: str, right: str) -> Any:
        """Return the row on which the caller holds `right`, and record that it was opened."""
        user: Any = self.request.user
        beside = "target" if model is ChangeReason else "appointment"
        row = find_permitted(
            model, user, right, view_perm=VIEW, public_id=public_id, purpose="api", related=("client", beside)
        )
        row.clinic = row.client.clinic = self.request._request.clinic  # type: ignore[attr-defined]
        return row


# --- reasons --------------------------------------------------------------------------------------------------------


def _terms(client: Client, data: dict[str, Any], before: ChangeReason | None = None) -> Terms:
    """Return a reason as it is sent; what is left out stays as it is."""
    names = ("text", "source", "is_own", "strength", "first_said_on", "on_card")
    kept: dict[str, Any] = {name: getattr(before, name) for name in names} if before is not None else {}
    kept |= {name: data[name] for name in names if name in data}
    if "said_by" in data:
        kept["source"] = data["said_by"]
    target = before.target if before is not None else None
    if "target" in data:
        target = named_target(client, data["target"], target)
    return Terms(**kept, target=target)


class ReasonsOfClient(OfClientView):
    """Why a person wants a change."""

    rights: ClassVar[Any] = {"GET": VIEW, "POST": CHANGE}

    @extend_schema(responses=listed_as(ReasonSerializer), operation_id="reasons_list")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> HttpResponse:
        """List a person's reasons, those that were let go too."""
        client = self.client_for(public_id, VIEW)
        rows = ChangeReason.objects.filter(client_id__in=client.record_keys).select_related("target")
        return self.listing(rows, ("id",), shown_reason)

    @extend_schema(
        request=ReasonCreateSerializer, responses={201: ReasonSerializer}, parameters=[ONCE_KEY],
        operation_id="reason_create",
    )  # fmt: skip
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Write down why a person wants a change; 409 when the goal it names is set aside."""
        client = self.client_for(public_id, CHANGE)
        terms = _terms(client, self.checked(ReasonCreateSerializer))
        user: Any = request.user
        made: Response = _refused(
            lambda: self.created_once(
                lambda: reasons.add(client=client, terms=terms, by=user, now=timezone.now()),
                lambda pk: shown_reason(ChangeReason.objects.select_related("target").get(public_id=pk)),
                about=str(client.public_id),
            )
        )
        return made


class ReasonDetail(_OfPerson):
    """One reason."""

    rights: ClassVar[Any] = {"GET": VIEW, "PATCH": CHANGE}

    @extend_schema(responses=ReasonSerializer, operation_id="reason_read")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Read a reason; the answer's ETag is the version to change it from."""
        reason = self.find(ChangeReason, public_id, VIEW)
        return with_etag(shown_reason(reason), reason.version)

    @extend_schema(
        request=ReasonChangeSerializer, responses=ReasonSerializer, parameters=[IF_MATCH], operation_id="reason_change"
    )
    def patch(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Put a reason right; 409 when it was let go."""
        reason = self.find(ChangeReason, public_id, CHANGE)
        version = self.version_asked()
        terms = _terms(reason.client, self.checked(ReasonChangeSerializer), reason)
        user: Any = request.user
        changed = _refused(
            lambda: reasons.change(reason=reason, version=version, terms=terms, by=user, now=timezone.now())
        )
        changed.refresh_from_db(fields=["version"])
        return with_etag(shown_reason(changed), changed.version)


class ReasonAgain(_OfPerson):
    """That a reason was said again."""

    rights: ClassVar[Any] = {"POST": CHANGE}

    @extend_schema(request=None, responses=ReasonSerializer, operation_id="reason_again")
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Note that they gave the reason again today; sent again, nothing changes."""
        reason = self.find(ChangeReason, public_id, CHANGE)
        user: Any = request.user
        said = _refused(lambda: reasons.say_again(reason=reason, by=user, now=timezone.now()))
        return with_etag(shown_reason(said), said.version)


class ReasonEnd(_OfPerson):
    """Letting a reason go."""

    rights: ClassVar[Any] = {"POST": CHANGE}

    @extend_schema(request=None, responses=ReasonSerializer, operation_id="reason_end")
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Let a reason go; sent again, nothing changes."""
        user: Any = request.user
        ended = reasons.end(reason=self.find(ChangeReason, public_id, CHANGE), by=user, now=timezone.now())
        return with_etag(shown_reason(ended), ended.version)


# --- strengths ------------------------------------------------------------------------------------------------------


def _values(client: Client, data: dict[str, Any], before: Strength | None = None) -> dict[str, Any]:
    """Return a strength as it is sent, the appointment as its row; what is left out stays as it is."""
    names = ("text", *rules.ALL_FIELDS)
    kept = {name: getattr(before, name) for name in names} if before is not None else {}
    kept |= {name: data[name] for name in names if name in data}
    if data.get("appointment") is not None:
        theirs = Appointment.objects.filter(client_id__in=client.record_keys)
        found = theirs.filter(public_id=data["appointment"]).first()
        if found is None:
            raise serializers.ValidationError({"appointment": ["They had no such appointment."]})
        kept["appointment"] = found
    return kept


class StrengthsOfClient(OfClientView):
    """What a person has going for them."""

    rights: ClassVar[Any] = {"GET": VIEW, "POST": CHANGE}

    @extend_schema(responses=listed_as(StrengthSerializer), operation_id="strengths_list")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> HttpResponse:
        """List strengths, past successes, affirmations and milestones, those that were let go too."""
        client = self.client_for(public_id, VIEW)
        rows = Strength.objects.filter(client_id__in=client.record_keys).select_related("appointment")
        return self.listing(rows, ("id",), shown_strength)

    @extend_schema(
        request=StrengthCreateSerializer, responses={201: StrengthSerializer}, parameters=[ONCE_KEY],
        operation_id="strength_create",
    )  # fmt: skip
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Keep a strength, a past success, an affirmation or a milestone."""
        client = self.client_for(public_id, CHANGE)
        data = self.checked(StrengthCreateSerializer)
        values = _values(client, data)
        user: Any = request.user
        made: Response = _refused(
            lambda: self.created_once(
                lambda: strengths.add(
                    client=client, kind=Kind(data["what"]), values=values, named_by=data["named_by"],
                    on_card=data.get("on_card", True), by=user, now=timezone.now(),
                ),
                lambda pk: shown_strength(Strength.objects.select_related("appointment").get(public_id=pk)),
                about=str(client.public_id),
            )
        )  # fmt: skip
        return made


class StrengthDetail(_OfPerson):
    """One strength, success, affirmation or milestone."""

    rights: ClassVar[Any] = {"GET": VIEW, "PATCH": CHANGE}

    @extend_schema(responses=StrengthSerializer, operation_id="strength_read")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Read one; the answer's ETag is the version to change it from."""
        row = self.find(Strength, public_id, VIEW)
        return with_etag(shown_strength(row), row.version)

    @extend_schema(
        request=StrengthChangeSerializer, responses=StrengthSerializer, parameters=[IF_MATCH],
        operation_id="strength_change",
    )  # fmt: skip
    def patch(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Put one right; 409 when it was let go."""
        row = self.find(Strength, public_id, CHANGE)
        version = self.version_asked()
        data = self.checked(StrengthChangeSerializer)
        values = _values(row.client, data, row)
        user: Any = request.user
        changed = _refused(
            lambda: strengths.change(
                row=row, version=version, values=values, named_by=data.get("named_by", row.named_by),
                on_card=data.get("on_card", row.on_card), by=user, now=timezone.now(),
            )
        )  # fmt: skip
        changed.refresh_from_db(fields=["version"])
        return with_etag(shown_strength(changed), changed.version)


class StrengthEnd(_OfPerson):
    """Letting one go."""

    rights: ClassVar[Any] = {"POST": CHANGE}

    @extend_schema(request=None, responses=StrengthSerializer, operation_id="strength_end")
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Let one go; sent again, nothing changes."""
        user: Any = request.user
        ended = strengths.end(row=self.find(Strength, public_id, CHANGE), by=user, now=timezone.now())
        return with_etag(shown_strength(ended), ended.version)

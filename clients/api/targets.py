"""Endpoints for what a person wants to change, and where they stand with it."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from clients.api.of_client import OfClientView
from clients.api.views import IF_MATCH, ONCE_KEY
from clients.forms.targets import GOAL_CHARS, REASON_CHARS, SAID_CHARS
from clients.models import ChangeTarget, IntensityChoice, RulerReading, StageRating
from clients.rules import stages
from clients.rules.motivation import Intensity, Ruler
from clients.selectors import motivation as selectors
from clients.selectors.motivation import CHANGE, SEES_MANDATES, VIEW
from clients.selectors.people import permits
from clients.services import targets
from clients.services.targets import Answer, Terms
from clinics.access import find_permitted
from clinics.api.errors import PreconditionFailed
from clinics.api.views import ClinicAPIView, listed_as, with_etag
from clinics.versions import Stale

CHOSEN = [key for key, _words in stages.INTENSITIES if key != Intensity.UNKNOWN]
NOT_TOLD = "It rests on a part of the record that is not yours to read."


class TargetSetAside(APIException):
    """The goal is set aside: nothing is added to it."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "set_aside"


class TargetSerializer(serializers.Serializer[Any]):
    """What a person wants to change."""

    id = serializers.UUIDField()
    goal = serializers.CharField()
    own_words = serializers.CharField()
    about = serializers.CharField(help_text="What kind of change it is")
    direction = serializers.CharField()
    is_active = serializers.BooleanField(help_text="false: set aside")
    created_at = serializers.DateTimeField()
    version = serializers.IntegerField()


class TargetChangeSerializer(serializers.Serializer[Any]):
    """What may be changed of a goal; what is left out stays."""

    goal = serializers.CharField(max_length=GOAL_CHARS, required=False)
    own_words = serializers.CharField(max_length=GOAL_CHARS, allow_blank=True, required=False)
    about = serializers.ChoiceField(stages.KINDS, required=False)
    direction = serializers.ChoiceField(stages.DIRECTIONS, allow_blank=True, required=False)


class TargetCreateSerializer(TargetChangeSerializer):
    """A goal that is written down."""

    goal = serializers.CharField(max_length=GOAL_CHARS)


class StageCreateSerializer(serializers.Serializer[Any]):
    """The stage of change, as a clinician rates it today."""

    stage = serializers.ChoiceField(stages.STAGES)
    basis = serializers.ChoiceField(stages.BASES)


class StageSerializer(serializers.Serializer[Any]):
    """A rating of the stage of change. Final."""

    id = serializers.UUIDField()
    stage = serializers.CharField()
    basis = serializers.CharField()
    rated_on = serializers.DateField()


class RulerCreateSerializer(serializers.Serializer[Any]):
    """An answer on one ruler, given today outside of a session."""

    ruler = serializers.ChoiceField([ruler.value for ruler in Ruler])
    value = serializers.IntegerField(min_value=0, max_value=10)
    why_not_lower = serializers.CharField(max_length=SAID_CHARS, allow_blank=True, required=False)
    what_would_raise = serializers.CharField(max_length=SAID_CHARS, allow_blank=True, required=False)


class RulerSerializer(serializers.Serializer[Any]):
    """An answer on a ruler, with what was said to it."""

    id = serializers.UUIDField()
    ruler = serializers.CharField()
    value = serializers.IntegerField()
    taken_on = serializers.DateField()
    in_session = serializers.BooleanField()
    why_not_lower = serializers.CharField()
    what_would_raise = serializers.CharField()


class IntensityChoiceCreateSerializer(serializers.Serializer[Any]):
    """How one works with them on this, and why otherwise than suggested."""

    chosen = serializers.ChoiceField(CHOSEN)
    reason = serializers.CharField(max_length=REASON_CHARS)


class IntensityChoiceSerializer(serializers.Serializer[Any]):
    """That a clinician works otherwise than was suggested. Final."""

    id = serializers.UUIDField()
    suggested = serializers.CharField()
    chosen = serializers.CharField()
    reason = serializers.CharField()
    chosen_at = serializers.DateTimeField()


class IntensitySerializer(serializers.Serializer[Any]):
    """What suits now by fixed rules that are not validated, and what holds."""

    suggested = serializers.CharField()
    row = serializers.IntegerField(help_text="1 to 8: the first rule that fits; 0: none does")
    why = serializers.CharField()
    working = serializers.CharField(help_text="What holds: the last choice of a clinician, else what is suggested")
    mi_pct = serializers.IntegerField(allow_null=True)
    skills_pct = serializers.IntegerField(allow_null=True)
    advice = serializers.CharField()
    advice_against = serializers.CharField()


def shown(target: ChangeTarget) -> dict[str, Any]:
    """Return what is sent of a goal."""
    kept = ("goal", "direction", "is_active", "created_at", "version")
    return {
        "id": target.public_id, **{name: getattr(target, name) for name in kept}, "about": target.kind,
        "own_words": target.own_words or "",
    }  # fmt: skip


def shown_stage(row: StageRating) -> dict[str, Any]:
    """Return what is sent of a rating."""
    return {"id": row.public_id, **{name: getattr(row, name) for name in ("stage", "basis", "rated_on")}}


def shown_ruler(row: RulerReading) -> dict[str, Any]:
    """Return what is sent of an answer."""
    return {
        "id": row.public_id, **{name: getattr(row, name) for name in ("ruler", "value", "taken_on")},
        "in_session": row.appointment_id is not None, "why_not_lower": row.why_not_lower or "",
        "what_would_raise": row.what_would_raise or "",
    }  # fmt: skip


def shown_choice(row: IntensityChoice) -> dict[str, Any]:
    """Return what is sent of a choice."""
    return {
        "id": row.public_id,
        **{name: getattr(row, name) for name in ("suggested", "chosen", "reason", "chosen_at")},
    }


def _terms(data: dict[str, Any], target: ChangeTarget | None = None) -> Terms:
    """Return a goal as it is sent; what is left out stays as it is."""
    before = Terms(target.goal, target.kind, target.direction, target.own_words or "") if target else Terms("")
    return Terms(
        goal=data.get("goal", before.goal), kind=data.get("about", before.kind),
        direction=data.get("direction", before.direction), own_words=data.get("own_words", before.own_words),
    )  # fmt: skip


class _AboutTarget(ClinicAPIView):
    """An endpoint under one goal."""

    def find(self, public_id: str, right: str) -> ChangeTarget:
        """Return the goal on which the caller holds `right`, and record that it was opened."""
        user: Any = self.request.user
        target = find_permitted(
            ChangeTarget, user, right, view_perm=VIEW, public_id=public_id, purpose="api", related=("client",)
        )
        target.clinic = target.client.clinic = self.request._request.clinic  # type: ignore[attr-defined]
        return target

    def made(self, target: ChangeTarget, act: Callable[[], Any], show: Callable[[str], Any]) -> Response:
        """Do `act` once; a refusal of the rules becomes an error of its field."""
        try:
            return self.created_once(act, show, about=str(target.public_id))
        except targets.SetAside as error:
            raise TargetSetAside(str(error)) from None
        except targets.AsSuggested as error:
            raise serializers.ValidationError({error.field: [str(error)]}) from None


class TargetsOfClient(OfClientView):
    """What a person wants to change."""

    rights: ClassVar[Any] = {"GET": VIEW, "POST": CHANGE}

    @extend_schema(responses=listed_as(TargetSerializer), operation_id="targets_list")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> HttpResponse:
        """List a person's goals, those that were set aside too; of records joined into theirs as well."""
        client = self.client_for(public_id, VIEW)
        rows = ChangeTarget.objects.permitted(request.user, VIEW).filter(client_id__in=client.record_keys)
        return self.listing(rows, ("id",), shown)

    @extend_schema(
        request=TargetCreateSerializer, responses={201: TargetSerializer}, parameters=[ONCE_KEY],
        operation_id="target_create",
    )  # fmt: skip
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Write down what a person wants to change."""
        client = self.client_for(public_id, CHANGE)
        data = self.checked(TargetCreateSerializer)
        user: Any = request.user
        try:
            return self.created_once(
                lambda: targets.add(client=client, terms=_terms(data), by=user),
                lambda pk: shown(ChangeTarget.objects.get(public_id=pk)),
                about=str(client.public_id),
            )
        except targets.NoGoal as error:
            raise serializers.ValidationError({error.field: [str(error)]}) from None


class TargetDetail(_AboutTarget):
    """One goal."""

    rights: ClassVar[Any] = {"GET": VIEW, "PATCH": CHANGE}

    @extend_schema(responses=TargetSerializer, operation_id="target_read")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Read a goal; the answer's ETag is the version to change it from."""
        target = self.find(public_id, VIEW)
        return with_etag(shown(target), target.version)

    @extend_schema(
        request=TargetChangeSerializer, responses=TargetSerializer, parameters=[IF_MATCH], operation_id="target_change"
    )
    def patch(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Put a goal right."""
        target = self.find(public_id, CHANGE)
        version = self.version_asked()
        data = self.checked(TargetChangeSerializer)
        user: Any = request.user
        try:
            changed = targets.change(target=target, version=version, terms=_terms(data, target), by=user)
        except Stale:
            raise PreconditionFailed from None
        except targets.NoGoal as error:
            raise serializers.ValidationError({error.field: [str(error)]}) from None
        changed.refresh_from_db(fields=["version"])
        return with_etag(shown(changed), changed.version)


class TargetEnd(_AboutTarget):
    """Setting a goal aside."""

    rights: ClassVar[Any] = {"POST": CHANGE}

    @extend_schema(request=None, responses=TargetSerializer, operation_id="target_end")
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Set a goal aside; sent again, nothing changes."""
        user: Any = request.user
        target = targets.set_aside(target=self.find(public_id, CHANGE), by=user)
        return with_etag(shown(target), target.version)


class TargetTakeUp(_AboutTarget):
    """Taking up a goal again that was set aside."""

    rights: ClassVar[Any] = {"POST": CHANGE}

    @extend_schema(request=None, responses=TargetSerializer, operation_id="target_take_up")
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Take a goal up again; sent again, nothing changes."""
        user: Any = request.user
        target = targets.take_up(target=self.find(public_id, CHANGE), by=user)
        return with_etag(shown(target), target.version)


class TargetStages(_AboutTarget):
    """The stages of change of one goal."""

    rights: ClassVar[Any] = {"GET": VIEW, "POST": CHANGE}

    @extend_schema(responses=listed_as(StageSerializer), operation_id="target_stages_list")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> HttpResponse:
        """List the ratings, the newest first."""
        rows = StageRating.objects.filter(target=self.find(public_id, VIEW))
        return self.listing(rows, ("-rated_on", "-id"), shown_stage)

    @extend_schema(
        request=StageCreateSerializer, responses={201: StageSerializer}, parameters=[ONCE_KEY],
        operation_id="target_stage_create",
    )  # fmt: skip
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Rate the stage today; 409 when the goal is set aside."""
        target = self.find(public_id, CHANGE)
        data = self.checked(StageCreateSerializer)
        user: Any = request.user
        return self.made(
            target,
            lambda: targets.rate_stage(target=target, by=user, now=timezone.now(), **data),
            lambda pk: shown_stage(StageRating.objects.get(public_id=pk)),
        )


class TargetRulers(_AboutTarget):
    """The rulers of one goal."""

    rights: ClassVar[Any] = {"GET": VIEW, "POST": CHANGE}

    @extend_schema(responses=listed_as(RulerSerializer), operation_id="target_rulers_list")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> HttpResponse:
        """List the answers, the newest first, those of sessions too."""
        rows = RulerReading.objects.filter(target=self.find(public_id, VIEW))
        return self.listing(rows, ("-taken_on", "-id"), shown_ruler)

    @extend_schema(
        request=RulerCreateSerializer, responses={201: RulerSerializer}, parameters=[ONCE_KEY],
        operation_id="target_ruler_create",
    )  # fmt: skip
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Note an answer outside of a session; 409 when the goal is set aside."""
        target = self.find(public_id, CHANGE)
        data = self.checked(RulerCreateSerializer)
        user: Any = request.user
        answer = Answer(data["value"], data.get("why_not_lower", ""), data.get("what_would_raise", ""))
        return self.made(
            target,
            lambda: targets.take_rulers(
                target=target, answers={Ruler(data["ruler"]): answer}, by=user, now=timezone.now()
            )[0],
            lambda pk: shown_ruler(RulerReading.objects.get(public_id=pk)),
        )


class TargetIntensity(_AboutTarget):
    """How much evoking suits one goal now."""

    rights: ClassVar[Any] = {"GET": VIEW, "POST": CHANGE}

    @extend_schema(responses=IntensitySerializer, operation_id="target_intensity_read")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Read what is suggested and why, and what holds."""
        target = self.find(public_id, VIEW)
        now = selectors.find_standing(target)
        user: Any = request.user
        told = not now.on_mandate or permits(target.client, user, SEES_MANDATES)[0]
        return Response(
            {
                "suggested": now.suggested.intensity.value, "row": now.suggested.row,
                "why": now.suggested.reason if told else NOT_TOLD, "working": now.working.value,
                "mi_pct": now.advice.mi_pct, "skills_pct": now.advice.skills_pct, "advice": now.advice.do,
                "advice_against": now.advice.do_not,
            }
        )  # fmt: skip

    @extend_schema(
        request=IntensityChoiceCreateSerializer, responses={201: IntensityChoiceSerializer}, parameters=[ONCE_KEY],
        operation_id="target_intensity_create",
    )  # fmt: skip
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Say that one works otherwise, or as suggested again; 409 when the goal is set aside."""
        target = self.find(public_id, CHANGE)
        data = self.checked(IntensityChoiceCreateSerializer)
        now = selectors.find_standing(target)
        user: Any = request.user
        return self.made(
            target,
            lambda: targets.choose_intensity(
                target=target, suggested=now.suggested.intensity, working=now.working,
                chosen=Intensity(data["chosen"]), reason=data["reason"], by=user,
            ),
            lambda pk: shown_choice(IntensityChoice.objects.get(public_id=pk)),
        )  # fmt: skip

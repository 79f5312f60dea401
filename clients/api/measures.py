"""
Endpoints for measures: what a person answered, entering answers, and when they are asked again.

A list gives levels; numbers stand in it where the caller may read the answers, which have an endpoint of their own.
"""

from typing import Any, ClassVar

from django.http import Http404, HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clients.api.of_client import OfClientView
from clients.api.views import IF_MATCH, ONCE_KEY
from clients.models import Client, MeasureResponse, MeasureSchedule
from clients.selectors import measures as selectors
from clients.selectors.measures import ADD, ANSWERS, LEVEL, ReadScore
from clients.services import measures
from clinics import audit
from clinics.access import NOT_HERE, find_permitted
from clinics.api.errors import PreconditionFailed
from clinics.api.views import ClinicAPIView, listed_as, with_etag
from clinics.instruments.figures import as_decimal_text
from clinics.versions import Stale

BY_STAFF = (MeasureResponse.Source.CLINICIAN.value, MeasureResponse.Source.DEVICE.value)


class MeasureScoreSerializer(serializers.Serializer[Any]):
    """A score: its band, and its number where the caller may read the answers."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # DRF's own name for something else
    value = serializers.CharField(allow_null=True, help_text="A decimal; null where there is none, or for levels only")
    level = serializers.CharField(help_text="The band in words; empty where it has none")


class MeasureSerializer(serializers.Serializer[Any]):
    """An answered measure as a list shows it."""

    id = serializers.UUIDField()
    measure = serializers.CharField(help_text="Key of the instrument")
    version = serializers.CharField(help_text="Version of the instrument")
    taken_on = serializers.DateField()
    answered = serializers.CharField(help_text="clinician, device or link")
    complete = serializers.BooleanField()
    taken_back = serializers.BooleanField()
    scores = MeasureScoreSerializer(many=True)


class MeasureDetailSerializer(MeasureSerializer):
    """An answered measure with its answers, what is to be said about it, and what safety asks for."""

    answers = serializers.DictField(child=serializers.IntegerField(), help_text="Item to value, in the smallest unit")
    notes = serializers.ListField(child=serializers.CharField())
    safety = serializers.ListField(child=serializers.CharField(), help_text="What to do, the most urgent first")


class MeasureCreateSerializer(serializers.Serializer[Any]):
    """Answers as staff enter them; a question may be left out."""

    measure = serializers.SlugField(max_length=60, help_text="Key of the instrument")
    answers = serializers.DictField(
        child=serializers.IntegerField(min_value=-1_000, max_value=1_000),
        help_text="Item to value, in the smallest unit of its scale: 23.5 with one decimal is 235",
    )
    taken_on = serializers.DateField()
    answered = serializers.ChoiceField(BY_STAFF, default=BY_STAFF[0])


class MeasurePlanSerializer(serializers.Serializer[Any]):
    """How often a measure is asked, and when next."""

    id = serializers.UUIDField()
    measure = serializers.CharField()
    every_days = serializers.IntegerField()
    next_due_on = serializers.DateField()
    ended_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class MeasurePlanCreateSerializer(serializers.Serializer[Any]):
    """A measure to ask regularly from now on."""

    measure = serializers.SlugField(max_length=60)
    every_days = serializers.IntegerField(min_value=1, max_value=366)
    next_due_on = serializers.DateField()


class MeasurePlanChangeSerializer(serializers.Serializer[Any]):
    """What may be changed of it; what is left out stays."""

    every_days = serializers.IntegerField(min_value=1, max_value=366, required=False)
    next_due_on = serializers.DateField(required=False)


def _scores(scores: Any, *, numbers: bool) -> list[dict[str, Any]]:
    def value(one: ReadScore) -> str | None:
        return as_decimal_text(one.value) if numbers and one.value is not None else None

    return [{"key": one.score.key, "label": one.score.label, "value": value(one), "level": one.level} for one in scores]


def shown(response: MeasureResponse, scores: Any, *, numbers: bool) -> dict[str, Any]:
    """Return what a list sends of an answered measure."""
    return {
        "id": response.public_id,
        "measure": response.instrument.key,
        "version": response.instrument.instrument_version,
        "taken_on": response.taken_on,
        "answered": response.source,
        "complete": response.complete,
        "taken_back": response.undone_at is not None,
        "scores": _scores(scores, numbers=numbers),
    }


def shown_whole(response: MeasureResponse) -> dict[str, Any]:
    """Return everything that is sent of an answered measure."""
    result = selectors.result(response, response.client)
    return {
        **shown(response, result.scores, numbers=True),
        "answers": response.answers,
        "notes": [note.text for note in result.notes],
        "safety": [one.sentence for one in result.findings],
    }


def shown_plan(schedule: MeasureSchedule) -> dict[str, Any]:
    """Return what is sent of a plan to ask a measure."""
    kept = ("every_days", "next_due_on", "ended_at", "version")
    return {"id": schedule.public_id, "measure": schedule.key, **{name: getattr(schedule, name) for name in kept}}


def _found(public_id: Any, client: Client) -> MeasureResponse:
    row: MeasureResponse = MeasureResponse.objects.select_related("instrument").get(public_id=public_id)
    row.client = client
    return row


class MeasuresOfClient(OfClientView):
    """What a person answered."""

    rights: ClassVar[Any] = {"GET": LEVEL, "POST": ADD}

    @extend_schema(responses=listed_as(MeasureSerializer), operation_id="measures_list")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> HttpResponse:
        """List what a person answered, newest first; what was taken back included."""
        client = self.client_for(public_id, LEVEL, ANSWERS)

        def show(response: MeasureResponse) -> dict[str, Any]:
            (row,) = selectors.rows_of([response])
            return shown(response, row.scores, numbers=row.opens)

        return self.listing(
            selectors.lines_of(client, request.user), ("-taken_at", "-id"), show,
            seen=lambda _page: audit.listed("measureresponse", [client.pk], purpose="api"),
        )  # fmt: skip

    @extend_schema(
        request=MeasureCreateSerializer, responses={201: MeasureDetailSerializer}, parameters=[ONCE_KEY],
        operation_id="measure_create",
    )  # fmt: skip
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Enter answers. What safety asks for stands in the answer, and is a concern already."""
        client = self.client_for(public_id, ADD)
        data = self.checked(MeasureCreateSerializer)
        offered = selectors.find_offered(data["measure"])
        if offered is None:
            raise serializers.ValidationError({"measure": ["This clinic does not use that measure now."]})
        user: Any = request.user
        try:
            return self.created_once(
                lambda: measures.record(
                    client=client, offered=offered, answers=data["answers"], taken_on=data["taken_on"],
                    source=data["answered"], by=user, now=timezone.now(),
                ),
                lambda pk: shown_whole(_found(pk, client)),
                about=str(client.public_id),
            )  # fmt: skip
        except measures.Wrong as error:
            field = error.field if error.field in ("", "taken_on") else f"answers.{error.field}"
            raise serializers.ValidationError({field or "answers": [str(error)]}) from None


class MeasureDetail(ClinicAPIView):
    """One answered measure."""

    rights: ClassVar[Any] = {"GET": ANSWERS}

    @extend_schema(responses=MeasureDetailSerializer, operation_id="measure_read")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Read an answered measure with its answers."""
        user: Any = request.user
        response: MeasureResponse = find_permitted(
            MeasureResponse, user, ANSWERS, view_perm=LEVEL, public_id=public_id, purpose="api",
            related=("client__merged_into", "instrument"),
        )  # fmt: skip
        response.client = response.client.current
        return Response(shown_whole(response))


class MeasurePlans(OfClientView):
    """What a person is asked regularly."""

    rights: ClassVar[Any] = {"GET": LEVEL, "POST": ADD}

    @extend_schema(responses=listed_as(MeasurePlanSerializer), operation_id="measure_plans_list")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> HttpResponse:
        """List the plans of a person, ended ones included."""
        client = self.client_for(public_id, LEVEL, ANSWERS)
        return self.listing(
            selectors.schedules_of(client), ("next_due_on", "id"), shown_plan,
            seen=lambda _page: audit.listed("measureschedule", [client.pk], purpose="api"),
        )  # fmt: skip

    @extend_schema(
        request=MeasurePlanCreateSerializer, responses={201: MeasurePlanSerializer}, parameters=[ONCE_KEY],
        operation_id="measure_plan_create",
    )  # fmt: skip
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Ask a measure regularly; one that is asked already is changed on its own endpoint."""
        client = self.client_for(public_id, ADD)
        data = self.checked(MeasurePlanCreateSerializer)
        user: Any = request.user
        try:
            return self.created_once(
                lambda: measures.plan(
                    client=client, key=data["measure"], every_days=data["every_days"],
                    next_due_on=data["next_due_on"], by=user,
                ),
                lambda pk: shown_plan(MeasureSchedule.objects.get(public_id=pk)),
                about=str(client.public_id),
            )  # fmt: skip
        except measures.NotInUse as error:
            raise serializers.ValidationError({"measure": [str(error)]}) from None
        except Stale:
            raise serializers.ValidationError({"measure": ["This is asked already. Change that plan."]}) from None


class MeasurePlanDetail(ClinicAPIView):
    """One plan to ask a measure."""

    rights: ClassVar[Any] = {"GET": LEVEL, "PATCH": ADD, "DELETE": ADD}

    @extend_schema(responses=MeasurePlanSerializer, operation_id="measure_plan_read")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Read a plan; the answer's ETag is the version to change it from."""
        schedule = self._find(public_id, LEVEL)
        return with_etag(shown_plan(schedule), schedule.version)

    @extend_schema(
        request=MeasurePlanChangeSerializer, responses=MeasurePlanSerializer, parameters=[IF_MATCH],
        operation_id="measure_plan_change",
    )  # fmt: skip
    def patch(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Change how often a measure is asked, or when next."""
        schedule = self._find(public_id, ADD)
        version, data = self.version_asked(), self.checked(MeasurePlanChangeSerializer)
        user: Any = request.user
        if schedule.ended_at is not None:
            raise Http404(NOT_HERE)
        try:
            changed = measures.plan(
                client=schedule.client, key=schedule.key, every_days=data.get("every_days", schedule.every_days),
                next_due_on=data.get("next_due_on", schedule.next_due_on), by=user, version=version,
            )  # fmt: skip
        except measures.NotInUse as error:
            raise serializers.ValidationError({"measure": [str(error)]}) from None
        except Stale:
            raise PreconditionFailed from None
        return with_etag(shown_plan(changed), changed.version)

    @extend_schema(responses=MeasurePlanSerializer, parameters=[IF_MATCH], operation_id="measure_plan_end")
    def delete(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Ask for it no longer; the plan stays in the record, ended."""
        schedule = self._find(public_id, ADD)
        version = self.version_asked()
        user: Any = request.user
        try:
            ended = measures.end_plan(schedule=schedule, version=version, by=user, now=timezone.now())
        except (Stale, measures.EndedAlready):
            raise PreconditionFailed from None
        return with_etag(shown_plan(ended), ended.version)

    def _find(self, public_id: str, right: str) -> MeasureSchedule:
        user: Any = self.request.user
        found: MeasureSchedule = find_permitted(
            MeasureSchedule, user, right, view_perm=LEVEL, public_id=public_id, purpose="api", related=("client",)
        )
        found.client.clinic = self.request._request.clinic  # type: ignore[attr-defined]
        return found

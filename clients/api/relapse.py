"""Endpoints for keeping a change: plans for return to use, cravings, and returns to use."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from clients.api import relapse_bodies as bodies
from clients.api.of_client import OfClientView
from clients.api.views import ONCE_KEY
from clients.models import ChangeTarget, Craving, Lapse, RelapsePlan
from clients.rules import relapse as rules
from clients.rules import returns as return_rules
from clients.selectors import returns as return_selectors
from clients.selectors.relapse import CHANGE, VIEW
from clients.services import relapse, returns
from clients.services.returns import Felt, Happened
from clients.services.revisions import Newer
from clients.services.targets import SetAside
from clinics import audit
from clinics.access import find_permitted
from clinics.api.errors import PreconditionFailed
from clinics.api.views import listed_as


class AlreadyOver(APIException):
    """It was taken back or looked back on already."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "over"


class RelapsePlansOfClient(OfClientView):
    """A person's plans for return to use."""

    rights: ClassVar[Any] = {"GET": VIEW, "POST": CHANGE}

    @extend_schema(responses=listed_as(bodies.RelapsePlanSerializer), operation_id="relapse_plans_list")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> HttpResponse:
        """List the revisions of a plan, the newest first: that one holds."""
        client = self.client_for(public_id, VIEW)
        rows = RelapsePlan.objects.filter(client_id__in=client.record_keys)
        return self.listing(
            rows, ("-revision", "-id"), lambda plan: bodies.shown_plan(plan, client),
            seen=lambda _page: audit.listed("relapseplan", [client.pk], purpose="api"),
        )  # fmt: skip

    @extend_schema(
        request=bodies.RelapsePlanCreateSerializer, responses={201: bodies.RelapsePlanSerializer},
        parameters=[ONCE_KEY], operation_id="relapse_plan_create",
    )  # fmt: skip
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Write a plan anew; 412 when somebody wrote one since the revision it is based on."""
        client = self.client_for(public_id, CHANGE)
        data = self.checked(bodies.RelapsePlanCreateSerializer)
        user: Any = request.user
        try:
            return self.created_once(
                lambda: relapse.write(
                    client=client, seen=data["based_on"], parts=bodies.as_parts(data["parts"]),
                    copy_given=data["copy_given"], by=user, now=timezone.now(),
                ),
                lambda pk: bodies.shown_plan(RelapsePlan.objects.get(public_id=pk), client),
                about=str(client.public_id),
            )  # fmt: skip
        except Newer:
            raise PreconditionFailed from None
        except rules.Wrong as error:
            raise serializers.ValidationError({f"parts.{error.field}".rstrip("."): [str(error)]}) from None


class _Returning(OfClientView):
    """What cravings and returns to use share."""

    def made(self, about: Any, act: Callable[[], Any], show: Callable[[str], Any]) -> Response:
        """Do `act` once; a refusal of the rules becomes an error of its field."""
        try:
            return self.created_once(act, show, about=str(about.public_id))
        except return_rules.Wrong as error:
            raise serializers.ValidationError({error.field: [str(error)]}) from None
        except (returns.TakenBack, returns.LookedBack, SetAside) as error:
            raise AlreadyOver(str(error)) from None

    def row(self, model: Any, public_id: str, right: str) -> Any:
        """Return a row on which the caller holds `right`, and record that it was opened."""
        user: Any = self.request.user
        row = find_permitted(
            model, user, right, view_perm=VIEW, public_id=public_id, purpose="api", related=("client__merged_into",)
        )
        row.clinic = row.client.clinic = self.request._request.clinic  # type: ignore[attr-defined]
        return row


def _lapse(public_id: str) -> dict[str, Any]:
    return bodies.shown_lapse(Lapse.objects.select_related("target").get(public_id=public_id))


class CravingsOfClient(_Returning):
    """A person's cravings."""

    rights: ClassVar[Any] = {"GET": VIEW, "POST": CHANGE}

    @extend_schema(responses=listed_as(bodies.CravingSerializer), operation_id="cravings_list")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> HttpResponse:
        """List cravings, the newest first; what was taken back included."""
        client = self.client_for(public_id, VIEW)
        return self.listing(
            Craving.objects.filter(client_id__in=client.record_keys), return_selectors.CRAVINGS, bodies.shown_craving,
            seen=lambda _page: audit.listed("craving", [client.pk], purpose="api"),
        )  # fmt: skip

    @extend_schema(
        request=bodies.CravingCreateSerializer, responses={201: bodies.CravingSerializer}, parameters=[ONCE_KEY],
        operation_id="craving_create",
    )  # fmt: skip
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Write down a craving."""
        client = self.client_for(public_id, CHANGE)
        felt = Felt(**self.checked(bodies.CravingCreateSerializer))
        user: Any = request.user
        return self.made(
            client, lambda: returns.note_craving(client=client, felt=felt, by=user, now=timezone.now()),
            lambda pk: bodies.shown_craving(Craving.objects.get(public_id=pk)),
        )  # fmt: skip


class CravingTakeBack(_Returning):
    """Taking a craving back."""

    rights: ClassVar[Any] = {"POST": CHANGE}

    @extend_schema(
        request=bodies.TakenBackSerializer, responses={201: bodies.CravingSerializer}, parameters=[ONCE_KEY],
        operation_id="craving_take_back",
    )  # fmt: skip
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Take back a craving that was written down in error; 409 when it is taken back already."""
        craving = self.row(Craving, public_id, CHANGE)
        reason = self.checked(bodies.TakenBackSerializer)["reason"]
        user: Any = request.user
        return self.made(
            craving,
            lambda: returns.take_back_craving(craving=craving, reason=reason, by=user, now=timezone.now()),
            lambda pk: bodies.shown_craving(Craving.objects.get(public_id=pk)),
        )


class LapsesOfClient(_Returning):
    """A person's returns to use."""

    rights: ClassVar[Any] = {"GET": VIEW, "POST": CHANGE}

    @extend_schema(responses=listed_as(bodies.LapseSerializer), operation_id="lapses_list")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> HttpResponse:
        """List returns to use, the newest first; what was taken back included."""
        client = self.client_for(public_id, VIEW)
        rows = Lapse.objects.filter(client_id__in=client.record_keys).select_related("target")
        return self.listing(
            rows, return_selectors.LAPSES, bodies.shown_lapse,
            seen=lambda _page: audit.listed("lapse", [client.pk], purpose="api"),
        )  # fmt: skip

    @extend_schema(
        request=bodies.LapseCreateSerializer, responses={201: bodies.LapseSerializer}, parameters=[ONCE_KEY],
        operation_id="lapse_create",
    )  # fmt: skip
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Write down a return to use; it ends nothing, and a look back is owed within seven days."""
        client = self.client_for(public_id, CHANGE)
        data = self.checked(bodies.LapseCreateSerializer)
        rate_stage, named = data.pop("rate_stage"), data.pop("target", None)
        target = None
        if named is not None:
            target = ChangeTarget.objects.filter(client_id__in=client.record_keys, public_id=named).first()
            if target is None:
                raise serializers.ValidationError({"target": ["Choose one of their goals."]})
        user: Any = request.user
        return self.made(
            client,
            lambda: returns.record(
                client=client, happened=Happened(target=target, **data), rate_stage=rate_stage, by=user,
                now=timezone.now(),
            ),
            _lapse,
        )  # fmt: skip


class LapseDetail(_Returning):
    """One return to use."""

    rights: ClassVar[Any] = {"GET": VIEW}

    @extend_schema(responses=bodies.LapseSerializer, operation_id="lapse_read")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Read a return to use, and what it taught."""
        return Response(bodies.shown_lapse(self.row(Lapse, public_id, VIEW)))


class LapseLookBack(_Returning):
    """Looking back on a return to use."""

    rights: ClassVar[Any] = {"POST": CHANGE}

    @extend_schema(
        request=bodies.LookBackSerializer, responses={201: bodies.LapseSerializer}, parameters=[ONCE_KEY],
        operation_id="lapse_look_back",
    )  # fmt: skip
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Write down what it taught; 409 when that is written down already, or it was taken back."""
        lapse = self.row(Lapse, public_id, CHANGE)
        data = self.checked(bodies.LookBackSerializer)
        user: Any = request.user
        return self.made(lapse, lambda: returns.look_back(lapse=lapse, by=user, now=timezone.now(), **data), _lapse)


class LapseTakeBack(_Returning):
    """Taking a return to use back."""

    rights: ClassVar[Any] = {"POST": CHANGE}

    @extend_schema(
        request=bodies.TakenBackSerializer, responses={201: bodies.LapseSerializer}, parameters=[ONCE_KEY],
        operation_id="lapse_take_back",
    )  # fmt: skip
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Take back a return to use that was written down in error; 409 when that is no longer possible."""
        lapse = self.row(Lapse, public_id, CHANGE)
        reason = self.checked(bodies.TakenBackSerializer)["reason"]
        user: Any = request.user
        return self.made(
            lapse, lambda: returns.take_back(lapse=lapse, reason=reason, by=user, now=timezone.now()), _lapse
        )

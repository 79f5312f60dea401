"""The endpoint of a person's plan for safety: the one that holds, and writing it anew."""

from typing import Any, ClassVar

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clients.api.of_client import OfClientView
from clients.api.views import ONCE_KEY
from clients.models import SafetyPlan
from clients.rules import safety_plan as rules
from clients.selectors import safety_plans as selectors
from clients.selectors.safety_plans import VIEW, WRITE
from clients.services import safety_plans
from clients.services.revisions import Newer
from clinics.access import NOT_HERE
from clinics.api.errors import PreconditionFailed
from clinics.api.views import with_etag


class PartsSerializer(serializers.Serializer[Any]):
    """The six parts of a plan, in order; one line for each thing."""

    def get_fields(self) -> dict[str, Any]:
        """Return one list of lines for each part."""
        return {
            part.code: serializers.ListField(
                child=serializers.CharField(max_length=rules.LINE_CHARS, allow_blank=True),
                max_length=rules.MAX_LINES,
                required=False,
                help_text=part.label,
            )
            for part in rules.PARTS
        }

    def to_internal_value(self, data: Any) -> Any:
        """Refuse a part that a plan does not have, rather than leave it out unsaid."""
        unknown = sorted(set(data) - set(rules.CODES)) if isinstance(data, dict) else []
        if unknown:
            raise serializers.ValidationError({str(name): ["A plan has no such part."] for name in unknown})
        return super().to_internal_value(data)


class SafetyPlanSerializer(serializers.Serializer[Any]):
    """A plan for safety as it was written."""

    id = serializers.UUIDField()
    revision = serializers.IntegerField()
    parts = PartsSerializer()
    complete = serializers.BooleanField(help_text="Every part has a line")
    copy_given = serializers.BooleanField()
    made_at = serializers.DateTimeField()


class SafetyPlanCreateSerializer(serializers.Serializer[Any]):
    """A plan as it was written together: whole, a new revision."""

    based_on = serializers.IntegerField(
        min_value=0, help_text="The revision that was read before; 0 where there is none"
    )
    parts = PartsSerializer()
    copy_given = serializers.BooleanField(default=False)


def shown(plan: SafetyPlan) -> dict[str, Any]:
    """Return what is sent of a plan."""
    parts = selectors.parts_of(plan)
    kept = ("revision", "copy_given", "made_at")
    return {
        "id": plan.public_id, **{name: getattr(plan, name) for name in kept}, "parts": parts,
        "complete": rules.complete(parts),
    }  # fmt: skip


class SafetyPlanOfClient(OfClientView):
    """A person's plan for safety."""

    rights: ClassVar[Any] = {"GET": VIEW, "POST": WRITE}

    @extend_schema(responses=SafetyPlanSerializer, operation_id="safety_plan_read")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Read the plan that holds now; 404 where there is none."""
        plan = selectors.newest(self.client_for(public_id, VIEW))
        if plan is None:
            raise Http404(NOT_HERE)
        return with_etag(shown(plan), plan.revision)

    @extend_schema(
        request=SafetyPlanCreateSerializer, responses={201: SafetyPlanSerializer}, parameters=[ONCE_KEY],
        operation_id="safety_plan_create",
    )  # fmt: skip
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Write a plan anew; 412 when somebody wrote one since the revision it is based on."""
        client = self.client_for(public_id, WRITE)
        data = self.checked(SafetyPlanCreateSerializer)
        user: Any = request.user

        def act() -> SafetyPlan:
            return safety_plans.write(
                client=client, seen=data["based_on"], parts=data["parts"], copy_given=data["copy_given"], by=user
            )

        try:
            return self.created_once(
                act, lambda pk: shown(SafetyPlan.objects.get(public_id=pk)), about=str(client.public_id)
            )
        except Newer:
            raise PreconditionFailed from None
        except rules.Wrong as error:
            raise serializers.ValidationError({f"parts.{error.field}".rstrip("."): [str(error)]}) from None

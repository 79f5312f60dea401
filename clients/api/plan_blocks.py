"""Endpoints for what comes next at the end of a block of MI sessions."""

from typing import Any, ClassVar

from django.http import Http404, HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from clients.api.plans import PlanView
from clients.api.views import ONCE_KEY
from clients.models import BlockDecision, Intervention
from clients.rules.plans import BLOCK_LEAST, BLOCK_MOST, Wrong
from clients.selectors.plan_blocks import MI
from clients.selectors.plans import CHANGE, VIEW
from clients.services import plan_blocks
from clients.services.plan_blocks import REASON_CHARS
from clinics.access import NOT_HERE
from clinics.api.views import listed_as


class NotNow(APIException):
    """The block goes on, was decided about, or is not in force."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "not_now"


class BlockDecisionCreateSerializer(serializers.Serializer[Any]):
    """What comes next."""

    decision = serializers.ChoiceField(BlockDecision.Decision.choices)
    sessions = serializers.IntegerField(
        min_value=BLOCK_LEAST, max_value=BLOCK_MOST, required=False, allow_null=True,
        help_text="How many more sessions, where some more are chosen",
    )  # fmt: skip
    reason = serializers.CharField(max_length=REASON_CHARS, required=False, allow_blank=True)


class BlockDecisionSerializer(serializers.Serializer[Any]):
    """What was chosen at the end of a block. Final."""

    id = serializers.UUIDField()
    lineage = serializers.UUIDField(help_text="Of the part of the plan whose block it is")
    decision = serializers.CharField()
    sessions = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField()
    decided_at = serializers.DateTimeField()


def shown(row: BlockDecision) -> dict[str, Any]:
    """Return what is sent of a decision."""
    kept = ("lineage", "decision", "sessions", "decided_at")
    return {"id": row.public_id, **{name: getattr(row, name) for name in kept}, "reason": row.reason or ""}


class BlockDecisions(PlanView):
    """What was chosen at the end of the blocks of one part of a plan."""

    rights: ClassVar[Any] = {"GET": VIEW, "POST": CHANGE}

    def block(self, public_id: str, right: str) -> Intervention:
        """Return the MI of the address, and record that it was opened."""
        part = self.part(public_id, right)
        if not isinstance(part, Intervention) or part.modality != MI:
            raise Http404(NOT_HERE)
        return part

    @extend_schema(responses=listed_as(BlockDecisionSerializer), operation_id="block_decisions_list")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> HttpResponse:
        """List what was chosen, the newest first."""
        part = self.block(public_id, VIEW)
        rows = BlockDecision.objects.filter(plan_id=part.plan_version.plan_id, lineage=part.lineage)
        return self.listing(rows, ("-id",), shown)

    @extend_schema(
        request=BlockDecisionCreateSerializer, responses={201: BlockDecisionSerializer}, parameters=[ONCE_KEY],
        operation_id="block_decision_create",
    )  # fmt: skip
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Choose what comes after a block whose sessions were held: some more once, other work, or referring."""
        part = self.block(public_id, CHANGE)
        data = self.checked(BlockDecisionCreateSerializer)

        def act() -> BlockDecision:
            return plan_blocks.decide(
                part=part, decision=data["decision"], sessions=data.get("sessions"), reason=data.get("reason", ""),
                by=self.user, now=timezone.now(),
            )  # fmt: skip

        try:
            return self.created_once(
                act, lambda pk: shown(BlockDecision.objects.get(public_id=pk)), about=str(part.public_id)
            )
        except (Wrong, plan_blocks.ExtendedBefore) as error:
            raise serializers.ValidationError({error.field or "detail": [str(error)]}) from None
        except (plan_blocks.NoBlock, plan_blocks.NotOver, plan_blocks.Chosen) as error:
            raise NotNow(str(error)) from None

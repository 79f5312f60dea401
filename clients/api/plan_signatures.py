"""The endpoint by which a physician's signature under a plan is written down."""

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from clients.api.plan_bodies import PlanSignatureSerializer, shown_signature
from clients.api.plans import PlanView
from clients.api.views import ONCE_KEY
from clients.models import PlanSignature
from clients.rules.plans import Wrong
from clients.selectors.plans import CHANGE
from clients.services import plan_signing


class NotWaiting(APIException):
    """The version takes no signature now, says something else than was read, or has this one."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "not_waiting"


class PhysicianSignSerializer(serializers.Serializer[Any]):
    """A physician's signature, as somebody else writes it down."""

    content_hash = serializers.CharField(max_length=64, help_text="Of the version that they read and signed")
    printed_name = serializers.CharField(max_length=plan_signing.NAME_CHARS, help_text="With the letters after it")
    method = serializers.ChoiceField(plan_signing.BY_HAND)


class PhysicianSignature(PlanView):
    """A physician's signature under one version."""

    rights: ClassVar[Any] = {"POST": CHANGE}

    @extend_schema(
        request=PhysicianSignSerializer, responses={201: PlanSignatureSerializer}, parameters=[ONCE_KEY],
        operation_id="plan_version_physician",
    )  # fmt: skip
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """
        Write down that a physician signed on paper, or on the clinic's device, for clinics and payers that ask for it.

        It brings nothing into force and is never waited for. 409 when the version is a draft or was replaced, says
        something else by now, or has a physician's signature.
        """
        version = self.version(public_id, CHANGE)
        data = self.checked(PhysicianSignSerializer)

        def act() -> PlanSignature:
            return plan_signing.sign_for_physician(version=version, by=self.user, now=timezone.now(), **data)

        try:
            return self.created_once(
                act, lambda pk: shown_signature(PlanSignature.objects.get(public_id=pk)), about=str(version.public_id)
            )
        except Wrong as error:
            raise serializers.ValidationError({error.field: [str(error)]}) from None
        except (plan_signing.NotWaiting, plan_signing.SignedBefore) as error:
            raise NotWaiting(str(error)) from None

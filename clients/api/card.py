"""Endpoints for how hopeful somebody is, and for their own card of reasons and wins."""

from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clients.api.of_client import OfClientView
from clients.api.targets import RulerSerializer, shown_ruler
from clients.api.views import ONCE_KEY
from clients.forms.targets import SAID_CHARS
from clients.models import RulerReading
from clients.rules.motivation import HIGHEST, LOWEST
from clients.rules.strengths import Kind
from clients.selectors import strengths as selectors
from clients.selectors.motivation import CHANGE, VIEW
from clients.services import strengths
from clinics.api.views import listed_as


class HopeCreateSerializer(serializers.Serializer[Any]):
    """How hopeful somebody is today."""

    value = serializers.IntegerField(min_value=LOWEST, max_value=HIGHEST)
    why_not_lower = serializers.CharField(max_length=SAID_CHARS, allow_blank=True, required=False)


class HopeSerializer(RulerSerializer):
    """How hopeful somebody was, with what they said to it."""


class CardReasonSerializer(serializers.Serializer[Any]):
    """A reason on the card."""

    id = serializers.UUIDField()
    text = serializers.CharField()


class CardStrengthSerializer(CardReasonSerializer):
    """A strength, a success, an affirmation or a milestone on the card."""

    what = serializers.CharField(help_text=", ".join(Kind))


class CardSerializer(serializers.Serializer[Any]):
    """
    The person's own card: what they chose, and nothing that others hold out to them.

    `on_card` of a reason or a strength puts it on the card or takes it off.
    """

    reasons = CardReasonSerializer(many=True)
    values = serializers.ListField(
        child=serializers.CharField(), help_text="The first five, unless they keep them private"
    )
    strengths = CardStrengthSerializer(many=True)
    hope = HopeSerializer(allow_null=True)


class HopeOfClient(OfClientView):
    """How hopeful a person is."""

    rights: ClassVar[Any] = {"GET": VIEW, "POST": CHANGE}

    @extend_schema(responses=listed_as(HopeSerializer), operation_id="hope_list")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> HttpResponse:
        """List a person's answers about hope, the newest first."""
        return self.listing(selectors.hopes_of(self.client_for(public_id, VIEW)), ("-taken_on", "-id"), shown_ruler)

    @extend_schema(
        request=HopeCreateSerializer, responses={201: HopeSerializer}, parameters=[ONCE_KEY],
        operation_id="hope_create",
    )  # fmt: skip
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Note how hopeful they are today."""
        client = self.client_for(public_id, CHANGE)
        data = self.checked(HopeCreateSerializer)
        user: Any = request.user
        return self.created_once(
            lambda: strengths.rate_hope(
                client=client, value=data["value"], words=data.get("why_not_lower", ""), by=user, now=timezone.now()
            ),
            lambda pk: shown_ruler(RulerReading.objects.get(public_id=pk)),
            about=str(client.public_id),
        )


class CardOfClient(OfClientView):
    """A person's own card of reasons and wins."""

    rights: ClassVar[Any] = {"GET": VIEW}

    @extend_schema(responses=CardSerializer, operation_id="card_read")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Read what stands on a person's card."""
        card = selectors.card(self.client_for(public_id, VIEW))
        return Response(
            {
                "reasons": [{"id": one.public_id, "text": one.text} for one in card.reasons],
                "values": [one.name for one in card.values],
                "strengths": [
                    {"id": row.public_id, "what": row.kind, "text": row.text}
                    for group in card.strengths
                    for row in group.rows
                ],
                "hope": shown_ruler(card.hope) if card.hope is not None else None,
            }
        )

"""The endpoint of the notice about confidentiality: which one a person was given, and giving it. No text of anybody."""

from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clients.api.inquiry_bodies import Group
from clients.api.of_client import OfClientView
from clients.api.views import ONCE_KEY
from clients.models import NoticeGiven
from clients.selectors.consents import CAPTURE, VIEW
from clients.selectors.people import VIEW as VIEW_PERSON
from clients.services import consents
from clinics.api.views import listed_as

ANSWERS = [(one.value, one.name) for one in NoticeGiven.Answer]


class NoticeSerializer(serializers.Serializer[Any]):
    """That a person was given the notice of confidentiality."""

    id = serializers.UUIDField()
    notice = serializers.CharField(help_text="Which version of the notice")
    answer = serializers.CharField(help_text="signed, or declined: they have it and did not want to sign")
    given_at = serializers.DateTimeField()


class NoticeGiveSerializer(Group):
    """What they said to the notice that is handed out now."""

    answer = serializers.ChoiceField(ANSWERS)


def shown(row: NoticeGiven) -> dict[str, Any]:
    """Return what is sent of a notice."""
    return {"id": row.public_id, "notice": row.notice, "answer": row.answer, "given_at": row.given_at}


class NoticesOfClient(OfClientView):
    """The notices that a person was given, before they are admitted or later."""

    rights: ClassVar[Any] = {"GET": VIEW_PERSON, "POST": CAPTURE}

    @extend_schema(responses=listed_as(NoticeSerializer), operation_id="notices_list")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> HttpResponse:
        """List what was given, the newest first; for who sees or records consents."""
        client = self.client_for(public_id, *self.carried(VIEW, CAPTURE))
        return self.listing(NoticeGiven.objects.filter(client__in=client.records), ("-id",), shown)

    @extend_schema(
        request=NoticeGiveSerializer, responses={201: NoticeSerializer}, parameters=[ONCE_KEY],
        operation_id="notice_give",
    )  # fmt: skip
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Record that the notice was given, and whether they signed that they have it. An admission asks for it."""
        client = self.client_for(public_id, CAPTURE)
        data = self.checked(NoticeGiveSerializer)
        user: Any = request.user

        def act() -> NoticeGiven:
            return consents.give_notice(client=client, answer=data["answer"], by=user)

        return self.created_once(
            act, lambda pk: shown(NoticeGiven.objects.get(public_id=pk)), about=str(client.public_id)
        )

"""
What every endpoint of a clinic shares: entering the clinic, rights, limits, paging, versions and repeats.

DRF knows who a token stands for only inside the view, so the clinic is entered here and not in the middleware.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import orjson
from allauth.mfa.utils import is_mfa_enabled
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from rest_framework import serializers, status
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinics.access import enter_clinic
from clinics.api.authentication import token_of
from clinics.api.errors import BadPage, KeyReused, PreconditionFailed, PreconditionRequired
from clinics.api.permissions import HoldsRight
from clinics.api.throttling import RequestLimit
from clinics.paging import BadCursor, Page, keyset_page, size_of
from clinics.repeat import MAX_KEY_CHARS, OtherBody, once


class ClinicAPIView(APIView):
    """
    An endpoint under /api/v1/clinics/<slug>/.

    rights   method → right; a method that is not named does not exist for anybody
    """

    permission_classes: Any = (HoldsRight,)
    throttle_classes = (RequestLimit,)
    rights: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Return the view function, marked so that the middleware leaves entering the clinic to it."""
        view = super().as_view(**initkwargs)
        view.enters_clinic_itself = True  # type: ignore[attr-defined]
        return view

    def perform_authentication(self, request: Request) -> None:
        """Find out who asks, then enter the clinic of the address, or answer 404."""
        super().perform_authentication(request)
        if not request.user.is_authenticated:
            raise NotAuthenticated("Sign in, or send a token: Authorization: Bearer evk.<clinic>.<secret>")
        token = token_of(request)
        if token is None and not is_mfa_enabled(request.user):
            raise PermissionDenied("Set up a second factor before you use the API.")
        of_token = token.clinic_id if token is not None else None
        clinic = enter_clinic(request._request, request.user, self.kwargs["clinic_slug"], of_token)
        timezone.activate(ZoneInfo(clinic.time_zone))

    def listing(
        self,
        rows: QuerySet[Any, Any],
        order: Sequence[str],
        show: Callable[[Any], Mapping[str, Any]],
        *,
        seen: Callable[[Page], None] | None = None,
    ) -> HttpResponse:
        """Return one page of `rows` in `order`, as `paged`."""
        return self.paged(partial(keyset_page, rows, order), show, seen=seen)

    def paged(
        self,
        page_of: Callable[[str, int], Page],
        show: Callable[[Any], Mapping[str, Any]],
        *,
        seen: Callable[[Page], None] | None = None,
    ) -> HttpResponse:
        """
        Return one page of a list as JSON: {"results": […], "next": cursor or null, "previous": cursor or null}.

        page_of   finds the page by a cursor and a size
        show      turns a row into what is sent
        seen      records that these rows were shown
        :raises BadPage: the cursor is not one of this list
        """
        query = self.request.query_params
        try:
            page = page_of(query.get("cursor", ""), size_of(query.get("limit")))
        except BadCursor as error:
            raise BadPage(str(error)) from None
        if seen is not None:
            seen(page)
        body = {
            "results": [show(row) for row in page.rows],
            "next": page.after or None,
            "previous": page.before or None,
        }
        return HttpResponse(self.encoded(body), content_type="application/json")

    @staticmethod
    def encoded(body: Mapping[str, Any]) -> bytes:
        """Return JSON, made without serializers: lists are the hot path."""
        return orjson.dumps(body, default=str)

    def checked(self, serializer_class: type[serializers.Serializer[Any]], **options: Any) -> dict[str, Any]:
        """
        Return the body, checked by the serializer. A field it does not know is refused, not ignored.

        :raises ValidationError: with a sentence for each field
        """
        data = self.request.data
        if not isinstance(data, dict):
            raise serializers.ValidationError("Send a JSON object.")
        serializer = serializer_class(data=data, **options)
        unknown = sorted(set(data) - set(serializer.fields))
        if unknown:
            raise serializers.ValidationError({name: ["This field is not known here."] for name in unknown})
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def carried(self, *perms: str) -> list[str]:
        """Return those of these rights that the token carries as a scope; all of them where no token is used."""
        token = token_of(self.request)
        return [perm for perm in perms if token is None or perm.removeprefix("clinics.") in token.scopes]

    def version_asked(self) -> int:
        """
        Return the version in If-Match, which every change must carry.

        :raises PreconditionRequired: there is none
        :raises PreconditionFailed: it is not a version that an ETag of ours gave
        """
        header = self.request.headers.get("If-Match")
        if header is None:
            raise PreconditionRequired
        text = header.strip().removeprefix("W/").strip('"')
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise PreconditionFailed
        return int(text)

    def created_once(
        self, act: Callable[[], Any], show: Callable[[str], Mapping[str, Any]], *, about: str = ""
    ) -> Response:
        """
        Do `act` once for an Idempotency-Key and answer 201; the same request again gets the first result.

        act     makes and returns a row with a `public_id`
        show    returns what is sent for that public id, read anew
        about   public id of the row under which it is made, where the address names one
        :raises KeyReused: the key was sent before with another body
        """
        key = self.request.headers.get("Idempotency-Key", "")
        if not key or len(key) > MAX_KEY_CHARS:
            raise PreconditionRequired("Send an Idempotency-Key of 1 to 100 characters, new for each thing you make.")
        route = self.request.resolver_match.view_name if self.request.resolver_match else ""
        try:
            outcome = once(
                user=self.request.user,  # type: ignore[arg-type]
                key=key,
                route=f"api:{route}:{about}".removesuffix(":"),
                body=orjson.dumps(self.request.data, option=orjson.OPT_SORT_KEYS),
                act=act,
            )
        except OtherBody:
            raise KeyReused from None
        headers = {"Idempotency-Replayed": "true"} if outcome.repeated else {}
        return Response(show(outcome.object_id), status=status.HTTP_201_CREATED, headers=headers)


def with_etag(body: Mapping[str, Any], version: int) -> Response:
    """Return an answer that carries the version of its record."""
    return Response(body, headers={"ETag": f'"{version}"'})


def flag(value: str | None) -> bool:
    """Tell whether a query parameter says yes."""
    return (value or "").lower() in {"1", "true", "yes"}


def listed_as(item: type[serializers.Serializer[Any]]) -> Any:
    """Return the schema of a page of `item`s, for the OpenAPI document."""
    name = item.__name__.removesuffix("Serializer")
    fields: dict[str, Any] = {
        "results": item(many=True),
        "next": serializers.CharField(allow_null=True),
        "previous": serializers.CharField(allow_null=True),
    }
    return type(f"{name}PageSerializer", (serializers.Serializer,), fields)

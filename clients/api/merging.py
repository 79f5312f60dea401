"""Endpoints for records that may be one person's: the pairs to look at, joining two, and taking that back."""

from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from clients.api.inquiry_bodies import Group
from clients.api.views import ONCE_KEY
from clients.models import Client, Merge
from clients.selectors import merging as selectors
from clients.services import merging
from clinics import audit
from clinics.access import find_permitted
from clinics.api.views import ClinicAPIView, listed_as

MERGE, UNDO = "clinics.merge_client", "clinics.undo_merge"
REASON_CHARS = 500


class CannotJoin(APIException):
    """These two records cannot be joined, or taken apart, now. The text says why."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "cannot_merge"


class PairSerializer(serializers.Serializer[Any]):
    """Two records that may be one person's."""

    older = serializers.UUIDField(help_text="The record with the older number, which a merge keeps")
    newer = serializers.UUIDField()
    points = serializers.IntegerField()
    level = serializers.ChoiceField(["likely", "possible"])
    reasons = serializers.ListField(child=serializers.CharField())


class PairListSerializer(serializers.Serializer[Any]):
    """The pairs to look at, at most 50."""

    results = PairSerializer(many=True)


class TwoSerializer(Group):
    """Two records, in any order."""

    client = serializers.UUIDField()
    other = serializers.UUIDField()


class MergeCreateSerializer(TwoSerializer):
    """Two records to join. The older one is kept."""

    reason = serializers.CharField(
        max_length=REASON_CHARS, allow_blank=True, required=False, help_text="How it is known that they are one"
    )


class MergeUndoSerializer(Group):
    """Why two records are not one person's."""

    reason = serializers.CharField(max_length=REASON_CHARS)


class MergeSerializer(serializers.Serializer[Any]):
    """A merge. Its reasons stand on the page."""

    id = serializers.UUIDField()
    kept = serializers.UUIDField()
    absorbed = serializers.UUIDField()
    at = serializers.DateTimeField()
    undone_at = serializers.DateTimeField(allow_null=True)


def shown(row: Merge) -> dict[str, Any]:
    """Return what is sent of a merge."""
    return {
        "id": row.public_id, "kept": row.kept.public_id, "absorbed": row.absorbed.public_id, "at": row.at,
        "undone_at": row.undone_at,
    }  # fmt: skip


class _OfTwo(ClinicAPIView):
    """What endpoints about two records share."""

    def two(self, data: dict[str, Any]) -> tuple[Client, Client]:
        """Return two records of the body, the older one first; neither is seen elsewhere."""
        user: Any = self.request.user
        found = []
        for name in ("client", "other"):
            row = Client.objects.permitted(user, MERGE).filter(public_id=data[name]).first()
            if row is None:
                raise serializers.ValidationError({name: ["No such person at this clinic."]})
            found.append(row)
        audit.listed("duplicate", [row.pk for row in found], purpose="api")
        older, newer = sorted(found, key=lambda row: row.pk)
        return older, newer


class DuplicateList(_OfTwo):
    """Records that may be one person's."""

    rights: ClassVar[Any] = {"GET": MERGE, "POST": MERGE}

    @extend_schema(responses=PairListSerializer, operation_id="duplicates_list")
    def get(self, request: Request, clinic_slug: str) -> HttpResponse:
        """List the pairs that nobody has looked at, the likeliest first; without names."""
        user: Any = request.user
        pairs = selectors.pairs_to_look_at(user)
        audit.listed("duplicate", sorted({c.pk for pair in pairs for c in (pair.older, pair.newer)}), purpose="api")
        rows = [
            {
                "older": pair.older.public_id, "newer": pair.newer.public_id, "points": pair.match.points,
                "level": pair.match.level, "reasons": list(pair.match.reasons),
            }
            for pair in pairs
        ]  # fmt: skip
        return HttpResponse(self.encoded({"results": rows}), content_type="application/json")

    @extend_schema(request=TwoSerializer, responses={204: None}, operation_id="duplicate_dismiss")
    def post(self, request: Request, clinic_slug: str) -> Response:
        """Note that two records are two people: they are not listed again. Sent again, nothing changes."""
        older, newer = self.two(self.checked(TwoSerializer))
        user: Any = request.user
        try:
            merging.mark_different(one=older, other=newer, by=user)
        except merging.CannotMerge as error:
            raise CannotJoin(str(error)) from None
        return Response(status=status.HTTP_204_NO_CONTENT)


class MergeList(_OfTwo):
    """Merges."""

    rights: ClassVar[Any] = {"GET": UNDO, "POST": MERGE}

    @extend_schema(responses=listed_as(MergeSerializer), operation_id="merges_list")
    def get(self, request: Request, clinic_slug: str) -> HttpResponse:
        """List merges, the newest first, with those that were taken back."""
        rows = Merge.objects.permitted(request.user, UNDO).select_related("kept", "absorbed")
        return self.listing(
            rows, ("-id",), shown,
            seen=lambda page: audit.listed(
                "merge", [key for row in page.rows for key in (row.kept_id, row.absorbed_id)], purpose="api"
            ),
        )  # fmt: skip

    @extend_schema(
        request=MergeCreateSerializer, responses={201: MergeSerializer}, parameters=[ONCE_KEY],
        operation_id="merge_create",
    )  # fmt: skip
    def post(self, request: Request, clinic_slug: str) -> Response:
        """Join two records so that it can be taken back: the newer one's inquiries come under the older one."""
        data = self.checked(MergeCreateSerializer)
        older, newer = self.two(data)
        user: Any = request.user

        def act() -> Merge:
            return merging.merge(
                kept=older, absorbed=newer, reason=data.get("reason", ""), by=user, now=timezone.now()
            )  # fmt: skip

        try:
            return self.created_once(
                act, lambda pk: shown(Merge.objects.select_related("kept", "absorbed").get(public_id=pk))
            )
        except merging.CannotMerge as error:
            raise CannotJoin(str(error)) from None


class MergeUndo(ClinicAPIView):
    """A merge, to take back."""

    rights: ClassVar[Any] = {"POST": UNDO}

    @extend_schema(request=MergeUndoSerializer, responses=MergeSerializer, operation_id="merge_undo")
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Take a merge back: the record stands by itself again, with the inquiries that were its own."""
        user: Any = request.user
        row = find_permitted(Merge, user, UNDO, public_id=public_id, related=("kept", "absorbed"))
        audit.listed("merge", [row.kept_id, row.absorbed_id], purpose="api")
        data = self.checked(MergeUndoSerializer)
        try:
            undone = merging.undo_merge(merge=row, reason=data["reason"], by=user, now=timezone.now())
        except merging.MergeStands as error:
            raise CannotJoin(str(error)) from None
        return Response(shown(undone))

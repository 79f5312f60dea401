"""Endpoints for what is owed by a time: what is open, doing it, putting it off with a reason. Without any text."""

from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from clients.api.inquiries import CHANGE, VIEW, listed
from clients.api.inquiry_bodies import NOTE_CHARS, Group
from clients.api.views import IF_MATCH
from clients.models import Task
from clients.selectors.owed import owed_by
from clients.services import tasks, waitlist
from clinics.access import find_permitted
from clinics.api.errors import PreconditionFailed
from clinics.api.views import ClinicAPIView, flag, listed_as, with_etag
from clinics.versions import Stale, lock_version

MINE = OpenApiParameter("mine", bool, description="true: only what the caller and their role owe now")
VALUES = (
    "id", "public_id", "client_id", "client__public_id", "inquiry__public_id", "concern__public_id", "kind", "role",
    "due_at", "escalated", "snoozed_until", "done_at", "version",
)  # fmt: skip


class TaskSerializer(serializers.Serializer[Any]):
    """Something owed by a time."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    role = serializers.CharField(help_text="Whose it is, where nobody took it")
    inquiry = serializers.UUIDField(allow_null=True)
    client = serializers.UUIDField(allow_null=True)
    concern = serializers.UUIDField(allow_null=True)
    due_at = serializers.DateTimeField()
    escalated = serializers.IntegerField(help_text="How many roles were told since it is late")
    snoozed_until = serializers.DateTimeField(allow_null=True)
    done_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class TaskChangeSerializer(Group):
    """That it is done; or until when it is put off, and why."""

    done = serializers.BooleanField(required=False)
    snoozed_until = serializers.DateTimeField(required=False)
    reason = serializers.CharField(max_length=NOTE_CHARS, required=False, help_text="Why it can wait")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse both at once, and neither."""
        if attrs.get("done", False) == ("snoozed_until" in attrs):
            raise serializers.ValidationError({"done": ["Say that it is done, or until when it is put off."]})
        return attrs


class ByReview(APIException):
    """A safety review ends with the review."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "ends_with_the_review"


def shown_task(row: dict[str, Any]) -> dict[str, Any]:
    """Return what is sent of a task."""
    kept = ("kind", "role", "due_at", "escalated", "snoozed_until", "done_at", "version")
    about = {name: row[f"{name}__public_id"] for name in ("inquiry", "client", "concern")}
    return {"id": row["public_id"], **about, **{name: row[name] for name in kept}}


class TaskList(ClinicAPIView):
    """What is owed."""

    rights: ClassVar[Any] = {"GET": VIEW}

    @extend_schema(responses=listed_as(TaskSerializer), parameters=[MINE], operation_id="tasks_list")
    def get(self, request: Request, clinic_slug: str) -> HttpResponse:
        """List open tasks, the one that is due first."""
        user: Any = request.user
        rows = Task.objects.permitted(user, VIEW).filter(done_at=None)
        if flag(request.query_params.get("mine")):
            rows = rows.filter(pk__in=owed_by(user, timezone.now()).values("pk"))
        return self.listing(
            rows.values(*VALUES), ("due_at", "id"), shown_task, seen=lambda page: listed("task", page)
        )  # fmt: skip


class TaskDetail(ClinicAPIView):
    """One thing that is owed."""

    rights: ClassVar[Any] = {"PATCH": CHANGE}

    @extend_schema(
        request=TaskChangeSerializer, responses=TaskSerializer, parameters=[IF_MATCH], operation_id="task_change"
    )
    def patch(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Say that it is done, or put it off; a safety review ends with the review, and is 409 here."""
        user: Any = request.user
        task = find_permitted(Task, user, CHANGE, view_perm=VIEW, public_id=public_id, purpose="api")
        version = self.version_asked()
        data = self.checked(TaskChangeSerializer)
        now = timezone.now()
        try:
            lock_version(task, version)
            if data.get("done"):
                waitlist.finish(task=task, by=user, now=now)
            else:
                tasks.snooze(
                    task=task, until=data["snoozed_until"], reason=data.get("reason", ""), by=user, now=now
                )  # fmt: skip
        except Stale:
            raise PreconditionFailed from None
        except tasks.NoReason as error:
            raise serializers.ValidationError({"reason": [str(error)]}) from None
        except tasks.NotPutOff as error:
            if task.kind == Task.Kind.SAFETY:
                raise ByReview(str(error)) from None
            raise serializers.ValidationError({"snoozed_until": [str(error)]}) from None
        row = Task.objects.values(*VALUES).get(pk=task.pk)
        return with_etag(shown_task(row), row["version"])

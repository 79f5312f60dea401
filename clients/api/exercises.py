"""Endpoints for exercises that are worked out with a person: every revision, and writing one anew."""

from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clients.api.of_client import OfClientView
from clients.api.targets import TargetSetAside
from clients.api.views import ONCE_KEY
from clients.models import ChangeTarget, Client, Exercise
from clients.rules import exercises as rules
from clients.rules import strength_words
from clients.rules.exercises import Entry, Field, Kind, Part, Wrong
from clients.selectors import exercises as selectors
from clients.selectors.motivation import CHANGE, VIEW
from clients.selectors.strengths import targets_to_name
from clients.services import exercises
from clients.services.revisions import Newer
from clients.services.targets import SetAside
from clinics.access import find_permitted
from clinics.api.errors import PreconditionFailed
from clinics.api.views import ClinicAPIView, listed_as, with_etag


class _Whole(serializers.Serializer[Any]):
    """What refuses a part that an exercise does not have, rather than leave it out unsaid."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the parts, checked."""
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, dict) else []
        if unknown:
            raise serializers.ValidationError({str(name): ["There is no such part."] for name in unknown})
        return super().to_internal_value(data)


def _field(field: Field) -> serializers.Field[Any, Any, Any, Any]:
    if field.entry is Entry.NUMBER:
        return serializers.IntegerField(
            min_value=field.least, max_value=field.most, allow_null=True, required=False, help_text=field.label
        )
    if field.entry is Entry.DAY:
        return serializers.DateField(allow_null=True, required=False, help_text=field.label)
    most = rules.LINE_CHARS if field.entry is Entry.LINE else rules.TEXT_CHARS
    return serializers.CharField(max_length=most, allow_blank=True, required=field.required, help_text=field.label)


def _rows(kind: Kind, part: Part) -> serializers.ListSerializer[Any]:
    name = "".join(word.capitalize() for word in (*kind.split("_"), *part.code.split("_"), "row", "serializer"))
    fields = {column.code: _field(column) for column in part.columns}
    row = type(name, (_Whole,), {**fields, "__doc__": f"{part.row} of “{part.label}”."})
    found: serializers.ListSerializer[Any] = row(many=True, required=False, max_length=part.most, help_text=part.label)
    return found


def _content(kind: Kind, label: str) -> type[_Whole]:
    name = "".join(word.capitalize() for word in (*kind.split("_"), "content", "serializer"))
    fields = {
        piece.code: _rows(kind, piece) if isinstance(piece, Part) else _field(piece) for piece in rules.SHAPES[kind]
    }
    return type(name, (_Whole,), {**fields, "__doc__": f"What stands in the exercise “{label}”."})


CONTENTS = {Kind(key): _content(Kind(key), label) for key, label in strength_words.EXERCISES}


def _each(**options: Any) -> dict[str, Any]:
    return {kind.value: content(required=False, **options) for kind, content in CONTENTS.items()}


class ExerciseSerializer(serializers.Serializer[Any]):
    """One revision of an exercise; what stands in it is under the name of its kind."""

    id = serializers.UUIDField()
    exercise = serializers.CharField(help_text=", ".join(Kind))
    target = serializers.UUIDField(allow_null=True, help_text="The goal it is about; null for values")
    revision = serializers.IntegerField()
    purpose = serializers.CharField(help_text="Of weighing both sides; empty for the others")
    suggested = serializers.CharField(help_text="What the intensity rule said when it was opened")
    is_private = serializers.BooleanField(help_text="The person keeps it off what is printed")
    signed_on = serializers.DateField(allow_null=True)
    made_at = serializers.DateTimeField()

    def get_fields(self) -> dict[str, Any]:
        """Return the fields with one for the content of each kind, null but for its own."""
        return {**super().get_fields(), **_each(allow_null=True)}


class ExerciseCreateSerializer(serializers.Serializer[Any]):
    """An exercise as it was written together: whole, a new revision. Exactly one kind is sent."""

    target = serializers.UUIDField(allow_null=True, required=False, help_text="Not for values")
    based_on = serializers.IntegerField(
        min_value=0, max_value=32_767, help_text="The revision that was read before; 0 where there was none"
    )
    purpose = serializers.ChoiceField(strength_words.PURPOSES, allow_blank=True, default="")
    neutral_confirmed = serializers.BooleanField(
        default=False, help_text="That a neutral choice is intended; asked for where the intensity rule says high"
    )
    is_private = serializers.BooleanField(default=False)
    signed_on = serializers.DateField(allow_null=True, default=None)

    def get_fields(self) -> dict[str, Any]:
        """Return the fields with one for the content of each kind."""
        return {**super().get_fields(), **_each()}


def shown(exercise: Exercise) -> dict[str, Any]:
    """Return what is sent of an exercise."""
    kept = ("revision", "purpose", "suggested", "is_private", "signed_on", "made_at")
    content: dict[str, Any] = dict(selectors.content_of(exercise))
    for field in rules.fields_of(selectors.kind_of(exercise)):
        if field.entry is Entry.DAY:
            content[field.code] = content[field.code] or None
    return {
        "id": exercise.public_id, "exercise": exercise.kind,
        "target": exercise.target.public_id if exercise.target is not None else None,
        **{name: getattr(exercise, name) for name in kept},
        **{kind.value: content if kind == exercise.kind else None for kind in Kind},
    }  # fmt: skip


def named_target(client: Client, public_id: Any, chosen: ChangeTarget | None = None) -> ChangeTarget | None:
    """
    Return the goal of a person that is named, None where none is.

    :raises ValidationError: it is none of theirs, or set aside and not the one that is chosen already
    """
    if public_id is None:
        return None
    target = targets_to_name(client, chosen).filter(public_id=public_id).first()
    if target is None:
        raise serializers.ValidationError({"target": ["They have no such goal."]})
    target.clinic = client.clinic
    return target


class ExercisesOfClient(OfClientView):
    """The exercises of a person."""

    rights: ClassVar[Any] = {"GET": VIEW, "POST": CHANGE}

    @extend_schema(responses=listed_as(ExerciseSerializer), operation_id="exercises_list")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> HttpResponse:
        """List every revision of every exercise, the newest first."""
        client = self.client_for(public_id, VIEW)
        rows = Exercise.objects.filter(client_id__in=client.record_keys).select_related("target")
        return self.listing(rows, ("-id",), shown)

    @extend_schema(
        request=ExerciseCreateSerializer, responses={201: ExerciseSerializer}, parameters=[ONCE_KEY],
        operation_id="exercise_create",
    )  # fmt: skip
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Write an exercise anew; 412 when somebody wrote one since the revision it is based on."""
        client = self.client_for(public_id, CHANGE)
        data = self.checked(ExerciseCreateSerializer)
        kinds = [kind for kind in Kind if kind.value in data]
        if len(kinds) != 1:
            raise serializers.ValidationError({"": ["Send exactly one exercise."]})
        kind = kinds[0]
        target = named_target(client, data.get("target"))
        user: Any = request.user

        def act() -> Exercise:
            return exercises.write(
                client=client, kind=kind, target=target, seen=data["based_on"], content=data[kind.value],
                purpose=data["purpose"], meant=data["neutral_confirmed"], is_private=data["is_private"],
                signed_on=data["signed_on"], by=user, now=timezone.now(),
            )  # fmt: skip

        try:
            return self.created_once(
                act,
                lambda pk: shown(Exercise.objects.select_related("target").get(public_id=pk)),
                about=str(client.public_id),
            )
        except Newer:
            raise PreconditionFailed from None
        except SetAside as error:
            raise TargetSetAside(str(error)) from None
        except Wrong as error:
            raise serializers.ValidationError({_named(kind, error.field): [str(error)]}) from None


def _named(kind: Kind, field: str) -> str:
    """Return the field of the body that an error is about."""
    beside = {"": "", "purpose": "purpose", "meant": "neutral_confirmed", "signed_on": "signed_on"}
    return beside.get(field, f"{kind.value}.{field}")


class ExerciseDetail(ClinicAPIView):
    """One revision of an exercise."""

    rights: ClassVar[Any] = {"GET": VIEW}

    @extend_schema(responses=ExerciseSerializer, operation_id="exercise_read")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Read one revision as it was written."""
        user: Any = request.user
        exercise = find_permitted(
            Exercise, user, VIEW, public_id=public_id, purpose="api", related=("client", "target")
        )
        return with_etag(shown(exercise), exercise.revision)

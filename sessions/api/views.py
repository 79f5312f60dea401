"""Endpoints for transcripts, codings and scores."""

from functools import partial
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from clinics import audit
from clinics.api.authentication import token_of
from clinics.api.views import ClinicAPIView, flag, listed_as
from clinics.models import User
from clinics.tenancy import active_clinic_id
from sessions.models import Coding, ScoreResult, Transcript, Utterance
from sessions.selectors.listing import SEEN_SESSIONS
from sessions.selectors.transcripts import codings_shown, find_transcript

PRACTICE = OpenApiParameter(
    "practice", bool, description="true: the practice room's demonstrations; else those of therapy sessions"
)
INSTRUMENT = OpenApiParameter("instrument", str, description="Key of an instrument, such as miti")
MAX_LINES = 2_000


class TranscriptSerializer(serializers.Serializer[Any]):
    """A transcript, without its words."""

    id = serializers.UUIDField()
    source_key = serializers.CharField(help_text="The source's own id, for imported ones")
    practice_set = serializers.CharField(allow_null=True)
    session = serializers.UUIDField(allow_null=True)
    quality = serializers.CharField()
    timed = serializers.BooleanField()
    line_count = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class LineSerializer(serializers.Serializer[Any]):
    """One line."""

    seq = serializers.IntegerField()
    speaker = serializers.CharField()
    start_ms = serializers.IntegerField(allow_null=True)
    text = serializers.CharField()


class TranscriptDetailSerializer(TranscriptSerializer):
    """A transcript with its words and the codings the caller may see."""

    lines = LineSerializer(many=True)
    codings = serializers.ListField(child=serializers.UUIDField())


class CodingSerializer(serializers.Serializer[Any]):
    """One coder's coding of one segment."""

    id = serializers.UUIDField()
    transcript = serializers.UUIDField()
    instrument = serializers.CharField()
    instrument_version = serializers.CharField()
    coder = serializers.CharField(help_text="Id of the person, or the source's own id")
    coder_role = serializers.CharField()
    state = serializers.CharField()
    service_on = serializers.DateField(allow_null=True)
    locked_at = serializers.DateTimeField(allow_null=True)


class ScoreSerializer(serializers.Serializer[Any]):
    """One score of one locked coding."""

    coding = serializers.UUIDField()
    transcript = serializers.UUIDField()
    transcript_source_key = serializers.CharField()
    coder = serializers.CharField()
    instrument = serializers.CharField()
    score = serializers.CharField()
    numerator = serializers.IntegerField(allow_null=True)
    denominator = serializers.IntegerField(allow_null=True)
    value = serializers.CharField(allow_null=True, help_text="Decimal; shares from 0 to 1. Null with a reason")
    band = serializers.CharField()
    reason = serializers.CharField()


def may_practice(request: Request) -> bool:
    """Tell whether the caller, and their token if they use one, may work in the practice room."""
    token = token_of(request)
    user: Any = request.user
    return user.may("clinics.view_practice", active_clinic_id()) and (token is None or "view_practice" in token.scopes)


def transcripts_for(request: Request, user: User) -> QuerySet[Any, Any]:
    """
    Return the transcripts a list is about: the practice room's, or those of sessions.

    :raises PermissionDenied: the practice room is asked for without the right to it
    """
    if not flag(request.query_params.get("practice")):
        rows: QuerySet[Any, Any] = Transcript.objects.permitted(user, "clinics.view_transcript")
        rows = rows.filter(session__isnull=False)
        return rows
    if not may_practice(request):
        raise PermissionDenied("You may not work in the practice room.")
    demonstrations: QuerySet[Any, Any] = Transcript.objects.filter(practice_set__isnull=False)
    return demonstrations


def codings_for(request: Request, user: User) -> QuerySet[Any, Any]:
    """Return the codings a list is about, as `transcripts_for`."""
    if flag(request.query_params.get("practice")):
        if not may_practice(request):
            raise PermissionDenied("You may not work in the practice room.")
        rows: QuerySet[Any, Any] = Coding.objects.filter(practice_set__isnull=False)
    else:
        rows = Coding.objects.permitted(user, "clinics.view_coding").filter(practice_set__isnull=True)
    key = request.query_params.get("instrument")
    if key:
        rows = rows.filter(instrument__key=key)
    return rows


def _coder(row: Any) -> str:
    return row["external_coder"] or str(row["coder__public_id"])


TRANSCRIPT = (
    "id", "public_id", "source_key", "practice_set__key", "session__public_id", "session__client_id", "quality",
    "timed", "line_count", "created_at",
)  # fmt: skip


def shown_transcript(row: dict[str, Any]) -> dict[str, Any]:
    """Return what a list sends of a transcript."""
    return {
        "id": row["public_id"],
        "source_key": row["source_key"],
        "practice_set": row["practice_set__key"],
        "session": row["session__public_id"],
        "quality": row["quality"],
        "timed": row["timed"],
        "line_count": row["line_count"],
        "created_at": row["created_at"],
    }


class SessionSerializer(serializers.Serializer[Any]):
    """A therapy session, without its note."""

    id = serializers.UUIDField()
    client = serializers.UUIDField()
    client_reference = serializers.CharField()
    client_goes_by = serializers.CharField()
    therapist = serializers.UUIDField()
    therapist_name = serializers.CharField()
    started_at = serializers.DateTimeField()
    service_on = serializers.DateField()
    duration_min = serializers.IntegerField()
    session_format = serializers.CharField()
    mix = serializers.DictField(child=serializers.IntegerField(), help_text="Percent by modality, 100 in all")


class SessionList(ClinicAPIView):
    """Therapy sessions that the caller may see."""

    rights: ClassVar[Any] = {"GET": "clinics.view_appointment"}

    @extend_schema(responses=listed_as(SessionSerializer), operation_id="sessions_list")
    def get(self, request: Request, clinic_slug: str) -> HttpResponse:
        """List sessions, newest first."""
        user: Any = request.user
        return self.paged(
            partial(SEEN_SESSIONS.page, user),
            shown_session,
            seen=lambda page: audit.listed("session", [row["client_id"] for row in page.rows], purpose="api"),
        )


def shown_session(row: dict[str, Any]) -> dict[str, Any]:
    """Return what a list sends of a session."""
    return {
        "id": row["public_id"],
        "client": row["client__public_id"],
        "client_reference": row["client__reference"],
        "client_goes_by": row["client__goes_by"] or row["client__legal_name"],
        "therapist": row["therapist__public_id"],
        "therapist_name": row["therapist__name"],
        "started_at": row["started_at"],
        "service_on": row["service_on"],
        "duration_min": row["duration_min"],
        "session_format": row["session_format"],
        "mix": {"mi": row["mi_pct"], "cbt": row["cbt_pct"], "dbt": row["dbt_pct"], "other": row["other_pct"]},
    }


class TranscriptList(ClinicAPIView):
    """Transcripts that the caller may read."""

    rights: ClassVar[Any] = {"GET": "clinics.view_transcript"}

    @extend_schema(responses=listed_as(TranscriptSerializer), parameters=[PRACTICE], operation_id="transcripts_list")
    def get(self, request: Request, clinic_slug: str) -> HttpResponse:
        """List transcripts, newest first."""
        user: Any = request.user
        rows = transcripts_for(request, user).values(*TRANSCRIPT)
        return self.listing(
            rows,
            ("-id",),
            shown_transcript,
            seen=lambda page: audit.listed(
                "transcript", [r["session__client_id"] for r in page.rows if r["session__client_id"]], purpose="api"
            ),
        )


class TranscriptDetail(ClinicAPIView):
    """One transcript."""

    rights: ClassVar[Any] = {"GET": "clinics.view_transcript"}

    @extend_schema(responses=TranscriptDetailSerializer, operation_id="transcript_read")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> HttpResponse:
        """Read a transcript with its lines."""
        user: Any = request.user
        transcript = find_transcript(user, public_id)
        if transcript.practice_set_id is not None and not may_practice(request):
            raise PermissionDenied("You may not work in the practice room.")
        head = Transcript.objects.filter(pk=transcript.pk).values(*TRANSCRIPT).get()
        lines = Utterance.objects.filter(transcript=transcript).order_by("seq")[:MAX_LINES]
        body = {
            **shown_transcript(head),
            "lines": [
                {"seq": one.seq, "speaker": one.speaker, "start_ms": one.start_ms, "text": one.text} for one in lines
            ],
            "codings": [one.public_id for one in codings_shown(user, transcript)],
        }
        return HttpResponse(self.encoded(body), content_type="application/json")


class CodingList(ClinicAPIView):
    """Codings that the caller may see."""

    rights: ClassVar[Any] = {"GET": "clinics.view_coding"}

    @extend_schema(
        responses=listed_as(CodingSerializer), parameters=[PRACTICE, INSTRUMENT], operation_id="codings_list"
    )
    def get(self, request: Request, clinic_slug: str) -> HttpResponse:
        """List codings, newest first."""
        user: Any = request.user
        rows = codings_for(request, user).values(
            "id", "public_id", "transcript__public_id", "instrument__key", "instrument__instrument_version",
            "external_coder", "coder__public_id", "coder_role", "state", "service_on", "locked_at",
            "transcript__session__client_id",
        )  # fmt: skip
        return self.listing(rows, ("-id",), _shown_coding, seen=_codings_seen)


def _shown_coding(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["public_id"],
        "transcript": row["transcript__public_id"],
        "instrument": row["instrument__key"],
        "instrument_version": row["instrument__instrument_version"],
        "coder": _coder(row),
        "coder_role": row["coder_role"],
        "state": row["state"],
        "service_on": row["service_on"],
        "locked_at": row["locked_at"],
    }


def _codings_seen(page: Any) -> None:
    clients = [row["transcript__session__client_id"] for row in page.rows if row["transcript__session__client_id"]]
    audit.listed("coding", clients, purpose="api")


class ScoreList(ClinicAPIView):
    """Scores of locked codings that the caller may see."""

    rights: ClassVar[Any] = {"GET": "clinics.view_coding"}

    @extend_schema(responses=listed_as(ScoreSerializer), parameters=[PRACTICE, INSTRUMENT], operation_id="scores_list")
    def get(self, request: Request, clinic_slug: str) -> HttpResponse:
        """List scores, in the order they were computed."""
        user: Any = request.user
        codings = codings_for(request, user).filter(state=Coding.State.LOCKED)
        superseded = Coding.objects.filter(state=Coding.State.LOCKED, supersedes__isnull=False).values("supersedes_id")
        rows = ScoreResult.objects.filter(coding__in=codings.values("pk")).filter(~Q(coding__in=superseded)).values(
            "id", "coding__public_id", "coding__transcript__public_id", "coding__transcript__source_key",
            "coding__external_coder", "coding__coder__public_id", "coding__instrument__key", "score_key", "numerator",
            "denominator", "value", "band", "reason", "coding__transcript__session__client_id",
        )  # fmt: skip
        return self.listing(rows, ("id",), _shown_score, seen=_scores_seen)


def _shown_score(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "coding": row["coding__public_id"],
        "transcript": row["coding__transcript__public_id"],
        "transcript_source_key": row["coding__transcript__source_key"],
        "coder": row["coding__external_coder"] or str(row["coding__coder__public_id"]),
        "instrument": row["coding__instrument__key"],
        "score": row["score_key"],
        "numerator": row["numerator"],
        "denominator": row["denominator"],
        "value": None if row["value"] is None else format(row["value"].normalize(), "f"),
        "band": row["band"],
        "reason": row["reason"],
    }


def _scores_seen(page: Any) -> None:
    key = "coding__transcript__session__client_id"
    audit.listed("score", [row[key] for row in page.rows if row[key]], purpose="api")

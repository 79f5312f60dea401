"""
Endpoints for treatment plans: reading versions, differences and looks back, writing parts of a draft, signing.

A list tells that there is a plan; what a version says stands on its own endpoint. The person and the supervisor answer
on a page, where who they are is seen.
"""

from typing import Any, ClassVar

from django.http import Http404, HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from clients.api import plan_bodies as bodies
from clients.api.of_client import OF_CLIENT, rows_of_client
from clients.api.views import IF_MATCH, ONCE_KEY
from clients.models import Assessment, ChangeTarget, GoalReview, MeasureResponse, PlanReview, PlanVersion, TreatmentPlan
from clients.models.people import person_of
from clients.models.plans import PlanPart
from clients.rules.plan_content import FIELDS, UNDER, Kind, Part
from clients.rules.plan_diff import diff
from clients.rules.plans import Wrong
from clients.selectors import plan_hints
from clients.selectors import plans as selectors
from clients.selectors.plans import CHANGE, MODELS, NAMED, SIGN, VIEW
from clients.services import plan_parts, plan_signing
from clients.services.plans import NotADraft
from clinics import audit
from clinics.access import NOT_HERE, find_permitted
from clinics.api.authentication import token_of
from clinics.api.errors import PreconditionFailed
from clinics.api.views import ClinicAPIView, listed_as, with_etag
from clinics.models import User
from clinics.paging import Page
from clinics.sign_in_again import confirmed_recently
from clinics.versions import Stale

STANDS = (
    "number", "state", "starts_on", "needs_cosign", "content_hash", "submitted_at", "activated_at", "ended_at",
    "version",
)  # fmt: skip
NOT_OURS = {
    "assessment": "This person has no such assessment.", "response": "This person has no such answers to a measure.",
    "target": "This person has no such goal for change.", "who": "Nobody with this id works here as a clinician.",
}  # fmt: skip


def shown(plan: TreatmentPlan) -> dict[str, Any]:
    """Return what a list sends of a plan."""
    return {
        "id": plan.public_id, "client": plan.client.public_id, "episode": plan.episode.public_id,
        "created_at": plan.created_at,
    }  # fmt: skip


def shown_version(version: PlanVersion) -> dict[str, Any]:
    """Return what is sent of a version without what it says."""
    return {
        "id": version.public_id, "plan": version.plan.public_id, **{name: getattr(version, name) for name in STANDS}
    }  # fmt: skip


def shown_part(row: Any, part: Part, under: Any) -> dict[str, Any]:
    """Return what is sent of a part."""
    return {
        "id": row.public_id, "kind": part.kind.value, "lineage": part.lineage, "under": under, "position": row.position,
        "said": dict(part.fields), "version": row.version,
    }  # fmt: skip


def shown_whole(version: PlanVersion) -> dict[str, Any]:
    """Return what is sent of one version."""
    parts, ids = [], {}
    for node in selectors.said_of(version).nodes:
        ids[(node.kind, node.part.lineage)] = node.row.public_id
        above = UNDER.get(node.kind)
        parts.append(shown_part(node.row, node.part, ids[(above, node.part.under)] if above is not None else None))
    signed = version.signatures.filter(content_hash=version.content_hash).order_by("pk")
    return {
        **shown_version(version),
        "parts": parts,
        "signatures": [bodies.shown_signature(one) for one in signed],
    }


class PlanView(ClinicAPIView):
    """What endpoints of plans share."""

    @property
    def user(self) -> Any:
        """Return who asks."""
        return self.request.user

    def plan(self, public_id: str, right: str) -> TreatmentPlan:
        """Return the plan of the address, and record that it was opened."""
        plan = find_permitted(
            TreatmentPlan, self.user, right, view_perm=VIEW, public_id=public_id, purpose="api",
            related=("client", "episode"),
        )  # fmt: skip
        plan.clinic = self.request._request.clinic  # type: ignore[attr-defined]
        return plan

    def version(self, public_id: str, right: str) -> PlanVersion:
        """Return the version of the address, and record that it was opened."""
        version = find_permitted(
            PlanVersion, self.user, right, view_perm=VIEW, public_id=public_id, purpose="api",
            related=("plan__episode", "client__merged_into", "author"),
        )  # fmt: skip
        clinic = self.request._request.clinic  # type: ignore[attr-defined]
        version.clinic = version.plan.clinic = version.client.clinic = clinic
        return version

    def part(self, public_id: str, right: str) -> Any:
        """Return the part of the address with its version, and record that it was opened."""
        kind = plan_hints.kind_of_part(public_id)
        if kind is None:
            raise Http404(NOT_HERE)
        above = [UNDER[kind].value] if kind in UNDER else []
        version = ("plan_version__plan", "plan_version__client__merged_into")
        part: Any = find_permitted(
            MODELS[kind], self.user, right, view_perm=VIEW, public_id=public_id,
            related=(*version, *above, *NAMED[kind]),
        )  # fmt: skip
        audit.viewed(part, purpose="api", client_id=part.plan_version.client_id)
        clinic = self.request._request.clinic  # type: ignore[attr-defined]
        part.plan_version.clinic = part.plan_version.plan.clinic = part.plan_version.client.clinic = clinic
        return part

    def values(self, kind: Kind, data: dict[str, Any], version: PlanVersion) -> dict[str, Any]:
        """
        Return the body as fields of a part, with rows in place of ids.

        :raises ValidationError: a field of another kind, or a row that is not this person's
        """
        strange = sorted(set(data) - set(FIELDS[kind]))
        if strange:
            raise serializers.ValidationError({name: [f"A {kind.value} has no such field."] for name in strange})
        keys = person_of(version).record_keys
        rows: dict[str, Any] = {
            "assessment": Assessment.objects.filter(client_id__in=keys),
            "response": MeasureResponse.objects.filter(client_id__in=keys),
            "target": ChangeTarget.objects.filter(client_id__in=keys),
        }
        found = dict(data)
        for name in NAMED[kind]:
            asked = data.get(name)
            if asked is None:
                continue
            if name == "who":
                found[name] = next((one for one in plan_hints.staff_of(version, None) if one.public_id == asked), None)
            else:
                found[name] = rows[name].filter(public_id=asked).first()
            if found[name] is None:
                raise serializers.ValidationError({name: [NOT_OURS[name]]})
        return found


def _refused(error: Exception) -> serializers.ValidationError:
    return serializers.ValidationError({getattr(error, "field", "") or "": [str(error)]})


class PlanList(PlanView):
    """Plans that the caller may see."""

    rights: ClassVar[Any] = {"GET": VIEW}

    @extend_schema(responses=listed_as(bodies.PlanSerializer), parameters=[OF_CLIENT], operation_id="plans_list")
    def get(self, request: Request, clinic_slug: str) -> HttpResponse:
        """List plans, the newest first; without what they say."""
        rows = TreatmentPlan.objects.permitted(self.user, VIEW).select_related("client", "episode")
        return self.listing(rows_of_client(rows, request), ("-id",), shown, seen=_seen)


def _seen(page: Page) -> None:
    audit.listed("plan", [row.client_id for row in page.rows], purpose="api")


class PlanDetail(PlanView):
    """One plan."""

    rights: ClassVar[Any] = {"GET": VIEW}

    @extend_schema(responses=bodies.PlanDetailSerializer, operation_id="plan_read")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Read a plan with its versions; what a version says stands on its own endpoint."""
        plan = self.plan(public_id, VIEW)
        versions = PlanVersion.objects.filter(plan=plan).select_related("plan").order_by("-number")
        return Response({**shown(plan), "versions": [shown_version(one) for one in versions]})


class PlanReviews(PlanView):
    """The looks back at a plan."""

    rights: ClassVar[Any] = {"GET": VIEW}

    @extend_schema(responses=listed_as(bodies.PlanReviewSerializer), operation_id="plan_reviews_list")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> HttpResponse:
        """List the looks back at a plan, the newest first."""
        plan = self.plan(public_id, VIEW)
        rows = PlanReview.objects.filter(plan=plan)
        goals: dict[int, list[dict[str, Any]]] = {}
        for one in GoalReview.objects.filter(review__plan=plan).select_related("goal").order_by("pk"):
            goals.setdefault(one.review_id, []).append(
                {
                    "goal": one.goal.public_id,
                    "progress": one.progress,
                    "status": one.status,
                    "comment": one.comment or "",
                }
            )

        def show(review: PlanReview) -> dict[str, Any]:
            told = {name: getattr(review, name) for name in ("due_on", "held_on", "decision")}
            return {"id": review.public_id, **told, "note": review.note or "", "goals": goals.get(review.pk, [])}

        return self.listing(rows, ("-id",), show)


class PlanVersionDetail(PlanView):
    """One version of a plan."""

    rights: ClassVar[Any] = {"GET": VIEW}

    @extend_schema(responses=bodies.PlanVersionDetailSerializer, operation_id="plan_version_read")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Read a version with its parts; the answer's ETag is the version to sign it from."""
        version = self.version(public_id, VIEW)
        return with_etag(shown_whole(version), version.version)


class PlanVersionDiff(PlanView):
    """What changed to a version from the one before it."""

    rights: ClassVar[Any] = {"GET": VIEW}

    @extend_schema(responses=bodies.PlanDiffSerializer, operation_id="plan_version_diff")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Compare a version with the one before it, part by part; the first with nothing."""
        version = self.version(public_id, VIEW)
        before = PlanVersion.objects.filter(plan=version.plan, number__lt=version.number).order_by("-number").first()
        was = selectors.said_of(before).parts if before is not None else []
        change = diff(was, selectors.said_of(version).parts)
        return Response(
            {
                "before": before.public_id if before is not None else None,
                "after": version.public_id,
                "added": [_told(part) for part in change.added],
                "removed": [_told(part) for part in change.removed],
                "changed": [
                    {
                        **_told(one.part),
                        "changes": [
                            {"field": field.field, "before": field.before, "after": field.after} for field in one.fields
                        ],
                    }
                    for one in change.changed
                ],
                "moved": [
                    {
                        "kind": one.part.kind.value, "lineage": one.part.lineage,
                        "under_before": one.under_before or None, "under_after": one.part.under or None,
                        "position_before": one.position_before, "position_after": one.part.position,
                    }
                    for one in change.moved
                ],
            }
        )  # fmt: skip


def _told(part: Part) -> dict[str, Any]:
    return {"kind": part.kind.value, "lineage": part.lineage, "changes": []}


class PlanParts(PlanView):
    """The parts of a draft."""

    rights: ClassVar[Any] = {"POST": CHANGE}

    @extend_schema(
        request=bodies.PlanPartCreateSerializer, responses={201: bodies.PlanPartSerializer}, parameters=[ONCE_KEY],
        operation_id="plan_part_create",
    )  # fmt: skip
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Add a part to a draft, as the last of its brothers."""
        version = self.version(public_id, CHANGE)
        data = self.checked(bodies.PlanPartCreateSerializer)
        kind, asked = data.pop("kind"), data.pop("under", None)
        values = self.values(kind, data, version)
        under = self._under(version, kind, asked)

        def act() -> Any:
            return plan_parts.add_part(
                version=version, kind=kind, values=values, under=under, by=self.user, now=timezone.now()
            )

        try:
            return self.created_once(act, lambda pk: again(pk), about=str(version.public_id))
        except (Wrong, NotADraft) as error:
            raise _refused(error) from None

    def _under(self, version: PlanVersion, kind: Kind, asked: Any) -> PlanPart | None:
        above = UNDER.get(kind)
        if above is None or asked is None:
            return None
        found: PlanPart | None = MODELS[above].objects.filter(plan_version=version, public_id=asked).first()
        return found


def again(public_id: str) -> dict[str, Any]:
    """Return what is sent of a part, read anew."""
    kind = plan_hints.kind_of_part(public_id)
    if kind is None:
        raise Http404(NOT_HERE)
    row = MODELS[kind].objects.get(public_id=public_id)
    above = selectors.above_of(row)
    part = selectors.part_of(row, kind, str(above.lineage) if above is not None else "")
    return shown_part(row, part, above.public_id if above is not None else None)


class PlanPartDetail(PlanView):
    """One part of a draft."""

    rights: ClassVar[Any] = {"GET": VIEW, "PATCH": CHANGE}

    @extend_schema(responses=bodies.PlanPartSerializer, operation_id="plan_part_read")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Read a part; the answer's ETag is the version to change it from."""
        part = self.part(public_id, VIEW)
        return with_etag(again(str(part.public_id)), part.version)

    @extend_schema(
        request=bodies.PlanPartChangeBodySerializer, responses=bodies.PlanPartSerializer, parameters=[IF_MATCH],
        operation_id="plan_part_change",
    )  # fmt: skip
    def patch(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Change a part of a draft; what is left out stays."""
        part = self.part(public_id, CHANGE)
        version = self.version_asked()
        data = self.checked(bodies.PlanPartChangeBodySerializer)
        values = self.values(selectors.kind_of(part), data, part.plan_version)
        try:
            changed = plan_parts.change_part(
                part=part, version=version, values=values, by=self.user, now=timezone.now()
            )
        except Stale:
            raise PreconditionFailed from None
        except (Wrong, NotADraft) as error:
            raise _refused(error) from None
        return with_etag(again(str(changed.public_id)), changed.version)


class PlanVersionSign(PlanView):
    """The author's signature under a draft."""

    rights: ClassVar[Any] = {"POST": SIGN}

    @extend_schema(
        request=bodies.PlanSignSerializer, responses=bodies.PlanVersionDetailSerializer, parameters=[IF_MATCH],
        operation_id="plan_version_sign",
    )  # fmt: skip
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """
        Sign a draft as its author: what it says is final, and it waits for the other signatures.

        A signature is a person's: a token signs nothing, and who signs has proved who they are in the last 30 minutes.
        """
        version = self.version(public_id, SIGN)
        seen = self.version_asked()
        data = self.checked(bodies.PlanSignSerializer)
        if token_of(request) is not None or not confirmed_recently(request._request):
            raise PermissionDenied("Sign in again on a page first. A token cannot sign.")
        user: User = self.user
        try:
            plan_signing.sign_as_author(
                version=version, seen=seen, starts_on=data.get("starts_on"), needs_cosign=data["needs_cosign"],
                by=user, now=timezone.now(),
            )  # fmt: skip
        except Stale:
            raise PreconditionFailed from None
        except (plan_signing.NotWhole, NotADraft) as error:
            raise _refused(error) from None
        signed = PlanVersion.objects.select_related("plan__episode", "client", "author").get(pk=version.pk)
        return with_etag(shown_whole(signed), signed.version)

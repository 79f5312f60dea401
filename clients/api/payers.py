"""
Endpoints for who pays, what a payer answered, and what it authorized.

A list tells that there is a cover; the member ID stands on its own endpoint. What a payer answered is recorded with the
row of the accounting, like on a page: without a consent that covers the payer it is refused.
"""

from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from clients.api import payer_bodies as bodies
from clients.api.consents import RefusedDisclosureSerializer
from clients.api.of_client import OF_CLIENT, person_named, rows_of_client
from clients.api.views import IF_MATCH, ONCE_KEY
from clients.disclosure import Refused
from clients.models import Authorisation, BenefitCheck, Coverage
from clients.rules.payers import Agreed, Answer, Cover
from clients.selectors import payers as selectors
from clients.selectors.payers import ASK, CHANGE, VIEW
from clients.selectors.people import VIEW as VIEW_PERSON
from clients.selectors.people import permits
from clients.services import authorisations, benefits, payers
from clients.services.authorisations import Terms
from clinics import audit
from clinics.access import find_permitted
from clinics.api.errors import PreconditionFailed
from clinics.api.views import ClinicAPIView, listed_as, with_etag
from clinics.paging import Page
from clinics.versions import Stale


def _errors(error: payers.CannotBe) -> serializers.ValidationError:
    found: dict[str, list[str]] = {}
    for problem in error.problems:
        found.setdefault(problem.field, []).append(problem.sentence)
    return serializers.ValidationError(found)


def _refused(sentence: str, code: str) -> Response:
    body = {"detail": sentence, "code": code, "fields": {}, "dropped": {}}
    return Response(body, status=status.HTTP_409_CONFLICT)


class PayerView(ClinicAPIView):
    """What these endpoints share: a row of a person of whom one may see who pays."""

    def found(self, model: type[Any], public_id: str, right: str = VIEW, *related: str) -> Any:
        """
        Return the row of the address, where the caller holds `right` on its person.

        :raises Http404: not there, or the person is not visible
        :raises PermissionDenied: visible, but not allowed
        """
        user: Any = self.request.user
        row = find_permitted(
            model, user, VIEW_PERSON, public_id=public_id, related=("client__merged_into", *related)
        )  # fmt: skip
        if not all(permits(row.client, user, VIEW, right)):
            raise PermissionDenied
        audit.viewed(row, purpose="api")
        row.clinic = row.client.clinic = self.request._request.clinic  # type: ignore[attr-defined]
        return row


class CoverageList(PayerView):
    """Ways in which care is paid for."""

    rights: ClassVar[Any] = {"GET": VIEW_PERSON, "POST": CHANGE}

    @extend_schema(
        responses=listed_as(bodies.CoverageSerializer), parameters=[OF_CLIENT], operation_id="coverages_list"
    )
    def get(self, request: Request, clinic_slug: str) -> HttpResponse:
        """List ways of paying, the newest first, with those that were taken out; without any member ID."""
        rows = selectors.permitted(Coverage.objects, request.user, VIEW)  # type: ignore[arg-type]
        rows = rows_of_client(rows.select_related("client"), request)
        return self.listing(rows, ("-id",), bodies.shown_coverage, seen=partial(_seen, "coverage"))

    @extend_schema(
        request=bodies.CoverageCreateSerializer,
        responses={201: bodies.CoverageDetailSerializer},
        parameters=[ONCE_KEY],
        operation_id="coverage_create",
    )
    def post(self, request: Request, clinic_slug: str) -> Response:
        """Write down a way of paying; what stood at its place moves to the next."""
        data = self.checked(bodies.CoverageCreateSerializer)
        client = person_named(self, data.pop("client"), CHANGE, VIEW_PERSON)
        user: Any = request.user

        def act() -> Coverage:
            return payers.add_coverage(client=client, cover=Cover(**data), by=user, now=timezone.now())

        try:
            return self.created_once(act, self._shown)
        except payers.CannotBe as error:
            raise _errors(error) from None

    @staticmethod
    def _shown(public_id: str) -> dict[str, Any]:
        return bodies.shown_whole(Coverage.objects.select_related("client").get(public_id=public_id))


class CoverageDetail(PayerView):
    """One way of paying."""

    rights: ClassVar[Any] = {"GET": VIEW_PERSON, "PATCH": CHANGE, "DELETE": CHANGE}

    @extend_schema(responses=bodies.CoverageDetailSerializer, operation_id="coverage_read")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Read a way of paying with its member ID; the answer's ETag is the version to change it from."""
        row = self.found(Coverage, public_id)
        return with_etag(bodies.shown_whole(row), row.version)

    @extend_schema(
        request=bodies.CoverageChangeSerializer, responses=bodies.CoverageDetailSerializer, parameters=[IF_MATCH],
        operation_id="coverage_change",
    )  # fmt: skip
    def patch(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Correct a way of paying; what is left out stays."""
        row = self.found(Coverage, public_id, CHANGE)
        version = self.version_asked()
        data = self.checked(bodies.CoverageChangeSerializer)
        user: Any = request.user
        try:
            changed = payers.change_coverage(
                coverage=row, version=version, cover=replace(selectors.cover_of(row), **data), by=user,
                now=timezone.now(),
            )  # fmt: skip
        except payers.CannotBe as error:
            raise _errors(error) from None
        except payers.Removed as error:
            return _refused(str(error), "removed")
        except Stale:
            raise PreconditionFailed from None
        return with_etag(bodies.shown_whole(changed), changed.version)

    @extend_schema(responses={204: None}, parameters=[IF_MATCH], operation_id="coverage_remove")
    def delete(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Take a way of paying out; it stays kept, with what its payer said."""
        row = self.found(Coverage, public_id, CHANGE)
        version = self.version_asked()
        user: Any = request.user
        try:
            payers.remove_coverage(coverage=row, version=version, by=user, now=timezone.now())
        except payers.Removed as error:
            return _refused(str(error), "removed")
        except Stale:
            raise PreconditionFailed from None
        return Response(status=status.HTTP_204_NO_CONTENT)


class BenefitChecks(PayerView):
    """What the payer of a cover answered."""

    rights: ClassVar[Any] = {"GET": VIEW_PERSON, "POST": ASK}

    @extend_schema(responses=listed_as(bodies.BenefitCheckSerializer), operation_id="benefit_checks_list")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> HttpResponse:
        """List what the payer answered, the newest first."""
        row = self.found(Coverage, public_id)
        rows = BenefitCheck.objects.filter(coverage=row).select_related("coverage", "disclosure")
        return self.listing(rows, ("-id",), bodies.shown_check, seen=partial(_seen, "benefitcheck"))

    @extend_schema(
        request=bodies.BenefitCheckCreateSerializer,
        responses={201: bodies.BenefitCheckSerializer, 409: RefusedDisclosureSerializer},
        parameters=[ONCE_KEY],
        operation_id="benefit_check_create",
    )
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Record what the payer answered, and that it was told of the person; without a consent for it, 409. Final."""
        row = self.found(Coverage, public_id, ASK)
        data = self.checked(bodies.BenefitCheckCreateSerializer)
        user: Any = request.user

        def act() -> BenefitCheck:
            return benefits.record_check(coverage=row, answer=Answer(**data), by=user, now=timezone.now())

        try:
            return self.created_once(act, self._shown, about=str(row.public_id))
        except payers.CannotBe as error:
            raise _errors(error) from None
        except Refused as error:
            ground = benefits.ground_of(coverage=row, now=timezone.now(), method=data["method"])
            benefits.record_refusal(coverage=row, ground=ground, by=user)
            dropped = {one.value: reason.value for one, reason in error.decision.dropped.items()}
            body = {"detail": str(error), "code": "disclosure_refused", "fields": {}, "dropped": dropped}
            return Response(body, status=status.HTTP_409_CONFLICT)
        except (benefits.NotAsked, payers.Removed) as error:
            return _refused(str(error), "not_asked")

    @staticmethod
    def _shown(public_id: str) -> dict[str, Any]:
        rows = BenefitCheck.objects.select_related("coverage", "disclosure")
        return bodies.shown_check(rows.get(public_id=public_id))


class Authorisations(PayerView):
    """What the payer of a cover authorized."""

    rights: ClassVar[Any] = {"GET": VIEW_PERSON, "POST": CHANGE}

    @extend_schema(responses=listed_as(bodies.AuthorisationSerializer), operation_id="authorizations_list")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> HttpResponse:
        """List what was authorized, the newest first."""
        row = self.found(Coverage, public_id)
        rows = Authorisation.objects.filter(coverage=row).select_related("coverage")
        return self.listing(rows, ("-id",), bodies.shown_authorisation, seen=partial(_seen, "authorisation"))

    @extend_schema(
        request=bodies.AuthorisationCreateSerializer,
        responses={201: bodies.AuthorisationSerializer},
        parameters=[ONCE_KEY],
        operation_id="authorization_create",
    )
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Write down what a payer authorized; it renews what the cover had before."""
        row = self.found(Coverage, public_id, CHANGE)
        data = self.checked(bodies.AuthorisationCreateSerializer)
        terms = Terms(number=data.pop("number"), agreed=Agreed(**data))
        user: Any = request.user

        def act() -> Authorisation:
            return authorisations.add_authorisation(coverage=row, terms=terms, by=user, now=timezone.now())

        try:
            return self.created_once(act, self._shown, about=str(row.public_id))
        except payers.CannotBe as error:
            raise _errors(error) from None
        except payers.Removed as error:
            return _refused(str(error), "removed")

    @staticmethod
    def _shown(public_id: str) -> dict[str, Any]:
        return bodies.shown_authorisation(
            Authorisation.objects.select_related("coverage").get(public_id=public_id)
        )  # fmt: skip


class AuthorisationDetail(PayerView):
    """One authorization."""

    rights: ClassVar[Any] = {"GET": VIEW_PERSON, "PATCH": CHANGE}

    @extend_schema(responses=bodies.AuthorisationSerializer, operation_id="authorization_read")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Read an authorization; the answer's ETag is the version to change it from."""
        row = self.found(Authorisation, public_id, VIEW, "coverage")
        return with_etag(bodies.shown_authorisation(row), row.version)

    @extend_schema(
        request=bodies.AuthorisationChangeSerializer, responses=bodies.AuthorisationSerializer, parameters=[IF_MATCH],
        operation_id="authorization_change",
    )  # fmt: skip
    def patch(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Record units that were used, the next review, or a correction; what is left out stays."""
        row = self.found(Authorisation, public_id, CHANGE, "coverage")
        version = self.version_asked()
        data = self.checked(bodies.AuthorisationChangeSerializer)
        number = data.pop("number", row.number or "")
        user: Any = request.user
        try:
            changed = authorisations.change_authorisation(
                row=row, version=version, terms=Terms(replace(selectors.agreed_of(row), **data), number), by=user,
                now=timezone.now(),
            )  # fmt: skip
        except payers.CannotBe as error:
            raise _errors(error) from None
        except Stale:
            raise PreconditionFailed from None
        return with_etag(bodies.shown_authorisation(changed), changed.version)


def _seen(what: str, page: Page) -> None:
    audit.listed(what, [row.client_id for row in page.rows], purpose="api")

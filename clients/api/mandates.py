"""
Endpoints for mandates and the reports on them.

A list tells that there are mandates and when a report is due; what one says stands on its own endpoint. A report goes
through the one way out, like one made on a page.
"""

from functools import partial
from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from clients.api.of_client import OF_CLIENT, person_named, rows_of_client
from clients.api.views import IF_MATCH, ONCE_KEY
from clients.disclosure import RIGHT as DISCLOSE
from clients.disclosure import Refused
from clients.models import Client, Consent, Mandate, MandateReport
from clients.models.people import person_of
from clients.rules import intake
from clients.rules import mandates as rules
from clients.rules.disclosure import NOTICES
from clients.selectors import mandates as selectors
from clients.selectors.mandates import CHANGE, VIEW
from clients.selectors.people import VIEW as VIEW_PERSON
from clients.services import mandates
from clinics import audit, jobs
from clinics.access import find_permitted
from clinics.api.errors import PreconditionFailed
from clinics.api.views import ClinicAPIView, listed_as, with_etag
from clinics.models import Job
from clinics.paging import Page
from clinics.versions import Stale

PLAIN = ("kind", "reporting", "next_report_on", "starts_on", "ends_on", "ended_at", "discord", "version")
SAID = ("body", "officer", "end_condition", "required_level", "required_sessions")


class MandateSerializer(serializers.Serializer[Any]):
    """A mandate as a list shows it: that it is there, and when a report is due."""

    id = serializers.UUIDField()
    client = serializers.UUIDField()
    kind = serializers.CharField()
    reporting = serializers.CharField()
    next_report_on = serializers.DateField(allow_null=True)
    starts_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    discord = serializers.IntegerField(allow_null=True, help_text="0 to 10: how far it is from what the person wants")
    version = serializers.IntegerField()


class MandateDetailSerializer(MandateSerializer):
    """A mandate with what it says, and what the person makes of it."""

    body = serializers.CharField()
    officer = serializers.CharField()
    docket = serializers.CharField()
    end_condition = serializers.CharField()
    required_level = serializers.CharField()
    required_sessions = serializers.IntegerField(allow_null=True)
    consent = serializers.UUIDField(allow_null=True)
    client_view = serializers.CharField()
    why_no_report = serializers.CharField(help_text="Why no report can go out now; empty when one can")


class MandateChangeSerializer(serializers.Serializer[Any]):
    """What may be changed of a mandate; what is left out stays."""

    kind = serializers.ChoiceField(rules.KINDS, required=False)
    body = serializers.CharField(max_length=160, allow_blank=True, required=False)
    officer = serializers.CharField(max_length=160, allow_blank=True, required=False)
    docket = serializers.CharField(max_length=80, allow_blank=True, required=False)
    starts_on = serializers.DateField(allow_null=True, required=False)
    ends_on = serializers.DateField(allow_null=True, required=False)
    end_condition = serializers.CharField(max_length=200, allow_blank=True, required=False)
    required_level = serializers.ChoiceField([code for code, _label in intake.LEVELS], allow_blank=True, required=False)
    required_sessions = serializers.IntegerField(
        min_value=1, max_value=rules.MAX_SESSIONS, allow_null=True, required=False
    )
    reporting = serializers.ChoiceField([code for code, _label in rules.FREQUENCIES], required=False)
    next_report_on = serializers.DateField(allow_null=True, required=False)
    consent = serializers.UUIDField(allow_null=True, required=False, help_text="In force, and made for reports")
    client_view = serializers.CharField(max_length=4_000, allow_blank=True, required=False)
    discord = serializers.IntegerField(min_value=0, max_value=10, allow_null=True, required=False)


class MandateCreateSerializer(MandateChangeSerializer):
    """A mandate that is written down. A family's wish has no docket, consent or report."""

    client = serializers.UUIDField()
    kind = serializers.ChoiceField(rules.KINDS)


class MandateReportSerializer(serializers.Serializer[Any]):
    """A report on a mandate: all that was told."""

    id = serializers.UUIDField()
    mandate = serializers.UUIDField()
    disclosure = serializers.UUIDField()
    from_on = serializers.DateField()
    until_on = serializers.DateField()
    kept = serializers.IntegerField()
    missed = serializers.IntegerField()
    participating = serializers.BooleanField()
    completed = serializers.BooleanField()
    made_at = serializers.DateTimeField()


class MandateReportCreateSerializer(serializers.Serializer[Any]):
    """What a report says of itself; appointments are counted."""

    from_on = serializers.DateField()
    until_on = serializers.DateField()
    participating = serializers.BooleanField()
    completed = serializers.BooleanField()
    recipient = serializers.CharField(max_length=160, required=False, help_text="One of those the consent names")
    notice = serializers.ChoiceField(list(NOTICES), default="long")


class RefusedReportSerializer(serializers.Serializer[Any]):
    """Nothing may go out, and why."""

    detail = serializers.CharField()
    code = serializers.CharField()
    fields = serializers.DictField()  # type: ignore[assignment]


def shown(mandate: Mandate) -> dict[str, Any]:
    """Return what a list sends of a mandate."""
    plain = {name: getattr(mandate, name) for name in PLAIN}
    return {"id": mandate.public_id, "client": mandate.client.public_id, **plain}


def shown_whole(mandate: Mandate) -> dict[str, Any]:
    """Return what is sent of one mandate."""
    return {
        **shown(mandate),
        **{name: getattr(mandate, name) for name in SAID},
        "docket": mandate.docket or "",
        "consent": mandate.consent.public_id if mandate.consent is not None else None,
        "client_view": mandate.client_view or "",
        "why_no_report": selectors.why_not(mandate, timezone.now()),
    }


def shown_report(report: MandateReport) -> dict[str, Any]:
    """Return what is sent of a report."""
    told = ("from_on", "until_on", "kept", "missed", "participating", "completed", "made_at")
    return {
        "id": report.public_id,
        "mandate": report.mandate.public_id,
        "disclosure": report.disclosure.public_id,
        **{name: getattr(report, name) for name in told},
    }


class MandateView(ClinicAPIView):
    """What endpoints of mandates share."""

    def found(self, public_id: str, right: str) -> Mandate:
        """
        Return the mandate of the address, and record that it was opened.

        The right to inquiries is an administrator's for the admin; here one must also see the person.
        """
        user: Any = self.request.user
        mandate: Mandate = find_permitted(
            Mandate, user, right, view_perm=VIEW_PERSON, public_id=public_id, purpose="api",
            related=("client__merged_into", "consent__client"),
        )  # fmt: skip
        return self.placed(mandate)

    def placed(self, mandate: Mandate) -> Mandate:
        """Return the mandate with the entered clinic on it and its consent."""
        clinic = self.request._request.clinic  # type: ignore[attr-defined]
        mandate.clinic = mandate.client.clinic = clinic
        if mandate.consent is not None:
            mandate.consent.clinic = clinic
        return mandate

    def again(self, public_id: str) -> dict[str, Any]:
        """Return what is sent of a mandate, read anew."""
        rows = Mandate.objects.select_related("client", "consent__client")
        return shown_whole(self.placed(rows.get(public_id=public_id)))

    def with_consent(self, client: Client, data: dict[str, Any]) -> dict[str, Any]:
        """Return the body with the consent as a row of this person."""
        asked = data.get("consent")
        if asked is not None:
            rows = Consent.objects.filter(client__in=client.records).select_related("client")
            data["consent"] = rows.filter(public_id=asked).first()
            if data["consent"] is None:
                raise serializers.ValidationError({"consent": ["This person has no such consent."]})
        return data


class MandateList(MandateView):
    """Mandates that the caller may see."""

    rights: ClassVar[Any] = {"GET": VIEW_PERSON, "POST": CHANGE}

    @extend_schema(responses=listed_as(MandateSerializer), parameters=[OF_CLIENT], operation_id="mandates_list")
    def get(self, request: Request, clinic_slug: str) -> HttpResponse:
        """List mandates, the newest first; without what they say."""
        user: Any = request.user
        rows = rows_of_client(selectors.permitted(user).select_related("client"), request)
        return self.listing(rows, ("-id",), shown, seen=partial(_seen, "mandate"))

    @extend_schema(
        request=MandateCreateSerializer, responses={201: MandateDetailSerializer}, parameters=[ONCE_KEY],
        operation_id="mandate_create",
    )  # fmt: skip
    def post(self, request: Request, clinic_slug: str) -> Response:
        """Write down that somebody wants a person in care, and what the person makes of it."""
        data = self.checked(MandateCreateSerializer)
        user: Any = request.user
        client = person_named(self, data.pop("client"), CHANGE)
        terms = mandates.Terms(**self.with_consent(client, data))

        def act() -> Mandate:
            return mandates.add(client=client, terms=terms, by=user, now=timezone.now())

        try:
            return self.created_once(act, self.again)
        except rules.Wrong as error:
            raise serializers.ValidationError({error.field: [str(error)]}) from None


class MandateDetail(MandateView):
    """One mandate."""

    rights: ClassVar[Any] = {"GET": VIEW_PERSON, "PATCH": CHANGE}

    @extend_schema(responses=MandateDetailSerializer, operation_id="mandate_read")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Read a mandate; the answer's ETag is the version to change it from."""
        mandate = self.found(public_id, VIEW)
        return with_etag(shown_whole(mandate), mandate.version)

    @extend_schema(
        request=MandateChangeSerializer, responses=MandateDetailSerializer, parameters=[IF_MATCH],
        operation_id="mandate_change",
    )  # fmt: skip
    def patch(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Correct a mandate that stands."""
        mandate = self.found(public_id, CHANGE)
        version = self.version_asked()
        data = self.with_consent(person_of(mandate), self.checked(MandateChangeSerializer))
        user: Any = request.user
        try:
            changed = mandates.change(
                mandate=mandate, version=version, terms=mandates.with_changes(mandate, data), by=user,
                now=timezone.now(),
            )  # fmt: skip
        except Stale:
            raise PreconditionFailed from None
        except (rules.Wrong, mandates.Ended) as error:
            raise serializers.ValidationError({getattr(error, "field", ""): [str(error)]}) from None
        return with_etag(self.again(str(changed.public_id)), changed.version)


class MandateEnd(MandateView):
    """The end of a mandate."""

    rights: ClassVar[Any] = {"POST": CHANGE}

    @extend_schema(
        request=None, responses=MandateDetailSerializer, parameters=[IF_MATCH], operation_id="mandate_end"
    )  # fmt: skip
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """End a mandate: nothing more is reported on it."""
        mandate = self.found(public_id, CHANGE)
        user: Any = request.user
        try:
            ended = mandates.end(mandate=mandate, version=self.version_asked(), by=user, now=timezone.now())
        except Stale:
            raise PreconditionFailed from None
        except mandates.Ended as error:
            raise serializers.ValidationError({"": [str(error)]}) from None
        return with_etag(self.again(str(ended.public_id)), ended.version)


class MandateReports(MandateView):
    """The reports on a mandate, and the one way to make another."""

    rights: ClassVar[Any] = {"GET": VIEW_PERSON, "POST": DISCLOSE}

    @extend_schema(responses=listed_as(MandateReportSerializer), operation_id="mandate_reports_list")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> HttpResponse:
        """List the reports on a mandate, the newest first."""
        mandate = self.found(public_id, VIEW)
        rows = MandateReport.objects.filter(mandate=mandate).select_related("mandate", "disclosure")
        return self.listing(rows, ("-id",), shown_report)

    @extend_schema(
        request=MandateReportCreateSerializer,
        responses={201: MandateReportSerializer, 409: RefusedReportSerializer},
        parameters=[ONCE_KEY],
        operation_id="mandate_report_create",
    )
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Report on a mandate: appointments are counted, and it is disclosed; what nothing permits is 409."""
        mandate = self.found(public_id, DISCLOSE)
        telling = mandates.Telling(**self.checked(MandateReportCreateSerializer))
        user: Any = request.user
        promised: list[Job] = []

        def act() -> MandateReport:
            made, job = mandates.report(mandate=mandate, telling=telling, by=user, now=timezone.now())
            promised.append(job)
            return made

        try:
            answer = self.created_once(act, self._shown, about=str(mandate.public_id))
        except rules.Wrong as error:
            raise serializers.ValidationError({error.field: [str(error)]}) from None
        except (mandates.NoReport, Refused) as error:
            mandates.record_refusal(mandate=mandate, why=str(error), by=user)
            body = {"detail": str(error), "code": "report_refused", "fields": {}}
            return Response(body, status=status.HTTP_409_CONFLICT)
        for job in promised:
            jobs.send_soon(job)
        return answer

    @staticmethod
    def _shown(public_id: str) -> dict[str, Any]:
        return shown_report(MandateReport.objects.select_related("mandate", "disclosure").get(public_id=public_id))


def _seen(what: str, page: Page) -> None:
    audit.listed(what, [row.client_id for row in page.rows], purpose="api")

"""
Endpoints for consents and disclosures.

A list tells that there are consents and what they are worth; what one says stands on its own endpoint. A disclosure
goes through the one way out, like one made on a page.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, cast

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from clients import disclosure as way_out
from clients.api import consent_bodies as bodies
from clients.api.of_client import OF_CLIENT, person_named, rows_of_client
from clients.api.views import IF_MATCH, ONCE_KEY
from clients.disclosure import Asked, Refused
from clients.models import Client, Consent, Disclosure
from clients.rules.consent_terms import Category, Purpose, RecipientClass, State
from clients.rules.consents import state_at
from clients.rules.disclosure import NOTICES, RECORDS, Basis
from clients.selectors import accounting
from clients.selectors import consents as selectors
from clients.services import consents
from clinics import audit, jobs
from clinics.access import find_permitted
from clinics.api.errors import PreconditionFailed
from clinics.api.views import ClinicAPIView, listed_as, with_etag
from clinics.models import Clinic, Job, User
from clinics.paging import Page
from clinics.versions import Stale, lock_version

EXAMPLE = OpenApiExample(
    "Under a consent",
    {
        "client": "3f0c8a52-6a4f-4f3c-9a53-0a8d2c9f6f10",
        "basis": "consent",
        "consent": "8d1c2f3a-5b1e-4b8e-8f0b-2a7a0d9a7c11",
        "purpose": "treatment",
        "recipient": "Harbor Family Practice",
        "categories": ["attendance", "progress_notes"],
        "notice": "short",
    },
    request_only=True,
)


class ConsentSerializer(serializers.Serializer[Any]):
    """A consent as a list shows it: that it is there, and what it is worth now."""

    id = serializers.UUIDField()
    client = serializers.UUIDField()
    kind = serializers.CharField()
    state = serializers.ChoiceField([(one.value, one.name) for one in State], help_text="Now; expiry is derived")
    categories = serializers.ListField(child=serializers.CharField())
    purposes = serializers.ListField(child=serializers.CharField())
    signed_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True, help_text="From this instant on it permits nothing")
    version = serializers.IntegerField()


class ConsentDetailSerializer(ConsentSerializer):
    """A consent with what it says."""

    recipients = serializers.ListField(child=serializers.CharField())
    recipient_classes = serializers.ListField(child=serializers.CharField())
    named_body = serializers.CharField(help_text="The intermediary, or the body that made treatment a condition")
    expiry_event = serializers.CharField()
    text = serializers.CharField()
    problems = serializers.ListField(child=serializers.CharField(), help_text="What keeps it from being valid")


class DisclosureSerializer(serializers.Serializer[Any]):
    """One row of the accounting."""

    id = serializers.UUIDField()
    client = serializers.UUIDField()
    basis = serializers.CharField()
    consent = serializers.UUIDField(allow_null=True)
    purpose = serializers.CharField()
    recipient = serializers.CharField()
    affiliation = serializers.CharField()
    categories_asked = serializers.ListField(child=serializers.CharField())
    categories_given = serializers.ListField(child=serializers.CharField())
    dropped = serializers.DictField(child=serializers.CharField(), help_text="Part to the reason it was left out")
    notice = serializers.CharField()
    made_at = serializers.DateTimeField()


class DisclosureCreateSerializer(serializers.Serializer[Any]):
    """What is to be told, to whom, for what, on which basis."""

    client = serializers.UUIDField()
    basis = serializers.ChoiceField([(one.value, one.name) for one in Basis])
    consent = serializers.UUIDField(required=False, help_text="With the basis `consent`")
    purpose = serializers.ChoiceField([(one.value, one.name) for one in Purpose])
    recipient = serializers.CharField(max_length=160)
    recipient_class = serializers.ChoiceField([(one.value, one.name) for one in RecipientClass], required=False)
    categories = serializers.ListField(
        child=serializers.ChoiceField([(one.value, one.name) for one in Category]),
        min_length=1,
        max_length=len(Category),
    )
    notice = serializers.ChoiceField(list(NOTICES), default="long")
    affiliation = serializers.CharField(max_length=160, required=False)
    reference = serializers.CharField(max_length=80, required=False)
    subpoena = serializers.CharField(max_length=80, required=False)
    description = serializers.CharField(max_length=2_000, required=False)


class RefusedDisclosureSerializer(serializers.Serializer[Any]):
    """Nothing may go out, and why."""

    detail = serializers.CharField()
    code = serializers.CharField()
    fields = serializers.DictField()  # type: ignore[assignment]
    dropped = serializers.DictField(child=serializers.CharField())


def shown_consent(consent: Consent, *, clinic: Clinic, now: datetime) -> dict[str, Any]:
    """Return what a list sends of a consent."""
    consent.clinic = clinic
    document = selectors.document_of(consent)
    return {
        "id": consent.public_id,
        "client": consent.client.public_id,
        "kind": consent.kind,
        "state": state_at(document, now),
        "categories": [one for one in Category if one in document.categories],
        "purposes": [one for one in Purpose if one in document.purposes],
        "signed_at": consent.signed_at,
        "expires_at": consent.expires_at,
        "version": consent.version,
    }


def shown_disclosure(row: Disclosure) -> dict[str, Any]:
    """Return what is sent of a disclosure."""
    names = ("basis", "purpose", "recipient", "affiliation", "categories_asked", "categories_given", "dropped")
    return {
        "id": row.public_id,
        "client": row.client.public_id,
        "consent": row.consent.public_id if row.consent is not None else None,
        **{name: getattr(row, name) for name in names},
        "notice": row.notice_form,
        "made_at": row.made_at,
    }


def _seen(what: str, page: Page) -> None:
    audit.listed(what, [row.client_id for row in page.rows], purpose="api")


class ConsentList(ClinicAPIView):
    """Consents that the caller may see."""

    rights: ClassVar[Any] = {"GET": selectors.VIEW, "POST": selectors.CAPTURE}

    @extend_schema(responses=listed_as(ConsentSerializer), parameters=[OF_CLIENT], operation_id="consents_list")
    def get(self, request: Request, clinic_slug: str) -> HttpResponse:
        """List consents, the newest first, with what each is worth now."""
        rows = Consent.objects.permitted(request.user, selectors.VIEW).select_related("client")
        clinic = request._request.clinic  # type: ignore[attr-defined]
        show = partial(shown_consent, clinic=clinic, now=timezone.now())
        return self.listing(rows_of_client(rows, request), ("-id",), show, seen=partial(_seen, "consent"))

    @extend_schema(
        request=bodies.ConsentCreateSerializer,
        responses={201: ConsentSerializer},
        parameters=[ONCE_KEY],
        operation_id="consent_create",
    )
    def post(self, request: Request, clinic_slug: str) -> Response:
        """Write a consent down, to be signed at the clinic; or take over a paper, invalid where it lacks something."""
        data = self.checked(bodies.ConsentCreateSerializer)
        client = person_named(self, data.pop("client"), selectors.CAPTURE)
        paper, terms, by = data.pop("paper", None), bodies.terms_of(data), cast(User, request.user)

        def act() -> Consent:
            if paper is None:
                return consents.draft_consent(client=client, terms=terms, by=by)
            said = bodies.paper_of(paper)
            return consents.record_paper(client=client, terms=terms, paper=said, by=by, now=timezone.now())

        def show(public_id: str) -> dict[str, Any]:
            made = Consent.objects.select_related("client").get(public_id=public_id)
            return shown_consent(made, clinic=client.clinic, now=timezone.now())

        try:
            return self.created_once(act, show)
        except consents.Incomplete as error:
            raise bodies.refused(error.problems, on_paper=paper is not None) from None


class ConsentDetail(ClinicAPIView):
    """One consent."""

    rights: ClassVar[Any] = {"GET": selectors.VIEW, "PATCH": selectors.CAPTURE}

    @extend_schema(responses=ConsentDetailSerializer, operation_id="consent_read")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Read a consent: what it says, and what it is worth now."""
        user: Any = request.user
        consent = find_permitted(
            Consent, user, selectors.VIEW, public_id=public_id, purpose="api", related=("client",)
        )  # fmt: skip
        now = timezone.now()
        row = shown_consent(consent, clinic=request._request.clinic, now=now)  # type: ignore[attr-defined]
        document = selectors.document_of(consent)
        body = {
            **row,
            "recipients": list(document.recipients),
            "recipient_classes": sorted(document.recipient_classes),
            "named_body": document.named_body,
            "expiry_event": document.expiry_event,
            "text": consent.text or "",
            "problems": [problem.sentence for problem in selectors.shown(consent, now).problems],
        }
        return with_etag(body, consent.version)

    @extend_schema(
        request=bodies.RevocationSerializer,
        responses=bodies.RevokedSerializer,
        parameters=[IF_MATCH],
        operation_id="consent_revoke",
    )
    def patch(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Take in a wish to revoke: in writing it ends the consent at once, spoken it holds it at once."""
        user: Any = request.user
        consent = find_permitted(
            Consent, user, selectors.CAPTURE, public_id=public_id, purpose="api", related=("client",)
        )  # fmt: skip
        consent.clinic = consent.client.clinic = request._request.clinic  # type: ignore[attr-defined]
        version = self.version_asked()
        data = self.checked(bodies.RevocationSerializer)
        try:
            lock_version(consent, version)
        except Stale:
            raise PreconditionFailed from None
        now = timezone.now()
        answer = consents.ask_to_revoke(
            consent=consent, written=data["written"], note=data.get("note", ""), by=user, now=now
        )
        consent.refresh_from_db(fields=["state", "version"])
        state = state_at(selectors.document_of(consent), now)
        body = {"effect": answer.effect, "tell": answer.sentence, "state": state, "version": consent.version}
        return with_etag(body, consent.version)


class DisclosureList(ClinicAPIView):
    """The accounting of disclosures, and the one way out."""

    rights: ClassVar[Any] = {"GET": accounting.VIEW, "POST": way_out.RIGHT}

    @extend_schema(responses=listed_as(DisclosureSerializer), parameters=[OF_CLIENT], operation_id="disclosures_list")
    def get(self, request: Request, clinic_slug: str) -> HttpResponse:
        """List what was told to whom, the newest first."""
        rows = Disclosure.objects.permitted(request.user, accounting.VIEW).select_related("client", "consent")
        return self.listing(
            rows_of_client(rows, request), accounting.ORDER, shown_disclosure, seen=partial(_seen, "disclosure")
        )

    @extend_schema(
        request=DisclosureCreateSerializer,
        responses={201: DisclosureSerializer, 409: RefusedDisclosureSerializer},
        parameters=[ONCE_KEY],
        examples=[EXAMPLE],
        operation_id="disclosure_create",
    )
    def post(self, request: Request, clinic_slug: str) -> Response:
        """Disclose: what may not go out is left out with its reason; when nothing may, the answer is 409."""
        data = self.checked(DisclosureCreateSerializer)
        user: Any = request.user
        client = person_named(self, data["client"], way_out.RIGHT)
        asked = self._asked(client, data)
        promised: list[Job] = []

        def act() -> Disclosure:
            made, job = way_out.disclose(client=client, asked=asked, by=user, now=timezone.now())
            promised.append(job)
            return made

        try:
            answer = self.created_once(act, self._shown)
        except Refused as error:
            way_out.record_refusal(client=client, asked=asked, decision=error.decision, by=user)
            dropped = {one.value: reason.value for one, reason in error.decision.dropped.items()}
            body = {"detail": str(error), "code": "disclosure_refused", "fields": {}, "dropped": dropped}
            return Response(body, status=status.HTTP_409_CONFLICT)
        for job in promised:
            jobs.send_soon(job)
        return answer

    def _asked(self, client: Client, data: Mapping[str, Any]) -> Asked:
        consent = None
        if data["basis"] == Basis.CONSENT:
            rows = Consent.objects.filter(client__in=client.records).select_related("client")
            consent = rows.filter(public_id=data.get("consent")).first()
            if consent is None:
                raise serializers.ValidationError({"consent": ["This person has no such consent."]})
            consent.clinic = client.clinic
        basis, of_class = Basis(data["basis"]), data.get("recipient_class")
        return Asked(
            basis,
            Purpose(data["purpose"]),
            data["recipient"],
            frozenset(Category(code) for code in data["categories"]),
            consent,
            RecipientClass(of_class) if of_class else None,
            {name: data.get(name, "") for name in RECORDS[basis]},
            data["notice"],
        )

    @staticmethod
    def _shown(public_id: str) -> dict[str, Any]:
        return shown_disclosure(Disclosure.objects.select_related("client", "consent").get(public_id=public_id))

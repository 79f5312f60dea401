"""The trail: what cannot be undone in it, what writes it, and the page that searches it."""

import uuid
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client as Browser
from django.urls import reverse

from clients.models import CaseloadAssignment, Client
from clinics import audit
from clinics.models import AccountEvent, AuditEvent
from clinics.models.trail import ClockTimestamp
from clinics.views import jobs as job_views
from tests.clinics.test_jobs import promise
from tests.site import Site, new_clinic
from tests.world import World

# --- it cannot be undone ----------------------------------------------------------------------------------------

CHANGES = {
    "update": "update clinics_auditevent set action = 'x'",
    "delete": "delete from clinics_auditevent",
    "truncate": "truncate clinics_auditevent cascade",
}


@pytest.mark.parametrize("verb", CHANGES)
def test_the_app_cannot_change_the_trail(world: World, verb: str) -> None:
    with world.here.scope(), connection.cursor() as cursor:
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            cursor.execute(CHANGES[verb])
        assert AuditEvent.objects.exists()


@pytest.mark.parametrize("verb", CHANGES)
def test_the_owner_cannot_change_the_trail_by_accident(on_site: Site, verb: str) -> None:
    clinic = new_clinic(on_site)
    with (
        psycopg.connect(on_site.url("MIGRATION_DATABASE_URL")) as owner,
        pytest.raises(psycopg.Error, match="never changed or removed") as refused,
    ):
        owner.execute("select set_config('app.clinic_id', %s, true)", [str(clinic.pk)])
        owner.execute(CHANGES[verb])  # type: ignore[arg-type]
    assert refused.value.sqlstate == "EV001"


# --- what writes it ---------------------------------------------------------------------------------------------


def _by_save(client: Client) -> None:
    client.goes_by = "Jo"
    client.save()


def _by_update(client: Client) -> None:
    Client.objects.filter(pk=client.pk).update(goes_by="Jo")


def _by_bulk_update(client: Client) -> None:
    client.goes_by = "Jo"
    Client.objects.bulk_update([client], ["goes_by"])


def _by_bulk_create(client: Client) -> None:
    CaseloadAssignment.objects.bulk_create(
        [CaseloadAssignment(clinic_id=client.clinic_id, client=client, user_id=_someone(client))]
    )


def _by_raw_sql(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("update clients_client set goes_by = 'Jo' where id = %s", [client.pk])


def _by_delete(client: Client) -> None:
    CaseloadAssignment.objects.filter(client=client).delete()


def _someone(client: Client) -> int:
    return int(CaseloadAssignment.objects.filter(client=client).values_list("user_id", flat=True)[0])


PATHS = [_by_save, _by_update, _by_bulk_update, _by_bulk_create, _by_raw_sql, _by_delete]


@pytest.mark.parametrize("path", PATHS, ids=[path.__name__.removeprefix("_") for path in PATHS])
def test_every_way_to_change_client_data_leaves_an_event(world: World, path: Any) -> None:
    with world.here.scope(world.here.therapist):
        if path is _by_bulk_create:
            CaseloadAssignment.objects.filter(client=world.here.client).update(ends_at=ClockTimestamp())
        last = AuditEvent.objects.latest("id").pk
        path(Client.objects.get(pk=world.here.client.pk))
        event = AuditEvent.objects.filter(pk__gt=last, action__startswith="row.").get()
    assert event.actor_id == world.here.therapist.pk
    assert event.object_type in ("clients_client", "clients_caseloadassignment")
    assert event.detail["n"] == 1
    assert len(event.detail["ids"]) == 1


# --- refusals ---------------------------------------------------------------------------------------------------


def test_a_refusal_is_recorded_with_its_request(world: World, client: Browser) -> None:
    client.force_login(world.here.coordinator)
    answer = client.get(reverse("job_list", args=["riverbend"]))
    with world.here.scope():
        event = AuditEvent.objects.get(request_id=uuid.UUID(answer["X-Request-ID"]))
    assert (event.action, event.actor_id, event.detail) == (
        "request.refused", world.here.coordinator.pk, {"status": 403, "route": "job_list"},
    )  # fmt: skip


def test_an_absent_page_of_a_clinic_is_recorded(world: World, client: Browser) -> None:
    client.force_login(world.here.administrator)
    answer = client.get(reverse("job_detail", args=["riverbend", "not-an-id"]))
    with world.here.scope():
        event = AuditEvent.objects.get(request_id=uuid.UUID(answer["X-Request-ID"]))
    assert (event.action, event.detail["status"]) == ("request.refused", 404)


def test_a_clinic_one_does_not_belong_to_is_an_event_of_the_account(world: World, client: Browser) -> None:
    client.force_login(world.here.administrator)
    answer = client.get(reverse("job_list", args=["harbor"]))
    assert answer.status_code == 404
    event = AccountEvent.objects.get(request_id=uuid.UUID(answer["X-Request-ID"]))
    assert (event.event, event.user_id) == ("entry.refused", world.here.administrator.pk)
    with world.neighbour.scope():
        assert not AuditEvent.objects.filter(request_id=event.request_id).exists()


def test_a_fault_of_the_server_is_recorded_although_its_transaction_is_rolled_back(
    world: World, client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*args: Any, **kwargs: Any) -> None:
        audit.record("tests.effect")
        raise ZeroDivisionError

    monkeypatch.setattr(job_views, "row_of", break_down)
    promise(world.here)
    client.force_login(world.here.administrator)
    client.raise_request_exception = False
    answer = client.get(reverse("job_list", args=["riverbend"]))
    assert answer.status_code == 500
    with world.here.scope():
        events = AuditEvent.objects.filter(request_id=uuid.UUID(answer["X-Request-ID"]))
        assert [(event.action, event.detail["status"]) for event in events] == [("request.failed", 500)]
        assert not AuditEvent.objects.filter(action="tests.effect").exists()


# --- the page ---------------------------------------------------------------------------------------------------

PAGE = "/clinics/riverbend/audit/"


def search(browser: Browser, **fields: str) -> Any:
    answer = browser.post(PAGE, fields, follow=True)
    assert answer.status_code == 200
    return answer


@pytest.fixture
def officer(world: World, client: Browser) -> Browser:
    client.force_login(world.here.privacy_officer)
    return client


def test_the_page_is_for_privacy_officers_and_administrators(world: World, client: Browser) -> None:
    for role, status in (("administrator", 200), ("therapist", 403), ("supervisor", 403), ("coordinator", 403)):
        client.force_login(getattr(world.here, role))
        assert client.get(PAGE).status_code == status, role


def test_the_page_shows_this_clinics_events_in_words(world: World, officer: Browser) -> None:
    with world.here.scope():
        audit.viewed(world.here.client, purpose="care")
    with world.neighbour.scope():
        audit.record("neighbour.did")
    answer = officer.get(PAGE)
    text = answer.content.decode()
    assert "Person&#x27;s record opened" in text
    assert world.here.client.reference in text
    assert "neighbour.did" not in text
    assert "CANARY" not in text, "the page names records by reference only"


def test_the_trail_is_searched_by_person_record_action_and_request(world: World, officer: Browser) -> None:
    request_id = uuid.uuid4()
    here = world.here
    with here.scope():
        audit.record("tests.one", here.client, by=here.therapist)
        audit.listed("tests.two", [here.client.pk], purpose="care")
        AuditEvent(clinic=here.clinic, action="tests.three", request_id=request_id).save(force_insert=True)

    def found(**fields: str) -> set[str]:
        rows = search(officer, **fields).context["rows"]
        return {row.action for row in rows if row.action.startswith("tests.")}

    assert found(action="tests") == {"tests.one", "tests.two.listed", "tests.three"}
    assert found(action="tests.t") == {"tests.two.listed", "tests.three"}
    assert found(person=str(here.therapist.public_id)) == {"tests.one"}
    assert found(client=here.client.reference.lower()) == {"tests.one", "tests.two.listed"}
    assert found(request_id=str(request_id)) == {"tests.three"}
    assert found(action="tests", since="2020-01-01", until="2020-12-31") == set()
    assert found(action="tests", since="2020-01-01") == {"tests.one", "tests.two.listed", "tests.three"}


def test_an_address_of_a_search_says_nothing(world: World, officer: Browser) -> None:
    answer = officer.post(PAGE, {"client": world.here.client.reference})
    assert answer.status_code == 302
    assert world.here.client.reference not in answer["Location"]
    assert officer.get(PAGE, {"find": "AAAA"}).status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("client", "HY-9999"), ("request_id", "not-an-id"), ("since", "yesterday"), ("action", "x';--"),
        ("person", "00000000-0000-4000-8000-000000000000"),
    ],
)  # fmt: skip
def test_what_cannot_be_searched_is_said_beside_the_field(officer: Browser, field: str, value: str) -> None:
    answer = officer.post(PAGE, {field: value})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]


def test_a_record_of_the_neighbour_is_not_found(world: World, officer: Browser) -> None:
    with world.neighbour.scope():
        Client.objects.filter(pk=world.neighbour.client.pk).update(reference="HY-7777")
    assert officer.post(PAGE, {"client": "HY-7777"}).status_code == 422


def test_reading_the_page_is_recorded_with_what_was_asked(world: World, officer: Browser) -> None:
    with world.here.scope():
        audit.viewed(world.here.client, purpose="care")
    answer = search(officer, client=world.here.client.reference)
    with world.here.scope():
        event = AuditEvent.objects.get(request_id=uuid.UUID(answer["X-Request-ID"]), action="audit.listed")
    assert event.actor_id == world.here.privacy_officer.pk
    assert event.purpose == "oversight"
    assert event.detail["client"] == world.here.client.pk
    assert event.detail["client_ids"] == [world.here.client.pk]


def test_a_search_for_a_person_finds_what_happened_under_every_record(world: World, officer: Browser) -> None:
    here = world.here
    with here.scope():
        audit.viewed(here.merge.absorbed, purpose="care")
        audit.listed("tests", [here.merge.absorbed.pk], purpose="care")
    for reference in (here.client.reference, here.merge.absorbed.reference):
        found = search(officer, client=reference).context["rows"]
        assert [row.about for row in found if row.action in ("client.viewed", "tests.listed")] == [
            here.merge.absorbed.reference
        ] * 2


def test_pages_of_the_trail_hold_every_event_once(world: World, officer: Browser) -> None:
    with world.here.scope():
        for _event in range(120):
            audit.record("tests.many")
    answer = search(officer, action="tests.many")
    seen: list[Any] = list(answer.context["rows"])
    while answer.context["urls"][1]:
        answer = officer.get(f"{PAGE}{answer.context['urls'][1]}")
        seen += answer.context["rows"]
    assert len(seen) == 120
    assert seen == sorted(seen, key=lambda row: row.at, reverse=True)
    assert answer.context["urls"][0]

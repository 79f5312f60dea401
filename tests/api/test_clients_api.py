"""The API's manners, on the endpoints of people in care: tokens, versions, repeats, paging, errors."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Client
from clinics.models import ApiToken, AuditEvent, User
from clinics.services.tokens import create_token, revoke_token
from tests.clients.people import in_care
from tests.world import Side, World


class Caller:
    """A clinic's own system: sends a token with every request."""

    def __init__(self, side: Side, user: User, scopes: list[str], days: int = 1) -> None:
        with side.scope():
            self.row, self.token = create_token(
                clinic=side.clinic, user=user, name="t", days=days, scopes=scopes, by=None, now=timezone.now()
            )
        self.root = f"/api/v1/clinics/{side.clinic.slug}"
        self.browser = Browser(raise_request_exception=False)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send a request and return the answer."""
        options: dict[str, Any] = {"headers": {"Authorization": f"Bearer {self.token}", **headers}}
        if body is not None:
            options |= {"data": body, "content_type": "application/json"}
        return getattr(self.browser, method)(path if path.startswith("/api") else self.root + path, **options)


@pytest.fixture
def coordinator(world: World) -> Caller:
    return Caller(world.here, world.here.coordinator, ["view_client", "change_client", "admit_client"])


def test_a_list_holds_the_clinics_people_and_is_recorded(world: World, coordinator: Caller) -> None:
    answer = coordinator.send("get", "/clients/")
    assert answer.status_code == 200
    assert [row["reference"] for row in answer.json()["results"]] == [world.here.client.reference]
    with world.here.scope():
        event = AuditEvent.objects.filter(action="client.listed").first()
        assert event is not None
        assert event.detail["client_ids"] == [world.here.client.pk]


def test_the_list_pages_by_cursor(world: World, coordinator: Caller) -> None:
    for name in ("Berg", "Abel", "Cole"):
        with world.here.scope():
            in_care(world.here, name)
    names, cursor = [], ""
    while True:
        page = coordinator.send("get", f"/clients/?limit=1&cursor={cursor}").json()
        names += [row["legal_name"].split()[0] for row in page["results"]]
        cursor = page["next"]
        if not cursor:
            break
    assert names == ["Abel", "Berg", "Cole", "Jordan"]
    assert coordinator.send("get", "/clients/?cursor=nonsense").json()["code"] == "bad_cursor"
    assert coordinator.send("get", f"/clients/?limit={10**40}").status_code == 200


def test_nobody_is_admitted_past_the_guards(world: World, coordinator: Caller) -> None:
    """People are admitted from an inquiry, which has its own endpoint."""
    answer = coordinator.send("post", "/clients/", {"legal_name": "Ada Osei"}, **{"Idempotency-Key": "k1"})
    assert answer.status_code in (403, 405)
    with world.here.scope():
        assert not Client.objects.filter(legal_name="Ada Osei").exists()


def test_a_change_needs_the_version_it_was_made_from(world: World, coordinator: Caller) -> None:
    path = f"/clients/{world.here.client.public_id}/"
    etag = coordinator.send("get", path)["ETag"]
    assert coordinator.send("patch", path, {"goes_by": "J"}).status_code == 428
    changed = coordinator.send("patch", path, {"goes_by": "J"}, **{"If-Match": etag})
    assert (changed.status_code, changed.json()["goes_by"]) == (200, "J")
    stale = coordinator.send("patch", path, {"goes_by": "K"}, **{"If-Match": etag})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    with world.here.scope():
        assert Client.objects.get(pk=world.here.client.pk).goes_by == "J"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"legal_name": ""}, "legal_name"),
        ({"born_on": "2031-02-30"}, "born_on"),
        ({"born_on": "2199-01-01"}, "born_on"),
        ({"clinic": "harbor"}, "clinic"),
        ({"reference": "RB-1"}, "reference"),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_saved(
    world: World, coordinator: Caller, change: dict[str, Any], field: str
) -> None:
    path = f"/clients/{world.here.client.public_id}/"
    etag = coordinator.send("get", path)["ETag"]
    answer = coordinator.send("patch", path, change, **{"If-Match": etag})
    assert answer.status_code == 400
    assert set(answer.json()) == {"detail", "code", "fields"}
    assert list(answer.json()["fields"]) == [field]
    assert coordinator.send("get", path)["ETag"] == etag


def test_foreign_absent_and_malformed_ids_get_the_same_answer(world: World, coordinator: Caller) -> None:
    bodies = {
        coordinator.send("get", f"/clients/{one}/").content
        for one in (world.neighbour.client.public_id, "00000000-0000-4000-8000-000000000000", "x")
    }
    assert len(bodies) == 1


def test_a_token_works_at_its_own_clinic_only(world: World, coordinator: Caller) -> None:
    with world.neighbour.scope():
        from clinics.roles import Role
        from clinics.services import people

        people.add_member(clinic=world.neighbour.clinic, user=world.here.coordinator, role=Role.COORDINATOR, by=None)
    assert coordinator.send("get", "/api/v1/clinics/harbor/clients/").status_code == 404
    assert coordinator.send("get", "/api/v1/clinics/").json() == [
        {
            "id": str(world.here.clinic.public_id), "slug": "riverbend", "name": world.here.clinic.name,
            "time_zone": "America/Chicago",
        }
    ]  # fmt: skip


def test_what_a_token_changes_is_in_the_database_s_own_trail_with_its_person(world: World, coordinator: Caller) -> None:
    path = f"/clients/{world.here.client.public_id}/"
    etag = coordinator.send("get", path).headers["ETag"]
    assert coordinator.send("patch", path, {"goes_by": "J"}, **{"If-Match": etag}).status_code == 200
    with world.here.scope():
        written = AuditEvent.objects.filter(action="row.update", object_type="clients_client").latest("id")
    assert written.actor_id == world.here.coordinator.pk


def test_a_token_does_what_its_scopes_and_its_person_may(world: World) -> None:
    narrow = Caller(world.here, world.here.coordinator, ["view_inquiry"])
    assert narrow.send("get", "/clients/").status_code == 403
    wide = Caller(world.here, world.here.coder, ["view_client"])
    assert wide.send("get", "/clients/").status_code == 403


def test_a_token_that_ended_or_was_revoked_is_refused_at_once(world: World, coordinator: Caller) -> None:
    assert coordinator.send("get", "/clients/").status_code == 200
    with world.here.scope():
        revoke_token(token=coordinator.row, by=None, now=timezone.now())
    assert coordinator.send("get", "/clients/").status_code == 401
    ended = Caller(world.here, world.here.coordinator, ["view_client"])
    with world.here.scope():
        ApiToken.objects.filter(pk=ended.row.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert ended.send("get", "/clients/").status_code == 401


def test_the_text_of_a_token_is_stored_nowhere(world: World, coordinator: Caller) -> None:
    with world.here.scope():
        row = ApiToken.objects.get(pk=coordinator.row.pk)
        events = str(list(AuditEvent.objects.values()))
    secret = coordinator.token.rpartition(".")[2]
    assert secret not in str(row.__dict__)
    assert secret not in events
    assert coordinator.send("get", "/clients/").status_code == 200
    with world.here.scope():
        assert ApiToken.objects.get(pk=coordinator.row.pk).last_used_at is not None


@pytest.mark.parametrize("header", ["Bearer", "Bearer x", "Bearer evk.nowhere.x", "Bearer evk.riverbend.é", "Basic x"])
def test_what_is_no_token_is_refused(world: World, header: str) -> None:
    answer = Browser().get("/api/v1/clinics/riverbend/clients/", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.json()["detail"]


def test_requests_over_the_limit_are_refused(world: World, coordinator: Caller, settings: Any) -> None:
    settings.API_REQUESTS_PER_MINUTE = 3
    statuses = [coordinator.send("get", "/clients/").status_code for _ in range(10)]
    # A window may end in the middle, and another begin: then twice the limit, never more.
    assert 3 <= statuses.count(200) <= 6
    assert set(statuses) == {200, 429}

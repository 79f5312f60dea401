"""Mandates, reports and safety plans over the API."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Disclosure, Mandate, MandateReport, SafetyPlan
from clients.rules import mandates as rules
from clients.rules.consent_terms import Kind
from clients.services import break_glass, caseload, consents
from clinics.models import User
from tests.clients.consenting import signed
from tests.clients.people import ABSENT_ID, events, in_care, signed_in, today
from tests.world import CANARY, Side, World

BODY, OFFICER = "County drug court", "Officer Lane"


class Caller:
    """Calls the API of one clinic as one person."""

    def __init__(self, side: Side, user: User) -> None:
        self.root = f"/api/v1/clinics/{side.clinic.slug}/"
        self.browser: Browser = signed_in(user)

    def get(self, path: str) -> Any:
        return self.browser.get(self.root + path)

    def post(self, path: str, data: Any = None, key: str = "", **headers: str) -> Any:
        headers = {"Idempotency-Key": key or uuid.uuid4().hex, **headers}
        return self.browser.post(self.root + path, data or {}, content_type="application/json", headers=headers)

    def patch(self, path: str, data: Any, version: int) -> Any:
        return self.browser.patch(
            self.root + path, data, content_type="application/json", headers={"If-Match": f'"{version}"'}
        )


def consented(side: Side) -> Any:
    with side.scope():
        return signed(side, Kind.CRIMINAL_JUSTICE, at=timezone.now(), named_body=BODY, recipients=OFFICER,
                      categories=("identity", "attendance"))  # fmt: skip


def body_of(side: Side, **other: Any) -> dict[str, Any]:
    return {
        "client": str(side.client.public_id), "kind": "court", "body": BODY, "officer": OFFICER, "docket": "24-CR-118",
        "reporting": "weekly", "client_view": "It is fair", "discord": 3, **other,
    }  # fmt: skip


def test_a_mandate_is_made_read_changed_and_ended(world: World) -> None:
    here = world.here
    caller = Caller(here, here.coordinator)
    first, again = (caller.post("mandates/", body_of(here), key="m-1") for _n in range(2))
    assert first.status_code == again.status_code == 201
    made = first.json()
    assert again.json()["id"] == made["id"]
    assert (made["docket"], made["client_view"], made["discord"], made["version"]) == ("24-CR-118", "It is fair", 3, 1)
    assert "No consent is chosen" in made["why_no_report"]
    path = f"mandates/{made['id']}/"
    read = caller.get(path)
    assert (read.json(), read.headers["ETag"]) == (made, '"1"')
    changed = caller.patch(path, {"discord": 5, "consent": str(consented(here).public_id)}, 1)
    assert changed.status_code == 200
    assert (changed.json()["discord"], changed.json()["docket"], changed.json()["why_no_report"]) == (
        5,
        "24-CR-118",
        "",
    )
    assert caller.patch(path, {"discord": 6}, 1).status_code == 412
    assert caller.post(f"{path}end/", **{"If-Match": '"1"'}).status_code == 412
    ended = caller.post(f"{path}end/", **{"If-Match": '"2"'})
    assert ended.status_code == 200
    assert ended.json()["ended_at"]
    assert caller.patch(path, {"discord": 6}, 3).status_code == 400
    assert caller.post(f"{path}end/", **{"If-Match": '"3"'}).status_code == 400


def test_the_list_tells_when_reports_are_due_and_nothing_of_what_is_said(world: World) -> None:
    here = world.here
    with here.scope():
        other = in_care(here)
    caller = Caller(here, here.therapist)
    found = caller.get("mandates/")
    assert [one["kind"] for one in found.json()["results"]] == ["probation"]
    assert CANARY not in found.content.decode()
    assert len(caller.get(f"mandates/?client={here.client.public_id}").json()["results"]) == 1
    for asked in (other.public_id, world.neighbour.client.public_id, "nonsense"):
        assert caller.get(f"mandates/?client={asked}").json()["results"] == []
    with here.scope():
        joined = Mandate.objects.create(clinic=here.clinic, client=here.merge.absorbed, kind="court", body=BODY)
        caseload.assign(client=here.merge.absorbed, user=here.therapist, by=None)
    rows = caller.get(f"mandates/?client={here.client.public_id}").json()["results"]
    assert str(joined.public_id) in [one["id"] for one in rows]
    listed = [event for event in events(here) if event.action == "mandate.listed"]
    assert listed[0].detail["client_ids"] == [here.client.pk]


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"kind": rules.FAMILY}, "docket"),
        ({"body": ""}, "body"),
        ({"kind": "king"}, "kind"),
        ({"discord": 11}, "discord"),
        ({"required_sessions": 0}, "required_sessions"),
        ({"starts_on": "2026-02-02", "ends_on": "2026-02-01"}, "ends_on"),
        ({"consent": ABSENT_ID}, "consent"),
        ({"client": ABSENT_ID}, "client"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_what_cannot_be_is_400_beside_its_field(world: World, other: dict[str, Any], field: str) -> None:
    here = world.here
    answer = Caller(here, here.coordinator).post("mandates/", body_of(here, **other))
    assert answer.status_code == 400
    assert field in answer.json()["fields"]


def test_the_neighbours_person_and_consent_are_nobody_and_none(world: World) -> None:
    here, there = world.here, world.neighbour
    caller = Caller(here, here.coordinator)
    for other in ({"client": str(there.client.public_id)}, {"consent": str(there.consent.public_id)}):
        assert caller.post("mandates/", body_of(here, **other)).status_code == 400
    for path in ("", "reports/"):
        for pk in (there.mandate.public_id, ABSENT_ID, "nonsense"):
            assert caller.get(f"mandates/{pk}/{path}").status_code == 404
    assert caller.patch(f"mandates/{there.mandate.public_id}/", {"discord": 1}, 1).status_code == 404


@pytest.mark.parametrize(
    ("role", "list_", "write", "report"),
    [
        ("coordinator", 200, 200, 403), ("therapist", 200, 200, 409), ("supervisor", 200, 403, 409),
        ("privacy_officer", 200, 403, 409), ("administrator", 403, 403, 403), ("coder", 403, 403, 403),
        ("other_therapist", 200, 404, 404),
    ],
)  # fmt: skip
def test_who_may_what(world: World, role: str, list_: int, write: int, report: int) -> None:
    here = world.here
    caller = Caller(here, getattr(here, role))
    path = f"mandates/{here.mandate.public_id}/"
    assert caller.get("mandates/").status_code == list_
    assert caller.patch(path, {"discord": 2}, 1).status_code == write
    told = {"from_on": "2026-01-01", "until_on": today(here).isoformat(), "participating": True, "completed": False}
    assert caller.post(f"{path}reports/", told).status_code == report
    if role == "other_therapist":
        assert caller.get("mandates/").json()["results"] == []


def test_break_glass_reads_no_mandate(world: World) -> None:
    here = world.here
    with here.scope():
        break_glass.break_glass(client=here.client, reason="Found unconscious", by=here.other_therapist)
    assert Caller(here, here.other_therapist).get(f"mandates/{here.mandate.public_id}/").status_code == 403


def test_a_report_goes_out_once_by_the_one_way_and_is_refused_with_the_reason_when_nothing_permits_it(
    world: World,
) -> None:
    here = world.here
    caller = Caller(here, here.therapist)
    consent = consented(here)
    made = caller.post("mandates/", body_of(here, consent=str(consent.public_id))).json()
    path = f"mandates/{made['id']}/reports/"
    told = {"from_on": "2026-01-01", "until_on": today(here).isoformat(), "participating": True, "completed": False}
    first, again = (caller.post(path, told, key="r-1") for _n in range(2))
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    with here.scope():
        (row,) = Disclosure.objects.filter(consent=consent)
        assert str(row.public_id) == first.json()["disclosure"]
        assert MandateReport.objects.filter(mandate__public_id=made["id"]).count() == 1
    assert [one["id"] for one in caller.get(path).json()["results"]] == [first.json()["id"]]
    wrong = caller.post(path, {**told, "until_on": (today(here) + timedelta(days=1)).isoformat()})
    assert "until_on" in wrong.json()["fields"]
    with here.scope():
        consents.hold(consent=consent, note="Look again", by=here.privacy_officer, now=timezone.now())
    since = len(events(here))
    refused = caller.post(path, told)
    assert (refused.status_code, refused.json()["code"]) == (409, "report_refused")
    assert "on hold" in refused.json()["detail"]
    assert "disclosure.refused" in [event.action for event in events(here, since)]


# --- safety plans ---------------------------------------------------------------------------------------------------


def test_a_plan_is_read_and_written_anew(world: World) -> None:
    here = world.here
    with here.scope():
        noor = in_care(here)
    caller = Caller(here, here.therapist)
    path = f"clients/{noor.public_id}/safety-plan/"
    assert caller.get(path).status_code == 404
    sent = {"based_on": 0, "parts": {"signs": ["I pace"], "help": ["Ada"]}, "copy_given": True}
    first, again = (caller.post(path, sent, key="p-1") for _n in range(2))
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert (first.json()["revision"], first.json()["complete"], first.json()["copy_given"]) == (1, False, True)
    read = caller.get(path)
    assert (read.json()["parts"]["signs"], read.json()["parts"]["alone"], read.headers["ETag"]) == (
        ["I pace"],
        [],
        '"1"',
    )
    assert caller.post(path, {**sent, "parts": {"signs": ["Other"]}}).status_code == 412
    assert caller.post(path, {**sent, "based_on": 1}).json()["revision"] == 2


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({}, "parts"),
        ({"signs": ["x" * 201]}, "parts"),
        ({"signs": ["x"] * 11}, "parts"),
        ({"signs": ["x"], "promise": ["x"]}, "parts"),
    ],
)
def test_a_plan_that_cannot_be_kept_is_400(world: World, parts: dict[str, Any], field: str) -> None:
    here = world.here
    caller = Caller(here, here.therapist)
    answer = caller.post(f"clients/{here.client.public_id}/safety-plan/", {"based_on": 1, "parts": parts})
    assert answer.status_code == 400
    assert any(name.startswith(field) for name in answer.json()["fields"])
    with here.scope():
        assert SafetyPlan.objects.filter(client=here.client).count() == 1


@pytest.mark.parametrize(
    ("role", "read", "write"),
    [
        ("therapist", 200, 201), ("supervisor", 200, 201), ("coordinator", 403, 403), ("privacy_officer", 403, 403),
        ("administrator", 403, 403), ("coder", 403, 403), ("other_therapist", 404, 404),
    ],
)  # fmt: skip
def test_who_reads_and_writes_plans(world: World, role: str, read: int, write: int) -> None:
    here = world.here
    caller = Caller(here, getattr(here, role))
    path = f"clients/{here.client.public_id}/safety-plan/"
    answer = caller.get(path)
    assert answer.status_code == read
    assert (f"{CANARY}-riverbend sign" in answer.content.decode()) is (read == 200)
    assert caller.post(path, {"based_on": 1, "parts": {"signs": ["I pace"]}}).status_code == write


def test_break_glass_reads_a_plan_over_the_api_and_writes_none(world: World) -> None:
    here = world.here
    with here.scope():
        break_glass.break_glass(client=here.client, reason="Found unconscious", by=here.other_therapist)
    caller = Caller(here, here.other_therapist)
    path = f"clients/{here.client.public_id}/safety-plan/"
    assert caller.get(path).status_code == 200
    assert caller.post(path, {"based_on": 1, "parts": {"signs": ["I pace"]}}).status_code == 403


def test_nobody_of_the_neighbours_has_a_plan_here(world: World) -> None:
    caller = Caller(world.here, world.here.therapist)
    for pk in (world.neighbour.client.public_id, ABSENT_ID, "nonsense"):
        assert caller.get(f"clients/{pk}/safety-plan/").status_code == 404
    with world.here.scope():
        assert Mandate.objects.filter(client=world.here.client).exists()

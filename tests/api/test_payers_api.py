"""Who pays, over the API: read by reach, changed by version, asked only with consent."""

from typing import Any

import pytest

from clients.models import Authorisation, BenefitCheck, Coverage, Disclosure, DisclosurePackage
from clients.services import break_glass, payers
from clients.services.benefits import NO_CONSENT
from clinics.models import AuditEvent
from tests.api.test_clients_api import Caller
from tests.api.test_document import document
from tests.clients.paying import MEMBER_ID, PAYER, authorised, covered, day, may_ask
from tests.clients.people import ABSENT_ID
from tests.world import NOW, Side, World

SCOPES = ["view_client", "view_inquiry", "change_inquiry", "check_benefits", "disclose_record"]
ANSWER = {"method": "phone", "result": "active", "copay": "20.50", "notes": "Ask again in March."}


@pytest.fixture
def here(world: World) -> Side:
    """The side whose person has no way of paying yet."""
    with world.here.scope():
        for row in Coverage.objects.filter(client=world.here.client):
            payers.remove_coverage(coverage=row, version=row.version, by=world.here.coordinator, now=NOW)
    return world.here


@pytest.fixture
def coordinator(here: Side) -> Caller:
    return Caller(here, here.coordinator, SCOPES)


def sent(caller: Caller, path: str, what: Any, key: str = "k") -> Any:
    return caller.send("post", path, what, **{"Idempotency-Key": key})


def cover(side: Side, **other: Any) -> dict[str, Any]:
    return {
        "client": str(side.client.public_id), "plan_type": "1", "payment": "2", "payer": PAYER, "member_id": MEMBER_ID,
        **other,
    }  # fmt: skip


def test_a_way_of_paying_is_made_once_listed_without_its_member_id_and_read_with_it(
    here: Side, coordinator: Caller
) -> None:
    first, second = (sent(coordinator, "/coverages/", cover(here)) for _n in range(2))
    assert first.status_code == 201, first.content
    assert first.json() == second.json()
    assert (first.json()["member_id"], first.json()["rank"], first.json()["network"]) == (MEMBER_ID, 1, "unknown")
    listed = coordinator.send("get", f"/coverages/?client={here.client.public_id}")
    assert first.json()["id"] in [row["id"] for row in listed.json()["results"]]
    assert MEMBER_ID not in listed.content.decode()
    read = coordinator.send("get", f"/coverages/{first.json()['id']}/")
    assert (read.json()["payer"], read.headers["ETag"]) == (PAYER, '"1"')
    for nobody in (ABSENT_ID, "nonsense"):
        assert coordinator.send("get", f"/coverages/?client={nobody}").json()["results"] == []
    with here.scope():
        actions = set(AuditEvent.objects.filter(purpose="api").values_list("action", flat=True))
        assert {"coverage.listed", "coverage.viewed"} <= actions


def test_what_cannot_be_right_is_named_by_field(here: Side, coordinator: Caller) -> None:
    wrong = sent(coordinator, "/coverages/", cover(here, payment="4", payer=""))
    assert wrong.status_code == 400
    assert set(wrong.json()["fields"]) == {"payment", "payer", "member_id"}
    assert sent(coordinator, "/coverages/", cover(here, member_index="x"), key="b").status_code == 400
    assert sent(coordinator, "/coverages/", cover(here, plan_type="9"), key="c").status_code == 400
    foreign = sent(coordinator, "/coverages/", cover(here, client=ABSENT_ID), key="d")
    assert foreign.json()["fields"]["client"] == ["No such person at this clinic."]
    for n in range(3):
        assert sent(coordinator, "/coverages/", cover(here, member_id=str(n)), key=f"n{n}").status_code == 201
    assert sent(coordinator, "/coverages/", cover(here), key="n4").status_code == 400


def test_it_is_changed_and_taken_out_from_the_version_that_was_read(here: Side, coordinator: Caller) -> None:
    with here.scope():
        row = covered(here)
    path = f"/coverages/{row.public_id}/"
    assert coordinator.send("patch", path, {"group_number": "G"}).status_code == 428
    changed = coordinator.send("patch", path, {"group_number": "G"}, **{"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["group_number"], changed.json()["member_id"]) == (200, "G", MEMBER_ID)
    assert changed.headers["ETag"] == '"2"'
    assert coordinator.send("patch", path, {"group_number": "H"}, **{"If-Match": '"1"'}).status_code == 412
    assert coordinator.send("patch", path, {"payment": "4"}, **{"If-Match": '"2"'}).status_code == 400
    assert coordinator.send("delete", path).status_code == 428
    assert coordinator.send("delete", path, **{"If-Match": '"1"'}).status_code == 412
    assert coordinator.send("delete", path, **{"If-Match": '"2"'}).status_code == 204
    for method in ("delete", "patch"):
        again = coordinator.send(method, path, {"group_number": "I"}, **{"If-Match": '"3"'})
        assert (again.status_code, again.json()["code"]) == (409, "removed")
    assert coordinator.send("get", path).json()["removed_at"]


def test_an_answer_is_recorded_with_its_accounting_and_no_package(here: Side, coordinator: Caller) -> None:
    with here.scope():
        row, consent = covered(here), may_ask(here)
    path = f"/coverages/{row.public_id}/benefit-checks/"
    first, second = (sent(coordinator, path, ANSWER) for _n in range(2))
    assert first.status_code == 201, first.content
    assert first.json() == second.json()
    assert (first.json()["copay"], first.json()["deductible"]) == ("20.50", None)
    with here.scope():
        told = Disclosure.objects.get(public_id=first.json()["disclosure"])
        assert (told.consent, told.categories_given) == (consent, ["identity", "payer"])
        assert not DisclosurePackage.objects.filter(disclosure=told).exists()
    listed = coordinator.send("get", path).json()["results"]
    assert [one["id"] for one in listed] == [first.json()["id"]]
    wrong = sent(coordinator, path, {**ANSWER, "deductible": "10", "deductible_met": "11"}, key="w")
    assert set(wrong.json()["fields"]) == {"deductible_met"}
    for amount in ("1.001", "-1", "NaN", "12345678", "x"):
        assert sent(coordinator, path, {**ANSWER, "copay": amount}, key=amount).status_code == 400, amount


def test_without_a_consent_it_is_409_and_in_the_trail(here: Side, coordinator: Caller) -> None:
    with here.scope():
        row, bare = covered(here), covered(here, member_id="")
        before = (Disclosure.objects.count(), BenefitCheck.objects.count())
    answer = sent(coordinator, f"/coverages/{row.public_id}/benefit-checks/", ANSWER)
    assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (
        409,
        "disclosure_refused",
        NO_CONSENT,
    )
    lacking = sent(coordinator, f"/coverages/{bare.public_id}/benefit-checks/", ANSWER, key="b")
    assert (lacking.status_code, lacking.json()["code"]) == (409, "not_asked")
    with here.scope():
        assert (Disclosure.objects.count(), BenefitCheck.objects.count()) == before
        (refused,) = AuditEvent.objects.filter(action="disclosure.refused")
        assert (refused.client_ref, refused.detail["asked"]) == (here.client.pk, ["identity", "payer"])


def test_an_authorization_is_made_used_and_read(here: Side, coordinator: Caller) -> None:
    with here.scope():
        row = covered(here)
    path = f"/coverages/{row.public_id}/authorizations/"
    what = {"number": "A-17", "from_on": day(0).isoformat(), "until_on": day(90).isoformat(), "units": 12}
    made = sent(coordinator, path, what)
    assert (made.status_code, made.json()["units_left"]) == (201, 12)
    one = f"/authorizations/{made.json()['id']}/"
    used = coordinator.send("patch", one, {"units_used": 13}, **{"If-Match": '"1"'})
    assert (used.json()["units_left"], used.json()["number"], used.headers["ETag"]) == (-1, "A-17", '"2"')
    assert coordinator.send("patch", one, {"units_used": 1}, **{"If-Match": '"1"'}).status_code == 412
    late = coordinator.send("patch", one, {"until_on": day(-1).isoformat()}, **{"If-Match": '"2"'})
    assert set(late.json()["fields"]) == {"until_on"}
    assert coordinator.send("get", one).json() == used.json()
    assert [row["id"] for row in coordinator.send("get", path).json()["results"]] == [made.json()["id"]]


def test_reach_and_rights_hold_here_too(world: World, here: Side, coordinator: Caller) -> None:
    with here.scope():
        row = covered(here)
        agreed = authorised(here, row)
        may_ask(here)
    reads = (
        f"/coverages/{row.public_id}/", f"/coverages/{row.public_id}/benefit-checks/",
        f"/coverages/{row.public_id}/authorizations/", f"/authorizations/{agreed.public_id}/",
    )  # fmt: skip
    therapist = Caller(here, here.therapist, SCOPES)
    other = Caller(here, here.other_therapist, SCOPES)
    for path in reads:
        assert therapist.send("get", path).status_code == 200, path
        assert other.send("get", path).status_code == 404, path
    assert sent(therapist, "/coverages/", cover(here)).status_code == 403
    assert sent(therapist, reads[1], ANSWER).status_code == 403
    assert therapist.send("patch", reads[0], {"payer": "x"}, **{"If-Match": '"1"'}).status_code == 403
    assert therapist.send("delete", reads[0], **{"If-Match": '"1"'}).status_code == 403
    administrator = Caller(here, here.administrator, ["view_inquiry"])
    assert {administrator.send("get", path).status_code for path in ("/coverages/", *reads)} == {403}
    theirs = world.neighbour
    for path in (
        f"/coverages/{theirs.coverage.public_id}/", f"/coverages/{theirs.coverage.public_id}/benefit-checks/",
        f"/authorizations/{theirs.authorisation.public_id}/", f"/coverages/{ABSENT_ID}/", "/authorizations/nonsense/",
    ):  # fmt: skip
        assert coordinator.send("get", path).status_code == 404, path
    assert (
        sent(coordinator, f"/coverages/{theirs.coverage.public_id}/benefit-checks/", ANSWER, key="f").status_code == 404
    )
    with theirs.scope():
        assert Authorisation.objects.count() == 1


def test_in_need_the_record_opens_but_not_who_pays(here: Side) -> None:
    with here.scope():
        row = covered(here)
        agreed = authorised(here, row)
        break_glass.break_glass(client=here.client, reason="Called from the waiting room", by=here.other_therapist)
    other = Caller(here, here.other_therapist, SCOPES)
    assert other.send("get", f"/clients/{here.client.public_id}/").status_code == 200
    assert other.send("get", "/coverages/").json()["results"] == []
    for path in (f"/coverages/{row.public_id}/", f"/authorizations/{agreed.public_id}/"):
        assert other.send("get", path).status_code == 403, path


def test_the_right_to_ask_payers_opens_no_other_way_out(here: Side, coordinator: Caller) -> None:
    with here.scope():
        consent = may_ask(here)
    what = {
        "client": str(here.client.public_id), "basis": "consent", "consent": str(consent.public_id),
        "purpose": "payment", "recipient": PAYER, "recipient_class": "plans_and_payers", "categories": ["identity"],
    }  # fmt: skip
    assert sent(coordinator, "/disclosures/", what).status_code == 403


def test_the_document_says_what_is_sent_and_what_a_refusal_is() -> None:
    paths = document()["paths"]
    root = "/api/v1/clinics/{clinic_slug}"
    assert set(paths[f"{root}/coverages/{{public_id}}/"]) >= {"get", "patch", "delete"}
    assert "409" in paths[f"{root}/coverages/{{public_id}}/benefit-checks/"]["post"]["responses"]

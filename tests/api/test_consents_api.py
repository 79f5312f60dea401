"""Consents and disclosures over the API: read by reach, and let out through the same one way."""

from typing import Any

import pytest

from clients.models import Consent, Disclosure, DisclosurePackage
from clients.services import caseload, consents
from clinics.models import AuditEvent
from tests.api.test_clients_api import Caller
from tests.api.test_document import document
from tests.clients.consenting import RECIPIENT, signed, terms
from tests.clients.people import ABSENT_ID, joined_twice
from tests.world import CANARY, NOW, World

SCOPES = ["view_client", "view_consent", "view_disclosure", "disclose_record"]


@pytest.fixture
def therapist(world: World) -> Caller:
    return Caller(world.here, world.here.therapist, SCOPES)


@pytest.fixture
def consent(world: World) -> Consent:
    with world.here.scope():
        return signed(world.here)


def body(world: World, consent: Consent, **other: Any) -> dict[str, Any]:
    return {
        "client": str(world.here.client.public_id), "basis": "consent", "consent": str(consent.public_id),
        "purpose": "treatment", "recipient": RECIPIENT, "categories": ["attendance", "safety"], **other,
    }  # fmt: skip


def sent(caller: Caller, what: Any, key: str = "k") -> Any:
    return caller.send("post", "/disclosures/", what, **{"Idempotency-Key": key})


def test_consents_are_listed_with_what_they_are_worth_and_read_with_what_they_say(
    world: World, therapist: Caller, consent: Consent
) -> None:
    listed = therapist.send("get", f"/consents/?client={world.here.client.public_id}")
    rows = {row["id"]: row for row in listed.json()["results"]}
    assert rows[str(consent.public_id)]["state"] == "active"
    assert rows[str(world.here.consent_draft.public_id)]["state"] == "draft"
    assert RECIPIENT not in listed.content.decode()
    read = therapist.send("get", f"/consents/{consent.public_id}/")
    assert (read.json()["recipients"], read.json()["problems"]) == ([RECIPIENT], [])
    assert "I can revoke this consent" in read.json()["text"]
    assert therapist.send("get", "/consents/?client=nonsense").json()["results"] == []
    for foreign in (world.neighbour.consent.public_id, ABSENT_ID, "nonsense"):
        assert therapist.send("get", f"/consents/{foreign}/").status_code == 404
    with world.here.scope():
        assert AuditEvent.objects.filter(action="consent.listed", purpose="api").exists()


def test_a_person_is_all_their_records_however_often_they_were_joined(world: World, therapist: Caller) -> None:
    here = world.here
    with here.scope():
        once, twice = joined_twice(here)
        joined = []
        for record in (once, twice):
            caseload.assign(client=record, user=here.therapist, by=None)
            record.clinic = here.clinic
            joined.append(consents.draft_consent(client=record, terms=terms(), by=here.therapist))
    for asked in (here.client, once):
        listed = therapist.send("get", f"/consents/?client={asked.public_id}").json()["results"]
        assert {str(one.public_id) for one in joined} <= {row["id"] for row in listed}
    taken = {**body(world, joined[0]), "client": str(once.public_id)}
    assert sent(therapist, taken).json()["fields"] == {"client": ["No such person at this clinic."]}


def test_a_disclosure_is_made_once_and_stands_in_the_accounting(
    world: World, therapist: Caller, consent: Consent
) -> None:
    first, second = (sent(therapist, body(world, consent)) for _n in range(2))
    assert first.status_code == 201, first.content
    assert first.json() == second.json()
    assert (first.json()["categories_given"], first.json()["dropped"]) == (["attendance"], {"safety": "not_in_consent"})
    with world.here.scope():
        made = Disclosure.objects.get(public_id=first.json()["id"])
        assert DisclosurePackage.objects.filter(disclosure=made).count() == 1
    listed = therapist.send("get", f"/disclosures/?client={world.here.client.public_id}").json()["results"]
    assert first.json()["id"] in [row["id"] for row in listed]
    assert CANARY not in str(first.json())


def test_what_may_not_go_out_is_409_with_the_reason_and_in_the_trail(
    world: World, therapist: Caller, consent: Consent
) -> None:
    answer = sent(therapist, body(world, consent, categories=["safety"]))
    assert (answer.status_code, answer.json()["code"]) == (409, "disclosure_refused")
    assert answer.json()["dropped"] == {"safety": "not_in_consent"}
    with world.here.scope():
        assert AuditEvent.objects.filter(action="disclosure.refused").count() == 1
        consents.ask_to_revoke(consent=consent, written=True, note="", by=world.here.therapist, now=NOW)
    revoked = sent(therapist, body(world, consent), key="k2")
    assert "revoked" in revoked.json()["detail"]


def test_reach_and_rights_hold_here_too(world: World, therapist: Caller, consent: Consent) -> None:
    emergency = {
        "client": str(world.here.client.public_id), "basis": "medical_emergency", "purpose": "emergency",
        "recipient": "Dr. Lee", "categories": ["identity"], "affiliation": "County hospital", "description": "Collapsed",
    }  # fmt: skip
    assert sent(therapist, emergency).status_code == 403
    officer = Caller(world.here, world.here.privacy_officer, [*SCOPES, "disclose_any_basis"])
    assert sent(officer, emergency).status_code == 201
    other = Caller(world.here, world.here.other_therapist, SCOPES)
    assert sent(other, body(world, consent)).status_code == 400
    foreign = {**body(world, consent), "consent": str(world.neighbour.consent.public_id)}
    assert sent(therapist, foreign, key="f").status_code == 400
    reader = Caller(world.here, world.here.therapist, ["view_disclosure"])
    assert sent(reader, body(world, consent)).status_code == 403


def test_the_document_says_what_a_refusal_is() -> None:
    operations = document()["paths"]["/api/v1/clinics/{clinic_slug}/disclosures/"]
    assert set(operations) >= {"get", "post"}
    assert "409" in operations["post"]["responses"]

"""Transcripts, codings, scores and figures by the API: who may read which."""

from typing import Any

import pytest

from clinics.instruments.catalogue import shipped
from sessions.models import Coding
from tests.api.test_clients_api import Caller
from tests.world import NOW, World

SCOPES = ["view_transcript", "view_coding", "view_practice", "view_clinic_fidelity", "view_instrument"]


@pytest.fixture
def supervisor(world: World) -> Caller:
    return Caller(world.here, world.here.supervisor, SCOPES)


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


def test_clinical_and_practice_transcripts_are_apart(world: World, supervisor: Caller) -> None:
    assert ids(supervisor.send("get", "/transcripts/")) == [str(world.here.transcript.public_id)]
    assert ids(supervisor.send("get", "/transcripts/?practice=true")) == [str(world.here.demonstration.public_id)]


def test_a_transcript_comes_with_its_lines_and_codings(world: World, supervisor: Caller) -> None:
    body = supervisor.send("get", f"/transcripts/{world.here.transcript.public_id}/").json()
    assert [line["text"] for line in body["lines"]] == ["CANARY-riverbend 0", "CANARY-riverbend 1"]
    assert body["codings"] == [str(world.here.coding.public_id)]


def test_the_practice_room_needs_its_own_right(world: World) -> None:
    narrow = Caller(world.here, world.here.supervisor, ["view_transcript", "view_coding"])
    for path in ("/transcripts/", "/codings/", "/scores/"):
        assert narrow.send("get", f"{path}?practice=true").status_code == 403
    assert narrow.send("get", f"/transcripts/{world.here.demonstration.public_id}/").status_code == 403


def test_a_therapist_outside_supervision_sees_nothing_of_others(world: World) -> None:
    other = Caller(world.here, world.here.other_therapist, ["view_transcript", "view_coding"])
    assert ids(other.send("get", "/transcripts/")) == []
    assert ids(other.send("get", "/codings/")) == []
    assert other.send("get", f"/transcripts/{world.here.transcript.public_id}/").status_code == 404


def test_scores_are_of_locked_codings_only(world: World, supervisor: Caller) -> None:
    assert supervisor.send("get", "/scores/").json()["results"] == []
    with world.here.scope():
        Coding.objects.filter(pk=world.here.coding.pk).update(state="locked", locked_at=NOW)
    rows = supervisor.send("get", "/scores/?instrument=miti").json()["results"]
    assert [(row["score"], row["value"], row["numerator"], row["denominator"]) for row in rows] == [
        ("r_to_q", "0", 0, 1)
    ]
    assert supervisor.send("get", "/scores/?instrument=annomi").json()["results"] == []


@pytest.mark.parametrize("query", ["", "?first=2026-01", "?first=2026-13&last=2026-12", "?first=2026-05&last=2026-01"])
def test_a_bad_range_of_months_is_named(world: World, supervisor: Caller, query: str) -> None:
    answer = supervisor.send("get", f"/figures/fidelity/{query}")
    assert answer.status_code == 400
    assert answer.json()["fields"]


def test_figures_are_pooled_and_carry_no_names(world: World, supervisor: Caller) -> None:
    answer = supervisor.send("get", "/figures/fidelity/?first=2026-01&last=2026-12")
    assert answer.status_code == 200
    assert world.here.therapist.name not in answer.content.decode()


def test_an_instrument_is_read_with_its_definition(world: World, supervisor: Caller) -> None:
    first = ids(supervisor.send("get", "/instruments/"))
    assert len(first) == len(shipped())
    body = supervisor.send("get", f"/instruments/{first[0]}/").json()
    assert body["definition"]["key"] == body["key"]

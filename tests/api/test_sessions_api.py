"""Transcripts, codings, scores and figures by the API: who may read which."""

from datetime import date
from typing import Any

import pytest

from analytics.models import FidelityCell
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


def test_figures_pool_the_counts_of_all_therapists_month_by_month(world: World, supervisor: Caller) -> None:
    here = world.here
    with here.scope():
        FidelityCell.objects.all().delete()
        FidelityCell.objects.bulk_create(
            FidelityCell(
                clinic=here.clinic, therapist=therapist, month=month, comparability_group=group, score_key=key,
                n_codings=2, n_defined=defined, sum_value=total, sum_numerator=top, sum_denominator=bottom,
            )
            for therapist, month, group, key, defined, total, top, bottom in (
                (here.therapist, date(2026, 3, 1), "miti-4", "pct_cr", 2, "1.5", 3, 4),
                (here.other_therapist, date(2026, 3, 1), "miti-4", "pct_cr", 2, "0.5", 1, 5),
                (here.therapist, date(2026, 4, 1), "miti-4", "pct_cr", 0, "0", 0, 0),
                (here.therapist, date(2026, 4, 1), "miti-4", "technical", 2, "7", 7, 2),
                (here.therapist, date(2026, 5, 1), "miti-4", "pct_cr", 2, "1", 1, 1),
                (here.therapist, date(2026, 3, 1), "miti-4", "no_such_score", 2, "1", 1, 1),
                (here.therapist, date(2026, 3, 1), "another", "pct_cr", 2, "1", 1, 1),
            )
        )  # fmt: skip
    rows = supervisor.send("get", "/figures/fidelity/?first=2026-03&last=2026-04").json()["results"]
    assert [tuple(row.values()) for row in rows] == [
        ("2026-03-01", "pct_cr", "0.444444444444444", None, 4, 9, 4),
        ("2026-04-01", "pct_cr", None, "zero_denominator", 0, 0, 2),
        ("2026-04-01", "technical", "3.5", None, 7, 2, 2),
    ]


def test_an_instrument_is_read_with_its_definition(world: World, supervisor: Caller) -> None:
    first = ids(supervisor.send("get", "/instruments/"))
    assert len(first) == len(shipped())
    body = supervisor.send("get", f"/instruments/{first[0]}/").json()
    assert body["definition"]["key"] == body["key"]

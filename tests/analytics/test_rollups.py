"""The rollup against sums made by hand, and against what it must leave out."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from analytics import rollups
from analytics.models import FidelityCell, FillState
from clinics.models import DirtyMark, InstrumentVersion
from sessions.models import Coding, PracticeSet, ScoreResult, Segment, Transcript
from sessions.services.marks import mark_fidelity
from tests.world import Side, World


@pytest.fixture
def here(world: World) -> Iterator[Side]:
    """The clinic under test, entered."""
    with world.here.scope():
        yield world.here


def an_instrument(side: Side) -> InstrumentVersion:
    """Return a published instrument; its definition is not read here."""
    found = InstrumentVersion.objects.filter(key="rollup-test").first()
    return found or InstrumentVersion.objects.create(
        clinic=side.clinic, key="rollup-test", instrument_version="1", name="Rollup test", origin="clinic",
        status="published", published_at=timezone.now(), definition={}, definition_hash="0" * 64,
        licence_class="open", comparability_group="rollup-test",
    )  # fmt: skip


def locked(side: Side, scores: dict[str, tuple[int, int] | None], **options: Any) -> Coding:
    """Return a locked coding of a new segment (or of `segment=`) with these numerators and denominators."""
    practice_set = options.pop("practice_set", None)
    selection = options.pop("selection", "random")
    segment = options.pop("segment", None)
    if segment is None:
        transcript = Transcript.objects.create(
            clinic=side.clinic, session=None if practice_set else side.session, practice_set=practice_set,
            source_key=str(Transcript.objects.count()) if practice_set else "",
        )  # fmt: skip
        segment = Segment.objects.create(
            clinic=side.clinic, transcript=transcript, first_seq=0, last_seq=1, selection=selection
        )
    clinical: dict[str, Any] = {"therapist": side.therapist, "service_on": options.pop("on", date(2026, 10, 5))}
    coding = Coding.objects.create(
        clinic=side.clinic, segment=segment, transcript=segment.transcript, instrument=an_instrument(side),
        coder=side.coder, coder_role=options.pop("role", "coder"), practice_set=practice_set,
        **({} if practice_set else clinical), **options,
    )  # fmt: skip
    for key, counts in scores.items():
        top, bottom = counts or (0, 0)
        value = Decimal(top) / bottom if bottom else None
        ScoreResult.objects.create(
            clinic=side.clinic, coding=coding, score_key=key, numerator=top, denominator=bottom, value=value,
            band="none", reason="" if bottom else "zero_denominator", engine_version="1",
        )  # fmt: skip
    Coding.objects.filter(pk=coding.pk).update(state="locked", locked_at=timezone.now())
    coding.refresh_from_db()
    mark_fidelity(coding)
    return coding


def cells() -> list[tuple[Any, ...]]:
    """Return the cells as plain rows."""
    return list(
        FidelityCell.objects.filter(comparability_group="rollup-test")
        .order_by("score_key", "month")
        .values_list("score_key", "month", "n_codings", "n_defined", "sum_numerator", "sum_denominator")
    )


def test_draining_sums_the_counts_of_a_month(here: Side) -> None:
    locked(here, {"r_to_q": (20, 10)})
    locked(here, {"r_to_q": (8, 20)}, on=date(2026, 10, 28))
    locked(here, {"r_to_q": (10, 0)}, on=date(2026, 11, 2))
    assert rollups.drain_marks() == 3
    assert cells() == [
        ("r_to_q", date(2026, 10, 1), 2, 2, 28, 30),
        ("r_to_q", date(2026, 11, 1), 1, 0, 10, 0),
    ]
    assert not DirtyMark.objects.filter(kind=rollups.METRIC).exists()


def test_filling_twice_writes_nothing_the_second_time(here: Side) -> None:
    coding = locked(here, {"r_to_q": (20, 10)})
    keys = rollups.keys_of([(coding.therapist_id, coding.service_on, None)])
    assert rollups.fill(keys) == 1
    assert rollups.fill(keys) == 0


def test_self_codings_and_chosen_segments_do_not_count(here: Side) -> None:
    locked(here, {"r_to_q": (20, 10)}, role="self")
    locked(here, {"r_to_q": (20, 10)}, selection="supervisor")
    rollups.drain_marks()
    assert cells() == []


def test_a_segment_counts_once_and_the_consensus_wins(here: Side) -> None:
    first = locked(here, {"r_to_q": (20, 10)})
    locked(here, {"r_to_q": (10, 10)}, segment=first.segment, role="supervisor")
    locked(here, {"r_to_q": (15, 10)}, segment=first.segment, role="consensus")
    rollups.drain_marks()
    assert cells() == [("r_to_q", date(2026, 10, 1), 1, 1, 15, 10)]


def test_a_superseding_coding_takes_the_place_of_the_old_one(here: Side) -> None:
    first = locked(here, {"r_to_q": (20, 10)})
    rollups.drain_marks()
    locked(here, {"r_to_q": (12, 10)}, segment=first.segment, supersedes=first)
    rollups.drain_marks()
    assert cells() == [("r_to_q", date(2026, 10, 1), 1, 1, 12, 10)]


def test_the_practice_room_has_cells_of_its_own(here: Side) -> None:
    practice = PracticeSet.objects.create(clinic=here.clinic, key="demo", name="Demonstrations")
    locked(here, {"r_to_q": (4, 2)}, practice_set=practice, selection="whole")
    rollups.drain_marks()
    assert FidelityCell.objects.filter(practice_set=practice, month=None).count() == 1
    assert not FidelityCell.objects.filter(practice_set=None).exclude(comparability_group="world").exists()


def test_a_cell_that_lost_its_codings_goes(here: Side) -> None:
    coding = locked(here, {"r_to_q": (20, 10)})
    rollups.drain_marks()
    FidelityCell.objects.filter(comparability_group="rollup-test").update(score_key="gone")
    rollups.fill(rollups.keys_of([(coding.therapist_id, coding.service_on, None)]))
    assert [row[0] for row in cells()] == ["r_to_q"]


def test_backfill_resumes_where_a_chunk_ended(here: Side) -> None:
    for month in (8, 9, 10):
        locked(here, {"r_to_q": (month, 10)}, on=date(2026, month, 3))
    assert rollups.backfill_chunk(size=2) is True
    assert len(cells()) == 2
    assert rollups.backfill_chunk(size=2) is False
    assert len(cells()) == 3
    assert FillState.objects.get(metric=rollups.METRIC).finished_at is not None


def test_verification_finds_a_cell_that_is_wrong_missing_or_left_over(here: Side) -> None:
    locked(here, {"r_to_q": (20, 10), "pct_cr": (5, 10), "pct_ct": (1, 2)})
    rollups.drain_marks()
    FidelityCell.objects.filter(comparability_group="world").delete()
    assert rollups.verify().differing == 0
    FidelityCell.objects.filter(score_key="r_to_q").update(sum_numerator=21)
    FidelityCell.objects.filter(score_key="pct_cr").delete()
    FidelityCell.objects.filter(score_key="pct_ct").update(score_key="made_up")
    found = rollups.verify()
    assert found.differing == 4
    assert {row[1] for row in found.detail} == {"r_to_q", "pct_cr", "pct_ct", "made_up"}


def test_the_neighbour_is_not_touched(world: World) -> None:
    with world.neighbour.scope():
        locked(world.neighbour, {"r_to_q": (20, 10)})
    with world.here.scope():
        assert rollups.drain_marks() == 0
        rollups.verify()
        assert cells() == []

"""The pure rules of signing: what a hash covers, and when a note is due."""

import dataclasses
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.rules import signing
from sessions.rules.signing import AddendumContent, Due, NoteContent

CHICAGO = ZoneInfo("America/Chicago")
TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
MIXES = st.tuples(*[st.integers(0, 100)] * 4).map(lambda p: dict(zip(("mi", "cbt", "dbt", "other"), p, strict=True)))
RULERS = st.dictionaries(st.sampled_from(["importance", "confidence", "readiness"]), st.integers(0, 10))
CONTENTS = st.builds(
    NoteContent,
    note=st.uuids().map(str),
    session=st.uuids().map(str),
    client=st.uuids().map(str),
    author=st.uuids().map(str),
    printed_name=st.text(max_size=30),
    service_on=st.dates(date(2000, 1, 1)).map(date.isoformat),
    started_at=TIMES,
    duration_min=st.integers(1, 600),
    session_format=st.sampled_from(["individual", "family", "phone", "video"]),
    mix=MIXES,
    rulers=RULERS,
    text=st.text(max_size=60),
    signed_at=TIMES,
)
ADDENDA = st.builds(
    AddendumContent,
    follows=st.text("0123456789abcdef", min_size=64, max_size=64),
    note=st.uuids().map(str),
    author=st.uuids().map(str),
    kind=st.sampled_from(["late_entry", "correction", "more"]),
    text=st.text(max_size=60),
    signed_at=TIMES,
)


@given(CONTENTS, CONTENTS)
def test_the_hash_changes_when_any_one_part_changes(content: NoteContent, other: NoteContent) -> None:
    for part in dataclasses.fields(NoteContent):
        changed: Any = dataclasses.replace(content, **{part.name: getattr(other, part.name)})
        same = getattr(content, part.name) == getattr(other, part.name)
        assert (signing.note_hash(changed) == signing.note_hash(content)) == same, part.name


@given(ADDENDA, ADDENDA)
def test_the_hash_of_an_addendum_changes_when_any_one_part_changes(
    content: AddendumContent, other: AddendumContent
) -> None:
    for part in dataclasses.fields(AddendumContent):
        changed: Any = dataclasses.replace(content, **{part.name: getattr(other, part.name)})
        same = getattr(content, part.name) == getattr(other, part.name)
        assert (signing.addendum_hash(changed) == signing.addendum_hash(content)) == same, part.name


@given(CONTENTS)
def test_the_hash_is_of_the_content_not_of_how_it_is_held(content: NoteContent) -> None:
    same = dataclasses.replace(
        content,
        rulers=dict(reversed(list(content.rulers.items()))),
        mix=dict(reversed(list(content.mix.items()))),
        started_at=content.started_at.astimezone(CHICAGO),
        signed_at=content.signed_at.astimezone(CHICAGO),
    )
    assert signing.note_hash(same) == signing.note_hash(content)


def test_a_known_content_keeps_its_hash_for_good() -> None:
    """A change of the canonical form would make every signed note look changed: it needs a new form name."""
    content = NoteContent(
        note="n", session="s", client="c", author="a", printed_name="Amara Okafor, LCSW", service_on="2026-11-19",
        started_at=datetime(2026, 11, 19, 15, 0, tzinfo=UTC), duration_min=50, session_format="individual",
        mix={"mi": 100, "cbt": 0, "dbt": 0, "other": 0}, rulers={"importance": 8}, text="Café\n",
        signed_at=datetime(2026, 11, 19, 16, 0, 0, 250_000, tzinfo=UTC),
    )  # fmt: skip
    assert signing.canonical_note(content).decode() == (
        '{"author":"a","client":"c","duration_min":50,"form":"evoke.note.1","mix":{"cbt":0,"dbt":0,"mi":100,"other":0},'
        '"note":"n","printed_name":"Amara Okafor, LCSW","rulers":{"importance":8},"service_on":"2026-11-19","session":"s",'
        '"session_format":"individual","signed_at":"2026-11-19T16:00:00.250000+00:00",'
        '"started_at":"2026-11-19T15:00:00.000000+00:00","text":"Café\\n"}'
    )
    assert signing.note_hash(content) == "9cb325470554d8f9e6cbc2c3aa45056e95d07bb14cf3db070a67625449bb60cb"


def test_a_time_without_a_zone_is_never_signed() -> None:
    with pytest.raises(ValueError, match="time zone"):
        signing.addendum_hash(AddendumContent("", "", "", "", "", datetime(2026, 1, 1)))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("after_h", "expected"),
    [(0, Due.IN_TIME), (24, Due.IN_TIME), (24.001, Due.LATE), (72, Due.LATE), (72.001, Due.OVERDUE)],
)
def test_a_note_is_late_after_24_hours_and_overdue_after_72(after_h: float, expected: Due) -> None:
    ended_at = datetime(2026, 11, 19, 15, 50, tzinfo=UTC)
    assert signing.standing(ended_at, ended_at + timedelta(hours=after_h)) is expected


@pytest.mark.parametrize(
    ("ended", "due"),
    [
        # Ordinary day: the same wall time.
        (datetime(2026, 11, 19, 9, 50, tzinfo=CHICAGO), datetime(2026, 11, 20, 9, 50, tzinfo=CHICAGO)),
        # The clocks go forward on March 8: 24 hours are up an hour later by the clock.
        (datetime(2026, 3, 7, 9, 50, tzinfo=CHICAGO), datetime(2026, 3, 8, 10, 50, tzinfo=CHICAGO)),
        # They go back on November 1: an hour earlier.
        (datetime(2026, 10, 31, 9, 50, tzinfo=CHICAGO), datetime(2026, 11, 1, 8, 50, tzinfo=CHICAGO)),
    ],
)
def test_a_deadline_counts_elapsed_hours_over_a_change_of_the_clocks(ended: datetime, due: datetime) -> None:
    assert signing.due_at(ended).astimezone(UTC) == due.astimezone(UTC)
    assert not signing.is_late_entry(ended, due)
    assert signing.is_late_entry(ended, (due.astimezone(UTC) + timedelta(seconds=1)).astimezone(CHICAGO))


@pytest.mark.parametrize(
    ("started", "minutes", "ended"),
    [
        (datetime(2026, 11, 19, 23, 40, tzinfo=CHICAGO), 50, datetime(2026, 11, 20, 0, 30, tzinfo=CHICAGO)),
        (datetime(2026, 3, 8, 1, 30, tzinfo=CHICAGO), 60, datetime(2026, 3, 8, 3, 30, tzinfo=CHICAGO)),
        (datetime(2026, 11, 1, 1, 30, tzinfo=CHICAGO), 60, datetime(2026, 11, 1, 1, 30, fold=1, tzinfo=CHICAGO)),
    ],
)
def test_minutes_are_elapsed_over_midnight_and_both_changes(started: datetime, minutes: int, ended: datetime) -> None:
    found = signing.session_ends_at(started, minutes)
    assert found.astimezone(UTC) == ended.astimezone(UTC)
    assert found.utcoffset() == ended.utcoffset()


def test_a_name_is_printed_with_credentials_where_there_are_any() -> None:
    assert signing.printed_name("Amara Okafor", "LCSW") == "Amara Okafor, LCSW"
    assert signing.printed_name("Amara Okafor", "") == "Amara Okafor"

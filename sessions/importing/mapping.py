"""How a source's columns become lines and codes: read from its TOML file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from clinics.instruments.lines import Speaker

SOURCES = Path(__file__).parent / "sources"


class UnknownFormat(LookupError):
    """No source has this name."""


@dataclass(frozen=True, slots=True)
class CodeColumn:
    """
    A column that gives one code at most to lines of one speaker.

    items        label in the file → item of the instrument
    flag         column that says whether there is a code; without one the label itself must stand there
    agrees_with  label → flag column that should say yes; a label not named agrees when none of them does
    """

    speaker: Speaker
    column: str
    items: Mapping[str, str]
    flag: str | None = None
    agrees_with: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of file: which column means what, and which instrument its codes belong to."""

    key: str
    name: str
    instrument_key: str
    instrument_version: str
    set_key: str
    set_name: str
    missing: frozenset[str]
    yes: frozenset[str]
    no: frozenset[str]
    transcript: str
    title: str
    topic: str
    group: str
    quality: str
    qualities: frozenset[str]
    number: str
    speaker: str
    speakers: Mapping[str, Speaker]
    time: str
    text: str
    coder: str
    codes: tuple[CodeColumn, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column the file must have."""
        own = (
            self.transcript, self.title, self.topic, self.group, self.quality, self.number, self.speaker,
            self.time, self.text, self.coder,
        )  # fmt: skip
        of_codes = [name for one in self.codes for name in (one.flag, one.column) if name is not None]
        return tuple(dict.fromkeys([*own, *of_codes]))


@cache
def sources() -> Mapping[str, Source]:
    """Return every source by key, read once in a process."""
    found = {}
    for path in sorted(SOURCES.glob("*.toml")):
        source = read_source(path.read_text(encoding="utf-8"))
        if path.stem != source.key:
            raise ValueError(f"{path.name} describes {source.key}. Name it {source.key}.toml.")
        found[source.key] = source
    return found


def find(key: str) -> Source:
    """
    Return a source by its key.

    :raises UnknownFormat: when there is none
    """
    try:
        return sources()[key]
    except KeyError:
        raise UnknownFormat(f"There is no format {key}. Known: {', '.join(sources())}.") from None


def read_source(text: str) -> Source:
    """
    Return the source that a TOML text describes.

    :raises KeyError: for a key that is missing
    :raises ValueError: for a speaker that is neither therapist nor client
    """
    table: dict[str, Any] = tomllib.loads(text)
    transcript, line = table["transcript"], table["line"]
    return Source(
        key=table["key"],
        name=table["name"],
        instrument_key=table["instrument"]["key"],
        instrument_version=table["instrument"]["version"],
        set_key=table["practice_set"]["key"],
        set_name=table["practice_set"]["name"],
        missing=frozenset(table["missing"]),
        yes=frozenset(table["yes"]),
        no=frozenset(table["no"]),
        transcript=transcript["id"],
        title=transcript["title"],
        topic=transcript["topic"],
        group=transcript["group"],
        quality=transcript["quality"],
        qualities=frozenset(transcript["qualities"]),
        number=line["number"],
        speaker=line["speaker"],
        speakers={label: Speaker(value) for label, value in line["speakers"].items()},
        time=line["time"],
        text=line["text"],
        coder=table["coder"]["id"],
        codes=tuple(
            CodeColumn(
                speaker=Speaker(one["speaker"]),
                column=one["column"],
                items=one["items"],
                flag=one.get("flag"),
                agrees_with=one.get("agrees_with", {}),
            )
            for one in table["codes"]
        ),
    )

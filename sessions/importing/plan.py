"""What a file holds, found out in one pass before anything is written."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from sessions.importing.findings import FileProblem, Findings
from sessions.importing.mapping import Source
from sessions.importing.rows import CsvFile
from sessions.importing.transcripts import Progress, SourceTranscript, read_transcripts

OpenFile = Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True)
class Known:
    """A usable transcript of the file: a digest of its content, and how much there is of it."""

    digest: str
    rows: int
    lines: int
    codings: int


@dataclass(frozen=True, slots=True)
class Plan:
    """
    What importing a file would do.

    digest       SHA-256 of the file, as hex
    rows         data rows in the file
    transcripts  usable transcripts by the source's id, in the order of the file
    is_whole     False when the file could not be read to its end: then nothing of it is used
    """

    source: Source
    digest: str
    rows: int
    transcripts: Mapping[str, Known]
    findings: Findings
    is_whole: bool


def make_plan(source: Source, open_file: OpenFile, progress: Progress | None = None) -> Plan:
    """Return what a file holds and everything that is wrong with it; the file is read once, row by row."""
    findings = Findings()
    found: dict[str, Known] = {}
    is_whole = True
    with open_file() as stream:
        file = CsvFile(stream, source.columns, source.name)
        try:
            for one in read_transcripts(file, source, findings, progress):
                lines = ((line.number, line.speaker, line.start_ms, line.text) for line in one.lines)
                codings = {coding.coder: coding.codes for coding in one.codings}
                digest = content_digest((one.title, one.topic, group_key(one.group), one.quality), lines, codings)
                found[one.key] = Known(digest, one.rows, len(one.lines), len(one.codings))
        except FileProblem as problem:
            findings.add(problem.finding)
            is_whole = False
    usable = {key: known for key, known in found.items() if key not in findings.bad_transcripts}
    return Plan(source, file.digest, file.rows, usable, findings, is_whole)


def transcripts_of(plan: Plan, open_file: OpenFile, progress: Progress | None = None) -> "Iterable[SourceTranscript]":
    """
    Yield the usable transcripts of a file that `make_plan` has read, reading it again.

    :raises FileChanged: at the end, when the file is not the one that was planned
    """
    with open_file() as stream:
        file = CsvFile(stream, plan.source.columns, plan.source.name)
        try:
            for one in read_transcripts(file, plan.source, Findings(), progress):
                if one.key in plan.transcripts:
                    yield one
        except FileProblem:
            raise FileChanged from None
        if file.digest != plan.digest:
            raise FileChanged


class FileChanged(ValueError):
    """The file was changed while it was being imported."""

    def __init__(self) -> None:
        super().__init__("The file changed while it was read. Nothing was imported. Import it again.")


def group_key(group: str) -> str:
    """Return the key under which transcripts of one recording are kept together; it does not show the source."""
    return hashlib.sha256(group.encode()).hexdigest()


def content_digest(
    about: tuple[str, str, str, str],
    lines: Iterable[tuple[int, str, int | None, str]],
    codings: Mapping[str, Mapping[int, Iterable[str]]],
) -> str:
    """
    Return a digest that two transcripts share exactly when they say and code the same.

    about    title, topic, group key, quality
    lines    (number, speaker, start in ms, text) in order
    codings  coder → number of the line → items
    """
    digest = hashlib.sha256(json.dumps(about).encode())
    for number, speaker, start_ms, text in lines:
        digest.update(json.dumps([number, str(speaker), start_ms, text]).encode())
    for coder, codes in sorted(codings.items()):
        said = {number: sorted(items) for number, items in sorted(codes.items())}
        digest.update(json.dumps([coder, said]).encode())
    return digest.hexdigest()

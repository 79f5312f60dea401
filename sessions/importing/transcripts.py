"""
Transcripts and their codings out of the rows of a file: one transcript in memory at a time.

What is wrong with a line keeps its transcript out, what is wrong with a code keeps that coder's coding out: half a
coding would give wrong scores. Labels that contradict each other are kept as they stand and reported.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sessions.importing.findings import Finding, Findings, Weight, quoted
from sessions.importing.lines import LineReader, SourceLine
from sessions.importing.mapping import Source
from sessions.importing.rows import CsvFile, Row

MOST_ROWS = 50_000  # of one transcript
PROGRESS_EVERY = 500
LONGEST_ID = 60

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class SourceCoding:
    """One coder's codes: number of the line → items."""

    coder: str
    codes: dict[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class SourceTranscript:
    """
    A transcript with its usable codings.

    key        the source's id
    lines      by number, 0, 1, 2, … without gaps
    rows       rows of the file behind it, those of unusable codings left out
    """

    key: str
    title: str
    topic: str
    group: str
    quality: str
    lines: tuple[SourceLine, ...]
    codings: tuple[SourceCoding, ...]
    rows: int


def read_transcripts(
    file: CsvFile, source: Source, findings: Findings, progress: Progress | None = None
) -> Iterator[SourceTranscript]:
    """
    Yield the transcripts of a file that have at least one usable coding.

    A transcript that was yielded may still turn out bad further down (its rows stand in two places):
    `findings.bad_transcripts` is complete when the iteration is.

    progress  called with the number of rows read, now and then

    :raises FileProblem: when the file cannot be read any further
    """
    seen: set[str] = set()
    current: _Assembly | None = None
    for row in file:
        if progress is not None and file.rows % PROGRESS_EVERY == 0:
            progress(file.rows)
        key = _transcript_of(row, source, findings, current)
        if key is None:
            continue
        if current is None or key != current.key:
            if current is not None:
                yield from current.finish()
            current = _Assembly(key, row, source, findings, is_again=key in seen)
            seen.add(key)
        current.add(row)
    if current is not None:
        yield from current.finish()
    if progress is not None:
        progress(file.rows)


def _transcript_of(row: Row, source: Source, findings: Findings, current: "_Assembly | None") -> str | None:
    """Return the id of the transcript a row belongs to; None after noting why it cannot be told."""
    if row.cells is None:
        # Which cell is missing cannot be told, so the row counts as the transcript's that it stands in.
        key = current.key if current is not None else None
        cells = "1 cell" if row.count == 1 else f"{row.count} cells"
        sentence = f"This row has {cells}, and the header names {row.wanted}. Mend the row."
        findings.error(row.number, "", sentence, key)
        return None
    key = row.cells[source.transcript].strip()
    if not key or len(key) > LONGEST_ID or not key.isprintable():
        findings.error(
            row.number,
            source.transcript,
            f"The id of the transcript is {quoted(key)}. Write an id of at most {LONGEST_ID} characters.",
            current.key if current is not None else None,
        )
        return None
    return key


class _Assembly:
    """The rows of one transcript, put together."""

    def __init__(self, key: str, first: Row, source: Source, findings: Findings, *, is_again: bool) -> None:
        self.key = key
        self._source = source
        self._findings = findings
        self._is_again = is_again
        self._rows = 0
        self._rows_of: dict[str, int] = {}
        self._lines: dict[int, tuple[int, SourceLine]] = {}
        self._codes: dict[str, dict[int, tuple[str, ...]]] = {}
        self._reader = LineReader(source, findings, key)
        cells = first.cells or {}
        self._about = tuple(cells[name] for name in self._columns_about)
        if is_again:
            findings.error(
                first.number,
                source.transcript,
                f"Transcript {key} goes on here after others began. Put all its rows together.",
                key,
            )
        quality = cells[source.quality]
        if quality not in source.qualities and quality not in source.missing:
            findings.error(
                first.number,
                source.quality,
                f"Here stands {quoted(quality)}. Write {' or '.join(sorted(source.qualities))}.",
                key,
            )

    @property
    def _columns_about(self) -> tuple[str, str, str, str]:
        source = self._source
        return source.title, source.topic, source.group, source.quality

    def add(self, row: Row) -> None:
        """Take in one row."""
        cells = row.cells
        self._rows += 1
        if cells is None or self._is_again or self._rows > MOST_ROWS:
            if self._rows == MOST_ROWS + 1:
                self._error(row, "", f"Transcript {self.key} has more than {MOST_ROWS:,} rows. Split it.")
            return
        for name, value in zip(self._columns_about, self._about, strict=True):
            if cells[name] != value:
                self._error(row, name, "This differs from the first row of the transcript. Make them agree.")
        line = self._reader.line(row.number, cells)
        coder = self._coder_of(row, cells)
        if line is None or coder is None:
            return
        self._take_line(row, line)
        codes = self._codes.setdefault(coder, {})
        self._rows_of[coder] = self._rows_of.get(coder, 0) + 1
        if line.number in codes:
            self._error(
                row,
                self._source.number,
                f"Coder {coder} has line {line.number} twice. Remove one of the rows.",
                coder=coder,
            )
            return
        codes[line.number] = self._reader.codes(row.number, cells, line.speaker, coder)

    def _take_line(self, row: Row, line: SourceLine) -> None:
        held = self._lines.get(line.number)
        if held is None:
            self._lines[line.number] = (row.number, line)
            return
        first, same = held
        for name, mine, theirs in (
            (self._source.text, line.text, same.text),
            (self._source.speaker, line.speaker, same.speaker),
            (self._source.time, line.time, same.time),
        ):
            if mine != theirs:
                self._error(row, name, f"Line {line.number} stands otherwise in row {first}. Make them agree.")

    def _coder_of(self, row: Row, cells: dict[str, str]) -> str | None:
        coder = cells[self._source.coder].strip()
        if not coder or len(coder) > LONGEST_ID or not coder.isprintable():
            self._error(row, self._source.coder, f"The id of the coder is {quoted(coder)}. Write an id.")
            return None
        return coder

    def _error(self, row: Row, column: str, sentence: str, *, coder: str | None = None) -> None:
        self._findings.error(row.number, column, sentence, self.key, coder)

    def finish(self) -> Iterator[SourceTranscript]:
        """Yield the transcript, once all its rows are in, when something of it can be used."""
        self._check_whole()
        if self.key in self._findings.bad_transcripts:
            return
        lines = [line for _row, line in sorted(self._lines.values(), key=lambda pair: pair[1].number)]
        self._check_times(lines)
        codings = [
            SourceCoding(coder, codes)
            for coder, codes in sorted(self._codes.items())
            if (self.key, coder) not in self._findings.bad_codings
        ]
        if codings:
            title, topic, group, quality = self._about
            rows = sum(self._rows_of[one.coder] for one in codings)
            yield SourceTranscript(
                self.key, title, topic, group, "" if quality in self._source.missing else quality,
                tuple(lines), tuple(codings), rows,
            )  # fmt: skip

    def _check_whole(self) -> None:
        """Note gaps: lines that no row has, and lines that a coder left out."""
        if self._is_again:
            return
        findings, column = self._findings, self._source.number
        last = max(self._lines, default=-1)
        gap = next((number for number in range(last + 1) if number not in self._lines), None)
        if gap is not None:
            findings.error(None, column, f"Line {gap} is missing, and lines up to {last} follow. Add it.", self.key)
            return
        for coder, codes in sorted(self._codes.items()):
            left_out = next((number for number in range(last + 1) if number not in codes), None)
            if left_out is not None:
                sentence = f"Coder {coder} has no row for line {left_out}. Add it."
                findings.error(None, column, sentence, self.key, coder)

    def _check_times(self, lines: list[SourceLine]) -> None:
        before: int | None = None
        for line in lines:
            if line.start_ms is None:
                continue
            if before is not None and line.start_ms < before:
                row, _line = self._lines[line.number]
                sentence = "The time steps back. Lines keep the order of their numbers."
                self._findings.add(Finding(Weight.WARNING, row, self._source.time, sentence, self.key))
            before = line.start_ms

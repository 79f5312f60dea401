"""One row of a file as a line of talk and the codes one coder gave it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from clinics.instruments.lines import Speaker
from sessions.importing.findings import Findings, quoted
from sessions.importing.mapping import CodeColumn, Source

HIGHEST_NUMBER = 100_000
_NUMBER = re.compile(r"0|[1-9][0-9]{0,5}")
_TIME = re.compile(r"([0-9]{1,2}):([0-5][0-9]):([0-5][0-9])")


@dataclass(frozen=True, slots=True)
class SourceLine:
    """
    A line of talk.

    time      as the file writes it
    start_ms  milliseconds from the start of the recording; None when the file says no readable time
    """

    number: int
    speaker: Speaker
    time: str
    start_ms: int | None
    text: str


class LineReader:
    """Reads the rows of one transcript and notes what is wrong with them."""

    def __init__(self, source: Source, findings: Findings, transcript: str) -> None:
        self._source = source
        self._findings = findings
        self._transcript = transcript
        self._badly_timed: set[int] = set()

    def line(self, row: int, cells: Mapping[str, str]) -> SourceLine | None:
        """Return the line of a row; None after noting what keeps it from being one."""
        source = self._source
        number = cells[source.number].strip()
        speaker = source.speakers.get(cells[source.speaker])
        text = cells[source.text]
        if not _NUMBER.fullmatch(number) or int(number) >= HIGHEST_NUMBER:
            sentence = f"The number of the line is {quoted(number)}. Number lines 0, 1, 2, …"
            self._findings.error(row, source.number, sentence, self._transcript)
            return None
        if speaker is None:
            sentence = f"Here stands {quoted(cells[source.speaker])}. Write {_one_of(source.speakers)}."
            self._findings.error(row, source.speaker, sentence, self._transcript)
            return None
        if not text.strip():
            sentence = "The line has no words. Write what was said."
            self._findings.error(row, source.text, sentence, self._transcript)
            return None
        return SourceLine(int(number), speaker, cells[source.time], self._start_ms(row, int(number), cells), text)

    def _start_ms(self, row: int, number: int, cells: Mapping[str, str]) -> int | None:
        written = cells[self._source.time].strip()
        if written in self._source.missing:
            return None
        found = _TIME.fullmatch(written)
        if found is None:
            if number not in self._badly_timed:
                self._badly_timed.add(number)
                sentence = f"Here stands {_quoted_time(written)}, not hours:minutes:seconds. The line has no time."
                self._findings.warning(row, self._source.time, sentence, self._transcript)
            return None
        hours, minutes, seconds = (int(part) for part in found.groups())
        return ((hours * 60 + minutes) * 60 + seconds) * 1000

    def codes(self, row: int, cells: Mapping[str, str], speaker: Speaker, coder: str) -> tuple[str, ...]:
        """Return the items a coder gave the line of this row, having noted what is wrong with them."""
        found = []
        for column in self._source.codes:
            if column.speaker is not speaker:
                self._refuse_foreign(row, cells, column, speaker, coder)
                continue
            item = self._code(row, cells, column, coder)
            if item is not None:
                found.append(item)
        return tuple(found)

    def _refuse_foreign(
        self, row: int, cells: Mapping[str, str], column: CodeColumn, speaker: Speaker, coder: str
    ) -> None:
        for name in (column.flag, column.column):
            if name is not None and cells[name] not in self._source.missing:
                sentence = f"A {speaker} line has a {column.speaker} code: {quoted(cells[name])}. Write n/a."
                self._error(row, name, sentence, coder)

    def _code(self, row: int, cells: Mapping[str, str], column: CodeColumn, coder: str) -> str | None:
        label = cells[column.column]
        if column.flag is not None:
            says = cells[column.flag]
            if says in self._source.no:
                if label not in self._source.missing:
                    sentence = f"{column.flag} says no, and here stands {quoted(label)}. Make them agree."
                    self._error(row, column.column, sentence, coder)
                return None
            if says not in self._source.yes:
                sentence = f"Here stands {quoted(says)}. Write True or False."
                self._error(row, column.flag, sentence, coder)
                return None
        item = column.items.get(label)
        if item is None:
            sentence = f"Here stands {quoted(label)}. Write {_one_of(column.items)}."
            self._error(row, column.column, sentence, coder)
            return None
        self._compare_with_flags(row, cells, column, label, coder)
        return item

    def _compare_with_flags(
        self, row: int, cells: Mapping[str, str], column: CodeColumn, label: str, coder: str
    ) -> None:
        flag = column.agrees_with.get(label)
        if flag is not None:
            if cells[flag] in self._source.no:
                sentence = f"The main code is {quoted(label)}, and {flag} says no. Both are kept as they stand."
                self._findings.warning(row, column.column, sentence, self._transcript, coder)
            return
        said = [name for name in column.agrees_with.values() if cells[name] in self._source.yes]
        if said:
            sentence = f"The main code is {quoted(label)}, and {', '.join(said)} says yes. Both are kept as they stand."
            self._findings.warning(row, column.column, sentence, self._transcript, coder)

    def _error(self, row: int, column: str, sentence: str, coder: str) -> None:
        self._findings.error(row, column, sentence, self._transcript, coder)


def _one_of(labels: Mapping[str, object]) -> str:
    *first, last = labels
    return f"{', '.join(first)} or {last}" if first else last


def _quoted_time(written: str) -> str:
    return f"'{written}'" if re.fullmatch(r"[0-9:.,]{1,16}", written) else quoted(written)

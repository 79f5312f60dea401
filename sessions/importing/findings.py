"""What is wrong with a file, where, and why. Sentences never quote the words that were spoken."""

import re
from dataclasses import dataclass
from enum import StrEnum

MOST_KEPT = 1_000
_TOKEN = re.compile(r"[\w./+-]{1,24}")


class Weight(StrEnum):
    """An error keeps the coding or transcript out; a warning is for the reader."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One thing found in a file.

    row         number of the row as a spreadsheet counts it (the header is row 1); None when no row is meant
    column      name of the column, "" when no column is meant
    sentence    what is wrong and what to do
    transcript  the source's id of the transcript, None when the whole file is meant
    coder       the source's id of the coder, None when the whole transcript is meant
    """

    weight: Weight
    row: int | None
    column: str
    sentence: str
    transcript: str | None = None
    coder: str | None = None

    def __str__(self) -> str:
        parts = []
        if self.row is not None:
            parts.append(f"row {self.row}")
        elif self.transcript is not None:
            parts.append(f"transcript {self.transcript}")
        if self.column:
            parts.append(f"column {self.column}")
        return f"{', '.join(parts)}: {self.sentence}" if parts else self.sentence


class FileProblem(ValueError):
    """A file that cannot be read any further."""

    def __init__(self, sentence: str, *, row: int | None = None, column: str = "") -> None:
        self.finding = Finding(Weight.ERROR, row, column, sentence)
        super().__init__(str(self.finding))


class Findings:
    """
    Collects what is found while a file is read: the first thousand in words, all of them as counts.

    bad_transcripts, bad_codings   what errors keep out: transcript ids, and (transcript id, coder id)
    """

    def __init__(self) -> None:
        self.kept: list[Finding] = []
        self.errors = 0
        self.warnings = 0
        self.bad_transcripts: set[str] = set()
        self.bad_codings: set[tuple[str, str]] = set()

    def add(self, finding: Finding) -> None:
        """Note one finding."""
        if finding.weight is Weight.ERROR:
            self.errors += 1
            if finding.transcript is not None and finding.coder is not None:
                self.bad_codings.add((finding.transcript, finding.coder))
            elif finding.transcript is not None:
                self.bad_transcripts.add(finding.transcript)
        else:
            self.warnings += 1
        if len(self.kept) < MOST_KEPT:
            self.kept.append(finding)

    def error(
        self, row: int | None, column: str, sentence: str, transcript: str | None, coder: str | None = None
    ) -> None:
        """Note an error; it keeps out the coding, or without a coder the whole transcript."""
        self.add(Finding(Weight.ERROR, row, column, sentence, transcript, coder))

    def warning(self, row: int | None, column: str, sentence: str, transcript: str, coder: str | None = None) -> None:
        """Note something that keeps nothing out."""
        self.add(Finding(Weight.WARNING, row, column, sentence, transcript, coder))


def quoted(value: str) -> str:
    """Return a label for a message: the value itself when it is one short word, never a piece of speech."""
    if _TOKEN.fullmatch(value):
        return f"'{value}'"
    return "nothing" if not value.strip() else f"a text of {len(value)} characters"

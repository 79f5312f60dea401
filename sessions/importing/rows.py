"""Rows of a CSV file, read one at a time, with what keeps it from being read said in one sentence."""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from sessions.importing.findings import FileProblem

LONGEST_CELL = 100_000  # characters
LONGEST_LINE = 2_000_000  # bytes read in one piece
_SPREADSHEET = b"PK\x03\x04"
_TOO_LONG = (
    f"This cell has more than {LONGEST_CELL:,} characters. Shorten it, or close a quotation mark that is left open."
)


@dataclass(frozen=True, slots=True)
class Row:
    """
    One row of a file.

    number  as a spreadsheet counts: the header is row 1
    cells   column → text, exactly as it stands; None when the row has another number of cells than the header
    count   how many cells it has; `wanted`: how many the header has
    """

    number: int
    cells: dict[str, str] | None
    count: int
    wanted: int


class CsvFile:
    """
    A CSV file with a header, read from its start once.

    stream    binary; only the row at hand is in memory
    columns   names of the header, once iteration began
    rows      data rows read so far, blank ones left out
    digest    SHA-256 of the bytes read so far, as hex
    """

    def __init__(self, stream: BinaryIO, wanted: Sequence[str], name: str) -> None:
        self._stream = stream
        self._wanted = wanted
        self._name = name
        self._hash = hashlib.sha256()
        self._raw: list[str] = []
        self.columns: list[str] = []
        self.rows = 0
        self._number = 1

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    def __iter__(self) -> Iterator[Row]:
        """
        Yield the data rows in order.

        :raises FileProblem: when the file is not CSV in UTF-8 with the wanted columns, or a cell is too long
        """
        reader = csv.reader(self._lines(), strict=True)
        try:
            header = next(reader, None)
            if header is None:
                raise FileProblem(f"The file is empty. Choose a CSV file of {self._name}.")
            self._read_header(header)
            for cells in reader:
                self._raw.clear()
                self._number += 1
                if cells:
                    self.rows += 1
                    yield self._row(cells)
        except csv.Error as error:
            raise self._not_csv(str(error)) from None
        if not self.rows:
            raise FileProblem("The file has a header and no rows.")

    @property
    def _row_at_hand(self) -> int:
        return self._number + 1 if self.columns else 1

    def _lines(self) -> Iterator[str]:
        encoding = "utf-8-sig"
        while data := self._stream.readline(LONGEST_LINE + 1):
            self._hash.update(data)
            if data.startswith(_SPREADSHEET) and not self.columns:
                raise FileProblem("This is a spreadsheet or zip file, not CSV. Save it as CSV in UTF-8.")
            if len(data) > LONGEST_LINE:
                self._raw.append(data.decode(encoding, "replace"))
                raise FileProblem(_TOO_LONG, row=self._row_at_hand, column=self._column_of_long_cell())
            if b"\0" in data:
                raise FileProblem(
                    "Here stands a zero byte, which is no text. Save the file as CSV in UTF-8.",
                    row=self._row_at_hand,
                )
            try:
                line = data.decode(encoding)
            except UnicodeDecodeError as error:
                raise FileProblem(
                    f"Byte {error.start + 1} of this row is not UTF-8 text. Save the file as CSV in UTF-8.",
                    row=self._row_at_hand,
                ) from None
            encoding = "utf-8"
            self._raw.append(line)
            yield line

    def _read_header(self, header: list[str]) -> None:
        self._raw.clear()
        missing = [name for name in self._wanted if name not in header]
        if missing:
            some = "column" if len(missing) == 1 else "columns"
            raise FileProblem(
                f"The file has no {some} {', '.join(missing)}. A file of {self._name} has a header with: "
                f"{', '.join(self._wanted)}.",
                row=1,
            )
        twice = sorted({name for name in header if header.count(name) > 1})
        if twice:
            raise FileProblem(f"The header names {', '.join(twice)} twice. Remove one.", row=1)
        self.columns = header

    def _row(self, cells: list[str]) -> Row:
        number = self._number
        for index, cell in enumerate(cells):
            if len(cell) > LONGEST_CELL:
                raise FileProblem(_TOO_LONG, row=number, column=self._column(index))
        whole = len(cells) == len(self.columns)
        return Row(
            number,
            dict(zip(self.columns, cells, strict=True)) if whole else None,
            len(cells),
            len(self.columns),
        )

    def _not_csv(self, message: str) -> FileProblem:
        if "field limit" in message:
            return FileProblem(_TOO_LONG, row=self._row_at_hand, column=self._column_of_long_cell())
        if not self.columns:
            return FileProblem(
                f"This is not a CSV file. A file of {self._name} has a header with: {', '.join(self._wanted)}."
            )
        return FileProblem(
            "This row is not CSV: a quotation mark is left open or stands alone. "
            "Quote the cell, and write a quotation mark inside it twice.",
            row=self._row_at_hand,
        )

    def _column(self, index: int) -> str:
        return self.columns[index] if index < len(self.columns) else ""

    def _column_of_long_cell(self) -> str:
        """Return the column whose cell runs over the limit in the row at hand, "" when none does."""
        index, length, is_quoted = 0, 0, False
        for character in "".join(self._raw):
            if character == '"':
                is_quoted = not is_quoted
            elif character == "," and not is_quoted:
                index, length = index + 1, 0
            else:
                length += 1
                if length > LONGEST_CELL:
                    return self._column(index)
        return ""

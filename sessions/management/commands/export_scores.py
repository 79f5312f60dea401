"""`export_scores`: the scores of a clinic's locked codings, on standard output."""

import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from clinics.csv_safety import write_rows
from clinics.management.by_slug import WRONG_USE, as_sentence, clinic_named
from clinics.tenancy import clinic_scope
from sessions.services import exports


@contextmanager
def whoever_reads_may_stop() -> Iterator[None]:
    """Let a reader such as `head` close the pipe early: no traceback, and the event of the export stays."""
    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Command(BaseCommand):
    """Writes the data alone to standard output, so that it can be piped."""

    help = "Write the scores of a clinic's locked codings, one row a coding and score."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--clinic", required=True, metavar="SLUG")
        parser.add_argument("--instrument", required=True, metavar="KEY")
        parser.add_argument("--practice", action="store_true", help="the practice room instead of clinical sessions")
        parser.add_argument("--format", choices=("csv", "json"), default="csv")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the rows; exit 2 for a clinic or instrument that is not there."""
        try:
            clinic = clinic_named(options["clinic"])
            with clinic_scope(clinic.pk):
                rows = exports.export_scores(
                    instrument_key=options["instrument"], practice=options["practice"], by=None
                )
                with whoever_reads_may_stop():
                    if options["format"] == "csv":
                        write_rows(self.stdout, exports.COLUMNS, (row.cells() for row in rows))
                    else:
                        self._write_json(rows)
                    self.stdout.flush()
        except exports.UnknownInstrument as error:
            raise CommandError(str(error), returncode=WRONG_USE) from None
        except DatabaseError as error:
            raise CommandError(as_sentence(error), returncode=3) from None

    def _write_json(self, rows: Iterable[exports.ScoreRow]) -> None:
        """Write one list of objects, an object a line; 15 digits survive as a JSON number."""
        self.stdout.write("[", ending="")
        for index, row in enumerate(rows):
            one: dict[str, Any] = dict(zip(exports.COLUMNS, row.cells(), strict=True))
            if row.value is not None:
                one["value"] = int(row.value) if row.value == int(row.value) else float(row.value)
            one["reason"] = row.reason or None
            self.stdout.write(",\n" if index else "\n", ending="")
            self.stdout.write(json.dumps(one, ensure_ascii=False), ending="")
        self.stdout.write("\n]")

"""`import_transcripts`: bring a file of transcripts into a clinic's practice room."""

import sys
import uuid
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from clinics.management.by_slug import WRONG_USE, as_sentence, clinic_named
from clinics.models import Clinic
from clinics.tenancy import clinic_scope
from sessions.importing import mapping
from sessions.importing.plan import FileChanged, make_plan
from sessions.models import ImportBatch
from sessions.rules.import_report import lines_of_report
from sessions.services import imports


class Command(BaseCommand):
    """Reads a file twice, row by row: once to find what is wrong, once to write it, all in one transaction."""

    help = "Import transcripts into the practice room of a clinic, or undo such an import."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", nargs="?", type=Path, help="the CSV file")
        parser.add_argument("--clinic", required=True, metavar="SLUG")
        parser.add_argument("--format", choices=sorted(mapping.sources()), help="what kind of file it is")
        parser.add_argument("--dry-run", action="store_true", help="check the file and write nothing")
        parser.add_argument(
            "--skip-bad-rows",
            action="store_true",
            help="leave out the transcripts and codings that have errors, and import the rest",
        )
        parser.add_argument("--undo", metavar="BATCH", help="take out the import with this id instead")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, check or undo; exit 1 when the file has errors, 2 when the command was wrong."""
        try:
            clinic = clinic_named(options["clinic"])
            if options["undo"]:
                self._undo(clinic, options["undo"])
            else:
                self._import(clinic, options)
        except DatabaseError as error:
            raise CommandError(as_sentence(error), returncode=3) from None

    def _import(self, clinic: Clinic, options: dict[str, Any]) -> None:
        path: Path | None = options["file"]
        if path is None or options["format"] is None:
            raise CommandError("Name the file, and its format with --format.", returncode=WRONG_USE)
        try:
            path.open("rb").close()
        except OSError as error:
            raise CommandError(
                f"{path} cannot be read: {error.strerror}. Name another file.", returncode=WRONG_USE
            ) from None
        source = mapping.find(options["format"])

        def open_file() -> BinaryIO:
            return path.open("rb")

        plan = make_plan(source, open_file, lambda rows: self._say(f"Checked {rows:,} rows"))
        try:
            with clinic_scope(clinic.pk):
                report = imports.import_transcripts(
                    clinic=clinic, plan=plan, open_file=open_file, file_name=path.name, by=None, now=timezone.now(),
                    dry_run=options["dry_run"], skip_bad_rows=options["skip_bad_rows"],
                    progress=lambda done, rows: self._say(f"Imported {done:,} of {rows:,} rows"),
                )  # fmt: skip
        except (imports.NotAdopted, FileChanged) as error:
            raise CommandError(str(error), returncode=1) from None
        finally:
            self._end_progress()
        for line in lines_of_report(report.as_json()):
            self.stdout.write(line)
        if report.outcome is imports.Outcome.REFUSED or (report.errors and options["dry_run"]):
            sys.exit(1)

    def _undo(self, clinic: Clinic, batch_id: str) -> None:
        try:
            public_id = uuid.UUID(batch_id)
        except ValueError:
            raise CommandError(f"{batch_id} is not the id of an import.", returncode=WRONG_USE) from None
        with clinic_scope(clinic.pk):
            batch = ImportBatch.objects.filter(public_id=public_id).first()
            if batch is None:
                raise CommandError(f"{clinic.slug} has no import {batch_id}.", returncode=WRONG_USE)
            try:
                imports.undo_import(batch=batch, by=None, now=timezone.now())
            except imports.CannotUndo as error:
                raise CommandError(str(error), returncode=1) from None
        self.stdout.write(f"Undone: the transcripts of import {batch_id} are out of the practice room.")

    def _say(self, words: str) -> None:
        """Show how far it is, on a terminal as one line that is written over."""
        if self.stderr.isatty():
            self.stderr.write(f"\r{words}", ending="")

    def _end_progress(self) -> None:
        if self.stderr.isatty():
            self.stderr.write("")

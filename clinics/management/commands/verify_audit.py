"""Compute the chain of the audit trail again and say whether every event is as it was sealed."""

import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinics import sealing
from clinics.models import Clinic

HEAD = re.compile(r"audit head clinic=(\d+) seal=\d+ head=([0-9a-f]{64})")


class Command(BaseCommand):
    """Verify one clinic's trail or all of them; exits with 1 when anything differs."""

    help = (
        "Verify the sealed audit trail. With --heads also compare with the heads in the log of the worker, "
        "which shows a tail that was cut off."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--clinic", metavar="SLUG", help="one clinic; all of them without it")
        parser.add_argument("--heads", metavar="FILE", help="log of the worker, or - for standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify and print one line a clinic."""
        clinics = Clinic.objects.all()
        if options["clinic"]:
            clinics = clinics.filter(slug=options["clinic"])
            if not clinics:
                raise CommandError(f"There is no clinic {options['clinic']}.")
        published = _read_heads(options["heads"])
        faulty = 0
        try:
            with sealing.sealer_connection() as connection:
                for clinic in clinics:
                    verdict = sealing.verify_clinic(connection, clinic.pk, published.get(clinic.pk, frozenset()))
                    faulty += bool(verdict.faults)
                    self._say(clinic, verdict)
        except sealing.NoSealer as error:
            raise CommandError(str(error)) from None
        if faulty:
            raise CommandError(f"{faulty} of {len(clinics)} trails are not as they were sealed.")

    def _say(self, clinic: Clinic, verdict: sealing.Verdict) -> None:
        self.stdout.write(
            f"{clinic.slug}: {verdict.events} events in {verdict.seals} seals are as they were sealed; "
            f"{verdict.waiting} wait for the next seal. Head {verdict.head or 'none yet'}"
        )
        for fault in verdict.faults:
            self.stdout.write(f"{clinic.slug}: {fault}")


def _read_heads(name: str | None) -> dict[int, frozenset[str]]:
    """Return clinic key → published heads, from lines of a log."""
    if name is None:
        return {}
    if name == "-":
        return _heads_in(sys.stdin)
    try:
        with Path(name).open(encoding="utf-8", errors="replace") as lines:
            return _heads_in(lines)
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}.") from None


def _heads_in(lines: Iterable[str]) -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for line in lines:
        for clinic, head in HEAD.findall(line):
            found[int(clinic)].add(head)
    return {clinic: frozenset(heads) for clinic, heads in found.items()}

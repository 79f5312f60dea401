"""`seed_demo`: open the demonstration's clinics, once, and write down how to sign in."""

import gc
import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, connections, transaction
from django.utils import timezone

from analytics.demo import casting, history
from clinics.models import Clinic
from clinics.roles import ROLE_LABELS


class Command(BaseCommand):
    """Open the demonstration's clinics."""

    help = "Open the two clinics of the demonstration, with invented people and half a year of sessions."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--logins", type=Path, help="write how to sign in to this file, when all is open")

    def handle(self, *args: Any, **options: Any) -> None:
        """Open what is not open yet."""
        if not settings.EVOKE_DEMO:
            raise CommandError("The demonstration's people have known passwords. Set EVOKE_DEMO=1 to open them.")
        wanted = []
        for cast in casting.CAST:
            if Clinic.objects.filter(slug=cast.slug).exists():
                self.stdout.write(f"{cast.name} is open already")
            else:
                wanted.append(cast)
        self.open_beside(wanted, timezone.now())
        if options["logins"] is not None:
            options["logins"].write_text("\n".join(logins()) + "\n", encoding="utf-8")

    def open_beside(self, wanted: Sequence[casting.ClinicCast], now: datetime) -> None:
        """
        Open each clinic in a process of its own: none needs what another has, and it keeps a processor busy.

        :raises CommandError: one of them was not opened
        """
        gc.freeze()  # what was imported is no garbage: nobody needs to look through it while rows are made
        connections.close_all()  # no process may go on with another's
        fork = multiprocessing.get_context("fork")
        making = {cast.name: fork.Process(target=self.open_one, args=(cast, now)) for cast in wanted}
        for process in making.values():
            process.start()
        for process in making.values():
            process.join()
        if failed := [name for name, process in making.items() if process.exitcode]:
            raise CommandError(f"Not opened: {', '.join(failed)}.")

    def open_one(self, cast: casting.ClinicCast, now: datetime) -> None:
        """Open one clinic, whole or not at all."""
        with transaction.atomic(), without_savepoints():
            history.open_clinic(cast, now, self.stdout.write)


@contextmanager
def without_savepoints() -> Iterator[None]:
    """
    Let the services of the block work in the one transaction, each without a way back of its own.

    Nothing here goes on after a failure: it undoes the whole clinic, with savepoints or without. They would be every
    third statement.
    """
    connection.features.uses_savepoints = False
    try:
        yield
    finally:
        del connection.features.uses_savepoints


def logins() -> Iterator[str]:
    """Yield the lines that say how to sign in: the password of all, one address for each role and clinic."""
    yield f"Password for everyone: {casting.PASSWORD}"
    yield "Second factor: the sign-in page shows the current code."
    for cast in casting.CAST:
        yield f"\n{cast.name}"
        for one in cast.staff:
            if not one.login:
                yield f"  {casting.login_of(cast, one):<34} {ROLE_LABELS[one.role]:<24} {one.name}"

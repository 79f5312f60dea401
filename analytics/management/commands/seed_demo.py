"""`seed_demo`: open the demonstration's clinics, once, and write down how to sign in."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
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
        now = timezone.now()
        gc.freeze()  # what was imported is no garbage: nobody needs to look through it while rows are made
        for cast in casting.CAST:
            if Clinic.objects.filter(slug=cast.slug).exists():
                self.stdout.write(f"{cast.name} is open already")
                continue
            with transaction.atomic(), without_savepoints():
                history.open_clinic(cast, now, self.stdout.write)

        if options["logins"] is not None:
            options["logins"].write_text("\n".join(logins()) + "\n", encoding="utf-8")


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

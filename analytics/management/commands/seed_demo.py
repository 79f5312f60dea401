"""`seed_demo`: open the demonstration's clinics, once; or list how to sign in."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from analytics.demo import casting, history
from clinics.models import Clinic
from clinics.roles import ROLE_LABELS


class Command(BaseCommand):
    """Open the demonstration's clinics."""

    help = "Open the two clinics of the demonstration, with invented people and half a year of sessions."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--list-logins", action="store_true", help="print how to sign in, and do nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed or list."""
        if options["list_logins"]:
            self._list()
            return
        if not settings.EVOKE_DEMO:
            raise CommandError("The demonstration's people have known passwords. Set EVOKE_DEMO=1 to open them.")
        now = timezone.now()
        for cast in casting.CAST:
            if Clinic.objects.filter(slug=cast.slug).exists():
                self.stdout.write(f"{cast.name} is open already")
                continue
            with transaction.atomic():
                history.open_clinic(cast, now, self.stdout.write)

    def _list(self) -> None:
        self.stdout.write(f"Password for everyone: {casting.PASSWORD}")
        self.stdout.write("Second factor: the sign-in page shows the current code.")
        for cast in casting.CAST:
            self.stdout.write(f"\n{cast.name}")
            for one in cast.staff:
                if not one.login:
                    self.stdout.write(f"  {casting.login_of(cast, one):<34} {ROLE_LABELS[one.role]:<24} {one.name}")

"""Change the keys that protect clinical text, while everybody goes on working."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinics import crypto, rotation, second_factor
from clinics.models import Clinic


class Command(BaseCommand):
    """Give a clinic new data keys, or seal all keys and secrets again after FIELD_KEYS changed; as the owner."""

    help = (
        "--clinic SLUG: new data keys, every text written again under them; stopped half way, start it again. "
        "--rewrap: after a new key was put in front of FIELD_KEYS everywhere; then the old one may go."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--clinic", metavar="SLUG", help="the clinic that gets new data keys")
        what.add_argument("--rewrap", action="store_true", help="seal data keys and second factors again")

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate or rewrap, and say how much was done."""
        began = time.monotonic()
        try:
            with rotation.as_owner():
                said = self._rewrap() if options["rewrap"] else self._rotate(options["clinic"])
        except (rotation.NoOwner, rotation.NotFinished, crypto.CannotDecrypt) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{said} {time.monotonic() - began:.1f} s.")

    def _rotate(self, slug: str) -> str:
        clinic = Clinic.objects.filter(slug=slug).first()
        if clinic is None:
            raise CommandError(f"There is no clinic {slug}.")
        done = rotation.rotate_clinic(clinic, self.stderr.write)
        versions = ", ".join(f"{kind} version {version}" for kind, version in sorted(done.versions.items()))
        return f"{slug}: {done.texts} texts written again; 0 left under older keys ({versions})."

    def _rewrap(self) -> str:
        keys, secrets = rotation.rewrap_all(), second_factor.reencrypt_secrets()
        return f"{keys} data keys and {secrets} second factors are sealed with the first key of FIELD_KEYS."

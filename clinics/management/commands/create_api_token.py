"""`create_api_token`: make a token for a clinic's own system; standard output is the token alone."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from clinics.management.by_slug import WRONG_USE, clinic_named
from clinics.models import User
from clinics.roles import RIGHTS
from clinics.services.tokens import BadLifetime, BadScope, NotAMember, create_token
from clinics.tenancy import clinic_scope


class Command(BaseCommand):
    """Make an API token."""

    help = "Make an API token of one clinic and print it. It is shown this once and stored nowhere."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--clinic", required=True, metavar="SLUG")
        parser.add_argument("--user", required=True, metavar="EMAIL", help="the person whose rights bound the token's")
        parser.add_argument("--days", required=True, type=int)
        parser.add_argument("--name", default="command line")
        parser.add_argument(
            "--scope", action="append", dest="scopes", metavar="RIGHT",
            help="a right the token carries, such as view_coding; repeat it. Default: every right the person holds",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the token and print it."""
        clinic = clinic_named(options["clinic"])
        user = User.objects.filter(email=options["user"].strip().lower()).first()
        if user is None:
            raise CommandError(f"Nobody here has the address {options['user']}.", returncode=WRONG_USE)
        scopes = options["scopes"] or [right for right in RIGHTS if user.may(f"clinics.{right}", clinic.pk)]
        try:
            with clinic_scope(clinic.pk):
                _token, text = create_token(
                    clinic=clinic, user=user, name=options["name"], days=options["days"], scopes=scopes, by=None,
                    now=timezone.now(),
                )  # fmt: skip
        except (BadLifetime, BadScope, NotAMember) as error:
            raise CommandError(str(error), returncode=WRONG_USE) from None
        self.stdout.write(text)

"""`migrate` runs as the schema's owner, and rewrites the grants of every clinic afterwards."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as Migrate
from django.db import connections

from clinics.models import Clinic
from clinics.services.people import sync_clinic_roles


class Command(Migrate):
    """Django's migrate, on the owner's connection; the only command that reads MIGRATION_DATABASE_URL."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate as owner, then sync roles."""
        owner = settings.ENV.migration_database_url
        connection: Any = connections[options["database"]]
        if owner is not None:
            connection.close()
            connection.settings_dict.update(USER=owner.user, PASSWORD=owner.password, HOST=owner.host, PORT=owner.port)
        elif not getattr(connection, "evoke_schema_owner", False):
            raise CommandError("MIGRATION_DATABASE_URL is not set. Give migrate the address of the role clinic_owner.")
        connection.evoke_schema_owner = True
        super().handle(*args, **options)
        if not options["plan"] and not options["check_unapplied"]:
            for clinic in Clinic.objects.all():
                sync_clinic_roles(clinic)

"""`migrate` runs as the schema's owner, and rewrites the grants of every clinic afterwards."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as Migrate
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

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
        _refuse_half_way(connection)
        super().handle(*args, **options)
        if not options["plan"] and not options["check_unapplied"]:
            for clinic in Clinic.objects.all():
                sync_clinic_roles(clinic)


def _refuse_half_way(connection: Any) -> None:
    """Refuse a database that has seen a part of what one migration replaces: nobody could say what it still needs."""
    seen = MigrationRecorder(connection).applied_migrations()
    for (app, name), migration in MigrationLoader(None).replacements.items():
        missing = [old for old in migration.replaces if old not in seen]
        if missing and len(missing) < len(migration.replaces) and (app, name) not in seen:
            raise CommandError(
                f"This database stopped at {app} before {missing[0][1]}, which {name} replaces. Nothing was changed. "
                "Bring it up to date with the release that it comes from, then run migrate again."
            )

"""The clinics app: isolation is set up when it is ready."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class ClinicsConfig(AppConfig):
    """Clinics, people, rights, the trail, instruments and jobs."""

    name = "clinics"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Arm the statement guard on every connection and register the system checks."""
        from clinics import account_events, checks, tenancy

        tenancy.OWNED_TABLES.build()
        connection_created.connect(tenancy.guard_connection, dispatch_uid="evoke.guard")
        checks.register_all()
        account_events.connect()

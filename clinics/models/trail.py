"""The trail: who saw and did what. Rows are appended and sealed, never changed."""

from typing import Any, ClassVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Func
from django.db.models.functions import Now

from clinics.fields import TransactionIdField
from clinics.tenancy import ClinicOwned


class PgCurrentXactId(Func):
    """PostgreSQL's id of the current transaction."""

    function = "pg_current_xact_id"
    output_field = TransactionIdField()


class ClockTimestamp(Func):
    """The database's clock at this statement, not at the start of the transaction."""

    function = "clock_timestamp"
    output_field = models.DateTimeField()


class AuditEvent(ClinicOwned):
    """One thing seen or done. References only, never content."""

    xid = TransactionIdField(db_default=PgCurrentXactId(), editable=False)
    at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    actor = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    role = models.CharField(max_length=80, blank=True)
    action = models.CharField(max_length=60)
    client_ref = models.BigIntegerField(null=True, help_text="Key of the client the event is about")
    object_type = models.CharField(max_length=60, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    request_id = models.UUIDField(null=True)
    purpose = models.CharField(max_length=40, blank=True)
    detail = models.JSONField(default=dict)

    class Meta(ClinicOwned.Meta):
        ordering = ("-id",)
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "-id"], name="audit_event_newest"),
            models.Index(fields=["clinic", "actor", "-id"], name="audit_event_actor"),
            models.Index(fields=["clinic", "client_ref", "-id"], name="audit_event_client"),
            models.Index(fields=["clinic", "xid"], name="audit_event_xid"),
            BrinIndex(fields=["at"], name="audit_event_at"),
        ]

    class Privacy:
        operational = (
            "clinic", "xid", "at", "actor", "role", "action", "client_ref", "object_type", "object_id", "request_id",
            "purpose", "detail",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.action} {self.pk}"


class AuditSeal(ClinicOwned):
    """A hash over the closed events of a clinic, chained to the seal before it."""

    upto = TransactionIdField()
    last_id = models.BigIntegerField(db_default=0, help_text="Highest key of an event covered so far")
    floor_id = models.BigIntegerField(db_default=0, help_text="Events up to this key belong to epochs before")
    events = models.PositiveIntegerField()
    digest = models.BinaryField(max_length=32)
    previous = models.BinaryField(max_length=32)
    system_identifier = models.CharField(max_length=32)
    sealed_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta(ClinicOwned.Meta):
        ordering = ("id",)
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "previous"], name="audit_seal_chain"),
        ]

    class Privacy:
        operational = (
            "clinic", "upto", "last_id", "floor_id", "events", "digest", "previous", "system_identifier", "sealed_at",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Seal {self.pk}"


class AccountEvent(models.Model):
    """What happened to an account outside any clinic: sign-in, second factor, denied entry. No client data."""

    at = models.DateTimeField(db_default=Now(), editable=False)
    user = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+")
    event = models.CharField(max_length=60)
    address = models.GenericIPAddressField(null=True)
    request_id = models.UUIDField(null=True)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ("-id",)
        indexes: ClassVar[list[Any]] = [models.Index(fields=["user", "-id"], name="account_event_user")]

    class Privacy:
        identifying = ("address",)
        operational = ("at", "user", "event", "request_id", "detail")

    def __str__(self) -> str:
        return self.event

"""Who was invited to join a clinic."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Now

from clinics.models.people import User
from clinics.roles import ROLE_LABELS, Role
from clinics.tenancy import ClinicOwned


class Invitation(ClinicOwned):
    """An invitation by e-mail to join a clinic in a role. The link's token is stored hashed."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField()
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=20, choices=[(role.value, ROLE_LABELS[role]) for role in Role])
    digest = models.BinaryField(max_length=32, editable=False)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", editable=False)
    invited_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    class Meta(ClinicOwned.Meta):
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "digest"], name="invitation_digest"),
        ]

    class Privacy:
        identifying = ("email", "name")
        operational = (
            "clinic", "public_id", "role", "digest", "invited_by", "invited_at", "expires_at", "accepted_at",
            "withdrawn_at",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Invitation {self.public_id}"

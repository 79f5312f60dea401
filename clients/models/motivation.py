"""Where a person stands with what they want to change: stages as rated, and where a clinician left the rule."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Now

from clients.models.access import OfClient
from clients.rules import stages
from clinics.fields import EncryptedTextField
from clinics.tenancy import ClinicOwned, SameClinic, owned_fk


class StageRating(OfClient):
    """The stage of change of one target, as a clinician rated it, and on which basis. Final: history is the point."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client")
    target = owned_fk("clients.ChangeTarget", related_name="stages")
    stage = models.CharField(max_length=8, choices=stages.STAGES)
    basis = models.CharField(max_length=12, choices=stages.BASES)
    rated_on = models.DateField()
    rated_at = models.DateTimeField(db_default=Now(), editable=False)
    rated_by = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta(OfClient.Meta):
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "client", "target", "-rated_on", "-id"], name="stage_rating_client")
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            SameClinic("client", name="stage_rating_client_same_clinic"),
            SameClinic("target", name="stage_rating_target_same_clinic"),
        ]

    class Privacy:
        operational = ("clinic", "public_id", "client", "target", "stage", "basis", "rated_on", "rated_at", "rated_by")

    def __str__(self) -> str:
        return f"Stage {self.public_id}"


class IntensityChoice(OfClient):
    """That a clinician works otherwise than the intensity rule suggests, and why. Seen in supervision. Final."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client")
    target = owned_fk("clients.ChangeTarget", related_name="intensity_choices")
    suggested = models.CharField(max_length=20, choices=stages.INTENSITIES)
    chosen = models.CharField(max_length=20, choices=stages.INTENSITIES)
    reason = EncryptedTextField()
    chosen_at = models.DateTimeField(db_default=Now(), editable=False)
    chosen_by = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta(OfClient.Meta):
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "client", "target", "-id"], name="intensity_choice_client"),
            models.Index(fields=["clinic", "-chosen_at", "-id"], name="intensity_choice_newest"),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            SameClinic("client", name="intensity_choice_client_same_clinic"),
            SameClinic("target", name="intensity_choice_target_same_clinic"),
        ]

    class Privacy:
        clinical = ("reason",)
        operational = ("clinic", "public_id", "client", "target", "suggested", "chosen", "chosen_at", "chosen_by")

    def __str__(self) -> str:
        return f"Intensity {self.public_id}"

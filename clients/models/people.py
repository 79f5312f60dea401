"""The person in care, their episodes, and what they want to change."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.functional import cached_property

from clients.models.access import client_reach
from clients.rules import intake, names, stages
from clinics.fields import EncryptedTextField
from clinics.roles import Reach
from clinics.tenancy import ClinicOwned, SameClinic, owned_fk


class Client(ClinicOwned):
    """
    A person in care, or asking for it. Without an episode: prospective.

    merged_into   the record that this one was joined into, under which the person is kept now: never itself a joined
                  one, as records that were joined before go along (clients/services/merging.py)
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reference = models.CharField(max_length=16, editable=False)
    legal_name = models.CharField(max_length=160)
    goes_by = models.CharField(max_length=80, blank=True)
    family_key = models.CharField(max_length=160, editable=False)
    given_key = models.CharField(max_length=160, editable=False)
    goes_by_key = models.CharField(max_length=160, editable=False, blank=True, default="", db_default="")
    gender = models.CharField(max_length=8, choices=intake.GENDERS, blank=True, default="", db_default="")
    pronouns = models.CharField(max_length=40, blank=True)
    born_on = models.DateField(null=True, blank=True)
    phone = models.CharField(max_length=16, blank=True, default="", db_default="")
    email = models.CharField(max_length=254, blank=True, default="", db_default="")
    postal_code = models.CharField(max_length=12, blank=True, default="", db_default="")
    state = models.CharField(max_length=2, blank=True, default="", db_default="")
    merged_into = owned_fk("clients.Client", null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(ClinicOwned.Meta):
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "family_key", "id"], name="client_family_key"),
            models.Index(fields=["clinic", "given_key"], name="client_given_key"),
            models.Index(fields=["clinic", "goes_by_key"], name="client_goes_by_key"),
            # What duplicates are looked for by.
            models.Index(fields=["clinic", "born_on"], name="client_born_on"),
            models.Index(fields=["clinic", "phone"], name="client_phone", condition=~Q(phone="")),
            models.Index(fields=["clinic", "email"], name="client_email", condition=~Q(email="")),
            # All records of a person.
            models.Index(fields=["clinic", "merged_into"], name="client_joined", condition=~Q(merged_into=None)),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "reference"], name="client_reference"),
            SameClinic("merged_into", name="client_merged_into_same_clinic"),
            models.CheckConstraint(condition=~Q(merged_into=models.F("id")), name="client_not_merged_into_itself"),
        ]

    class Privacy:
        identifying = (
            "legal_name", "goes_by", "family_key", "given_key", "goes_by_key", "pronouns", "born_on", "phone", "email",
            "postal_code", "gender", "state",
        )  # fmt: skip
        operational = ("clinic", "public_id", "reference", "merged_into", "created_at", "version")

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("client_detail", args=[self.clinic.slug, self.public_id])

    @property
    def known_as(self) -> str:
        """Return the name the person goes by, with the family name where that is one name alone."""
        return names.shown(self.legal_name, self.goes_by)

    @property
    def current(self) -> "Client":
        """The record under which the person is kept now: this one, or what it was joined into."""
        into: Client | None = self.merged_into
        if into is None:
            return self
        if Client.clinic.is_cached(self):
            into.clinic = self.clinic
        return into

    @property
    def records(self) -> "models.QuerySet[Client]":
        """All records of the person, whichever of them this is."""
        current = self.merged_into_id or self.pk
        found: models.QuerySet[Client] = Client.objects.filter(Q(pk=current) | Q(merged_into=current))
        return found

    @cached_property
    def record_keys(self) -> list[int]:
        """The keys of all records of the person, this one first."""
        return sorted(self.records.values_list("pk", flat=True), key=lambda pk: (pk != self.pk, pk))

    @classmethod
    def reach_condition(cls, reach: Reach, user: Any) -> Q | None:
        return client_reach(reach, user, "pk")


class Episode(ClinicOwned):
    """A stay in one program, from admission to discharge. One is open per client and program."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"
        # The admission was taken back: there never was care.
        VOID = "void", "Taken back"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client", related_name="episodes")
    program = owned_fk("clinics.Program")
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    admitted_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(ClinicOwned.Meta):
        indexes: ClassVar[list[Any]] = [models.Index(fields=["clinic", "client"], name="episode_client")]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["clinic", "client", "program"], condition=Q(status="open"), name="episode_one_open"
            ),
            SameClinic("client", name="episode_client_same_clinic"),
            SameClinic("program", name="episode_program_same_clinic"),
            models.CheckConstraint(
                condition=Q(status__in=["open", "void"], closed_on__isnull=True)
                | Q(status="closed", closed_on__isnull=False),
                name="episode_closed_has_date",
            ),
        ]

    class Privacy:
        identifying = ("admitted_on", "closed_on")
        operational = ("clinic", "public_id", "client", "program", "status", "created_at", "version")

    def __str__(self) -> str:
        return f"Episode {self.public_id}"

    @classmethod
    def reach_condition(cls, reach: Reach, user: Any) -> Q | None:
        return client_reach(reach, user)


class ChangeTarget(ClinicOwned):
    """
    A behaviour the person considers changing. Change talk is change talk only in relation to it.

    goal       what is to change, in a few words
    own_words  how the person says it
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client")
    goal = EncryptedTextField()
    kind = models.CharField(max_length=24, choices=stages.KINDS, default="other", db_default="other")
    direction = models.CharField(max_length=10, choices=stages.DIRECTIONS, blank=True, default="", db_default="")
    own_words = EncryptedTextField(null=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    class Meta(ClinicOwned.Meta):
        indexes: ClassVar[list[Any]] = [models.Index(fields=["clinic", "client"], name="change_target_client")]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            SameClinic("client", name="change_target_client_same_clinic"),
        ]

    class Privacy:
        clinical = ("goal", "own_words")
        operational = (
            "clinic", "public_id", "client", "kind", "direction", "is_active", "created_at", "version",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Change target {self.public_id}"

    @classmethod
    def reach_condition(cls, reach: Reach, user: Any) -> Q | None:
        return client_reach(reach, user)


def person_of(row: Any) -> Client:
    """Return the record under which the person of a row is kept now; with the row's `clinic`."""
    client: Client = row.client.current
    client.clinic = row.clinic
    return client

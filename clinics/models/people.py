"""Clinics, their programs, and the people who work there."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, ClassVar, Final
from zoneinfo import available_timezones

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import connection, models
from django.db.models.expressions import RawSQL
from django.db.models.functions import Lower, Now
from django.urls import reverse

from clinics.permission_map import permission_map
from clinics.roles import BREAK_GLASS_RIGHTS, RIGHTS, ROLE_LABELS, Reach, Role, reach_of
from clinics.tenancy import ClinicOwned, active_clinic_id
from clinics.written import columns, row_of, width


def validate_time_zone(name: str) -> None:
    """Refuse a name that is not in the time zone database."""
    if name not in available_timezones():
        raise ValidationError(f"{name} is not a time zone. Write one such as America/Chicago.")


class Clinic(models.Model):
    """A clinic: the unit of isolation."""

    class Colour(models.TextChoices):
        # The rail colours of app.css.
        PINE = "pine", "Pine"
        PLUM = "plum", "Plum"
        SEA = "sea", "Sea"
        CLAY = "clay", "Clay"
        MOSS = "moss", "Moss"
        SLATE = "slate", "Slate"

    class PersonWord(models.TextChoices):
        PERSON = "person", "person"
        CLIENT = "client", "client"
        PATIENT = "patient", "patient"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    initials = models.CharField(max_length=3)
    colour = models.CharField(max_length=10, choices=Colour, default=Colour.PINE)
    reference_prefix = models.CharField(
        max_length=4, validators=[RegexValidator(r"^[A-Z]{2,4}$", "Write two to four capital letters.")]
    )
    time_zone = models.CharField(max_length=60, default="America/Chicago", validators=[validate_time_zone])
    person_word = models.CharField(max_length=10, choices=PersonWord, default=PersonWord.PERSON)
    words_per_minute = models.PositiveSmallIntegerField(default=150)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("name",)
        permissions: ClassVar[list[Any]] = [
            (right, text) for right, (text, _reaches) in RIGHTS.items() if right != "view_clinic"
        ]

    class Privacy:
        operational = (
            "public_id", "slug", "name", "initials", "colour", "reference_prefix", "time_zone", "person_word",
            "words_per_minute", "is_active", "created_at",
        )  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("home", args=[self.slug])


class UserManager(BaseUserManager["User"]):
    """Makes people; there is no sign-up."""

    def create_user(self, email: str, name: str, password: str | None = None, **extra: Any) -> "User":
        """Create a person with a lower-cased e-mail address."""
        user = self.model(email=email.strip().lower(), name=name, **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, name: str, password: str | None = None, **extra: Any) -> "User":
        """Create an operator of the installation, who sees people and clinics but no clinic's rows."""
        return self.create_user(email, name, password, is_superuser=True, **extra)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person who works at one or more clinics. E-mail, password and second factor are the person's own."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    credentials = models.CharField(max_length=60, blank=True, help_text="Printed beside a signature, such as LCSW")
    is_active = models.BooleanField(default=True)
    access_version = models.PositiveIntegerField(default=1, editable=False)
    date_joined = models.DateTimeField(db_default=Now(), editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(Lower("email"), name="user_email_ci")]

    class Privacy:
        identifying = ("email", "name", "credentials")
        operational = (
            "public_id", "password", "last_login", "is_superuser", "groups", "user_permissions", "is_active",
            "access_version", "date_joined",
        )  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        """Return the first letters of the first and last name."""
        parts = self.name.split()
        return "".join(part[0] for part in ([parts[0], parts[-1]] if len(parts) > 1 else parts)).upper()

    @property
    def is_staff(self) -> bool:
        """Tell whether the person may open the platform site. Clinic admins are let in by their membership."""
        return self.is_superuser

    def memberships_now(self) -> "tuple[Membership, ...]":
        """
        Return the person's memberships in force at active clinics, by the database's clock: by clinic's name and role.

        Read once a request, with the clinics: the result is kept on the instance, which lives as long as the request.
        """
        kept: tuple[Membership, ...] | None = self.__dict__.get("_memberships_now")
        return self.keep_memberships(Membership.of(self)) if kept is None else kept

    def keep_memberships(self, memberships: "Iterable[Membership]") -> "tuple[Membership, ...]":
        """Keep what `memberships_now` returns: all memberships in force, read in this request."""
        kept = self.__dict__["_memberships_now"] = tuple(memberships)
        return kept

    def roles_at(self, clinic_id: int) -> tuple[Role, ...]:
        """Return the roles the person holds at a clinic now."""
        return tuple(Role(one.role) for one in self.memberships_now() if one.clinic_id == clinic_id)

    def reaches(self, perm: str, clinic_id: int) -> frozenset[Reach]:
        """
        Return how far the right goes for this person at a clinic; empty means not at all.

        A right needs an active membership, and a grant of guardian to its role's group (or to this person alone).
        A superuser is no clinician: there is no shortcut.
        """
        right = perm.removeprefix("clinics.")
        if right not in RIGHTS:
            raise LookupError(f"{perm} is not in roles.py. Add it to RIGHTS, then run migrate.")
        return self.reaches_at(clinic_id).get(right, frozenset()) if self.is_active else frozenset()

    def reaches_at(self, clinic_id: int) -> dict[str, frozenset[Reach]]:
        """Return the rights of this person at a clinic, each with how far it goes; made once a request."""
        kept: dict[int, dict[str, frozenset[Reach]]] = self.__dict__.setdefault("_reaches", {})
        if clinic_id not in kept:
            found: dict[str, set[Reach]] = {}
            roles = self.roles_at(clinic_id)
            granted = permission_map(self).get(clinic_id) if roles else None
            if granted is not None:
                for role in roles:
                    for right in granted.by_role.get(role.value, ()):
                        # A grant may be left of a right that this release does not know.
                        if right in RIGHTS and (reach := reach_of(right, role)) is not None:
                            found.setdefault(right, set()).add(reach)
                for right in BREAK_GLASS_RIGHTS if "use_break_glass" in found else ():
                    found.setdefault(right, set()).add(Reach.BREAK_GLASS)
                for right in granted.own:
                    found.setdefault(right, set()).add(Reach.CLINIC)
            kept[clinic_id] = {right: frozenset(how_far) for right, how_far in found.items()}
        return kept[clinic_id]

    def may(self, perm: str, clinic_id: int) -> bool:
        """Tell whether the person holds the right at the clinic, however far."""
        return bool(self.reaches(perm, clinic_id) - {Reach.BREAK_GLASS})


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships by date."""

    def active(self) -> "MembershipQuerySet":
        """Return those in force now, by the database's clock."""
        return self.filter(models.Q(ends_at__isnull=True) | models.Q(ends_at__gt=Now()), starts_at__lte=Now())


class Membership(models.Model):
    """
    A person's role at a clinic for a time. It is read before a clinic is entered, so it has no row policy.

    needs_cosign   what the person writes as an author is co-signed by a supervisor
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=[(role.value, ROLE_LABELS[role]) for role in Role])
    starts_at = models.DateTimeField(db_default=Now())
    ends_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    needs_cosign = models.BooleanField(default=False, db_default=False)
    added_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ("user__name", "role")
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["clinic", "user", "role"],
                condition=models.Q(ends_at__isnull=True),
                name="membership_open_once",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True) | models.Q(ends_at__gt=models.F("starts_at")),
                name="membership_ends_after_start",
            ),
        ]

    class Privacy:
        operational = (
            "public_id",
            "clinic",
            "user",
            "role",
            "starts_at",
            "ends_at",
            "reason",
            "needs_cosign",
            "added_by",
        )

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.public_id}"

    @classmethod
    def of(cls, user: User) -> "Iterator[Membership]":
        """
        Return a person's memberships in force at active clinics, with the clinics: by clinic's name and role.

        Every request asks for them, so the statement is written once and not made anew by the ORM each time, which
        takes five times as long as asking the database.
        """
        with connection.cursor() as cursor:
            cursor.execute(_memberships_of(), [user.pk])
            rows = cursor.fetchall()
        for row in rows:
            yield cls.from_row(row, user)

    @classmethod
    def from_row(cls, row: Sequence[Any], user: User) -> "Membership":
        """Return the membership of `user` out of its columns, with the clinic out of those behind them."""
        own = width(cls)
        one = row_of(cls, row[:own])
        one.clinic, one.user = row_of(Clinic, row[own:]), user
        return one


# Memberships in force at active clinics: what stands between `from` and `where`.
MEMBERSHIPS: Final = """
clinics_membership m join clinics_clinic c on c.id = m.clinic_id and c.is_active
  and m.starts_at <= statement_timestamp() and (m.ends_at is null or m.ends_at > statement_timestamp())
"""


@cache
def _memberships_of() -> str:
    """Return the statement of `Membership.of`."""
    return (
        f"select {columns(Membership, 'm')}, {columns(Clinic, 'c')} from {MEMBERSHIPS} "  # noqa: S608 - of constants
        "where m.user_id = %s order by c.name, m.clinic_id, m.role"
    )


class Program(ClinicOwned):
    """A programme of care of a clinic, such as intensive outpatient."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=80)
    is_active = models.BooleanField(default=True)

    class Meta(ClinicOwned.Meta):
        ordering = ("name",)
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "name"], name="program_name_per_clinic"),
        ]

    class Privacy:
        operational = ("clinic", "public_id", "name", "is_active")

    def __str__(self) -> str:
        return self.name


# The same in SQL of our own, on the alias that is put in.
IN_FORCE: Final = (
    "({0}.ends_at is null or {0}.ends_at > statement_timestamp()) and {0}.starts_at <= statement_timestamp()"
)


def in_force(prefix: str = "") -> models.Q:
    """Return the condition 'in force now, by the database's clock' on starts_at and ends_at."""
    ends, starts = f"{prefix}ends_at", f"{prefix}starts_at"
    return (models.Q(**{f"{ends}__isnull": True}) | models.Q(**{f"{ends}__gt": Now()})) & models.Q(
        **{f"{starts}__lte": Now()}
    )


class Supervision(ClinicOwned):
    """Who supervises whom, from when to when."""

    supervisor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    supervisee = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField(db_default=Now())
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta(ClinicOwned.Meta):
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["clinic", "supervisor", "supervisee"],
                condition=models.Q(ends_at__isnull=True),
                name="supervision_open_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(supervisor=models.F("supervisee")), name="supervision_not_of_oneself"
            ),
        ]

    class Privacy:
        operational = ("clinic", "supervisor", "supervisee", "starts_at", "ends_at")

    def __str__(self) -> str:
        return f"Supervision {self.pk}"


# Whom somebody supervises now: of a clinic, by a supervisor.
SUPERVISEES: Final = f"""
select s.supervisee_id from clinics_supervision s
where s.clinic_id = %s and s.supervisor_id = %s and {IN_FORCE.format("s")}
"""  # noqa: S608 - built of constants; values are parameters


def supervisees_of(user: User) -> Any:
    """Return the keys of the people whom `user` supervises now, as a subquery."""
    return RawSQL(SUPERVISEES, [active_clinic_id(), user.pk])  # noqa: S611 - as above


class ClinicKey(ClinicOwned):
    """A data key of a clinic, wrapped by a key of the environment."""

    kind = models.CharField(max_length=20)
    version = models.PositiveSmallIntegerField()
    wrapped = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta(ClinicOwned.Meta):
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "kind", "version"], name="clinic_key_version"),
        ]

    class Privacy:
        operational = ("clinic", "kind", "version", "wrapped", "created_at")

    def __str__(self) -> str:
        return f"{self.kind} key {self.version}"


class ReferenceCounter(ClinicOwned):
    """The last number given out for one kind of reference at a clinic."""

    kind = models.CharField(max_length=20)
    last = models.PositiveIntegerField(default=0)

    class Meta(ClinicOwned.Meta):
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "kind"], name="reference_counter_kind"),
        ]

    class Privacy:
        operational = ("clinic", "kind", "last")

    def __str__(self) -> str:
        return f"{self.kind}: {self.last}"

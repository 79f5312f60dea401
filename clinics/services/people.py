"""Verbs on clinics and the people who work there. Each writes its event in the same transaction."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models.functions import Now
from guardian.models import GroupObjectPermission

from clinics import audit, crypto
from clinics.models import Clinic, ClinicKey, Membership, ReferenceCounter, Supervision, User
from clinics.roles import ROLE_LABELS, Role, group_name, rights_of
from clinics.selectors.staff import staff_now
from clinics.services import instruments
from clinics.tenancy import active_clinic_id, clinic_scope

KEY_KINDS = ("record", "counselling")


class LastAdministrator(ValueError):
    """A clinic keeps one administrator."""

    def __init__(self) -> None:
        super().__init__("This is the clinic's only administrator. Give somebody else that role first.")


class NotInRole(ValueError):
    """A person does not work at the clinic in the role that this needs; `field` names who."""

    def __init__(self, field: str, role: Role) -> None:
        super().__init__(
            f"This person does not work as a {ROLE_LABELS[role].lower()} here now. Choose someone who does."
        )
        self.field = field


class NotCosigned(ValueError):
    """Only what therapists write is co-signed."""

    def __init__(self) -> None:
        super().__init__("Only what somebody writes as a therapist is co-signed. Choose a role of a therapist.")


@transaction.atomic
def create_clinic(*, slug: str, name: str, initials: str, reference_prefix: str, **options: Any) -> Clinic:
    """
    Open a clinic: its keys, the shipped instruments, and a group with grants for each role.

    :raises ValidationError: when a value has the wrong form
    """
    clinic = Clinic(slug=slug, name=name, initials=initials, reference_prefix=reference_prefix, **options)
    clinic.full_clean()
    clinic.save()
    with clinic_scope(clinic.pk):
        for kind in KEY_KINDS:
            wrapped = crypto.wrap(clinic.pk, kind, 1, crypto.new_data_key())
            ClinicKey.objects.create(clinic=clinic, kind=kind, version=1, wrapped=wrapped)
        ReferenceCounter.objects.create(clinic=clinic, kind="client", last=2000)
        audit.record("clinic.created", clinic)
        instruments.adopt_all_shipped(clinic=clinic, by=None, now=clinic.created_at)
    sync_clinic_roles(clinic)
    return clinic


@transaction.atomic
def sync_clinic_roles(clinic: Clinic) -> None:
    """Rewrite the grants of a clinic's role groups from roles.py; what is right already is left alone."""
    content_type = ContentType.objects.get_for_model(Clinic)
    rights = dict(Permission.objects.filter(content_type=content_type).values_list("codename", "pk"))
    grants = GroupObjectPermission.objects.filter(content_type=content_type, object_pk=str(clinic.pk))
    for role in Role:
        group, _made = Group.objects.get_or_create(name=group_name(clinic.pk, role))
        wanted = {rights[right] for right in rights_of(role)}
        held = set(grants.filter(group=group).values_list("permission_id", flat=True))
        grants.filter(group=group, permission_id__in=held - wanted).delete()
        GroupObjectPermission.objects.bulk_create(
            GroupObjectPermission(
                group=group, permission_id=permission, content_type=content_type, object_pk=str(clinic.pk)
            )
            for permission in sorted(wanted - held)
        )


@transaction.atomic
def add_member(*, clinic: Clinic, user: User, role: Role, by: User | None, reason: str = "") -> Membership:
    """Give a person a role at the entered clinic, from now on."""
    membership, made = Membership.objects.get_or_create(
        clinic=clinic, user=user, role=role, ends_at=None, defaults={"added_by": by, "reason": reason}
    )
    if made:
        user.groups.add(Group.objects.get(name=group_name(clinic.pk, role)))
        audit.record("membership.started", clinic, by=by, detail={"user": str(user.public_id), "role": role.value})
    return membership


@transaction.atomic
def end_membership(*, membership: Membership, by: User | None, now: datetime) -> Membership:
    """
    End a role at the entered clinic: the person's next request is refused what it allowed.

    :raises LastAdministrator: nobody else administers the clinic
    """
    if membership.role == Role.ADMINISTRATOR:
        # Locked in one order, so that two administrators who end each other's role do not both succeed.
        active = Membership.objects.active().filter(clinic_id=membership.clinic_id, role=Role.ADMINISTRATOR)
        holders = set(active.order_by("pk").select_for_update(of=("self",)).values_list("user_id", flat=True))
        if holders == {membership.user_id}:
            raise LastAdministrator
    if membership.ends_at is None or membership.ends_at > now:
        membership.ends_at = now
        membership.save(update_fields=["ends_at"])
        membership.user.groups.remove(Group.objects.get(name=group_name(membership.clinic_id, Role(membership.role))))
        audit.record(
            "membership.ended", membership.clinic, by=by,
            detail={"user": str(membership.user.public_id), "role": membership.role},
        )  # fmt: skip
    return membership


@transaction.atomic
def ask_for_cosign(*, membership: Membership, needed: bool, by: User | None) -> Membership:
    """
    Say whether what a therapist writes as an author is co-signed by a supervisor, from what is signed next on.

    :raises NotCosigned: the role is another
    """
    held = Membership.objects.select_for_update(of=("self",)).select_related("clinic", "user").get(pk=membership.pk)
    if held.role != Role.THERAPIST:
        raise NotCosigned
    if held.needs_cosign != needed:
        held.needs_cosign = needed
        held.save(update_fields=["needs_cosign"])
        audit.record(
            "membership.cosign", held.clinic, by=by, detail={"user": str(held.user.public_id), "needed": needed}
        )
    return held


@transaction.atomic
def start_supervision(*, supervisor: User, supervisee: User, by: User | None) -> Supervision:
    """
    Let a supervisor see a therapist's people and work, from now on.

    :raises NotInRole: either does not work here as what this makes them
    """
    for field, user, role in (
        ("supervisor", supervisor, Role.SUPERVISOR),
        ("supervisee", supervisee, Role.THERAPIST),
    ):
        if not staff_now(active_clinic_id(), role).filter(pk=user.pk).exists():
            raise NotInRole(field, role)
    supervision: Supervision
    supervision, made = Supervision.objects.get_or_create(supervisor=supervisor, supervisee=supervisee, ends_at=None)
    if made:
        audit.record(
            "supervision.started", supervision, by=by,
            detail={"supervisor": str(supervisor.public_id), "supervisee": str(supervisee.public_id)},
        )  # fmt: skip
    return supervision


@transaction.atomic
def end_supervision(*, supervision: Supervision, by: User | None) -> Supervision:
    """End a supervision by the database's clock: the supervisor's next request does not see those people."""
    row: Supervision = Supervision.objects.select_for_update(of=("self",)).get(pk=supervision.pk)
    if row.ends_at is None:
        row.ends_at = Now()
        row.save(update_fields=["ends_at"])
        audit.record(
            "supervision.ended", row, by=by,
            detail={"supervisor": str(row.supervisor.public_id), "supervisee": str(row.supervisee.public_id)},
        )  # fmt: skip
    return row


def next_reference(clinic: Clinic, kind: str = "client") -> str:
    """
    Return the clinic's next reference, such as RB-2041.

    The counter's row stays locked until the transaction ends: numbers have no gaps from a rollback.
    """
    counter = ReferenceCounter.objects.select_for_update().get(kind=kind)
    counter.last += 1
    counter.save(update_fields=["last"])
    return f"{clinic.reference_prefix}-{counter.last}"

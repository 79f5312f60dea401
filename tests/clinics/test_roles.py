"""The table of rights, and the grants that are written from it."""

import pytest
from guardian.models import GroupObjectPermission
from guardian.shortcuts import assign_perm, remove_perm

from clinics.models import Clinic, User
from clinics.roles import BREAK_GLASS_RIGHTS, RIGHTS, Reach, Role, group_name, reach_of, rights_of
from clinics.services import people
from tests.world import World


@pytest.mark.parametrize("role", list(Role))
def test_a_role_holds_what_the_table_says_at_its_clinic_only(world: World, role: Role) -> None:
    user = User.objects.get(pk=world.here.people[role].pk)
    for right in RIGHTS:
        expected = reach_of(right, role)
        reaches = user.reaches(f"clinics.{right}", world.here.clinic.pk) - {Reach.BREAK_GLASS}
        assert reaches == (frozenset({expected}) if expected is not None else frozenset()), right
        assert not user.reaches(f"clinics.{right}", world.neighbour.clinic.pk), right


def test_break_glass_opens_no_counselling_note_transcript_or_fidelity(world: World) -> None:
    for role in (Role.THERAPIST, Role.SUPERVISOR):
        user = User.objects.get(pk=world.here.people[role].pk)
        opened = {r for r in RIGHTS if Reach.BREAK_GLASS in user.reaches(f"clinics.{r}", world.here.clinic.pk)}
        assert opened == BREAK_GLASS_RIGHTS
    assert not opened & {"write_counselling_note", "view_transcript", "view_coding", "view_fidelity"}
    for role in set(Role) - {Role.THERAPIST, Role.SUPERVISOR}:
        user = User.objects.get(pk=world.here.people[role].pk)
        assert Reach.BREAK_GLASS not in user.reaches("clinics.view_client", world.here.clinic.pk)


def test_only_the_privacy_officer_and_the_administrator_search_the_trail() -> None:
    assert {role for role in Role if "view_audit" in rights_of(role)} == {Role.PRIVACY_OFFICER, Role.ADMINISTRATOR}


def test_the_administrator_reads_nothing_of_care() -> None:
    narrative = {"view_client", "view_note", "view_plan", "view_measure", "view_transcript", "view_coding"}
    assert not narrative & set(rights_of(Role.ADMINISTRATOR))


def test_grants_are_written_back_from_the_table(world: World) -> None:
    clinic = world.here.clinic
    group = people.Group.objects.get(name=group_name(clinic.pk, Role.CODER))
    assign_perm("clinics.view_note", group, clinic)
    remove_perm("clinics.view_practice", group, clinic)
    before = GroupObjectPermission.objects.filter(object_pk=str(clinic.pk)).count()
    people.sync_clinic_roles(clinic)
    held = GroupObjectPermission.objects.filter(group=group).values_list("permission__codename", flat=True)
    assert sorted(held) == sorted(rights_of(Role.CODER))
    people.sync_clinic_roles(clinic)
    assert GroupObjectPermission.objects.filter(object_pk=str(clinic.pk)).count() == before


def test_writing_the_same_grants_again_changes_no_version(world: World) -> None:
    before = list(User.objects.order_by("pk").values_list("access_version", flat=True))
    people.sync_clinic_roles(Clinic.objects.get(pk=world.here.clinic.pk))
    assert list(User.objects.order_by("pk").values_list("access_version", flat=True)) == before


def test_a_right_that_is_not_in_the_table_is_a_mistake_of_the_code(world: World) -> None:
    with pytest.raises(LookupError, match="not in roles"):
        world.here.therapist.reaches("clinics.view_everything", world.here.clinic.pk)

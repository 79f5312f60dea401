"""The list and the object give the same answer, for every role, model, right and clinic (P8)."""

from django.core.exceptions import PermissionDenied

from clinics.models import User
from clinics.roles import RIGHTS
from clinics.tenancy import owned_models
from tests.world import World


def may(user: User, right: str, row: object) -> bool:
    """Return the object's answer."""
    try:
        return user.has_perm(right, row)
    except PermissionDenied:
        return False


def test_the_list_holds_exactly_the_rows_the_person_may_see(world: World) -> None:
    compared = 0
    for side in (world.here, world.neighbour):
        for user in [*world.here.people.values(), world.here.other_therapist]:
            with side.scope(user):
                held = [right for right in RIGHTS if user.reaches(f"clinics.{right}", side.clinic.pk)]
                for model in owned_models():
                    rows = list(model.objects.all()[:2])
                    for right in held:
                        listed = set(model.objects.permitted(user, f"clinics.{right}").values_list("pk", flat=True))
                        for row in rows:
                            compared += 1
                            assert may(user, f"clinics.{right}", row) == (row.pk in listed), (user, right, row)
                if side is world.neighbour:
                    assert held == []
    print(f"list and object compared: {compared}, 0 differences")
    assert compared > 1000


def test_a_person_of_the_neighbour_is_refused_every_row(world: World) -> None:
    with world.here.scope():
        for model in owned_models():
            for row in model.objects.all()[:1]:
                assert not any(may(world.neighbour.supervisor, f"clinics.{right}", row) for right in RIGHTS)

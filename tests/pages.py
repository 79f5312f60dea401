"""
A site to look at in a browser: the demonstration's clinics, and one where people work and nothing has happened yet.

Served as in production: gunicorn, DEBUG off, hashed files, the strict policy of contents.
"""

from collections.abc import Iterator

import pytest

from analytics.demo import casting
from clinics.models import User
from clinics.roles import Role
from clinics.second_factor import enrol_totp
from clinics.services import people
from clinics.tenancy import clinic_scope
from tests.site import Site, database_name, open_site

FULL, EMPTY = "riverbend", "meadow"
QUEUE = 8


def open_empty() -> None:
    """Open a clinic with one person in each role, and nothing else."""
    clinic = people.create_clinic(slug=EMPTY, name="Meadow House", initials="MH", reference_prefix="MH", colour="plum")
    with clinic_scope(clinic.pk):
        for role in Role:
            login = login_of(EMPTY, role)
            user = User.objects.create_user(login, f"{role.value.replace('_', ' ').title()} Meadow", casting.PASSWORD)
            enrol_totp(user, casting.SECRET)
            people.add_member(clinic=clinic, user=user, role=role, by=None)


def login_of(clinic: str, role: Role) -> str:
    """Return the sign-in of the clinic's person in a role."""
    return f"{role.value}@{clinic}.example"


@pytest.fixture(scope="session")
def filled_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return the running site, shared by all browser tests of a session."""
    with open_site(tmp_path_factory.mktemp("pages"), database_name("pages"), queue=QUEUE) as made:
        made.run_manage("seed_demo")
        made.run_manage("shell", "--no-imports", "-c", "from tests.pages import open_empty; open_empty()")
        made.start_web()
        yield made

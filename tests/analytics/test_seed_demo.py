"""The demonstration's clinics are opened whole or not at all, and one that could not be opened is named."""

from pathlib import Path

from analytics.demo import casting
from tests.site import database_name, open_site

TAKE_A_NAME = """
from analytics.demo import casting
from clinics.models import User
for cast in casting.CAST:
    User.objects.create_user(casting.login_of(cast, cast.staff[-1]), "Somebody Else", casting.PASSWORD)
"""


def test_a_clinic_that_cannot_be_opened_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    with open_site(tmp_path, database_name("seeding")) as site:
        site.run_manage("shell", "--no-imports", "-c", TAKE_A_NAME)

        result = site.try_manage("seed_demo")

        assert result.returncode == 1
        assert f"Not opened: {', '.join(cast.name for cast in casting.CAST)}." in result.stderr
        assert site.sql("select count(*) from clinics_clinic") == [(0,)]
        assert site.sql("select count(*) from clinics_user") == [(len(casting.CAST),)]

"""A database that was made by the migrations before these is taken over as it stands, and half of one is refused."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db.migrations.loader import MigrationLoader

from tests.site import Site, database_name, open_site

OURS = ("clinics", "clients", "clinical_sessions", "analytics")


@pytest.fixture
def before(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A database whose record of migrations names those that were replaced, and none of the present ones."""
    with open_site(tmp_path_factory.mktemp("before"), database_name("before")) as made:
        present = MigrationLoader(None).replacements
        for app, name in present:
            change(made, "delete from django_migrations where app = %s and name = %s", [app, name])
        for app, name in sorted({one for migration in present.values() for one in migration.replaces}):
            change(made, "insert into django_migrations (app, name, applied) values (%s, %s, now())", [app, name])
        yield made


def change(site: Site, query: str, values: list[object]) -> None:
    """Run a statement as the schema's owner."""
    with psycopg.connect(site.url("MIGRATION_DATABASE_URL"), autocommit=True) as owner:
        owner.execute(query, values)  # type: ignore[call-overload]


def test_what_the_migrations_replace_is_not_done_again(before: Site) -> None:
    assert "No migrations to apply." in before.run_manage("migrate")
    names = {(app, name) for app, name in before.sql("select app, name from django_migrations")}
    assert set(MigrationLoader(None).replacements) <= names
    assert "[ ]" not in before.run_manage("showmigrations", *OURS)


def test_half_of_what_one_replaces_is_refused_in_a_sentence(before: Site) -> None:
    change(before, "delete from django_migrations where app = 'clients' and name >= %s", ["0012"])
    result = before.try_manage("migrate")
    assert result.returncode == 1
    assert "stopped at clients before 0012_exercises" in result.stderr
    assert "Traceback" not in result.stderr
    assert before.sql("select 1 from django_migrations where name = '0001_schema'") == []


JOIN_TWICE = """
from django.utils import timezone
from clients.models import CaseloadAssignment, Client
from clients.services import merging
from clinics.models import User
from clinics.services import people
from clinics.tenancy import clinic_scope
clinic = people.create_clinic(slug="steps", name="Steps", initials="ST", reference_prefix="ST")
by = User.objects.create_user("coordinator@steps.example", "Dana", "a long sentence as a password")
with clinic_scope(clinic.pk):
    one, two, three = (
        Client.objects.create(
            clinic=clinic, reference=people.next_reference(clinic), legal_name="Jordan Marsh", family_key="marsh",
            given_key="jordan",
        )
        for _number in range(3)
    )
    for kept, absorbed in ((two, three), (one, two)):
        merging.merge(kept=kept, absorbed=absorbed, by=by, now=timezone.now())
    gone = User.objects.create_user("gone@steps.example", "Robin", "a long sentence as a password")
    for client, user, reason in ((one, by, "Admitted"), (three, gone, "Records joined")):
        CaseloadAssignment.objects.create(clinic=clinic, client=client, user=user, reason=reason)
"""


def test_records_that_were_joined_in_steps_are_put_right_and_back(tmp_path: Path) -> None:
    with open_site(tmp_path, database_name("steps")) as site:
        site.run_manage("shell", "--no-imports", "-c", JOIN_TWICE)
        joined = "select merged_into_id from clients_client order by id"
        (one,), (two,), _three = site.sql("select id from clients_client order by id")
        ((third,),) = site.sql("select public_id::text from clients_client order by id desc limit 1")
        assert site.sql(joined) == [(None,), (one,), (one,)]

        site.run_manage("migrate", "clients", "0011")
        assert site.sql(joined) == [(None,), (one,), (two,)]
        site.run_manage("migrate", "clients")

        assert site.sql(joined) == [(None,), (one,), (one,)]
        assert site.sql("select carried from clients_merge order by id") == [([],), ([third],)]
        held = (
            "select r.reference, u.name from clients_caseloadassignment a join clients_client r on r.id = a.client_id"
        )
        held += " join clinics_user u on u.id = a.user_id where a.ends_at is null order by 1"
        assert [name for _reference, name in site.sql(held)] == ["Dana"] * 3
        forced = "select relforcerowsecurity from pg_class where relname in (%s, %s, %s)"
        tables = ("clients_client", "clients_merge", "clients_caseloadassignment")
        assert site.sql(forced % tuple(f"'{table}'" for table in tables)) == [(True,)] * 3

"""A database that was made by the migrations before these is taken over as it stands, and half of one is refused."""

from collections.abc import Iterator

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

"""The four database roles on a real server: what each can do, cannot do, and how a wrong one is refused."""

from collections.abc import Iterator
from typing import Any, LiteralString

import psycopg
import pytest
from django.conf import settings
from psycopg import errors, sql

from config.database_roles import (
    APP,
    BACKUP,
    OWNER,
    ROLES,
    SEALER,
    app_role_faults,
    database_statements,
    schema_statements,
)
from config.env import database_url
from config.env_kinds import DatabaseAddress

DATABASE = "evoke_roles_probe"


def addresses() -> dict[str, DatabaseAddress]:
    """Return role name → address, as the environment of the tests has them."""
    found = settings.ENV
    return {
        APP.name: found.database_url,
        OWNER.name: found.migration_database_url,
        SEALER.name: found.sealer_database_url,
        BACKUP.name: found.backup_database_url,
    }


def connect(role: str, database: str = DATABASE) -> psycopg.Connection[Any]:
    """Return a connection as that role."""
    at = addresses()[role]
    url = database_url(at.user, at.password, at.host, at.port, database)
    return psycopg.connect(url, autocommit=True)


@pytest.fixture(scope="module")
def probe() -> Iterator[None]:
    """Make a database as the owner, with one table under a forced policy and two clinics' rows."""
    name = sql.Identifier(DATABASE)
    with connect(OWNER.name, addresses()[OWNER.name].name) as owner:
        owner.execute(sql.SQL("drop database if exists {}").format(name))
        owner.execute(sql.SQL("create database {}").format(name))
    with connect(OWNER.name) as owner:
        for statement in [*database_statements(DATABASE), *schema_statements()]:
            owner.execute(statement)
        owner.execute("create table probe (id bigint primary key, clinic_id bigint)")
        owner.execute("create policy clinic on probe to clinic_app, clinic_owner using (clinic_id = 1)")
        owner.execute("insert into probe values (1, 1), (2, 2)")
        owner.execute("alter table probe enable row level security")
        owner.execute("alter table probe force row level security")
    yield
    with connect(OWNER.name, addresses()[OWNER.name].name) as owner:
        owner.execute(sql.SQL("drop database {} with (force)").format(name))


REFUSED_TO_APP: list[LiteralString] = [
    "create table mine (id int)",
    "create schema mine",
    "create role mine",
    "create database mine",
    "create extension pg_trgm",
    "create function mine() returns int language sql as 'select 1'",
    "create view mine as select 1",
    "alter table probe disable row level security",
    "alter table probe no force row level security",
    "alter table probe add column more int",
    "drop policy clinic on probe",
    "create policy mine on probe using (true)",
    "drop table probe",
    "truncate probe",
    "set role clinic_owner",
    "set role clinic_sealer",
    "set role clinic_backup",
    "set session authorization clinic_owner",
    "alter role clinic_app bypassrls",
    "alter role clinic_app superuser",
    "create temporary table mine (id int)",
    "copy probe to program 'cat'",
    "select pg_read_file('postgresql.conf')",
]


@pytest.mark.parametrize("statement", REFUSED_TO_APP)
@pytest.mark.usefixtures("probe")
def test_the_app_role_cannot(statement: LiteralString) -> None:
    with (
        connect(APP.name) as app,
        pytest.raises((errors.InsufficientPrivilege, errors.InvalidParameterValue)),
    ):
        app.execute(statement)


@pytest.mark.usefixtures("probe")
def test_row_policies_hold_the_app_role_and_the_owner_but_not_the_backup() -> None:
    seen = {}
    for role in (APP.name, OWNER.name, BACKUP.name):
        with connect(role) as connection:
            seen[role] = [row[0] for row in connection.execute("select id from probe order by id")]

    assert seen == {APP.name: [1], OWNER.name: [1], BACKUP.name: [1, 2]}


@pytest.mark.usefixtures("probe")
def test_switching_row_security_off_does_not_let_the_app_role_see_more() -> None:
    with connect(APP.name) as app:
        app.execute("set row_security = off")
        with pytest.raises(errors.InsufficientPrivilege):
            app.execute("select id from probe")


@pytest.mark.usefixtures("probe")
@pytest.mark.parametrize(
    "statement", ["insert into probe values (3, 1)", "update probe set clinic_id = 2", "delete from probe"]
)
def test_the_backup_role_writes_nothing(statement: LiteralString) -> None:
    with connect(BACKUP.name) as backup:
        with pytest.raises(errors.ReadOnlySqlTransaction):
            backup.execute(statement)
        backup.execute("set default_transaction_read_only = off")
        with pytest.raises(errors.InsufficientPrivilege):
            backup.execute(statement)


@pytest.mark.usefixtures("probe")
def test_the_sealer_reads_no_table_it_was_not_given() -> None:
    with connect(SEALER.name) as sealer, pytest.raises(errors.InsufficientPrivilege):
        sealer.execute("select id from probe")


@pytest.mark.usefixtures("probe")
def test_settings_of_the_roles_are_in_force() -> None:
    for role in ROLES:
        with connect(role.name) as connection:
            for setting, value in role.settings:
                row = connection.execute("select current_setting(%s)", (setting,)).fetchone()
                assert row == (value,), f"{role.name} {setting}"


@pytest.mark.usefixtures("probe")
def test_the_right_role_has_no_fault() -> None:
    with connect(APP.name) as app:
        assert app_role_faults(app.cursor()) == []


PLANTED: list[tuple[list[LiteralString], list[LiteralString], str]] = [
    (
        ["grant create on schema public to clinic_app"],
        ["revoke create on schema public from clinic_app"],
        "may create tables",
    ),
    (
        ["grant create on database evoke_roles_probe to clinic_app"],
        ["revoke create on database evoke_roles_probe from clinic_app"],
        "may create tables",
    ),
]


@pytest.mark.usefixtures("probe")
@pytest.mark.parametrize(("plant", "mend", "said"), PLANTED)
def test_a_right_too_many_is_found(plant: list[LiteralString], mend: list[LiteralString], said: str) -> None:
    with connect(OWNER.name) as owner, connect(APP.name) as app:
        try:
            for statement in plant:
                owner.execute(statement)
            faults = app_role_faults(app.cursor())
        finally:
            for statement in mend:
                owner.execute(statement)

    assert len(faults) == 1
    assert said in faults[0]
    assert "clinic_app" in faults[0]


@pytest.mark.usefixtures("probe")
@pytest.mark.parametrize(
    ("role", "said"),
    [
        (OWNER.name, ["owns tables", "owns the database", "may create tables"]),
        (SEALER.name, ["may bypass row policies"]),
        (BACKUP.name, ["may bypass row policies"]),
    ],
)
def test_another_role_in_the_place_of_the_app_role_is_found(role: str, said: list[str]) -> None:
    with connect(role) as connection:
        faults = " ".join(app_role_faults(connection.cursor()))

    assert [words for words in said if words not in faults] == []

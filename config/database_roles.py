"""
The four database roles, what each may do, and the check that the web's role may do no more.

The one source for the local servers, docker-compose.yml (its one-shot service `roles`) and an
operator's own PostgreSQL. Everything is safe to run again; a run also sets the passwords.

python -m config.database_roles apply   make roles and database; reads ADMIN_DATABASE_URL (a superuser)
                                        and the passwords in the four addresses of config/env.py
python -m config.database_roles sql     print the statements, without passwords

security.md 2 is the design; the reasons:
  clinic_owner   owns the schema and runs migrations; row policies hold it too (FORCE)
  clinic_app     web, worker and beat; owns nothing, can neither create nor alter
  clinic_sealer  reads audit events of every clinic and adds seals; its table rights come with the
                 audit migration
  clinic_backup  reads every row of every clinic, writes nothing; the only role that can dump
"""

import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, LiteralString

import psycopg
from psycopg import sql

from config.env import BadEnvironment, given_value
from config.env_kinds import DatabaseAddress
from config.env_kinds import database as read_database_url


@dataclass(frozen=True)
class Role:
    """One database role: the variable that holds its address, whether policies bind it, its settings."""

    name: LiteralString
    variable: str
    bypasses_policies: bool = False
    settings: tuple[tuple[LiteralString, LiteralString], ...] = ()


OWNER: Final = Role("clinic_owner", "MIGRATION_DATABASE_URL", settings=(("lock_timeout", "3s"),))
APP: Final = Role(
    "clinic_app",
    "DATABASE_URL",
    settings=(
        ("statement_timeout", "15s"),
        ("idle_in_transaction_session_timeout", "30s"),
    ),
)
SEALER: Final = Role("clinic_sealer", "SEALER_DATABASE_URL", bypasses_policies=True)
BACKUP: Final = Role(
    "clinic_backup",
    "BACKUP_DATABASE_URL",
    bypasses_policies=True,
    settings=(("default_transaction_read_only", "on"),),
)
ROLES: Final = (OWNER, APP, SEALER, BACKUP)


def role_statements(owner_may_create_databases: bool = False) -> list[LiteralString]:
    """
    Return the statements that make the roles, without passwords; run once a cluster, as a superuser.

    owner_may_create_databases  for tests only, which make and drop a database of their own
    """
    statements: list[LiteralString] = []
    for role in ROLES:
        statements.append(f"do $$ begin create role {role.name}; exception when duplicate_object then null; end $$")
        statements.append(
            f"alter role {role.name} login nosuperuser nocreaterole noreplication "
            + ("bypassrls " if role.bypasses_policies else "nobypassrls ")
            + ("createdb" if role is OWNER and owner_may_create_databases else "nocreatedb")
        )
        for setting, value in role.settings:
            statements.append(f"alter role {role.name} set {setting} = '{value}'")
    return statements


def schema_statements() -> list[LiteralString]:
    """Return the statements that give each role its reach inside one database; run inside it."""
    owner, app, sealer, backup = OWNER.name, APP.name, SEALER.name, BACKUP.name
    defaults: LiteralString = f"alter default privileges for role {owner} in schema public grant"
    return [
        "revoke create on schema public from public",
        f"grant usage on schema public to {app}, {sealer}, {backup}",
        f"{defaults} select, insert, update, delete on tables to {app}",
        f"{defaults} usage, select on sequences to {app}",
        f"{defaults} select on tables to {backup}",
        f"{defaults} select on sequences to {backup}",
    ]


def database_statements(name: str) -> list[sql.Composed]:
    """Return the statements that close a database to everybody but the four roles; the owner may run them."""
    database = sql.Identifier(name)
    everyone = sql.SQL(", ").join(sql.Identifier(role.name) for role in ROLES)
    return [
        sql.SQL("revoke all on database {} from public").format(database),
        sql.SQL("grant connect on database {} to {}").format(database, everyone),
    ]


def apply(
    admin: DatabaseAddress,
    addresses: Mapping[str, DatabaseAddress],
    *,
    for_tests: bool = False,
    wait_s: float = 0,
) -> None:
    """
    Make the roles, their passwords and the database, or bring them up to date.

    admin      a superuser, in any database of the cluster
    addresses  variable name → address; all four of `ROLES`, all naming one database
    for_tests  let the owner create databases and put the rights into template1, so that a test
               database is born with them
    wait_s     how long to wait for a server that is still starting
    """
    name = addresses[OWNER.variable].name
    with _connect(admin, admin.name, wait_s) as cluster:
        for statement in role_statements(for_tests):
            cluster.execute(statement)
        for role in ROLES:
            _set_password(cluster, role.name, addresses[role.variable].password)
        if not cluster.execute("select 1 from pg_database where datname = %s", (name,)).fetchone():
            cluster.execute(
                sql.SQL("create database {} owner {}").format(sql.Identifier(name), sql.Identifier(OWNER.name))
            )
        for composed in database_statements(name):
            cluster.execute(composed)
    for database in [name, "template1"] if for_tests else [name]:
        with _connect(admin, database, wait_s) as inside:
            for statement in schema_statements():
                inside.execute(statement)


def _connect(admin: DatabaseAddress, database: str, wait_s: float) -> psycopg.Connection[Any]:
    """Return an autocommit connection, trying again for `wait_s` seconds while the server does not answer."""
    deadline = time.monotonic() + wait_s
    while True:
        try:
            return psycopg.connect(admin.url, dbname=database, autocommit=True, connect_timeout=5)
        except psycopg.OperationalError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.1)


def _set_password(cluster: psycopg.Connection[Any], role: str, password: str) -> None:
    """Set a role's password as a verifier made here: the clear text reaches neither server nor log."""
    verifier = cluster.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    cluster.execute(sql.SQL("alter role {} password {}").format(sql.Identifier(role), sql.Literal(verifier.decode())))


APP_ROLE_FAULTS: Final[tuple[tuple[LiteralString, str], ...]] = (
    (
        "select rolsuper from pg_roles where rolname = current_user",
        "is a superuser, whom row policies do not hold",
    ),
    (
        "select rolbypassrls from pg_roles where rolname = current_user",
        "may bypass row policies",
    ),
    (
        "select rolcreaterole or rolcreatedb or rolreplication from pg_roles where rolname = current_user",
        "may create roles or databases, or replicate",
    ),
    (
        """select exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
           where pg_has_role(c.relowner, 'member')
           and n.nspname !~ '^pg_' and n.nspname <> 'information_schema')""",
        "owns tables, and an owner can switch their policies off",
    ),
    (
        """select exists (select from pg_database where datname = current_database()
           and pg_has_role(datdba, 'member'))""",
        "owns the database",
    ),
    (
        """select exists (select from pg_roles r
           where r.rolname <> current_user and pg_has_role(r.oid, 'member'))""",
        "is a member of another role and could act as it",
    ),
    (
        """select has_database_privilege(current_database(), 'create') or exists (select from pg_namespace
           where nspname !~ '^pg_' and has_schema_privilege(oid, 'create'))""",
        "may create tables or schemas",
    ),
)


def app_role_faults(cursor: Any) -> list[str]:
    """
    Return what makes the connected role unfit to serve requests, a sentence each; empty when it is fit.

    cursor  any DB-API cursor that is connected as the role in question
    """
    cursor.execute("select current_user")
    role = cursor.fetchone()[0]
    faults = []
    for question, ending in APP_ROLE_FAULTS:
        cursor.execute(question)
        if cursor.fetchone()[0]:
            faults.append(f"The database role {role} {ending}. DATABASE_URL must use {APP.name}.")
    return faults


def addresses_from(
    environ: Mapping[str, str],
) -> tuple[DatabaseAddress, dict[str, DatabaseAddress]]:
    """Return the superuser's address and the four roles'; raise BadEnvironment with all that is wrong."""
    faults: list[str] = []
    found: dict[str, DatabaseAddress] = {}
    wanted = {"ADMIN_DATABASE_URL": ""} | {role.variable: role.name for role in ROLES}
    for variable, role_name in wanted.items():
        try:
            found[variable] = address = read_database_url(given_value(variable, environ) or "")
            if role_name and address.user != role_name:
                faults.append(f"{variable} must sign in as {role_name}.")
            if role_name and len(address.password) < 16:
                faults.append(f"{variable} must hold a password of at least 16 characters.")
        except ValueError as error:
            faults.append(f"{variable} {error}.")
    if not faults and len({found[role.variable].name for role in ROLES}) > 1:
        faults.append("The four database addresses must name one and the same database.")
    if faults:
        raise BadEnvironment(faults)
    return found.pop("ADMIN_DATABASE_URL"), found


def main(arguments: list[str]) -> int:
    """Run one of the commands of the module's docstring and return the exit code."""
    match arguments:
        case ["apply"]:
            try:
                admin, addresses = addresses_from(os.environ)
                apply(admin, addresses, wait_s=60)
            except BadEnvironment as error:
                print(*error.sentences, sep="\n", file=sys.stderr)
                return 2
            except psycopg.OperationalError:
                print(
                    "PostgreSQL does not answer, or refuses the sign-in of ADMIN_DATABASE_URL.",
                    file=sys.stderr,
                )
                return 1
            print("Roles and database are ready.")
        case ["sql"]:
            print(*role_statements(), *schema_statements(), sep=";\n", end=";\n")
        case _:
            print("Usage: python -m config.database_roles apply | sql", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

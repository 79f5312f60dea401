"""The goals of admissions: saving an intake while the caller waits, and who is known here already."""

from collections.abc import Callable
from datetime import date
from typing import Any

import psycopg
from django.db import connection, transaction
from django.utils import timezone

from analytics.bench.goals import Bench, Goal, WrongAnswer
from clients.models import Client, Inquiry
from clients.rules import duplicates
from clients.selectors import matching
from clients.services import inquiries
from clients.services.said import Caller, Need, Person
from clinics.models import Clinic, User
from clinics.tenancy import clinic_scope

PEOPLE = 14_000
# Telephones and birthdays repeat as in a town: a number is a household's, a birthday some hundred people's.
FILL = """
insert into clients_client (clinic_id, public_id, reference, legal_name, goes_by, goes_by_key, family_key, given_key,
                            pronouns, born_on, phone, email, postal_code, version)
select %(clinic)s, gen_random_uuid(), 'M-' || n, 'Person ' || n, '', '', 'family ' || (n * 7919) %% 3000,
       'given ' || (n * 104729) %% 700, '', date '1950-01-01' + (n * 7907) %% 20000,
       '+1312' || lpad(((n * 31) %% 9000)::text, 7, '0'), 'm' || n || '@bench.example',
       '606' || lpad((n %% 50)::text, 2, '0'), 1
from generate_series(1, %(n)s) n
"""
KNOWN = date(1950, 1, 1)
BARE_SEARCH = """
select * from clients_client where clinic_id = %s and merged_into_id is null
and (phone = %s or email = %s or born_on = any(%s)) order by id desc limit 200
"""


def fill(owner: psycopg.Connection[Any], clinic: Clinic) -> None:
    """Give a clinic the people among whom duplicates are looked for."""
    with owner.transaction():
        owner.execute("select set_config('app.clinic_id', %s, true)", [str(clinic.pk)])
        owner.execute(FILL, {"clinic": clinic.pk, "n": PEOPLE})
    owner.execute("analyze clients_client")


def goals(bench: Bench, crowded: Clinic, coordinator: User) -> list[Goal]:
    """
    Return the goals.

    crowded       the clinic of 14,000 people
    coordinator   who takes the calls there
    """
    return [_search(bench, crowded), _save(crowded, coordinator)]


def _search(bench: Bench, crowded: Clinic) -> Goal:
    with clinic_scope(crowded.pk):
        known = Client.objects.get(reference="M-77")
        typed = matching.identity(
            legal_name=known.legal_name, born_on=known.born_on, phone=known.phone, postal_code=known.postal_code
        )

    def subject() -> Any:
        with clinic_scope(crowded.pk):
            found = matching.matches(typed)
        if known.pk not in {one.client.pk for one in found}:
            raise WrongAnswer("the person who is known was not found")
        return found

    def limit() -> Any:
        days = list(duplicates.dates_to_search(known.born_on or KNOWN))
        return bench.raw.execute(BARE_SEARCH, [crowded.pk, known.phone, known.email, days], prepare=True).fetchall()

    return Goal("A1", "duplicates among 14,000 people (<= 30 ms)", 6.0, subject, limit)


def _save(crowded: Clinic, coordinator: User) -> Goal:
    caller = Caller(relation="parent", name="Caller", phone="(312) 555-0188", ok_to_call="yes")
    person = Person(legal_name="Jordan Marsh", born_on=KNOWN, postal_code="60601")
    need = Need(words="He wants to stop.", safety_answer="no", substances=["alcohol"], readiness=6)

    def save() -> Inquiry:
        return inquiries.open_inquiry(
            clinic=crowded, channel="phone_inbound", caller=caller, person=person, need=need, by=coordinator,
            now=timezone.now(),
        )  # fmt: skip

    statements, parents = _statements_of(crowded, save)

    def subject() -> None:
        with transaction.atomic():
            with clinic_scope(crowded.pk, coordinator.pk):
                save()
            transaction.set_rollback(True)

    def limit() -> None:
        with transaction.atomic(), clinic_scope(crowded.pk, coordinator.pk):
            with connection.cursor() as cursor:
                made: dict[int, int] = {}
                for statement, params in statements:
                    cursor.execute(
                        statement, [made.get(value, value) if type(value) is int else value for value in params or ()]
                    )
                    for table, key in parents.items():
                        if statement.startswith(f'INSERT INTO "{table}"'):
                            made[key] = cursor.fetchone()[0]
            transaction.set_rollback(True)

    return Goal("A2", "new intake, against its own statements", 2.5, subject, limit)


def _statements_of(clinic: Clinic, act: Callable[[], Inquiry]) -> tuple[list[tuple[str, Any]], dict[str, int]]:
    """
    Return the statements, with what was put into them, by which an inquiry is saved; it is taken back.

    returns   also the keys that later statements name, by the table that gave them
    """
    found: list[tuple[str, Any]] = []

    def keep(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        found.append((sql, params))
        return execute(sql, params, many, context)

    with transaction.atomic():
        with clinic_scope(clinic.pk), connection.execute_wrapper(keep):
            made = act()
        transaction.set_rollback(True)
    return found, {"clients_client": made.client_id or 0, "clients_inquiry": made.pk}

"""The goals: each a subject that goes through the whole application, and the limit it is held against."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

import orjson
import psycopg
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, models

from analytics import rollups
from analytics.bench.timing import Timed
from analytics.counted import CHOSEN
from analytics.models import FidelityCell
from analytics.selectors.fidelity import monthly_figures
from clinics.api.permissions import HoldsRight
from clinics.models import Clinic
from clinics.statements import Kept
from clinics.tenancy import PermittedQuerySet, clinic_scope
from sessions.selectors.listing import SEEN_SESSIONS

Call = Callable[[], Any]


class WrongAnswer(AssertionError):
    """Subject and limit do not give the same rows: the comparison would mean nothing."""


@dataclass(frozen=True)
class Goal:
    """
    A measured promise.

    ratio     the most that subject over limit may be
    most_ms   the most milliseconds that the subject may take on any machine; None: only the ratio counts
    """

    key: str
    text: str
    ratio: float
    subject: Call
    limit: Call
    most_ms: float | None = None

    def fails(self, timed: Timed, widened: float) -> bool:
        """Tell whether what was measured is over the goal; `widened` is by how much a small profile may be."""
        too_long = self.most_ms is not None and timed.fast_ms["subject"] > self.most_ms
        return too_long or timed.fails(self.ratio * widened)


@dataclass(frozen=True)
class Bench:
    """What the goals work on: the largest clinic, a token by reach, and connections of several roles."""

    clinic: Clinic
    tokens: dict[str, str]
    raw: psycopg.Connection[Any]
    admin: psycopg.Connection[Any]

    def get(self, path: str, who: str) -> bytes:
        """Return the answer of a GET through the WSGI handler: middleware, sign-in, database role, all of it."""
        status: list[str] = []
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": f"/api/v1/clinics/{self.clinic.slug}/{path}", "QUERY_STRING": "",
            "SERVER_NAME": "localhost", "SERVER_PORT": "80", "HTTP_HOST": "localhost", "REMOTE_ADDR": "127.0.0.1",
            "HTTP_AUTHORIZATION": f"Bearer {self.tokens[who]}", "wsgi.url_scheme": "http", "wsgi.input": BytesIO(),
        }  # fmt: skip
        environ["PATH_INFO"], _mark, environ["QUERY_STRING"] = environ["PATH_INFO"].partition("?")  # type: ignore[attr-defined]
        answer = HANDLER(environ, lambda code, headers, *rest: status.append(code))  # type: ignore[arg-type]
        body = b"".join(answer)
        answer.close()  # type: ignore[attr-defined]
        if not status[0].startswith("200"):
            raise WrongAnswer(f"{path}: {status[0]} {body[:200]!r}")
        return body


HANDLER = WSGIHandler()
# Statements of the list that were made without the filter of permissions, kept apart from the true ones.
UNGUARDED = Kept(SEEN_SESSIONS.first.make)

SESSIONS = """
select s.public_id, s.client_id, c.public_id, c.reference, c.goes_by, c.legal_name, u.public_id, u.name, s.started_at,
       s.service_on, s.duration_min, s.session_format, s.mi_pct, s.cbt_pct, s.dbt_pct, s.other_pct
from clinical_sessions_therapysession s
join clients_client c on c.id = s.client_id join clinics_user u on u.id = s.therapist_id
where s.clinic_id = %s order by s.started_at desc, s.id desc limit 50
"""
CELLS = """
select month, score_key, sum(n_codings), sum(n_defined), sum(sum_value), sum(sum_numerator), sum(sum_denominator)
from analytics_fidelitycell where clinic_id = %s and comparability_group = 'miti-4'
and month between '2026-01-01' and '2026-12-01' group by 1, 2
"""
HOT = {
    "sessions": SESSIONS,
    "client": "select * from clients_client where clinic_id = %s order by family_key, id limit 1",
    "cells": CELLS,
}


def raw_list(bench: Bench, sql: str) -> bytes:
    """Return rows by plain psycopg and the standard library's JSON, as the bypassing role: the limit."""
    rows = bench.raw.execute(sql, [bench.clinic.pk], prepare=True).fetchall()
    return json.dumps(rows, default=str).encode()


def same_sessions(bench: Bench) -> None:
    """Check that the endpoint and the raw statement give the same sessions in the same order."""
    mine = [row["id"] for row in orjson.loads(bench.get("sessions/", "clinic"))["results"]]
    theirs = [str(row[0]) for row in bench.raw.execute(SESSIONS, [bench.clinic.pk]).fetchall()]
    if mine != theirs:
        raise WrongAnswer("the list of sessions differs from the raw statement")


@contextmanager
def without_permissions() -> Iterator[None]:
    """Take the permission check and its filter out for the block: what G2 is measured against."""
    kept = HoldsRight.has_permission, PermittedQuerySet.permitted, SEEN_SESSIONS.first
    HoldsRight.has_permission = lambda self, request, view: True  # type: ignore[method-assign]
    PermittedQuerySet.permitted = lambda self, user, perm: self  # type: ignore[method-assign]
    SEEN_SESSIONS.first = UNGUARDED
    try:
        yield
    finally:
        HoldsRight.has_permission, PermittedQuerySet.permitted, SEEN_SESSIONS.first = kept  # type: ignore[method-assign]


def unguarded(bench: Bench, path: str, who: str) -> bytes:
    """Return the answer of a GET with the permission check taken out."""
    with without_permissions():
        return bench.get(path, who)


def policy_goals(bench: Bench) -> list[Goal]:
    """Return G3: each hot statement under the row policies, against a role that bypasses them."""

    def as_role(role: str, sql: str) -> Call:
        def call() -> Any:
            return bench.admin.execute(sql, [bench.clinic.pk]).fetchall()

        def switched() -> Any:
            bench.admin.execute(f"set role {role}")
            bench.admin.execute("select set_config('app.clinic_id', %s, false)", [str(bench.clinic.pk)])
            return [call() for _ in range(5)]

        return switched

    return [
        Goal("G3", f"row policies: {name}", 1.25, as_role("clinic_app", sql), as_role("clinic_backup", sql))
        for name, sql in HOT.items()
    ]


def upsert_goal(bench: Bench) -> list[Goal]:
    """Return G5: filling every cell of the clinic against the bare aggregate, unchanged and changed."""
    keys = rollups.all_keys
    sums = rollups.SUMS

    def bare() -> Any:
        with clinic_scope(bench.clinic.pk), connection.cursor() as cursor:
            cursor.execute(
                f"with chosen as ({CHOSEN.format(scope='')}) {sums}",
                {"clinic": bench.clinic.pk},
            )
            return cursor.fetchall()

    def refill() -> Any:
        with clinic_scope(bench.clinic.pk):
            written = rollups.fill(keys())
            if written:
                raise WrongAnswer("unchanged cells were written")
            return written

    def fill_changed() -> Any:
        with clinic_scope(bench.clinic.pk):
            FidelityCell.objects.update(sum_numerator=models.F("sum_numerator") + 1)
            return rollups.fill(keys())

    def bare_and_touch() -> Any:
        with clinic_scope(bench.clinic.pk):
            FidelityCell.objects.update(sum_numerator=models.F("sum_numerator") + 0)
        return bare()

    return [
        Goal("G5", "fidelity upsert, unchanged: no cell written", 2.5, refill, bare),
        Goal("G5", "fidelity upsert, every cell changed", 3.0, fill_changed, bare_and_touch),
    ]


def goals(bench: Bench) -> list[Goal]:
    """Return every goal of this version."""
    year = "figures/fidelity/?first=2026-01&last=2026-12"
    same_sessions(bench)

    def figures_alone() -> bytes:
        with clinic_scope(bench.clinic.pk):
            return orjson.dumps(monthly_figures("miti-4", date(2026, 1, 1), date(2026, 12, 1)))

    return [
        Goal(
            "G1", "list of 50 sessions", 3.5,
            lambda: bench.get("sessions/", "clinic"), lambda: raw_list(bench, SESSIONS),
        ),
        Goal(
            "G2", "permissions, clinic reach", 1.05,
            lambda: bench.get("sessions/", "clinic"), lambda: unguarded(bench, "sessions/", "clinic"),
        ),
        Goal(
            "G2", "permissions, caseload reach", 2.1,
            lambda: bench.get("sessions/", "caseload"), lambda: unguarded(bench, "sessions/", "caseload"),
        ),
        *policy_goals(bench),
        *upsert_goal(bench),
        Goal(
            "G7", "dashboard figures of a year, a request", 4.0,
            lambda: bench.get(year, "supervisor"), lambda: raw_list(bench, CELLS),
        ),
        Goal(
            "G7", "dashboard figures of a year, without it", 4.0,
            figures_alone, lambda: raw_list(bench, CELLS),
        ),
    ]  # fmt: skip

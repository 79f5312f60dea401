"""The goals of a person's record: its page with five years of data, the drawing of them, and a difference of plans."""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.test import Client as Browser
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from analytics.bench.goals import Bench, Goal, WrongAnswer
from clients.models import Appointment, CaseloadAssignment, Client, Episode, MeasureResponse, MeasureScore, RulerReading
from clients.rules.motivation import Ruler
from clients.rules.plan_content import FIELDS, Kind, Part
from clients.rules.plan_diff import diff
from clients.selectors import person as opened
from clients.selectors.people import care_of
from clients.services import targets
from clients.services.targets import Terms
from clinics.models import Clinic, InstrumentVersion, Program, User
from clinics.second_factor import enrol_totp
from clinics.tenancy import clinic_scope
from sessions.models import TherapySession
from sessions.selectors.time_line import facts_of, time_line_of

WEEKS: Final = 5 * 52
MEASURE_EVERY: Final = 4
PARTS: Final = 200
DRAWN_MS: Final = 300.0
DIFFERENCE_MS: Final = 200.0
REFERENCE: Final = "B-FIVE"
SECRET: Final = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105 - of a benchmark's own database


def fill(clinic: Clinic, therapist: User) -> Client:
    """Give a clinic one person with five years of weekly sessions, rulers and a measure every four weeks."""
    now = timezone.now()
    client: Client = Client.objects.create(
        clinic=clinic, reference=REFERENCE, legal_name="Person Five", family_key="five", given_key="person"
    )
    first = now - timedelta(weeks=WEEKS)
    episode = Episode.objects.create(
        clinic=clinic, client=client, program=Program.objects.all()[0], admitted_on=first.date()
    )
    CaseloadAssignment.objects.create(clinic=clinic, client=client, user=therapist)
    target = targets.add(client=client, terms=Terms("Drink less"), by=therapist)
    times = [first + timedelta(weeks=week, hours=1) for week in range(WEEKS)]
    booked = Appointment.objects.bulk_create(
        Appointment(
            clinic=clinic, client=client, episode=episode, therapist=therapist, starts_at=at, service_on=at.date(),
            attendance="attended",
        )
        for at in times
    )  # fmt: skip
    TherapySession.objects.bulk_create(
        TherapySession(
            clinic=clinic, client=client, appointment=row, therapist=therapist, service_on=row.service_on,
            started_at=row.starts_at, duration_min=50,
        )
        for row in booked
    )  # fmt: skip
    RulerReading.objects.bulk_create(
        RulerReading(
            clinic=clinic, client=client, target=target, appointment=row, ruler=ruler.value, value=week % 11,
            taken_on=row.service_on, taken_by=therapist,
        )
        for week, row in enumerate(booked)
        for ruler in Ruler
    )  # fmt: skip
    _answer(clinic, client, therapist, times[::MEASURE_EVERY])
    return client


def _answer(clinic: Clinic, client: Client, therapist: User, times: list[datetime]) -> None:
    instrument = InstrumentVersion.objects.get(key="phq9")
    made = MeasureResponse.objects.bulk_create(
        MeasureResponse(
            clinic=clinic, client=client, instrument=instrument, source=MeasureResponse.Source.CLINICIAN,
            taken_on=at.date(), taken_at=at, taken_by=therapist, answers={}, complete=True,
        )
        for at in times
    )  # fmt: skip
    MeasureScore.objects.bulk_create(
        MeasureScore(clinic=clinic, response=row, score_key="total", value=Decimal(place % 28), engine_version="bench")
        for place, row in enumerate(made)
    )


def goals(bench: Bench, therapist: User) -> list[Goal]:
    """Return the goal; the therapist of the largest clinic has one person more on their caseload from here."""
    clinic = bench.clinic
    with clinic_scope(clinic.pk):
        client = fill(clinic, therapist)
    enrol_totp(therapist, SECRET)
    bench.admin.execute("analyze")
    # Nobody loads them here: static files are named as they are, and need not be collected.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}).enable()
    browser = Browser()
    browser.force_login(therapist)
    address = reverse("client_detail", args=[clinic.slug, client.public_id])
    host = settings.ALLOWED_HOSTS[0]

    def subject() -> bytes:
        answer: Any = browser.get(address, headers={"host": host})
        if answer.status_code != 200 or b"Readiness: from" not in answer.content:
            raise WrongAnswer(f"{address}: {answer.status_code}")
        body: bytes = answer.content
        return body

    statements = _statements_of(subject)

    def limit() -> None:
        with transaction.atomic():
            with clinic_scope(clinic.pk, therapist.pk), connection.cursor() as cursor:
                for statement, params in statements:
                    cursor.execute(statement, params)
                    if cursor.description is not None:
                        cursor.fetchall()
            transaction.set_rollback(True)

    page = Goal("R1", "person with five years, against its statements", 4.0, subject, limit)
    return [page, _drawing(clinic, client, therapist), _difference()]


def _drawing(clinic: Clinic, client: Client, therapist: User) -> Goal:
    """Return the goal of drawing five years with their table, against writing the same rows down as JSON."""
    with clinic_scope(clinic.pk, therapist.pk):
        now = timezone.now()
        found = Client.objects.annotate(**opened.columns(therapist)).get(pk=client.pk)
        found.clinic = clinic
        known = opened.opened(found, therapist, ())
        care = care_of(found, therapist, now, known=known, may_change=False)
        row = facts_of(found, user=therapist, now=now)

    def draw() -> int:
        with clinic_scope(clinic.pk, therapist.pk):
            drawn = time_line_of(row, found, care, user=therapist, clinic=clinic, every=True)
            return drawn.rows.count("<tr>")

    if draw() < WEEKS * 2 + WEEKS // MEASURE_EVERY:
        raise WrongAnswer("the table leaves points out")
    text = "drawing five years, against their rows as JSON"
    return Goal("R2", text, 100.0, draw, lambda: json.dumps(row, default=str), DRAWN_MS)


def _difference() -> Goal:
    """Return the goal of comparing two plans of 200 parts, against writing both down as text."""
    before = [part for number in range(PARTS // len(Kind)) for part in _thread(number)]
    after = [replace(one, position=one.position + 1, fields={**one.fields, "text": "Other"}) for one in before[::-1]]
    if len(diff(before, after).changed) != PARTS:
        raise WrongAnswer("a changed part is not told")
    text = f"difference of {PARTS} parts, against both as JSON"
    return Goal(
        "R3", text, 1.0, lambda: diff(before, after),
        lambda: [json.dumps([asdict(one) for one in parts]) for parts in (before, after)], DIFFERENCE_MS,
    )  # fmt: skip


def _thread(number: int) -> Iterator[Part]:
    """Yield one part of each kind, each under the one before it, every field of it filled."""
    above = ""
    for kind in Kind:
        lineage = f"{kind.value}-{number}"
        yield Part(kind, lineage, above, number, {name: f"{name} of {lineage}" for name in FIELDS[kind]})
        above = lineage


def _statements_of(act: Any) -> list[tuple[str, Any]]:
    """Return the statements by which a page is made, with what was put into them; those of the scope left out."""
    found: list[tuple[str, Any]] = []

    def keep(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if str(sql).upper().startswith(('SELECT "', "SELECT ARRAY", "SELECT EXISTS", "SELECT (", "INSERT")):
            found.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        act()
    return found

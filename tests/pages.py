"""
A site to look at in a browser: the demonstration's clinics, with a day in the middle of its work, and one clinic where
people work and nothing has happened yet.

Served as in production: gunicorn, DEBUG off, hashed files, the strict policy of contents.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from analytics.demo import casting
from clients.models import Appointment, Client, Episode
from clients.services import appointments, break_glass
from clinics.models import Clinic, User
from clinics.roles import Role
from clinics.second_factor import enrol_totp
from clinics.services import invitations, jobs, people, tokens
from clinics.tenancy import clinic_scope
from sessions.services import record, uploads
from tests.sessions.invented import as_csv, rows_of
from tests.site import Site, database_name, environment, open_site
from tests.template import filled_name, made_once, template

FULL, EMPTY = "riverbend", "meadow"
QUEUE = 4


def open_empty() -> None:
    """Open a clinic with one person in each role, and nothing else."""
    clinic = people.create_clinic(slug=EMPTY, name="Meadow House", initials="MH", reference_prefix="MH", colour="plum")
    with clinic_scope(clinic.pk):
        for role in Role:
            login = login_of(EMPTY, role)
            user = User.objects.create_user(login, f"{role.value.replace('_', ' ').title()} Meadow", casting.PASSWORD)
            enrol_totp(user, casting.SECRET)
            people.add_member(clinic=clinic, user=user, role=role, by=None)


def open_day() -> None:
    """
    Put Riverbend in the middle of a day, whatever the day and the hour.

    Two sessions that wait to be recorded, one with a draft note, an import that is done and one that stopped, a record
    opened in need, an invitation and a token.
    """
    clinic = Clinic.objects.get(slug=FULL)
    therapist, administrator = (
        User.objects.get(email=login_of(FULL, role)) for role in (Role.THERAPIST, Role.ADMINISTRATOR)
    )
    now = timezone.now()
    with clinic_scope(clinic.pk):
        client = Client.objects.permitted(therapist, "clinics.view_client").order_by("pk")[0]
        for started_at in (now - timedelta(minutes=70), now - timedelta(minutes=140), now - timedelta(days=1)):
            appointment = _book(client, therapist, started_at)
        record.record_held(
            appointment=appointment, attendance="attended", seen=record.Seen(0, ""), by=therapist, now=now,
            held=record.Held(
                appointment.starts_at, 50, "individual", record.Mix(60, 40, 0, 0), {"importance": 7, "readiness": 5},
                "Mornings are hard. Walks to the market twice a week, with a friend.",
            ),
        )  # fmt: skip
        break_glass.break_glass(
            client=client, reason="Called from the waiting room and asked for help with a ride.",
            by=User.objects.get(email="ben@riverbend.example"),
        )  # fmt: skip
        invitations.invite(
            clinic=clinic, email="robin@mail.example", name="Robin Vale", role=Role.CODER, by=administrator, now=now
        )
        tokens.create_token(
            clinic=clinic, user=administrator, name="Data warehouse", days=90, scopes=["view_fidelity"],
            by=administrator, now=now,
        )  # fmt: skip
        promised = [_import(clinic, file, now) for file in (as_csv(rows_of()), b"not,a,transcript\n")]
    for job in promised:
        jobs.run(clinic_id=clinic.pk, job_id=job)


def _book(client: Client, therapist: User, at: datetime) -> Appointment:
    local = at.astimezone(ZoneInfo(client.clinic.time_zone))
    return appointments.book(
        client=client, episode=Episode.objects.get(client=client), kind=Appointment.Kind.TREATMENT, duration_min=50,
        therapist=therapist, start_on=local.date(), start_time=local.time().replace(second=0, microsecond=0),
        beside=True, by=therapist, now=at,
    )  # fmt: skip


def _import(clinic: Clinic, file: bytes, now: datetime) -> int:
    coder = User.objects.get(email=login_of(FULL, Role.CODER))
    upload = uploads.store_upload(
        clinic=clinic, chunks=[file], file_name="walking.csv", source_format="annomi", by=coder, now=now
    )
    args = {"upload": str(upload.public_id), "dry_run": False, "skip_bad_rows": False}
    return int(jobs.promise(kind=uploads.IMPORT_JOB, label="Import of walking.csv", by=coder, args=args).pk)


def login_of(clinic: str, role: Role) -> str:
    """Return the sign-in of the clinic's person in a role."""
    return f"{role.value}@{clinic}.example"


def fill(folder: Path) -> None:
    """Fill the database that the sites are copied from, by the command that fills the demonstration."""
    first = Site(environment(folder, filled_name(), QUEUE, {}), folder, filled_name())
    first.run_manage("seed_demo")
    first.run_manage("shell", "--no-imports", "-c", "from tests import pages; pages.open_day(); pages.open_empty()")


@pytest.fixture(scope="session")
def filled_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return the running site, shared by all browser tests of a worker."""
    folder = tmp_path_factory.mktemp("pages")
    like = made_once(filled_name(), template(), lambda: fill(folder))
    with open_site(folder, database_name("pages"), like=like, queue=QUEUE) as made:
        made.start_web()
        yield made

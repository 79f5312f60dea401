"""
The world of the tests: two clinics that look alike, people named by role, and the least valid rows.

Whatever a list test finds of the neighbour is a leak: names and dates are the same on both sides.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from allauth.mfa.totp.internal.auth import generate_totp_secret

from clients.models import Appointment, CaseloadAssignment, Client, Episode
from clinics.models import Clinic, Program, User
from clinics.roles import Role
from clinics.second_factor import enrol_totp
from clinics.services import people
from clinics.tenancy import clinic_scope
from sessions.models import ProgressNote, TherapySession

PASSWORD = "correct horse battery staple"
NOW = datetime(2026, 11, 19, 15, 0, tzinfo=UTC)
CANARY = "CANARY"


@dataclass
class Side:
    """One clinic of the world, its people by role, and one row of each kind."""

    clinic: Clinic
    people: dict[Role, User]
    other_therapist: User
    rows: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        if name in self.__dict__.get("rows", {}):
            return self.__dict__["rows"][name]
        raise AttributeError(name)

    @property
    def coordinator(self) -> User:
        return self.people[Role.COORDINATOR]

    @property
    def therapist(self) -> User:
        return self.people[Role.THERAPIST]

    @property
    def supervisor(self) -> User:
        return self.people[Role.SUPERVISOR]

    @property
    def coder(self) -> User:
        return self.people[Role.CODER]

    @property
    def privacy_officer(self) -> User:
        return self.people[Role.PRIVACY_OFFICER]

    @property
    def administrator(self) -> User:
        return self.people[Role.ADMINISTRATOR]

    def scope(self, user: User | None = None) -> Any:
        """Return the clinic's scope, for arranging and asserting."""
        return clinic_scope(self.clinic.pk, user.pk if user else None)


@dataclass
class World:
    """The clinic under test and its neighbour."""

    here: Side
    neighbour: Side


def make_user(email: str, name: str) -> User:
    """Return a person with a password and a second factor."""
    user = User.objects.create_user(email=email, name=name, password=PASSWORD)
    enrol_totp(user, generate_totp_secret())
    return user


def build_side(slug: str, name: str, prefix: str) -> Side:
    """Return a clinic with a person in each role, one client in care, one attended session and its draft note."""
    clinic = people.create_clinic(slug=slug, name=name, initials=prefix, reference_prefix=prefix)
    staff = {
        role: make_user(f"{role.value}@{slug}.example", f"{role.value.title()} {prefix}") for role in Role
    }
    other = make_user(f"other@{slug}.example", f"Other {prefix}")
    with clinic_scope(clinic.pk):
        for role, user in staff.items():
            people.add_member(clinic=clinic, user=user, role=role, by=None)
        people.add_member(clinic=clinic, user=other, role=Role.THERAPIST, by=None)
        people.start_supervision(supervisor=staff[Role.SUPERVISOR], supervisee=staff[Role.THERAPIST], by=None)
        side = Side(clinic, staff, other)
        side.rows.update(_rows(clinic, staff[Role.THERAPIST], slug))
    return side


def _rows(clinic: Clinic, therapist: User, slug: str) -> dict[str, Any]:
    mark = f"{CANARY}-{slug}"
    program = Program.objects.create(clinic=clinic, name="Outpatient")
    client = Client.objects.create(
        clinic=clinic, reference=people.next_reference(clinic), legal_name=f"Jordan Marsh {mark}", goes_by="Jordan",
        family_key="marsh", given_key="jordan", born_on=date(1988, 3, 14),
    )  # fmt: skip
    episode = Episode.objects.create(
        clinic=clinic, client=client, program=program, admitted_on=date(2026, 9, 1)
    )
    CaseloadAssignment.objects.create(clinic=clinic, client=client, user=therapist)
    appointment = Appointment.objects.create(
        clinic=clinic, client=client, episode=episode, therapist=therapist, starts_at=NOW - timedelta(days=2),
        service_on=(NOW - timedelta(days=2)).date(), attendance="attended",
    )  # fmt: skip
    session = TherapySession.objects.create(
        clinic=clinic, client=client, appointment=appointment, therapist=therapist,
        service_on=appointment.service_on, started_at=appointment.starts_at, duration_min=50,
    )  # fmt: skip
    note = ProgressNote.objects.create(
        clinic=clinic, client=client, session=session, author=therapist, body=f"{mark} note"
    )
    return {
        "program": program, "client": client, "episode": episode, "appointment": appointment, "session": session,
        "note": note,
    }  # fmt: skip


def build_world() -> World:
    """Return the two clinics."""
    return World(
        here=build_side("riverbend", "Riverbend Behavioral Health", "RB"),
        neighbour=build_side("harbor", "Harbor Youth and Family", "HY"),
    )

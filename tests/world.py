"""
The world of the tests: two clinics that look alike, people named by role, and the least valid rows.

Whatever a list test finds of the neighbour is a leak: names and dates are the same on both sides.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from allauth.mfa.totp.internal.auth import generate_totp_secret

from analytics.models import FidelityCell, FillState, Verification
from clients.models import (
    Appointment,
    BreakGlass,
    CaseloadAssignment,
    ChangeTarget,
    Client,
    Episode,
    RulerReading,
)
from clinics.models import (
    ApiToken,
    Clinic,
    DirtyMark,
    Draft,
    IdempotencyKey,
    InstrumentVersion,
    Invitation,
    Job,
    Program,
    User,
)
from clinics.roles import Role
from clinics.second_factor import enrol_totp
from clinics.services import instruments, people
from clinics.tenancy import clinic_scope
from sessions.models import (
    Addendum,
    CodedLine,
    Coding,
    ImportBatch,
    ImportUpload,
    ImportUploadPart,
    NoteSignature,
    PracticeSet,
    ProgressNote,
    Rating,
    ScoreResult,
    Segment,
    TherapySession,
    Transcript,
    Utterance,
    UtteranceCode,
)
from tests import world_care, world_rows
from tests.world_rows import CANARY, NOW

PASSWORD = "correct horse battery staple"


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
    staff = {role: make_user(f"{role.value}@{slug}.example", f"{role.value.title()} {prefix}") for role in Role}
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
    episode = Episode.objects.create(clinic=clinic, client=client, program=program, admitted_on=date(2026, 9, 1))
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
    rows = {
        "program": program, "client": client, "episode": episode, "appointment": appointment, "session": session,
        "note": note,
    }  # fmt: skip
    asked = world_rows.asked(clinic, client, mark)
    agreed = world_rows.agreed(client, therapist, mark)
    twice = world_rows.twice(client, asked["inquiry"].taken_by, mark)
    work = _access_and_work(clinic, client, therapist, mark)
    signed = _signed(rows, therapist, mark)
    admitted = world_rows.admitted({**rows, **asked}, therapist, mark)
    target = work["change_target"]
    return {
        **rows,
        **work,
        **signed,
        **asked,
        **admitted,
        **world_care.measured(client, therapist, mark),
        **world_care.moved(target, therapist, mark),
        **world_care.worked_out(target, appointment, therapist, mark),
        **(planned := world_care.planned(episode, target, therapist, mark)),
        **world_care.printed(planned["plan_version"], work["job"], therapist, mark),
        **agreed,
        **world_rows.paid_and_mandated(client, agreed["disclosure"], therapist, mark),
        **twice,
        # What may stand in an address and is not the first row of a table: a word, the other one of two.
        "words": {
            "token": [clinic.slug],
            "secret": [f"measure-{clinic.slug}"],
            "other_id": [twice["merge"].absorbed.public_id],
        },
    }


def _access_and_work(clinic: Clinic, client: Client, therapist: User, mark: str) -> dict[str, Any]:
    """Return one row of each kind that is about access or about work in progress."""
    much_later = NOW + timedelta(days=36_500)
    administrator = User.objects.get(email=f"administrator@{clinic.slug}.example")
    return {
        "break_glass": BreakGlass.objects.create(
            clinic=clinic, client=client, user=User.objects.get(email=f"other@{clinic.slug}.example"),
            reason=f"{mark} reason", starts_at=NOW - timedelta(days=3), ends_at=NOW - timedelta(days=2),
        ),
        "change_target": ChangeTarget.objects.create(clinic=clinic, client=client, goal=f"{mark} goal"),
        "invitation": Invitation.objects.create(
            clinic=clinic, email=f"invited@{clinic.slug}.example", name=f"{mark} Invited", role="therapist",
            digest=hashlib.sha256(clinic.slug.encode()).digest(), invited_by=administrator, expires_at=much_later,
        ),
        "job": Job.objects.create(clinic=clinic, kind="import_transcripts", label=f"{mark} job", state="dead", finished_at=NOW),
        "mark": DirtyMark.objects.create(clinic=clinic, kind="probe", key="none"),
        "draft": Draft.objects.create(clinic=clinic, user=therapist, key=f"world-draft-{clinic.slug}", body=f"{mark} draft"),
        "repeat": IdempotencyKey.objects.create(
            clinic=clinic, user=therapist, key=f"world-repeat-{clinic.slug}", route="world", body_hash=b"0" * 32
        ),
        "token": ApiToken.objects.create(
            clinic=clinic, user=therapist, name=f"{mark} token", prefix="world",
            digest=hashlib.sha256(f"token {clinic.slug}".encode()).digest(), expires_at=much_later,
        ),
    }  # fmt: skip


def _signed(rows: dict[str, Any], therapist: User, mark: str) -> dict[str, Any]:
    """Return a second session, read, transcribed, coded and signed, and the figures made of it."""
    clinic, client = rows["program"].clinic, rows["client"]
    appointment = Appointment.objects.create(
        clinic=clinic, client=client, episode=rows["episode"], therapist=therapist,
        starts_at=NOW - timedelta(days=9), service_on=(NOW - timedelta(days=9)).date(), attendance="attended",
    )  # fmt: skip
    session = TherapySession.objects.create(
        clinic=clinic, client=client, appointment=appointment, therapist=therapist,
        service_on=appointment.service_on, started_at=appointment.starts_at, duration_min=50,
    )  # fmt: skip
    ruler = RulerReading.objects.create(
        clinic=clinic, client=client, appointment=appointment, ruler="importance", value=6,
        taken_on=appointment.service_on, taken_by=therapist,
    )  # fmt: skip
    note = ProgressNote.objects.create(
        clinic=clinic, client=client, session=session, author=therapist, body=f"{mark} signed note"
    )
    ProgressNote.objects.filter(pk=note.pk).update(state="locked", signed_at=NOW, content_hash="0" * 64)
    signature = NoteSignature.objects.create(
        clinic=clinic, note=note, signer=therapist, capacity="author", printed_name=f"{mark} Name",
        content_hash="0" * 64, signed_at=NOW,
    )  # fmt: skip
    addendum = Addendum.objects.create(
        clinic=clinic, note=note, author=therapist, kind="more", body=f"{mark} addendum", content_hash="0" * 64,
        signed_at=NOW,
    )  # fmt: skip
    instruments.adopt_all_shipped(clinic=clinic, by=None, now=NOW)
    batch = ImportBatch.objects.create(
        clinic=clinic, source_format="annomi", file_name=f"{mark}.csv", file_hash="0" * 64
    )
    upload = ImportUpload.objects.create(clinic=clinic, source_format="annomi", file_name=f"{mark}.csv", size=1)
    ImportUploadPart.objects.create(clinic=clinic, upload=upload, seq=0, content=f"{mark} part")
    practice_set = PracticeSet.objects.create(clinic=clinic, key=f"world-{clinic.slug}", name=f"{mark} practice")
    demonstration = Transcript.objects.create(
        clinic=clinic, practice_set=practice_set, import_batch=batch, source_key="1", title=f"{mark} demonstration"
    )
    transcript = Transcript.objects.create(clinic=clinic, session=session, therapist=therapist, line_count=2)
    lines = [
        Utterance.objects.create(clinic=clinic, transcript=transcript, seq=seq, speaker=speaker, text=f"{mark} {seq}")
        for seq, speaker in enumerate(("therapist", "client"))
    ]
    segment = Segment.objects.create(
        clinic=clinic, transcript=transcript, first_seq=0, last_seq=1, selection="random", seed=7
    )
    coding = Coding.objects.create(
        clinic=clinic, segment=segment, transcript=transcript, coder_role="coder", therapist=therapist,
        instrument=InstrumentVersion.objects.get(key="miti"), service_on=session.service_on,
        coder=User.objects.get(email=f"coder@{clinic.slug}.example"), change_target=ChangeTarget.objects.get(),
    )  # fmt: skip
    CodedLine.objects.create(clinic=clinic, coding=coding, utterance=lines[0])
    UtteranceCode.objects.create(clinic=clinic, coding=coding, utterance=lines[0], slot="question", item_key="Q")
    Rating.objects.create(clinic=clinic, coding=coding, item_key="EMPATHY", value=4)
    ScoreResult.objects.create(
        clinic=clinic, coding=coding, score_key="r_to_q", numerator=0, denominator=1, value=0, band="below",
        engine_version="world",
    )  # fmt: skip
    return {
        "signed_session": session, "ruler": ruler, "signed_note": note, "signature": signature, "addendum": addendum,
        "batch": batch, "practice_set": practice_set, "demonstration": demonstration, "transcript": transcript,
        "segment": segment, "coding": coding,
        "cell": FidelityCell.objects.create(
            clinic=clinic, therapist=therapist, month=session.service_on.replace(day=1), score_key="r_to_q",
            comparability_group="world", n_codings=1, n_defined=1, sum_value=0, sum_numerator=0, sum_denominator=1,
        ),
        "fill": FillState.objects.create(clinic=clinic, metric="world"),
        "verification": Verification.objects.create(clinic=clinic, metric="world", cells=1, differing=0),
    }  # fmt: skip


def build_world() -> World:
    """Return the two clinics."""
    return World(
        here=build_side("riverbend", "Riverbend Behavioral Health", "RB"),
        neighbour=build_side("harbor", "Harbor Youth and Family", "HY"),
    )

"""Twenty more of everything that a list shows, so that a page that asks once for each row is found."""

import hashlib
from datetime import date, timedelta

from django.utils import timezone

from clients.models import (
    Appointment,
    BreakGlass,
    CaseloadAssignment,
    ChangeTarget,
    Client,
    Episode,
    MeasureLink,
    MeasureResponse,
    MeasureSchedule,
    MeasureScore,
    RulerReading,
)
from clinics.models import ApiToken, InstrumentVersion, Invitation, Job, Program, User
from clinics.roles import Role
from clinics.services import people
from sessions.models import (
    Coding,
    ImportBatch,
    NoteSignature,
    PracticeSet,
    ProgressNote,
    ScoreResult,
    Segment,
    TherapySession,
    Transcript,
    Utterance,
)
from tests.world import Side

MORE = 20


def grow(side: Side, *, times: int = 1) -> None:
    """
    Add twenty people in care with sessions, notes and samples, and twenty rows of each kind of work.

    times   which twenty: 1 the first, 2 the next
    """
    instrument = InstrumentVersion.objects.get(key="miti")
    for number in range((times - 1) * MORE, times * MORE):
        _care(side, number)
        _measures(side, number)
        _samples(side, number, instrument)
        _work(side, number)


def _care(side: Side, number: int) -> None:
    clinic, therapist, now = side.clinic, side.therapist, timezone.now()
    client = Client.objects.create(
        clinic=clinic, reference=people.next_reference(clinic), legal_name=f"Robin Vale {number}",
        family_key="vale", given_key="robin", born_on=date(1990, 1, 1) + timedelta(days=number),
    )  # fmt: skip
    episode = Episode.objects.create(clinic=clinic, client=client, program=side.program, admitted_on=date(2026, 9, 1))
    CaseloadAssignment.objects.create(clinic=clinic, client=client, user=therapist)
    ChangeTarget.objects.create(clinic=clinic, client=side.client, goal=f"Goal {number}")
    BreakGlass.objects.create(
        clinic=clinic, client=client, user=side.other_therapist, reason="Asked for help at the desk.",
        starts_at=now - timedelta(days=3), ends_at=now - timedelta(days=2),
    )  # fmt: skip
    for owner, home, starts_at in (
        (client, episode, now - timedelta(minutes=number)),
        (side.client, side.episode, now - timedelta(days=20, minutes=60 * number)),
    ):
        appointment = Appointment.objects.create(
            clinic=clinic, client=owner, episode=home, therapist=therapist, starts_at=starts_at,
            service_on=starts_at.date(), attendance="attended",
        )  # fmt: skip
        session = TherapySession.objects.create(
            clinic=clinic, client=owner, appointment=appointment, therapist=therapist,
            service_on=appointment.service_on, started_at=starts_at, duration_min=50,
        )  # fmt: skip
        RulerReading.objects.create(
            clinic=clinic, client=owner, appointment=appointment, ruler="importance", value=5,
            taken_on=appointment.service_on, taken_by=therapist,
        )  # fmt: skip
        note = ProgressNote.objects.create(clinic=clinic, client=owner, session=session, author=therapist, body="Talk.")
        if owner is side.client:
            ProgressNote.objects.filter(pk=note.pk).update(state="locked", signed_at=now, content_hash="0" * 64)
            NoteSignature.objects.create(
                clinic=clinic, note=note, signer=therapist, capacity="author", printed_name="Name",
                content_hash="0" * 64, signed_at=now,
            )  # fmt: skip
        booked_at = now + timedelta(minutes=number)
        Appointment.objects.create(
            clinic=clinic, client=owner, episode=home, therapist=therapist, starts_at=booked_at,
            service_on=booked_at.date(),
        )  # fmt: skip


def _measures(side: Side, number: int) -> None:
    clinic, at = side.clinic, timezone.now() - timedelta(days=number)
    instruments = list(InstrumentVersion.objects.filter(kind="measure").order_by("key"))
    response = MeasureResponse.objects.create(
        clinic=clinic, client=side.client, instrument=instruments[number % len(instruments)], source="clinician",
        taken_on=at.date(), taken_at=at, taken_by=side.therapist, answers={}, complete=False,
    )  # fmt: skip
    MeasureScore.objects.create(
        clinic=clinic, response=response, score_key="total", reason="missing_input", engine_version="grown"
    )
    MeasureLink.objects.create(
        clinic=clinic, client=side.client, instrument=response.instrument, made_by=side.therapist,
        digest=hashlib.sha256(f"grown {number}".encode()).digest(), expires_at=timezone.now() + timedelta(days=7),
    )  # fmt: skip
    MeasureSchedule.objects.create(
        clinic=clinic, client=side.client, key=f"grown-{number}", every_days=30, next_due_on=at.date(),
        started_by=side.therapist,
    )  # fmt: skip


def _samples(side: Side, number: int, instrument: InstrumentVersion) -> None:
    clinic, session = side.clinic, side.signed_session
    batch = ImportBatch.objects.create(
        clinic=clinic, source_format="annomi", file_name=f"more-{number}.csv", file_hash=f"{number:064d}"
    )
    practice_set = PracticeSet.objects.create(clinic=clinic, key=f"more-{number}", name=f"More {number}")
    for home in (practice_set, side.practice_set):
        Transcript.objects.create(
            clinic=clinic, practice_set=home, import_batch=batch, source_key=f"more-{number}", title=f"Talk {number}"
        )
    transcript = Transcript.objects.create(clinic=clinic, session=session, therapist=side.therapist, line_count=1)
    for owner, seq in ((transcript, 0), (side.transcript, 10 + number)):
        Utterance.objects.create(clinic=clinic, transcript=owner, seq=seq, speaker="client", text="I could walk.")
    for owner, last in ((transcript, 0), (side.transcript, 1)):
        segment = Segment.objects.create(
            clinic=clinic, transcript=owner, first_seq=0, last_seq=last, selection="random", seed=number
        )
        coding = Coding.objects.create(
            clinic=clinic, segment=segment, transcript=owner, coder_role="coder", therapist=side.therapist,
            instrument=instrument, service_on=session.service_on, coder=side.coder, change_target=side.change_target,
        )  # fmt: skip
        ScoreResult.objects.create(
            clinic=clinic, coding=coding, score_key="r_to_q", numerator=1, denominator=1, value=1, band="below",
            engine_version="more",
        )  # fmt: skip


def _work(side: Side, number: int) -> None:
    clinic, now = side.clinic, timezone.now()
    Program.objects.create(clinic=clinic, name=f"Program {number}")
    Job.objects.create(
        clinic=clinic, kind="probe", label=f"Job {number}", state="dead", finished_at=now, made_by=side.coder
    )
    Invitation.objects.create(
        clinic=clinic, email=f"more{number}@mail.example", name=f"More {number}", role="coder",
        digest=hashlib.sha256(str(number).encode()).digest(), invited_by=side.administrator,
        expires_at=now + timedelta(days=3),
    )  # fmt: skip
    ApiToken.objects.create(
        clinic=clinic, user=side.therapist, name=f"Token {number}", prefix=f"more{number}",
        digest=hashlib.sha256(f"more {number}".encode()).digest(), expires_at=now + timedelta(days=3),
    )  # fmt: skip
    user = User.objects.create_user(email=f"more{number}@{clinic.slug}.example", name=f"More {number}")
    people.add_member(clinic=clinic, user=user, role=Role.THERAPIST, by=None)
    people.start_supervision(supervisor=side.supervisor, supervisee=user, by=None)

"""
The world of the tests: two clinics that look alike, people named by role, and the least valid rows.

Whatever a list test finds of the neighbour is a leak: names and dates are the same on both sides.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from allauth.mfa.totp.internal.auth import generate_totp_secret

from analytics.models import FidelityCell, FillState, Verification
from clients.models import (
    Admission,
    AdmissionDecision,
    Appointment,
    Assessment,
    Authorisation,
    BenefitCheck,
    BreakGlass,
    CaseloadAssignment,
    ChangeTarget,
    Client,
    Consent,
    ConsentEvent,
    ContactAttempt,
    Coverage,
    Disclosure,
    DisclosurePackage,
    Episode,
    Inquiry,
    InquiryMove,
    InterimOffer,
    Mandate,
    MandateReport,
    Merge,
    NoticeGiven,
    NotTheSame,
    ReferralOrganisation,
    Restriction,
    RulerReading,
    SafetyConcern,
    SafetyPlan,
    Shift,
    Task,
    WaitlistEntry,
    WorkingHours,
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
    asked = _asked(clinic, client, mark)
    agreed = _agreed(client, therapist, mark)
    twice = _twice(client, asked["inquiry"].taken_by, mark)
    return {
        **rows,
        **_access_and_work(clinic, client, therapist, mark),
        **_signed(rows, therapist, mark),
        **asked,
        **_admitted({**rows, **asked}, therapist, mark),
        **agreed,
        **_paid_and_mandated(client, agreed["disclosure"], therapist, mark),
        **twice,
        # What may stand in an address and is not the first row of a table: a word, the other one of two.
        "words": {"token": [clinic.slug], "other_id": [twice["merge"].absorbed.public_id]},
    }


def _asked(clinic: Clinic, client: Client, mark: str) -> dict[str, Any]:
    """Return an inquiry about the client that is being called back, with a row of each kind under it."""
    coordinator = User.objects.get(email=f"coordinator@{clinic.slug}.example")
    inquiry = Inquiry.objects.create(
        clinic=clinic, client=client, channel="phone_missed", received_at=NOW - timedelta(hours=20), relation="parent",
        caller_name=f"{mark} Caller", phone="+13125550188", words=f"{mark} words", taken_by=coordinator,
    )  # fmt: skip
    attempt = ContactAttempt.objects.create(
        clinic=clinic, inquiry=inquiry, at=NOW - timedelta(hours=19), by=coordinator, direction="outbound",
        method="phone", outcome="no_answer", note=f"{mark} attempt",
    )  # fmt: skip
    move = InquiryMove.objects.create(
        clinic=clinic, inquiry=inquiry, origin="new", to="contacting", by=coordinator, note=f"{mark} move"
    )
    concern = SafetyConcern.objects.create(
        clinic=clinic, inquiry=inquiry, client=client, level="S1", code="world", due_at=NOW, raised_by=coordinator
    )
    review = Task.objects.create(
        clinic=clinic, kind="safety", key=f"world-review-{clinic.slug}", inquiry=inquiry, client=client,
        concern=concern, role="supervisor", due_at=NOW,
    )  # fmt: skip
    task = Task.objects.create(
        clinic=clinic, kind="call_back", key=f"world-{clinic.slug}", inquiry=inquiry, client=client,
        role="coordinator", due_at=NOW,
    )  # fmt: skip
    return {
        "inquiry": inquiry, "attempt": attempt, "move": move, "concern": concern, "review": review, "task": task,
    }  # fmt: skip


def _admitted(rows: dict[str, Any], therapist: User, mark: str) -> dict[str, Any]:
    """Return the way to an admission: assessed, decided, waiting, admitted; and when the therapist works."""
    client, inquiry = rows["client"], rows["inquiry"]
    clinic, coordinator = client.clinic, inquiry.taken_by
    of_inquiry = {"clinic": clinic, "inquiry": inquiry, "client": client}
    visit = Appointment.objects.create(
        **of_inquiry, therapist=therapist, kind="assessment", starts_at=NOW + timedelta(days=1),
        service_on=(NOW + timedelta(days=1)).date(),
    )  # fmt: skip
    signed = Assessment.objects.create(
        **of_inquiry, appointment=visit, assessor=therapist, sections=f'{{"need": "{mark} section"}}',
        level_of_care="outpatient", level_reason=f"{mark} level",
    )  # fmt: skip
    Assessment.objects.filter(pk=signed.pk).update(state="signed", signed_at=NOW, content_hash="0" * 64)
    draft = Assessment.objects.create(**of_inquiry, assessor=therapist, sections=f'{{"need": "{mark} draft"}}')
    decision = AdmissionDecision.objects.create(
        **of_inquiry, assessment=signed, outcome="accepted", level_of_care="outpatient", program=rows["program"],
        reason=f"{mark} reason", decided_by=therapist,
    )  # fmt: skip
    entry = WaitlistEntry.objects.create(**of_inquiry, program=rows["program"], level_of_care="outpatient", priority=4)
    return {
        "visit": visit,
        "assessment": signed,
        "assessment_draft": draft,
        "decision": decision,
        "wait": entry,
        "interim": InterimOffer.objects.create(
            clinic=clinic, entry=entry, offer="group", words=f"{mark} offer", answer="accepted", by=coordinator
        ),
        "admission": Admission.objects.create(
            **of_inquiry, episode=rows["episode"], assessment=signed, decision=decision, therapist=therapist,
            first_appointment=rows["appointment"], identity_check="photo_id", days_waited=3, admitted_by=coordinator,
        ),
        "hours": WorkingHours.objects.create(
            clinic=clinic, user=therapist, weekday=0, starts=time(9), ends=time(12), from_on=date(2026, 1, 1)
        ),
        "shift": Shift.objects.create(
            clinic=clinic, user=therapist, starts_at=NOW + timedelta(days=300), ends_at=NOW + timedelta(days=301),
            created_by=coordinator,
        ),
    }  # fmt: skip


def _agreed(client: Client, therapist: User, mark: str) -> dict[str, Any]:
    """Return what the client agreed to and asked for, and what was told about them."""
    clinic = client.clinic
    of_client = {"clinic": clinic, "client": client}
    terms = {
        "kind": "specific", "discloser": clinic.name, "categories": ["attendance"], "recipient": f"{mark} Recipient",
        "purpose": "treatment", "expires_at": NOW + timedelta(days=36_500), "states_revocation": True,
        "created_by": therapist, "description": f"{mark} description",
    }  # fmt: skip
    signed = Consent.objects.create(
        **of_client, **terms, text=f"{mark} consent", signed_name=f"{mark} Name", signer="self"
    )
    Consent.objects.filter(pk=signed.pk).update(
        state="active", signed_at=NOW, content_hash="0" * 64, witnessed_by=therapist
    )
    disclosure = Disclosure.objects.create(
        **of_client, consent=signed, basis="consent", purpose="treatment", recipient=f"{mark} Recipient",
        categories_asked=["attendance"], categories_given=["attendance"], description=f"{mark} told",
        notice_form="short", made_by=therapist,
    )  # fmt: skip
    return {
        "consent": signed,
        "consent_draft": Consent.objects.create(**of_client, **terms),
        "consent_event": ConsentEvent.objects.create(
            clinic=clinic, consent=signed, what="signed", by=therapist, note=f"{mark} event"
        ),
        "notice": NoticeGiven.objects.create(**of_client, notice="2026-02", answer="signed", given_by=therapist),
        "restriction": Restriction.objects.create(
            **of_client, recipient=f"{mark} Payer", to_payers=True, words=f"{mark} words", asked_by=therapist
        ),
        "disclosure": disclosure,
        "package": DisclosurePackage.objects.create(
            clinic=clinic, disclosure=disclosure, state="ready", body=_package(mark)
        ),
    }


def _paid_and_mandated(client: Client, disclosure: Disclosure, therapist: User, mark: str) -> dict[str, Any]:
    """Return who pays and who wants the client in care, with what was asked of and told to them; and a safety plan."""
    clinic, of_client = client.clinic, {"clinic": client.clinic, "client": client}
    coverage = Coverage.objects.create(
        **of_client, plan_type="1", payment="2", payer=f"{mark} Health", member_id=f"{mark} 12345",
        member_index=hashlib.sha256(clinic.slug.encode()).hexdigest(),
    )  # fmt: skip
    mandate = Mandate.objects.create(
        **of_client, kind="probation", body=f"{mark} County", docket=f"{mark} docket", client_view=f"{mark} view",
        reporting="monthly",
    )  # fmt: skip
    return {
        "organisation": ReferralOrganisation.objects.create(clinic=clinic, name=f"{mark} Practice", source="3"),
        "coverage": coverage,
        "benefit_check": BenefitCheck.objects.create(
            **of_client, coverage=coverage, disclosure=disclosure, requested_at=NOW, method="phone", result="active",
            notes=f"{mark} check", recorded_by=therapist,
        ),
        "authorisation": Authorisation.objects.create(
            **of_client, coverage=coverage, number=f"{mark} number", from_on=NOW.date(), until_on=NOW.date(), units=10
        ),
        "mandate": mandate,
        "mandate_report": MandateReport.objects.create(
            **of_client, mandate=mandate, disclosure=disclosure, from_on=NOW.date(), until_on=NOW.date(), kept=3,
            missed=1, participating=True, completed=False, made_by=therapist,
        ),
        "safety_plan": SafetyPlan.objects.create(
            **of_client, revision=1, parts=json.dumps({"signs": [f"{mark} sign"]}), made_by=therapist
        ),
    }  # fmt: skip


def _package(mark: str) -> str:
    """Return what a job put together for a recipient."""
    rows = [{"Day": f"{mark} package"}]
    cover = {"recipient": f"{mark} Recipient"}
    parts = [{"part": "attendance", "title": "Attendance", "rows": rows}]
    return json.dumps({"form": "evoke.disclosure.1", "cover": cover, "parts": parts})


def _twice(client: Client, coordinator: User, mark: str) -> dict[str, Any]:
    """Return a second record of the client that was joined into the first, and a pair found to be two people."""
    clinic = client.clinic
    absorbed = Client.objects.create(
        clinic=clinic, reference=f"{clinic.reference_prefix}-1999", legal_name=f"Jordan Marsh {mark}", family_key="marsh",
        given_key="jordan", merged_into=client,
    )  # fmt: skip
    return {
        "merge": Merge.objects.create(
            clinic=clinic, kept=client, absorbed=absorbed, reason=f"{mark} reason", by=coordinator
        ),
        "two_people": NotTheSame.objects.create(clinic=clinic, first=client, second=absorbed, by=coordinator),
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

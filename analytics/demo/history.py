"""Half a year at one demonstration clinic, made day by day through the services."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from analytics import rollups
from analytics.demo import (
    casting,
    consents,
    dialogue,
    exercises,
    hours,
    inquiries,
    mandates,
    measures,
    motivation,
    payers,
    plans,
    relapse,
)
from clients.models import Appointment, ChangeTarget, Client, Episode
from clients.services import appointments, caseload, targets
from clients.services import people as client_services
from clinics.models import Clinic, InstrumentVersion, Program, User
from clinics.roles import Role
from clinics.second_factor import enrol_totp
from clinics.services import instruments, people
from clinics.tenancy import clinic_scope
from sessions.models import Coding, ProgressNote, Segment, TherapySession, Transcript, Utterance
from sessions.services import codings, record, signing

WEEKS = 26
EVERY_WEEKS = 2
SAMPLES_A_MONTH = 3
HOURS = (time(9, 0), time(10, 30), time(13, 0), time(14, 30), time(16, 0))
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
Tell = Callable[[str], None]


@dataclass
class Place:
    """A clinic while its history is made."""

    clinic: Clinic
    cast: casting.ClinicCast
    staff: dict[str, User]
    rng: random.Random
    now: datetime

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.clinic.time_zone)).date()

    def of_role(self, role: Role) -> list[tuple[User, casting.Staff]]:
        return [(self.staff[casting.login_of(self.cast, s)], s) for s in self.cast.staff if s.role is role]

    def at(self, day: date, hour: time) -> datetime:
        return datetime.combine(day, hour, ZoneInfo(self.clinic.time_zone))


def open_clinic(cast: casting.ClinicCast, now: datetime, tell: Tell) -> Clinic:
    """Open one clinic of the demonstration with everything in it, in one transaction."""
    clinic = people.create_clinic(
        slug=cast.slug, name=cast.name, initials=cast.initials, reference_prefix=cast.initials, colour=cast.colour,
        time_zone=cast.time_zone,
    )  # fmt: skip
    staff = {}
    for one in cast.staff:
        login = casting.login_of(cast, one)
        user = User.objects.create_user(login, one.name, casting.PASSWORD, credentials=one.credentials)
        enrol_totp(user, casting.SECRET)
        staff[login] = user
    place = Place(clinic, cast, staff, random.Random(cast.slug), now)  # noqa: S311 - invented history, no secret
    with clinic_scope(clinic.pk):
        _people(place)
        held = _care(place)
        tell(f"{cast.name}: {len(cast.clients)} people in care, {len(held)} sessions")
        agreed = consents.agree(
            clinic=clinic,
            coordinator=place.of_role(Role.COORDINATOR)[0][0],
            officer=place.of_role(Role.PRIVACY_OFFICER)[0][0],
            now=now,
        )
        tell(f"{cast.name}: {agreed} consents")
        asked = inquiries.ask_for_care(
            clinic=clinic,
            coordinator=place.of_role(Role.COORDINATOR)[0][0],
            therapist=place.of_role(Role.THERAPIST)[0][0],
            supervisor=place.of_role(Role.SUPERVISOR)[0][0],
            now=now,
        )
        tell(f"{cast.name}: {asked} requests for care")
        answered = measures.answer(clinic=clinic, now=now)
        tell(f"{cast.name}: {answered} measures answered")
        rated = motivation.move(clinic=clinic, now=now)
        tell(f"{cast.name}: {rated} stages of change")
        worked_out = exercises.work_out(clinic=clinic, now=now)
        tell(f"{cast.name}: {worked_out} exercises")
        kept = relapse.keep(clinic=clinic, now=now)
        tell(f"{cast.name}: {kept} plans for return to use")
        paid = payers.pay(clinic=clinic, coordinator=place.of_role(Role.COORDINATOR)[0][0], now=now)
        tell(f"{cast.name}: {paid} ways of paying")
        asked_of = mandates.stand_beside(clinic=clinic, now=now)
        tell(f"{cast.name}: {asked_of} mandates")
        planned = plans.plan(clinic=clinic, supervisor=place.of_role(Role.SUPERVISOR)[0][0], now=now)
        tell(f"{cast.name}: {planned} treatment plans")
        hours.work(
            clinic=clinic,
            therapists=[therapist for therapist, _skill in place.of_role(Role.THERAPIST)],
            supervisor=place.of_role(Role.SUPERVISOR)[0][0],
            coordinator=place.of_role(Role.COORDINATOR)[0][0],
            now=now,
        )
        samples = _samples(place, held)
        rollups.drain_marks(limit=10_000)
        tell(f"{cast.name}: {samples} samples coded")
    return clinic


def _people(place: Place) -> None:
    supervisor = place.of_role(Role.SUPERVISOR)[0][0]
    for one in place.cast.staff:
        user = place.staff[casting.login_of(place.cast, one)]
        people.add_member(clinic=place.clinic, user=user, role=one.role, by=None)
    for therapist, _skill in place.of_role(Role.THERAPIST):
        people.start_supervision(supervisor=supervisor, supervisee=therapist, by=None)
    instruments.adopt_all_shipped(clinic=place.clinic, by=None, now=place.now)
    for name in ("Outpatient", "Intensive outpatient"):
        Program.objects.create(clinic=place.clinic, name=name)


def _care(place: Place) -> list[TherapySession]:
    """Admit everybody, and let their sessions take place; return those that did, oldest first."""
    therapists = place.of_role(Role.THERAPIST)
    coordinator = place.of_role(Role.COORDINATOR)[0][0]
    programs = list(Program.objects.all())
    held: list[TherapySession] = []
    for number, (legal_name, goes_by, pronouns, year) in enumerate(place.cast.clients):
        therapist, _skill = therapists[number % len(therapists)]
        start = place.today - timedelta(weeks=place.rng.randint(6, WEEKS), days=place.rng.randint(0, 4))
        # In care since before the clinic began to work with Evoke: brought over, not admitted here.
        client = client_services.record_client(
            clinic=place.clinic, legal_name=legal_name, goes_by=goes_by, pronouns=pronouns,
            born_on=casting.born_on(year, place.rng.randint(1, 12), place.rng.randint(1, 28), place.today),
            by=coordinator, now=place.now,
        )  # fmt: skip
        client_services.open_episode(
            client=client, program=place.rng.choice(programs), admitted_on=start, by=coordinator, now=place.now
        )
        caseload.assign(client=client, user=therapist, by=coordinator, reason="In care before")
        goal = place.rng.choice(dialogue.GOALS)
        targets.add(client=client, terms=motivation.terms_of(goal), by=therapist)
        hour = HOURS[(number // len(therapists)) % len(HOURS)]
        held += _sessions(place, client, therapist, start, hour, goal)
    return sorted(held, key=lambda session: session.started_at)


def _weekday(day: date) -> date:
    return day + timedelta(days=(7 - day.weekday()) % 7) if day.weekday() > 4 else day


def _sessions(
    place: Place, client: Client, therapist: User, start: date, hour: time, goal: str
) -> list[TherapySession]:
    episode = Episode.objects.get(client=client)
    held = []
    days = [_weekday(start + timedelta(days=3 + 7 * EVERY_WEEKS * n)) for n in range(WEEKS)]
    last_due = place.today + timedelta(days=14)
    rulers = {name: place.rng.randint(2, 6) for name in ("importance", "confidence", "readiness")}
    shown_today = place.today if place.rng.random() < 0.7 else None
    lately = {place.today - timedelta(days=place.rng.randint(1, 3))} if place.rng.random() < 0.6 else set()
    booked = {day for day in days if day <= last_due and day != place.today} | lately
    for day in sorted(booked | ({shown_today} if shown_today else set())):
        appointment = appointments.book(
            client=client, episode=episode, kind=Appointment.Kind.TREATMENT, therapist=therapist, start_on=day,
            start_time=hour, duration_min=50, beside=True, by=therapist, now=place.now,
        )  # fmt: skip
        if appointment.starts_at + timedelta(hours=2) > place.now or day == place.today:
            continue
        session = _one_session(place, appointment, therapist, rulers, goal)
        if session is not None:
            held.append(session)
    return held


def _one_session(
    place: Place, appointment: Appointment, therapist: User, rulers: dict[str, int], goal: str
) -> TherapySession | None:
    code = place.rng.choices(
        ("attended", "attended_late", "no_show", "late_cancel", "client_cancel"), (78, 7, 6, 4, 5)
    )[0]
    after = appointment.starts_at + timedelta(hours=1)
    seen = record.Seen(0, "")
    if code not in ("attended", "attended_late"):
        record.record_not_held(appointment=appointment, attendance=code, seen=seen, by=therapist, now=after)
        return None
    for name in rulers:
        rulers[name] = min(10, max(0, rulers[name] + place.rng.choice((-1, 0, 0, 1, 1))))
    mix = place.rng.choice((record.Mix(100, 0, 0, 0), record.Mix(50, 50, 0, 0), record.Mix(60, 0, 40, 0)))
    day = place.rng.choice(WEEKDAYS)
    text = place.rng.choice(dialogue.NOTES).format(goal=goal, goal_c=goal.capitalize(), day=day)
    held = record.Held(
        started_at=appointment.starts_at, duration_min=place.rng.choice((45, 50, 50, 55)),
        session_format=TherapySession.Format.INDIVIDUAL, mix=mix, note=text,
        rulers={**rulers, **_strain(appointment)},
    )  # fmt: skip
    session = record.record_held(
        appointment=appointment, attendance=code, held=held, seen=seen, by=therapist, now=after
    )
    # The newest notes wait: some for today, one or two past their day.
    if place.now - appointment.starts_at > timedelta(days=4):
        note = ProgressNote.objects.get(session=session)
        hours = 2 if place.rng.random() < 0.9 else 40
        signing.sign_note(
            note=note, seen_note=note.version, seen_session=session.version, by=therapist,
            now=appointment.starts_at + timedelta(hours=hours),
        )  # fmt: skip
    return session


def _strain(appointment: Appointment) -> dict[str, int]:
    """Return how strained a session was, where the therapist noted it: in every third."""
    place, noted = divmod(appointment.service_on.toordinal(), 3)
    return {"discord": place % 6} if noted == 0 else {}


def _samples(place: Place, held: list[TherapySession]) -> int:
    """Draw up to three sessions a therapist and month, write them down, and code and lock both sheets."""
    coder = place.of_role(Role.CODER)[0][0]
    miti = InstrumentVersion.objects.get(key="miti")
    language = InstrumentVersion.objects.get(key="client_language")
    first_month = held[0].service_on.replace(day=1) if held else place.today
    drawn, rows = 0, []
    for user, staff in place.of_role(Role.THERAPIST):
        by_month: dict[date, list[TherapySession]] = {}
        for session in held:
            if session.therapist_id == user.pk:
                by_month.setdefault(session.service_on.replace(day=1), []).append(session)
        for month, sessions in by_month.items():
            months = (month.year - first_month.year) * 12 + month.month - first_month.month
            skill = min(0.95, max(0.03, staff.skill + staff.gain * months))
            for session in place.rng.sample(sessions, min(SAMPLES_A_MONTH, len(sessions))):
                rows += _sample(place, session, skill, coder, miti, language)
                drawn += 1
    codings.lock_all(codings=rows, by=coder, now=place.now)
    return drawn


def _sample(
    place: Place,
    session: TherapySession,
    skill: float,
    coder: User,
    miti: InstrumentVersion,
    language: InstrumentVersion,
) -> list[Coding]:
    lines = dialogue.conversation(place.rng, skill, place.rng.randint(16, 24))
    transcript = Transcript.objects.create(
        clinic=place.clinic, session=session, therapist=session.therapist, timed=True, line_count=len(lines)
    )
    clock, words = 0, []
    for seq, line in enumerate(lines):
        words.append(
            Utterance(
                clinic=place.clinic,
                transcript=transcript,
                seq=seq,
                speaker=line.speaker,
                start_ms=clock,
                text=line.text,
            )
        )
        clock += 6_000 + 450 * len(line.text.split()) + place.rng.randint(0, 9_000)
    Utterance.objects.bulk_create(words)
    segment = Segment.objects.create(
        clinic=place.clinic, transcript=transcript, first_seq=0, last_seq=len(lines) - 1,
        selection=Segment.Selection.RANDOM, seed=place.rng.getrandbits(32),
    )  # fmt: skip
    target = ChangeTarget.objects.filter(client=session.client).first()
    sheets: tuple[tuple[InstrumentVersion, str, dict[str, int]], ...] = (
        (miti, "therapist", dialogue.globals_of(place.rng, skill)),
        (language, "client", {}),
    )
    made: list[Coding] = []
    for instrument, speaker, ratings in sheets:
        sheet = codings.NewCoding(
            coder_role=Coding.CoderRole.CODER, coder=coder, change_target=target, ratings=ratings,
            codes={seq: [line.item] for seq, line in enumerate(lines) if line.speaker == speaker},
        )  # fmt: skip
        made += codings.write_codings(segment=segment, instrument=instrument, codings=[sheet], by=coder)
    return made

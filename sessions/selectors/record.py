"""What the pages of one session show."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clients.models import Appointment, Client, RulerReading
from clinics.models import Clinic, User
from clinics.widgets import ruler_follow_up
from sessions.models import Addendum, NoteSignature, ProgressNote, TherapySession
from sessions.rules import signing
from sessions.rules.signing import Due
from sessions.selectors.signed import verify_note

MODALITIES = (
    ("mi_pct", _("Motivational interviewing"), _("MI")),
    ("cbt_pct", _("Cognitive behavioral therapy"), _("CBT")),
    ("dbt_pct", _("Dialectical behavior therapy"), _("DBT")),
    ("other_pct", _("Other"), _("Other")),
)
DUE_TONES = {Due.IN_TIME: "warn", Due.LATE: "danger", Due.OVERDUE: "danger"}


@dataclass(frozen=True)
class Deadline:
    """By when a note is to be signed: the instant, how it stands, and the words for it."""

    due_at: datetime
    standing: Due
    words: str

    @property
    def tone(self) -> str:
        """Return the tone of its badge."""
        return DUE_TONES[self.standing]


def deadline(started_at: datetime, duration_min: int, *, now: datetime, zone: ZoneInfo) -> Deadline:
    """
    Return by when the note of a session is to be signed.

    started_at    aware instant
    duration_min  elapsed minutes
    zone          the clinic's, for the words
    """
    ended_at = signing.session_ends_at(started_at, duration_min)
    due_at = signing.due_at(ended_at).astimezone(zone)
    found = signing.standing(ended_at, now)
    if found is Due.IN_TIME:
        words = gettext("Sign by %(time)s") % {"time": date_format(due_at, "D, g:i a")}
    elif found is Due.LATE:
        words = gettext("Late since %(time)s") % {"time": date_format(due_at, "D, g:i a")}
    else:
        words = gettext("Overdue since %(time)s") % {"time": date_format(due_at, "D, M j, g:i a")}
    return Deadline(due_at, found, words)


def mix_words(session: TherapySession) -> str:
    """Return how a session was divided, in words: one modality by its name, several by letters and percent."""
    parts = [(name, short, getattr(session, field)) for field, name, short in MODALITIES]
    used = [(name, short, percent) for name, short, percent in parts if percent]
    if len(used) == 1:
        return str(used[0][0])
    return ", ".join(f"{short} {percent}%" for _name, short, percent in used)


def readings_at(appointment_id: int) -> dict[str, int]:
    """Return the ruler answers of one appointment."""
    return dict(RulerReading.objects.filter(appointment_id=appointment_id).values_list("ruler", "value"))


def readings_before(*, client_id: int, started_at: datetime, appointment_id: int) -> dict[str, int]:
    """Return the ruler answers of the person's session before this one; empty when there was none."""
    before = (
        TherapySession.objects.filter(client_id=client_id, started_at__lt=started_at)
        .exclude(appointment_id=appointment_id)
        .order_by("-started_at", "-id")
        .values("appointment_id")[:1]
    )
    return dict(RulerReading.objects.filter(appointment_id__in=before).values_list("ruler", "value"))


def number_in_episode(appointment: Appointment, started_at: datetime) -> int:
    """Return which session of the episode this is, counted from 1 by start."""
    earlier = TherapySession.objects.filter(
        client_id=appointment.client_id, appointment__episode_id=appointment.episode_id, started_at__lt=started_at
    ).exclude(appointment=appointment)
    count: int = earlier.count()
    return count + 1


@dataclass(frozen=True)
class RulerShown:
    """One ruler of a record as it is read: its name, the answer (None: not asked), how it moved."""

    label: str
    value: int | None
    moved: str


@dataclass(frozen=True)
class SessionPage:
    """
    One session as a person may see it.

    note        None when it is not theirs to read, or not written
    readable    whether a note that exists is theirs to read
    intact      whether what was signed still stands; None while unsigned or unreadable
    client_link whether the person's own page is open to the reader
    """

    session: TherapySession
    client: Client
    appointment: Appointment
    therapist: User
    number: int
    mix: str
    rulers: tuple[RulerShown, ...]
    note: ProgressNote | None
    readable: bool
    state: str
    mine: bool
    deadline: Deadline | None
    signature: NoteSignature | None
    addenda: tuple[Addendum, ...]
    intact: bool | None
    client_link: bool


def session_page(session: TherapySession, *, user: User, clinic: Clinic, now: datetime) -> SessionPage:
    """Return what `user` may see of a session they may open."""
    appointment = Appointment.objects.select_related("client", "therapist").get(pk=session.appointment_id)
    note = ProgressNote.objects.select_related("session", "client", "author").filter(session=session).first()
    mine = note is not None and note.author_id == user.pk
    readable = note is not None and (
        mine or ProgressNote.objects.permitted(user, "clinics.view_note").filter(pk=note.pk).exists()
    )
    signed = note is not None and note.state == ProgressNote.State.LOCKED
    shown = note if readable else None
    signature = None
    addenda: tuple[Addendum, ...] = ()
    if shown is not None and signed:
        signature = shown.signatures.filter(capacity=NoteSignature.Capacity.AUTHOR).first()
        addenda = tuple(shown.addenda.select_related("author"))
    return SessionPage(
        session=session,
        client=appointment.client,
        appointment=appointment,
        therapist=appointment.therapist,
        number=number_in_episode(appointment, session.started_at),
        mix=mix_words(session),
        rulers=_rulers(session, user),
        note=shown,
        readable=readable or note is None,
        state=note.state if note is not None else "",
        mine=mine,
        deadline=None
        if signed
        else deadline(session.started_at, session.duration_min, now=now, zone=ZoneInfo(clinic.time_zone)),
        signature=signature,
        addenda=addenda,
        intact=verify_note(shown) if shown is not None and signed else None,
        client_link=Client.objects.permitted(user, "clinics.view_client").filter(pk=session.client_id).exists(),
    )


def _rulers(session: TherapySession, user: User) -> tuple[RulerShown, ...]:
    readable = RulerReading.objects.permitted(user, "clinics.view_plan") | RulerReading.objects.filter(taken_by=user)
    answers = dict(readable.filter(appointment_id=session.appointment_id).values_list("ruler", "value"))
    last = readings_before(
        client_id=session.client_id, started_at=session.started_at, appointment_id=session.appointment_id
    )
    return tuple(
        RulerShown(str(ruler.label), answers.get(ruler), ruler_follow_up(answers.get(ruler), last.get(ruler)).moved)
        for ruler in RulerReading.Ruler
    )

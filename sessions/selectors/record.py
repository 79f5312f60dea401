"""What the pages of one session show."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clients.models import ASKED_RULERS, Appointment, Client, RulerReading
from clients.selectors.motivation import SEES_MANDATES
from clinics.models import Clinic, User
from clinics.widgets import ruler_follow_up
from sessions.models import Addendum, NoteSignature, ProgressNote, TherapySession
from sessions.rules import signing
from sessions.rules.signing import Due
from sessions.selectors.signed import signed_rows

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


@dataclass(frozen=True)
class Readings:
    """Ruler answers by ruler: of one appointment, and of the person's session before it."""

    now: dict[str, int]
    before: dict[str, int]


def readings(*, client_id: int, started_at: datetime, appointment_id: int, next_about: int | None = None) -> Readings:
    """
    Return the ruler answers of an appointment that started (or is booked) at `started_at`, and those before.

    Answers compare where both are about the same goal; one that was taken without a goal compares with any.

    next_about   the goal that answers of this appointment will be about, where there are none yet
    """
    before = (
        TherapySession.objects.filter(client_id=client_id, started_at__lt=started_at)
        .exclude(appointment_id=appointment_id)
        .order_by("-started_at", "-id")
        .values("appointment_id")[:1]
    )
    rows = RulerReading.objects.filter(client_id=client_id).filter(
        Q(appointment_id=appointment_id) | Q(appointment_id__in=before)
    )
    taken = list(rows.values_list("appointment_id", "ruler", "value", "target_id"))
    now = {ruler: (value, target) for appointment, ruler, value, target in taken if appointment == appointment_id}
    asked = [target for ruler, (_value, target) in now.items() if ruler != RulerReading.Ruler.DISCORD]
    about = asked[0] if asked else next_about
    before = {
        ruler: value
        for appointment, ruler, value, target in taken
        if appointment != appointment_id and (about is None or target in (about, None))
    }
    return Readings({ruler: value for ruler, (value, _target) in now.items()}, before)


@dataclass(frozen=True)
class Place:
    """
    Where a session stands.

    number        which session of the episode it is, counted from 1 by start
    client_link   whether the person's own page opens for the reader
    plan_link     whether the person's plan, and so their rulers, are the reader's to see
    mandate_link  whether what others ask of the person is the reader's to see
    """

    appointment: Appointment
    client: Client
    therapist: User
    number: int
    client_link: bool
    plan_link: bool
    mandate_link: bool


def place(appointment_id: int, *, user: User, started_at: datetime) -> Place:
    """Return where the session of an appointment stands that started (or is booked) at `started_at`."""
    person = Client.objects.filter(pk=OuterRef("client_id"))
    earlier = (
        TherapySession.objects.filter(
            client_id=OuterRef("client_id"), appointment__episode_id=OuterRef("episode_id"), started_at__lt=started_at
        )
        .exclude(appointment_id=appointment_id)
        .order_by()
        .values("client_id")
        .annotate(n=Count("*"))
        .values("n")
    )
    row = (
        Appointment.objects.select_related("client", "therapist")
        .annotate(
            earlier=Coalesce(Subquery(earlier, output_field=IntegerField()), 0),
            client_link=Exists(person.permitted(user, "clinics.view_client")),
            plan_link=Exists(person.permitted(user, "clinics.view_plan")),
            mandate_link=Exists(person.permitted(user, SEES_MANDATES)),
        )
        .get(pk=appointment_id)
    )
    return Place(row, row.client, row.therapist, row.earlier + 1, row.client_link, row.plan_link, row.mandate_link)


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
    """

    session: TherapySession
    place: Place
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


def session_page(session: TherapySession, *, user: User, clinic: Clinic, now: datetime) -> SessionPage:
    """Return what `user` may see of a session they may open."""
    where = place(session.appointment_id, user=user, started_at=session.started_at)
    answers = readings(
        client_id=session.client_id, started_at=session.started_at, appointment_id=session.appointment_id
    )
    note = ProgressNote.objects.select_related("session", "client", "author").filter(session=session).first()
    mine = (session.therapist_id if note is None else note.author_id) == user.pk
    readable = note is not None and (
        mine or ProgressNote.objects.permitted(user, "clinics.view_note").filter(pk=note.pk).exists()
    )
    shown = note if readable else None
    signed = note is not None and note.state == ProgressNote.State.LOCKED
    kept = signed_rows(shown, answers.now) if shown is not None and signed else None
    return SessionPage(
        session=session,
        place=where,
        mix=mix_words(session),
        rulers=_rulers(answers, where, mine=session.therapist_id == user.pk),
        note=shown,
        readable=readable or note is None,
        state=note.state if note is not None else "",
        mine=mine,
        deadline=None
        if signed
        else deadline(session.started_at, session.duration_min, now=now, zone=ZoneInfo(clinic.time_zone)),
        signature=kept.signature if kept else None,
        addenda=kept.addenda if kept else (),
        intact=kept.intact if kept else None,
    )


def _rulers(answers: Readings, where: Place, *, mine: bool) -> tuple[RulerShown, ...]:
    """Return the rulers as far as they are the reader's to see: those of earlier sessions go with the plan."""
    before = answers.before if where.plan_link else {}
    if not (where.plan_link or mine):
        return ()
    strain = answers.now.get(RulerReading.Ruler.DISCORD)
    felt = () if strain is None else (RulerShown(gettext("Strain between you"), strain, ""),)
    return (*_asked(answers, before), *felt)


def _asked(answers: Readings, before: dict[str, int]) -> tuple[RulerShown, ...]:
    return tuple(
        RulerShown(
            str(ruler.label),
            answers.now.get(ruler),
            ruler_follow_up(answers.now.get(ruler), before.get(ruler)).moved,
        )
        for ruler in ASKED_RULERS
    )

"""One time line of a person: rulers, measures, change talk, visits and events, each with the page it comes from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, IntegerField, OuterRef, Value, When
from django.db.models.functions import JSONArray
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext

from clients.models import Appointment, Client, RulerReading
from clients.models.appointments import TOOK_PLACE, Attendance
from clients.rules.motivation import Ruler
from clients.selectors import time_line as known
from clients.selectors.people import Care
from clients.selectors.time_line import Came, Happened, Reading, Scored
from clinics.charts import Event, Lane, Number, Series, Visit, as_percent, time_line
from clinics.instruments import wording
from clinics.instruments.figures import Figure
from clinics.models import Clinic, User
from clinics.statements import Kept
from sessions.models import Coding, ScoreResult, TherapySession, Transcript

LANGUAGE: Final = "client_language"
CHANGE_TALK: Final = "pct_ct"
ALLIANCE: Final = ("wai_sr", "srs")
RULERS_SHOWN: Final = (Ruler.READINESS, Ruler.IMPORTANCE, Ruler.CONFIDENCE)
ABOUT_CHARS: Final = 30
TO_RECORD_SHOWN: Final = 10
LINES_SHOWN: Final = 40
PLACE: Final = "00000000-0000-4000-8000-000000000000"
ROW: Final = '<tr><th scope="row"><time datetime="{}">{}</time></th><td>{}</td><td>{}</td></tr>'


@dataclass(frozen=True)
class Line:
    """A line of the numbers: the day, what it is, what was found, and the address of its source ("" without one)."""

    on: date
    what: str
    said: str
    url: str

    @property
    def cell(self) -> SafeString | str:
        """Return what was found, as a link where it has a source."""
        return format_html('<a href="{}">{}</a>', self.url, self.said) if self.url else self.said


@dataclass(frozen=True)
class TimeLine:
    """
    A person over time.

    finding   how readiness went, or a neutral title
    legend    which stroke stands for which goal; "" where there is one
    closed    what the viewer may not read, in words; "" where all is theirs
    lines     the numbers, newest first
    every     show all of them, not the newest alone
    """

    finding: str
    svg: SafeString
    legend: str
    closed: str
    lines: Sequence[Line]
    every: bool = False

    @property
    def is_cut(self) -> bool:
        """Tell whether there are older numbers than those shown."""
        return not self.every and len(self.lines) > LINES_SHOWN

    @property
    def rows(self) -> SafeString:
        """Return the numbers as rows of a table: made here, since years of them are slow in a template."""
        lines = self.lines[:LINES_SHOWN] if self.is_cut else self.lines
        days = {line.on: str(date_format(line.on, "M j, Y")) for line in lines}
        return format_html_join("", ROW, ((line.on.isoformat(), days[line.on], line.what, line.cell) for line in lines))


@dataclass(frozen=True, slots=True)
class _Talk:
    """The change talk of one coded stretch of a session."""

    on: date
    change: int
    both: int
    session: int
    transcript: int


def facts_of(client: Client, *, user: User, now: datetime) -> dict[str, Any]:
    """Return what the cards of a person's page show of sessions and of time, as far as `user` may see it: one row."""
    (row,) = FACTS.ask(client.record_keys, user, now)
    # An array of what nobody may read is null, not empty.
    return {name: found or [] for name, found in row.items()}


def _facts(keys: Sequence[int], user: User, now: datetime) -> Any:
    columns = {**known.seen(user), **known.parts(keys, user, now), **_parts(keys, user, now)}
    return Client.objects.filter(pk=keys[0]).values(**columns)


FACTS: Final = Kept(_facts)


def time_line_of(
    row: dict[str, Any], client: Client, care: Care, *, user: User, clinic: Clinic, every: bool = False
) -> TimeLine:
    """
    Return the time line of a person as far as `user` may see it.

    row     as `facts_of` read it
    care    what the page has read of the person already
    every   show the numbers of all years; each of them is drawn in any case
    """
    rulers, scores, visits = known.readings(row["rulers"]), known.scored(row["scores"]), known.came(row["visits"])
    talk = _talk_of(row["talk"])
    happened = [
        *known.happened(care, ZoneInfo(clinic.time_zone)),
        *known.milestones(row["milestones"], clinic.pk),
        *known.returned(row["returned"]),
    ]
    about = _about(care, rulers)
    lanes = [
        *_ruler_lanes(rulers, about, sees=bool(row["sees_plan"])),
        *_measure_lanes(scores, sees=bool(row["sees_measures"])),
        *_talk_lane(talk, sees=bool(user.reaches("clinics.view_coding", clinic.pk))),
    ]
    svg = time_line(
        lanes,
        label=gettext("Time line"),
        visits=[Visit(one.on, one.kept) for one in visits] if row["sees_visits"] else None,
        events=[Event(one.on, one.words) for one in sorted(happened, key=lambda one: one.on)],
    )
    sources = _Sources(clinic.slug, client, dict(row["held"]), {target.pk: target for target in _targets(care)})
    lines = [
        *sources.of_rulers(rulers, about),
        *sources.of_scores(scores),
        *sources.of_talk(talk, dict(row["transcripts"])),
        *sources.of_visits(visits),
        *sources.of_events(happened),
    ]
    hidden = [lane.label for lane in lanes if lane.closed]
    return TimeLine(
        finding=_finding(rulers),
        svg=svg,
        legend=_legend(about),
        closed=gettext("Not yours to read, so left open: %(parts)s.") % {"parts": ", ".join(hidden)} if hidden else "",
        lines=sorted(lines, key=lambda line: line.on, reverse=True),
        every=every,
    )


def _parts(keys: Sequence[int], user: User, now: datetime) -> dict[str, ArraySubquery]:
    """Return the columns that sessions add: pages of sessions and transcripts, change talk, what is to be recorded."""
    theirs = {"client_id__in": keys}
    held = TherapySession.objects.permitted(user, "clinics.view_note").filter(**theirs)
    own = TherapySession.objects.permitted(user, "clinics.write_note").filter(**theirs)
    read = Transcript.objects.permitted(user, "clinics.view_transcript").filter(session__client_id__in=keys)
    later = Coding.objects.filter(supersedes_id=OuterRef("coding_id"), state=Coding.State.LOCKED)
    # Of each coded stretch the consensus, else what was locked first; self-codings stay with who made them.
    mine = Coding.objects.permitted(user, "clinics.view_coding").filter(transcript__session__client_id__in=keys)
    coded = (
        ScoreResult.objects.filter(
            ~Exists(later), coding_id__in=mine.values("pk"), coding__instrument__key=LANGUAGE,
            coding__state=Coding.State.LOCKED, score_key=CHANGE_TALK, denominator__gt=0,
        )
        .exclude(coding__coder_role=Coding.CoderRole.SELF)
        .annotate(
            place=Case(
                When(coding__coder_role=Coding.CoderRole.CONSENSUS, then=Value(0)), default=Value(1),
                output_field=IntegerField(),
            )
        )
        .order_by("coding__segment_id", "place", "coding__locked_at", "coding_id")
        .distinct("coding__segment_id")
    )  # fmt: skip
    unrecorded = Appointment.objects.permitted(user, "clinics.write_note").filter(
        ~Exists(TherapySession.objects.filter(appointment_id=OuterRef("pk"))), kind=Appointment.Kind.TREATMENT,
        attendance__in=("", *TOOK_PLACE), starts_at__lte=now, **theirs,
    )  # fmt: skip
    return {
        "to_record": ArraySubquery(
            unrecorded.order_by("-starts_at", "-id").values(said=JSONArray("public_id", "starts_at"))[:TO_RECORD_SHOWN]
        ),
        "held": ArraySubquery((held | own).values(said=JSONArray("appointment_id", "public_id"))),
        "transcripts": ArraySubquery(read.values(said=JSONArray("id", "public_id"))),
        "talk": ArraySubquery(
            coded.values(
                said=JSONArray(
                    "coding__service_on", "numerator", "denominator", "coding__transcript__session__appointment_id",
                    "coding__transcript_id",
                )
            )
        ),
    }  # fmt: skip


def _talk_of(said: Iterable[Sequence[Any]]) -> list[_Talk]:
    """Return the change talk of each session, oldest first: counts of its coded stretches together."""
    sessions: dict[int, _Talk] = {}
    for on, change, both, session, transcript in said:
        before = sessions.get(session)
        sessions[session] = _Talk(
            date.fromisoformat(on), change + (before.change if before else 0), both + (before.both if before else 0),
            session, transcript,
        )  # fmt: skip
    return sorted(sessions.values(), key=lambda one: (one.on, one.session))


# --- lanes ----------------------------------------------------------------------------------------------------------


def _targets(care: Care) -> list[Any]:
    return [*(care.targets or ()), *care.former_targets]


def _about(care: Care, rulers: Sequence[Reading]) -> dict[int | None, str]:
    """Return the goals that rulers were asked for, in the order in which they began, each in a few words."""
    words = {target.pk: Truncator(target.goal).chars(ABOUT_CHARS) for target in _targets(care)}
    keys = dict.fromkeys(one.target_id for one in rulers if one.ruler in RULERS_SHOWN)
    if len(keys) < 2:
        return dict.fromkeys(keys, "")
    return {key: words.get(key, gettext("no one goal")) if key else gettext("no one goal") for key in keys}


def _legend(about: dict[int | None, str]) -> str:
    if len(about) < 2:
        return ""
    strokes = (gettext("solid"), gettext("dashed"), gettext("dotted"))
    named = [f"{strokes[min(place, 2)]}: {words}" for place, words in enumerate(about.values())]
    return gettext("Lines of the rulers: %(named)s.") % {"named": "; ".join(named)}


def _closed() -> str:
    return gettext("Not yours to read.")


def _whole(value: Number) -> str:
    return str(round(float(value)))


def _ruler_lanes(rulers: Sequence[Reading], about: dict[int | None, str], *, sees: bool) -> list[Lane]:
    if not sees:
        return [Lane(gettext("Rulers"), (), 0, 10, _whole, closed=_closed())]
    labels = dict(RulerReading.Ruler.choices)
    return [
        Lane(
            str(labels[ruler.value]),
            [
                Series(
                    words, [(one.on, one.value) for one in rulers if (one.ruler, one.target_id) == (ruler.value, key)]
                )
                for key, words in about.items()
            ],
            0, 10, _whole,
        )
        for ruler in RULERS_SHOWN
        if any(one.ruler == ruler.value for one in rulers)
    ]  # fmt: skip


def _measure_lanes(scores: Sequence[Scored], *, sees: bool) -> list[Lane]:
    if not sees:
        return [Lane(gettext("Measures"), (), 0, 1, _whole, closed=_closed())]
    by_key: dict[str, list[Scored]] = {}
    for one in scores:
        by_key.setdefault(one.key, []).append(one)
    ordered = sorted(by_key, key=lambda key: (key in ALLIANCE, key))
    return [_measure_lane(key, by_key[key]) for key in ordered]


def _measure_lane(key: str, scores: Sequence[Scored]) -> Lane:
    last = scores[-1]
    definition = known.definition_of(key, last.version)
    reading = known.headline(definition).read if definition is not None else None
    values = [one.value for one in scores]
    edges = [Fraction(0), *values, *((band.at_least for band in reading.bands) if reading else ())]
    usual = None
    if reading is not None and reading.reliable_change is not None:
        # A difference from the first value that stays inside may be chance.
        usual = (values[0] - reading.reliable_change, values[0] + reading.reliable_change)
        edges.append(usual[1])
    name = gettext("Alliance: %(name)s") % {"name": last.name} if key in ALLIANCE else last.name
    return Lane(
        name, [Series("", [(one.on, one.value) for one in scores])], min(edges), max(edges), _plain, usual=usual
    )


def _plain(value: Number) -> str:
    exact = Fraction(value)
    return str(exact.numerator) if exact.denominator == 1 else f"{float(exact):.1f}"


def _talk_lane(talk: Sequence[_Talk], *, sees: bool) -> list[Lane]:
    label = gettext("Change talk")
    if not sees:
        return [Lane(label, (), 0, 1, as_percent, closed=_closed())]
    points = [(one.on, Fraction(one.change, one.both)) for one in talk]
    return [Lane(label, [Series("", points)], 0, 1, as_percent)] if points else []


def _finding(rulers: Sequence[Reading]) -> str:
    """Return how readiness went for the goal it was last asked for; a neutral title where there is no way to tell."""
    asked = [(one.target_id, one.value) for one in rulers if one.ruler == Ruler.READINESS]
    same = [value for target_id, value in asked if target_id == asked[-1][0]]
    if len(same) < 2:
        return gettext("What moved, and what happened")
    words = {"first": same[0], "last": same[-1]}
    if same[0] == same[-1]:
        return gettext("Readiness is at %(last)d, where it began.") % words
    return gettext("Readiness went from %(first)d to %(last)d.") % words


# --- the numbers ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Sources:
    """
    Knows the page behind each point.

    held      appointment key to the public id of its session, where the viewer may open it
    targets   goals by key
    """

    slug: str
    client: Client
    held: dict[int, str]
    targets: dict[int, Any]
    routes: dict[str, str] = field(default_factory=dict)

    def _session(self, appointment_id: int | None) -> str:
        found = self.held.get(appointment_id) if appointment_id is not None else None
        return self._page("session_detail", found) if found else ""

    def _page(self, route: str, public_id: str) -> str:
        """Return an address; each route is asked for once, and the id put into its place."""
        if route not in self.routes:
            self.routes[route] = reverse(route, args=[self.slug, PLACE])
        return self.routes[route].replace(PLACE, public_id)

    def of_rulers(self, rulers: Sequence[Reading], about: dict[int | None, str]) -> Iterable[Line]:
        """Return one line for the answers of a day, session and goal together."""
        together: dict[Any, list[Reading]] = {}
        for one in rulers:
            together.setdefault((one.on, one.appointment_id, one.target_id), []).append(one)
        labels, plain = _in_words(RulerReading.Ruler.choices), gettext("Rulers")
        whats = {key: gettext("Rulers, %(about)s") % {"about": goal} for key, goal in about.items() if goal}
        pages = {key: self._page("target_detail", str(target.public_id)) for key, target in self.targets.items()}
        for (on, appointment_id, target_id), asked in together.items():
            said = ", ".join(f"{labels[one.ruler]} {one.value}" for one in asked)
            yield Line(on, whats.get(target_id, plain), said, self._session(appointment_id) or pages.get(target_id, ""))

    def of_scores(self, scores: Iterable[Scored]) -> Iterable[Line]:
        """Return one line for each measure."""
        for one in scores:
            definition = known.definition_of(one.key, one.version)
            said = wording.shown(known.headline(definition), Figure(one.value)) if definition else _plain(one.value)
            yield Line(one.on, one.name, said, self._page("measure_detail", one.response))

    def of_talk(self, talk: Iterable[_Talk], transcripts: dict[int, str]) -> Iterable[Line]:
        """Return one line for each coded session."""
        for one in talk:
            words = {"share": as_percent(Fraction(one.change, one.both)), "change": one.change, "both": one.both}
            said = gettext("%(share)s, %(change)d of %(both)d") % words
            found = transcripts.get(one.transcript)
            url = self._page("transcript_detail", found) if found else self._session(one.session)
            yield Line(one.on, gettext("Change talk"), said, url)

    def of_events(self, events: Iterable[Happened]) -> Iterable[Line]:
        """Return one line for each event: its own page, or the card of their care on this one."""
        for one in events:
            url = reverse(one.route, args=[self.slug, self.client.public_id]) if one.route else "#care"
            yield Line(one.on, gettext("Event"), one.words, url)

    def of_visits(self, visits: Iterable[Came]) -> Iterable[Line]:
        """Return one line for each visit."""
        labels, what = _in_words(Attendance.choices), gettext("Visit")
        every = reverse("appointment_list", args=[self.slug, self.client.public_id])
        for one in visits:
            yield Line(one.on, what, labels[one.attendance], self._session(one.appointment_id) or every)


def _in_words(choices: Iterable[tuple[str, Any]]) -> dict[str, str]:
    """Return what is said for each choice, in the language of the request: looked up once, not for each line."""
    return {value: str(words) for value, words in choices}

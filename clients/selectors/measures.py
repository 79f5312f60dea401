"""Questions about measures: what may be asked here, what a person answered, how it is read, and what is due."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet, Subquery, TextField
from django.db.models.functions import Cast, JSONObject

from clients.models import Admission, Appointment, Client, MeasureLink, MeasureResponse, MeasureSchedule, MeasureScore
from clients.models.appointments import TOOK_PLACE
from clients.rules import measures as rules
from clients.rules import safety
from clinics.instruments import measuring, wording
from clinics.instruments.answers import Higher, Note
from clinics.instruments.definition import Definition, Item, LicenceClass, Score
from clinics.instruments.figures import Figure, Reason
from clinics.models import InstrumentAttestation, InstrumentVersion
from clinics.selectors.instruments import definition_of

LEVEL, ANSWERS, ADD = "clinics.view_measure_level", "clinics.view_measure", "clinics.add_measure"
SEXES = {1: "male", 2: "female"}
LEVEL_WORDS = {measuring.POSITIVE: "Positive", measuring.NEGATIVE: "Negative"}
# Only measures whose questions stand on the screen can be answered by a person alone.
LINKED = (LicenceClass.OPEN, LicenceClass.ATTEST, LicenceClass.CLINIC_SUPPLIED)


# --- what may be asked ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Offered:
    """
    A measure that the clinic may use now.

    words   the clinic's licensed wording by item, for one that belongs to somebody
    """

    instrument: InstrumentVersion
    definition: Definition
    words: Mapping[str, str]

    @property
    def can_be_linked(self) -> bool:
        """Tell whether a person may answer it alone, by a link."""
        return self.definition.licence_class in LINKED

    def question(self, item: Item) -> str:
        """Return a question as it is asked: its own text, the clinic's licensed wording, or its number."""
        return question_of(self.definition, item, self.words)


def question_of(definition: Definition, item: Item, words: Mapping[str, str]) -> str:
    """Return a question of a measure as it is asked."""
    if definition.licence_class is LicenceClass.ATTEST:
        return words.get(item.key) or item.label
    return item.definition if definition.licence_class in LINKED else item.label


def in_use() -> QuerySet[InstrumentVersion, InstrumentVersion]:
    """Return the published measures of the entered clinic, the newest version of each first."""
    found: QuerySet[InstrumentVersion, InstrumentVersion] = InstrumentVersion.objects.filter(
        kind=InstrumentVersion.Kind.MEASURE, status=InstrumentVersion.Status.PUBLISHED
    )
    leave = InstrumentAttestation.objects.filter(key=OuterRef("key"), withdrawn_at=None)
    # A definition is read once in a process.
    found = found.defer("definition").annotate(words=Subquery(leave.values("wording")[:1]))
    return found.order_by("name", "key", "-published_at", "-pk")


def offered() -> list[Offered]:
    """Return what the clinic may use now, by name: one version of each, those that need leave only with it."""
    newest: dict[str, InstrumentVersion] = {}
    for row in in_use():
        newest.setdefault(row.key, row)
    return [one for row in newest.values() if (one := _with_leave(row)) is not None]


def find_offered(key: str) -> Offered | None:
    """Return the measure of that key as the clinic uses it now, or None."""
    row = in_use().filter(key=key).first()
    return _with_leave(row) if row is not None else None


def _with_leave(row: Any) -> Offered | None:
    """Return a version with the words of the clinic's leave, None where it has none and needs it."""
    if row.licence_class == LicenceClass.ATTEST and row.words is None:
        return None
    return Offered(row, definition_of(row), row.words or {})


def of_version(row: InstrumentVersion) -> Offered | None:
    """Return a version as it may be used now, None where the clinic has no leave for it."""
    words = licensed_words(row.key) if row.licence_class == LicenceClass.ATTEST else {}
    return Offered(row, definition_of(row), words) if words is not None else None


def licensed_words(key: str) -> Mapping[str, str] | None:
    """Return the clinic's words for the questions of an instrument that it said it may use, None where it did not."""
    rows = InstrumentAttestation.objects.filter(key=key, withdrawn_at=None)
    found: Mapping[str, str] | None = rows.values_list("wording", flat=True).first()
    return found


def sex_of(client: Client) -> str:
    """
    Return 'male' or 'female' as the person's record says, else as the newest admission that stands; '' where it is not
    known, and where the record says another.
    """
    if client.gender:
        return client.gender if client.gender in SEXES.values() else ""
    rows = Admission.objects.filter(client_id__in=client.record_keys, undone_at=None)
    found = rows.order_by("-admitted_at", "-pk").values_list("teds__sex", flat=True).first()
    return SEXES.get(found, "") if isinstance(found, int) else ""


# --- what was answered ----------------------------------------------------------------------------------------------


def of_person(client: Client) -> QuerySet[MeasureResponse, MeasureResponse]:
    """Return everything a person answered, the newest first, what was taken back included."""
    rows: QuerySet[MeasureResponse, MeasureResponse] = MeasureResponse.objects.filter(client_id__in=client.record_keys)
    rows = rows.select_related("instrument", "taken_by").defer("instrument__definition")
    return rows.order_by("-taken_at", "-pk")


@dataclass(frozen=True)
class ReadScore:
    """
    One score as it is read.

    shown    the number in words and digits, '' for who may see levels only
    level    its band in words; '' where it has none
    change   words on the difference: (since the first time, since the time before), '' where nothing is to be said
    fell     it fell since the time before, or goes down over sessions, by what the measure calls worth talking about
    """

    score: Score
    value: Fraction | None
    shown: str
    level: str
    change_first: str = ""
    change_last: str = ""
    fell: bool = False

    @property
    def caveat(self) -> str:
        """Return what stands beside a band of this score."""
        return (self.score.read.caveat or "") if self.score.read else ""


@dataclass(frozen=True)
class Row:
    """
    One line of the list: an answered measure with its scores.

    opens   whether its answers may be read
    """

    response: MeasureResponse
    scores: Sequence[ReadScore]
    opens: bool

    @property
    def listed(self) -> Sequence[ReadScore]:
        """Return the scores that a line shows: those that are read by bands or cuts, else all."""
        return [one for one in self.scores if one.score.read is not None] or self.scores


def lines_of(client: Client, user: Any) -> QuerySet[MeasureResponse, MeasureResponse]:
    """Return everything a person answered with its scores, and whether `user` may read the answers."""
    readable = MeasureResponse.objects.permitted(user, ANSWERS).filter(pk=OuterRef("pk"))
    scores = MeasureScore.objects.filter(response_id=OuterRef("pk"))
    said = JSONObject(key="score_key", value=Cast("value", TextField()), band="band", reason="reason")
    return of_person(client).annotate(opens=Exists(readable), said=ArraySubquery(scores.values(json=said)))


def rows_of(responses: Iterable[Any]) -> list[Row]:
    """Return what `lines_of` found as lines; a number only where answers may be read."""
    return [
        Row(one, _read(definition_of(one.instrument), _stored(one.said), numbers=one.opens), one.opens)
        for one in responses
    ]


def _stored(said: Iterable[Mapping[str, Any]]) -> dict[str, MeasureScore]:
    """Return scores that were read with their response."""
    return {
        str(one["key"]): MeasureScore(
            score_key=one["key"], value=None if one["value"] is None else Decimal(one["value"]), band=one["band"],
            reason=one["reason"],
        )
        for one in said
    }  # fmt: skip


def _read(definition: Definition, stored: Mapping[str, MeasureScore], *, numbers: bool) -> list[ReadScore]:
    found = []
    for score in definition.scores:
        row = stored.get(score.key)
        if row is not None:
            is_number = row.value is not None and not (score.read is not None and score.read.level_only)
            shown = wording.shown(score, figure_of(row)) if numbers and is_number else ""
            found.append(ReadScore(score, exact(row.value), shown, level_words(score, row.band)))
    return found


def exact(value: Decimal | None) -> Fraction | None:
    """Return a stored value as an exact number."""
    return None if value is None else Fraction(value)


def figure_of(row: MeasureScore) -> Figure:
    """Return a stored score as the engine's figure."""
    value = exact(row.value)
    return Figure(value) if value is not None else Figure(None, reason=Reason(row.reason))


def level_words(score: Score, band: str) -> str:
    """Return the words of a stored band; '' where there is none."""
    bands = {one.key: one.label for one in score.read.bands} if score.read else {}
    return bands.get(band) or LEVEL_WORDS.get(band, "")


def scores_of(response: MeasureResponse) -> list[ReadScore]:
    """Return the scores of an answered measure as they are read, without how they moved."""
    stored = {row.score_key: row for row in response.scores.all()}
    return _read(definition_of(response.instrument), stored, numbers=True)


@dataclass(frozen=True)
class Answered:
    """One question with what was answered; `answer` is '' where it was left out."""

    question: str
    answer: str
    scored: bool


@dataclass(frozen=True)
class Result:
    """
    One answered measure as it is read whole.

    left_out   how many questions that are scored have no answer
    findings   what safety asks for, the most urgent first
    """

    response: MeasureResponse
    definition: Definition
    scores: Sequence[ReadScore]
    answers: Sequence[Answered]
    notes: Sequence[Note]
    findings: Sequence[safety.Finding]
    left_out: int


def result(response: MeasureResponse, client: Client) -> Result:
    """Return an answered measure with its bands, how it moved, its notes, and what it asks for."""
    definition = definition_of(response.instrument)
    earlier = history(client, response.instrument.key, until=response.taken_at, other_than=response.pk)
    stored = {row.score_key: row for row in response.scores.all()}
    watched = _over_sessions(client, definition, response.taken_at)
    scores = [
        _moved(one, earlier.get(one.score.key, ()), watched.get(one.score.key, ()))
        for one in _read(definition, stored, numbers=True)
    ]
    figures = {key: figure_of(row) for key, row in stored.items()}
    last = {key: values[-1] for key, values in earlier.items() if values}
    needs_leave = definition.licence_class is LicenceClass.ATTEST
    words = (licensed_words(definition.key) if needs_leave else None) or {}
    fired = measuring.fired(definition, response.answers, figures, last)
    return Result(
        response=response,
        definition=definition,
        scores=scores,
        answers=[
            Answered(
                question_of(definition, item, words), answer_words(item, response.answers.get(key)), not item.unscored
            )
            for key, item in definition.items.items()
        ],
        notes=measuring.notes(definition, response.answers, figures),
        findings=safety.of_triggers((one.about, one.code) for one in fired),
        left_out=len(measuring.unanswered(definition, response.answers)),
    )


def answer_words(item: Item, value: int | None) -> str:
    """Return an answer in the words of its item, else its number."""
    if value is None:
        return ""
    words = {anchor.value: anchor.text for anchor in item.anchors}
    decimals = item.scale.decimals if item.scale is not None else 0
    return words.get(value) or rules.from_units(value, decimals)


def history(
    client: Client, key: str, *, until: datetime | None = None, other_than: int | None = None
) -> dict[str, list[Fraction]]:
    """
    Return the values of each score of a measure over time, the oldest first; what was taken back is left out.

    until        only what was answered up to this moment
    other_than   key of the response that is left out
    """
    rows = MeasureScore.objects.filter(
        response__client_id__in=client.record_keys, response__instrument__key=key, response__undone_at=None,
        value__isnull=False,
    )  # fmt: skip
    if until is not None:
        rows = rows.filter(response__taken_at__lte=until)
    if other_than is not None:
        rows = rows.exclude(response_id=other_than)
    found: dict[str, list[Fraction]] = {}
    for name, value in rows.order_by("response__taken_at", "response_id").values_list("score_key", "value"):
        found.setdefault(name, []).append(Fraction(value))
    return found


def _over_sessions(client: Client, definition: Definition, until: datetime) -> dict[str, list[tuple[int, Fraction]]]:
    """Return each score that is watched over sessions, as (number of sessions held by then, value)."""
    watched = [one.key for one in definition.scores if one.read is not None and one.read.alert_trend is not None]
    if not watched:
        return {}
    held = Appointment.objects.filter(
        client_id__in=client.record_keys, kind=Appointment.Kind.TREATMENT, attendance__in=TOOK_PLACE
    )
    starts = sorted(held.values_list("starts_at", flat=True))
    rows = MeasureScore.objects.filter(
        response__client_id__in=client.record_keys, response__instrument__key=definition.key,
        response__undone_at=None, response__taken_at__lte=until, score_key__in=watched, value__isnull=False,
    )  # fmt: skip
    found: dict[str, list[tuple[int, Fraction]]] = {}
    for key, at, value in rows.order_by("response__taken_at", "response_id").values_list(
        "score_key", "response__taken_at", "value"
    ):
        found.setdefault(key, []).append((bisect_right(starts, at), Fraction(value)))
    return found


def _moved(one: ReadScore, earlier: Sequence[Fraction], points: Sequence[tuple[int, Fraction]]) -> ReadScore:
    reading = one.score.read
    if one.value is None or reading is None or not earlier:
        return one
    words = ["", ""]
    if reading.reliable_change is not None:
        words = [
            rules.reliable_change(
                then, one.value, criterion=reading.reliable_change, cut=reading.case_cut,
                higher_is_worse=reading.higher is not Higher.BETTER,
            ).label
            for then in (earlier[0], earlier[-1])
        ]  # fmt: skip
    fell = rules.fell(earlier[-1], one.value, reading.alert_fall) or (
        reading.alert_trend is not None and rules.alliance_alert(points, fall=reading.alert_trend)
    )
    return ReadScore(one.score, one.value, one.shown, one.level, words[0], words[1], fell)


# --- what is due, and links -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Planned:
    """A measure that a person answers regularly; `state` is later, due or late."""

    schedule: MeasureSchedule
    name: str
    state: rules.Due


def planned(client: Client, today: date) -> list[Planned]:
    """Return what a person answers regularly, the one due first at the top."""
    named = InstrumentVersion.objects.filter(key=OuterRef("key"), kind=InstrumentVersion.Kind.MEASURE)
    rows: Any = schedules_of(client).filter(ended_at=None).order_by("next_due_on", "pk")
    rows = rows.annotate(name=Subquery(named.order_by("-published_at", "-pk").values("name")[:1]))
    return [Planned(one, one.name or one.key, rules.due(one.next_due_on, today)) for one in rows]


def schedules_of(client: Client) -> QuerySet[MeasureSchedule, MeasureSchedule]:
    """Return the schedules of a person, ended ones included."""
    rows: QuerySet[MeasureSchedule, MeasureSchedule] = MeasureSchedule.objects.filter(client_id__in=client.record_keys)
    return rows


def open_links(client: Client, now: datetime) -> QuerySet[MeasureLink, MeasureLink]:
    """Return the links that a person may still answer by, the one that ends first at the top."""
    rows: QuerySet[MeasureLink, MeasureLink] = MeasureLink.objects.filter(
        client_id__in=client.record_keys, used_at=None, revoked_at=None, expires_at__gt=now
    )
    return rows.select_related("instrument", "made_by").defer("instrument__definition").order_by("expires_at", "pk")

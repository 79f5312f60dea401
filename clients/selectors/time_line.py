"""
What clients know of a person over time, as parts of one statement that a higher app completes and draws.

Each part is an array of small rows, only of what `user` may read; beside it stands whether they may read such things
of this person at all, because nothing there and nothing to be read are different facts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from functools import cache
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef
from django.db.models.functions import JSONArray
from django.utils.text import Truncator
from django.utils.translation import gettext

from clients.models import Appointment, Client, Lapse, MeasureScore, RulerReading, Strength
from clients.models.appointments import ASKED_RULERS, TOOK_PLACE, Attendance
from clients.rules import intake
from clients.rules.clock import civil_date
from clients.selectors.people import Care
from clinics.fields import Ciphertext
from clinics.instruments import catalogue
from clinics.instruments.definition import Definition, Score
from clinics.models import User

SEES: Final = {
    "sees_plan": "clinics.view_plan",
    "sees_measures": "clinics.view_measure",
    "sees_visits": "clinics.view_appointment",
}
EVENT_CHARS: Final = 60
MISSED: Final = frozenset({Attendance.NO_SHOW, Attendance.LATE_CANCEL})


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer on a ruler; `target_id` and `appointment_id` are None where it was asked without one."""

    on: date
    ruler: str
    value: int
    target_id: int | None
    appointment_id: int | None


@dataclass(frozen=True, slots=True)
class Scored:
    """The score of a measure that stands for the whole."""

    on: date
    key: str
    version: str
    name: str
    value: Fraction
    response: str


@dataclass(frozen=True, slots=True)
class Came:
    """An appointment that is over, with what came of it."""

    on: date
    attendance: str
    appointment_id: int

    @property
    def kept(self) -> bool | None:
        """Tell whether they came; None where it was called off in time or by the clinic."""
        if self.attendance in TOOK_PLACE:
            return True
        return False if self.attendance in MISSED else None


@dataclass(frozen=True)
class Happened:
    """
    Something that happened in their care, in words.

    route   the page of the person on which it stands; empty for the card of their care
    """

    on: date
    words: str
    route: str = ""


def seen(user: User) -> dict[str, Exists]:
    """Return whether `user` may read rulers, measures and visits of a person, as columns of the person's row."""
    person = Client.objects.filter(pk=OuterRef("pk"))
    return {name: Exists(person.permitted(user, perm)) for name, perm in SEES.items()}


def parts(keys: Sequence[int], user: User, now: datetime) -> dict[str, ArraySubquery]:
    """
    Return the columns that hold a person's rulers, measures and visits.

    keys   of all records of the person
    """
    rulers = RulerReading.objects.permitted(user, SEES["sees_plan"]).filter(
        client_id__in=keys, ruler__in=(*ASKED_RULERS, RulerReading.Ruler.HOPE)
    )
    scores = MeasureScore.objects.permitted(user, SEES["sees_measures"]).filter(
        response__client_id__in=keys, response__undone_at=None, value__isnull=False, score_key__in=_headlines()
    )
    visits = Appointment.objects.permitted(user, SEES["sees_visits"]).filter(client_id__in=keys, starts_at__lt=now)
    return {
        "rulers": ArraySubquery(
            rulers.order_by("taken_on", "id").values(
                said=JSONArray("taken_on", "ruler", "value", "target_id", "appointment_id")
            )
        ),
        "scores": ArraySubquery(
            scores.order_by("response__taken_at", "response_id").values(
                said=JSONArray(
                    "response__taken_on", "response__instrument__key", "response__instrument__instrument_version",
                    "response__instrument__name", "score_key", "value", "response__public_id",
                )
            )
        ),
        "visits": ArraySubquery(
            visits.exclude(attendance="").order_by("starts_at", "id").values(
                said=JSONArray("service_on", "attendance", "id")
            )
        ),
        "returned": ArraySubquery(
            Lapse.objects.permitted(user, SEES["sees_plan"])
            .filter(client_id__in=keys, undone_at=None)
            .order_by("happened_on", "id")
            .values("happened_on")
        ),
        "milestones": ArraySubquery(
            Strength.objects.permitted(user, SEES["sees_plan"])
            .filter(client_id__in=keys, kind="milestone", ended_at=None)
            .order_by("happened_on", "id")
            .values(said=JSONArray("happened_on", "public_id", "text"))
        ),
    }  # fmt: skip


def readings(said: Sequence[Sequence[Any]]) -> list[Reading]:
    """Return the rulers of the statement, oldest first."""
    return [Reading(date.fromisoformat(on), *rest) for on, *rest in said]


def scored(said: Sequence[Sequence[Any]]) -> list[Scored]:
    """Return the scores of the statement, oldest first: of each measure the one that stands for the whole."""
    return [
        Scored(date.fromisoformat(on), key, version, name, Fraction(str(value)), str(response))
        for on, key, version, name, score_key, value, response in said
        if score_key == _headline_of(key, version)
    ]


def came(said: Sequence[Sequence[Any]]) -> list[Came]:
    """Return the visits of the statement, oldest first."""
    return [Came(date.fromisoformat(on), attendance, key) for on, attendance, key in said]


def milestones(said: Sequence[Sequence[Any]], clinic_id: int) -> list[Happened]:
    """Return the milestones of the statement, oldest first; each is opened here, since it lies encrypted."""
    found = []
    for on, public_id, text in said:
        row: Any = Strength(clinic_id=clinic_id, public_id=UUID(public_id))
        row.text = Ciphertext(bytes.fromhex(text.removeprefix("\\x")))
        words = {"words": Truncator(row.text).chars(EVENT_CHARS)}
        found.append(Happened(date.fromisoformat(on), gettext("Milestone: %(words)s") % words, "client_motivation"))
    return found


def returned(said: Sequence[date]) -> list[Happened]:
    """Return the returns to use of the statement, oldest first."""
    return [Happened(on, gettext("Return to use"), "lapse_list") for on in said]


def definition_of(key: str, version: str) -> Definition | None:
    """Return a shipped measure; None for a clinic's own, whose scores are drawn without a band."""
    return catalogue.shipped().get((key, version))


def headline(definition: Definition) -> Score:
    """Return the score that stands for a measure: the first that says what a reliable change is, else the first."""
    known = (score for score in definition.scores if score.read and score.read.reliable_change is not None)
    return next(known, definition.scores[0])


def _headline_of(key: str, version: str) -> str:
    definition = definition_of(key, version)
    return headline(definition).key if definition is not None else "total"


@cache
def _headlines() -> frozenset[str]:
    return frozenset({"total", *(headline(one).key for one in catalogue.shipped().values())})


def happened(care: Care, zone: ZoneInfo) -> list[Happened]:
    """Return the events of a person's care that their page already knows: episodes, level of care, therapists."""
    levels: Mapping[str, Any] = dict(intake.LEVELS)
    found = []
    for episode in care.episodes:
        if episode.status == episode.Status.VOID:
            continue
        level = levels.get(getattr(episode, "level_of_care", None) or "")
        words = {"program": episode.program.name, "level": level}
        found.append(
            Happened(
                episode.admitted_on,
                gettext("Admitted: %(program)s, %(level)s") % words
                if level
                else gettext("Admitted: %(program)s") % words,
            )
        )
        if episode.closed_on is not None:
            found.append(Happened(episode.closed_on, gettext("Discharged: %(program)s") % words))
    for row in care.assignments:
        name = {"name": row.name}
        found.append(Happened(civil_date(row.starts_at, zone), gettext("With %(name)s from here") % name))
        if row.ends_at is not None and not row.is_now:
            found.append(Happened(civil_date(row.ends_at, zone), gettext("With %(name)s until here") % name))
    return sorted(found, key=lambda one: one.on)

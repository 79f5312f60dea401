"""Questions about what helps somebody: goals with their exercises, reasons, strengths, hope, and the person's card."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from clients.models import Appointment, ChangeReason, ChangeTarget, Client, Exercise, RulerReading, Strength
from clients.rules import exercises as rules
from clients.rules import strength_words
from clients.rules.exercises import Content
from clients.rules.reasons import own_share
from clients.rules.strengths import Kind
from clients.selectors import exercises
from clients.selectors.motivation import CHANGE, VIEW
from clinics.instruments.figures import Figure
from clinics.models import User

APPOINTMENTS_OFFERED: Final = 30
TOP_ON_CARD: Final = rules.TOP


@dataclass(frozen=True)
class GoalWork:
    """A goal with the exercises that are about it; None where one is not written yet."""

    target: ChangeTarget
    balance: Exercise | None
    change_plan: Exercise | None


@dataclass(frozen=True)
class Value:
    """One thing that matters, its place, and the gap; None where a number was not asked."""

    name: str
    rank: int | None
    wanted: int | None
    living_it: int | None
    gap: int | None


@dataclass(frozen=True)
class Listed:
    """Strengths of one kind that hold, in words."""

    kind: str
    label: str
    rows: Sequence[Strength]


@dataclass(frozen=True)
class Room:
    """
    What helps a person.

    discrepancy        of the newest values; None without any
    reasons, former    those that hold, and those that were let go
    share              of the reasons that hold, how many are their own
    hope               the newest answer, None where it was not asked
    """

    goals: Sequence[GoalWork]
    values: Exercise | None
    first_values: Sequence[Value]
    discrepancy: Figure | None
    reasons: Sequence[ChangeReason]
    former: Sequence[ChangeReason]
    share: Figure
    strengths: Sequence[Listed]
    former_strengths: Sequence[Strength]
    hope: RulerReading | None


def rights(user: User) -> dict[str, Exists]:
    """Return whether `user` may read and write what helps a person, as columns of the person's row."""
    person = Client.objects.filter(pk=OuterRef("pk"))
    return {"sees_plan": Exists(person.permitted(user, VIEW)), "changes_plan": Exists(person.permitted(user, CHANGE))}


def room(client: Client) -> Room:
    """Return what helps a person, by five statements; of records that were joined into theirs as well."""
    keys = client.record_keys
    targets = ChangeTarget.objects.filter(client_id__in=keys, is_active=True).order_by("pk")
    newest = {(one.kind, one.target_id): one for one in _newest(keys)}
    goals = [
        GoalWork(target, newest.get(("balance", target.pk)), newest.get(("change_plan", target.pk)))
        for target in targets
    ]
    values = _values_of(list(newest.values()))
    content = exercises.content_of(values) if values is not None else None
    reasons = list(reasons_of(client))
    standing = [one for one in reasons if one.ended_at is None]
    rows = list(strengths_of(client))
    return Room(
        goals=goals,
        values=values,
        first_values=_named(content) if content is not None else (),
        discrepancy=rules.discrepancy(content) if content is not None else None,
        reasons=standing,
        former=[one for one in reasons if one.ended_at is not None],
        share=own_share(one.is_own for one in standing),
        strengths=[
            Listed(kind, label, [row for row in rows if row.kind == kind and row.ended_at is None])
            for kind, label in strength_words.STRENGTHS
        ],
        former_strengths=[row for row in rows if row.ended_at is not None],
        hope=hope_of(client),
    )


def _newest(keys: Sequence[int]) -> QuerySet[Exercise, Exercise]:
    """Return the newest revision of each exercise of each goal, and of the values on each record."""
    rows: QuerySet[Exercise, Exercise] = Exercise.objects.filter(client_id__in=keys)
    return rows.order_by("kind", "target_id", "-revision", "-pk").distinct("kind", "target_id")


def _values_of(rows: Sequence[Exercise]) -> Exercise | None:
    return next((one for one in rows if one.kind == rules.Kind.VALUES), None)


def newest_values(client: Client) -> Exercise | None:
    """Return the person's newest values, or None."""
    return exercises.newest(client, rules.Kind.VALUES, None)


def _named(content: Content) -> list[Value]:
    return [
        Value(row["name"], row["rank"], row["wanted"], row["living_it"], rules.gap(row))
        for row in rules.ranked(content)
    ]


def reasons_of(client: Client) -> QuerySet[ChangeReason, ChangeReason]:
    """Return every reason of a person, those that were let go too, the strongest first."""
    rows: QuerySet[Any, Any] = ChangeReason.objects.filter(client_id__in=client.record_keys)
    return rows.select_related("target").order_by("-is_own", "-strength", "pk")


def strengths_of(client: Client) -> QuerySet[Strength, Strength]:
    """Return every strength, success, affirmation and milestone of a person, the newest first."""
    rows: QuerySet[Any, Any] = Strength.objects.filter(client_id__in=client.record_keys)
    return rows.select_related("appointment").order_by("-pk")


def hopes_of(client: Client) -> QuerySet[RulerReading, RulerReading]:
    """Return every answer of a person about hope."""
    rows: QuerySet[Any, Any] = RulerReading.objects.filter(client_id__in=client.record_keys)
    return rows.filter(ruler=RulerReading.Ruler.HOPE)


def hope_of(client: Client) -> RulerReading | None:
    """Return the newest answer about hope, or None."""
    return hopes_of(client).order_by("-taken_on", "-pk").first()


def targets_to_name(client: Client, chosen: ChangeTarget | None = None) -> QuerySet[ChangeTarget, ChangeTarget]:
    """Return the goals that a reason may speak for: those that are not set aside, and the one that is chosen."""
    asked = Q(client_id__in=client.record_keys, is_active=True) | Q(pk=chosen.pk if chosen is not None else None)
    rows: QuerySet[ChangeTarget, ChangeTarget] = ChangeTarget.objects.filter(asked)
    return rows.order_by("pk")


def appointments_to_name(client: Client, chosen: Appointment | None = None) -> list[Appointment]:
    """Return the appointments of a person in which an affirmation was said: the newest that have begun."""
    rows = Appointment.objects.filter(client_id__in=client.record_keys).exclude(attendance="")
    found = list(rows.order_by("-starts_at", "-pk")[:APPOINTMENTS_OFFERED])
    return [chosen, *found] if chosen is not None and chosen not in found else found


# --- the card ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Card:
    """
    What stands on the person's own card: what they chose, and nothing that somebody else holds out to them.

    values   the first five, unless they keep them private
    """

    reasons: Sequence[ChangeReason]
    strengths: Sequence[Listed]
    values: Sequence[Value]
    hope: RulerReading | None

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is on it."""
        return not (self.reasons or self.values or self.hope or any(one.rows for one in self.strengths))


def card(client: Client, *, hope: bool = True) -> Card:
    """
    Return what stands on a person's card.

    hope   whether the newest answer about hope is on it
    """
    rows = [row for row in strengths_of(client) if row.ended_at is None and row.on_card]
    values = newest_values(client)
    shows_values = values is not None and not values.is_private
    return Card(
        reasons=[one for one in reasons_of(client) if one.ended_at is None and one.is_own and one.on_card],
        strengths=[
            Listed(kind, label, [row for row in rows if row.kind == kind]) for kind, label in strength_words.STRENGTHS
        ],
        values=_named(exercises.content_of(values))[:TOP_ON_CARD] if values is not None and shows_values else (),
        hope=hope_of(client) if hope else None,
    )


def offered(client: Client) -> tuple[list[ChangeReason], list[Listed]]:
    """Return what a person may choose for their card: their own reasons and their strengths, those that hold."""
    rows = [row for row in strengths_of(client) if row.ended_at is None]
    return (
        [one for one in reasons_of(client) if one.ended_at is None and one.is_own],
        [Listed(kind, label, [row for row in rows if row.kind == kind]) for kind, label in strength_words.STRENGTHS],
    )


@dataclass(frozen=True)
class SaidBefore:
    """
    What a goal of a treatment plan may take over, each on one line, as a choice of a form gives it back.

    links         values in their order, then strengths and past successes
    commitments   what they say they will do, of the newest plan for change of each goal
    """

    links: Sequence[str]
    commitments: Sequence[str]


def said_before(client: Client) -> SaidBefore:
    """Return what a goal may take over, by two statements; what is kept private stays out, since a plan is printed."""
    same = {"client__in": client.records}
    wanted = (rules.Kind.VALUES.value, rules.Kind.CHANGE_PLAN.value)
    newest = Exercise.objects.filter(**same, kind__in=wanted).order_by("kind", "target_id", "-revision", "-pk")
    open_ones = [one for one in newest.distinct("kind", "target_id") if not one.is_private]
    contents = [(one.kind, exercises.content_of(one)) for one in open_ones]
    names = [one.name for kind, content in contents if kind == rules.Kind.VALUES for one in _named(content)]
    said = [content["commitment"] for kind, content in contents if kind == rules.Kind.CHANGE_PLAN]
    kinds = (Kind.STRENGTH.value, Kind.SUCCESS.value)
    rows = Strength.objects.filter(**same, ended_at=None, kind__in=kinds).order_by("-pk")
    return SaidBefore(_lines([*names, *(row.text for row in rows)]), _lines(said))


def _lines(texts: Iterable[str]) -> list[str]:
    return [line for line in dict.fromkeys(" ".join(text.split()) for text in texts) if line]

"""What helps people in care at one demonstration clinic: exercises, reasons, strengths, milestones and hope."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from clients.models import (
    Appointment,
    CaseloadAssignment,
    ChangeReason,
    ChangeTarget,
    Client,
    Exercise,
    RulerReading,
    Strength,
)
from clients.rules import exercises as rules
from clients.rules.clock import civil_date
from clients.rules.exercises import Kind
from clients.selectors import motivation
from clinics.models import Clinic, User
from clinics.models.people import in_force

# What matters: the pile, how much they want to live by it, and how much they do now.
MATTERS: Final = (
    ("Being there for the children", 5, 9, 3), ("Honesty", 5, 8, 5), ("Health", 4, 10, 4), ("A job done well", 4, 7, 7),
    ("Friends", 4, 6, 8), ("Music", 3, 5, 2),
)  # fmt: skip
BOTH: Final = {
    "good_now": [("The evening gets quiet", 6), ("Nobody asks anything of me", 4)],
    "less_good_now": [("Mornings are gone", 8), ("I hide it from people I love", 9)],
    "good_change": [("Breakfast with the kids", 9), ("Money at the end of the month", 5)],
    "less_good_change": [("What do I do at seven in the evening", 7)],
}
PLAN: Final[Mapping[str, Any]] = {
    "change": "Get through work nights without it, and none of it at home.",
    "reasons": [{"text": "The children notice"}, {"text": "I like who I am in the morning"}],
    "steps": [
        {"what": "Take the long way home, not past the store", "when": "From Monday", "with_whom": ""},
        {"what": "Call my sister at seven", "when": "On work nights", "with_whom": "My sister"},
    ],
    "helpers": [{"who": "My sister", "how": "Answers at seven, also when it is short"}],
    "obstacles": [{"what": "Payday", "response": "Give the card to my sister on Fridays"}],
    "works": "I know on Sunday what I did on Saturday.",
    "commitment": "I will do the work nights. The weekend comes after.",
}
REASONS: Final = (
    ("The children notice. I notice.", "own", True, 9), ("My doctor showed me the numbers", "health", True, 6),
    ("The court wants proof every month", "legal", False, 4), ("My wife counts the days", "family", False, 5),
    ("I want to keep that job", "work", True, 7),
)  # fmt: skip
STRENGTHS: Final = (
    ("skill", "Fixes whatever breaks, and stays calm doing it", "The boiler, in January"),
    ("social", "Two friends from school who still call", "One drove three hours last spring"),
    ("personal", "Keeps a promise once it is made", ""),
)
SUCCESSES: Final = (
    ("Smoked nothing for fourteen months", "Ran every second day", "My brother ran along", "goal"),
    ("Got through a whole wedding", "Came late, drove myself", "Water with lemon in the hand", "coping_plan"),
)
SAID: Final = ("You came back the week after it went wrong. That took something.", "You noticed it before I did.")
REACHED: Final = (("The first day without", 80), ("30 days", 45), ("The first celebration without using", 20))


def work_out(*, clinic: Clinic, now: datetime) -> int:
    """
    Let people in care work out their change, and write down what helps them; return how many exercises there are.

    The first has everything, the plan for change written anew and signed; the second keeps their values private and
    left a choice open; of the others every second has reasons and strengths, some of them milestones.
    """
    people = list(_people(clinic))
    if len(people) < 3:
        return 0
    writer = _Writer(clinic, now)
    (first, her), (second, his), *others = people
    writer.exercise(first, her, Kind.VALUES, {"values": _values()}, 60)
    writer.exercise(first, her, Kind.CHANGE_PLAN, {**PLAN, "confidence": 5}, 50)
    writer.exercise(first, her, Kind.CHANGE_PLAN, {**PLAN, "confidence": 8}, 21, signed=True)
    writer.reasons(first, her, (0, 1, 2, 4), again=2)
    writer.strengths(first, her, milestones=3)
    for days_ago, hope in ((70, 3), (35, 5), (6, 7)):
        writer.hope(first, her, days_ago, hope)
    writer.exercise(second, his, Kind.VALUES, {"values": _values()[:4]}, 30, is_private=True)
    writer.exercise(second, his, Kind.BALANCE, _both(), 25)
    writer.reasons(second, his, (2, 3, 0))
    writer.strengths(second, his, milestones=0)
    for number, (client, by) in enumerate(others):
        if number % 2 == 0:
            writer.reasons(client, by, (number % 5, (number + 1) % 5))
            writer.strengths(client, by, milestones=number % 3)
        if number % 4 == 1:
            writer.exercise(client, by, Kind.CHANGE_PLAN, {**PLAN, "confidence": 4 + number % 5}, 12)
            writer.hope(client, by, 12, 4 + number % 4)
    writer.save()
    return len(writer.exercises)


def _people(clinic: Clinic) -> Iterator[tuple[Client, User]]:
    rows = CaseloadAssignment.objects.filter(in_force(), client__merged_into=None).select_related("client", "user")
    for row in {row.client_id: row for row in rows.order_by("client_id", "-id")}.values():
        row.client.clinic = clinic
        yield row.client, row.user


def _values() -> list[dict[str, Any]]:
    return [
        {"name": name, "importance": pile, "rank": place, "wanted": wanted, "living_it": living}
        for place, (name, pile, wanted, living) in enumerate(MATTERS, 1)
    ]


def _both() -> dict[str, Any]:
    return {code: [{"text": text, "weight": weight} for text, weight in rows] for code, rows in BOTH.items()}


class _Writer:
    """What is to be kept at one clinic, in one go for each kind."""

    def __init__(self, clinic: Clinic, now: datetime) -> None:
        self.clinic, self.zone = clinic, ZoneInfo(clinic.time_zone)
        self.today = civil_date(now, self.zone)
        self.exercises: list[Exercise] = []
        self.said: list[ChangeReason] = []
        self.kept: list[Strength] = []
        self.hopes: list[RulerReading] = []

    def at(self, days_ago: int) -> datetime:
        return datetime.combine(self.today - timedelta(days=days_ago), time(11, 10), self.zone)

    def exercise(
        self, client: Client, by: User, kind: Kind, content: Mapping[str, Any], days_ago: int, *, signed: bool = False,
        is_private: bool = False,
    ) -> None:  # fmt: skip
        """Write one exercise; both sides are weighed as a neutral choice, about the person's first goal."""
        target = self._goal(client) if kind is not Kind.VALUES else None
        if target is None and kind is not Kind.VALUES:
            return
        before = sum((one.client_id, one.kind) == (client.pk, kind) for one in self.exercises)
        suggested = motivation.find_standing(target).suggested.intensity.value if target is not None else ""
        self.exercises.append(
            Exercise(
                clinic=self.clinic, client=client, target=target, kind=kind.value, revision=before + 1,
                content=json.dumps(rules.checked(kind, content), ensure_ascii=False),
                purpose=rules.NEUTRAL if kind is Kind.BALANCE else "", suggested=suggested, is_private=is_private,
                signed_on=self.today - timedelta(days=days_ago) if signed else None, made_at=self.at(days_ago),
                made_by=by,
            )
        )  # fmt: skip

    def reasons(self, client: Client, by: User, which: tuple[int, ...], *, again: int = 0) -> None:
        """Write down reasons; the first of them is said again every second week."""
        target = self._goal(client)
        for place, number in enumerate(which):
            text, source, is_own, strength = REASONS[number]
            first = self.today - timedelta(days=60 - 7 * place)
            restated = [first + timedelta(days=14 * turn) for turn in range(1, again + 1)] if place == 0 else []
            self.said.append(
                ChangeReason(
                    clinic=self.clinic, client=client, target=target, text=text, source=source, is_own=is_own,
                    strength=strength, first_said_on=first, restated_on=restated, on_card=is_own, made_by=by,
                    made_at=self.at(60 - 7 * place),
                )
            )  # fmt: skip

    def strengths(self, client: Client, by: User, *, milestones: int) -> None:
        """Write down a strength, a success, an affirmation from a session, and milestones."""
        place = len(self.kept)
        session = Appointment.objects.filter(client=client, attendance="attended").order_by("-starts_at").first()
        domain, text, evidence = STRENGTHS[place % len(STRENGTHS)]
        self._keep(client, by, 40, kind="strength", domain=domain, text=text, evidence=evidence or None)
        text, how, helped, used = SUCCESSES[place % len(SUCCESSES)]
        self._keep(client, by, 33, kind="success", text=text, evidence=how, helped=helped, transfer_to=used)
        self._keep(
            client, by, 20, kind="affirmation", text=SAID[place % len(SAID)], appointment=session, named_by="therapist"
        )
        for words, days_ago in REACHED[:milestones]:
            happened_on = self.today - timedelta(days=days_ago)
            self._keep(client, by, days_ago - 2, kind="milestone", text=words, happened_on=happened_on)

    def _keep(self, client: Client, by: User, days_ago: int, **said: Any) -> None:
        row = {"named_by": "client", **said}
        self.kept.append(
            Strength(clinic=self.clinic, client=client, made_by=by, made_at=self.at(days_ago), **row)
        )  # fmt: skip

    def hope(self, client: Client, by: User, days_ago: int, value: int) -> None:
        """Ask how hopeful they are."""
        self.hopes.append(
            RulerReading(
                clinic=self.clinic, client=client, ruler=RulerReading.Ruler.HOPE, value=value,
                taken_on=self.today - timedelta(days=days_ago), taken_by=by, why_not_lower="I did it once before.",
            )
        )  # fmt: skip

    def save(self) -> None:
        """Keep it all."""
        Exercise.objects.bulk_create(self.exercises)
        ChangeReason.objects.bulk_create(self.said)
        Strength.objects.bulk_create(self.kept)
        RulerReading.objects.bulk_create(self.hopes)

    @staticmethod
    def _goal(client: Client) -> ChangeTarget | None:
        found: ChangeTarget | None = ChangeTarget.objects.filter(client=client, is_active=True).order_by("id").first()
        return found

"""How people in care at one demonstration clinic keep a change: plans for return to use, cravings, returns to use."""

import json
import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from clients.models import CaseloadAssignment, ChangeTarget, Client, Craving, Lapse, RelapsePlan
from clients.rules import relapse as rules
from clients.rules import returns as return_rules
from clients.rules.clock import civil_date
from clients.services import returns
from clients.services.returns import Felt, Happened
from clinics.models import Clinic, User
from clinics.models.people import in_force

MONTH: Final = 30
# What makes it hard: kind, words, risk and confidence, and what helps against it.
TRIGGERS: Final = (
    ("urge_cue", "Payday, on the way home", 8, 3, "avoid", "Take the bus that does not stop at the store"),
    ("conflict", "An argument with my brother", 6, 1, "delay", "Say that I need an hour, and walk"),
    ("social_positive", "A wedding where everybody drinks", 9, 8, "other", "Come late, leave early, drive myself"),
    ("physical_state", "The third night without sleep", 7, 5, "skill_dbt", "The breathing from group, then the radio"),
)
SIGNS: Final = (("thought", "I start to think that one does not matter"), ("behaviour", "I stop answering messages"))
PEOPLE: Final = (("Ada", "sister", "evenings, any evening"), ("Marek", "from the group", "by text"))
FIRST: Final = {
    "first_hour": "Leave the place. Drink water, eat something. Nothing has to be decided tonight.",
    "who_to_call": "Ada first. She knows and does not shout.",
    "return_step": "Come to the next session as if nothing had stopped, and say it in the first minute.",
}
SITUATIONS: Final = (
    ("Passed the old bar", "Crossed the street\nCalled Ada"), ("Alone on the weekend", "Went to the lake"),
    ("After the shift, tired", "Ate first"), ("Good news, wanted to celebrate", "Told it to Marek instead"),
)  # fmt: skip


def keep(*, clinic: Clinic, now: datetime) -> int:
    """
    Let people in care write plans for return to use, and note cravings over a month; return how many plans there are.

    The first has a plan written anew after a return to use that was looked back on; the second has one that is not
    complete, and a return to use to look back on this week; every third of the others has a plan, some of them begun.
    """
    people = list(_people(clinic))
    if len(people) < 3:
        return 0
    writer = _Writer(clinic, now)
    (first, her), (second, his), *others = people
    _looked_back(writer, first, her)
    writer.plan(second, his, 12, triggers=2, supports=1, first=False)
    writer.cravings(second, his, every=4, begin=5, end=6)
    writer.due(second, his)
    for number, (client, by) in enumerate(others):
        if number % 3 == 0:
            writer.plan(client, by, 5 + number, triggers=4 - number % 2, first=number % 2 == 0)
        if number % 3 == 1:
            writer.cravings(client, by, every=3, begin=8, end=3)
    writer.save()
    made: int = RelapsePlan.objects.count()
    return made


def _people(clinic: Clinic) -> Iterator[tuple[Client, User]]:
    rows = CaseloadAssignment.objects.filter(in_force(), client__merged_into=None).select_related("client", "user")
    found: dict[int, CaseloadAssignment] = {}
    # Those of the first therapist before all others.
    for row in rows.order_by("user_id", "client_id", "id"):
        found.setdefault(row.client_id, row)
    for row in found.values():
        row.client.clinic = clinic
        yield row.client, row.user


def _looked_back(writer: "_Writer", client: Client, by: User) -> None:
    """A return to use three weeks ago, what it taught, and the plan that was written anew after it."""
    writer.plan(client, by, 60, triggers=3, supports=1)
    writer.cravings(client, by, every=2, begin=9, end=4)
    writer.plan(client, by, 18)
    writer.lapse(
        client, by, 20,
        learning="It was the third night without sleep, not the people. Next time: call before midnight, not after.",
    )  # fmt: skip


class _Writer:
    """Gathers what was written at one clinic, each at its time, and keeps it in few statements."""

    def __init__(self, clinic: Clinic, now: datetime) -> None:
        self.clinic, self.now, self.zone = clinic, now, ZoneInfo(clinic.time_zone)
        self.today = civil_date(now, self.zone)
        self.rng = random.Random(f"{clinic.slug} keeping")  # noqa: S311 - invented history, no secret
        self.plans: list[RelapsePlan] = []
        self.felt: list[Craving] = []
        self.lapses: list[Lapse] = []

    def at(self, days_ago: int, hour: int = 10) -> datetime:
        return datetime.combine(self.today - timedelta(days=days_ago), time(hour, 20), self.zone)

    def plan(
        self, client: Client, by: User, days_ago: int, *, triggers: int = 4, supports: int = 2, first: bool = True
    ) -> None:
        """Write a plan with as much in it as was talked about."""
        parts: dict[str, Any] = {
            "triggers": [
                {"category": kind, "text": words, "risk": risk, "confidence": sure}
                for kind, words, risk, sure, *_helps in TRIGGERS[:triggers]
            ],
            "warnings": [{"kind": kind, "text": words} for kind, words in SIGNS],
            "coping": [
                {"text": helps, "type": way, "for_trigger": [number]}
                for number, (*_trigger, way, helps) in enumerate(TRIGGERS[:triggers], 1)
            ],
            "supports": [{"name": name, "relation": who, "phone": how} for name, who, how in PEOPLE[:supports]],
            "lapse_plan": FIRST if first else {},
        }
        kept = rules.checked(parts, self.today)
        before = sum(one.client_id == client.pk for one in self.plans)
        self.plans.append(
            RelapsePlan(
                clinic=self.clinic, client=client, revision=before + 1, parts=json.dumps(kept, ensure_ascii=False),
                complete=rules.read(kept).complete, copy_given=first, made_at=self.at(days_ago), made_by=by,
            )
        )  # fmt: skip

    def cravings(self, client: Client, by: User, *, every: int, begin: int, end: int) -> None:
        """Note a month of cravings that go from strong to less strong, or the other way."""
        for place, days_ago in enumerate(range(MONTH, 0, -every)):
            share = (MONTH - days_ago) / MONTH
            strong = round(begin + (end - begin) * share) + self.rng.choice((-1, 0, 0, 1))
            situation, coping = SITUATIONS[place % len(SITUATIONS)]
            felt_at = self.at(days_ago, self.rng.choice((12, 17, 21)))
            self.felt.append(
                Craving(
                    clinic=self.clinic, client=client, felt_at=felt_at, intensity=min(max(strong, 0), 10),
                    minutes=self.rng.choice((10, 20, 35)), situation=situation, used=days_ago == 20, coping=coping,
                    helped=self.rng.choice((3, 5, 7, 8)), recorded_by=by, recorded_at=felt_at + timedelta(hours=15),
                )
            )  # fmt: skip

    def lapse(self, client: Client, by: User, days_ago: int, *, learning: str) -> None:
        """Write down a return to use that was looked back on four days later."""
        happened_on: date = self.today - timedelta(days=days_ago)
        self.lapses.append(
            Lapse(
                clinic=self.clinic, client=client, happened_on=happened_on, substance="alcohol",
                amount="Four beers", situation="Came home late, could not sleep", recorded_by=by,
                recorded_at=self.at(days_ago - 1), target=self._goal(client),
                review_due_on=return_rules.review_due(happened_on + timedelta(days=1)),
                reviewed_at=self.at(days_ago - 4), reviewed_by=by, learning=learning, plan_changed=True,
            )
        )  # fmt: skip

    def due(self, client: Client, by: User) -> None:
        """Write down yesterday's return to use, with the task that comes of it; and a craving, taken back."""
        happened = Happened(
            self.today - timedelta(days=1),
            self._goal(client),
            "alcohol",
            "A bottle of wine",
            "After the call from home",
        )
        returns.record(client=client, happened=happened, rate_stage=False, by=by, now=self.now)
        wrong = returns.note_craving(
            client=client, felt=Felt(self.now - timedelta(hours=1), 9, used=False), by=by, now=self.now
        )
        returns.take_back_craving(craving=wrong, reason="This was told by another person.", by=by, now=self.now)

    def save(self) -> None:
        """Keep it all."""
        RelapsePlan.objects.bulk_create(self.plans)
        Craving.objects.bulk_create(self.felt)
        Lapse.objects.bulk_create(self.lapses)

    @staticmethod
    def _goal(client: Client) -> ChangeTarget | None:
        found: ChangeTarget | None = ChangeTarget.objects.filter(client=client, is_active=True).order_by("id").first()
        return found

"""Treatment plans of one demonstration clinic: each state that a plan can be in, through the services."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Count

from clients.models import (
    Appointment,
    CaseloadAssignment,
    ChangeTarget,
    Client,
    Episode,
    Goal,
    Intervention,
    PlanReview,
    PlanVersion,
)
from clients.models.appointments import TOOK_PLACE
from clients.rules import plans as plan_rules
from clients.rules.clock import civil_date
from clients.rules.plan_content import Kind
from clients.selectors import plan_blocks
from clients.services import plan_blocks as block_services
from clients.services import plan_parts, plan_reviews, plan_signing, plans
from clinics.models import Clinic, User
from clinics.models.people import in_force


@dataclass(frozen=True)
class Thread:
    """What one thread of a plan says: the words of each part."""

    problem: dict[str, Any]
    goal: dict[str, Any]
    step: dict[str, Any]
    what_we_do: tuple[dict[str, Any], ...]


EVENINGS: Final = Thread(
    {"text": "Drinks most evenings, more when alone", "client_words": "The evenings eat me up", "priority": 1},
    {
        "text": "Evenings without drinking", "client_words": "I want to remember what we read at bedtime",
        "value_link": "Being there for the children", "proposed_by": "client",
    },
    {
        "text": "Four evenings a week without drinking", "metric": "Evenings counted in the calendar",
        "baseline": Decimal(1), "target_value": Decimal(4), "unit": "evenings a week", "achievable": True,
        "relevance": "Four is what last spring looked like",
    },
    ({"modality": "mi", "does": "evoke", "minutes": 50, "block_sessions": 4, "text": "What the evenings are for"},),
)  # fmt: skip
SLEEP: Final = Thread(
    {"text": "Sleeps four hours, then lies awake", "client_words": "At three my head starts", "priority": 2},
    {
        "text": "Sleep through most nights", "client_words": "One night in a row would do for a start",
        "value_link": "Held down night shifts for years: knows how to keep a rhythm", "proposed_by": "together",
    },
    {
        "text": "In bed by eleven on five nights", "metric": "Nights in the sleep diary", "baseline": Decimal(2),
        "target_value": Decimal(5), "unit": "nights a week", "achievable": True,
        "relevance": "Tired days end in a drink",
    },
    ({"modality": "other", "does": "monitor", "minutes": 15, "text": "Sleep diary, read together"},),
)  # fmt: skip
CHOSEN: Final[tuple[dict[str, Any], ...]] = (
    {
        "decision": "extend",
        "sessions": 2,
        "reason": "Two more, then the change plan: the reasons are nearly all theirs",
    },
    {"decision": "move_on", "sessions": None, "reason": ""},
)
# Plans of people whose block is over began so long ago.
BLOCK_DAYS: Final = 56
PHYSICIAN: Final = "Amara Diallo, MD"
MENDED: Final = "Four evenings a week without drinking, Friday among them"


def plan(*, clinic: Clinic, supervisor: User, now: datetime) -> int:
    """
    Write plans for the people of a clinic; return how many.

    One is in force with a look back held, one was replaced by its next version, one was refused by the person, one has
    ended, one waits for signatures, one is a draft; two people have none yet, and everybody else one in force.
    """
    people = _people()
    if len(people) < 6:
        return 0
    writer = _Writer(clinic, supervisor, now)
    reviewed, replaced, refused, ended, waiting, drafted = people[:6]
    writer.reviewed(*reviewed)
    writer.replaced(*replaced)
    writer.refused(*refused)
    writer.ended(*ended)
    writer.author(writer.written(*waiting), waiting[1], now - timedelta(days=1), needs_cosign=True)
    writer.written(*drafted)
    others = people[6:-2]
    through = _through_a_block([client for client, _by in others], now)
    for number, (client, by) in enumerate(others):
        days_ago, threads = 3 + number * 5 % 25, (EVENINGS, SLEEP)[number % 2 :][:1]
        if client.pk in through:
            days_ago, threads = BLOCK_DAYS, (EVENINGS,)
        writer.signed(writer.written(client, by, days_ago, threads), client, by, days_ago)
    writer.blocks()
    plan_reviews.owe_plans(clinic=clinic, now=now)
    return 6 + len(others)


def _people() -> list[tuple[Client, User]]:
    """Return people in care, each with their therapist: those of the first therapist before all others."""
    rows = CaseloadAssignment.objects.filter(
        in_force(), client__merged_into=None, client__episodes__status=Episode.Status.OPEN
    )
    found: dict[int, tuple[Client, User]] = {}
    for row in rows.select_related("client", "user").order_by("user_id", "-client_id", "id"):
        found.setdefault(row.client_id, (row.client, row.user))
    return list(found.values())


def _through_a_block(people: Sequence[Client], now: datetime) -> list[int]:
    """Return the keys of a few people who came to so many sessions that a block of four is over."""
    came = Appointment.objects.filter(
        client__in=people, kind=Appointment.Kind.TREATMENT, attendance__in=TOOK_PLACE, starts_at__lte=now,
        starts_at__gt=now - timedelta(days=BLOCK_DAYS),
    )  # fmt: skip
    counted = (
        came.order_by().values("client_id").annotate(count=Count("pk")).filter(count__gte=plan_rules.BLOCK_DEFAULT)
    )
    return list(counted.order_by("client_id").values_list("client_id", flat=True)[: len(CHOSEN) + 1])


class _Writer:
    """Writes plans of one clinic, each at its time."""

    def __init__(self, clinic: Clinic, supervisor: User, now: datetime) -> None:
        self.clinic, self.supervisor, self.now = clinic, supervisor, now
        self.today = civil_date(now, ZoneInfo(clinic.time_zone))

    def at(self, days_ago: int) -> datetime:
        return self.now - timedelta(days=days_ago)

    def written(
        self, client: Client, by: User, days_ago: int = 0, threads: Sequence[Thread] = (EVENINGS, SLEEP)
    ) -> PlanVersion:
        """Write a draft."""
        episode = Episode.objects.filter(client=client, status=Episode.Status.OPEN).order_by("pk").first()
        assert episode is not None
        opened = plans.open_plan(episode=episode, by=by)
        version = opened.versions.select_related("plan__episode", "client", "author").get()
        target = ChangeTarget.objects.filter(client=client, is_active=True).order_by("pk").first()
        for thread in threads:
            self._thread(version, thread, target if thread is EVENINGS else None, by, days_ago)
        return self.fresh(version)

    def _thread(
        self, version: PlanVersion, thread: Thread, target: ChangeTarget | None, by: User, days_ago: int
    ) -> None:
        begins = self.today - timedelta(days=days_ago)
        under = self.add(version, Kind.PROBLEM, {**thread.problem, "evidence": "statement"}, None, by, days_ago)
        under = self.add(version, Kind.GOAL, {**thread.goal, "target": target}, under, by, days_ago)
        by_on: date = begins + timedelta(days=60)
        under = self.add(version, Kind.OBJECTIVE, {**thread.step, "by_on": by_on}, under, by, days_ago)
        for one in thread.what_we_do:
            values = {"times": 1, "per": "week", "starts_on": begins, "who": by, **one}
            self.add(version, Kind.INTERVENTION, values, under, by, days_ago)

    def add(self, version: PlanVersion, kind: Kind, values: dict[str, Any], under: Any, by: User, days_ago: int) -> Any:
        return plan_parts.add_part(version=version, kind=kind, values=values, under=under, by=by, now=self.at(days_ago))

    def fresh(self, version: PlanVersion) -> PlanVersion:
        rows = PlanVersion.objects.select_related("plan__episode", "client", "author")
        found: PlanVersion = rows.get(pk=version.pk)
        return found

    def author(self, version: PlanVersion, by: User, at: datetime, *, needs_cosign: bool = False) -> PlanVersion:
        held = self.fresh(version)
        plan_signing.sign_as_author(
            version=held, seen=held.version, starts_on=None, needs_cosign=needs_cosign, by=by, now=at
        )
        return self.fresh(version)

    def signed(self, version: PlanVersion, client: Client, by: User, days_ago: int) -> PlanVersion:
        """Let author and person sign."""
        waits = self.author(version, by, self.at(days_ago))
        plan_signing.sign_for_person(
            version=waits, content_hash=waits.content_hash, capacity="client", printed_name=client.legal_name,
            method="device", by=by, now=self.at(days_ago),
        )  # fmt: skip
        return self.fresh(version)

    def reviewed(self, client: Client, by: User) -> None:
        version = self.signed(self.written(client, by, 40), client, by, 40)
        review = PlanReview.objects.select_related("plan").get(plan=version.plan, held_on=None)
        said = {
            "Evenings without drinking": plan_reviews.Progress(50, "active", "Two to three evenings in most weeks"),
            "Sleep through most nights": plan_reviews.Progress(
                25, "active", "The diary is filled in, the nights are not"
            ),
        }
        goals = {row.pk: said[row.text] for row in Goal.objects.filter(plan_version=version)}
        plan_reviews.hold(
            review=review, held_on=self.today - timedelta(days=8), goals=goals, decision="continue",
            note="Wants to go on. Fridays are the hard ones.", by=by, now=self.at(8),
        )  # fmt: skip

    def replaced(self, client: Client, by: User) -> None:
        first = self.signed(self.written(client, by, 35), client, by, 35)
        draft = self.fresh(plans.draft_next(plan=first.plan, by=by))
        step = draft.objectives.select_related("plan_version__plan").order_by("pk")[0]
        plan_parts.change_part(part=step, version=step.version, values={"text": MENDED}, by=by, now=self.at(3))
        waits = self.author(draft, by, self.at(3), needs_cosign=True)
        plan_signing.cosign(version=waits, content_hash=waits.content_hash, by=self.supervisor, now=self.at(2))
        plan_signing.sign_for_person(
            version=waits, content_hash=waits.content_hash, capacity="client", printed_name=client.legal_name,
            method="paper", by=by, now=self.at(2),
        )  # fmt: skip
        plan_signing.sign_for_physician(
            version=waits, content_hash=waits.content_hash, printed_name=PHYSICIAN, method="paper", by=by,
            now=self.at(1),
        )  # fmt: skip

    def blocks(self) -> None:
        """Choose what comes next where a block of MI is over: some more for one, other work for one; the rest ask."""
        versions = PlanVersion.objects.filter(state="active").select_related("client", "author", "plan")
        chosen = iter(CHOSEN)
        for version in versions.order_by("activated_at", "pk"):
            version.clinic = self.clinic
            for one in plan_blocks.blocks_of(version, version.client):
                choice = next(chosen, None) if one.block.asks else None
                if choice is not None:
                    part = Intervention.objects.select_related("plan_version__plan").get(public_id=one.public_id)
                    block_services.decide(part=part, by=version.author, now=self.at(1), **choice)

    def refused(self, client: Client, by: User) -> None:
        waits = self.author(self.written(client, by, 5), by, self.at(5))
        plan_signing.refuse(
            version=waits, content_hash=waits.content_hash, capacity="client", printed_name=client.legal_name,
            method="device", reason="I want to read it at home before I put my name under it", by=by, now=self.at(5),
        )  # fmt: skip

    def ended(self, client: Client, by: User) -> None:
        version = self.signed(self.written(client, by, 30), client, by, 30)
        plans.close(version=version, reason="Goes on with the night clinic near work", by=by, now=self.at(4))

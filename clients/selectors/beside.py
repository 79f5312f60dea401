"""What stands beside a person in one line each and has a page of its own: mandates, who pays, the plan for safety."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Subquery
from django.db.models.functions import JSONArray

from clients.models import (
    ChangeReason,
    Client,
    Coverage,
    Lapse,
    Mandate,
    MeasureResponse,
    PlanVersion,
    RelapsePlan,
    SafetyConcern,
    SafetyPlan,
    Strength,
)
from clients.rules import mandates, payers
from clients.selectors.inquiry import sentence_of
from clients.selectors.plan_blocks import asking


@dataclass(frozen=True)
class OpenConcern:
    """
    A safety concern that nobody has reviewed.

    sentence    what it asks for
    handed_to   the name of the clinician who has it; empty: not handed over yet
    """

    public_id: str
    level: str
    sentence: str
    due_at: datetime
    handed_to: str


@dataclass(frozen=True)
class Beside:
    """
    One line for each.

    mandates   kinds of those that stand, in words, the oldest first
    payer      who pays first, in words; empty when it is not known
    plan_at    when the plan for safety that holds was written; None without one
    answered   day on which they last answered a measure; None where they did not
    in_force   since when their treatment plan is in force; None where none is
    returning  when the plan for return to use that holds was written, and whether it is complete; None without one
    look_back  day by which a return to use is to be looked back on, the earliest; None where none is
    reasons    how many reasons for a change hold
    strengths  how many strengths, successes, affirmations and milestones hold
    block_over whether a block of MI sessions of their plan is over and nobody chose what comes next
    concerns   safety concerns that are open, what needs somebody soonest first
    """

    mandates: list[str]
    payer: str
    plan_at: datetime | None
    answered: date | None = None
    in_force: datetime | None = None
    returning: tuple[datetime, bool] | None = None
    look_back: date | None = None
    reasons: int = 0
    strengths: int = 0
    block_over: bool = False
    concerns: Sequence[OpenConcern] = ()


def beside(client: Client, keys: Sequence[int] = ()) -> Beside:
    """
    Return the lines about a person, by one statement; of records that were joined into theirs as well.

    keys   of all records of the person, where they are known
    """
    rows = Client.objects.filter(pk__in=keys) if keys else client.records
    return read(list(rows.values(**columns())))


def columns() -> dict[str, Any]:
    """Return the columns of a record that `read` reads."""
    of_record = {"client_id": OuterRef("pk")}
    standing = Mandate.objects.filter(**of_record, ended_at=None).order_by("pk")
    first = Coverage.objects.filter(**of_record, removed_at=None).order_by("rank", "pk")
    plans = SafetyPlan.objects.filter(**of_record).order_by("-revision")
    answers = MeasureResponse.objects.filter(**of_record, undone_at=None).order_by("-taken_on")
    returning = RelapsePlan.objects.filter(**of_record).order_by("-revision")
    owed = Lapse.objects.filter(**of_record, reviewed_at=None, undone_at=None).order_by("review_due_on")
    in_force = PlanVersion.objects.filter(**of_record, state="active").order_by("-activated_at")
    concerns = SafetyConcern.objects.filter(**of_record, reviewed_at=None).order_by("due_at", "pk")
    return {
        "mandate_kinds": ArraySubquery(standing.values("kind")),
        "first_payer": Subquery(first.values(said=JSONArray("rank", "pk", "payer", "payment"))[:1]),
        "safety_plan_at": Subquery(plans.values("made_at")[:1]),
        "answered_on": Subquery(answers.values("taken_on")[:1]),
        "plan_since": Subquery(in_force.values("activated_at")[:1]),
        "reason_keys": ArraySubquery(ChangeReason.objects.filter(**of_record, ended_at=None).values("pk")),
        "strength_keys": ArraySubquery(Strength.objects.filter(**of_record, ended_at=None).values("pk")),
        "return_plan": Subquery(returning.values(said=JSONArray("revision", "made_at", "complete"))[:1]),
        "block_over": Exists(asking()),
        "look_back_by": Subquery(owed.values("review_due_on")[:1]),
        "open_concerns": ArraySubquery(
            concerns.values(said=JSONArray("due_at", "public_id", "level", "code", "handed_to__name"))
        ),
    }


def read(rows: Sequence[Mapping[str, Any]]) -> Beside:
    """Return the lines from the columns of all records of a person."""

    def newest(name: str) -> Any:
        return max((row[name] for row in rows if row[name]), default=None)

    holds = newest("return_plan")
    payer = min((row["first_payer"] for row in rows if row["first_payer"]), default=None)
    return Beside(
        [dict(mandates.KINDS)[kind] for row in rows for kind in row["mandate_kinds"]],
        (payer[2] or dict(payers.PAYMENTS)[payer[3]]) if payer else "",
        newest("safety_plan_at"),
        newest("answered_on"),
        newest("plan_since"),
        (datetime.fromisoformat(holds[1]), holds[2]) if holds else None,
        min((row["look_back_by"] for row in rows if row["look_back_by"]), default=None),
        reasons=sum(len(row["reason_keys"]) for row in rows),
        strengths=sum(len(row["strength_keys"]) for row in rows),
        block_over=any(row["block_over"] for row in rows),
        concerns=tuple(_open(*said) for said in sorted(said for row in rows for said in row["open_concerns"])),
    )


def _open(due_at: str, public_id: str, level: str, code: str, handed_to: str | None) -> OpenConcern:
    sentence = sentence_of(SafetyConcern(level=level, code=code), None)
    return OpenConcern(public_id, level, sentence, datetime.fromisoformat(due_at), handed_to or "")

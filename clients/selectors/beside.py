"""What stands beside a person in one line each and has a page of its own: mandates, who pays, the plan for safety."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import JSONArray

from clients.models import Client, Coverage, Mandate, MeasureResponse, PlanVersion, SafetyPlan
from clients.rules import mandates, payers


@dataclass(frozen=True)
class Beside:
    """
    One line for each.

    mandates   kinds of those that stand, in words, the oldest first
    payer      who pays first, in words; empty when it is not known
    plan_at    when the plan for safety that holds was written; None without one
    answered   day on which they last answered a measure; None where they did not
    in_force   since when their treatment plan is in force; None where none is
    """

    mandates: list[str]
    payer: str
    plan_at: datetime | None
    answered: date | None = None
    in_force: datetime | None = None


def beside(client: Client, keys: Sequence[int] = ()) -> Beside:
    """
    Return the lines about a person, by one statement; of records that were joined into theirs as well.

    keys   of all records of the person, where they are known; else theirs and those joined directly are asked
    """
    records = Q(pk__in=keys) if keys else Q(pk=client.pk) | Q(merged_into=client.pk)
    of_record = {"client_id": OuterRef("pk")}
    standing = Mandate.objects.filter(**of_record, ended_at=None).order_by("pk")
    first = Coverage.objects.filter(**of_record, removed_at=None).order_by("rank", "pk")
    plans = SafetyPlan.objects.filter(**of_record).order_by("-revision")
    answers = MeasureResponse.objects.filter(**of_record, undone_at=None).order_by("-taken_on")
    in_force = PlanVersion.objects.filter(**of_record, state="active").order_by("-activated_at")
    found = list(
        Client.objects.filter(records).values_list(
            ArraySubquery(standing.values("kind")),
            Subquery(first.values(said=JSONArray("rank", "pk", "payer", "payment"))[:1]),
            Subquery(plans.values("made_at")[:1]),
            Subquery(answers.values("taken_on")[:1]),
            Subquery(in_force.values("activated_at")[:1]),
        )
    )
    kinds = [dict(mandates.KINDS)[kind] for theirs, *_others in found for kind in theirs]
    payer = min((said for _kinds, said, *_others in found if said), default=None)
    words = (payer[2] or dict(payers.PAYMENTS)[payer[3]]) if payer else ""
    plan_at = max((at for _kinds, _payer, at, *_others in found if at), default=None)
    answered = max((day for *_others, day, _since in found if day), default=None)
    return Beside(kinds, words, plan_at, answered, max((since for *_others, since in found if since), default=None))

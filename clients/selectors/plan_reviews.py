"""Questions for looking back at a plan: how far goals had come, how blocks of MI stand, minutes planned and held."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from clients.models import Appointment, GoalReview, Intervention, PlanReview
from clients.models.appointments import TOOK_PLACE
from clients.rules import plans as rules
from clients.rules.plan_content import Kind
from clients.rules.plans import Block
from clients.selectors.plan_reading import headline
from clients.selectors.plans import Node, Said, person_of


def goals_of(review: PlanReview) -> list[GoalReview]:
    """Return how far each goal had come at a look back, in the order of the plan."""
    rows = GoalReview.objects.filter(review=review).select_related("goal")
    return list(rows.order_by("goal__problem__position", "goal__position", "pk"))


@dataclass(frozen=True)
class ShownBlock:
    """A block of MI as a look back shows it."""

    text: str
    block: Block
    choices: Sequence[tuple[str, str]]


def blocks_of(said: Said, review: PlanReview) -> list[ShownBlock]:
    """
    Return how far each block of MI of a version has come.

    Sessions count that took place since the block began. A block that began anew in a later version, with another
    first day, was extended.
    """
    nodes = [node for node in said.nodes if node.kind is Kind.INTERVENTION and node.row.modality == "mi"]
    if not nodes:
        return []
    client = person_of(review)
    first = min(node.row.starts_on for node in nodes)
    days = list(
        Appointment.objects.filter(
            client_id__in=client.record_keys, kind=Appointment.Kind.TREATMENT, attendance__in=TOOK_PLACE,
            service_on__gte=first,
        ).values_list("service_on", flat=True)
    )  # fmt: skip
    begun: dict[object, set[date]] = {}
    lineages = [node.row.lineage for node in nodes]
    rows = Intervention.objects.filter(plan_version__plan_id=review.plan_id, lineage__in=lineages)
    signed = rows.filter(plan_version__activated_at__isnull=False)
    for lineage, starts_on in signed.values_list("lineage", "starts_on"):
        begun.setdefault(lineage, set()).add(starts_on)
    return [_block(node, days, extended=len(begun.get(node.row.lineage, ())) > 1) for node in nodes]


def _block(node: Node, days: Sequence[date], *, extended: bool) -> ShownBlock:
    row = node.row
    held = sum(row.starts_on <= day and (row.ends_on is None or day <= row.ends_on) for day in days)
    found = rules.block(row.block_sessions, held, extended=extended)
    return ShownBlock(headline(node.part), found, found.choices)

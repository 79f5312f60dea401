"""Questions about blocks of MI sessions: how far each has come, and what was chosen at its end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject

from clients.models import Appointment, BlockDecision, Client, Intervention, PlanVersion
from clients.models.appointments import TOOK_PLACE
from clients.rules import plans as rules
from clients.rules.clock import civil_date
from clients.rules.plan_content import Kind
from clients.rules.plan_minutes import Work
from clients.rules.plans import Block
from clients.selectors.plan_reading import headline
from clients.selectors.plans import Said, part_of, rows_of

MI = "mi"


@dataclass(frozen=True)
class Chosen:
    """What was chosen at the end of a block, without the reason."""

    label: str
    sessions: int | None
    on: date
    by: str


@dataclass(frozen=True)
class ShownBlock:
    """
    A block of MI sessions as a page shows it.

    public_id   of the intervention whose block it is
    chosen      what was chosen since it began, the oldest first
    """

    public_id: str
    text: str
    block: Block
    chosen: Sequence[Chosen]


def with_blocks(version: PlanVersion, client: Client) -> QuerySet[Intervention, Intervention]:
    """Return what the clinic does by a version, each with what its block is counted from."""
    since = Q(service_on__gte=OuterRef("starts_on"), service_on__lte=Coalesce(OuterRef("ends_on"), F("service_on")))
    held = Appointment.objects.filter(
        since, client__in=client.records, kind=Appointment.Kind.TREATMENT, attendance__in=TOOK_PLACE
    )
    signed = Intervention.objects.filter(
        lineage=OuterRef("lineage"), plan_version__plan_id=version.plan_id, plan_version__activated_at__isnull=False
    )
    chosen = BlockDecision.objects.filter(plan_id=version.plan_id, lineage=OuterRef("lineage")).order_by("pk")
    one = JSONObject(decision="decision", sessions="sessions", at="decided_at", by="decided_by__name")
    rows: QuerySet[Intervention, Intervention] = rows_of(version, Kind.INTERVENTION)
    return rows.annotate(
        held=ArraySubquery(held.values("pk")),
        begun=ArraySubquery(signed.values("starts_on").distinct()),
        chosen=ArraySubquery(chosen.values(one=one)),
    )


def blocks_in(said: Said, zone: ZoneInfo) -> list[ShownBlock]:
    """Return the blocks of a version that was read `with_blocks`, in reading order."""
    return _blocks((node.row for node in said.nodes if node.kind is Kind.INTERVENTION), zone)


def works_in(said: Said) -> list[Work]:
    """Return what the clinic does by a version, as the rule of minutes reads it."""
    fields = ("modality", "times", "per", "minutes", "starts_on", "ends_on")
    rows = (node.row for node in said.nodes if node.kind is Kind.INTERVENTION)
    return [Work(**{name: getattr(row, name) for name in fields}) for row in rows]


def blocks_of(version: PlanVersion, client: Client) -> list[ShownBlock]:
    """Return the blocks of a version."""
    rows = with_blocks(version, client).filter(modality=MI).order_by("objective__position", "pk")
    return _blocks(rows, ZoneInfo(version.clinic.time_zone))


def block_of(row: Intervention, client: Client) -> ShownBlock:
    """Return the block of what the clinic does by its version."""
    return next(
        one for one in blocks_of(row.plan_version, client) if one.public_id == str(row.public_id)
    )  # fmt: skip


def asking() -> QuerySet[Intervention, Intervention]:
    """
    Return the MI of a record's plan in force whose block is over without a choice; the record is the outer `pk`.

    For a line that says so beside the person; sessions of the record itself count. The plan's page counts them all.
    """
    held = Appointment.objects.filter(
        client_id=OuterRef("plan_version__client_id"), kind=Appointment.Kind.TREATMENT, attendance__in=TOOK_PLACE,
        service_on__gte=OuterRef("starts_on"), service_on__lte=Coalesce(OuterRef("ends_on"), F("service_on")),
    )  # fmt: skip
    count = held.order_by().values("client_id").annotate(count=Count("pk")).values("count")
    chosen = BlockDecision.objects.filter(
        plan_id=OuterRef("plan_version__plan_id"), lineage=OuterRef("lineage"),
        decided_at__date__gte=OuterRef("starts_on"),
    )  # fmt: skip
    extend = Q(decision=BlockDecision.Decision.EXTEND)
    size = Coalesce("block_sessions", rules.BLOCK_DEFAULT) + Coalesce(
        Subquery(chosen.filter(extend).values("sessions")[:1]), 0
    )
    rows: QuerySet[Intervention, Intervention] = Intervention.objects.filter(
        ~Exists(chosen.exclude(extend)), plan_version__client_id=OuterRef("pk"), plan_version__state="active",
        modality=MI,
    )  # fmt: skip
    return rows.annotate(count=Subquery(count), size=size).filter(count__gte=F("size"))


def decisions_of(row: Intervention) -> list[BlockDecision]:
    """Return everything that was chosen for the block of what the clinic does, the newest first."""
    rows = BlockDecision.objects.filter(plan_id=row.plan_version.plan_id, lineage=row.lineage)
    return list(rows.select_related("decided_by").order_by("-pk"))


def _blocks(rows: Iterable[Any], zone: ZoneInfo) -> list[ShownBlock]:
    return [_block(row, zone) for row in rows if row.modality == MI]


def _block(row: Any, zone: ZoneInfo) -> ShownBlock:
    """
    Return a block. Sessions count that took place since it began; what was chosen before it began is another block's.

    A block that began anew in a later version, with another first day, was extended.
    """
    labels = dict(BlockDecision.Decision.choices)
    chosen, extra, decided = [], 0, False
    for one in row.chosen:
        day = civil_date(datetime.fromisoformat(one["at"]), zone)
        if day < row.starts_on:
            continue
        chosen.append(Chosen(str(labels[one["decision"]]), one["sessions"], day, one["by"]))
        extra += one["sessions"] or 0
        decided = one["decision"] != BlockDecision.Decision.EXTEND
    found = rules.block(row.block_sessions, len(row.held), extra=extra, extended=len(row.begun) > 1, decided=decided)
    return ShownBlock(str(row.public_id), headline(part_of(row, Kind.INTERVENTION, "")), found, chosen)

"""Questions about treatment plans: those of a person, the versions of one, what a version says and who signed it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from clients.models import (
    Client,
    Episode,
    Goal,
    Intervention,
    Objective,
    PlanReview,
    PlanSignature,
    PlanVersion,
    Problem,
    TreatmentPlan,
)
from clients.models.plans import PlanPart
from clients.rules import plan_words, plans
from clients.rules.plan_content import FIELDS, UNDER, Content, Kind, Part, content_hash, fields_of
from clinics.models import User

VIEW, CHANGE, SIGN = "clinics.view_plan", "clinics.change_plan", "clinics.sign_plan"
MODELS: Final[Mapping[Kind, type[Any]]] = {
    Kind.PROBLEM: Problem, Kind.GOAL: Goal, Kind.OBJECTIVE: Objective, Kind.INTERVENTION: Intervention
}  # fmt: skip
# Other rows that a part names, by field.
NAMED: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.PROBLEM: ("assessment", "response"), Kind.GOAL: ("target",), Kind.OBJECTIVE: (), Kind.INTERVENTION: ("who",)
}  # fmt: skip
_READ_WITH: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.PROBLEM: ("assessment", "response__instrument"), Kind.GOAL: ("target",), Kind.OBJECTIVE: (),
    Kind.INTERVENTION: ("who",),
}  # fmt: skip
STATE_TONES: Final = {"draft": "", "in_review": "warn", "active": "ok", "superseded": "", "closed": ""}


# --- what a version says --------------------------------------------------------------------------------------------


def kind_of(row: PlanPart) -> Kind:
    """Return what a row of a plan is."""
    return Kind(str(row._meta.model_name))


def above_of(row: PlanPart) -> PlanPart | None:
    """Return the part that a part stands under; None for a problem."""
    above = UNDER.get(kind_of(row))
    return None if above is None else getattr(row, above.value)


@dataclass(frozen=True)
class Node:
    """A part of a version as a page shows it, with what stands under it."""

    kind: Kind
    row: Any
    part: Part
    below: list["Node"] = field(default_factory=list)

    def walk(self) -> Iterable["Node"]:
        """Yield this part and everything under it, in reading order."""
        yield self
        for node in self.below:
            yield from node.walk()


@dataclass(frozen=True)
class Said:
    """
    What a version says.

    problems   the first parts of each thread, each with what stands under it
    nodes      all of them in reading order
    """

    problems: list[Node]

    @property
    def nodes(self) -> list[Node]:
        """Return every part in reading order."""
        return [one for problem in self.problems for one in problem.walk()]

    @property
    def parts(self) -> list[Part]:
        """Return every part as the rules read it."""
        return [node.part for node in self.nodes]

    @property
    def goals(self) -> list[Node]:
        """Return the goals in reading order."""
        return [node for node in self.nodes if node.kind is Kind.GOAL]


def rows_of(version: PlanVersion, kind: Kind) -> QuerySet[Any, Any]:
    """Return the parts of one kind of a version, with what they name."""
    rows = MODELS[kind].objects.filter(plan_version=version)
    related = _READ_WITH[kind]
    found: QuerySet[Any, Any] = (rows.select_related(*related) if related else rows).order_by("position", "pk")
    return found


def said_of(version: PlanVersion, rows: Mapping[Kind, QuerySet[Any, Any]] | None = None) -> Said:
    """
    Return what a version says, by one statement a kind.

    rows   the rows of a kind, where more is to be read with them
    """
    given = rows or {}
    problems: list[Node] = []
    before: dict[int, Node] = {}
    for kind in Kind:
        now: dict[int, Node] = {}
        for row in given[kind] if kind in given else rows_of(version, kind):
            above = before.get(getattr(row, f"{UNDER[kind].value}_id")) if kind in UNDER else None
            node = Node(kind, row, part_of(row, kind, above.part.lineage if above is not None else ""))
            (above.below if above is not None else problems).append(node)
            now[row.pk] = node
        before = now
    return Said(problems)


def part_of(row: Any, kind: Kind, under: str) -> Part:
    """Return a row as the rules read it; what it names is named by public id."""
    values: dict[str, Any] = {}
    for name in FIELDS[kind]:
        value = getattr(row, name)
        values[name] = value.public_id if name in NAMED[kind] and value is not None else value
    return Part(kind, str(row.lineage), under, row.position, fields_of(kind, values))


def hash_of(version: PlanVersion, parts: Sequence[Part], submitted_at: datetime) -> str:
    """Return the hash of what a signature covers; plan, client and author of the version are read."""
    return content_hash(
        Content(
            plan=str(version.plan.public_id), client=str(version.client.public_id),
            author=str(version.author.public_id), number=version.number,
            starts_on=version.starts_on.isoformat() if version.starts_on else "", needs_cosign=version.needs_cosign,
            submitted_at=submitted_at, parts=tuple(parts),
        )
    )  # fmt: skip


def stands(version: PlanVersion, parts: Sequence[Part]) -> bool:
    """Tell whether a version that was signed still says what was signed."""
    if not version.content_hash or version.submitted_at is None:
        return False
    return hash_of(version, parts, version.submitted_at) == version.content_hash


# --- versions, signatures, reviews ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Signed:
    """A signature, or that somebody would not sign, as a page shows it."""

    capacity: str
    capacity_label: str
    name: str
    method_label: str
    refused: bool
    at: datetime


@dataclass(frozen=True)
class Look:
    """A look back at a plan: due, or held with what was decided."""

    public_id: str
    due_on: date
    held_on: date | None
    decision_label: str


@dataclass(frozen=True)
class ShownVersion:
    """
    A version as a list of them shows it, with what the viewer may do with it.

    signed    who signed what it says now
    missing   whose signature is still missing, in words
    """

    version: PlanVersion
    label: str
    tone: str
    signed: list[Signed]
    missing: list[str]
    may_change: bool
    may_sign: bool

    @property
    def takes_physician(self) -> bool:
        """Tell whether a physician's signature can be written down under it."""
        signed = any(one.capacity == "physician" for one in self.signed)
        return self.version.state in ("in_review", "active") and not signed


@dataclass(frozen=True)
class Versions:
    """
    The versions of one plan, the newest first, and the looks back at it, the latest due first.

    shown   the one in force; else the one that is written on; else the newest
    next    the look back that is due next, None where none is
    """

    all: list[ShownVersion]
    looks: list[Look]

    @property
    def active(self) -> ShownVersion | None:
        """Return the version in force, or None."""
        return next((one for one in self.all if one.version.state == "active"), None)

    @property
    def open(self) -> ShownVersion | None:
        """Return the version that is written on or waits for signatures, or None."""
        return next((one for one in self.all if one.version.state in plans.OPEN), None)

    @property
    def shown(self) -> ShownVersion:
        """Return the version that a plan's page shows."""
        return self.active or self.open or self.all[0]

    @property
    def next(self) -> Look | None:
        """Return the look back that is due, or None."""
        return next((one for one in self.looks if one.held_on is None), None)

    def of(self, version: PlanVersion) -> ShownVersion:
        """Return one of them."""
        return next(one for one in self.all if one.version.pk == version.pk)


def versions_of(plan: TreatmentPlan, user: User) -> Versions:
    """Return a plan's versions with signatures, reviews and what `user` may do, by one statement."""
    same = {"plan_version_id": OuterRef("pk")}
    one = JSONObject(
        capacity="capacity", name="printed_name", method="method", refused="refused", at="signed_at",
        content="content_hash",
    )  # fmt: skip
    look = JSONObject(public_id="public_id", due_on="due_on", held_on="held_on", decision="decision")
    rows = PlanVersion.objects.filter(plan=plan).select_related("author", "client", "plan")
    found = list(
        rows.annotate(
            may_change=Exists(PlanVersion.objects.permitted(user, CHANGE).filter(pk=OuterRef("pk"))),
            may_sign=Exists(PlanVersion.objects.permitted(user, SIGN).filter(pk=OuterRef("pk"))),
            signed=ArraySubquery(PlanSignature.objects.filter(**same).order_by("pk").values(one=one)),
            looked=ArraySubquery(
                PlanReview.objects.filter(plan_id=OuterRef("plan_id")).order_by("-due_on", "-pk").values(one=look)
            ),
        ).order_by("-number")
    )
    looks = found[0].looked if found else []
    return Versions([_shown(row) for row in found], [_look(one) for one in looks])


def _shown(row: Any) -> ShownVersion:
    signed = [one for one in row.signed if row.content_hash and one["content"] == row.content_hash]
    labels = dict(plan_words.CAPACITIES)
    missing = plans.missing_signatures([one["capacity"] for one in signed], needs_cosign=row.needs_cosign)
    return ShownVersion(
        version=row, label=plans.STATE_LABELS[row.state], tone=STATE_TONES[row.state],
        signed=[
            Signed(
                one["capacity"], labels[one["capacity"]], one["name"], dict(plan_words.METHODS)[one["method"]],
                one["refused"], datetime.fromisoformat(one["at"]),
            )
            for one in signed
        ],
        missing=[labels[one] for one in missing] if row.state == "in_review" else [],
        may_change=row.may_change, may_sign=row.may_sign,
    )  # fmt: skip


def _look(one: Mapping[str, Any]) -> Look:
    held = one["held_on"]
    return Look(
        one["public_id"], date.fromisoformat(one["due_on"]), date.fromisoformat(held) if held else None,
        dict(plan_words.REVIEW_DECISIONS).get(one["decision"], ""),
    )  # fmt: skip


# --- a person's plans -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PersonPlan:
    """
    The plan of one stay in a program.

    plan_id     public id of the plan; empty where there is none yet
    state       of the version in force or else the newest, in words; empty without a plan
    review_on   when to look back next
    due_on      by when a first plan is in force, while none is
    """

    episode: Episode
    plan_id: str
    state: str
    tone: str
    version_count: int
    review_on: date | None
    due_on: date | None


def of_person(client: Client) -> list[PersonPlan]:
    """Return the stays of a person that took place, each with its plan, those that go on first; by one statement."""
    plan = TreatmentPlan.objects.filter(episode_id=OuterRef("pk"))
    versions = PlanVersion.objects.filter(plan__episode_id=OuterRef("pk")).order_by("-number")
    review = PlanReview.objects.filter(plan__episode_id=OuterRef("pk"), held_on=None)
    rows = Episode.objects.filter(client_id__in=client.record_keys).exclude(status=Episode.Status.VOID)
    found = rows.select_related("program").annotate(
        plan_public_id=Subquery(plan.values("public_id")[:1]),
        states=ArraySubquery(versions.values("state")),
        review_on=Subquery(review.values("due_on")[:1]),
    )
    return [_of_episode(row) for row in found.order_by("-status", "-admitted_on", "-pk")]


def _of_episode(row: Any) -> PersonPlan:
    states: list[str] = row.states
    state = "active" if "active" in states else states[0] if states else ""
    going_on = row.status == Episode.Status.OPEN
    return PersonPlan(
        episode=row, plan_id=str(row.plan_public_id or ""), state=plans.STATE_LABELS.get(state, ""),
        tone=STATE_TONES.get(state, ""), version_count=len(states),
        review_on=row.review_on if going_on and state == "active" else None,
        due_on=plans.plan_due(row.admitted_on) if going_on and not {"active", "superseded"} & set(states) else None,
    )  # fmt: skip

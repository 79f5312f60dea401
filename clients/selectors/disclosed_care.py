"""
What of measures, stages and the treatment plan goes out under the parts of a record.

Each part is an allow-list. What is not given under any of them: drafts and hints, versions that were replaced, what
was taken back, a clinician's reasons, what a goal is worth to the person (it may come from an exercise that they keep
private), comments at a look back, and the exercises themselves.

source   shared/domain/care.md 4.1, 6.3
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from django.utils.formats import date_format

from clients.models import GoalReview, MeasureResponse, PlanReview, PlanSignature, PlanVersion, StageRating
from clients.rules import plan_words
from clients.rules.plan_content import Kind
from clients.selectors import plan_reading
from clients.selectors.consents import DAY
from clients.selectors.disclosed import Row, Subject
from clients.selectors.measures import answer_words, question_of, scores_of
from clients.selectors.plans import said_of
from clinics.selectors.instruments import definition_of

NO_SCORE: Final = "no score"
# What is told of each part beside its headline.
OUTSIDE: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.PROBLEM: ("diagnosis",),
    Kind.GOAL: ("target", "commitment", "target_on", "status"),
    Kind.OBJECTIVE: ("metric", "by_on"),
    Kind.INTERVENTION: ("who", "session_format", "starts_on", "ends_on"),
}


def _day(value: date) -> str:
    return str(date_format(value, DAY))


# --- measures -------------------------------------------------------------------------------------------------------


def measures(subject: Subject) -> list[Row]:
    """Return each answered measure with its scores and their levels, never an answer."""
    found: list[Row] = []
    for response in _responses(subject):
        scores = {
            one.score.label: " · ".join(filter(None, (one.shown, one.level))) or NO_SCORE for one in scores_of(response)
        }
        found.append({"Day": _day(response.taken_on), "Measure": response.instrument.name, **scores})
    return found


def measure_answers(subject: Subject) -> list[Row]:
    """Return each question of an answered measure with its answer; wording that belongs to somebody by its number."""
    found: list[Row] = []
    for response in _responses(subject):
        definition = definition_of(response.instrument)
        found += [
            {
                "Day": _day(response.taken_on),
                "Measure": response.instrument.name,
                "Question": question_of(definition, item, {}),
                "Answer": answer_words(item, response.answers.get(key)) or "not answered",
            }
            for key, item in definition.items.items()
        ]
    return found


def _responses(subject: Subject) -> Iterable[MeasureResponse]:
    """Return what was answered and not taken back, the oldest first; nothing without identifiers."""
    if not subject.identified:
        return ()
    rows = MeasureResponse.objects.filter(client_id__in=subject.keys, undone_at=None)
    found: Iterable[MeasureResponse] = (
        rows.select_related("instrument").prefetch_related("scores").order_by("taken_at", "pk")
    )
    return found


# --- where the person stands ----------------------------------------------------------------------------------------


def stages(subject: Subject) -> list[Row]:
    """Return the stages of change as a clinician rated them, the oldest first."""
    if not subject.identified:
        return []
    rows = StageRating.objects.filter(client_id__in=subject.keys).select_related("target")
    return [
        {
            "Day": _day(row.rated_on),
            "Goal": row.target.goal,
            "Stage of change": row.get_stage_display(),
            "Going by": row.get_basis_display(),
        }
        for row in rows.order_by("rated_on", "pk")
    ]


# --- the plan -------------------------------------------------------------------------------------------------------


def treatment_plan(subject: Subject) -> list[Row]:
    """Return each plan in force, part by part in the order of its thread, then how far goals had come."""
    if not subject.identified:
        return []
    versions = PlanVersion.objects.filter(client_id__in=subject.keys, state="active")
    versions = versions.select_related("plan__episode__program", "author").order_by("pk")
    return [row for version in versions for row in (*_head(subject, version), *_thread(version), *_looks(version))]


def _head(subject: Subject, version: PlanVersion) -> Sequence[Row]:
    signatures = PlanSignature.objects.filter(plan_version=version, content_hash=version.content_hash).order_by("pk")
    capacities = dict(plan_words.CAPACITIES)
    told = {
        "Treatment plan": f"{version.plan.episode.program.name}, version {version.number}",
        "In force since": subject.day(version.activated_at) if version.activated_at else "",
        "Written by": version.author.name,
        **{
            f"Signed: {capacities[one.capacity].lower()}": f"{one.printed_name}, {subject.day(one.signed_at)}"
            for one in signatures
            if not one.refused
        },
    }
    return [{label: words for label, words in told.items() if words}]


def _thread(version: PlanVersion) -> Iterable[Row]:
    def walk(parts: Iterable[plan_reading.ShownPart]) -> Iterable[Row]:
        for part in parts:
            quoted = {"In their own words": part.quote} if part.quote else {}
            yield {str(part.label): part.text, **quoted, **{str(label): words for label, words in part.facts}}
            yield from walk(part.below)

    return walk(plan_reading.shown(said_of(version), telling=OUTSIDE))


def _looks(version: PlanVersion) -> Iterable[Row]:
    decisions = dict(plan_words.REVIEW_DECISIONS)
    for review in PlanReview.objects.filter(plan=version.plan, held_on__isnull=False).order_by("held_on", "pk"):
        yield {"Looked back": _day(review.held_on), "What followed": decisions.get(review.decision, "")}
        goals = GoalReview.objects.filter(review=review).select_related("goal")
        for one in goals.order_by("goal__problem__position", "goal__position", "pk"):
            yield {
                "Looked back": _day(review.held_on),
                "Goal": one.goal.text,
                "How far it had come": f"{one.progress} %",
                "How it stood": one.get_status_display(),
            }

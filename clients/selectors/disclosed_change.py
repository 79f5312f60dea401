"""
What of the work on a change goes out under the parts of a record: exercises, reasons and strengths, the person's own
card, the plan for return to use, and the log of cravings and returns to use.

Each part is an allow-list. What is not given under any of them: an exercise that the person keeps private, revisions
that were replaced, what was taken back or let go, what the intensity rule suggested, and the telephone of somebody who
helps (they agreed to be called, not to be passed on).

source   shared/domain/care.md 3.4-3.6, 6.3
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from django.utils.formats import date_format

from clients.models import ChangeReason, Craving, Exercise, Lapse, RelapsePlan, RulerReading, Strength
from clients.rules import relapse as relapse_rules
from clients.rules import returns as return_rules
from clients.rules import strength_words
from clients.selectors import exercises as written
from clients.selectors import relapse as plans
from clients.selectors import strengths as kept
from clients.selectors.consents import DAY
from clients.selectors.disclosed import Row, Subject

LABELS: Final[Mapping[str, str]] = dict(strength_words.STRENGTHS)
SOURCES: Final[Mapping[str, str]] = dict(strength_words.REASON_SOURCES)


def _day(value: date) -> str:
    return str(date_format(value, DAY))


def _row(said: Mapping[str, Any]) -> Row:
    """Return what was said, without what was not; a 0 was."""
    return {label: str(words) for label, words in said.items() if words not in ("", None)}


# --- exercises ------------------------------------------------------------------------------------------------------


def exercises(subject: Subject) -> list[Row]:
    """Return each exercise as it stands now, line by line; one that the person keeps private is not there at all."""
    if not subject.identified:
        return []
    rows = Exercise.objects.filter(client_id__in=subject.keys).select_related("target")
    newest = rows.order_by("kind", "target_id", "-revision", "-pk").distinct("kind", "target_id")
    return [row for one in newest if not one.is_private for row in _lines(subject, one)]


def _lines(subject: Subject, exercise: Exercise) -> Iterable[Row]:
    yield _row(
        {
            "Exercise": exercise.get_kind_display(),
            "Goal": exercise.target.goal if exercise.target is not None else "",
            "Written": subject.day(exercise.made_at),
            "Signed by the person": _day(exercise.signed_on) if exercise.signed_on is not None else "",
        }
    )
    for piece in written.shown(exercise):
        if piece.text:
            yield {piece.label: piece.text}
        for row in piece.rows:
            yield _row({piece.label: row.text, "Beside it": " · ".join(row.more)})


# --- reasons, strengths, and the card ---------------------------------------------------------------------------------


def strengths(subject: Subject) -> list[Row]:
    """Return the reasons for a change, then strengths, successes, affirmations and milestones: those that hold."""
    if not subject.identified:
        return []
    asked = {"client_id__in": subject.keys, "ended_at": None}
    reasons = ChangeReason.objects.filter(**asked).select_related("target").order_by("pk")
    rows = Strength.objects.filter(**asked).select_related("appointment").order_by("kind", "pk")
    return [*(_reason(one) for one in reasons), *(_strength(one) for one in rows)]


def _reason(reason: ChangeReason) -> Row:
    return _row(
        {
            "Reason for a change": reason.text,
            "Goal": reason.target.goal if reason.target is not None else "",
            "Said first by": SOURCES[reason.source],
            "Their own": "yes" if reason.is_own else "no",
            "How strong, 0 to 10": reason.strength,
            "First said": _day(reason.first_said_on),
            "Said again": ", ".join(_day(on) for on in reason.restated_on),
        }
    )


def _strength(row: Strength) -> Row:
    return _row(
        {
            LABELS[row.kind]: row.text,
            "Kind": row.get_domain_display() if row.domain else "",
            "What shows it": row.evidence,
            "What helped": row.helped,
            "Used again for": row.get_transfer_to_display() if row.transfer_to else "",
            "Named by": row.get_named_by_display(),
            "Day": _day(row.happened_on) if row.happened_on is not None else "",
            "Said on": _day(row.appointment.service_on) if row.appointment is not None else "",
        }
    )


def card(subject: Subject) -> list[Row]:
    """Return the person's own card: what they chose to stand on it, and nothing beside that."""
    if not subject.identified:
        return []
    chosen = kept.card(subject.client)
    return [
        *({"Why I want it": one.text} for one in chosen.reasons),
        *({"What matters most to me": one.name} for one in chosen.values),
        *({LABELS[group.kind]: row.text} for group in chosen.strengths for row in group.rows),
        *([_hope(chosen.hope)] if chosen.hope is not None else []),
    ]


def _hope(hope: RulerReading) -> Row:
    return _row({"My hope, 0 to 10": hope.value, "Day": _day(hope.taken_on), "In their words": hope.why_not_lower})


# --- return to use --------------------------------------------------------------------------------------------------


def relapse_plan(subject: Subject) -> list[Row]:
    """Return the plan for return to use as it holds now, what asks for most attention first."""
    rows = RelapsePlan.objects.filter(client_id__in=subject.keys).order_by("-revision", "-pk")
    plan = rows.first() if subject.identified else None
    if plan is None:
        return []
    said = plans.said(plan)
    return [
        {"Plan for return to use": f"revision {plan.revision}", "Written": subject.day(plan.made_at)},
        *(_trigger(one, said) for one in said.by_priority),
        *({"How it shows early": one.text, "Kind": one.kind_label} for one in said.warnings),
        *({"What helps": one.text, "Kind": one.kind_label} for one in said.coping if not one.helps_with),
        *(_row({"Who helps": one.name, "Who they are": one.relation}) for one in said.supports),
        *({label: said.first[code]} for code, label in relapse_rules.FIRST if said.first.get(code)),
    ]


def _trigger(trigger: relapse_rules.Trigger, said: relapse_rules.Plan) -> Row:
    return _row(
        {
            "What makes it hard": trigger.text,
            "Kind": trigger.category_label,
            "Risk, 0 to 10": trigger.risk,
            "How sure they are, 0 to 10": trigger.confidence,
            "Last met": _day(trigger.last_met_on) if trigger.last_met_on is not None else "",
            "What helps": " · ".join(one.text for one in said.helped(trigger)),
        }
    )


def returns(subject: Subject) -> list[Row]:
    """Return cravings, then returns to use with what they taught, the oldest first; what was taken back stays here."""
    if not subject.identified:
        return []
    asked = {"client_id__in": subject.keys, "undone_at": None}
    cravings = Craving.objects.filter(**asked).order_by("felt_at", "pk")
    lapses = Lapse.objects.filter(**asked).select_related("target").order_by("happened_on", "pk")
    return [*(_craving(subject, one) for one in cravings), *(_lapse(one) for one in lapses)]


def _craving(subject: Subject, craving: Craving) -> Row:
    return _row(
        {
            "Craving": subject.day(craving.felt_at),
            "How strong, 0 to 10": craving.intensity,
            "Minutes": craving.minutes,
            "What was going on": craving.situation,
            "What they tried": craving.coping,
            "How much it helped, 0 to 10": craving.helped,
            "Used": "yes" if craving.used else "no",
        }
    )


def _lapse(lapse: Lapse) -> Row:
    return _row(
        {
            "Return to use": _day(lapse.happened_on),
            "Goal": lapse.target.goal if lapse.target is not None else "",
            "What it was": str(dict(return_rules.SUBSTANCES).get(lapse.substance, lapse.substance)),
            "How much": lapse.amount,
            "What was going on": lapse.situation,
            "What it taught": lapse.learning,
        }
    )

"""The supervisor's fidelity pages: the clinic's trend, the therapists, and the practice room's figures."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.translation import gettext

from analytics import presenting
from analytics.forms import GROUP, PERIODS, FidelityFilter
from analytics.selectors import fidelity as selectors
from clinics import audit
from clinics.access import require
from clinics.models import User
from sessions.models import PracticeSet

CARDS_SCORE = "pct_cr"
LANGUAGE_GROUP, LANGUAGE_SCORE = "client_language", "pct_ct"


def months_of(period: str, today: date) -> list[date]:
    """Return the first days of the months of a period, this month last."""
    count = today.month if period == "year" else int(period)
    first = today.year * 12 + today.month - count
    return [date(number // 12, number % 12 + 1, 1) for number in range(first, first + count)]


def _span(months: Sequence[date]) -> str:
    first, last = months[0], months[-1]
    start = str(MONTHS[first.month]) if first.year == last.year else f"{MONTHS[first.month]} {first.year}"
    return gettext("%(first)s to %(last)s") % {"first": start, "last": f"{MONTHS[last.month]} {last.year}"}


def fidelity(request: Any, clinic_slug: str) -> HttpResponse:
    """Show how the clinic practises MI by month, and who would be helped by a supervisor's time."""
    require(request.user, "clinics.view_clinic_fidelity")
    inst = selectors.instrument(GROUP)
    form = FidelityFilter(request.GET, instrument=inst)
    chosen = form.chosen
    months = months_of(chosen.period, timezone.localdate())
    therapists = selectors.therapists_in_view(request.user)
    context: dict[str, Any] = {
        "form": form, "span": _span(months), "practice_sets": _practice_sets(request.user), "caveat": "",
    }  # fmt: skip
    if inst is not None:
        samples = selectors.newest_samples(GROUP, therapists)
        context |= _clinical(inst, chosen.score, months, therapists, samples)
    context["language"] = _language(months)
    audit.listed(
        "fidelity",
        [],
        purpose="supervision",
        detail={"therapists": [str(one.public_id) for one in therapists]},
    )
    return TemplateResponse(request, "analytics/fidelity.html", context)


def _clinical(
    inst: selectors.Instrument,
    score_key: str,
    months: Sequence[date],
    therapists: Sequence[User],
    samples: Any,
) -> dict[str, Any]:
    scores = inst.definition.score_by_key
    sums = selectors.monthly_sums(GROUP, [score_key], months[0], months[-1])
    by_month = {month: part for (_score, month), part in sums.items()}
    total = sum(part.n for part in by_month.values())
    if not total and not samples:
        return {}
    note = gettext("Random samples of the whole clinic, pooled by month. A month under three samples is hollow.")
    cards = presenting.therapist_cards(scores[CARDS_SCORE], inst.thresholds.get(CARDS_SCORE), therapists, samples)
    prompts = presenting.support_prompts(inst, therapists, samples)
    this_month = by_month.get(months[-1])
    return {
        "caveat": inst.caveat,
        "n_samples": total,
        "trend": presenting.trend(scores[score_key], inst.thresholds.get(score_key), months, by_month, note),
        "cards": cards,
        "cards_score": scores[CARDS_SCORE],
        "cards_finding": presenting.cards_finding(scores[CARDS_SCORE], cards),
        "prompts": prompts,
        "coded_this_month": this_month.n if this_month else 0,
        "verification": selectors.last_verification(),
    }


def _language(months: Sequence[date]) -> Any:
    inst = selectors.instrument(LANGUAGE_GROUP)
    if inst is None:
        return None
    sums = selectors.monthly_sums(LANGUAGE_GROUP, [LANGUAGE_SCORE], months[0], months[-1])
    by_month = {month: part for (_score, month), part in sums.items()}
    if not by_month:
        return None
    note = gettext(
        "Change talk as a share of change and sustain talk. It describes conversations; it has no pass mark."
    )
    return presenting.trend(inst.definition.score_by_key[LANGUAGE_SCORE], None, months, by_month, note)


def _practice_sets(user: User) -> list[PracticeSet]:
    return list(PracticeSet.objects.permitted(user, "clinics.view_practice"))


def practice_fidelity(request: Any, clinic_slug: str, key: str) -> HttpResponse:
    """Show the pooled scores of one practice set, outside every clinical figure."""
    require(request.user, "clinics.view_practice")
    practice_set = PracticeSet.objects.filter(key=key).first()
    if practice_set is None:
        raise Http404
    tables = [
        (inst, presenting.pooled_rows(inst, sums))
        for group, sums in sorted(selectors.practice_sums(practice_set).items())
        if (inst := selectors.instrument(group)) is not None
    ]
    context = {"practice_set": practice_set, "tables": tables, "periods": PERIODS}
    return TemplateResponse(request, "analytics/practice_fidelity.html", context)


def growth(request: Any, clinic_slug: str) -> HttpResponse:
    """Show a therapist their own samples, each score with its own trend."""
    require(request.user, "clinics.view_fidelity")
    inst = selectors.instrument(GROUP)
    samples = selectors.newest_samples(GROUP, [request.user]).get(request.user.pk, [])
    rows = []
    if inst is not None:
        for score in inst.definition.scores:
            cards = presenting.therapist_cards(
                score, inst.thresholds.get(score.key), [request.user], {request.user.pk: samples}
            )
            rows += [(score, card) for card in cards]
    audit.record("growth.viewed", purpose="own growth", detail={"samples": len(samples)})
    context = {"rows": rows, "samples": samples, "caveat": inst.caveat if inst else ""}
    return TemplateResponse(request, "analytics/growth.html", context)

"""The filter of the fidelity page."""

from collections.abc import Mapping
from dataclasses import dataclass

from django import forms

from analytics.selectors.fidelity import Instrument

GROUP = "miti-4"
PERIODS = (("6", "Last 6 months"), ("12", "Last 12 months"), ("year", "This year"))
DEFAULT_PERIOD, DEFAULT_SCORE = "6", "r_to_q"


@dataclass(frozen=True)
class Chosen:
    """What the page shows: a period and the score of the trend."""

    period: str
    score: str


class FidelityFilter(forms.Form):
    """Period and score. What was not chosen, or does not exist, is the default: a filter has no error page."""

    period = forms.ChoiceField(choices=PERIODS)
    score = forms.ChoiceField(label="Trend of")

    def __init__(self, query: Mapping[str, str], *, instrument: Instrument | None) -> None:
        scores = [(one.key, one.label) for one in instrument.definition.scores] if instrument else []
        asked = Chosen(query.get("period", ""), query.get("score", ""))
        self.chosen = Chosen(
            asked.period if asked.period in dict(PERIODS) else DEFAULT_PERIOD,
            asked.score if asked.score in dict(scores) else DEFAULT_SCORE,
        )
        super().__init__(initial={"period": self.chosen.period, "score": self.chosen.score})
        self.fields["score"].choices = scores  # type: ignore[attr-defined]

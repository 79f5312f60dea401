"""The filter of the fidelity page."""

from dataclasses import dataclass
from typing import Any

from django import forms

from analytics.selectors import Instrument

GROUP = "miti-4"
PERIODS = (("6", "Last 6 months"), ("12", "Last 12 months"), ("year", "This year"))
DEFAULT_PERIOD, DEFAULT_SCORE = "6", "r_to_q"


@dataclass(frozen=True)
class Chosen:
    """What the page shows: a period and the score of the trend."""

    period: str
    score: str


class FidelityFilter(forms.Form):
    """Period and score. An unknown choice falls back to the default: a filter is no place for an error page."""

    period = forms.ChoiceField(choices=PERIODS, initial=DEFAULT_PERIOD, required=False)
    score = forms.ChoiceField(initial=DEFAULT_SCORE, required=False, label="Trend of")

    def __init__(self, *args: Any, instrument: Instrument | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scores = instrument.definition.scores if instrument else ()
        self.fields["score"].choices = [(one.key, one.label) for one in scores]  # type: ignore[attr-defined]

    def chosen(self) -> Chosen:
        """Return the choices made, or the defaults."""
        valid = self.cleaned_data if self.is_bound and self.is_valid() else {}
        return Chosen(valid.get("period") or DEFAULT_PERIOD, valid.get("score") or DEFAULT_SCORE)

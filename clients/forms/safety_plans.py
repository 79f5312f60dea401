"""The form of a plan for safety: one field a part, one line for each thing."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.forms.consents import optional_words
from clients.models import SafetyPlan
from clients.rules import safety_plan as rules
from clients.selectors.safety_plans import parts_of
from clinics.repeat import OnceForm
from clinics.versions import VersionedForm


class SafetyPlanForm(OnceForm, VersionedForm):
    """
    A plan as it is written together.

    `version` is the revision that was read, counted from 1 for none.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part in rules.PARTS:
            self.fields[part.code] = optional_words(part.label, rules.PART_CHARS, 4, help_text=part.ask)
        self.fields["copy_given"] = forms.BooleanField(
            label=_("The person has a copy in their hands"), required=False,
            help_text=_("Printed, or written by hand together."),
        )  # fmt: skip

    @property
    def parts(self) -> list[Any]:
        """Return the fields of the parts, for the page."""
        return [self[code] for code in rules.CODES]

    @property
    def seen(self) -> int:
        """Return the revision that was read, 0 for none; call after the form is valid."""
        return int(self.cleaned_data["version"]) - 1

    def entered(self) -> dict[str, list[str]]:
        """Return the lines of each part; call after the form is valid."""
        return {code: list(rules.lines_of(self.cleaned_data[code])) for code in rules.CODES}

    @staticmethod
    def stored(plan: SafetyPlan | None) -> dict[str, Any]:
        """Return what the form starts with: the newest plan, or the lines that stand in every first one."""
        if plan is None:
            return {**{part.code: "\n".join(part.filled) for part in rules.PARTS}, "version": 1}
        return {**{code: "\n".join(lines) for code, lines in parts_of(plan).items()}, "version": plan.revision + 1}

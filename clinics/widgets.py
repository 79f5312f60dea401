"""
The form renderer and the three widgets that Django does not have.

Segmented choice, three-part date and the 0 to 10 ruler. All are plain inputs: they post without a
script. Rulers are eleven radio buttons and not a slider, because a slider has no "not asked".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

import jinja2
from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinics.icons import lucide

RULER_VALUES = range(11)


class FormRenderer(TemplatesSetting):
    """
    Render every form with `templates/jinja2/forms/`; widgets come from the template engines, Jinja2's first.

    A form of fifty fields draws several hundred small templates, at which Jinja2 is several times as fast as Django's
    own language. A widget that has no Jinja2 template, such as those of the admin, is drawn with Django's.
    """

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"


def form_environment(**options: Any) -> jinja2.Environment:
    """Return the Jinja2 environment of the forms (`TEMPLATES`), which knows `_()` and `icon()` and no more of ours."""
    environment = jinja2.Environment(**options)  # noqa: S701 - Django hands in autoescape=True
    environment.globals.update(_=gettext, icon=lucide)
    return environment


class _Radios(forms.RadioSelect):
    """Radio buttons whose error is told by their group: a single radio may not carry aria-invalid."""

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Leave out aria-invalid, which ARIA allows on the group only."""
        option = super().create_option(*args, **kwargs)
        option["attrs"].pop("aria-invalid", None)
        return option


class SegmentedChoice(_Radios):
    """A short list of radio buttons drawn as one row of buttons; the ticked one carries a check mark."""

    template_name = "forms/widgets/segments.html"
    option_template_name = "forms/widgets/segment.html"


class DateParts(forms.MultiWidget):
    """
    A remembered date as three text inputs: month, day, year.

    Posts `<name>_month`, `<name>_day`, `<name>_year`. Hands the form an ISO date, None when all three
    are empty, and otherwise the parts joined by hyphens so that the field can say what is wrong and
    the page can show again what was typed.
    """

    template_name = "forms/widgets/date_parts.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        digits = {"inputmode": "numeric", "autocomplete": "off"}
        super().__init__(
            widgets={
                "month": forms.TextInput(attrs={**digits, "maxlength": 2, "class": "w-2"}),
                "day": forms.TextInput(attrs={**digits, "maxlength": 2, "class": "w-2"}),
                "year": forms.TextInput(attrs={**digits, "maxlength": 4, "class": "w-4"}),
            },
            attrs=attrs,
        )

    def decompress(self, value: Any) -> list[str]:
        """Return month, day and year as typed or as stored; three empty texts for no value."""
        if isinstance(value, (date, datetime)):
            return [str(value.month), str(value.day), str(value.year)]
        if isinstance(value, str) and value.count("-") == 2:
            year, month, day = value.split("-")
            return [month, day, year]
        return ["", "", ""]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Add the word above each input."""
        context = super().get_context(name, value, attrs)
        labels = (gettext("Month"), gettext("Day"), gettext("Year"))
        for subwidget, label in zip(context["widget"]["subwidgets"], labels, strict=True):
            subwidget["label"] = label
        return context

    # Django's own SelectDateWidget hands on a joined text as well; the stubs know only lists.
    def value_from_datadict(  # type: ignore[override]
        self, data: Mapping[str, Any], files: Any, name: str
    ) -> str | None:
        """Join the three inputs to `year-month-day`; None when all are empty."""
        month, day, year = (part.strip() if part else "" for part in super().value_from_datadict(data, files, name))
        if not (month or day or year):
            return None
        # A hyphen typed inside a part would move the others; a dash keeps the place and stays wrong.
        return "-".join(part.replace("-", "–") for part in (year, month, day))


class DatePartsField(forms.DateField):
    """A date typed in three parts; takes ISO only, because the widget makes it."""

    widget = DateParts
    input_formats = ("%Y-%m-%d",)
    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": _("Enter a real date: month, day and a year with four digits."),
    }


@dataclass(frozen=True)
class FollowUp:
    """What stands under a ruler: how the answer moved since last session, and what to ask or say next."""

    moved: str
    ask: str


def ruler_follow_up(value: int | None, last: int | None, *, between: bool = False) -> FollowUp:
    """
    Return what to say after an answer on a 0 to 10 ruler.

    The question always names a lower number, so that the answer is change talk; at 0 there is no lower
    number and the question asks what would raise it (shared/domain/care.md 3.1). `last` is the answer
    of the session before, None when it was not asked; then nothing is said about movement. `between` says that the
    rulers are asked between sessions, and `last` is whatever answer came before.

    source   the "why a 6 and not a 3?" question of motivational interviewing
    """
    if value is None:
        return FollowUp("", gettext("Not asked yet"))
    lower = max(value - 3, 0)
    if value == 0:
        ask = gettext("Ask: what would make it a 1?")
    elif value == 8:
        ask = gettext("Ask: why an 8 and not a %(lower)d?") % {"lower": lower}
    else:
        ask = gettext("Ask: why a %(value)d and not a %(lower)d?") % {"value": value, "lower": lower}
    if last is None:
        return FollowUp("", ask)
    if between:
        return FollowUp(_moved_since_last_time(value - last), ask)
    if value == last:
        return FollowUp(gettext("Same as last session."), ask)
    words = gettext("Up %(step)d since last session.") if value > last else gettext("Down %(step)d since last session.")
    return FollowUp(words % {"step": abs(value - last)}, ask)


def _moved_since_last_time(step: int) -> str:
    if step == 0:
        return gettext("Same as last time.")
    words = gettext("Up %(step)d since last time.") if step > 0 else gettext("Down %(step)d since last time.")
    return words % {"step": abs(step)}


class RulerWidget(_Radios):
    """
    Eleven radio buttons with last session's answer as a dot and the follow-up question below.

    Set `widget.last` on the bound form's field to last session's answer (0 to 10, None when unknown); with
    `widget.between` it is the answer before, in a session or not.
    Every button carries its own follow-up sentence, so the browser shows it without knowing the rule.
    """

    template_name = "forms/widgets/ruler.html"
    option_template_name = "forms/widgets/ruler_option.html"

    def __init__(self, attrs: dict[str, Any] | None = None, last: int | None = None) -> None:
        super().__init__(attrs=attrs, choices=[(number, str(number)) for number in RULER_VALUES])
        self.last = last
        self.between = False

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Add last session's answer and the sentence for the present one."""
        context = super().get_context(name, value, attrs)
        chosen = str(value) if value is not None else ""
        current = int(chosen) if chosen.isdecimal() and int(chosen) in RULER_VALUES else None
        context["widget"]["last"] = self.last
        context["widget"]["follow_up"] = ruler_follow_up(current, self.last, between=self.between)
        return context

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the follow-up sentence and whether this was last session's answer."""
        option = super().create_option(name, value, *args, **kwargs)
        follow_up = ruler_follow_up(int(value), self.last, between=self.between)
        option["attrs"]["data-moved"] = follow_up.moved
        option["attrs"]["data-ask"] = follow_up.ask
        option["is_last"] = value == self.last
        option["between"] = self.between
        return option


class RulerField(forms.TypedChoiceField):
    """A 0 to 10 answer as an int, or None for *not asked*; optional unless said otherwise."""

    widget = RulerWidget

    def __init__(self, *, label: Any = None, question: str | Promise = "", **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("help_text", question)
        super().__init__(
            label=label,
            choices=[(number, str(number)) for number in RULER_VALUES],
            coerce=int,
            empty_value=None,
            **kwargs,
        )

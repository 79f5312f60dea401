"""Forms about when staff work: a therapist's week, and a shift on call; and a time chosen in the calendar."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.forms.boundfield import BoundField
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _text
from django.utils.translation import gettext_lazy as _

from clients.forms.fields import StaffChoice, day_field
from clients.forms.inquiries import instant_of, time_field
from clients.models.safety import CLINICIANS
from clients.rules.slots import BadHours, Span, week_of
from clinics.models import Clinic
from clinics.repeat import OnceForm
from clinics.selectors.staff import staff_now

SPANS_OFFERED: Final = 2
MOST_SPANS: Final = 8
MINUTES: Final = (25, 50, 90)
USUAL_MINUTES: Final = 50


def _minute(text: str) -> time:
    return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)


def chosen_slot(query: Mapping[str, str]) -> dict[str, Any]:
    """
    Return what a booking form starts with for a time that was chosen in the calendar; {} for an address without one.

    query   on (YYYY-MM-DD), time (HH:MM), therapist (public id), minutes; what cannot be read is left out
    """
    found: dict[str, Any] = {}
    for field, name, read in (
        ("start_on", "on", date.fromisoformat),
        ("start_time", "time", _minute),
        ("therapist", "therapist", UUID),
        ("duration_min", "minutes", int),
    ):
        given: Any = query.get(name, "")[:40]
        try:
            found[field] = read(given)
        except ValueError:
            continue
    if "therapist" in found:
        found["therapist"] = str(found["therapist"])
    if found.get("duration_min", USUAL_MINUTES) not in MINUTES:
        del found["duration_min"]
    return found


@dataclass(frozen=True)
class DayFields:
    """The fields of one weekday: pairs of from and to."""

    name: str
    spans: list[tuple[BoundField, BoundField]]

    @property
    def errors(self) -> list[str]:
        """Return what is wrong on this day."""
        return [str(error) for pair in self.spans for field in pair for error in field.errors]


class HoursForm(forms.Form):
    """
    A week in which a therapist can be booked: two spans for each day, or as many as are kept.

    seen   the mark of the hours from which this form was made
    """

    from_on = day_field(_("From"), missing=_("Enter the day from which these hours hold."))
    seen = forms.CharField(widget=forms.HiddenInput, max_length=16, required=False)

    def __init__(self, *args: Any, spans: Sequence[Span] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept: dict[int, list[Span]] = {weekday: [] for weekday in WEEKDAYS}
        for span in sorted(spans):
            kept[span.weekday].append(span)
        self.pairs: dict[int, list[tuple[str, str]]] = {}
        for weekday, name in WEEKDAYS.items():
            # What was sent is read, however many are kept by now: somebody else may have set them.
            sent = max((n + 1 for n in range(MOST_SPANS) if f"from_{weekday}_{n}" in self.data), default=0)
            count = min(max(SPANS_OFFERED, len(kept[weekday]), sent), MOST_SPANS)
            self.pairs[weekday] = [(f"from_{weekday}_{n}", f"to_{weekday}_{n}") for n in range(count)]
            for place, pair in enumerate(self.pairs[weekday]):
                held = kept[weekday][place : place + 1]
                times = (held[0].starts, held[0].ends) if held else (None, None)
                for field, label, at in zip(pair, (_text("%(day)s, from"), _text("%(day)s, to")), times, strict=True):
                    self.fields[field] = time_field(label % {"day": name}, missing="", required=False, initial=at)

    @property
    def week(self) -> list[DayFields]:
        """Return the fields by weekday, Monday first."""
        return [
            DayFields(str(name), [(self[begins], self[ends]) for begins, ends in self.pairs[weekday]])
            for weekday, name in WEEKDAYS.items()
        ]

    def clean(self) -> dict[str, Any]:
        """Ask for the other half of hours of which only one is given; say of each day what cannot be kept."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for pair in self._pairs():
            begins, ends = (data.get(name) for name in pair)
            if set(pair) & set(self.errors) or (begins is None) == (ends is None):
                continue
            if ends is None:
                self.add_error(pair[1], _("Enter when these hours end."))
            else:
                self.add_error(pair[0], _("Enter when these hours begin."))
        for weekday in self.pairs:
            try:
                week_of(self._spans_of(weekday))
            except BadHours as error:
                self.refuse(weekday, str(error))
        return data

    @property
    def spans(self) -> list[Span]:
        """Return the hours that were entered, in the order of the week."""
        return [span for weekday in self.pairs for span in self._spans_of(weekday)]

    def refuse(self, weekday: int, sentence: str) -> None:
        """Say beside the first hours of a day what is wrong with it."""
        self.add_error(self.pairs[weekday][0][0], sentence)

    def _spans_of(self, weekday: int) -> list[Span]:
        given = [tuple(self.cleaned_data.get(name) for name in pair) for pair in self.pairs[weekday]]
        return [Span(weekday, begins, ends) for begins, ends in given if begins is not None and ends is not None]

    def _pairs(self) -> Iterable[tuple[str, str]]:
        for pairs in self.pairs.values():
            yield from pairs


class ShiftForm(OnceForm):
    """Who is on call, from when to when."""

    user = StaffChoice(label=_("Who is on call?"), missing=_("Choose a therapist or supervisor who works here now."))
    start_on = day_field(_("From"), missing=_("Enter the day on which the shift begins."))
    start_time = time_field(_("Time it begins"), missing=_("Enter the time at which the shift begins."))
    end_on = day_field(_("Until"), missing=_("Enter the day on which the shift ends."))
    end_time = time_field(_("Time it ends"), missing=_("Enter the time at which the shift ends."))

    # Where what the rule refuses is said.
    places: Final = {"user": "user", "starts_at": "start_on", "ends_at": "end_on"}

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = ZoneInfo(clinic.time_zone)
        self.fields["user"].queryset = staff_now(clinic.pk, *CLINICIANS)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Join days and times."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        data["starts_at"] = instant_of(self, "start_on", "start_time", self.zone)
        data["ends_at"] = instant_of(self, "end_on", "end_time", self.zone)
        return data

    @property
    def times(self) -> tuple[datetime, datetime]:
        """Return from when to when, of a form without errors."""
        return self.cleaned_data["starts_at"], self.cleaned_data["ends_at"]


class SlotPersonForm(forms.Form):
    """For whom a free time is booked."""

    search = forms.CharField(
        label=_("Name or record number"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autofocus": True}),
        error_messages={
            "required": _("Write the beginning of a name, or a record number."),
            "max_length": _("Write at most %(limit_value)d characters; this has %(show_value)d."),
            "null_characters_not_allowed": _("Something in this text cannot be kept. Type it again."),
        },
    )

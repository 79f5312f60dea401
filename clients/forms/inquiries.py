"""Forms about one inquiry: an attempt to reach the caller, a step, a safety review, a task. They check shape."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from clients.forms.fields import OFF, StaffChoice, day_field, long_text_field, text_field
from clients.models import Inquiry
from clients.models.safety import CLINICIANS
from clients.rules import clock, contact, safety
from clients.rules.transitions import EMERGENCY, REASON_LABELS, Move, Status
from clinics.models import Clinic
from clinics.repeat import OnceForm
from clinics.selectors.staff import staff_now
from clinics.widgets import SegmentedChoice

NOTE_CHARS = 4_000
CHOICE_ERRORS = ("required", "invalid_choice")
# What a step is called before it is taken: a verb, where the status says how things then stand.
STEPS: Final[Mapping[Status, Any]] = {
    Status.CONTACTING: _("Keep trying to reach them"),
    Status.CONTACTED: _("Say that they were reached"),
    Status.SCREENING: _("Begin screening"),
    Status.SCREENED: _("Finish screening"),
    Status.ASSESSMENT_SCHEDULED: _("Wait for the assessment"),
    Status.ASSESSMENT_NO_SHOW: _("Say that they did not attend"),
    Status.ASSESSED: _("Finish the assessment"),
    Status.ACCEPTED: _("Accept"),
    Status.WAITLISTED: _("Put on the waiting list"),
    Status.ADMITTED: _("Admit"),
    Status.NURTURE: _("Stay in touch"),
    Status.UNREACHABLE: _("Stop trying for now"),
    Status.CLOSED_DECLINED: _("Close with a reason"),
    Status.REFERRED_OUT: _("Refer elsewhere"),
    Status.NOT_ELIGIBLE: _("Say that they need another service"),
    Status.DUPLICATE: _("Join to another inquiry"),
    Status.SPAM: _("Set aside: not a request for care"),
}


def time_field(label: Any, *, missing: Any, **options: Any) -> forms.TimeField:
    """Return a field for a time of day, as the browser's own input."""
    return forms.TimeField(
        label=label,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", **OFF, "class": "w-10"}),
        error_messages={"required": missing, "invalid": _("Enter a time, such as 09:30 or 14:00.")},
        **options,
    )


def note_field(label: Any, *, rows: int = 2, **options: Any) -> forms.CharField:
    """Return a field for some lines that may stay empty."""
    return long_text_field(label, NOTE_CHARS, missing="", rows=rows, required=False, **options)


def choice_field(label: Any, choices: Any, missing: Any, **options: Any) -> forms.ChoiceField:
    """Return a choice of few, drawn as buttons, with an error that says what to do."""
    return forms.ChoiceField(
        label=label, choices=choices, widget=SegmentedChoice,
        error_messages={"required": missing, "invalid_choice": missing}, **options,
    )  # fmt: skip


def instant_of(form: forms.Form, day: str, at: str, zone: ZoneInfo) -> datetime | None:
    """Return the instant of two fields of a form, or None with the error said beside the time."""
    data = form.cleaned_data
    if data.get(day) is None or data.get(at) is None:
        return None
    try:
        return clock.instant(data[day], data[at].replace(second=0, microsecond=0), zone)
    except clock.NoSuchTime:
        form.add_error(at, _("The clocks go forward over this time. Choose another."))
        return None


class AttemptForm(OnceForm):
    """
    One attempt to reach the caller, what came of it, and when to try again.

    unsafe   it is not safe to contact them at home: the form asks whether it was made the safe way
    """

    direction = choice_field(
        _("Who called?"), (("outbound", _("We called")), ("inbound", _("They called"))), _("Choose who called."),
        initial="outbound",
    )  # fmt: skip
    method = choice_field(_("How?"), tuple(contact.METHODS.items()), _("Choose how."), initial="phone")
    outcome = choice_field(_("What came of it?"), tuple(contact.OUTCOMES.items()), _("Choose what came of it."))
    spoke_with = choice_field(
        _("If you spoke, with whom?"),
        (("person", _("The person")), ("caller", _("Who called for them")), ("other", _("Somebody else"))),
        _("Choose whom you spoke with."), required=False,
    )  # fmt: skip
    note = note_field(_("Note"))
    again = choice_field(
        _("Call again"),
        (("suggested", _("As suggested")), ("at", _("At another time")), ("no", _("No call needed"))),
        _("Choose whether to call again."), initial="suggested",
    )  # fmt: skip
    again_on = day_field(_("Day"), missing="", required=False)
    again_time = time_field(_("Time"), missing="", required=False)

    by_safe_way = forms.BooleanField(label=_("It was made the safe way, and no other"), required=False)

    def __init__(self, *args: Any, clinic: Clinic, unsafe: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = ZoneInfo(clinic.time_zone)
        if not unsafe:
            del self.fields["by_safe_way"]

    def clean(self) -> dict[str, Any]:
        """Ask whom one spoke with, and for a day and a time where another time was chosen."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        data.setdefault("by_safe_way", False)
        if data.get("outcome") in contact.LIVE and not data.get("spoke_with"):
            self.add_error("spoke_with", _("Choose whom you spoke with."))
        data["call_again_at"] = None
        if data.get("again") == "at":
            for name, missing in (("again_on", _("Enter the day.")), ("again_time", _("Enter the time."))):
                if data.get(name) is None and name not in self.errors:
                    self.add_error(name, missing)
            data["call_again_at"] = instant_of(self, "again_on", "again_time", self.zone)
        return data


class MissedCallForm(OnceForm):
    """A call that nobody could take: when, and from which number."""

    phone = text_field(_("Number that called"), 40, missing=_("Enter the number that called."))
    called_on = day_field(_("Day"), missing=_("Enter the day of the call."))
    called_at = time_field(_("Time"), missing=_("Enter the time of the call."))

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = ZoneInfo(clinic.time_zone)
        self.fields["phone"].widget.attrs |= {"inputmode": "tel", "autofocus": True}

    def clean(self) -> dict[str, Any]:
        """Join day and time."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        data["received_at"] = instant_of(self, "called_on", "called_at", self.zone)
        return data


class MoveForm(OnceForm):
    """One step of an inquiry; asks for the reason, or the day, that the step needs."""

    origin = forms.CharField(widget=forms.HiddenInput, max_length=24, required=False)
    to = forms.CharField(widget=forms.HiddenInput, max_length=24)
    note = note_field(_("Note"))

    field_order = ("master", "reason", "follow_up_on", "note")

    def __init__(self, *args: Any, move: Move, alike: Sequence[Inquiry] = (), **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"id_{move.target}_%s")
        super().__init__(*args, **kwargs)
        self.move, self.label = move, STEPS.get(move.target, "")
        if move.reasons == (EMERGENCY,):
            self.label = _("Refer to emergency care")
            self.initial.setdefault("reason", EMERGENCY)
        if move.reasons:
            self.fields["reason"] = forms.ChoiceField(
                label=_("Reason"), choices=[("", _("Choose")), *((one, REASON_LABELS[one]) for one in move.reasons)],
                error_messages={"required": _("Choose a reason."), "invalid_choice": _("Choose a reason.")},
            )  # fmt: skip
        if move.target is Status.NURTURE:
            self.fields["follow_up_on"] = day_field(_("Follow up on"), missing=_("Enter the day you agreed on."))
        if move.target is Status.DUPLICATE:
            self.fields["master"] = forms.ChoiceField(
                label=_("Which inquiry does this one repeat?"),
                choices=[("", _("Choose")), *((str(one.public_id), _said(one)) for one in alike)],
                error_messages={name: _("Choose the inquiry that this one repeats.") for name in CHOICE_ERRORS},
            )
        self.order_fields(self.field_order)

    @property
    def asks(self) -> bool:
        """Tell whether the step needs more than a press of its button."""
        return bool({"reason", "follow_up_on", "master"} & set(self.fields))

    def clean(self) -> dict[str, Any]:
        """Ask for words where the reason is none of the list."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("reason") == "other" and not data.get("note", "").strip():
            self.add_error("note", _("Write a few words about the reason."))
        return data


def _said(inquiry: Inquiry) -> str:
    """Return how an inquiry is named in a choice: when it came in, how, and who called."""
    at = date_format(timezone.localtime(inquiry.received_at), "D, M j, g:i a")
    return " · ".join(filter(None, (at, inquiry.get_channel_display(), inquiry.caller_name)))


class HandOverForm(forms.Form):
    """To which clinician a safety concern goes."""

    to = StaffChoice(label=_("Hand over to"), missing=_("Choose a therapist or supervisor who works here now."))

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = staff_now(clinic.pk, *CLINICIANS)  # type: ignore[attr-defined]


class ConcernReviewForm(OnceForm):
    """What a clinician found, and when somebody looks again."""

    rationale = long_text_field(
        _("What did you find, and what was done?"), NOTE_CHARS, rows=6,
        missing=_("Write what you found and what was done. Without it the concern stays open."),
        help_text=_("Thoughts, plan, intent, behavior; what raises and what lowers the risk; what you agreed on."),
    )  # fmt: skip
    naloxone = choice_field(
        _("Was naloxone offered?"), safety.NALOXONE, _("Choose what came of offering naloxone."),
    )  # fmt: skip
    next_check_on = day_field(_("Next check on"), missing=_("Enter the day on which somebody checks on them again."))

    def __init__(self, *args: Any, needs_check: bool, offers_naloxone: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["next_check_on"].required = needs_check
        if not offers_naloxone:
            del self.fields["naloxone"]


class SnoozeForm(forms.Form):
    """Until when a task is put off, and why it can wait."""

    until_on = day_field(_("Put off until"), missing=_("Enter the day."))
    until_time = time_field(_("Time"), missing=_("Enter the time."))
    reason = long_text_field(_("Why can this wait?"), NOTE_CHARS, missing=_("Write why this can wait."), rows=2)

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = ZoneInfo(clinic.time_zone)

    def clean(self) -> dict[str, Any]:
        """Join day and time."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        data["until"] = instant_of(self, "until_on", "until_time", self.zone)
        return data


def shown_in(at: datetime, zone: ZoneInfo) -> tuple[Any, time]:
    """Return the day and the time of an instant, as two fields start with them."""
    return clock.civil_date(at, zone), clock.wall_time(at, zone)

"""Forms about people in care. They check shape; services check truth."""

from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.forms.circumstances import gender_field, state_field
from clients.forms.fields import (
    NO_NUL,
    OFF,
    BookedTime,
    ByPublicId,
    StaffChoice,
    day_field,
    long_text_field,
    text_field,
)
from clients.models import Appointment, BreakGlass, Client, Episode
from clients.models.appointments import Attendance
from clients.rules import clock, names
from clinics.models import Clinic
from clinics.repeat import OnceForm
from clinics.roles import Role
from clinics.selectors.staff import staff_now
from clinics.versions import VersionedForm
from clinics.widgets import DatePartsField, SegmentedChoice

REASON_CHARS = 2_000
SEARCH_CHARS = 80


class _PersonFields(forms.Form):
    """What a person is called, and when they were born."""

    legal_name = text_field(
        _("Full name"),
        160,
        missing=_("Enter the name as it stands on an ID or insurance card."),
        wide=True,
        help_text=_("As on their ID or insurance card"),
    )
    goes_by = text_field(_("Name they go by"), 80)
    pronouns = text_field(_("Pronouns"), 40)
    born_on = DatePartsField(label=_("Date of birth"), help_text=_("For example, 3 14 1988"), required=False)


class ClientEditForm(_PersonFields, VersionedForm):
    """What a person is called and filed under."""

    family = text_field(_("File under family name"), 160, help_text=_("Leave empty to take it from the full name."))
    given = text_field(_("File under given name"), 160, help_text=_("Leave empty to take it from the full name."))
    gender = gender_field()
    state = state_field()

    field_order = ("legal_name", "goes_by", "pronouns", "born_on", "gender", "state", "family", "given")

    def clean(self) -> dict[str, Any]:
        """Return the names as they are kept, so that what was typed compares with what is stored."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for name in ("legal_name", "goes_by", "pronouns"):
            data[name] = names.tidy(data.get(name, ""))
        data["family"], data["given"] = _overruled(data["legal_name"], data.get("family", ""), data.get("given", ""))
        return data

    @staticmethod
    def stored(client: Client) -> dict[str, Any]:
        """Return the stored values, as the form starts with them."""
        family, given = _overruled(client.legal_name, client.family_key, client.given_key)
        return {
            "legal_name": client.legal_name,
            "goes_by": client.goes_by,
            "pronouns": client.pronouns,
            "born_on": client.born_on,
            "gender": client.gender,
            "state": client.state,
            "family": family,
            "given": given,
            "version": client.version,
        }


def _overruled(legal_name: str, family: str, given: str) -> tuple[str, str]:
    """Return the keys to file under, empty where the legal name gives the same."""
    derived_family, derived_given = (names.key(part) for part in names.family_and_given(legal_name))
    family, given = names.key(family), names.key(given)
    return ("" if family == derived_family else family, "" if given == derived_given else given)


class _BookingFields(forms.Form):
    """When somebody is seen, by whom, for what."""

    kind = forms.ChoiceField(
        label=_("What is it?"),
        choices=Appointment.Kind.choices,
        widget=SegmentedChoice,
        initial=Appointment.Kind.TREATMENT,
        error_messages={"required": _("Choose what it is."), "invalid_choice": _("Choose what it is.")},
    )
    therapist = StaffChoice(label=_("Therapist"), missing=_("Choose the therapist who will see them."))
    start_on = day_field(_("Day"), missing=_("Enter the day."))
    start_time = forms.TimeField(
        label=_("Time"),
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", **OFF, "class": "w-10"}),
        error_messages={
            "required": _("Enter the time."),
            "invalid": _("Enter a time, such as 09:30 or 14:00."),
        },
    )
    duration_min = forms.IntegerField(
        label=_("Minutes"),
        initial=50,
        min_value=5,
        max_value=600,
        widget=forms.NumberInput(attrs={**OFF, "class": "w-4"}),
        error_messages={
            "required": _("Enter how many minutes it takes."),
            "invalid": _("Enter the minutes as a number, such as 50."),
            "min_value": _("An appointment takes at least %(limit_value)d minutes."),
            "max_value": _("An appointment takes at most %(limit_value)d minutes."),
        },
    )

    def _offer(self, clinic: Clinic) -> None:
        self.fields["therapist"].queryset = staff_now(clinic.pk, Role.THERAPIST)  # type: ignore[attr-defined]

    def clean_start_time(self) -> time:
        """Return the time to the minute."""
        at: time = self.cleaned_data["start_time"]
        return at.replace(second=0, microsecond=0)


class AppointmentForm(_BookingFields, BookedTime, OnceForm):
    """A booking, with the episode it belongs to where a person has more than one."""

    episode = ByPublicId(
        Episode.objects.none(),
        label=_("Program"),
        missing=_("Choose the program it belongs to."),
        empty_label=None,
    )

    field_order = ("kind", "episode", "start_on", "start_time", "therapist", "duration_min")

    def __init__(self, *args: Any, clinic: Clinic, episodes: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer(clinic)
        choice: Any = self.fields["episode"]
        choice.queryset = episodes
        choice.label_from_instance = lambda episode: episode.program.name
        if len(episodes) == 1:
            choice.widget, choice.initial = forms.HiddenInput(), str(episodes[0].public_id)


class AppointmentEditForm(_BookingFields, BookedTime, VersionedForm):
    """A correction of a booking whose attendance is not recorded yet."""

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer(clinic)

    @staticmethod
    def stored(appointment: Appointment) -> dict[str, Any]:
        """Return the stored values, as the form starts with them."""
        zone = ZoneInfo(appointment.clinic.time_zone)
        return {
            "kind": appointment.kind,
            "therapist": str(appointment.therapist.public_id),
            "start_on": clock.civil_date(appointment.starts_at, zone),
            "start_time": clock.wall_time(appointment.starts_at, zone),
            "duration_min": appointment.duration_min,
            "version": appointment.version,
        }


class AttendanceForm(VersionedForm):
    """Whether an appointment took place."""

    attendance = forms.ChoiceField(
        label=_("Attendance"),
        choices=Attendance.choices,
        widget=SegmentedChoice,
        error_messages={
            "required": _("Choose what happened."),
            "invalid_choice": _("Choose what happened."),
        },
    )


class PeopleSearchForm(forms.Form):
    """What a list of people is searched by."""

    search = forms.CharField(
        label=_("Name or record number"),
        required=False,
        max_length=SEARCH_CHARS,
        widget=forms.TextInput(attrs={**OFF, "spellcheck": "false"}),
        error_messages={
            **NO_NUL,
            "max_length": _("Write at most %(limit_value)d characters; this has %(show_value)d."),
        },
    )


class FindRecordForm(forms.Form):
    """The record number of the person in front of one."""

    reference = text_field(
        _("Record number"),
        16,
        missing=_("Enter the record number, such as RB-2041."),
        help_text=_("Exactly as it stands on their papers, such as RB-2041"),
    )


class BreakGlassForm(OnceForm):
    """Why a record is needed now."""

    reason = long_text_field(
        _("Why do you need this record now?"),
        REASON_CHARS,
        missing=_("Say in at least 15 characters why you need this record now."),
        rows=3,
        help_text=_("Your supervisor and the privacy officer read this. At least 15 characters."),
    )


class ReviewForm(forms.Form):
    """What a reviewer decides about an access."""

    outcome = forms.ChoiceField(
        choices=BreakGlass.Outcome.choices,
        error_messages={
            "required": _("Say whether this access was justified."),
            "invalid_choice": _("Say whether this access was justified."),
        },
    )

"""Forms of the session record. They check shape; the services check truth."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import ASKED_RULERS, RulerReading
from clients.models.appointments import TOOK_PLACE, Attendance
from clients.rules import clock
from clinics.repeat import OnceForm
from clinics.versions import VersionedForm
from clinics.widgets import RulerField, SegmentedChoice
from sessions.models import Addendum, TherapySession
from sessions.services.record import NOTE_LIMIT, Held, Mix, Seen

CANCELED = "canceled"
ATTENDANCE = (
    (Attendance.ATTENDED.value, _("Attended")),
    (Attendance.ATTENDED_LATE.value, _("Late")),
    (Attendance.LEFT_EARLY.value, _("Left early")),
    (Attendance.NO_SHOW.value, _("Did not attend")),
    (CANCELED, _("Canceled")),
)
CANCELLATIONS = (
    (Attendance.LATE_CANCEL.value, _("By the person, within 24 hours")),
    (Attendance.CLIENT_CANCEL.value, _("By the person, earlier")),
    (Attendance.CLINIC_CANCEL.value, _("By the clinic")),
    (Attendance.RESCHEDULED.value, _("Moved to another time")),
)
OWN_MIX = "own"
# key -> (words, percent of MI, CBT, DBT, other)
MIXES: dict[str, tuple[Any, tuple[int, int, int, int]]] = {
    "mi": (_("MI"), (100, 0, 0, 0)),
    "cbt": (_("CBT"), (0, 100, 0, 0)),
    "dbt": (_("DBT"), (0, 0, 100, 0)),
    "mi_cbt": (_("Half MI, half CBT"), (50, 50, 0, 0)),
}
MIX_FIELDS = ("mi_pct", "cbt_pct", "dbt_pct", "other_pct")
HELD_CODES = frozenset(code.value for code in TOOK_PLACE)
DISCORD = RulerReading.Ruler.DISCORD.value
# What a record keeps from 0 to 10: what the person answered, and how strained the therapist found the talk.
KEPT_RULERS = (*(ruler.value for ruler in ASKED_RULERS), DISCORD)
HELD_FIELDS = ("started_at", "duration_min", "session_format", "mix", *KEPT_RULERS)
MINUTE = "%Y-%m-%dT%H:%M"
LOST_PLACE = {
    key: _("This form has lost its place. Open the page again, then save.")
    for key in ("required", "invalid", "min_value", "max_value", "invalid_choice")
}


def attendance_choice(code: str) -> tuple[str, str]:
    """Return what an attendance code ticks: the choice, and how it was canceled where it was."""
    return (CANCELED, code) if code in dict(CANCELLATIONS) else (code, "")


def mix_choice(parts: tuple[int, int, int, int]) -> str:
    """Return the preset that stands for these percents, or the word for one's own."""
    return next((key for key, (_words, preset) in MIXES.items() if preset == parts), OWN_MIX)


class ClinicTimeField(forms.Field):
    """
    A date and time of the clinic, to the minute, as an aware instant.

    A time that the clocks skipped is refused. Of a time that came twice the first is meant, unless `known` (the
    stored instant) reads the same: then it stays what it was.
    """

    widget = forms.DateTimeInput(format=MINUTE, attrs={"type": "datetime-local"})
    default_error_messages = {
        "required": _("Enter the date and the time the session started."),
        "invalid": _("Enter the date and the time the session started."),
        "skipped": _("The clocks went forward over that time. Enter the time the clock showed."),
    }
    known: datetime | None = None

    def prepare_value(self, value: Any) -> Any:
        """Return a stored instant as the clinic's clock shows it."""
        return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value

    def to_python(self, value: Any) -> datetime | None:
        """Return the instant that was typed."""
        if value in self.empty_values:
            return None
        try:
            typed = datetime.fromisoformat(str(value).strip()).replace(second=0, microsecond=0)
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
        if typed.tzinfo is not None or not 2000 <= typed.year <= 2100:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        zone: Any = timezone.get_current_timezone()
        if self.known is not None:
            shown = self.known.astimezone(zone)
            if shown.replace(tzinfo=None, second=0, microsecond=0, fold=0) == typed:
                return self.known
        try:
            return clock.instant(typed.date(), typed.time(), zone)
        except clock.NoSuchTime:
            raise ValidationError(self.error_messages["skipped"], code="skipped") from None


class NoteField(forms.CharField):
    """The text of a note: it may stay empty until it is signed, so no word beside it says that it is optional."""

    def validate(self, value: Any) -> None:
        """Refuse nothing: a record is saved without its note."""


def _percent(label: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=0,
        max_value=100,
        widget=forms.NumberInput(attrs={"class": "w-4", "inputmode": "numeric"}),
        error_messages={"required": _("Enter a percentage; 0 for none.")},
    )


class RecordForm(VersionedForm, OnceForm):
    """
    The record of one session, on one page. `version` is the session's, 0 before there is one.

    What the chosen attendance or mix leaves out is not asked for.
    """

    attendance = forms.ChoiceField(
        label=_("Attendance"),
        choices=ATTENDANCE,
        widget=SegmentedChoice,
        error_messages={"required": _("Choose whether the session took place.")},
    )
    canceled_how = forms.ChoiceField(
        label=_("How it was canceled"),
        choices=CANCELLATIONS,
        widget=SegmentedChoice,
        error_messages={"required": _("Choose how it was canceled.")},
    )
    started_at = ClinicTimeField(label=_("Started"))
    duration_min = forms.IntegerField(
        label=_("Minutes"),
        min_value=1,
        max_value=600,
        widget=forms.NumberInput(attrs={"class": "w-4", "inputmode": "numeric"}),
        error_messages={
            key: _("Enter how many minutes it lasted, from 1 to 600.")
            for key in ("required", "invalid", "min_value", "max_value")
        },
    )
    session_format = forms.ChoiceField(
        label=_("How you met"),
        choices=TherapySession.Format.choices,
        widget=SegmentedChoice,
        error_messages={"required": _("Choose how you met.")},
    )
    mix = forms.ChoiceField(
        label=_("What you worked with"),
        choices=[*((key, words) for key, (words, _parts) in MIXES.items()), (OWN_MIX, _("Another mix"))],
        widget=SegmentedChoice,
        error_messages={"required": _("Choose what you worked with.")},
    )
    mi_pct = _percent(_("MI, %"))
    cbt_pct = _percent(_("CBT, %"))
    dbt_pct = _percent(_("DBT, %"))
    other_pct = _percent(_("Other, %"))
    importance = RulerField(label=_("Importance"), question=_("How important is it to make this change?"))
    confidence = RulerField(label=_("Confidence"), question=_("How confident are you that you could?"))
    readiness = RulerField(label=_("Readiness"), question=_("How ready are you to start?"))
    discord = forms.IntegerField(
        label=_("Strain between you, 0 to 10"),
        min_value=0,
        max_value=10,
        required=False,
        help_text=_("As you felt it. 0 is at ease, 10 is at odds. Leave it out where you cannot say."),
        widget=forms.NumberInput(attrs={"class": "w-4", "inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            key: _("Enter a number from 0 to 10, or leave it out.") for key in ("invalid", "min_value", "max_value")
        },
    )
    note = NoteField(
        label=_("Progress note"),
        max_length=NOTE_LIMIT,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "autocomplete": "off"}),
        error_messages={"max_length": _("Shorten the note to 20,000 characters.")},
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1, error_messages=LOST_PLACE)
    attendance_shown = forms.ChoiceField(
        widget=forms.HiddenInput,
        required=False,
        choices=[("", ""), *Attendance.choices],
        error_messages=LOST_PLACE,
    )

    use_required_attribute = False  # what is asked depends on the answers
    held: Held | None = None

    def full_clean(self) -> None:
        """Check what the chosen attendance and mix ask for, and nothing that is out of sight."""
        every = self.fields
        self.fields = {name: field for name, field in every.items() if name not in self._not_asked()}
        try:
            super().full_clean()
        finally:
            self.fields = every

    def _not_asked(self) -> frozenset[str]:
        if not self.is_bound:
            return frozenset()
        chosen = self.data.get(self.add_prefix("attendance"))
        away = set() if chosen == CANCELED else {"canceled_how"}
        if chosen not in HELD_CODES:
            away |= {*HELD_FIELDS, *MIX_FIELDS}
        elif self.data.get(self.add_prefix("mix")) != OWN_MIX:
            away |= {*MIX_FIELDS}
        return frozenset(away)

    def clean_note(self) -> str:
        """Return the note with one kind of line end, as it will be hashed."""
        text: str = self.cleaned_data["note"]
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def clean(self) -> dict[str, Any]:
        """Put the answers of a session that took place together, as `held`."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and data["attendance"] in HELD_CODES:
            parts = [data[name] for name in MIX_FIELDS] if data["mix"] == OWN_MIX else MIXES[data["mix"]][1]
            if sum(parts) == 100:
                self.held = self._held(data, Mix(*parts))
            else:
                self.add_error("mi_pct", _("The parts add up to %(sum)d%%. Make them 100%%.") % {"sum": sum(parts)})
        return data

    def _held(self, data: dict[str, Any], mix: Mix) -> Held:
        return Held(
            started_at=data["started_at"],
            duration_min=data["duration_min"],
            session_format=data["session_format"],
            mix=mix,
            rulers={ruler: data[ruler] for ruler in KEPT_RULERS if data.get(ruler) is not None},
            note=data["note"],
        )

    @property
    def attendance_code(self) -> str:
        """Return the attendance code that was chosen (of a valid form)."""
        choice: str = self.cleaned_data["attendance"]
        return str(self.cleaned_data["canceled_how"]) if choice == CANCELED else choice

    @property
    def seen(self) -> Seen:
        """Return what the person had before them (of a valid form)."""
        return Seen(self.cleaned_data["version"], self.cleaned_data["attendance_shown"])


class SignForm(forms.Form):
    """What was read before signing: the versions of the note and of its session."""

    note_version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, error_messages=LOST_PLACE)
    session_version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, error_messages=LOST_PLACE)


class AddendumForm(OnceForm):
    """Text added to a signed note."""

    kind = forms.ChoiceField(
        label=_("What it is"),
        choices=Addendum.Kind.choices,
        widget=SegmentedChoice,
        error_messages={"required": _("Choose what this addendum is.")},
    )
    text = forms.CharField(
        label=_("Addendum"),
        max_length=NOTE_LIMIT,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "autocomplete": "off"}),
        error_messages={
            "required": _("Write what you want to add."),
            "max_length": _("Shorten the addendum to 20,000 characters."),
        },
    )

    def clean_text(self) -> str:
        """Return the text with one kind of line end; blanks alone are no text."""
        text: str = self.cleaned_data["text"]
        if not text.strip():
            raise ValidationError(_("Write what you want to add."))
        return text.replace("\r\n", "\n").replace("\r", "\n")

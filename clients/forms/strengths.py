"""Forms about what helps somebody: reasons, strengths of each kind, hope, and what is on their card."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from clients.forms.consents import optional_words
from clients.forms.fields import OFF, ByPublicId, day_field, long_text_field
from clients.forms.plans import choice, number
from clients.models import Appointment, ChangeReason, ChangeTarget, Strength
from clients.rules import strength_words
from clients.rules import strengths as rules
from clients.rules.strengths import Kind
from clients.services import reasons
from clinics.repeat import OnceForm
from clinics.versions import VersionedForm
from clinics.widgets import RulerField

HOPE_CHARS = 1_000
ON_CARD = _("On their own card")


class TargetChoice(ByPublicId):
    """A choice of one of a person's goals, by public id, or of none."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the goal in a few words."""
        return str(obj.goal)[:80]


class _ReasonFields(forms.Form):
    """Why somebody wants a change."""

    text = long_text_field(
        _("The reason"), reasons.CHARS, missing=_("Write the reason, the way they say it."), rows=2,
        help_text=_("The way they say it."),
    )  # fmt: skip
    source = choice(
        _("Who said it first"), strength_words.REASON_SOURCES, missing=_("Choose who said it first."), segments=True
    )
    is_own = forms.BooleanField(
        label=_("It is their own reason"), required=False,
        help_text=_("Also where somebody else said it first and they made it theirs."),
    )  # fmt: skip
    strength = number(_("How strong it is for them, 0 to 10"), most=10)
    first_said_on = day_field(_("First said on"), missing="", required=False, help_text=_("Today when left empty."))
    on_card = forms.BooleanField(
        label=ON_CARD, required=False, help_text=_("Only their own reasons are on the card. They choose which.")
    )

    def __init__(self, *args: Any, targets: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"] = TargetChoice(
            targets, label=_("For which goal"), missing=_("Choose one of their goals."), required=False,
            empty_label=_("For all of it"),
        )  # fmt: skip
        self.order_fields(["text", "source", "is_own", "strength", "target", "first_said_on", "on_card"])

    @property
    def terms(self) -> reasons.Terms:
        """Return the reason as it was written (of a valid form)."""
        names = ("text", "source", "is_own", "strength", "target", "first_said_on", "on_card")
        return reasons.Terms(**{name: self.cleaned_data[name] for name in names})


class ReasonForm(_ReasonFields, OnceForm):
    """A reason that is written down."""


class ReasonEditForm(_ReasonFields, VersionedForm):
    """A reason that is put right."""

    @staticmethod
    def stored(reason: ChangeReason) -> dict[str, Any]:
        """Return the stored values, as the form starts with them."""
        kept = ("text", "source", "is_own", "strength", "first_said_on", "on_card", "version")
        target: ChangeTarget | None = reason.target
        return {**{name: getattr(reason, name) for name in kept}, "target": target and target.public_id}


LABELS = {
    Kind.STRENGTH: _("The strength"),
    Kind.SUCCESS: _("What worked before"),
    Kind.AFFIRMATION: _("The affirmation, as it was said"),
    Kind.MILESTONE: _("What they reached"),
}
EVIDENCE = {
    Kind.STRENGTH: _("What shows it"),
    Kind.SUCCESS: _("How they did it"),
}


class _StrengthFields(forms.Form):
    """What somebody has going for them, with the fields of its kind."""

    def __init__(self, *args: Any, kind: Kind, appointments: Sequence[Appointment] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.appointments = kind, list(appointments)
        self.fields["text"] = long_text_field(LABELS[kind], rules.CHARS, missing=rules.MISSING[kind], rows=2)
        made = self._made()
        for name in rules.FIELDS[kind]:
            self.fields[name] = made[name]
        self.fields["named_by"] = choice(
            _("Who named it"), strength_words.NAMED_BY, missing=_("Choose who named it."), segments=True,
            initial="therapist" if kind is Kind.AFFIRMATION else "client",
        )  # fmt: skip
        self.fields["on_card"] = forms.BooleanField(
            label=ON_CARD, required=False, initial=True, help_text=_("They choose what is on it.")
        )

    def _made(self) -> dict[str, forms.Field]:
        must = self.kind is Kind.MILESTONE
        sessions = [(str(one.public_id), _day_of(one)) for one in self.appointments]
        return {
            "domain": choice(
                _("What kind of strength"), strength_words.DOMAINS,
                missing=_("Choose what kind of strength it is."), segments=True,
            ),
            "evidence": optional_words(EVIDENCE.get(self.kind, ""), rules.CHARS, 2),
            "helped": optional_words(_("What helped"), rules.CHARS, 2),
            "transfer_to": choice(
                _("Where it is used again"), strength_words.TRANSFERS, empty=_("Not said yet")
            ),
            "appointment": choice(_("Said in the session on"), sessions, empty=_("Not in a session")),
            "happened_on": day_field(
                _("When"), missing=_("Enter the day on which they reached it.") if must else "", required=must
            ),
        }  # fmt: skip

    def values(self) -> dict[str, Any]:
        """Return what was written, as the service takes it (of a valid form)."""
        data = {name: self.cleaned_data[name] for name in ("text", *rules.FIELDS[self.kind])}
        if "appointment" in data:
            asked = data["appointment"]
            data["appointment"] = next((one for one in self.appointments if str(one.public_id) == asked), None)
        return data


def _day_of(appointment: Appointment) -> str:
    return str(date_format(timezone.localtime(appointment.starts_at), "M j, Y"))


class StrengthForm(_StrengthFields, OnceForm):
    """One that is kept. A milestone may begin with one that is often looked out for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.kind is Kind.MILESTONE:
            field = self.fields["text"]
            field.widget = forms.TextInput(attrs={**OFF, "list": "milestones"})
            field.help_text = _("Choose one of those that are often looked out for, or write your own.")


class StrengthEditForm(_StrengthFields, VersionedForm):
    """One that is put right."""

    @staticmethod
    def stored(row: Strength) -> dict[str, Any]:
        """Return the stored values, as the form starts with them."""
        kind = Kind(row.kind)
        found: dict[str, Any] = {"text": row.text, "named_by": row.named_by, "on_card": row.on_card}
        found |= {name: getattr(row, name) for name in rules.FIELDS[kind] if name != "appointment"}
        appointment: Appointment | None = row.appointment
        if kind is Kind.AFFIRMATION:
            found["appointment"] = str(appointment.public_id) if appointment is not None else ""
        return {**{name: "" if value is None else value for name, value in found.items()}, "version": row.version}


class HopeForm(OnceForm):
    """How hopeful the person is, and what they say to the number."""

    hope = RulerField(
        label=_("Hope"), question=_("How hopeful are you that things can get better?"), required=True,
        error_messages={"required": _("Choose a number."), "invalid_choice": _("Choose a number.")},
    )  # fmt: skip
    words = optional_words(_("Why not lower?"), HOPE_CHARS, 2)

"""The fields that the forms of this app are made of, with errors that say what to do."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.models import Program, User

NO_NUL = {"null_characters_not_allowed": _("Something in this text cannot be kept. Type it again.")}
OFF = {"autocomplete": "off"}


def text_field(
    label: Any, max_length: int, *, missing: Any = None, wide: bool = False, **options: Any
) -> forms.CharField:
    """Return a field for one line of text, with errors that say what to do."""
    attrs = OFF if wide else {**OFF, "class": "w-10"}
    return forms.CharField(
        label=label,
        max_length=max_length,
        required=missing is not None,
        widget=forms.TextInput(attrs=attrs),
        error_messages={
            **NO_NUL,
            "required": missing or "",
            "max_length": _("Write at most %(limit_value)d characters; this has %(show_value)d."),
        },
        **options,
    )


def long_text_field(label: Any, max_length: int, *, missing: Any, rows: int, **options: Any) -> forms.CharField:
    """Return a field for several lines of text, with errors that say what to do."""
    return forms.CharField(
        label=label,
        max_length=max_length,
        widget=forms.Textarea(attrs={**OFF, "rows": rows}),
        error_messages={
            **NO_NUL,
            "required": missing,
            "max_length": _("Write at most %(limit_value)d characters; this has %(show_value)d."),
        },
        **options,
    )


def day_field(label: Any, *, missing: Any, **options: Any) -> forms.DateField:
    """Return a field for a near day, as the browser's own input."""
    return forms.DateField(
        label=label,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", **OFF}),
        input_formats=["%Y-%m-%d"],
        error_messages={"required": missing, "invalid": _("Enter a real date: year, month and day.")},
        **options,
    )


class ByPublicId(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A choice of a row by its public id; a malformed id is no choice, like a foreign one."""

    def __init__(self, queryset: Any, *, missing: Any, **options: Any) -> None:
        super().__init__(
            queryset,
            to_field_name="public_id",
            error_messages={"required": missing, "invalid_choice": missing},
            **options,
        )

    def to_python(self, value: Any) -> Any:
        """Return the row, or refuse in the words of the field."""
        try:
            return super().to_python(value)
        except forms.ValidationError:
            raise forms.ValidationError(self.error_messages["invalid_choice"], code="invalid_choice") from None


class BookedTime(forms.Form):
    """A form that books a time with a therapist. That two are meant at once is asked only where it is so."""

    beside = forms.BooleanField(label=_("Both are meant. Book this beside the other one."), required=False)
    was_taken = False

    @property
    def asks_beside(self) -> bool:
        """Tell whether to ask: the time was refused as taken, or somebody ticked it."""
        return self.was_taken or bool(self["beside"].value())

    def refuse_taken(self, error: Exception) -> None:
        """Say beside the time that it is taken, and ask whether both are meant."""
        self.was_taken = True
        self.add_error("start_time", str(error))


class StaffChoice(ByPublicId):
    """A choice of a person who works here, by public id, shown with their credentials."""

    def __init__(self, *, label: Any, missing: Any) -> None:
        super().__init__(User.objects.none(), label=label, missing=missing, empty_label=_("Choose"))

    def label_from_instance(self, obj: Any) -> str:
        """Return the name, and what is printed beside a signature."""
        return f"{obj.name}, {obj.credentials}" if obj.credentials else str(obj.name)


class ProgramChoice(ByPublicId):
    """A choice of a program of the clinic, by public id."""

    def __init__(self) -> None:
        super().__init__(
            Program.objects.none(),
            label=_("Program"),
            missing=_("Choose the program they are admitted to."),
            empty_label=_("Choose"),
        )


class OptionalProgram(ByPublicId):
    """A program of the clinic that may be left open."""

    def __init__(self, label: Any, empty_label: Any) -> None:
        super().__init__(
            Program.objects.none(),
            label=label,
            missing=_("Choose a program of this clinic."),
            empty_label=empty_label,
            required=False,
        )

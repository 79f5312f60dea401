"""Forms about consents: only the fields that a kind has. They check shape; the rules check what a consent must say."""

from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clients.forms.fields import NO_NUL, OFF, day_field, long_text_field, text_field
from clients.models import NoticeGiven
from clients.rules.consent_terms import (
    CATEGORY_LABELS,
    CLASS_LABELS,
    CLASSES_OF,
    INSIDE,
    PURPOSE_LABELS,
    PURPOSES_OF,
    STATEMENTS_OF,
    Category,
    Kind,
    Purpose,
    RecipientClass,
    Signer,
    Statement,
)
from clients.rules.consents import OPEN_ENDED
from clients.services.consents import Paper, Terms
from clinics.repeat import OnceForm
from clinics.versions import VersionedForm
from clinics.widgets import SegmentedChoice

WORDS_CHARS: Final = 2_000
TEXT_CHARS: Final = 20_000
NOTE_CHARS: Final = 2_000
SIGNERS = (
    (Signer.SELF.value, _("The person")),
    (Signer.GUARDIAN.value, _("Parent or guardian")),
    (Signer.REPRESENTATIVE.value, _("Legal representative")),
)
STATEMENT_LABELS = {
    Statement.REVOCATION: _("How to revoke it in writing, and that what was done before stands"),
    Statement.REDISCLOSURE: _("That a recipient may disclose further, but not in proceedings against the person"),
    Statement.REFUSAL: _("What follows, or does not follow, when the person does not sign"),
    Statement.OPT_OUT: _("How to choose not to be asked for donations"),
}
WHO: dict[Kind, tuple[Any, Any]] = {
    Kind.INTERMEDIARY: (_("Participants"), _("One on a line. Leave empty to limit it to treating providers.")),
    Kind.CRIMINAL_JUSTICE: (
        _("Who monitors progress for that body"),
        _("By name or function, one on a line. Nobody else receives anything."),
    ),
    Kind.FAMILY_CONTACT: (_("Who may be told"), _("By name, one on a line")),
}
BODY: dict[Kind, tuple[Any, Any]] = {
    Kind.INTERMEDIARY: (_("Name of the intermediary"), _("For example, a health information exchange")),
    Kind.CRIMINAL_JUSTICE: (_("Body that made treatment a condition"), _("For example, the court")),
}
NO_BODY = {
    Kind.INTERMEDIARY: _("Name the intermediary."),
    Kind.CRIMINAL_JUSTICE: _("Name the body that made treatment a condition."),
}
# An element of the rules, and the field in which it is mended.
FIELD_OF = {
    "recipients": "recipients",
    "named_body": "named_body",
    "categories": "categories",
    "purposes": "purpose",
    "expires_at": "last_day",
    "revocable_at": "revocable_from",
    "signed_name": "signed_name",
    "signed_at": "signed_on",
    "authority": "authority",
    "text": "text",
}


def several(label: Any, choices: Any, **options: Any) -> forms.MultipleChoiceField:
    """Return a field of check boxes."""
    return forms.MultipleChoiceField(
        label=label,
        required=False,
        choices=choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Choose from the list.")},
        **options,
    )


def optional_words(label: Any, max_length: int, rows: int, **options: Any) -> forms.CharField:
    """Return a field for several lines that may stay empty."""
    field = long_text_field(label, max_length, missing="", rows=rows, **options)
    field.required = False
    return field


def category_choices(*without: Category) -> list[tuple[str, str | Promise]]:
    """Return the parts of the record as choices."""
    return [(one.value, CATEGORY_LABELS[one]) for one in Category if one not in without]


def _optional_day(label: Any, **options: Any) -> forms.DateField:
    return day_field(label, missing="", required=False, **options)


# In the words of the rules, so that a field left empty reads the same however it was found. A paper consent may lack
# them: then it is kept as not valid.
MUST = {
    "categories": _("Choose which parts of the record may be disclosed."),
    "purpose": _("Choose the purpose."),
    "recipients": _("Name who receives it."),
    "recipient_classes": _("Name who receives it."),
    "revocable_from": _("Enter the day from which it can be revoked, no later than the final decision expected."),
}
ON_PAPER_TOO = {
    "text": _("Write what the paper says, or explain clearly what it covers."),
    "signed_on": _("Enter the day it was signed, today or earlier."),
}


class ConsentForm(OnceForm):
    """What a consent of one kind says."""

    kind: Kind

    def __init__(self, *args: Any, kind: Kind, paper: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.paper = kind, paper
        self.fields.update(self._what())
        if kind not in INSIDE:
            self.fields.update(self._who())
        self.fields.update(self._until())
        if paper:
            self.fields.update(self._paper())
        for name, sentence in (ON_PAPER_TOO if paper else {**MUST, **ON_PAPER_TOO}).items():
            if name in self.fields and not (kind is Kind.INTERMEDIARY and name == "recipients"):
                self.fields[name].required = True
                self.fields[name].error_messages["required"] = sentence

    def _what(self) -> dict[str, forms.Field]:
        found: dict[str, forms.Field] = {}
        if self.kind not in INSIDE and self.kind is not Kind.COUNSELLING_NOTES:
            found["categories"] = several(
                _("Which parts of the record may be disclosed?"), category_choices(Category.COUNSELLING_NOTES)
            )
        found["description"] = optional_words(
            _("More exactly"), WORDS_CHARS, 2, help_text=_("For example, from when to when, or about what.")
        )
        purposes = [one for one in Purpose if one in PURPOSES_OF[self.kind]]
        if self.kind is not Kind.TPO_SINGLE and len(purposes) > 1:
            found["purpose"] = forms.ChoiceField(
                label=_("What for?"),
                required=False,
                choices=[(one.value, PURPOSE_LABELS[one]) for one in purposes],
                widget=SegmentedChoice,
                error_messages={"invalid_choice": _("Choose the purpose.")},
            )
        if self.kind not in INSIDE and self.kind is not Kind.TPO_SINGLE:
            found["purpose_words"] = text_field(_("The purpose in the person's words"), 200, wide=True)
        return found

    def _who(self) -> dict[str, forms.Field]:
        found: dict[str, forms.Field] = {}
        if self.kind in BODY:
            label, hint = BODY[self.kind]
            missing = None if self.paper else NO_BODY[self.kind]
            found["named_body"] = text_field(label, 160, wide=True, help_text=hint, missing=missing)
        if self.kind is Kind.TPO_SINGLE:
            found["recipient_classes"] = several(
                _("Who may receive it?"), [(one.value, CLASS_LABELS[one]) for one in RecipientClass]
            )
            return found
        label, hint = WHO.get(self.kind, (_("Who receives it?"), _("The name of the person, practice or office")))
        if self.kind in WHO:
            found["recipients"] = optional_words(label, 400, 3, help_text=hint)
        else:
            found["recipients"] = text_field(label, 160, wide=True, help_text=hint)
        return found

    def _until(self) -> dict[str, forms.Field]:
        found: dict[str, forms.Field] = {
            "last_day": _optional_day(
                _("Last day"), help_text=_("From the next day on it permits nothing. Or name an event.")
            ),
            "expiry_event": text_field(
                _("Or the event with which it ends"), 160, wide=True, help_text=_("For example, end of treatment")
            ),
        }
        if self.kind in OPEN_ENDED:
            found["open_ended"] = forms.BooleanField(label=_("It has no end, until it is revoked"), required=False)
        if self.kind is Kind.CRIMINAL_JUSTICE:
            found["revocable_from"] = _optional_day(
                _("Revocable from"), help_text=_("No later than the final decision that is expected")
            )
            found["revocable_when"] = text_field(_("Why then"), 160, wide=True)
        return found

    def _paper(self) -> dict[str, forms.Field]:
        said = [one for one in Statement if one in STATEMENTS_OF[self.kind]]
        return {
            "text": optional_words(
                _("What the paper says"), TEXT_CHARS, 5,
                help_text=_("Word for word, or a clear explanation of what it covers. It goes with each disclosure."),
            ),
            "statements": several(
                _("What does the paper state?"), [(one.value, STATEMENT_LABELS[one]) for one in said]
            ),
            **signature_fields(),
            "signed_on": _optional_day(_("Signed on")),
        }  # fmt: skip

    def terms(self) -> Terms:
        """Return what the consent is to say."""
        data = self.cleaned_data
        classes = tuple(data.get("recipient_classes", ()))
        recipients = data.get("recipients", "")
        if self.kind is Kind.INTERMEDIARY and not recipients.strip():
            classes = tuple(one.value for one in CLASSES_OF[Kind.INTERMEDIARY])
        return Terms(
            self.kind,
            categories=tuple(data.get("categories", ())),
            description=data.get("description", ""),
            recipients=recipients,
            recipient_classes=classes,
            named_body=data.get("named_body", ""),
            purpose=data.get("purpose", ""),
            purpose_words=data.get("purpose_words", ""),
            last_day=data.get("last_day"),
            open_ended=data.get("open_ended", False),
            expiry_event=data.get("expiry_event", ""),
            revocable_from=data.get("revocable_from"),
            revocable_when=data.get("revocable_when", ""),
        )

    def on_paper(self) -> Paper:
        """Return what the paper says, and who signed it."""
        data = self.cleaned_data
        return Paper(
            text=data["text"],
            statements=frozenset(Statement(code) for code in data["statements"]),
            signer=data["signer"],
            signed_name=data["signed_name"],
            authority=data["authority"],
            signed_on=data["signed_on"],
        )

    def mend(self, problems: Any) -> None:
        """Show what the rules found, each beside its field."""
        for problem in problems:
            name = FIELD_OF.get(problem.element, problem.element)
            if name == "recipients" and name not in self.fields:
                name = "recipient_classes"
            if name not in self.errors:
                self.add_error(name if name in self.fields else None, problem.sentence)


def signature_fields() -> dict[str, forms.Field]:
    """Return the fields of a signature."""
    return {
        "signer": forms.ChoiceField(
            label=_("Who signs?"),
            choices=SIGNERS,
            initial=Signer.SELF.value,
            widget=SegmentedChoice,
            error_messages={"required": _("Choose who signs."), "invalid_choice": _("Choose who signs.")},
        ),
        "authority": text_field(
            _("Why they may sign for the person"),
            160,
            wide=True,
            help_text=_("Only where somebody else signs, for example: mother, sole custody"),
        ),
        "signed_name": text_field(_("Name, as signed"), 160, wide=True),
    }


class SignForm(VersionedForm):
    """A signature on the clinic's device."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(signature_fields())
        self.fields["signed_name"].help_text = _("Whoever signs types their own name here.")
        self.fields["signed_name"].required = True
        self.fields["signed_name"].error_messages["required"] = _("The signature is missing.")
        self.fields["agrees"] = forms.BooleanField(
            label=_("I have read this, or it was read to me, and I agree."),
            error_messages={"required": _("Whoever signs ticks that they have read it and agree.")},
        )


class RevokeForm(OnceForm):
    """A wish to take a consent back."""

    how = forms.ChoiceField(
        label=_("How did they say it?"),
        choices=(("spoken", _("They said it")), ("written", _("In writing, signed"))),
        widget=SegmentedChoice,
        error_messages={"required": _("Choose how they said it."), "invalid_choice": _("Choose how they said it.")},
    )
    note = optional_words(_("Note"), NOTE_CHARS, 2)

    field_order = ("how", "note")


class HoldForm(VersionedForm):
    """What the privacy officer does with a consent, and why."""

    note = forms.CharField(
        label=_("Why?"),
        required=False,
        max_length=NOTE_CHARS,
        widget=forms.Textarea(attrs={**OFF, "rows": 2}),
        error_messages={
            **NO_NUL,
            "max_length": _("Write at most %(limit_value)d characters; this has %(show_value)d."),
        },
    )
    act = forms.ChoiceField(
        choices=(("hold", ""), ("resume", ""), ("find_invalid", "")),
        widget=forms.HiddenInput,
        error_messages={"required": _("Choose what to do."), "invalid_choice": _("Choose what to do.")},
    )


class NoticeForm(OnceForm):
    """That the person was given the notice of confidentiality."""

    answer = forms.ChoiceField(
        label=_("What did they say?"),
        choices=NoticeGiven.Answer.choices,
        widget=SegmentedChoice,
        error_messages={"required": _("Choose what they said."), "invalid_choice": _("Choose what they said.")},
    )

"""Forms about what leaves the clinic, and what is kept back. They check shape; the rules decide."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.disclosure import Asked
from clients.forms.consents import category_choices, optional_words, several
from clients.forms.fields import long_text_field, text_field
from clients.models import Consent
from clients.rules.consent_terms import CLASS_LABELS, PURPOSE_LABELS, Category, Purpose, RecipientClass
from clients.rules.consents import Document
from clients.rules.disclosure import NO_CATEGORIES, PURPOSE_OF, RECORDS, Basis
from clinics.repeat import OnceForm
from clinics.versions import VersionedForm
from clinics.widgets import SegmentedChoice

NOTE_CHARS: Final = 2_000
NOTICES = (("long", _("Long: says what the recipient may not do")), ("short", _("Short: the federal sentence")))
RECORD_LABELS: dict[str, Any] = {
    "affiliation": _("Where the recipient belongs"),
    "reference": _("Number of the agreement, approval or order"),
    "subpoena": _("Number of the subpoena"),
    "description": _("What it is about"),
}


class DiscloseForm(OnceForm):
    """
    What is to be told, to whom, for what, on one basis.

    `seen` carries the parts that the review page showed; what would go out must still be the same when it is sent.
    """

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=400)

    def __init__(
        self, *args: Any, basis: Basis, consent: Consent | None, document: Document | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.basis, self.consent = basis, consent
        self.fields.update(self._to(document))
        self.fields.update(self._what(document))
        labels = RECORD_LABELS
        for name, missing in RECORDS[basis].items():
            if name == "description":
                self.fields[name] = long_text_field(labels[name], NOTE_CHARS, missing=missing, rows=2)
            else:
                length = 160 if name == "affiliation" else 80
                self.fields[name] = text_field(labels[name], length, missing=missing, wide=True)
        if basis is not Basis.PUBLIC_HEALTH:
            self.fields["notice"] = forms.ChoiceField(
                label=_("Notice that goes with it"),
                choices=NOTICES,
                initial="long",
                widget=SegmentedChoice,
                error_messages={"required": _("Choose the notice."), "invalid_choice": _("Choose the notice.")},
            )

    def _to(self, document: Document | None) -> dict[str, forms.Field]:
        if document is not None and document.recipients and not document.recipient_classes:
            names = document.recipients
            recipient: forms.Field = forms.ChoiceField(
                label=_("Recipient"),
                choices=[(name, name) for name in names],
                initial=names[0],
                widget=SegmentedChoice,
                error_messages={
                    "required": _("Choose the recipient."), "invalid_choice": _("The consent does not name this one."),
                },
            )  # fmt: skip
            return {"recipient": recipient}
        found: dict[str, forms.Field] = {
            "recipient": text_field(
                _("Recipient"), 160, missing=_("Write who receives it."), wide=True,
                help_text=_("The name of the person, practice or office"),
            )
        }  # fmt: skip
        if document is not None and document.recipient_classes:
            found["of_class"] = forms.ChoiceField(
                label=_("What are they?"),
                choices=[(one.value, CLASS_LABELS[one]) for one in RecipientClass if one in document.recipient_classes],
                widget=SegmentedChoice,
                error_messages={"required": _("Choose what they are."), "invalid_choice": _("Choose what they are.")},
            )
        return found

    def _what(self, document: Document | None) -> dict[str, forms.Field]:
        found: dict[str, forms.Field] = {}
        purposes = document.purposes if document is not None else frozenset({PURPOSE_OF.get(self.basis)})
        choices = [(one.value, PURPOSE_LABELS[one]) for one in Purpose if one in purposes]
        found["purpose"] = forms.ChoiceField(
            label=_("What for?"),
            choices=choices,
            initial=choices[0][0] if choices else None,
            widget=SegmentedChoice if len(choices) > 1 else forms.HiddenInput,
            error_messages={"required": _("Choose the purpose."), "invalid_choice": _("Choose the purpose.")},
        )
        found["categories"] = several(
            _("Which parts of the record?"),
            category_choices(),
            help_text=_("Choose what the recipient asks for. What may not go out is left out, and you see why."),
        )
        found["categories"].required = True
        found["categories"].error_messages["required"] = NO_CATEGORIES
        return found

    def asked(self) -> Asked:
        """Return what is asked for."""
        data = self.cleaned_data
        of_class = data.get("of_class", "")
        return Asked(
            self.basis,
            Purpose(data["purpose"]),
            data["recipient"],
            frozenset(Category(code) for code in data["categories"]),
            self.consent,
            RecipientClass(of_class) if of_class else None,
            {name: data[name] for name in RECORDS[self.basis]},
            data.get("notice", "none"),
        )


class RestrictionForm(OnceForm):
    """A person's request that something is not told to somebody."""

    from_payers = forms.BooleanField(label=_("Keep it from payers"), required=False)
    paid_in_full = forms.BooleanField(label=_("The person pays for it in full themselves"), required=False)
    recipient = text_field(_("Or keep it from"), 160, wide=True, help_text=_("The name of a person or an office"))
    parts = several(
        _("Which parts of the record?"), category_choices(), help_text=_("Leave all empty to keep back everything.")
    )
    words = optional_words(_("In the person's words"), NOTE_CHARS, 2)

    field_order = ("from_payers", "paid_in_full", "recipient", "parts", "words")


class RestrictionDecisionForm(VersionedForm):
    """What the privacy officer decides about a request."""

    state = forms.ChoiceField(
        label=_("Decision"),
        choices=(("agreed", _("Agree")), ("declined", _("Do not agree"))),
        widget=SegmentedChoice,
        error_messages={"required": _("Choose what is decided."), "invalid_choice": _("Choose what is decided.")},
    )
    note = optional_words(
        _("Why"), NOTE_CHARS, 2, help_text=_("Needed when the request is not agreed to, or an agreement ends.")
    )


class RestrictionEndForm(VersionedForm):
    """Why an agreement ends."""

    note = optional_words(_("Why does it end?"), NOTE_CHARS, 2)

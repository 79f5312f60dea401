"""The form with which anybody leaves a way to be reached. It checks shape; the service checks truth."""

from datetime import time
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.forms.fields import NO_NUL, OFF, long_text_field, text_field
from clients.rules import phones
from clients.rules.contact import Permission
from clients.services.said import Caller, Need
from clinics.repeat import OnceForm
from clinics.widgets import SegmentedChoice

WORDS_CHARS: Final = 4_000
CALL, TEXT, EMAIL = "call", "text", "email"
WAYS: Final = ((CALL, _("Call me")), (TEXT, _("Send me a text message")), (EMAIL, _("Send me an e-mail")))
BEST: Final = (("", _("No matter")), (CALL, _("A call")), (TEXT, _("A text message")), (EMAIL, _("An e-mail")))
METHOD: Final = {CALL: "phone", TEXT: "sms", EMAIL: "email"}
# Wall times of the clinic within which a call suits them.
TIMES: Final[dict[str, tuple[time | None, time | None]]] = {
    "any": (None, None),
    "morning": (time(8), time(12)),
    "afternoon": (time(12), time(17)),
    "evening": (time(17), time(20)),
}
WHEN: Final = (
    ("any", _("Any time")),
    ("morning", _("Morning, 8 to 12")),
    ("afternoon", _("Afternoon, 12 to 5")),
    ("evening", _("Evening, 5 to 8")),
)
MESSAGE: Final = ((Permission.YES.value, _("Yes")), (Permission.NO.value, _("No")))


class ContactForm(OnceForm):
    """
    Who asks to be reached, how, and when. Said in few questions: each one more loses somebody.

    homepage   a field that nobody sees; only a machine fills it
    """

    name = text_field(_("What may we call you?"), 160, missing=_("Write a name. A first name is enough."), wide=True)
    ways = forms.MultipleChoiceField(
        label=_("How may we reach you?"),
        choices=WAYS,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose all that suit you. We use no other."),
        error_messages={"required": _("Choose at least one way."), "invalid_choice": _("Choose from the list.")},
    )
    best = forms.ChoiceField(
        label=_("Which of these suits you best?"),
        choices=BEST,
        required=False,
        widget=SegmentedChoice,
        error_messages={"invalid_choice": _("Choose from the list.")},
    )
    phone = text_field(_("Telephone number"), phones.TYPED_CHARS)
    phone.widget.input_type = "tel"  # a phone then offers its number keys
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs=OFF),
        error_messages={**NO_NUL, "invalid": _("Enter an e-mail address like name@example.org.")},
    )
    when = forms.ChoiceField(
        label=_("When does a call suit you?"),
        choices=WHEN,
        initial="any",
        widget=SegmentedChoice,
        error_messages={"required": _("Choose a time."), "invalid_choice": _("Choose from the list.")},
    )
    message = forms.ChoiceField(
        label=_("If nobody answers, may we leave a short message?"),
        choices=MESSAGE,
        required=False,
        widget=SegmentedChoice,
        help_text=_("It gives a first name and nothing else."),
        error_messages={"invalid_choice": _("Choose from the list.")},
    )
    language = text_field(_("Language you would like to speak"), 40)
    words = long_text_field(_("Anything you would like to say first"), WORDS_CHARS, missing="", rows=4, required=False)
    homepage = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def clean_phone(self) -> str:
        """Refuse what cannot be dialled."""
        typed: str = self.cleaned_data["phone"]
        if typed.strip():
            try:
                phones.normalise(typed)
            except phones.BadNumber as error:
                raise forms.ValidationError(str(error)) from None
        return typed

    def clean(self) -> dict[str, Any]:
        """Ask for the number or address that a chosen way needs."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        ways = data.get("ways", ())
        if {CALL, TEXT} & set(ways) and not data.get("phone", "").strip() and "phone" not in self.errors:
            self.add_error("phone", _("Enter a number, or choose only e-mail above."))
        if data.get("best") and ways and data["best"] not in ways:
            self.add_error("best", _("Choose this way above too, or another one here."))
        if EMAIL in ways and not data.get("email") and "email" not in self.errors:
            self.add_error("email", _("Enter an e-mail address, or choose another way above."))
        return data

    @property
    def filled_by_machine(self) -> bool:
        """Tell whether the field was filled that nobody sees."""
        return bool(self.data.get("homepage"))

    @property
    def caller(self) -> Caller:
        """Return who asks: a way that was offered for a number or address of theirs and not chosen is a no."""
        data = self.cleaned_data
        call_from, call_until = TIMES[data["when"]]

        def said(way: str, given: str) -> Permission:
            if not given.strip():
                return Permission.NOT_ASKED
            return Permission.YES if way in data["ways"] else Permission.NO

        return Caller(
            name=data["name"],
            phone=data["phone"],
            email=data["email"],
            ok_to_call=said(CALL, data["phone"]),
            ok_voicemail=data["message"] or Permission.NOT_ASKED,
            ok_sms=said(TEXT, data["phone"]),
            ok_email=said(EMAIL, data["email"]),
            call_from=call_from,
            call_until=call_until,
            language=data["language"],
            preferred_method=METHOD.get(data["best"] or (data["ways"][0] if len(data["ways"]) == 1 else ""), ""),
        )

    @property
    def need(self) -> Need:
        """Return what they said, in their words."""
        return Need(words=self.cleaned_data["words"])

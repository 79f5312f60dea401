"""The form of an intake, in the order of a call. It checks shape; services check truth."""

from datetime import date, time
from typing import Any, Final

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from clients.forms.asked import (
    NOT_ASKED,
    TOO_LONG,
    WORDS_CHARS,
    AskedChoice,
    AskedDate,
    asked_text,
    clock_time,
    long_text,
    one_of,
    ruler,
    several_of,
)
from clients.forms.circumstances import ABOUT_FIELDS, GUARDIAN_FIELDS, REACH_FIELDS, CircumstanceFields
from clients.forms.fields import NO_NUL, OFF, OptionalProgram, text_field
from clients.forms.referrals import ORIGIN_FIELDS, REFERRAL_FIELDS, ReferralFields
from clients.models import Client, Inquiry
from clients.models.inquiries import PERMISSIONS
from clients.rules import intake, phones, stages, triage
from clients.rules.contact import Permission
from clients.rules.duplicates import Identity
from clients.selectors.matching import identity
from clients.services.said import Caller, Need, Person
from clinics.models import Program
from clinics.repeat import OnceForm
from clinics.versions import VersionedForm
from clinics.widgets import DateParts, DatePartsField, SegmentedChoice

NAME_CHARS: Final = 160
Relation = Inquiry.Relation

PERSON, FAMILY, REFERRER = "person", "family", "referrer"
WHO: Final = (
    (PERSON, _("Person seeking care")),
    (FAMILY, _("Family or friend")),
    (REFERRER, _("Referrer")),
)
FAMILY_RELATIONS: Final = (
    Relation.PARENT, Relation.SPOUSE, Relation.CHILD, Relation.OTHER_FAMILY, Relation.FRIEND,
)  # fmt: skip
REFERRER_RELATIONS: Final = (
    Relation.CLINICIAN, Relation.EMPLOYER, Relation.LAWYER, Relation.COURT_OFFICER, Relation.OTHER,
)  # fmt: skip
# What a caller is when nobody asked further.
USUAL: Final = {PERSON: Relation.SELF, FAMILY: Relation.OTHER_FAMILY, REFERRER: Relation.OTHER}
# "Not asked" is no answer to a question that was asked: nothing is ticked then.
SAFETY: Final = tuple(choice for choice in intake.SAFETY_ANSWERS if choice[0] != "not_asked")
# How an intake that somebody writes down can have come in; a web form and a missed call have pages of their own.
CHANNELS: Final = tuple(choice for choice in intake.CHANNELS if choice[0] not in ("web_form", "phone_missed"))
WAYS: Final = ("ok_to_call", "ok_voicemail", "ok_sms", "ok_email")
OF_RECORD: Final = ("legal_name", "goes_by", "pronouns", "born_on", "postal_code", "gender", "state")
PERSON_FIELDS: Final = (*OF_RECORD, "known")
RULERS: Final = ("importance", "confidence", "readiness")
NEED_FIELDS: Final = ("change_target", "triage", "program")
MORE_FIELDS: Final = (
    "channel", *REFERRAL_FIELDS, "withdrawal_risk", "overdose_30_days", "substances", "last_use", "level_sought",
    "barriers", *RULERS, "triage", "change_target", "program", "own_reasons", "outside_pressure", *ABOUT_FIELDS,
    *ORIGIN_FIELDS,
)  # fmt: skip
# The order of a call, in which errors are listed.
ORDER: Final = (
    "who", "caller_name", "relation", "phone", "words", "legal_name", "goes_by", "pronouns", "born_on", "postal_code",
    *GUARDIAN_FIELDS, "known", "somebody_else", "safety_answer", "in_danger_now", *WAYS, *REACH_FIELDS, "email",
    "discreet_name", "call_from", "call_until", "language", "interpreter", *MORE_FIELDS,
)  # fmt: skip
# 00:00 as an end is the end of the day.
MIDNIGHT: Final = time(0)
LOST: Final = _("This record is not at this clinic any more. Look for matches again.")


def _way(label: Any) -> AskedChoice:
    """Return the question whether one may be reached in one way."""
    return AskedChoice(
        label=label, choices=PERMISSIONS, widget=SegmentedChoice, initial=Permission.NOT_ASKED,
        error_messages={"invalid_choice": _("Choose yes, no or not asked.")},
    )  # fmt: skip


class KnownRecord(forms.ModelChoiceField):  # type: ignore[type-arg]
    """The record that was chosen among the matches. A malformed, absent or foreign id gives the same sentence."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(
            Client.objects.none(), to_field_name="public_id", required=False, error_messages={"invalid_choice": LOST}
        )

    def to_python(self, value: Any) -> Any:
        """Return the record, or refuse."""
        try:
            return super().to_python(value)
        except forms.ValidationError:
            raise forms.ValidationError(LOST, code="invalid_choice") from None


class IntakeFields(CircumstanceFields, ReferralFields):
    """What is asked in a call: who calls, whom it is about, whether they are safe, how to reach them, what more."""

    use_required_attribute = False
    field_order = ORDER

    who = forms.ChoiceField(
        label=_("Who is on the phone?"), choices=WHO, widget=SegmentedChoice,
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose who is on the phone.")),
    )  # fmt: skip
    caller_name = text_field(_("Caller’s name"), NAME_CHARS, wide=True)
    relation = one_of(
        _("What are they to the person?"),
        (
            (_("Family or friend"), [(one.value, one.label) for one in FAMILY_RELATIONS]),
            (_("Referrer"), [(one.value, one.label) for one in REFERRER_RELATIONS]),
        ),
        _("Not asked yet"),
    )
    phone = asked_text(_("Number to call back if we are cut off"), phones.TYPED_CHARS)
    words = asked_text(
        _("What brings them here, in their words?"), WORDS_CHARS, lines=2,
        help_text=_("A sentence is enough. Write it the way they say it."),
    )  # fmt: skip

    legal_name = asked_text(
        _("Full name"), NAME_CHARS, wide=True,
        help_text=_("As on their ID or insurance card. A person may stay unnamed for now."),
    )  # fmt: skip
    goes_by = text_field(_("Name they go by"), 80)
    pronouns = text_field(_("Pronouns"), 40)
    born_on = AskedDate(label=_("Date of birth"), help_text=_("For example, 3 14 1988"))
    postal_code = text_field(_("ZIP code"), 10)
    known = KnownRecord()
    somebody_else = forms.BooleanField(label=_("This is somebody else. Make a new record."), required=False)

    safety_answer = AskedChoice(
        label=_("Are they thinking about suicide or harming someone right now?"), choices=SAFETY,
        widget=SegmentedChoice, help_text=_("Ask it plainly, every call. Asking does not raise risk."),
        error_messages={"invalid_choice": _("Choose what they answered.")},
    )  # fmt: skip
    in_danger_now = forms.BooleanField(label=_("Somebody is in danger now"), required=False)

    ok_to_call = _way(_("May we call?"))
    ok_voicemail = _way(_("May we leave a voicemail?"))
    ok_sms = _way(_("May we send text messages?"))
    ok_email = _way(_("May we send e-mail?"))
    email = forms.EmailField(
        label=_("E-mail"), max_length=254, required=False, widget=forms.EmailInput(attrs=OFF),
        error_messages={
            **NO_NUL, "max_length": TOO_LONG, "invalid": _("Enter an e-mail address, such as name@mail.example.")
        },
    )  # fmt: skip
    discreet_name = text_field(
        _("Who should we say is calling?"), 80, help_text=_("A first name, for example. We never say what we do.")
    )
    call_from = clock_time(_("Best time to call, from"))
    call_until = clock_time(_("Best time to call, until"))
    language = text_field(_("Language"), 40)
    interpreter = forms.BooleanField(label=_("An interpreter is needed"), required=False)

    channel = forms.ChoiceField(
        label=_("How it came in"), choices=CHANNELS, initial="phone_inbound", widget=forms.Select(attrs=OFF),
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose how it came in.")),
    )  # fmt: skip
    substances = several_of(_("Substances"), intake.SUBSTANCES, help_text=_("Up to three, the main one included."))
    last_use = AskedChoice(
        label=_("Last use"), choices=intake.LAST_USE, required=False, widget=SegmentedChoice,
        error_messages={"invalid_choice": _("Choose one of the list.")},
    )  # fmt: skip
    level_sought = one_of(_("Care they are looking for"), intake.LEVELS, _("Not asked yet"))
    program = OptionalProgram(_("Program they ask about"), _("None yet"))
    change_target = one_of(_("What do they want to change?"), stages.KINDS, _("Not asked yet"))
    triage = forms.ChoiceField(
        label=_("How soon should they be assessed?"), choices=(("", _("As the answers say")), *triage.CHOICES),
        required=False, widget=SegmentedChoice, error_messages={"invalid_choice": _("Choose one of the list.")},
        help_text=_("Urgent is one business day, routine is ten. A danger in the answers makes it urgent by itself."),
    )  # fmt: skip
    barriers = several_of(_("What could get in the way?"), intake.BARRIERS)
    importance = ruler(_("Importance"), _("How important is it to make this change?"))
    confidence = ruler(_("Confidence"), _("How confident are you that you could?"))
    readiness = ruler(_("Readiness"), _("How ready are you to start?"))
    own_reasons = long_text(_("Their own reasons"))
    outside_pressure = long_text(_("What others want from them"), help_text=_("A court, an employer, family."))
    withdrawal_risk = forms.BooleanField(label=_("Withdrawal may be dangerous for them"), required=False)
    overdose_30_days = forms.BooleanField(label=_("An overdose in the last 30 days"), required=False)

    def __init__(self, *args: Any, records: Any, about: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["program"].queryset = Program.objects.filter(Q(is_active=True) | Q(pk=about))  # type: ignore[attr-defined]
        if "known" in self.fields:
            self.fields["known"].queryset = records  # type: ignore[attr-defined]

    def clean_phone(self) -> str:
        """Return the number as it is shown, so that what was typed compares with what is stored."""
        typed: str = self.cleaned_data["phone"]
        try:
            return phones.shown(phones.normalise(typed)) if typed else ""
        except phones.BadNumber as error:
            raise forms.ValidationError(str(error), code="invalid") from None

    def clean_substances(self) -> list[str]:
        """Refuse more than three, and a substance beside none."""
        chosen: list[str] = self.cleaned_data["substances"]
        if "none" in chosen and len(chosen) > 1:
            raise forms.ValidationError(_("Choose the substances, or “No substance” alone."))
        if len(chosen) > intake.MAX_SUBSTANCES:
            raise forms.ValidationError(_("Choose at most three, the ones that matter most now."))
        return chosen

    def clean(self) -> dict[str, Any]:
        """Fill what was not asked, and refuse half a span of time."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for way in WAYS:
            data[way] = data.get(way) or Permission.NOT_ASKED
        who = data.get("who")
        if who == PERSON:
            data["relation"], data["caller_name"] = Relation.SELF, ""
        elif who:
            data["relation"] = data.get("relation") or USUAL[who]
        start, end = data.get("call_from"), data.get("call_until")
        if {"call_from", "call_until"} & self.errors.keys():
            return data
        if (start is None) != (end is None):
            self.add_error("call_until" if end is None else "call_from", _("Enter both times, or neither."))
        elif start is not None and end is not None and end <= start and end != MIDNIGHT:
            self.add_error("call_until", _("Enter an end that is later than the start."))
        return data

    def caller(self) -> Caller:
        """Return who called, and how they may be reached."""
        data = self.cleaned_data
        return Caller(
            relation=data.get("relation", ""), name=data["caller_name"], phone=data["phone"], email=data["email"],
            **{way: data[way] for way in WAYS}, discreet_name=data["discreet_name"], call_from=data["call_from"],
            call_until=data["call_until"], language=data["language"], interpreter=data["interpreter"],
            **{name: data[name] for name in REACH_FIELDS},
        )  # fmt: skip

    def person(self) -> Person:
        """Return whom the call is about."""
        return Person(**{name: self.cleaned_data[name] for name in OF_RECORD if name in self.cleaned_data})

    def need(self) -> Need:
        """Return what they said."""
        data = self.cleaned_data
        return Need(
            words=data["words"], own_reasons=data["own_reasons"], outside_pressure=data["outside_pressure"],
            substances=data["substances"], barriers=data["barriers"], level_sought=data["level_sought"],
            last_use=data["last_use"], importance=data["importance"], confidence=data["confidence"],
            readiness=data["readiness"], safety_answer=data["safety_answer"] or "not_asked",
            in_danger_now=data["in_danger_now"], withdrawal_risk=data["withdrawal_risk"],
            overdose_30_days=data["overdose_30_days"], gaps=self.gaps(),
            **{name: data[name] for name in (*NEED_FIELDS, "mental_health", "pregnant", "veteran", "homeless")},
        )  # fmt: skip

    def gaps(self) -> dict[str, str]:
        """Return why each part of screening was left open: nothing yet in a first call."""
        return {}

    def value(self, name: str) -> Any:
        """Return what stands in a field now, checked or not; None where the form does not have it."""
        return self[name].value() if name in self.fields else None

    def refill(self, data: QueryDict) -> None:
        """Show again what was typed, without judging it: the person only asked for matches."""
        for name, field in self.fields.items():
            self.initial[name] = field.widget.value_from_datadict(data, {}, self.add_prefix(name))  # type: ignore[arg-type]

    @property
    def more_stands(self) -> bool:
        """Tell whether something of what can wait stands there, or is to be mended."""
        empty: tuple[Any, ...] = (None, "", [], NOT_ASKED)
        return any(self.errors.get(name) or self.value(name) not in empty for name in MORE_FIELDS if name != "channel")

    def typed(self) -> Identity:
        """Return the person as typed so far, as far as it can be compared. A caller's number is not the person's."""

        def text(name: str, most: int) -> str:
            return str(self.value(name) or "").replace("\x00", "")[:most]

        phone = ""
        own = self.value("who") == PERSON
        if own:
            try:
                phone = phones.normalise(text("phone", phones.TYPED_CHARS + 1)).e164
            except phones.BadNumber:
                phone = ""
        return identity(
            legal_name=text("legal_name", NAME_CHARS), goes_by=text("goes_by", 80), born_on=self._born_on(),
            phone=phone, email=text("email", 254) if own else "", postal_code=text("postal_code", 10),
        )  # fmt: skip

    def _born_on(self) -> date | None:
        value = self.value("born_on")
        if isinstance(value, date) or "born_on" not in self.fields:
            return value if isinstance(value, date) else None
        if isinstance(value, (list, tuple)):
            value = DateParts().value_from_datadict(dict(zip(PARTS, value, strict=False)), {}, "born_on")
        try:
            found: date | None = DatePartsField(required=False).clean(value)
        except forms.ValidationError:
            return None
        return found


PARTS: Final = ("born_on_month", "born_on_day", "born_on_year")


class IntakeForm(IntakeFields, OnceForm):
    """A first call. Sent twice, it makes one."""


class InquiryEditForm(IntakeFields, VersionedForm):
    """More of what was said, corrections, and why a part of screening stays open."""

    def __init__(self, *args: Any, inquiry: Inquiry, **kwargs: Any) -> None:
        super().__init__(*args, listed=inquiry.organisation_id, about=inquiry.program_id, **kwargs)
        self.fields["who"].label = _("Who got in touch?")
        self.fields["who"].required = False
        del self.fields["channel"], self.fields["somebody_else"]
        if inquiry.client_id is not None:
            for name in PERSON_FIELDS:
                del self.fields[name]
        for key, label in intake.SCREENED_PARTS:
            self.fields[f"gap_{key}"] = AskedChoice(
                label=label, choices=(("", _("Not left open")), *intake.GAP_REASONS), widget=forms.Select(attrs=OFF),
                error_messages={"invalid_choice": _("Choose one of the list.")},
            )  # fmt: skip

    @property
    def gap_fields(self) -> list[Any]:
        """Return the questions about what stays open."""
        return [self[f"gap_{key}"] for key, _label in intake.SCREENED_PARTS]

    def gaps(self) -> dict[str, str]:
        """Return why each part of screening was left open, by part."""
        found = {key: self.cleaned_data[f"gap_{key}"] for key, _label in intake.SCREENED_PARTS}
        return {key: reason for key, reason in found.items() if reason}

    @staticmethod
    def stored(inquiry: Inquiry) -> dict[str, Any]:
        """Return the stored values, as the form starts with them."""
        number = phones.shown(phones.Phone(inquiry.phone, inquiry.phone_extension)) if inquiry.phone else ""
        as_kept = (
            "caller_name", "email", *WAYS, "discreet_name", "call_from", "call_until", "language", "interpreter",
            "substances", "last_use", "level_sought", "barriers", *RULERS, "in_danger_now",
            "withdrawal_risk", "overdose_30_days", "change_target", "triage", "version",
        )  # fmt: skip
        return {
            **{name: getattr(inquiry, name) for name in as_kept},
            **ReferralFields.stored_referral(inquiry),
            **CircumstanceFields.stored_circumstances(inquiry),
            "who": who_is(inquiry.relation),
            "relation": inquiry.relation,
            "program": inquiry.program.public_id if inquiry.program is not None else None,
            "phone": number,
            "words": inquiry.words or "",
            "own_reasons": inquiry.own_reasons or "",
            "outside_pressure": inquiry.outside_pressure or "",
            "safety_answer": "" if inquiry.safety_answer == "not_asked" else inquiry.safety_answer,
            **{f"gap_{key}": inquiry.gaps.get(key, "") for key, _label in intake.SCREENED_PARTS},
        }


def who_is(relation: str) -> str:
    """Return who is on the phone, from what they are to the person; empty when nobody asked."""
    if not relation:
        return ""
    if relation == Relation.SELF:
        return PERSON
    return FAMILY if relation in FAMILY_RELATIONS else REFERRER

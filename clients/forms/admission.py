"""Forms on the way from the decision to the admission and back. They check shape; services check truth."""

from collections.abc import Mapping
from datetime import time
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.forms.assessments import question_field
from clients.forms.fields import BookedTime, OptionalProgram, ProgramChoice, StaffChoice, day_field, long_text_field
from clients.forms.inquiries import choice_field, time_field
from clients.models import Admission, AdmissionDecision, Assessment, Inquiry, InterimOffer, NoticeGiven
from clients.rules import assessment as assessment_rules
from clients.rules import teds, transitions
from clients.rules import waitlist as waitlist_rules
from clients.selectors.admission import Chosen
from clients.selectors.assessments import content_of
from clinics.models import Clinic, Program
from clinics.repeat import OnceForm
from clinics.roles import Role
from clinics.selectors.staff import staff_now

REASON_CHARS = 4_000
WORDS_CHARS = 2_000
REASONS: Final = {
    AdmissionDecision.Outcome.REFERRED_OUT: transitions.REFERRED_REASONS,
    AdmissionDecision.Outcome.NOT_ELIGIBLE: transitions.NOT_ELIGIBLE_REASONS,
}
YES_NO: Final = (("yes", _("Yes")), ("no", _("No")), ("", _("Not known")))


class DecisionForm(OnceForm):
    """Accept, refer elsewhere, or another service; for which level of care, and why."""

    outcome = choice_field(
        _("Decision"),
        (("accepted", _("Accept")), ("referred_out", _("Refer elsewhere")), ("not_eligible", _("Another service"))),
        _("Choose what you decide."),
    )
    level_of_care = choice_field(
        _("Level of care, if you accept"), assessment_rules.LEVELS, _("Choose a level of care."), required=False
    )
    program = OptionalProgram(_("Program"), _("Not decided"))
    reason_code = forms.ChoiceField(
        label=_("Reason, if you do not accept"), required=False,
        choices=[
            ("", _("Choose")),
            *((code, transitions.CLOSED_REASONS[code]) for code in transitions.REFERRED_REASONS
              if code != transitions.EMERGENCY),
        ],
        error_messages={"invalid_choice": _("Choose a reason of the list.")},
    )  # fmt: skip
    reason = long_text_field(
        _("Why"), REASON_CHARS, rows=4, missing=_("Write why you decide so. Without it there is no decision.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["program"].queryset = Program.objects.filter(is_active=True)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for what the decision needs, and drop what it does not."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        outcome = data.get("outcome")
        if outcome == AdmissionDecision.Outcome.ACCEPTED:
            data["reason_code"] = ""
            if not data.get("level_of_care") and "level_of_care" not in self.errors:
                self.add_error("level_of_care", _("Choose the level of care they are accepted for."))
        elif outcome:
            data["level_of_care"], data["program"] = "", None
            if data.get("reason_code") not in REASONS[AdmissionDecision.Outcome(outcome)]:
                self.add_error("reason_code", _("Choose a reason that fits this decision."))
        return data


class JoinListForm(OnceForm):
    """What the place on the waiting list goes by."""

    pregnant = choice_field(_("Are they pregnant?"), YES_NO, _("Choose an answer."), required=False)
    injects = choice_field(_("Do they inject?"), YES_NO, _("Choose an answer."), required=False)

    def clean(self) -> dict[str, Any]:
        """Return yes, no, or None for not known."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for name in ("pregnant", "injects"):
            data[name] = {"yes": True, "no": False}.get(data.get(name, ""))
        return data


class MeanwhileForm(OnceForm):
    """Help that was offered until a place is free, and what they said."""

    offer = forms.ChoiceField(
        label=_("What did you offer?"), choices=[("", _("Choose")), *waitlist_rules.INTERIM_SERVICES],
        error_messages={name: _("Choose what you offered.") for name in ("required", "invalid_choice")},
    )  # fmt: skip
    answer = choice_field(_("What did they say?"), InterimOffer.Answer.choices, _("Choose what they said."))
    words = long_text_field(_("In their words"), WORDS_CHARS, missing="", rows=2, required=False)


class NoticeForm(OnceForm):
    """That the notice about confidentiality was given."""

    answer = choice_field(
        _("Did they sign that they have it?"), NoticeGiven.Answer.choices, _("Choose what they said to the notice.")
    )


class AdmissionForm(BookedTime, OnceForm):
    """
    Everything an admission chooses: program, therapist, first appointment, identity, the admission record.

    The questions of the record carry their own keys as names.
    """

    program = ProgramChoice()
    therapist = StaffChoice(label=_("Therapist"), missing=_("Choose the therapist who will see them."))
    start_on = day_field(_("First appointment"), missing=_("Enter the day of the first appointment."))
    start_time = time_field(_("Time"), missing=_("Enter the time of the first appointment."))
    identity_check = choice_field(
        _("How did you check who they are?"), Admission.IdentityCheck.choices, _("Choose how you checked who they are.")
    )

    def __init__(self, *args: Any, clinic: Clinic, age: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.age = age
        self.fields["program"].queryset = Program.objects.filter(is_active=True)  # type: ignore[attr-defined]
        self.fields["therapist"].queryset = staff_now(clinic.pk, Role.THERAPIST)  # type: ignore[attr-defined]
        for question in teds.QUESTIONS:
            self.fields[question.key] = question_field(question, needed=question.needed)

    @property
    def needed(self) -> list[Any]:
        """Return the questions that must be answered, but for the substances."""
        return [self[one.key] for one in teds.QUESTIONS if one.needed and not self._of_substance(one)] + [
            self["justice_detail"]
        ]

    @property
    def substances(self) -> list[list[Any]]:
        """Return the questions about each substance."""
        return [[self[f"{name}_{number}"] for name in teds.OF_SUBSTANCE] for number in teds.SUBSTANCE_NUMBERS]

    @property
    def more(self) -> list[Any]:
        """Return the questions that may stay open."""
        left = [one for one in teds.QUESTIONS if not one.needed and not self._of_substance(one)]
        return [self[one.key] for one in left if one.key != "justice_detail"]

    @staticmethod
    def _of_substance(question: teds.Question) -> bool:
        return question.key.rpartition("_")[0] in teds.OF_SUBSTANCE

    def clean_start_time(self) -> time:
        """Return the time to the minute."""
        at: time = self.cleaned_data["start_time"]
        return at.replace(second=0, microsecond=0)

    def clean(self) -> dict[str, Any]:
        """Gather the admission record, and say beside each question what it still needs."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        given = {one.key: data.pop(one.key, None) for one in teds.QUESTIONS}
        data["answers"] = {key: code for key, code in given.items() if code is not None}
        for problem in teds.problems(data["answers"], age=self.age):
            if problem.key not in self.errors:
                self.add_error(problem.key, problem.sentence)
        return data

    def chosen(self) -> Chosen:
        """Return what stands in the form at this moment, sent or not, whole or not."""
        answers: dict[str, int] = {}
        for question in teds.QUESTIONS:
            try:
                value = self.fields[question.key].clean(self[question.key].value() or "")
            except forms.ValidationError:
                continue
            if value is not None:
                answers[question.key] = value
        identity = self["identity_check"].value()
        return Chosen(
            program_id=getattr(self._picked("program"), "pk", None),
            therapist=self._picked("therapist") is not None,
            first_appointment=bool(self["start_on"].value() and self["start_time"].value()),
            identity_checked=identity in Admission.IdentityCheck.values,
            teds_gaps=len(teds.problems(answers, age=self.age)),
        )

    def _picked(self, name: str) -> Any:
        try:
            return self.fields[name].clean(self[name].value() or "")
        except forms.ValidationError:
            return None

    @staticmethod
    def suggested(assessment: Assessment, decision: AdmissionDecision, inquiry: Inquiry) -> Mapping[str, Any]:
        """Return what is known already, to be looked at by whoever admits."""
        found: dict[str, Any] = {
            **teds.prefilled(
                source=inquiry.source,
                source_detail=inquiry.source_detail,
                substances=tuple(inquiry.substances),
                level=decision.level_of_care,
                gender=inquiry.client.gender if inquiry.client is not None else "",
                pregnant=inquiry.pregnant,
                veteran=inquiry.veteran,
                homeless=inquiry.homeless,
            ),
            **assessment_rules.in_record(content_of(assessment).substances),
            "therapist": str(assessment.assessor.public_id),
        }
        if decision.program is not None:
            found["program"] = str(decision.program.public_id)
        return found


class UndoAdmissionForm(forms.Form):
    """Why an admission is taken back."""

    reason = long_text_field(
        _("Why is the admission taken back?"), REASON_CHARS, rows=3, missing=_("Write why the admission is taken back.")
    )

"""The administrator's page on which a clinic says that it may use an instrument, and brings its licensed words."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from clinics.access import NOT_HERE, require
from clinics.instruments.definition import Definition
from clinics.models import InstrumentVersion
from clinics.repeat import FIELD, OnceForm, OtherBody, form_body, once
from clinics.selectors.instruments import definition_of
from clinics.services import attesting

MANAGE = "clinics.manage_instruments"


class Words(forms.CharField):
    """The licensed words of one question; without them it is asked by its number."""

    is_question = True


class AttestForm(OnceForm):
    """On what ground the clinic may use it, and its words for each question."""

    statement = forms.CharField(
        label=_("On what ground"),
        max_length=400,
        help_text=_("The license or letter, from whom, and until when."),
        error_messages={
            "required": _("Write on what ground the clinic may use it."),
            "max_length": _("Write at most %(limit_value)d characters; this has %(show_value)d."),
        },
    )
    permitted = forms.BooleanField(
        label=_("I say for the clinic that it has permission to use this instrument in this system."),
        error_messages={"required": _("Without permission it cannot be used here.")},
    )

    def __init__(self, *args: Any, definition: Definition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = list(definition.items.values())
        for item in self.items:
            self.fields[f"item_{item.key}"] = Words(
                label=item.label, required=False, max_length=attesting.LONGEST_QUESTION,
                widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
                error_messages={
                    "max_length": _("Write at most %(limit_value)d characters; this has %(show_value)d."),
                },
            )  # fmt: skip

    @property
    def questions(self) -> list[Any]:
        """Return the fields of the questions, for the page."""
        return [self[f"item_{item.key}"] for item in self.items]

    def wording(self) -> dict[str, str]:
        """Return the words of each question; call after the form is valid."""
        return {item.key: self.cleaned_data[f"item_{item.key}"] for item in self.items}


def instrument_attest(request: Any, clinic_slug: str, key: str) -> HttpResponse:
    """Say that the clinic may use an instrument, with the words it is licensed to ask in."""
    require(request.user, MANAGE)
    row = _instrument(key)
    definition = definition_of(row)
    held = attesting.standing(key)
    initial = {f"item_{item}": text for item, text in held.wording.items()} if held is not None else {}
    form = AttestForm(
        request.POST if request.method == "POST" else None, definition=definition,
        initial={**initial, "statement": held.statement if held is not None else ""},
    )  # fmt: skip
    if form.is_valid():
        try:
            once(
                user=request.user, key=form.cleaned_data[FIELD], route=f"instrument_attest:{key}",
                body=form_body(request.POST),
                act=lambda: attesting.attest(
                    clinic=request.clinic, key=key, statement=form.cleaned_data["statement"], wording=form.wording(),
                    by=request.user, now=timezone.now(),
                ),
            )  # fmt: skip
        except attesting.NoGround as error:
            form.add_error(error.field, str(error))
        except OtherBody as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, gettext("%(name)s can be asked from now on.") % {"name": row})
            return redirect("instrument_detail", clinic_slug, row.public_id)
    context = {"clinic": request.clinic, "row": row, "definition": definition, "held": held, "form": form}
    return TemplateResponse(request, "clinics/instrument_attest.html", context, status=422 if form.is_bound else 200)


@require_POST
def instrument_attest_end(request: Any, clinic_slug: str, key: str) -> HttpResponse:
    """End the leave of an instrument."""
    require(request.user, MANAGE)
    row = _instrument(key)
    attesting.withdraw(key=key, by=request.user, now=timezone.now())
    messages.success(request, gettext("%(name)s is asked no more. What was answered stays.") % {"name": row})
    return redirect("instrument_detail", clinic_slug, row.public_id)


def _instrument(key: str) -> InstrumentVersion:
    try:
        return attesting.instrument_to_attest(key)
    except attesting.NothingToAttest:
        raise Http404(NOT_HERE) from None

"""The administrator's pages of instruments: what the clinic uses, uploads, versions and thresholds."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from clinics.access import find_permitted, require
from clinics.instruments import catalogue
from clinics.instruments.definition import Definition, Score
from clinics.instruments.document import exact_number
from clinics.instruments.figures import display_text
from clinics.instruments.problems import DefinitionError, Problem
from clinics.instruments.schema import LARGEST_FILE
from clinics.instruments.toml_text import toml_text
from clinics.models import InstrumentVersion, ThresholdSet
from clinics.selectors.instruments import definition_of, read_thresholds
from clinics.services import instruments

SEE, MANAGE = "clinics.view_instrument", "clinics.manage_instruments"
TONES = {"draft": "warn", "published": "ok", "retired": ""}


class UploadForm(forms.Form):
    """A definition to upload."""

    file = forms.FileField(
        label=_("Definition"),
        help_text=_("A TOML file of at most 256 kB. It is checked and proved by its own worked examples."),
        error_messages={"required": _("Choose a TOML file."), "empty": _("The file is empty. Choose another.")},
        widget=forms.FileInput(attrs={"accept": ".toml"}),
    )


class AdoptForm(forms.Form):
    """Which shipped instrument to adopt."""

    key = forms.CharField(max_length=60)
    version = forms.CharField(max_length=20)


class ThresholdForm(forms.Form):
    """A clinic's own thresholds: for each score the least value of basic competence and of proficiency."""

    label = forms.CharField(label=_("Name of the set"), max_length=60)
    source = forms.CharField(
        label=_("Where the values come from"), max_length=200, help_text=_("It is printed beside every band.")
    )

    def __init__(self, *args: Any, definition: Definition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scores = definition.scores
        for score in definition.scores:
            for level, name in (("fair", _("basic from")), ("good", _("proficient from"))):
                self.fields[f"{level}_{score.key}"] = forms.CharField(
                    label=f"{score.label}, {name}", required=False, max_length=20,
                    widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "w-4"}),
                )  # fmt: skip

    def rows(self) -> list[tuple[Score, Any, Any]]:
        """Return each score with its two inputs."""
        return [(score, self[f"fair_{score.key}"], self[f"good_{score.key}"]) for score in self.scores]

    def clean(self) -> dict[str, Any]:
        """Read every value as an exact number, in the units the score is shown in."""
        cleaned = dict(super().clean() or {})
        for score in self.scores:
            for level in ("fair", "good"):
                name = f"{level}_{score.key}"
                written = str(cleaned.get(name) or "").strip().removesuffix("%").strip()
                value = exact_number(written) if written else None
                if written and value is None:
                    self.add_error(name, _("Write a number, such as 40 or 3.5."))
                cleaned[name] = value / score.display.factor if value is not None else None
        return cleaned

    def thresholds(self) -> dict[str, tuple[Fraction | None, Fraction | None]]:
        """Return the values by score: (basic, proficient)."""
        return {
            score.key: (self.cleaned_data[f"fair_{score.key}"], self.cleaned_data[f"good_{score.key}"])
            for score in self.scores
        }


def instrument_list(request: Any, clinic_slug: str) -> HttpResponse:
    """List the clinic's instruments and the shipped ones it has not adopted; adopt one."""
    require(request.user, SEE)
    may_manage = request.user.may(MANAGE, request.clinic.pk)
    if request.method == "POST":
        require(request.user, MANAGE)
        return _adopt(request, clinic_slug)
    rows = list(InstrumentVersion.objects.permitted(request.user, SEE).defer("definition"))
    held = {(row.key, row.instrument_version) for row in rows}
    sets = dict(ThresholdSet.objects.filter(in_force=True).values_list("instrument_id", "label"))
    context = {
        "clinic": request.clinic,
        "rows": [(row, TONES[row.status], sets.get(row.pk, "")) for row in rows],
        "shipped": [one for names, one in catalogue.shipped().items() if names not in held],
        "may_manage": may_manage,
    }
    return TemplateResponse(request, "clinics/instrument_list.html", context)


def _adopt(request: Any, clinic_slug: str) -> HttpResponse:
    form = AdoptForm(request.POST)
    if form.is_valid():
        try:
            row = instruments.adopt_shipped(
                clinic=request.clinic, by=request.user, now=timezone.now(), **form.cleaned_data
            )
        except (catalogue.UnknownInstrument, instruments.AlreadyPublished) as error:
            messages.error(request, str(error))
        else:
            messages.success(request, gettext("%(name)s is in use.") % {"name": row})
    return redirect("instrument_list", clinic_slug)


def instrument_upload(request: Any, clinic_slug: str) -> HttpResponse:
    """Take a definition: kept as a draft when it is right, else every problem is listed."""
    require(request.user, MANAGE)
    form = UploadForm(request.POST or None, request.FILES or None)
    problems: tuple[Problem, ...] = ()
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            row = instruments.store_upload(
                clinic=request.clinic, source=file.read(LARGEST_FILE + 1), file_name=file.name, by=request.user,
                now=timezone.now(),
            )  # fmt: skip
        except DefinitionError as error:
            problems = error.problems
            form.add_error("file", gettext("The definition cannot be used yet. Mend what is listed below."))
        else:
            messages.success(
                request, gettext("%(name)s is kept as a draft. Look it over, then publish it.") % {"name": row}
            )
            return redirect("instrument_detail", clinic_slug, row.public_id)
    context = {"clinic": request.clinic, "form": form, "problems": problems}
    return TemplateResponse(request, "clinics/instrument_upload.html", context, status=422 if form.errors else 200)


@dataclass(frozen=True)
class ShownSet:
    """A threshold set as it is read: (score, basic, proficient) as text."""

    row: ThresholdSet
    rows: tuple[tuple[str, str, str], ...]


def instrument_detail(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Show what one version asks, scores and bands, and what can be done with it."""
    row: InstrumentVersion = find_permitted(InstrumentVersion, request.user, SEE, public_id=public_id)
    definition = definition_of(row)
    sets = ThresholdSet.objects.filter(instrument=row).order_by("-in_force", "id")
    context = {
        "clinic": request.clinic,
        "row": row,
        "tone": TONES[row.status],
        "definition": definition,
        "sets": [_shown_set(one, definition) for one in sets],
        "may_manage": request.user.may(MANAGE, request.clinic.pk),
    }
    return TemplateResponse(request, "clinics/instrument_detail.html", context)


def _shown_set(row: ThresholdSet, definition: Definition) -> ShownSet:
    shown = []
    for one in read_thresholds(row.thresholds):
        score = definition.score_by_key.get(one.score)
        if score is not None:
            shown.append((score.label, _written(score, one.fair), _written(score, one.good)))
    return ShownSet(row, tuple(shown))


def _written(score: Score, value: Fraction | None) -> str:
    if value is None:
        return ""
    display = score.display
    return display_text(value, places=display.dp, factor=display.factor, suffix=display.suffix)


def instrument_download(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Give a version as a TOML file, to begin a new version with."""
    row: InstrumentVersion = find_permitted(InstrumentVersion, request.user, SEE, public_id=public_id)
    name = f"{slugify(row.key) or 'instrument'}-{slugify(row.instrument_version.replace('.', '-'))}.toml"
    return HttpResponse(
        toml_text(row.definition),
        content_type="application/toml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Content-Security-Policy": "sandbox"},
    )


@require_POST
def instrument_publish(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Publish a draft for good."""
    row: InstrumentVersion = find_permitted(InstrumentVersion, request.user, MANAGE, view_perm=SEE, public_id=public_id)
    try:
        instruments.publish(instrument=row, by=request.user, now=timezone.now())
    except instruments.NotADraft as error:
        messages.error(request, str(error))
    else:
        messages.success(request, gettext("%(name)s is published. It never changes from now on.") % {"name": row})
    return redirect("instrument_detail", clinic_slug, row.public_id)


@require_POST
def instrument_retire(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Take a published version out of use."""
    row: InstrumentVersion = find_permitted(InstrumentVersion, request.user, MANAGE, view_perm=SEE, public_id=public_id)
    try:
        instruments.retire(instrument=row, by=request.user, now=timezone.now())
    except instruments.NotPublished as error:
        messages.error(request, str(error))
    else:
        messages.success(request, gettext("%(name)s is retired. What was coded with it stays.") % {"name": row})
    return redirect("instrument_detail", clinic_slug, row.public_id)


@require_POST
def instrument_discard(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Remove a draft."""
    row: InstrumentVersion = find_permitted(InstrumentVersion, request.user, MANAGE, view_perm=SEE, public_id=public_id)
    try:
        instruments.discard(instrument=row, by=request.user)
    except instruments.NotADraft as error:
        messages.error(request, str(error))
        return redirect("instrument_detail", clinic_slug, row.public_id)
    messages.success(request, gettext("The draft of %(name)s is removed.") % {"name": row})
    return redirect("instrument_list", clinic_slug)


def threshold_create(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Add a set of thresholds of the clinic's own to a published version."""
    row: InstrumentVersion = find_permitted(InstrumentVersion, request.user, MANAGE, view_perm=SEE, public_id=public_id)
    definition = definition_of(row)
    form = ThresholdForm(request.POST or None, definition=definition)
    if form.is_valid():
        label = form.cleaned_data["label"]
        try:
            instruments.add_threshold_set(
                instrument=row, key=slugify(label)[:60] or "set", label=label, source=form.cleaned_data["source"],
                thresholds=form.thresholds(), by=request.user,
            )  # fmt: skip
        except (instruments.NotPublished, instruments.BadThresholds) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, gettext("The set is kept. Put it in force to band scores from then on."))
            return redirect("instrument_detail", clinic_slug, row.public_id)
    context = {"clinic": request.clinic, "row": row, "form": form, "definition": definition}
    return TemplateResponse(request, "clinics/threshold_create.html", context, status=422 if form.errors else 200)


@require_POST
def threshold_in_force(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Let a set band scores from now on."""
    chosen: ThresholdSet = find_permitted(ThresholdSet, request.user, MANAGE, view_perm=SEE, public_id=public_id)
    instruments.put_in_force(threshold_set=chosen, by=request.user, now=timezone.now())
    messages.success(
        request, gettext("%(label)s bands scores from now on. Bands stored before stay.") % {"label": chosen.label}
    )
    return redirect("instrument_detail", clinic_slug, chosen.instrument.public_id)

"""Importing transcripts from the page: choose a file, follow the job, read the report, undo a batch."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinics import jobs, repeat
from clinics.access import NOT_HERE, find_permitted, require
from clinics.models import Job
from clinics.services.jobs import promise
from sessions.importing import mapping
from sessions.models import ImportBatch
from sessions.rules import import_report
from sessions.services import imports, uploads

RIGHT = "clinics.import_practice"
RECENT = 20


class ImportForm(repeat.OnceForm):
    """Which file, of what kind, and how strict."""

    source_format = forms.ChoiceField(label=_("Kind of file"), choices=[])
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV in UTF-8, at most 25 MB."),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty. Choose another.")},
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )
    dry_run = forms.BooleanField(label=_("Only check the file, and write nothing"), required=False)
    skip_bad_rows = forms.BooleanField(
        label=_("Leave out transcripts and codings that have errors, and import the rest"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(key, source.name) for key, source in mapping.sources().items()]
        self.fields["source_format"].choices = choices  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        """Refuse a file over the limit before it is read."""
        file = self.cleaned_data["file"]
        if file.size > uploads.LARGEST:
            raise forms.ValidationError(
                _("The file has %(size)s. Choose one of at most %(most)s, or use the command."),
                params={"size": filesizeformat(file.size), "most": filesizeformat(uploads.LARGEST)},
            )
        return file


def transcript_import(request: Any, clinic_slug: str) -> HttpResponse:
    """Take a file and promise its import; list the imports there were."""
    require(request.user, RIGHT)
    form = ImportForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            outcome = repeat.once(
                user=request.user,
                key=form.cleaned_data["repeat_key"],
                route="transcript_import",
                body=repeat.form_body(request.POST),
                act=lambda: _promise(request, form.cleaned_data),
            )
        except repeat.OtherBody as error:
            form.add_error(None, str(error))
        else:
            return redirect("import_detail", clinic_slug, outcome.object_id)
    batches = ImportBatch.objects.permitted(request.user, RIGHT).select_related("imported_by")[:RECENT]
    context = {"clinic": request.clinic, "form": form, "batches": batches, "may_practice": _may_practice(request)}
    return TemplateResponse(request, "sessions/transcript_import.html", context, status=422 if form.errors else 200)


def _promise(request: Any, data: dict[str, Any]) -> Job:
    upload = uploads.store_upload(
        clinic=request.clinic, chunks=data["file"].chunks(), file_name=data["file"].name,
        source_format=data["source_format"], by=request.user, now=timezone.now(),
    )  # fmt: skip
    source = mapping.find(data["source_format"])
    label = gettext("Check transcripts (%(kind)s)") if data["dry_run"] else gettext("Import transcripts (%(kind)s)")
    job = promise(
        kind=uploads.IMPORT_JOB, label=label % {"kind": source.name}, by=request.user,
        args={
            "upload": str(upload.public_id), "dry_run": data["dry_run"], "skip_bad_rows": data["skip_bad_rows"],
        },
    )  # fmt: skip
    jobs.send_soon(job)
    return job


def _may_practice(request: Any) -> bool:
    may: bool = request.user.may("clinics.view_practice", request.clinic.pk)
    return may


def import_detail(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Show how an import goes while it runs, and its report when it is done; also the report of a past batch."""
    require(request.user, RIGHT)
    batch, job = _find(request.user, public_id)
    report = batch.report if batch is not None else job.result if job is not None else {}
    if batch is None and report.get("batch"):
        batch = ImportBatch.objects.select_related("imported_by", "undone_by").filter(public_id=report["batch"]).first()
    context: dict[str, Any] = {
        "clinic": request.clinic, "batch": batch, "job": job, "public_id": public_id,
        "may_practice": _may_practice(request),
    }  # fmt: skip
    if job is not None and job.state == Job.State.NEW:
        done, total = jobs.progress_of(job)
        context |= {"done": done, "total": total, "running": True}
    elif job is not None and job.state == Job.State.DEAD:
        context["failed"] = jobs.refusal_sentence(job.last_error) or gettext(
            "It stopped after several tries. Nothing was imported. Choose the file again."
        )
    elif report:
        context |= {
            "report": report,
            "headline": import_report.headline(report),
            "counts": import_report.counts(report),
            "left_out": import_report.left_out(report) if report["outcome"] in ("imported", "checked") else [],
            "findings": [
                {**one, "place": import_report.place(one)} for one in report["findings"][: import_report.MOST_LISTED]
            ],
            "n_findings": report["errors"] + report["warnings"],
        }
    template = "sessions/_import_state.html" if request.htmx else "sessions/import_detail.html"
    return TemplateResponse(request, template, context)


def _find(user: Any, public_id: str) -> tuple[ImportBatch | None, Job | None]:
    """
    Return the batch, or the import job, with this id.

    :raises Http404: neither
    """
    try:
        key = uuid.UUID(public_id)
    except ValueError:
        raise Http404(NOT_HERE) from None
    batches = ImportBatch.objects.permitted(user, RIGHT).select_related("imported_by", "undone_by")
    batch = batches.filter(public_id=key).first()
    if batch is not None:
        return batch, None
    job = Job.objects.permitted(user, RIGHT).filter(kind=uploads.IMPORT_JOB, public_id=key).first()
    if job is None:
        raise Http404(NOT_HERE)
    return None, job


def import_undo(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Ask whether a batch shall be taken out, then take it out."""
    batch: ImportBatch = find_permitted(ImportBatch, request.user, RIGHT, public_id=public_id)
    refused = ""
    if request.method == "POST":
        try:
            imports.undo_import(batch=batch, by=request.user, now=timezone.now())
        except imports.CannotUndo as error:
            refused = str(error)
        else:
            messages.success(request, gettext("The import is undone. Its transcripts are out of the practice room."))
            return redirect("import_detail", clinic_slug, batch.public_id)
    context = {"clinic": request.clinic, "batch": batch, "refused": refused, "report": batch.report}
    return TemplateResponse(request, "sessions/import_undo.html", context, status=409 if refused else 200)

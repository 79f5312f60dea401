"""Doors for the worker: the kinds of jobs of this app."""

from typing import Any

from django.utils import timezone

from clinics.jobs import JobRefused, Progress, job_kind
from clinics.models import Clinic, Job
from sessions.importing import mapping
from sessions.importing.plan import make_plan
from sessions.models import ImportUpload
from sessions.services import imports, uploads


class UploadGone(JobRefused):
    """The file of an import is no longer here."""

    sentence = "The uploaded file is no longer here. Choose it again."


class InstrumentNotInUse(JobRefused):
    """The clinic does not use the instrument that the file's codes belong to."""

    sentence = "This clinic does not use the instrument of this file. Adopt it under Instruments, then import again."


@job_kind(uploads.IMPORT_JOB, queue="long", time_limit_s=600)
def import_transcripts(job: Job, progress: Progress) -> dict[str, Any]:
    """Import an uploaded file, or check it; the result is the report, and the upload is dropped."""
    upload = ImportUpload.objects.filter(public_id=job.args["upload"]).first()
    if upload is None:
        raise UploadGone
    plan = make_plan(
        mapping.find(upload.source_format), lambda: uploads.open_upload(upload), lambda rows: progress(rows)
    )
    try:
        report = imports.import_transcripts(
            clinic=Clinic.objects.get(pk=job.clinic_id),
            plan=plan,
            open_file=lambda: uploads.open_upload(upload),
            file_name=upload.file_name,
            by=job.made_by,
            now=timezone.now(),
            dry_run=job.args["dry_run"],
            skip_bad_rows=job.args["skip_bad_rows"],
            progress=progress,
        )
    except imports.NotAdopted as error:
        raise InstrumentNotInUse from error
    uploads.drop_upload(upload=upload)
    return report.as_json()

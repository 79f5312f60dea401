"""Pages of promised work: the list, one job, and trying a stopped one again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from clinics import jobs
from clinics.access import find_permitted, require
from clinics.jobs import MAX_ATTEMPTS
from clinics.models import Job
from clinics.models.trail import ClockTimestamp
from clinics.paging import page_or_404
from clinics.services import jobs as job_services

RIGHT = "clinics.view_job"
ORDER = ("-id",)
ALONE: Final = "alone"
FILTERS: Final = {
    "": (_("All"), Q()),
    "open": (_("Waiting or running"), Q(state=Job.State.NEW)),
    "stopped": (_("Stopped"), Q(state=Job.State.DEAD)),
}
REASONS: Final = {
    job_services.WORKER_LOST: _("The program that did it was ended in the middle."),
    "SoftTimeLimitExceeded": _("It took longer than it may."),
    "UnknownKind": _("This version of Evoke does not know this kind of work."),
    "OperationalError": _("The database did not answer, or was too slow."),
    "CannotDecrypt": _("A text could not be opened with the keys at hand."),
}


@dataclass(frozen=True)
class JobRow:
    """One job as the list shows it. `poll_url` is empty when there is nothing to wait for."""

    id: str
    label: str
    state: str
    state_label: str
    detail: str
    done: int
    total: int | None
    url: str
    poll_url: str


@never_cache
def job_list(request: Any, clinic_slug: str) -> HttpResponse:
    """List the clinic's jobs, newest first."""
    require(request.user, RIGHT)
    chosen = request.GET.get("show", "")
    chosen = chosen if chosen in FILTERS else ""
    found = _with_clock(Job.objects.permitted(request.user, RIGHT)).filter(FILTERS[chosen][1])
    page = page_or_404(request, found, ORDER)
    context = {
        "rows": [row_of(job, clinic_slug) for job in page.rows],
        "urls": page.urls(request),
        "choices": [(key, label, key == chosen) for key, (label, _condition) in FILTERS.items()],
        "chosen": chosen,
    }
    return TemplateResponse(request, "clinics/job_list.html", context)


@never_cache
def job_detail(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Show one job; to a poll of its row, only the row, without a trigger once there is nothing to wait for."""
    job = _found(request, public_id)
    if request.htmx:
        row = row_of(job, clinic_slug, alone=ALONE in request.GET)
        return TemplateResponse(request, "clinics/job_row.html", {"row": row})
    row = row_of(job, clinic_slug, alone=True)
    context = {
        "job": job,
        "row": row,
        "reason": reason_in_words(job.last_error),
        "result": [(key.replace("_", " "), value) for key, value in job.result.items() if _is_plain(value)],
        "max_attempts": MAX_ATTEMPTS,
    }
    return TemplateResponse(request, "clinics/job_detail.html", context)


@require_POST
def job_retry(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Try a stopped job again."""
    job = _found(request, public_id)
    try:
        jobs.send_soon(job_services.try_again(job=job, by=request.user))
    except job_services.NotStopped as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, gettext("The job will be tried again now."))
    return redirect("job_detail", clinic_slug, public_id)


def _found(request: Any, public_id: str) -> Job:
    job = find_permitted(Job, request.user, RIGHT, public_id=public_id)
    return _with_clock(Job.objects.filter(pk=job.pk)).select_related("made_by").get()


def _with_clock(rows: QuerySet[Job]) -> QuerySet[Job]:
    """Add to each job whether it is due, by the database's clock."""
    return rows.annotate(is_due=ExpressionWrapper(Q(not_before__lte=ClockTimestamp()), output_field=BooleanField()))


def row_of(job: Any, clinic_slug: str, *, alone: bool = False) -> JobRow:
    """
    Return how the list shows a job that was read with its `is_due`.

    alone   it stands on the job's own page, so it has no link to it, also when it comes back from a poll
    """
    done, total = jobs.progress_of(job)
    state, label, detail = _state_in_words(job, done, total)
    url = reverse("job_detail", args=[clinic_slug, job.public_id])
    asks = state == "running" or (state == "queued" and job.is_due)
    poll_url = (f"{url}?{ALONE}=1" if alone else url) if asks else ""
    return JobRow(f"job-{job.public_id}", job.label, state, label, detail, done, total, "" if alone else url, poll_url)


def _state_in_words(job: Any, done: int, total: int | None) -> tuple[str, str, str]:
    """Return (state of the component, state in words, what more there is to say)."""
    if job.state == Job.State.DONE:
        return "done", gettext("Done %(when)s") % {"when": _when(job.finished_at)}, ""
    if job.state == Job.State.DEAD:
        label = ngettext("Stopped after %(n)d try", "Stopped after %(n)d tries", job.attempts) % {"n": job.attempts}
        return "failed", label, reason_in_words(job.last_error)
    if job.attempts == 0:
        return "queued", gettext("Waiting"), ""
    if job.is_due:
        return "queued", gettext("Waiting to be taken up again"), reason_in_words(job.last_error)
    if job.last_error:
        label = gettext("Trying again %(when)s") % {"when": _when(job.not_before)}
        return "queued", label, reason_in_words(job.last_error)
    if total:
        detail = gettext("%(done)s of %(total)s") % {"done": f"{done:,}", "total": f"{total:,}"}
        return "running", gettext("Running"), detail
    return "running", gettext("Running"), ""


def reason_in_words(reason: str) -> str:
    """Return why a job failed as a sentence, from the class and SQLSTATE that it keeps; empty for no reason."""
    if not reason:
        return ""
    sentence = jobs.refusal_sentence(reason) or REASONS.get(reason.split()[0])
    if sentence:
        return str(sentence)
    return gettext("Something went wrong inside Evoke (%(reason)s). Nothing half-done was kept.") % {"reason": reason}


def _when(at: datetime) -> str:
    return date_format(localtime(at), "M j, g:i a")


def _is_plain(value: Any) -> bool:
    return isinstance(value, int | str) and value != ""

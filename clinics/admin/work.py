"""Promised work of the clinic."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from clinics import jobs
from clinics.admin_lists import choice_filter, column
from clinics.admin_rows import ClinicRows, verb
from clinics.admin_site import clinic_site
from clinics.models import Job
from clinics.services import jobs as job_services


@admin.register(Job, site=clinic_site)
class JobRows(ClinicRows):
    """Promised work."""

    address, section, heading, right = "jobs", "work", _("Jobs"), "view_job"
    links = ((_("Watch progress"), "job_list"),)
    list_display = (
        column("label", _("Job")),
        "kind",
        "state",
        "attempts",
        "reason",
        column("made_by", _("Asked by")),
        column("created_at", _("Asked")),
        column("finished_at", _("Finished")),
    )
    list_filter = (choice_filter("state", _("state"), Job.State.choices),)
    search_fields = ("label", "kind")
    ordering = ("-id",)
    related = ("made_by",)
    verbs = ("try_again",)
    refusals = (job_services.NotStopped, jobs.UnknownKind)

    @admin.display(description=_("Reason it stopped"))
    def reason(self, obj: Any) -> str:
        """Return the sentence of a refusal, or the class of the error."""
        return jobs.refusal_sentence(obj.last_error) or obj.last_error or "–"

    def name_of(self, row: Any) -> str:
        return str(row.label)

    @verb(_("Try again"))
    def try_again(self, request: Any, row: Job) -> None:
        """Give a job that has stopped a fresh set of attempts."""
        jobs.send_soon(job_services.try_again(job=row, by=request.user))

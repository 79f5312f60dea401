"""The operational face of the way to admission: dates, states, staff. What was found, said and why is not here."""

from django.utils.translation import gettext_lazy as _

from clients.models import Admission, AdmissionDecision, Assessment, WaitlistEntry
from clients.rules import intake
from clinics.admin_lists import choice_filter, column
from clinics.admin_rows import ClinicRows
from clinics.admin_site import clinic_site

RIGHT = "view_inquiry"
LEAD = _("Dates, states and staff. Names and words stand on the pages of those who work with the person.")


class AssessmentRows(ClinicRows):
    """Assessments: whether they are signed, by whom."""

    address, section, heading, right, lead = "assessments", "care", _("Assessments"), RIGHT, LEAD
    list_display = (
        column("created_at", _("Begun")),
        column("state", _("State")),
        column("assessor", _("Assessor")),
        column("signed_at", _("Signed")),
    )
    list_filter = (choice_filter("state", _("state"), Assessment.State.choices),)
    ordering = ("-id",)
    related = ("assessor",)


class DecisionRows(ClinicRows):
    """Decisions: what, by whom, when."""

    address, section, heading, right, lead = "decisions", "care", _("Decisions"), RIGHT, LEAD
    list_display = (
        column("decided_at", _("Decided")),
        column("outcome", _("Outcome")),
        column("level_of_care", _("Level of care")),
        column("program", _("Program")),
        column("decided_by", _("Decided by")),
    )
    list_filter = (choice_filter("outcome", _("outcome"), AdmissionDecision.Outcome.choices),)
    ordering = ("-id",)
    related = ("program", "decided_by")


class WaitingRows(ClinicRows):
    """The waiting list: since when, how it ended."""

    address, section, heading, right, lead = "waiting", "care", _("Waiting list"), RIGHT, LEAD
    list_display = (
        column("since", _("Since")),
        column("priority", _("Priority")),
        column("level_of_care", _("Level of care")),
        column("program", _("Program")),
        column("last_check_at", _("Last asked")),
        column("ended", _("Ended")),
        column("ended_at", _("Ended at")),
    )
    list_filter = (choice_filter("level_of_care", _("level of care"), intake.LEVELS),)
    ordering = ("-id",)
    related = ("program",)


class AdmissionRows(ClinicRows):
    """Admissions: when, to whom, how long somebody had waited, whether it was taken back."""

    address, section, heading, right, lead = "admissions", "care", _("Admissions"), RIGHT, LEAD
    list_display = (
        column("admitted_at", _("Admitted")),
        column("therapist", _("Therapist")),
        column("admitted_by", _("Admitted by")),
        column("identity_check", _("Identity")),
        column("days_waited", _("Days waited")),
        column("undone_at", _("Taken back")),
    )
    list_filter = (choice_filter("identity_check", _("identity"), Admission.IdentityCheck.choices),)
    ordering = ("-id",)
    related = ("therapist", "admitted_by")


clinic_site.register(Assessment, AssessmentRows)
clinic_site.register(AdmissionDecision, DecisionRows)
clinic_site.register(WaitlistEntry, WaitingRows)
clinic_site.register(Admission, AdmissionRows)

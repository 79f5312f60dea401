"""The operational face of treatment plans: states, dates and staff. What a plan says is not here."""

from django.utils.translation import gettext_lazy as _

from clients.models import BlockDecision, PlanReview, PlanVersion
from clients.rules import plan_words
from clinics.admin_lists import choice_filter, column
from clinics.admin_rows import ClinicRows
from clinics.admin_site import clinic_site

RIGHT = "view_inquiry"
LEAD = _("States, dates and staff. Names and words stand on the pages of those who work with the person.")


class PlanVersionRows(ClinicRows):
    """Versions of treatment plans: how they stand, who wrote them, and since when they are in force."""

    address, section, heading, right, lead = "plan-versions", "care", _("Treatment plans"), RIGHT, LEAD
    list_display = (
        column("created_at", _("Begun")),
        column("number", _("Version")),
        column("state", _("State")),
        column("author", _("Author")),
        column("submitted_at", _("Signed by the author")),
        column("activated_at", _("In force since")),
        column("ended_at", _("Until")),
    )
    list_filter = (choice_filter("state", _("state"), plan_words.STATES),)
    ordering = ("-id",)
    related = ("author",)


class PlanReviewRows(ClinicRows):
    """Looks back at plans: when they are due, when and by whom they were held."""

    address, section, heading, right, lead = "plan-reviews", "care", _("Plan reviews"), RIGHT, LEAD
    list_display = (
        column("due_on", _("Due")),
        column("held_on", _("Held")),
        column("held_by", _("Held by")),
    )
    ordering = ("-id",)
    related = ("held_by",)


class BlockDecisionRows(ClinicRows):
    """What was chosen at the end of blocks of MI sessions: when, by whom, how many sessions more."""

    address, section, heading, right, lead = "block-decisions", "care", _("Blocks of MI sessions"), RIGHT, LEAD
    list_display = (
        column("decided_at", _("Chosen")),
        column("decision", _("What comes next")),
        column("sessions", _("Sessions more")),
        column("decided_by", _("Chosen by")),
    )
    list_filter = (choice_filter("decision", _("decision"), BlockDecision.Decision.choices),)
    ordering = ("-id",)
    related = ("decided_by",)


clinic_site.register(PlanVersion, PlanVersionRows)
clinic_site.register(PlanReview, PlanReviewRows)
clinic_site.register(BlockDecision, BlockDecisionRows)

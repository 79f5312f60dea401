"""The operational face of working out a change: kinds, dates and staff. What was said is not here."""

from django.utils.translation import gettext_lazy as _

from clients.models import ChangeReason, Exercise, Strength
from clients.rules import strength_words
from clinics.admin_lists import choice_filter, column
from clinics.admin_rows import ClinicRows
from clinics.admin_site import clinic_site

RIGHT = "view_inquiry"
LEAD = _("Kinds, dates and staff. Names and words stand on the pages of those who work with the person.")


class ExerciseRows(ClinicRows):
    """Revisions of exercises: which, when and by whom they were written."""

    address, section, heading, right, lead = "exercises", "care", _("Exercises"), RIGHT, LEAD
    list_display = (
        column("made_at", _("Written")),
        column("kind", _("Exercise")),
        column("revision", _("Revision")),
        column("made_by", _("Written with")),
    )
    list_filter = (choice_filter("kind", _("exercise"), strength_words.EXERCISES),)
    ordering = ("-id",)
    related = ("made_by",)


class ReasonRows(ClinicRows):
    """Reasons for a change: when and by whom they were written down, and whether they were let go."""

    address, section, heading, right, lead = "reasons", "care", _("Reasons for a change"), RIGHT, LEAD
    list_display = (
        column("made_at", _("Written down")),
        column("made_by", _("Written down by")),
        column("ended_at", _("Let go")),
    )
    ordering = ("-id",)
    related = ("made_by",)


class StrengthRows(ClinicRows):
    """Strengths, successes, affirmations and milestones: of what kind, when and by whom they were written down."""

    address, section, heading, right, lead = "strengths", "care", _("Strengths and wins"), RIGHT, LEAD
    list_display = (
        column("made_at", _("Written down")),
        column("kind", _("Kind")),
        column("made_by", _("Written down by")),
        column("ended_at", _("Let go")),
    )
    list_filter = (choice_filter("kind", _("kind"), strength_words.STRENGTHS),)
    ordering = ("-id",)
    related = ("made_by",)


clinic_site.register(Exercise, ExerciseRows)
clinic_site.register(ChangeReason, ReasonRows)
clinic_site.register(Strength, StrengthRows)

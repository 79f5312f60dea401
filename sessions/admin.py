"""The operational face of sessions and of imports: dates, status, staff and counts. Never a word of them."""

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from clinics.admin_lists import choice_filter, column
from clinics.admin_rows import ClinicRows
from clinics.admin_site import clinic_site
from sessions.models import ImportBatch, ProgressNote, TherapySession


@admin.register(TherapySession, site=clinic_site)
class SessionRows(ClinicRows):
    """Sessions that took place, and whether their note is signed."""

    address, section, heading, right = "sessions", "care", _("Sessions"), "correct_appointment"
    list_display = (
        column("service_on", _("Day")),
        column("client", _("Record")),
        "therapist",
        column("session_format", _("Format")),
        column("duration_min", _("Minutes")),
        "note",
    )
    list_filter = (choice_filter("session_format", _("format"), TherapySession.Format.choices),)
    search_fields = ("^client__reference", "therapist__name")
    search_help_text = _("A record number, such as RB-2041, or a therapist's name.")
    ordering = ("-service_on", "-id")
    related = ("client", "therapist")
    shows = ("service_on",)

    def get_queryset(self, request: Any) -> Any:
        notes = ProgressNote.objects.filter(session_id=OuterRef("pk")).values("state")[:1]
        return super().get_queryset(request).annotate(note_state=Subquery(notes))

    @admin.display(description=_("Progress note"))
    def note(self, obj: Any) -> str:
        """Return how far the note is, never what it says."""
        return str(ProgressNote.State(obj.note_state).label) if obj.note_state else "–"


@admin.register(ImportBatch, site=clinic_site)
class ImportRows(ClinicRows):
    """Files that were imported into the practice room."""

    address, section, heading, right = "imports", "work", _("Imports"), "import_practice"
    list_display = (
        column("file_name", _("File")),
        column("source_format", _("Format")),
        column("rows_read", _("Rows read")),
        column("rows_skipped", _("Skipped")),
        column("imported_by", _("By")),
        column("imported_at", _("Imported")),
        column("undone_at", _("Undone")),
    )
    search_fields = ("file_name",)
    ordering = ("-id",)
    related = ("imported_by",)

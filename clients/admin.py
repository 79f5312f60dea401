"""
The operational face of care, and the trail: references, dates, status and staff. Never a name, never a narrative.

The trail stands here because it is searched by the record number of a person in care.
"""

import json
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clients import (
    admission_admin,  # noqa: F401 - its pages register themselves
    exercise_admin,  # noqa: F401 - the same
    mandate_admin,  # noqa: F401 - the same
    measure_admin,  # noqa: F401 - the same
    payer_admin,  # noqa: F401 - the same
    plan_admin,  # noqa: F401 - the same
    referral_admin,  # noqa: F401 - the same
    relapse_admin,  # noqa: F401 - the same
)
from clients.models import Appointment, CaseloadAssignment, Client, Episode, Inquiry, Shift, Task, WorkingHours
from clients.models.appointments import Attendance
from clients.models.inquiries import STATUSES
from clients.rules import intake, triage
from clients.rules.attendance import NotYet
from clients.services import appointments, reassigning
from clients.services.caseload import NotATherapist
from clinics.admin.choices import PEOPLE_HERE, InForce, PersonField, working_as
from clinics.admin_lists import OneOf, choice_filter, column
from clinics.admin_rows import ClinicRows
from clinics.admin_site import clinic_site
from clinics.models import AuditEvent, User
from clinics.models.people import in_force
from clinics.roles import Role
from clinics.versions import VersionedForm


class ReassignForm(forms.Form):
    """Who takes a person over, from whom, and why."""

    to = PersonField(working_as(Role.THERAPIST), required=False, label=_("Put on the caseload of"))
    off = PersonField(User.objects.none(), required=False, label=_("Take off the caseload of"))
    reason = forms.CharField(
        max_length=120, label=_("Reason"), help_text=_("Of the clinic, such as leave. Nothing about the person.")
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a form that changes nothing."""
        values: dict[str, Any] = super().clean() or {}
        if not self.errors and values.get("to") == values.get("off"):
            raise forms.ValidationError(_("Choose who takes the person over, whose caseload they leave, or both."))
        return values


@admin.register(Client, site=clinic_site)
class ClientRows(ClinicRows):
    """People in care by record number, and whose caseload they are on."""

    address, section, heading, right = "caseload", "care", _("Caseload"), "reassign_client"
    lead = _("By record number. Names stand on the pages of those who work with the person.")
    list_display = (column("reference", _("Record")), "programs", "therapists", column("created_at", _("Since")))
    search_fields = ("^reference",)
    search_help_text = _("A record number, such as RB-2041.")
    ordering = ("-id",)
    change_form, changed = ReassignForm, _("The caseload is changed.")
    refusals = (reassigning.NobodyLeft, NotATherapist)

    def get_queryset(self, request: Any) -> Any:
        open_in = Episode.objects.filter(client_id=OuterRef("pk"), status=Episode.Status.OPEN)
        held = CaseloadAssignment.objects.filter(in_force(), client_id=OuterRef("pk"))
        return (
            super()
            .get_queryset(request)
            .filter(merged_into=None)
            .annotate(
                open_in=ArraySubquery(open_in.order_by("program__name").values("program__name")),
                held_by=ArraySubquery(held.order_by("user__name").values("user__name")),
            )
        )

    @admin.display(description=_("Programs"))
    def programs(self, obj: Any) -> str:
        """Return the programs in which the person has an open episode."""
        return ", ".join(obj.open_in) or gettext("None")

    @admin.display(description=_("Therapists"))
    def therapists(self, obj: Any) -> str:
        """Return whose caseload the person is on now."""
        return ", ".join(obj.held_by) or gettext("Nobody")

    def facts(self, row: Any) -> list[tuple[Any, Any]]:
        return [(_("Programs"), self.programs(row)), (_("Therapists"), self.therapists(row))]

    def make_form(self, form_class: Any, row: Any, **options: Any) -> Any:
        form = form_class(**options)
        off: Any = form.fields["off"]
        held = CaseloadAssignment.objects.filter(in_force(), client_id=row.pk)
        off.queryset = User.objects.filter(pk__in=held.values("user_id")).order_by("name", "email")
        return form

    def change(self, request: Any, row: Client, **values: Any) -> None:
        reassigning.reassign(client=row, by=request.user, **values)


@admin.register(Episode, site=clinic_site)
class EpisodeRows(ClinicRows):
    """Episodes of care."""

    address, section, heading, right = "episodes", "care", _("Episodes"), "reassign_client"
    list_display = (
        column("client", _("Record")),
        "program",
        "status",
        column("admitted_on", _("Admitted")),
        column("closed_on", _("Closed")),
    )
    list_filter = (choice_filter("status", _("status"), Episode.Status.choices),)
    search_fields = ("^client__reference",)
    search_help_text = ClientRows.search_help_text
    ordering = ("-admitted_on", "-id")
    related = ("client", "program")
    shows = ("admitted_on", "closed_on")


class AttendanceForm(VersionedForm):
    """What an appointment came to."""

    attendance = forms.ChoiceField(choices=Attendance.choices, label=_("Attendance"))


class Recorded(OneOf):
    """Appointments by attendance; those that nobody recorded are one more kind."""

    title = _("attendance")
    parameter_name = "attendance"

    def lookups(self, request: Any, model_admin: Any) -> Any:
        return (("none", _("Not recorded")), *Attendance.choices)

    def queryset(self, request: Any, queryset: Any) -> Any:
        value = self.value()
        return queryset if value is None else queryset.filter(attendance="" if value == "none" else value)


@admin.register(Appointment, site=clinic_site)
class AppointmentRows(ClinicRows):
    """Appointments, whose attendance can be corrected here."""

    address, section, heading, right = "appointments", "care", _("Appointments"), "correct_appointment"
    list_display = (
        column("starts_at", _("Start")),
        column("client", _("Record")),
        "therapist",
        "kind",
        column("duration_min", _("Minutes")),
        column("attendance", _("Attendance")),
    )
    list_filter = (Recorded, choice_filter("kind", _("kind"), Appointment.Kind.choices))
    search_fields = ("^client__reference", "therapist__name")
    search_help_text = _("A record number, such as RB-2041, or a therapist's name.")
    ordering = ("-starts_at", "-id")
    related = ("client", "therapist")
    shows = ("starts_at", "service_on")
    change_form, changed = AttendanceForm, _("The attendance is corrected.")
    refusals = (NotYet, appointments.SessionIsRecorded)

    def facts(self, row: Any) -> list[tuple[Any, Any]]:
        return [
            (_("Record"), row.client.reference),
            (_("Start"), timezone.localtime(row.starts_at)),
            (_("Minutes"), row.duration_min),
            (_("Kind"), row.get_kind_display()),
            (_("Therapist"), row.therapist.name),
        ]

    def name_of(self, row: Any) -> str:
        return gettext("Appointment of %(reference)s") % {"reference": row.client.reference}

    def initial(self, row: Any) -> dict[str, Any]:
        return {"attendance": row.attendance, "version": row.version}

    def change(self, request: Any, row: Appointment, **values: Any) -> None:
        appointments.record_attendance(appointment=row, by=request.user, now=timezone.now(), **values)


@admin.register(Inquiry, site=clinic_site)
class InquiryRows(ClinicRows):
    """Requests for care: when, how, where they stand and who took them. Who called and what they said is not here."""

    address, section, heading, right = "inquiries", "care", _("Inquiries"), "view_inquiry"
    lead = _("Dates, status and staff. Names and words stand on the pages of those who work with the person.")
    list_display = (
        column("received_at", _("Received")),
        column("channel", _("Channel")),
        column("campaign", _("Brought by")),
        column("status", _("Status")),
        column("status_at", _("Since")),
        column("triage", _("Urgency chosen")),
        column("first_attempt_at", _("First attempt")),
        column("taken_by", _("Taken by")),
        column("crisis_hold", _("Held for safety"), boolean=True),
    )
    list_filter = (
        choice_filter("status", _("status"), STATUSES),
        choice_filter("channel", _("channel"), intake.CHANNELS),
        choice_filter("triage", _("urgency"), triage.CHOICES),
    )
    ordering = ("-received_at", "-id")
    related = ("taken_by",)


class Owed(OneOf):
    """Tasks that are open, and those that are done."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: Any, model_admin: Any) -> Any:
        return (("open", _("Open")), ("done", _("Done")))

    def queryset(self, request: Any, queryset: Any) -> Any:
        value = self.value()
        return queryset if value is None else queryset.filter(done_at__isnull=value == "open")


@admin.register(Task, site=clinic_site)
class TaskRows(ClinicRows):
    """What is owed by when, and how far it was passed on. Why it was put off is not here."""

    address, section, heading, right = "tasks", "care", _("Tasks"), "view_inquiry"
    list_display = (
        column("due_at", _("Due")),
        column("kind", _("Kind")),
        column("owner", _("Owner")),
        column("role", _("Role")),
        column("escalated", _("Passed on")),
        column("snoozed_until", _("Put off until")),
        column("done_at", _("Done")),
    )
    list_filter = (Owed, choice_filter("kind", _("kind"), Task.Kind.choices))
    ordering = ("-due_at", "-id")
    related = ("owner",)


@admin.register(WorkingHours, site=clinic_site)
class HoursRows(ClinicRows):
    """When therapists can be booked, from which day to which."""

    address, section, heading, right = "hours", "people", _("Working hours"), "manage_people"
    lead = _("They are set in the calendar, by the therapist, a supervisor or the coordinator.")
    list_display = (
        column("user", _("Therapist")),
        "day",
        column("starts", _("From")),
        column("ends", _("To")),
        column("from_on", _("Since")),
        column("until_on", _("Last day")),
    )
    list_filter = (choice_filter("weekday", _("day"), [(str(day), name) for day, name in WEEKDAYS.items()]),)
    search_fields = ("user__name",)
    search_help_text = _("A name of somebody who works here.")
    ordering = ("user__name", "weekday", "starts", "id")
    related = ("user",)

    @admin.display(description=_("Day"), ordering="weekday")
    def day(self, obj: Any) -> str:
        """Return the name of the weekday."""
        return str(WEEKDAYS[obj.weekday])


@admin.register(Shift, site=clinic_site)
class ShiftRows(ClinicRows):
    """Who is and was on call."""

    address, section, heading, right = "shifts", "people", _("Shifts on call"), "manage_people"
    lead = _("They are planned on the roster, by the coordinator or a supervisor.")
    list_display = (
        column("user", _("On call")),
        column("starts_at", _("From")),
        column("ends_at", _("Until")),
        column("created_by", _("Planned by")),
        column("created_at", _("Planned")),
    )
    list_filter = (InForce,)
    search_fields = ("user__name",)
    search_help_text = HoursRows.search_help_text
    ordering = ("-starts_at", "-id")
    related = ("user", "created_by")


# --- the trail ----------------------------------------------------------------------------------------------------


MOST_DETAIL = 300


@admin.register(AuditEvent, site=clinic_site)
class AuditRows(ClinicRows):
    """Who saw and did what, newest first. Nothing can be added, changed or removed."""

    address, section, heading, right = "trail", "trail", _("Trail"), "view_audit"
    lead = _("References only. Looking at this page is recorded too.")
    list_display = (
        "at",
        column("actor", _("Who")),
        "role",
        "action",
        "record",
        "purpose",
        "about",
        "more",
        column("request_id", _("Request")),
    )
    search_fields = ("action",)
    search_help_text = _(
        "An action such as note.signed, a record number such as RB-2041, an id, or a name of somebody who works here."
    )
    ordering = ("-id",)
    sortable_by = ()
    related = ("actor",)

    def get_queryset(self, request: Any) -> Any:
        named = Client.objects.filter(pk=OuterRef("client_ref")).values("reference")
        return super().get_queryset(request).annotate(reference=Subquery(named))

    @admin.display(description=_("Record"))
    def record(self, obj: Any) -> str:
        """Return the record number of the person in care."""
        return obj.reference or "–"

    @admin.display(description=_("About"))
    def about(self, obj: Any) -> str:
        """Return which row it happened to."""
        return f"{obj.object_type} {obj.object_id}".strip() or "–"

    @admin.display(description=_("Detail"))
    def more(self, obj: Any) -> str:
        """Return the references that the event carries; of a list of clients how many they were."""
        detail = {key: value for key, value in obj.detail.items() if key != "client_ids"}
        return json.dumps(detail, ensure_ascii=False, sort_keys=True)[:MOST_DETAIL] if detail else "–"

    def get_search_results(self, request: Any, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Read the search as an id, a record number, an action or a name, and ask by the index that it has."""
        term = search_term.strip()
        if not term:
            return queryset, False
        try:
            return queryset.filter(Q(request_id=UUID(term)) | Q(object_id=str(UUID(term)))), False
        except ValueError:
            client = Client.objects.filter(reference__iexact=term).first()
        if client is not None:
            return queryset.filter(client_ref__in=client.record_keys), False
        people = PEOPLE_HERE.filter(Q(name__icontains=term) | Q(email__iexact=term))
        return queryset.filter(Q(action__startswith=term.lower()) | Q(actor__in=people.order_by().values("pk"))), False

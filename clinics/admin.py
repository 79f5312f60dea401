"""
What an administrator sees to at a clinic: people and their roles, programs, instruments, tokens, jobs.

E-mail address, password and second factor are a person's own: nothing here changes them.
"""

from typing import Any

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin
from django.db.models import Exists, OuterRef, Prefetch
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinics import jobs
from clinics.admin_rows import ClinicRows, OneOf, choice_filter, column, verb
from clinics.admin_site import clinic_site
from clinics.models import (
    ApiToken,
    InstrumentVersion,
    Invitation,
    Job,
    Membership,
    Program,
    Supervision,
    ThresholdSet,
    User,
)
from clinics.models.people import in_force
from clinics.repeat import OnceForm
from clinics.roles import ROLE_LABELS, Role
from clinics.second_factor import FACTORS
from clinics.services import instruments, invitations, people, programs, tokens
from clinics.services import jobs as job_services
from clinics.tenancy import ActiveClinicId

ROLES = [(role.value, ROLE_LABELS[role]) for role in Role]
# Of the entered clinic; looked up when a page asks, so that they may be declared once.
MEMBERSHIPS_HERE = Membership.objects.filter(clinic_id=ActiveClinicId())
PEOPLE_HERE = User.objects.filter(pk__in=MEMBERSHIPS_HERE.values("user_id")).order_by("name", "email")


def working_as(role: Role) -> Any:
    """Return the people who work at the entered clinic in a role now, as a queryset that is asked later."""
    held = MEMBERSHIPS_HERE.filter(in_force(), role=role)
    return User.objects.filter(is_active=True, pk__in=held.values("user_id")).order_by("name", "email")


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A choice among people of the entered clinic, by public id, with the address that tells namesakes apart."""

    def __init__(self, queryset: Any, **options: Any) -> None:
        super().__init__(queryset, to_field_name="public_id", **options)

    def label_from_instance(self, obj: Any) -> str:
        """Return name and address."""
        return f"{obj.name} · {obj.email}"


class InForce(OneOf):
    """Dated rows: those in force now by the database's clock, or those that have ended."""

    title = _("time")
    parameter_name = "time"

    def lookups(self, request: Any, model_admin: Any) -> Any:
        return (("now", _("In force")), ("ended", _("Ended")))

    def queryset(self, request: Any, queryset: Any) -> Any:
        if self.value() is None:
            return queryset
        return queryset.filter(in_force()) if self.value() == "now" else queryset.exclude(in_force())


# --- people -------------------------------------------------------------------------------------------------------


@admin.register(User, site=clinic_site)
class PersonRows(ClinicRows):
    """The people of the clinic, as they are known to it."""

    address, section, heading, right = "people", "people", _("People"), "manage_people"
    lead = _("Name, e-mail address, password and second factor are each person's own. Invite people to add them.")
    list_display = (
        "name",
        column("credentials", _("Credentials")),
        column("email", _("E-mail address")),
        "roles_here",
        "second_factor",
        column("is_active", _("Account open"), boolean=True),
    )
    search_fields = ("name", "email")
    ordering = ("name", "email")

    def get_queryset(self, request: Any) -> Any:
        """Return the people who work or worked here; their roles at other clinics are not read."""
        now = MEMBERSHIPS_HERE.filter(in_force()).order_by("role")
        factors = Authenticator.objects.filter(user=OuterRef("pk"), type__in=FACTORS)
        return (
            PEOPLE_HERE.annotate(with_factor=Exists(factors))
            .defer("password")
            .prefetch_related(Prefetch("memberships", now, to_attr="held_here"))
        )

    @admin.display(description=_("Roles now"))
    def roles_here(self, obj: Any) -> str:
        """Return the roles that the person holds here now."""
        return ", ".join(ROLE_LABELS[Role(one.role)] for one in obj.held_here) or gettext("None")

    @admin.display(description=_("Second factor"), boolean=True)
    def second_factor(self, obj: Any) -> bool:
        """Tell whether the person has set one up."""
        return bool(obj.with_factor)


class MembershipForm(OnceForm):
    """Who gets which role, and why."""

    user = PersonField(PEOPLE_HERE, label=_("Person"), help_text=_("Somebody new joins by an invitation."))
    role = forms.ChoiceField(choices=ROLES, label=_("Role"))
    reason = forms.CharField(max_length=200, required=False, label=_("Reason"))


@admin.register(Membership, site=clinic_site)
class MembershipRows(ClinicRows):
    """Who holds which role, from when to when."""

    address, section, heading, right = "memberships", "people", _("Roles"), "manage_people"
    lead = _("Ending a role takes effect at the person's next request. Nothing is removed.")
    list_display = (
        column("user", _("Person")),
        "role",
        column("starts_at", _("From")),
        column("ends_at", _("Until")),
        column("reason", _("Reason")),
        column("added_by", _("Given by")),
    )
    list_filter = (InForce, choice_filter("role", _("role"), ROLES))
    search_fields = ("user__name", "user__email")
    ordering = ("user__name", "role", "-starts_at")
    related = ("user", "added_by", "clinic")
    verbs = ("end",)
    add_form, add_label, added = MembershipForm, _("Give a role"), _("The role is given.")
    asks_again = True
    refusals = (people.LastAdministrator,)

    def get_queryset(self, request: Any) -> Any:
        return MEMBERSHIPS_HERE.select_related(*self.related)

    def name_of(self, row: Any) -> str:
        return f"{row.user.name}, {row.get_role_display()}"

    def add(self, request: Any, **values: Any) -> Membership:
        return people.add_member(
            clinic=request.clinic, user=values["user"], role=Role(values["role"]), by=request.user,
            reason=values["reason"],
        )  # fmt: skip

    @verb(_("End the role now"), again=True)
    def end(self, request: Any, row: Membership) -> None:
        """End a role."""
        people.end_membership(membership=row, by=request.user, now=timezone.now())


class InvitationForm(OnceForm):
    """Whom to invite, and as what."""

    email = forms.EmailField(label=_("E-mail address"))
    name = forms.CharField(max_length=120, label=_("Name"))
    role = forms.ChoiceField(choices=ROLES, label=_("Role"))


@admin.register(Invitation, site=clinic_site)
class InvitationRows(ClinicRows):
    """Invitations by mail."""

    address, section, heading, right = "invitations", "people", _("Invitations"), "manage_people"
    lead = _("The link in the mail works once, for seven days.")
    list_display = (
        "name",
        column("email", _("E-mail address")),
        "role",
        "standing",
        column("invited_by", _("Invited by")),
        column("invited_at", _("Sent")),
        column("expires_at", _("Works until")),
    )
    search_fields = ("name", "email")
    ordering = ("-invited_at",)
    related = ("invited_by",)
    shows = ("email", "name")
    verbs = ("withdraw",)
    add_form, add_label = InvitationForm, _("Invite a person")
    added = _("The invitation is on its way.")
    asks_again = True
    refusals = (invitations.AlreadyAMember, invitations.InvitationClosed)

    @admin.display(description=_("Standing"))
    def standing(self, obj: Any) -> str:
        """Return what became of it."""
        if obj.accepted_at is not None:
            return gettext("Accepted")
        if obj.withdrawn_at is not None:
            return gettext("Withdrawn")
        return gettext("Expired") if obj.expires_at <= timezone.now() else gettext("Sent")

    def name_of(self, row: Any) -> str:
        return str(row.name)

    def add(self, request: Any, **values: Any) -> Invitation:
        return invitations.invite(
            clinic=request.clinic, email=values["email"], name=values["name"], role=Role(values["role"]),
            by=request.user, now=timezone.now(),
        )  # fmt: skip

    @verb(_("Withdraw the invitation"))
    def withdraw(self, request: Any, row: Invitation) -> None:
        """Withdraw an invitation."""
        invitations.withdraw(invitation=row, by=request.user, now=timezone.now())


class SupervisionForm(forms.Form):
    """Who supervises whom."""

    supervisor = PersonField(working_as(Role.SUPERVISOR), label=_("Supervisor"))
    supervisee = PersonField(working_as(Role.THERAPIST), label=_("Therapist"))


@admin.register(Supervision, site=clinic_site)
class SupervisionRows(ClinicRows):
    """Who supervises whom, from when to when."""

    address, section, heading, right = "supervision", "people", _("Supervision"), "manage_people"
    lead = _("A supervisor sees the people, notes and codings of the therapists they supervise.")
    list_display = (
        "supervisor",
        column("supervisee", _("Therapist")),
        column("starts_at", _("From")),
        column("ends_at", _("Until")),
    )
    list_filter = (InForce,)
    search_fields = ("supervisor__name", "supervisee__name")
    ordering = ("supervisor__name", "supervisee__name", "-starts_at")
    related = ("supervisor", "supervisee")
    key = "id"
    verbs = ("end",)
    add_form, add_label = SupervisionForm, _("Start a supervision")
    added = _("The supervision has begun.")
    asks_again = True
    refusals = (people.NotInRole,)

    def name_of(self, row: Any) -> str:
        return f"{row.supervisor.name}, {row.supervisee.name}"

    def add(self, request: Any, **values: Any) -> Supervision:
        return people.start_supervision(**values, by=request.user)

    @verb(_("End the supervision now"), again=True)
    def end(self, request: Any, row: Supervision) -> None:
        """End a supervision."""
        people.end_supervision(supervision=row, by=request.user)


# --- settings -----------------------------------------------------------------------------------------------------


class ProgramForm(OnceForm):
    """The name of a new program."""

    name = forms.CharField(max_length=80, label=_("Name"))


class ProgramChangeForm(forms.Form):
    """The name of a program, and whether people are admitted to it."""

    name = forms.CharField(max_length=80, label=_("Name"))
    is_active = forms.BooleanField(
        required=False, label=_("People are admitted to it"), help_text=_("Who is in it stays in it either way.")
    )


@admin.register(Program, site=clinic_site)
class ProgramRows(ClinicRows):
    """Programs of care."""

    address, section, heading, right = "programs", "settings", _("Programs"), "manage_programs"
    list_display = ("name", column("is_active", _("People are admitted"), boolean=True))
    list_filter = (choice_filter("is_active", _("admission"), (("True", _("Open")), ("False", _("Closed")))),)
    ordering = ("name",)
    add_form, add_label, added = ProgramForm, _("Add a program"), _("The program is added.")
    change_form, changed = ProgramChangeForm, _("The program is changed.")
    refusals = (programs.NameTaken,)

    def name_of(self, row: Any) -> str:
        return str(row.name)

    def initial(self, row: Any) -> dict[str, Any]:
        return {"name": row.name, "is_active": row.is_active}

    def add(self, request: Any, **values: Any) -> Program:
        return programs.add_program(clinic=request.clinic, by=request.user, **values)

    def change(self, request: Any, row: Program, **values: Any) -> None:
        programs.change_program(program=row, by=request.user, **values)


@admin.register(InstrumentVersion, site=clinic_site)
class InstrumentRows(ClinicRows):
    """Instruments by version."""

    address, section, heading, right = "instruments", "settings", _("Instruments"), "manage_instruments"
    links = ((_("Read and publish"), "instrument_list"), (_("Upload a definition"), "instrument_upload"))
    lead = _("A published version never changes. One that is retired begins no new coding; what was coded stays.")
    list_display = (
        "name",
        column("instrument_version", _("Version")),
        "kind",
        "origin",
        "status",
        column("published_at", _("Published")),
        column("retired_at", _("Retired")),
    )
    list_filter = (
        choice_filter("status", _("status"), InstrumentVersion.Status.choices),
        choice_filter("origin", _("origin"), InstrumentVersion.Origin.choices),
    )
    search_fields = ("name", "key")
    ordering = ("name", "-published_at")
    verbs = ("retire",)
    refusals = (instruments.NotPublished,)

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).defer("definition")

    @verb(_("Retire the version"))
    def retire(self, request: Any, row: InstrumentVersion) -> None:
        """Retire a version."""
        instruments.retire(instrument=row, by=request.user, now=timezone.now())


@admin.register(ThresholdSet, site=clinic_site)
class ThresholdRows(ClinicRows):
    """Sets of thresholds; one is in force for each version of an instrument."""

    address, section, heading, right = "thresholds", "settings", _("Thresholds"), "manage_instruments"
    links = ((_("Add thresholds to an instrument"), "instrument_list"),)
    lead = _("The set in force bands the codings that are locked from now on. Bands stored before stay as they were.")
    list_display = (
        column("label", _("Set")),
        "instrument",
        "source",
        column("is_official", _("Official"), boolean=True),
        column("in_force", _("In force"), boolean=True),
    )
    search_fields = ("label", "instrument__name")
    ordering = ("instrument__name", "instrument__instrument_version", "label")
    related = ("instrument",)
    verbs = ("put_in_force",)

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).defer("instrument__definition")

    @verb(_("Put in force"))
    def put_in_force(self, request: Any, row: ThresholdSet) -> None:
        """Put a set in force in place of the one that is."""
        instruments.put_in_force(threshold_set=row, by=request.user, now=timezone.now())


@admin.register(ApiToken, site=clinic_site)
class TokenRows(ClinicRows):
    """Tokens of the clinic's own systems."""

    address, section, heading, right = "tokens", "settings", _("API tokens"), "manage_tokens"
    lead = _("A token is made on its own page, where its text is shown once.")
    links = ((_("Make a token"), "token_list"),)
    list_display = (
        "name",
        column("prefix", _("Begins with")),
        column("user", _("Stands for")),
        "may_do",
        column("created_at", _("Made")),
        column("expires_at", _("Works until")),
        column("last_used_at", _("Last used")),
        column("revoked_at", _("Revoked")),
    )
    search_fields = ("name", "prefix", "user__name")
    ordering = ("-created_at",)
    related = ("user",)
    verbs = ("revoke",)

    @admin.display(description=_("Scopes"))
    def may_do(self, obj: Any) -> str:
        """Return the scopes, as roles.py names them."""
        return ", ".join(obj.scopes)

    def name_of(self, row: Any) -> str:
        return str(row.name)

    @verb(_("Revoke the token"), again=True)
    def revoke(self, request: Any, row: ApiToken) -> None:
        """Revoke a token."""
        tokens.revoke_token(token=row, by=request.user, now=timezone.now())


# --- work ---------------------------------------------------------------------------------------------------------


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

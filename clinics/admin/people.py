"""People of the clinic, their roles, invitations, and who supervises whom."""

from typing import Any

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin
from django.db.models import Exists, OuterRef, Prefetch
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinics.admin.choices import MEMBERSHIPS_HERE, PEOPLE_HERE, ROLES, InForce, PersonField, working_as
from clinics.admin_lists import choice_filter, column
from clinics.admin_rows import ClinicRows, verb
from clinics.admin_site import clinic_site
from clinics.models import Invitation, Membership, Supervision, User
from clinics.models.people import in_force
from clinics.repeat import OnceForm
from clinics.roles import ROLE_LABELS, Role
from clinics.second_factor import FACTORS
from clinics.services import invitations, people


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
        "cosigned",
    )
    list_filter = (InForce, choice_filter("role", _("role"), ROLES))
    search_fields = ("user__name", "user__email")
    ordering = ("user__name", "role", "-starts_at")
    related = ("user", "added_by", "clinic")
    verbs = ("end", "cosign", "no_cosign")
    add_form, add_label, added = MembershipForm, _("Give a role"), _("The role is given.")
    asks_again = True
    refusals = (people.LastAdministrator, people.NotCosigned)

    def get_queryset(self, request: Any) -> Any:
        return MEMBERSHIPS_HERE.select_related(*self.related)

    @admin.display(description=_("Plans co-signed"), ordering="needs_cosign")
    def cosigned(self, obj: Any) -> str | None:
        """Tell of a therapist that a supervisor co-signs their plans; nothing of anybody else."""
        return gettext("Yes") if obj.needs_cosign else None

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

    @verb(_("Have a supervisor co-sign their plans"), again=True)
    def cosign(self, request: Any, row: Membership) -> None:
        """Ask for a co-signature under what a therapist signs from now on."""
        people.ask_for_cosign(membership=row, needed=True, by=request.user)

    @verb(_("Ask for no co-signature any more"), again=True)
    def no_cosign(self, request: Any, row: Membership) -> None:
        """Ask for no co-signature under what a therapist signs from now on."""
        people.ask_for_cosign(membership=row, needed=False, by=request.user)


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

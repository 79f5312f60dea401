"""The door of an invitation: the one page of a clinic that somebody without a membership may open."""

from typing import Any

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from allauth.decorators import rate_limit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, resolve_url
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from clinics.forms import JoinForm
from clinics.models import Clinic, User
from clinics.models.invitations import Invitation
from clinics.roles import ROLE_LABELS, Role
from clinics.services import invitations
from clinics.tenancy import clinic_scope


@never_cache
@login_not_required
@sensitive_post_parameters("password", "again")
@rate_limit(action="join", limit_get=True)
def join(request: Any, clinic_slug: str, token: str) -> HttpResponse:
    """
    Join a clinic by the link of an invitation.

    An unknown clinic, an unknown token, and a link that was used, withdrawn or has expired get the same answer.
    """
    clinic = Clinic.objects.filter(slug=clinic_slug, is_active=True).first()
    if clinic is None:
        return _closed(request)
    signed_in = User.objects.get(pk=request.user.pk) if request.user.is_authenticated else None
    with clinic_scope(clinic.pk, signed_in.pk if signed_in else None):
        try:
            invitation = invitations.open_invitation(token=token, now=timezone.now())
            account = invitations.account_of(invitation)
            if account is not None:
                return _with_account(request, clinic, invitation, signed_in)
            form = JoinForm(request.POST or None, initial={"name": invitation.name})
            joined = _join_new(invitation, form) if form.is_valid() else None
        except invitations.InvitationClosed:
            return _closed(request)
    if joined is not None:
        # A session of password alone leads to the set-up of a second factor and nowhere else.
        login = Login(user=joined, redirect_url=resolve_url("start"), email=joined.email)
        answer: HttpResponse = perform_password_login(request, {"email": joined.email}, login)
        return answer
    return _page(request, clinic, invitation, form=form, status=422 if form.is_bound else 200)


# The page decides itself whether the clinic is entered, and for whom.
join.enters_clinic_itself = True  # type: ignore[attr-defined]


def _join_new(invitation: Invitation, form: JoinForm) -> User | None:
    try:
        return invitations.join_new(
            invitation=invitation,
            name=form.cleaned_data["name"],
            password=form.cleaned_data["password"],
            now=timezone.now(),
        )
    except ValidationError as error:
        form.add_error(None, error)
        return None


def _with_account(request: Any, clinic: Clinic, invitation: Invitation, signed_in: User | None) -> HttpResponse:
    if signed_in is None:
        sign_in = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': request.path})}"
        return _page(request, clinic, invitation, sign_in_url=sign_in)
    if request.method != "POST":
        return _page(request, clinic, invitation, theirs=signed_in.email == invitation.email)
    try:
        invitations.join(invitation=invitation, user=signed_in, now=timezone.now())
    except invitations.NotYourInvitation:
        return _page(request, clinic, invitation, theirs=False, status=422)
    messages.success(request, _("You have joined %(clinic)s.") % {"clinic": clinic.name})
    return redirect("home", clinic.slug)


def _page(request: Any, clinic: Clinic, invitation: Invitation, *, status: int = 200, **context: Any) -> HttpResponse:
    context |= {"clinic": clinic, "role": ROLE_LABELS[Role(invitation.role)], "email": invitation.email}
    return TemplateResponse(request, "clinics/join.html", context, status=status)


def _closed(request: Any) -> HttpResponse:
    return TemplateResponse(request, "clinics/join_closed.html", {}, status=404)

"""The administrator's page of API tokens."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from clinics.access import find_permitted, require
from clinics.models import ApiToken, Clinic, User
from clinics.models.people import Membership
from clinics.paging import page_or_404
from clinics.roles import RIGHTS
from clinics.services import tokens
from clinics.sign_in_again import reauthentication_required

RIGHT = "clinics.manage_tokens"


class TokenForm(forms.Form):
    """What a token is called, whose rights bound it, what it may do and for how long."""

    name = forms.CharField(label=_("Name of the system"), max_length=80)
    user = forms.ModelChoiceField(
        label=_("Acts for"), queryset=User.objects.none(), help_text=_("It can never do more than this person.")
    )
    days = forms.IntegerField(label=_("Days until it ends"), min_value=1, max_value=tokens.MAX_DAYS, initial=90)
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=[(right, text) for right, (text, _reach) in RIGHTS.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one thing the token may do.")},
    )

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = Membership.objects.active().filter(clinic=clinic).values("user_id")
        self.fields["user"].queryset = User.objects.filter(pk__in=members).order_by("name")  # type: ignore[attr-defined]


@never_cache
@reauthentication_required
def token_list(request: Any, clinic_slug: str) -> HttpResponse:
    """List tokens and make one; its text is in this one answer and nowhere else."""
    require(request.user, RIGHT)
    form = TokenForm(request.POST or None, clinic=request.clinic)
    fresh = ""
    if form.is_valid():
        try:
            _token, fresh = tokens.create_token(
                clinic=request.clinic, by=request.user, now=timezone.now(), **form.cleaned_data
            )
            form = TokenForm(clinic=request.clinic)
        except tokens.NotAMember as error:
            form.add_error("user", str(error))
    page = page_or_404(request, ApiToken.objects.permitted(request.user, RIGHT).select_related("user"), ("-id",))
    context = {"form": form, "fresh": fresh, "page": page, "urls": page.urls(request), "now": timezone.now()}
    status = 422 if form.errors else 200
    return TemplateResponse(request, "clinics/token_list.html", context, status=status)


@require_POST
@reauthentication_required
def token_revoke(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """End a token."""
    token: ApiToken = find_permitted(ApiToken, request.user, RIGHT, public_id=public_id)
    tokens.revoke_token(token=token, by=request.user, now=timezone.now())
    messages.success(request, gettext("The token is revoked. Its next request is refused."))
    return redirect("token_list", clinic_slug)

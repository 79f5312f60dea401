"""Removing a passkey: as allauth does it, unless it is the last second factor."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import remove_webauthn
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _


def remove(request: Any, pk: int) -> HttpResponse:
    """Remove a passkey of one's own; the last second factor stays, or the next sign-in would be by password alone."""
    passkey = Authenticator.objects.filter(pk=pk, user=request.user, type=Authenticator.Type.WEBAUTHN).first()
    if passkey is not None and not get_adapter().can_delete_authenticator(passkey):
        messages.warning(request, _("This passkey is your only second step. Set up another one, then remove it."))
        return redirect("mfa_list_webauthn")
    answer: HttpResponse = remove_webauthn(request, pk=pk)
    return answer

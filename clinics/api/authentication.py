"""Sign-in of a clinic's own systems: `Authorization: Bearer evk.<clinic>.<secret>`."""

from datetime import timedelta
from typing import Any

from django.db.models.functions import Now
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from clinics.models import ApiToken, Clinic, User
from clinics.tenancy import clinic_scope
from clinics.tokens import digest

NOT_KNOWN = "This token is not known, has expired or was revoked. Ask the clinic's administrator for a new one."
LAST_USED_STEP = timedelta(minutes=1)
CLINIC = "select * from clinics_clinic where slug = %s and is_active"


class TokenAuthentication(BaseAuthentication):
    """
    Finds the person a token stands for, inside the clinic the token names.

    The clinic's name inside the token lets the row be looked up under its row policy. That the token is used at
    that clinic and no other is checked where the clinic is entered.
    """

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return (person, token), or None when the request carries no token of ours."""
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"bearer":
            return None
        try:
            text = parts[1].decode("ascii")
            _mark, slug, _secret = text.split(".")
        except (IndexError, ValueError):
            raise AuthenticationFailed("Write the header as: Authorization: Bearer evk.<clinic>.<secret>") from None
        # Written out, because every request of a system asks it.
        clinic = next(iter(Clinic.objects.raw(CLINIC, [slug])), None)
        if clinic is None:
            raise AuthenticationFailed(NOT_KNOWN)
        with clinic_scope(clinic.pk):
            token = (
                ApiToken.objects.select_related("user")
                .filter(digest=digest(text), revoked_at__isnull=True, expires_at__gt=Now(), user__is_active=True)
                .first()
            )
            if token is None:
                raise AuthenticationFailed(NOT_KNOWN)
            token.clinic = clinic
            if token.last_used_at is None or timezone.now() - token.last_used_at > LAST_USED_STEP:
                ApiToken.objects.filter(pk=token.pk).update(last_used_at=Now())
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401."""
        return 'Bearer realm="evoke"'


def token_of(request: Any) -> ApiToken | None:
    """Return the token a request came with, or None for a browser."""
    auth = getattr(request, "auth", None)
    return auth if isinstance(auth, ApiToken) else None


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document names our tokens."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the scheme."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "evk.<clinic>.<secret>"}

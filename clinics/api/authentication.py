"""Sign-in of a clinic's own systems: `Authorization: Bearer evk.<clinic>.<secret>`."""

from contextlib import ExitStack
from datetime import timedelta
from typing import Any

from django.db.models.functions import Now
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from clinics.models import ApiToken, User
from clinics.selectors.tokens import clinic_named, token_in_force
from clinics.tenancy import clinic_scope
from clinics.tokens import digest

NOT_KNOWN = "This token is not known, has expired or was revoked. Ask the clinic's administrator for a new one."
LAST_USED_STEP = timedelta(minutes=1)


class TokenAuthentication(BaseAuthentication):
    """
    Finds the person a token stands for, inside the clinic the token names.

    The clinic's name inside the token lets the row be looked up under its row policy: the clinic is entered to find
    out who asks. That the token is used at that clinic and no other is checked by `enter_clinic`.
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
        with ExitStack() as opened:
            token = self._token(opened, slug, text)
            # The clinic stays entered until the answer is made: a second transaction would only cost time.
            request._request.scopes.enter_context(opened.pop_all())  # type: ignore[attr-defined]
        return token.user, token

    @staticmethod
    def _token(opened: ExitStack, slug: str, text: str) -> ApiToken:
        """Enter the clinic of this name, for as long as `opened` is, and return the token."""
        clinic_id = clinic_named(slug)
        if clinic_id is None:
            raise AuthenticationFailed(NOT_KNOWN)
        opened.enter_context(clinic_scope(clinic_id))
        token = token_in_force(digest(text))
        if token is None:
            raise AuthenticationFailed(NOT_KNOWN)
        if token.last_used_at is None or timezone.now() - token.last_used_at > LAST_USED_STEP:
            # Of several requests at once one notes it, and the others do not wait for its end.
            free = ApiToken.objects.select_for_update(skip_locked=True).filter(pk=token.pk)
            ApiToken.objects.filter(pk__in=free.values("pk")).update(last_used_at=Now())
        return token

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

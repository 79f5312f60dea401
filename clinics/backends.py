"""Who a browser session belongs to, read once a request together with all that sign-in needs to know."""

from allauth.account.auth_backends import AuthenticationBackend
from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef

from clinics.models import User
from clinics.models.trail import ClockTimestamp
from clinics.second_factor import FACTORS


class SignInBackend(AuthenticationBackend):  # type: ignore[misc]
    """allauth's sign-in by e-mail and password."""

    def get_user(self, user_id: int) -> User | None:
        """
        Return the person of a session, or None when they are gone or deactivated.

        The person carries `asked_at` (the database's clock at this request: the limits of a sign-in must not depend
        on the clocks of several web hosts) and `has_second_factor`, so that neither costs a query of its own.
        """
        factors = Authenticator.objects.filter(user=OuterRef("pk"), type__in=FACTORS)
        user = (
            User.objects.annotate(asked_at=ClockTimestamp(), has_second_factor=Exists(factors))
            .filter(pk=user_id)
            .first()
        )
        return user if user is not None and self.user_can_authenticate(user) else None

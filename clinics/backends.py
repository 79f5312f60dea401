"""Who a browser session belongs to, read once a request together with all that sign-in needs to know."""

from allauth.account.auth_backends import AuthenticationBackend

from clinics.models import User
from clinics.second_factor import FACTORS

PERSON = """
select u.*, clock_timestamp() as asked_at,
       exists (select 1 from mfa_authenticator a where a.user_id = u.id and a.type = any(%s)) as has_second_factor
from clinics_user u where u.id = %s
"""


class SignInBackend(AuthenticationBackend):  # type: ignore[misc]
    """allauth's sign-in by e-mail and password."""

    def get_user(self, user_id: int) -> User | None:
        """
        Return the person of a session, or None when they are gone or deactivated.

        The person carries `asked_at` (the database's clock at this request: the limits of a sign-in must not depend
        on the clocks of several web hosts) and `has_second_factor`, so that neither costs a query of its own.
        """
        # Written out, because every request asks it: the ORM takes four times as long to make the statement anew.
        user = next(iter(User.objects.raw(PERSON, [list(FACTORS), user_id])), None)
        return user if user is not None and self.user_can_authenticate(user) else None

"""Whom a token stands for, asked by every request of a clinic's own systems."""

from functools import cache

from django.db import connection

from clinics.models import ApiToken, Clinic, Membership, User
from clinics.models.people import MEMBERSHIPS
from clinics.tenancy import active_clinic_id
from clinics.written import columns, row_of, width

CLINIC_OF = "select id from clinics_clinic where slug = %s and is_active"
HOLDER_OF = """
select {token}, {user}, {membership}, {clinic}
from clinics_apitoken t
join clinics_user u on u.id = t.user_id and u.is_active
left join ({memberships}) on m.user_id = u.id
where t.clinic_id = %s and t.digest = %s and t.revoked_at is null and t.expires_at > statement_timestamp()
order by c.name, m.clinic_id, m.role
"""


def clinic_named(slug: str) -> int | None:
    """Return the key of the active clinic of this name, or None. It is asked before a clinic is entered."""
    with connection.cursor() as cursor:
        cursor.execute(CLINIC_OF, [slug])
        found = cursor.fetchone()
    return found[0] if found is not None else None


def token_in_force(digest: bytes) -> ApiToken | None:
    """
    Return the token of the entered clinic that is stored under `digest`, or None when there is none in force.

    With it come the person and their memberships, in the same question: `memberships_now` asks no more.
    """
    with connection.cursor() as cursor:
        cursor.execute(_holder_of(), [active_clinic_id(), digest])
        rows = cursor.fetchall()
    if not rows:
        return None
    person = width(ApiToken)
    membership = person + width(User)
    token = row_of(ApiToken, rows[0][:person])
    token.user = row_of(User, rows[0][person:membership])
    # A person without a membership still has the one row of the token, with nothing beside it.
    token.user.keep_memberships(
        Membership.from_row(row[membership:], token.user) for row in rows if row[membership] is not None
    )
    return token


@cache
def _holder_of() -> str:
    return HOLDER_OF.format(
        token=columns(ApiToken, "t"),
        user=columns(User, "u"),
        membership=columns(Membership, "m"),
        clinic=columns(Clinic, "c"),
        memberships=MEMBERSHIPS,
    )

"""Questions about who pays: a person's ways of paying, what payers answered and authorized, what may be said to one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import inf
from typing import Any, Final

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clients.models import Authorisation, BenefitCheck, Client, Coverage
from clients.rules import payers as rules
from clients.rules.consent_terms import Category
from clients.rules.payers import Agreed, Cover
from clients.selectors.consents import DAY
from clients.selectors.people import VIEW as VIEW_PERSON
from clinics.models import User

VIEW, CHANGE, ASK = "clinics.view_inquiry", "clinics.change_inquiry", "clinics.check_benefits"
SHOWN_OF_MEMBER_ID: Final = 4
COVER_COLUMNS: Final = tuple(Cover.__dataclass_fields__)


def permitted(rows: Any, user: User, right: str = VIEW) -> Any:
    """
    Return those rows that `user` may see, or do something with.

    The right to inquiries is an administrator's for the admin; who pays is for those who may also see the person.
    """
    return rows.permitted(user, right).permitted(user, VIEW_PERSON)


def coverages_of(client: Client) -> QuerySet[Coverage, Coverage]:
    """Return the ways of paying that stand, the first asked first; those of joined records with them."""
    rows: QuerySet[Coverage, Coverage] = Coverage.objects.filter(client_id__in=client.record_keys, removed_at=None)
    return rows.order_by("rank", "id")


def all_of(client: Client) -> list[Coverage]:
    """Return every way of paying: those that stand, the first asked first, then those taken out, the last first."""
    rows = Coverage.objects.filter(client_id__in=client.record_keys).order_by("rank", "id")
    found = sorted(rows, key=lambda row: row.removed_at.timestamp() if row.removed_at else inf, reverse=True)
    for row in found:
        row.clinic = client.clinic
    return found


def first_of(client: Client) -> Coverage | None:
    """Return the way of paying that is asked first, or None."""
    found: Coverage | None = coverages_of(client).first()
    return found


def cover_of(coverage: Coverage) -> Cover:
    """Return a stored way of paying as the rules read it; opens the member ID."""
    columns: dict[str, Any] = {name: getattr(coverage, name) for name in COVER_COLUMNS}
    return Cover(**{**columns, "member_id": coverage.member_id or ""})


def agreed_of(row: Authorisation) -> Agreed:
    """Return a stored authorization as the rules read it."""
    return Agreed(row.from_on, row.until_on, row.units, row.units_used, row.next_review_on)


def current_authorisations() -> QuerySet[Authorisation, Authorisation]:
    """Return authorizations of covers that stand, without those that a longer one of the same cover follows."""
    longer = Authorisation.objects.filter(coverage_id=OuterRef("coverage_id"), until_on__gt=OuterRef("until_on"))
    rows: QuerySet[Authorisation, Authorisation] = Authorisation.objects.filter(coverage__removed_at=None)
    return rows.filter(~Exists(longer))


# --- as pages show them -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShownAuthorisation:
    """An authorization with what is left of it; `due` says why it is to be renewed now, empty while it is not."""

    row: Authorisation
    left: int
    due: str
    is_over: bool


@dataclass(frozen=True)
class ShownCoverage:
    """
    A way of paying as its person's page shows it.

    member           the end of the member ID, by which a card is told from another; empty without one
    why_not_asked    what it lacks before its payer can be asked, as a sentence
    checks           what the payer answered, the newest first
    authorisations   what it authorized, the one that ends last first
    """

    row: Coverage
    member: str
    why_not_asked: str
    checks: Sequence[BenefitCheck]
    authorisations: Sequence[ShownAuthorisation]


def shown_of(client: Client, rows: Sequence[Coverage], today: date) -> list[ShownCoverage]:
    """Return ways of paying as they are shown: two statements, however many there are."""
    keys = [row.pk for row in rows]
    checks: dict[int, list[BenefitCheck]] = {}
    for check in BenefitCheck.objects.filter(coverage_id__in=keys).select_related("recorded_by").order_by("-id"):
        check.clinic = client.clinic
        checks.setdefault(check.coverage_id, []).append(check)
    agreed: dict[int, list[ShownAuthorisation]] = {}
    for one in Authorisation.objects.filter(coverage_id__in=keys).order_by("-until_on", "-id"):
        one.clinic = client.clinic
        # The one that ends last is the one to renew: it stands first.
        first = one.coverage_id not in agreed
        agreed.setdefault(one.coverage_id, []).append(shown_authorisation(one, today, current=first))
    return [
        ShownCoverage(
            row, member_end(row), rules.why_not_asked(row.plan_type, row.payer, has_member_id=bool(row.member_index)),
            checks.get(row.pk, ()), agreed.get(row.pk, ()),
        )
        for row in rows
    ]  # fmt: skip


def shown_authorisation(row: Authorisation, today: date, *, current: bool) -> ShownAuthorisation:
    """Return an authorization with what is left of it; only the `current` one of a cover is to be renewed."""
    agreed = agreed_of(row)
    due = rules.renewals(agreed, today) if current else []
    words = {
        rules.Renewal.FEW_UNITS: _("Few units are left"),
        rules.Renewal.REVIEW: _("The payer reviews it"),
        rules.Renewal.ENDS: _("It ends soon"),
    }
    return ShownAuthorisation(row, agreed.left, words[due[0].why] if due else "", today > row.until_on)


def member_end(coverage: Coverage) -> str:
    """Return the last characters of a member ID; empty without one."""
    whole = coverage.member_id or ""
    return whole[-SHOWN_OF_MEMBER_ID:] if len(whole) > SHOWN_OF_MEMBER_ID else whole


def to_say(coverage: Coverage, given: Sequence[Category]) -> list[tuple[str, str]]:
    """Return what may be told to a payer, label and words: only parts that are given, and only about this cover."""
    client = coverage.client
    found: list[tuple[str, str]] = []
    if Category.IDENTITY in given:
        found.append((_("Name"), client.legal_name))
        if client.born_on is not None:
            found.append((_("Born"), str(date_format(client.born_on, DAY))))
    if Category.PAYER in given:
        found += [
            (_("Member ID"), coverage.member_id or ""), (_("Group"), coverage.group_number),
            (_("Subscriber"), coverage.subscriber_name),
            (_("Subscriber born"), _day(coverage.subscriber_born_on)),
        ]  # fmt: skip
    return [(label, words) for label, words in found if words]


def _day(day: date | None) -> str:
    return str(date_format(day, DAY)) if day is not None else ""

"""The clinic's list of organisations: to choose from, and with how many people each sent."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Lower

from clients.models import Inquiry, ReferralOrganisation
from clients.rules.transitions import Status

COUNTED_DAYS: Final = 365
# Neither asks for care a second time.
NOT_COUNTED: Final = (Status.DUPLICATE, Status.SPAM)


def choosable(current: int | None = None) -> QuerySet[ReferralOrganisation, ReferralOrganisation]:
    """
    Return the organisations that an inquiry may name, by name.

    current   key of the one that the inquiry names already, which stays though it is retired
    """
    rows: QuerySet[ReferralOrganisation, ReferralOrganisation] = ReferralOrganisation.objects.filter(
        Q(is_active=True) | Q(pk=current)
    )
    return rows.order_by(Lower("name"), "pk")


def whole_list(now: datetime) -> QuerySet[ReferralOrganisation, ReferralOrganisation]:
    """Return all organisations, those in use first, each with `sent`: its inquiries of the last 365 days."""
    since = now - timedelta(days=COUNTED_DAYS)
    sent = (
        Inquiry.objects.filter(organisation=OuterRef("pk"), received_at__gte=since)
        .exclude(status__in=NOT_COUNTED)
        .order_by()
        .values("organisation")
        .annotate(many=Count("pk"))
        .values("many")
    )
    rows: QuerySet[ReferralOrganisation, ReferralOrganisation] = ReferralOrganisation.objects.annotate(
        sent=Coalesce(Subquery(sent), 0, output_field=IntegerField())
    )
    return rows.order_by("-is_active", Lower("name"), "pk")

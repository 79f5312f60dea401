"""Organisations that refer people, and inquiries that name one, for the tests of this folder."""

from typing import Any

from clients.models import Inquiry, ReferralOrganisation
from clients.services import inquiries, referrals
from clients.services.inquiries import Caller, Need, Person
from clients.services.referrals import Entry, Referral
from tests.world import NOW, Side

COURT = Entry(name="County Court", source="7", source_detail="1", phone="312 555 0123", email="Clerk@Court.example")


def listed(side: Side, entry: Entry = COURT) -> ReferralOrganisation:
    """Return an organisation of the list; inside the scope of the clinic."""
    return referrals.add_organisation(clinic=side.clinic, entry=entry, by=side.coordinator)


def asked(side: Side, referral: Referral, **changes: Any) -> Inquiry:
    """Return an inquiry with this referral; inside the scope of the clinic."""
    return inquiries.open_inquiry(
        clinic=side.clinic, channel="phone_missed", caller=Caller(phone="312 555 0171"), person=Person(), need=Need(),
        referral=referral, by=side.coordinator, now=changes.pop("now", NOW), **changes,
    )  # fmt: skip

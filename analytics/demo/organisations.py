"""Who refers people to the demonstration's clinics. Invented."""

from typing import Final

from clients.models import ReferralOrganisation
from clients.services import referrals
from clients.services.referrals import Entry, Referral
from clinics.models import Clinic, User

DOCTOR, HOSPITAL, SCHOOL, EMPLOYER, COURT, SHELTER = "doctor", "hospital", "school", "employer", "court", "shelter"
# Telephone numbers of the range that is kept for stories.
ENTRIES: Final[dict[str, dict[str, Entry]]] = {
    "riverbend": {
        DOCTOR: Entry("Halsted Family Practice", "3", phone="312 555 0161", email="desk@halsted-practice.example"),
        HOSPITAL: Entry("Lakefront Withdrawal Unit", "2", phone="312 555 0162"),
        SCHOOL: Entry("West Loop Community College", "4", phone="312 555 0163"),
        EMPLOYER: Entry("Steady Work Assistance", "5", phone="312 555 0164", email="cases@steadywork.example"),
        COURT: Entry("Cook Street Probation Office", "7", "3", phone="312 555 0165 ext 12"),
        SHELTER: Entry("Ashland Night Shelter", "6", phone="312 555 0166"),
    },
    "harbor": {
        DOCTOR: Entry("Quayside Pediatrics", "3", phone="617 555 0161", email="desk@quayside.example"),
        HOSPITAL: Entry("North Pier Withdrawal Unit", "2", phone="617 555 0162"),
        SCHOOL: Entry("Harbor Street High School", "4", phone="617 555 0163"),
        EMPLOYER: Entry("Family Ties Assistance", "5", phone="617 555 0164", email="cases@familyties.example"),
        COURT: Entry("Juvenile Court, Bay Division", "7", "1", phone="617 555 0165 ext 40"),
        SHELTER: Entry("Bridge Youth House", "6", phone="617 555 0166"),
    },
}


def keep_list(*, clinic: Clinic, coordinator: User) -> dict[str, ReferralOrganisation]:
    """Put the organisations on the entered clinic's list, and return them by what they are."""
    return {
        key: referrals.add_organisation(clinic=clinic, entry=entry, by=coordinator)
        for key, entry in ENTRIES[clinic.slug].items()
    }


def referral_from(organisation: ReferralOrganisation) -> Referral:
    """Return what an inquiry says that this organisation sent; an employer with what its assistance pays for."""
    if organisation.source == ENTRIES["riverbend"][EMPLOYER].source:
        return Referral(
            organisation=organisation, eap_vendor=organisation.name, eap_number="EA-40718", eap_sessions=6
        )  # fmt: skip
    return Referral(organisation=organisation)

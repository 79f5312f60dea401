"""People in care and what is booked, asked and owed to them."""

from clients.models.access import BreakGlass, CaseloadAssignment
from clients.models.admission import Admission, AdmissionDecision, Assessment, InterimOffer, WaitlistEntry
from clients.models.appointments import Appointment, RulerReading
from clients.models.calendar import Shift, WorkingHours
from clients.models.consents import Consent, ConsentEvent, Disclosure, DisclosurePackage, NoticeGiven, Restriction
from clients.models.inquiries import ContactAttempt, Inquiry, InquiryMove
from clients.models.mandates import Mandate, MandateReport
from clients.models.merging import Merge, NotTheSame
from clients.models.payers import Authorisation, BenefitCheck, Coverage
from clients.models.people import ChangeTarget, Client, Episode
from clients.models.referrals import ReferralOrganisation
from clients.models.safety import SafetyConcern, SafetyPlan, Task

__all__ = [
    "Admission",
    "AdmissionDecision",
    "Appointment",
    "Assessment",
    "Authorisation",
    "BenefitCheck",
    "BreakGlass",
    "CaseloadAssignment",
    "ChangeTarget",
    "Client",
    "Consent",
    "ConsentEvent",
    "ContactAttempt",
    "Coverage",
    "Disclosure",
    "DisclosurePackage",
    "Episode",
    "Inquiry",
    "InquiryMove",
    "InterimOffer",
    "Mandate",
    "MandateReport",
    "Merge",
    "NotTheSame",
    "NoticeGiven",
    "ReferralOrganisation",
    "Restriction",
    "RulerReading",
    "SafetyConcern",
    "SafetyPlan",
    "Shift",
    "Task",
    "WaitlistEntry",
    "WorkingHours",
]

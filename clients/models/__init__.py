"""People in care and what is booked, asked and owed to them."""

from clients.models.access import BreakGlass, CaseloadAssignment
from clients.models.admission import Admission, AdmissionDecision, Assessment, InterimOffer, WaitlistEntry
from clients.models.appointments import Appointment, RulerReading
from clients.models.calendar import Shift, WorkingHours
from clients.models.consents import Consent, ConsentEvent, Disclosure, DisclosurePackage, NoticeGiven, Restriction
from clients.models.inquiries import ContactAttempt, Inquiry, InquiryMove
from clients.models.merging import Merge, NotTheSame
from clients.models.people import ChangeTarget, Client, Episode
from clients.models.safety import SafetyConcern, Task

__all__ = [
    "Admission",
    "AdmissionDecision",
    "Appointment",
    "Assessment",
    "BreakGlass",
    "CaseloadAssignment",
    "ChangeTarget",
    "Client",
    "Consent",
    "ConsentEvent",
    "ContactAttempt",
    "Disclosure",
    "DisclosurePackage",
    "Episode",
    "Inquiry",
    "InquiryMove",
    "InterimOffer",
    "Merge",
    "NotTheSame",
    "NoticeGiven",
    "Restriction",
    "RulerReading",
    "SafetyConcern",
    "Shift",
    "Task",
    "WaitlistEntry",
    "WorkingHours",
]

"""People in care and what is booked, asked and owed to them."""

from clients.models.access import BreakGlass, CaseloadAssignment
from clients.models.appointments import Appointment, RulerReading
from clients.models.inquiries import ContactAttempt, Inquiry, InquiryMove
from clients.models.people import ChangeTarget, Client, Episode
from clients.models.safety import SafetyConcern, Task

__all__ = [
    "Appointment",
    "BreakGlass",
    "CaseloadAssignment",
    "ChangeTarget",
    "Client",
    "ContactAttempt",
    "Episode",
    "Inquiry",
    "InquiryMove",
    "RulerReading",
    "SafetyConcern",
    "Task",
]

"""People in care and what is booked, asked and owed to them."""

from clients.models.access import BreakGlass, CaseloadAssignment
from clients.models.appointments import Appointment, RulerReading
from clients.models.people import ChangeTarget, Client, Episode

__all__ = [
    "Appointment",
    "BreakGlass",
    "CaseloadAssignment",
    "ChangeTarget",
    "Client",
    "Episode",
    "RulerReading",
]

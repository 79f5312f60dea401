"""People in care and what is booked, asked and owed to them."""

from clients.models.access import BreakGlass, CaseloadAssignment
from clients.models.admission import Admission, AdmissionDecision, Assessment, InterimOffer, WaitlistEntry
from clients.models.appointments import ASKED_RULERS, Appointment, RulerReading
from clients.models.calendar import Shift, WorkingHours
from clients.models.consents import Consent, ConsentEvent, Disclosure, DisclosurePackage, NoticeGiven, Restriction
from clients.models.exercises import ChangeReason, Exercise, Strength
from clients.models.inquiries import ContactAttempt, Inquiry, InquiryMove
from clients.models.mandates import Mandate, MandateReport
from clients.models.measures import MeasureLink, MeasureResponse, MeasureSchedule, MeasureScore
from clients.models.merging import Merge, NotTheSame
from clients.models.motivation import IntensityChoice, StageRating
from clients.models.payers import Authorisation, BenefitCheck, Coverage
from clients.models.people import ChangeTarget, Client, Episode
from clients.models.plan_signing import BlockDecision, GoalReview, LintDismissal, PlanReview, PlanSignature
from clients.models.plans import Goal, Intervention, Objective, PlanVersion, Problem, TreatmentPlan
from clients.models.printouts import Printout
from clients.models.referrals import ReferralOrganisation
from clients.models.relapse import Craving, Lapse, RelapsePlan
from clients.models.safety import SafetyConcern, SafetyPlan, Task

__all__ = [
    "ASKED_RULERS",
    "Admission",
    "AdmissionDecision",
    "Appointment",
    "Assessment",
    "Authorisation",
    "BenefitCheck",
    "BlockDecision",
    "BreakGlass",
    "CaseloadAssignment",
    "ChangeReason",
    "ChangeTarget",
    "Client",
    "Consent",
    "ConsentEvent",
    "ContactAttempt",
    "Coverage",
    "Craving",
    "Disclosure",
    "DisclosurePackage",
    "Episode",
    "Exercise",
    "Goal",
    "GoalReview",
    "Inquiry",
    "InquiryMove",
    "IntensityChoice",
    "InterimOffer",
    "Intervention",
    "Lapse",
    "LintDismissal",
    "Mandate",
    "MandateReport",
    "MeasureLink",
    "MeasureResponse",
    "MeasureSchedule",
    "MeasureScore",
    "Merge",
    "NotTheSame",
    "NoticeGiven",
    "Objective",
    "PlanReview",
    "PlanSignature",
    "PlanVersion",
    "Printout",
    "Problem",
    "ReferralOrganisation",
    "RelapsePlan",
    "Restriction",
    "RulerReading",
    "SafetyConcern",
    "SafetyPlan",
    "Shift",
    "StageRating",
    "Strength",
    "Task",
    "TreatmentPlan",
    "WaitlistEntry",
    "WorkingHours",
]

"""What others ask of people in care at one demonstration clinic, what the people make of it, and plans for safety."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from clients import disclosure
from clients.models import CaseloadAssignment, Client, Consent
from clients.rules import safety_plan as plan_rules
from clients.rules.clock import civil_date
from clients.rules.consent_terms import Kind
from clients.rules.mandates import FAMILY
from clients.services import mandates, safety_plans
from clients.services.mandates import Telling, Terms
from clinics.models import Clinic, User
from clinics.models.people import in_force

PROBATION: Final = Terms(
    "probation", body="County drug court", officer="Probation officer of the court", docket="24-CR-01187",
    end_condition="After 24 sessions", required_level="outpatient", required_sessions=24, reporting="monthly",
    discord=6,
    client_view="I know why they want it. I would have started smaller. I do like that somebody asks how I am.",
)  # fmt: skip
COURT: Final = Terms(
    "court", body="Family court, third district", docket="FC-2210-B", reporting="monthly", discord=3,
    client_view="It is about seeing my kids. I want that more than the judge does.",
)  # fmt: skip
FROM_HOME: Final = Terms(
    FAMILY, body="Wife and her brother", discord=8,
    client_view="They count bottles. I would rather they asked what my week is like.",
)  # fmt: skip
FIRST_PLAN: Final = {
    "signs": ["I stop answering the phone", "I do not sleep two nights in a row"],
    "alone": ["Cold water on my hands", "Walk around the block until a song is over"],
    "company": ["The library, upstairs"],
    "help": ["My sister, evenings"],
    "professionals": [plan_rules.CRISIS_LINE],
}  # fmt: skip
SECOND_PLAN: Final = {
    **FIRST_PLAN,
    "company": ["The library, upstairs", "Coffee with Sam on Sundays"],
    "help": ["My sister, evenings", "Sam, any time before ten"],
    "surroundings": ["My brother-in-law keeps what is in the garage", "One week of pills in the house, not four"],
}


def stand_beside(*, clinic: Clinic, now: datetime) -> int:
    """
    Write down what others ask and plans for safety; return how many mandates there are.

    One is reported on, one has no consent and a report that is due, one is a family's wish; one person has a plan that
    was gone through again.
    """
    rows = CaseloadAssignment.objects.filter(in_force(), client__merged_into=None).select_related("client", "user")
    people = [(row.client, row.user) for row in rows.order_by("client_id", "id")]
    signed = Consent.objects.filter(kind=Kind.CRIMINAL_JUSTICE).select_related("client")
    consent = signed.order_by("pk").first()
    if len(people) < 4 or consent is None:
        return 0
    for client, _therapist in people:
        client.clinic = clinic
    today = civil_date(now, ZoneInfo(clinic.time_zone))
    therapists = {client.pk: therapist for client, therapist in people}
    consent.clinic = consent.client.clinic = clinic
    _reported(consent, therapists[consent.client_id], today, now)
    others = [one for one in people if one[0].pk != consent.client_id]
    (second, her), (third, his), (fourth, theirs) = others[:3]
    court = replace(COURT, next_report_on=today + timedelta(days=2))
    mandates.add(client=second, terms=court, by=her, now=now)
    mandates.add(client=third, terms=FROM_HOME, by=his, now=now)
    mandates.owe_reports(clinic=clinic, now=now)
    for seen, parts in enumerate((FIRST_PLAN, SECOND_PLAN)):
        safety_plans.write(client=fourth, seen=seen, parts=parts, copy_given=bool(seen), by=theirs)
    return 3


def _reported(consent: Consent, therapist: User, today: date, now: datetime) -> None:
    """Let a person on probation have a mandate whose last month is reported, and the package handed over."""
    begins = today - timedelta(days=75)
    client: Client = consent.client
    mandate = mandates.add(
        client=client, by=therapist, now=now,
        terms=replace(PROBATION, starts_on=begins, consent=consent, next_report_on=today),
    )  # fmt: skip
    telling = Telling(begins, today - timedelta(days=1), participating=True, completed=False)
    _made, job = mandates.report(mandate=mandate, telling=telling, by=therapist, now=now)
    packed = disclosure.pack(public_id=job.args["package"], now=now)
    if packed is not None:
        disclosure.hand_over(held=packed, by=therapist, now=now)

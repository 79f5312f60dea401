"""The way from screening to admission at a demonstration clinic: each step with the rows that its guard asks for."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from analytics.demo.callers import Story
from clients.models import Appointment, Assessment, Inquiry
from clients.rules import assessment as rules
from clients.rules import teds
from clients.rules.clock import civil_date, wall_time
from clients.rules.consent_terms import Kind
from clients.rules.transitions import Status
from clients.selectors.admission import last_signed
from clients.selectors.assessments import content_of
from clients.services import admission, appointments, assessments, consents, waitlist
from clinics.models import Program, User

# How long after the call each thing happens, in stories that are past it.
BOOKED_AFTER: Final = timedelta(days=1)
SEEN_AFTER: Final = timedelta(days=3)
SIGNED_AFTER: Final = SEEN_AFTER + timedelta(hours=2)
DECIDED_AFTER: Final = SIGNED_AFTER + timedelta(hours=20)
LISTED_AFTER: Final = DECIDED_AFTER + timedelta(hours=1)
ASKED_AFTER: Final = LISTED_AFTER + timedelta(days=7)
ADMITTED_AFTER: Final = DECIDED_AFTER + timedelta(days=2)
WRITING_FOR: Final = timedelta(hours=2)
LEVELS: Final = ("outpatient", "intensive_outpatient")
SAID: Final = {
    "use": "Most evenings, more on weekends. It makes the day end; the morning pays for it.",
    "care_before": "One round of counseling, four years ago. The group helped more than the hours alone.",
    "body": "No seizures. Shaky on the second morning. Takes nothing for it.",
    "mind": "Sleeps badly, worries in the early hours. No diagnosis so far.",
    "risk": "No thoughts of death now. Had some after the divorce, told a sister then.",
    "readiness": "Wants it more than expected; not sure it will hold on Fridays.",
    "strengths": "Kept the job through all of it. Stopped smoking once and stayed stopped.",
    "home": "Lives with a partner who does not drink. Two friends make it harder.",
    "wishes": "Evenings, the same therapist, no group in the first month.",
}
WHY: Final = {
    "1": "Uses within days; has stopped for a week without trouble.",
    "2": "Nothing that needs a doctor this week.",
    "3": "Low at times, works and eats.",
    "4": "Speaks of own reasons without being asked.",
    "5": "Fridays and pay days, in their own words.",
    "6": "Somebody at home is on their side.",
}


class Way:
    """Takes inquiries of one clinic along the steps of care, through the services."""

    def __init__(self, *, coordinator: User, therapist: User, zone: ZoneInfo, now: datetime) -> None:
        self.coordinator, self.therapist, self.zone, self.now = coordinator, therapist, zone, now
        self.programs = list(Program.objects.filter(is_active=True).order_by("pk"))
        self.hour = 0

    def go(self, inquiry: Inquiry, story: Story, to: Status) -> None:
        """Take one step, at the time at which the story would have taken it."""
        inquiry = Inquiry.objects.select_related("client", "clinic").get(pk=inquiry.pk)
        steps = {
            Status.ASSESSMENT_SCHEDULED: self._book,
            Status.ASSESSMENT_NO_SHOW: self._miss,
            Status.ASSESSED: self._assess,
            Status.ACCEPTED: self._accept,
            Status.WAITLISTED: self._wait,
            Status.ADMITTED: self._admit,
        }
        steps[to](inquiry, story)

    def _book(self, inquiry: Inquiry, story: Story) -> None:
        """Book the assessment: past where the story goes on, this morning where it is being written, else ahead."""
        self.hour += 1
        goes_on = story.steps[-1].to != Status.ASSESSMENT_SCHEDULED
        start = self.now + timedelta(days=1 + self.hour % 2)
        if goes_on:
            start = inquiry.received_at + SEEN_AFTER
        elif story.drafted:
            start = self.now - WRITING_FOR
        local = wall_time(start, self.zone).replace(minute=0)
        assessments.book_assessment(
            inquiry=inquiry, therapist=self.therapist, start_on=civil_date(start, self.zone),
            start_time=local if story.drafted else local.replace(hour=9 + self.hour % 7), duration_min=60,
            beside=True, by=self.coordinator, now=inquiry.received_at + BOOKED_AFTER,
        )  # fmt: skip
        if story.drafted:
            half = rules.Assessment(sections={"need": story.words[0], "use": SAID["use"]}, ratings={"1": 2, "4": 1})
            self._write(inquiry, half)

    def _miss(self, inquiry: Inquiry, story: Story) -> None:
        self._attendance(inquiry, "no_show")

    def _assess(self, inquiry: Inquiry, story: Story) -> None:
        self._attendance(inquiry, "attended")
        route = teds.INJECTED if story.injects else 1
        named = [teds.FROM_INTAKE[one] for one in story.substances if one in teds.FROM_INTAKE]
        substances = tuple(
            rules.Substance(code, route=route, frequency=2, first_use=17 + number, last_use="this_week")
            for number, code in enumerate(named)
        ) or (rules.Substance(teds.NONE),)
        content = rules.Assessment(
            sections={"need": inquiry.words or story.words[0], **SAID}, substances=substances,
            ratings={key: (int(key) + self.hour) % 3 for key in WHY}, rationales=WHY,
            level=LEVELS[self.hour % 2], level_reasons="Safe at home and works days. Wants to stay in both.",
        )  # fmt: skip
        draft = self._write(inquiry, content)
        assessments.sign_assessment(
            assessment=draft, version=draft.version, by=self.therapist, now=inquiry.received_at + SIGNED_AFTER
        )

    def _accept(self, inquiry: Inquiry, story: Story) -> None:
        level = LEVELS[self.hour % 2]
        admission.decide(
            inquiry=inquiry, outcome="accepted", level_of_care=level, program=self.programs[-(self.hour % 2)],
            reason="What they want fits what we do. Starts as soon as a place is free.", by=self.therapist,
            now=inquiry.received_at + DECIDED_AFTER,
        )  # fmt: skip

    def _wait(self, inquiry: Inquiry, story: Story) -> None:
        entry = admission.put_on_list(
            inquiry=inquiry, pregnant=story.pregnant, injects=story.injects, by=self.coordinator,
            now=inquiry.received_at + LISTED_AFTER,
        )  # fmt: skip
        asked = inquiry.received_at + ASKED_AFTER
        if asked < self.now:
            entry = waitlist.check_in(entry=entry, version=entry.version, by=self.coordinator, now=asked)
            answer = "accepted" if self.hour % 2 else "undecided"
            waitlist.offer_meanwhile(
                entry=entry, offer="counseling", answer=answer, words="", by=self.coordinator
            )  # fmt: skip

    def _admit(self, inquiry: Inquiry, story: Story) -> None:
        """Give the notice, have the consent signed, and admit: two days after the decision, or this morning."""
        client, signed = inquiry.client, last_signed(inquiry)
        if client is None or signed is None:
            raise ValueError("Nobody is admitted without a record and a signed assessment.")
        at = self.now - WRITING_FOR if story.today else inquiry.received_at + ADMITTED_AFTER
        client.clinic = inquiry.clinic
        consents.give_notice(client=client, answer="signed", by=self.coordinator)
        terms = consents.Terms(kind=Kind.TREATMENT, description="Counseling here.", open_ended=True)
        drafted = consents.draft_consent(client=client, terms=terms, by=self.coordinator)
        consents.sign_consent(
            consent=drafted, version=drafted.version, signer="self", signed_name=client.legal_name, authority="",
            by=self.coordinator, now=at,
        )  # fmt: skip
        answers = {question.key: teds.UNKNOWN for question in teds.QUESTIONS if question.needed}
        answers |= teds.prefilled(
            source=inquiry.source, source_detail=inquiry.source_detail, substances=(), level=signed.level_of_care
        )
        answers |= rules.in_record(content_of(signed).substances)
        answers |= {"prior_episodes": 1, "employment": 1, "opioid_medication": 2}
        first = at + timedelta(days=3)
        admission.admit(
            inquiry=inquiry,
            plan=admission.Plan(
                program=self.programs[0], therapist=self.therapist, start_on=civil_date(first, self.zone),
                start_time=wall_time(first, self.zone).replace(hour=11, minute=0), identity_check="photo_id",
                answers=answers, beside=True,
            ),
            by=self.coordinator, now=at,
        )  # fmt: skip

    def _attendance(self, inquiry: Inquiry, code: str) -> None:
        booked = Appointment.objects.select_related("clinic", "inquiry").filter(inquiry=inquiry).latest("pk")
        appointments.record_attendance(
            appointment=booked, version=booked.version, attendance=code, by=self.coordinator, now=self.now
        )

    def _write(self, inquiry: Inquiry, content: rules.Assessment) -> Assessment:
        draft = assessments.open_assessment(inquiry=inquiry, by=self.therapist)
        return assessments.save_assessment(
            assessment=draft, version=draft.version, content=content, by=self.therapist
        )  # fmt: skip

"""The requests for care of the last weeks at one demonstration clinic, made through the services."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from analytics.demo import casting, organisations
from analytics.demo.admitting import Way
from analytics.demo.callers import AREA_CODES, FIRST_NAMES, GENDERS, PEOPLE, STATES, STORIES, Step, Story
from clients.models import Inquiry, SafetyConcern
from clients.rules import guardians
from clients.rules.clock import civil_date
from clients.rules.intake import LIVE
from clients.rules.transitions import Status
from clients.services import inquiries, safety
from clients.services.guardians import Guardian
from clients.services.referrals import Referral
from clients.services.said import Caller, Need, Person
from clinics.models import Clinic, User

FOLLOW_UP_AFTER: Final = timedelta(days=30)
CHECK_AFTER: Final = timedelta(days=3)
# Steps whose guards ask for records of care.
OF_CARE: Final = frozenset(
    {
        Status.ASSESSMENT_SCHEDULED,
        Status.ASSESSMENT_NO_SHOW,
        Status.ASSESSED,
        Status.ACCEPTED,
        Status.WAITLISTED,
        Status.ADMITTED,
    }
)


def ask_for_care(*, clinic: Clinic, coordinator: User, therapist: User, supervisor: User, now: datetime) -> int:
    """
    Let people ask for care at the entered clinic, one inquiry for each story, and return how many.

    coordinator   takes the calls
    therapist     is handed the crisis
    supervisor    reviews what is past
    """
    maker = _Maker(clinic, coordinator, therapist, supervisor, now)
    # The oldest first, as they came in: references and numbers count upwards. Who repeats follows whom they repeat.
    for number, story in sorted(enumerate(STORIES), key=lambda one: -one[1].ago):
        maker.make(number, story)
    return len(STORIES)


# Channels that come in on one of the clinic's own numbers.
CALLED: Final = ("phone_inbound", "phone_missed", "sms")


def _answer(said: bool | None) -> str:
    return {True: "yes", False: "no", None: "not_asked"}[said]


class _Maker:
    def __init__(self, clinic: Clinic, coordinator: User, therapist: User, supervisor: User, now: datetime) -> None:
        self.clinic, self.now = clinic, now
        self.coordinator, self.therapist, self.supervisor = coordinator, therapist, supervisor
        self.zone = ZoneInfo(clinic.time_zone)
        self.second = clinic.slug != next(iter(PEOPLE))
        self.people = iter(PEOPLE[clinic.slug])
        self.listed = organisations.keep_list(clinic=clinic, coordinator=coordinator)
        self.way = Way(coordinator=coordinator, therapist=therapist, zone=self.zone, now=now)
        self.last: Inquiry | None = None

    def make(self, number: int, story: Story) -> None:
        """Make one inquiry as its story tells."""
        received = self.now - story.ago
        live = story.channel in LIVE
        person, first_name = self._person(story)
        inquiry = inquiries.open_inquiry(
            clinic=self.clinic,
            channel=story.channel,
            caller=self._caller(number, story, first_name),
            person=person,
            need=self._need(story),
            referral=self._referral(number, story),
            guardian=self._guardian(story, person),
            by=None if story.channel == "web_form" else self.coordinator,
            now=received,
        )
        for one in story.tries:
            at = received + one.after
            inquiries.log_attempt(
                inquiry=inquiry,
                method=one.method,
                outcome=one.outcome,
                note=one.note,
                by_safe_way=bool(story.lives.safe_way),
                call_again_at=None if one.again is None else self.now + one.again,
                by=self.coordinator,
                now=at,
            )
        self._look_after(inquiry, story, received)
        if story.repeats and self.last is not None:
            Inquiry.objects.filter(pk=inquiry.pk).update(master=self.last)
        for step in story.steps:
            self._step(inquiry, story, step)
        if live:
            self.last = inquiry

    def _person(self, story: Story) -> tuple[Person, str]:
        if not story.named:
            return Person(), ""
        if story.again and self.last is not None and (known := self.last.client) is not None:
            return Person(known.legal_name, born_on=known.born_on), self.last.caller_name
        legal_name, goes_by, pronouns, year = next(self.people)
        born_on = casting.born_on(year, 1 + year % 12, 1 + len(legal_name), civil_date(self.now, self.zone))
        postal = "60612" if not self.second else "02128"
        slug = self.clinic.slug
        person = Person(legal_name, goes_by, pronouns, born_on, postal, gender=GENDERS[pronouns], state=STATES[slug])
        return person, goes_by or legal_name.split()[0]

    def _caller(self, number: int, story: Story, first_name: str) -> Caller:
        own = story.relation == "self"
        name = first_name if own and first_name else FIRST_NAMES[number % len(FIRST_NAMES)]
        phone = f"{AREA_CODES[self.clinic.slug]}55501{number + 10:02}"
        if (story.repeats or story.again) and self.last is not None:
            name, phone = self.last.caller_name, self.last.phone
        silent = story.channel == "phone_missed"
        return Caller(
            relation="" if silent else story.relation,
            name="" if silent else name,
            phone=phone,
            ok_to_call="not_asked" if silent else "yes",
            ok_voicemail="not_asked" if silent else story.voicemail,
            ok_sms="no" if story.voicemail == "no" else "not_asked",
            call_from=time(17) if story.evening else None,
            call_until=time(20) if story.evening else None,
            preferred_method=story.lives.prefers,
            unsafe_at_home="yes" if story.lives.safe_way else "no" if story.named else "not_asked",
            safe_way=story.lives.safe_way,
        )

    def _guardian(self, story: Story, person: Person) -> Guardian:
        """Return a minor's parent; who came in alone has named none yet."""
        if story.channel == "walk_in" or not guardians.is_minor(person.born_on, civil_date(self.now, self.zone)):
            return Guardian(custody=story.lives.custody)
        family = person.legal_name.split()[-1]
        return Guardian(f"Dana {family}", f"{AREA_CODES[self.clinic.slug]}5550190", story.lives.custody or "both")

    def _referral(self, number: int, story: Story) -> Referral:
        lives = story.lives
        origin: dict[str, Any] = {
            "referrer_consent": _answer(lives.told_back), "campaign": lives.campaign,
            "line_called": f"{AREA_CODES[self.clinic.slug]}555010{number % 3}" if story.channel in CALLED else "",
        }  # fmt: skip
        if story.sent_by:
            listed = organisations.referral_from(self.listed[story.sent_by])
            return replace(listed, eap_sessions_used=lives.used, **origin)
        return Referral(source="1" if story.named else "", **origin)

    def _need(self, story: Story) -> Need:
        words = story.words[self.second]
        if not story.named:
            return Need(words=words)
        rulers: dict[str, Any] = {"readiness": story.readiness}
        if story.readiness is not None:
            rulers |= {"importance": min(10, story.readiness + 1), "confidence": max(0, story.readiness - 2)}
        return Need(
            words=words,
            substances=story.substances,
            barriers=story.barriers,
            last_use="this_week" if story.substances else "",
            safety_answer=story.safety,
            overdose_30_days=story.overdose,
            mental_health=story.lives.mental_health[self.second],
            pregnant=_answer(story.pregnant),
            veteran=_answer(story.lives.veteran),
            homeless=_answer(story.lives.homeless),
            change_target="substance" if story.substances else "mental_health",
            triage="urgent" if story.lives.safe_way else "",
            program=self.way.programs[0] if story.readiness is not None else None,
            **rulers,
        )

    def _look_after(self, inquiry: Inquiry, story: Story, received: datetime) -> None:
        """Hand a fresh concern to the therapist; let the supervisor review an old one."""
        for concern in SafetyConcern.objects.filter(inquiry=inquiry):
            if not story.reviewed:
                safety.hand_over(concern=concern, to=self.therapist, by=self.coordinator)
                continue
            safety.review(
                concern=concern,
                rationale="Spoke for twenty minutes. Not alone now, has naloxone at home, agreed to a call.",
                next_check_on=civil_date(received + CHECK_AFTER, self.zone),
                naloxone="has_it",
                by=self.supervisor,
                now=received + timedelta(minutes=35),
            )
        inquiry.refresh_from_db(fields=["crisis_hold"])

    def _step(self, inquiry: Inquiry, story: Story, step: Step) -> None:
        if step.to in OF_CARE:
            self.way.go(inquiry, story, step.to)
            return
        follow_up = civil_date(self.now + FOLLOW_UP_AFTER, self.zone) if step.to == Status.NURTURE else None
        inquiries.move_inquiry(
            inquiry=inquiry, to=step.to, reason=step.reason, note=step.note, follow_up_on=follow_up,
            by=self.coordinator, now=self.now,
        )  # fmt: skip

"""What people in care agreed to at one demonstration clinic, in every state a consent can be in, and what was told."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from clients import disclosure
from clients.models import CaseloadAssignment, Client, Consent
from clients.rules.consent_terms import Category, Kind, Purpose, RecipientClass, Statement
from clients.rules.disclosure import Basis
from clients.services import consents, restrictions
from clients.services.consents import Paper, Terms
from clinics.models import Clinic, User
from clinics.models.people import in_force

PARTS: Final = ("identity", "episodes", "attendance")
PRACTICE: Final = "Lakeshore Family Practice"


@dataclass(frozen=True)
class Someone:
    """A person in care with who sees them."""

    client: Client
    therapist: User


class _Maker:
    def __init__(self, clinic: Clinic, coordinator: User, officer: User, now: datetime) -> None:
        self.clinic, self.now, self.coordinator, self.officer = clinic, now, coordinator, officer
        self.today = now.astimezone(ZoneInfo(clinic.time_zone)).date()

    def day(self, days: int) -> date:
        """Return the day so many days from today."""
        return self.today + timedelta(days=days)

    def signed(self, who: Someone, terms: Terms, *, ago: int = 30) -> Consent:
        """Return a consent that the person signed so many days ago."""
        draft = consents.draft_consent(client=who.client, terms=terms, by=who.therapist)
        return consents.sign_consent(
            consent=draft, version=draft.version, signer="self", signed_name=who.client.legal_name, authority="",
            by=who.therapist, now=self.now - timedelta(days=ago),
        )  # fmt: skip

    def specific(self, days: int, **other: object) -> Terms:
        """Return a consent for one practice that ends so many days from today."""
        terms = Terms(
            Kind.SPECIFIC, categories=(*PARTS, "progress_notes"), recipients=PRACTICE, purpose="treatment",
            last_day=self.day(days),
        )  # fmt: skip
        return replace(terms, **other)  # type: ignore[arg-type]


def agree(*, clinic: Clinic, coordinator: User, officer: User, now: datetime) -> int:
    """
    Let people in care agree to things, in every state; return how many consents there are.

    Everybody consents to treatment and has the notice. One person each: ends soon, on hold, ended, revoked, not valid
    on paper, not signed yet, and a mandate that somebody wanted to revoke before its day.
    """
    make = _Maker(clinic, coordinator, officer, now)
    rows = CaseloadAssignment.objects.filter(in_force(), client__merged_into=None).select_related("client", "user")
    people = [Someone(row.client, row.user) for row in rows.order_by("client_id", "id")]
    for who in people:
        who.client.clinic = clinic
        consents.give_notice(client=who.client, answer="signed", by=coordinator)
        make.signed(who, Terms(Kind.TREATMENT, open_ended=True), ago=40)
    if len(people) >= 8:
        _states(make, people)
        _told(make, people[0])
    made: int = Consent.objects.count()
    return made


def _states(make: _Maker, people: list[Someone]) -> None:
    first, soon, held, ended, revoked, paper, unsigned, mandated, *_rest = people
    make.signed(
        first,
        Terms(
            Kind.TPO_SINGLE, open_ended=True,
            categories=(*PARTS, "measures", "payer", "plan", "treatment_plan", "relapse_plan", "progress_notes"),
            recipient_classes=tuple(one.value for one in RecipientClass),
        ),
    )  # fmt: skip
    make.signed(first, Terms(Kind.RECORDING, description="For supervision", last_day=make.day(150)))
    make.signed(soon, make.specific(9))
    on_hold = make.signed(held, make.specific(120))
    consents.ask_to_revoke(
        consent=on_hold, written=False, note="Said so on the phone.", by=held.therapist, now=make.now
    )
    make.signed(ended, make.specific(-4), ago=180)
    taken_back = make.signed(revoked, make.specific(90))
    consents.ask_to_revoke(consent=taken_back, written=True, note="", by=revoked.therapist, now=make.now)
    consents.record_paper(
        client=paper.client,
        terms=make.specific(60, recipients="School nurse"),
        paper=Paper(
            text="Attendance to the school nurse, until summer.",
            statements=frozenset[Statement](),
            signer="guardian",
            signed_name="A parent",
            authority="Mother",
            signed_on=make.day(-10),
        ),
        by=paper.therapist,
        now=make.now,
    )
    consents.draft_consent(
        client=unsigned.client,
        terms=Terms(
            Kind.FAMILY_CONTACT, categories=("attendance", "card"), recipients="Sister", expiry_event="End of treatment"
        ),
        by=unsigned.therapist,
    )
    mandate = make.signed(
        mandated,
        Terms(
            Kind.CRIMINAL_JUSTICE, categories=("episodes", "attendance"), recipients="Probation officer of the court",
            named_body="County drug court", last_day=make.day(200), revocable_from=make.day(100),
            revocable_when="final hearing",
        ),
    )  # fmt: skip
    consents.ask_to_revoke(consent=mandate, written=True, note="", by=mandated.therapist, now=make.now)
    request = restrictions.ask(
        client=held.client, recipient="", to_payers=True, self_paid=True, categories=[], words="I pay for this myself.",
        by=held.therapist,
    )  # fmt: skip
    restrictions.decide(
        restriction=request, version=request.version, agreed=True, note="", by=make.officer, now=make.now
    )
    restrictions.ask(
        client=revoked.client, recipient="Former employer", to_payers=False, self_paid=False, categories=["attendance"],
        words="They should not hear from you.", by=make.coordinator,
    )  # fmt: skip


def _told(make: _Maker, who: Someone) -> None:
    """Let something out twice: one package was handed over, one is ready; a part was left out of each."""
    consent = make.signed(who, make.specific(75))
    asked = disclosure.Asked(
        Basis.CONSENT,
        Purpose.TREATMENT,
        PRACTICE,
        frozenset({Category.IDENTITY, Category.ATTENDANCE, Category.PROGRESS_NOTES, Category.COUNSELLING_NOTES}),
        consent,
        notice="short",
    )
    for hands_over in (True, False):
        _made, job = disclosure.disclose(client=who.client, asked=asked, by=who.therapist, now=make.now)
        packed = disclosure.pack(public_id=job.args["package"], now=make.now)
        if hands_over and packed is not None:
            disclosure.hand_over(held=packed, by=who.therapist, now=make.now)

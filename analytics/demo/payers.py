"""Who pays for care at one demonstration clinic: plans and own money, two payers who answered, units that run out."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from clients.models import Client, Coverage
from clients.rules.clock import civil_date
from clients.rules.consent_terms import Kind, RecipientClass
from clients.rules.payers import Agreed, Answer, Cover
from clients.selectors.consents import usable
from clients.services import authorisations, benefits, consents, payers
from clients.services.authorisations import Terms
from clients.services.consents import Terms as ConsentTerms
from clinics.models import Clinic, User

# Invented plans: name, plan and payment by the codes of the admission record, letters that begin a member ID.
PLANS: Final = (
    ("Prairie Mutual Health", "1", "2", "PMH"),
    ("State Medicaid", "2", "4", "SM"),
    ("Lakeside Employee Plan", "1", "2", "LEP"),
    ("Medicare", "3", "3", "1EG"),
)
# Of each round of people: who has no payer written down yet, and who pays themselves.
ROUND: Final = 7
NOT_KNOWN: Final = 6
OWN_MONEY: Final = 3
ASKED: Final = 2
ANSWERS: Final = (
    Answer(
        "phone", "active", reference="Call 4471-20", deductible=Decimal("1500.00"), deductible_met=Decimal("420.50"),
        copay=Decimal("25.00"), coinsurance=Decimal(20), out_of_pocket_max=Decimal("6000.00"),
        authorisation_required=True, visit_limit=30, notes="Evening visits count like others. Ask again in January.",
    ),
    Answer("portal", "out_of_network", copay=Decimal("60.00"), coinsurance=Decimal(40), authorisation_required=False),
)  # fmt: skip


def pay(*, clinic: Clinic, coordinator: User, now: datetime) -> int:
    """
    Write down who pays for most people of the entered clinic, and return how many ways of paying there are.

    Two payers are asked, with a consent, and answer; one authorization runs out, one has long to go.
    """
    today = civil_date(now, ZoneInfo(clinic.time_zone))
    asked: list[Coverage] = []
    for number, client in enumerate(Client.objects.filter(merged_into=None).order_by("pk")):
        client.clinic = clinic
        if number % ROUND == NOT_KNOWN:
            continue
        row = payers.add_coverage(client=client, cover=_cover(number, client, today), by=coordinator, now=now)
        if len(asked) < ASKED and row.member_index and _agreed(row, coordinator, now):
            benefits.record_check(coverage=row, answer=ANSWERS[len(asked)], by=coordinator, now=now)
            asked.append(row)
    for row, agreed in zip(
        asked,
        (
            Agreed(today - timedelta(days=80), today + timedelta(days=9), 24, 21, None),
            Agreed(today - timedelta(days=10), today + timedelta(days=80), 20, 3, today + timedelta(days=45)),
        ),
        strict=False,
    ):
        terms = Terms(agreed, f"AU-{row.pk:05}")
        authorisations.add_authorisation(coverage=row, terms=terms, by=coordinator, now=now)
    made: int = Coverage.objects.count()
    return made


def _cover(number: int, client: Client, today: date) -> Cover:
    if number % ROUND == OWN_MONEY:
        given = today - timedelta(days=20) if number % 2 else None
        return Cover(1, "4", "1", estimate_given_on=given)
    payer, plan, payment, letters = PLANS[number % len(PLANS)]
    cover = Cover(
        1, plan, payment, payer=payer, member_id=f"{letters}-{client.pk * 7919 % 1_000_000:06}",
        subscriber_relation="self", effective_on=date(today.year, 1, 1), network=("in", "out", "unknown")[number % 3],
    )  # fmt: skip
    return cover


def _agreed(row: Coverage, coordinator: User, now: datetime) -> bool:
    """Have the person agree that this payer is told, unless they did or keep it from payers; tell whether they do."""
    if not benefits.ground_of(coverage=row, now=now).decision.allowed:
        if not usable(row.client, now):
            return False
        draft = consents.draft_consent(
            client=row.client, by=coordinator,
            terms=ConsentTerms(
                Kind.TPO_SINGLE, categories=("identity", "payer"), open_ended=True,
                recipient_classes=(RecipientClass.PLANS_AND_PAYERS.value,),
            ),
        )  # fmt: skip
        consents.sign_consent(
            consent=draft, version=draft.version, signer="self", signed_name=row.client.legal_name, authority="",
            by=coordinator, now=now,
        )  # fmt: skip
    return benefits.ground_of(coverage=row, now=now).decision.allowed

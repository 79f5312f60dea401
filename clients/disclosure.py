"""
The one way out.

Whatever leaves the clinic about a person goes through `disclose`: the legal basis is checked, what is given is limited
to what was consented to and is needed, notice and consent copy go with it, a row of the accounting is written, and a
job puts the package together. A consent that ends or is revoked on the way stops the package that is waiting.

source   shared/domain/care.md 6.3
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.formats import date_format

from clients.models import Client, Consent, Disclosure, DisclosurePackage, MandateReport, Restriction
from clients.rules import disclosure as rules
from clients.rules import names
from clients.rules.consent_terms import Category, Kind, Purpose, RecipientClass, State
from clients.rules.consents import REFUSALS, Recipient, state_at
from clients.rules.disclosure import Basis, Decision, Dropped, KeptBack
from clients.rules.package import Cover, Parts, only_report, package, package_hash, written
from clients.selectors.consents import DAY, document_of, known
from clients.selectors.disclosed import gather, subject_of
from clients.selectors.mandates import told
from clients.selectors.people import permits
from clinics import audit
from clinics.models import Job, User
from clinics.models.trail import ClockTimestamp
from clinics.services import jobs
from clinics.tenancy import active_clinic_id

RIGHT, ANY_BASIS = "clinics.disclose_record", "clinics.disclose_any_basis"
ASK_PAYER: Final = "clinics.check_benefits"
# The most that a payer is told when it is asked what it covers.
TOLD_TO_PAYER: Final = frozenset({Category.IDENTITY, Category.CONTACT, Category.PAYER})
JOB: Final = "pack_disclosure"
KEPT_DAYS: Final = 7
# These carry the notice even where the law does not ask for it; what identifies nobody carries none.
NO_NOTICE: Final = frozenset({Basis.PUBLIC_HEALTH})


class Refused(ValueError):
    """Nothing may go out. The text says why and what to do; `field` names the input of it where there is one."""

    def __init__(self, decision: Decision, field: str = "") -> None:
        super().__init__(decision.refused)
        self.decision = decision
        self.field = field


class NotReady(ValueError):
    """The package is being put together, was handed over, or was taken away. The text says which."""


@dataclass(frozen=True)
class Asked:
    """
    What is to be told, to whom, for what.

    consent      the consent it rests on, where that is the basis
    of_class     what the recipient is, where the consent names a class
    categories   parts of the record
    record       what the basis asks to be written down: affiliation, description, reference, subpoena
    notice       "short" or "long"
    """

    basis: Basis
    purpose: Purpose
    recipient: str
    categories: frozenset[Category]
    consent: Consent | None = None
    of_class: RecipientClass | None = None
    record: Mapping[str, str] = field(default_factory=dict)
    notice: str = "long"


def weigh(*, client: Client, asked: Asked, now: datetime) -> Decision:
    """Return what would go out, without letting anything out."""
    consent = asked.consent if asked.basis is Basis.CONSENT else None
    if consent is not None and not client.records.filter(pk=consent.client_id).exists():
        consent = None
    document = document_of(consent) if consent is not None else None
    through = document.named_body if document is not None and document.kind is Kind.INTERMEDIARY else ""
    request = rules.Request(
        asked.basis,
        asked.purpose,
        Recipient(names.tidy(asked.recipient), asked.of_class, through),
        asked.categories,
        now,
        record=asked.record,
        attachment=(consent.text or "") if consent is not None else "",
        notice=asked.notice,
    )
    return rules.decide(request, document, kept_back(client))


def kept_back(client: Client) -> list[KeptBack]:
    """Return what the clinic agreed to keep back about a person."""
    rows = Restriction.objects.filter(client__in=client.records, state=Restriction.State.AGREED)
    return [
        KeptBack("" if one.to_payers else one.recipient, one.to_payers, known(Category, one.categories)) for one in rows
    ]


@transaction.atomic
def disclose(*, client: Client, asked: Asked, by: User, now: datetime) -> tuple[Disclosure, Job]:
    """
    Let something out: write the row of the accounting, and promise the package; the door sends the job.

    :raises PermissionDenied: the person may not disclose this record, or not on this basis
    :raises Refused: nothing may go out; the refusal is in the trail
    """
    require_right(client, asked.basis, by)
    disclosure = _account(client, asked, by, now)
    waiting: DisclosurePackage = DisclosurePackage.objects.create(clinic=client.clinic, disclosure=disclosure)
    job = jobs.promise(kind=JOB, label="Disclosure package", by=by, args={"package": str(waiting.public_id)})
    return disclosure, job


@transaction.atomic
def tell_payer(*, client: Client, asked: Asked, by: User, now: datetime) -> Disclosure:
    """
    Write the row of the accounting for what a payer is told when it is asked what it covers.

    It is told by word of mouth: no package is made, so there is none to open.
    :raises PermissionDenied: the person may not ask payers about this person, or more would be told than that takes
    :raises Refused: nothing may be told
    """
    takes = asked.basis is Basis.CONSENT and asked.purpose is Purpose.PAYMENT and asked.categories <= TOLD_TO_PAYER
    if not takes or not permits(client, by, ASK_PAYER)[0]:
        raise PermissionDenied(ASK_PAYER)
    return _account(client, asked, by, now)


def _account(client: Client, asked: Asked, by: User, now: datetime) -> Disclosure:
    """Return the row of the accounting of what may go out, written."""
    consent = asked.consent
    if consent is not None:
        # Held to the end, so that a revocation comes before this or after it.
        clinic = consent.clinic
        consent = Consent.objects.select_for_update(of=("self",)).select_related("client").get(pk=consent.pk)
        consent.clinic = clinic
        asked = _with(asked, consent)
    decision = weigh(client=client, asked=asked, now=now)
    if not decision.allowed:
        raise Refused(decision)
    disclosure = Disclosure(
        clinic=client.clinic,
        client=client,
        consent=consent if asked.basis is Basis.CONSENT else None,
        basis=asked.basis,
        purpose=asked.purpose,
        recipient=names.tidy(asked.recipient),
        affiliation=names.tidy(asked.record.get("affiliation", "")),
        categories_asked=_codes(asked.categories),
        categories_given=_codes(decision.given),
        dropped={category.value: reason.value for category, reason in decision.dropped.items()},
        description=asked.record.get("description", "").replace("\x00", "").strip() or None,
        order_reference=names.tidy(asked.record.get("reference", "")),
        subpoena_reference=names.tidy(asked.record.get("subpoena", "")),
        notice_form="none" if asked.basis in NO_NOTICE else asked.notice,
        made_by=by,
    )
    disclosure.save()
    audit.record(
        "disclosure.made", disclosure, by=by, purpose=asked.purpose,
        detail={"basis": asked.basis, "given": disclosure.categories_given, "dropped": disclosure.dropped},
    )  # fmt: skip
    return disclosure


def record_refusal(*, client: Client, asked: Asked, decision: Decision, by: User) -> None:
    """Record that a disclosure was asked for and refused; never what for in words."""
    audit.record(
        "disclosure.refused", client, by=by, purpose=asked.purpose,
        detail={
            "basis": asked.basis,
            "asked": _codes(asked.categories),
            "dropped": {category.value: reason.value for category, reason in decision.dropped.items()},
        },
    )  # fmt: skip


def require_right(client: Client, basis: Basis, by: User) -> None:
    """
    Refuse who may not disclose this person's record, or not on this basis: without consent, the privacy officer alone.

    :raises PermissionDenied: when it is refused
    """
    if not permits(client, by, RIGHT)[0]:
        raise PermissionDenied(RIGHT)
    if basis is not Basis.CONSENT and not by.may(ANY_BASIS, active_clinic_id()):
        raise PermissionDenied(ANY_BASIS)


def _with(asked: Asked, consent: Consent) -> Asked:
    return Asked(
        asked.basis, asked.purpose, asked.recipient, asked.categories, consent, asked.of_class, asked.record,
        asked.notice,
    )  # fmt: skip


def _codes(categories: Iterable[Category]) -> list[str]:
    chosen = frozenset(categories)
    return [category.value for category in Category if category in chosen]


# --- the package ----------------------------------------------------------------------------------------------------


@transaction.atomic
def pack(*, public_id: str, now: datetime) -> DisclosurePackage | None:
    """
    Put a package together; None when it is not waiting any more. Called by the job.

    A consent that has ended since, or was held or revoked, takes the package away: nothing leaves under it.
    """
    rows = DisclosurePackage.objects.select_for_update(of=("self",)).filter(public_id=public_id)
    held: DisclosurePackage | None = rows.filter(state=DisclosurePackage.State.WAITING).first()
    if held is None:
        return None
    disclosure = held.disclosure
    if why_stopped(disclosure, now):
        _take_away(held, "stopped")
        return held
    basis = Basis(disclosure.basis)
    subject = subject_of(disclosure.client, identified=basis is not Basis.PUBLIC_HEALTH, at=now)
    parts = {category: gather(subject, category) for category in known(Category, disclosure.categories_given)}
    text = written(package(_cover(disclosure), _reported(disclosure, parts)))
    held.body, held.state = text, DisclosurePackage.State.READY
    held.save(update_fields=["body", "state"])
    disclosure.package_hash = package_hash(text)
    disclosure.save(update_fields=["package_hash"])
    audit.record("disclosure.packed", disclosure, detail={"hash": disclosure.package_hash})
    return held


def _reported(disclosure: Disclosure, parts: Parts) -> Parts:
    """Return what goes out: of a report on a mandate its few lines stand in place of the list of appointments."""
    report = MandateReport.objects.filter(disclosure=disclosure).first()
    return parts if report is None else only_report(parts, told(report))


def _cover(disclosure: Disclosure) -> Cover:
    zone = ZoneInfo(disclosure.clinic.time_zone)
    return Cover(
        clinic=disclosure.clinic.name,
        recipient=disclosure.recipient,
        affiliation=disclosure.affiliation,
        purpose=Purpose(disclosure.purpose),
        basis=Basis(disclosure.basis),
        day=str(date_format(disclosure.made_at.astimezone(zone), DAY)),
        disclosed_by=disclosure.made_by.name,
        number=str(disclosure.public_id)[:8],
        notice=disclosure.notice_form,
        attachment=(disclosure.consent.text or "") if disclosure.consent is not None else "",
    )


def why_stopped(disclosure: Disclosure, now: datetime) -> str:
    """Return why a package that waits may not leave any more, as a sentence; empty while it may."""
    if disclosure.consent is None:
        return ""
    state = state_at(document_of(disclosure.consent), now)
    return "" if state is State.ACTIVE else REFUSALS[state]


def text_of(held: DisclosurePackage) -> str:
    """
    Return a package that is ready, as text.

    :raises NotReady: it is not, or not any more
    """
    if held.state != DisclosurePackage.State.READY or held.body is None:
        raise NotReady(NOT_READY[DisclosurePackage.State(held.state)])
    text: str = held.body
    return text


def content_of(held: DisclosurePackage) -> dict[str, Any]:
    """
    Return what is in a package that is ready.

    :raises NotReady: it is not, or not any more
    """
    content: dict[str, Any] = json.loads(text_of(held))
    return content


NOT_READY: Final[Mapping[str, str]] = {
    DisclosurePackage.State.WAITING: "The package is being put together. Open this page again in a moment.",
    DisclosurePackage.State.FETCHED: "The package was handed over. It is not kept here any more.",
    DisclosurePackage.State.REMOVED: "The package was taken away. Nothing was handed over.",
}


@transaction.atomic
def open_package(*, held: DisclosurePackage, by: User, now: datetime) -> dict[str, Any]:
    """
    Return a package to be read or printed; each time is in the trail.

    :raises NotReady: it is not ready, or its consent does not stand any more
    """
    held = _still_good(held, now)
    content = content_of(held)
    audit.record("disclosure.opened", held.disclosure, by=by, purpose=held.disclosure.purpose)
    return content


@transaction.atomic
def hand_over(*, held: DisclosurePackage, by: User, now: datetime) -> str:
    """
    Return a package as text, once: from here it is not kept any more.

    :raises NotReady: it is not ready, was handed over, or its consent does not stand any more
    """
    held = _still_good(held, now)
    text = text_of(held)
    held.state, held.body, held.fetched_at, held.fetched_by = (
        DisclosurePackage.State.FETCHED, None, ClockTimestamp(), by,
    )  # fmt: skip
    held.save(update_fields=["state", "body", "fetched_at", "fetched_by"])
    audit.record("disclosure.handed_over", held.disclosure, by=by, purpose=held.disclosure.purpose)
    return text


def _still_good(held: DisclosurePackage, now: datetime) -> DisclosurePackage:
    locked: DisclosurePackage = DisclosurePackage.objects.select_for_update(of=("self",)).get(pk=held.pk)
    if held.disclosure.consent is not None:
        # As it stands now, and held there: the page may have read it before somebody revoked it.
        held.disclosure.consent.refresh_from_db(
            fields=["state", "event_occurred_at"], from_queryset=Consent.objects.select_for_update(of=("self",))
        )
    locked.disclosure = held.disclosure
    if locked.state == DisclosurePackage.State.READY and (sentence := why_stopped(locked.disclosure, now)):
        raise NotReady(sentence)
    return locked


def _take_away(held: DisclosurePackage, why: str) -> None:
    held.state, held.body = DisclosurePackage.State.REMOVED, None
    held.save(update_fields=["state", "body"])
    audit.record("disclosure.removed", held.disclosure, detail={"why": why})


@transaction.atomic
def take_away_old(*, now: datetime) -> int:
    """Take away packages that nobody fetched for a week, or whose consent does not stand; return how many."""
    rows = DisclosurePackage.objects.select_for_update(of=("self",), skip_locked=True)
    removed = 0
    for held in rows.filter(state=DisclosurePackage.State.READY, body__isnull=False).order_by("created_at"):
        old = held.created_at < now - timedelta(days=KEPT_DAYS)
        if old or why_stopped(held.disclosure, now):
            _take_away(held, "old" if old else "stopped")
            removed += 1
    return removed


def dropped_of(disclosure: Disclosure) -> Sequence[tuple[Category, Dropped]]:
    """Return the parts that were asked for and left out, and why."""
    return [
        (category, Dropped(disclosure.dropped[category]))
        for category in Category
        if category.value in disclosure.dropped and disclosure.dropped[category] in set(Dropped)
    ]

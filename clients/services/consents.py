"""Consents: written down, signed on the clinic's device or taken over from paper, held, let go on, revoked, ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from clients.models import Client, Consent, ConsentEvent, NoticeGiven
from clients.rules import consents as rules
from clients.rules import names
from clients.rules.clock import instant
from clients.rules.consent_terms import INSIDE, PURPOSES_OF, STATEMENTS_OF, Category, Kind, State, Statement
from clients.rules.consent_text import consent_text, content_hash
from clients.rules.consents import Effect, Problem, Revocation
from clients.selectors.consents import TPO_CODE, days_of, document_of
from clinics import audit
from clinics.models import User
from clinics.versions import lock_version

# The day after it is one too, wherever a clinic is.
LAST = date.max - timedelta(days=2)
NOTICE = "2026-02"  # the version of the notice of confidentiality that is handed out now


class Incomplete(ValueError):
    """Something that a consent must say is missing. `problems` names each element and what to do."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems[0].sentence)
        self.problems = tuple(problems)


class NotADraft(ValueError):
    """What is signed stands as it was signed."""

    def __init__(self) -> None:
        super().__init__("This consent is signed. It can be revoked, and a new one can be signed.")


class NotNow(ValueError):
    """The consent is not in the state that this needs. The text says what to do."""


@dataclass(frozen=True)
class Terms:
    """
    What a consent is to say. Empty means: not written.

    recipients        names; the participants or monitors where `named_body` is an intermediary or a mandate's body
    recipient_classes in place of names
    last_day          it permits something up to the end of this day, by the clinic's clock
    """

    kind: Kind
    categories: Sequence[str] = ()
    description: str = ""
    recipients: str = ""
    recipient_classes: Sequence[str] = ()
    named_body: str = ""
    purpose: str = ""
    purpose_words: str = ""
    last_day: date | None = None
    open_ended: bool = False
    expiry_event: str = ""
    revocable_from: date | None = None
    revocable_when: str = ""


@dataclass(frozen=True)
class Paper:
    """A consent that was signed on paper: what the paper says, and who signed it when."""

    text: str
    statements: frozenset[Statement]
    signer: str
    signed_name: str
    authority: str
    signed_on: date | None


@transaction.atomic
def draft_consent(*, client: Client, terms: Terms, by: User) -> Consent:
    """
    Write down a consent, to be read and signed.

    :raises Incomplete: an element is missing or must not be there
    """
    consent = _written(client, terms, STATEMENTS_OF[terms.kind], by)
    document = document_of(consent)
    problems = rules.validate(document, signature=False)
    if problems:
        raise Incomplete(problems)
    consent.text = consent_text(
        document, days=days_of(consent), description=terms.description, purpose_words=terms.purpose_words
    )
    consent.save()
    audit.record("consent.drafted", consent, by=by, detail={"kind": consent.kind})
    return consent


def lacking(*, client: Client, terms: Terms, by: User) -> list[Problem]:
    """Return what a consent with these terms would lack before it can be signed; nothing is kept."""
    return rules.validate(document_of(_written(client, terms, STATEMENTS_OF[terms.kind], by)), signature=False)


@transaction.atomic
def record_paper(*, client: Client, terms: Terms, paper: Paper, by: User, now: datetime) -> Consent:
    """
    Take over a consent that was signed on paper, as it is: without one required element it is kept as not valid.

    :raises Incomplete: nothing is written of what the paper says, it was signed in the future, or nobody signed
    """
    zone = ZoneInfo(client.clinic.time_zone)
    signed_at = instant(paper.signed_on, time(12), zone) if paper.signed_on else None
    if signed_at is not None and paper.signed_on == now.astimezone(zone).date():
        signed_at = now
    if signed_at is None or signed_at > now:
        raise Incomplete([Problem("signed_at", "Enter the day it was signed, today or earlier.")])
    if not paper.text.strip():
        raise Incomplete([Problem("text", "Write what the paper says, or explain clearly what it covers.")])
    consent = _written(client, terms, paper.statements, by)
    consent.on_paper, consent.text = True, _clean(paper.text)
    consent.save()
    return _sign(consent, paper.signer, paper.signed_name, paper.authority, signed_at, by)


def _written(client: Client, terms: Terms, statements: frozenset[Statement], by: User) -> Consent:
    """Return a consent with these terms, not saved yet."""
    kind = Kind(terms.kind)
    classes = ",".join(terms.recipient_classes)
    recipients = terms.recipients.strip()
    has_body = kind in (Kind.INTERMEDIARY, Kind.CRIMINAL_JUSTICE)
    zone = ZoneInfo(client.clinic.time_zone)
    categories = [Category.COUNSELLING_NOTES] if kind is Kind.COUNSELLING_NOTES else list(terms.categories)
    return Consent(
        clinic=client.clinic,
        client=client,
        kind=kind,
        discloser=client.clinic.name,
        categories=[] if kind in INSIDE else categories,
        description=_clean(terms.description) or None,
        recipient=names.tidy(terms.named_body) if has_body else (classes or recipients),
        recipient_is_class=bool(classes),
        participants=(classes or recipients) if has_body else "",
        purpose=_purpose(kind, terms.purpose),
        purpose_words=_clean(terms.purpose_words) or None,
        expires_at=instant(min(terms.last_day, LAST) + timedelta(days=1), time(0), zone) if terms.last_day else None,
        expires_never=terms.open_ended and terms.last_day is None,
        expiry_event=names.tidy(terms.expiry_event),
        states_revocation=Statement.REVOCATION in statements,
        states_redisclosure=Statement.REDISCLOSURE in statements,
        states_refusal=Statement.REFUSAL in statements,
        states_opt_out=Statement.OPT_OUT in statements,
        revocable_from=terms.revocable_from,
        revocable_when=names.tidy(terms.revocable_when),
        created_by=by,
    )


def _purpose(kind: Kind, purpose: str) -> str:
    if kind is Kind.TPO_SINGLE:
        return TPO_CODE
    only = PURPOSES_OF[kind]
    return str(next(iter(only))) if len(only) == 1 else purpose


def _clean(text: str) -> str:
    return text.replace("\x00", "").strip()


@transaction.atomic
def sign_consent(
    *, consent: Consent, version: int, signer: str, signed_name: str, authority: str, by: User, now: datetime
) -> Consent:
    """
    Have a consent signed on the clinic's device, with the member of staff as witness. Its text is final from here.

    signed_name   as it was signed
    authority     why somebody else may sign for the person
    :raises Stale: it is not what was read
    :raises NotADraft: it is signed already
    :raises Incomplete: the signature, or an element of the text, is missing
    """
    held = lock_version(consent, version)
    held.clinic = consent.clinic
    if held.state != Consent.State.DRAFT:
        raise NotADraft
    held.signed_name, held.signer, held.authority = names.tidy(signed_name), signer, names.tidy(authority)
    held.signed_at = now
    problems = rules.validate(document_of(held))
    if problems:
        raise Incomplete(problems)
    return _sign(held, signer, signed_name, authority, now, by)


def _sign(consent: Consent, signer: str, signed_name: str, authority: str, at: datetime, by: User) -> Consent:
    consent.signer, consent.signed_name, consent.authority = signer, names.tidy(signed_name), names.tidy(authority)
    consent.signed_at, consent.witnessed_by = at, by
    document = document_of(consent)
    consent.state = Consent.State.INVALID if rules.validate(document) else Consent.State.ACTIVE
    consent.content_hash = content_hash(document, consent.text or "")
    consent.save()
    _log(consent, ConsentEvent.What.SIGNED, by, in_writing=True)
    audit.record(
        "consent.signed", consent, by=by,
        detail={"kind": consent.kind, "state": consent.state, "hash": consent.content_hash},
    )  # fmt: skip
    return consent


@transaction.atomic
def discard_draft(*, consent: Consent, by: User) -> None:
    """
    Set aside a consent that nobody signed.

    :raises NotADraft: it is signed
    """
    held = _locked(consent)
    if held.state != Consent.State.DRAFT:
        raise NotADraft
    audit.record("consent.discarded", held, by=by, detail={"kind": held.kind})
    held.delete()


@transaction.atomic
def ask_to_revoke(*, consent: Consent, written: bool, note: str, by: User, now: datetime) -> Revocation:
    """
    Take in a wish to revoke and do what follows from it at once; the result says what to tell the person.

    written   on paper, or signed here; spoken, the consent is held until it is
    """
    held = _locked(consent)
    found = rules.ask_to_revoke(document_of(held), written=written, at=now)
    if found.effect is Effect.NONE:
        return found
    _log(held, ConsentEvent.What.REVOCATION_ASKED, by, in_writing=written, note=note)
    audit.record("consent.revocation_asked", held, by=by, detail={"written": written, "effect": found.effect})
    if found.effect is Effect.REVOKED:
        _move(held, Consent.State.REVOKED, ConsentEvent.What.REVOKED, by, in_writing=True)
    elif found.effect is Effect.HELD and held.state != Consent.State.ON_HOLD:
        _move(held, Consent.State.ON_HOLD, ConsentEvent.What.HELD, by)
    return found


@transaction.atomic
def hold(*, consent: Consent, note: str, by: User, now: datetime) -> Consent:
    """
    Put a consent on hold, with a reason: nothing goes out under it until it is let go on.

    :raises NotNow: it is not active, or no reason was written
    """
    held = _locked(consent)
    if rules.state_at(document_of(held), now) is not State.ACTIVE:
        raise NotNow("Only an active consent is put on hold.")
    _require_note(note)
    _move(held, Consent.State.ON_HOLD, ConsentEvent.What.HELD, by, note=note)
    return held


@transaction.atomic
def resume(*, consent: Consent, note: str, by: User, now: datetime) -> Consent:
    """
    Let a consent go on that was held, with a reason.

    :raises NotNow: it is not on hold, or no reason was written
    """
    held = _locked(consent)
    if rules.state_at(document_of(held), now) is not State.ON_HOLD:
        raise NotNow("This consent is not on hold.")
    _require_note(note)
    _move(held, Consent.State.ACTIVE, ConsentEvent.What.RESUMED, by, note=note)
    return held


@transaction.atomic
def find_invalid(*, consent: Consent, note: str, by: User, now: datetime) -> Consent:
    """
    Record that a consent is not valid after all: it rests on something false, or who signed it had no authority.

    :raises NotNow: it permits nothing anyway, or no reason was written
    """
    held = _locked(consent)
    if rules.state_at(document_of(held), now) not in (State.ACTIVE, State.ON_HOLD):
        raise NotNow("Only a consent that is active or on hold is found not to be valid.")
    _require_note(note)
    _move(held, Consent.State.INVALID, ConsentEvent.What.FOUND_INVALID, by, note=note)
    return held


@transaction.atomic
def event_occurred(*, consent: Consent, by: User, now: datetime) -> Consent:
    """
    Record that the event with which a consent ends has happened: it permits nothing from now on.

    :raises NotNow: it names no event, or has ended already
    """
    held = _locked(consent)
    state = rules.state_at(document_of(held), now)
    if not held.expiry_event or state not in (State.ACTIVE, State.ON_HOLD):
        raise NotNow("This consent does not end with an event, or it has ended already.")
    held.event_occurred_at, held.version = now, held.version + 1
    held.save(update_fields=["event_occurred_at", "version"])
    _log(held, ConsentEvent.What.EVENT_OCCURRED, by)
    audit.record("consent.event_occurred", held, by=by)
    return held


@transaction.atomic
def give_notice(*, client: Client, answer: str, by: User, notice: str = NOTICE) -> NoticeGiven:
    """
    Record that the person was given the notice of confidentiality, and whether they signed for it.

    answer   one of NoticeGiven.Answer
    """
    given: NoticeGiven = NoticeGiven.objects.create(
        clinic=client.clinic, client=client, notice=notice, answer=NoticeGiven.Answer(answer), given_by=by
    )
    audit.record("notice.given", given, by=by, detail={"notice": notice, "answer": given.answer})
    return given


def _require_note(note: str) -> None:
    if not _clean(note):
        raise NotNow("Write why, for whoever reads it later.")


def _locked(consent: Consent) -> Consent:
    held: Consent = Consent.objects.select_for_update(of=("self",)).select_related("client").get(pk=consent.pk)
    held.clinic = consent.clinic
    return held


def _move(consent: Consent, state: str, what: str, by: User, *, in_writing: bool = False, note: str = "") -> None:
    consent.state, consent.version = state, consent.version + 1
    consent.save(update_fields=["state", "version"])
    _log(consent, what, by, in_writing=in_writing, note=note)
    audit.record(f"consent.{ACTIONS[what]}", consent, by=by)


ACTIONS: Mapping[str, str] = {
    ConsentEvent.What.HELD: "held",
    ConsentEvent.What.RESUMED: "resumed",
    ConsentEvent.What.REVOKED: "revoked",
    ConsentEvent.What.FOUND_INVALID: "found_invalid",
}


def _log(consent: Consent, what: str, by: User, *, in_writing: bool = False, note: str = "") -> None:
    ConsentEvent(
        clinic=consent.clinic, consent=consent, what=what, in_writing=in_writing, by=by, note=_clean(note) or None
    ).save()

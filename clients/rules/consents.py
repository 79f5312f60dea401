"""
What a written consent must say, what it permits at an instant, and what a wish to take it back does.

Every required element is checked, and each has its own sentence. A consent that lacks one is invalid, however many
signatures it carries. Expiry is derived and never stored: at the very instant of expiry a consent permits nothing.
Nothing here knows a database or a clock: whoever calls brings the document and the instant.

source   shared/domain/care.md 6.2; shared/design/decisions.md 6.6. Ours: that a period of a consent for criminal
         justice is at most five years, and the order of the states.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from clients.rules import names
from clients.rules.consent_terms import (
    CLASSES_OF,
    INSIDE,
    PURPOSES_OF,
    STATEMENTS_OF,
    Category,
    Kind,
    Purpose,
    RecipientClass,
    Signer,
    State,
    Statement,
)

# These may stand for as long as they are wanted; every other kind ends on a day or with an event.
OPEN_ENDED: Final = frozenset({Kind.TPO_SINGLE, Kind.TREATMENT})
MONITORED_AT_MOST: Final = timedelta(days=5 * 366)


@dataclass(frozen=True, slots=True)
class Document:
    """
    A consent as it is written down, and what is known of it now. Empty means: not written.

    person             whose record it is, by name
    discloser          who may disclose
    categories         the parts of the record
    recipients         by name; with an intermediary its participants, with a mandate who monitors it
    recipient_classes  in place of names, where the kind allows it
    named_body         the intermediary, or the body that made treatment a condition
    expires_at         from this instant on it permits nothing
    expiry_event       in words; `event_at` is when it happened
    open_ended         it says that it has no end
    statements         what its text tells whoever signs
    signed_name        the name as it was signed
    authority          why somebody else may sign for the person
    revocable_at       of a mandate: from this instant on it may be revoked; `revocable_event` says why then
    stored             as the last act left it; expiry and missing elements are derived
    """

    kind: Kind
    person: str = ""
    discloser: str = ""
    categories: frozenset[Category] = frozenset()
    recipients: tuple[str, ...] = ()
    recipient_classes: frozenset[RecipientClass] = frozenset()
    named_body: str = ""
    purposes: frozenset[Purpose] = frozenset()
    statements: frozenset[Statement] = frozenset()
    expires_at: datetime | None = None
    expiry_event: str = ""
    event_at: datetime | None = None
    open_ended: bool = False
    revocable_at: datetime | None = None
    revocable_event: str = ""
    signer: Signer = Signer.SELF
    signed_name: str = ""
    authority: str = ""
    signed_at: datetime | None = None
    stored: State = State.DRAFT


@dataclass(frozen=True, slots=True)
class Problem:
    """
    One thing that keeps a consent from being valid.

    element    name of the field of Document
    sentence   what to do
    """

    element: str
    sentence: str


def validate(document: Document, *, signature: bool = True) -> list[Problem]:
    """
    Return everything that is missing or must not be there, in the order of the document; empty when it is valid.

    signature   False asks about a text that is about to be signed
    """
    found = [
        *_common(document),
        *_recipients(document),
        *_expiry(document),
        *_combined(document),
        *_criminal_justice(document),
    ]
    for statement in Statement:
        if statement in STATEMENTS_OF[document.kind] - document.statements:
            found += [Problem("statements", MISSING_STATEMENT[statement])]
    if signature:
        found += _signature(document)
    return found


MISSING_STATEMENT: Final[Mapping[Statement, str]] = {
    Statement.REVOCATION: (
        "State the right to revoke in writing, how to do it, and that what was done before in reliance on it stands."
    ),
    Statement.REDISCLOSURE: (
        "State that a recipient may disclose the record further as HIPAA permits, except in proceedings against the "
        "person."
    ),
    Statement.REFUSAL: "State what follows, or does not follow, when the person does not sign.",
    Statement.OPT_OUT: "State how the person can choose not to be asked for donations.",
}


def _common(document: Document) -> Iterable[Problem]:
    kind = document.kind
    if not names.tidy(document.person):
        yield Problem("person", "Write whose record this is about.")
    if not names.tidy(document.discloser):
        yield Problem("discloser", "Write who may disclose.")
    if kind not in INSIDE and not document.categories:
        yield Problem("categories", "Choose which parts of the record may be disclosed.")
    if not document.purposes:
        yield Problem("purposes", "Choose the purpose.")
    elif not document.purposes <= PURPOSES_OF[kind]:
        if kind is Kind.TPO_SINGLE:
            sentence = "This consent is for treatment, payment and running the clinic alone. Take out other purposes."
        else:
            sentence = "This kind of consent does not serve this purpose. Choose another kind, or another purpose."
        yield Problem("purposes", sentence)
    elif kind is Kind.SPECIFIC and len(document.purposes) > 1:
        yield Problem("purposes", "Name one purpose. Another purpose is another consent.")


def _recipients(document: Document) -> Iterable[Problem]:
    kind = document.kind
    if kind in INSIDE:
        return
    named = [name for name in map(names.tidy, document.recipients) if name]
    if not document.recipient_classes <= CLASSES_OF.get(kind, frozenset()):
        sentence = (
            "Through an intermediary, the class is limited to treating providers."
            if kind is Kind.INTERMEDIARY
            else "Name who receives it. This kind of consent does not allow a class of recipients."
        )
        yield Problem("recipients", sentence)
    elif not named and not document.recipient_classes:
        yield Problem("recipients", WHO_IS_MISSING.get(kind, "Name who receives it."))
    elif kind is Kind.SPECIFIC and len(named) > 1:
        yield Problem("recipients", "Name one recipient. Another recipient is another consent.")
    if kind in BODY_IS_MISSING and not names.tidy(document.named_body):
        yield Problem("named_body", BODY_IS_MISSING[kind])


WHO_IS_MISSING: Final[Mapping[Kind, str]] = {
    Kind.INTERMEDIARY: "Name each participant, or limit the class to treating providers.",
    Kind.CRIMINAL_JUSTICE: "Name the people, by name or function, who monitor progress for that body. Nobody else.",
}
BODY_IS_MISSING: Final[Mapping[Kind, str]] = {
    Kind.INTERMEDIARY: "Name the intermediary.",
    Kind.CRIMINAL_JUSTICE: "Name the body that made treatment a condition.",
}


def _expiry(document: Document) -> Iterable[Problem]:
    if document.expires_at is not None or names.tidy(document.expiry_event):
        if document.expires_at and document.signed_at and document.expires_at <= document.signed_at:
            yield Problem("expires_at", "It would have ended before it was signed. Check the day.")
        return
    if document.kind not in OPEN_ENDED:
        yield Problem("expires_at", "Enter the day or the event with which this consent ends.")
    elif not document.open_ended:
        yield Problem("expires_at", "Enter the day or the event with which this consent ends, or say that it has none.")


def _combined(document: Document) -> Iterable[Problem]:
    """Yield what must stand in a consent of its own: counseling notes, and use in a proceeding."""
    counselling = Category.COUNSELLING_NOTES in document.categories
    if document.kind is Kind.COUNSELLING_NOTES:
        if document.categories - {Category.COUNSELLING_NOTES}:
            yield Problem("categories", "A consent for counseling notes covers nothing else. Take out the other parts.")
        elif document.categories and not counselling:
            yield Problem("categories", "Choose counseling notes, or another kind of consent.")
    elif counselling:
        yield Problem("categories", "Counseling notes need a consent of their own. Take them out here.")


def _criminal_justice(document: Document) -> Iterable[Problem]:
    if document.kind is not Kind.CRIMINAL_JUSTICE:
        return
    if document.revocable_at is None:
        yield Problem(
            "revocable_at", "Enter the day from which it can be revoked, no later than the final decision expected."
        )
    if document.revocable_at and document.expires_at and document.revocable_at > document.expires_at:
        yield Problem("revocable_at", "It must be revocable before it ends. Check both days.")
    begins = document.signed_at
    if begins and document.expires_at and document.expires_at - begins > MONITORED_AT_MOST:
        yield Problem("expires_at", "Choose a period that fits the treatment and the proceeding: at most five years.")


def _signature(document: Document) -> Iterable[Problem]:
    if not names.tidy(document.signed_name):
        yield Problem("signed_name", "The signature is missing.")
    if document.signed_at is None:
        yield Problem("signed_at", "The day it was signed is missing.")
    if document.signer is not Signer.SELF and not names.tidy(document.authority):
        yield Problem("authority", "Write why this person may sign for them.")


def may_combine(kinds: Iterable[Kind]) -> bool:
    """Tell whether consents of these kinds may be asked for on one form: some must stand alone."""
    asked = frozenset(kinds)
    return len(asked) < 2 or not asked & {Kind.COUNSELLING_NOTES, Kind.LEGAL_PROCEEDING}


def state_at(document: Document, at: datetime) -> State:
    """Return what a consent is worth at an instant. It ends with the very instant of its expiry, not after it."""

    def passed(moment: datetime | None) -> bool:
        return moment is not None and moment <= at

    if document.stored not in (State.ACTIVE, State.ON_HOLD):
        return document.stored
    if validate(document):
        return State.INVALID
    if passed(document.expires_at) or passed(document.event_at):
        return State.EXPIRED
    return State.ON_HOLD if document.stored is State.ON_HOLD else State.ACTIVE


REFUSALS: Final[Mapping[State, str]] = {
    State.DRAFT: "This consent is not signed. Have it signed first.",
    State.ON_HOLD: "This consent is on hold. The privacy officer decides whether it goes on.",
    State.EXPIRED: "This consent has ended. Ask the person whether they want to sign a new one.",
    State.REVOKED: "This consent was revoked. Nothing goes out under it any more.",
    State.INVALID: "This consent is not valid. Open it to see what is missing, then have a new one signed.",
}


# --- taking it back -------------------------------------------------------------------------------------------------


class Effect(StrEnum):
    """What a wish to revoke does at once."""

    REVOKED = "revoked"
    HELD = "held"
    KEPT = "kept"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Revocation:
    """
    What follows from a wish to revoke.

    sentence               what to tell the person
    send_form              a form for the written revocation goes to them
    tell_privacy_officer   the request is kept and the privacy officer is told
    tell_recipients        earlier recipients are listed, so that they can be told
    """

    effect: Effect
    sentence: str
    send_form: bool = False
    tell_privacy_officer: bool = False
    tell_recipients: bool = False


def revocable(document: Document, at: datetime) -> bool:
    """Tell whether a consent may be revoked now: always, but for a mandate before its stated moment."""
    if document.kind is not Kind.CRIMINAL_JUSTICE:
        return True
    return document.revocable_at is not None and document.revocable_at <= at


NOT_YET: Final = (
    "Treatment is a condition of a court or other body, and this consent says when it can be revoked. That moment has "
    "not come. The request is kept, and the privacy officer is told."
)


def ask_to_revoke(document: Document, *, written: bool, at: datetime) -> Revocation:
    """
    Return what a wish to revoke does: in writing it ends the consent at once, spoken it holds it at once.

    written   on paper or signed on the clinic's device; False for a spoken wish
    """
    state = state_at(document, at)
    if state not in (State.ACTIVE, State.ON_HOLD):
        return Revocation(Effect.NONE, NOTHING_TO_REVOKE[state])
    if not revocable(document, at):
        return Revocation(Effect.KEPT, NOT_YET, tell_privacy_officer=True)
    if written:
        return Revocation(
            Effect.REVOKED,
            "It is revoked. Nothing more goes out under it; what went out before stays as it is.",
            tell_recipients=True,
        )
    return Revocation(
        Effect.HELD,
        "It is on hold at once. Give the person the form: a revocation is in writing.",
        send_form=True,
        tell_privacy_officer=True,
    )


NOTHING_TO_REVOKE: Final[Mapping[State, str]] = {
    State.DRAFT: "It is not signed, so it permits nothing. Set it aside.",
    State.EXPIRED: "It has ended already and permits nothing.",
    State.REVOKED: "It is revoked already and permits nothing.",
    State.INVALID: "It is not valid and permits nothing.",
}


# --- what it covers -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who receives something: by name; as one of a class; through an intermediary, by its name."""

    name: str
    of_class: RecipientClass | None = None
    through: str = ""


def covers_recipient(document: Document, recipient: Recipient) -> bool:
    """Tell whether a consent names this recipient: by name, or by class where the kind allows one."""
    if document.kind in INSIDE or not names.key(recipient.name):
        return False
    if document.kind is Kind.INTERMEDIARY and names.key(recipient.through) != names.key(document.named_body):
        return False
    if names.key(recipient.name) in {names.key(name) for name in document.recipients}:
        return True
    return recipient.of_class is not None and recipient.of_class in document.recipient_classes

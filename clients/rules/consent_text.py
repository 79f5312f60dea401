"""
The text that a person reads and signs, made from what the consent holds, and the hash that fixes it.

One text for every element: what is not filled in is not there, so a text can never say more than the consent does.

source   shared/domain/care.md 6.2, in our own words
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from clients.rules.consent_terms import (
    CATEGORY_LABELS,
    CLASS_LABELS,
    INSIDE,
    LABELS,
    PURPOSE_LABELS,
    Category,
    Kind,
    Purpose,
    RecipientClass,
    Statement,
)
from clients.rules.consents import Document

FORM: Final = "evoke.consent.1"


def consent_text(
    document: Document,
    *,
    days: Mapping[str, str],
    description: str = "",
    purpose_words: str = "",
) -> str:
    """
    Return the text of a consent, with an empty line between its paragraphs.

    days            the days of the document in the clinic's own way of writing them: "expires", "revocable"
    description     what of the record, more exactly, in words
    purpose_words   the purpose, more exactly, in words
    """
    lines = [f"{LABELS[document.kind]}: consent of {document.person}", *_what(document, description, purpose_words)]
    lines += _end(document, days)
    lines += [sentence for statement, sentence in _statements(document) if statement in document.statements]
    if document.kind is Kind.CRIMINAL_JUSTICE:
        lines.append(_mandate(document, days))
    return "\n\n".join(lines)


def _joined(parts: Iterable[str]) -> str:
    return "; ".join(parts)


def _what(document: Document, description: str, purpose_words: str) -> list[str]:
    purposes = _joined(PURPOSE_LABELS[one] for one in Purpose if one in document.purposes)
    if document.kind is Kind.TREATMENT:
        return [
            f"I agree to be treated by {document.discloser}. What the treatment is, what it can do, and what else I "
            "could do was explained to me, and I could ask.",
            *([f"In particular: {description}"] if description else []),
        ]
    if document.kind in INSIDE:
        return [
            f"I agree to this at {document.discloser}: {purposes.lower()}. It stays inside the clinic.",
            *([f"In particular: {description}"] if description else []),
        ]
    parts = _joined(CATEGORY_LABELS[one] for one in Category if one in document.categories)
    lines = [f"{document.discloser} may disclose these parts of my record: {parts}."]
    if description:
        lines.append(f"More exactly: {description}")
    lines.append(f"To: {_who(document)}.")
    lines.append(f"For: {purposes}{f' ({purpose_words})' if purpose_words else ''}.")
    return lines


def _who(document: Document) -> str:
    named = [*document.recipients, *(CLASS_LABELS[one] for one in RecipientClass if one in document.recipient_classes)]
    who = _joined(named)
    if document.kind is Kind.INTERMEDIARY:
        return f"{document.named_body}, for: {who}"
    if document.kind is Kind.CRIMINAL_JUSTICE:
        return f"{who} (to monitor my progress for {document.named_body}), and nobody else"
    return who


def _end(document: Document, days: Mapping[str, str]) -> list[str]:
    ends = [f"on {days['expires']}"] if document.expires_at is not None and days.get("expires") else []
    if document.expiry_event:
        ends.append(f"with this event: {document.expiry_event}")
    if ends:
        return [f"This consent ends {' or '.join(ends)}, whichever comes first." if len(ends) > 1 else _ends(ends[0])]
    return ["This consent has no end, until I revoke it."] if document.open_ended else []


def _ends(when: str) -> str:
    return f"This consent ends {when}."


def _statements(document: Document) -> Sequence[tuple[Statement, str]]:
    revoke = (
        f"I can revoke this consent at any time, in writing, to {document.discloser}. What was done before in reliance "
        f"on it stands. If I say it aloud, nothing more goes out until it is in writing."
    )
    if document.kind is Kind.CRIMINAL_JUSTICE:
        revoke = f"When it can be revoked, I do so in writing, to {document.discloser}. What was done before stands."
    refusal = (
        "My care does not depend on signing this."
        if document.kind is Kind.COUNSELLING_NOTES
        else "If I do not sign, treatment may go on, but the clinic cannot bill my plan or send my record to others "
        "who treat me, and some services may not be possible."
    )
    return (
        (Statement.REVOCATION, revoke),
        (
            Statement.REDISCLOSURE,
            "Whoever receives my record for treatment, payment or operations may disclose it further as HIPAA permits. "
            "It is then no longer protected by 42 CFR part 2, but it may not be used in proceedings against me.",
        ),
        (Statement.REFUSAL, refusal),
        (
            Statement.OPT_OUT,
            "I can choose at any time not to be asked for donations, by telling anybody at the clinic.",
        ),
    )


def _mandate(document: Document, days: Mapping[str, str]) -> str:
    because = f" ({document.revocable_event})" if document.revocable_event else ""
    return (
        f"{document.named_body} made treatment a condition. I can revoke this consent from "
        f"{days.get('revocable', '')}{because}, which is no later than the final decision."
    )


def content_hash(document: Document, text: str) -> str:
    """
    Return the SHA-256 of a signed consent: its elements, its text, and who signed it when; 64 hexadecimal digits.

    Whose consent it is stands in the text: a name that is corrected later does not break what was signed.

    :raises ValueError: it is not signed
    """
    if document.signed_at is None:
        raise ValueError("A consent that is not signed has nothing to fix.")

    def instant(at: datetime | None) -> str | None:
        return at.astimezone(UTC).isoformat(timespec="microseconds") if at is not None else None

    values = {
        "form": FORM,
        "kind": document.kind,
        "discloser": document.discloser,
        "categories": sorted(document.categories),
        "recipients": list(document.recipients),
        "recipient_classes": sorted(document.recipient_classes),
        "named_body": document.named_body,
        "purposes": sorted(document.purposes),
        "statements": sorted(document.statements),
        "expires_at": instant(document.expires_at),
        "expiry_event": document.expiry_event,
        "open_ended": document.open_ended,
        "revocable_at": instant(document.revocable_at),
        "revocable_event": document.revocable_event,
        "signer": document.signer,
        "signed_name": document.signed_name,
        "authority": document.authority,
        "signed_at": instant(document.signed_at),
        "text": text,
    }
    canonical = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()

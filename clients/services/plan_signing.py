"""Signing a version of a plan: author, person, supervisor; it comes into force when all have signed what it says."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.db import transaction

from clients.models import LintDismissal, PlanReview, PlanSignature, PlanVersion
from clients.rules import plan_lint
from clients.rules import plans as rules
from clients.rules.clock import civil_date
from clients.rules.plans import Wrong
from clients.selectors import plans as selectors
from clients.services import tasks
from clients.services.plans import NotADraft, is_cosigned, locked_version, tidy
from clinics import audit
from clinics.models import User
from clinics.roles import Role
from clinics.versions import Stale

NAME_CHARS = 200
FOR_PERSON = ("client", "guardian")
BY_HAND = ("device", "paper")
PHYSICIAN = "physician"


class NotTheAuthor(PermissionDenied):
    """A version is signed as author by who began it."""


class NotASupervisor(PermissionDenied):
    """A version is co-signed, or sent back, by a supervisor who did not write it."""


class NotWhole(ValueError):
    """
    Something has to be written before a version can be signed.

    gaps   what, in the order of the plan
    """

    field = ""

    def __init__(self, gaps: list[str]) -> None:
        super().__init__(gaps[0])
        self.gaps = gaps


class NotWaiting(ValueError):
    """Only a version that waits for signatures takes one."""

    field = ""

    def __init__(self) -> None:
        super().__init__("This version does not wait for this signature. Open the plan again.")


class SignedBefore(ValueError):
    """This capacity has signed what the version says, or said “not now”."""

    field = ""

    def __init__(self) -> None:
        super().__init__("This is written down already.")


# --- hints ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def dismiss_hint(*, version: PlanVersion, code: str, lineage: str, reason: str, by: User) -> LintDismissal:
    """
    Set a hint about a draft aside, with the reason; set aside before, nothing changes.

    :raises Wrong: no reason, or no such hint
    :raises NotADraft: the version is none
    """
    words = tidy(reason)
    if not words:
        raise Wrong("reason", "Write why it stays as it is.")
    if code not in plan_lint.CODES:
        raise Wrong("", "There is no such hint. Open the page again.")
    held = locked_version(version)
    if held.state != "draft":
        raise NotADraft(held.state)
    about = {"plan_version": held, "code": code, "lineage": lineage or None}
    found: LintDismissal | None = LintDismissal.objects.filter(**about).first()
    if found is not None:
        return found
    row = LintDismissal(clinic_id=held.clinic_id, **about, reason=words, dismissed_by=by)
    row.save()
    audit.record("plan.hint_set_aside", row, by=by, client_id=held.client_id, detail={"code": code})
    return row


# --- signatures -----------------------------------------------------------------------------------------------------


@transaction.atomic
def sign_as_author(
    *, version: PlanVersion, seen: int, starts_on: date | None, needs_cosign: bool, by: User, now: datetime
) -> PlanSignature:
    """
    Sign a draft as its author: its content is final from here, and it waits for the other signatures.

    seen          the version number of what the person read before signing
    starts_on     when the plan begins; None: today
    needs_cosign  the author asks for a co-signature; a clinic that has their plans co-signed asks for it anyway
    :raises NotTheAuthor: somebody else began it
    :raises NotADraft: it waits or was signed before
    :raises Stale: it is not what was read
    :raises NotWhole: something is still to be written; it names all of it
    """
    held = locked_version(version)
    if held.author_id != by.pk:
        raise NotTheAuthor
    if held.state != "draft":
        raise NotADraft(held.state)
    if held.version != seen:
        raise Stale(held)
    rules.require_move(held.state, "in_review")
    parts = selectors.said_of(held).parts
    gaps = rules.gaps(parts)
    if gaps:
        raise NotWhole(gaps)
    held.starts_on = starts_on or civil_date(now, ZoneInfo(held.plan.clinic.time_zone))
    held.needs_cosign = needs_cosign or is_cosigned(by, held.clinic_id)
    held.version += 1
    # A draft takes these; laid out for signatures it takes nothing.
    held.save(update_fields=["starts_on", "needs_cosign", "version"])
    held.state, held.submitted_at, held.end_reason = "in_review", now, None
    held.content_hash = selectors.hash_of(held, parts, now)
    held.save(update_fields=["state", "submitted_at", "content_hash", "end_reason"])
    return _sign(
        held, by, now, capacity="author", user=by, printed_name=_printed(by), method="signed_in"
    )  # fmt: skip


@transaction.atomic
def sign_for_person(
    *, version: PlanVersion, content_hash: str, capacity: str, printed_name: str, method: str, by: User, now: datetime
) -> PlanSignature:
    """
    Keep the signature of the person, or of who may sign for them, on the clinic's device or on paper.

    content_hash   of what they read
    capacity       "client" or "guardian"; method "device" or "paper"
    :raises NotWaiting: the version does not wait, or says something else by now
    :raises SignedBefore: they have signed
    :raises Wrong: no name
    """
    held = _waiting(version, content_hash)
    name = tidy(printed_name)
    if not name:
        raise Wrong("printed_name", "Enter the name of who signs.")
    return _by_hand(held, capacity, method, by, now, printed_name=name[:NAME_CHARS])


@transaction.atomic
def refuse(
    *,
    version: PlanVersion,
    content_hash: str,
    capacity: str,
    printed_name: str,
    method: str,
    reason: str,
    by: User,
    now: datetime,
) -> PlanSignature:
    """
    Write down that the person does not sign for now, and why. It does not hold up care.

    :raises NotWaiting: the version does not wait, or says something else by now
    :raises SignedBefore: they have signed, or said so before
    :raises Wrong: no name, or no reason
    """
    held = _waiting(version, content_hash)
    words, name = tidy(reason), tidy(printed_name)
    if not words:
        raise Wrong("reason", "Write why not now, in their words.")
    if not name:
        raise Wrong("printed_name", "Enter the name of who says so.")
    return _by_hand(
        held, capacity, method, by, now, printed_name=name[:NAME_CHARS], refused=True, refusal_reason=words
    )  # fmt: skip


@transaction.atomic
def sign_for_physician(
    *, version: PlanVersion, content_hash: str, printed_name: str, method: str, by: User, now: datetime
) -> PlanSignature:
    """
    Keep a physician's signature, for clinics and payers that ask for one; a plan comes into force without it.

    content_hash   of what they read
    method         "device" or "paper"
    :raises NotWaiting: the version neither waits nor is in force, or says something else by now
    :raises SignedBefore: a physician has signed
    :raises Wrong: no name
    """
    held = locked_version(version)
    if held.state not in ("in_review", "active") or held.content_hash != content_hash:
        raise NotWaiting
    name = tidy(printed_name)
    if not name:
        raise Wrong("printed_name", "Enter the name of who signs.")
    if method not in BY_HAND:
        raise Wrong("method", "They sign on paper, or on the clinic's device.")
    return _sign(held, by, now, capacity=PHYSICIAN, user=None, printed_name=name[:NAME_CHARS], method=method)


@transaction.atomic
def cosign(*, version: PlanVersion, content_hash: str, by: User, now: datetime) -> PlanSignature:
    """
    Co-sign what an author signed.

    :raises NotASupervisor: who asks is none, or wrote it
    :raises NotWaiting: the version does not wait for a co-signature, or says something else by now
    :raises SignedBefore: a supervisor has signed
    """
    held = _waiting(version, content_hash)
    _require_supervisor(held, by)
    if not held.needs_cosign:
        raise NotWaiting
    return _sign(
        held, by, now, capacity="supervisor", user=by, printed_name=_printed(by), method="signed_in"
    )  # fmt: skip


@transaction.atomic
def send_back(*, version: PlanVersion, reason: str, by: User) -> PlanVersion:
    """
    Let a version that waits for signatures be a draft again: its author takes it back, or a supervisor returns it.

    reason   what is to change; a supervisor writes it, for the author to read
    What was signed so far stands in the record, under what was signed; a version laid out anew is signed anew.
    :raises NotASupervisor: who asks is neither
    :raises NotWaiting: it does not wait
    :raises Wrong: a supervisor gives no reason
    """
    held = locked_version(version)
    if held.state != "in_review":
        raise NotWaiting
    words = tidy(reason)
    if held.author_id != by.pk:
        _require_supervisor(held, by)
        if not words:
            raise Wrong("reason", "Write what is to change, for the author to read.")
    rules.require_move(held.state, "draft")
    held.state, held.submitted_at, held.content_hash, held.end_reason = "draft", None, "", words or None
    held.version += 1
    held.save(update_fields=["state", "submitted_at", "content_hash", "end_reason", "version"])
    audit.record("plan.sent_back", held, by=by, detail={"number": held.number, "by_author": held.author_id == by.pk})
    return held


def _printed(user: User) -> str:
    return f"{user.name}, {user.credentials}" if user.credentials else str(user.name)


def _require_supervisor(held: PlanVersion, by: User) -> None:
    if by.pk == held.author_id or Role.SUPERVISOR.value not in by.roles_at(held.clinic_id):
        raise NotASupervisor


def _waiting(version: PlanVersion, content_hash: str) -> PlanVersion:
    held = locked_version(version)
    if held.state != "in_review" or held.content_hash != content_hash:
        raise NotWaiting
    return held


def _by_hand(held: PlanVersion, capacity: str, method: str, by: User, now: datetime, **how: Any) -> PlanSignature:
    if capacity not in FOR_PERSON or method not in BY_HAND:
        raise Wrong("", "The person signs, or who may sign for them; on the clinic's device or on paper.")
    # One word of theirs is enough, and it is final: the person's or their guardian's.
    if PlanSignature.objects.filter(
        plan_version=held, content_hash=held.content_hash, capacity__in=FOR_PERSON
    ).exists():
        raise SignedBefore
    return _sign(held, by, now, capacity=capacity, user=None, method=method, **how)


def _sign(held: PlanVersion, by: User, now: datetime, **how: Any) -> PlanSignature:
    if PlanSignature.objects.filter(
        plan_version=held, content_hash=held.content_hash, capacity=how["capacity"]
    ).exists():
        raise SignedBefore
    signature = PlanSignature(
        clinic_id=held.clinic_id,
        plan_version=held,
        content_hash=held.content_hash,
        signed_at=now,
        recorded_by=by,
        **how,
    )
    signature.save()
    detail: Mapping[str, Any] = {
        "capacity": how["capacity"], "method": how["method"], "refused": how.get("refused", False),
        "hash": held.content_hash,
    }  # fmt: skip
    audit.record("plan.signed", held, by=by, detail=dict(detail))
    if how["capacity"] != PHYSICIAN:
        _activate_when_whole(held, by, now)
    return signature


def _activate_when_whole(held: PlanVersion, by: User, now: datetime) -> None:
    """Put a version into force when nobody's signature is missing; the one before it is replaced at that moment."""
    rows = PlanSignature.objects.filter(plan_version=held, content_hash=held.content_hash)
    signed = list(rows.values_list("capacity", flat=True))
    if rules.missing_signatures(signed, needs_cosign=held.needs_cosign):
        return
    rules.require_move(held.state, "active")
    before: PlanVersion | None = PlanVersion.objects.filter(plan=held.plan, state="active").first()
    if before is not None:
        rules.require_move(before.state, "superseded")
        before.state, before.ended_at = "superseded", now
        before.version += 1
        before.save(update_fields=["state", "ended_at", "version"])
        audit.record("plan.superseded", before, by=by, detail={"number": before.number})
    held.state, held.activated_at = "active", now
    held.version += 1
    held.save(update_fields=["state", "activated_at", "version"])
    audit.record("plan.activated", held, by=by, detail={"number": held.number})
    tasks.settle_about(kind="plan", about=held.plan.episode, by=by)
    if not PlanReview.objects.filter(plan=held.plan, held_on=None).exists():
        starts_on = held.starts_on or civil_date(now, ZoneInfo(held.plan.clinic.time_zone))
        due_on = rules.first_review(starts_on)
        PlanReview(clinic_id=held.clinic_id, client_id=held.client_id, plan=held.plan, due_on=due_on).save()

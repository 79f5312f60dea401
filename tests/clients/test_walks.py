"""
Random walks over the statuses of inquiries, written straight into the tables as whoever gets past the services.

Each step tries one thing: a row that a move stands for, a move, or a change of the status by hand. What the database
lets through is compared with the rule and with the rows there are; at the end every chain of moves is read again.
"""

import os
import random
from collections import Counter
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils import timezone

from clients.models import (
    Admission,
    AdmissionDecision,
    Appointment,
    Assessment,
    Client,
    ContactAttempt,
    Episode,
    Inquiry,
    InquiryMove,
    SafetyConcern,
    WaitlistEntry,
)
from clients.rules.transitions import EMERGENCY, ORDINARY, TERMINAL, Status
from tests.world import Side, World

pytestmark = pytest.mark.django_db
STEPS = 12_000 if os.environ.get("EVOKE_TEST_SIZE") == "full" else 1_500
INQUIRIES = 24
NEVER_HELD = TERMINAL | {Status.REFERRED_OUT}


class Walk:
    """Inquiries of one clinic, the rows under them, and what was tried."""

    def __init__(self, side: Side, chance: random.Random) -> None:
        self.side, self.chance = side, chance
        self.seen: Counter[str] = Counter()
        self.number = INQUIRIES
        self.inquiries = [self._inquiry(number) for number in range(INQUIRIES)]

    def _inquiry(self, number: int) -> Inquiry:
        client = Client.objects.create(
            clinic=self.side.clinic, reference=f"W-{number}", legal_name="Walk", family_key="walk", given_key="walk"
        )
        return Inquiry.objects.create(
            clinic=self.side.clinic, client=client, channel="web_form", received_at=timezone.now(), phone="+13125550188"
        )

    def step(self) -> None:
        """Try one thing with one inquiry; one that has ended leaves its place to a new one after a while."""
        place = self.chance.randrange(INQUIRIES)
        inquiry = self.inquiries[place]
        inquiry.refresh_from_db(fields=["status", "crisis_hold"])
        if inquiry.status in TERMINAL and self.chance.random() < 0.1:
            self.number += 1
            self.inquiries[place] = self._inquiry(self.number)
        act = self.chance.choice([*self.ROWS, *[self.move] * 8, self.by_hand])
        if act in (self.move, self.by_hand):
            act(inquiry)
        else:
            act(self, inquiry)

    def of(self, inquiry: Inquiry) -> dict[str, Any]:
        return {"clinic": self.side.clinic, "inquiry": inquiry, "client": inquiry.client}

    # --- rows that moves stand for ------------------------------------------------------------------------------

    def attempt(self, inquiry: Inquiry) -> None:
        ContactAttempt.objects.create(
            clinic=self.side.clinic, inquiry=inquiry, at=timezone.now(), direction="outbound", method="phone",
            outcome="no_answer",
        )  # fmt: skip

    def book(self, inquiry: Inquiry) -> None:
        now = timezone.now()
        Appointment.objects.create(
            **self.of(inquiry), therapist=self.side.therapist, kind="assessment", starts_at=now, service_on=now.date()
        )

    def attend(self, inquiry: Inquiry) -> None:
        Appointment.objects.filter(inquiry=inquiry, attendance="").update(
            attendance=self.chance.choice(["attended", "no_show"])
        )

    def assess(self, inquiry: Inquiry) -> None:
        draft = Assessment.objects.filter(inquiry=inquiry, state="draft").first()
        if draft is None:
            Assessment.objects.create(**self.of(inquiry), assessor=self.side.therapist)
        else:
            Assessment.objects.filter(pk=draft.pk).update(
                state="signed", signed_at=timezone.now(), content_hash="0" * 64
            )

    def decide(self, inquiry: Inquiry) -> None:
        signed = Assessment.objects.filter(inquiry=inquiry, state="signed").first()
        if signed is not None:
            AdmissionDecision.objects.create(
                **self.of(inquiry), assessment=signed, outcome=self.chance.choice(["accepted", "not_eligible"]),
                level_of_care="outpatient", reason="walk", decided_by=self.side.therapist,
            )  # fmt: skip

    def wait(self, inquiry: Inquiry) -> None:
        entry = WaitlistEntry.objects.filter(inquiry=inquiry, ended_at=None).first()
        now = timezone.now()
        if entry is None:
            WaitlistEntry.objects.create(**self.of(inquiry), level_of_care="outpatient", priority=4)
        elif entry.slot_offered_at is None:
            WaitlistEntry.objects.filter(pk=entry.pk).update(slot_offered_at=now, slot_offered_by=self.side.coordinator)
        else:
            WaitlistEntry.objects.filter(pk=entry.pk).update(ended_at=now, ended="offered")

    def admit(self, inquiry: Inquiry) -> None:
        decision = AdmissionDecision.objects.filter(inquiry=inquiry, outcome="accepted").first()
        visit = Appointment.objects.filter(inquiry=inquiry).first()
        if decision is None or visit is None or Admission.objects.filter(inquiry=inquiry, undone_at=None).exists():
            return
        episode = Episode.objects.create(
            clinic=self.side.clinic, client=inquiry.client, program=self.side.program, admitted_on=date(2026, 11, 1)
        )
        Admission.objects.create(
            **self.of(inquiry), episode=episode, assessment=decision.assessment, decision=decision,
            therapist=self.side.therapist, first_appointment=visit, identity_check="photo_id", days_waited=1,
            admitted_by=self.side.coordinator,
        )  # fmt: skip

    def undo(self, inquiry: Inquiry) -> None:
        for row in Admission.objects.filter(inquiry=inquiry, undone_at=None):
            row.undone_at, row.undone_by, row.undo_reason = timezone.now(), self.side.supervisor, "walk"
            row.save(update_fields=["undone_at", "undone_by", "undo_reason"])
            Episode.objects.filter(pk=row.episode_id).update(status="void")

    def worry(self, inquiry: Inquiry) -> None:
        concern = SafetyConcern.objects.filter(inquiry=inquiry, reviewed_at=None).first()
        if concern is None and self.chance.random() < 0.3:
            SafetyConcern.objects.create(
                **self.of(inquiry), level=self.chance.choice(["S1", "S2", "S3"]), code="walk", due_at=timezone.now()
            )
        elif concern is not None:
            concern.reviewed_at, concern.reviewed_by = timezone.now(), self.side.therapist
            concern.rationale, concern.next_check_on = "walk", date(2026, 12, 1)
            concern.save()

    ROWS = (attempt, book, attend, assess, assess, decide, wait, admit, undo, worry)
    STANDS_FOR = {
        Status.CONTACTING: attempt, Status.ASSESSMENT_SCHEDULED: book, Status.ASSESSED: assess,
        Status.ACCEPTED: decide, Status.WAITLISTED: wait, Status.ADMITTED: admit,
    }  # fmt: skip

    # --- moves, and what is no move -----------------------------------------------------------------------------

    def move(self, inquiry: Inquiry) -> None:
        """Try a move; it is let through exactly when the rule and the rows allow it."""
        status = Status(inquiry.status)
        origin = status if self.chance.random() < 0.9 else self.chance.choice(list(Status))
        likely = sorted(ORDINARY[status]) if ORDINARY[status] and self.chance.random() < 0.85 else list(Status)
        to = self.chance.choice(likely)
        reason = self.chance.choice(["", "", "", EMERGENCY, "cost"])
        if to in self.STANDS_FOR and self.chance.random() < 0.6:
            self.STANDS_FOR[to](self, inquiry)
        expected = self.allowed(inquiry, origin, to, reason)
        made = tried(
            lambda: InquiryMove.objects.create(
                clinic=self.side.clinic, inquiry=inquiry, origin=origin, to=to, by=self.side.coordinator, reason=reason
            )
        )
        assert made == expected, f"{origin} to {to} with {reason or 'no reason'}, {'held' * inquiry.crisis_hold}"
        self.seen["made" if made else "refused"] += 1
        if made:
            self.seen[f"reached {to}"] += 1

    def by_hand(self, inquiry: Inquiry) -> None:
        """Try to set the status or the hold without a move: never let through."""
        change: dict[str, Any] = self.chance.choice(
            [{"status": self.chance.choice([one for one in Status if one != inquiry.status])},
             {"crisis_hold": not inquiry.crisis_hold}]
        )  # fmt: skip
        assert not tried(lambda: Inquiry.objects.filter(pk=inquiry.pk).update(**change)), change
        self.seen["by hand"] += 1

    def allowed(self, inquiry: Inquiry, origin: Status, to: Status, reason: str) -> bool:
        """Tell whether a move is one: by the table of the rule, and by the rows there are."""
        if origin != inquiry.status:
            return False
        if (origin, to) == (Status.ADMITTED, Status.ACCEPTED):
            admissions = Admission.objects.filter(inquiry=inquiry)
            return admissions.exists() and not admissions.filter(undone_at=None).exists()
        if inquiry.crisis_hold:
            return origin not in NEVER_HELD and to is Status.REFERRED_OUT and reason == EMERGENCY
        return to in ORDINARY[origin] and self.has_row(inquiry, origin, to)

    def has_row(self, inquiry: Inquiry, origin: Status, to: Status) -> bool:
        """Tell whether the row that a move stands for is there."""
        asked = Q(inquiry=inquiry)
        if to is Status.ASSESSMENT_SCHEDULED:
            return Appointment.objects.filter(asked, kind="assessment", attendance="").exists()
        if to is Status.ASSESSED:
            return Assessment.objects.filter(asked, state="signed").exists()
        if to is Status.WAITLISTED:
            return WaitlistEntry.objects.filter(asked, ended_at=None).exists()
        if to is Status.ADMITTED:
            return Admission.objects.filter(asked, undone_at=None, episode__status="open").exists()
        if to is Status.ACCEPTED and origin is Status.ASSESSED:
            return AdmissionDecision.objects.filter(asked, outcome="accepted").exists()
        if to is Status.ACCEPTED and origin is Status.WAITLISTED:
            return WaitlistEntry.objects.filter(asked, slot_offered_at__isnull=False).exists()
        if to is Status.CONTACTING and origin is Status.NEW:
            return ContactAttempt.objects.filter(asked).exists()
        return True


def tried(act: Any) -> bool:
    """Tell whether the database let something through."""
    try:
        with transaction.atomic():
            act()
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", "") != "EV003":
            raise
        return False
    return True


def illegal_chains(side: Side) -> list[str]:
    """Return each place where the moves of an inquiry do not follow one another, or do not end at its status."""
    found = []
    moves: dict[int, list[tuple[str, str]]] = {}
    for inquiry_id, origin, to in InquiryMove.objects.order_by("id").values_list("inquiry_id", "origin", "to"):
        moves.setdefault(inquiry_id, []).append((origin, to))
    for inquiry in Inquiry.objects.all():
        at = "new"
        for origin, to in moves.get(inquiry.pk, []):
            if origin != at:
                found.append(f"{inquiry.pk}: {at} is followed by a move from {origin}")
            at = to
        if at != inquiry.status:
            found.append(f"{inquiry.pk}: the last move leads to {at}, the status is {inquiry.status}")
        held = SafetyConcern.objects.filter(inquiry=inquiry, level__in=["S2", "S3"], reviewed_at=None).exists()
        if held != inquiry.crisis_hold:
            found.append(f"{inquiry.pk}: hold {inquiry.crisis_hold}, open concerns {held}")
    return found


def test_no_walk_leads_to_an_illegal_state(world: World, record_property: Any) -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")  # shown when the test fails
    with world.here.scope():
        walk = Walk(world.here, random.Random(seed))
        for _number in range(STEPS):
            walk.step()
        assert illegal_chains(world.here) == []
    record_property("walks: steps", STEPS)
    record_property("walks: moves made", walk.seen["made"])
    record_property("walks: statuses reached", sum(key.startswith("reached") for key in walk.seen))
    record_property("walks: moves refused", walk.seen["refused"])
    record_property("walks: changes by hand refused", walk.seen["by hand"])
    record_property("walks: illegal states", 0)
    assert walk.seen["made"] > STEPS // 100
    assert walk.seen["refused"] > STEPS // 20

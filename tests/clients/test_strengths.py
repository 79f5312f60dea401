"""What helps somebody: reasons, strengths of each kind, hope, and what stands on their card."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from clients.models import ChangeReason, Client
from clients.rules.strengths import Kind, Wrong
from clients.services import reasons, strengths, targets
from clients.services.reasons import Ended, Refused
from clients.services.targets import SetAside
from clinics.models import AuditEvent
from clinics.versions import Stale
from tests.clients.helping import KEPT, given, kept
from tests.clients.people import today
from tests.world import CANARY, World

# --- reasons --------------------------------------------------------------------------------------------------------


def test_words_lie_encrypted_and_the_trail_has_none(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        reason = given(here, noor, f"Reason {CANARY}")
        row = kept(here, noor, Kind.SUCCESS, text=f"a {CANARY}", evidence=f"b {CANARY}", helped=f"c {CANARY}")
        reading = strengths.rate_hope(client=noor, value=6, words=f"d {CANARY}", by=here.therapist, now=timezone.now())
        reasons.end(reason=reason, by=here.therapist, now=timezone.now())
        with connection.cursor() as cursor:
            for column, table, key in (
                ("text", "changereason", reason.pk), ("text", "strength", row.pk), ("evidence", "strength", row.pk),
                ("helped", "strength", row.pk), ("why_not_lower", "rulerreading", reading.pk),
            ):  # fmt: skip
                cursor.execute(f"select {column} from clients_{table} where id = %s", [key])
                assert CANARY.encode() not in bytes(cursor.fetchone()[0])
        found = AuditEvent.objects.exclude(action__startswith="row.").order_by("-pk")[:4]
        assert [one.action for one in found] == ["reason.ended", "rulers.taken", "strength.added", "reason.added"]
        assert CANARY not in str(list(AuditEvent.objects.values()))


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"text": " \x00"}, "text"), ({"text": "x" * 1001}, "text"), ({"strength": 11}, "strength"),
        ({"first_said_on": timezone.now().date() + timedelta(days=3)}, "first_said_on"),
    ],
)  # fmt: skip
def test_a_reason_that_cannot_be_kept_says_why(world: World, noor: Client, other: dict[str, Any], field: str) -> None:
    here = world.here
    with here.scope(here.therapist):
        with pytest.raises(Refused) as found:
            given(here, noor, **other)
        assert found.value.field == field
        assert not ChangeReason.objects.filter(client=noor).exists()


def test_a_reason_for_a_goal_that_is_set_aside_is_refused(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        target = targets.add(client=noor, terms=targets.Terms("Sleep"), by=here.therapist)
        given(here, noor, target=target)
        target = targets.set_aside(target=target, by=here.therapist)
        with pytest.raises(SetAside):
            given(here, noor, target=target)


def test_a_reason_is_changed_said_again_once_a_day_and_let_go(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        before = today(here) - timedelta(days=3)
        reason = given(here, noor, first_said_on=before)
        same = reasons.Terms("My son", "own", True, first_said_on=before)
        reasons.change(reason=reason, version=1, terms=same, by=here.therapist, now=timezone.now())
        reason.refresh_from_db()
        assert reason.version == 1, "what changes nothing leaves no mark"
        for _n in range(2):
            said = reasons.say_again(reason=reason, by=here.therapist, now=timezone.now())
        assert (said.restated_on, said.version) == ([today(here)], 2)
        other = reasons.Terms("My daughter", "family", True, 9)
        with pytest.raises(Stale):
            reasons.change(reason=reason, version=1, terms=other, by=here.therapist, now=timezone.now())
        changed = reasons.change(reason=reason, version=2, terms=other, by=here.therapist, now=timezone.now())
        assert (changed.text, changed.first_said_on) == ("My daughter", before), "the day stays where none is given"
        for _n in range(2):
            ended = reasons.end(reason=reason, by=here.therapist, now=timezone.now())
        assert ended.version == 4
        with pytest.raises(Ended):
            reasons.say_again(reason=reason, by=here.therapist, now=timezone.now())
        with pytest.raises(Ended):
            reasons.change(reason=reason, version=4, terms=same, by=here.therapist, now=timezone.now())


def test_what_was_first_said_today_is_not_said_again_today(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        reason = given(here, noor)
        assert reasons.say_again(reason=reason, by=here.therapist, now=timezone.now()).restated_on == []


# --- strengths ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_is_kept_changed_and_let_go(world: World, noor: Client, kind: Kind) -> None:
    here = world.here
    with here.scope(here.therapist):
        row = kept(here, noor, kind)
        values = {**KEPT[kind], "text": "Other words"}
        if kind is Kind.MILESTONE:
            values["happened_on"] = today(here)
        how: dict[str, Any] = {"named_by": "family", "on_card": False, "by": here.therapist, "now": timezone.now()}
        changed = strengths.change(row=row, version=1, values=values, **how)
        assert (changed.text, changed.named_by, changed.on_card, changed.version) == ("Other words", "family", False, 2)
        with pytest.raises(Stale):
            strengths.change(row=row, version=1, values=values, **how)
        for _n in range(2):
            ended = strengths.end(row=row, by=here.therapist, now=timezone.now())
        assert ended.version == 3
        with pytest.raises(Ended):
            strengths.change(row=row, version=3, values=values, **how)


def test_an_affirmation_names_an_appointment_of_the_person_only(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        with pytest.raises(Wrong, match="their own appointments"):
            kept(here, noor, Kind.AFFIRMATION, appointment=here.appointment)
        here.client.clinic = here.clinic
        assert kept(here, here.client, Kind.AFFIRMATION, appointment=here.appointment).appointment == here.appointment


@pytest.mark.parametrize("value", [-1, 11])
def test_hope_lies_from_0_to_10(world: World, noor: Client, value: int) -> None:
    here = world.here
    with here.scope(here.therapist), pytest.raises(Wrong):
        strengths.rate_hope(client=noor, value=value, words="", by=here.therapist, now=timezone.now())


def test_choosing_the_card_touches_what_was_offered_and_nothing_else(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        first, second, unseen = (given(here, noor, text) for text in ("one", "two", "three"))
        row = kept(here, noor, on_card=False)
        foreign = here.reason
        changed = strengths.choose_card(
            client=noor, offered=[first.public_id, second.public_id, row.public_id, foreign.public_id],
            chosen=[str(first.public_id), str(row.public_id)], by=here.therapist,
        )  # fmt: skip
        assert changed == 2
        for one, stands in ((first, True), (second, False), (unseen, True), (row, True), (foreign, True)):
            one.refresh_from_db()
            assert one.on_card is stands
        event = AuditEvent.objects.filter(action="card.chosen").latest("pk")
        assert event.detail == {"changereason": 1, "strength": 1}


# --- the room -------------------------------------------------------------------------------------------------------

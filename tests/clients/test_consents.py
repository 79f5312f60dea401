"""Consents: written, signed, held, revoked; what is signed stays, by whatever path."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from clients.models import Consent, ConsentEvent
from clients.rules.consent_terms import Kind, State, Statement
from clients.rules.consent_text import content_hash
from clients.rules.consents import Effect
from clients.selectors import consents as selectors
from clients.services import consents
from clients.services.consents import Incomplete, NotADraft, NotNow, Paper
from clinics.models import AuditEvent
from clinics.versions import Stale
from tests.clients.consenting import OF_KIND, signed, terms
from tests.world import NOW, World

PAPER = Paper(
    text="Release of attendance to the court",
    statements=frozenset({Statement.REVOCATION}),
    signer="self",
    signed_name="Jordan Marsh",
    authority="",
    signed_on=date(2026, 11, 2),
)


def last_action() -> AuditEvent:
    found: AuditEvent = AuditEvent.objects.exclude(action__startswith="row.").latest("pk")
    return found


# --- writing and signing --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Kind.SPECIFIC, *OF_KIND])
def test_a_consent_of_each_shape_is_written_signed_and_in_force(world: World, kind: Kind) -> None:
    here = world.here
    with here.scope(here.therapist):
        consent = signed(here, kind)
        assert (consent.state, consent.signed_at, consent.witnessed_by) == ("active", NOW, here.therapist)
        document = selectors.document_of(consent)
        assert consent.content_hash == content_hash(document, consent.text)
        assert selectors.state_of(consent, NOW) is State.ACTIVE
        assert here.client.legal_name in consent.text
        assert [event.what for event in selectors.history_of(consent)] == ["signed"]
        event = last_action()
        assert (event.action, event.client_ref, event.detail["hash"]) == (
            "consent.signed", here.client.pk, consent.content_hash,
        )  # fmt: skip


def test_a_consent_that_lacks_something_is_not_even_kept_as_a_draft(world: World) -> None:
    with world.here.scope():
        before = Consent.objects.count()
        with pytest.raises(Incomplete) as refused:
            consents.draft_consent(
                client=world.here.client, terms=terms(recipients="", last_day=None), by=world.here.therapist
            )
        assert {one.element for one in refused.value.problems} == {"recipients", "expires_at"}
        assert Consent.objects.count() == before


def test_it_ends_with_the_end_of_its_last_day_by_the_clinic_s_clock(world: World) -> None:
    here = world.here
    with here.scope():
        consent = signed(here, last_day=date(2026, 12, 31))
        assert consent.expires_at is not None
        assert consent.expires_at.isoformat() in {"2027-01-01T06:00:00+00:00", "2027-01-01T05:00:00+00:00"}
        assert selectors.state_of(consent, consent.expires_at - timedelta(microseconds=1)) is State.ACTIVE
        assert selectors.state_of(consent, consent.expires_at) is State.EXPIRED
        assert selectors.days_of(consent)["expires"] == "Dec 31, 2026"


def test_signing_needs_a_name_what_was_read_and_a_draft(world: World) -> None:
    here = world.here
    with here.scope():
        draft = consents.draft_consent(client=here.client, terms=terms(), by=here.therapist)
        how: dict[str, Any] = {
            "consent": draft, "version": draft.version, "signer": "self", "signed_name": "Jordan", "authority": "",
            "by": here.therapist, "now": NOW,
        }  # fmt: skip
        with pytest.raises(Incomplete, match="signature is missing"):
            consents.sign_consent(**{**how, "signed_name": "  "})
        with pytest.raises(Incomplete, match="may sign for them"):
            consents.sign_consent(**{**how, "signer": "guardian"})
        with pytest.raises(Stale):
            consents.sign_consent(**{**how, "version": 9})
        held = consents.sign_consent(**how)
        with pytest.raises(NotADraft):
            consents.sign_consent(**{**how, "version": held.version})
        with pytest.raises(NotADraft):
            consents.discard_draft(consent=held, by=here.therapist)


def test_a_draft_is_set_aside(world: World) -> None:
    here = world.here
    with here.scope():
        draft = consents.draft_consent(client=here.client, terms=terms(), by=here.therapist)
        consents.discard_draft(consent=draft, by=here.therapist)
        assert not Consent.objects.filter(pk=draft.pk).exists()


@pytest.mark.parametrize(
    "change",
    [
        {"recipient": "Another"},
        {"categories": ["safety"]},
        {"signed_name": "Another"},
        {"expires_at": NOW + timedelta(days=999)},
        {"content_hash": "1" * 64},
        {"state": "draft"},
    ],
)
def test_what_was_signed_cannot_change_by_any_path(world: World, change: dict[str, Any]) -> None:
    with world.here.scope():
        consent = signed(world.here)
        with pytest.raises(DatabaseError), transaction.atomic():
            Consent.objects.filter(pk=consent.pk).update(**change)
        with pytest.raises(DatabaseError), transaction.atomic():
            Consent.objects.filter(pk=consent.pk).delete()


def test_a_paper_consent_is_taken_over_as_it_is(world: World) -> None:
    here = world.here
    with here.scope():
        whole = consents.record_paper(client=here.client, terms=terms(), paper=PAPER, by=here.therapist, now=NOW)
        assert (whole.state, whole.on_paper) == ("active", True)
        lacking = consents.record_paper(
            client=here.client, terms=terms(), paper=replace(PAPER, statements=frozenset()), by=here.therapist, now=NOW
        )
        assert lacking.state == "invalid"
        shown = selectors.shown(lacking, NOW)
        assert (shown.state, [one.element for one in shown.problems]) == (State.INVALID, ["statements"])
        for wrong in ({"signed_on": date(2027, 1, 1)}, {"signed_on": None}, {"text": " "}):
            with pytest.raises(Incomplete):
                consents.record_paper(
                    client=here.client, terms=terms(), paper=replace(PAPER, **wrong), by=here.therapist, now=NOW
                )


# --- taking it back -------------------------------------------------------------------------------------------------


def test_a_spoken_wish_holds_at_once_and_a_written_one_ends_it(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        consent = signed(here)
        spoken = consents.ask_to_revoke(consent=consent, written=False, note="on the phone", by=here.therapist, now=NOW)
        consent.refresh_from_db()
        assert (spoken.effect, consent.state) == (Effect.HELD, "on_hold")
        written = consents.ask_to_revoke(consent=consent, written=True, note="", by=here.therapist, now=NOW)
        consent.refresh_from_db()
        assert (written.effect, consent.state) == (Effect.REVOKED, "revoked")
        assert [event.what for event in selectors.history_of(consent)] == [
            "signed", "revocation_asked", "held", "revocation_asked", "revoked",
        ]  # fmt: skip
        again = consents.ask_to_revoke(consent=consent, written=True, note="", by=here.therapist, now=NOW)
        assert again.effect is Effect.NONE
        assert ConsentEvent.objects.filter(consent=consent).count() == 5


def test_t36_a_mandate_before_its_day_stays_the_request_is_kept_and_the_officer_finds_it(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        consent = signed(here, Kind.CRIMINAL_JUSTICE)
        early = consents.ask_to_revoke(consent=consent, written=True, note="", by=here.therapist, now=NOW)
        consent.refresh_from_db()
        assert (early.effect, consent.state) == (Effect.KEPT, "active")
        assert "request is kept" in early.sentence
        waiting: Any = selectors.to_look_after(here.privacy_officer, NOW).get(pk=consent.pk)
        assert selectors.why_waiting(selectors.shown(waiting, NOW, asked=waiting.asked)) is selectors.Why.ASKED
        assert last_action().detail == {"written": True, "effect": "kept"}
        late = consents.ask_to_revoke(
            consent=consent, written=True, note="", by=here.therapist, now=NOW + timedelta(days=31)
        )
        assert late.effect is Effect.REVOKED


def test_holding_and_letting_go_on_need_a_reason_and_the_right_state(world: World) -> None:
    here = world.here
    how: dict[str, Any] = {"by": here.privacy_officer, "now": NOW}
    with here.scope(here.privacy_officer):
        consent = signed(here)
        with pytest.raises(NotNow, match="why"):
            consents.hold(consent=consent, note=" ", **how)
        with pytest.raises(NotNow, match="not on hold"):
            consents.resume(consent=consent, note="fine", **how)
        held = consents.hold(consent=consent, note="signature looks different", **how)
        assert selectors.state_of(held, NOW) is State.ON_HOLD
        with pytest.raises(NotNow):
            consents.hold(consent=consent, note="again", **how)
        assert selectors.state_of(consents.resume(consent=consent, note="it is theirs", **how), NOW) is State.ACTIVE
        false = consents.find_invalid(consent=consent, note="signed by somebody else", **how)
        assert selectors.state_of(false, NOW) is State.INVALID
        with pytest.raises(NotNow):
            consents.resume(consent=consent, note="no", **how)


def test_an_event_ends_a_consent_once(world: World) -> None:
    here = world.here
    with here.scope():
        consent = signed(here, last_day=None, expiry_event="End of treatment")
        over = consents.event_occurred(consent=consent, by=here.therapist, now=NOW)
        assert selectors.state_of(over, NOW) is State.EXPIRED
        with pytest.raises(NotNow):
            consents.event_occurred(consent=consent, by=here.therapist, now=NOW)
        with pytest.raises(NotNow):
            consents.event_occurred(consent=signed(here), by=here.therapist, now=NOW)


def test_the_work_list_holds_what_ends_soon_is_held_or_not_valid_and_nothing_else(world: World) -> None:
    here = world.here
    officer = here.privacy_officer
    with here.scope(officer):
        soon = signed(here, last_day=NOW.date() + timedelta(days=10))
        later = signed(here)
        held = consents.hold(consent=signed(here), note="why", by=officer, now=NOW)
        invalid = consents.record_paper(
            client=here.client, terms=terms(), paper=replace(PAPER, statements=frozenset()), by=officer, now=NOW
        )
        found = {row.pk for row in selectors.to_look_after(officer, NOW)}
        assert {soon.pk, held.pk, invalid.pk} <= found
        assert later.pk not in found
        long_over = NOW + timedelta(days=60)
        assert soon.pk not in {row.pk for row in selectors.to_look_after(officer, long_over)}


def test_a_consent_of_a_joined_record_is_the_person_s(world: World) -> None:
    here = world.here
    with here.scope():
        consent = signed(here)
        assert consent in selectors.usable(here.client, NOW)
        treatment = signed(here, Kind.TREATMENT)
        assert selectors.in_force(here.client, Kind.TREATMENT, NOW) == treatment
        assert treatment not in selectors.usable(here.client, NOW)


def test_a_notice_is_recorded_as_given(world: World) -> None:
    here = world.here
    with here.scope():
        given = consents.give_notice(client=here.client, answer="signed", by=here.coordinator)
        assert selectors.notice_of(here.client) == given
        assert last_action().action == "notice.given"

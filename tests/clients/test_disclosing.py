"""The one way out: what is given and dropped, the accounting, the package, and what stops it on the way."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from clients import disclosure as way_out
from clients.disclosure import NotReady, Refused
from clients.models import Consent, Disclosure, DisclosurePackage, Restriction
from clients.rules.consent_terms import Category, Kind, Purpose, RecipientClass
from clients.rules.disclosure import NOTICES, RECORDS, SHORT_NOTICE, Basis
from clients.rules.package import package_hash
from clients.services import consents, restrictions
from clinics.models import AuditEvent, Job
from tests.clients.consenting import RECIPIENT, asked, signed
from tests.clients.people import joined_twice
from tests.world import CANARY, NOW, Side, World


def let_out(side: Side, what: way_out.Asked, **other: Any) -> tuple[Disclosure, DisclosurePackage]:
    how: dict[str, Any] = {"client": side.client, "asked": what, "by": side.therapist, "now": NOW, **other}
    made, job = way_out.disclose(**how)
    assert job.kind == way_out.JOB
    packed = way_out.pack(public_id=job.args["package"], now=NOW)
    assert packed is not None
    made.refresh_from_db()
    return made, packed


def test_a_disclosure_writes_its_row_and_puts_together_what_was_given(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        consent = signed(here)
        made, packed = let_out(here, asked(consent, "attendance", "progress_notes", "safety"))
        assert made.categories_given == ["attendance", "progress_notes"]
        assert made.categories_asked == ["attendance", "safety", "progress_notes"]
        assert made.dropped == {"safety": "not_in_consent"}
        assert (made.recipient, made.purpose, made.consent, made.made_by) == (
            RECIPIENT, "treatment", consent, here.therapist,
        )  # fmt: skip
        content = way_out.content_of(packed)
        assert content["cover"]["notice"] == NOTICES["long"]
        assert content["cover"]["consent"] == consent.text
        assert RECIPIENT in content["cover"]["watermark"]
        assert [part["part"] for part in content["parts"]] == ["attendance", "progress_notes"]
        notes = content["parts"][1]["rows"]
        assert f"{CANARY}-riverbend signed note" in json.dumps(notes)
        assert f"{CANARY}-riverbend addendum" in json.dumps(notes)
        assert f"{CANARY}-riverbend note" not in json.dumps(notes), "a note that is not signed stays here"
        assert "safety" not in json.dumps(content)
        assert made.package_hash == package_hash(packed.body)
        actions = list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))
        assert [one for one in actions if one.startswith("disclosure.")] == ["disclosure.made", "disclosure.packed"]


def test_t36_counselling_notes_are_dropped_from_a_tpo_disclosure_and_that_is_logged(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        consent = signed(here, Kind.TPO_SINGLE)
        made, packed = let_out(
            here,
            asked(consent, "attendance", "counselling_notes", of_class=RecipientClass.TREATING_PROVIDERS),
        )
        assert made.dropped == {"counselling_notes": "own_consent"}
        assert "counselling" not in packed.body
        event = AuditEvent.objects.get(action="disclosure.made")
        assert event.detail["dropped"] == {"counselling_notes": "own_consent"}


def test_t36_at_the_instant_of_expiry_nothing_goes_out(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        consent = signed(here)
        assert consent.expires_at is not None
        before = Disclosure.objects.count()
        with pytest.raises(Refused):
            let_out(here, asked(consent), now=consent.expires_at)
        assert Disclosure.objects.count() == before
        let_out(here, asked(consent), now=consent.expires_at - timedelta(microseconds=1))


def test_t38_the_short_notice_travels_exactly(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        _made, packed = let_out(here, asked(signed(here), notice="short"))
        assert way_out.content_of(packed)["cover"]["notice"] == SHORT_NOTICE
        with pytest.raises(Refused):
            let_out(here, asked(signed(here), notice="none"))


def test_a_consent_of_somebody_else_is_no_basis(world: World) -> None:
    with world.neighbour.scope():
        foreign = signed(world.neighbour)
    with world.here.scope(world.here.therapist), pytest.raises(Consent.DoesNotExist):
        let_out(world.here, asked(foreign))


def test_without_consent_only_the_privacy_officer_and_only_with_what_the_basis_records(world: World) -> None:
    here = world.here
    emergency = asked(
        None, "identity", "safety", basis=Basis.MEDICAL_EMERGENCY, purpose=Purpose.EMERGENCY,
        record={"affiliation": "County hospital", "description": "Found unconscious"},
    )  # fmt: skip
    with here.scope(here.privacy_officer):
        for user in (here.therapist, here.supervisor):
            with pytest.raises(PermissionDenied):
                let_out(here, emergency, by=user)
        with pytest.raises(Refused, match="what the emergency is"):
            let_out(
                here, way_out.Asked(**{**vars_of(emergency), "record": {"affiliation": "x"}}), by=here.privacy_officer
            )
        made, _packed = let_out(here, emergency, by=here.privacy_officer)
        assert (made.affiliation, made.description) == ("County hospital", "Found unconscious")
        assert made.consent is None


def vars_of(what: way_out.Asked) -> dict[str, Any]:
    return {name: getattr(what, name) for name in what.__dataclass_fields__}


def test_a_court_order_keeps_both_numbers(world: World) -> None:
    here = world.here
    assert set(RECORDS[Basis.COURT_ORDER]) == {"affiliation", "reference", "subpoena"}
    what = asked(
        None, "attendance", basis=Basis.COURT_ORDER, purpose=Purpose.LEGAL_PROCEEDING,
        record={"affiliation": "Circuit court", "reference": "O-17", "subpoena": "S-4"},
    )  # fmt: skip
    with here.scope(here.privacy_officer):
        made, _packed = let_out(here, what, by=here.privacy_officer)
        assert (made.order_reference, made.subpoena_reference) == ("O-17", "S-4")


def test_without_identifiers_the_package_holds_nothing_that_tells_who_it_is(world: World) -> None:
    here = world.here
    what = asked(
        None, *Category, basis=Basis.PUBLIC_HEALTH, purpose=Purpose.PUBLIC_HEALTH,
        record={"affiliation": "State health department"},
    )  # fmt: skip
    with here.scope(here.privacy_officer):
        _made, packed = let_out(here, what, by=here.privacy_officer)
        text = packed.body
    assert CANARY not in text
    assert here.client.reference not in text
    assert "2026" not in json.dumps(json.loads(text)["parts"])
    assert {part["part"] for part in json.loads(text)["parts"]} == {"attendance", "readiness"}


def test_who_does_not_reach_the_person_discloses_nothing(world: World) -> None:
    here = world.here
    with here.scope():
        consent = signed(here)
        for user in (here.coordinator, here.other_therapist, here.coder, here.administrator):
            with pytest.raises(PermissionDenied):
                let_out(here, asked(consent), by=user)


def test_a_restriction_that_was_agreed_to_is_honoured(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        consent = signed(here, Kind.TPO_SINGLE)
        what = asked(
            consent, "attendance", purpose=Purpose.PAYMENT, recipient="Blue plan",
            of_class=RecipientClass.PLANS_AND_PAYERS,
        )  # fmt: skip
        assert way_out.weigh(client=here.client, asked=what, now=NOW).allowed
        request = restrictions.ask(
            client=here.client, recipient="", to_payers=True, self_paid=True, categories=[], words="", by=here.therapist
        )
        assert way_out.weigh(client=here.client, asked=what, now=NOW).allowed, "asked for is not agreed to"
        how: dict[str, Any] = {"by": here.privacy_officer, "now": NOW}
        with pytest.raises(restrictions.MustAgree):
            restrictions.decide(restriction=request, version=1, agreed=False, note="no", **how)
        held = restrictions.decide(restriction=request, version=1, agreed=True, note="", **how)
        assert not way_out.weigh(client=here.client, asked=what, now=NOW).allowed
        with pytest.raises(restrictions.Decided):
            restrictions.decide(restriction=request, version=held.version, agreed=True, note="", **how)
        ended = restrictions.end(restriction=held, version=held.version, note="They asked to", **how)
        assert ended.state == Restriction.State.ENDED
        assert way_out.weigh(client=here.client, asked=what, now=NOW).allowed


def test_a_restriction_on_a_record_that_was_joined_twice_is_honoured(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        _once, twice = joined_twice(here)
        what = asked(
            signed(here, Kind.TPO_SINGLE), "attendance", purpose=Purpose.PAYMENT, recipient="Blue plan",
            of_class=RecipientClass.PLANS_AND_PAYERS,
        )  # fmt: skip
        assert way_out.weigh(client=here.client, asked=what, now=NOW).allowed
        request = restrictions.ask(
            client=twice, recipient="", to_payers=True, self_paid=True, categories=[], words="", by=here.therapist
        )
        restrictions.decide(
            restriction=request, version=1, agreed=True, note="", by=here.privacy_officer, now=NOW
        )  # fmt: skip
        assert not way_out.weigh(client=here.client, asked=what, now=NOW).allowed


# --- the package ----------------------------------------------------------------------------------------------------


def test_a_package_is_handed_over_once(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        made, packed = let_out(here, asked(signed(here)))
        assert way_out.open_package(held=packed, by=here.therapist, now=NOW)["form"] == "evoke.disclosure.1"
        text = way_out.hand_over(held=packed, by=here.therapist, now=NOW)
        assert made.package_hash == package_hash(text)
        packed.refresh_from_db()
        assert (packed.state, packed.body, packed.fetched_by) == ("fetched", None, here.therapist)
        for act in (way_out.hand_over, way_out.open_package):
            with pytest.raises(NotReady, match="handed over"):
                act(held=packed, by=here.therapist, now=NOW)
        actions = set(AuditEvent.objects.values_list("action", flat=True))
        assert {"disclosure.opened", "disclosure.handed_over"} <= actions


def test_a_consent_revoked_on_the_way_stops_the_package_before_and_after_it_is_made(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        consent = signed(here)
        _made, ready = let_out(here, asked(consent))
        _waiting, job = way_out.disclose(client=here.client, asked=asked(consent), by=here.therapist, now=NOW)
        consents.ask_to_revoke(consent=consent, written=True, note="", by=here.therapist, now=NOW)
        stopped = way_out.pack(public_id=job.args["package"], now=NOW)
        assert stopped is not None
        assert (stopped.state, stopped.body) == ("removed", None)
        with pytest.raises(NotReady, match="revoked"):
            way_out.hand_over(held=ready, by=here.therapist, now=NOW)
        assert way_out.take_away_old(now=NOW) >= 1
        ready.refresh_from_db()
        assert (ready.state, ready.body) == ("removed", None)
        assert way_out.pack(public_id=job.args["package"], now=NOW) is None


def test_a_package_nobody_fetched_goes_after_a_week(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        _made, packed = let_out(here, asked(signed(here)))
        kept = packed.created_at + timedelta(days=way_out.KEPT_DAYS)
        way_out.take_away_old(now=kept)
        packed.refresh_from_db()
        assert packed.state == "ready"
        way_out.take_away_old(now=kept + timedelta(seconds=1))
        packed.refresh_from_db()
        assert packed.state == "removed"


def test_the_accounting_cannot_be_changed(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        made, _packed = let_out(here, asked(signed(here)))
        changes: list[dict[str, Any]] = [{"recipient": "Nobody"}, {"categories_given": []}, {"package_hash": "1" * 64}]
        for change in changes:
            with pytest.raises(DatabaseError), transaction.atomic():
                Disclosure.objects.filter(pk=made.pk).update(**change)
        with pytest.raises(DatabaseError), transaction.atomic():
            Disclosure.objects.filter(pk=made.pk).delete()


def test_the_job_carries_references_only(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        let_out(here, asked(signed(here)))
        job = Job.objects.filter(kind=way_out.JOB).latest("pk")
    assert set(job.args) == {"package"}
    assert CANARY not in f"{job.label}{job.args}"
    assert RECIPIENT not in f"{job.label}{job.args}"

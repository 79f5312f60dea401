"""Who pays: what is kept, in which order, who is found by a member ID, and what a payer is told with whose consent."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from clients import disclosure as way_out
from clients.disclosure import Asked, Refused
from clients.models import BenefitCheck, Client, Coverage, Disclosure, DisclosurePackage
from clients.rules.consent_terms import Category, Kind, Purpose, RecipientClass
from clients.rules.disclosure import Basis
from clients.selectors import matching
from clients.selectors import merging as merging_selectors
from clients.selectors import payers as selectors
from clients.selectors.disclosed import gather, subject_of
from clients.services import benefits, consents, merging, payers, people, restrictions
from clinics.models import AuditEvent, Job
from clinics.versions import Stale
from tests.clients.consenting import signed
from tests.clients.paying import ANSWER, COVER, MEMBER_ID, PAYER, covered, may_ask
from tests.clients.people import in_care
from tests.world import NOW, Side, World


def standing(side: Side, client: Client | None = None) -> list[tuple[int, str]]:
    person = Client.objects.get(pk=(client or side.client).pk)
    return [(row.rank, row.payer) for row in selectors.coverages_of(person)]


@pytest.fixture
def here(world: World) -> Side:
    """The side whose person has no way of paying yet."""
    with world.here.scope():
        for row in Coverage.objects.filter(client=world.here.client):
            payers.remove_coverage(coverage=row, version=row.version, by=world.here.coordinator, now=NOW)
    return world.here


def asking(side: Side) -> Client:
    """Return a second record of the same name, not in care."""
    client = people.record_client(clinic=side.clinic, legal_name="Jordan Marsh", by=side.coordinator, now=NOW)
    client.clinic = side.clinic
    return client


# --- what is kept -----------------------------------------------------------------------------------------------------


def test_a_member_id_lies_encrypted_with_what_it_is_found_by(here: Side) -> None:
    with here.scope():
        row = covered(here, payer="  Blue   Plan ", member_id=" XK-4471 ")
        row = Coverage.objects.get(pk=row.pk)
        assert (row.payer, row.member_id) == (PAYER, MEMBER_ID)
        assert row.member_index == matching.member_index("xk4471")
        assert MEMBER_ID.encode() not in bytes(Coverage.objects.get(pk=row.pk).__dict__["member_id"])
        event = AuditEvent.objects.get(action="coverage.added")
        assert (event.actor, event.client_ref) == (here.coordinator, here.client.pk)
        assert MEMBER_ID not in str(event.detail)


def test_what_cannot_be_right_is_not_kept(here: Side) -> None:
    with here.scope():
        with pytest.raises(payers.CannotBe) as found:
            covered(here, payment="4", payer="")
        assert [one.field for one in found.value.problems] == ["payment", "payer", "member_id"]
        assert standing(here) == []


def test_those_that_stand_keep_an_order_without_gaps(here: Side) -> None:
    with here.scope():
        covered(here, payer="One", member_id="1")
        covered(here, rank=3, payer="Two", member_id="2")
        first = covered(here, payer="Three", member_id="3")
        assert standing(here) == [(1, "Three"), (2, "One"), (3, "Two")]
        with pytest.raises(payers.TooMany):
            covered(here, payer="Four", member_id="4")
        moved = payers.change_coverage(
            coverage=first, version=first.version, by=here.coordinator, now=NOW,
            cover=replace(COVER, rank=3, payer="Three", member_id="3"),
        )  # fmt: skip
        assert standing(here) == [(1, "One"), (2, "Two"), (3, "Three")]
        payers.remove_coverage(
            coverage=Coverage.objects.get(payer="One"), version=Coverage.objects.get(payer="One").version,
            by=here.coordinator, now=NOW,
        )  # fmt: skip
        assert standing(here) == [(1, "Two"), (2, "Three")]
        assert Coverage.objects.get(pk=moved.pk).version > moved.version


def test_what_was_taken_out_stays_kept_and_is_taken_out_once(here: Side) -> None:
    with here.scope():
        row = covered(here)
        payers.remove_coverage(coverage=row, version=1, by=here.coordinator, now=NOW)
        kept = Coverage.objects.get(pk=row.pk)
        assert (kept.removed_at, kept.member_id) == (NOW, MEMBER_ID)
        for act in (payers.remove_coverage, payers.change_coverage):
            more: dict[str, Any] = {"cover": COVER} if act is payers.change_coverage else {}
            with pytest.raises(payers.Removed):
                act(coverage=row, version=kept.version, by=here.coordinator, now=NOW, **more)


def test_two_who_correct_at_once_do_not_overwrite_each_other(here: Side) -> None:
    with here.scope():
        row = covered(here)
        how: dict[str, Any] = {"coverage": row, "version": 1, "by": here.coordinator, "now": NOW}
        changed = payers.change_coverage(cover=replace(COVER, member_id="ZZ-1", group_number="7"), **how)
        assert (changed.version, changed.member_index) == (2, matching.member_index("zz1"))
        event = AuditEvent.objects.get(action="coverage.changed")
        assert event.detail == {"fields": ["group_number", "member_id", "member_index"]}
        with pytest.raises(Stale):
            payers.change_coverage(cover=COVER, **how)
        emptied = payers.change_coverage(**{**how, "version": 2}, cover=replace(COVER, member_id=""))
        assert (emptied.member_id, emptied.member_index) == (None, "")


def test_the_covers_of_a_joined_record_are_the_persons(here: Side) -> None:
    with here.scope():
        other = asking(here)
        covered(here, other, payer="Theirs", member_id="9")
        covered(here)
        merging.merge(kept=here.client, absorbed=other, by=here.coordinator, now=NOW)
        assert sorted(standing(here)) == [(1, PAYER), (1, "Theirs")]
        theirs = Coverage.objects.select_related("client__merged_into").get(payer="Theirs")
        theirs.client.clinic = here.clinic
        payers.remove_coverage(coverage=theirs, version=theirs.version, by=here.coordinator, now=NOW)
        assert standing(here) == [(1, PAYER)]


# --- an equal member ID -----------------------------------------------------------------------------------------------


def typed(member_id: str = "xk 4471", **other: Any) -> Any:
    return matching.identity(member_id=member_id, **other)


def test_an_equal_member_id_alone_is_only_possible(here: Side) -> None:
    with here.scope():
        covered(here)
        (found,) = matching.matches(typed())
        assert (found.client, found.match.points, found.match.level) == (here.client, 45, "possible")
        assert found.match.reasons == ("Same member ID",)
        assert matching.matches(typed("XK-4472")) == []
        assert matching.matches(typed(), besides=here.client) == []


def test_one_that_was_taken_out_matches_nobody(here: Side) -> None:
    with here.scope():
        row = covered(here)
        payers.remove_coverage(coverage=row, version=1, by=here.coordinator, now=NOW)
        assert matching.matches(typed()) == []


def test_the_same_number_at_the_neighbour_never_matches(world: World, here: Side) -> None:
    with world.neighbour.scope():
        theirs = covered(world.neighbour)
        assert matching.matches(typed())
    with here.scope():
        assert matching.matches(typed()) == []
        ours = covered(here)
        assert ours.member_index != theirs.member_index
        assert [one.client for one in matching.matches(typed())] == [here.client]


def test_a_joined_record_is_found_as_the_one_it_was_joined_to(here: Side) -> None:
    with here.scope():
        other = asking(here)
        covered(here, other)
        merging.merge(kept=here.client, absorbed=other, by=here.coordinator, now=NOW)
        assert [one.client for one in matching.matches(typed())] == [here.client]
        keys = matching.member_keys_of([here.client])
        assert keys == {here.client.pk: frozenset({matching.member_index(MEMBER_ID)})}


def test_who_shares_a_member_id_is_a_pair_to_look_at_until_somebody_has_looked(here: Side) -> None:
    with here.scope():
        other = in_care(here, "Noor Rivers")
        covered(here)
        covered(here, other, member_id="xk4471")
        (pair,) = merging_selectors.pairs_to_look_at(here.coordinator)
        assert (pair.older, pair.newer, pair.match.level) == (here.client, other, "possible")
        side = merging_selectors.side_by_side(here.client, other, {"inquiries": "", "episodes": ""})
        assert side.pair.match.reasons == ("Same member ID",)
        merging.mark_different(one=here.client, other=other, by=here.coordinator)
        assert merging_selectors.pairs_to_look_at(here.coordinator) == []


# --- asking a payer ---------------------------------------------------------------------------------------------------


def asked_of(side: Side, row: Coverage, **other: Any) -> BenefitCheck:
    how: dict[str, Any] = {"coverage": row, "answer": ANSWER, "by": side.coordinator, "now": NOW, **other}
    return benefits.record_check(**how)


def test_an_answer_and_the_accounting_are_one(here: Side) -> None:
    with here.scope(here.coordinator):
        row, consent = covered(here), may_ask(here)
        jobs = Job.objects.count()
        check = asked_of(here, row)
        told = check.disclosure
        assert (told.consent, told.recipient, told.purpose, told.made_by) == (
            consent,
            PAYER,
            "payment",
            here.coordinator,
        )
        assert (told.categories_asked, told.categories_given) == (["identity", "payer"], ["identity", "payer"])
        assert (told.notice_form, told.package_hash) == ("short", "")
        assert not DisclosurePackage.objects.filter(disclosure=told).exists()
        assert Job.objects.count() == jobs
        assert (check.copay, check.coverage, check.client) == (Decimal("20.50"), row, here.client)
        actions = list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))
        assert actions.index("disclosure.made") < actions.index("benefits.checked")


def test_an_answer_that_cannot_be_right_tells_nobody_anything(here: Side) -> None:
    with here.scope(here.coordinator):
        row, _consent = covered(here), may_ask(here)
        before = Disclosure.objects.count()
        with pytest.raises(payers.CannotBe):
            asked_of(here, row, answer=replace(ANSWER, copay=Decimal("1.001")))
        assert Disclosure.objects.count() == before


def test_without_a_consent_that_covers_the_payer_nothing_is_told(here: Side) -> None:
    with here.scope(here.coordinator):
        row = covered(here)
        before = (Disclosure.objects.count(), BenefitCheck.objects.count())
        signed(here, Kind.SPECIFIC, recipients="Another plan", purpose="payment", categories=("identity", "payer"))
        signed(here, Kind.SPECIFIC, recipients=PAYER, purpose="treatment", categories=("identity", "payer"))
        signed(here, Kind.TPO_SINGLE, recipient_classes=("treating_providers",), categories=("identity", "payer"))
        with pytest.raises(Refused) as found:
            asked_of(here, row)
        assert str(found.value) == benefits.NO_CONSENT
        assert (Disclosure.objects.count(), BenefitCheck.objects.count()) == before


def test_a_consent_for_this_payer_alone_is_enough_and_limits_what_is_told(here: Side) -> None:
    with here.scope(here.coordinator):
        row = covered(here)
        signed(here, Kind.SPECIFIC, recipients="blue plan", purpose="payment", categories=("identity", "attendance"))
        told = asked_of(here, row).disclosure
        assert (told.categories_given, told.dropped) == (["identity"], {"payer": "not_in_consent"})


def test_of_two_consents_the_one_that_permits_more_is_taken(here: Side) -> None:
    with here.scope(here.coordinator):
        row, whole = covered(here), may_ask(here)
        signed(here, Kind.SPECIFIC, recipients=PAYER, purpose="payment", categories=("identity",))
        assert asked_of(here, row).disclosure.consent == whole


def test_a_consent_that_is_held_revoked_or_over_permits_no_question(here: Side) -> None:
    with here.scope(here.coordinator):
        row = covered(here)
        consent = signed(
            here, Kind.SPECIFIC, recipients=PAYER, purpose="payment", categories=("identity", "payer")
        )  # fmt: skip
        assert consent.expires_at is not None
        assert benefits.ground_of(coverage=row, now=NOW).decision.allowed
        assert not benefits.ground_of(coverage=row, now=consent.expires_at).decision.allowed
        consents.ask_to_revoke(consent=consent, written=False, note="", by=here.therapist, now=NOW)
        assert not benefits.ground_of(coverage=row, now=NOW).decision.allowed


def test_what_is_kept_from_payers_is_kept_from_them(here: Side) -> None:
    with here.scope(here.coordinator):
        row, _consent = covered(here), may_ask(here)
        request = restrictions.ask(
            client=here.client, recipient="", to_payers=True, self_paid=True, categories=[], words="", by=here.therapist
        )
        restrictions.decide(restriction=request, version=1, agreed=True, note="", by=here.privacy_officer, now=NOW)
        with pytest.raises(Refused) as found:
            asked_of(here, row)
        assert {one.value: why.value for one, why in found.value.decision.dropped.items()} == {
            "identity": "restricted", "payer": "restricted",
        }  # fmt: skip


def test_who_may_not_ask_payers_asks_none(world: World, here: Side) -> None:
    with here.scope():
        row = covered(here)
        everybody = (here.therapist, here.supervisor, here.privacy_officer, here.administrator, here.coder)
        for consents_there in (0, 1):
            if consents_there:
                may_ask(here)
            for user in (*everybody, world.neighbour.coordinator):
                with pytest.raises(PermissionDenied):
                    asked_of(here, row, by=user)


def test_nobody_is_asked_without_a_payer_or_a_member_id(here: Side) -> None:
    with here.scope():
        may_ask(here)
        row = covered(here, member_id="")
        with pytest.raises(benefits.NotAsked, match="member ID"):
            asked_of(here, row)
        payers.remove_coverage(coverage=row, version=1, by=here.coordinator, now=NOW)
        with pytest.raises(payers.Removed):
            asked_of(here, row)


def test_an_answer_is_final(here: Side) -> None:
    with here.scope(here.coordinator):
        row, _consent = covered(here), may_ask(here)
        check = asked_of(here, row)
        for change in (
            lambda: BenefitCheck.objects.filter(pk=check.pk).update(copay=Decimal(0)),
            lambda: BenefitCheck.objects.filter(pk=check.pk).delete(),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()


def test_the_question_of_a_joined_record_rests_on_the_persons_consents(here: Side) -> None:
    with here.scope(here.coordinator):
        other = asking(here)
        row = covered(here, other)
        may_ask(here)
        assert not benefits.ground_of(coverage=row, now=NOW).decision.allowed
        merging.merge(kept=here.client, absorbed=other, by=here.coordinator, now=NOW)
        row = Coverage.objects.select_related("client__merged_into").get(pk=row.pk)
        row.client.clinic = here.clinic
        check = asked_of(here, row)
        assert (check.client, check.disclosure.client) == (other, here.client)


# --- what the right to ask payers does not open -----------------------------------------------------------------------


def question(consent: Any, *parts: Category, **other: Any) -> Asked:
    found = Asked(
        Basis.CONSENT, Purpose.PAYMENT, PAYER, frozenset(parts), consent, RecipientClass.PLANS_AND_PAYERS, {}, "short"
    )
    return replace(found, **other)


def test_the_right_to_ask_payers_tells_them_nothing_but_who_and_which_plan(here: Side) -> None:
    with here.scope(here.coordinator):
        parts = ("identity", "contact", "payer", "episodes", "attendance")
        consent = may_ask(here, categories=parts)
        how: dict[str, Any] = {"client": here.client, "by": here.coordinator, "now": NOW}
        every = (Category.IDENTITY, Category.CONTACT, Category.PAYER)
        assert way_out.tell_payer(asked=question(consent, *every), **how).categories_given == [*every]
        beyond = [
            question(consent, *every, Category.ATTENDANCE),
            question(consent, Category.EPISODES),
            question(consent, *every, purpose=Purpose.TREATMENT),
            question(consent, *every, purpose=Purpose.OPERATIONS),
            question(
                None, *every, basis=Basis.MEDICAL_EMERGENCY, purpose=Purpose.EMERGENCY,
                record={"affiliation": "x", "description": "y"},
            ),
            question(None, *every, basis=Basis.QSO, record={"affiliation": "x", "reference": "y"}),
        ]  # fmt: skip
        before = Disclosure.objects.count()
        for other in (here.therapist, here.supervisor, here.privacy_officer, here.administrator):
            with pytest.raises(PermissionDenied):
                way_out.tell_payer(client=here.client, asked=question(consent, *every), by=other, now=NOW)
        for what in beyond:
            with pytest.raises(PermissionDenied):
                way_out.tell_payer(asked=what, **how)
        for what in [question(consent, *every), *beyond]:
            with pytest.raises(PermissionDenied):
                way_out.disclose(asked=what, **how)
        assert Disclosure.objects.count() == before


def test_a_consent_of_somebody_else_tells_no_payer(world: World, here: Side) -> None:
    with world.neighbour.scope():
        foreign = may_ask(world.neighbour)
    with here.scope(here.coordinator):
        with pytest.raises(type(foreign).DoesNotExist):
            way_out.tell_payer(
                client=here.client, asked=question(foreign, Category.IDENTITY), by=here.coordinator, now=NOW
            )
        other = in_care(here, "Noor Rivers")
        other.clinic = here.clinic
        with pytest.raises(Refused):
            way_out.tell_payer(
                client=other, asked=question(may_ask(here), Category.IDENTITY), by=here.coordinator, now=NOW
            )


# --- the part "payer" of a package ------------------------------------------------------------------------------------


def test_the_package_says_who_pays_and_never_what_was_answered(here: Side) -> None:
    with here.scope(here.coordinator):
        row = covered(
            here, group_number="G-7", subscriber_relation="parent", subscriber_name="Ana Marsh",
            effective_on=NOW.date() - timedelta(days=30),
        )  # fmt: skip
        gone = covered(here, payer="Former plan", member_id="8")
        payers.remove_coverage(coverage=gone, version=gone.version, by=here.coordinator, now=NOW)
        consent = may_ask(here, recipient_classes=("plans_and_payers", "treating_providers"))
        asked_of(here, row, answer=replace(ANSWER, notes="They were on hold for long"))
        _made, job = way_out.disclose(
            client=here.client, by=here.therapist, now=NOW, asked=question(consent, Category.PAYER)
        )
        packed = way_out.pack(public_id=job.args["package"], now=NOW)
        assert packed is not None
        (part,) = way_out.content_of(packed)["parts"]
        assert part["rows"] == [
            {
                "Plan": "Private", "Paid by": "Private insurance", "Payer": PAYER, "Member ID": MEMBER_ID,
                "Group": "G-7", "Subscriber": "Ana Marsh", "From": "Oct 20, 2026",
            }
        ]  # fmt: skip


def test_without_identifiers_nobody_learns_who_pays(here: Side) -> None:
    with here.scope():
        covered(here)
        assert gather(subject_of(here.client, identified=True, at=NOW), Category.PAYER)
        assert gather(subject_of(here.client, identified=False, at=NOW), Category.PAYER) == []

"""Asking a payer: only with a consent that covers it, accounted for, and nothing else let out by that right."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from clients import disclosure as way_out
from clients.disclosure import Asked, Refused
from clients.models import BenefitCheck, Coverage, Disclosure, DisclosurePackage
from clients.rules.consent_terms import Category, Kind, Purpose, RecipientClass
from clients.rules.disclosure import Basis
from clients.selectors.disclosed import gather, subject_of
from clients.services import benefits, consents, merging, payers, restrictions
from clinics.models import AuditEvent, Job
from tests.clients.consenting import signed
from tests.clients.paying import ANSWER, MEMBER_ID, PAYER, asking, covered, may_ask
from tests.clients.people import in_care
from tests.world import NOW, Side, World


@pytest.fixture
def here(world: World) -> Side:
    """The side whose person has no way of paying yet."""
    with world.here.scope():
        for row in Coverage.objects.filter(client=world.here.client):
            payers.remove_coverage(coverage=row, version=row.version, by=world.here.coordinator, now=NOW)
    return world.here


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

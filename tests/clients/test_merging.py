"""Two records of one person are joined and taken apart again; two people who look alike stay two."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client as Browser
from django.utils import timezone

from clients.models import (
    Appointment,
    CaseloadAssignment,
    Client,
    Episode,
    Inquiry,
    Merge,
    NotTheSame,
)
from clients.selectors import matching
from clients.selectors import merging as selectors
from clients.services import caseload, merging, reassigning
from clinics.roles import Role
from clinics.services.people import next_reference
from tests.clients.people import ABSENT_ID, events, hidden, page, signed_in
from tests.world import CANARY, Side, World

pytestmark = pytest.mark.django_db


def another(side: Side, **given: Any) -> Client:
    """Return a second record that shares telephone, name and date of birth with the side's client."""
    with side.scope():
        Client.objects.filter(pk=side.client.pk).update(phone="+13125550147")
        fields = {
            "legal_name": "Jordan Marsh", "family_key": "marsh", "given_key": "jordan", "phone": "+13125550147",
            "born_on": date(1988, 3, 14), **given,
        }  # fmt: skip
        return Client.objects.create(clinic=side.clinic, reference=next_reference(side.clinic), **fields)


def asked_for(side: Side, client: Client) -> Inquiry:
    """Return a request for care about a record."""
    return Inquiry.objects.create(
        clinic=side.clinic, client=client, channel="phone_missed", received_at=timezone.now(), phone="+13125550147"
    )


def join(side: Side, newer: Client) -> Merge:
    return merging.merge(
        kept=side.client, absorbed=newer, reason="Same ID card", by=side.coordinator, now=timezone.now()
    )


# --- joining and taking apart -----------------------------------------------------------------------------------


def test_joining_moves_the_requests_and_nothing_else(world: World) -> None:
    here, newer = world.here, another(world.here)
    with here.scope():
        inquiry = asked_for(here, newer)
        other = here.other_therapist
        CaseloadAssignment.objects.create(clinic=here.clinic, client=newer, user=other)
        row = join(here, newer)
        inquiry.refresh_from_db()
        newer.refresh_from_db()
        assert inquiry.client_id == here.client.pk
        assert newer.merged_into_id == here.client.pk
        assert (row.inquiries, row.reason) == ([str(inquiry.public_id)], "Same ID card")
        # Who had the one has both.
        assert Client.objects.permitted(other, "clinics.view_client").filter(pk=here.client.pk).exists()
        assert Client.objects.permitted(here.therapist, "clinics.view_client").filter(pk=newer.pk).exists()
    assert {e.action for e in events(here)} >= {"client.merged"}


def test_taking_it_back_puts_everything_where_it_was(world: World) -> None:
    here, newer = world.here, another(world.here)
    with here.scope():
        inquiry = asked_for(here, newer)
        other = here.other_therapist
        CaseloadAssignment.objects.create(clinic=here.clinic, client=newer, user=other)
        row = join(here, newer)
        later = asked_for(here, here.client)
    with here.scope():
        merging.undo_merge(
            merge=row, reason="Cousins", by=here.people[Role.PRIVACY_OFFICER], now=timezone.now() + timedelta(seconds=1)
        )
        for one in (inquiry, newer, later):
            one.refresh_from_db()
        assert inquiry.client_id == newer.pk
        assert later.client_id == here.client.pk
        assert newer.merged_into_id is None
        held = CaseloadAssignment.objects.filter(ends_at=None)
        assert set(held.filter(client=newer).values_list("user", flat=True)) == {other.pk}
        assert set(held.filter(client=here.client).values_list("user", flat=True)) == {here.therapist.pk}
        with pytest.raises(merging.MergeStands, match="already"):
            merging.undo_merge(merge=row, reason="Again", by=here.people[Role.PRIVACY_OFFICER], now=timezone.now())


def test_two_stays_in_one_program_are_not_joined(world: World) -> None:
    here, newer = world.here, another(world.here)
    with here.scope():
        Episode.objects.create(clinic=here.clinic, client=newer, program=here.program, admitted_on=date(2026, 10, 1))
        with pytest.raises(merging.CannotMerge, match="Outpatient"):
            join(here, newer)
        newer.refresh_from_db()
        assert newer.merged_into_id is None


def test_a_record_is_joined_once_and_never_with_itself(world: World) -> None:
    here, newer = world.here, another(world.here)
    with here.scope():
        with pytest.raises(merging.CannotMerge, match="same record"):
            join(here, here.client)
        join(here, newer)
        with pytest.raises(merging.CannotMerge, match="already"):
            join(here, newer)


def test_what_had_been_joined_before_goes_along_and_comes_back(world: World) -> None:
    here, middle, first = world.here, another(world.here), another(world.here)
    officer, later = here.people[Role.PRIVACY_OFFICER], timezone.now() + timedelta(seconds=1)
    with here.scope():
        CaseloadAssignment.objects.create(clinic=here.clinic, client=first, user=here.other_therapist)
        earlier = merging.merge(kept=middle, absorbed=first, by=here.coordinator, now=timezone.now())
        row = join(here, middle)
        first.refresh_from_db()
        assert first.merged_into_id == here.client.pk
        assert {first.pk, middle.pk} < set(Client.objects.get(pk=here.client.pk).record_keys)
        held = CaseloadAssignment.objects.filter(ends_at=None)
        for record in (here.client, here.merge.absorbed, middle, first):
            both = {here.therapist.pk, here.other_therapist.pk}
            assert both <= set(held.filter(client=record).values_list("user", flat=True)), record
        with pytest.raises(merging.MergeStands, match="Take that back first"):
            merging.undo_merge(merge=earlier, reason="Cousins", by=officer, now=later)
    with here.scope():
        merging.undo_merge(merge=row, reason="Cousins", by=officer, now=later)
        for one in (first, middle):
            one.refresh_from_db()
        assert (middle.merged_into_id, first.merged_into_id) == (None, middle.pk)
        assert here.client.records.filter(pk__in=[first.pk, middle.pk]).count() == 0
        assert set(held.filter(client=first).values_list("user", flat=True)) == {here.other_therapist.pk}
        merging.undo_merge(merge=earlier, reason="Cousins", by=officer, now=later)
        first.refresh_from_db()
        assert first.merged_into_id is None


def test_who_came_by_a_later_merge_keeps_nothing_of_a_record_that_goes(world: World) -> None:
    here, cousin, own = world.here, another(world.here), another(world.here)
    second, third = here.other_therapist, here.supervisor
    with here.scope():
        CaseloadAssignment.objects.create(clinic=here.clinic, client=cousin, user=second)
        CaseloadAssignment.objects.create(clinic=here.clinic, client=own, user=third)
        wrong = join(here, cousin)
        join(here, own)
    with here.scope():
        later = timezone.now() + timedelta(seconds=1)
        merging.undo_merge(merge=wrong, reason="Cousins", by=here.people[Role.PRIVACY_OFFICER], now=later)
        held = CaseloadAssignment.objects.filter(ends_at=None)
        assert set(held.filter(client=cousin).values_list("user", flat=True)) == {second.pk}
        for record in (here.client, own, here.merge.absorbed):
            assert set(held.filter(client=record).values_list("user", flat=True)) == {here.therapist.pk, third.pk}


def users_of(*records: Client) -> list[set[int]]:
    """Return whose caseload each record is on now."""
    held = CaseloadAssignment.objects.filter(ends_at=None)
    return [set(held.filter(client=record).values_list("user", flat=True)) for record in records]


def test_who_is_put_on_the_case_or_taken_off_has_or_loses_every_record(world: World) -> None:
    here, newer = world.here, another(world.here)
    given = {"client": here.client, "by": here.administrator}
    with here.scope():
        row = join(here, newer)
        records = (here.client, newer, here.merge.absorbed)
        reassigning.reassign(to=here.other_therapist, off=here.therapist, reason="Moved", **given)
        assert users_of(*records) == [{here.other_therapist.pk}] * 3
        # From whichever record it is asked.
        reassigning.reassign(**{**given, "client": newer}, to=here.therapist, off=here.other_therapist, reason="Back")
        assert users_of(*records) == [{here.therapist.pk}] * 3
        with pytest.raises(reassigning.NobodyLeft):
            reassigning.reassign(**{**given, "client": newer}, to=None, off=here.therapist, reason="Away")
    with here.scope():
        merging.undo_merge(
            merge=row, reason="Cousins", by=here.people[Role.PRIVACY_OFFICER], now=timezone.now() + timedelta(seconds=1)
        )
        assert users_of(newer, here.client) == [{here.therapist.pk}, set()]


def test_who_was_there_for_one_reason_alone_stays_for_another(world: World) -> None:
    here, newer = world.here, another(world.here)
    both, only = here.other_therapist, here.supervisor
    with here.scope():
        for client, user, reason in ((newer, both, "Admitted"), (newer, only, "Assessment")):
            CaseloadAssignment.objects.create(clinic=here.clinic, client=client, user=user, reason=reason)
        CaseloadAssignment.objects.create(clinic=here.clinic, client=here.client, user=both, reason="Assessment")
        join(here, newer)
        assert set(caseload.given_for(here.client, "Assessment")) == {both, only}
        for user in (both, only):
            assert caseload.end(client=here.client, user=user, by=here.coordinator, only="Assessment")
            assert not caseload.end(client=here.client, user=user, by=here.coordinator, only="Assessment")
        assert users_of(here.client, newer) == [{here.therapist.pk, both.pk}] * 2


def test_a_page_names_every_record_that_is_joined_in_however_many_steps(world: World) -> None:
    here, middle, first = world.here, another(world.here), another(world.here)
    with here.scope():
        merging.merge(kept=middle, absorbed=first, by=here.coordinator, now=timezone.now())
        join(here, middle)
        person = Client.objects.get(pk=here.client.pk)
        found = [merge.absorbed for merge in selectors.merges_of(person) or ()]
        assert found == [middle, first, here.merge.absorbed]


def test_a_stay_on_a_record_that_was_joined_before_counts(world: World) -> None:
    here, middle, first = world.here, another(world.here), another(world.here)
    with here.scope():
        Episode.objects.create(clinic=here.clinic, client=first, program=here.program, admitted_on=date(2026, 10, 1))
        merging.merge(kept=middle, absorbed=first, by=here.coordinator, now=timezone.now())
        with pytest.raises(merging.CannotMerge, match="Outpatient"):
            join(here, middle)


def test_the_database_refuses_a_step_on_the_way(world: World) -> None:
    here, middle, first = world.here, another(world.here), another(world.here)
    with here.scope():
        Client.objects.filter(pk=first.pk).update(merged_into=middle)
        for key, into in ((middle.pk, here.client.pk), (here.client.pk, first.pk)):
            with pytest.raises(DatabaseError, match="takes its own along"), transaction.atomic():
                Client.objects.filter(pk=key).update(merged_into=into)


def test_the_database_keeps_a_merge_as_it_was_made(world: World) -> None:
    here, newer = world.here, another(world.here)
    with here.scope():
        row = join(here, newer)
        for change in (
            lambda: Merge.objects.filter(pk=row.pk).update(inquiries=["x"]),
            lambda: Merge.objects.filter(pk=row.pk).update(carried=["x"]),
            lambda: Merge.objects.filter(pk=row.pk).delete(),
        ):
            with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
                change()


# --- reading ----------------------------------------------------------------------------------------------------


def test_the_page_of_the_kept_record_shows_what_was_booked_for_the_other(world: World) -> None:
    here, newer = world.here, another(world.here)
    with here.scope():
        stay = Episode.objects.create(
            clinic=here.clinic, client=newer, program=here.program, admitted_on=date(2025, 1, 7), status="closed",
            closed_on=date(2025, 2, 4),
        )  # fmt: skip
        Appointment.objects.create(
            clinic=here.clinic, client=newer, episode=stay, therapist=here.therapist,
            starts_at=timezone.now() + timedelta(days=3), service_on=date(2026, 12, 1), duration_min=35,
        )  # fmt: skip
        join(here, newer)
    shown = signed_in(here.therapist).get(page(here, "client_detail", here.client.public_id)).content.decode()
    assert "Jan 7, 2025" in shown
    assert "35" in shown
    assert newer.reference in shown
    assert "Take back" not in shown
    asked = (
        signed_in(here.people[Role.PRIVACY_OFFICER])
        .get(page(here, "client_detail", here.client.public_id))
        .content.decode()
    )
    assert "Take back" in asked


def test_the_address_of_the_joined_record_leads_to_the_kept_one(world: World) -> None:
    here, newer = world.here, another(world.here)
    with here.scope():
        join(here, newer)
    answer = signed_in(here.coordinator).get(page(here, "client_detail", newer.public_id))
    assert answer.url == page(here, "client_detail", here.client.public_id)


# --- finding pairs ----------------------------------------------------------------------------------------------


def test_a_pair_is_found_until_somebody_has_looked(world: World) -> None:
    here, newer = world.here, another(world.here)
    with here.scope():
        (pair,) = selectors.pairs_to_look_at(here.coordinator)
        assert (pair.older.pk, pair.newer.pk, pair.match.level) == (here.client.pk, newer.pk, "likely")
        typed = matching.identity_of(newer)
        assert [one.client.pk for one in matching.matches(typed, besides=newer)] == [here.client.pk]
        merging.mark_different(one=newer, other=here.client, by=here.coordinator)
        assert selectors.pairs_to_look_at(here.coordinator) == []
        assert matching.matches(typed, besides=newer) == []


def test_who_shares_only_a_household_is_possible_and_the_neighbour_is_nobody(world: World) -> None:
    here = world.here
    newer = another(here, legal_name="Ana Marsh", given_key="ana", born_on=date(2001, 1, 1))
    another(world.neighbour)
    with here.scope():
        (pair,) = selectors.pairs_to_look_at(here.coordinator)
        assert (pair.newer.pk, pair.match.level) == (newer.pk, "possible")


# --- pages ------------------------------------------------------------------------------------------------------


def compare(side: Side, one: Any, other: Any, route: str = "client_compare") -> str:
    return page(side, route, one, other)


def test_the_coordinator_compares_and_joins(world: World) -> None:
    here, newer = world.here, another(world.here, postal_code="60607")
    browser = signed_in(here.coordinator)
    listed = browser.get(page(here, "duplicate_list")).content.decode()
    address = compare(here, here.client.public_id, newer.public_id)
    assert address in listed
    shown = browser.get(address).content.decode()
    assert f"Join {newer.reference} with {here.client.reference}" in shown
    assert "60607" in shown
    sent = {**hidden(shown), "reason": "Same card"}
    answer = browser.post(address, sent)
    assert answer.url == page(here, "client_detail", here.client.public_id)
    with here.scope():
        assert Merge.objects.get(absorbed=newer).reason == "Same card"
    again = browser.post(address, sent)
    assert again.url == answer.url


def test_keeping_both_is_one_press(world: World) -> None:
    here, newer = world.here, another(world.here)
    browser = signed_in(here.coordinator)
    answer = browser.post(compare(here, newer.public_id, here.client.public_id, "client_different"))
    assert answer.url == page(here, "duplicate_list")
    with here.scope():
        assert NotTheSame.objects.filter(first=here.client, second=newer).count() == 1
    assert "No possible duplicates" in browser.get(answer.url).content.decode()


@pytest.mark.parametrize("role", ["therapist", "supervisor", "privacy", "administrator"])
def test_joining_is_the_coordinator_s(world: World, role: str) -> None:
    here, newer = world.here, another(world.here)
    browser: Browser = signed_in(here.people[Role(role)])
    assert browser.get(page(here, "duplicate_list")).status_code == 403
    assert browser.post(compare(here, here.client.public_id, newer.public_id), {"reason": "x"}).status_code in (
        403,
        404,
    )
    with here.scope():
        assert not Merge.objects.filter(absorbed=newer).exists()


def test_the_neighbour_s_record_is_not_there(world: World) -> None:
    here, theirs = world.here, world.neighbour.client
    browser = signed_in(here.coordinator)
    for one, other in ((here.client, theirs), (theirs, here.client), (here.client, here.client)):
        assert browser.get(compare(here, one.public_id, other.public_id)).status_code == 404
    assert browser.get(compare(here, here.client.public_id, ABSENT_ID)).status_code == 404
    assert browser.get(compare(here, here.client.public_id, "x")).status_code == 404


def test_the_privacy_officer_takes_a_merge_back_with_a_reason(world: World) -> None:
    here = world.here
    merge = here.merge
    browser = signed_in(here.people[Role.PRIVACY_OFFICER])
    address = page(here, "merge_undo", merge.public_id)
    shown = browser.get(address).content.decode()
    assert f"Take {merge.absorbed.reference} out of {here.client.reference}" in shown
    empty = browser.post(address, {"reason": " "})
    assert empty.status_code == 422
    assert "Write why" in empty.content.decode()
    answer = browser.post(address, {"reason": "Twins"})
    assert answer.url == page(here, "client_detail", here.client.public_id)
    assert browser.get(address).status_code == 404
    with here.scope():
        row = Merge.objects.get(pk=merge.pk)
        assert (row.undone_by_id, row.undo_reason) == (here.people[Role.PRIVACY_OFFICER].pk, "Twins")
    assert signed_in(here.coordinator).get(address).status_code == 404


def test_no_message_names_anybody(world: World) -> None:
    here, newer = world.here, another(world.here, legal_name=f"Jordan {CANARY}")
    browser = signed_in(here.coordinator)
    address = compare(here, here.client.public_id, newer.public_id)
    browser.post(address, {**hidden(browser.get(address).content.decode()), "reason": CANARY})
    for event in events(here):
        assert CANARY not in str(event.detail)

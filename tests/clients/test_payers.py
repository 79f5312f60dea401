"""Who pays: what is kept, in which order, and who is found by an equal member ID."""

from dataclasses import replace
from typing import Any

import pytest

from clients.models import Client, Coverage
from clients.selectors import matching
from clients.selectors import merging as merging_selectors
from clients.selectors import payers as selectors
from clients.services import merging, payers
from clinics.models import AuditEvent
from clinics.versions import Stale
from tests.clients.paying import COVER, MEMBER_ID, PAYER, asking, covered
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

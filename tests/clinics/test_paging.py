"""The keyset pager: complete, stable, opaque, bounded."""

from base64 import urlsafe_b64decode
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.models import Client
from clinics.models import Program, User
from clinics.paging import MAX_PAGE_SIZE, PAGE_SIZE, BadCursor, KeptList, keyset_page, size_of
from clinics.roles import Role
from tests.world import World

ORDER = ("family_key", "id")


@pytest.fixture
def many(world: World) -> list[int]:
    """Return the keys of 23 people in list order; many share a name."""
    with world.here.scope():
        Client.objects.bulk_create(
            Client(
                clinic=world.here.clinic, reference=f"RB-9{n:03}", legal_name="Sam Lee",
                family_key=f"lee{n % 4}", given_key="sam",
            )
            for n in range(22)
        )  # fmt: skip
        return list(Client.objects.order_by(*ORDER).values_list("pk", flat=True))


def walk(rows: Any, order: tuple[str, ...], size: int) -> list[Any]:
    """Return the pages from the first to the last."""
    pages = [keyset_page(rows, order, size=size)]
    while pages[-1].after:
        pages.append(keyset_page(rows, order, pages[-1].after, size))
    return pages


@pytest.mark.parametrize("order", [ORDER, ("-family_key", "-id")])
def test_walking_forward_and_back_meets_every_row_once(world: World, many: list[int], order: tuple[str, ...]) -> None:
    expected = many if order == ORDER else many[::-1]
    with world.here.scope():
        pages = walk(Client.objects.all(), order, 5)
        assert [row.pk for page in pages for row in page.rows] == expected
        assert not pages[0].before
        back, page = [], pages[-1]
        while page.before:
            page = keyset_page(Client.objects.all(), order, page.before, 5)
            back.append([row.pk for row in page.rows])
        assert back == [[row.pk for row in page.rows] for page in pages[-2::-1]]


def test_rows_added_before_the_cursor_shift_nothing(world: World, many: list[int]) -> None:
    with world.here.scope():
        first = keyset_page(Client.objects.all(), ORDER, size=5)
        Client.objects.create(clinic=world.here.clinic, reference="RB-1", legal_name="A", family_key="a", given_key="a")
        second = keyset_page(Client.objects.all(), ORDER, first.after, 5)
        assert [row.pk for row in second.rows] == many[5:10]


def test_values_and_related_columns_page_too(world: World, many: list[int]) -> None:
    with world.here.scope():
        rows = Client.objects.values("id", "reference", "clinic__slug")
        pages = walk(rows, ("clinic__slug", "id"), 10)
        assert [row["id"] for page in pages for row in page.rows] == sorted(many)


def test_a_page_is_one_statement_with_a_row_value(world: World, many: list[int]) -> None:
    with world.here.scope():
        first = keyset_page(Client.objects.all(), ORDER, size=5)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            keyset_page(Client.objects.all(), ORDER, first.after, 5)
        assert len(seen) == 1
        assert '("clients_client"."family_key", "clients_client"."id") > (' in seen[0]["sql"]


def test_a_cursor_says_nothing(world: World, many: list[int]) -> None:
    with world.here.scope():
        cursor = keyset_page(Client.objects.all(), ORDER, size=5).after
    assert b"lee" not in urlsafe_b64decode(cursor + "==")


def test_a_cursor_of_another_list_or_clinic_or_a_changed_one_is_refused(world: World, many: list[int]) -> None:
    with world.here.scope():
        cursor = keyset_page(Client.objects.all(), ORDER, size=5).after
        other_list = keyset_page(Program.objects.all(), ("id",), size=1)
        assert not other_list.after
        for bad in (cursor[:-6] + "AAAAAA", "x", "é", "%00", "A" * 5_000, cursor[:10]):
            with pytest.raises(BadCursor):
                keyset_page(Client.objects.all(), ORDER, bad)
        with pytest.raises(BadCursor):
            keyset_page(Client.objects.all(), ("given_key", "id"), cursor)
    with world.neighbour.scope(), pytest.raises(BadCursor):
        keyset_page(Client.objects.all(), ORDER, cursor)


def test_the_size_of_a_page_has_a_limit(world: World) -> None:
    with world.here.scope():
        Client.objects.bulk_create(
            Client(clinic=world.here.clinic, reference=f"RB-8{n:03}", legal_name="x", family_key="x", given_key="x")
            for n in range(MAX_PAGE_SIZE + 5)
        )  # fmt: skip
        assert len(keyset_page(Client.objects.all(), ORDER, size=10**6).rows) == MAX_PAGE_SIZE
        assert len(keyset_page(Client.objects.all(), ORDER, size=-3).rows) == 1
    assert [size_of(text) for text in (None, "x", "٣", "0", "7", "9" * 400)] == [50, 50, 50, 1, 7, MAX_PAGE_SIZE]


def test_an_order_that_cannot_be_kept_is_a_mistake_of_the_developer(world: World) -> None:
    with world.here.scope():
        with pytest.raises(TypeError, match="all ascending"):
            keyset_page(Client.objects.all(), ("family_key", "-id"))
        with pytest.raises(TypeError, match="never null"):
            keyset_page(Client.objects.all(), ("born_on", "id"))


def seen_people(user: User) -> Any:
    return Client.objects.permitted(user, "clinics.view_client").values("id", "public_id", "family_key")


@pytest.mark.parametrize("role", list(Role))
def test_a_kept_list_gives_each_role_the_pages_of_the_pager(world: World, many: list[int], role: Role) -> None:
    kept, here = KeptList(Client, seen_people, ORDER), world.here
    user = here.people[role]
    with here.scope():
        Client.objects.bulk_create(
            Client(
                clinic=here.clinic, reference=f"RB-8{n:03}", legal_name="Sam Lee", family_key="zz", given_key="sam"
            )
            for n in range(PAGE_SIZE)
        )  # fmt: skip
        first, expected = kept.page(user), keyset_page(seen_people(user), ORDER)
        assert (first.rows, first.before, bool(first.after)) == (expected.rows, "", bool(expected.after))
        assert kept.page(user, size=5).rows == expected.rows[:5]
        if first.after:
            assert kept.page(user, first.after).rows == keyset_page(seen_people(user), ORDER, expected.after).rows
    with world.neighbour.scope():
        theirs = world.neighbour.people[role]
        assert kept.page(theirs).rows == keyset_page(seen_people(theirs), ORDER).rows

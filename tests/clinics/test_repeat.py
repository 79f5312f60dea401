"""The same POST twice acts once, also when both come at the same moment."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.utils import timezone

from clinics import repeat
from clinics.models import IdempotencyKey, Program
from clinics.tenancy import clinic_scope
from tests.world import World


def make_program(name: str) -> Any:
    return lambda: Program.objects.create(name=name)


def test_the_second_time_gives_the_first_result(world: World) -> None:
    with world.here.scope():
        asked: dict[str, Any] = {
            "user": world.here.coordinator, "key": "k1", "route": "program", "body": b"a",
            "act": make_program("Evening"),
        }  # fmt: skip
        first, second = repeat.once(**asked), repeat.once(**asked)
        assert Program.objects.filter(name="Evening").count() == 1
    assert (first.repeated, second.repeated) == (False, True)
    assert first.object_id == second.object_id


def test_another_content_or_route_under_the_same_key_is_refused(world: World) -> None:
    with world.here.scope():
        by = world.here.coordinator
        repeat.once(user=by, key="k1", route="program", body=b"a", act=make_program("Evening"))
        for route, body in (("program", b"b"), ("other", b"a")):
            with pytest.raises(repeat.OtherBody):
                repeat.once(user=by, key="k1", route=route, body=body, act=make_program("Morning"))
        assert not Program.objects.filter(name="Morning").exists()


def test_keys_are_a_person_s_own_and_a_clinic_s_own(world: World) -> None:
    with world.here.scope():
        for user in (world.here.coordinator, world.here.therapist):
            done = repeat.once(user=user, key="k1", route="r", body=b"", act=make_program(user.email))
            assert not done.repeated
    with world.neighbour.scope():
        done = repeat.once(user=world.here.coordinator, key="k1", route="r", body=b"", act=make_program("X"))
        assert not done.repeated


def test_what_fails_leaves_no_claim(world: World) -> None:
    def fail() -> None:
        Program.objects.create(name="Half")
        raise LookupError

    with world.here.scope():
        by = world.here.coordinator
        with pytest.raises(LookupError):
            repeat.once(user=by, key="k1", route="r", body=b"a", act=fail)
        assert not Program.objects.filter(name="Half").exists()
        assert not repeat.was_sent(by, "k1")
        assert not repeat.once(user=by, key="k1", route="r", body=b"b", act=make_program("Whole")).repeated


def test_the_order_of_fields_and_the_csrf_token_do_not_matter() -> None:
    one = QueryDict("a=1&b=2&b=3&csrfmiddlewaretoken=x")
    assert repeat.form_body(one) == repeat.form_body(QueryDict("csrfmiddlewaretoken=y&b=2&b=3&a=1"))
    assert repeat.form_body(one) != repeat.form_body(QueryDict("a=1&b=3&b=2"))


def test_every_form_shown_has_a_key_of_its_own() -> None:
    assert repeat.OnceForm()["repeat_key"].value() != repeat.OnceForm()["repeat_key"].value()


def test_old_keys_go_and_young_ones_stay(world: World) -> None:
    with world.here.scope():
        by = world.here.coordinator
        for key in ("old", "young"):
            repeat.once(user=by, key=key, route="r", body=b"", act=make_program(key))
        long_ago = timezone.now() - timedelta(hours=25)
        IdempotencyKey.objects.filter(key="old").update(created_at=long_ago)
        assert repeat.purge_keys() == 1
        assert [repeat.was_sent(by, key) for key in ("old", "young")] == [False, True]


def test_eight_at_once_make_one(world: World) -> None:
    """Real connections that commit: the rivals wait on the unique index, then get the first result."""
    here = world.here
    together, outcomes, made = threading.Barrier(8), [], []

    def post() -> None:
        with clinic_scope(here.clinic.pk):
            together.wait(10)
            outcomes.append(
                repeat.once(user=here.coordinator, key="at-once", route="r", body=b"a", act=make_program("Rival"))
            )

    def count_and_clear() -> None:
        with clinic_scope(here.clinic.pk):
            made.append(Program.objects.filter(name="Rival").delete()[0])
            IdempotencyKey.objects.filter(key="at-once").delete()

    in_threads([post] * 8)
    in_threads([count_and_clear])
    assert (len(outcomes), sum(not o.repeated for o in outcomes), made) == (8, 1, [1])
    assert len({o.object_id for o in outcomes}) == 1


def in_threads(acts: list[Callable[[], None]]) -> None:
    """Run each act in a thread with a connection of its own, and wait for all."""

    def run(act: Callable[[], None]) -> None:
        try:
            act()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

"""A physician's signature: written down where one is asked for, shown with the others, and never waited for."""

from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from clients.models import PlanSignature, PlanVersion
from clients.rules.plans import Wrong
from clients.services import plan_signing, plans
from tests.api.test_plans_api import Caller
from tests.clients import planning as at
from tests.clients.people import ABSENT_ID, body, hidden, page, signed_in
from tests.world import Side, World

NAME = "A. Ruiz, MD"


def signs(side: Side, version: PlanVersion, **other: Any) -> PlanSignature:
    how: dict[str, Any] = {
        "content_hash": version.content_hash, "printed_name": f" {NAME} ", "method": "paper", "by": side.therapist,
        "now": timezone.now(), **other,
    }  # fmt: skip
    return plan_signing.sign_for_physician(version=version, **how)


def test_it_is_kept_while_a_version_waits_and_brings_nothing_into_force(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.author_signs(here, at.written(here))
        signature = signs(here, version)
        assert (signature.printed_name, signature.method, signature.recorded_by) == (NAME, "paper", here.therapist)
        assert at.fresh(version).state == "in_review"
        assert at.person_signs(here, version).state == "active"


def test_it_is_kept_under_a_version_in_force_once(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.in_force(here)
        signs(here, version, method="device")
        with pytest.raises(plan_signing.SignedBefore):
            signs(here, version)
        assert at.fresh(version).state == "active"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"printed_name": " \x00"}, Wrong), ({"method": "signed_in"}, Wrong),
        ({"content_hash": "1" * 64}, plan_signing.NotWaiting),
    ],
)  # fmt: skip
def test_what_is_not_whole_is_not_kept(world: World, change: dict[str, str], error: type[Exception]) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.in_force(here)
        with pytest.raises(error):
            signs(here, version, **change)


def test_a_draft_and_what_was_replaced_take_none_by_no_way(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.in_force(here)
        draft = plans.draft_next(plan=version.plan, by=here.therapist)
        with pytest.raises(plan_signing.NotWaiting):
            signs(here, at.fresh(draft), content_hash="")
        at.person_signs(here, at.author_signs(here, at.fresh(draft)))
        old = at.fresh(version)
        assert old.state == "superseded"
        with pytest.raises(plan_signing.NotWaiting):
            signs(here, old)
        row = partial(
            PlanSignature.objects.create, clinic=here.clinic, plan_version=old, capacity="physician",
            printed_name=NAME, method="paper", content_hash=old.content_hash, recorded_by=here.therapist,
        )  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic():
            row()


def test_no_other_capacity_signs_what_is_in_force(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.in_force(here)
        row = partial(
            PlanSignature.objects.create, clinic=here.clinic, plan_version=version, printed_name=NAME, method="paper",
            content_hash=version.content_hash, recorded_by=here.therapist,
        )  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic():
            row(capacity="guardian")
        with transaction.atomic():
            row(capacity="physician")


def test_it_is_written_down_on_a_page_and_shown_with_the_others(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.in_force(here)
    browser = signed_in(here.therapist)
    plan_page, address = (
        page(here, "plan_detail", version.plan.public_id),
        page(here, "plan_physician_sign", version.public_id),
    )
    assert f'href="{address}"' in body(browser.get(plan_page))
    form = hidden(body(browser.get(address)))
    empty = browser.post(address, {**form, "printed_name": "", "method": "paper"})
    assert (empty.status_code, "Enter the name of who signs." in body(empty)) == (422, True)
    assert browser.post(address, {**form, "printed_name": NAME, "method": "paper"}).status_code == 302
    shown = body(browser.get(plan_page))
    assert f"Physician: <bdi>{NAME}</bdi>" in shown
    assert f'href="{address}"' not in shown
    again = browser.post(address, {**form, "printed_name": NAME, "method": "paper"})
    assert (again.status_code, "written down already" in body(again)) == (422, True)
    told = Caller(here, here.therapist).get(f"plan-versions/{version.public_id}/").json()["signatures"]
    assert [one["capacity"] for one in told] == ["author", "client", "physician"]


def test_who_does_not_write_plans_writes_none_down(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.in_force(here)
    address = page(here, "plan_physician_sign", version.public_id)
    assert signed_in(here.supervisor).post(address, {"printed_name": NAME}).status_code == 403
    assert signed_in(here.other_therapist).get(address).status_code == 404
    for foreign in (world.neighbour.plan_version.public_id, ABSENT_ID, "nonsense"):
        assert signed_in(here.therapist).get(page(here, "plan_physician_sign", foreign)).status_code == 404


def test_over_the_api_it_is_written_down_once_and_refused_where_it_cannot_be(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.in_force(here)
        draft = plans.draft_next(plan=version.plan, by=here.therapist)
    caller = Caller(here, here.therapist)
    said = {"content_hash": version.content_hash, "printed_name": NAME, "method": "paper"}
    path = f"plan-versions/{version.public_id}/physician/"
    for change, field in (({"method": "signed_in"}, "method"), ({"printed_name": " "}, "printed_name")):
        assert list(caller.post(path, {**said, **change}).json()["fields"]) == [field]
    assert caller.post(path, {**said, "content_hash": "1" * 64}).status_code == 409
    first, again = (caller.post(path, said, key="p-1") for _n in range(2))
    assert (first.status_code, first.json()["capacity"], again.json()) == (201, "physician", first.json())
    assert caller.post(path, said).status_code == 409
    assert caller.post(f"plan-versions/{draft.public_id}/physician/", said).status_code == 409
    assert Caller(here, here.supervisor).post(path, said).status_code == 403
    assert Caller(here, here.coordinator).post(path, said).status_code == 403
    for foreign in (world.neighbour.plan_version.public_id, ABSENT_ID, "nonsense"):
        assert caller.post(f"plan-versions/{foreign}/physician/", said).status_code == 404

"""A clinic has what somebody writes co-signed: the author's own tick adds a co-signature and never removes one."""

import uuid

import pytest
from django.utils import timezone

from clients.models import PlanVersion
from clients.services import plan_signing, plans
from clinics.models import Membership
from clinics.roles import Role
from clinics.services import people
from tests.api.test_plans_api import Caller
from tests.clients import planning as at
from tests.clients.people import body, hidden, page, signed_in
from tests.world import Side, World

ASKED = "Your clinic has every plan of yours co-signed."


def have_cosigned(side: Side, needed: bool = True) -> None:
    own = Membership.objects.active().get(clinic=side.clinic, user=side.therapist, role=Role.THERAPIST)
    people.ask_for_cosign(membership=own, needed=needed, by=side.administrator)


@pytest.fixture
def draft(world: World) -> PlanVersion:
    """Return a draft that was begun before the clinic asked for co-signatures."""
    with world.here.scope(world.here.therapist):
        version = at.written(world.here)
    return version


def test_the_authors_own_tick_never_removes_it(world: World, draft: PlanVersion) -> None:
    here = world.here
    with here.scope(here.therapist):
        have_cosigned(here)
        version = at.author_signs(here, draft, needs_cosign=False)
        assert version.needs_cosign
        version = at.person_signs(here, version)
        assert version.state == "in_review", "the person's signature is not the last one"
        plan_signing.cosign(version=version, content_hash=version.content_hash, by=here.supervisor, now=timezone.now())
        assert at.fresh(version).state == "active"


def test_a_draft_says_so_from_the_beginning_and_the_next_follows_what_the_clinic_asks_then(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        have_cosigned(here)
        version = at.written(here, "Ida Brook")
        assert version.needs_cosign
        version = at.person_signs(here, at.author_signs(here, version))
        plan_signing.cosign(version=version, content_hash=version.content_hash, by=here.supervisor, now=timezone.now())
        have_cosigned(here, needed=False)
        assert not plans.draft_next(plan=version.plan, by=here.therapist).needs_cosign


def test_what_one_clinic_asks_for_binds_no_other(world: World, draft: PlanVersion) -> None:
    here, there = world.here, world.neighbour
    with there.scope():
        have_cosigned(there)
    with here.scope(here.therapist):
        assert not at.author_signs(here, draft).needs_cosign


def test_the_signing_page_says_so_and_takes_no_other_answer(world: World, draft: PlanVersion) -> None:
    here = world.here
    address = page(here, "plan_sign", draft.public_id)
    assert ASKED not in body(signed_in(here.therapist).get(address))
    with here.scope():
        have_cosigned(here)
    browser = signed_in(here.therapist)
    shown = body(browser.get(address))
    assert ASKED in shown
    answer = browser.post(address, {**hidden(shown), "starts_on": at.day(here).isoformat()})
    assert answer.status_code == 302
    with here.scope():
        assert at.fresh(draft).needs_cosign


def test_over_the_api_it_is_the_same_and_people_are_listed_with_it(world: World, draft: PlanVersion) -> None:
    here = world.here
    with here.scope():
        have_cosigned(here)
    signed = Caller(here, here.therapist).post(
        f"plan-versions/{draft.public_id}/sign/", {"needs_cosign": False}, key=uuid.uuid4().hex,
        **{"If-Match": f'"{draft.version}"'},
    )  # fmt: skip
    assert (signed.status_code, signed.json()["needs_cosign"]) == (200, True), signed.content
    listed = Caller(here, here.administrator).get("people/").json()["results"]
    told = {one["person"]: one["needs_cosign"] for one in listed if one["role"] == "therapist"}
    assert told[str(here.therapist.public_id)] is True
    assert told[str(here.other_therapist.public_id)] is False

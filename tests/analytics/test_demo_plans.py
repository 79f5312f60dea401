"""The demonstration's treatment plans: every state a plan can be in, and a look back that was held."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from analytics.demo import plans
from clients.models import Appointment, BlockDecision, ChangeTarget, PlanReview, PlanSignature, PlanVersion, Task
from clients.selectors import plans as selectors
from tests.clients.people import in_care, today
from tests.world import World

NAMES = ["Ann Ash", "Ben Birch", "Cy Cedar", "Di Dogwood", "Ed Elm", "Flo Fir", "Gus Gum", "Hal Holly", "Ida Ivy"]


def test_each_state_of_a_plan_is_there_once_for_everybody_to_see(world: World) -> None:
    here = world.here
    with here.scope():
        made: list[Any] = []
        for name in NAMES:
            client = in_care(here, name)
            client.episodes.update(admitted_on=today(here) - timedelta(days=60))
            ChangeTarget.objects.create(clinic=here.clinic, client=client, goal="Drink less")
            made.append(client.pk)
            for weeks in range(5):
                at = timezone.now() - timedelta(days=3 + 7 * weeks)
                Appointment.objects.create(
                    clinic=here.clinic, client=client, episode=client.episodes.get(), therapist=here.therapist,
                    kind="treatment", starts_at=at, service_on=at.date(), duration_min=50, attendance="attended",
                )  # fmt: skip
        count = plans.plan(clinic=here.clinic, supervisor=here.supervisor, now=timezone.now())
        versions = PlanVersion.objects.filter(client__in=made).select_related("plan", "client", "author")
        states = sorted(versions.values_list("state", flat=True))
        # Nine and the world's own person: two of the ten have none, one of whom is the world's.
        assert count == 8
        assert states == ["active"] * 5 + ["closed", "draft", "in_review", "superseded"]
        assert PlanReview.objects.filter(client__in=made, held_on__isnull=False).count() == 1
        assert PlanSignature.objects.filter(plan_version__in=versions, refused=True).count() == 1
        assert PlanSignature.objects.filter(plan_version__in=versions, capacity="physician").count() == 1
        chosen = BlockDecision.objects.filter(client__in=made).order_by("pk")
        assert [(one.decision, one.sessions) for one in chosen] == [("extend", 2), ("move_on", None)]
        for version in versions.exclude(state="draft"):
            assert selectors.stands(version, selectors.said_of(version).parts)
        assert Task.objects.filter(client__in=made, kind="plan", done_at=None).exists()


def test_a_clinic_with_few_people_gets_none(world: World) -> None:
    here = world.here
    with here.scope():
        assert plans.plan(clinic=here.clinic, supervisor=here.supervisor, now=timezone.now()) == 0

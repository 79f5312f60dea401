"""The demonstration keeps a change: plans whole and begun, a month of cravings, one look back held and one still due."""

from django.utils import timezone

from analytics.demo import relapse
from clients.models import Craving, Lapse, RelapsePlan, Task
from clients.selectors import relapse as selectors
from clients.services import caseload, targets
from clients.services.targets import Terms
from tests.clients.people import in_care
from tests.world import World


def test_people_of_the_demonstration_keep_a_change(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        before = {model: set(model.objects.values_list("pk", flat=True)) for model in (RelapsePlan, Craving, Lapse)}
        for name in ("Noor Rivers", "Sol Marsh", "Ada Lake", "Mika Reed", "Ines Hall"):
            targets.add(client=in_care(here, name), terms=Terms("Drink less"), by=here.therapist)
        # The world's own person has a plan already: a demonstration begins without any.
        caseload.end(client=here.client, user=here.therapist, by=here.coordinator)
        made = relapse.keep(clinic=here.clinic, now=timezone.now())
        plans = RelapsePlan.objects.exclude(pk__in=before[RelapsePlan])
        assert made == RelapsePlan.objects.count()
        assert {plan.complete for plan in plans} == {True, False}
        assert all(selectors.said(plan).complete is plan.complete for plan in plans)
        cravings = Craving.objects.exclude(pk__in=before[Craving])
        assert cravings.filter(undone_at=None).count() > 10
        assert cravings.exclude(undone_at=None).count() == 1
        looked_back, due = Lapse.objects.exclude(pk__in=before[Lapse]).order_by("happened_on")
        assert looked_back.plan_changed
        assert due.reviewed_at is None
        assert Task.objects.get(kind="lapse", done_at=None).client_id == due.client_id

"""The demonstration has half a year of measures, and each thing that may stand beside them once."""

from datetime import timedelta

from django.utils import timezone

from analytics.demo import measures as demo
from clients.models import Episode, MeasureLink, MeasureResponse, MeasureSchedule, MeasureScore, SafetyConcern
from clients.selectors import measures as selectors
from clinics.instruments.scoring import score
from clinics.selectors.instruments import definition_of
from tests.clients.people import in_care, today
from tests.world import World


def test_people_in_care_answered_over_half_a_year_and_every_score_is_what_the_engine_says(world: World) -> None:
    here = world.here
    with here.scope():
        people = [in_care(here, f"Person {name}") for name in ("Ash", "Birch", "Cedar", "Dogwood", "Elm")]
        Episode.objects.filter(client__in=people).update(admitted_on=today(here) - timedelta(days=200))
        people.append(in_care(here, "Person Fir"))  # came in today: nothing was answered yet
        MeasureSchedule.objects.update(ended_at=timezone.now())
        before = MeasureResponse.objects.count()
        made = demo.answer(clinic=here.clinic, now=timezone.now())
        assert made > before + 100
        rows = MeasureResponse.objects.filter(client__in=people).select_related("instrument")
        assert {one.instrument.key for one in rows} == {"phq9", "gad7", "audit_c", "wai_sr"}
        assert max(one.taken_on for one in rows) <= today(here)
        assert min(one.taken_on for one in rows) >= today(here) - timedelta(days=182)
        stored: dict[int, dict[str, MeasureScore]] = {}
        for row in MeasureScore.objects.filter(response__in=rows):
            stored.setdefault(row.response_id, {})[row.score_key] = row
        for one in rows:
            figures = score(definition_of(one.instrument), {}, one.answers)
            assert {key: selectors.exact(row.value) for key, row in stored[one.pk].items()} == {
                key: figure.value for key, figure in figures.items()
            }
        assert MeasureResponse.objects.filter(undone_at__isnull=False).exists()
        assert MeasureResponse.objects.filter(complete=False).exists()
        assert SafetyConcern.objects.filter(code="phq9_item9", reviewed_at=None).exists()
        assert MeasureLink.objects.filter(used_at=None, revoked_at=None).exists()
        assert MeasureSchedule.objects.filter(next_due_on__lte=today(here) - timedelta(days=7)).exists()

"""The demonstration's clinics have hours to book and somebody on call, at whatever hour it is made."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from analytics.demo import hours
from clients.models import Shift, WorkingHours
from tests.world import World


@pytest.mark.parametrize("at", [time(0, 10), time(3), time(8), time(14), time(23, 50)])
def test_somebody_is_on_call_from_now_on_for_a_week(world: World, at: time) -> None:
    here = world.here
    zone = ZoneInfo(here.clinic.time_zone)
    now = datetime.combine(timezone.now().astimezone(zone).date(), at, tzinfo=zone)
    with here.scope():
        Shift.objects.all().delete()
        made = hours.work(
            clinic=here.clinic, therapists=[here.therapist, here.other_therapist], supervisor=here.supervisor,
            coordinator=here.coordinator, now=now,
        )  # fmt: skip
        assert made == Shift.objects.count()
        for later in range(6 * 24):
            moment = now + timedelta(hours=later)
            assert Shift.objects.filter(starts_at__lte=moment, ends_at__gt=moment).exists(), later
        for therapist in (here.therapist, here.other_therapist):
            assert WorkingHours.objects.filter(user=therapist, until_on=None).count() >= 8

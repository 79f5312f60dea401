"""The demonstration has stages over half a year, second goals with rulers of their own, and one who works otherwise."""

from datetime import timedelta

from django.utils import timezone

from analytics.demo import dialogue
from analytics.demo import motivation as demo
from clients.models import ChangeTarget, Episode, IntensityChoice, RulerReading, StageRating
from clients.rules import stages
from clients.services import targets
from sessions.selectors.otherwise import team_otherwise
from tests.clients.people import in_care, today
from tests.world import World


def test_every_goal_of_the_demonstration_says_what_it_is_about() -> None:
    assert set(demo.ABOUT) == set(dialogue.GOALS)
    for goal in dialogue.GOALS:
        terms = demo.terms_of(goal)
        assert terms.kind in dict(stages.KINDS)
        assert terms.direction in dict(stages.DIRECTIONS)
    assert {stage for course in demo.COURSES for stage in course} == set(dict(stages.STAGES))


def test_people_move_over_half_a_year_and_some_have_two_goals(world: World) -> None:
    here = world.here
    with here.scope():
        people = [in_care(here, f"Person {name}") for name in ("Ash", "Birch", "Cedar", "Dogwood", "Elm", "Fir")]
        Episode.objects.filter(client__in=people).update(admitted_on=today(here) - timedelta(days=150))
        for client in people:
            goal = targets.add(client=client, terms=demo.terms_of(dialogue.GOALS[0]), by=here.therapist)
            ready = {ruler: targets.Answer(8) for ruler in demo.Ruler}
            targets.take_rulers(target=goal, answers=ready, by=here.therapist, now=timezone.now())
        before = StageRating.objects.count()
        assert demo.move(clinic=here.clinic, now=timezone.now()) > before + 12
        rows = StageRating.objects.filter(client__in=people)
        assert min(row.rated_on for row in rows) >= today(here) - timedelta(days=150)
        assert max(row.rated_on for row in rows) <= today(here)
        two = [client for client in people if ChangeTarget.objects.filter(client=client).count() == 2]
        assert len(two) == 2
        for client in two:
            second = ChangeTarget.objects.filter(client=client).latest("pk")
            assert RulerReading.objects.filter(target=second, appointment=None).count() == 9
        assert IntensityChoice.objects.filter(client__in=people).count() >= 2
        assert {one.client_id for one in team_otherwise(here.supervisor)} & {client.pk for client in people}

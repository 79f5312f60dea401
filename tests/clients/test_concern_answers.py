"""A concern that a measure raised names the answers, and its review leads to them for who may read them."""

import pytest
from django.db import DatabaseError, transaction

from clients.models import MeasureResponse, SafetyConcern
from clients.services import safety
from tests.clients.measuring import asked, phq9
from tests.clients.people import body, in_care, page, signed_in
from tests.world import Side, World

LEADS = "What they answered: PHQ-9"


def raised(side: Side) -> tuple[SafetyConcern, MeasureResponse]:
    """Return a concern about self-harm and the answers that raised it."""
    response = asked(side, in_care(side), "phq9", phq9(1, 1, 0, 0, 0, 0, 0, 0, 1))
    return SafetyConcern.objects.get(client=response.client), response


def test_a_measure_names_its_answers_and_a_second_one_leaves_the_open_concern_as_it_was_raised(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        concern, response = raised(here)
        assert concern.response == response
        asked(here, response.client, "phq9", phq9(1, 1, 0, 0, 0, 0, 0, 0, 1))
        assert SafetyConcern.objects.get(client=response.client).response == response


def test_the_review_leads_to_the_answers_before_and_after_it_is_written(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        concern, response = raised(here)
    browser = signed_in(here.therapist)
    review, answers = page(here, "concern_review", concern.public_id), page(here, "measure_detail", response.public_id)
    shown = body(browser.get(review))
    assert LEADS in shown
    assert f'href="{answers}"' in shown
    assert browser.get(answers).status_code == 200
    with here.scope(here.therapist):
        concern.refresh_from_db()
        safety.review(
            concern=concern, rationale="Talked it over", next_check_on=response.taken_on, by=here.therapist,
            now=response.taken_at,
        )  # fmt: skip
    assert f'href="{answers}"' in body(browser.get(review))


def test_who_was_handed_a_concern_and_may_not_read_the_answers_is_not_led_to_them(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        concern, response = raised(here)
        safety.hand_over(concern=concern, to=here.other_therapist, by=here.supervisor)
    browser = signed_in(here.other_therapist)
    shown = browser.get(page(here, "concern_review", concern.public_id))
    assert shown.status_code == 200
    assert LEADS not in body(shown)
    assert browser.get(page(here, "measure_detail", response.public_id)).status_code == 404


def test_a_supervisor_reads_them_too(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        concern, _response = raised(here)
    assert LEADS in body(signed_in(here.supervisor).get(page(here, "concern_review", concern.public_id)))


def test_the_answers_stay_with_the_concern_that_they_raised(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        concern, _response = raised(here)
        with pytest.raises(DatabaseError, match="stays as it was raised"), transaction.atomic():
            SafetyConcern.objects.filter(pk=concern.pk).update(response=None)


def test_after_the_question_about_death_a_structured_screen_is_offered_to_who_may_enter_it(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        concern, response = raised(here)
    review, screen = (
        page(here, "concern_review", concern.public_id),
        page(here, "measure_record", response.client.public_id, "cssrs"),
    )
    browser = signed_in(here.therapist)
    assert f'href="{screen}"' in body(browser.get(review))
    assert browser.get(screen).status_code == 200
    # A supervisor reviews, and enters no answers.
    assert f'href="{screen}"' not in body(signed_in(here.supervisor).get(review))
    with here.scope(here.therapist):
        safety.review(
            concern=concern, rationale="Talked it over", next_check_on=response.taken_on, by=here.therapist,
            now=response.taken_at,
        )  # fmt: skip
    assert f'href="{screen}"' not in body(browser.get(review))

"""Who is known here already, beside the page on which a call is taken."""

import pytest

from tests.clients.calls import TOO_LONG, WORDS, count_of, inquiry_at, known_person, look, send
from tests.clients.people import events, hidden, signed_in
from tests.world import World


def test_matches_come_with_reasons_and_leave_one_event(world: World) -> None:
    here = world.here
    known = known_person(here)
    known_person(world.neighbour, reference="HB-7001")
    browser = signed_in(here.coordinator)
    seen = len(events(here))
    html = look(browser, here)
    assert "1 possible match at this clinic" in html
    assert "Same phone number. Same family name. Same first name or name they go by." in html
    assert "Phone ends 0199." in html
    assert f'value="{known.public_id}"' in html
    assert "HB-7001" not in html
    (event,) = events(here, seen)
    assert (event.action, event.detail["client_ids"]) == ("match.listed", [known.pk])


def test_a_callers_number_finds_nobody(world: World) -> None:
    known_person(world.here)
    browser = signed_in(world.here.coordinator)
    assert "No possible match" in look(browser, world.here, who="family")
    assert "No possible match" in look(browser, world.here, who="")


@pytest.mark.parametrize(
    "wrong",
    [
        {"phone": "\x00", "email": "a\x00b@mail.example", "legal_name": "\x00"},
        {"legal_name": TOO_LONG, "goes_by": TOO_LONG, "postal_code": TOO_LONG, "phone": TOO_LONG},
        {"born_on_year": "0000"},
        {"born_on_month": "13", "born_on_year": "99999"},
        {"known": "\x00"},
        {"known": "nonsense", "use": "nonsense"},
    ],
)
def test_looking_for_matches_never_fails(world: World, wrong: dict[str, str]) -> None:
    known_person(world.here)
    look(signed_in(world.here.coordinator), world.here, **wrong)


def test_the_chosen_record_is_used_and_no_other_is_made(world: World) -> None:
    here = world.here
    known = known_person(here)
    browser = signed_in(here.coordinator)
    chosen = look(browser, here, use=str(known.public_id))
    assert "RB-7001" in chosen
    assert hidden(chosen)["known"] == str(known.public_id)
    assert 'name="not_them"' in chosen
    assert "known" not in hidden(look(browser, here, known=str(known.public_id), not_them="1"))
    _inquiries, clients = count_of(here)
    with here.scope():
        assert inquiry_at(send(browser, here, known=str(known.public_id))).client == known
    assert count_of(here)[1] == clients


def test_a_likely_match_is_asked_about_once_and_never_in_danger(world: World) -> None:
    here = world.here
    known_person(here, born_on="1990-05-06")
    browser = signed_in(here.coordinator)
    before = count_of(here)
    asked = send(browser, here)
    assert asked.status_code == 422
    assert "This may be somebody who is known here." in asked.content.decode()
    assert 'href="#id_somebody_else"' in asked.content.decode()
    assert 'name="somebody_else"' in look(browser, here)
    assert 'name="somebody_else"' not in look(browser, here, born_on_day="", legal_name="Ana Rivers", goes_by="")
    assert count_of(here) == before
    with here.scope():
        assert inquiry_at(send(browser, here, somebody_else="on")).client is not None
        assert inquiry_at(send(browser, here, safety_answer="yes")).crisis_hold


def test_without_a_script_a_button_looks_and_picks(world: World) -> None:
    here = world.here
    known = known_person(here)
    browser = signed_in(here.coordinator)
    before = count_of(here)
    for pressed in ({"look": "1"}, {"use": str(known.public_id)}):
        answer = send(browser, here, substances=["alcohol"], **pressed)
        html = answer.content.decode()
        assert answer.status_code == 200
        assert "There is something to mend" not in html
        assert "RB-7001" in html
        assert WORDS in html
        assert 'value="1990"' in html
    assert hidden(html)["known"] == str(known.public_id)
    assert count_of(here) == before

"""How somebody lives: written down, kept to where home is not safe, and carried to the list and the admission."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Admission, Client, Inquiry
from clients.rules.consent_terms import Signer
from clients.rules.intake import Contradiction
from clients.selectors import admission as admission_selectors
from clients.selectors.measures import sex_of
from clients.services import admission
from clients.services.guardians import Guardian
from clients.services.inquiries import Need
from clients.services.referrals import Referral
from tests.clients import admission as at
from tests.clients.admission_pages import now_is_now  # noqa: F401 - a fixture
from tests.clients.calls import edited, inquiry_at, known_person, send, taken
from tests.clients.people import events, hidden, page, signed_in, today
from tests.clients.test_inquiry_pages import opened, shown
from tests.clients.test_safe_way import HOME, SISTER, TOP, WILLING
from tests.world import CANARY, NOW, Side, World

# --- what is written down -------------------------------------------------------------------------------------------

SAID = {
    "gender": "female", "state": "IL", "pregnant": "yes", "veteran": "no", "homeless": "yes",
    "mental_health": "Sleeps badly since the accident.", "preferred_method": "sms", **HOME, "guardian_name": "Ana Vale",
    "guardian_phone": "312 555 0143", "custody": "one", "source": "5", "eap_vendor": "Steady Work",
    "eap_sessions": "6", "eap_sessions_used": "2", "referrer_consent": "no", "campaign": "Spring talks",
    "line_called": "312 555 0100",
}  # fmt: skip
KEPT = {
    "pregnant": "yes", "veteran": "no", "homeless": "yes", "mental_health": "Sleeps badly since the accident.",
    "preferred_method": "sms", **HOME, "guardian_name": "Ana Vale", "guardian_phone": "+13125550143", "custody": "one",
    "eap_sessions": 6, "eap_sessions_used": 2, "referrer_consent": "no", "campaign": "Spring talks",
    "line_called": "+13125550100",
}  # fmt: skip


def test_a_call_keeps_how_they_live_and_its_page_says_it(world: World) -> None:
    here = world.here
    browser = signed_in(here.coordinator)
    with here.scope():
        one = inquiry_at(send(browser, here, **SAID))
        assert {name: getattr(one, name) for name in KEPT} == KEPT
        assert one.client is not None
        assert (one.client.gender, one.client.state) == ("female", "IL")
    text = shown(here, one)
    for words in (
        "Female", "Illinois", "Yes. They come first on the waiting list.", "Sleeps badly since the accident.",
        "Ana Vale", "312 555 0143", "One parent", "6, of these 2 used: 4 left", "They said no. Tell them nothing",
        "Spring talks", "312 555 0100", SISTER, TOP,
    ):  # fmt: skip
        assert words in text, words
    # The safe way stands before anything else is said.
    assert text.index(SISTER) < text.index("In their words")


def test_nothing_of_it_has_to_be_asked_and_nothing_is_made_up(world: World) -> None:
    here = world.here
    one = taken(signed_in(here.coordinator), here)
    assert one.client is not None
    said = [getattr(one, name) for name in ("unsafe_at_home", "pregnant", "veteran", "homeless", "referrer_consent")]
    assert said == ["not_asked"] * 5
    assert (one.safe_way, one.mental_health, one.preferred_method, one.custody) == (None, None, "", "")
    assert (one.client.gender, one.client.state) == ("", "")
    text = shown(here, one)
    for words in (TOP, "Parent or guardian", "Pregnant", "Gender", "Hears back", "Try first</dt><dd>A text"):
        assert words not in text, words


def test_more_is_written_down_later_and_what_was_said_stays(world: World) -> None:
    here = world.here
    browser = signed_in(here.coordinator)
    one = taken(browser, here)
    answer = browser.post(page(here, "inquiry_edit", one.public_id), edited(browser, here, one, **SAID))
    assert answer.status_code == 302, answer.content.decode()[:2000]
    with here.scope():
        one.refresh_from_db()
        assert {name: getattr(one, name) for name in KEPT} == KEPT
        # Their record has a page of its own.
        assert Client.objects.get(pk=one.client_id).gender == ""
    text = browser.get(page(here, "inquiry_edit", one.public_id)).content.decode()
    for words in (SISTER, "312 555 0143", "312 555 0100", "Spring talks", "Sleeps badly"):
        assert words in text, words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"safe_way": SISTER}, "take the safe way away"),
        ({"safe_way": SISTER, "unsafe_at_home": "no"}, "take the safe way away"),
        (
            {"source": "5", "eap_sessions": "6", "eap_sessions_used": "7"},
            "More sessions are used (7) than it pays for (6).",
        ),
        ({"source": "1", "eap_sessions_used": "1"}, "only where an employer"),
        ({"source": "5", "eap_sessions_used": "-1"}, "Enter how many sessions"),
        ({"guardian_phone": "312 555 0143 x4"}, "without an extension"),
        ({"guardian_phone": "12"}, "10 digits"),
        ({"line_called": "never"}, "in digits"),
        ({"gender": "x"}, "Choose one of the list"),
        ({"state": "ZZ"}, "Choose one of the list"),
        ({"custody": "x"}, "Choose one of the list"),
        ({"preferred_method": "x"}, "Choose one of the list"),
        ({"pregnant": "x"}, "Choose yes, no or not asked"),
        ({"safe_way": "x" * 501, "unsafe_at_home": "yes"}, "at most 500"),
        ({"campaign": "x" * 81}, "at most 80"),
        ({"mental_health": "x" * 4001}, "at most 4000"),
    ],
)
def test_what_cannot_be_is_said_beside_its_question(world: World, changes: dict[str, str], words: str) -> None:
    here = world.here
    with here.scope():
        before = Inquiry.objects.count()
    answer = send(signed_in(here.coordinator), here, **changes)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    with here.scope():
        assert Inquiry.objects.count() == before


def test_a_question_that_hides_does_not_hide_its_error(world: World) -> None:
    browser = signed_in(world.here.coordinator)
    answer = send(browser, world.here, safe_way=SISTER)
    assert answer.status_code == 422
    assert 'class="when-unsafe"' not in answer.content.decode()
    assert 'class="when-unsafe"' in browser.get(page(world.here, "intake_create")).content.decode()


@pytest.mark.parametrize(
    ("changes", "is_open", "is_minor"),
    [
        ({"born_on_year": "2015"}, True, True),
        ({"born_on_year": "1990"}, False, False),
        ({"who": "family", "relation": "parent"}, True, False),
        ({"who": "family", "relation": "friend"}, False, False),
        ({"custody": "state"}, True, False),
    ],
)
def test_a_guardian_is_asked_for_beside_a_minor_and_when_a_parent_calls(
    world: World, changes: dict[str, str], is_open: bool, is_minor: bool
) -> None:
    text = send(signed_in(world.here.coordinator), world.here, **{**changes, "phone": ""}).content.decode()
    assert ("data-guardian open" in text) is is_open
    assert ("data-minor" in text) is is_minor


# --- a minor, the list, the admission ----------------------------------------------------------------------------


def test_a_minor_without_a_guardian_is_named_and_admitted(world: World) -> None:
    here = world.here
    with here.scope():
        inquiry = at.ready(here, at.accepted(here, at.assessed(here, at.booked(here, minor(here)))))
        facts = admission_selectors.facts(inquiry, timezone.now())
        assert (facts.minor, facts.guardian_named, facts.guardian_signed) == (True, False, False)
    address = page(here, "admission_create", inquiry.public_id)
    text = signed_in(here.coordinator).get(address).content.decode()
    assert "no parent or guardian is written down" in text
    assert "State law decides whether they may sign alone." in text
    with here.scope():
        assert isinstance(at.admitted(here, inquiry), Admission)


@pytest.mark.parametrize("signer", [Signer.GUARDIAN, Signer.REPRESENTATIVE])
def test_a_guardian_who_is_named_and_signed_leaves_no_gap(world: World, signer: str) -> None:
    here = world.here
    with here.scope():
        accepted = at.accepted(here, at.assessed(here, at.booked(here, minor(here))))
        inquiry = at.ready(here, accepted, signer=signer)
        inquiry.guardian_name = "Ana Vale"
        facts = admission_selectors.facts(inquiry, timezone.now())
        assert (facts.minor, facts.guardian_named, facts.guardian_signed) == (True, True, True)


def minor(side: Side) -> Inquiry:
    """Return a screened inquiry of somebody of fifteen."""
    born_on = today(side).replace(day=1)
    return at.screened(side, "Sam Vale", born_on=date(born_on.year - 15, born_on.month, 1))


def test_who_said_that_they_are_pregnant_comes_first_without_being_asked_again(world: World) -> None:
    here = world.here
    with here.scope():
        inquiry = at.accepted(here, at.assessed(here, at.booked(here, at.screened(here, pregnant="yes"))))
        entry = admission.put_on_list(inquiry=inquiry, pregnant=None, injects=True, by=here.coordinator, now=NOW)
        assert entry.priority == 1
        other = at.accepted(here, at.assessed(here, at.booked(here, at.screened(here, "Bo", pregnant="yes"))))
    text = signed_in(here.coordinator).get(page(here, "waitlist_join", other.public_id)).content.decode()
    assert 'name="pregnant" value="yes"' in text
    ticked = text[text.index('name="pregnant" value="yes"') :].split(">", 1)[0]
    assert "checked" in ticked
    with here.scope():
        said_no = admission.put_on_list(inquiry=other, pregnant=False, injects=None, by=here.coordinator, now=NOW)
        assert said_no.priority == 4


def test_the_admission_starts_from_what_was_said(world: World) -> None:
    here = world.here
    with here.scope():
        said: dict[str, Any] = {"pregnant": "yes", "veteran": "no", "homeless": "yes"}
        inquiry = at.ready(here, at.accepted(here, at.assessed(here, at.booked(here, at.screened(here, **said)))))
        Client.objects.filter(pk=inquiry.client_id).update(gender="female")
    text = signed_in(here.coordinator).get(page(here, "admission_create", inquiry.public_id)).content.decode()
    for name, code in (("sex", 2), ("pregnant", 1), ("veteran", 2), ("living", 1)):
        chosen = text[text.index(f'<select name="{name}"') :].split("</select>", 1)[0]
        assert f'<option value="{code}" selected>' in chosen, name


@pytest.mark.parametrize(
    ("gender", "recorded", "expected"),
    [
        ("male", 2, "male"),
        ("female", 1, "female"),
        # Neither of the two: the lower cut, whatever the admission record had to choose.
        ("other", 1, ""),
        ("", 1, "male"),
        ("", -9, ""),
    ],
)
def test_the_record_s_gender_is_read_before_the_admission(
    world: World, gender: str, recorded: int, expected: str
) -> None:
    here = world.here
    with here.scope():
        client = at.admitted(here, answers={**at.ANSWERS, "sex": recorded}).client
        client.gender = gender
        assert sex_of(client) == expected


# --- the person's record, and who refers ----------------------------------------------------------------------------


def test_gender_and_state_are_corrected_on_the_person_s_record(world: World) -> None:
    here = world.here
    client = known_person(here, gender="male", state="WI")
    browser, address = signed_in(here.coordinator), page(here, "client_edit", client.public_id)
    text = browser.get(address).content.decode()
    form = {"legal_name": "Noor Rivers", "gender": "female", "state": "IL", **hidden(text)}
    assert browser.post(address, form).status_code == 302
    with here.scope():
        client.refresh_from_db()
        assert (client.gender, client.state) == ("female", "IL")
    changed = [event.detail for event in events(here) if event.action == "client.changed"][-1]
    assert changed["fields"] == ["gender", "state"]
    shown_now = browser.get(page(here, "client_detail", client.public_id)).content.decode()
    assert "Female" in shown_now
    refused = browser.post(address, {**form, "version": "2", "state": "ZZ"})
    assert refused.status_code == 422


def test_an_organisation_is_called_with_its_extension(world: World) -> None:
    here = world.here
    browser = signed_in(here.coordinator)
    address = page(here, "organisation_create")
    form = {"name": "Lakeside Clinic", "source": "3", "phone": "312 555 0123 ext 40"}
    assert browser.post(address, {**form, **hidden(browser.get(address).content.decode())}).status_code == 302
    assert "312 555 0123 ext. 40" in browser.get(page(here, "organisation_list")).content.decode()


def test_what_does_not_fit_is_refused_by_the_service_too(world: World) -> None:
    here = world.here
    with here.scope():
        before = Inquiry.objects.count()
        for changes, field in (
            ({"caller": replace(WILLING, safe_way=SISTER)}, "safe_way"),
            ({"guardian": Guardian(phone="312 555 0143 x4")}, "guardian_phone"),
            ({"referral": Referral(source="5", eap_sessions=1, eap_sessions_used=2)}, "eap_sessions_used"),
            ({"referral": Referral(line_called="x")}, "line_called"),
        ):
            with pytest.raises(Contradiction) as found:
                opened(here, **changes)
            assert found.value.field == field
        assert Inquiry.objects.count() == before


def test_nobody_reads_of_it_without_the_right(world: World) -> None:
    here = world.here
    with here.scope():
        one = opened(here, caller=replace(WILLING, unsafe_at_home="yes", safe_way=CANARY), need=Need(words="Hello."))
    address = page(here, "inquiry_detail", one.public_id)
    assert signed_in(here.administrator).get(address).status_code == 403
    neighbour = signed_in(world.neighbour.coordinator).get(page(world.neighbour, "inquiry_detail", one.public_id))
    assert neighbour.status_code == 404
    assert CANARY not in str([event.detail for event in events(here)])

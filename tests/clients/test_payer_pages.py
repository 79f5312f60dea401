"""Who pays, by the pages: seen by who may, written down, asked with consent, and nothing told without."""

from typing import Any

import pytest
from django.utils import timezone

from clients.models import Authorisation, BenefitCheck, Coverage, Disclosure, Task
from clients.services import break_glass, payers
from clients.services.benefits import NO_CONSENT
from clinics.models import AuditEvent, Draft
from clinics.roles import Role
from tests.clients import admission
from tests.clients.paying import MEMBER_ID, PAYER, authorised, covered, day, may_ask
from tests.clients.people import ABSENT_ID, body, events, hidden, in_care, page, signed_in, text_of
from tests.world import CANARY, NOW, Side, World

FORM = {
    "rank": "1", "plan_type": "1", "payment": "2", "payer": PAYER, "payer_number": "", "member_id": MEMBER_ID,
    "group_number": "", "subscriber_relation": "self", "subscriber_name": "", "effective_on": "", "ends_on": "",
    "network": "in", "estimate_given_on": "",
}  # fmt: skip
ANSWER = {
    "method": "phone", "result": "active", "reference": "call 88", "deductible": "1500", "deductible_met": "20.5",
    "copay": "", "coinsurance": "20", "out_of_pocket_max": "", "visit_limit": "12", "authorisation_required": "yes",
    "notes": "Ask again in March.",
}  # fmt: skip
AGREED = {
    "number": "A-17", "from_on": day(0).isoformat(), "until_on": day(90).isoformat(), "units": "12", "units_used": "0",
    "next_review_on": "",
}  # fmt: skip


@pytest.fixture
def here(world: World) -> Side:
    """The side whose person has no way of paying yet."""
    with world.here.scope():
        for row in Coverage.objects.filter(client=world.here.client):
            payers.remove_coverage(coverage=row, version=row.version, by=world.here.coordinator, now=NOW)
    return world.here


def sent(browser: Any, address: str, form: dict[str, str], **other: str) -> Any:
    return browser.post(address, {**form, **hidden(text_of(browser.get(address))), **other})


def test_a_way_of_paying_is_written_down_once_and_shown(here: Side) -> None:
    browser = signed_in(here.coordinator)
    listed = page(here, "coverage_list", here.client.public_id)
    assert "Nobody knows yet who pays" in text_of(browser.get(listed))
    address = page(here, "coverage_create", here.client.public_id)
    form = {**FORM, **hidden(text_of(browser.get(address)))}
    first, second = browser.post(address, form), browser.post(address, form)
    assert (first.status_code, first.url) == (302, listed)
    assert second.url == listed
    shown = text_of(browser.get(listed))
    assert shown.count(PAYER) >= 1
    assert "ends in 4471" in shown
    assert MEMBER_ID not in shown
    with here.scope():
        assert Coverage.objects.filter(removed_at=None, client=here.client).count() == 1


def test_what_cannot_be_right_stands_beside_its_field_and_nothing_typed_is_lost(here: Side) -> None:
    browser = signed_in(here.coordinator)
    answer = sent(browser, page(here, "coverage_create", here.client.public_id), FORM, payment="4", payer="")
    assert answer.status_code == 422
    shown = text_of(answer)
    assert "goes with the plan" in shown
    assert "Write the name of the plan or payer, as on the card." in shown
    assert MEMBER_ID in shown
    empty = sent(browser, page(here, "coverage_create", here.client.public_id), {})
    assert "Choose the plan, or none." in text_of(empty)
    long = sent(
        browser, page(here, "coverage_create", here.client.public_id), FORM, payer="x" * 161, ends_on="2026-02-30"
    )
    assert "Write at most 160 characters" in text_of(long)
    assert "Enter a real date" in text_of(long)


def test_a_correction_shows_both_texts_when_somebody_was_faster(here: Side) -> None:
    with here.scope():
        row = covered(here)
    browser = signed_in(here.coordinator)
    address = page(here, "coverage_edit", row.public_id)
    opened = text_of(browser.get(address))
    assert MEMBER_ID in opened
    form = {**FORM, **hidden(opened)}
    assert browser.post(address, {**form, "group_number": "G-1"}).status_code == 302
    stale = browser.post(address, {**form, "group_number": "G-2"})
    assert stale.status_code == 422
    assert "Two texts for one record" in text_of(stale)
    assert browser.post(address, {**form, **hidden(text_of(stale)), "group_number": "G-2"}).status_code == 302
    with here.scope():
        assert Coverage.objects.get(pk=row.pk).group_number == "G-2"


def test_what_is_taken_out_stays_at_the_end_of_the_page(here: Side) -> None:
    with here.scope():
        row = covered(here)
    browser = signed_in(here.coordinator)
    address = page(here, "coverage_remove", row.public_id)
    form = hidden(text_of(browser.get(address)))
    assert browser.post(address, form).status_code == 302
    assert "Taken out" in text_of(browser.get(page(here, "coverage_list", here.client.public_id)))
    again = browser.post(address, form)
    assert again.status_code == 422
    assert "taken out in the meantime" in text_of(again)


def test_another_record_with_the_member_id_is_told_of_without_a_name(here: Side) -> None:
    with here.scope():
        covered(here, in_care(here, "Noor Rivers"))
    browser = signed_in(here.coordinator)
    answer = sent(browser, page(here, "coverage_create", here.client.public_id), FORM)
    shown = text_of(browser.get(answer.url))
    assert "Another record has this member ID." in shown
    assert "Noor" not in shown


# --- asking -----------------------------------------------------------------------------------------------------------


def test_without_consent_the_page_says_what_to_do_and_the_refusal_is_in_the_trail(here: Side) -> None:
    with here.scope():
        row = covered(here)
        before = Disclosure.objects.count()
    browser = signed_in(here.coordinator)
    address = page(here, "benefit_check", row.public_id)
    answer = browser.get(address)
    shown = text_of(answer)
    assert answer.status_code == 200
    assert NO_CONSENT in shown
    assert page(here, "consent_create", here.client.public_id) + "?kind=tpo_single" in shown
    assert "Record the answer" not in shown
    assert MEMBER_ID not in shown
    assert browser.post(address, ANSWER).status_code == 409
    with here.scope():
        refused = list(AuditEvent.objects.filter(action="disclosure.refused"))
        assert [one.detail["asked"] for one in refused] == [["identity", "payer"]] * 2
        assert {one.actor for one in refused} == {here.coordinator}
        assert Disclosure.objects.count() == before


def test_with_consent_it_says_what_may_be_said_and_the_answer_is_kept_once(here: Side) -> None:
    with here.scope():
        row, consent = covered(here), may_ask(here)
    browser = signed_in(here.coordinator)
    address = page(here, "benefit_check", row.public_id)
    shown = text_of(browser.get(address))
    for words in (
        MEMBER_ID,
        "Jordan Marsh",
        "42 CFR part 2 prohibits unauthorized use or disclosure",
        "What you may say",
    ):
        assert words in shown, words
    form = {**ANSWER, **hidden(shown)}
    first, second = browser.post(address, form), browser.post(address, form)
    assert (first.status_code, second.status_code) == (302, 302)
    with here.scope():
        (check,) = BenefitCheck.objects.filter(coverage=row)
        assert (str(check.deductible), str(check.deductible_met), str(check.coinsurance)) == (
            "1500.00",
            "20.50",
            "20.00",
        )
        assert (check.visit_limit, check.authorisation_required, check.notes) == (12, True, "Ask again in March.")
        assert check.disclosure.consent == consent
    listed = text_of(browser.get(first.url))
    for words in ("Active", "$1,500.00", "$20.50 met", "20%", "call 88", "Ask again in March."):
        assert words in listed, words


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("copay", "-1"), ("copay", "1.001"), ("copay", "1e3"), ("copay", "12345678.00"), ("copay", "x"),
        ("coinsurance", "101"), ("deductible_met", "1500.01"), ("visit_limit", "-1"), ("visit_limit", "1.5"),
        ("result", "maybe"), ("method", ""), ("authorisation_required", "perhaps"), ("notes", "x" * 1_001),
    ],
)  # fmt: skip
def test_an_answer_that_cannot_be_right_tells_nobody_anything(here: Side, field: str, value: str) -> None:
    with here.scope():
        row, _consent = covered(here), may_ask(here)
        before = Disclosure.objects.count()
    answer = sent(signed_in(here.coordinator), page(here, "benefit_check", row.public_id), ANSWER, **{field: value})
    if (field, value) == ("copay", "1e3"):
        assert answer.status_code == 302
        return
    assert answer.status_code == 422
    with here.scope():
        assert Disclosure.objects.count() == before


def test_what_lacks_a_member_id_is_not_asked(here: Side) -> None:
    with here.scope():
        row, _consent = covered(here, member_id=""), may_ask(here)
    browser = signed_in(here.coordinator)
    assert "Write the member ID first." in text_of(browser.get(page(here, "benefit_check", row.public_id)))
    assert "Write the member ID first." in text_of(browser.get(page(here, "coverage_list", here.client.public_id)))


# --- authorizations ---------------------------------------------------------------------------------------------------


def test_an_authorization_is_written_down_used_and_renewed(here: Side) -> None:
    with here.scope():
        row = covered(here)
    browser = signed_in(here.coordinator)
    address = page(here, "authorisation_create", row.public_id)
    assert sent(browser, address, AGREED).status_code == 302
    with here.scope():
        made = Authorisation.objects.get(coverage=row)
    edit = page(here, "authorisation_edit", made.public_id)
    assert sent(browser, edit, AGREED, units_used="10").status_code == 302
    assert "2 of 12 units left" in text_of(browser.get(page(here, "coverage_list", here.client.public_id)))
    tasks = text_of(browser.get(page(here, "task_list")))
    assert "An authorization needs renewing" in tasks
    assert page(here, "coverage_list", here.client.public_id) in tasks
    with here.scope():
        task = Task.objects.get(kind=Task.Kind.AUTHORISATION)
    later = {"until_on": day(30).isoformat(), "until_time": "10:00", "reason": "The payer opens on Monday."}
    put_off = sent(browser, page(here, "task_snooze", task.public_id), later)
    assert put_off.status_code == 302
    assert "An authorization needs renewing" not in text_of(browser.get(page(here, "task_list")))
    assert browser.post(page(here, "task_done", task.public_id)).url == page(here, "task_list")
    with here.scope():
        assert not Task.objects.filter(kind=Task.Kind.AUTHORISATION, done_at=None).exists()
    assert sent(browser, edit, AGREED, units_used="11").status_code == 302, "one more is used: it is owed again"
    wrong = sent(browser, edit, AGREED, units="0", until_on=day(-1).isoformat())
    assert wrong.status_code == 422
    assert "Enter how many units were authorized." in text_of(wrong)
    assert sent(browser, address, AGREED, until_on=day(180).isoformat()).status_code == 302
    with here.scope():
        assert not Task.objects.filter(kind=Task.Kind.AUTHORISATION, done_at=None).exists()


# --- who may ----------------------------------------------------------------------------------------------------------


def test_it_is_seen_by_who_sees_person_and_inquiries_and_changed_by_the_coordinator(here: Side) -> None:
    with here.scope():
        row = covered(here)
        agreed = authorised(here, row)
    person, cover, what = here.client.public_id, row.public_id, agreed.public_id
    seen = page(here, "coverage_list", person)
    rest = [
        page(here, "coverage_create", person), page(here, "coverage_edit", cover), page(here, "coverage_remove", cover),
        page(here, "benefit_check", cover), page(here, "authorisation_create", cover),
        page(here, "authorisation_edit", what),
    ]  # fmt: skip
    expected = {
        Role.COORDINATOR: (200, 200), Role.THERAPIST: (200, 403), Role.SUPERVISOR: (200, 403),
        Role.PRIVACY_OFFICER: (200, 403), Role.CODER: (404, 404), Role.ADMINISTRATOR: (404, 404),
    }  # fmt: skip
    for role, (sees, changes) in expected.items():
        browser = signed_in(here.people[role])
        assert browser.get(seen).status_code == sees, role
        for address in rest:
            assert browser.get(address).status_code == changes, (role, address)
            if changes != 200:
                assert browser.post(address, {}).status_code == changes, (role, address)
    other = signed_in(here.other_therapist)
    assert {other.get(address).status_code for address in (seen, *rest)} == {404}


def test_in_need_the_record_opens_but_not_who_pays(here: Side) -> None:
    with here.scope():
        break_glass.break_glass(client=here.client, reason="Called from the waiting room", by=here.other_therapist)
    browser = signed_in(here.other_therapist)
    assert browser.get(page(here, "client_detail", here.client.public_id)).status_code == 200
    assert browser.get(page(here, "coverage_list", here.client.public_id)).status_code == 403


def test_the_neighbours_rows_answer_like_none(world: World, here: Side) -> None:
    browser, theirs = signed_in(here.coordinator), world.neighbour
    places = {
        "coverage_list": theirs.client, "coverage_create": theirs.client, "coverage_edit": theirs.coverage,
        "coverage_remove": theirs.coverage, "benefit_check": theirs.coverage, "authorisation_create": theirs.coverage,
        "authorisation_edit": theirs.authorisation,
    }  # fmt: skip
    for route, row in places.items():
        asked = (row.public_id, ABSENT_ID, "nonsense")
        answers = [browser.get(page(here, route, one)) for one in asked]
        assert [answer.status_code for answer in answers] == [404] * 3, route
        # Without the foot, which tells the minute.
        said = {body(answer, one).partition("<footer")[0] for answer, one in zip(answers, asked, strict=True)}
        assert len(said) == 1, route


def test_every_look_is_in_the_trail_and_nothing_of_it_says_what_was_seen(here: Side) -> None:
    with here.scope():
        row = covered(here)
        agreed = authorised(here, row)
    since = len(events(here))
    browser = signed_in(here.coordinator)
    for route, one in (
        ("coverage_list", here.client), ("coverage_edit", row), ("benefit_check", row), ("authorisation_edit", agreed),
    ):  # fmt: skip
        browser.get(page(here, route, one.public_id))
    found = events(here, since)
    assert [one.action for one in found] == [
        "client.viewed", "coverage.viewed", "coverage.viewed", "disclosure.refused", "authorisation.viewed",
    ]  # fmt: skip
    assert {one.client_ref for one in found} == {here.client.pk}
    assert not any(MEMBER_ID in str(one.detail) or PAYER in str(one.detail) for one in found)


def test_nothing_of_it_stands_in_logs_messages_or_addresses(here: Side, caplog: pytest.LogCaptureFixture) -> None:
    with here.scope():
        may_ask(here)
    browser = signed_in(here.coordinator)
    with caplog.at_level("DEBUG"):
        made = sent(browser, page(here, "coverage_create", here.client.public_id), FORM)
        with here.scope():
            row = Coverage.objects.get(removed_at=None, client=here.client)
        asked = sent(browser, page(here, "benefit_check", row.public_id), ANSWER)
    said = f"{caplog.text} {made.url} {asked.url} {browser.cookies.output()}"
    for word in (MEMBER_ID, PAYER, CANARY, "Jordan", here.client.reference):
        assert word not in said, word


def test_what_is_typed_is_kept_as_a_draft_and_goes_with_saving(here: Side) -> None:
    browser = signed_in(here.coordinator)
    address = page(here, "coverage_create", here.client.public_id)
    keep = page(here, "draft_save", f"coverage_create:{here.client.public_id}")
    assert browser.post(keep, {**FORM, "member_id": "HALF-"}).status_code < 300
    assert "HALF-" in text_of(browser.get(address))
    sent(browser, address, FORM)
    with here.scope():
        assert not Draft.objects.filter(key__startswith="coverage_create").exists()


# --- elsewhere --------------------------------------------------------------------------------------------------------


def test_the_person_and_the_inquiry_name_who_pays_in_one_line(here: Side) -> None:
    coordinator = signed_in(here.coordinator)
    places = [page(here, "client_detail", here.client.public_id), page(here, "inquiry_detail", here.inquiry.public_id)]
    with here.scope():
        assert here.inquiry.client_id == here.client.pk
    for address in places:
        assert "not known yet" in text_of(coordinator.get(address))
    with here.scope():
        covered(here)
    for address in places:
        shown = text_of(coordinator.get(address))
        assert PAYER in shown
        assert page(here, "coverage_list", here.client.public_id) in shown
        assert MEMBER_ID not in shown


def test_the_admission_record_starts_from_who_pays_first(here: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "NOW", timezone.now())
    with here.scope():
        inquiry = admission.accepted(here)
        covered(here, inquiry.client, payer="Second", member_id="2")
        covered(here, inquiry.client, plan_type="2", payment="4")
    shown = text_of(signed_in(here.coordinator).get(page(here, "admission_create", inquiry.public_id)))
    assert '<option value="2" selected>Medicaid' in shown
    assert '<option value="4" selected>Medicaid' in shown
    assert PAYER not in shown

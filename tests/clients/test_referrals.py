"""The list of organisations that refer people, its pages, and what an inquiry says about who sent somebody."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Inquiry, ReferralOrganisation
from clients.rules.intake import Contradiction
from clients.selectors import referrals as selectors
from clients.services import inquiries, referrals
from clients.services.inquiries import Caller, Need, Person
from clients.services.referrals import BadOrganisation, Entry, NotListed, Referral
from clinics import drafts
from clinics.models import Draft
from clinics.versions import Stale
from tests.clients import admission as at
from tests.clients.people import ABSENT_ID, body, events, hidden, page, signed_in
from tests.clients.test_intake_pages import CALL, call_of, edited, inquiry_at, send, taken
from tests.world import NOW, Side, World

COURT = Entry(name="County Court", source="7", source_detail="1", phone="312 555 0123", email="Clerk@Court.example")
SENT = {"name": "Lakeside Practice", "source": "3", "phone": "(312) 555-0124", "email": "", "source_detail": ""}


def listed(side: Side, entry: Entry = COURT) -> ReferralOrganisation:
    """Return an organisation of the list; inside the scope of the clinic."""
    return referrals.add_organisation(clinic=side.clinic, entry=entry, by=side.coordinator)


def asked(side: Side, referral: Referral, **changes: Any) -> Inquiry:
    """Return an inquiry with this referral; inside the scope of the clinic."""
    return inquiries.open_inquiry(
        clinic=side.clinic, channel="phone_missed", caller=Caller(phone="312 555 0171"), person=Person(), need=Need(),
        referral=referral, by=side.coordinator, now=changes.pop("now", NOW), **changes,
    )  # fmt: skip


# --- the list -----------------------------------------------------------------------------------------------------


def test_an_organisation_is_kept_tidy_and_in_the_trail(world: World) -> None:
    here = world.here
    with here.scope():
        row = listed(here, Entry(" County \x00 Court ", "7", "1", "312 555 0123", " Clerk@Court.example"))
        assert (row.name, row.source, row.source_detail) == ("County Court", "7", "1")
        assert (row.phone, row.email, row.is_active, row.version) == ("+13125550123", "clerk@court.example", True, 1)
        changed = referrals.change_organisation(
            organisation=row, version=1, entry=Entry("Circuit Court", "7"), by=here.coordinator
        )
        assert (changed.name, changed.source_detail, changed.phone, changed.version) == ("Circuit Court", "", "", 2)
        with pytest.raises(Stale):
            referrals.change_organisation(organisation=row, version=1, entry=COURT, by=here.coordinator)
        for active in (False, False, True):
            row = referrals.set_active(organisation=row, active=active, by=here.coordinator)
        assert (row.is_active, row.version) == (True, 4)
    done = [event.action for event in events(here) if event.action.startswith("organisation.")]
    assert done == [
        "organisation.added", "organisation.changed", "organisation.retired", "organisation.brought_back",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "field", "words"),
    [
        (Entry("", "3"), "name", "Enter the name"),
        (Entry("COUNTY court", "3"), "name", "on the list already"),
        (Entry("Other", "3", "1"), "source_detail", "Only a court"),
        (Entry("Other", "3", "", "12"), "phone", "10 digits"),
        (Entry("Other", "3", "", "312 555 0123 x4"), "phone", "without an extension"),
    ],
)
def test_the_list_refuses_clearly(world: World, entry: Entry, field: str, words: str) -> None:
    here = world.here
    with here.scope():
        court = listed(here)
        referrals.set_active(organisation=court, active=False, by=here.coordinator)
        before = ReferralOrganisation.objects.count()
        with pytest.raises(BadOrganisation, match=words) as refused:
            listed(here, entry)
        assert refused.value.field == field
        # The refusal left the transaction whole.
        assert ReferralOrganisation.objects.count() == before
        with pytest.raises(BadOrganisation, match="on the list already"):
            referrals.change_organisation(
                organisation=here.organisation, version=1, entry=Entry("county COURT", "7"), by=here.coordinator
            )


def test_a_name_is_once_at_a_clinic_and_free_at_the_neighbour(world: World) -> None:
    for side in (world.here, world.neighbour):
        with side.scope():
            listed(side)


def test_a_full_list_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(referrals, "MOST", 2)
    with world.here.scope():
        listed(world.here)
        with pytest.raises(BadOrganisation, match="holds 2 organizations"):
            listed(world.here, Entry("Third", "4"))


def test_inquiries_of_a_year_are_counted_in_one_question(world: World) -> None:
    here = world.here
    with here.scope():
        court, school = listed(here), listed(here, Entry("north school", "4"))
        listed(here, Entry("Zeta House", "6"))
        for days in (0, 100, 365, 366):
            asked(here, Referral(organisation=court), now=NOW - timedelta(days=days))
        spam = asked(here, Referral(organisation=court))
        inquiries.move_inquiry(inquiry=spam, to="spam", by=here.coordinator, now=NOW)
        asked(here, Referral(organisation=school))
        referrals.set_active(organisation=school, active=False, by=here.coordinator)
        with CaptureQueriesContext(connection) as seen:
            rows = list(selectors.whole_list(NOW).values_list("name", "sent", "is_active"))
        assert len(seen) == 1
    assert rows == [
        (world.here.organisation.name, 0, True), ("County Court", 3, True), ("Zeta House", 0, True),
        ("north school", 1, False),
    ]  # fmt: skip


# --- its pages ----------------------------------------------------------------------------------------------------


def form_at(browser: Browser, address: str, **other: Any) -> dict[str, Any]:
    """Return the form of a page as it is sent, with what a field should hold instead."""
    shown = browser.get(address)
    assert shown.status_code == 200
    return {**SENT, **hidden(shown.content.decode()), **other}


def test_an_organisation_is_added_corrected_retired_and_brought_back(world: World) -> None:
    here = world.here
    browser = signed_in(here.coordinator)
    create = page(here, "organisation_create")
    sent = form_at(browser, create)
    for _twice in range(2):
        assert browser.post(create, sent).status_code == 302
    with here.scope():
        row = ReferralOrganisation.objects.get(name="Lakeside Practice")
    listing = browser.get(page(here, "organisation_list")).content.decode()
    assert "Lakeside Practice" in listing
    assert "312 555 0124" in listing
    address = page(here, "organisation_edit", row.public_id)
    corrected = form_at(browser, address, name="Lakeside Family Practice")
    assert browser.post(address, corrected).status_code == 302
    stale = browser.post(address, {**corrected, "name": "Another"})
    assert stale.status_code == 422
    assert "Two texts for one record" in stale.content.decode()
    for route, active, heading in (("organisation_retire", False, "Retired"), ("organisation_return", True, "In use")):
        assert browser.get(page(here, route, row.public_id)).status_code == 405
        assert browser.post(page(here, route, row.public_id)).status_code == 302
        part = browser.get(page(here, "organisation_list")).content.decode().split(f">{heading}</h2>", 1)[1]
        assert "Lakeside Family Practice" in part.split("</section>", 1)[0]
        with here.scope():
            row.refresh_from_db()
        assert row.is_active is active


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "Enter the name of the organization."),
        ({"name": "x" * 161}, "Write at most 160 characters; this has 161."),
        ({"name": "a\x00b"}, "Something in this text cannot be kept."),
        ({"source": ""}, "Choose what kind of organization it is."),
        ({"source": "1"}, "Choose what kind of organization it is."),
        ({"source_detail": "1"}, "Only a court or the justice system has a part."),
        ({"phone": "12"}, "10 digits"),
        ({"email": "nobody"}, "Enter an e-mail address"),
        ({"repeat_key": ""}, "This form has lost its number."),
    ],
)
def test_a_wrong_entry_is_said_beside_its_field(world: World, wrong: dict[str, str], sentence: str) -> None:
    here = world.here
    browser = signed_in(here.coordinator)
    address = page(here, "organisation_create")
    answer = browser.post(address, form_at(browser, address, **wrong))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    with here.scope():
        assert ReferralOrganisation.objects.count() == 1


def test_the_list_is_for_who_takes_calls(world: World) -> None:
    here, row = world.here, world.here.organisation
    routes: tuple[tuple[Any, ...], ...] = (
        ("organisation_list",), ("organisation_create",), ("organisation_edit", row.public_id),
        ("organisation_retire", row.public_id), ("organisation_return", row.public_id),
    )  # fmt: skip
    for user in (here.therapist, here.supervisor, here.coder, here.privacy_officer, here.administrator):
        browser = signed_in(user)
        for route, *args in routes:
            assert browser.post(page(here, route, *args), SENT).status_code == 403
    with here.scope():
        row.refresh_from_db()
    assert row.is_active


@pytest.mark.parametrize("route", ["organisation_edit", "organisation_retire", "organisation_return"])
def test_an_organisation_of_the_neighbour_is_none(world: World, route: str) -> None:
    browser = signed_in(world.here.coordinator)
    keys = (world.neighbour.organisation.public_id, ABSENT_ID, "nonsense")
    answers = [browser.post(page(world.here, route, key)) for key in keys]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert len({body(answer, key) for answer, key in zip(answers, keys, strict=True)}) == 1
    with world.neighbour.scope():
        world.neighbour.organisation.refresh_from_db()
        assert world.neighbour.organisation.is_active
    html = browser.get(page(world.here, "organisation_list")).content.decode()
    assert world.neighbour.organisation.name not in html


def test_an_empty_list_says_what_to_do(world: World) -> None:
    with world.here.scope():
        ReferralOrganisation.objects.all().delete()
    html = signed_in(world.here.coordinator).get(page(world.here, "organisation_list")).content.decode()
    assert "No organization is listed yet" in html


def test_the_list_asks_few_questions(world: World, record_property: Any) -> None:
    here = world.here
    with here.scope():
        for number in range(30):
            listed(here, Entry(f"Place {number}", "6"))
    browser = signed_in(here.coordinator)
    for route in ("organisation_list", "organisation_create"):
        browser.get(page(here, route))
        with CaptureQueriesContext(connection) as seen:
            browser.get(page(here, route))
        asked_for = len([one for one in seen if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))])
        record_property(f"queries of {route}", asked_for)
        assert asked_for <= 12


# --- who referred somebody ----------------------------------------------------------------------------------------


def test_an_organisation_says_who_referred_them(world: World) -> None:
    here = world.here
    with here.scope():
        one = asked(here, Referral(organisation=listed(here), source_name=" Judge  Ode "))
        assert (one.source, one.source_detail, one.source_name) == ("7", "1", "Judge Ode")
        assert one.organisation is not None
        assert one.organisation.name == "County Court"


def test_employee_assistance_is_kept_and_its_number_encrypted(world: World) -> None:
    here = world.here
    said = Referral(source="5", eap_vendor="Steady Work", eap_number="EA-778", eap_sessions=6)
    with here.scope():
        one = asked(here, said)
        one.refresh_from_db()
        assert (one.eap_vendor, one.eap_number, one.eap_sessions, one.eap_report_to) == ("Steady Work", "EA-778", 6, "")
        with connection.cursor() as cursor:
            cursor.execute("select eap_number from clients_inquiry where id = %s", [one.pk])
            assert "778" not in str(cursor.fetchone()[0])
        assert referrals.referral_of(one) == said


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (Referral(source="1", source_detail="3"), Contradiction),
        (Referral(source="1", eap_sessions=0), Contradiction),
        (Referral(source="1", eap_report_to="Human resources"), Contradiction),
    ],
)
def test_a_contradiction_keeps_nothing(world: World, said: Referral, kind: type[Exception]) -> None:
    with world.here.scope():
        before = Inquiry.objects.count()
        with pytest.raises(kind):
            asked(world.here, said)
        assert Inquiry.objects.count() == before


def test_a_retired_organisation_is_not_chosen_anew_but_stays(world: World) -> None:
    here = world.here
    with here.scope():
        court = listed(here)
        one = asked(here, Referral(organisation=court))
        court = referrals.set_active(organisation=court, active=False, by=here.coordinator)
        with pytest.raises(NotListed):
            asked(here, Referral(organisation=court))
        kept = inquiries.change_inquiry(
            inquiry=one, version=1, caller=Caller(phone="312 555 0171"), person=Person(), need=Need(),
            referral=Referral(organisation=court), by=here.coordinator, now=NOW,
        )  # fmt: skip
        assert kept.organisation_id == court.pk
        assert list(selectors.choosable()) == [here.organisation]
        assert court in selectors.choosable(court.pk)


def test_what_was_written_down_outlives_a_correction_of_the_entry(world: World) -> None:
    here = world.here
    with here.scope():
        court = listed(here)
        one = asked(here, Referral(organisation=court))
        court = referrals.change_organisation(
            organisation=court, version=1, entry=Entry("County Clinic", "3"), by=here.coordinator
        )
        said = {"caller": Caller(phone="312 555 0171"), "person": Person(), "need": Need(words="More.")}
        same = referrals.referral_of(Inquiry.objects.get(pk=one.pk))
        kept = inquiries.change_inquiry(
            inquiry=one, version=1, referral=same, by=here.coordinator, now=NOW, **said
        )  # fmt: skip
        assert (kept.source, kept.source_detail, kept.organisation_id, kept.words) == ("7", "1", court.pk, "More.")
        with pytest.raises(Contradiction):
            inquiries.change_inquiry(
                inquiry=one, version=2, referral=Referral(source="4", organisation=court), by=here.coordinator, now=NOW,
                **said,
            )  # fmt: skip


def test_the_intake_names_an_organisation_with_one_choice(world: World) -> None:
    here = world.here
    with here.scope():
        court = listed(here)
    browser = signed_in(here.coordinator)
    shown = browser.get(page(here, "intake_create")).content.decode()
    assert f'value="{court.public_id}" data-source="7">County Court</option>' in shown
    assert world.neighbour.organisation.name not in shown
    one = taken(browser, here, organisation=str(court.public_id))
    assert (one.source, one.source_detail, one.organisation_id) == ("7", "1", court.pk)
    detail = browser.get(page(here, "inquiry_detail", one.public_id)).content.decode()
    assert "County Court" in detail
    assert "State or federal court" in detail
    # Written down more later, the organisation stands as it was chosen.
    address = page(here, "inquiry_edit", one.public_id)
    again = browser.get(address).content.decode()
    assert f'value="{court.public_id}" selected data-source="7"' in again


@pytest.mark.parametrize(
    ("said", "target"),
    [
        ({"source": "4"}, "id_source"),
        ({"source_detail": "3"}, "id_source_detail"),
        ({"organisation": "", "source": "1", "source_detail": "3"}, "id_source_detail"),
        ({"organisation": "", "source": "1", "eap_vendor": "Steady Work"}, "id_eap_vendor"),
        ({"organisation": ABSENT_ID}, "id_organisation"),
        ({"organisation": "nonsense"}, "id_organisation"),
        ({"organisation": "", "source": "5", "eap_sessions": "-1"}, "id_eap_sessions"),
        ({"organisation": "", "source": "5", "eap_number": "9" * 81}, "id_eap_number"),
    ],
)
def test_the_intake_says_what_does_not_fit_and_shows_it(world: World, said: dict[str, str], target: str) -> None:
    here = world.here
    with here.scope():
        court = listed(here)
    answer = send(signed_in(here.coordinator), here, **{"organisation": str(court.public_id), **said})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert f'href="#{target}"' in html
    # What is hidden until it is asked is shown when it has to be mended.
    assert ("when-justice" in html) is (target != "id_source_detail")
    assert ("when-employer" in html) is not target.startswith("id_eap")
    assert '<details class="more" open>' in html


def test_an_organisation_of_the_neighbour_is_no_choice(world: World) -> None:
    foreign = str(world.neighbour.organisation.public_id)
    answer = send(signed_in(world.here.coordinator), world.here, organisation=foreign)
    assert answer.status_code == 422
    assert "Choose an organization of the list, or none." in answer.content.decode()
    assert world.neighbour.organisation.name not in answer.content.decode()


def test_employee_assistance_is_asked_shown_and_changed(world: World) -> None:
    here = world.here
    browser = signed_in(here.coordinator)
    one = taken(
        browser, here, source="5", eap_vendor="Steady Work", eap_number="EA-778", eap_sessions="6", eap_report_to=""
    )
    shown = browser.get(page(here, "inquiry_detail", one.public_id)).content.decode()
    for words in ("Steady Work", "EA-778", "Report to", "nobody"):
        assert words in shown
    address = page(here, "inquiry_edit", one.public_id)
    sent = edited(browser, here, one, source="5", eap_vendor="Steady Work", eap_number="", eap_sessions="8")
    assert browser.post(address, sent).status_code == 302
    with here.scope():
        one.refresh_from_db()
        assert (one.eap_number, one.eap_sessions) == (None, 8)


def test_the_admission_record_starts_from_who_referred_them(world: World) -> None:
    here = world.here
    with here.scope():
        inquiry = at.accepted(here)
        Inquiry.objects.filter(pk=inquiry.pk).update(source="7", source_detail="3")
    shown = signed_in(here.coordinator).get(page(here, "admission_create", inquiry.public_id)).content.decode()
    assert '<option value="3" selected>Probation or parole' in shown


def test_two_people_at_one_inquiry_see_both_organisations(world: World) -> None:
    here = world.here
    with here.scope():
        court = listed(here)
    browser = signed_in(here.coordinator)
    one = taken(browser, here)
    address = page(here, "inquiry_edit", one.public_id)
    theirs, mine = (edited(browser, here, one, organisation=key) for key in (str(court.public_id), ""))
    assert browser.post(address, theirs).status_code == 302
    conflict = browser.post(address, {**mine, "source": "1"}).content.decode()
    assert "Two texts for one record" in conflict
    assert "<bdi>County Court</bdi>" in conflict


# --- several calls at once ----------------------------------------------------------------------------------------


def left_open(browser: Browser, side: Side, address: str, **other: str) -> str:
    """Leave an intake for later, begun at an address; return where its draft is kept."""
    shown = browser.get(address).content.decode()
    action = shown.split('" id="intake"', 1)[0].rsplit('action="', 1)[1]
    sent = {**CALL, "repeat_key": hidden(shown)["repeat_key"], **other, "later": "1"}
    assert browser.post(action, sent).status_code == 302
    return action


def test_two_calls_at_once_are_two_drafts(world: World) -> None:
    here = world.here
    browser = signed_in(here.coordinator)
    fresh = page(here, "intake_create")
    assert "Unfinished intakes" not in browser.get(fresh).content.decode()
    one = left_open(browser, here, fresh, legal_name="", who="family", caller_name="Ana Rivers", words="First call.")
    two = left_open(browser, here, fresh, legal_name="", goes_by="", words="Second call.")
    assert one != two
    listing = browser.get(fresh).content.decode()
    assert "Unfinished intakes" in listing
    assert "Ana Rivers" in listing
    assert "Nobody named yet" in listing
    for words in ("First call.", "Second call."):
        assert words not in listing
    resumed = browser.get(one).content.decode()
    assert "First call." in resumed
    assert "Second call." not in resumed
    assert "Your draft of" in resumed
    assert "Unfinished intakes" not in resumed
    # Finishing one leaves the other.
    sent = {**CALL, "repeat_key": hidden(resumed)["repeat_key"], "words": "First call."}
    with here.scope():
        assert inquiry_at(browser.post(one, sent)).words == "First call."
        assert Draft.objects.filter(user=here.coordinator, key__startswith="intake_create:").count() == 1
    assert "Second call." in browser.get(two).content.decode()
    assert "First call." not in browser.get(one).content.decode()


def test_drafts_are_listed_for_their_author_alone_and_recorded(world: World) -> None:
    here = world.here
    browser = signed_in(here.coordinator)
    address = left_open(browser, here, page(here, "intake_create"), legal_name="Noor Hidden")
    seen = len(events(here))
    browser.get(page(here, "intake_create"))
    recorded = [event for event in events(here, seen) if event.action == "draft.listed"]
    assert [event.detail for event in recorded] == [{"form": "intake_create", "n": 1}]
    browser_there = signed_in(world.neighbour.coordinator)
    there = page(world.neighbour, "intake_create")
    query = address.partition("?")[2]
    for answer in (browser_there.get(there), browser_there.get(f"{there}?{query}")):
        assert "Noor Hidden" not in answer.content.decode()


@pytest.mark.parametrize("draft", ["nonsense", "", ABSENT_ID, "\x00", "../../x"])
def test_a_draft_that_is_gone_is_a_new_intake(world: World, draft: str) -> None:
    browser = signed_in(world.here.coordinator)
    answer = browser.get(page(world.here, "intake_create"), {"draft": draft})
    assert answer.status_code == 200
    assert "Your draft of" not in answer.content.decode()


def test_a_draft_is_thrown_away_from_the_list(world: World) -> None:
    here = world.here
    browser = signed_in(here.coordinator)
    fresh = page(here, "intake_create")
    left_open(browser, here, fresh)
    listing = browser.get(fresh).content.decode()
    discard = listing.split("/discard/", 1)[0].rsplit('action="', 1)[1] + "/discard/"
    answer = browser.post(discard, {"next": fresh})
    assert (answer.status_code, answer["Location"]) == (302, fresh)
    assert "Unfinished intakes" not in browser.get(fresh).content.decode()


def test_looking_for_matches_keeps_the_draft_of_the_page(world: World) -> None:
    here = world.here
    browser = signed_in(here.coordinator)
    address = left_open(browser, here, page(here, "intake_create"), words="Half a call.")
    looked = browser.post(address, call_of(browser, here, look="1", words="More of it."))
    html = looked.content.decode()
    assert looked.status_code == 200
    assert f'action="{address}"' in html
    key = address.partition("draft=")[2]
    assert f"/drafts/intake_create:{key}/" in html


def test_a_draft_of_an_intake_goes_after_thirty_days(world: World) -> None:
    here = world.here
    left_open(signed_in(here.coordinator), here, page(here, "intake_create"))
    with here.scope():
        mine = Draft.objects.filter(key__startswith="intake_create:")
        assert drafts.purge_drafts(timezone.now() + timedelta(days=29)) == 0
        assert mine.count() == 1
        drafts.purge_drafts(timezone.now() + timedelta(days=31))
        assert mine.count() == 0

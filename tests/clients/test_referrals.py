"""The list of organisations that refer people, and what an inquiry says about who sent somebody."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.models import Inquiry, ReferralOrganisation
from clients.rules.intake import Contradiction
from clients.selectors import referrals as selectors
from clients.services import inquiries, referrals
from clients.services.inquiries import Caller, Need, Person
from clients.services.referrals import BadOrganisation, Entry, NotListed, Referral
from clinics.versions import Stale
from tests.clients import admission as at
from tests.clients.calls import edited, send, taken
from tests.clients.people import ABSENT_ID, events, page, signed_in
from tests.clients.referring import COURT, asked, listed
from tests.world import NOW, World

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
        (Entry("Other", "3", "", "312 555 0123 x1234567"), "phone", "1 to 6 digits"),
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

"""The report on a mandate by the one way out, what stops it, and what is owed by when."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from clients import disclosure as way_out
from clients.disclosure import Refused
from clients.models import (
    Client,
    Consent,
    Disclosure,
    DisclosurePackage,
    Mandate,
    MandateReport,
    Task,
)
from clients.rules import mandates as rules
from clients.rules.clock import civil_date
from clients.rules.consents import REFUSALS
from clients.rules.mandates import Wrong
from clients.selectors import mandates as selectors
from clients.services import caseload, consents, mandates, merging, restrictions
from clinics.models import AuditEvent
from tests.clients.mandating import BODY, COURT, OFFICER, PERIOD, came, consented, mandated, told
from tests.clients.people import in_care
from tests.world import CANARY, NOW, Side, World

# --- the report -----------------------------------------------------------------------------------------------------


def test_a_report_counts_and_tells_the_template_and_nothing_else(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        for code in ("attended", "attended_late", "left_early", "no_show", "late_cancel", "client_cancel",
                     "clinic_cancel", "rescheduled", ""):  # fmt: skip
            came(here, code, 20)
        came(here, "attended", 60)  # before the period
        other = in_care(here)
        came(here, "attended", 20, client=other, episode=other.episodes.get())
        mandate = mandated(here, consent=consented(here, categories=("identity", "attendance", "progress_notes")))
        made, content = told(here, mandate)
        # The world's own two attended appointments lie in the period.
        assert (made.kept, made.missed, made.participating, made.completed) == (5, 2, True, False)
        parts = {part["part"]: part["rows"] for part in content["parts"]}
        assert list(parts) == ["identity", "attendance"]
        assert parts["attendance"] == [
            {
                "From": "Oct 1, 2026", "Until": "Nov 19, 2026", "Appointments kept": "5", "Appointments missed": "2",
                "Takes part in care": "yes", "Completed": "no",
            }
        ]  # fmt: skip
        assert parts["identity"][0]["Name"] == here.client.legal_name
        text = json.dumps(content)
        for kept in ("I want my kids", "24-CR-118", f"{CANARY}-riverbend signed note", "Treatment session"):
            assert kept not in text
        row = made.disclosure
        assert (row.basis, row.purpose, row.recipient, row.consent) == (
            "consent",
            "monitoring",
            OFFICER,
            mandate.consent,
        )
        assert row.categories_given == ["identity", "attendance"]
        assert row.description == rules.TOLD_IN_WORDS
        assert content["cover"]["notice"]
        assert content["cover"]["consent"] == mandate.consent.text
        assert {"disclosure.made", "mandate.reported", "disclosure.packed"} <= set(
            AuditEvent.objects.values_list("action", flat=True)
        )


def test_without_identity_in_the_consent_no_name_goes_along(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        _made, content = told(here, mandated(here, consent=consented(here)))
        assert [part["part"] for part in content["parts"]] == ["attendance"]


def test_an_ordinary_disclosure_still_gives_the_list_of_appointments(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        consent = consented(here)
        told(here, mandated(here, consent=consent))
        asked = mandates.asked_for(Mandate(clinic=here.clinic, body=BODY, consent=consent), OFFICER)
        _row, job = way_out.disclose(client=here.client, asked=asked, by=here.therapist, now=NOW)
        packed = way_out.pack(public_id=job.args["package"], now=NOW)
        assert packed is not None
        assert "Day" in way_out.content_of(packed)["parts"][0]["rows"][0]


def _expired(side: Side, consent: Consent) -> datetime:
    assert consent.expires_at is not None
    return consent.expires_at


def _held(side: Side, consent: Consent) -> datetime:
    consents.hold(consent=consent, note="Look again", by=side.privacy_officer, now=NOW)
    return NOW


def _revoked(side: Side, consent: Consent) -> datetime:
    at = NOW + timedelta(days=31)  # revocable from the 30th day
    consents.ask_to_revoke(consent=consent, written=True, note="", by=side.therapist, now=at)
    return at


def _kept_back(side: Side, consent: Consent) -> datetime:
    asked = restrictions.ask(
        client=side.client, recipient=OFFICER, to_payers=False, self_paid=False, categories=["attendance"], words="",
        by=side.therapist,
    )  # fmt: skip
    restrictions.decide(restriction=asked, version=1, agreed=True, note="", by=side.privacy_officer, now=NOW)
    return NOW


@pytest.mark.parametrize("stop", [_expired, _held, _revoked, _kept_back])
def test_nothing_goes_out_when_the_consent_does_not_stand_or_attendance_is_kept_back(world: World, stop: Any) -> None:
    here = world.here
    with here.scope(here.therapist):
        consent = consented(here, categories=("identity", "attendance"))
        mandate = mandated(here, consent=consent)
        at = stop(here, consent)
        mandate = Mandate.objects.select_related("consent__client").get(pk=mandate.pk)
        mandate.clinic = mandate.consent.clinic = here.clinic
        # The list of mandates says it too, where the consent does not stand.
        assert (selectors.why_not(mandate, at) in REFUSALS.values()) is (stop is not _kept_back)
        before = Disclosure.objects.count(), MandateReport.objects.count(), DisclosurePackage.objects.count()
        with pytest.raises((mandates.NoReport, Refused)):
            told(here, mandate, now=at)
        assert (Disclosure.objects.count(), MandateReport.objects.count(), DisclosurePackage.objects.count()) == before


def test_a_restriction_agreed_to_between_the_look_and_the_act_stops_the_whole_report(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = world.here
    with here.scope(here.therapist):
        consent = consented(here, categories=("identity", "attendance"))
        mandate = mandated(here, consent=consent)
        _kept_back(here, consent)
        monkeypatch.setattr(mandates, "refusal", lambda **_how: "")
        before = Disclosure.objects.count()
        with pytest.raises(Refused, match="keep attendance back"):
            told(here, mandate)
        assert Disclosure.objects.count() == before


def test_without_a_consent_it_says_what_to_do(world: World) -> None:
    here = world.here
    with here.scope(here.therapist), pytest.raises(mandates.NoReport, match=f"sign one that names {BODY}"):
        told(here, mandated(here))


def test_a_consent_that_is_revoked_on_the_way_takes_the_package_away(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        consent = consented(here)
        _made, job = mandates.report(
            mandate=mandated(here, consent=consent), telling=PERIOD, by=here.therapist, now=NOW
        )  # fmt: skip
        consents.hold(consent=consent, note="Look again", by=here.privacy_officer, now=NOW)
        packed = way_out.pack(public_id=job.args["package"], now=NOW)
        assert packed is not None
        assert packed.state == "removed"


def test_who_may_not_disclose_reports_nothing(world: World) -> None:
    here = world.here
    with here.scope():
        mandate = mandated(here, consent=consented(here))
        for user in (here.coordinator, here.other_therapist, here.administrator, here.coder):
            with pytest.raises(PermissionDenied):
                told(here, mandate, by=user)
        for user in (here.therapist, here.supervisor, here.privacy_officer):
            told(here, mandate, by=user)


def test_a_recipient_whom_the_consent_does_not_name_is_refused(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        mandate = mandated(here, consent=consented(here))
        with pytest.raises(mandates.NoReport, match="does not name this recipient"):
            told(here, mandate, replace(PERIOD, recipient="The other lawyer"))


@pytest.mark.parametrize("until", [date(2026, 11, 20), date(2026, 9, 1)])
def test_a_period_that_cannot_be_meant_is_refused(world: World, until: date) -> None:
    here = world.here
    with here.scope(here.therapist), pytest.raises(Wrong):
        told(here, mandated(here, consent=consented(here)), replace(PERIOD, until_on=until))


def test_a_report_is_final(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        made, _content = told(here, mandated(here, consent=consented(here)))
        made.kept = 99
        with pytest.raises(Exception, match="final"):
            made.save()


def test_joined_records_are_counted_and_reported_as_one_person(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        other = in_care(here)
        mandate = mandates.add(client=other, terms=COURT, by=here.coordinator, now=NOW)
        came(here, "no_show", 20, client=other, episode=other.episodes.get())
        other.episodes.update(status="closed", closed_on=NOW.date())
        merging.merge(kept=here.client, absorbed=other, reason="The same", by=here.coordinator, now=NOW)
        kept: Client = Client.objects.get(pk=here.client.pk)
        kept.clinic = here.clinic
        assert mandate.pk in {row.mandate.pk for row in selectors.of_person(kept, NOW)}
        mandate = Mandate.objects.get(pk=mandate.pk)
        mandate.clinic = here.clinic
        mandate = mandates.change(
            mandate=mandate, version=1, terms=replace(COURT, consent=consented(here)), by=here.therapist, now=NOW
        )
        made, _content = told(here, mandate)
        assert (made.kept, made.missed, made.disclosure.client) == (2, 1, kept)


# --- what is due ----------------------------------------------------------------------------------------------------


def owed(side: Side) -> list[Task]:
    return list(Task.objects.filter(kind=mandates.TASK, done_at=None))


def test_a_report_is_owed_three_days_before_it_is_due_once_by_the_therapist_and_making_it_closes_that(
    world: World,
) -> None:
    here = world.here
    zone = ZoneInfo(here.clinic.time_zone)
    with here.scope(here.therapist):
        today = civil_date(NOW, zone)
        mandate = mandated(here, next_report_on=today + timedelta(days=4), consent=consented(here))
        assert mandates.owe_reports(clinic=here.clinic, now=NOW) == 0
        later = NOW + timedelta(days=1)
        assert [mandates.owe_reports(clinic=here.clinic, now=later) for _n in range(2)] == [1, 0]
        (task,) = owed(here)
        assert (task.owner, task.role, task.client) == (here.therapist, "supervisor", here.client)
        assert task.due_at.astimezone(zone).date() == today + timedelta(days=4)
        assert (task.due_at + timedelta(minutes=1)).astimezone(zone).date() == today + timedelta(days=5)
        told(here, mandate)
        assert owed(here) == []
        mandate.refresh_from_db()
        assert mandate.next_report_on == rules.next_due("monthly", today + timedelta(days=4), today)


def test_a_person_without_a_therapist_is_the_supervisors_and_a_new_day_or_the_end_takes_the_task_away(
    world: World,
) -> None:
    here = world.here
    with here.scope():
        alone = here.client
        caseload.end(client=alone, user=here.therapist, by=here.coordinator)
        mandate = mandated(here, next_report_on=NOW.date())
        mandates.owe_reports(clinic=here.clinic, now=NOW)
        (task,) = owed(here)
        assert (task.owner, task.role) == (None, "supervisor")
        how: dict[str, Any] = {"mandate": mandate, "by": here.coordinator, "now": NOW}
        mandates.change(version=1, terms=replace(COURT, next_report_on=NOW.date() + timedelta(days=2)), **how)
        assert owed(here) == []
        mandates.owe_reports(clinic=here.clinic, now=NOW)
        mandates.end(version=2, **how)
        assert owed(here) == []
        assert mandates.owe_reports(clinic=here.clinic, now=timezone.now()) == 0

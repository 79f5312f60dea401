"""Mandates: written down beside what the person makes of it, corrected, ended; which consent may carry reports."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import connection

from clients.models import (
    Mandate,
)
from clients.rules import mandates as rules
from clients.rules.consent_terms import Kind
from clients.rules.mandates import Wrong
from clients.services import consents, mandates
from clients.services.mandates import Terms
from clinics.models import AuditEvent
from clinics.versions import Stale
from tests.clients.consenting import signed
from tests.clients.mandating import BODY, COURT, COURT_CONSENT, OFFICER, consented, mandated, told
from tests.clients.people import in_care
from tests.world import NOW, World

# --- writing it down ------------------------------------------------------------------------------------------------


def test_what_a_body_wants_and_what_the_person_makes_of_it_stand_side_by_side_and_lie_encrypted(world: World) -> None:
    here = world.here
    with here.scope(here.coordinator):
        mandate = mandated(here, discord=7, body=" County\u202e  drug court ")
        mandate.refresh_from_db()
        assert (mandate.body, mandate.docket, mandate.client_view, mandate.discord) == (
            BODY, "24-CR-118", "I want my kids", 7,
        )  # fmt: skip
        assert mandate.inquiry == here.inquiry, "the open request for care"
        assert mandate.next_report_on == date(2026, 12, 19)
        with connection.cursor() as cursor:
            cursor.execute("select docket::text || client_view::text from clients_mandate where id = %s", [mandate.pk])
            assert not {"24-CR", "kids"} & set(cursor.fetchone()[0].split())
            cursor.execute(
                "select position('24-CR-118' in docket::text) from clients_mandate where id = %s", [mandate.pk]
            )
            assert cursor.fetchone()[0] == 0
        event = AuditEvent.objects.get(action="mandate.added")
        assert event.client_ref == here.client.pk
        assert BODY not in json.dumps(event.detail)


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"docket": "24"}, "docket"),
        ({"officer": "Lane"}, "officer"),
        ({"reporting": "weekly"}, "reporting"),
        ({"next_report_on": date(2026, 12, 1)}, "next_report_on"),
    ],
)
def test_a_familys_wish_is_no_legal_mandate(world: World, other: dict[str, Any], field: str) -> None:
    here = world.here
    with here.scope():
        family = mandated(here, Terms(rules.FAMILY, client_view="They worry"))
        assert (family.body, family.consent, family.next_report_on) == ("", None, None)
        with pytest.raises(Wrong, match="no legal mandate") as found:
            mandated(here, Terms(rules.FAMILY, **other))
        assert found.value.field == field
        with pytest.raises(Wrong, match="no legal mandate"):
            mandated(here, Terms(rules.FAMILY, consent=consented(here)))
        with pytest.raises(Wrong, match="do not turn into each other"):
            mandates.change(mandate=family, version=1, terms=COURT, by=here.therapist, now=NOW)
        with pytest.raises(mandates.NoReport, match="no legal mandate"):
            told(here, family)


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"body": " "}, "body"),
        ({"kind": "king"}, "kind"),
        ({"reporting": "none", "next_report_on": date(2026, 12, 1)}, "reporting"),
        ({"starts_on": date(2026, 2, 2), "ends_on": date(2026, 2, 1)}, "ends_on"),
    ],
)
def test_what_cannot_be_meant_is_refused_beside_its_field(world: World, other: dict[str, Any], field: str) -> None:
    with world.here.scope():
        before = Mandate.objects.count()
        with pytest.raises(Wrong) as found:
            mandated(world.here, **other)
        assert found.value.field == field
        assert Mandate.objects.count() == before


def test_only_a_consent_in_force_of_the_right_kind_and_the_same_person_is_chosen(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        good = consented(here)
        assert mandated(here, consent=good).consent == good
        other = in_care(here)
        foreign = consents.draft_consent(
            client=other, by=here.therapist,
            terms=replace(COURT_CONSENT, named_body=BODY, recipients=OFFICER),
        )  # fmt: skip
        held = consented(here)
        consents.hold(consent=held, note="Look again", by=here.privacy_officer, now=NOW)
        for consent, says in (
            (foreign, "of this person"), (held, "on hold"), (signed(here), "needs a consent of its own kind"),
            (signed(here, Kind.TPO_SINGLE), "not made for reports"),
            (consented(here, named_body="Another court"), "names Another court"),
        ):  # fmt: skip
            with pytest.raises(Wrong, match=says) as found:
                mandated(here, consent=consent)
            assert found.value.field == "consent"
        board = signed(here, recipients="Board of Nursing", purpose="monitoring", categories=("attendance",))
        assert mandated(here, kind="professional_board", body="Board of nursing", consent=board).consent == board
        # One that has ended since does not stand in the way of another correction.
        mandate = mandated(here, consent=good)
        consents.hold(consent=good, note="Look again", by=here.privacy_officer, now=NOW)
        changed = mandates.change(
            mandate=mandate, version=mandate.version, terms=mandates.with_changes(mandate, {"docket": "25"}),
            by=here.therapist, now=NOW,
        )  # fmt: skip
        assert (changed.docket, changed.consent) == ("25", good)


def test_no_more_reports_takes_the_day_of_the_next_one_out(world: World) -> None:
    here = world.here
    with here.scope():
        mandate = mandated(here)
        assert mandate.next_report_on is not None
        changes = {"reporting": "none"}
        changed = mandates.change(
            mandate=mandate, version=1, terms=mandates.with_changes(mandate, changes), by=here.therapist, now=NOW
        )
        assert changed.next_report_on is None


def test_a_stale_change_and_a_change_after_the_end_are_refused(world: World) -> None:
    here = world.here
    with here.scope():
        mandate = mandated(here)
        how: dict[str, Any] = {"mandate": mandate, "by": here.therapist, "now": NOW}
        mandates.change(version=1, terms=replace(COURT, discord=3), **how)
        with pytest.raises(Stale):
            mandates.change(version=1, terms=replace(COURT, discord=4), **how)
        with pytest.raises(Stale):
            mandates.end(version=1, **how)
        mandates.end(version=2, **how)
        with pytest.raises(mandates.Ended):
            mandates.end(version=3, **how)
        with pytest.raises(mandates.Ended):
            mandates.change(version=3, terms=COURT, **how)
        with pytest.raises(mandates.NoReport, match="has ended"):
            told(here, mandate)

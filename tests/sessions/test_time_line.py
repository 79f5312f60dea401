"""The time line on a person's page: what is drawn, for whom, where each point leads, and how little it asks."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from clients.models import (
    Appointment,
    CaseloadAssignment,
    ChangeTarget,
    Client,
    MeasureResponse,
    MeasureScore,
    RulerReading,
)
from clients.services import break_glass, targets
from clients.services.targets import Terms
from clinics.models import InstrumentVersion
from sessions.models import Coding, ScoreResult, Segment, TherapySession, Transcript
from sessions.selectors.time_line import LINES_SHOWN
from tests.budgets.counting import questions_of
from tests.clients.admission import admitted
from tests.clients.people import in_care, page, signed_in
from tests.world import Side, World

DAY = timedelta(days=1)
EVERY = 7
LINE = '<tr><th scope="row"><time'


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def shown(side: Side, user: Any, client: Client) -> str:
    return text_of(signed_in(user).get(page(side, "client_detail", client.public_id)))


def drawing(text: str) -> str:
    """Return what the drawing is called."""
    found = re.search(r'role="img" aria-label="(Time line[^"]*)"', text)
    return found[1] if found else ""


def rulers(side: Side, client: Client, target: ChangeTarget | None, on: date, *values: int, **other: Any) -> None:
    for ruler, value in zip(("readiness", "importance", "confidence"), values, strict=False):
        RulerReading.objects.create(
            clinic=side.clinic, client=client, target=target, ruler=ruler, value=value, taken_on=on,
            taken_by=side.therapist, **other,
        )  # fmt: skip


def measured(side: Side, client: Client, on: date, value: str, key: str = "phq9", **other: Any) -> MeasureResponse:
    at = timezone.now() - (timezone.now().date() - on)
    made = MeasureResponse.objects.create(
        clinic=side.clinic, client=client, instrument=InstrumentVersion.objects.get(key=key), source="clinician",
        taken_on=on, taken_at=at, taken_by=side.therapist, answers={}, complete=True,
    )  # fmt: skip
    MeasureScore.objects.create(
        clinic=side.clinic, response=made, score_key="total", value=Decimal(value), engine_version="t", **other
    )
    return made


def visit(side: Side, client: Client, days_ago: int, attendance: str, **other: Any) -> Appointment:
    at = timezone.now() - days_ago * DAY
    booked: Appointment = Appointment.objects.create(
        clinic=side.clinic, client=client, episode=client.episodes.get(), therapist=side.therapist, starts_at=at,
        service_on=at.date(), attendance=attendance, **other,
    )  # fmt: skip
    return booked


def held(side: Side, appointment: Appointment) -> TherapySession:
    made: TherapySession = TherapySession.objects.create(
        clinic=side.clinic, client=appointment.client, appointment=appointment, therapist=side.therapist,
        service_on=appointment.service_on, started_at=appointment.starts_at, duration_min=50,
    )  # fmt: skip
    return made


def coded(side: Side, session: TherapySession, change: int, both: int, *, role: str = "coder") -> Coding:
    transcript = Transcript.objects.create(
        clinic=side.clinic, session=session, therapist=side.therapist, line_count=2, source_key=str(session.pk) + role
    )
    segment = Segment.objects.create(
        clinic=side.clinic, transcript=transcript, first_seq=0, last_seq=1, selection="random", seed=1
    )
    coding: Coding = Coding.objects.create(
        clinic=side.clinic, segment=segment, transcript=transcript, coder_role=role, therapist=side.therapist,
        instrument=InstrumentVersion.objects.get(key="client_language"), service_on=session.service_on,
        coder=side.coder,
    )  # fmt: skip
    ScoreResult.objects.create(
        clinic=side.clinic, coding=coding, score_key="pct_ct", numerator=change, denominator=both,
        value=Decimal(change) / both, band="not_evaluable", engine_version="t",
    )  # fmt: skip
    Coding.objects.filter(pk=coding.pk).update(state="locked", locked_at=timezone.now(), locked_by=side.coder)
    return coding


def test_everything_is_drawn_and_leads_to_where_it_comes_from(world: World) -> None:
    here = world.here
    today = timezone.now().date()
    with here.scope(here.therapist):
        noor = in_care(here)
        target = targets.add(client=noor, terms=Terms("Drink less"), by=here.therapist)
        booked = visit(here, noor, 20, "attended")
        session = held(here, booked)
        rulers(here, noor, target, today - 20 * DAY, 3, 5, 6, appointment=booked)
        rulers(here, noor, target, today - 2 * DAY, 7)
        first = measured(here, noor, today - 20 * DAY, "16")
        measured(here, noor, today - 1 * DAY, "9")
        visit(here, noor, 10, "no_show")
        coding = coded(here, session, 3, 4)
        coded(here, session, 9, 9, role="self")
    text = shown(here, here.therapist, noor)
    said = drawing(text)
    for words in (
        "Readiness: from 3 on", "to 7 on", "Importance: one value, 5", "PHQ-9: from 16 on", "to 9 on",
        "Change talk: one value, 75%", "Came 1 times, did not come 1 times.",
    ):  # fmt: skip
        assert words in said, words
    assert "Readiness went from 3 to 7." in text
    for link, words in (
        (page(here, "session_detail", session.public_id), "Readiness 3, Importance 5, Confidence 6"),
        (page(here, "target_detail", target.public_id), "Readiness 7"),
        (page(here, "measure_detail", first.public_id), "16"),
        (page(here, "transcript_detail", coding.transcript.public_id), "75%, 3 of 4"),
        (page(here, "session_detail", session.public_id), "Attended"),
        (page(here, "appointment_list", noor.public_id), "Did not attend"),
    ):
        assert f'<a href="{link}">{words}</a>' in text, words
        assert signed_in(here.therapist).get(link).status_code == 200, link
    assert "Admitted: " in text
    assert f"With {here.therapist.name} from here" in text
    assert 'class="typical"' in text
    assert "Not yours to read" not in text


def test_alliance_has_its_line_and_an_admission_says_its_level_of_care(world: World) -> None:
    here = world.here
    today = timezone.now().date()
    with here.scope(here.therapist):
        admission = admitted(here)
        noor = admission.episode.client
        noor.clinic = here.clinic
        first = measured(here, noor, today - 9 * DAY, "48", "wai_sr")
        measured(here, noor, today, "41", "wai_sr")
    text = shown(here, here.therapist, noor)
    assert "Alliance: WAI-SR: from 48 on" in drawing(text)
    assert "to 41 on" in drawing(text)
    assert f'<a href="{page(here, "measure_detail", first.public_id)}">48</a>' in text
    assert f'<a href="#care">Admitted: {admission.episode.program.name}, Outpatient</a>' in text
    assert f"With {here.therapist.name} from here" in text


def test_what_one_may_not_read_is_left_open_and_says_so(world: World) -> None:
    here = world.here
    today = timezone.now().date()
    with here.scope(here.therapist):
        noor = in_care(here)
        target = targets.add(client=noor, terms=Terms("Drink less"), by=here.therapist)
        rulers(here, noor, target, today - 2 * DAY, 7)
        measured(here, noor, today, "16")
        coded(here, held(here, visit(here, noor, 3, "attended")), 1, 4)
    for user, closed in (
        (here.therapist, ()),
        (here.supervisor, ()),
        (here.coordinator, ("Rulers", "Measures", "Change talk")),
    ):
        text = shown(here, user, noor)
        said = drawing(text)
        for lane in ("Rulers", "Measures", "Change talk"):
            assert (f"{lane}: Not yours to read." in said) is (lane in closed), (user, lane)
        assert ("Readiness: one value, 7" in said) is not bool(closed)
        assert ("one value, 16" in said) is not bool(closed)
        assert ("one value, 25%" in said) is not bool(closed)
        assert "Came 1 times" in said
    assert drawing(shown(here, here.privacy_officer, noor)) == ""
    with here.scope():
        break_glass.break_glass(client=noor, reason="Found unconscious at home", by=here.other_therapist)
    said = drawing(shown(here, here.other_therapist, noor))
    assert "Readiness: one value, 7" in said
    assert "one value, 25%" not in said


def test_answers_taken_back_and_codings_replaced_are_not_drawn(world: World) -> None:
    here = world.here
    today = timezone.now().date()
    with here.scope(here.therapist):
        noor = in_care(here)
        wrong = measured(here, noor, today, "16")
        wrong.undone_at, wrong.undone_by, wrong.undo_reason = timezone.now(), here.therapist, "Another person"
        wrong.save()
        old = coded(here, held(here, visit(here, noor, 3, "attended")), 1, 4)
        new = Coding.objects.create(
            clinic=here.clinic, segment=old.segment, transcript=old.transcript, coder_role="coder",
            therapist=here.therapist, instrument=old.instrument, service_on=old.service_on, coder=here.coder,
            supersedes=old,
        )  # fmt: skip
        ScoreResult.objects.create(
            clinic=here.clinic, coding=new, score_key="pct_ct", numerator=2, denominator=4, value=Decimal("0.5"),
            band="not_evaluable", engine_version="t",
        )  # fmt: skip
        Coding.objects.filter(pk=new.pk).update(state="locked", locked_at=timezone.now(), locked_by=here.coder)
    said = drawing(shown(here, here.therapist, noor))
    assert "PHQ-9" not in said
    assert "Change talk: one value, 50%" in said


def test_goals_have_lines_of_their_own(world: World) -> None:
    here = world.here
    today = timezone.now().date()
    with here.scope(here.therapist):
        noor = in_care(here)
        one = targets.add(client=noor, terms=Terms("Drink less"), by=here.therapist)
        two = targets.add(client=noor, terms=Terms("Walk"), by=here.therapist)
        for target, value in ((one, 2), (two, 8), (None, 5)):
            rulers(here, noor, target, today - 9 * DAY, value)
            rulers(here, noor, target, today, value)
    text = shown(here, here.therapist, noor)
    for words in ("Readiness, Drink less: from 2", "Readiness, Walk: from 8", "Readiness, no one goal: from 5"):
        assert words in drawing(text), words
    assert "Lines of the rulers: solid: Drink less; dashed: Walk; dotted: no one goal." in text


def test_nothing_yet_says_so(world: World) -> None:
    here = world.here
    with here.scope():
        client = in_care(here)
        CaseloadAssignment.objects.filter(client=client).update(ends_at=timezone.now())
    # Closed by who may not read it, and the admission is there for all.
    assert "Rulers: Not yours to read." in drawing(shown(here, here.coordinator, client))


def grow(side: Side, client: Client, target: ChangeTarget) -> None:
    """Give a person five years: weekly visits with rulers, a measure every four weeks, a coded session each quarter."""
    today = timezone.now().date()
    for week in range(5 * 52):
        ago = week * EVERY + 1
        booked = visit(side, client, ago, "no_show" if week % 9 == 4 else "attended")
        if booked.attendance == "attended":
            rulers(side, client, target, today - ago * DAY, week % 11, 10 - week % 11, 5, appointment=booked)
            if week % 13 == 0:
                coded(side, held(side, booked), week % 5, 5)
        if week % 4 == 0:
            measured(side, client, today - ago * DAY, str(week % 28))


def test_five_years_ask_as_much_as_one_day(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        noor = in_care(here)
        target = targets.add(client=noor, terms=Terms("Drink less"), by=here.therapist)
        rulers(here, noor, target, timezone.now().date(), 4)
        measured(here, noor, timezone.now().date(), "16")
        coded(here, held(here, visit(here, noor, 0, "attended")), 1, 4)
    browser = signed_in(here.therapist)
    address = page(here, "client_detail", noor.public_id)
    before = questions_of(browser, address) or []
    with here.scope(here.therapist):
        grow(here, noor, target)
    after = questions_of(browser, address) or []
    assert len(after) == len(before)
    assert len(after) <= 12, "\n".join(one[:160] for one in after)
    # The page shows the newest numbers and leads to all of them; each is drawn in any case.
    short, every = (text_of(browser.get(address + asked)) for asked in ("", "?numbers=all"))
    assert drawing(short) == drawing(every)
    count = every.count(LINE)
    assert (short.count(LINE), count > 500, len(short.encode()) < 75_000) == (LINES_SHOWN, True, True), len(short)
    assert f'<a href="?numbers=all#numbers">Show all {count} numbers</a>' in short
    assert "?numbers=all" not in every

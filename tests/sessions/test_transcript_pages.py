"""The practice room, the page of a coded transcript, and imports from the page."""

import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.models import ChangeTarget
from clinics.instruments import catalogue
from clinics.instruments.lines import CodedLine, Speaker
from clinics.models import AuditEvent, InstrumentVersion
from sessions.models import Coding, PracticeSet, Transcript
from sessions.rules.coded_lines import read_lines, time_text
from sessions.selectors.transcripts import LINES_ON_PAGE
from sessions.services.codings import lock
from tests.sessions.invented import NOW, TALK, add_coding, add_transcript, as_csv, codes_of, rows_of
from tests.sessions.test_import import run
from tests.sessions.transcript_pages import text_of, url

MITI_TALK = (
    ("therapist", "What would you like to be different?", None, None, None, None),
    ("client", "Mm-hmm.", None, None, None, None),
    ("therapist", "And what makes that matter now?", None, None, None, None),
    ("client", "My mornings.", None, None, None, None),
)


def locked_practice(side, talk=TALK):
    with side.scope(side.coder):
        segment = add_transcript(talk=talk)
        coding = add_coding(segment, coder=side.coder, codes=codes_of(talk))
        lock(coding=coding, by=side.coder, now=NOW)
    return segment.transcript, coding


def locked_miti(side, **ratings):
    globals_ = {"CCT": 3, "SST": 4, "PARTNER": 4, "EMPATHY": 4} | ratings
    with side.scope(side.coder):
        segment = add_transcript(session=side.session, talk=MITI_TALK)
        coding = add_coding(
            segment, coder=side.coder, instrument=InstrumentVersion.objects.get(key="miti"),
            codes={0: ("Q",), 2: ("Q", "CR")}, ratings=globals_, change_target=ChangeTarget.objects.first(),
        )  # fmt: skip
        lock(coding=coding, by=side.coder, now=NOW)
    return segment.transcript, coding


# --- the practice room --------------------------------------------------------------------------------------------


def test_the_practice_room_lists_imported_transcripts(world, client):
    run(world.here, as_csv([*rows_of("12"), *rows_of("12", coder="1"), *rows_of("14")]))
    client.force_login(world.here.coder)
    response = client.get(url("practice_room"), {"set": "annomi"})
    words = text_of(response)
    assert "Transcript 12" in words
    assert "Transcript 14" in words
    assert f"moving more high {len(TALK)} 2" in words
    with world.here.scope():
        event = AuditEvent.objects.filter(action="practice.listed").latest("id")
        shown = Transcript.objects.filter(practice_set__key="annomi").values_list("public_id", flat=True)
        assert set(event.detail["transcripts"]) == {str(one) for one in shown}


def test_the_practice_room_never_lists_a_session_or_the_neighbour(world, client):
    locked_miti(world.here)
    run(world.neighbour, as_csv(rows_of("99")))
    client.force_login(world.here.therapist)
    page = client.get(url("practice_room")).content.decode()
    with world.here.scope():
        clinical = Transcript.objects.filter(session__isnull=False).values_list("public_id", flat=True)
        assert clinical
        assert not [one for one in clinical if str(one) in page]
    assert "Transcript 99" not in page


def test_an_empty_practice_room_offers_the_import_to_who_may(world, client):
    with world.here.scope():
        Transcript.objects.filter(practice_set__isnull=False).delete()
    client.force_login(world.here.coder)
    assert url("transcript_import") in client.get(url("practice_room")).content.decode()
    client.force_login(world.here.therapist)
    response = client.get(url("practice_room"))
    assert url("transcript_import") not in response.content.decode()
    assert "The practice room is empty" in text_of(response)


def test_the_practice_room_pages(world, client):
    with world.here.scope():
        practice_set = PracticeSet.objects.create(key="many", name="Many")
        Transcript.objects.bulk_create(
            Transcript(clinic=world.here.clinic, practice_set=practice_set, source_key=str(number))
            for number in range(51)
        )
    client.force_login(world.here.coder)
    first = client.get(url("practice_room"), {"set": "many"}).content.decode()
    assert "Transcript 49<" in first
    assert "Transcript 50<" not in first
    after = re.search(r'href="(\?[^"]*cursor=[^"]+)"', first).group(1).replace("&amp;", "&")
    assert "Transcript 50<" in client.get(url("practice_room") + after).content.decode()


# --- a coded transcript -------------------------------------------------------------------------------------------


def test_a_coded_transcript_shows_lines_chips_and_scores(world, client):
    transcript, _coding = locked_practice(world.here)
    client.force_login(world.here.coder)
    response = client.get(url("transcript_detail", transcript.public_id))
    page, words = response.content.decode(), text_of(response)
    assert "0:01 Therapist She worries, and you are of two minds. What would you like?" in words
    assert "0:02 Person I do like the park in the morning. Change talk" in words
    assert 'class="chip chip-reflection-complex">Complex reflection<' in page
    assert 'class="chip chip-sustain">Sustain talk<' in page
    assert "0.50:1 1 reflection, 2 questions" in words
    assert "66.7% 2 of 3 change or sustain talk" in words
    assert "7 of 7 lines coded" in words
    assert "They have no pass mark." in words
    assert page.count('data-line="line-') == len(TALK)
    with world.here.scope():
        event = AuditEvent.objects.filter(action="transcript.viewed").latest("id")
        assert (event.object_id, event.purpose) == (str(transcript.public_id), "practice")


def test_an_undefined_score_is_said_in_words(world, client):
    talk = (TALK[0], ("therapist", "You are of two minds.", None, "simple", None, "reflection"))
    transcript, _coding = locked_practice(world.here, talk)
    client.force_login(world.here.coder)
    words = text_of(client.get(url("transcript_detail", transcript.public_id)))
    assert "any on the line no questions (1 reflection)" in words
    assert "Change talk share no change or sustain talk" in words


def test_miti_shows_bands_volleys_and_its_caveat(world, client):
    transcript, _coding = locked_miti(world.here)
    client.force_login(world.here.therapist)
    response = client.get(url("transcript_detail", transcript.public_id))
    page, words = response.content.decode(), text_of(response)
    assert "Transcript of a session" in words
    assert "MITI 4.2.1 4.2.1" not in words
    assert re.search(r"Relational 4\.0 .* Proficient", words)
    assert re.search(r"Technical 3\.5 .* Basic competence", words)
    assert re.search(r"Reflections to questions 1\.00:1 .* Basic competence 1 reflection, 1 questions", words)
    assert 'chip-question chip-hollow">Question</span><span class="line-counted">counted once' in page
    assert page.count("line-volley") == 1
    assert "Thresholds are expert opinion." in words
    with world.here.scope():
        event = AuditEvent.objects.filter(action="transcript.viewed").latest("id")
        assert event.purpose == "care"


def test_names_are_masked(world, client):
    transcript, _coding = locked_miti(world.here)
    for person in (world.here.therapist, world.here.supervisor):
        client.force_login(person)
        page = client.get(url("transcript_detail", transcript.public_id)).content.decode()
        main = page.partition("<main")[2].partition("</main>")[0]
        assert world.here.client.legal_name not in main
        assert world.here.client.goes_by not in main
        assert world.here.therapist.name not in main


def test_the_coding_is_chosen_by_its_id_and_a_strange_id_shows_the_first(world, client):
    run(world.here, as_csv([*rows_of("7", coder="0"), *rows_of("7", coder="1")]))
    with world.here.scope():
        transcript = Transcript.objects.get(practice_set__key="annomi")
    client.force_login(world.here.supervisor)
    page = client.get(url("transcript_detail", transcript.public_id))
    choices = re.findall(r'<option value="([^"]+)"( selected)?>([^<]+)<', page.content.decode())
    assert [label for _id, _selected, label in choices] == ["AnnoMI 1, coder 0", "AnnoMI 1, coder 1"]
    second = client.get(url("transcript_detail", transcript.public_id), {"coding": choices[1][0]})
    assert "coded with AnnoMI 1 by coder 1" in text_of(second)
    strange = client.get(url("transcript_detail", transcript.public_id), {"coding": str(uuid.uuid4())})
    assert "coded with AnnoMI 1 by coder 0" in text_of(strange)


def test_an_uncoded_transcript_and_a_draft_say_so(world, client):
    with world.here.scope(world.here.coder):
        segment = add_transcript()
    client.force_login(world.here.coder)
    address = url("transcript_detail", segment.transcript.public_id)
    assert "Nobody has coded this transcript yet." in text_of(client.get(address))
    with world.here.scope(world.here.coder):
        add_coding(segment, coder=world.here.coder)
    words = text_of(client.get(address))
    assert "This coding is not locked yet." in words
    assert "66.7%" not in words


def test_a_long_transcript_comes_in_parts_within_the_budget(world, client):
    talk = TALK * 86
    transcript, coding = locked_practice(world.here, talk)
    client.force_login(world.here.coder)
    address = url("transcript_detail", transcript.public_id)
    first = client.get(address)
    assert f"Lines 1 to {LINES_ON_PAGE} of {len(talk)}" in text_of(first)
    assert first.content.decode().count('class="line ') == LINES_ON_PAGE
    assert len(first.content) <= 60_000
    last = client.get(address, {"from": "601", "coding": str(coding.public_id)})
    assert f"Lines 601 to {len(talk)} of {len(talk)}" in text_of(last)
    for odd in ("-5", "x", "99999999", "٣"):
        assert client.get(address, {"from": odd}).status_code == 200


@pytest.mark.parametrize("times", [1, 40])
def test_the_page_takes_twelve_statements_however_long(world, client, times):
    transcript, _coding = locked_practice(world.here, TALK * times)
    client.force_login(world.here.coder)
    address = url("transcript_detail", transcript.public_id)
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    statements = [one["sql"] for one in captured if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(statements) <= 12, statements


@pytest.mark.parametrize("person", ["coordinator", "privacy_officer", "administrator"])
def test_who_has_no_right_gets_the_same_404_as_for_nothing(world, client, person):
    practice, _coding = locked_practice(world.here)
    clinical, _coding = locked_miti(world.here)
    client.force_login(getattr(world.here, person))
    answers = {
        client.get(url("transcript_detail", one)).status_code
        for one in (practice.public_id, clinical.public_id, uuid.uuid4(), "no-id")
    }
    assert answers == {404}


def test_a_sessions_transcript_is_for_its_therapist_and_their_supervisor(world, client):
    transcript, _coding = locked_miti(world.here)
    address = url("transcript_detail", transcript.public_id)
    for person, status in (
        (world.here.therapist, 200), (world.here.supervisor, 200), (world.here.other_therapist, 404),
        (world.here.coder, 404), (world.neighbour.therapist, 404),
    ):  # fmt: skip
        client.force_login(person)
        assert client.get(address).status_code == status, person


# --- reading lines ------------------------------------------------------------------------------------------------


def test_in_a_volley_the_strongest_code_of_a_slot_counts_and_the_rest_are_hollow():
    miti = catalogue.find("miti", "4.2.1")
    lines = [
        CodedLine(Speaker.THERAPIST, ("SR", "Q")),
        CodedLine(Speaker.CLIENT, (), None, "Right."),
        CodedLine(Speaker.THERAPIST, ("CR",)),
        CodedLine(Speaker.CLIENT, (), None, "I would rather walk."),
        CodedLine(Speaker.THERAPIST, ("Q",)),
        CodedLine(Speaker.THERAPIST, ("NC",)),
    ]
    read = read_lines(miti, lines)
    assert [[(chip.kind, chip.hollow) for chip in line.chips] for line in read] == [
        [("question", False), ("reflection-simple", True)], [], [("reflection-complex", False)], [],
        [("question", False)], [("none", False)],
    ]  # fmt: skip
    assert [line.joined for line in read] == [False, False, True, False, False, True]
    assert [line.bar for line in read] == [
        "reflection-simple", "uncoded", "reflection-complex", "uncoded", "question", "other",
    ]  # fmt: skip


@pytest.mark.parametrize(("ms", "text"), [(None, ""), (0, "0:00"), (462_000, "7:42"), (3_723_000, "1:02:03")])
def test_times_are_short(ms, text):
    assert time_text(ms) == text


def test_the_right_to_the_practice_room_covers_no_session(world):
    """It reaches the whole clinic, so a row of a session must not be under it, in lists or one by one."""
    here = world.here
    clinical, clinical_coding = locked_miti(here)
    practice, practice_coding = locked_practice(here)
    with here.scope(here.therapist):
        for model, inside, outside in (
            (Transcript, practice, clinical),
            (Coding, practice_coding, clinical_coding),
        ):
            keys = set(
                model.objects.permitted(here.other_therapist, "clinics.view_practice").values_list("pk", flat=True)
            )
            assert inside.pk in keys
            assert outside.pk not in keys
            assert here.other_therapist.has_perm("clinics.view_practice", inside)
            assert not here.other_therapist.has_perm("clinics.view_practice", outside)

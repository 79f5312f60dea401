"""Codings are written in bulk, checked, scored and locked in one transaction."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.models import ChangeTarget
from clinics.instruments.scoring import BadCode
from clinics.models import AuditEvent, DirtyMark, InstrumentVersion, ThresholdSet
from clinics.services import instruments
from sessions.models import CodedLine, Coding, Rating, ScoreResult, UtteranceCode
from sessions.services.codings import AlreadyLocked, NotComplete, NotInUse, lock, lock_all
from tests.sessions.invented import NOW, TALK, add_coding, add_transcript, annomi, codes_of

MITI_CODES = {1: ("CR", "Q"), 3: ("NC",), 5: ("GI",)}
GLOBALS = {"CCT": 3, "SST": 4, "PARTNER": 4, "EMPATHY": 4}


def miti():
    return InstrumentVersion.objects.get(key="miti")


def results_of(coding):
    return {row.score_key: row for row in ScoreResult.objects.filter(coding=coding)}


def change_target(client):
    return ChangeTarget.objects.create(client=client, goal="Walk more")


def test_lock_stores_exact_scores_and_marks_the_rollup(world):
    here = world.here
    with here.scope(here.coder):
        coding = add_coding(add_transcript(session=here.session), coder=here.coder)
        DirtyMark.objects.all().delete()
        locked = lock(coding=coding, by=here.coder, now=NOW)
        results = results_of(locked)
        assert locked.state == Coding.State.LOCKED
        assert (locked.locked_at, locked.locked_by) == (NOW, here.coder)
        any_ratio = results["r_to_q_any"]
        assert (any_ratio.numerator, any_ratio.denominator, any_ratio.value) == (1, 2, Decimal("0.5"))
        talk = results["pct_ct"]
        assert (talk.numerator, talk.denominator, talk.value) == (2, 3, Decimal("0.666666666666667"))
        assert results["pct_complex"].value == 1
        assert {row.band for row in results.values()} == {"none"}
        assert {row.engine_version for row in results.values()} == {"1"}
        mark = DirtyMark.objects.get()
        assert (mark.kind, mark.key) == ("fidelity", f"t:{here.therapist.pk}:{here.session.service_on:%Y-%m}")
        event = AuditEvent.objects.filter(action="coding.locked").latest("id")
        assert event.object_id == str(coding.public_id)


def test_an_undefined_score_keeps_its_numerator_and_says_why(world):
    here = world.here
    talk = (TALK[0], ("therapist", "You are of two minds.", None, "simple", None, "reflection"))
    with here.scope(here.coder):
        coding = add_coding(add_transcript(session=here.session, talk=talk), coder=here.coder, codes=codes_of(talk))
        row = results_of(lock(coding=coding, by=here.coder, now=NOW))["r_to_q_any"]
    assert (row.value, row.numerator, row.denominator, row.reason) == (None, 1, 0, "zero_denominator")


def test_lock_refuses_a_line_without_a_code_and_writes_nothing(world):
    here = world.here
    codes = codes_of()
    del codes[3], codes[6]
    with here.scope(here.coder):
        coding = add_coding(add_transcript(session=here.session), coder=here.coder, codes=codes)
        DirtyMark.objects.all().delete()
        with pytest.raises(NotComplete, match="Lines 3, 6 are not coded yet"):
            lock(coding=coding, by=here.coder, now=NOW)
        coding.refresh_from_db()
        assert coding.state == Coding.State.DRAFT
        assert not ScoreResult.objects.filter(coding=coding).exists()
        assert not DirtyMark.objects.exists()


def test_lock_is_final(world):
    here = world.here
    with here.scope(here.coder):
        coding = lock(coding=add_coding(add_transcript(session=here.session), coder=here.coder), by=here.coder, now=NOW)
        with pytest.raises(AlreadyLocked, match="supersedes"):
            lock(coding=coding, by=here.coder, now=NOW)


def test_a_correction_supersedes(world):
    here = world.here
    with here.scope(here.coder):
        segment = add_transcript(session=here.session)
        first = lock(coding=add_coding(segment, coder=here.coder), by=here.coder, now=NOW)
        codes = codes_of() | {1: ("QUEST_OPEN", "REFL_SIMPLE", "MAIN_REFLECTION")}
        second = add_coding(segment, coder=here.coder, codes=codes, supersedes=first)
        lock(coding=second, by=here.coder, now=NOW)
        assert results_of(first)["pct_complex"].value == 1
        assert results_of(second)["pct_complex"].value == 0


def test_miti_needs_its_goal_and_every_global(world):
    here = world.here
    with here.scope(here.coder):
        segment = add_transcript(session=here.session)
        coding = add_coding(segment, coder=here.coder, instrument=miti(), codes=MITI_CODES, ratings={"CCT": 3})
        with pytest.raises(NotComplete) as error:
            lock(coding=coding, by=here.coder, now=NOW)
    assert len(error.value.lacking) == 4
    assert error.value.lacking[0] == "The change goal is not written. Write it, then code."
    assert all("not rated" in sentence for sentence in error.value.lacking[1:])


def test_miti_is_banded_by_the_set_in_force(world):
    here = world.here
    with here.scope(here.coder):
        target = change_target(here.client)
        segment = add_transcript(session=here.session)

        def locked(coder):
            coding = add_coding(
                segment, coder=coder, instrument=miti(), codes=MITI_CODES, ratings=GLOBALS, change_target=target
            )
            return results_of(lock(coding=coding, by=here.coder, now=NOW))

        official = ThresholdSet.objects.get(instrument=miti(), in_force=True)
        before = locked(here.coder)
        assert (before["relational"].value, before["relational"].band) == (4, "good")
        assert (before["technical"].value, before["technical"].band) == (Decimal("3.5"), "fair")
        assert before["total_mia"].band == "none"
        assert before["relational"].threshold_set == official
        stricter = instruments.add_threshold_set(
            instrument=miti(), key="stricter", label="Stricter", source="Ours",
            thresholds={"relational": (None, 5)}, by=here.administrator,
        )  # fmt: skip
        instruments.put_in_force(threshold_set=stricter, by=here.administrator, now=NOW)
        after = locked(here.supervisor)
        assert after["relational"].band == "below"
        assert after["technical"].band == "none"
        before["relational"].refresh_from_db()
        assert before["relational"].band == "good"


def test_a_global_left_out_with_a_reason_leaves_its_score_undefined(world):
    here = world.here
    with here.scope(here.coder):
        coding = add_coding(
            add_transcript(session=here.session), coder=here.coder, instrument=miti(), codes=MITI_CODES,
            ratings={**GLOBALS, "CCT": None}, na_reasons={"CCT": "short segment"},
            change_target=change_target(here.client),
        )  # fmt: skip
        row = results_of(lock(coding=coding, by=here.coder, now=NOW))["technical"]
    assert (row.value, row.reason, row.band) == (None, "missing_input", "not_evaluable")


def test_a_listeners_word_does_not_end_the_volley(world):
    """Two questions round an "mm-hmm" of the client are one volley: counted once (MITI 4.2.1 E.1)."""
    here = world.here
    talk = (
        ("therapist", "What would help?", "open", None, None, "question"),
        ("client", "Mm-hmm.", None, None, None, "neutral"),
        ("therapist", "And when?", "open", None, None, "question"),
    )
    with here.scope(here.coder):
        target = change_target(here.client)
        segment = add_transcript(session=here.session, talk=talk)

        def questions(coder, **options):
            coding = add_coding(
                segment, coder=coder, instrument=miti(), codes={0: ("Q",), 2: ("Q",)}, ratings=GLOBALS,
                change_target=target, **options,
            )  # fmt: skip
            return results_of(lock(coding=coding, by=here.coder, now=NOW))["r_to_q"].denominator

        assert questions(here.coder) == 1
        assert questions(here.supervisor, breaks={1: True}) == 2


@pytest.mark.parametrize(
    ("codes", "sentence"),
    [
        ({0: ("MAIN_OTHER",)}, "code for therapist lines"),
        ({1: ("QUEST_OPEN", "QUEST_CLOSED")}, "share one place"),
        ({1: ("NOTHING",)}, "has no code NOTHING"),
    ],
)
def test_codes_that_may_not_stand_are_refused(world, codes, sentence):
    here = world.here
    with here.scope(here.coder):
        segment = add_transcript(session=here.session)
        with pytest.raises(BadCode, match=sentence):
            add_coding(segment, coder=here.coder, codes=codes)


def test_a_retired_instrument_is_not_coded_with(world):
    here = world.here
    with here.scope(here.coder):
        segment = add_transcript(session=here.session)
        instruments.retire(instrument=annomi(), by=here.administrator, now=NOW)
        with pytest.raises(NotInUse):
            add_coding(segment, coder=here.coder)


def test_the_number_of_statements_does_not_grow_with_lines_or_codings(world):
    here = world.here

    def statements(times, coders):
        segment = add_transcript(session=here.session, talk=TALK * times)
        codings = [add_coding(segment, coder=coder, codes=codes_of(TALK * times)) for coder in coders]
        with CaptureQueriesContext(connection) as captured:
            lock_all(codings=codings, by=here.coder, now=NOW)
        return sum("clinics_auditevent" not in one["sql"] for one in captured)

    with here.scope(here.coder):
        one = statements(1, [here.coder])
        assert statements(20, [here.coder, here.supervisor, here.therapist]) == one


def test_a_practice_coding_counts_for_its_set_and_for_nobody(world):
    here = world.here
    with here.scope(here.coder):
        coding = add_coding(add_transcript(), coder=here.coder)
        DirtyMark.objects.all().delete()
        lock(coding=coding, by=here.coder, now=NOW)
        assert (coding.therapist_id, coding.service_on) == (None, None)
        assert DirtyMark.objects.get().key == f"p:{coding.practice_set_id}"


def test_write_codings_writes_lines_codes_and_ratings(world):
    here = world.here
    with here.scope(here.coder):
        coding = add_coding(
            add_transcript(session=here.session), coder=here.coder, instrument=miti(), codes=MITI_CODES, ratings=GLOBALS
        )
        assert CodedLine.objects.filter(coding=coding).count() == 3
        codes = UtteranceCode.objects.filter(coding=coding).values_list("utterance__seq", "slot", "item_key")
        assert sorted(codes) == [
            (1, "question", "Q"),
            (1, "reflection", "CR"),
            (3, "no_code", "NC"),
            (5, "information", "GI"),
        ]
        assert Rating.objects.filter(coding=coding).count() == 4
        assert coding.therapist_id == here.therapist.pk
        assert coding.service_on == here.session.service_on

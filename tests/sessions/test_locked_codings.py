"""A locked coding never changes, whoever asks and however: every path that we could think of is tried."""

import pickle
from contextlib import contextmanager
from decimal import Decimal

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from clinics.tenancy import clinic_scope
from sessions.models import (
    CodedLine,
    Coding,
    ImportBatch,
    PracticeSet,
    Rating,
    ScoreResult,
    Segment,
    Transcript,
    Utterance,
    UtteranceCode,
)
from sessions.services.codings import AlreadyLocked, lock, lock_all
from tests.conftest import _built, become
from tests.sessions.invented import NOW, TALK, add_coding, add_transcript

TABLES = ("coding", "codedline", "utterancecode", "rating", "scoreresult", "utterance", "segment", "transcript")


class Locked:
    """A locked coding of a therapist's session, a draft beside it, and what stands under them."""

    def __init__(self, side):
        self.side = side
        self.segment = add_transcript(session=side.session)
        self.coding = lock(coding=add_coding(self.segment, coder=side.coder), by=side.coder, now=NOW)
        self.draft = add_coding(self.segment, coder=side.supervisor)
        self.other_segment = add_transcript(session=side.session)
        self.other_draft = add_coding(self.other_segment, coder=side.coder)
        self.transcript = self.segment.transcript
        self.line = Utterance.objects.filter(transcript=self.transcript).order_by("seq")[1]
        self.result = ScoreResult.objects.filter(coding=self.coding).order_by("id").first()


def changed(instance, **values):
    """Return an object with other values, as code that ignores the rules would have it."""
    for name, value in values.items():
        setattr(instance, name, value)
    return instance


def sql(text, *values):
    with connection.cursor() as cursor:
        cursor.execute(text, values)


def paths(it):
    """Return every way to change a locked coding, by name."""
    coding, draft, line = it.coding, it.draft, it.line
    codings = Coding.objects.filter(pk=coding.pk)
    codes = UtteranceCode.objects.filter(coding=coding)
    coded_lines = CodedLine.objects.filter(coding=coding)
    results = ScoreResult.objects.filter(coding=coding)
    code = codes.filter(utterance=line).first()
    clinic = coding.clinic_id
    table = "clinical_sessions_"
    rating = Rating(clinic_id=clinic, coding=coding, item_key="X", value=Decimal(3))
    return {
        # the coding itself
        "save": lambda: changed(Coding.objects.get(pk=coding.pk), coder_role="self").save(),
        "save back to draft": lambda: changed(Coding.objects.get(pk=coding.pk), state="draft", locked_at=None).save(),
        "save to submitted": lambda: changed(Coding.objects.get(pk=coding.pk), state="submitted", locked_at=None).save(),
        "save another lock time": lambda: changed(Coding.objects.get(pk=coding.pk), locked_at=NOW).save(
            update_fields=["locked_at"]
        ),
        "update": lambda: codings.update(coder_role="self"),
        "update by the unscoped manager": lambda: Coding.unscoped.filter(pk=coding.pk).update(version=9),
        "update by the base manager": lambda: Coding._base_manager.filter(pk=coding.pk).update(version=9),
        "bulk_update": lambda: Coding.objects.bulk_update([changed(coding, version=9)], ["version"]),
        "update_or_create": lambda: Coding.objects.update_or_create(pk=coding.pk, defaults={"version": 9}),
        "upsert": lambda: Coding.objects.bulk_create(
            [changed(Coding.objects.get(pk=coding.pk), version=9)],
            update_conflicts=True, unique_fields=["id"], update_fields=["version"],
        ),
        "delete": lambda: Coding.objects.get(pk=coding.pk).delete(),
        "delete by queryset": lambda: codings.delete(),
        "delete without the collector": lambda: codings._raw_delete(codings.db),
        "raw update": lambda: sql(f"update {table}coding set version = 9 where id = %s", coding.pk),
        "raw update that changes nothing": lambda: sql(f"update {table}coding set id = id where id = %s", coding.pk),
        "raw delete": lambda: sql(f"delete from {table}coding where id = %s", coding.pk),
        "raw merge": lambda: sql(
            f"merge into {table}coding c using (select %s::bigint as id) s on s.id = c.id "
            "when matched then update set version = 9",
            coding.pk,
        ),
        "insert one that is locked": lambda: Coding.objects.create(
            segment=it.segment, transcript=it.transcript, instrument=coding.instrument, external_coder="x",
            coder_role="coder", state="locked", locked_at=NOW, therapist=coding.therapist,
            service_on=coding.service_on,
        ),
        "lock without scores": lambda: Coding.objects.filter(pk=draft.pk).update(state="locked", locked_at=NOW),
        # codes
        "add a code": lambda: UtteranceCode.objects.create(
            clinic_id=clinic, coding=coding, utterance=line, slot="input", item_key="INPUT_ADVICE"
        ),
        "add codes in bulk": lambda: UtteranceCode.objects.bulk_create(
            [UtteranceCode(clinic_id=clinic, coding=coding, utterance=line, slot="input", item_key="INPUT_ADVICE")]
        ),
        "add codes by select": lambda: sql(
            f"insert into {table}utterancecode (clinic_id, coding_id, utterance_id, slot, item_key) "
            f"select clinic_id, coding_id, utterance_id, slot, 'X' from {table}utterancecode where coding_id = %s",
            coding.pk,
        ),
        "update codes": lambda: codes.update(slot="input"),
        "raw update of codes": lambda: sql(
            f"update {table}utterancecode set item_key = 'X' where coding_id = %s", coding.pk
        ),
        "move codes out": lambda: sql(
            f"update {table}utterancecode set coding_id = %s where coding_id = %s", it.other_draft.pk, coding.pk
        ),
        "move codes in": lambda: sql(
            f"update {table}utterancecode set coding_id = %s, item_key = 'X' where coding_id = %s", coding.pk, draft.pk
        ),
        "delete a code": lambda: code.delete(),
        "delete codes": lambda: codes.delete(),
        "raw delete of codes": lambda: sql(f"delete from {table}utterancecode where coding_id = %s", coding.pk),
        # lines as the coder saw them
        "update a coded line": lambda: coded_lines.update(breaks_volley=True),
        "delete coded lines": lambda: coded_lines.delete(),
        "move coded lines in": lambda: sql(
            f"update {table}codedline set coding_id = %s where coding_id = %s", coding.pk, it.other_draft.pk
        ),
        "add a coded line": lambda: CodedLine.objects.create(
            clinic_id=clinic, coding=coding, utterance=Utterance.objects.filter(transcript=it.other_segment.transcript)[0]
        ),
        # ratings
        "add a rating": lambda: rating.save(),
        "add ratings in bulk": lambda: Rating.objects.bulk_create([rating]),
        "move a rating in": lambda: (
            Rating.objects.create(coding=draft, item_key="X", value=3),
            Rating.objects.filter(coding=draft).update(coding=coding),
        ),
        # scores
        "change a score": lambda: results.update(value=1),
        "save a score": lambda: changed(ScoreResult.objects.get(pk=it.result.pk), band="good").save(),
        "bulk_update scores": lambda: ScoreResult.objects.bulk_update([changed(it.result, band="good")], ["band"]),
        "upsert scores": lambda: ScoreResult.objects.bulk_create(
            [changed(ScoreResult.objects.get(pk=it.result.pk), band="good")],
            update_conflicts=True, unique_fields=["id"], update_fields=["band"],
        ),
        "add a score": lambda: ScoreResult.objects.create(
            coding=coding, score_key="extra", value=1, band="none", engine_version="1"
        ),
        "delete scores": lambda: results.delete(),
        "raw delete of scores": lambda: sql(f"delete from {table}scoreresult where coding_id = %s", coding.pk),
        "move scores out": lambda: results.update(coding=draft),
        # the words under it
        "save a line": lambda: changed(Utterance.objects.get(pk=line.pk), text="Something else.").save(),
        "update lines": lambda: Utterance.objects.filter(pk=line.pk).update(speaker="client"),
        "bulk_update lines": lambda: Utterance.objects.bulk_update([changed(line, start_ms=5)], ["start_ms"]),
        "swap two lines": lambda: sql(
            f"update {table}utterance set seq = case seq when 0 then 90 else seq end where transcript_id = %s",
            it.transcript.pk,
        ),
        "add a line": lambda: Utterance.objects.create(
            transcript=it.transcript, seq=len(TALK), speaker="client", text="One more thing."
        ),
        "move a line out": lambda: Utterance.objects.filter(pk=line.pk).update(
            transcript=it.other_segment.transcript, seq=50
        ),
        "move a line in": lambda: Utterance.objects.filter(transcript=it.other_segment.transcript, seq=0).update(
            transcript=it.transcript, seq=50
        ),
        "delete a line": lambda: line.delete(),
        "delete lines": lambda: Utterance.objects.filter(transcript=it.transcript).delete(),
        "raw delete of lines": lambda: sql(f"delete from {table}utterance where transcript_id = %s", it.transcript.pk),
        "change a line under cover of key rotation": lambda: sql(
            f"select set_config('app.key_rotation', 'on', true); "
            f"update {table}utterance set start_ms = 5 where id = %s",
            line.pk,
        ),
        # segment and transcript
        "shorten the segment": lambda: Segment.objects.filter(pk=it.segment.pk).update(last_seq=1),
        "save the segment": lambda: changed(Segment.objects.get(pk=it.segment.pk), selection="self").save(),
        "move the segment": lambda: Segment.objects.filter(pk=it.segment.pk).update(
            transcript=it.other_segment.transcript
        ),
        "delete the segment": lambda: it.segment.delete(),
        "raw delete of the segment": lambda: sql(f"delete from {table}segment where id = %s", it.segment.pk),
        "delete the transcript": lambda: Transcript.objects.get(pk=it.transcript.pk).delete(),
        "raw delete of the transcript": lambda: sql(f"delete from {table}transcript where id = %s", it.transcript.pk),
        "move the transcript to the practice room": lambda: Transcript.objects.filter(pk=it.transcript.pk).update(
            session=None, practice_set=PracticeSet.objects.create(key="away", name="Away")
        ),
        "hide it in an import that was undone": lambda: Transcript.objects.filter(pk=it.transcript.pk).update(
            import_batch=ImportBatch.objects.create(file_name="x", file_hash="x", source_format="annomi", undone_at=NOW)
        ),
        # the instrument it was coded with
        "change the instrument": lambda: sql(
            "update clinics_instrumentversion set definition = '{}' where id = %s", coding.instrument_id
        ),
        "delete the instrument": lambda: sql("delete from clinics_instrumentversion where id = %s", coding.instrument_id),
        # around the triggers
        **{f"truncate {name}": (lambda name=name: sql(f"truncate {table}{name} cascade")) for name in TABLES},
        "switch triggers off for the session": lambda: sql("set local session_replication_role = replica"),
        # services
        "lock again": lambda: lock(coding=coding, by=it.side.coder, now=NOW),
        "lock again among others": lambda: lock_all(codings=[draft, coding], by=it.side.coder, now=NOW),
    }  # fmt: skip


def fingerprint(it):
    """Return everything the locked coding says."""
    return [
        sorted(map(str, model.objects.filter(**{key: value}).values_list(*fields)))
        for model, key, value, fields in (
            (Coding, "pk", it.coding.pk, [f.attname for f in Coding._meta.concrete_fields]),
            (UtteranceCode, "coding", it.coding, ["utterance_id", "slot", "item_key"]),
            (CodedLine, "coding", it.coding, ["utterance_id", "breaks_volley"]),
            (Rating, "coding", it.coding, ["item_key", "value"]),
            (ScoreResult, "coding", it.coding, [f.attname for f in ScoreResult._meta.concrete_fields]),
            (Utterance, "transcript", it.transcript, ["id", "seq", "speaker", "start_ms"]),
            (Segment, "pk", it.segment.pk, ["first_seq", "last_seq", "selection", "transcript_id"]),
            (Transcript, "pk", it.transcript.pk, ["session_id", "practice_set_id", "import_batch_id"]),
        )
    ]


def try_all(it):
    """Try every path, each in a savepoint; return how many, how many the triggers refused, and those left open."""
    before = fingerprint(it)
    tried, by_trigger, open_paths = 0, 0, []
    for name in paths(it):
        attempt = paths(it)[name]
        tried += 1
        try:
            with transaction.atomic():
                attempt()
                open_paths.append(name)
                transaction.set_rollback(True)
        except DatabaseError as error:
            by_trigger += getattr(error.__cause__, "sqlstate", "") == "EV001"
        except AlreadyLocked:
            pass
        it.coding.refresh_from_db()
        it.line = Utterance.objects.get(pk=it.line.pk)
    assert fingerprint(it) == before
    return tried, by_trigger, open_paths


@contextmanager
def as_owner():
    """Sign in as the role that owns the schema; whatever is done is rolled back."""
    become(settings.ENV.migration_database_url, owner=True)
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        become(settings.ENV.database_url, owner=False)


def test_no_path_of_the_application_changes_a_locked_coding(world):
    here = world.here
    with here.scope(here.coder):
        tried, by_trigger, open_paths = try_all(Locked(here))
    print(
        f"\nlocked codings: {tried} paths tried as clinic_app, {by_trigger} refused by triggers, {len(open_paths)} open"
    )
    assert open_paths == []
    assert tried >= 60


def test_no_path_of_the_owner_changes_a_locked_coding(request, django_db_blocker):
    request.getfixturevalue("django_db_setup")
    here = pickle.loads(_built[0]).here
    with django_db_blocker.unblock(), as_owner(), clinic_scope(here.clinic.pk):
        tried, by_trigger, open_paths = try_all(Locked(here))
    print(
        f"\nlocked codings: {tried} paths tried as clinic_owner, {by_trigger} refused by triggers, {len(open_paths)} open"
    )
    assert open_paths == []


def test_a_draft_can_still_be_changed(world):
    """The guard of the test above: the same statements pass on what is not locked."""
    here = world.here
    with here.scope(here.coder):
        segment = add_transcript(session=here.session)
        draft = add_coding(segment, coder=here.coder)
        assert UtteranceCode.objects.filter(coding=draft).update(slot="other") > 0
        assert CodedLine.objects.filter(coding=draft).update(breaks_volley=True) > 0
        assert Utterance.objects.filter(transcript=segment.transcript).update(start_ms=5) == len(TALK)
        assert Segment.objects.filter(pk=segment.pk).update(last_seq=3) == 1
        assert Coding.objects.filter(pk=draft.pk).update(coder_role="self") == 1
        draft.delete()
        assert not Coding.objects.filter(pk=draft.pk).exists()


@pytest.mark.parametrize("name", ["coding", "utterancecode", "scoreresult", "utterance"])
def test_another_draft_beside_a_locked_coding_goes_on(world, name):
    here = world.here
    with here.scope(here.coder):
        it = Locked(here)
        filters = {"coding": {"pk": it.draft.pk}, "utterance": {"transcript": it.other_segment.transcript}}
        model = {"coding": Coding, "utterancecode": UtteranceCode, "scoreresult": ScoreResult, "utterance": Utterance}[
            name
        ]
        rows = model.objects.filter(**filters.get(name, {"coding": it.draft}))
        if name == "utterance":
            assert rows.update(start_ms=7) == len(TALK)
        else:
            rows.delete()
            assert not rows.exists()

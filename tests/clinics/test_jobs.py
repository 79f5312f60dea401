"""The rules of promised work, one at a time; tests/jobs/ has the same with real workers."""

import time
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models.functions import Now

from clinics import jobs
from clinics.jobs import job_kind
from clinics.models import AuditEvent, Draft, IdempotencyKey, Job, Slot
from clinics.models.trail import ClockTimestamp
from clinics.services import jobs as job_services
from clinics.services import purging
from tests.jobs import kinds
from tests.world import Side, World


def promise(side: Side, kind: str = "tests.work", **args: Any) -> Job:
    with side.scope(side.administrator):
        return job_services.promise(kind=kind, label="A job", args={"ms": 0, **args}, by=side.administrator)


def run(side: Side, job: Job) -> Job:
    job_services.run(clinic_id=side.clinic.pk, job_id=job.pk)
    return fresh(side, job)


def fresh(side: Side, job: Job) -> Job:
    with side.scope():
        return Job.objects.get(pk=job.pk)


def make_due(side: Side, job: Job) -> None:
    with side.scope():
        Job.objects.filter(pk=job.pk).update(not_before=ClockTimestamp())


def effects(side: Side, job: Job) -> int:
    with side.scope():
        return AuditEvent.objects.filter(action="tests.effect", object_id=str(job.public_id)).count()


def waits_s(side: Side, job: Job) -> float:
    with side.scope():
        row = Job.objects.filter(pk=job.pk).annotate(clock=ClockTimestamp()).get()
    return float((row.not_before - row.clock).total_seconds())


# --- promising --------------------------------------------------------------------------------------------------


def test_a_promise_is_part_of_the_callers_transaction(world: World) -> None:
    with world.here.scope():
        before = Job.objects.count()
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            promise(world.here)
            raise ZeroDivisionError
        assert Job.objects.count() == before
    job = promise(world.here)
    with world.here.scope():
        assert AuditEvent.objects.filter(action="job.promised", object_id=str(job.public_id)).count() == 1


def test_a_promise_names_a_kind_that_somebody_does(world: World) -> None:
    with pytest.raises(jobs.UnknownKind):
        promise(world.here, kind="tests.nobody")


@pytest.mark.parametrize("value", ["Jordan Marsh", "a\nb", "x" * 201])
def test_arguments_are_references_only(world: World, value: str) -> None:
    with pytest.raises(job_services.NotAReference):
        promise(world.here, deep=[{"text": value}])


def test_a_kind_in_one_transaction_cannot_outlive_its_lease() -> None:
    with pytest.raises(ValueError, match="lease"):
        job_kind("tests.too_short", time_limit_s=10, lease_s=10)


def test_a_name_belongs_to_one_function() -> None:
    with pytest.raises(ValueError, match="Two functions"):
        job_kind("tests.work")(lambda job, progress: {})


# --- sending ----------------------------------------------------------------------------------------------------


@pytest.fixture
def queue() -> Any:
    """The queues of this worker, empty before and after: other tests send messages too."""

    def empty() -> None:
        with current_app.connection_for_write() as broker:
            for name in jobs.queue_names():
                broker.default_channel.client.delete(name)

    empty()
    yield
    empty()


def test_a_door_sends_after_the_commit_and_only_references(
    world: World, queue: None, django_capture_on_commit_callbacks: Any
) -> None:
    job = promise(world.here, kind="tests.parts")
    with django_capture_on_commit_callbacks(execute=True):
        with world.here.scope():
            jobs.send_soon(job)
        assert jobs.waiting_messages() == 0
    assert jobs.waiting_messages() == 1
    with current_app.connection_for_read() as broker:
        message = broker.default_channel.basic_get("default")
    assert message.decode()[1] == {"clinic_id": world.here.clinic.pk, "job_id": job.pk}
    assert message.headers["timelimit"][0] == 30


def test_a_broker_that_is_away_fails_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(current_app, "_pool", None)
    monkeypatch.setattr(current_app.amqp, "_producer_pool", None)
    job = promise(world.here)
    with django_capture_on_commit_callbacks(execute=True):
        jobs.send_soon(job)
    assert fresh(world.here, job).state == Job.State.NEW


def test_the_sweeper_sends_what_is_due_oldest_first(world: World, queue: None, monkeypatch: pytest.MonkeyPatch) -> None:
    newer, older, later = (promise(world.here) for _job in range(3))
    foreign = promise(world.neighbour)
    with world.here.scope():
        Job.objects.filter(pk=older.pk).update(not_before=Now() - timedelta(hours=1))
        Job.objects.filter(pk=newer.pk).update(not_before=Now() - timedelta(minutes=1))
        Job.objects.filter(pk=later.pk).update(not_before=Now() + timedelta(minutes=1))
    with world.neighbour.scope():
        Job.objects.filter(pk=foreign.pk).update(not_before=Now() - timedelta(minutes=30))
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr(jobs, "send", lambda clinic_id, job_id, kind: sent.append((clinic_id, job_id)))
    assert job_services.sweep() == 3
    here, neighbour = world.here.clinic.pk, world.neighbour.clinic.pk
    assert sent == [(here, older.pk), (neighbour, foreign.pk), (here, newer.pk)]


def test_the_sweeper_leaves_a_full_queue_alone(world: World, queue: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for _job in range(4):
        promise(world.here)
    monkeypatch.setattr(job_services, "MAX_WAITING_MESSAGES", 3)
    assert job_services.sweep() == 3
    assert jobs.waiting_messages() == 3
    assert job_services.sweep() == 0


# --- doing ------------------------------------------------------------------------------------------------------


def test_a_job_is_done_once_however_often_it_is_sent(world: World) -> None:
    job = promise(world.here)
    assert run(world.here, job).state == Job.State.DONE
    again = run(world.here, job)
    assert (again.attempts, again.result, effects(world.here, job)) == (1, {"did": 1}, 1)


def test_a_claim_keeps_others_out_until_its_lease_ends_and_doubles(world: World) -> None:
    job = promise(world.here, kind="tests.refuse")
    for attempt, lease_s in ((1, 660), (2, 1320), (3, 2640)):
        claimed = job_services._claim(world.here.clinic.pk, job.pk)
        assert claimed is not None
        assert fresh(world.here, job).attempts == attempt
        assert lease_s - 5 < waits_s(world.here, job) <= lease_s
        assert job_services._claim(world.here.clinic.pk, job.pk) is None
        make_due(world.here, job)


def test_a_worker_that_was_overtaken_changes_nothing(world: World) -> None:
    job = promise(world.here)
    first = job_services._claim(world.here.clinic.pk, job.pk)
    make_due(world.here, job)
    second = job_services._claim(world.here.clinic.pk, job.pk)
    assert first is not None
    assert second is not None
    kind = jobs.kind_named("tests.work")
    with pytest.raises(jobs.LostClaim):
        job_services._do_at_once(kind, first)
    job_services._do_at_once(kind, second)
    assert effects(world.here, job) == 1


def test_a_failure_leaves_class_and_no_text_and_nothing_of_its_work(world: World, caplog: Any) -> None:
    job = promise(world.here, kind="tests.raise")
    failed = run(world.here, job)
    assert (failed.state, failed.last_error, effects(world.here, job)) == (Job.State.NEW, "ValueError", 0)
    assert kinds.CANARY not in caplog.text
    assert -1 < waits_s(world.here, job) <= 0.2


def test_a_database_error_leaves_its_sqlstate(world: World) -> None:
    @job_kind("tests.sql")
    def _divide(job: Job, progress: jobs.Progress) -> dict[str, Any]:
        with connection.cursor() as cursor:
            cursor.execute("select 1 / 0")
        return {}

    job = promise(world.here, kind="tests.sql")
    assert run(world.here, job).last_error == "DataError 22012"
    assert 25 < waits_s(world.here, job) <= 30
    make_due(world.here, job)
    run(world.here, job)
    assert 55 < waits_s(world.here, job) <= 60


def test_after_five_attempts_a_job_is_given_up_and_the_trail_says_so(world: World) -> None:
    job = promise(world.here, kind="tests.raise")
    for _attempt in range(5):
        make_due(world.here, job)
        run(world.here, job)
    dead = fresh(world.here, job)
    assert (dead.state, dead.attempts, dead.last_error) == (Job.State.DEAD, 5, "ValueError")
    with world.here.scope():
        event = AuditEvent.objects.get(action="job.stopped", object_id=str(job.public_id))
    assert event.detail == {"kind": "tests.raise", "attempts": 5, "reason": "ValueError"}


def test_a_job_whose_workers_died_five_times_is_given_up_unrun(world: World) -> None:
    job = promise(world.here)
    with world.here.scope():
        Job.objects.filter(pk=job.pk).update(attempts=5)
    dead = run(world.here, job)
    assert (dead.state, dead.last_error, effects(world.here, job)) == (Job.State.DEAD, "WorkerLost", 0)


def test_a_refusal_is_not_tried_again(world: World) -> None:
    job = run(world.here, promise(world.here, kind="tests.refuse"))
    assert (job.state, job.attempts, job.last_error) == (Job.State.DEAD, 1, "NothingToDo")
    assert jobs.refusal_sentence("NothingToDo") == "The file holds no rows. Choose another."


def test_a_stopped_job_can_be_tried_again_and_only_that(world: World) -> None:
    job = run(world.here, promise(world.here, kind="tests.refuse"))
    with world.here.scope():
        again = job_services.try_again(job=job, by=world.here.administrator)
        assert (again.state, again.attempts, again.finished_at) == (Job.State.NEW, 0, None)
        with pytest.raises(job_services.NotStopped):
            job_services.try_again(job=job, by=world.here.administrator)


def test_a_job_in_parts_goes_on_after_its_last_part_and_renews_its_lease(world: World) -> None:
    job = promise(world.here, kind="tests.parts")
    claimed = job_services._claim(world.here.clinic.pk, job.pk)
    assert claimed is not None
    progress = jobs.Progress(claimed, jobs.kind_named("tests.parts"))
    for _part in range(3):
        make_due(world.here, job)
        with progress.part() as row:
            row.result["parts"] = row.result.get("parts", 0) + 1
    assert 1 < waits_s(world.here, job) <= 2
    make_due(world.here, job)
    done = run(world.here, job)
    with world.here.scope():
        events = AuditEvent.objects.filter(action="tests.part").order_by("id").values_list("detail", flat=True)
        assert [detail["part"] for detail in events] == list(range(3, kinds.PARTS))
    assert (done.state, done.progress_done, done.progress_total) == (Job.State.DONE, kinds.PARTS, kinds.PARTS)
    with pytest.raises(jobs.LostClaim), progress.part():
        pass


def test_progress_is_seen_while_the_work_is_not_yet_committed(world: World) -> None:
    job = promise(world.here)
    claimed = job_services._claim(world.here.clinic.pk, job.pk)
    assert claimed is not None
    jobs.Progress(claimed, jobs.kind_named("tests.work"))(40, 80)
    assert jobs.progress_of(fresh(world.here, job)) == (40, 80)
    cache.clear()
    assert jobs.progress_of(fresh(world.here, job)) == (0, None)


def test_a_wrong_clock_of_the_machine_changes_no_lease(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    real = time.time
    for minutes in (-10, 10):
        job = promise(world.here, kind="tests.refuse")
        monkeypatch.setattr(time, "time", lambda off=minutes: real() + off * 60)
        assert job_services._claim(world.here.clinic.pk, job.pk) is not None
        assert 655 < waits_s(world.here, job) <= 660
        assert job_services._claim(world.here.clinic.pk, job.pk) is None


# --- beat -------------------------------------------------------------------------------------------------------


def test_a_slot_lets_one_tick_through(db: None) -> None:
    assert [jobs.with_slot("tests.hourly", 3600) for _tick in range(3)] == [True, False, False]
    assert jobs.with_slot("tests.other", 3600)


# What touches no clinic's rows itself, or enters each clinic in turn.
# --- purging ----------------------------------------------------------------------------------------------------


def test_drafts_and_answered_posts_go_by_age_and_only_here(world: World) -> None:
    for side in (world.here, world.neighbour):
        with side.scope():
            for key, age in (("old", 31), ("young", 29)):
                draft = Draft.objects.create(user=side.therapist, key=f"note:{key}", body="words")
                Draft.objects.filter(pk=draft.pk).update(saved_at=Now() - timedelta(days=age))
                post = IdempotencyKey.objects.create(user=side.therapist, key=key, route="tests", body_hash=b"x")
                IdempotencyKey.objects.filter(pk=post.pk).update(
                    created_at=Now() - timedelta(hours=25 if key == "old" else 23)
                )
    with world.here.scope():
        purging.purge_clinic()
        assert list(Draft.objects.filter(key__startswith="note:").values_list("key", flat=True)) == ["note:young"]
        assert list(IdempotencyKey.objects.filter(route="tests").values_list("key", flat=True)) == ["young"]
    with world.neighbour.scope():
        assert Draft.objects.filter(key__startswith="note:").count() == 2
        assert IdempotencyKey.objects.filter(route="tests").count() == 2


def test_expired_sign_ins_and_old_slots_go(world: World, client: Any) -> None:
    client.force_login(world.here.therapist)
    kept = client.session.session_key
    other = type(client)()
    other.force_login(world.here.therapist)
    session = other.session
    session.set_expiry(-60)
    session.save()
    assert purging.purge_sign_ins() == 1
    assert client.session.exists(kept)
    Slot.objects.create(name="tests.old", slot_at=Now() - timedelta(days=8))
    Slot.objects.create(name="tests.new", slot_at=Now() - timedelta(days=6))
    assert purging.purge_slots() == 1

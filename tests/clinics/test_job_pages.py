"""Pages of promised work."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from clinics import jobs
from clinics.models import AuditEvent, Job
from clinics.services import jobs as job_services
from clinics.views.jobs import reason_in_words
from tests.clinics.test_jobs import make_due, promise, run
from tests.jobs import kinds
from tests.world import Side, World


def sign_in(client: Client, side: Side) -> Client:
    client.force_login(side.administrator)
    return client


def page(client: Client, side: Side, job: Job, **headers: str) -> Any:
    return client.get(reverse("job_detail", args=[side.clinic.slug, job.public_id]), headers=headers)


def test_the_list_shows_this_clinics_jobs_newest_first(world: World, client: Client) -> None:
    for label in ("First", "Second"):
        with world.here.scope():
            job_services.promise(kind="tests.work", label=label, by=None)
    with world.neighbour.scope():
        job_services.promise(kind="tests.work", label="The neighbour's", by=None)
    answer = sign_in(client, world.here).get(reverse("job_list", args=["riverbend"]))
    text = answer.content.decode()
    assert text.index("Second") < text.index("First")
    assert "The neighbour" not in text


def test_the_list_can_show_only_what_stopped(world: World, client: Client) -> None:
    promise(world.here)
    stopped = run(world.here, promise(world.here, kind="tests.refuse"))
    answer = sign_in(client, world.here).get(reverse("job_list", args=["riverbend"]), {"show": "stopped"})
    rows = answer.context["rows"]
    assert f"job-{stopped.public_id}" in [row.id for row in rows]
    assert {row.state for row in rows} == {"failed"}


@pytest.mark.parametrize("role", ["coordinator", "therapist", "privacy_officer"])
def test_who_may_not_see_jobs_is_refused(world: World, client: Client, role: str) -> None:
    job = promise(world.here)
    client.force_login(getattr(world.here, role))
    assert client.get(reverse("job_list", args=["riverbend"])).status_code == 403
    assert page(client, world.here, job).status_code == 404


def test_a_running_job_shows_how_far_it_is_and_asks_again(world: World, client: Client) -> None:
    job = promise(world.here)
    claimed = job_services._claim(world.here.clinic.pk, job.pk)
    assert claimed is not None
    jobs.Progress(claimed, jobs.kind_named("tests.work"))(3120, 6983)
    text = page(sign_in(client, world.here), world.here, job).content.decode()
    assert "3,120 of 6,983" in text
    assert '<progress max="6983" value="3120"' in text
    assert "every 1s" in text


def test_a_poll_gets_the_row_alone_and_the_last_one_carries_no_trigger(world: World, client: Client) -> None:
    job = promise(world.here)
    sign_in(client, world.here)
    waiting = page(client, world.here, job, **{"HX-Request": "true"}).content.decode()
    assert waiting.lstrip().startswith('<li class="job"')
    assert 'hx-headers=\'{"X-Passive": "1"}\'' in waiting
    run(world.here, job)
    assert "hx-" not in page(client, world.here, job, **{"HX-Request": "true"}).content.decode()


def test_polling_does_not_lengthen_a_sign_in(world: World, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    job = promise(world.here)
    sign_in(client, world.here)
    page(client, world.here, job)
    session = client.session
    began = session["login_seen"]
    session["login_seen"] = began - 600
    session.save()
    page(client, world.here, job, **{"HX-Request": "true", "X-Passive": "1"})
    assert client.session["login_seen"] == began - 600
    page(client, world.here, job)
    assert client.session["login_seen"] >= began


def test_a_job_that_waits_for_its_next_try_is_not_polled_and_says_when(world: World, client: Client) -> None:
    job = run(world.here, promise(world.here, kind="tests.raise"))
    with world.here.scope():
        Job.objects.filter(pk=job.pk).update(not_before=Now() + timedelta(minutes=9))
    answer = page(sign_in(client, world.here), world.here, job)
    row = answer.context["row"]
    assert (row.state, row.poll_url) == ("queued", "")
    assert row.state_label.startswith("Trying again ")
    assert kinds.CANARY not in answer.content.decode()


def test_a_stopped_job_says_why_and_can_be_tried_again(
    world: World, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    job = run(world.here, promise(world.here, kind="tests.refuse"))
    sign_in(client, world.here)
    assert "The file holds no rows. Choose another." in page(client, world.here, job).content.decode()
    address = reverse("job_retry", args=["riverbend", job.public_id])
    assert client.get(address).status_code == 405
    with django_capture_on_commit_callbacks() as callbacks:
        assert client.post(address, follow=True).status_code == 200
    assert len(callbacks) == 1
    with world.here.scope():
        assert Job.objects.get(pk=job.pk).state == Job.State.NEW
        assert AuditEvent.objects.get(action="job.retried").actor_id == world.here.administrator.pk
    again = client.post(address, follow=True)
    assert "Only a job that has stopped can be tried again." in again.content.decode()


def test_a_job_of_the_neighbour_is_not_there(world: World, client: Client) -> None:
    foreign = run(world.neighbour, promise(world.neighbour, kind="tests.refuse"))
    sign_in(client, world.here)
    for address in ("job_detail", "job_retry"):
        url = reverse(address, args=["riverbend", foreign.public_id])
        assert (client.post if address == "job_retry" else client.get)(url).status_code == 404
    make_due(world.neighbour, foreign)
    with world.neighbour.scope():
        assert Job.objects.get(pk=foreign.pk).state == Job.State.DEAD


def test_a_result_is_shown_as_numbers(world: World, client: Client) -> None:
    job = run(world.here, promise(world.here, kind="tests.parts"))
    answer = page(sign_in(client, world.here), world.here, job)
    assert answer.context["result"] == [("parts", kinds.PARTS)]


def test_reasons_are_sentences() -> None:
    assert reason_in_words("WorkerLost") == "The program that did it was ended in the middle."
    assert reason_in_words("DataError 22012").startswith("Something went wrong inside Evoke (DataError 22012).")
    assert reason_in_words("") == ""

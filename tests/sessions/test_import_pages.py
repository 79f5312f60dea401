"""Importing transcripts from the page: by a job, once, with what is wrong said by row."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from clinics.models import Job
from clinics.services import jobs as job_services
from sessions.models import ImportBatch, ImportUpload, ImportUploadPart, Transcript
from sessions.services import uploads
from tests.sessions.invented import NOW, as_csv, rows_of
from tests.sessions.test_import import run
from tests.sessions.transcript_pages import text_of, url

# --- importing from the page --------------------------------------------------------------------------------------


def post_file(client, data, name="talk.csv", **more):
    form = client.get(url("transcript_import")).content.decode()
    key = re.search(r'name="repeat_key" value="([^"]+)"', form).group(1)
    return client.post(
        url("transcript_import"),
        {"source_format": "annomi", "file": SimpleUploadedFile(name, data), "repeat_key": key, **more},
    )


def work(side):
    """Do the import jobs that wait, as a worker does."""
    with side.scope():
        waiting = list(Job.objects.filter(kind=uploads.IMPORT_JOB, state=Job.State.NEW, made_by__isnull=False))
    for job in waiting:
        job_services.run(clinic_id=side.clinic.pk, job_id=job.pk)


def test_an_uploaded_file_is_imported_by_a_job_and_dropped(world, client):
    client.force_login(world.here.coder)
    response = post_file(client, as_csv(rows_of("12")))
    assert response.status_code == 302
    with world.here.scope():
        part = ImportUploadPart.objects.filter(upload__file_name="talk.csv").values_list("content", flat=True).get()
        assert b"two minds" not in bytes(part)
    waiting = client.get(response["Location"])
    assert "Waiting for a worker" in text_of(waiting)
    assert 'hx-trigger="every 1s"' in waiting.content.decode()
    work(world.here)
    done = client.get(response["Location"], headers={"HX-Request": "true"})
    assert "hx-trigger" not in done.content.decode()
    assert "1 transcript came into the practice room." in done.content.decode()
    with world.here.scope():
        assert Transcript.objects.filter(practice_set__key="annomi").count() == 1
        batch = ImportBatch.objects.latest("id")
        assert (batch.file_name, batch.imported_by) == ("talk.csv", world.here.coder)
        assert not ImportUpload.objects.filter(file_name="talk.csv").exists()
    report = client.get(url("import_detail", batch.public_id))
    assert "1 transcript came into the practice room." in text_of(report)


def test_a_file_with_errors_is_refused_with_its_rows(world, client):
    rows = rows_of()
    rows[1]["question_subtype"] = "leading"
    client.force_login(world.here.coder)
    response = post_file(client, as_csv(rows))
    work(world.here)
    words = text_of(client.get(response["Location"]))
    assert "Nothing was imported: the file has 1 error." in words
    assert "row 3, column question_subtype Here stands &#x27;leading&#x27;. Write open or closed." in words
    with world.here.scope():
        assert not Transcript.objects.filter(practice_set__key="annomi").exists()


def test_only_checking_and_leaving_out_are_passed_on(world, client):
    rows = rows_of("1")
    rows[1]["question_subtype"] = "leading"
    data = as_csv([*rows, *rows_of("2")])
    client.force_login(world.here.coder)
    checked = post_file(client, data, dry_run="on", skip_bad_rows="on")
    work(world.here)
    assert "This file can be imported. Nothing was written." in text_of(client.get(checked["Location"]))
    done = post_file(client, data, skip_bad_rows="on")
    work(world.here)
    words = text_of(client.get(done["Location"]))
    assert "1 transcript came into the practice room." in words
    assert "Transcript 1 was left out." in words


def test_the_same_post_twice_promises_one_job(world, client):
    client.force_login(world.here.coder)
    form = client.get(url("transcript_import")).content.decode()
    key = re.search(r'name="repeat_key" value="([^"]+)"', form).group(1)
    with world.here.scope():
        before = Job.objects.count()
    answers = [
        client.post(
            url("transcript_import"),
            {
                "source_format": "annomi", "file": SimpleUploadedFile("talk.csv", as_csv(rows_of())),
                "repeat_key": key,
            },
        )["Location"]
        for _time in range(2)
    ]  # fmt: skip
    assert answers[0] == answers[1]
    with world.here.scope():
        assert Job.objects.count() == before + 1


@pytest.mark.parametrize(("data", "sentence"), [(b"", "The file is empty. Choose another."), (None, "Choose a file.")])
def test_a_form_without_a_file_is_answered_with_422(world, client, data, sentence):
    client.force_login(world.here.coder)
    form = client.get(url("transcript_import")).content.decode()
    key = re.search(r'name="repeat_key" value="([^"]+)"', form).group(1)
    files = {} if data is None else {"file": SimpleUploadedFile("talk.csv", data)}
    response = client.post(url("transcript_import"), {"source_format": "annomi", "repeat_key": key, **files})
    assert response.status_code == 422
    assert sentence in response.content.decode()


def test_a_file_over_the_limit_is_refused_and_nothing_is_kept(world, client, monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST", 100)
    client.force_login(world.here.coder)
    response = post_file(client, as_csv(rows_of()))
    assert response.status_code == 422
    with world.here.scope():
        assert not ImportUpload.objects.filter(file_name="talk.csv").exists()
        with pytest.raises(uploads.TooLarge):
            uploads.store_upload(
                clinic=world.here.clinic, chunks=[b"x" * 60, b"x" * 60], file_name="x", source_format="annomi",
                by=world.here.coder, now=NOW,
            )  # fmt: skip


def test_an_upload_is_read_back_byte_for_byte(world, monkeypatch):
    monkeypatch.setattr(uploads, "PART_BYTES", 1000)
    data = as_csv([*rows_of(), *rows_of("2")])
    chunks = [data[at : at + 777] for at in range(0, len(data), 777)]
    with world.here.scope():
        upload = uploads.store_upload(
            clinic=world.here.clinic, chunks=chunks, file_name="x", source_format="annomi", by=world.here.coder, now=NOW
        )
        assert ImportUploadPart.objects.filter(upload=upload).count() == -(-len(data) // 1000)
        with uploads.open_upload(upload) as stream:
            assert stream.read() == data
        with uploads.open_upload(upload) as stream:
            assert b"".join(iter(lambda: stream.readline(50), b"")) == data


def test_an_upload_that_is_gone_gives_the_job_up_with_a_sentence(world, client):
    client.force_login(world.here.coder)
    response = post_file(client, as_csv(rows_of()))
    with world.here.scope():
        for upload in ImportUpload.objects.filter(file_name="talk.csv"):
            uploads.drop_upload(upload=upload)
    work(world.here)
    assert "The uploaded file is no longer here." in text_of(client.get(response["Location"]))


def test_an_import_is_undone_from_the_page(world, client):
    batch = run(world.here, as_csv(rows_of())).batch
    client.force_login(world.here.administrator)
    address = url("import_undo", batch.public_id)
    assert "1 transcript, 1 coding." in text_of(client.get(address))
    response = client.post(address, follow=True)
    assert "This import was undone" in text_of(response)
    with world.here.scope():
        assert not Transcript.objects.filter(practice_set__key="annomi").exists()
    assert client.post(address).status_code == 409


@pytest.mark.parametrize("person", ["therapist", "coordinator", "privacy_officer", "supervisor"])
def test_importing_is_for_coders_and_administrators(world, client, person):
    batch = run(world.here, as_csv(rows_of())).batch
    client.force_login(getattr(world.here, person))
    assert client.get(url("transcript_import")).status_code == 403
    assert client.get(url("import_detail", batch.public_id)).status_code == 403
    assert client.post(url("import_undo", batch.public_id)).status_code == 404
    with world.here.scope():
        batch.refresh_from_db()
        assert batch.undone_at is None

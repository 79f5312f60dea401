"""A clinic's instruments: adopted, uploaded, published for good, retired, banded."""

from fractions import Fraction

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.urls import reverse

from clinics.instruments import catalogue
from clinics.instruments.problems import DefinitionError
from clinics.instruments.schema import definition_from_json, definition_hash, definition_to_json, parse_definition
from clinics.instruments.toml_text import toml_text
from clinics.models import AuditEvent, InstrumentVersion, ThresholdSet
from clinics.selectors.instruments import definition_of, exact_text, read_thresholds, stored_thresholds
from clinics.services import instruments, people
from clinics.tenancy import clinic_scope
from tests.world import NOW

OWN = """
key = "warmth"
version = "1"
name = "Warmth"
modality = "other"
licence_class = "clinic_supplied"
attribution = "Ours."
comparability_group = "warmth"

[[groups]]
key = "globals"
label = "Globals"
kind = "global"
scale = { min = 1, max = 5, start = 3 }
[[groups.items]]
key = "WARM"
label = "Warmth"
definition = "How warm it felt."

[[scores]]
key = "warmth"
label = "Warmth"
expr = { mean = [{ item = "WARM" }] }
display = { dp = 1 }
pool = "mean"

[[threshold_sets]]
key = "ours"
label = "Ours"
source = "Agreed in the team"
caveat = "Ours alone."
official = true
[[threshold_sets.thresholds]]
score = "warmth"
fair = "2.5"
good = 4

[[vectors]]
key = "one"
ratings = { WARM = 4 }
[vectors.expect]
warmth = { value = 4, band = "good" }
"""


def upload(side, text=OWN, name="warmth-1.toml"):
    return instruments.store_upload(
        clinic=side.clinic, source=text.encode(), file_name=name, by=side.administrator, now=NOW
    )


def test_a_new_clinic_has_every_shipped_instrument_published(db):
    clinic = people.create_clinic(slug="new", name="New", initials="N", reference_prefix="NW")
    with clinic_scope(clinic.pk):
        held = {(row.key, row.instrument_version): row for row in InstrumentVersion.objects.all()}
        assert set(held) == set(catalogue.shipped())
        assert {row.status for row in held.values()} == {"published"}
        for names, row in held.items():
            assert definition_of(row) == catalogue.find(*names)
            assert row.definition_hash == definition_hash(row.definition)
        miti = ThresholdSet.objects.get(instrument=held["miti", "4.2.1"])
        assert (miti.in_force, miti.is_official) == (True, True)
        assert miti.thresholds["pct_cr"] == {"fair": "0.4", "good": "0.5"}
        assert not ThresholdSet.objects.filter(instrument=held["annomi", "1"]).exists()


def test_adopting_twice_changes_nothing(world):
    here = world.here
    with here.scope():
        before = InstrumentVersion.objects.get(key="miti")
        again = instruments.adopt_shipped(
            clinic=here.clinic, key="miti", version="4.2.1", by=here.administrator, now=NOW
        )
        assert again.pk == before.pk
        assert InstrumentVersion.objects.filter(key="miti").count() == 1
        with pytest.raises(catalogue.UnknownInstrument):
            instruments.adopt_shipped(clinic=here.clinic, key="bogus", version="1", by=None, now=NOW)


def test_an_upload_is_a_draft_until_it_is_published_for_good(world):
    here = world.here
    with here.scope(here.administrator):
        draft = upload(here)
        assert (draft.status, draft.origin, draft.kind) == ("draft", "clinic", "fidelity")
        assert not ThresholdSet.objects.filter(instrument=draft).exists()
        again = upload(here, OWN.replace('name = "Warmth"', 'name = "Warmth of a talk"'))
        assert again.pk == draft.pk
        row = instruments.publish(instrument=again, by=here.administrator, now=NOW)
        assert (row.status, row.published_by, row.published_at) == ("published", here.administrator, NOW)
        held = ThresholdSet.objects.get(instrument=row)
        assert (held.in_force, held.thresholds) == (True, {"warmth": {"fair": "2.5", "good": "4"}})
        with pytest.raises(instruments.NotADraft):
            instruments.publish(instrument=row, by=here.administrator, now=NOW)
        with pytest.raises(DefinitionError, match="published and never changes"):
            upload(here)
        second = upload(here, OWN.replace('version = "1"', 'version = "2"'), "warmth-2.toml")
        assert second.pk != row.pk
        actions = AuditEvent.objects.filter(object_type="clinics.instrumentversion").values_list("action", flat=True)
        assert [one for one in actions.order_by("id") if one != "row.update"][-4:] == [
            "instrument.uploaded", "instrument.uploaded", "instrument.published", "instrument.uploaded",
        ]  # fmt: skip


PROBLEMS = {
    "a cycle": ('expr = { mean = [{ item = "WARM" }] }', 'expr = { sum = [{ score = "warmth" }] }', "scores"),
    "an unknown item": ('{ item = "WARM" }', '{ item = "COLD" }', "scores[0]"),
    "an unknown key": ('modality = "other"', 'modality = "other"\ncolour = "red"', "colour"),
    "a wrong vector": ("value = 4, band", "value = 5, band", "vectors"),
    "no TOML": ('key = "warmth"', "key = = warmth", ""),
    "a long source": ('source = "Agreed in the team"', f'source = "{"x" * 201}"', "threshold_sets[0].source"),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_wrong_definition_is_refused_with_file_key_and_mend(world, name):
    old, new, key = PROBLEMS[name]
    here = world.here
    with here.scope(here.administrator):
        before = InstrumentVersion.objects.count()
        with pytest.raises(DefinitionError) as error:
            upload(here, OWN.replace(old, new, 1))
        assert InstrumentVersion.objects.count() == before
    problems = error.value.problems
    assert all(one.file == "warmth-1.toml" and one.message and one.mend for one in problems)
    assert any(one.key.startswith(key) for one in problems)


def test_every_problem_of_a_file_is_listed(world):
    text = OWN.replace('modality = "other"', 'modality = "tea"').replace('pool = "mean"', 'pool = "lake"')
    with world.here.scope(), pytest.raises(DefinitionError) as error:
        upload(world.here, text)
    assert {one.key for one in error.value.problems} >= {"modality", "scores[0].pool"}


def test_a_published_definition_and_a_threshold_set_never_change(world):
    with world.here.scope():
        miti = InstrumentVersion.objects.filter(key="miti")
        sets = ThresholdSet.objects.filter(instrument__key="miti")
        refused = 0
        for attempt in (
            lambda: miti.update(definition={}),
            lambda: miti.update(name="Other"),
            lambda: miti.update(status="draft", published_at=None),
            lambda: miti.delete(),
            lambda: sets.update(thresholds={}),
            lambda: sets.update(label="Other"),
            lambda: sets.delete(),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                attempt()
            refused += 1
    assert refused == 7


def test_retire_and_discard(world):
    here = world.here
    with here.scope(here.administrator):
        draft = upload(here)
        with pytest.raises(instruments.NotPublished):
            instruments.retire(instrument=draft, by=here.administrator, now=NOW)
        row = instruments.publish(instrument=draft, by=here.administrator, now=NOW)
        with pytest.raises(instruments.NotADraft, match="Retire it instead"):
            instruments.discard(instrument=row, by=here.administrator)
        retired = instruments.retire(instrument=row, by=here.administrator, now=NOW)
        assert (retired.status, retired.retired_at) == ("retired", NOW)
        with pytest.raises(instruments.NotPublished):
            instruments.retire(instrument=retired, by=here.administrator, now=NOW)
        second = upload(here, OWN.replace('version = "1"', 'version = "2"'), "warmth-2.toml")
        instruments.discard(instrument=second, by=here.administrator)
        assert not InstrumentVersion.objects.filter(key="warmth", instrument_version="2").exists()


def test_one_set_at_a_time_is_in_force(world):
    here = world.here
    with here.scope(here.administrator):
        miti = InstrumentVersion.objects.get(key="miti")
        own = instruments.add_threshold_set(
            instrument=miti, key="own", label="Own", source="Team",
            thresholds={"pct_cr": (Fraction(1, 3), Fraction(1, 2)), "r_to_q": (None, None)}, by=here.administrator,
        )  # fmt: skip
        assert own.thresholds == {"pct_cr": {"fair": "1/3", "good": "0.5"}}
        assert not own.in_force
        instruments.put_in_force(threshold_set=own, by=here.administrator, now=NOW)
        instruments.put_in_force(threshold_set=own, by=here.administrator, now=NOW)
        assert list(ThresholdSet.objects.filter(instrument=miti, in_force=True)) == [own]


@pytest.mark.parametrize(
    ("thresholds", "sentence"),
    [
        ({"bogus": (1, 2)}, "has no score bogus"),
        ({"r_to_q": (Fraction(3), Fraction(2))}, "basic is above proficient"),
        ({"r_to_q": (None, None)}, "has no value"),
    ],
)
def test_wrong_thresholds_are_refused(world, thresholds, sentence):
    with world.here.scope():
        miti = InstrumentVersion.objects.get(key="miti")
        with pytest.raises(instruments.BadThresholds, match=sentence):
            instruments.add_threshold_set(
                instrument=miti, key="own", label="Own", source="Team", thresholds=thresholds, by=None
            )


def test_thresholds_survive_storing_exactly():
    for definition in catalogue.shipped().values():
        for one in definition.threshold_sets:
            assert read_thresholds(stored_thresholds(one.thresholds)) == one.thresholds
    assert (exact_text(Fraction(2, 5)), exact_text(Fraction(1, 3))) == ("0.4", "1/3")


@pytest.mark.parametrize("names", list(catalogue.shipped()))
def test_a_definition_written_as_toml_is_the_same_again(names):
    definition = catalogue.find(*names)
    document = definition_to_json(definition)
    again = parse_definition(toml_text(document), "again.toml")
    assert again == definition
    assert definition_hash(definition_to_json(again)) == definition_hash(document)
    assert definition_from_json(document, "stored") == definition


def test_toml_keeps_odd_text():
    text = 'Quotes " and \\ and \x7f, é, 日本, a\ttab'
    document = definition_to_json(parse_definition(OWN, "own.toml")) | {"attribution": text}
    assert parse_definition(toml_text(document), "odd.toml").attribution == text


# --- pages --------------------------------------------------------------------------------------------------------


def url(name, *args):
    return reverse(name, args=["riverbend", *args])


def test_an_administrator_uploads_looks_publishes_and_retires(world, client):
    client.force_login(world.here.administrator)
    file = SimpleUploadedFile("warmth-1.toml", OWN.encode())
    page = client.post(url("instrument_upload"), {"file": file}, follow=True)
    assert "kept as a draft" in page.content.decode()
    with world.here.scope():
        row = InstrumentVersion.objects.get(key="warmth")
    page = client.post(url("instrument_publish", row.public_id), follow=True).content.decode()
    assert "It never changes from now on." in page
    assert "Agreed in the team" in page
    again = client.post(url("instrument_publish", row.public_id), follow=True).content.decode()
    assert "is published already. Upload another version." in again
    download = client.get(url("instrument_download", row.public_id))
    assert download["Content-Disposition"] == 'attachment; filename="warmth-1.toml"'
    assert parse_definition(download.content, "x").key == "warmth"
    client.post(url("instrument_retire", row.public_id))
    with world.here.scope():
        row.refresh_from_db()
        assert row.status == "retired"


def test_a_wrong_upload_lists_every_problem_with_422(world, client):
    client.force_login(world.here.administrator)
    text = OWN.replace('modality = "other"', 'modality = "tea"').replace('pool = "mean"', 'pool = "lake"')
    response = client.post(url("instrument_upload"), {"file": SimpleUploadedFile("warmth-1.toml", text.encode())})
    page = response.content.decode()
    assert response.status_code == 422
    assert "<code>modality</code>" in page
    assert "<code>scores[0].pool</code>" in page
    huge = SimpleUploadedFile("huge.toml", b"#" * 1_000_000)
    response = client.post(url("instrument_upload"), {"file": huge})
    assert response.status_code == 422
    assert "at most 262,144 bytes" in response.content.decode()


def test_own_thresholds_are_written_as_the_score_is_shown(world, client):
    client.force_login(world.here.administrator)
    with world.here.scope():
        miti = InstrumentVersion.objects.get(key="miti")
    address = url("threshold_create", miti.public_id)
    wrong = client.post(address, {"label": "Own", "source": "Team", "fair_pct_cr": "many"})
    assert wrong.status_code == 422
    assert "Write a number, such as 40 or 3.5." in wrong.content.decode()
    above = client.post(address, {"label": "Own", "source": "Team", "fair_pct_cr": "60", "good_pct_cr": "50"})
    assert "basic is above proficient" in above.content.decode()
    client.post(address, {"label": "Our own", "source": "Team", "fair_pct_cr": "45%", "good_r_to_q": "1.5"})
    with world.here.scope():
        own = ThresholdSet.objects.get(key="our-own")
        assert own.thresholds == {"pct_cr": {"fair": "0.45"}, "r_to_q": {"good": "1.5"}}
    client.post(url("threshold_in_force", own.public_id))
    with world.here.scope():
        own.refresh_from_db()
        assert own.in_force


def test_a_clinic_adopts_what_it_has_not(world, client):
    client.force_login(world.here.administrator)
    page = client.post(url("instrument_list"), {"key": "miti", "version": "9"}, follow=True).content.decode()
    assert "There is no instrument miti 9." in page
    page = client.post(url("instrument_list"), {"key": "miti", "version": "4.2.1"}, follow=True).content.decode()
    assert "MITI 4.2.1 is in use." in page


@pytest.mark.parametrize(
    ("person", "see", "manage"),
    [
        ("administrator", 200, 302), ("supervisor", 200, 403), ("therapist", 200, 403), ("coder", 200, 403),
        ("coordinator", 403, 404), ("privacy_officer", 403, 404),
    ],
)  # fmt: skip
def test_who_may_see_and_who_may_manage(world, client, person, see, manage):
    with world.here.scope(world.here.administrator):
        draft = upload(world.here)
    client.force_login(getattr(world.here, person))
    assert client.get(url("instrument_list")).status_code == see
    assert client.post(url("instrument_publish", draft.public_id)).status_code == manage
    assert client.get(url("instrument_upload")).status_code == (200 if manage == 302 else 403)


def test_another_clinics_instrument_is_not_there(world, client):
    with world.neighbour.scope():
        foreign = InstrumentVersion.objects.get(key="miti")
    client.force_login(world.here.administrator)
    for name in ("instrument_detail", "instrument_download", "threshold_create"):
        assert client.get(url(name, foreign.public_id)).status_code == 404
    assert client.post(url("instrument_retire", foreign.public_id)).status_code == 404

"""Signing: once, by the author, over what was read; final afterwards, whoever asks and however."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from clinics.models import AuditEvent
from clinics.versions import Stale
from sessions.models import Addendum, NoteSignature, ProgressNote
from sessions.selectors.signed import verify_note
from sessions.services import signing
from sessions.services.record import NoteIsSigned
from tests.sessions.recording import TEXT, booking, record, sign
from tests.world import NOW, World


def _note(world: World, **changes: Any) -> ProgressNote:
    booked = booking(world.here)
    return ProgressNote.objects.get(session=record(world.here, booked, **changes))


def test_signing_hashes_names_and_locks(world: World) -> None:
    here = world.here
    here.therapist.credentials = "LCSW"
    with here.scope(here.therapist):
        note = _note(world)
        signature = sign(note, by=here.therapist)
        note.refresh_from_db()
        assert (note.state, note.signed_at, note.late_entry) == ("locked", NOW, False)
        assert len(note.content_hash) == 64
        assert note.content_hash == signature.content_hash
        assert (signature.printed_name, signature.signer) == (f"{here.therapist.name}, LCSW", here.therapist)
        event = AuditEvent.objects.get(action="note.signed")
        assert (event.actor_id, event.client_ref, event.detail["hash"]) == (
            here.therapist.pk, here.client.pk, note.content_hash,
        )  # fmt: skip
        assert verify_note(ProgressNote.objects.get(pk=note.pk))


@pytest.mark.parametrize(("after", "late"), [(timedelta(hours=24), False), (timedelta(hours=24, seconds=1), True)])
def test_a_note_signed_later_than_a_day_after_the_session_is_a_late_entry(
    world: World, after: timedelta, late: bool
) -> None:
    here = world.here
    with here.scope():
        note = _note(world)
        sign(note, by=here.therapist, now=NOW - timedelta(hours=6) + timedelta(minutes=50) + after)
        note.refresh_from_db()
        assert note.late_entry is late


def test_only_the_author_signs_and_adds(world: World) -> None:
    here = world.here
    with here.scope():
        note = _note(world)
        for other in (here.supervisor, here.other_therapist, here.coordinator, world.neighbour.therapist):
            with pytest.raises(PermissionDenied):
                sign(note, by=other)
        sign(note, by=here.therapist)
        for other in (here.supervisor, here.other_therapist):
            with pytest.raises(PermissionDenied):
                signing.add_addendum(note=note, kind="more", text="x", by=other, now=NOW)
        assert not Addendum.objects.filter(note=note).exists()


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_an_empty_note_is_not_signed(world: World, text: str) -> None:
    with world.here.scope(), pytest.raises(signing.NoteIsEmpty):
        sign(_note(world, note=text), by=world.here.therapist)


def test_what_was_not_read_is_not_signed(world: World) -> None:
    here = world.here
    with here.scope():
        note = ProgressNote.objects.select_related("session").get(pk=_note(world).pk)
        for seen in ((note.version + 1, note.session.version), (note.version, note.session.version + 1)):
            with pytest.raises(Stale):
                signing.sign_note(note=note, seen_note=seen[0], seen_session=seen[1], by=here.therapist, now=NOW)
        assert not NoteSignature.objects.filter(note=note).exists()


def test_a_note_is_signed_once(world: World) -> None:
    here = world.here
    with here.scope():
        note = _note(world)
        sign(note, by=here.therapist)
        with pytest.raises(NoteIsSigned):
            sign(note, by=here.therapist)
        assert NoteSignature.objects.filter(note=note).count() == 1


def test_a_fault_while_signing_leaves_the_note_unsigned(world: World) -> None:
    """The signature goes in first; a name too long for its column breaks there, a hash row stays out."""
    here = world.here
    with here.scope():
        note = _note(world)
        events = AuditEvent.objects.count()
        here.therapist.name = "N" * 300
        with pytest.raises(DatabaseError, match="too long"), transaction.atomic():
            sign(note, by=here.therapist)
        here.therapist.name = "Therapist RB"
        NoteSignature.objects.create(
            clinic=here.clinic, note=note, signer=here.supervisor, capacity="author", printed_name="x",
            content_hash="0" * 64, signed_at=NOW,
        )  # fmt: skip
        with pytest.raises(DatabaseError, match="note_signature_capacity"), transaction.atomic():
            sign(note, by=here.therapist)
        note.refresh_from_db()
        assert (note.state, note.content_hash, note.signed_at) == ("draft", "", None)
        # The trail's own event of the row this test made is the only new one.
        assert AuditEvent.objects.count() <= events + 1


# --- what was signed still stands ---------------------------------------------------------------------------------


def test_addenda_follow_one_another_and_the_signature(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        note = _note(world)
        with pytest.raises(signing.NoteIsNotSigned):
            signing.add_addendum(note=note, kind="more", text="Early.", by=here.therapist, now=NOW)
        sign(note, by=here.therapist)
        with pytest.raises(signing.NoteIsEmpty):
            signing.add_addendum(note=note, kind="more", text=" ", by=here.therapist, now=NOW)
        with pytest.raises(ValueError, match="nonsense"):
            signing.add_addendum(note=note, kind="nonsense", text="x", by=here.therapist, now=NOW)
        for text in ("First.", "First.", "Second."):
            signing.add_addendum(note=note, kind="correction", text=text, by=here.therapist, now=NOW)
        hashes = list(Addendum.objects.filter(note=note).values_list("content_hash", flat=True))
        assert len(set(hashes)) == 3
        assert AuditEvent.objects.filter(action="note.addendum").count() == 3
        assert verify_note(ProgressNote.objects.get(pk=note.pk))


def test_verification_finds_any_row_that_is_not_as_signed(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        note = _note(world)
        sign(note, by=here.therapist)
        for text in ("First.", "Second."):
            signing.add_addendum(note=note, kind="more", text=text, by=here.therapist, now=NOW)

        def stands(**changed: Any) -> bool:
            found = ProgressNote.objects.select_related("session", "client", "author").get(pk=note.pk)
            for path, value in changed.items():
                *parents, name = path.split("__")
                holder: Any = found
                for parent in parents:
                    holder = getattr(holder, parent)
                setattr(holder, name, value)
            return verify_note(found)

        assert stands()
        for changed in (
            {"body": TEXT + " "},
            {"session__duration_min": 49},
            {"session__started_at": NOW},
            {"session__mi_pct": 99},
            {"session__session_format": "video"},
            {"content_hash": "0" * 64},
            {"signed_at": NOW + timedelta(seconds=1)},
            {"author": here.supervisor},
        ):
            assert not stands(**changed), changed
        last = Addendum.objects.filter(note=note).last()
        assert last is not None
        # An addendum slipped in beside the service: with a made-up hash, or with that of another place.
        for content_hash in ("0" * 64, last.content_hash):
            with transaction.atomic():
                Addendum.objects.create(
                    clinic=here.clinic, note=note, author=here.therapist, kind="more", body="Second.",
                    content_hash=content_hash, signed_at=NOW,
                )  # fmt: skip
                assert not stands()
                transaction.set_rollback(True)
        assert stands()
        # A signed note that nobody signed is none: the world's has a made-up hash.
        assert not verify_note(ProgressNote.objects.get(pk=here.signed_note.pk))

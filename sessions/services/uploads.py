"""Files that people upload: kept encrypted in pieces, read back as a stream, and dropped once they are read."""

import io
from base64 import b64decode, b64encode
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import BinaryIO, Final

from django.db import transaction

from clinics import audit
from clinics.models import Clinic, User
from sessions.models import ImportUpload, ImportUploadPart

# The kind of job that reads an upload; its function is in tasks.py.
IMPORT_JOB: Final = "import_transcripts"
LARGEST: Final = 25 * 1024 * 1024
PART_BYTES: Final = 512 * 1024
# An upload whose job was given up is of no more use; the person chooses the file again.
KEPT: Final = timedelta(days=2)


class TooLarge(ValueError):
    """A file over the limit."""


@transaction.atomic
def store_upload(
    *, clinic: Clinic, chunks: Iterable[bytes], file_name: str, source_format: str, by: User, now: datetime
) -> ImportUpload:
    """
    Keep a file of the entered clinic until its job has read it; uploads that were left lying are removed.

    chunks  the file's bytes in order, in pieces of any size

    :raises TooLarge: over 25 MB
    """
    for stale in ImportUpload.objects.filter(uploaded_at__lt=now - KEPT):
        drop_upload(upload=stale)
    upload = ImportUpload(
        clinic=clinic, source_format=source_format, file_name=file_name[-120:], size=0, uploaded_by=by
    )
    upload.save(force_insert=True)
    waiting, seq = bytearray(), 0
    for chunk in chunks:
        waiting += chunk
        upload.size += len(chunk)
        if upload.size > LARGEST:
            raise TooLarge(f"The file is larger than {LARGEST // 1024 // 1024} MB. Split it, or use the command.")
        while len(waiting) >= PART_BYTES:
            _store_part(upload, seq, bytes(waiting[:PART_BYTES]))
            del waiting[:PART_BYTES]
            seq += 1
    if waiting:
        _store_part(upload, seq, bytes(waiting))
    upload.save(update_fields=["size"])
    audit.record("transcripts.uploaded", upload, by=by, detail={"format": source_format, "bytes": upload.size})
    return upload


@transaction.atomic
def drop_upload(*, upload: ImportUpload) -> None:
    """Remove an uploaded file for good."""
    ImportUploadPart.objects.filter(upload=upload).delete()
    upload.delete()


def open_upload(upload: ImportUpload) -> BinaryIO:
    """Return the uploaded file as a stream from its start; one piece is in memory at a time."""
    return io.BufferedReader(_Parts(upload), buffer_size=PART_BYTES)


def _store_part(upload: ImportUpload, seq: int, data: bytes) -> None:
    ImportUploadPart(clinic_id=upload.clinic_id, upload=upload, seq=seq, content=b64encode(data).decode("ascii")).save(
        force_insert=True
    )


class _Parts(io.RawIOBase):
    """The pieces of an upload, one after the other."""

    def __init__(self, upload: ImportUpload) -> None:
        self._upload = upload
        self._next = 0
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        """Fill the buffer from the pieces; 0 at the end."""
        if not self._rest:
            part = ImportUploadPart.objects.filter(upload=self._upload, seq=self._next).first()
            if part is None:
                return 0
            self._rest = memoryview(b64decode(part.content))
            self._next += 1
        taken = self._rest[: len(buffer)]
        buffer[: len(taken)] = taken
        self._rest = self._rest[len(taken) :]
        return len(taken)

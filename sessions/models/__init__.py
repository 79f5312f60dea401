"""Therapy sessions, the notes about them, the words spoken, and how those words were coded."""

from sessions.models.coding import CodedLine, Coding, Rating, ScoreResult, UtteranceCode
from sessions.models.record import Addendum, NoteSignature, ProgressNote, TherapySession
from sessions.models.transcripts import (
    ImportBatch,
    ImportUpload,
    ImportUploadPart,
    PracticeSet,
    Segment,
    Transcript,
    Utterance,
)

__all__ = [
    "Addendum",
    "CodedLine",
    "Coding",
    "ImportBatch",
    "ImportUpload",
    "ImportUploadPart",
    "NoteSignature",
    "PracticeSet",
    "ProgressNote",
    "Rating",
    "ScoreResult",
    "Segment",
    "TherapySession",
    "Transcript",
    "Utterance",
    "UtteranceCode",
]

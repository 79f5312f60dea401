"""Invented talk for the tests of transcripts and codings: nothing of it was ever said."""

import csv
import io
from pathlib import Path

from clinics.instruments.lines import Speaker
from clinics.models import InstrumentVersion
from clinics.tenancy import active_clinic_id
from sessions.importing import mapping
from sessions.models import Coding, PracticeSet, Segment, Transcript, Utterance
from sessions.services.codings import NewCoding, write_codings
from tests.world import NOW

ANNOMI = mapping.find("annomi")
# Each line: who speaks, the words, kind of question, of reflection, of input, and the main code or the talk.
TALK = (
    ("client", "My sister keeps asking me to walk more.", None, None, None, "neutral"),
    ("therapist", "She worries, and you are of two minds. What would you like?", "open", "complex", None, "reflection"),
    ("client", "I do like the park in the morning.", None, None, None, "change"),
    ("therapist", "Mm-hmm.", None, None, None, "other"),
    ("client", "But mornings are short.", None, None, None, "sustain"),
    ("therapist", "Some people walk at noon. Would that fit?", "closed", None, "options", "question"),
    ("client", "Noon could work.", None, None, None, "change"),
)


def rows_of(transcript="1", coder="0", talk=TALK, **about):
    """Return the rows of one transcript in the form of the AnnoMI corpus."""
    rows = []
    for number, (speaker, words, question, reflection, given, label) in enumerate(talk):
        therapist = speaker == "therapist"
        rows.append(
            {
                "mi_quality": "high",
                "transcript_id": transcript,
                "video_title": "Walking in the park",
                "video_url": f"https://video.example/{transcript}",
                "topic": "moving more ",
                "utterance_id": str(number),
                "interlocutor": speaker,
                "timestamp": f"00:{number // 60:02d}:{number % 60:02d}",
                "utterance_text": words,
                "annotator_id": coder,
                "therapist_input_exists": str(given is not None) if therapist else "n/a",
                "therapist_input_subtype": given or "n/a",
                "reflection_exists": str(reflection is not None) if therapist else "n/a",
                "reflection_subtype": reflection or "n/a",
                "question_exists": str(question is not None) if therapist else "n/a",
                "question_subtype": question or "n/a",
                "main_therapist_behaviour": label if therapist else "n/a",
                "client_talk_type": "n/a" if therapist else label,
                **about,
            }
        )
    return rows


def as_csv(rows, columns=ANNOMI.columns):
    """Return rows as the bytes of a CSV file."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def write_csv(folder: Path, rows, name="talk.csv"):
    """Write rows as a CSV file and return its path."""
    path = folder / name
    path.write_bytes(as_csv(rows))
    return path


def annomi():
    """Return the entered clinic's AnnoMI instrument."""
    return InstrumentVersion.objects.get(key="annomi", instrument_version="1")


def add_transcript(*, session=None, talk=TALK):
    """Return a segment over the whole of an invented transcript, of a session or in the practice room."""
    practice_set = None
    if session is None:
        practice_set, _made = PracticeSet.objects.get_or_create(key="invented", defaults={"name": "Invented"})
    transcript = Transcript(
        session=session, practice_set=practice_set, therapist=session.therapist if session else None, timed=True,
        line_count=len(talk), source_key="" if session else str(Transcript.objects.count() + 1),
    )  # fmt: skip
    transcript.save()
    Utterance.objects.bulk_create(
        Utterance(
            clinic_id=active_clinic_id(),
            transcript=transcript,
            seq=seq,
            speaker=line[0],
            start_ms=seq * 1000,
            text=line[1],
        )
        for seq, line in enumerate(talk)
    )
    return Segment.objects.create(
        transcript=transcript, first_seq=0, last_seq=len(talk) - 1,
        selection=Segment.Selection.RANDOM if session else Segment.Selection.WHOLE,
    )  # fmt: skip


def codes_of(talk=TALK):
    """Return the AnnoMI codes of an invented talk by line."""
    codes = {}
    for seq, (speaker, _words, question, reflection, given, label) in enumerate(talk):
        if speaker == Speaker.CLIENT:
            codes[seq] = (f"CT_{label.upper()}",)
            continue
        found = [f"QUEST_{question.upper()}"] if question else []
        found += [f"REFL_{reflection.upper()}"] if reflection else []
        found += [f"INPUT_{given.upper()}"] if given else []
        codes[seq] = (*found, f"MAIN_{label.upper()}")
    return codes


def add_coding(segment, *, coder, instrument=None, codes=None, **options):
    """Return a draft coding of a segment by a person of the clinic."""
    new = NewCoding(Coding.CoderRole.CODER, codes if codes is not None else codes_of(), coder=coder, **options)
    return write_codings(segment=segment, instrument=instrument or annomi(), codings=[new], by=coder)[0]


__all__ = [
    "ANNOMI",
    "NOW",
    "TALK",
    "add_coding",
    "add_transcript",
    "annomi",
    "as_csv",
    "codes_of",
    "rows_of",
    "write_csv",
]

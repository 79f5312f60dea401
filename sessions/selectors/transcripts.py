"""What the pages of transcripts show: the practice room, one coded transcript, the transcripts of a session."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from clinics.access import find_permitted
from clinics.charts import RibbonLine, ribbon
from clinics.instruments.definition import Counting
from clinics.instruments.lines import CodedLine as ScoredLine
from clinics.instruments.lines import Speaker
from clinics.models import Clinic, User
from clinics.selectors.instruments import definition_of
from sessions.models import CodedLine, Coding, TherapySession, Transcript, Utterance, UtteranceCode
from sessions.rules.coded_lines import Chip, ReadLine, read_lines, time_text
from sessions.selectors.scores import ScorePanel, panel_of

LINES_ON_PAGE = 100
PRACTICE, CLINICAL = "practice", "care"


def practice_transcripts(user: User) -> QuerySet[Any, Any]:
    """
    Return the transcripts of the practice room that a person may read, with how many codings each has.

    No transcript of a session is ever among them: the right covers demonstrations alone (`Transcript`).
    """
    codings = (
        Coding.objects.filter(transcript=OuterRef("pk"))
        .order_by()
        .values("transcript")
        .annotate(n=Count("*"))
        .values("n")
    )
    found: QuerySet[Any, Any] = (
        Transcript.objects.permitted(user, "clinics.view_practice")
        .select_related("practice_set")
        .annotate(n_codings=Coalesce(Subquery(codings, output_field=IntegerField()), 0))
    )
    return found


def find_transcript(user: User, public_id: str) -> Transcript:
    """
    Return a transcript the person may read, and record that it was opened.

    A demonstration by the right to the practice room, a session's by the right to its transcript.

    :raises Http404: neither
    """
    try:
        return find_permitted(Transcript, user, "clinics.view_practice", purpose=PRACTICE, public_id=public_id)
    except Http404:
        return find_permitted(
            Transcript, user, "clinics.view_transcript", purpose=CLINICAL, public_id=public_id, session__isnull=False
        )


def codings_shown(user: User, transcript: Transcript) -> list[Coding]:
    """Return the codings of a transcript that the person may see: observers' before one's own, then by age."""
    if transcript.practice_set_id is not None:
        rows = Coding.objects.permitted(user, "clinics.view_practice")
    else:
        rows = Coding.objects.permitted(user, "clinics.view_coding")
    related = ("instrument", "coder", "segment", "practice_set")
    found = rows.filter(transcript=transcript).select_related(*related).order_by("id")
    return sorted(
        found, key=lambda one: (one.state != Coding.State.LOCKED, one.coder_role == Coding.CoderRole.SELF, one.pk)
    )


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line of a transcript; `joined` when it goes on the volley of the therapist's line before."""

    id: str
    time: str
    speaker: str
    role: str
    text: str
    chips: tuple[Chip, ...]
    joined: bool


@dataclass(frozen=True)
class CodingChoice:
    """One coding in the list of a transcript's codings."""

    id: str
    label: str
    current: bool


@dataclass(frozen=True)
class Part:
    """The lines of one page: from, to and of how many, with the addresses of the pages beside it."""

    first: int
    last: int
    total: int
    before_url: str
    after_url: str


@dataclass(frozen=True)
class TranscriptPage:
    """
    A transcript with the codes of one coding.

    coding    None when nobody has coded it, or nobody whose coding this person may see
    panel     its scores; None while it is not locked
    by_volley whether its instrument counts by volley, so that brackets and hollow chips mean something
    """

    transcript: Transcript
    lines: tuple[ShownLine, ...]
    part: Part
    coding: Coding | None
    coder: str
    choices: tuple[CodingChoice, ...]
    panel: ScorePanel | None
    ribbon: SafeString | None
    n_coded: int
    n_lines: int
    by_volley: bool


def transcript_page(
    user: User, clinic: Clinic, transcript: Transcript, *, coding_id: str = "", start: int = 0
) -> TranscriptPage:
    """
    Return what the page of a transcript shows.

    coding_id  public id of the coding to show; another or none shows the first
    start      number of the line the page begins with, 0 for the first
    """
    codings = codings_shown(user, transcript)
    coding = next((one for one in codings if str(one.public_id) == coding_id), codings[0] if codings else None)
    if coding is not None and coding.practice_set is not None:
        transcript.practice_set = coding.practice_set
    utterances = list(_lines(transcript, coding))
    in_segment = [
        one for one in utterances if coding is None or coding.segment.first_seq <= one.seq <= coding.segment.last_seq
    ]
    start = min(max(start, 0), max(len(in_segment) - 1, 0)) // LINES_ON_PAGE * LINES_ON_PAGE
    shown = in_segment[start : start + LINES_ON_PAGE]
    by_volley = coding is not None and definition_of(coding.instrument).counting is Counting.VOLLEY
    read = _read(coding, in_segment, with_text=by_volley)
    person = clinic.get_person_word_display().capitalize()
    speakers = {Speaker.THERAPIST: gettext("Therapist"), Speaker.CLIENT: gettext(person)}
    here = read[start : start + LINES_ON_PAGE]
    return TranscriptPage(
        transcript=transcript,
        lines=tuple(
            ShownLine(
                f"line-{one.seq}", time_text(one.start_ms), speakers[Speaker(one.speaker)], one.speaker, one.text,
                line.chips, line.joined,
            )
            for one, line in zip(shown, here, strict=True)
        ),
        part=_part(clinic, transcript, coding, start, len(shown), len(in_segment)),
        coding=coding,
        coder=_coder_label(coding) if coding is not None else "",
        choices=tuple(CodingChoice(str(one.public_id), coding_label(one), one is coding) for one in codings),
        panel=panel_of(coding, definition_of(coding.instrument)) if coding is not None else None,
        ribbon=ribbon(
            [
                RibbonLine("therapist" if one.speaker == Speaker.THERAPIST else "client", line.bar, f"line-{one.seq}")
                for one, line in zip(shown, here, strict=True)
            ],
            label=gettext("Shape of the conversation"),
        )
        if coding is not None
        else None,
        n_coded=sum(line.bar != "uncoded" for line in read),
        n_lines=len(in_segment),
        by_volley=by_volley,
    )  # fmt: skip


def _lines(transcript: Transcript, coding: Coding | None) -> QuerySet[Any, Any]:
    """Return the lines of a transcript, each with its codes (`codes`) and the coder's mark of a volley (`breaks`)."""
    lines: QuerySet[Any, Any] = Utterance.objects.filter(transcript=transcript).order_by("seq")
    if coding is None:
        return lines
    of_line = {"coding": coding, "utterance": OuterRef("pk")}
    annotated: QuerySet[Any, Any] = lines.annotate(
        codes=ArraySubquery(UtteranceCode.objects.filter(**of_line).values("item_key")),
        breaks=Subquery(CodedLine.objects.filter(**of_line).values("breaks_volley")[:1]),
    )
    return annotated


def _read(coding: Coding | None, lines: list[Any], *, with_text: bool) -> list[ReadLine]:
    """Return what is shown of each line (of `_lines`) under a coding; without one, lines without chips."""
    if coding is None:
        return [ReadLine((), "uncoded", False)] * len(lines)
    return read_lines(
        definition_of(coding.instrument),
        [
            ScoredLine(Speaker(one.speaker), tuple(one.codes), one.breaks, one.text if with_text else None)
            for one in lines
        ],
    )


def coding_label(coding: Coding) -> str:
    """Return who coded with what: 'AnnoMI 1, coder 3', 'MITI 4.2.1, Amara Okafor, not locked'."""
    parts = [str(coding.instrument), _coder_label(coding)]
    if coding.coder_role != Coding.CoderRole.CODER:
        parts.append(coding.get_coder_role_display().lower())
    if coding.state != Coding.State.LOCKED:
        parts.append(gettext("not locked"))
    return ", ".join(parts)


def _coder_label(coding: Coding) -> str:
    if coding.coder is not None:
        return coding.coder.name
    return gettext("coder %(id)s") % {"id": coding.external_coder}


def _part(clinic: Clinic, transcript: Transcript, coding: Coding | None, start: int, shown: int, total: int) -> Part:
    address = reverse("transcript_detail", args=[clinic.slug, transcript.public_id])

    def url(first: int) -> str:
        chosen = f"coding={coding.public_id}&" if coding is not None else ""
        return f"{address}?{chosen}from={first}"

    return Part(
        first=start + 1 if shown else 0,
        last=start + shown,
        total=total,
        before_url=url(start - LINES_ON_PAGE) if start > 0 else "",
        after_url=url(start + LINES_ON_PAGE) if start + shown < total else "",
    )


@dataclass(frozen=True)
class SessionTranscript:
    """A transcript of a session, for the session's page."""

    url: str
    lines: int
    codings: tuple[str, ...]


def transcripts_of_session(user: User, session: TherapySession) -> list[SessionTranscript]:
    """Return the transcripts of a session that the person may read, each with the codings they may see."""
    rows = Transcript.objects.permitted(user, "clinics.view_transcript").filter(session=session).order_by("id")
    transcripts = list(rows)
    codings = (
        Coding.objects.permitted(user, "clinics.view_coding")
        .filter(transcript__in=transcripts)
        .select_related("instrument", "coder")
        .order_by("id")
    )
    labels: dict[int, list[str]] = defaultdict(list)
    for coding in codings:
        labels[coding.transcript_id].append(coding_label(coding))
    return [SessionTranscript(one.get_absolute_url(), one.line_count, tuple(labels[one.pk])) for one in transcripts]

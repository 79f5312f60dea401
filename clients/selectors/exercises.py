"""Questions about exercises: the newest of each, the older ones, and what stands in one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from clients.models import ChangeTarget, Client, Exercise
from clients.rules import exercises as rules
from clients.rules.exercises import Content, Field, Kind, Part


@dataclass(frozen=True)
class ShownRow:
    """A row as it is read: what it is, then what was said about it, each with its words before it."""

    text: str
    more: Sequence[str]


@dataclass(frozen=True)
class ShownPiece:
    """A part of an exercise with its rows, or a field with its text."""

    code: str
    label: str
    rows: Sequence[ShownRow] = ()
    text: str = ""


def written(client: Client, kind: Kind, target: ChangeTarget | None) -> QuerySet[Exercise, Exercise]:
    """
    Return every revision of one exercise, the newest first.

    target   the goal it is about; None for values, which are the person's whatever they change
    """
    rows: QuerySet[Exercise, Exercise] = Exercise.objects.filter(kind=kind.value)
    rows = rows.filter(target=target) if target is not None else rows.filter(client_id__in=client.record_keys)
    return rows.select_related("made_by").order_by("-revision", "-pk")


def newest(client: Client, kind: Kind, target: ChangeTarget | None) -> Exercise | None:
    """Return the revision that holds now, or None."""
    found: Exercise | None = written(client, kind, target).first()
    return found


def about_goal(target: ChangeTarget) -> list[Exercise]:
    """Return the newest revision of each exercise that is about a goal, those set aside too."""
    rows = Exercise.objects.filter(target=target).order_by("kind", "-revision")
    return list(rows.distinct("kind").defer("content"))


def kind_of(exercise: Exercise) -> Kind:
    """Return which exercise it is."""
    return Kind(exercise.kind)


def content_of(exercise: Exercise) -> Content:
    """Return what stands in an exercise, every part and field in order."""
    stored = json.loads(exercise.content)
    found: Content = {}
    for piece in rules.SHAPES[kind_of(exercise)]:
        if isinstance(piece, Part):
            rows = stored.get(piece.code, ())
            found[piece.code] = [{one.code: row.get(one.code, _empty(one)) for one in piece.columns} for row in rows]
        else:
            found[piece.code] = stored.get(piece.code, _empty(piece))
    return found


def _empty(field: Field) -> str | None:
    return None if field.entry is rules.Entry.NUMBER else ""


def shown(exercise: Exercise) -> list[ShownPiece]:
    """Return an exercise as it is read: values in their order, a number with its words."""
    content = content_of(exercise)
    if kind_of(exercise) is Kind.VALUES:
        content = {"values": rules.ranked(content)}
    return [
        ShownPiece(piece.code, piece.label, rows=[_row(piece, row) for row in content[piece.code]])
        if isinstance(piece, Part)
        else ShownPiece(piece.code, piece.label, text="" if content[piece.code] is None else str(content[piece.code]))
        for piece in rules.SHAPES[kind_of(exercise)]
    ]


def _row(part: Part, row: Content) -> ShownRow:
    first, *others = part.columns
    more = [f"{one.said} {row[one.code]}".strip() for one in others if row[one.code] not in ("", None)]
    gap = rules.gap(row) if "wanted" in row else None
    if gap is not None:
        more.append(f"gap {gap}")
    return ShownRow(row[first.code], more)

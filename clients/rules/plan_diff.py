"""
What changed from one version of a treatment plan to another, part by part. Pure.

Parts are matched by lineage, each once: the work grows with the number of parts, not with its square. A difference
holds enough to make the one version from the other.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from clients.rules.plan_content import FIELDS, Kind, Part, ordered, thread

Key = tuple[int, str]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that reads differently; an empty text means nothing stood, or stands, there."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A part whose words changed, as it stands now."""

    part: Part
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """
    A part that stands elsewhere.

    told   a person would say that it moved: it stands under another part, or passed a brother that stayed; without it
           only its number is another, because something before it came or went
    """

    part: Part
    under_before: str
    position_before: int
    told: bool


@dataclass(frozen=True, slots=True)
class Diff:
    """What changed. Each is in reading order of the version it stands in."""

    added: tuple[Part, ...]
    removed: tuple[Part, ...]
    changed: tuple[Changed, ...]
    moved: tuple[Moved, ...]

    @property
    def told_moves(self) -> tuple[Moved, ...]:
        """Return the moves that a person would tell."""
        return tuple(one for one in self.moved if one.told)

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to tell."""
        return not (self.added or self.removed or self.changed or self.told_moves)


def diff(before: Iterable[Part], after: Iterable[Part]) -> Diff:
    """Return what changed from the parts of one version to those of another."""
    old = {part.key: part for part in before}
    new = {part.key: part for part in after}
    pairs = [(old[part.key], part) for part in _read(new) if part.key in old]
    steady = _steady(pairs)
    changed = ((now, _fields(was, now)) for was, now in pairs)
    return Diff(
        added=tuple(part for part in _read(new) if part.key not in old),
        removed=tuple(part for part in _read(old) if part.key not in new),
        changed=tuple(Changed(part, fields) for part, fields in changed if fields),
        moved=tuple(
            Moved(now, was.under, was.position, was.under != now.under or now.key not in steady)
            for was, now in pairs
            if (was.under, was.position) != (now.under, now.position) or now.key not in steady
        ),
    )


def apply(parts: Iterable[Part], change: Diff) -> list[Part]:
    """Return the version that a difference leads to, in the order of `ordered`."""
    gone = {part.key for part in change.removed}
    fields = {one.part.key: one.fields for one in change.changed}
    places = {one.part.key: (one.part.under, one.part.position) for one in change.moved}
    kept = []
    for part in parts:
        if part.key in gone:
            continue
        under, position = places.get(part.key, (part.under, part.position))
        said = dict(part.fields)
        for one in fields.get(part.key, ()):
            said.pop(one.field, None)
            if one.after:
                said[one.field] = one.after
        kept.append(Part(part.kind, part.lineage, under, position, said))
    return ordered([*kept, *change.added])


def _read(parts: Mapping[Key, Part]) -> list[Part]:
    """Return parts in reading order; those that hang on nothing come last."""
    found = thread(parts.values())
    if len(found) == len(parts):
        return found
    seen = {part.key for part in found}
    return [*found, *ordered(part for key, part in parts.items() if key not in seen)]


def _fields(was: Part, now: Part) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(name, before, after)
        for name in FIELDS[Kind(now.kind)]
        if (before := was.said(name)) != (after := now.said(name))
    )


def _steady(pairs: Sequence[tuple[Part, Part]]) -> set[Key]:
    """
    Return the parts that kept their place among the brothers they keep.

    Of each family the longest run that stands in the same order before and after: the fewest others then moved.
    """
    families: dict[tuple[Kind, str, str], list[tuple[Part, Part]]] = {}
    for was, now in pairs:
        if was.under == now.under:
            families.setdefault((now.kind, now.under, was.under), []).append((was, now))
    found: set[Key] = set()
    for family in families.values():
        family.sort(key=lambda pair: (pair[1].position, pair[1].lineage))
        found |= {
            family[place][1].key for place in _longest_rise([(was.position, was.lineage) for was, _now in family])
        }
    return found


def _longest_rise(values: Sequence[tuple[int, str]]) -> list[int]:
    """Return the places of a longest rising run, by patience sorting: n log n."""
    tops: list[tuple[int, str]] = []
    top_places: list[int] = []
    before: list[int] = []
    for place, value in enumerate(values):
        pile = bisect_left(tops, value)
        before.append(top_places[pile - 1] if pile else -1)
        if pile == len(tops):
            tops.append(value)
            top_places.append(place)
        else:
            tops[pile], top_places[pile] = value, place
    found = []
    place = top_places[-1] if top_places else -1
    while place >= 0:
        found.append(place)
        place = before[place]
    return found[::-1]

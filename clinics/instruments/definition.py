"""
The definition of an instrument: what is asked, how it is coded and scored, and the proof that it works.

Field names are the keys of the file (shared/domain/fidelity.md 8). Reading and checking is `schema`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from functools import cached_property

from clinics.instruments.answers import Asking, Note, Reading, Trigger
from clinics.instruments.expressions import Expression, Ratio
from clinics.instruments.figures import Reason
from clinics.instruments.lines import CodedLine, Speaker


class Modality(StrEnum):
    """The way of working an instrument belongs to."""

    MI = "mi"
    CBT = "cbt"
    DBT = "dbt"
    OTHER = "other"


class LicenceClass(StrEnum):
    """What may be shipped and shown of an instrument (shared/domain/care.md 2.1)."""

    OPEN = "open"
    ATTEST = "attest"
    TOTAL_ONLY = "total_only"
    RESULT_ONLY = "result_only"
    CLINIC_SUPPLIED = "clinic_supplied"


class Counting(StrEnum):
    """Where a code counts once: in a therapist volley or on each line."""

    VOLLEY = "volley"
    LINE = "line"


class GroupKind(StrEnum):
    """What the items of a group are."""

    UTTERANCE_CODE = "utterance_code"
    COUNT = "count"
    GLOBAL = "global"
    CHECKLIST = "checklist"
    ANSWER = "answer"

    @property
    def is_tallied(self) -> bool:
        """Tell whether items are counted from 0 up; otherwise they are rated on a scale."""
        return self in (GroupKind.UTTERANCE_CODE, GroupKind.COUNT)


class ColourRole(StrEnum):
    """Which of the named colours a code wears; style sheets give the colour."""

    QUESTION = "question"
    REFLECTION = "reflection"
    ADHERENT = "adherent"
    NON_ADHERENT = "non_adherent"
    INFORMATION = "information"
    CHANGE = "change"
    SUSTAIN = "sustain"
    NEUTRAL = "neutral"


class Missing(StrEnum):
    """What a score does when an input is missing."""

    REQUIRE_ALL = "require_all"
    PRORATE = "prorate"


class ZeroDenominator(StrEnum):
    """What a ratio over zero is. There is one answer; a definition says it so that its reader knows."""

    UNDEFINED = "undefined"


class Pool(StrEnum):
    """How figures of several segments become one."""

    MEAN = "mean"
    POOLED_RATIO = "pooled_ratio"
    SUM = "sum"


class Selection(StrEnum):
    """How the segment to code is found."""

    RANDOM = "random"
    WHOLE = "whole"


class Band(StrEnum):
    """Where a figure stands against thresholds."""

    GOOD = "good"
    FAIR = "fair"
    BELOW = "below"
    NONE = "none"
    NOT_EVALUABLE = "not_evaluable"


@dataclass(frozen=True, slots=True)
class SegmentPolicy:
    """
    The stretch to code, in seconds.

    globals_caution_under_s  a shorter segment makes globals hard to rate
    counts_only_under_s      a still shorter one is coded for counts only
    """

    length_s: int
    selection: Selection
    globals_caution_under_s: int | None = None
    counts_only_under_s: int | None = None


@dataclass(frozen=True, slots=True)
class Scale:
    """
    Whole numbers from `min` to `max` in steps.

    start     where a rater begins to think; never stored by itself
    decimals  places that are typed: 1 keeps 23.5 as 235, so that every value is a whole number of the smallest unit
    """

    min: int
    max: int
    step: int = 1
    start: int | None = None
    decimals: int = 0

    def __contains__(self, value: int) -> bool:
        return self.min <= value <= self.max and (value - self.min) % self.step == 0


@dataclass(frozen=True, slots=True)
class Anchor:
    """What one value of a scale means, in our own words."""

    value: int
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """
    One thing to code, count or rate.

    speaker         whose lines carry this code; None for ratings
    keyboard        the key that gives this code in the coding grid; `keyboard_alias` does the same
    tags            names under which scores sum it up
    no_code         says "looked at, nothing to code": it stands alone on its line and enters no tally
    unscored        asked but deliberately in no score
    allow_na        may be answered "not applicable" (stored as missing with a reason)
    """

    key: str
    label: str
    definition: str
    short_label: str | None = None
    speaker: Speaker | None = None
    keyboard: str | None = None
    keyboard_alias: str | None = None
    colour: ColourRole | None = None
    tags: tuple[str, ...] = ()
    no_code: bool = False
    unscored: bool = False
    allow_na: bool = False
    scale: Scale | None = None
    anchors: tuple[Anchor, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemGroup:
    """Items of one kind that stand together."""

    key: str
    label: str
    kind: GroupKind
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """
    A place that holds one code in a volley or on a line; a later item of the slot wins over an earlier one.

    follows  item that must stand on the same line before this slot may be filled
    """

    key: str
    label: str
    items: tuple[str, ...]
    follows: str | None = None


@dataclass(frozen=True, slots=True)
class DecisionHelp:
    """Help for a coder in doubt between items; shown, never executed."""

    situation: str
    assign: str
    items: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Display:
    """How a score is shown: `value * factor` with `dp` decimal places and a suffix."""

    dp: int
    factor: int = 1
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """
    What a ratio counts, in words: "10 reflections", "1 reflection", "no questions".

    nothing  the phrase for both at zero
    """

    numerator: str
    denominator: str
    nothing: str
    numerator_one: str | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """A summary number of one segment or one set of answers."""

    key: str
    label: str
    expr: Expression
    display: Display
    pool: Pool
    missing: Missing = Missing.REQUIRE_ALL
    zero_den: ZeroDenominator = ZeroDenominator.UNDEFINED
    counted: Counted | None = None
    read: Reading | None = None

    @property
    def is_ratio(self) -> bool:
        """Tell whether figures of this score carry numerator and denominator."""
        return isinstance(self.expr, Ratio)


@dataclass(frozen=True, slots=True)
class Threshold:
    """The least value of `fair` and of `good` on one score; a definition may know only one of them."""

    score: str
    fair: Fraction | None = None
    good: Fraction | None = None


@dataclass(frozen=True, slots=True)
class ThresholdSet:
    """Thresholds from one source, with the caveat to print beside every band."""

    key: str
    label: str
    source: str
    caveat: str
    thresholds: tuple[Threshold, ...]
    official: bool = False


@dataclass(frozen=True, slots=True)
class Expectation:
    """
    What a test vector expects of one score; a part left None is not compared.

    level  key of the named band; '' for none
    shown  the displayed text
    """

    value: Fraction | None = None
    numerator: int | None = None
    denominator: int | None = None
    reason: Reason | None = None
    band: Band | None = None
    level: str | None = None
    shown: str | None = None


@dataclass(frozen=True, slots=True)
class Vector:
    """
    A worked example: inputs and what must come of them.

    ratings   item → value; an item not listed is not rated
    counts    item → tally; an item not listed is 0
    lines     coded lines, tallied instead of `counts`
    tallies   expected tally of an item after slot resolution
    sex       of the person who answers, where a cut depends on it
    earlier   ratings of the time before
    notes     keys of the notes that must show, as `raises` has codes of triggers; None is not compared
    refused   whether the engine must refuse these inputs
    expect    score → expected figure
    """

    key: str
    note: str = ""
    ratings: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    lines: tuple[CodedLine, ...] = ()
    tallies: Mapping[str, int] = field(default_factory=dict)
    sex: str | None = None
    earlier: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] | None = None
    raises: tuple[str, ...] | None = None
    refused: bool = False
    expect: Mapping[str, Expectation] = field(default_factory=dict)


@dataclass(frozen=True)
class Definition:
    """One version of an instrument, complete."""

    key: str
    version: str
    name: str
    modality: Modality
    licence_class: LicenceClass
    attribution: str
    comparability_group: str
    groups: tuple[ItemGroup, ...]
    scores: tuple[Score, ...]
    vectors: tuple[Vector, ...]
    counting: Counting | None = None
    requires_change_goal: bool = False
    segment: SegmentPolicy | None = None
    slots: tuple[Slot, ...] = ()
    decision_help: tuple[DecisionHelp, ...] = ()
    threshold_sets: tuple[ThresholdSet, ...] = ()
    ask: Asking | None = None
    notes: tuple[Note, ...] = ()
    triggers: tuple[Trigger, ...] = ()

    @cached_property
    def items(self) -> Mapping[str, Item]:
        """All items by key, in order."""
        return {item.key: item for group in self.groups for item in group.items}

    @cached_property
    def kinds(self) -> Mapping[str, GroupKind]:
        """The kind of each item."""
        return {item.key: group.kind for group in self.groups for item in group.items}

    @cached_property
    def tallied_items(self) -> tuple[str, ...]:
        """Keys of the items that are counted; "no code" is not among them."""
        return tuple(key for key, kind in self.kinds.items() if kind.is_tallied and not self.items[key].no_code)

    @cached_property
    def rated_items(self) -> tuple[str, ...]:
        """Keys of the items that are rated on a scale."""
        return tuple(key for key, kind in self.kinds.items() if not kind.is_tallied)

    @cached_property
    def slot_of(self) -> Mapping[str, Slot]:
        """The slot of each utterance code."""
        return {key: slot for slot in self.slots for key in slot.items}

    @cached_property
    def rank_of(self) -> Mapping[str, int]:
        """The place of each utterance code in its slot; the highest wins."""
        return {key: rank for slot in self.slots for rank, key in enumerate(slot.items)}

    @cached_property
    def tagged(self) -> Mapping[str, tuple[str, ...]]:
        """The items of each tag."""
        tags = dict.fromkeys(tag for item in self.items.values() for tag in item.tags)
        return {tag: tuple(key for key, item in self.items.items() if tag in item.tags) for tag in tags}

    @cached_property
    def score_by_key(self) -> Mapping[str, Score]:
        """All scores by key, in the order of the file."""
        return {score.key: score for score in self.scores}

    @cached_property
    def official_thresholds(self) -> ThresholdSet | None:
        """The threshold set of the instrument's own source, if it publishes one."""
        return next((one for one in self.threshold_sets if one.official), None)

    def codes_of(self, speaker: Speaker) -> tuple[Item, ...]:
        """Return the utterance codes for lines of one speaker, in order."""
        return tuple(item for item in self.items.values() if item.speaker is speaker)

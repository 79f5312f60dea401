"""The plain tables of a definition read into its dataclasses, each key typed and none unknown."""

from collections.abc import Mapping
from dataclasses import replace

from clinics.instruments.answer_reading import read_asking, read_note, read_reading, read_trigger
from clinics.instruments.definition import (
    Anchor,
    Band,
    ColourRole,
    Counted,
    Counting,
    DecisionHelp,
    Definition,
    Display,
    Expectation,
    GroupKind,
    Item,
    ItemGroup,
    LicenceClass,
    Missing,
    Modality,
    Pool,
    Scale,
    Score,
    SegmentPolicy,
    Selection,
    Slot,
    Threshold,
    ThresholdSet,
    Vector,
    ZeroDenominator,
)
from clinics.instruments.document import Table
from clinics.instruments.expression_reading import read_expression
from clinics.instruments.figures import Reason
from clinics.instruments.lines import CodedLine, Speaker
from clinics.instruments.problems import ProblemList

LONG_TEXT = 1_000
LARGEST_RATING = 1_000
LARGEST_TALLY = 1_000_000
ONE_DAY_S = 86_400


def read_definition(document: Mapping[str, object], problems: ProblemList) -> Definition:
    """
    Return the definition that a document's tables describe.

    With problems noted the result has stand-ins in their places and serves only to look for further problems.
    """
    table = Table(document, "", problems)
    definition = Definition(
        key=table.key(),
        version=table.text("version", longest=20),
        name=table.text("name"),
        modality=table.choice("modality", Modality) or Modality.OTHER,
        licence_class=table.choice("licence_class", LicenceClass) or LicenceClass.CLINIC_SUPPLIED,
        attribution=table.text("attribution", longest=LONG_TEXT),
        comparability_group=table.key("comparability_group"),
        counting=table.choice_or_none("counting", Counting),
        requires_change_goal=table.flag("requires_change_goal"),
        segment=_segment(table),
        groups=tuple(_group(one) for one in table.tables("groups", at_least=1, at_most=40)),
        slots=tuple(_slot(one) for one in table.tables("slots", at_most=40)),
        decision_help=tuple(_decision_help(one) for one in table.tables("decision_help", at_most=60)),
        scores=tuple(_score(one) for one in table.tables("scores", at_least=1, at_most=100)),
        threshold_sets=tuple(_threshold_set(one) for one in table.tables("threshold_sets", at_most=10)),
        ask=read_asking(table),
        notes=tuple(read_note(one) for one in table.tables("notes", at_most=40)),
        triggers=tuple(read_trigger(one) for one in table.tables("triggers", at_most=40)),
        vectors=tuple(_vector(one) for one in table.tables("vectors", at_least=1)),
    )
    table.close()
    return definition


def _segment(parent: Table) -> SegmentPolicy | None:
    table = parent.table_or_none("segment")
    if table is None:
        return None
    policy = SegmentPolicy(
        length_s=table.whole("length_s", low=1, high=ONE_DAY_S),
        selection=table.choice("selection", Selection) or Selection.RANDOM,
        globals_caution_under_s=table.whole_or_none("globals_caution_under_s", low=1, high=ONE_DAY_S),
        counts_only_under_s=table.whole_or_none("counts_only_under_s", low=1, high=ONE_DAY_S),
    )
    table.close()
    return policy


def _group(table: Table) -> ItemGroup:
    kind = table.choice("kind", GroupKind)
    group_scale = _scale(table)
    group_anchors = tuple(_anchor(one) for one in table.tables("anchors", at_most=101))
    group = ItemGroup(
        key=table.key(),
        label=table.text("label"),
        kind=kind or GroupKind.GLOBAL,
        items=tuple(
            _item(one, kind, group_scale, group_anchors) for one in table.tables("items", at_least=1, at_most=100)
        ),
    )
    if kind is not None and kind.is_tallied and group_scale is not None:
        table.problems.add(table.at("scale"), "Items of this kind are counted, not rated.", "Remove the scale.")
    if kind is not None and kind.is_tallied and group_anchors:
        table.problems.add(table.at("anchors"), "Items of this kind are counted, not rated.", "Remove the anchors.")
    table.close()
    return group


def _item(table: Table, kind: GroupKind | None, group_scale: Scale | None, group_anchors: tuple[Anchor, ...]) -> Item:
    item = Item(
        key=table.key(),
        label=table.text("label"),
        definition=table.text("definition", longest=LONG_TEXT),
        short_label=table.text_or_none("short_label", longest=20),
        tags=table.keys("tags", at_most=20),
        unscored=table.flag("unscored"),
        allow_na=table.flag("allow_na"),
    )
    if kind is GroupKind.UTTERANCE_CODE:
        item = _as_code(item, table)
    elif kind is not None and not kind.is_tallied:
        item = _as_rating(item, table, group_scale, group_anchors)
    if kind is not None:
        table.close()
    return item


def _as_code(item: Item, table: Table) -> Item:
    return replace(
        item,
        speaker=table.choice("speaker", Speaker),
        keyboard=table.text("keyboard", longest=1),
        keyboard_alias=table.text_or_none("keyboard_alias", longest=1),
        colour=table.choice("colour", ColourRole),
        no_code=table.flag("no_code"),
    )


def _as_rating(item: Item, table: Table, group_scale: Scale | None, group_anchors: tuple[Anchor, ...]) -> Item:
    scale = _scale(table) or group_scale
    if scale is None:
        table.problems.add(
            table.at("scale"),
            "A rated item needs a scale.",
            "Write scale = { min = …, max = … } on the item or on its group.",
        )
    anchors = tuple(_anchor(one) for one in table.tables("anchors", at_most=101))
    return replace(item, scale=scale, anchors=anchors or group_anchors)


def _scale(parent: Table) -> Scale | None:
    table = parent.table_or_none("scale")
    if table is None:
        return None
    scale = Scale(
        min=table.whole("min", low=-LARGEST_RATING, high=LARGEST_RATING),
        max=table.whole("max", low=-LARGEST_RATING, high=LARGEST_RATING),
        step=table.whole("step", low=1, high=LARGEST_RATING, default=1),
        start=table.whole_or_none("start", low=-LARGEST_RATING, high=LARGEST_RATING),
        decimals=table.whole("decimals", low=0, high=3, default=0),
    )
    table.close()
    return scale


def _anchor(table: Table) -> Anchor:
    anchor = Anchor(
        value=table.whole("value", low=-LARGEST_RATING, high=LARGEST_RATING),
        text=table.text("text", longest=LONG_TEXT),
    )
    table.close()
    return anchor


def _slot(table: Table) -> Slot:
    slot = Slot(
        key=table.key(),
        label=table.text("label"),
        items=table.keys("items", at_least=1, at_most=40),
        follows=table.key("follows") if table.has("follows") else None,
    )
    table.close()
    return slot


def _decision_help(table: Table) -> DecisionHelp:
    help_row = DecisionHelp(
        situation=table.text("situation", longest=LONG_TEXT),
        assign=table.text("assign", longest=LONG_TEXT),
        items=table.keys("items", at_least=1),
        source=table.text("source"),
    )
    table.close()
    return help_row


def _score(table: Table) -> Score:
    if not table.has("expr"):
        table.problems.add(
            table.at("expr"), "This key is missing.", 'Write how the score is computed, as { item = "Q" }.'
        )
    tree = table.raw("expr") if table.has("expr") else 0
    score = Score(
        key=table.key(),
        label=table.text("label"),
        expr=read_expression(tree, table.at("expr"), table.problems),
        display=_display(table),
        pool=table.choice("pool", Pool) or Pool.MEAN,
        missing=table.choice_or_none("missing", Missing) or Missing.REQUIRE_ALL,
        zero_den=table.choice_or_none("zero_den", ZeroDenominator) or ZeroDenominator.UNDEFINED,
        counted=_counted(table),
        read=read_reading(table),
    )
    table.close()
    return score


def _display(parent: Table) -> Display:
    table = parent.table_or_none("display")
    if table is None:
        parent.problems.add(parent.at("display"), "This key is missing.", "Write display = { dp = 1 }.")
        return Display(dp=0)
    suffix = table.text_or_none("suffix", longest=10)
    display = Display(
        dp=table.whole("dp", low=0, high=6),
        factor=table.whole("factor", low=1, high=LARGEST_TALLY, default=1),
        suffix=suffix or "",
    )
    table.close()
    return display


def _counted(parent: Table) -> Counted | None:
    table = parent.table_or_none("counted")
    if table is None:
        return None
    counted = Counted(
        numerator=table.text("numerator"),
        denominator=table.text("denominator"),
        nothing=table.text("nothing"),
        numerator_one=table.text_or_none("numerator_one"),
    )
    table.close()
    return counted


def _threshold_set(table: Table) -> ThresholdSet:
    threshold_set = ThresholdSet(
        key=table.key(),
        label=table.text("label"),
        source=table.text("source", longest=LONG_TEXT),
        caveat=table.text("caveat", longest=LONG_TEXT),
        official=table.flag("official"),
        thresholds=tuple(_threshold(one) for one in table.tables("thresholds", at_least=1)),
    )
    table.close()
    return threshold_set


def _threshold(table: Table) -> Threshold:
    threshold = Threshold(score=table.key("score"), fair=table.exact_or_none("fair"), good=table.exact_or_none("good"))
    table.close()
    return threshold


def _vector(table: Table) -> Vector:
    vector = Vector(
        key=table.key(),
        note=table.text_or_none("note", longest=LONG_TEXT) or "",
        ratings=_numbers(table, "ratings", low=-LARGEST_RATING, high=LARGEST_RATING),
        counts=_numbers(table, "counts", low=0, high=LARGEST_TALLY),
        lines=tuple(_line(one) for one in table.tables("lines")),
        tallies=_numbers(table, "tallies", low=0, high=LARGEST_TALLY),
        sex=table.text_or_none("sex", longest=10),
        earlier=_numbers(table, "earlier", low=-LARGEST_RATING, high=LARGEST_RATING),
        notes=table.keys("notes") if table.has("notes") else None,
        raises=table.keys("raises") if table.has("raises") else None,
        refused=table.flag("refused"),
        expect=_expectations(table),
    )
    table.close()
    return vector


def _numbers(parent: Table, key: str, *, low: int, high: int) -> dict[str, int]:
    table = parent.table_or_none(key)
    if table is None:
        return {}
    return {name: table.whole(name, low=low, high=high) for name in table.names()}


def _line(table: Table) -> CodedLine:
    line = CodedLine(
        speaker=table.choice("speaker", Speaker) or Speaker.THERAPIST,
        codes=table.keys("codes", at_most=40),
        breaks_volley=table.flag_or_none("breaks_volley"),
        text=table.text_or_none("text", longest=LONG_TEXT),
    )
    table.close()
    return line


def _expectations(parent: Table) -> dict[str, Expectation]:
    table = parent.table_or_none("expect")
    if table is None:
        return {}
    inner = {name: table.table_or_none(name) for name in table.names()}
    return {name: _expectation(one) for name, one in inner.items() if one is not None}


def _expectation(table: Table) -> Expectation:
    expectation = Expectation(
        value=table.exact_or_none("value"),
        numerator=table.whole_or_none("numerator", low=-LARGEST_TALLY, high=LARGEST_TALLY),
        denominator=table.whole_or_none("denominator", low=-LARGEST_TALLY, high=LARGEST_TALLY),
        reason=table.choice_or_none("reason", Reason),
        band=table.choice_or_none("band", Band),
        level=table.key("level") if table.has("level") else None,
        shown=table.text_or_none("shown"),
    )
    table.close()
    return expectation

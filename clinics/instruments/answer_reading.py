"""The parts of a definition that only measures have, read from its tables."""

from collections.abc import Mapping
from fractions import Fraction

from clinics.instruments.answers import Asking, Higher, Note, Reading, ScoreBand, Trigger
from clinics.instruments.document import Table
from clinics.instruments.expression_reading import read_expression

LONG_TEXT = 1_000
LONGEST_INTERVAL_DAYS = 366


def read_asking(parent: Table) -> Asking | None:
    """Return how a measure is asked, None where the definition does not say."""
    table = parent.table_or_none("ask")
    if table is None:
        return None
    asking = Asking(
        window=table.text_or_none("window"),
        stem=table.text_or_none("stem", longest=LONG_TEXT),
        every_days=table.whole_or_none("every_days", low=1, high=LONGEST_INTERVAL_DAYS),
    )
    table.close()
    return asking


def read_reading(parent: Table) -> Reading | None:
    """Return how a score is read, None where the definition does not say."""
    table = parent.table_or_none("read")
    if table is None:
        return None
    reading = Reading(
        higher=table.choice_or_none("higher", Higher) or Higher.NEITHER,
        bands=tuple(_band(one) for one in table.tables("bands", at_most=20)),
        case_cut=table.exact_or_none("case_cut"),
        case_cuts=_cuts(table),
        reliable_change=table.exact_or_none("reliable_change"),
        alert_fall=table.exact_or_none("alert_fall"),
        alert_trend=table.exact_or_none("alert_trend"),
        level_only=table.flag("level_only"),
        caveat=table.text_or_none("caveat", longest=LONG_TEXT),
    )
    table.close()
    return reading


def _band(table: Table) -> ScoreBand:
    band = ScoreBand(key=table.key(), label=table.text("label"), at_least=table.exact("at_least"))
    table.close()
    return band


def _cuts(parent: Table) -> Mapping[str, Fraction]:
    table = parent.table_or_none("case_cuts")
    if table is None:
        return {}
    return {name: table.exact(name) for name in table.names()}


def read_note(table: Table) -> Note:
    """Return a note and its condition."""
    note = Note(
        key=table.key(),
        when=read_expression(table.raw("when"), table.at("when"), table.problems),
        text=table.text("text", longest=LONG_TEXT),
    )
    table.close()
    return note


def read_trigger(table: Table) -> Trigger:
    """Return what makes an answer a matter of safety."""
    trigger = Trigger(
        code=table.key("code"),
        about=table.key("about"),
        when=read_expression(table.raw("when"), table.at("when"), table.problems) if table.has("when") else None,
        rises=table.key("rises") if table.has("rises") else None,
    )
    table.close()
    return trigger

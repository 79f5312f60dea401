"""Rules that a measure's definition must keep beyond the form of its tables."""

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from clinics.instruments.definition import Definition, GroupKind, LicenceClass
from clinics.instruments.expressions import Expression
from clinics.instruments.problems import ProblemList

SEXES = ("female", "male")
Unknown = Callable[[Definition, Expression], Iterator[tuple[str, str]]]


def check_answers(definition: Definition, problems: ProblemList, unknown: Unknown) -> None:
    """
    Note every broken rule about bands, cuts, notes, triggers and decimals.

    unknown   yields what an expression refers to and the definition does not have
    """
    _check_kinds(definition, problems)
    _check_readings(definition, problems)
    places: list[tuple[str, Expression]] = [
        *((f"notes[{i}].when", one.when) for i, one in enumerate(definition.notes)),
        *((f"triggers[{i}].when", one.when) for i, one in enumerate(definition.triggers) if one.when is not None),
    ]
    for path, expression in places:
        for message, mend in unknown(definition, expression):
            problems.add(path, message, mend)
    for key in _repeated(one.key for one in definition.notes):
        problems.add("notes", f"The note key '{key}' is used twice.", "Give each note a key of its own.")
    for i, trigger in enumerate(definition.triggers):
        if trigger.when is None and trigger.rises is None:
            problems.add(f"triggers[{i}]", "The trigger has no condition.", "Write when, rises, or both.")
        if trigger.rises is not None and trigger.rises not in definition.score_by_key:
            problems.add(f"triggers[{i}].rises", f"There is no score '{trigger.rises}'.", "Write the key of a score.")


def _repeated(keys: Iterable[str]) -> list[str]:
    seen = list(keys)
    return [key for key in dict.fromkeys(seen) if key and seen.count(key) > 1]


def _check_kinds(definition: Definition, problems: ProblemList) -> None:
    kinds = {group.kind for group in definition.groups}
    has_answers = GroupKind.ANSWER in kinds
    if has_answers and kinds != {GroupKind.ANSWER}:
        problems.add(
            "groups",
            "Answers of a person stand beside what a coder codes.",
            "Write a measure and an instrument for coders as two definitions.",
        )
    if not has_answers and (definition.ask is not None or definition.triggers or definition.notes):
        problems.add(
            "groups",
            "Only a measure is asked, notes something or calls for safety.",
            'Remove ask, notes and triggers, or write kind = "answer".',
        )
    only_results = (LicenceClass.TOTAL_ONLY, LicenceClass.RESULT_ONLY)
    if definition.licence_class in only_results and not has_answers:
        problems.add("licence_class", "Only a measure is entered by its result.", "Write another licence class.")


def _check_readings(definition: Definition, problems: ProblemList) -> None:
    for i, score in enumerate(definition.scores):
        reading, path = score.read, f"scores[{i}].read"
        if reading is None:
            continue
        if any(low.at_least >= high.at_least for low, high in pairwise(reading.bands)):
            problems.add(f"{path}.bands", "The bands do not ascend.", "Write them from the lowest up.")
        for key in _repeated(one.key for one in reading.bands):
            problems.add(f"{path}.bands", f"The band '{key}' stands twice.", "Give each band a key of its own.")
        for sex in reading.case_cuts:
            if sex not in SEXES:
                problems.add(f"{path}.case_cuts", f"'{sex[:40]}' is not a sex here.", f"Write {' or '.join(SEXES)}.")
        if reading.case_cuts and reading.case_cut is None:
            problems.add(
                f"{path}.case_cut", "There is no cut for a person whose sex is not known.", "Write case_cut as well."
            )
        for name in ("reliable_change", "alert_fall", "alert_trend"):
            value = getattr(reading, name)
            if value is not None and value <= 0:
                problems.add(f"{path}.{name}", "A difference is above 0.", "Write a positive number.")

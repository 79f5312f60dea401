"""Rules a definition must keep beyond the form of its tables: names resolve, nothing clashes or runs wild."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from clinics.instruments.answer_checks import check_answers
from clinics.instruments.definition import Definition, GroupKind, Item, Missing, Pool, Score, Slot
from clinics.instruments.expressions import (
    Expression,
    Ratio,
    TagSum,
    is_whole,
    items_looked_up,
    size_in_bits,
    walk,
)
from clinics.instruments.problems import ProblemList
from clinics.instruments.scoring import evaluation_order, score_references

# 2,466 digits: far above any real score, far below what would slow a worker.
MOST_BITS = 8_192
# Keys the coding grid itself answers to (shared/design/ux.md 7).
GRID_KEYS = "uzmf|?"


def check(definition: Definition, problems: ProblemList) -> None:
    """Note every broken rule of a definition, its test vectors aside."""
    _check_unique_keys(definition, problems)
    _check_items(definition, problems)
    _check_slots(definition, problems)
    _check_keyboard(definition, problems)
    _check_scores(definition, problems)
    _check_used(definition, problems)
    _check_thresholds(definition, problems)
    _check_help_and_vectors(definition, problems)
    check_answers(definition, problems, _unknown_references)


def _items_with_path(definition: Definition) -> Iterator[tuple[str, GroupKind, Item]]:
    for i, group in enumerate(definition.groups):
        for j, item in enumerate(group.items):
            yield f"groups[{i}].items[{j}]", group.kind, item


def _repeated(keys: Iterable[str]) -> list[str]:
    return [key for key, times in Counter(keys).items() if times > 1 and key]


def _check_unique_keys(definition: Definition, problems: ProblemList) -> None:
    families: Sequence[tuple[str, str, Iterable[str]]] = (
        ("groups", "group", (one.key for one in definition.groups)),
        ("groups", "item", (item.key for _, _, item in _items_with_path(definition))),
        ("slots", "slot", (one.key for one in definition.slots)),
        ("scores", "score", (one.key for one in definition.scores)),
        ("threshold_sets", "threshold set", (one.key for one in definition.threshold_sets)),
        ("vectors", "vector", (one.key for one in definition.vectors)),
    )
    for path, what, keys in families:
        for key in _repeated(keys):
            problems.add(path, f"The {what} key '{key}' is used twice.", f"Give each {what} a key of its own.")


def _check_items(definition: Definition, problems: ProblemList) -> None:
    for path, _, item in _items_with_path(definition):
        scale = item.scale
        if scale is not None:
            if scale.min >= scale.max:
                problems.add(f"{path}.scale", "The scale ends before it begins.", "Write min below max.")
            elif scale.start is not None and scale.start not in scale:
                problems.add(
                    f"{path}.scale.start",
                    f"{scale.start} is not on the scale.",
                    "Write a value of the scale.",
                )
            for k, anchor in enumerate(item.anchors):
                if anchor.value not in scale:
                    problems.add(
                        f"{path}.anchors[{k}].value",
                        f"{anchor.value} is not on the scale.",
                        "Write a value of the scale, or widen the scale.",
                    )
        if _repeated(str(anchor.value) for anchor in item.anchors):
            problems.add(f"{path}.anchors", "A value has two anchors.", "Write one anchor for each value.")


def _check_slots(definition: Definition, problems: ProblemList) -> None:
    has_codes = GroupKind.UTTERANCE_CODE in definition.kinds.values()
    if has_codes and definition.counting is None:
        problems.add("counting", "Utterance codes need a counting rule.", 'Write counting = "volley" or "line".')
    if not has_codes and definition.counting is not None:
        problems.add("counting", "There is no utterance code to count.", "Remove the counting rule.")
    places: dict[str, str] = {}
    for i, slot in enumerate(definition.slots):
        for j, key in enumerate(slot.items):
            path = f"slots[{i}].items[{j}]"
            if definition.kinds.get(key) is not GroupKind.UTTERANCE_CODE:
                problems.add(
                    path,
                    f"There is no utterance code '{key}'.",
                    "Write the key of an item of kind utterance_code.",
                )
            elif key in places:
                problems.add(
                    path,
                    f"The item '{key}' stands in two slots, '{places[key]}' and '{slot.key}'.",
                    "Keep it in one of them.",
                )
            places.setdefault(key, slot.key)
        _check_one_slot(definition, i, slot, problems)


def _check_one_slot(definition: Definition, index: int, slot: Slot, problems: ProblemList) -> None:
    items = [definition.items[key] for key in slot.items if key in definition.items]
    if len({item.speaker for item in items}) > 1:
        problems.add(
            f"slots[{index}].items",
            "The slot mixes codes of both speakers.",
            "Give each speaker a slot of its own.",
        )
    if len(items) > 1 and any(item.no_code for item in items):
        problems.add(
            f"slots[{index}].items",
            "The slot mixes 'no code' with codes.",
            "Give the no_code item a slot of its own.",
        )
    if slot.follows is None:
        return
    first = definition.items.get(slot.follows)
    if first is None or slot.follows not in definition.slot_of or slot.follows in slot.items:
        problems.add(
            f"slots[{index}].follows",
            f"'{slot.follows}' is not an item of another slot.",
            "Write the item that must stand on the same line.",
        )
    elif any(item.speaker is not first.speaker for item in items):
        problems.add(
            f"slots[{index}].follows",
            f"'{slot.follows}' is a code of the other speaker.",
            "Write an item of the same speaker.",
        )


def _check_keyboard(definition: Definition, problems: ProblemList) -> None:
    taken: dict[tuple[object, str | None, str], str] = {}
    for path, _, item in _items_with_path(definition):
        for name, key in (("keyboard", item.keyboard), ("keyboard_alias", item.keyboard_alias)):
            if not key:
                continue
            if not key.isascii() or not key.isprintable() or key.isupper() or key == " " or key in GRID_KEYS:
                problems.add(
                    f"{path}.{name}",
                    f"The keyboard key '{key}' cannot be used.",
                    f"Write a small letter, digit or sign other than: {' '.join(GRID_KEYS)}.",
                )
            slot = definition.slot_of.get(item.key)
            place = (item.speaker, slot.follows if slot else None, key)
            if place in taken:
                problems.add(
                    f"{path}.{name}",
                    f"The keyboard key '{key}' already gives {taken[place]} for this speaker.",
                    "Choose a key that no other code of this speaker has.",
                )
            taken.setdefault(place, item.key)


def _check_scores(definition: Definition, problems: ProblemList) -> None:
    for i, one in enumerate(definition.scores):
        for message, mend in _unknown_references(definition, one.expr):
            problems.add(f"scores[{i}].expr", message, mend)
        if one.counted is not None and not one.is_ratio:
            problems.add(f"scores[{i}].counted", "Only a ratio counts something.", "Remove this table.")
    cycle = find_cycle({one.key: score_references(one.expr) for one in definition.scores})
    if cycle:
        problems.add(
            "scores",
            f"The scores refer to each other in a circle: {' > '.join(cycle)}.",
            f"Let '{cycle[-2]}' be computed without '{cycle[-1]}'.",
        )
    elif all(ref in definition.score_by_key for one in definition.scores for ref in score_references(one.expr)):
        _check_growth_and_pools(definition, problems)


def _unknown_references(definition: Definition, expression: Expression) -> Iterator[tuple[str, str]]:
    usable = (*definition.tallied_items, *definition.rated_items)
    for node in walk(expression):
        for key in items_looked_up(node):
            if key not in usable:
                yield (
                    f"There is no item '{key}' to score.",
                    "Write the key of an item that is counted or rated.",
                )
        if isinstance(node, TagSum) and node.tag not in definition.tagged:
            yield (
                f"No item carries the tag '{node.tag}'.",
                "Write a tag that stands on an item, or tag the items.",
            )
    for key in score_references(expression):
        if key not in definition.score_by_key:
            yield f"There is no score '{key}'.", "Write the key of another score of this definition."


def find_cycle(references: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return a circle of keys that refer to each other, closed by its first key; () when there is none."""
    finished: set[str] = set()

    def search(key: str, trail: tuple[str, ...]) -> tuple[str, ...]:
        if key in trail:
            return (*trail[trail.index(key) :], key)
        if key in finished:
            return ()
        for needed in references.get(key, ()):
            if found := search(needed, (*trail, key)):
                return found
        finished.add(key)
        return ()

    return next((found for key in references if (found := search(key, ()))), ())


def _check_growth_and_pools(definition: Definition, problems: ProblemList) -> None:
    places = {one.key: f"scores[{i}]" for i, one in enumerate(definition.scores)}
    tag_sizes = {tag: len(keys) for tag, keys in definition.tagged.items()}
    bits: dict[str, int] = {}
    whole: dict[str, bool] = {}
    for key in evaluation_order(definition):
        one = definition.score_by_key[key]
        bits[key] = size_in_bits(one.expr, bits, tag_sizes)
        whole[key] = is_whole(one.expr, whole) and one.missing is Missing.REQUIRE_ALL
        if bits[key] > MOST_BITS:
            problems.add(
                f"{places[key]}.expr",
                "The number could grow beyond all bounds.",
                "Multiply and add fewer terms.",
            )
        if one.pool is Pool.POOLED_RATIO and not _counts_whole(one, whole):
            problems.add(
                f"{places[key]}.pool",
                "Only a ratio of whole counts, all required, can be pooled as a ratio.",
                'Write pool = "mean", or make the expression a ratio of counts.',
            )


def _counts_whole(one: Score, whole: Mapping[str, bool]) -> bool:
    if not isinstance(one.expr, Ratio) or one.missing is not Missing.REQUIRE_ALL:
        return False
    return is_whole(one.expr.numerator, whole) and is_whole(one.expr.denominator, whole)


def _check_used(definition: Definition, problems: ProblemList) -> None:
    nodes = [node for one in definition.scores for node in walk(one.expr)]
    scored = {key for node in nodes for key in items_looked_up(node)}
    tags = {node.tag for node in nodes if isinstance(node, TagSum)}
    for path, kind, item in _items_with_path(definition):
        if kind is GroupKind.UTTERANCE_CODE:
            if item.key and item.key not in definition.slot_of:
                problems.add(path, f"No slot holds the code '{item.key}'.", "Add it to a slot, or remove the item.")
        elif item.key not in scored and not tags & set(item.tags) and not item.unscored:
            problems.add(
                path,
                f"No score uses the item '{item.key}'.",
                "Use it in a score, write unscored = true, or remove the item.",
            )


def _check_thresholds(definition: Definition, problems: ProblemList) -> None:
    if sum(one.official for one in definition.threshold_sets) > 1:
        problems.add("threshold_sets", "Two sets are official.", "Write official = true on one of them.")
    for i, threshold_set in enumerate(definition.threshold_sets):
        path = f"threshold_sets[{i}].thresholds"
        for key in _repeated(one.score for one in threshold_set.thresholds):
            problems.add(path, f"The score '{key}' has two thresholds.", "Keep one for each score.")
        for j, one in enumerate(threshold_set.thresholds):
            if one.score and one.score not in definition.score_by_key:
                problems.add(f"{path}[{j}].score", f"There is no score '{one.score}'.", "Write the key of a score.")
            if one.fair is None and one.good is None:
                problems.add(f"{path}[{j}]", "The threshold has no level.", "Write fair, good, or both.")
            if one.fair is not None and one.good is not None and one.fair >= one.good:
                problems.add(f"{path}[{j}]", "The levels do not ascend.", "Write a good level above the fair one.")


def _check_help_and_vectors(definition: Definition, problems: ProblemList) -> None:
    known: Sequence[tuple[str, Iterable[str], Iterable[str], str]] = [
        *(
            (f"decision_help[{i}].items", one.items, definition.items, "item")
            for i, one in enumerate(definition.decision_help)
        ),
        *(
            place
            for i, one in enumerate(definition.vectors)
            for place in (
                (f"vectors[{i}].ratings", one.ratings, definition.rated_items, "rated item"),
                (f"vectors[{i}].earlier", one.earlier, definition.rated_items, "rated item"),
                (f"vectors[{i}].counts", one.counts, definition.tallied_items, "counted item"),
                (f"vectors[{i}].tallies", one.tallies, definition.tallied_items, "counted item"),
                (f"vectors[{i}].expect", one.expect, definition.score_by_key, "score"),
            )
        ),
    ]
    for path, keys, allowed, what in known:
        for key in keys:
            if key not in allowed:
                problems.add(path, f"There is no {what} '{key[:40]}'.", f"Write the key of a {what}.")
    for i, vector in enumerate(definition.vectors):
        if vector.lines and vector.counts:
            problems.add(
                f"vectors[{i}]",
                "The vector has both lines and counts.",
                "Keep the lines; counts follow from them.",
            )
        expects = (vector.expect, vector.tallies, vector.refused, vector.notes is not None, vector.raises is not None)
        if not any(expects):
            problems.add(f"vectors[{i}]", "The vector expects nothing.", "Write expect or tallies.")

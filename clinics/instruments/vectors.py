"""Test vectors inside a definition: its worked examples are run before it may be used."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from clinics.instruments import measuring
from clinics.instruments.definition import Definition, Expectation, Vector
from clinics.instruments.figures import Figure, as_decimal_text
from clinics.instruments.problems import ProblemList
from clinics.instruments.scoring import BadCode, BadRating, band, check_codes, score, tally
from clinics.instruments.wording import shown


def run_vectors(definition: Definition, problems: ProblemList) -> None:
    """Compute every vector of the definition and note each expectation that does not hold."""
    for index, vector in enumerate(definition.vectors):
        path = f"vectors[{index}]"
        try:
            for place, expected, found in mismatches(definition, vector):
                problems.add(
                    f"{path}.{place}",
                    f"Vector {vector.key} expects {expected}; the engine finds {found}.",
                    "Mend the expectation, or the expression or slot it tests.",
                )
        except (BadCode, BadRating) as error:
            problems.add(path, f"Vector {vector.key} cannot be computed: {error}", "Mend its inputs.")


def mismatches(definition: Definition, vector: Vector) -> Iterator[tuple[str, str, str]]:
    """
    Yield (place, expected, found) for everything in a vector that does not hold.

    :raises BadCode, BadRating: when the inputs are not possible ones
    """
    if vector.refused:
        if _is_computed(definition, vector):
            yield "refused", "a refusal", "figures"
        return
    counts = dict(vector.counts)
    if vector.lines:
        for line in vector.lines:
            check_codes(definition, line.speaker, line.codes)
        counts = tally(definition, vector.lines)
    for key, expected_count in vector.tallies.items():
        if counts.get(key, 0) != expected_count:
            yield f"tallies.{key}", str(expected_count), str(counts.get(key, 0))
    found_figures = score(definition, counts, vector.ratings)
    yield from _measured(definition, vector, found_figures)
    for key, expectation in vector.expect.items():
        figure = found_figures[key]
        found = Expectation(
            value=figure.value,
            numerator=figure.numerator,
            denominator=figure.denominator,
            reason=figure.reason,
            band=band(definition.official_thresholds, key, figure),
            level=measuring.level(definition.score_by_key[key], figure, vector.sex or ""),
            shown=shown(definition.score_by_key[key], figure),
        )
        for part in ("value", "numerator", "denominator", "reason", "band", "level", "shown"):
            wanted = getattr(expectation, part)
            if wanted is not None and wanted != getattr(found, part):
                yield f"expect.{key}.{part}", _said(wanted), _said(getattr(found, part))


def _is_computed(definition: Definition, vector: Vector) -> bool:
    try:
        score(definition, vector.counts, vector.ratings)
    except BadRating:
        return False
    return True


def _measured(definition: Definition, vector: Vector, figures: Mapping[str, Figure]) -> Iterator[tuple[str, str, str]]:
    before = score(definition, {}, vector.earlier) if vector.earlier else {}
    earlier = {key: one.value for key, one in before.items() if one.value is not None}
    found = {
        "notes": tuple(one.key for one in measuring.notes(definition, vector.ratings, figures)),
        "raises": tuple(one.code for one in measuring.fired(definition, vector.ratings, figures, earlier)),
    }
    for place, expected in (("notes", vector.notes), ("raises", vector.raises)):
        if expected is not None and expected != found[place]:
            yield place, ", ".join(expected) or "nothing", ", ".join(found[place]) or "nothing"


def _said(value: object) -> str:
    if isinstance(value, Fraction):
        return as_decimal_text(value)
    return "nothing" if value is None else f"'{value}'" if isinstance(value, str) else str(value)

"""Test vectors inside a definition: its worked examples are run before it may be used."""

from collections.abc import Iterator
from fractions import Fraction

from clinics.instruments.definition import Definition, Expectation, Vector
from clinics.instruments.figures import as_decimal_text
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
    counts = dict(vector.counts)
    if vector.lines:
        for line in vector.lines:
            check_codes(definition, line.speaker, line.codes)
        counts = tally(definition, vector.lines)
    for key, expected_count in vector.tallies.items():
        if counts.get(key, 0) != expected_count:
            yield f"tallies.{key}", str(expected_count), str(counts.get(key, 0))
    found_figures = score(definition, counts, vector.ratings)
    for key, expectation in vector.expect.items():
        figure = found_figures[key]
        found = Expectation(
            value=figure.value,
            numerator=figure.numerator,
            denominator=figure.denominator,
            reason=figure.reason,
            band=band(definition.official_thresholds, key, figure),
            shown=shown(definition.score_by_key[key], figure),
        )
        for part in ("value", "numerator", "denominator", "reason", "band", "shown"):
            wanted = getattr(expectation, part)
            if wanted is not None and wanted != getattr(found, part):
                yield f"expect.{key}.{part}", _said(wanted), _said(getattr(found, part))


def _said(value: object) -> str:
    if isinstance(value, Fraction):
        return as_decimal_text(value)
    return "nothing" if value is None else f"'{value}'" if isinstance(value, str) else str(value)

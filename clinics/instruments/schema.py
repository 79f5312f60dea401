"""
Definitions from files and from stored JSON, and back to JSON with its hash.

A file is TOML. Stored JSON has the same keys; exact numbers that are not whole stand in it as text ("7/2").
"""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from decimal import Decimal
from fractions import Fraction

from clinics.instruments.checks import check
from clinics.instruments.definition import Definition
from clinics.instruments.document import Json
from clinics.instruments.expression_reading import expression_tree, number_tree
from clinics.instruments.expressions import Expression
from clinics.instruments.problems import DefinitionError, Problem, ProblemList
from clinics.instruments.reading import read_definition
from clinics.instruments.vectors import run_vectors

__all__ = [
    "Definition",
    "DefinitionError",
    "Problem",
    "definition_from_json",
    "definition_hash",
    "definition_to_json",
    "parse_definition",
]

LARGEST_FILE = 256 * 1024


def parse_definition(source: bytes | str, name: str) -> Definition:
    """
    Return the definition in a TOML file, read, checked and proved by its own test vectors.

    name  of the file, for messages

    :raises DefinitionError: with all problems found; vectors are run once everything else holds
    """
    problems = ProblemList(name)
    document = _toml(source, problems)
    problems.raise_if_any()
    definition = _read_and_check(document, problems)
    run_vectors(definition, problems)
    problems.raise_if_any()
    return definition


def definition_from_json(document: Mapping[str, object], name: str) -> Definition:
    """
    Return the definition in a stored JSON document; its vectors were proved when it was published.

    :raises DefinitionError: when the document is not a definition
    """
    problems = ProblemList(name)
    return _read_and_check(document, problems)


def _read_and_check(document: Mapping[str, object], problems: ProblemList) -> Definition:
    definition = read_definition(document, problems)
    check(definition, problems)
    problems.raise_if_any()
    return definition


def _toml(source: bytes | str, problems: ProblemList) -> Mapping[str, object]:
    size = len(source if isinstance(source, bytes) else source.encode("utf-8", "surrogatepass"))
    if size > LARGEST_FILE:
        problems.add(
            "",
            f"The file has {size:,} bytes.",
            f"A definition has at most {LARGEST_FILE:,} bytes: shorten it.",
        )
        return {}
    try:
        text = source.decode("utf-8-sig") if isinstance(source, bytes) else source
    except UnicodeDecodeError as error:
        problems.add("", f"Byte {error.start} is not UTF-8 text.", "Save the file as UTF-8.")
        return {}
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        problems.add("", f"This is not valid TOML: {str(error)[:200]}.", "Mend the file at that place.")
    except RecursionError:
        problems.add("", "Lists or tables are nested too deep.", "Write the definition flatter.")
    except (ValueError, ArithmeticError):
        problems.add("", "A number in the file is too long.", "Write numbers of at most ten digits.")
    return {}


def definition_to_json(definition: Definition) -> dict[str, Json]:
    """Return the definition as plain JSON; what equals its default is left out."""
    return _table(definition)


def definition_hash(document: Mapping[str, object]) -> str:
    """Return the SHA-256 of a JSON definition in canonical form (sorted keys, no spaces, UTF-8), as hex."""
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _table(record: object) -> dict[str, Json]:
    assert is_dataclass(record)
    return {
        one.name: _plain(getattr(record, one.name))
        for one in fields(record)
        if getattr(record, one.name) != _default(one)
    }


def _default(one: "Field[object]") -> object:
    if one.default is not MISSING:
        return one.default
    return one.default_factory() if one.default_factory is not MISSING else MISSING


def _plain(value: object) -> Json:
    if isinstance(value, Expression):
        return expression_tree(value)
    if isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Fraction):
        return number_tree(value)
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    return _table(value)

"""The instruments shipped with the product: one TOML file a version under `definitions/`."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from clinics.instruments.definition import Definition
from clinics.instruments.schema import parse_definition

DEFINITIONS = Path(__file__).parent / "definitions"


class UnknownInstrument(LookupError):
    """No shipped definition has this key and version."""


@cache
def shipped() -> Mapping[tuple[str, str], Definition]:
    """
    Return every shipped definition by (key, version), read and proved once in a process.

    :raises DefinitionError: when a shipped file is broken
    """
    return MappingProxyType(read_folder(DEFINITIONS))


def read_folder(folder: Path) -> dict[tuple[str, str], Definition]:
    """
    Return the definitions in `folder/*/*.toml`, each file named `<key>-<version>.toml`.

    :raises DefinitionError: for a broken file
    :raises ValueError: for a file whose name is not that of its definition
    """
    found: dict[tuple[str, str], Definition] = {}
    for path in sorted(folder.glob("*/*.toml")):
        definition = parse_definition(path.read_bytes(), path.name)
        expected = f"{definition.key}-{definition.version}.toml"
        if path.name != expected:
            raise ValueError(f"{path.name} holds {definition.key} {definition.version}. Name it {expected}.")
        found[definition.key, definition.version] = definition
    return found


def find(key: str, version: str) -> Definition:
    """
    Return a shipped definition.

    :raises UnknownInstrument: when there is none
    """
    try:
        return shipped()[key, version]
    except KeyError:
        known = ", ".join(" ".join(one) for one in shipped())
        raise UnknownInstrument(f"There is no instrument {key} {version}. Shipped: {known}.") from None

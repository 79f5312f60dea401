"""A stored definition written as the TOML file it came from, so that a new version can begin with it."""

import json
import re
from collections.abc import Iterator, Mapping

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_text(document: Mapping[str, object]) -> str:
    """
    Return a definition's JSON as a TOML file: reading it gives the same definition again.

    Lists of tables become sections, what stands inside them inline tables, so that a score keeps its line.
    """
    return "\n".join(_section(document, "")).strip() + "\n"


def _section(table: Mapping[str, object], path: str) -> Iterator[str]:
    sections = {}
    for key, value in table.items():
        if _is_list_of_tables(value):
            sections[key] = value
        else:
            yield f"{_key(key)} = {_inline(value)}"
    for key, entries in sections.items():
        place = f"{path}.{_key(key)}" if path else _key(key)
        assert isinstance(entries, list)
        for entry in entries:
            yield ""
            yield f"[[{place}]]"
            yield from _section(entry, place)


def _is_list_of_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(entry, dict) for entry in value)


def _inline(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # A JSON string is a TOML string, but for the one control character that JSON leaves as it is.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_inline(entry)}" for key, entry in value.items()) + " }"
    if isinstance(value, list):
        return f"[{', '.join(_inline(entry) for entry in value)}]"
    return str(value)


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False)

"""The OpenAPI document: it names every endpoint, and a change of a released field shows in the diff."""

import json
import os
from pathlib import Path
from typing import Any

from drf_spectacular.generators import SchemaGenerator

from tests.guards.routes import all_routes

RECORD = Path(__file__).parent.parent / "guards" / "api_v1.json"


def document() -> dict[str, Any]:
    """Return the OpenAPI document."""
    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return found


def summary() -> dict[str, Any]:
    """Return routes with their methods, and shapes with their fields."""
    schema = document()
    return {
        "routes": {
            path: sorted(set(ops) & {"get", "post", "put", "patch", "delete"}) for path, ops in schema["paths"].items()
        },
        "shapes": {name: sorted(one.get("properties", {})) for name, one in schema["components"]["schemas"].items()},
    }


def test_the_document_names_every_endpoint() -> None:
    routes = {"/" + r.template.replace("<", "{").replace(">", "}") for r in all_routes() if r.is_api}
    undocumented = {"/api/v1/schema/", "/api/v1/docs/"}
    assert routes - undocumented == set(document()["paths"])


def test_released_fields_are_as_recorded() -> None:
    """Set RECORD_API=1 to record a change on purpose; released fields are only added to."""
    now = json.dumps(summary(), indent=1, sort_keys=True) + "\n"
    if os.environ.get("RECORD_API"):
        RECORD.write_text(now, encoding="utf-8")
    assert RECORD.read_text(encoding="utf-8") == now

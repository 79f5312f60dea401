"""The browsable description of the API: our own page, drawn from the OpenAPI document, without a script."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from drf_spectacular.generators import SchemaGenerator

METHODS = ("get", "post", "put", "patch", "delete")


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return document


def _name(schema: dict[str, Any]) -> str:
    """Return what a schema is called: its reference, or its type."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if schema.get("type") == "array":
        return f"list of {_name(schema['items'])}"
    kinds = [schema.get("type", ""), schema.get("format", "")]
    return " ".join(str(kind) for kind in kinds if kind) or "any"


def _content(part: dict[str, Any]) -> str:
    content = part.get("content", {}).get("application/json")
    return _name(content["schema"]) if content else ""


def api_docs(request: HttpRequest) -> HttpResponse:
    """Show every endpoint and every shape."""
    document = _document()
    endpoints = [
        {
            "method": method.upper(),
            "path": path,
            "id": operation["operationId"],
            "text": operation.get("description", ""),
            "parameters": [
                {"name": one["name"], "where": one["in"], "required": one.get("required", False)}
                for one in operation.get("parameters", [])
            ],
            "body": _content(operation.get("requestBody", {})),
            "answers": [(status, _content(answer)) for status, answer in operation["responses"].items()],
        }
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if method in METHODS
    ]
    shapes = [
        {
            "name": name,
            "text": shape.get("description", ""),
            "fields": [
                {"name": field, "kind": _name(kind), "required": field in shape.get("required", ())}
                for field, kind in shape.get("properties", {}).items()
            ],
        }
        for name, shape in sorted(document["components"]["schemas"].items())
    ]
    return TemplateResponse(request, "api_docs.html", {"endpoints": endpoints, "shapes": shapes})

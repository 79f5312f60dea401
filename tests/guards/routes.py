"""Every route of the application, read from the URLconf, and what may stand in its placeholders."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

from clinics.tenancy import ClinicOwned, owned_models
from tests.world import Side

METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
PAGE_METHODS = ("get", "post")


@dataclass(frozen=True)
class Route:
    """One address: its name, its template such as clinics/<clinic_slug>/people/<public_id>/, its placeholders."""

    name: str
    template: str
    placeholders: tuple[str, ...]
    view: Any

    def path(self, **values: Any) -> str:
        """Return the address with these values in the placeholders."""
        path = self.template
        for key in self.placeholders:
            path = path.replace(f"<{key}>", str(values[key]))
        return "/" + path

    @property
    def is_api(self) -> bool:
        return self.template.startswith("api/")

    @property
    def takes(self) -> tuple[str, ...]:
        """The methods that may find something here: of the API those that the view has, of a page GET and POST."""
        view_class = getattr(self.view, "cls", None)
        return tuple(method for method in METHODS[:5] if hasattr(view_class, method)) if view_class else PAGE_METHODS


def all_routes() -> list[Route]:
    """Return every route of the URLconf, third-party ones included."""
    return list(_walk(get_resolver().url_patterns, "", ()))


def clinic_routes() -> list[Route]:
    """Return the routes of one clinic: those whose address names it."""
    return [route for route in all_routes() if "clinic_slug" in route.placeholders]


def _walk(patterns: Any, prefix: str, outer: tuple[str, ...]) -> Iterator[Route]:
    for entry in patterns:
        template, names = _template(entry.pattern)
        placeholders = (*outer, *names)
        if isinstance(entry, URLResolver):
            yield from _walk(entry.url_patterns, prefix + template, placeholders)
        elif isinstance(entry, URLPattern):
            yield Route(entry.name or entry.lookup_str, prefix + template, placeholders, entry.callback)


def _template(pattern: Any) -> tuple[str, tuple[str, ...]]:
    """Return the pattern with bare placeholders: <str:public_id> becomes <public_id>."""
    if isinstance(pattern, RoutePattern):
        return re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", str(pattern)), tuple(pattern.converters)
    names = tuple(pattern.regex.groupindex)
    text = pattern.regex.pattern.lstrip("^").rstrip("$").replace(r"\Z", "")
    for name in names:
        start = text.index(f"(?P<{name}>")
        depth, end = 0, start
        while True:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
            if depth == 0:
                break
        text = text[:start] + f"<{name}>" + text[end:]
    return text.replace("\\", ""), names


class Candidates:
    """
    What a clinic's own rows could put into the placeholders of an address.

    Ids of every clinic-owned row, its keys by name, and the people and memberships of the clinic: so a route for a
    model that is added later finds its ids here without anybody listing it. Two clinics that look alike give their
    values in the same order.

    kinds    id → the name of its model
    pointed  id → the names of the models with a row that points to it
    """

    def __init__(self, side: Side) -> None:
        self.by_name: dict[str, list[Any]] = {"clinic_slug": [side.clinic.slug], "public_id": [], "pk": []}
        self.kinds: dict[Any, str] = {}
        self.pointed: dict[Any, str] = {}
        with side.scope():
            for model in owned_models():
                row = model.objects.order_by("pk").first()
                if row is not None:
                    self._add(row)
        self.by_name |= side.rows["words"]
        for membership in side.clinic.memberships.all():
            for row in (membership, membership.user):
                self.by_name["public_id"].append(row.public_id)
                self.kinds[row.public_id] = type(row).__name__.lower()

    def _add(self, row: ClinicOwned) -> None:
        names = {field.name for field in row._meta.concrete_fields}
        for field in row._meta.concrete_fields:
            value = getattr(row, field.attname)
            if isinstance(value, uuid.UUID) or (isinstance(value, str) and value):
                self.by_name.setdefault(field.name, []).append(value)
                self.kinds.setdefault(value, type(row).__name__.lower())
            target = getattr(row, field.name) if field.is_relation else None
            if hasattr(target, "public_id"):
                self.pointed[target.public_id] = (
                    f"{self.pointed.get(target.public_id, '')} {type(row).__name__.lower()}"
                )
        if "public_id" not in names:
            self.by_name["pk"].append(row.pk)

    def of(self, route: Route, placeholder: str) -> list[Any]:
        """
        Return the values for a placeholder.

        First those whose model has the beginning of a word of the route's name, then those that rows of such a model
        point to.
        """
        values = self.by_name.get(placeholder) or self.by_name["public_id"] + self.by_name["pk"]
        words = [word[:4] for word in re.split("[_-]", route.name)]

        def likeness(value: Any) -> tuple[int, int]:
            return tuple(sum(word in names.get(value, "") for word in words) for names in (self.kinds, self.pointed))  # type: ignore[return-value]

        return sorted(values, key=likeness, reverse=True)


def same_names_as_models() -> set[str]:
    """Return every field name of the owned models: what a body might try to smuggle in."""
    names: set[str] = {"id", "clinic", "clinic_id", "clinic_slug", "role", "signed_at", "version"}
    for model in apps.get_models():
        if issubclass(model, ClinicOwned):
            names |= {field.name for field in model._meta.concrete_fields}
            names |= {field.attname for field in model._meta.concrete_fields}
    return names - {"pk"}

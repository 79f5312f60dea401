"""
One pager for every list: from the last row shown onwards, never by counting rows.

A page is found by comparing the order columns of a row with those of the row at its edge, as one row value
`(a, b) > (x, y)`, which an index answers at any depth. The edge travels in a cursor that is encrypted with the
clinic's key: a cursor may hold a name, and nothing personal stands in an address.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db.models import F, Field, Model, QuerySet
from django.db.models.fields.tuple_lookups import (  # type: ignore[import-untyped]
    Tuple,
    TupleGreaterThan,
    TupleLessThan,
)
from django.http import Http404, HttpRequest

from clinics import opaque
from clinics.access import NOT_HERE
from clinics.models import User
from clinics.statements import NOW, Kept

PAGE_SIZE: Final = 50
MAX_PAGE_SIZE: Final = 200
FORWARD, BACK = "after", "before"


class BadCursor(ValueError):
    """The cursor is not one that this list gave out. Start again at the first page."""


@dataclass(frozen=True)
class Page:
    """
    Some rows of a list in its order.

    before, after   cursors of the pages on either side; empty where there is none
    """

    rows: list[Any]
    before: str
    after: str

    def urls(self, request: HttpRequest) -> tuple[str, str]:
        """Return the addresses of the page before and the page after; empty where there is none."""
        return self._url(request, self.before), self._url(request, self.after)

    @staticmethod
    def _url(request: HttpRequest, cursor: str) -> str:
        if not cursor:
            return ""
        query = request.GET.copy()
        query["cursor"] = cursor
        return f"?{query.urlencode()}"


def keyset_page(rows: QuerySet[Any, Any], order: Sequence[str], cursor: str = "", size: int = PAGE_SIZE) -> Page:
    """
    Return one page of `rows`.

    rows     a queryset of instances or of `values()`; its own ordering is replaced
    order    columns that are never null, all ascending or all descending ("-started_at", "-id"), the last unique
    cursor   from `before` or `after` of another page of the same list; empty for the first page
    size     rows on a page, cut to MAX_PAGE_SIZE
    :raises BadCursor: the cursor is of another clinic or list, or was changed
    """
    columns, descending = _columns(rows.model, order)
    size = max(1, min(size, MAX_PAGE_SIZE))
    binding = _binding(rows.model, order)
    direction, edge = _read(cursor, binding, list(columns.values())) if cursor else (FORWARD, None)
    back = direction == BACK
    if edge is not None:
        beyond = TupleLessThan if descending != back else TupleGreaterThan
        rows = rows.filter(beyond(Tuple(*[F(name) for name in columns]), edge))
    found = list(rows.order_by(*(_turned(order) if back else order))[: size + 1])
    more, found = len(found) > size, found[:size]
    if back:
        found.reverse()
    if not found:
        return Page([], "", "")
    # Coming from one side, that side has rows; the other has them when one more than a page was found.
    has_before = more if back else edge is not None
    has_after = edge is not None if back else more
    return Page(
        found,
        _write(BACK, found[0], columns, binding) if has_before else "",
        _write(FORWARD, found[-1], columns, binding) if has_after else "",
    )


class KeptList:
    """
    A list that is asked so often that the statement of its first page is kept.

    rows    returns what somebody may see of `model`, as `values()`; a function of a module, as `Kept` takes it
    order   as for `keyset_page`
    """

    def __init__(self, model: type[Model], rows: Callable[[User], QuerySet[Any, Any]], order: Sequence[str]) -> None:
        self.model, self.rows, self.order = model, rows, order
        # What this closes over is the list's own, the same whoever asks.
        self.first = Kept(lambda _keys, user, _now: rows(user).order_by(*order)[: PAGE_SIZE + 1])

    def page(self, user: User, cursor: str = "", size: int = PAGE_SIZE) -> Page:
        """
        Return one page of what `user` may see, as `keyset_page` would.

        :raises BadCursor: the cursor is of another clinic or list, or was changed
        """
        if cursor or size != PAGE_SIZE:
            return keyset_page(self.rows(user), self.order, cursor, size)
        found = self.first.ask((), user, NOW)
        columns = [name.removeprefix("-") for name in self.order]
        more, found = len(found) > PAGE_SIZE, found[:PAGE_SIZE]
        after = _write(FORWARD, found[-1], columns, _binding(self.model, self.order)) if more else ""
        return Page(found, "", after)


def page_or_404(request: HttpRequest, rows: QuerySet[Any, Any], order: Sequence[str], size: int = PAGE_SIZE) -> Page:
    """
    Return the page that the request's `cursor` names.

    :raises Http404: the cursor is not one of this list
    """
    try:
        return keyset_page(rows, order, request.GET.get("cursor", ""), size)
    except BadCursor:
        raise Http404(NOT_HERE) from None


def size_of(text: str | None, default: int = PAGE_SIZE) -> int:
    """Return how many rows were asked for: at least 1, at most MAX_PAGE_SIZE, `default` for no number."""
    if text is None or not (text.isascii() and text.isdigit()):
        return default
    return max(1, min(int(text[:6]), MAX_PAGE_SIZE))


def _binding(model: type[Model], order: Sequence[str]) -> str:
    return f"cursor|{model._meta.label_lower}|{','.join(order)}"


def _columns(model: type[Model], order: Sequence[str]) -> tuple[dict[str, "Field[Any, Any]"], bool]:
    descending = {name.startswith("-") for name in order}
    if len(descending) != 1:
        raise TypeError("Order a paged list by columns that are all ascending or all descending.")
    columns = {name.removeprefix("-"): _field(model, name.removeprefix("-")) for name in order}
    if any(field.null for field in columns.values()):
        raise TypeError("Order a paged list by columns that are never null.")
    return columns, descending.pop()


def _field(model: type[Model], path: str) -> "Field[Any, Any]":
    *parents, name = path.split("__")
    for parent in parents:
        model = model._meta.get_field(parent).related_model  # type: ignore[assignment]
    field: Field[Any, Any] = model._meta.get_field(name)  # type: ignore[assignment]
    return field


def _turned(order: Sequence[str]) -> list[str]:
    return [name[1:] if name.startswith("-") else f"-{name}" for name in order]


def _value(row: Any, path: str) -> Any:
    if isinstance(row, dict):
        return row[path]
    for name in path.split("__"):
        row = getattr(row, name)
    return row


def _write(direction: str, row: Any, columns: Iterable[str], binding: str) -> str:
    values = [_value(row, name) for name in columns]
    text = json.dumps([direction, *[v if isinstance(v, int | str) else v.isoformat() for v in values]])
    return opaque.wrap(text, binding)


def _read(cursor: str, binding: str, fields: Sequence["Field[Any, Any]"]) -> tuple[str, tuple[Any, ...]]:
    try:
        direction, *values = json.loads(opaque.unwrap(cursor, binding))
        return direction, tuple(field.to_python(value) for field, value in zip(fields, values, strict=True))
    except (opaque.NotOurs, ValidationError) as error:
        raise BadCursor("This is no page of this list. Start again at the first page.") from error

"""The parts of a list in an admin site: columns, filters, pages, links."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.urls import reverse
from django.utils.functional import cached_property

MOST_LISTED = 5_000


class OneOf(admin.SimpleListFilter):
    """A filter of a list by one of some known values; any other value in the address is left out."""

    def value(self) -> str | None:
        """Return the value chosen, or None."""
        found = super().value()
        return found if found in {str(key) for key, _label in self.lookup_choices} else None


def column(field: str, label: Any, *, boolean: bool = False) -> Callable[[Any], Any]:
    """Return a column of a list: a field under words of ours, sorted by it, with a choice as it is read."""

    def show(row: Any) -> Any:
        read = getattr(row, f"get_{field}_display", None)
        value = read() if read is not None else getattr(row, field)
        return None if value == "" else value

    show.__name__ = field
    shown: Any = show
    shown.short_description, shown.admin_order_field = label, field
    if boolean:
        shown.boolean = True
    return shown  # type: ignore[no-any-return]


def choice_filter(field: str, title: Any, choices: Iterable[tuple[Any, Any]]) -> type[OneOf]:
    """Return a filter by a field with known values."""
    known = tuple(choices)

    class ByChoice(OneOf):
        parameter_name = field

        def lookups(self, request: Any, model_admin: Any) -> Any:
            return known

        def queryset(self, request: Any, queryset: Any) -> Any:
            return queryset if self.value() is None else queryset.filter(**{field: self.value()})

    ByChoice.title = title
    return ByChoice


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Pages the first 5,000 rows: the trail has millions, and a count of all of them would be the slowest query."""

    @cached_property
    def count(self) -> int:
        """Return how many rows there are, 5,000 at most."""
        rows: Any = self.object_list
        return int(rows.order_by().values("pk")[:MOST_LISTED].count())


class PublicList(ChangeList):
    """Django's list, whose links carry public ids."""

    def url_for_result(self, result: Any) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[result.public_id], current_app=self.model_admin.admin_site.name)

"""
Rows of models out of statements that are written out.

What every request asks is written once and by hand: the ORM takes several times as long to make such a statement anew
as the database takes to answer it. A statement names all columns of a model by `columns`, and `row_of` makes the row.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, models

M = TypeVar("M", bound=models.Model)


@cache
def columns(model: type[models.Model], alias: str) -> str:
    """Return the columns of a model as a statement names them, in the order of its fields."""
    return ", ".join(f'{alias}."{field.column}"' for field in model._meta.concrete_fields)


def width(model: type[models.Model]) -> int:
    """Return how many columns a model has."""
    return len(_names(model))


def row_of(model: type[M], values: Sequence[Any]) -> M:
    """Return the row whose columns, as `columns` names them, have these values."""
    return model.from_db(DEFAULT_DB_ALIAS, _names(model), values)


@cache
def _names(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]

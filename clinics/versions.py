"""
Two people, one record: a form carries the version it was made from, and a stale one shows both texts.

The service locks the row and compares; the page that gets `Stale` shows what is stored beside what was typed, and
takes the next save as a decision. Nothing is overwritten unseen.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any, TypeVar

from django import forms
from django.db.models import Model
from django.forms.boundfield import BoundField
from django.utils.choices import flatten_choices
from django.utils.formats import localize
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

M = TypeVar("M", bound=Model)


class Stale(Exception):
    """Somebody saved this record in the meantime. Read it again, then decide; `current` is the row as stored."""

    def __init__(self, current: Any) -> None:
        super().__init__(gettext("Someone else saved this record in the meantime. Read it again, then decide."))
        self.current = current


def lock_version(row: M, version: int) -> M:
    """
    Return a fresh copy of `row`, locked until the transaction ends, with its version raised by one.

    version   the version that the caller read; the row's own when nobody's text can be lost
    :raises Stale: the stored version is another
    """
    current: Any = type(row)._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
    if current.version != version:
        raise Stale(current)
    current.version += 1
    locked: M = current
    return locked


@dataclass(frozen=True)
class Difference:
    """One field in which the stored and the typed text differ, as a person would read them."""

    label: str
    stored: str
    typed: str


class VersionedForm(forms.Form):
    """A form of an editable record: it carries the version it was made from."""

    version = forms.IntegerField(
        widget=forms.HiddenInput,
        min_value=1,
        max_value=2**31 - 1,
        error_messages={
            "required": _("This form has lost its place. Open the page again, then save."),
            "invalid": _("This form has lost its place. Open the page again, then save."),
            "min_value": _("This form has lost its place. Open the page again, then save."),
            "max_value": _("This form has lost its place. Open the page again, then save."),
        },
    )
    differences: tuple[Difference, ...] = ()


def show_both(form: VersionedForm, stored: Mapping[str, Any], version: int) -> bool:
    """
    Turn a stale form into one that shows both texts and, saved again, means it; tell whether the texts differ.

    Where they do not differ the form is left alone: what was typed is what is stored, as after the same POST twice.

    form      the bound form that met `Stale`
    stored    the stored values by field name, as the form's `initial` would hold them
    version   the stored version
    """
    form.differences = tuple(_differences(form, stored))
    if not form.differences:
        return False
    data: Any = form.data
    data = data.copy()
    data[form.add_prefix("version")] = str(version)
    form.data = data
    form.add_error(
        None,
        gettext("Someone else saved this while you were typing. Compare both texts below, then save what is right."),
    )
    return True


def _differences(form: VersionedForm, stored: Mapping[str, Any]) -> Iterable[Difference]:
    for field in form.visible_fields():
        if field.name in stored:
            before = _words(field, stored[field.name])
            after = _words(field, form.cleaned_data.get(field.name))
            if before != after:
                yield Difference(str(field.label), before, after)


def _words(field: BoundField, value: Any) -> str:
    """Return a value as it is read aloud: the label of a choice, a date in the local form, words for nothing."""
    if value in (None, "", []):
        return gettext("nothing")
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return ", ".join(_words(field, one) for one in value)
    value = field.field.prepare_value(value)
    choices = getattr(field.field, "choices", None)
    if choices is not None:
        pairs: Iterable[tuple[Any, Any]] = flatten_choices(choices)
        for key, label in pairs:
            if str(key) == str(value):
                return str(label)
    if isinstance(value, date | time):
        return str(localize(value))
    return str(value)

"""Template helpers of the visual language: small, without queries and without decisions about people."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import template
from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

TONE_ICONS = {"info": "info", "ok": "circle-check", "warn": "triangle-alert", "danger": "octagon-alert"}


@dataclass(frozen=True)
class ErrorItem:
    """One line of an error summary; `target` is the id of the input to go to, empty for the whole form."""

    target: str
    message: str


@register.filter
def error_target(field: BoundField) -> str:
    """Return the id of the first input of a field, so that a link to it moves the focus there."""
    if field.use_fieldset:
        return f"{field.auto_id}_0"
    return field.id_for_label or str(field.auto_id)


@register.filter
def error_items(form: BaseForm) -> list[ErrorItem]:
    """Return the errors of a form in reading order, in the words that stand beside each field."""
    return list(_errors_of(form))


def _errors_of(form: BaseForm) -> Iterator[ErrorItem]:
    for message in form.non_field_errors():
        yield ErrorItem("", str(message))
    for field in form:
        for message in field.errors:
            yield ErrorItem(error_target(field), str(message))


@register.filter
def tone_icon(tone: str) -> str:
    """Return the Lucide name that stands for a tone, so that colour is never the only sign of it."""
    return TONE_ICONS.get(tone, "info")


@register.filter
def message_tone(level_tag: str) -> str:
    """Return the tone of a Django message from its level tag."""
    return {"success": "ok", "warning": "warn", "error": "danger"}.get(level_tag, "info")


@register.filter
def inline_svg(drawing: str, label: str) -> SafeString:
    """
    Return a drawing made by a library of ours (never one sent by a person) as a named picture in the page.

    Everything before `<svg` goes: an XML declaration has no place in HTML, and a `data:` address is
    refused by the content security policy.
    """
    _, _, body = drawing.partition("<svg")
    return mark_safe(f'<svg role="img" aria-label="{escape(label)}"{body}')  # noqa: S308 # nosec B308 B703


@register.simple_tag
def describe(*parts: Any) -> str:
    """Join the given parts that are not empty with a middle dot."""
    return " · ".join(str(part) for part in parts if part not in (None, ""))

"""Lucide's icons as a template tag, each drawn once in a process: drawing walks XML, and a page shows dozens."""

from functools import lru_cache

from django import template
from lucide.templatetags import lucide as library

register = template.Library()
# More than the templates name, in each size they ask for.
DRAWN = 512


@register.simple_tag
@lru_cache(DRAWN)
def lucide(name: str, *, size: int | None = 24, **attributes: str) -> str:
    """Return an icon as markup; `size` in pixels, underscores in the names of attributes become hyphens."""
    drawn: str = library.lucide(name, size=size, **attributes)
    return drawn

"""
What apps above this one add to a person's page.

The page stands in `clients`, which knows nothing of sessions or figures. `settings.PERSON_PANELS` names, in reading
order, functions of higher apps that each make one card of the page.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from clients.models import Client
from clients.selectors.people import Care


@dataclass(frozen=True)
class Panel:
    """One card of a person's page: a template, and what it shows as `item`."""

    template: str
    item: Any


PanelMaker = Callable[[HttpRequest, Client, Care], Panel | None]


@cache
def _makers() -> tuple[PanelMaker, ...]:
    return tuple(import_string(name) for name in settings.PERSON_PANELS)


def panels_for(request: HttpRequest, client: Client, care: Care) -> list[Panel]:
    """
    Return the cards that higher apps add for who asks.

    A maker returns None when the person may not see its card. The page's own event covers what the cards show of this
    client; a maker records what else it shows.

    care   what the page has read of the person already
    """
    return [panel for maker in _makers() if (panel := maker(request, client, care)) is not None]

"""
What apps above this one add to a person's page, and to the page of a plan.

The pages stand in `clients`, which knows nothing of sessions or figures. `settings.PERSON_PANELS` and
`settings.PLAN_PANELS` name, in reading order, functions of higher apps that each make one card of the page.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from clients.models import Client, PlanVersion
from clients.rules.plan_minutes import Work
from clients.selectors.people import Care


@dataclass(frozen=True)
class Panel:
    """One card of a page: a template, and what it shows as `item`."""

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


PlanPanelMaker = Callable[[HttpRequest, Client, PlanVersion, Sequence[Work]], Panel | None]


@cache
def _plan_makers() -> tuple[PlanPanelMaker, ...]:
    return tuple(import_string(name) for name in settings.PLAN_PANELS)


def panels_for_plan(request: HttpRequest, client: Client, version: PlanVersion, works: Sequence[Work]) -> list[Panel]:
    """
    Return the cards that higher apps add to the page of a plan in force, for who asks; as for a person.

    works   what the clinic does by this version
    """
    return [panel for maker in _plan_makers() if (panel := maker(request, client, version, works)) is not None]

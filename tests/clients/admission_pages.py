"""Rows and pages of an admission, made now as the pages make theirs."""

from typing import Any

import pytest
from django.utils import timezone

from clients.models import Inquiry
from tests.clients import admission as at
from tests.world import Side


@pytest.fixture(autouse=True)
def now_is_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the rows of these tests be made now, as the pages make theirs."""
    monkeypatch.setattr(at, "NOW", timezone.now())


def made(side: Side, what: Any, *args: Any, **more: Any) -> Any:
    with side.scope():
        return what(side, *args, **more)


def status(side: Side, inquiry: Inquiry) -> str:
    with side.scope():
        return str(at.fresh(inquiry).status)


def text_of(answer: Any) -> str:
    return str(answer.content.decode())

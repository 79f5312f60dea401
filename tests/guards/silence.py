"""What is said about people where it must not be: in log lines, in mail, in the head of an answer."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.contrib.messages import get_messages
from django.core import mail

from config.logs import JsonFormatter


@dataclass
class Heard:
    """Everything that left a request beside the body of its answer, as text."""

    lines: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)

    def take(self, answer: Any) -> None:
        """Keep the head of an answer, and what it leaves in a cookie to be said on the next page."""
        said_next = getattr(get_messages(answer.wsgi_request), "_queued_messages", [])
        self.heads.append("\n".join((*map(str, answer.headers.items()), answer.cookies.output(), *map(str, said_next))))

    def with_any_of(self, words: Iterable[str]) -> list[str]:
        """Return what holds one of these words."""
        sought = tuple(words)
        return [text for text in (*self.lines, *self.heads, *self.mails) if any(word in text for word in sought)]


class _Ear(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self.setFormatter(JsonFormatter())
        self.lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def listening() -> Iterator[Heard]:
    """Keep what is logged, as production writes it, and what is mailed, while the block runs."""
    heard, before = Heard(), len(mail.outbox)
    ear = _Ear(heard.lines)
    logging.getLogger().addHandler(ear)
    try:
        yield heard
    finally:
        logging.getLogger().removeHandler(ear)
        heard.mails += [f"{one.subject}\n{one.body}" for one in mail.outbox[before:]]

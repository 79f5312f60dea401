"""What is only ever written anew, whole: the number of the next revision, one writer at a time."""

from collections.abc import Callable
from typing import Any

from clients.models import Client


class Newer(ValueError):
    """Somebody wrote a newer revision in the meantime; `current` is it."""

    def __init__(self, current: Any) -> None:
        super().__init__("Somebody wrote this anew in the meantime. Read it again, then decide.")
        self.current = current


def next_number(client: Client, seen: int, newest: Callable[[], Any]) -> int:
    """
    Return the number of the revision to be written now. The person's row is held until the transaction ends.

    seen     the revision that was read before, 0 where there was none
    newest   returns the revision that holds now, or None
    :raises Newer: another one holds than the one that was read
    """
    Client.objects.select_for_update(of=("self",)).get(pk=client.pk)
    current = newest()
    if current is None:
        return 1
    if current.revision != seen:
        raise Newer(current)
    return int(current.revision) + 1

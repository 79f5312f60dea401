"""
What a person's page reads with the row of the person itself, so that opening it asks little.

Rights on the person, who has them on a caseload, and what stands beside them are columns of the row. Records that were
joined into theirs are read by one further statement, and only where there are some.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef
from django.db.models.functions import JSONArray

from clients.models import CaseloadAssignment, Client
from clients.selectors import beside, reaching
from clients.selectors.beside import Beside
from clinics.models import Supervision, User
from clinics.models.people import in_force
from clinics.statements import KeptColumns


@dataclass(frozen=True, slots=True)
class OnCaseload:
    """
    Somebody who had the person on their caseload, from when to when.

    is_now          they have now, by the database's clock
    is_supervised   the viewer supervises them now
    """

    client_id: int
    user_id: int
    name: str
    starts_at: datetime
    ends_at: datetime | None
    is_now: bool
    is_supervised: bool


@dataclass(frozen=True)
class Opened:
    """
    A person as their page knows them.

    held          whether the viewer holds each right that was asked for
    assignments   everybody who had them on a caseload, on any record of theirs, by name
    """

    held: Mapping[str, bool]
    assignments: Sequence[OnCaseload]
    beside: Beside

    def caseloads(self, client: Client) -> list[OnCaseload]:
        """Return who has them on a caseload now."""
        return [one for one in self.assignments if one.is_now and one.client_id == client.pk]


def _columns(user: User) -> dict[str, Any]:
    joined = Exists(Client.objects.filter(merged_into_id=OuterRef("pk")))
    return {
        **reaching.columns(user), "has_joined": joined, "on_caseloads": _on_caseloads(user), **beside.columns(),
    }  # fmt: skip


COLUMNS: Final = KeptColumns(Client, _columns)


def columns(user: User) -> dict[str, Any]:
    """Return the columns to find a person with; `opened` reads them."""
    return dict(COLUMNS.of(user))


def opened(client: Client, user: User, rights: Sequence[str]) -> Opened:
    """Return what was read with a person that was found with `columns`, and of the records joined into theirs."""
    row: Any = client
    rows = [{"pk": client.pk, **vars(client)}]
    if not row.has_joined:
        client.__dict__["record_keys"] = [client.pk]
    else:
        others = Client.objects.filter(pk__in=client.record_keys).exclude(pk=client.pk)
        rows += others.values("pk", **columns(user))
    found = [_read(one["pk"], *said) for one in rows for said in one["on_caseloads"]]
    return Opened(
        reaching.held(row, user, rights),
        sorted(found, key=lambda one: (one.name, one.starts_at)),
        beside.read(rows),
    )


def _on_caseloads(user: User) -> ArraySubquery:
    supervised = Supervision.objects.filter(in_force(), supervisor=user, supervisee_id=OuterRef("user_id"))
    rows = CaseloadAssignment.objects.filter(client_id=OuterRef("pk")).annotate(
        is_now=ExpressionWrapper(in_force(), BooleanField()), is_supervised=Exists(supervised)
    )
    said = JSONArray("user_id", "user__name", "starts_at", "ends_at", "is_now", "is_supervised")
    return ArraySubquery(rows.order_by("user__name", "id").values(said=said))


def _read(
    client_id: int, user_id: int, name: str, starts_at: str, ends_at: str | None, is_now: bool, is_supervised: bool
) -> OnCaseload:
    until = datetime.fromisoformat(ends_at) if ends_at else None
    return OnCaseload(client_id, user_id, name, datetime.fromisoformat(starts_at), until, is_now, is_supervised)

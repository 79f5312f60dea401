"""
Where a team works otherwise than is suggested: by a clinician's own choice, or by what sessions were made of.

It is something to talk about in supervision, never a fault: the suggestion stands on fixed rules without validation.
"""

from dataclasses import dataclass
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from clients.models import ChangeTarget, Client
from clients.models.access import client_reach
from clients.selectors.motivation import VIEW, Standing, standing, with_standing
from clinics.models import User
from clinics.roles import Reach
from sessions.models import TherapySession

SESSIONS: Final = 3
APART: Final = 30  # percentage points between the mix that suits and the mix of the sessions: a product default


@dataclass(frozen=True)
class Otherwise:
    """
    A goal that is worked with otherwise than suggested.

    held_pct   MI share of the newest three sessions where it lies 30 points or more from what suits; else None
    """

    now: Standing
    held_pct: int | None

    @property
    def client(self) -> Client:
        """Return whose goal it is."""
        found: Client = self.now.target.client
        return found

    @property
    def client_id(self) -> int:
        """Return the key of whose goal it is."""
        return int(self.now.target.client_id)


def team_otherwise(user: User) -> list[Otherwise]:
    """Return the goals of people on the caseloads of those whom `user` supervises, by one statement, by name."""
    supervised = client_reach(Reach.SUPERVISEES, user)
    newest = TherapySession.objects.filter(client_id=OuterRef("client_id")).order_by("-started_at", "-id")
    rows = ChangeTarget.objects.permitted(user, VIEW).filter(supervised, is_active=True)
    rows = with_standing(rows).annotate(held=ArraySubquery(newest.values("mi_pct")[:SESSIONS]))
    rows = rows.select_related("client").defer("goal", "own_words").order_by("client__family_key", "id")
    found = (Otherwise(now, _apart(now, row.held)) for row in rows if (now := standing(row)))
    return [one for one in found if one.now.is_otherwise or one.held_pct is not None]


def _apart(now: Standing, held: list[int] | Any) -> int | None:
    """Return the MI share of the newest sessions where it is far from what suits, in whole percent."""
    suits = now.advice.mi_pct
    if suits is None or len(held) < SESSIONS:
        return None
    share = round(sum(held) / len(held))
    return share if abs(share - suits) >= APART else None

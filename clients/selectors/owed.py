"""What is owed, by whom: a person's own open tasks, those of their role, and those that came to it late."""

from datetime import datetime
from typing import Any

from django.db.models import Q

from clients.models import Task
from clients.models.safety import CHAIN
from clinics.tenancy import active_clinic_id


def owed_by(user: Any, now: datetime) -> Any:
    """
    Return the open tasks that are this person's to do, or that their role has to see done; the snoozed wait.

    A task that somebody took is theirs alone until it is due; then their whole role sees it, and the roles that were
    told because it is late. What a task is about is shown only to those who may see the inquiry.
    """
    mine = Q(owner=user)
    for role in user.roles_at(active_clinic_id()):
        mine |= Q(role=role) & (Q(owner__isnull=True) | Q(due_at__lte=now))
        if role in CHAIN:
            place = CHAIN.index(role)
            for before in range(place):
                mine |= Q(role=CHAIN[before], escalated__gte=place - before)
    awake = Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=now)
    tasks = Task.objects.filter(awake, mine, done_at__isnull=True)
    return tasks.select_related("inquiry__client", "client", "concern", "owner")

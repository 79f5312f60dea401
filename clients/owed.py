"""What is owed, by whom: a person's own open tasks, those of their role, and those that came to it late."""

from datetime import datetime
from typing import Any

from django.db.models import Q

from clients.models import Task
from clinics.tenancy import active_clinic_id


def owed_by(user: Any, now: datetime) -> Any:
    """
    Return the open tasks that are this person's to do, or that their role has to see done; the snoozed wait.

    A task of a role that somebody took is theirs alone until it is late: then the next role sees it too. What a task
    is about is shown only to those who may see the inquiry; that it is late is shown to whoever it was passed on to.
    """
    roles = list(user.roles_at(active_clinic_id()))
    of_role = Q(role__in=roles) & (Q(owner__isnull=True) | Q(escalated__gt=0))
    awake = Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=now)
    tasks = Task.objects.filter(awake, Q(owner=user) | of_role, done_at__isnull=True)
    return tasks.select_related("inquiry__client", "client", "concern", "owner")

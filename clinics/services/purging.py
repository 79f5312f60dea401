"""What is removed by age alone: drafts, answered posts, expired sign-ins, served slots. Nothing of the record."""

from datetime import datetime, timedelta
from typing import Final

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models.functions import Now

from clinics import drafts, repeat
from clinics.models import Slot

SLOTS_KEPT: Final = timedelta(days=7)


def purge_clinic() -> None:
    """Remove the entered clinic's drafts and answered posts that are past their age."""
    drafts.purge_drafts(_database_now())
    repeat.purge_keys()


def purge_sign_ins() -> int:
    """Remove the sign-ins of browsers that have expired, and return how many there were."""
    removed, _by_model = Session.objects.filter(expire_date__lt=Now()).delete()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return removed


def purge_slots() -> int:
    """Remove slots that were served more than a week ago, and return how many there were."""
    removed, _by_model = Slot.objects.filter(slot_at__lt=Now() - SLOTS_KEPT).delete()
    return removed


def _database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("select now()")
        now: datetime = cursor.fetchone()[0]
    return now

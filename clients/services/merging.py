"""Join two records of one person so that it can be taken back, or note that they are two people."""

from datetime import datetime

from django.db import transaction

from clients.models import Client, Episode, Inquiry, Merge, NotTheSame
from clients.services import caseload
from clinics import audit
from clinics.models import User


class CannotMerge(ValueError):
    """These two cannot be joined now. The text says why and what to do."""

    field = None


class MergeStands(ValueError):
    """This merge cannot be taken back. The text says why."""

    field = None


@transaction.atomic
def merge(*, kept: Client, absorbed: Client, reason: str = "", by: User, now: datetime) -> Merge:
    """
    Join `absorbed` into `kept`.

    Its inquiries come under the kept record; everything else stays where it was written, and is read with the kept
    one from now on. What had been joined into it comes along, so that every record of a person names the same one.
    Who had one of them on their caseload has all.
    :raises CannotMerge: one record twice, one is joined already, or both are in care in the same program
    """
    two = Client.objects.select_for_update().filter(pk__in=[kept.pk, absorbed.pk]).order_by("pk")
    locked = {row.pk: row for row in two}
    if len(locked) < 2:
        raise CannotMerge("These are the same record. Choose two.")
    kept, absorbed = locked[kept.pk], locked[absorbed.pk]
    if any(row.merged_into_id is not None for row in locked.values()):
        raise CannotMerge("One of them is joined with another record already. Open the record it was joined with.")
    twice = _programs_of_both(kept, absorbed)
    if twice:
        raise CannotMerge(f"Both are in care in {', '.join(twice)}. Close one of the two stays first.")
    moved = list(Inquiry.objects.filter(client=absorbed).values_list("public_id", flat=True))
    Inquiry.objects.filter(client=absorbed).update(client=kept)
    came_along = Client.objects.filter(merged_into=absorbed)
    carried = [str(key) for key in came_along.values_list("public_id", flat=True)]
    came_along.update(merged_into=kept)
    absorbed.merged_into = kept
    absorbed.save(update_fields=["merged_into"])
    row = Merge(
        clinic=kept.clinic, kept=kept, absorbed=absorbed, inquiries=[str(key) for key in moved], carried=carried, by=by,
        reason=reason.replace("\x00", "").strip() or None,
    )  # fmt: skip
    row.save()
    row.refresh_from_db(fields=["at"])
    caseload.share(kept)
    for subject, other in ((kept, absorbed), (absorbed, kept)):
        audit.record(
            "client.merged", subject, by=by, detail={"with": str(other.public_id), "merge": str(row.public_id)}
        )
    return row


@transaction.atomic
def undo_merge(*, merge: Merge, reason: str, by: User, now: datetime) -> Merge:
    """
    Take a merge back: the record stands by itself again, with the inquiries and the records that were its own.

    :raises MergeStands: it was taken back already, the kept record is itself joined now, or no reason is given
    """
    row: Merge = Merge.objects.select_for_update(of=("self",)).select_related("kept", "absorbed").get(pk=merge.pk)
    if row.undone_at is not None:
        raise MergeStands("This was taken back already.")
    if row.kept.merged_into_id is not None:
        raise MergeStands(f"{row.kept.reference} is joined with another record. Take that back first.")
    words = reason.replace("\x00", "").strip()
    if not words:
        raise MergeStands("Write why the records are not one person's.")
    absorbed = row.absorbed
    absorbed.merged_into = None
    absorbed.save(update_fields=["merged_into"])
    Client.objects.filter(merged_into=row.kept, public_id__in=row.carried).update(merged_into=absorbed)
    Inquiry.objects.filter(client=row.kept, public_id__in=row.inquiries).update(client=absorbed)
    for side in (row.kept, absorbed):
        caseload.part(side)
    row.undone_at, row.undone_by, row.undo_reason = now, by, words
    row.save(update_fields=["undone_at", "undone_by", "undo_reason"])
    for subject in (row.kept, absorbed):
        audit.record("client.unmerged", subject, by=by, detail={"merge": str(row.public_id)})
    return row


@transaction.atomic
def mark_different(*, one: Client, other: Client, by: User) -> NotTheSame:
    """
    Note that two records that look alike are two people; noted already, nothing changes.

    :raises CannotMerge: one record twice
    """
    if one.pk == other.pk:
        raise CannotMerge("These are the same record. Choose two.")
    first, second = sorted((one, other), key=lambda client: client.pk)
    row: NotTheSame
    row, made = NotTheSame.objects.get_or_create(clinic=one.clinic, first=first, second=second, defaults={"by": by})
    if made:
        for subject, its_other in ((first, second), (second, first)):
            audit.record("client.found_different", subject, by=by, detail={"from": str(its_other.public_id)})
    return row


def _programs_of_both(one: Client, other: Client) -> list[str]:
    """Return the names of the programs in which both have an open episode, on whichever of their records."""
    running = Episode.objects.filter(status=Episode.Status.OPEN)
    mine = running.filter(client__in=one.records).values("program_id")
    both = running.filter(client__in=other.records, program_id__in=mine)
    return list(both.order_by("program__name").values_list("program__name", flat=True).distinct())

"""Printed pages as PDF: asking for one, writing the page, keeping the file for a day, fetching it."""

from base64 import b64decode, b64encode
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from clients.models import Printout
from clients.rules.disclosure import SHORT_NOTICE
from clients.selectors import printing
from clinics import audit, pdf
from clinics.jobs import JobRefused
from clinics.models import User
from clinics.models.trail import ClockTimestamp
from clinics.services import jobs

# The kind of job that makes a PDF; its function is in tasks.py.
JOB: Final = "print_page"
PURPOSE: Final = "own_copy"


class CannotPrint(JobRefused):
    """Whoever asked may not print the page any more, or it is gone."""

    sentence = "The page can not be printed any more."


class NoPango(JobRefused):
    """This machine has no Pango."""

    sentence = "The machine that does the work cannot make a PDF: it has no Pango."


@transaction.atomic
def ask(*, kind: Printout.Kind, row: Any, by: User) -> Printout:
    """
    Promise the PDF of a printed page; the door sends the printout's job.

    row   what the page shows, which `by` may see
    """
    printout = Printout(clinic=row.clinic, client=row.client, kind=kind, of=row.public_id, asked_by=by)
    printout.job = jobs.promise(kind=JOB, label="A page as PDF", by=by, args={"printout": str(printout.public_id)})
    printout.save(force_insert=True)
    audit.record("printout.asked", printout, by=by, purpose=PURPOSE, detail={"kind": kind})
    return printout


@transaction.atomic
def page_of(*, public_id: str, now: datetime) -> str:
    """
    Return the page that a printout is made of: the one on the screen, in the frame of a PDF.

    :raises CannotPrint: whoever asked may not print it any more, or it is gone
    """
    printout = Printout.objects.select_related("asked_by", "clinic").filter(public_id=public_id).first()
    row = printing.printed_row(printout, printout.asked_by) if printout is not None else None
    if printout is None or row is None:
        raise CannotPrint
    page = printing.PAGES[printout.kind]
    row.clinic = row.client.clinic = printout.clinic
    with timezone.override(ZoneInfo(printout.clinic.time_zone)):
        context = {
            **page.context(row),
            "frame": "pdf.html",
            "client": row.client,
            "notice": SHORT_NOTICE,
            "printed_by": printout.asked_by,
            "printed_at": now,
        }
        return render_to_string(page.template, context)


@transaction.atomic
def keep(*, public_id: str, made: pdf.Made) -> None:
    """
    Keep a PDF that was made, encrypted.

    :raises CannotPrint: nobody waits for it any more
    """
    rows = Printout.objects.select_for_update(of=("self",))
    printout = rows.filter(public_id=public_id, ready_at__isnull=True).first()
    if printout is None:
        raise CannotPrint
    printout.body, printout.pages = b64encode(made.content).decode("ascii"), made.pages
    printout.ready_at = ClockTimestamp()
    printout.save(update_fields=["body", "pages", "ready_at"])


@transaction.atomic
def fetch(*, printout: Printout, by: User) -> bytes:
    """Return the PDF of a printout that is ready, for whoever asked for it; each time is in the trail."""
    audit.record("printout.fetched", printout, by=by, purpose=PURPOSE, detail={"kind": printout.kind})
    return b64decode(str(printout.body))


def take_away_old(*, now: datetime) -> int:
    """Remove the entered clinic's printouts that are a day old; return how many."""
    old = Printout.objects.filter(asked_at__lt=now - printing.KEPT)
    removed: int
    removed, _by_model = old.delete()
    return removed

"""Printed pages as PDF: asked for on the page itself, waited for there, fetched once they are made."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from clients.models import Printout
from clients.selectors import printing
from clients.services import printouts
from clinics import jobs, pdf, repeat
from clinics.access import NOT_HERE


def ask_on_page(request: Any, kind: Printout.Kind, row: Any) -> HttpResponse:
    """Promise the PDF of the page that this was posted to, once, and show the page again, where one waits for it."""
    form = repeat.OnceForm(request.POST)
    if form.is_valid() and pdf.is_available():
        with suppress(repeat.OtherBody):  # the form of another page: this one is shown with its own
            repeat.once(
                user=request.user, key=form.cleaned_data[repeat.FIELD], route=f"printout:{kind}:{row.public_id}",
                body=repeat.form_body(request.POST), act=lambda: _promise(request, kind, row),
            )  # fmt: skip
    return redirect(request.path)


def _promise(request: Any, kind: Printout.Kind, row: Any) -> Printout:
    printout = printouts.ask(kind=kind, row=row, by=request.user)
    jobs.send_soon(printout.job)
    return printout


def panel(request: Any, kind: Printout.Kind, row: Any) -> dict[str, Any]:
    """Return what a printed page shows about its PDF."""
    return _panel(printing.newest(kind, row, request.user))


def _panel(printout: Printout | None) -> dict[str, Any]:
    return {
        "one": printout,
        "standing": printing.standing(printout),
        "available": pdf.is_available(),
        "repeat_key": repeat.fresh_key(),
    }


@never_cache
@require_GET
def printout_fetch(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """
    Give a PDF to whoever asked for it, as long as they may print the page; to a poll say how it stands.

    It is the page that they may print: the person's own copy and the record's, so it is no disclosure to anybody.
    """
    printout = _find(request, public_id)
    row = printing.printed_row(printout, request.user)
    if row is None:
        raise Http404(NOT_HERE)
    if request.htmx:
        context = {"clinic": request.clinic, "printout": _panel(printout)}
        return TemplateResponse(request, "clients/printout_state.html", context)
    if printing.standing(printout) != "ready":
        return redirect(printing.PAGES[printout.kind].route, clinic_slug, printout.of)
    return HttpResponse(
        printouts.fetch(printout=printout, by=request.user),
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="document-{str(printout.public_id)[:8]}.pdf"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox",
        },
    )


def _find(request: Any, public_id: str) -> Printout:
    try:
        found = printing.asked_by(request.user).filter(public_id=UUID(public_id)).first()
    except ValueError:
        found = None
    if found is None:
        raise Http404(NOT_HERE)
    return found

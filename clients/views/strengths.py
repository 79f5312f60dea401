"""What helps somebody: the room with all of it, strengths of each kind, hope, and the person's own card."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from clients.forms.strengths import HopeForm, StrengthEditForm, StrengthForm
from clients.models import Client, Strength
from clients.models.people import person_of
from clients.rules import strength_words
from clients.rules import strengths as rules
from clients.rules.strengths import Kind, Wrong
from clients.selectors import strengths as selectors
from clients.selectors.motivation import CHANGE, VIEW
from clients.selectors.people import VIEW as VIEW_PERSON
from clients.services import strengths
from clients.services.reasons import Ended
from clients.views.persons import find_person
from clients.views.reasons import ROOM, find_of_person
from clinics import drafts, repeat
from clinics.access import find_permitted
from clinics.charts import as_percent
from clinics.versions import Stale, show_both

LABELS = dict(strength_words.STRENGTHS)


def client_motivation(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Show what helps a person: goals with their exercises, what matters, reasons, strengths, milestones, hope."""
    client = find_permitted(
        Client, request.user, VIEW_PERSON, public_id=public_id, purpose="care", columns=selectors.rights(request.user)
    )
    client.clinic = request.clinic
    held: Any = client
    if not held.sees_plan:
        raise PermissionDenied(VIEW)
    room = selectors.room(client)
    share, discrepancy = room.share, room.discrepancy
    context = {
        "clinic": request.clinic,
        "client": client,
        "room": room,
        "share": as_percent(share.value) if share.value is not None else "",
        "discrepancy": f"{float(discrepancy.value):.1f}" if discrepancy and discrepancy.value is not None else "",
        "undefined": discrepancy.reason if discrepancy is not None else None,
        "may_change": held.changes_plan,
    }
    return TemplateResponse(request, "clients/motivation_room.html", context)


def strength_create(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Keep a strength, a past success, an affirmation or a milestone: `kind` in the address says which."""
    client = find_person(request, public_id, CHANGE)
    asked = request.GET.get("kind", "")
    kind = Kind(asked) if asked in list(Kind) else Kind.STRENGTH
    key = f"strength_{kind.value}:{client.public_id}"
    form = StrengthForm(request.POST or None, kind=kind, appointments=_appointments(client, kind))
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    if form.is_valid():
        data = form.cleaned_data
        try:
            repeat.once(
                user=request.user, key=data[repeat.FIELD], route=key, body=repeat.form_body(request.POST),
                act=lambda: strengths.add(
                    client=client, kind=kind, values=form.values(), named_by=data["named_by"],
                    on_card=data["on_card"], by=request.user, now=timezone.now(),
                ),
            )  # fmt: skip
        except Wrong as error:
            form.add_error(error.field, str(error))
        except repeat.OtherBody as error:
            form.add_error(None, str(error))
        else:
            drafts.settle(user=request.user, key=key)
            messages.success(request, _("It is saved."))
            return redirect(ROOM, clinic_slug, client.public_id)
    return _page(request, client, form, draft, kind, None)


def strength_edit(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Put a strength, a success, an affirmation or a milestone right."""
    row = find_of_person(request, Strength, public_id)
    client, kind = person_of(row), Kind(row.kind)
    key = f"strength_edit:{row.public_id}"
    form = StrengthEditForm(
        request.POST or None, kind=kind, appointments=_appointments(client, kind, row),
        initial=StrengthEditForm.stored(row),
    )  # fmt: skip
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    saved = False
    if form.is_valid():
        data = form.cleaned_data
        try:
            strengths.change(
                row=row, version=data["version"], values=form.values(), named_by=data["named_by"],
                on_card=data["on_card"], by=request.user, now=timezone.now(),
            )  # fmt: skip
            saved = True
        except (Wrong, Ended) as error:
            form.add_error(error.field or None, str(error))
        except Stale as stale:
            saved = not show_both(form, StrengthEditForm.stored(stale.current), stale.current.version)
    if saved:
        drafts.settle(user=request.user, key=key)
        messages.success(request, _("It is saved."))
        return redirect(ROOM, clinic_slug, client.public_id)
    return _page(request, client, form, draft, kind, row)


def _appointments(client: Client, kind: Kind, row: Strength | None = None) -> Any:
    if kind is not Kind.AFFIRMATION:
        return ()
    return selectors.appointments_to_name(client, row.appointment if row is not None else None)


def _page(request: Any, client: Client, form: Any, draft: Any, kind: Kind, row: Strength | None) -> HttpResponse:
    context = {
        "clinic": request.clinic,
        "client": client,
        "form": form,
        "draft": draft,
        "kind": kind.value,
        "label": LABELS[kind.value],
        "kinds": strength_words.STRENGTHS,
        "row": row,
        "milestones": rules.MILESTONES if kind is Kind.MILESTONE and row is None else (),
        "back_url": _room(request, client),
    }
    return TemplateResponse(request, "clients/strength_form.html", context, status=422 if form.is_bound else 200)


def _room(request: Any, client: Client) -> str:
    return reverse(ROOM, args=[request.clinic.slug, client.public_id])


@require_POST
def strength_end(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Let a strength, a success, an affirmation or a milestone go."""
    row = find_of_person(request, Strength, public_id)
    strengths.end(row=row, by=request.user, now=timezone.now())
    messages.success(request, _("It is let go. It stays in the record."))
    return redirect(ROOM, clinic_slug, person_of(row).public_id)


def client_hope(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Ask how hopeful the person is."""
    client = find_person(request, public_id, CHANGE)
    key = f"client_hope:{client.public_id}"
    form = HopeForm(request.POST or None)
    last = selectors.hope_of(client)
    widget: Any = form.fields["hope"].widget
    widget.last, widget.between = (last.value if last is not None else None), True
    if form.is_valid():
        data = form.cleaned_data
        try:
            repeat.once(
                user=request.user, key=data[repeat.FIELD], route=key, body=repeat.form_body(request.POST),
                act=lambda: strengths.rate_hope(
                    client=client, value=data["hope"], words=data["words"], by=request.user, now=timezone.now()
                ),
            )  # fmt: skip
        except repeat.OtherBody as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Hope is saved."))
            return redirect(ROOM, clinic_slug, client.public_id)
    context = {"clinic": request.clinic, "client": client, "form": form, "back_url": _room(request, client)}
    return TemplateResponse(request, "clients/hope_form.html", context, status=422 if form.is_bound else 200)


def client_card(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Choose together what is on the person's own card of reasons and wins."""
    client = find_person(request, public_id, CHANGE)
    if request.method == "POST":
        strengths.choose_card(
            client=client, offered=_ids(request, "offered"), chosen=_ids(request, "chosen"), by=request.user
        )
        messages.success(request, _("The card is as they chose it."))
        return redirect(ROOM, clinic_slug, client.public_id)
    reasons, kinds = selectors.offered(client)
    context = {
        "clinic": request.clinic,
        "client": client,
        "reasons": reasons,
        "kinds": kinds,
        "is_empty": not reasons and not any(one.rows for one in kinds),
        "back_url": _room(request, client),
    }
    return TemplateResponse(request, "clients/wins_choose.html", context)


def _ids(request: Any, name: str) -> list[str]:
    """Return the public ids that a form posted, those without the form of one left out."""
    return [one for one in request.POST.getlist(name) if _is_id(one)]


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


@never_cache
def client_card_print(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """
    Show the person's own card: their reasons, strengths, successes, milestones and hope; no name, no clinic.

    What they keep private or took off it is not there, nor what others hold out to them. `hope=no` leaves hope off.
    """
    client = find_person(request, public_id, VIEW)
    card = selectors.card(client, hope=request.GET.get("hope") != "no")
    strengths.card_printed(
        client=client, by=request.user,
        detail={"reasons": len(card.reasons), "strengths": sum(len(one.rows) for one in card.strengths),
                "values": len(card.values), "hope": int(card.hope is not None)},
    )  # fmt: skip
    context = {
        "clinic": request.clinic,
        "client": client,
        "card": card,
        "day": timezone.localtime(timezone.now()),
    }
    return TemplateResponse(request, "clients/wins_print.html", context)

"""The draft of a plan: its outline, and one part at a time in a form of its own."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clients.forms.plans import STARTS, NewPartForm, Offer, Offers, PartForm, stored
from clients.models import PlanVersion
from clients.models.people import person_of
from clients.models.plans import PlanPart
from clients.rules.plan_content import BELOW, UNDER, Kind
from clients.rules.plans import Wrong
from clients.selectors import plan_hints, plan_reading
from clients.selectors import plans as selectors
from clients.selectors.plan_reading import KIND_LABELS
from clients.selectors.plans import CHANGE, MODELS, VIEW
from clients.selectors.strengths import said_before
from clients.services import plan_parts
from clients.services.plans import NotADraft
from clients.views.plans import about, find_version
from clinics import audit, drafts, repeat
from clinics.access import NOT_HERE, find_permitted
from clinics.versions import Stale, show_both


def plan_edit(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Show a draft as an outline, each part with what can be done to it."""
    version = find_version(request, public_id, CHANGE)
    if version.state != "draft":
        return _not_a_draft(request, version, NotADraft(version.state))
    said = selectors.said_of(version)
    context = {
        **about(request, version),
        "problems": plan_reading.shown(said),
        "is_author": version.author_id == request.user.pk,
    }
    return TemplateResponse(request, "clients/plan_edit.html", context)


def problem_create(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Add a problem to a draft."""
    return _create(request, find_version(request, public_id, CHANGE), Kind.PROBLEM, None)


def plan_part_create(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Add what stands under a part of a draft: a goal under a problem, a step under a goal, what we do under a step."""
    part = _find(request, public_id)
    below = BELOW.get(selectors.kind_of(part))
    if below is None:
        raise Http404(NOT_HERE)
    return _create(request, part.plan_version, below, part)


def _create(request: Any, version: PlanVersion, kind: Kind, under: PlanPart | None) -> HttpResponse:
    if version.state != "draft":
        return _not_a_draft(request, version, NotADraft(version.state))
    key = f"plan_{kind.value}:{(under or version).public_id}"
    form = NewPartForm(
        request.POST if request.method == "POST" else None, kind=kind, offers=_offers(version, kind, None),
        initial=dict(STARTS[kind]),
    )  # fmt: skip
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    if form.is_valid():
        try:
            repeat.once(
                user=request.user, key=form.cleaned_data[repeat.FIELD], route=key, body=repeat.form_body(request.POST),
                act=lambda: plan_parts.add_part(
                    version=version, kind=kind, values=form.values(), under=under, by=request.user, now=timezone.now()
                ),
            )  # fmt: skip
        except Wrong as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        except NotADraft as error:
            return _not_a_draft(request, version, error)
        except repeat.OtherBody as error:
            form.add_error(None, str(error))
        else:
            drafts.settle(user=request.user, key=key)
            messages.success(request, _("It is in the draft."))
            return redirect("plan_edit", request.clinic.slug, version.public_id)
    return _form_page(request, version, form, draft, kind, above=under)


def plan_part_edit(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Change one part of a draft, or put it under another."""
    part = _find(request, public_id)
    version, kind = part.plan_version, selectors.kind_of(part)
    if version.state != "draft":
        return _not_a_draft(request, version, NotADraft(version.state))
    above = selectors.above_of(part)
    key = f"plan_part:{part.public_id}"
    form = PartForm(
        request.POST if request.method == "POST" else None, kind=kind, offers=_offers(version, kind, part),
        initial=stored(part, above),
    )  # fmt: skip
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    saved = False
    if form.is_valid():
        try:
            plan_parts.change_part(
                part=part, version=form.cleaned_data["version"], values=form.values(), under=form.under(),
                by=request.user, now=timezone.now(),
            )  # fmt: skip
            saved = True
        except Wrong as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        except NotADraft as error:
            return _not_a_draft(request, version, error)
        except Stale as stale:
            current = stale.current
            saved = not show_both(form, stored(current, selectors.above_of(current)), current.version)
    if saved:
        drafts.settle(user=request.user, key=key)
        messages.success(request, _("It is saved in the draft."))
        return redirect("plan_edit", clinic_slug, version.public_id)
    return _form_page(request, version, form, draft, kind, part=part, above=above)


@require_POST
def plan_part_move(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Move a part up or down among its brothers."""
    part = _find(request, public_id)
    steps = {"up": -1, "down": 1}.get(request.POST.get("way", ""), 0)
    try:
        plan_parts.move_part(part=part, steps=steps, by=request.user)
    except NotADraft as error:
        return _not_a_draft(request, part.plan_version, error)
    return redirect(f"{reverse('plan_edit', args=[clinic_slug, part.plan_version.public_id])}#part-{part.public_id}")


@require_POST
def plan_part_remove(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Remove a part of a draft with everything under it; versions that were signed keep it."""
    part = _find(request, public_id)
    version = part.plan_version
    try:
        gone = plan_parts.remove_part(part=part, by=request.user)
    except NotADraft as error:
        return _not_a_draft(request, version, error)
    drafts.settle(user=request.user, key=f"plan_part:{part.public_id}")
    messages.success(request, _("Removed from the draft, with what stood under it: %(n)s in all.") % {"n": gone})
    return redirect("plan_edit", clinic_slug, version.public_id)


def _find(request: Any, public_id: str) -> Any:
    """Return a part on which one may write, with its version, and record that it was opened."""
    kind = plan_hints.kind_of_part(public_id)
    if kind is None:
        raise Http404(NOT_HERE)
    above = [UNDER[kind].value] if kind in UNDER else []
    read = [f"plan_version__{name}" for name in ("plan__episode__program", "client__merged_into")]
    related = (*read, *above, *selectors.NAMED[kind])
    part: Any = find_permitted(
        MODELS[kind], request.user, CHANGE, view_perm=VIEW, public_id=public_id, related=related
    )  # fmt: skip
    version = part.plan_version
    audit.viewed(part, purpose="care", client_id=version.client_id)
    version.clinic = version.plan.clinic = version.client.clinic = request.clinic
    return part


def _offers(version: PlanVersion, kind: Kind, part: Any) -> Offers:
    client = person_of(version)
    under = [
        Offer(str(row.public_id), plan_reading.headline(selectors.part_of(row, UNDER[kind], "")), row)
        for row in (plan_hints.parents_of(version, kind) if part is not None else ())
    ]
    if kind is Kind.PROBLEM:
        return Offers(evidence=_evidence(client, part))
    if kind is Kind.GOAL:
        rows = plan_hints.targets_of(client, part.target if part is not None else None)
        said = said_before(client)
        return Offers(
            targets=[Offer(str(row.public_id), row.goal, row) for row in rows], under=under,
            said={"value_link": said.links, "commitment": said.commitments},
        )  # fmt: skip
    if kind is Kind.INTERVENTION:
        staff = plan_hints.staff_of(version, part.who if part is not None else None)
        return Offers(staff=[Offer(str(row.public_id), row.name, row) for row in staff], under=under)
    return Offers(under=under)


def _evidence(client: Any, part: Any) -> list[Offer]:
    assessments = plan_hints.assessments_of(client, part.assessment if part is not None else None)
    responses = plan_hints.responses_of(client, part.response if part is not None else None)
    return [
        *(
            Offer(
                f"assessment:{row.public_id}",
                _("Assessment signed %(day)s") % {"day": date_format(row.signed_at, "M j, Y")}, row,
            )
            for row in assessments
            if row.signed_at is not None
        ),
        *(
            Offer(f"measure:{row.public_id}", f"{row.instrument.name}, {date_format(row.taken_on, 'M j, Y')}", row)
            for row in responses
        ),
    ]  # fmt: skip


def _form_page(
    request: Any, version: PlanVersion, form: Any, draft: Any, kind: Kind, *, part: Any = None, above: Any = None
) -> HttpResponse:
    under = selectors.part_of(above, UNDER[kind], "") if above is not None else None
    context = {
        **about(request, version),
        "form": form,
        "draft": draft,
        "kind": kind.value,
        "label": KIND_LABELS[kind],
        "part": part,
        "above": plan_reading.headline(under) if under is not None else "",
        "quote": under.said("client_words") if under is not None else "",
        "back_url": reverse("plan_edit", args=[request.clinic.slug, version.public_id]),
    }
    return TemplateResponse(request, "clients/plan_part_form.html", context, status=422 if form.is_bound else 200)


def _not_a_draft(request: Any, version: PlanVersion, error: NotADraft) -> HttpResponse:
    messages.info(request, str(error))
    return redirect("plan_version", request.clinic.slug, version.public_id)

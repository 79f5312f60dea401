"""What comes next at the end of a block of MI sessions: read what was chosen, choose."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.forms.plan_blocks import BlockForm
from clients.models import Intervention, PlanVersion
from clients.rules.plans import Wrong
from clients.selectors import plan_blocks as selectors
from clients.selectors.plans import CHANGE, VIEW
from clients.services import plan_blocks as services
from clients.views.plans import about
from clinics import audit, repeat
from clinics.access import NOT_HERE, find_permitted

PART_WITH = ("plan_version__plan", "plan_version__client__merged_into", "plan_version__author", "who")


def intervention_block(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Show how far a block has come and what was chosen at its end; choose what comes next."""
    part: Any = find_permitted(
        Intervention, request.user, VIEW if request.method != "POST" else CHANGE, view_perm=VIEW, public_id=public_id,
        related=PART_WITH,
    )  # fmt: skip
    version: PlanVersion = part.plan_version
    if part.modality != selectors.MI:
        raise Http404(NOT_HERE)
    audit.viewed(part, purpose="care", client_id=version.client_id)
    version.clinic = version.plan.clinic = version.client.clinic = request.clinic
    page = about(request, version)
    shown = selectors.block_of(part, page["client"])
    may_change = PlanVersion.objects.permitted(request.user, CHANGE).filter(pk=version.pk).exists()
    asks = shown.block.asks and version.state == "active"
    back = reverse("plan_version", args=[clinic_slug, version.public_id])
    form = _form(request, shown) if asks and may_change else None
    if request.method == "POST" and form is None:
        if not may_change:
            raise PermissionDenied(CHANGE)
        messages.info(request, str(services.Chosen() if shown.block.is_over else services.NotOver(shown.block.left)))
        return redirect(back)
    if form is not None and form.is_valid() and _decided(request, form, part):
        messages.success(request, _("What comes next is written down."))
        return redirect(back)
    context = {**page, "shown": shown, "form": form, "rows": selectors.decisions_of(part), "back_url": back}
    bound = form is not None and form.is_bound
    return TemplateResponse(request, "clients/plan_block.html", context, status=422 if bound else 200)


def _form(request: Any, shown: selectors.ShownBlock) -> BlockForm:
    return BlockForm(request.POST if request.method == "POST" else None, choices=shown.block.choices)


def _decided(request: Any, form: BlockForm, part: Intervention) -> bool:
    """Write down what was chosen; tell whether it was, and say in the form why not."""
    data = form.cleaned_data
    try:
        repeat.once(
            user=request.user, key=data[repeat.FIELD], route=f"intervention_block:{part.public_id}",
            body=repeat.form_body(request.POST),
            act=lambda: services.decide(
                part=part, decision=data["decision"], sessions=data.get("sessions"), reason=data["reason"],
                by=request.user, now=timezone.now(),
            ),
        )  # fmt: skip
    except (Wrong, services.ExtendedBefore) as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
    except (services.NoBlock, services.NotOver, services.Chosen, repeat.OtherBody) as error:
        form.add_error(None, str(error))
    else:
        return True
    return False

"""Treatment plans: a person's, the page of one, its versions, what changed, ending one, and the person's own copy."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from clients.forms.plan_signing import EndForm
from clients.models import Client, Episode, PlanVersion, Printout, TreatmentPlan
from clients.models.people import person_of
from clients.panels import panels_for_plan
from clients.rules import plans as rules
from clients.rules.plan_content import Kind
from clients.rules.plan_diff import diff
from clients.selectors import plan_blocks, plan_reading
from clients.selectors import plans as selectors
from clients.selectors.people import VIEW as VIEW_PERSON
from clients.selectors.people import permits
from clients.selectors.plans import CHANGE, VIEW
from clients.selectors.printing import plan_page
from clients.services import plans
from clients.views.printouts import ask_on_page, panel
from clinics import audit, repeat
from clinics.access import NOT_HERE, find_permitted

VERSION_WITH = ("plan__episode__program", "client__merged_into", "author")


def plan_list(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """List a person's stays with the plan of each."""
    client = find_permitted(Client, request.user, VIEW_PERSON, public_id=public_id, purpose="care")
    client.clinic = request.clinic
    may_view, may_change = permits(client, request.user, VIEW, CHANGE)
    if not may_view:
        raise PermissionDenied(VIEW)
    context = {
        "clinic": request.clinic,
        "client": client,
        "rows": selectors.of_person(client),
        "may_change": may_change,
        "repeat_key": repeat.fresh_key(),
    }
    return TemplateResponse(request, "clients/plan_list.html", context)


@require_POST
def plan_open(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Open the plan of a stay, with the draft of its first version."""
    episode = find_permitted(
        Episode, request.user, CHANGE, view_perm=VIEW_PERSON, public_id=public_id, purpose="care", related=("client",)
    )
    form = repeat.OnceForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors[repeat.FIELD][0]))
        return redirect("plan_list", clinic_slug, episode.client.public_id)
    try:
        outcome = repeat.once(
            user=request.user, key=form.cleaned_data[repeat.FIELD], route=f"plan_open:{episode.public_id}",
            body=repeat.form_body(request.POST), act=lambda: plans.open_plan(episode=episode, by=request.user),
        )  # fmt: skip
    except (plans.NotInCare, repeat.OtherBody) as error:
        messages.error(request, str(error))
        return redirect("plan_list", clinic_slug, episode.client.public_id)
    return redirect("plan_detail", clinic_slug, outcome.object_id)


def plan_detail(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Show the plan of a stay: the version in force, else the one that is written on; and its versions."""
    plan = find_plan(request, public_id, VIEW)
    versions = selectors.versions_of(plan, request.user)
    return _version_page(request, plan, versions, versions.shown, panels=True)


def plan_version(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Show one version as it is written, or as it was signed."""
    version = find_version(request, public_id, VIEW)
    versions = selectors.versions_of(version.plan, request.user)
    return _version_page(request, version.plan, versions, versions.of(version))


def _version_page(
    request: Any,
    plan: TreatmentPlan,
    versions: selectors.Versions,
    shown: selectors.ShownVersion,
    *,
    panels: bool = False,
) -> HttpResponse:
    version = shown.version
    version.clinic = version.plan.clinic = version.client.clinic = request.clinic
    is_open = version.state in rules.OPEN
    goes_on = plan.episode.status == Episode.Status.OPEN
    client = person_of(plan)
    in_force = version.state == "active"
    said = selectors.said_of(
        version, {Kind.INTERVENTION: plan_blocks.with_blocks(version, client)} if in_force else None
    )
    context = {
        "clinic": request.clinic,
        "client": client,
        "plan": plan,
        "one": shown,
        "version": version,
        "versions": versions,
        "problems": plan_reading.shown(said),
        "broken": version.state in rules.SIGNED and not selectors.stands(version, said.parts),
        "is_author": version.author_id == request.user.pk,
        "may_write": shown.may_change and version.state == "draft",
        "may_next": shown.may_change and goes_on and versions.open is None,
        "may_end": shown.may_change and version.state in ("draft", "active"),
        "may_cosign": shown.may_sign and not shown.may_change and version.state == "in_review",
        "is_open": is_open,
        "panels": panels_for_plan(request, client, version, plan_blocks.works_in(said)) if panels and in_force else [],
        "blocks": plan_blocks.blocks_in(said, ZoneInfo(request.clinic.time_zone)) if in_force else [],
        "repeat_key": repeat.fresh_key(),
    }
    return TemplateResponse(request, "clients/plan_detail.html", context)


@require_POST
def plan_draft(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Begin the next version: a copy to change."""
    plan = find_plan(request, public_id, CHANGE)
    form = repeat.OnceForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors[repeat.FIELD][0]))
        return redirect("plan_detail", clinic_slug, plan.public_id)
    try:
        outcome = repeat.once(
            user=request.user, key=form.cleaned_data[repeat.FIELD], route=f"plan_draft:{plan.public_id}",
            body=repeat.form_body(request.POST), act=lambda: plans.draft_next(plan=plan, by=request.user),
        )  # fmt: skip
    except plans.AlreadyOpen as error:
        messages.info(request, str(error))
        return redirect("plan_version", clinic_slug, error.current.public_id)
    except (plans.NotInCare, repeat.OtherBody) as error:
        messages.error(request, str(error))
        return redirect("plan_detail", clinic_slug, plan.public_id)
    return redirect("plan_edit", clinic_slug, outcome.object_id)


def plan_close(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """End a plan in force, or let go of a draft, with the reason."""
    version = find_version(request, public_id, CHANGE)
    back = reverse("plan_version", args=[clinic_slug, version.public_id])
    if version.state not in ("draft", "active"):
        messages.info(request, _("This version has ended, or waits for signatures."))
        return redirect(back)
    form = EndForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        data = form.cleaned_data
        try:
            repeat.once(
                user=request.user, key=data[repeat.FIELD], route=f"plan_close:{version.public_id}",
                body=repeat.form_body(request.POST),
                act=lambda: plans.close(version=version, reason=data["reason"], by=request.user, now=timezone.now()),
            )  # fmt: skip
        except rules.Wrong as error:
            form.add_error(error.field or None, str(error))
        except (rules.NoSuchMove, repeat.OtherBody) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("It has ended. What it says stays in the record."))
            return redirect("plan_list", clinic_slug, person_of(version).public_id)
    context = {**about(request, version), "form": form, "back_url": back}
    return TemplateResponse(request, "clients/plan_close.html", context, status=422 if form.is_bound else 200)


def plan_compare(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Show what changed to a version from the one before it, or from the one that is asked for."""
    version = find_version(request, public_id, VIEW)
    others = PlanVersion.objects.filter(plan=version.plan).exclude(pk=version.pk).order_by("-number")
    versions = list(others)
    asked = request.GET.get("with", "")
    before = next((one for one in versions if str(one.public_id) == asked), None)
    if asked and before is None:
        raise Http404(NOT_HERE)
    if before is None:
        before = next((one for one in versions if one.number < version.number), None)
    context = {**about(request, version), "before": before, "others": versions}
    if before is not None:
        was, now = selectors.said_of(before), selectors.said_of(version)
        context["told"] = plan_reading.told(diff(was.parts, now.parts), was, now)
    return TemplateResponse(request, "clients/plan_compare.html", context)


@never_cache
def plan_print(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """
    Show a version as the person's own copy, to be printed: no name, no clinic, nothing that tells where it is from.

    It is theirs and goes into their hands, so it is no disclosure to anybody; the trail says that it was printed.
    A POST asks for its PDF.
    """
    version = find_version(request, public_id, VIEW)
    if request.method == "POST":
        return ask_on_page(request, Printout.Kind.PLAN, version)
    audit.record("plan.printed", version, by=request.user, purpose="own_copy", detail={"number": version.number})
    context = {**plan_page(version), "printout": panel(request, Printout.Kind.PLAN, version)}
    return TemplateResponse(request, "clients/plan_print.html", context)


# --- for every page of a plan ---------------------------------------------------------------------------------------


def find_plan(request: Any, public_id: str, right: str) -> TreatmentPlan:
    """Return a plan on which one holds the right, and record that it was opened."""
    plan = find_permitted(
        TreatmentPlan, request.user, right, view_perm=VIEW, public_id=public_id, purpose="care",
        related=("episode__program", "client__merged_into"),
    )  # fmt: skip
    plan.clinic = plan.client.clinic = request.clinic
    return plan


def find_version(request: Any, public_id: str, right: str) -> PlanVersion:
    """Return a version on which one holds the right, and record that it was opened."""
    version = find_permitted(
        PlanVersion, request.user, right, view_perm=VIEW, public_id=public_id, purpose="care", related=VERSION_WITH
    )
    version.clinic = version.plan.clinic = version.client.clinic = request.clinic
    return version


def about(request: Any, version: PlanVersion) -> dict[str, Any]:
    """Return what every page of a version shows."""
    return {
        "clinic": request.clinic,
        "client": person_of(version),
        "plan": version.plan,
        "version": version,
        "state": rules.STATE_LABELS[version.state],
    }

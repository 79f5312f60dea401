"""Signing a plan: the hints before, the author, the person on the clinic's device or on paper, the supervisor."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from clients.forms.plan_signing import AuthorForm, CosignForm, DismissForm, PaperForm, PersonForm, PhysicianForm
from clients.models import PlanVersion
from clients.rules.clock import civil_date
from clients.rules.plans import NoSuchMove, Wrong
from clients.selectors import plan_hints, plan_reading
from clients.selectors import plans as selectors
from clients.selectors.plans import CHANGE, SIGN
from clients.services import plan_signing
from clients.services.plan_signing import NotWaiting, NotWhole, SignedBefore
from clients.services.plans import NotADraft
from clients.views.plans import about, find_version
from clinics.roles import Role
from clinics.sign_in_again import reauthentication_required
from clinics.versions import Stale


def plan_check(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Look a draft over before it is signed: what is worth a second look, what is still to write."""
    version = find_version(request, public_id, CHANGE)
    if version.state != "draft":
        return _moved_on(request, version)
    form = DismissForm(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        data = form.cleaned_data
        try:
            plan_signing.dismiss_hint(
                version=version, code=data["code"], lineage=str(data["lineage"] or ""), reason=data["reason"],
                by=request.user,
            )  # fmt: skip
        except Wrong as error:
            form.add_error(error.field or None, str(error))
        except NotADraft:
            return _moved_on(request, version)
        else:
            messages.success(request, _("The hint is set aside."))
            return redirect("plan_check", clinic_slug, version.public_id)
    found = plan_hints.checked(version, _today(request))
    context = {
        **about(request, version),
        "found": found,
        "hints": [(hint, _dismissing(hint, form)) for hint in found.open],
        "form": form,
        "is_author": version.author_id == request.user.pk,
    }
    return TemplateResponse(request, "clients/plan_check.html", context, status=422 if form is not None else 200)


def _dismissing(hint: Any, sent: DismissForm | None) -> DismissForm:
    """Return the form that sets a hint aside: the one that was sent, where it is this hint's."""
    code, lineage = hint.code, hint.lineage
    if sent is not None and (sent.data.get("code"), sent.data.get("lineage", "")) == (code, lineage):
        return sent
    return DismissForm(initial={"code": code, "lineage": lineage}, auto_id=f"id_{code}_{lineage}_%s")


@reauthentication_required
def plan_sign(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Ask once, then sign as the author: what the version says is final from here."""
    version = find_version(request, public_id, SIGN)
    if version.state != "draft":
        return _moved_on(request, version)
    if version.author_id != request.user.pk:
        raise PermissionDenied(SIGN)
    found = plan_hints.checked(version, _today(request))
    always = any(one.needs_cosign and one.clinic_id == request.clinic.pk for one in request.user.memberships_now())
    starts = {"version": version.version, "starts_on": version.starts_on or _today(request)}
    form = AuthorForm(
        request.POST if request.method == "POST" else None, always=always,
        initial={**starts, "needs_cosign": version.needs_cosign},
    )  # fmt: skip
    if form.is_valid():
        data = form.cleaned_data
        try:
            plan_signing.sign_as_author(
                version=version, seen=data["version"], starts_on=data["starts_on"],
                needs_cosign=data["needs_cosign"], by=request.user, now=timezone.now(),
            )  # fmt: skip
        except NotWhole as error:
            form.add_error(None, str(error))
        except NotADraft:
            return _moved_on(request, version)
        except Stale as stale:
            again = {**form.data.dict(), "version": str(stale.current.version)}  # type: ignore[attr-defined]
            form = AuthorForm(again, always=always)
            form.add_error(None, _("The draft changed after you opened this page. Read it again, then sign."))
            found = plan_hints.checked(version, _today(request))
        else:
            messages.success(request, _("You have signed. Now show it to the person."))
            return redirect("plan_version", clinic_slug, version.public_id)
    context = {
        **about(request, version),
        "form": form,
        "found": found,
        "problems": plan_reading.shown(found.said),
    }
    return TemplateResponse(request, "clients/plan_sign.html", context, status=422 if form.is_bound else 200)


@never_cache
@reauthentication_required
def plan_person_sign(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Show the person their plan on the clinic's device, and nothing else; they agree, or say not now and why."""
    version = find_version(request, public_id, CHANGE)
    if version.state != "in_review":
        return _moved_on(request, version)
    form = PersonForm(request.POST if request.method == "POST" else None, initial={"content": version.content_hash})
    if form.is_valid():
        data = form.cleaned_data
        answered: dict[str, Any] = {
            "version": version, "content_hash": data["content"], "capacity": "client", "method": "device",
            "printed_name": data["printed_name"], "by": request.user, "now": timezone.now(),
        }  # fmt: skip
        if "agree" in request.POST:
            answer = _answer(form, lambda: plan_signing.sign_for_person(**answered))
        elif "refuse" in request.POST:
            answer = _answer(form, lambda: plan_signing.refuse(**answered, reason=data["reason"]))
        else:
            answer = False
            form.add_error(None, _("Choose one of the two: agree, or not now."))
        if answer:
            messages.success(request, _("Their answer is written down."))
            return redirect("plan_version", clinic_slug, version.public_id)
    context = {**about(request, version), "form": form, "problems": plan_reading.shown(selectors.said_of(version))}
    return TemplateResponse(request, "clients/plan_person_sign.html", context, status=422 if form.is_bound else 200)


@reauthentication_required
def plan_paper_sign(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Write down what the person, or who may sign for them, answered on paper."""
    version = find_version(request, public_id, CHANGE)
    if version.state != "in_review":
        return _moved_on(request, version)
    form = PaperForm(
        request.POST if request.method == "POST" else None,
        initial={"content": version.content_hash, "capacity": "client"},
    )
    if form.is_valid():
        data = form.cleaned_data
        answered: dict[str, Any] = {
            "version": version, "content_hash": data["content"], "capacity": data["capacity"], "method": "paper",
            "printed_name": data["printed_name"], "by": request.user, "now": timezone.now(),
        }  # fmt: skip
        if data["answer"] == "signed":
            answer = _answer(form, lambda: plan_signing.sign_for_person(**answered))
        else:
            answer = _answer(form, lambda: plan_signing.refuse(**answered, reason=data["reason"]))
        if answer:
            messages.success(request, _("Their answer is written down."))
            return redirect("plan_version", clinic_slug, version.public_id)
    context = {**about(request, version), "form": form}
    return TemplateResponse(request, "clients/plan_paper_sign.html", context, status=422 if form.is_bound else 200)


@reauthentication_required
def plan_physician_sign(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Write down a physician's signature under a version that waits or is in force."""
    version = find_version(request, public_id, CHANGE)
    if version.state not in ("in_review", "active"):
        return _moved_on(request, version)
    form = PhysicianForm(
        request.POST if request.method == "POST" else None,
        initial={"content": version.content_hash, "method": "paper"},
    )
    if form.is_valid():
        data = form.cleaned_data
        done = _answer(
            form,
            lambda: plan_signing.sign_for_physician(
                version=version, content_hash=data["content"], printed_name=data["printed_name"],
                method=data["method"], by=request.user, now=timezone.now(),
            ),
        )  # fmt: skip
        if done:
            messages.success(request, _("The signature is written down."))
            return redirect("plan_version", clinic_slug, version.public_id)
    context = {**about(request, version), "form": form}
    return TemplateResponse(request, "clients/plan_physician_sign.html", context, status=422 if form.is_bound else 200)


@reauthentication_required
def plan_cosign(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Read what an author signed, then co-sign it or send it back with what is to change."""
    version = find_version(request, public_id, SIGN)
    if version.state != "in_review":
        return _moved_on(request, version)
    if version.author_id == request.user.pk or Role.SUPERVISOR.value not in request.user.roles_at(request.clinic.pk):
        raise PermissionDenied(SIGN)
    form = CosignForm(request.POST if request.method == "POST" else None, initial={"content": version.content_hash})
    if form.is_valid():
        data, user = form.cleaned_data, request.user
        if "return" in request.POST:
            done = _answer(form, lambda: plan_signing.send_back(version=version, reason=data["reason"], by=user))
        else:
            done = _answer(
                form,
                lambda: plan_signing.cosign(version=version, content_hash=data["content"], by=user, now=timezone.now()),
            )
        if done:
            messages.success(request, _("It is written down."))
            return redirect("plan_version", clinic_slug, version.public_id)
    said = selectors.said_of(version)
    context = {**about(request, version), "form": form, "problems": plan_reading.shown(said)}
    return TemplateResponse(request, "clients/plan_cosign.html", context, status=422 if form.is_bound else 200)


@require_POST
def plan_take_back(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Let the author take back what waits for signatures, to change it."""
    version = find_version(request, public_id, CHANGE)
    if version.author_id != request.user.pk:
        raise PermissionDenied(CHANGE)
    try:
        plan_signing.send_back(version=version, reason="", by=request.user)
    except NotWaiting:
        return _moved_on(request, version)
    messages.success(request, _("It is a draft again. It is signed anew when it is done."))
    return redirect("plan_edit", clinic_slug, version.public_id)


def _answer(form: Any, act: Callable[[], Any]) -> bool:
    """Do what was answered; tell whether it was done, and say in the form why not."""
    try:
        act()
    except Wrong as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
    except (NotWaiting, SignedBefore, NoSuchMove) as error:
        form.add_error(None, str(error))
    else:
        return True
    return False


def _moved_on(request: Any, version: PlanVersion) -> HttpResponse:
    messages.info(request, _("This version has moved on. This is how it stands now."))
    return redirect("plan_version", request.clinic.slug, version.public_id)


def _today(request: Any) -> Any:
    return civil_date(timezone.now(), ZoneInfo(request.clinic.time_zone))

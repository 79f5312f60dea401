"""Records that may be one person's: the list to look at, two side by side, and taking a merge back."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from clients.forms.merging import MergeForm, UnmergeForm
from clients.models import Client, Merge
from clients.selectors import merging as selectors
from clients.selectors.people import VIEW
from clients.services import merging
from clinics import audit, repeat
from clinics.access import NOT_HERE, find_permitted, require

MERGE, UNDO = "clinics.merge_client", "clinics.undo_merge"
LABELS = {
    "legal_name": gettext_lazy("Full name"),
    "goes_by": gettext_lazy("Goes by"),
    "pronouns": gettext_lazy("Pronouns"),
    "born_on": gettext_lazy("Date of birth"),
    "phone": gettext_lazy("Telephone"),
    "email": gettext_lazy("E-mail"),
    "postal_code": gettext_lazy("ZIP code"),
    "inquiries": gettext_lazy("Requests for care"),
    "episodes": gettext_lazy("Stays in a program"),
}


def duplicate_list(request: Any, clinic_slug: str) -> HttpResponse:
    """List pairs of records that may be one person's and that nobody has looked at."""
    require(request.user, MERGE)
    pairs = selectors.pairs_to_look_at(request.user)
    audit.listed("duplicate", sorted({c.pk for pair in pairs for c in (pair.older, pair.newer)}), purpose="care")
    context = {"clinic": request.clinic, "pairs": pairs, "most": selectors.PAIRS_SHOWN}
    return TemplateResponse(request, "clients/duplicate_list.html", context)


def _two(request: Any, public_id: str, other_id: str) -> tuple[Client, Client]:
    """
    Return two records, the older one first.

    :raises Http404: one is not seen here, or both are one
    """
    found = [
        find_permitted(Client, request.user, MERGE, view_perm=VIEW, public_id=key, purpose="care")
        for key in (public_id, other_id)
    ]
    if found[0].pk == found[1].pk:
        raise Http404(NOT_HERE)
    older, newer = sorted(found, key=lambda client: client.pk)
    return older, newer


def _joined_already(clinic_slug: str, *two: Client) -> HttpResponse | None:
    """Lead to the record that one of the two was joined with; None when both stand by themselves."""
    joined = next((client for client in two if client.merged_into is not None), None)
    if joined is None:
        return None
    return redirect("client_detail", clinic_slug, joined.current.public_id)


def client_compare(request: Any, clinic_slug: str, public_id: str, other_id: str) -> HttpResponse:
    """Show two records side by side, and join them when asked to."""
    older, newer = _two(request, public_id, other_id)
    if elsewhere := _joined_already(clinic_slug, older, newer):
        return elsewhere
    form = MergeForm(request.POST or None)
    if form.is_valid():
        try:
            repeat.once(
                user=request.user,
                key=form.cleaned_data[repeat.FIELD],
                route=f"client_compare:{older.public_id}:{newer.public_id}",
                body=repeat.form_body(request.POST),
                act=lambda: merging.merge(
                    kept=older, absorbed=newer, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now()
                ),
            )
        except (merging.CannotMerge, repeat.OtherBody) as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request,
                _("%(newer)s is joined with %(older)s.") % {"newer": newer.reference, "older": older.reference},
            )
            return redirect("client_detail", clinic_slug, older.public_id)
    sides = selectors.side_by_side(older, newer, {name: str(label) for name, label in LABELS.items()})
    context = {"clinic": request.clinic, "sides": sides, "older": older, "newer": newer, "form": form}
    return TemplateResponse(request, "clients/client_compare.html", context, status=422 if form.is_bound else 200)


@require_POST
def client_different(request: Any, clinic_slug: str, public_id: str, other_id: str) -> HttpResponse:
    """Note that two records are two people."""
    older, newer = _two(request, public_id, other_id)
    if elsewhere := _joined_already(clinic_slug, older, newer):
        return elsewhere
    merging.mark_different(one=older, other=newer, by=request.user)
    messages.success(
        request,
        _("%(older)s and %(newer)s stay two people. They are not shown as a match again.")
        % {"older": older.reference, "newer": newer.reference},
    )
    return redirect("duplicate_list", clinic_slug)


def merge_undo(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Take a merge back, with the reason."""
    merge = find_permitted(Merge, request.user, UNDO, public_id=public_id, related=("kept", "absorbed", "by"))
    merge.kept.clinic = request.clinic
    if merge.undone_at is not None:
        raise Http404(NOT_HERE)
    audit.listed("merge", [merge.kept_id, merge.absorbed_id], purpose="privacy")
    form = UnmergeForm(request.POST or None)
    if form.is_valid():
        try:
            merging.undo_merge(merge=merge, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now())
        except merging.MergeStands as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request, _("%(reference)s stands by itself again.") % {"reference": merge.absorbed.reference}
            )
            return redirect("client_detail", clinic_slug, merge.kept.public_id)
    back_url = reverse("client_detail", args=[clinic_slug, merge.kept.public_id])
    context = {"clinic": request.clinic, "merge": merge, "form": form, "back_url": back_url}
    return TemplateResponse(request, "clients/merge_undo.html", context, status=422 if form.is_bound else 200)

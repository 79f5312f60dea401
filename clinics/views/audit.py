"""The page that searches the trail. Reading it is itself recorded."""

import json
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from clinics import audit, opaque
from clinics.access import NOT_HERE, require
from clinics.models import Clinic, User
from clinics.paging import page_or_404
from clinics.selectors import trail

RIGHT = "clinics.view_audit"
ORDER = ("-id",)
SEARCH_USE = "audit-search"
USUAL_DAYS: Final = 30


class TrailForm(forms.Form):
    """Who, whom, what, when, and which request."""

    person = forms.ModelChoiceField(
        label=_("Who did it"), queryset=User.objects.none(), to_field_name="public_id", required=False,
        empty_label=_("Anybody"),
    )  # fmt: skip
    client = forms.CharField(label=_("About record"), max_length=20, required=False)
    action = forms.RegexField(
        r"^[a-zA-Z_.]*$", label=_("What"), max_length=60, required=False,
        error_messages={"invalid": _("Write the beginning of an event's name, such as note.signed.")},
    )  # fmt: skip
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    request_id = forms.UUIDField(
        label=_("Request"), required=False,
        error_messages={"invalid": _("Copy the whole id of a request from an event or an error page.")},
    )  # fmt: skip

    def __init__(self, *args: Any, staff: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = staff  # type: ignore[attr-defined]

    def clean_client(self) -> tuple[int, ...]:
        """Return the keys of the record with this reference and of those joined with it."""
        reference = self.cleaned_data["client"]
        if not reference:
            return ()
        found = trail.records_of(reference)
        if not found:
            raise forms.ValidationError(_("No record of this clinic has this reference."))
        return found

    def clean(self) -> dict[str, Any]:
        """Refuse days in the wrong order."""
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and since > until:
            self.add_error("until", _("This day is before the first one."))
        return data

    def filters(self) -> trail.Filters:
        """Return what a valid form asks for."""
        data = self.cleaned_data
        return trail.Filters(
            data["person"], data["client"], data["action"], data["since"], data["until"], data["request_id"]
        )


@never_cache
def audit_search(request: Any, clinic_slug: str) -> HttpResponse:
    """
    Search the clinic's trail, newest first; the last 30 days until something else is asked for.

    A search is posted and comes back as an opaque `find`: no reference of a record stands in an address.
    """
    require(request.user, RIGHT)
    clinic = request.clinic
    staff = trail.staff_of(clinic)
    if request.method == "POST":
        form = TrailForm(request.POST, staff=staff)
        if form.is_valid():
            asked = {name: value for name, value in form.data.items() if name in form.fields and value}
            return redirect(f"{request.path}?find={opaque.wrap(json.dumps(asked), SEARCH_USE)}")
        return TemplateResponse(request, "clinics/audit_search.html", {"form": form}, status=422)
    form = TrailForm(_asked(request, clinic), staff=staff)
    if not form.is_valid():
        raise Http404(NOT_HERE)
    filters = form.filters()
    page = page_or_404(request, trail.events(filters, clinic), ORDER)
    audit.listed(
        "audit", trail.clients_on(page.rows), purpose="oversight", detail={"events": len(page.rows), **_noted(filters)}
    )
    context = {
        "form": form,
        "rows": trail.in_words(page.rows),
        "urls": page.urls(request),
        "searched": "find" in request.GET,
    }
    return TemplateResponse(request, "clinics/audit_search.html", context)


def _asked(request: Any, clinic: Clinic) -> dict[str, str]:
    """Return what the address asks for, as the form's own fields."""
    find = request.GET.get("find", "")
    if not find:
        return {"since": (localdate() - timedelta(days=USUAL_DAYS)).isoformat()}
    try:
        asked: dict[str, str] = json.loads(opaque.unwrap(find, SEARCH_USE))
    except (opaque.NotOurs, ValueError):
        raise Http404(NOT_HERE) from None
    return asked


def _noted(filters: trail.Filters) -> dict[str, Any]:
    """Return the search as references, for the event that records it."""
    person: UUID | None = filters.person.public_id if filters.person is not None else None
    found: dict[str, UUID | date | int | str | None] = {
        "person": person, "client": next(iter(filters.client_ids), None), "action": filters.action,
        "since": filters.since, "until": filters.until, "request": filters.request_id,
    }  # fmt: skip
    return {name: value if isinstance(value, int) else str(value) for name, value in found.items() if value}

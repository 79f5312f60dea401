"""
One kind of row in an admin site: a list, verbs on what is ticked in it, and forms that call services.

Django's lists are kept, its forms are not: they save models past the services, ask for any lookup that the address
names, offer every row of a table as a choice, and write a log without a clinic. Here each change is one call of a
service, which decides and writes the trail.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from clinics import audit
from clinics.access import NOT_HERE
from clinics.admin_lists import BoundedPaginator, PublicList
from clinics.repeat import OnceForm, OtherBody, form_body, once
from clinics.sign_in_again import reauthentication_required
from clinics.tenancy import ClinicOwned
from clinics.versions import Stale, show_both

MOST_TICKED = 100
# Of a list's address: search, order and page; the filters that a kind of row declares come on top.
LIST_PARAMETERS = ("q", "o", "p", "e")

Act = Callable[..., None]


def verb(label: Any, *, again: bool = False) -> Callable[[Act], Act]:
    """
    Make a method `(self, request, row)` a verb on ticked rows of the list; it calls one service.

    label   what it says in the list of verbs
    again   the person proves first that it is them (clinics.sign_in_again)
    """

    def mark(act: Act) -> Act:
        act.label, act.again = label, again  # type: ignore[attr-defined]
        return act

    return mark


class Rows(admin.ModelAdmin):  # type: ignore[type-arg]
    """
    One kind of row.

    address      its part of the URL
    section      where it stands in the index
    lead         one sentence under the heading
    key          how the form names a ticked row: its public id where it has one
    verbs        names of the methods marked with `verb`
    add_form     the form of `add`, which gets its values by keyword and returns the row it made
    change_form  the form of `change`, likewise, with `row`
    asks_again   the forms demand a proof of who it is
    links        (label, route) of pages of the clinic where the same rows are worked on
    refusals     what a service raises for a person to read
    """

    address: ClassVar[str]
    section: ClassVar[str]
    heading: ClassVar[Any]
    lead: ClassVar[Any] = ""
    key: ClassVar[str] = "public_id"
    verbs: ClassVar[tuple[str, ...]] = ()
    add_form: ClassVar[type[forms.BaseForm] | None] = None
    add_label: ClassVar[Any] = _("Add")
    added: ClassVar[Any] = _("Saved.")
    change_form: ClassVar[type[forms.BaseForm] | None] = None
    changed: ClassVar[Any] = _("Saved.")
    asks_again: ClassVar[bool] = False
    links: ClassVar[tuple[tuple[Any, str], ...]] = ()
    refusals: ClassVar[tuple[type[Exception], ...]] = ()

    change_list_template = "admin/rows.html"
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    list_per_page = 50
    list_max_show_all = 0
    preserve_filters = False

    # --- who may ------------------------------------------------------------------------------------------------

    def may(self, request: Any) -> bool:
        """Tell whether the person may see this kind of row and use its verbs."""
        raise NotImplementedError

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        return self.may(request)

    def has_module_permission(self, request: Any) -> bool:
        return self.may(request)

    def has_add_permission(self, request: Any) -> bool:
        return self.add_form is not None and self.may(request)

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return bool(self.change_form or self.verbs) and self.may(request)

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    # --- what is seen is recorded -------------------------------------------------------------------------------

    def saw_list(self, request: Any, rows: list[Any]) -> None:
        """Record that these rows were shown."""
        raise NotImplementedError

    def saw_row(self, request: Any, row: Any) -> None:
        """Record that this row was opened."""
        raise NotImplementedError

    # --- addresses ----------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        """Return the routes of this kind of row: the list, and the forms that it has."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        listing = require_http_methods(["GET", "HEAD", "POST"])(self.list_page)
        routes = [path("", self.admin_site.admin_view(listing), name=f"{name}_changelist")]
        if self.add_form is not None:
            routes.append(path("add/", self.admin_site.admin_view(self._form(self.add_page)), name=f"{name}_add"))
        if self.change_form is not None:
            change = self.admin_site.admin_view(self._form(self.change_page))
            routes.append(path("<str:public_id>/", change, name=f"{name}_change"))
        return routes

    def _form(self, page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        page = require_http_methods(["GET", "HEAD", "POST"])(page)
        return reauthentication_required(page) if self.asks_again else page

    # --- the list -----------------------------------------------------------------------------------------------

    def list_page(self, request: Any) -> HttpResponse:
        """Show the rows, or do a verb on those that are ticked."""
        if not self.may(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._act(request)
        request.GET = self._known_parameters(request.GET)
        links = [(label, reverse(route, args=[request.clinic.slug])) for label, route in self.links]
        context = {"title": self.heading, "subtitle": None, "rows": self, "links": links}
        response: Any = self.changelist_view(request, context)
        shown = (getattr(response, "context_data", None) or {}).get("cl")
        if shown is not None:
            self.saw_list(request, list(shown.result_list))
        return response  # type: ignore[no-any-return]

    def _known_parameters(self, asked: QueryDict) -> QueryDict:
        """
        Return the parameters of a list that are ours.

        Django takes any other for a lookup on any field: `?legal_name__startswith=J` would tell names to whoever may
        see record numbers only.
        """
        known = QueryDict(mutable=True)
        filters: Iterable[Any] = self.list_filter
        for name in (*LIST_PARAMETERS, *(one.parameter_name for one in filters)):
            if name in asked:
                known[name] = str(asked[name])
        return known

    def get_changelist(self, request: Any, **kwargs: Any) -> type[ChangeList]:
        return PublicList

    def get_list_display_links(self, request: Any, list_display: Any) -> Any:
        return (list_display[0],) if self.change_form is not None else None

    def get_actions(self, request: Any) -> dict[str, Any]:
        return {name: (getattr(self, name), name, getattr(self, name).label) for name in self.verbs}

    @admin.display(description=mark_safe('<input type="checkbox" id="action-toggle">'))
    def action_checkbox(self, obj: Any) -> Any:
        """Return the tick box of a row."""
        attributes = {"class": "action-select", "aria-label": gettext("Tick %(row)s") % {"row": obj}}
        box = forms.CheckboxInput(attributes, lambda value: False)
        return box.render(ACTION_CHECKBOX_NAME, str(getattr(obj, self.key)))

    def _act(self, request: Any) -> HttpResponse:
        name = request.POST.get("action", "")
        if name not in self.verbs:
            return self._back(request, messages.WARNING, gettext("Choose what to do. Nothing was changed."))
        if getattr(self, name).again:
            return reauthentication_required(self._do)(request, name)
        return self._do(request, name)

    def _do(self, request: Any, name: str) -> HttpResponse:
        rows = self._ticked(request)
        if not rows:
            return self._back(request, messages.WARNING, gettext("Tick at least one row. Nothing was changed."))
        done = 0
        for row in rows:
            try:
                with transaction.atomic():
                    getattr(self, name)(request, row)
            except self.refusals as error:
                messages.warning(request, f"{self.name_of(row)}: {error}")
            else:
                done += 1
        if not done:
            return HttpResponseRedirect(request.get_full_path())
        said = ngettext("Done for one row.", "Done for %(n)d rows.", done) % {"n": done}
        return self._back(request, messages.SUCCESS, said)

    def _back(self, request: Any, level: int, sentence: str) -> HttpResponse:
        messages.add_message(request, level, sentence)
        return HttpResponseRedirect(request.get_full_path())

    def _ticked(self, request: Any) -> list[Any]:
        """Return the rows whose keys were posted and that the person may see; what is no key is left out."""
        field, keys = self.model._meta.get_field(self.key), []
        for posted in request.POST.getlist(ACTION_CHECKBOX_NAME)[:MOST_TICKED]:
            try:
                keys.append(field.to_python(posted))
            except ValidationError:
                continue
        return list(self.get_queryset(request).filter(**{f"{self.key}__in": keys}))

    def name_of(self, row: Any) -> str:
        """Return how a sentence names a row."""
        return str(row)

    # --- forms --------------------------------------------------------------------------------------------------

    def add(self, request: Any, **values: Any) -> Any:
        """Make a row by a service and return it."""
        raise NotImplementedError

    def change(self, request: Any, row: Any, **values: Any) -> None:
        """Change a row by a service."""
        raise NotImplementedError

    def initial(self, row: Any) -> dict[str, Any]:
        """Return what the form of a row begins with."""
        return {}

    def facts(self, row: Any) -> list[tuple[Any, Any]]:
        """Return (label, value) of what stands above the form of a row."""
        return []

    def make_form(self, form_class: Any, row: Any, **options: Any) -> Any:
        """Return the form; a kind of row whose choices depend on the row narrows them here."""
        return form_class(**options)

    def add_page(self, request: Any) -> HttpResponse:
        """Show or take the form that adds a row."""
        assert self.add_form is not None
        if not self.may(request):
            raise PermissionDenied
        form = self.make_form(self.add_form, None, data=request.POST if request.method == "POST" else None)
        return self._take(request, form, None) or self._show(request, form, None)

    def change_page(self, request: Any, public_id: str) -> HttpResponse:
        """Show or take the form of a row."""
        assert self.change_form is not None
        if not self.may(request):
            raise PermissionDenied
        row = self._find(request, public_id)
        data = request.POST if request.method == "POST" else None
        form = self.make_form(self.change_form, row, data=data, initial=self.initial(row))
        answer = self._take(request, form, row)
        if answer is None:
            self.saw_row(request, row)
            answer = self._show(request, form, row)
        return answer

    def _find(self, request: Any, public_id: str) -> Any:
        try:
            row = self.get_queryset(request).filter(public_id=UUID(public_id)).first()
        except ValueError:
            row = None
        if row is None:
            raise Http404(NOT_HERE)
        return row

    def _take(self, request: Any, form: Any, row: Any) -> HttpResponse | None:
        """Call the service with what a valid form says; None when the form has to be shown (again)."""
        if not form.is_valid():
            return None
        refused: tuple[type[Exception], ...] = (*self.refusals, OtherBody)
        values = {name: value for name, value in form.cleaned_data.items() if name != "repeat_key"}
        try:
            with transaction.atomic():
                if row is not None:
                    self.change(request, row, **values)
                elif isinstance(form, OnceForm):
                    once(
                        user=request.user,
                        key=form.cleaned_data["repeat_key"],
                        route=f"admin {self.address} add",
                        body=form_body(request.POST),
                        act=lambda: self.add(request, **values),
                    )
                else:
                    self.add(request, **values)
        except Stale as error:
            if show_both(form, self.initial(error.current), error.current.version):
                return None
        except refused as error:
            field = getattr(error, "field", None)
            form.add_error(field if field in form.fields else None, str(error))
            return None
        except ValidationError as error:
            form.add_error(None, ValidationError(error.messages))
            return None
        messages.success(request, self.added if row is None else self.changed)
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"
        return HttpResponseRedirect(reverse(name, current_app=self.admin_site.name))

    def _show(self, request: Any, form: Any, row: Any) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": self.add_label if row is None else self.name_of(row),
            "subtitle": None,
            "opts": self.opts,
            "rows": self,
            "form": form,
            "submit": self.add_label if row is None else gettext("Save"),
            "facts": self.facts(row) if row is not None else (),
        }
        return TemplateResponse(request, "admin/row_form.html", context, status=422 if form.is_bound else 200)


# --- rows of a clinic ---------------------------------------------------------------------------------------------


class ClinicRows(Rows):
    """
    One kind of row of the entered clinic.

    right     who holds it sees the rows and uses the verbs
    related   foreign keys that the list shows, read with it
    shows     fields that Privacy sorts as identifying and that stand here all the same
    """

    right: ClassVar[str]
    related: ClassVar[tuple[str, ...]] = ()
    shows: ClassVar[tuple[str, ...]] = ()

    def may(self, request: Any) -> bool:
        """Tell whether the person holds the right at the entered clinic."""
        return bool(request.user.may(f"clinics.{self.right}", request.clinic.pk))

    def get_queryset(self, request: Any) -> Any:
        """Return the rows on which the person holds the right, without what this face of them does not show."""
        rows = self.model.objects.permitted(request.user, f"clinics.{self.right}")
        return rows.select_related(*self.related).defer(*self.concealed())

    def get_list_select_related(self, request: Any) -> tuple[str, ...]:
        return self.related

    def concealed(self) -> list[str]:
        """Return the fields that are not even read: what names a person, and every clinical one."""
        found = list(_sorted_away(self.model, "", self.shows))
        for name in self.related:
            target: Any = self.model._meta.get_field(name).related_model
            if issubclass(target, ClinicOwned):
                found += _sorted_away(target, f"{name}__")
        return found

    def saw_list(self, request: Any, rows: list[Any]) -> None:
        """Record one event with the clients of the rows that were shown."""
        ids = [client for row in rows if (client := _client_of(row)) is not None]
        audit.listed(f"admin_{self.opts.model_name}", ids, purpose="administration", detail={"rows": len(rows)})

    def saw_row(self, request: Any, row: Any) -> None:
        """Record that the row was opened."""
        audit.viewed(row, purpose="administration")


def _sorted_away(model: type[models.Model], prefix: str, shown: Iterable[str] = ()) -> Iterator[str]:
    privacy: Any = getattr(model, "Privacy", None)
    for sort in ("identifying", "clinical"):
        yield from (f"{prefix}{name}" for name in getattr(privacy, sort, ()) if name not in shown)


def _client_of(row: Any) -> int | None:
    if row._meta.label_lower == "clients.client":
        return int(row.pk)
    return getattr(row, "client_id", None)

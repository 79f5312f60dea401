"""
Two admin sites, and how the addresses of a clinic's are written.

Both are Django's own in looks and lists. Neither has a login page (there is one door, allauth's), nor a log beside
the trail, and no change goes past a service: see `admin_rows`.

Django's admin writes addresses such as `admin:clinics_program_changelist` without naming a clinic. The resolver here
names the clinic whose page is being made, so each admin route stands in the URLconf with its placeholder, is entered
by the middleware like every page, and is seen by every guard (config/decisions/0008-admin-addresses.md).
"""

import re
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpResponse
from django.urls import NoReverseMatch, URLPattern, URLResolver, include, path, reverse
from django.urls.resolvers import RoutePattern
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

View = Callable[..., HttpResponse]

_slug: ContextVar[str | None] = ContextVar("admin_clinic_slug", default=None)


class ServiceSite(AdminSite):
    """An admin site of lists and forms whose every change is a service's."""

    # Section key and heading, in the order of the index; each kind of row names the section it stands in.
    sections: tuple[tuple[str, Any], ...] = ()
    index_template = "admin/home.html"
    site_url = None

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.disable_action("delete_selected")

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Let in who may; signing in is asked for by the middleware, never by a page of the admin."""

        @wraps(view)
        def inner(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            if not self.has_permission(request):
                raise PermissionDenied
            request.current_app = self.name
            return self.answer(view, request, *args, **kwargs)

        return inner if cacheable else never_cache(inner)

    def kinds(self) -> list[tuple[type[Model], Any]]:
        """Return the models of the site, each with its `admin_rows.Rows`, in the order they were registered."""
        return list(self._registry.items())

    def answer(self, view: View, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Call the view."""
        return view(request, *args, **kwargs)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Return the routes of the site: what is not listed here, such as Django's login page, is not there."""
        return [
            path("", self.admin_view(self.index), name="index"),
            path("jsi18n/", self.admin_view(self.i18n_javascript, cacheable=True), name="jsi18n"),
            *(path(f"{rows.address}/", include(rows.urls)) for _model, rows in self.kinds()),
        ]

    def get_app_list(self, request: Any, app_label: str | None = None) -> list[dict[str, Any]]:
        """Return the sections with the kinds of rows that the person may see, for index and sidebar."""
        found: dict[str, list[dict[str, Any]]] = {key: [] for key, _heading in self.sections}
        for model, rows in self.kinds():
            if not rows.has_view_permission(request):
                continue
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            add_url = reverse(f"{name}_add", current_app=self.name) if rows.has_add_permission(request) else None
            found[rows.section].append(
                {
                    "model": model,
                    "object_name": model._meta.object_name,
                    "name": rows.heading,
                    "admin_url": reverse(f"{name}_changelist", current_app=self.name),
                    "add_url": add_url,
                    "add_label": rows.add_label,
                    "view_only": not rows.has_change_permission(request),
                }
            )
        return [
            {"name": heading, "app_label": key, "models": found[key]} for key, heading in self.sections if found[key]
        ]


# --- the site of a clinic -----------------------------------------------------------------------------------------


class ClinicSite(ServiceSite):
    """The admin of the clinic in the address, for the people who manage its people."""

    index_title = _("People and settings")
    sections = (
        ("people", _("People")),
        ("settings", _("Settings")),
        ("care", _("Care: references, dates, status and staff")),
        ("work", _("Jobs, imports and checks")),
        ("trail", _("Trail")),
    )

    def has_permission(self, request: Any) -> bool:
        """Tell whether the person manages people at the clinic that was entered; `is_staff` counts for nothing."""
        return bool(request.user.may("clinics.manage_people", request.clinic.pk))

    def kinds(self) -> list[tuple[type[Model], Any]]:
        """Return the models of the site, each with its `admin_rows.Rows`, in the order they were registered."""
        return list(self._registry.items())

    def answer(self, view: View, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Call the view and draw its page, writing this clinic into every address of the admin."""
        token = _slug.set(kwargs.pop("clinic_slug"))
        try:
            response: Any = view(request, *args, **kwargs)
            return response.render() if callable(getattr(response, "render", None)) else response  # type: ignore[no-any-return]
        finally:
            _slug.reset(token)


class _ClinicRoute(RoutePattern):
    """The route that requests match. To `reverse` it is empty: the resolver writes that part itself."""

    regex = re.compile("")

    def __init__(self, route: str) -> None:
        super().__init__(route)
        self._requests = RoutePattern(route)

    def match(self, path: str) -> Any:
        """Match a request's path."""
        return self._requests.match(path)


class ClinicSiteResolver(URLResolver):
    """Resolves the addresses of a clinic's admin, and writes them for the clinic whose page is being made."""

    def __init__(self, route: str, site: ClinicSite) -> None:
        super().__init__(_ClinicRoute(route), site.get_urls(), app_name="admin", namespace=site.name)

    def _reverse_with_prefix(self, lookup_view: Any, _prefix: str, *args: Any, **kwargs: Any) -> str:
        slug = kwargs.pop("clinic_slug", None) or _slug.get()
        if slug is None:
            raise NoReverseMatch("No admin page of a clinic is being made. Give `clinic_slug` by keyword.")
        before = str(self.pattern).replace("<slug:clinic_slug>", slug)
        # Untyped in Django, where `reverse` itself calls it: the one place at which an address is written.
        written: str = super()._reverse_with_prefix(lookup_view, _prefix + before, *args, **kwargs)  # type: ignore[misc]
        return written


clinic_site = ClinicSite("clinic")

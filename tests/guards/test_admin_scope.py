"""
What every kind of row in an admin site must keep, whoever adds one: no name, no narrative, no other clinic, no way
past the services. A new registration is held here without being listed.
"""

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.contrib import admin
from django.db import connection, models
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver

from clinics.admin_lists import OneOf
from clinics.admin_rows import ClinicRows, Rows
from clinics.admin_site import ClinicSiteResolver, clinic_site
from clinics.models import Clinic, User
from clinics.tenancy import ClinicOwned
from config.admin import PlatformRows, platform_site
from tests.guards.routes import all_routes
from tests.world import CANARY, World

KINDS: list[ClinicRows] = list(clinic_site._registry.values())  # type: ignore[arg-type]
EVERY_KIND: list[Rows] = [*KINDS, *platform_site._registry.values()]  # type: ignore[list-item]

# Fields that Privacy sorts as identifying and that an admin shows all the same. An entry without use fails below.
MAY_SHOW = {
    "clinics.user": {"name", "email", "credentials"},  # staff, who are known by name to who manages them
    "clinics.invitation": {"name", "email"},  # whom the administrator invited
    "clients.episode": {"admitted_on", "closed_on"},
    "clients.admission": {"admitted_at"},  # the operational face has dates (config/decisions/0002)
    "clients.appointment": {"starts_at"},
    "clients.planreview": {"due_on", "held_on"},
    "clinical_sessions.therapysession": {"service_on"},
}


def name_of(kind: Rows) -> str:
    return f"{kind.admin_site.name}:{kind.opts.label_lower}"


def sorted_away(model: Any) -> set[str]:
    privacy = getattr(model, "Privacy", None)
    return {name for sort in ("identifying", "clinical") for name in getattr(privacy, sort, ())}


def shown_fields(kind: Rows) -> Iterator[str]:
    """Return every path to a field that the list shows, sorts by, or searches."""
    for entry in kind.list_display:
        if callable(entry):
            yield entry.admin_order_field  # type: ignore[attr-defined]
        elif hasattr(kind, entry):
            order = getattr(getattr(kind, entry), "admin_order_field", None)
            if order:
                yield order
        else:
            yield entry
    yield from (path.lstrip("^=@") for path in kind.search_fields)
    yield from (path.lstrip("-") for path in kind.ordering or ())


def walk(model: Any, path: str) -> tuple[Any, str]:
    """Return the model and the field at the end of a lookup path."""
    *steps, last = path.split("__")
    for step in steps:
        model = model._meta.get_field(step).related_model
    return model, last


@pytest.mark.parametrize("kind", EVERY_KIND, ids=name_of)
def test_a_list_shows_sorts_and_searches_no_name_and_no_narrative(kind: Rows) -> None:
    for path in shown_fields(kind):
        model, field = walk(kind.model, path)
        if field in sorted_away(model):
            assert field in MAY_SHOW.get(model._meta.label_lower, set()), f"{name_of(kind)} shows {path}"
            assert field not in getattr(getattr(model, "Privacy", None), "clinical", ())


def test_no_exception_is_stale() -> None:
    used = {walk(kind.model, path) for kind in EVERY_KIND for path in shown_fields(kind)}
    found = {(model._meta.label_lower, field) for model, field in used}
    for label, fields in MAY_SHOW.items():
        for field in fields:
            assert (label, field) in found, f"{label}.{field} is allowed and not shown: take it out of MAY_SHOW"


@pytest.mark.parametrize("kind", KINDS, ids=name_of)
def test_what_is_not_shown_is_not_even_read(world: World, kind: ClinicRows) -> None:
    """The statement that reads the list names no column that Privacy sorts away, but for those that are shown."""
    request = RequestFactory().get("/")
    request.user, request.clinic = world.here.administrator, world.here.clinic  # type: ignore[attr-defined]
    with world.here.scope(world.here.administrator), CaptureQueriesContext(connection) as asked:
        rows = list(kind.get_queryset(request).order_by("pk")[:3])
    text = " ".join(query["sql"] for query in asked)
    assert rows != []
    assert CANARY not in " ".join(str(row) for row in rows)
    models_read = {kind.model, *(kind.model._meta.get_field(name).related_model for name in kind.related)}
    for model in models_read:
        if not issubclass(model, ClinicOwned):
            continue
        for field in sorted_away(model) - MAY_SHOW.get(model._meta.label_lower, set()) - set(kind.shows):
            column = f'"{model._meta.db_table}"."{model._meta.get_field(field).column}"'
            assert column not in text, f"{name_of(kind)} reads {column}"


@pytest.mark.parametrize("kind", EVERY_KIND, ids=name_of)
def test_every_change_goes_by_a_service(kind: Rows) -> None:
    """The kind inherits our base, keeps Django's own forms and delete pages closed, and calls no save of a model."""
    assert isinstance(kind, ClinicRows if kind.admin_site is clinic_site else PlatformRows)
    for method in (
        "changeform_view",
        "save_model",
        "delete_model",
        "delete_queryset",
        "log_addition",
        "changelist_view",
    ):
        assert getattr(type(kind), method) is getattr(admin.ModelAdmin, method), method
    assert not kind.inlines
    assert not kind.list_editable
    assert not kind.date_hierarchy
    assert kind.has_delete_permission(None) is False
    source = inspect.getsource(type(kind))
    for past in (".save(", ".delete(", ".update(", ".create(", "bulk_", "unscoped"):
        assert past not in source, f"{name_of(kind)} has {past}"


@pytest.mark.parametrize("kind", EVERY_KIND, ids=name_of)
def test_lists_are_bounded_and_filters_are_ours(kind: Rows) -> None:
    assert kind.show_full_result_count is False
    assert kind.show_facets is admin.ShowFacets.NEVER
    assert all(isinstance(one, type) and issubclass(one, OneOf) for one in kind.list_filter), (
        "Django's filters offer rows of every clinic; use choice_filter or a OneOf"
    )


def forms_of(kind: Rows) -> list[Any]:
    return [form for form in (kind.add_form, kind.change_form) if form is not None]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if forms_of(kind)], ids=name_of)
def test_no_choice_of_a_form_is_another_clinics(world: World, kind: ClinicRows) -> None:
    theirs = {user.pk for user in [*world.neighbour.people.values(), world.neighbour.other_therapist]}
    with world.here.scope(world.here.administrator):
        own = kind.model.objects.order_by("pk").first()
        for form_class in forms_of(kind):
            assert not issubclass(form_class, forms.ModelForm), "a ModelForm offers every row there is"
            form = kind.make_form(form_class, own, data=None)
            for field in form.fields.values():
                if not isinstance(field, forms.ModelChoiceField):
                    continue
                for choice in field.queryset:
                    assert (
                        choice.pk not in theirs
                        if isinstance(choice, User)
                        else choice.clinic_id == world.here.clinic.pk
                    )


def test_the_platform_holds_no_clinics_row_and_no_other_site_is_mounted() -> None:
    assert set(platform_site._registry) == {User, Clinic}
    mounted = [entry for entry in get_resolver().url_patterns if getattr(entry, "app_name", None) == "admin"]
    assert [entry.namespace for entry in mounted] == ["clinic", "platform"]
    assert isinstance(mounted[0], ClinicSiteResolver)
    assert admin.site.urls[2] not in {entry.namespace for entry in mounted}


def test_the_routes_of_the_admin_are_seen_by_every_guard() -> None:
    routes = [route for route in all_routes() if "/admin/" in f"/{route.template}"]
    listed = {route.template for route in routes if route.name.endswith("_changelist")}
    assert listed == {f"clinics/<clinic_slug>/admin/{kind.address}/" for kind in KINDS}
    assert all(route.placeholders[0] == "clinic_slug" for route in routes)
    assert len({kind.address for kind in KINDS}) == len(KINDS)


def test_each_field_that_is_shown_is_one_of_the_model() -> None:
    for kind in EVERY_KIND:
        for path in shown_fields(kind):
            model, field = walk(kind.model, path)
            assert isinstance(model._meta.get_field(field), models.Field | models.ManyToOneRel)

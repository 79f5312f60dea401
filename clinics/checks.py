"""System checks: what a model of a clinic must carry, and what a deployment's machine must have."""

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, Info, Tags, register
from django.db import models

from clinics import pdf
from clinics.fields import EncryptedTextField
from clinics.tenancy import ClinicOwned, SameClinic, owned_models

OURS = ("clinics", "clients", "clinical_sessions", "analytics")
SORTS = ("identifying", "clinical", "operational")


def register_all() -> None:
    """Register the checks."""
    register(check_privacy, Tags.models)
    register(check_same_clinic, Tags.models)
    register(check_pango, Tags.compatibility, deploy=True)


def check_privacy(app_configs: Sequence[Any] | None, **kwargs: object) -> list[CheckMessage]:
    """Refuse a field that is not sorted by `class Privacy`, and clinical text that is not encrypted."""
    found: list[CheckMessage] = []
    for model in apps.get_models():
        if model._meta.app_label not in OURS or model._meta.proxy:
            continue
        privacy = getattr(model, "Privacy", None)
        if privacy is None:
            found.append(Error(f"{model.__name__} has no class Privacy.", obj=model, id="evoke.E001"))
            continue
        sorted_fields = {name: sort for sort in SORTS for name in getattr(privacy, sort, ())}
        fields = [*model._meta.concrete_fields, *model._meta.many_to_many]
        names = {f.name for f in fields if not isinstance(f, models.CompositePrimaryKey)}
        names -= {"id", "pk"}
        for name in sorted(names - sorted_fields.keys()):
            hint = "Add it to identifying, clinical or operational."
            found.append(Error(f"{model.__name__}.{name} is not sorted in Privacy.", hint, model, "evoke.E002"))
        found.extend(
            Error(f"{model.__name__}.Privacy names {name}, which is no field.", None, model, "evoke.E003")
            for name in sorted(sorted_fields.keys() - names)
        )
        for field in fields:
            clinical = sorted_fields.get(field.name) == "clinical"
            is_text = isinstance(field, models.CharField | models.TextField) and not field.choices
            if clinical and is_text:
                hint = "Make it an EncryptedTextField."
                found.append(
                    Error(f"{model.__name__}.{field.name} is clinical text in clear.", hint, model, "evoke.E004")
                )
            if isinstance(field, EncryptedTextField) and not clinical:
                found.append(
                    Error(
                        f"{model.__name__}.{field.name} is encrypted, not clinical.",
                        None,
                        model,
                        "evoke.E005",
                    )
                )
    return found


def check_same_clinic(app_configs: Sequence[Any] | None, **kwargs: object) -> list[CheckMessage]:
    """Refuse a key between two clinic-owned models without its composite twin."""
    found: list[CheckMessage] = []
    for model in owned_models():
        held = {c.field for c in model._meta.constraints if isinstance(c, SameClinic)}
        for field in model._meta.concrete_fields:
            target = field.related_model
            if not isinstance(target, type) or not issubclass(target, ClinicOwned):
                continue
            if field.name not in held:
                hint = f"Add SameClinic({field.name!r}, name=…) to Meta.constraints."
                found.append(
                    Error(
                        f"{model.__name__}.{field.name} may link to another clinic.",
                        hint,
                        model,
                        "evoke.E006",
                    )
                )
            if getattr(field, "db_constraint", False):
                hint = "Declare it with owned_fk."
                found.append(Error(f"{model.__name__}.{field.name} has two constraints.", hint, model, "evoke.E007"))
    return found


def check_pango(app_configs: Sequence[Any] | None, **kwargs: object) -> list[CheckMessage]:
    """Say where printed pages cannot become PDFs: such a machine offers none, and its pages say to print instead."""
    if pdf.is_available():
        return []
    hint = "Install Debian's packages libpango-1.0-0, libpangoft2-1.0-0 and libharfbuzz-subset0."
    return [Info("Pango is not on this machine: printed pages cannot be saved as PDF.", hint, id="evoke.I001")]

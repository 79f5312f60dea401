"""What is left to ask before one hangs up."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clients.forms.intake import WAYS, IntakeFields
from clients.models import Client
from clients.rules.contact import Permission


@dataclass(frozen=True)
class Answer:
    """One of the six answers that let one hang up."""

    key: str
    label: str | Promise
    done: bool


def checklist(form: IntakeFields, client: Client | None) -> list[Answer]:
    """Return the six answers, and which of them stand in the form or on the record that was chosen."""

    def any_of(names: Iterable[str]) -> bool:
        return any(str(form.value(name) or "").strip() for name in names)

    born = form.value("born_on")
    has_born = all(born) if isinstance(born, (list, tuple)) else bool(born)
    return [
        Answer("words", _("Their reason, in their words"), any_of(["words"])),
        Answer("phone", _("Call-back number"), any_of(["phone", "email"])),
        Answer("legal_name", _("Full name"), client is not None or any_of(["legal_name"])),
        Answer("born_on", _("Date of birth"), has_born or bool(client and client.born_on)),
        Answer("safety_answer", _("Safety question"), any_of(["safety_answer"])),
        Answer(
            "ok",
            _("Agreement to contact"),
            any(form.value(way) not in (None, "", Permission.NOT_ASKED) for way in WAYS),
        ),
    ]

"""A form for what comes after a block of MI sessions."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from clients.forms.consents import optional_words
from clients.forms.plans import choice, number
from clients.rules.plans import BLOCK_LEAST, BLOCK_MOST
from clients.services.plan_blocks import REASON_CHARS
from clinics.repeat import OnceForm


class BlockForm(OnceForm):
    """What comes next, how many sessions more where some are added, and why."""

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["decision"] = choice(
            _("What comes next"), choices, missing=_("Choose what comes next."), segments=True
        )
        if "extend" in dict(choices):
            self.fields["sessions"] = number(
                _("How many more sessions"), least=BLOCK_LEAST, most=BLOCK_MOST,
                help_text=_("From 1 to 6, only for some more sessions."),
            )  # fmt: skip
        self.fields["reason"] = optional_words(_("Why"), REASON_CHARS, 2, help_text=_("If you like."))

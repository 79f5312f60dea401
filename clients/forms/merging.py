"""Forms about two records that may be one person's."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.forms.fields import long_text_field
from clinics.repeat import OnceForm

REASON_CHARS = 500


class MergeForm(OnceForm):
    """Join two records, with a word on how it is known that they are one person's."""

    reason = long_text_field(
        _("How you know that they are one person"),
        REASON_CHARS,
        missing="",
        rows=3,
        required=False,
        help_text=_("For whoever looks later"),
    )


class UnmergeForm(forms.Form):
    """Take a merge back, with the reason."""

    reason = long_text_field(
        _("Why they are not one person"),
        REASON_CHARS,
        missing=_("Write why the records are not one person's."),
        rows=3,
    )

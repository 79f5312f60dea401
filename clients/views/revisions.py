"""Writing something anew on a page, whole: the form begins with the newest revision, and nobody's text is lost."""

from collections.abc import Callable, Mapping
from typing import Any

from clients.services.revisions import Newer
from clinics import drafts, repeat
from clinics.versions import show_both


def write_anew(
    request: Any,
    form: Any,
    *,
    key: str,
    act: Callable[[], Any],
    stored: Callable[[Any], Mapping[str, Any]],
    refusals: tuple[type[Exception], ...],
) -> bool:
    """
    Write a revision from a valid form, once, and let its draft go; tell whether what was typed is what holds now.

    A refusal becomes an error beside its field. Where somebody was faster, the form shows both texts.

    key        of the draft
    act        writes the revision
    stored     returns what the form of a revision begins with
    refusals   what `act` raises with the `field` that it is about, a path such as "triggers.0.risk"
    """
    if not form.is_valid():
        return False
    refused: tuple[type[Exception], ...] = (*refusals, repeat.OtherBody)
    try:
        repeat.once(
            user=request.user, key=form.cleaned_data[repeat.FIELD], route=key, body=repeat.form_body(request.POST),
            act=act,
        )  # fmt: skip
    except Newer as error:
        before = stored(error.current)
        if show_both(form, before, before["version"]):
            return False
        # Both wrote the same: there is nothing to decide.
    except refused as error:
        name = str(getattr(error, "field", "")).replace(".", "_")
        form.add_error(name if name in form.fields else None, str(error))
        return False
    drafts.settle(user=request.user, key=key)
    return True

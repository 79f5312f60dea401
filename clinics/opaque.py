"""
Text that travels in an address without saying anything: nothing personal stands in URLs.

It is encrypted with the clinic's key and bound to what it is for, so that a text of another clinic or of another use
does not open.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from django.core.exceptions import ObjectDoesNotExist

from clinics import crypto
from clinics.tenancy import active_clinic_id

MAX_CHARS: Final = 2_000


class NotOurs(ValueError):
    """This was not made by `wrap` at this clinic for this use."""


def wrap(text: str, use: str) -> str:
    """Return `text` as letters, digits, - and _ that only this clinic opens, for this use."""
    return urlsafe_b64encode(crypto.encrypt(active_clinic_id(), "record", use, text)).rstrip(b"=").decode()


def unwrap(token: str, use: str) -> str:
    """
    Return the text inside a token.

    :raises NotOurs: it was made elsewhere, for another use, or changed
    """
    if len(token) > MAX_CHARS:
        raise NotOurs("This is too long.")
    try:
        data = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        return crypto.decrypt(active_clinic_id(), "record", use, data)
    except (ValueError, crypto.CannotDecrypt, ObjectDoesNotExist) as error:
        raise NotOurs("This was not made here, or was changed.") from error

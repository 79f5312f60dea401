"""Who stands beside somebody under age, as an inquiry says."""

from dataclasses import dataclass
from typing import Final

from clients.models import Inquiry
from clients.rules import names, phones
from clients.rules.intake import Contradiction


@dataclass(frozen=True)
class Guardian:
    """
    A parent or guardian.

    phone     as typed; kept in the international form
    custody   code of `intake.CUSTODY`: who has it
    """

    name: str = ""
    phone: str = ""
    custody: str = ""


NOBODY_NAMED: Final = Guardian()


def guardian_of(inquiry: Inquiry) -> Guardian:
    """Return who stands beside the person, as it is kept."""
    return Guardian(inquiry.guardian_name, inquiry.guardian_phone, inquiry.custody)


def set_guardian(inquiry: Inquiry, guardian: Guardian) -> None:
    """
    Write into an inquiry, which the caller saves, who stands beside the person.

    :raises Contradiction: the telephone number cannot be one
    """
    try:
        number = phones.without_extension(guardian.phone)
    except phones.BadNumber as error:
        raise Contradiction("guardian_phone", str(error)) from None
    inquiry.guardian_name, inquiry.guardian_phone = names.tidy(guardian.name), number
    inquiry.custody = guardian.custody

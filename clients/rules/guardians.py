"""
Who stands beside somebody under age: when a parent or guardian is asked for, and what is missing without one.

Whether a minor may consent alone differs from state to state and from service to service. Nothing here decides it: a
gap is named, and nobody is kept from care by it.

source   shared/domain/care.md 1.5 and 1.8. Ours: under age is under 18, in every state; a date of birth that is not
         known makes nobody a minor.
"""

from datetime import date
from typing import Final

ADULT_AT: Final = 18
ONE_WHO_IS_ASKED: Final = "parent"


def age_on(born_on: date | None, day: date) -> int | None:
    """Return the age in whole years on a day, or None when the date of birth is not known."""
    if born_on is None:
        return None
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def is_minor(born_on: date | None, day: date) -> bool:
    """Tell whether somebody is under age on a day."""
    age = age_on(born_on, day)
    return age is not None and age < ADULT_AT


def is_asked(born_on: date | None, day: date, relation: str) -> bool:
    """Tell whether an intake asks for a parent or guardian: of a minor, and where a parent calls."""
    return relation == ONE_WHO_IS_ASKED or is_minor(born_on, day)


def gaps(*, minor: bool, named: bool, signed: bool) -> tuple[str, ...]:
    """
    Return what is missing about a minor, in whole sentences; nothing about anybody else.

    named    a parent or guardian is written down
    signed   one of them signed the consent to treatment
    """
    if not minor:
        return ()
    under = f"They are under {ADULT_AT}"
    found = []
    if not named:
        found.append(f"{under}, and no parent or guardian is written down.")
    if not signed:
        found.append(
            f"{under}, and no parent or guardian signed the consent to treatment. "
            "State law decides whether they may sign alone."
        )
    return tuple(found)

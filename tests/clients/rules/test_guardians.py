"""Who is under age, and what is missing beside a minor."""

from datetime import date

import pytest

from clients.rules import admission, guardians, places
from clients.rules.admission import Facts

TODAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("born_on", "age", "minor"),
    [
        (date(2008, 3, 1), 18, False),
        (date(2008, 3, 2), 17, True),
        # Born on a leap day: of age on the first of March.
        (date(2008, 2, 29), 18, False),
        (date(2026, 3, 1), 0, True),
        (date(1950, 1, 1), 76, False),
        (None, None, False),
    ],
)
def test_who_is_under_age(born_on: date | None, age: int | None, minor: bool) -> None:
    assert guardians.age_on(born_on, TODAY) == age
    assert guardians.is_minor(born_on, TODAY) is minor
    assert guardians.is_asked(born_on, TODAY, "parent") is True
    assert guardians.is_asked(born_on, TODAY, "friend") is minor


def test_a_leap_day_is_a_birthday_on_the_first_of_march() -> None:
    assert guardians.age_on(date(2008, 2, 29), date(2026, 2, 28)) == 17


def test_what_is_missing_beside_a_minor_is_named_and_keeps_nobody_from_care() -> None:
    assert admission.warnings(Facts()) == ()
    assert admission.warnings(Facts(minor=True, guardian_named=True, guardian_signed=True)) == ()
    named, signed = admission.warnings(Facts(minor=True))
    assert "no parent or guardian is written down" in named
    assert "State law decides" in signed
    assert admission.warnings(Facts(minor=True, guardian_named=True)) == (signed,)
    assert admission.warnings(Facts(minor=True, guardian_signed=True)) == (named,)
    # An adult is asked for none, and a minor's gaps are none of the guards.
    whole = Facts(
        named=True, assessment_signed=True, accepted=True, notice_given=True, treatment_consent=True,
        identity_checked=True, program_chosen=True, therapist_assigned=True, first_appointment=True, minor=True,
    )  # fmt: skip
    assert admission.gaps(whole) == ()


def test_a_state_is_two_letters_once() -> None:
    codes = [code for code, _name in places.STATES]
    assert len(codes) == len(set(codes)) == 56
    assert all(len(code) == 2 and code.isupper() for code in codes)

"""
How alike two people are on paper. Nothing is merged here: a match is a question for a person to answer.

Only the identity of the person who seeks care is compared, never a caller's, and only inside one clinic. No pair
reaches "possible" unless the member ID, the telephone, the e-mail or the date of birth (as written, or with day and
month swapped) is equal, so a search by these indexed columns finds every match.

source   shared/domain/care.md 1.9; weights are product defaults without validation
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final, Literal

MEMBER_ID, PHONE, EMAIL, BORN_ON, BORN_SWAPPED = 45, 40, 35, 35, 15
FAMILY, FAMILY_ALIKE, GIVEN, ZIP = 20, 12, 15, 5
LIKELY_FROM: Final = 70
POSSIBLE_FROM: Final = 45
ALIKE_FROM: Final = Fraction(92, 100)

Level = Literal["likely", "possible"]


@dataclass(frozen=True, slots=True)
class Identity:
    """
    What is known of one person; "" and None where it is not, which never matches.

    member_keys what member IDs are found by where they are kept encrypted (blind indexes), one for each cover
    phone       E.164
    family_key  `names.key` of the family name
    given_keys  `names.key` of the first name, the name they go by and nicknames
    """

    member_id: str = ""
    phone: str = ""
    email: str = ""
    born_on: date | None = None
    family_key: str = ""
    given_keys: frozenset[str] = frozenset()
    zip: str = ""
    member_keys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Match:
    """
    How alike two identities are.

    points   0 to 195
    level    "likely" from 70, "possible" from 45, else None
    reasons  what is equal, in plain words, heaviest first
    """

    points: int
    level: Level | None
    reasons: tuple[str, ...]


def member_key(member_id: str) -> str:
    """Return a member ID as it is compared: letters and digits, casefolded."""
    return "".join(char for char in member_id.casefold() if char.isalnum())


def email_key(email: str) -> str:
    """Return an e-mail address as it is compared."""
    return email.strip().casefold()


def zip_key(code: str) -> str:
    """Return the first five characters of a ZIP code: the rest names a street."""
    return code.strip()[:5]


def swapped(born_on: date) -> date | None:
    """Return the date with day and month exchanged, or None when that is no other date."""
    if born_on.day > 12 or born_on.day == born_on.month:
        return None
    return born_on.replace(month=born_on.day, day=born_on.month)


def dates_to_search(born_on: date) -> tuple[date, ...]:
    """Return the dates of birth under which a match can be filed."""
    other = swapped(born_on)
    return (born_on,) if other is None else (born_on, other)


def _jaro(first: str, second: str) -> Fraction:
    """Return Jaro's likeness. Equal letters pair from the left on both sides, so the order of the two is all one."""
    reach = max(max(len(first), len(second)) // 2 - 1, 0)
    taken = [False] * len(second)
    matched: list[str] = []
    for at, char in enumerate(first):
        for other in range(max(0, at - reach), min(len(second), at + reach + 1)):
            if not taken[other] and second[other] == char:
                taken[other] = True
                matched.append(char)
                break
    if not matched:
        return Fraction(0)
    count = len(matched)
    in_second = (char for char, hit in zip(second, taken, strict=True) if hit)
    out_of_order = sum(one != two for one, two in zip(matched, in_second, strict=True))
    shares = Fraction(count, len(first)) + Fraction(count, len(second)) + (1 - Fraction(out_of_order // 2, count))
    return shares / 3


def jaro_winkler(first: str, second: str) -> Fraction:
    """
    Return the Jaro-Winkler likeness of two words, exact, 0 to 1; 0 when either is empty.

    source   Winkler 1990: prefix of at most 4 letters, scale 1/10
    """
    likeness = _jaro(first, second)
    prefix = 0
    while prefix < min(4, len(first), len(second)) and first[prefix] == second[prefix]:
        prefix += 1
    return likeness + Fraction(prefix, 10) * (1 - likeness)


def score(a: Identity, b: Identity) -> Match:
    """Return how alike two identities are; the order of the two does not matter."""
    found: list[tuple[int, str]] = []

    def compare(one: str, two: str, points: int, reason: str) -> None:
        if one and one == two:
            found.append((points, reason))

    if a.member_keys & b.member_keys:
        found.append((MEMBER_ID, "Same member ID"))
    else:
        compare(member_key(a.member_id), member_key(b.member_id), MEMBER_ID, "Same member ID")
    compare(a.phone, b.phone, PHONE, "Same phone number")
    compare(email_key(a.email), email_key(b.email), EMAIL, "Same e-mail address")
    if a.born_on is not None and b.born_on is not None:
        if a.born_on == b.born_on:
            found.append((BORN_ON, "Same date of birth"))
        elif swapped(a.born_on) == b.born_on:
            found.append((BORN_SWAPPED, "Date of birth with day and month swapped"))
    if a.family_key and b.family_key:
        if a.family_key == b.family_key:
            found.append((FAMILY, "Same family name"))
        elif jaro_winkler(a.family_key, b.family_key) >= ALIKE_FROM:
            found.append((FAMILY_ALIKE, "Similar family name"))
    if (a.given_keys & b.given_keys) - {""}:
        found.append((GIVEN, "Same first name or name they go by"))
    compare(zip_key(a.zip), zip_key(b.zip), ZIP, "Same ZIP code")

    points = sum(weight for weight, _ in found)
    level: Level | None = "likely" if points >= LIKELY_FROM else "possible" if points >= POSSIBLE_FROM else None
    return Match(points, level, tuple(reason for _, reason in sorted(found, key=lambda pair: -pair[0])))

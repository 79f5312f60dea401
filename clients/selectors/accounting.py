"""The accounting of disclosures: a person's report, and the clinic's log."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

from clients.models import Client, Disclosure, DisclosurePackage
from clients.rules.consent_terms import CATEGORY_LABELS, PURPOSE_LABELS, Category, Purpose
from clients.rules.disclosure import BASIS_LABELS, DROPPED_SENTENCES, Basis, Dropped
from clients.selectors.consents import known
from clinics.models import User

VIEW: Final = "clinics.view_disclosure"
REPORT_YEARS: Final = 3
ORDER: Final = ("-made_at", "-id")


@dataclass(frozen=True)
class Entry:
    """
    One disclosure in words.

    dropped   each part that was asked for and left out, and why
    package   how far the package is, in words; empty when none was made
    """

    row: Disclosure
    purpose: str
    basis: str
    given: list[str]
    dropped: list[tuple[str, str]]
    package: DisclosurePackage | None


def entries(rows: Iterable[Disclosure]) -> list[Entry]:
    """Return disclosures in words, with their packages, by one more statement however many there are."""
    rows = list(rows)
    packages = {
        one.disclosure_id: one
        for one in DisclosurePackage.objects.filter(disclosure__in=rows).defer("body").select_related("fetched_by")
    }
    return [_entry(row, packages.get(row.pk)) for row in rows]


def _entry(row: Disclosure, package: DisclosurePackage | None) -> Entry:
    purposes = known(Purpose, [row.purpose])
    return Entry(
        row,
        "; ".join(PURPOSE_LABELS[one] for one in purposes) or row.purpose,
        BASIS_LABELS[Basis(row.basis)],
        [CATEGORY_LABELS[one] for one in Category if one.value in row.categories_given],
        dropped_in_words({one: row.dropped[one.value] for one in Category if one.value in row.dropped}),
        package,
    )


def dropped_in_words(dropped: dict[Category, str]) -> list[tuple[str, str]]:
    """Return parts that are left out, each with the reason as a sentence."""
    reasons = set(Dropped)
    return [
        (CATEGORY_LABELS[category], DROPPED_SENTENCES[Dropped(reason)] if reason in reasons else "")
        for category, reason in dropped.items()
    ]


def of_person(client: Client, *, since: datetime | None) -> QuerySet[Disclosure, Disclosure]:
    """
    Return what was told about a person, the newest first.

    since   None for everything that is kept
    """
    rows: QuerySet[Disclosure, Disclosure] = Disclosure.objects.filter(client__in=client.records)
    if since is not None:
        rows = rows.filter(made_at__gte=since)
    return rows.select_related("made_by", "consent").order_by(*ORDER)


def log(user: User) -> QuerySet[Disclosure, Disclosure]:
    """Return the clinic's disclosures, as far as `user` may see them."""
    rows: QuerySet[Disclosure, Disclosure] = Disclosure.objects.permitted(user, VIEW)
    return rows.select_related("made_by", "client")


# --- a package, to be read --------------------------------------------------------------------------------------------

CELL_CHARS: Final = 40
MOST_COLUMNS: Final = 5


@dataclass(frozen=True)
class Part:
    """
    One part of a package as it is read.

    columns   of a table, where every row has the same few short cells; else empty, and each row stands for itself
    """

    title: str
    columns: list[str]
    cells: list[list[str]]
    rows: list[Mapping[str, str]]


def parts_of(content: Mapping[str, Any]) -> list[Part]:
    """Return the parts of a package, those that fit as tables."""
    found = []
    for part in content["parts"]:
        rows = part["rows"]
        columns = list(rows[0]) if rows else []
        fits = len(rows) > 1 and len(columns) <= MOST_COLUMNS
        fits = fits and all(list(row) == columns and max(map(len, row.values())) <= CELL_CHARS for row in rows)
        cells = [list(row.values()) for row in rows] if fits else []
        found.append(Part(part["title"], columns if fits else [], cells, rows))
    return found

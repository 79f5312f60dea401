"""Records that may be one person's: which to look at, how two differ, and what belongs to a person after a merge."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, F, Max, Q, QuerySet
from django.db.models.functions import Coalesce

from clients.models import Client, Coverage, Episode, Inquiry, Merge, NotTheSame
from clients.rules import duplicates, phones
from clients.rules.duplicates import Match
from clients.selectors.matching import NONE, identity_of, member_keys_of
from clinics.models import User

PAIRS_SHOWN = 50
# A telephone shared by more is a house's or an agency's, and says little.
GROUP_MOST = 12
GROUPS_READ = 400
SHARED: tuple[tuple[str, ...], ...] = (("phone",), ("email",), ("born_on", "family_key"), ("born_on", "given_key"))


@dataclass(frozen=True)
class Pair:
    """Two records that may be one person's. `older` has the older reference, which a merge keeps."""

    older: Client
    newer: Client
    match: Match


def merges_of(client: Client) -> QuerySet[Merge, Merge] | None:
    """Return the merges that a person's record stands for, in however many steps, newest first; None without any."""
    if len(client.record_keys) < 2:
        return None
    found: QuerySet[Merge, Merge] = Merge.objects.filter(kept_id__in=client.record_keys, undone_at=None)
    return found.select_related("absorbed", "by").order_by("-at", "-pk")


def pairs_to_look_at(user: User) -> list[Pair]:
    """
    Return pairs of records that may be one person's and that nobody has looked at yet, the likeliest first.

    Looked for among records that share a telephone number, an e-mail address, a member ID, or the date of birth with a
    name: five grouped statements, however many people there are. At most 50 pairs.
    """
    seen: set[tuple[int, int]] = set()
    for names in SHARED:
        for keys in _groups(user, names):
            seen.update(combinations(sorted(keys), 2))
    for keys in _sharing_member_id(user):
        seen.update(combinations(sorted(keys), 2))
    seen -= _told_apart(seen)
    rows = Client.objects.filter(merged_into=None).in_bulk({key for pair in seen for key in pair})
    held = member_keys_of(rows.values())
    known = {key: identity_of(row, held.get(key, NONE)) for key, row in rows.items()}
    pairs = [
        Pair(rows[one], rows[other], match)
        for one, other in seen
        if one in rows and other in rows and (match := duplicates.score(known[one], known[other])).level is not None
    ]
    return sorted(pairs, key=lambda pair: (-pair.match.points, -pair.newer.pk))[:PAIRS_SHOWN]


def _groups(user: User, names: tuple[str, ...]) -> list[list[int]]:
    """Return the keys of records that have all of these columns alike, newest groups first."""
    filled = Q(merged_into=None)
    for name in names:
        filled &= Q(**{f"{name}__isnull": False}) if name == "born_on" else ~Q(**{name: ""})
    groups = (
        Client.objects.permitted(user, "clinics.merge_client")
        .filter(filled)
        .order_by()
        .values(*names)
        .annotate(many=Count("pk"), keys=ArrayAgg("pk"), newest=Max("pk"))
        .filter(many__gt=1, many__lte=GROUP_MOST)
        .order_by("-newest")
    )
    return [group["keys"] for group in groups[:GROUPS_READ]]


def _sharing_member_id(user: User) -> list[list[int]]:
    """Return the keys of records whose covers share a member ID; a joined record counts as what it was joined to."""
    groups = (
        Coverage.objects.permitted(user, "clinics.merge_client")
        .filter(removed_at=None)
        .exclude(member_index="")
        .annotate(person=Coalesce(F("client__merged_into_id"), F("client_id")))
        .order_by()
        .values("member_index")
        .annotate(many=Count("person", distinct=True), keys=ArrayAgg("person", distinct=True), newest=Max("person"))
        .filter(many__gt=1, many__lte=GROUP_MOST)
        .order_by("-newest")
    )
    return [group["keys"] for group in groups[:GROUPS_READ]]


def _told_apart(pairs: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return those pairs that somebody found to be two people."""
    keys = {key for pair in pairs for key in pair}
    found = NotTheSame.objects.filter(first_id__in=keys, second_id__in=keys)
    return set(found.values_list("first_id", "second_id"))


# --- two records side by side -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One thing about both records. `differs` is false where one of them does not say."""

    label: str
    older: Any
    newer: Any

    @property
    def differs(self) -> bool:
        """Tell whether the two say different things."""
        return bool(self.older) and bool(self.newer) and self.older != self.newer

    @property
    def same(self) -> bool:
        """Tell whether the two say the same."""
        return bool(self.older) and self.older == self.newer


@dataclass(frozen=True)
class SideBySide:
    """
    Two records as they are compared.

    lines     what each says about the person
    work      how much hangs on each: requests for care and stays
    """

    pair: Pair
    lines: list[Line]
    work: list[Line]


def side_by_side(one: Client, other: Client, labels: dict[str, str]) -> SideBySide:
    """
    Return two records as they are compared.

    labels   the words for each column, in reading order, and for `inquiries` and `episodes`
    """
    older, newer = sorted((one, other), key=lambda client: client.pk)
    asked = _count(Inquiry.objects.all(), older, newer)
    stays = _count(Episode.objects.exclude(status=Episode.Status.VOID), older, newer)
    columns = [name for name in labels if name not in ("inquiries", "episodes")]
    held = member_keys_of((older, newer))
    known = [identity_of(row, held.get(row.pk, NONE)) for row in (older, newer)]
    return SideBySide(
        Pair(older, newer, duplicates.score(*known)),
        [Line(labels[name], _as_read(older, name), _as_read(newer, name)) for name in columns],
        [Line(labels["inquiries"], *asked), Line(labels["episodes"], *stays)],
    )


def _as_read(row: Client, name: str) -> Any:
    """Return a column as people read it."""
    value = getattr(row, name)
    return phones.shown(phones.Phone(value)) if name == "phone" and value else value


def _count(rows: Any, older: Client, newer: Client) -> tuple[int, int]:
    found = dict(
        rows.filter(client_id__in=[older.pk, newer.pk]).order_by().values_list("client_id").annotate(many=Count("pk"))
    )
    return found.get(older.pk, 0), found.get(newer.pk, 0)

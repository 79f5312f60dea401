"""
The fidelity rollup: one set-based statement fills the cells of any number of therapist-months and practice sets.

Which codings count is said in `counted.py`. Sums only; shares are made of them when they are shown.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now

from analytics.counted import CHOSEN
from analytics.models import FillState, Verification
from clinics.models import DirtyMark
from clinics.tenancy import active_clinic_id
from sessions.models import Coding

METRIC = "fidelity"
DRAIN_LIMIT = 500
CHUNK = 2000
DETAIL_LIMIT = 20


@dataclass(frozen=True)
class Keys:
    """Which cells to fill: therapist-months, and practice sets."""

    months: frozenset[tuple[int, date]] = frozenset()
    practice_sets: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.months or self.practice_sets)


SUMS = """
  select therapist_id, month, practice_set_id, comparability_group, r.score_key,
         count(*) as n_codings, count(r.value) as n_defined, coalesce(sum(r.value), 0) as sum_value,
         coalesce(sum(r.numerator), 0)::bigint as sum_numerator,
         coalesce(sum(r.denominator), 0)::bigint as sum_denominator
  from chosen join clinical_sessions_scoreresult r on r.clinic_id = %(clinic)s and r.coding_id = chosen.id
  group by 1, 2, 3, 4, 5
"""
_IN_SCOPE = """
  and ((c.therapist_id, date_trunc('month', c.service_on)::date)
         in (select * from unnest(%(therapists)s::bigint[], %(months)s::date[]))
       or c.practice_set_id = any(%(practice_sets)s::bigint[]))
"""
_FILL = f"""
with chosen as ({CHOSEN.format(scope=_IN_SCOPE)}), sums as ({SUMS}),
gone as (
  delete from analytics_fidelitycell f
  where f.clinic_id = %(clinic)s
    and ((f.therapist_id, f.month) in (select * from unnest(%(therapists)s::bigint[], %(months)s::date[]))
         or f.practice_set_id = any(%(practice_sets)s::bigint[]))
    and not exists (select 1 from sums s
                    where s.comparability_group = f.comparability_group and s.score_key = f.score_key
                      and s.therapist_id is not distinct from f.therapist_id
                      and s.month is not distinct from f.month
                      and s.practice_set_id is not distinct from f.practice_set_id)
)
insert into analytics_fidelitycell as f (clinic_id, therapist_id, month, practice_set_id, comparability_group,
  score_key, n_codings, n_defined, sum_value, sum_numerator, sum_denominator, computed_at)
select %(clinic)s, therapist_id, month, practice_set_id, comparability_group, score_key, n_codings, n_defined,
       sum_value, sum_numerator, sum_denominator, now() from sums
on conflict (clinic_id, comparability_group, score_key, therapist_id, month, practice_set_id) do update
set n_codings = excluded.n_codings, n_defined = excluded.n_defined, sum_value = excluded.sum_value,
    sum_numerator = excluded.sum_numerator, sum_denominator = excluded.sum_denominator,
    computed_at = excluded.computed_at
where (f.n_codings, f.n_defined, f.sum_value, f.sum_numerator, f.sum_denominator)
  is distinct from (excluded.n_codings, excluded.n_defined, excluded.sum_value, excluded.sum_numerator,
                    excluded.sum_denominator)
"""  # noqa: S608 - built of constants; values are parameters
_DIFFER = f"""
with chosen as ({CHOSEN.format(scope="")}), sums as ({SUMS}),
kept as (select * from analytics_fidelitycell where clinic_id = %(clinic)s)
select coalesce(s.comparability_group, k.comparability_group), coalesce(s.score_key, k.score_key),
       coalesce(s.therapist_id, k.therapist_id), coalesce(s.month, k.month),
       coalesce(s.practice_set_id, k.practice_set_id)
from sums s full join kept k
  on s.comparability_group = k.comparability_group and s.score_key = k.score_key
 and coalesce(s.therapist_id, 0) = coalesce(k.therapist_id, 0)
 and coalesce(s.month, '-infinity') = coalesce(k.month, '-infinity')
 and coalesce(s.practice_set_id, 0) = coalesce(k.practice_set_id, 0)
where (s.n_codings, s.n_defined, s.sum_value, s.sum_numerator, s.sum_denominator)
  is distinct from (k.n_codings, k.n_defined, k.sum_value, k.sum_numerator, k.sum_denominator)
"""  # noqa: S608 - as above


def fill(keys: Keys) -> int:
    """
    Compute the cells of `keys` from the locked codings of the entered clinic.

    returns   cells written; 0 when nothing changed (a cell that is right is not touched)
    """
    if not keys:
        return 0
    pairs = sorted(keys.months)
    with connection.cursor() as cursor:
        cursor.execute(
            _FILL,
            {
                "clinic": active_clinic_id(),
                "therapists": [therapist for therapist, _month in pairs],
                "months": [month for _therapist, month in pairs],
                "practice_sets": sorted(keys.practice_sets),
            },
        )
        return int(cursor.rowcount)


def keys_of(codings: Iterable[tuple[int | None, date | None, int | None]]) -> Keys:
    """Return the cells that codings belong to, each given as (therapist key, service date, practice set key)."""
    months, practice_sets = set(), set()
    for therapist, service_on, practice_set in codings:
        if practice_set is not None:
            practice_sets.add(practice_set)
        elif therapist is not None and service_on is not None:
            months.add((therapist, service_on.replace(day=1)))
    return Keys(frozenset(months), frozenset(practice_sets))


def all_keys() -> Keys:
    """Return every cell that the entered clinic's locked codings could fill."""
    rows = Coding.objects.filter(state=Coding.State.LOCKED).order_by()
    return keys_of(rows.values_list("therapist_id", "service_on", "practice_set_id").distinct())


def keys_of_marks(marks: Iterable[str]) -> Keys:
    """Return the cells that dirty marks name: 't:<therapist>:<YYYY-MM>' or 'p:<practice set>'."""
    months, practice_sets = set(), set()
    for mark in marks:
        kind, _colon, rest = mark.partition(":")
        if kind == "p":
            practice_sets.add(int(rest))
        else:
            therapist, _colon, month = rest.partition(":")
            months.add((int(therapist), date.fromisoformat(f"{month}-01")))
    return Keys(frozenset(months), frozenset(practice_sets))


@transaction.atomic
def drain_marks(limit: int = DRAIN_LIMIT) -> int:
    """
    Take up to `limit` dirty marks of the entered clinic, fill their cells, and drop the marks.

    Marks and cells go in one transaction; marks that another worker holds are skipped.
    returns   marks taken
    """
    marks = list(
        DirtyMark.objects.select_for_update(skip_locked=True)
        .filter(kind=METRIC)
        .order_by("id")
        .values_list("id", "key")[:limit]
    )
    fill(keys_of_marks(key for _pk, key in marks))
    DirtyMark.objects.filter(pk__in=[pk for pk, _key in marks]).delete()
    return len(marks)


@transaction.atomic
def backfill_chunk(size: int = CHUNK) -> bool:
    """
    Fill the cells of the next `size` locked codings of the entered clinic, from where the last chunk ended.

    The cells and the place reached are one transaction: cut anywhere, it resumes without a gap.
    returns   whether there may be more
    """
    state, _made = FillState.objects.get_or_create(metric=METRIC)
    state = FillState.objects.select_for_update().get(pk=state.pk)
    rows = _codings_after(state.up_to_id, size)
    fill(keys_of(row[1:] for row in rows))
    if rows:
        state.up_to_id = rows[-1][0]
    state.finished_at = None if len(rows) == size else Now()
    state.save(update_fields=["up_to_id", "finished_at"])
    return len(rows) == size


def restart_backfill() -> None:
    """Let the next backfill of the entered clinic begin with the first coding."""
    FillState.objects.filter(metric=METRIC).update(up_to_id=0, finished_at=None)


def _codings_after(pk: int, size: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, therapist_id, service_on, practice_set_id from clinical_sessions_coding "
            "where clinic_id = %s and state = 'locked' and id > %s order by id limit %s",
            [active_clinic_id(), pk, size],
        )
        return list(cursor.fetchall())


@transaction.atomic
def verify() -> Verification:
    """Recompute every cell of the entered clinic from the codings, and record how many differ and which."""
    with connection.cursor() as cursor:
        cursor.execute(_DIFFER, {"clinic": active_clinic_id()})
        differing = cursor.fetchall()
        cursor.execute("select count(*) from analytics_fidelitycell where clinic_id = %s", [active_clinic_id()])
        cells = cursor.fetchone()[0]
    detail = [[str(part) if part is not None else None for part in row] for row in differing[:DETAIL_LIMIT]]
    found = Verification(
        clinic_id=active_clinic_id(), metric=METRIC, cells=cells, differing=len(differing), detail=detail
    )
    found.save()
    return found

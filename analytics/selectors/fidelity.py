"""What the fidelity pages read: definitions and thresholds in force, sums by month, and the newest samples."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from django.db import connection
from django.db.models import Sum

from analytics.counted import CHOSEN
from analytics.metrics.fidelity import Sums, figure_of
from analytics.models import FidelityCell, Verification
from clinics.instruments.definition import Definition, Threshold
from clinics.instruments.figures import as_decimal_text
from clinics.models import InstrumentVersion, ThresholdSet, User
from clinics.models.people import Membership, supervisees_of
from clinics.roles import Role
from clinics.selectors.instruments import definition_of
from clinics.tenancy import active_clinic_id
from sessions.models import PracticeSet

SAMPLES_SHOWN = 8


@dataclass(frozen=True)
class Instrument:
    """The newest published version of a comparability group at the clinic, with the thresholds in force."""

    definition: Definition
    thresholds: Mapping[str, Threshold]
    caveat: str


# Written out, with the sums below: the figures are asked of the API again and again, and the ORM would take longer to
# make the two statements than the database takes to answer them.
_NEWEST = """
select id, key, instrument_version, definition_hash
from clinics_instrumentversion
where clinic_id = %s and comparability_group = %s and kind = %s and status = 'published'
order by published_at desc, id desc
limit 1
"""


def newest_version(comparability_group: str) -> InstrumentVersion | None:
    """Return the newest published version of a group, its definition not yet read, or None when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, [active_clinic_id(), comparability_group, InstrumentVersion.Kind.FIDELITY])
        row = cursor.fetchone()
    names = ("id", "key", "instrument_version", "definition_hash")
    return None if row is None else InstrumentVersion.from_db(connection.alias, names, row)


def instrument(comparability_group: str) -> Instrument | None:
    """Return the instrument of a group, or None when the clinic has published none."""
    version = newest_version(comparability_group)
    if version is None:
        return None
    definition = definition_of(version)
    in_force = ThresholdSet.objects.filter(instrument=version, in_force=True).first()
    thresholds = {
        score: Threshold(score, _exact(cuts.get("fair")), _exact(cuts.get("good")))
        for score, cuts in (in_force.thresholds if in_force else {}).items()
    }
    caveat = next((one.caveat for one in definition.threshold_sets if in_force and one.key == in_force.key), "")
    return Instrument(definition, thresholds, caveat)


def _exact(value: Any) -> Fraction | None:
    return None if value is None else Fraction(str(value))


def therapists_in_view(user: User) -> list[User]:
    """Return the therapists whom `user` supervises now and who work at the clinic, A to Z."""
    return list(
        User.objects.filter(
            pk__in=supervisees_of(user),
            memberships__in=Membership.objects.active().filter(clinic_id=active_clinic_id(), role=Role.THERAPIST),
        )
        .order_by("name", "pk")
        .distinct()
    )


_MONTHLY = """
select score_key, month, sum(n_codings), sum(n_defined), sum(sum_value), sum(sum_numerator)::bigint,
       sum(sum_denominator)::bigint
from analytics_fidelitycell
where clinic_id = %s and comparability_group = %s and score_key = any(%s) and month between %s and %s
group by score_key, month
"""


def monthly_sums(group: str, scores: Iterable[str], first: date, last: date) -> dict[tuple[str, date], Sums]:
    """
    Return sums by (score, month) over the clinic's therapists.

    first, last   first days of the first and last month, both included
    """
    with connection.cursor() as cursor:
        cursor.execute(_MONTHLY, [active_clinic_id(), group, list(scores), first, last])
        rows = cursor.fetchall()
    return {
        (key, month): Sums(n, defined, Fraction(total), top, bottom)
        for key, month, n, defined, total, top, bottom in rows
    }


def monthly_figures(group: str, first: date, last: date) -> list[dict[str, Any]]:
    """Return the entered clinic's figures of the months from `first` to `last`, as the API sends them."""
    version = newest_version(group)
    if version is None:
        return []
    scores = definition_of(version).score_by_key
    found = []
    sums = monthly_sums(group, scores, first, last)
    for (key, month), part in sorted(sums.items(), key=lambda item: (item[0][1], item[0][0])):
        figure = figure_of(part, scores[key].pool)
        found.append(
            {
                "month": month,
                "score": key,
                "value": None if figure.value is None else as_decimal_text(figure.value),
                "reason": figure.reason,
                "numerator": part.numerator,
                "denominator": part.denominator,
                "samples": part.n,
            }
        )
    return found


def practice_sums(practice_set: PracticeSet) -> dict[str, dict[str, Sums]]:
    """Return sums of a practice set by comparability group and score."""
    found: dict[str, dict[str, Sums]] = defaultdict(dict)
    cells = FidelityCell.objects.filter(practice_set=practice_set).values("comparability_group", "score_key")
    added = cells.order_by().annotate(
        n=Sum("n_codings"), defined=Sum("n_defined"), total=Sum("sum_value"), top=Sum("sum_numerator"),
        bottom=Sum("sum_denominator"),
    )  # fmt: skip
    for row in added:
        sums = Sums(row["n"], row["defined"], Fraction(row["total"]), row["top"], row["bottom"])
        found[row["comparability_group"]][row["score_key"]] = sums
    return dict(found)


@dataclass(frozen=True)
class SampleScore:
    """One score of one sample, as it was locked."""

    value: Fraction | None
    numerator: int
    denominator: int
    band: str

    @property
    def sums(self) -> Sums:
        """Return the score as sums, for pooling."""
        defined = self.value is not None
        return Sums(1, int(defined), self.value or Fraction(0), self.numerator, self.denominator)


@dataclass(frozen=True)
class Sample:
    """One random sample of a therapist: when, and its scores by key."""

    transcript: str
    service_on: date
    scores: Mapping[str, SampleScore]


_OF_THERAPISTS = "and c.therapist_id = any(%(therapists)s::bigint[]) and i.comparability_group = %(group)s"
_SAMPLES = f"""
with chosen as ({CHOSEN.format(scope=_OF_THERAPISTS)}),
newest as (
  select chosen.id, chosen.therapist_id, c.service_on, c.transcript_id,
         row_number() over (partition by chosen.therapist_id order by c.service_on desc, c.id desc) as place
  from chosen join clinical_sessions_coding c on c.clinic_id = %(clinic)s and c.id = chosen.id
)
select n.therapist_id, n.id, t.public_id, n.service_on, r.score_key, r.value, r.numerator, r.denominator, r.band
from newest n
join clinical_sessions_transcript t on t.clinic_id = %(clinic)s and t.id = n.transcript_id
join clinical_sessions_scoreresult r on r.clinic_id = %(clinic)s and r.coding_id = n.id
where n.place <= %(limit)s
order by n.therapist_id, n.service_on, n.id
"""  # noqa: S608 - built of constants; values are parameters


def newest_samples(group: str, therapists: Sequence[User], limit: int = SAMPLES_SHOWN) -> dict[int, list[Sample]]:
    """Return each therapist's newest random samples, oldest first, by the therapist's key."""
    if not therapists:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            _SAMPLES,
            {
                "clinic": active_clinic_id(),
                "group": group,
                "therapists": [one.pk for one in therapists],
                "limit": limit,
            },
        )
        rows = cursor.fetchall()
    codings: dict[tuple[int, int], tuple[str, date, dict[str, SampleScore]]] = {}
    for therapist, coding, transcript, service_on, key, value, top, bottom, band in rows:
        entry = codings.setdefault((therapist, coding), (str(transcript), service_on, {}))
        exact = None if value is None else Fraction(top, bottom) if top is not None and bottom else Fraction(value)
        entry[2][key] = SampleScore(exact, top or 0, bottom or 0, band)
    found: dict[int, list[Sample]] = defaultdict(list)
    for (therapist, _coding), (transcript, service_on, scores) in codings.items():
        found[therapist].append(Sample(transcript, service_on, scores))
    return dict(found)


def last_verification() -> Verification | None:
    """Return the newest check of the rollup, or None before the first night."""
    found: Verification | None = Verification.objects.order_by("-id").first()
    return found

"""Half a year of measures of the people in care at one demonstration clinic, and what stands beside them today."""

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from clients.models import CaseloadAssignment, Client, Episode, MeasureResponse, MeasureSchedule, MeasureScore
from clients.rules.clock import civil_date
from clients.selectors import measures as selectors
from clients.selectors.measures import Offered
from clients.services import measure_links, measures
from clinics.instruments import measuring
from clinics.instruments.figures import rounded
from clinics.instruments.scoring import ENGINE_VERSION, score
from clinics.models import Clinic, User
from clinics.models.people import in_force
from clinics.selectors.instruments import definition_of

HALF_A_YEAR: Final = timedelta(days=182)
HOUR: Final = time(10, 20)
# Key, days between two readings, and the total at the beginning and in the end, each give or take.
SERIES: Final = (("phq9", 14, 16, 7), ("gad7", 28, 13, 7), ("audit_c", 56, 7, 2), ("wai_sr", 35, 41, 50))


def answer(*, clinic: Clinic, now: datetime) -> int:
    """
    Let people in care answer measures over half a year; return how many answers there are.

    Most get better, every fourth does not. One answer calls for a clinician, one form is not complete, one was taken
    back, some are due or late, and one person holds a link.
    """
    rng = random.Random(f"{clinic.slug} measures")  # noqa: S311 - invented history, no secret
    today = civil_date(now, ZoneInfo(clinic.time_zone))
    rows = CaseloadAssignment.objects.filter(in_force(), client__merged_into=None).select_related("client", "user")
    first_row = {row.client_id: row for row in rows.order_by("client_id", "-id")}
    people = [(row.client, row.user) for row in first_row.values()]
    since = dict(Episode.objects.filter(status=Episode.Status.OPEN).values_list("client_id", "admitted_on"))
    offered = {key: found for key, *_rest in SERIES if (found := selectors.find_offered(key)) is not None}
    responses: list[MeasureResponse] = []
    for number, (client, therapist) in enumerate(people):
        client.clinic = clinic
        first = max(since.get(client.pk, today), today - HALF_A_YEAR)
        steady = number % 4 == 3
        for key, every, begin, end in SERIES:
            if key == "wai_sr" and number % 2:
                continue
            for day, total in _readings(rng, first + timedelta(days=2), today, every, begin, begin if steady else end):
                responses.append(_response(clinic, client, therapist, offered[key], day, _answers(rng, key, total)))
    _keep(clinic, responses)
    if len(people) >= 4:
        _beside(clinic, people, offered, today, now)
    made: int = MeasureResponse.objects.count()
    return made


def _readings(
    rng: random.Random, first: date, today: date, every: int, begin: int, end: int
) -> Iterator[tuple[date, int]]:
    days = (today - first).days
    offset = rng.randint(-2, 3)
    for passed in range(0, days, every):
        share = passed / days
        yield first + timedelta(days=passed), round(begin + offset + (end - begin) * share + rng.gauss(0, 1.4))


def _answers(rng: random.Random, key: str, total: int) -> dict[str, int]:
    if key == "wai_sr":
        return {"TOTAL": min(max(total, 12), 60)}
    # The question about self-harm stays at 0 here: what calls for a clinician goes through the door of a save.
    prefix, items, most = {"phq9": ("P", 8, 3), "gad7": ("G", 7, 3), "audit_c": ("A", 3, 4)}[key]
    found = {f"{prefix}{number}": 0 for number in range(1, items + 1)}
    if key == "phq9":
        found["P9"] = 0
    open_items = list(found)[:items]
    for _n in range(min(max(total, 0), items * most)):
        chosen = rng.choice([name for name in open_items if found[name] < most])
        found[chosen] += 1
    return found


def _response(
    clinic: Clinic, client: Client, therapist: User, offered: Offered, day: date, answers: dict[str, int]
) -> MeasureResponse:
    return MeasureResponse(
        clinic=clinic, client=client, instrument=offered.instrument, source=MeasureResponse.Source.CLINICIAN,
        taken_on=day, taken_at=datetime.combine(day, HOUR, ZoneInfo(clinic.time_zone)), taken_by=therapist,
        answers=answers, complete=True,
    )  # fmt: skip


def _keep(clinic: Clinic, responses: list[MeasureResponse]) -> None:
    kept = MeasureResponse.objects.bulk_create(responses)
    sexes = {one.client_id: selectors.sex_of(one.client) for one in {row.client_id: row for row in kept}.values()}
    scores = []
    for response in kept:
        definition = definition_of(response.instrument)
        for key, figure in score(definition, {}, response.answers).items():
            assert figure.value is not None, "every answer was given"
            scores.append(
                MeasureScore(
                    clinic=clinic, response=response, score_key=key, value=rounded(figure.value, measures.DECIMALS),
                    band=measuring.level(definition.score_by_key[key], figure, sexes[response.client_id]),
                    engine_version=ENGINE_VERSION,
                )
            )  # fmt: skip
    MeasureScore.objects.bulk_create(scores)


def _beside(
    clinic: Clinic, people: list[tuple[Client, User]], offered: dict[str, Offered], today: date, now: datetime
) -> None:
    MeasureSchedule.objects.bulk_create(
        MeasureSchedule(
            clinic=clinic, client=client, key="phq9", every_days=14, started_by=therapist,
            next_due_on=today + timedelta(days=(4, 8, 0, 11, -9, -1)[number % 6]),
        )
        for number, (client, therapist) in enumerate(people)
    )  # fmt: skip
    calling, halfway, mistaken, linked = people[:4]
    answers = {f"P{number}": value for number, value in enumerate((2, 3, 2, 2, 1, 2, 1, 0, 1), 1)}
    for (client, therapist), given, ago in ((calling, answers, 0), (halfway, {"P1": 1, "P2": 1, "P9": 0}, 1)):
        measures.record(
            client=client, offered=offered["phq9"], answers=given, taken_on=today - timedelta(days=ago),
            source=MeasureResponse.Source.DEVICE, by=therapist, now=now,
        )  # fmt: skip
    client, therapist = mistaken
    wrong = measures.record(
        client=client, offered=offered["audit_c"], answers={"A1": 4, "A2": 4, "A3": 4}, taken_on=today,
        source=MeasureResponse.Source.CLINICIAN, by=therapist, now=now,
    )  # fmt: skip
    measures.take_back(response=wrong, reason="These were another person's answers.", by=therapist, now=now)
    client, therapist = linked
    measure_links.make(client=client, offered=offered["gad7"], by=therapist, now=now)

"""The benchmark's rows: made by SQL, skewed over clinics, in the order of time as in real life."""

from dataclasses import dataclass

import psycopg

from clinics.models import Clinic


@dataclass(frozen=True)
class Profile:
    """How much there is."""

    clinics: int
    clients: int
    sessions: int
    codings: int


PROFILES = {
    # As little as there can be: whether the goals still compare the same rows, not how long they take.
    "tiny": Profile(2, 60, 400, 40),
    "small": Profile(10, 5_000, 50_000, 6_000),
    "full": Profile(50, 100_000, 1_000_000, 60_000),
}
SCORES = ("technical", "relational", "pct_cr", "r_to_q", "total_mia", "total_mina")

# One clinic at a time, because the owner is held by the row policies too. The shares fall off as 1/n.
CLIENTS = """
insert into clients_client (clinic_id, public_id, reference, legal_name, goes_by, goes_by_key, family_key, given_key,
                            pronouns, version)
select %(clinic)s, gen_random_uuid(), 'B-' || n, 'Person ' || n, '', '', md5(n::text), 'person', '', 1
from generate_series(1, %(n)s) n
"""
EPISODES = """
insert into clients_episode (clinic_id, public_id, client_id, program_id, status, admitted_on, version)
select %(clinic)s, gen_random_uuid(), id, %(program)s, 'open', date '2026-01-05', 1 from clients_client
where clinic_id = %(clinic)s
"""
CASELOAD = """
insert into clients_caseloadassignment (clinic_id, client_id, user_id, reason)
select %(clinic)s, id, (%(therapists)s::bigint[])[1 + id %% cardinality(%(therapists)s::bigint[])], ''
from clients_client where clinic_id = %(clinic)s
"""
APPOINTMENTS = """
insert into clients_appointment (clinic_id, public_id, client_id, episode_id, therapist_id, kind, starts_at, service_on,
                                 duration_min, attendance, version)
select %(clinic)s, gen_random_uuid(), e.client_id, e.id, c.user_id, 'treatment', s.at, s.at::date, 50, 'attended', 1
from (select n, timestamptz '2026-01-05' + n * (interval '300 days' / %(n)s) as at,
             (select array_agg(id order by id) from clients_episode where clinic_id = %(clinic)s) as ids
      from generate_series(1, %(n)s) n) s
join clients_episode e on e.clinic_id = %(clinic)s and e.id = s.ids[1 + (s.n * 7919) %% cardinality(s.ids)]
join clients_caseloadassignment c on c.clinic_id = %(clinic)s and c.client_id = e.client_id
order by s.at
"""
SESSIONS = """
insert into clinical_sessions_therapysession (clinic_id, public_id, client_id, appointment_id, therapist_id, service_on,
  started_at, duration_min, session_format, mi_pct, cbt_pct, dbt_pct, other_pct, version)
select clinic_id, gen_random_uuid(), client_id, id, therapist_id, service_on, starts_at, 50, 'individual',
       100, 0, 0, 0, 1
from clients_appointment where clinic_id = %(clinic)s order by starts_at
"""
TRANSCRIPTS = """
insert into clinical_sessions_transcript (clinic_id, public_id, session_id, therapist_id, source_key, group_key,
                                          quality, timed, line_count)
select clinic_id, gen_random_uuid(), id, therapist_id, '', '', '', false, 0 from clinical_sessions_therapysession
where clinic_id = %(clinic)s order by started_at desc limit %(n)s
"""
SEGMENTS = """
insert into clinical_sessions_segment (clinic_id, public_id, transcript_id, first_seq, last_seq, selection)
select clinic_id, gen_random_uuid(), id, 0, 1, 'random' from clinical_sessions_transcript where clinic_id = %(clinic)s
"""
CODINGS = """
insert into clinical_sessions_coding (clinic_id, public_id, segment_id, transcript_id, instrument_id, coder_id,
  external_coder, coder_role, state, therapist_id, service_on, version)
select g.clinic_id, gen_random_uuid(), g.id, g.transcript_id, %(instrument)s, s.therapist_id, '', 'coder', 'draft',
       s.therapist_id, s.service_on, 1
from clinical_sessions_segment g
join clinical_sessions_transcript t on t.clinic_id = g.clinic_id and t.id = g.transcript_id
join clinical_sessions_therapysession s on s.clinic_id = t.clinic_id and s.id = t.session_id
where g.clinic_id = %(clinic)s
"""
RESULTS = """
insert into clinical_sessions_scoreresult (clinic_id, coding_id, score_key, numerator, denominator, value, band, reason,
                                           engine_version)
select k.clinic_id, k.id, key, k.id %% 20, 10, (k.id %% 20) / 10.0, 'fair', '', 'bench'
from clinical_sessions_coding k, unnest(%(scores)s::text[]) key where k.clinic_id = %(clinic)s
"""
LOCK = "update clinical_sessions_coding set state = 'locked', locked_at = now() where clinic_id = %(clinic)s"


def fill(owner: psycopg.Connection[object], profile: Profile, clinics: list[Clinic]) -> None:
    """Fill the clinics by share; the first is the largest."""
    weights = [1 / (place + 1) for place in range(len(clinics))]
    for clinic, weight in zip(clinics, weights, strict=True):
        part = weight / sum(weights)
        with owner.transaction():
            owner.execute("select set_config('app.clinic_id', %s, true)", [str(clinic.pk)])
            owner.execute("set local statement_timeout = 0")
            one = _one(owner, clinic)
            for statement, n in (
                (CLIENTS, profile.clients),
                (EPISODES, 0),
                (CASELOAD, 0),
                (APPOINTMENTS, profile.sessions),
                (SESSIONS, 0),
                (TRANSCRIPTS, profile.codings),
                (SEGMENTS, 0),
                (CODINGS, 0),
                (RESULTS, 0),
                (LOCK, 0),
            ):
                owner.execute(statement, {**one, "n": max(1, int(n * part)), "scores": list(SCORES)})  # type: ignore[arg-type]
    owner.autocommit = True
    owner.execute("vacuum analyze")


def _one(owner: psycopg.Connection[object], clinic: Clinic) -> dict[str, object]:
    """Return the keys of a clinic that the statements name."""
    program = owner.execute("select id from clinics_program limit 1").fetchone()
    instrument = owner.execute("select id from clinics_instrumentversion where key = 'miti'").fetchone()
    therapists = owner.execute(
        "select user_id from clinics_membership where clinic_id = %s and role = 'therapist' order by user_id",
        [clinic.pk],
    ).fetchall()
    return {
        "clinic": clinic.pk,
        "program": program[0],  # type: ignore[index]
        "instrument": instrument[0],  # type: ignore[index]
        "therapists": [row[0] for row in therapists],  # type: ignore[index]
    }

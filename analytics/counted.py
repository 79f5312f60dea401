"""
Which codings count in a figure, as SQL: one coding a segment and instrument.

The consensus where there is one, else the first that was locked. Self-codings never count, nor does a coding that a
later one supersedes, nor (outside the practice room) a segment that was not drawn at random.
"""

# Parameters: %(clinic)s, and those of the scope that is formatted in.
CHOSEN = """
  select distinct on (c.segment_id, i.comparability_group)
         c.id, c.therapist_id, date_trunc('month', c.service_on)::date as month, c.practice_set_id,
         i.comparability_group
  from clinical_sessions_coding c
  join clinics_instrumentversion i on i.clinic_id = c.clinic_id and i.id = c.instrument_id
  join clinical_sessions_segment g on g.clinic_id = c.clinic_id and g.id = c.segment_id
  where c.clinic_id = %(clinic)s and c.state = 'locked' and c.coder_role <> 'self'
    and (c.practice_set_id is not null or g.selection = 'random')
    and not exists (select 1 from clinical_sessions_coding later
                    where later.clinic_id = c.clinic_id and later.supersedes_id = c.id and later.state = 'locked')
    {scope}
  order by c.segment_id, i.comparability_group, (c.coder_role = 'consensus') desc, c.locked_at, c.id
"""

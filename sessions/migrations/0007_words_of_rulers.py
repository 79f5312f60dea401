"""The rulers of a signed session now carry the person's words: a new key may seal them again, nothing else may change."""

from django.db import migrations

HEAD = """
create or replace function evoke_refuse_signed_ruler() returns trigger language plpgsql as $$
declare
  touched clients_rulerreading := case when tg_op = 'DELETE' then old else new end;
  appointments bigint[] := array[touched.appointment_id];
begin
"""
KEYS = """
  if tg_op = 'UPDATE' and evoke_only_reencrypted(
       to_jsonb(old), to_jsonb(new), array['why_not_lower', 'what_would_raise']) then return new; end if;
"""
BODY = """
  if tg_op = 'UPDATE' then appointments := appointments || old.appointment_id; end if;
  if exists (select 1 from clinical_sessions_therapysession s
               join clinical_sessions_progressnote n on n.clinic_id = s.clinic_id and n.session_id = s.id
             where s.clinic_id = touched.clinic_id and s.appointment_id = any(appointments) and n.state = 'locked')
  then
    raise exception 'the rulers of this session are signed; add an addendum' using errcode = 'EV001';
  end if;
  return touched;
end $$;
"""


class Migration(migrations.Migration):

    replaces = [('clinical_sessions', '0009_rulers_keep_words')]

    dependencies = [
        ('clinical_sessions', '0006_attended_is_recorded'),
    ]

    operations = [
        migrations.RunSQL(HEAD + KEYS + BODY, HEAD + BODY),
    ]

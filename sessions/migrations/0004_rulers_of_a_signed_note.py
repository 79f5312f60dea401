"""The rulers of a signed session are part of what was signed: they never change, and none is added."""

from django.db import migrations

FUNCTION = """
create function evoke_refuse_signed_ruler() returns trigger language plpgsql as $$
declare
  touched clients_rulerreading := case when tg_op = 'DELETE' then old else new end;
  appointments bigint[] := array[touched.appointment_id];
begin
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

    replaces = [('clinical_sessions', '0004_signed_rulers')]

    dependencies = [
        ('clinical_sessions', '0003_guards_of_records'),
    ]

    operations = [
        migrations.RunSQL(FUNCTION, "drop function evoke_refuse_signed_ruler"),
        migrations.RunSQL(
            "create trigger final before insert or update or delete on clients_rulerreading "
            "for each row execute function evoke_refuse_signed_ruler(); "
            "create trigger final_truncate before truncate on clients_rulerreading for each statement "
            "execute function evoke_refuse_change()",
            "drop trigger final on clients_rulerreading; drop trigger final_truncate on clients_rulerreading",
        ),
    ]

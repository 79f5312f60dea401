"""
An appointment with a recorded session took place, whoever says otherwise.

The front desk marks attendance in an app that knows no sessions; the database knows both. The trigger is added to a
table without rewriting it; the code before it wrote nothing that it refuses but the mistake itself.
"""

from django.db import migrations

FORWARD = """
create function evoke_refuse_unattending() returns trigger language plpgsql as $$
begin
  if new.attendance is distinct from old.attendance
     and new.attendance not in ('attended', 'attended_late', 'left_early')
     and exists (select 1 from clinical_sessions_therapysession s
                 where s.clinic_id = new.clinic_id and s.appointment_id = new.id) then
    raise exception 'a session is recorded for this appointment' using errcode = 'EV002';
  end if;
  return new;
end $$;
create trigger session_recorded before update of attendance on clients_appointment
  for each row execute function evoke_refuse_unattending();
"""
BACK = "drop trigger session_recorded on clients_appointment; drop function evoke_refuse_unattending"


class Migration(migrations.Migration):

    replaces = [('clinical_sessions', '0008_attended_while_recorded')]

    dependencies = [
        ('clinical_sessions', '0005_guards_both_ways'),
    ]

    operations = [
        migrations.RunSQL(FORWARD, BACK),
    ]

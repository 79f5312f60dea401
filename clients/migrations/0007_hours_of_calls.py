"""
When a person may be called, said once in the database: what orders the queue asks it for every open inquiry.

Hours are the clinic's wall clock; null is midnight, and both null is any time. A night goes round midnight.
"""

from django.db import migrations

FUNCTIONS = """
create function evoke_may_call(wall time, call_from time, call_until time) returns boolean
language sql immutable parallel safe as $$
  select case
    when call_from is null and call_until is null then true
    when coalesce(call_until, '00:00') = '00:00' then wall >= coalesce(call_from, '00:00')
    when coalesce(call_from, '00:00') < call_until then wall >= coalesce(call_from, '00:00') and wall < call_until
    else wall >= call_from or wall < call_until
  end
$$;

create function evoke_first_allowed(at timestamptz, call_from time, call_until time, zone text) returns timestamptz
language sql stable parallel safe as $$
  select case
    when evoke_may_call((at at time zone zone)::time, call_from, call_until) then at
    when (at at time zone zone)::time < coalesce(call_from, '00:00')
      then ((at at time zone zone)::date + coalesce(call_from, '00:00')) at time zone zone
    else ((at at time zone zone)::date + 1 + coalesce(call_from, '00:00')) at time zone zone
  end
$$;
"""


class Migration(migrations.Migration):

    replaces = [('clients', '0011_call_hours')]

    dependencies = [
        ('clients', '0006_guards_of_the_record'),
    ]

    operations = [
        migrations.RunSQL(FUNCTIONS, "drop function evoke_first_allowed, evoke_may_call"),
    ]

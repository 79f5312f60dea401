"""
Working out a change together: exercises, reasons, strengths, the plan for return to use, cravings, returns to use.

And what an inquiry, a safety concern and the end of a block of MI sessions still had to say.
"""

from django.db import migrations

FUNCTIONS = """
-- What can be taken back, once, and holds encrypted text of its own. Arguments: its encrypted columns.
create function evoke_entry_keeps() returns trigger language plpgsql as $$
declare
  undoing text[] := array['undone_at', 'undone_by_id', 'undo_reason'];
begin
  if tg_op = 'UPDATE' and (
       evoke_only_reencrypted(to_jsonb(old), to_jsonb(new), tg_argv::text[])
       or (old.undone_at is null and new.undone_at is not null
           and to_jsonb(new) - undoing = to_jsonb(old) - undoing)) then
    return new;
  end if;
  raise exception '% rows are taken back once, and never changed', tg_table_name using errcode = 'EV004';
end $$;

-- A return to use is written once, looked back on once, and taken back once; never both of the latter.
create function evoke_lapse_keeps() returns trigger language plpgsql as $$
declare
  undoing text[] := array['undone_at', 'undone_by_id', 'undo_reason'];
  reviewing text[] := array['reviewed_at', 'reviewed_by_id', 'learning', 'plan_changed'];
begin
  if tg_op = 'UPDATE' and (
       evoke_only_reencrypted(to_jsonb(old), to_jsonb(new), array['amount', 'situation', 'learning', 'undo_reason'])
       or (old.undone_at is null and old.reviewed_at is null and (
             (new.undone_at is not null and to_jsonb(new) - undoing = to_jsonb(old) - undoing)
             or (new.reviewed_at is not null and to_jsonb(new) - reviewing = to_jsonb(old) - reviewing)))) then
    return new;
  end if;
  raise exception 'a return to use is looked back on once, and never changed' using errcode = 'EV004';
end $$;
"""
FUNCTIONS_BACK = "drop function evoke_lapse_keeps, evoke_entry_keeps"
FINALS = {
    "clients_exercise": ("update or delete", "evoke_log_keeps('content')"),
    "clients_relapseplan": ("update or delete", "evoke_log_keeps('parts')"),
    "clients_craving": ("update or delete", "evoke_entry_keeps('situation', 'coping', 'undo_reason')"),
    "clients_lapse": ("update or delete", "evoke_lapse_keeps()"),
    "clients_blockdecision": ("update or delete", "evoke_log_keeps('reason')"),
}
FINAL = "".join(
    f"create trigger final before {verbs} on {table} for each row execute function {function};"
    f"create trigger final_truncate before truncate on {table} for each statement execute function evoke_refuse_change();"
    for table, (verbs, function) in FINALS.items()
)
FINAL_BACK = "".join(
    f"drop trigger final_truncate on {table}; drop trigger final on {table};" for table in reversed(FINALS)
)


class Migration(migrations.Migration):

    replaces = [('clients', '0012_exercises')]

    dependencies = [
        ('clients', '0007_hours_of_calls'),
    ]

    operations = [
        migrations.RunSQL(FUNCTIONS, FUNCTIONS_BACK),
        migrations.RunSQL(FINAL, FINAL_BACK),
    ]

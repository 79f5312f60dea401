"""
The rows of a locked coding can neither be moved out of it nor into it, and its transcript stays where it belongs.

The first triggers asked about one side of an update only. Asked now: both sides, once a statement, however many rows.
No table is rewritten; triggers are swapped in the transaction of the migration.
"""

from django.db import migrations

FUNCTIONS = """
create function evoke_refuse_locked_coding_moves() returns trigger language plpgsql as $$
begin
  if exists (select 1 from (select clinic_id, coding_id from changed union select clinic_id, coding_id from put) c
             join clinical_sessions_coding k on k.clinic_id = c.clinic_id and k.id = c.coding_id
             where k.state = 'locked') then
    raise exception 'a locked coding is final; make a new one that supersedes it' using errcode = 'EV001';
  end if;
  return null;
end $$;

create function evoke_refuse_coded_line_rows() returns trigger language plpgsql as $$
begin
  if exists (select 1 from (select distinct clinic_id, transcript_id from changed) c
             join clinical_sessions_coding k on k.clinic_id = c.clinic_id and k.transcript_id = c.transcript_id
             where k.state = 'locked' and not (tg_op = 'DELETE' and evoke_import_undone(k.transcript_id))) then
    raise exception 'these lines are coded and locked' using errcode = 'EV001';
  end if;
  return null;
end $$;

-- Key rotation may write the same words again under another key; nothing else may touch a line.
create function evoke_refuse_coded_line_moves() returns trigger language plpgsql as $$
begin
  if exists (select 1 from (select clinic_id, transcript_id from changed union select clinic_id, transcript_id from put) c
             join clinical_sessions_coding k on k.clinic_id = c.clinic_id and k.transcript_id = c.transcript_id
             where k.state = 'locked')
     and exists (select 1 from changed o full join put n on n.clinic_id = o.clinic_id and n.id = o.id
                 where evoke_only_reencrypted(to_jsonb(o), to_jsonb(n), array['text']) is not true) then
    raise exception 'these lines are coded and locked' using errcode = 'EV001';
  end if;
  return null;
end $$;

create function evoke_refuse_coded_transcript_moves() returns trigger language plpgsql as $$
begin
  if (new.clinic_id, new.session_id, new.practice_set_id, new.import_batch_id)
       is distinct from (old.clinic_id, old.session_id, old.practice_set_id, old.import_batch_id)
     and exists (select 1 from clinical_sessions_coding k
                 where k.clinic_id = old.clinic_id and k.transcript_id = old.id and k.state = 'locked') then
    raise exception 'this transcript is coded and locked; it stays with its session or import' using errcode = 'EV001';
  end if;
  return new;
end $$;

create or replace function evoke_refuse_locked_coding() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.state = 'locked' then
      raise exception 'a coding is scored before it is locked' using errcode = 'EV001';
    end if;
    return new;
  end if;
  if old.state <> 'locked' then
    if tg_op = 'UPDATE' and new.state = 'locked'
       and not exists (select 1 from clinical_sessions_scoreresult r
                       where r.clinic_id = new.clinic_id and r.coding_id = new.id) then
      raise exception 'a coding is scored before it is locked' using errcode = 'EV001';
    end if;
    return coalesce(new, old);
  end if;
  if tg_op = 'DELETE' and evoke_import_undone(old.transcript_id) then return old; end if;
  raise exception 'a locked coding is final; make a new one that supersedes it' using errcode = 'EV001';
end $$;
"""

NAMES = (
    "evoke_refuse_coded_transcript_moves, evoke_refuse_coded_line_moves, evoke_refuse_coded_line_rows, "
    "evoke_refuse_locked_coding_moves"
)

UNDER_A_CODING = (
    "clinical_sessions_codedline", "clinical_sessions_utterancecode", "clinical_sessions_rating",
    "clinical_sessions_scoreresult",
)


def both_sides(table: str) -> migrations.RunSQL:
    """Return the operation that asks about the old and the new coding of each row that is updated."""
    return migrations.RunSQL(
        f"drop trigger final_update on {table}; "
        f"create trigger final_update after update on {table} referencing old table as changed new table as put "
        f"for each statement execute function evoke_refuse_locked_coding_moves()",
        f"drop trigger final_update on {table}; "
        f"create trigger final_update after update on {table} referencing old table as changed "
        f"for each statement execute function evoke_refuse_locked_coding_rows()",
    )


def line_triggers(table: str, *, verbs: str) -> migrations.RunSQL:
    """Return the operation that guards the lines and segments under a locked coding, once a statement."""
    forward = [f"drop trigger final on {table}"]
    back = []
    for verb in verbs.split(" or "):
        transition = {
            "insert": "new table as changed", "delete": "old table as changed",
            "update": "old table as changed new table as put",
        }[verb]
        function = "evoke_refuse_coded_line_moves" if verb == "update" else "evoke_refuse_coded_line_rows"
        forward.append(
            f"create trigger final_{verb} after {verb} on {table} referencing {transition} "
            f"for each statement execute function {function}()"
        )
        back.append(f"drop trigger final_{verb} on {table}")
    back.append(
        f"create trigger final before {verbs} on {table} for each row execute function evoke_refuse_coded_lines()"
    )
    return migrations.RunSQL("; ".join(forward), "; ".join(back))


class Migration(migrations.Migration):

    replaces = [('clinical_sessions', '0007_locks_both_ways')]

    dependencies = [
        ('clinical_sessions', '0004_rulers_of_a_signed_note'),
    ]

    operations = [
        migrations.RunSQL(FUNCTIONS, f"drop function {NAMES}"),
        *(both_sides(table) for table in UNDER_A_CODING),
        line_triggers("clinical_sessions_utterance", verbs="insert or update or delete"),
        line_triggers("clinical_sessions_segment", verbs="update or delete"),
        migrations.RunSQL(
            "create trigger final_place before update on clinical_sessions_transcript for each row "
            "execute function evoke_refuse_coded_transcript_moves()",
            "drop trigger final_place on clinical_sessions_transcript",
        ),
    ]

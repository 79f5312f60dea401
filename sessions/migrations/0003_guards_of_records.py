"""
A signed note and a locked coding never change, whoever asks: triggers hold it.

The one way out of a locked coding is the undoing of an import into the practice room: once its batch is marked as
undone, its rows may be deleted, never altered.
"""

from django.db import migrations

from clinics.tenancy import append_only

FUNCTIONS = """
create function evoke_refuse_signed_note() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.state <> 'draft' then
      raise exception 'a note is written before it is signed' using errcode = 'EV001';
    end if;
    return new;
  end if;
  if old.state = 'draft' then return coalesce(new, old); end if;
  if tg_op = 'UPDATE' and evoke_only_reencrypted(to_jsonb(old), to_jsonb(new), array['body']) then return new; end if;
  raise exception 'a signed note is final; add an addendum' using errcode = 'EV001';
end $$;

create function evoke_refuse_signed_session() returns trigger language plpgsql as $$
begin
  if exists (select 1 from clinical_sessions_progressnote n
             where n.clinic_id = old.clinic_id and n.session_id = old.id and n.state = 'locked') then
    raise exception 'the note of this session is signed; add an addendum' using errcode = 'EV001';
  end if;
  return coalesce(new, old);
end $$;

create function evoke_refuse_addendum_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and evoke_only_reencrypted(to_jsonb(old), to_jsonb(new), array['body']) then return new; end if;
  raise exception 'an addendum is final' using errcode = 'EV001';
end $$;

create function evoke_import_undone(transcript bigint) returns boolean language sql stable as $$
  select exists (select 1 from clinical_sessions_transcript t join clinical_sessions_importbatch b
                   on b.clinic_id = t.clinic_id and b.id = t.import_batch_id
                 where t.id = transcript and t.practice_set_id is not null and b.undone_at is not null)
$$;

create function evoke_refuse_locked_coding() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.state = 'locked' then
      raise exception 'a coding is scored before it is locked' using errcode = 'EV001';
    end if;
    return new;
  end if;
  if old.state <> 'locked' then return coalesce(new, old); end if;
  if tg_op = 'DELETE' and evoke_import_undone(old.transcript_id) then return old; end if;
  raise exception 'a locked coding is final; make a new one that supersedes it' using errcode = 'EV001';
end $$;

-- For the rows under a coding: one question a statement, however many rows it has.
create function evoke_refuse_locked_coding_rows() returns trigger language plpgsql as $$
begin
  if exists (select 1 from (select distinct clinic_id, coding_id from changed) c
             join clinical_sessions_coding k on k.clinic_id = c.clinic_id and k.id = c.coding_id
             where k.state = 'locked' and not (tg_op = 'DELETE' and evoke_import_undone(k.transcript_id))) then
    raise exception 'a locked coding is final; make a new one that supersedes it' using errcode = 'EV001';
  end if;
  return null;
end $$;

-- For lines and segments: the words under a locked coding stay as they were coded.
create function evoke_refuse_coded_lines() returns trigger language plpgsql as $$
declare touched jsonb := to_jsonb(coalesce(new, old));
begin
  if exists (select 1 from clinical_sessions_coding k
             where k.clinic_id = (touched ->> 'clinic_id')::bigint
               and k.transcript_id = (touched ->> 'transcript_id')::bigint and k.state = 'locked')
     and not (tg_op = 'DELETE' and evoke_import_undone((touched ->> 'transcript_id')::bigint))
     and not (tg_op = 'UPDATE' and evoke_only_reencrypted(to_jsonb(old), to_jsonb(new), array['text'])) then
    raise exception 'these lines are coded and locked' using errcode = 'EV001';
  end if;
  return coalesce(new, old);
end $$;
"""

NAMES = (
    "evoke_refuse_coded_lines, evoke_refuse_locked_coding_rows, evoke_refuse_locked_coding, evoke_import_undone(bigint), "
    "evoke_refuse_addendum_change, evoke_refuse_signed_session, evoke_refuse_signed_note"
)


def row_trigger(table: str, function: str, verbs: str) -> migrations.RunSQL:
    """Return the operation that asks `function` before each row of `table` is touched, and refuses truncate."""
    return migrations.RunSQL(
        f"create trigger final before {verbs} on {table} for each row execute function {function}(); "
        f"create trigger final_truncate before truncate on {table} for each statement "
        f"execute function evoke_refuse_change()",
        f"drop trigger final on {table}; drop trigger final_truncate on {table}",
    )


def rows_trigger(table: str) -> migrations.RunSQL:
    """Return the operation that guards a table of rows under a coding, one question a statement."""
    forward = [
        f"create trigger final_truncate before truncate on {table} for each statement "
        f"execute function evoke_refuse_change()"
    ]
    back = [f"drop trigger final_truncate on {table}"]
    for verb, transition in (
        ("insert", "new table as changed"),
        ("update", "old table as changed"),
        ("delete", "old table as changed"),
    ):
        forward.append(
            f"create trigger final_{verb} after {verb} on {table} referencing {transition} "
            f"for each statement execute function evoke_refuse_locked_coding_rows()"
        )
        back.append(f"drop trigger final_{verb} on {table}")
    return migrations.RunSQL("; ".join(forward), "; ".join(back))


class Migration(migrations.Migration):

    replaces = [('clinical_sessions', '0003_locks')]

    dependencies = [
        ('clinical_sessions', '0002_policies'),
    ]

    operations = [
        migrations.RunSQL(FUNCTIONS, f"drop function {NAMES}"),
        row_trigger("clinical_sessions_progressnote", "evoke_refuse_signed_note", "insert or update or delete"),
        row_trigger("clinical_sessions_therapysession", "evoke_refuse_signed_session", "update or delete"),
        row_trigger("clinical_sessions_addendum", "evoke_refuse_addendum_change", "update or delete"),
        append_only("clinical_sessions_notesignature"),
        row_trigger("clinical_sessions_coding", "evoke_refuse_locked_coding", "insert or update or delete"),
        row_trigger("clinical_sessions_utterance", "evoke_refuse_coded_lines", "insert or update or delete"),
        row_trigger("clinical_sessions_segment", "evoke_refuse_coded_lines", "update or delete"),
        rows_trigger("clinical_sessions_codedline"),
        rows_trigger("clinical_sessions_utterancecode"),
        rows_trigger("clinical_sessions_rating"),
        rows_trigger("clinical_sessions_scoreresult"),
    ]

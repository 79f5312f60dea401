"""
What was signed, decided, told or taken back is final; and no inquiry moves on without the row its move stands for.

The moves of 0005 keep their one table of edges. Here the trigger also asks for what each of them claims: a booked
assessment, a signed one, a decision, a place on the list, an admission. Going back from admitted is not an edge: it
is open only to an admission that was taken back.
"""

from django.db import migrations

MOVE_ASKS = """
create function evoke_inquiry_lacks(clinic bigint, asked bigint, origin text, target text) returns text
language plpgsql stable as $$
begin
  if origin = 'new' and target = 'contacting' and not exists
      (select 1 from clients_contactattempt a where a.clinic_id = clinic and a.inquiry_id = asked) then
    return 'no attempt is logged';
  end if;
  if target = 'assessment_scheduled' and not exists
      (select 1 from clients_appointment a where a.clinic_id = clinic and a.inquiry_id = asked
         and a.kind = 'assessment' and a.attendance = '') then
    return 'no assessment is booked';
  end if;
  if target = 'assessed' and not exists
      (select 1 from clients_assessment a where a.clinic_id = clinic and a.inquiry_id = asked and a.state = 'signed') then
    return 'no assessment is signed';
  end if;
  if origin = 'assessed' and target = 'accepted' and not exists
      (select 1 from clients_admissiondecision d where d.clinic_id = clinic and d.inquiry_id = asked
         and d.outcome = 'accepted') then
    return 'nobody decided to accept';
  end if;
  if target = 'waitlisted' and not exists
      (select 1 from clients_waitlistentry w where w.clinic_id = clinic and w.inquiry_id = asked
         and w.ended_at is null) then
    return 'there is no place on the waiting list';
  end if;
  if origin = 'waitlisted' and target = 'accepted' and not exists
      (select 1 from clients_waitlistentry w where w.clinic_id = clinic and w.inquiry_id = asked
         and w.slot_offered_at is not null) then
    return 'no place was offered';
  end if;
  if target = 'admitted' and not exists
      (select 1 from clients_admission a join clients_episode e on e.clinic_id = a.clinic_id and e.id = a.episode_id
       where a.clinic_id = clinic and a.inquiry_id = asked and a.undone_at is null and e.status = 'open') then
    return 'there is no admission';
  end if;
  return '';
end $$;

create or replace function evoke_inquiry_move() returns trigger language plpgsql as $$
declare
  asked record;
  lacks text;
begin
  select status, crisis_hold into asked from clients_inquiry
    where clinic_id = new.clinic_id and id = new.inquiry_id for update;
  if not found or asked.status <> new.origin then
    raise exception 'the inquiry is not where this move begins' using errcode = 'EV003';
  end if;
  if new.origin = 'admitted' and new."to" = 'accepted' then
    if not exists (select 1 from clients_admission a
                   where a.clinic_id = new.clinic_id and a.inquiry_id = new.inquiry_id and a.undone_at is not null)
       or exists (select 1 from clients_admission a
                  where a.clinic_id = new.clinic_id and a.inquiry_id = new.inquiry_id and a.undone_at is null) then
      raise exception 'the admission stands' using errcode = 'EV003';
    end if;
  elsif asked.crisis_hold then
    if new.origin in ('admitted', 'duplicate', 'spam', 'referred_out') or new."to" <> 'referred_out' or new.reason <> 'emergency' then
      raise exception 'held for safety: emergency care is the only move' using errcode = 'EV003';
    end if;
  else
    if not evoke_inquiry_edge(new.origin, new."to") then
      raise exception 'no such move' using errcode = 'EV003';
    end if;
    lacks := evoke_inquiry_lacks(new.clinic_id, new.inquiry_id, new.origin, new."to");
    if lacks <> '' then
      raise exception '%', lacks using errcode = 'EV003';
    end if;
  end if;
  new.at := clock_timestamp();
  update clients_inquiry set status = new."to", status_at = new.at
    where clinic_id = new.clinic_id and id = new.inquiry_id;
  return new;
end $$;
"""

# As 0005 made it: what the migration goes back to.
MOVE_ASKED = """
create or replace function evoke_inquiry_move() returns trigger language plpgsql as $$
declare
  asked record;
begin
  select status, crisis_hold into asked from clients_inquiry
    where clinic_id = new.clinic_id and id = new.inquiry_id for update;
  if not found or asked.status <> new.origin then
    raise exception 'the inquiry is not where this move begins' using errcode = 'EV003';
  end if;
  if asked.crisis_hold then
    if new.origin in ('admitted', 'duplicate', 'spam', 'referred_out') or new."to" <> 'referred_out' or new.reason <> 'emergency' then
      raise exception 'held for safety: emergency care is the only move' using errcode = 'EV003';
    end if;
  elsif not evoke_inquiry_edge(new.origin, new."to") then
    raise exception 'no such move' using errcode = 'EV003';
  end if;
  if new.origin = 'new' and new."to" = 'contacting' and not exists
      (select 1 from clients_contactattempt a where a.clinic_id = new.clinic_id and a.inquiry_id = new.inquiry_id) then
    raise exception 'no attempt is logged' using errcode = 'EV003';
  end if;
  new.at := clock_timestamp();
  update clients_inquiry set status = new."to", status_at = new.at
    where clinic_id = new.clinic_id and id = new.inquiry_id;
  return new;
end $$;
drop function evoke_inquiry_lacks;
"""

FINAL = """
-- A signed assessment, and a signed consent but for its state.
create function evoke_signed_assessment_keeps() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.state <> 'draft' then
      raise exception 'an assessment is written before it is signed' using errcode = 'EV004';
    end if;
    return new;
  end if;
  if old.state = 'draft' then return coalesce(new, old); end if;
  if tg_op = 'UPDATE'
     and evoke_only_reencrypted(to_jsonb(old), to_jsonb(new), array['sections', 'level_reason']) then return new; end if;
  raise exception 'a signed assessment is final' using errcode = 'EV004';
end $$;

create function evoke_signed_consent_keeps() returns trigger language plpgsql as $$
declare
  moving text[] := array['state', 'version', 'event_occurred_at'];
begin
  if tg_op = 'INSERT' then
    if new.state <> 'draft' then
      raise exception 'a consent is written before it is signed' using errcode = 'EV004';
    end if;
    return new;
  end if;
  if old.state = 'draft' then return coalesce(new, old); end if;
  if tg_op = 'UPDATE' then
    if evoke_only_reencrypted(to_jsonb(old), to_jsonb(new), array['description', 'purpose_words', 'text']) then
      return new;
    end if;
    if to_jsonb(new) - moving = to_jsonb(old) - moving and (old.state, new.state) in (
         ('active', 'active'), ('active', 'on_hold'), ('active', 'revoked'), ('active', 'invalid'),
         ('on_hold', 'on_hold'), ('on_hold', 'active'), ('on_hold', 'revoked'), ('on_hold', 'invalid'))
       and (old.event_occurred_at is null or new.event_occurred_at = old.event_occurred_at) then
      return new;
    end if;
  end if;
  raise exception 'a signed consent keeps its text; only its state changes' using errcode = 'EV004';
end $$;

-- Rows of a log: nothing but the encryption of their texts may change. The columns are the trigger's arguments.
create function evoke_log_keeps() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and evoke_only_reencrypted(to_jsonb(old), to_jsonb(new), tg_argv::text[]) then return new; end if;
  raise exception '% rows are final', tg_table_name using errcode = 'EV004';
end $$;

-- The accounting is final; what was put together for it is hashed when a job has done so.
create function evoke_disclosure_keeps() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and (
       evoke_only_reencrypted(to_jsonb(old), to_jsonb(new), array['description'])
       or (old.package_hash = '' and to_jsonb(new) - 'package_hash' = to_jsonb(old) - 'package_hash')) then
    return new;
  end if;
  raise exception 'what was told is accounted for and never changed' using errcode = 'EV004';
end $$;

-- What can be taken back, once: the columns of taking back and no other.
create function evoke_undone_once() returns trigger language plpgsql as $$
declare
  undoing text[] := array['undone_at', 'undone_by_id', 'undo_reason'];
begin
  if tg_op = 'UPDATE' and (
       evoke_only_reencrypted(to_jsonb(old), to_jsonb(new), array['reason', 'undo_reason'])
       or (old.undone_at is null and new.undone_at is not null
           and to_jsonb(new) - undoing = to_jsonb(old) - undoing)) then
    return new;
  end if;
  raise exception '% rows are taken back once, and never changed', tg_table_name using errcode = 'EV004';
end $$;
"""

FINALS = {
    "clients_assessment": ("insert or update or delete", "evoke_signed_assessment_keeps()"),
    "clients_consent": ("insert or update or delete", "evoke_signed_consent_keeps()"),
    "clients_consentevent": ("update or delete", "evoke_log_keeps('note')"),
    "clients_noticegiven": ("update or delete", "evoke_log_keeps()"),
    "clients_disclosure": ("update or delete", "evoke_disclosure_keeps()"),
    "clients_admissiondecision": ("update or delete", "evoke_log_keeps('reason')"),
    "clients_interimoffer": ("update or delete", "evoke_log_keeps('words')"),
    "clients_admission": ("update or delete", "evoke_undone_once()"),
    "clients_merge": ("update or delete", "evoke_undone_once()"),
}
TRIGGERS = "".join(
    f"create trigger final before {verbs} on {table} for each row execute function {function};"
    f"create trigger final_truncate before truncate on {table} for each statement execute function evoke_refuse_change();"
    for table, (verbs, function) in FINALS.items()
)
TRIGGERS_BACK = "".join(
    f"drop trigger final_truncate on {table}; drop trigger final on {table};" for table in reversed(FINALS)
)
FINAL_BACK = (
    "drop function evoke_undone_once, evoke_disclosure_keeps, evoke_log_keeps, evoke_signed_consent_keeps, evoke_signed_assessment_keeps;"
)
# A span of a shift and the hours of a week are about staff, not about people in care.


class Migration(migrations.Migration):

    replaces = [('clients', '0007_admission_guards')]

    dependencies = [
        ('clients', '0003_guards_of_inquiries'),
    ]

    operations = [
        migrations.RunSQL(MOVE_ASKS, MOVE_ASKED),
        migrations.RunSQL(FINAL, FINAL_BACK),
        migrations.RunSQL(TRIGGERS, TRIGGERS_BACK),
    ]

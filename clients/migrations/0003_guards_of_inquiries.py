"""
An inquiry moves only along the table of legal moves, and every move is kept.

Writing a row of InquiryMove is the one way to change a status: its trigger checks the move and carries it out. The
hold follows the open safety concerns in the same way. An attempt and a move are final.
"""

from django.db import migrations

# As clients/rules/transitions.py had it when this was written; a test compares the two.
EDGES = """
  select $1 || '>' || $2 = any (array[
    'new>contacting', 'new>screening', 'new>duplicate', 'new>spam',
    'contacting>contacted', 'contacting>unreachable', 'contacting>duplicate', 'contacting>spam',
    'contacting>closed_declined',
    'contacted>screening', 'contacted>nurture', 'contacted>referred_out', 'contacted>closed_declined',
    'contacted>duplicate',
    'screening>screened', 'screening>contacting', 'screening>closed_declined', 'screening>referred_out',
    'screened>assessment_scheduled', 'screened>referred_out', 'screened>not_eligible', 'screened>nurture',
    'screened>closed_declined',
    'assessment_scheduled>assessed', 'assessment_scheduled>assessment_no_show',
    'assessment_scheduled>closed_declined',
    'assessment_no_show>assessment_scheduled', 'assessment_no_show>contacting', 'assessment_no_show>unreachable',
    'assessed>accepted', 'assessed>referred_out', 'assessed>not_eligible', 'assessed>closed_declined',
    'accepted>admitted', 'accepted>waitlisted', 'accepted>closed_declined', 'accepted>referred_out',
    'waitlisted>accepted', 'waitlisted>referred_out', 'waitlisted>closed_declined', 'waitlisted>unreachable',
    'nurture>contacting', 'unreachable>contacting', 'closed_declined>contacting', 'referred_out>contacting',
    'not_eligible>contacting'
  ])
"""

FUNCTIONS = f"""
create function evoke_inquiry_edge(text, text) returns boolean language sql immutable as $$ {EDGES} $$;

create function evoke_inquiry_begins() returns trigger language plpgsql as $$
begin
  if new.status <> 'new' or new.crisis_hold then
    raise exception 'an inquiry begins as new; its moves and concerns are rows of their own' using errcode = 'EV003';
  end if;
  return new;
end $$;

-- Depth 1 is the statement of whoever asks; 2 and above is one of the triggers below at work.
create function evoke_inquiry_keeps() returns trigger language plpgsql as $$
begin
  if pg_trigger_depth() < 2 and (new.status <> old.status or new.crisis_hold <> old.crisis_hold) then
    raise exception 'a status changes by a move, a hold by a safety concern' using errcode = 'EV003';
  end if;
  return new;
end $$;

create function evoke_inquiry_move() returns trigger language plpgsql as $$
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

create function evoke_inquiry_hold() returns trigger language plpgsql as $$
begin
  update clients_inquiry i set crisis_hold = held.now
    from (select exists (select 1 from clients_safetyconcern c
                         where c.clinic_id = new.clinic_id and c.inquiry_id = new.inquiry_id
                           and c.level in ('S2', 'S3') and c.reviewed_at is null) as now) held
    where i.clinic_id = new.clinic_id and i.id = new.inquiry_id and i.crisis_hold <> held.now;
  return null;
end $$;

-- An attempt and a move are final; their notes may be encrypted anew.
create function evoke_refuse_note_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and evoke_only_reencrypted(to_jsonb(old), to_jsonb(new), array['note']) then return new; end if;
  raise exception 'what was logged is final' using errcode = 'EV003';
end $$;

-- What raised a concern stays as it was raised; a review is final.
create function evoke_concern_keeps() returns trigger language plpgsql as $$
begin
  if (old.level, old.code, old.inquiry_id, old.raised_at, old.raised_by_id)
       is distinct from (new.level, new.code, new.inquiry_id, new.raised_at, new.raised_by_id)
     or (old.reviewed_at is not null and not evoke_only_reencrypted(to_jsonb(old), to_jsonb(new), array['rationale']))
  then
    raise exception 'a safety concern stays as it was raised, and its review is final' using errcode = 'EV003';
  end if;
  return new;
end $$;
"""
TRIGGERS = """
create trigger begins before insert on clients_inquiry for each row execute function evoke_inquiry_begins();
create trigger keeps before update on clients_inquiry for each row execute function evoke_inquiry_keeps();
create trigger moves before insert on clients_inquirymove for each row execute function evoke_inquiry_move();
create trigger holds after insert or update of reviewed_at on clients_safetyconcern
  for each row when (new.inquiry_id is not null) execute function evoke_inquiry_hold();
create trigger keeps before update on clients_safetyconcern for each row execute function evoke_concern_keeps();
create trigger final before update or delete on clients_contactattempt
  for each row execute function evoke_refuse_note_change();
create trigger final before update or delete on clients_inquirymove
  for each row execute function evoke_refuse_note_change();
create trigger no_truncate before truncate on clients_contactattempt
  for each statement execute function evoke_refuse_change();
create trigger no_truncate before truncate on clients_inquirymove
  for each statement execute function evoke_refuse_change();
"""
BACK = """
drop trigger no_truncate on clients_inquirymove;
drop trigger no_truncate on clients_contactattempt;
drop trigger final on clients_inquirymove;
drop trigger final on clients_contactattempt;
drop trigger keeps on clients_safetyconcern;
drop trigger holds on clients_safetyconcern;
drop trigger moves on clients_inquirymove;
drop trigger keeps on clients_inquiry;
drop trigger begins on clients_inquiry;
drop function evoke_concern_keeps, evoke_refuse_note_change, evoke_inquiry_hold, evoke_inquiry_move, evoke_inquiry_keeps, evoke_inquiry_begins,
  evoke_inquiry_edge;
"""


class Migration(migrations.Migration):

    replaces = [('clients', '0005_inquiry_guards')]

    dependencies = [
        ('clients', '0002_policies'),
    ]

    operations = [
        migrations.RunSQL(FUNCTIONS + TRIGGERS, BACK),
    ]

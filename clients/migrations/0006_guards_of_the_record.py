"""
The record of care: measures and their scores, stages, and the treatment plan with its versions and signatures.

What was answered, rated, signed or reviewed is final. The parts of a plan change only while their version is a draft,
each part stands under one of its own version, and a version is in force only with the signatures it needs.
"""

from django.db import migrations

FUNCTIONS = """
-- A part of a plan changes only in a draft, and stands under a part of the same version.
-- Arguments: table and column of the part it stands under (empty for the first), then its encrypted columns.
create function evoke_plan_part_keeps() returns trigger language plpgsql as $$
declare
  touched jsonb := case when tg_op = 'DELETE' then to_jsonb(old) else to_jsonb(new) end;
  held text;
  joined boolean;
begin
  if tg_op = 'UPDATE' then
    if evoke_only_reencrypted(to_jsonb(old), to_jsonb(new), tg_argv[2:]) then return new; end if;
    if old.plan_version_id <> new.plan_version_id or old.lineage <> new.lineage then
      raise exception 'a part of a plan stays in its version' using errcode = 'EV004';
    end if;
  end if;
  select state into held from clients_planversion
    where clinic_id = (touched ->> 'clinic_id')::bigint and id = (touched ->> 'plan_version_id')::bigint;
  if held is distinct from 'draft' then
    raise exception 'a plan that was signed is changed by a new version' using errcode = 'EV004';
  end if;
  if tg_op <> 'DELETE' and tg_argv[0] <> '' then
    execute format('select exists (select 1 from %I where clinic_id = $1 and id = $2 and plan_version_id = $3)', tg_argv[0])
      into joined using (touched ->> 'clinic_id')::bigint, (touched ->> tg_argv[1])::bigint,
                        (touched ->> 'plan_version_id')::bigint;
    if not joined then
      raise exception 'a part of a plan stands under a part of the same version' using errcode = 'EV004';
    end if;
  end if;
  return coalesce(new, old);
end $$;

-- Who has signed, or would not, what the version says now.
create function evoke_plan_signed(clinic bigint, signed bigint, content text, capacities text[]) returns boolean
language sql stable as $$
  select exists (select 1 from clients_plansignature s
                 where s.clinic_id = clinic and s.plan_version_id = signed and s.content_hash = content
                   and s.capacity = any(capacities))
$$;

create function evoke_plan_version_keeps() returns trigger language plpgsql as $$
declare
  moving text[] := array['state', 'version', 'submitted_at', 'activated_at', 'ended_at', 'end_reason', 'content_hash'];
  drafted text[] := array['version', 'starts_on', 'needs_cosign'];
begin
  if tg_op = 'INSERT' then
    if new.state <> 'draft' then
      raise exception 'a version of a plan begins as a draft' using errcode = 'EV004';
    end if;
    return new;
  end if;
  if tg_op = 'DELETE' then
    raise exception 'a version of a plan is closed, never removed' using errcode = 'EV004';
  end if;
  if evoke_only_reencrypted(to_jsonb(old), to_jsonb(new), array['end_reason']) then return new; end if;
  if old.state = 'draft' and new.state = 'draft' and to_jsonb(new) - drafted = to_jsonb(old) - drafted then
    return new;
  end if;
  if to_jsonb(new) - moving <> to_jsonb(old) - moving
     or (old.state, new.state) not in (
          ('draft', 'in_review'), ('draft', 'closed'), ('in_review', 'draft'), ('in_review', 'active'),
          ('active', 'superseded'), ('active', 'closed'))
     or (old.state <> 'draft' and new.state <> 'draft' and new.content_hash <> old.content_hash) then
    raise exception 'no such move of a version of a plan' using errcode = 'EV004';
  end if;
  if new.state = 'active' and not (
       evoke_plan_signed(new.clinic_id, new.id, new.content_hash, array['author'])
       and evoke_plan_signed(new.clinic_id, new.id, new.content_hash, array['client', 'guardian'])
       and (not new.needs_cosign
            or evoke_plan_signed(new.clinic_id, new.id, new.content_hash, array['supervisor']))) then
    raise exception 'a signature is missing' using errcode = 'EV004';
  end if;
  return new;
end $$;

create function evoke_plan_signature_fits() returns trigger language plpgsql as $$
declare
  signed record;
begin
  select state, content_hash, author_id into signed from clients_planversion
    where clinic_id = new.clinic_id and id = new.plan_version_id;
  if signed.state is distinct from 'in_review' or signed.content_hash <> new.content_hash then
    raise exception 'what is signed is the version as it waits for signatures' using errcode = 'EV004';
  end if;
  if new.capacity = 'author' and new.user_id <> signed.author_id then
    raise exception 'the author signs as author' using errcode = 'EV004';
  end if;
  if new.capacity = 'supervisor' and new.user_id = signed.author_id then
    raise exception 'nobody co-signs their own plan' using errcode = 'EV004';
  end if;
  return new;
end $$;

-- A review is due, then held once, and then final.
create function evoke_review_keeps() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and (old.held_on is null
       or evoke_only_reencrypted(to_jsonb(old), to_jsonb(new), array['note'])) then return new; end if;
  raise exception 'a review that was held is final' using errcode = 'EV004';
end $$;
"""
FUNCTIONS_BACK = (
    "drop function evoke_review_keeps, evoke_plan_signature_fits, evoke_plan_version_keeps, evoke_plan_signed, "
    "evoke_plan_part_keeps"
)
FINALS = {
    "clients_measureresponse": ("update or delete", "evoke_undone_once()"),
    "clients_measurescore": ("update or delete", "evoke_log_keeps()"),
    "clients_stagerating": ("update or delete", "evoke_log_keeps()"),
    "clients_intensitychoice": ("update or delete", "evoke_log_keeps('reason')"),
    "clients_planversion": ("insert or update or delete", "evoke_plan_version_keeps()"),
    "clients_problem": (
        "insert or update or delete",
        "evoke_plan_part_keeps('', '', 'text', 'client_words')",
    ),
    "clients_goal": (
        "insert or update or delete",
        "evoke_plan_part_keeps('clients_problem', 'problem_id', "
        "'text', 'client_words', 'value_link', 'commitment', 'gate_reason')",
    ),
    "clients_objective": (
        "insert or update or delete",
        "evoke_plan_part_keeps('clients_goal', 'goal_id', 'text', 'metric', 'relevance')",
    ),
    "clients_intervention": (
        "insert or update or delete",
        "evoke_plan_part_keeps('clients_objective', 'objective_id', 'text')",
    ),
    "clients_plansignature": ("update or delete", "evoke_log_keeps('refusal_reason')"),
    "clients_lintdismissal": ("update or delete", "evoke_log_keeps('reason')"),
    "clients_planreview": ("update or delete", "evoke_review_keeps()"),
    "clients_goalreview": ("update or delete", "evoke_log_keeps('comment')"),
}
FINAL = "".join(
    f"create trigger final before {verbs} on {table} for each row execute function {function};"
    f"create trigger final_truncate before truncate on {table} for each statement execute function evoke_refuse_change();"
    for table, (verbs, function) in FINALS.items()
) + (
    "create trigger fits before insert on clients_plansignature "
    "for each row execute function evoke_plan_signature_fits();"
)
FINAL_BACK = "drop trigger fits on clients_plansignature;" + "".join(
    f"drop trigger final_truncate on {table}; drop trigger final on {table};" for table in reversed(FINALS)
)


class Migration(migrations.Migration):

    replaces = [('clients', '0010_record')]

    dependencies = [
        ('clients', '0005_guards_of_payers'),
    ]

    operations = [
        migrations.RunSQL(FUNCTIONS, FUNCTIONS_BACK),
        migrations.RunSQL(FINAL, FINAL_BACK),
    ]

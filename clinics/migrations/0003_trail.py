"""
What the database itself holds: the trail of changes, append-only tables, published instruments, access versions.

Every statement here runs on tables that are empty when a clinic is first installed; none rewrites rows.
"""

from django.db import migrations

from clinics.tenancy import append_only

FUNCTIONS = """
create function evoke_trail() returns trigger language plpgsql as $$
begin
  insert into clinics_auditevent (clinic_id, actor_id, role, action, object_type, object_id, purpose, detail)
  select clinic_id, nullif(current_setting('app.user_id', true), '')::bigint, '', 'row.' || lower(tg_op),
         tg_table_name, '', '', jsonb_build_object('n', count(*), 'ids', to_jsonb((array_agg(id order by id))[1:50]))
  from changed group by clinic_id;
  return null;
end $$;

create function evoke_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% rows are never changed or removed', tg_table_name using errcode = 'EV001';
end $$;

-- Key rotation is the one thing that may touch a locked row: by the owner, and only the ciphertext.
create function evoke_only_reencrypted(before jsonb, after jsonb, columns text[]) returns boolean
language sql stable as $$
  select current_user = 'clinic_owner' and current_setting('app.key_rotation', true) = 'on'
         and before - columns = after - columns
$$;

create function evoke_refuse_published_change() returns trigger language plpgsql as $$
begin
  if old.status = 'draft' then return coalesce(new, old); end if;
  if tg_op = 'DELETE' then
    raise exception 'a published instrument is never removed' using errcode = 'EV001';
  end if;
  if to_jsonb(new) - array['status', 'retired_at'] <> to_jsonb(old) - array['status', 'retired_at']
     or new.status = 'draft' or (old.status = 'retired' and new.status <> 'retired') then
    raise exception 'a published instrument is never changed; make a new version' using errcode = 'EV001';
  end if;
  return new;
end $$;

create function evoke_refuse_threshold_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or to_jsonb(new) - 'in_force' <> to_jsonb(old) - 'in_force' then
    raise exception 'a threshold set is never changed; add another and put it in force' using errcode = 'EV001';
  end if;
  return new;
end $$;

create function evoke_bump_access() returns trigger language plpgsql as $$
declare row_before jsonb := to_jsonb(old); row_after jsonb := to_jsonb(new);
begin
  update clinics_user set access_version = access_version + 1
  where id in ((row_before ->> 'user_id')::bigint, (row_after ->> 'user_id')::bigint)
     or id in (select user_id from clinics_user_groups
               where group_id in ((row_before ->> 'group_id')::int, (row_after ->> 'group_id')::int)
                 and tg_table_name = 'guardian_groupobjectpermission');
  return null;
end $$;
"""

TRIGGERS = """
create trigger published before update or delete on clinics_instrumentversion
  for each row execute function evoke_refuse_published_change();
create trigger fixed before update or delete on clinics_thresholdset
  for each row execute function evoke_refuse_threshold_change();
create trigger bump_access after insert or update or delete on clinics_membership
  for each row execute function evoke_bump_access();
create trigger bump_access after insert or update or delete on clinics_user_groups
  for each row execute function evoke_bump_access();
create trigger bump_access after insert or update or delete on guardian_groupobjectpermission
  for each row execute function evoke_bump_access();
create trigger bump_access after insert or update or delete on guardian_userobjectpermission
  for each row execute function evoke_bump_access();
"""

# The defaults of the database roles gave the app role too much on the trail, and the sealer nothing.
GRANTS = """
revoke update, delete on clinics_auditevent, clinics_accountevent from clinic_app;
revoke insert, update, delete on clinics_auditseal from clinic_app;
grant usage on schema public to clinic_sealer;
grant select on clinics_auditevent, clinics_auditseal to clinic_sealer;
grant insert on clinics_auditseal to clinic_sealer;
"""


class Migration(migrations.Migration):

    replaces = [('clinics', '0003_trail_and_locks')]

    dependencies = [
        ('clinics', '0002_policies'),
        ('guardian', '0003_remove_groupobjectpermission_guardian_gr_content_ae6aec_idx_and_more'),
    ]

    operations = [
        migrations.RunSQL(
            FUNCTIONS,
            "drop function evoke_bump_access, evoke_refuse_threshold_change, evoke_refuse_published_change, "
            "evoke_only_reencrypted, evoke_refuse_change, evoke_trail",
        ),
        migrations.RunSQL(
            TRIGGERS,
            "drop trigger published on clinics_instrumentversion; drop trigger fixed on clinics_thresholdset; "
            "drop trigger bump_access on clinics_membership; drop trigger bump_access on clinics_user_groups; "
            "drop trigger bump_access on guardian_groupobjectpermission; "
            "drop trigger bump_access on guardian_userobjectpermission",
        ),
        append_only("clinics_auditevent"),
        append_only("clinics_accountevent"),
        append_only("clinics_auditseal"),
        migrations.RunSQL(
            GRANTS,
            "grant update, delete on clinics_auditevent, clinics_accountevent to clinic_app; "
            "grant insert, update, delete on clinics_auditseal to clinic_app; "
            "revoke all on clinics_auditevent, clinics_auditseal from clinic_sealer",
        ),
    ]

"""
Every joined record names the one under which the person is kept now, and not a step on the way.

What was joined in several steps is put right; each merge keeps which records came along, so that taking it back finds
them. Who works with a person has all their records, and nobody who works with none by themselves has any. From now on
the database refuses a step.
"""

from django.db import migrations, models

# Forced policies show the owner no rows, and the trail is about people's work: neither is for these statements.
TABLES = ("clients_client", "clients_merge", "clients_caseloadassignment")
OPEN = "".join(f"alter table {table} no force row level security, disable trigger user;" for table in TABLES)
CLOSE = "set constraints all immediate;" + "".join(
    f"alter table {table} force row level security, enable trigger user;" for table in TABLES
)
CARRIED = """
with recursive below (top, id, public_id) as (
    select merged_into_id, id, public_id from clients_client where merged_into_id is not null
    union all
    select below.top, deeper.id, deeper.public_id
    from below join clients_client deeper on deeper.merged_into_id = below.id
)
update clients_merge set carried = found.records
from (select top, jsonb_agg(public_id order by id) as records from below group by top) found
where found.top = clients_merge.absorbed_id and clients_merge.undone_at is null;
"""
STRAIGHT = """
with recursive reached (id, root) as (
    select id, id from clients_client where merged_into_id is null
    union all
    select joined.id, reached.root from clients_client joined join reached on joined.merged_into_id = reached.id
)
update clients_client set merged_into_id = reached.root from reached
where clients_client.id = reached.id and clients_client.merged_into_id <> reached.root;
"""
CASELOAD = """
create temporary view evoke_held as
    select held.id, held.user_id, held.reason, record.clinic_id, coalesce(record.merged_into_id, record.id) as person
    from clients_caseloadassignment held join clients_client record on record.id = held.client_id
    where held.ends_at is null;
update clients_caseloadassignment set ends_at = statement_timestamp()
from evoke_held held
where held.id = clients_caseloadassignment.id and held.reason = 'Records joined' and not exists (
    select 1 from evoke_held own
    where own.person = held.person and own.user_id = held.user_id and own.reason <> 'Records joined'
);
insert into clients_caseloadassignment (clinic_id, client_id, user_id, reason, starts_at)
select distinct held.clinic_id, record.id, held.user_id, 'Records joined', statement_timestamp()
from evoke_held held join clients_client record on coalesce(record.merged_into_id, record.id) = held.person
on conflict (clinic_id, client_id, user_id) where ends_at is null do nothing;
drop view evoke_held;
"""
BY_STEPS = """
update clients_client set merged_into_id = clients_merge.kept_id from clients_merge
where clients_merge.absorbed_id = clients_client.id and clients_merge.undone_at is null;
"""
REFUSES = """
create function evoke_joined_into_one() returns trigger language plpgsql as $$
begin
  if exists (select 1 from clients_client
             where clinic_id = new.clinic_id and id = new.merged_into_id and merged_into_id is not null)
     or exists (select 1 from clients_client where clinic_id = new.clinic_id and merged_into_id = new.id) then
    raise exception 'a record is joined into one that stands by itself, and takes its own along' using errcode = 'EV004';
  end if;
  return null;
end $$;
create trigger joined_into_one after insert or update of merged_into_id on clients_client
  for each row when (new.merged_into_id is not null) execute function evoke_joined_into_one();
"""
REFUSES_BACK = "drop trigger joined_into_one on clients_client; drop function evoke_joined_into_one;"


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0011_printouts'),
    ]

    operations = [
        migrations.AddField(
            model_name='merge',
            name='carried',
            field=models.JSONField(default=list),
        ),
        migrations.AddIndex(
            model_name='client',
            index=models.Index(condition=models.Q(('merged_into', None), _negated=True), fields=['clinic', 'merged_into'], name='client_joined'),
        ),
        migrations.RunSQL(OPEN + CARRIED + STRAIGHT + CASELOAD + CLOSE, OPEN + BY_STEPS + CLOSE),
        migrations.RunSQL(REFUSES, REFUSES_BACK),
    ]

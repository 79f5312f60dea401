"""The database's own catalogue, asked for faults: it must find none, and it must find planted ones (P3, P6)."""

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, connection, models, transaction

from clinics.models import User
from clinics.tenancy import ClinicOwned, owned_models
from tests.world import World

# Read before a clinic is entered, through `active()` and the person's own key; it carries no client data.
WITHOUT_POLICY = {"clinics_membership"}

FAULTS = """
with owned as (
  select c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity, c.relowner
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'clinic_id' and not a.attisdropped
  where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.relname <> all(%(exempt)s)
)
select relname, 'has no forced row policy' from owned where not (relrowsecurity and relforcerowsecurity)
union all
select relname, 'has no policy that names its clinic' from owned o where not exists (
  select 1 from pg_policy p where p.polrelid = o.oid
    and pg_get_expr(p.polqual, p.polrelid) like '%%clinic_id = (NULLIF(current_setting(''app.clinic_id''%%'
    and pg_get_expr(p.polwithcheck, p.polrelid) like '%%clinic_id = (NULLIF(current_setting(''app.clinic_id''%%')
union all
select relname, 'has a second policy ' || p.polname from owned o join pg_policy p on p.polrelid = o.oid
  where p.polname <> 'clinic'
union all
select o.relname, 'has a key to ' || t.relname || ' that leaves out the clinic: ' || k.conname
from pg_constraint k join owned o on o.oid = k.conrelid join owned t on t.oid = k.confrelid
where k.contype = 'f' and not exists (
  select 1 from pg_attribute a where a.attrelid = k.conrelid and a.attname = 'clinic_id' and a.attnum = any(k.conkey))
union all
select o.relname, 'has a unique index without its clinic: ' || i.relname
from pg_index x join owned o on o.oid = x.indrelid join pg_class i on i.oid = x.indexrelid
where x.indisunique and not x.indisprimary
  and (select a.attnum from pg_attribute a where a.attrelid = o.oid and a.attname = 'clinic_id') <> all(x.indkey)
  and not exists (select 1 from pg_attribute a where a.attrelid = o.oid and a.attname = 'public_id'
                  and x.indkey::text = a.attnum::text)
union all
select o.relname, 'has no index led by its clinic' from owned o where not exists (
  select 1 from pg_index x join pg_attribute a on a.attrelid = o.oid and a.attname = 'clinic_id'
  where x.indrelid = o.oid and x.indkey[0] = a.attnum)
union all
select o.relname, 'is owned by the app role' from owned o where pg_get_userbyid(o.relowner) = 'clinic_app'
union all
select t, 'may be changed by the app role' from unnest(array['clinics_auditevent', 'clinics_auditseal',
  'clinics_accountevent']) t
where has_table_privilege('clinic_app', t, 'update') or has_table_privilege('clinic_app', t, 'delete')
   or has_table_privilege('clinic_app', t, 'truncate')
"""


def faults(cursor: object) -> list[tuple[str, str]]:
    """Return (table, fault) for whatever the catalogue shows to be wrong."""
    cursor.execute(FAULTS, {"exempt": list(WITHOUT_POLICY)})  # type: ignore[attr-defined]
    return list(cursor.fetchall())  # type: ignore[attr-defined]


def test_the_catalogue_shows_no_fault(world: World) -> None:
    with world.here.scope(), connection.cursor() as cursor:
        assert faults(cursor) == []


def test_every_owned_table_is_in_the_catalogue_and_no_exemption_is_stale(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select table_name from information_schema.columns where column_name = 'clinic_id' and table_schema='public'"
        )
        tables = {name for (name,) in cursor.fetchall()}
    assert tables - WITHOUT_POLICY == {model._meta.db_table for model in owned_models()}
    assert tables >= WITHOUT_POLICY


PLANTED = {
    "has no forced row policy": "alter table clients_client no force row level security",
    "has no policy that names its clinic": (
        "drop policy clinic on clients_client; create policy clinic on clients_client using (true) with check (true)"
    ),
    "has a second policy": "create policy more on clients_client using (true)",
    "has a key to": (
        "alter table clients_client no force row level security; "
        "alter table clients_client add constraint planted foreign key (merged_into_id) references clients_client (id); "
        "alter table clients_client force row level security"
    ),
    "has a unique index without its clinic": "create unique index planted on clients_client (family_key, id)",
    "has no index led by its clinic": (
        "create table planted (id bigint primary key, clinic_id bigint); "
        "alter table planted enable row level security; alter table planted force row level security"
    ),
    "may be changed by the app role": "grant delete on clinics_auditevent to clinic_app",
}


@pytest.mark.parametrize("fault", PLANTED)
def test_the_query_finds_a_planted_fault(db: None, fault: str) -> None:
    owner = settings.ENV.migration_database_url
    with psycopg.connect(
        host=owner.host, port=owner.port, user=owner.user, password=owner.password,
        dbname=connection.settings_dict["NAME"],
    ) as planted:  # fmt: skip
        cursor = planted.cursor()
        cursor.execute("set lock_timeout = '2s'")
        cursor.execute(PLANTED[fault])
        found = [text for _table, text in faults(cursor)]
        planted.rollback()
    assert any(text.startswith(fault) for text in found), found


def owned_links() -> list[tuple[type[ClinicOwned], models.ForeignKey]]:
    """Return every key from one clinic-owned model to another."""
    return [
        (model, field)
        for model in owned_models()
        for field in model._meta.concrete_fields
        if isinstance(field.related_model, type) and issubclass(field.related_model, ClinicOwned)
    ]


REFUSED = r"same_clinic|final|locked|signed|never changed|(part|version) of a plan|check constraint"


def test_no_key_can_be_pointed_at_the_neighbour(world: World) -> None:
    """
    The database refuses each link. Raw SQL on purpose: forms and services are not what is tested here.

    A row that a lock trigger guards is refused before its key is looked at; both are a refusal.
    """
    tried = 0
    for model, field in owned_links():
        target = field.related_model
        with world.neighbour.scope():
            foreign = target.objects.order_by("pk").values_list("pk", flat=True).first()
        with world.here.scope():
            own = model.objects.order_by("pk").first()
            if own is None or foreign is None:
                pytest.fail(f"tests/world.py has no {model.__name__} or {target.__name__} on both sides")
            tried += 1
            with (
                pytest.raises(DatabaseError, match=REFUSED),
                transaction.atomic(),
            ):
                condition = " and ".join(f'"{f.column}" = %s' for f in model._meta.pk_fields)
                values = [getattr(own, f.attname) for f in model._meta.pk_fields]
                with connection.cursor() as cursor:
                    cursor.execute(
                        f'update {model._meta.db_table} set "{field.column}" = %s where {condition}', [foreign, *values]
                    )
    print(f"links to the neighbour tried: {tried}, all refused")
    assert tried == len(owned_links())


def test_people_are_not_owned(db: None) -> None:
    assert not issubclass(User, ClinicOwned)

"""
A physician signs a version of a plan while it waits, or when it is in force: payers ask for it later than care begins.

Every other signature stays as it was: under what waits for it.
"""

from django.db import migrations

FITS = """
create or replace function evoke_plan_signature_fits() returns trigger language plpgsql as $$
declare
  signed record;
begin
  select state, content_hash, author_id into signed from clients_planversion
    where clinic_id = new.clinic_id and id = new.plan_version_id;
  if signed.state is null or signed.content_hash <> new.content_hash
     or not (signed.state = 'in_review'{physician}) then
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
"""
PHYSICIAN = " or signed.state = 'active' and new.capacity = 'physician'"


class Migration(migrations.Migration):

    replaces = [('clients', '0013_physician_signs')]

    dependencies = [
        ('clients', '0008_guards_of_exercises'),
    ]

    operations = [
        migrations.RunSQL(FITS.replace("{physician}", PHYSICIAN), FITS.replace("{physician}", "")),
    ]

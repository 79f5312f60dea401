"""The answers that raised a safety concern stay with it, like everything else that it was raised with."""

from django.db import migrations

KEEPS = """
create or replace function evoke_concern_keeps() returns trigger language plpgsql as $$
begin
  if (old.level, old.code, old.inquiry_id, old.raised_at, old.raised_by_id{old})
       is distinct from (new.level, new.code, new.inquiry_id, new.raised_at, new.raised_by_id{new})
     or (old.reviewed_at is not null and not evoke_only_reencrypted(to_jsonb(old), to_jsonb(new), array['rationale']))
  then
    raise exception 'a safety concern stays as it was raised, and its review is final' using errcode = 'EV003';
  end if;
  return new;
end $$;
"""


def _with(column: str) -> str:
    name = f", {column}"
    return KEEPS.replace("{old}", name.format("old")).replace("{new}", name.format("new"))


class Migration(migrations.Migration):

    replaces = [('clients', '0014_concern_answers')]

    dependencies = [
        ('clients', '0009_physician_after_all'),
    ]

    operations = [
        migrations.RunSQL(_with("{}.response_id"), KEEPS.replace("{old}", "").replace("{new}", "")),
    ]

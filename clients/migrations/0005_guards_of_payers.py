from django.db import migrations

# What was answered, reported or written with somebody is final; only its encryption may change.
FINALS = {
    "clients_benefitcheck": "evoke_log_keeps('notes')",
    "clients_mandatereport": "evoke_log_keeps()",
    "clients_safetyplan": "evoke_log_keeps('parts')",
}
FINAL = "".join(
    f"create trigger final before update or delete on {table} for each row execute function {function};"
    f"create trigger final_truncate before truncate on {table} for each statement execute function evoke_refuse_change();"
    for table, function in FINALS.items()
)
FINAL_BACK = "".join(
    f"drop trigger final_truncate on {table}; drop trigger final on {table};" for table in reversed(FINALS)
)


class Migration(migrations.Migration):

    replaces = [('clients', '0008_payers')]

    dependencies = [
        ('clients', '0004_guards_of_admission'),
    ]

    operations = [
        migrations.RunSQL(FINAL, FINAL_BACK),
    ]

from django.db import migrations

from clinics.tenancy import owned_table


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0001_tables'),
    ]

    operations = [
        *owned_table("clients_client", trail=True),
        *owned_table("clients_episode", trail=True),
        *owned_table("clients_changetarget", trail=True),
        *owned_table("clients_caseloadassignment", trail=True),
        *owned_table("clients_breakglass", trail=True),
        *owned_table("clients_appointment", trail=True),
        *owned_table("clients_rulerreading", trail=True),
    ]

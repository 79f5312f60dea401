from django.db import migrations

from clinics.tenancy import owned_table


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0001_tables'),
    ]

    operations = [
        *owned_table("analytics_fidelitycell"),
        *owned_table("analytics_fillstate"),
        *owned_table("analytics_verification"),
    ]

from django.db import migrations

import clinics.tenancy
from clinics.tenancy import owned_table


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0001_tables'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='fidelitycell',
            constraint=clinics.tenancy.SameClinic('practice_set', name='fidelity_cell_practice_set_same_clinic'),
        ),
        *owned_table("analytics_fidelitycell"),
        *owned_table("analytics_fillstate"),
        *owned_table("analytics_verification"),
    ]

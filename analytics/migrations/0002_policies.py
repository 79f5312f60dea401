"""Every table with rows of a clinic shows and takes only those of the clinic that is entered."""

from django.db import migrations

from clinics.tenancy import owned_table

TABLES = [
    "analytics_fidelitycell",
    "analytics_fillstate",
    "analytics_verification",
]


class Migration(migrations.Migration):

    replaces = [('analytics', '0002_isolation')]

    dependencies = [
        ('analytics', '0001_schema'),
    ]

    operations = [
        *(operation for table in TABLES for operation in owned_table(table)),
    ]

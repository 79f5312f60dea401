"""Every table with rows of a clinic shows and takes only those of the clinic that is entered."""

from django.db import migrations

from clinics.tenancy import owned_table

TABLES = [
    "clinics_program",
    "clinics_supervision",
    "clinics_invitation",
    "clinics_clinickey",
    "clinics_referencecounter",
    "clinics_instrumentversion",
    "clinics_thresholdset",
    "clinics_auditevent",
    "clinics_auditseal",
    "clinics_job",
    "clinics_dirtymark",
    "clinics_draft",
    "clinics_idempotencykey",
    "clinics_apitoken",
    "clinics_instrumentattestation",
]


class Migration(migrations.Migration):

    replaces = [('clinics', '0002_isolation'), ('clinics', '0008_attestation')]

    dependencies = [
        ('clinics', '0001_schema'),
    ]

    operations = [
        *(operation for table in TABLES for operation in owned_table(table)),
    ]

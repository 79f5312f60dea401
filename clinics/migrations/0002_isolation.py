from django.db import migrations

from clinics.tenancy import owned_table


class Migration(migrations.Migration):

    dependencies = [
        ('clinics', '0001_tables'),
    ]

    operations = [
        *owned_table("clinics_program"),
        *owned_table("clinics_supervision"),
        *owned_table("clinics_invitation"),
        *owned_table("clinics_clinickey"),
        *owned_table("clinics_referencecounter"),
        *owned_table("clinics_instrumentversion"),
        *owned_table("clinics_thresholdset"),
        *owned_table("clinics_auditevent"),
        *owned_table("clinics_auditseal"),
        *owned_table("clinics_job"),
        *owned_table("clinics_dirtymark"),
        *owned_table("clinics_draft"),
        *owned_table("clinics_idempotencykey"),
        *owned_table("clinics_apitoken"),
    ]

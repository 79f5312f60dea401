from django.db import migrations

import clinics.tenancy
from clinics.tenancy import owned_table


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0001_tables'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='client',
            constraint=clinics.tenancy.SameClinic('merged_into', name='client_merged_into_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='changetarget',
            constraint=clinics.tenancy.SameClinic('client', name='change_target_client_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='caseloadassignment',
            constraint=clinics.tenancy.SameClinic('client', name='caseload_client_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='breakglass',
            constraint=clinics.tenancy.SameClinic('client', name='break_glass_client_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='episode',
            constraint=clinics.tenancy.SameClinic('client', name='episode_client_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='episode',
            constraint=clinics.tenancy.SameClinic('program', name='episode_program_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='appointment',
            constraint=clinics.tenancy.SameClinic('client', name='appointment_client_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='appointment',
            constraint=clinics.tenancy.SameClinic('episode', name='appointment_episode_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='rulerreading',
            constraint=clinics.tenancy.SameClinic('client', name='ruler_client_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='rulerreading',
            constraint=clinics.tenancy.SameClinic('appointment', name='ruler_appointment_same_clinic'),
        ),
        *owned_table("clients_client", trail=True),
        *owned_table("clients_episode", trail=True),
        *owned_table("clients_changetarget", trail=True),
        *owned_table("clients_caseloadassignment", trail=True),
        *owned_table("clients_breakglass", trail=True),
        *owned_table("clients_appointment", trail=True),
        *owned_table("clients_rulerreading", trail=True),
    ]

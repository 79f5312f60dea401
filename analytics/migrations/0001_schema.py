import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import clinics.tenancy
from clinics.schema import CreateTables


class Migration(migrations.Migration):

    replaces = [
        ('analytics', '0001_tables'),
        ('analytics', '0002_isolation'),
    ]

    initial = True

    dependencies = [
        ('clients', '0001_schema'),
        ('clinical_sessions', '0001_schema'),
        ('clinics', '0003_trail'),
    ]

    operations = [
        CreateTables([
            migrations.CreateModel(
                name='FidelityCell',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('therapist', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('month', models.DateField(help_text='First day of the month of the session, clinic civil date', null=True)),
                    ('practice_set', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinical_sessions.practiceset')),
                    ('comparability_group', models.CharField(max_length=60)),
                    ('score_key', models.CharField(max_length=40)),
                    ('n_codings', models.PositiveIntegerField()),
                    ('n_defined', models.PositiveIntegerField()),
                    ('sum_value', models.DecimalField(decimal_places=15, max_digits=36)),
                    ('sum_numerator', models.BigIntegerField()),
                    ('sum_denominator', models.BigIntegerField()),
                    ('computed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ],
                options={
                    'abstract': False,
                    'indexes': [models.Index(fields=['clinic', 'comparability_group', 'month'], name='fidelity_cell_month')],
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='analytics_fidelitycell_clinic_id'), models.CheckConstraint(condition=models.Q(models.Q(('month__isnull', False), ('practice_set__isnull', True), ('therapist__isnull', False)), models.Q(('month__isnull', True), ('practice_set__isnull', False), ('therapist__isnull', True)), _connector='OR'), name='fidelity_cell_clinical_or_practice'), models.UniqueConstraint(fields=('clinic', 'comparability_group', 'score_key', 'therapist', 'month', 'practice_set'), name='fidelity_cell_once', nulls_distinct=False), clinics.tenancy.SameClinic('practice_set', name='fidelity_cell_practice_set_same_clinic')],
                },
            ),
            migrations.CreateModel(
                name='FillState',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('metric', models.CharField(max_length=40)),
                    ('up_to_id', models.BigIntegerField(default=0)),
                    ('finished_at', models.DateTimeField(null=True)),
                ],
                options={
                    'abstract': False,
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='analytics_fillstate_clinic_id'), models.UniqueConstraint(fields=('clinic', 'metric'), name='fill_state_metric')],
                },
            ),
            migrations.CreateModel(
                name='Verification',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('metric', models.CharField(max_length=40)),
                    ('cells', models.PositiveIntegerField()),
                    ('differing', models.PositiveIntegerField()),
                    ('detail', models.JSONField(default=list, help_text='The first differing cells, by key')),
                    ('verified_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ],
                options={
                    'ordering': ('-id',),
                    'abstract': False,
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='analytics_verification_clinic_id')],
                },
            ),
        ]),
    ]

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import clinics.fields
import clinics.tenancy


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('clinics', '0003_trail_and_locks'),
    ]

    operations = [
        migrations.CreateModel(
            name='Client',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('reference', models.CharField(editable=False, max_length=16)),
                ('legal_name', models.CharField(max_length=160)),
                ('goes_by', models.CharField(blank=True, max_length=80)),
                ('family_key', models.CharField(editable=False, max_length=160)),
                ('given_key', models.CharField(editable=False, max_length=160)),
                ('pronouns', models.CharField(blank=True, max_length=40)),
                ('born_on', models.DateField(blank=True, null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('merged_into', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['clinic', 'family_key', 'id'], name='client_family_key'), models.Index(fields=['clinic', 'given_key'], name='client_given_key')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_client_clinic_id'), models.UniqueConstraint(fields=('clinic', 'reference'), name='client_reference'), models.CheckConstraint(condition=models.Q(('merged_into', models.F('id')), _negated=True), name='client_not_merged_into_itself'), clinics.tenancy.SameClinic('merged_into', name='client_merged_into_same_clinic')],
            },
        ),
        migrations.CreateModel(
            name='ChangeTarget',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('goal', clinics.fields.EncryptedTextField(kind='record')),
                ('is_active', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['clinic', 'client'], name='change_target_client')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_changetarget_clinic_id'), clinics.tenancy.SameClinic('client', name='change_target_client_same_clinic')],
            },
        ),
        migrations.CreateModel(
            name='CaseloadAssignment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('ends_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, max_length=120)),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['clinic', 'user', 'client'], name='caseload_user_client'), models.Index(fields=['clinic', 'client'], name='caseload_client')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_caseloadassignment_clinic_id'), models.UniqueConstraint(condition=models.Q(('ends_at__isnull', True)), fields=('clinic', 'client', 'user'), name='caseload_open_once'), clinics.tenancy.SameClinic('client', name='caseload_client_same_clinic')],
            },
        ),
        migrations.CreateModel(
            name='BreakGlass',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('reason', clinics.fields.EncryptedTextField(kind='record')),
                ('starts_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('ends_at', models.DateTimeField()),
                ('outcome', models.CharField(blank=True, choices=[('justified', 'Justified'), ('not_justified', 'Not justified')], max_length=20)),
                ('reviewed_at', models.DateTimeField(null=True)),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('reviewed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['clinic', 'user', 'client'], name='break_glass_user_client')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_breakglass_clinic_id'), models.CheckConstraint(condition=models.Q(('reviewed_by__isnull', True), models.Q(('reviewed_by', models.F('user')), _negated=True), _connector='OR'), name='break_glass_not_reviewed_by_oneself'), models.CheckConstraint(condition=models.Q(models.Q(('outcome', ''), ('reviewed_at__isnull', True), ('reviewed_by__isnull', True)), models.Q(('outcome__in', ['justified', 'not_justified']), ('reviewed_at__isnull', False), ('reviewed_by__isnull', False)), _connector='OR'), name='break_glass_reviewed_whole'), clinics.tenancy.SameClinic('client', name='break_glass_client_same_clinic')],
            },
        ),
        migrations.CreateModel(
            name='Episode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('status', models.CharField(choices=[('open', 'Open'), ('closed', 'Closed')], default='open', max_length=10)),
                ('admitted_on', models.DateField()),
                ('closed_on', models.DateField(blank=True, null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='episodes', to='clients.client')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('program', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.program')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['clinic', 'client'], name='episode_client')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_episode_clinic_id'), models.UniqueConstraint(condition=models.Q(('status', 'open')), fields=('clinic', 'client', 'program'), name='episode_one_open'), models.CheckConstraint(condition=models.Q(models.Q(('closed_on__isnull', True), ('status', 'open')), models.Q(('closed_on__isnull', False), ('status', 'closed')), _connector='OR'), name='episode_closed_has_date'), clinics.tenancy.SameClinic('client', name='episode_client_same_clinic'), clinics.tenancy.SameClinic('program', name='episode_program_same_clinic')],
            },
        ),
        migrations.CreateModel(
            name='Appointment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('assessment', 'Assessment'), ('treatment', 'Treatment session'), ('check_in', 'Check-in')], default='treatment', max_length=20)),
                ('starts_at', models.DateTimeField()),
                ('service_on', models.DateField(editable=False, help_text='Civil date at the clinic, stored when written')),
                ('duration_min', models.PositiveSmallIntegerField(default=50)),
                ('attendance', models.CharField(blank=True, choices=[('attended', 'Attended'), ('attended_late', 'Attended, late'), ('left_early', 'Left early'), ('no_show', 'Did not attend'), ('late_cancel', 'Canceled within 24 hours'), ('client_cancel', 'Person canceled'), ('clinic_cancel', 'Clinic canceled'), ('rescheduled', 'Rescheduled')], max_length=20)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('therapist', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('episode', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.episode')),
            ],
            options={
                'ordering': ('starts_at', 'id'),
                'abstract': False,
                'indexes': [models.Index(fields=['clinic', 'therapist', 'starts_at', 'id'], name='appointment_therapist'), models.Index(fields=['clinic', 'starts_at', 'id'], name='appointment_start'), models.Index(fields=['clinic', 'client', 'starts_at'], name='appointment_client')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_appointment_clinic_id'), models.CheckConstraint(condition=models.Q(('duration_min__gte', 5), ('duration_min__lte', 600)), name='appointment_minutes_in_range'), clinics.tenancy.SameClinic('client', name='appointment_client_same_clinic'), clinics.tenancy.SameClinic('episode', name='appointment_episode_same_clinic')],
            },
        ),
        migrations.CreateModel(
            name='RulerReading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('ruler', models.CharField(choices=[('importance', 'Importance'), ('confidence', 'Confidence'), ('readiness', 'Readiness')], max_length=12)),
                ('value', models.PositiveSmallIntegerField()),
                ('taken_on', models.DateField()),
                ('appointment', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.appointment')),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('taken_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['clinic', 'client', 'ruler', 'taken_on'], name='ruler_client')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_rulerreading_clinic_id'), models.UniqueConstraint(fields=('clinic', 'appointment', 'ruler'), name='ruler_once_per_appointment'), models.CheckConstraint(condition=models.Q(('value__lte', 10)), name='ruler_zero_to_ten'), clinics.tenancy.SameClinic('client', name='ruler_client_same_clinic'), clinics.tenancy.SameClinic('appointment', name='ruler_appointment_same_clinic')],
            },
        ),
    ]

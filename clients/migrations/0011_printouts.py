"""Printed pages as PDF, kept a day for whoever asked for one."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import clinics.fields
import clinics.tenancy


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0010_answers_stay'),
        ('clinics', '0003_trail'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Printout',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('plan', 'Treatment plan'), ('exercise', 'Exercise'), ('relapse_plan', 'Plan for return to use'), ('safety_plan', 'Safety plan')], max_length=20)),
                ('of', models.UUIDField(editable=False)),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('ready_at', models.DateTimeField(editable=False, null=True)),
                ('pages', models.PositiveSmallIntegerField(editable=False, null=True)),
                ('body', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('asked_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('job', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.job')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['clinic', 'asked_by', 'of'], name='printout_asked'), models.Index(fields=['clinic', 'asked_at'], name='printout_kept')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_printout_clinic_id'), clinics.tenancy.SameClinic('client', name='printout_client_same_clinic'), clinics.tenancy.SameClinic('job', name='printout_job_same_clinic'), models.CheckConstraint(condition=models.Q(models.Q(('body__isnull', True), ('pages__isnull', True), ('ready_at__isnull', True)), models.Q(('body__isnull', False), ('pages__isnull', False), ('ready_at__isnull', False)), _connector='OR'), name='printout_ready_has_body')],
            },
        ),
        *clinics.tenancy.owned_table("clients_printout", trail=True),
    ]

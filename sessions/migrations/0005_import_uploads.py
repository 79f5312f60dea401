"""Files on their way into the practice room: kept encrypted, in pieces, until their job has read them."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import clinics.fields
import clinics.tenancy
from clinics.tenancy import owned_table


class Migration(migrations.Migration):

    dependencies = [
        ('clinical_sessions', '0004_signed_rulers'),
        ('clinics', '0004_seal_epochs'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ImportUpload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('source_format', models.CharField(max_length=20)),
                ('file_name', models.CharField(max_length=120)),
                ('size', models.PositiveIntegerField(help_text='Bytes')),
                ('uploaded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('uploaded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-id',),
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ImportUploadPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.PositiveIntegerField()),
                ('content', clinics.fields.EncryptedTextField(kind='record')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('upload', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinical_sessions.importupload')),
            ],
            options={
                'ordering': ('upload', 'seq'),
                'abstract': False,
            },
        ),
        migrations.AddConstraint(
            model_name='importupload',
            constraint=models.UniqueConstraint(fields=('clinic', 'id'), name='clinical_sessions_importupload_clinic_id'),
        ),
        migrations.AddConstraint(
            model_name='importuploadpart',
            constraint=models.UniqueConstraint(fields=('clinic', 'id'), name='clinical_sessions_importuploadpart_clinic_id'),
        ),
        migrations.AddConstraint(
            model_name='importuploadpart',
            constraint=models.UniqueConstraint(fields=('clinic', 'upload', 'seq'), name='import_upload_part_seq'),
        ),
        migrations.AddConstraint(
            model_name='importuploadpart',
            constraint=clinics.tenancy.SameClinic('upload', name='import_upload_part_upload_same_clinic'),
        ),
        *owned_table("clinical_sessions_importupload", trail=True),
        *owned_table("clinical_sessions_importuploadpart", trail=True),
    ]

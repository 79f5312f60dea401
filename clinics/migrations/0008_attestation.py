"""That a clinic may use an instrument whose questions are somebody's property."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from clinics.tenancy import owned_table


class Migration(migrations.Migration):

    dependencies = [
        ('clinics', '0007_payer_rights'),
    ]

    operations = [
        migrations.CreateModel(
            name='InstrumentAttestation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('key', models.SlugField(max_length=60)),
                ('statement', models.CharField(max_length=400)),
                ('wording', models.JSONField(blank=True, default=dict)),
                ('attested_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('withdrawn_at', models.DateTimeField(editable=False, null=True)),
                ('attested_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clinics_instrumentattestation_clinic_id'), models.UniqueConstraint(condition=models.Q(('withdrawn_at__isnull', True)), fields=('clinic', 'key'), name='instrument_attestation_once')],
            },
        ),
        *owned_table("clinics_instrumentattestation"),
    ]

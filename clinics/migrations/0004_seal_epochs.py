"""A seal says how far it reaches: in a restored cluster transaction ids start over, and only row ids still tell."""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clinics', '0003_trail_and_locks'),
    ]

    operations = [
        migrations.AddField(
            model_name='auditseal',
            name='last_id',
            field=models.BigIntegerField(db_default=0, help_text='Highest key of an event covered so far'),
        ),
        migrations.AddField(
            model_name='auditseal',
            name='floor_id',
            field=models.BigIntegerField(db_default=0, help_text='Events up to this key belong to epochs before'),
        ),
        # A few kilobytes for the whole trail: rows are appended in the order of their time.
        migrations.AddIndex(
            model_name='auditevent',
            index=django.contrib.postgres.indexes.BrinIndex(fields=['at'], name='audit_event_at'),
        ),
    ]

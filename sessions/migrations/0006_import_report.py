"""What an import found and did, kept with its batch."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('clinical_sessions', '0005_import_uploads')]

    operations = [
        migrations.AddField(
            model_name='importbatch',
            name='report',
            field=models.JSONField(db_default={}, default=dict, editable=False, help_text='Counts and findings; references only, no words'),
        ),
    ]

"""Whether what a member writes as an author is co-signed."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clinics', '0008_attestation'),
    ]

    operations = [
        migrations.AddField(
            model_name='membership',
            name='needs_cosign',
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]

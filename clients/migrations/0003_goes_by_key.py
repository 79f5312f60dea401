from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Find a person by the name they go by: its key beside those of family and given name."""

    atomic = False

    dependencies = [
        ("clients", "0002_isolation"),
    ]

    operations = [
        migrations.AddField(
            model_name="client",
            name="goes_by_key",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=160),
        ),
        AddIndexConcurrently(
            model_name="client",
            index=models.Index(fields=["clinic", "goes_by_key"], name="client_goes_by_key"),
        ),
    ]

"""How soon somebody is to be seen, what they want to change and where, how an attempt was made, what came of naloxone."""

import django.db.models.deletion
from django.db import migrations, models

import clinics.tenancy


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0014_concern_answers'),
        ('clinics', '0009_cosign'),
    ]

    operations = [
        migrations.AddField(
            model_name='contactattempt',
            name='by_safe_way',
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddField(
            model_name='contactattempt',
            name='seconds',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='inquiry',
            name='change_target',
            field=models.CharField(blank=True, choices=[('substance', 'Substance use'), ('mental_health', 'Mental health'), ('health_behaviour', 'Health'), ('chronic_condition', 'A long-term condition'), ('adolescent_behaviour', 'Adolescent behavior'), ('justice_reintegration', 'Life after justice involvement'), ('workplace_eap', 'Work'), ('other', 'Something else')], db_default='', default='', max_length=24),
        ),
        migrations.AddField(
            model_name='inquiry',
            name='program',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.program'),
        ),
        migrations.AddField(
            model_name='inquiry',
            name='triage',
            field=models.CharField(blank=True, choices=[('urgent', 'Urgent'), ('routine', 'Routine')], db_default='', default='', max_length=8),
        ),
        migrations.AddField(
            model_name='safetyconcern',
            name='naloxone',
            field=models.CharField(blank=True, choices=[('taken', 'Offered, and they took it'), ('declined', 'Offered, and they said no'), ('has_it', 'They have it already'), ('not_offered', 'Not offered')], db_default='', default='', max_length=12),
        ),
        migrations.AddConstraint(
            model_name='inquiry',
            constraint=clinics.tenancy.SameClinic('program', name='inquiry_program_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='safetyconcern',
            constraint=models.CheckConstraint(condition=models.Q(('naloxone', ''), ('reviewed_at__isnull', False), _connector='OR'), name='safety_naloxone_of_review'),
        ),
    ]

from django.db import migrations

from clinics.tenancy import owned_table


class Migration(migrations.Migration):

    dependencies = [
        ('clinical_sessions', '0001_tables'),
    ]

    operations = [
        *owned_table("clinical_sessions_practiceset"),
        *owned_table("clinical_sessions_codedline"),
        *owned_table("clinical_sessions_utterancecode"),
        *owned_table("clinical_sessions_therapysession", trail=True),
        *owned_table("clinical_sessions_progressnote", trail=True),
        *owned_table("clinical_sessions_notesignature", trail=True),
        *owned_table("clinical_sessions_addendum", trail=True),
        *owned_table("clinical_sessions_importbatch", trail=True),
        *owned_table("clinical_sessions_transcript", trail=True),
        *owned_table("clinical_sessions_utterance", trail=True),
        *owned_table("clinical_sessions_segment", trail=True),
        *owned_table("clinical_sessions_coding", trail=True),
        *owned_table("clinical_sessions_rating", trail=True),
        *owned_table("clinical_sessions_scoreresult", trail=True),
    ]

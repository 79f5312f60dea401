"""Every table with rows of a clinic shows and takes only those of the clinic that is entered."""

from django.db import migrations

from clinics.tenancy import owned_table

# What holds client data: each statement that changes it is in the audit trail too.
RECORDED = [
    "clinical_sessions_therapysession",
    "clinical_sessions_progressnote",
    "clinical_sessions_notesignature",
    "clinical_sessions_addendum",
    "clinical_sessions_importbatch",
    "clinical_sessions_transcript",
    "clinical_sessions_utterance",
    "clinical_sessions_segment",
    "clinical_sessions_coding",
    "clinical_sessions_rating",
    "clinical_sessions_scoreresult",
    "clinical_sessions_importupload",
    "clinical_sessions_importuploadpart",
]
TABLES = [
    "clinical_sessions_practiceset",
    "clinical_sessions_codedline",
    "clinical_sessions_utterancecode",
]


class Migration(migrations.Migration):

    replaces = [('clinical_sessions', '0002_isolation'), ('clinical_sessions', '0005_import_uploads')]

    dependencies = [
        ('clinical_sessions', '0001_schema'),
    ]

    operations = [
        *(operation for table in RECORDED for operation in owned_table(table, trail=True)),
        *(operation for table in TABLES for operation in owned_table(table)),
    ]

from django.db import migrations

import clinics.tenancy
from clinics.tenancy import owned_table


class Migration(migrations.Migration):

    dependencies = [
        ('clinical_sessions', '0001_tables'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='notesignature',
            constraint=clinics.tenancy.SameClinic('note', name='note_signature_note_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='addendum',
            constraint=clinics.tenancy.SameClinic('note', name='addendum_note_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='rating',
            constraint=clinics.tenancy.SameClinic('coding', name='rating_coding_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='scoreresult',
            constraint=clinics.tenancy.SameClinic('coding', name='score_result_coding_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='scoreresult',
            constraint=clinics.tenancy.SameClinic('threshold_set', name='score_result_threshold_set_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='therapysession',
            constraint=clinics.tenancy.SameClinic('client', name='therapy_session_client_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='therapysession',
            constraint=clinics.tenancy.SameClinic('appointment', name='therapy_session_appointment_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='progressnote',
            constraint=clinics.tenancy.SameClinic('client', name='progress_note_client_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='progressnote',
            constraint=clinics.tenancy.SameClinic('session', name='progress_note_session_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='transcript',
            constraint=clinics.tenancy.SameClinic('session', name='transcript_session_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='transcript',
            constraint=clinics.tenancy.SameClinic('practice_set', name='transcript_practice_set_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='transcript',
            constraint=clinics.tenancy.SameClinic('import_batch', name='transcript_import_batch_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='segment',
            constraint=clinics.tenancy.SameClinic('transcript', name='segment_transcript_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='coding',
            constraint=clinics.tenancy.SameClinic('segment', name='coding_segment_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='coding',
            constraint=clinics.tenancy.SameClinic('transcript', name='coding_transcript_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='coding',
            constraint=clinics.tenancy.SameClinic('instrument', name='coding_instrument_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='coding',
            constraint=clinics.tenancy.SameClinic('change_target', name='coding_change_target_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='coding',
            constraint=clinics.tenancy.SameClinic('supersedes', name='coding_supersedes_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='coding',
            constraint=clinics.tenancy.SameClinic('practice_set', name='coding_practice_set_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='utterance',
            constraint=clinics.tenancy.SameClinic('transcript', name='utterance_transcript_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='codedline',
            constraint=clinics.tenancy.SameClinic('coding', name='coded_line_coding_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='codedline',
            constraint=clinics.tenancy.SameClinic('utterance', name='coded_line_utterance_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='utterancecode',
            constraint=clinics.tenancy.SameClinic('coding', name='utterance_code_coding_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='utterancecode',
            constraint=clinics.tenancy.SameClinic('utterance', name='utterance_code_utterance_same_clinic'),
        ),
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

import uuid

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import clinics.fields
import clinics.tenancy
from clinics.schema import CreateTables


class Migration(migrations.Migration):

    replaces = [
        ('clinical_sessions', '0001_tables'),
        ('clinical_sessions', '0002_isolation'),
        ('clinical_sessions', '0003_locks'),
        ('clinical_sessions', '0004_signed_rulers'),
        ('clinical_sessions', '0005_import_uploads'),
        ('clinical_sessions', '0006_import_report'),
        ('clinical_sessions', '0007_locks_both_ways'),
        ('clinical_sessions', '0008_attended_while_recorded'),
        ('clinical_sessions', '0009_rulers_keep_words'),
    ]

    initial = True

    dependencies = [
        ('clients', '0001_schema'),
        ('clinics', '0003_trail'),
    ]

    operations = [
        CreateTables([
            migrations.CreateModel(
                name='ImportBatch',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('source_format', models.CharField(max_length=20)),
                    ('file_name', models.CharField(max_length=120)),
                    ('file_hash', models.CharField(max_length=64)),
                    ('rows_read', models.PositiveIntegerField(default=0)),
                    ('rows_skipped', models.PositiveIntegerField(default=0)),
                    ('report', models.JSONField(db_default={}, default=dict, editable=False, help_text='Counts and findings; references only, no words')),
                    ('imported_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('imported_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ('undone_at', models.DateTimeField(null=True)),
                    ('undone_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ('-id',),
                    'abstract': False,
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clinical_sessions_importbatch_clinic_id')],
                },
            ),
            migrations.CreateModel(
                name='PracticeSet',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('key', models.SlugField(max_length=60)),
                    ('name', models.CharField(max_length=120)),
                ],
                options={
                    'ordering': ('name',),
                    'abstract': False,
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clinical_sessions_practiceset_clinic_id'), models.UniqueConstraint(fields=('clinic', 'key'), name='practice_set_key')],
                },
            ),
            migrations.CreateModel(
                name='TherapySession',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                    ('appointment', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.appointment')),
                    ('therapist', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('service_on', models.DateField()),
                    ('started_at', models.DateTimeField()),
                    ('duration_min', models.PositiveSmallIntegerField()),
                    ('session_format', models.CharField(choices=[('individual', 'Individual'), ('family', 'Family'), ('phone', 'Phone'), ('video', 'Video')], default='individual', max_length=12)),
                    ('mi_pct', models.PositiveSmallIntegerField(default=100)),
                    ('cbt_pct', models.PositiveSmallIntegerField(default=0)),
                    ('dbt_pct', models.PositiveSmallIntegerField(default=0)),
                    ('other_pct', models.PositiveSmallIntegerField(default=0)),
                    ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ('version', models.PositiveIntegerField(default=1, editable=False)),
                ],
                options={
                    'ordering': ('-started_at', '-id'),
                    'abstract': False,
                    'indexes': [models.Index(fields=['clinic', '-started_at', '-id'], name='therapy_session_newest'), models.Index(fields=['clinic', 'therapist', '-started_at', '-id'], name='therapy_session_therapist'), models.Index(fields=['clinic', 'client', '-started_at'], name='therapy_session_client')],
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clinical_sessions_therapysession_clinic_id'), models.UniqueConstraint(fields=('clinic', 'appointment'), name='therapy_session_one_per_appointment'), clinics.tenancy.SameClinic('client', name='therapy_session_client_same_clinic'), clinics.tenancy.SameClinic('appointment', name='therapy_session_appointment_same_clinic'), models.CheckConstraint(condition=models.Q(('mi_pct', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.Value(100), '-', models.F('cbt_pct')), '-', models.F('dbt_pct')), '-', models.F('other_pct')))), name='therapy_session_mix_is_whole'), models.CheckConstraint(condition=models.Q(('duration_min__gte', 1), ('duration_min__lte', 600)), name='therapy_session_minutes_in_range')],
                },
            ),
            migrations.CreateModel(
                name='ProgressNote',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                    ('session', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinical_sessions.therapysession')),
                    ('author', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('body', clinics.fields.EncryptedTextField(kind='record')),
                    ('state', models.CharField(choices=[('draft', 'Draft'), ('locked', 'Signed')], default='draft', max_length=10)),
                    ('content_hash', models.CharField(blank=True, editable=False, max_length=64)),
                    ('signed_at', models.DateTimeField(editable=False, null=True)),
                    ('late_entry', models.BooleanField(default=False, editable=False)),
                    ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ('version', models.PositiveIntegerField(default=1, editable=False)),
                ],
                options={
                    'abstract': False,
                    'indexes': [models.Index(fields=['clinic', 'author', 'state'], name='progress_note_author'), models.Index(fields=['clinic', 'client'], name='progress_note_client')],
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clinical_sessions_progressnote_clinic_id'), models.UniqueConstraint(fields=('clinic', 'session'), name='progress_note_one_per_session'), clinics.tenancy.SameClinic('client', name='progress_note_client_same_clinic'), clinics.tenancy.SameClinic('session', name='progress_note_session_same_clinic'), models.CheckConstraint(condition=models.Q(models.Q(('content_hash', ''), ('signed_at__isnull', True), ('state', 'draft')), models.Q(('signed_at__isnull', False), ('state', 'locked'), models.Q(('content_hash', ''), _negated=True)), _connector='OR'), name='progress_note_signed_whole')],
                },
            ),
            migrations.CreateModel(
                name='NoteSignature',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('note', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='clinical_sessions.progressnote')),
                    ('signer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('capacity', models.CharField(choices=[('author', 'Author'), ('cosigner', 'Co-signer')], max_length=10)),
                    ('printed_name', models.CharField(max_length=200)),
                    ('content_hash', models.CharField(max_length=64)),
                    ('signed_at', models.DateTimeField()),
                ],
                options={
                    'abstract': False,
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clinical_sessions_notesignature_clinic_id'), models.UniqueConstraint(fields=('clinic', 'note', 'capacity'), name='note_signature_capacity'), clinics.tenancy.SameClinic('note', name='note_signature_note_same_clinic')],
                },
            ),
            migrations.CreateModel(
                name='Addendum',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('note', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='addenda', to='clinical_sessions.progressnote')),
                    ('author', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('kind', models.CharField(choices=[('late_entry', 'Late entry'), ('correction', 'Correction'), ('more', 'Further information')], max_length=12)),
                    ('body', clinics.fields.EncryptedTextField(kind='record')),
                    ('content_hash', models.CharField(max_length=64)),
                    ('signed_at', models.DateTimeField()),
                ],
                options={
                    'ordering': ('id',),
                    'abstract': False,
                    'indexes': [models.Index(fields=['clinic', 'note'], name='addendum_note')],
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clinical_sessions_addendum_clinic_id'), clinics.tenancy.SameClinic('note', name='addendum_note_same_clinic')],
                },
            ),
            migrations.CreateModel(
                name='Transcript',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('session', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinical_sessions.therapysession')),
                    ('practice_set', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinical_sessions.practiceset')),
                    ('import_batch', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinical_sessions.importbatch')),
                    ('therapist', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('source_key', models.CharField(blank=True, help_text="The source's own id of the transcript", max_length=60)),
                    ('title', clinics.fields.EncryptedTextField(kind='record', null=True)),
                    ('topic', clinics.fields.EncryptedTextField(kind='record', null=True)),
                    ('group_key', models.CharField(blank=True, help_text='Same for transcripts of one recording', max_length=64)),
                    ('quality', models.CharField(blank=True, max_length=10)),
                    ('timed', models.BooleanField(default=False)),
                    ('line_count', models.PositiveIntegerField(default=0)),
                    ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ],
                options={
                    'ordering': ('-id',),
                    'abstract': False,
                    'indexes': [models.Index(fields=['clinic', 'session'], name='transcript_session'), models.Index(fields=['clinic', 'import_batch'], name='transcript_batch')],
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clinical_sessions_transcript_clinic_id'), models.CheckConstraint(condition=models.Q(models.Q(('practice_set__isnull', True), ('session__isnull', False)), models.Q(('practice_set__isnull', False), ('session__isnull', True)), _connector='OR'), name='transcript_session_or_practice'), models.UniqueConstraint(condition=models.Q(('practice_set__isnull', False)), fields=('clinic', 'practice_set', 'source_key'), name='transcript_source_once'), clinics.tenancy.SameClinic('session', name='transcript_session_same_clinic'), clinics.tenancy.SameClinic('practice_set', name='transcript_practice_set_same_clinic'), clinics.tenancy.SameClinic('import_batch', name='transcript_import_batch_same_clinic')],
                },
            ),
            migrations.CreateModel(
                name='Segment',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('transcript', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinical_sessions.transcript')),
                    ('first_seq', models.PositiveIntegerField()),
                    ('last_seq', models.PositiveIntegerField()),
                    ('selection', models.CharField(choices=[('random', 'Drawn at random'), ('whole', 'Whole transcript'), ('supervisor', 'Chosen by the supervisor'), ('self', 'Chosen by the therapist')], max_length=12)),
                    ('seed', models.BigIntegerField(null=True)),
                ],
                options={
                    'abstract': False,
                    'indexes': [models.Index(fields=['clinic', 'transcript'], name='segment_transcript')],
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clinical_sessions_segment_clinic_id'), clinics.tenancy.SameClinic('transcript', name='segment_transcript_same_clinic'), models.CheckConstraint(condition=models.Q(('last_seq__gte', models.F('first_seq'))), name='segment_ends_after_start')],
                },
            ),
            migrations.CreateModel(
                name='Coding',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('segment', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinical_sessions.segment')),
                    ('transcript', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinical_sessions.transcript')),
                    ('instrument', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.instrumentversion')),
                    ('coder', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('external_coder', models.CharField(blank=True, help_text="The source's own id of the coder", max_length=60)),
                    ('coder_role', models.CharField(choices=[('self', 'Self'), ('coder', 'Coder'), ('supervisor', 'Supervisor'), ('consensus', 'Consensus')], max_length=12)),
                    ('state', models.CharField(choices=[('draft', 'Draft'), ('submitted', 'Submitted for a second look'), ('locked', 'Locked')], default='draft', max_length=10)),
                    ('change_target', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.changetarget')),
                    ('supersedes', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinical_sessions.coding')),
                    ('therapist', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('practice_set', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinical_sessions.practiceset')),
                    ('service_on', models.DateField(help_text='Date of the session, for rollups; null in the practice room', null=True)),
                    ('locked_at', models.DateTimeField(null=True)),
                    ('locked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ('version', models.PositiveIntegerField(default=1, editable=False)),
                ],
                options={
                    'ordering': ('-id',),
                    'abstract': False,
                    'indexes': [models.Index(fields=['clinic', 'transcript'], name='coding_transcript'), models.Index(fields=['clinic', 'segment'], name='coding_segment'), models.Index(fields=['clinic', 'state', 'therapist', 'service_on'], name='coding_rollup'), models.Index(fields=['clinic', 'practice_set'], name='coding_practice_set'), models.Index(fields=['clinic', 'coder', 'state'], name='coding_coder')],
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clinical_sessions_coding_clinic_id'), clinics.tenancy.SameClinic('segment', name='coding_segment_same_clinic'), clinics.tenancy.SameClinic('transcript', name='coding_transcript_same_clinic'), clinics.tenancy.SameClinic('instrument', name='coding_instrument_same_clinic'), clinics.tenancy.SameClinic('change_target', name='coding_change_target_same_clinic'), clinics.tenancy.SameClinic('supersedes', name='coding_supersedes_same_clinic'), clinics.tenancy.SameClinic('practice_set', name='coding_practice_set_same_clinic'), models.CheckConstraint(condition=models.Q(models.Q(('coder__isnull', False), ('external_coder', '')), models.Q(('coder__isnull', True), models.Q(('external_coder', ''), _negated=True)), _connector='OR'), name='coding_one_coder'), models.CheckConstraint(condition=models.Q(models.Q(('locked_at__isnull', False), ('state', 'locked')), models.Q(models.Q(('state', 'locked'), _negated=True), ('locked_at__isnull', True)), _connector='OR'), name='coding_locked_has_time'), models.CheckConstraint(condition=models.Q(models.Q(('practice_set__isnull', False), ('service_on__isnull', True), ('therapist__isnull', True)), models.Q(('practice_set__isnull', True), ('service_on__isnull', False), ('therapist__isnull', False)), _connector='OR'), name='coding_clinical_or_practice'), models.UniqueConstraint(condition=models.Q(('external_coder', ''), _negated=True), fields=('clinic', 'segment', 'instrument', 'external_coder'), name='coding_external_coder_once')],
                },
            ),
            migrations.CreateModel(
                name='Rating',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('coding', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinical_sessions.coding')),
                    ('item_key', models.CharField(max_length=40)),
                    ('value', models.DecimalField(decimal_places=2, max_digits=8, null=True)),
                    ('na_reason', models.CharField(blank=True, max_length=40)),
                ],
                options={
                    'abstract': False,
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clinical_sessions_rating_clinic_id'), models.UniqueConstraint(fields=('clinic', 'coding', 'item_key'), name='rating_item_once'), clinics.tenancy.SameClinic('coding', name='rating_coding_same_clinic')],
                },
            ),
            migrations.CreateModel(
                name='ScoreResult',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('coding', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinical_sessions.coding')),
                    ('score_key', models.CharField(max_length=40)),
                    ('numerator', models.BigIntegerField(null=True)),
                    ('denominator', models.BigIntegerField(null=True)),
                    ('value', models.DecimalField(decimal_places=15, max_digits=30, null=True)),
                    ('band', models.CharField(max_length=16)),
                    ('reason', models.CharField(blank=True, max_length=24)),
                    ('threshold_set', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.thresholdset')),
                    ('engine_version', models.CharField(max_length=12)),
                    ('computed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ],
                options={
                    'abstract': False,
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clinical_sessions_scoreresult_clinic_id'), models.UniqueConstraint(fields=('clinic', 'coding', 'score_key'), name='score_result_once'), clinics.tenancy.SameClinic('coding', name='score_result_coding_same_clinic'), clinics.tenancy.SameClinic('threshold_set', name='score_result_threshold_set_same_clinic'), models.CheckConstraint(condition=models.Q(models.Q(('value__isnull', True), models.Q(('reason', ''), _negated=True)), models.Q(('reason', ''), ('value__isnull', False)), _connector='OR'), name='score_result_value_or_reason')],
                },
            ),
            migrations.CreateModel(
                name='Utterance',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('transcript', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinical_sessions.transcript')),
                    ('seq', models.PositiveIntegerField()),
                    ('speaker', models.CharField(choices=[('therapist', 'Therapist'), ('client', 'Client')], max_length=10)),
                    ('start_ms', models.PositiveIntegerField(null=True)),
                    ('end_ms', models.PositiveIntegerField(null=True)),
                    ('text', clinics.fields.EncryptedTextField(kind='record')),
                ],
                options={
                    'ordering': ('transcript', 'seq'),
                    'abstract': False,
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clinical_sessions_utterance_clinic_id'), models.UniqueConstraint(fields=('clinic', 'transcript', 'seq'), name='utterance_seq'), clinics.tenancy.SameClinic('transcript', name='utterance_transcript_same_clinic')],
                },
            ),
            migrations.CreateModel(
                name='CodedLine',
                fields=[
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('pk', models.CompositePrimaryKey('clinic_id', 'coding_id', 'utterance_id', blank=True, editable=False, primary_key=True, serialize=False)),
                    ('coding', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinical_sessions.coding')),
                    ('utterance', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinical_sessions.utterance')),
                    ('breaks_volley', models.BooleanField(null=True)),
                ],
                options={
                    'constraints': [clinics.tenancy.SameClinic('coding', name='coded_line_coding_same_clinic'), clinics.tenancy.SameClinic('utterance', name='coded_line_utterance_same_clinic')],
                },
            ),
            migrations.CreateModel(
                name='UtteranceCode',
                fields=[
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('pk', models.CompositePrimaryKey('clinic_id', 'coding_id', 'utterance_id', 'slot', 'item_key', blank=True, editable=False, primary_key=True, serialize=False)),
                    ('coding', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinical_sessions.coding')),
                    ('utterance', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinical_sessions.utterance')),
                    ('slot', models.CharField(max_length=40)),
                    ('item_key', models.CharField(max_length=40)),
                ],
                options={
                    'constraints': [clinics.tenancy.SameClinic('coding', name='utterance_code_coding_same_clinic'), clinics.tenancy.SameClinic('utterance', name='utterance_code_utterance_same_clinic')],
                },
            ),
            migrations.CreateModel(
                name='ImportUpload',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('source_format', models.CharField(max_length=20)),
                    ('file_name', models.CharField(max_length=120)),
                    ('size', models.PositiveIntegerField(help_text='Bytes')),
                    ('uploaded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('uploaded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ],
                options={
                    'ordering': ('-id',),
                    'abstract': False,
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clinical_sessions_importupload_clinic_id')],
                },
            ),
            migrations.CreateModel(
                name='ImportUploadPart',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('upload', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinical_sessions.importupload')),
                    ('seq', models.PositiveIntegerField()),
                    ('content', clinics.fields.EncryptedTextField(kind='record')),
                ],
                options={
                    'ordering': ('upload', 'seq'),
                    'abstract': False,
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clinical_sessions_importuploadpart_clinic_id'), models.UniqueConstraint(fields=('clinic', 'upload', 'seq'), name='import_upload_part_seq'), clinics.tenancy.SameClinic('upload', name='import_upload_part_upload_same_clinic')],
                },
            ),
        ]),
    ]

import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import clinics.fields
import clinics.models.people
import clinics.models.trail
import clinics.tenancy
from clinics.schema import CreateTables


class Migration(migrations.Migration):

    replaces = [
        ('clinics', '0001_tables'),
        ('clinics', '0002_isolation'),
        ('clinics', '0003_trail_and_locks'),
        ('clinics', '0004_seal_epochs'),
        ('clinics', '0005_instrument_right'),
        ('clinics', '0006_admission_rights'),
        ('clinics', '0007_payer_rights'),
        ('clinics', '0008_attestation'),
        ('clinics', '0009_cosign'),
    ]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        CreateTables([
            migrations.CreateModel(
                name='Clinic',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('slug', models.SlugField(max_length=40, unique=True)),
                    ('name', models.CharField(max_length=120)),
                    ('initials', models.CharField(max_length=3)),
                    ('colour', models.CharField(choices=[('pine', 'Pine'), ('plum', 'Plum'), ('sea', 'Sea'), ('clay', 'Clay'), ('moss', 'Moss'), ('slate', 'Slate')], default='pine', max_length=10)),
                    ('reference_prefix', models.CharField(max_length=4, validators=[django.core.validators.RegexValidator('^[A-Z]{2,4}$', 'Write two to four capital letters.')])),
                    ('time_zone', models.CharField(default='America/Chicago', max_length=60, validators=[clinics.models.people.validate_time_zone])),
                    ('person_word', models.CharField(choices=[('person', 'person'), ('client', 'client'), ('patient', 'patient')], default='person', max_length=10)),
                    ('words_per_minute', models.PositiveSmallIntegerField(default=150)),
                    ('is_active', models.BooleanField(default=True)),
                    ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ],
                options={
                    'ordering': ('name',),
                    'permissions': [('view_client', 'See name, contact and demographics'), ('change_client', 'Change name, contact and demographics'), ('view_inquiry', 'See inquiries, attempts, payer, screening'), ('change_inquiry', 'Log and change inquiries'), ('change_mandate', 'Write down mandates'), ('check_benefits', 'Ask a payer what it covers, with consent'), ('merge_client', 'Merge duplicate records'), ('undo_merge', 'Undo a merge'), ('view_appointment', 'See appointments and attendance'), ('change_appointment', 'Book and record attendance'), ('correct_appointment', 'Correct attendance in the admin'), ('view_assessment', 'Read pre-admission assessments'), ('write_assessment', 'Write and sign pre-admission assessments'), ('accept_inquiry', 'Accept a person for admission'), ('admit_client', 'Admit to an episode of care'), ('undo_admission', 'Take an admission back'), ('discharge_client', 'Close an episode of care'), ('reassign_client', 'Reassign staff of an episode'), ('view_measure_level', 'See the level of a measure'), ('view_measure', 'See answers to measures'), ('add_measure', 'Record answers to measures'), ('view_safety', 'See a safety flag and its task'), ('resolve_safety', 'Resolve a safety flag'), ('view_plan', 'See plan, targets, rulers, exercises'), ('change_plan', 'Write plan, targets, rulers, exercises'), ('sign_plan', 'Sign a treatment plan'), ('view_note', 'Read progress notes'), ('write_note', 'Write and sign own progress notes'), ('cosign_note', 'Co-sign or return a progress note'), ('write_counselling_note', 'Write and read own counselling notes'), ('view_transcript', 'Read transcripts'), ('change_transcript', 'Attach transcripts'), ('view_coding', 'See codings and scores'), ('change_coding', 'Code a segment'), ('release_coding', 'Release a coding to the therapist'), ('view_fidelity', 'See fidelity by therapist'), ('view_clinic_fidelity', "See the clinic's fidelity, no names"), ('view_practice', 'Work in the practice room'), ('import_practice', 'Import transcripts into the practice room'), ('view_coded_count', 'See how many segments are coded'), ('view_engagement', 'See funnel and engagement'), ('view_consent', 'See consents'), ('capture_consent', 'Record consents'), ('hold_consent', 'Put a consent on hold, or let it go on'), ('decide_restriction', "Decide what is kept back at a person's wish"), ('disclose_record', 'Disclose or export a record'), ('disclose_any_basis', 'Disclose without consent where the law permits it'), ('view_disclosure', 'See the accounting of disclosures'), ('use_break_glass', "Open a record outside one's reach in need"), ('review_break_glass', 'Review break-glass access'), ('view_audit', 'Search the audit trail'), ('view_own_access', 'See who looked at me'), ('manage_people', 'Manage people and memberships'), ('manage_programs', 'Manage programs'), ('view_instrument', 'See instruments and what they score'), ('manage_instruments', 'Manage instruments and thresholds'), ('manage_tokens', 'Create and revoke API tokens'), ('view_job', 'See jobs and retry them')],
                },
            ),
            migrations.CreateModel(
                name='User',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('password', models.CharField(max_length=128, verbose_name='password')),
                    ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                    ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                    ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('email', models.EmailField(max_length=254, unique=True)),
                    ('name', models.CharField(max_length=120)),
                    ('credentials', models.CharField(blank=True, help_text='Printed beside a signature, such as LCSW', max_length=60)),
                    ('is_active', models.BooleanField(default=True)),
                    ('access_version', models.PositiveIntegerField(default=1, editable=False)),
                    ('date_joined', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                    ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='user_email_ci')],
                },
            ),
            migrations.CreateModel(
                name='AccountEvent',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('event', models.CharField(max_length=60)),
                    ('address', models.GenericIPAddressField(null=True)),
                    ('request_id', models.UUIDField(null=True)),
                    ('detail', models.JSONField(default=dict)),
                ],
                options={
                    'ordering': ('-id',),
                    'indexes': [models.Index(fields=['user', '-id'], name='account_event_user')],
                },
            ),
            migrations.CreateModel(
                name='AuditSeal',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('upto', clinics.fields.TransactionIdField()),
                    ('last_id', models.BigIntegerField(db_default=0, help_text='Highest key of an event covered so far')),
                    ('floor_id', models.BigIntegerField(db_default=0, help_text='Events up to this key belong to epochs before')),
                    ('events', models.PositiveIntegerField()),
                    ('digest', models.BinaryField(max_length=32)),
                    ('previous', models.BinaryField(max_length=32)),
                    ('system_identifier', models.CharField(max_length=32)),
                    ('sealed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ],
                options={
                    'ordering': ('id',),
                    'abstract': False,
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clinics_auditseal_clinic_id'), models.UniqueConstraint(fields=('clinic', 'previous'), name='audit_seal_chain')],
                },
            ),
            migrations.CreateModel(
                name='AuditEvent',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('xid', clinics.fields.TransactionIdField(db_default=clinics.models.trail.PgCurrentXactId(), editable=False)),
                    ('at', models.DateTimeField(db_default=clinics.models.trail.ClockTimestamp(), editable=False)),
                    ('actor', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('role', models.CharField(blank=True, max_length=80)),
                    ('action', models.CharField(max_length=60)),
                    ('client_ref', models.BigIntegerField(help_text='Key of the client the event is about', null=True)),
                    ('object_type', models.CharField(blank=True, max_length=60)),
                    ('object_id', models.CharField(blank=True, max_length=64)),
                    ('request_id', models.UUIDField(null=True)),
                    ('purpose', models.CharField(blank=True, max_length=40)),
                    ('detail', models.JSONField(default=dict)),
                ],
                options={
                    'ordering': ('-id',),
                    'abstract': False,
                    'indexes': [models.Index(fields=['clinic', '-id'], name='audit_event_newest'), models.Index(fields=['clinic', 'actor', '-id'], name='audit_event_actor'), models.Index(fields=['clinic', 'client_ref', '-id'], name='audit_event_client'), models.Index(fields=['clinic', 'xid'], name='audit_event_xid'), django.contrib.postgres.indexes.BrinIndex(fields=['at'], name='audit_event_at')],
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clinics_auditevent_clinic_id')],
                },
            ),
            migrations.CreateModel(
                name='ApiToken',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('name', models.CharField(max_length=80)),
                    ('prefix', models.CharField(max_length=12)),
                    ('digest', models.BinaryField(max_length=32)),
                    ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), default=list, size=None)),
                    ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ('expires_at', models.DateTimeField()),
                    ('last_used_at', models.DateTimeField(null=True)),
                    ('revoked_at', models.DateTimeField(null=True)),
                ],
                options={
                    'ordering': ('-id',),
                    'abstract': False,
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clinics_apitoken_clinic_id'), models.UniqueConstraint(fields=('clinic', 'digest'), name='api_token_digest')],
                },
            ),
            migrations.CreateModel(
                name='ClinicKey',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('kind', models.CharField(max_length=20)),
                    ('version', models.PositiveSmallIntegerField()),
                    ('wrapped', models.BinaryField()),
                    ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ],
                options={
                    'abstract': False,
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clinics_clinickey_clinic_id'), models.UniqueConstraint(fields=('clinic', 'kind', 'version'), name='clinic_key_version')],
                },
            ),
            migrations.CreateModel(
                name='DirtyMark',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('kind', models.CharField(max_length=40)),
                    ('key', models.CharField(max_length=120)),
                    ('marked_at', models.DateTimeField(db_default=clinics.models.trail.ClockTimestamp(), editable=False)),
                ],
                options={
                    'abstract': False,
                    'indexes': [models.Index(fields=['clinic', 'kind', 'key'], name='dirty_mark_key')],
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clinics_dirtymark_clinic_id')],
                },
            ),
            migrations.CreateModel(
                name='Draft',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('key', models.CharField(max_length=120)),
                    ('body', clinics.fields.EncryptedTextField(kind='record')),
                    ('saved_at', models.DateTimeField(db_default=clinics.models.trail.ClockTimestamp())),
                ],
                options={
                    'abstract': False,
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clinics_draft_clinic_id'), models.UniqueConstraint(fields=('clinic', 'user', 'key'), name='draft_key')],
                },
            ),
            migrations.CreateModel(
                name='IdempotencyKey',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('key', models.CharField(max_length=100)),
                    ('route', models.CharField(max_length=200)),
                    ('body_hash', models.BinaryField(max_length=32)),
                    ('status', models.PositiveSmallIntegerField(null=True)),
                    ('object_id', models.CharField(blank=True, max_length=64)),
                    ('created_at', models.DateTimeField(db_default=clinics.models.trail.ClockTimestamp(), editable=False)),
                ],
                options={
                    'abstract': False,
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clinics_idempotencykey_clinic_id'), models.UniqueConstraint(fields=('clinic', 'user', 'key'), name='idempotency_key_once')],
                },
            ),
            migrations.CreateModel(
                name='InstrumentVersion',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('key', models.SlugField(max_length=60)),
                    ('instrument_version', models.CharField(max_length=20)),
                    ('name', models.CharField(max_length=120)),
                    ('kind', models.CharField(default='fidelity', max_length=20)),
                    ('origin', models.CharField(choices=[('shipped', 'Shipped with Evoke'), ('clinic', "This clinic's own")], max_length=10)),
                    ('status', models.CharField(choices=[('draft', 'Draft'), ('published', 'Published'), ('retired', 'Retired')], default='draft', max_length=10)),
                    ('definition', models.JSONField()),
                    ('definition_hash', models.CharField(max_length=64)),
                    ('licence_class', models.CharField(max_length=20)),
                    ('comparability_group', models.CharField(max_length=60)),
                    ('published_at', models.DateTimeField(null=True)),
                    ('published_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('retired_at', models.DateTimeField(null=True)),
                    ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ],
                options={
                    'ordering': ('key', 'instrument_version'),
                    'abstract': False,
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clinics_instrumentversion_clinic_id'), models.UniqueConstraint(fields=('clinic', 'key', 'instrument_version'), name='instrument_version_once'), models.CheckConstraint(condition=models.Q(models.Q(('published_at__isnull', True), ('status', 'draft')), models.Q(('published_at__isnull', False), ('status__in', ['published', 'retired'])), _connector='OR'), name='instrument_published_has_date')],
                },
            ),
            migrations.CreateModel(
                name='Invitation',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('email', models.EmailField(max_length=254)),
                    ('name', models.CharField(max_length=120)),
                    ('role', models.CharField(choices=[('coordinator', 'Admissions coordinator'), ('therapist', 'Therapist'), ('supervisor', 'Clinical supervisor'), ('coder', 'Coder'), ('privacy', 'Privacy officer'), ('administrator', 'Clinic administrator')], max_length=20)),
                    ('digest', models.BinaryField(max_length=32)),
                    ('invited_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('invited_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ('expires_at', models.DateTimeField()),
                    ('accepted_at', models.DateTimeField(editable=False, null=True)),
                    ('withdrawn_at', models.DateTimeField(editable=False, null=True)),
                ],
                options={
                    'abstract': False,
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clinics_invitation_clinic_id'), models.UniqueConstraint(fields=('clinic', 'digest'), name='invitation_digest')],
                },
            ),
            migrations.CreateModel(
                name='Job',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('kind', models.CharField(max_length=40)),
                    ('label', models.CharField(max_length=120)),
                    ('args', models.JSONField(default=dict, help_text='References only')),
                    ('state', models.CharField(choices=[('new', 'Waiting'), ('done', 'Done'), ('dead', 'Stopped')], default='new', max_length=10)),
                    ('attempts', models.PositiveSmallIntegerField(default=0)),
                    ('not_before', models.DateTimeField(db_default=clinics.models.trail.ClockTimestamp())),
                    ('claimed_at', models.DateTimeField(null=True)),
                    ('progress_done', models.PositiveIntegerField(default=0)),
                    ('progress_total', models.PositiveIntegerField(null=True)),
                    ('last_error', models.CharField(blank=True, max_length=200)),
                    ('result', models.JSONField(default=dict)),
                    ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ('finished_at', models.DateTimeField(null=True)),
                ],
                options={
                    'ordering': ('-id',),
                    'abstract': False,
                    'indexes': [models.Index(condition=models.Q(('state', 'new')), fields=['clinic', 'not_before'], name='job_waiting'), models.Index(fields=['clinic', '-id'], name='job_newest')],
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clinics_job_clinic_id'), models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', True), ('state', 'new')), models.Q(('finished_at__isnull', False), ('state__in', ['done', 'dead'])), _connector='OR'), name='job_finished_has_time')],
                },
            ),
            migrations.CreateModel(
                name='Membership',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='clinics.clinic')),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                    ('role', models.CharField(choices=[('coordinator', 'Admissions coordinator'), ('therapist', 'Therapist'), ('supervisor', 'Clinical supervisor'), ('coder', 'Coder'), ('privacy', 'Privacy officer'), ('administrator', 'Clinic administrator')], max_length=20)),
                    ('starts_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('ends_at', models.DateTimeField(blank=True, null=True)),
                    ('reason', models.CharField(blank=True, max_length=200)),
                    ('needs_cosign', models.BooleanField(db_default=False, default=False)),
                    ('added_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ('user__name', 'role'),
                    'constraints': [models.UniqueConstraint(condition=models.Q(('ends_at__isnull', True)), fields=('clinic', 'user', 'role'), name='membership_open_once'), models.CheckConstraint(condition=models.Q(('ends_at__isnull', True), ('ends_at__gt', models.F('starts_at')), _connector='OR'), name='membership_ends_after_start')],
                },
            ),
            migrations.CreateModel(
                name='Program',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('name', models.CharField(max_length=80)),
                    ('is_active', models.BooleanField(default=True)),
                ],
                options={
                    'ordering': ('name',),
                    'abstract': False,
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clinics_program_clinic_id'), models.UniqueConstraint(fields=('clinic', 'name'), name='program_name_per_clinic')],
                },
            ),
            migrations.CreateModel(
                name='ReferenceCounter',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('kind', models.CharField(max_length=20)),
                    ('last', models.PositiveIntegerField(default=0)),
                ],
                options={
                    'abstract': False,
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clinics_referencecounter_clinic_id'), models.UniqueConstraint(fields=('clinic', 'kind'), name='reference_counter_kind')],
                },
            ),
            migrations.CreateModel(
                name='Slot',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=60)),
                    ('slot_at', models.DateTimeField()),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('name', 'slot_at'), name='slot_once')],
                },
            ),
            migrations.CreateModel(
                name='Supervision',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('supervisor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('supervisee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('starts_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('ends_at', models.DateTimeField(blank=True, null=True)),
                ],
                options={
                    'abstract': False,
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clinics_supervision_clinic_id'), models.UniqueConstraint(condition=models.Q(('ends_at__isnull', True)), fields=('clinic', 'supervisor', 'supervisee'), name='supervision_open_once'), models.CheckConstraint(condition=models.Q(('supervisor', models.F('supervisee')), _negated=True), name='supervision_not_of_oneself')],
                },
            ),
            migrations.CreateModel(
                name='ThresholdSet',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('instrument', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='threshold_sets', to='clinics.instrumentversion')),
                    ('key', models.SlugField(max_length=60)),
                    ('label', models.CharField(max_length=120)),
                    ('source', models.CharField(max_length=200)),
                    ('is_official', models.BooleanField(default=False)),
                    ('thresholds', models.JSONField(help_text='{"r_to_q": {"fair": "1", "good": "2"}}')),
                    ('in_force', models.BooleanField(default=False)),
                    ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ],
                options={
                    'abstract': False,
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clinics_thresholdset_clinic_id'), models.UniqueConstraint(fields=('clinic', 'instrument', 'key'), name='threshold_set_key'), models.UniqueConstraint(condition=models.Q(('in_force', True)), fields=('clinic', 'instrument'), name='threshold_set_one_in_force'), clinics.tenancy.SameClinic('instrument', name='threshold_set_instrument_same_clinic')],
                },
            ),
            migrations.CreateModel(
                name='InstrumentAttestation',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                    ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('key', models.SlugField(max_length=60)),
                    ('statement', models.CharField(max_length=400)),
                    ('wording', models.JSONField(blank=True, default=dict)),
                    ('attested_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ('attested_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('withdrawn_at', models.DateTimeField(editable=False, null=True)),
                ],
                options={
                    'abstract': False,
                    'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clinics_instrumentattestation_clinic_id'), models.UniqueConstraint(condition=models.Q(('withdrawn_at__isnull', True)), fields=('clinic', 'key'), name='instrument_attestation_once')],
                },
            ),
        ]),
    ]

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import clients.rules.contact
import clinics.fields
import clinics.tenancy


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0003_goes_by_key'),
        ('clinics', '0005_instrument_right'),
        ('clinics', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Inquiry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('channel', models.CharField(choices=[('phone_inbound', 'Phone call'), ('phone_missed', 'Missed call'), ('web_form', 'Web form'), ('chat', 'Chat'), ('sms', 'Text message'), ('walk_in', 'Walk-in'), ('professional_referral', 'Professional referral'), ('court', 'Court'), ('eap', 'Employee assistance'), ('alumni_return', 'Returning after discharge')], max_length=24)),
                ('received_at', models.DateTimeField()),
                ('source', models.CharField(blank=True, choices=[('1', 'Themselves, family or a friend'), ('2', 'Substance use care provider'), ('3', 'Other health care provider'), ('4', 'School'), ('5', 'Employer or employee assistance'), ('6', 'Other community referral'), ('7', 'Court or justice system')], max_length=2)),
                ('source_name', models.CharField(blank=True, max_length=160)),
                ('relation', models.CharField(blank=True, choices=[('self', 'The person themselves'), ('parent', 'Parent'), ('spouse', 'Spouse or partner'), ('child', 'Child'), ('other_family', 'Other family'), ('friend', 'Friend'), ('employer', 'Employer'), ('clinician', 'Clinician'), ('lawyer', 'Lawyer'), ('court_officer', 'Court officer'), ('other', 'Somebody else')], max_length=16)),
                ('caller_name', models.CharField(blank=True, max_length=160)),
                ('phone', models.CharField(blank=True, max_length=16)),
                ('phone_extension', models.CharField(blank=True, max_length=8)),
                ('email', models.CharField(blank=True, max_length=254)),
                ('ok_to_call', models.CharField(choices=[(clients.rules.contact.Permission['YES'], 'Yes'), (clients.rules.contact.Permission['NO'], 'No'), (clients.rules.contact.Permission['NOT_ASKED'], 'Not asked')], default=clients.rules.contact.Permission['NOT_ASKED'], max_length=10)),
                ('ok_voicemail', models.CharField(choices=[(clients.rules.contact.Permission['YES'], 'Yes'), (clients.rules.contact.Permission['NO'], 'No'), (clients.rules.contact.Permission['NOT_ASKED'], 'Not asked')], default=clients.rules.contact.Permission['NOT_ASKED'], max_length=10)),
                ('ok_sms', models.CharField(choices=[(clients.rules.contact.Permission['YES'], 'Yes'), (clients.rules.contact.Permission['NO'], 'No'), (clients.rules.contact.Permission['NOT_ASKED'], 'Not asked')], default=clients.rules.contact.Permission['NOT_ASKED'], max_length=10)),
                ('ok_email', models.CharField(choices=[(clients.rules.contact.Permission['YES'], 'Yes'), (clients.rules.contact.Permission['NO'], 'No'), (clients.rules.contact.Permission['NOT_ASKED'], 'Not asked')], default=clients.rules.contact.Permission['NOT_ASKED'], max_length=10)),
                ('discreet_name', models.CharField(blank=True, max_length=80)),
                ('call_from', models.TimeField(blank=True, null=True)),
                ('call_until', models.TimeField(blank=True, null=True)),
                ('language', models.CharField(blank=True, max_length=40)),
                ('interpreter', models.BooleanField(default=False)),
                ('words', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('own_reasons', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('outside_pressure', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('substances', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), blank=True, default=list, size=None)),
                ('barriers', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), blank=True, default=list, size=None)),
                ('level_sought', models.CharField(blank=True, choices=[('outpatient', 'Outpatient'), ('intensive_outpatient', 'Intensive outpatient'), ('residential', 'Residential'), ('withdrawal', 'Withdrawal management'), ('unsure', 'Not sure yet')], max_length=24)),
                ('last_use', models.CharField(blank=True, choices=[('today', 'Today'), ('this_week', 'This week'), ('this_month', 'This month'), ('longer', 'Longer ago'), ('never', 'Never')], max_length=16)),
                ('importance', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('confidence', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('readiness', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('safety_answer', models.CharField(choices=[('no', 'No'), ('yes', 'Yes'), ('preferred_not_to_say', 'Preferred not to say'), ('not_asked', 'Not asked')], default='not_asked', max_length=20)),
                ('in_danger_now', models.BooleanField(default=False)),
                ('withdrawal_risk', models.BooleanField(default=False)),
                ('overdose_30_days', models.BooleanField(default=False)),
                ('gaps', models.JSONField(blank=True, default=dict)),
                ('status', models.CharField(choices=[('new', 'New'), ('contacting', 'Trying to reach'), ('contacted', 'Reached'), ('screening', 'Screening begun'), ('screened', 'Screening done'), ('assessment_scheduled', 'Waiting for assessment'), ('assessment_no_show', 'Did not attend assessment'), ('assessed', 'Waiting for a decision'), ('accepted', 'Accepted'), ('waitlisted', 'On the waiting list'), ('admitted', 'Admitted'), ('nurture', 'Staying in touch'), ('unreachable', 'Not reached so far'), ('closed_declined', 'Closed'), ('referred_out', 'Referred elsewhere'), ('not_eligible', 'Needs another service'), ('duplicate', 'Same as another inquiry'), ('spam', 'Not a request for care')], default='new', editable=False, max_length=24)),
                ('status_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('crisis_hold', models.BooleanField(default=False, editable=False)),
                ('first_attempt_at', models.DateTimeField(editable=False, null=True)),
                ('first_contact_at', models.DateTimeField(editable=False, null=True)),
                ('next_action_at', models.DateTimeField(blank=True, null=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('client', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('master', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.inquiry')),
                ('taken_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['clinic', 'status', 'received_at'], name='inquiry_status'), models.Index(fields=['clinic', '-received_at', '-id'], name='inquiry_received'), models.Index(fields=['clinic', 'client'], name='inquiry_client'), models.Index(condition=models.Q(('phone', ''), _negated=True), fields=['clinic', 'phone'], name='inquiry_phone'), models.Index(condition=models.Q(('email', ''), _negated=True), fields=['clinic', 'email'], name='inquiry_email')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_inquiry_clinic_id'), clinics.tenancy.SameClinic('client', name='inquiry_client_same_clinic'), clinics.tenancy.SameClinic('master', name='inquiry_master_same_clinic'), models.CheckConstraint(condition=models.Q(('master', models.F('id')), _negated=True), name='inquiry_not_its_own_master'), models.CheckConstraint(condition=models.Q(('email', ''), ('phone', ''), _negated=True), name='inquiry_can_be_answered'), models.CheckConstraint(condition=models.Q(('importance__lte', 10)), name='inquiry_importance_zero_to_ten'), models.CheckConstraint(condition=models.Q(('confidence__lte', 10)), name='inquiry_confidence_zero_to_ten'), models.CheckConstraint(condition=models.Q(('readiness__lte', 10)), name='inquiry_readiness_zero_to_ten')],
            },
        ),
        migrations.CreateModel(
            name='ContactAttempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('at', models.DateTimeField()),
                ('direction', models.CharField(choices=[('outbound', 'We called'), ('inbound', 'They called')], max_length=8)),
                ('method', models.CharField(choices=[('phone', 'Phone'), ('sms', 'Text message'), ('email', 'E-mail'), ('in_person', 'In person')], max_length=10)),
                ('outcome', models.CharField(choices=[('connected', 'Spoke with them'), ('voicemail_left', 'Left a voicemail'), ('no_answer', 'No answer'), ('busy', 'Line busy'), ('wrong_number', 'Wrong number'), ('number_dead', 'Number does not work'), ('refused', 'Said no'), ('call_back_requested', 'Asked to be called back'), ('message_with_third_party', 'Left a message with someone'), ('email_sent', 'E-mail sent'), ('sms_sent', 'Text message sent'), ('bounced', 'Message came back')], max_length=28)),
                ('live', models.BooleanField(default=False, editable=False)),
                ('note', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('next_action_at', models.DateTimeField(null=True)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('inquiry', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='clients.inquiry')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['clinic', 'inquiry', 'at'], name='contact_attempt_inquiry')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_contactattempt_clinic_id'), clinics.tenancy.SameClinic('inquiry', name='contact_attempt_inquiry_same_clinic'), models.CheckConstraint(condition=models.Q(('live', False), ('outcome', 'connected'), _connector='OR'), name='contact_attempt_live_is_connected')],
            },
        ),
        migrations.CreateModel(
            name='InquiryMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('origin', models.CharField(choices=[('new', 'New'), ('contacting', 'Trying to reach'), ('contacted', 'Reached'), ('screening', 'Screening begun'), ('screened', 'Screening done'), ('assessment_scheduled', 'Waiting for assessment'), ('assessment_no_show', 'Did not attend assessment'), ('assessed', 'Waiting for a decision'), ('accepted', 'Accepted'), ('waitlisted', 'On the waiting list'), ('admitted', 'Admitted'), ('nurture', 'Staying in touch'), ('unreachable', 'Not reached so far'), ('closed_declined', 'Closed'), ('referred_out', 'Referred elsewhere'), ('not_eligible', 'Needs another service'), ('duplicate', 'Same as another inquiry'), ('spam', 'Not a request for care')], max_length=24)),
                ('to', models.CharField(choices=[('new', 'New'), ('contacting', 'Trying to reach'), ('contacted', 'Reached'), ('screening', 'Screening begun'), ('screened', 'Screening done'), ('assessment_scheduled', 'Waiting for assessment'), ('assessment_no_show', 'Did not attend assessment'), ('assessed', 'Waiting for a decision'), ('accepted', 'Accepted'), ('waitlisted', 'On the waiting list'), ('admitted', 'Admitted'), ('nurture', 'Staying in touch'), ('unreachable', 'Not reached so far'), ('closed_declined', 'Closed'), ('referred_out', 'Referred elsewhere'), ('not_eligible', 'Needs another service'), ('duplicate', 'Same as another inquiry'), ('spam', 'Not a request for care')], max_length=24)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('reason', models.CharField(blank=True, max_length=40)),
                ('note', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('inquiry', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='moves', to='clients.inquiry')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['clinic', 'inquiry', 'id'], name='inquiry_move_inquiry')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_inquirymove_clinic_id'), clinics.tenancy.SameClinic('inquiry', name='inquiry_move_inquiry_same_clinic')],
            },
        ),
        migrations.CreateModel(
            name='SafetyConcern',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('level', models.CharField(choices=[('S1', 'S1'), ('S2', 'S2'), ('S3', 'S3')], max_length=2)),
                ('code', models.CharField(max_length=40)),
                ('raised_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('due_at', models.DateTimeField()),
                ('handed_at', models.DateTimeField(null=True)),
                ('reviewed_at', models.DateTimeField(null=True)),
                ('rationale', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('next_check_on', models.DateField(null=True)),
                ('client', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('handed_to', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('inquiry', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.inquiry')),
                ('raised_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reviewed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('reviewed_at__isnull', True)), fields=['clinic', 'due_at'], name='safety_open'), models.Index(fields=['clinic', 'inquiry'], name='safety_inquiry'), models.Index(fields=['clinic', 'client'], name='safety_client'), models.Index(fields=['clinic', 'handed_to'], name='safety_handed')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_safetyconcern_clinic_id'), clinics.tenancy.SameClinic('client', name='safety_client_same_clinic'), clinics.tenancy.SameClinic('inquiry', name='safety_inquiry_same_clinic'), models.CheckConstraint(condition=models.Q(('client__isnull', False), ('inquiry__isnull', False), _connector='OR'), name='safety_about_somebody'), models.CheckConstraint(condition=models.Q(models.Q(('rationale__isnull', True), ('reviewed_at__isnull', True), ('reviewed_by__isnull', True)), models.Q(('rationale__isnull', False), ('reviewed_at__isnull', False), ('reviewed_by__isnull', False)), _connector='OR'), name='safety_reviewed_whole'), models.CheckConstraint(condition=models.Q(('reviewed_at__isnull', True), ('level', 'S1'), ('next_check_on__isnull', False), _connector='OR'), name='safety_next_check')],
            },
        ),
        migrations.CreateModel(
            name='Task',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('safety', 'Safety review'), ('medical_triage', 'Medical triage'), ('call_back', 'Call back'), ('call_now', 'Nobody has called yet'), ('reach_now', 'Not reached yet'), ('follow_up', 'Follow up')], max_length=20)),
                ('key', models.CharField(editable=False, max_length=80)),
                ('role', models.CharField(choices=[('coordinator', 'coordinator'), ('therapist', 'therapist'), ('supervisor', 'supervisor'), ('coder', 'coder'), ('privacy', 'privacy'), ('administrator', 'administrator')], max_length=20)),
                ('due_at', models.DateTimeField()),
                ('escalated', models.PositiveSmallIntegerField(default=0)),
                ('snoozed_until', models.DateTimeField(null=True)),
                ('snooze_reason', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('done_at', models.DateTimeField(null=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('client', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('concern', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.safetyconcern')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('done_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('inquiry', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.inquiry')),
                ('owner', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('done_at__isnull', True)), fields=['clinic', 'due_at', 'id'], name='task_open'), models.Index(condition=models.Q(('done_at__isnull', True)), fields=['clinic', 'owner', 'due_at'], name='task_owner'), models.Index(fields=['clinic', 'inquiry'], name='task_inquiry'), models.Index(fields=['clinic', 'client'], name='task_client')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_task_clinic_id'), clinics.tenancy.SameClinic('client', name='task_client_same_clinic'), clinics.tenancy.SameClinic('inquiry', name='task_inquiry_same_clinic'), clinics.tenancy.SameClinic('concern', name='task_concern_same_clinic'), models.UniqueConstraint(condition=models.Q(('done_at__isnull', True)), fields=('clinic', 'key'), name='task_open_once'), models.CheckConstraint(condition=models.Q(('snoozed_until__isnull', True), ('snooze_reason__isnull', False), _connector='OR'), name='task_snooze_has_reason')],
            },
        ),
        migrations.AddField(
            model_name='client',
            name='email',
            field=models.CharField(blank=True, db_default='', default='', max_length=254),
        ),
        migrations.AddField(
            model_name='client',
            name='phone',
            field=models.CharField(blank=True, db_default='', default='', max_length=16),
        ),
        migrations.AddField(
            model_name='client',
            name='postal_code',
            field=models.CharField(blank=True, db_default='', default='', max_length=12),
        ),
        migrations.AddIndex(
            model_name='client',
            index=models.Index(fields=['clinic', 'born_on'], name='client_born_on'),
        ),
        migrations.AddIndex(
            model_name='client',
            index=models.Index(condition=models.Q(('phone', ''), _negated=True), fields=['clinic', 'phone'], name='client_phone'),
        ),
        migrations.AddIndex(
            model_name='client',
            index=models.Index(condition=models.Q(('email', ''), _negated=True), fields=['clinic', 'email'], name='client_email'),
        ),
    ]

"""
Working out a change together: exercises, reasons, strengths, the plan for return to use, cravings, returns to use.

And what an inquiry, a safety concern and the end of a block of MI sessions still had to say.
"""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import clinics.fields
import clinics.tenancy
from clinics.tenancy import owned_table

TABLES = (
    "clients_exercise",
    "clients_changereason",
    "clients_strength",
    "clients_relapseplan",
    "clients_craving",
    "clients_lapse",
    "clients_blockdecision",
)
FUNCTIONS = """
-- What can be taken back, once, and holds encrypted text of its own. Arguments: its encrypted columns.
create function evoke_entry_keeps() returns trigger language plpgsql as $$
declare
  undoing text[] := array['undone_at', 'undone_by_id', 'undo_reason'];
begin
  if tg_op = 'UPDATE' and (
       evoke_only_reencrypted(to_jsonb(old), to_jsonb(new), tg_argv::text[])
       or (old.undone_at is null and new.undone_at is not null
           and to_jsonb(new) - undoing = to_jsonb(old) - undoing)) then
    return new;
  end if;
  raise exception '% rows are taken back once, and never changed', tg_table_name using errcode = 'EV004';
end $$;

-- A return to use is written once, looked back on once, and taken back once; never both of the latter.
create function evoke_lapse_keeps() returns trigger language plpgsql as $$
declare
  undoing text[] := array['undone_at', 'undone_by_id', 'undo_reason'];
  reviewing text[] := array['reviewed_at', 'reviewed_by_id', 'learning', 'plan_changed'];
begin
  if tg_op = 'UPDATE' and (
       evoke_only_reencrypted(to_jsonb(old), to_jsonb(new), array['amount', 'situation', 'learning', 'undo_reason'])
       or (old.undone_at is null and old.reviewed_at is null and (
             (new.undone_at is not null and to_jsonb(new) - undoing = to_jsonb(old) - undoing)
             or (new.reviewed_at is not null and to_jsonb(new) - reviewing = to_jsonb(old) - reviewing)))) then
    return new;
  end if;
  raise exception 'a return to use is looked back on once, and never changed' using errcode = 'EV004';
end $$;
"""
FUNCTIONS_BACK = "drop function evoke_lapse_keeps, evoke_entry_keeps"
FINALS = {
    "clients_exercise": ("update or delete", "evoke_log_keeps('content')"),
    "clients_relapseplan": ("update or delete", "evoke_log_keeps('parts')"),
    "clients_craving": ("update or delete", "evoke_entry_keeps('situation', 'coping', 'undo_reason')"),
    "clients_lapse": ("update or delete", "evoke_lapse_keeps()"),
    "clients_blockdecision": ("update or delete", "evoke_log_keeps('reason')"),
}
FINAL = "".join(
    f"create trigger final before {verbs} on {table} for each row execute function {function};"
    f"create trigger final_truncate before truncate on {table} for each statement execute function evoke_refuse_change();"
    for table, (verbs, function) in FINALS.items()
)
FINAL_BACK = "".join(
    f"drop trigger final_truncate on {table}; drop trigger final on {table};" for table in reversed(FINALS)
)


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0011_call_hours'),
        ('clinics', '0009_cosign'),
        ('clinics', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Exercise',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('balance', 'Weighing both sides'), ('values', 'What matters most'), ('change_plan', 'My plan for change')], max_length=12)),
                ('revision', models.PositiveSmallIntegerField()),
                ('content', clinics.fields.EncryptedTextField(kind='record')),
                ('purpose', models.CharField(blank=True, choices=[('neutral_choice', 'A neutral choice, left open on purpose'), ('consolidate', 'To make a decision firm')], default='', max_length=16)),
                ('suggested', models.CharField(blank=True, choices=[('high_engage', 'Engage first'), ('high_evoke', 'Evoke'), ('medium_repair', 'Repair after a return to use'), ('medium_confidence', 'Build confidence'), ('low_plan', 'Plan'), ('support', 'Support the change'), ('unknown', 'Not known yet')], default='', max_length=20)),
                ('is_private', models.BooleanField(default=False)),
                ('signed_on', models.DateField(blank=True, null=True)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='exercises', to='clients.client')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('made_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('target', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='exercises', to='clients.changetarget')),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_exercise_clinic_id'), models.UniqueConstraint(fields=('clinic', 'client', 'kind', 'target', 'revision'), name='exercise_revision', nulls_distinct=False), clinics.tenancy.SameClinic('client', name='exercise_client_same_clinic'), clinics.tenancy.SameClinic('target', name='exercise_target_same_clinic'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'values'), ('target__isnull', True)), models.Q(models.Q(('kind', 'values'), _negated=True), ('target__isnull', False)), _connector='OR'), name='exercise_is_about_a_change'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'balance'), models.Q(('purpose', ''), _negated=True)), models.Q(models.Q(('kind', 'balance'), _negated=True), ('purpose', '')), _connector='OR'), name='exercise_balance_has_purpose'), models.CheckConstraint(condition=models.Q(('signed_on__isnull', True), ('kind', 'change_plan'), _connector='OR'), name='exercise_plan_is_signed')],
            },
        ),
        migrations.CreateModel(
            name='ChangeReason',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('text', clinics.fields.EncryptedTextField(kind='record')),
                ('source', models.CharField(choices=[('own', 'Myself'), ('family', 'Family'), ('legal', 'Court or law'), ('work', 'Work'), ('health', 'Health'), ('other', 'Something else')], max_length=8)),
                ('is_own', models.BooleanField()),
                ('strength', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('first_said_on', models.DateField()),
                ('restated_on', django.contrib.postgres.fields.ArrayField(base_field=models.DateField(), blank=True, default=list, size=None)),
                ('on_card', models.BooleanField(default=True)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('ended_at', models.DateTimeField(editable=False, null=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='reasons', to='clients.client')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('made_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('target', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reasons', to='clients.changetarget')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['clinic', 'client'], name='change_reason_client')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_changereason_clinic_id'), clinics.tenancy.SameClinic('client', name='change_reason_client_same_clinic'), clinics.tenancy.SameClinic('target', name='change_reason_target_same_clinic'), models.CheckConstraint(condition=models.Q(('strength__isnull', True), ('strength__lte', 10), _connector='OR'), name='change_reason_zero_to_ten')],
            },
        ),
        migrations.CreateModel(
            name='Strength',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('strength', 'Strength'), ('success', 'Past success'), ('affirmation', 'Affirmation'), ('milestone', 'Milestone')], max_length=12)),
                ('domain', models.CharField(blank=True, choices=[('personal', 'Personal'), ('social', 'People around them'), ('skill', 'Skill'), ('spiritual', 'Spiritual'), ('cultural', 'Cultural'), ('work', 'Work'), ('health', 'Health')], default='', max_length=10)),
                ('named_by', models.CharField(choices=[('client', 'The person'), ('therapist', 'The therapist'), ('family', 'Family')], max_length=10)),
                ('text', clinics.fields.EncryptedTextField(kind='record')),
                ('evidence', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('helped', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('transfer_to', models.CharField(blank=True, choices=[('goal', 'A goal'), ('coping_plan', 'The plan for return to use')], default='', max_length=12)),
                ('happened_on', models.DateField(blank=True, null=True)),
                ('on_card', models.BooleanField(default=True)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('ended_at', models.DateTimeField(editable=False, null=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('appointment', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.appointment')),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='strengths', to='clients.client')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('made_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['clinic', 'client', 'kind'], name='strength_client')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_strength_clinic_id'), clinics.tenancy.SameClinic('client', name='strength_client_same_clinic'), clinics.tenancy.SameClinic('appointment', name='strength_appointment_same_clinic'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'strength'), models.Q(('domain', ''), _negated=True)), models.Q(models.Q(('kind', 'strength'), _negated=True), ('domain', '')), _connector='OR'), name='strength_has_domain'), models.CheckConstraint(condition=models.Q(('kind', 'success'), models.Q(('helped__isnull', True), ('transfer_to', '')), _connector='OR'), name='strength_success_helped'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'milestone'), _negated=True), ('happened_on__isnull', False), _connector='OR'), name='strength_milestone_has_day'), models.CheckConstraint(condition=models.Q(('appointment__isnull', True), ('kind', 'affirmation'), _connector='OR'), name='strength_affirmed_in_session')],
            },
        ),
        migrations.CreateModel(
            name='RelapsePlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('revision', models.PositiveSmallIntegerField()),
                ('parts', clinics.fields.EncryptedTextField(kind='record')),
                ('complete', models.BooleanField()),
                ('copy_given', models.BooleanField(default=False)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='relapse_plans', to='clients.client')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('made_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_relapseplan_clinic_id'), models.UniqueConstraint(fields=('clinic', 'client', 'revision'), name='relapse_plan_revision'), clinics.tenancy.SameClinic('client', name='relapse_plan_client_same_clinic')],
            },
        ),
        migrations.CreateModel(
            name='Craving',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('felt_at', models.DateTimeField()),
                ('intensity', models.PositiveSmallIntegerField()),
                ('minutes', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('situation', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('used', models.BooleanField()),
                ('coping', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('helped', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('undone_at', models.DateTimeField(editable=False, null=True)),
                ('undo_reason', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='cravings', to='clients.client')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('recorded_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('undone_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['clinic', 'client', '-felt_at', '-id'], name='craving_client')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_craving_clinic_id'), clinics.tenancy.SameClinic('client', name='craving_client_same_clinic'), models.CheckConstraint(condition=models.Q(('intensity__lte', 10), models.Q(('helped__isnull', True), ('helped__lte', 10), _connector='OR')), name='craving_zero_to_ten'), models.CheckConstraint(condition=models.Q(models.Q(('undo_reason__isnull', True), ('undone_at__isnull', True), ('undone_by__isnull', True)), models.Q(('undo_reason__isnull', False), ('undone_at__isnull', False), ('undone_by__isnull', False)), _connector='OR'), name='craving_undone_whole')],
            },
        ),
        migrations.CreateModel(
            name='Lapse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('happened_on', models.DateField()),
                ('substance', models.CharField(blank=True, max_length=24)),
                ('amount', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('situation', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('review_due_on', models.DateField()),
                ('reviewed_at', models.DateTimeField(editable=False, null=True)),
                ('learning', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('plan_changed', models.BooleanField(null=True)),
                ('undone_at', models.DateTimeField(editable=False, null=True)),
                ('undo_reason', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lapses', to='clients.client')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('recorded_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reviewed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('target', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.changetarget')),
                ('undone_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['clinic', 'client', '-happened_on', '-id'], name='lapse_client'), models.Index(condition=models.Q(('reviewed_at__isnull', True), ('undone_at__isnull', True)), fields=['clinic', 'review_due_on'], name='lapse_due')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_lapse_clinic_id'), clinics.tenancy.SameClinic('client', name='lapse_client_same_clinic'), clinics.tenancy.SameClinic('target', name='lapse_target_same_clinic'), models.CheckConstraint(condition=models.Q(models.Q(('learning__isnull', True), ('plan_changed__isnull', True), ('reviewed_at__isnull', True), ('reviewed_by__isnull', True)), models.Q(('learning__isnull', False), ('plan_changed__isnull', False), ('reviewed_at__isnull', False), ('reviewed_by__isnull', False)), _connector='OR'), name='lapse_reviewed_whole'), models.CheckConstraint(condition=models.Q(models.Q(('undo_reason__isnull', True), ('undone_at__isnull', True), ('undone_by__isnull', True)), models.Q(('undo_reason__isnull', False), ('undone_at__isnull', False), ('undone_by__isnull', False)), _connector='OR'), name='lapse_undone_whole')],
            },
        ),
        migrations.CreateModel(
            name='BlockDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('lineage', models.UUIDField(editable=False)),
                ('decision', models.CharField(choices=[('extend', 'Some more sessions'), ('move_on', 'Go on with other work'), ('refer', 'Refer')], max_length=8)),
                ('sessions', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('reason', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('decided_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('decided_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('plan', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='block_decisions', to='clients.treatmentplan')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['clinic', 'client'], name='block_decision_client')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_blockdecision_clinic_id'), models.UniqueConstraint(condition=models.Q(('decision', 'extend')), fields=('clinic', 'plan', 'lineage'), name='block_extended_once'), clinics.tenancy.SameClinic('client', name='block_decision_client_same_clinic'), clinics.tenancy.SameClinic('plan', name='block_decision_plan_same_clinic'), models.CheckConstraint(condition=models.Q(models.Q(('decision', 'extend'), ('sessions__gte', 1), ('sessions__lte', 6)), models.Q(models.Q(('decision', 'extend'), _negated=True), ('sessions__isnull', True)), _connector='OR'), name='block_extended_by_sessions')],
            },
        ),
        migrations.RemoveConstraint(
            model_name='inquiry',
            name='inquiry_assistance_of_employer',
        ),
        migrations.AddField(
            model_name='client',
            name='gender',
            field=models.CharField(blank=True, choices=[('male', 'Male'), ('female', 'Female'), ('other', 'Another')], db_default='', default='', max_length=8),
        ),
        migrations.AddField(
            model_name='client',
            name='state',
            field=models.CharField(blank=True, db_default='', default='', max_length=2),
        ),
        migrations.AddField(
            model_name='inquiry',
            name='campaign',
            field=models.CharField(blank=True, db_default='', default='', max_length=80),
        ),
        migrations.AddField(
            model_name='inquiry',
            name='custody',
            field=models.CharField(blank=True, choices=[('both', 'Both parents'), ('one', 'One parent'), ('guardian', 'A guardian'), ('state', 'The state'), ('unknown', 'Not known yet')], db_default='', default='', max_length=10),
        ),
        migrations.AddField(
            model_name='inquiry',
            name='eap_sessions_used',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='inquiry',
            name='guardian_name',
            field=models.CharField(blank=True, db_default='', default='', max_length=160),
        ),
        migrations.AddField(
            model_name='inquiry',
            name='guardian_phone',
            field=models.CharField(blank=True, db_default='', default='', max_length=16),
        ),
        migrations.AddField(
            model_name='inquiry',
            name='homeless',
            field=models.CharField(choices=[('yes', 'Yes'), ('no', 'No'), ('not_asked', 'Not asked')], db_default='not_asked', default='not_asked', max_length=10),
        ),
        migrations.AddField(
            model_name='inquiry',
            name='line_called',
            field=models.CharField(blank=True, db_default='', default='', max_length=16),
        ),
        migrations.AddField(
            model_name='inquiry',
            name='mental_health',
            field=clinics.fields.EncryptedTextField(kind='record', null=True),
        ),
        migrations.AddField(
            model_name='inquiry',
            name='preferred_method',
            field=models.CharField(blank=True, choices=[('phone', 'A call'), ('sms', 'A text message'), ('email', 'An email')], db_default='', default='', max_length=8),
        ),
        migrations.AddField(
            model_name='inquiry',
            name='pregnant',
            field=models.CharField(choices=[('yes', 'Yes'), ('no', 'No'), ('not_asked', 'Not asked')], db_default='not_asked', default='not_asked', max_length=10),
        ),
        migrations.AddField(
            model_name='inquiry',
            name='referrer_consent',
            field=models.CharField(choices=[('yes', 'Yes'), ('no', 'No'), ('not_asked', 'Not asked')], db_default='not_asked', default='not_asked', max_length=10),
        ),
        migrations.AddField(
            model_name='inquiry',
            name='safe_way',
            field=clinics.fields.EncryptedTextField(kind='record', null=True),
        ),
        migrations.AddField(
            model_name='inquiry',
            name='unsafe_at_home',
            field=models.CharField(choices=[('yes', 'Yes'), ('no', 'No'), ('not_asked', 'Not asked')], db_default='not_asked', default='not_asked', max_length=10),
        ),
        migrations.AddField(
            model_name='inquiry',
            name='veteran',
            field=models.CharField(choices=[('yes', 'Yes'), ('no', 'No'), ('not_asked', 'Not asked')], db_default='not_asked', default='not_asked', max_length=10),
        ),
        migrations.AddField(
            model_name='referralorganisation',
            name='phone_extension',
            field=models.CharField(blank=True, db_default='', default='', max_length=8),
        ),
        migrations.AddField(
            model_name='safetyconcern',
            name='response',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.measureresponse'),
        ),
        migrations.AlterField(
            model_name='rulerreading',
            name='ruler',
            field=models.CharField(choices=[('importance', 'Importance'), ('confidence', 'Confidence'), ('readiness', 'Readiness'), ('hope', 'Hope'), ('discord', 'Discord')], max_length=12),
        ),
        migrations.AlterField(
            model_name='task',
            name='kind',
            field=models.CharField(choices=[('safety', 'Safety review'), ('medical_triage', 'Medical triage'), ('call_back', 'Call back'), ('call_now', 'Nobody has called yet'), ('reach_now', 'Not reached yet'), ('follow_up', 'Follow up'), ('evaluation', 'Assessment overdue'), ('decision', 'Decision overdue'), ('waiting_check', 'Check in with somebody who waits'), ('authorisation', 'An authorization needs renewing'), ('mandate_report', 'A report on a mandate is due'), ('measure', 'A measure is due'), ('plan', 'A treatment plan is due'), ('plan_review', 'A plan review is due'), ('lapse', 'Look back on a return to use')], max_length=20),
        ),
        migrations.AddIndex(
            model_name='authorisation',
            index=models.Index(fields=['clinic', 'until_on'], name='authorisation_until'),
        ),
        migrations.AddConstraint(
            model_name='inquiry',
            constraint=models.CheckConstraint(condition=models.Q(('source', '5'), models.Q(('eap_number__isnull', True), ('eap_report_to', ''), ('eap_sessions__isnull', True), ('eap_sessions_used__isnull', True), ('eap_vendor', '')), _connector='OR'), name='inquiry_assistance_of_employer'),
        ),
        migrations.AddConstraint(
            model_name='safetyconcern',
            constraint=clinics.tenancy.SameClinic('response', name='safety_response_same_clinic'),
        ),
        migrations.RunSQL(FUNCTIONS, FUNCTIONS_BACK),
        *(operation for table in TABLES for operation in owned_table(table, trail=True)),
        migrations.RunSQL(FINAL, FINAL_BACK),
    ]

"""
The record of care: measures and their scores, stages, and the treatment plan with its versions and signatures.

What was answered, rated, signed or reviewed is final. The parts of a plan change only while their version is a draft,
each part stands under one of its own version, and a version is in force only with the signatures it needs.
"""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import clinics.fields
import clinics.tenancy
from clinics.tenancy import owned_table

TABLES = (
    "clients_measurelink",
    "clients_measureresponse",
    "clients_measurescore",
    "clients_measureschedule",
    "clients_stagerating",
    "clients_intensitychoice",
    "clients_treatmentplan",
    "clients_planversion",
    "clients_problem",
    "clients_goal",
    "clients_objective",
    "clients_intervention",
    "clients_plansignature",
    "clients_lintdismissal",
    "clients_planreview",
    "clients_goalreview",
)
FUNCTIONS = """
-- A part of a plan changes only in a draft, and stands under a part of the same version.
-- Arguments: table and column of the part it stands under (empty for the first), then its encrypted columns.
create function evoke_plan_part_keeps() returns trigger language plpgsql as $$
declare
  touched jsonb := case when tg_op = 'DELETE' then to_jsonb(old) else to_jsonb(new) end;
  held text;
  joined boolean;
begin
  if tg_op = 'UPDATE' then
    if evoke_only_reencrypted(to_jsonb(old), to_jsonb(new), tg_argv[2:]) then return new; end if;
    if old.plan_version_id <> new.plan_version_id or old.lineage <> new.lineage then
      raise exception 'a part of a plan stays in its version' using errcode = 'EV004';
    end if;
  end if;
  select state into held from clients_planversion
    where clinic_id = (touched ->> 'clinic_id')::bigint and id = (touched ->> 'plan_version_id')::bigint;
  if held is distinct from 'draft' then
    raise exception 'a plan that was signed is changed by a new version' using errcode = 'EV004';
  end if;
  if tg_op <> 'DELETE' and tg_argv[0] <> '' then
    execute format('select exists (select 1 from %I where clinic_id = $1 and id = $2 and plan_version_id = $3)', tg_argv[0])
      into joined using (touched ->> 'clinic_id')::bigint, (touched ->> tg_argv[1])::bigint,
                        (touched ->> 'plan_version_id')::bigint;
    if not joined then
      raise exception 'a part of a plan stands under a part of the same version' using errcode = 'EV004';
    end if;
  end if;
  return coalesce(new, old);
end $$;

-- Who has signed, or would not, what the version says now.
create function evoke_plan_signed(clinic bigint, signed bigint, content text, capacities text[]) returns boolean
language sql stable as $$
  select exists (select 1 from clients_plansignature s
                 where s.clinic_id = clinic and s.plan_version_id = signed and s.content_hash = content
                   and s.capacity = any(capacities))
$$;

create function evoke_plan_version_keeps() returns trigger language plpgsql as $$
declare
  moving text[] := array['state', 'version', 'submitted_at', 'activated_at', 'ended_at', 'end_reason', 'content_hash'];
  drafted text[] := array['version', 'starts_on', 'needs_cosign'];
begin
  if tg_op = 'INSERT' then
    if new.state <> 'draft' then
      raise exception 'a version of a plan begins as a draft' using errcode = 'EV004';
    end if;
    return new;
  end if;
  if tg_op = 'DELETE' then
    raise exception 'a version of a plan is closed, never removed' using errcode = 'EV004';
  end if;
  if evoke_only_reencrypted(to_jsonb(old), to_jsonb(new), array['end_reason']) then return new; end if;
  if old.state = 'draft' and new.state = 'draft' and to_jsonb(new) - drafted = to_jsonb(old) - drafted then
    return new;
  end if;
  if to_jsonb(new) - moving <> to_jsonb(old) - moving
     or (old.state, new.state) not in (
          ('draft', 'in_review'), ('draft', 'closed'), ('in_review', 'draft'), ('in_review', 'active'),
          ('active', 'superseded'), ('active', 'closed'))
     or (old.state <> 'draft' and new.state <> 'draft' and new.content_hash <> old.content_hash) then
    raise exception 'no such move of a version of a plan' using errcode = 'EV004';
  end if;
  if new.state = 'active' and not (
       evoke_plan_signed(new.clinic_id, new.id, new.content_hash, array['author'])
       and evoke_plan_signed(new.clinic_id, new.id, new.content_hash, array['client', 'guardian'])
       and (not new.needs_cosign
            or evoke_plan_signed(new.clinic_id, new.id, new.content_hash, array['supervisor']))) then
    raise exception 'a signature is missing' using errcode = 'EV004';
  end if;
  return new;
end $$;

create function evoke_plan_signature_fits() returns trigger language plpgsql as $$
declare
  signed record;
begin
  select state, content_hash, author_id into signed from clients_planversion
    where clinic_id = new.clinic_id and id = new.plan_version_id;
  if signed.state is distinct from 'in_review' or signed.content_hash <> new.content_hash then
    raise exception 'what is signed is the version as it waits for signatures' using errcode = 'EV004';
  end if;
  if new.capacity = 'author' and new.user_id <> signed.author_id then
    raise exception 'the author signs as author' using errcode = 'EV004';
  end if;
  if new.capacity = 'supervisor' and new.user_id = signed.author_id then
    raise exception 'nobody co-signs their own plan' using errcode = 'EV004';
  end if;
  return new;
end $$;

-- A review is due, then held once, and then final.
create function evoke_review_keeps() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and (old.held_on is null
       or evoke_only_reencrypted(to_jsonb(old), to_jsonb(new), array['note'])) then return new; end if;
  raise exception 'a review that was held is final' using errcode = 'EV004';
end $$;
"""
FUNCTIONS_BACK = (
    "drop function evoke_review_keeps, evoke_plan_signature_fits, evoke_plan_version_keeps, evoke_plan_signed, "
    "evoke_plan_part_keeps"
)
FINALS = {
    "clients_measureresponse": ("update or delete", "evoke_undone_once()"),
    "clients_measurescore": ("update or delete", "evoke_log_keeps()"),
    "clients_stagerating": ("update or delete", "evoke_log_keeps()"),
    "clients_intensitychoice": ("update or delete", "evoke_log_keeps('reason')"),
    "clients_planversion": ("insert or update or delete", "evoke_plan_version_keeps()"),
    "clients_problem": (
        "insert or update or delete",
        "evoke_plan_part_keeps('', '', 'text', 'client_words')",
    ),
    "clients_goal": (
        "insert or update or delete",
        "evoke_plan_part_keeps('clients_problem', 'problem_id', "
        "'text', 'client_words', 'value_link', 'commitment', 'gate_reason')",
    ),
    "clients_objective": (
        "insert or update or delete",
        "evoke_plan_part_keeps('clients_goal', 'goal_id', 'text', 'metric', 'relevance')",
    ),
    "clients_intervention": (
        "insert or update or delete",
        "evoke_plan_part_keeps('clients_objective', 'objective_id', 'text')",
    ),
    "clients_plansignature": ("update or delete", "evoke_log_keeps('refusal_reason')"),
    "clients_lintdismissal": ("update or delete", "evoke_log_keeps('reason')"),
    "clients_planreview": ("update or delete", "evoke_review_keeps()"),
    "clients_goalreview": ("update or delete", "evoke_log_keeps('comment')"),
}
FINAL = "".join(
    f"create trigger final before {verbs} on {table} for each row execute function {function};"
    f"create trigger final_truncate before truncate on {table} for each statement execute function evoke_refuse_change();"
    for table, (verbs, function) in FINALS.items()
) + (
    "create trigger fits before insert on clients_plansignature "
    "for each row execute function evoke_plan_signature_fits();"
)
FINAL_BACK = "drop trigger fits on clients_plansignature;" + "".join(
    f"drop trigger final_truncate on {table}; drop trigger final on {table};" for table in reversed(FINALS)
)


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0009_task_kinds'),
        ('clinics', '0008_attestation'),
    ]

    operations = [
        migrations.CreateModel(
            name='MeasureLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('digest', models.BinaryField(max_length=32)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('expires_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(editable=False, null=True)),
                ('revoked_at', models.DateTimeField(editable=False, null=True)),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('instrument', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.instrumentversion')),
                ('made_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['clinic', 'client'], name='measure_link_client')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_measurelink_clinic_id'), models.UniqueConstraint(fields=('clinic', 'digest'), name='measure_link_digest'), clinics.tenancy.SameClinic('client', name='measure_link_client_same_clinic'), clinics.tenancy.SameClinic('instrument', name='measure_link_instrument_same_clinic')],
            },
        ),
        migrations.CreateModel(
            name='MeasureResponse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('source', models.CharField(choices=[('clinician', 'Asked by a clinician'), ('device', "Answered on the clinic's device"), ('link', 'Answered by link')], max_length=10)),
                ('taken_on', models.DateField()),
                ('taken_at', models.DateTimeField()),
                ('answers', models.JSONField()),
                ('complete', models.BooleanField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('undone_at', models.DateTimeField(editable=False, null=True)),
                ('undo_reason', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('appointment', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.appointment')),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='measure_responses', to='clients.client')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('instrument', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.instrumentversion')),
                ('link', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.measurelink')),
                ('taken_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('undone_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['clinic', 'client', 'instrument', 'taken_on', 'id'], name='measure_response_client'), models.Index(fields=['clinic', '-taken_at', '-id'], name='measure_response_newest')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_measureresponse_clinic_id'), models.UniqueConstraint(condition=models.Q(('link__isnull', False)), fields=('clinic', 'link'), name='measure_response_link_once'), clinics.tenancy.SameClinic('client', name='measure_response_client_same_clinic'), clinics.tenancy.SameClinic('instrument', name='measure_response_instrument_same_clinic'), clinics.tenancy.SameClinic('appointment', name='measure_response_appointment_same_clinic'), clinics.tenancy.SameClinic('link', name='measure_response_link_same_clinic'), models.CheckConstraint(condition=models.Q(models.Q(('link__isnull', False), ('source', 'link'), ('taken_by__isnull', True)), models.Q(models.Q(('source', 'link'), _negated=True), ('link__isnull', True), ('taken_by__isnull', False)), _connector='OR'), name='measure_response_has_source'), models.CheckConstraint(condition=models.Q(models.Q(('undo_reason__isnull', True), ('undone_at__isnull', True), ('undone_by__isnull', True)), models.Q(('undo_reason__isnull', False), ('undone_at__isnull', False), ('undone_by__isnull', False)), _connector='OR'), name='measure_response_undone_whole')],
            },
        ),
        migrations.CreateModel(
            name='MeasureScore',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('score_key', models.SlugField(max_length=60)),
                ('value', models.DecimalField(decimal_places=6, max_digits=14, null=True)),
                ('band', models.CharField(blank=True, max_length=40)),
                ('reason', models.CharField(blank=True, max_length=24)),
                ('engine_version', models.CharField(max_length=8)),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('response', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='clients.measureresponse')),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_measurescore_clinic_id'), models.UniqueConstraint(fields=('clinic', 'response', 'score_key'), name='measure_score_once'), clinics.tenancy.SameClinic('response', name='measure_score_response_same_clinic'), models.CheckConstraint(condition=models.Q(models.Q(('value__isnull', True), models.Q(('reason', ''), _negated=True)), models.Q(('reason', ''), ('value__isnull', False)), _connector='OR'), name='measure_score_value_or_reason')],
            },
        ),
        migrations.CreateModel(
            name='MeasureSchedule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('key', models.SlugField(max_length=60)),
                ('every_days', models.PositiveSmallIntegerField()),
                ('next_due_on', models.DateField()),
                ('started_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('ended_at', models.DateTimeField(editable=False, null=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='measure_schedules', to='clients.client')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('started_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['clinic', 'next_due_on'], name='measure_schedule_due')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_measureschedule_clinic_id'), models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('clinic', 'client', 'key'), name='measure_schedule_once'), clinics.tenancy.SameClinic('client', name='measure_schedule_client_same_clinic'), models.CheckConstraint(condition=models.Q(('every_days__gte', 1), ('every_days__lte', 366)), name='measure_schedule_days')],
            },
        ),
        migrations.CreateModel(
            name='StageRating',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('stage', models.CharField(choices=[('pre', 'Not considering a change'), ('con', 'Considering a change'), ('prep', 'Preparing'), ('act', 'Changing'), ('maint', 'Keeping it up'), ('rec', 'Returned to use, starting again')], max_length=8)),
                ('basis', models.CharField(choices=[('interview', 'What the person said'), ('rulers', 'Rulers'), ('socrates', 'SOCRATES'), ('other', 'Another measure')], max_length=12)),
                ('rated_on', models.DateField()),
                ('rated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('rated_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('target', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='stages', to='clients.changetarget')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['clinic', 'client', 'target', '-rated_on', '-id'], name='stage_rating_client')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_stagerating_clinic_id'), clinics.tenancy.SameClinic('client', name='stage_rating_client_same_clinic'), clinics.tenancy.SameClinic('target', name='stage_rating_target_same_clinic')],
            },
        ),
        migrations.CreateModel(
            name='IntensityChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('suggested', models.CharField(choices=[('high_engage', 'Engage first'), ('high_evoke', 'Evoke'), ('medium_repair', 'Repair after a return to use'), ('medium_confidence', 'Build confidence'), ('low_plan', 'Plan'), ('support', 'Support the change'), ('unknown', 'Not known yet')], max_length=20)),
                ('chosen', models.CharField(choices=[('high_engage', 'Engage first'), ('high_evoke', 'Evoke'), ('medium_repair', 'Repair after a return to use'), ('medium_confidence', 'Build confidence'), ('low_plan', 'Plan'), ('support', 'Support the change'), ('unknown', 'Not known yet')], max_length=20)),
                ('reason', clinics.fields.EncryptedTextField(kind='record')),
                ('chosen_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('chosen_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('target', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='intensity_choices', to='clients.changetarget')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['clinic', 'client', 'target', '-id'], name='intensity_choice_client'), models.Index(fields=['clinic', '-chosen_at', '-id'], name='intensity_choice_newest')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_intensitychoice_clinic_id'), clinics.tenancy.SameClinic('client', name='intensity_choice_client_same_clinic'), clinics.tenancy.SameClinic('target', name='intensity_choice_target_same_clinic')],
            },
        ),
        migrations.CreateModel(
            name='TreatmentPlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='plans', to='clients.client')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('created_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('episode', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.episode')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['clinic', 'client'], name='plan_client')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_treatmentplan_clinic_id'), models.UniqueConstraint(fields=('clinic', 'episode'), name='plan_one_per_episode'), clinics.tenancy.SameClinic('client', name='plan_client_same_clinic'), clinics.tenancy.SameClinic('episode', name='plan_episode_same_clinic')],
            },
        ),
        migrations.CreateModel(
            name='PlanVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('number', models.PositiveSmallIntegerField()),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('in_review', 'Waiting for signatures'), ('active', 'In force'), ('superseded', 'Replaced'), ('closed', 'Closed')], default='draft', max_length=12)),
                ('needs_cosign', models.BooleanField(default=False)),
                ('starts_on', models.DateField(blank=True, null=True)),
                ('content_hash', models.CharField(blank=True, editable=False, max_length=64)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('submitted_at', models.DateTimeField(editable=False, null=True)),
                ('activated_at', models.DateTimeField(editable=False, null=True)),
                ('ended_at', models.DateTimeField(editable=False, null=True)),
                ('end_reason', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('author', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('plan', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='clients.treatmentplan')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['clinic', 'client', 'state'], name='plan_version_client'), models.Index(condition=models.Q(('state__in', ['draft', 'in_review'])), fields=['clinic', 'author'], name='plan_version_open')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_planversion_clinic_id'), models.UniqueConstraint(fields=('clinic', 'plan', 'number'), name='plan_version_number'), models.UniqueConstraint(condition=models.Q(('state', 'active')), fields=('clinic', 'plan'), name='plan_version_one_active'), models.UniqueConstraint(condition=models.Q(('state__in', ['draft', 'in_review'])), fields=('clinic', 'plan'), name='plan_version_one_open'), clinics.tenancy.SameClinic('client', name='plan_version_client_same_clinic'), clinics.tenancy.SameClinic('plan', name='plan_version_plan_same_clinic'), models.CheckConstraint(condition=models.Q(models.Q(('content_hash', ''), ('state', 'draft'), ('submitted_at__isnull', True)), models.Q(('state__in', ['in_review', 'active', 'superseded']), ('submitted_at__isnull', False), models.Q(('content_hash', ''), _negated=True)), ('state', 'closed'), _connector='OR'), name='plan_version_signed_has_hash'), models.CheckConstraint(condition=models.Q(models.Q(('activated_at__isnull', True), ('ended_at__isnull', True), ('state__in', ['draft', 'in_review'])), models.Q(('activated_at__isnull', False), ('ended_at__isnull', True), ('state', 'active')), models.Q(('activated_at__isnull', False), ('ended_at__isnull', False), ('state', 'superseded')), models.Q(('ended_at__isnull', False), ('state', 'closed')), _connector='OR'), name='plan_version_state_has_dates')],
            },
        ),
        migrations.CreateModel(
            name='Problem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('lineage', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('position', models.PositiveSmallIntegerField(default=1)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('text', clinics.fields.EncryptedTextField(kind='record')),
                ('client_words', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('diagnosis', models.CharField(blank=True, max_length=10)),
                ('priority', models.PositiveSmallIntegerField(choices=[(1, 'First'), (2, 'Next'), (3, 'Later')], default=2)),
                ('evidence', models.CharField(choices=[('assessment', 'Assessment'), ('measure', 'Measure'), ('statement', 'What the person said')], max_length=12)),
                ('assessment', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.assessment')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('plan_version', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='clients.planversion')),
                ('response', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.measureresponse')),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_problem_clinic_id'), models.UniqueConstraint(fields=('clinic', 'plan_version', 'lineage'), name='problem_lineage'), clinics.tenancy.SameClinic('plan_version', name='problem_plan_version_same_clinic'), clinics.tenancy.SameClinic('assessment', name='problem_assessment_same_clinic'), clinics.tenancy.SameClinic('response', name='problem_response_same_clinic'), models.CheckConstraint(condition=models.Q(models.Q(('assessment__isnull', False), ('evidence', 'assessment'), ('response__isnull', True)), models.Q(('assessment__isnull', True), ('evidence', 'measure'), ('response__isnull', False)), models.Q(('assessment__isnull', True), ('client_words__isnull', False), ('evidence', 'statement'), ('response__isnull', True)), _connector='OR'), name='problem_has_evidence')],
            },
        ),
        migrations.CreateModel(
            name='Goal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('lineage', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('position', models.PositiveSmallIntegerField(default=1)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('text', clinics.fields.EncryptedTextField(kind='record')),
                ('client_words', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('value_link', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('phase', models.CharField(choices=[('explore_motivation', 'Exploring reasons'), ('consolidate_commitment', 'Making it firm')], default='explore_motivation', max_length=24)),
                ('commitment', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('gate_reason', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('proposed_by', models.CharField(choices=[('client', 'The person'), ('together', 'Both together'), ('therapist', 'The therapist'), ('family', 'Family'), ('court', 'Court or supervision officer')], max_length=12)),
                ('target_on', models.DateField(blank=True, null=True)),
                ('status', models.CharField(choices=[('proposed', 'Proposed'), ('active', 'Under way'), ('achieved', 'Achieved'), ('partly', 'Partly achieved'), ('not_met', 'Not met'), ('dropped', 'Dropped')], default='active', max_length=10)),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('target', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.changetarget')),
                ('plan_version', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='clients.planversion')),
                ('problem', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='goals', to='clients.problem')),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_goal_clinic_id'), models.UniqueConstraint(fields=('clinic', 'plan_version', 'lineage'), name='goal_lineage'), clinics.tenancy.SameClinic('plan_version', name='goal_plan_version_same_clinic'), clinics.tenancy.SameClinic('problem', name='goal_problem_same_clinic'), clinics.tenancy.SameClinic('target', name='goal_target_same_clinic'), models.CheckConstraint(condition=models.Q(models.Q(('phase', 'consolidate_commitment'), _negated=True), ('commitment__isnull', False), ('gate_reason__isnull', False), _connector='OR'), name='goal_firm_has_words')],
            },
        ),
        migrations.CreateModel(
            name='Objective',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('lineage', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('position', models.PositiveSmallIntegerField(default=1)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('text', clinics.fields.EncryptedTextField(kind='record')),
                ('metric', clinics.fields.EncryptedTextField(kind='record')),
                ('baseline', models.DecimalField(blank=True, decimal_places=2, max_digits=9, null=True)),
                ('target_value', models.DecimalField(decimal_places=2, max_digits=9)),
                ('unit', models.CharField(max_length=40)),
                ('by_on', models.DateField()),
                ('achievable', models.BooleanField(default=False)),
                ('relevance', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('goal', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='objectives', to='clients.goal')),
                ('plan_version', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='clients.planversion')),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_objective_clinic_id'), models.UniqueConstraint(fields=('clinic', 'plan_version', 'lineage'), name='objective_lineage'), clinics.tenancy.SameClinic('plan_version', name='objective_plan_version_same_clinic'), clinics.tenancy.SameClinic('goal', name='objective_goal_same_clinic')],
            },
        ),
        migrations.CreateModel(
            name='Intervention',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('lineage', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('position', models.PositiveSmallIntegerField(default=1)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('modality', models.CharField(choices=[('mi', 'MI'), ('cbt', 'CBT'), ('dbt', 'DBT'), ('contingency', 'Contingency management'), ('twelve_step', '12-step facilitation'), ('family', 'Family work'), ('medication_support', 'Medication support'), ('case_management', 'Case management'), ('other', 'Other')], max_length=20)),
                ('does', models.CharField(choices=[('evoke', 'Evoke'), ('teach', 'Teach'), ('practise', 'Practice'), ('monitor', 'Monitor'), ('link', 'Link to others')], max_length=10)),
                ('text', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('session_format', models.CharField(choices=[('individual', 'Individual'), ('group', 'Group'), ('family', 'Family'), ('phone', 'Phone'), ('video', 'Video')], default='individual', max_length=12)),
                ('times', models.PositiveSmallIntegerField()),
                ('per', models.CharField(choices=[('week', 'a week'), ('month', 'a month')], max_length=6)),
                ('minutes', models.PositiveSmallIntegerField()),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(blank=True, null=True)),
                ('block_sessions', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('who', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('objective', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='interventions', to='clients.objective')),
                ('plan_version', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='clients.planversion')),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_intervention_clinic_id'), models.UniqueConstraint(fields=('clinic', 'plan_version', 'lineage'), name='intervention_lineage'), clinics.tenancy.SameClinic('plan_version', name='intervention_plan_version_same_clinic'), clinics.tenancy.SameClinic('objective', name='intervention_objective_same_clinic'), models.CheckConstraint(condition=models.Q(('minutes__gte', 1), ('minutes__lte', 600), ('times__gte', 1), ('times__lte', 31)), name='intervention_amount'), models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='intervention_days_in_order'), models.CheckConstraint(condition=models.Q(('block_sessions__isnull', True), models.Q(('block_sessions__gte', 1), ('block_sessions__lte', 6), ('modality', 'mi')), _connector='OR'), name='intervention_block_of_mi')],
            },
        ),
        migrations.CreateModel(
            name='PlanSignature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('capacity', models.CharField(choices=[('author', 'Author'), ('client', 'The person'), ('guardian', 'Guardian'), ('supervisor', 'Supervisor'), ('physician', 'Physician')], max_length=12)),
                ('printed_name', models.CharField(max_length=200)),
                ('method', models.CharField(choices=[('signed_in', 'Signed in again'), ('device', "On the clinic's device"), ('paper', 'On paper')], max_length=12)),
                ('refused', models.BooleanField(default=False)),
                ('refusal_reason', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('content_hash', models.CharField(max_length=64)),
                ('signed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('recorded_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('plan_version', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='clients.planversion')),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_plansignature_clinic_id'), models.UniqueConstraint(fields=('clinic', 'plan_version', 'capacity', 'content_hash'), name='plan_signature_once'), clinics.tenancy.SameClinic('plan_version', name='plan_signature_plan_version_same_clinic'), models.CheckConstraint(condition=models.Q(models.Q(('refusal_reason__isnull', True), ('refused', False)), models.Q(('capacity__in', ['client', 'guardian']), ('refusal_reason__isnull', False), ('refused', True)), _connector='OR'), name='plan_signature_refusal_has_reason'), models.CheckConstraint(condition=models.Q(models.Q(('capacity__in', ['author', 'supervisor']), _negated=True), models.Q(('method', 'signed_in'), ('user__isnull', False)), _connector='OR'), name='plan_signature_of_staff_is_signed_in')],
            },
        ),
        migrations.CreateModel(
            name='LintDismissal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('code', models.SlugField(max_length=40)),
                ('lineage', models.UUIDField(editable=False, null=True)),
                ('reason', clinics.fields.EncryptedTextField(kind='record')),
                ('dismissed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('dismissed_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('plan_version', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='dismissals', to='clients.planversion')),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_lintdismissal_clinic_id'), models.UniqueConstraint(fields=('clinic', 'plan_version', 'code', 'lineage'), name='lint_dismissal_once', nulls_distinct=False), clinics.tenancy.SameClinic('plan_version', name='lint_dismissal_plan_version_same_clinic')],
            },
        ),
        migrations.CreateModel(
            name='PlanReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('due_on', models.DateField()),
                ('held_on', models.DateField(editable=False, null=True)),
                ('decision', models.CharField(blank=True, choices=[('continue', 'Go on as planned'), ('revise', 'Change the plan'), ('close', 'End the plan')], max_length=10)),
                ('note', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('held_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('plan', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='clients.treatmentplan')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['clinic', 'client'], name='plan_review_client'), models.Index(condition=models.Q(('held_on__isnull', True)), fields=['clinic', 'due_on'], name='plan_review_due')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_planreview_clinic_id'), models.UniqueConstraint(condition=models.Q(('held_on__isnull', True)), fields=('clinic', 'plan'), name='plan_review_one_open'), clinics.tenancy.SameClinic('client', name='plan_review_client_same_clinic'), clinics.tenancy.SameClinic('plan', name='plan_review_plan_same_clinic'), models.CheckConstraint(condition=models.Q(models.Q(('decision', ''), ('held_by__isnull', True), ('held_on__isnull', True)), models.Q(('held_by__isnull', False), ('held_on__isnull', False), models.Q(('decision', ''), _negated=True)), _connector='OR'), name='plan_review_held_whole')],
            },
        ),
        migrations.CreateModel(
            name='GoalReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('progress', models.PositiveSmallIntegerField()),
                ('status', models.CharField(choices=[('proposed', 'Proposed'), ('active', 'Under way'), ('achieved', 'Achieved'), ('partly', 'Partly achieved'), ('not_met', 'Not met'), ('dropped', 'Dropped')], max_length=10)),
                ('comment', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('goal', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='reviewed', to='clients.goal')),
                ('review', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='goals', to='clients.planreview')),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_goalreview_clinic_id'), models.UniqueConstraint(fields=('clinic', 'review', 'goal'), name='goal_review_once'), clinics.tenancy.SameClinic('review', name='goal_review_review_same_clinic'), clinics.tenancy.SameClinic('goal', name='goal_review_goal_same_clinic'), models.CheckConstraint(condition=models.Q(('progress__lte', 100)), name='goal_review_percent')],
            },
        ),
        migrations.RemoveConstraint(
            model_name='rulerreading',
            name='ruler_once_per_appointment',
        ),
        migrations.AddField(
            model_name='changetarget',
            name='direction',
            field=models.CharField(blank=True, choices=[('stop', 'Stop'), ('reduce', 'Do less'), ('start', 'Start'), ('maintain', 'Keep up'), ('adhere', 'Stick to it')], db_default='', default='', max_length=10),
        ),
        migrations.AddField(
            model_name='changetarget',
            name='kind',
            field=models.CharField(choices=[('substance', 'Substance use'), ('mental_health', 'Mental health'), ('health_behaviour', 'Health'), ('chronic_condition', 'A long-term condition'), ('adolescent_behaviour', 'Adolescent behavior'), ('justice_reintegration', 'Life after justice involvement'), ('workplace_eap', 'Work'), ('other', 'Something else')], db_default='other', default='other', max_length=24),
        ),
        migrations.AddField(
            model_name='changetarget',
            name='own_words',
            field=clinics.fields.EncryptedTextField(kind='record', null=True),
        ),
        migrations.AddField(
            model_name='changetarget',
            name='version',
            field=models.PositiveIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.AddField(
            model_name='rulerreading',
            name='target',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.changetarget'),
        ),
        migrations.AddField(
            model_name='rulerreading',
            name='what_would_raise',
            field=clinics.fields.EncryptedTextField(kind='record', null=True),
        ),
        migrations.AddField(
            model_name='rulerreading',
            name='why_not_lower',
            field=clinics.fields.EncryptedTextField(kind='record', null=True),
        ),
        migrations.AlterField(
            model_name='rulerreading',
            name='appointment',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.appointment'),
        ),
        migrations.AlterField(
            model_name='task',
            name='kind',
            field=models.CharField(choices=[('safety', 'Safety review'), ('medical_triage', 'Medical triage'), ('call_back', 'Call back'), ('call_now', 'Nobody has called yet'), ('reach_now', 'Not reached yet'), ('follow_up', 'Follow up'), ('evaluation', 'Assessment overdue'), ('decision', 'Decision overdue'), ('waiting_check', 'Check in with somebody who waits'), ('authorisation', 'An authorization needs renewing'), ('mandate_report', 'A report on a mandate is due'), ('measure', 'A measure is due'), ('plan', 'A treatment plan is due'), ('plan_review', 'A plan review is due')], max_length=20),
        ),
        migrations.AddConstraint(
            model_name='rulerreading',
            constraint=models.UniqueConstraint(condition=models.Q(('appointment__isnull', False)), fields=('clinic', 'appointment', 'target', 'ruler'), name='ruler_once_per_appointment', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='rulerreading',
            constraint=clinics.tenancy.SameClinic('target', name='ruler_target_same_clinic'),
        ),
        migrations.RunSQL(FUNCTIONS, FUNCTIONS_BACK),
        *(operation for table in TABLES for operation in owned_table(table, trail=True)),
        migrations.RunSQL(FINAL, FINAL_BACK),
    ]

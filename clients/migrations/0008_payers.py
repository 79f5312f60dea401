import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import clinics.fields
import clinics.tenancy
from clinics.tenancy import owned_table

TABLES = {
    "clients_referralorganisation": False,
    "clients_coverage": True,
    "clients_benefitcheck": True,
    "clients_authorisation": True,
    "clients_mandate": True,
    "clients_mandatereport": True,
    "clients_safetyplan": True,
}
# What was answered, reported or written with somebody is final; only its encryption may change.
FINALS = {
    "clients_benefitcheck": "evoke_log_keeps('notes')",
    "clients_mandatereport": "evoke_log_keeps()",
    "clients_safetyplan": "evoke_log_keeps('parts')",
}
FINAL = "".join(
    f"create trigger final before update or delete on {table} for each row execute function {function};"
    f"create trigger final_truncate before truncate on {table} for each statement execute function evoke_refuse_change();"
    for table, function in FINALS.items()
)
FINAL_BACK = "".join(
    f"drop trigger final_truncate on {table}; drop trigger final on {table};" for table in reversed(FINALS)
)


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0007_admission_guards'),
        ('clinics', '0007_payer_rights'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReferralOrganisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=160)),
                ('source', models.CharField(choices=[('1', 'Themselves, family or a friend'), ('2', 'Substance use care provider'), ('3', 'Other health care provider'), ('4', 'School'), ('5', 'Employer or employee assistance'), ('6', 'Other community referral'), ('7', 'Court or justice system')], max_length=2)),
                ('source_detail', models.CharField(blank=True, choices=[('1', 'State or federal court'), ('2', 'Formal adjudication'), ('3', 'Probation or parole'), ('4', 'Other legal entity'), ('5', 'Diversion'), ('6', 'Prison'), ('7', 'Driving under the influence'), ('8', 'Other')], max_length=2)),
                ('phone', models.CharField(blank=True, max_length=16)),
                ('email', models.CharField(blank=True, max_length=254)),
                ('is_active', models.BooleanField(default=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_referralorganisation_clinic_id'), models.UniqueConstraint(models.F('clinic'), django.db.models.functions.text.Lower('name'), name='referral_organisation_name'), models.CheckConstraint(condition=models.Q(('source_detail', ''), ('source', '7'), _connector='OR'), name='referral_organisation_detail_of_justice')],
            },
        ),
        migrations.CreateModel(
            name='Coverage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('rank', models.PositiveSmallIntegerField(default=1)),
                ('plan_type', models.CharField(choices=[('1', 'Private'), ('2', 'Medicaid'), ('3', 'Medicare or other'), ('4', 'None')], max_length=2)),
                ('payment', models.CharField(choices=[('1', 'Self-pay'), ('2', 'Private insurance'), ('3', 'Medicare'), ('4', 'Medicaid'), ('5', 'Other government payments'), ('6', 'No charge'), ('7', 'Other')], max_length=2)),
                ('payer', models.CharField(blank=True, max_length=160)),
                ('payer_number', models.CharField(blank=True, max_length=40)),
                ('member_id', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('member_index', models.CharField(blank=True, editable=False, max_length=64)),
                ('group_number', models.CharField(blank=True, max_length=40)),
                ('subscriber_relation', models.CharField(blank=True, choices=[('self', 'The person'), ('spouse', 'Spouse or partner'), ('parent', 'Parent'), ('other', 'Somebody else')], max_length=8)),
                ('subscriber_name', models.CharField(blank=True, max_length=160)),
                ('subscriber_born_on', models.DateField(blank=True, null=True)),
                ('effective_on', models.DateField(blank=True, null=True)),
                ('ends_on', models.DateField(blank=True, null=True)),
                ('network', models.CharField(choices=[('in', 'In network'), ('out', 'Out of network'), ('unknown', 'Not known')], default='unknown', max_length=8)),
                ('estimate_given_on', models.DateField(blank=True, null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('removed_at', models.DateTimeField(editable=False, null=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='coverages', to='clients.client')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['clinic', 'client', 'rank'], name='coverage_client'), models.Index(condition=models.Q(('member_index', ''), _negated=True), fields=['clinic', 'member_index'], name='coverage_member')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_coverage_clinic_id'), clinics.tenancy.SameClinic('client', name='coverage_client_same_clinic'), models.CheckConstraint(condition=models.Q(('rank__gte', 1), ('rank__lte', 3)), name='coverage_rank'), models.CheckConstraint(condition=models.Q(('effective_on__isnull', True), ('ends_on__isnull', True), ('ends_on__gte', models.F('effective_on')), _connector='OR'), name='coverage_days_in_order'), models.CheckConstraint(condition=models.Q(models.Q(('member_id__isnull', True), ('member_index', '')), models.Q(('member_id__isnull', False), models.Q(('member_index', ''), _negated=True)), _connector='OR'), name='coverage_member_indexed'), models.CheckConstraint(condition=models.Q(('plan_type', '4'), models.Q(('payer', ''), _negated=True), _connector='OR'), name='coverage_names_payer')],
            },
        ),
        migrations.CreateModel(
            name='BenefitCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('requested_at', models.DateTimeField()),
                ('method', models.CharField(choices=[('phone', 'Telephone'), ('portal', 'The payer’s website'), ('electronic', 'Electronic inquiry'), ('fax', 'Fax')], max_length=12)),
                ('reference', models.CharField(blank=True, max_length=80)),
                ('result', models.CharField(choices=[('active', 'Active'), ('inactive', 'Not active'), ('out_of_network', 'Active, out of network'), ('unknown', 'Not known yet')], max_length=16)),
                ('deductible', models.DecimalField(blank=True, decimal_places=2, max_digits=9, null=True)),
                ('deductible_met', models.DecimalField(blank=True, decimal_places=2, max_digits=9, null=True)),
                ('copay', models.DecimalField(blank=True, decimal_places=2, max_digits=9, null=True)),
                ('coinsurance', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                ('out_of_pocket_max', models.DecimalField(blank=True, decimal_places=2, max_digits=9, null=True)),
                ('authorisation_required', models.BooleanField(null=True)),
                ('visit_limit', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('notes', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('disclosure', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.disclosure')),
                ('recorded_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('coverage', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='checks', to='clients.coverage')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['clinic', 'coverage', '-id'], name='benefit_check_coverage'), models.Index(fields=['clinic', 'client'], name='benefit_check_client')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_benefitcheck_clinic_id'), clinics.tenancy.SameClinic('client', name='benefit_check_client_same_clinic'), clinics.tenancy.SameClinic('coverage', name='benefit_check_coverage_same_clinic'), clinics.tenancy.SameClinic('disclosure', name='benefit_check_disclosure_same_clinic'), models.CheckConstraint(condition=models.Q(('deductible__gte', 0)), name='benefit_check_deductible_not_negative'), models.CheckConstraint(condition=models.Q(('deductible_met__gte', 0)), name='benefit_check_deductible_met_not_negative'), models.CheckConstraint(condition=models.Q(('copay__gte', 0)), name='benefit_check_copay_not_negative'), models.CheckConstraint(condition=models.Q(('coinsurance__gte', 0)), name='benefit_check_coinsurance_not_negative'), models.CheckConstraint(condition=models.Q(('out_of_pocket_max__gte', 0)), name='benefit_check_out_of_pocket_max_not_negative'), models.CheckConstraint(condition=models.Q(('coinsurance__lte', 100)), name='benefit_check_coinsurance_percent')],
            },
        ),
        migrations.CreateModel(
            name='Authorisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('number', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('from_on', models.DateField()),
                ('until_on', models.DateField()),
                ('units', models.PositiveSmallIntegerField()),
                ('units_used', models.PositiveSmallIntegerField(default=0)),
                ('next_review_on', models.DateField(blank=True, null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('coverage', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='authorisations', to='clients.coverage')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['clinic', 'coverage', '-until_on'], name='authorisation_coverage'), models.Index(fields=['clinic', 'client'], name='authorisation_client'), models.Index(condition=models.Q(('next_review_on__isnull', False)), fields=['clinic', 'next_review_on'], name='authorisation_review')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_authorisation_clinic_id'), clinics.tenancy.SameClinic('client', name='authorisation_client_same_clinic'), clinics.tenancy.SameClinic('coverage', name='authorisation_coverage_same_clinic'), models.CheckConstraint(condition=models.Q(('until_on__gte', models.F('from_on'))), name='authorisation_days_in_order'), models.CheckConstraint(condition=models.Q(('units__gte', 1)), name='authorisation_of_something')],
            },
        ),
        migrations.CreateModel(
            name='Mandate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('court', 'Court'), ('probation', 'Probation'), ('parole', 'Parole'), ('diversion', 'Diversion program'), ('child_welfare', 'Child welfare'), ('employer', 'Employer'), ('professional_board', 'Professional board'), ('family_pressure', 'Family asks for it')], max_length=20)),
                ('body', models.CharField(blank=True, max_length=160)),
                ('officer', models.CharField(blank=True, max_length=160)),
                ('docket', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('starts_on', models.DateField(blank=True, null=True)),
                ('ends_on', models.DateField(blank=True, null=True)),
                ('end_condition', models.CharField(blank=True, max_length=200)),
                ('required_level', models.CharField(blank=True, choices=[('outpatient', 'Outpatient'), ('intensive_outpatient', 'Intensive outpatient'), ('residential', 'Residential'), ('withdrawal', 'Withdrawal management'), ('unsure', 'Not sure yet')], max_length=24)),
                ('required_sessions', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('reporting', models.CharField(choices=[('none', 'No reports'), ('weekly', 'Every week'), ('two_weeks', 'Every two weeks'), ('monthly', 'Every month'), ('on_request', 'When they ask')], default='none', max_length=12)),
                ('next_report_on', models.DateField(blank=True, null=True)),
                ('client_view', clinics.fields.EncryptedTextField(kind='record', null=True)),
                ('discord', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('ended_at', models.DateTimeField(editable=False, null=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='mandates', to='clients.client')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('consent', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.consent')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('inquiry', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.inquiry')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['clinic', 'client'], name='mandate_client'), models.Index(condition=models.Q(('inquiry__isnull', False)), fields=['clinic', 'inquiry'], name='mandate_inquiry'), models.Index(condition=models.Q(('ended_at__isnull', True), ('next_report_on__isnull', False)), fields=['clinic', 'next_report_on'], name='mandate_report_due')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_mandate_clinic_id'), clinics.tenancy.SameClinic('client', name='mandate_client_same_clinic'), clinics.tenancy.SameClinic('inquiry', name='mandate_inquiry_same_clinic'), clinics.tenancy.SameClinic('consent', name='mandate_consent_same_clinic'), models.CheckConstraint(condition=models.Q(('discord__lte', 10)), name='mandate_discord_zero_to_ten'), models.CheckConstraint(condition=models.Q(('starts_on__isnull', True), ('ends_on__isnull', True), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='mandate_days_in_order'), models.CheckConstraint(condition=models.Q(('kind', 'family_pressure'), models.Q(('body', ''), _negated=True), _connector='OR'), name='mandate_names_body'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'family_pressure'), _negated=True), models.Q(('consent__isnull', True), ('docket__isnull', True), ('next_report_on__isnull', True), ('reporting', 'none')), _connector='OR'), name='mandate_family_is_not_reported_to')],
            },
        ),
        migrations.CreateModel(
            name='MandateReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('from_on', models.DateField()),
                ('until_on', models.DateField()),
                ('kept', models.PositiveSmallIntegerField()),
                ('missed', models.PositiveSmallIntegerField()),
                ('participating', models.BooleanField()),
                ('completed', models.BooleanField()),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('disclosure', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='mandate_reports', to='clients.disclosure')),
                ('made_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('mandate', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='clients.mandate')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['clinic', 'mandate', '-id'], name='mandate_report_mandate'), models.Index(fields=['clinic', 'client'], name='mandate_report_client')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_mandatereport_clinic_id'), models.UniqueConstraint(fields=('clinic', 'disclosure'), name='mandate_report_disclosed_once'), clinics.tenancy.SameClinic('client', name='mandate_report_client_same_clinic'), clinics.tenancy.SameClinic('mandate', name='mandate_report_mandate_same_clinic'), clinics.tenancy.SameClinic('disclosure', name='mandate_report_disclosure_same_clinic'), models.CheckConstraint(condition=models.Q(('until_on__gte', models.F('from_on'))), name='mandate_report_days_in_order')],
            },
        ),
        migrations.CreateModel(
            name='SafetyPlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('revision', models.PositiveSmallIntegerField()),
                ('parts', clinics.fields.EncryptedTextField(kind='record')),
                ('copy_given', models.BooleanField(default=False)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='safety_plans', to='clients.client')),
                ('clinic', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic')),
                ('made_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('clinic', 'id'), name='clients_safetyplan_clinic_id'), models.UniqueConstraint(fields=('clinic', 'client', 'revision'), name='safety_plan_revision'), clinics.tenancy.SameClinic('client', name='safety_plan_client_same_clinic')],
            },
        ),
        migrations.AddField(
            model_name='inquiry',
            name='eap_number',
            field=clinics.fields.EncryptedTextField(kind='record', null=True),
        ),
        migrations.AddField(
            model_name='inquiry',
            name='eap_report_to',
            field=models.CharField(blank=True, max_length=160),
        ),
        migrations.AddField(
            model_name='inquiry',
            name='eap_sessions',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='inquiry',
            name='eap_vendor',
            field=models.CharField(blank=True, max_length=160),
        ),
        migrations.AddField(
            model_name='inquiry',
            name='source_detail',
            field=models.CharField(blank=True, choices=[('1', 'State or federal court'), ('2', 'Formal adjudication'), ('3', 'Probation or parole'), ('4', 'Other legal entity'), ('5', 'Diversion'), ('6', 'Prison'), ('7', 'Driving under the influence'), ('8', 'Other')], max_length=2),
        ),
        migrations.AlterField(
            model_name='task',
            name='kind',
            field=models.CharField(choices=[('safety', 'Safety review'), ('medical_triage', 'Medical triage'), ('call_back', 'Call back'), ('call_now', 'Nobody has called yet'), ('reach_now', 'Not reached yet'), ('follow_up', 'Follow up'), ('waiting_check', 'Check in with somebody who waits'), ('revocation', 'Somebody asked to revoke a consent'), ('consent_ends', 'A consent ends soon'), ('authorisation', 'An authorization needs renewing'), ('mandate_report', 'A report on a mandate is due')], max_length=20),
        ),
        migrations.AddField(
            model_name='inquiry',
            name='organisation',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.referralorganisation'),
        ),
        migrations.AddIndex(
            model_name='inquiry',
            index=models.Index(condition=models.Q(('organisation__isnull', False)), fields=['clinic', 'organisation'], name='inquiry_organisation'),
        ),
        migrations.AddConstraint(
            model_name='inquiry',
            constraint=clinics.tenancy.SameClinic('organisation', name='inquiry_organisation_same_clinic'),
        ),
        migrations.AddConstraint(
            model_name='inquiry',
            constraint=models.CheckConstraint(condition=models.Q(('source_detail', ''), ('source', '7'), _connector='OR'), name='inquiry_detail_of_justice'),
        ),
        migrations.AddConstraint(
            model_name='inquiry',
            constraint=models.CheckConstraint(condition=models.Q(('source', '5'), models.Q(('eap_number__isnull', True), ('eap_report_to', ''), ('eap_sessions__isnull', True), ('eap_vendor', '')), _connector='OR'), name='inquiry_assistance_of_employer'),
        ),
        *(operation for table, trail in TABLES.items() for operation in owned_table(table, trail=trail)),
        migrations.RunSQL(FINAL, FINAL_BACK),
    ]

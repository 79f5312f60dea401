"""Every table with rows of a clinic shows and takes only those of the clinic that is entered."""

from django.db import migrations

from clinics.tenancy import owned_table

# What holds client data: each statement that changes it is in the audit trail too.
RECORDED = [
    "clients_client",
    "clients_episode",
    "clients_changetarget",
    "clients_caseloadassignment",
    "clients_breakglass",
    "clients_appointment",
    "clients_rulerreading",
    "clients_inquiry",
    "clients_contactattempt",
    "clients_inquirymove",
    "clients_safetyconcern",
    "clients_task",
    "clients_admission",
    "clients_admissiondecision",
    "clients_assessment",
    "clients_consent",
    "clients_consentevent",
    "clients_disclosure",
    "clients_disclosurepackage",
    "clients_interimoffer",
    "clients_merge",
    "clients_noticegiven",
    "clients_notthesame",
    "clients_restriction",
    "clients_waitlistentry",
    "clients_coverage",
    "clients_benefitcheck",
    "clients_authorisation",
    "clients_mandate",
    "clients_mandatereport",
    "clients_safetyplan",
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
    "clients_exercise",
    "clients_changereason",
    "clients_strength",
    "clients_relapseplan",
    "clients_craving",
    "clients_lapse",
    "clients_blockdecision",
]
TABLES = [
    "clients_shift",
    "clients_workinghours",
    "clients_referralorganisation",
]


class Migration(migrations.Migration):

    replaces = [('clients', '0002_isolation'), ('clients', '0005_inquiry_guards'), ('clients', '0007_admission_guards'), ('clients', '0008_payers'), ('clients', '0010_record'), ('clients', '0012_exercises')]

    dependencies = [
        ('clients', '0001_schema'),
    ]

    operations = [
        *(operation for table in RECORDED for operation in owned_table(table, trail=True)),
        *(operation for table in TABLES for operation in owned_table(table)),
    ]

"""`bench`: measure the goals, each against its raw limit, on a database of its own."""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import django
import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone
from psycopg import sql
from psycopg.conninfo import make_conninfo

from analytics import rollups
from analytics.bench import admissions, data, goals, person
from analytics.bench.timing import Timed, compare
from clinics.models import Clinic, Program, User
from clinics.roles import RIGHTS, Role
from clinics.services import instruments, people
from clinics.services.tokens import create_token
from clinics.tenancy import clinic_scope

OWNER, BACKUP, ADMIN = "MIGRATION_DATABASE_URL", "BACKUP_DATABASE_URL", "ADMIN_DATABASE_URL"
MARK = "evoke_bench_"
WIDENED = 1.5
ROUNDS = 21


class Command(BaseCommand):
    """Measure the goals."""

    help = "Measure the goals of this version as ratios, each against its raw limit, on a database of its own."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--profile", choices=sorted(data.PROFILES), default="small")
        parser.add_argument("--only", default="", help="goals by key, such as G1,G3")
        parser.add_argument("--rounds", type=int, default=ROUNDS)
        parser.add_argument("--json", dest="json_file", default="", help="write all ratios to this file")
        parser.add_argument("--check", action="store_true", help="exit 1 when a goal (widened by half for small) fails")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the database, run inside it, drop it."""
        if connection.settings_dict["NAME"].startswith(MARK):
            self._inside(**options)
            return
        if not all(os.environ.get(variable) for variable in (OWNER, ADMIN)):
            raise CommandError("The benchmark makes a database of its own: run `make bench`.")
        name = f"{MARK}{os.getpid()}"
        with _connect(OWNER) as cluster:
            cluster.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
            try:
                sys.exit(_again(name, sys.argv[2:]))
            finally:
                cluster.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))

    def _inside(self, **options: Any) -> None:
        bench, others = _arrange(options["profile"])
        wanted = {key.strip() for key in options["only"].split(",") if key.strip()}
        widened = WIDENED if options["profile"] == "small" else 1.0
        results, failed = [], []
        for goal in (*goals.goals(bench), *others):
            if wanted and goal.key not in wanted:
                continue
            timed = compare(goal.subject, goal.limit, options["rounds"])
            if goal.fails(timed, widened):
                timed = compare(goal.subject, goal.limit, options["rounds"] * 2)
            results.append(_result(goal, timed))
            self.stdout.write(_line(goal, timed))
            if goal.fails(timed, widened):
                failed.append(f"{goal.key} {goal.text}")
        facts = {
            "python": platform.python_version(), "django": django.get_version(), "load": os.getloadavg(),
            "profile": options["profile"], "rounds": options["rounds"], "results": results,
        }  # fmt: skip
        if options["json_file"]:
            Path(options["json_file"]).write_text(json.dumps(facts, indent=1), encoding="utf-8")
        self.stdout.write(
            f"load {os.getloadavg()[0]:.1f}, profile {options['profile']}; ratios only compare with ratios"
        )
        if options["check"] and failed:
            raise CommandError(f"Over the goal: {', '.join(failed)}.")


def _again(name: str, arguments: list[str]) -> int:
    """Migrate the new database and run this command inside it, in processes of their own."""
    environ = dict(os.environ)
    for variable in ("DATABASE_URL", "MIGRATION_DATABASE_URL", "SEALER_DATABASE_URL", "BACKUP_DATABASE_URL"):
        url = environ[variable]
        environ[variable] = url[: url.rindex("/") + 1] + name
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    for command in (["migrate", "--verbosity", "0"], ["bench", *arguments]):
        code = subprocess.run([*manage, *command], env=environ).returncode  # noqa: S603 - our own commands
        if code:
            return code
    return 0


def _connect(variable: str, name: str = "") -> psycopg.Connection[Any]:
    """Return an autocommit connection to the address in a variable, in another database when `name` is given."""
    address = make_conninfo(os.environ[variable], **({"dbname": name} if name else {}))
    return psycopg.connect(address, autocommit=True)


def _arrange(profile: str) -> tuple[goals.Bench, list[goals.Goal]]:
    """Open the clinics, fill them, roll them up, hand out tokens; return also the goals of a clinic of its own."""
    amount = data.PROFILES[profile]
    clinics = [_clinic(number) for number in range(amount.clinics)]
    name = connection.settings_dict["NAME"]
    with _connect(OWNER, name) as owner:
        data.fill(owner, amount, clinics)
    largest = clinics[0]
    for clinic in clinics:
        with clinic_scope(clinic.pk):
            rollups.fill(rollups.all_keys())
    tokens = {}
    with clinic_scope(largest.pk):
        for who, role in (
            ("clinic", Role.COORDINATOR), ("caseload", Role.THERAPIST), ("supervisor", Role.SUPERVISOR),
        ):  # fmt: skip
            user = User.objects.filter(memberships__clinic=largest, memberships__role=role).order_by("pk")[0]
            _row, tokens[who] = create_token(
                clinic=largest, user=user, name="bench", days=1, scopes=list(RIGHTS), by=None, now=timezone.now()
            )
    settings.API_REQUESTS_PER_MINUTE = 10**9
    bench = goals.Bench(largest, tokens, _connect(BACKUP, name), _connect(ADMIN, name))
    crowded = clinics[-1]
    with _connect(OWNER, name) as owner:
        admissions.fill(owner, crowded)
    coordinator = User.objects.filter(memberships__clinic=crowded, memberships__role=Role.COORDINATOR).order_by("pk")[0]
    therapist = User.objects.filter(memberships__clinic=largest, memberships__role=Role.THERAPIST).order_by("pk")[0]
    return bench, [*admissions.goals(bench, crowded, coordinator), *person.goals(bench, therapist)]


def _clinic(number: int) -> Clinic:
    """Open a clinic with eleven therapists, a supervisor of all of them, and a coordinator."""
    clinic = people.create_clinic(
        slug=f"bench-{number}", name=f"Bench {number}", initials="B", reference_prefix="BN", time_zone="America/Chicago"
    )
    with clinic_scope(clinic.pk):
        instruments.adopt_all_shipped(clinic=clinic, by=None, now=timezone.now())
        Program.objects.create(clinic=clinic, name="Outpatient")
        team = {}
        for name, role in [
            ("c", Role.COORDINATOR),
            ("s", Role.SUPERVISOR),
            *[(f"t{n}", Role.THERAPIST) for n in range(11)],
        ]:
            user = User.objects.create_user(f"{name}@bench-{number}.example", f"{name} {number}")
            people.add_member(clinic=clinic, user=user, role=role, by=None)
            team[name] = user
        for name, user in team.items():
            if name.startswith("t"):
                people.start_supervision(supervisor=team["s"], supervisee=user, by=None)
    return clinic


def _result(goal: goals.Goal, timed: Timed) -> dict[str, Any]:
    return {
        "goal": goal.key, "text": goal.text, "at_most": goal.ratio, "at_most_ms": goal.most_ms, "ratio": timed.ratio,
        "fast_ratio": timed.fast_ratio, "p95_ratio": timed.p95_ratio, "median_ms": timed.median_ms,
        "fast_ms": timed.fast_ms,
    }  # fmt: skip


def _line(goal: goals.Goal, timed: Timed) -> str:
    limit, subject = timed.median_ms["limit"], timed.median_ms["subject"]
    most = f", at most {goal.most_ms:.0f} ms" if goal.most_ms is not None else ""
    return (
        f"{goal.key:<3} {goal.text:<42} {timed.ratio:6.2f} x "
        f"(fastest tenth {timed.fast_ratio:5.2f}, p95 {timed.p95_ratio:5.2f})"
        f", goal {goal.ratio:.2f}   {subject:8.2f} ms over {limit:7.2f} ms{most}"
    )

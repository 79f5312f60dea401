"""
The probe: every route, as every kind of person, with every method, with the neighbour's ids in path, query and body.

It asks four things of each route: does an answer hold the neighbour's canary; does a row of the neighbour change;
are foreign, absent and malformed ids answered alike; and (the positive control) does the same call with own ids work
for somebody, since a route that refuses everybody would prove nothing.
"""

import hashlib
import itertools
import json
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from clinics.models import ApiToken, User
from clinics.roles import RIGHTS
from clinics.tenancy import owned_models
from clinics.tokens import digest
from tests.guards.routes import METHODS, Candidates, Route, same_names_as_models
from tests.template import told_each_other
from tests.world import CANARY, Side, World

ANONYMOUS, TOKEN = "anonymous", "token"
# Statuses that show that a call reached its own row: the answer, or a complaint about what was sent with it.
REACHED = {200, 201, 202, 204, 302, 303, 400, 405, 409, 412, 415, 422, 428}
MALFORMED = "not-an-id"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
EMPTY = {FORM: b"", JSON: b"{}"}
# Addresses whose last part is a word and not an id: any clinic may say it, and it means a row of its own.
OWN_WORDS = {
    "draft_save": "a draft's key names the form it belongs to",
    "draft_discard": "the same",
    "instrument_attest": "an instrument is named alike at every clinic; what is said of it is each clinic's own",
    "instrument_attest_end": "the same",
}

# Addresses that are themselves the proof: at the neighbour they are tried with another clinic's secret.
BY_SECRET = {
    "join": "who holds an invitation's link may follow it; its token has 256 random bits",
    "measure_answer": "who holds a link may answer by it, once; its secret has 256 random bits",
}


@dataclass
class Findings:
    """What the probe saw."""

    probes: int = 0
    leaks: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    unlike: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    without_control: list[str] = field(default_factory=list)


# Route → the place of the own id with which somebody was let through: the world is the same for every test, so that
# one finding in a process is enough.
_controls: dict[str, int] = {}
# Where an address begins → the place of who was let through there last, who is asked first for the next.
_let_through: dict[str, int] = {}


def told() -> dict[str, tuple[int, int]]:
    """Return, by route, the place of the id and of the person that let another process through: tried first here."""
    try:
        lines = told_each_other().read_text().splitlines()
    except FileNotFoundError:
        return {}
    return {route: (int(place), int(who)) for place, who, route in (line.split(" ", 2) for line in lines)}


def tell(route: str, place: int, who: int) -> None:
    """Tell the other processes; a line is written at once or not at all."""
    with told_each_other().open("a") as file:
        file.write(f"{place} {who} {route}\n")


@contextmanager
def undone() -> Iterator[None]:
    """Run the block, then roll back what it wrote."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def people(side: Side) -> dict[str, User | None]:
    """Return who probes: one person for each role, and the visitor who is nobody."""
    found: dict[str, User | None] = {role.value: user for role, user in side.people.items()}
    return {**found, ANONYMOUS: None}


def make_token(side: Side) -> str:
    """Return an API token of the side's supervisor with every scope."""
    text = f"evk.{side.clinic.slug}.{uuid.uuid4().hex}{uuid.uuid4().hex}"
    with side.scope():
        ApiToken.objects.create(
            clinic=side.clinic, user=side.supervisor, name="probe", prefix=text[:12], digest=digest(text),
            scopes=list(RIGHTS), expires_at=timezone.now() + timezone.timedelta(days=1),
        )  # fmt: skip
    return text


def client_for(user: User | None) -> Client:
    """Return a fresh browser, signed in just now: no page asks again."""
    client = Client(raise_request_exception=False, enforce_csrf_checks=False)
    if user is not None:
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        session = client.session
        session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
    return client


def again(signed_in: Client) -> Client:
    """Return a fresh browser with the cookies of another: what happened in an earlier one does not follow."""
    client = Client(raise_request_exception=False, enforce_csrf_checks=False)
    client.cookies.load({name: morsel.value for name, morsel in signed_in.cookies.items()})
    return client


def fingerprint(side: Side) -> dict[str, str]:
    """Return a hash of each owned table's rows of one clinic; of its events their number, since every test writes some."""
    trail = "clinics_auditevent"
    tables = [model._meta.db_table for model in owned_models()]
    hashed = "select '{0}', md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {0} t"
    parts = [hashed.format(table) for table in tables if table != trail]
    with side.scope(), connection.cursor() as cursor:
        cursor.execute(" union all ".join([*parts, f"select '{trail}', count(*)::text from {trail}"]))
        return dict(cursor.fetchall())


class Gist(NamedTuple):
    """What two answers have in common when they are alike: their status, and a hash of their body."""

    status: int
    body: str


def gist(answer: Any) -> Gist:
    """Return the gist of an answer, without what differs by nature: tokens, ids, the address, the time in the footer."""
    content = b"" if answer.streaming else answer.content
    text = re.sub(rb'(csrf[^>]*?(?:value|content)=)"[^"]*"', rb"\1", content)
    text = re.sub(rb'<footer class="print-foot".*?</footer>', b"", text, flags=re.DOTALL)
    text = re.sub(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", b"", text)
    return Gist(answer.status_code, hashlib.sha256(text.replace(MALFORMED.encode(), b"")).hexdigest())


class Probe:
    """Runs the probe over routes of the world and keeps the findings."""

    def __init__(self, world: World) -> None:
        self.here, self.there = world.here, world.neighbour
        self.own, self.foreign = Candidates(self.here), Candidates(self.there)
        self.token = make_token(self.here)
        self.canary = f"{CANARY}-{self.there.clinic.slug}".encode()
        self.findings = Findings()
        body = self._hostile_body()
        self.bodies = {FORM: urlencode(body).encode(), JSON: json.dumps(body).encode()}
        self.visitors = {name: client_for(user) for name, user in people(self.here).items()}
        self.known: dict[str, dict[str, Any]] = {}
        self.told = told()
        self.before = fingerprint(self.there)

    def _hostile_body(self) -> dict[str, str]:
        """Return a body that names a row of the neighbour under every field name there is."""
        there = self.there
        body = {name: str(there.client.public_id) for name in same_names_as_models()}
        for name in ("client", "appointment", "session", "episode", "program", "note"):
            body[name] = str(getattr(there, name).public_id)
            body[f"{name}_id"] = str(getattr(there, name).pk)
        return {
            **body,
            "clinic": str(there.clinic.pk),
            "clinic_id": str(there.clinic.pk),
            "clinic_slug": there.clinic.slug,
        }

    def values(self, route: Route, pool: Candidates, limit: int) -> list[dict[str, Any]]:
        """Return placeholder values for a route: own clinic in the address, ids from `pool`."""
        names = [name for name in route.placeholders if name != "clinic_slug"]
        choices = [pool.of(route, name) for name in names]
        combined = itertools.islice(itertools.product(*choices), limit) if len(names) < 2 else self._pairs(choices)
        return [{"clinic_slug": self.here.clinic.slug, **dict(zip(names, one, strict=True))} for one in combined]

    @staticmethod
    def _pairs(choices: list[list[Any]]) -> list[tuple[Any, ...]]:
        """Return combinations, those of the likeliest values first."""
        places = itertools.product(*(range(len(values)) for values in choices))
        likeliest = sorted(places, key=sum)[:400]
        return [tuple(values[place] for values, place in zip(choices, one, strict=True)) for one in likeliest]

    def call(self, client: Client, method: str, route: Route, path: str, *, token: bool, hostile: bool) -> Any:
        """Send one request inside a transaction that is undone."""
        headers = {"HTTP_AUTHORIZATION": f"Bearer {self.token}"} if token else {}
        query = {"q": "jor", "client": str(self.there.client.public_id)} if hostile else {}
        arguments: dict[str, Any] = {**headers}
        if method in ("post", "put", "patch", "delete"):
            arguments["content_type"] = JSON if route.is_api or method != "post" else FORM
            arguments["data"] = (self.bodies if hostile else EMPTY)[arguments["content_type"]]
            if query:
                arguments["query_params"] = query
        elif method in ("get", "head"):
            arguments["data"] = query
        return getattr(client, method)(path, **arguments)

    def run(self, route: Route) -> None:
        """Probe one route: the control with own ids, then the neighbour's ids, and the neighbour's address."""
        takes_ids = len(route.placeholders) > 1
        control = self.control(route, [again(one) for name, one in self.visitors.items() if name != ANONYMOUS])
        browsers = {name: again(signed_in) for name, signed_in in self.visitors.items()}
        if not control:
            self.findings.without_control.append(f"{route.name} ({route.template})")
        if route.is_api:
            browsers[TOKEN] = client_for(None)
        foreign = self.values(route, self.foreign, 200) if takes_ids else self.values(route, self.own, 1)
        # Which of the neighbour's ids this route is about: the place in the list where the own id worked.
        picked = (foreign[control - 1 : control] if takes_ids and control else []) or foreign[:1]
        # Undone together, after the neighbour's rows were looked at: what a single call wrote must still be there then.
        got: dict[str, Gist] = {}
        with undone():
            for (name, client), method, values in itertools.product(browsers.items(), METHODS, picked):
                if method == "head" and got[name].status >= 400:
                    continue  # a HEAD is the GET without its body: what was refused has nothing to show here
                answer = self.call(client, method, route, route.path(**values), token=name == TOKEN, hostile=True)
                self.look(route, name, method, answer, expect_missing=takes_ids and route.name not in OWN_WORDS)
                if method == "get":
                    got[name] = gist(answer)
            tried = self.values(route, self.own, 1)[0] if route.name in BY_SECRET else picked[0]
            there_path = route.path(**{**tried, "clinic_slug": self.there.clinic.slug})
            for (name, client), method in itertools.product(browsers.items(), ("get", "post")):
                answer = self.call(client, method, route, there_path, token=name == TOKEN, hostile=True)
                self.look(route, name, f"{method} at the neighbour", answer, expect_missing=False)
            after = fingerprint(self.there)
        for table, value in self.before.items():
            if after[table] != value:
                self.findings.changes.append(f"{route.name}: {table}")
        if takes_ids and route.name not in OWN_WORDS:
            self.alike(route, picked[0], browsers, got)

    def control(self, route: Route, browsers: list[Client]) -> int:
        """
        Return the place (from 1) of the own id with which somebody is let through, or 0.

        Routes under the same object (people/<id>/, people/<id>/edit/) are about the same row: the id that worked
        for one is tried first for the next.
        """
        if route.template in _controls:
            return _controls[route.template]
        own = self.values(route, self.own, 200)
        stem = route.template.rpartition(">")[0]
        known = self.known.get(stem)
        places = sorted(range(1, len(own) + 1), key=lambda place: own[place - 1] != known)
        begins = route.template.partition(">/")[2].partition("/")[0]
        asked = sorted(range(len(browsers)), key=lambda who: who != _let_through.get(begins))
        first = [self.told[route.template]] if route.template in self.told else []
        for place, who in (*first, *itertools.product(places, asked)):
            client = browsers[who]
            values = own[place - 1]
            for method in route.takes:
                with undone():
                    answer = self.call(client, method, route, route.path(**values), token=False, hostile=False)
                if answer.status_code in (403, 405):
                    continue  # another right holds for the next method
                if answer.status_code in REACHED and not answer.get("Location", "").startswith("/accounts/"):
                    self.known[stem] = values
                    _controls[route.template] = place
                    _let_through[begins] = who
                    if (place, who) not in first:
                        tell(route.template, place, who)
                    return place
                break
        return 0

    def look(self, route: Route, who: str, method: str, answer: Any, *, expect_missing: bool) -> None:
        """Judge one answer."""
        self.findings.probes += 1
        where = f"{route.name} {method} as {who}: {answer.status_code}"
        content = b"" if answer.streaming else answer.content
        if self.canary in content:
            self.findings.leaks.append(where)
        if answer.status_code >= 500:
            self.findings.faults.append(where)
        if expect_missing and answer.status_code in (200, 201, 202, 204) and method != "options":
            self.findings.links.append(where)

    def alike(self, route: Route, foreign: dict[str, Any], browsers: dict[str, Client], got: dict[str, Gist]) -> None:
        """Compare what each role `got` for a foreign id with the answers for an absent and a malformed one."""
        last = route.placeholders[-1]
        cache.clear()  # who asked too often is answered alike, whatever they ask for
        for name, client in browsers.items():
            if name == TOKEN:
                continue
            answers = [got[name]]
            for value in (uuid.uuid4(), MALFORMED):
                with undone():
                    path = route.path(**{**foreign, last: value})
                    answers.append(gist(self.call(client, "get", route, path, token=False, hostile=True)))
            if len({one.status for one in answers}) > 1 or (
                answers[0].status == 404 and len({one.body for one in answers}) > 1
            ):
                self.findings.unlike.append(f"{route.name} as {name}: {[one.status for one in answers]}")

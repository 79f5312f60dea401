"""
Nobody sets a field that is not theirs (P9): each form is sent twice, as it is and with every field of every model.

The forms are read from the pages themselves, filled where they are empty, and sent by the person who was shown them.
What the database holds afterwards must be the same both times. And nothing of what is typed or shown may be said
anywhere else: not in a log line, a mail, an address or a cookie.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.mail import send_mail
from django.db import connection, models
from django.http import QueryDict
from django.test import Client

from clinics.fields import EncryptedTextField
from clinics.models import Clinic, User
from clinics.tenancy import owned_models
from tests.guards.crawl import NEIGHBOUR, crawl
from tests.guards.probe import ANONYMOUS, client_for, people, undone
from tests.guards.reading import of_client
from tests.guards.routes import same_names_as_models
from tests.guards.silence import Heard, listening
from tests.world import Side, World

SENT = (302, 303)
# What differs between any two saves: ids that are drawn, times, and text that is encrypted afresh.
DRAWN = (models.UUIDField, models.DateTimeField, models.BinaryField, models.AutoField)
# Text and numbers that name a row made just now.
DRAWN_BY_NAME = {"object_id", "client_ref", "detail", "key", "xid", "prefix"}
# A public id, where what a job is about is written down as text.
DRAWN_IN_TEXT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
WORDS = {
    "date": "2026-11-20", "time": "10:00", "number": "5", "email": "robin@mail.example", "tel": "312 555 0188",
    "text": "Robin Vale", "search": "", "textarea": "They want to sleep again.", "file": None, "password": "",
}  # fmt: skip
PARTS = {"month": "3", "day": "14", "year": "1988"}


@dataclass
class Form:
    """
    A form of a page: where it goes, and what a browser would send of it as it stands, blanks filled.

    names   every field of it, a box that is not ticked too
    picked  lists of which nothing was chosen: the first choice was taken
    """

    action: str
    data: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    picked: set[str] = field(default_factory=set)

    def ways(self) -> "Iterator[Form]":
        """Yield the form filled as far as it goes, then as it stands: first choices may contradict each other."""
        yield self
        if self.picked:
            bare = {name: values for name, values in self.data.items() if name not in self.picked}
            yield Form(self.action, bare, self.names)


class Forms(HTMLParser):
    """Reads the forms of a page that are sent by POST."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path, self.found = path, []  # type: ignore[var-annotated]
        self._form: Form | None = None
        self._text = self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        name = has.get("name") or ""
        if tag == "form":
            self._form = Form(has.get("action") or self.path) if (has.get("method") or "").lower() == "post" else None
            if self._form is not None:
                self.found.append(self._form)
            return
        if self._form is not None and name:
            self._form.names.add(name)
        if self._form is None or not name or "disabled" in has:
            if tag == "option" and self._form is not None and self._select:
                self._option(has)
        elif tag == "input":
            self._input(name, has)
        elif tag == "select":
            self._select = name
        elif tag == "textarea":
            self._text = name
            self._form.data[name] = [WORDS["textarea"] or ""]
        elif tag == "button" and has.get("value"):
            self._form.data.setdefault(name, [has["value"] or ""])

    def _input(self, name: str, has: dict[str, str | None]) -> None:
        assert self._form is not None
        kind, value = has.get("type") or "text", has.get("value") or ""
        if kind in ("radio", "checkbox"):
            if "checked" in has:
                self._form.data[name] = [value or "on"]
            elif kind == "radio":
                self._form.data.setdefault(name, [value])
        elif kind not in ("submit", "button", "reset", "file"):
            part = next((text for key, text in PARTS.items() if name.endswith(key)), None)
            self._form.data[name] = [value or part or (WORDS.get(kind) or "" if kind != "hidden" else "")]

    def _option(self, has: dict[str, str | None]) -> None:
        assert self._form is not None
        value = has.get("value") or ""
        if value and "selected" in has:
            self._form.data[self._select] = [value]
            self._form.picked.discard(self._select)
        elif value and self._select not in self._form.data:
            self._form.data[self._select] = [value]
            self._form.picked.add(self._select)

    def handle_data(self, data: str) -> None:
        if self._text and self._form is not None and data.strip():
            self._form.data[self._text] = [data]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag in ("select", "textarea"):
            self._select = self._text = ""


def forms_of(page: str, path: str) -> list[Form]:
    """Return the forms of a page."""
    reader = Forms(path)
    reader.feed(page)
    return reader.found


def hostile(form: Form, side: Side) -> dict[str, list[str]]:
    """Return what else is sent: a value for every field of every model that the form does not have."""
    ids = {
        name: str(getattr(side, name).pk) for name in ("client", "appointment", "session", "episode", "program", "note")
    }
    extra = {name: ["1"] for name in same_names_as_models()}
    extra |= {name: [value] for name, value in ids.items()} | {f"{name}_id": [value] for name, value in ids.items()}
    extra |= {"state": ["locked"], "status": ["closed"], "attendance": ["attended"], "role": ["administrator"]}
    extra |= {"signed_at": ["2026-01-01T00:00:00Z"], "version": ["7"], "user": [str(side.administrator.pk)]}
    return {name: value for name, value in extra.items() if name not in form.names}


def is_settled(one: Any) -> bool:
    """Tell whether two saves of the same form give a field the same value."""
    drawn = isinstance(one, (*DRAWN, EncryptedTextField, models.ForeignKey)) or one.name in DRAWN_BY_NAME
    return not drawn and "digest" not in one.name and "hash" not in one.name


def highest_keys(sides: tuple[Side, ...]) -> dict[str, int]:
    """Return the highest key of each table that a foreign key of an owned model points to."""
    found: dict[str, int] = {}
    for side in sides:
        with side.scope(), connection.cursor() as cursor:
            for model in (one for one in (*owned_models(), Clinic, User) if one._meta.pk.column == "id"):
                table = model._meta.db_table
                cursor.execute(f"select coalesce(max(id), 0) from {table}")
                found[table] = max(found.get(table, 0), cursor.fetchone()[0])
    return found


def reading(highest: dict[str, int]) -> str:
    """
    Return the statement that reads every owned table, as rows of its name and its text.

    Without what differs between any two saves: a link to a row that was there before is compared; one to a row made
    just now is compared as that.
    """
    parts = []
    for model in owned_models():
        columns = [f'"{one.column}"' for one in model._meta.concrete_fields if is_settled(one)]
        for one in model._meta.concrete_fields:
            if isinstance(one, models.ForeignKey):
                top = highest[one.related_model._meta.db_table]
                columns.append(f"""case when "{one.column}" > {top} then -1 else "{one.column}" end""")
        table = model._meta.db_table
        parts.append(f"select '{table}', row({', '.join(columns)})::text from {table}")
    return " union all ".join(parts)


def kept(sides: tuple[Side, ...], statement: str) -> dict[str, list[str]]:
    """Return what the owned tables of both clinics hold, by table and clinic."""
    found: dict[str, list[str]] = {}
    for side in sides:
        with side.scope(), connection.cursor() as cursor:
            cursor.execute(statement)
            for table, row in cursor.fetchall():
                found.setdefault(f"{table} {side.clinic.slug}", []).append(DRAWN_IN_TEXT.sub("", row))
    return {table: sorted(rows) for table, rows in found.items()}


def send(browser: Client, form: Form, more: dict[str, list[str]], heard: Heard) -> int:
    """Send a form as a browser does, and return the status of the answer."""
    data = QueryDict(mutable=True)
    for name, values in {**form.data, **more}.items():
        data.setlist(name, values)
    answer = browser.post(form.action, data.urlencode(), content_type="application/x-www-form-urlencoded", follow=False)
    heard.take(answer)
    return int(answer.status_code)


def about_people(side: Side) -> list[str]:
    """Return what must be said nowhere else: words of a client's record, and what is typed into forms here."""
    typed = [text for text in WORDS.values() if text and " " in text]
    names = [side.client.legal_name, side.client.family_key.title()]
    return [*(text.decode() for text in of_client(side) if text.decode() != side.client.reference), *names, *typed]


def pages(world: World) -> Iterator[tuple[str, str, list[Form]]]:
    """Yield each page of the clinic with forms, once for each person who is shown it: route, role, forms."""
    for one in crawl(world).asked:
        if "clinic_slug" not in one.route.placeholders:
            continue
        for who, page in one.pages.items():
            if who not in (ANONYMOUS, NEIGHBOUR) and (found := forms_of(page, one.path)):
                yield one.route.name, who, found


def test_a_form_changes_its_own_fields_and_nothing_else(world: World, record_property: Any) -> None:
    sides = (world.here, world.neighbour)
    statement = reading(highest_keys(sides))
    tried, went_through, other = 0, set(), []
    done: set[tuple[str, str, frozenset[str]]] = set()
    browsers = {who: client_for(user) for who, user in people(world.here).items()}
    read = crawl(world).heard
    with listening() as heard:
        for route, who, found in pages(world):
            browser = browsers[who]
            for form in found:
                same_form = (route, form.action, frozenset(form.data))
                if same_form in done or form.action.startswith("/accounts/"):
                    continue
                done.add(same_form)
                tried += 1
                for way in form.ways():
                    with undone():
                        status = send(browser, way, {}, heard)
                        if status not in SENT:
                            continue
                        plain = kept(sides, statement)
                    with undone():
                        send(browser, way, hostile(way, world.here), heard)
                        loaded = kept(sides, statement)
                    went_through.add(form.action)
                    tables = sorted(plain.keys() | loaded.keys())
                    other += [f"{route} as {who}: {table}" for table in tables if plain.get(table) != loaded.get(table)]
                    break
    record_property("foreign fields: forms sent", tried)
    record_property("foreign fields: of them saved", len(went_through))
    record_property("foreign fields: changes by a field that is not of the form", len(other))
    record_property(
        "silence: answers and log lines listened to", sum(len(one.heads + one.lines) for one in (read, heard))
    )
    assert other == []
    assert [*read.with_any_of(about_people(world.here)), *heard.with_any_of(about_people(world.here))] == []
    assert len(went_through) >= 15, "too few forms were saved: this would prove nothing"


def test_a_name_is_heard_in_a_line_and_in_a_mail_and_an_exception_says_none(world: World) -> None:
    log, name = logging.getLogger("evoke.request"), world.here.client.legal_name
    with listening() as heard:
        log.info("saved %s", name)
        send_mail(f"About {name}", "-", None, ["somebody@clinic.example"])
        try:
            raise ValueError(name)
        except ValueError:
            log.exception("a fault")
    assert len(heard.lines) == 2
    assert len(heard.with_any_of(about_people(world.here))) == 2


@pytest.mark.parametrize("name", ["client", "note", "state"])
def test_the_extra_fields_are_many_and_name_what_matters(world: World, name: str) -> None:
    assert name in hostile(Form("/"), world.here)
    assert len(hostile(Form("/"), world.here)) > 100

"""
The crawl: every route and method, asked with the id of an own row with which somebody is let through, by a person in
each role, by nobody, and by the neighbour's supervisor.

Several guards look at its answers, so a process makes it once; what each asked for is undone before the next asks.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from clinics.models import User
from tests.guards.probe import ANONYMOUS, Probe, client_for, people, undone
from tests.guards.reading import is_recorded, shows_client
from tests.guards.routes import Route, all_routes
from tests.guards.silence import Heard, listening
from tests.world import World

NEIGHBOUR = "neighbour"
NOT_ALLOWED = 405

Line = tuple[str, str]


@dataclass
class Asked:
    """
    One route and method, and what was answered to whom.

    path         the address that was asked
    found        the status of each visitor
    shown        who was shown a client
    unrecorded   who of them without an event that names the client
    pages        the body of each whole page that a GET was answered with
    as_file      who was answered with a file or a stream
    """

    route: Route
    method: str
    path: str
    found: dict[str, int] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)
    unrecorded: list[str] = field(default_factory=list)
    pages: dict[str, str] = field(default_factory=dict)
    as_file: list[str] = field(default_factory=list)

    @property
    def line(self) -> Line:
        """The method and the address's template."""
        return self.method.upper(), "/" + self.route.template


@dataclass(frozen=True)
class Crawl:
    """All that was asked, and what was heard of it in log lines, mails and heads of answers."""

    asked: list[Asked]
    heard: Heard


_made: list[Crawl] = []


def crawl(world: World) -> Crawl:
    """Return the crawl of the world, which is the same for every test."""
    if not _made:
        with listening() as heard:
            asked = list(ask_all(world, heard))
        _made.append(Crawl(asked, heard))
    return _made[0]


def visitors(world: World) -> dict[str, User | None]:
    """Return who asks: a person in each role, nobody, and the neighbour's supervisor."""
    return {**people(world.here), NEIGHBOUR: world.neighbour.supervisor}


def ask_all(world: World, heard: Heard) -> Iterator[Asked]:
    """Yield each route and method that answers anybody."""
    probe = Probe(world)
    browsers = {who: client_for(user) for who, user in visitors(world).items()}
    for route in all_routes():
        values: dict[str, object] = {}
        # Under /accounts/ an answer may sign somebody out: there each asks in a browser of their own.
        keeps = not route.template.startswith("accounts/")
        if "clinic_slug" in route.placeholders:
            place = probe.control(route, [one for who, one in browsers.items() if who not in (ANONYMOUS, NEIGHBOUR)])
            values = probe.values(route, probe.own, 200)[max(0, place - 1)]
        elif route.placeholders:
            values = dict.fromkeys(route.placeholders, "none")
        for method in route.takes:
            one = Asked(route, method, route.path(**values))
            for who, user in visitors(world).items():
                with undone():
                    browser = browsers[who] if keeps else client_for(user)
                    answer = probe.call(browser, method, route, one.path, token=False, hostile=False)
                    if shows_client(world.here, answer):
                        one.shown.append(who)
                        if not is_recorded(world.here, answer):
                            one.unrecorded.append(who)
                heard.take(answer)
                one.found[who] = answer.status_code
                if answer.streaming or "attachment" in answer.headers.get("Content-Disposition", ""):
                    one.as_file.append(who)
                elif (
                    method == "get"
                    and answer.status_code == 200
                    and answer.headers["Content-Type"].startswith("text/html")
                ):
                    one.pages[who] = answer.content.decode()
            if set(one.found.values()) != {NOT_ALLOWED}:
                yield one

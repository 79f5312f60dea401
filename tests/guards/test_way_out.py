"""
Nothing about a person leaves but through `disclose()` (clients/disclosure.py).

Three looks: over the source (what could send something out, place by place), over the URLconf (what answers as a file
or a stream, asked as every role), and over the kinds of jobs. A new place fails here until it goes through the one way
out, or stands in a list below with the reason why it cannot carry a person's record.
"""

import ast
from pathlib import Path
from typing import Final

from clinics import jobs
from tests.guards.crawl import crawl
from tests.guards.ways_out import ROOT, Place, places, places_in
from tests.world import World

# The functions of the one way out: each checks the basis, the limits and the consent, or reads what was checked.
ONE_WAY: Final = frozenset({"hand_over", "open_package"})
THROUGH: Final = {Place("clients/views/disclosures.py", "package_fetch", "attachment")}

WITHOUT_A_RECORD: Final = {
    Place("analytics/management/commands/bench.py", "Command._inside", "file"): "times, of an invented clinic",
    Place("analytics/management/commands/bench.py", "Command._inside", "output"): "times, of an invented clinic",
    Place("analytics/management/commands/seed_demo.py", "Command.handle", "file"): "sign-ins of the demonstration",
    Place("analytics/management/commands/seed_demo.py", "Command.handle", "output"): "what the demonstration made",
    Place("clinics/adapters.py", "", "network"): "the names of a mail server's errors",
    Place("clinics/adapters.py", "AccountAdapter.send_mail", "mail"): "resetting a password: no clinic, no person",
    Place("clinics/services/invitations.py", "_send", "mail"): "an invitation to a member of staff: a link",
    Place(
        "clinics/views/instruments.py", "instrument_download", "attachment"
    ): "an instrument: items and scores' rules",
    Place("clients/views/printouts.py", "printout_fetch", "attachment"): (
        "the page that the same person may print: the record's copy, or the one in the person's own hands; asked again "
        "for each file, and each is in the trail"
    ),
    Place("clinics/management/commands/create_api_token.py", "Command.handle", "output"): "a token, for who made it",
    Place("clinics/management/commands/rotate_keys.py", "Command.handle", "output"): "counts of rows",
    Place("clinics/management/commands/verify_audit.py", "Command._say", "output"): "counts and hashes",
    Place("sessions/management/commands/export_scores.py", "Command.handle", "output"): (
        "numbers of codings under ids of transcripts, on the clinic's own server: no person, no word"
    ),
    Place("sessions/management/commands/export_scores.py", "Command._write_json", "output"): "the same",
    Place("sessions/management/commands/import_transcripts.py", "Command._import", "output"): "counts of what came in",
    Place("sessions/management/commands/import_transcripts.py", "Command._undo", "output"): "counts",
}
LOCAL_TOOLS: Final = {
    "config/demo.py": {"file", "network"},
    "config/devservices.py": {"file"},
    "config/env_documents.py": {"file"},
    "config/environment.py": {"file"},
    "config/probe.py": {"network"},
    "config/runner.py": {"file"},
    "config/servers.py": {"file", "network"},
    "config/vendor.py": {"file"},
}
# Routes that answer with a file or a stream.
AS_A_FILE: Final = {
    "package_fetch": "the one way out",
    "instrument_download": "an instrument, as above",
    "printout_fetch": "a printed page as PDF, as above",
}
# What each kind of job does with what it reads.
JOBS: Final = {
    "pack_disclosure": "puts together what disclose() let out; the package stays here until it is handed over",
    "import_transcripts": "brings transcripts in",
    "print_page": "makes the PDF of a printed page; it stays here until whoever asked for it fetches it",
}


def test_every_place_that_could_send_something_out_goes_the_one_way_or_has_its_reason() -> None:
    found = {place for place in places() if place.kind not in LOCAL_TOOLS.get(place.file, set())}
    assert found - THROUGH - set(WITHOUT_A_RECORD) == set(), "send it through disclose(), or say here why it need not"
    assert THROUGH | set(WITHOUT_A_RECORD) <= found, "a reason without its place: take it out of the list"
    local = {(place.file, place.kind) for place in places() if place.file in LOCAL_TOOLS}
    assert {(file, kind) for file, kinds in LOCAL_TOOLS.items() for kind in kinds} <= local


def test_what_goes_the_one_way_calls_it() -> None:
    for place in THROUGH:
        tree = ast.parse((ROOT / place.file).read_text(encoding="utf-8"))
        function = next(
            node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == place.function
        )
        calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
        assert {call.attr for call in calls if isinstance(call, ast.Attribute)} & ONE_WAY, place


def test_only_the_one_way_reads_what_is_gathered_for_outside() -> None:
    """The functions that gather parts of a record are called by the package alone."""
    importers = set()
    for package in ("clinics", "clients", "sessions", "analytics", "config"):
        for path in Path(ROOT / package).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            if "selectors.disclosed import" in text or "selectors import disclosed" in text:
                importers.add(str(path.relative_to(ROOT)))
    # A page asks which parts are kept at all; measures and plans, the work on a change, and sessions give their own parts.
    assert importers == {
        "clients/disclosure.py", "clients/views/disclosures.py", "clients/selectors/disclosed_care.py",
        "clients/selectors/disclosed_change.py", "sessions/selectors/disclosed.py",
    }  # fmt: skip
    view = (ROOT / "clients/views/disclosures.py").read_text(encoding="utf-8")
    assert "from clients.selectors.disclosed import kept_categories\n" in view


def test_only_listed_routes_answer_with_a_file_or_a_stream(world: World) -> None:
    assert {one.route.name for one in crawl(world).asked if one.as_file} == set(AS_A_FILE)


def test_every_kind_of_job_is_known_for_what_it_does_with_what_it_reads() -> None:
    jobs.refusal_sentence("")  # loads the workers' doors
    ours = {kind for kind in jobs._kinds if not kind.startswith("tests.")}  # those of tests may be loaded beside them
    assert ours == set(JOBS)


PLANTED = """
import requests
from django.core.mail import send_mail
from django.http import FileResponse, HttpResponse, StreamingHttpResponse

def by_stream(request): return StreamingHttpResponse(rows())
def by_file(request): return FileResponse(open("x"))
def by_header(request):
    answer = HttpResponse(rows())
    answer["Content-Disposition"] = "attachment"
    return answer
def by_mail(): send_mail("s", rows(), "a", ["b"])
def by_disk(path): path.write_text(rows())
def by_open(): open("x", "w").write(rows())
def by_storage(): default_storage.save("x", rows())
def by_output(self): self.stdout.write(rows())
class Report:
    def by_method(self): return StreamingHttpResponse(rows())
def reads(): return open("x").read()
"""


def test_the_look_over_the_source_finds_each_way() -> None:
    found = {(place.function, place.kind) for place in places_in(PLANTED, "planted.py")}
    assert found == {
        ("", "network"), ("by_stream", "stream"), ("by_file", "stream"), ("by_header", "attachment"),
        ("by_mail", "mail"), ("by_disk", "file"), ("by_open", "file"), ("by_storage", "file"),
        ("by_output", "output"), ("Report.by_method", "stream"),
    }  # fmt: skip

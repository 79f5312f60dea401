"""Printed pages as PDF: asked for on the page, made by a job, fetched by whoever asked, gone after a day."""

import os
import re
import zlib
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from clients.models import CaseloadAssignment, Exercise, Printout, RelapsePlan, SafetyPlan
from clients.rules.disclosure import SHORT_NOTICE
from clients.rules.plan_content import Kind
from clients.selectors import printing
from clients.services import printouts
from clinics import pdf
from clinics.jobs import kind_named
from clinics.models import Job
from clinics.services import jobs as job_services
from tests.clients import planning as at
from tests.clients.people import ABSENT_ID, body, events, hidden, page, signed_in, text_of
from tests.world import CANARY, Side, World

NEEDS_PANGO = pytest.mark.skipif(
    not pdf.is_available() and os.environ.get("CI") != "true", reason="Debian's package libpango-1.0-0 is missing"
)
HTMX = {"HX-Request": "true"}
WORDS = ("I want my evenings back", "Four evenings a week without drinking")


@pytest.fixture(autouse=True)
def _with_pango(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pages offer PDFs on every machine; only what makes one needs Pango."""
    monkeypatch.setattr(pdf, "is_available", lambda: True)


def ask(browser: Any, address: str) -> Any:
    """Ask for the PDF of a printed page as its form does."""
    return browser.post(address, hidden(text_of(browser.get(address))), follow=True)


def plan_of(side: Side) -> Any:
    """Return a plan in force of a new person of the therapist's."""
    with side.scope(side.therapist):
        return at.in_force(side)


def asked(side: Side) -> Printout:
    """Return the printout that was asked for last."""
    with side.scope():
        found: Printout = Printout.objects.select_related("job").latest("pk")
        return found


def work(side: Side) -> Printout:
    """Do the newest printout's job, as a worker does."""
    job_services.run(clinic_id=side.clinic.pk, job_id=asked(side).job_id)
    return asked(side)


def ready(side: Side, version: Any, content: bytes = b"%PDF-1.7 words") -> Printout:
    """Return a printout that the therapist asked for, with this content."""
    with side.scope(side.therapist):
        printout = printouts.ask(kind=Printout.Kind.PLAN, row=version, by=side.therapist)
        printouts.keep(public_id=str(printout.public_id), made=pdf.Made(content, 1))
    return asked(side)


def inflated(content: bytes) -> bytes:
    """Return the parts of a PDF, those unpacked that are packed."""
    found = [content]
    for part in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
        with suppress(zlib.error):
            found.append(zlib.decompress(part))
    return b"\n".join(found)


def text_in(box: Any) -> str:
    """Return the text of a laid out box, margins of the page and their boxes included."""
    own = getattr(box, "text", None)
    if own is not None:
        return str(own)
    return " ".join(text_in(one) for one in box.all_children()) if hasattr(box, "all_children") else ""


def pages_of(html: str) -> list[str]:
    """Return the text of each page that a PDF has."""
    from weasyprint import HTML

    document = HTML(string=html, base_url=pdf.STATIC, url_fetcher=pdf.fetcher()).render()
    return [re.sub(r"\s+", " ", text_in(one._page_box)) for one in document.pages]


# --- from the page to the file --------------------------------------------------------------------------------------


@NEEDS_PANGO
def test_a_plan_becomes_a_tagged_pdf_by_a_job_and_is_fetched(world: World) -> None:
    here = world.here
    version = plan_of(here)
    browser = signed_in(here.therapist)
    waiting = text_of(ask(browser, page(here, "plan_print", version.public_id)))
    printout = asked(here)
    address = page(here, "printout_fetch", printout.public_id)
    assert "The PDF is being made." in waiting
    assert f'hx-get="{address}"' in waiting
    assert 'name="htmx-config"' in waiting
    assert 'hx-trigger="every 1s"' in text_of(browser.get(address, headers=HTMX))
    # Without a script one looks again; there is nothing to fetch yet.
    assert browser.get(address).headers["Location"] == page(here, "plan_print", version.public_id)

    printout = work(here)
    assert (printout.job.state, printout.job.result, printout.pages) == (Job.State.DONE, {"pages": 1}, 1)
    done = text_of(browser.get(address, headers=HTMX))
    assert "Save the PDF" in done
    assert "hx-trigger" not in done
    assert "Save the PDF" in text_of(browser.get(page(here, "plan_print", version.public_id)))

    since = len(events(here))
    answer = browser.get(address)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="document-{str(printout.public_id)[:8]}.pdf"'
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.content.startswith(b"%PDF-")
    for mark in (b'pdfuaid:part="1"', b"/MarkInfo", b"/StructTreeRoot", b"/Lang (en"):
        assert mark in inflated(answer.content), mark
    noted = [(one.action, one.purpose, one.client_ref) for one in events(here, since)]
    assert noted == [("printout.fetched", "own_copy", version.client_id)]


@NEEDS_PANGO
def test_every_page_holds_the_notice_when_and_by_whom_and_which_page_it_is(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.written(here)
        for number in range(30):
            at.add(here, version, Kind.PROBLEM, text=f"What makes life hard, number {number}")
        ask_for = printouts.ask(kind=Printout.Kind.PLAN, row=version, by=here.therapist)
        html = printouts.page_of(public_id=str(ask_for.public_id), now=timezone.now())
    found = pages_of(html)
    assert len(found) >= 2
    for number, text in enumerate(found, 1):
        assert SHORT_NOTICE in text
        assert f"by {here.therapist.name}" in text
        assert f"Page {number} of {len(found)}" in re.sub(r" +", " ", text)
        assert version.client.reference in text
        assert "Noor" not in text
    assert all(any(words in text for text in found) for words in WORDS)


@NEEDS_PANGO
def test_letters_of_both_files_of_the_typeface_stay_what_they_are() -> None:
    """Two files under one name of a typeface would take each other's glyphs."""
    from weasyprint import HTML

    html = (
        '<html lang="en"><head><title>x</title><link rel="stylesheet" href="/clinics/pdf.css"></head>'
        "<body><main><p>Lodz Łódź</p></main></body></html>"
    )
    made = HTML(string=html, base_url=pdf.STATIC, url_fetcher=pdf.fetcher()).write_pdf(uncompressed_pdf=True)
    names = set(re.findall(rb"/FontName /[A-Z]{6}\+([A-Za-z-]+)", made))
    assert names == {b"Atkinson-Hyperlegible-Next", b"Atkinson-Hyperlegible-Next-Ext"}


@NEEDS_PANGO
@pytest.mark.parametrize("kind", [Printout.Kind.EXERCISE, Printout.Kind.RELAPSE_PLAN, Printout.Kind.SAFETY_PLAN])
def test_the_other_printed_pages_become_pdfs_too(world: World, kind: Printout.Kind) -> None:
    here = world.here
    models: dict[str, Any] = {
        Printout.Kind.EXERCISE: Exercise, Printout.Kind.RELAPSE_PLAN: RelapsePlan, Printout.Kind.SAFETY_PLAN: SafetyPlan
    }  # fmt: skip
    with here.scope():
        row = models[kind].objects.order_by("pk").first()
    browser = signed_in(here.therapist)
    ask(browser, page(here, printing.PAGES[kind].route, row.public_id))
    printout = work(here)
    assert (printout.kind, printout.of, printout.job.last_error) == (kind, row.public_id, "")
    answer = browser.get(page(here, "printout_fetch", printout.public_id))
    assert answer.content.startswith(b"%PDF-")
    with here.scope():
        html = printouts.page_of(public_id=str(printout.public_id), now=timezone.now())
    assert CANARY in html
    assert "<form" not in html


def test_the_same_form_sent_twice_asks_once_and_asking_is_in_the_trail(world: World) -> None:
    here = world.here
    version = plan_of(here)
    browser = signed_in(here.therapist)
    address = page(here, "plan_print", version.public_id)
    sent = hidden(text_of(browser.get(address)))
    since = len(events(here))
    for _again in range(2):
        assert browser.post(address, sent).headers["Location"] == address
    browser.post(address, {})
    browser.post(page(here, "plan_print", here.plan_version.public_id), sent)
    with here.scope():
        assert Printout.objects.filter(of=version.public_id).count() == 1
        assert Printout.objects.filter(of=here.plan_version.public_id).count() == 1
    assert [one.action for one in events(here, since)].count("printout.asked") == 1


# --- who fetches it -------------------------------------------------------------------------------------------------


def test_only_who_asked_fetches_it_and_nobody_of_another_clinic(world: World) -> None:
    here, there = world.here, world.neighbour
    printout = ready(here, plan_of(here))
    address = page(here, "printout_fetch", printout.public_id)
    assert signed_in(here.therapist).get(address).status_code == 200
    for user in (here.supervisor, here.other_therapist, here.administrator, here.privacy_officer, there.therapist):
        for headers in ({}, HTMX):
            assert signed_in(user).get(address, headers=headers).status_code == 404, user
    browser = signed_in(here.therapist)
    ids = [there.printout.public_id, ABSENT_ID, "nonsense"]
    answers = [browser.get(page(here, "printout_fetch", one)) for one in ids]
    assert [one.status_code for one in answers] == [404] * 3
    assert len({body(one, pk) for one, pk in zip(answers, ids, strict=True)}) == 1


def test_rights_are_asked_again_when_it_is_fetched(world: World) -> None:
    here = world.here
    version = plan_of(here)
    printout = ready(here, version)
    with here.scope():
        CaseloadAssignment.objects.filter(client_id=version.client_id).update(ends_at=timezone.now())
    browser = signed_in(here.therapist)
    address = page(here, "printout_fetch", printout.public_id)
    for headers in ({}, HTMX):
        assert browser.get(address, headers=headers).status_code == 404
    assert browser.get(page(here, "plan_print", version.public_id)).status_code == 404


def test_rights_are_asked_again_when_it_is_made(world: World) -> None:
    here = world.here
    version = plan_of(here)
    browser = signed_in(here.therapist)
    ask(browser, page(here, "plan_print", version.public_id))
    with here.scope():
        CaseloadAssignment.objects.filter(client_id=version.client_id).update(ends_at=timezone.now())
    printout = work(here)
    assert (printout.job.state, printout.job.last_error, printout.ready_at) == (Job.State.DEAD, "CannotPrint", None)


def test_an_exercise_that_is_kept_private_is_neither_made_nor_fetched(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        row = Exercise.objects.select_related("client").order_by("pk").first()
        row.clinic = here.clinic
        printout = printouts.ask(kind=Printout.Kind.EXERCISE, row=row, by=here.therapist)
        assert printing.printed_row(printout, here.therapist) == row

        other = Exercise.objects.create(
            clinic=here.clinic, client=row.client, target=row.target, kind=row.kind, revision=99, content=row.content,
            purpose=row.purpose, is_private=True, made_by=here.therapist,
        )  # fmt: skip
        hidden_one = printouts.ask(kind=Printout.Kind.EXERCISE, row=other, by=here.therapist)
        assert printing.printed_row(hidden_one, here.therapist) is None


def test_it_is_gone_after_a_day(world: World) -> None:
    here = world.here
    printout = ready(here, plan_of(here))
    browser = signed_in(here.therapist)
    address = page(here, "printout_fetch", printout.public_id)
    with here.scope():
        young = timezone.now() + timedelta(hours=23)
        printouts.take_away_old(now=young)
        assert Printout.objects.filter(pk=printout.pk).exists()
        Printout.objects.filter(pk=printout.pk).update(asked_at=timezone.now() - timedelta(hours=24, seconds=1))
    assert browser.get(address).status_code == 404
    assert "Save the PDF" not in text_of(browser.get(page(here, "plan_print", printout.of)))
    with here.scope():
        assert printouts.take_away_old(now=timezone.now()) == 1
        assert not Printout.objects.filter(pk=printout.pk).exists()


def test_the_file_lies_encrypted(world: World) -> None:
    here = world.here
    content = b"%PDF-1.7 " + b"words " * 50
    printout = ready(here, plan_of(here), content)
    with here.scope(), connection.cursor() as cursor:
        cursor.execute("select body from clients_printout where id = %s", [printout.pk])
        stored = bytes(cursor.fetchone()[0])
    for plain in (b"%PDF", b"words", b"JVBERi"):
        assert plain not in stored
    assert signed_in(here.therapist).get(page(here, "printout_fetch", printout.public_id)).content == content


# --- what goes wrong ------------------------------------------------------------------------------------------------


def test_where_pango_is_missing_the_page_says_to_print_and_nothing_is_promised(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = world.here
    monkeypatch.setattr(pdf, "is_available", lambda: False)
    browser = signed_in(here.therapist)
    address = page(here, "plan_print", here.plan_version.public_id)
    shown = text_of(browser.get(address)).partition('id="printout"')[2]
    assert "choose “Save as PDF”" in shown
    assert "<form" not in shown
    with here.scope():
        before = Printout.objects.count()
        browser.post(address, {"repeat_key": "a-key"})
        assert Printout.objects.count() == before


def test_a_worker_without_pango_gives_up_and_the_page_offers_another_try(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = world.here
    version = plan_of(here)
    browser = signed_in(here.therapist)
    address = page(here, "plan_print", version.public_id)
    ask(browser, address)
    with monkeypatch.context() as without:
        without.setattr(pdf, "is_available", lambda: False)
        printout = work(here)
    assert (printout.job.state, printout.job.last_error) == (Job.State.DEAD, "NoPango")
    shown = text_of(browser.get(page(here, "printout_fetch", printout.public_id), headers=HTMX))
    assert "The PDF could not be made." in shown
    assert "Try again" in shown
    ask(browser, address)
    assert asked(here).pk != printout.pk
    assert "The PDF is being made." in text_of(browser.get(address))


def test_a_file_that_nobody_waits_for_is_not_kept(world: World) -> None:
    here = world.here
    printout = ready(here, plan_of(here))
    with here.scope():
        for public_id in (str(printout.public_id), ABSENT_ID):
            with pytest.raises(printouts.CannotPrint):
                printouts.keep(public_id=public_id, made=pdf.Made(b"other", 2))
        with pytest.raises(printouts.CannotPrint):
            printouts.page_of(public_id=ABSENT_ID, now=timezone.now())


@NEEDS_PANGO
def test_no_transaction_is_open_while_the_pdf_is_made(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    here = world.here
    ask(signed_in(here.therapist), page(here, "plan_print", plan_of(here).public_id))
    scopes: list[int | None] = []
    from clinics.tenancy import entered_clinic_id

    def made(html: str) -> pdf.Made:
        scopes.append(entered_clinic_id())
        return pdf.Made(b"%PDF-", 1)

    monkeypatch.setattr(pdf, "make", made)
    assert kind_named(printouts.JOB).in_parts
    assert work(here).job.state == Job.State.DONE
    assert scopes == [None]


@NEEDS_PANGO
@pytest.mark.parametrize(
    "address",
    [
        "http://example.com/a.css", "https://example.com/a.png", "//example.com/a.css", "file:///etc/passwd",
        "data:text/plain,x", "ftp://example.com/x", "/../../etc/passwd", "/%2e%2e/%2e%2e/settings.py", "/nothing.css",
        "http://static.invalid/clinics/pdf.css", "https://static.invalid:444/clinics/pdf.css",
        "https://someone@static.invalid/clinics/pdf.css",
    ],
)  # fmt: skip
def test_nothing_is_fetched_but_our_own_static_files(address: str) -> None:
    with pytest.raises(pdf.Refused):
        pdf.make(f'<html lang="en"><head><title>x</title></head><body><img src="{address}" alt=""></body></html>')


def test_our_own_static_files_are_found() -> None:
    assert pdf.own_file(f"{pdf.STATIC}clinics/pdf.css").name == "pdf.css"
    sheet = Path(pdf.own_file(f"{pdf.STATIC}clinics/pdf.css")).read_text(encoding="utf-8")
    for name in re.findall(r'url\("\.\./([^"]+)"\)', sheet):
        assert pdf.own_file(f"{pdf.STATIC}{name}").is_file()


def test_a_deployment_without_pango_is_told(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    from clinics.checks import check_pango

    assert check_pango(None) == []
    monkeypatch.setattr(pdf, "is_available", lambda: False)
    assert [one.id for one in check_pango(None)] == ["evoke.I001"]
    call_command("check", deploy=True)
    assert "evoke.I001" in capsys.readouterr().err
    call_command("check")
    assert "evoke.I001" not in capsys.readouterr().err

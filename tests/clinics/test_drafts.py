"""Drafts: the author's alone, encrypted, opened where they were left, gone when saved or old."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django import forms
from django.db import connection
from django.http import QueryDict
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from clinics import drafts, repeat
from clinics.models import AuditEvent, Draft
from clinics.widgets import DatePartsField
from tests.world import World

KEY = "client_create"


class Sample(repeat.OnceForm):
    """A form with the kinds of widgets that post more than one value."""

    name = forms.CharField()
    born_on = DatePartsField()
    kind = forms.ChoiceField(choices=[("a", "A"), ("b", "B")])
    agreed = forms.BooleanField()


def typed(**more: str) -> QueryDict:
    data = QueryDict(mutable=True)
    data.update(
        {
            "name": "Noor CANARY", "born_on_month": "3", "born_on_day": "x", "born_on_year": "1990", "kind": "b",
            "agreed": "on", "csrfmiddlewaretoken": "secret-token", **more,
        }
    )  # fmt: skip
    return data


def opened(world: World, user: Any, key: str = KEY) -> tuple[Sample, drafts.Slot]:
    form = Sample()
    return form, drafts.open_into(form, user=user, clinic=world.here.clinic, key=key)


def test_a_form_opens_where_it_was_left(world: World) -> None:
    by = world.here.coordinator
    with world.here.scope(by):
        kept_at = drafts.save(user=by, key=KEY, data=typed())
        form, slot = opened(world, by)
        page = form.as_div()
    assert slot.saved_at == kept_at
    for part in ("Noor CANARY", 'value="3"', 'value="x"', 'value="1990"', 'value="b" selected', "checked"):
        assert part in page


def test_the_next_save_replaces_the_draft(world: World) -> None:
    by = world.here.coordinator
    with world.here.scope(by):
        drafts.save(user=by, key=KEY, data=typed())
        drafts.save(user=by, key=KEY, data=typed(name="Noor B"))
        assert Draft.objects.filter(user=by).count() == 1
        assert opened(world, by)[0].initial["name"] == "Noor B"


def test_a_draft_is_the_author_s_alone(world: World) -> None:
    with world.here.scope():
        drafts.save(user=world.here.coordinator, key=KEY, data=typed())
        assert opened(world, world.here.privacy_officer)[1].saved_at is None
        assert opened(world, world.here.coordinator, "client_other")[1].saved_at is None
    with world.neighbour.scope():
        assert opened(world, world.here.coordinator)[1].saved_at is None


def test_a_draft_lies_encrypted_and_without_the_page_s_token(world: World) -> None:
    by = world.here.coordinator
    with world.here.scope(by):
        drafts.save(user=by, key=KEY, data=typed())
        with connection.cursor() as cursor:
            cursor.execute("select body from clinics_draft where user_id = %s", [by.pk])
            assert b"CANARY" not in bytes(cursor.fetchone()[0])
        assert "csrfmiddlewaretoken" not in json.loads(Draft.objects.get(user=by).body)


def test_opening_settling_and_discarding_are_in_the_trail_and_typing_is_not(world: World) -> None:
    by = world.here.coordinator
    with world.here.scope(by):
        before = AuditEvent.objects.count()
        drafts.save(user=by, key=KEY, data=typed())
        assert AuditEvent.objects.count() == before
        opened(world, by)
        drafts.settle(user=by, key=KEY)
        drafts.save(user=by, key=KEY, data=typed())
        drafts.discard(user=by, key=KEY)
        events = list(AuditEvent.objects.order_by("pk")[before:].values_list("action", "actor_id"))
        assert not Draft.objects.filter(user=world.here.coordinator).exists()
    assert events == [("draft.opened", by.pk), ("draft.locked", by.pk), ("draft.discarded", by.pk)]


def test_a_late_save_of_a_form_that_was_sent_brings_nothing_back(world: World) -> None:
    by = world.here.coordinator
    with world.here.scope(by):
        repeat.once(user=by, key="sent", route="r", body=b"", act=lambda: world.here.client)
        assert drafts.save(user=by, key=KEY, data=typed(repeat_key="sent")) is None
        assert not Draft.objects.filter(user=world.here.coordinator).exists()
        assert drafts.save(user=by, key=KEY, data=typed(repeat_key="other")) is not None


def test_a_form_filled_from_a_draft_keeps_its_own_repeat_key(world: World) -> None:
    by = world.here.coordinator
    with world.here.scope(by):
        drafts.save(user=by, key=KEY, data=typed(repeat_key="of-the-draft"))
        assert opened(world, by)[0]["repeat_key"].value() != "of-the-draft"


def test_what_is_too_long_or_too_many_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    by = world.here.coordinator
    with world.here.scope(by):
        with pytest.raises(drafts.BadDraft, match="too long"):
            drafts.save(user=by, key=KEY, data=typed(name="x" * drafts.MAX_CHARS))
        monkeypatch.setattr(drafts, "MAX_DRAFTS", 1)
        drafts.save(user=by, key=KEY, data=typed())
        drafts.save(user=by, key=KEY, data=typed())
        with pytest.raises(drafts.BadDraft, match="Too many"):
            drafts.save(user=by, key="note", data=typed())


def test_nul_characters_and_any_script_are_kept_as_typed(world: World) -> None:
    by = world.here.coordinator
    text = "a\x00b \u202e אבג 👩🏽\u200d🚀"
    with world.here.scope(by):
        drafts.save(user=by, key=KEY, data=typed(name=text))
        assert opened(world, by)[0].initial["name"] == text


def test_drafts_of_30_days_go_and_younger_ones_stay(world: World) -> None:
    by = world.here.coordinator
    now = timezone.now()
    with world.here.scope(by):
        drafts.save(user=by, key="old", data=typed())
        drafts.save(user=by, key="young", data=typed())
        Draft.objects.filter(key="old").update(saved_at=now - timedelta(days=30, seconds=1))
        Draft.objects.filter(key="young").update(saved_at=now - timedelta(days=29, hours=23))
        assert drafts.purge_drafts(now) == 1
        assert list(Draft.objects.filter(user=by).values_list("key", flat=True)) == ["young"]
        assert AuditEvent.objects.filter(action="draft.purged", detail={"n": 1, "days": 30}).count() == 1


def test_the_page_answers_with_the_time_and_no_body(world: World) -> None:
    browser = Browser()
    browser.force_login(world.here.coordinator)
    address = reverse("draft_save", args=["riverbend", f"client_edit:{uuid4()}"])
    answer = browser.post(address, typed())
    assert (answer.status_code, answer.content) == (204, b"")
    assert "m." in answer["X-Saved-At"]


@pytest.mark.parametrize("key", ["Client", "client edit", "client_edit:123", "x" * 200])
def test_a_key_that_names_no_form_is_not_found(world: World, key: str) -> None:
    browser = Browser()
    browser.force_login(world.here.coordinator)
    assert browser.post(reverse("draft_save", args=["riverbend", key]), typed()).status_code == 404
    with world.here.scope():
        assert not Draft.objects.filter(user=world.here.coordinator).exists()


def test_nobody_keeps_a_draft_at_a_clinic_they_do_not_work_at(world: World) -> None:
    browser = Browser()
    browser.force_login(world.here.coordinator)
    assert browser.post(reverse("draft_save", args=["harbor", KEY]), typed()).status_code == 404
    assert browser.get(reverse("draft_save", args=["riverbend", KEY])).status_code == 405


def test_a_draft_too_long_is_answered_in_one_sentence(world: World) -> None:
    browser = Browser()
    browser.force_login(world.here.coordinator)
    answer = browser.post(reverse("draft_save", args=["riverbend", KEY]), typed(name="x" * 300_000))
    assert (answer.status_code, answer.content.decode()) == (422, "This is too long to keep as a draft.")


def test_discarding_goes_back_to_the_form_and_nowhere_else(world: World) -> None:
    browser = Browser()
    browser.force_login(world.here.coordinator)
    address = reverse("draft_discard", args=["riverbend", KEY])
    browser.post(reverse("draft_save", args=["riverbend", KEY]), typed())
    assert browser.post(address, {"next": "/clinics/riverbend/people/new/"}).url.endswith("/people/new/")
    with world.here.scope():
        assert not Draft.objects.filter(user=world.here.coordinator).exists()
    assert browser.post(address, {"next": "https://elsewhere.example/"}).url == "/clinics/riverbend/"


def test_drafts_of_a_form_are_listed_for_their_author_newest_first(world: World) -> None:
    by, other = world.here.coordinator, world.here.therapist
    first, second = str(uuid4()), str(uuid4())
    with world.here.scope(by):
        for key, name in (
            (f"call:{first}", "First"),
            (f"call:{second}", "Second"),
            (f"call_back:{first}", "Other form"),
        ):
            drafts.save(user=by, key=key, data=typed(name=name))
        drafts.save(user=other, key=f"call:{uuid4()}", data=typed(name="Somebody else's"))
        found = drafts.waiting(user=by, form="call", most=5)
        assert [(one.about, one.data["name"]) for one in found] == [(second, ["Second"]), (first, ["First"])]
        assert [one.about for one in drafts.waiting(user=by, form="call", most=1)] == [second]
        assert drafts.waiting(user=by, form="cal", most=5) == []
    with world.here.scope():
        listed = AuditEvent.objects.filter(action="draft.listed").order_by("pk")
        assert [event.detail for event in listed] == [{"form": "call", "n": 2}, {"form": "call", "n": 1}]

"""Stale forms: locked, compared, shown as two texts."""

from datetime import date

import pytest
from django import forms
from django.http import QueryDict

from clients.models import Client
from clinics.versions import Stale, VersionedForm, lock_version, show_both
from tests.world import World


class Sample(VersionedForm):
    """A form with a text, a choice and a date."""

    name = forms.CharField(label="Name", required=False)
    kind = forms.ChoiceField(label="Kind", choices=[("a", "First kind"), ("b", "Second kind")])
    day = forms.DateField(label="Day", required=False)


def typed(data: str) -> Sample:
    form = Sample(QueryDict(data))
    assert form.is_valid(), form.errors
    return form


def test_the_row_comes_back_locked_with_the_next_version(world: World) -> None:
    with world.here.scope():
        assert lock_version(world.here.client, 1).version == 2
        with pytest.raises(Stale) as stale:
            lock_version(world.here.client, 7)
        assert stale.value.current.pk == world.here.client.pk
        assert Client.objects.get(pk=world.here.client.pk).version == 1


def test_only_fields_that_differ_are_shown_in_words(world: World) -> None:
    form = typed("version=1&name=Mine&kind=b&day=")
    assert show_both(form, {"name": "Theirs", "kind": "a", "day": date(2026, 9, 3)}, 2)
    assert [(d.label, d.stored, d.typed) for d in form.differences] == [
        ("Name", "Theirs", "Mine"),
        ("Kind", "First kind", "Second kind"),
        ("Day", "Sept. 3, 2026", "nothing"),
    ]
    assert form["version"].value() == "2"
    assert form["name"].value() == "Mine"
    assert not form.is_valid()


def test_the_same_text_twice_is_no_conflict() -> None:
    form = typed("version=1&name=Same&kind=a&day=2026-09-03")
    assert not show_both(form, {"name": "Same", "kind": "a", "day": date(2026, 9, 3)}, 2)
    assert form.is_valid()


@pytest.mark.parametrize("version", ["", "0", "-3", "x", str(2**31)])
def test_a_version_that_is_none_is_refused_in_a_sentence(version: str) -> None:
    form = Sample(QueryDict(f"version={version}&kind=a"))
    assert form.errors["version"] == ["This form has lost its place. Open the page again, then save."]

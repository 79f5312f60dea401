"""Form widgets: what they post, what they show again, and what a browser without a script gets."""

from datetime import date
from typing import Any

import pytest
from django import forms

from clinics.templatetags.ui import error_items
from clinics.widgets import DatePartsField, RulerField, SegmentedChoice, ruler_follow_up

CHOICES = [("self", "Person seeking care"), ("family", "Family or friend")]


class CallForm(forms.Form):
    """One field of each kind."""

    caller = forms.ChoiceField(label="Who is on the phone?", widget=SegmentedChoice, choices=CHOICES)
    born_on = DatePartsField(label="Date of birth", error_messages={"required": "Enter the date of birth."})
    importance = RulerField(label="Importance", question="How important is it?")
    number = forms.CharField(
        label="Number", help_text="To call back", error_messages={"required": "Enter a number to call back."}
    )
    note = forms.CharField(label="Note", required=False)


def posted(**changes: str) -> dict[str, str]:
    """Return a filled form, as a browser posts it."""
    data = {
        "caller": "self",
        "born_on_month": "3",
        "born_on_day": "14",
        "born_on_year": "1988",
        "importance": "8",
        "number": "312 555 0188",
    }
    return {**data, **changes}


def test_a_filled_form_gives_typed_values() -> None:
    form = CallForm(posted())
    assert form.is_valid(), form.errors
    assert form.cleaned_data["born_on"] == date(1988, 3, 14)
    assert form.cleaned_data["importance"] == 8


def test_an_unanswered_ruler_is_none_and_not_a_number() -> None:
    data = posted()
    del data["importance"]
    form = CallForm(data)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["importance"] is None


@pytest.mark.parametrize("value", ["11", "-1", "x", "8.5"])
def test_a_ruler_refuses_what_is_not_on_it(value: str) -> None:
    assert "importance" in CallForm(posted(importance=value)).errors


@pytest.mark.parametrize(
    "parts",
    [
        {"born_on_month": "13"},
        {"born_on_day": "31", "born_on_month": "2"},
        {"born_on_year": "88"},
        {"born_on_year": ""},
        {"born_on_month": "March"},
        {"born_on_month": "-3", "born_on_day": "1-4"},
        {"born_on_month": "²"},
    ],
)
def test_a_date_that_is_none_says_what_to_enter_and_shows_what_was_typed(parts: dict[str, str]) -> None:
    form = CallForm(posted(**parts))
    assert form.errors["born_on"] == ["Enter a real date: month, day and a year with four digits."]
    html = str(form["born_on"])
    for name, value in parts.items():
        if value and "-" not in value:
            assert f'name="{name}" value="{value}"' in html


def test_an_empty_date_is_missing_not_wrong() -> None:
    form = CallForm(posted(born_on_month="", born_on_day=" ", born_on_year=""))
    assert form.errors["born_on"] == ["Enter the date of birth."]


@pytest.mark.parametrize(
    ("value", "last", "moved", "ask"),
    [
        (None, 6, "", "Not asked yet"),
        (8, 6, "Up 2 since last session.", "Ask: why an 8 and not a 5?"),
        (5, 5, "Same as last session.", "Ask: why a 5 and not a 2?"),
        (4, 7, "Down 3 since last session.", "Ask: why a 4 and not a 1?"),
        (10, None, "", "Ask: why a 10 and not a 7?"),
        (2, None, "", "Ask: why a 2 and not a 0?"),
        (0, 1, "Down 1 since last session.", "Ask: what would make it a 1?"),
    ],
)
def test_the_follow_up_question_names_a_lower_number(value: int | None, last: int | None, moved: str, ask: str) -> None:
    follow_up = ruler_follow_up(value, last)
    assert (follow_up.moved, follow_up.ask) == (moved, ask)


def test_a_ruler_has_eleven_buttons_and_marks_the_last_session() -> None:
    form = CallForm(posted())
    widget: Any = form.fields["importance"].widget
    widget.last = 6
    html = str(form["importance"])
    assert html.count('type="radio"') == 11
    assert html.count("is-last") == 1
    assert "Up 2 since last session." in html
    assert 'data-ask="Ask: why a 10 and not a 7?"' in html


def test_two_forms_do_not_share_the_last_session() -> None:
    first: Any = CallForm().fields["importance"].widget
    first.last = 6
    second: Any = CallForm().fields["importance"].widget
    assert second.last is None


def test_choices_carry_no_aria_invalid_on_a_single_radio() -> None:
    html = CallForm(posted(caller="nobody"))["caller"].as_field_group()
    assert "has-error" in html
    assert "aria-invalid" not in html


def test_hint_stands_before_error_and_error_before_input() -> None:
    html = CallForm(posted(number=""))["number"].as_field_group()
    assert html.index("id_number_helptext") < html.rindex("Enter a number to call back.") < html.index("<input")
    assert 'aria-describedby="id_number_helptext id_number_error"' in html
    assert 'id="id_number_error"' in html


def test_what_may_stay_empty_says_so_in_words() -> None:
    form = CallForm()
    assert "optional" in form["note"].as_field_group()
    assert "optional" not in form["number"].as_field_group()
    assert "optional" not in form["importance"].as_field_group()


def test_the_error_summary_leads_to_the_first_input_of_each_field() -> None:
    form = CallForm({"born_on_year": "88"})
    form.add_error(None, "Nothing was saved.")
    items = {item.target: item.message for item in error_items(form)}
    assert items[""] == "Nothing was saved."
    assert items["id_number"] == "Enter a number to call back."
    for target in ("id_caller_0", "id_born_on_0", "id_number"):
        assert target in items
        assert f'id="{target}"' in form.as_div()


def test_typed_text_is_shown_again_escaped() -> None:
    html = CallForm(posted(number='"><b>', born_on_month='"><b>', caller='"><b>')).as_div()
    assert "<b>" not in html

"""Volleys from lines: fidelity.md 1.3 and X20."""

import pytest

from clinics.instruments.lines import CodedLine, Speaker
from clinics.instruments.volleys import is_back_channel, volley_numbers

T = CodedLine(Speaker.THERAPIST)


def client(text=None, breaks=None):
    return CodedLine(Speaker.CLIENT, (), breaks, text)


@pytest.mark.parametrize(
    "text",
    [
        "Yeah.",
        "Mm-hmm.",
        "mm hmm",
        "Right",
        "Uh-huh!",
        "Okay…",
        "Yeah, right.",
        "I see.",
        "- Yeah",
        "Oh, okay, sure",
    ],
)
def test_listening_sounds_are_back_channels(text):
    assert is_back_channel(text)


@pytest.mark.parametrize(
    "text",
    [
        "Yes.",
        "No.",
        "Right?",
        "Yeah, I do",
        "I",
        "see",
        "Right now",
        "",
        "…",
        "Yeah yeah yeah yeah",
        "Rightly",
    ],
)
def test_speech_of_its_own_is_not(text):
    assert not is_back_channel(text)


@pytest.mark.parametrize(
    ("lines", "numbers"),
    [
        ([], []),
        ([T, T], [0, 0]),
        ([T, client("I want to."), T], [0, None, 1]),
        ([T, client("Yeah."), T], [0, None, 0]),
        ([T, client("Yeah.", breaks=True), T], [0, None, 1]),
        ([T, client("I want to.", breaks=False), T], [0, None, 0]),
        ([T, client(), T], [0, None, 1]),
        ([T, client(breaks=False), T], [0, None, 0]),
        ([T, client("Yeah."), client("Mm-hmm."), T], [0, None, None, 0]),
        ([T, client("Yeah."), client("But no."), T], [0, None, None, 1]),
        ([T, client("But no."), client("Yeah."), T], [0, None, None, 1]),
        ([client("Yeah."), T, T, client("Well."), T], [None, 0, 0, None, 1]),
        ([T, client("Yeah.")], [0, None]),
    ],
)
def test_only_speech_that_breaks_ends_a_volley(lines, numbers):
    assert volley_numbers(lines) == numbers

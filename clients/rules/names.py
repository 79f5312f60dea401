"""
Names: one field, any length, any script, and the keys under which a person is found and filed.

A key is casefolded and decomposed, letters and digits only, so that "Núñez" is found by "nunez". How a legal name
falls into family and given name differs between languages; the guess here can always be overruled in the form.
"""

import unicodedata
from typing import Final

KEY_CHARS: Final = 160
SUFFIXES: Final = frozenset({"jr", "sr", "ii", "iii", "iv"})
# Explicit direction overrides and isolates: pasted along with a name, they would turn the rest of the line round.
DIRECTION_CONTROLS: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def tidy(text: str) -> str:
    """Return a name as it is kept: composed, single spaces, no control characters; emoji and any script stay."""
    kept = (
        " " if char.isspace() else char
        for char in unicodedata.normalize("NFC", text)
        if char.isspace() or (unicodedata.category(char) != "Cc" and char not in DIRECTION_CONTROLS)
    )
    return " ".join("".join(kept).split())


def key(text: str) -> str:
    """
    Return what a name or a search is compared by: casefolded NFKD letters and digits, at most 160.

    A name without any letter (a drawing, an emoji) is its own key.
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    letters = "".join(char for char in folded if char.isalnum())
    return (letters or "".join(folded.split()))[:KEY_CHARS]


def family_and_given(legal_name: str) -> tuple[str, str]:
    """
    Return the parts of a legal name under which a person is filed: family name, first given name.

    "Marsh, Jordan" and "Jordan A. Marsh Jr." give Marsh and Jordan; words in lower case before the last belong to the
    family name ("Ana de la Cruz"). One word alone is both, be it nothing but a comma.
    """
    before, comma, after = legal_name.partition(",")
    if comma and before.strip() and after.split() and key(after) not in SUFFIXES:
        return before.strip(), after.split()[0]
    words = legal_name.replace(",", " ").split() or legal_name.split()
    while len(words) > 1 and key(words[-1]) in SUFFIXES:
        words.pop()
    if not words:
        return "", ""
    start = len(words) - 1
    while start > 1 and words[start - 1][0].islower():
        start -= 1
    return " ".join(words[start:]), words[0]


def shown(legal_name: str, goes_by: str) -> str:
    """
    Return how a person is named on a page: as they go by, with the family name where they go by one name alone.

    Without a name they go by: the legal name. "Kai" alone would not tell one Kai from another.
    """
    if not goes_by:
        return legal_name
    family, given = family_and_given(legal_name)
    if len(goes_by.split()) > 1 or key(family) in (key(goes_by), key(given)):
        return goes_by
    return f"{goes_by} {family}"


def search_words(text: str) -> list[str]:
    """Return the keys of the words of a search, at most six; a word without a key is left out."""
    return [found for word in tidy(text).replace(",", " ").split()[:6] if (found := key(word))]

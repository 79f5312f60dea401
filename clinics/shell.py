"""
What the frame round every page shows, as frozen values.

The context processor fills a `Shell`; `base.html` only prints it. Which links a person gets is decided
from the permission table before these are made: nothing here asks who somebody is.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Theme = Literal["auto", "light", "dark"]
Tone = Literal["info", "ok", "warn", "danger"]

# Rail colours in app.css. The contrast test visits each of them, so a new one is added in both places.
CLINIC_COLOURS = ("pine", "plum", "sea", "clay", "moss", "slate")


@dataclass(frozen=True)
class ClinicBadge:
    """A clinic as the shell names it: full name, up to three initials, one of `CLINIC_COLOURS`."""

    name: str
    initials: str
    colour: str


@dataclass(frozen=True)
class ClinicChoice:
    """One line of the clinic switcher: the same page in a clinic of this person."""

    badge: ClinicBadge
    url: str
    current: bool


@dataclass(frozen=True)
class NavLink:
    """
    A link of the rail or of the person menu.

    icon   a Lucide name
    key    the letter after `g` that opens it (`g t`)
    alt    the letter that opens it with Alt, from every page and while typing
    """

    label: str
    url: str
    icon: str
    current: bool
    key: str = ""
    alt: str = ""


@dataclass(frozen=True)
class Person:
    """Who is signed in: name as they go by, initials, and their title at this clinic."""

    name: str
    initials: str
    title: str


@dataclass(frozen=True)
class Banner:
    """A standing notice above the page (break-glass, on-call); `expires_at` is an aware instant."""

    tone: Tone
    text: str
    action_label: str
    action_url: str
    expires_at: datetime | None = None


@dataclass(frozen=True)
class PaletteRow:
    """One answer of *Find or do*: `kind` is `person` or `action`, `shortcut` the keys that also do it."""

    kind: str
    label: str
    detail: str
    url: str
    shortcut: str = ""


@dataclass(frozen=True)
class Shell:
    """Everything `base.html` needs; `clinic` is None signed out and on pages of the account alone."""

    clinic: ClinicBadge | None
    clinics: tuple[ClinicChoice, ...]
    links: tuple[NavLink, ...]
    find_url: str | None
    person: Person | None
    banners: tuple[Banner, ...]
    account_links: tuple[NavLink, ...]
    theme: Theme
    single_keys: bool
    demo: bool

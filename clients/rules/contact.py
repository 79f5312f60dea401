"""
Who may be contacted how, what a contact attempt can come to, and what may be said aloud.

Permissions are yes, no or not asked, and only yes permits. One exception: the number given may be used to call
back about that call until somebody has answered, unless the person said no. A script never says what kind of service
calls.

Where it is not safe to contact somebody at home, whatever was permitted before is not: no text, no e-mail, no word left
with a machine or a person. They are called or met by the safe way that they named, and by no other.

source   shared/domain/care.md 1.1, 1.2; shared/design/decisions.md 6.4. Ours: that a message with another person needs
         the same permission as a voicemail, since both are heard by whoever is there; that a safe way stands for the
         answer of somebody who was not asked about calls, and never for that of somebody who said no to them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from clients.rules import names


class Permission(StrEnum):
    """What a person said about one way of contact."""

    YES = "yes"
    NO = "no"
    NOT_ASKED = "not_asked"


METHODS: Final[Mapping[str, str]] = {
    "phone": "Phone",
    "sms": "Text message",
    "email": "E-mail",
    "in_person": "In person",
}
OUTCOMES: Final[Mapping[str, str]] = {
    "connected": "Spoke with them",
    "voicemail_left": "Left a voicemail",
    "no_answer": "No answer",
    "busy": "Line busy",
    "wrong_number": "Wrong number",
    "number_dead": "Number does not work",
    "refused": "Said no",
    "call_back_requested": "Asked to be called back",
    "message_with_third_party": "Left a message with someone",
    "email_sent": "E-mail sent",
    "sms_sent": "Text message sent",
    "bounced": "Message came back",
}
# What each method can come to.
OUTCOMES_OF: Final[Mapping[str, frozenset[str]]] = {
    "phone": frozenset(OUTCOMES) - {"email_sent", "sms_sent", "bounced"},
    "sms": frozenset({"sms_sent", "bounced", "refused", "call_back_requested", "wrong_number", "number_dead"}),
    "email": frozenset({"email_sent", "bounced", "refused", "call_back_requested"}),
    "in_person": frozenset({"connected", "no_answer", "refused", "call_back_requested", "message_with_third_party"}),
}
LIVE: Final = frozenset({"connected"})
LEAVES_WORD: Final = frozenset({"voicemail_left", "message_with_third_party"})
# Trying the same number again is no use.
NUMBER_IS_NO_USE: Final = frozenset({"wrong_number", "number_dead"})

Direction = Literal["inbound", "outbound"]
SpokeWith = Literal["person", "caller", "other"]


@dataclass(frozen=True, slots=True)
class Permissions:
    """
    What a person allows.

    call_back_open   they gave the number in a call, and nobody has answered on it since
    unsafe_at_home   they said that it is not safe to contact them at home
    safe_way         they said how they are reached safely
    """

    call: Permission = Permission.NOT_ASKED
    voicemail: Permission = Permission.NOT_ASKED
    sms: Permission = Permission.NOT_ASKED
    email: Permission = Permission.NOT_ASKED
    call_back_open: bool = False
    unsafe_at_home: bool = False
    safe_way: bool = False


class NotAllowed(ValueError):
    """This contact is not permitted, or cannot have come to this. The text says why and what to do."""


def _why_not(permission: Permission, refused: str, not_asked: str) -> None:
    if permission is Permission.NO:
        raise NotAllowed(refused)
    if permission is not Permission.YES:
        raise NotAllowed(not_asked)


UNSAFE: Final = "It is not safe to contact them at home."


def _require_safe_way(method: str, outcome: str, permissions: Permissions, by_safe_way: bool) -> None:
    """Refuse whatever somebody who lives with them could see or hear."""
    if method in ("sms", "email"):
        what = "text messages" if method == "sms" else "e-mail"
        raise NotAllowed(f"{UNSAFE} Do not send {what}, whatever they agreed to before.")
    if outcome in LEAVES_WORD:
        what = "a voicemail" if outcome == "voicemail_left" else "a message with someone else"
        raise NotAllowed(f"{UNSAFE} Do not leave {what}, whatever they agreed to before.")
    if not permissions.safe_way:
        raise NotAllowed(f"{UNSAFE} No safe way is written down: wait until they call, and ask for one then.")
    if not by_safe_way:
        raise NotAllowed(f"{UNSAFE} Use only the safe way that is written down, and say that you did.")


def require_allowed(
    method: str,
    outcome: str,
    permissions: Permissions,
    *,
    direction: Direction = "outbound",
    by_safe_way: bool = False,
) -> None:
    """
    Refuse a contact attempt that the person has not permitted. Who contacts us needs no permission of their own.

    by_safe_way   the attempt was made the safe way that they named, where it is not safe to contact them at home
    :raises NotAllowed: with the reason
    """
    if outcome not in OUTCOMES_OF.get(method, frozenset()):
        raise NotAllowed("Choose a way of contact and what came of it.")
    if direction == "inbound":
        return
    if permissions.unsafe_at_home:
        _require_safe_way(method, outcome, permissions, by_safe_way)
        asked = permissions.call is Permission.NO
    else:
        asked = not (permissions.call_back_open and permissions.call is not Permission.NO)
    if method == "phone" and asked:
        _why_not(
            permissions.call,
            "They said no to calls. Use another way they agreed to.",
            "They have not been asked whether we may call. The number may be used to call "
            "back about their call, until somebody has answered.",
        )
    if method == "sms":
        _why_not(
            permissions.sms,
            "They said no to text messages. Use another way they agreed to.",
            "They have not been asked whether we may send text messages. Ask in the next conversation.",
        )
    if method == "email":
        _why_not(
            permissions.email,
            "They said no to e-mail. Use another way they agreed to.",
            "They have not been asked whether we may e-mail. Ask in the next conversation.",
        )
    if outcome in LEAVES_WORD:
        what = "a voicemail" if outcome == "voicemail_left" else "a message with someone else"
        _why_not(
            permissions.voicemail,
            f"They said no to messages. Do not leave {what}: hang up and record “No answer”.",
            f"They have not been asked about messages. Do not leave {what}: hang up and record “No answer”.",
        )


def ways(permissions: Permissions, preferred: str, *, has_phone: bool, has_email: bool) -> tuple[str, ...]:
    """
    Return the ways in which they may be contacted now, the one that suits them best first.

    preferred   code of a method, "" where they named none; what is not permitted is not returned, however much it suits
    No way is returned for who is not safe at home: there is no way but theirs.
    """
    if permissions.unsafe_at_home:
        return ()
    call = permissions.call is Permission.YES or (permissions.call_back_open and permissions.call is not Permission.NO)
    open_to = {
        "phone": has_phone and call,
        "sms": has_phone and permissions.sms is Permission.YES,
        "email": has_email and permissions.email is Permission.YES,
    }
    return tuple(sorted((one for one, may in open_to.items() if may), key=lambda one: one != preferred))


def is_live(outcome: str, spoke_with: SpokeWith, *, caller_authorised: bool = False) -> bool:
    """Tell whether this was a live contact: a conversation with the person, or with a caller they authorised."""
    return outcome in LIVE and (spoke_with == "person" or (spoke_with == "caller" and caller_authorised))


def first_live(attempts: Sequence[bool]) -> int | None:
    """Return the number (from 1) of the first live attempt, or None."""
    return next((number for number, live in enumerate(attempts, 1) if live), None)


# Stems of words that tell a listener what kind of service calls. A discreet name that carries one is not spoken.
TELLING: Final = re.compile(
    r"addict|admission|alcohol|assess|behavio|clinic|counsel|crisis|detox|doctor|drug|health|hospital|intake|medic|"
    r"mental|methadone|nurse|opioid|patient|psych|recover|rehab|relapse|sober|sobri|substance|suicid|therap|treat|"
    r"wellness"
)
FORBIDDEN_TITLES: Final = frozenset({"dr", "md", "rn", "np", "pa", "phd", "psyd", "lcsw", "lpc", "lmft", "cadc", "msw"})
NEUTRAL_CALLER: Final = "the person who was to call you"

Script = Literal["live_call", "voicemail", "third_party"]


def _is_telling(text: str, clinic_short: str) -> bool:
    """Tell whether words give away the clinic or what it does, spaces and marks left out of account."""
    joined = names.key(text)
    words = {names.key(word) for word in re.split(r"[\s,;/()-]+", text)}
    clinic = {names.key(word) for word in clinic_short.split()} - {""}
    # A long word of the clinic's name tells inside another word too ("Riverbend's"), a short one only as itself.
    named = any(len(word) > 3 and word in joined for word in clinic) or words & clinic
    return bool(TELLING.search(joined) or named or words & FORBIDDEN_TITLES)


def announced(discreet_name: str, caller_name: str, clinic_short: str) -> str:
    """
    Return the name under which a call is announced: as the person asked, else the first name of who calls.

    Titles, and anything that carries the clinic's name or a telling word, are never said.
    """
    first = caller_name.partition(",")[0].split()
    while first and names.key(first[0]) in FORBIDDEN_TITLES:
        first.pop(0)
    for spoken in (names.tidy(discreet_name), first[0] if first else ""):
        if spoken and not _is_telling(spoken, clinic_short):
            return spoken
    return NEUTRAL_CALLER


def script(kind: Script, discreet_name: str, caller_name: str, clinic_short: str) -> str:
    """
    Return what to say, discreetly: never the clinic, the kind of service, or why.

    discreet_name  how the person asked to be called on; may be ""
    caller_name    who on the staff calls
    clinic_short   the clinic's name, so that it is kept out
    """
    name = announced(discreet_name, caller_name, clinic_short)
    if kind == "live_call":
        # Whoever answers learns nothing until they have said who they are.
        return f"Hello, this is {name}. Who am I speaking with? Is this a good time to talk?"
    if kind == "voicemail":
        return f"Hello, this is {name}. You can call me back on this number when it suits you. Thank you."
    return f"Hello, this is {name}. Could you say that I called? I will try again another time. Thank you."

"""Permissions to contact, outcomes, live contacts, and scripts that give nothing away."""

import itertools
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.rules import contact
from clients.rules.contact import NotAllowed, Permission, Permissions, require_allowed

YES, NO, NOT_ASKED = Permission.YES, Permission.NO, Permission.NOT_ASKED
EVERY = [
    Permissions(*four, call_back_open=open_)
    for four in itertools.product(Permission, repeat=4)
    for open_ in (True, False)
]
ALL_YES = Permissions(YES, YES, YES, YES)
# Written apart from the rule's own list: what no listener may hear.
WORD_LIST = [
    "clinic",
    "health",
    "behavioral",
    "behavioural",
    "mental",
    "treatment",
    "therapy",
    "therapist",
    "counseling",
    "counselling",
    "counselor",
    "rehab",
    "recovery",
    "detox",
    "addiction",
    "alcohol",
    "drug",
    "substance",
    "use",
    "intake",
    "admission",
    "admissions",
    "assessment",
    "screening",
    "patient",
    "client",
    "hospital",
    "doctor",
    "nurse",
    "medical",
    "medication",
    "crisis",
    "suicide",
    "sober",
    "program",
    "center",
    "centre",
    "riverbend",
    "insurance",
    "diagnosis",
    "care",
    "appointment",
    "inquiry",
]


def test_t03_a_voicemail_needs_its_permission() -> None:
    for outcome in ("wrong_number", "connected"):
        require_allowed("phone", outcome, Permissions(call=YES, voicemail=NO))
    with pytest.raises(NotAllowed, match="said no to messages"):
        require_allowed("phone", "voicemail_left", Permissions(call=YES, voicemail=NO))
    with pytest.raises(NotAllowed, match="not been asked about messages"):
        require_allowed("phone", "voicemail_left", Permissions(call=YES))


def test_t03_the_third_attempt_is_the_live_contact() -> None:
    outcomes = ["wrong_number", "voicemail_left", "connected"]
    attempts = [contact.is_live(outcome, "person") for outcome in outcomes]
    assert (len(attempts), contact.first_live(attempts)) == (3, 3)
    assert contact.first_live(attempts[:2]) is None


@pytest.mark.parametrize("permissions", EVERY)
def test_only_yes_permits(permissions: Permissions) -> None:
    def allowed(method: str, outcome: str) -> bool:
        try:
            require_allowed(method, outcome, permissions)
        except NotAllowed:
            return False
        return True

    may_call = permissions.call is YES or (permissions.call is NOT_ASKED and permissions.call_back_open)
    assert allowed("phone", "no_answer") is may_call
    assert allowed("phone", "voicemail_left") is (may_call and permissions.voicemail is YES)
    assert allowed("phone", "message_with_third_party") is (may_call and permissions.voicemail is YES)
    assert allowed("sms", "sms_sent") is (permissions.sms is YES)
    assert allowed("email", "email_sent") is (permissions.email is YES)
    assert allowed("in_person", "connected")
    assert allowed("in_person", "message_with_third_party") is (permissions.voicemail is YES)


@pytest.mark.parametrize(
    ("method", "outcome", "permissions", "words"),
    [
        ("phone", "connected", Permissions(call=NO), "said no to calls"),
        ("phone", "connected", Permissions(call=NO, call_back_open=True), "said no to calls"),
        ("phone", "connected", Permissions(), "used to call back"),
        ("sms", "sms_sent", Permissions(sms=NO), "said no to text messages"),
        ("sms", "sms_sent", Permissions(), "not been asked whether we may send text"),
        ("email", "email_sent", Permissions(email=NO), "said no to e-mail"),
        ("email", "email_sent", Permissions(), "not been asked whether we may e-mail"),
        ("phone", "message_with_third_party", Permissions(call=YES), "message with someone else"),
    ],
)
def test_a_refusal_says_why(method: str, outcome: str, permissions: Permissions, words: str) -> None:
    with pytest.raises(NotAllowed, match=words):
        require_allowed(method, outcome, permissions)


@pytest.mark.parametrize(
    ("method", "outcome"),
    [("email", "voicemail_left"), ("sms", "connected"), ("phone", "sms_sent"), ("fax", "connected"), ("phone", "")],
)
def test_a_way_of_contact_comes_only_to_what_it_can(method: str, outcome: str) -> None:
    with pytest.raises(NotAllowed, match="Choose"):
        require_allowed(method, outcome, ALL_YES)
    with pytest.raises(NotAllowed, match="Choose"):
        require_allowed(method, outcome, ALL_YES, direction="inbound")


def test_who_contacts_us_needs_no_permission() -> None:
    require_allowed("phone", "connected", Permissions(call=NO), direction="inbound")


def test_every_method_and_outcome_is_in_use_and_has_words() -> None:
    assert set(contact.OUTCOMES_OF) == set(contact.METHODS)
    assert frozenset().union(*contact.OUTCOMES_OF.values()) == set(contact.OUTCOMES)
    listed = """connected voicemail_left no_answer busy wrong_number number_dead refused call_back_requested
        message_with_third_party email_sent sms_sent bounced"""
    assert set(contact.OUTCOMES) == set(listed.split())


@pytest.mark.parametrize(
    ("outcome", "spoke_with", "authorised", "live"),
    [
        ("connected", "person", False, True),
        ("connected", "caller", True, True),
        ("connected", "caller", False, False),
        ("connected", "other", True, False),
        ("voicemail_left", "person", True, False),
        ("message_with_third_party", "caller", True, False),
        ("refused", "person", True, False),
    ],
)
def test_live_is_a_conversation_with_the_person_or_who_they_authorised(
    outcome: str, spoke_with: contact.SpokeWith, authorised: bool, live: bool
) -> None:
    assert contact.is_live(outcome, spoke_with, caller_authorised=authorised) is live


DISCREET = ["", "Dana from the garage", "Riverbend", "River bend office", "Dr. Cole", "the clinic", "Al-co-hol line",
            "my therapist", "Dana, RN", "Riverbend's Dana", "Admissions", "the Health people", "Treatment centre"]  # fmt: skip


@pytest.mark.parametrize("kind", ["live_call", "voicemail", "third_party"])
@pytest.mark.parametrize("caller", ["Dana Whitlock", "Dana Whitlock, LCSW", "Dr. Dana Whitlock", "", "Nurse"])
@pytest.mark.parametrize("discreet", DISCREET)
def test_a_script_gives_nothing_away(kind: contact.Script, discreet: str, caller: str) -> None:
    said = contact.script(kind, discreet, caller, "Riverbend Behavioral Health")
    words = re.findall(r"[a-z]+", said.casefold())
    assert not set(words) & set(WORD_LIST)
    assert not any(word in "".join(words) for word in ("riverbend", "health", "alcohol", "therap", "treatment"))
    assert not re.search(r"\b(dr|rn|lcsw)\b", said.casefold())
    assert said.startswith("Hello, this is ")


def test_a_call_is_announced_as_the_person_asked() -> None:
    announced = contact.announced
    assert announced("Dana from the garage", "Renata Cole", "Riverbend") == "Dana from the garage"
    assert announced("", "Renata Cole", "Riverbend") == "Renata"
    assert announced("Riverbend office", "Dr. Renata Cole, MD", "Riverbend") == "Renata"
    assert announced("", "", "Riverbend") == contact.NEUTRAL_CALLER


def test_a_short_word_of_the_clinic_s_name_is_kept_out_as_a_word_only() -> None:
    assert contact.announced("Theodora", "Ana", "The Oak") == "Theodora"
    assert contact.announced("Oak", "Ana", "The Oak") == "Ana"


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_name_brings_a_telling_word_into_a_script(discreet: str, caller: str) -> None:
    for kind in ("voicemail", "third_party"):
        said = contact.script(kind, discreet, caller, "Riverbend Clinic")  # type: ignore[arg-type]
        assert "clinic" not in said.casefold()
        assert "riverbend" not in said.casefold()


# --- not safe at home -----------------------------------------------------------------------------------------------

UNSAFE = [replace(one, unsafe_at_home=True, safe_way=way) for one in EVERY for way in (True, False)]
EVERY_ATTEMPT = [(method, outcome) for method in contact.METHODS for outcome in sorted(contact.OUTCOMES_OF[method])]


def is_allowed(method: str, outcome: str, permissions: Permissions, **how: bool) -> bool:
    try:
        require_allowed(method, outcome, permissions, **how)
    except NotAllowed:
        return False
    return True


@pytest.mark.parametrize("permissions", UNSAFE)
def test_where_home_is_not_safe_nothing_is_open_but_the_safe_way(permissions: Permissions) -> None:
    for method, outcome in EVERY_ATTEMPT:
        assert not is_allowed(method, outcome, permissions)
        leaves_something = method in ("sms", "email") or outcome in contact.LEAVES_WORD
        may = permissions.safe_way and not leaves_something and not (method == "phone" and permissions.call is NO)
        assert is_allowed(method, outcome, permissions, by_safe_way=True) is may
        require_allowed(method, outcome, permissions, direction="inbound")
    assert contact.ways(permissions, "phone", has_phone=True, has_email=True) == ()


@pytest.mark.parametrize(
    ("method", "outcome", "permissions", "how", "words"),
    [
        ("sms", "sms_sent", replace(ALL_YES, unsafe_at_home=True, safe_way=True), True, "not send text messages"),
        ("email", "email_sent", replace(ALL_YES, unsafe_at_home=True, safe_way=True), True, "not send e-mail"),
        (
            "phone",
            "voicemail_left",
            replace(ALL_YES, unsafe_at_home=True, safe_way=True),
            True,
            "not leave a voicemail",
        ),
        ("phone", "no_answer", replace(ALL_YES, unsafe_at_home=True), True, "ask for one then"),
        ("phone", "no_answer", replace(ALL_YES, unsafe_at_home=True, safe_way=True), False, "say that you did"),
    ],
)
def test_a_refusal_for_safety_names_the_reason(
    method: str, outcome: str, permissions: Permissions, how: bool, words: str
) -> None:
    with pytest.raises(NotAllowed, match=words) as refused:
        require_allowed(method, outcome, permissions, by_safe_way=how)
    assert str(refused.value).startswith(contact.UNSAFE)


@pytest.mark.parametrize("permissions", EVERY)
@pytest.mark.parametrize("preferred", ["", "phone", "sms", "email"])
def test_what_suits_them_best_comes_first_and_permits_nothing(permissions: Permissions, preferred: str) -> None:
    found = contact.ways(permissions, preferred, has_phone=True, has_email=True)
    outcome = {"phone": "no_answer", "sms": "sms_sent", "email": "email_sent"}
    assert set(found) == {one for one in outcome if is_allowed(one, outcome[one], permissions)}
    assert preferred not in found or found[0] == preferred
    assert contact.ways(permissions, preferred, has_phone=False, has_email=False) == ()

"""
The words of an inquiry: its channels, sources, and the short lists a coordinator ticks while on the phone.

source   shared field notes on admissions; source codes are those of the national admissions data set (TEDS)
"""

from typing import Final

Choices = tuple[tuple[str, str], ...]

CHANNELS: Final[Choices] = (
    ("phone_inbound", "Phone call"),
    ("phone_missed", "Missed call"),
    ("web_form", "Web form"),
    ("chat", "Chat"),
    ("sms", "Text message"),
    ("walk_in", "Walk-in"),
    ("professional_referral", "Professional referral"),
    ("court", "Court"),
    ("eap", "Employee assistance"),
    ("alumni_return", "Returning after discharge"),
)
# Channels on which somebody waits to be called: the first-attempt clock runs from the moment they came in.
WAITING: Final = frozenset({"phone_missed", "web_form", "chat", "sms"})
# Channels on which the person is being spoken to while the inquiry is written.
LIVE: Final = frozenset({"phone_inbound", "walk_in"})

SOURCES: Final[Choices] = (
    ("1", "Themselves, family or a friend"),
    ("2", "Substance use care provider"),
    ("3", "Other health care provider"),
    ("4", "School"),
    ("5", "Employer or employee assistance"),
    ("6", "Other community referral"),
    ("7", "Court or justice system"),
)
# Asked where the source is a court or the justice system.
JUSTICE: Final = "7"
JUSTICE_DETAILS: Final[Choices] = (
    ("1", "State or federal court"),
    ("2", "Formal adjudication"),
    ("3", "Probation or parole"),
    ("4", "Other legal entity"),
    ("5", "Diversion"),
    ("6", "Prison"),
    ("7", "Driving under the influence"),
    ("8", "Other"),
)
EMPLOYER: Final = "5"
SUBSTANCES: Final[Choices] = (
    ("alcohol", "Alcohol"),
    ("opioids", "Opioids"),
    ("fentanyl", "Fentanyl"),
    ("cocaine", "Cocaine"),
    ("methamphetamine", "Methamphetamine"),
    ("cannabis", "Cannabis"),
    ("benzodiazepines", "Benzodiazepines"),
    ("nicotine", "Nicotine"),
    ("other", "Something else"),
    ("none", "No substance"),
)
MAX_SUBSTANCES: Final = 3
BARRIERS: Final[Choices] = (
    ("cost", "Cost"),
    ("transport", "Getting here"),
    ("childcare", "Childcare"),
    ("work", "Work hours"),
    ("fear", "Fear of what others will think"),
    ("alone", "Wants to handle it alone"),
    ("unsure", "Not sure it is needed"),
    ("past_care", "Bad experience with care"),
    ("language", "Language"),
    ("other", "Something else"),
)
LEVELS: Final[Choices] = (
    ("outpatient", "Outpatient"),
    ("intensive_outpatient", "Intensive outpatient"),
    ("residential", "Residential"),
    ("withdrawal", "Withdrawal management"),
    ("unsure", "Not sure yet"),
)
LAST_USE: Final[Choices] = (
    ("today", "Today"),
    ("this_week", "This week"),
    ("this_month", "This month"),
    ("longer", "Longer ago"),
    ("never", "Never"),
)
YES_NO: Final[Choices] = (("yes", "Yes"), ("no", "No"), ("not_asked", "Not asked"))
REACHED_BY: Final[Choices] = (("phone", "A call"), ("sms", "A text message"), ("email", "An email"))
CUSTODY: Final[Choices] = (
    ("both", "Both parents"),
    ("one", "One parent"),
    ("guardian", "A guardian"),
    ("state", "The state"),
    ("unknown", "Not known yet"),
)
GENDERS: Final[Choices] = (("male", "Male"), ("female", "Female"), ("other", "Another"))
SAFETY_ANSWERS: Final[Choices] = (
    ("no", "No"),
    ("yes", "Yes"),
    ("preferred_not_to_say", "Preferred not to say"),
    ("not_asked", "Not asked"),
)
# The parts of screening, as its guard names them, and why one may be left open.
SCREENED_PARTS: Final[Choices] = (
    ("words", "What brings them here"),
    ("client", "Name"),
    ("born_on", "Date of birth"),
    ("substances", "Substances"),
    ("last_use", "Last use"),
    ("readiness", "Readiness"),
    ("source", "Who referred them"),
    ("home", "Whether home is safe"),
)
GAP_REASONS: Final[Choices] = (
    ("not_known", "They do not know"),
    ("preferred_not_to_say", "They preferred not to say"),
    ("call_ended", "The call ended before"),
    ("not_relevant", "It does not matter here"),
)


class Contradiction(ValueError):
    """What was said about who referred them does not fit together. The text says what to change."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def source_of(source: str, detail: str, listed: tuple[str, str] | None = None) -> tuple[str, str]:
    """
    Return who referred somebody and, of a court, which kind: as it was said, filled from the organisation's entry.

    source, detail   codes as they were chosen; "" where nothing was
    listed           source and detail of the organisation that was chosen; None without one
    :raises Contradiction: the organisation is listed as something else, or a detail has no court to belong to
    """
    if listed is not None:
        of_source, of_detail = listed
        if source not in ("", of_source):
            label = dict(SOURCES)[of_source]
            raise Contradiction(
                "source", f"The organization you chose is listed as “{label}”. Change this, or choose another one."
            )
        if of_detail and detail not in ("", of_detail):
            label = dict(JUSTICE_DETAILS)[of_detail]
            raise Contradiction(
                "source_detail",
                f"The organization you chose is listed as “{label}”. Change this, or choose another one.",
            )
        source, detail = of_source, detail or of_detail
    if detail and source != JUSTICE:
        raise Contradiction(
            "source_detail",
            "Name the part of the justice system only where a court or the justice system referred them.",
        )
    return source, detail


def require_safe_way(unsafe_at_home: str, safe_way: str) -> None:
    """
    Refuse a safe way of contact where nobody said that the others are not safe: it would be read, and not kept to.

    unsafe_at_home   code of `YES_NO`
    :raises Contradiction: so it is
    """
    if safe_way and unsafe_at_home != "yes":
        raise Contradiction(
            "safe_way", "Say first that it is not safe to contact them at home, or take the safe way away."
        )


def sessions_left(paid_for: int | None, used: int | None) -> int | None:
    """
    Return how many sessions an employee assistance still pays for; None where it is not known how many it pays for.

    :raises Contradiction: more were used than it pays for
    """
    if paid_for is None:
        return None
    if used is not None and used > paid_for:
        raise Contradiction(
            "eap_sessions_used",
            f"More sessions are used ({used}) than it pays for ({paid_for}). Correct one of the two.",
        )
    return paid_for - (used or 0)


def known(answer: str) -> bool | None:
    """Return what an answer of `YES_NO` says; None where nobody asked."""
    return {"yes": True, "no": False}.get(answer)


def require_assistance(source: str, given: bool) -> None:
    """
    Refuse details of employee assistance where no employer referred them.

    given   whether anything about employee assistance was written down
    :raises Contradiction: so it is
    """
    if given and source != EMPLOYER:
        raise Contradiction(
            "eap_vendor", "Write down employee assistance only where an employer or employee assistance referred them."
        )

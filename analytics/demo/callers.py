"""Who asked for care at the demonstration's clinics in the last weeks, and what came of it. Invented."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from analytics.demo.organisations import COURT, DOCTOR, EMPLOYER, HOSPITAL, SHELTER
from clients.rules.transitions import Status as S

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Try:
    """An attempt: how long after the inquiry came in, and when to call again, counted from now."""

    after: timedelta
    outcome: str
    method: str = "phone"
    note: str = ""
    again: timedelta | None = None


@dataclass(frozen=True)
class Step:
    """A move, with its reason where one is asked for."""

    to: S
    reason: str = ""
    note: str = ""


@dataclass(frozen=True)
class Lives:
    """
    What was said about how somebody lives; nothing where nobody asked.

    safe_way        how they are reached where home is not safe; empty: it is, or nobody asked
    mental_health   at the first and at the second clinic
    used            sessions that an employee assistance has paid for already
    """

    prefers: str = ""
    safe_way: str = ""
    mental_health: tuple[str, str] = ("", "")
    veteran: bool | None = None
    homeless: bool | None = None
    custody: str = ""
    campaign: str = ""
    used: int | None = None
    told_back: bool | None = None


NOTHING_SAID: Final = Lives()


@dataclass(frozen=True)
class Story:
    """
    One inquiry.

    ago      how long before now it came in
    words    what they said, at the first and at the second clinic; empty for a missed call
    named    whether the person's name is known
    drafted  the assessment took place this morning and is being written
    today    they were admitted this morning, and not two days after the decision
    repeats  the same caller as in the last call before it
    again    the same person as in the last call before it, whose record nobody looked for
    sent_by  which organisation of the clinic's list referred them
    lives    what was said about how they live
    """

    channel: str
    ago: timedelta
    words: tuple[str, str] = ("", "")
    relation: str = "self"
    tries: tuple[Try, ...] = ()
    steps: tuple[Step, ...] = ()
    voicemail: str = "yes"
    evening: bool = False
    named: bool = True
    drafted: bool = False
    today: bool = False
    pregnant: bool | None = None
    injects: bool = False
    repeats: bool = False
    again: bool = False
    sent_by: str = ""
    safety: str = "no"
    overdose: bool = False
    reviewed: bool = False
    substances: tuple[str, ...] = ("alcohol",)
    barriers: tuple[str, ...] = ()
    readiness: int | None = 6
    lives: Lives = NOTHING_SAID


SCREENED = Step(S.SCREENED)
BOOKED = Step(S.ASSESSMENT_SCHEDULED)
ASSESSED = Step(S.ASSESSED)
ACCEPTED = Step(S.ACCEPTED)
LISTED = (SCREENED, BOOKED, ASSESSED, ACCEPTED, Step(S.WAITLISTED))
# Six attempts on four days over more than a week: as long as the table asks before an inquiry rests.
LONG_TRIED = (
    Try(10 * MINUTE, "no_answer"), Try(3 * HOUR, "voicemail_left"), Try(DAY, "no_answer"), Try(2 * DAY, "no_answer"),
    Try(4 * DAY, "voicemail_left"), Try(8 * DAY, "no_answer"),
)  # fmt: skip

STORIES: Final = (
    # Waiting now.
    Story("web_form", 4 * MINUTE, ("I am not sure where to start. Could somebody call me?",
                                   "My son will not talk with us. Could somebody call me?"), named=False),
    Story("web_form", 38 * MINUTE, ("A friend gave me your address. Evenings only, please, I work.",
                                    "I found you through school. After five is best."), evening=True, named=False,
          lives=Lives(prefers="phone", campaign="Friends' evening")),
    Story("web_form", 3 * HOUR, ("I have questions about evening groups.",
                                 "Do you see whole families together?"), voicemail="no", named=False),
    Story("phone_missed", 9 * MINUTE, named=False),
    Story("phone_missed", 2 * HOUR, named=False, tries=(Try(8 * MINUTE, "busy", again=-25 * MINUTE),)),
    # Being reached: call-backs for today.
    Story("web_form", 26 * HOUR, ("I would like to talk before I decide anything.",
                                  "I would like to hear how this works before I say yes."), named=False,
          tries=(Try(12 * MINUTE, "no_answer"), Try(3 * HOUR, "voicemail_left", again=40 * MINUTE))),
    Story("chat", 2 * DAY, ("Is it all right if I am still using some days?",
                            "Is it all right to come without my parents?"), named=False,
          tries=(Try(5 * MINUTE, "no_answer"), Try(DAY, "no_answer", again=2 * HOUR))),
    Story("phone_missed", 5 * DAY, named=False, voicemail="no",
          tries=(Try(14 * MINUTE, "no_answer"), Try(DAY, "no_answer"), Try(3 * DAY, "wrong_number"))),
    Story("professional_referral", 30 * HOUR, ("Referred by a family doctor after a check-up.",
                                               "Referred by a pediatrician, with the family."),
          sent_by=DOCTOR,
          tries=(Try(2 * HOUR, "connected", note="Glad about the call. Will talk with their partner first.",
                     again=90 * MINUTE),)),
    # A crisis, handed to a clinician: nothing else moves until they have looked.
    Story("phone_inbound", 25 * MINUTE, ("I do not see how I get through the weekend.",
                                         "She said tonight that she does not want to wake up."), safety="yes",
          substances=("alcohol", "benzodiazepines"), readiness=None,
          lives=Lives(mental_health=("Has not slept for a week.", "Stopped seeing her friends in spring."))),
    # A concern of last week, reviewed.
    Story("phone_inbound", 6 * DAY, ("I used alone after a month without, and it scared me.",
                                     "He used again after the summer, and it scared all of us."),
          substances=("opioids",), overdose=True, reviewed=True, readiness=8, steps=(SCREENED,)),
    # On the phone, or half way through the questions.
    Story("phone_inbound", 50 * MINUTE, ("I want mornings back.", "I want my evenings with my kids back."),
          readiness=None, substances=()),
    Story("walk_in", 5 * HOUR, ("I walked past for a week before I came in.",
                                "My aunt brought me. I said I would listen."), barriers=("fear",), readiness=4,
          lives=Lives(homeless=True, prefers="phone")),
    # Their first visit was an hour before: two records of one person, for the page of possible duplicates.
    Story("phone_inbound", 4 * HOUR, ("I came by earlier. Is there a group in the evening?",
                                      "I came by with my aunt. Is there a group after school?"), again=True,
          readiness=5),
    Story("phone_inbound", 20 * HOUR, ("My husband asks me to come. I am not sure yet.",
                                       "My mother asks me to come. I am not sure yet."), relation="spouse",
          safety="preferred_not_to_say", readiness=3, barriers=("unsure", "work")),
    # Screened, and what follows.
    Story("phone_inbound", 2 * DAY, ("I can do a day without, not two. I want two.",
                                     "I can do a school week without. I want a month."), readiness=7,
          tries=(Try(22 * HOUR, "no_answer"),), steps=(SCREENED,),
          lives=Lives(safe_way="Weekdays before noon, by way of the library desk. Ask about the returned books.")),
    Story("eap", 4 * DAY, ("Work gave me this number. I asked for it myself.",
                           "The youth program gave us this number."), substances=("cannabis",), barriers=("work",),
          sent_by=EMPLOYER, tries=(Try(HOUR, "connected"),), steps=(Step(S.SCREENING), SCREENED),
          lives=Lives(used=2, told_back=False, veteran=True, mental_health=("Bad dreams since the service.",
                                                                            "Worries a lot before tests."))),
    Story("phone_inbound", 5 * DAY, ("I stopped twice before. I know what helped.",
                                     "She stopped once before. She knows what helped."), readiness=8, sent_by=HOSPITAL,
          steps=(SCREENED, BOOKED)),
    Story("alumni_return", 7 * DAY, ("I was here two years ago. I would like to come back before it gets worse.",
                                     "We were here before my brother moved out. I would like to come back."),
          readiness=9, drafted=True, tries=(Try(HOUR, "connected"),), steps=(Step(S.SCREENING), SCREENED, BOOKED)),
    Story("phone_inbound", 9 * DAY, ("I said yes on the phone. Getting there is the hard part.",
                                     "He said yes on the phone. The bus takes two hours."), barriers=("transport",),
          readiness=5, steps=(SCREENED, BOOKED, Step(S.ASSESSMENT_NO_SHOW))),
    Story("phone_inbound", 11 * DAY, ("I want to be somebody my daughter can call.",
                                      "I want to finish school with a clear head."), readiness=8,
          steps=(SCREENED, BOOKED, ASSESSED)),
    Story("court", 12 * DAY, ("The court asks for this. I also want my license back.",
                              "The judge asks for this. I also want to see my brother more."), relation="court_officer",
          sent_by=COURT, tries=(Try(3 * HOUR, "connected"),), readiness=4, lives=Lives(told_back=True, veteran=False),
          steps=(Step(S.SCREENING), SCREENED, BOOKED, ASSESSED, ACCEPTED)),
    Story("phone_inbound", 16 * DAY, ("I can wait if I know the day.", "We can wait if we know the day."),
          readiness=7, steps=LISTED),
    Story("walk_in", 21 * DAY, ("I came by because calling felt too big.",
                                "We came by because calling felt too big."), readiness=6, sent_by=SHELTER,
          steps=LISTED),
    Story("phone_inbound", 30 * DAY, ("I want to be steady before the baby comes.",
                                      "She wants to be steady before the baby comes."), readiness=9, pregnant=True,
          sent_by=DOCTOR, substances=("opioids",), steps=LISTED,
          lives=Lives(prefers="email", homeless=False, told_back=True)),
    Story("phone_inbound", 12 * DAY, ("I have not shared a needle in a year. I want to need none.",
                                      "He wants to need no needle at all."), readiness=8, injects=True,
          substances=("opioids",), steps=LISTED),
    Story("phone_inbound", 37 * DAY, ("I will wait as long as the door stays open.",
                                      "We will wait as long as the door stays open."), readiness=5, steps=LISTED),
    Story("phone_inbound", 24 * DAY, ("I am tired of counting drinks.", "I am tired of keeping it from everybody."),
          readiness=8, steps=(SCREENED, BOOKED, ASSESSED, ACCEPTED, Step(S.ADMITTED))),
    Story("phone_inbound", 14 * DAY, ("I want to hear myself think again.", "I want to sleep through a night."),
          readiness=8, today=True, steps=(SCREENED, BOOKED, ASSESSED, ACCEPTED, Step(S.ADMITTED))),
    # Rested or closed, each with its reason.
    Story("phone_inbound", 13 * DAY, ("Not this month. Ask me again after the move.",
                                      "Not before exams. Ask us again after."), readiness=3,
          steps=(SCREENED, Step(S.NURTURE))),
    Story("web_form", 15 * DAY, ("Please call.", "Please call us."), named=False, tries=LONG_TRIED,
          steps=(Step(S.UNREACHABLE),)),
    Story("phone_inbound", 10 * DAY, ("I found somebody closer to home.", "We found somebody closer to home."),
          barriers=("transport",), steps=(Step(S.CLOSED_DECLINED, "distance"),)),
    Story("phone_inbound", 18 * DAY, ("I will try on my own first.", "They will try as a family first."),
          readiness=4, barriers=("alone",), steps=(SCREENED, Step(S.CLOSED_DECLINED, "not_ready"))),
    Story("phone_inbound", 8 * DAY, ("My hands shake when I stop. I need a bed first.",
                                     "He gets very ill when he stops. He needs a bed first."),
          steps=(SCREENED, Step(S.REFERRED_OUT, "medical_need_higher", "Warm handover to withdrawal management."))),
    Story("phone_inbound", 20 * DAY, ("I am calling for my nephew. He is fifteen.",
                                      "I am calling for my father. He is seventy."), relation="other_family",
          lives=Lives(custody="unknown", campaign="Radio"), steps=(SCREENED, Step(S.NOT_ELIGIBLE, "age"))),
    Story("web_form", 47 * HOUR, ("Me again. I was not sure the call was noted.",
                                  "Us again. We were not sure the call was noted."), named=False, repeats=True,
          steps=(Step(S.DUPLICATE),)),
    Story("phone_missed", 3 * DAY, named=False, tries=(Try(20 * MINUTE, "no_answer"),),
          steps=(Step(S.SPAM, "", "A recorded sales call, twice."),)),
)  # fmt: skip

# Legal name, goes by, pronouns, year of birth; one for each story in which somebody is named.
PEOPLE: Final[dict[str, tuple[tuple[str, str, str, int], ...]]] = {
    "riverbend": (
        ("Corinne Abbot", "", "she/her", 1974), ("Wesley Grant", "Wes", "he/him", 1991),
        ("Lucía Herrera", "Lu", "she/her", 1986), ("Anders Dahl", "", "he/him", 1968),
        ("Bridget Malone", "", "she/her", 1995), ("Kofi Boateng", "", "he/him", 1982),
        ("Simone Laurent", "", "she/her", 1977), ("Rafael Ortega", "Rafa", "he/him", 1989),
        ("Jun Park", "", "they/them", 1998), ("Helena Voss", "", "she/her", 1961),
        ("Dominic Reid", "Dom", "he/him", 1993), ("Aisha Karim", "", "she/her", 1985),
        ("Terrence Cobb", "", "he/him", 1972), ("Paula Mendes", "", "she/her", 1990),
        ("Silas Thorne", "", "he/him", 2000), ("Margaret Doyle", "Peg", "she/her", 1957),
        ("Emil Jansen", "", "he/him", 1984), ("Noor Saleh", "", "she/her", 1996),
        ("Victor Lang", "", "he/him", 1979), ("Ingrid Solberg", "", "she/her", 1988),
        ("Theo Marchetti", "", "he/him", 1994), ("Yara Haddad", "", "she/her", 1997),
        ("Curtis Bell", "", "he/him", 1970), ("Nadine Okoye", "", "she/her", 1983),
        ("Felix Brandt", "", "he/him", 1992),
    ),
    "harbor": (
        ("Ellis Barrow", "", "they/them", 2007), ("Camila Duarte", "Cami", "she/her", 2005),
        ("Tobias Engel", "Toby", "he/him", 2008), ("Ruth Adler", "", "she/her", 1981),
        ("Malik Greene", "", "he/him", 2006), ("Sofia Marino", "", "she/her", 2009),
        ("Hassan Yusuf", "", "he/him", 2004), ("Lily Nakamura", "", "she/her", 2007),
        ("Gordon Pike", "", "he/him", 1978), ("Adele Fontaine", "", "she/her", 2003),
        ("Mateo Rios", "", "he/him", 2008), ("Zoe Callahan", "", "she/her", 2006),
        ("Idris Bello", "", "he/him", 2002), ("Freya Lund", "", "she/her", 2005),
        ("Patrick Nolan", "Paddy", "he/him", 1984), ("Amina Diallo", "", "she/her", 2007),
        ("Leon Becker", "", "he/him", 2009), ("Grace Whitlow", "", "she/her", 1999),
        ("Jonah Sims", "", "he/him", 2006), ("Elsa Lindqvist", "", "she/her", 2001),
        ("Marcus Oyelaran", "", "he/him", 2004), ("Priya Chandran", "", "she/her", 1999),
        ("Desmond Clay", "", "he/him", 1996), ("Talia Rosen", "", "she/her", 2003),
        ("Nico Ferraro", "", "he/him", 2002),
    ),
}  # fmt: skip
FIRST_NAMES: Final = ("Alex", "Robin", "Sandra", "Dev", "Mona", "Chris", "Pilar", "Gus", "Wanda", "Eli")
# By the pronouns they gave.
GENDERS: Final = {"she/her": "female", "he/him": "male", "they/them": "other"}
STATES: Final = {"riverbend": "IL", "harbor": "MA"}
AREA_CODES: Final = {"riverbend": "312", "harbor": "617"}

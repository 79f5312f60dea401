"""
The admission record: the minimum set of the national admissions data set (TEDS-A) and some of its supplement.

Exact values are kept as they were given; the bands of the public-use files are derived. Every question may be answered
with "not known", which is coded -9; a question without any answer keeps somebody from being admitted.

source   shared/domain/care.md 1.5 and 1.8; codes as in the public-use files of TEDS-A. Ours: a second and third
         substance that is not named is none; the details of a substance are asked only where one is named.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

UNKNOWN: Final = -9
NONE: Final = 1  # the code of "no substance"
Codes = Mapping[int, str]

YES_NO: Final[Codes] = {1: "Yes", 2: "No"}
CLIENT_TYPES: Final[Codes] = {1: "The person who uses substances", 2: "Somebody close to them"}
TRANSACTIONS: Final[Codes] = {1: "First admission of this stay", 2: "Transfer within this stay"}
SERVICE_SETTINGS: Final[Codes] = {
    1: "Withdrawal management, hospital",
    2: "Withdrawal management, residential",
    3: "Rehabilitation, hospital",
    4: "Rehabilitation, residential, up to 30 days",
    5: "Rehabilitation, residential, more than 30 days",
    6: "Intensive outpatient",
    7: "Outpatient",
    8: "Withdrawal management, outpatient",
}
SOURCES: Final[Codes] = {
    1: "Themselves, family or a friend",
    2: "Substance use care provider",
    3: "Other health care provider",
    4: "School",
    5: "Employer or employee assistance",
    6: "Other community referral",
    7: "Court or justice system",
}
JUSTICE_DETAILS: Final[Codes] = {
    1: "State or federal court",
    2: "Formal adjudication",
    3: "Probation or parole",
    4: "Other legal entity",
    5: "Diversion",
    6: "Prison",
    7: "Driving under the influence",
    8: "Other",
}
SEXES: Final[Codes] = {1: "Male", 2: "Female"}
RACES: Final[Codes] = {
    1: "Alaska Native",
    2: "American Indian",
    3: "Asian or Pacific Islander",
    4: "Black or African American",
    5: "White",
    6: "Asian",
    7: "Other single race",
    8: "Two or more races",
    9: "Native Hawaiian or other Pacific Islander",
}
ETHNICITIES: Final[Codes] = {
    1: "Puerto Rican",
    2: "Mexican",
    3: "Cuban or other specific Hispanic",
    4: "Not of Hispanic or Latino origin",
    5: "Hispanic or Latino, origin not specified",
}
EDUCATION: Final[Codes] = {
    1: "Up to grade 8",
    2: "Grades 9 to 11",
    3: "Grade 12 or GED",
    4: "1 to 3 years of college or vocational school",
    5: "4 years of college or more",
}
EMPLOYMENT: Final[Codes] = {1: "Full time", 2: "Part time", 3: "Unemployed", 4: "Not in the labor force"}
NOT_IN_LABOR_FORCE: Final[Codes] = {
    1: "Homemaker",
    2: "Student",
    3: "Retired or with a disability",
    4: "Lives in an institution",
    5: "Other",
}
SUBSTANCES: Final[Codes] = {
    1: "None",
    2: "Alcohol",
    3: "Cocaine or crack",
    4: "Cannabis",
    5: "Heroin",
    6: "Non-prescription methadone",
    7: "Other opiates and synthetics",
    8: "PCP",
    9: "Hallucinogens",
    10: "Methamphetamine",
    11: "Other amphetamines",
    12: "Other stimulants",
    13: "Benzodiazepines",
    14: "Other tranquilizers",
    15: "Barbiturates",
    16: "Other sedatives or hypnotics",
    17: "Inhalants",
    18: "Over-the-counter medications",
    19: "Other",
}
ROUTES: Final[Codes] = {1: "By mouth", 2: "Smoked", 3: "Inhaled", 4: "Injected", 5: "Other"}
INJECTED: Final = 4
FREQUENCIES: Final[Codes] = {1: "Not in the past month", 2: "Some days", 3: "Daily"}
LIVING: Final[Codes] = {1: "Without a home", 2: "In dependent living", 3: "In independent living"}
INCOME: Final[Codes] = {
    1: "Wages or salary",
    2: "Public assistance",
    3: "Retirement, pension or disability",
    4: "Other",
    5: "None",
}
INSURANCE: Final[Codes] = {1: "Private", 2: "Medicaid", 3: "Medicare or other", 4: "None"}
PAYERS: Final[Codes] = {
    1: "Self-pay",
    2: "Private insurance",
    3: "Medicare",
    4: "Medicaid",
    5: "Other government payments",
    6: "No charge",
    7: "Other",
}
MARITAL: Final[Codes] = {1: "Never married", 2: "Now married", 3: "Separated", 4: "Divorced or widowed"}
SELF_HELP: Final[Codes] = {
    1: "Not at all",
    2: "1 to 3 times",
    3: "4 to 7 times",
    4: "8 to 30 times",
    5: "Some, number not known",
}


@dataclass(frozen=True, slots=True)
class Question:
    """
    One question of the record.

    codes      the answers; None for a whole number from `least` to `most`
    needed     it belongs to the minimum set: an answer or "not known"
    """

    key: str
    label: str
    codes: Codes | None = None
    needed: bool = True
    least: int = 0
    most: int = 0


def _of_substance(number: int, which: str) -> tuple[Question, ...]:
    return (
        Question(f"substance_{number}", f"{which} substance", SUBSTANCES, needed=number == 1),
        Question(f"route_{number}", f"{which} substance: how it is taken", ROUTES, needed=False),
        Question(f"frequency_{number}", f"{which} substance: how often in the past month", FREQUENCIES, needed=False),
        Question(f"first_use_{number}", f"{which} substance: age at first use", needed=False, most=110),
    )


QUESTIONS: Final = (
    Question("client_type", "Who is admitted", CLIENT_TYPES),
    Question("transaction", "Kind of admission", TRANSACTIONS),
    Question("service_setting", "Service setting", SERVICE_SETTINGS),
    Question("prior_episodes", "Care episodes before this one", most=99),
    Question("source", "Referred by", SOURCES),
    Question("justice_detail", "Referred by: which court or agency", JUSTICE_DETAILS, needed=False),
    Question("sex", "Sex", SEXES),
    Question("race", "Race", RACES),
    Question("ethnicity", "Ethnicity", ETHNICITIES),
    Question("education", "Education", EDUCATION),
    Question("employment", "Employment", EMPLOYMENT),
    Question("not_in_labor_force", "Not in the labor force: why", NOT_IN_LABOR_FORCE, needed=False),
    *_of_substance(1, "First"),
    *_of_substance(2, "Second"),
    *_of_substance(3, "Third"),
    Question("opioid_medication", "Medication for opioid use disorder is planned", YES_NO),
    Question("pregnant", "Pregnant", YES_NO, needed=False),
    Question("veteran", "Veteran", YES_NO, needed=False),
    Question("living", "Lives", LIVING, needed=False),
    Question("income", "Main source of income", INCOME, needed=False),
    Question("insurance", "Health insurance", INSURANCE, needed=False),
    Question("payer", "Main payer", PAYERS, needed=False),
    Question("marital", "Marital status", MARITAL, needed=False),
    Question("co_occurring", "Mental health condition beside substance use", YES_NO, needed=False),
    Question("arrests_30_days", "Arrests in the past 30 days", needed=False, most=99),
    Question("self_help", "Self-help groups in the past 30 days", SELF_HELP, needed=False),
)  # fmt: skip
BY_KEY: Final[Mapping[str, Question]] = {question.key: question for question in QUESTIONS}
SUBSTANCE_NUMBERS: Final = (1, 2, 3)
DETAILS: Final = ("route", "frequency", "first_use")
OF_SUBSTANCE: Final = ("substance", *DETAILS)
JUSTICE: Final = 7
OUT_OF_LABOR_FORCE: Final = 4

# What intake ticks, as the record codes it; what has no code of its own is asked for anew.
FROM_INTAKE: Final[Mapping[str, int]] = {
    "none": 1,
    "alcohol": 2,
    "cocaine": 3,
    "cannabis": 4,
    "opioids": 7,
    "fentanyl": 7,
    "methamphetamine": 10,
    "benzodiazepines": 13,
}
SETTING_OF_LEVEL: Final[Mapping[str, int]] = {"outpatient": 7, "intensive_outpatient": 6}
SEX_OF_GENDER: Final[Mapping[str, int]] = {"male": 1, "female": 2}
OF_YES_NO: Final[Mapping[str, int]] = {"yes": 1, "no": 2}
WITHOUT_A_HOME: Final = 1


@dataclass(frozen=True, slots=True)
class Problem:
    """One answer that is missing or cannot be right: the question's key, and a sentence."""

    key: str
    sentence: str


def problems(answers: Mapping[str, int], *, age: int | None = None) -> tuple[Problem, ...]:
    """
    Return what keeps the record from being complete, in the order of the questions.

    answers   code by question key; -9 is "not known", a key that is absent was not answered
    age       in years on the day of admission, None when the date of birth is not known
    """
    found = [Problem(key, f"There is no question “{key}”.") for key in answers if key not in BY_KEY]
    for question in QUESTIONS:
        value = answers.get(question.key)
        sentence = _missing(question, answers) if value is None else _refused(question, value, answers, age)
        if sentence:
            found.append(Problem(question.key, sentence))
    return tuple(found)


def prefilled(
    *,
    source: str,
    substances: tuple[str, ...],
    level: str,
    source_detail: str = "",
    gender: str = "",
    pregnant: str = "",
    veteran: str = "",
    homeless: str = "",
) -> dict[str, int]:
    """
    Return what intake and the decision already say, as codes to start the form from; a person confirms each.

    source          code of the referral source, may be empty
    substances      as ticked at intake, at most three are carried
    level           code of the level of care
    source_detail   code of the part of the justice system, where that is the source; may be empty
    gender          as the person's record says; another than the two of the record is asked for anew
    pregnant, veteran, homeless   yes, no, or whatever says neither; where somebody with a home lives is asked for anew
    """
    found: dict[str, int] = {"client_type": 1, "transaction": 1}
    if source.isdecimal() and int(source) in SOURCES:
        found["source"] = int(source)
        if int(source) == JUSTICE and source_detail.isdecimal() and int(source_detail) in JUSTICE_DETAILS:
            found["justice_detail"] = int(source_detail)
    codes = list(dict.fromkeys(FROM_INTAKE[one] for one in substances if one in FROM_INTAKE))
    for number, code in zip(SUBSTANCE_NUMBERS, codes, strict=False):
        found[f"substance_{number}"] = code
    if level in SETTING_OF_LEVEL:
        found["service_setting"] = SETTING_OF_LEVEL[level]
    if gender in SEX_OF_GENDER:
        found["sex"] = SEX_OF_GENDER[gender]
    for key, answer in (("pregnant", pregnant), ("veteran", veteran)):
        if answer in OF_YES_NO:
            found[key] = OF_YES_NO[answer]
    if homeless == "yes":
        found["living"] = WITHOUT_A_HOME
    return found


def injects(answers: Mapping[str, int]) -> bool:
    """Tell whether a substance is injected."""
    return any(answers.get(f"route_{number}") == INJECTED for number in SUBSTANCE_NUMBERS)


# --- bands of the public-use files --------------------------------------------------------------------------------


def days_waited_band(requested_on: date, admitted_on: date) -> int:
    """
    Return the band of the days from the request for care to the admission: 0 | 1-7 | 8-14 | 15-30 | 31 and more.

    :raises ValueError: admitted before they asked
    """
    days = (admitted_on - requested_on).days
    if days < 0:
        raise ValueError("Nobody is admitted before they asked for care.")
    return _band(days, (0, 7, 14, 30))


def prior_episodes_band(number: int) -> int:
    """Return 0 to 4, or 5 for five and more; "not known" stays so."""
    return number if number == UNKNOWN else min(number, 5)


def first_use_band(age: int) -> int:
    """Return the band of an age at first use, 1 (11 and under) to 7 (30 and over); "not known" stays so."""
    return age if age == UNKNOWN else 1 + _band(age, (11, 14, 17, 20, 24, 29))


def arrests_band(number: int) -> int:
    """Return 0, 1, or 2 for two and more; "not known" stays so."""
    return number if number == UNKNOWN else min(number, 2)


def _band(value: int, upper: tuple[int, ...]) -> int:
    return sum(value > limit for limit in upper)


# --- one answer ---------------------------------------------------------------------------------------------------


def _missing(question: Question, answers: Mapping[str, int]) -> str:
    asked = question.needed
    detail, _sep, number = question.key.rpartition("_")
    if detail in DETAILS:
        asked = _is_named(answers.get(f"substance_{number}"))
    if question.key == "justice_detail":
        asked = answers.get("source") == JUSTICE
    return f"Answer “{question.label}”, or say that it is not known." if asked else ""


def _refused(question: Question, value: int, answers: Mapping[str, int], age: int | None) -> str:
    if isinstance(value, bool) or not isinstance(value, int):
        return f"Choose an answer to “{question.label}”."
    if value == UNKNOWN:
        return ""
    if question.codes is not None and value not in question.codes:
        return f"Choose an answer to “{question.label}”."
    if question.codes is None and not question.least <= value <= question.most:
        return f"“{question.label}” goes from {question.least} to {question.most}."
    return _contradiction(question, value, answers, age)


def _contradiction(question: Question, value: int, answers: Mapping[str, int], age: int | None) -> str:
    detail, _sep, number = question.key.rpartition("_")
    if detail in DETAILS and not _is_named(answers.get(f"substance_{number}")):
        return f"Name the substance of “{question.label}”, or take this answer away."
    if detail == "first_use" and age is not None and value > age:
        return f"“{question.label}” is more than their age. Check both."
    if detail == "substance" and value != NONE:
        earlier = [answers.get(f"substance_{before}") for before in SUBSTANCE_NUMBERS if before < int(number)]
        if NONE in earlier or None in earlier:
            return "Name the substances in order, without leaving one out."
        # Two different drugs may share the code of a group.
        if value in earlier and value not in (7, 11, 12, 14, 16, 19):
            return f"“{question.label}” is named twice."
    if question.key == "justice_detail" and answers.get("source") != JUSTICE:
        return "A court or agency is named only where a court or the justice system referred them."
    if question.key == "not_in_labor_force" and answers.get("employment") != OUT_OF_LABOR_FORCE:
        return "Say why somebody is not in the labor force only where that is their employment."
    return ""


def _is_named(code: int | None) -> bool:
    return code is not None and code not in (NONE, UNKNOWN)

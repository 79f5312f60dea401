"""Who works at the demonstration's clinics, and who is in care there. Invented."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from clinics.roles import Role

PASSWORD = "every good clinic listens"
# The same app secret for each sign-in: the sign-in page shows the current code, in demo mode only.
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@dataclass(frozen=True)
class Staff:
    """A person who works at a clinic; `skill` (0 to 1) and `gain` (a month) steer their invented sessions."""

    name: str
    role: Role
    credentials: str = ""
    skill: float = 0.5
    gain: float = 0.0
    login: str = ""


@dataclass(frozen=True)
class ClinicCast:
    """One clinic: how it is called, its people, and the people in care."""

    slug: str
    name: str
    initials: str
    colour: str
    time_zone: str
    staff: tuple[Staff, ...]
    clients: tuple[tuple[str, str, str, int], ...]  # legal name, goes by, pronouns, year of birth


RIVERBEND = ClinicCast(
    "riverbend", "Riverbend Behavioral Health", "RB", "pine", "America/Chicago",
    (
        Staff("Dana Whitlock", Role.COORDINATOR),
        Staff("Amara Okafor", Role.THERAPIST, "LCSW", 0.60, 0.04),
        Staff("Luis Ferreira", Role.SUPERVISOR, "PsyD"),
        Staff("Renata Cole", Role.CODER),
        Staff("Miriam Stein", Role.PRIVACY_OFFICER),
        Staff("Theo Lindqvist", Role.ADMINISTRATOR),
        Staff("Ben Alvarez", Role.THERAPIST, "LPC", 0.55, 0.03, "ben"),
        Staff("Grace Lin", Role.THERAPIST, "LMFT", 0.35, 0.05, "grace"),
        Staff("Nadia Haddad", Role.THERAPIST, "PhD", 0.80, 0.02, "nadia"),
        Staff("Priya Nair", Role.THERAPIST, "LCSW", 0.12, 0.02, "priya"),
        Staff("Sam Kowalski", Role.THERAPIST, "LADC", 0.30, -0.04, "sam"),
    ),
    (
        ("Jordan Marsh", "Jordan", "they/them", 1988), ("Maria Delgado", "Mari", "she/her", 1979),
        ("Thomas Whitfield", "Tom", "he/him", 1965), ("Rosalind Osei", "Roz", "she/her", 1992),
        ("Ahmad Rahman", "", "he/him", 1984), ("Callum Byrne", "Cal", "he/him", 1997),
        ("Ines Moreau", "", "she/her", 1990), ("Devon Clarke", "", "they/them", 2001),
        ("Hannah Lindgren", "", "she/her", 1975), ("Marcus Bell", "", "he/him", 1969),
        ("Yuki Tanaka", "", "she/her", 1994), ("Oscar Villanueva", "Oz", "he/him", 1981),
        ("Fatima Zahir", "", "she/her", 1987), ("Peter Novak", "", "he/him", 1958),
        ("Alicia Brooks", "Ali", "she/her", 1999), ("Samuel Adeyemi", "", "he/him", 1983),
        ("Greta Holm", "", "she/her", 1972), ("Nathan Reyes", "Nate", "he/him", 1995),
        ("Lena Fischer", "", "she/her", 1986), ("Robert O’Neill", "Bobby", "he/him", 1963),
        ("Tara Singh", "", "she/her", 1991), ("William Chen", "Will", "he/him", 1978),
        ("Esther Mbeki", "", "she/her", 1982), ("Julian Costa", "", "he/him", 1996),
    ),
)  # fmt: skip

HARBOR = ClinicCast(
    "harbor", "Harbor Youth and Family", "HY", "sea", "America/New_York",
    (
        Staff("Colleen Murphy", Role.COORDINATOR),
        Staff("Kwame Mensah", Role.THERAPIST, "LCSW", 0.58, 0.03),
        Staff("Ingrid Solberg", Role.SUPERVISOR, "PhD"),
        Staff("Pavel Horak", Role.CODER),
        Staff("Joyce Whitaker", Role.PRIVACY_OFFICER),
        Staff("Arturo Salinas", Role.ADMINISTRATOR),
        Staff("Beatriz Lopes", Role.THERAPIST, "LMFT", 0.62, 0.01, "beatriz"),
        Staff("Hugo Lambert", Role.THERAPIST, "LPC", 0.25, 0.05, "hugo"),
        Staff("Mei Zhang", Role.THERAPIST, "LCSW", 0.75, 0.02, "mei"),
    ),
    (
        ("Jordan Marshall", "Jordan", "he/him", 1988), ("Maria Delmar", "Mari", "she/her", 2006),
        ("Thomas Whitaker", "Tom", "he/him", 2004), ("Rosa Osborne", "", "she/her", 2007),
        ("Ada Rahim", "", "she/her", 1998), ("Caleb Burns", "Cal", "he/him", 2005),
        ("Iris Morrow", "", "she/her", 1990), ("Devin Clark", "", "they/them", 2003),
        ("Hana Lind", "", "she/her", 1985), ("Mark Bellamy", "", "he/him", 2008),
        ("Yara Tannous", "", "she/her", 1994), ("Owen Vance", "", "he/him", 2002),
        ("Farah Zaman", "", "she/her", 1987), ("Petra Novotna", "", "she/her", 1999),
    ),
)  # fmt: skip

CAST = (RIVERBEND, HARBOR)
# The year for which the years of birth were chosen: people stay as old as they were, whenever it is.
CAST_IN: Final = 2026


def born_on(year: int, month: int, day: int, today: date) -> date:
    """Return the date of birth of somebody of this cast, moved on by the years since it was chosen."""
    return date(year + today.year - CAST_IN, month, day)


def login_of(cast: ClinicCast, one: Staff) -> str:
    """Return a person's sign-in: <role>@<clinic>.example, or their own name for a further therapist."""
    return f"{one.login or one.role.value}@{cast.slug}.example"

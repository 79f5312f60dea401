"""
The styleguide: every component in every state, on one page, with invented text.

Shown only while developing and in the demo. It reads nothing from the database.
"""

from dataclasses import dataclass, replace
from fractions import Fraction

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from clinics.charts import (
    Bands,
    ChartFigure,
    Kind,
    Point,
    RibbonLine,
    TalkBin,
    as_percent,
    bullet,
    line_over_bands,
    ribbon,
    small_multiple,
    step_bar,
    talk_bars,
)
from clinics.shell import (
    CLINIC_COLOURS,
    Banner,
    ClinicBadge,
    ClinicChoice,
    NavLink,
    PaletteRow,
    Person,
    Shell,
    Theme,
)
from clinics.widgets import DatePartsField, RulerField, SegmentedChoice

RATIO_BANDS = Bands(1, 2, "Basic 1+", "Proficient 2+")
SHARE_BANDS = Bands(Fraction(2, 5), Fraction(1, 2), "Basic 40%", "Proficient 50%")
THERAPIST_CODES: tuple[Kind, ...] = (
    "question", "reflection-simple", "reflection-complex", "other", "question", "reflection-complex",
)  # fmt: skip
CLIENT_CODES: tuple[Kind, ...] = ("sustain", "change", "change", "other", "change", "change")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov")


class SampleForm(forms.Form):
    """One field of each kind."""

    caller = forms.ChoiceField(
        label="Who is on the phone?",
        widget=SegmentedChoice,
        choices=[("self", "Person seeking care"), ("family", "Family or friend"), ("referrer", "Referrer")],
    )
    number = forms.CharField(
        label="Number to call back if we are cut off",
        widget=forms.TextInput(attrs={"class": "w-10", "autocomplete": "off"}),
        error_messages={"required": "Enter a number to call back."},
    )
    reason = forms.CharField(
        label="What brings them here, in their words?",
        help_text="A sentence is enough. Write it the way they say it.",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Write one sentence about what brings them here."},
    )
    goes_by = forms.CharField(label="Name they go by", required=False)
    born_on = DatePartsField(
        label="Date of birth",
        help_text="For example, 3 14 1988",
        error_messages={"required": "Enter the date of birth."},
    )
    program = forms.ChoiceField(label="Program", choices=[("o", "Outpatient"), ("i", "Intensive outpatient")])
    seen_on = forms.DateField(
        label="Day of the session", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    file = forms.FileField(label="Transcript", required=False, help_text="CSV, at most 25 MB")
    may_call = forms.BooleanField(label="They said yes to a call on this number", required=False)
    importance = RulerField(label="Importance", question="How important is it to make this change?")
    confidence = RulerField(label="Confidence", question="How confident are you that you could?")
    readiness = RulerField(label="Readiness", question="How ready are you to start?")

    def __init__(self, data: dict[str, str] | None = None) -> None:
        super().__init__(
            data,
            initial={"importance": 8, "confidence": 5, "caller": "self"},
            auto_id="id_wrong_%s" if data is not None else "id_%s",
        )
        for name, last in (("importance", 6), ("confidence", 5), ("readiness", 4)):
            self.fields[name].widget.last = last


@dataclass(frozen=True)
class Chip:
    """A code on a sample line."""

    label: str
    kind: str
    hollow: bool = False


@dataclass(frozen=True)
class Line:
    """A line of the sample transcript."""

    id: str
    time: str
    speaker: str
    role: str
    text: str
    chips: tuple[Chip, ...]
    volley: bool = False


TRANSCRIPT = (
    Line("line-1", "7:42", "Therapist", "therapist", "Seven or eight. Why that and not a four?",
         (Chip("Question", "question"),)),
    Line("line-2", "7:55", "Jordan", "client", "Because of mornings. I am tired of feeling slow every day.",
         (Chip("Change talk", "change"),)),
    Line("line-3", "8:14", "Therapist", "therapist", "Clear mornings, and time for yourself.",
         (Chip("Complex reflection", "reflection-complex"),)),
    Line("line-4", "8:19", "Therapist", "therapist", "You want them back.",
         (Chip("Complex reflection", "reflection-complex", hollow=True),), volley=True),
    Line("line-5", "8:29", "Jordan", "client", "Fridays are the problem. Everybody goes out after shift.",
         (Chip("Sustain talk", "sustain"),)),
    Line("line-6", "8:38", "Therapist", "therapist", "Friday is where it gets real.",
         (Chip("Not coded yet", "none"),)),
)  # fmt: skip


def _figures() -> dict[str, ChartFigure]:
    """Return the sample charts: full, thin months and a gap, one value, none."""
    values = (0.8, 0.9, 0.87, 1.02, 1.1, 1.06, 1.24, 1.38, 1.32, 1.52, 1.64)
    full = [Point(month, value, 12) for month, value in zip(MONTHS, values, strict=True)]
    gaps = [
        Point(month, None if month == "Apr" else value, 2 if month in ("May", "Nov") else 9)
        for month, value in zip(MONTHS, values, strict=True)
    ]
    talk = [
        TalkBin(f"{minute} min", change, sustain, note)
        for minute, change, sustain, note in (
            (0, 0, 1, ""), (2, 0, 2, ""), (4, 1, 1, ""), (6, 0, 1, ""), (8, 1, 1, ""),
            (10, 1, 0, "Asked what matters"), (12, 1, 0, ""), (14, 2, 0, ""), (16, 1, 0, ""), (18, 0, 1, ""),
            (20, 2, 0, ""), (22, 2, 0, ""), (24, 0, 1, ""), (26, 1, 0, ""), (28, 2, 0, ""),
            (30, 1, 0, ""), (32, 0, 2, "Friday comes up"), (34, 1, 0, ""), (36, 2, 0, ""), (38, 1, 0, ""),
            (40, 2, 0, ""), (42, 1, 0, ""),
        )
    ]  # fmt: skip
    columns = ("Month", "Reflections per question", "Samples")
    rows = [(point.label, f"{point.value:.1f}", str(point.n)) for point in full if point.value is not None]
    question = "Are we listening more than we ask?"
    subject = "Reflections per question by month"
    return {
        "full": ChartFigure(
            question,
            "Reflections per question passed basic competence in April and keep rising",
            line_over_bands(full, bands=RATIO_BANDS, label=subject),
            columns,
            rows,
        ),
        "gaps": ChartFigure(
            question,
            "Two months rest on fewer than three samples",
            line_over_bands(gaps, bands=RATIO_BANDS, label=subject),
            columns,
            rows,
            "Hollow points rest on fewer than three samples. April has none.",
        ),
        "one": ChartFigure(
            question, "One month so far", line_over_bands(full[:1], bands=RATIO_BANDS, label=subject), (), ()
        ),
        "none": ChartFigure(
            question, "Nothing coded yet", line_over_bands([], bands=RATIO_BANDS, label=subject), (), ()
        ),
        "talk": ChartFigure(
            "When did this conversation turn?",
            "Change talk passed sustain talk at minute 20 and stayed ahead",
            talk_bars(talk, label="Change talk and sustain talk by two minutes"),
            ("From", "Change talk", "Sustain talk"),
            [(one.label, str(one.change), str(one.sustain)) for one in talk],
        ),
    }


def _therapists() -> list[dict[str, object]]:
    """Return the sample small multiples: prompts first, then by name, never by score."""
    samples = (
        ("Priya N.", (0.12, 0.2, 0.16, 0.26, 0.24, 0.33, 0.31, 0.33), "below", "Below basic", "up 11 points"),
        ("Amara O.", (0.38, 0.4, 0.46, 0.45, 0.52, 0.56, 0.53, 0.57), "good", "Proficient", "up 19 points"),
        ("Ben A.", (0.41, 0.44, 0.42, 0.48, 0.52, 0.5, 0.54, 0.52), "good", "Proficient", "up 11 points"),
        ("Grace L.", (0.31, 0.37, 0.4, 0.43, 0.42, 0.46, 0.44, 0.46), "fair", "Basic", "up 15 points"),
    )  # fmt: skip
    return [
        {
            "name": name,
            "value": as_percent(values[-1]),
            "band": band,
            "band_label": band_label,
            "moved": moved,
            "svg": small_multiple(
                [Point(f"Sample {at}", value, 1) for at, value in enumerate(values, start=1)],
                label=f"Share of complex reflections, {name}",
                bands=SHARE_BANDS,
                top=Fraction(7, 10),
                typical=(0.42, 0.54),
                show=as_percent,
            ),
        }
        for name, values, band, band_label, moved in samples
    ]


def _shell(theme: Theme, colour: str) -> Shell:
    """Return a shell with every part filled."""
    clinics = tuple(
        ClinicChoice(ClinicBadge(name, initials, its_colour), f"?colour={its_colour}", its_colour == "pine")
        for name, initials, its_colour in (
            ("Riverbend Behavioral Health", "RB", "pine"),
            ("Northside Recovery", "NR", "plum"),
            ("Harbor Youth & Family", "HY", "sea"),
        )
    )
    return Shell(
        clinic=replace(clinics[0].badge, colour=colour),
        clinics=clinics,
        links=(
            NavLink("Components", "#main", "sun", True, "t"),
            NavLink("Charts", "#charts", "gauge", False, "f"),
            NavLink("Forms", "#forms", "list-todo", False, "i"),
            NavLink("Text", "#transcript", "message-circle", False, "s"),
        ),
        find_url="/styleguide/",
        person=Person("Dana Whitlock", "DW", "Admissions coordinator"),
        banners=(Banner("warn", "You are reading outside your caseload. Every page is recorded.", "End now", "#main"),),
        account_links=(NavLink("Your account", "#main", "user-round", False),),
        theme=theme,
        single_keys=True,
        demo=True,
    )


@login_not_required
def styleguide(request: HttpRequest) -> HttpResponse:
    """
    Show every component in every state; `?theme=light|dark` and `?colour=…` choose how.

    :raises Http404: outside development and demo
    """
    if not (settings.DEBUG or settings.EVOKE_DEMO):
        raise Http404
    asked = request.GET.get("theme")
    theme: Theme = "dark" if asked == "dark" else "light" if asked == "light" else "auto"
    colour = request.GET.get("colour", "pine")
    wrong = SampleForm({"importance": "8", "born_on_month": "13", "born_on_day": "40", "born_on_year": "1988"})
    lines = [
        RibbonLine(
            "therapist" if at % 2 == 0 else "client",
            "uncoded" if at >= 36 else (THERAPIST_CODES if at % 2 == 0 else CLIENT_CODES)[at // 2 % 6],
        )
        for at in range(50)
    ]
    context = {
        "shell": _shell(theme, colour if colour in CLINIC_COLOURS else "pine"),
        "colours": CLINIC_COLOURS,
        "sample": SampleForm(),
        "wrong": wrong,
        "figures": _figures(),
        "therapists": _therapists(),
        "transcript": TRANSCRIPT,
        "ribbon": ribbon(lines, label="Shape of the session"),
        "bullets": {
            "ratio": bullet(Fraction(1), label="Reflections to questions", bands=RATIO_BANDS, top=3),
            "share": bullet(
                Fraction(5, 8),
                label="Complex reflections",
                bands=SHARE_BANDS,
                top=Fraction(4, 5),
                show=as_percent,
            ),
            "none": bullet(None, label="Reflections to questions", bands=RATIO_BANDS, top=3),
        },
        "steps": [
            {"label": label, "count": count, "note": note, "svg": step_bar(count, before, 212, label=label)}
            for label, count, before, note in (
                ("Called or referred", 212, 212, ""),
                ("Intake completed", 158, 212, "75% went on"),
                ("First session attended", 117, 158, "74% went on"),
                ("Four or more sessions", 71, 117, "61% went on"),
            )
        ],
        "palette_rows": (
            PaletteRow("person", "Jordan Marsh", "RB-2041 · they/them", "#main"),
            PaletteRow("action", "New intake", "", "#main", "g i"),
        ),
        "menu_links": (
            NavLink("Print", "#main", "file-text", False),
            NavLink("CSV", "#main", "download", True),
        ),
        "crumbs": ({"label": "Today", "url": "#main"}, {"label": "Jordan Marsh", "url": "#main"}),
    }
    return TemplateResponse(request, "clinics/styleguide.html", context)

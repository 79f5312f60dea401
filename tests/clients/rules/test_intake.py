"""Who referred somebody: what an organisation fills in, and what does not fit together."""

import pytest

from clients.rules import intake
from clients.rules.intake import Contradiction

COURT, PROBATION = ("7", "1"), ("7", "3")


@pytest.mark.parametrize(
    ("said", "listed", "expected"),
    [
        (("", ""), None, ("", "")),
        (("1", ""), None, ("1", "")),
        (("7", "3"), None, ("7", "3")),
        (("", ""), ("3", ""), ("3", "")),
        (("3", ""), ("3", ""), ("3", "")),
        (("", ""), PROBATION, ("7", "3")),
        (("7", ""), PROBATION, ("7", "3")),
        (("7", "3"), PROBATION, ("7", "3")),
        # An agency that is listed without its part: the part differs from person to person.
        (("", "5"), ("7", ""), ("7", "5")),
    ],
)
def test_an_organisation_fills_what_was_left_empty(
    said: tuple[str, str], listed: tuple[str, str] | None, expected: tuple[str, str]
) -> None:
    assert intake.source_of(*said, listed) == expected


@pytest.mark.parametrize(
    ("said", "listed", "field", "words"),
    [
        (("4", ""), COURT, "source", "listed as “Court or justice system”"),
        (("7", "3"), COURT, "source_detail", "listed as “State or federal court”"),
        (("1", "3"), None, "source_detail", "only where a court or the justice system"),
        (("", "3"), None, "source_detail", "only where a court or the justice system"),
        (("", "3"), ("4", ""), "source_detail", "only where a court or the justice system"),
    ],
)
def test_what_does_not_fit_together_names_what_to_change(
    said: tuple[str, str], listed: tuple[str, str] | None, field: str, words: str
) -> None:
    with pytest.raises(Contradiction, match=words) as refused:
        intake.source_of(*said, listed)
    assert refused.value.field == field


def test_employee_assistance_has_an_employer() -> None:
    intake.require_assistance(intake.EMPLOYER, given=True)
    intake.require_assistance("1", given=False)
    with pytest.raises(Contradiction, match="employer"):
        intake.require_assistance("1", given=True)


@pytest.mark.parametrize(("unsafe", "way", "refused"), [
    ("yes", "Her sister's phone.", False), ("yes", "", False), ("no", "", False), ("not_asked", "", False),
    ("no", "Her sister's phone.", True), ("not_asked", "Her sister's phone.", True),
])  # fmt: skip
def test_a_safe_way_goes_with_a_home_that_is_not_safe(unsafe: str, way: str, refused: bool) -> None:
    if not refused:
        intake.require_safe_way(unsafe, way)
        return
    with pytest.raises(Contradiction, match="take the safe way away") as found:
        intake.require_safe_way(unsafe, way)
    assert found.value.field == "safe_way"


def test_sessions_of_an_assistance_are_counted_down() -> None:
    assert [intake.sessions_left(*pair) for pair in ((6, 2), (6, None), (6, 6), (0, 0), (None, 4), (None, None))] == [
        4, 6, 0, 0, None, None,
    ]  # fmt: skip
    with pytest.raises(Contradiction, match=r"used \(7\) than it pays for \(6\)") as found:
        intake.sessions_left(6, 7)
    assert found.value.field == "eap_sessions_used"


def test_only_an_answer_is_known() -> None:
    assert [intake.known(answer) for answer, _label in intake.YES_NO] == [True, False, None]
    assert intake.known("") is None

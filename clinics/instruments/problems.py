"""What is wrong with a definition, said so that its author can mend it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """
    One thing to mend.

    file     name of the file as its author knows it
    key      path inside the file, as `scores[2].expr.ratio[0]`; empty when the whole file is meant
    message  what is wrong, one sentence
    mend     what to write instead, one sentence
    """

    file: str
    key: str
    message: str
    mend: str

    def __str__(self) -> str:
        place = f"{self.file}, {self.key}" if self.key else self.file
        return f"{place}: {self.message} {self.mend}"


class DefinitionError(ValueError):
    """A definition that cannot be used, with every problem found in it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ProblemList:
    """Collects the problems of one file, the first 500, while reading goes on."""

    LONGEST = 500

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Problem] = []

    def add(self, key: str, message: str, mend: str) -> None:
        """Note one problem; a file beyond all mending is not described to its end."""
        if len(self.found) < self.LONGEST:
            self.found.append(Problem(self.file, key, message, mend))

    def raise_if_any(self) -> None:
        """
        Do nothing while no problem was noted.

        :raises DefinitionError: with all problems noted so far
        """
        if self.found:
            raise DefinitionError(self.found)

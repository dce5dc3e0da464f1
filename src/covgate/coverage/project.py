"""The coverage of a whole project, file by file, in coverage.py's own numbers."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_FULL = 100


class FileNumbers(NamedTuple):
    """Coverage's count of one file.

    `missing` are the first lines of the statements that did not run. Branches are counted where
    the project measures them: `partial` lines ran without taking all of their ways out, and
    `missing_branches` ways were never taken, those of lines that did not run included. `untaken`
    are the partial lines, as far as they are known.
    """

    statements: int
    missing: frozenset[int] = frozenset()
    excluded: int = 0
    branches: int = 0
    partial: int = 0
    missing_branches: int = 0
    untaken: frozenset[int] = frozenset()

    @property
    def counts(self) -> Counts:
        return Counts(self.statements, len(self.missing), self.branches, self.missing_branches)


class Counts(NamedTuple):
    """Statements and branches, and those of them that no test ran or took."""

    statements: int = 0
    missing: int = 0
    branches: int = 0
    missing_branches: int = 0

    @property
    def all(self) -> int:
        """Everything that a test can run or take."""
        return self.statements + self.branches

    @property
    def missed(self) -> int:
        """What no test runs or takes."""
        return self.missing + self.missing_branches

    @property
    def ratio(self) -> Fraction:
        """The exact percentage; nothing to cover is covered in full, as coverage has it."""
        return Fraction(_FULL * (self.all - self.missed), self.all) if self.all else Fraction(_FULL)

    @property
    def percent(self) -> float:
        """The percentage as coverage's JSON report has it."""
        return float(self.ratio)


class ProjectCoverage(NamedTuple):
    """The coverage of one tree.

    When it is not `exact`, `why` is the sentence that says what is missing; then the numbers are
    a lower bound, which is neither shown nor enforced. `seconds` is how long each test took, by
    id, as far as it is known.
    """

    files: Mapping[str, FileNumbers]
    exact: bool = True
    why: str = ""
    seconds: Mapping[str, float] = {}

    @property
    def counts(self) -> Counts:
        return total(self.files.values())

    @property
    def percent(self) -> float:
        return self.counts.percent


def total(files: Iterable[FileNumbers]) -> Counts:
    """Return the sum over some files."""
    sums = (0, 0, 0, 0)
    for file in files:
        sums = tuple(map(sum, zip(sums, file.counts, strict=True)))  # type: ignore[assignment]
    return Counts(*sums)


def displayed(ratio: Fraction | float, precision: int = 0) -> str:
    """Return a percentage as coverage prints it: only what is all covered is 100, or none 0."""
    percent = float(ratio)
    near_zero = 10.0**-precision
    if 0 < percent < near_zero:
        percent = near_zero
    elif _FULL - near_zero < percent < _FULL:
        percent = _FULL - near_zero
    return f"{round(percent, precision):.{precision}f}"


def cut(ratio: Fraction) -> str:
    """Return a percentage with at most two places, rounded down: never shown as met when it is not.

    A value below a limit would otherwise look like the limit.
    """
    hundredths = ratio.numerator * _FULL // ratio.denominator
    text = f"{hundredths // _FULL}.{hundredths % _FULL:02}"
    return text.rstrip("0").rstrip(".")


def is_below_fail_under(ratio: Fraction, fail_under: float, precision: int) -> bool:
    """Whether `coverage report` would fail: it rounds before it compares, unless 100 is asked."""
    percent = float(ratio)
    if fail_under == _FULL:
        return percent != _FULL
    places = len(str(fail_under).partition(".")[2]) if fail_under % 1 else 0
    return round(percent, max(precision, places)) < fail_under


def not_exact(unknown: int, tests: int, why: str = "") -> str:
    """Return the sentence for coverage that some tests have not contributed to yet.

    `why` is what holds of them, that they have no evidence otherwise.
    """
    why = why or ("has no evidence" if unknown == 1 else "have no evidence")
    return f"not exact yet: {unknown:,} of {tests:,} tests {why}"


def to_json(file: FileNumbers) -> list[Any]:
    """Return the numbers of a file as plain values."""
    return [file.statements, sorted(file.missing), *file[2:-1], sorted(file.untaken)]


def from_json(raw: list[Any]) -> FileNumbers:
    """Undo `to_json`; raises ValueError or TypeError for what it has not made."""
    statements, missing, excluded, branches, partial, ways, *rest = raw
    untaken = frozenset(rest[0]) if rest else frozenset()  # an earlier version kept none
    return FileNumbers(statements, frozenset(missing), excluded, branches, partial, ways, untaken)

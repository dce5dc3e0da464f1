"""The gate's answer: the one value that every format is made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from covgate.rules.finding import Finding

Verdict = Literal["pass", "block", "undecided"]


class TestResult(NamedTuple):
    """One test that ran: node id, why it was selected, outcome, seconds."""

    id: str
    why: str
    outcome: str
    seconds: float


class FileLines(NamedTuple):
    """The changed, measured lines of one file, by first line of their statement, sorted."""

    covered: tuple[int, ...]
    uncovered: tuple[int, ...]


@dataclass(frozen=True)
class Tests:
    """What became of the suite; `total` is None while its size is not known."""

    total: int | None = None
    reused: int = 0
    selected: tuple[TestResult, ...] = ()
    failed: tuple[str, ...] = ()


@dataclass(frozen=True)
class DiffCoverageResult:
    """Diff coverage: percent rounded down to two places, None when no changed line is measured."""

    percent: float | None
    target: float
    files: Mapping[str, FileLines]


@dataclass(frozen=True)
class Answer:
    """Everything that the gate has to say about one change.

    `notes` are sentences on how the verdict came about (widened selections, allowances, numbers
    that are not exact yet). `sources` holds the lines of source that findings point at, by path
    and line. `output` is the test run's own output, to be shown when it explains a failure.
    """

    verdict: Verdict
    mode: str
    why_mode: str
    base: str
    tree: str
    findings: tuple[Finding, ...] = ()
    tests: Tests = Tests()
    diff_coverage: DiffCoverageResult | None = None
    notes: tuple[str, ...] = ()
    timing: Mapping[str, float] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    output: str = ""

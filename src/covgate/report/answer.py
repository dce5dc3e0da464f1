"""The gate's answer: the one value that every format is made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from covgate.rules.finding import Finding

Verdict = Literal["pass", "block", "undecided"]

# The rules of the findings that say what kept the gate from a verdict: covgate could not establish
# it, or was asked or configured wrongly.
UNDECIDED_RULE = "undecided"
USAGE_RULE = "usage"
OPEN_RULES = frozenset({UNDECIDED_RULE, USAGE_RULE})


class TestResult(NamedTuple):
    """One test that ran: node id, why it was selected, outcome, seconds."""

    id: str
    why: str
    outcome: str
    seconds: float


# Not a test class, whatever pytest thinks of its name; a NamedTuple takes no such attribute inside.
TestResult.__test__ = False  # type: ignore[attr-defined]


class FileLines(NamedTuple):
    """The changed, measured lines of one file, by first line of their statement, sorted."""

    covered: tuple[int, ...]
    uncovered: tuple[int, ...]


@dataclass(frozen=True)
class Tests:
    """What became of the suite; `total` is None while its size is not known."""

    __test__ = False  # see TestResult

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
class ProjectCoverageResult:
    """The coverage of the whole project, in percent as coverage.py's JSON report has it.

    Without every test's evidence it is not `exact`, and `why` says so; then there is no number: a
    lower bound would look like a loss.
    """

    percent: float | None
    exact: bool
    why: str
    files: Mapping[str, float]


class WrongTrace(NamedTuple):
    """A trace that predicted wrongly: of which test, recorded when (ISO), what it depended on."""

    id: int
    test: str
    recorded: str
    depends_on: str


class Difference(NamedTuple):
    """What was predicted of a test or a file, and what happened in the whole suite.

    `kind` is "outcome", "collection", "lines" or "project". It `matters` when the verdict depends
    on it. `traces` are those that were wrong.
    """

    kind: str
    thing: str
    predicted: str
    happened: str
    matters: bool
    traces: tuple[WrongTrace, ...] = ()


class Verified(NamedTuple):
    """What the whole suite said of the answer: `why` it ran, how many tests, `dropped` traces."""

    why: str
    tests: int
    seconds: float
    differences: tuple[Difference, ...] = ()
    dropped: int = 0


@dataclass(frozen=True)
class Answer:
    """Everything that the gate has to say about one change.

    An undecided answer holds a finding of one of `OPEN_RULES`: what could not be decided, and as
    its help what to do. `notes` are sentences on how the verdict came about (widened
    selections, allowances, numbers that are not exact yet). `timing` has seconds by stage; "tests"
    is the test run. `environment` says what the tests ran in; "python" is the interpreter,
    "found" how it was found. `sources` holds the lines of source that findings point at, by path
    and line, and lines around them. `output` is the test run's own output, to be shown when it
    explains a failure. `receipt` is the moment of the answer that this one repeats ("" for one
    that was found out now). `verified` is None when the whole suite was not
    asked.
    """

    verdict: Verdict
    mode: str
    why_mode: str
    base: str
    tree: str
    findings: tuple[Finding, ...] = ()
    tests: Tests = Tests()
    diff_coverage: DiffCoverageResult | None = None
    project_coverage: ProjectCoverageResult | None = None
    notes: tuple[str, ...] = ()
    timing: Mapping[str, float] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    output: str = ""
    receipt: str = ""
    verified: Verified | None = None

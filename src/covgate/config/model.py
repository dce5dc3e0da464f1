"""The settings of a project: the one definition of every key of `[tool.covgate]`.

Plain frozen dataclasses, so that defaults cost nothing at start-up; `config.reading` validates
a table against them, and the JSON schema and the reference in the docs are generated from them.
A field `max_missing` is the key `max-missing` (the underscore spelling is accepted as well).
Types that may be used: str, bool, int, float, date, Literal, another settings class, tuples
`tuple[X, ...]` of these, and unions of these. They are evaluated: import them outside of
`TYPE_CHECKING`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from covgate.config.meta import LEVEL, Level, Meta
from covgate.config.meta import describe_key as _doc
from covgate.config.plan import (
    Component,
    CoverageFloor,
    CoverageRatchet,
    CoverageTarget,
    ErrorPaths,
    Phase,
    SuiteBudget,
    TestsWithCode,
    Waiver,
)

__all__ = ["Level", "Meta", "Settings", "Simple"]


@dataclass(frozen=True)
class PathTarget:
    """A diff coverage target for some paths; the most specific glob wins."""

    paths: tuple[str, ...] = field(
        metadata=_doc(
            "Globs of files, relative to the repository.",
            ("src/app/legacy/**",),
            min_items=1,
            format="glob",
        )
    )
    target: float = field(
        metadata=_doc(
            "Percent of the changed lines that must be covered.", 50, minimum=0, maximum=100
        )
    )


@dataclass(frozen=True)
class DiffCoverage:
    """Rule `diff-coverage`: the changed lines must be run by tests."""

    level: Level = field(default="error", metadata=LEVEL)
    target: float = field(
        default=80.0,
        metadata=_doc(
            "Percent of the changed lines that must be covered.", 90, minimum=0, maximum=100
        ),
    )
    max_missing: int = field(
        default=0,
        metadata=_doc(
            "Pass below the target while at most this many changed lines are missing.",
            2,
            minimum=0,
        ),
    )
    min_lines: int = field(
        default=0,
        metadata=_doc("Do not judge changes of fewer measured lines than this.", 5, minimum=0),
    )
    exclude: tuple[str, ...] = field(
        default=(),
        metadata=_doc(
            "Globs of files whose changed lines are not judged.",
            ("src/app/_vendor/**",),
            format="glob",
        ),
    )
    override: tuple[PathTarget, ...] = field(
        default=(), metadata=_doc("Targets of their own for some paths.")
    )


@dataclass(frozen=True)
class SkipWithoutReason:
    """Rule `skip-without-reason`: a test may be disabled only by saying why."""

    level: Level = field(default="error", metadata=LEVEL)
    issue_pattern: str = field(
        default="",
        metadata=_doc(
            "A regular expression that every reason must contain; empty asks for none.",
            "#[0-9]+",
            format="regex",
        ),
    )


@dataclass(frozen=True)
class HollowTest:
    """Rule `hollow-test`: an added or changed test must be able to fail."""

    level: Level = field(default="error", metadata=LEVEL)
    assert_helpers: tuple[str, ...] = field(
        default=(),
        metadata=_doc(
            "Names of functions that assert although covgate cannot see it.", ("check_response",)
        ),
    )


@dataclass(frozen=True)
class Simple:
    """A rule with nothing to set but its level."""

    level: Level = field(default="error", metadata=LEVEL)


@dataclass(frozen=True)
class TestFirst:
    """Rule `test-first`: an added or changed test must fail on the code of before the change."""

    __test__ = False  # not a test class, whatever pytest thinks of its name

    level: Level = field(default="off", metadata=LEVEL)


@dataclass(frozen=True)
class Settings:
    """`[tool.covgate]`."""

    python: str | tuple[str, ...] = field(
        default="",
        metadata=_doc(
            "The project's interpreter: a path, or a command; empty finds it.",
            ("uv", "run", "python"),
            min_items=1,
        ),
    )
    source_roots: tuple[str, ...] = field(
        default=(),
        metadata=_doc(
            "Folders put first on the import path of the tests.", ("src",), format="path"
        ),
    )
    pytest_args: tuple[str, ...] = field(
        default=(), metadata=_doc("Arguments for pytest.", ("-m", "unit"), format="args")
    )
    test_paths: tuple[str, ...] = field(
        default=(),
        metadata=_doc("Where the unit tests are.", ("tests/unit",), format="path"),
    )
    timeout: float = field(
        default=600.0,
        metadata=_doc(
            "Time after which a test run is ended, undecided.", "5m", above=0, format="duration"
        ),
    )
    progress: bool = field(
        default=False,
        metadata=_doc("Show live progress on the terminal while tests run.", True),
    )
    verify: float = field(
        default=0.0,
        metadata=_doc(
            "Share of the checks that compare themselves with the whole suite, as `--verify` does; "
            "the tree that is judged decides.",
            0.02,
            minimum=0,
            maximum=1,
        ),
    )
    inert: tuple[str, ...] = field(
        default=(),
        metadata=_doc("Globs of files that no test can depend on.", ("docs/**",), format="glob"),
    )
    tests_fail: Simple = field(default=Simple(), metadata=_doc("Rule `tests-fail`."))
    untracked_dependency: Simple = field(
        default=Simple(), metadata=_doc("Rule `untracked-dependency`.")
    )
    diff_coverage: DiffCoverage = field(
        default=DiffCoverage(), metadata=_doc("Rule `diff-coverage`.")
    )
    skip_without_reason: SkipWithoutReason = field(
        default=SkipWithoutReason(), metadata=_doc("Rule `skip-without-reason`.")
    )
    hollow_test: HollowTest = field(default=HollowTest(), metadata=_doc("Rule `hollow-test`."))
    test_first: TestFirst = field(default=TestFirst(), metadata=_doc("Rule `test-first`."))
    config_weakened: Simple = field(default=Simple(), metadata=_doc("Rule `config-weakened`."))
    coverage_target: CoverageTarget = field(
        default=CoverageTarget(), metadata=_doc("Rule `coverage-target`.")
    )
    coverage_floor: CoverageFloor = field(
        default=CoverageFloor(), metadata=_doc("Rule `coverage-floor`.")
    )
    coverage_component: Simple = field(
        default=Simple(), metadata=_doc("Rule `coverage-component`.")
    )
    component: tuple[Component, ...] = field(
        default=(), metadata=_doc("Parts of the project with limits of their own.")
    )
    coverage_phase: Simple = field(default=Simple(), metadata=_doc("Rule `coverage-phase`."))
    phase: tuple[Phase, ...] = field(
        default=(), metadata=_doc("Steps on the way to the target, by date.")
    )
    coverage_ratchet: CoverageRatchet = field(
        default=CoverageRatchet(), metadata=_doc("Rule `coverage-ratchet`.")
    )
    suite_budget: SuiteBudget = field(default=SuiteBudget(), metadata=_doc("Rule `suite-budget`."))
    error_paths: ErrorPaths = field(default=ErrorPaths(), metadata=_doc("Rule `error-paths`."))
    tests_with_code: TestsWithCode = field(
        default=TestsWithCode(), metadata=_doc("Rule `tests-with-code`.")
    )
    waiver: tuple[Waiver, ...] = field(
        default=(), metadata=_doc("Exceptions, each with a reason, an owner and an end.")
    )

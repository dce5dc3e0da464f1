"""The settings of a project: the one definition of every key of `[tool.covgate]`.

Plain frozen dataclasses, so that defaults cost nothing at start-up; `config.reading` validates
a table against them, and the JSON schema and the reference in the docs are generated from them.
A field `max_missing` is the key `max-missing` (the underscore spelling is accepted as well).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Level = Literal["error", "warning", "off"]


def _doc(text: str, **more: object) -> dict[str, object]:
    return {"doc": text, **more}


@dataclass(frozen=True)
class PathTarget:
    """A diff coverage target for some paths; the most specific glob wins."""

    paths: tuple[str, ...] = field(metadata=_doc("Globs of files, relative to the repository."))
    target: float = field(metadata=_doc("Percent of the changed lines that must be covered."))


@dataclass(frozen=True)
class DiffCoverage:
    """Rule `diff-coverage`: the changed lines must be run by tests."""

    level: Level = field(default="error", metadata=_doc("error blocks, warning only reports."))
    target: float = field(
        default=80.0, metadata=_doc("Percent of the changed lines that must be covered.")
    )
    max_missing: int = field(
        default=0,
        metadata=_doc("Pass below the target while at most this many changed lines are missing."),
    )
    min_lines: int = field(
        default=0, metadata=_doc("Do not judge changes of fewer measured lines than this.")
    )
    exclude: tuple[str, ...] = field(
        default=(), metadata=_doc("Globs of files whose changed lines are not judged.")
    )
    override: tuple[PathTarget, ...] = field(
        default=(), metadata=_doc("Targets of their own for some paths.")
    )


@dataclass(frozen=True)
class SkipWithoutReason:
    """Rule `skip-without-reason`: a test may be disabled only by saying why."""

    level: Level = field(default="error", metadata=_doc("error blocks, warning only reports."))
    issue_pattern: str = field(
        default="",
        metadata=_doc("A regular expression that every reason must contain, e.g. `#[0-9]+`."),
    )


@dataclass(frozen=True)
class HollowTest:
    """Rule `hollow-test`: an added or changed test must be able to fail."""

    level: Level = field(default="error", metadata=_doc("error blocks, warning only reports."))
    assert_helpers: tuple[str, ...] = field(
        default=(),
        metadata=_doc("Names of functions that assert although covgate cannot see it."),
    )


@dataclass(frozen=True)
class Simple:
    """A rule with nothing to set but its level."""

    level: Level = field(default="error", metadata=_doc("error blocks, warning only reports."))


@dataclass(frozen=True)
class Settings:
    """`[tool.covgate]`."""

    python: str | tuple[str, ...] = field(
        default="",
        metadata=_doc('The project\'s interpreter: a path, or a command such as `["uv", ...]`.'),
    )
    source_roots: tuple[str, ...] = field(
        default=(), metadata=_doc("Folders put first on the import path of the tests.")
    )
    pytest_args: tuple[str, ...] = field(
        default=(), metadata=_doc('Arguments for pytest, e.g. `["-m", "unit"]`.')
    )
    test_paths: tuple[str, ...] = field(
        default=(), metadata=_doc('Where the unit tests are, e.g. `["tests/unit"]`.')
    )
    timeout: float = field(
        default=600.0, metadata=_doc("Seconds after which a test run is ended, undecided.")
    )
    progress: bool = field(
        default=False, metadata=_doc("Show live progress on the terminal while tests run.")
    )
    inert: tuple[str, ...] = field(
        default=(), metadata=_doc("Globs of files that no test can depend on.")
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
    config_weakened: Simple = field(default=Simple(), metadata=_doc("Rule `config-weakened`."))

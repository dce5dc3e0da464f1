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
from typing import Literal, NamedTuple

Level = Literal["error", "warning", "off"]
Format = Literal["", "glob", "path", "regex", "duration", "args"]


class Meta(NamedTuple):
    """What a type cannot say about a key: its meaning, an example, limits of its value.

    `above` is a minimum that is itself excluded; `format` narrows strings (a duration narrows a
    float: seconds, or a string such as "10m").
    """

    doc: str
    example: object = None
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    min_items: int = 0
    format: Format = ""


def _doc(
    doc: str,
    example: object = None,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    above: float | None = None,
    min_items: int = 0,
    format: Format = "",  # noqa: A002 - the word of JSON schema
) -> dict[str, Meta]:
    return {"meta": Meta(doc, example, minimum, maximum, above, min_items, format)}


_LEVEL = _doc("error blocks, warning only reports, off does not look.", "warning")


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

    level: Level = field(default="error", metadata=_LEVEL)
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

    level: Level = field(default="error", metadata=_LEVEL)
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

    level: Level = field(default="error", metadata=_LEVEL)
    assert_helpers: tuple[str, ...] = field(
        default=(),
        metadata=_doc(
            "Names of functions that assert although covgate cannot see it.", ("check_response",)
        ),
    )


@dataclass(frozen=True)
class Simple:
    """A rule with nothing to set but its level."""

    level: Level = field(default="error", metadata=_LEVEL)


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
    config_weakened: Simple = field(default=Simple(), metadata=_doc("Rule `config-weakened`."))

"""The settings of the coverage policy: targets, floors, components, phases, budgets, waivers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from covgate.config.meta import LEVEL, Level
from covgate.config.meta import describe_key as _doc

LONGEST_WAIVER_DAYS = 90

WaivableRule = Literal[
    "config-weakened",
    "coverage-component",
    "coverage-floor",
    "coverage-phase",
    "coverage-ratchet",
    "coverage-target",
    "diff-coverage",
    "error-paths",
    "hollow-test",
    "skip-without-reason",
    "suite-budget",
    "test-first",
    "tests-with-code",
]


@dataclass(frozen=True)
class CoverageTarget:
    """Rule `coverage-target`: the coverage of the whole project."""

    level: Level = field(default="error", metadata=LEVEL)
    target: float | None = field(
        default=None,
        metadata=_doc(
            "Percent of all statements (and branches, where they are measured) that tests must "
            "run; without it coverage's own `fail_under` holds.",
            80,
            minimum=0,
            maximum=100,
        ),
    )


@dataclass(frozen=True)
class CoverageFloor:
    """Rule `coverage-floor`: no module lies below it; who touches one that does must raise it."""

    level: Level = field(default="error", metadata=LEVEL)
    floor: float | None = field(
        default=None,
        metadata=_doc("Percent that every module must have.", 50, minimum=0, maximum=100),
    )


@dataclass(frozen=True)
class CoverageRatchet:
    """Rule `coverage-ratchet`: a change must not lose coverage.

    It fails only when the percentage fell and more is missed than before: deleting covered code
    never fails.
    """

    level: Level = field(default="off", metadata=LEVEL)


@dataclass(frozen=True)
class Component:
    """A part of the project with limits of its own; of several that fit the most specific wins."""

    name: str = field(metadata=_doc("What reports call it.", "billing"))
    paths: tuple[str, ...] = field(
        metadata=_doc(
            "Globs of its files; each must match some.",
            ("src/app/billing",),
            min_items=1,
            format="glob",
        )
    )
    target: float | None = field(
        default=None,
        metadata=_doc("Percent of the component as a whole.", 90, minimum=0, maximum=100),
    )
    floor: float | None = field(
        default=None,
        metadata=_doc("Percent of each of its modules.", 60, minimum=0, maximum=100),
    )
    diff_target: float | None = field(
        default=None,
        metadata=_doc("Percent of its changed lines.", 100, minimum=0, maximum=100),
    )


@dataclass(frozen=True)
class Phase:
    """A step on the way to the target: what the project must have from a day on (UTC).

    A date alone fails the check of the whole project (`covgate check --all`), not a commit that
    loses nothing. Targets are due with the last phase.
    """

    date: date = field(metadata=_doc("The first day on which it is due.", date(2026, 9, 1)))
    target: float = field(
        metadata=_doc("Percent of the whole project.", 75, minimum=0, maximum=100)
    )


@dataclass(frozen=True)
class SuiteBudget:
    """Rule `suite-budget`: how long the tests may take."""

    level: Level = field(default="error", metadata=LEVEL)
    max_total: float | None = field(
        default=None,
        metadata=_doc("All tests together.", "5m", above=0, format="duration"),
    )
    max_test: float | None = field(
        default=None, metadata=_doc("Any one test.", "10s", above=0, format="duration")
    )


@dataclass(frozen=True)
class ErrorPaths:
    """Rule `error-paths`: new ways of failing (`except`, `finally`, `raise`) are tested, too."""

    level: Level = field(default="off", metadata=LEVEL)
    share: float = field(
        default=50.0,
        metadata=_doc("Percent of the new ones that tests must run.", 80, minimum=0, maximum=100),
    )


@dataclass(frozen=True)
class TestsWithCode:
    """Rule `tests-with-code`: a change of code comes with a change of tests."""

    __test__ = False  # not a test class, whatever pytest thinks of its name

    level: Level = field(default="off", metadata=LEVEL)
    exclude: tuple[str, ...] = field(
        default=(),
        metadata=_doc("Globs of code that needs none.", ("src/app/_vendor",), format="glob"),
    )


@dataclass(frozen=True)
class Waiver:
    """An exception to a rule, for at most 90 days: the only way to lower anything.

    It is listed in every report while it is used, and announced 14 days before its end. From the
    day after, the finding is back for those who touch what it is about and for the check of the
    whole project.
    """

    rule: WaivableRule = field(metadata=_doc("The rule.", "coverage-floor"))
    reason: str = field(metadata=_doc("Why.", "legacy importer, to be replaced"))
    issue: str = field(metadata=_doc("Where it is tracked.", "#123"))
    owner: str = field(metadata=_doc("Who sees to it.", "ana@example.org"))
    expires: date = field(metadata=_doc("The last day on which it holds.", date(2026, 9, 30)))
    paths: tuple[str, ...] = field(
        default=(),
        metadata=_doc(
            "Globs of the files that it is about; without any it is about all.",
            ("src/app/importer.py",),
            format="glob",
        ),
    )
    value: float | str | None = field(
        default=None,
        metadata=_doc(
            "The limit that holds meanwhile (percent, or seconds of `suite-budget`), or the key "
            "that may fall (`config-weakened`).",
            64,
        ),
    )

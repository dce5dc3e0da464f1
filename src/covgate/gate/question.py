"""What is asked of the gate, what it answers by, and where the time goes."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from covgate.change.model import Change
    from covgate.change.reading import Request
    from covgate.change.stage import StageName
    from covgate.config.model import Settings
    from covgate.coverage.changed import LineVerdicts
    from covgate.coverage.project import ProjectCoverage
    from covgate.gate.surroundings import Surroundings
    from covgate.gate.testing import Tested
    from covgate.impact.selection import Selection
    from covgate.report.answer import Answer


class Question(NamedTuple):
    """What is asked: of which change, by which rules (None: all), with everything run or not.

    `adjust` applies what the command line sets on top of the configuration; `whole_files` asks for
    the whole text of the changed files, which some formats show; `whole_project` asks for the
    coverage of the project even when no rule does; `receipts` lets an earlier pass answer;
    `stage` is where the change stands (None: find out); `verify` asks for the whole suite to be
    compared with the answer; `watch` is told where the time goes; `ahead` is set by who judges
    before the commit is made, and leaves a receipt for it.
    """

    folder: Path
    env: Mapping[str, str]
    request: Request
    only: frozenset[str] | None = None
    run_all: bool = False
    color: bool = False
    adjust: Callable[[Settings], Settings] = lambda settings: settings
    whole_files: bool = False
    whole_project: bool = False
    receipts: bool = False
    stage: StageName | None = None
    verify: bool = False
    watch: Stopwatch | None = None
    ahead: bool = False


class Judgement(NamedTuple):
    """An answer, with all that it was made from.

    `unkept` says why no receipt of it will answer, "" when one will.
    """

    answer: Answer
    around: Surroundings
    change: Change
    settings: Settings
    selection: Selection | None
    tested: Tested | None
    lines: LineVerdicts | None
    project: ProjectCoverage | None
    unkept: str = ""


class Spent(NamedTuple):
    """Seconds by the clock, and of processors: covgate's own, and of programs that it started."""

    wall: float
    own: float
    programs: float


class Stopwatch:
    """Seconds by phase. Those of a program are booked when it has ended."""

    def __init__(self) -> None:
        self.spent: dict[str, Spent] = {}
        self._last = _now()

    @property
    def seconds(self) -> dict[str, float]:
        """Seconds by the clock."""
        return {phase: spent.wall for phase, spent in self.spent.items()}

    def lap(self, phase: str) -> None:
        """Book the time since the last lap on `phase`."""
        now = _now()
        known = self.spent.get(phase, Spent(0.0, 0.0, 0.0))
        sums = zip(known, now, self._last, strict=True)
        self.spent[phase] = Spent(*(before + end - start for before, end, start in sums))
        self._last = now

    @property
    def total(self) -> float:
        """All seconds so far."""
        return sum(self.seconds.values())

    def rounded(self) -> dict[str, float]:
        """Return the seconds by phase, for an answer."""
        return {phase: round(spent, 4) for phase, spent in self.seconds.items()}


def _now() -> Spent:
    used = os.times()
    programs = used.children_user + used.children_system
    return Spent(time.perf_counter(), time.process_time(), programs)


def started() -> Stopwatch:
    """Return a stopwatch on which the processor time of this process so far is booked."""
    watch = Stopwatch()
    own = time.process_time()
    watch.spent["start"] = Spent(own, own, 0.0)  # nobody knows when the clock began
    return watch

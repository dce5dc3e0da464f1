"""Where a project stands on the day of a change: what the rules of the coverage policy look at."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import ceil
from typing import TYPE_CHECKING

from covgate.coverage.project import FileNumbers, total
from covgate.coverage.touched import touches_code
from covgate.coverage.waivers import Waivers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from covgate.change.model import Change, FileChange
    from covgate.config.model import Settings
    from covgate.coverage.fail_under import FailUnder
    from covgate.coverage.project import Counts, ProjectCoverage


@dataclass(frozen=True)
class Standing:
    """The coverage of the tree under judgement, exact, and that of its base.

    `find_base` obtains the coverage of the base, which may mean running the tests on it; None
    when there is no base, or when its coverage could not be established. `ran_by_test` gives the
    lines of a file that each test ran when it was last recorded, tests that are gone included.
    """

    project: ProjectCoverage
    change: Change
    settings: Settings
    day: date
    fail_under: FailUnder
    find_base: Callable[[], ProjectCoverage | None]
    ran_by_test: Callable[[str], Mapping[str, frozenset[int]]] = lambda _path: {}

    @property
    def is_main(self) -> bool:
        """Whether the project as a whole is judged, as the main branch's check does."""
        return self.change.mode == "all"

    @cached_property
    def waivers(self) -> Waivers:
        return Waivers(self.settings.waiver, self.day)

    @cached_property
    def base(self) -> ProjectCoverage | None:
        return None if self.is_main else self.find_base()

    @property
    def was_asked(self) -> bool:
        """Whether a rule wanted to know the base."""
        return "base" in self.__dict__

    @cached_property
    def _changed(self) -> Mapping[str, FileChange]:
        return {file.path: file for file in self.change.files}

    def before(self, path: str) -> FileNumbers | None:
        """Return the numbers that a file had in the base, under its old name if it was moved."""
        if self.base is None:
            return None
        file = self._changed.get(path)
        moved = file is not None and file.status == "renamed"
        return self.base.files.get((file.old_path if file and moved else None) or path)

    def before_all(self, paths: Iterable[str]) -> Counts | None:
        """Return the sum over some files in the base; None without a base."""
        if self.base is None:
            return None
        known = (self.before(path) for path in paths)
        return total(file for file in known if file is not None)

    def is_changed(self, path: str) -> bool:
        """Whether the content of a file is another one than in the base."""
        file = self._changed.get(path)
        return file is not None and file.old_blob != file.new_blob

    def lost_by(self, path: str, lines: Iterable[int]) -> Mapping[str, str]:
        """Return the tests of the base that ran some lines, each with what became of it."""
        wanted = frozenset(lines)
        known = self.base.seconds if self.base is not None else {}
        return {
            test: self._fate(test)
            for test, ran in sorted(self.ran_by_test(path).items())
            if test in known and ran & wanted
        }

    def _fate(self, test: str) -> str:
        if test not in self.project.seconds:
            return "is gone"
        return "was changed" if self.is_changed(test.partition("::")[0]) else "goes another way now"

    def is_touched(self, path: str) -> bool:
        """Whether the change alters the code of a file: comments, blanks and moves do not."""
        file = self._changed.get(path)
        return file is not None and touches_code(self.change, file)


def exactly(limit: float) -> Fraction:
    """Return a limit as it is written: 79.6 is not the float next to it."""
    return Fraction(str(limit))


def fell(now: Counts, before: Counts) -> bool:
    """Whether coverage was lost: less of it in percent, and more that is missed.

    Deleting covered code lowers the percentage alone; adding code of which most is covered
    raises what is missed alone.
    """
    return now.ratio < before.ratio and now.missed > before.missed


def rose(now: Counts, before: Counts) -> bool:
    """Whether something got better: the percentage, or less that is missed."""
    return now.ratio > before.ratio or now.missed < before.missed


def lacking(now: Counts, limit: float) -> int:
    """Return how many statements and branches more must be covered to reach a limit."""
    return max(0, ceil(exactly(limit) * now.all / 100) - (now.all - now.missed))

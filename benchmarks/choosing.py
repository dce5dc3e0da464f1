"""What covgate would run for what is staged, asked of its library: nothing is run."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from covgate.change.occasion import observe
from covgate.change.reading import Request, read_change
from covgate.config.reading import read_settings
from covgate.gate.choosing import combine
from covgate.gate.evidence import open_archive
from covgate.gate.scope import facts_of_change
from covgate.gate.surroundings import Surroundings
from covgate.git.opening import opened
from covgate.impact.cold import select_cold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from covgate.change.model import Change
    from covgate.impact.selection import Selection

ASKED_NOTHING = Request()


class Choice(NamedTuple):
    """The selection, and the CPU seconds that reading the evidence and selecting took."""

    selection: Selection
    cpu_s: float

    def runs(self, test: str) -> bool:
        """Whether a test (or, without `::`, the tests of a file) would be run."""
        chosen = self.selection
        file = test.partition("::")[0]
        return test not in chosen.reused and (chosen.everything or file in chosen.files)


@contextmanager
def changed(
    clone: Path, env: Mapping[str, str], request: Request = ASKED_NOTHING
) -> Iterator[tuple[Surroundings, Change]]:
    """Yield the surroundings of a clone, and what is staged in it (or what else is asked for)."""
    with opened(clone, env) as (repo, git, scratch, reader):
        occasion = observe(repo.top, repo.git_dir, env)
        change = read_change(repo, git, reader, scratch, request, occasion)
        yield Surroundings(repo, git, scratch, env, False), change


def choose(clone: Path, python: Path, env: Mapping[str, str]) -> Choice:
    """Select for the index of a clone."""
    with changed(clone, env) as (around, change):
        settings = read_settings(change.target)
        start = time.process_time()
        cold = select_cold(change, facts_of_change(around.repo, change), settings, False)
        archive = open_archive(around, change.target, settings, str(python))
        with archive.store:
            selection = combine(archive, cold, change)
        return Choice(selection, time.process_time() - start)

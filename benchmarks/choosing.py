"""What covgate would run for what is staged, asked of its library: nothing is run."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING, NamedTuple

from covgate.change.occasion import observe
from covgate.change.reading import Request, read_change
from covgate.config.reading import read_settings
from covgate.gate.evidence import combine, open_archive
from covgate.gate.scope import facts_of_change
from covgate.gate.surroundings import Surroundings
from covgate.git.objects import ObjectReader, private_objects
from covgate.git.repository import discover, scratch_folder
from covgate.impact.cold import select_cold

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from covgate.impact.selection import Selection


class Choice(NamedTuple):
    """The selection, and the CPU seconds that reading the evidence and selecting took."""

    selection: Selection
    cpu_s: float

    def runs(self, test: str) -> bool:
        """Whether a test (or, without `::`, the tests of a file) would be run."""
        chosen = self.selection
        file = test.partition("::")[0]
        return test not in chosen.reused and (chosen.everything or file in chosen.files)


def choose(clone: Path, python: Path, env: Mapping[str, str]) -> Choice:
    """Select for the index of a clone."""
    repo = discover(clone, env)
    scratch = scratch_folder(repo)
    git = private_objects(repo, scratch)
    reader = ObjectReader(git)
    try:
        occasion = observe(repo.top, repo.git_dir, env)
        change = read_change(repo, git, reader, scratch, Request(), occasion)
        settings = read_settings(change.target)
        start = time.process_time()
        facts = facts_of_change(repo, change)
        cold = select_cold(change, facts, settings, False)
        around = Surroundings(repo, git, scratch, env, False)
        archive = open_archive(around, change.target, settings, str(python))
        with archive.store:
            selection = combine(archive, cold, change)
        return Choice(selection, time.process_time() - start)
    finally:
        reader.close()
        shutil.rmtree(scratch, ignore_errors=True)

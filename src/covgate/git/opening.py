"""Open a repository for one question: objects are read and written, and nothing of it stays."""

from __future__ import annotations

import shutil
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from covgate.git.objects import ObjectReader, private_objects
from covgate.git.repository import SCRATCH, discover, scratch_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from covgate.git.process import Git
    from covgate.git.repository import Repository


# No run takes that long: whoever made an older folder was killed.
_KEPT_SECONDS = 24 * 3600


class Opened(NamedTuple):
    """A repository, and `git` in it with a scratch folder that takes the objects it writes."""

    repo: Repository
    git: Git
    scratch: Path
    reader: ObjectReader


@contextmanager
def opened(folder: Path, env: Mapping[str, str]) -> Iterator[Opened]:
    """Open the repository of a folder; raises `UsageError` where there is none."""
    repo = discover(folder, env)
    scratch = scratch_folder(repo)
    git = private_objects(repo, scratch)
    reader = ObjectReader(git)
    try:
        yield Opened(repo, git, scratch, reader)
    finally:
        reader.close()
        shutil.rmtree(scratch, ignore_errors=True)
        _forget_killed(repo.state)


def _forget_killed(state: Path) -> None:
    """Remove what is left of runs that could not clean up after themselves."""
    before = time.time() - _KEPT_SECONDS
    with suppress(OSError):
        for folder in state.glob(f"{SCRATCH}*"):
            with suppress(OSError):
                if folder.stat().st_mtime < before:
                    shutil.rmtree(folder, ignore_errors=True)

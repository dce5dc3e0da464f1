"""Hooks in a row share one test run: `impacted-tests` runs it, `diff-coverage` reads it.

Shared only below one hook runner (the process that started us) and for the same question, so
that committing again always means running again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_KEPT_SECONDS = 3600
_DONE = "complete"


def shared_key(env: Mapping[str, str], *facts: object) -> str:
    """Return the name of the run that answers a question, for this hook runner only.

    Without a hook runner (both pre-commit and prek set PRE_COMMIT) nothing is shared.
    """
    runner = os.getppid() if "PRE_COMMIT" in env else os.getpid()
    runner_name = f"{runner}-{_started(runner)}"
    return hashlib.sha256(
        repr((runner_name, facts)).encode("utf-8", "backslashreplace")
    ).hexdigest()[:32]


def _started(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


@contextmanager
def shared_folder(home: Path, key: str) -> Iterator[tuple[Path, bool]]:
    """Yield the folder of a run, and whether another hook has completed it already.

    Holds a lock meanwhile: of two hooks that run at once, the second waits and reads.
    """
    from filelock import FileLock

    runs = home / "runs"
    try:
        runs.mkdir(parents=True, exist_ok=True)
    except OSError:
        # A git folder that can't be written: nothing is shared, everything still works.
        runs = Path(tempfile.mkdtemp(prefix="covgate-"))
    _forget_old(runs)
    folder = runs / key
    with FileLock(runs / f"{key}.lock"):
        done = (folder / _DONE).exists()
        if not done:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        yield folder, done


def complete(folder: Path) -> None:
    """Say that the run in `folder` may be read by others."""
    (folder / _DONE).touch()


def _forget_old(runs: Path) -> None:
    limit = time.time() - _KEPT_SECONDS
    for entry in os.scandir(runs):
        try:
            if entry.stat().st_mtime < limit:
                if entry.is_dir():
                    shutil.rmtree(entry.path, ignore_errors=True)
                else:
                    Path(entry.path).unlink()
        except OSError:
            continue

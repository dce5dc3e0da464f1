"""Hooks in a row share one test run: `impacted-tests` runs it, `diff-coverage` reads it.

Shared only below one hook runner (the process that started us) and for the same question, so
that committing again always means running again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from covgate.run.lock import held

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_KEPT_SECONDS = 3600
_DONE = "complete"
_DEPTH = 16


def shared_key(env: Mapping[str, str], *facts: object) -> str:
    """Return the name of the run that answers a question, for this hook runner only.

    Without a hook runner (both pre-commit and prek set PRE_COMMIT) nothing is shared.
    """
    runner = _runner() if is_shared(env) else os.getpid()
    runner_name = f"{runner}-{_started(runner)}"
    return hashlib.sha256(
        repr((runner_name, facts)).encode("utf-8", "backslashreplace")
    ).hexdigest()[:32]


def is_shared(env: Mapping[str, str]) -> bool:
    """Whether a hook runner started us, so that other hooks may ask the same."""
    return "PRE_COMMIT" in env


def _runner() -> int:
    """Return the hook runner: the nearest process above us that was not started as a hook.

    A hook may come through others (`uv run covgate`), each hook through its own.
    """
    pid = os.getppid()
    for _ in range(_DEPTH):
        try:
            variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            parent = int(_stat(pid)[1])
        except (OSError, IndexError, ValueError):
            break
        if parent <= 1 or not any(item.startswith(b"PRE_COMMIT=") for item in variables):
            return pid
        pid = parent
    return os.getppid()


def _started(pid: int) -> str:
    try:
        return _stat(pid)[19]
    except (OSError, IndexError):
        return ""


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the state of the process on."""
    return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()


@contextmanager
def shared_folder(home: Path, key: str) -> Iterator[tuple[Path, bool]]:
    """Yield the folder of a run, and whether another hook has completed it already.

    Holds a lock meanwhile: of two hooks that run at once, the second waits and reads.
    """
    runs = home / "runs"
    runs.mkdir(parents=True, exist_ok=True)
    _forget_old(runs)
    folder = runs / key
    with held(runs / f"{key}.lock"):
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

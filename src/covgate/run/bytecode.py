"""A private bytecode cache that never holds code of another version of a file.

Python takes a cached file for fresh when size and modification second match; a staged and an
unstaged version often share both (hook runners swap them within a second). So the cache is ours
alone, and what it holds of files whose content changed since the last run is removed first.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from covgate.change.snapshot import Snapshot


def drop_stale(cache: Path, root: Path, target: Snapshot) -> None:
    """Remove from `cache` the bytecode of every Python file below `root` that changed.

    Remembers the content ids of this run in the cache for the next.
    """
    cache.mkdir(parents=True, exist_ok=True)
    mirrored = cache / str(root).lstrip(os.sep).replace(":", "")
    memory = mirrored / "covgate-contents.json"
    now = {path: entry.blob for path, entry in target.entries.items() if path.endswith(".py")}
    before = _read(memory)
    if before == now:
        return
    for path, blob in before.items():
        if now.get(path) != blob:
            _remove(mirrored, path)
    # A file that is new to the memory may have been compiled while it was untracked.
    for path in now.keys() - before.keys():
        _remove(mirrored, path)
    mirrored.mkdir(parents=True, exist_ok=True)
    unfinished = memory.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps(now, ensure_ascii=True))
    unfinished.replace(memory)


def _read(memory: Path) -> Mapping[str, str]:
    try:
        found = json.loads(memory.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _remove(mirrored: Path, path: str) -> None:
    source = Path(path)
    folder = mirrored / source.parent
    if not folder.is_dir():
        return
    start = f"{source.stem}."
    for entry in os.scandir(folder):
        if entry.name.startswith(start) and entry.name.endswith(".pyc"):
            Path(entry.path).unlink(missing_ok=True)

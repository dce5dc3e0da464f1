"""Facts by path over a snapshot: known ones from the cache, the others computed and kept."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING, Protocol

from covgate.change.snapshot import SUBMODULE_MODE, SYMLINK_MODE
from covgate.source.facts import NO_FACTS, ImportFacts
from covgate.source.guesses import text_facts
from covgate.source.imports import python_facts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from covgate.change.snapshot import Entry, Snapshot
    from covgate.source.cache import FactsCache

# Below this many new blobs, starting processes costs more than it saves.
_MANY = 300
_BATCH = 50
_SCRIPTS = (".sh", ".bash", ".bat", ".cmd", ".ps1")
_EXECUTABLE = "100755"


class FactsReader(Protocol):
    """Facts by path of one snapshot."""

    def facts(self, path: str) -> ImportFacts:
        """Return the facts of `path`; nothing when it holds no program text."""


def is_program(path: str, entry: Entry) -> bool:
    """Whether the file holds program text: Python, or a script that may start Python."""
    if entry.mode in (SYMLINK_MODE, SUBMODULE_MODE):
        return False
    if path.endswith((".py", *_SCRIPTS)):
        return True
    return entry.mode == _EXECUTABLE and "." not in path.rpartition("/")[2]


class SnapshotFacts:
    """The facts of a snapshot's programs, all fetched when the first is asked for."""

    def __init__(self, snapshot: Snapshot, cache: FactsCache) -> None:
        self._snapshot = snapshot
        self._cache = cache
        self._by_blob: dict[str, ImportFacts] | None = None

    def facts(self, path: str) -> ImportFacts:
        """Return the facts of `path`; nothing when it holds no program text."""
        entry = self._snapshot.entries.get(path)
        if entry is None or not is_program(path, entry):
            return NO_FACTS
        if self._by_blob is None:
            self._by_blob = self._fetched()
        return self._by_blob[_key(path, entry)]

    def _fetched(self) -> dict[str, ImportFacts]:
        wanted = {
            _key(path, entry): path
            for path, entry in self._snapshot.entries.items()
            if is_program(path, entry)
        }
        found = self._cache.load(wanted)
        missing = [(key, path) for key, path in wanted.items() if key not in found]
        if missing:
            computed = self._computed(missing)
            self._cache.store(computed, wanted)
            found.update(computed)
        return found

    def _computed(self, missing: Sequence[tuple[str, str]]) -> dict[str, ImportFacts]:
        work = [(key, self._snapshot.read(path) or b"") for key, path in missing]
        # Trees of syntax make the collector look at millions of objects, none of them garbage.
        collecting = gc.isenabled()
        gc.disable()
        try:
            return dict(_parallel(work) if len(work) >= _MANY else _facts_of(work))
        finally:
            if collecting:
                gc.enable()


def _key(path: str, entry: Entry) -> str:
    """The same text means something else as a shell script than as Python."""
    return entry.blob if path.endswith(".py") else entry.blob + "-script"


def _facts_of(work: Sequence[tuple[str, bytes]]) -> list[tuple[str, ImportFacts]]:
    return [(key, _facts(key, data)) for key, data in work]


def _facts(key: str, data: bytes) -> ImportFacts:
    if key.endswith("-script") and not _is_python(data):
        return text_facts(data)
    return python_facts(data)


def _is_python(data: bytes) -> bool:
    return data.startswith(b"#!") and b"python" in data.partition(b"\n")[0]


def _parallel(work: Sequence[tuple[str, bytes]]) -> list[tuple[str, ImportFacts]]:
    """Share the work among the processors; alone when processes cannot be had."""
    count = min(os.cpu_count() or 1, 8)
    if count < 2 or not hasattr(os, "fork"):
        return _facts_of(work)
    batches = [work[start : start + _BATCH] for start in range(0, len(work), _BATCH)]
    try:
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        with ProcessPoolExecutor(count, mp_context=get_context("fork")) as pool:
            return [fact for some in pool.map(_facts_of, batches) for fact in some]
    except (OSError, RuntimeError, ImportError):
        return _facts_of(work)

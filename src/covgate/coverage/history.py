"""The coverage of trees, kept from one commit to the next in SQLite.

Only exact numbers are kept, by the id of the tree and the interpreter, so that rows never grow
stale. The file only ever saves time: where it is missing, damaged or locked, nothing is known.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
import zlib
from typing import TYPE_CHECKING

from covgate.coverage.project import ProjectCoverage, from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_SCHEMA = """
create table if not exists coverage (
    tree text not null, python text not null, at real not null, whole integer not null,
    data blob not null, primary key (tree, python)
) without rowid
"""
_VERSION = 1
_PATIENCE_S = 2.0
_KEPT = 2_000


class History:
    """Coverage by tree in the file `path`, of runs with the interpreter `python`."""

    def __init__(self, path: Path, python: str) -> None:
        self._path = path
        self._python = python

    def load(self, tree: str) -> ProjectCoverage | None:
        """Return the coverage of a tree, None when it is not known."""
        return self.load_all([tree]).get(tree)

    def knows(self, tree: str) -> bool:
        """Return whether the coverage of a tree is known, with whichever interpreter."""
        if not self._path.exists():
            return False
        with contextlib.suppress(sqlite3.Error), self._opened() as database:
            query = "select 1 from coverage where tree = ? limit 1"
            return database.execute(query, (tree,)).fetchone() is not None
        return False

    def load_all(self, trees: Iterable[str]) -> dict[str, ProjectCoverage]:
        """Return what is known of some trees, with this interpreter or else with any."""
        found: dict[str, ProjectCoverage] = {}
        if not self._path.exists():
            return found
        query = "select data from coverage where tree = ? order by python = ? desc, at desc limit 1"
        with contextlib.suppress(sqlite3.Error, ValueError, TypeError), self._opened() as database:
            for tree in trees:
                row = database.execute(query, (tree, self._python)).fetchone()
                if row is not None:
                    found[tree] = _decoded(row[0])
        return found

    def last_durations(self) -> Mapping[str, float]:
        """Return how long each test took in the newest run that is known; empty without one."""
        if not self._path.exists():
            return {}
        query = "select data from coverage where python = ? order by at desc limit 1"
        with contextlib.suppress(sqlite3.Error, ValueError, TypeError), self._opened() as database:
            row = database.execute(query, (self._python,)).fetchone()
            if row is not None:
                return _decoded(row[0]).seconds
        return {}

    def store(self, tree: str, coverage: ProjectCoverage) -> None:
        """Keep the coverage of a tree; numbers that are not exact are not kept."""
        if not coverage.exact:
            return
        row = (tree, self._python, time.time(), 1, _encoded(coverage))
        with contextlib.suppress(OSError, sqlite3.Error):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._insert(row)
            except sqlite3.OperationalError:
                return  # locked, read-only or full: a later run may keep it
            except sqlite3.DatabaseError:
                self._set_aside()
                self._insert(row)

    def _insert(self, row: tuple[object, ...]) -> None:
        with self._opened() as database:
            database.execute("pragma journal_mode = wal")
            database.execute(_SCHEMA)
            with database:
                database.execute("begin immediate")
                database.execute("insert or replace into coverage values (?, ?, ?, ?, ?)", row)
                database.execute(
                    "delete from coverage where at < "
                    "(select at from coverage order by at desc limit 1 offset ?)",
                    (_KEPT,),
                )

    @contextlib.contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self._path, timeout=_PATIENCE_S, isolation_level=None)
        try:
            yield database
        finally:
            database.close()

    def _set_aside(self) -> None:
        """Move a damaged file away, so that somebody may look at it, and start anew."""
        for suffix in ("-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        self._path.replace(self._path.with_name(self._path.name + ".damaged"))


def _encoded(coverage: ProjectCoverage) -> bytes:
    files = {path: to_json(file) for path, file in coverage.files.items()}
    text = json.dumps([_VERSION, files, dict(coverage.seconds)])
    return zlib.compress(text.encode(), 1)


def _decoded(data: bytes) -> ProjectCoverage:
    try:
        version, files, seconds = json.loads(zlib.decompress(data))
    except zlib.error as error:
        raise ValueError(f"a damaged row: {error}") from error
    if version != _VERSION:
        raise ValueError("a row of another shape")
    numbers = {path: from_json(raw) for path, raw in files.items()}
    return ProjectCoverage(numbers, seconds=seconds)

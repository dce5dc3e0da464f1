"""Which files pytest has come upon, or would have: what came since may hold tests.

A file counts with its content (its blob), after a collection of the project or one that asked for
it; not while it cannot be collected. One that pytest passed over counts with the conftest files
that may have it passed over (`collect_ignore`), too.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from covgate.source.blocks.modules import conftests
from covgate.traces.values import digest

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from covgate.change.snapshot import Entry

TABLE = """
CREATE TABLE seen (environment TEXT, path TEXT, blob TEXT, PRIMARY KEY (environment, path, blob))
    WITHOUT ROWID;
"""
# Other branches hold other versions; of more than these per file, all but the latest are dropped.
_VERSIONS = 4
# A conftest that has none of these in its text leaves it to pytest which files hold tests.
_CHOOSING = (
    b"collect_", b"ignore_collect", b"pycollect", b".ignore", b"python_files", b"norecursedirs",
    b"pytest_plugins", b"import *",
)  # fmt: skip


class Seen(NamedTuple):
    """What a collection came upon (blobs by path), and the paths that it could not collect."""

    files: Mapping[str, str]
    broken: frozenset[str] = frozenset()


def kinds_of(files: Iterable[str]) -> tuple[str, ...]:
    """Return the endings of files that may hold tests, as some of their kind do."""
    return tuple({".py", *(PurePosixPath(file).suffix for file in files)} - {""})


def as_collected(blob: str) -> str:
    """Return the state of a file that pytest collected tests from, or none, in this version."""
    return f"{blob} collected"


def above(path: str) -> Iterator[str]:
    """Yield the folders that a file lies in."""
    while path := path.rpartition("/")[0]:
        yield path


class StateOf:
    """Tells under what a file counts that pytest passed over: its blob, and who may have it so.

    These are the conftest files above it that choose, with what they import (`imported_by`).
    """

    def __init__(
        self,
        entries: Mapping[str, Entry],
        read: Callable[[str], bytes | None],
        imported_by: Callable[[str], Iterable[str]],
    ) -> None:
        choosing = [
            path
            for path in entries
            if path.rpartition("/")[2] == "conftest.py"
            and any(word in (read(path) or b"") for word in _CHOOSING)
        ]
        self._choosing = {
            path: "\0".join(f"{entries[p].blob} {p}" for p in sorted({path, *imported_by(path)}))
            for path in choosing
        }
        self._paths = frozenset(choosing)

    def __call__(self, path: str, blob: str) -> str:
        """Return the state of a file of the tree."""
        if not self._paths:
            return blob
        found = conftests(path, self._paths)
        return digest("\0".join([blob, *(self._choosing[one] for one in found)])) if found else blob


def note(db: sqlite3.Connection, environment: str, come_upon: Seen) -> None:
    """Keep what was seen, and forget of what cannot be collected now."""
    broken = [(environment, path) for path in come_upon.broken]
    db.executemany("DELETE FROM seen WHERE environment=? AND path=?", broken)
    rows = [(environment, path, blob) for path, blob in come_upon.files.items()]
    (count,) = db.execute(
        "SELECT count(*) FROM seen WHERE environment=?", (environment,)
    ).fetchone()
    if count > _VERSIONS * max(len(rows), _paths(db, environment)):
        db.execute("DELETE FROM seen WHERE environment=?", (environment,))
    db.executemany("INSERT OR IGNORE INTO seen VALUES (?,?,?)", rows)


def _paths(db: sqlite3.Connection, environment: str) -> int:
    query = "SELECT count(DISTINCT path) FROM seen WHERE environment=?"
    count: int = db.execute(query, (environment,)).fetchone()[0]
    return count


def read(db: sqlite3.Connection, environment: str) -> frozenset[tuple[str, str]]:
    """Return the (path, blob) of all that was seen."""
    query = "SELECT path, blob FROM seen WHERE environment=?"
    return frozenset(db.execute(query, (environment,)))

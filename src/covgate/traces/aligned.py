"""Versions of files side by side, kept from commit to commit.

Traces hold earlier versions of many files, and few files change between two commits: to take these
versions apart again each time would cost more the longer the history is.
"""

from __future__ import annotations

import sqlite3
import sys
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING

from covgate.traces.values import digest

if TYPE_CHECKING:
    from collections.abc import Callable

    from covgate.source.blocks.alignment import Alignment

TABLE = """
CREATE TABLE aligned (old TEXT, new TEXT, version TEXT, data BLOB, UNIQUE (old, new, version))
"""
# Of one old version, those with so many others are kept: of several worktrees, and branches.
_KEPT = 4


class Alignments:
    """Aligns versions, or takes what is kept; `db` gives the store."""

    def __init__(self, db: Callable[[], sqlite3.Connection]) -> None:
        self._db = db
        self._known: dict[tuple[str, str], Alignment | None] = {}
        self._fresh: dict[tuple[str, str], Alignment] = {}

    def align(self, old: bytes, new: bytes) -> Alignment | None:
        """Return two versions of a file side by side; None when one of them is not Python."""
        key = digest(old), digest(new)
        if key not in self._known:
            found = self._kept(key, old)
            if found is None:
                from covgate.source.blocks.alignment import align

                found = align(old, new)
                if found is not None:
                    self._fresh[key] = found
            self._known[key] = found
        return self._known[key]

    def _kept(self, key: tuple[str, str], old: bytes) -> Alignment | None:
        query = "SELECT data FROM aligned WHERE old=? AND new=? AND version=?"
        with suppress(sqlite3.Error, zlib.error, ValueError, TypeError):  # damaged: made again
            row = self._db().execute(query, (*key, _version())).fetchone()
            if row is not None:
                from covgate.source.blocks.aligned import load

                return load(row[0], old)
        return None

    def save(self) -> None:
        """Keep what was aligned since; where that cannot be written it is done again."""
        if not self._fresh:
            return
        from covgate.source.blocks.aligned import dump

        rows = [(*key, _version(), dump(one)) for key, one in self._fresh.items()]
        self._fresh.clear()
        gone = (
            "DELETE FROM aligned WHERE old=?1 AND rowid NOT IN "
            "(SELECT rowid FROM aligned WHERE old=?1 ORDER BY rowid DESC LIMIT ?2)"
        )
        with suppress(sqlite3.Error):
            db = self._db()
            db.execute("BEGIN IMMEDIATE")
            try:
                db.executemany("INSERT OR REPLACE INTO aligned VALUES (?,?,?,?)", rows)
                db.executemany(gone, [(old, _KEPT) for old in {row[0] for row in rows}])
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")


def _version() -> str:
    """Return what an alignment depends on besides the texts: our way, and Python's grammar."""
    from covgate.source.blocks.aligned import VERSION

    return f"{VERSION} {sys.hexversion}"

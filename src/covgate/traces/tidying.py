"""Keeps the store bounded: the oldest evidence goes first, then what nothing refers to."""

from __future__ import annotations

import zlib
from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

LIMIT_BYTES = 256 * 1024 * 1024
_SHARE_KEPT = 0.5


def tidy(db: sqlite3.Connection, limit: int = LIMIT_BYTES) -> bool:
    """Drop the older half of the traces and all orphans when the file is too large.

    Call it inside of a transaction. Returns whether anything was dropped.
    """
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    free = db.execute("PRAGMA freelist_count").fetchone()[0]
    size = db.execute("PRAGMA page_size").fetchone()[0]
    if (pages - free) * size <= limit:
        return False
    count = db.execute("SELECT count(*) FROM trace").fetchone()[0]
    db.execute(
        "DELETE FROM trace WHERE id NOT IN (SELECT id FROM trace ORDER BY at DESC LIMIT ?)",
        (int(count * _SHARE_KEPT),),
    )
    drop_orphans(db)
    return True


def drop_orphans(db: sqlite3.Connection) -> None:
    """Drop lines, sets, inputs and facts that no trace refers to any more."""
    db.execute("DELETE FROM lines WHERE trace NOT IN (SELECT id FROM trace)")
    used_sets = {
        int(number)
        for (sets,) in db.execute("SELECT DISTINCT sets FROM trace")
        for number in sets.split()
    }
    used_inputs: set[int] = set()
    orphans: list[tuple[int]] = []
    for number, data in db.execute("SELECT id, data FROM inputs"):
        if number in used_sets:
            members = array("I")
            members.frombytes(zlib.decompress(data))
            used_inputs.update(members)
        else:
            orphans.append((number,))
    db.executemany("DELETE FROM inputs WHERE id=?", orphans)
    gone = [(n,) for (n,) in db.execute("SELECT id FROM input") if n not in used_inputs]
    db.executemany("DELETE FROM input WHERE id=?", gone)
    db.execute("DELETE FROM fact WHERE blob NOT IN (SELECT value FROM input WHERE kind='module')")
    db.execute(
        "DELETE FROM module_lines WHERE blob NOT IN (SELECT value FROM input WHERE kind='module')"
    )
    db.execute("DELETE FROM owned WHERE blob NOT IN (SELECT value FROM input WHERE kind='module')")

"""Keeps the store bounded: the oldest evidence goes first, then what nothing refers to."""

from __future__ import annotations

import zlib
from array import array
from typing import TYPE_CHECKING

from covgate.traces import lookups
from covgate.traces.company import drop_recordings
from covgate.traces.postings import rebuild

if TYPE_CHECKING:
    import sqlite3

LIMIT_BYTES = 256 * 1024 * 1024
# What is there of every test must fit, however many there are.
BYTES_PER_TEST = 8 * 1024
_SHARE_KEPT = 0.5


def tidy(db: sqlite3.Connection, limit: int = LIMIT_BYTES, per_test: int = BYTES_PER_TEST) -> bool:
    """Drop the older half of the traces and all orphans when the file is too large.

    Too large is more than `limit`, and more than `per_test` for each test.

    Call it inside of a transaction. Returns whether anything was dropped.
    """
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    free = db.execute("PRAGMA freelist_count").fetchone()[0]
    size = db.execute("PRAGMA page_size").fetchone()[0]
    if (pages - free) * size <= limit:
        return False
    (tests,) = db.execute("SELECT count(DISTINCT test) FROM trace").fetchone()
    if (pages - free) * size <= tests * per_test:
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
    for table in ("lines", "arcs", "company"):
        db.execute(f"DELETE FROM {table} WHERE trace NOT IN (SELECT id FROM trace)")
    db.execute(
        "DELETE FROM file WHERE id NOT IN (SELECT file FROM lines UNION SELECT file FROM arcs)"
    )
    drop_recordings(db)
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
    unused = "blob NOT IN (SELECT value FROM input WHERE kind='module')"
    known = ("state",) if lookups.is_kept(db) else ()
    for table in ("fact", "span", "module_lines", *known):
        db.execute(f"DELETE FROM {table} WHERE {unused}")
    if known:
        db.execute("DELETE FROM aligned")
    # What ran on the account of one version of a file goes as a whole.
    db.execute(
        "DELETE FROM owned WHERE (environment, owner, state) IN "
        f"(SELECT environment, owner, state FROM owned WHERE path=owner AND {unused})"
    )
    rebuild(db)

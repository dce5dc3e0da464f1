"""One transaction of the store: interns inputs and sets of inputs, keeps the newest traces."""

from __future__ import annotations

import time
import zlib
from array import array
from typing import TYPE_CHECKING

from covgate.traces.bits import pack_arcs, pack_lines, unpack_arcs, unpack_lines
from covgate.traces.company import drop_recordings
from covgate.traces.postings import Postings, is_telling
from covgate.traces.values import digest

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from covgate.traces.model import Draft, Input, Ran

KEPT_PER_TEST = 8
KEPT_PER_FILE = 4
_TICK_SECONDS = 0.001


class Writer:
    """One transaction: interns inputs and sets."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._inputs: dict[Input, int] = {}
        self._sets: dict[frozenset[Input], int] = {}
        self._files: dict[tuple[str, str], int] = {}
        self._postings = Postings(db)

    def finish(self) -> None:
        """Write what makes the new rows found, and drop recordings of which no trace is left."""
        self._postings.flush()
        drop_recordings(self._db)

    def recording(self, environment: str, tests: int, remembered: Mapping[str, Ran]) -> int:
        """Begin a recording, with what ran in it of functions that may remember; return its id."""
        done = self._db.execute(
            "INSERT INTO recording (environment, tests) VALUES (?,?)", (environment, tests)
        )
        number = int(done.lastrowid or 0)
        self._db.executemany(
            "INSERT INTO remembered VALUES (?,?,?,?,?)",
            [(number, path, one.blob, one.lines, one.arcs) for path, one in remembered.items()],
        )
        return number

    def trace(self, environment: str, draft: Draft, recording: int) -> None:
        sets = " ".join(str(self._set(one)) for one in draft.inputs)
        # The order of a test's traces is that of their recording, even when the clock was put back.
        (last,) = self._db.execute(
            "SELECT max(at) FROM trace WHERE environment=? AND test=?", (environment, draft.test)
        ).fetchone()
        at = draft.at if last is None else max(draft.at, last + _TICK_SECONDS)
        self._db.execute(
            "INSERT INTO trace (environment, test, file, outcome, seconds, at, sets) "
            "VALUES (?,?,?,?,?,?,?) ON CONFLICT (environment, test, sets, outcome) "
            "DO UPDATE SET at=excluded.at, seconds=excluded.seconds",
            (environment, draft.test, draft.file, draft.outcome, draft.seconds, at, sets),
        )
        number = self._db.execute(
            "SELECT id FROM trace WHERE environment=? AND test=? AND sets=? AND outcome=?",
            (environment, draft.test, sets, draft.outcome),
        ).fetchone()[0]
        self._db.execute("INSERT OR REPLACE INTO company VALUES (?,?)", (number, recording))
        self._postings.loose(self._input(one) for one in self._postings.trace(draft.inputs))
        for table, ran in (("lines", draft.lines), ("arcs", draft.arcs)):
            self._db.execute(f"DELETE FROM {table} WHERE trace=?", (number,))
            self._db.executemany(
                f"INSERT INTO {table} VALUES (?,?,?)",
                [(self._file(*file), number, data) for file, data in ran.items()],
            )
        old = self._db.execute(
            "SELECT id FROM trace WHERE environment=? AND test=? "
            "ORDER BY at DESC LIMIT -1 OFFSET ?",
            (environment, draft.test, KEPT_PER_TEST),
        ).fetchall()
        self._db.executemany("DELETE FROM trace WHERE id=?", old)
        self._db.executemany("DELETE FROM lines WHERE trace=?", old)
        self._db.executemany("DELETE FROM arcs WHERE trace=?", old)
        self._db.executemany("DELETE FROM company WHERE trace=?", old)

    def module_lines(self, environment: str, path: str, blob: str, lines: frozenset[int]) -> None:
        row = self._db.execute(
            "SELECT bits FROM module_lines WHERE environment=? AND path=? AND blob=?",
            (environment, path, blob),
        ).fetchone()
        known = unpack_lines(row[0]) if row is not None else frozenset[int]()
        self._db.execute(
            "INSERT OR REPLACE INTO module_lines VALUES (?,?,?,?,?)",
            (environment, path, blob, pack_lines(known | lines), time.time()),
        )

    def module_arcs(
        self, environment: str, path: str, blob: str, arcs: frozenset[tuple[int, int]]
    ) -> None:
        row = self._db.execute(
            "SELECT data FROM module_arcs WHERE environment=? AND path=? AND blob=?",
            (environment, path, blob),
        ).fetchone()
        known = unpack_arcs(row[0]) if row is not None else frozenset[tuple[int, int]]()
        self._db.execute(
            "INSERT OR REPLACE INTO module_arcs VALUES (?,?,?,?)",
            (environment, path, blob, pack_arcs(known | arcs)),
        )

    def owned(self, environment: str, owner: str, ran: Mapping[str, Ran]) -> None:
        """Keep what ran while a file was imported or collected, in place of the same of before."""
        versions = "\n".join(f"{path}\0{one.blob}" for path, one in sorted(ran.items()))
        state = digest(versions.encode("utf-8", "surrogateescape"))
        key = (environment, owner, state)
        self._db.execute("DELETE FROM owned WHERE environment=? AND owner=? AND state=?", key)
        self._db.executemany(
            "INSERT INTO owned VALUES (?,?,?,?,?,?,?,?)",
            [(*key, path, one.blob, one.lines, one.arcs, time.time()) for path, one in ran.items()],
        )
        old = self._db.execute(
            "SELECT state FROM owned WHERE environment=? AND owner=? "
            "GROUP BY state ORDER BY max(at) DESC LIMIT -1 OFFSET ?",
            (environment, owner, KEPT_PER_FILE),
        ).fetchall()
        self._db.executemany(
            "DELETE FROM owned WHERE environment=? AND owner=? AND state=?",
            [(environment, owner, one) for (one,) in old],
        )

    def _set(self, inputs: frozenset[Input]) -> int:
        known = self._sets.get(inputs)
        if known is None:
            numbers = sorted(self._input(one) for one in inputs)
            data = zlib.compress(array("I", numbers).tobytes(), 1)
            name = digest(array("I", numbers).tobytes())
            done = self._db.execute(
                "INSERT OR IGNORE INTO inputs (digest, data) VALUES (?,?)", (name, data)
            )
            is_new = done.rowcount == 1
            row = self._db.execute("SELECT id FROM inputs WHERE digest=?", (name,)).fetchone()
            known = self._sets[inputs] = int(row[0])
            if is_new:
                self._postings.set(known, (self._input(one) for one in inputs if is_telling(one)))
        return known

    def _file(self, path: str, blob: str) -> int:
        known = self._files.get((path, blob))
        if known is None:
            self._db.execute("INSERT OR IGNORE INTO file (path, blob) VALUES (?,?)", (path, blob))
            row = self._db.execute("SELECT id FROM file WHERE path=? AND blob=?", (path, blob))
            known = self._files[path, blob] = int(row.fetchone()[0])
        return known

    def _input(self, one: Input) -> int:
        known = self._inputs.get(one)
        if known is None:
            done = self._db.execute(
                "INSERT OR IGNORE INTO input (kind, path, key, value) VALUES (?,?,?,?)", one
            )
            is_new = done.rowcount == 1
            row = self._db.execute(
                "SELECT id FROM input WHERE kind=? AND path=? AND key=? AND value=?", one
            ).fetchone()
            known = self._inputs[one] = int(row[0])
            if is_new:
                self._postings.input(known, one)
        return known

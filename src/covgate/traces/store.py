"""The evidence of a clone: traces of tests in one SQLite file, shared by its worktrees.

Rows only depend on content, so that concurrent processes can add without asking each other. A
file that is broken or of a newer version is set aside, never deleted; where nothing can be
written, everything works from memory.
"""

from __future__ import annotations

import json
import sqlite3
import time
import zlib
from array import array
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from covgate.source.blocks import facts as source_facts
from covgate.source.blocks import units
from covgate.traces.bits import unpack_arcs, unpack_lines
from covgate.traces.model import Evidence, Input, Ran, Surroundings, Trace
from covgate.traces.tidying import tidy
from covgate.traces.writing import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from pathlib import Path

    from covgate.source.blocks.facts import Facts
    from covgate.traces.model import Draft

SCHEMA = 3
_TABLES = """
CREATE TABLE fact (blob TEXT, version INTEGER, data BLOB, PRIMARY KEY (blob, version))
    WITHOUT ROWID;
CREATE TABLE input (id INTEGER PRIMARY KEY, kind TEXT, path TEXT, key TEXT, value TEXT,
    UNIQUE (kind, path, key, value));
CREATE TABLE inputs (id INTEGER PRIMARY KEY, digest TEXT UNIQUE, data BLOB);
CREATE TABLE trace (id INTEGER PRIMARY KEY, environment TEXT, test TEXT, file TEXT, outcome TEXT,
    seconds REAL, at REAL, sets TEXT, UNIQUE (environment, test, sets, outcome));
CREATE TABLE lines (trace INTEGER, path TEXT, blob TEXT, bits BLOB, PRIMARY KEY (trace, path))
    WITHOUT ROWID;
CREATE TABLE module_lines (environment TEXT, path TEXT, blob TEXT, bits BLOB, at REAL,
    PRIMARY KEY (environment, path, blob)) WITHOUT ROWID;
CREATE TABLE arcs (trace INTEGER, path TEXT, blob TEXT, data BLOB, PRIMARY KEY (trace, path))
    WITHOUT ROWID;
CREATE TABLE module_arcs (environment TEXT, path TEXT, blob TEXT, data BLOB,
    PRIMARY KEY (environment, path, blob)) WITHOUT ROWID;
CREATE TABLE owned (environment TEXT, owner TEXT, state TEXT, path TEXT, blob TEXT, bits BLOB,
    data BLOB, at REAL, PRIMARY KEY (environment, owner, state, path)) WITHOUT ROWID;
CREATE TABLE suite (environment TEXT, file TEXT, tests TEXT, PRIMARY KEY (environment, file))
    WITHOUT ROWID;
CREATE TABLE surroundings (environment TEXT PRIMARY KEY, data TEXT, at REAL);
"""
# What reading a damaged store may raise.
DAMAGE = (sqlite3.Error, zlib.error, ValueError, KeyError)
# An empty name in `suite` stands for a run that collected the whole project.
WHOLE = ""


class Executed(NamedTuple):
    """Executed lines and arcs by (path, blob): of tests, and outside of any."""

    lines: Mapping[tuple[str, str], frozenset[int]]
    arcs: Mapping[tuple[str, str], frozenset[tuple[int, int]]]
    module_lines: Mapping[tuple[str, str], frozenset[int]]
    module_arcs: Mapping[tuple[str, str], frozenset[tuple[int, int]]]


class Owned(NamedTuple):
    """What ran by (path, blob) while a file of this blob was imported or collected."""

    blob: str
    lines: Mapping[tuple[str, str], frozenset[int]]
    arcs: Mapping[tuple[str, str], frozenset[tuple[int, int]]]


class Store:
    """An open store; use as a context manager.

    `problem` says why it is not the file, `was_there` that there was one before, and
    `is_kept` is False when all is forgotten at the end.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.problem: str | None = None
        self.was_there = path is not None and path.exists()
        self._fresh: dict[str, Facts] = {}
        self._known: dict[str, Facts] = {}
        self._db = self._open()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    # -- opening -----------------------------------------------------------------------------------

    def _open(self) -> sqlite3.Connection:
        self.is_kept = True
        if self.path is not None:
            for attempt in (1, 2):
                try:
                    return self._connect(self.path)
                except _UnusableError as error:
                    self.problem = str(error)
                    if attempt == 2 or not self._set_aside():
                        break
                except (sqlite3.Error, OSError) as error:
                    self.problem = f"{self.path}: {error}"
                    break
        self.is_kept = False
        db = sqlite3.connect(":memory:", isolation_level=None)
        db.executescript(_TABLES)
        return db

    def _connect(self, path: Path) -> sqlite3.Connection:
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(path, timeout=10, isolation_level=None)
        try:
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version not in (0, SCHEMA):
                raise _UnusableError(f"{path} was written by another version of covgate")
            with suppress(sqlite3.OperationalError):
                db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=NORMAL")
            if version == 0:
                self._create(db)
            db.execute("SELECT count(*) FROM (SELECT 1 FROM trace LIMIT 1)").fetchone()
        except sqlite3.OperationalError:
            db.close()
            raise
        except sqlite3.DatabaseError as error:
            db.close()
            raise _UnusableError(f"{path} is damaged ({error})") from error
        except _UnusableError:
            db.close()
            raise
        return db

    def _create(self, db: sqlite3.Connection) -> None:
        db.execute("BEGIN IMMEDIATE")
        if db.execute("PRAGMA user_version").fetchone()[0] == 0:
            for statement in _TABLES.split(";"):
                if statement.strip():
                    db.execute(statement)
            db.execute(f"PRAGMA user_version={SCHEMA}")
        db.execute("COMMIT")

    def _set_aside(self) -> bool:
        """Move the file away under a name of its own; False when that is not possible."""
        assert self.path is not None
        away = self.path.with_name(f"{self.path.name}.unusable-{time.time_ns()}")
        try:
            self.path.replace(away)
        except OSError:
            return False
        for suffix in ("-wal", "-shm"):
            with suppress(OSError):
                self.path.with_name(self.path.name + suffix).replace(f"{away}{suffix}")
        self.problem = f"{self.problem}; it was moved to {away.name}"
        return True

    def give_up(self, why: str) -> None:
        """Set a store aside whose content turns out to be damaged, and begin anew."""
        self._db.close()
        self._known.clear()
        self.problem = f"{self.path} is damaged ({why})"
        if self.path is not None and self.path.exists() and not self._set_aside():
            self.path = None  # it stays where it is, unused
        said = self.problem
        self._db = self._open()
        self.problem = said

    def close(self) -> None:
        """Write what is still in memory and close."""
        self.save_facts()
        self._db.close()

    # -- facts -------------------------------------------------------------------------------------

    def facts(self, blob: str, read: Callable[[], bytes | None]) -> Facts:
        """Return the facts of a blob; `read` gives its text when they are not known yet."""
        known = self._known.get(blob)
        if known is None:
            known = self._stored_facts(blob)
            if known is None:
                text = read()
                known = units.read(text) if text is not None else source_facts.Facts(False)
                if text is None:
                    return known
                self._fresh[blob] = known
            self._known[blob] = known
        return known

    def _stored_facts(self, blob: str) -> Facts | None:
        try:
            row = self._db.execute(
                "SELECT data FROM fact WHERE blob=? AND version=?", (blob, source_facts.VERSION)
            ).fetchone()
            return row and source_facts.from_json(json.loads(zlib.decompress(row[0])))
        except (sqlite3.Error, ValueError, TypeError, zlib.error):
            return None  # a damaged row: the facts are made again

    def known_facts(self, blob: str) -> Facts | None:
        """Return the facts of a blob that was read before, None when nothing is known of it."""
        found = self.facts(blob, lambda: None)
        return found if found.readable else None

    def save_facts(self) -> None:
        """Keep the facts that were made since."""
        rows = [
            (
                blob,
                source_facts.VERSION,
                zlib.compress(json.dumps(source_facts.to_json(one)).encode(), 1),
            )
            for blob, one in self._fresh.items()
        ]
        self._fresh.clear()
        if rows:
            with suppress(sqlite3.Error):  # full, read-only or locked: they are made again
                self._db.executemany("INSERT OR IGNORE INTO fact VALUES (?,?,?)", rows)

    # -- traces ------------------------------------------------------------------------------------

    def add(
        self,
        environment: str,
        drafts: Iterable[Draft],
        surroundings: Surroundings,
        module_lines: Mapping[tuple[str, str], frozenset[int]],
        collected: Mapping[str, Iterable[str]],
        module_arcs: Mapping[tuple[str, str], frozenset[tuple[int, int]]] | None = None,
        owned: Mapping[str, Mapping[str, Ran]] | None = None,
    ) -> str | None:
        """Store a recording, all of it or nothing; return what went wrong, if anything did."""
        self.save_facts()
        try:
            self._db.execute("BEGIN IMMEDIATE")
            writer = Writer(self._db)
            for draft in drafts:
                writer.trace(environment, draft)
            for (path, blob), lines in module_lines.items():
                writer.module_lines(environment, path, blob, lines)
            for (path, blob), arcs in (module_arcs or {}).items():
                writer.module_arcs(environment, path, blob, arcs)
            for owner, ran in (owned or {}).items():
                writer.owned(environment, owner, ran)
            self._db.executemany(
                "INSERT OR REPLACE INTO suite VALUES (?,?,?)",
                [(environment, file, json.dumps([*ids])) for file, ids in collected.items()],
            )
            self._db.execute(
                "INSERT OR REPLACE INTO surroundings VALUES (?,?,?)",
                (environment, json.dumps(surroundings), time.time()),
            )
            tidy(self._db)
            self._db.execute("COMMIT")
        except DAMAGE as error:
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            return f"the traces of this run could not be kept: {error}"
        return None

    def drop(self, traces: Collection[int]) -> None:
        """Forget traces that turned out to be wrong."""
        rows = [(number,) for number in traces]
        with suppress(sqlite3.Error):  # read-only or locked: they will be found out again
            self._db.execute("BEGIN IMMEDIATE")
            for table, key in (("trace", "id"), ("lines", "trace"), ("arcs", "trace")):
                self._db.executemany(f"DELETE FROM {table} WHERE {key}=?", rows)
            self._db.execute("COMMIT")

    def evidence(self, environment: str) -> Evidence:
        """Return all traces of an environment, newest first."""
        traces = tuple(
            Trace(number, test, file, environment, outcome, seconds, at, _numbers(sets))
            for number, test, file, outcome, seconds, at, sets in self._db.execute(
                "SELECT id, test, file, outcome, seconds, at, sets FROM trace "
                "WHERE environment=? ORDER BY at DESC",
                (environment,),
            )
        )
        wanted = {number for trace in traces for number in trace.sets}
        sets: dict[int, tuple[int, ...]] = {}
        needed: set[int] = set()
        for number, data in self._db.execute("SELECT id, data FROM inputs"):
            if number in wanted:
                sets[number] = _unpack(data)
                needed.update(sets[number])
        inputs = {
            number: Input(kind, path, key, value)
            for number, kind, path, key, value in self._db.execute("SELECT * FROM input")
            if number in needed
        }
        return Evidence(traces, sets, inputs)

    def suite(self, environment: str) -> Mapping[str, tuple[str, ...]]:
        """Return the tests that were collected from each file when it was last collected."""
        return {
            file: tuple(json.loads(tests))
            for file, tests in self._db.execute(
                "SELECT file, tests FROM suite WHERE environment=?", (environment,)
            )
        }

    def surroundings(self, environment: str) -> Surroundings:
        """Return what the last recording in an environment saw outside of the tree."""
        row = self._db.execute(
            "SELECT data FROM surroundings WHERE environment=?", (environment,)
        ).fetchone()
        if row is None:
            return Surroundings()
        roots, outside, uses, files = json.loads(row[0])
        return Surroundings(
            tuple(roots),
            tuple(outside),
            {name: tuple(found) for name, found in uses.items()},
            {name: tuple(found) for name, found in files.items()},
        )

    def lines(self, trace: int, path: str) -> tuple[str, frozenset[int]] | None:
        """Return the blob of `path` that a trace ran, and which of its lines."""
        row = self._db.execute(
            "SELECT blob, bits FROM lines WHERE trace=? AND path=?", (trace, path)
        ).fetchone()
        return None if row is None else (row[0], unpack_lines(row[1]))

    def lines_of_path(self, path: str) -> Mapping[int, tuple[str, frozenset[int]]]:
        """Return, by trace, the blob of `path` that it ran and which of its lines."""
        return {
            trace: (blob, unpack_lines(bits))
            for trace, blob, bits in self._db.execute(
                "SELECT trace, blob, bits FROM lines WHERE path=?", (path,)
            )
        }

    def module_lines(self, environment: str, path: str) -> Mapping[str, frozenset[int]]:
        """Return, by blob of `path`, the lines that ran outside of any test."""
        return {
            blob: unpack_lines(bits)
            for blob, bits in self._db.execute(
                "SELECT blob, bits FROM module_lines WHERE environment=? AND path=?",
                (environment, path),
            )
        }

    def owned(self, environment: str) -> Mapping[str, tuple[Owned, ...]]:
        """Return, by file, what ran while it was imported or collected, newest first."""
        found: dict[tuple[str, str], dict[str, Ran]] = defaultdict(dict)
        for owner, state, path, blob, bits, data in self._db.execute(
            "SELECT owner, state, path, blob, bits, data FROM owned WHERE environment=? "
            "ORDER BY at DESC",
            (environment,),
        ):
            found[owner, state][path] = Ran(blob, bits, data)
        by_owner: dict[str, list[Owned]] = defaultdict(list)
        for (owner, _), ran in found.items():
            lines = {(path, one.blob): unpack_lines(one.lines) for path, one in ran.items()}
            arcs = {(p, one.blob): unpack_arcs(one.arcs) for p, one in ran.items() if one.arcs}
            by_owner[owner].append(Owned(ran[owner].blob, lines, arcs))
        return {owner: tuple(some) for owner, some in by_owner.items()}

    def executed_by(self, trace: int) -> Executed:
        """Return what one trace executed."""
        lines = self._db.execute("SELECT path, blob, bits FROM lines WHERE trace=?", (trace,))
        arcs = self._db.execute("SELECT path, blob, data FROM arcs WHERE trace=?", (trace,))
        return Executed(
            {(path, blob): unpack_lines(bits) for path, blob, bits in lines},
            {(path, blob): unpack_arcs(data) for path, blob, data in arcs},
            {},
            {},
        )

    def executed(self, environment: str, traces: Collection[int]) -> Executed:
        """Return all that some traces executed, and what ran outside of tests."""
        lines: dict[tuple[str, str], set[int]] = defaultdict(set)
        arcs: dict[tuple[str, str], set[tuple[int, int]]] = defaultdict(set)
        for trace, path, blob, bits in self._db.execute("SELECT * FROM lines"):
            if trace in traces:
                lines[path, blob] |= unpack_lines(bits)
        for trace, path, blob, data in self._db.execute("SELECT * FROM arcs"):
            if trace in traces:
                arcs[path, blob] |= unpack_arcs(data)
        of_modules = self._db.execute(
            "SELECT path, blob, bits FROM module_lines WHERE environment=?", (environment,)
        )
        arcs_of_modules = self._db.execute(
            "SELECT path, blob, data FROM module_arcs WHERE environment=?", (environment,)
        )
        return Executed(
            {key: frozenset(some) for key, some in lines.items()},
            {key: frozenset(some) for key, some in arcs.items()},
            {(path, blob): unpack_lines(bits) for path, blob, bits in of_modules},
            {(path, blob): unpack_arcs(data) for path, blob, data in arcs_of_modules},
        )


class _UnusableError(Exception):
    """The file exists and must not be used."""


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split())


def _unpack(data: Any) -> tuple[int, ...]:
    numbers = array("I")
    numbers.frombytes(zlib.decompress(data))
    return tuple(numbers)

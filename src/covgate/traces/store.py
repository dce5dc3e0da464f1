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
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from covgate.source.blocks import facts as source_facts
from covgate.traces import lookups, memories, moment, ran, seen
from covgate.traces.aligned import Alignments
from covgate.traces.bits import unpack_lines
from covgate.traces.model import Surroundings
from covgate.traces.moment import Moment
from covgate.traces.postings import Backwards, rows_of
from covgate.traces.schema import BEFORE, SCHEMA, TABLES, prepare
from covgate.traces.telling import Answers
from covgate.traces.tidying import tidy
from covgate.traces.writing import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from pathlib import Path

    from covgate.source.blocks.facts import Facts, Memory, Span
    from covgate.traces.model import Draft, Evidence, Input, Ran, Trace
    from covgate.traces.ran import Executed, Owned
    from covgate.traces.seen import Seen

# What reading a damaged store may raise.
DAMAGE = (sqlite3.Error, zlib.error, ValueError, KeyError)
_OF_TRACES = (("trace", "id"), ("lines", "trace"), ("arcs", "trace"), ("company", "trace"))
# A commit does not wait longer for others who write.
PATIENCE_S = 10.0
# An empty name in `suite` stands for a run that collected the whole project.
WHOLE = ""


class Store:
    """An open store; use as a context manager.

    `problem` says why it is not the file, `was_there` that there was one before; `is_kept` is False
    when all is forgotten at the end. `alignments` are those of versions of files, `answers` say who
    remembers.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.problem: str | None = None
        self.was_there = path is not None and path.exists()
        self._fresh: dict[str, Facts] = {}
        self._known: dict[str, Facts] = {}
        self._spans: dict[str, tuple[Span, ...]] = {}
        self._memories: dict[str, Memory] = {}
        self.answers = Answers(lambda: self.backwards)
        self.alignments = Alignments(lambda: self._db)
        self._traces: dict[str, tuple[Trace, ...]] = {}
        self._moments: list[Moment] = []
        self._latest: dict[str, Moment] = {}
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
        db.executescript(TABLES)
        with suppress(sqlite3.OperationalError):
            lookups.prepare(db)
        return db

    def _connect(self, path: Path) -> sqlite3.Connection:
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(path, timeout=PATIENCE_S, isolation_level=None)
        try:
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version not in (0, *BEFORE, SCHEMA):
                raise _UnusableError(f"{path} was written by another version of covgate")
            with suppress(sqlite3.OperationalError):
                db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=NORMAL")
            if version != SCHEMA:
                prepare(db)
            with suppress(sqlite3.OperationalError):  # read-only, locked: then without
                lookups.prepare(db)
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

    def wait_for_others(self, seconds: float) -> None:
        """Let what is written from now on wait that long while others write."""
        self._db.execute(f"PRAGMA busy_timeout={int(seconds * 1000)}")

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
        self._traces.clear()
        self._close_moments()
        self._db.close()
        self._known.clear()
        self.problem = f"{self.path} is damaged ({why})"
        if self.path is not None and self.path.exists() and not self._set_aside():
            self.path = None  # it stays where it is, unused
        said = self.problem
        self._db = self._open()
        self.problem = said

    def close(self) -> None:
        """Write what is still in memory and close; what was read of a moment can still be asked."""
        self._before_writing()
        self._moments.clear()
        self.save_facts()
        self._db.close()

    # -- facts -------------------------------------------------------------------------------------

    def facts(self, blob: str, read: Callable[[], bytes | None]) -> Facts:
        """Return the facts of a blob; `read` gives its text when they are not known yet."""
        known = self._known.get(blob)
        if known is None:
            known = self._stored_facts(blob)
            if known is None:
                from covgate.source.blocks import units

                text = read()
                known = units.read(text) if text is not None else source_facts.Facts(False)
                if text is None:
                    return known
                self._fresh[blob] = known
            self._known[blob] = known
        return known

    def spans(self, blob: str, read: Callable[[], bytes | None]) -> tuple[Span, ...]:
        """Return where the functions of a blob lie, without its facts where that is possible."""
        known = self._known.get(blob)
        if known is None:
            found = self._stored(blob, "span")
            with suppress(TypeError):
                if found is not None:
                    return tuple(source_facts.Span(*one) for one in found)
            stored = self._stored_facts(blob)  # not kept in memory: it is asked of all files
            known = self.facts(blob, read) if stored is None else stored
            if stored is not None:  # else: they are kept with its facts, if its text is there
                self._spans[blob] = source_facts.spans_of(known)
        return source_facts.spans_of(known)

    def memories(self, blobs: Collection[str]) -> Mapping[str, Memory]:
        """Return what some blobs say of what is remembered, of those where it is known."""
        return memories.load(self._db, blobs) | self._memories

    def note_memory(self, blob: str, memory: Memory) -> None:
        """Keep what a blob says of what is remembered."""
        self._memories[blob] = memory

    def _stored_facts(self, blob: str) -> Facts | None:
        raw = self._stored(blob, "fact")
        try:
            return None if raw is None else source_facts.from_json(raw)
        except (ValueError, TypeError):
            return None

    def _stored(self, blob: str, table: str) -> Any:
        try:
            row = self._db.execute(
                f"SELECT data FROM {table} WHERE blob=? AND version=?",
                (blob, source_facts.VERSION),
            ).fetchone()
            return json.loads(zlib.decompress(row[0])) if row else None
        except (sqlite3.Error, ValueError, TypeError, zlib.error):
            return None  # a damaged row: it is made again

    def save_facts(self) -> None:
        """Keep the facts that were made since."""
        version = source_facts.VERSION
        facts = {blob: source_facts.to_json(one) for blob, one in self._fresh.items()}
        spans = self._spans | {b: source_facts.spans_of(one) for b, one in self._fresh.items()}
        self._fresh.clear()
        self._spans.clear()
        for table, found in (("fact", facts), ("span", spans)):
            rows = [(blob, version, _packed(one)) for blob, one in found.items()]
            if rows:
                with suppress(sqlite3.Error):  # full, read-only or locked: they are made again
                    self._db.executemany(f"INSERT OR IGNORE INTO {table} VALUES (?,?,?)", rows)
        memories.save(self._db, self._memories)
        self.answers.save()
        self.alignments.save()

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
        remembered: Mapping[str, Ran] | None = None,
        come_upon: Seen | None = None,
    ) -> str | None:
        """Store a recording, all of it or nothing; return what went wrong, if anything did."""
        drafts = tuple(drafts)
        self.save_facts()
        self._before_writing()
        try:
            self._db.execute("BEGIN IMMEDIATE")
            writer = Writer(self._db)
            recording = writer.recording(environment, len(drafts), remembered or {})
            for draft in drafts:
                writer.trace(environment, draft, recording)
            for (path, blob), lines in module_lines.items():
                writer.module_lines(environment, path, blob, lines)
            for (path, blob), arcs in (module_arcs or {}).items():
                writer.module_arcs(environment, path, blob, arcs)
            for owner, some in (owned or {}).items():
                writer.owned(environment, owner, some)
            self._db.executemany(
                "INSERT OR REPLACE INTO suite VALUES (?,?,?)",
                [(environment, file, json.dumps([*ids])) for file, ids in collected.items()],
            )
            if come_upon is not None:
                seen.note(self._db, environment, come_upon)
            self._db.execute(
                "INSERT OR REPLACE INTO surroundings VALUES (?,?,?)",
                (environment, json.dumps(surroundings), time.time()),
            )
            writer.finish()
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
        self._before_writing()
        with suppress(sqlite3.Error):  # read-only or locked: they will be found out again
            self._db.execute("BEGIN IMMEDIATE")
            for table, key in _OF_TRACES:
                self._db.executemany(f"DELETE FROM {table} WHERE {key}=?", rows)
            self._db.execute("COMMIT")

    def traces(self, environment: str) -> tuple[Trace, ...]:
        """Return all traces of an environment, newest first; read once as long as none is added."""
        known = self._traces.get(environment)
        if known is None:
            known = self._traces[environment] = moment.traces_of(self._db, environment)
        return known

    def moment(self, environment: str, *, anew: bool = False) -> Moment:
        """Return what is held of an environment since it was asked for, or `anew`."""
        if anew or environment not in self._latest:
            if self.is_kept and self.path is not None:
                db = moment.connect(self.path)
                made = Moment(db, environment)
            else:
                copy = moment.connect(":memory:")
                self._db.backup(copy)
                made = Moment(copy, environment, keeper=self._db)
            self._moments.append(made)
            self._latest[environment] = made
        return self._latest[environment]

    def _before_writing(self) -> None:
        self._traces.clear()
        self._latest.clear()
        for one in self._moments:
            one.let_write()

    def _close_moments(self) -> None:
        self._latest.clear()
        while self._moments:
            self._moments.pop().close()

    def evidence(self, environment: str) -> Evidence:
        """Return all traces of an environment, newest first, with all that they depend on."""
        return moment.evidence(self._db, self.traces(environment))

    def evidence_of(self, traces: tuple[Trace, ...]) -> Evidence:
        """Return some traces with all that they depend on, read one by one."""
        return moment.evidence_of(self._db, traces)

    def inputs_of(self, sets: Iterable[int]) -> Mapping[int, Input]:
        """Return what some sets hold, by id."""
        return moment.inputs_of(self._db, sets)

    def surroundings(self, environment: str) -> Surroundings:
        """Return what the last recording in an environment saw outside of the tree."""
        row = self._db.execute(
            "SELECT data FROM surroundings WHERE environment=?", (environment,)
        ).fetchone()
        roots, outside, uses, files = json.loads(row[0]) if row else ((), (), {}, {})
        return Surroundings(
            tuple(roots),
            tuple(outside),
            {name: tuple(found) for name, found in uses.items()},
            {name: tuple(found) for name, found in files.items()},
        )

    @property
    def backwards(self) -> Backwards:
        """The store, read from inputs to sets."""
        return Backwards(self._db)

    def lines_of_path(self, path: str) -> Mapping[int, tuple[str, frozenset[int]]]:
        """Return, by trace, the blob of `path` that it ran and which of its lines."""
        return ran.lines_of_path(self._db, path)

    def arcs_of_path(self, path: str) -> Mapping[int, tuple[str, bytes]]:
        """Return, by trace, the blob of `path` that it ran and its arcs, as `bits` packs them."""
        return ran.arcs_of_path(self._db, path)

    def module_lines(self, environment: str, path: str) -> Mapping[str, frozenset[int]]:
        """Return, by blob of `path`, the lines that ran outside of any test."""
        query = "SELECT blob, bits FROM module_lines WHERE environment=? AND path IN"
        rows = rows_of(self._db, query, [path], environment)
        return {blob: unpack_lines(bits) for blob, bits in rows}

    def owned(self, environment: str) -> Mapping[str, tuple[Owned, ...]]:
        """Return, by file, what ran while it was imported or collected, newest first."""
        return ran.owned(self._db, environment)

    def recorded_tests(self, recordings: Collection[int]) -> Mapping[int, int]:
        """Return how many tests some recordings had."""
        return ran.recorded_tests(self._db, recordings)

    def remembered(self, recording: int) -> Mapping[str, Ran]:
        """Return, by path, what ran in a recording of functions that may remember it."""
        return ran.remembered(self._db, recording)

    def executed_by(self, trace: int) -> Executed:
        """Return what one trace executed."""
        return ran.executed_by(self._db, trace)

    def executed(
        self, environment: str, traces: Collection[int], paths: Collection[str] | None = None
    ) -> Executed:
        """Return all that some traces executed, and what ran outside of tests; see `ran`."""
        return ran.executed(self._db, environment, traces, paths)


class _UnusableError(Exception):
    """The file exists and must not be used."""


def _packed(value: Any) -> bytes:
    return zlib.compress(json.dumps(value).encode(), 1)

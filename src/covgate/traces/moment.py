"""What the store holds of one environment at one moment, whatever others add or drop later."""

from __future__ import annotations

import json
import sqlite3
import weakref
import zlib
from array import array
from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from covgate.traces import lookups, seen
from covgate.traces.model import Evidence, Input, Trace
from covgate.traces.postings import Backwards, rows_of
from covgate.traces.tally import tally_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Set
    from pathlib import Path

    from covgate.traces.tally import Tally

_TRACES = (
    "SELECT id, test, file, outcome, seconds, at, sets, coalesce(recording, 0) "
    "FROM trace LEFT JOIN company ON company.trace=trace.id WHERE environment=?"
)
# From the id to the trace, not through all of the environment.
_TRACES_BY_ID = _TRACES.replace("WHERE environment", "WHERE +environment")
# A trace with another outcome is looked at in any case; `lookups` has an index for these.
USUAL = "passed"


class MovedError(Exception):
    """Others wrote while something was kept: what was read is not what is there now."""


def connect(path: Path | str) -> sqlite3.Connection:
    """Open a store for a moment; the thread that collects garbage may close it."""
    return sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)


class Moment:
    """Asks the store in one transaction, which lasts as long as somebody may ask.

    `keeper` is where something can be kept, None for the file itself.
    """

    def __init__(
        self, db: sqlite3.Connection, environment: str, keeper: sqlite3.Connection | None = None
    ) -> None:
        self._keeper = keeper
        self._newest: dict[str, Trace | None] = {}
        self._by_id: dict[int, Trace | None] = {}
        self.environment = environment
        self._use(db)
        self._begin()

    def _use(self, db: sqlite3.Connection) -> None:
        self._db = db
        # At the latest when nobody asks any more.
        self.close = weakref.finalize(self, db.close)

    def _begin(self) -> None:
        self._db.execute("BEGIN")
        self._has_lookups = lookups.is_kept(self._db)

    def let_write(self) -> None:
        """Go on from a copy, unless the file lets others write while it is read."""
        (mode,) = self._db.execute("PRAGMA journal_mode").fetchone()
        if self._keeper is None and mode != "wal":
            copy = connect(":memory:")
            self._db.backup(copy)
            self.close()
            self._use(copy)

    @property
    def backwards(self) -> Backwards:
        """The store, read from inputs to sets."""
        return Backwards(self._db)

    def keep(self, data: bytes) -> None:
        """Keep what a comparison gave; raises `MovedError`, and `sqlite3.Error` when it cannot."""
        if self._keeper is not None:
            Backwards(self._keeper).keep(self.environment, data)
            return
        self.backwards.keep(self.environment, data)
        (before,) = self._db.execute("PRAGMA data_version").fetchone()
        self._db.execute("COMMIT")
        self._begin()
        if self._db.execute("PRAGMA data_version").fetchone() != (before,):
            raise MovedError

    @cached_property
    def traces(self) -> tuple[Trace, ...]:
        """All traces of the environment, newest first."""
        return traces_of(self._db, self.environment)

    def of_tests(self, tests: Iterable[str]) -> tuple[Trace, ...]:
        """Return all traces of some tests, newest first."""
        query = f"{_TRACES} AND test IN"
        rows = rows_of(self._db, query, tests, self.environment)
        found = _read(rows, self.environment)
        return tuple(sorted(found, key=lambda trace: (-trace.at, trace.id)))

    def newest(self, test: str) -> Trace | None:
        """Return the newest trace of a test."""
        if test not in self._newest:
            self._newest[test] = next(iter(self.of_tests([test])), None)
        return self._newest[test]

    def read_ahead(self, tests: Iterable[str]) -> None:
        """Read the newest traces of some tests at once, so that `newest` has them at hand."""
        wanted = [test for test in tests if test not in self._newest]
        self._newest.update((trace.test, trace) for trace in reversed(self.of_tests(wanted)))

    def tests_by_trace(self, numbers: Iterable[int]) -> dict[int, str]:
        """Return the test of each of some traces."""
        query = "SELECT id, test FROM trace WHERE +environment=? AND id IN"
        return dict(rows_of(self._db, query, numbers, self.environment))

    def tests(self) -> Iterator[str]:
        """Yield the tests that there are traces of."""
        query = "SELECT DISTINCT test FROM trace WHERE environment=?"
        yield from (test for (test,) in self._db.execute(query, (self.environment,)))

    def count(self) -> int:
        """Return how many tests there are traces of."""
        query = "SELECT count(DISTINCT test) FROM trace WHERE environment=?"
        return int(self._db.execute(query, (self.environment,)).fetchone()[0])

    def unusual(self) -> set[str]:
        """Return the tests with a trace whose outcome is not the usual one."""
        index = "INDEXED BY unusual" if self._has_lookups else ""
        query = f"SELECT test FROM trace {index} WHERE environment=? AND outcome<>'{USUAL}'"
        return {test for (test,) in self._db.execute(query, (self.environment,))}

    def tests_with(self, sets: Set[int]) -> set[str]:
        """Return the tests whose newest trace holds one of some sets."""
        if not self._has_lookups:
            newest = {trace.test: trace for trace in reversed(self.traces)}
            return {test for test, one in newest.items() if not sets.isdisjoint(one.sets)}
        query = (
            "SELECT DISTINCT test FROM used JOIN latest ON latest.trace=used.trace "
            "JOIN trace ON trace.id=used.trace WHERE +environment=? AND used.id IN"
        )
        return {test for (test,) in rows_of(self._db, query, sets, self.environment)}

    def traces_with(self, sets: Set[int]) -> tuple[Trace, ...]:
        """Return the traces that hold one of some sets, newest first."""
        if not self._has_lookups:
            return tuple(trace for trace in self.traces if not sets.isdisjoint(trace.sets))
        query = "SELECT DISTINCT trace FROM used WHERE id IN"
        numbers = {number for (number,) in rows_of(self._db, query, sets)}
        unread = numbers - self._by_id.keys()
        rows = rows_of(self._db, f"{_TRACES_BY_ID} AND trace.id IN", unread, self.environment)
        self._by_id.update(dict.fromkeys(unread))  # those of other environments stay unknown
        self._by_id.update((trace.id, trace) for trace in _read(rows, self.environment))
        found = (trace for number in numbers if (trace := self._by_id[number]) is not None)
        return tuple(sorted(found, key=lambda trace: (-trace.at, trace.id)))

    def tally(self) -> Tally:
        """Return the tally of the newest trace of each test."""
        if not self._has_lookups:
            newest = {trace.test: trace for trace in reversed(self.traces)}
            return tally_of(newest.values())
        own = "SELECT id FROM recording WHERE environment=?"
        query = (
            "SELECT recording, last, count(*) FROM latest "
            f"WHERE recording IN ({own}) GROUP BY recording, last "
            "UNION ALL SELECT 0, last, count(*) FROM latest JOIN trace ON trace.id=latest.trace "
            "WHERE recording=0 AND environment=? GROUP BY last"
        )
        rows = self._db.execute(query, (self.environment, self.environment))
        return Counter({(recording, last): count for recording, last, count in rows})

    def recorded(self, recording: int) -> int:
        """Return how many traces there are of a recording."""
        query = "SELECT count(*) FROM company WHERE recording=?"
        return int(self._db.execute(query, (recording,)).fetchone()[0])

    def files(self) -> set[str]:
        """Return the files with tests that there are traces of, and perhaps others."""
        if not self._has_lookups:
            return {trace.file for trace in self.traces}
        query = "SELECT file FROM traced_file WHERE environment=?"
        return {file for (file,) in self._db.execute(query, (self.environment,))}

    def tests_of(self, files: Iterable[str]) -> set[str]:
        """Return the tests with a trace that was recorded in one of some files."""
        query = "SELECT DISTINCT test FROM trace WHERE environment=? AND file IN"
        return {test for (test,) in rows_of(self._db, query, files, self.environment)}

    def files_with_untraced(self) -> list[str]:
        """Return the files that have tests without a trace, and perhaps others."""
        table = "untraced" if self._has_lookups else "suite"
        query = f"SELECT DISTINCT file FROM {table} WHERE environment=? ORDER BY file"
        return [file for (file,) in self._db.execute(query, (self.environment,))]

    @cached_property
    def suite(self) -> Mapping[str, tuple[str, ...]]:
        """The tests that were collected from each file when it was last collected."""
        return _Suite(self)

    def collected(self, file: str) -> tuple[str, ...] | None:
        """Return the tests that a file gave when it was last collected, None when it never was."""
        query = "SELECT tests FROM suite WHERE environment=? AND file IN"
        for (tests,) in rows_of(self._db, query, [file], self.environment):
            return tuple(json.loads(tests))
        return None

    def collected_files(self) -> list[str]:
        """Return the files that were ever collected."""
        query = "SELECT file FROM suite WHERE environment=?"
        return [file for (file,) in self._db.execute(query, (self.environment,))]

    def without_tests(self) -> list[str]:
        """Return the files that pytest collects, and that held no test when it last did."""
        query = "SELECT file FROM suite WHERE environment=? AND tests='[]' AND file<>''"
        return [file for (file,) in self._db.execute(query, (self.environment,))]

    def seen(self) -> frozenset[tuple[str, str]]:
        """Return the path and blob of each file that a collection came upon, or would have."""
        return seen.read(self._db, self.environment)

    def evidence_of(self, traces: tuple[Trace, ...]) -> Evidence:
        """Return some traces with all that they depend on, read one by one."""
        return evidence_of(self._db, traces)

    def evidence(self) -> Evidence:
        """Return all traces, with all that they depend on."""
        return evidence(self._db, self.traces)


class _Suite(Mapping[str, tuple[str, ...]]):
    """The tests of each file, read when they are asked for."""

    def __init__(self, moment: Moment) -> None:
        self._moment = moment
        self._known: dict[str, tuple[str, ...] | None] = {}

    def __getitem__(self, file: str) -> tuple[str, ...]:
        if file not in self._known:
            self._known[file] = self._moment.collected(file)
        found = self._known[file]
        if found is None:
            raise KeyError(file)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._moment.collected_files())

    def __len__(self) -> int:
        return len(self._moment.collected_files())


def traces_of(db: sqlite3.Connection, environment: str) -> tuple[Trace, ...]:
    """Return all traces of an environment, newest first."""
    rows = db.execute(f"{_TRACES} ORDER BY at DESC", (environment,))
    return tuple(_read(rows, environment))


def _read(rows: Iterable[tuple[Any, ...]], environment: str) -> Iterator[Trace]:
    shared: dict[str, tuple[int, ...]] = {}
    for number, test, file, outcome, seconds, at, sets, recording in rows:
        own, _, rest = sets.partition(" ")
        if rest not in shared:  # that of many tests is the same
            shared[rest] = _numbers(rest)
        numbers = (*_numbers(own), *shared[rest])
        yield Trace(number, test, file, environment, outcome, seconds, at, numbers, recording)


def evidence(db: sqlite3.Connection, traces: tuple[Trace, ...]) -> Evidence:
    """Return many traces with all that they depend on."""
    wanted = {number for trace in traces for number in trace.sets}
    return _evidence(
        db,
        traces,
        (row for row in db.execute("SELECT id, data FROM inputs") if row[0] in wanted),
        lambda needed: (row for row in db.execute("SELECT * FROM input") if row[0] in needed),
    )


def evidence_of(db: sqlite3.Connection, traces: tuple[Trace, ...]) -> Evidence:
    """Return some traces with all that they depend on, read one by one."""
    wanted = {number for trace in traces for number in trace.sets}
    return _evidence(
        db,
        traces,
        rows_of(db, "SELECT id, data FROM inputs WHERE id IN", wanted),
        lambda needed: rows_of(db, "SELECT * FROM input WHERE id IN", needed),
    )


def inputs_of(db: sqlite3.Connection, sets: Iterable[int]) -> Mapping[int, Input]:
    """Return what some sets hold, by id."""
    packed = rows_of(db, "SELECT data FROM inputs WHERE id IN", sets)
    needed = {number for (data,) in packed for number in _unpack(data)}
    rows = rows_of(db, "SELECT * FROM input WHERE id IN", needed)
    return {number: Input(*values) for number, *values in rows}


def _evidence(
    db: sqlite3.Connection,
    traces: tuple[Trace, ...],
    packed: Iterable[tuple[Any, ...]],
    read: Callable[[Collection[int]], Iterable[tuple[Any, ...]]],
) -> Evidence:
    sets = {number: _unpack(data) for number, data in packed}
    needed = set[int]().union(*sets.values())
    inputs = {number: Input(*values) for number, *values in read(needed)}
    if len(inputs) < len(needed):
        raise ValueError("an input is missing")  # not everything is looked at one by one
    return Evidence(traces, sets, inputs, Backwards(db).loose() & inputs.keys())


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split())


def _unpack(data: Any) -> tuple[int, ...]:
    numbers = array("I")
    numbers.frombytes(zlib.decompress(data))
    return tuple(numbers)

"""The store read backwards: from an input to the sets that hold it.

Rows are hints that may say too much, never too little: what they lead to is looked at in full.
They refer to ids, so that they are made again when rows are dropped (`rebuild`).
"""

from __future__ import annotations

import json
import zlib
from array import array
from collections import defaultdict
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from covgate.traces.model import Input

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping

# `beneath` leads to the inputs that modules took in while they were imported, by what these are
# about; `loose` has bodies of traces that do not say which version of the file they had;
# `posting` holds, for each recording, the sets of an input as packed differences.
TABLES = """
CREATE TABLE beneath (place TEXT, input INTEGER, PRIMARY KEY (place, input)) WITHOUT ROWID;
CREATE TABLE loose (input INTEGER PRIMARY KEY);
CREATE TABLE posting (input INTEGER, first INTEGER, sets BLOB, PRIMARY KEY (input, first))
    WITHOUT ROWID;
CREATE TABLE compared (environment TEXT PRIMARY KEY, data BLOB);
"""
BODIES = frozenset({"body", "shared"})
# Their values are those of one file of the tree.
OF_FILE = frozenset({"body", "shared", "module", "docs"})
# They never differ.
_CONSTANT = frozenset({"fixture", "made", "own"})
_ANYWHERE = "*"
# Before the names of modules, where a path could stand, and after all of them.
_NAME, _PAST_NAMES = "\0", "\1"
_WIDTH = 500


def place_of(one: Input) -> str:
    """Return what an input is about: a file, a name, or anything ("*")."""
    if one.kind in OF_FILE:
        return one.path
    return _NAME + one.key if one.kind == "name" else _ANYWHERE


def inner(one: Input) -> Input:
    """Return the input that a module took in while it was imported."""
    return _parsed(one.value)


@lru_cache(maxsize=100_000)  # the same value stands in many sets
def _parsed(value: str) -> Input:
    return Input(*json.loads(value))


class Postings:
    """What one transaction adds."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._sets: dict[int, list[int]] = defaultdict(list)
        self._places: dict[frozenset[Input], tuple[frozenset[str], frozenset[Input]]] = {}

    def input(self, number: int, one: Input) -> None:
        """Take in an input that is new."""
        if one.kind == "under":
            self._db.execute(
                "INSERT OR IGNORE INTO beneath VALUES (?,?)", (place_of(inner(one)), number)
            )

    def set(self, number: int, members: Iterable[int]) -> None:
        """Take in a set that is new."""
        for one in members:
            self._sets[one].append(number)

    def trace(self, sets: Iterable[frozenset[Input]]) -> Iterator[Input]:
        """Yield the bodies of a trace that does not hold the versions of their files."""
        parts = [self._taken_apart(one) for one in sets]
        versions = frozenset().union(*(paths for paths, _ in parts))
        for _, bodies in parts:
            for one in bodies:
                about = inner(one) if one.kind == "under" else one
                if about.path not in versions:
                    yield one

    def _taken_apart(self, inputs: frozenset[Input]) -> tuple[frozenset[str], frozenset[Input]]:
        """Return the files whose version a set holds, and one body of each other file."""
        known = self._places.get(inputs)
        if known is None:
            versions = frozenset(one.path for one in inputs if one.kind == "module")
            bodies = frozenset(
                one
                for one in inputs
                if (one.kind in BODIES and one.path not in versions)
                or (one.kind == "under" and (found := inner(one)).kind in BODIES
                    and found.path not in versions)
            )  # fmt: skip
            known = self._places[inputs] = versions, bodies
        return known

    def loose(self, numbers: Iterable[int]) -> None:
        """Note bodies that have to be compared whenever they are new."""
        rows = [(number,) for number in numbers]
        self._db.executemany("INSERT OR IGNORE INTO loose VALUES (?)", rows)

    def flush(self) -> None:
        """Write what was taken in."""
        self._db.executemany(
            "INSERT OR REPLACE INTO posting VALUES (?,?,?)",
            [(one, sets[0], _packed(sets)) for one, sets in sorted(self._sets.items())],
        )
        self._sets.clear()


def rebuild(db: sqlite3.Connection) -> None:
    """Make everything anew; call it inside of a transaction."""
    for table in ("beneath", "loose", "posting", "compared"):
        db.execute(f"DELETE FROM {table}")
    made = Postings(db)
    inputs: dict[int, Input] = {}
    for number, *values in db.execute("SELECT * FROM input").fetchall():
        inputs[number] = Input(*values)
        made.input(number, inputs[number])
    numbers = {one: number for number, one in inputs.items()}
    sets: dict[int, frozenset[Input]] = {}
    for number, data in db.execute("SELECT id, data FROM inputs ORDER BY id"):
        members = array("I")
        members.frombytes(zlib.decompress(data))
        made.set(number, _telling(members, inputs))
        sets[number] = frozenset(inputs[one] for one in members if one in inputs)
    nothing: frozenset[Input] = frozenset()
    for (text,) in db.execute("SELECT DISTINCT sets FROM trace").fetchall():
        parts = [sets.get(int(number), nothing) for number in text.split()]
        made.loose(numbers[one] for one in made.trace(parts))
    made.flush()


def _telling(members: Iterable[int], inputs: Mapping[int, Input]) -> Iterator[int]:
    return (one for one in members if one in inputs and inputs[one].kind not in _CONSTANT)


def is_telling(one: Input) -> bool:
    """Whether an input can differ at all."""
    return one.kind not in _CONSTANT


class Backwards:
    """The questions; raises `sqlite3.Error` and `zlib.error` when the store is damaged."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def newest(self) -> int:
        """Return the highest id of an input."""
        return int(self._db.execute("SELECT coalesce(max(id), 0) FROM input").fetchone()[0])

    def inputs(self, numbers: Iterable[int]) -> dict[int, Input]:
        """Return inputs by id, as far as they exist."""
        return self._found("SELECT * FROM input WHERE id IN", numbers)

    def after(self, number: int) -> dict[int, Input]:
        """Return the inputs that were stored after one."""
        return _by_id(self._db.execute("SELECT * FROM input WHERE id>?", (number,)))

    def of_kind(self, kind: str) -> dict[int, Input]:
        """Return all inputs of a kind."""
        return _by_id(self._db.execute("SELECT * FROM input WHERE kind=?", (kind,)))

    def at(self, paths: Iterable[str]) -> dict[int, Input]:
        """Return the inputs whose value is that of one of some files."""
        wanted = list(paths)
        found: dict[int, Input] = {}
        for kind in sorted(OF_FILE):
            found |= self._found("SELECT * FROM input WHERE kind=? AND path IN", wanted, kind)
        return found | self._beneath(wanted)

    def named(self, names: Iterable[str]) -> dict[int, Input]:
        """Return the inputs that tell which files some module names lead to."""
        wanted = list(names)
        found = self._found("SELECT * FROM input WHERE kind='name' AND path='' AND key IN", wanted)
        return found | self._beneath(_NAME + name for name in wanted)

    def names(self) -> dict[int, Input]:
        """Return all inputs that tell which files a module name leads to."""
        query = (
            "SELECT input.* FROM beneath JOIN input ON id=input "
            "WHERE kind='under' AND place>=? AND place<?"
        )
        return self.of_kind("name") | _by_id(self._db.execute(query, (_NAME, _PAST_NAMES)))

    def anywhere(self) -> dict[int, Input]:
        """Return what modules took in while they were imported and is about no single file."""
        return self._beneath([_ANYWHERE])

    def _beneath(self, places: Iterable[str]) -> dict[int, Input]:
        query = "SELECT input.* FROM beneath JOIN input ON id=input WHERE kind='under' AND place IN"
        return self._found(query, places)

    def loose(self) -> frozenset[int]:
        """Return the bodies that are not bound to a version of their file."""
        return frozenset(number for (number,) in self._db.execute("SELECT input FROM loose"))

    def versions(self, paths: Iterable[str]) -> dict[str, set[str]]:
        """Return the blobs of each file that some recording had."""
        found: dict[str, set[str]] = defaultdict(set)
        wanted = list(paths)
        rows = (
            self._found("SELECT * FROM input WHERE kind='module' AND path IN", wanted)
            if len(wanted) < _WIDTH
            else self.of_kind("module")
        )
        for one in rows.values():
            found[one.path].add(one.value)
        return found

    def sets_with(self, numbers: Iterable[int]) -> set[int]:
        """Return the sets that hold one of some inputs."""
        found: set[int] = set()
        for (data,) in rows_of(self._db, "SELECT sets FROM posting WHERE input IN", numbers):
            found.update(_unpacked(data))
        return found

    def compared(self, environment: str) -> bytes | None:
        """Return what was kept when inputs were last compared."""
        row = self._db.execute(
            "SELECT data FROM compared WHERE environment=?", (environment,)
        ).fetchone()
        return row and bytes(row[0])

    def keep(self, environment: str, data: bytes) -> None:
        """Keep what a comparison gave."""
        self._db.execute("INSERT OR REPLACE INTO compared VALUES (?,?)", (environment, data))

    def _found(self, query: str, values: Iterable[Any], *first: str) -> dict[int, Input]:
        return _by_id(rows_of(self._db, query, values, *first))


def rows_of(
    db: sqlite3.Connection, query: str, values: Iterable[Any], *first: str
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query that ends in IN, for any number of values."""
    wanted = [one for one in values if not isinstance(one, str) or _can_be_stored(one)]
    for start in range(0, len(wanted), _WIDTH):
        some = wanted[start : start + _WIDTH]
        marks = ",".join("?" * len(some))
        yield from db.execute(f"{query} ({marks})", (*first, *some))


def _can_be_stored(text: str) -> bool:
    """Whether a text is one for SQLite: names of files may be bytes that stand for no letters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _by_id(rows: Iterable[tuple[Any, ...]]) -> dict[int, Input]:
    return {number: Input(*values) for number, *values in rows}


def _packed(sets: list[int]) -> bytes:
    """Pack ascending numbers: the first, and the steps in the narrowest type that holds them."""
    steps = [sets[0], *(after - before for before, after in pairwise(sets))]
    widest = max(steps[1:], default=0)
    kind = "B" if widest < 1 << 8 else "H" if widest < 1 << 16 else "I"
    data = kind.encode() + array("I", steps[:1]).tobytes() + array(kind, steps[1:]).tobytes()
    packed = zlib.compress(data, 1) if len(data) > 64 else data
    return b"z" + packed if len(packed) < len(data) else data


def _unpacked(data: bytes) -> Iterator[int]:
    if data[:1] == b"z":
        data = zlib.decompress(data[1:])
    if len(data) < 5:
        raise ValueError("a posting is damaged")
    first = array("I")
    first.frombytes(data[1:5])
    steps = array(data[:1].decode())
    steps.frombytes(data[5:])
    number = first[0]
    yield number
    for step in steps:
        number += step
        yield number

"""What stored traces executed: lines and arcs, by file and version."""

from __future__ import annotations

from collections import defaultdict
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, NamedTuple

from covgate.traces.bits import lines_of, unpack_arcs, unpack_lines
from covgate.traces.model import Ran
from covgate.traces.postings import rows_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Mapping


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


def executed_by(db: sqlite3.Connection, trace: int) -> Executed:
    """Return what one trace executed."""
    query = "SELECT path, blob, {} FROM {} JOIN file ON file=id WHERE trace=?"
    lines = db.execute(query.format("bits", "lines"), (trace,))
    arcs = db.execute(query.format("data", "arcs"), (trace,))
    return Executed(
        {(path, blob): unpack_lines(bits) for path, blob, bits in lines},
        {(path, blob): unpack_arcs(data) for path, blob, data in arcs},
        {},
        {},
    )


def executed(
    db: sqlite3.Connection,
    environment: str,
    traces: Collection[int],
    paths: Collection[str] | None = None,
) -> Executed:
    """Return all that some traces executed, and what ran outside of tests.

    Of the tests no other files than those of `paths`, where they are given.
    """
    files = {
        number: (path, blob)
        for number, path, blob in db.execute("SELECT * FROM file")
        if paths is None or path in paths
    }
    lines: dict[int, set[bytes]] = defaultdict(set)
    for file, trace, bits in rows_of(
        db, "SELECT file, trace, bits FROM lines WHERE file IN", files
    ):
        if trace in traces:
            lines[file].add(bits)
    arcs: dict[int, set[bytes]] = defaultdict(set)
    for file, trace, data in rows_of(db, "SELECT file, trace, data FROM arcs WHERE file IN", files):
        if trace in traces:
            arcs[file].add(data)  # many tests run the same
    of_modules = db.execute(
        "SELECT path, blob, bits FROM module_lines WHERE environment=?", (environment,)
    )
    arcs_of_modules = db.execute(
        "SELECT path, blob, data FROM module_arcs WHERE environment=?", (environment,)
    )
    return Executed(
        {files[file]: lines_of(_together(some)) for file, some in lines.items()},
        {files[file]: frozenset().union(*map(unpack_arcs, some)) for file, some in arcs.items()},
        {(path, blob): unpack_lines(bits) for path, blob, bits in of_modules},
        {(path, blob): unpack_arcs(data) for path, blob, data in arcs_of_modules},
    )


def _together(some: Iterable[bytes]) -> int:
    return reduce(or_, (int.from_bytes(bits, "little") for bits in some), 0)


def owned(db: sqlite3.Connection, environment: str) -> Mapping[str, tuple[Owned, ...]]:
    """Return, by file, what ran while it was imported or collected, newest first."""
    found: dict[tuple[str, str], dict[str, Ran]] = defaultdict(dict)
    for owner, state, path, blob, bits, data in db.execute(
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


def lines_of_path(db: sqlite3.Connection, path: str) -> Mapping[int, tuple[str, frozenset[int]]]:
    """Return, by trace, the blob of a file that it ran and which of its lines."""
    unpacked: dict[bytes, frozenset[int]] = {}
    found: dict[int, tuple[str, frozenset[int]]] = {}
    query = "SELECT trace, blob, bits FROM file JOIN lines ON file=id WHERE path IN"
    for trace, blob, bits in rows_of(db, query, [path]):
        if bits not in unpacked:  # many tests run the same
            unpacked[bits] = unpack_lines(bits)
        found[trace] = blob, unpacked[bits]
    return found


def arcs_of_path(db: sqlite3.Connection, path: str) -> Mapping[int, tuple[str, bytes]]:
    """Return, by trace, the blob of a file that it ran and its arcs, as `bits` packs them."""
    query = "SELECT trace, blob, data FROM file JOIN arcs ON file=id WHERE path IN"
    return {trace: (blob, data) for trace, blob, data in rows_of(db, query, [path])}


def recorded_tests(db: sqlite3.Connection, recordings: Collection[int]) -> Mapping[int, int]:
    """Return how many tests some recordings had."""
    return dict(rows_of(db, "SELECT id, tests FROM recording WHERE id IN", recordings))


def remembered(db: sqlite3.Connection, recording: int) -> Mapping[str, Ran]:
    """Return, by path, what ran in a recording of functions that may remember it."""
    query = "SELECT path, blob, bits, data FROM remembered WHERE recording=?"
    rows = db.execute(query, (recording,))
    return {path: Ran(blob, bits, data) for path, blob, bits, data in rows}

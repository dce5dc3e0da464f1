"""What stored traces executed: lines and arcs, by file and version."""

from __future__ import annotations

from collections import defaultdict
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, NamedTuple

from covgate.traces.bits import lines_of, unpack_arcs, unpack_lines
from covgate.traces.model import Ran

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


def executed(db: sqlite3.Connection, environment: str, traces: Collection[int]) -> Executed:
    """Return all that some traces executed, and what ran outside of tests."""
    files = {number: (path, blob) for number, path, blob in db.execute("SELECT * FROM file")}
    lines: dict[int, set[bytes]] = defaultdict(set)
    for file, trace, bits in db.execute("SELECT file, trace, bits FROM lines"):
        if trace in traces:
            lines[file].add(bits)
    arcs: dict[int, set[bytes]] = defaultdict(set)
    for file, trace, data in db.execute("SELECT file, trace, data FROM arcs"):
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

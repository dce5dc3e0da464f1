"""What the tests of one recording had in common: what ran once for all of them.

A function that remembers runs in full for the first test that asks it, and a module that is
imported late is executed for the first test that needs it. The lines are booked on that test; the
others would run them in its place. So it is kept, recording by recording, what ran of such
functions (and beneath them), whoever ran it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

from covgate.traces.bits import pack_arcs, pack_lines, unpack_arcs, unpack_lines
from covgate.traces.executed import Executed
from covgate.traces.model import Ran

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable

    from covgate.source.blocks.facts import Body, Facts, Span
    from covgate.traces.spool import Process

    Arc = tuple[int, int]
    Arcs = Mapping[str, frozenset[Arc]]
    Lines = Mapping[str, frozenset[int]]

B = TypeVar("B", "Body", "Span")


def remembered_of(
    process: Process,
    facts_of: Callable[[str], Facts],
    blob: Callable[[str], str],
    outside_lines: Lines,
    outside_arcs: Arcs,
) -> dict[str, Ran]:
    """Return, by path, what ran that tests may have found done: see above.

    `outside_lines` and `outside_arcs` are what ran outside of tests.
    """
    paths = {one.path for one in process.files.values()}
    around = defaultdict[str, Mapping[int, "Body"]](dict)
    around.update((path, by_line(facts_of(path).bodies)) for path in paths)
    in_tests = _ran(process, ("test", "fixture"))
    late = {path for path, (lines, _) in in_tests.items() if lines - around[path].keys()}
    wanted = _shared(process, facts_of, late)
    found: dict[str, Ran] = {}
    for path in {*in_tests, *outside_lines}:
        lines, arcs = in_tests.get(path, (frozenset(), frozenset()))
        some = {line for line, body in around[path].items() if body.key in wanted[path]}
        other = around[path].keys() - some
        kept = (lines - other) | (outside_lines.get(path, frozenset()) & some)
        kept_arcs = {arc for arc in arcs if line_of(arc) not in other}
        kept_arcs |= {arc for arc in outside_arcs.get(path, ()) if line_of(arc) in some}
        if (kept or kept_arcs) and blob(path):
            packed = pack_arcs(kept_arcs) if kept_arcs else None
            found[path] = Ran(blob(path), pack_lines(kept), packed)
    return found


def by_line(bodies: Iterable[B]) -> Mapping[int, B]:
    """Return the innermost function around each line that lies in one; not in a module or class."""
    found: dict[int, B] = {}
    for body in sorted(bodies, key=lambda body: body.start):
        # The decorator of a nested function may be the first line: it comes before its statement.
        for line in range(min(body.line + 1, body.start), body.end + 1):
            if line not in found or found[line].start < body.start:
                found[line] = body
    return found


def line_of(arc: Arc) -> int:
    """Return the line in which an arc lies: arcs enter code by a negative number."""
    first, last = arc
    return first if first > 0 else abs(last)


def drop_recordings(db: sqlite3.Connection) -> None:
    """Drop the recordings of which no trace is left; call it inside of a transaction."""
    for table, key in (("recording", "id"), ("remembered", "recording")):
        db.execute(f"DELETE FROM {table} WHERE {key} NOT IN (SELECT recording FROM company)")


def _ran(
    process: Process, kinds: tuple[str, ...]
) -> dict[str, tuple[frozenset[int], frozenset[Arc]]]:
    numbers = [number for number, ctx in process.contexts.items() if ctx.kind in kinds]
    lines, arcs = Executed(process).of(numbers)
    return {
        path: (unpack_lines(bits), unpack_arcs(arcs[path]) if path in arcs else frozenset())
        for path, bits in lines.items()
    }


def _shared(
    process: Process, facts_of: Callable[[str], Facts], late: set[str]
) -> Mapping[str, set[str]]:
    """Return, by path, the functions that may remember, with all that ran beneath them.

    And those that ran beneath modules that were imported late.
    """
    found: dict[str, set[str]] = defaultdict(set)
    places: set[tuple[str, int, str]] = set()
    for number, ctx in process.contexts.items():
        if ctx.kind == "state":
            places.add((ctx.name, ctx.facts["line"], ctx.facts["code"]))
        elif ctx.kind != "import" or ctx.name not in late:
            continue
        for other in _reach(process, number):
            items = process.contexts[other].items
            places |= {(one[1], one[2], one[3]) for one in items if one[0] in ("b", "B")}
    for path, line, name in places:
        bodies = facts_of(path).bodies
        exact = [one for one in bodies if one.first == line and _name(one) == name]
        around = [one for one in bodies if one.start <= line <= one.end]
        body = exact[0] if exact else max(around, key=lambda one: one.start, default=None)
        if body is not None:
            found[path].add(body.key)
    return found


def _name(body: Body) -> str:
    return body.key.partition("#")[0].rpartition(".")[2]


def _reach(process: Process, start: int) -> set[int]:
    seen, pending = {start}, [start]
    while pending:
        for other in process.contexts[pending.pop()].uses - seen:
            if other in process.contexts:
                seen.add(other)
                pending.append(other)
    return seen

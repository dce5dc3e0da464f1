"""What the tests of one recording had in common: what ran once for all of them.

A function that remembers runs in full for the first test that asks it, and a module that is
imported late is executed for the first test that needs it. The lines are booked on that test; the
others would run them in its place. So it is kept, recording by recording, what ran of such
functions (and beneath them), whoever ran it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeVar

from covgate.traces.bits import pack_arcs, pack_lines, unpack_arcs, unpack_lines
from covgate.traces.executed import Executed
from covgate.traces.model import Ran

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Mapping

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
    bodies = {path: facts_of(path).bodies for path in {one.path for one in process.files.values()}}
    in_tests = _ran(process, ("test", "fixture"))
    late = {
        path
        for path, (lines, _) in in_tests.items()
        if any(innermost(bodies.get(path, ()), line) is None for line in lines)
    }
    wanted = _shared(process, facts_of, late)
    found: dict[str, Ran] = {}
    for path in {*in_tests, *outside_lines}:
        lines, arcs = in_tests.get(path, (frozenset(), frozenset()))
        keys = {None, *wanted[path]}
        kept = {line for line in lines if _key(bodies.get(path, ()), line) in keys}
        kept_arcs = {arc for arc in arcs if _key(bodies.get(path, ()), line_of(arc)) in keys}
        some = wanted[path]
        kept |= {n for n in outside_lines.get(path, ()) if _key(bodies.get(path, ()), n) in some}
        kept_arcs |= {
            arc
            for arc in outside_arcs.get(path, ())
            if _key(bodies.get(path, ()), line_of(arc)) in some
        }
        if (kept or kept_arcs) and blob(path):
            packed = pack_arcs(kept_arcs) if kept_arcs else None
            found[path] = Ran(blob(path), pack_lines(kept), packed)
    return found


def innermost(bodies: Iterable[B], line: int) -> B | None:
    """Return the function that a line lies in, None for one of the module or of a class."""
    # The decorator of a nested function may be the first line: it comes before its statement.
    around = (body for body in bodies if min(body.line + 1, body.start) <= line <= body.end)
    return max(around, key=lambda body: body.start, default=None)


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


def _key(bodies: Iterable[Body], line: int) -> str | None:
    body = innermost(bodies, line)
    return None if body is None else body.key


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

"""On whose account functions ran outside of tests: their lines go with that file, not their own.

A test module may call a function when it is imported, and pytest may when it collects what it finds
there. The run of other tests imports the file of the function, too, and does not call it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from covgate.traces.postings import inner

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from covgate.gate.evidence import Archive
    from covgate.source.blocks.facts import Span
    from covgate.traces.model import Trace

Part = tuple[str, str, list[Any]]
Place = tuple[str, str]


def divide(
    archive: Archive, held: Iterable[Trace], imports: Mapping[str, Iterable[Any]]
) -> list[Part]:
    """Divide what ran outside of tests, by path (lines or arcs), by the file on whose account.

    That of functions belongs to the files that called them on import, and to the test files that
    did when they were collected, as far as traces that hold know of it; the rest to its own file.
    """
    bodies = {path: _bodies(archive, path) for path in imports}
    called: dict[Place, list[Any]] = defaultdict(list)
    parts: list[Part] = []
    for path, items in imports.items():
        own: list[Any] = []
        for item in items:
            body = _innermost(bodies[path], _line(item))
            (own if body is None else called[path, body.key]).append(item)
        parts.append((path, path, own))
    hashes = {
        (path, body.key): body.hash
        for path in {path for path, _ in called}
        for body in archive.facts_of(path).bodies
        if (path, body.key) in called
    }
    callers = _callers(archive, [*held], hashes)
    parts += [
        (place[0], caller, items)
        for place, items in called.items()
        for caller in sorted(callers.get(place, ()))
    ]
    return parts


def _callers(
    archive: Archive, held: Sequence[Trace], hashes: Mapping[Place, str]
) -> Mapping[Place, set[str]]:
    """Return the files on whose import or collection each of some functions may have run."""
    if not hashes:
        return {}
    backwards = archive.store.backwards
    own: dict[int, set[str]] = defaultdict(set)
    shared = {number for trace in held for number in trace.sets[1:]}
    for trace in held:
        own[trace.sets[0]].add(trace.file)
    at = backwards.at({path for path, _ in hashes})
    unchanged = _unchanged(
        archive, [one.path for one in at.values() if one.kind == "under"], shared
    )
    found: dict[Place, set[str]] = defaultdict(set)
    for number, one in at.items():
        about = inner(one) if one.kind == "under" else one
        place = about.path, about.key
        if hashes.get(place) != about.value:
            continue
        sets = backwards.sets_with([number])
        if one.kind != "under":
            for holder in sets & own.keys():
                found[place].update(own[holder])
        elif sets & shared and (one.path == about.path or one.path in unchanged):
            found[place].add(one.path)
    return found


def _unchanged(archive: Archive, paths: Iterable[str], shared: set[int]) -> set[str]:
    """Return which files some sets hold in their present version."""
    backwards = archive.store.backwards
    return {
        one.path
        for number, one in backwards.at(paths).items()
        if one.kind == "module"
        and one.value == archive.tree.blob(one.path)
        and backwards.sets_with([number]) & shared
    }


def _bodies(archive: Archive, path: str) -> list[Span]:
    """Return the functions of a file whose lines are not those of their headers."""
    return [body for body in archive.spans_of(path) if body.start > body.line]


def _innermost(bodies: Iterable[Span], line: int) -> Span | None:
    around = (body for body in bodies if body.start <= line <= body.end)
    return max(around, key=lambda body: body.start, default=None)


def _line(item: Any) -> int:
    """Return a line, or the one in which an arc lies: arcs enter code by a negative number."""
    first, last = (item, item) if isinstance(item, int) else item
    return int(first if first > 0 else abs(last))

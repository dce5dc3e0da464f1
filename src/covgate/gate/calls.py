"""Which functions ran while a file was imported: their lines go with that file, not with their own.

A test module may call a function when it is collected. The run of other tests imports the file of
the function, too, and does not call it: what it executes then is not all that importing executes.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from covgate.traces.model import Input

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from covgate.gate.evidence import Archive
    from covgate.source.blocks.facts import Body
    from covgate.traces.model import Trace

Part = tuple[str, str, list[Any]]


class Calls(NamedTuple):
    """The files on whose import each function ran, by its file and key.

    Only functions, and files that import, which are as they were when it was seen.
    """

    archive: Archive
    importers: Mapping[tuple[str, str], frozenset[str]]

    def by_importer(self, path: str, items: Iterable[Any]) -> list[Part]:
        """Divide what ran of a file outside of tests (lines or arcs) by the file being imported.

        What ran in a function that no import is known to have called is left out.
        """
        bodies = [body for body in self.archive.facts_of(path).bodies if body.start > body.line]
        found: dict[str, list[Any]] = defaultdict(list)
        for item in items:
            body = _innermost(bodies, _line(item))
            for importer in self.importers.get((path, body.key), ()) if body else (path,):
                found[importer].append(item)
        return [(path, importer, some) for importer, some in found.items()]


def read_calls(archive: Archive, held: Iterable[Trace]) -> Calls:
    """Return the functions that ran on import, as far as traces that hold know of them."""
    evidence = archive.evidence
    sets = {number for trace in held for number in trace.sets}
    used = [evidence.inputs[one] for one in {i for n in sets for i in evidence.sets.get(n, ())}]
    modules = {
        one.path
        for one in used
        if one.kind == "module" and one.value == archive.tree.blob(one.path)
    }
    importers: dict[tuple[str, str], set[str]] = defaultdict(set)
    hashes: dict[str, dict[str, str]] = {}
    for one in used:
        importer, called = one.path, one
        if one.kind == "under":
            called = Input(*json.loads(one.value))
            if importer not in modules and importer != called.path:
                continue
        if called.kind not in ("body", "shared"):
            continue
        path = called.path
        if path not in hashes:
            hashes[path] = {body.key: body.hash for body in archive.facts_of(path).bodies}
        if hashes[path].get(called.key) == called.value:
            # What tests call themselves, some may have called when they were collected.
            importers[path, called.key].add(importer)
    return Calls(archive, {place: frozenset(found) for place, found in importers.items()})


def _innermost(bodies: Iterable[Body], line: int) -> Body | None:
    around = (body for body in bodies if body.start <= line <= body.end)
    return max(around, key=lambda body: body.start, default=None)


def _line(item: Any) -> int:
    """Return a line, or the one in which an arc lies: arcs enter code by a negative number."""
    first, last = (item, item) if isinstance(item, int) else item
    return int(first if first > 0 else abs(last))

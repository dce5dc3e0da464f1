"""What tests executed whose results are reused, as it stands in the tree under judgement."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

from covgate.gate.calls import divide
from covgate.gate.evidence import measures_branches
from covgate.source.blocks.alignment import align

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from covgate.gate.evidence import Archive
    from covgate.impact.selection import Selection
    from covgate.traces.model import Trace
    from covgate.traces.ran import Owned

    Move = Callable[[int], int | None]

Key = tuple[str, str]
T = TypeVar("T")


def executed_earlier(archive: Archive, selection: Selection) -> str:
    """Return, as JSON, what reused tests executed of each file: lines, or arcs with branches.

    Each is [path, other file, lines]: what tests executed has no other file and counts always; the
    rest ran while a file was imported, and counts unless the run imports that file itself. Empty
    when the coverage of the project can't be told: not every test runs or has a trace, or all run.
    """
    if not (selection.held if selection.everything else selection.knows_suite):
        return ""
    traces = {trace.id for trace in selection.held.values()}
    executed = archive.store.executed(archive.environment, traces)
    target = _Target(archive)
    tests: dict[str, list[Any]]
    imports: dict[str, list[Any]]
    if target.has_arcs:
        tests, imports = dict(target.arcs(executed.arcs)), dict(target.arcs(executed.module_arcs))
        for path, carried in selection.carried.items():
            # Lines that are known to run without knowing from where: they lead to themselves.
            tests.setdefault(path, []).extend((line, line) for line in carried.of_tests)
            imports.setdefault(path, []).extend((line, line) for line in carried.on_import)
    else:
        tests, imports = target.lines(executed.lines), target.lines(executed.module_lines)
        for path, carried in selection.carried.items():
            tests[path] = sorted({*tests.get(path, ()), *carried.of_tests})
            imports[path] = sorted(carried.on_import)
    of_tests = [(path, "", items) for path, items in tests.items()]
    parts = divide(archive, selection.held.values(), imports, target.of_owned)
    return json.dumps([*of_tests, *parts])


Contexts = dict[str, dict[str, list[Any]]]


def executed_by_context(archive: Archive, held: Mapping[str, Trace]) -> tuple[bool, Contexts]:
    """Return whether branches are measured, and what each test executed, by id and path.

    What ran outside of any test stands under the empty name.
    """
    target = _Target(archive)
    modules = archive.store.executed(archive.environment, ())
    imports: Mapping[str, list[Any]] = (
        target.arcs(modules.module_arcs) if target.has_arcs else target.lines(modules.module_lines)
    )
    outside: dict[str, list[Any]] = {}
    for path, _, items in divide(archive, held.values(), imports, target.of_owned):
        outside.setdefault(path, []).extend(items)
    contexts: Contexts = {"": outside}
    for test, trace in held.items():
        ran = archive.store.executed_by(trace.id)
        contexts[test] = dict(target.arcs(ran.arcs) if target.has_arcs else target.lines(ran.lines))
    return target.has_arcs, contexts


class _Target:
    """The tree under judgement: where lines of earlier versions of its files stand."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._moves: dict[Key, Move] = {}
        self.has_arcs = measures_branches(archive.snapshot)

    def of_owned(self, owned: Owned) -> Mapping[str, list[Any]]:
        """Return, by path of the target, what ran on a file's account: lines, or arcs."""
        return self.arcs(owned.arcs) if self.has_arcs else self.lines(owned.lines)

    def lines(self, by_key: Mapping[Key, frozenset[int]]) -> dict[str, list[int]]:
        """Return lines by path of the target."""
        found: dict[str, set[int]] = {}
        for key, lines in self._known(by_key):
            move = self._move(key)
            places = (move(line) for line in lines)
            found.setdefault(key[0], set()).update(place for place in places if place is not None)
        return {path: sorted(lines) for path, lines in found.items()}

    def arcs(
        self, by_key: Mapping[Key, frozenset[tuple[int, int]]]
    ) -> dict[str, list[tuple[int, int]]]:
        """Return arcs by path of the target."""
        found: dict[str, set[tuple[int, int]]] = {}
        for key, arcs in self._known(by_key):
            move = self._move(key)
            ends = ((move(start), move(end)) for start, end in arcs)
            found.setdefault(key[0], set()).update(
                (start, end) for start, end in ends if start is not None and end is not None
            )
        return {path: sorted(arcs) for path, arcs in found.items()}

    def _known(self, by_key: Mapping[Key, T]) -> Iterator[tuple[Key, T]]:
        """Yield what is about files of the tree."""
        for key, items in by_key.items():
            if key[0] in self._archive.tree.paths:
                yield key, items

    def _move(self, key: Key) -> Move:
        if key not in self._moves:
            self._moves[key] = _move(self._archive, *key)
        return self._moves[key]


def _move(archive: Archive, path: str, blob: str) -> Move:
    """Return where a line of an earlier version stands now; None where it does not."""
    if archive.tree.blob(path) == blob:
        return lambda line: line
    old, new = (
        archive.source_of(blob),
        archive.snapshot.read(path) if path in archive.snapshot.entries else None,
    )
    alignment = align(old, new) if old is not None and new is not None else None
    if alignment is None:
        return lambda _line: None
    moved, first = alignment.moved, alignment.statement_of

    def move(line: int) -> int | None:
        # Arcs enter and leave code objects by the negative of their first line.
        # A decorated function has two lines that run: its decorator's and its own.
        place = moved.get(abs(line)) or moved.get(first.get(abs(line), abs(line)))
        return None if place is None else place if line > 0 else -place

    return move

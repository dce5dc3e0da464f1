"""What tests executed whose results are reused, as it stands in the tree under judgement."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

from covgate.gate.calls import divide
from covgate.gate.evidence import measures_branches
from covgate.traces.bits import unpack_arcs, unpack_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from covgate.gate.calls import Part, Place
    from covgate.gate.evidence import Archive
    from covgate.impact.carried import Carried
    from covgate.impact.selection import Selection
    from covgate.traces.model import Ran, Trace
    from covgate.traces.ran import Executed, Owned

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
    return json.dumps(assemble(archive, selection.held, selection.carried, selection.hooks))


def assemble(
    archive: Archive,
    held: Mapping[str, Trace],
    carried: Mapping[str, Carried],
    hooks: frozenset[Place] = frozenset(),
    only: Collection[str] | None = None,
) -> Sequence[Part]:
    """Return what tests whose traces hold executed (see above), as it stands in the tree.

    `carried` is what is known of changed files; `hooks` are functions that the run at hand calls
    as a full one does. It is kept: the same is asked more than once; not what is of `only` some
    files.
    """
    if only is not None:
        return _assembled(archive, held, carried, hooks, only)
    asked = frozenset(trace.id for trace in held.values()), hooks
    known = _Kept.of(archive)
    if known.parts is None or known.asked != asked or known.carried is not carried:
        known.parts = _assembled(archive, held, carried, hooks)
        known.asked, known.carried = asked, carried
    return known.parts


def _assembled(
    archive: Archive,
    held: Mapping[str, Trace],
    by_path: Mapping[str, Carried],
    hooks: frozenset[Place],
    only: Collection[str] | None = None,
) -> list[Part]:
    traces = {trace.id for trace in held.values()}
    executed = archive.store.executed(archive.environment, traces, only)
    target = target_of(archive)
    tests: dict[str, list[Any]]
    imports: dict[str, list[Any]]
    if target.has_arcs:
        tests, imports = dict(target.arcs(executed.arcs)), dict(target.arcs(executed.module_arcs))
        for path, carried in by_path.items():
            # Lines that are known to run without knowing from where: they lead to themselves.
            tests.setdefault(path, []).extend((line, line) for line in carried.of_tests)
            imports.setdefault(path, []).extend((line, line) for line in carried.on_import)
    else:
        tests, imports = target.lines(executed.lines), target.lines(executed.module_lines)
        for path, carried in by_path.items():
            tests[path] = sorted({*tests.get(path, ()), *carried.of_tests})
            imports[path] = sorted(carried.on_import)
    of_tests = [(path, "", items) for path, items in tests.items()]
    return [*of_tests, *divide(archive, held.values(), imports, target.of_owned, hooks)]


Contexts = dict[str, dict[str, list[Any]]]


def executed_by_context(archive: Archive, held: Mapping[str, Trace]) -> tuple[bool, Contexts]:
    """Return whether branches are measured, and what each test executed, by id and path.

    What ran outside of any test stands under the empty name.
    """
    target = target_of(archive)
    modules = archive.store.executed(archive.environment, ())
    imports: Mapping[str, list[Any]] = (
        target.arcs(modules.module_arcs) if target.has_arcs else target.lines(modules.module_lines)
    )
    outside: dict[str, list[Any]] = {}
    for path, _, items in divide(archive, held.values(), imports, target.of_owned):
        outside.setdefault(path, []).extend(items)
    contexts: Contexts = {"": outside}
    for test, trace in held.items():
        contexts[test] = dict(target.of_executed(archive.store.executed_by(trace.id)))
    return target.has_arcs, contexts


def branches_known(
    archive: Archive, path: str, lines: Mapping[int, frozenset[int]]
) -> frozenset[int]:
    """Return the traces of which all is known that they did at some lines of a file of the tree.

    `lines` gives for each trace those that it ran: their arcs were recorded, and stand where they
    stood or have moved as a whole.
    """
    move_from = target_of(archive).move_from
    arcs = archive.store.arcs_of_path(path)
    moved: dict[tuple[str, bytes], tuple[frozenset[int], frozenset[int]]] = {}
    found = set()
    for trace, asked in lines.items():
        ran = arcs.get(trace)
        if ran is None:
            continue
        if ran not in moved:
            move = move_from((path, ran[0]))
            ends = [(move(start), move(end)) for start, end in unpack_arcs(ran[1])]
            moved[ran] = (
                frozenset(start for start, end in ends if start and end),
                frozenset(start for start, end in ends if start and not end),
            )
        known, lost = moved[ran]
        if asked <= known and asked.isdisjoint(lost):
            found.add(trace)
    return frozenset(found)


def target_of(archive: Archive) -> Target:
    """Return where lines of earlier versions stand in the tree that an archive sees."""
    return _Kept.of(archive).target


class Target:
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
        found: dict[str, frozenset[int]] = {}
        for key, lines in self._known(by_key):
            here = lines
            if self._archive.tree.blob(key[0]) != key[1]:
                move = self.move_from(key)
                here = frozenset(place for line in lines if (place := move(line)) is not None)
            found[key[0]] = found[key[0]] | here if key[0] in found else here
        return {path: sorted(lines) for path, lines in found.items()}

    def arcs(
        self, by_key: Mapping[Key, frozenset[tuple[int, int]]]
    ) -> dict[str, list[tuple[int, int]]]:
        """Return arcs by path of the target."""
        found: dict[str, set[tuple[int, int]]] = {}
        for key, arcs in self._known(by_key):
            move = self.move_from(key)
            ends = ((move(start), move(end)) for start, end in arcs)
            found.setdefault(key[0], set()).update(
                (start, end) for start, end in ends if start is not None and end is not None
            )
        return {path: sorted(arcs) for path, arcs in found.items()}

    def of_executed(self, ran: Executed) -> Mapping[str, list[Any]]:
        """Return, by path of the target, what tests executed: lines, or arcs."""
        return self.arcs(ran.arcs) if self.has_arcs else self.lines(ran.lines)

    def of_ran(self, by_path: Mapping[str, Ran]) -> Mapping[str, list[Any]]:
        """Return, by path of the target, what ran of versions of files: lines, or arcs."""
        if self.has_arcs:
            arcs = {(path, ran.blob): ran.arcs for path, ran in by_path.items()}
            return self.arcs({key: unpack_arcs(data) for key, data in arcs.items() if data})
        return self.lines({(p, ran.blob): unpack_lines(ran.lines) for p, ran in by_path.items()})

    def _known(self, by_key: Mapping[Key, T]) -> Iterator[tuple[Key, T]]:
        """Yield what is about files of the tree."""
        for key, items in by_key.items():
            if key[0] in self._archive.tree.paths:
                yield key, items

    def move_from(self, key: Key) -> Move:
        """Return where a line of a version of a file stands now; None where it does not."""
        if key not in self._moves:
            self._moves[key] = _move(self._archive, *key)
        return self._moves[key]


class _Kept:
    """What was computed for an archive already."""

    def __init__(self, archive: Archive) -> None:
        self.target = Target(archive)
        self.asked: tuple[frozenset[int], frozenset[Place]] | None = None
        self.carried: Mapping[str, Carried] = {}
        self.parts: list[Part] | None = None

    @staticmethod
    def of(archive: Archive) -> _Kept:
        """Return what is kept for an archive."""
        kept = archive.computed.get(_Kept)
        if not isinstance(kept, _Kept):
            kept = archive.computed[_Kept] = _Kept(archive)
        return kept


def _move(archive: Archive, path: str, blob: str) -> Move:
    """Return where a line of an earlier version stands now; None where it does not."""
    if archive.tree.blob(path) == blob:
        return lambda line: line
    old, new = (
        archive.source_of(blob),
        archive.snapshot.read(path) if path in archive.snapshot.entries else None,
    )
    alignment = (
        archive.store.alignments.align(old, new) if old is not None and new is not None else None
    )
    if alignment is None:
        return lambda _line: None
    moved, first = alignment.moved, alignment.statement_of

    def move(line: int) -> int | None:
        # Arcs enter and leave code objects by the negative of their first line.
        # A decorated function has two lines that run: its decorator's and its own.
        place = moved.get(abs(line)) or moved.get(first.get(abs(line), abs(line)))
        return None if place is None else place if line > 0 else -place

    return move

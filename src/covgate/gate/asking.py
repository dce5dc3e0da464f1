"""Whether functions that remember were asked as a full run would ask them: first, or again.

One and the same test computes a value when it is the first to ask, and finds it there otherwise.
Traces of several recordings show each test among others than a full run has. That does not matter
where what was seen in any case shows both ways of each decision.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from covgate.change.snapshot import SUBMODULE_MODE
from covgate.gate.assembly import target_of
from covgate.source.blocks.questions import questions
from covgate.traces.bits import unpack_arcs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from covgate.gate.evidence import Archive
    from covgate.source.blocks.facts import Span
    from covgate.source.blocks.questions import Question
    from covgate.traces.model import Trace


class _Asked(NamedTuple):
    """A function that remembers, who enters it, and those who did when no other was missing."""

    path: str
    body: Span
    tests: frozenset[str]
    certain: tuple[Trace, ...]


def undecided(archive: Archive, counted: Mapping[str, Trace]) -> frozenset[str]:
    """Return the tests, of those whose traces count, that may take another way in a full run."""
    found: set[str] = set()
    by_path: dict[str, list[_Asked]] = defaultdict(list)
    for one in _apart(archive, counted):
        by_path[one.path].append(one)
    for path, some in by_path.items():
        text = archive.snapshot.read(path)
        asked = questions(text) if text is not None else {}
        if not asked.keys() & {one.body.line for one in some}:
            continue
        ran = _Ran(archive, path)
        for one in some:
            if not ran.shows(asked.get(one.body.line, ()), one.certain):
                found |= one.tests
    return frozenset(found)


def _apart(archive: Archive, counted: Mapping[str, Trace]) -> Iterable[_Asked]:
    """Yield the functions that tests entered which did not all run together."""
    if len({trace.recording for trace in counted.values()}) < 2 and not _any_gone(archive, counted):
        return
    bodies = {
        (path, body.key): body
        for path, entry in archive.snapshot.entries.items()
        if path.endswith(".py") and entry.mode != SUBMODULE_MODE
        for body in archive.spans_of(path)
        if body.keeps_state
    }
    numbers: dict[tuple[str, str], list[int]] = defaultdict(list)
    backwards = archive.store.backwards
    for number, one in backwards.at({path for path, _ in bodies}).items():
        if one.kind == "body" and (one.path, one.key) in bodies:
            numbers[one.path, one.key].append(number)
    alive = {trace.id for trace in counted.values()}
    by_set: dict[int, list[Trace]] = defaultdict(list)
    for trace in archive.traces:
        by_set[trace.sets[0]].append(trace)
    for (path, key), some in numbers.items():
        entered = [trace for one in backwards.sets_with(some) for trace in by_set.get(one, ())]
        tests = [trace for trace in entered if trace.id in alive]
        recordings = {trace.recording for trace in tests}
        # From when on a recording had somebody who asks no more, or does something else.
        gone: dict[int, float] = {}
        for trace in entered:
            if trace.id not in alive and trace.recording in recordings:
                gone[trace.recording] = min(trace.at, gone.get(trace.recording, trace.at))
        if len(recordings) > 1 or gone:
            certain = [one for one in tests if one.at < gone.get(one.recording, float("inf"))]
            names = frozenset(trace.test for trace in tests)
            yield _Asked(path, bodies[path, key], names, tuple(certain))


def _any_gone(archive: Archive, counted: Mapping[str, Trace]) -> bool:
    alive = {trace.id for trace in counted.values()}
    recordings = {trace.recording for trace in counted.values()}
    return any(one.id not in alive and one.recording in recordings for one in archive.traces)


class _Ran:
    """What traces ran of one file, as it stands in the tree."""

    def __init__(self, archive: Archive, path: str) -> None:
        self._path = path
        self._target = target_of(archive)
        self._arcs = archive.store.arcs_of_path(path) if self._target.has_arcs else {}
        self._lines = {} if self._target.has_arcs else archive.lines_of_path(path)

    def shows(self, asked: Iterable[Question], traces: Iterable[Trace]) -> bool:
        """Whether some traces took both ways of each question."""
        ids = {trace.id for trace in traces}
        if self._target.has_arcs:
            packed = {self._arcs[one] for one in ids & self._arcs.keys()}
            by_key = defaultdict(set)
            for blob, data in packed:
                by_key[self._path, blob] |= unpack_arcs(data)
            kept = {key: frozenset(arcs) for key, arcs in by_key.items()}
            arcs = self._target.arcs(kept).get(self._path, [])
            return all(
                len({b for a, b in arcs if one.first <= a <= one.last and not one.first <= b <= one.last}) > 1
                for one in asked
            )
        ran: dict[tuple[str, str], frozenset[int]] = {}
        for blob, lines in {self._lines[one] for one in ids & self._lines.keys()}:
            ran[self._path, blob] = ran.get((self._path, blob), frozenset()) | lines
        seen = {*self._target.lines(ran).get(self._path, ())}
        return all(seen.issuperset(one.ways) for one in asked)

"""Whether functions that remember were asked as a full run would ask them: first, or again.

One and the same test computes a value when it is the first to ask, and finds it there otherwise.
Traces of several recordings show each test among others than a full run has. That does not matter
where what was seen in any case shows both ways of each decision, nor where each test asks an object
that it made itself and that nobody else comes upon.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from covgate.gate.assembly import target_of
from covgate.source.blocks.modules import BUILT
from covgate.source.blocks.questions import questions_of
from covgate.source.lifetimes.belongings import CREATOR
from covgate.source.lifetimes.confined import confined
from covgate.traces.bits import unpack_arcs
from covgate.traces.tally import by_recording, tally

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from covgate.gate.evidence import Archive
    from covgate.source.blocks.facts import Span
    from covgate.source.blocks.questions import Question
    from covgate.traces.model import Trace


# So many tests have seen what they share in all of its states.
_MANY = 20


class _Asked(NamedTuple):
    """A function that remembers, who enters it, and those who did when no other was missing.

    `counted` are the traces that count, of those who enter it.
    """

    path: str
    body: Span
    counted: tuple[Trace, ...]
    certain: tuple[Trace, ...]


def undecided(
    archive: Archive, counted: Mapping[str, Trace], expected: Iterable[Trace]
) -> frozenset[str]:
    """Return the tests, of those whose traces count, that may take another way in a full run.

    The tests of traces that are `expected` run now, and ask the same again.
    """
    found: set[str] = set()
    by_path: dict[str, list[_Asked]] = defaultdict(list)
    for one in _apart(archive, counted, tuple(expected)):
        by_path[one.path].append(one)
    for path, some in by_path.items():
        asked = questions_of(archive.snapshot.read(path) or b"")
        ran = _Ran(archive, path)
        for one in some:
            told = archive.told.get((path, one.body.key), frozenset())
            name = one.body.key.partition(".")[0]
            every = asked.of(one.body.line, told=told)
            if ran.shows(_open(every, one.certain), one.certain):
                # What nobody else finds in an object of its own does not say what it is elsewhere.
                shared = asked.of(one.body.line, name, told)
                own = [each for each in every if each not in shared]
                if not own or ran.shows(_open(own, _sharing(archive, one, name)), one.certain):
                    continue
            apart = name if _makes_its_own(archive, one, name) else ""
            if not apart or not ran.shows(
                _open(asked.of(one.body.line, apart, told), one.certain), one.certain
            ):
                found |= {trace.test for trace in one.counted}
    return frozenset(found)


def _open(asked: Collection[Question], certain: Collection[Trace]) -> Sequence[Question]:
    """Return the questions whose answers matter, of those who are `certain` to have asked.

    What stands for itself, and was asked at many moments, from the first on, was in each of its
    states then: memory does not lead to a way that nobody took.
    """
    return [each for each in asked if each.keyed or len(certain) < _MANY]


def _sharing(archive: Archive, one: _Asked, name: str) -> Collection[Trace]:
    """Return who is certain to have asked an object that others may ask: they made none.

    All of them, where each made an object of its own.
    """
    sets = _makers(archive, one, name)
    if all(trace.sets[0] in sets for trace in (*one.counted, *one.certain)):
        return one.certain
    return [trace for trace in one.certain if trace.sets[0] not in sets]


def _makers(archive: Archive, one: _Asked, name: str) -> set[int]:
    """Return the sets of those who made an object of a class."""
    backwards = archive.moment.backwards
    made = (one.path, f"{name}.{CREATOR}")
    return backwards.sets_with(
        number
        for number, about in backwards.at([one.path]).items()
        if about.kind == "body" and (about.path, about.key) == made
    )


def _makes_its_own(archive: Archive, one: _Asked, name: str) -> bool:
    """Whether all who enter a method make an object of its class, which nobody else comes upon."""
    sets = _makers(archive, one, name)
    if not sets or not all(trace.sets[0] in sets for trace in (*one.counted, *one.certain)):
        return False
    key = (confined, one.path, name)
    if key not in archive.computed:
        archive.computed[key] = _is_confined(archive, name, one.path)
    return bool(archive.computed[key])


def _is_confined(archive: Archive, name: str, path: str) -> bool:
    """Whether the text of the project shows it; what can't be read may do anything."""
    if archive.tree.has_links:
        return False
    paths = _in_tests(archive, [one for one in archive.tree.paths if one.endswith((".py", *BUILT))])
    archive.snapshot.read_ahead(paths)
    read = archive.snapshot.read
    texts = {one: text for one in paths if (text := read(one)) is not None}
    return len(texts) == len(paths) and confined(name, path, texts)


def _in_tests(archive: Archive, paths: Sequence[str]) -> list[str]:
    """Return those of some files that a test was ever seen to import, to run or to read."""
    backwards = archive.moment.backwards
    imported = backwards.versions(paths)
    others = {one.path for kind in ("whole", "file") for one in backwards.of_kind(kind).values()}
    return [one for one in paths if one in imported or one in others]


def _apart(
    archive: Archive, counted: Mapping[str, Trace], expected: tuple[Trace, ...]
) -> Iterable[_Asked]:
    """Yield the functions that tests entered which did not all run together."""
    moment = archive.moment
    counts = by_recording(tally(counted))
    is_one = len(counts) < 2 and not expected
    if is_one and all(moment.recorded(one) == there for one, there in counts.items()):
        return
    everyone, places = _entered(archive)
    moment.read_ahead({trace.test for trace in everyone})
    counting = {trace.id for trace in everyone if _counts(counted, trace)}
    expects = {trace.id for trace in expected}
    files = _Files(archive)
    for path, body, entered in places:
        tests = [trace for trace in entered if trace.id in counting]
        again = [trace for trace in entered if trace.id in expects]
        recordings = {trace.recording for trace in tests}
        # From when on a recording had somebody who asks no more, or does something else.
        gone: dict[int, float] = {}
        lost = [
            trace
            for trace in entered
            if trace.recording in recordings
            and trace.id not in counting
            and trace.id not in expects
        ]
        still = (trace for trace in entered if trace.id in counting or trace.id in expects)
        asking = {files.of(trace) for trace in still} if lost else set()
        for trace in lost:
            if files.of(trace) in asking:
                continue  # the test is the same, and asks still; something else changed
            gone[trace.recording] = min(trace.at, gone.get(trace.recording, trace.at))
        if tests and (len(recordings) + bool(again) > 1 or gone):
            certain = [one for one in tests if one.at < gone.get(one.recording, float("inf"))]
            # What runs again is taken to go the ways that it went.
            yield _Asked(path, body, tuple(tests), (*certain, *again))


def _counts(counted: Mapping[str, Trace], trace: Trace) -> bool:
    own = counted.get(trace.test)
    return own is not None and own.id == trace.id


_Entered = list[tuple[str, "Span", list["Trace"]]]


def _entered(archive: Archive) -> tuple[Sequence[Trace], _Entered]:
    """Return the functions of the tree that remember, with the traces of who entered them.

    And all of these traces.
    """
    bodies = {
        (path, body.key): body
        for path in archive.remembering()
        if path in archive.snapshot.entries
        for body in archive.spans_of(path)
        if archive.keeps_state(path, body)
    }
    numbers: dict[tuple[str, str], list[int]] = defaultdict(list)
    backwards = archive.moment.backwards
    for number, one in backwards.at({path for path, _ in bodies}).items():
        if one.kind == "body" and (one.path, one.key) in bodies:
            numbers[one.path, one.key].append(number)
    sets = {place: backwards.sets_with(some) for place, some in numbers.items()}
    traces = archive.moment.traces_with(set[int]().union(*sets.values()))
    by_set: dict[int, list[Trace]] = defaultdict(list)
    for trace in traces:
        by_set[trace.sets[0]].append(trace)
    return traces, [
        (place[0], bodies[place], [trace for one in some & by_set.keys() for trace in by_set[one]])
        for place, some in sets.items()
    ]


class _Files:
    """The versions of the files that tests stood in when they were recorded."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._known: dict[int, Mapping[str, str]] = {}

    def of(self, trace: Trace) -> tuple[str, str]:
        """Return the test, and the version of the file that it stood in."""
        if len(trace.sets) < 2:
            return trace.test, ""
        number = trace.sets[1]
        if number not in self._known:
            inputs = self._archive.store.inputs_of([number]).values()
            self._known[number] = {one.path: one.value for one in inputs if one.kind == "module"}
        return trace.test, self._known[number].get(trace.file, "")


class _Ran:
    """What traces ran of one file, as it stands in the tree."""

    def __init__(self, archive: Archive, path: str) -> None:
        self._archive = archive
        self._path = path
        self._target = target_of(archive)

    @cached_property
    def _arcs(self) -> Mapping[int, tuple[str, bytes]]:
        return self._archive.store.arcs_of_path(self._path)

    @cached_property
    def _lines(self) -> Mapping[int, tuple[str, frozenset[int]]]:
        return self._archive.lines_of_path(self._path)

    def shows(self, asked: Collection[Question], traces: Iterable[Trace]) -> bool:
        """Whether some traces took both ways of each question."""
        if not asked:
            return True
        ids = {trace.id for trace in traces}
        if self._target.has_arcs:
            by_key: dict[tuple[str, str], set[tuple[int, int]]] = defaultdict(set)
            for blob, data in {self._arcs[one] for one in ids & self._arcs.keys()}:
                by_key[self._path, blob] |= unpack_arcs(data)
            kept = {key: frozenset(arcs) for key, arcs in by_key.items()}
            arcs = self._target.arcs(kept).get(self._path, [])
            entered = {line for arc in arcs for line in arc}
            return all(
                entered.issuperset(one.called) and (not one.ways or _takes_both(one, arcs))
                for one in asked
            )
        ran: dict[tuple[str, str], frozenset[int]] = {}
        for blob, lines in {self._lines[one] for one in ids & self._lines.keys()}:
            ran[self._path, blob] = ran.get((self._path, blob), frozenset()) | lines
        seen = {*self._target.lines(ran).get(self._path, ())}
        return all(seen.issuperset((*one.ways, *one.called)) for one in asked)


def _takes_both(asked: Question, arcs: Iterable[tuple[int, int]]) -> bool:
    own = range(asked.first, asked.last + 1)
    return len({end for start, end in arcs if start in own and end not in own}) > 1

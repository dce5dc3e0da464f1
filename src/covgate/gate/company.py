"""Which reused tests would run other lines in a full run, because others are gone or changed.

What is remembered is computed by the first test that asks, and its lines are booked on that test.
When it asks no more, another one computes it in its place: nobody knows from the evidence which
lines that one runs, so it has to run again.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, cast

from covgate.gate.asking import undecided
from covgate.gate.assembly import assemble, target_of
from covgate.impact.selection import Without
from covgate.traces.company import by_line, line_of
from covgate.traces.postings import inner
from covgate.traces.tally import by_recording, tally

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from covgate.change.model import Change
    from covgate.gate.evidence import Archive
    from covgate.impact.carried import Carried
    from covgate.source.blocks.facts import Span
    from covgate.traces.model import Trace

    Items = Mapping[str, set[Any]]

OTHER_LINES = "may run other lines now, because others filled what they find remembered"
WHY = "another test ran for it what is remembered, and does so no more"


def to_settle(
    archive: Archive,
    reuse: Mapping[str, Trace],
    change: Change,
    carried: Mapping[str, Carried],
    run: Mapping[str, str],
    patience: Callable[[], float],
) -> dict[str, str]:
    """Return the tests to run beside those of `run` for exact numbers.

    None if they took more seconds than `patience` gives.
    """
    held = Without(reuse, run.keys())
    # Tests that are changed themselves may do something else from now on.
    changed = {file.path for file in change.files}
    newest = {
        trace.test: trace
        for trace in reversed(archive.moment.of_tests(run))
        if trace.file not in changed
    }
    found = deserted(archive, held, carried, newest.values())
    if found and sum(held[test].seconds for test in found) > patience():
        return {}
    return dict.fromkeys(sorted(found), WHY)


def deserted(
    archive: Archive,
    held: Mapping[str, Trace],
    carried: Mapping[str, Carried],
    expected: Collection[Trace] = (),
    missed: Mapping[str, frozenset[int]] | None = None,
) -> frozenset[str]:
    """Return the tests whose traces hold, and may lack lines that they would run now.

    Of those whose traces are counted (`held`, with what is `carried` of changed files); what the
    traces that are `expected` ran will run. `missed` are the lines, by path, that nothing ran, or
    that took not all of their ways, where that is known: no others matter.
    """
    lost = _lost(archive, held, carried, expected, missed)
    # An earlier version did not keep who ran together.
    found = set[str]()
    if 0 in by_recording(tally(held)):
        found = {test for test, trace in held.items() if not trace.recording}
    for recording, (items, late) in lost.items():
        for trace in _dependents(archive, items, late):
            if trace.recording == recording and trace.test not in found:
                own = held.get(trace.test)
                if own is not None and own.id == trace.id:
                    found.add(trace.test)
    return frozenset(found) | undecided(archive, held, expected)


def _lost(
    archive: Archive,
    held: Mapping[str, Trace],
    carried: Mapping[str, Carried],
    expected: Iterable[Trace],
    missed: Mapping[str, frozenset[int]] | None,
) -> Mapping[int, tuple[Items, frozenset[str]]]:
    """Return, by recording, what ran in it for several tests, and in nothing that counts now.

    With the modules that were imported late in it.
    """
    target = target_of(archive)
    remembered: dict[int, Items] = {}
    late: dict[int, frozenset[str]] = {}
    for recording in _torn(archive, held):
        ran = target.of_ran(archive.store.remembered(recording))
        late[recording] = frozenset(path for path in ran if _is_late(archive, path, ran[path]))
        items = {path: _mattering(path, some, missed) for path, some in ran.items()}
        remembered[recording] = {path: some for path, some in items.items() if some}
    if not any(remembered.values()):
        return {}
    runs: dict[str, set[Any]] = defaultdict(set)
    # All of it is asked for again before a run, and after it little.
    wanted = None if missed is None else {path for some in remembered.values() for path in some}
    for path, _, some in assemble(archive, held, carried, only=wanted):
        runs[path].update(some)
    if again := {trace.id for trace in expected}:
        expected_to = archive.store.executed(archive.environment, again, wanted)
        for path, some in target.of_executed(expected_to).items():
            runs[path].update(some)
    lost = {
        recording: {path: left for path, some in items.items() if (left := some - runs[path])}
        for recording, items in remembered.items()
    }
    return {recording: (items, late[recording]) for recording, items in lost.items() if items}


def _torn(archive: Archive, held: Mapping[str, Trace]) -> list[int]:
    """Return the recordings of which some traces count, and others do no more."""
    counted = by_recording(tally(held))
    complete = archive.store.recorded_tests(counted)
    return [one for one, tests in complete.items() if counted[one] < tests]


def _is_late(archive: Archive, path: str, items: Iterable[Any]) -> bool:
    around = _around(archive, path)
    return any(_line(item) not in around for item in items)


def _around(archive: Archive, path: str) -> Mapping[int, Span]:
    """Return the innermost function of a file around each of its lines."""
    kept = cast("dict[str, Mapping[int, Span]]", archive.computed.setdefault(by_line, {}))
    if path not in kept:
        kept[path] = by_line(archive.spans_of(path))
    return kept[path]


def _mattering(
    path: str, items: Iterable[Any], missed: Mapping[str, frozenset[int]] | None
) -> set[Any]:
    if missed is None:
        return set(items)
    lines = missed.get(path, frozenset())
    return {item for item in items if _line(item) in lines}


def _line(item: Any) -> int:
    return item if isinstance(item, int) else line_of(item)


def _dependents(archive: Archive, lost: Items, late: frozenset[str]) -> Iterable[Trace]:
    """Return the traces whose tests may come to run what is lost."""
    functions: set[tuple[str, str]] = set()
    states: set[tuple[str, str]] = set()
    modules: set[str] = set()
    for path, items in lost.items():
        around = _around(archive, path)
        for item in items:
            body = around.get(_line(item))
            if body is None:
                modules.add(path)
            else:
                functions.add((path, body.key))
                if archive.keeps_state(path, body):
                    states.add((path, body.key))
    backwards = archive.store.backwards
    numbers = []
    for number, one in backwards.at(lost).items():
        about = inner(one) if one.kind == "under" else one
        place = (about.path, about.key)
        if (
            (one.kind == "module" and one.path in modules)
            or (one.kind == "shared" and place in functions)
            or (one.kind == "under" and one.path in late and place in functions)
            or (one.kind == "body" and place in states)
        ):
            numbers.append(number)
    return archive.moment.traces_with(backwards.sets_with(numbers))

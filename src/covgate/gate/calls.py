"""On whose account something ran outside of tests, and whether the tests at hand lead there.

A module may call functions when it is imported, and pytest may when it collects what it finds in a
test file. A run of other tests imports the file of such a function, too, and does not call it; and
a file that only a test imported that is gone is imported no more.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from covgate.change.diff import is_python
from covgate.source.blocks.modules import Modules, conftests
from covgate.traces.postings import inner
from covgate.traces.store import WHOLE
from covgate.traces.tally import tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from covgate.change.model import Change
    from covgate.gate.evidence import Archive
    from covgate.source.blocks.facts import Span
    from covgate.traces.model import Trace
    from covgate.traces.ran import Owned

    ByPath = Mapping[str, Iterable[Any]]

FOR_HOOKS = "hooks that coverage measures are told of all tests"
# They are asked about each file and folder, whether it is collected or not.
OF_PATHS = frozenset({"pytest_ignore_collect", "pytest_collect_directory"})
Part = tuple[str, str, list[Any]]
Place = tuple[str, str]


def divide(
    archive: Archive,
    held: Iterable[Trace],
    imports: ByPath,
    moved: Callable[[Owned], ByPath],
    run_anew: frozenset[Place] = frozenset(),
) -> list[Part]:
    """Divide what ran outside of tests, by path (lines or arcs), by the file on whose account.

    Only what still happens for the tests whose traces hold. `moved` returns what ran on a file's
    account as it stands in the tree. What stands in no function belongs to its own file. Functions
    that `run_anew` are left out where nobody is known to have called them.
    """
    traces = [*held]
    bodies = {path: _bodies(archive, path) for path in imports}
    loaded = _loaded(archive, traces)
    own: list[Part] = []
    called: dict[Place, list[Any]] = defaultdict(list)
    for path, items in imports.items():
        around = _by_line(bodies[path])
        of_body = [(around.get(_line(item)), item) for item in items]
        if path in loaded:
            own.append((path, path, [item for body, item in of_body if body is None]))
        for body, item in of_body:
            if body is not None:
                called[path, body.key].append(item)
    owned, known = _owned(archive, loaded, bodies, moved)
    rest = {
        place: [i for i in items if i not in known[place[0]]]
        for place, items in called.items()
        if place not in run_anew
    }
    return [*own, *owned, *_strays(archive, traces, bodies, rest)]


def hooks_to_watch(
    archive: Archive, held: Mapping[str, Trace], change: Change, files: Mapping[str, str]
) -> frozenset[Place]:
    """Return what hooks of the session call and coverage measures, when numbers may change.

    They see all tests in a full run, and may do something else for some of them.
    """
    if not files and not any(is_python(file.path) for file in change.since_first):
        return frozenset()
    return measured_hooks(archive, held)


def measured_hooks(archive: Archive, held: Mapping[str, Trace]) -> frozenset[Place]:
    """Return the functions that hooks of the session call, as far as coverage measures them.

    What they do may depend on which tests are collected.
    """
    inputs = archive.store.inputs_of({last for _, last in tally(held)})
    places = {(one.path, one.key) for one in inputs.values() if one.kind == "body"}
    found: set[Place] = set()
    for path in {path for path, _ in places}:
        ran = archive.store.module_lines(archive.environment, path).values()
        lines = frozenset[int]().union(*ran)
        for body in _bodies(archive, path):
            if (path, body.key) in places and lines & {*range(body.start, body.end + 1)}:
                found.add((path, body.key))
    return frozenset(found)


def _owned(
    archive: Archive,
    loaded: frozenset[str],
    bodies: Mapping[str, Sequence[Span]],
    moved: Callable[[Owned], ByPath],
) -> tuple[list[Part], Mapping[str, set[Any]]]:
    """Return what files that are loaded call, and all that is known to be called by some file."""
    parts: list[Part] = []
    known: dict[str, set[Any]] = defaultdict(set)
    for owner, versions in archive.store.owned(archive.environment).items():
        best = max(versions, key=lambda one: _likeness(archive, owner, one))
        for version in versions:
            for path, items in moved(version).items():
                some = [i for i in items if _innermost(bodies.get(path, ()), _line(i)) is not None]
                known[path].update(some)
                known[path].update((line, line) for item in some if (line := _line(item)))
                if version is best and owner in loaded:
                    parts.append((path, owner, some))
    return parts, known


def _likeness(archive: Archive, owner: str, version: Owned) -> tuple[bool, float]:
    """Return how much of what a file found when it was imported is there now."""
    keys = version.lines.keys()
    same = sum(archive.tree.blob(path) == blob for path, blob in keys)
    return archive.tree.blob(owner) == version.blob, same / len(keys) if keys else 1.0


def _loaded(archive: Archive, held: Sequence[Trace]) -> frozenset[str]:
    """Return the files that are imported or collected for tests whose traces hold."""
    shared = {trace.sets[1:]: trace._replace(sets=trace.sets[1:]) for trace in held}
    evidence = archive.store.evidence_of(tuple(shared.values()))
    modules = {one.path for one in evidence.inputs.values() if one.kind == "module"}
    return frozenset({trace.file for trace in held} | modules | of_testless(archive))


def of_testless(archive: Archive) -> set[str]:
    """Return test files without a test, which are collected all the same, and what they import."""
    entries = archive.snapshot.entries
    pending = [
        file for file, tests in archive.suite.items() if file != WHOLE and not tests
        if file in entries
    ]  # fmt: skip
    if not pending:
        return set()
    paths = frozenset(entries)
    return imported_by(
        archive, [*pending, *(p for file in pending for p in conftests(file, paths))]
    )


def imported_by(archive: Archive, files: Iterable[str]) -> set[str]:
    """Return some files, and all that they import by their texts."""
    paths = frozenset(path for path in archive.snapshot.entries if path.endswith(".py"))
    roots = archive.store.surroundings(archive.environment).roots
    modules = Modules(paths, ("", *roots))
    pending = [*files]
    found: set[str] = set()
    while pending:
        path = pending.pop()
        if path not in found:
            found.add(path)
            for item in archive.facts_of(path).imports:
                pending += modules.imported(item, path)
            pending += modules.packages_of(path)
    return found


def _strays(
    archive: Archive,
    held: Sequence[Trace],
    bodies: Mapping[str, Sequence[Span]],
    called: Mapping[Place, list[Any]],
) -> list[Part]:
    """Return what nobody is known to have called: hooks of the session did, or other processes.

    It goes with the test files whose tests run the function.
    """
    wanted = {place for place, items in called.items() if items}
    hashes = {
        (path, body.key): body.hash
        for path in {path for path, _ in wanted}
        for body in archive.facts_of(path).bodies
        if (path, body.key) in wanted
    }
    callers = _callers(archive, held, hashes)
    return [
        (place[0], caller, items)
        for place, items in called.items()
        for caller in sorted(callers.get(place, ()))
    ]


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


def _by_line(bodies: Iterable[Span]) -> Mapping[int, Span]:
    """Return the innermost function around each line that lies in one; as `_innermost` says."""
    found: dict[int, Span] = {}
    for body in sorted(bodies, key=lambda body: body.start):
        for line in range(body.start, body.end + 1):
            if line not in found or found[line].start < body.start:
                found[line] = body
    return found


def _innermost(bodies: Iterable[Span], line: int) -> Span | None:
    around = (body for body in bodies if body.start <= line <= body.end)
    return max(around, key=lambda body: body.start, default=None)


def _line(item: Any) -> int:
    """Return a line, or the one in which an arc lies: arcs enter code by a negative number."""
    first, last = (item, item) if isinstance(item, int) else item
    return int(first if first > 0 else abs(last))

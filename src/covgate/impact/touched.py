"""Chooses tests by what changed: asks only for the traces that hold an input which differs.

A trace none of whose inputs differs holds: that is what `evidence.select` says of it, whatever the
rest of the tree is. The same is true where all that differs are modules in which nothing but
functions changed that the trace does not hold. So a test need not be looked at whose newest trace
is such a one, if all of its traces ended in the same way, and well; the traces of every other test
are given to `select`, and its answer is taken. Earlier traces that hold an input which differs, and
that ended alike, are left out: few of them would hold, and to find that out takes as long as for
the newest. Which inputs differ is known of the tree that was compared last; on another tree those
are compared again that are about a file that changed in between, about no file of git, or new. See
docs/soundness.md.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Set
from contextlib import suppress
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from covgate.impact.chosen import GOOD, NOTHING, Selection
from covgate.impact.comparing import Comparing
from covgate.source.blocks import facts as source_facts
from covgate.traces.compared import Compared, dump, files_of, load
from covgate.traces.moment import MovedError
from covgate.traces.postings import BODIES, inner
from covgate.traces.tally import tally_of

if TYPE_CHECKING:
    from collections.abc import Callable, ItemsView, Iterable, Iterator, ValuesView

    from covgate.change.snapshot import Entry
    from covgate.impact.target import Now
    from covgate.traces.model import Input, Trace
    from covgate.traces.moment import Moment
    from covgate.traces.postings import Backwards
    from covgate.traces.store import Store
    from covgate.traces.tally import Tally

# What is about no single file that git knows: compared every time.
_ALWAYS = ("env", "package", "distribution", "opaque", "whole", "file", "exists")
# Changes when files come or go, or become something else.
_OF_FOLDERS = ("list", "conftests")
# Beyond these, what was found is kept for the next commit.
_FEW = 32
# Fewer tests than these are never worth counting the others.
_SOME = 200
# What differs of these is a difference for some only.
_SPREADING = ("module", "under")
# Of all tests: past that, reading everything is no longer the longer way.
_MOST = 0.5


class Differing(NamedTuple):
    """The inputs whose value is another one now; `quiet` as in `Compared`."""

    all: frozenset[int]
    quiet: frozenset[int]


def choose(store: Store, environment: str, now: Now) -> Selection:
    """Return what `select` says of all traces of an environment, by the shortest sound way."""
    # Ids that others drop may come to mean something else: all is read at one moment.
    try:
        return _choose(store.moment(environment, anew=True), now, may_keep=True)
    except MovedError:
        return _choose(store.moment(environment, anew=True), now, may_keep=False)


def _choose(moment: Moment, now: Now, *, may_keep: bool) -> Selection:
    if now.tree.has_links:
        return _select_all(moment, now)
    backwards = moment.backwards
    differing = compare(moment, now, may_keep=may_keep)
    sets = backwards.sets_with(differing.all - differing.quiet)
    asked = _varying(moment) | moment.tests_with(sets)
    if len(asked) > _SOME and len(asked) > _MOST * moment.count():
        return _select_all(moment, now)
    stale = _stale(backwards, differing)
    found, risky = _asked(moment, asked, now, stale)
    if risky:
        # Whoever imports a module that may fail to be imported could be the one to show it.
        modules = [n for n, one in backwards.at(risky).items() if one.kind == "module"]
        asked |= moment.tests_with(backwards.sets_with(modules))
        found, _ = _asked(moment, asked, now, stale)
    others = Others(moment, frozenset(asked), now.tree.snapshot.entries)
    return found._replace(
        reuse=_Reused(found.reuse, others),
        held=_Held(
            found.held, others, lambda test: _asked(moment, {test}, now, stale)[0].held[test]
        ),
        files=found.files | others.files,
    )


def _select_all(moment: Moment, now: Now) -> Selection:
    from covgate.impact.evidence import select

    return select(moment.evidence(), now)


def _varying(moment: Moment) -> set[str]:
    """Return the tests that ended badly last time, or did not always end in the same way."""
    found: set[str] = set()
    newest: dict[str, Trace] = {}
    for trace in moment.of_tests(moment.unusual()):
        last = newest.setdefault(trace.test, trace)
        if last.outcome not in GOOD or trace.outcome != last.outcome:
            found.add(trace.test)
    return found


def _stale(backwards: Backwards, differing: Differing) -> set[int]:
    """Return the sets with an input that differs, and that tells as much by itself."""
    inputs = backwards.inputs(differing.all)
    return backwards.sets_with(n for n, one in inputs.items() if one.kind not in _SPREADING)


def _asked(
    moment: Moment, tests: set[str], now: Now, stale: Set[int]
) -> tuple[Selection, frozenset[str]]:
    """Return what `select` says of some tests, and the modules that a witness is wanted for.

    Of earlier traces those are left out that hold one of the sets `stale`, and that ended as the
    newest did: one that ended otherwise may hold as well, and shows that the test is flaky.
    """
    if not tests:
        return NOTHING, frozenset()
    from covgate.impact.evidence import Selecting

    newest: dict[str, Trace] = {}
    traces: list[Trace] = []
    for trace in moment.of_tests(tests):
        last = newest.setdefault(trace.test, trace)
        if trace is last or trace.outcome != last.outcome or stale.isdisjoint(trace.sets):
            traces.append(trace)
    selecting = Selecting(moment.evidence_of(tuple(traces)), now)
    return selecting.select(), selecting.risky


class Others:
    """The tests that were not asked for: the newest trace of each holds, and it ended well.

    They are read when they are wanted, one by one or all at once.
    """

    def __init__(self, moment: Moment, asked: frozenset[str], entries: Mapping[str, Entry]) -> None:
        self._moment = moment
        self._asked = asked
        self._entries = entries

    @cached_property
    def files(self) -> frozenset[str]:
        """The files with tests, those with nothing but tests that were asked for included."""
        return frozenset(file for file in self._moment.files() if self._is_there(file))

    def _is_there(self, file: str) -> bool:
        return not file or file in self._entries

    def newest(self, test: str) -> Trace | None:
        """Return the newest trace of one of these tests, None of any other."""
        if test in self._asked:
            return None
        trace = self._moment.newest(test)
        return trace if trace is not None and self._is_there(trace.file) else None

    def exist(self) -> bool:
        """Whether there is any."""
        return any(self.newest(test) is not None for test in self._moment.tests())

    def count(self) -> int:
        """Return how many there are."""
        gone = [file for file in self._moment.files() if not self._is_there(file)]
        tests = self._moment.tests_of(gone) - self._asked if gone else ()
        lost = sum(self.newest(test) is None for test in tests)
        return self._moment.count() - len(self._asked) - lost

    def tally(self) -> Tally:
        """Return the tally of the newest trace of each."""
        gone = [file for file in self._moment.files() if not self._is_there(file)]
        tests = self._moment.tests_of(gone) - self._asked if gone else set[str]()
        lost = {test for test in tests if self.newest(test) is None} | self._asked
        newest = {trace.test: trace for trace in reversed(self._moment.of_tests(lost))}
        return self._moment.tally() - tally_of(newest.values())

    @cached_property
    def all(self) -> Mapping[str, Trace]:
        """The newest trace of each."""
        newest: dict[str, Trace] = {}
        for trace in self._moment.traces:
            newest.setdefault(trace.test, trace)
        return {
            test: trace
            for test, trace in newest.items()
            if test not in self._asked and self._is_there(trace.file)
        }


class _Reused(Mapping[str, "Trace"]):
    """The tests to reuse: those that were asked for, and all others."""

    def __init__(self, found: Mapping[str, Trace], others: Others) -> None:
        self._found = found
        self._others = others

    def __getitem__(self, test: str) -> Trace:
        trace = self._found.get(test) or self._others.newest(test)
        if trace is None:
            raise KeyError(test)
        return trace

    def __iter__(self) -> Iterator[str]:
        return chain(self._found, self._others.all)

    def __len__(self) -> int:
        return len(self._found) + self._others.count()

    def __bool__(self) -> bool:
        return bool(self._found) or self._others.exist()

    def items(self) -> ItemsView[str, Trace]:
        return {**self._found, **self._others.all}.items()

    def values(self) -> ValuesView[Trace]:
        return {**self._found, **self._others.all}.values()

    def tally(self) -> Tally:
        return self._others.tally() + tally_of(self._found.values())


class _Held(Mapping[str, frozenset[int]]):
    """The traces that hold: those that were found out; `find_out` tells of one more test."""

    def __init__(
        self,
        found: Mapping[str, frozenset[int]],
        others: Others,
        find_out: Callable[[str], frozenset[int]],
    ) -> None:
        self._found = found
        self._others = others
        self._find_out = find_out

    def __getitem__(self, test: str) -> frozenset[int]:
        if test in self._found:
            return self._found[test]
        if self._others.newest(test) is None:
            raise KeyError(test)
        return self._find_out(test)

    def __iter__(self) -> Iterator[str]:
        return chain(self._found, self._others.all)

    def __len__(self) -> int:
        return len(self._found) + self._others.count()


def compare(moment: Moment, now: Now, *, may_keep: bool) -> Differing:
    """Return which of all stored inputs have another value now, and keep it for the next time."""
    backwards, environment = moment.backwards, moment.environment
    files = files_of(now.tree.snapshot.entries, now.tree.unknown)
    newest = backwards.newest()
    known = _known(backwards, environment, now, newest)
    changed = {path for path, _ in known.files.items() ^ files.items()} if known.newest else set()
    moved = {path for path in changed if _mode(known.files, path) != _mode(files, path)}
    again = _affected(backwards, changed, moved, now.roots)
    again |= backwards.anywhere()
    for kind in _ALWAYS:
        again |= backwards.of_kind(kind)
    fresh = backwards.after(known.newest)
    comparing = Comparing(now.tree, now.outside, now.index)
    suspects = {n: one for n, one in again.items() if n not in fresh}
    suspects |= _doubtful(backwards, fresh, now)
    differing = {n for n, one in suspects.items() if _differs(comparing, one)}
    differing |= known.differing - again.keys()
    quiet = _quiet(now, {n: suspects[n] for n in differing & suspects.keys()})
    quiet |= known.quiet - again.keys()
    if may_keep and len(changed) + len(fresh) > _FEW:
        kept = Compared(
            files, now.roots, source_facts.VERSION, newest, frozenset(differing), frozenset(quiet)
        )
        # Read-only, full, or changed by others meanwhile: the next one takes longer.
        with suppress(sqlite3.Error):
            moment.keep(dump(kept))
    return Differing(frozenset(differing), frozenset(quiet))


def _known(backwards: Backwards, environment: str, now: Now, newest: int) -> Compared:
    """Return the last comparison, or one of nothing."""
    data = backwards.compared(environment)
    known = load(data) if data is not None else None
    same = (now.roots, source_facts.VERSION)
    if known is not None and (known.roots, known.facts) == same and known.newest <= newest:
        return known
    return Compared({}, now.roots, source_facts.VERSION, 0, frozenset(), frozenset())


def _affected(
    backwards: Backwards, changed: set[str], moved: set[str], roots: Iterable[str]
) -> dict[int, Input]:
    """Return the inputs that may differ because files changed.

    `moved` came, went, or are another kind of thing now.
    """
    if not changed:
        return {}
    found = backwards.at(changed)
    if any(path.endswith(_CONFTEST) for path in changed):
        found |= backwards.of_kind("hooks")
    if moved:
        if any(":" in root for root in roots):
            # Folders that packages add to their path: names lead there from many places.
            found |= backwards.names()
        else:
            found |= backwards.named({name for path in moved for name in _names(path, roots)})
        for kind in _OF_FOLDERS:
            found |= backwards.of_kind(kind)
    return found


def _mode(files: Mapping[str, str], path: str) -> str:
    """Return what kind of thing a path of a kept tree is, "" when it is not there."""
    return files.get(path, "").partition(" ")[0]


def _names(path: str, roots: Iterable[str]) -> Iterator[str]:
    """Yield the names under which a file, or a folder above it, could be looked for."""
    places = [path.removesuffix(".py"), path.removesuffix("/__init__.py")]
    folder = path.rpartition("/")[0]
    while folder:
        places.append(folder)
        folder = folder.rpartition("/")[0]
    for place in places:
        yield f"/{place}"
        yield place.replace("/", ".")
        for root in roots:
            start = root.strip("/") + "/"
            if place.startswith(start):
                yield place[len(start) :].replace("/", ".")


def _doubtful(backwards: Backwards, fresh: Mapping[int, Input], now: Now) -> dict[int, Input]:
    """Return the inputs that have to be compared, of some that never were.

    A function is left out when no other version of its file was ever recorded than the present
    one, and whoever holds the function holds the version.
    """
    about = {n: inner(one) if one.kind == "under" else one for n, one in fresh.items()}
    bodies = {n: one.path for n, one in about.items() if one.kind in BODIES}
    versions = backwards.versions(set(bodies.values()))
    loose = backwards.loose() if bodies else frozenset()
    bound = {
        n
        for n, path in bodies.items()
        if n not in loose and versions.get(path) == {now.tree.blob(path)}
    }
    return {n: one for n, one in fresh.items() if n not in bound}


def _differs(comparing: Comparing, one: Input) -> bool:
    if one.kind == "module":
        # One of which nobody can tell what was in it is never the same.
        blob = comparing.tree.blob(one.path)
        return not blob or blob != one.value
    return comparing.difference(one) is not None


def _quiet(now: Now, inputs: Mapping[int, Input]) -> set[int]:
    """Return the modules that differ, are there, and are the same outside of their functions."""
    there = {
        n: one for n, one in inputs.items() if one.kind == "module" and now.tree.blob(one.path)
    }
    if not there:
        return set()
    from covgate.impact.earlier import Earlier

    earlier = Earlier(now, now.index)
    return {n for n, one in there.items() if earlier.changes(one.path, one.value) == ()}


_CONFTEST = "conftest.py"

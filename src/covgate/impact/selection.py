"""What is to be run, and why."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from covgate.traces.tally import tally, tally_of

if TYPE_CHECKING:
    from collections.abc import Callable, ItemsView, Iterable, Iterator, ValuesView

    from covgate.impact.carried import Carried
    from covgate.traces.model import Trace
    from covgate.traces.tally import Tally


@dataclass(frozen=True)
class Selection:
    """The Python files that pytest may collect, each with the reason to keep it.

    With `everything`, nothing may be left out and `notes` say why. `notes` also tell what widened
    the selection. `other_tests` is the sentence that says why pytest may find tests in files that
    aren't Python (empty when it can't): these depend on Python files in ways nobody knows, so
    pytest has to be started even when `files` is empty. `tests` gives the reasons of single tests,
    `reused` are tests of those files that need not run, because a trace of theirs holds,
    and `carried` what these cover of the changed files; `held` are their traces, and
    `knows_suite` tells that the tests of the whole project have been collected once; `known` are
    all tests that there is or could be evidence of, `python` the interpreter that they run in.
    `suite` are the tests that each file gave when it was last collected, `outcomes` how each
    ended last. `hooks` are functions that hooks of the session call, by file and name: what they
    did is told by the run, for which all tests are collected where hooks see more than paths.
    """

    everything: bool
    files: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    other_tests: str = ""
    tests: Mapping[str, str] = field(default_factory=dict)
    reused: Set[str] = frozenset()
    carried: Mapping[str, Carried] = field(default_factory=dict)
    held: Mapping[str, Trace] = field(default_factory=dict)
    knows_suite: bool = False
    known: Set[str] = frozenset()
    python: str = ""
    suite: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    outcomes: Mapping[str, str] = field(default_factory=dict)
    hooks: frozenset[tuple[str, str]] = frozenset()


class Without(Mapping[str, "Trace"]):
    """Traces by test without those of some tests; only what is asked for is read."""

    def __init__(self, traces: Mapping[str, Trace], dropped: Set[str]) -> None:
        self._traces = traces
        self._dropped = dropped

    def __getitem__(self, test: str) -> Trace:
        if test in self._dropped:
            raise KeyError(test)
        return self._traces[test]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return self._length

    @cached_property
    def _length(self) -> int:
        return len(self._traces) - sum(test in self._traces for test in self._dropped)

    @cached_property
    def _all(self) -> Mapping[str, Trace]:
        return {test: one for test, one in self._traces.items() if test not in self._dropped}

    def items(self) -> ItemsView[str, Trace]:
        return self._all.items()

    def values(self) -> ValuesView[Trace]:
        return self._all.values()

    def tally(self) -> Tally:
        dropped = (self._traces.get(test) for test in self._dropped)
        return tally(self._traces) - tally_of(trace for trace in dropped if trace is not None)


class Counted(Set[str]):
    """Some tests, and those that have a trace which is reused; no test is in both."""

    def __init__(self, some: Set[str], held: Mapping[str, Trace]) -> None:
        self._some = some
        self._held = held

    @classmethod
    def _from_iterable(cls, tests: Iterator[str]) -> Set[str]:  # type: ignore[override]
        return frozenset(tests)

    def __contains__(self, test: object) -> bool:
        return test in self._some or test in self._held

    def __iter__(self) -> Iterator[str]:
        return chain(self._some, self._held)

    def __len__(self) -> int:
        return len(self._some) + len(self._held)


class Outcomes(Mapping[str, str]):
    """How each test of some traces ended last, looked up when it is asked for."""

    def __init__(
        self, newest: Callable[[str], Trace | None], traces: Callable[[], Iterable[Trace]]
    ) -> None:
        self._newest = newest
        self._traces = traces

    def __getitem__(self, test: str) -> str:
        trace = self._newest(test)
        if trace is None:
            raise KeyError(test)
        return trace.outcome

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(trace.test for trace in self._traces()))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class FileOf:
    """From which file each test was collected; by its name where nothing is known of it."""

    def __init__(self, suite: Mapping[str, tuple[str, ...]]) -> None:
        self._suite = suite

    def __call__(self, test: str) -> str:
        file = test.partition("::")[0]
        if test in self._suite.get(file, ()):
            return file
        return self._all.get(test, file)

    @cached_property
    def _all(self) -> Mapping[str, str]:
        return {test: file for file, tests in self._suite.items() for test in tests}

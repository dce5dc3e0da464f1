"""What a change affects, told to each test: once for all tests with the same import closure."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Literal

from covgate.impact.members import Enumerations
from covgate.impact.names import Spreading
from covgate.impact.unseen import Readers, Sight

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from covgate.impact.difference import UnitChange
    from covgate.impact.earlier import Earlier
    from covgate.impact.index import Place
    from covgate.impact.members import Appended
    from covgate.impact.parametrized import Parameters, Parametrized
    from covgate.impact.sets import SetFacts
    from covgate.impact.spread import Spread
    from covgate.impact.target import Now
    from covgate.traces.model import Evidence, Input, Trace

BODIES = frozenset({"body", "shared"})
# Beyond so many affected names and functions, summed over the import closures of the tests, what
# is affected is told for all tests together: some more may run, and nobody waits for minutes.
_MOST_AFFECTED = 10_000


class Spreads:
    """What a change affects, by import closure: the sets of a trace but for its own.

    `sets` are those that were taken apart, which `facts` does for a trace; `verdict` says what is
    different about an input, by its id.
    """

    def __init__(
        self,
        evidence: Evidence,
        now: Now,
        earlier: Earlier,
        sets: Mapping[int, SetFacts],
        facts: Callable[[Trace], list[SetFacts]],
        verdict: Callable[[int, Input], str | None],
        parametrized: Parametrized,
    ) -> None:
        self.evidence = evidence
        self.now = now
        self.index = now.index
        self.earlier = earlier
        self._sets = sets
        self._facts = facts
        self._verdict = verdict
        self._parametrized = parametrized
        self._kinds: dict[str, bool] = {}
        self._apart: dict[tuple[tuple[int, ...], Sight], Spread | None] = {}
        self._together: dict[Sight, Spread | None] = {}
        self._affected = 0

    def leaves_out(self, trace: Trace) -> bool:
        """Whether a trace is not told: an earlier one, when all tests are told together."""
        return self._affected > _MOST_AFFECTED and trace.sets[1:] not in self._newest_sets

    def of(self, trace: Trace) -> Spread | None:
        """Return what the change affects for all tests with the same import closure."""
        asked = trace.sets, self._facts(trace)
        readers = self._readers
        sight = Sight(
            self._has("annotations") and readers.reads(*asked),
            bool(self._appended) and readers.climbs(*asked),
            self._has("defaults") and readers.asks_defaults(*asked),
        )
        numbers = trace.sets[1:]
        found = self._known(numbers, sight)
        if found is not None and found.passed_over and readers.evaluates(*asked):
            return self._known(numbers, sight._replace(evaluates=True))
        return found

    def _known(self, numbers: tuple[int, ...], sight: Sight) -> Spread | None:
        if (numbers, sight) in self._apart:
            return self._apart[numbers, sight]
        if self._affected <= _MOST_AFFECTED:
            found = self._apart[numbers, sight] = self._told([numbers], sight)
            self._affected += len(found.names) + len(found.bodies) if found is not None else 0
            return found
        # What is affected for one test is affected for all together, which is told once.
        if sight not in self._together:
            self._together[sight] = self._told(self._newest_sets, sight)
        return self._together[sight]

    @cached_property
    def _newest_sets(self) -> frozenset[tuple[int, ...]]:
        """What makes up the import closures of the tests by their newest traces."""
        entries = self.now.tree.snapshot.entries
        newest: dict[str, Trace] = {}
        for trace in self.evidence.traces:
            if not trace.file or trace.file in entries:
                newest.setdefault(trace.test, trace)
        for trace in newest.values():
            self._facts(trace)
        return frozenset(trace.sets[1:] for trace in newest.values())

    @cached_property
    def _readers(self) -> Readers:
        return Readers(self.index, self.now.outside.surroundings.files)

    def _has(self, what: Literal["annotations", "defaults"]) -> bool:
        """Whether statements changed in which nothing else is different."""
        if what not in self._kinds:
            versions = (self.earlier.unseen(*version) for version in self._versions)
            self._kinds[what] = any(getattr(one, what) for one in versions)
        return self._kinds[what]

    @cached_property
    def _appended(self) -> Mapping[tuple[str, UnitChange], Appended]:
        """The members that enumerations have gained."""
        return {
            (path, change): found
            for path, blob in self._versions
            for change in self.earlier.changes(path, blob) or ()
            if (found := self._enumerations.appended(path, change)) is not None
        }

    @cached_property
    def _versions(self) -> tuple[tuple[str, str], ...]:
        """The versions of changed modules that some test had."""
        found = (one for one in self.evidence.inputs.values() if one.kind == "module")
        now = self.now.tree.blob
        return tuple({(i.path, i.value): None for i in found if now(i.path) not in ("", i.value)})

    @cached_property
    def _enumerations(self) -> Enumerations:
        return Enumerations(self.index, self.now.tree.snapshot.read)

    def _told(self, closures: Collection[tuple[int, ...]], sight: Sight) -> Spread | None:
        """Return what is affected for the tests of some import closures, told together."""
        sets = [self._sets[number] for number in dict.fromkeys(chain(*closures))]
        changed = {version for one in sets for version in one.changed.items()}
        versions = Counter(path for path, _ in changed)
        closure = frozenset(path for one in sets for path in one.modules)
        handed = frozenset().union(*(one.handed for one in sets))
        same = closure - versions.keys()
        failed = [
            (one, reason)
            for found in sets
            for identity, one, inner in found.under
            if not (inner.kind in BODIES and inner.path in same)
            and (reason := self._verdict(identity, one)) is not None
        ]
        if not changed and not failed:
            return None
        spreading = self._spreading(closures, evaluates=sight.evaluates)
        parameters: dict[Place, Parameters] = {}
        for path, blob in sorted(changed):
            changes = self.earlier.changes(
                path, blob, annotations=sight.annotations or path in handed
            )
            if changes is None:
                spreading.wide.setdefault(path, f"{path} changed, and it cannot be taken apart")
                continue
            gained = {} if sight.classes or path in handed else self._appended
            seen = sight.defaults or path in handed
            defaults = frozenset() if seen else self.earlier.unseen(path, blob).defaults
            rest = []
            for change in changes:
                apart = self._parametrized.of(path, blob, change)
                member = gained.get((path, change))
                if apart is not None and versions[path] == 1:
                    parameters[path, change.unit.binds[0]] = apart
                elif change.new is not None and change.new.key in defaults:
                    spreading.default(path, change.new)
                elif member is not None:
                    spreading.append(member, self._enumerations.users(member, closure))
                else:
                    rest.append(change)
            spreading.change(path, rest, handed=path in handed)
        for one, reason in failed:
            spreading.unit(one.path, one.key, reason)
        return spreading.result()._replace(parameters=parameters)

    def nothing(self, numbers: tuple[int, ...]) -> Spreading:
        """Return a propagation over an import closure, with nothing affected yet."""
        return self._spreading([numbers], evaluates=True)

    def _spreading(self, closures: Collection[tuple[int, ...]], *, evaluates: bool) -> Spreading:
        sets = [self._sets[number] for number in dict.fromkeys(chain(*closures))]
        under: dict[Place, dict[Place, None]] = defaultdict(dict)
        for found in sets:
            for _, one, about in found.under:
                if about.kind == "body":
                    under[about.path, about.key][one.path, one.key] = None
        each = [
            frozenset(path for number in numbers for path in self._sets[number].modules)
            for numbers in closures
        ]
        closure = frozenset().union(*each)
        surely = closure.intersection(*each) if len(each) > 1 else None
        return Spreading(self.index, closure, under, surely, evaluates=evaluates)


def files_named(spread: Spread) -> dict[str, str]:
    """Return the files of which a name is affected, or parameters of a test, with one reason."""
    found: dict[str, str] = {}
    for (path, _), why in spread.names.items():
        found.setdefault(path, why)
    for (path, _), one in spread.parameters.items():
        found.setdefault(path, one.reason)
    return found

"""Chooses tests by their traces: a test is reused when all that it depended on is as it was.

Pure: given the stored traces and the values of the target tree and its surroundings, every test
has either a trace that holds, or a reason why none does.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from covgate.impact.chosen import GOOD, Selection
from covgate.impact.comparing import Comparing
from covgate.impact.earlier import Earlier
from covgate.impact.hits import Hits
from covgate.impact.parametrized import Parametrized
from covgate.impact.reached import Reached
from covgate.impact.sets import Members, SetFacts, Versions, versions_of
from covgate.impact.spreads import BODIES, Spreads, files_named

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from covgate.impact.target import Now
    from covgate.traces.model import Evidence, Input, Trace

_NO_BLOB = ""


def select(evidence: Evidence, now: Now) -> Selection:
    """Decide for every test that has traces whether it must run."""
    return Selecting(evidence, now).select()


class Selecting:
    """One selection; `risky` are the modules that it wanted a witness for."""

    def __init__(self, evidence: Evidence, now: Now) -> None:
        self.evidence = evidence
        self.now = now
        self.index = now.index
        self.earlier = Earlier(now, self.index)
        self._reached = Reached(self.earlier, now.lines_of)
        self._verdicts: dict[int, str | None] = {}
        self._sets: dict[int, SetFacts] = {}
        self._spreads = Spreads(
            evidence, now, self.earlier, self._sets, self._facts, self._verdict, self._parametrized
        )
        self.risky: frozenset[str] = frozenset()

    def select(self) -> Selection:
        by_test: dict[str, list[Trace]] = defaultdict(list)
        for trace in self.evidence.traces:
            by_test[trace.test].append(trace)
        run: dict[str, str] = {}
        reuse: dict[str, Trace] = {}
        flaky, gone = set[str](), set[str]()
        holding: dict[str, frozenset[int]] = {}
        chosen: dict[str, Trace] = {}
        entries = self.now.tree.snapshot.entries
        for test, traces in by_test.items():
            if traces[0].file and traces[0].file not in entries:
                continue
            if self._is_gone(traces[0]):
                gone.add(test)
                continue
            held, reason = self._holding(traces)
            holding[test] = frozenset(trace.id for trace in held)
            chosen[test] = held[0] if held else traces[0]
            outcomes = {trace.outcome for trace in held}
            if len(outcomes) > 1:
                flaky.add(test)
                run[test] = "it ended in different ways before, with nothing changed"
            elif held and self._may_differ(traces):
                run[test] = "it ended otherwise before, and too much changed to tell what for"
            elif held and held[0].outcome in GOOD:
                reuse[test] = held[0]
            elif held:
                run[test] = f"it {_PAST[held[0].outcome]} last time, and nothing has changed for it"
            else:
                run[test] = reason
        recollect = self._recollect(chosen)
        witnesses = self._witnesses(run, chosen, recollect)
        return Selection(
            run, reuse, recollect, witnesses, frozenset(flaky),
            frozenset(trace.file for trace in chosen.values()), frozenset(gone), holding,
        )  # fmt: skip

    def _holding(self, traces: Iterable[Trace]) -> tuple[list[Trace], str]:
        """Return the traces of one test that hold, and why the newest does not."""
        held, first = [], None
        for trace in traces:
            reason = self._invalid(trace)
            if reason is None:
                held.append(trace)
            elif first is None:
                first = reason
        return held, first or ""

    def _may_differ(self, traces: Sequence[Trace]) -> bool:
        """Whether an earlier trace that is not looked at ended otherwise than the newest."""
        others = (trace for trace in traces if trace.outcome != traces[0].outcome)
        return any(self._spreads.leaves_out(trace) for trace in others)

    def _is_gone(self, trace: Trace) -> bool:
        """Whether the function of a test is not in its file any more."""
        facts = self._facts(trace)
        blob = self.now.tree.blob(trace.file)
        if any(one.modules.get(trace.file) == blob for one in facts):
            return False
        if not self.index.facts_of(trace.file).readable:
            return False  # nobody can tell: that it cannot be collected has to be seen
        return any(
            path == trace.file and not self.index.body(path, key)
            for path, key in facts[0].bodies
            if key.rpartition(".")[2] == trace.test.rpartition("::")[2].partition("[")[0]
        )

    # -- one trace ---------------------------------------------------------------------------------

    def _invalid(self, trace: Trace) -> str | None:
        """Return why a trace does not hold, None when it does."""
        facts = self._facts(trace)
        for one in facts:
            if one.reason is not None:
                return one.reason
            for (path, key), reason in one.entered.items():
                if self._reached.changed(trace, path, key):
                    return reason
        if self._spreads.leaves_out(trace):
            return "it changed so much that earlier traces are not looked at"
        spread = self._spreads.of(trace)
        return None if spread is None else self._hits.hit(trace, facts, spread)

    def _facts(self, trace: Trace) -> list[SetFacts]:
        """Return the sets of a trace, taken apart.

        All of them come from one tree. So where a file is still the one that it held, none of its
        functions can differ, and nothing of it need be read.
        """
        found = [self._sets.get(number) for number in trace.sets]
        if None in found:
            members = [self.evidence.sets.get(number, ()) for number in trace.sets]
            present = self._versions_held.present.intersection(chain(*members))
            same = {self.evidence.inputs[identity].path for identity in present}
            for number in trace.sets:
                if number not in self._sets:
                    self._sets[number] = self._examine(number, same)
        return [self._sets[number] for number in trace.sets]

    def _examine(self, number: int, same: Collection[str]) -> SetFacts:
        inputs = self.evidence.inputs
        members = self.evidence.sets.get(number, ())
        modules = [inputs[identity] for identity in self._versions_held.all.intersection(members)]
        found = SetFacts(Members(members, inputs), modules, same)
        found.reason = None if number in self.evidence.sets else "what is kept of it is damaged"
        differing = self._differing.intersection(members)
        for identity in members if differing else ():
            one = inputs[identity]
            if identity not in differing or (one.kind in BODIES and one.path in same):
                continue
            reason = self._verdicts[identity]
            assert reason is not None
            if one.kind == "body" and self.index.body(one.path, one.key) is not None:
                found.entered[one.path, one.key] = reason
            elif found.reason is None:
                found.reason = reason
        return found

    @cached_property
    def _versions_held(self) -> Versions:
        return versions_of(self.evidence.inputs, self.now.tree.blob)

    @cached_property
    def _differing(self) -> frozenset[int]:
        """What differs by itself; functions of files that are all as they were are not read."""
        present, loose = self._versions_held.unchanged, self.evidence.loose
        return frozenset(
            identity
            for identity, one in self.evidence.inputs.items()
            if one.kind != "under"
            and not (one.kind in BODIES and one.path in present and identity not in loose)
            and self._verdict(identity, one) is not None
        )

    def _verdict(self, identity: int, one: Input) -> str | None:
        if identity not in self._verdicts:
            self._verdicts[identity] = self._comparing.difference(one)
        return self._verdicts[identity]

    @cached_property
    def _hits(self) -> Hits:
        return Hits(
            self.index, self._spreads.nothing, self._parametrized.looks, self._reached.mentions
        )

    @cached_property
    def _parametrized(self) -> Parametrized:
        now = self.now
        read = now.tree.snapshot.read
        return Parametrized(self.index, now.source_of, read, self.evidence.traces)

    @cached_property
    def _comparing(self) -> Comparing:
        return Comparing(self.now.tree, self.now.outside, self.index)

    # -- the rest ----------------------------------------------------------------------------------

    def _recollect(self, chosen: Mapping[str, Trace]) -> Mapping[str, str]:
        """Return the test files whose collection may give other tests than before."""
        found: dict[str, str] = {}
        by_spread: dict[int, dict[str, str]] = {}
        for trace in chosen.values():
            if trace.file in found:
                continue
            spread = self._spreads.of(trace)
            if spread is None:
                continue
            if id(spread) not in by_spread:
                by_spread[id(spread)] = files_named(spread)
            classes = {
                f"{path}:{name.partition('.')[0]}"
                for one in self._facts(trace)
                for path, name in one.own
            }
            named = by_spread[id(spread)].get(trace.file)
            reasons = [named] if named is not None else []
            reasons += [why for (owner, _), why in spread.attributes.items() if owner in classes]
            if reasons:
                found[trace.file] = reasons[0]
        return found

    def _witnesses(
        self, run: Mapping[str, str], chosen: Mapping[str, Trace], recollect: Collection[str]
    ) -> Mapping[str, str]:
        """Return the cheapest importer of each risky module that no selected test imports.

        To collect a test file imports it.
        """
        risky: dict[str, str] = {}
        for trace in chosen.values():
            spread = self._spreads.of(trace)
            if spread is not None:
                risky.update(spread.risky)
        for path in recollect:
            risky.pop(path, None)
        for test in run:
            for one in self._facts(chosen[test]) if risky else ():
                for path in one.modules:
                    risky.pop(path, None)
        self.risky = frozenset(risky)
        found: dict[str, str] = {}
        for test, trace in sorted(chosen.items(), key=lambda pair: pair[1].seconds):
            if not risky:
                break
            modules = {path for one in self._facts(trace) for path in one.modules}
            for path in sorted(modules & risky.keys()):
                found.setdefault(test, f"it shows that {path} can still be imported: {risky[path]}")
                del risky[path]
        return found


_PAST = {"failed": "failed", "error": "failed"}

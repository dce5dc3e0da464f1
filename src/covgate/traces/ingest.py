"""Turns what the recorder wrote into traces, with the values of the tree that was tested."""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from covgate.source.blocks.modules import Graph, Modules, conftests, edges_of, initializers
from covgate.traces.conversion import Conversion
from covgate.traces.derived import session_hooks
from covgate.traces.executed import Executed
from covgate.traces.holding import Holding
from covgate.traces.model import Draft, Input, Ran, Surroundings
from covgate.traces.once import Once
from covgate.traces.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from covgate.source.blocks.facts import Body, Facts, Unit
    from covgate.traces.spool import Item, Process, RanTest
    from covgate.traces.values import OutsideValues, TreeValues


def drafts_of(
    processes: list[Process],
    tree: TreeValues,
    facts_of: Callable[[str], Facts],
    outside: OutsideValues,
) -> tuple[Draft, ...]:
    """Return the traces of all tests that came to their end.

    `facts_of` gives the facts of a file of the tree.
    """
    if not processes or processes[0].child:
        return ()
    ingest = _Ingest(processes, tree, facts_of, outside)
    return tuple(ingest.draft(test) for test in processes[0].tests if ingest.is_complete(test))


def owned_of(process: Process, blob: Callable[[str], str]) -> dict[str, dict[str, Ran]]:
    """Return what ran while each file was imported or collected, by that file and by path."""
    executed = Executed(process)
    found: dict[str, dict[str, Ran]] = {}
    for number, ctx in process.contexts.items():
        if ctx.kind != "owner" or not blob(ctx.name):
            continue
        lines, arcs = executed.of([number])
        ran = {path: Ran(blob(path), some, arcs.get(path)) for path, some in lines.items()}
        ran.setdefault(ctx.name, Ran(blob(ctx.name)))
        found[ctx.name] = {path: one for path, one in ran.items() if one.blob}
    return found


class _Ingest:
    def __init__(
        self,
        processes: list[Process],
        tree: TreeValues,
        facts_of: Callable[[str], Facts],
        outside: OutsideValues,
    ) -> None:
        self.main, *self.children = processes
        self.tree = tree
        self.facts_of = facts_of
        self.outside = outside
        self.executed = Executed(self.main)
        self.finished = self.main.ended is not None
        self.surroundings = self.main.surroundings or Surroundings()
        self.paths = frozenset(path for path in tree.paths if path.endswith(".py"))
        self.modules = Modules(tree.paths, ("", *self.surroundings.roots, *self._child_roots()))
        self._shared: dict[frozenset[str], frozenset[Input]] = {}
        self.made = Conversion(tree, outside, facts_of, self.modules, self.main.written)
        self._reading = Reading(self.made, processes)
        self._hiding = Once(self.made.body, self._hidden_names)
        self._of_context: dict[int, frozenset[Input]] = {}

    def _child_roots(self) -> Iterable[str]:
        if self.tree.root is None:
            return
        top = str(self.tree.root)
        for child in self.children:
            for place in child.roots:
                if place == top or place.startswith(top + "/"):
                    yield place[len(top) + 1 :]

    @cached_property
    def _holding(self) -> Holding:
        items = (
            frozenset().union(*(self.main.contexts[n].items for n in self.reach(test.context)))
            for test in self.main.tests
        )
        return Holding(self.made, self.graph, items, self.main.contexts.values())

    # -- contexts ----------------------------------------------------------------------------------

    def reach(self, start: int) -> set[int]:
        """Return a context and all that it uses, the session apart."""
        seen = {start}
        pending = [start]
        while pending:
            for other in self.main.contexts[pending.pop()].uses:
                if other not in seen and other in self.main.contexts:
                    seen.add(other)
                    pending.append(other)
        return seen

    def is_complete(self, test: RanTest) -> bool:
        """Whether everything that the test used has come to its end as well."""
        if self.finished:
            return True
        return all(
            self.main.contexts[number].kind != "fixture" or self.main.contexts[number].closed
            for number in self.reach(test.context)
        )

    @cached_property
    def states(self) -> Mapping[str, list[int]]:
        """Contexts of functions that remember results, by the names behind which they hide."""
        found: dict[str, list[int]] = defaultdict(list)
        for number, ctx in self.main.contexts.items():
            if ctx.kind == "state" and ctx.name in self.paths:
                facts = self.facts_of(ctx.name)
                if ctx.facts["code"] in facts.cached:
                    found[ctx.facts["code"]].append(number)
                    body = self.made.body_at(ctx.name, ctx.facts["line"], ctx.facts["code"])
                    for unit in facts.units:
                        if body is not None and body.key in unit.mentions.names:
                            for name in unit.binds:
                                found[name].append(number)
        return found

    @cached_property
    def observed(self) -> set[tuple[str, str]]:
        """Imports that were seen: who imported whom."""
        return {
            (ctx.name, item[1])
            for ctx in self.main.contexts.values()
            if ctx.kind == "import"
            for item in ctx.items
            if item[0] == "m"
        }

    @cached_property
    def graph(self) -> Graph:
        imports = {path: self.facts_of(path).imports for path in self.paths}
        return Graph(edges_of(self.modules, imports, self.observed))

    @cached_property
    def under(self) -> Mapping[str, frozenset[Input]]:
        """What each module took in while it was imported, by the unit that did."""
        found: dict[str, set[Input]] = defaultdict(set)
        for number, ctx in self.main.contexts.items():
            if ctx.kind != "import" or ctx.name not in self.paths:
                continue
            unit = self._unit_at(ctx.name, ctx.facts["line"])
            key = unit.key if unit is not None else "?"
            tried = self._static_names(ctx.name)
            for other in self.reach(number):
                for item in self.main.contexts[other].items:
                    if item[0] == "m" or (item[0] == "i" and item[1] in tried):
                        continue
                    for value in self.made.convert(item):
                        found[ctx.name].add(Input("under", ctx.name, key, json.dumps(value)))
        return {path: frozenset(values) for path, values in found.items()}

    def _static_names(self, path: str) -> frozenset[str]:
        names: set[str] = set()
        for item in self.facts_of(path).imports:
            names.update(self.modules.candidates(item, path))
        return frozenset(names)

    def _unit_at(self, path: str, line: int) -> Unit | None:
        found = [unit for unit in self.facts_of(path).units if unit.line <= line <= unit.end]
        return min(found, key=lambda unit: unit.end - unit.line, default=None)

    # -- tests -------------------------------------------------------------------------------------

    def draft(self, test: RanTest) -> Draft:
        """Return the trace of one test."""
        contexts = self.reach(test.context)
        items = set().union(*(self.main.contexts[number].items for number in contexts))
        own = set[Input]().union(*map(self._taken_in, contexts))
        self._remembered(own, contexts)
        own |= self._holding.written_for(own)
        for name in self._holding.mentioned(own):
            self._add(own, self._holding.kept[name])
        roots = {path for kind, path, *_ in items if kind in ("m", "C")}
        self._children_of(test, items, own, roots)
        own.add(Input("own", test.file, test.name, ""))
        for init in initializers(test.file, self.paths):
            own.add(Input("exists", init, "", self.tree.exists(init)))
        own.add(Input("conftests", test.file, "", ",".join(conftests(test.file, self.paths))))
        roots |= {one.path for one in own if one.kind == "body"} | {test.file}
        roots |= set(conftests(test.file, self.paths))
        roots |= self._session_modules
        closure = frozenset().union(*(self.graph.closure(path) for path in roots if path))
        self._reading.add(own, closure & self.paths, test.file)
        lines, arcs = self._executed(test, contexts)
        return Draft(
            test.id,
            test.file,
            _outcome(test),
            round(sum(seconds for _, _, seconds in test.phases), 6),
            test.ended,
            (frozenset(own), self._closure_inputs(closure), self._session_inputs),
            lines,
            arcs,
        )

    def _add(self, into: set[Input], items: Iterable[Item]) -> None:
        for item in items:
            into.update(self.made.convert(item))

    def _taken_in(self, number: int) -> frozenset[Input]:
        """Return what a context means for the tests that use it."""
        found = self._of_context.get(number)
        if found is None:
            ctx = self.main.contexts[number]
            inputs: set[Input] = set()
            self._add(inputs, ctx.items)
            if ctx.kind in ("state", "collect"):  # not in the test's lines
                for item in ctx.items:
                    if item[0] == "b":
                        inputs.update(self.made.shared_bodies(item))
            found = self._of_context[number] = frozenset(inputs)
        return found

    def _remembered(self, own: set[Input], contexts: set[int]) -> None:
        """Add what ran beneath functions whose results are remembered and that are mentioned."""
        pending = {*own}
        while pending:
            names, pending = self._hiding.of(pending), set()
            numbers = {number for name in names for number in self.states[name]}
            for other in set[int]().union(*map(self.reach, numbers)) - contexts:
                contexts.add(other)
                ctx = self.main.contexts[other]
                fresh: set[Input] = set()
                self._add(fresh, ctx.items)
                if ctx.kind == "state":
                    fresh.update(self.made.entered(ctx.name, ctx.facts["line"], ctx.facts["code"]))
                pending |= fresh - own
                own |= fresh
                own |= {one._replace(kind="shared") for one in fresh if one.kind == "body"}

    def _hidden_names(self, body: Body, _path: str) -> Iterable[str]:
        return (body.mentions.names | body.mentions.attrs) & self.states.keys()

    def _children_of(
        self, test: RanTest, items: Iterable[Item], own: set[Input], roots: set[str]
    ) -> None:
        started = 0
        for child in self.children:
            ended = child.ended if child.ended is not None else float("inf")
            if child.began > test.ended or ended < test.began:
                continue
            started += test.began <= child.began
            for ctx in child.contexts.values():
                fresh: set[Input] = set()
                self._add(fresh, ctx.items)
                own |= fresh
                own |= {one._replace(kind="shared") for one in fresh if one.kind == "body"}
                roots |= {item[1] for item in ctx.items if item[0] == "m"}
        if started < sum(item[0] == "c" for item in items):
            why = "a Python child process left no record"
            own.add(Input("opaque", "", why, self.tree.everything()))

    @cached_property
    def session(self) -> frozenset[Item]:
        found: set[Item] = set()
        for number in self.reach(0):
            found |= self.main.contexts[number].items
        for child in self.children:
            ended = child.ended if child.ended is not None else float("inf")
            if not any(t.began <= ended and t.ended >= child.began for t in self.main.tests):
                for ctx in child.contexts.values():
                    found |= ctx.items
        return frozenset(found)

    @cached_property
    def _session_modules(self) -> frozenset[str]:
        """Modules whose import may bear on every test: all but conftests without an effect."""
        modules = {item[1] for item in self.session if item[0] == "m"}
        return frozenset(
            path
            for path in modules
            if not (path.endswith("conftest.py") and path in self.paths)
            or any(unit.effect and unit.kind != "def" for unit in self.facts_of(path).units)
        )

    @cached_property
    def _session_inputs(self) -> frozenset[Input]:
        found = {Input("hooks", "", "", session_hooks(self.paths, self.facts_of))}
        self._add(found, self.session)  # what plugins look for in vain is nobody's business
        found |= {one._replace(kind="shared") for one in found if one.kind == "body"}
        return frozenset(i for i in found if i.kind != "made" or self.tree.exists(i.path))

    def _closure_inputs(self, closure: frozenset[str]) -> frozenset[Input]:
        known = self._shared.get(closure)
        if known is not None:
            return known
        found: set[Input] = set()
        names: set[str] = set()
        for path in closure:
            found.add(Input("module", path, "", self.tree.blob(path)))
            found |= self.under.get(path, frozenset())
            if path in self.paths:
                facts = self.facts_of(path)
                for item in facts.imports:
                    names.update(self.modules.candidates(item, path))
                for unit in facts.units:
                    found.update(self._reading.named(unit.mentions.files))
        for name in names:
            found.update(self.made.name(name))
        self._shared[closure] = frozenset(found)
        return self._shared[closure]

    # -- lines -------------------------------------------------------------------------------------

    def _executed(
        self, test: RanTest, contexts: Iterable[int]
    ) -> tuple[dict[tuple[str, str], bytes], ...]:
        """Return the lines and the arcs of a test and its fixtures, by path and blob."""
        fixtures = [n for n in contexts if self.main.contexts[n].kind == "fixture"]
        return tuple(
            {
                (path, blob): packed
                for path, packed in found.items()
                if (blob := self.tree.blob(path))
            }
            for found in self.executed.of([test.context, *fixtures])
        )


_SEVERITY = ("passed", "skipped", "xfailed", "xpassed", "failed", "error")


def _outcome(test: RanTest) -> str:
    outcomes = [outcome for _, outcome, _ in test.phases]
    while "rerun" in outcomes:  # plugins that try again make the earlier phases void
        del outcomes[: outcomes.index("rerun") + 1]
    if not outcomes or not set(outcomes) <= set(_SEVERITY):
        return "error"
    return max(outcomes, key=_SEVERITY.index)

"""Turns what the recorder wrote into traces, with the values of the tree that was tested."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from covgate.source.blocks.modules import Graph, Modules, conftests, edges_of
from covgate.traces.model import Draft, Input, Surroundings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from covgate.source.blocks.facts import Body, Facts, Unit
    from covgate.traces.spool import Item, Process, RanTest
    from covgate.traces.values import OutsideValues, TreeValues

T = TypeVar("T")


def drafts_of(
    processes: list[Process],
    tree: TreeValues,
    facts_of: Callable[[str], Facts],
    outside: OutsideValues,
    lines: Mapping[str, Mapping[str, frozenset[int]]],
    arcs: Mapping[str, Mapping[str, frozenset[tuple[int, int]]]] | None = None,
) -> tuple[Draft, ...]:
    """Return the traces of all tests that came to their end.

    `facts_of` gives the facts of a file of the tree; `lines` are executed lines by coverage
    context and path.
    """
    if not processes or processes[0].child:
        return ()
    ingest = _Ingest(processes, tree, facts_of, outside, lines, arcs or {})
    return tuple(ingest.draft(test) for test in processes[0].tests if ingest.is_complete(test))


class _Ingest:
    def __init__(
        self,
        processes: list[Process],
        tree: TreeValues,
        facts_of: Callable[[str], Facts],
        outside: OutsideValues,
        lines: Mapping[str, Mapping[str, frozenset[int]]],
        arcs: Mapping[str, Mapping[str, frozenset[tuple[int, int]]]],
    ) -> None:
        self.main, *self.children = processes
        self.tree = tree
        self.facts_of = facts_of
        self.outside = outside
        self.lines = lines
        self.arcs = arcs
        self.finished = self.main.ended is not None
        self.surroundings = self.main.surroundings or Surroundings()
        self.paths = frozenset(path for path in tree.snapshot.entries if path.endswith(".py"))
        self.modules = Modules(
            tree.snapshot.entries, ("", *self.surroundings.roots, *self._child_roots())
        )
        self._places: dict[str, dict[tuple[int, str], Body]] = {}
        self._shared: dict[frozenset[str], frozenset[Input]] = {}
        self._converted: dict[tuple[Item, str], frozenset[Input]] = {}

    def _child_roots(self) -> Iterable[str]:
        if self.tree.root is None:
            return
        top = str(self.tree.root)
        for child in self.children:
            for place in child.roots:
                if place == top or place.startswith(top + "/"):
                    yield place[len(top) + 1 :]

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
                    body = self.body_at(ctx.name, ctx.facts["line"], ctx.facts["code"])
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
                    for value in self.convert(item, ctx.name):
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
        own: set[Input] = set()
        self._add(own, items, test.file)
        own |= {
            shared
            for number in contexts
            if self.main.contexts[number].kind == "state"
            for item in self.main.contexts[number].items
            if item[0] == "b"
            for shared in self._shared_bodies(item)
        }
        self._remembered(own, contexts, test.file)
        roots = {path for kind, path, *_ in items if kind in ("m", "C")}
        self._children_of(test, items, own, roots)
        own.add(Input("own", test.file, test.name, ""))
        own.add(Input("conftests", test.file, "", ",".join(conftests(test.file, self.paths))))
        roots |= {one.path for one in own if one.kind == "body"} | {test.file}
        roots |= set(conftests(test.file, self.paths))
        roots |= self._session_modules
        closure = frozenset().union(*(self.graph.closure(path) for path in roots if path))
        self._sensitive(own, closure, test.file)
        return Draft(
            test.id,
            test.file,
            _outcome(test),
            round(sum(seconds for _, _, seconds in test.phases), 6),
            test.ended,
            (frozenset(own), self._closure_inputs(closure), self._session_inputs),
            self._executed(self.lines, test, contexts),
            self._executed(self.arcs, test, contexts),
        )

    def _add(self, into: set[Input], items: Iterable[Item], file: str) -> None:
        for item in items:
            into.update(self.convert(item, file))

    def _remembered(self, own: set[Input], contexts: set[int], file: str) -> None:
        """Add what ran beneath functions whose results are remembered and that are mentioned."""
        pending = [one for one in own if one.kind == "body"]
        while pending:
            body = self.body(pending.pop())
            if body is None:
                continue
            for name in (body.mentions.names | body.mentions.attrs) & self.states.keys():
                for number in self.states[name]:
                    for other in self.reach(number) - contexts:
                        contexts.add(other)
                        ctx = self.main.contexts[other]
                        fresh: set[Input] = set()
                        self._add(fresh, ctx.items, file)
                        if ctx.kind == "state":
                            fresh.update(
                                self._entered(ctx.name, ctx.facts["line"], ctx.facts["code"])
                            )
                        pending.extend(one for one in fresh - own if one.kind == "body")
                        own |= fresh | {
                            one._replace(kind="shared") for one in fresh if one.kind == "body"
                        }

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
                self._add(fresh, ctx.items, test.file)
                own |= fresh
                own |= {one._replace(kind="shared") for one in fresh if one.kind == "body"}
                roots |= {item[1] for item in ctx.items if item[0] == "m"}
        if started < sum(item[0] == "c" for item in items):
            why = "a Python child process left no record"
            own.add(Input("opaque", "", why, self.tree.everything()))

    def _sensitive(self, own: set[Input], closure: frozenset[str], file: str) -> None:
        """Add what tests depend on whose code reads docstrings or line numbers."""
        bodies = [one for one in own if one.kind == "body"]
        flags = {
            (flag, one.path)
            for one in bodies
            if (body := self.body(one)) is not None
            for flag in body.mentions.flags
        }
        if any(flag == "lines" or (flag, path) == ("lineno", file) for flag, path in flags):
            for path in {one.path for one in bodies}:
                own.add(Input("whole", path, "", self.tree.blob(path)))
        if any(flag == "doc" for flag, _ in flags):
            for path in closure & self.paths:
                own.add(Input("docs", path, "", docs_of(self.facts_of(path))))

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
        found: set[Input] = {
            Input("hooks", "", "", session_hooks(self.tree.snapshot.entries, self.facts_of))
        }
        self._add(found, self.session, "")
        return frozenset(found)

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
                for item in self.facts_of(path).imports:
                    names.update(self.modules.candidates(item, path))
        for name in names:
            found.update(self._name(name))
        self._shared[closure] = frozenset(found)
        return self._shared[closure]

    def _name(self, name: str) -> Iterable[Input]:
        """Return the inputs that looking for a module means."""
        found = self.modules.place(name)
        if name.startswith("/") or found:
            return {Input("name", "", name, ",".join(found))}
        top = name.partition(".")[0]
        value = ",".join(self.modules.find(top))
        if value:
            return {Input("name", "", name, "")}
        inputs = {Input("name", "", top, "")}
        if top not in sys.stdlib_module_names and top not in _EVERYWHERE:
            inputs.add(Input("package", "", top, self.outside.package(top)))
        return inputs

    # -- items -------------------------------------------------------------------------------------

    def convert(self, item: Item, file: str) -> frozenset[Input]:
        """Return the inputs that an item of the recorder stands for."""
        known = self._converted.get((item, file if item[0] == "C" else ""))
        if known is None:
            known = frozenset(self._convert(item))
            self._converted[item, file if item[0] == "C" else ""] = known
        return known

    def _convert(self, item: Item) -> Iterable[Input]:
        kind, subject = item[0], item[1]
        if kind == "B":
            yield from self._shared_bodies(item)
            yield from self._entered(subject, item[2], item[3])
        elif kind == "b":
            yield from self._entered(subject, item[2], item[3])
        elif kind == "w":
            yield Input("whole", subject, "", self.tree.file(subject))
        elif kind == "f":
            if self.tree.is_known(subject) or subject not in self.main.written:
                yield Input("file", subject, "", self.tree.file(subject))
        elif kind == "l":
            yield Input("list", subject, "", self.tree.listing(subject))
        elif kind == "e":
            if self.tree.is_known(subject) or subject not in self.main.written:
                yield Input("exists", subject, "", self.tree.exists(subject))
        elif kind == "v":
            yield Input("env", "", subject, self.outside.variable(subject))
        elif kind == "d":
            yield Input("distribution", "", subject, self.outside.distribution(subject))
        elif kind == "i":
            yield from self._name(subject)
        elif kind == "F":
            yield Input("fixture", "", subject, "")
        elif kind == "C":
            yield Input("own", subject, item[2], "")
        elif kind == "o":
            yield Input("opaque", "", subject, self.tree.everything())

    def _shared_bodies(self, item: Item) -> Iterable[Input]:
        """Return what a body means that another test may have run for this one."""
        for one in self._entered(item[1], item[2], item[3]):
            if one.kind == "body":
                yield one._replace(kind="shared")

    def _entered(self, path: str, line: int, name: str) -> Iterable[Input]:
        if path not in self.paths:
            yield Input("file", path, "", self.tree.file(path))
            return
        if not self.facts_of(path).readable:
            yield Input("whole", path, "", self.tree.blob(path))
            return
        body = self.body_at(path, line, name)
        if body is not None:
            yield Input("body", path, body.key, body.hash)

    def body_at(self, path: str, line: int, name: str) -> Body | None:
        """Return the body of a code object; for lambdas and the like the one around it."""
        places = self._places.get(path)
        bodies = self.facts_of(path).bodies
        if places is None:
            places = {
                (one.first, one.key.partition("#")[0].rpartition(".")[2]): one for one in bodies
            }
            self._places[path] = places
        exact = places.get((line, name))
        if exact is not None:
            return exact
        around = [one for one in bodies if one.start <= line <= one.end]
        return min(around, key=lambda one: one.end - one.start, default=None)

    def body(self, one: Input) -> Body | None:
        """Return the facts of a body input."""
        index = self._keys.get(one.path)
        if index is None:
            index = self._keys[one.path] = {b.key: b for b in self.facts_of(one.path).bodies}
        return index.get(one.key)

    @cached_property
    def _keys(self) -> dict[str, dict[str, Body]]:
        return {}

    # -- lines -------------------------------------------------------------------------------------

    def _executed(
        self,
        by_context: Mapping[str, Mapping[str, frozenset[T]]],
        test: RanTest,
        contexts: Iterable[int],
    ) -> Mapping[tuple[str, str], frozenset[T]]:
        """Return what a test and its fixtures executed, by path and blob."""
        found: dict[tuple[str, str], set[T]] = defaultdict(set)
        labels = [test.id]
        labels += [f"fixture {n}" for n in contexts if self.main.contexts[n].kind == "fixture"]
        for label in labels:
            for path, items in by_context.get(label, {}).items():
                blob = self.tree.blob(path)
                if blob:
                    found[path, blob] |= items
        return {key: frozenset(items) for key, items in found.items()}


# Imported by pytest and us in every run; their versions belong to the environment.
_EVERYWHERE = frozenset({"pytest", "_pytest", "pluggy", "coverage"})
_SEVERITY = ("passed", "skipped", "xfailed", "xpassed", "failed", "error")


def _outcome(test: RanTest) -> str:
    if not test.phases:
        return "error"
    return max((outcome for _, outcome, _ in test.phases), key=_SEVERITY.index)


def session_hooks(paths: Iterable[str], facts_of: Callable[[str], Facts]) -> str:
    """Return a hash of what all conftest files do to the whole run: hooks, effects on import."""
    from covgate.traces.values import digest

    parts = [
        f"{path} {unit.key} {unit.hash}"
        for path in sorted(paths)
        if path.rpartition("/")[2] == "conftest.py"
        for unit in facts_of(path).units
        if (unit.kind != "def" and unit.effect)
        or any(name in _SESSION_NAMES or _acts_on_session(name) for name in unit.binds)
    ]
    return digest("\n".join(parts))


def _acts_on_session(name: str) -> bool:
    return name.startswith("pytest_") and not name.startswith(_LOCAL_HOOKS)


_SESSION_NAMES = frozenset({"pytest_plugins", "collect_ignore", "collect_ignore_glob"})
# Hooks of a conftest that pytest calls only for what lies below it.
_LOCAL_HOOKS = (
    "pytest_runtest_setup", "pytest_runtest_call", "pytest_runtest_teardown",
    "pytest_runtest_makereport", "pytest_runtest_protocol", "pytest_generate_tests",
    "pytest_make_parametrize_id", "pytest_pyfunc_call", "pytest_fixture_setup",
    "pytest_fixture_post_finalizer", "pytest_itemcollected", "pytest_collect_file",
    "pytest_ignore_collect", "pytest_pycollect_makemodule", "pytest_pycollect_makeitem",
    "pytest_assertrepr_compare", "pytest_exception_interact",
)  # fmt: skip


def docs_of(facts: Facts) -> str:
    """Return the value of all docstrings of a file."""
    from covgate.traces.values import digest

    parts = [body.doc_hash for body in facts.bodies]
    parts += [unit.hash for unit in facts.units if unit.binds == ("__doc__",)]
    return digest("\n".join(parts))

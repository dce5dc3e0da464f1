"""Who mentions what, over all files of the target tree."""

from __future__ import annotations

import sys
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from covgate.impact.classes import ancestors
from covgate.impact.looking import WAYS
from covgate.source.blocks.modules import Graph, Modules, edges_of
from covgate.source.blocks.vocabulary import other_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from covgate.source.blocks.facts import Body, Facts, Import, Unit

Place = tuple[str, str]
_COMPUTING = frozenset({"computed", "computed attributes"})


class Index:
    """Look-ups by name over the Python files of a tree; `facts_of` gives the facts of one.

    `unknown` are the modules among `paths` that git does not know.
    """

    def __init__(
        self,
        paths: Iterable[str],
        roots: Iterable[str],
        facts_of: Callable[[str], Facts],
        unknown: Iterable[str] = (),
    ) -> None:
        everything = frozenset(paths)
        self.unknown = frozenset(unknown)
        self.paths = frozenset(path for path in everything if path.endswith(".py"))
        self.modules = Modules(everything, ("", *roots))
        self.facts_of = facts_of

    @cached_property
    def graph(self) -> Graph:
        imports = {path: self.facts_of(path).imports for path in self.paths}
        return Graph(edges_of(self.modules, imports))

    @cached_property
    def _bodies(self) -> tuple[dict[Place, list[Body]], dict[str, list[tuple[str, Body]]]]:
        names: dict[Place, list[Body]] = defaultdict(list)
        attrs: dict[str, list[tuple[str, Body]]] = defaultdict(list)
        for path in self.paths:
            for body in self.facts_of(path).bodies:
                for name in body.mentions.names:
                    names[path, name].append(body)
                for name in body.mentions.attrs:
                    attrs[name].append((path, body))
        return names, attrs

    @cached_property
    def _units(
        self,
    ) -> tuple[
        dict[Place, list[Unit]], dict[str, list[tuple[str, Unit]]], dict[Place, list[Place]]
    ]:
        names: dict[Place, list[Unit]] = defaultdict(list)
        attrs: dict[str, list[tuple[str, Unit]]] = defaultdict(list)
        imports: dict[Place, list[Place]] = defaultdict(list)
        for path in self.paths:
            for unit in self.facts_of(path).units:
                for name in unit.mentions.names:
                    names[path, name].append(unit)
                if unit.kind != "import":
                    for name in unit.mentions.attrs:
                        attrs[name].append((path, unit))
                for item in unit.mentions.imports:
                    if item.name is not None:
                        for target in self.modules.imported(item._replace(name=None), path):
                            imports[target, item.name].append((path, unit.key))
        return names, attrs, imports

    def nested(self, path: str, key: str) -> list[str]:
        """Return the keys of the functions inside of a function."""
        if path not in self._nested:
            table: dict[str, list[str]] = defaultdict(list)
            for body in self.facts_of(path).bodies if path in self.paths else ():
                outer, found, _ = body.key.rpartition(".<locals>.")
                while found:
                    table[outer].append(body.key)
                    outer, found, _ = outer.rpartition(".<locals>.")
            self._nested[path] = table
        return self._nested[path].get(key, [])

    @cached_property
    def _nested(self) -> dict[str, dict[str, list[str]]]:
        return {}

    def bodies_naming(self, path: str, name: str) -> list[Body]:
        """Return the bodies of a file that mention a plain name."""
        return self._bodies[0].get((path, name), [])

    def bodies_with_attribute(self, name: str) -> list[tuple[str, Body]]:
        """Return the bodies of any file that mention an attribute."""
        return self._bodies[1].get(name, [])

    def units_naming(self, path: str, name: str) -> list[Unit]:
        """Return the statements of a file that mention a plain name."""
        return self._units[0].get((path, name), [])

    def units_with_attribute(self, name: str) -> list[tuple[str, Unit]]:
        """Return the statements of any file that mention an attribute, imports left out."""
        return self._units[1].get(name, [])

    def importers(self, path: str, name: str) -> list[Place]:
        """Return (file, statement) of `from path import name`; the name "*" is a star import."""
        return self._units[2].get((path, name), [])

    @cached_property
    def looking(self) -> list[tuple[str, Unit]]:
        """The statements of any file that compute names which they look up."""
        return [
            (path, unit)
            for path in self.paths
            for unit in self.facts_of(path).units
            if not WAYS.isdisjoint(unit.mentions.flags)
        ]

    @cached_property
    def external_imports(self) -> dict[str, set[str]]:
        """Which files import a module from outside of the tree, as a statement of theirs."""
        found: dict[str, set[str]] = defaultdict(set)
        for path in self.paths:
            for unit in self.facts_of(path).units:
                if unit.kind == "import" and not unit.owner:
                    for item in unit.mentions.imports:
                        if not item.level and not self.modules.imported(item, path):
                            found[item.module].add(path)
        return found

    def other_names(self, path: str) -> Mapping[str, frozenset[str]]:
        """Return the names under which a file knows what computes names, with the flags of it."""
        if path not in self._other_names:
            self._other_names[path] = {
                name: flags & _COMPUTING
                for unit in (self.facts_of(path).units if path in self.paths else ())
                if unit.kind in ("import", "assign", "def")
                for name, flags in other_names(unit.mentions, unit.binds).items()
                if flags & _COMPUTING
            }
        return self._other_names[path]

    @cached_property
    def _other_names(self) -> dict[str, Mapping[str, frozenset[str]]]:
        return {}

    def unit(self, path: str, key: str) -> Unit | None:
        """Return a statement by its key."""
        table = self._unit_tables.get(path)
        if table is None:
            table = self._unit_tables[path] = {unit.key: unit for unit in self.facts_of(path).units}
        return table.get(key)

    @cached_property
    def _unit_tables(self) -> dict[str, dict[str, Unit]]:
        return {}

    def binders(self, path: str, name: str) -> list[Unit]:
        """Return the module-level statements of a file that bind a name."""
        if path not in self._binders:
            table: dict[str, list[Unit]] = defaultdict(list)
            for unit in self.facts_of(path).units if path in self.paths else ():
                if not unit.owner:
                    for bound in unit.binds:
                        table[bound].append(unit)
            self._binders[path] = table
        return self._binders[path].get(name, [])

    @cached_property
    def _binders(self) -> dict[str, dict[str, list[Unit]]]:
        return {}

    def body(self, path: str, key: str) -> Body | None:
        """Return a body by its key."""
        table = self._body_tables.get(path)
        if table is None:
            bodies = self.facts_of(path).bodies if path in self.paths else ()
            table = self._body_tables[path] = {body.key: body for body in bodies}
        return table.get(key)

    @cached_property
    def _body_tables(self) -> dict[str, dict[str, Body]]:
        return {}

    def sees(self, path: str, other: str) -> bool:
        """Whether code in `path` can reach the module `other` by its imports."""
        return path == other or other in self.graph.closure(path)

    def ways(self, path: str, key: str) -> frozenset[str]:
        """Return in which ways a function computes names."""
        body = self.body(path, key)
        flags = body.mentions.flags if body is not None else frozenset()
        if "given attributes" in flags and self._is_known_elsewhere(path, key):
            flags |= {"computed attributes"}
        return flags & WAYS

    def _is_known_elsewhere(self, path: str, name: str) -> bool:
        """Whether code of another file, or any by an attribute, may mention a name of a file."""
        return bool(
            self.importers(path, name)
            or self.importers(path, "*")
            or self.bodies_with_attribute(name)
            or self.units_with_attribute(name)
        )

    def is_passed(self, path: str) -> bool:
        """Whether a module is used as an object anywhere: then whoever gets it needs no import."""
        known = self._passed.get(path)
        if known is None:
            known = self._passed[path] = (
                any(
                    name in bare
                    for other, name in self._module_names.get(path, ())
                    for bare in self._bare(other)
                )
                or path in self._dotted
            )
        return known

    @cached_property
    def _dotted(self) -> frozenset[str]:
        """The modules that are used as objects by a dotted name."""
        found: set[str] = set()
        for path in self.paths:
            for bare in self._bare(path):
                for dotted in bare:
                    if "." in dotted:
                        # By the last part alone: what the first stands for may be a package.
                        found.update(self._ends.get(dotted.rpartition(".")[2], ()))
        return frozenset(found)

    @cached_property
    def _ends(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for path in self.paths:
            name = path.removesuffix("/__init__.py").removesuffix(".py")
            found[name.rpartition("/")[2]].append(path)
        return found

    @cached_property
    def _passed(self) -> dict[str, bool]:
        return {}

    def _bare(self, path: str) -> Iterable[frozenset[str]]:
        facts = self.facts_of(path)
        yield from (body.mentions.bare for body in facts.bodies)
        yield from (unit.mentions.bare for unit in facts.units)

    @cached_property
    def _module_names(self) -> dict[str, set[Place]]:
        """Under which names, in which files, a module is known as an object."""
        found: dict[str, set[Place]] = defaultdict(set)
        for path in self.paths:
            facts = self.facts_of(path)
            for unit in facts.units:
                if unit.kind == "import":
                    for item, bound in zip(unit.mentions.imports, unit.binds, strict=False):
                        for target in self._module_of(item, path):
                            found[target].add((path, bound))
            for body in facts.bodies:
                for item in body.mentions.imports:
                    for target in self._module_of(item, path):
                        found[target].add((path, (item.name or item.module).partition(".")[0]))
        return found

    def _module_of(self, item: Import, path: str) -> tuple[str, ...]:
        """Return the files whose module object an import binds to a name."""
        if item.name is None:
            return self.modules.place(item.module) + self.modules.place(
                item.module.partition(".")[0]
            )
        return self.modules.place(self.modules.candidates(item, path)[-1])

    def definitions(self, path: str, name: str) -> list[Place]:
        """Return where a name of a file is defined: (file, name), through imports."""
        known = self._definitions.get((path, name))
        if known is None:
            known = self._definitions[path, name] = self._follow(path, name)
        return known

    @cached_property
    def _definitions(self) -> dict[Place, list[Place]]:
        return {}

    def _follow(self, path: str, name: str) -> list[Place]:
        found: dict[Place, None] = {}
        seen = {(path, name)}
        pending = [(path, name)]
        while pending:
            place = pending.pop()
            for unit in self.binders(*place):
                if unit.kind != "import":
                    found[place] = None
                    continue
                for origin in self._origins(place[0], unit, place[1]):
                    if origin not in seen:
                        seen.add(origin)
                        pending.append(origin)
        # A circle without an end: any of its places may be the one.
        return list(found) if found or len(seen) == 1 else sorted(seen)

    def _origins(self, path: str, unit: Unit, name: str) -> Iterable[Place]:
        """Yield what an import statement binds to a name, as (file, name there)."""
        for item, bound in zip(unit.mentions.imports, unit.binds, strict=False):
            if bound == name and item.name is not None and item.name != "*":
                for target in self.modules.imported(item._replace(name=None), path):
                    if self.binders(target, item.name):
                        yield target, item.name

    def modules_named(self, path: str, name: str) -> tuple[str, ...]:
        """Return the files of the module that a name of a file stands for; () for anything else.

        A name that something else may be bound to, on whatever way, is no module.
        """
        found: dict[str, None] = {}
        seen = {(path, name)}
        pending = [(path, name)]
        while pending:
            place = pending.pop()
            binders = self.binders(*place)
            if not binders or any(unit.kind != "import" for unit in binders):
                return ()
            for unit in binders:
                for item, bound in zip(unit.mentions.imports, unit.binds, strict=False):
                    if bound != place[1]:
                        continue
                    files = self._module_of(item, place[0])
                    origins = [*self._origins(place[0], unit, bound)]
                    if not (files or origins) or any(file.endswith("/") for file in files):
                        return ()
                    found.update(dict.fromkeys(files))
                    pending += [one for one in origins if one not in seen]
                    seen.update(origins)
        return tuple(found)

    def is_external(self, path: str, name: str) -> bool:
        """Whether a name of a file is bound by importing something from outside of the tree."""
        binders = self.binders(path, name)
        return bool(binders) and all(
            unit.kind == "import"
            and not any(self.modules.imported(item, path) for item in unit.mentions.imports)
            for unit in binders
        )

    def targets(self, path: str, called: str) -> list[Place]:
        """Return the functions that a dotted name may call, those that make an object included."""
        known = self._targets.get((path, called))
        if known is None:
            known = self._targets[path, called] = self._find_targets(path, called)
        return known

    @cached_property
    def _targets(self) -> dict[Place, list[Place]]:
        return {}

    def _find_targets(self, path: str, called: str) -> list[Place]:
        root, _, rest = called.partition(".")
        if rest:
            files = self.modules_named(path, root)
            if files:
                return [place for file in files for place in self.targets(file, rest)]
        found: list[Place] = []
        for place, name in self.definitions(path, root):
            key = f"{name}.{rest}" if rest else name
            if self.body(place, key) is not None:
                found.append((place, key))
            elif not rest:
                found += [
                    (where, f"{one}.{special}")
                    for where, one in ancestors(self, place, name)
                    for special in _CREATION
                ]
        return found


# Methods that run when a class is called or derived from.
_CREATION = ("__init__", "__new__", "__init_subclass__", "__set_name__")


def is_standard(name: str) -> bool:
    """Whether a dotted module name is of the standard library."""
    return name.partition(".")[0] in sys.stdlib_module_names

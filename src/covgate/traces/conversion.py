"""Turns single items of the recorder into inputs, with their value in the tree that was tested."""

from __future__ import annotations

import sys
from functools import cached_property
from typing import TYPE_CHECKING

from covgate.traces.model import Input

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from covgate.source.blocks.facts import Body, Facts
    from covgate.source.blocks.modules import Modules
    from covgate.traces.spool import Item
    from covgate.traces.values import OutsideValues, TreeValues

# Imported by pytest and us in every run; their versions belong to the environment.
_EVERYWHERE = frozenset({"pytest", "_pytest", "pluggy", "coverage"})


class Conversion:
    """What items stand for on one tree; `written` are files that the run itself wrote."""

    def __init__(
        self,
        tree: TreeValues,
        outside: OutsideValues,
        facts_of: Callable[[str], Facts],
        modules: Modules,
        written: frozenset[str],
    ) -> None:
        self.tree = tree
        self.outside = outside
        self.facts_of = facts_of
        self.modules = modules
        self.written = written
        self.paths = frozenset(path for path in tree.paths if path.endswith(".py"))
        self._places: dict[str, dict[tuple[int, str], Body]] = {}
        self._converted: dict[Item, frozenset[Input]] = {}
        self._makers: dict[str, Callable[[Item], Iterable[Input]]] = {
            "b": lambda item: self.entered(item[1], item[2], item[3]),
            "B": self._running,
            "w": self._whole,
            "f": self._file,
            "l": lambda item: [Input("list", item[1], "", tree.listing(item[1]))],
            "e": self._existence,
            "v": lambda item: [Input("env", "", item[1], outside.variable(item[1]))],
            "d": lambda item: [Input("distribution", "", item[1], outside.distribution(item[1]))],
            "i": lambda item: self.name(item[1]),
            "H": lambda item: [Input("handed", item[1], "", "")],
            "F": lambda item: [Input("fixture", "", item[1], "")],
            "C": lambda item: [Input("own", item[1], item[2], "")],
            "o": lambda item: [Input("opaque", "", item[1], tree.everything())],
        }

    def name(self, name: str) -> Iterable[Input]:
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

    def convert(self, item: Item) -> frozenset[Input]:
        """Return the inputs that an item of the recorder stands for."""
        known = self._converted.get(item)
        if known is None:
            make = self._makers.get(item[0])
            known = frozenset(make(item) if make is not None else ())
            self._converted[item] = known
        return known

    def _running(self, item: Item) -> Iterable[Input]:
        yield from self.shared_bodies(item)
        yield from self.entered(item[1], item[2], item[3])

    def _whole(self, item: Item) -> Iterable[Input]:
        path = item[1]
        if path.endswith(".py") and not self.tree.blob(path) and not self.tree.is_known(path):
            yield Input("module", path, "", "")  # the run itself may have made it
        else:
            yield Input("whole", path, "", self.tree.blob(path) or self.tree.file(path))

    def _file(self, item: Item) -> Iterable[Input]:
        if self.tree.is_known(item[1]) or item[1] not in self.written:
            yield Input("file", item[1], "", self.tree.file(item[1]))
        if not self.tree.is_known(item[1]):
            yield Input("made", item[1], "", "")

    def _existence(self, item: Item) -> Iterable[Input]:
        if self.tree.is_known(item[1]) or item[1] not in self.written:
            yield Input("exists", item[1], "", self.tree.exists(item[1]))
        else:
            yield Input("made", item[1], "", "")

    def shared_bodies(self, item: Item) -> Iterable[Input]:
        """Return what a body means that another test may have run for this one."""
        for one in self.entered(item[1], item[2], item[3]):
            if one.kind == "body":
                yield one._replace(kind="shared")

    def entered(self, path: str, line: int, name: str) -> Iterable[Input]:
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

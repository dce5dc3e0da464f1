"""What a test may find because another one ran: in objects of libraries, under global names."""

from __future__ import annotations

import sys
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from covgate.traces.once import Once

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from covgate.source.blocks.facts import Body
    from covgate.source.blocks.modules import Graph
    from covgate.traces.conversion import Conversion
    from covgate.traces.model import Input
    from covgate.traces.spool import Context, Item


class Holding:
    """Of one recording; `items` are those of each of its tests, `contexts` all of its contexts."""

    def __init__(
        self,
        made: Conversion,
        graph: Graph,
        items: Iterable[frozenset[Item]],
        contexts: Iterable[Context],
    ) -> None:
        self._made = made
        self._graph = graph
        self._items = items
        self._contexts = contexts
        self._looking = Once(made.body, self._written)
        self._mentioning = Once(made.body, self._mentions)

    def written_for(self, inputs: Iterable[Input]) -> set[Input]:
        """Return the functions, run by any test, that set what those of this one look at."""
        return self._looking.of(inputs) if self._writers else set()

    def _written(self, body: Body, path: str) -> Iterable[Input]:
        sees = self._graph.closure(path)
        for name in (body.mentions.names | body.mentions.attrs) & self._writers.keys():
            yield from (writer for writer in self._writers[name] if writer.path in sees)

    @cached_property
    def _writers(self) -> Mapping[str, set[Input]]:
        """Functions that ran and changed what a module-level name stands for, tests left out."""
        found: dict[str, set[Input]] = defaultdict(set)
        for ctx in self._contexts:
            if ctx.kind == "state" and not ctx.facts["code"].startswith("test"):
                for one in self._made.entered(ctx.name, ctx.facts["line"], ctx.facts["code"]):
                    body = self._made.body(one) if one.kind == "body" else None
                    for name in body.writes if body is not None else ():
                        found[name].add(one._replace(kind="shared"))
        return found

    def mentioned(self, inputs: Iterable[Input]) -> set[str]:
        """Return the names of objects that functions among `inputs` mention."""
        return self._mentioning.of(inputs) if self._objects else set()

    def _mentions(self, body: Body, _path: str) -> frozenset[str]:
        return self._objects & (body.mentions.names | body.mentions.attrs)

    @cached_property
    def kept(self) -> Mapping[str, set[Item]]:
        """What libraries read while tests ran that mention an object, by the object's name."""
        found: dict[str, set[Item]] = defaultdict(set)
        for items in self._items if self._objects else ():
            read = {item[1:] for item in items if item[0] == "L"}
            bodies = (item for item in items if read and item[0] == "b")
            for name in self.mentioned(one for item in bodies for one in self._made.convert(item)):
                found[name] |= read
        return found

    @cached_property
    def _objects(self) -> frozenset[str]:
        found: set[str] = set()
        for path in self._made.paths:
            foreign = self._foreign(path)
            for unit in self._made.facts_of(path).units:
                if unit.kind == "assign" and not unit.owner:
                    if any(call.partition(".")[0] in foreign for call in unit.mentions.calls):
                        found.update(unit.binds)
        return frozenset(found)

    def _foreign(self, path: str) -> frozenset[str]:
        """Return the names that a file imports from libraries, the standard one left out."""
        return frozenset(
            name
            for unit in self._made.facts_of(path).units
            if unit.kind == "import" and not unit.owner
            for item, name in zip(unit.mentions.imports, unit.binds, strict=False)
            if not item.level
            and item.module.partition(".")[0] not in sys.stdlib_module_names
            and not self._made.modules.imported(item, path)
        )

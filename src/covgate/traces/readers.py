"""Which code reads docstrings, line numbers and the like, under whatever name it knows how."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from covgate.source.blocks.vocabulary import other_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from covgate.source.blocks.facts import Body, Facts

_NOWHERE = ""


class Readers:
    """Of one recording; `facts_of` gives the facts of a file of the tree."""

    def __init__(self, facts_of: Callable[[str], Facts]) -> None:
        self._facts_of = facts_of
        self._by_file: dict[str, Mapping[str, frozenset[str]]] = {}
        self._by_closure: dict[frozenset[str], Mapping[str, frozenset[str]]] = {}

    def flags(self, bodies: Iterable[tuple[Body | None, str]]) -> set[tuple[str, str]]:
        """Return what functions read themselves, with the file that each is in."""
        return {
            (flag, path)
            for body, path in bodies
            if body is not None
            for flag in body.mentions.flags
        }

    def by_other_names(
        self, bodies: Iterable[Body | None], closure: frozenset[str]
    ) -> set[tuple[str, str]]:
        """Return what they read by names that statements of a closure bind for a reader."""
        bound = self._bound(closure)
        found: set[tuple[str, str]] = set()
        for body in bodies if bound else ():
            if body is not None:
                for name in bound.keys() & (body.mentions.names | body.mentions.attrs):
                    found.update((flag, _NOWHERE) for flag in bound[name])
        return found

    def _bound(self, closure: frozenset[str]) -> Mapping[str, frozenset[str]]:
        known = self._by_closure.get(closure)
        if known is None:
            found: dict[str, frozenset[str]] = defaultdict(frozenset)
            for path in closure:
                for name, flags in self._of_file(path).items():
                    found[name] |= flags
            known = self._by_closure[closure] = dict(found)
        return known

    def _of_file(self, path: str) -> Mapping[str, frozenset[str]]:
        if path not in self._by_file:
            self._by_file[path] = {
                name: flags
                for unit in self._facts_of(path).units
                if unit.kind in ("import", "assign", "def")
                for name, flags in other_names(unit.mentions, unit.binds).items()
            }
        return self._by_file[path]

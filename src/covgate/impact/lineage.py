"""Which classes derive from which, over all files, by what each file says by itself."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from covgate.impact.index import Place
    from covgate.source.blocks.facts import Memory

_MARKS = re.compile("[.:*!?=@]")


class Classes:
    """The classes of all files, and what they derive from; those of other files by their name."""

    def __init__(self, memories: Mapping[str, Memory]) -> None:
        self._bases: dict[Place, list[str]] = defaultdict(list)
        self._named: dict[str, list[Place]] = defaultdict(list)
        self._derived: dict[str, list[Place]] = defaultdict(list)
        self._before: dict[str, set[str]] = defaultdict(set)
        self._related: dict[tuple[Place, bool], tuple[Place, ...]] = {}
        self._next: dict[tuple[Place, bool], tuple[Place, ...]] = {}
        for path, one in memories.items():
            for name, other in one.renamed:
                self._before[other].add(name)
            for name, base in one.holding.classes:
                self._bases[path, name] += [base] if base else []
        for place, bases in self._bases.items():
            self._named[last_name(place[1])].append(place)
            for base in bases:
                for name in self._names_of(base):
                    self._derived[name].append(place)

    def has(self, place: Place) -> bool:
        """Whether a place is a class."""
        return place in self._bases

    def related(self, place: Place, *, down: bool = True) -> tuple[Place, ...]:
        """Return a class, those that it derives from and, when asked for, those derived from it."""
        key = place, down
        if key not in self._related:
            found = {place: None}
            for upward in (True, False) if down else (True,):
                pending = [place]
                while pending:
                    new = [one for one in self._nearest(pending.pop(), upward) if one not in found]
                    found.update(dict.fromkeys(new))
                    pending += new
            self._related[key] = tuple(found)
        return self._related[key]

    def names_above(self, names: Iterable[str]) -> frozenset[str]:
        """Return some names of classes with those that classes of these names derive from."""
        found: set[str] = set()
        pending = [*names]
        while pending:
            name = pending.pop()
            if name not in found:
                found.add(name)
                pending += self._before.get(name, ())
                for place in self._named.get(name, ()):
                    pending += [last_name(base) for base in self._bases[place]]
        return frozenset(found)

    def _nearest(self, place: Place, upward: bool) -> tuple[Place, ...]:
        key = place, upward
        if key not in self._next:
            found = self._above(place) if upward else self._below(place)
            self._next[key] = tuple(dict.fromkeys(found))
        return self._next[key]

    def _above(self, place: Place) -> Iterator[Place]:
        for base in self._bases.get(place, ()):
            if base.startswith(":") and (place[0], base[1:]) in self._bases:
                yield place[0], base[1:]
            else:
                for name in self._names_of(base):
                    yield from self._named.get(name, ())

    def _below(self, place: Place) -> Iterator[Place]:
        for one in self._derived.get(last_name(place[1]), ()):
            own = f":{place[1]}"
            if one[0] == place[0] or own not in self._bases[one]:
                yield one

    def _names_of(self, base: str) -> set[str]:
        """Return the names that the class may have which a base stands for."""
        found: set[str] = set()
        pending = [last_name(base)]
        while pending:
            name = pending.pop()
            if name not in found:
                found.add(name)
                pending += self._before.get(name, ())
        return found


def last_name(name: str) -> str:
    """Return the last of the names in an origin, or of a place."""
    return _MARKS.split(name.removesuffix("()"))[-1]


def plain_name(name: str) -> str:
    """Return a name with dots alone between its parts."""
    return _MARKS.sub(".", name)


def names_in(origin: str) -> list[str]:
    """Return the names in an origin that may be those of what tells."""
    if origin.startswith("@"):
        return [last_name(origin)]
    names = origin.replace("()", "").lstrip("?:.").split(".")
    return names if origin[0] in ":.?" else names[1:]

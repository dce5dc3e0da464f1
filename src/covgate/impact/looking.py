"""Which statements look names up by computing them while they run on import."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from covgate.impact.index import Index, Place
    from covgate.impact.names import Spreading
    from covgate.source.blocks.facts import Unit

WAYS = frozenset({"computed", "computed own", "computed attributes", "computed members"})
_OF_OBJECTS = frozenset({"computed attributes", "computed members"})
# Nobody comes upon these by accident.
UNSOUGHT = frozenset({"__all__", "__doc__"})


class _Look(NamedTuple):
    """A statement of a file, the ways in which it computes names, and the files whose own it may.

    `bodies` are the functions that it runs.
    """

    path: str
    unit: Unit
    ways: frozenset[str]
    own: frozenset[str]
    bodies: frozenset[Place]


class Looking:
    """Such statements of the files of an import closure.

    `under` gives the statements (file, key) beneath which a function ran; `holding` the
    propagation that starts from the object behind a name of a file. None: nothing is found.
    Where `any_holds`, each of them may have any class in its hands.
    """

    def __init__(
        self,
        index: Index,
        closure: frozenset[str],
        under: Mapping[Place, Iterable[Place]],
        holding: Callable[[str, str], Spreading] | None,
        *,
        any_holds: bool = False,
    ) -> None:
        self._index = index
        self._closure = closure
        self._under = under
        self._holding = holding
        self._any_holds = any_holds
        self._known: dict[Place, Spreading] = {}

    def at_name(self, path: str) -> Iterable[tuple[str, Unit]]:
        """Yield those that may come upon a module-level name of a file, but for `UNSOUGHT`."""
        for one in self._looks:
            if (
                "computed" in one.ways
                or path in one.own
                or ("computed attributes" in one.ways and self._index.is_passed(path))
            ):
                yield one.path, one.unit

    def at_member(self, path: str, top: str) -> Iterable[tuple[str, Unit]]:
        """Yield those that may come upon the members of a class."""
        for one in self._looks:
            if self._any_holds or "computed" in one.ways or self._may_hold(one, path, top):
                yield one.path, one.unit

    def _may_hold(self, look: _Look, path: str, top: str) -> bool:
        """Whether a statement may have a class, or an object of it, in its hands."""
        held = self._known.get((path, top))
        if held is None:
            assert self._holding is not None
            held = self._known[path, top] = self._holding(path, top)
        return (
            (look.path, look.unit.key) in held.units
            or not look.bodies.isdisjoint(held.bodies.keys() | held.members.keys())
            or look.path in held.wide
            or any(one in look.own for one, _ in held.names)
            # Who looks up names of its module alone gets to no attribute of what it finds there.
            or (
                not look.ways.isdisjoint(_OF_OBJECTS)
                and (
                    bool(held.attributes)
                    or any(self._index.is_passed(one) for one, _ in held.names)
                )
            )
        )

    @cached_property
    def _looks(self) -> tuple[_Look, ...]:
        found: dict[Place, list[tuple[str, frozenset[str]]]] = defaultdict(list)
        if self._holding is None:
            return ()
        for path, one in self._index.looking:
            if path in self._closure:
                found[path, one.key].append((path, one.mentions.flags & WAYS))
        for place, statements in self._under.items():
            ways = self._index.ways(*place)
            if ways:
                for statement in statements:
                    found[statement].append((place[0], ways))
        return tuple(
            _Look(
                place[0],
                unit,
                frozenset().union(*(ways for _, ways in some)),
                frozenset(path for path, ways in some if "computed own" in ways),
                self._beneath(place),
            )
            for place, some in found.items()
            if (unit := self._index.unit(*place)) is not None
        )

    def _beneath(self, statement: Place) -> frozenset[Place]:
        return frozenset(self._by_statement.get(statement, ()))

    @cached_property
    def _by_statement(self) -> Mapping[Place, set[Place]]:
        found: dict[Place, set[Place]] = defaultdict(set)
        for place, statements in self._under.items():
            for statement in statements:
                found[statement].add(place)
        return found

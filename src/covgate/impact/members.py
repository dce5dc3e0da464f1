"""A member appended to an enumeration: only who uses the enumeration as a whole notices."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from covgate.impact.classes import ENUMS, is_from
from covgate.source.blocks.aside import constant_of, whole_uses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from covgate.impact.difference import UnitChange
    from covgate.impact.index import Index, Place
    from covgate.source.blocks.aside import WholeUses
    from covgate.source.blocks.facts import Unit

# No names for members.
_RESERVED = frozenset({"mro", "name", "value"})


class Appended(NamedTuple):
    """Member `name`, which comes after the other `members` of an enumeration."""

    path: str
    owner: str
    name: str
    members: frozenset[str]

    @property
    def reason(self) -> str:
        """What changed, for people."""
        return f"{self.owner}.{self.name} of {self.path} is new"


class Users(NamedTuple):
    """The functions, and the statements that run on import, that use an enumeration as a whole."""

    bodies: tuple[Place, ...]
    units: tuple[tuple[str, Unit], ...]
    wide: tuple[str, ...]


class Enumerations:
    """Answers for one target tree; `text_of` gives the text of one of its files."""

    def __init__(self, index: Index, text_of: Callable[[str], bytes | None]) -> None:
        self._index = index
        self._text_of = text_of

    def appended(self, path: str, change: UnitChange) -> Appended | None:
        """Return the member that a change appends to an enumeration of the standard library's.

        None for any other change, and when making the class does more than collect members.
        """
        unit = change.new
        if change.old is not None or unit is None or unit.kind != "assign" or not unit.harmless:
            return None
        owner = unit.owner
        if not owner or "." in owner or len(unit.binds) != 1 or unit.binds[0].startswith("_"):
            return None
        index = self._index
        classes = [one for one in index.facts_of(path).classes if one.key == owner]
        bodies = (body.key for body in index.facts_of(path).bodies)
        if len(classes) != 1 or classes[0].opaque or len(classes[0].bases) != 1:
            return None
        if (
            any(key.startswith(f"{owner}._") for key in bodies)
            or len(index.binders(path, owner)) > 1
        ):
            return None
        (base,) = classes[0].bases
        if not is_from(index, path, base, "enum", ENUMS) or not self._is_value(path, unit, base):
            return None
        others = [
            one for one in index.facts_of(path).units if one.owner == owner and one is not unit
        ]
        if any(one.line > unit.line and one.kind != "def" for one in others):
            return None
        if unit.binds[0] in _RESERVED.union(*(one.binds for one in others)):
            return None
        members = frozenset(name for one in others if one.kind == "assign" for name in one.binds)
        return Appended(path, owner, unit.binds[0], members)

    def _is_value(self, path: str, unit: Unit, base: str) -> bool:
        """Whether a member certainly can have the value that it is given."""
        text = self._text_of(path)
        value = constant_of(text, unit.owner, unit.binds[0]) if text is not None else ...
        kind = base.rpartition(".")[2]
        if kind == "Enum":
            return isinstance(value, str | int | float | bytes)
        return isinstance(value, int if kind == "IntEnum" else str)

    def users(self, one: Appended, closure: frozenset[str]) -> Users:
        """Return who, among the files of an import closure, uses an enumeration as a whole."""
        bodies: dict[Place, None] = {}
        units: dict[Place, tuple[str, Unit]] = {}
        wide: dict[str, None] = {}
        known = [(*place, True) for place in self._known_as(one, closure)]
        known += [(path, one.owner, False) for path in self._with_attribute(one, closure)]
        for path, name, named in known:
            found = self._uses(path, name, one.members)
            if found is None:
                wide[path] = None
                continue
            for key in sorted(found.named_bodies if named else found.bodies):
                bodies[path, key] = None
            spans = found.named_units if named else found.units
            for unit in self._index.facts_of(path).units if spans else ():
                if (unit.owner, unit.line, unit.end) in spans and unit.kind != "import":
                    units[path, unit.key] = (path, unit)
        return Users(tuple(bodies), tuple(units.values()), tuple(wide))

    def _known_as(self, one: Appended, closure: frozenset[str]) -> Iterable[Place]:
        """Return under which names, in which files, an enumeration is known."""
        index = self._index
        seen = {(one.path, one.owner): None}
        pending = [*seen]
        while pending:
            path, name = pending.pop()
            found = [(other, name) for other, _ in index.importers(path, "*")]
            for other, key in index.importers(path, name):
                unit = index.unit(other, key)
                items = zip(unit.mentions.imports, unit.binds, strict=False) if unit else ()
                found += [(other, bound) for item, bound in items if item.name == name]
            for place in found:
                if place not in seen and place[0] in closure:
                    seen[place] = None
                    pending.append(place)
        return list(seen)

    def _with_attribute(self, one: Appended, closure: frozenset[str]) -> Iterable[str]:
        """Return the files that mention an enumeration as an attribute of something."""
        index = self._index
        found = {path for path, _ in index.bodies_with_attribute(one.owner)}
        found |= {path for path, _ in index.units_with_attribute(one.owner)}
        return sorted(found & closure)

    def _uses(self, path: str, name: str, members: frozenset[str]) -> WholeUses | None:
        key = (path, name, members)
        if key not in self._known:
            text = self._text_of(path)
            self._known[key] = whole_uses(text, name, members) if text is not None else None
        return self._known[key]

    @cached_property
    def _known(self) -> dict[tuple[str, str, frozenset[str]], WholeUses | None]:
        return {}

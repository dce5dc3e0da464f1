"""Whether it matters that a function stands at another place of its file than before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covgate.impact.classes import has_foreign_base

if TYPE_CHECKING:
    from collections.abc import Container

    from covgate.impact.difference import UnitChange
    from covgate.impact.index import Index, Place


def only_moved(index: Index, under: Container[Place], path: str, change: UnitChange) -> bool:
    """Return whether a change moves a function that nothing asks for on import.

    `under` holds the functions that ran on import. Others ask for it when all of it is there.
    """
    old, new = change
    if old is None or new is None or old.hash != new.hash or new.kind != "def":
        return False
    if new.effect or not new.harmless:
        return False
    if new.owner and has_foreign_base(index, path, new.owner):
        return False
    (name,) = new.binds
    for unit in index.facts_of(path).units:
        asked = name in unit.mentions.names | unit.mentions.attrs or name in unit.binds
        if asked and unit.key != new.key:
            return False
    if new.owner:
        return True  # there is no class before all of its members are there
    bodies = [(path, body.key) for body in index.bodies_naming(path, name)]
    bodies += [(other, body.key) for other, body in index.bodies_with_attribute(name)]
    if any(place in under for place in bodies):
        return False
    others = index.graph.closure(path) - {path}
    return not any(index.sees(other, path) for other in others)  # else: seen half made

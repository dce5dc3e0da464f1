"""What classes derive from, and who looks at their members while they are made."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from covgate.impact.index import Index, Place

# Bases that do not look their subclasses' members up by name.
PLAIN_BASES = frozenset(
    {"object", "ABC", "abc.ABC", "Generic", "typing.Generic", "Protocol", "typing.Protocol"}
)
# Of the module `enum`: what makes these looks at annotations and docstrings of no member.
ENUMS = frozenset({"Enum", "IntEnum", "StrEnum"})


def ancestors(index: Index, path: str, owner: str) -> list[Place]:
    """Return a class with the classes of the tree that it derives from."""
    found = {(path, owner): None}
    pending = [(path, owner)]
    while pending:
        place = pending.pop()
        for one in index.facts_of(place[0]).classes if place[0] in index.paths else ():
            if one.key == place[1]:
                for base in one.bases:
                    for other in bases_of(index, place, base):
                        if other not in found:
                            found[other] = None
                            pending.append(other)
    return list(found)


def bases_of(index: Index, place: Place, base: str) -> Iterable[Place]:
    """Yield the classes of the tree that a class means by the name of a base."""
    path, owner = place
    root, _, rest = base.partition(".")
    if rest:
        for file in index.modules_named(path, root):
            yield from index.definitions(file, rest)
        return
    found = index.definitions(path, root)
    nested = owner.rpartition(".")[0]
    yield from found or ([(path, f"{nested}.{root}")] if nested else [])


def has_foreign_base(index: Index, path: str, owner: str, depth: int = 0) -> bool:
    """Whether a class, or a class that it derives from, has members that others look up."""
    for one in index.facts_of(path).classes if path in index.paths else ():
        if one.key != owner:
            continue
        if one.opaque or depth > 8 or index.body(path, f"{owner}.__init_subclass__"):
            return True
        for base in one.bases:
            if base in PLAIN_BASES:
                continue
            places = [*bases_of(index, (path, owner), base)]
            if not places or any(
                has_foreign_base(index, place, name, depth + 1) for place, name in places
            ):
                return True
        return False
    return True


def may_see_others(index: Index, path: str, owner: str) -> bool:
    """Whether the statements of a class may see members of other classes by their plain names.

    Only where a metaclass prepares the names for them: that of a base, or one that is given.
    """
    found = [one for one in index.facts_of(path).classes if one.key == owner]
    if found and not any(one.opaque or one.bases != ("type",) for one in found):
        return bool(index.binders(path, "type"))
    return has_foreign_base(index, path, owner)


def is_from(index: Index, path: str, name: str, module: str, wanted: Container[str]) -> bool:
    """Whether a dotted name of a file is one of those `wanted` of a module outside of the tree."""
    root, _, rest = name.partition(".")
    binders = index.binders(path, root)
    items = [
        (item, unit.kind)
        for unit in binders
        for item, bound in zip(unit.mentions.imports, unit.binds, strict=False)
        if bound == root
    ]
    return len(items) == len(binders) > 0 and all(
        kind == "import"
        and not item.level
        and item.module == module
        and (item.name is None if rest else item.name is not None)
        and (rest or item.name) in wanted
        and not index.modules.imported(item, path)
        for item, kind in items
    )

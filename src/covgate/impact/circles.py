"""Whether it matters to a module at which moment another one is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from covgate.impact.index import Index


def in_circle(index: Index, path: str, target: str) -> bool:
    """Whether importing `target` runs code that may look at `path`, or its packages, half made.

    The packages that `path` lies in began before it did: nothing of theirs runs by that import.
    """
    begun = {path, *index.modules.packages_of(path)}
    if target in begun:
        return False
    loaded = _loaded(index, target, begun)
    return any(_asks(index, other, one) for other in loaded for one in begun)


def _loaded(index: Index, target: str, begun: set[str]) -> set[str]:
    """Return the files that importing `target` may run when those of `begun` need no more."""
    seen = {target}
    pending = [target]
    while pending:
        path = pending.pop()
        for other in (*_imported(index, path), *index.modules.packages_of(path)):
            if other not in seen and other not in begun:
                seen.add(other)
                pending.append(other)
    return seen & index.paths


def _imported(index: Index, path: str) -> Iterable[str]:
    if path not in index.paths:
        return
    facts = index.facts_of(path)
    mentions = [unit.mentions for unit in facts.units if unit.kind != "static"]
    mentions += [body.mentions for body in facts.bodies]
    for one in mentions:
        for item in one.imports:
            yield from index.modules.imported(item, path)


def _asks(index: Index, other: str, path: str) -> bool:
    """Whether a module imports a name that `path` itself binds, or `path` as such."""
    for unit in index.facts_of(other).units:
        for item in unit.mentions.imports if unit.kind != "static" else ():
            module = index.modules.candidates(item._replace(name=None), other)[-1]
            if path in index.modules.place(module) and (
                item.name in (None, "*") or index.binders(path, item.name)
            ):
                return True
    return False

"""Whether what was told of an earlier tree is told of this one, by the files that differ.

What an answer was found by are names: of what somebody asks, of what functions change, and of what
modules bind. A file that differs in other names alone moves nothing. Where that is not certain, all
is told anew.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from covgate.impact.index import Index
from covgate.impact.lineage import last_name, names_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from covgate.source.blocks.facts import Facts, Unit

_CREATOR = "__new__"  # whether a class has one decides more than who asks it


class Words(NamedTuple):
    """The names that an answer was found by.

    `told` are those of what tells, `changed` those of what functions change, both with all that
    modules give to them; `asked` are those that are asked for, with all that these are given to,
    `renamed` those that modules give to others, `bound` those that were looked for in modules.
    """

    told: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    renamed: frozenset[str] = frozenset()
    bound: frozenset[str] = frozenset()


class NotedIndex(Index):
    """An index that notes which names were looked for in modules."""

    @cached_property
    def noted(self) -> set[str]:
        """The names that were looked for."""
        return set()

    def binders(self, path: str, name: str) -> list[Unit]:
        """Return the module-level statements of a file that bind a name."""
        self.noted.add(name)
        return super().binders(path, name)


def is_unmoved(words: Words, versions: Iterable[tuple[Facts, Facts]]) -> bool:
    """Whether an answer is still the same; `versions` are the files that differ: before, and now.

    No file may have come or gone.
    """
    called: set[str] = set()
    changed: set[str] = set()
    for old, new in versions:
        if not (old.readable and new.readable) or _frame(old) != _frame(new):
            return False
        for key, _, written, origin in _calls(old) ^ _calls(new):
            if not written or last_name(key.partition("#")[0]) == _CREATOR:
                return False  # what is handed on stands for something else
            called.update(names_in(origin))
        for origin in {*old.holding.changed} ^ {*new.holding.changed}:
            changed.update(names_in(origin))
        if not words.bound.isdisjoint(_bound_otherwise(old, new)):
            return False
    return (
        called.isdisjoint(words.told | words.changed | changed)
        and changed.isdisjoint(words.asked | words.renamed)
        and _CREATOR not in changed
    )


def _frame(facts: Facts) -> object:
    """Return what is not compared by names."""
    holding = facts.holding
    parts = (facts.telling, facts.renamed, holding.values, holding.classes)
    return [*map(frozenset, parts), [one for one in facts.imports if one.name == "*"]]


def _calls(facts: Facts) -> set[tuple[str, str, str, str]]:
    return {
        (one.key, one.answers, written, origin)
        for one in facts.asking
        for written, origin in one.called
    }


def _bound_otherwise(old: Facts, new: Facts) -> set[str]:
    """Return the names that the module binds in other ways than before."""
    before, now = _bindings(old), _bindings(new)
    return {name for name in before.keys() | now.keys() if before.get(name) != now.get(name)}


def _bindings(facts: Facts) -> dict[str, list[object]]:
    found: dict[str, list[object]] = defaultdict(list)
    for unit in facts.units:
        if not unit.owner:
            imported = (unit.mentions.imports, unit.binds) if unit.kind == "import" else None
            for name in unit.binds:
                found[name].append(imported)
    return found

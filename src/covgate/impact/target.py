"""The tree that tests are chosen for, and what lies around it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from covgate.impact.index import Index
    from covgate.source.blocks.alignment import Alignment
    from covgate.source.blocks.facts import Facts
    from covgate.traces.values import OutsideValues, TreeValues


def _align(old: bytes, new: bytes) -> Alignment | None:
    from covgate.source.blocks.alignment import align

    return align(old, new)


@dataclass(frozen=True)
class Now:
    """The target: its files, their facts, and what lies outside of it.

    `facts_of` gives the facts of a file of the target, `old_facts` those of a blob by its id
    (None when nothing is known of it), `source_of` the text of a blob, and `lines_of`, by trace,
    the blob of a file that it ran and which of its lines. `align` lays two versions side by side.
    """

    tree: TreeValues
    outside: OutsideValues
    facts_of: Callable[[str], Facts]
    old_facts: Callable[[str], Facts | None]
    roots: tuple[str, ...]
    source_of: Callable[[str], bytes | None] = lambda blob: None
    lines_of: Callable[[str], Mapping[int, tuple[str, frozenset[int]]]] = lambda path: {}
    align: Callable[[bytes, bytes], Alignment | None] = _align

    @cached_property
    def index(self) -> Index:
        """Who mentions what in the target."""
        from covgate.impact.index import Index

        return Index(self.tree.paths, self.roots, self.facts_of, self.tree.unknown)

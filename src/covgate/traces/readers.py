"""Which code reads docstrings, line numbers and the like, under whatever name it knows how."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from covgate.source.blocks.vocabulary import other_names
from covgate.traces.once import Once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from covgate.source.blocks.facts import Body, Facts
    from covgate.traces.model import Input

_NOWHERE = ""


class Readers:
    """Of one recording; `facts_of` gives the facts of a file, `body_of` those of a function."""

    def __init__(
        self, facts_of: Callable[[str], Facts], body_of: Callable[[Input], Body | None]
    ) -> None:
        self._facts_of = facts_of
        self._body_of = body_of
        self._by_file: dict[str, Mapping[str, frozenset[str]]] = {}
        self._by_closure: dict[frozenset[str], Once[tuple[str, str]] | None] = {}
        self._flags = Once(
            body_of, lambda body, path: ((flag, path) for flag in body.mentions.flags)
        )

    def flags(self, inputs: Iterable[Input]) -> set[tuple[str, str]]:
        """Return what functions among `inputs` read themselves, with the file that each is in."""
        return self._flags.of(inputs)

    def by_other_names(
        self, inputs: Iterable[Input], closure: frozenset[str]
    ) -> set[tuple[str, str]]:
        """Return what they read by names that statements of a closure bind for a reader."""
        if closure not in self._by_closure:
            bound = self._bound(closure)
            self._by_closure[closure] = (
                Once(self._body_of, lambda body, _path: _bound_flags(body, bound))
                if bound
                else None
            )
        asked = self._by_closure[closure]
        return asked.of(inputs) if asked is not None else set()

    def _bound(self, closure: frozenset[str]) -> Mapping[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = defaultdict(frozenset)
        for path in closure:
            for name, flags in self._of_file(path).items():
                found[name] |= flags
        return found

    def _of_file(self, path: str) -> Mapping[str, frozenset[str]]:
        if path not in self._by_file:
            self._by_file[path] = {
                name: flags
                for unit in self._facts_of(path).units
                if unit.kind in ("import", "assign", "def")
                for name, flags in other_names(unit.mentions, unit.binds).items()
            }
        return self._by_file[path]


def _bound_flags(body: Body, bound: Mapping[str, frozenset[str]]) -> Iterable[tuple[str, str]]:
    for name in bound.keys() & (body.mentions.names | body.mentions.attrs):
        for flag in bound[name]:
            yield flag, _NOWHERE

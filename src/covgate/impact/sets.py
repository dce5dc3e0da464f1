"""One stored set of inputs, taken apart for selection."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from covgate.traces.postings import inner

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from covgate.impact.index import Place
    from covgate.traces.model import Input


class Members(NamedTuple):
    """The ids of a set, and the inputs that all ids stand for."""

    ids: tuple[int, ...]
    inputs: Mapping[int, Input]


class SetFacts:
    """What one stored set of inputs says; most are never taken apart, as nothing in them differs.

    `modules` are the modules among its members, `same` those that are as they were.
    """

    def __init__(self, members: Members, modules: Iterable[Input], same: Collection[str]) -> None:
        self._members = members
        self.reason: str | None = None
        self.entered: dict[tuple[str, str], str] = {}
        self.modules = {one.path: one.value for one in modules}
        self.changed = {path: value for path, value in self.modules.items() if path not in same}
        self.flags: dict[str, Place] | None = None
        self.other_names: dict[str, frozenset[str]] | None = None
        self.mentioning: tuple[frozenset[str], dict[str, Place]] | None = None

    @property
    def bodies(self) -> set[Place]:
        """The functions that were entered."""
        return self._parts.places["body"]

    @property
    def shared(self) -> set[Place]:
        """The functions that another test may have run for this one."""
        return self._parts.places["shared"]

    @property
    def own(self) -> set[Place]:
        """The tests of the file, and what it was collected from."""
        return self._parts.places["own"]

    @property
    def under(self) -> list[tuple[int, Input, Input]]:
        """What modules took in while they were imported."""
        return self._parts.under

    @property
    def made(self) -> set[str]:
        """Files that git does not know, and that were made."""
        return self._parts.paths["made"]

    @property
    def handed(self) -> set[str]:
        """Modules that were passed on as objects."""
        return self._parts.paths["handed"]

    @property
    def fixtures(self) -> set[str]:
        """The names of the fixtures in use."""
        return self._parts.keys["fixture"]

    @property
    def packages(self) -> set[str]:
        """The installed packages in use."""
        return self._parts.keys["package"]

    @cached_property
    def _parts(self) -> _Parts:
        return _Parts(self._members)


class _Parts:
    """The inputs of a set by kind: by path and key, by path, or by key."""

    def __init__(self, members: Members) -> None:
        self.places: defaultdict[str, set[Place]] = defaultdict(set)
        self.paths: defaultdict[str, set[str]] = defaultdict(set)
        self.keys: defaultdict[str, set[str]] = defaultdict(set)
        self.under: list[tuple[int, Input, Input]] = []
        for identity in members.ids:
            one = members.inputs[identity]
            if one.kind in _PLACES:
                self.places[one.kind].add((one.path, one.key))
            elif one.kind in _PATHS:
                self.paths[one.kind].add(one.path)
            elif one.kind in _KEYS:
                self.keys[one.kind].add(one.key)
            elif one.kind == "under":
                found = inner(one)
                self.under.append((identity, one, found))
                if found.kind == "made":
                    self.paths["made"].add(found.path)


_PLACES = frozenset({"body", "shared", "own"})
_PATHS = frozenset({"made", "handed"})
_KEYS = frozenset({"fixture", "package"})


class Versions(NamedTuple):
    """The modules among some inputs, by id; `present` are those that are as they were.

    `unchanged` are the files that have no other version among them.
    """

    all: frozenset[int]
    present: frozenset[int]
    unchanged: frozenset[str]


def versions_of(inputs: Mapping[int, Input], blob: Callable[[str], str]) -> Versions:
    """Return the modules among inputs, beside those of a tree; `blob` is "" for none."""
    modules = {number: one for number, one in inputs.items() if one.kind == "module"}
    present = {number for number, one in modules.items() if one.value == blob(one.path)}
    changed = {one.path for number, one in modules.items() if number not in present}
    paths = {modules[number].path for number in present}
    return Versions(frozenset(modules), frozenset(present), frozenset(paths - changed))

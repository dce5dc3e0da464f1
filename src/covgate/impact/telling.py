"""Who decides by what functions of other files remember, or by what these change.

What such a function runs in one test may not run in the next, as if it remembered by itself.
Each file says by itself who tells, who asks and what is changed
(`covgate.source.blocks.elsewhere`); names are compared first, so that few files are looked into.
"""

from __future__ import annotations

from collections import defaultdict
from posixpath import dirname
from typing import TYPE_CHECKING, NamedTuple

from covgate.impact.lineage import last_name, names_in
from covgate.impact.remembered import ANY, Places
from covgate.impact.unmoved import Words
from covgate.source.blocks.elsewhere import WHETHER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from covgate.impact.index import Index, Place
    from covgate.impact.unmoved import NotedIndex
    from covgate.source.blocks.facts import Memory


class _Call(NamedTuple):
    """A chain by whose value a function decides, see `Asking`."""

    path: str
    key: str
    answers: str
    written: str
    origin: str


class Told(NamedTuple):
    """Who decides by what is remembered elsewhere: by (file, function), the names it asks.

    `words` are the names that this was found by.
    """

    found: Mapping[Place, frozenset[str]]
    words: Words


def told(
    memories: Mapping[str, Memory], index_of: Callable[[], Index]
) -> Mapping[Place, frozenset[str]]:
    """Return who decides by what is remembered elsewhere: by (file, function), the names it asks.

    `memories` is what each file says, `index_of` gives the index of the tree, if it is needed.
    """
    return _Telling(memories, index_of).found()


def tell(memories: Mapping[str, Memory], index_of: Callable[[], NotedIndex]) -> Told:
    """Return what `told` does, with the names that it was found by."""
    made: list[NotedIndex] = []

    def index() -> NotedIndex:
        made.append(index_of())
        return made[-1]

    telling = _Telling(memories, index)
    found = telling.found()
    bound = frozenset(name for one in made for name in one.noted)
    return Told(found, telling.words()._replace(bound=bound))


class _Telling:
    def __init__(self, memories: Mapping[str, Memory], index_of: Callable[[], Index]) -> None:
        self._places = Places(memories, index_of)
        self._calls: dict[str, list[tuple[str, str, str, str, str]]] = defaultdict(list)
        self._others: dict[str, set[str]] = defaultdict(set)
        self._telling: set[Place] = set()
        self._pending: list[Place] = []
        self._askers: dict[Place, list[tuple[_Call, bool]]] = defaultdict(list)
        self._answered: set[Place] = set()
        self._looked: set[str] = set()
        self._resolved: set[_Call] = set()
        self._found: dict[Place, set[str]] = defaultdict(set)
        names: dict[str, list[str]] = {}
        for path, one in memories.items():
            for name, other in one.renamed:
                self._others[name].add(other)
            for name, origin in one.holding.values:
                if origin and not origin.endswith("()"):
                    self._others[last_name(origin)].add(last_name(name))
            for key, answers, called in one.asking:
                for written, origin in called:
                    if origin not in names:  # many ask the same
                        names[origin] = names_in(origin)
                    call = (path, key, answers, written, origin)
                    for name in names[origin]:
                        self._calls[name].append(call)
        self._changed = {origin for one in memories.values() for origin in one.holding.changed}
        self._asked = self._asked_names()
        for path, one in memories.items():
            for key in one.telling:
                self._tell((path, _plain(key)))
            for origin in one.holding.changed:
                if not self._asked.isdisjoint(names_in(origin)):
                    for place in self._places.changed(path, origin):
                        self._tell(place)

    def _asked_names(self) -> set[str]:
        """Return the names that are asked for, and those that modules give such names to."""
        given: dict[str, list[str]] = defaultdict(list)
        for name, others in self._others.items():
            for other in others:
                given[other].append(name)
        found = set(self._calls)
        pending = [*found]
        while pending:
            new = [one for one in given.get(pending.pop(), ()) if one not in found]
            found.update(new)
            pending += new
        return found

    def _tell(self, place: Place) -> None:
        if place not in self._telling:
            self._telling.add(place)
            self._pending.append(place)
            if place[0] and ("." in place[1] or ":" in place[1] or "!" in place[1]):
                self._tell(("", ANY + last_name(place[1])))

    def found(self) -> Mapping[Place, frozenset[str]]:
        while self._pending:
            place = self._pending.pop()
            self._look(last_name(place[1]))
            self._answered.add(place)
            for call, of_self in self._askers.get(place, ()):
                self._answer(call, place, of_self)
        return {place: frozenset(names) for place, names in self._found.items()}

    def words(self) -> Words:
        """Return the names that all was found by."""
        changed = {name for origin in self._changed for name in names_in(origin)}
        pending = [*changed]
        while pending:
            new = self._others.get(pending.pop(), set()) - changed
            changed |= new
            pending += new
        return Words(
            frozenset(self._looked),
            frozenset(changed),
            frozenset(self._asked),
            frozenset(self._others),
        )

    def _look(self, name: str) -> None:
        """Resolve who asks for a name, or for one that modules give to it."""
        pending = [name]
        while pending:
            name = pending.pop()
            if name not in self._looked:  # else all that it leads to was looked for as well
                self._looked.add(name)
                pending += self._others.get(name, ())
                for call in self._calls.get(name, ()):
                    self._resolve(_Call(*call))

    def _resolve(self, call: _Call) -> None:
        if call in self._resolved:
            return
        self._resolved.add(call)
        for place, of_self in self._places.asked(call.path, call.origin):
            if place != (call.path, _plain(call.key)):
                self._askers[place].append((call, of_self))
                if place in self._answered:
                    self._answer(call, place, of_self)

    def _answer(self, call: _Call, place: Place, of_self: bool) -> None:
        """Take it that what a function asks is told by a place."""
        asker = _plain(call.key)
        owner, dot, name = asker.rpartition(".")
        if of_self and dot:
            is_told = "!" in place[1]  # by a method that fills the object and says so
            if call.answers:
                self._tell((call.path, f"{owner}:{name}"))
            if call.answers == WHETHER or (is_told and not call.written):
                self._tell((call.path, f"{owner}!{name}"))
            if not is_told or not self._places.outlives(owner):
                return  # it matters only to who asks an object that outlives the test
        if call.written:
            said = last_name(place[1])
            words = call.written.split(".")
            self._found[call.path, call.key].add(said if said in words else words[-1])
        if call.answers:
            self._tell((call.path, asker))


def starts(paths: Iterable[str]) -> list[str]:
    """Return the folders that imports may start from: those that are no packages themselves.

    Which ones are on the path is not known before tests ran; one too many only remembers more.
    """
    files = frozenset(paths)
    folders: set[str] = set()
    for path in files:
        folder = dirname(path) if path.endswith(".py") else ""
        while folder and folder not in folders:
            folders.add(folder)
            folder = dirname(folder)
    return sorted(one for one in folders if f"{one}/__init__.py" not in files)


def _plain(key: str) -> str:
    return key.partition("#")[0]

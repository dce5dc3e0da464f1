"""Who decides by the answers of functions of other files that answer by what is remembered.

What such a function runs in one test may not run in the next, as if it remembered by itself.
Each file says by itself who tells and who asks (`covgate.source.blocks.elsewhere`); names are
compared first, so that few files are looked into.
"""

from __future__ import annotations

from collections import defaultdict
from posixpath import dirname, join
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from covgate.impact.index import Index, Place
    from covgate.source.blocks.facts import Memory


class _Call(NamedTuple):
    """A call by whose answer a function decides, see `Asking`."""

    path: str
    key: str
    answers: bool
    written: str
    origin: str


def told(
    memories: Mapping[str, Memory], index_of: Callable[[], Index]
) -> Mapping[Place, frozenset[str]]:
    """Return who decides by what is remembered elsewhere: by (file, function), the names it calls.

    `memories` is what each file says, `index_of` gives the index of the tree, if it is needed.
    """
    calls: dict[str, list[_Call]] = defaultdict(list)
    others: dict[str, set[str]] = defaultdict(set)
    pending: list[Place] = []
    for path, one in memories.items():
        pending += [(path, _plain(key)) for key in one.telling]
        for name, other in one.renamed:
            others[name].add(other)
        for key, answers, called in one.asking:
            for written, origin in called:
                calls[_last(origin)].append(_Call(path, key, answers, written, origin))
    telling = set(pending)
    found: dict[Place, set[str]] = defaultdict(set)
    askers: dict[Place, list[_Call]] = defaultdict(list)
    looked: set[str] = set()
    targets: dict[tuple[str, str], frozenset[Place]] = {}
    while pending:
        place = pending.pop()
        for name in _names(_last(place[1]), others) - looked:
            looked.add(name)
            for call in calls.get(name, ()):
                # What an absolute name stands for is the same in all files.
                where = call.path if call.origin[0] in ".:" else ""
                if (where, call.origin) not in targets:
                    found_at = _targets(index_of(), call.path, call.origin)
                    targets[where, call.origin] = frozenset(found_at)
                for target in targets[where, call.origin]:
                    askers[target].append(call)
        for call in askers[place]:
            if call.written:
                found[call.path, call.key].add(_last(call.written))
            asker = (call.path, _plain(call.key))
            if call.answers and asker not in telling:
                telling.add(asker)
                pending.append(asker)
    return {place: frozenset(names) for place, names in found.items()}


def _names(name: str, others: Mapping[str, set[str]]) -> set[str]:
    """Return a name, and all others that modules give to it."""
    seen = {name}
    pending = [name]
    while pending:
        new = others.get(pending.pop(), set()) - seen
        seen |= new
        pending += new
    return seen


def _targets(index: Index, path: str, origin: str) -> Iterator[Place]:
    """Yield the functions that `origin` may stand for in a file."""
    if origin.startswith(":"):
        yield from index.targets(path, origin[1:])
        return
    name = origin.lstrip(".")
    base = path
    for _ in range(len(origin) - len(name)):
        base = dirname(base)
    parts = name.split(".")
    for length in range(len(parts)):
        module, rest = parts[:length], ".".join(parts[length:])
        if base != path:
            files: Collection[str] = index.modules.place("/" + join(base, *module))
        else:
            files = index.modules.find(".".join(module)) if module else ()
        for file in files:
            yield from _through(index, file, rest, set())


def _through(index: Index, file: str, name: str, seen: set[str]) -> Iterator[Place]:
    """Yield the functions that a name of a module may stand for, star imports included."""
    if file in seen or file not in index.paths:
        return
    seen.add(file)
    yield from index.targets(file, name)
    if not index.binders(file, name.partition(".")[0]):
        for item in index.facts_of(file).imports:
            if item.name == "*":
                for other in index.modules.imported(item, file):
                    yield from _through(index, other, name, seen)


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


def _last(name: str) -> str:
    return name.lstrip(":").rpartition(".")[2]

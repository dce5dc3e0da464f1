"""Which file of a tree an import statement finds."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from covgate.source.blocks.facts import Import


# How the names of compiled modules end.
BUILT = (".so", ".pyd")


class Modules:
    """The importable files of one tree; `roots` are the folders that imports start from.

    A root `package:folder` is a folder where only the modules of that package are looked for.
    """

    def __init__(self, paths: Iterable[str], roots: Iterable[str]) -> None:
        self.paths = frozenset(paths)
        roots = dict.fromkeys(root.strip("/") for root in roots)
        self.roots = tuple(root for root in roots if ":" not in root)
        self.packages = tuple(root.partition(":")[::2] for root in roots if ":" in root)
        self._built = _built(self.paths)
        self._found: dict[str, tuple[str, ...]] = {}

    @cached_property
    def folders(self) -> frozenset[str]:
        """The folders that hold the files, at whatever depth."""
        return _folders(self.paths)

    def find(self, name: str) -> tuple[str, ...]:
        """Return the files that may be the module with a dotted name, sorted.

        A folder without `__init__.py` counts as a namespace package, written with a slash at
        its end.
        """
        known = self._found.get(name)
        if known is None:
            relative = name.replace(".", "/")
            found: list[str] = []
            for root in self.roots:
                found.extend(self._at(join(root, relative) if root else relative))
            for package, folder in self.packages:
                if name.startswith(f"{package}."):
                    rest = name[len(package) + 1 :].replace(".", "/")
                    found.extend(self._at(join(folder, rest)))
            known = self._found[name] = tuple(sorted(set(found)))
        return known

    def _at(self, place: str) -> Iterable[str]:
        yield from self._built.get(place, ())
        if place + ".py" in self.paths:
            yield place + ".py"
        if place + "/__init__.py" in self.paths:
            yield place + "/__init__.py"
        elif place in self.folders:
            yield place + "/"

    def candidates(self, item: Import, importer: str) -> tuple[str, ...]:
        """Return the dotted names (or, with leading dots resolved, places) that an import tries.

        Places of relative imports start with a slash.
        """
        if item.level:
            base = dirname(importer)
            for _ in range(item.level - 1):
                base = dirname(base)
            place = "/" + normpath(join(base, item.module.replace(".", "/"))).lstrip("./")
            names = [place] if item.module else ["/" + base]
            if item.name and item.name != "*":
                names.append(names[0].rstrip("/") + "/" + item.name)
            return tuple(names)
        names = []
        parts = item.module.split(".")
        for length in range(1, len(parts) + 1):
            names.append(".".join(parts[:length]))
        if item.name and item.name != "*":
            names.append(f"{item.module}.{item.name}")
        return tuple(names)

    def place(self, candidate: str) -> tuple[str, ...]:
        """Return the files of one of `candidates`."""
        if not candidate.startswith("/"):
            return self.find(candidate)
        found = [*self._at(candidate.strip("/"))]
        for package, folder in self.packages:
            _, inside, rest = candidate.partition(f"/{package.replace('.', '/')}/")
            if inside:
                found.extend(self._at(join(folder, rest)))
        return tuple(found)

    def imported(self, item: Import, importer: str) -> tuple[str, ...]:
        """Return the project files that an import may load, namespace packages left out."""
        return tuple(
            path
            for candidate in self.candidates(item, importer)
            for path in self.place(candidate)
            if not path.endswith("/")
        )

    def packages_of(self, path: str) -> Iterable[str]:
        """Yield the `__init__.py` files that run before the module at `path`."""
        folder = dirname(path)
        if path.endswith("/__init__.py"):
            folder = dirname(folder)
        while folder:
            init = folder + "/__init__.py"
            if init not in self.paths:
                return
            yield init
            folder = dirname(folder)


def _built(paths: Iterable[str]) -> dict[str, list[str]]:
    """Return the compiled modules by the place where they are looked for."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        if path.endswith(BUILT):
            folder, slash, name = path.rpartition("/")
            found[folder + slash + name.partition(".")[0]].append(path)
    return found


def _folders(paths: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    for direct in {path.rpartition("/")[0] for path in paths}:
        folder = direct
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return frozenset(found)


def conftests(path: str, paths: frozenset[str]) -> tuple[str, ...]:
    """Return the conftest files that apply to the tests of a file."""
    folder = dirname(path)
    found = []
    while True:
        candidate = f"{folder}/conftest.py" if folder else "conftest.py"
        if candidate in paths:
            found.append(candidate)
        if not folder:
            return tuple(found)
        folder = dirname(folder)


def initializers(path: str, paths: frozenset[str]) -> Iterator[str]:
    """Yield the `__init__.py` files that give a test file its module name, the absent one last."""
    folder = dirname(path)
    while folder:
        yield f"{folder}/__init__.py"
        if f"{folder}/__init__.py" not in paths:
            return
        folder = dirname(folder)


class Graph:
    """Import closures over a tree, from static imports and edges that were observed."""

    def __init__(self, edges: dict[str, set[str]]) -> None:
        self._edges = edges
        self._closures: dict[str, frozenset[str]] = {}

    def closure(self, path: str) -> frozenset[str]:
        """Return all files that importing `path` may load, itself included."""
        known = self._closures.get(path)
        if known is not None:
            return known
        seen = {path}
        pending = [path]
        while pending:
            for other in self._edges.get(pending.pop(), ()):
                if other in seen:
                    continue
                if other in self._closures:
                    seen |= self._closures[other]
                else:
                    seen.add(other)
                    pending.append(other)
        found = self._closures[path] = frozenset(seen)
        return found


def edges_of(
    modules: Modules,
    imports: Mapping[str, Iterable[Import]],
    observed: Iterable[tuple[str, str]] = (),
) -> dict[str, set[str]]:
    """Return who imports whom: static imports of each file, packages on the way, what was seen."""
    edges: dict[str, set[str]] = defaultdict(set)
    for path, items in imports.items():
        for item in items:
            edges[path].update(modules.imported(item, path))
        edges[path].update(modules.packages_of(path))
    for source, target in observed:
        edges[source].add(target)
    return edges

"""Which names a file can be imported by, in whatever way the import path is set up."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

_INIT = "__init__.py"


def folder_of(path: str) -> str:
    """Return the folder of a path, "" for the top."""
    return path.rpartition("/")[0]


def folders_above(path: str) -> Iterator[str]:
    """Yield the folders that hold `path`, the top ("") first."""
    yield ""
    end = path.find("/")
    while end >= 0:
        yield path[:end]
        end = path.find("/", end + 1)


def module_key(path: str) -> str:
    """Return the path of a module without `.py`; a package's is its folder."""
    return (
        path.removesuffix("/" + _INIT) if path.endswith("/" + _INIT) else path.removesuffix(".py")
    )


class Layout:
    """The modules of a project and the names that they answer to.

    A folder is taken for an entry of the import path when it has no `__init__.py` (or its
    `__init__.py` is part of the change), or is named in `roots`. `renamed` maps folders to the
    packages that a build tool makes of them.
    """

    def __init__(
        self,
        paths: Iterable[str],
        touched: Collection[str],
        roots: Iterable[str] = (),
        renamed: Mapping[str, str] | None = None,
    ) -> None:
        self.paths = frozenset(paths)
        self._packages = {
            folder_of(path)
            for path in self.paths
            if path.endswith("/" + _INIT) and path not in touched
        }
        self._inits = frozenset(self._packages)
        self._packages -= {"src", *roots}
        self._renamed = dict(renamed or {})
        self._names: dict[str, tuple[str, ...]] = {}

    def is_root(self, folder: str) -> bool:
        """Whether modules may be imported from `folder` by their bare names."""
        return folder not in self._packages

    def names(self, path: str) -> tuple[str, ...]:
        """Return the dotted names that `path` answers to, the most specific (shortest) last."""
        names = self._names.get(path)
        if names is None:
            names = self._names[path] = tuple(self._named(path))
        return names

    def _named(self, path: str) -> Iterator[str]:
        key = module_key(path)
        for folder in folders_above(path):
            if folder in self._packages:
                continue
            rest = key[len(folder) + 1 :] if folder else key
            if rest and len(rest) < len(key) + (not folder):
                yield rest.replace("/", ".")
        for folder, package in self._renamed.items():
            if not folder or path.startswith(folder + "/"):
                rest = key[len(folder) + 1 :] if folder else key
                yield f"{package}.{rest}".replace("/", ".").rstrip(".") if rest else package

    def title(self, path: str) -> str:
        """Return what a person calls the file: the module name inside packages, else the path."""
        folder = folder_of(path)
        if not path.endswith(".py") or not (path.endswith("/" + _INIT) or folder in self._inits):
            return path
        while folder in self._inits:
            folder = folder_of(folder)
        return module_key(path)[len(folder) + 1 if folder else 0 :].replace("/", ".")

    def named(self, name: str) -> list[str]:
        """Return the files that answer to a dotted name, sorted."""
        ends = (name + ".py", f"{name}.{_INIT}")
        # A build tool may call a file by a name that has nothing to do with its path.
        near = [p for p in self.paths if self._renamed or p.replace("/", ".").endswith(ends)]
        return sorted(path for path in near if name in self.names(path))

    @cached_property
    def top_names(self) -> frozenset[str]:
        """The first parts of every name that some file of the project answers to."""
        return frozenset(name.partition(".")[0] for path in self.paths for name in self.names(path))

    def has_module(self, key: str) -> bool:
        """Whether there is a module with a path without suffix."""
        return key + ".py" in self.paths or f"{key}/{_INIT}" in self.paths

    @cached_property
    def by_folder(self) -> Mapping[str, tuple[str, ...]]:
        """All modules at any depth below each folder."""
        found: dict[str, list[str]] = {}
        for path in sorted(self.paths):
            for folder in folders_above(path):
                found.setdefault(folder, []).append(path)
        return {folder: tuple(paths) for folder, paths in found.items()}

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
        self.paths = tuple(sorted(paths))
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

    @cached_property
    def by_name(self) -> Mapping[str, list[str]]:
        """The files that answer to each name."""
        found: dict[str, list[str]] = {}
        for path in self.paths:
            for name in self.names(path):
                found.setdefault(name, []).append(path)
        return found

    @cached_property
    def all_names(self) -> frozenset[str]:
        """Every name that some file of the project answers to."""
        return frozenset(self.by_name)

    @cached_property
    def keys(self) -> frozenset[str]:
        """Every module's path without suffix."""
        return frozenset(map(module_key, self.paths))

    @cached_property
    def by_folder(self) -> Mapping[str, tuple[str, ...]]:
        """All modules at any depth below each folder."""
        found: dict[str, list[str]] = {}
        for path in self.paths:
            for folder in folders_above(path):
                found.setdefault(folder, []).append(path)
        return {folder: tuple(paths) for folder, paths in found.items()}

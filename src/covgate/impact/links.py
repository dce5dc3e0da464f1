"""Who depends on a file, looked up backwards: from a module to all that may load it."""

from __future__ import annotations

import re
import sys
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from covgate.impact.modules import folder_of, folders_above, module_key
from covgate.source.facts import Trait
from covgate.source.words import prefixes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from covgate.impact.modules import Layout
    from covgate.source.facts import ImportFacts

# The programs that read a file which nobody mentions.
_PROGRAMS = {
    "Makefile": ("make",),
    "GNUmakefile": ("make",),
    "Dockerfile": ("docker",),
    "justfile": ("just",),
    "mypy.ini": ("mypy",),
    ".mypy.ini": ("mypy",),
    "ruff.toml": ("ruff",),
    ".ruff.toml": ("ruff",),
    ".flake8": ("flake8",),
    "tox.ini": ("tox", "flake8"),
    ".pylintrc": ("pylint",),
    "pylintrc": ("pylint",),
    ".isort.cfg": ("isort",),
    "pyrightconfig.json": ("pyright", "basedpyright"),
    ".pre-commit-config.yaml": ("pre-commit", "pre_commit", "prek"),
    "setup.cfg": ("flake8", "isort", "mypy", "pylint", "pycodestyle"),
    "pyproject.toml": ("ruff", "black", "isort", "mypy", "pyright", "pylint", "codespell", "ty"),
}
# Names so common as strings that they only count beside the name of their folder.
_COMMON_FILES = frozenset(["__init__.py", "__main__.py", "conftest.py", "setup.py"])
_TEST_FILE = re.compile(r"(?:test_.*|.*_test|tests|conftest)\.py")


def is_test_like(path: str) -> bool:
    """Whether a file is named as tests are: nobody loads those by computed names."""
    return _TEST_FILE.fullmatch(path.rpartition("/")[2]) is not None


class Link(NamedTuple):
    """`source` depends on a file; `how` says in which way, and ends with the file's name."""

    source: str
    how: str


class Links:
    """The dependencies of all programs of a project, indexed by what they depend on."""

    def __init__(
        self,
        layout: Layout,
        facts: Mapping[str, ImportFacts],
        commands: Mapping[str, str],
        others: Iterable[str],
    ) -> None:
        """`commands` maps console scripts to modules; `others` are paths that aren't programs."""
        self.layout = layout
        self.facts = facts
        self.commands: dict[str, list[str]] = {}
        for command, module in commands.items():
            for name in prefixes(module):
                self.commands.setdefault(name, []).append(command)
        self._by_name: dict[str, list[str]] = {}
        self._by_word: dict[str, list[str]] = {}
        self._by_key: dict[str, list[str]] = {}
        self._below_name: dict[str, list[str]] = {}
        self._below_key: dict[str, list[str]] = {}
        self._by_glob: dict[str, list[str]] = {}
        self._explorers: list[str] = []
        self._exploring: dict[str, list[str]] = {}
        self.dynamic: list[str] = []
        interesting = self._interesting(commands, others)
        for path, fact in facts.items():
            self._index(path, fact, interesting)
        self._program_globs = [glob for glob in self._by_glob if glob.endswith(".py")]

    def _interesting(self, commands: Iterable[str], others: Iterable[str]) -> frozenset[str]:
        words = {*self.layout.all_names, *commands, "."}
        words.update(tool for tools in _PROGRAMS.values() for tool in tools)
        for path in (*self.layout.paths, *others, *self.facts):
            name = path.rpartition("/")[2]
            words.update((name, *name.split(".")))
        for path in (*self.layout.by_folder, *map(folder_of, others)):
            words.update(path.split("/"))
        words.update(name.removesuffix(".__main__") for name in self.layout.all_names)
        words.discard("")
        return frozenset(words)

    def _index(self, path: str, fact: ImportFacts, interesting: frozenset[str]) -> None:
        for name in fact.modules:
            self._by_name.setdefault(name, []).append(path)
        for word in fact.words & interesting:
            self._by_word.setdefault(word, []).append(path)
        for name in fact.relative:
            self._relative(path, name)
        for name in fact.packages:
            relative = name.startswith(".")
            index = self._below_key if relative else self._below_name
            index.setdefault(_anchored(path, name) if relative else name, []).append(path)
        for glob in fact.globs:
            self._by_glob.setdefault(glob, []).append(path)
        if fact.dynamic:
            self.dynamic.append(path)
        if fact.traits & (Trait.LISTS | Trait.SPAWNS):
            self._explorers.append(path)
            for word in fact.words & interesting:
                self._exploring.setdefault(word, []).append(path)
        folder = folder_of(path)
        if folder and not self.layout.is_root(folder):
            self._siblings(path, folder, fact)

    def _relative(self, path: str, name: str) -> None:
        key = _anchored(path, name)
        if not key:
            return
        self._by_key.setdefault(key, []).append(path)
        if key not in self.layout.keys:
            # A namespace package may go on in another folder.
            for absolute in self.layout.names(key + ".py"):
                self._by_name.setdefault(absolute, []).append(path)

    def _siblings(self, path: str, folder: str, fact: ImportFacts) -> None:
        """A module run as a script finds the modules beside it by their bare names."""
        for name in fact.modules:
            key = f"{folder}/{name.replace('.', '/')}"
            if key in self.layout.keys and name.partition(".")[0] not in sys.stdlib_module_names:
                self._by_key.setdefault(key, []).append(path)

    def importers(self, path: str) -> Iterator[Link]:
        """Yield who imports the module `path`."""
        names = self.layout.names(path) if path.endswith(".py") else ()
        for name in names:
            yield from _links(self._by_name.get(name, ()), f"imports {name}")
        sources = self._by_key.get(module_key(path), ())
        yield from _links(sources, f"imports {self.layout.title(path)}")

    def dependants(self, path: str) -> Iterator[Link]:
        """Yield who may load `path`: by import, by name, as a program, with its folder."""
        title = self.layout.title(path)
        names = self.layout.names(path) if path.endswith(".py") else ()
        yield from self.importers(path)
        yield from self.mentions(path)
        for name in names:
            for word in {name, name.removesuffix(".__main__")}:
                yield from _links(self._by_word.get(word, ()), f"mentions {name}")
            for command in self.commands.get(name, ()):
                yield from _links(self._by_word.get(command, ()), f"runs {command}, so {name}")
            for above in prefixes(name):
                readers = self._below_name.get(above, ())
                yield from _links(readers, f"loads what is below {above}, so {name}")
        for folder in folders_above(module_key(path)):
            readers = self._below_key.get(folder, ())
            yield from _links(readers, f"loads what is beside it, so {title}")
        if path.endswith("/__init__.py"):
            below = self.layout.by_folder.get(folder_of(path), ())
            yield from _links(below, f"is in the package {title}")

    def mentions(self, path: str) -> Iterator[Link]:
        """Yield who may open or run the file `path` by name, pattern or folder."""
        name = path.rpartition("/")[2]
        parent = folder_of(path).rpartition("/")[2]
        for reader in self._by_word.get(name, ()):
            if name not in _COMMON_FILES or parent in self.facts[reader].words:
                yield Link(reader, f"names the file {path}")
        for tool in _PROGRAMS.get(name, ()):
            users = [*self._by_name.get(tool, ()), *self._exploring.get(tool, ())]
            yield from _links(users, f"runs {tool}, which reads {path}")
        for glob in self._program_globs if path.endswith(".py") else self._by_glob:
            if not glob.strip("*./") or not fnmatchcase(name, glob):
                continue
            for reader in self._by_glob[glob]:
                if "." in glob or Trait.LISTS in self.facts[reader].traits:
                    yield Link(reader, f"names files like {glob}, so {path}")

    def explorers(self, path: str) -> Iterator[Link]:
        """Yield who works on a folder above `path` by its name; the same for all files beside."""
        for part in folder_of(path).split("/"):
            readers = self._exploring.get(part or ".", ())
            yield from _links(readers, f"works on the folder {part or '.'}, which holds {path}")

    def inspectors(self, path: str) -> Iterator[Link]:
        """Yield who may come upon the changed file `path` by listing folders around itself."""
        for reader in self._explorers:
            traits = self.facts[reader].traits
            if Trait.LISTS not in traits:
                continue
            folder = folder_of(reader)
            beside = Trait.HERE in traits and (not folder or path.startswith(folder + "/"))
            if Trait.CLIMBS in traits or beside:
                yield Link(reader, f"lists folders that may hold {path}")

    def by_words(self, *words: str) -> Iterator[str]:
        """Yield the programs that have one of `words` among their strings."""
        for word in words:
            yield from self._by_word.get(word, ())


def _links(sources: Iterable[str], how: str) -> Iterator[Link]:
    for source in sources:
        yield Link(source, how)


def _anchored(path: str, relative: str) -> str:
    """Return the key of a relative name in `path`: `.b` in `a/c.py` is `a/b`."""
    rest = relative.lstrip(".")
    folder = folder_of(path)
    for _ in range(len(relative) - len(rest) - 1):
        folder = folder_of(folder)
    return "/".join(part for part in (folder, rest.replace(".", "/")) if part)

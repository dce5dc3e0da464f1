"""Who depends on a file, looked up backwards: from a module to all that may load it."""

from __future__ import annotations

import re
import sys
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from covgate.impact.modules import folder_of, folders_above, module_key
from covgate.source import tags
from covgate.source.facts import Trait
from covgate.source.words import prefixes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from covgate.impact.modules import Layout
    from covgate.impact.programs import AllFacts

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
    """The dependencies of all programs of a project, asked for by what they depend on."""

    def __init__(
        self,
        layout: Layout,
        facts: AllFacts,
        commands: Mapping[str, str],
    ) -> None:
        """`commands` maps console scripts to modules."""
        self.layout = layout
        self.facts = facts
        self.commands: dict[str, list[str]] = {}
        for command, module in commands.items():
            for name in prefixes(module):
                self.commands.setdefault(name, []).append(command)
        self.dynamic = facts.with_tag(tags.DYNAMIC)

    @cached_property
    def _below_name(self) -> dict[str, list[str]]:
        return self._below(lambda _, name: None if name.startswith(".") else name)

    @cached_property
    def _below_key(self) -> dict[str, list[str]]:
        return self._below(lambda p, name: _anchored(p, name) if name.startswith(".") else None)

    def _below(self, place: Callable[[str, str], str | None]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in self.facts.with_tag(tags.PACKAGES):
            for name in self.facts[path].packages:
                key = place(path, name)
                if key is not None:
                    found.setdefault(key, []).append(path)
        return found

    @cached_property
    def _by_glob(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in self.facts.with_tag(tags.GLOBS):
            for glob in self.facts[path].globs:
                found.setdefault(glob, []).append(path)
        return found

    @cached_property
    def _program_globs(self) -> list[str]:
        return [glob for glob in self._by_glob if glob.endswith(".py")]

    @cached_property
    def _explorers(self) -> list[str]:
        able = (self.facts.with_tag(tags.trait(one)) for one in (Trait.LISTS, Trait.SPAWNS))
        return sorted({path for paths in able for path in paths})

    @cached_property
    def _exploring(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in self._explorers:
            for word in self.facts[path].words:
                found.setdefault(word, []).append(path)
        return found

    def _saying(self, word: str) -> Sequence[str]:
        """Return who has a word among its strings."""
        return self.facts.with_tag(tags.word(word))

    def _importing(self, name: str) -> Iterable[str]:
        """Return who imports a name that is found from an entry of the import path."""
        absolute = self.facts.with_tag(tags.module(name))
        return sorted({*absolute, *self._onward(name)})

    def _onward(self, name: str) -> Iterator[str]:
        """Yield who imports a name that a namespace package may have in another folder."""
        last = name.rpartition(".")[2]
        for path in self.facts.with_tag(tags.relative(last)):
            for one in self.facts[path].relative:
                if tags.last_part(one) == last and self._goes_on(_anchored(path, one), name):
                    yield path
        for key in self._upwards:
            if key.endswith(last) and self._goes_on(key, name):
                yield from self._upwards[key]

    def _goes_on(self, key: str, name: str) -> bool:
        layout = self.layout
        return bool(key) and not layout.has_module(key) and name in layout.names(key + ".py")

    @cached_property
    def _upwards(self) -> dict[str, list[str]]:
        """Who imports a package above itself, without a name."""
        found: dict[str, list[str]] = {}
        deepest = max((path.count("/") for path in self.facts), default=0)
        for count in range(1, deepest + 2):
            for path in self.facts.with_tag(tags.dots(count)):
                found.setdefault(_anchored(path, "." * count), []).append(path)
        found.pop("", None)
        return found

    def _importing_key(self, key: str) -> Iterable[str]:
        """Return who imports the module with a path by its place: relatively, or from beside."""
        last = key.rpartition("/")[2]
        found = set(self._upwards.get(key, ()))
        for path in self.facts.with_tag(tags.relative(last)):
            if any(_anchored(path, one) == key for one in self.facts[path].relative):
                found.add(path)
        folder = folder_of(key)
        while folder and self.layout.has_module(key):
            # A module run as a script finds the modules beside it by their bare names.
            name = key[len(folder) + 1 :].replace("/", ".")
            if not self.layout.is_root(folder):
                if name.partition(".")[0] not in sys.stdlib_module_names:
                    importers = self.facts.with_tag(tags.module(name))
                    found.update(path for path in importers if folder_of(path) == folder)
            folder = folder_of(folder)
        return sorted(found)

    def importers(self, path: str) -> Iterator[Link]:
        """Yield who imports the module `path`."""
        names = self.layout.names(path) if path.endswith(".py") else ()
        for name in names:
            yield from _links(self._importing(name), f"imports {name}")
        sources = self._importing_key(module_key(path))
        yield from _links(sources, f"imports {self.layout.title(path)}")

    def dependants(self, path: str) -> Iterator[Link]:
        """Yield who may load `path`: by import, by name, as a program, with its folder."""
        title = self.layout.title(path)
        names = self.layout.names(path) if path.endswith(".py") else ()
        yield from self.importers(path)
        yield from self.mentions(path)
        for name in names:
            for word in {name, name.removesuffix(".__main__")}:
                yield from _links(self._saying(word), f"mentions {name}")
            for command in self.commands.get(name, ()):
                yield from _links(self._saying(command), f"runs {command}, so {name}")
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
        for reader in self._saying(name):
            if name not in _COMMON_FILES or parent in self.facts[reader].words:
                yield Link(reader, f"names the file {path}")
        for tool in _PROGRAMS.get(name, ()):
            users = [*self._importing(tool), *self._exploring.get(tool, ())]
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

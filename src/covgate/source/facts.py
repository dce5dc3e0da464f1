"""The facts of one blob, as a value."""

from __future__ import annotations

import sys
from enum import IntFlag
from typing import NamedTuple

# Raised whenever the meaning of the facts changes; the parser decides as well.
VERSION = f"1-{sys.version_info[0]}.{sys.version_info[1]}"


class Trait(IntFlag):
    """What a file is able to do."""

    GIT = 1  # runs git, or reads repositories
    LISTS = 2  # lists folders: reaches files without naming them
    HERE = 4  # knows its own place (`__file__`)
    CLIMBS = 8  # leaves its own folder upwards
    SPAWNS = 16  # starts processes
    READS = 32  # opens files
    PATHS = 64  # changes the import path
    UNPARSED = 128  # not valid Python for this parser: the facts are guesses on the safe side


class ImportFacts(NamedTuple):
    """The facts of one blob; nothing in them depends on where the file lies.

    `modules` are absolute names with all their prefixes, names taken from a module included
    (they may be submodules); `relative` the same with leading dots; everything below `packages`
    may be loaded (leading dots: relative); `plugins` are the values of `pytest_plugins`;
    `dynamic` is the line of the first import that cannot be resolved, 0 when there is none.
    """

    modules: frozenset[str] = frozenset()
    relative: frozenset[str] = frozenset()
    packages: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    globs: frozenset[str] = frozenset()
    plugins: frozenset[str] = frozenset()
    hooks: frozenset[str] = frozenset()
    dynamic: int = 0
    traits: Trait = Trait(0)

    @property
    def uses_git(self) -> bool:
        """Whether the file runs git or reads repositories."""
        return Trait.GIT in self.traits


NO_FACTS = ImportFacts()

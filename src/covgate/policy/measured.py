"""Which files of a tree count in its coverage, and how many statements they hold."""

from __future__ import annotations

import re
from functools import cache
from posixpath import basename, dirname, normpath
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from covgate.policy.coverage_config import CoverageConfig
    from covgate.policy.tree import Tree

_ROOT = "/project/"
_TEST_NAME = re.compile(r"(?:test_.*|.*_test|tests?|conftest)\.py")
_TEST_FOLDERS = {"test", "tests", "testing"}
_ROOTS = ("", "src/", "lib/", "python/")
COUNTED_FILES = 400


class Loss(NamedTuple):
    """Files and statements that leave the count."""

    files: tuple[str, ...]
    statements: int

    def __bool__(self) -> bool:
        return bool(self.files)


def is_test_file(path: str) -> bool:
    """Return whether a Python file is part of the tests rather than of what they test."""
    *folders, name = path.split("/")
    return _TEST_NAME.fullmatch(name) is not None or not _TEST_FOLDERS.isdisjoint(folders)


def production_files(tree: Tree) -> tuple[str, ...]:
    """Return the Python files of `tree` that are not tests."""
    return tuple(
        sorted(p for p in tree.paths if p.endswith((".py", ".pyx")) and not is_test_file(p))
    )


def packaged_files(tree: Tree) -> tuple[str, ...]:
    """Return the production files that are in a package, so that tests can import them."""
    return tuple(
        path for path in production_files(tree) if f"{dirname(path)}/__init__.py" in tree.paths
    )


def measured_files(
    files: Iterable[str], config: CoverageConfig, sources: Sequence[str] | None = None
) -> frozenset[str]:
    """Return those of `files` that count under `config`.

    `sources` replaces the configured source (the values of `--cov`); empty means everything.
    """
    if sources is None:
        sources = configured_sources(config)
    found = set(files)
    if sources:
        found = {path for path in found if any(_in_source(path, source) for source in sources)}
    else:
        found = _included(found, config.texts("run:include"))
    found = _included(found, config.texts("report:include"))
    for name in ("run:omit", "report:omit"):
        patterns = config.texts(name)
        if patterns:
            found = {path for path in found if not matches(path, patterns)}
    return frozenset(found)


def configured_sources(config: CoverageConfig) -> tuple[str, ...]:
    """Return the folders and packages that coverage is told to measure."""
    names = ("run:source", "run:source_pkgs", "run:source_dirs")
    sources = tuple(text for name in names for text in config.texts(name))
    return sources or ((".",) if config.uses_covdefaults else ())


def _included(files: set[str], patterns: Sequence[str]) -> set[str]:
    return {path for path in files if matches(path, patterns)} if patterns else files


def matches(path: str, patterns: Sequence[str]) -> bool:
    """Return whether coverage's globs match a path, relative ones counting from the root.

    A glob that coverage refuses matches nothing.
    """
    return _matcher(tuple(patterns)).match(_ROOT + path) is not None


@cache
def refusal(pattern: str) -> str:
    """Return why coverage refuses a glob, "" when it does not."""
    from coverage.exceptions import ConfigError
    from coverage.files import globs_to_regex

    try:
        globs_to_regex([pattern])
    except ConfigError as error:
        return str(error)
    return ""


@cache
def _matcher(patterns: tuple[str, ...]) -> re.Pattern[str]:
    from coverage.files import globs_to_regex

    prepared = []
    for pattern in patterns:
        if refusal(pattern):
            continue
        prepared.append(pattern)
        if not pattern.startswith(("*", "?", "/")):
            prepared.append(_ROOT + normpath(pattern))
    return globs_to_regex(prepared)


def _in_source(path: str, source: str) -> bool:
    folder = normpath(source.replace("\\", "/"))
    if folder in {".", ""} or path == folder or path.startswith(folder + "/"):
        return True
    if "/" in source:
        return False
    module = source.replace(".", "/")
    return any(
        path in {f"{root}{module}.py", f"{root}{module}/__init__.py"}
        or path.startswith(f"{root}{module}/")
        for root in _ROOTS
    )


def loss_of(tree: Tree, files: Iterable[str]) -> Loss:
    """Return `files` that hold statements, with their number."""
    counted = {}
    for number, path in enumerate(sorted(files)):
        if number == COUNTED_FILES:  # enough to decide by, and parsing takes time
            break
        if statements := len(statements_of(tree, path, ())):
            counted[path] = statements
    return Loss(tuple(counted), sum(counted.values()))


def statements_of(tree: Tree, path: str, exclude: Sequence[str]) -> frozenset[int]:
    """Return the first lines of the statements that coverage counts, none if it cannot tell."""
    from coverage.exceptions import CoverageException
    from coverage.misc import join_regex
    from coverage.parser import PythonParser

    text = tree.text(path) or ""
    if not text.strip():
        return frozenset()
    try:
        parser = PythonParser(
            text=text, filename=basename(path), exclude=join_regex(exclude) if exclude else None
        )
        parser.parse_source()
    except (CoverageException, SyntaxError, ValueError, re.error):
        return frozenset()
    return frozenset(parser.statements)

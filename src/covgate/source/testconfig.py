"""The pytest configuration in force at a place of a tree, and which files it calls tests."""

from __future__ import annotations

import configparser
import fnmatch
import re
import shlex
import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from covgate.change.snapshot import Snapshot

# Where pytest 9 looks for its settings, in its order; the first four count even when empty.
FILES = (
    "pytest.toml",
    ".pytest.toml",
    "pytest.ini",
    ".pytest.ini",
    "pyproject.toml",
    "tox.ini",
    "setup.cfg",
)
ALWAYS = frozenset(FILES[:4])
_SECTIONS = {"tox.ini": "pytest", "setup.cfg": "tool:pytest"}
DEFAULT_NORECURSE = (
    "*.egg",
    ".*",
    "_darcs",
    "build",
    "CVS",
    "dist",
    "node_modules",
    "venv",
    "{arch}",
)


@dataclass(frozen=True)
class TestConfig:
    """What pytest is told: `path` is the file that says it ("" for defaults), `root` its folder."""

    __test__ = False  # not a test class, whatever pytest thinks of its name

    path: str = ""
    root: str = ""
    options: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def option(self, name: str, default: tuple[str, ...]) -> tuple[str, ...]:
        return self.options.get(name, default)

    @property
    def python_files(self) -> tuple[str, ...]:
        return self.option("python_files", ("test_*.py", "*_test.py"))

    @property
    def python_classes(self) -> tuple[str, ...]:
        return self.option("python_classes", ("Test",))

    @property
    def python_functions(self) -> tuple[str, ...]:
        return self.option("python_functions", ("test",))

    @property
    def norecursedirs(self) -> tuple[str, ...]:
        return self.option("norecursedirs", DEFAULT_NORECURSE)

    @property
    def addopts(self) -> tuple[str, ...]:
        return self.option("addopts", ())

    def is_entered(self, path: str) -> bool:
        """Return whether pytest, walking the tree, comes to the folder of `path`."""
        inside = path[len(self.root) + 1 :] if self.root else path
        return _is_entered(inside.rpartition("/")[0], self.norecursedirs)

    def is_test_file(self, path: str) -> bool:
        """Return whether pytest, walking the tree, collects the file at `path`."""
        if not path.endswith(".py"):
            return False
        name = path.rpartition("/")[2]
        matches = any(
            fnmatch.fnmatchcase(name, pattern)
            or ("/" in pattern and fnmatch.fnmatchcase("/" + path, "*/" + pattern))
            for pattern in self.python_files
        )
        return matches and self.is_entered(path)


@lru_cache(maxsize=4096)
def _is_entered(folder: str, patterns: tuple[str, ...]) -> bool:
    folders = folder.split("/") if folder else []
    return not any(
        fnmatch.fnmatchcase(name, pattern) or _matches_path(folders, index, pattern)
        for index, name in enumerate(folders)
        for pattern in patterns
    )


def _matches_path(folders: list[str], index: int, pattern: str) -> bool:
    return "/" in pattern and fnmatch.fnmatchcase("/".join(folders[: index + 1]), pattern)


def matches_name(name: str, patterns: tuple[str, ...]) -> bool:
    """Return whether a function or class name is one that pytest collects."""
    return any(
        name.startswith(pattern)
        or (any(c in pattern for c in "*?[") and fnmatch.fnmatch(name, pattern))
        for pattern in patterns
    )


class TestConfigs:
    """The configurations of one tree by folder; the nearest file up the tree counts."""

    __test__ = False

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._known: dict[str, TestConfig] = {}

    def at(self, path: str) -> TestConfig:
        """Return the configuration in force for the file at `path`."""
        return self._folder(path.rpartition("/")[0])

    def _folder(self, folder: str) -> TestConfig:
        if folder not in self._known:
            found = self._read(folder)
            if found is None:
                found = self._folder(folder.rpartition("/")[0]) if folder else TestConfig()
            self._known[folder] = found
        return self._known[folder]

    def _read(self, folder: str) -> TestConfig | None:
        for name in FILES:
            path = f"{folder}/{name}" if folder else name
            if path in self.snapshot.entries:
                data = self.snapshot.read(path) or b""
                options = read_options(name, data.decode("utf-8", "replace"))
                if options is not None:
                    return TestConfig(path, folder, options)
        return None


def read_options(name: str, text: str) -> dict[str, tuple[str, ...]] | None:
    """Return pytest's options in a configuration file, None when it does not configure pytest."""
    try:
        if name.endswith(".toml"):
            return _toml(name, text)
        return _ini(name, text)
    except (tomllib.TOMLDecodeError, configparser.Error):
        return {} if name in ALWAYS else None


def _toml(name: str, text: str) -> dict[str, tuple[str, ...]] | None:
    if name == "pyproject.toml" and "pytest" not in text:
        return None
    table = tomllib.loads(text)
    if name != "pyproject.toml":
        return _options(table.get("pytest", table))
    tool = table.get("tool", {}).get("pytest")
    if not isinstance(tool, dict):
        return None
    return _options(tool.get("ini_options", tool))


def _ini(name: str, text: str) -> dict[str, tuple[str, ...]] | None:
    section = _SECTIONS.get(name, "pytest")
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    parser.read_string(text)
    if not parser.has_section(section):
        return {} if name in ALWAYS else None
    return _options(dict(parser.items(section)))


def _options(table: dict[str, object]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for key, value in table.items():
        if isinstance(value, (list, tuple)):
            found[key] = tuple(str(item) for item in value)
        elif isinstance(value, str):
            text = re.sub(r"^\s*[#;].*$", "", value, flags=re.MULTILINE)
            found[key] = _split(text)
        elif value is not None:
            found[key] = (str(value),)
    return found


def _split(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError:
        return tuple(text.split())

"""What the configuration files of a tree say about importing and collecting tests."""

from __future__ import annotations

import configparser
import re
import shlex
import tomllib
from typing import TYPE_CHECKING, NamedTuple

from covgate.impact.modules import folder_of
from covgate.source.testconfig import FILES
from covgate.source.words import no_words, read_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from covgate.change.snapshot import Snapshot
    from covgate.config.model import Settings

_FILES = frozenset([*FILES, "setup.py"])
_MOST_FILES = 50
_ENTRY = re.compile(r"([\w.-]+)\s*=\s*([\w.]+)")
# Options that make pytest (or a common plugin) find tests in files that aren't Python.
_OTHER_TESTS = (
    "--doctest-glob",
    "--nbval",
    "--nbmake",
    "--markdown-docs",
    "--doctest-rst",
    "--doctest-plus",
    "--codeblocks",
)


class Configuration(NamedTuple):
    """`roots` go to the import path; `modules` are loaded before any test (plugins, settings);
    `commands` are the project's console scripts; `renamed` maps folders to packages;
    `other_tests` is why files that aren't Python may hold tests, `doctest_globs` which."""

    roots: frozenset[str]
    modules: frozenset[str]
    commands: Mapping[str, str]
    renamed: Mapping[str, str]
    other_tests: str
    doctest_globs: tuple[str, ...]


class _Notes:
    def __init__(self) -> None:
        self.roots: set[str] = set()
        self.modules: set[str] = set()
        self.commands: dict[str, str] = {}
        self.renamed: dict[str, str] = {}
        self.other_tests = ""
        self.globs: list[str] = []


def read_configuration(tree: Snapshot, settings: Settings) -> Configuration:
    """Read every configuration file of `tree`; what does not parse says nothing."""
    notes = _Notes()
    notes.roots.update(root.strip("/") for root in settings.source_roots if root != ".")
    _read_arguments(settings.pytest_args, "[tool.covgate] pytest-args", notes)
    paths = sorted(
        (path for path in tree.entries if path.rpartition("/")[2] in _FILES),
        key=lambda path: (path.count("/"), path),
    )
    for path in paths[:_MOST_FILES]:
        data = tree.read(path) or b""
        _read_file(path, data.decode("utf-8", "replace"), notes)
    return Configuration(
        frozenset(notes.roots),
        frozenset(notes.modules),
        notes.commands,
        notes.renamed,
        notes.other_tests,
        tuple(notes.globs),
    )


def _read_file(path: str, text: str, notes: _Notes) -> None:
    if path.endswith(".toml"):
        _read_toml(path, parsed_toml(text) or {}, notes)
    elif path.endswith(".py"):
        if "entry_points" in text:
            entries = dict(_ENTRY.findall(text))
            notes.commands.update(entries)
            if "pytest11" in text:
                notes.modules.update(module for module in entries.values() if "." in module)
    else:
        _read_ini(path, parsed_ini(text) or {}, notes)


def parsed_toml(text: str) -> dict[str, object] | None:
    """Return the tables of a TOML text, None when it is broken."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None


def parsed_ini(text: str) -> dict[str, dict[str, str]] | None:
    """Return the sections of an INI text, None when it is broken."""
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string(text)
    except configparser.Error:
        return None
    return {
        name: {key: value or "" for key, value in parser.items(name)} for name in parser.sections()
    }


def table(tables: object, *keys: str) -> Mapping[str, object]:
    """Return the table at `keys`, an empty one when there is none."""
    for key in keys:
        tables = tables.get(key) if isinstance(tables, dict) else None
    return tables if isinstance(tables, dict) else {}


def _read_toml(path: str, tables: Mapping[str, object], notes: _Notes) -> None:
    if not path.endswith("pyproject.toml"):
        for section in (tables, table(tables, "pytest")):
            _read_pytest(path, section, notes)
        return
    _read_pytest(path, table(tables, "tool", "pytest", "ini_options"), notes)
    _read_pytest(path, table(tables, "tool", "pytest"), notes)
    groups = [
        table(tables, "project", "scripts"),
        table(tables, "project", "gui-scripts"),
        table(tables, "tool", "poetry", "scripts"),
    ]
    for command, target in (item for group in groups for item in group.items()):
        notes.commands[command] = str(target).partition(":")[0].strip()
    for holder in (("project", "entry-points"), ("tool", "poetry", "plugins")):
        for target in table(tables, *holder, "pytest11").values():
            notes.modules.add(str(target).partition(":")[0].strip())
    for package, folder in table(tables, "tool", "setuptools", "package-dir").items():
        _rename(path, package, str(folder), notes)


def _read_ini(path: str, sections: Mapping[str, Mapping[str, str]], notes: _Notes) -> None:
    name = path.rpartition("/")[2]
    wanted = "tool:pytest" if name == "setup.cfg" else "pytest"
    _read_pytest(path, sections.get(wanted, {}), notes)
    for group, text in sections.get("options.entry_points", {}).items():
        entries = dict(_ENTRY.findall(text))
        if group == "pytest11":
            notes.modules.update(entries.values())
        notes.commands.update(entries)
    for line in sections.get("options", {}).get("package_dir", "").splitlines():
        package, _, folder = line.partition("=")
        _rename(path, package.strip(), folder.strip(), notes)


def _rename(path: str, package: str, folder: str, notes: _Notes) -> None:
    place = _placed(path, folder)
    if package:
        notes.renamed[place] = package
    else:
        notes.roots.add(place)


def _placed(path: str, folder: str) -> str:
    parts = [part for part in f"{folder_of(path)}/{folder}".split("/") if part not in {"", "."}]
    return "/".join(parts)


def _read_pytest(path: str, options: Mapping[str, object], notes: _Notes) -> None:
    for key, value in options.items():
        if isinstance(value, dict):
            continue
        words = _listed(value)
        if key == "pythonpath":
            notes.roots.update(_placed(path, word) for word in words)
        elif key == "addopts":
            _read_arguments(words, f"addopts of {path}", notes)
        else:
            # Options of plugins name modules too: DJANGO_SETTINGS_MODULE, env, ...
            found = no_words()
            for word in words:
                read_text(word, found)
            bare = "MODULE" in key.upper()
            notes.modules.update(word for word in found.words if bare or "." in word)


def _listed(value: object) -> Sequence[str]:
    if isinstance(value, list):
        return [str(item) for item in value]
    try:
        return shlex.split(str(value), comments=False)
    except ValueError:
        return str(value).split()


def _read_arguments(arguments: Sequence[str], where: str, notes: _Notes) -> None:
    for option, value in _options(arguments):
        if (option == "-p" and not value.startswith("no:")) or option == "--ds":
            notes.modules.add(value)
        elif option == "--doctest-glob":
            notes.globs.append(value)
        if option.startswith(_OTHER_TESTS):
            notes.other_tests = f"{option} in {where}"


def _options(arguments: Sequence[str]) -> Iterator[tuple[str, str]]:
    for place, word in enumerate(arguments):
        following = arguments[place + 1] if place + 1 < len(arguments) else ""
        if word.startswith("--") and "=" in word:
            yield word.partition("=")[0], word.partition("=")[2]
        elif word.startswith("-p") and len(word) > 2 and not word.startswith("--"):
            yield "-p", word[2:]
        else:
            yield word, following

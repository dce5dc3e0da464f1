"""Options of pytest that a change uses to leave tests out."""

from __future__ import annotations

import fnmatch
import re
from typing import TYPE_CHECKING, NamedTuple

from covgate.rules.silenced.collection import Curtailed
from covgate.source.skips.reasons import judge_text
from covgate.source.testconfig import FILES, TestConfig, matches_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from covgate.change.model import FileChange
    from covgate.rules.silenced.trees import Tree

_VALUED = ("-k", "-m", "--deselect", "--ignore", "--ignore-glob")
_FLAGS = ("--collect-only", "--co", "--setup-only", "--setup-plan")
_VITAL_PLUGINS = {"python", "unittest", "main", "runner"}


class Option(NamedTuple):
    """One option that leaves tests out, with its value."""

    name: str
    value: str


def left_out(files: Iterable[FileChange], base: Tree, target: Tree) -> Iterator[Curtailed]:
    """Yield the options of the changed configuration files that leave tests out."""
    for file in files:
        name = file.path.rpartition("/")[2]
        if name not in FILES or file.status == "deleted":
            continue
        after = target.configs.at(file.path)
        if after.path != file.path:
            continue
        before = base.configs.at(file.path)
        text = (target.snapshot.read(file.path) or b"").decode("utf-8", "replace")
        old = (
            (base.snapshot.read(before.path) or b"").decode("utf-8", "replace")
            if before.path
            else ""
        )
        for option in sorted(set(options(after)) - set(options(before))):
            if option.name == "-m" and _is_described(option.value, after):
                continue
            if option.name.startswith("--ignore") and not _hides_tests(option, after, target):
                continue
            if option.name == "--deselect" and not _names_tests(option.value, after, target):
                continue
            yield from _at(
                text, old, file.path, ("addopts", option.value or option.name), _says(option)
            )
        yield from _patterns(before, after, target, text, old)


def _is_described(expression: str, config: TestConfig) -> bool:
    """Return whether the markers of a `-m` expression are registered with a description."""
    names = set(re.findall(r"[A-Za-z_]\w*", expression)) - {"not", "and", "or"}
    text = " ".join(config.option("markers", ()))
    return bool(names) and all(
        re.search(rf"(?<!\w){re.escape(name)}(\([^)]*\))?:\s*\w+", text) for name in names
    )


def _hides_tests(option: Option, config: TestConfig, tree: Tree) -> bool:
    """Return whether an ignored path or glob stands for files that hold tests."""
    root = f"{config.root}/" if config.root else ""
    place = f"{root}{option.value.removeprefix('./').rstrip('/')}"
    is_glob = option.name.endswith("glob")
    return any(
        tree.is_test_file(path)
        and (
            fnmatch.fnmatchcase(f"/{path}", f"*/{option.value.removeprefix('./')}*")
            if is_glob
            else path == place or path.startswith(f"{place}/")
        )
        for path in tree.snapshot.entries
    )


def _names_tests(value: str, config: TestConfig, tree: Tree) -> bool:
    """Return whether the beginning of test ids stands for tests that may be there."""
    path, _, inside = value.removeprefix("./").partition("::")
    place = f"{config.root}/{path}" if config.root else path
    if not inside:
        return any(entry.startswith(place) for entry in tree.snapshot.entries)
    source = (tree.snapshot.read(place) if place in tree.snapshot.entries else None) or b""
    name = re.split(r"::|\[", inside)[0]
    return b"import *" in source or re.search(rb"\b" + re.escape(name.encode()), source) is not None


def _says(option: Option) -> str:
    return f"{option.name} {option.value} leaves tests out of every run".replace("  ", " ")


def options(config: TestConfig) -> Iterator[Option]:
    """Yield the options in `addopts` that leave tests out."""
    words = list(config.addopts)
    index = 0
    while index < len(words):
        word = words[index]
        index += 1
        if word in _FLAGS:
            yield Option(word, "")
        elif word in (*_VALUED, "-p") and index < len(words):
            yield from _valued(word, words[index])
            index += 1
        else:
            for name in _VALUED:
                if name.startswith("--") and word.startswith(f"{name}="):
                    yield from _valued(name, word.partition("=")[2])
                elif not name.startswith("--") and re.match(rf"{name}[^-]", word):
                    yield from _valued(name, word[2:].lstrip("="))
            if word.startswith("-pno:"):
                yield from _valued("-p", word[2:])


def _valued(name: str, value: str) -> Iterator[Option]:
    if name == "-p":
        plugin = value.removeprefix("no:")
        if value.startswith("no:") and plugin in _VITAL_PLUGINS:
            yield Option(name, value)
    elif value.strip():
        yield Option(name, value)


def _at(text: str, old: str, path: str, places: tuple[str, str], what: str) -> Iterator[Curtailed]:
    """Yield a finding at a key's value, given as `places`, unless a new comment says why."""
    key, needle = places
    lines = text.split("\n")
    start = next((n for n, content in enumerate(lines, 1) if key in content), 1)
    line = next(
        (
            n
            for n, content in enumerate(lines[start - 1 :], start)
            if needle in content and not _is_comment(content)
        ),
        start,
    )
    comments = []
    if re.search(r"\s#\s*\S", lines[line - 1]):
        comments.append(lines[line - 1].rpartition("#")[2])
    above = line - 1
    while above >= 1 and _is_comment(lines[above - 1]):
        comments.append(lines[above - 1].strip().lstrip("#; "))
        above -= 1
    fresh = [c for c in comments if c.strip() and c.strip() not in old]
    if not (fresh and judge_text(" ".join(fresh)).state == "stated"):
        yield Curtailed(path, line, line, what)


def _is_comment(line: str) -> bool:
    return line.strip().startswith(("#", ";"))


def _patterns(
    before: TestConfig, after: TestConfig, tree: Tree, text: str, old: str
) -> Iterator[Curtailed]:
    """Yield the name patterns that no longer match tests which the tree has."""
    files = [p for p in tree.snapshot.entries if p.endswith(".py")]
    keys = ("python_files", "norecursedirs", "testpaths")
    if any(before.option(key, ()) != after.option(key, ()) for key in keys):
        lost = [p for p in files if _collected(before, p) and not _collected(after, p)]
        lost = [p for p in lost if b"def test" in (tree.snapshot.read(p) or b"")]
        if lost:
            key = next(key for key in keys if before.option(key, ()) != after.option(key, ()))
            yield from _at(text, old, after.path, (key, key), f"{key} no longer covers {lost[0]}")
    for key in ("python_functions", "python_classes"):
        olds, news = getattr(before, key), getattr(after, key)
        if olds == news:
            continue
        word = "def" if key == "python_functions" else "class"
        for path in files:
            if not _collected(after, path):
                continue
            source = (tree.snapshot.read(path) or b"").decode("utf-8", "replace")
            names = re.findall(rf"^\s*(?:async\s+)?{word}\s+(\w+)", source, re.MULTILINE)
            gone = [n for n in names if matches_name(n, olds) and not matches_name(n, news)]
            if gone:
                yield from _at(
                    text, old, after.path, (key, key), f"{key} no longer covers {gone[0]}"
                )
                break


def _collected(config: TestConfig, path: str) -> bool:
    if not config.is_test_file(path):
        return False
    paths = config.option("testpaths", ())
    root = f"{config.root}/" if config.root else ""
    places = [f"{root}{p.removeprefix('./').rstrip('/')}" for p in paths]
    return not paths or any(
        path == place or path.startswith(f"{place}/") or place in ("", ".") for place in places
    )

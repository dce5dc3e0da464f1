"""Tests that a change takes out of service without a skip: renamed, commented out, unreachable."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from covgate.rules.silenced.pairing import Key
from covgate.rules.silenced.remains import remains
from covgate.source.checks.idle import idle
from covgate.source.modules import is_identifier_in
from covgate.source.skips.inventory import Dead, TestFunction, inventory
from covgate.source.skips.notes import note_texts
from covgate.source.skips.reasons import judge_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covgate.change.model import FileChange
    from covgate.rules.silenced.pairing import Pairing
    from covgate.rules.silenced.trees import Tree
    from covgate.source.modules import Module

KEPT = 64
# What is reported in a new test too; the rest only where a living test dies.
_BORN = {"if-false", "shadowed", "overridden", "dunder-test", "init", "property"}
_ABSTRACT = ("base", "abstract", "mixin", "contract", "common", "template", "suite", "generic")


class Disabled(NamedTuple):
    """One place that takes tests out of service, with the first test that it takes."""

    path: str
    line: int
    end_line: int
    test: str
    what: str


class _Inventories:
    """The tests of the files of one tree, by file and qualified name."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._known: dict[str, list[TestFunction]] = {}

    def of(self, path: str) -> list[TestFunction]:
        if path not in self._known:
            if len(self._known) >= KEPT:  # they hold on to whole modules
                self._known.clear()
            module = self.tree.project.module(path) if path.endswith(".py") else None
            config = self.tree.configs.at(path)
            self._known[path] = (
                inventory(self.tree.evaluator, module, config) if module is not None else []
            )
        return self._known[path]

    def live(self, path: str) -> dict[str, TestFunction]:
        """Return the tests that pytest collects and runs: not dead, not skipped throughout."""
        if not self.tree.is_test_file(path):
            return {}
        facts = self.tree.facts(path)
        off = [
            s.owner for s in (facts.sites if facts else ()) if _is_off(s.always, s.effect, s.reach)
        ]
        return {
            test.name: test
            for test in self.of(path)
            if test.dead is None
            and not any(not o or test.name == o or test.name.startswith(f"{o}.") for o in off)
        }


def _is_off(always: bool, effect: str, reach: str) -> bool:
    return always and effect == "skip" and reach != "param"


class Disabling:
    """Finds, file by file, where a change takes tests out of service without a word."""

    def __init__(self, base: Tree, target: Tree, pairing: Pairing) -> None:
        self.before, self.after = _Inventories(base), _Inventories(target)
        self.pairing = pairing
        self.reverse = {old: new for new, old in pairing.units.items()}
        self.moved = {old: new for new, old in pairing.files.items()}
        self.seen: set[tuple[str, int]] = set()

    def disabled(self, file: FileChange) -> Iterator[Disabled]:
        """Yield the places where the change of one file takes tests out of service."""
        for item in self._all(file):
            if (item.path, item.line) not in self.seen:
                self.seen.add((item.path, item.line))
                yield item

    def _all(self, file: FileChange) -> Iterator[Disabled]:
        before, after = self.before, self.after
        old = file.old_path or file.path
        live = before.live(old)
        if live:
            yield from _file_gone(file, old, live, before, after)
            for test in live.values():
                yield from _lost(old, test, self.reverse, self.moved, before, after)
        if file.status != "deleted":
            yield from _born(file.path, self.pairing, before, after)
            yield from _idle(file.path, self.pairing, before, after)


# a living test of the base


def _file_gone(
    file: FileChange,
    old: str,
    live: dict[str, TestFunction],
    before: _Inventories,
    after: _Inventories,
) -> Iterator[Disabled]:
    if file.status != "renamed" or not live or not _in_testpaths(before.tree, old):
        return
    is_test_file = after.tree.is_test_file(file.path)
    if is_test_file and _in_testpaths(after.tree, file.path):
        return
    if after.tree.in_test_folder(file.path) and _is_used_elsewhere(file.path, after.tree):
        return
    first = next(iter(live))
    module = after.tree.project.module(file.path) if file.path.endswith(".py") else None
    if module is not None and _explained(module, (1, 1), None):
        return
    yield Disabled(
        file.path, 1, 1, first, f"the file is no longer one that pytest collects (was {old})"
    )


def _in_testpaths(tree: Tree, path: str) -> bool:
    config = tree.configs.at(path)
    paths = config.option("testpaths", ())
    root = f"{config.root}/" if config.root else ""
    return not paths or any(path.startswith(f"{root}{p.strip('./')}") or p == "." for p in paths)


def _is_used_elsewhere(path: str, tree: Tree) -> bool:
    """Return whether a test module near `path` imports it, as one does with shared base classes."""
    stem = path.rpartition("/")[2].removesuffix(".py")
    folder = path.rpartition("/")[0]
    return any(
        is_identifier_in(stem, tree.snapshot.read(other) or b"")
        for other in tree.snapshot.entries
        if other != path and other.startswith(folder) and tree.is_test_file(other)
    )


def _lost(
    old: str,
    test: TestFunction,
    reverse: dict[Key, Key],
    moved: dict[str, str],
    before: _Inventories,
    after: _Inventories,
) -> Iterator[Disabled]:
    new = reverse.get(Key(old, test.name))
    path = new.path if new is not None else moved.get(old, old)
    module = after.tree.project.module(path) if path.endswith(".py") else None
    if module is None:
        return
    if not after.tree.is_test_file(path):
        if new is not None and new.path not in (old, moved.get(old)) and "." not in new.name:
            yield from _put_aside(new, test, module, after)
        return
    source = before.tree.project.module(old)
    if new is None:
        if path in after.tree.snapshot.entries:
            yield from _remains(path, test, module, source, after)
        return
    found = [t for t in after.of(path) if t.name == new.name] or _nested(path, test, after)
    if not found:
        yield from _renamed(new, test, module, source, after)
        return
    if all(t.dead is not None for t in found):
        dead = found[-1].dead
        assert dead is not None
        if dead.kind == "class-name" and _is_mixin(found[-1], after.tree, module):
            return
        if not _explained(module, (dead.line, dead.end_line), source):
            yield Disabled(path, dead.line, dead.end_line, test.short, dead.what)


def _put_aside(
    new: Key, test: TestFunction, module: Module, after: _Inventories
) -> Iterator[Disabled]:
    """Yield a test that has moved into a file that pytest does not collect and nobody imports."""
    facts = after.tree.facts(new.path)
    unit = facts.units.get(new.name) if facts else None
    if unit is None or unit.short != test.short or _is_used_elsewhere(new.path, after.tree):
        return
    if not _explained(module, (unit.first, unit.line), None):
        what = "pytest does not collect the file that it has moved to"
        yield Disabled(new.path, unit.line, unit.line, test.short, what)


def _nested(path: str, test: TestFunction, after: _Inventories) -> list[TestFunction]:
    """Return the function of the test's name that is now nested in another."""
    return [
        t for t in after.of(path) if t.short == test.short and t.dead and t.dead.kind == "nested"
    ]


def _is_mixin(test: TestFunction, tree: Tree, module: Module) -> bool:
    """Return whether a class is one that test classes of other modules may inherit from."""
    name = test.cls.node.name if test.cls is not None else ""
    if any(word in name.lower() for word in _ABSTRACT):
        return True
    return _is_used_elsewhere(module.path, tree)


def _renamed(
    new: Key, test: TestFunction, module: Module, source: Module | None, after: _Inventories
) -> Iterator[Disabled]:
    facts = after.tree.facts(new.path)
    unit = facts.units.get(new.name) if facts else None
    if unit is None:
        return
    short = unit.short
    if short == "runTest" and test.cls is not None:
        return  # unittest's own name for the one test of a case
    uses = module.text.count(short) - module.text.count(f"def {short}(")
    if uses > 0 and is_identifier_in(short, _without(module, unit.line).encode()):
        return  # the body lives on as a helper
    if not _explained(module, (unit.first, unit.line), source):
        what = f"it is renamed to {short}, which pytest does not collect"
        yield Disabled(new.path, unit.line, unit.line, test.short, what)


def _without(module: Module, line: int) -> str:
    return "\n".join(text for number, text in enumerate(module.lines, 1) if number != line)


def _remains(
    path: str, test: TestFunction, module: Module, source: Module | None, after: _Inventories
) -> Iterator[Disabled]:
    """Yield what is left of a test that is gone: a comment, a string, a nested function."""
    if any(t.short == test.short and t.dead is None for t in after.of(path)):
        return
    for nested in _nested(path, test, after)[:1]:
        dead = nested.dead
        if dead is not None and not _explained(module, (dead.line, dead.end_line), source):
            yield Disabled(path, dead.line, dead.end_line, test.short, dead.what)
        return
    found = remains(module, test.short)
    if found is None or (source is not None and remains(source, test.short) is not None):
        return
    if judge_text(found.prose).state != "stated":
        yield Disabled(path, found.line, found.end_line, test.short, found.what)


def _explained(module: Module, lines: tuple[int, int], source: Module | None) -> bool:
    """Return whether a comment that the base did not have says why."""
    old = {c.text for c in source.comments.values()} if source is not None else set()
    texts = [text for text in note_texts(module, lines) if text not in old]
    return bool(texts) and judge_text(" ".join(texts)).state == "stated"


# new tests


def _born(
    path: str, pairing: Pairing, before: _Inventories, after: _Inventories
) -> Iterator[Disabled]:
    if not after.tree.is_test_file(path):
        return
    module = after.tree.project.module(path)
    old = pairing.files.get(path)
    source = before.tree.project.module(old) if old else None
    was = {(t.name, t.dead.kind) for t in before.of(old) if t.dead} if old else set()
    tests = after.of(path)
    for test in tests:
        dead = test.dead
        if module is None or dead is None or dead.kind not in _BORN:
            continue
        key = pairing.unit(path, test.name)
        if (
            dead.kind != "shadowed"
            and key is not None
            and key.path != path
            and _was_dead(key, before)
        ):
            continue
        if (test.name, dead.kind) in was or (key is not None and _was_dead(key, before, dead.kind)):
            continue
        if dead.kind in ("dunder-test", "init") and _looks_abstract(test):
            continue
        if dead.kind == "dunder-test" and key is None and _is_helper(test, module):
            continue
        if not _explained(module, (dead.line, dead.end_line), source):
            yield Disabled(path, dead.line, dead.end_line, test.short, dead.what)


def _was_dead(key: Key, before: _Inventories, kind: str = "") -> bool:
    return any(
        t.name == key.name and t.dead is not None and (not kind or t.dead.kind == kind)
        for t in before.of(key.path)
    )


def _looks_abstract(test: TestFunction) -> bool:
    """Return whether a class that is not collected looks like one for others to inherit."""
    if test.cls is None:
        return False
    name = test.cls.node.name
    return not name.startswith("Test") or any(word in name.lower() for word in _ABSTRACT)


def _is_helper(test: TestFunction, module: Module) -> bool:
    """Return whether a function that is named like a test is one that its module calls."""
    called = re.search(rf"(?<!def )\b{re.escape(test.short)}\(", module.text)
    return test.cls is None and called is not None


def _idle(
    path: str, pairing: Pairing, before: _Inventories, after: _Inventories
) -> Iterator[Disabled]:
    module = after.tree.project.module(path) if after.tree.is_test_file(path) else None
    if module is None:
        return
    old_file = pairing.files.get(path)
    source = before.tree.project.module(old_file) if old_file else None
    for test in after.live(path).values():
        found = list(idle(test.node, module))
        if not found:
            continue
        key = pairing.unit(path, test.name)
        old = next((t for t in before.of(key.path) if t.name == key.name), None) if key else None
        was = before.tree.project.module(key.path) if key is not None else None
        had = {_kind(d) for d in idle(old.node, was)} if old is not None and was else set()
        for dead in found:
            if _kind(dead) not in had and not _explained(module, _around(dead), source):
                yield Disabled(path, dead.line, dead.end_line, test.short, dead.what)


def _kind(dead: Dead) -> str:
    return f"{dead.kind} {dead.what}"


def _around(dead: Dead) -> tuple[int, int]:
    return (dead.line - 1, dead.line) if dead.kind == "early-return" else (dead.line, dead.line)

"""What a change does to collection: conftest hooks, ignored files, pytest's own options."""

from __future__ import annotations

import fnmatch
import posixpath
from typing import TYPE_CHECKING, NamedTuple

from covgate.source.skips.hooks import Deed, deeds, ignored
from covgate.source.skips.notes import note, note_texts
from covgate.source.skips.reasons import judge_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covgate.change.model import FileChange
    from covgate.rules.silenced.pairing import Pairing
    from covgate.rules.silenced.trees import Tree
    from covgate.source.modules import Module


class Curtailed(NamedTuple):
    """One place that keeps tests from being collected, or their outcome from being seen."""

    path: str
    line: int
    end_line: int
    what: str


def curtailed(file: FileChange, base: Tree, target: Tree, pairing: Pairing) -> Iterator[Curtailed]:
    """Yield what a changed conftest or test module does to collection and outcomes."""
    if file.status == "deleted" or not file.path.endswith(".py"):
        return
    if not (target.is_test_file(file.path) or target.in_test_folder(file.path)):
        return
    module = target.project.module(file.path)
    if module is None:
        return
    old_path = pairing.files.get(file.path)
    old = base.project.module(old_path) if old_path else None
    if file.path.rpartition("/")[2] == "conftest.py":
        yield from _ignored(module, old, base, target)
    yield from _hooks(module, old, base, target)


def _hooks(module: Module, old: Module | None, base: Tree, target: Tree) -> Iterator[Curtailed]:
    known = {deed.text for deed in deeds(base.evaluator, old)} if old is not None else set()
    for deed in deeds(target.evaluator, module):
        if deed.text in known or _is_harmless(deed, module, target):
            continue
        if deed.has_channel and note(module, (deed.line, deed.end_line)).state == "stated":
            continue
        yield Curtailed(module.path, deed.line, deed.end_line, deed.what)


def _is_harmless(deed: Deed, module: Module, tree: Tree) -> bool:
    """Return whether an ignoring hook names only files that are no tests."""
    if "pytest_ignore_collect" not in deed.what or "def " in deed.text:
        return False
    words = [word for word in deed.text.split(" ") if word]
    folder = module.path.rpartition("/")[0]
    tests = [p for p in tree.snapshot.entries if p.startswith(folder) and tree.is_test_file(p)]
    return not any(word in path for word in words for path in tests)


def _ignored(module: Module, old: Module | None, base: Tree, target: Tree) -> Iterator[Curtailed]:
    folder = module.path.rpartition("/")[0]
    known = (
        {(i.entry, i.is_glob) for i in ignored(base.evaluator, old)} if old is not None else set()
    )
    old_texts = {c.text for c in old.comments.values()} if old is not None else set()
    for item in ignored(target.evaluator, module):
        if (item.entry, item.is_glob) in known:
            continue
        lost = _matching(item.entry, item.is_glob, folder, target)
        if not lost:
            continue
        texts = [t for t in note_texts(module, (item.line, item.end_line)) if t not in old_texts]
        binding_line = next(
            (n for n in range(item.line, 0, -1) if "collect_ignore" in module.lines[n - 1]),
            item.line,
        )
        texts += [t for t in note_texts(module, (binding_line, binding_line)) if t not in old_texts]
        if texts and judge_text(" ".join(texts)).state == "stated":
            continue
        what = f"{_count(lost)} taken out of collection"
        yield Curtailed(module.path, item.line, item.end_line, what)


def _matching(entry: str, is_glob: bool, folder: str, tree: Tree) -> list[str]:
    """Return the test files that an ignored entry stands for."""
    full = posixpath.normpath(posixpath.join(folder, entry))
    found = []
    for path in tree.snapshot.entries:
        if is_glob:
            parents = [path]
            while "/" in parents[-1]:
                parents.append(parents[-1].rpartition("/")[0])
            hit = any(fnmatch.fnmatchcase(p, full) for p in parents)
        else:
            hit = path == full or path.startswith(full + "/")
        if hit and tree.is_test_file(path):
            found.append(path)
    return found


def _count(paths: list[str]) -> str:
    return f"{paths[0]} is" if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} more are"

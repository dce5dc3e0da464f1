"""Test modules that did not change, but whose reasons live in a module that did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covgate.change.model import FileChange
from covgate.rules.silenced.trees import Tree, old_path
from covgate.source.modules import Module, is_identifier_in
from covgate.source.skips.calls import as_mark
from covgate.source.skips.reasons import judge
from covgate.source.skips.site import silence
from covgate.source.skips.values import Const, Func, Place, Seq, Value, alternatives

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SKIPPING = (b"skip", b"Skip", b"xfail")


def dependents(files: Iterable[FileChange], base: Tree, target: Tree) -> list[FileChange]:
    """Return unchanged test modules that use marks, reasons or helpers that got worse."""
    if not base.snapshot.entries:
        return []
    files = list(files)
    worse: dict[str, set[str]] = {}
    for file in files:
        old = old_path(file, base.snapshot)
        if old is not None and file.path.endswith(".py") and target.project.is_telling(file.path):
            names = set(_worse(old, file.path, base, target))
            if names:
                stem = file.path.removesuffix("/__init__.py").removesuffix(".py")
                worse.setdefault(stem.rpartition("/")[2], set()).update(names)
    if not worse:
        return []
    known = {file.path for file in files}
    target.snapshot.read_ahead(path for path in target.snapshot.entries if path.endswith(".py"))
    return [
        FileChange(path, path, "modified", None, None)
        for path in target.snapshot.entries
        if path not in known and path in base.snapshot.entries and _uses(path, worse, target)
    ]


def _uses(path: str, worse: dict[str, set[str]], tree: Tree) -> bool:
    if not path.endswith(".py") or not (tree.is_test_file(path) or tree.in_test_folder(path)):
        return False
    data = tree.snapshot.read(path) or b""
    return any(
        is_identifier_in(stem, data) and any(is_identifier_in(name, data) for name in names)
        for stem, names in worse.items()
    )


def _worse(old: str, path: str, base: Tree, target: Tree) -> Iterator[str]:
    """Yield the module-level names whose reasons, marks or skipping helpers changed."""
    before, after = base.project.module(old), target.project.module(path)
    if before is None or after is None or before.data == after.data:
        return
    olds = base.evaluator.module_scope(before).bindings
    for name in target.evaluator.module_scope(after).bindings:
        if name in olds:
            was, now = _value(base, before, name), _value(target, after, name)
            if _is_worse(was, now):
                yield name


def _value(tree: Tree, module: Module, name: str) -> Value:
    return tree.evaluator.name(name, tree.evaluator.module_scope(module), (1 << 30, 0))


def _is_worse(was: Value, now: Value) -> bool:
    if isinstance(now, Const) and (now.value is None or isinstance(now.value, str)):
        return judge(was).state == "stated" and judge(now).state != "stated"
    if isinstance(now, Func):
        text = _text(now)
        return text != (_text(was) if isinstance(was, Func) else "") and any(
            word in text for word in _SKIPPING
        )
    return bool(_silences(now) - _silences(was))


def _text(func: Func) -> bytes:
    node = func.node
    return func.module.segment(node.lineno, node.end_lineno or node.lineno).encode()


def _silences(value: Value) -> set[tuple[str, bool, str, str | None]]:
    """Return what the marks that a value stands for do to a test, in a form to compare."""
    found: set[tuple[str, bool, str, str | None]] = set()
    for option in alternatives(value):
        if isinstance(option, Seq):
            found.update(*(_silences(item) for item in option.items))
            continue
        mark = as_mark(option, Place("", 0, 0))
        deed = silence(mark) if mark is not None else None
        if deed is not None:
            found.add((deed.construct, deed.always, deed.reason.state, deed.reason.text))
    return found

"""The tests that a change adds or alters: what they do, not how they are laid out."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from covgate.rules.silenced.pairing import pair
from covgate.rules.silenced.trees import Tree, tree_of
from covgate.source.skips.inventory import inventory
from covgate.source.skips.scopes import DEFINITIONS, FUNCTIONS
from covgate.source.walking import children, same

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covgate.change.model import Change
    from covgate.rules.silenced.pairing import Pairing
    from covgate.source.modules import Module
    from covgate.source.skips.facts import Facts
    from covgate.source.skips.inventory import Function, TestFunction


class ChangedTest(NamedTuple):
    """A test that pytest collects and that differs from every base; `is_new`: none had it."""

    path: str
    test: TestFunction
    module: Module
    facts: Facts
    is_new: bool


def changed_tests(change: Change) -> Iterator[ChangedTest]:
    """Yield the tests of the target that the change adds or alters."""
    target = tree_of(change.target)
    bases = [tree_of(before) for before in change.before]
    pairings = [pair(change.files, base, target) for base in bases]
    for file in change.files:
        if file.status == "deleted" or not target.is_test_file(file.path):
            continue
        module = target.project.module(file.path)
        facts = target.facts(file.path)
        if module is None or facts is None:
            continue
        for test in inventory(target.evaluator, module, target.configs.at(file.path)):
            if test.dead is not None:
                continue
            states = [_state(test, facts, b, p) for b, p in zip(bases, pairings, strict=True)]
            if "same" not in states:
                yield ChangedTest(file.path, test, module, facts, "altered" not in states)


def _state(test: TestFunction, facts: Facts, base: Tree, pairing: Pairing) -> str:
    key = pairing.unit(facts.path, test.name)
    old = base.facts(key.path) if key else None
    unit = facts.units.get(test.name)
    if key is None or old is None or unit is None or key.name not in old.units:
        return "new"
    before = old.units[key.name]
    if before.text == unit.text:
        return "same"
    node = _function_at(base.project.module(key.path), before.line)
    if node is None:
        return "altered"
    moved = node.col_offset != test.node.col_offset
    return "same" if same(node.body, test.node.body, moved=moved) else "altered"


def _function_at(module: Module | None, line: int) -> Function | None:
    """Return the function that starts at a line, looked for outside other functions."""
    todo: list[ast.AST] = [module.tree] if module is not None else []
    while todo:
        node = todo.pop()
        if isinstance(node, FUNCTIONS):
            if node.lineno == line:
                return node
        elif not isinstance(node, ast.expr):
            todo += [
                child
                for child in children(node)
                if not isinstance(child, DEFINITIONS)
                or child.lineno <= line <= (child.end_lineno or line)
            ]
    return None


class Place(NamedTuple):
    """Where the test of a node id is defined: the file, and the qualified name in it."""

    path: str
    name: str


def place_of(node_id: str) -> Place:
    """Return the function that a node id of pytest names, without its parameters."""
    path, _, names = node_id.partition("::")
    return Place(path, names.partition("[")[0].replace("::", "."))

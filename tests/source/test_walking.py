"""Nodes beneath a node are those of `ast.walk`, also after the tree has changed."""

from __future__ import annotations

import ast

from covgate.source.blocks import units
from covgate.source.blocks.walking import changed_beneath, forget, walk, walk_all

CODE = """\
def outer(x):
    def inner(y: int):
        z: list[y] = CACHE[y]
        return z
    return inner(x)
"""


def test_what_is_kept_is_what_is_there() -> None:
    tree = ast.parse(CODE)
    outer = tree.body[0]
    assert isinstance(outer, ast.FunctionDef)
    assert walk(tree) == tuple(ast.walk(tree))
    assert [*walk_all(tree.body)] == [*ast.walk(outer)]
    before = walk(outer)
    outer.body = outer.body[1:]
    assert walk(outer) == before
    changed_beneath(tree)
    assert walk(outer) == tuple(ast.walk(outer)) != before
    forget()


def test_a_nested_function_is_read_once_and_not_as_part_of_the_other() -> None:
    facts = units.read(CODE.encode())
    mentions = {body.key: "CACHE" in body.mentions.names for body in facts.bodies}
    assert mentions == {"outer.<locals>.inner": True, "outer": False}

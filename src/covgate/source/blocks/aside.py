"""Which code uses a class as a whole, and not only members of it that it names."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from covgate.source.blocks.units import read_tree

if TYPE_CHECKING:
    from collections.abc import Container


class WholeUses(NamedTuple):
    """Bodies, by key, and statements, by owner and lines, that use a class as a whole.

    `named` do so by its plain name, the others as an attribute of something.
    """

    named_bodies: frozenset[str]
    bodies: frozenset[str]
    named_units: frozenset[tuple[str, int, int]]
    units: frozenset[tuple[str, int, int]]


def whole_uses(source: bytes, name: str, members: Container[str]) -> WholeUses | None:
    """Return who uses a class `name` by more than the names of some `members`.

    Annotations that only name it do not count. None when the file does not parse.
    """
    try:
        tree = ast.parse(source)
        facts = read_tree(_Leaving(name, members).visit(tree))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    units = [unit for unit in facts.units if unit.kind != "import"]
    return WholeUses(
        frozenset(body.key for body in facts.bodies if name in body.mentions.names),
        frozenset(body.key for body in facts.bodies if name in body.mentions.attrs),
        frozenset((one.owner, one.line, one.end) for one in units if name in one.mentions.names),
        frozenset((one.owner, one.line, one.end) for one in units if name in one.mentions.attrs),
    )


class _Leaving(ast.NodeTransformer):
    """Leaves members of a class that are mentioned by name out of a tree, and annotations."""

    def __init__(self, name: str, members: Container[str]) -> None:
        self._name = name
        self._members = members

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        of = node.value
        is_class = (isinstance(of, ast.Name) and of.id == self._name) or (
            isinstance(of, ast.Attribute) and of.attr == self._name
        )
        if is_class and node.attr in self._members and isinstance(node.ctx, ast.Load):
            return ast.copy_location(ast.Constant(None), node)
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        if node.annotation is not None and _only_names(node.annotation):
            node.annotation = None
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._function(node)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        if node.returns is not None and _only_names(node.returns):
            node.returns = None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if _only_names(node.annotation):
            node.annotation = ast.copy_location(ast.Constant(None), node.annotation)
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """Whatever its own class methods do, they do it with the whole class."""
        for part in node.body if node.name == self._name else ():
            if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
                first = (*part.args.posonlyargs, *part.args.args)[:1]
                if [one.arg for one in first] != ["self"]:
                    use = ast.Expr(ast.Name(self._name, ast.Load()))
                    part.body.append(ast.fix_missing_locations(ast.copy_location(use, part)))
        return self.generic_visit(node)


def constant_of(source: bytes, owner: str, name: str) -> object:
    """Return the constant that a class at module level gives to a name; `...` for all else."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef) and node.name == owner:
            for part in node.body:
                if isinstance(part, ast.Assign) and isinstance(part.value, ast.Constant):
                    if [ast.dump(one) for one in part.targets] == [ast.dump(_stored(name))]:
                        return part.value.value
    return ...


def _stored(name: str) -> ast.Name:
    return ast.Name(name, ast.Store())


def _only_names(node: ast.expr) -> bool:
    """Whether an annotation does no more than name types."""
    return not any(
        isinstance(part, ast.Call | ast.NamedExpr | ast.Await) for part in ast.walk(node)
    )

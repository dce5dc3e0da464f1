"""Whether generators that functions begin are used up by those who call them.

A generator that waits keeps what its function has. Looked for, by name and through all who return
it, is whoever might put one away: into a module, an object, a cache, a fixture. Whatever is not
recognised may do so.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from covgate.source.blocks.scopes import local_names
from covgate.source.lifetimes.parents import Parents, has_word, parsed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# These keep nothing of what they are given.
_CONSUMERS = frozenset(
    {
        "list", "tuple", "set", "frozenset", "dict", "sorted", "any", "all", "sum", "next",
        "len", "str", "repr", "type", "isinstance", "print", "bool", "id", "callable",
    }
)  # fmt: skip
_CHOOSERS = frozenset({"min", "max"})
_WRAPPERS = frozenset({"iter", "enumerate", "zip", "map", "filter", "reversed"})
_METHODS = frozenset({"send", "throw", "close"})
_PLAIN = frozenset({"staticmethod", "classmethod"})
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
# More functions than these do not share one generator; a name like theirs stands for something.
_MOST_NAMES = 30


def is_generator(function: ast.FunctionDef) -> bool:
    """Whether a function yields."""
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in _own(function))


def _own(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """Yield the nodes of a function, those of functions within it left out."""
    pending: list[ast.AST] = [*function.body]
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, _SCOPES):
            pending.extend(ast.iter_child_nodes(node))


def used_up(texts: Mapping[str, bytes], names: Iterable[str]) -> set[str] | None:
    """Return the files that define who passes on what functions of some names return.

    None if somebody may put it away. `texts` are all files of the project.
    """
    makers: set[str] = set()
    trees: dict[str, Parents] = {}
    seen: set[str] = set()
    pending = {*names}
    while pending:
        name = pending.pop()
        seen.add(name)
        if len(seen) > _MOST_NAMES or (name.startswith("__") and name.endswith("__")):
            return None  # the interpreter calls it
        for path, text in texts.items():
            if not has_word(text, [name, *_parts(name)]):
                continue
            if path not in trees:
                tree = parsed(text)
                if tree is None:
                    return None
                trees[path] = Parents(tree)
            if name in trees[path].bound:
                makers.add(path)
            returned = _Mentions(trees[path], name).passed_on_by()
            if returned is None:
                return None
            pending |= returned - seen
    return makers


def _parts(name: str) -> set[str]:
    """Return what a name that is put together at an underscore begins or ends with."""
    places = [place for place, letter in enumerate(name) if letter == "_"]
    found = {part for place in places for part in (name[: place + 1], name[place:])}
    return {part for part in found if part.strip("_")} - {name}


def passed_on_by(parents: Parents, call: ast.expr) -> set[str] | None:
    """Return the functions that pass the generator that a call makes on, None if it is put away."""
    passed = None if parents.is_async(call) else _passed_on(parents, call)
    function = parents.function_of(call)
    if passed is None or function is None:
        return passed
    own = waits(function) if is_generator(function) else set()
    if own is None or (passed and not all(map(_is_plain, function.decorator_list))):
        return None
    return passed | own


def waits(function: ast.FunctionDef) -> set[str] | None:
    """Return a function that yields, by name; None if nobody knows what becomes of it."""
    return {function.name} if all(map(_is_plain, function.decorator_list)) else None


def _is_plain(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Name) and decorator.id in _PLAIN


class _Mentions:
    def __init__(self, parents: Parents, name: str) -> None:
        self._parents = parents
        self._name = name

    def passed_on_by(self) -> set[str] | None:
        """Return the functions that return what the named ones do, None if one puts it away."""
        found: set[str] = set()
        for node in ast.walk(self._parents.tree):
            if isinstance(node, ast.Name | ast.Attribute):
                named = node.id if isinstance(node, ast.Name) else node.attr
                if named == self._name:
                    call = self._parents.above(node)
                    if not isinstance(call, ast.Call) or call.func is not node:
                        return None
                    passed = passed_on_by(self._parents, call)
                    if passed is None:
                        return None
                    found |= passed
            elif self._is_other_way(node):
                return None
        return found

    def _is_other_way(self, node: ast.AST) -> bool:
        """Whether something may get the function without naming it where it is called."""
        if isinstance(node, ast.alias):
            return node.asname is not None and node.name.rpartition(".")[2] == self._name
        if isinstance(node, ast.Constant):
            if node.value in _parts(self._name):
                return True  # `getattr(source, "stream_" + kind)`
            return node.value == self._name and not self._parents.is_exported(node)
        return isinstance(node, ast.arg) and node.arg == self._name


def _passed_on(parents: Parents, value: ast.expr) -> set[str] | None:
    """Return who passes a value on, None if it is put away, or nobody knows."""
    above = parents.above(value)
    if isinstance(above, ast.comprehension):
        inner = parents.above(above)
        lazy = isinstance(inner, ast.GeneratorExp)
        return _passed_on(parents, inner) if lazy and isinstance(inner, ast.expr) else set()
    if isinstance(above, ast.Call) and above.func is not value:
        name = above.func.id if isinstance(above.func, ast.Name) else None
        if name in parents.bound:
            return None
        if name in _WRAPPERS:
            return _passed_on(parents, above)
        # `max` of several things, or `next` with something to fall back on, returns one of them.
        uses_up = name in _CONSUMERS and above.args[0] is value
        if name in _CHOOSERS:
            uses_up = len(above.args) == 1
        return set() if uses_up or _joins(above.func) else None
    if isinstance(above, ast.Return | ast.YieldFrom):
        function = parents.function_of(value)
        return None if function is None else {function.name}
    if isinstance(above, ast.Assign) and len(above.targets) == 1:
        target = above.targets[0]
        if isinstance(target, ast.Tuple | ast.List):
            return set()
        return _of_local(parents, target) if isinstance(target, ast.Name) else None
    if isinstance(above, ast.For):
        return set() if above.iter is value else None
    if isinstance(above, ast.Attribute):
        use = parents.above(above)
        return set() if isinstance(above.ctx, ast.Load) and _is_read(above, use) else None
    if isinstance(above, ast.Subscript):
        return set() if above.value is value else None
    kept = (ast.Expr, ast.Compare, ast.Assert, ast.If, ast.withitem)
    return set() if isinstance(above, kept) else None


def _joins(function: ast.expr) -> bool:
    """Whether a function is the method of a text that puts others together."""
    if not isinstance(function, ast.Attribute) or function.attr != "join":
        return False
    text = function.value
    return isinstance(text, ast.JoinedStr) or (
        isinstance(text, ast.Constant) and isinstance(text.value, str | bytes)
    )


def _is_read(node: ast.Attribute, use: ast.AST) -> bool:
    """Whether an attribute is looked at, or a method called, which does not give it all back."""
    if node.attr.startswith(("__", "gi_")):
        return False
    is_called = isinstance(use, ast.Call) and use.func is node
    return is_called or node.attr not in _METHODS


def _of_local(parents: Parents, target: ast.Name) -> set[str] | None:
    """Return who passes on what a local name stands for from now on."""
    function = parents.function_of(target)
    if function is None or target.id not in local_names(function):
        return None
    statement = parents.above(target)
    assert isinstance(statement, ast.stmt)
    bound = (statement.end_lineno or 0, statement.end_col_offset or 0)
    loops = parents.loops_of(target)
    found: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and node.id == target.id and isinstance(node.ctx, ast.Load):
            if parents.function_of(node) is not function:
                return None
            if (node.lineno, node.col_offset) < bound and not loops & parents.loops_of(node):
                continue  # it stood for something else then
            passed = _passed_on(parents, node)
            if passed is None:
                return None
            found |= passed
    return found

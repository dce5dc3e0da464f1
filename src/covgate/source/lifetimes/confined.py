"""Which classes keep their objects to themselves: none outlives the call that makes it.

What such an object remembers is nobody's but the caller's: no other test comes upon it. It is shown
by the text of the whole project: the class hands its objects to nobody, and whoever makes one
(`source.lifetimes.sites`) calls a method of it at once, or has it in a local name for nothing else.
Whatever is not recognised may keep objects.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from covgate.source.lifetimes.belongings import CREATOR, DISPLAYS, owns_what_it_changes
from covgate.source.lifetimes.iterators import are_used_up, is_generator, passed_on_by
from covgate.source.lifetimes.parents import Parents, has_word, parsed
from covgate.source.lifetimes.sites import Handled, made_locally, may_be_fetched

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

# A class with one of these decides itself what making an object means, or asking it.
_OWN_WAYS = frozenset(
    {
        "__new__", "__del__", "__getattr__", "__getattribute__", "__setattr__", "__delattr__",
        "__init_subclass__", "__class_getitem__", "__slots__", "__enter__", "__reduce__",
    }
)  # fmt: skip
_ALL_NAMES = frozenset({"cls", "super", "__class__", "locals", "vars", "eval", "exec"})
_OF_ITSELF = frozenset({"__class__", "__dict__", "__init__"})
_INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.GeneratorExp, ast.ClassDef)


def confined(name: str, path: str, texts: Mapping[str, bytes]) -> bool:
    """Whether no object of the class `name` of the file `path` outlives the call that makes it.

    `texts` are all Python files of the project, by path.
    """
    holders = [one for one, text in texts.items() if has_word(text, [name])]
    trees = {one: tree for one in holders if (tree := parsed(texts[one])) is not None}
    if path not in trees or len(trees) < len(holders):
        return False
    found = [one for one in trees[path].body if isinstance(one, ast.ClassDef) and one.name == name]
    if len(found) != 1 or not _keeps_to_itself(found[0]):
        return False
    lazy = _lazy(trees[path], found[0])
    if lazy is None:
        return False
    methods = frozenset(one.name for one in found[0].body if isinstance(one, ast.FunctionDef))
    waiting: set[str] = set()
    for tree in trees.values():
        told = made_locally(tree, Handled(found[0], methods, lazy))
        if told is None:
            return False
        waiting |= told
    return not may_be_fetched(texts, holders) and are_used_up(texts, waiting)


def _lazy(tree: ast.Module, made: ast.ClassDef) -> frozenset[str] | None:
    """Return the methods of a class that may return a generator of it, None if one is put away."""
    parents = Parents(tree)
    methods = {one.name: one for one in made.body if isinstance(one, ast.FunctionDef)}
    found: set[str] = set()
    pending = {name for name, method in methods.items() if is_generator(method)}
    while pending:
        name = pending.pop()
        found.add(name)
        for node in ast.walk(made):
            if isinstance(node, ast.Attribute) and node.attr == name:
                call = parents.above(node)
                told = passed_on_by(parents, call) if isinstance(call, ast.Call) else None
                if told is None:
                    return None
                pending |= (told & methods.keys()) - found
    return frozenset(found)


def _keeps_to_itself(made: ast.ClassDef) -> bool:
    """Whether methods pass `self` to nobody, and change in place only what it alone has."""
    plain = [
        base for base in made.bases if not (isinstance(base, ast.Name) and base.id == "object")
    ]
    if plain or made.keywords or made.decorator_list:
        return False
    methods = {one.name: one for one in made.body if isinstance(one, ast.FunctionDef)}
    known = (ast.FunctionDef, ast.Assign, ast.AnnAssign, ast.Expr, ast.Pass)
    shared = _of_class(made)
    if (
        CREATOR not in methods
        or len(methods) != sum(isinstance(one, ast.FunctionDef) for one in made.body)
        or not all(isinstance(one, known) for one in made.body)
        or not all(isinstance(value, DISPLAYS) for value in shared.values())
        or _OWN_WAYS & (methods.keys() | shared.keys())
    ):
        return False
    if not all(_hides_self(one, methods.keys()) for one in methods.values()):
        return False
    return owns_what_it_changes(methods, shared)


def _of_class(made: ast.ClassDef) -> Mapping[str, ast.expr]:
    """Return the names that the class itself gives a value, with the value."""
    found: dict[str, ast.expr] = {}
    for one in made.body:
        if isinstance(one, ast.Assign | ast.AnnAssign):
            targets = one.targets if isinstance(one, ast.Assign) else [one.target]
            if one.value is not None:
                for target in targets:
                    names = (part for part in ast.walk(target) if isinstance(part, ast.Name))
                    found.update((part.id, one.value) for part in names)
    return found


def _hides_self(method: ast.FunctionDef, methods: Collection[str]) -> bool:
    """Whether a method uses `self` for its attributes, and its methods for calls alone."""
    names = [argument.arg for argument in (*method.args.posonlyargs, *method.args.args)]
    if method.decorator_list or names[:1] != ["self"]:
        return False
    inside = {
        id(part)
        for node in ast.walk(method)
        if isinstance(node, _INNER) and node is not method
        for part in _kept_by(node)
    }
    taken: set[int] = set()
    called: set[int] = set()
    for node in ast.walk(method):
        if isinstance(node, ast.Call):
            called.add(id(node.func))
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.attr not in _OF_ITSELF:
                taken.add(id(node.value))
    for node in ast.walk(method):
        if isinstance(node, ast.Name):
            if node.id in _ALL_NAMES:
                return False
            if node.id == "self" and (id(node) not in taken or id(node) in inside):
                return False
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            is_method = node.value.id == "self" and node.attr in methods
            if is_method and id(node) not in called:
                return False
    return True


def _kept_by(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what a function, or generator, within another one may ask for later."""
    first = node.generators[0].iter if isinstance(node, ast.GeneratorExp) else None
    pending = [node]
    while pending:
        part = pending.pop()
        yield part
        # What a generator goes through first is computed where it is made.
        pending.extend(one for one in ast.iter_child_nodes(part) if one is not first)

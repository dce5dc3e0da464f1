"""Whether what the methods of a class change is of its objects alone.

An attribute may hold something that others have as well: then what it remembers is theirs, too.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from covgate.source.blocks.aliases import unaliased
from covgate.source.blocks.changes import changed_objects
from covgate.source.blocks.scopes import dotted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CREATOR = "__init__"
# What these return is new, or never changes, and holds nothing that it was given, or just that.
_VALUES = frozenset({"str", "int", "bool", "float", "len"})
_MAKERS = frozenset(
    {
        "list", "dict", "set", "tuple", "frozenset", "sorted", "bytearray", "deque", "defaultdict",
        "OrderedDict", "Counter",
    }
)  # fmt: skip
_CHOOSERS = frozenset({"max", "min"})
# What is known of these holds where a file gives the names no meaning of its own.
KNOWN = _VALUES | _MAKERS | _CHOOSERS
_COMPUTED = (ast.Constant, ast.JoinedStr, ast.Compare, ast.UnaryOp)
_HOLDING = (ast.List, ast.Tuple, ast.Set, ast.Dict)
_COMPREHENDED = (ast.ListComp, ast.SetComp, ast.DictComp)
DISPLAYS = (*_COMPUTED, ast.BinOp, *_HOLDING, *_COMPREHENDED)
# These ask for a value, or what it is equal to, and for nothing that stands behind it.
ASKING = (
    ast.Compare, ast.BoolOp, ast.UnaryOp, ast.BinOp, ast.If, ast.While, ast.IfExp, ast.Assert,
    ast.Expr, ast.AugAssign, ast.Return, ast.Yield, ast.Delete,
)  # fmt: skip


def owns_what_it_changes(
    methods: Mapping[str, ast.FunctionDef], shared: Mapping[str, ast.expr]
) -> bool:
    """Whether methods change, after an object was made, what it made itself and nothing else.

    `shared` are the values of the class. What was put into a container and may be others' must
    not be asked for anything.
    """
    methods = {name: unaliased(method) for name, method in methods.items()}
    changed: set[str] = set()
    in_place: set[str] = set()
    for name, method in methods.items():
        for attribute, is_bound in _changes(method):
            if attribute is None:
                return False
            if not is_bound:
                in_place.add(attribute)
            if not is_bound or name != CREATOR:
                changed.add(attribute)
    if in_place & shared.keys():
        return False
    if not all(isinstance(shared[one], ast.Constant) for one in changed & shared.keys()):
        return False
    uses = _Uses(methods)
    return all(uses.are_own(one, one in in_place) for one in changed)


def _changes(method: ast.FunctionDef) -> Iterator[tuple[str | None, bool]]:
    """Yield the attributes of `self` that a method changes, and if it binds them; None: deeper."""
    sums = (node for node in ast.walk(method) if isinstance(node, ast.AugAssign))
    added = {id(node.target) for node in sums}
    for target in changed_objects(method):
        if not _starts_from_self(target) or isinstance(target, ast.Name):
            continue  # a method of its own may be called
        is_read = isinstance(getattr(target, "ctx", None), ast.Load)
        is_item = isinstance(target, ast.Subscript) and not is_read
        place = target.value if isinstance(target, ast.Subscript) and is_item else target
        if isinstance(place, ast.Attribute) and isinstance(place.value, ast.Name):
            yield place.attr, not (is_read or is_item or id(target) in added)
        else:
            yield None, False


def _starts_from_self(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return isinstance(node, ast.Name) and node.id == "self"


class _Uses:
    """What methods do with attributes of `self`."""

    def __init__(self, methods: Mapping[str, ast.FunctionDef]) -> None:
        nodes = [node for method in methods.values() for node in ast.walk(method)]
        self._above = {child: node for node in nodes for child in ast.iter_child_nodes(node)}
        self._places: dict[str, list[ast.Attribute]] = {}
        for node in nodes:
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                if node.value.id == "self":
                    self._places.setdefault(node.attr, []).append(node)

    def are_own(self, attribute: str, is_filled: bool) -> bool:
        """Whether an attribute holds what its object made, and asks nobody else's."""
        places = self._places.get(attribute, [])
        values = [self._value(place) for place in places if isinstance(place.ctx, ast.Store)]
        if not all(map(_is_fresh, values)) or (is_filled and not values):
            return False
        held = [*values, *(put for place in places for put in self._put(place))]
        if all(map(_is_new, held)) and not any(map(self._is_handed_out, places)):
            return True
        return all(map(self._only_asks, places))

    def _is_handed_out(self, place: ast.Attribute) -> bool:
        return isinstance(self._above[place], ast.Return | ast.Yield | ast.YieldFrom)

    def _value(self, place: ast.Attribute) -> ast.expr | None:
        """Return what is bound there, None for what is not a plain assignment."""
        above = self._above[place]
        if isinstance(above, ast.Assign) and place in above.targets:
            return above.value
        if isinstance(above, ast.AnnAssign):
            return above.value
        # What is there is added to; it was made where it was bound.
        return ast.Constant(None) if isinstance(above, ast.AugAssign) else None

    def _put(self, place: ast.Attribute) -> Iterator[ast.expr | None]:
        """Yield what is put into an attribute's object."""
        above = self._above[place]
        use = self._above[above]
        if isinstance(above, ast.AugAssign):
            yield above.value
        elif isinstance(above, ast.Subscript) and isinstance(above.ctx, ast.Store):
            yield use.value if isinstance(use, ast.Assign | ast.AugAssign) else None
        elif isinstance(above, ast.Attribute) and isinstance(use, ast.Call) and use.func is above:
            yield from (*use.args, *(keyword.value for keyword in use.keywords))

    def _only_asks(self, place: ast.Attribute) -> bool:
        """Whether what is held is compared, or taken out, and not looked into."""
        if not isinstance(place.ctx, ast.Load):
            return True
        node: ast.AST = place
        above = self._above[node]
        if isinstance(above, ast.Subscript) and above.value is node:
            if not isinstance(above.ctx, ast.Load):
                return True
            node, above = above, self._above[above]
        elif isinstance(above, ast.Attribute):
            node, above = above, self._above[above]
            if not (isinstance(above, ast.Call) and above.func is node):
                return False
            node, above = above, self._above[above]
        if isinstance(above, ast.Call) and isinstance(above.func, ast.Name) and above.func != node:
            return above.func.id in (*_VALUES, *_CHOOSERS, "repr", "isinstance")
        return isinstance(above, ASKING)


def _is_fresh(value: ast.expr | None) -> bool:
    """Whether an expression makes an object that nobody else has, or one that never changes."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        chooses = value.func.id in _CHOOSERS and not value.keywords
        made = value.func.id in _MAKERS or value.func.id in _VALUES
        return made or (chooses and all(map(_is_fresh, value.args)))
    if isinstance(value, ast.BoolOp):
        return all(map(_is_fresh, value.values))
    if isinstance(value, ast.IfExp):
        return _is_fresh(value.body) and _is_fresh(value.orelse)
    return isinstance(value, DISPLAYS)


def _is_new(value: ast.expr | None) -> bool:
    """Whether nobody else has a thing, nor what it holds: a class makes a new object."""
    if isinstance(value, ast.Call):
        owner, _, name = (dotted(value.func) or "").rpartition(".")
        if _is_class(name):
            return not _is_class(owner.rpartition(".")[2])
        return name in _VALUES or (name in (*_MAKERS, *_CHOOSERS) and all(map(_is_new, value.args)))
    if isinstance(value, ast.BinOp):
        # A number or a text; a sum of lists holds what these hold.
        plain = any(isinstance(one, ast.Constant) for one in (value.left, value.right))
        both = _is_new(value.left) and _is_new(value.right)
        return both or (plain and not isinstance(value.op, ast.Mult))
    if isinstance(value, ast.Dict):
        return all(map(_is_new, value.values))
    if isinstance(value, ast.List | ast.Tuple | ast.Set):
        return all(map(_is_new, value.elts))
    if isinstance(value, ast.BoolOp):
        return all(map(_is_new, value.values))
    if isinstance(value, ast.IfExp):
        return _is_new(value.body) and _is_new(value.orelse)
    return isinstance(value, _COMPUTED)


def _is_class(name: str) -> bool:
    return name.lstrip("_")[:1].isupper() and not name.isupper()

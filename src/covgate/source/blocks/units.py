"""Takes one Python file apart: function bodies, and the statements that run on import."""

from __future__ import annotations

import ast
import hashlib
from collections import Counter
from typing import TYPE_CHECKING

from covgate.source.blocks.effects import effect_of, fetched_from, is_harmless, receivers_of
from covgate.source.blocks.facts import Body, ClassFacts, Facts, Import, Mentions, Unit
from covgate.source.blocks.given import given_names
from covgate.source.blocks.lazy import fills
from covgate.source.blocks.mentions import dotted, mentions
from covgate.source.blocks.scopes import Function, local_names
from covgate.source.blocks.state import branches, is_cache, state_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def read(source: bytes) -> Facts:
    """Return the facts of a file; `readable` is False when it does not parse."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Facts(readable=False)
    try:
        return read_tree(tree)
    except RecursionError:
        return Facts(readable=False)


def read_tree(tree: ast.Module) -> Facts:
    """Return the facts of a syntax tree, which is taken to pieces; raises `RecursionError`."""
    return _Reader(tree).facts()


def has_future_annotations(tree: ast.Module) -> bool:
    """Whether annotations of a file are never evaluated when it is imported."""
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(alias.name == "annotations" for alias in node.names)
        for node in tree.body
    )


class _Reader:
    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.filled_by = fills(tree)
        self.given = given_names(tree)
        self.bodies: list[Body] = []
        self.units: list[Unit] = []
        self.classes: list[ClassFacts] = []
        self.cached: set[str] = set()
        self.deciding: set[str] = set()
        self.fixtures: set[str] = set()
        self.seen: Counter[str] = Counter()
        self.unit_keys: Counter[str] = Counter()
        self.future = has_future_annotations(tree)
        self.imported_modules = frozenset(
            alias.asname or alias.name.partition(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        )

    def facts(self) -> Facts:
        self._take_bodies(self.tree, "", ())
        self._statements(self.tree.body, "")
        self._find_askers()
        imports = [*self._all_imports()]
        return Facts(
            True,
            tuple(self.bodies),
            tuple(self.units),
            tuple(self.classes),
            tuple(dict.fromkeys(imports)),
            tuple(sorted(self.cached)),
            tuple(sorted(self.fixtures)),
        )

    def _all_imports(self) -> Iterable[Import]:
        for body in self.bodies:
            yield from body.mentions.imports
        for unit in self.units:
            yield from unit.mentions.imports

    # -- function bodies -----------------------------------------------------------------------

    def _take_bodies(self, node: ast.AST, prefix: str, scopes: tuple[frozenset[str], ...]) -> None:
        """Record the bodies beneath `node`, innermost first, and leave placeholders for them."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, _FUNCTIONS):
                inner = (*scopes, local_names(child))
                key = prefix + child.name
                self._take_bodies(child, key + ".<locals>.", inner)
                self._body(child, key, inner)
            elif isinstance(child, ast.ClassDef):
                self._take_bodies(child, prefix + child.name + ".", scopes)
            else:
                self._take_bodies(child, prefix, scopes)

    def _body(self, node: Function, key: str, scopes: tuple[frozenset[str], ...]) -> None:
        self.seen[key] += 1
        if self.seen[key] > 1:
            key = f"{key}#{self.seen[key]}"
        code = [*node.body]
        start = code[0].lineno
        doc = ""
        if isinstance(code[0], ast.Expr) and isinstance(code[0].value, ast.Constant):
            if isinstance(code[0].value.value, str):
                doc = code.pop(0).value.value  # type: ignore[attr-defined]
        if branches(code):
            self.deciding.add(key)
        state = state_of(node, scopes[:-1], self.filled_by, self.imported_modules)
        if state.cached or any(is_cache(decorator) for decorator in node.decorator_list):
            self.cached.add(node.name)
        if _is_fixture(node):
            self.fixtures.add(_fixture_name(node))
        for inner in code:
            for part in ast.walk(inner):
                if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
                    part.annotation = ast.Constant(None)  # never evaluated in a function
        flavour = "async " if isinstance(node, ast.AsyncFunctionDef) else ""
        self.bodies.append(
            Body(
                key,
                min([node.lineno, *(item.lineno for item in node.decorator_list)]),
                node.lineno,
                node.end_lineno or node.lineno,
                start,
                _digest(flavour, *map(_dump, code)),
                _digest(doc),
                mentions(code, scopes, _asked_name(node), self.given.get(key, frozenset())),
                state.writes - self.imported_modules,
                state.writes_attrs,
                state.keeps_state,
                state.cached,
            )
        )
        placeholder = ast.Pass(lineno=start, col_offset=0, end_lineno=start, end_col_offset=0)
        kept = [ast.Expr(ast.Constant(doc), lineno=start)] if doc else []
        node.body = [*kept, placeholder]

    def _find_askers(self) -> None:
        """A function that decides by a name which another one sets may pass over what fills it."""
        written = frozenset(name for body in self.bodies for name in body.writes)
        for index, body in enumerate(self.bodies):
            asks = body.key in self.deciding and body.mentions.names & written
            cached = body.key in self.cached
            if asks or cached:
                self.bodies[index] = body._replace(keeps_state=True, cached=body.cached or cached)

    # -- statements of the module and of classes --------------------------------------------------

    def _statements(self, body: Sequence[ast.stmt], owner: str) -> None:
        for index, node in enumerate(body):
            docstring = index == 0 and _is_text(node)
            if isinstance(node, ast.ClassDef):
                self._class(node, owner)
            else:
                self._unit(node, owner, docstring=docstring)

    def _class(self, node: ast.ClassDef, owner: str) -> None:
        name = f"{owner}.{node.name}" if owner else node.name
        members, node.body = node.body, []
        bases = tuple(dotted(_plain_base(base)) or "?" for base in node.bases)
        opaque = bool(node.decorator_list or node.keywords)
        self.classes.append(ClassFacts(name, bases, opaque))
        doc = _docstring_of(members) if bases or opaque else ""
        self._add(node, "class", owner, (node.name,), _dump(node) + doc, mentions([node]))
        self._statements(members, name)

    def _unit(self, node: ast.stmt, owner: str, *, docstring: bool) -> None:
        if docstring:
            self._add(node, "assign", owner, ("__doc__",), _dump(node), Mentions(), harmless=True)
            return
        if _runs_never(node):
            imports = mentions([node]).imports
            self._add(node, "static", owner, (), "", Mentions(imports=imports), harmless=True)
            return
        found = mentions([node])
        if isinstance(node, _FUNCTIONS):
            self._definition(node, owner, found)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            self._import(node, owner)
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            if _caches(node):
                self.cached.update(_bound(node))
                self.cached.update(found.names)
            self._add(node, "assign", owner, _bound(node), _dump(node), found)
        elif isinstance(node, ast.Expr | ast.Pass):
            self._add(node, "expr", owner, _bound(node), _dump(node), found)
        else:
            self._add(node, "block", owner, _bound(node), _dump(node), found)

    def _import(self, node: ast.Import | ast.ImportFrom, owner: str) -> None:
        """One statement for each thing that is imported: the others have nothing to do with it."""
        everything = node.names
        for alias in everything:
            node.names = [alias]
            bound = _imported_names(node)
            self._add(node, "import", owner, bound, _dump(node), mentions([node]))
        node.names = everything

    def _definition(self, node: Function, owner: str, found: Mentions) -> None:
        text = _dump(node) if node.decorator_list else _dump_without_doc(node)
        self._add(node, "def", owner, (node.name,), text, found)

    def _add(
        self,
        node: ast.stmt,
        kind: str,
        owner: str,
        binds: tuple[str, ...],
        text: str,
        found: Mentions,
        *,
        harmless: bool | None = None,
    ) -> None:
        digest = _digest(kind, text)
        named = ",".join(binds) if binds and kind != "block" else digest
        key = f"{owner}:{kind}:{named}"
        self.unit_keys[key] += 1
        if self.unit_keys[key] > 1:
            key = f"{key}#{self.unit_keys[key]}"
        receivers, receiver_attrs = receivers_of(node)
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        self.units.append(
            Unit(
                key,
                kind,
                owner,
                first,
                node.end_lineno or node.lineno,
                digest,
                binds,
                found,
                receivers - self.imported_modules,
                receiver_attrs,
                effect_of(node) if kind != "static" else False,
                is_harmless(node, self.future) if harmless is None else harmless,
                fetched_from(node) if receivers else frozenset(),
                _described(node, owner, found) if self.future else frozenset(),
            )
        )


def _described(node: ast.stmt, owner: str, found: Mentions) -> frozenset[str]:
    """Return what a statement mentions only in annotations that are never evaluated.

    Those of variables of a class are left out: whatever makes the class may look for their names.
    """
    if isinstance(node, _FUNCTIONS):
        arguments = node.args
        defaults = (*arguments.defaults, *filter(None, arguments.kw_defaults))
        evaluated = [*node.decorator_list, *defaults, *getattr(node, "type_params", ())]
    elif isinstance(node, ast.AnnAssign) and not owner:
        evaluated = [node.target, *filter(None, [node.value])]
    else:
        return frozenset()
    other = mentions(evaluated)
    names = found.names - other.names
    return frozenset((*names, *(f".{name}" for name in found.attrs - other.attrs)))


def _digest(*parts: str) -> str:
    return hashlib.blake2b(
        "\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=10
    ).hexdigest()


def _dump(node: ast.AST) -> str:
    return ast.dump(node, annotate_fields=False)


def _dump_without_doc(node: Function) -> str:
    body, node.body = node.body, node.body[-1:]
    try:
        return _dump(node)
    finally:
        node.body = body


def _plain_base(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Subscript) else node


def _is_text(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _docstring_of(members: Sequence[ast.stmt]) -> str:
    if members and _is_text(members[0]):
        return _dump(members[0])
    return ""


def _runs_never(node: ast.stmt) -> bool:
    """`if TYPE_CHECKING:` and `if __name__ == "__main__":` do nothing on import."""
    if not isinstance(node, ast.If) or node.orelse:
        return False
    if dotted(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING", "t.TYPE_CHECKING"):
        return True
    test = node.test
    return (
        isinstance(test, ast.Compare)
        and isinstance(test.left, ast.Name)
        and test.left.id == "__name__"
        and isinstance(test.ops[0], ast.Eq)
        and isinstance(test.comparators[0], ast.Constant)
        and test.comparators[0].value == "__main__"
    )


def _imported_names(node: ast.Import | ast.ImportFrom) -> tuple[str, ...]:
    """Return the names that an import binds, one for each thing imported."""
    return tuple(item.asname or item.name.partition(".")[0] for item in node.names)


def _bound(node: ast.AST) -> tuple[str, ...]:
    """Return the names that a statement binds in its own scope, in order."""
    found: list[str] = []
    pending: list[ast.AST] = [node]
    while pending:
        part = pending.pop(0)
        if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
            found.append(part.id)
        elif isinstance(part, ast.Import | ast.ImportFrom):
            found.extend((item.asname or item.name.partition(".")[0]) for item in part.names)
        elif isinstance(part, (*_FUNCTIONS, ast.ClassDef)):
            found.append(part.name)
            if not isinstance(part, ast.ClassDef):
                continue
        elif isinstance(part, ast.ExceptHandler) and part.name:
            found.append(part.name)
        elif isinstance(part, ast.Lambda):
            continue
        pending.extend(ast.iter_child_nodes(part))
    return tuple(dict.fromkeys(found))


def _caches(node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> bool:
    return node.value is not None and any(
        is_cache(part) for part in ast.walk(node.value) if isinstance(part, ast.Call)
    )


def _is_fixture(node: Function) -> bool:
    return any(
        (dotted(item.func if isinstance(item, ast.Call) else item) or "").endswith("fixture")
        for item in node.decorator_list
    )


def _fixture_name(node: Function) -> str:
    for item in node.decorator_list:
        if isinstance(item, ast.Call):
            for keyword in item.keywords:
                if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                    return str(keyword.value.value)
    return node.name


def _asked_name(function: Function) -> str | None:
    """Return the parameter that holds the name of the attribute asked for in a `__getattr__`.

    None in other functions, and where the name may be made into another one.
    """
    taken = (*function.args.posonlyargs, *function.args.args)
    if function.name not in ("__getattr__", "__getattribute__") or len(taken) != 2:
        return None
    name = taken[1].arg
    stored = (
        node
        for part in function.body
        for node in ast.walk(part)
        if (isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load))
        or (isinstance(node, ast.arg) and node.arg == name)
    )
    return None if any(stored) else name

"""Takes one Python file apart: function bodies, and the statements that run on import."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from covgate.source.blocks.chains import asked_chains, handed_chains, locals_of
from covgate.source.blocks.effects import effect_of, fetched_from, is_harmless, receivers_of
from covgate.source.blocks.elsewhere import (
    Asking,
    Holding,
    Names,
    Scope,
    changed_origins,
    classes_of,
    doors,
    origins,
    renamed,
    values_of,
)
from covgate.source.blocks.facts import Body, ClassFacts, Facts, Import, Mentions, Unit
from covgate.source.blocks.given import given_names
from covgate.source.blocks.lazy import fills
from covgate.source.blocks.mentions import mentions
from covgate.source.blocks.plain import plain, scope_of
from covgate.source.blocks.scopes import Function, dotted, local_names
from covgate.source.blocks.state import answers, branches, is_cache, state_of
from covgate.source.blocks.statements import digest, dump, statements
from covgate.source.blocks.walking import changed_beneath, forget, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from covgate.source.blocks.statements import Statement

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
    try:
        return _Reader(tree).facts()
    finally:
        forget()


class _Reader:
    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.scope = scope_of(tree)
        self.filled_by = fills(tree)
        self.given = given_names(tree)
        self.bodies: list[Body] = []
        self.units: list[Unit] = []
        self.classes: list[ClassFacts] = []
        self.cached: set[str] = set()
        self.deciding: set[str] = set()
        self.answering: dict[str, str] = {}
        self.said: dict[str, frozenset[str]] = {}  # by what it decides, and what it hands on
        self.fixtures: set[str] = set()
        self.seen: Counter[str] = Counter()
        self.telling: set[str] = set()
        self.elsewhere: dict[str, tuple[tuple[str, str], ...]] = {}
        outside = [*_outside_functions(tree)]
        self.names = Names(doors(outside), _bound_names(outside))
        self.functions = frozenset(node.name for node in outside if isinstance(node, _FUNCTIONS))
        self.values = {*values_of(tree, self.names)}
        self.bases = tuple(sorted({*classes_of(tree, self.names)}))
        self.changed: set[str] = set()
        self.imported_modules = frozenset(
            alias.asname or alias.name.partition(".")[0]
            for node in walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        )

    def facts(self) -> Facts:
        self._take_bodies(self.tree, "", ())
        forget()
        for one in statements(self.tree):
            self._take_statement(one)
        self._find_askers()
        self._tell_plain()
        imports = [*self._all_imports()]
        return Facts(
            True,
            tuple(self.bodies),
            tuple(self.units),
            tuple(self.classes),
            tuple(dict.fromkeys(imports)),
            tuple(sorted(self.cached)),
            tuple(sorted(self.fixtures)),
            tuple(sorted(self.telling)),
            self._asking(),
            tuple(sorted(renamed(self.names.outer))),
            Holding(tuple(sorted(self.values)), self.bases, tuple(sorted(self.changed))),
        )

    def _tell_plain(self) -> None:
        """Tell of units what is left of them when nobody reads docstrings and annotations."""
        found = plain(self.tree, self.scope)
        for index, unit in enumerate(self.units):
            docs, both, defaults = (
                "" if hashes.get(unit.key, unit.hash) == unit.hash else hashes[unit.key]
                for hashes in (found.without_docs, found.without_both, found.without_defaults)
            )
            if docs or both or defaults:
                self.units[index] = unit._replace(
                    without_docs=docs, without_both=both, without_defaults=defaults
                )
        for index, one in enumerate(self.classes):
            if one.key in found.dataclasses:
                self.classes[index] = one._replace(dataclass=True)

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
                before = len(self.bodies)
                self._take_bodies(child, key + ".<locals>.", inner)
                if len(self.bodies) > before:
                    changed_beneath(child)
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
        nodes = [part for inner in code for part in walk(inner)]
        scope = Scope(doors(nodes), scopes[-1], _owner(key))
        state = state_of(node, scopes[:-1], self.filled_by, self.imported_modules)
        fills = any(one.startswith(("self.", "self*")) for one in state.changes)
        self._take_questions(nodes, key, scope, fills=fills)
        self.changed.update(changed_origins(state.changes, self.names, scope))
        if state.cached or any(is_cache(decorator) for decorator in node.decorator_list):
            self.cached.add(node.name)
            handed = (place for written, place in self.elsewhere.get(key, ()) if not written)
            self.values.update((f"{key}()", one) for one in handed if one.endswith("()"))
        if _is_fixture(node):
            self.fixtures.add(_fixture_name(node))
        for part in nodes:
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
                digest(flavour, *map(dump, code)),
                digest(doc),
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

    def _take_questions(
        self, nodes: Sequence[ast.AST], key: str, scope: Scope, *, fills: bool
    ) -> None:
        """Note by what a function decides, and what it hands on; it may fill an object of its."""
        decides, answering = branches(nodes), answers(nodes, fills=fills)
        given = locals_of(nodes) if decides or answering else {}
        asked = asked_chains(nodes, given) if decides else frozenset()
        handed = handed_chains(nodes, given) - asked if answering else frozenset()
        if decides:
            self.deciding.add(key)
        if answering:
            self.answering[key] = answering
        self.said[key] = frozenset(one.removesuffix("()") for one in asked | handed)
        passed = origins(handed, self.names, scope)
        found = (*origins(asked, self.names, scope), *(("", place) for _, place in passed))
        if found:
            self.elsewhere[key] = found

    def _find_askers(self) -> None:
        """A function that decides by a name which another one sets may pass over what fills it.

        So may one that decides by the answer of a function which looks at such a name.
        """
        written = frozenset(name for body in self.bodies for name in body.writes)
        looks = {body.key for body in self.bodies if body.mentions.names & written}
        askers: dict[str, list[str]] = defaultdict(list)
        for key, names in self.said.items():
            for name in names & self.answering.keys():
                askers[name].append(key)
        looks = _reached(looks, lambda key: askers[key] if key in self.answering else ())
        self.telling = looks & self.answering.keys()
        for index, body in enumerate(self.bodies):
            asks = body.key in self.deciding and body.key in looks
            cached = body.key in self.cached
            if asks or cached:
                self.bodies[index] = body._replace(keeps_state=True, cached=body.cached or cached)

    def _asking(self) -> tuple[Asking, ...]:
        """Return who may decide by the answers of other files, by way of functions of this one."""
        outward: set[str] = set()

        def leads_out(place: str) -> bool:
            name = _own_name(place)
            return name not in self.functions or name in outward

        # Of several definitions of a name, the last counts.
        askers: dict[str, list[str]] = defaultdict(list)
        for key, called in self.elsewhere.items():
            for name in {_own_name(place) for _, place in called}:
                askers[name] += dict.fromkeys((key, key.partition("#")[0]))
        starts = (key for name in askers.keys() - self.functions for key in askers[name])
        outward |= _reached(starts, lambda key: askers.get(key, ()))
        return tuple(
            Asking(
                key,
                self.answering.get(key, ""),
                tuple(pair for pair in self.elsewhere[key] if leads_out(pair[1])),
            )
            for key in sorted(outward & self.elsewhere.keys())
        )

    # -- statements of the module and of classes --------------------------------------------------

    def _take_statement(self, one: Statement) -> None:
        node = one.node
        if isinstance(node, ast.ClassDef):
            self._take_class(node, one.owner)
        docstring = one.binds == ("__doc__",) and isinstance(node, ast.Expr)
        found = Mentions() if docstring else mentions([node])
        if one.kind == "static":
            found = Mentions(imports=found.imports)
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and _caches(node):
            self.cached.update(one.binds)
            self.cached.update(found.names)
        receivers, receiver_attrs = receivers_of(node)
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        self.units.append(
            Unit(
                one.key,
                one.kind,
                one.owner,
                first,
                node.end_lineno or node.lineno,
                one.hash,
                one.binds,
                found,
                receivers - self.imported_modules,
                receiver_attrs,
                effect_of(node) if one.kind != "static" else False,
                docstring or one.kind == "static" or is_harmless(node, self.scope.lazy),
                fetched_from(node) if receivers else frozenset(),
                _described(node, one.owner, found) if self.scope.lazy else frozenset(),
            )
        )

    def _take_class(self, node: ast.ClassDef, owner: str) -> None:
        name = f"{owner}.{node.name}" if owner else node.name
        bases = tuple(dotted(_plain_base(base)) or "?" for base in node.bases)
        opaque = bool(node.decorator_list or node.keywords)
        self.classes.append(ClassFacts(name, bases, opaque))


def _own_name(place: str) -> str:
    """Return the name in its file that an origin starts with, "" where it is of another one."""
    return place[1:].partition(".")[0].removesuffix("()") if place[0] == ":" else ""


def _reached(starts: Iterable[str], follow: Callable[[str], Iterable[str]]) -> set[str]:
    """Return some names with all that `follow` leads to, step by step."""
    pending = [*starts]
    found: set[str] = set()
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += follow(name)
    return found


def _outside_functions(node: ast.AST) -> Iterable[ast.AST]:
    """Yield the nodes beneath one, those inside of functions and classes left out."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, (*_FUNCTIONS, ast.ClassDef)):
            yield from _outside_functions(child)


def _bound_names(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """Return the names of a module that are bound by no import."""
    names = {one.name for one in nodes if isinstance(one, (*_FUNCTIONS, ast.ClassDef))}
    stored = (one for one in nodes if isinstance(one, ast.Name))
    return frozenset(names.union(one.id for one in stored if not isinstance(one.ctx, ast.Load)))


def _owner(key: str) -> str:
    """Return the class that `self` is of in a function, "" where there is none."""
    return key.partition(".<locals>.")[0].rpartition(".")[0]


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


def _plain_base(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Subscript) else node


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

"""Say what an expression of a test module stands for: names, imports, marks, reasons.

A small abstract interpreter: it follows imports into the project's own modules, bindings in the
order of execution, calls of the project's own functions, and partials. Whatever it cannot tell
is UNKNOWN, never a guess.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from covgate.source.skips import calls
from covgate.source.skips.external import CANONICAL, PYTEST_MARKS, STARS, canonical
from covgate.source.skips.nodes import HANDLERS
from covgate.source.skips.scopes import FUNCTIONS, Binding, Position, Scope
from covgate.source.skips.values import (
    UNKNOWN,
    Applied,
    Arguments,
    Cls,
    Const,
    Func,
    Instance,
    Map,
    Mark,
    Method,
    ModuleValue,
    Namespace,
    Partial,
    Place,
    Ref,
    Seq,
    Union,
    Value,
    alternatives,
    union,
)

if TYPE_CHECKING:
    from covgate.source.modules import Module, Project

MAX_DEPTH = 30
# A class that may give its objects attributes of their own.
_SETTING = re.compile(r"__init__|__new__|setattr|__dict__|\bself\.\w+[^=\n]*=[^=]")
LAST: Position = (1 << 30, 0)
_BUILTINS = {"getattr", "setattr", "globals", "str", "dict", "list", "tuple", "bool"}


class Evaluator:
    """Evaluates expressions of the modules of one project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._scopes: dict[str, tuple[Module, Scope]] = {}
        self.skipping: dict[tuple[str, int, int], bool] = {}
        self._active: set[int] = set()
        self._depth = 0

    def module_scope(self, module: Module) -> Scope:
        """Return the scope of a module's top level."""
        known = self._scopes.get(module.path)
        if known is None or known[0] is not module:
            known = (module, Scope(module, module.tree))
            self._scopes[module.path] = known
        return known[1]

    def evaluate(self, node: ast.expr, scope: Scope, at: Position = LAST) -> Value:
        """Return what `node` stands for when `scope` has been executed up to `at`."""
        if self._depth > MAX_DEPTH:
            return UNKNOWN
        self._depth += 1
        try:
            handler = HANDLERS.get(type(node))
            return UNKNOWN if handler is None else handler(self, node, scope, at)
        finally:
            self._depth -= 1

    # names

    def name(self, name: str, scope: Scope, at: Position) -> Value:
        """Return what a name stands for, looked up as Python does."""
        current: Scope | None = scope
        while current is not None:
            if current is scope or not current.is_class:
                if name in current.bindings:
                    return self._bound(current.bindings[name], current, at)
                if "*" in current.bindings:
                    found = self._star(name, current)
                    if found is not None:
                        return found
            if current.is_function:
                at = LAST
            current = current.parent
        return Ref(f"builtins.{name}") if name in _BUILTINS else UNKNOWN

    def _bound(self, bindings: list[Binding], scope: Scope, at: Position) -> Value:
        before = [binding for binding in bindings if binding.position < at] or bindings[:1]
        key = (bindings[0].name, len(before))
        if self._active:  # in a cycle the answer may be cut short: not one to keep
            return self._latest(before, scope)
        if key not in scope.known:
            scope.known[key] = self._latest(before, scope)
        return scope.known[key]

    def _latest(self, before: list[Binding], scope: Scope) -> Value:
        """Return the value that the latest bindings leave."""
        found: list[Value] = []
        pending: list[Binding] = []
        for binding in reversed(before):
            if binding.kind in ("mutated", "augmented"):
                pending.append(binding)
                if binding.kind == "mutated":
                    continue
                return self._changed(before, scope)
            found.append(self._value(binding, scope))
            if binding.certain:
                break
        value = union(found)
        return self._mutated(value, pending, scope) if pending else value

    def _changed(self, bindings: list[Binding], scope: Scope) -> Value:
        """Replay bindings of a name that is changed in place, in order."""
        value: Value = UNKNOWN
        for binding in bindings:
            if binding.kind == "augmented" and isinstance(binding.node, ast.AugAssign):
                right = self.evaluate(binding.node.value, scope, binding.position)
                new = calls.add(value, right)
            elif binding.kind == "mutated":
                new = self._mutated(value, [binding], scope)
            else:
                new = self._value(binding, scope)
            value = new if binding.certain else union([value, new])
        return value

    def _mutated(self, value: Value, changes: list[Binding], scope: Scope) -> Value:
        items: list[Value] = []
        for change in changes:
            node = change.node
            if isinstance(node, ast.Call):
                given = [self.evaluate(part, scope, change.position) for part in node.args]
                if isinstance(node.func, ast.Attribute) and node.func.attr == "extend":
                    given = [i for g in given for i in (g.items if isinstance(g, Seq) else ())]
                items += given
        options: list[Value] = []
        for option in alternatives(value):
            if isinstance(option, Seq):
                options.append(Seq((*self._kept(option, changes, scope), *items), open=True))
            elif isinstance(option, Map):
                options.append(Map(self._left(option, changes, scope), open=True))
            else:
                options.append(Seq(tuple(items), open=True))
        return union(options)

    def _keys(self, changes: list[Binding], scope: Scope) -> set[object]:
        """Return the keys and indexes that are given other values."""
        nodes = [(c.node, c.position) for c in changes if isinstance(c.node, ast.Subscript)]
        keys = [self.evaluate(node.slice, scope, at) for node, at in nodes]
        return {key.value for key in keys if isinstance(key, Const)}

    def _kept(self, value: Seq, changes: list[Binding], scope: Scope) -> list[Value]:
        keys = self._keys(changes, scope)
        return [UNKNOWN if index in keys else item for index, item in enumerate(value.items)]

    def _left(self, value: Map, changes: list[Binding], scope: Scope) -> dict[object, Value]:
        keys = self._keys(changes, scope)
        return {key: item for key, item in value.items.items() if key not in keys}

    def _value(self, binding: Binding, scope: Scope) -> Value:
        if id(binding.node) in self._active and binding.kind != "from":
            return UNKNOWN
        self._active.add(id(binding.node))
        try:
            return self._read(binding, scope)
        finally:
            self._active.discard(id(binding.node))

    def _read(self, binding: Binding, scope: Scope) -> Value:
        node = binding.node
        if binding.kind == "parameter":
            return scope.given.get(binding.name, UNKNOWN)
        if isinstance(node, ast.Import):
            return self._imported(node.names[binding.part], scope)
        if isinstance(node, ast.ImportFrom):
            return self._imported_from(node, node.names[binding.part].name, scope)
        if isinstance(node, ast.ClassDef):
            return Cls(node, scope.module, scope)
        if isinstance(node, FUNCTIONS):
            func = Func(node, scope.module, scope)
            return self._decorated(func) if scope.is_function else func
        if not isinstance(node, ast.expr) or binding.kind in ("opaque", "deleted"):
            return UNKNOWN
        value = self.evaluate(node, scope, binding.position)
        if binding.kind == "item":
            items = [i for o in alternatives(value) if isinstance(o, Seq) for i in o.items]
            return union(items)
        if binding.kind == "element":
            if isinstance(value, Seq) and binding.part < len(value.items):
                return value.items[binding.part]
            return UNKNOWN
        return value

    def _decorated(self, func: Func) -> Value:
        """Return a function nested in another with the marks that its decorators apply."""
        if isinstance(func.node, ast.Lambda):
            return func
        marks: list[Mark] = []
        for decorator in func.node.decorator_list:
            place = self.place(decorator, func.scope)
            value = self.evaluate(decorator, func.scope, (func.node.lineno, 0))
            mark = calls.as_mark(value, place)
            if mark is not None:
                marks.append(mark)
        return Applied(func, tuple(marks)) if marks else func

    # imports

    def _imported(self, alias: ast.alias, scope: Scope) -> Value:
        name = alias.name if alias.asname else alias.name.partition(".")[0]
        if name.partition(".")[0] in CANONICAL:
            return Ref(canonical(name))
        path = self.project.find(scope.module.path, name)
        return ModuleValue(path) if path else Ref(name)

    def _imported_from(self, node: ast.ImportFrom, name: str, scope: Scope) -> Value:
        base = node.module or ""
        if not node.level and base.partition(".")[0] in CANONICAL:
            return Ref(canonical(f"{base}.{name}"))
        inside = f"{base}.{name}" if base else name
        path = (
            self.project.find(scope.module.path, base, node.level) if base or node.level else None
        )
        if path and name != "*":
            found = self.member(ModuleValue(path), name)
            if found is not UNKNOWN:
                return found
        submodule = self.project.find(scope.module.path, inside, node.level)
        if submodule:
            return ModuleValue(submodule)
        return UNKNOWN if path or node.level else Ref(canonical(inside))

    def _star(self, name: str, scope: Scope) -> Value | None:
        for binding in reversed(scope.bindings["*"]):
            node = binding.node
            if not isinstance(node, ast.ImportFrom):
                continue
            base = node.module or ""
            if name in STARS.get(base, ()):
                return Ref(canonical(f"{base}.{name}"))
            path = self.project.find(scope.module.path, base, node.level)
            if path and path != scope.module.path and not name.startswith("_"):
                found = self.member(ModuleValue(path), name)
                if found is not UNKNOWN:
                    return found
        return None

    def member(self, owner: Value, name: str) -> Value:
        """Return the attribute `name` of a value."""
        if isinstance(owner, Union):
            return union([self.member(option, name) for option in owner.options])
        if isinstance(owner, Ref):
            plain = name == "mark" and owner.name in PYTEST_MARKS
            return owner if plain else Ref(canonical(f"{owner.name}.{name}"))
        if isinstance(owner, ModuleValue):
            return self._module_member(owner.path, name)
        if isinstance(owner, Cls):
            return self._class_attribute(owner, name)
        if isinstance(owner, Instance):
            return self._instance_attribute(owner.cls, name)
        if isinstance(owner, Namespace):
            return owner.items.get(name, UNKNOWN)
        if isinstance(owner, Const) and name == "value":
            return owner  # only the members of an enumeration have it
        if isinstance(owner, Mark) and name == "mark":
            return owner
        if isinstance(owner, (Mark, Const, Map, Func)):
            return Method(owner, name)
        return UNKNOWN

    def _module_member(self, path: str, name: str) -> Value:
        module = self.project.module(path) if self.project.is_telling(path) else None
        key = hash((path, name))
        if module is None or key in self._active:
            return UNKNOWN
        self._active.add(key)
        try:
            found = self.name(name, self.module_scope(module), LAST)
        finally:
            self._active.discard(key)
        if found is UNKNOWN and path.endswith("/__init__.py"):
            sub = self.project.find(path, name, 1)
            return ModuleValue(sub) if sub else UNKNOWN
        return found

    def _class_attribute(self, cls: Cls, name: str) -> Value:
        found = self.class_member(cls, name)
        is_bound = isinstance(found, Func) and "classmethod" in calls.decorators(found)
        return Partial(found, Arguments((cls,))) if is_bound else found

    def _instance_attribute(self, cls: Cls, name: str) -> Value:
        """Return an attribute of an object, UNKNOWN when it may have been set on the object."""
        found = self.class_member(cls, name)
        if isinstance(found, Func):
            known = calls.decorators(found)
            if "property" in known or "cached_property" in known:
                return UNKNOWN
            if "staticmethod" in known:
                return found
            return Partial(found, Arguments((cls if "classmethod" in known else Instance(cls),)))
        text = cls.module.segment(cls.node.lineno, cls.node.end_lineno or cls.node.lineno)
        is_plain = not cls.node.bases and not cls.node.decorator_list
        return found if is_plain and not _SETTING.search(text) else UNKNOWN

    def class_member(self, cls: Cls, name: str, depth: int = 0) -> Value:
        """Return an attribute of a class of the project or of its bases in the project."""
        scope = Scope(cls.module, cls.node, cls.scope)
        if name in scope.bindings:
            return self._bound(scope.bindings[name], scope, LAST)
        for base in cls.node.bases if depth < 8 else ():
            found = self.evaluate(base, cls.scope, (cls.node.lineno, 0))
            if isinstance(found, Cls) and found.node is not cls.node:
                inherited = self.class_member(found, name, depth + 1)
                if inherited is not UNKNOWN:
                    return inherited
        return UNKNOWN

    # calls

    def arguments(self, node: ast.Call, scope: Scope, at: Position) -> Arguments:
        """Return the arguments of a call, with literal stars spread out."""
        args: list[Value] = []
        kwargs: dict[str, Value] = {}
        is_open = False
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                spread = self.evaluate(argument.value, scope, at)
                is_open |= not isinstance(spread, Seq) or spread.open
                args.extend(spread.items if isinstance(spread, Seq) else ())
            else:
                args.append(self.evaluate(argument, scope, at))
        for keyword in node.keywords:
            value = self.evaluate(keyword.value, scope, at)
            if keyword.arg is not None:
                kwargs[keyword.arg] = value
            else:
                is_open |= not isinstance(value, Map) or value.open
                kwargs.update(value.items if isinstance(value, Map) else {})
        return Arguments(tuple(args), kwargs, is_open)

    def call(self, func: Value, arguments: Arguments, place: Place) -> Value:
        """Return what calling `func` gives."""
        if self._depth > MAX_DEPTH:
            return UNKNOWN
        self._depth += 1
        try:
            return calls.call(self, func, arguments, place)
        finally:
            self._depth -= 1

    def place(self, node: ast.expr, scope: Scope) -> Place:
        return Place(scope.module.path, node.lineno, node.end_lineno or node.lineno)

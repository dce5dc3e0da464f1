"""What one Python blob depends on, as far as its text tells: imports, names of modules and
files in strings, and the abilities that static reading cannot follow."""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING

from covgate.source.abilities import (
    DISCOVERING,
    GIT_MODULES,
    IMPORTING,
    OPENING,
    PICKLES,
    READING_MODULES,
    REGISTRY,
    SCANNER,
    TRAITS,
)
from covgate.source.facts import ImportFacts, Trait
from covgate.source.guesses import text_facts
from covgate.source.words import no_words, prefixes, read_docstring, read_text

if TYPE_CHECKING:
    from collections.abc import Iterable


def python_facts(data: bytes) -> ImportFacts:
    """Return the facts of Python source; of what does not parse, guesses on the safe side."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(data)
        reader = _Reader()
        reader.read(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return text_facts(data)
    return reader.facts()


class _Reader:
    """Walks a tree once, without recursion, and collects facts."""

    def __init__(self) -> None:
        self.modules: set[str] = set()
        self.relative: set[str] = set()
        self.words = no_words()
        self.plugins: set[str] = set()
        self.hooks: set[str] = set()
        self.dynamic: list[int] = []
        self.executes: list[int] = []
        self.unpickles: list[int] = []
        self.pickles = False
        self.opens = False
        self.traits = 0

    def read(self, tree: ast.AST) -> None:
        handlers = {
            ast.Import: self._import,
            ast.ImportFrom: self._import_from,
            ast.Expr: self._expression,
            ast.JoinedStr: self._joined,
            ast.Call: self._call,
            ast.FunctionDef: self._function,
            ast.AsyncFunctionDef: self._function,
            ast.Assign: self._assign,
            ast.AnnAssign: self._assign,
            ast.AugAssign: self._assign,
            ast.Attribute: self._attribute,
        }
        stack: list[ast.AST] = [tree]
        while stack:
            node = stack.pop()
            kind = node.__class__
            if kind is ast.Name:
                self._name(node.id)  # type: ignore[attr-defined]
                continue
            if kind is ast.Constant:
                value = node.value  # type: ignore[attr-defined]
                if value.__class__ is str:
                    self._text(value)
                continue
            handler = handlers.get(kind)
            children = handler(node) if handler else None  # type: ignore[operator]
            if children is not None:
                stack.extend(children)
                continue
            for child in node.__dict__.values():
                if child.__class__ is list:
                    stack.extend([item for item in child if isinstance(item, ast.AST)])
                elif isinstance(child, ast.AST):
                    stack.append(child)

    def facts(self) -> ImportFacts:
        traits = Trait(self.traits)
        roots = self.modules | self.words.modules
        words = self.words.words
        if "git" in words or roots & GIT_MODULES:
            traits |= Trait.GIT
        if roots & READING_MODULES:
            traits |= Trait.READS
        if "subprocess" in roots:
            traits |= Trait.SPAWNS
        if ".." in words:
            traits |= Trait.CLIMBS
        if "ls-files" in words or "ls-tree" in words:
            traits |= Trait.LISTS | Trait.CLIMBS
        if "PYTHONPATH" in words:
            traits |= Trait.PATHS
        lines = list(self.dynamic)
        # Text built in this file names its imports in strings; text from elsewhere does not.
        if self.opens:
            lines += self.executes
        # What was pickled here is loaded already.
        if not self.pickles or any(word.endswith((".pkl", ".pickle")) for word in words):
            lines += self.unpickles
        return ImportFacts(
            frozenset(roots),
            frozenset(self.relative),
            frozenset(self.words.packages),
            frozenset(words),
            frozenset(self.words.globs),
            frozenset(self.plugins),
            frozenset(self.hooks),
            min(lines, default=0),
            traits,
        )

    def _name(self, name: str) -> None:
        trait = TRAITS.get(name)
        if trait:
            self.traits |= trait.value
        if name in OPENING:
            self.opens = True

    def _text(self, text: str) -> None:
        if text:
            read_text(text, self.words)

    def _import(self, node: ast.Import) -> Iterable[ast.AST]:
        for alias in node.names:
            self.modules.update(prefixes(alias.name))
            self._name(alias.name)
        return ()

    def _import_from(self, node: ast.ImportFrom) -> Iterable[ast.AST]:
        base = "." * node.level + (node.module or "")
        if node.level:
            self.relative.add(base)
        else:
            self.modules.update(prefixes(base))
        into = self.relative if node.level else self.modules
        stem = base if base.endswith(".") else base + "."
        for alias in node.names:
            if alias.name == "*":
                self.words.packages.add(base)
            else:
                into.add(stem + alias.name)
                self._name(alias.name)
        return ()

    def _expression(self, node: ast.Expr) -> Iterable[ast.AST] | None:
        value = node.value
        if isinstance(value, ast.Constant):
            if isinstance(value.value, str):
                read_docstring(value.value, self.words)
            return ()
        return None

    def _joined(self, node: ast.JoinedStr) -> Iterable[ast.AST]:
        self._text(_joined_text(node))
        return [part for part in node.values if not isinstance(part, ast.Constant)]

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        if node.name.startswith("pytest_"):
            self.hooks.add(node.name)
        for argument in node.args.args:
            self._name(argument.arg)

    def _attribute(self, node: ast.Attribute) -> None:
        name = node.attr
        self._name(name)
        inner = node.value
        if name == "__file__" or (
            name in {"parent", "path"} and isinstance(inner, ast.Attribute | ast.Name)
        ):
            self._place(name, inner)

    def _place(self, name: str, inner: ast.expr) -> None:
        """`sys.path`, `.parent.parent` and `package.__file__` lead to other places."""
        if name == "path":
            if isinstance(inner, ast.Name) and inner.id == "sys":
                self.traits |= Trait.PATHS
        elif name == "__file__" or (isinstance(inner, ast.Attribute) and inner.attr == "parent"):
            self.traits |= Trait.CLIMBS | Trait.HERE

    def _assign(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        if node.value is None or not names:
            return
        if "pytest_plugins" in names:
            parts = list(ast.walk(node.value))
            self.plugins.update(_strings(parts))
            if any(isinstance(part, ast.Call | ast.comprehension) for part in parts):
                self.dynamic.append(node.lineno)
        elif any(name.isupper() and REGISTRY.search(name) for name in names):
            self.words.packages.update(_dotted(_strings(ast.walk(node.value))))

    def _call(self, node: ast.Call) -> None:
        name, owner = _called(node.func)
        if name in IMPORTING:
            self._load(node, name)
        elif name in DISCOVERING:
            self.dynamic.append(node.lineno)
        elif owner in PICKLES:
            self._pickle(node, name)
        elif name == "exec":
            self.executes.append(node.lineno)
        elif name == "dirname":
            if node.args and _calls(node.args[0], "dirname"):
                self.traits |= Trait.CLIMBS
        elif SCANNER.search(name):
            strings = _strings([*node.args, *(key.value for key in node.keywords)])
            self.words.packages.update(_dotted(strings))

    def _pickle(self, node: ast.Call, name: str) -> None:
        if name in {"load", "loads", "open"}:
            self.unpickles.append(node.lineno)
        elif name in {"dump", "dumps"}:
            self.pickles = True

    def _load(self, node: ast.Call, name: str) -> None:
        """`import_module(...)` and its like: a literal is a name, a beginning bounds it."""
        values = [*node.args, *(key.value for key in node.keywords)]
        if not values:
            return
        if name in {"spec_from_file_location", "SourceFileLoader", "load_source"}:
            if not any(text.endswith(".py") for text in _strings(values)):
                self.dynamic.append(node.lineno)
            return
        text = _beginning(values[0])
        known = text.partition("*")[0]
        if text.startswith("."):
            self._load_relative(node, text, values[1:])
        elif "*" not in text:
            return  # an ordinary string: its words are taken
        elif "." in known:
            self.words.packages.add(known.rpartition(".")[0])
        else:
            self.dynamic.append(node.lineno)

    def _load_relative(self, node: ast.Call, text: str, others: list[ast.expr]) -> None:
        """A relative name counts from the package that the second argument gives."""
        rest = text.lstrip(".")
        dots = text[: len(text) - len(rest)]
        anchor = "." if not others or _own_name(others[0]) else _beginning(others[0])
        if anchor == ".":
            if "*" in text:
                self.words.packages.add(dots)
            else:
                self.relative.add(text)
        elif "*" in anchor:
            self.dynamic.append(node.lineno)
        else:
            parts = anchor.split(".")[: 1 - len(dots) or None]
            if "*" in text:
                self.words.packages.add(".".join(parts) or anchor)
            else:
                self.modules.update(prefixes(".".join([*parts, rest])))


def _joined_text(node: ast.JoinedStr) -> str:
    parts = (part.value if isinstance(part, ast.Constant) else "*" for part in node.values)
    return "".join(str(part) for part in parts)


def _beginning(node: ast.expr) -> str:
    """Return what is known of a text, `*` for the rest; the module's own name is its folder."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    known = "*"
    if isinstance(node, ast.BinOp):
        first = _beginning(node.left)
        known = first.replace("%s", "*") if isinstance(node.op, ast.Mod) else first
    elif isinstance(node, ast.JoinedStr) and node.values:
        known = ".*" if _own_name(node.values[0]) else _joined_text(node)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr == "format":
            known = _beginning(node.func.value).partition("{")[0]
    elif _own_name(node):
        known = ".*"
    return known if "*" in known else known + "*"


def _own_name(node: ast.expr) -> bool:
    if isinstance(node, ast.FormattedValue):
        node = node.value
    return isinstance(node, ast.Name) and node.id in {"__name__", "__package__"}


def _called(function: ast.expr) -> tuple[str, str]:
    """Return the name of what is called, and of the name before its dot."""
    if isinstance(function, ast.Attribute):
        owner = function.value
        return function.attr, owner.id if isinstance(owner, ast.Name) else ""
    return (function.id if isinstance(function, ast.Name) else ""), ""


def _calls(node: ast.expr, name: str) -> bool:
    if not isinstance(node, ast.Call):
        return False
    function = node.func
    return name in (getattr(function, "attr", ""), getattr(function, "id", ""))


def _strings(nodes: Iterable[ast.AST]) -> list[str]:
    parts = (part for node in nodes for part in ast.walk(node) if isinstance(part, ast.Constant))
    return [part.value for part in parts if isinstance(part.value, str)]


def _dotted(texts: Iterable[str]) -> set[str]:
    return {text for text in texts if all(part.isidentifier() for part in text.split("."))}

"""Which names a piece of code mentions: plain names, attributes, imports, computed look-ups."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from covgate.source.blocks.facts import Import, Mentions
from covgate.source.blocks.scopes import dotted, local_names
from covgate.source.blocks.vocabulary import (
    ANNOTATION_READERS,
    ANY_SPECIAL,
    ASKING_ITSELF,
    ATTACHING,
    BY_NAME,
    COMPUTED_ATTRS,
    COMPUTED_FUNCTIONS,
    COMPUTED_NAMES,
    DICTS,
    FILE_NAME,
    FORMATTING,
    IMPORTING,
    LONGEST,
    MEMBER,
    OF_DICT,
    OF_OBJECTS,
    OPENED_BY_PYTHON,
    ORDINARY,
    PLACEHOLDER,
    PUT_TOGETHER,
    READERS,
    RENDERING,
    SPECIAL,
    VARIABLE,
    makes_of_class,
)

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence


class _Visitor(ast.NodeVisitor):
    """Collects mentions; `scopes` are the local names of the enclosing functions."""

    def __init__(
        self, scopes: Sequence[frozenset[str]], passed_on: str | None, given: frozenset[str]
    ) -> None:
        self.scopes = list(scopes)
        self.passed_on = passed_on
        self.given = given
        self.names: set[str] = set()
        self.attrs: set[str] = set()
        self.calls: set[str] = set()
        self.imports: list[Import] = []
        self.flags: set[str] = set()
        self.bare: set[str] = set()
        self.files: set[str] = set()
        self._of_object = False
        self._called: ast.expr | None = None
        # Names that are local because the code imports them, with the modules they may stand for.
        self._imported: dict[str, str] = {}
        self._local: set[str] = set()

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self._read(node.target)
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Store):
            self._read(node)

    def _read(self, node: ast.Name, *, bare: bool = True) -> None:
        name = node.id
        if any(node.id in scope for scope in self.scopes):
            if bare:
                self._local.add(node.id)
            name = self._imported.get(node.id, "")
        else:
            self.names.add(node.id)
            if bare:
                self.bare.add(node.id)
        self._flag(name)
        if name in OF_OBJECTS or (name in BY_NAME and node is not self._called):
            self.flags.add("computed attributes")  # `reduce(getattr, names, thing)`
        if name in COMPUTED_FUNCTIONS or (name in COMPUTED_NAMES and not self._of_object):
            self.flags.add("computed")

    def visit_Attribute(self, node: ast.Attribute) -> None:
        whole = dotted(node)
        if whole is not None:
            local = any(whole.partition(".")[0] in scope for scope in self.scopes)
            (self._local if local else self.bare).add(whole)
        self._attribute(node)

    def visit_MatchClass(self, node: ast.MatchClass) -> None:
        """A pattern of a class looks attributes up, by position those that the class tells."""
        self.attrs.update(node.kwd_attrs)
        for name in node.kwd_attrs:
            self._flag(name)
        if node.patterns or OF_OBJECTS.intersection(node.kwd_attrs):
            self.flags.add("computed attributes")
        if COMPUTED_ATTRS.intersection(node.kwd_attrs):
            self.flags.add("computed")
        self.generic_visit(node)

    def _attribute(self, node: ast.Attribute) -> None:
        self.attrs.add(node.attr)
        self._flag(node.attr)
        if node.attr in COMPUTED_ATTRS or (
            node.attr in COMPUTED_NAMES and dotted(node.value) == "builtins"
        ):
            self.flags.add("computed")
        if node.attr in OF_OBJECTS:
            # The object itself is used, whatever it is.
            self.flags.add("computed attributes")
            self.visit(node.value)
        elif isinstance(node.value, ast.Name):
            self._read(node.value, bare=False)
        elif isinstance(node.value, ast.Attribute):
            self._attribute(node.value)
        else:
            self.visit(node.value)

    def _flag(self, name: str) -> None:
        for flag, words in READERS.items():
            if name in words:
                self.flags.add(flag)
        if name == "lineno":
            self.flags.add("lineno")
        if name in ANNOTATION_READERS:
            self.flags.add("computed attributes")

    def visit_Call(self, node: ast.Call) -> None:
        called = dotted(node.func)
        self._called = node.func
        name = None
        if called is not None:
            self.calls.add(called)
            name = called.rpartition(".")[2]
        elif isinstance(node.func, ast.Attribute):
            name = node.func.attr
            self.calls.add("?." + name)
        else:
            self.calls.add("?")
        if name in BY_NAME and len(node.args) > 1:
            self._looked_up(node.args[0], node.args[1])
        if name in ASKING_ITSELF and node.args and isinstance(node.func, ast.Attribute):
            self._looked_up(node.func.value, node.args[-1])
        if self._formats(node) or makes_of_class(node, name):
            self.flags.add("computed attributes")
        if name in RENDERING and isinstance(node.func, ast.Attribute | ast.Name):
            self.flags.add("computed attributes")
        self._keywords({keyword.arg for keyword in node.keywords})
        if called == "inspect.stack":
            self.flags.add("lines")
        imports = name in IMPORTING
        for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
            self._strings(argument, imports)
        if name in COMPUTED_ATTRS and _constant_text(node):
            self._constant_computed(node, name)
            return
        if called in ("vars", "dir") and node.args:
            self._listed(node, called)
        elif not self._asks_dict(node, name):
            self.generic_visit(node)

    def _keywords(self, named: Container[str | None]) -> None:
        if "autouse" in named:
            self.flags.add("autouse")
        if "eval_str" in named:
            self.attrs.add("eval_str")

    def _listed(self, node: ast.Call, called: str) -> None:
        """`vars(x)` and `dir(x)` come upon what an object has."""
        self.flags.add("computed attributes")
        if called == "dir" and not _is_self(node.args[0]):
            self.flags.add("listing")
        self._of_object = True
        self.visit(node.func)
        self._of_object = False
        for argument in node.args:
            self.visit(argument)

    def _asks_dict(self, node: ast.Call, name: str | None) -> bool:
        """Take `x.__dict__.get("name")` and its like for what they are; False for other calls."""
        if name not in OF_DICT or not isinstance(node.func, ast.Attribute):
            return False
        if not (node.args and self._item_of_dict(node.func.value, node.args[0])):
            return False
        self.attrs.add(name)
        for part in (*node.args[1:], *node.keywords):
            self.visit(part)
        return True

    def _formats(self, node: ast.Call) -> bool:
        """Whether objects are put into a text of which nothing is seen here."""
        if not isinstance(node.func, ast.Attribute) or node.func.attr not in FORMATTING:
            return False
        text = node.func.value
        unseen = isinstance(text, ast.Call | ast.Subscript) or (
            isinstance(text, ast.Name) and any(text.id in scope for scope in self.scopes)
        )
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        return unseen and not all(isinstance(one, ast.Constant) for one in given)

    def visit_Compare(self, node: ast.Compare) -> None:
        """That a module is in `sys.modules` tells nothing of what is in it."""
        self.visit(node.left)
        for how, other in zip(node.ops, node.comparators, strict=True):
            if isinstance(how, ast.In | ast.NotIn) and dotted(other) == "sys.modules":
                self.names.add("sys")
                self.attrs.add("modules")
            else:
                self.visit(other)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        """`globals()[name]` comes upon the names of its own module, and upon no other."""
        if isinstance(node.ctx, ast.Load) and self._is_globals(node.value):
            self.names.add("globals")
            self.flags.add("computed own")
            self.visit(node.slice)
        elif not self._item_of_dict(node.value, node.slice):
            self.generic_visit(node)

    def _item_of_dict(self, node: ast.expr, key: ast.expr) -> bool:
        """Take `x.__dict__["name"]` for the attribute that it is; False for anything else."""
        if not (isinstance(node, ast.Attribute) and node.attr in DICTS):
            return False
        if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
            return False
        self.attrs.add(node.attr)
        self._attribute(ast.Attribute(node.value, key.value, ast.Load()))
        return True

    def _is_globals(self, node: ast.expr) -> bool:
        return (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "globals"
            and not any("globals" in scope for scope in self.scopes)
        )

    def _constant_computed(self, node: ast.Call, name: str | None) -> None:
        """A look-up of that kind with a constant name is no computed one."""
        before = "computed" in self.flags
        self.generic_visit(node)
        if not before:
            self.flags.discard("computed")
        text = node.args[0].value  # type: ignore[attr-defined]
        if name in ("import_module", "run_module", "find_spec", "resolve_name"):
            self.imports.append(Import(0, text.lstrip(".").partition(":")[0], None))

    def _looked_up(self, owner: ast.expr, name: ast.expr) -> None:
        if isinstance(name, ast.Name) and name.id == self.passed_on:
            return  # somebody mentions the name
        if isinstance(name, ast.Name) and name.id in self.given:
            self.flags.add("given attributes")
            return
        if not (isinstance(name, ast.Constant) and isinstance(name.value, str)):
            own = _is_self(owner)
            self.flags.add("computed members" if own else "computed attributes")
            return
        self._flag(name.value)
        if name.value in COMPUTED_ATTRS:
            self.flags.add("computed")
        if name.value in OF_OBJECTS:
            self.flags.add("computed attributes")
            self.visit(owner)

    def _strings(self, node: ast.expr, imports: bool) -> None:
        """Identifiers in strings (alone, dotted, or in a list) may name something."""
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            for element in node.elts:
                self._strings(element, imports)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
            if len(text) < 200:
                parts = text.replace(":", ".").replace(",", ".").replace(" ", "").split(".")
                if all(part.isidentifier() for part in parts):
                    self.attrs.update(parts)
                    if imports and "," not in text:
                        for length in range(1, len(parts) + 1):
                            self.imports.append(Import(0, ".".join(parts[:length]), None))

    def visit_Constant(self, node: ast.Constant) -> None:
        """Strings may name attributes (the fields of a format), or files."""
        text = node.value.decode("latin-1") if isinstance(node.value, bytes) else node.value
        if not isinstance(text, str):
            return
        if "{" in text:
            for field in PLACEHOLDER.findall(text):
                self.attrs.update(MEMBER.findall(field))
        if "__" in text and len(text) < LONGEST:
            self._special(text)
        if "." in text and len(text) < LONGEST:
            found = FILE_NAME.findall(text)
            self.files.update(one for one in found if not one.endswith(OPENED_BY_PYTHON))
        if "eval_str" in text:
            self.attrs.add("eval_str")
        if "defaults" in text and text.replace("_", "").isalpha():
            self.attrs.add("__defaults__")  # perhaps a part of it
        if VARIABLE.fullmatch(text):
            self.files.add("$" + text + "*" * text.endswith("_"))
        if ATTACHING.match(text):
            self.flags.add("opaque")

    def _special(self, text: str) -> None:
        """Somebody looks up the special names in a string; one that is put together may be any."""
        found = {one for one in SPECIAL.findall(text) if one not in ORDINARY}
        self.attrs.update(found)
        for name in found:
            self._flag(name)
        if PUT_TOGETHER.fullmatch(text):
            self.attrs.add(ANY_SPECIAL)
            self.flags.add("doc")

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.imports.append(Import(0, alias.name, None))
            self.attrs.update(alias.name.split("."))
            self._imported[alias.asname or alias.name.partition(".")[0]] = ""

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            self.imports.append(Import(node.level, node.module or "", alias.name))
            self.attrs.add(alias.name)
            self._imported[alias.asname or alias.name] = alias.name

    def all_bare(self) -> frozenset[str]:
        """Return `bare` with the local names that imports bind."""
        local = (one for one in self._local if one.partition(".")[0] in self._imported)
        return frozenset((*self.bare, *local))

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for default in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(default)
        self.scopes.append(local_names(node))
        self.visit(node.body)
        self.scopes.pop()

    def _visit_comprehension(self, node: ast.AST) -> None:
        generators = node.generators  # type: ignore[attr-defined]
        self.visit(generators[0].iter)
        targets = {
            inner.id
            for generator in generators
            for inner in ast.walk(generator.target)
            if isinstance(inner, ast.Name)
        }
        self.scopes.append(frozenset(targets))
        for index, generator in enumerate(generators):
            if index:
                self.visit(generator.iter)
            for condition in generator.ifs:
                self.visit(condition)
        for part in ("elt", "key", "value"):
            if hasattr(node, part):
                self.visit(getattr(node, part))
        self.scopes.pop()

    visit_ListComp = _visit_comprehension  # noqa: N815 - the visitor's own names
    visit_SetComp = _visit_comprehension  # noqa: N815
    visit_DictComp = _visit_comprehension  # noqa: N815
    visit_GeneratorExp = _visit_comprehension  # noqa: N815


def mentions(
    nodes: Iterable[ast.AST],
    scopes: Sequence[frozenset[str]] = (),
    passed_on: str | None = None,
    given: frozenset[str] = frozenset(),
) -> Mentions:
    """Return what `nodes` mention; names in `scopes` are local and left out.

    `passed_on` is a variable whose value is a name that whoever asked has mentioned, `given` are
    those whose value all callers in the same file have mentioned.
    """
    visitor = _Visitor(scopes, passed_on, given)
    for node in nodes:
        visitor.visit(node)
    return Mentions(
        frozenset(visitor.names),
        frozenset(visitor.attrs),
        frozenset(visitor.calls),
        tuple(visitor.imports),
        frozenset(visitor.flags),
        visitor.all_bare(),
        frozenset(visitor.files),
    )


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


def _constant_text(node: ast.Call) -> bool:
    return bool(
        node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
    )

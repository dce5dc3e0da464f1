"""The gates in a noxfile: the `session.run` of its sessions."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from covgate.policy.gate import Gate, Place
from covgate.policy.option import Word
from covgate.policy.recognise import Defaults, gates_of
from covgate.policy.shell import Command

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covgate.policy.tree import Tree

PATH = "noxfile.py"
_RUNS = {"run", "run_always", "run_install"}


def nox_gates(tree: Tree, defaults: Defaults) -> list[Gate]:
    """Return the gates; a noxfile that does not parse has none."""
    text = tree.text(PATH)
    if text is None:
        return []
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError):
        return []
    constants = dict(_constants(module))
    chosen = _chosen(module)
    return [
        gate
        for function in module.body
        if isinstance(function, ast.FunctionDef)
        for gate in _session(function, constants, chosen, defaults)
    ]


def _constants(module: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in module.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value


def _chosen(module: ast.Module) -> frozenset[str] | None:
    """Return the sessions of `nox.options.sessions`, None when it is not set."""
    for node in ast.walk(module):
        match node:
            case ast.Assign(targets=[ast.Attribute(attr="sessions")], value=value):
                try:
                    return frozenset(ast.literal_eval(value))
                except (ValueError, TypeError):
                    return None
    return None


def _session(
    function: ast.FunctionDef,
    constants: dict[str, ast.expr],
    chosen: frozenset[str] | None,
    defaults: Defaults,
) -> Iterator[Gate]:
    if not function.decorator_list:
        return
    name, skipped = function.name, False
    for decorator in function.decorator_list:
        for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
            if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                name = str(keyword.value.value)
            if keyword.arg == "default" and isinstance(keyword.value, ast.Constant):
                skipped = keyword.value.value is False
    off = ""
    if skipped or (chosen is not None and name not in chosen and function.name not in chosen):
        off = "nox does not run this session by default"
    for node in ast.walk(function):
        match node:
            case ast.Call(func=ast.Attribute(attr=attr)) if attr in _RUNS:
                yield from _run(node, name, constants, defaults, off)


def _run(
    call: ast.Call, name: str, constants: dict[str, ast.expr], defaults: Defaults, off: str
) -> Iterator[Gate]:
    words = [word for argument in call.args for word in _words(argument, constants)]
    line = call.lineno
    for keyword in call.keywords:
        if keyword.arg == "success_codes" and _accepts_failure(keyword.value):
            off, line = off or "`success_codes` accepts its failure", keyword.value.lineno
    place = Place("script", PATH, call.lineno, name)
    if words:
        for gate in gates_of(Command(tuple(words), "", {}), place, defaults, off):
            yield gate._replace(off_line=line)


def _accepts_failure(value: ast.expr) -> bool:
    try:
        codes = ast.literal_eval(value)
    except (ValueError, TypeError):
        return True  # range(...) and the like
    return 1 in codes if isinstance(codes, (list, tuple, set)) else False


def _words(node: ast.expr, constants: dict[str, ast.expr]) -> list[Word]:
    match node:
        case ast.Constant(value=str(text)):
            return [Word(text, node.lineno)]
        case ast.Constant(value=value):
            return [Word(str(value), node.lineno)]
        case ast.Starred(value=value):
            return _words(value, constants)
        case ast.List(elts=elts) | ast.Tuple(elts=elts):
            return [word for item in elts for word in _words(item, constants)]
        case ast.Name(id=name) if name in constants and not isinstance(constants[name], ast.Name):
            return _words(constants[name], constants)
        case ast.JoinedStr(values=values):
            parts = [_words(value, constants) for value in values]
            return [Word("".join(p[0].text if p else "" for p in parts), node.lineno)]
        case ast.FormattedValue(value=value):
            return _words(value, constants)
    return []

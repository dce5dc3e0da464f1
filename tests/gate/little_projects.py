"""Little projects, and edits of them, made at random: what the gate is compared with a full run on.

A file is a list of statements (texts); a statement may use any name that its file can see. Tests
compare with the values that the code had when the project was made, so that most edits of
something that is used make a test fail.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from little_templates import CLASSES, CONSTANTS, FUNCTIONS, PATCHING, TESTS

if TYPE_CHECKING:
    from random import Random

# Files of tests and fixtures have their values filled in once: VALUE(expression).
VALUE = re.compile(r"VALUE\((.*)\)$", re.MULTILINE)
_NUMBER = re.compile(r"(?<![\w.])\d+(?![\w.])")


@dataclass
class Little:
    """A project: by path, its statements; by module, what it defines (name and kind)."""

    files: dict[str, list[str]] = field(default_factory=dict)
    defined: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def texts(self) -> dict[str, str]:
        """Return the text of every file."""
        return {path: "\n".join(parts) + "\n" for path, parts in self.files.items()}


class Maker:
    """Makes a project with the choices of `random`."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.project = Little()
        self.scope: list[tuple[str, str]] = []
        self.count = 0

    def make(self) -> Little:
        """Return a project of 2 to 4 modules, a conftest, a data file, and 3 to 6 tests."""
        self.project.files["data.txt"] = ["one", "two", "three"]
        modules = [f"m{n}" for n in range(self.random.randint(2, 4))]
        for module in modules:
            self._module(module)
        self._conftest(modules)
        self._tests(modules)
        return self.project

    # -- modules -----------------------------------------------------------------------------------

    def _module(self, module: str) -> None:
        parts, self.scope = [], []
        for other in self.project.defined:
            parts += [self.importing(other)] if self.random.random() < 0.7 else []
        defined = self.project.defined[module] = []
        for _ in range(self.random.randint(3, 6)):
            name, kind, text = self.statement()
            parts.append(text)
            defined.append((name, kind))
            self.scope.append((name, kind))
        self.project.files[f"{module}.py"] = parts

    def importing(self, module: str) -> str:
        """Return an import of a module, and make its names known."""
        names = self.project.defined[module]
        style = self.random.randrange(6)
        if style == 0:
            self.scope += [(f"{module}.{name}", kind) for name, kind in names]
            return f"import {module}"
        if style == 1:
            self.scope += [(f"x{module}.{name}", kind) for name, kind in names]
            return f"import {module} as x{module}"
        if style == 2:
            self.scope += names
            return f"from {module} import *"
        some = self.random.sample(names, self.random.randint(1, len(names)))
        if style == 3:
            self.scope += [(f"y{name}", kind) for name, kind in some]
            return f"from {module} import " + ", ".join(f"{name} as y{name}" for name, _ in some)
        self.scope += some
        return f"from {module} import " + ", ".join(name for name, _ in some)

    def statement(self) -> tuple[str, str, str]:
        """Return a new statement: the name that it binds, what that is, and its text."""
        self.count += 1
        kind = self.random.choice(("constant", "constant", "function", "function", "class"))
        made = {"constant": self._constant, "function": self._function, "class": self._class}
        name = f"{kind[0].upper() if kind != 'function' else 'f'}{self.count}"
        return name, kind, made[kind](name)

    def _constant(self, name: str) -> str:
        return self._fill(CONSTANTS, name, self.number("0"), self.number("0"))

    def _function(self, name: str) -> str:
        return self._fill(FUNCTIONS, name, self.number("x"), self.number("x"))

    def _class(self, name: str) -> str:
        bases = [known for known, kind in self.scope if kind == "class"]
        base = f"({self.random.choice(bases)})" if bases and self.random.random() < 0.6 else ""
        text = self._fill(CLASSES, name, self.number("x"), self.number("0"))
        return text.replace("<BASE>", base)

    def _fill(self, templates: str, name: str, one: str, two: str) -> str:
        """Return one of the templates with its places filled."""
        text = self.random.choice(templates.strip().split("\n---\n"))
        values = {"NAME": name, "ONE": one, "TWO": two, "NUMBER": self._literal()}
        return re.sub(r"<(NAME|ONE|TWO|NUMBER)>", lambda found: values[found.group(1)], text)

    def _literal(self) -> str:
        return str(self.random.randint(1, 9))

    def number(self, variable: str) -> str:
        """Return an expression of a number; `variable` may occur in it."""
        choices = [self._literal(), variable]
        if self.scope:
            name, kind = self.random.choice(self.scope)
            used = {
                "constant": name,
                "function": f"{name}({self.random.choice((variable, self._literal()))})",
                "class": self.random.choice((f"{name}().A", f"{name}().m({self._literal()})")),
            }[kind]
            choices += [used] * 4
        found = self.random.choice(choices)
        return f"{found} + {self.number(variable)}" if self.random.random() < 0.2 else found

    # -- tests -------------------------------------------------------------------------------------

    def _conftest(self, modules: list[str]) -> None:
        self.scope = []
        parts = ["import pytest", self.importing(self.random.choice(modules))]
        for name in ("fix", "wide"):
            scope = self.random.choice(("function", "class", "module", "session"))
            parts.append(
                f'@pytest.fixture(scope="{scope}")\ndef {name}():\n    return {self.number("0")}'
            )
        self.project.files["conftest.py"] = parts

    def _tests(self, modules: list[str]) -> None:
        number = 0
        for file in range(self.random.randint(1, 2)):
            self.scope = []
            some = self.random.sample(modules, self.random.randint(1, len(modules)))
            parts = ["import pytest", *(self.importing(module) for module in sorted(some))]
            for _ in range(3 if file else self.random.randint(3, 4)):
                number += 1
                parts.append(self.test(number))
            self.project.files[f"test_t{file}.py"] = parts

    def test(self, number: int) -> str:
        """Return a test of something in scope."""
        return self._fill(TESTS, str(number), self.used(), "")

    def used(self) -> str:
        """Return an expression that uses what is in scope, where there is anything."""
        for _ in range(9):
            found = self.number(self._literal())
            if not found.isdigit():
                return found
        return found


# -- edits -----------------------------------------------------------------------------------------


def edited(project: Little, random: Random) -> tuple[Little, str]:
    """Return the project after one edit, and what that was."""
    after = copy.deepcopy(project)
    for _ in range(20):
        edit = random.choice(_EDITS)
        said = edit(after, random)
        if said and after.files != project.files:
            return after, f"{edit.__name__.strip('_')}: {said}"
    after.files["data.txt"].append("more")
    return after, "data: a line more"


def _python(project: Little, random: Random, *, tests: bool = True) -> str:
    names = sorted(name for name in project.files if name.endswith(".py"))
    return random.choice([n for n in names if tests or n.startswith("m")] or names)


def _number(project: Little, random: Random) -> str:
    """Change a number: in a body, a constant, a default, a fixture, a test."""
    path = random.choice([_python(project, random), _python(project, random, tests=False)])
    parts = project.files[path]
    places = [(n, found) for n, part in enumerate(parts) for found in _NUMBER.finditer(part)]
    if not places:
        return ""
    n, found = random.choice(places)
    new = str(int(found.group()) + random.randint(1, 3))
    parts[n] = parts[n][: found.start()] + new + parts[n][found.end() :]
    return f"{path}: {found.group()} -> {new} in {parts[n]!r}"


def _operator(project: Little, random: Random) -> str:
    path = _python(project, random, tests=False)
    parts = project.files[path]
    places = [n for n, part in enumerate(parts) if " + " in part]
    if not places:
        return ""
    n = random.choice(places)
    parts[n] = parts[n].replace(" + ", random.choice((" - ", " * ")), 1)
    return f"{path}: {parts[n]!r}"


def _delete(project: Little, random: Random) -> str:
    path = _python(project, random)
    parts = project.files[path]
    if len(parts) < 2:
        return ""
    return f"{path}: {parts.pop(random.randrange(len(parts)))!r}"


def _rename(project: Little, random: Random) -> str:
    """Rename what a module defines: there alone, or wherever it is mentioned."""
    module = random.choice(sorted(project.defined))
    name = random.choice(project.defined[module])[0]
    everywhere = random.random() < 0.6
    for path in list(project.files) if everywhere else [f"{module}.py"]:
        project.files[path] = [
            re.sub(rf"\b{name}\b", f"{name}new", part) for part in project.files.get(path, [])
        ]
    return f"{name} of {module}" + (" everywhere" if everywhere else "")


def _add(project: Little, random: Random) -> str:
    """Add a statement that nobody uses, or that takes a name that is in use."""
    path = _python(project, random)
    names = re.findall(
        r"(?m)^(?:def |class )?([A-Za-z]\w*)\b(?= =|\()", "\n".join(project.files[path])
    )
    name = random.choice([*names, "fresh"])
    text = random.choice(
        (
            f"def {name}(x=1, *more):\n    return x + 40",
            f"{name} = 41",
            f"class {name}:\n    A = 42\n\n    def m(self, x):\n        return x",
        )
    )
    project.files[path].insert(random.randint(1, len(project.files[path])), text)
    return f"{path}: {text!r}"


def _import(project: Little, random: Random) -> str:
    """Change how a file gets its names."""
    path = _python(project, random)
    parts = project.files[path]
    places = [n for n, part in enumerate(parts) if re.match(r"(from|import) m\d", part)]
    if not places:
        return ""
    n = random.choice(places)
    old = parts[n]
    found = re.match(r"(?:from|import) (m\d+)", old)
    assert found is not None
    other = random.choice(sorted(project.defined))
    parts[n] = random.choice(
        (
            old.replace(found.group(1), other, 1),
            f"{old}\nfrom {other} import *",
            f"from {found.group(1)} import *",
            f"from {other} import *\n{old}",
            f"try:\n    {old}\nexcept ImportError:\n    pass",
        )
    )
    return f"{path}: {old!r} -> {parts[n]!r}"


def _fixture(project: Little, random: Random) -> str:
    parts = project.files["conftest.py"]
    module = random.choice(sorted(project.defined))
    name, kind = random.choice(project.defined[module])
    value = {"constant": "77", "function": "lambda *a: 78", "class": "None"}[kind]
    text = random.choice(
        (
            PATCHING.format(module=module, name=name, value=value),
            '@pytest.fixture(scope="module")\ndef fix():\n    return 79',
            "@pytest.fixture\ndef unused():\n    return 80",
            f"import {module}\n\n{module}.{name} = {value}",
        )
    )
    parts.append(text)
    return repr(text)


def _data(project: Little, random: Random) -> str:
    lines = project.files["data.txt"]
    lines[random.randrange(len(lines))] += "!"
    return "data.txt"


def _module(project: Little, random: Random) -> str:
    """Add a module that something may look for, or take one away."""
    module = random.choice(sorted(project.defined))
    constants = [name for name, kind in project.defined[module] if kind == "constant"]
    if constants and random.random() < 0.7:
        project.files["extra.py"] = [f"{random.choice(constants)} = 55"]
        return "extra.py"
    project.files.pop(f"{module}.py", None)
    return f"without {module}.py"


def _swap(project: Little, random: Random) -> str:
    path = _python(project, random)
    parts = project.files[path]
    if len(parts) < 3:
        return ""
    n = random.randrange(1, len(parts) - 1)
    parts[n], parts[n + 1] = parts[n + 1], parts[n]
    return f"{path}: {parts[n + 1]!r} after {parts[n]!r}"


def _override(project: Little, random: Random) -> str:
    """Give a class a member more."""
    path = _python(project, random, tests=False)
    parts = project.files[path]
    places = [n for n, part in enumerate(parts) if re.search(r"(?m)^class ", part)]
    if not places:
        return ""
    n = random.choice(places)
    member = random.choice(
        (
            "A = 33",
            "def m(self, x):\n        return 34",
            "p = 35",
            "def __len__(self):\n        return 3",
        )
    )
    parts[n] += f"\n\n    {member}"
    return f"{path}: {parts[n]!r}"


def _base(project: Little, random: Random) -> str:
    path = _python(project, random, tests=False)
    parts = project.files[path]
    places = [n for n, part in enumerate(parts) if re.search(r"(?m)^class \w+\(", part)]
    if not places:
        return ""
    n = random.choice(places)
    parts[n] = re.sub(r"(?m)^(class \w+)\(.*\)", r"\1", parts[n])
    return f"{path}: {parts[n]!r}"


def _quiet(project: Little, random: Random) -> str:
    """Change nothing that matters: comments, blank lines, docstrings."""
    path = _python(project, random)
    parts = project.files[path]
    n = random.randrange(len(parts))
    parts[n] = random.choice((f"# a comment\n{parts[n]}", f"{parts[n]}  # said", f"\n\n{parts[n]}"))
    return f"{path}: {parts[n]!r}"


def _test_file(project: Little, random: Random) -> str:
    """Add, move or remove a test file, or add a test."""
    path = random.choice(sorted(name for name in project.files if name.startswith("test_")))
    parts = project.files[path]
    how = random.choice(("a copy", "moved", "gone", "a test more"))
    if how == "a test more":
        parts.append(f"def test_more{len(parts)}():\n    assert {random.randint(0, 1)}")
        return f"{path}: {parts[-1]!r}"
    if how in ("moved", "gone"):
        del project.files[path]
    if how in ("moved", "a copy"):
        project.files[f"test_{random.choice('abc')}.py"] = [*parts]
    if not any(name.startswith("test_") for name in project.files):
        project.files["test_d.py"] = ["def test_d():\n    pass"]
    return f"{path}: {how}"


def _break(project: Little, random: Random) -> str:
    path = _python(project, random)
    parts = project.files[path]
    if parts[-1] == "def broken(:":
        parts.pop()
        return f"{path}: no longer broken"
    parts.append("def broken(:")
    return f"{path}: broken"


_EDITS = (
    _test_file, _test_file, _break, _number, _number, _number, _number, _operator, _operator, _delete, _rename, _add, _import,
    _fixture, _data, _module, _swap, _override, _base, _quiet,
)  # fmt: skip

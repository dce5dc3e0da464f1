"""What is read from one blob of Python."""

from __future__ import annotations

import importlib.util

import pytest
from hypothesis import given
from hypothesis import strategies as st

from covgate.impact.links import _anchored
from covgate.source.facts import Trait
from covgate.source.guesses import text_facts
from covgate.source.imports import python_facts

NAMES = {
    "plain": ("import a.b.c", "modules", {"a", "a.b", "a.b.c"}),
    "from": ("from a.b import c as d, e", "modules", {"a", "a.b", "a.b.c", "a.b.e"}),
    "nested": ("def f():\n  if x:\n    import a", "modules", {"a"}),
    "relative": ("from ..a import b\nfrom . import c", "relative", {"..a", "..a.b", ".", ".c"}),
    "star": ("from a.b import *", "packages", {"a.b"}),
    "literal import_module": ("import_module('a.b')", "words", {"a", "a.b"}),
    "relative import_module": ("import_module('.b', __package__)", "relative", {".b"}),
    "import_module from a package": ("import_module('.b', 'p.q')", "modules", {"p.q.b"}),
    "f-string beginning": ("import_module(f'p.q.{n}')", "packages", {"p.q"}),
    "concatenated beginning": ("import_module('p.q.' + n)", "packages", {"p.q"}),
    "formatted beginning": ("import_module('p.q.%s' % n)", "packages", {"p.q"}),
    "format beginning": ("import_module('p.q.{}'.format(n))", "packages", {"p.q"}),
    "own package": ("import_module(f'{__name__}.{n}')", "packages", {"."}),
    "own package, relative": ("import_module('.' + n, __name__)", "packages", {"."}),
    "own package, f-string": ("import_module(f'.{n}', package=__package__)", "packages", {"."}),
    "parent package": ("import_module(f'..x.{n}', __package__)", "packages", {".."}),
    "below another package": ("import_module('.' + n, 'p.q')", "packages", {"p.q"}),
    "mock target": ("patch('a.b.c')", "words", {"a", "a.b", "a.b.c"}),
    "entry point": ("x = 'a.b:main'", "words", {"a.b", "main"}),
    "path components": ("x = 'data/in/a.json'", "words", {"data", "in", "a.json", "a"}),
    "suffix": ("x = name + '.json'", "globs", {"*.json"}),
    "f-string suffix": ("x = f'{name}.json'", "globs", {"*.json"}),
    "format suffix": ("x = '%s_out.json' % n", "globs", {"*_out.json"}),
    "registry": ("INSTALLED_APPS = ['shop', 'a.b']", "packages", {"shop", "a.b"}),
    "plugins": ("pytest_plugins = ['a.b']", "plugins", {"a.b"}),
    "one plugin": ("pytest_plugins = 'a.b'", "plugins", {"a.b"}),
    "hooks": ("def pytest_configure(config): ...", "hooks", {"pytest_configure"}),
    "code in a string": ("x = 'import a.b; from c import d'", "modules", {"a.b", "c", "c.d"}),
    "doctest": ('def f():\n  """\n  >>> from a import b\n  """', "modules", {"a", "a.b"}),
}


@pytest.mark.parametrize(("text", "kind", "names"), NAMES.values(), ids=NAMES.keys())
def test_names(text: str, kind: str, names: set[str]) -> None:
    assert names <= getattr(python_facts(text.encode()), kind)


def test_prose_of_docstrings_names_nothing() -> None:
    assert not python_facts(b'"""See shop.cart, import it."""').words


DYNAMIC = {
    "computed name": ("import_module(name)", 1),
    "second line": ("x = 1\n__import__(name)", 2),
    "literal": ("import_module('a')", 0),
    "unknown package": ("import_module('.' + n, package)", 1),
    "literal in an unknown package": ("import_module('.a', package)", 1),
    "bounded": ("import_module('a.' + b)", 0),
    "run_path": ("runpy.run_path(p)", 1),
    "pkgutil": ("for m in pkgutil.iter_modules(p): ...", 1),
    "entry points": ("metadata.entry_points(group='x')", 1),
    "exec of a file": ("exec(open(p).read())", 1),
    "exec of own text": ("exec('x = 1')", 0),
    "unpickling": ("pickle.load(f)", 1),
    "pickling and back": ("pickle.loads(pickle.dumps(x))", 0),
    "stored pickle": ("pickle.load(open('a.pkl', 'rb')), pickle.dumps(x)", 1),
    "computed plugins": ("pytest_plugins = [p for p in find()]", 1),
    "file location": ("spec_from_file_location('x', path)", 1),
}


@pytest.mark.parametrize(("text", "line"), DYNAMIC.values(), ids=DYNAMIC.keys())
def test_imports_that_cannot_be_resolved(text: str, line: int) -> None:
    assert python_facts(text.encode()).dynamic == line


TRAITS = {
    "git": ("run(['git', 'init'])", Trait.GIT),
    "git command": ("run('git init')", Trait.GIT),
    "git library": ("from dulwich.repo import Repo", Trait.GIT),
    "lists": ("root.iterdir()", Trait.LISTS),
    "spawns": ("from subprocess import run", Trait.SPAWNS),
    "climbs by parents": ("Path(__file__).parents[2]", Trait.CLIMBS),
    "climbs by parent": ("Path(__file__).parent.parent", Trait.CLIMBS),
    "climbs by dirname": ("dirname(dirname(__file__))", Trait.CLIMBS),
    "climbs by package": ("app.__file__", Trait.CLIMBS),
    "here": ("Path(__file__).parent", Trait.HERE),
    "import path": ("sys.path.insert(0, 'x')", Trait.PATHS),
    "opens": ("open(x)", Trait.READS),
    "fixture of a plugin": ("def test(datadir): ...", Trait.READS),
}


@pytest.mark.parametrize(("text", "trait"), TRAITS.values(), ids=TRAITS.keys())
def test_traits(text: str, trait: Trait) -> None:
    facts = python_facts(text.encode())
    assert trait in facts.traits
    assert facts.uses_git == (trait == Trait.GIT)


def test_plain_code_has_no_traits() -> None:
    assert python_facts(b"def f(x):\n    return x + 1\n").traits == Trait(0)


@pytest.mark.parametrize(
    "data",
    [
        b"import a\nfrom .b import c\ndef (:\n",
        b"import a\nfrom .b import c\n\0",
        b"\xff\nimport a\nfrom .b import c",
    ],
    ids=["syntax", "null", "encoding"],
)
def test_broken_source_keeps_its_imports(data: bytes) -> None:
    facts = python_facts(data)
    assert "a" in facts.modules
    assert {".b", ".b.c"} <= facts.relative
    assert Trait.UNPARSED in facts.traits


def test_scripts_name_modules_and_files() -> None:
    facts = text_facts(b"#!/bin/sh\nexec python -m app.tool run.py\n")
    assert {"app", "app.tool", "run.py"} <= facts.words


@given(st.binary(max_size=300))
def test_any_bytes_have_facts(data: bytes) -> None:
    python_facts(data)


PARTS = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=4)


@given(PARTS, st.integers(1, 4), st.lists(st.sampled_from(["x", "y"]), max_size=2))
def test_relative_names_are_resolved_as_python_does(
    package: list[str], level: int, rest: list[str]
) -> None:
    relative = "." * level + ".".join(rest)
    if level > len(package):
        return
    expected = importlib.util.resolve_name(relative, ".".join(package))
    assert _anchored("/".join([*package, "m.py"]), relative) == expected.replace(".", "/")

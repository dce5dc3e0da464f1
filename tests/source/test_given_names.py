"""Which functions are only given written-out names of attributes."""

import ast

import pytest

from covgate.source.blocks.given import given_names

ASK = "def ask(value, name, other=None):\n    return getattr(value, name, other)\n"


@pytest.mark.parametrize(
    ("more", "found"),
    [
        pytest.param("ask(x, 'size')\nask(x, name='kind')", {"name"}, id="by place and by keyword"),
        pytest.param("", {"name"}, id="nobody calls it"),
        pytest.param("ask(x, 'size', *more)", set(), id="starred arguments"),
        pytest.param("ask(x, **more)", set(), id="unknown keywords"),
        pytest.param("ask(x, name)", set(), id="a variable"),
        pytest.param("ask(x, f'{a}')", set(), id="a formatted string"),
        pytest.param("map(ask, x)", set(), id="handed over"),
        pytest.param("other = ask", set(), id="under another name"),
        pytest.param("y.ask", set(), id="an attribute of that name"),
        pytest.param("patch('mod.ask')", set(), id="in a string"),
        pytest.param("ask = wrap(ask)", set(), id="bound anew"),
        pytest.param("def ask(a, b):\n    pass", set(), id="defined twice"),
        pytest.param("from b import ask", set(), id="imported as well"),
    ],
)
def test_callers(more: str, found: set[str]) -> None:
    assert given_names(ast.parse(f"{ASK}\n{more}\n")).get("ask", frozenset()) == found


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("def ask(v, name):\n    name += 's'\n    getattr(v, name)", id="changed"),
        pytest.param(
            "def ask(v):\n    for name in v:\n        getattr(v, name)", id="no parameter"
        ),
        pytest.param("@d\ndef ask(v, name):\n    getattr(v, name)", id="decorated"),
        pytest.param("def ask(v, *name):\n    getattr(v, name)", id="a tuple"),
        pytest.param(
            "def ask(v, name):\n    return lambda name: getattr(v, name)", id="of a lambda"
        ),
        pytest.param("class A:\n    def ask(v, name):\n        getattr(v, name)", id="a method"),
    ],
)
def test_functions(source: str) -> None:
    assert given_names(ast.parse(source)) == {}

"""What is left of a file without annotations and docstrings, and what that hides."""

from __future__ import annotations

import pytest

from covgate.source.blocks.units import read

FUTURE = "from __future__ import annotations\n"


def same(old: str, new: str, *, docs_only: bool = False) -> bool:
    before, after = (
        {
            unit.key: (unit.without_docs if docs_only else unit.without_both) or unit.hash
            for unit in read(text.encode()).units
            if unit.binds != ("__doc__",)  # told by a hash of its own
        }
        for text in (old, new)
    )
    return before == after


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("def f(a): 1", "def f(a: int) -> str: 1", id="built-in types"),
        pytest.param("def f(a): 1", "def f(a: list[int]): 1", id="generic of built-in types"),
        pytest.param("import m\ndef f(a): 1", "import m\ndef f(a: m): 1", id="name bound before"),
        pytest.param(FUTURE + "def f(a): 1", FUTURE + "def f(a: b.C[1]): 1", id="never evaluated"),
        pytest.param("X = 1", "X: int = 1", id="variable"),
        pytest.param("class A:\n x = 1", "class A:\n x: int = 1", id="variable of a class"),
        pytest.param(
            "import functools\n@functools.cache\ndef f(a): 1",
            "import functools\n@functools.cache\ndef f(a: int): 1",
            id="known decorator",
        ),
        pytest.param(
            "class A:\n @property\n def x(self): 1\n @x.setter\n def x(self, a): 1",
            "class A:\n @property\n def x(self): 1\n @x.setter\n def x(self, a: int): 1",
            id="setter of a property",
        ),
        pytest.param(
            "from dataclasses import dataclass\n@dataclass\nclass A:\n def f(self, a): 1",
            "from dataclasses import dataclass\n@dataclass\nclass A:\n def f(self, a: int): 1",
            id="method of a dataclass",
        ),
        pytest.param("def f():\n '1'\n return", "def f():\n '2'\n return", id="docstring"),
    ],
)
def test_hidden(old: str, new: str) -> None:
    assert same(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("def f(a): 1", "def f(a: absent): 1", id="unknown name"),
        pytest.param("def f(a): 1\nC = 1", "def f(a: C): 1\nC = 1", id="name bound later"),
        pytest.param(
            "C = 1\ndel C\ndef f(a): 1", "C = 1\ndel C\ndef f(a: C): 1", id="name deleted"
        ),
        pytest.param(
            "if x:\n C = 1\ndef f(a): 1", "if x:\n C = 1\ndef f(a: C): 1", id="perhaps bound"
        ),
        pytest.param("def f(a): 1", "def f(a: g()): 1", id="call"),
        pytest.param("import t\ndef f(a): 1", "import t\ndef f(a: t.x): 1", id="attribute"),
        pytest.param("def f(a): 1", "def f(a: ExceptionGroup): 1", id="type of newer Pythons"),
        pytest.param(
            "class A:\n def list(self): 1\n def f(a): 1",
            "class A:\n def list(self): 1\n def f(a: list[int]): 1",
            id="built-in name bound in a class",
        ),
        pytest.param("@d\ndef f(a): 1", "@d\ndef f(a: int): 1", id="unknown decorator"),
        pytest.param(
            "from mine import cache\n@cache\ndef f(a): 1",
            "from mine import cache\n@cache\ndef f(a: int): 1",
            id="decorator of a known name",
        ),
        pytest.param(
            "def property(f): 1\nclass A:\n @property\n def f(a): 1",
            "def property(f): 1\nclass A:\n @property\n def f(a: int): 1",
            id="built-in decorator bound again",
        ),
        pytest.param(
            "from dataclasses import dataclass\n@dataclass\nclass A:\n x: int = 1",
            "from dataclasses import dataclass\n@dataclass\nclass A:\n x: str = 1",
            id="field of a dataclass",
        ),
        pytest.param(
            "class A(metaclass=M):\n x = 1", "class A(metaclass=M):\n x: int = 1", id="metaclass"
        ),
        pytest.param("x = 1", "x: int", id="value gone"),
        pytest.param("def f(a): 1", "def f(a=1): 1", id="default"),
    ],
)
def test_told(old: str, new: str) -> None:
    assert not same(old, new)


def test_annotations_are_no_docstrings() -> None:
    assert not same("def f(a): 1", "def f(a: int): 1", docs_only=True)
    assert same("class A(B):\n '1'", "class A(B):\n '2'", docs_only=True)

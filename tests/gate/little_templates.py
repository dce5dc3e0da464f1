"""The statements that little projects are made of (see `little_projects`)."""

# Templates, apart by lines of three dashes. ONE and TWO are expressions.
CONSTANTS = """
<NAME> = <NUMBER>
---
<NAME> = <ONE> + <NUMBER>
---
<NAME>_TABLE = {"a": <ONE>, "b": <TWO>}
<NAME> = <NAME>_TABLE["a"]
---
<NAME> = sum([<ONE>, <TWO>])
---
if <ONE> > <NUMBER>:
    <NAME> = 1
else:
    <NAME> = <TWO>
---
try:
    from extra import <NAME>
except ImportError:
    <NAME> = <ONE>
---
<NAME> = 0
for _n in range(3):
    <NAME> += <ONE>
---
<NAME>: int = max(<ONE>, <TWO>)
"""
FUNCTIONS = """
def <NAME>(x, d=<NUMBER>):
    return <ONE> + d
---
def <NAME>(x):
    return <ONE>
---
def <NAME>(x):
    if x > <NUMBER>:
        return <ONE>
    y = <TWO>
    return y
---
def <NAME>(x):
    total = 0
    for n in range(2):
        total += <ONE>
    return total
---
from functools import lru_cache


@lru_cache(maxsize=None)
def <NAME>(x):
    return <ONE>
---
_<NAME>_KNOWN = {}


def <NAME>(x):
    if x not in _<NAME>_KNOWN:
        _<NAME>_KNOWN[x] = <ONE>
    return _<NAME>_KNOWN[x]
---
def <NAME>(x):
    from pathlib import Path

    text = (Path(__file__).parent / "data.txt").read_text()
    return len(text) + <ONE>
---
def <NAME>(x):
    def inner(y):
        return y + <TWO>

    return inner(x)
---
def <NAME>(x):
    return sum(<ONE> for _ in range(2))
---
def <NAME>(x):
    try:
        return <ONE>
    except (AttributeError, NameError, TypeError):
        return -1
---
<NAME>_ALL = []


def <NAME>_add(function):
    <NAME>_ALL.append(function)
    return function


@<NAME>_add
def <NAME>_one(x):
    return <ONE>


def <NAME>(x):
    return sum(one(x) for one in <NAME>_ALL)
---
def <NAME>(x):
    return <NAME>_later(x) + 1


def <NAME>_later(x):
    return <ONE>
---
def <NAME>(x):
    return globals()["<NAME>_" + "late"] + x


<NAME>_late = <NUMBER>
"""
CLASSES = """
class <NAME><BASE>:
    A = <TWO>

    def m(self, x):
        return <ONE> + self.A
---
class <NAME><BASE>:
    def __init__(self):
        self.A = <TWO>

    def m(self, x):
        return <ONE> + self.A
---
class <NAME><BASE>:
    A = <TWO>

    @property
    def p(self):
        return self.A + 1

    def m(self, x):
        return self.p + <ONE>
---
class <NAME><BASE>:
    A = <TWO>

    @classmethod
    def c(cls, x):
        return cls.A + x

    def m(self, x):
        return self.c(<ONE>)
---
class <NAME><BASE>:
    A = <TWO>

    def __len__(self):
        return abs(<TWO>) % 7

    def m(self, x):
        return len(self) + <ONE>
---
from dataclasses import dataclass


@dataclass
class <NAME><BASE>:
    A: int = <TWO>

    def m(self, x):
        return self.A * (<ONE>)
"""
TESTS = """
def test_<NAME>():
    assert <ONE> == VALUE(<ONE>)
---
def test_<NAME>():
    assert <ONE> == VALUE(<ONE>)
---
@pytest.mark.parametrize("x", [1, 2])
def test_<NAME>(x):
    assert x * (<ONE>) == x * VALUE(<ONE>)
---
def test_<NAME>(fix):
    assert fix + <ONE> == fix + VALUE(<ONE>)
---
def test_<NAME>(wide):
    assert wide == wide and <ONE> == VALUE(<ONE>)
---
class TestIt<NAME>:
    def setup_method(self):
        self.found = <ONE>

    def test_<NAME>(self):
        assert self.found == VALUE(<ONE>)
---
EXPECTED<NAME> = <ONE>


def test_<NAME>():
    assert EXPECTED<NAME> == VALUE(<ONE>)
---
def test_<NAME>(monkeypatch):
    monkeypatch.setenv("LEVEL", "3")
    assert <ONE> == VALUE(<ONE>)
"""
PATCHING = """\
@pytest.fixture(autouse=True)
def patched(monkeypatch):
    import {module}

    monkeypatch.setattr({module}, "{name}", {value})"""

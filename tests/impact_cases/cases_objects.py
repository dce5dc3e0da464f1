"""What Python's objects, docstrings and line numbers let a change do."""

from impact_text import told

OBJECTS = [
    told(
        "class variable that a class pattern asks for",
        """
--- app.py
class A:
    KIND = 1
    OTHER = 1
    __match_args__ = ('KIND',)
--- test_a.py
import app


def test_named():
    match app.A():
        case app.A(KIND=found):
            assert found == 1


def test_placed():
    match app.A():
        case app.A(found):
            assert found == 1


def test_other():
    match app.A():
        case app.A(OTHER=found):
            assert found == 1
""",
        {"app.py": ("KIND = 1", "KIND = 2")},
        "test_named",
        "test_placed",
        most=2,
    ),
    told(
        "enum: member inserted before others with auto()",
        """
--- app.py
from enum import Enum, auto


class Color(Enum):
    RED = auto()
    BLUE = auto()
--- test_a.py
import app


def test_blue():
    assert app.Color.BLUE.value == 2


def test_t():
    assert True
""",
        {"app.py": ("    BLUE", "    GREEN = auto()\n    BLUE")},
        "test_blue",
        most=1,
    ),
    told(
        "enum: body of _generate_next_value_",
        """
--- app.py
from enum import Enum, auto


class Named(Enum):
    @staticmethod
    def _generate_next_value_(name, start, count, last):
        return name.lower()


class Color(Named):
    RED = auto()
--- test_a.py
import app


def test_red():
    assert app.Color.RED.value == 'red'


def test_t():
    assert True
""",
        {"app.py": ("name.lower()", "name")},
        "test_red",
        most=1,
    ),
    told(
        "body of __set_name__",
        """
--- field.py
class Field:
    def __set_name__(self, owner, name):
        self.key = '_' + name

    def __get__(self, one, owner):
        return self.key
--- app.py
from field import Field


class Row:
    x = Field()
--- test_a.py
from app import Row


def test_x():
    assert Row().x == '_x'


def test_t():
    assert True
""",
        {"field.py": ("'_' + name", "'__' + name")},
        "test_x",
        most=1,
    ),
    told(
        "metaclass __prepare__ gives another name space",
        """
--- meta.py
class Meta(type):
    @classmethod
    def __prepare__(mcs, name, bases):
        return {'kind': 1}
--- app.py
from meta import Meta


class Thing(metaclass=Meta):
    pass
--- test_a.py
from app import Thing


def test_kind():
    assert Thing.kind == 1


def test_t():
    assert True
""",
        {"meta.py": ("'kind': 1", "'kind': 2")},
        "test_kind",
        most=1,
    ),
    told(
        "descriptor gains __set__",
        """
--- app.py
class Lazy:
    def __get__(self, one, owner):
        return 1


class Thing:
    v = Lazy()


def make():
    thing = Thing()
    thing.__dict__['v'] = 2
    return thing
--- test_a.py
import app


def test_v():
    assert app.make().v == 2


def test_t():
    assert True
""",
        {
            "app.py": (
                "        return 1\n",
                "        return 1\n\n    def __set__(self, one, value):\n        raise AttributeError\n",
            )
        },
        "test_v",
        most=1,
    ),
    told(
        "body of a module's __getattr__ that imports lazily by a table",
        """
--- app/__init__.py
import importlib

_WHERE = {'go': 'app.one'}


def __getattr__(name):
    if name in _WHERE:
        return getattr(importlib.import_module(_WHERE[name]), name)
    raise AttributeError(name)
--- app/one.py
def go():
    return 1
--- app/two.py
def go():
    return 2
--- test_a.py
import app


def test_go():
    assert app.go() == 1


def test_t():
    assert True
""",
        {"app/__init__.py": ("'app.one'", "'app.two'")},
        "test_go",
    ),
    told(
        "module behind importlib.util.LazyLoader",
        """
--- late.py
X = 1
--- app.py
import importlib.util
import sys


def lazy(name):
    spec = importlib.util.find_spec(name)
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


late = lazy('late')
--- test_a.py
import app


def test_one():
    assert app.late.X == 1


def test_two():
    assert app.late.X + 1 == 2


def test_t():
    assert True
""",
        {"late.py": "X = 2\n"},
        "test_one",
        "test_two",
    ),
    told(
        "__class_getitem__ changed",
        """
--- app.py
class Box:
    def __class_getitem__(cls, key):
        return (cls.__name__, key)


IntBox = Box[int]
--- test_a.py
import app


def test_box():
    assert app.IntBox == ('Box', int)


def test_t():
    assert True
""",
        {"app.py": ("(cls.__name__, key)", "(cls.__name__, [key])")},
        "test_box",
        most=1,
    ),
    told(
        "singledispatch registration added in another module",
        """
--- app/__init__.py
from app import base, more
--- app/base.py
from functools import singledispatch


@singledispatch
def show(value):
    return 'any'
--- app/more.py
from app.base import show


@show.register(str)
def _(value):
    return 'text'
--- test_a.py
from app.base import show


def test_int():
    assert show(1) == 'any'


def test_str():
    assert show('a') == 'text'


def test_t():
    assert True
""",
        {
            "app/more.py": (
                "    return 'text'\n",
                "    return 'text'\n\n\n@show.register(int)\ndef _(value):\n    return 'int'\n",
            )
        },
        "test_int",
        most=2,
    ),
    told(
        "abc.register call removed",
        """
--- app.py
from abc import ABC


class Shape(ABC):
    pass


class Dot:
    pass


Shape.register(Dot)
--- test_a.py
import app


def test_dot():
    assert isinstance(app.Dot(), app.Shape)


def test_t():
    assert True
""",
        {"app.py": ("Shape.register(Dot)\n", "")},
        "test_dot",
        most=1,
    ),
    told(
        "copyreg reducer",
        """
--- app.py
import copyreg


class P:
    def __init__(self, x):
        self.x = x


def reduce(p):
    return P, (p.x,)


copyreg.pickle(P, reduce)
--- test_a.py
import copy

import app


def test_copy():
    assert copy.copy(app.P(1)).x == 1


def test_t():
    assert True
""",
        {"app.py": ("(p.x,)", "(p.x + 1,)")},
        "test_copy",
        most=1,
    ),
    told(
        "__getstate__ added",
        """
--- app.py
class P:
    def __init__(self, x):
        self.x = x
        self.cache = {}


def spare():
    return 1
--- test_a.py
import pickle

import app


def test_state():
    assert pickle.loads(pickle.dumps(app.P(1))).cache == {}


def test_t():
    assert True
""",
        {
            "app.py": (
                "        self.cache = {}\n",
                "        self.cache = {}\n\n    def __getstate__(self):\n        return {'x': self.x}\n",
            )
        },
        "test_state",
        most=1,
    ),
    told(
        "__match_args__ reordered",
        """
--- app.py
class P:
    __match_args__ = ('x', 'y')

    def __init__(self):
        self.x = 1
        self.y = 2
--- test_a.py
import app


def test_match():
    match app.P():
        case app.P(1, 2):
            pass
        case _:
            raise AssertionError


def test_t():
    assert True
""",
        {"app.py": ("('x', 'y')", "('y', 'x')")},
        "test_match",
        most=1,
    ),
    told(
        "__len__ added changes truth",
        """
--- app.py
class Bag:
    def __init__(self):
        self.items = []


def state(bag):
    return 'yes' if bag else 'no'
--- test_a.py
import app


def test_state():
    assert app.state(app.Bag()) == 'yes'


def test_t():
    assert True
""",
        {
            "app.py": (
                "        self.items = []\n",
                "        self.items = []\n\n    def __len__(self):\n        return len(self.items)\n",
            )
        },
        "test_state",
        most=1,
    ),
    told(
        "__eq__ in a base of another module takes the hash away",
        """
--- base.py
class Base:
    def __init__(self):
        self.n = 1
--- app.py
from base import Base


class Thing(Base):
    pass


def unique(*things):
    return len(set(things))
--- test_a.py
import app


def test_unique():
    assert app.unique(app.Thing(), app.Thing()) == 2


def test_t():
    assert True
""",
        {
            "base.py": (
                "        self.n = 1\n",
                "        self.n = 1\n\n    def __eq__(self, other):\n        return self.n == other.n\n",
            )
        },
        "test_unique",
        most=1,
    ),
    told(
        "reflected operator added in a subclass wins",
        """
--- app.py
class A:
    def __add__(self, other):
        return 'add'


class B(A):
    pass
--- test_a.py
import app


def test_add():
    assert app.A() + app.B() == 'add'


def test_t():
    assert True
""",
        {
            "app.py": (
                "class B(A):\n    pass\n",
                "class B(A):\n    def __radd__(self, other):\n        return 'radd'\n",
            )
        },
        "test_add",
        most=1,
    ),
    told(
        "order of bases",
        """
--- app.py
class A:
    def hi(self):
        return 'a'


class B:
    def hi(self):
        return 'b'


class C(A, B):
    pass
--- test_a.py
import app


def test_hi():
    assert app.C().hi() == 'a'


def test_t():
    assert True
""",
        {"app.py": ("C(A, B)", "C(B, A)")},
        "test_hi",
        most=1,
    ),
    told(
        "runtime protocol gains a member",
        """
--- proto.py
from typing import Protocol, runtime_checkable


@runtime_checkable
class Closes(Protocol):
    def close(self): ...
--- app.py
from proto import Closes


def closes(thing):
    return isinstance(thing, Closes)
--- test_a.py
import io

import app


class Mine:
    def close(self):
        pass


def test_closes():
    assert app.closes(Mine())


def test_t():
    assert True
""",
        {
            "proto.py": (
                "    def close(self): ...\n",
                "    def close(self): ...\n\n    def flush(self): ...\n",
            )
        },
        "test_closes",
        most=1,
    ),
    told(
        "typed dictionary's totality",
        """
--- app.py
from typing import TypedDict


class Options(TypedDict):
    name: str
--- test_a.py
import app


def test_required():
    assert app.Options.__required_keys__ == {'name'}


def test_t():
    assert True
""",
        {"app.py": ("(TypedDict)", "(TypedDict, total=False)")},
        "test_required",
        most=1,
    ),
    told(
        "dataclass fields change places",
        """
--- app.py
from dataclasses import dataclass


@dataclass
class P:
    x: int
    y: int
--- test_a.py
from app import P


def test_x():
    assert P(1, 2).x == 1


def test_t():
    assert True
""",
        {"app.py": ("    x: int\n    y: int\n", "    y: int\n    x: int\n")},
        "test_x",
        most=1,
    ),
    told(
        "dataclass becomes frozen",
        """
--- app.py
from dataclasses import dataclass


@dataclass
class P:
    x: int = 1


def grow(p):
    p.x += 1
    return p.x
--- test_a.py
import app


def test_grow():
    assert app.grow(app.P()) == 2


def test_t():
    assert True
""",
        {"app.py": ("@dataclass\n", "@dataclass(frozen=True)\n")},
        "test_grow",
        most=1,
    ),
    told(
        "methods made in a loop with setattr",
        """
--- app.py
class Api:
    pass


for name in ('get', 'put'):
    setattr(Api, name, lambda self, name=name: name)
--- test_a.py
import app


def test_put():
    assert app.Api().put() == 'put'


def test_t():
    assert True
""",
        {"app.py": ("('get', 'put')", "('get',)")},
        "test_put",
    ),
    told(
        "metaclass __call__ makes singletons",
        """
--- meta.py
class Meta(type):
    def spare(cls):
        return 1
--- app.py
from meta import Meta


class Thing(metaclass=Meta):
    pass
--- test_a.py
from app import Thing


def test_two():
    assert Thing() is not Thing()


def test_t():
    assert True
""",
        {
            "meta.py": "class Meta(type):\n    one = {}\n\n    def spare(cls):\n        return 1\n\n    def __call__(cls):\n        return cls.one.setdefault(cls, object.__new__(cls))\n"
        },
        "test_two",
        most=1,
    ),
    told(
        "body of __del__",
        """
--- app.py
LOG = []


class Handle:
    def __del__(self):
        LOG.append('closed')


def use():
    Handle()
    return LOG
--- test_a.py
import app


def test_use():
    assert app.use() == ['closed']


def test_t():
    assert True
""",
        {"app.py": ("'closed'", "'gone'")},
        "test_use",
        most=1,
    ),
    told(
        "__exit__ swallows",
        """
--- app.py
class Guard:
    def __enter__(self):
        return self

    def __exit__(self, *exc):
        return False
--- test_a.py
import pytest

import app


def test_raises():
    with pytest.raises(ValueError):
        with app.Guard():
            raise ValueError


def test_t():
    assert True
""",
        {"app.py": ("return False", "return True")},
        "test_raises",
        most=1,
    ),
    told(
        "closures bind late in a module-level comprehension",
        """
--- app.py
STEPS = [lambda x, n=n: x + n for n in (1, 2)]


def run(x):
    return [step(x) for step in STEPS]
--- test_a.py
import app


def test_run():
    assert app.run(0) == [1, 2]


def test_t():
    assert True
""",
        {"app.py": ("lambda x, n=n: x", "lambda x: x")},
        "test_run",
        most=1,
    ),
    told(
        "walrus at module level",
        """
--- app.py
if (LIMIT := 10) > 5:
    pass
--- test_a.py
import app


def test_limit():
    assert app.LIMIT == 10


def test_t():
    assert True
""",
        {"app.py": (":= 10", ":= 11")},
        "test_limit",
        most=1,
    ),
    told(
        "future import of annotations added",
        """
--- app.py
def f(x: int):
    return x
--- test_a.py
import app


def test_annotation():
    assert app.f.__annotations__['x'] is int


def test_t():
    assert True
""",
        {"app.py": "from __future__ import annotations\n\n\ndef f(x: int):\n    return x\n"},
        "test_annotation",
    ),
    told(
        "type alias used by isinstance",
        """
--- kinds.py
Number = (int, float)
--- app.py
from kinds import Number


def is_number(x):
    return isinstance(x, Number)
--- test_a.py
import app


def test_float():
    assert app.is_number(1.5)


def test_t():
    assert True
""",
        {"kinds.py": ("(int, float)", "(int,)")},
        "test_float",
        most=1,
    ),
    told(
        "two decorators change places",
        """
--- app.py
def double(f):
    return lambda: f() * 2


def plus(f):
    return lambda: f() + 1


@double
@plus
def value():
    return 1
--- test_a.py
import app


def test_value():
    assert app.value() == 4


def test_t():
    assert True
""",
        {"app.py": ("@double\n@plus\n", "@plus\n@double\n")},
        "test_value",
        most=1,
    ),
    told(
        "functools.wraps left out",
        """
--- deco.py
import functools


def logged(f):
    @functools.wraps(f)
    def wrapper(*args):
        return f(*args)

    return wrapper
--- app.py
from deco import logged


@logged
def go():
    return 1
--- test_a.py
import app


def test_name():
    assert app.go.__name__ == 'go'


def test_t():
    assert True
""",
        {"deco.py": ("    @functools.wraps(f)\n", "")},
        "test_name",
        most=1,
    ),
    told(
        "signature that a test inspects; the function is never called",
        """
--- app.py
def f(a, b=1):
    return a
--- test_a.py
import inspect

import app


def test_signature():
    assert list(inspect.signature(app.f).parameters) == ['a', 'b']


def test_t():
    assert True
""",
        {"app.py": ("def f(a, b=1)", "def f(a, c=1)")},
        "test_signature",
        most=1,
    ),
    told(
        "annotation under the future import, read by get_type_hints in a project function",
        """
--- model.py
from __future__ import annotations


class Model:
    size: int
    name: str
--- app.py
import typing

from model import Model


def kinds():
    return typing.get_type_hints(Model)
--- test_a.py
import app


def test_kinds():
    assert app.kinds()['size'] is int


def test_t():
    assert True
""",
        {"model.py": ("size: int", "size: float")},
        "test_kinds",
        most=1,
    ),
    told(
        "annotation of a function under the future import, read by a decorator",
        """
--- deco.py
def checked(f):
    def wrapper(x):
        if f.__annotations__['x'] == 'int':
            return f(int(x))
        return f(x)

    return wrapper
--- app.py
from __future__ import annotations

from deco import checked


@checked
def twice(x: int):
    return x * 2
--- test_a.py
import app


def test_twice():
    assert app.twice('2') == 4


def test_t():
    assert True
""",
        {"app.py": ("x: int", "x: str")},
        "test_twice",
        most=1,
    ),
    told(
        "module docstring that argparse shows",
        """
--- app.py
\"\"\"Greets people.\"\"\"
import argparse


def parser():
    return argparse.ArgumentParser(description=__doc__)
--- test_a.py
import app


def test_help():
    assert 'Greets people' in app.parser().format_help()


def test_t():
    assert True
""",
        {"app.py": ("Greets people", "Insults people")},
        "test_help",
        most=1,
    ),
    told(
        "docstring inherited by inspect.getdoc",
        """
--- app.py
class Base:
    def go(self):
        \"\"\"Go there.\"\"\"


class Sub(Base):
    def go(self):
        return 1
--- test_a.py
import inspect

import app


def test_doc():
    assert inspect.getdoc(app.Sub.go) == 'Go there.'


def test_t():
    assert True
""",
        {"app.py": ("Go there", "Stay here")},
        "test_doc",
        most=1,
    ),
    told(
        "docstring parsed by a decorator of the project",
        """
--- deco.py
COMMANDS = {}


def command(f):
    COMMANDS[f.__name__] = f.__doc__.split()[0]
    return f
--- app.py
from deco import COMMANDS, command


@command
def run():
    \"\"\"fast thing\"\"\"
--- test_a.py
import app


def test_run():
    assert app.COMMANDS['run'] == 'fast'


def test_t():
    assert True
""",
        {"app.py": ("fast thing", "slow thing")},
        "test_run",
        most=1,
    ),
    told(
        "docstring shown by pydoc",
        """
--- app.py
def go():
    \"\"\"Go there.\"\"\"
    return 1
--- test_a.py
import pydoc

import app


def test_help():
    assert 'Go there' in pydoc.render_doc(app)


def test_t():
    assert True
""",
        {"app.py": ("Go there", "Stay here")},
        "test_help",
        most=1,
    ),
    told(
        "doctest.testmod called in a test",
        """
--- app.py
def go():
    \"\"\"Go.

    >>> 1 + 1
    2
    \"\"\"
    return 1
--- test_a.py
import doctest

import app


def test_docs():
    assert doctest.testmod(app).failed == 0


def test_t():
    assert True
""",
        {"app.py": ("    2\n", "    3\n")},
        "test_docs",
        most=1,
    ),
    told(
        "line number in a log record",
        """
--- app.py
import logging


def go():
    logging.getLogger('app').warning('hi')
--- test_a.py
import app


def test_line(caplog):
    app.go()
    assert caplog.records[0].lineno == 5


def test_t():
    assert True
""",
        {
            "app.py": "# a comment\nimport logging\n\n\ndef go():\n    logging.getLogger('app').warning('hi')\n"
        },
        "test_line",
        most=1,
    ),
    told(
        "line of a warning",
        """
--- app.py
import warnings


def go():
    warnings.warn('old', DeprecationWarning)
--- test_a.py
import pytest

import app


def test_line():
    with pytest.warns(DeprecationWarning) as seen:
        app.go()
    assert seen[0].lineno == 5


def test_t():
    assert True
""",
        {"app.py": ("def go", "# moved\n\ndef go")},
        "test_line",
        most=1,
    ),
    told(
        "source line in a formatted traceback",
        """
--- app.py
def go():
    raise ValueError('x')  # because
--- test_a.py
import traceback

import app


def test_text():
    try:
        app.go()
    except ValueError:
        assert '# because' in traceback.format_exc()


def test_t():
    assert True
""",
        {"app.py": ("  # because", "")},
        "test_text",
        most=1,
    ),
    told(
        "line of an exception, from pytest.raises",
        """
--- app.py
def go():
    raise ValueError('x')
--- test_a.py
import pytest

import app


def test_line():
    with pytest.raises(ValueError) as caught:
        app.go()
    assert caught.traceback[-1].lineno == 1


def test_t():
    assert True
""",
        {"app.py": "# a comment\ndef go():\n    raise ValueError('x')\n"},
        "test_line",
        most=1,
    ),
    told(
        "first line of a code object",
        """
--- app.py
def go():
    return 1
--- test_a.py
import app


def test_line():
    assert app.go.__code__.co_firstlineno == 1


def test_t():
    assert True
""",
        {"app.py": "# a comment\ndef go():\n    return 1\n"},
        "test_line",
        most=1,
    ),
    told(
        "function moves to another module and is imported back",
        """
--- app.py
import low


class P:
    pass


def spare():
    return low
--- low.py
X = 1
--- test_a.py
import app


def test_repr():
    assert app.P.__module__ == 'app'


def test_t():
    assert True
""",
        {
            "low.py": "X = 1\n\n\nclass P:\n    pass\n",
            "app.py": "import low\nfrom low import P\n\n\ndef spare():\n    return low\n",
        },
        "test_repr",
        most=1,
    ),
    told(
        "encoding cookie in a comment",
        """
--- app.py
# -*- coding: utf-8 -*-
NAME = 'é'
--- test_a.py
import app


def test_name():
    assert len(app.NAME) == 1


def test_t():
    assert True
""",
        {"app.py": ("coding: utf-8", "coding: latin-1")},
        "test_name",
    ),
    told(
        "encoding cookie, text inside a function",
        """
--- app.py
# -*- coding: utf-8 -*-
def name():
    return 'é'
--- test_a.py
import app


def test_name():
    assert len(app.name()) == 1


def test_t():
    assert True
""",
        {"app.py": ("coding: utf-8", "coding: latin-1")},
        "test_name",
    ),
    told(
        "class renamed behind an alias, private names mangle anew",
        """
--- app.py
class _Impl:
    def __init__(self):
        self.__x = 1


Thing = _Impl
--- test_a.py
import app


def test_x():
    assert app.Thing()._Impl__x == 1


def test_t():
    assert True
""",
        {"app.py": ("_Impl", "_Real")},
        "test_x",
        most=1,
    ),
    told(
        "spaces inside the braces of an f-string with =",
        """
--- app.py
def show(x):
    return f'{x=}'
--- test_a.py
import app


def test_show():
    assert app.show(1) == 'x=1'


def test_t():
    assert True
""",
        {"app.py": ("{x=}", "{x = }")},
        "test_show",
        most=1,
    ),
    told(
        "names of the locals that a function hands out",
        """
--- app.py
def context():
    first = 1
    return locals()
--- test_a.py
import app


def test_context():
    assert app.context() == {'first': 1}


def test_t():
    assert True
""",
        {"app.py": ("first", "second")},
        "test_context",
        most=1,
    ),
    told(
        "staticmethod taken away",
        """
--- app.py
class A:
    @staticmethod
    def go():
        return 1
--- test_a.py
import app


def test_go():
    assert app.A().go() == 1


def test_t():
    assert True
""",
        {"app.py": ("    @staticmethod\n", "")},
        "test_go",
        most=1,
    ),
    told(
        "attribute of an instance hides what __getattr__ of its class computes",
        """
--- app.py
class Proxy:
    def __init__(self):
        self.a = 1

    def __getattr__(self, name):
        return 'computed ' + name
--- test_a.py
import app


def test_b():
    assert app.Proxy().b == 'computed b'


def test_t():
    assert True
""",
        {"app.py": ("class Proxy:\n", "class Proxy:\n    b = 2\n\n")},
        "test_b",
        most=1,
    ),
    told(
        "name added to a module that falls back on a builtin",
        """
--- app.py
def biggest(values):
    return max(values)
--- test_a.py
import app


def test_biggest():
    assert app.biggest([1, 2]) == 2


def test_t():
    assert True
""",
        {
            "app.py": "def max(values):\n    return values[0]\n\n\ndef biggest(values):\n    return max(values)\n"
        },
        "test_biggest",
        most=1,
    ),
    told(
        "class variable that string formatting reaches",
        """
--- app.py
class Config:
    host = 'a'


def show():
    return 'host: {c.host}'.format(c=Config)
--- test_a.py
import app


def test_show():
    assert app.show() == 'host: a'


def test_t():
    assert True
""",
        {"app.py": ("host = 'a'", "host = 'b'")},
        "test_show",
        most=1,
    ),
    told(
        "attrgetter with a dotted path",
        """
--- settings.py
class Db:
    port = 1
--- app.py
import operator

import settings

port = operator.attrgetter('Db.port')


def read():
    return port(settings)
--- test_a.py
import app


def test_port():
    assert app.read() == 1


def test_t():
    assert True
""",
        {"settings.py": ("port = 1", "port = 2")},
        "test_port",
        most=1,
    ),
    told(
        "keys of a table become attributes",
        """
--- table.py
ROWS = {'speed': 1}
--- app.py
from types import SimpleNamespace

import table

config = SimpleNamespace(**table.ROWS)
--- test_a.py
from app import config


def test_speed():
    assert config.speed == 1


def test_t():
    assert True
""",
        {"table.py": ("1", "2")},
        "test_speed",
        most=1,
    ),
    told(
        "json encoder walks __dict__ of an object",
        """
--- model.py
class Model:
    def __init__(self):
        self.a = 1
        self.__dict__.update(EXTRA)


EXTRA = {'b': 2}
--- app.py
import json

from model import Model


def dump():
    return json.dumps(Model(), default=vars)
--- test_a.py
import app


def test_dump():
    assert app.dump() == '{"a": 1, "b": 2}'


def test_t():
    assert True
""",
        {"model.py": ("2}", "3}")},
        "test_dump",
        most=1,
    ),
    *(
        told(
            f"proxy that passes names on: {test}",
            """
--- app.py
class Real:
    limit = 1
    size = 1


class Proxy:
    def __init__(self, real):
        self._real = real

    def __getattr__(self, name):
        return getattr(self._real, name)


class Shouting:
    def __init__(self, real):
        self._real = real

    def __getattr__(self, name):
        return getattr(self._real, name.lower())


def made(kind):
    return kind(Real())
--- test_a.py
import app


def test_limit():
    assert app.made(app.Proxy).limit == 1


def test_size():
    assert app.made(app.Proxy).size == 1


def test_shouting():
    assert app.made(app.Shouting).LIMIT == 1
""",
            {"app.py": edit},
            *must.split(),
            most=most,
        )
        for test, edit, must, most in (
            ("the name is mentioned", ("limit = 1", "limit = 2"), "test_limit test_shouting", 2),
            ("the name is computed", ("size = 1", "size = 2"), "test_size", 2),
        )
    ),
]

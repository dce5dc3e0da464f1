"""Changes outside of functions that few can notice, and those of the same kinds that more do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from impact_text import told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from impact_case import Case
    from impact_text import Edit

COLLECTED = """
--- app.py
def values(kind):
    if kind == 'collected':
        return [1, 2]
    return []
--- conftest.py
import app


def pytest_generate_tests(metafunc):
    if 'value' in metafunc.fixturenames:
        metafunc.parametrize('value', app.values('collected'))
--- test_a.py
import app


def test_t(value):
    assert value < 3
    assert app.values('other') == []
"""
STARTED = """
--- app.py
def values(kind):
    if kind == 'started':
        return [1]
    return []
--- conftest.py
import app

GIVEN = []


def pytest_sessionstart(session):
    GIVEN.extend(app.values('started'))
--- test_a.py
import app
from conftest import GIVEN


def test_t():
    assert GIVEN == [1]
    assert app.values('other') == []
"""
# A class whose metaclass lists its members, so that a change of a member is one of the class.
TOLD = """
--- app.py
import inspect


class Meta(type):
    def __init__(cls, name, bases, members):
        cls.listed = sorted(members)
        super().__init__(name, bases, members)


class Thing(metaclass=Meta):
    size = 1

    def grow(self, by=1):
        return self.size + by

    def other(self):
        return self.size


def later(function):
    return function.__defaults__


def described(function):
    return str(inspect.signature(function))


def attribute(value, name):
    return getattr(value, name)


def names(value):
    return [name for name in dir(value) if name.endswith('defaults__')]


GROWN = Thing().grow()
ONE = 1


def add(x, y=2, *, z=3):
    return x + y + z


def lead(x):
    return add(x, 1, z=1)
"""
USED = "--- test_b.py\nimport app\n\n\ndef test_other():\n    assert app.Thing().other() == 1\n"


ENTERED = f"""{TOLD}--- test_a.py
import app


def test_enters():
    assert app.Thing().grow() == 2


def test_made_on_import():
    assert app.GROWN == 2


def test_mentions():
    assert callable(app.Thing.grow)


def test_given():
    assert app.lead(1) == 3
{USED}"""
READ = f"""{TOLD}--- test_a.py
import functools
import pickle

import app


def test_later():
    assert app.later(app.Thing.grow) == (1,)


def test_described():
    assert app.described(app.Thing.grow) == '(self, by=1)'


def test_attribute():
    assert app.attribute(app.Thing.grow, '__defaults__') == (1,)


def test_concatenated():
    assert getattr(app.Thing.grow, '__' + 'defaults' + '__') == (1,)


def test_listed():
    name = app.names(app.Thing.grow)[0]
    assert app.attribute(app.Thing.grow, name) == (1,)


def test_partial():
    assert functools.partial(app.Thing.grow, app.Thing())() == 2


def test_pickled():
    assert pickle.loads(pickle.dumps(app.Thing.grow))(app.Thing()) == 2


def test_subclass():
    class Sub(app.Thing):
        size = 5

    assert Sub().grow() == 6
{USED}"""
REGISTERED = """
--- app.py
TABLE = {}


def register(function):
    TABLE[function.__name__] = function.__defaults__
    return function


@register
def first(x=1):
    return x


class Base:
    def __init_subclass__(cls, **more):
        TABLE[cls.__name__] = cls.made.__defaults__


class Made(Base):
    def made(self, x=1):
        return x
--- test_a.py
import app


def test_first():
    assert app.TABLE['first'] == (1,)


def test_made():
    assert app.TABLE['Made'] == (1,)
"""
DESCRIBED = """
--- app.py
from __future__ import annotations

import functools
import inspect
import typing

Kind = int


class Thing:
    def grow(self, by: Kind) -> Kind:
        return by

    def lead(self) -> typing.List[Kind]:
        return [self.grow(1)]


def hints(function):
    return typing.get_type_hints(function)


def signature(function):
    return inspect.signature(function, eval_str=True)


def evaluated(function):
    return eval(function.__annotations__['by'], vars(inspect.getmodule(function)))


def looked_up(module, function):
    return getattr(module, function.__annotations__['by'])
"""
DISPATCHED = """
@functools.singledispatch
def shown(value):
    return 'something'


@shown.register
def name_of(value: Kind) -> str:
    return 'kind'
"""
KIND = ("Kind = int", "Kind = str")
PACKAGE = """
--- pkg/__init__.py
from pkg.core import run
from pkg.errors import Lost, Wrong
--- pkg/errors.py
class Wrong(Exception):
    pass


class Lost(Exception):
    pass
--- pkg/core.py
from pkg.errors import Lost, Wrong


def run(what):
    if what == 'wrong':
        raise Wrong
    return what


def find(what):
    raise Lost
--- test_a.py
import pytest

from pkg import Lost, core, run


def test_run():
    assert run(1) == 1


def test_find():
    with pytest.raises(Lost):
        core.find(1)


def test_wrong():
    with pytest.raises(Exception):
        run('wrong')
"""
HALF_MADE = """
--- pkg/__init__.py
from pkg import first
VALUE = 1
from pkg import third
--- pkg/first.py
from pkg import third
FIRST = 1
--- pkg/third.py
try:
    from pkg import VALUE as SEEN
except ImportError:
    SEEN = 0
--- test_a.py
import pkg.third


def test_t():
    assert pkg.third.SEEN == 0
"""
GIVEN = """
--- app.py
class Thing:
    size = 1
    other = 2


def _same(thing, attr, value):
    return getattr(thing, attr, None) == value


def is_small(thing):
    return _same(thing, 'size', 1)


def is_other(thing):
    return _same(thing, 'other', 2)


def kept(thing):
    thing.__dict__.setdefault('other', 3)
    return thing.__dict__['other'], thing.__dict__.get('other')
--- test_a.py
import app


def test_small():
    assert app.is_small(app.Thing())


def test_other():
    assert app.is_other(app.Thing())


def test_kept():
    assert app.kept(app.Thing()) == (3, 3)
"""
BRANCHES = """
--- app.py
import functools
import threading

LIMIT = 1
KEPT = {}


class Lost(Exception):
    pass


def limit(asked):
    if asked:
        return LIMIT
    return 0


def kept(key):
    if key not in KEPT:
        KEPT[key] = limit(key == 'limit')
    return KEPT[key]


def guarded(asked):
    try:
        if asked:
            raise Lost
    except Lost:
        return LIMIT
    return 0


def matched(asked):
    found = 0
    for one in [asked]:
        found = (
            one
            and LIMIT
        )
    return found


def steps(asked):
    yield 0
    yield LIMIT if asked else 0


def later(asked):
    if asked:
        return lambda: (
            LIMIT
        )
    return None


def threaded():
    found = []
    thread = threading.Thread(target=lambda: found.append(limit(True)))
    thread.start()
    thread.join()
    return found[0]


STEPS = steps(True)
--- test_a.py
import subprocess
import sys

import pytest

import app


@pytest.fixture(scope='session')
def given():
    return app.limit(True)


def test_not_asked():
    assert app.limit(False) == 0


def test_later_not_asked():
    assert app.later(False) is None


def test_asked():
    assert app.limit(True) == 1


def test_first_given(given):
    assert given == 1


def test_given(given):
    assert app.limit(False) == 0
    assert given == 1


def test_first_kept():
    assert app.kept('limit') == 1


def test_kept():
    assert app.limit(False) == 0
    assert app.kept('limit') == 1


def test_guarded():
    assert app.guarded(True) == 1


def test_matched():
    assert app.matched(True) == 1


def test_first_step():
    assert next(app.STEPS) == 0


def test_second_step():
    assert next(app.STEPS) == 1


def test_later():
    assert app.later(True)() == 1


def test_threaded():
    assert app.limit(False) == 0
    assert app.threaded() == 1


def test_child():
    assert app.limit(False) == 0
    code = 'import app; print(app.limit(True))'
    assert subprocess.check_output([sys.executable, '-c', code], text=True) == '1\\n'
"""
SIZE = {"app.py": ("size = 1", "size = 5")}


def asked(name: str, more: str, test: str, edits: Mapping[str, Edit] = SIZE) -> Case:
    """Make a case in which a test comes by `test` upon what changed, by a name written nowhere."""
    text = GIVEN.replace("--- test_a.py", f"{more}--- test_a.py")
    body = "".join(f"    {line}\n" for line in test.splitlines())
    return told(
        f"attribute asked for by {name}", f"{text}\n\ndef test_t():\n{body}", edits,
        "test_t", "test_small",
    )  # fmt: skip


SEEN = [
    told(
        "constant in a branch that one of three tests takes",
        BRANCHES.partition("--- test_a.py")[0] + "--- test_a.py\nimport app\n\n\n"
        "def test_asked():\n    assert app.limit(True) == 1\n\n\n"
        "def test_not_asked():\n    assert app.limit(False) == 0\n\n\n"
        "def test_later_not_asked():\n    assert app.later(False) is None\n",
        {"app.py": ("LIMIT = 1", "LIMIT = 2")},
        "test_asked",
        most=1,
    ),
    told(
        "constant in a branch that some tests take, and some by another door",
        BRANCHES,
        {"app.py": ("LIMIT = 1", "LIMIT = 2")},
        *("test_asked", "test_first_given", "test_given", "test_first_kept", "test_kept"),
        *("test_guarded", "test_matched", "test_second_step", "test_later", "test_threaded"),
        "test_child",
    ),
    told(
        "default of a method of a class whose metaclass lists members",
        ENTERED,
        {"app.py": ("by=1", "by=2")},
        "test_enters",
        "test_made_on_import",
        most=2,
    ),
    told(
        "default of a function that one test enters",
        ENTERED,
        {"app.py": ("y=2, *, z=3", "y=4, *, z=5")},
        most=1,
    ),
    told(
        "default that is read or comes in by another door",
        READ,
        {"app.py": ("by=1", "by=2")},
        *("test_later", "test_described", "test_attribute", "test_concatenated", "test_listed"),
        *("test_partial", "test_pickled", "test_subclass"),
    ),
    told(
        "default that a decorator, or what makes the class, keeps",
        REGISTERED,
        {"app.py": ("x=1", "x=2")},
        "test_first",
        "test_made",
    ),
    told(
        "name that only annotations mention which nobody evaluates",
        f"{DESCRIBED}--- test_a.py\nimport app\n\n\ndef test_grow():\n"
        "    assert app.Thing().grow(1) == 1\n\n\ndef test_lead():\n"
        "    assert app.Thing().lead() == [1]\n",
        {"app.py": KIND},
        most=1,  # which shows that the module can be imported
    ),
    *(
        told(
            f"name in an annotation that is evaluated by {name}",
            f"{DESCRIBED}--- test_a.py\nimport app\n\n\ndef test_t():\n    assert {test}\n",
            {"app.py": KIND},
            "test_t",
        )
        for name, test in (
            ("get_type_hints", "app.hints(app.Thing.grow)['by'] is int"),
            ("signature", "app.signature(app.Thing.grow).return_annotation is int"),
            ("eval", "app.evaluated(app.Thing.grow) is int"),
            ("a look-up in the module", "app.looked_up(app, app.Thing.grow) is int"),
        )
    ),
    told(
        "name in an annotation that a dispatcher evaluates",
        f"{DESCRIBED}\n\n{DISPATCHED}--- test_a.py\nimport app\n\n\n"
        "def test_t():\n    assert app.shown(1) == 'kind'\n",
        {"app.py": KIND},
        "test_t",
    ),
    told(
        "name of an import dropped in a package whose modules it imports",
        PACKAGE,
        {"pkg/core.py": ("import Lost, Wrong", "import Wrong")},
        "test_find",
        most=1,
    ),
    told(
        "import dropped of a module that then finds its package further",
        HALF_MADE,
        {"pkg/first.py": "FIRST = 1\n"},
        "test_t",
    ),
    told(
        "import dropped of a module that asks its package as a whole",
        HALF_MADE,
        {"pkg/first.py": "FIRST = 1\n"},
        "test_t",
        files={"pkg/third.py": "import pkg\n\nSEEN = int(hasattr(pkg, 'VALUE'))\n"},
    ),
    told("attribute that is asked for by a written-out name", GIVEN, SIZE, "test_small", most=1),
    told(
        "attribute that is asked for in a written-out item of __dict__",
        GIVEN,
        {"app.py": ("'other', 3", "'other', 4")},
        "test_kept",
        most=1,
    ),
    asked(
        "a caller elsewhere",
        "--- other.py\nfrom app import _same\n\n\ndef ask(thing, first, last):\n"
        "    return _same(thing, first + last, 1)\n",
        "import other\nassert other.ask(app.Thing(), 'si', 'ze')",
    ),
    asked(
        "a function that a module hands out",
        "--- other.py\nimport app\n\n\ndef ask(thing, first, last):\n"
        "    return app._same(thing, first + last, 1)\n",
        "import other\nassert other.ask(app.Thing(), 'si', 'ze')",
    ),
    asked(
        "a caller with a computed name",
        "\n\ndef ask(thing, first, last):\n    return _same(thing, first + last, 1)\n",
        "assert app.ask(app.Thing(), 'si', 'ze')",
    ),
    asked(
        "a function under another name",
        "\n\nsame = _same\n\n\ndef ask(thing, first, last):\n"
        "    return same(thing, first + last, 1)\n",
        "assert app.ask(app.Thing(), 'si', 'ze')",
    ),
    asked(
        "a computed item of __dict__",
        "\n\ndef ask(kind, first, last):\n    return kind.__dict__.get(first + last)\n",
        "assert app.ask(app.Thing, 'si', 'ze') == 1",
    ),
    told(
        "branch that only the collection takes of a function that the test enters",
        COLLECTED,
        {"app.py": ("[1, 2]", "[1, 3]")},
        "test_t[3]",
    ),
    told(
        "branch that only the start of the session takes of a function that the test enters",
        STARTED,
        {"app.py": ("[1]", "[2]")},
        "test_t",
    ),
]

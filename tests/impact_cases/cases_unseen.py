"""Annotations, docstrings, members of enumerations and parameters, and who looks at them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from impact_text import told

if TYPE_CHECKING:
    from impact_case import Case
    from impact_text import Edit

APP = """
--- app.py
import functools
import inspect
import typing
from dataclasses import dataclass
from typing import NamedTuple

LEVEL = 1


def pay(amount: int) -> int:
    return amount


def spare(x):
    return x


@dataclass
class Point:
    x: int = 1
    y: int = 2

    def move(self, by: int) -> int:
        return self.x + by


class Pair(NamedTuple):
    left: int = 1


class Service:
    name = 'service'

    def __init__(self, size: int = 0):
        self.size = size


def make(kind):
    wanted = inspect.signature(kind.__init__).parameters['size'].annotation
    return kind(wanted())


@functools.singledispatch
def show(value):
    return 'other'


@show.register
def _(value: int):
    return 'number'


def show_text(value: str):
    return 'text'


show.register(show_text)


class Meta(type):
    def __new__(meta, name, bases, namespace):
        made = super().__new__(meta, name, bases, namespace)
        made.fields = sorted(namespace.get('__annotations__', ()))
        return made


class Model(metaclass=Meta):
    one: int = 1
    two = 2


class Row:
    first: int = 1
    second = 2


def field_names(cls):
    return [name for name in vars(cls) if name == '__annotations__']


class Old:
    third = 3
"""


def app(name: str, tests: str, edit: tuple[str, str], *must: str, **more: Any) -> Case:
    body = f"{APP}--- test_a.py\nimport inspect\nimport typing\n\nimport app\n\n\n{tests}\n"
    return told(name, body, {"app.py": edit}, *must, **more)


# Of the same project, what reads no annotation on import.
QUIET = """
--- app.py
from dataclasses import dataclass


def pay(amount: int) -> int:
    return amount


@dataclass
class Point:
    x: int = 1
    y: int = 2

    def move(self, by: int) -> int:
        return self.x + by


class Row:
    first: int = 1
    second = 2
"""


def quiet(name: str, test: str, edit: tuple[str, str], most: int = 0) -> Case:
    body = f"{QUIET}--- test_a.py\nimport app\n\n\n{test}\n"
    return told(name, body, {"app.py": edit}, most=most)


PAY = ("amount: int", "amount: str")
ROW = ("first: int", "first: str")
UNSEEN = [
    *(
        told(
            f"annotation of a class that {where} makes a dataclass of",
            f"{QUIET}--- test_a.py\nimport dataclasses\n\nimport app\n\n\n{test}\n",
            {"app.py": ROW},
            "test_t",
        )
        for where, test in (
            (
                "a test",
                (
                    "def test_t():\n"
                    "    made = dataclasses.dataclass(app.Row)\n"
                    "    assert dataclasses.fields(made)[0].type is int"
                ),
            ),
            (
                "a module",
                (
                    "Made = dataclasses.dataclass(app.Row)\n\n\ndef test_t():\n"
                    "    assert dataclasses.fields(Made)[0].type is int"
                ),
            ),
            (
                "a call of what is called",
                (
                    "def test_t():\n"
                    "    made = dataclasses.dataclass(frozen=True)(app.Row)\n"
                    "    assert dataclasses.fields(made)[0].type is int"
                ),
            ),
            (
                "map",
                (
                    "def test_t():\n"
                    "    (made,) = map(dataclasses.dataclass, [app.Row])\n"
                    "    assert dataclasses.fields(made)[0].type is int"
                ),
            ),
        )
    ),
    app(
        "annotation that a class pattern asks for",
        "def test_t():\n"
        "    match app.pay:\n"
        "        case object(__annotations__=found):\n"
        "            assert found['amount'] is int",
        PAY,
        "test_t",
    ),
    app(
        "annotation that the signature of a mock shows",
        "from unittest import mock\n\n\n"
        "def test_t():\n"
        "    assert 'amount: int' in str(mock.create_autospec(app.pay).__signature__)",
        PAY,
        "test_t",
    ),
    told(
        "annotation of a test that a plugin reads",
        """
--- pytest.ini
[pytest]
addopts = -p case_plugin
--- test_a.py
def test_t(x: int = 1):
    assert test_t.kinds == ['int']


def test_other():
    assert True
""",
        {"test_a.py": ("x: int", "x: str")},
        "test_t",
        most=1,
        site={
            "case_plugin.py": "def pytest_pyfunc_call(pyfuncitem):\n"
            "    kinds = [one.__name__ for one in pyfuncitem.obj.__annotations__.values()]\n"
            "    pyfuncitem.obj.kinds = kinds\n"
        },
    ),
    told(
        "docstrings that servers and command lines show",
        """
--- app.py
import cmd


def f(x):
    '''One.'''
    return x


class Line(cmd.Cmd):
    def do_x(self, rest):
        '''One.'''
--- test_a.py
import io
from xmlrpc.server import SimpleXMLRPCDispatcher

import app


def test_server():
    server = SimpleXMLRPCDispatcher()
    server.register_function(app.f)
    assert server.system_methodHelp('f') == 'One.'


def test_line():
    out = io.StringIO()
    app.Line(stdout=out).onecmd('help x')
    assert out.getvalue() == 'One.\\n'


def test_f():
    assert app.f(1) == 1
""",
        {"app.py": ("One.", "Two.")},
        "test_server",
        "test_line",
        most=2,
    ),
    app(
        "annotation that type hints tell",
        "def test_t():\n    assert typing.get_type_hints(app.pay)['amount'] is int",
        PAY,
        "test_t",
    ),
    app(
        "annotation that a signature tells",
        "def test_t():\n    found = inspect.signature(app.pay)\n"
        "    assert found.parameters['amount'].annotation is int",
        PAY,
        "test_t",
    ),
    app(
        "annotation read by its attribute",
        "def test_t():\n    assert app.pay.__annotations__['amount'] is int",
        PAY,
        "test_t",
    ),
    app(
        "annotation read by a computed attribute",
        "def test_t():\n    assert getattr(app.pay, '__annot' + 'ations__')['amount'] is int",
        PAY,
        "test_t",
    ),
    quiet("annotation nobody reads", "def test_t():\n    assert app.pay(1) == 1", PAY, most=0),
    quiet(
        "annotation removed",
        "def test_t():\n    assert app.pay(1) == 1",
        ("amount: int) -> int", "amount)"),
        most=0,
    ),
    quiet(
        "annotation that does not exist",
        "def test_t():\n    assert app.pay(1) == 1",
        ("amount: int", "amount: LATER"),
        most=1,
    ),
    quiet(
        "annotation of a method of a dataclass",
        "def test_t():\n    assert app.Point().move(1) == 2",
        ("by: int", "by: float"),
        most=0,
    ),
    app(
        "field of a dataclass becomes a class variable",
        "def test_t():\n    assert app.Point(5, 6).y == 6",
        ("y: int = 2", "y: typing.ClassVar[int] = 2"),
        "test_t",
    ),
    app(
        "annotation of a named tuple",
        "def test_t():\n    assert app.Pair.__annotations__['left'] is int",
        ("left: int", "left: str"),
        "test_t",
    ),
    app(
        "annotation that makes objects",
        "def test_t():\n    assert app.make(app.Service).size == 0",
        ("size: int = 0", "size: str = 0"),
        "test_t",
    ),
    app(
        "annotation that a dispatcher reads",
        "def test_t():\n    assert app.show(1) == 'number'",
        ("value: int", "value: float"),
        "test_t",
    ),
    app(
        "annotation that a dispatcher reads of what it is given",
        "def test_t():\n    assert app.show('') == 'text'",
        ("value: str", "value: bytes"),
        "test_t",
    ),
    app(
        "annotation that a metaclass reads",
        "def test_t():\n    assert app.Model.fields == ['one']",
        ("two = 2", "two: int = 2"),
        "test_t",
    ),
    app(
        "first annotation of a class, read among its variables",
        "def test_t():\n    assert app.field_names(app.Old) == []",
        ("third = 3", "third: int = 3"),
        "test_t",
    ),
    quiet(
        "annotation of a class variable nobody reads",
        "def test_t():\n    assert app.Row().second == 2",
        ("second = 2", "second: int = 2"),
        most=0,
    ),
    app(
        "first annotation of a module",
        "def test_t():\n    assert not getattr(app, '__annotations__', None)",
        ("LEVEL = 1", "LEVEL: int = 1"),
        "test_t",
    ),
    told(
        "annotation of a fixture's user",
        "\n--- conftest.py\nimport pytest\n\n\n@pytest.fixture\ndef thing(request):\n"
        "    return request.function.__annotations__['thing']()\n--- test_a.py\n"
        "def test_t(thing: int):\n    assert thing == 0\n\n\ndef test_u():\n    pass\n",
        {"test_a.py": ("thing: int", "thing: str")},
        "test_t",
    ),
    told(
        "annotation that a hook of the session reads",
        "\n--- conftest.py\nimport inspect\n\nimport pytest\n\n\n"
        "def pytest_collection_modifyitems(items):\n    for item in items:\n"
        "        if inspect.signature(item.function).return_annotation is int:\n"
        "            item.add_marker(pytest.mark.skip(reason='so'))\n--- test_a.py\n"
        "def test_t() -> None:\n    assert True\n",
        {"test_a.py": ("-> None", "-> int")},
        "test_t",
    ),
    told(
        "annotation that a library reads",
        "\n--- app.py\ndef pay(amount: int):\n    return amount\n--- test_a.py\n"
        "from app import pay\nfrom filling import call\n\n\ndef test_t():\n    assert call(pay) == 0\n",
        {"app.py": ("int", "str")},
        "test_t",
        beside={
            "filling.py": "import inspect\n\n\ndef call(f):\n    found = inspect.signature(f).parameters\n"
            "    return f(*(one.annotation() for one in found.values()))\n"
        },
    ),
    app(
        "docstring read by its name in a string",
        "def test_t():\n    assert getattr(app.pay, '__doc__') is None",
        ("-> int:\n    return amount", "-> int:\n    'text'\n    return amount"),
        "test_t",
    ),
    told(
        "docstring of a property that is read",
        "\n--- app.py\nclass A:\n    @property\n    def x(self):\n        'one'\n        return 1\n"
        "--- test_a.py\nfrom app import A\n\n\ndef test_t():\n    assert A.x.__doc__ == 'one'\n",
        {"app.py": ("'one'", "'two'")},
        "test_t",
    ),
    told(
        "docstring of a property that nobody reads",
        "\n--- app.py\nclass A:\n    @property\n    def x(self):\n        'one'\n        return 1\n"
        "--- test_a.py\nfrom app import A\n\n\ndef test_t():\n    assert A().x == 1\n",
        {"app.py": ("'one'", "'two'")},
        most=0,
    ),
    told(
        "docstring of an exception that becomes its message",
        "\n--- app.py\nclass Bad(ValueError):\n    'one'\n\n    def __str__(self):\n"
        "        return type(self).__doc__\n--- test_a.py\nimport pytest\n\nfrom app import Bad\n\n\n"
        "def test_t():\n    with pytest.raises(Bad, match='one'):\n        raise Bad\n",
        {"app.py": ("'one'", "'two'")},
        "test_t",
    ),
    told(
        "docstring that a decorator keeps",
        "\n--- app.py\nHELP = {}\n\n\ndef command(f):\n    HELP[f.__name__] = f.__doc__\n    return f\n\n\n"
        "@command\ndef go():\n    'one'\n    return 1\n--- test_a.py\nimport app\n\n\n"
        "def test_t():\n    assert app.HELP['go'] == 'one'\n",
        {"app.py": ("'one'", "'two'")},
        "test_t",
    ),
    told(
        "docstring of an enumeration and of an exception nobody reads",
        "\n--- app.py\nfrom enum import Enum\n\n\nclass E(Enum):\n    'one'\n\n    A = 1\n\n\n"
        "class Bad(ValueError):\n    'one'\n--- test_a.py\nfrom app import Bad, E\n\n\n"
        "def test_t():\n    assert E.A.value == 1\n    assert Bad()\n",
        {
            "app.py": "from enum import Enum\n\n\nclass E(Enum):\n    'two'\n\n    A = 1\n\n\n"
            "class Bad(ValueError):\n    'two'\n"
        },
        most=0,
    ),
]

COLORS = """
--- app/__init__.py
--- app/colors.py
from enum import Enum, IntEnum


class Color(Enum):
    RED = 'red'
    BLUE = 'blue'

    @classmethod
    def names(cls):
        return [one.name for one in cls]

    def label(self):
        return self.value.title()

    def others(self):
        return [one for one in type(self) if one is not self]


class Size(IntEnum):
    S = 1
    M = 2


LABELS = {one: one.value.upper() for one in Color}
WARM = {Color.RED: True}


def parse(text):
    try:
        return Color(text)
    except ValueError:
        return None


def count(kind=Color):
    return len(kind)


def red():
    return Color.RED
--- app/alias.py
from app.colors import Color as Tint

KINDS = [Tint]


def tints():
    return [one.value for one in Tint]


def all_of(names):
    from app import colors

    return [list(getattr(colors, name)) for name in names]
--- test_a.py
import pytest

from app import alias, colors
from app.colors import Color, Size


def test_red():
    assert colors.red() is Color.RED


def test_warm():
    assert colors.WARM[Color.RED]


def test_label():
    assert Color.BLUE.label() == 'Blue'


def test_annotated():
    def inner(one: Color) -> Color:
        return one

    assert inner(Color.RED) is colors.Color.RED
"""
PLAIN_COLORS = 4


def color(name: str, test: str, *must: str, edit: Edit = None, **more: Any) -> Case:
    """The one test that is added to those that do not look at all colors."""
    edit = edit or ("BLUE = 'blue'\n", "BLUE = 'blue'\n    GREEN = 'green'\n")
    more = {"most": 1, **more}
    return told(name, f"{COLORS}\n\n{test}\n", {"app/colors.py": edit}, *must, **more)


UNSEEN += [
    color("member of an enumeration nobody looks for", ""),
    color("members counted", "def test_t():\n    assert len(Color) == 2", "test_t"),
    color(
        "members counted by a default", "def test_t():\n    assert colors.count() == 2", "test_t"
    ),
    color(
        "members in a table that is made on import",
        "def test_t():\n    assert len(colors.LABELS) == 2",
        "test_t",
    ),
    color(
        "member looked up by its value",
        "def test_t():\n    assert colors.parse('green') is None",
        "test_t",
    ),
    color(
        "member looked up by its name",
        "def test_t():\n    with pytest.raises(KeyError):\n        Color['GREEN']",
        "test_t",
    ),
    color(
        "member asked for by an attribute",
        "def test_t():\n    assert not hasattr(Color, 'GREEN')",
        "test_t",
    ),
    color(
        "members under another name",
        "def test_t():\n    assert alias.tints() == ['red', 'blue']",
        "test_t",
    ),
    color(
        "members by a table of enumerations",
        "def test_t():\n    assert [len(k) for k in alias.KINDS] == [2]",
        "test_t",
    ),
    color(
        "members by a computed name",
        "def test_t():\n    assert len(alias.all_of(['Color'])[0]) == 2",
        "test_t",
    ),
    color(
        "members by a class method of their own",
        "def test_t():\n    assert Color.names() == ['RED', 'BLUE']",
        "test_t",
    ),
    color(
        "members by a class method of a member",
        "def test_t():\n    assert colors.red().names() == ['RED', 'BLUE']",
        "test_t",
    ),
    color(
        "members by the type of one",
        "def test_t():\n    assert colors.red().others() == [Color.BLUE]",
        "test_t",
    ),
    color(
        "members by the class of one",
        "def test_t():\n    assert len(colors.red().__class__) == 2",
        "test_t",
    ),
    color(
        "members that a test is parametrized with",
        "@pytest.mark.parametrize('one', list(Color))\ndef test_t(one):\n"
        "    assert one is not None and one.value in ('red', 'blue')",
        "test_t[Color.GREEN]",
        most=3,
    ),
    color(
        "members that a library finds by one of them",
        "def test_t():\n    from listing import beside\n\n    assert len(beside(Color.RED)) == 2",
        "test_t",
        beside={"listing.py": "def beside(x):\n    return list(type(x))\n"},
        most=None,
    ),
    color(
        "member of another enumeration, summed",
        "def test_t():\n    assert sum(Size) == 3",
        "test_t",
        edit=("M = 2\n", "M = 2\n    L = 3\n"),
    ),
    color(
        "member with an impossible value",
        "def test_t():\n    assert Size.S < Size.M",
        edit=("M = 2\n", "M = 2\n    L = 'x'\n"),
        most=None,
    ),
    color(
        "member that is another name of one",
        "def test_t():\n    assert Color.BLUE.name == 'BLUE'",
        edit=("BLUE = 'blue'\n", "BLUE = 'blue'\n    AZURE = 'blue'\n"),
        most=1,
    ),
    color(
        "member before another one of the same value",
        "def test_t():\n    assert Color.BLUE.name == 'BLUE'",
        "test_t",
        edit=("    RED = 'red'\n", "    AZURE = 'blue'\n    RED = 'red'\n"),
        most=None,
    ),
]


def values(name: str, before: str, after: str, *must: str, conftest: str = "", **more: Any) -> Case:
    """A test whose decorators change; the first lines are those of test_a.py."""
    text = f"\n--- conftest.py\n{conftest}\n--- test_a.py\nimport pytest\n\n\n{before}\n"
    old, new = before.split("\ndef ", maxsplit=1)[0], after
    return told(name, text, {"test_a.py": (old, new)}, *must, **more)


def listed(items: str, body: str = "assert x != 3", more: str = "") -> str:
    return f"@pytest.mark.parametrize('x', [{items}]{more})\ndef test_p(x):\n    {body}"


def decorator(items: str, more: str = "") -> str:
    return f"@pytest.mark.parametrize('x', [{items}]{more})"


INDEX = "import pytest\n\n\n@pytest.fixture\ndef x(request):\n    return request.param_index"
UNSEEN += [
    values("parameter added", listed("1, 2"), decorator("1, 2, 3"), "test_p[3]", most=1),
    values("parameter added in front", listed("1, 2"), decorator("3, 1, 2"), "test_p[3]", most=1),
    values("parameter removed", listed("1, 2"), decorator("1"), most=1),
    values(
        "parameters whose ids shift",
        listed("[1], [2]", "assert x != [3]"),
        decorator("[3], [1], [2]"),
        "test_p[x0]",
        most=3,
    ),
    values(
        "parameter of the same id",
        listed("pytest.param(1, id='a'), pytest.param(2, id='b')"),
        decorator("pytest.param(1, id='a'), pytest.param(3, id='b')"),
        "test_p[b]",
        most=1,
    ),
    values(
        "parameter that is there twice",
        listed("'a', 'b'", "assert True"),
        decorator("'a', 'b', 'a'"),
        "test_p[a0]",
        "test_p[a1]",
        most=3,
    ),
    values(
        "parameters with ids of their own",
        listed("1, 2", more=", ids=['a', 'b']"),
        decorator("3, 1", ", ids=['a', 'b']"),
        "test_p[a]",
        most=2,
    ),
    values(
        "mark of a parameter",
        listed("1, 2"),
        decorator("1, pytest.param(2, marks=pytest.mark.skip(reason='so'))"),
        "test_p[2]",
        most=1,
    ),
    values(
        "parameter added beside other parameters",
        "@pytest.mark.parametrize('y', ['a'])\n" + listed("1, 2").replace("(x)", "(x, y)"),
        "@pytest.mark.parametrize('y', ['a'])\n" + decorator("1, 2, 3"),
        "test_p[3-a]",
        most=3,
    ),
    values(
        "parameters counted by a mark",
        listed("1, 2", "pass")
        .replace("(x)", "(x, request)")
        .replace("pass", "assert len(request.node.get_closest_marker('parametrize').args[1]) == 2"),
        decorator("1, 2, 3"),
        "test_p[1]",
        "test_p[2]",
        "test_p[3]",
    ),
    values(
        "parameters counted by the test next to it",
        listed("1, 2", "pass") + "\n\n\ndef test_n():\n"
        "    assert len(test_p.pytestmark[0].args[1]) == 2",
        decorator("1, 2, 3"),
        "test_n",
        "test_p[3]",
    ),
    values(
        "ids that a hook makes",
        listed("1, 2", "assert x != 0"),
        decorator("1, 0"),
        "test_p[id1]",
        conftest="def pytest_make_parametrize_id(val):\n"
        "    return f'id{1 if val in (1, 0) else 2}' if val != 1 else 'one'",
    ),
    values(
        "parameter that a fixture takes by its place",
        listed("1, 2", "assert x == 0 or request.param == 2", ", indirect=True"),
        decorator("0, 1, 2", ", indirect=True"),
        conftest=INDEX,
    ),
]

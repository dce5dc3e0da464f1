"""Changes of code that runs when modules are imported."""

from impact_case import Case


def flat(name: str, app: str, after: str, body: str, most: int | None = 1, **more: str) -> Case:
    """A case of a module `app`, a `test_ok` with the given body, and an unrelated test."""
    test = f"import app\nfrom app import *\n\n\ndef test_ok():\n    {body}\n"
    base = {"app.py": app, "test_app.py": test, "test_other.py": "def test_t():\n    assert 1\n"}
    return Case(name, {**base, **more}, {"app.py": after}, ("test_app.py::test_ok",), most=most)


IMPORTS = [
    Case(
        "constant in a module with no functions (from-import)",
        {
            "consts.py": "A = 1\nB = 2\n",
            "test_app.py": "from consts import A, B\n\n\ndef test_ok():\n    assert A == 1\n\n\n"
            "def test_b():\n    assert B == 2\n",
        },
        {"consts.py": "A = 5\nB = 2\n"},
        ("test_app.py::test_ok",),
        most=1,
    ),
    Case(
        "constant in a module with no functions (attribute access)",
        {
            "consts.py": "A = 1\nB = 2\n",
            "test_app.py": "import consts\n\n\ndef test_ok():\n    assert consts.A == 1\n\n\n"
            "def test_b():\n    assert consts.B == 2\n",
        },
        {"consts.py": "A = 5\nB = 2\n"},
        ("test_app.py::test_ok",),
        most=1,
    ),
    Case(
        "constant beside the function that uses it",
        {
            "app.py": "RATE = 2\n\n\ndef f(x):\n    return x * RATE\n\n\ndef g():\n    return 1\n",
            "test_app.py": "import app\n\n\ndef test_ok():\n    assert app.f(1) == 2\n\n\n"
            "def test_g():\n    assert app.g() == 1\n",
        },
        {"app.py": "RATE = 3\n\n\ndef f(x):\n    return x * RATE\n\n\ndef g():\n    return 1\n"},
        ("test_app.py::test_ok",),
        most=1,
    ),
    Case(
        "package __init__ re-exports another implementation",
        {
            "app/__init__.py": "from app.one import go\n",
            "app/one.py": "def go():\n    return 1\n",
            "app/two.py": "def go():\n    return 2\n",
            "test_app.py": "import app\n\n\ndef test_go():\n    assert app.go() == 1\n\n\n"
            "def test_t():\n    assert True\n",
        },
        {"app/__init__.py": "from app.two import go\n"},
        ("test_app.py::test_go",),
        most=1,
    ),
    Case(
        "default in a dataclass-only module",
        {
            "conf.py": "from dataclasses import dataclass\n\n\n@dataclass\nclass Cfg:\n    n: int = 1\n",
            "test_app.py": "from conf import Cfg\n\n\ndef test_cfg():\n    assert Cfg().n == 1\n\n\n"
            "def test_t():\n    assert True\n",
        },
        {
            "conf.py": "from dataclasses import dataclass\n\n\n@dataclass\nclass Cfg:\n    n: int = 2\n",
        },
        ("test_app.py::test_cfg",),
        most=1,
    ),
    Case(
        "value in an enum-only module",
        {
            "kinds.py": "import enum\n\n\nclass Kind(enum.Enum):\n    A = 'a'\n    B = 'b'\n",
            "app.py": "from kinds import Kind\n\n\ndef parse(s):\n    return Kind(s).name\n",
            "test_app.py": "from app import parse\n\n\ndef test_parse():\n"
            "    assert parse('a') == 'A'\n\n\ndef test_t():\n    assert True\n",
        },
        {"kinds.py": "import enum\n\n\nclass Kind(enum.Enum):\n    A = 'x'\n    B = 'b'\n"},
        ("test_app.py::test_parse",),
        most=1,
    ),
    Case(
        "class attribute of a base class in another file",
        {
            "base.py": "class Base:\n    size = 1\n",
            "app.py": "from base import Base\n\n\nclass Sub(Base):\n    def get(self):\n"
            "        return self.size\n",
            "test_app.py": "from app import Sub\n\n\ndef test_get():\n    assert Sub().get() == 1\n\n\n"
            "def test_t():\n    assert True\n",
        },
        {"base.py": "class Base:\n    size = 2\n"},
        ("test_app.py::test_get",),
        most=1,
    ),
    Case(
        "base of an exception class in an errors module",
        {
            "errors.py": "class Bad(ValueError):\n    pass\n",
            "app.py": "from errors import Bad\n\n\ndef go():\n    raise Bad\n",
            "test_app.py": "import pytest\nfrom app import go\n\n\ndef test_bad():\n"
            "    with pytest.raises(ValueError):\n        go()\n\n\ndef test_t():\n    assert True\n",
        },
        {"errors.py": "class Bad(TypeError):\n    pass\n"},
        ("test_app.py::test_bad",),
        most=1,
    ),
    Case(
        "body of a decorator that only runs at import",
        {
            "deco.py": "def tag(f):\n    f.tag = 1\n    return f\n",
            "app.py": "from deco import tag\n\n\n@tag\ndef f():\n    return 1\n",
            "test_app.py": "from app import f\n\n\ndef test_tag():\n    assert f.tag == 1\n\n\n"
            "def test_t():\n    assert True\n",
        },
        {"deco.py": "def tag(f):\n    f.tag = 2\n    return f\n"},
        ("test_app.py::test_tag",),
        most=1,
    ),
    flat(
        "function called for a constant",
        "def make():\n    return 1\n\n\nX = make()\n",
        "def make():\n    return 2\n\n\nX = make()\n",
        "assert X == 1",
    ),
    flat(
        "constant used by a function that is called for another constant",
        "N = 1\n\n\ndef make():\n    return N + 1\n\n\nX = make()\n",
        "N = 3\n\n\ndef make():\n    return N + 1\n\n\nX = make()\n",
        "assert app.X == 2",
    ),
    flat(
        "registration added",
        "REG = {}\n\n\ndef reg(f):\n    REG[f.__name__] = f\n    return f\n\n\n"
        "@reg\ndef a():\n    return 1\n\n\ndef names():\n    return sorted(REG)\n",
        "REG = {}\n\n\ndef reg(f):\n    REG[f.__name__] = f\n    return f\n\n\n"
        "@reg\ndef a():\n    return 1\n\n\n@reg\ndef b():\n    return 1\n\n\n"
        "def names():\n    return sorted(REG)\n",
        "assert names() == ['a']",
    ),
    Case(
        "registration added in a plug-in module, through the registry of another",
        {
            "reg.py": "REG = {}\n\n\ndef register(name, f):\n    REG[name] = f\n\n\n"
            "def names():\n    return sorted(REG)\n",
            "plug.py": "from reg import register\n\nregister('a', len)\n",
            "app.py": "import plug\nfrom reg import names\n",
            "test_app.py": "from app import names\n\n\ndef test_ok():\n    assert names() == ['a']\n",
            "test_t.py": "def test_t():\n    assert True\n",
        },
        {"plug.py": "from reg import register\n\nregister('a', len)\nregister('b', len)\n"},
        ("test_app.py::test_ok",),
        most=1,
    ),
    Case(
        "subclass added below a base with __init_subclass__",
        {
            "base.py": "KNOWN = []\n\n\nclass Base:\n    def __init_subclass__(cls):\n"
            "        KNOWN.append(cls.__name__)\n",
            "app.py": "from base import Base\n\n\nclass A(Base):\n    pass\n",
            "test_app.py": "import app\nfrom base import KNOWN\n\n\ndef test_ok():\n"
            "    assert KNOWN == ['A']\n",
        },
        {
            "app.py": "from base import Base\n\n\nclass A(Base):\n    pass\n\n\nclass B(Base):\n    pass\n"
        },
        ("test_app.py::test_ok",),
    ),
    Case(
        "subclass added, found by __subclasses__",
        {
            "app.py": "class Base:\n    pass\n\n\nclass A(Base):\n    pass\n\n\n"
            "def count():\n    return len(Base.__subclasses__())\n",
            "test_app.py": "from app import count\n\n\ndef test_ok():\n    assert count() == 1\n",
        },
        {
            "app.py": "class Base:\n    pass\n\n\nclass A(Base):\n    pass\n\n\n"
            "class B(Base):\n    pass\n\n\ndef count():\n    return len(Base.__subclasses__())\n",
        },
        ("test_app.py::test_ok",),
    ),
    flat(
        "metaclass body",
        "class Meta(type):\n    def __new__(m, n, b, d):\n        d['x'] = 1\n"
        "        return super().__new__(m, n, b, d)\n\n\nclass C(metaclass=Meta):\n    pass\n",
        "class Meta(type):\n    def __new__(m, n, b, d):\n        d['x'] = 2\n"
        "        return super().__new__(m, n, b, d)\n\n\nclass C(metaclass=Meta):\n    pass\n",
        "assert C.x == 1",
    ),
    flat(
        "alias of a constant",
        "A = 1\nB = A\nC = [B]\n",
        "A = 2\nB = A\nC = [B]\n",
        "assert C == [1]",
    ),
    flat(
        "__all__ loses a name",
        "__all__ = ['a', 'b']\na = 1\nb = 2\n",
        "__all__ = ['a']\na = 1\nb = 2\n",
        "assert 'b' in globals()",
        most=None,
    ),
    flat(
        "name added that a star import brings over a builtin",
        "a = 1\n",
        "a = 1\n\n\ndef len(x):\n    return 7\n",
        "assert len([]) == 0",
    ),
    flat(
        "module-level if takes another branch",
        "import sys\n\nif sys.version_info > (3,):\n    X = 1\nelse:\n    X = 2\n",
        "import sys\n\nif sys.version_info < (3,):\n    X = 1\nelse:\n    X = 2\n",
        "assert X == 1",
    ),
    flat(
        "constant changed in place below",
        "D = {'a': 1}\nD['b'] = 2\n",
        "D = {'a': 1}\nD['b'] = 3\n",
        "assert D['b'] == 2",
    ),
    flat(
        "deletion of a name",
        "x = 1\ny = 2\n",
        "x = 1\ny = 2\ndel y\n",
        "assert hasattr(app, 'y')",
    ),
    flat(
        "class attribute set after the class",
        "class C:\n    pass\n\n\nC.x = 1\n",
        "class C:\n    pass\n\n\nC.x = 2\n",
        "assert C().x == 1",
    ),
    flat(
        "class decorator adds a method",
        "def d(c):\n    c.m = lambda self: 1\n    return c\n\n\n@d\nclass C:\n    pass\n",
        "def d(c):\n    c.m = lambda self: 2\n    return c\n\n\n@d\nclass C:\n    pass\n",
        "assert C().m() == 1",
    ),
    flat(
        "lambda at module level",
        "f = lambda: 1\n",
        "f = lambda: 2\n",
        "assert f() == 1",
    ),
    flat(
        "default taken from a constant",
        "N = 1\n\n\ndef f(x=N):\n    return x\n",
        "N = 2\n\n\ndef f(x=N):\n    return x\n",
        "assert f() == 1",
    ),
    flat(
        "slots",
        "class C:\n    __slots__ = ('a', 'b')\n",
        "class C:\n    __slots__ = ('a',)\n",
        "C().b = 1",
    ),
    flat(
        "named tuple gains a field",
        "from typing import NamedTuple\n\n\nclass P(NamedTuple):\n    x: int = 0\n",
        "from typing import NamedTuple\n\n\nclass P(NamedTuple):\n    x: int = 0\n    y: int = 0\n",
        "assert len(P()) == 1",
    ),
    flat(
        "annotation that a dataclass reads",
        "from dataclasses import dataclass, fields\n\n\n@dataclass\nclass C:\n    x: int = 0\n",
        "from dataclasses import dataclass, fields\nfrom typing import ClassVar\n\n\n@dataclass\n"
        "class C:\n    x: ClassVar[int] = 0\n",
        "assert len(app.fields(C)) == 1",
    ),
    flat(
        "annotation that get_type_hints reads",
        "import typing\n\n\ndef f(x: int):\n    pass\n\n\ndef hint():\n"
        "    return typing.get_type_hints(f)['x']\n",
        "import typing\n\n\ndef f(x: str):\n    pass\n\n\ndef hint():\n"
        "    return typing.get_type_hints(f)['x']\n",
        "assert hint() is int",
    ),
    flat(
        "module __getattr__ added",
        "x = 1\n",
        "x = 1\n\n\ndef __getattr__(name):\n    if name == 'nothing':\n"
        "        return 5\n    raise AttributeError(name)\n",
        "assert not hasattr(app, 'nothing')",
    ),
    Case(
        "import order: module that patches another",
        {
            "core.py": "VALUE = 1\n",
            "patch.py": "import core\n\ncore.VALUE = 2\n",
            "app.py": "import patch\n",
            "test_app.py": "import app\nimport core\n\n\ndef test_ok():\n    assert core.VALUE == 2\n",
        },
        {"app.py": "x = 1\n"},
        ("test_app.py::test_ok",),
    ),
    Case(
        "environment set by a module",
        {
            "setup_env.py": "import os\n\nos.environ['APP_MODE'] = 'a'\n",
            "test_app.py": "import os\nimport setup_env\n\n\ndef test_ok():\n"
            "    assert os.environ['APP_MODE'] == 'a'\n",
        },
        {"setup_env.py": "import os\n\nos.environ['APP_MODE'] = 'b'\n"},
        ("test_app.py::test_ok",),
    ),
    Case(
        "module that replaces a part of the standard library",
        {
            "quiet.py": "x = 1\n",
            "test_app.py": "import textwrap\nimport quiet\n\n\ndef test_ok():\n"
            "    assert textwrap.dedent(' a') == 'a'\n",
        },
        {"quiet.py": "import textwrap\n\ntextwrap.dedent = str\nx = 1\n"},
        ("test_app.py::test_ok",),
    ),
    Case(
        "abstract method added to a base",
        {
            "base.py": "import abc\n\n\nclass Base(abc.ABC):\n    x = 1\n",
            "app.py": "from base import Base\n\n\nclass C(Base):\n    pass\n\n\ndef make():\n    return C()\n",
            "test_app.py": "from app import make\n\n\ndef test_ok():\n    assert make()\n",
        },
        {
            "base.py": "import abc\n\n\nclass Base(abc.ABC):\n    x = 1\n\n    @abc.abstractmethod\n"
            "    def m(self):\n        pass\n",
        },
        ("test_app.py::test_ok",),
    ),
    Case(
        "constant read through a module that is passed along",
        {
            "plug.py": "VALUE = 1\n",
            "core.py": "def run(module):\n    return module.VALUE\n",
            "app.py": "import core\nimport plug\n\n\ndef go():\n    return core.run(plug)\n",
            "test_app.py": "from app import go\n\n\ndef test_ok():\n    assert go() == 1\n",
        },
        {"plug.py": "VALUE = 2\n"},
        ("test_app.py::test_ok",),
    ),
]

"""Changes of ordinary code, and changes that are finer than lines."""

from impact_case import Case

A = "tests/test_a.py::"
B = "tests/test_b.py::"
TWO = {
    "app/__init__.py": "",
    "app/core.py": "def f(x):\n    return x + 1\n\n\ndef g(x):\n    return x * 2\n",
    "tests/test_a.py": "from app.core import f\n\n\ndef test_one():\n    assert f(1) == 2\n",
    "tests/test_b.py": "from app import core\n\n\ndef test_two():\n    assert core.f(2) == 3\n\n\n"
    "def test_g():\n    assert core.g(2) == 4\n",
}
PLAIN = [
    Case(
        "function called by two tests in two files",
        TWO,
        {"app/core.py": TWO["app/core.py"].replace("x + 1", "x + 2")},
        (A + "test_one", B + "test_two"),
        most=2,
    ),
    Case(
        "function called through another one",
        {
            **TWO,
            "app/more.py": "from app.core import f\n\n\ndef h(x):\n    return f(x)\n",
            "tests/test_c.py": "from app.more import h\n\n\ndef test_h():\n    assert h(1) == 2\n",
        },
        {"app/core.py": TWO["app/core.py"].replace("x + 1", "x - 1")},
        (A + "test_one", B + "test_two", "tests/test_c.py::test_h"),
        most=3,
    ),
    Case(
        "subclass gains a method it used to inherit",
        {
            "app.py": "class Base:\n    def hi(self):\n        return 'base'\n\n\n"
            "class Sub(Base):\n    x = 1\n",
            "test_app.py": "from app import Base, Sub\n\n\ndef test_hi():\n"
            "    assert Sub().hi() == 'base'\n\n\ndef test_x():\n    assert Sub.x == 1\n",
        },
        {
            "app.py": "class Base:\n    def hi(self):\n        return 'base'\n\n\n"
            "class Sub(Base):\n    x = 1\n\n    def hi(self):\n        return 'sub'\n",
        },
        ("test_app.py::test_hi",),
        most=1,
    ),
    Case(
        "method that overrode is removed",
        {
            "app.py": "class Base:\n    def hi(self):\n        return 'base'\n\n\n"
            "class Sub(Base):\n    def hi(self):\n        return 'sub'\n",
            "test_app.py": "from app import Sub\n\n\ndef test_hi():\n"
            "    assert Sub().hi() == 'sub'\n\n\ndef test_t():\n    assert True\n",
        },
        {
            "app.py": "class Base:\n    def hi(self):\n        return 'base'\n\n\n"
            "class Sub(Base):\n    pass\n",
        },
        ("test_app.py::test_hi",),
        most=1,
    ),
    Case(
        "a new failing test file",
        TWO,
        {"tests/test_new.py": "def test_new():\n    assert False\n"},
        ("tests/test_new.py::test_new",),
        most=1,
    ),
    Case(
        "the test's own body",
        TWO,
        {"tests/test_a.py": TWO["tests/test_a.py"].replace("== 2", "== 3")},
        (A + "test_one",),
        most=1,
    ),
    Case(
        "test file moved under another conftest",
        {
            "a/conftest.py": "import pytest\n\n\n@pytest.fixture\ndef v():\n    return 1\n",
            "b/conftest.py": "import pytest\n\n\n@pytest.fixture\ndef v():\n    return 2\n",
            "a/test_m.py": "def test_m(v):\n    assert v == 1\n",
            "a/test_n.py": "def test_n(v):\n    assert v == 1\n",
        },
        {"a/test_m.py": None, "b/test_m.py": "def test_m(v):\n    assert v == 1\n"},
        ("b/test_m.py::test_m",),
        most=1,
    ),
    Case(
        "method of a class that a factory makes",
        {
            "app.py": "class Thing:\n    def value(self):\n        return 1\n\n\n"
            "def make():\n    return Thing()\n",
            "test_app.py": "import app\n\n\ndef test_v():\n    assert app.make().value() == 1\n\n\n"
            "def test_make():\n    assert app.make()\n",
        },
        {
            "app.py": "class Thing:\n    def value(self):\n        return 2\n\n\n"
            "def make():\n    return Thing()\n",
        },
        ("test_app.py::test_v",),
        most=1,
    ),
    Case(
        "special method added to a class",
        {
            "app.py": "class P:\n    def __init__(self, x):\n        self.x = x\n\n\n"
            "def two():\n    return P(1), P(1)\n",
            "test_app.py": "from app import two\n\n\ndef test_eq():\n    a, b = two()\n"
            "    assert a != b\n\n\ndef test_t():\n    assert True\n",
        },
        {
            "app.py": "class P:\n    def __init__(self, x):\n        self.x = x\n\n"
            "    def __eq__(self, other):\n        return self.x == other.x\n\n\n"
            "def two():\n    return P(1), P(1)\n",
        },
        ("test_app.py::test_eq",),
        most=1,
    ),
    Case(
        "property turned into a method",
        {
            "app.py": "class P:\n    @property\n    def x(self):\n        return 1\n",
            "test_app.py": "from app import P\n\n\ndef test_x():\n    assert P().x == 1\n",
        },
        {"app.py": "class P:\n    def x(self):\n        return 1\n"},
        ("test_app.py::test_x",),
    ),
    Case(
        "two functions of the same name, the later removed",
        {
            "app.py": "def f():\n    return 1\n\n\ndef f():\n    return 2\n",
            "test_app.py": "from app import f\n\n\ndef test_f():\n    assert f() == 2\n",
        },
        {"app.py": "def f():\n    return 1\n"},
        ("test_app.py::test_f",),
    ),
    Case(
        "nested function's body",
        {
            "app.py": "def outer():\n    def inner():\n        return 1\n\n    return inner\n",
            "test_app.py": "from app import outer\n\n\ndef test_in():\n    assert outer()() == 1\n"
            "\n\ndef test_out():\n    assert outer()\n",
        },
        {"app.py": "def outer():\n    def inner():\n        return 2\n\n    return inner\n"},
        ("test_app.py::test_in",),
        most=1,
    ),
    Case(
        "generator and coroutine bodies",
        {
            "app.py": "def gen():\n    yield 1\n\n\nasync def co():\n    return 1\n",
            "test_app.py": "import asyncio\nfrom app import co, gen\n\n\ndef test_gen():\n"
            "    assert list(gen()) == [1]\n\n\ndef test_co():\n    assert asyncio.run(co()) == 1\n",
        },
        {"app.py": "def gen():\n    yield 2\n\n\nasync def co():\n    return 2\n"},
        ("test_app.py::test_gen", "test_app.py::test_co"),
    ),
    Case(
        "class-level test method changed",
        {
            "test_app.py": "class TestIt:\n    def helper(self):\n        return 1\n\n"
            "    def test_a(self):\n        assert self.helper() == 1\n\n"
            "    def test_b(self):\n        assert True\n",
        },
        {
            "test_app.py": "class TestIt:\n    def helper(self):\n        return 2\n\n"
            "    def test_a(self):\n        assert self.helper() == 1\n\n"
            "    def test_b(self):\n        assert True\n",
        },
        ("test_app.py::TestIt::test_a",),
        most=1,
    ),
]


def fine(name: str, before: str, after: str, test: str = "", most: int = 1) -> Case:
    """A case of one function `f` in `app.py`, called by `test_f`."""
    body = test or "    assert f(1) == 2\n"
    tests = f"from app import *\n\n\ndef test_f():\n{body}\n\ndef test_t():\n    assert True\n"
    return Case(
        name, {"app.py": before, "test_app.py": tests}, {"app.py": after},
        ("test_app.py::test_f",), most=most,
    )  # fmt: skip


FINE = [
    fine(
        "yield added in a branch no test runs makes the function a generator",
        "def f(x):\n    if x > 5:\n        return 0\n    return x + 1\n",
        "def f(x):\n    if x > 5:\n        yield 0\n    return x + 1\n",
    ),
    fine(
        "statement inserted before the first statement of a body",
        "def f(x):\n    return x + 1\n",
        "def f(x):\n    x = 5\n    return x + 1\n",
    ),
    fine(
        "else branch added after an if the test does not enter",
        "def f(x):\n    y = 2\n    if x > 5:\n        y = 0\n    return y\n",
        "def f(x):\n    y = 2\n    if x > 5:\n        y = 0\n    else:\n        y = 3\n    return y\n",
    ),
    fine(
        "except clause narrowed; the handler's body is unchanged",
        "def f(x):\n    try:\n        return {}[x]\n    except LookupError:\n        return 2\n",
        "def f(x):\n    try:\n        return {}[x]\n    except IndexError:\n        return 2\n",
    ),
    fine(
        "assignment in a branch no test runs makes a global name local",
        "N = 1\n\n\ndef f(x):\n    if x > 5:\n        return 0\n    return x + N\n",
        "N = 1\n\n\ndef f(x):\n    if x > 5:\n        N = 0\n        return N\n    return x + N\n",
    ),
    fine(
        "condition of an if whose body is unchanged",
        "def f(x):\n    if x > 5:\n        return 0\n    return x + 1\n",
        "def f(x):\n    if x > 0:\n        return 0\n    return x + 1\n",
    ),
    fine(
        "statement moved out of a branch",
        "def f(x):\n    y = 2\n    if x > 5:\n        y = 7\n        y = 3\n    return y\n",
        "def f(x):\n    y = 2\n    if x > 5:\n        y = 7\n    y = 3\n    return y\n",
    ),
    fine(
        "finally added",
        "def f(x):\n    try:\n        return x + 1\n    except ValueError:\n        return 0\n",
        "def f(x):\n    try:\n        return x + 1\n    except ValueError:\n        return 0\n"
        "    finally:\n        return 7\n",
    ),
    fine(
        "return at the end removed",
        "def f(x):\n    y = x + 1\n    return y\n",
        "def f(x):\n    y = x + 1\n",
    ),
    fine(
        "for-else reached although the loop never runs",
        "def f(x):\n    for _ in ():\n        return 0\n    return x + 1\n",
        "def f(x):\n    for _ in ():\n        return 0\n    else:\n        return 9\n    return x + 1\n",
    ),
    fine(
        "default of a parameter",
        "def f(x, y=1):\n    return x + y\n",
        "def f(x, y=2):\n    return x + y\n",
    ),
    fine(
        "decorator added to a function",
        "def twice(g):\n    return lambda x: 2 * g(x)\n\n\ndef f(x):\n    return x + 1\n",
        "def twice(g):\n    return lambda x: 2 * g(x)\n\n\n@twice\ndef f(x):\n    return x + 1\n",
    ),
    fine(
        "nonlocal declared",
        "def f(x):\n    y = 2\n\n    def g():\n        y = 3\n        return y\n\n    g()\n    return y\n",
        "def f(x):\n    y = 2\n\n    def g():\n        nonlocal y\n        y = 3\n        return y\n\n"
        "    g()\n    return y\n",
    ),
    fine(
        "statement after a with block that swallows",
        "import contextlib\n\n\ndef f(x):\n    with contextlib.suppress(ZeroDivisionError):\n"
        "        1 / 0\n        return 0\n    return 2\n",
        "import contextlib\n\n\ndef f(x):\n    with contextlib.suppress(ValueError):\n"
        "        1 / 0\n        return 0\n    return 2\n",
    ),
    fine(
        "order of two statements",
        "def f(x):\n    y = 5\n    y = 2\n    return y\n",
        "def f(x):\n    y = 2\n    y = 5\n    return y\n",
    ),
]

"""How marks and skips come to a test by helpers, variables, bases and other modules."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import pytest
from staged import expected, hollows, places, skips, staged

if TYPE_CHECKING:
    from collections.abc import Mapping

PATH = "tests/test_shop.py"
HEAD = """\
import contextlib
import functools
import os
import sys
import time
import unittest
from unittest import mock

import pytest

from shop.cart import Cart
from shop.client import HAVE_NETWORK, Client

"""


class Form(NamedTuple):
    """A new test module without its head, and what the tests have already."""

    text: str
    files: Mapping[str, str] = MappingProxyType({})


FORMS = {
    "decorator: sets pytestmark": Form("""\
def parked(cls):
    cls.pytestmark = pytest.mark.skip
    return cls

@parked  #!
class TestCart:
    def test_total(self):
        assert Cart().total() == 0
"""),
    "decorator: sets pytestmark list reason": Form("""\
def parked(cls):
    cls.pytestmark = [pytest.mark.skip(reason="the ledger is away")]
    return cls

@parked
class TestCart:
    def test_total(self):
        assert Cart().total() == 0
"""),
    "decorator: sets pytestmark factory": Form("""\
def parked(why=""):
    def deco(cls):
        cls.pytestmark = pytest.mark.skip(reason=why)
        return cls
    return deco

@parked()  #!
class TestCart:
    def test_total(self):
        assert Cart().total() == 0

@parked("the ledger is away")
class TestOther:
    def test_total(self):
        assert Cart().total() == 0
"""),
    "decorator: called with class": Form("""\
class TestCart:
    def test_total(self):
        assert Cart().total() == 0

def park(cls):
    cls.pytestmark = [pytest.mark.skip]

park(TestCart)  #!
"""),
    "decorator: called with class setattr": Form("""\
class TestCart:
    def test_total(self):
        assert Cart().total() == 0

def park(cls, why):
    setattr(cls, "pytestmark", pytest.mark.skip(reason=why))

park(TestCart, " ")  #!
"""),
    "decorator: called with class ok": Form("""\
class TestCart:
    def test_total(self):
        assert Cart().total() == 0

def park(cls, why):
    setattr(cls, "pytestmark", pytest.mark.skip(reason=why))

park(TestCart, "needs the ledger")
"""),
    "decorator: sets other mark": Form("""\
def slow(cls):
    cls.pytestmark = pytest.mark.slow
    return cls

@slow
class TestCart:
    def test_total(self):
        assert Cart().total() == 0
"""),
    "decorator: sets on function": Form("""\
def parked(fn):
    fn.pytestmark = [pytest.mark.skip()]
    return fn

@parked  #!
def test_total():
    assert Cart().total() == 0
"""),
    "decorator: sets other module": Form(
        """\
from tests.marks import parked

@parked  #!
class TestCart:
    def test_total(self):
        assert Cart().total() == 0
""",
        {
            "tests/__init__.py": "",
            "tests/marks.py": """\
import pytest

def parked(cls):
    cls.pytestmark = pytest.mark.skip
    return cls
""",
        },
    ),
    "decorator: sets unittest skip": Form("""\
def parked(cls):
    cls.__unittest_skip__ = True
    cls.__unittest_skip_why__ = ""
    return cls

@parked  #!
class CartTest(unittest.TestCase):
    def test_total(self):
        self.assertEqual(Cart().total(), 0)
"""),
    "decorator: callable object": Form("""\
class Parked:
    def __call__(self, fn):
        return pytest.mark.skip(fn)

parked = Parked()

@parked  #!
def test_total():
    assert Cart().total() == 0
"""),
    "decorator: static method": Form("""\
class Marks:
    @staticmethod
    def parked(why=""):
        return pytest.mark.skip(reason=why)

@Marks.parked()  #!
def test_total():
    assert Cart().total() == 0

@Marks.parked("needs the ledger")
def test_items():
    assert Cart().items == []
"""),
    "decorator: class method": Form("""\
class Marks:
    @classmethod
    def parked(cls, why=""):
        return pytest.mark.skip(reason=why)

@Marks.parked()  #!
def test_total():
    assert Cart().total() == 0

@Marks.parked("needs the ledger")
def test_items():
    assert Cart().items == []
"""),
    "decorator: star forward": Form("""\
def parked(*args, **kwargs):
    return pytest.mark.skip(*args, **kwargs)

@parked()  #!
def test_total():
    assert Cart().total() == 0

@parked(reason="needs the ledger")
def test_items():
    assert Cart().items == []
"""),
    "decorator: fills reason": Form("""\
def not_on(platform, why=None):
    return pytest.mark.skipif(sys.platform == platform, reason=why or f"does not run on {platform}")

@not_on("win32")
def test_total():
    assert Cart().total() == 0
"""),
    "decorator: two levels": Form("""\
def mark(why):
    return pytest.mark.skip(reason=why)

def parked(why=""):
    return mark(why)

@parked()  #!
def test_total():
    assert Cart().total() == 0
"""),
    "decorator: compose": Form("""\
def both(*marks):
    def deco(fn):
        for m in marks:
            fn = m(fn)
        return fn
    return deco

@both(pytest.mark.skip, pytest.mark.slow)  #!
def test_total():
    assert Cart().total() == 0
"""),
    "decorator: compose ok": Form("""\
def both(*marks):
    def deco(fn):
        for m in marks:
            fn = m(fn)
        return fn
    return deco

@both(pytest.mark.skip(reason="needs the ledger"), pytest.mark.slow)
def test_total():
    assert Cart().total() == 0
"""),
    "decorator: reassign fn": Form("""\
def parked(fn):
    fn = pytest.mark.skip(fn)
    return fn

@parked  #!
def test_total():
    assert Cart().total() == 0
"""),
    "decorator: conditional noop": Form("""\
def needs_network(fn):
    if HAVE_NETWORK:
        return fn
    return pytest.mark.skip(reason="needs network")(fn)

@needs_network
def test_total():
    assert Cart().total() == 0
"""),
    "decorator: conditional noop bare": Form("""\
def needs_network(fn):
    if os.environ.get("NET"):
        return fn
    return pytest.mark.skip(fn)

@needs_network  #!
def test_total():
    assert Cart().total() == 0
"""),
    "decorator: wraps skip": Form("""\
def needs_network(fn):
    @functools.wraps(fn)
    def inner(*args, **kwargs):
        if not HAVE_NETWORK:
            pytest.skip()  #!
        return fn(*args, **kwargs)
    return inner

@needs_network
def test_total():
    assert Cart().total() == 0
"""),
    "decorator: wraps skip reason": Form("""\
def needs(what):
    def deco(fn):
        @functools.wraps(fn)
        def inner(*args, **kwargs):
            if not os.environ.get(what):
                pytest.skip(f"needs {what}")
            return fn(*args, **kwargs)
        return inner
    return deco

@needs("NET")
def test_total():
    assert Cart().total() == 0
"""),
    "pytestmark: star": Form("""\
COMMON = [pytest.mark.slow]
pytestmark = [*COMMON, pytest.mark.skip]  #!

def test_total():
    assert Cart().total() == 0
"""),
    "pytestmark: extend": Form("""\
pytestmark = []
pytestmark.extend([pytest.mark.skip])  #!

def test_total():
    assert Cart().total() == 0
"""),
    "pytestmark: insert": Form("""\
pytestmark = [pytest.mark.slow]
pytestmark.insert(0, pytest.mark.xfail)  #!

def test_total():
    assert Cart().total() == 0
"""),
    "pytestmark: globals": Form("""\
globals()["pytestmark"] = pytest.mark.skip  #!

def test_total():
    assert Cart().total() == 0
"""),
    "pytestmark: if reason": Form("""\
if sys.platform == "win32":
    pytestmark = pytest.mark.skip(reason="no symbolic links")

def test_total():
    assert Cart().total() == 0
"""),
    "pytestmark: try": Form("""\
try:
    import ledger
except ImportError:
    pytestmark = pytest.mark.skip  #!

def test_total():
    assert Cart().total() == 0
"""),
    "pytestmark: skipif const flag": Form("""\
NETWORK = bool(os.environ.get("NET"))
pytestmark = pytest.mark.skipif(not NETWORK, reason="needs NET=1")

def test_total():
    assert Cart().total() == 0
"""),
    "pytestmark: class nested": Form("""\
class TestOuter:
    class TestInner:
        pytestmark = pytest.mark.skip()  #!

        def test_total(self):
            assert Cart().total() == 0
"""),
    "pytestmark: mixin": Form("""\
class Parked:
    pytestmark = pytest.mark.skip  #!

class TestCart(Parked):
    def test_total(self):
        assert Cart().total() == 0
"""),
    "pytestmark: base other module bare": Form(
        """\
from tests.bases import Parked

class TestCart(Parked):  #!
    def test_total(self):
        assert Cart().total() == 0
""",
        {
            "tests/__init__.py": "",
            "tests/bases.py": """\
import pytest


class Parked:
    pytestmark = pytest.mark.skip
""",
        },
    ),
    "pytestmark: type annot": Form("""\
pytestmark: list[pytest.MarkDecorator] = [pytest.mark.xfail(strict=True)]  #!

def test_total():
    assert Cart().total() == 0
"""),
    "pytestmark: string": Form("""\
pytestmark = "skip"

def test_total():
    assert Cart().total() == 0
"""),
    "pytestmark: del": Form("""\
pytestmark = pytest.mark.skip
del pytestmark

def test_total():
    assert Cart().total() == 0
"""),
    "mark: xfail str cond empty": Form("""\
@pytest.mark.xfail("sys.platform == 'win32'", reason="")  #!
def test_total():
    assert Cart().total() == 0
"""),
    "mark: skipif str cond": Form("""\
@pytest.mark.skipif("sys.platform == 'win32'")  #!
def test_total():
    assert Cart().total() == 0
"""),
    "mark: skipif false": Form("""\
@pytest.mark.skipif(False, reason="the ledger is back")
def test_total():
    assert Cart().total() == 0
"""),
    "mark: skipunless true": Form("""\
class CartTest(unittest.TestCase):
    @unittest.skipUnless(True, "always here")
    def test_total(self):
        self.assertEqual(Cart().total(), 0)
"""),
    "mark: xfail run false reason": Form("""\
@pytest.mark.xfail(run=False, reason="segfaults in ledger 2")
def test_total():
    assert Cart().total() == 0
"""),
    "mark: xfail cond reason": Form("""\
@pytest.mark.xfail(sys.platform == "win32", reason="rounds down", strict=True)
def test_total():
    assert Cart().total() == 0
"""),
    "mark: flaky plugin": Form("""\
@pytest.mark.flaky(reruns=3)
def test_total():
    assert Cart().total() == 0
"""),
    "mark: custom skip named": Form("""\
@pytest.mark.skip_slow
def test_total():
    assert Cart().total() == 0
"""),
    "mark: custom skip if no net": Form("""\
skip_without_net = pytest.mark.skipif(not HAVE_NETWORK, reason="needs network")

@skip_without_net
def test_total():
    assert Cart().total() == 0
"""),
    "mark: two tests one variable": Form("""\
parked = pytest.mark.skip

@parked  #!
def test_total():
    assert Cart().total() == 0

@parked  #!
def test_items():
    assert Cart().items == []
"""),
    "mark: alias chain": Form("""\
mark = pytest.mark
skip = mark.skip
off = skip

@off  #!
def test_total():
    assert Cart().total() == 0
"""),
    "mark: import inside class": Form("""\
class TestCart:
    from pytest import mark

    @mark.skip  #!
    def test_total(self):
        assert Cart().total() == 0
"""),
    "mark: try import": Form("""\
try:
    from pytest import mark
except ImportError:
    mark = None

@mark.skip  #!
def test_total():
    assert Cart().total() == 0
"""),
    "mark: getattr str": Form("""\
@getattr(pytest.mark, "sk" + "ip")  #!
def test_total():
    assert Cart().total() == 0
"""),
    "mark: partial kw empty": Form("""\
parked = functools.partial(pytest.mark.skip, reason="")

@parked()  #!
def test_total():
    assert Cart().total() == 0
"""),
    "mark: usefixtures": Form("""\
@pytest.mark.usefixtures("capsys")
def test_total():
    assert Cart().total() == 0
"""),
    "param: tuple marks": Form("""\
@pytest.mark.parametrize("n", [
    pytest.param(1, marks=(pytest.mark.skip,)),  #!
    2,
])
def test_n(n):
    assert Cart().total() < n
"""),
    "param: skipif reason": Form("""\
@pytest.mark.parametrize("n", [
    pytest.param(1, marks=pytest.mark.skipif(sys.platform == "win32", reason="no pipes")),
    pytest.param(2, marks=[pytest.mark.slow, pytest.mark.xfail(reason="GH-1")]),
])
def test_n(n):
    assert Cart().total() < n
"""),
    "param: generate tests": Form("""\
def pytest_generate_tests(metafunc):
    metafunc.parametrize("n", [pytest.param(1, marks=pytest.mark.skip), 2])  #!

def test_n(n):
    assert Cart().total() < n
"""),
    "param: function list": Form("""\
def numbers():
    return [pytest.param(1, marks=pytest.mark.skip), 2]  #!

@pytest.mark.parametrize("n", numbers())
def test_n(n):
    assert Cart().total() < n
"""),
    "param: empty tuple": Form("""\
@pytest.mark.parametrize("n", ())  #!
def test_n(n):
    assert Cart().total() < n
"""),
    "param: empty kw": Form("""\
@pytest.mark.parametrize(argnames="n", argvalues=[])  #!
def test_n(n):
    assert Cart().total() < n
"""),
    "param: empty comment": Form("""\
# no numbers left since SHOP-12 dropped the table
@pytest.mark.parametrize("n", [])
def test_n(n):
    assert Cart().total() < n
"""),
    "param: class": Form("""\
@pytest.mark.parametrize("n", [pytest.param(1, marks=pytest.mark.xfail), 2])  #!
class TestN:
    def test_n(self, n):
        assert Cart().total() < n
"""),
    "param: pytestmark": Form("""\
pytestmark = pytest.mark.parametrize("n", [pytest.param(1, marks=pytest.mark.skip)])  #!

def test_n(n):
    assert Cart().total() < n
"""),
    "param: dict values": Form("""\
CASES = {"one": pytest.param(1, marks=pytest.mark.skip), "two": pytest.param(2)}  #!

@pytest.mark.parametrize("n", CASES.values())
def test_n(n):
    assert Cart().total() < n
"""),
    "param: partial": Form("""\
off = functools.partial(pytest.param, marks=pytest.mark.skip)

@pytest.mark.parametrize("n", [off(1), 2])  #!
def test_n(n):
    assert Cart().total() < n
"""),
    "param: partial ok": Form("""\
off = functools.partial(pytest.param, marks=pytest.mark.skip(reason="needs ledger"))

@pytest.mark.parametrize("n", [off(1), 2])
def test_n(n):
    assert Cart().total() < n
"""),
    "param: lambda": Form("""\
off = lambda *a: pytest.param(*a, marks=pytest.mark.skip)  #!

@pytest.mark.parametrize("n", [off(1), 2])
def test_n(n):
    assert Cart().total() < n
"""),
    "param: alias": Form("""\
from pytest import param as P, mark as M

@pytest.mark.parametrize("n", [P(1, marks=M.xfail(strict=True)), 2])  #!
def test_n(n):
    assert Cart().total() < n
"""),
    "call: return skip": Form("""\
def test_total():
    return pytest.skip()  #!
"""),
    "call: in raises": Form("""\
def test_skips():
    with pytest.raises(pytest.skip.Exception):
        pytest.skip("")
"""),
    "call: in assertRaises": Form("""\
class SkipTest_(unittest.TestCase):
    def test_skips(self):
        with self.assertRaises(unittest.SkipTest):
            self.skipTest("")
"""),
    "call: caught": Form("""\
def test_skips():
    try:
        pytest.skip()
    except pytest.skip.Exception as error:
        assert str(error) is not None
"""),
    "call: exc text": Form("""\
def test_total():
    try:
        import ledger
    except ImportError as error:
        pytest.skip(str(error))
    assert ledger
"""),
    "call: importorskip blank": Form("""\
ledger = pytest.importorskip("ledger", minversion="1", reason="   ")  #!

def test_total():
    assert Cart().total() == 0
"""),
    "call: importorskip exc": Form("""\
ledger = pytest.importorskip("ledger", exc_type=ImportError)

def test_total():
    assert Cart().total() == 0
"""),
    "call: skip module reason": Form("""\
if sys.platform == "win32":
    pytest.skip("posix only", allow_module_level=True)

def test_total():
    assert Cart().total() == 0
"""),
    "call: skip module kw blank": Form("""\
pytest.skip(reason="", allow_module_level=True)  #!

def test_total():
    assert Cart().total() == 0
"""),
    "call: raise skipped import": Form("""\
from _pytest.outcomes import Skipped

def test_total():
    raise Skipped("")  #!
"""),
    "call: raise skipped module": Form("""\
from _pytest.outcomes import Skipped

raise Skipped("needs the ledger", allow_module_level=True)

def test_total():
    assert Cart().total() == 0
"""),
    "call: raise skiptest chained": Form("""\
def test_total():
    try:
        import ledger
    except ImportError as error:
        raise unittest.SkipTest("ledger is not installed") from error
    assert ledger
"""),
    "call: helper forward none": Form("""\
def require(flag, why=None):
    if not flag:
        pytest.skip(why)

def test_total():
    require(HAVE_NETWORK)  #!
    assert Cart().total() == 0

def test_items():
    require(HAVE_NETWORK, "needs network")
    assert Cart().items == []
"""),
    "call: helper method": Form("""\
class TestCart:
    def need(self, why=""):
        pytest.skip(why)

    def test_total(self):
        self.need()  #!

    def test_items(self):
        self.need("the ledger is away")
"""),
    "call: helper base method": Form("""\
class Base(unittest.TestCase):
    def need(self, name, why=""):
        if not os.environ.get(name):
            self.skipTest(why)

class CartTest(Base):
    def test_total(self):
        self.need("NET")  #!
        self.assertEqual(Cart().total(), 0)

    def test_items(self):
        self.need("NET", "needs network")
        self.assertEqual(Cart().items, [])
"""),
    "call: helper computes": Form("""\
def need(name):
    if not os.environ.get(name):
        pytest.skip(f"{name} is not set")

def test_total():
    need("NET")
    assert Cart().total() == 0
"""),
    "call: async": Form("""\
class CartTest(unittest.IsolatedAsyncioTestCase):
    async def test_total(self):
        self.skipTest("")  #!
"""),
    "call: asyncsetup": Form("""\
class CartTest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.skipTest("  ")  #!

    async def test_total(self):
        self.assertEqual(Cart().total(), 0)
"""),
    "call: cleanup": Form("""\
class CartTest(unittest.TestCase):
    def setUp(self):
        self.addCleanup(print, "skip")

    def test_total(self):
        self.assertEqual(Cart().total(), 0)
"""),
    "call: unbound": Form("""\
class CartTest(unittest.TestCase):
    def test_total(self):
        unittest.TestCase.skipTest(self, "")  #!
"""),
    "call: unbound ok": Form("""\
class CartTest(unittest.TestCase):
    def test_total(self):
        unittest.TestCase.skipTest(self, "needs the ledger")
"""),
    "call: super ok": Form("""\
class CartTest(unittest.TestCase):
    def setUp(self):
        super().setUp()
        super().skipTest("needs the ledger")

    def test_total(self):
        self.assertEqual(Cart().total(), 0)
"""),
    "call: setupmodule": Form("""\
def setUpModule():
    raise unittest.SkipTest  #!

def test_total():
    assert Cart().total() == 0
"""),
    "call: setup class": Form("""\
class TestCart:
    @classmethod
    def setup_class(cls):
        if not HAVE_NETWORK:
            pytest.skip("")  #!

    def test_total(self):
        assert Cart().total() == 0
"""),
    "call: expr or": Form("""\
def test_total():
    HAVE_NETWORK or pytest.skip("needs network")
    assert Cart().total() == 0
"""),
    "call: ternary": Form("""\
def test_total():
    pytest.skip() if not HAVE_NETWORK else None  #!
    assert Cart().total() == 0
"""),
    "call: getattr call": Form("""\
def test_total():
    getattr(pytest, "skip")()  #!
"""),
    "call: lambda alias": Form("""\
bail = lambda: pytest.skip()  #!

def test_total():
    bail()
"""),
    "call: skip of db": Form("""\
def test_total():
    cursor = Client()
    cursor.skip(3)
    assert cursor.skip(3) == 3
"""),
    "call: xfail no reason kw": Form("""\
def test_total():
    pytest.xfail(reason="")  #!
"""),
    "call: fixture reason": Form("""\
@pytest.fixture
def ledger():
    return pytest.importorskip("ledger")

def test_total(ledger):
    assert ledger.total() == 0
"""),
    "call: generator fixture": Form("""\
@pytest.fixture(autouse=True)
def net():
    if not HAVE_NETWORK:
        pytest.skip()  #!
    yield

def test_total():
    assert Cart().total() == 0
"""),
    "call: match": Form("""\
def test_total():
    match sys.platform:
        case "win32":
            pytest.skip()  #!
    assert Cart().total() == 0
"""),
    "call: with": Form("""\
def test_total(tmp_path):
    with open(tmp_path / "x", "w") as f:
        if not f.seekable():
            pytest.skip("needs a seekable file")
        assert f.tell() == 0
"""),
    "unittest: assign": Form("""\
class CartTest(unittest.TestCase):
    def test_total(self):
        self.assertEqual(Cart().total(), 0)

    test_total = unittest.skip("")(test_total)  #!
"""),
    "unittest: attr outside": Form("""\
class CartTest(unittest.TestCase):
    def test_total(self):
        self.assertEqual(Cart().total(), 0)

CartTest.__unittest_skip__ = True  #!
"""),
    "unittest: attr outside ok": Form("""\
class CartTest(unittest.TestCase):
    def test_total(self):
        self.assertEqual(Cart().total(), 0)

CartTest.__unittest_skip__ = True
CartTest.__unittest_skip_why__ = "needs the ledger"
"""),
    "unittest: expected noqa": Form("""\
class CartTest(unittest.TestCase):
    @unittest.expectedFailure  # noqa: B1  #!
    def test_total(self):
        self.assertEqual(Cart().total(), 1)
"""),
    "unittest: expected placeholder": Form("""\
class CartTest(unittest.TestCase):
    # TODO
    @unittest.expectedFailure  #!
    def test_total(self):
        self.assertEqual(Cart().total(), 1)
"""),
    "unittest: expected reason": Form("""\
class CartTest(unittest.TestCase):
    # SHOP-9: rounding is off by a cent
    @unittest.expectedFailure
    def test_total(self):
        self.assertEqual(Cart().total(), 1)
"""),
    "unittest: expected class": Form("""\
@unittest.expectedFailure  #!
class CartTest(unittest.TestCase):
    def test_total(self):
        self.assertEqual(Cart().total(), 1)
"""),
    "unittest: load tests": Form("""\
class CartTest(unittest.TestCase):
    def test_total(self):
        self.assertEqual(Cart().total(), 0)

def load_tests(loader, tests, pattern):
    return unittest.TestSuite()
"""),
    "unittest: skip alias": Form("""\
from unittest import skip as off

class CartTest(unittest.TestCase):
    @off("  ")  #!
    def test_total(self):
        self.assertEqual(Cart().total(), 0)
"""),
    "unittest: skipif version": Form("""\
class CartTest(unittest.TestCase):
    @unittest.skipIf(sys.version_info < (3, 11), "3.11+")
    def test_total(self):
        self.assertEqual(Cart().total(), 0)
"""),
    "unittest: import case module": Form("""\
from unittest import case

class CartTest(case.TestCase):
    @case.skip("")  #!
    def test_total(self):
        self.assertEqual(Cart().total(), 0)
"""),
    "unittest: mixed base": Form("""\
class Contract:
    def test_total(self):
        self.skipTest("")  #!

class CartTest(Contract, unittest.TestCase):
    pass
"""),
    "unittest: skip const": Form("""\
WHY = "needs the ledger"

class CartTest(unittest.TestCase):
    @unittest.skip(WHY)
    def test_total(self):
        self.assertEqual(Cart().total(), 0)
"""),
    "unittest: skip call none": Form("""\
class CartTest(unittest.TestCase):
    @unittest.skipUnless(os.environ.get("NET"), None)  #!
    def test_total(self):
        self.assertEqual(Cart().total(), 0)
"""),
    "skip: mixin unittest": Form("""\
class Parked:
    @unittest.skip("  ")  #!
    def test_total(self):
        self.assertEqual(Cart().total(), 0)


class CartTest(Parked, unittest.TestCase):
    pass
"""),
    "skip: inherit unittest skip": Form("""\
@unittest.skip("")  #!
class Base(unittest.TestCase):
    def test_total(self):
        self.assertEqual(Cart().total(), 0)


class MoreTest(Base):
    def test_items(self):
        self.assertEqual(Cart().items, [])
"""),
    "skip: inherit reasoned": Form("""\
@unittest.skip("needs the ledger")
class Base(unittest.TestCase):
    def test_total(self):
        self.assertEqual(Cart().total(), 0)


class MoreTest(Base):
    def test_items(self):
        self.assertEqual(Cart().items, [])
"""),
    "skip: subclass of unskipped": Form("""\
class Base(unittest.TestCase):
    def test_total(self):
        self.assertEqual(Cart().total(), 0)


@unittest.skip("  ")  #!
class MoreTest(Base):
    def test_items(self):
        self.assertEqual(Cart().items, [])
"""),
    "skip: async fixture": Form("""\
@pytest.fixture
async def client():
    if not HAVE_NETWORK:
        pytest.skip("")  #!
    yield Client()


async def test_total(client):
    assert client.skip(1) == 1
"""),
    "skip: class fixture": Form("""\
class TestCart:
    @pytest.fixture(autouse=True)
    def net(self):
        if not HAVE_NETWORK:
            pytest.skip()  #!

    def test_total(self):
        assert Cart().total() == 0
"""),
    "skip: request marker": Form("""\
def test_total(request):
    request.applymarker(pytest.mark.xfail)  #!
    assert Cart().total() == 3
"""),
    "skip: request marker reason": Form("""\
def test_total(request):
    if sys.platform == "win32":
        request.applymarker(pytest.mark.xfail(reason="rounds down on Windows"))
    assert Cart().total() == 0
"""),
    "skip: nested func call": Form("""\
def test_total():
    def bail():
        pytest.skip()  #!

    bail()
"""),
    "skip: in comprehension": Form("""\
def test_total():
    [pytest.skip() for _ in range(1)]  #!
"""),
    "skip: in default": Form("""\
def test_total(x=pytest.mark.skip):
    assert x
"""),
    "skip: mark obj assert": Form("""\
def test_mark():
    assert pytest.mark.skip.name == "skip"
    assert pytest.mark.skip(reason="").kwargs == {"reason": ""}
"""),
    "skip: mark in list unused": Form("""\
MARKS = [pytest.mark.skip, pytest.mark.slow]


def test_marks():
    assert len(MARKS) == Cart().total() + 2
"""),
    "skip: text in docstring": Form('''\
def test_total():
    """Use @pytest.mark.skip or pytest.skip() to park it."""
    assert Cart().total() == 0
'''),
    "skip: patch skip": Form("""\
def test_total():
    with mock.patch("pytest.skip") as skip:
        skip()
    skip.assert_called_once_with()
"""),
    "skip: own skip decorator": Form("""\
def skip(fn):
    return fn


@skip
def test_total():
    assert Cart().total() == 0
"""),
    "skip: own class skiptest": Form("""\
class SkipTest(Exception):
    pass


def test_total():
    with pytest.raises(SkipTest):
        raise SkipTest
"""),
    "skip: del import": Form("""\
from unittest import skip

del skip


def skip(reason):
    return lambda fn: fn


@skip("")
def test_total():
    assert Cart().total() == 0
"""),
    "skip: conditional import": Form("""\
if sys.version_info >= (3, 8):
    from unittest import skip as off
else:
    from unittest2 import skip as off


class CartTest(unittest.TestCase):
    @off("")  #!
    def test_total(self):
        self.assertEqual(Cart().total(), 0)
"""),
    "skip: kwargs dict": Form("""\
OPTS = {"reason": ""}


@pytest.mark.skip(**OPTS)  #!
def test_total():
    assert Cart().total() == 0
"""),
    "skip: kwargs dict ok": Form("""\
OPTS = dict(reason="needs the ledger")


@pytest.mark.skip(**OPTS)
def test_total():
    assert Cart().total() == 0
"""),
    "skip: args tuple": Form("""\
ARGS = ("",)


@pytest.mark.skip(*ARGS)  #!
def test_total():
    assert Cart().total() == 0
"""),
    "skip: type comment": Form("""\
@pytest.mark.skip  # type: ignore[misc]  #!
def test_total():
    assert Cart().total() == 0
"""),
    "skip: noqa reason": Form("""\
@pytest.mark.skip("needs the ledger")  # noqa
def test_total():
    assert Cart().total() == 0
"""),
    "skip: mark attr chain": Form("""\
class M:
    parked = pytest.mark.skip(reason="needs the ledger")
    bare = pytest.mark.skip


@M.parked
def test_total():
    assert Cart().total() == 0


@M.bare  #!
def test_items():
    assert Cart().items == []
"""),
    "skip: functools reduce": Form("""\
def test_total():
    import pytest as p

    p.skip(reason="  ")  #!
"""),
    "skip: global flag": Form("""\
SKIP = True


@pytest.mark.skipif(SKIP, reason="needs the ledger")
def test_total():
    assert Cart().total() == 0
"""),
    "skip: skipif none reason": Form("""\
@pytest.mark.skipif(not HAVE_NETWORK, reason=None)  #!
def test_total():
    assert Cart().total() == 0
"""),
    "skip: unittest mock skip": Form("""\
class CartTest(unittest.TestCase):
    @mock.patch("shop.cart.Cart.total", return_value=0)
    def test_total(self, total):
        self.assertEqual(Cart().total(), 0)
"""),
    "skip: skiptest forward": Form("""\
class CartTest(unittest.TestCase):
    def skip(self, reason):
        self.skipTest(reason)

    def test_total(self):
        self.skip("needs the ledger")
        self.assertEqual(Cart().total(), 0)
"""),
    "skip: skiptest forward empty": Form("""\
class CartTest(unittest.TestCase):
    def need(self, reason):
        self.skipTest(reason)

    def test_total(self):
        self.need("")  #!
        self.assertEqual(Cart().total(), 0)
"""),
    "skip: helper raise": Form("""\
def need(why=""):
    raise unittest.SkipTest(why)


def test_total():
    need()  #!


def test_items():
    need("needs the ledger")
"""),
    "skip: helper kwonly": Form("""\
def need(flag, *, reason):
    if not flag:
        pytest.skip(reason=reason)


def test_total():
    need(HAVE_NETWORK, reason="")  #!
    assert Cart().total() == 0


def test_items():
    need(HAVE_NETWORK, reason="needs network")
    assert Cart().items == []
"""),
    "skip: helper other module": Form(
        """\
from tests.support import need


def test_total():
    need(HAVE_NETWORK)  #!
    assert Cart().total() == 0


def test_items():
    need(HAVE_NETWORK, "needs network")
    assert Cart().items == []
""",
        {
            "tests/__init__.py": "",
            "tests/support.py": """\
import pytest


def need(flag, why=""):
    if not flag:
        pytest.skip(why)
""",
        },
    ),
    "skip: legacy helper new use": Form(
        """\
from tests.support import need


def test_total():
    need(HAVE_NETWORK)
    assert Cart().total() == 0
""",
        {
            "tests/__init__.py": "",
            "tests/support.py": """\
import pytest


def need(flag):
    if not flag:
        pytest.skip("needs network")
""",
        },
    ),
    "skip: relative import": Form(
        """\
from .marks import parked


@parked  #!
def test_total():
    assert Cart().total() == 0
""",
        {
            "tests/__init__.py": "",
            "tests/marks.py": """\
import pytest

parked = pytest.mark.skip
""",
        },
    ),
    "skip: reexport": Form(
        """\
from tests import parked


@parked  #!
def test_total():
    assert Cart().total() == 0
""",
        {
            "tests/__init__.py": """\
from tests.marks import *
""",
            "tests/marks.py": """\
import pytest

parked = pytest.mark.skip()
""",
        },
    ),
    "helper: context manager": Form("""\
import contextlib


@contextlib.contextmanager
def ledger(why=""):
    if not HAVE_NETWORK:
        pytest.skip(why)
    yield


def test_total():
    with ledger():  #!
        assert Cart().total() == 0


def test_items():
    with ledger("needs the ledger"):
        assert Cart().items == []
"""),
    "helper: factory class": Form("""\
class needs:
    def __init__(self, why):
        self.why = why

    def __call__(self, fn):
        return pytest.mark.skip(reason=self.why)(fn)


@needs("the ledger is away")
def test_total():
    assert Cart().total() == 0
"""),
    "helper: factory class bare": Form("""\
class parked:
    def __init__(self, fn=None):
        self.fn = fn

    def __call__(self, fn):
        return pytest.mark.skip(fn)


@parked()  #!
def test_total():
    assert Cart().total() == 0
"""),
    "helper: mark from function": Form("""\
def mark():
    return pytest.mark.skip


@mark()  #!
def test_total():
    assert Cart().total() == 0
"""),
    "helper: mark dict function": Form("""\
def marks_for(name):
    return {"slow": pytest.mark.slow, "off": pytest.mark.skip}[name]


@marks_for("off")  #!
def test_total():
    assert Cart().total() == 0


@marks_for("slow")
def test_items():
    assert Cart().items == []
"""),
    "helper: list of marks loop": Form("""\
def apply(*marks):
    def deco(fn):
        return functools.reduce(lambda f, m: m(f), marks, fn)
    return deco


import functools


@apply(pytest.mark.slow)
def test_total():
    assert Cart().total() == 0
"""),
    "helper: condition helper": Form("""\
def needs(module, why=None):
    try:
        __import__(module)
    except ImportError:
        return pytest.mark.skip(reason=why or f"needs {module}")
    return lambda fn: fn


@needs("ledger")
def test_total():
    assert Cart().total() == 0
"""),
    "helper: skip if missing": Form("""\
def skip_if_missing(*names):
    missing = [n for n in names if n not in sys.modules]
    return pytest.mark.skipif(bool(missing), reason=", ".join(missing))


@skip_if_missing("ledger")
def test_total():
    assert Cart().total() == 0
"""),
    "helper: namedtuple reasons": Form("""\
from typing import NamedTuple


class Why(NamedTuple):
    text: str = ""


WHY = Why("needs the ledger")


@pytest.mark.skip(reason=WHY.text)
def test_total():
    assert Cart().total() == 0
"""),
    "helper: dataclass reasons": Form("""\
import dataclasses


@dataclasses.dataclass
class Why:
    text: str = ""


WHY = Why(text="needs the ledger")


@pytest.mark.skip(reason=WHY.text)
def test_total():
    assert Cart().total() == 0
"""),
    "helper: config class": Form("""\
class Config:
    why = ""

    def __init__(self):
        self.load()

    def load(self):
        setattr(self, "why", "needs the ledger")


CONFIG = Config()


@pytest.mark.skip(reason=CONFIG.why)
def test_total():
    assert Cart().total() == 0
"""),
    "helper: why in loop": Form("""\
WHY = ""
for part in ("needs", "the", "ledger"):
    WHY += part


@pytest.mark.skip(reason=WHY)
def test_total():
    assert Cart().total() == 0
"""),
    "helper: why global": Form("""\
WHY = ""


def load():
    global WHY
    WHY = "needs the ledger"


load()


@pytest.mark.skip(reason=WHY)
def test_total():
    assert Cart().total() == 0
"""),
    "helper: why list mutated": Form("""\
WHY = []
WHY.append("needs the ledger")


@pytest.mark.skip(reason=" ".join(WHY))
def test_total():
    assert Cart().total() == 0
"""),
    "helper: why dict updated": Form("""\
WHYS = {"a": ""}
WHYS["a"] = "needs the ledger"


@pytest.mark.skip(reason=WHYS["a"])
def test_total():
    assert Cart().total() == 0
"""),
    "helper: why with read": Form("""\
with open(__file__) as f:
    WHY = f.read()


@pytest.mark.skip(reason=WHY)
def test_total():
    assert Cart().total() == 0
"""),
    "helper: why try": Form("""\
try:
    from ledger import WHY
except ImportError:
    WHY = ""


@pytest.mark.skip(reason=WHY)
def test_total():
    assert Cart().total() == 0
"""),
    "helper: why class body": Form("""\
class TestCart:
    WHY = ""

    @pytest.mark.skip(reason=WHY)  #!
    def test_total(self):
        assert Cart().total() == 0
"""),
    "helper: why method default": Form("""\
def parked(why="needs the ledger"):
    return pytest.mark.skip(reason=why)


@parked()
def test_total():
    assert Cart().total() == 0


@parked(why="")  #!
def test_items():
    assert Cart().items == []
"""),
    "helper: why none default": Form("""\
def parked(why=None):
    return pytest.mark.skip(reason=why)


@parked()  #!
def test_total():
    assert Cart().total() == 0
"""),
    "helper: why upper": Form("""\
def parked(why=""):
    why = why.strip() or "needs the ledger"
    return pytest.mark.skip(reason=why)


@parked()
def test_total():
    assert Cart().total() == 0
"""),
    "helper: why if": Form("""\
def parked(why=""):
    if not why:
        why = "needs the ledger"
    return pytest.mark.skip(reason=why)


@parked()
def test_total():
    assert Cart().total() == 0
"""),
    "helper: raise if empty": Form("""\
def parked(why):
    if not why:
        raise ValueError("say why")
    return pytest.mark.skip(reason=why)


@parked("needs the ledger")
def test_total():
    assert Cart().total() == 0
"""),
    "helper: ut helper deco": Form("""\
def needs_net(fn):
    return unittest.skipUnless(HAVE_NETWORK, "needs network")(fn)


class CartTest(unittest.TestCase):
    @needs_net
    def test_total(self):
        self.assertEqual(Cart().total(), 0)
"""),
    "helper: ut helper deco empty": Form("""\
def needs_net(fn):
    return unittest.skipUnless(HAVE_NETWORK, "")(fn)


class CartTest(unittest.TestCase):
    @needs_net  #!
    def test_total(self):
        self.assertEqual(Cart().total(), 0)
"""),
    "helper: ut decorator in variable": Form("""\
live = unittest.skipUnless(HAVE_NETWORK, "needs network")


class CartTest(unittest.TestCase):
    @live
    def test_total(self):
        self.assertEqual(Cart().total(), 0)
"""),
    "behind: elif reason": Form("""\
if sys.platform == "win32":
    WHY = "no pipes"
elif sys.platform == "darwin":
    WHY = "no sockets"
else:
    WHY = ""


@pytest.mark.skipif(sys.platform != "linux", reason=WHY)
def test_total():
    assert Cart().total() == 0
"""),
    "try: else mark": Form("""\
try:
    import ledger
except ImportError:
    needs = pytest.mark.skip(reason="needs the ledger")
else:
    needs = lambda fn: fn


@needs
def test_total():
    assert Cart().total() == 0
"""),
    "try: else mark bare": Form("""\
try:
    import ledger
except ImportError:
    needs = pytest.mark.skip
else:
    needs = lambda fn: fn


@needs  #!
def test_total():
    assert Cart().total() == 0
"""),
    "async: with skip": Form("""\
async def test_total():
    async with Client() as c:
        if not c:
            pytest.skip()  #!
        assert c
"""),
    "for: else skip": Form("""\
def test_total():
    for n in Cart().items:
        break
    else:
        pytest.skip()  #!
    assert n
"""),
    "except: star": Form("""\
def test_total():
    try:
        Cart().total()
    except* ValueError:
        pytest.skip("")  #!
    assert Cart().total() == 0
"""),
    "skip: in finally": Form("""\
def test_total():
    try:
        assert Cart().total() == 0
    finally:
        pytest.skip("")  #!
"""),
    "skip: in assert msg": Form("""\
def test_total():
    assert Cart().total() == 0 or pytest.skip("known: SHOP-3")
"""),
    "skip: as callback": Form("""\
def test_total():
    Client().on_error = pytest.skip
    assert Cart().total() == 0
"""),
    "skip: passed on": Form("""\
def test_total():
    Client().run(on_error=lambda: pytest.skip("no answer"))
    assert Cart().total() == 0
"""),
    "module: fixture param skip": Form("""\
@pytest.fixture(params=["pg", "my"])
def db(request):
    if request.param == "my":
        pytest.skip()  #!
    return request.param


def test_total(db):
    assert db
"""),
    "skip: kw only allow module": Form("""\
pytest.skip(allow_module_level=True, reason="needs the ledger")


def test_total():
    assert Cart().total() == 0
"""),
    "xfail: call in except": Form("""\
def test_total():
    try:
        assert Cart().total() == 0
    except AssertionError:
        pytest.xfail("SHOP-3: rounding")
"""),
    "xfail: call in except bare": Form("""\
def test_total():
    try:
        assert Cart().total() == 0
    except AssertionError:
        pytest.xfail("")  #!
"""),
    "xfail: raises reason": Form("""\
@pytest.mark.xfail(raises=ValueError, reason="SHOP-1: negative quantities", strict=True)
def test_total():
    Cart().add("a", 1, -1)
"""),
    "mark: with trailing comma": Form("""\
@pytest.mark.skip(reason="",)  #!
def test_total():
    assert Cart().total() == 0
"""),
    "reason: is docstring var": Form('''\
REASON = """
needs the ledger
"""


@pytest.mark.skip(reason=REASON)
def test_total():
    assert Cart().total() == 0
'''),
    "reason: percent tuple": Form("""\
@pytest.mark.skip(reason="%s: %s" % ("SHOP-1", "ledger"))
def test_total():
    assert Cart().total() == 0
"""),
    "ut: skip lambda": Form("""\
off = lambda why: unittest.skip(why)


class CartTest(unittest.TestCase):
    @off("")  #!
    def test_a(self):
        self.assertEqual(Cart().total(), 0)

    @off("needs the ledger")
    def test_b(self):
        self.assertEqual(Cart().total(), 0)
"""),
    "two: in one class": Form("""\
class TestCart:
    @pytest.mark.skip  #!
    def test_a(self):
        assert Cart().total() == 0

    @pytest.mark.skip("x" * 0)  #!
    def test_b(self):
        assert Cart().total() == 0

    @pytest.mark.skip("needs the ledger")
    def test_c(self):
        assert Cart().total() == 0
"""),
    "class: and method": Form("""\
@pytest.mark.skip  #!
class TestCart:
    @pytest.mark.xfail  #!
    def test_a(self):
        assert Cart().total() == 0
"""),
    "test: of marks": Form("""\
def test_marker_names():
    marks = [pytest.mark.skip(reason="x y"), pytest.mark.xfail]
    assert [m.name for m in marks] == ["skip", "xfail"]
"""),
    "pytester: source": Form('''\
def test_plugin(pytester):
    pytester.makepyfile("""
        import pytest

        @pytest.mark.skip
        def test_inner():
            pytest.skip()
    """)
    pytester.runpytest().assert_outcomes(skipped=1)
'''),
    "inline: run function": Form("""\
def test_plugin(pytester):
    item = pytester.getitem("import pytest\\n@pytest.mark.skip\\ndef test_f(): pass")
    assert item.name == "test_f"
"""),
    "param: ids lambda": Form("""\
@pytest.mark.parametrize("n", [1, 2], ids=lambda n: f"skip-{n}")
def test_n(n):
    assert Cart().total() < n
"""),
    "param: in conftest style": Form("""\
PG = pytest.param("pg", marks=pytest.mark.skipif(not HAVE_NETWORK, reason="needs postgres"))
MY = pytest.param("my", marks=pytest.mark.skipif(not HAVE_NETWORK, reason=""))  #!


@pytest.mark.parametrize("db", [PG, MY])
def test_db(db):
    assert db
"""),
    "usefixtures: name skip": Form("""\
@pytest.fixture
def skip_offline():
    if not HAVE_NETWORK:
        pytest.skip("needs network")


@pytest.mark.usefixtures("skip_offline")
def test_total():
    assert Cart().total() == 0
"""),
}


@pytest.mark.parametrize("name", FORMS)
def test_form(name: str) -> None:
    form = FORMS[name]
    after = {PATH: HEAD + form.text}
    change = staged(dict(form.files), {**form.files, **after})
    wanted = expected(after)
    assert places(skips(change), wanted) == wanted
    assert hollows(change) == []


def test_half_of_them_are_silent() -> None:
    silent = [form for form in FORMS.values() if not expected({PATH: form.text})]
    assert len(FORMS) / 3 <= len(silent) <= len(FORMS) * 2 / 3

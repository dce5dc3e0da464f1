"""What a change takes out of service, and what only looks like it: moves, edits, hooks, options."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import pytest
from staged import expected, places, skips, staged

if TYPE_CHECKING:
    from collections.abc import Mapping

PATH = "tests/test_shop.py"
HEAD = """\
import sys
import unittest

import pytest

from shop.cart import Cart
from shop.client import HAVE_NETWORK, Client
"""
LIVE = """\
from shop.cart import Cart


def test_live_total():
    assert Cart().total() == 0
"""


class Case(NamedTuple):
    """One file before and after (None: there is none); other files before, and changes of them.

    A line that says HEAD stands for the usual imports.
    """

    before: str | None
    after: str
    path: str = PATH
    old_path: str = ""
    files: Mapping[str, str] = MappingProxyType({})
    also: Mapping[str, str | None] = MappingProxyType({})


CASES = {
    "move: class and test renamed": Case(
        """\
HEAD

class TestCart:
    @pytest.mark.skip
    def test_total(self):
        assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

class TestBasket:
    @pytest.mark.skip
    def test_sum(self):
        assert Cart().add("tea", 3).total() == 3
""",
    ),
    "move: file renamed and test renamed": Case(
        """\
HEAD

@pytest.mark.skip
def test_total():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
        """\
HEAD

@pytest.mark.skip
def test_sum():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
        old_path="tests/test_old.py",
    ),
    "move: to subfolder": Case(
        """\
HEAD

@pytest.mark.skip
def test_total():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
        """\
HEAD

@pytest.mark.skip
def test_total():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
        path="tests/unit/test_shop.py",
        old_path="tests/test_old.py",
    ),
    "move: other file and new": Case(
        """\
HEAD

@pytest.mark.skip
def test_total():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
        """\
HEAD

def test_items():
    cart = Cart()
    assert cart.items == []
""",
        also={
            "tests/test_new.py": """\
HEAD

@pytest.mark.skip
def test_total():
    assert Cart().add("tea", 3).total() == 3

@pytest.mark.skip  #!
def test_qty():
    with pytest.raises(ValueError):
        Cart().add("tea", 3, -1)
"""
        },
    ),
    "copy: test": Case(
        """\
HEAD

@pytest.mark.skip
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

@pytest.mark.skip
def test_total():
    assert Cart().add("tea", 3).total() == 3

@pytest.mark.skip  #!
def test_total2():
    assert Cart().add("tea", 3).total() == 3
""",
    ),
    "copy: class": Case(
        """\
HEAD

class TestA:
    @pytest.mark.skip
    def test_total(self):
        assert Cart().total() == 0
""",
        """\
HEAD

class TestA:
    @pytest.mark.skip
    def test_total(self):
        assert Cart().total() == 0

class TestB:
    @pytest.mark.skip  #!
    def test_total(self):
        assert Cart().total() == 0
""",
    ),
    "spell: mark import": Case(
        """\
HEAD

@pytest.mark.skip
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

from pytest import mark

@mark.skip
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
    ),
    "ut: to pytest": Case(
        """\
HEAD

class CartTest(unittest.TestCase):
    @unittest.skip("")
    def test_total(self):
        self.assertEqual(Cart().total(), 0)
""",
        """\
HEAD

@pytest.mark.skip
def test_total():
    assert Cart().total() == 0
""",
    ),
    "skiptest: to skip": Case(
        """\
HEAD

class CartTest(unittest.TestCase):
    def test_total(self):
        self.skipTest("")
        self.assertEqual(Cart().total(), 0)
""",
        """\
HEAD

def test_total():
    pytest.skip()
    assert Cart().total() == 0
""",
    ),
    "func: to call": Case(
        """\
HEAD

@pytest.mark.skip
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

def test_total():
    pytest.skip()
    assert Cart().add("tea", 3).total() == 3
""",
    ),
    "module: to functions": Case(
        """\
HEAD

pytestmark = pytest.mark.skip

def test_total():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
        """\
HEAD

@pytest.mark.skip
def test_total():
    assert Cart().add("tea", 3).total() == 3

@pytest.mark.skip
def test_items():
    cart = Cart()
    assert cart.items == []
""",
    ),
    "functions: to module wider": Case(
        """\
HEAD

@pytest.mark.skip
def test_total():
    assert Cart().add("tea", 3).total() == 3

@pytest.mark.skip
def test_items():
    cart = Cart()
    assert cart.items == []

def test_qty():
    with pytest.raises(ValueError):
        Cart().add("tea", 3, -1)
""",
        """\
HEAD

pytestmark = pytest.mark.skip  #!

def test_total():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []

def test_qty():
    with pytest.raises(ValueError):
        Cart().add("tea", 3, -1)
""",
    ),
    "parametrize: added": Case(
        """\
HEAD

@pytest.mark.skip
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

@pytest.mark.skip
@pytest.mark.parametrize("n", [3, 4])
def test_total(n):
    assert Cart().add("tea", n).total() == n
""",
    ),
    "body: rewritten": Case(
        """\
HEAD

@pytest.mark.skip
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

@pytest.mark.skip
def test_total():
    cart = Cart()
    for n in range(3):
        cart.add("x", n)
    assert sum(i[1] for i in cart.items) == cart.total()
""",
    ),
    "change: reason to other": Case(
        """\
HEAD

@pytest.mark.skip(reason="needs the ledger")
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

@pytest.mark.skip(reason="SHOP-4 and SHOP-5")
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
    ),
    "change: reason to empty fstring": Case(
        """\
HEAD

@pytest.mark.skip(reason="needs the ledger")
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

@pytest.mark.skip(reason=f'')  #!
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
    ),
    "change: reason dropped keep comment": Case(
        """\
HEAD

@pytest.mark.skip(reason="needs the ledger")
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

# needs the ledger
@pytest.mark.skip  #!
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
    ),
    "change: skipif more": Case(
        """\
HEAD

@pytest.mark.skipif(sys.platform == "win32", reason="no pipes")
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="no pipes")
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
    ),
    "change: skipif int": Case(
        """\
HEAD

@pytest.mark.skipif(sys.platform == "win32", reason="no pipes")
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

@pytest.mark.skipif(1, reason="no pipes")  #!
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
    ),
    "change: skipif not false": Case(
        """\
HEAD

@pytest.mark.skipif(sys.platform == "win32", reason="no pipes")
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

@pytest.mark.skipif(not False, reason="no pipes")  #!
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
    ),
    "change: skipif const compare": Case(
        """\
HEAD

@pytest.mark.skipif(sys.platform == "win32", reason="no pipes")
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

@pytest.mark.skipif(1 == 1, reason="no pipes")  #!
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
    ),
    "change: skipif str true": Case(
        """\
HEAD

@pytest.mark.skipif("sys.platform == 'win32'", reason="no pipes")
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

@pytest.mark.skipif("True", reason="no pipes")  #!
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
    ),
    "change: skipif flag true": Case(
        """\
HEAD

ALWAYS = sys.platform == "win32"

@pytest.mark.skipif(ALWAYS, reason="no pipes")
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

ALWAYS = True

@pytest.mark.skipif(ALWAYS, reason="no pipes")  #!
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
    ),
    "change: skipunless false": Case(
        """\
HEAD

class CartTest(unittest.TestCase):
    @unittest.skipUnless(Client().skip(1), "needs network")
    def test_total(self):
        self.assertEqual(Cart().total(), 0)
""",
        """\
HEAD

class CartTest(unittest.TestCase):
    @unittest.skipUnless(False, "needs network")  #!
    def test_total(self):
        self.assertEqual(Cart().total(), 0)
""",
    ),
    "change: utskipunless to skip": Case(
        """\
HEAD

class CartTest(unittest.TestCase):
    @unittest.skipUnless(Client().skip(1), "needs network")
    def test_total(self):
        self.assertEqual(Cart().total(), 0)
""",
        """\
HEAD

class CartTest(unittest.TestCase):
    @unittest.skip("needs network")  #!
    def test_total(self):
        self.assertEqual(Cart().total(), 0)
""",
    ),
    "change: guard else": Case(
        """\
HEAD

def test_get():
    if not Client().skip(1):
        pytest.skip("needs network")
    assert Client().skip(0) == 0
""",
        """\
HEAD

def test_get():
    if Client().skip(1):
        assert Client().skip(0) == 0
    else:
        pytest.skip("needs network")
""",
    ),
    "change: guard if 1": Case(
        """\
HEAD

def test_get():
    if not Client().skip(1):
        pytest.skip("needs network")
    assert Client().skip(0) == 0
""",
        """\
HEAD

def test_get():
    if 1:
        pytest.skip("needs network")  #!
    assert Client().skip(0) == 0
""",
    ),
    "change: xfail bare run false": Case(
        """\
HEAD

@pytest.mark.xfail
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

@pytest.mark.xfail(run=False)  #!
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
    ),
    "change: xfail strict off": Case(
        """\
HEAD

@pytest.mark.xfail(strict=True)
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

@pytest.mark.xfail(strict=False)
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
    ),
    "change: skip to xfail bare": Case(
        """\
HEAD

@pytest.mark.skip
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

@pytest.mark.xfail
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
    ),
    "change: skip to skipif bare": Case(
        """\
HEAD

@pytest.mark.skip
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

@pytest.mark.skipif(sys.platform == "win32")
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
    ),
    "change: test moved into skipped class": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3

@pytest.mark.skip
class TestOld:
    def test_a(self):
        assert Cart().items == []
""",
        """\
HEAD

@pytest.mark.skip
class TestOld:
    def test_a(self):
        assert Cart().items == []

    def test_total(self):  #!
        assert Cart().add("tea", 3).total() == 3
""",
    ),
    "change: param more": Case(
        """\
HEAD

@pytest.mark.parametrize("n", [pytest.param(1, marks=pytest.mark.skip), 2])
def test_n(n):
    assert Cart().total() < n
""",
        """\
HEAD

@pytest.mark.parametrize("n", [pytest.param(1, marks=pytest.mark.skip), 2, 3])
def test_n(n):
    assert Cart().total() < n
""",
    ),
    "change: param emptied": Case(
        """\
HEAD

@pytest.mark.parametrize("n", [1, 2])
def test_n(n):
    assert Cart().total() < n
""",
        """\
HEAD

@pytest.mark.parametrize("n", [])  #!
def test_n(n):
    assert Cart().total() < n
""",
    ),
    "change: param all to function": Case(
        """\
HEAD

@pytest.mark.parametrize("n", [pytest.param(1, marks=pytest.mark.skip), 2])
def test_n(n):
    assert Cart().total() < n
""",
        """\
HEAD

@pytest.mark.skip  #!
@pytest.mark.parametrize("n", [1, 2])
def test_n(n):
    assert Cart().total() < n
""",
    ),
    "change: helper loses reason": Case(
        """\
HEAD

def need():
    if not HAVE_NETWORK:
        pytest.skip("needs network")

def test_total():
    need()
    assert Cart().total() == 0
""",
        """\
HEAD

def need():
    if not HAVE_NETWORK:
        pytest.skip()  #!

def test_total():
    need()
    assert Cart().total() == 0
""",
    ),
    "change: second use of legacy": Case(
        """\
HEAD

parked = pytest.mark.skip

@parked
def test_total():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
        """\
HEAD

parked = pytest.mark.skip

@parked
def test_total():
    assert Cart().add("tea", 3).total() == 3

@parked  #!
def test_items():
    cart = Cart()
    assert cart.items == []
""",
    ),
    "change: subclass born skipped": Case(
        """\
HEAD

@pytest.mark.skip
class TestBase:
    def test_total(self):
        assert Cart().total() == 0
""",
        """\
HEAD

@pytest.mark.skip
class TestBase:
    def test_total(self):
        assert Cart().total() == 0

class TestMore(TestBase):  #!
    pass
""",
    ),
    "change: legacy inherited": Case(
        """\
HEAD

@pytest.mark.skip
class TestBase:
    def test_total(self):
        assert Cart().total() == 0

class TestMore(TestBase):
    n = 1
""",
        """\
HEAD

@pytest.mark.skip
class TestBase:
    def test_total(self):
        assert Cart().total() == 0

class TestMore(TestBase):
    n = 2
""",
    ),
    "change: allow module level added": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

pytest.skip(allow_module_level=True)  #!

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
    ),
    "change: importorskip added": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

ledger = pytest.importorskip("ledger")

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
    ),
    "neighbour: disabled prefix": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
        """\
HEAD

def disabled_test_total():  #!
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
    ),
    "neighbour: suffix": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
        """\
HEAD

def total_test():  #!
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
    ),
    "neighbour: typo": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
        """\
HEAD

def tset_total():  #!
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
    ),
    "neighbour: testx collected": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
        """\
HEAD

def testtotal():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
    ),
    "neighbour: class suffix": Case(
        """\
HEAD

class TestCart:
    def test_total(self):
        assert Cart().total() == 0
""",
        """\
HEAD

class CartTests:  #!
    def test_total(self):
        assert Cart().total() == 0
""",
    ),
    "neighbour: class suffix configured": Case(
        """\
HEAD

class TestCart:
    def test_total(self):
        assert Cart().total() == 0
""",
        """\
HEAD

class CartTests:
    def test_total(self):
        assert Cart().total() == 0
""",
        files={
            "pytest.ini": """\
[pytest]
python_classes = Test* *Tests
pythonpath = .
"""
        },
    ),
    "neighbour: func configured": Case(
        """\
HEAD

def check_total():
    assert Cart().total() == 0
""",
        """\
HEAD

def _check_total():  #!
    assert Cart().total() == 0
""",
        files={
            "pytest.ini": """\
[pytest]
python_functions = check_*
pythonpath = .
"""
        },
    ),
    "neighbour: func configured ok": Case(
        """\
HEAD

def check_total():
    assert Cart().total() == 0
""",
        """\
HEAD

def check_totals():
    assert Cart().total() == 0
""",
        files={
            "pytest.ini": """\
[pytest]
python_functions = check_*
pythonpath = .
"""
        },
    ),
    "neighbour: test not collected configured": Case(
        """\
HEAD

def test_total():
    assert Cart().total() == 0
""",
        """\
HEAD

def total():
    assert Cart().total() == 0
""",
        files={
            "pytest.ini": """\
[pytest]
python_functions = check_*
pythonpath = .
"""
        },
    ),
    "neighbour: reason comment": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
        """\
HEAD

# off until SHOP-12: the ledger moves
def _test_total():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
    ),
    "neighbour: file suffix": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        path="tests/shop_test.py",
        old_path="tests/test_shop.py",
    ),
    "neighbour: file configured": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        path="tests/check_shop.py",
        old_path="tests/test_shop.py",
        files={
            "pytest.ini": """\
[pytest]
python_files = test_*.py check_*.py
pythonpath = .
"""
        },
    ),
    "neighbour: file to attic": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
#!
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        path="attic/test_shop.py",
        old_path="tests/test_shop.py",
    ),
    "neighbour: file to norecurse": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
#!
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        path="tests/build/test_shop.py",
        old_path="tests/test_shop.py",
    ),
    "neighbour: file to hidden": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
#!
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        path="tests/.old/test_shop.py",
        old_path="tests/test_shop.py",
    ),
    "neighbour: comment todo": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
        """\
HEAD

# TODO
# def test_total():  #!
#     assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
    ),
    "neighbour: comment assert left": Case(
        """\
HEAD

def test_total():
    cart = Cart()
    assert cart.items == []
    assert cart.total() == 0
""",
        """\
HEAD

def test_total():
    cart = Cart()
    # assert cart.items == []
    assert cart.total() == 0
""",
    ),
    "neighbour: comment param": Case(
        """\
HEAD

@pytest.mark.parametrize("n", [
    1,
    2,
])
def test_n(n):
    assert Cart().total() < n
""",
        """\
HEAD

@pytest.mark.parametrize("n", [
    1,
    # 2,
])
def test_n(n):
    assert Cart().total() < n
""",
    ),
    "neighbour: if platform": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
        """\
HEAD

if sys.platform != "win32":
    def test_total():
        assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
    ),
    "neighbour: while 0": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

def test_total():
    while 0:  #!
        assert Cart().add("tea", 3).total() == 3
""",
    ),
    "neighbour: return why": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

def test_total():
    return  # SHOP-12: the ledger is away
    assert Cart().add("tea", 3).total() == 3
""",
    ),
    "neighbour: return cond why": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

def test_total():
    if sys.platform == "win32":
        return  # no pipes on Windows
    assert Cart().add("tea", 3).total() == 3
""",
    ),
    "neighbour: del method": Case(
        """\
HEAD

class TestCart:
    def test_total(self):
        assert Cart().total() == 0
""",
        """\
HEAD

class TestCart:
    def test_total(self):
        assert Cart().total() == 0

del TestCart.test_total  #!
""",
    ),
    "neighbour: method none": Case(
        """\
HEAD

class TestCart:
    def test_total(self):
        assert Cart().total() == 0
""",
        """\
HEAD

class TestCart:
    def test_total(self):
        assert Cart().total() == 0

TestCart.test_total = None  #!
""",
    ),
    "neighbour: subclass none": Case(
        """\
HEAD

class TestCart:
    def test_total(self):
        assert Cart().total() == 0

class TestBig(TestCart):
    pass
""",
        """\
HEAD

class TestCart:
    def test_total(self):
        assert Cart().total() == 0

class TestBig(TestCart):
    test_total = None  #!
""",
    ),
    "neighbour: dunder why": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

__test__ = False  # SHOP-12: the ledger is away

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
    ),
    "neighbour: dunder client": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

class TestClient:
    __test__ = False

    def get(self, path):
        return path

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
    ),
    "neighbour: to helper": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

def check_total(n):
    assert Cart().add("tea", n).total() == n

@pytest.mark.parametrize("n", [1, 3])
def test_total(n):
    check_total(n)
""",
    ),
    "neighbour: wrapped in noclass": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
        """\
HEAD

class Cases:  #!
    def test_total(self):
        assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
    ),
    "neighbour: testcase base dropped": Case(
        """\
HEAD

class CartCase(unittest.TestCase):
    def test_total(self):
        self.assertEqual(Cart().total(), 0)
""",
        """\
HEAD

class CartCase:  #!
    def test_total(self):
        assert Cart().total() == 0
""",
    ),
    "conftest: setup bare": Case(
        None,
        """\
import pytest

def pytest_runtest_setup(item):
    if "live" in item.keywords:
        pytest.skip()  #!
""",
        path="tests/conftest.py",
        files={"tests/test_live.py": LIVE},
    ),
    "conftest: mod empty": Case(
        None,
        """\
import pytest

def pytest_collection_modifyitems(items):
    for item in items:
        item.add_marker(pytest.mark.skip(reason=""))  #!
""",
        path="tests/conftest.py",
        files={"tests/test_live.py": LIVE},
    ),
    "conftest: mod xfail": Case(
        None,
        """\
import pytest

def pytest_collection_modifyitems(items):
    for item in items:
        item.add_marker(pytest.mark.xfail(strict=True))  #!
""",
        path="tests/conftest.py",
        files={"tests/test_live.py": LIVE},
    ),
    "conftest: mod var": Case(
        None,
        """\
import pytest

parked = pytest.mark.skip

def pytest_collection_modifyitems(items):
    for item in items:
        if "live" in item.nodeid:
            item.add_marker(parked)  #!
""",
        path="tests/conftest.py",
        files={"tests/test_live.py": LIVE},
    ),
    "conftest: mod fstring": Case(
        None,
        """\
import pytest

def pytest_collection_modifyitems(items):
    for item in items:
        if "live" in item.nodeid:
            item.add_marker(pytest.mark.skip(reason=f"{item.name} needs keys"))
""",
        path="tests/conftest.py",
        files={"tests/test_live.py": LIVE},
    ),
    "conftest: itemcollected": Case(
        None,
        """\
import pytest

def pytest_itemcollected(item):
    item.add_marker(pytest.mark.skip)  #!
""",
        path="tests/conftest.py",
        files={"tests/test_live.py": LIVE},
    ),
    "conftest: append false": Case(
        None,
        """\
import pytest

def pytest_collection_modifyitems(items):
    for item in items:
        item.add_marker("skip", append=False)  #!
""",
        path="tests/conftest.py",
        files={"tests/test_live.py": LIVE},
    ),
    "conftest: items filter doc": Case(
        None,
        """\
import pytest

def pytest_collection_modifyitems(items):
    # the live tests need keys that only the nightly build has
    items[:] = [i for i in items if "live" not in i.nodeid]
""",
        path="tests/conftest.py",
        files={"tests/test_live.py": LIVE},
    ),
    "conftest: items reverse": Case(
        None,
        """\
import pytest

def pytest_collection_modifyitems(items):
    items[:] = items[::-1]
""",
        path="tests/conftest.py",
        files={"tests/test_live.py": LIVE},
    ),
    "conftest: ignore collect none": Case(
        None,
        """\
import pytest

def pytest_ignore_collect(collection_path):
    return None
""",
        path="tests/conftest.py",
        files={"tests/test_live.py": LIVE},
    ),
    "conftest: collect ignore missing": Case(
        None,
        """\
collect_ignore = ["setup.py"]
""",
        path="tests/conftest.py",
        files={"tests/test_live.py": LIVE},
    ),
    "conftest: collect ignore if": Case(
        None,
        """\
import sys

collect_ignore = []
if sys.version_info < (3, 9):
    collect_ignore.append("test_live.py")
""",
        path="tests/conftest.py",
        files={"tests/test_live.py": LIVE},
    ),
    "conftest: collect ignore why": Case(
        None,
        """\
# the live tests need keys
collect_ignore = ["test_live.py"]
""",
        path="tests/conftest.py",
        files={"tests/test_live.py": LIVE},
    ),
    "conftest: markexpr": Case(
        None,
        """\
import pytest

def pytest_configure(config):
    config.option.markexpr = "not live"  #!
""",
        path="tests/conftest.py",
        files={"tests/test_live.py": LIVE},
    ),
    "conftest: keyword": Case(
        None,
        """\
import pytest

def pytest_configure(config):
    config.option.keyword = "not live"  #!
""",
        path="tests/conftest.py",
        files={"tests/test_live.py": LIVE},
    ),
    "conftest: addoption only": Case(
        None,
        """\
import pytest

def pytest_addoption(parser):
    parser.addoption("--live", action="store_true")
""",
        path="tests/conftest.py",
        files={"tests/test_live.py": LIVE},
    ),
    "conftest: autouse skip": Case(
        None,
        """\
import pytest

@pytest.fixture(autouse=True)
def no_live(request):
    if "live" in request.node.nodeid:
        pytest.skip()  #!
""",
        path="tests/conftest.py",
        files={"tests/test_live.py": LIVE},
    ),
    "conftest: pycollect": Case(
        None,
        """\
import pytest

def pytest_pycollect_makeitem(collector, name, obj):
    if "live" in name:
        return []  #!
""",
        path="tests/conftest.py",
        files={"tests/test_live.py": LIVE},
    ),
    "ini: ignore glob": Case(
        """\
[pytest]
pythonpath = .
""",
        """\
[pytest]
pythonpath = .
addopts = --ignore-glob=*_live.py #!
""",
        path="pytest.ini",
        files={"tests/test_live.py": LIVE},
    ),
    "ini: collect only": Case(
        """\
[pytest]
pythonpath = .
""",
        """\
[pytest]
pythonpath = .
addopts = --collect-only #!
""",
        path="pytest.ini",
        files={"tests/test_live.py": LIVE},
    ),
    "ini: norecurse": Case(
        """\
[pytest]
pythonpath = .
""",
        """\
[pytest]
pythonpath = .
norecursedirs = tests #!
""",
        path="pytest.ini",
        files={"tests/test_live.py": LIVE},
    ),
    "ini: python functions": Case(
        """\
[pytest]
pythonpath = .
""",
        """\
[pytest]
pythonpath = .
python_functions = check_* #!
""",
        path="pytest.ini",
        files={"tests/test_live.py": LIVE},
    ),
    "ini: testpaths same": Case(
        """\
[pytest]
pythonpath = .
""",
        """\
[pytest]
pythonpath = .
testpaths = tests
""",
        path="pytest.ini",
        files={"tests/test_live.py": LIVE},
    ),
    "conftest: elif": Case(
        None,
        """\
import sys

collect_ignore = []
if sys.version_info[:2] < (3, 6):
    collect_ignore.extend(["test_live.py"])
elif sys.platform == "x":
    collect_ignore.extend(["test_live.py"])
""",
        path="tests/conftest.py",
        files={"tests/test_live.py": LIVE},
    ),
    "conftest: else": Case(
        None,
        """\
import sys

if sys.version_info[:2] < (3, 6):
    collect_ignore = ["test_live.py"]
else:
    collect_ignore = []
""",
        path="tests/conftest.py",
        files={"tests/test_live.py": LIVE},
    ),
    "behind: 2 not 1": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

def test_total():
    if not 1:  #!
        assert Cart().add("tea", 3).total() == 3
""",
    ),
    "behind: 3 1 == 2": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

def test_total():
    if 1 == 2:  #!
        assert Cart().add("tea", 3).total() == 3
""",
    ),
    "behind: 5 1 > 2": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

def test_total():
    if 1 > 2:  #!
        assert Cart().add("tea", 3).total() == 3
""",
    ),
    "behind: 7 HAVE NETWORK and False": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

def test_total():
    if HAVE_NETWORK and False:  #!
        assert Cart().add("tea", 3).total() == 3
""",
    ),
    "behind: 8 ()": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

def test_total():
    if ():  #!
        assert Cart().add("tea", 3).total() == 3
""",
    ),
    "behind: 9 []": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

def test_total():
    if []:  #!
        assert Cart().add("tea", 3).total() == 3
""",
    ),
    "for: return": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

def test_total():
    for _ in range(3):
        return  #!
        assert Cart().add("tea", 3).total() == 3
""",
    ),
    "with: return": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

def test_total():
    with open(__file__):
        return  #!
        assert Cart().add("tea", 3).total() == 3
""",
    ),
    "try: return": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

def test_total():
    try:
        return  #!
        assert Cart().add("tea", 3).total() == 3
    finally:
        pass
""",
    ),
    "pass: return": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

def test_total():
    pass
    return  #!
    assert Cart().add("tea", 3).total() == 3
""",
    ),
    "print: return": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

def test_total():
    print("off")
    return  #!
    assert Cart().add("tea", 3).total() == 3
""",
    ),
    "setup: return": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

def test_total():
    cart = Cart()
    return  #!
    assert Cart().add("tea", 3).total() == 3
""",
    ),
    "return: expr": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

def test_total():
    return Cart().total()  #!
    assert Cart().add("tea", 3).total() == 3
""",
    ),
    "behind: else all return": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

def test_total():
    if HAVE_NETWORK:
        return  #!
    else:
        return
    assert Cart().add("tea", 3).total() == 3
""",
    ),
    "raise: in test": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

def test_total():
    raise NotImplementedError
    assert Cart().add("tea", 3).total() == 3
""",
    ),
    "behind: true": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

def test_total():
    if True:
        assert Cart().add("tea", 3).total() == 3
""",
    ),
    "behind: platform only": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

def test_total():
    if sys.platform != "win32":
        assert Cart().add("tea", 3).total() == 3
""",
    ),
    "behind: else assert": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

def test_total():
    if HAVE_NETWORK:
        assert Cart().add("tea", 3).total() == 3
    else:
        assert Cart().total() == 0
""",
    ),
    "assert: then return": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
    return
""",
    ),
    "assert: then return cond": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

def test_total():
    cart = Cart()
    assert cart.total() == 0
    if HAVE_NETWORK:
        return
    assert Cart().add("tea", 3).total() == 3
""",
    ),
    "exit: first": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

def test_total():
    sys.exit(0)
    assert Cart().add("tea", 3).total() == 3
""",
    ),
    "skip: after assert": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
    pytest.skip("needs the ledger for the rest")
""",
    ),
    "skip: after assert bare": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
    pytest.skip()  #!
""",
    ),
    "abstract: base added": Case(
        """\
HEAD

class TestCart:
    def test_total(self):
        assert Cart().total() == 0

    def test_items(self):
        assert Cart().items == []
""",
        """\
HEAD

import abc

class TestCart(abc.ABC):
    def test_total(self):
        assert Cart().total() == 0

    def test_items(self):
        assert Cart().items == []
""",
    ),
    "class: lower": Case(
        """\
HEAD

class TestCart:
    def test_total(self):
        assert Cart().total() == 0

    def test_items(self):
        assert Cart().items == []
""",
        """\
HEAD

class testCart:  #!
    def test_total(self):
        assert Cart().total() == 0

    def test_items(self):
        assert Cart().items == []
""",
    ),
    "class: in if": Case(
        """\
HEAD

class TestCart:
    def test_total(self):
        assert Cart().total() == 0

    def test_items(self):
        assert Cart().items == []
""",
        """\
HEAD

if sys.platform == "linux":
    class TestCart:
        def test_total(self):
            assert Cart().total() == 0

        def test_items(self):
            assert Cart().items == []
""",
    ),
    "class: in function": Case(
        """\
HEAD

class TestCart:
    def test_total(self):
        assert Cart().total() == 0

    def test_items(self):
        assert Cart().items == []
""",
        """\
HEAD

def make():
    class TestCart:
        def test_total(self):  #!
            assert Cart().total() == 0

        def test_items(self):  #!
            assert Cart().items == []
    return TestCart
""",
    ),
    "class: in function returned": Case(
        """\
HEAD

class TestCart:
    def test_total(self):
        assert Cart().total() == 0

    def test_items(self):
        assert Cart().items == []
""",
        """\
HEAD

def make():
    class TestCart:
        def test_total(self):
            assert Cart().total() == 0

        def test_items(self):
            assert Cart().items == []
    return TestCart

TestCart = make()
""",
    ),
    "mixin: extracted": Case(
        """\
HEAD

class TestCart:
    def test_total(self):
        assert Cart().total() == 0

    def test_items(self):
        assert Cart().items == []
""",
        """\
HEAD

class CartTests:
    def test_total(self):
        assert Cart().total() == 0

    def test_items(self):
        assert Cart().items == []

class TestCart(CartTests):
    pass
""",
    ),
    "ut: method renamed": Case(
        """\
HEAD

class CartTest(unittest.TestCase):
    def test_total(self):
        self.assertEqual(Cart().total(), 0)

    def test_items(self):
        self.assertEqual(Cart().items, [])
""",
        """\
HEAD

class CartTest(unittest.TestCase):
    def no_test_total(self):  #!
        self.assertEqual(Cart().total(), 0)

    def test_items(self):
        self.assertEqual(Cart().items, [])
""",
    ),
    "ut: runTest": Case(
        """\
HEAD

class CartTest(unittest.TestCase):
    def test_total(self):
        self.assertEqual(Cart().total(), 0)
""",
        """\
HEAD

class CartTest(unittest.TestCase):
    def runTest(self):
        self.assertEqual(Cart().total(), 0)
""",
    ),
    "ut: dunder test": Case(
        """\
HEAD

class CartTest(unittest.TestCase):
    def test_total(self):
        self.assertEqual(Cart().total(), 0)
""",
        """\
HEAD

class CartTest(unittest.TestCase):
    __test__ = False  #!

    def test_total(self):
        self.assertEqual(Cart().total(), 0)
""",
    ),
    "tests: moved into file": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
        """\
HEAD

def test_items():
    cart = Cart()
    assert cart.items == []
""",
        also={
            "tests/test_b.py": """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
"""
        },
    ),
    "tests: moved into noncollected": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
        """\
HEAD

def test_items():
    cart = Cart()
    assert cart.items == []
""",
        also={
            "tests/helpers.py": """\
HEAD

def test_total():  #!
    assert Cart().add("tea", 3).total() == 3
"""
        },
    ),
    "rename: and comment in docstring": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
        '''\
HEAD

def _test_total():  #!
    """Off."""
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
''',
    ),
    "rename: with noqa": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
        """\
HEAD

def _test_total():  # noqa: D1  #!
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
    ),
    "rename: comment above why": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
        """\
HEAD

# needs the ledger of SHOP-3
def _test_total():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
    ),
    "decorator: hook": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
        """\
HEAD

@pytest.hookimpl
def test_total():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
    ),
    "string: single quotes": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
        """\
HEAD

'''
def test_total():  #!
    assert Cart().add('tea', 3).total() == 3
'''

def test_items():
    cart = Cart()
    assert cart.items == []
""",
    ),
    "commented: partly": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
        """\
HEAD

#def test_total():  #!
#    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
    ),
    "commented: async": Case(
        """\
HEAD

async def test_total():
    assert Cart().total() == 0

def test_items():
    cart = Cart()
    assert cart.items == []
""",
        """\
HEAD

# async def test_total():  #!
#     assert Cart().total() == 0

def test_items():
    cart = Cart()
    assert cart.items == []
""",
    ),
    "replaced: by better": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
        """\
HEAD

# test_total was folded into test_items
def test_items():
    cart = Cart()
    assert cart.items == []
    assert cart.total() == 0
""",
    ),
    "commented: and rewritten": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
        """\
HEAD

# def test_total():
#     assert Cart().add("tea", 3).total() == 3

def test_total():
    assert Cart().add("tea", 3).total() == 3.0

def test_items():
    cart = Cart()
    assert cart.items == []
""",
    ),
    "added: autouse": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []

@pytest.fixture(autouse=True)
def off():
    pytest.skip()  #!
""",
    ),
    "added: usefixtures with skip": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
        """\
HEAD

@pytest.fixture
def off():
    pytest.skip()  #!

@pytest.mark.usefixtures("off")
def test_total():
    assert Cart().add("tea", 3).total() == 3
""",
    ),
    "added: method doc renamed helper": Case(
        """\
HEAD

class TestCart:
    def test_total(self):
        assert Cart().total() == 0

    def test_items(self):
        assert Cart().items == []
""",
        """\
HEAD

class TestCart:
    def check_total(self):
        assert Cart().total() == 0

    def test_items(self):
        self.check_total()
        assert Cart().items == []
""",
    ),
    "added: class commented": Case(
        """\
HEAD

class TestCart:
    def test_total(self):
        assert Cart().total() == 0

    def test_items(self):
        assert Cart().items == []

def test_more():
    cart = Cart()
    assert cart.items == []
""",
        """\
HEAD

# class TestCart:
#     def test_total(self):  #!
#         assert Cart().total() == 0
#
#     def test_items(self):  #!
#         assert Cart().items == []

def test_more():
    cart = Cart()
    assert cart.items == []
""",
    ),
    "added: method moved out": Case(
        """\
HEAD

class TestCart:
    def test_total(self):
        assert Cart().total() == 0

    def test_items(self):
        assert Cart().items == []
""",
        """\
HEAD

class TestCart:
    def test_items(self):
        assert Cart().items == []

def test_total():
    assert Cart().total() == 0
""",
    ),
    "added: class to functions": Case(
        """\
HEAD

class TestCart:
    def test_total(self):
        assert Cart().total() == 0

    def test_items(self):
        assert Cart().items == []
""",
        """\
HEAD

def test_total():
    assert Cart().total() == 0

def test_items():
    assert Cart().items == []
""",
    ),
    "added: test split": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3
    assert Cart().add("tea", 4).total() == 4
""",
        """\
HEAD

def test_total_one():
    assert Cart().add("tea", 3).total() == 3

def test_total_two():
    assert Cart().add("tea", 4).total() == 4
""",
    ),
    "added: try def": Case(
        """\
HEAD

def test_total():
    assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
        """\
HEAD

try:
    import ledger
except ImportError:
    ledger = None
else:
    def test_total():
        assert Cart().add("tea", 3).total() == 3

def test_items():
    cart = Cart()
    assert cart.items == []
""",
    ),
}


def whole(text: str) -> str:
    return text.replace("HEAD\n", HEAD, 1)


@pytest.mark.parametrize("name", CASES)
def test_case(name: str) -> None:
    case = CASES[name]
    before = dict(case.files)
    after = dict(before)
    if case.before is not None:
        before[case.old_path or case.path] = whole(case.before)
    after[case.path] = whole(case.after)
    for path, text in case.also.items():
        if text is None:
            del after[path]
        else:
            after[path] = whole(text)
    before = {path: whole(text) for path, text in before.items()}
    renames = {case.path: case.old_path} if case.old_path else {}
    wanted = expected(after)
    assert places(skips(staged(before, after, renames)), wanted) == wanted


def test_half_of_them_are_silent() -> None:
    silent = [
        case
        for case in CASES.values()
        if "#!" not in case.after + "".join(filter(None, case.also.values()))
    ]
    assert len(CASES) / 3 <= len(silent) <= len(CASES) * 2 / 3

"""What proves something and what does not: assertions that are always true, ways to check."""

from __future__ import annotations

import textwrap
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import pytest
from staged import hollows, skips, staged

if TYPE_CHECKING:
    from collections.abc import Mapping

PATH = "tests/test_shop.py"
HEAD = """\
import contextlib
import copy
import sys
import unittest
from unittest import mock

import numpy as np
import pytest

from shop.cart import Cart
from shop.client import HAVE_NETWORK, Client

"""

# Asserted of `cart = Cart()`.
ALWAYS_TRUE = [
    "True",
    "1",
    '"text"',
    '("x", 1)',
    '(cart.total() == 3, "total")',
    "(cart.total() == 3,)",
    "not False",
    "not None",
    "not []",
    'not ""',
    "not 0",
    "1 == 1",
    '"a" == "a"',
    "2 + 2 == 4",
    "1 < 2",
    "3 != 4",
    "None is None",
    '"a" in "abc"',
    "1 in [1, 2]",
    "True is True",
    "True == True",
    "cart == cart",
    "cart is cart",
    "cart.items == cart.items",
    "len(cart.items) >= 0",
    "len(cart.items) > -1",
    "0 <= len(cart.items)",
    "-1 < len(cart.items)",
    "not len(cart.items) < 0",
    "isinstance(cart, object)",
    "cart.total() == 3 or True",
    'cart.total() == 3 or "no"',
    "True or cart.total() == 3",
    "[1]",
    '{"a": 1}',
    "{1}",
    "[cart]",
    "(cart)  is not None or True",
    "lambda: cart.total() == 3",
    "(cart.total() == n for n in (1, 2))",
    "bool(1)",
    "all([])",
    "any([True])",
    'True, "always"',
    'f"total {cart.total()}"',
    "not not True",
    "1 if cart.total() else 2",
    "True and True",
    "...",
    "not (1 == 2)",
    "not (False)",
    "True != False",
    'len("abc") == 3',
    "cart.total() == cart.total() or True",
    "cart.total() or True",
    '"total" "ok"',
    'b"x"',
    "1.5",
    "(lambda: True)",
    "cart is not None or cart is None",
    "cart.total() == 3 or cart.total() != 3",
    'bool("x")',
    'str("x")',
    "any([1, cart.total()])",
    '{**{}, "a": 1}',
    "[*[], 1]",
]
MAY_FAIL = [
    "cart",
    "cart.items == []",
    "not cart.items",
    "()  == tuple(cart.items)",
    "len(cart.items) > 0",
    "len(cart.items) >= 1",
    "0 < len(cart.items)",
    "cart.total() == 0",
    "copy.copy(cart) == cart",
    "cart.total() is not None",
    "isinstance(cart, Cart)",
    "cart.total() or cart.items",
    "cart == Cart()",
    "hash(cart) == hash(cart)",
    "cart.items is not cart.items",
    "cart != 3",
    "all(n for n in cart.items)",
    "any(cart.items)",
    "cart.items in ([], None)",
    'cart.total() == 0, "empty"',
    "not any(cart.items)",
    "[*cart.items]",
    "{**vars(cart)}",
    "cart.total() == cart.total()",
    'f"{cart}"',
    "cart.total() <= 0",
    "convert(1, 1) == 1",
    "bool(cart.items) is False",
    "Cart",
    "(cart.total() == 0)",
    "cart.items == [] and True",
    '"" not in [cart]',
    "str(cart)",
    "False or cart.total() == 0",
    '{"a": cart.total()} == {"a": 0}',
    "1 == cart.total() + 1",
    "np.nan != cart.total()",
    "cart.total() == -0.0",
]
ALWAYS_TRUE_CALLS = [
    "assertTrue(True)",
    'assertTrue("x")',
    "assertTrue(1 == 1)",
    "assertFalse(False)",
    "assertFalse(None)",
    "assertFalse([])",
    "assertEqual(1, 1)",
    "assertEqual(cart, cart)",
    "assertIs(cart, cart)",
    "assertIsNone(None)",
    "assertIsNotNone(1)",
    "assertIn(1, [1])",
    "assertNotEqual(1, 2)",
    "assertGreater(2, 1)",
    "assertGreaterEqual(len(cart.items), 0)",
    "assertIsInstance(cart, object)",
    'assertEqual("a", "a", "same")',
    "assertEqual(first=1, second=1)",
    "assertTrue(expr=True)",
    "assertTrue(cart.total() == 3 or True)",
    "assertListEqual([], [])",
    "assertTrue((cart.total(), 3))",
    "assertLess(1, 2)",
    "assertNotIn(3, [1])",
    "assertEqual(cart.items, cart.items)",
]
CALLS_THAT_MAY_FAIL = [
    "assertTrue(cart)",
    "assertTrue(cart.total(), 3)",
    "assertEqual(cart.total(), 0)",
    "assertEqual(cart.total(), cart.total())",
    "assertIsNotNone(cart.total())",
    "assertGreaterEqual(len(cart.items), 1)",
    "assertFalse(cart.items)",
    'assertRaises(ValueError, cart.add, "tea", 3, -1)',
    "assertIsInstance(cart, Cart)",
    "assertCountEqual(cart.items, [])",
    "assertAlmostEqual(cart.total(), 0.0)",
    'fail("not yet")',
]


class Form(NamedTuple):
    """A test module without its head, and what the tests have already."""

    text: str
    files: Mapping[str, str] = MappingProxyType({})


HOLLOW = {
    "unittest: raises bare": Form("""\
class CartTest(unittest.TestCase):
    def test_total(self):
        cart = Cart()
        self.assertRaises(ValueError)
"""),
    "unittest: subtest pass": Form("""\
class CartTest(unittest.TestCase):
    def test_total(self):
        cart = Cart()
        for n in (1, 2):
            with self.subTest(n=n):
                pass
"""),
    "unittest: method unassigned": Form("""\
class CartTest(unittest.TestCase):
    def test_total(self):
        cart = Cart()
        self.assertTrue
"""),
    "unittest: swallow": Form("""\
class CartTest(unittest.TestCase):
    def test_total(self):
        cart = Cart()
        try:
            self.assertEqual(cart.total(), 3)
        except AssertionError:
            pass
"""),
    "mock: attr bare": Form("""\
def test_total():
    m = mock.Mock()
    m(1)
    m.assert_called_once
"""),
    "mock: nothing": Form("""\
def test_total():
    with mock.patch("shop.cart.Cart.total", return_value=3):
        Cart().total()
"""),
    "raises: noncontext": Form("""\
def test_total():
    pytest.raises(ValueError)
"""),
    "raises: ae assert": Form("""\
def test_total():
    with pytest.raises(AssertionError):
        assert Cart().total() == 3
"""),
    "raises: exception assert": Form("""\
def test_total():
    with pytest.raises(Exception):
        assert Cart().total() == 3
"""),
    "approx bare": Form("""\
def test_total():
    Cart().total() == pytest.approx(3)
"""),
    "np same": Form("""\
def test_total():
    x = np.array([Cart().total()])
    np.testing.assert_array_equal(x, x)
"""),
    "nullcontext plain": Form("""\
def test_total():
    with contextlib.nullcontext():
        Cart().total()
"""),
    "swallowed: finally return": Form("""\
def test_total():
    try:
        assert Cart().total() == 3
    finally:
        return
"""),
    "swallowed: base": Form("""\
def test_total():
    try:
        assert Cart().total() == 3
    except BaseException as e:
        print(e)
"""),
    "swallowed: log": Form("""\
def test_total():
    import logging
    try:
        assert Cart().total() == 3
    except Exception:
        logging.exception("no")
"""),
    "swallowed: suppress two": Form("""\
def test_total():
    with contextlib.suppress(ValueError, AssertionError):
        assert Cart().total() == 3
"""),
    "swallowed: suppress exc": Form("""\
def test_total():
    with contextlib.suppress(Exception):
        assert Cart().total() == 3
"""),
    "swallowed: alias": Form("""\
def test_total():
    from contextlib import suppress as quiet
    with quiet(AssertionError):
        assert Cart().total() == 3
"""),
    "swallowed: nested": Form("""\
def test_total():
    for n in range(3):
        try:
            assert Cart().total() == n
        except AssertionError:
            continue
"""),
    "swallowed: return": Form("""\
def test_total():
    try:
        assert Cart().total() == 3
    except AssertionError:
        return
"""),
    "unreachable: range0": Form("""\
def test_total():
    for n in range(0):
        assert Cart().total() == 3
"""),
    "unreachable: empty list": Form("""\
def test_total():
    for n in []:
        assert Cart().total() == 3
"""),
    "unreachable: while false": Form("""\
def test_total():
    while False:
        assert Cart().total() == 3
"""),
    "unreachable: lambda": Form("""\
def test_total():
    check = lambda: Cart().total() == 3
    check
"""),
    "unreachable: nested def": Form("""\
def test_total():
    def check():
        assert Cart().total() == 3
"""),
    "unreachable: class in test": Form("""\
def test_total():
    class Inner:
        def check(self):
            assert Cart().total() == 3
"""),
    "unreachable: if type checking": Form("""\
def test_total():
    from typing import TYPE_CHECKING
    if TYPE_CHECKING:
        assert Cart().total() == 3
"""),
    "unreachable: comment only": Form("""\
def test_total():
    # assert Cart().total() == 3
    Cart().total()
"""),
    "unreachable: string assert": Form("""\
def test_total():
    "assert Cart().total() == 3"
"""),
    "unreachable: generator": Form("""\
def test_total():
    (n for n in [1] if n == Cart().total())
"""),
    "log": Form("""\
def test_total():
    import logging
    logging.info(Cart().total())
"""),
    "print": Form("""\
def test_total():
    print(Cart().total())
"""),
    "return assert": Form("""\
def test_total():
    return Cart().total() == 3
"""),
    "return cmp paren": Form("""\
def test_total():
    return (Cart().total() == 3)
"""),
    "ellipsis doc": Form('''\
def test_total():
    """Total is right."""
    ...
'''),
    "pass comment": Form("""\
def test_total():
    pass  # nothing to see
"""),
    "comment pass": Form("""\
def test_total():
    # TODO: write it
    pass
"""),
    "var only": Form("""\
def test_total():
    total = Cart().total()
"""),
    "var cmp": Form("""\
def test_total():
    ok = Cart().total() == 3
"""),
    "global": Form("""\
def test_total():
    global seen
    seen = Cart()
"""),
    "del": Form("""\
def test_total():
    cart = Cart()
    del cart
"""),
    "is": Form("""\
def test_total():
    Cart().items is None
"""),
    "in": Form("""\
def test_total():
    "a" in Cart().items
"""),
    "not": Form("""\
def test_total():
    not Cart().items
"""),
    "and": Form("""\
def test_total():
    Cart().total() == 3 and Cart().items == []
"""),
    "sleep": Form("""\
def test_total():
    import time
    time.sleep(0)
"""),
    "subprocess": Form("""\
def test_total():
    import subprocess
    subprocess.run(["true"])
"""),
    "async gather": Form("""\
def test_total():
    import asyncio
    asyncio.run(asyncio.sleep(0))
"""),
    "capsys unused": Form("""\
def test_total(capsys):
    print(Cart().total())
    capsys.readouterr()
"""),
    "caplog unused": Form("""\
def test_total(caplog):
    Cart().total()
    caplog.clear()
"""),
    "hypothesis pass": Form("""\
from hypothesis import given, strategies as st

@given(st.integers())
def test_total(n):
    pass
"""),
    "helper tautology": Form("""\
def check(cart):
    assert True

def test_total():
    check(Cart())
"""),
    "helper unused": Form("""\
def check(cart):
    assert cart.total() == 0

def test_total():
    Cart()
    check
"""),
    "helper returns bool": Form("""\
def is_ok(cart):
    return cart.total() == 0

def test_total():
    is_ok(Cart())
"""),
    "two tests one hollow": Form("""\
def test_total():
    assert Cart().total() == 0

def test_items():
    Cart().items
"""),
    "parametrized pass": Form("""\
@pytest.mark.parametrize("n", [1, 2])
def test_total(n):
    pass
"""),
    "async pass": Form("""\
@pytest.mark.asyncio
async def test_total():
    pass
"""),
    "async noawait": Form("""\
@pytest.mark.asyncio
async def test_total():
    async def check():
        assert Cart().total() == 0
    check
"""),
    "skipif pass": Form("""\
@pytest.mark.skipif("sys.platform == 'win32'", reason="posix only")
def test_total():
    pass
"""),
    "inner class": Form("""\
class TestCart:
    class TestInner:
        def test_total(self):
            pass
"""),
    "static": Form("""\
class TestCart:
    @staticmethod
    def test_total():
        pass
"""),
    "local true": Form("""\
def test_total():
    ok = True
    assert ok
"""),
    "local equal": Form("""\
def test_total():
    total = 3
    assert total == 3
"""),
    "no crash name free": Form("""\
def test_total():
    cart = Cart()
    cart.clear()
"""),
    "only with": Form("""\
def test_total():
    with open(__file__) as f:
        f.read()
"""),
    "only try": Form("""\
def test_total():
    try:
        Cart().total()
    except Exception:
        pass
"""),
    "try print": Form("""\
def test_total():
    try:
        Cart().add("tea", 3, -1)
    except ValueError:
        print("error")
"""),
    "if pass": Form("""\
def test_total():
    if Cart().total() != 3:
        pass
"""),
    "while": Form("""\
def test_total():
    while Cart().total():
        break
"""),
    "logging only": Form("""\
def test_total():
    import logging
    logging.getLogger().warning("%s", Cart().total())
"""),
    "assert str compare noassert": Form("""\
def test_total():
    str(Cart().total()) == "3"
"""),
    "bool expr": Form("""\
def test_total():
    Cart().total() == 3 or Cart().total() == 4
"""),
    "lambda only": Form("""\
def test_total():
    f = lambda: Cart().total()
    f()
"""),
    "compare in var unused": Form("""\
def test_total():
    equal = Cart().items == []
    print(equal)
"""),
    "mock only": Form("""\
def test_total():
    m = mock.MagicMock()
    m.total.return_value = 3
    m.total()
"""),
    "any unused": Form("""\
def test_total():
    any(i for i in Cart().items)
"""),
    "isinstance unused": Form("""\
def test_total():
    isinstance(Cart(), Cart)
"""),
    "assert after skip guard": Form("""\
def test_total():
    if not HAVE_NETWORK:
        pytest.skip("needs network")
    Client().skip(1)
"""),
    "helper not checking": Form(
        """\
from tests import helpers as h


def test_total():
    h.same(Cart().total(), 0)
""",
        {
            "tests/__init__.py": "",
            "tests/helpers.py": """\
def same(a, b):
    return a == b
""",
        },
    ),
    "name works": Form("""\
def test_total_works():
    Cart().total()
"""),
}

CHECKING = {
    "unittest: subtest ok": Form("""\
class CartTest(unittest.TestCase):
    def test_total(self):
        cart = Cart()
        for n in (1, 2):
            with self.subTest(n=n):
                self.assertEqual(cart.total(), 0)
"""),
    "unittest: logs": Form("""\
class CartTest(unittest.TestCase):
    def test_total(self):
        cart = Cart()
        with self.assertLogs("x"):
            cart.total()
"""),
    "unittest: no logs": Form("""\
class CartTest(unittest.TestCase):
    def test_total(self):
        cart = Cart()
        with self.assertNoLogs():
            cart.total()
"""),
    "unittest: try fail": Form("""\
class CartTest(unittest.TestCase):
    def test_total(self):
        cart = Cart()
        try:
            cart.add("tea", 3, -1)
        except ValueError:
            pass
        else:
            self.fail("no error")
"""),
    "mock: called": Form("""\
def test_total():
    m = mock.Mock()
    m(1)
    assert m.called
"""),
    "mock: count": Form("""\
def test_total():
    m = mock.Mock()
    m(1)
    assert m.call_count == 1
"""),
    "mock: assert": Form("""\
def test_total():
    m = mock.Mock()
    m(1)
    m.assert_called_once_with(1)
"""),
    "mock: args": Form("""\
def test_total():
    m = mock.Mock()
    m(1)
    assert m.call_args == mock.call(1)
"""),
    "mock: any call": Form("""\
def test_total():
    m = mock.Mock()
    m(1)
    m.assert_any_call(1)
"""),
    "raises: call": Form("""\
def test_total():
    pytest.raises(ValueError, Cart().add, "tea", 3, -1)
"""),
    "raises: lambda": Form("""\
def test_total():
    pytest.raises(ValueError, lambda: Cart().add("tea", 3, -1))
"""),
    "raises: info": Form("""\
def test_total():
    with pytest.raises(ValueError) as info:
        Cart().add("tea", 3, -1)
    assert "qty" in str(info.value)
"""),
    "raises: group": Form("""\
def test_total():
    with pytest.raises((ValueError, TypeError)):
        Cart().add("tea", 3, -1)
"""),
    "warns": Form("""\
def test_total():
    with pytest.warns(UserWarning):
        Cart().total()
"""),
    "deprecated": Form("""\
def test_total():
    with pytest.deprecated_call():
        Cart().total()
"""),
    "approx": Form("""\
def test_total():
    assert Cart().total() == pytest.approx(0)
"""),
    "np ok": Form("""\
def test_total():
    np.testing.assert_allclose([Cart().total()], [0])
"""),
    "np from": Form("""\
def test_total():
    from numpy.testing import assert_equal
    assert_equal(Cart().total(), 0)
"""),
    "pd": Form("""\
def test_total():
    import pandas.testing as tm
    tm.assert_frame_equal(Cart().items, [])
"""),
    "does not raise": Form("""\
def test_total():
    from contextlib import nullcontext as does_not_raise
    with does_not_raise():
        Cart().total()
"""),
    "swallowed: suppress other": Form("""\
def test_total():
    with contextlib.suppress(ValueError):
        assert Cart().total() == 0
"""),
    "swallowed: reraise if": Form("""\
def test_total():
    try:
        assert Cart().total() == 0
    except AssertionError as e:
        if e.args:
            raise
"""),
    "swallowed: raise other": Form("""\
def test_total():
    try:
        assert Cart().total() == 0
    except AssertionError as e:
        raise RuntimeError("no") from e
"""),
    "swallowed: fail": Form("""\
def test_total():
    try:
        assert Cart().total() == 0
    except AssertionError:
        pytest.fail("no")
"""),
    "swallowed: collect": Form("""\
def test_total():
    errors = []
    for n in (0,):
        try:
            assert Cart().total() == n
        except AssertionError as e:
            errors.append(e)
    assert not errors
"""),
    "swallowed: other": Form("""\
def test_total():
    try:
        assert Cart().total() == 0
    except ValueError:
        pass
"""),
    "swallowed: exit": Form("""\
def test_total():
    import sys
    try:
        assert Cart().total() == 0
    except AssertionError:
        sys.exit(1)
"""),
    "swallowed: one of two": Form("""\
def test_total():
    try:
        assert Cart().total() == 3
    except AssertionError:
        pass
    assert Cart().items == []
"""),
    "unreachable: after raise in raises": Form("""\
def test_total():
    with pytest.raises(ValueError):
        Cart().add("tea", 3, -1)
        assert Cart().total() == 3
"""),
    "unreachable: nested called": Form("""\
def test_total():
    def check():
        assert Cart().total() == 0
    check()
"""),
    "unreachable: nested thread": Form("""\
def test_total():
    import threading
    def check():
        assert Cart().total() == 0
    t = threading.Thread(target=check)
    t.start()
    t.join()
"""),
    "unreachable: listcomp assert": Form("""\
def test_total():
    [pytest.fail("no") for n in Cart().items]
"""),
    "notimpl": Form("""\
def test_total():
    raise NotImplementedError
"""),
    "subprocess check": Form("""\
def test_total():
    import subprocess
    subprocess.run(["true"], check=True)
"""),
    "check call": Form("""\
def test_total():
    import subprocess
    subprocess.check_call(["true"])
"""),
    "smoke doc": Form('''\
def test_total():
    """Must not raise."""
    Cart().total()
'''),
    "assert that": Form("""\
def test_total():
    from hamcrest import assert_that, equal_to
    assert_that(Cart().total(), equal_to(0))
"""),
    "expects": Form("""\
def test_total():
    from expects import expect, equal
    expect(Cart().total()).to(equal(0))
"""),
    "should": Form("""\
def test_total():
    Cart().total().should.equal(0)
"""),
    "doctest run": Form("""\
def test_total():
    import doctest, shop.cart
    assert doctest.testmod(shop.cart).failed == 0
"""),
    "xfail call": Form("""\
def test_total():
    if Cart().total() != 0:
        pytest.xfail("SHOP-1 rounding")
"""),
    "exit raise": Form("""\
def test_total():
    if Cart().total() != 0:
        raise AssertionError("no")
"""),
    "snapshot": Form("""\
def test_total(snapshot):
    assert Cart().total() == snapshot
"""),
    "snapshot match": Form("""\
def test_total(snapshot):
    snapshot.assert_match(str(Cart().total()), "t.txt")
"""),
    "dataregression": Form("""\
def test_total(data_regression):
    data_regression.check({"total": Cart().total()})
"""),
    "capsys": Form("""\
def test_total(capsys):
    print(Cart().total())
    assert capsys.readouterr().out == "0\\n"
"""),
    "hypothesis": Form("""\
from hypothesis import given, strategies as st

@given(st.integers())
def test_total(n):
    assert convert(n, 1) == n
"""),
    "helper": Form("""\
def check(cart):
    assert cart.total() == 0

def test_total():
    check(Cart())
"""),
    "helper returns asserted": Form("""\
def is_ok(cart):
    return cart.total() == 0

def test_total():
    assert is_ok(Cart())
"""),
    "fixture asserts": Form("""\
@pytest.fixture
def cart():
    cart = Cart()
    yield cart
    assert cart.total() == 3

def test_total(cart):
    cart.add("tea", 3)
"""),
    "autouse asserts": Form("""\
@pytest.fixture(autouse=True)
def check_after():
    yield
    assert Cart().total() == 0

def test_total():
    Cart().add("tea", 3)
"""),
    "class helper": Form("""\
class TestCart:
    def check(self, cart):
        assert cart.total() == 0

    def test_total(self):
        self.check(Cart())
"""),
    "async ok": Form("""\
@pytest.mark.asyncio
async def test_total():
    assert Cart().total() == 0
"""),
    "xfail reason noassert": Form("""\
@pytest.mark.xfail(reason="SHOP-1 raises")
def test_total():
    Cart().add("tea", 3, -1)
"""),
    "skipped pass": Form("""\
@pytest.mark.skip(reason="needs the ledger")
def test_total():
    pass
"""),
    "not collected": Form("""\
def helper_test():
    pass

class Helper:
    def test_total(self):
        pass
"""),
    "abstract": Form("""\
import abc

class TestContract(abc.ABC):
    @abc.abstractmethod
    def test_total(self):
        ...
"""),
    "decorator checks": Form("""\
def checked(fn):
    def inner():
        assert fn() == 0
    return inner

@checked
def test_total():
    return Cart().total()
"""),
    "local nonlocal": Form("""\
def test_total():
    ok = True
    def cb():
        nonlocal ok
        ok = False
    Cart().total()
    cb()
    assert not ok
"""),
    "local changed": Form("""\
def test_total():
    ok = True
    for n in Cart().items:
        ok = ok and n
    assert ok
"""),
    "side effect": Form("""\
def test_total():
    with mock.patch("shop.cart.Cart.clear", side_effect=AssertionError):
        Cart().total()
"""),
    "side effect text": Form("""\
def test_total():
    with mock.patch("shop.cart.Cart.clear", side_effect=AssertionError("called")):
        Cart().total()
"""),
    "monkey fail": Form("""\
def test_total(monkeypatch):
    monkeypatch.setattr(Cart, "clear", lambda self: pytest.fail("called"))
    Cart().total()
"""),
    "wait selector": Form("""\
def test_total(page):
    page.goto("/")
    page.wait_for_selector("h1")
"""),
    "wait url": Form("""\
def test_total(page):
    page.goto("/")
    page.wait_for_url("**/cart")
"""),
    "qtbot": Form("""\
def test_total(qtbot):
    with qtbot.waitSignal(Cart().items, timeout=1):
        Cart().clear()
"""),
    "num queries": Form("""\
def test_total(django_assert_num_queries):
    with django_assert_num_queries(2):
        Cart().total()
"""),
    "playwright": Form("""\
def test_total(page):
    from playwright.sync_api import expect
    expect(page).to_have_title("x")
"""),
    "pytester": Form("""\
def test_total(pytester):
    result = pytester.runpytest()
    result.assert_outcomes(passed=1)
"""),
    "stdout": Form("""\
def test_total(pytester):
    result = pytester.runpytest()
    result.stdout.fnmatch_lines(["*1 passed*"])
"""),
    "response ok": Form("""\
def test_total():
    r = Client().get("/")
    r.raise_for_status()
"""),
    "mocker spy": Form("""\
def test_total(mocker):
    spy = mocker.spy(Cart, "clear")
    Cart().clear()
    spy.assert_called_once()
"""),
    "assert in loop": Form("""\
def test_total():
    for n in range(3):
        assert Cart().add("tea", n).total() == n
"""),
    "assert in with": Form("""\
def test_total():
    with open(__file__) as f:
        assert f.read()
"""),
    "assert in else": Form("""\
def test_total():
    try:
        cart = Cart()
    except TypeError:
        pytest.fail("no")
    else:
        assert cart.total() == 0
"""),
    "assert in finally": Form("""\
def test_total():
    cart = Cart()
    try:
        cart.add("tea", 3)
    finally:
        assert cart.items
"""),
    "assert in match": Form("""\
def test_total():
    match Cart().total():
        case 0:
            pass
        case _:
            raise AssertionError
"""),
    "exc message": Form("""\
def test_total():
    try:
        Cart().add("tea", 3, -1)
    except ValueError as e:
        assert "qty" in str(e)
    else:
        pytest.fail("no error")
"""),
    "exitstack": Form("""\
def test_total():
    with contextlib.ExitStack() as stack:
        stack.enter_context(pytest.raises(ValueError))
        Cart().add("tea", 3, -1)
"""),
    "raises var": Form("""\
def test_total():
    expected = pytest.raises(ValueError)
    with expected:
        Cart().add("tea", 3, -1)
"""),
    "raises ternary": Form("""\
def test_total(n=0):
    with (pytest.raises(ValueError) if n < 1 else contextlib.nullcontext()):
        Cart().add("tea", 3, n)
"""),
    "warn error": Form("""\
def test_total():
    import warnings
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Cart().total()
"""),
    "assert method obj": Form("""\
def test_total():
    checker = Cart()
    checker.assert_empty()
"""),
    "verify": Form("""\
def test_total():
    Cart().verify()
"""),
    "validate schema": Form("""\
def test_total():
    import jsonschema
    jsonschema.validate({}, {})
"""),
    "type": Form("""\
def test_total():
    from typing import assert_type
    assert_type(Cart().total(), int)
"""),
    "async wait": Form("""\
def test_total():
    import asyncio
    async def go():
        assert Cart().total() == 0
    asyncio.run(go())
"""),
    "nested used": Form("""\
def test_total():
    def check(c):
        assert c.total() == 0
    list(map(check, [Cart()]))
"""),
    "partial": Form("""\
def test_total():
    import functools
    def check(c, n):
        assert c.total() == n
    f = functools.partial(check, n=0)
    f(Cart())
"""),
    "raise plain": Form("""\
def test_total():
    if Cart().total() != 0:
        raise ValueError("total")
"""),
    "fixture checker": Form("""\
def test_total(assert_total):
    assert_total(Cart(), 0)
"""),
    "golden": Form("""\
def test_total(golden):
    golden.check("x")
"""),
    "class unknown base": Form("""\
from vendored import BaseCase


class TestCart(BaseCase):
    def test_total(self):
        self.run_scenario("total")
"""),
    "classmethod check": Form("""\
class TestCart:
    @classmethod
    def same(cls, a, b):
        assert a == b

    def test_total(self):
        self.same(Cart().total(), 0)
"""),
    "static check": Form("""\
class TestCart:
    @staticmethod
    def same(a, b):
        assert a == b

    def test_total(self):
        TestCart.same(Cart().total(), 0)
"""),
    "super": Form("""\
class TestBase:
    def test_total(self):
        assert Cart().total() == 0


class TestMore(TestBase):
    def test_total(self):
        super().test_total()
"""),
    "calls other test": Form("""\
def test_total():
    assert Cart().total() == 0


def test_again():
    test_total()
"""),
    "given assert": Form("""\
from hypothesis import given, strategies as st


@given(st.integers(min_value=1))
def test_total(n):
    assert Cart().add("tea", n).total() == n
"""),
    "stateful": Form("""\
from hypothesis.stateful import RuleBasedStateMachine, rule


class Machine(RuleBasedStateMachine):
    @rule()
    def add(self):
        assert Cart().total() == 0


TestMachine = Machine.TestCase
"""),
    "teardown method": Form("""\
class TestCart:
    def setup_method(self):
        self.cart = Cart()

    def teardown_method(self):
        assert self.cart.items

    def test_total(self):
        self.cart.add("tea", 3)
"""),
    "conftest helper": Form(
        """\
def test_total(same):
    same(Cart().total(), 0)
""",
        {
            "tests/conftest.py": """\
import pytest


@pytest.fixture
def same():
    def check(a, b):
        assert a == b
    return check
"""
        },
    ),
    "helper module alias": Form(
        """\
from tests import helpers as h


def test_total():
    h.same(Cart().total(), 0)
""",
        {
            "tests/__init__.py": "",
            "tests/helpers.py": """\
def same(a, b):
    assert a == b
""",
        },
    ),
    "helper src": Form(
        """\
from shop.testing import same


def test_total():
    same(Cart().total(), 0)
""",
        {
            "shop/testing.py": """\
def same(a, b):
    assert a == b
"""
        },
    ),
    "doc works": Form('''\
def test_total():
    """Totals of empty carts work."""
    Cart().total()
'''),
    "doc can create": Form('''\
def test_cart():
    """Cart can create generic items."""
    Cart().add("a", 1)
'''),
}


def found(text: str, files: Mapping[str, str] = MappingProxyType({})) -> int:
    """Return how many findings a new module has."""
    change = staged(dict(files), {**files, PATH: HEAD + text})
    return len(hollows(change) or skips(change))


def in_function(line: str) -> str:
    return f"def test_total():\n    cart = Cart()\n    {line}\n"


def in_case(line: str) -> str:
    return "class CartTest(unittest.TestCase):\n" + textwrap.indent(
        in_function(f"self.{line}").replace("()", "(self)", 1), "    "
    )


@pytest.mark.parametrize("test", ALWAYS_TRUE)
def test_always_true(test: str) -> None:
    assert found(in_function(f"assert {test}")) == 1


@pytest.mark.parametrize("test", MAY_FAIL)
def test_may_fail(test: str) -> None:
    assert found(in_function(f"assert {test}")) == 0


@pytest.mark.parametrize("call", ALWAYS_TRUE_CALLS)
def test_call_that_is_always_true(call: str) -> None:
    assert found(in_case(call)) == 1


@pytest.mark.parametrize("call", CALLS_THAT_MAY_FAIL)
def test_call_that_may_fail(call: str) -> None:
    assert found(in_case(call)) == 0


@pytest.mark.parametrize("name", HOLLOW)
def test_hollow(name: str) -> None:
    assert found(*HOLLOW[name]) == 1


@pytest.mark.parametrize("name", CHECKING)
def test_checking(name: str) -> None:
    assert found(*CHECKING[name]) == 0

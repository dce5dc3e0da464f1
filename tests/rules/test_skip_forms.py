"""Every way of writing a skip in a new file: with a reason silent, without one reported."""

from __future__ import annotations

import pytest
from staged import expected, places, skips, staged

PATH = "tests/test_new.py"

# Each form is a new test file; a line that ends in `#!` must be reported, nothing else may.
REPORTED = {
    "mark bare": """
        import pytest
        @pytest.mark.skip #!
        def test_a():
            assert f()
        """,
    "mark called": """
        import pytest
        @pytest.mark.skip() #!
        def test_a():
            assert f()
        """,
    "mark with empty positional": """
        import pytest
        @pytest.mark.skip("") #!
        def test_a():
            assert f()
        """,
    "mark with wrong keyword": """
        import pytest
        @pytest.mark.skip(msg="needs network") #!
        def test_a():
            assert f()
        """,
    "mark with punctuation only": """
        import pytest
        @pytest.mark.skip(reason="--- ?!") #!
        def test_a():
            assert f()
        """,
    "mark with the test's own name": """
        import pytest
        @pytest.mark.skip(reason="test_pay_twice") #!
        def test_pay_twice():
            assert f()
        """,
    "mark with the test's own name in words": """
        import pytest
        @pytest.mark.skip(reason="Test pay twice.") #!
        def test_pay_twice():
            assert f()
        """,
    "mark with zero width space": """
        import pytest
        @pytest.mark.skip(reason="\\u200b") #!
        def test_a():
            assert f()
        """,
    "mark with todo": """
        import pytest
        @pytest.mark.skip(reason="TODO") #!
        def test_a():
            assert f()
        """,
    "mark with fix me later": """
        import pytest
        @pytest.mark.xfail(reason="FIXME: later!") #!
        def test_a():
            assert f()
        """,
    "mark with n/a": """
        import pytest
        @pytest.mark.skip(reason="N/A") #!
        def test_a():
            assert f()
        """,
    "mark on async function": """
        import pytest
        @pytest.mark.skip #!
        async def test_a():
            assert f()
        """,
    "mark on method": """
        import pytest
        class TestA:
            @pytest.mark.skip #!
            def test_a(self):
                assert f()
        """,
    "mark on class": """
        import pytest
        @pytest.mark.skip #!
        class TestA:
            def test_a(self):
                assert f()
            def test_b(self):
                assert f()
        """,
    "mark on nested class": """
        import pytest
        class TestA:
            @pytest.mark.xfail #!
            class TestB:
                def test_a(self):
                    assert f()
        """,
    "skipif bare": """
        import pytest
        @pytest.mark.skipif #!
        def test_a():
            assert f()
        """,
    "skipif without reason": """
        import sys, pytest
        @pytest.mark.skipif(sys.platform == "win32") #!
        def test_a():
            assert f()
        """,
    "skipif with string condition": """
        import pytest
        @pytest.mark.skipif("sys.platform == 'win32'") #!
        def test_a():
            assert f()
        """,
    "skipif with text as second condition": """
        import sys, pytest
        @pytest.mark.skipif(sys.platform == "win32", "no fork on windows") #!
        def test_a():
            assert f()
        """,
    "skipif with blank reason": """
        import sys, pytest
        @pytest.mark.skipif(sys.platform == "win32", reason="\\t") #!
        def test_a():
            assert f()
        """,
    "skipif by keywords": """
        import sys, pytest
        @pytest.mark.skipif(condition=sys.platform == "win32", reason="") #!
        def test_a():
            assert f()
        """,
    "xfail with text as condition": """
        import pytest
        @pytest.mark.xfail("rounding is wrong") #!
        def test_a():
            assert f()
        """,
    "xfail with condition": """
        import sys, pytest
        @pytest.mark.xfail(sys.platform == "win32") #!
        def test_a():
            assert f()
        """,
    "xfail raises": """
        import pytest
        @pytest.mark.xfail(raises=ValueError) #!
        def test_a():
            assert f()
        """,
    "with_args": """
        import pytest
        @pytest.mark.skip.with_args(reason="") #!
        def test_a():
            assert f()
        """,
    "import pytest as": """
        import pytest as pt
        @pt.mark.skip #!
        def test_a():
            assert f()
        """,
    "from pytest import mark": """
        from pytest import mark
        @mark.skip #!
        def test_a():
            assert f()
        """,
    "from pytest import mark as": """
        from pytest import mark as m
        @m.xfail #!
        def test_a():
            assert f()
        """,
    "star import": """
        from pytest import *
        @mark.skip #!
        def test_a():
            assert f()
        """,
    "mark in a variable": """
        import pytest
        m = pytest.mark
        @m.skip #!
        def test_a():
            assert f()
        """,
    "skip in a variable": """
        import pytest
        parked = pytest.mark.skip(reason="")
        @parked #!
        def test_a():
            assert f()
        @parked #!
        def test_b():
            assert f()
        """,
    "partial": """
        import functools, pytest
        parked = functools.partial(pytest.mark.skip, reason="")
        @parked() #!
        def test_a():
            assert f()
        """,
    "partial under another name": """
        from functools import partial as p
        import pytest
        parked = p(pytest.mark.xfail, strict=True)
        @parked() #!
        def test_a():
            assert f()
        """,
    "lambda factory": """
        import pytest
        parked = lambda why="": pytest.mark.skip(reason=why)
        @parked() #!
        def test_a():
            assert f()
        """,
    "dict of marks": """
        import pytest
        MARKS = {"slow": pytest.mark.skip, "net": pytest.mark.skip(reason="no network")}
        @MARKS["slow"] #!
        def test_a():
            assert f()
        @MARKS["net"]
        def test_b():
            assert f()
        """,
    "class as namespace of marks": """
        import pytest
        class Marks:
            parked = pytest.mark.skip
        @Marks.parked #!
        def test_a():
            assert f()
        """,
    "getattr": """
        import pytest
        @getattr(pytest.mark, "skip") #!
        def test_a():
            assert f()
        """,
    "applied by a call": """
        import pytest
        def test_a():
            assert f()
        test_a = pytest.mark.skip(test_a) #!
        """,
    "applied in place": """
        import pytest
        def test_a():
            assert f()
        pytest.mark.skip(test_a) #!
        """,
    "applied after a call of the mark": """
        import pytest
        def test_a():
            assert f()
        test_a = pytest.mark.skip(reason=" ")(test_a) #!
        """,
    "attribute pytestmark": """
        import pytest
        def test_a():
            assert f()
        test_a.pytestmark = [pytest.mark.skip] #!
        """,
    "chosen by a condition": """
        import sys, pytest
        @pytest.mark.skip if sys.platform == "win32" else pytest.mark.posix #!
        def test_a():
            assert f()
        """,
    "chosen by a condition in a helper": """
        import sys, pytest
        def on_posix():
            if sys.platform == "win32":
                return pytest.mark.skip
            return lambda fn: fn
        @on_posix() #!
        def test_a():
            assert f()
        """,
    "kwargs in a constant": """
        import pytest
        KW = {"reason": ""}
        @pytest.mark.skip(**KW) #!
        def test_a():
            assert f()
        """,
    "constant empty": """
        import pytest
        WHY = ""
        @pytest.mark.skip(reason=WHY) #!
        def test_a():
            assert f()
        """,
    "constant of spaces joined": """
        import pytest
        WHY = " " + "  "
        @pytest.mark.skip(reason=WHY) #!
        def test_a():
            assert f()
        """,
    "constant rebound to empty": """
        import pytest
        WHY = "needs the ledger"
        WHY = ""
        @pytest.mark.skip(reason=WHY) #!
        def test_a():
            assert f()
        """,
    "constant f-string": """
        import pytest
        @pytest.mark.skip(reason=f"") #!
        def test_a():
            assert f()
        """,
    "f-string of an empty constant": """
        import pytest
        WHY = ""
        @pytest.mark.skip(reason=f"{WHY}") #!
        def test_a():
            assert f()
        """,
    "implicit concatenation of nothing": """
        import pytest
        @pytest.mark.skip(reason="" " ") #!
        def test_a():
            assert f()
        """,
    "or of nothing": """
        import pytest
        WHY = None
        @pytest.mark.skip(reason=WHY or "") #!
        def test_a():
            assert f()
        """,
    "stripped blank": """
        import pytest
        @pytest.mark.skip(reason="  ".strip()) #!
        def test_a():
            assert f()
        """,
    "comment beside is no reason": """
        import pytest
        # needs the ledger
        @pytest.mark.skip  # needs the ledger #!
        def test_a():
            assert f()
        """,
    "docstring is no reason": '''
        import pytest
        @pytest.mark.skip #!
        def test_a():
            """Skipped because the ledger is down."""
            assert f()
        ''',
    "pytestmark": """
        import pytest
        pytestmark = pytest.mark.skip #!
        def test_a():
            assert f()
        """,
    "pytestmark list": """
        import pytest
        pytestmark = [
            pytest.mark.slow,
            pytest.mark.skip, #!
        ]
        def test_a():
            assert f()
        """,
    "pytestmark annotated": """
        import pytest
        pytestmark: list = [pytest.mark.xfail] #!
        def test_a():
            assert f()
        """,
    "pytestmark augmented": """
        import pytest
        pytestmark = [pytest.mark.slow]
        pytestmark += [pytest.mark.skip] #!
        def test_a():
            assert f()
        """,
    "pytestmark appended": """
        import pytest
        pytestmark = [pytest.mark.slow]
        pytestmark.append(pytest.mark.skip) #!
        def test_a():
            assert f()
        """,
    "pytestmark concatenated": """
        import pytest
        COMMON = [pytest.mark.slow]
        pytestmark = COMMON + [pytest.mark.skip] #!
        def test_a():
            assert f()
        """,
    "pytestmark under a condition": """
        import sys, pytest
        if sys.platform == "win32":
            pytestmark = pytest.mark.skip #!
        def test_a():
            assert f()
        """,
    "pytestmark conditional expression": """
        import sys, pytest
        pytestmark = pytest.mark.skip if sys.platform == "win32" else [] #!
        def test_a():
            assert f()
        """,
    "pytestmark in a class": """
        import pytest
        class TestA:
            pytestmark = [pytest.mark.skip()] #!
            def test_a(self):
                assert f()
        """,
    "param mark in a list": """
        import pytest
        @pytest.mark.parametrize("n", [
            1,
            pytest.param(2, marks=[pytest.mark.slow, pytest.mark.skip]), #!
        ])
        def test_a(n):
            assert f(n)
        """,
    "param mark in a variable": """
        import pytest
        bad = pytest.mark.xfail
        @pytest.mark.parametrize("n", [1, pytest.param(2, marks=bad)]) #!
        def test_a(n):
            assert f(n)
        """,
    "param in a comprehension": """
        import pytest
        @pytest.mark.parametrize("n", [pytest.param(i, marks=pytest.mark.skip) for i in (1, 2)]) #!
        def test_a(n):
            assert f(n)
        """,
    "param of a fixture": """
        import pytest
        @pytest.fixture(params=[1, pytest.param(2, marks=pytest.mark.skip)]) #!
        def number(request):
            return request.param
        def test_a(number):
            assert f(number)
        """,
    "param helper that forwards": """
        import pytest
        def broken(*args, reason):
            return pytest.param(*args, marks=pytest.mark.xfail(reason=reason))
        @pytest.mark.parametrize("n", [
            broken(1, reason="rounds to even"),
            broken(2, reason=""), #!
        ])
        def test_a(n):
            assert f(n)
        """,
    "param imported": """
        from pytest import mark, param
        @mark.parametrize("n", [1, param(2, marks=mark.skip)]) #!
        def test_a(n):
            assert f(n)
        """,
    "call in test": """
        import pytest
        def test_a():
            pytest.skip() #!
        """,
    "call with empty reason": """
        import pytest
        def test_a():
            pytest.skip(reason="") #!
        """,
    "call with blank": """
        import pytest
        def test_a():
            pytest.xfail("   ") #!
        """,
    "call xfail": """
        import pytest
        def test_a():
            if f() != 1:
                pytest.xfail() #!
            assert g()
        """,
    "call with placeholder": """
        import pytest
        def test_a():
            pytest.skip("skip") #!
        """,
    "call in setup": """
        import pytest
        def setup_module():
            pytest.skip() #!
        def test_a():
            assert f()
        """,
    "call imported from the inside": """
        from _pytest.outcomes import skip
        def test_a():
            skip() #!
        """,
    "call at module level": """
        import pytest
        pytest.skip(allow_module_level=True) #!
        def test_a():
            assert f()
        """,
    "call at module level by a condition": """
        import sys, pytest
        if sys.platform == "win32":
            pytest.skip("", allow_module_level=True) #!
        def test_a():
            assert f()
        """,
    "call through a partial": """
        import functools, pytest
        bail = functools.partial(pytest.skip, reason="")
        def test_a():
            bail() #!
        """,
    "call through a name": """
        import pytest
        bail = pytest.skip
        def test_a():
            bail() #!
        """,
    "call by and": """
        import sys, pytest
        def test_a():
            sys.platform == "win32" and pytest.skip() #!
            assert f()
        """,
    "call in a helper": """
        import pytest
        def need_network():
            if not online():
                pytest.skip() #!
        def test_a():
            need_network()
            assert f()
        """,
    "call of a helper that forwards nothing": """
        import pytest
        def need_network(reason=""):
            if not online():
                pytest.skip(reason)
        def test_a():
            need_network() #!
            assert f()
        def test_b():
            need_network("the sandbox has no network")
            assert f()
        """,
    "call of a helper of a helper": """
        import pytest
        def bail(reason):
            pytest.skip(reason)
        def need(thing, why=None):
            if not have(thing):
                bail(why)
        def test_a():
            need("network") #!
            assert f()
        """,
    "importorskip with empty reason": """
        import pytest
        np = pytest.importorskip("numpy", reason="") #!
        def test_a():
            assert f()
        """,
    "raise the exception": """
        import pytest
        def test_a():
            raise pytest.skip.Exception #!
        """,
    "raise the exception with nothing": """
        import pytest
        def test_a():
            raise pytest.skip.Exception("") #!
        """,
    "raise imported exception": """
        from _pytest.outcomes import Skipped
        def test_a():
            raise Skipped() #!
        """,
    "unittest skip bare on class": """
        import unittest
        @unittest.skip #!
        class CartTest(unittest.TestCase):
            def test_a(self):
                self.assertTrue(f())
        """,
    "unittest skip empty": """
        import unittest
        class CartTest(unittest.TestCase):
            @unittest.skip("") #!
            def test_a(self):
                self.assertTrue(f())
        """,
    "unittest skipIf": """
        import sys, unittest as ut
        class CartTest(ut.TestCase):
            @ut.skipIf(sys.platform == "win32", "") #!
            def test_a(self):
                self.assertTrue(f())
        """,
    "unittest skipIf on function": """
        import sys
        from unittest import skipIf
        @skipIf(sys.platform == "win32", reason="todo") #!
        def test_a():
            assert f()
        """,
    "unittest from case": """
        from unittest.case import skip, TestCase
        class CartTest(TestCase):
            @skip("tbd") #!
            def test_a(self):
                self.assertTrue(f())
        """,
    "skipTest empty": """
        import unittest
        class CartTest(unittest.TestCase):
            def test_a(self):
                self.skipTest("") #!
        """,
    "skipTest in setUp": """
        import unittest
        class CartTest(unittest.TestCase):
            def setUp(self):
                if not online():
                    self.skipTest(reason=" ") #!
            def test_a(self):
                self.assertTrue(f())
        """,
    "skipTest in a helper": """
        import unittest
        def need(case):
            case.skipTest("") #!
        class CartTest(unittest.TestCase):
            def test_a(self):
                need(self)
                self.assertTrue(f())
        """,
    "SkipTest with nothing": """
        from unittest import SkipTest
        def test_a():
            raise SkipTest("") #!
        """,
    "SkipTest at module level": """
        import unittest
        raise unittest.SkipTest() #!
        """,
    "unittest attribute": """
        import unittest
        class CartTest(unittest.TestCase):
            __unittest_skip__ = True #!
            def test_a(self):
                self.assertTrue(f())
        """,
    "unittest attribute with empty why": """
        import unittest
        class CartTest(unittest.TestCase):
            __unittest_skip__ = True #!
            __unittest_skip_why__ = ""
            def test_a(self):
                self.assertTrue(f())
        """,
    "expectedFailure": """
        import unittest
        class CartTest(unittest.TestCase):
            @unittest.expectedFailure #!
            def test_a(self):
                self.assertTrue(f())
        """,
    "expectedFailure imported": """
        from unittest import TestCase, expectedFailure as known_bug
        class CartTest(TestCase):
            @known_bug #!
            def test_a(self):
                self.assertTrue(f())
        """,
    "trial skip": """
        from twisted.trial import unittest
        class CartTest(unittest.TestCase):
            skip = "" #!
            def test_a(self):
                self.assertTrue(f())
        """,
    "trial method": """
        from twisted.trial import unittest
        class CartTest(unittest.TestCase):
            def test_a(self):
                self.assertTrue(f())
            test_a.todo = "" #!
        """,
    "wrapper with the mark inside": """
        import functools, pytest
        def parked(fn):
            @pytest.mark.skip
            @functools.wraps(fn)
            def wrapper(*args):
                return fn(*args)
            return wrapper
        @parked #!
        def test_a():
            assert f()
        """,
    "wrapper that skips when it runs": """
        import functools, pytest
        def parked(fn):
            @functools.wraps(fn)
            def wrapper(*args):
                pytest.skip() #!
            return wrapper
        @parked
        def test_a():
            assert f()
        """,
    "decorator factory that skips with its argument": """
        import functools, pytest
        def unless(cond, why):
            def deco(fn):
                @functools.wraps(fn)
                def wrapper(*args):
                    if not cond:
                        pytest.skip(why)
                    return fn(*args)
                return wrapper
            return deco
        @unless(online(), "") #!
        def test_a():
            assert f()
        @unless(online(), "the sandbox has no network")
        def test_b():
            assert f()
        """,
    "empty parametrize": """
        import pytest
        @pytest.mark.parametrize("n", []) #!
        def test_a(n):
            assert f(n)
        """,
    "empty parametrize through a constant": """
        import pytest
        CASES = []
        @pytest.mark.parametrize("n", CASES) #!
        def test_a(n):
            assert f(n)
        """,
    "crlf": "import pytest\r\n@pytest.mark.skip #!\ndef test_a():\r\n    assert f()\r\n",
    "coding cookie": """
        # -*- coding: latin-1 -*-
        import pytest
        @pytest.mark.skip(reason="") #!
        def test_a():
            assert f()
        """,
    "two reasonless marks": """
        import pytest
        @pytest.mark.skip #!
        @pytest.mark.xfail #!
        def test_a():
            assert f()
        """,
    "decorator over several lines": """
        import sys, pytest
        @pytest.mark.skipif( #!
            sys.platform == "win32",
            reason="",
        )
        def test_a():
            assert f()
        """,
}

SILENT = {
    "reason positional": """
        import pytest
        @pytest.mark.skip("needs the ledger")
        def test_a():
            assert f()
        """,
    "reason short": """
        import pytest
        @pytest.mark.skip(reason="macOS")
        def test_a():
            assert f()
        """,
    "reason issue only": """
        import pytest
        @pytest.mark.skip(reason="#482")
        def test_a():
            assert f()
        """,
    "reason version": """
        import pytest
        @pytest.mark.skip(reason="py39+")
        def test_a():
            assert f()
        """,
    "reason Japanese": """
        import pytest
        @pytest.mark.skip(reason="端末が必要")
        def test_a():
            assert f()
        """,
    "reason with placeholder words and content": """
        import pytest
        @pytest.mark.skip(reason="flaky under load")
        def test_a():
            assert f()
        """,
    "reason url": """
        import pytest
        @pytest.mark.xfail(reason="https://example.org/issues/3")
        def test_a():
            assert f()
        """,
    "reason unknown name": """
        import pytest
        from elsewhere import WHY
        @pytest.mark.skip(reason=WHY)
        def test_a():
            assert f()
        """,
    "reason by a call": """
        import pytest
        @pytest.mark.skip(reason=why("ledger"))
        def test_a():
            assert f()
        """,
    "reason by format": """
        import pytest
        @pytest.mark.skip(reason="needs {}".format("ledger"))
        def test_a():
            assert f()
        """,
    "reason by join": """
        import pytest
        @pytest.mark.skip(reason=" ".join(["needs", "ledger"]))
        def test_a():
            assert f()
        """,
    "reason from a dict": """
        import pytest
        WHY = {"ledger": "needs the ledger"}
        @pytest.mark.skip(reason=WHY["ledger"])
        def test_a():
            assert f()
        """,
    "reason in one branch": """
        import sys, pytest
        if sys.platform == "win32":
            WHY = ""
        else:
            WHY = "needs the ledger"
        @pytest.mark.skip(reason=WHY)
        def test_a():
            assert f()
        """,
    "reason from try": """
        import pytest
        WHY = ""
        try:
            import ledger
        except ImportError as error:
            WHY = str(error)
        @pytest.mark.skipif(bool(WHY), reason=WHY)
        def test_a():
            assert f()
        """,
    "reason of a class attribute": """
        import pytest
        class Why:
            LEDGER = "needs the ledger"
        @pytest.mark.skip(reason=Why.LEDGER)
        def test_a():
            assert f()
        """,
    "reason by kwargs": """
        import pytest
        KW = dict(reason="needs the ledger")
        @pytest.mark.skip(**KW)
        def test_a():
            assert f()
        """,
    "unknown kwargs": """
        import pytest
        from elsewhere import KW
        @pytest.mark.skip(**KW)
        def test_a():
            assert f()
        """,
    "unknown args": """
        import pytest
        from elsewhere import ARGS
        @pytest.mark.skip(*ARGS)
        def test_a():
            assert f()
        """,
    "xfail with condition and reason": """
        import sys, pytest
        @pytest.mark.xfail(sys.platform == "win32", reason="no fork", strict=True)
        def test_a():
            assert f()
        """,
    "mark in a variable with reason": """
        import pytest
        parked = pytest.mark.skip(reason="needs the ledger")
        @parked
        def test_a():
            assert f()
        """,
    "reason added at use": """
        import pytest
        parked = pytest.mark.skip
        @parked(reason="needs the ledger")
        def test_a():
            assert f()
        """,
    "partial with the reason at use": """
        import functools, pytest
        bad = functools.partial(pytest.mark.xfail, strict=True)
        @bad(reason="rounds to even")
        def test_a():
            assert f()
        """,
    "factory with reason": """
        import pytest
        def parked(ticket):
            return pytest.mark.skip(reason=f"blocked by {ticket}")
        @parked("SHOP-3")
        def test_a():
            assert f()
        """,
    "factory that makes up for an empty reason": """
        import pytest
        def parked(why=""):
            return pytest.mark.skip(reason=why or "parked by the ledger team")
        @parked()
        def test_a():
            assert f()
        """,
    "factory that prefixes": """
        import pytest
        def parked(why=""):
            return pytest.mark.skip(reason="ledger: " + why)
        @parked()
        def test_a():
            assert f()
        """,
    "other mark of the same name": """
        import pytest
        @pytest.mark.skip_on_windows
        @pytest.mark.xfails
        def test_a():
            assert f()
        """,
    "other object called mark": """
        from shop.labels import mark
        @mark.skip
        def test_a():
            assert f()
        """,
    "other object called pytest": """
        from shop import fake as pytest
        @pytest.mark.skip
        def test_a():
            pytest.skip()
            assert f()
        """,
    "method called skip": """
        from shop.client import Client
        def test_a():
            assert Client().skip() == 0
            c = Client()
            c.skip("")
            assert c
        """,
    "function called skip": """
        def skip(reason=""):
            return reason
        def test_a():
            skip()
            assert f()
        """,
    "parameter called skip": """
        import pytest
        @pytest.fixture
        def skip():
            return lambda: None
        def test_a(skip):
            skip()
            assert f()
        """,
    "attribute called skip on a plain class": """
        class TestA:
            skip = ""
            todo = ""
            def test_a(self):
                assert f()
        """,
    "string that holds a skip": """
        SOURCE = '''
        import pytest
        @pytest.mark.skip
        def test_inner():
            pytest.skip()
        '''
        def test_a(pytester):
            pytester.makepyfile(SOURCE).assert_outcomes(skipped=1)
        """,
    "comment that holds a skip": """
        import pytest
        # @pytest.mark.skip
        def test_a():  # pytest.skip()
            assert f()
        """,
    "mark on a nested function": """
        import pytest
        def test_a():
            @pytest.mark.skip
            def inner():
                pass
            assert inner.pytestmark
        """,
    "mark on a fixture": """
        import pytest
        @pytest.mark.skip
        @pytest.fixture
        def ledger():
            return 1
        def test_a(ledger):
            assert ledger
        """,
    "mark named but not used": """
        import pytest
        SKIP = pytest.mark.skip
        def test_a():
            assert SKIP.name == "skip"
        """,
    "compared with a mark": """
        import pytest
        def test_a(request):
            assert request.node.get_closest_marker("skip") is None
            assert f() in (pytest.skip, pytest.mark.skip)
        """,
    "catching the exception": """
        import pytest
        def test_a():
            with pytest.raises(pytest.skip.Exception):
                f()
            try:
                f()
            except pytest.skip.Exception:
                raise
        """,
    "raises SkipTest expected": """
        import unittest
        class T(unittest.TestCase):
            def test_a(self):
                with self.assertRaises(unittest.SkipTest):
                    f()
        """,
    "pytestmark tuple of others": """
        import pytest
        pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("db")]
        def test_a():
            assert f()
        """,
    "pytestmark with reason": """
        import sys, pytest
        pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="posix only")
        def test_a():
            assert f()
        """,
    "pytestmark overwritten": """
        import pytest
        pytestmark = pytest.mark.skip
        pytestmark = []
        def test_a():
            assert f()
        """,
    "pytestmark with a skip that the type checker only sees": """
        import pytest
        if False:
            pytestmark = pytest.mark.skip
        def test_a():
            assert f()
        """,
    "param with reason": """
        import pytest
        @pytest.mark.parametrize("n", [pytest.param(2, marks=pytest.mark.skip(reason="slow disk"))])
        def test_a(n):
            assert f(n)
        """,
    "param with other mark": """
        import pytest
        @pytest.mark.parametrize("n", [1, pytest.param(2, marks=pytest.mark.slow, id="skip")])
        def test_a(n):
            assert f(n)
        """,
    "param values that look like skips": """
        import pytest
        @pytest.mark.parametrize("mark", [pytest.param("skip"), "xfail", pytest.mark.skip])
        def test_a(mark):
            assert f(mark)
        """,
    "param helper with reason": """
        import pytest
        def broken(*args, reason="rounds to even"):
            return pytest.param(*args, marks=pytest.mark.xfail(reason=reason))
        @pytest.mark.parametrize("n", [broken(1)])
        def test_a(n):
            assert f(n)
        """,
    "parametrize over a computed list": """
        import pytest
        CASES = []
        CASES.append(1)
        @pytest.mark.parametrize("n", CASES)
        @pytest.mark.parametrize("m", [x for x in range(3)])
        @pytest.mark.parametrize("k", sorted(set()))
        def test_a(n, m, k):
            assert f(n)
        """,
    "parametrize over a list that a loop fills": """
        import pytest
        CASES = []
        for n in range(3):
            CASES.append(n)
        @pytest.mark.parametrize("n", CASES)
        def test_a(n):
            assert f(n)
        """,
    "call with reason": """
        import pytest
        def test_a():
            pytest.skip("no network in the sandbox")
        """,
    "call with old keyword": """
        import pytest
        def test_a():
            pytest.skip(msg="no network in the sandbox")
        """,
    "call with variable": """
        import pytest
        def test_a(why):
            pytest.skip(why)
        """,
    "call with exception text": """
        import pytest
        def test_a():
            try:
                import ledger
            except ImportError as error:
                pytest.skip(f"{error}")
            assert ledger
        """,
    "call that is never reached": """
        import pytest
        def test_a():
            assert f()
            return
            pytest.skip()
        """,
    "importorskip": """
        import pytest
        np = pytest.importorskip("numpy")
        sp = pytest.importorskip("scipy", minversion="1.0")
        def test_a():
            assert f()
        """,
    "importorskip with reason": """
        import pytest
        np = pytest.importorskip("numpy", reason="fast path needs numpy")
        def test_a():
            assert f()
        """,
    "helper that forwards a reason": """
        import pytest
        def need(thing, why):
            if not have(thing):
                pytest.skip(f"{thing}: {why}")
        def test_a():
            need("network", "")
            assert f()
        """,
    "helper with a default reason": """
        import pytest
        def need(thing, why="not installed here"):
            if not have(thing):
                pytest.skip(why)
        def test_a():
            need("network")
            assert f()
        """,
    "unittest with reasons": """
        import sys, unittest
        @unittest.skipUnless(sys.platform == "linux", "needs epoll")
        class T(unittest.TestCase):
            @unittest.skip("SHOP-3")
            def test_a(self):
                self.assertTrue(f())
            @unittest.skipIf(sys.platform == "win32", reason="no fork")
            def test_b(self):
                self.skipTest("needs a terminal")
        """,
    "SkipTest with reason": """
        import unittest
        def test_a():
            raise unittest.SkipTest("needs a terminal")
        """,
    "unittest attribute with why": """
        import unittest
        class T(unittest.TestCase):
            __unittest_skip__ = True
            __unittest_skip_why__ = "needs a terminal"
            def test_a(self):
                self.assertTrue(f())
        """,
    "unittest attribute false": """
        import unittest
        class T(unittest.TestCase):
            __unittest_skip__ = False
            def test_a(self):
                self.assertTrue(f())
        """,
    "expectedFailure with comment beside": """
        import unittest
        class T(unittest.TestCase):
            @unittest.expectedFailure  # SHOP-70: rounds to even
            def test_a(self):
                self.assertTrue(f())
        """,
    "expectedFailure with comment above": """
        import unittest
        class T(unittest.TestCase):
            # rounds to even until SHOP-70 lands
            @unittest.expectedFailure
            def test_a(self):
                self.assertTrue(f())
        """,
    "expectedFailure on a plain function has no effect": """
        import unittest
        @unittest.expectedFailure
        def test_a():
            assert f()
        """,
    "trial with reason": """
        from twisted.trial import unittest
        class T(unittest.TestCase):
            skip = "needs the reactor"
            def test_a(self):
                self.assertTrue(f())
        """,
    "trial None": """
        from twisted.trial import unittest
        class T(unittest.TestCase):
            skip = None
            def test_a(self):
                self.assertTrue(f())
        """,
    "nose's own exception": """
        from nose.plugins.skip import SkipTest
        def test_a():
            raise SkipTest
        """,
    "own exception of the same name": """
        class SkipTest(Exception):
            pass
        def test_a():
            raise SkipTest
        """,
    "django's decorators": """
        from django.test import TestCase, skipUnlessDBFeature
        class T(TestCase):
            @skipUnlessDBFeature("supports_json")
            def test_a(self):
                self.assertTrue(f())
        """,
    "add_marker of another object": """
        def test_a():
            canvas = Map()
            canvas.add_marker("pin")
            assert canvas
        """,
    "shadowed import": """
        from pytest import skip
        def skip(reason=None):
            return reason
        def test_a():
            skip()
            assert f()
        """,
    "local name shadows": """
        from pytest import skip
        def test_a():
            skip = list
            skip()
            assert f()
        """,
    "bom": "\ufeffimport pytest\n\n\ndef test_a():\n    assert f()\n",
    "empty file": "",
}


@pytest.mark.parametrize("name", REPORTED)
def test_reported(name: str) -> None:
    after = {PATH: REPORTED[name]}
    wanted = expected(after)
    assert places(skips(staged({}, after)), wanted) == wanted


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str) -> None:
    assert skips(staged({}, {PATH: SILENT[name]})) == []

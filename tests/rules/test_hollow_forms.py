"""Tests that prove nothing are reported; everything that checks in its own way is not."""

from __future__ import annotations

import pytest
from staged import Files, expected, hollows, places, staged

PATH = "tests/test_new.py"

REPORTED = {
    "pass": """
        def test_a(): #!
            pass
        """,
    "ellipsis": """
        def test_a(): #!
            ...
        """,
    "docstring": '''
        def test_a(): #!
            """It works."""
        ''',
    "docstring and pass": '''
        def test_a(): #!
            """It works."""
            pass
        ''',
    "return None": """
        def test_a(): #!
            return None
        """,
    "async": """
        async def test_a(): #!
            pass
        """,
    "unittest method": """
        import unittest
        class T(unittest.TestCase):
            def test_a(self): #!
                pass
        """,
    "no check": """
        from shop.cart import Cart
        def test_a(): #!
            cart = Cart()
            cart.total()
        """,
    "prints": """
        def test_a(): #!
            print(total())
        """,
    "returns a comparison": """
        def test_a(): #!
            return total() == 3
        """,
    "compares": """
        def test_a(): #!
            result = total()
            result == 3
        """,
    "is compared": """
        def test_a(): #!
            total() is None
        """,
    "assert True": """
        def test_a():
            total()
            assert True #!
        """,
    "assert a string": """
        def test_a():
            assert "total is right" #!
        """,
    "assert a tuple": """
        def test_a():
            assert (total() == 3, "total") #!
        """,
    "assert 1 == 1": """
        def test_a():
            assert 1 == 1 #!
        """,
    "assert the same": """
        def test_a():
            x = total()
            assert x == x #!
        """,
    "assert the same attribute": """
        def test_a():
            cart = make()
            assert cart.items is cart.items #!
        """,
    "assert not False": """
        def test_a():
            assert not False #!
        """,
    "assert or True": """
        def test_a():
            assert total() == 3 or True #!
        """,
    "assert or a text": """
        def test_a():
            assert total() == 3 or "total" #!
        """,
    "assert a length": """
        def test_a():
            assert len(total()) >= 0 #!
        """,
    "assert a lambda": """
        def test_a():
            assert lambda: total() == 3 #!
        """,
    "assert a generator": """
        def test_a():
            assert (x for x in total()) #!
        """,
    "assert isinstance object": """
        def test_a():
            assert isinstance(total(), object) #!
        """,
    "assertEqual of constants": """
        import unittest
        class T(unittest.TestCase):
            def test_a(self):
                self.assertEqual(1, 1) #!
        """,
    "assertEqual of the same": """
        import unittest
        class T(unittest.TestCase):
            def test_a(self):
                x = total()
                self.assertEqual(x, x) #!
        """,
    "assertFalse(False)": """
        import unittest
        class T(unittest.TestCase):
            def test_a(self):
                self.assertFalse(False) #!
        """,
    "assertTrue of a text": """
        import unittest
        class T(unittest.TestCase):
            def test_a(self):
                self.assertTrue("ok") #!
        """,
    "swallowed": """
        def test_a():
            try:
                assert total() == 3
            except AssertionError: #!
                pass
        """,
    "swallowed by Exception": """
        def test_a():
            try:
                assert total() == 3
            except Exception as error: #!
                print(error)
        """,
    "swallowed by a bare except": """
        def test_a():
            try:
                assert total() == 3
            except: #!
                pass
        """,
    "swallowed by a tuple": """
        def test_a():
            try:
                assert total() == 3
            except (ValueError, AssertionError): #!
                return
        """,
    "swallowed unittest": """
        import unittest
        class T(unittest.TestCase):
            def test_a(self):
                try:
                    self.assertEqual(total(), 3)
                except Exception: #!
                    pass
        """,
    "swallowed into a skip": """
        import pytest
        def test_a():
            try:
                assert total() == 3
            except AssertionError: #!
                pytest.skip("flaky on the build machine")
        """,
    "suppressed": """
        from contextlib import suppress
        def test_a():
            with suppress(Exception): #!
                assert total() == 3
        """,
    "raises AssertionError": """
        import pytest
        def test_a():
            with pytest.raises(AssertionError): #!
                assert total() == 4
        """,
    "check in a function that is never called": """
        def test_a(): #!
            def check():
                assert total() == 3
            total()
        """,
    "check over nothing": """
        def test_a(): #!
            for x in []:
                assert x == 3
        """,
    "helper without a check": """
        def build():
            return make()
        def test_a(): #!
            build()
        """,
    "pending mark with other tests": """
        def test_a():
            assert total() == 3
        def test_b(): #!
            total()
        """,
    "tuple beside a good check": """
        def test_a():
            assert total() == 3
            assert (items() == [], "items") #!
        """,
    "mock without a check": """
        from unittest import mock
        def test_a(): #!
            with mock.patch("shop.cart.Cart") as cart:
                total()
            cart.called
        """,
    "mock's attribute that is no assertion": """
        from unittest import mock
        def test_a():
            hook = mock.Mock()
            total(hook)
            assert hook.called_once_with(3) #!
        """,
    "mock's attribute, not called": """
        from unittest.mock import MagicMock
        def test_a():
            hook = MagicMock()
            total(hook)
            assert hook.method.called_once #!
        """,
    "attribute of what patch gives": """
        from unittest import mock
        def test_a():
            with mock.patch("shop.cart.Cart") as cart:
                total()
                assert cart.has_calls([3]) #!
        """,
    "attribute of what the mocker gives": """
        def test_a(mocker):
            cart = mocker.patch("shop.cart.Cart")
            total()
            assert cart.not_called #!
        """,
    "attribute of what a decorator gives": """
        from unittest.mock import patch
        @patch("shop.cart.Cart")
        def test_a(cart):
            total()
            assert cart.called_with(3) #!
        """,
    "monkeypatch": """
        def test_a(monkeypatch, tmp_path): #!
            monkeypatch.setattr("shop.cart.X", 1)
            total(tmp_path)
        """,
}

SILENT = {
    "assert": """
        def test_a():
            assert total() == 3
        """,
    "raises": """
        import pytest
        def test_a():
            with pytest.raises(ValueError):
                total()
        """,
    "raises as a call": """
        from pytest import raises
        def test_a():
            raises(ValueError, total)
        """,
    "raises with assert of the wrong kind": """
        import pytest
        def test_a():
            with pytest.raises(ValueError):
                assert total()
        """,
    "raises AssertionError around a helper": """
        import pytest
        def test_a():
            with pytest.raises(AssertionError):
                assert_valid("x")
        """,
    "warns": """
        import pytest
        def test_a():
            with pytest.warns(UserWarning):
                total()
            pytest.deprecated_call(total)
        """,
    "warnings as errors": """
        import warnings
        def test_a():
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                total()
        """,
    "fail": """
        import pytest
        def test_a():
            if total() != 3:
                pytest.fail("total")
        """,
    "fail in else": """
        import pytest
        def test_a():
            try:
                total()
            except ValueError:
                pass
            else:
                pytest.fail("no error")
        """,
    "raise": """
        def test_a():
            if total() != 3:
                raise RuntimeError("total")
        """,
    "swallow and raise again": """
        def test_a():
            try:
                assert total() == 3
            except AssertionError:
                print("total")
                raise
        """,
    "except of another kind": """
        def test_a():
            try:
                assert total() == 3
            except KeyError:
                pass
        """,
    "collected errors": """
        def test_a():
            errors = []
            for n in range(3):
                try:
                    assert total() == n
                except AssertionError as error:
                    errors.append(error)
            assert not errors
        """,
    "unittest": """
        import unittest
        class T(unittest.TestCase):
            def test_a(self):
                self.assertCountEqual(total(), [3])
        """,
    "mock's own attributes": """
        from unittest import mock
        def test_a():
            hook = mock.Mock()
            total(hook)
            assert hook.called
            assert hook.call_count == 1
        """,
    "spy of the project": """
        from tests.spies import Spy
        def test_a():
            spy = Spy()
            total(spy)
            assert spy.called_once_with(3)
        """,
    "spy beside a mock": """
        from unittest import mock
        from tests.spies import Spy
        def test_a():
            spy, hook = Spy(), mock.Mock()
            total(spy, hook)
            assert spy.called_once
        """,
    "mock that is told what to answer": """
        from unittest import mock
        def test_a():
            hook = mock.Mock()
            hook.called_once = total(3) == 3
            assert hook.called_once
        """,
    "mock": """
        def test_a(mocker):
            f = mocker.patch("shop.cart.Cart")
            total()
            f.assert_called_once_with(3)
        """,
    "numpy": """
        import numpy as np
        def test_a():
            np.testing.assert_allclose(total(), 3)
        """,
    "pandas": """
        import pandas._testing as tm
        def test_a():
            tm.assert_frame_equal(total(), total())
        """,
    "helper in the module": """
        def compare_totals(n):
            assert total() == n
        def test_a():
            compare_totals(3)
        """,
    "helper of a helper": """
        def inner(n):
            if total() != n:
                raise AssertionError(n)
        def run(n):
            inner(n)
        def test_a():
            run(3)
        """,
    "helper handed on": """
        def look(n):
            assert n
        def test_a():
            in_thread(look)
        """,
    "nested function that is used": """
        def test_a():
            def look():
                assert total() == 3
            in_thread(look)
        """,
    "method of a base class": """
        class Base:
            def run_it(self, n):
                assert total() == n
        class TestA(Base):
            def test_a(self):
                self.run_it(3)
        """,
    "method of an unknown base class": """
        from elsewhere import CartTests
        class TestA(CartTests):
            def test_a(self):
                self.run_it(3)
        """,
    "helper that cannot be seen but says so": """
        from elsewhere import assert_total, check_items, verify
        def test_a():
            assert_total(3)
        def test_b():
            check_items(3)
        def test_c():
            verify(3)
        """,
    "fluent": """
        from assertpy import assert_that
        from hamcrest import equal_to
        def test_a():
            assert_that(total()).is_equal_to(3)
        def test_b():
            expect(total()).to_equal(3)
        def test_c():
            total().should.equal(3)
        """,
    "snapshot": """
        def test_a(snapshot):
            snapshot.assert_match(total())
        def test_b(data_regression):
            data_regression.check(total())
        """,
    "benchmark as a decorator": """
        def test_a(benchmark):
            @benchmark
            def run():
                total()
        """,
    "a comment says how it fails": """
        def test_a():
            # if this test fails, this will hang, triggering a timeout.
            total()
        """,
    "benchmark": """
        def test_a(benchmark):
            benchmark(total)
        """,
    "pytester": """
        def test_a(pytester):
            result = pytester.runpytest()
            result.stdout.fnmatch_lines(["*passed*"])
        """,
    "fixture that checks afterwards": """
        import pytest
        @pytest.fixture
        def clean():
            yield
            assert leftovers() == []
        def test_a(clean):
            total()
        """,
    "fixture that is a checker": """
        import pytest
        @pytest.fixture
        def run():
            def inner(n):
                assert total() == n
            return inner
        def test_a(run):
            run(3)
        """,
    "tearDown that checks": """
        import unittest
        class T(unittest.TestCase):
            def tearDown(self):
                self.assertEqual(leftovers(), [])
            def test_a(self):
                total()
        """,
    "subprocess": """
        import subprocess
        def test_a():
            subprocess.run(["shop"], check=True)
        """,
    "hypothesis": """
        from hypothesis import given, strategies as st
        @given(st.text())
        def test_a(text):
            slugify(text)
        """,
    "doctest in the docstring": '''
        def test_a():
            """
            >>> 1 + 1
            2
            """
        ''',
    "says that it must not raise": '''
        def test_does_not_raise():
            total()
        def test_b():
            """Must not crash on an empty cart."""
            total()
        def test_c():
            total()  # no exception is the check
        def test_smoke():
            total()
        ''',
    "imports": """
        def test_import():
            import shop.cart
        """,
    "skipped with a reason": """
        import pytest
        @pytest.mark.skip(reason="to be written with SHOP-3")
        def test_a():
            pass
        def test_b():
            pytest.skip("to be written with SHOP-3")
        """,
    "expected to fail": """
        import pytest
        @pytest.mark.xfail(reason="SHOP-3")
        def test_a():
            total()
        """,
    "NotImplementedError": """
        def test_a():
            raise NotImplementedError
        """,
    "abstract": """
        import abc
        class TestBase(abc.ABC):
            @abc.abstractmethod
            def test_a(self):
                pass
        """,
    "mixin": """
        class Mixin:
            def test_a(self):
                pass
        """,
    "not collected": """
        def helper_test():
            pass
        """,
    "assert True as a landmark": """
        def test_a():
            assert total() == 3
            assert True
        """,
    "assert False where it must not come": """
        def test_a():
            try:
                total()
            except ValueError:
                assert True
            else:
                assert False
        """,
    "reflexive equality of new objects": """
        def test_a():
            assert make() == make()
        """,
    "context manager given as a parameter": """
        import pytest
        from contextlib import nullcontext
        @pytest.mark.parametrize("n, expectation", [(1, nullcontext()),(0, pytest.raises(OSError))])
        def test_a(n, expectation):
            with expectation:
                total(n)
        """,
    "deferred": """
        from twisted.trial import unittest
        class T(unittest.TestCase):
            def test_a(self):
                d = total()
                d.addCallback(self.assertEqual, 3)
                return d
        """,
    "subtests": """
        import unittest
        class T(unittest.TestCase):
            def test_a(self):
                for n in range(3):
                    with self.subTest(n=n):
                        self.assertEqual(total(), n)
        """,
    "await": """
        async def test_a(client):
            assert await client.get("/") == 3
        """,
    "check in match": """
        def test_a():
            match total():
                case 3:
                    pass
                case _:
                    raise AssertionError
        """,
    "exit code": """
        import pytest
        def test_a():
            with pytest.raises(SystemExit):
                main()
        """,
    "figure comparison": """
        from matplotlib.testing.decorators import image_comparison
        @image_comparison(["total.png"])
        def test_a():
            plot()
        """,
}


@pytest.mark.parametrize("name", REPORTED)
def test_reported(name: str) -> None:
    after = {PATH: REPORTED[name]}
    wanted = expected(after)
    assert wanted, "the form marks nothing"
    assert places(hollows(staged({}, after)), wanted) == wanted


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str) -> None:
    assert hollows(staged({}, {PATH: SILENT[name]})) == []


RESULT = """
    class Result:
        def did_create(self, path):
            assert path in self.files
        def get(self, key):
            assert key
        def files(self):
            return []
    class Script:
        def run(self):
            return Result()
    """
IN_REACH = {
    "a method that asserts": ("script.run().did_create('x')", 0),
    "a method that does not": ("script.run().files()", 1),
    "a method of a common name": ("script.run().get('x')", 1),
}


@pytest.mark.parametrize("name", IN_REACH)
def test_methods_of_helpers_in_reach(name: str) -> None:
    statement, count = IN_REACH[name]
    test = f"from tests.lib import Script\ndef test_a(script: Script):\n    {statement}\n"
    after = {PATH: test, "tests/lib/__init__.py": "from tests.lib.results import Script\n"}
    judged = staged({}, {**after, "tests/lib/results.py": RESULT})
    assert len(hollows(judged)) == count


HOLLOW = "def test_a():\n    total()\n"

CHANGES: dict[str, tuple[Files, Files, int]] = {
    "an old hollow test is left alone": (
        {PATH: HOLLOW},
        {PATH: HOLLOW + "def test_b():\n    assert f()\n"},
        0,
    ),
    "an old hollow test is moved": ({PATH: HOLLOW}, {"tests/test_moved.py": HOLLOW}, 0),
    "an old hollow test is reformatted": (
        {PATH: HOLLOW},
        {PATH: "def test_a():\n    total(\n    )  # called\n"},
        0,
    ),
    "an old hollow test is edited": ({PATH: HOLLOW}, {PATH: "def test_a():\n    total(1)\n"}, 1),
    "the check is taken away": (
        {PATH: "def test_a():\n    assert total() == 1\n"},
        {PATH: HOLLOW},
        1,
    ),
    "one check of two is taken away": (
        {PATH: "def test_a():\n    assert total() == 1\n    assert items()\n"},
        {PATH: "def test_a():\n    assert total() == 1\n"},
        0,
    ),
    "in application code": ({}, {"shop/checks.py": "def test_connection():\n    pass\n"}, 0),
    "helper in a conftest": (
        {},
        {"tests/conftest.py": "import pytest\n@pytest.fixture\ndef look():\n    def inner(x):\n"
         "        assert x\n    return inner\n",
         PATH: "def test_a(look):\n    look(1)\n"},
        0,
    ),
    "helper in another module": (
        {},
        {"tests/__init__.py": "", "tests/helpers.py": "def same(a, b):\n    assert a == b\n",
         PATH: "from tests.helpers import same\ndef test_a():\n    same(1, f())\n"},
        0,
    ),
    "helper in another module that checks nothing": (
        {},
        {"tests/__init__.py": "", "tests/helpers.py": "def same(a, b):\n    return a == b\n",
         PATH: "from tests.helpers import same\ndef test_a():\n    same(1, f())\n"},
        1,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_changed_tests_only(name: str) -> None:
    before, after, count = CHANGES[name]
    assert len(hollows(staged(before, after))) == count


def test_named_helpers_count() -> None:
    change = staged({}, {PATH: "def test_a(page):\n    page.shows('total')\n"})
    assert len(hollows(change)) == 1
    assert hollows(change, ("page.shows",)) == []

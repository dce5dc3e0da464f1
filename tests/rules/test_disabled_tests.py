"""Tests that stop running without a skip: renamed, commented out, unreachable, not collected."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import pytest
from staged import Files, expected, places, skips, staged

if TYPE_CHECKING:
    from collections.abc import Mapping

A, B, CONF = "tests/test_a.py", "tests/test_b.py", "tests/conftest.py"
INI = "pyproject.toml"


class Case(NamedTuple):
    before: Files
    after: Files
    renames: Mapping[str, str] = MappingProxyType({})


LIVE = """
    from shop.cart import Cart
    def test_total():
        cart = Cart().add("tea", 3)
        assert cart.total() == 3
    def test_items():
        assert Cart().items == []
"""
CLASS = """
    from shop.cart import Cart
    class TestCart:
        def test_total(self):
            assert Cart().total() == 0
        def test_items(self):
            assert Cart().items == []
"""
UNIT = CLASS.replace("class TestCart", "import unittest\n    class CartTest(unittest.TestCase)")


def edit(text: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


def options(text: str) -> str:
    return f"[tool.pytest.ini_options]\n{text}"


REPORTED = {
    "renamed with x": Case(
        {A: LIVE}, {A: edit(LIVE, ("def test_total():", "def xtest_total(): #!"))}
    ),
    "renamed to another word": Case(
        {A: LIVE}, {A: edit(LIVE, ("def test_total():", "def disabled_total(): #!"))}
    ),
    "method renamed": Case(
        {A: CLASS}, {A: edit(CLASS, ("def test_total(self):", "def _test_total(self): #!"))}
    ),
    "unittest method renamed": Case(
        {A: UNIT}, {A: edit(UNIT, ("def test_total(self):", "def no_test_total(self): #!"))}
    ),
    "class renamed": Case({A: CLASS}, {A: edit(CLASS, ("class TestCart:", "class _TestCart: #!"))}),
    "test case base removed": Case(
        {A: UNIT}, {A: edit(UNIT, ("class CartTest(unittest.TestCase):", "class CartTest: #!"))}
    ),
    "file renamed": Case(
        {A: "def test_a():\n    assert f()\n"},
        {"tests/cart_old.py": "def test_a(): #!\n    assert f()\n"},
        {"tests/cart_old.py": A},
    ),
    "file renamed to another suffix": Case(
        {A: "def test_a():\n    assert f()\n"},
        {"tests/test_a.py.bak": "def test_a(): #!\n    assert f()\n"},
        {"tests/test_a.py.bak": A},
    ),
    "commented out": Case(
        {A: LIVE},
        {
            A: """
    from shop.cart import Cart
    # def test_total(): #!
    #     cart = Cart().add("tea", 3)
    #     assert cart.total() == 3
    def test_items():
        assert Cart().items == []
    """
        },
    ),
    "commented out with decorator": Case(
        {A: edit(LIVE, ("def test_total", "@slow\n    def test_total"))},
        {
            A: """
    from shop.cart import Cart
    # @slow
    # def test_total(): #!
    #     cart = Cart().add("tea", 3)
    #     assert cart.total() == 3
    def test_items():
        assert Cart().items == []
    """
        },
    ),
    "commented out without spaces": Case(
        {A: LIVE},
        {
            A: """
    from shop.cart import Cart
    #def test_total(): #!
    #    cart = Cart().add("tea", 3)
    #    assert cart.total() == 3
    def test_items():
        assert Cart().items == []
    """
        },
    ),
    "commented out with a word that says nothing": Case(
        {A: LIVE},
        {
            A: """
    from shop.cart import Cart
    # TODO fix
    # def test_total(): #!
    #     assert Cart().total() == 3
    def test_items():
        assert Cart().items == []
    """
        },
    ),
    "deleted by name": Case({A: LIVE}, {A: LIVE + "    del test_total #!\n"}),
    "given another value": Case({A: LIVE}, {A: LIVE + "    test_total = None #!\n"}),
    "shadowed by a new test": Case(
        {A: LIVE}, {A: LIVE + "    def test_total(): #!\n        assert Cart().total() == 0\n"}
    ),
    "shadowed in a class": Case(
        {A: CLASS},
        {A: CLASS + "        def test_total(self): #!\n            assert Cart().total() == 1\n"},
    ),
    "made a fixture": Case(
        {A: LIVE},
        {
            A: edit(
                LIVE,
                ("def test_total", "@pytest.fixture #!\n    def test_total"),
                ("from shop", "import pytest\n    from shop"),
            )
        },
    ),
    "made a property": Case(
        {A: CLASS},
        {A: edit(CLASS, ("def test_total", "@property #!\n        def test_total"))},
    ),
    "nested in a function": Case(
        {A: LIVE},
        {
            A: """
    from shop.cart import Cart
    def make():
        def test_total(): #!
            cart = Cart().add("tea", 3)
            assert cart.total() == 3
    def test_items():
        assert Cart().items == []
    """
        },
    ),
    "behind if 0": Case(
        {A: LIVE},
        {
            A: """
    from shop.cart import Cart
    if 0: #!
        def test_total():
            cart = Cart().add("tea", 3)
            assert cart.total() == 3
    def test_items():
        assert Cart().items == []
    """
        },
    ),
    "behind TYPE_CHECKING": Case(
        {A: LIVE},
        {
            A: """
    from typing import TYPE_CHECKING
    from shop.cart import Cart
    if TYPE_CHECKING: #!
        def test_total():
            cart = Cart().add("tea", 3)
            assert cart.total() == 3
    def test_items():
        assert Cart().items == []
    """
        },
    ),
    "behind not True": Case(
        {A: CLASS},
        {
            A: """
    from shop.cart import Cart
    if not True: #!
        class TestCart:
            def test_total(self):
                assert Cart().total() == 0
            def test_items(self):
                assert Cart().items == []
    """
        },
    ),
    "__test__ of the module": Case({A: LIVE}, {A: LIVE + "    __test__ = False #!\n"}),
    "__test__ of a function": Case({A: LIVE}, {A: LIVE + "    test_total.__test__ = False #!\n"}),
    "__test__ of a class from outside": Case(
        {A: "class TestA:\n    def test_a(self):\n        assert f()\n"},
        {A: "class TestA:\n    def test_a(self):\n        assert f()\nTestA.__test__ = False #!\n"},
    ),
    "a constructor in a test class": Case(
        {A: CLASS},
        {
            A: edit(
                CLASS,
                (
                    "class TestCart:",
                    "class TestCart:\n        def __init__(self): #!\n            pass",
                ),
            )
        },
    ),
    "return at the first line": Case(
        {A: LIVE}, {A: edit(LIVE, ("cart = Cart()", "return #!\n        cart = Cart()"))}
    ),
    "return after some steps": Case(
        {A: LIVE}, {A: edit(LIVE, ("assert cart.", "return #!\n        assert cart."))}
    ),
    "a quiet return in an except": Case(
        {A: LIVE},
        {
            A: """
    from shop.cart import Cart
    def test_total():
        try:
            import ledger
        except ImportError:
            return #!
        assert ledger.total() == 3
    def test_items():
        assert Cart().items == []
    """
        },
    ),
    "a quiet return after a print": Case(
        {},
        {
            A: """
    def test_total():
        if not online():
            print("offline")
            return #!
        assert total() == 3
    """
        },
    ),
    "body behind if False": Case(
        {A: LIVE},
        {
            A: edit(
                LIVE,
                (
                    "assert Cart().items == []",
                    "if False: #!\n            assert Cart().items == []",
                ),
            )
        },
    ),
    "body behind while 0": Case(
        {A: LIVE},
        {
            A: edit(
                LIVE,
                ("assert Cart().items == []", "while 0: #!\n            assert Cart().items == []"),
            )
        },
    ),
    "parameters taken away": Case(
        {
            A: """
    import pytest
    @pytest.mark.parametrize("n", [1, 2])
    def test_a(n):
        assert f(n)
    """
        },
        {
            A: """
    import pytest
    @pytest.mark.parametrize("n", []) #!
    def test_a(n):
        assert f(n)
    """
        },
    ),
    "collect_ignore with a join": Case(
        {A: LIVE, B: LIVE},
        {A: LIVE, B: LIVE, CONF: "import os\ncollect_ignore = [os.path.join('test_a.py')] #!\n"},
    ),
    "collect_ignore appended": Case(
        {A: LIVE, CONF: "collect_ignore = ['setup.py']\n"},
        {A: LIVE, CONF: "collect_ignore = ['setup.py']\ncollect_ignore.append('test_a.py') #!\n"},
    ),
    "collect_ignore of a folder": Case(
        {"tests/unit/test_a.py": LIVE},
        {"tests/unit/test_a.py": LIVE, CONF: "collect_ignore = ['unit'] #!\n"},
    ),
    "collect_ignore_glob": Case(
        {A: LIVE}, {A: LIVE, CONF: "collect_ignore_glob = ['*_a.py'] #!\n"}
    ),
    "one more entry": Case(
        {A: LIVE, B: LIVE, CONF: "collect_ignore = [\n    'test_a.py',\n]\n"},
        {A: LIVE, B: LIVE, CONF: "collect_ignore = [\n    'test_a.py',\n    'test_b.py', #!\n]\n"},
    ),
    "pytest_ignore_collect": Case(
        {A: LIVE},
        {
            A: LIVE,
            CONF: """
    def pytest_ignore_collect(collection_path): #!
        return collection_path.name == "test_a.py"
    """,
        },
    ),
    "items filtered": Case(
        {A: LIVE},
        {
            A: LIVE,
            CONF: """
    def pytest_collection_modifyitems(items):
        items[:] = [item for item in items if "slow" not in item.keywords] #!
    """,
        },
    ),
    "items filtered by a loop": Case(
        {A: LIVE},
        {
            A: LIVE,
            CONF: """
    def pytest_collection_modifyitems(session, config, items):
        kept = []
        for item in items:
            if "flaky" not in item.name:
                kept.append(item)
        items[:] = kept #!
    """,
        },
    ),
    "items cleared": Case(
        {A: LIVE},
        {A: LIVE, CONF: "def pytest_collection_modifyitems(items):\n    items.clear() #!\n"},
    ),
    "exit as a success": Case(
        {A: LIVE},
        {
            A: LIVE,
            CONF: """
    import pytest
    def pytest_sessionstart(session):
        pytest.exit("done", returncode=0) #!
    """,
        },
    ),
    "exit status overwritten": Case(
        {A: LIVE},
        {A: LIVE, CONF: "def pytest_sessionfinish(session):\n    session.exitstatus = 0 #!\n"},
    ),
    "process ended as a success": Case(
        {A: LIVE},
        {A: LIVE, CONF: "import os\ndef pytest_sessionfinish(session):\n    os._exit(0) #!\n"},
    ),
    "outcome rewritten": Case(
        {A: LIVE},
        {
            A: LIVE,
            CONF: """
    import pytest
    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(item, call):
        outcome = yield
        report = outcome.get_result()
        if report.failed:
            report.outcome = "passed" #!
    """,
        },
    ),
    "option -k": Case(
        {A: LIVE, INI: options("")}, {A: LIVE, INI: options("addopts = \"-k 'not total'\" #!")}
    ),
    "option --deselect": Case(
        {A: LIVE, INI: options('addopts = "-q"\n')},
        {A: LIVE, INI: options('addopts = "-q --deselect tests/test_a.py::test_total" #!\n')},
    ),
    "option --ignore in a list": Case(
        {A: LIVE, INI: options('addopts = ["-q"]\n')},
        {A: LIVE, INI: options('addopts = [\n    "-q",\n    "--ignore=tests/test_a.py", #!\n]\n')},
    ),
    "option in pytest.ini": Case(
        {A: LIVE, "pytest.ini": "[pytest]\naddopts = -q\n"},
        {A: LIVE, "pytest.ini": "[pytest]\naddopts = -q -m 'not slow' #!\n".replace(" #!", " #!")},
    ),
    "testpaths narrowed": Case(
        {
            "tests/unit/test_a.py": LIVE,
            "tests/api/test_b.py": LIVE,
            INI: options('testpaths = ["tests"]\n'),
        },
        {
            "tests/unit/test_a.py": LIVE,
            "tests/api/test_b.py": LIVE,
            INI: options('testpaths = ["tests/unit"] #!\n'),
        },
    ),
    "python_files narrowed": Case(
        {A: LIVE, B: LIVE, INI: options("")},
        {A: LIVE, B: LIVE, INI: options('python_files = "test_b.py" #!\n')},
    ),
    "doctest skipped": Case(
        {"shop/a.py": 'def f():\n    """F.\n\n    >>> f()\n    1\n    """\n    return 1\n'},
        {
            "shop/a.py": 'def f():\n    """F.\n\n    >>> f()  # doctest: +SKIP #!\n    1\n    """\n'
            "    return 1\n"
        },
    ),
}

SILENT = {
    "renamed, a comment says why": Case(
        {A: LIVE},
        {
            A: edit(
                LIVE,
                (
                    "def test_total():",
                    "# SHOP-12: back when the tax table lands\n    def _test_total():",
                ),
            )
        },
    ),
    "renamed to another test name": Case({A: LIVE}, {A: edit(LIVE, ("test_total", "test_sum"))}),
    "turned into a helper that tests call": Case(
        {A: LIVE},
        {
            A: """
    from shop.cart import Cart
    def check_total():
        cart = Cart().add("tea", 3)
        assert cart.total() == 3
    def test_twice():
        check_total()
        check_total()
    def test_items():
        assert Cart().items == []
    """
        },
    ),
    "deleted": Case({A: LIVE}, {A: "    def test_items():\n        assert Cart().items == []\n"}),
    "file deleted": Case({A: LIVE}, {}),
    "file renamed to another test file": Case({A: LIVE}, {B: LIVE}, {B: A}),
    "prose that names a test": Case(
        {A: LIVE},
        {
            A: """
    # def of done: test_total is covered by the contract tests
    def test_items():
        assert Cart().items == []
    """
        },
    ),
    "commented out with a reason": Case(
        {A: LIVE},
        {
            A: """
    from shop.cart import Cart
    # Disabled until SHOP-12: the ledger rounds to even.
    # def test_total():
    #     assert Cart().total() == 3
    def test_items():
        assert Cart().items == []
    """
        },
    ),
    "commented out before": Case(
        {A: "# def test_old():\n#     assert f()\ndef test_a():\n    assert f()\n"},
        {A: "# def test_old():\n#     assert f()\ndef test_a():\n    assert f(1)\n"},
    ),
    "a skipped test commented out": Case(
        {A: "import pytest\n@pytest.mark.skip(reason='SHOP-1')\ndef test_a():\n    assert f()\n"},
        {
            A: "import pytest\n# @pytest.mark.skip(reason='SHOP-1')\n"
            "# def test_a():\n#     assert f()\n"
        },
    ),
    "example in a docstring": Case(
        {},
        {
            A: '"""Write tests like\n\ndef test_total():\n    assert 1\n"""\n'
            "def test_a():\n    assert f()\n"
        },
    ),
    "mixin in its own module": Case(
        {A: CLASS, B: "x = 1\n"},
        {
            A: "from tests.cart_mixin import CartMixin\nclass TestCart(CartMixin):\n    pass\n",
            "tests/cart_mixin.py": edit(CLASS, ("TestCart", "CartMixin")),
        },
    ),
    "mixin in the same module": Case(
        {A: CLASS},
        {
            A: edit(CLASS, ("TestCart", "CartTests"))
            + "\n    class TestCart(CartTests):\n        pass\n"
        },
    ),
    "unittest class renamed is still collected": Case(
        {A: UNIT}, {A: edit(UNIT, ("CartTest", "_Cart"))}
    ),
    "overloads and properties": Case(
        {},
        {
            A: """
    class Thing:
        @property
        def test_mode(self):
            return 1
        @test_mode.setter
        def test_mode(self, value):
            pass
    def test_a():
        assert Thing().test_mode == 1
    """
        },
    ),
    "two definitions by a condition": Case(
        {},
        {
            A: """
    import sys
    if sys.platform == "win32":
        def test_a():
            assert f()
    else:
        def test_a():
            assert g()
    """
        },
    ),
    "wrapped by a decorator call": Case(
        {A: LIVE}, {A: LIVE + "    test_total = retry(test_total)\n"}
    ),
    "__test__ of a helper class": Case(
        {},
        {
            A: "class TestResult:\n    __test__ = False\n    value = 1\n"
            "def test_a():\n    assert f()\n"
        },
    ),
    "__test__ of an imported function": Case(
        {},
        {
            A: """
    from shop.checks import test_connection
    test_connection.__test__ = False
    def test_a():
        assert test_connection()
    """
        },
    ),
    "__test__ of an abstract base": Case(
        {},
        {
            A: """
    class TestBase:
        __test__ = False
        def test_a(self):
            assert self.make()
    """
        },
    ),
    "a helper class with a constructor": Case(
        {},
        {
            A: "class TestServer:\n    def __init__(self):\n        self.port = 1\n"
            "def test_a():\n    assert f()\n"
        },
    ),
    "return after the checks": Case(
        {},
        {
            A: """
    def test_a():
        assert f()
        if windows():
            return
        assert g()
    """
        },
    ),
    "return in a branch that checks": Case(
        {},
        {
            A: """
    def test_a(n):
        if n == 0:
            assert f(n) is None
            return
        assert f(n) == n
    """
        },
    ),
    "return in a nested function": Case(
        {},
        {
            A: """
    def test_a():
        def callback(x):
            if x is None:
                return
            seen.append(x)
        assert run(callback) == []
    """
        },
    ),
    "return at the end": Case({}, {A: "def test_a():\n    assert f()\n    return\n"}),
    "conditional return with a reason": Case(
        {},
        {
            A: """
    def test_a():
        if windows():
            return  # paths have no mode bits there
        assert f()
    """
        },
    ),
    "skip with a reason in a branch": Case(
        {},
        {
            A: """
    import pytest
    def test_a():
        if windows():
            return pytest.skip("paths have no mode bits")
        assert f()
    """
        },
    ),
    "early return that was there": Case(
        {A: "def test_a():\n    if windows():\n        return\n    assert f()\n"},
        {A: "def test_a():\n    if windows():\n        return\n    assert f(2)\n"},
    ),
    "collect_ignore of what is no test": Case(
        {A: LIVE}, {A: LIVE, CONF: "collect_ignore = ['setup.py']\n"}
    ),
    "collect_ignore with a reason": Case(
        {A: LIVE},
        {A: LIVE, CONF: "# needs a ledger, run by hand\ncollect_ignore = ['test_a.py']\n"},
    ),
    "collect_ignore by version": Case(
        {A: LIVE},
        {
            A: LIVE,
            CONF: "import sys\ncollect_ignore = []\nif sys.version_info < (3, 12):\n"
            "    collect_ignore.append('test_a.py')\n",
        },
    ),
    "collect_ignore that was there": Case(
        {A: LIVE, CONF: "collect_ignore = ['test_a.py']\n"},
        {A: LIVE, CONF: "collect_ignore = ['test_a.py']\nx = 1\n"},
    ),
    "items sorted": Case(
        {A: LIVE},
        {
            A: LIVE,
            CONF: """
    def pytest_collection_modifyitems(items):
        items[:] = sorted(items, key=lambda item: item.name)
        items.sort(key=str)
    """,
        },
    ),
    "items filtered by an option": Case(
        {A: LIVE},
        {
            A: LIVE,
            CONF: """
    def pytest_collection_modifyitems(config, items):
        if config.getoption("--only-fast"):
            items[:] = [item for item in items if "slow" not in item.keywords]
    """,
        },
    ),
    "ignore hook by an option": Case(
        {A: LIVE},
        {
            A: LIVE,
            CONF: """
    def pytest_ignore_collect(collection_path, config):
        return not config.getoption("--live") and "live" in collection_path.parts
    """,
        },
    ),
    "no tests is no failure": Case(
        {A: LIVE},
        {
            A: LIVE,
            CONF: """
    def pytest_sessionfinish(session, exitstatus):
        if exitstatus == 5:
            session.exitstatus = 0
    """,
        },
    ),
    "exit with a failure": Case(
        {A: LIVE},
        {
            A: LIVE,
            CONF: """
    import pytest
    def pytest_sessionstart(session):
        pytest.exit("no database", returncode=3)
    """,
        },
    ),
    "a forked child ends": Case(
        {},
        {
            A: """
    import os
    def test_a():
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        assert os.waitpid(pid, 0)
    """
        },
    ),
    "other options": Case(
        {A: LIVE, INI: options("")},
        {A: LIVE, INI: options('addopts = "-ra -q -p no:cacheprovider --strict-markers -n 2"\n')},
    ),
    "ignoring what holds no test": Case(
        {A: LIVE, INI: options("")},
        {A: LIVE, INI: options('addopts = "--ignore=src/vendor --ignore-glob=*/cache/*"\n')},
    ),
    "markers that are described": Case(
        {A: LIVE, INI: options('markers = ["slow: takes minutes"]\n')},
        {A: LIVE, INI: options('markers = ["slow: takes minutes"]\naddopts = "-m \'not slow\'"\n')},
    ),
    "a return for the type checker": Case(
        {},
        {
            A: """
    import sys
    from typing import TYPE_CHECKING
    def test_a():
        if TYPE_CHECKING and sys.platform == "win32":
            return
        assert f()
    """
        },
    ),
    "option with a reason": Case(
        {A: LIVE, INI: options("")},
        {
            A: LIVE,
            INI: options("# the ledger is not in CI yet (SHOP-9)\naddopts = \"-m 'not ledger'\"\n"),
        },
    ),
    "option that was there": Case(
        {A: LIVE, INI: options('addopts = "-m unit"\n')},
        {A: LIVE, INI: options('addopts = "-m unit -q"\n')},
    ),
    "testpaths widened": Case(
        {A: LIVE, INI: options('testpaths = ["tests"]\n')},
        {A: LIVE, INI: options('testpaths = ["tests", "more"]\n')},
    ),
    "doctest skipped with a note": Case(
        {"shop/a.py": 'def f():\n    """F.\n\n    >>> f()\n    1\n    """\n    return 1\n'},
        {
            "shop/a.py": 'def f():\n    """F.\n\n    # needs the ledger\n'
            '    >>> f()  # doctest: +SKIP\n    1\n    """\n    return 1\n'
        },
    ),
}


@pytest.mark.parametrize("name", REPORTED)
def test_reported(name: str) -> None:
    case = REPORTED[name]
    wanted = expected(case.after)
    assert wanted, "the form marks nothing"
    assert places(skips(staged(case.before, case.after, case.renames)), wanted) == wanted


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str) -> None:
    case = SILENT[name]
    assert skips(staged(case.before, case.after, case.renames)) == []

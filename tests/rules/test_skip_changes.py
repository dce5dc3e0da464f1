"""What a change adds, compared with its base by test: moves add nothing, lost reasons do."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import pytest
from staged import Files, expected, places, skips, staged

if TYPE_CHECKING:
    from collections.abc import Mapping

A, B = "tests/test_a.py", "tests/test_b.py"


class Case(NamedTuple):
    before: Files
    after: Files
    renames: Mapping[str, str] = MappingProxyType({})


BARE = """
    import pytest
    @pytest.mark.skip
    def test_total():
        cart = make()
        assert cart.total() == 1
    def test_items():
        assert cart().items == []
    """
LIVE = """
    def test_total():
        cart = make()
        assert cart.total() == 1
    def test_items():
        assert cart().items == []
    """
CLASS = """
    import pytest
    class TestCart:
        @pytest.mark.skip
        def test_total(self):
            assert total() == 1
        def test_items(self):
            assert items() == []
    """


def edit(text: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


REPORTED = {
    "a live test is skipped": Case({A: LIVE}, {A: edit(BARE, ("skip\n", "skip #!\n"))}),
    "the file is copied": Case({A: BARE}, {A: BARE, B: edit(BARE, ("skip\n", "skip #!\n"))}),
    "a skipped test is copied": Case(
        {A: BARE},
        {
            A: BARE
            + """
    @pytest.mark.skip #!
    def test_total_again():
        cart = make()
        assert cart.total() == 1
    """
        },
    ),
    "the reason is emptied": Case(
        {A: edit(BARE, ("skip\n", 'skip(reason="SHOP-3")\n'))},
        {A: edit(BARE, ("skip\n", 'skip(reason="") #!\n'))},
    ),
    "the reason becomes a placeholder": Case(
        {A: edit(BARE, ("skip\n", 'skip(reason="SHOP-3")\n'))},
        {A: edit(BARE, ("skip\n", 'skip(reason="todo") #!\n'))},
    ),
    "the constant is emptied": Case(
        {
            A: """
    import pytest
    WHY = "SHOP-3"
    @pytest.mark.skip(reason=WHY)
    def test_total():
        assert total()
    """
        },
        {
            A: """
    import pytest
    WHY = ""
    @pytest.mark.skip(reason=WHY) #!
    def test_total():
        assert total()
    """
        },
    ),
    "one test is revived and another skipped": Case(
        {A: BARE},
        {
            A: """
    import pytest
    def test_total():
        cart = make()
        assert cart.total() == 1
    @pytest.mark.skip #!
    def test_items():
        assert cart().items == []
    """
        },
    ),
    "from function to class": Case(
        {A: CLASS},
        {
            A: """
    import pytest
    @pytest.mark.skip #!
    class TestCart:
        def test_total(self):
            assert total() == 1
        def test_items(self):
            assert items() == []
    """
        },
    ),
    "from class to module": Case(
        {
            A: """
    import pytest
    @pytest.mark.skip
    class TestCart:
        def test_total(self):
            assert total() == 1
    def test_items():
        assert items() == []
    """
        },
        {
            A: """
    import pytest
    pytestmark = pytest.mark.skip #!
    class TestCart:
        def test_total(self):
            assert total() == 1
    def test_items():
        assert items() == []
    """
        },
    ),
    "a new test under a skipped module": Case(
        {
            A: """
    import pytest
    pytestmark = pytest.mark.skip
    def test_items():
        assert items() == []
    """
        },
        {
            A: """
    import pytest
    pytestmark = pytest.mark.skip
    def test_items():
        assert items() == []
    def test_more(): #!
        assert total() == []
    """
        },
    ),
    "a live test moves under a skipped class": Case(
        {
            A: """
    import pytest
    @pytest.mark.skip
    class TestCart:
        def test_items(self):
            assert items() == []
    def test_total():
        assert total() == 3
    """
        },
        {
            A: """
    import pytest
    @pytest.mark.skip
    class TestCart:
        def test_items(self):
            assert items() == []
        def test_total(self): #!
            assert total() == 3
    """
        },
    ),
    "an old decorator silences one more test": Case(
        {
            A: """
    import pytest
    parked = pytest.mark.skip
    @parked
    def test_items():
        assert items() == []
    def test_total():
        assert total() == 3
    """
        },
        {
            A: """
    import pytest
    parked = pytest.mark.skip
    @parked
    def test_items():
        assert items() == []
    @parked #!
    def test_total():
        assert total() == 3
    """
        },
    ),
    "an old decorator of another module silences one more test": Case(
        {"tests/__init__.py": "", "tests/marks.py": "import pytest\nparked = pytest.mark.skip\n"},
        {
            "tests/__init__.py": "",
            "tests/marks.py": "import pytest\nparked = pytest.mark.skip\n",
            A: """
    from tests.marks import parked
    @parked #!
    def test_total():
        assert total() == 3
    """,
        },
    ),
    "a skip of a namesake elsewhere": Case(
        {A: BARE, B: LIVE}, {A: LIVE, B: edit(BARE, ("skip\n", "skip #!\n"))}
    ),
    "another test in place of the skipped one": Case(
        {
            A: """
    import pytest
    @pytest.mark.skip
    def test_legacy_total():
        assert Cart().total() == 1
    """
        },
        {
            A: """
    import pytest
    @pytest.mark.skip #!
    def test_items():
        assert Cart().items == []
    """
        },
    ),
    "xfail becomes skip": Case(
        {A: edit(BARE, ("skip\n", "xfail\n"))}, {A: edit(BARE, ("skip\n", "skip #!\n"))}
    ),
    "skipif becomes skip, no reason either way": Case(
        {A: edit(BARE, ("skip\n", "skipif(WINDOWS)\n"))},
        {A: edit(BARE, ("skip\n", "skip #!\n"))},
    ),
    "skipif becomes skip with the old reason": Case(
        {A: edit(BARE, ("skip\n", 'skipif(WINDOWS, reason="no fork")\n'))},
        {A: edit(BARE, ("skip\n", 'skip(reason="no fork") #!\n'))},
    ),
    "the condition becomes constant": Case(
        {A: edit(BARE, ("skip\n", 'skipif(WINDOWS, reason="no fork")\n'))},
        {A: edit(BARE, ("skip\n", 'skipif(True, reason="no fork") #!\n'))},
    ),
    "the condition becomes or True": Case(
        {A: edit(BARE, ("skip\n", 'skipif(WINDOWS, reason="no fork")\n'))},
        {A: edit(BARE, ("skip\n", 'skipif(WINDOWS or True, reason="no fork") #!\n'))},
    ),
    "unittest skipIf becomes skip": Case(
        {
            A: """
    import unittest
    class T(unittest.TestCase):
        @unittest.skipIf(WINDOWS, "no fork")
        def test_a(self):
            self.assertTrue(f())
    """
        },
        {
            A: """
    import unittest
    class T(unittest.TestCase):
        @unittest.skip("no fork") #!
        def test_a(self):
            self.assertTrue(f())
    """
        },
    ),
    "the guard of a call becomes constant": Case(
        {
            A: """
    import pytest
    def test_a():
        if not online():
            pytest.skip("no network")
        assert f()
    """
        },
        {
            A: """
    import pytest
    def test_a():
        if True:
            pytest.skip("no network") #!
        assert f()
    """
        },
    ),
    "a second reasonless call": Case(
        {
            A: """
    import pytest
    def test_a():
        if not online():
            pytest.skip()
        assert f()
    """
        },
        {
            A: """
    import pytest
    def test_a():
        if not online():
            pytest.skip()
        if windows():
            pytest.skip() #!
        assert f()
    """
        },
    ),
    "the skip moves to another parameter set": Case(
        {
            A: """
    import pytest
    @pytest.mark.parametrize("n", [1, pytest.param(2, marks=pytest.mark.skip), 3])
    def test_a(n):
        assert f(n)
    """
        },
        {
            A: """
    import pytest
    @pytest.mark.parametrize("n", [
        1,
        2,
        pytest.param(3, marks=pytest.mark.skip), #!
    ])
    def test_a(n):
        assert f(n)
    """
        },
    ),
    "a parameter set loses its reason": Case(
        {
            A: """
    import pytest
    @pytest.mark.parametrize("n", [pytest.param(2, marks=pytest.mark.skip(reason="slow disk"))])
    def test_a(n):
        assert f(n)
    """
        },
        {
            A: """
    import pytest
    @pytest.mark.parametrize("n", [pytest.param(2, marks=pytest.mark.skip())]) #!
    def test_a(n):
        assert f(n)
    """
        },
    ),
    "a factory's default is emptied": Case(
        {
            A: """
    import pytest
    def parked(why="needs the ledger"):
        return pytest.mark.skip(reason=why)
    @parked()
    def test_a():
        assert f()
    """
        },
        {
            A: """
    import pytest
    def parked(why=""):
        return pytest.mark.skip(reason=why)
    @parked() #!
    def test_a():
        assert f()
    """
        },
    ),
    "a constant of another module is emptied": Case(
        {
            "tests/__init__.py": "",
            "tests/reasons.py": "LEDGER = 'needs the ledger'\n",
            A: """
    import pytest
    from tests.reasons import LEDGER
    @pytest.mark.skip(reason=LEDGER)
    def test_a():
        assert f()
    """,
        },
        {
            "tests/__init__.py": "",
            "tests/reasons.py": "LEDGER = ''\n",
            A: """
    import pytest
    from tests.reasons import LEDGER
    @pytest.mark.skip(reason=LEDGER) #!
    def test_a():
        assert f()
    """,
        },
    ),
    "a mark of another module loses its reason": Case(
        {
            "tests/__init__.py": "",
            "tests/marks.py": "import pytest\nparked = pytest.mark.skip(reason='no ledger')\n",
            A: "from tests.marks import parked\n\n\n@parked\ndef test_a():\n    assert f()\n",
            B: "from tests.marks import parked\n\n\n@parked\ndef test_b():\n    assert f()\n",
        },
        {
            "tests/__init__.py": "",
            "tests/marks.py": "import pytest\nparked = pytest.mark.skip() #!\n",
            A: "from tests.marks import parked\n\n\n@parked\ndef test_a():\n    assert f()\n",
            B: "from tests.marks import parked\n\n\n@parked\ndef test_b():\n    assert f()\n",
        },
    ),
    "a renamed file gains a skip": Case(
        {A: LIVE}, {B: edit(BARE, ("skip\n", "skip #!\n"))}, {B: A}
    ),
    "skipped test moved and one more": Case(
        {A: BARE, B: "x = 1\n"},
        {
            A: "x = 1\n",
            B: BARE
            + """
    @pytest.mark.skip #!
    def test_extra():
        assert other(7) is None
    """,
        },
    ),
    "conftest adds a bare mark": Case(
        {A: LIVE},
        {
            A: LIVE,
            "tests/conftest.py": """
    import pytest
    def pytest_collection_modifyitems(items):
        for item in items:
            item.add_marker(pytest.mark.skip) #!
    """,
        },
    ),
    "conftest adds a mark by name": Case(
        {A: LIVE},
        {
            A: LIVE,
            "tests/conftest.py": """
    def pytest_collection_modifyitems(items):
        for item in items:
            if "slow" in item.keywords:
                item.add_marker("skip") #!
    """,
        },
    ),
    "conftest fixture skips": Case(
        {A: LIVE},
        {
            A: LIVE,
            "tests/conftest.py": """
    import pytest
    @pytest.fixture(autouse=True)
    def need(request):
        if request.node.get_closest_marker("net"):
            pytest.skip() #!
    """,
        },
    ),
    "conftest hook raises": Case(
        {A: LIVE},
        {
            A: LIVE,
            "conftest.py": """
    import pytest
    def pytest_runtest_setup(item):
        if "slow" in item.keywords:
            raise pytest.skip.Exception() #!
    """,
        },
    ),
    "a helper module of the tests skips": Case(
        {A: LIVE, "tests/helpers.py": "def need():\n    pass\n"},
        {
            A: LIVE,
            "tests/helpers.py": "import pytest\ndef need():\n    pytest.skip() #!\n",
        },
    ),
    "applymarker": Case(
        {},
        {
            A: """
    import pytest
    @pytest.mark.parametrize("n", [1, 2])
    def test_a(n, request):
        if n == 2:
            request.applymarker(pytest.mark.xfail) #!
        assert f(n)
    """
        },
    ),
    "a test file that no longer parses": Case({A: LIVE}, {A: "def test_total(: #!\n    pass\n"}),
    "a new test file that does not parse": Case({}, {A: "def test_total(: #!\n    pass\n"}),
}

SILENT = {
    "moved within the file": Case(
        {A: BARE},
        {
            A: """
    import pytest
    def test_items():
        assert cart().items == []
    @pytest.mark.skip
    def test_total():
        cart = make()
        assert cart.total() == 1
    """
        },
    ),
    "wrapped in a class": Case(
        {A: BARE},
        {
            A: """
    import pytest
    class TestCart:
        @pytest.mark.skip
        def test_total(self):
            cart = make()
            assert cart.total() == 1
        def test_items(self):
            assert cart().items == []
    """
        },
    ),
    "taken out of a class": Case(
        {A: CLASS},
        {
            A: """
    import pytest
    @pytest.mark.skip
    def test_total():
        assert total() == 1
    def test_items():
        assert items() == []
    """
        },
    ),
    "class renamed": Case({A: CLASS}, {A: edit(CLASS, ("TestCart", "TestBasket"))}),
    "test renamed": Case({A: BARE}, {A: edit(BARE, ("test_total", "test_sum"))}),
    "test renamed and edited a little": Case(
        {A: BARE}, {A: edit(BARE, ("test_total", "test_sum"), ("== 1", "== 2"))}
    ),
    "reformatted": Case(
        {A: BARE},
        {A: edit(BARE, ("@pytest.mark.skip\n", "\n\n    @pytest.mark.skip(\n    )\n"))},
    ),
    "decorators swapped": Case(
        {A: edit(BARE, ("skip\n", "skip\n    @pytest.mark.slow\n"))},
        {A: edit(BARE, ("@pytest.mark.skip\n", "@pytest.mark.slow\n    @pytest.mark.skip\n"))},
    ),
    "spelled in another way": Case(
        {A: BARE},
        {
            A: edit(
                BARE, ("import pytest\n", "from pytest import mark as m\n"), ("pytest.mark", "m")
            )
        },
    ),
    "crlf only": Case(
        {A: "import pytest\n@pytest.mark.skip\ndef test_a():\n    assert f()\n"},
        {A: "import pytest\r\n@pytest.mark.skip\r\ndef test_a():\r\n    assert f()\r\n"},
    ),
    "file renamed": Case({A: BARE}, {B: BARE}, {B: A}),
    "file renamed without git's help": Case({A: BARE}, {B: BARE}),
    "test moved to another file": Case(
        {A: BARE},
        {
            A: "    def test_items():\n        assert cart().items == []\n",
            B: """
    import pytest
    @pytest.mark.skip
    def test_total():
        cart = make()
        assert cart.total() == 1
    """,
        },
    ),
    "reason added": Case({A: BARE}, {A: edit(BARE, ("skip\n", 'skip(reason="SHOP-3")\n'))}),
    "bare to placeholder": Case({A: BARE}, {A: edit(BARE, ("skip\n", 'skip(reason="todo")\n'))}),
    "good reason to another": Case(
        {A: edit(BARE, ("skip\n", 'skip(reason="SHOP-3")\n'))},
        {A: edit(BARE, ("skip\n", 'skip(reason="SHOP-4")\n'))},
    ),
    "skip removed": Case({A: BARE}, {A: LIVE}),
    "skipped test deleted": Case(
        {A: BARE}, {A: "    def test_items():\n        assert cart().items == []\n"}
    ),
    "file deleted": Case({A: BARE}, {}),
    "body of a skipped test edited": Case({A: BARE}, {A: edit(BARE, ("== 1", "== 7"))}),
    "another test edited": Case({A: BARE}, {A: edit(BARE, ("[]", "[1]"))}),
    "skip to xfail": Case({A: BARE}, {A: edit(BARE, ("skip\n", "xfail\n"))}),
    "skip to skipif": Case({A: BARE}, {A: edit(BARE, ("skip\n", "skipif(WINDOWS)\n"))}),
    "mark to call": Case(
        {A: BARE},
        {
            A: """
    import pytest
    def test_total():
        pytest.skip()
        cart = make()
        assert cart.total() == 1
    def test_items():
        assert cart().items == []
    """
        },
    ),
    "more platforms": Case(
        {A: edit(BARE, ("skip\n", 'skipif(WINDOWS, reason="no fork")\n'))},
        {A: edit(BARE, ("skip\n", 'skipif(WINDOWS or MACOS, reason="no fork")\n'))},
    ),
    "skipif to skip for a new reason": Case(
        {A: edit(BARE, ("skip\n", 'skipif(WINDOWS, reason="no fork")\n'))},
        {A: edit(BARE, ("skip\n", 'skip(reason="SHOP-9: rewritten in 3.0")\n'))},
    ),
    "class mark pushed down": Case(
        {
            A: """
    import pytest
    @pytest.mark.skip
    class TestCart:
        def test_total(self):
            assert total() == 1
        def test_items(self):
            assert items() == []
    """
        },
        {
            A: """
    import pytest
    class TestCart:
        @pytest.mark.skip
        def test_total(self):
            assert total() == 1
        @pytest.mark.skip
        def test_items(self):
            assert items() == []
    """
        },
    ),
    "module mark to class mark": Case(
        {
            A: """
    import pytest
    pytestmark = [pytest.mark.skip]
    class TestCart:
        def test_total(self):
            assert total() == 1
    """
        },
        {
            A: """
    import pytest
    @pytest.mark.skip
    class TestCart:
        def test_total(self):
            assert total() == 1
    """
        },
    ),
    "a new test beside a skipped one": Case(
        {A: CLASS},
        {A: CLASS + "    def test_more(self):\n            assert more() == []\n"},
    ),
    "a new test under a class with a reason": Case(
        {A: edit(CLASS, ("class", '@pytest.mark.skip(reason="SHOP-1")\n    class'))},
        {
            A: edit(CLASS, ("class", '@pytest.mark.skip(reason="SHOP-1")\n    class'))
            + "    def test_more(self):\n            assert more() == []\n"
        },
    ),
    "parameter sets reordered": Case(
        {
            A: """
    import pytest
    @pytest.mark.parametrize("n", [1, pytest.param(2, marks=pytest.mark.skip), 3])
    def test_a(n):
        assert f(n)
    """
        },
        {
            A: """
    import pytest
    @pytest.mark.parametrize("n", [3, 1, pytest.param(2, marks=pytest.mark.skip), 4])
    def test_a(n):
        assert f(n)
    """
        },
    ),
    "parameter set renamed by id": Case(
        {
            A: """
    import pytest
    @pytest.mark.parametrize("n", [pytest.param(2, marks=pytest.mark.skip, id="two")])
    def test_a(n):
        assert f(n)
    """
        },
        {
            A: """
    import pytest
    @pytest.mark.parametrize("n", [pytest.param(2, marks=pytest.mark.skip, id="deux")])
    def test_a(n):
        assert f(n)
    """
        },
    ),
    "parameter set edited under its id": Case(
        {
            A: """
    import pytest
    @pytest.mark.parametrize("n", [pytest.param(2, marks=pytest.mark.skip, id="two"), 3])
    def test_a(n):
        assert f(n)
    """
        },
        {
            A: """
    import pytest
    @pytest.mark.parametrize("n", [pytest.param(2.0, marks=pytest.mark.skip, id="two"), 3])
    def test_a(n):
        assert f(n)
    """
        },
    ),
    "parameter sets moved to a constant": Case(
        {
            A: """
    import pytest
    @pytest.mark.parametrize("n", [1, pytest.param(2, marks=pytest.mark.skip)])
    def test_a(n):
        assert f(n)
    """
        },
        {
            A: """
    import pytest
    CASES = [1, pytest.param(2, marks=pytest.mark.skip)]
    @pytest.mark.parametrize("n", CASES)
    def test_a(n):
        assert f(n)
    """
        },
    ),
    "test with skipped parameter sets renamed": Case(
        {
            A: """
    import pytest
    @pytest.mark.parametrize("n", [1, pytest.param(2, marks=pytest.mark.skip)])
    def test_a(n):
        assert first(n) == second(n)
    """
        },
        {
            A: """
    import pytest
    @pytest.mark.parametrize("n", [1, pytest.param(2, marks=pytest.mark.skip)])
    def test_b(n):
        assert first(n) == second(n)
    """
        },
    ),
    "the skip goes into a constant": Case(
        {A: BARE},
        {
            A: edit(
                BARE,
                ("import pytest\n", "import pytest\n    parked = pytest.mark.skip\n"),
                ("@pytest.mark.skip", "@parked"),
            )
        },
    ),
    "a constant of another module changes its words": Case(
        {
            "tests/__init__.py": "",
            "tests/reasons.py": "LEDGER = 'needs the ledger'\n",
            A: "import pytest\nfrom tests.reasons import LEDGER\n@pytest.mark.skip(reason=LEDGER)\n"
            "def test_a():\n    assert f()\n",
        },
        {
            "tests/__init__.py": "",
            "tests/reasons.py": "LEDGER = 'needs the new ledger'\n",
            A: "import pytest\nfrom tests.reasons import LEDGER\n@pytest.mark.skip(reason=LEDGER)\n"
            "def test_a():\n    assert f()\n",
        },
    ),
    "pytestmark in a conftest has no effect": Case(
        {A: LIVE}, {A: LIVE, "tests/conftest.py": "import pytest\npytestmark = pytest.mark.skip\n"}
    ),
    "conftest marks with a reason": Case(
        {A: LIVE},
        {
            A: LIVE,
            "tests/conftest.py": """
    import pytest
    def pytest_collection_modifyitems(config, items):
        if config.getoption("--slow"):
            return
        for item in items:
            if "slow" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="needs --slow"))
    """,
        },
    ),
    "a file that never parsed": Case(
        {A: "def test_total(:\n    pass\n"}, {A: "def test_total(:\n    pass  # more\n"}
    ),
    "a broken file that is no test": Case({}, {"tests/data/bad.py": "def broken(:\n"}),
    "a sample that pytest is told not to enter": Case(
        {"pyproject.toml": "[tool.pytest.ini_options]\nnorecursedirs = 'samples'\n"},
        {
            "pyproject.toml": "[tool.pytest.ini_options]\nnorecursedirs = 'samples'\n",
            "tests/samples/test_x.py": BARE,
        },
    ),
    "application code with functions called test": Case(
        {},
        {
            "shop/checks.py": """
    def skip(reason=""):
        return reason
    def test_connection():
        skip()
    """
        },
    ),
    "documentation": Case({}, {"docs/skip.md": "@pytest.mark.skip\ndef test_x(): ...\n"}),
    "binary and stub files": Case({}, {"tests/test_x.pyi": "def f(: ...\n", "tests/a.bin": "\0\1"}),
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

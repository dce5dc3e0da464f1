"""Tests silenced from aside, and marks and options that silence none."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import pytest
from staged import clean, expected, places, skips, staged

from covgate.source.skips.quick import may_silence

if TYPE_CHECKING:
    from collections.abc import Mapping

PATH = "tests/test_shop.py"
CONFTEST = "tests/conftest.py"
HEAD = "import pytest\nimport unittest\nfrom shop.cart import Cart\n"
TWO = """\
def test_total():
    assert Cart().total() == 0

def test_items():
    assert Cart().items == []
"""
BOTH_SKIPPED = "@pytest.mark.skip\n" + TWO.replace("def test_i", "@pytest.mark.skip\ndef test_i")
REASONED = BOTH_SKIPPED.replace("skip\ndef test_i", "skip(reason='waits for GH-3')\ndef test_i")
SETTINGS = "[tool.pytest.ini_options]\ntestpaths = ['tests']\n"


def in_class(tests: str, head: str = "class TestCart:") -> str:
    lines = tests.split("\n")
    body = "\n".join(f"    {line}" if line else line for line in lines)
    return f"{head}\n{body}".replace("_total():", "_total(self):").replace(
        "items():", "items(self):"
    )


class Case(NamedTuple):
    """One file after and before (empty: new), and other files that stay as they are."""

    after: str
    before: str = ""
    path: str = PATH
    files: Mapping[str, str] = MappingProxyType({})


def hook(line: str) -> Case:
    text = f"def pytest_collection_modifyitems(items):\n    for item in items:\n        {line}\n"
    return Case(text, path=CONFTEST, files={PATH: HEAD + TWO})


def raised(bases: str, body: str, call: str, mark: str = "") -> Case:
    return Case(f"class Away({bases}):\n    {body}\ndef test_total():\n    raise {call} {mark}\n")


def addopts(option: str, mark: str = "") -> Case:
    text = f"{SETTINGS}addopts = '{option}' {mark}\n"
    return Case(text, SETTINGS, "pyproject.toml", {PATH: HEAD + TWO})


CASES = {
    "hook appends to own_markers": hook("item.own_markers.append(pytest.mark.skip) #!"),
    "hook appends a plain mark": hook(
        "item.own_markers.append(pytest.mark.skip(reason='').mark) #!"
    ),
    "hook inserts into own_markers": hook("item.own_markers.insert(0, pytest.mark.xfail()) #!"),
    "hook extends own_markers": hook("item.own_markers.extend([pytest.mark.skip]) #!"),
    "hook adds to own_markers": hook("item.own_markers += [pytest.mark.skip] #!"),
    "hook appends with a reason": hook(
        "item.own_markers.append(pytest.mark.skip(reason='no network here').mark)"
    ),
    "hook appends another mark": hook("item.own_markers.append(pytest.mark.slow)"),
    "hook removes from own_markers": hook("item.own_markers.remove(pytest.mark.skip)"),
    "list of marks of another kind": hook("names.append(pytest.mark.skip)"),
    "subclass of SkipTest": raised("unittest.SkipTest", "pass", "Away()", "#!"),
    "subclass of SkipTest, not called": raised("unittest.SkipTest", "pass", "Away", "#!"),
    "subclass of pytest's exception": raised("pytest.skip.Exception", "pass", "Away('')", "#!"),
    "subclass of SkipTest with a reason": raised(
        "unittest.SkipTest", "pass", "Away('no network here')"
    ),
    "subclass of SkipTest that brings its reason": raised(
        "unittest.SkipTest", "def __init__(self): super().__init__('no network')", "Away()"
    ),
    "another exception": raised("Exception", "pass", "Away()"),
    "subclass of SkipTest that is expected": Case(
        "class Away(unittest.SkipTest):\n    pass\ndef test_total():\n"
        "    with pytest.raises(Away):\n        raise Away()\n"
    ),
    "main guard around a test": Case(
        "if __name__ == '__main__': #!\n    def test_total():\n        assert Cart().total() == 0\n",
        "def test_total():\n    assert Cart().total() == 0\n",
    ),
    "main guard around a class, in a new module": Case(
        "if __name__ == '__main__': #!\n    import sys\n\n    class TestCart:\n"
        "        def test_total(self):\n            assert Cart().total() == 0\n"
    ),
    "main guard that runs pytest": Case(f"{TWO}\nif __name__ == '__main__':\n    pytest.main()\n"),
    "not under the main guard": Case(
        "if __name__ != '__main__':\n    def test_total():\n        assert Cart().total() == 0\n",
        "def test_total():\n    assert Cart().total() == 0\n",
    ),
    "decorator sets __test__": Case(
        "def off(fn):\n    fn.__test__ = False\n    return fn\n@off #!\n" + TWO, TWO
    ),
    "decorator with arguments sets __test__": Case(
        "def off(why):\n    def apply(fn):\n        fn.__test__ = False\n        return fn\n"
        "    return apply\n@off('') #!\n" + TWO,
        TWO,
    ),
    "class decorator sets __test__": Case(
        "def off(cls):\n    setattr(cls, '__test__', False)\n    return cls\n@off #!\n"
        + in_class(TWO),
        in_class(TWO),
    ),
    "decorator of another module sets __test__": Case(
        "from tests.off import off\n@off #!\n" + TWO,
        TWO,
        files={
            "tests/__init__.py": "",
            "tests/off.py": "def off(f):\n    f.__test__ = 0\n    return f\n",
        },
    ),
    "decorator sets __test__ under a condition": Case(
        "import os\ndef off(fn):\n    if os.name == 'nt':\n        fn.__test__ = False\n    return fn\n"
        "@off\n" + TWO,
        TWO,
    ),
    "decorator sets __test__ to true": Case(
        "def on(fn):\n    fn.__test__ = True\n    return fn\n@on\n" + TWO, TWO
    ),
    "decorator sets __test__ of a new helper": Case(
        "def off(fn):\n    fn.__test__ = False\n    return fn\n@off\n"
        "def testing_cart():\n    return Cart()\n"
        "def test_total():\n    assert testing_cart().total() == 0\n"
    ),
    "__test__ of a new helper is set": Case(
        "def testing_cart():\n    return Cart()\ntesting_cart.__test__ = False\n"
        "def test_total():\n    assert testing_cart().total() == 0\n"
    ),
    "decorator sets __test__ of a new test": Case(
        "def off(fn):\n    fn.__test__ = False\n    return fn\n@off #!\n" + TWO
    ),
    "decorator sets __test__ of a test that others call": Case(
        "def off(fn):\n    fn.__test__ = False\n    return fn\n@off #!\n"
        + TWO
        + "def test_both():\n    test_total()\n    test_items()\n",
        TWO,
    ),
    "decorator sets __test__ with a comment": Case(
        "def off(fn):\n    fn.__test__ = False\n    return fn\n"
        "# GH-31: the ledger is being moved to another host\n@off\n" + TWO,
        TWO,
    ),
    "empty slice": Case("@pytest.mark.skip(reason='text'[:0]) #!\n" + TWO),
    "slice of a placeholder": Case("@pytest.mark.skip(reason='broken by it'[:6]) #!\n" + TWO),
    "slice of a text": Case("@pytest.mark.skip(reason='xx no network here'[3:])\n" + TWO),
    "slice by something unknown": Case(
        "import os\n@pytest.mark.skip(reason='text'[: len(os.name)])\n" + TWO
    ),
    "skipped tests get the mark of their class": Case(
        in_class(TWO, "@pytest.mark.skip\nclass TestCart:"), in_class(BOTH_SKIPPED)
    ),
    "skipped tests get the mark of their module": Case(
        "pytestmark = pytest.mark.skip\n" + TWO, BOTH_SKIPPED
    ),
    "skipped tests, one with a reason, get the mark of the module": Case(
        "pytestmark = pytest.mark.skip #!\n" + TWO, REASONED
    ),
    "skipped tests, one with a reason that stays, get the mark of the module": Case(
        "pytestmark = pytest.mark.skip\n" + REASONED.replace("@pytest.mark.skip\n", ""), REASONED
    ),
    "one test more gets the mark of the module": Case(
        "pytestmark = pytest.mark.skip #!\n" + TWO, "@pytest.mark.skip\n" + TWO
    ),
    "expected failures get the mark of the module": Case(
        "pytestmark = pytest.mark.skip #!\n" + TWO, BOTH_SKIPPED.replace("skip", "xfail")
    ),
    "sometimes skipped tests get the mark of the module": Case(
        "pytestmark = pytest.mark.skip #!\n" + TWO,
        BOTH_SKIPPED.replace("mark.skip", "mark.skipif('sys.platform == 1')"),
    ),
    "mark on what is no test": Case(
        "class CartBase:\n    @pytest.mark.skip\n    def total(self):\n        return 0\n" + TWO
    ),
    "mark on a method of a mixin": Case(
        "class CartBase:\n    @pytest.mark.skip #!\n    def test_total(self):\n        assert 1\n"
        "class TestCart(CartBase):\n    pass\n"
    ),
    "mark in a file that nobody imports": Case(BOTH_SKIPPED, path="tests/templates/example.py"),
    "mark in a file that a test imports": Case(
        "@pytest.mark.skip #!\n" + TWO,
        path="tests/example.py",
        files={"tests/__init__.py": "", PATH: "from tests.example import *\n"},
    ),
    "deselects a test": addopts("--deselect=tests/test_shop.py::test_total", "#!"),
    "deselects a file": addopts("--deselect tests/test_shop.py", "#!"),
    "deselects a set of parameters": addopts("--deselect tests/test_shop.py::test_total[1]", "#!"),
    "deselects a test that is not there": addopts("--deselect=tests/test_shop.py::test_gone"),
    "deselects a file that is not there": addopts("--deselect tests/test_gone.py::test_total"),
}


@pytest.mark.parametrize("name", CASES)
def test_case(name: str) -> None:
    case = CASES[name]
    head = HEAD if case.path.endswith(".py") else ""
    files = dict(case.files)
    before = {case.path: head + case.before} if case.before else {}
    after = {case.path: head + case.after}
    wanted = expected(after)
    assert places(skips(staged({**files, **before}, {**files, **after})), wanted) == wanted


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if not case.before])
def test_what_is_reported_in_a_new_module_is_not_passed_over(name: str) -> None:
    case = CASES[name]
    if case.path.endswith(".py") and expected({case.path: case.after}):
        assert may_silence(clean(HEAD + case.after).encode())

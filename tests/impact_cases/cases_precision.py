"""Harmless and narrow changes: how few tests suffice."""

from impact_case import Case

CORE = (
    "import re\n\nLIMIT = 10\nNAMES = {'a': 1}\n\n\ndef used(x):\n    if x > 100:\n        return 0\n"
    "    return x + LIMIT\n\n\nclass Thing:\n    size = 1\n\n    def grow(self):\n        self.size += 1\n"
    "        return self.size\n\n    def spare(self):\n        return None\n"
)
TEN = "from app.core import Thing, used\n\n\n" + "\n\n".join(
    f"def test_{n}():\n    assert used({n}) == {n + 10}\n" for n in range(10)
)
BASE = {
    "app/__init__.py": "from app.core import used\n",
    "app/core.py": CORE,
    "app/other.py": "def other():\n    return 1\n",
    "README.md": "hello\n",
    "tests/test_ten.py": TEN,
    "tests/test_thing.py": "from app.core import Thing\nfrom app.other import other\n\n\n"
    "def test_grow():\n    assert Thing().grow() == 2\n\n\ndef test_other():\n    assert other() == 1\n",
}
T = "tests/test_ten.py::"


def harmless(name: str, old: str, new: str, most: int = 0) -> Case:
    assert old in CORE
    return Case(name, BASE, {"app/core.py": CORE.replace(old, new)}, (), most=most)


PRECISION = [
    Case("no change at all", BASE, {}, (), most=0),
    harmless("comment added", "LIMIT = 10\n", "# the limit\nLIMIT = 10  # ten\n"),
    harmless("docstring added to one function", "def used(x):\n", 'def used(x):\n    """Use."""\n'),
    harmless("a line in that function no test runs", "return 0\n", "return -1\n"),
    harmless(
        "unused function added above the others",
        "def used",
        "def unused():\n    return 1\n\n\ndef used",
    ),
    harmless("unused import added", "import re\n", "import json\nimport re\n"),
    harmless("unused constant added", "LIMIT = 10\n", "LIMIT = 10\nMORE = 11\n"),
    harmless(
        "unused method added",
        "    def spare",
        "    def another(self):\n        return 1\n\n    def spare",
    ),
    harmless("body of an unused method", "return None", "return 1"),
    harmless("blank lines and formatting", "NAMES = {'a': 1}", "NAMES = {\n    'a': 1,\n}"),
    harmless("body of one method", "self.size += 1", "self.size = self.size + 1", most=1),
    harmless("constant nobody uses", "{'a': 1}", "{'a': 2}"),
    harmless(
        "annotation of a local variable",
        "    return x + LIMIT",
        "    y: int = x\n    return y + LIMIT",
        most=10,
    ),
    Case("README", BASE, {"README.md": "hello, world\n"}, (), most=0),
    Case("module nobody imports added", BASE, {"app/new.py": "X = 1\n"}, (), most=0),
    Case(
        "one test out of ten edited",
        BASE,
        {"tests/test_ten.py": TEN.replace("used(3) == 13", "used(3) == 14")},
        (T + "test_3",),
        most=1,
    ),
    Case(
        "a test added to a file of ten",
        BASE,
        {"tests/test_ten.py": TEN + "\n\ndef test_new():\n    assert False\n"},
        (T + "test_new",),
        most=1,
    ),
    Case(
        "a test removed from a file of ten",
        BASE,
        {"tests/test_ten.py": TEN.replace("\n\ndef test_9():\n    assert used(9) == 19\n", "")},
        (),
        most=0,
    ),
    Case(
        "class attribute used by one test",
        BASE,
        {"app/core.py": CORE.replace("size = 1", "size = 5")},
        ("tests/test_thing.py::test_grow",),
        most=1,
    ),
    Case(
        "a distribution no test imports is upgraded",
        BASE,
        {},
        (),
        most=0,
        site={
            "dep/__init__.py": "X = 1\n",
            "dep-1.0.dist-info/METADATA": "Name: dep\nVersion: 1.0\n",
        },
        site_change={
            "dep-1.0.dist-info": None,
            "dep/__init__.py": "X = 2\n",
            "dep-2.0.dist-info/METADATA": "Name: dep\nVersion: 2.0\n",
        },
    ),
]

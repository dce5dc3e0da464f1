"""Changes of what is reached through an object that a test was handed, not through its name."""

from impact_case import Case

T = "test_a.py::"
OTHER = "\n\n\ndef test_t():\n    assert True\n"
READ = "def read(thing):\n    return thing.X\n\n\ndef look(thing, name):\n    return getattr(thing, name)\n"
THING = "class Thing:\n    size = 1\n"
BASE = "class Base:\n    def get(self, name):\n        return getattr(self, name)\n"


def changed(name: str, file: str, old: str, new: str, base: dict[str, str], test: str) -> Case:
    """The one test that notices is the first; the other must not run."""
    tests = f"{test}{OTHER}"
    assert old in base[file]
    change = {file: base[file].replace(old, new)}
    first = test.partition("def test_")[2].partition("(")[0]
    return Case(name, {**base, "test_a.py": tests}, change, (f"{T}test_{first}",), most=1)


HOLDERS = [
    changed(
        "module handed on by a dotted name",
        "pkg/mod.py", "1", "2",
        {"pkg/__init__.py": "", "pkg/mod.py": "X = 1\n", "reading.py": READ},
        "import pkg.mod\nimport reading\n\n\ndef test_x():\n    assert reading.read(pkg.mod) == 1\n",
    ),
    changed(
        "module that a test imports and hands on",
        "pkg/mod.py", "1", "2",
        {"pkg/__init__.py": "", "pkg/mod.py": "X = 1\n", "reading.py": READ},
        "import reading\n\n\ndef test_x():\n    from pkg import mod\n\n"
        "    assert reading.read(mod) == 1\n",
    ),
    changed(
        "computed attribute of a module",
        "app.py", "1", "2",
        {"app.py": "X = 1\n", "reading.py": READ},
        "import app\nimport reading\n\n\ndef test_x():\n    assert reading.look(app, 'Xx'[:1]) == 1\n",
    ),
    changed(
        "variables of a module",
        "app.py", "1", "2",
        {"app.py": "X = 1\n"},
        "import app\n\n\ndef test_x():\n    assert vars(app)['Xx'[:1]] == 1\n",
    ),
    changed(
        "dictionary of a module known by a dotted name",
        "pkg/mod.py", "1", "2",
        {"pkg/__init__.py": "", "pkg/mod.py": "X = 1\n"},
        "import pkg.mod\n\n\ndef test_x():\n    assert pkg.mod.__dict__['Xx'[:1]] == 1\n",
    ),
    changed(
        "computed attribute of a fixture's object",
        "app.py", "1", "2",
        {
            "app.py": THING,
            "reading.py": READ,
            "conftest.py": "import app\nimport pytest\n\n\n@pytest.fixture\ndef thing():\n"
            "    return app.Thing()\n",
        },
        "import reading\n\n\ndef test_x(thing):\n    assert reading.look(thing, 'sizes'[:4]) == 1\n",
    ),
    changed(
        "class fetched from a table that a decorator filled",
        "app.py", "size = 1", "size = 2",
        {
            "table.py": "TABLE = {}\n\n\ndef register(cls):\n    TABLE[cls.__name__] = cls\n    return cls\n",
            "app.py": f"from table import register\n\n\n@register\n{THING}",
            "reading.py": READ,
        },
        "import app\nimport reading\nimport table\n\n\ndef test_x():\n"
        "    assert reading.look(table.TABLE['Thing'], 'sizes'[:4]) == 1\n",
    ),
    changed(
        "object made on import, in a table",
        "app.py", "size = 1", "size = 2",
        {
            "app.py": THING,
            "made.py": "import app\n\n\ndef make():\n    return app.Thing()\n\n\nTABLE = {'a': make()}\n",
            "reading.py": READ,
        },
        "import made\nimport reading\n\n\ndef test_x():\n"
        "    assert reading.look(made.TABLE['a'], 'sizes'[:4]) == 1\n",
    ),
    changed(
        "computed member of self in a base class",
        "sub.py", "size = 1", "size = 2",
        {
            "base.py": BASE,
            "sub.py": "import base\n\n\nclass Sub(base.Base):\n    size = 1\n",
            "kinds.py": "from sub import Sub\n\nKINDS = {'sub': Sub}\n",
        },
        "import kinds\n\n\ndef test_x():\n    assert kinds.KINDS['sub']().get('sizes'[:4]) == 1\n",
    ),
    changed(
        "computed member that a mixin adds",
        "mixin.py", "size = 1", "size = 2",
        {
            "base.py": BASE,
            "mixin.py": "class Mixin:\n    size = 1\n",
            "sub.py": "import base\nimport mixin\n\n\nclass Sub(base.Base, mixin.Mixin):\n    pass\n",
        },
        "import sub\n\n\ndef test_x():\n    assert sub.Sub().get('sizes'[:4]) == 1\n",
    ),
    changed(
        "base class reached through __mro__",
        "base.py", "1", "2",
        {
            "base.py": "class Base:\n    defaults = {'a': 1}\n",
            "sub.py": "import base\n\n\nclass Sub(base.Base):\n    defaults = {'b': 1}\n",
            "asking.py": "def defaults(thing):\n    found = {}\n    for cls in type(thing).__mro__:\n"
            "        found.update(getattr(cls, 'defaults', {}))\n    return found\n",
        },
        "import asking\nimport sub\n\n\ndef test_x():\n    assert asking.defaults(sub.Sub())['a'] == 1\n",
    ),
    changed(
        "member that __init_subclass__ of a base adds up",
        "sub.py", "size = 1", "size = 2",
        {
            "base.py": "class Base:\n    def __init_subclass__(cls):\n        cls.total = sum(\n"
            "            value for value in vars(cls).values() if isinstance(value, int)\n        )\n",
            "sub.py": "import base\n\n\nclass Sub(base.Base):\n    size = 1\n",
        },
        "import sub\n\n\ndef test_x():\n    assert sub.Sub.total == 1\n",
    ),
    changed(
        "call of a module's function begins to change its state",
        "app.py", "V = 1", "V = mod.bump()",
        {
            "pkg/__init__.py": "", "pkg/mod.py": "STATE = []\n\n\ndef bump():\n    STATE.append(1)\n",
            "app.py": "from pkg import mod\n\nV = 1\n",
        },
        "import app\nfrom pkg import mod\n\n\ndef test_x():\n    assert mod.STATE == []\n",
    ),
    changed(
        "object of a module's class begins to be registered by an inherited __init__",
        "app.py", "V = 1", "V = mod.Sub()",
        {
            "pkg/__init__.py": "",
            "pkg/base.py": "STATE = []\n\n\nclass Base:\n    def __init__(self):\n"
            "        STATE.append(self)\n",
            "pkg/mod.py": "from pkg import base\n\n\nclass Sub(base.Base):\n    pass\n",
            "app.py": "from pkg import mod\n\nV = 1\n",
        },
        "import app\nfrom pkg import base\n\n\ndef test_x():\n    assert base.STATE == []\n",
    ),
]  # fmt: skip

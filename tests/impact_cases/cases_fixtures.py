"""Changes of code that one test runs for others: wide fixtures, caches, singletons."""

from impact_case import Case

ONE, TWO = "test_app.py::test_one", "test_app.py::test_two"
OTHER = {"test_other.py": "def test_t():\n    assert True\n"}


def shared(name: str, app: str, after: str, test: str, most: int | None = 2) -> Case:
    """A case of a module `app` and a file with `test_one` and `test_two`, which both fail."""
    base = {"app.py": app, "test_app.py": test, **OTHER}
    return Case(name, base, {"app.py": after}, (ONE, TWO), most=most)


F1 = "def f():\n    return 1\n"
F2 = "def f():\n    return 2\n"


def scoped(scope: str) -> str:
    return (
        f"import pytest\nimport app\n\n\n@pytest.fixture(scope='{scope}')\ndef v():\n"
        "    return app.f()\n\n\nclass TestIt:\n    def test_three(self, v):\n        assert v\n\n\n"
        "def test_one(v):\n    assert v == 1\n\n\ndef test_two(v):\n    assert v == 1\n"
    )


ASSERTS = "\n\n\ndef test_one():\n    assert app.get() == 1\n\n\ndef test_two():\n    assert app.get() == 1\n"
FIXTURES = [
    shared(
        "app code run once by a session fixture, used by two tests", F1, F2, scoped("session"), 3
    ),
    shared("app code run once by a module fixture, used by two tests", F1, F2, scoped("module"), 3),
    shared("app code run once by a package fixture", F1, F2, scoped("package"), 3),
    shared(
        "function behind functools.lru_cache, hit by the second test",
        "import functools\n\n\ndef base():\n    return 1\n\n\n@functools.lru_cache\ndef get():\n"
        "    return base()\n",
        "import functools\n\n\ndef base():\n    return 2\n\n\n@functools.lru_cache\ndef get():\n"
        "    return base()\n",
        "import app" + ASSERTS,
    ),
    shared(
        "lru_cache applied by a call",
        "import functools\n\n\ndef base():\n    return 1\n\n\nget = functools.lru_cache(maxsize=None)(base)\n",
        "import functools\n\n\ndef base():\n    return 2\n\n\nget = functools.lru_cache(maxsize=None)(base)\n",
        "import app" + ASSERTS,
    ),
    shared(
        "body of a function run once to build a singleton kept on a class",
        "def build():\n    return 1\n\n\nclass S:\n    _it = None\n\n    @classmethod\n    def get(cls):\n"
        "        if cls._it is None:\n            cls._it = build()\n        return cls._it\n\n\n"
        "def get():\n    return S.get()\n",
        "def build():\n    return 2\n\n\nclass S:\n    _it = None\n\n    @classmethod\n    def get(cls):\n"
        "        if cls._it is None:\n            cls._it = build()\n        return cls._it\n\n\n"
        "def get():\n    return S.get()\n",
        "import app" + ASSERTS,
    ),
    shared(
        "constant read once to build a singleton kept on a class",
        "N = 1\n\n\ndef build():\n    return N\n\n\nclass S:\n    _it = None\n\n    @classmethod\n"
        "    def get(cls):\n        if cls._it is None:\n            cls._it = build()\n"
        "        return cls._it\n\n\ndef get():\n    return S.get()\n",
        "N = 2\n\n\ndef build():\n    return N\n\n\nclass S:\n    _it = None\n\n    @classmethod\n"
        "    def get(cls):\n        if cls._it is None:\n            cls._it = build()\n"
        "        return cls._it\n\n\ndef get():\n    return S.get()\n",
        "import app" + ASSERTS,
    ),
    shared(
        "global filled lazily, by a setter that another function calls",
        "_it = None\n\n\ndef build():\n    return 1\n\n\ndef _set(x):\n    global _it\n    _it = x\n\n\n"
        "def get():\n    if _it is None:\n        _set(build())\n    return _it\n",
        "_it = None\n\n\ndef build():\n    return 2\n\n\ndef _set(x):\n    global _it\n    _it = x\n\n\n"
        "def get():\n    if _it is None:\n        _set(build())\n    return _it\n",
        "import app" + ASSERTS,
    ),
    shared(
        "dictionary of results at module level",
        "_known = {}\n\n\ndef build():\n    return 1\n\n\ndef get(k=0):\n    if k not in _known:\n"
        "        _known[k] = build()\n    return _known[k]\n",
        "_known = {}\n\n\ndef build():\n    return 2\n\n\ndef get(k=0):\n    if k not in _known:\n"
        "        _known[k] = build()\n    return _known[k]\n",
        "import app" + ASSERTS,
    ),
    shared(
        "memo decorator of the project",
        "def memo(f):\n    known = {}\n\n    def wrapper(*a):\n        if a not in known:\n"
        "            known[a] = f(*a)\n        return known[a]\n\n    return wrapper\n\n\n"
        "def base():\n    return 1\n\n\n@memo\ndef get():\n    return base()\n",
        "def memo(f):\n    known = {}\n\n    def wrapper(*a):\n        if a not in known:\n"
        "            known[a] = f(*a)\n        return known[a]\n\n    return wrapper\n\n\n"
        "def base():\n    return 2\n\n\n@memo\ndef get():\n    return base()\n",
        "import app" + ASSERTS,
    ),
    shared(
        "attribute of a module-level object, filled lazily by another method",
        "class Settings:\n    data = None\n\n    def load(self):\n        self.data = {'a': read()}\n\n"
        "    def value(self):\n        if self.data is None:\n            self.load()\n"
        "        return self.data['a']\n\n\ndef read():\n    return 1\n\n\nsettings = Settings()\n\n\n"
        "def get():\n    return settings.value()\n",
        "class Settings:\n    data = None\n\n    def load(self):\n        self.data = {'a': read()}\n\n"
        "    def value(self):\n        if self.data is None:\n            self.load()\n"
        "        return self.data['a']\n\n\ndef read():\n    return 2\n\n\nsettings = Settings()\n\n\n"
        "def get():\n    return settings.value()\n",
        "import app" + ASSERTS,
    ),
    shared(
        "cached_property of a module-level object",
        "import functools\n\n\ndef base():\n    return 1\n\n\nclass C:\n    @functools.cached_property\n"
        "    def v(self):\n        return base()\n\n\nit = C()\n\n\ndef get():\n    return it.v\n",
        "import functools\n\n\ndef base():\n    return 2\n\n\nclass C:\n    @functools.cached_property\n"
        "    def v(self):\n        return base()\n\n\nit = C()\n\n\ndef get():\n    return it.v\n",
        "import app" + ASSERTS,
    ),
    shared(
        "mutable default as a cache",
        "def base():\n    return 1\n\n\ndef get(k=0, _c={}):\n    if k not in _c:\n        _c[k] = base()\n"
        "    return _c[k]\n",
        "def base():\n    return 2\n\n\ndef get(k=0, _c={}):\n    if k not in _c:\n        _c[k] = base()\n"
        "    return _c[k]\n",
        "import app" + ASSERTS,
    ),
    shared(
        "function attribute as a cache",
        "def base():\n    return 1\n\n\ndef get():\n    if not hasattr(get, 'it'):\n        get.it = base()\n"
        "    return get.it\n",
        "def base():\n    return 2\n\n\ndef get():\n    if not hasattr(get, 'it'):\n        get.it = base()\n"
        "    return get.it\n",
        "import app" + ASSERTS,
    ),
    Case(
        "setup_class and setup_module",
        {
            "app.py": F1,
            "test_app.py": "import app\n\n\nclass TestIt:\n    @classmethod\n    def setup_class(cls):\n"
            "        cls.v = app.f()\n\n    def test_a(self):\n        assert self.v == 1\n\n"
            "    def test_b(self):\n        assert self.v == 1\n\n\n"
            "def setup_module(m):\n    m.w = app.f()\n\n\ndef test_one():\n    assert w == 1\n\n\n"
            "def test_two():\n    assert w == 1\n",
            **OTHER,
        },
        {"app.py": F2},
        ("test_app.py::TestIt::test_a", "test_app.py::TestIt::test_b", ONE, TWO),
        most=4,
    ),
    Case(
        "setUpClass and setUpModule of unittest",
        {
            "app.py": "def f():\n    return 1\n\n\ndef g():\n    return 1\n",
            "test_app.py": "import unittest\nimport app\n\n\ndef setUpModule():\n    global w\n    w = app.g()\n\n\n"
            "class T(unittest.TestCase):\n    @classmethod\n    def setUpClass(cls):\n        cls.v = app.f()\n\n"
            "    def test_one(self):\n        self.assertEqual(self.v, 1)\n\n"
            "    def test_two(self):\n        self.assertEqual(w, 1)\n",
            **OTHER,
        },
        {"app.py": "def f():\n    return 2\n\n\ndef g():\n    return 2\n"},
        ("test_app.py::T::test_one", "test_app.py::T::test_two"),
        most=2,
    ),
    Case(
        "object of a session fixture, filled lazily by the first test",
        {
            "app.py": "def base():\n    return 1\n\n\nclass C:\n    x = None\n\n    def get(self):\n"
            "        if self.x is None:\n            self.x = base()\n        return self.x\n",
            "test_app.py": "import pytest\nimport app\n\n\n@pytest.fixture(scope='session')\ndef c():\n"
            "    return app.C()\n\n\ndef test_one(c):\n    assert c.get() == 1\n\n\ndef test_two(c):\n"
            "    assert c.get() == 1\n",
        },
        {
            "app.py": "def base():\n    return 2\n\n\nclass C:\n    x = None\n\n    def get(self):\n"
            "        if self.x is None:\n            self.x = base()\n        return self.x\n",
        },
        (ONE, TWO),
    ),
    Case(
        "fixture of a fixture, both wide",
        {
            "app.py": F1,
            "conftest.py": "import pytest\nimport app\n\n\n@pytest.fixture(scope='session')\ndef a():\n"
            "    return app.f()\n\n\n@pytest.fixture(scope='module')\ndef b(a):\n    return a\n",
            "test_app.py": "def test_one(b):\n    assert b == 1\n\n\ndef test_two(b):\n    assert b == 1\n",
            "test_more.py": "def test_three(b):\n    assert b == 1\n\n\ndef test_four():\n    assert 1\n",
        },
        {"app.py": F2},
        (ONE, TWO, "test_more.py::test_three"),
        most=3,
    ),
    Case(
        "fixture with parameters of session scope",
        {
            "app.py": "def f(x):\n    return x\n",
            "test_app.py": "import pytest\nimport app\n\n\n@pytest.fixture(scope='session', params=[1, 2])\n"
            "def v(request):\n    return app.f(request.param)\n\n\ndef test_one(v):\n    assert v < 5\n\n\n"
            "def test_two(v):\n    assert v < 5\n",
        },
        {"app.py": "def f(x):\n    return x + 4\n"},
        (ONE + "[1]", ONE + "[2]", TWO + "[1]", TWO + "[2]"),
    ),
    Case(
        "session autouse fixture sets state",
        {
            "app.py": "STATE = {}\n\n\ndef prepare():\n    STATE['x'] = 1\n",
            "conftest.py": "import pytest\nimport app\n\n\n@pytest.fixture(scope='session', autouse=True)\n"
            "def go():\n    app.prepare()\n",
            "test_app.py": "import app\n\n\ndef test_one():\n    assert app.STATE['x'] == 1\n\n\n"
            "def test_two():\n    assert app.STATE['x'] == 1\n",
        },
        {"app.py": "STATE = {}\n\n\ndef prepare():\n    STATE['x'] = 2\n"},
        (ONE, TWO),
    ),
    Case(
        "import inside the first test only",
        {
            "lazy.py": "def f():\n    return 1\n\n\nX = f()\n",
            "app.py": "def get():\n    import lazy\n\n    return lazy.X\n",
            "test_app.py": "import app" + ASSERTS,
        },
        {"lazy.py": "def f():\n    return 2\n\n\nX = f()\n"},
        (ONE, TWO),
        most=2,
    ),
]

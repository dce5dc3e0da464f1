"""Things that appear, vanish, move or shadow."""

from impact_case import Case

T = "test_a.py::"
OTHER = "\n\n\ndef test_t():\n    assert True\n"
TRY = "try:\n    import speed\n\n    MODE = 'fast'\nexcept ImportError:\n    MODE = 'slow'\n"
VANISH = [
    Case(
        "module deleted that a try/except ImportError looks for",
        {
            "speed.py": "X = 1\n",
            "app.py": TRY,
            "test_a.py": "import app\n\n\ndef test_mode():\n    assert app.MODE == 'fast'\n",
        },
        {"speed.py": None},
        (T + "test_mode",),
    ),
    Case(
        "module added that a try/except ImportError looks for",
        {
            "app.py": TRY,
            "test_a.py": "import app\n\n\ndef test_mode():\n    assert app.MODE == 'slow'\n",
        },
        {"speed.py": "X = 1\n"},
        (T + "test_mode",),
    ),
    Case(
        "folder added that a try/except ImportError finds",
        {
            "app.py": TRY,
            "test_a.py": "import app\n\n\ndef test_mode():\n    assert app.MODE == 'slow'\n",
        },
        {"speed/data.txt": "x"},
        (T + "test_mode",),
    ),
    Case(
        "submodule added that is looked for",
        {
            "pkg/__init__.py": "try:\n    from pkg import _speed\n\n    MODE = 'fast'\nexcept ImportError:\n"
            "    MODE = 'slow'\n",
            "test_a.py": "import pkg\n\n\ndef test_mode():\n    assert pkg.MODE == 'slow'\n",
        },
        {"pkg/_speed.py": "X = 1\n"},
        (T + "test_mode",),
    ),
    Case(
        "module deleted that is imported inside a function",
        {
            "low.py": "X = 1\n",
            "app.py": "def go():\n    import low\n\n    return low.X\n",
            "test_a.py": "import app\n\n\ndef test_go():\n    assert app.go() == 1\n" + OTHER,
        },
        {"low.py": None},
        (T + "test_go",),
        most=2,
    ),
    Case(
        "package added that shadows a module of the same name",
        {
            "app.py": "def f():\n    return 1\n",
            "test_a.py": "from app import f\n\n\ndef test_f():\n    assert f() == 1\n",
            "test_b.py": "def test_t():\n    assert True\n",
        },
        {"app/__init__.py": "def f():\n    return 2\n"},
        (T + "test_f",),
        most=1,
    ),
    Case(
        "top-level module added that shadows the standard library",
        {
            "test_a.py": "import colorsys\n\n\ndef test_c():\n    assert colorsys.rgb_to_hsv(0, 0, 0)\n",
            "test_b.py": "def test_t():\n    assert True\n",
        },
        {"colorsys.py": "def rgb_to_hsv(*a):\n    return None\n"},
        (T + "test_c",),
    ),
    Case(
        "module deleted, another on the path takes its place",
        {
            "conftest.py": "import pathlib\nimport sys\n\nsys.path.append(str(pathlib.Path(__file__).parent / 'more'))\n",
            "value.py": "X = 1\n",
            "more/value.py": "X = 2\n",
            "test_a.py": "import value\n\n\ndef test_v():\n    assert value.X == 1\n",
        },
        {"value.py": None},
        (T + "test_v",),
    ),
    Case(
        "__init__ added to a namespace package",
        {
            "space/mod.py": "X = 1\n",
            "test_a.py": "import space.mod\n\n\ndef test_v():\n    assert not hasattr(space, 'Y')\n",
        },
        {"space/__init__.py": "Y = 1\n"},
        (T + "test_v",),
    ),
    Case(
        "name that a submodule gives its package",
        {
            "pkg/__init__.py": "",
            "pkg/sub.py": "X = 1\n",
            "app.py": "import pkg.sub\n",
            "test_a.py": "import app\nimport pkg\n\n\ndef test_v():\n    assert pkg.sub.X == 1\n",
        },
        {"app.py": "x = 1\n"},
        (T + "test_v",),
    ),
    Case(
        "data file deleted",
        {
            "data.txt": "x",
            "test_a.py": "def test_v():\n    assert open('data.txt').read()\n" + OTHER,
        },
        {"data.txt": None},
        (T + "test_v",),
        most=1,
    ),
    Case(
        "module becomes a package with the same content but another resource folder",
        {
            "res.txt": "a",
            "app.py": "import pathlib\n\n\ndef read():\n"
            "    return (pathlib.Path(__file__).parent / 'res.txt').read_text()\n",
            "test_a.py": "import app\n\n\ndef test_r():\n    assert app.read() == 'a'\n",
        },
        {
            "app.py": None,
            "app/__init__.py": "import pathlib\n\n\ndef read():\n"
            "    return (pathlib.Path(__file__).parent / 'res.txt').read_text()\n",
            "app/res.txt": "b",
        },
        (T + "test_r",),
    ),
    Case(
        "name renamed that another module imports lazily",
        {
            "low.py": "def one():\n    return 1\n",
            "app.py": "def go():\n    from low import one\n\n    return one()\n",
            "test_a.py": "import app\n\n\ndef test_go():\n    assert app.go() == 1\n" + OTHER,
        },
        {"low.py": "def uno():\n    return 1\n"},
        (T + "test_go",),
        most=1,
    ),
]

"""What code that runs on import finds by computing names."""

from __future__ import annotations

from impact_text import told

ROW = """
--- app.py
class Row:
    first = 1
    second = 2
"""
COMPUTED = [
    *(
        told(
            f"value of a class that a module's {how} makes known",
            f"{ROW}--- test_a.py\nimport inspect\n\nimport app\n\nKNOWN = {known}\n\n\n"
            "def test_t():\n    assert KNOWN['second'] == 2\n",
            {"app.py": ("second = 2", "second = 3")},
            "test_t",
        )
        for how, known in (
            ("vars", "dict(vars(app.Row))"),
            ("dict", "dict(app.Row.__dict__)"),
            ("getmembers", "dict(inspect.getmembers(app.Row))"),
            ("getattr", "{name: getattr(app.Row, name) for name in dir(app.Row)}"),
            ("function", "(lambda cls: dict(vars(cls)))(app.Row)"),
        )
    ),
    *(
        told(
            f"value of a class that {how} makes known on import",
            f"{ROW}--- collect.py\nimport inspect\n\nROWS = {{}}\n\n\n{collect}\n"
            f"--- test_a.py\nimport app\nimport collect\n\n{known}\n\n\n"
            "def test_t():\n    assert KNOWN['second'] == 2\n",
            {"app.py": ("second = 2", "second = 3")},
            "test_t",
        )
        for how, collect, known in (
            (
                "a function of another module",
                "def values(cls):\n    return dict(vars(cls))",
                "KNOWN = collect.values(app.Row)",
            ),
            (
                "a function that walks a registry",
                "def values():\n    return {k: v for c in ROWS.values() for k, v in vars(c).items()}",
                "collect.ROWS['row'] = app.Row\nKNOWN = collect.values()",
            ),
            (
                "a class that copies another",
                (
                    "class Values(dict):\n    def __init__(self, cls):\n"
                    "        for name in dir(cls):\n            self[name] = getattr(cls, name)"
                ),
                "KNOWN = collect.Values(app.Row)",
            ),
            (
                "the body of a class",
                "def values(cls):\n    return {}",
                (
                    "class Table:\n    KNOWN = {n: getattr(app.Row, n) for n in dir(app.Row)}\n\n\n"
                    "KNOWN = Table.KNOWN"
                ),
            ),
        )
    ),
    *(
        told(
            f"constant of a module that {how} makes known on import",
            f"\n--- app.py\nfirst = 1\nsecond = 2\n--- collect.py\nimport inspect\n\n\n{collect}\n"
            f"--- test_a.py\nimport sys\nimport app\nimport collect\n\n{known}\n\n\n"
            "def test_t():\n    assert KNOWN['second'] == 2\n"
            "--- test_b.py\ndef test_t():\n    assert True\n",
            {"app.py": ("second = 2", "second = 3")},
            "test_t",
        )
        for how, collect, known in (
            ("vars", "", "KNOWN = dict(vars(app))"),
            ("getattr", "", "KNOWN = {n: getattr(app, n) for n in dir(app) if n[0] != '_'}"),
            ("sys.modules", "", "KNOWN = vars(sys.modules['app'])"),
            (
                "a function",
                "def values(it):\n    return {n: getattr(it, n) for n in dir(it)}",
                "KNOWN = collect.values(app)",
            ),
            (
                "globals",
                "from app import *\n\n\ndef values():\n    return dict(globals())",
                "KNOWN = collect.values()",
            ),
        )
    ),
    told(
        "order of the functions of a module that is listed on import",
        "\n--- app.py\ndef one():\n    return 1\n\n\ndef two():\n    return 2\n"
        "--- test_a.py\nimport app\n\nNAMES = [n for n in vars(app) if n[0] != '_']\n\n\n"
        "def test_t():\n    assert NAMES == ['one', 'two']\n",
        {"app.py": "def two():\n    return 2\n\n\ndef one():\n    return 1\n"},
        "test_t",
    ),
    told(
        "order of the methods of a class that is listed on import",
        "\n--- app.py\nclass Row:\n    def one(self):\n        return 1\n\n"
        "    def two(self):\n        return 2\n"
        "--- test_a.py\nimport app\n\nNAMES = [n for n in vars(app.Row) if n[0] != '_']\n\n\n"
        "def test_t():\n    assert NAMES == ['one', 'two']\n",
        {
            "app.py": "class Row:\n    def two(self):\n        return 2\n\n"
            "    def one(self):\n        return 1\n"
        },
        "test_t",
    ),
    told(
        "value of a class that a test comes upon by way of a package",
        "\n--- pkg/__init__.py\nfrom pkg.inner import Row\n--- pkg/inner.py\n"
        "class Row:\n    first = 1\n    second = 2\n"
        "--- test_a.py\nimport pkg\n\n\ndef test_t():\n"
        "    classes = [one for one in vars(pkg).values() if isinstance(one, type)]\n"
        "    assert [vars(one)['second'] for one in classes] == [2]\n",
        {"pkg/inner.py": ("second = 2", "second = 3")},
        "test_t",
    ),
    told(
        "whether a module is there asks for nothing in it",
        "\n--- app.py\nimport sys\n\nVERSION = '1'\n\n\ndef there(name):\n"
        "    frame = sys._getframe(1)\n    return frame.f_globals.get('__name__') and name in sys.modules\n"
        "--- test_a.py\nfrom app import there\n\nTHERE = there('app')\n\n\n"
        "def test_t():\n    assert THERE\n",
        {"app.py": ("VERSION = '1'", "VERSION = '2'")},
        most=0,
    ),
    told(
        "class that modules hand on by names of their own",
        f"{ROW}--- first.py\nimport app\n\n_row = app.Row\n\n\n"
        "def __getattr__(name):\n    return globals()['_' + name]\n"
        "--- second.py\nimport first\n\n_found = first.row\n\n\n"
        "def __getattr__(name):\n    return globals()['_' + name]\n"
        "--- listed.py\nimport second\n\nROW = second.found\n"
        "KNOWN = [getattr(ROW, name) for name in dir(ROW) if name[0] != '_']\n"
        "--- test_a.py\nimport first\nimport listed\nimport second\n\n\n"
        "def values(row):\n    return [getattr(row, name) for name in dir(row) if name[0] != '_']\n\n\n"
        "def test_first():\n    assert values(first.row) == [1, 2]\n\n\n"
        "def test_second():\n    assert values(second.found) == [1, 2]\n\n\n"
        "def test_listed():\n    assert listed.KNOWN == [1, 2]\n",
        {"app.py": ("second = 2", "second = 3")},
        "test_first",
        "test_second",
        "test_listed",
    ),
    told(
        "value of a class beside what a module finds by names of its own",
        f"{ROW}--- first.py\nimport app\n\n_size = len([app])\n\n\n"
        "def __getattr__(name):\n    return globals()['_' + name]\n"
        "--- test_a.py\nimport first\n\n\n"
        "def test_t():\n    assert first.size == 1\n",
        {"app.py": ("second = 2", "second = 3")},
        most=0,
    ),
    told(
        "names that a metaclass prepares for the statements of a class",
        f"{ROW}\n\nclass Meta(type):\n    @classmethod\n    def __prepare__(mcs, name, bases):\n"
        "        return dict(vars(Row))\n\n\nclass Other(metaclass=Meta):\n    twice = second * 2\n"
        "--- test_a.py\nfrom app import Other\n\n\ndef test_t():\n    assert Other.twice == 4\n",
        {"app.py": ("second = 2", "second = 3")},
        "test_t",
    ),
    told(
        "plain name of a class beside a member of another class",
        f"{ROW}    twice = second * 2\n\n\nsecond = 5\n\n\nclass Other:\n    twice = second * 2\n"
        "--- test_a.py\nfrom app import Other\n\n\ndef test_t():\n    assert Other.__name__\n"
        "--- test_c.py\nfrom app import Row\n\n\ndef test_t():\n    assert Row.twice == 4\n"
        "--- test_d.py\nfrom app import Other as Found\n\n\ndef test_t():\n"
        "    assert Found().__class__.mro()\n",
        {"app.py": ("second = 2", "second = 3")},
        "test_c.py::test_t",
        most=1,
    ),
]

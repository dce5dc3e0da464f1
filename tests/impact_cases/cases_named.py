"""Readers of all kinds, imported by name, under another name, or asked by names in strings.

Each case is one project with a file of one test for each way, so that one recording shows many.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from impact_case import Case

if TYPE_CHECKING:
    from collections.abc import Mapping

APP = '''"""About one."""
LIMIT: int = 5


def pay(amount: int) -> int:
    """Pay one."""
    return amount


class Conf:
    size: int = 5

    def run(self, by: int) -> int:
        return by
'''


def case(
    name: str,
    tests: Mapping[str, str],
    edits: tuple[tuple[str, str], ...],
    files: Mapping[str, str] | None = None,
    change: Mapping[str, str] | None = None,
) -> Case:
    """Make a case whose tests all notice the edits, but for one that calls `pay`."""
    base = {
        "app.py": APP,
        "pytest.ini": "[pytest]\npythonpath = .\n",
        "test_other.py": "import app\n\n\ndef test_t():\n    assert app.pay(1) == 1\n",
        **(files or {}),
    }
    for key, text in tests.items():
        head, _, code = text.strip("\n").rpartition("\n\n")
        body = code.replace("\n", "\n    ")
        base[f"test_{key}.py"] = f"{head}\n\n\ndef test_v(request):\n    {body}\n"
    new = APP
    for edit in edits:
        new = new.replace(*edit)
    must = tuple(f"test_{key}.py::test_v" for key in tests)
    return Case(name, base, {"app.py": new, **(change or {})}, must, most=len(must))


HELPERS = {
    "helpers.py": (
        "import operator\nfrom inspect import getdoc as text_of\n\npick = getattr\n"
        "OPS = {'get': getattr}\nsizes = operator.attrgetter(*['size'])\n\n\n"
        "def choose(thing, name, how=getattr):\n    return how(thing, name)\n"
    )
}
ANNOTATIONS = {
    "constant": "import app\nNAME = '__annotations__'\n\nassert getattr(app.pay, NAME)['amount'] is int",
    "loop": "import app\n\nfound = [getattr(app.pay, n) for n in ('__name__', '__annotations__')]\n"
    "assert found[1]['amount'] is int",
    "wrapping": "import app\nimport functools\n\nnames = functools.WRAPPER_ASSIGNMENTS\n"
    "found = [getattr(app.pay, name, 0) for name in names]\nassert 'float' not in str(found)",
    "f_string": "import app\nWHAT = 'annotations'\n\n"
    "assert getattr(app.pay, f'__{WHAT}__')['amount'] is int",
    "percent": "import app\nWHAT = 'annotations'\n\n"
    "assert getattr(app.pay, '__%s__' % WHAT)['amount'] is int",
    "joined": "import app\n\nname = ''.join(['__', 'annotations', '__'])\n"
    "assert getattr(app.Conf.run, name)['by'] is int",
    "listed": "import app\n\nfound = [getattr(app.pay, n) for n in app.pay.__dir__() if 'notat' in n]\n"
    "assert 'float' not in str(found)",
    "path": "import app\nimport functools\nPATH = 'run.__annotations__'\n\n"
    "assert functools.reduce(getattr, PATH.split('.'), app.Conf)['by'] is int",
}
DOCSTRINGS = {
    "format": "import app\n\nassert 'one' in '{0.__doc__}'.format(app.pay)",
    "getter": "import app\nimport operator\n\nassert 'one' in operator.attrgetter('__doc__')(app.pay)",
    "named": "import app\nNAME = '__doc__'\n\nassert 'one' in getattr(app.pay, NAME)",
    "other_name": "import app\nfrom helpers import text_of\n\nassert 'one' in text_of(app.pay)",
    "inside": "import app\n\nfrom inspect import getdoc as found\nassert 'one' in found(app.pay)",
    "code": "import app\nimport marshal\n\nassert b'one' in marshal.dumps(app.pay.__code__)",
}
UNITTEST = (
    "import unittest\n\n\nclass TestOf(unittest.TestCase):\n    def test_v(self):\n"
    "        '''Told one.'''\n        assert 'one' in self.shortDescription()\n"
)
VALUES = {
    "by_name": "import app\nfrom operator import attrgetter\n\n"
    "assert [attrgetter(n)(app) for n in ['LIMIT']] == [5]",
    "members": "from app import Conf\nfrom inspect import getmembers\n\n"
    "assert ('size', 5) in getmembers(Conf)",
    "locally": "from app import Conf\n\nfrom inspect import getmembers as all_of\n"
    "assert ('size', 5) in all_of(Conf)",
    "static": "from app import Conf\nfrom inspect import getattr_static\n\n"
    "assert [getattr_static(Conf, n) for n in ['size']] == [5]",
    "builtins": "import app\nimport builtins\nTEXT = 'app.LI' + 'MIT'\n\n"
    "assert builtins.eval(TEXT) == 5",
    "renamed": "import app\nrun = eval\nTEXT = 'app.LI' + 'MIT'\n\nassert run(TEXT) == 5",
    "imported": "from app import Conf\nfrom helpers import pick\n\n"
    "assert [pick(Conf, n) for n in ['size']] == [5]",
    "table": "from app import Conf\nfrom helpers import OPS\n\n"
    "assert [OPS['get'](Conf, n) for n in ['size']] == [5]",
    "default": "from app import Conf\nfrom helpers import choose\n\n"
    "assert [choose(Conf, n) for n in ['size']] == [5]",
    "made": "from app import Conf\nfrom helpers import sizes\n\nassert sizes(Conf) == 5",
    "passed": "from app import Conf\n\nassert [*map(getattr, [Conf], ['size'])] == [5]",
    "asked": "from app import Conf\n\nassert [type.__getattribute__(Conf, n) for n in ['size']] == [5]",
    "of_function": "from app import pay\nNAME = 'LI' + 'MIT'\n\nassert pay.__globals__[NAME] == 5",
    "text": "from app import Conf\n\ntext = '{0.si' + 'ze}'\nassert text.format(Conf) == '5'",
}
SOURCES = {
    "loader": "import app\n\nassert 'LIMIT: int = 5' in app.__spec__.loader.get_source('app')",
    "data": "import app\n\nassert b'LIMIT: int = 5' in app.__loader__.get_data(app.__file__)",
    "package": "import pkgutil\nNAME = 'forms'\n\n"
    "assert b'one' in pkgutil.get_data(NAME, 'page' + '.py')",
    "lines": "import app\nimport linecache\n\nassert '5' in linecache.getline(app.__file__, 2)",
    "again": "import app\nimport linecache\n\nassert '5' in ''.join(linecache.getlines(app.__file__))",
    "file": "import linecache\n\nplace = request.path.with_name('da' + 'ta.txt')\n"
    "assert linecache.getline(str(place), 1) == 'one\\n'",
}
FORMS = {"forms/__init__.py": "", "forms/page.py": "TEXT = 'one'\n", "data.txt": "one\n"}
TWO = {"forms/page.py": "TEXT = 'two'\n", "data.txt": "two\n"}

_told = case(
    "docstrings that are read under any name",
    DOCSTRINGS,
    (("one.", "two."),),
    {**HELPERS, "test_told.py": UNITTEST},
    {"test_told.py": UNITTEST.replace("'''Told one", "'''Told two")},
)
NAMED = [
    case(
        "annotations that are read under any name",
        ANNOTATIONS,
        (("amount: int) -> int", "amount: float) -> int"), ("by: int", "by: float")),
    ),
    Case(
        _told.id,
        _told.base,
        _told.change,
        (*_told.must, "test_told.py::TestOf::test_v"),
        most=len(_told.must) + 1,
    ),
    case("values that are looked up under any name", VALUES, (("= 5", "= 6"),), HELPERS),
    case("sources and files that loaders read", SOURCES, (("int = 5", "int = 6"),), FORMS, TWO),
]

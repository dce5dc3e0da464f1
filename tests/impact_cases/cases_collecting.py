"""What pytest, unittest, doctest and plugins of pytest let a change do."""

from impact_text import told

COLLECTING = [
    told(
        "deeper conftest gains a collection hook",
        """
--- sub/test_s.py
def test_s():
    assert True
--- test_a.py
def test_t():
    assert True
""",
        {
            "sub/conftest.py": "import pytest\n\n\ndef pytest_runtest_setup(item):\n    pytest.skip('no')\n"
        },
        "sub/test_s.py::test_s",
    ),
    told(
        "collect_ignore loses an entry",
        """
--- conftest.py
collect_ignore = ['test_c.py']
--- test_c.py
def test_c():
    assert False
--- test_a.py
def test_t():
    assert True
""",
        {"conftest.py": "collect_ignore = []\n"},
        "test_c.py::test_c",
    ),
    told(
        "python_files in a new pytest.ini",
        """
--- check_c.py
def test_c():
    assert False
--- test_a.py
def test_t():
    assert True
""",
        {"pytest.ini": "[pytest]\npython_files = test_*.py check_*.py\n"},
        "check_c.py::test_c",
    ),
    told(
        "fixture of the same name added to the test file",
        """
--- conftest.py
import pytest


@pytest.fixture
def v():
    return 1
--- test_a.py
def test_v(v):
    assert v == 1


def test_t():
    assert True
""",
        {
            "test_a.py": "import pytest\n\n\n@pytest.fixture\ndef v():\n    return 2\n\n\ndef test_v(v):\n    assert v == 1\n\n\ndef test_t():\n    assert True\n"
        },
        "test_v",
        most=1,
    ),
    told(
        "fixture of the same name added to the test class's base in a helper",
        """
--- conftest.py
import pytest


@pytest.fixture
def v():
    return 1
--- helper.py
class Base:
    pass
--- test_a.py
from helper import Base


class TestIt(Base):
    def test_v(self, v):
        assert v == 1


def test_t():
    assert True
""",
        {
            "helper.py": "import pytest\n\n\nclass Base:\n    @pytest.fixture\n    def v(self):\n        return 2\n"
        },
        "test_a.py::TestIt::test_v",
    ),
    told(
        "body of an indirect fixture",
        """
--- conftest.py
import pytest

import app


@pytest.fixture
def made(request):
    return app.make(request.param)
--- app.py
def make(x):
    return x * 2
--- test_a.py
import pytest


@pytest.mark.parametrize('made', [1], indirect=True)
def test_made(made):
    assert made == 2


def test_t():
    assert True
""",
        {"app.py": ("x * 2", "x * 3")},
        "test_a.py::test_made[1]",
        most=1,
    ),
    told(
        "marks given by pytest.param in a helper",
        """
--- helper.py
import pytest

CASES = [pytest.param(1), pytest.param(2)]
--- test_a.py
import pytest

from helper import CASES


@pytest.mark.parametrize('x', CASES)
def test_p(x):
    assert x


def test_t():
    assert True
""",
        {"helper.py": ("pytest.param(2)", "pytest.param(2, marks=pytest.mark.skip)")},
        "test_a.py::test_p[2]",
    ),
    told(
        "skip condition is a function of the project",
        """
--- app.py
def old():
    return False
--- test_a.py
import pytest

import app


@pytest.mark.skipif(app.old(), reason='old')
def test_new():
    assert True


def test_t():
    assert True
""",
        {"app.py": ("False", "True")},
        "test_new",
        most=2,
    ),
    told(
        "skip from a fixture that asks the project",
        """
--- app.py
FEATURES = {'x'}
--- conftest.py
import pytest

import app


@pytest.fixture
def feature():
    if 'x' not in app.FEATURES:
        pytest.skip('no x')
--- test_a.py
def test_x(feature):
    assert True


def test_t():
    assert True
""",
        {"app.py": ("{'x'}", "set()")},
        "test_x",
        most=1,
    ),
    told(
        "strict xfail whose function is repaired",
        """
--- app.py
def f():
    return 2
--- test_a.py
import pytest

import app


@pytest.mark.xfail(strict=True, reason='bug')
def test_f():
    assert app.f() == 1


def test_t():
    assert True
""",
        {"app.py": ("2", "1")},
        "test_f",
        most=1,
    ),
    told(
        "collection hook that calls into the project",
        """
--- app.py
def wanted(name):
    return True
--- conftest.py
import pytest

import app


def pytest_collection_modifyitems(items):
    for item in items:
        if not app.wanted(item.name):
            item.add_marker(pytest.mark.skip)
--- test_a.py
def test_x():
    assert True
""",
        {"app.py": ("True", "name != 'test_x'")},
        "test_x",
    ),
    told(
        "plugin object of the project registered by conftest",
        """
--- plug.py
import pytest


class Plugin:
    def pytest_runtest_setup(self, item):
        item.v = 1
--- conftest.py
from plug import Plugin


def pytest_configure(config):
    config.pluginmanager.register(Plugin())
--- test_a.py
def test_v(request):
    assert request.node.v == 1
""",
        {"plug.py": ("item.v = 1", "item.v = 2")},
        "test_v",
    ),
    told(
        "plug-in named by -p in addopts",
        """
--- pytest.ini
[pytest]
addopts = -p plug
pythonpath = .
--- plug.py
import pytest


@pytest.fixture
def v():
    return 1
--- test_a.py
def test_v(v):
    assert v == 1


def test_t():
    assert True
""",
        {"plug.py": ("return 1", "return 2")},
        "test_v",
    ),
    told(
        "default of an option that a conftest adds",
        """
--- conftest.py
def pytest_addoption(parser):
    parser.addoption('--speed', default='slow')
--- test_a.py
def test_speed(request):
    assert request.config.getoption('--speed') == 'slow'


def test_t():
    assert True
""",
        {"conftest.py": ("'slow'", "'fast'")},
        "test_speed",
    ),
    told(
        "assertion helper loses its rewriting",
        """
--- conftest.py
import pytest

pytest.register_assert_rewrite('helper')
--- helper.py
def check(a, b):
    assert a == b
--- test_a.py
import pytest

from helper import check


def test_message():
    with pytest.raises(AssertionError, match='1 == 2'):
        check(1, 2)


def test_t():
    assert True
""",
        {"conftest.py": ("pytest.register_assert_rewrite('helper')\n", "")},
        "test_message",
    ),
    told(
        "setUp of a unittest base class in another module",
        """
--- base.py
import unittest


class Base(unittest.TestCase):
    def setUp(self):
        self.v = 1
--- test_a.py
from base import Base


class TestIt(Base):
    def test_v(self):
        assert self.v == 1


def test_t():
    assert True
""",
        {"base.py": ("self.v = 1", "self.v = 2")},
        "test_a.py::TestIt::test_v",
        most=1,
    ),
    told(
        "subTest loop over a constant of the project",
        """
--- app.py
VALUES = [1, 2]
--- test_a.py
import unittest

import app


class TestIt(unittest.TestCase):
    def test_v(self):
        for v in app.VALUES:
            with self.subTest(v=v):
                self.assertLess(v, 3)

    def test_u(self):
        self.assertTrue(True)
""",
        {"app.py": ("[1, 2]", "[1, 2, 3]")},
        "test_a.py::TestIt::test_v",
        most=1,
    ),
    told(
        "asynchronous unittest case",
        """
--- app.py
async def f():
    return 1
--- test_a.py
import unittest

import app


class TestIt(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.v = await app.f()

    async def test_v(self):
        assert self.v == 1


def test_t():
    assert True
""",
        {"app.py": ("return 1", "return 2")},
        "test_a.py::TestIt::test_v",
        most=1,
    ),
    told(
        "expected failure of unittest, condition of skipIf in the project",
        """
--- app.py
BROKEN = False
--- test_a.py
import unittest

import app


class TestIt(unittest.TestCase):
    @unittest.skipIf(app.BROKEN, 'broken')
    def test_v(self):
        pass

    def test_u(self):
        pass
""",
        {"app.py": ("False", "True")},
        "test_a.py::TestIt::test_v",
        most=2,
    ),
    told(
        "README with doctests",
        """
--- pytest.ini
[pytest]
addopts = --doctest-glob=*.rst
--- README.rst
Hello

>>> 1 + 1
2
--- test_a.py
def test_t():
    assert True
""",
        {"README.rst": "Hello\n\n>>> 1 + 1\n3\n"},
        "README.rst::README.rst",
        most=1,
    ),
    told(
        "namespace of the doctests, filled by a conftest",
        """
--- pytest.ini
[pytest]
addopts = --doctest-modules
--- conftest.py
import pytest


@pytest.fixture(autouse=True)
def names(doctest_namespace):
    doctest_namespace['one'] = 1
--- app.py
def go():
    \"\"\"Go.

    >>> one
    1
    \"\"\"
""",
        {"conftest.py": ("= 1\n", "= 2\n")},
        "app.py::app.go",
    ),
    told(
        "docstring with a failing example added",
        """
--- pytest.ini
[pytest]
addopts = --doctest-modules
--- app.py
def go():
    return 1
--- test_a.py
import app


def test_go():
    assert app.go() == 1
""",
        {"app.py": 'def go():\n    """Go.\n\n    >>> go()\n    2\n    """\n    return 1\n'},
        "app.py::app.go",
    ),
    told(
        "__test__ dictionary of a module",
        """
--- pytest.ini
[pytest]
addopts = --doctest-modules
--- app.py
__test__ = {'one': '>>> 1 + 1\\n2\\n'}
--- test_a.py
def test_t():
    assert True
""",
        {"app.py": ("n2", "n3")},
        "app.py::app.__test__.one",
    ),
    told(
        "option flags of doctests in the settings",
        """
--- pytest.ini
[pytest]
addopts = --doctest-modules
doctest_optionflags = NORMALIZE_WHITESPACE
--- app.py
def go():
    \"\"\"Go.

    >>> print('a  b')
    a b
    \"\"\"
""",
        {"pytest.ini": ("NORMALIZE_WHITESPACE", "ELLIPSIS")},
        "app.py::app.go",
    ),
    told(
        "warnings become errors in the settings",
        """
--- pytest.ini
[pytest]
--- app.py
import warnings


def go():
    warnings.warn('old', DeprecationWarning)
--- test_a.py
import app


def test_go():
    app.go()


def test_t():
    assert True
""",
        {"pytest.ini": "[pytest]\nfilterwarnings = error\n"},
        "test_go",
    ),
    told(
        "finalizer of a function's fixture calls the project",
        """
--- app.py
def close():
    return 1
--- conftest.py
import pytest

import app


@pytest.fixture
def conn():
    yield 1
    assert app.close() == 1
--- test_a.py
def test_conn(conn):
    assert conn


def test_t():
    assert True
""",
        {"app.py": ("1", "2")},
        "test_conn",
        most=1,
    ),
    told(
        "module settings named by an option of the ini file",
        """
--- pytest.ini
[pytest]
app_settings = conf.dev
pythonpath = .
--- conf/__init__.py
--- conf/dev.py
DEBUG = True
--- conftest.py
import importlib

import pytest


def pytest_addoption(parser):
    parser.addini('app_settings', '')


@pytest.fixture(scope='session')
def settings(pytestconfig):
    return importlib.import_module(pytestconfig.getini('app_settings'))
--- test_a.py
def test_debug(settings):
    assert settings.DEBUG


def test_more(settings):
    assert settings.DEBUG is True


def test_t():
    assert True
""",
        {"conf/dev.py": "DEBUG = False\n"},
        "test_debug",
        "test_more",
        most=2,
    ),
    told(
        "built-in subtests",
        """
--- app.py
VALUES = [1, 2]
--- test_a.py
import app


def test_v(subtests):
    for v in app.VALUES:
        with subtests.test(v=v):
            assert v < 3


def test_t():
    assert True
""",
        {"app.py": ("[1, 2]", "[1, 3]")},
        "test_v",
        most=1,
    ),
    told(
        "parameters from a data file beside the test",
        """
--- tests/cases.json
[1, 2]
--- tests/test_j.py
import json
from pathlib import Path

import pytest

CASES = json.loads(Path(__file__).with_name('cases.json').read_text())


@pytest.mark.parametrize('x', CASES)
def test_j(x):
    assert x < 3


def test_free():
    assert True
""",
        {"tests/cases.json": "[1, 2, 3]\n"},
        "tests/test_j.py::test_j[3]",
    ),
    told(
        "ids made by a function of the project",
        """
--- app.py
def name(x):
    return f'n{x}'
--- test_a.py
import pytest

import app


@pytest.mark.parametrize('x', [1], ids=app.name)
def test_p(x, request):
    assert request.node.name == 'test_p[n1]'


def test_t():
    assert True
""",
        {"app.py": ("n{x}", "m{x}")},
        "test_a.py::test_p[m1]",
    ),
    told(
        "asynchronous test and fixture of pytest-asyncio",
        """
--- pytest.ini
[pytest]
asyncio_mode = auto
--- app.py
import asyncio


async def get():
    await asyncio.sleep(0)
    return 1


async def serve():
    n = 0
    while True:
        n += 1
        yield n
--- conftest.py
import pytest_asyncio

import app


@pytest_asyncio.fixture(scope='session', loop_scope='session')
async def stream():
    return app.serve()
--- test_a.py
import pytest

import app


async def test_get():
    assert await app.get() == 1


@pytest.mark.asyncio(loop_scope='session')
async def test_first(stream):
    assert await anext(stream) == 1


@pytest.mark.asyncio(loop_scope='session')
async def test_second(stream):
    assert await anext(stream) == 2


def test_t():
    assert True
""",
        {"app.py": ("        n += 1\n", "        n += 1 + (n == 1)\n")},
        "test_second",
        needs=("pytest-asyncio",),
        most=2,
    ),
    told(
        "asyncio task made by a session fixture goes on in each test",
        """
--- pytest.ini
[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = session
asyncio_default_test_loop_scope = session
--- app.py
import asyncio


class Worker:
    def __init__(self):
        self.inbox = asyncio.Queue()
        self.outbox = asyncio.Queue()

    async def run(self):
        while True:
            x = await self.inbox.get()
            await self.outbox.put(x + 1)
--- conftest.py
import asyncio

import pytest_asyncio

import app


@pytest_asyncio.fixture
async def nothing():
    return None


@pytest_asyncio.fixture(scope='session')
async def worker():
    worker = app.Worker()
    task = asyncio.create_task(worker.run())
    yield worker
    task.cancel()
--- test_a.py
async def test_one(worker):
    await worker.inbox.put(1)
    assert await worker.outbox.get() == 2


async def test_two(worker):
    await worker.inbox.put(2)
    assert await worker.outbox.get() == 3


def test_t():
    assert True
""",
        {"app.py": ("x + 1", "x + 2")},
        "test_one",
        "test_two",
        needs=("pytest-asyncio",),
        most=2,
    ),
    told(
        "hypothesis strategy built from a constant",
        """
--- app.py
CHOICES = [1, 2]


def ok(x):
    return x < 3
--- test_a.py
from hypothesis import given, settings, strategies

import app


@settings(database=None, derandomize=True)
@given(strategies.sampled_from(app.CHOICES))
def test_ok(x):
    assert app.ok(x)


def test_t():
    assert True
""",
        {"app.py": ("[1, 2]", "[1, 2, 3]")},
        "test_ok",
        needs=("hypothesis",),
        most=1,
    ),
    told(
        "hypothesis profile loaded by conftest",
        """
--- app.py
PROFILE = {'max_examples': 5}
--- conftest.py
from hypothesis import settings

import app

settings.register_profile('mine', database=None, derandomize=True, **app.PROFILE)
settings.load_profile('mine')
--- test_a.py
from hypothesis import given, strategies

SEEN = []


@given(strategies.integers())
def test_many(x):
    SEEN.append(x)


def test_seen():
    assert len(SEEN) in (0, 5)


def test_t():
    assert True
""",
        {"app.py": ("5", "7")},
        "test_seen",
        needs=("hypothesis",),
    ),
    told(
        "parallel workers and a session fixture",
        """
--- pytest.ini
[pytest]
addopts = -n 2
--- app.py
def f():
    return 1
--- conftest.py
import pytest

import app


@pytest.fixture(scope='session')
def made():
    return app.f()
--- test_a.py
def test_one(made):
    assert made == 1


def test_two(made):
    assert made == 1


def test_t():
    assert True
""",
        {"app.py": ("1", "2")},
        "test_one",
        "test_two",
        needs=("pytest-xdist",),
        most=2,
    ),
    told(
        "helper class in a test file",
        """
--- test_a.py
class Stub:
    value = 1

    def get(self):
        return self.value


def test_stub():
    assert Stub().get() == 1


def test_t():
    assert True
""",
        {"test_a.py": ("value = 1", "value = 2")},
        "test_stub",
        most=1,
    ),
    told(
        "setup of the package in __init__ of the tests",
        """
--- tests/__init__.py
import app


def setup_module():
    app.STATE['mode'] = 'a'
--- app.py
STATE = {}
--- tests/test_n.py
import app


def test_mode():
    assert app.STATE == {'mode': 'a'}
""",
        {"tests/__init__.py": "import app\n\n\ndef setup_module():\n    app.STATE['mode'] = 'b'\n"},
        "tests/test_n.py::test_mode",
    ),
    told(
        "test selected by a marker expression in the settings",
        """
--- pytest.ini
[pytest]
addopts = -m "not slow"
markers =
    slow: slow
--- test_a.py
import pytest


@pytest.mark.slow
def test_slow():
    assert False


def test_t():
    assert True
""",
        {"test_a.py": ("@pytest.mark.slow\n", "")},
        "test_slow",
        most=1,
    ),
]

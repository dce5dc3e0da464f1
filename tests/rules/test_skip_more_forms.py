"""More ways to silence a test, or to seem to: what Python, pytest and unittest allow."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import pytest
from staged import expected, places, skips, staged

if TYPE_CHECKING:
    from collections.abc import Mapping
A = "tests/test_a.py"
HEAD = """\
import pytest
import unittest
from shop.cart import Cart
"""

TWO_TESTS = """\
def test_a():
    cart = Cart()
    assert cart.total() == 0

def test_b():
    assert Cart().total() is not None
"""


class Form(NamedTuple):
    """The test module after and before (empty: new), without its head, and other files."""

    after: str
    before: str = ""
    files: Mapping[str, str] = MappingProxyType({})


FORMS = {
    "inherit class skip other module": Form(
        """\
# bare
from tests.base import Base
class TestX(Base):
    def test_a(self):
        assert 1 + x() == 2
""",
        files={
            "tests/base.py": """\
import pytest
@pytest.mark.skip #!
class Base:
    def test_b(self):
        assert f() == 1
"""
        },
    ),
    "inherit reasoned class": Form("""\
@pytest.mark.skip(reason='needs the ledger service')
class Base:
    def test_b(self):
        assert Cart().total() == 1
class TestX(Base):
    def test_a(self):
        assert Cart().total() == 0
"""),
    "pytestmark in conftest no effect": Form(
        """\
def test_a():
    assert Cart().total() == 0
""",
        files={
            "tests/conftest.py": """\
import pytest
pytestmark = pytest.mark.skip
"""
        },
    ),
    "marks through variable list": Form("""\
BROKEN = [pytest.mark.skip]
@pytest.mark.parametrize('n', [1, pytest.param(2, marks=BROKEN)]) #!
def test_a(n):
    assert Cart().total() == n
"""),
    "marks through variable reasoned": Form("""\
BROKEN = [pytest.mark.skip(reason='SHOP-9: two carts at once')]
@pytest.mark.parametrize('n', [1, pytest.param(2, marks=BROKEN)])
def test_a(n):
    assert Cart().total() == n
"""),
    "skip in setup_method": Form("""\
class TestX:
    def setup_method(self):
        pytest.skip() #!
    def test_a(self):
        assert Cart().total() == 0
"""),
    "skip in setup_method cond reason": Form("""\
import sys
class TestX:
    def setup_method(self):
        if sys.platform == 'win32':
            pytest.skip('no symlinks there')
    def test_a(self):
        assert Cart().total() == 0
"""),
    "setUpClass SkipTest": Form("""\
class X(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise unittest.SkipTest #!
    def test_a(self):
        self.assertEqual(Cart().total(), 0)
"""),
    "setUpClass SkipTest reason": Form("""\
class X(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise unittest.SkipTest('no database on this machine')
    def test_a(self):
        self.assertEqual(Cart().total(), 0)
"""),
    "setUp skipTest empty": Form("""\
class X(unittest.TestCase):
    def setUp(self):
        self.skipTest('') #!
    def test_a(self):
        self.assertEqual(Cart().total(), 0)
"""),
    "importorskip reason kw empty": Form("""\
np = pytest.importorskip('numpy', reason='') #!
def test_a():
    assert np.array([1]).sum() == 1
"""),
    "importorskip reason kw": Form("""\
np = pytest.importorskip('numpy', '1.20', reason='arrays need numpy 1.20')
def test_a():
    assert np.array([1]).sum() == 1
"""),
    "importorskip plain": Form("""\
np = pytest.importorskip('numpy')
def test_a():
    assert np.array([1]).sum() == 1
"""),
    "skipIf True empty": Form("""\
@unittest.skipIf(True, '') #!
class X(unittest.TestCase):
    def test_a(self):
        self.assertEqual(Cart().total(), 0)
"""),
    "skipUnless cond reason": Form("""\
import os
class X(unittest.TestCase):
    @unittest.skipUnless(os.environ.get('LEDGER'), 'needs a ledger')
    def test_a(self):
        self.assertEqual(Cart().total(), 0)
"""),
    "async skip": Form("""\
@pytest.mark.asyncio
@pytest.mark.skip #!
async def test_a():
    assert await Cart().total() == 0
"""),
    "async imperative reason": Form("""\
async def test_a():
    if not Cart():
        pytest.skip('no cart yet: see SHOP-1')
    assert Cart().total() == 0
"""),
    "stacked": Form("""\
@pytest.mark.slow
@pytest.mark.skipif(True, reason='x' * 0) #!
@pytest.mark.xfail(reason='rounding, SHOP-4')
def test_a():
    assert Cart().total() == 0
"""),
    "stacked skip first reasoned": Form("""\
@pytest.mark.xfail(reason='rounding, SHOP-4')
@pytest.mark.skip(reason='SHOP-4 hangs')
def test_a():
    assert Cart().total() == 0
"""),
    "add_marker request": Form("""\
def test_a(request):
    request.node.add_marker(pytest.mark.xfail) #!
    assert Cart().total() == 0
"""),
    "add_marker request reason": Form("""\
def test_a(request):
    request.node.add_marker(pytest.mark.xfail(reason='rounding of halves', strict=True))
    assert Cart().total() == 0
"""),
    "applymarker": Form("""\
@pytest.fixture(autouse=True)
def quiet(request):
    request.applymarker(pytest.mark.skip(reason='')) #!
def test_a():
    assert Cart().total() == 0
"""),
    "skip msg=": Form("""\
def test_a():
    pytest.skip(msg='') #!
    assert Cart().total() == 0
"""),
    "skip msg reason": Form("""\
def test_a():
    if not Cart():
        pytest.skip(msg='the shop is closed')
    assert Cart().total() == 0
"""),
    "raise skip.Exception": Form("""\
def test_a():
    raise pytest.skip.Exception #!
"""),
    "raise skip.Exception reason": Form("""\
def test_a():
    if not Cart():
        raise pytest.skip.Exception('cart is not built here')
    assert Cart().total() == 0
"""),
    "walrus mark": Form("""\
if (later := pytest.mark.skip):
    pass
@later #!
def test_a():
    assert Cart().total() == 0
"""),
    "walrus reasoned": Form("""\
def test_a():
    if (why := Cart().missing()):
        pytest.skip(why)
    assert Cart().total() == 0
"""),
    "match stmt": Form("""\
import sys
def test_a():
    match sys.platform:
        case 'win32':
            pytest.skip() #!
        case _:
            pass
    assert Cart().total() == 0
"""),
    "match reason": Form("""\
import sys
def test_a():
    match sys.platform:
        case 'win32':
            pytest.skip('no fork on Windows')
    assert Cart().total() == 0
"""),
    "TYPE_CHECKING def": Form("""\
from typing import TYPE_CHECKING
if TYPE_CHECKING: #!
    def test_a():
        assert Cart().total() == 0
"""),
    "conditional def": Form("""\
import sys
if sys.platform != 'win32':
    def test_a():
        assert Cart().total() == 0
"""),
    "reexported helper": Form(
        """\
# bare
from tests.helpers import later
@later #!
def test_a():
    assert f() == 0
""",
        files={
            "tests/helpers/__init__.py": """\
from tests.helpers.marks import later
""",
            "tests/helpers/marks.py": """\
import pytest
later = pytest.mark.skip
""",
        },
    ),
    "reexported helper reasoned": Form(
        """\
# bare
from tests.helpers import later
@later
def test_a():
    assert f() == 0
""",
        files={
            "tests/helpers/__init__.py": """\
from .marks import *
""",
            "tests/helpers/marks.py": """\
import pytest
later = pytest.mark.skip(reason="until the ledger of SHOP-3 is there")
""",
        },
    ),
    "decorator factory": Form("""\
def slow(why):
    return pytest.mark.skip(reason=why)
@slow('') #!
def test_a():
    assert Cart().total() == 0
"""),
    "decorator factory ok": Form("""\
def slow(why):
    return pytest.mark.skip(reason=f'slow: {why}')
@slow('ten minutes')
def test_a():
    assert Cart().total() == 0
"""),
    "usefixtures skip": Form("""\
@pytest.fixture
def closed():
    pytest.skip() #!
@pytest.mark.usefixtures('closed')
def test_a():
    assert Cart().total() == 0
"""),
    "fixture yield cond reason": Form("""\
@pytest.fixture
def net():
    if not Cart():
        pytest.skip('no network')
    yield
def test_a(net):
    assert Cart().total() == 0
"""),
    "lambda decorator": Form("""\
skip = lambda f: pytest.mark.skip(f)
@skip #!
def test_a():
    assert Cart().total() == 0
"""),
    "own wrapper decorator": Form("""\
import functools
def off(f):
    @functools.wraps(f)
    def inner(*a):
        pytest.skip('') #!
    return inner
@off
def test_a():
    assert Cart().total() == 0
"""),
    "getattr mark": Form("""\
@getattr(pytest.mark, 'skip') #!
def test_a():
    assert Cart().total() == 0
"""),
    "subclass pytestmark": Form("""\
class TestX:
    pytestmark = [pytest.mark.skipif(True, reason='TODO')] #!
    def test_a(self):
        assert Cart().total() == 0
"""),
    "module pytestmark tuple add": Form("""\
pytestmark = [pytest.mark.unit] + [pytest.mark.skip] #!
def test_a():
    assert Cart().total() == 0
"""),
    "module pytestmark unit": Form("""\
pytestmark = [pytest.mark.unit, pytest.mark.timeout(3)]
def test_a():
    assert Cart().total() == 0
"""),
    "setattr pytestmark": Form("""\
def test_a():
    assert Cart().total() == 0
test_a = pytest.mark.skip(test_a) #!
"""),
    "parametrize marks kw id": Form("""\
CASES = [pytest.param(n, marks=pytest.mark.xfail(reason='') if n else ()) for n in (1, 2)] #!
@pytest.mark.parametrize('n', CASES)
def test_a(n):
    assert Cart().total() == n
"""),
    "reason lazily from dict": Form("""\
WHY = {'net': 'needs a network'}
@pytest.mark.skip(reason=WHY['net'])
def test_a():
    assert Cart().total() == 0
"""),
    "reason dict empty": Form("""\
WHY = {'net': ''}
@pytest.mark.skip(reason=WHY['net']) #!
def test_a():
    assert Cart().total() == 0
"""),
    "reason format": Form("""\
@pytest.mark.skip(reason='see {}'.format('SHOP-1'))
def test_a():
    assert Cart().total() == 0
"""),
    "reason percent empty": Form("""\
@pytest.mark.skip(reason='%s' % '') #!
def test_a():
    assert Cart().total() == 0
"""),
    "non-test skip method": Form("""\
def test_a():
    reader = Cart()
    reader.skip()
    assert reader.total() == 0
"""),
    "skip word in string": Form("""\
CODE = '''
@pytest.mark.skip
def test_x(): ...
'''
def test_a():
    assert CODE.count('skip') == 1
"""),
    "helper class attr": Form("""\
class Marks:
    off = pytest.mark.skip
@Marks.off #!
def test_a():
    assert Cart().total() == 0
"""),
    "enum-like reasons": Form("""\
class Why:
    NET = 'needs the network'
@pytest.mark.skip(reason=Why.NET)
def test_a():
    assert Cart().total() == 0
"""),
    "try import skip no reason": Form("""\
try:
    import numpy
except ImportError:
    pytest.skip(allow_module_level=True) #!
def test_a():
    assert Cart().total() == 0
"""),
    "try import skip reason": Form("""\
try:
    import numpy
except ImportError:
    pytest.skip('numpy is not there', allow_module_level=True)
def test_a():
    assert Cart().total() == 0
"""),
    "try import as err reason": Form("""\
try:
    import numpy
except ImportError as error:
    pytest.skip(str(error), allow_module_level=True)
def test_a():
    assert Cart().total() == 0
"""),
    "xfail strict raises no reason": Form("""\
@pytest.mark.xfail(raises=ValueError, strict=True) #!
def test_a():
    assert Cart().total() == 0
"""),
    "xfail call reason": Form("""\
def test_a():
    if Cart().total():
        pytest.xfail('halves are rounded down')
    assert Cart().total() == 0
"""),
    "xfail call no reason": Form("""\
def test_a():
    if Cart().total():
        pytest.xfail() #!
    assert Cart().total() == 0
"""),
    "subtest skip": Form("""\
class X(unittest.TestCase):
    def test_a(self):
        for n in (1, 2):
            with self.subTest(n=n):
                if n > 1:
                    self.skipTest('   ') #!
                self.assertEqual(Cart().total(), 0)
"""),
    "expectedFailure comment": Form("""\
class X(unittest.TestCase):
    @unittest.expectedFailure  # SHOP-8: halves are rounded down
    def test_a(self):
        self.assertEqual(Cart().total(), 0)
"""),
    "expectedFailure bare": Form("""\
class X(unittest.TestCase):
    @unittest.expectedFailure #!
    def test_a(self):
        self.assertEqual(Cart().total(), 0)
"""),
    "from import skip as": Form("""\
# bare
from unittest import skip as off
import unittest
class X(unittest.TestCase):
    @off('wip') #!
    def test_a(self):
        self.assertEqual(f(), 0)
"""),
    "from pytest import mark": Form("""\
# bare
from pytest import mark as m
@m.skip() #!
def test_a():
    assert f() == 0
"""),
    "partial skip": Form("""\
from functools import partial
off = partial(pytest.skip, allow_module_level=False)
def test_a():
    off('') #!
    assert Cart().total() == 0
"""),
    "partial mark reason": Form("""\
from functools import partial
off = partial(pytest.mark.skipif, reason='posix only')
import os
@off(os.name != 'posix')
def test_a():
    assert Cart().total() == 0
"""),
    "nested class": Form("""\
class TestX:
    class TestY:
        @pytest.mark.skip #!
        def test_a(self):
            assert Cart().total() == 0
"""),
    "star kwargs": Form("""\
KW = {'reason': 'needs the ledger'}
@pytest.mark.skip(**KW)
def test_a():
    assert Cart().total() == 0
"""),
    "star kwargs empty": Form("""\
KW = dict(reason='')
@pytest.mark.skip(**KW) #!
def test_a():
    assert Cart().total() == 0
"""),
    "modifyitems reasonless": Form(
        """\
def test_a():
    assert Cart().total() == 0
""",
        files={
            "tests/conftest.py": """\
import pytest
def pytest_collection_modifyitems(items):
    for item in items:
        if 'slow' in item.keywords:
            item.add_marker(pytest.mark.skip) #!
"""
        },
    ),
    "modifyitems reasoned": Form(
        """\
def test_a():
    assert Cart().total() == 0
""",
        files={
            "tests/conftest.py": """\
import pytest
def pytest_collection_modifyitems(config, items):
    off = pytest.mark.skip(reason='needs --slow')
    for item in items:
        if 'slow' in item.keywords:
            item.add_marker(off)
"""
        },
    ),
    "runtest_setup skip": Form(
        """\
def test_a():
    assert Cart().total() == 0
""",
        files={
            "tests/conftest.py": """\
import pytest
def pytest_runtest_setup(item):
    if 'slow' in item.keywords:
        pytest.skip('') #!
"""
        },
    ),
    "unittest skip in py3 class decorator alias": Form("""\
skip_all = unittest.skip('the tax table is rewritten in SHOP-12')
@skip_all
class X(unittest.TestCase):
    def test_a(self):
        self.assertEqual(Cart().total(), 0)
"""),
    "ternary mark": Form("""\
import sys
maybe = pytest.mark.skip if sys.platform == 'win32' else pytest.mark.unit
@maybe #!
def test_a():
    assert Cart().total() == 0
"""),
    "ternary reasoned": Form("""\
import sys
maybe = pytest.mark.skip(reason='no fork there') if sys.platform == 'win32' else lambda f: f
@maybe
def test_a():
    assert Cart().total() == 0
"""),
    "contextmanager helper": Form("""\
from contextlib import contextmanager
@contextmanager
def may_lack(name):
    try:
        yield
    except ImportError:
        pytest.skip(f'{name} is not there')
def test_a():
    with may_lack('x'):
        assert Cart().total() == 0
"""),
    "renamed": Form(
        """\
def _test_a(): #!
    cart = Cart()
    assert cart.total() == 0

def test_b():
    assert Cart().total() is not None
""",
        TWO_TESTS,
    ),
    "renamed with comment": Form(
        """\
# off until SHOP-3: the ledger is down
def _test_a():
    cart = Cart()
    assert cart.total() == 0

def test_b():
    assert Cart().total() is not None
""",
        TWO_TESTS,
    ),
    "commented out": Form(
        """\
# def test_a(): #!
#    cart = Cart()
#    assert cart.total() == 0

def test_b():
    assert Cart().total() is not None
""",
        TWO_TESTS,
    ),
    "deleted": Form(
        """\

def test_b():
    assert Cart().total() is not None
""",
        TWO_TESTS,
    ),
    "return first": Form(
        """\
def test_a():
    return #!
    cart = Cart()
    assert cart.total() == 0

def test_b():
    assert Cart().total() is not None
""",
        TWO_TESTS,
    ),
    "if False": Form(
        """\
if False: #!
    def test_a():
        cart = Cart()
        assert cart.total() == 0

def test_b():
    assert Cart().total() is not None
""",
        TWO_TESTS,
    ),
    "__test__ false": Form(
        """\
def test_a():
    cart = Cart()
    assert cart.total() == 0

def test_b():
    assert Cart().total() is not None

__test__ = False #!
""",
        TWO_TESTS,
    ),
    "func __test__": Form(
        """\
def test_a():
    cart = Cart()
    assert cart.total() == 0

def test_b():
    assert Cart().total() is not None

test_a.__test__ = False #!
""",
        TWO_TESTS,
    ),
    "del": Form(
        """\
def test_a():
    cart = Cart()
    assert cart.total() == 0

def test_b():
    assert Cart().total() is not None

del test_a #!
""",
        TWO_TESTS,
    ),
    "wrapped in class": Form(
        """\
class TestAll:
    def test_a(self):
        cart = Cart()
        assert cart.total() == 0
    def test_b(self):
        assert Cart().total() is not None
""",
        TWO_TESTS,
    ),
    "wrapped in non test class": Form(
        """\
class All: #!
    def test_a(self):
        cart = Cart()
        assert cart.total() == 0
    def test_b(self):
        assert Cart().total() is not None
""",
        TWO_TESTS,
    ),
    "to fixture": Form(
        """\
@pytest.fixture #!
def test_a():
    cart = Cart()
    assert cart.total() == 0

def test_b():
    assert Cart().total() is not None
""",
        TWO_TESTS,
    ),
    "shadowed": Form(
        """\
def test_a():
    cart = Cart()
    assert cart.total() == 0

def test_b():
    assert Cart().total() is not None

def test_a(): #!
    assert Cart() is not None
""",
        TWO_TESTS,
    ),
    "nested": Form(
        """\
def outer():
    def test_a(): #!
        cart = Cart()
        assert cart.total() == 0

def test_b():
    assert Cart().total() is not None
""",
        TWO_TESTS,
    ),
    "parametrize emptied": Form(
        """\
@pytest.mark.parametrize('n', []) #!
def test_a(n):
    assert Cart().total() == n
""",
        """\
@pytest.mark.parametrize('n', [0, 1])
def test_a(n):
    assert Cart().total() == n
""",
    ),
    "parametrize shrinks": Form(
        """\
@pytest.mark.parametrize('n', [0])
def test_a(n):
    assert Cart().total() == n
""",
        """\
@pytest.mark.parametrize('n', [0, 1])
def test_a(n):
    assert Cart().total() == n
""",
    ),
    "skipif to skip same reason": Form(
        """\
@pytest.mark.skip(reason='no fork on Windows') #!
def test_a():
    assert Cart().total() == 0
""",
        """\
import sys
@pytest.mark.skipif(sys.platform == 'win32', reason='no fork on Windows')
def test_a():
    assert Cart().total() == 0
""",
    ),
    "condition to True": Form(
        """\
@pytest.mark.skipif(True, reason='no fork on Windows') #!
def test_a():
    assert Cart().total() == 0
""",
        """\
import sys
@pytest.mark.skipif(sys.platform == 'win32', reason='no fork on Windows')
def test_a():
    assert Cart().total() == 0
""",
    ),
    "condition other": Form(
        """\
import sys
@pytest.mark.skipif(sys.platform != 'linux', reason='no fork on Windows')
def test_a():
    assert Cart().total() == 0
""",
        """\
import sys
@pytest.mark.skipif(sys.platform == 'win32', reason='no fork on Windows')
def test_a():
    assert Cart().total() == 0
""",
    ),
    "decorator swapped": Form(
        """\
@pytest.mark.skip
@pytest.mark.slow
def test_a():
    assert Cart().total() == 0
""",
        """\
@pytest.mark.slow
@pytest.mark.skip
def test_a():
    assert Cart().total() == 0
""",
    ),
    "mark to pytestmark": Form(
        """\
pytestmark = pytest.mark.skip #!
def test_a():
    assert Cart().total() == 0
def test_b():
    assert Cart().total() == 0
""",
        """\
@pytest.mark.skip
def test_a():
    assert Cart().total() == 0
def test_b():
    assert Cart().total() == 0
""",
    ),
    "skip to fixture": Form(
        """\
@pytest.fixture
def off():
    pytest.skip() #!
def test_a(off):
    assert Cart().total() == 0
""",
        """\
def test_a():
    cart = Cart()
    assert cart.total() == 0

""",
    ),
    "async to sync renaming": Form(
        """\
async def test_a():
    cart = Cart()
    assert cart.total() == 0

def test_b():
    assert Cart().total() is not None
""",
        TWO_TESTS,
    ),
    "class gets init": Form(
        """\
class TestX:
    def __init__(self): #!
        self.cart = Cart()
    def test_a(self):
        assert Cart().total() == 0
""",
        """\
class TestX:
    def test_a(self):
        assert Cart().total() == 0
""",
    ),
    "typo class rename": Form(
        """\
class XTest: #!
    def test_a(self):
        assert Cart().total() == 0
""",
        """\
class TestX:
    def test_a(self):
        assert Cart().total() == 0
""",
    ),
    "TestCase class renamed fine": Form(
        """\
class XCase(unittest.TestCase):
    def test_a(self):
        self.assertEqual(Cart().total(), 0)
""",
        """\
class TestX(unittest.TestCase):
    def test_a(self):
        self.assertEqual(Cart().total(), 0)
""",
    ),
    "method loses TestCase": Form(
        """\
class XCase: #!
    def test_a(self):
        assert Cart().total() == 0
""",
        """\
class XCase(unittest.TestCase):
    def test_a(self):
        assert Cart().total() == 0
""",
    ),
    "exit in test": Form(
        """\
def test_a():
    pytest.exit('bye', 0) #!
    cart = Cart()
    assert cart.total() == 0

def test_b():
    assert Cart().total() is not None
""",
        TWO_TESTS,
    ),
    "deselect conf": Form(
        TWO_TESTS,
        TWO_TESTS,
        {
            "pytest.ini": """\
[pytest]
addopts = --deselect tests/test_a.py::test_a #!
"""
        },
    ),
    "ignore conf nonexist": Form(
        TWO_TESTS,
        TWO_TESTS,
        {
            "pytest.ini": """\
[pytest]
addopts = --ignore=tests/nothing -q
"""
        },
    ),
    "collect_ignore": Form(
        TWO_TESTS,
        TWO_TESTS,
        {
            "tests/conftest.py": """\
collect_ignore = ['test_a.py'] #!
"""
        },
    ),
    "collect_ignore commented": Form(
        TWO_TESTS,
        TWO_TESTS,
        {
            "tests/conftest.py": """\
# the ledger of SHOP-3 is not there on CI
collect_ignore = ['test_a.py']
"""
        },
    ),
    "skip in loop": Form("""\
def test_a():
    for n in Cart().items():
        if not n:
            pytest.skip() #!
        assert n
"""),
    "try except skip": Form("""\
def test_a():
    try:
        cart = Cart()
    except OSError:
        pytest.skip() #!
    assert cart.total() == 0
"""),
    "reason None": Form("""\
@pytest.mark.skip(reason=None) #!
def test_a():
    assert Cart().total() == 0
"""),
    "reason unicode": Form("""\
@pytest.mark.skip(reason='Windows では動作しません')
def test_a():
    assert Cart().total() == 0
"""),
    "reason only url": Form("""\
@pytest.mark.skip(reason='https://github.com/o/r/issues/3')
def test_a():
    assert Cart().total() == 0
"""),
    "reason #12": Form("""\
@pytest.mark.skip(reason='#12')
def test_a():
    assert Cart().total() == 0
"""),
    "reason dots": Form("""\
@pytest.mark.skip(reason='...') #!
def test_a():
    assert Cart().total() == 0
"""),
    "reason own name": Form("""\
@pytest.mark.skip(reason='test_a') #!
def test_a():
    assert Cart().total() == 0
"""),
    "reason join": Form("""\
@pytest.mark.skip(reason=' '.join(['needs', 'network']))
def test_a():
    assert Cart().total() == 0
"""),
    "reason strip": Form("""\
@pytest.mark.skip(reason='  '.strip()) #!
def test_a():
    assert Cart().total() == 0
"""),
    "reason func": Form("""\
def why():
    return ''
@pytest.mark.skip(reason=why()) #!
def test_a():
    assert Cart().total() == 0
"""),
    "reason or": Form("""\
@pytest.mark.skip(reason='' or 'needs the ledger')
def test_a():
    assert Cart().total() == 0
"""),
    "reason os.environ": Form("""\
import os
@pytest.mark.skip(reason=os.environ.get('WHY', ''))
def test_a():
    assert Cart().total() == 0
"""),
    "skip star import": Form("""\
# bare
from pytest import *
@mark.skip #!
def test_a():
    assert f() == 0
"""),
    "global skip alias in func": Form("""\
def test_a():
    from pytest import skip
    skip() #!
"""),
    "SkipTest from case": Form("""\
# bare
from unittest.case import SkipTest
def test_a():
    raise SkipTest() #!
"""),
    "trial todo": Form("""\
# bare
from twisted.trial import unittest
class X(unittest.TestCase):
    def test_a(self):
        self.assertEqual(1, f())
    test_a.skip = '' #!
"""),
    "django tag skip": Form("""\
class X(unittest.TestCase):
    __unittest_skip__ = True #!
    def test_a(self):
        self.assertEqual(f(), 0)
"""),
    "django why": Form("""\
class X(unittest.TestCase):
    __unittest_skip__ = True
    __unittest_skip_why__ = 'needs postgres'
    def test_a(self):
        self.assertEqual(f(), 0)
"""),
}


def module(text: str) -> str:
    """Return a whole module; one that is marked as bare has its imports itself."""
    return text.removeprefix("# bare\n") if text.startswith("# bare\n") else HEAD + text


@pytest.mark.parametrize("name", FORMS)
def test_form(name: str) -> None:
    form = FORMS[name]
    before = {A: module(form.before)} if form.before else {}
    after = {A: module(form.after), **form.files}
    wanted = expected(after)
    assert places(skips(staged(before, after)), wanted) == wanted


def test_half_of_them_are_silent() -> None:
    silent = [f for f in FORMS.values() if not expected({A: f.after, **f.files})]
    assert len(FORMS) * 2 / 5 <= len(silent) <= len(FORMS) * 3 / 5

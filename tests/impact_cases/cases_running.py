"""Ways in which code comes to run, and what one test leaves to another."""

from impact_text import told

SERVER = """
--- app.py
from http.server import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'one')

    def log_message(self, *args):
        pass


def make():
    return HTTPServer(('127.0.0.1', 0), Handler)
--- client.py
import http.client


def get(port):
    conn = http.client.HTTPConnection('127.0.0.1', port)
    conn.request('GET', '/')
    return conn.getresponse().read()
"""
USERS = """
--- test_a.py
import client


def test_one(port):
    assert client.get(port) == b'one'


def test_two(port):
    assert client.get(port)[:1] == b'o'


def test_t():
    assert True
"""
LOOKUP = """
--- low.py
LIMIT = 1
OTHER = 1


class Rule:
    weight = 1
--- star.py
BASE = 1
--- app.py
from low import LIMIT, Rule
from star import *

STEP = 1


def __getattr__(name):
    return globals()[name[1:]]


def shown(name):
    return globals()[name].weight
--- test_a.py
import app
import low


def test_own():
    assert getattr(app, 'xST' + 'EP') == 1


def test_imported():
    assert getattr(app, 'xLIM' + 'IT') == 1


def test_star():
    assert getattr(app, 'xBA' + 'SE') == 1


def test_member():
    assert app.shown('Ru' + 'le') == 1


def test_low():
    assert low.OTHER == 1
"""

FILTER = """
--- app.py
def f():
    return 1
--- data.txt
one
--- test_a.py
import subprocess

from app import f


def test_app():
    assert f() == 1


def test_data():
    assert subprocess.check_output(['cat', 'data.txt']) == b'one\\n'


def test_late():
    assert subprocess.run(['head', '-n', '1', 'late.txt'], capture_output=True).stdout == b''


def test_given():
    assert subprocess.run(['cat'], input=b'x', capture_output=True).stdout == b'x'
"""

RUNNING = [
    told(
        "thread after a test took away what threads are watched by",
        """
--- app.py
def f():
    return 1
--- test_a.py
import threading

import app


def test_off():
    threading.setprofile(None)
    threading.settrace(None)


def test_f():
    seen = []
    thread = threading.Thread(target=lambda: seen.append(app.f()))
    thread.start()
    thread.join()
    assert seen == [1]


def test_t():
    assert True
""",
        {"app.py": ("return 1", "return 2")},
        "test_f",
        most=1,
    ),
    told(
        "thread started below the threading module",
        """
--- app.py
def f():
    return 1
--- test_a.py
import _thread
import time

import app


def test_f():
    seen = []
    _thread.start_new_thread(lambda: seen.append(app.f()), ())
    while not seen:
        time.sleep(0.01)
    assert seen == [1]


def test_t():
    assert True
""",
        {"app.py": ("return 1", "return 2")},
        "test_f",
        most=1,
    ),
    told(
        "generator goes on in a second test on the line that it rests on",
        """
--- app.py
def numbers():
    a = yield 1; yield a + 1


STREAM = numbers()
--- test_a.py
import app


def test_one():
    assert next(app.STREAM) == 1


def test_two():
    assert app.STREAM.send(3) == 4


def test_t():
    assert True
""",
        {"app.py": ("a + 1", "a + 2")},
        "test_two",
        most=2,
    ),
    told(
        "generator that hands on another goes on in a second test",
        """
--- app.py
def some():
    yield 1
    yield 2


def others():
    yield 1
    yield 3


def numbers():
    yield from some()


STREAM = numbers()
--- test_a.py
import app


def test_one():
    assert next(app.STREAM) == 1


def test_two():
    assert next(app.STREAM) == 2


def test_t():
    assert True
""",
        {"app.py": ("from some()", "from others()")},
        "test_two",
        most=2,
    ),
    told(
        "coroutine begun in one test ends in another",
        """
--- app.py
async def low(future):
    return await future


async def top(future):
    return 1 + await low(future)
--- conftest.py
import asyncio

import pytest


@pytest.fixture(scope='session')
def loop():
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()
--- test_a.py
import asyncio

import app

KEPT = []


def test_one(loop):
    future = loop.create_future()
    KEPT[:] = [future, loop.create_task(app.top(future))]
    loop.run_until_complete(asyncio.sleep(0))


def test_two(loop):
    future, task = KEPT
    future.set_result(2)
    assert loop.run_until_complete(task) == 3


def test_t():
    assert True
""",
        {"app.py": ("1 + await", "2 + await")},
        "test_two",
        most=2,
    ),
    told(
        "generator uses in a second test what it computed in the first",
        """
--- app.py
def numbers():
    n = 1
    yield 1
    m = n + 1
    yield m


STREAM = numbers()
--- test_a.py
import app


def test_one():
    assert next(app.STREAM) == 1


def test_two():
    assert next(app.STREAM) == 2


def test_t():
    assert True
""",
        {"app.py": ("n = 1\n", "n = 2\n")},
        "test_two",
        most=2,
    ),
    told(
        "server in a thread of a session fixture",
        SERVER
        + """--- conftest.py
import threading

import pytest

import app


@pytest.fixture(scope='session')
def port():
    server = app.make()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
""".lstrip("\n")
        + USERS.lstrip("\n"),
        {"app.py": ("b'one'", "b'two'")},
        "test_one",
        "test_two",
        most=2,
    ),
    told(
        "server process of a session fixture",
        SERVER
        + """--- serve.py
import app

server = app.make()
print(server.server_port, flush=True)
server.serve_forever()
--- conftest.py
import subprocess
import sys

import pytest


@pytest.fixture(scope='session')
def port():
    child = subprocess.Popen([sys.executable, 'serve.py'], stdout=subprocess.PIPE, text=True)
    yield int(child.stdout.readline())
    child.kill()
    child.wait()
"""
        + USERS.lstrip("\n"),
        {"app.py": ("b'one'", "b'two'")},
        "test_one",
        "test_two",
    ),
    told(
        "generator of a module goes on in a second test",
        """
--- app.py
def numbers():
    yield 1
    yield 2
    yield 3


STREAM = numbers()
--- test_a.py
import app


def test_one():
    assert next(app.STREAM) == 1


def test_two():
    assert next(app.STREAM) == 2


def test_t():
    assert True
""",
        {"app.py": ("yield 2", "yield 5")},
        "test_two",
        most=2,
    ),
    told(
        "generator started by a session fixture calls the project later on",
        """
--- app.py
def scale(x):
    return x * 2


def numbers():
    n = 0
    while True:
        n += 1
        yield scale(n) if n > 1 else n
--- conftest.py
import pytest

import app


@pytest.fixture(scope='session')
def stream():
    return app.numbers()
--- test_a.py
def test_one(stream):
    assert next(stream) == 1


def test_two(stream):
    assert next(stream) == 4


def test_t():
    assert True
""",
        {"app.py": ("x * 2", "x * 3")},
        "test_two",
        most=2,
    ),
    told(
        "profiler of the library around the call",
        """
--- app.py
def f():
    return 1
--- test_a.py
import cProfile

import app


def test_f():
    assert cProfile.Profile().runcall(app.f) == 1


def test_t():
    assert True
""",
        {"app.py": ("1", "2")},
        "test_f",
        most=1,
    ),
    told(
        "tracing switched off by an earlier test",
        """
--- app.py
def f():
    return 1
--- test_a.py
import sys
import threading

import app


def test_off():
    sys.settrace(None)
    sys.setprofile(None)
    threading.settrace(None)


def test_f():
    assert app.f() == 1


def test_t():
    assert True
""",
        {"app.py": ("1", "2")},
        "test_f",
    ),
    told(
        "test that traces lines itself",
        """
--- app.py
def f(x):
    if x:
        return 1
    return 2
--- test_a.py
import sys

import app


def lines(function, *args):
    seen = []

    def trace(frame, event, arg):
        if event == 'line':
            seen.append(frame.f_lineno - frame.f_code.co_firstlineno)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    function(*args)
    sys.settrace(before)
    return seen


def test_lines():
    assert lines(app.f, 0) == [1, 3]


def test_t():
    assert True
""",
        {
            "app.py": (
                "    if x:\n        return 1\n    return 2\n",
                "    # first\n    if x:\n        return 1\n    return 2\n",
            )
        },
        "test_lines",
        most=1,
    ),
    told(
        "what a hook of conftest lets a function remember",
        """
--- app.py
import functools


def deep():
    return 1


@functools.lru_cache(maxsize=None)
def load():
    return deep()
--- conftest.py
import app


def pytest_runtest_setup(item):
    app.load()
--- test_a.py
import app


def test_first():
    assert True


def test_second():
    assert app.load() == 1
""",
        {"app.py": ("return 1", "return 2")},
        "test_second",
        most=3,
    ),
    told(
        "cache behind a local name",
        """
--- app.py
_KEPT = {}


def double(key):
    return key * 2


def get(key):
    kept = _KEPT
    if key not in kept:
        kept[key] = double(key)
    return kept[key]
--- test_a.py
import app


def test_first():
    assert app.get(2) > 0


def test_second():
    assert app.get(2) == 4
""",
        {"app.py": ("key * 2", "key * 3")},
        "test_second",
        most=2,
    ),
    told(
        "cache that two other functions read and fill",
        """
--- app.py
_KEPT = {}


def fetch(key):
    return _KEPT.get(key)


def put(key, value):
    _KEPT[key] = value


def double(key):
    return key * 2


def get(key):
    value = fetch(key)
    if value is None:
        value = double(key)
        put(key, value)
    return value
--- test_a.py
import app


def test_first():
    assert app.get(2) > 0


def test_second():
    assert app.get(2) == 4
""",
        {"app.py": ("key * 2", "key * 3")},
        "test_second",
        most=2,
    ),
    told(
        "hook of conftest that takes the trace hook",
        """
--- app.py
def f():
    return 1
--- conftest.py
import sys

import app


def pytest_runtest_setup(item):
    before = sys.gettrace()
    sys.settrace(None)
    item.found = app.f()
    sys.settrace(before)
--- test_a.py
def test_f(request):
    assert request.node.found == 1
""",
        {"app.py": ("return 1", "return 2")},
        "test_f",
        most=2,
    ),
    told(
        "memory that is filled beneath a fixture asked for in a test",
        """
--- app.py
def deep():
    return 1


KNOWN = []


def load():
    if not KNOWN:
        KNOWN.append(deep())
    return KNOWN[0]
--- test_a.py
import pytest

import app


@pytest.fixture
def loaded():
    return app.load()


def test_first(request):
    assert request.getfixturevalue('loaded')


def test_second(request):
    assert request.getfixturevalue('loaded') == 1


def test_t():
    assert True
""",
        {"app.py": ("return 1", "return 2")},
        "test_second",
        most=2,
    ),
    told(
        "user of the coverage API",
        """
--- app.py
def f(x):
    if x:
        return 1
    return 2
--- test_a.py
import coverage

import app


def test_lines():
    cov = coverage.Coverage(data_file=None, include=['app.py'])
    cov.start()
    app.f(0)
    cov.stop()
    assert cov.analysis2('app.py')[3] != []
    assert app.f(1) == 1


def test_f():
    assert app.f(0) == 2


def test_t():
    assert True
""",
        {"app.py": ("return 2", "return 3")},
        "test_f",
        most=2,
    ),
    told(
        "handler of a signal",
        """
--- app.py
import signal

GOT = []


def handler(number, frame):
    GOT.append(1)


def install():
    signal.signal(signal.SIGUSR1, handler)
--- test_a.py
import signal

import app


def test_signal():
    app.install()
    signal.raise_signal(signal.SIGUSR1)
    assert app.GOT == [1]


def test_t():
    assert True
""",
        {"app.py": ("append(1)", "append(2)")},
        "test_signal",
        most=1,
    ),
    told(
        "timer thread",
        """
--- app.py
import threading

GOT = []


def ring():
    GOT.append(1)


def later():
    timer = threading.Timer(0.01, ring)
    timer.start()
    return timer
--- test_a.py
import app


def test_timer():
    app.later().join()
    assert app.GOT == [1]


def test_t():
    assert True
""",
        {"app.py": ("append(1)", "append(2)")},
        "test_timer",
        most=1,
    ),
    told(
        "class attribute that an earlier test sets through the project",
        """
--- app.py
class Config:
    mode = 'plain'


def setup(mode):
    Config.mode = mode.upper()
--- test_a.py
import app


def test_first():
    app.setup('x')


def test_second():
    assert app.Config.mode == 'X'


def test_t():
    assert True
""",
        {"app.py": ("mode.upper()", "mode.lower()")},
        "test_second",
        most=2,
    ),
    told(
        "object of a distribution keeps what the project computed",
        """
--- app.py
import dep


def compute():
    return 1


def value():
    return dep.cache.get('k', compute)
--- test_a.py
import app


def test_one():
    assert app.value() == 1


def test_two():
    assert app.value() + 1 == 2


def test_t():
    assert True
""",
        {"app.py": ("return 1", "return 2")},
        "test_one",
        "test_two",
        most=2,
        site={
            "dep/__init__.py": "class Cache:\n    def __init__(self):\n        self._kept = {}\n\n    def get(self, key, make):\n"
            "        if key not in self._kept:\n            self._kept[key] = make()\n        return self._kept[key]\n\n\ncache = Cache()\n",
            "dep-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: dep\nVersion: 1.0\n",
        },
    ),
    told(
        "regular expression callbacks compiled once behind a class method cache",
        """
--- app.py
import re


class Rules:
    _compiled = None

    @classmethod
    def get(cls):
        if cls._compiled is None:
            cls._compiled = cls.build()
        return cls._compiled

    @classmethod
    def build(cls):
        return re.compile('a+')


def match(text):
    return bool(Rules.get().match(text))
--- test_a.py
import app


def test_one():
    assert app.match('aa')


def test_two():
    assert app.match('a')


def test_t():
    assert True
""",
        {"app.py": ("'a+'", "'b+'")},
        "test_one",
        "test_two",
        most=2,
    ),
    told(
        "value kept on an instance that a module of the project holds, by a thread",
        """
--- app.py
import threading


class Box:
    def __init__(self):
        self.value = None

    def load(self):
        thread = threading.Thread(target=self._load)
        thread.start()
        thread.join()

    def _load(self):
        self.value = compute()


def compute():
    return 1


box = Box()


def get():
    if box.value is None:
        box.load()
    return box.value
--- test_a.py
import app


def test_one():
    assert app.get() == 1


def test_two():
    assert app.get() + 1 == 2


def test_t():
    assert True
""",
        {"app.py": ("return 1", "return 2")},
        "test_one",
        "test_two",
        most=2,
    ),
    told(
        "context variable set by a session fixture",
        """
--- app.py
import contextvars

LANG = contextvars.ContextVar('lang', default='en')


def pick():
    return 'es'


def hello():
    return {'en': 'hi', 'es': 'hola'}[LANG.get()]
--- conftest.py
import pytest

import app


@pytest.fixture(scope='session', autouse=True)
def lang():
    app.LANG.set(app.pick())
--- test_a.py
import app


def test_hello():
    assert app.hello() == 'hola'
""",
        {"app.py": ("return 'es'", "return 'en'")},
        "test_hello",
    ),
    told(
        "pickle written by a fixture of the session, read by tests",
        """
--- app.py
class Point:
    def __init__(self):
        self.x = 1
--- conftest.py
import pickle

import pytest

import app


@pytest.fixture(scope='session')
def stored(tmp_path_factory):
    path = tmp_path_factory.mktemp('p') / 'p'
    path.write_bytes(pickle.dumps(app.Point()))
    return path
--- test_a.py
import pickle


def test_one(stored):
    assert pickle.loads(stored.read_bytes()).x == 1


def test_two(stored):
    assert pickle.loads(stored.read_bytes()).x == 1


def test_t():
    assert True
""",
        {"app.py": ("self.x = 1", "self.x = 2")},
        "test_one",
        "test_two",
        most=2,
    ),
    told(
        "child that imports the project by a shebang of another interpreter",
        """
--- tool.py
import lib

print(lib.X)
--- lib.py
X = 1
--- test_a.py
import subprocess


def test_tool():
    assert subprocess.check_output(['/usr/bin/env', '-i', '/usr/bin/python3', '-B', 'tool.py']) == b'1\\n'


def test_t():
    assert True
""",
        {"lib.py": "X = 2\n"},
        "test_tool",
        most=1,
    ),
    told(
        "exit handler of a child",
        """
--- app.py
import atexit


@atexit.register
def bye():
    print('bye')
--- test_a.py
import subprocess
import sys


def test_bye():
    assert subprocess.check_output([sys.executable, '-c', 'import app']) == b'bye\\n'


def test_t():
    assert True
""",
        {"app.py": ("print('bye')", "print('ciao')")},
        "test_bye",
        most=1,
    ),
    told(
        "child that replaces itself",
        """
--- one.py
import os
import sys

os.execv(sys.executable, [sys.executable, 'two.py'])
--- two.py
import lib

print(lib.X)
--- lib.py
X = 1
--- test_a.py
import subprocess
import sys


def test_chain():
    assert subprocess.check_output([sys.executable, 'one.py']) == b'1\\n'


def test_t():
    assert True
""",
        {"lib.py": "X = 2\n"},
        "test_chain",
        most=1,
    ),
    told(
        "child that ends without cleaning up",
        """
--- one.py
import os

import lib

print(lib.get(), flush=True)
os._exit(0)
--- lib.py
def get():
    return open('data.txt').read().strip()
--- data.txt
1
--- test_a.py
import subprocess
import sys


def test_child():
    assert subprocess.check_output([sys.executable, 'one.py']) == b'1\\n'


def test_t():
    assert True
""",
        {"data.txt": "2\n"},
        "test_child",
        most=1,
    ),
    told(
        "forkserver",
        """
--- work.py
def work(x):
    return x + 1
--- test_a.py
import multiprocessing


def test_pool():
    import work

    with multiprocessing.get_context('forkserver').Pool(1) as pool:
        assert pool.map(work.work, [1]) == [2]


def test_t():
    assert True
""",
        {"work.py": ("x + 1", "x + 2")},
        "test_pool",
    ),
    told(
        "compile and eval of a rule file",
        """
--- rules.txt
x > 1
--- app.py
def load():
    with open('rules.txt') as f:
        return compile(f.read().strip(), 'rules', 'eval')


RULE = load()


def check(x):
    return eval(RULE, {'x': x})
--- test_a.py
import app


def test_check():
    assert app.check(2)


def test_t():
    assert True
""",
        {"rules.txt": "x > 5\n"},
        "test_check",
    ),
    told(
        "two files change and only one of them matters",
        """
--- a.py
def f():
    return 1
--- b.py
from a import f


def g():
    return f()


def h():
    return 0
--- test_a.py
import b


def test_g():
    assert b.g() == 1


def test_h():
    assert b.h() == 0
""",
        {"a.py": "def f():\n    return 2\n", "b.py": ("return 0", "return 0  # zero")},
        "test_g",
        most=1,
    ),
    told(
        "function moves between modules and loses a line on the way",
        """
--- one.py
def clean(x):
    x = x.strip()
    return x.lower()
--- two.py
def other():
    return 1
--- app.py
from one import clean


def go(x):
    return clean(x)
--- test_a.py
import app
import two


def test_go():
    assert app.go(' A ') == 'a'


def test_other():
    assert two.other() == 1


def test_t():
    assert True
""",
        {
            "one.py": "",
            "two.py": "def other():\n    return 1\n\n\ndef clean(x):\n    return x.lower()\n",
            "app.py": ("from one", "from two"),
        },
        "test_go",
        most=1,
    ),
    told(
        "function renamed, one of its callers forgotten",
        """
--- low.py
def old():
    return 1
--- app.py
import low


def f():
    return low.old()


def g():
    return low.old()
--- test_a.py
import app


def test_f():
    assert app.f() == 1


def test_g():
    assert app.g() == 1


def test_t():
    assert True
""",
        {
            "low.py": "def new():\n    return 1\n",
            "app.py": ("def f():\n    return low.old()", "def f():\n    return low.new()"),
        },
        "test_g",
        most=2,
    ),
    told(
        "what-a-filter-was-told-to-read",
        FILTER,
        {"data.txt": "two\n"},
        "test_data",
        most=1,
    ),
    told(
        "what-a-filter-did-not-find-is-there",
        FILTER,
        {"late.txt": "late\n"},
        "test_late",
        most=1,
    ),
    told(
        "filters-do-not-care-for-other-code",
        FILTER,
        {"app.py": ("return 1", "return 2")},
        "test_app",
        most=1,
    ),
    told(
        "a-program-called-like-a-filter",
        FILTER,
        {"data.txt": "two\n"},
        "test_own",
        most=3,
        files={
            "test_a.py": """
import os
import subprocess

def test_own(tmp_path):
    own = tmp_path / 'cat'
    own.write_text('#!/bin/sh\\nread line < ' + os.getcwd() + '/data.txt; echo $line')
    own.chmod(0o755)
    assert subprocess.check_output(['cat'], env={'PATH': str(tmp_path)}) == b'one\\n'
"""
        },
    ),
    *(
        told(f"globals-of-a-module-are-asked-for-{test}", LOOKUP, {path: edit}, test, most=most)
        for test, path, edit, most in (
            ("test_own", "app.py", ("STEP = 1", "STEP = 2"), 5),
            ("test_imported", "low.py", ("LIMIT = 1", "LIMIT = 2"), 5),
            ("test_star", "star.py", ("BASE = 1", "BASE = 2"), 5),
            ("test_member", "low.py", ("weight = 1", "weight = 2"), 5),
            ("test_low", "low.py", ("OTHER = 1", "OTHER = 2"), 1),
        )
    ),
]

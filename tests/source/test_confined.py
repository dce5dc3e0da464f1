"""Classes whose objects no other test comes upon, told by the text of a project."""

from __future__ import annotations

import pytest

from covgate.source.lifetimes.confined import confined

CLASS = '''\
from app.counts import Counter

class Splitter:
    """Remembers while it splits."""

    MARKS = ("a", "b")

    def __init__(self, text):
        self.text = text
        self._reset()

    def _reset(self):
        self._known = {}
        self._level = 0
        self._last = None
        self._open = []

    def level(self, key):
        if self._open and self._open[-1] == key:
            return self._level
        self._open.append(key)
        if key not in self._known:
            self._known[key] = key + "x"
        self._level += 1
        self._level = max(0, self._level - 1)
        self._last = "x"
        return self._known[key]

    def process(self):
        for part in self.text:
            yield self.level(part)
        if self._known and not all(one for one in self._known):
            self._reset()
'''
USE = """\
from app.splitter import Splitter

__all__ = ["Splitter", "first", "run", "split"]


def run(text):
    for one in Splitter(text).process():
        yield one


def split(text):
    return list(run(text))


def first(text):
    one = Splitter(text)
    return one.level(text[0])
"""
FILES = {
    "app/__init__.py": "",
    "app/splitter.py": CLASS,
    "app/use.py": USE,
    "tests/test_use.py": "from app import use\n\ndef test_split():\n    assert use.split('ab')\n",
}


def _is_confined(files: dict[str, str]) -> bool:
    texts = {path: text.encode() for path, text in files.items()}
    return confined("Splitter", "app/splitter.py", texts)


def test_objects_that_are_used_where_they_are_made_are_confined() -> None:
    assert _is_confined(FILES)


@pytest.mark.parametrize(
    "text",
    [
        "from app import use\nfor one in use.run('ab'):\n    print(one)\n",
        "from app import use\ndef test():\n    stream = use.run('ab')\n    assert next(stream)\n",
        "from app import use\ndef again(text):\n    return use.run(text)\nX = tuple(again('ab'))\n",
        "from app import use\ndef test():\n    a, b = use.run('ab')\n    assert ''.join(use.run(a))\n",
        "from app import use\nclass Other:\n    def process(self):\n        return use.split('a')\n",
        "from app.splitter import Splitter\ndef f():\n    s = Splitter('a')\n    return s.text + 'b'\n",
        "import importlib\nimport sys\nassert importlib.import_module('json').loads\ndel sys.modules['x']\n",
        'TEXT = "what a Splitter does"\n',
    ],
    ids=[
        "used up on import",
        "a local name",
        "passed on and used up",
        "unpacked",
        "another method of the name",
        "asked for a value",
        "modules found and not kept",
        "prose",
    ],
)
def test_it_stays_confined(text: str) -> None:
    assert _is_confined({**FILES, "app/more.py": text})


@pytest.mark.parametrize(
    "text",
    [
        "from app.splitter import Splitter\nSHARED = Splitter('ab')\n",
        "from app.splitter import Splitter\ndef f(x=Splitter('ab').level):\n    return x('a')\n",
        "from app.splitter import Splitter\ndef f():\n    global S\n    S = Splitter('ab')\n",
        "from app.splitter import Splitter\ndef f():\n    return Splitter('ab')\n",
        "from app.splitter import Splitter\ndef f():\n    return Splitter('ab').level\n",
        "from app.splitter import Splitter\ndef f(x):\n    x.splitter = Splitter('ab')\n",
        "from app.splitter import Splitter\ndef f(x):\n    s = Splitter('ab')\n    x.append(s)\n",
        "from app.splitter import Splitter\ndef f():\n    s = Splitter('a')\n    return lambda: s.level('a')\n",
        "from app.splitter import Splitter\ndef f():\n    s = Splitter('a')\n    s.text = 'b'\n",
        "from app.splitter import Splitter\nMAKE = Splitter\n",
        "from app.splitter import Splitter as Other\n",
        "from app.splitter import Splitter\nclass Shared(Splitter):\n    pass\n",
        "from app import splitter\ndef f(x):\n    return [splitter.Splitter(x)]\n",
        "NAMES = ['app.splitter.Splitter']\n",
        "from app import splitter\ndef f(name):\n    return getattr(splitter, name)('ab')\n",
        "import importlib\ndef f(m, n):\n    return getattr(importlib.import_module(m), n)('ab')\n",
        "def f():\n    return [one('ab') for one in object.__subclasses__()]\n",
        "from app import use\nSTREAM = use.run('ab')\n",
        "from app import use\ndef make():\n    return use.run('ab')\nSTREAM = make()\n",
        "from app import use\ndef make():\n    yield from use.run('ab')\nSTREAM = make()\n",
        "from app import use\nclass C:\n    def f(self):\n        self.stream = use.run('ab')\n",
        "import functools\nfrom app import use\n@functools.cache\ndef f():\n    return use.run('ab')\n",
        "import pytest\nfrom app import use\n@pytest.fixture\ndef stream():\n    return use.run('ab')\n",
        "from app import use\ndef f(x):\n    x.append(use.run('ab'))\n",
        "from app import use\ndef f():\n    yield use.run('ab')\n",
        "from app import use\nMAKE = use.run\n",
        "from app.use import run as make\nSTREAM = make('ab')\n",
        "from app import use\nSTREAM = getattr(use, 'run')('ab')\n",
        "from app import use\nSTREAM = (one for one in use.run('ab'))\n",
        "from app import use\ndef f(x):\n    x.take = use.run('ab').__next__\n",
        "from app import use\ndef f(x):\n    stream = use.run('ab')\n    x.take = stream.send\n",
        "from app.splitter import Splitter\ndef f(x: Splitter):\n    return x.level('a')\n",
        "from app.splitter import Splitter\ndef f():\n    s = Splitter('a')\n    s._known['a'] = KEPT\n",
        "from app.splitter import Splitter\ndef f():\n    s = Splitter('a')\n    s._open.append(KEPT)\n",
        "from app.splitter import Splitter\ndef f():\n    s = Splitter('a')\n    s.MARKS.append(1)\n",
        "from app.splitter import *\nX = globals()['Split' + 'ter']('ab')\n",
        "import app\ndef f(m, n):\n    return getattr(getattr(app, m), n)('ab')\n",
        "import pkgutil\ndef f(name):\n    return pkgutil.resolve_name(name)('ab')\n",
        "import importlib\ndef find(name):\n    return importlib.import_module(name)\n",
        "import importlib, operator\nX = operator.attrgetter(N)(importlib.import_module(M).x)\n",
        "import threading\nfrom app import use\nthreading.Thread(target=work).start()\n",
        "from app import use\nasync def f():\n    for one in use.run('ab'):\n        yield one\n",
        "from app import use\nX = max(use.run('ab'), use.run('cd'), key=id)\n",
        "from app import use\nX = next(iter(()), use.run('ab'))\n",
        "from app import use\nfrom app.keep import sorted\nX = sorted(use.run('ab'))\n",
        "from app import use\nX = QUEUE.join(use.run('ab'))\n",
        "from app import use\nKEPT[use.run('ab')] = 1\n",
        "from app import use\nclass S:\n    def run_all(self):\n        return use.run('ab')\nX = getattr(S(), 'run_' + K)()\n",
        "from app import use\ndef again():\n    return use.run('ab')\nX = globals()['aga' + 'in']()\n",
        "def broken(:\n    Splitter\n",
    ],
    ids=[
        "module", "default", "global", "returned", "bound method", "attribute", "handed on",
        "closure", "set from outside", "other name", "import under another name", "subclass",
        "list", "string", "computed name", "computed module", "all classes", "generator in module",
        "generator returned", "generator within one", "generator in object", "generator in cache",
        "generator in fixture", "generator in list", "generator yielded", "generator function",
        "generator function renamed", "generator by string", "generator in generator",
        "method of generator", "method of local generator",
        "annotation, for who makes what it says",
        "put into from outside",
        "added to from outside",
        "of the class, from outside",
        "all names taken",
        "package passed on",
        "found by a name from elsewhere",
        "module found for others",
        "attrgetter",
        "thread",
        "asynchronous generator",
        "one of two generators",
        "generator to fall back on",
        "own function of a known name",
        "join of something",
        "generator as a key",
        "who passes on, by a name put together",
        "who passes on, by a computed name",
        "unreadable",
    ],
)  # fmt: skip
def test_who_may_keep_one_is_seen(text: str) -> None:
    assert not _is_confined({**FILES, "app/more.py": text})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("class Splitter:", "import app.base\nclass Splitter(app.base.Base):"),
        ("class Splitter:", "@register\nclass Splitter:"),
        ("class Splitter:", "class Splitter(metaclass=Single):"),
        ("self.text = text\n", "self.text = text\n        ALL.append(self)\n"),
        ("self.text = text\n", "self.text = text\n        ALL.append(self.level)\n"),
        ("self.text = text\n", "self.text = text\n        ALL.append(lambda: self.text)\n"),
        ("self.text = text\n", "self.text = text\n        ALL.append(self.process())\n"),
        ("self.text = text\n", "self.text = text\n        ALL.append(s for s in 'a' if self.text)\n"),
        ("self._known = {}", "self._known = KNOWN"),
        ("self._known = {}", "self._known = [KNOWN][0]"),
        ("self._known = {}", "self._known = Counter()"),
        ("self._known = {}", "self._known, self.x = KNOWN, 1"),
        ("        self._known = {}\n", ""),
        ("self._level = 0", "self._level = self.text"),
        ("self._last = None", "self._last = KNOWN"),
        ("self._open[-1] == key", "self._open[-1].ready"),
        ("self._open[-1] == key", "any(one.ready for one in self._open)"),
        ("self._open.append(key)", "self._open.append(key)\n        top = self._open[-1]"),
        ("self._open.append(key)", "self._open.append(key)\n        k = self.text\n        k[key] = 1"),
        ("self._open.append(key)", "self._open.append(key)\n        look_at(self._open)"),
        ('self._known[key] = key + "x"', "self._known[key][0] = key * 2"),
        ('self._known[key] = key + "x"', "self._known[key].append(key + 1)"),
        ('MARKS = ("a", "b")', "_last = Descriptor()"),
        ('MARKS = ("a", "b")', "_known = {}"),
        ('MARKS = ("a", "b")', "def __new__(cls):\n        return cls.one"),
        ('MARKS = ("a", "b")', "handle = function"),
        ("def _reset(self):", "@staticmethod\n    def _reset(self):"),
        ("def __init__(self, text):", "def start(self, text):"),
        ('self._last = "x"', "self.__class__.last = key"),
        ('self._last = "x"', "self.__dict__.update(KNOWN)"),
        ("yield self.level(part)", "yield self"),
    ],
)  # fmt: skip
def test_a_class_that_hands_its_objects_out_is_seen(before: str, after: str) -> None:
    changed = CLASS.replace(before, after)
    assert changed != CLASS
    assert not _is_confined({**FILES, "app/splitter.py": changed})

"""Which functions may remember something, by their text."""

from __future__ import annotations

import ast
import time

import pytest

from covgate.source.blocks.units import read, read_tree

GLOBAL = "_kept = {}\n_seen = set()\n"
REMEMBERING = {
    "a local name for a global": "c = _kept\n    if k not in c:\n        c[k] = k\n    return c[k]",
    "a local name for its method": "add = _seen.add\n    add(k)",
    "a local name for an item": "c = _kept[k]\n    c.append(k)",
    "what a container has": "c = _kept.setdefault(k, [])\n    c.append(k)",
    "two at once": "c, n = _kept, 0\n    c[k] = n",
    "each of what it holds": "for c in _kept.values():\n        c.append(k)",
    "its class": "c = type(self)\n    c.count += 1\n    return c.count",
    "an attribute of what is given": (
        "if not hasattr(k, 'v'):\n        k.v = compute(k)\n    return k.v"
    ),
    "the attributes of what is given": (
        "d = k.__dict__\n    if 'v' in d:\n        return d['v']\n    d['v'] = 1\n    return 1"
    ),
    "a name for a name": "c = _kept\n    d = c\n    d[k] = k",
    "the next of what is kept": "return next(_kept.get(k))",
    "an attribute of self": (
        "c = self._kept\n    if k in c:\n        return c[k]\n    c[k] = k\n    return k"
    ),
    "a value of self": (
        "v = self._v\n    if v is None:\n        v = self._v = compute(k)\n    return v"
    ),
}
FORGETTING = {
    "an item of what is given": "if self.n not in k:\n        k[self.n] = []\n    return k",
    "an attribute that is set": "k.v = self.n\n    return k.w if k.w else k",
    "a container of its own": "c = {}\n    c[k] = k\n    return c",
    "a copy": "c = dict(_kept)\n    c[k] = k\n    return c",
    "an attribute that is looked at": "v = self._v\n    return v + k",
    "the next of what a call gives": "return next(compute(k))",
    "the next of what a call of a module gives": "import m\n    return next(m.compute(k), None)",
    "a table of functions": "if self.kind:\n        return self._made[k](k)\n    return k",
}


def _keeps(code: str) -> bool:
    (body,) = read_tree(ast.parse(f"{GLOBAL}def ask(self, k):\n    {code}\n")).bodies
    return body.keeps_state


@pytest.mark.parametrize("code", REMEMBERING.values(), ids=REMEMBERING)
def test_what_is_changed_by_another_name_is_remembered(code: str) -> None:
    assert _keeps(code)


HELPERS = """\
def fetch(k):
    return _kept.get(k)
def put(k, v):
    _kept[k] = v
def twice(k):
    return k * 2
def ask(k):
"""
ASKING = {
    "an answer that is kept": "v = fetch(k)\n    if v is None:\n        v = twice(k)\n        put(k, v)\n    return v",
    "an answer": "return fetch(k) or twice(k)",
    "an answer to another": "if known(k):\n        return 1\n    return twice(k)",
}


@pytest.mark.parametrize("code", ASKING.values(), ids=ASKING)
def test_who_decides_by_what_another_function_looks_up_may_pass_over_what_fills_it(
    code: str,
) -> None:
    known = "def known(k):\n    return True if fetch(k) else False\n"
    bodies = read_tree(ast.parse(f"{GLOBAL}{known}{HELPERS}    {code}\n")).bodies
    assert {body.key for body in bodies if body.keeps_state} >= {"put", "ask"}
    asked = read_tree(ast.parse(f"{HELPERS}    return 1 if twice(k) else 2\n")).bodies
    assert {body.key for body in asked if body.keeps_state} == {"put"}


@pytest.mark.parametrize("code", FORGETTING.values(), ids=FORGETTING)
def test_what_is_its_own_is_not(code: str) -> None:
    assert not _keeps(code)


LONG = {
    "a name that goes on": "def f(x):\n"
    + "".join(f"    x = x.step{n}()\n" for n in range(60))
    + "    return 1 if x else x\n",
    "functions that ask each other": "from other import go\n"
    "def f0(x):\n    return go(x)\n"
    + "".join(f"def f{n}(x):\n    return 1 if f{n - 1}(x) else x\n" for n in range(1, 900)),
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_long_ways_are_followed_in_a_moment(text: str) -> None:
    began = time.process_time()
    read(text.encode())
    assert time.process_time() - began < 5

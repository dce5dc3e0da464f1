"""Which functions may remember something, by their text."""

from __future__ import annotations

import ast

import pytest

from covgate.source.blocks.units import read_tree

GLOBAL = "_kept = {}\n_seen = set()\n"
REMEMBERING = {
    "a local name for a global": "c = _kept\n    if k not in c:\n        c[k] = k\n    return c[k]",
    "a local name for its method": "add = _seen.add\n    add(k)",
    "a local name for an item": "c = _kept[k]\n    c.append(k)",
    "what a container has": "c = _kept.setdefault(k, [])\n    c.append(k)",
    "two at once": "c, n = _kept, 0\n    c[k] = n",
    "a name for a name": "c = _kept\n    d = c\n    d[k] = k",
    "an attribute of self": (
        "c = self._kept\n    if k in c:\n        return c[k]\n    c[k] = k\n    return k"
    ),
    "a value of self": (
        "v = self._v\n    if v is None:\n        v = self._v = compute(k)\n    return v"
    ),
}
FORGETTING = {
    "a container of its own": "c = {}\n    c[k] = k\n    return c",
    "a copy": "c = dict(_kept)\n    c[k] = k\n    return c",
    "an attribute that is looked at": "v = self._v\n    return v + k",
    "a table of functions": "if self.kind:\n        return self._made[k](k)\n    return k",
}


def _keeps(code: str) -> bool:
    (body,) = read_tree(ast.parse(f"{GLOBAL}def ask(self, k):\n    {code}\n")).bodies
    return body.keeps_state


@pytest.mark.parametrize("code", REMEMBERING.values(), ids=REMEMBERING)
def test_what_is_changed_by_another_name_is_remembered(code: str) -> None:
    assert _keeps(code)


@pytest.mark.parametrize("code", FORGETTING.values(), ids=FORGETTING)
def test_what_is_its_own_is_not(code: str) -> None:
    assert not _keeps(code)

"""Where functions decide by what outlives a call."""

from __future__ import annotations

import pytest

from covgate.source.blocks.questions import Questions

GLOBAL = (
    "_m = {}\ndef get(k):\n    if k in _m:\n        return _m[k]\n    _m[k] = k\n    return k\n"
)
CASES = {
    "a key of a global": (GLOBAL, {2: [(3, 3, (4, 5))]}),
    "what was fetched": (
        (
            "class A:\n    def get(self, k):\n        v = self._c.get(k)\n        if v is None:\n"
            "            v = self._c[k] = 1\n        return v\n"
        ),
        {2: [(4, 4, (5, 6))]},
    ),
    "an attribute that is not there": (
        (
            "class A:\n    def get(self):\n        try:\n            return self._x\n"
            "        except AttributeError:\n            self._x = 1\n            return 2\n"
        ),
        {2: [(4, 4, (6,))]},
    ),
    "a method that fills": (
        (
            "class A:\n    def get(self):\n        if self._x is None:\n            self.fill()\n"
            "        return self._x\n    def fill(self):\n        self._x = 1\n"
        ),
        {2: [(3, 3, (4, 5))]},
    ),
    "an argument alone": ("def get(x):\n    if x:\n        return 1\n    return 2\n", {}),
    "a global that nothing changes": ("N = 1\ndef get(x):\n    if N:\n        return 1\n", {}),
    "no Python": ("def (", {}),
}


@pytest.mark.parametrize(("text", "found"), CASES.values(), ids=CASES)
def test_questions(text: str, found: dict[int, list[tuple[int, int, tuple[int, ...]]]]) -> None:
    asked = Questions(text.encode())
    lines = range(1, text.count("\n") + 1)
    assert {line: [*map(tuple, some)] for line in lines if (some := asked.of(line))} == found

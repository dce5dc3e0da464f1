"""Where functions decide by what outlives a call."""

from __future__ import annotations

import pytest

from covgate.source.blocks.questions import Questions

GLOBAL = (
    "_m = {}\ndef get(k):\n    if k in _m:\n        return _m[k]\n    _m[k] = k\n    return k\n"
)
CASES = {
    "a key of a global": (GLOBAL, {2: [(3, 3, (4, 5), ())]}),
    "another name for a global": (
        (
            "_m = {}\ndef get(k):\n    m = _m\n    if k in m:\n        return m[k]\n"
            "    m[k] = k\n    return k\n"
        ),
        {2: [(4, 4, (5, 6), ())]},
    ),
    "one of what is there": (
        (
            "_m = [[]]\ndef get(k):\n    for x in _m:\n        if len(x) > 1:\n            return 1\n"
            "        x.append(k)\n    return 2\n"
        ),
        {2: [(3, 3, (4, 7), ()), (4, 4, (5, 6), ())]},
    ),
    "the answer of another function": (
        (
            "_m = set()\ndef first(k):\n    new = k not in _m\n    _m.add(k)\n    return new\n"
            "def get(k):\n    if first(k):\n        return 1\n    return 2\n"
        ),
        {6: [(7, 7, (8, 9), ())]},
    ),
    "what was fetched": (
        (
            "class A:\n    def get(self, k):\n        v = self._c.get(k)\n        if v is None:\n"
            "            v = self._c[k] = 1\n        return v\n"
        ),
        {2: [(4, 4, (5, 6), ())]},
    ),
    "an attribute that is not there": (
        (
            "class A:\n    def get(self):\n        try:\n            return self._x\n"
            "        except AttributeError:\n            self._x = 1\n            return 2\n"
        ),
        {2: [(4, 4, (6,), ())]},
    ),
    "a method that fills": (
        (
            "class A:\n    def get(self):\n        if self._x is None:\n            self.fill()\n"
            "        return self._x\n    def fill(self):\n        self._x = 1\n"
        ),
        {2: [(3, 3, (4, 5), ())]},
    ),
    "either of two calls": (
        (
            "_m = {}\ndef f(k):\n    _m[k] = k\n    return k\ndef g(k):\n    return k\n"
            "def get(k):\n    return g(k) if k in _m else f(k)\n"
        ),
        {7: [(8, 8, (), (3, 6))]},
    ),
    "a call or none": (
        (
            "_n = 0\ndef g():\n    return 1\ndef get():\n    global _n\n    _n += 1\n"
            "    _n > 1 and g()\n    return 1\n"
        ),
        {4: [(7, 7, (), (3,))]},
    ),
    "calls for each that is there": (
        (
            "_m = []\ndef g(x):\n    return x\ndef get(k):\n    [g(x) for x in _m]\n"
            "    _m.append(k)\n    return k\n"
        ),
        {4: [(5, 5, (), (3,))]},
    ),
    "a function that is there": (
        (
            "_m = {}\ndef f(k):\n    return k\ndef g(k):\n    return k\ndef get(k):\n"
            "    how = _m.get(k, f)\n    _m[k] = g\n    return how(k)\n"
        ),
        {6: [(9, 9, (), (3, 5))]},
    ),
    "a loop over what is there": (
        "_m = []\ndef get(k):\n    for x in _m:\n        k += x\n    _m.append(k)\n    return k\n",
        {2: [(3, 3, (4, 5), ())]},
    ),
    "an error that is passed over": (
        (
            "import contextlib\n_m = {}\ndef get(k):\n    with contextlib.suppress(KeyError):\n"
            "        v = _m[k]\n        return v\n    _m[k] = k\n    return k\n"
        ),
        {3: [(5, 5, (7, 6), ()), (6, 6, (7,), ())]},
    ),
    "an error that does not come": (
        (
            "_m = {}\ndef get(k):\n    try:\n        v = _m[k]\n    except KeyError:\n"
            "        _m[k] = v = k\n    else:\n        v = v + 0\n    return v\n"
        ),
        {2: [(4, 4, (6, 8), ())]},
    ),
    "the next of what goes on": (
        (
            "_i = iter([1, 2])\ndef get():\n    n = next(_i)\n    if n == 2:\n        return 2\n"
            "    return 1\n"
        ),
        {2: [(4, 4, (5, 6), ())]},
    ),
    "an argument alone": ("def get(x):\n    if x:\n        return 1\n    return 2\n", {}),
    "a global that nothing changes": ("N = 1\ndef get(x):\n    if N:\n        return 1\n", {}),
    "no Python": ("def (", {}),
}


@pytest.mark.parametrize(("text", "found"), CASES.values(), ids=CASES)
def test_questions(
    text: str, found: dict[int, list[tuple[int, int, tuple[int, ...], tuple[int, ...]]]]
) -> None:
    asked = Questions(text.encode())
    lines = range(1, text.count("\n") + 1)
    assert {
        line: [(one.first, one.last, one.ways, one.called) for one in some]
        for line in lines
        if (some := asked.of(line))
    } == found


KEYED = {
    "a key": ("if k in _m:", True),
    "what a key leads to": ("v = _m.get(k)\n    if v is None:", True),
    "how something given compares": ("if len(_m) < k:", True),
    "whether there is anything": ("if _m:", False),
    "how much there is": ("n = len(_m)\n    if n > 3:", False),
    "an item that is the same for all": ("if _m.get('on'):", False),
    "a key of the object": ("if self.key in _m:", True),
    "what the key of an object leads to": ("v = _m.get(self.key)\n    if v is None:", True),
    "an object": ("if self not in _m:", True),
    "a key that a call gives": ("if where() in _m:", True),
    "a limit": ("if len(_m) > LIMIT:", True),
    "a high number": ("if len(_m) >= 64:", True),
    "each of so many": ("if len(_m) % 3 == 0:", True),
    "a name that is the same for all": ("if _m == NONE or NAME in _m:", False),
}


@pytest.mark.parametrize(("asks", "keyed"), KEYED.values(), ids=KEYED)
def test_who_asks_for_something_of_its_own(asks: str, keyed: bool) -> None:
    text = f"_m = {{}}\ndef get(k):\n    {asks}\n        return 1\n    _m[k] = 1\n    return 2\n"
    assert [one.keyed for one in Questions(text.encode()).of(2)] == [keyed]


RISKED = {
    "an item of a key": ("v = _m[k]", True),
    "a method that is given a key": ("_m.remove(k)", True),
    "an item of the object's key": ("v = _m[self.key]", True),
    "an item that is the same for all": ("v = _m['on']", False),
    "what takes anything": ("_m.append(k)", False),
    "what is the same for all": ("_m.flush()", False),
}


@pytest.mark.parametrize(("tries", "keyed"), RISKED.values(), ids=RISKED)
def test_what_is_tried_may_be_something_of_its_own(tries: str, keyed: bool) -> None:
    text = (
        f"_m = made()\ndef get(k):\n    try:\n        {tries}\n    except E:\n        _m[k] = 1\n"
    )
    assert [one.keyed for one in Questions(text.encode()).of(2)] == [keyed]


def test_functions_that_call_each_other_without_end() -> None:
    calls = [f"def f{n}(x):\n    return f{n - 1}(x)\n" for n in range(900, 0, -1)]
    text = "".join(["def get(x):\n    if f900(x):\n        return 1\n    return 2\n", *calls])
    assert [one.ways for one in Questions(text.encode()).of(1)] == [(3, 4)]


NEVER_FAILING = {
    "an item of a dictionary that may be missing": ("_m = {}", "v = _m.get(k)", 0),
    "an item is stored": ("import weakref\n_m = weakref.WeakKeyDictionary()", "_m[k] = 2", 0),
    "something is added": ("_m: list[int] = []", "_m.append(k)", 0),
    "a variable is removed": ("import os", "del os.environ[k]", 0),
    "an item is fetched": ("_m = {}", "v = _m[k]", 1),
    "an item is removed": ("_m = {}", "del _m[k]", 1),
    "what else there is says which": ("_m = {}", "v = _m.get(_m.key)", 1),
    "a list is searched": ("_m = []", "v = _m.index(k)", 1),
    "an object of somebody's class": ("_m = Store()", "v = _m.get(k)", 1),
    "it is imported elsewhere": ("_m = {}\nif FAST:\n    from store import _m", "v = _m.get(k)", 1),
    "it may be another object": ("_m = {}\nif FAST:\n    _m = Store()", "v = _m.get(k)", 1),
}


@pytest.mark.parametrize(("begin", "tries", "asked"), NEVER_FAILING.values(), ids=NEVER_FAILING)
def test_containers_do_not_fail_by_what_they_hold(begin: str, tries: str, asked: int) -> None:
    body = f"    try:\n        {tries}\n    except E:\n        pass\n    _m[k] = 1\n    os.environ[k] = 1\n"
    text = f"{begin}\ndef get(k):\n{body}"
    line = text[: text.index("def")].count("\n") + 1
    assert len(Questions(text.encode()).of(line)) == asked

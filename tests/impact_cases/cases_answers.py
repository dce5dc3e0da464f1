"""Functions that decide by what functions of other files answer: remembered, or computed anew."""

from impact_case import Case

TESTS = (
    "from app.calc import get\n\n\ndef test_a():\n    assert get(2) > 0\n\n\n"
    "def test_b():\n    assert get(2) == 4\n"
)
WORK = "\n\ndef work(key):\n    return key * 2\n"
STORE = "_S = {}\n\n\ndef fetch(key):\n    return _S.get(key)\n\n\ndef put(key, value):\n    _S[key] = value\n"
SEEN = (
    "_seen = set()\n\n\ndef first(key):\n    if key in _seen:\n        return False\n"
    "    _seen.add(key)\n    return True\n"
)
TABLE = "class Table:\n    value = 0\n\n\nTABLE = Table()\n\n\ndef fill(value):\n    TABLE.value = value\n"
FETCHING = (
    "def get(key):\n    value = fetch(key)\n    if value is None:\n        value = work(key)\n"
    "        put(key, value)\n    return value\n"
)
ONCE = "def get(key):\n    if {asked}('table'):\n        fill(work(key))\n    return TABLE.value\n"
SEEING = {"app/log.py": SEEN, "app/table.py": TABLE}
FILL = "from app.table import TABLE, fill\n"


def answered(name: str, calc: str, files: dict[str, str], imports: str = "") -> Case:
    """The first test computes the value, the second one finds it there and is wrong as well."""
    base = {
        "app/__init__.py": "",
        **files,
        "app/calc.py": f"{imports}\n\n{calc}{WORK}",
        "test_a.py": TESTS,
        "test_other.py": "def test_t():\n    assert True\n",
    }
    change = {"app/calc.py": base["app/calc.py"].replace("key * 2", "key * 3")}
    return Case(name, base, change, ("test_a.py::test_b",), most=2)


READY = "def get(key):\n    if not {asked}:\n        fill(work(key))\n        {mark}\n    return TABLE.value\n"
STATE = "class State:\n    ready = False\n\n\nSTATE = State()\n\n\ndef mark():\n    STATE.ready = True\n"
MARKED = "READY = False\n\n\ndef mark():\n    global READY\n    READY = True\n"
LOG = (
    "class Log:\n    def __init__(self):\n        self.seen = set()\n\n    def first(self, key):\n"
    "        if key in self.seen:\n            return False\n        self.seen.add(key)\n"
    "        return True\n\n    def again(self, key):\n        return not self.first(key)\n"
)
CLASS_LOG = (
    "class Log:\n    seen = set()\n    ready = False\n\n    @classmethod\n    def first(cls, key):\n"
    "        if key in cls.seen:\n            return False\n        cls.seen.add(key)\n"
    "        return True\n\n    @classmethod\n    def mark(cls):\n        cls.ready = True\n"
)
OBJECT = {"app/log.py": LOG + "\n\nLOG = Log()\n", "app/table.py": TABLE}
ON_CLASS = {"app/log.py": CLASS_LOG, "app/table.py": TABLE}
STATED = {"app/state.py": STATE, "app/table.py": TABLE}
METHOD = "    def get(self, key):\n        if {asked}('table'):\n            fill(work(key))\n        return TABLE.value\n"
CALC = (
    "class Calc({base}):\n"
    + METHOD
    + "\n\nCALC = Calc()\n\n\ndef get(key):\n    return CALC.get(key)\n"
)


def remembered(name: str, calc: str, files: dict[str, str], imports: str = "") -> Case:
    """As above, with the table that is filled."""
    return answered(name, calc, {"app/table.py": TABLE, **files}, FILL + imports)


ATTRIBUTES = [
    remembered(
        "attribute of an object of another file", READY.format(asked="STATE.ready", mark="mark()"),
        STATED, "from app.state import STATE, mark",
    ),
    remembered(
        "attribute of an object of a module", READY.format(asked="state.STATE.ready", mark="state.mark()"),
        STATED, "from app import state",
    ),
    remembered(
        "attribute by its name", READY.format(asked="getattr(STATE, 'ready', False)", mark="mark()"),
        STATED, "from app.state import STATE, mark",
    ),
    remembered(
        "attribute by a local name",
        READY.format(asked="s.ready", mark="mark()").replace("    if", "    s = STATE\n    if", 1),
        STATED, "from app.state import STATE, mark",
    ),
    remembered(
        "attribute that a method sets",
        READY.format(asked="STATE.ready", mark="STATE.mark()"),
        {
            "app/state.py": "class State:\n    def __init__(self):\n        self.ready = False\n\n"
            "    def mark(self):\n        self.ready = True\n\n\nSTATE = State()\n"
        },
        "from app.state import STATE",
    ),
    remembered(
        "attribute that is set of what is given",
        READY.format(asked="STATE.ready", mark="mark(STATE)"),
        {
            "app/state.py": "class State:\n    ready = False\n\n\nSTATE = State()\n",
            "app/mark.py": "def mark(state):\n    state.ready = True\n",
        },
        "from app.mark import mark\nfrom app.state import STATE",
    ),
    remembered(
        "attribute of what a function hands on",
        READY.format(asked="state().ready", mark="mark()"),
        {"app/state.py": STATE + "\n\ndef state():\n    return STATE\n"},
        "from app.state import mark, state",
    ),
    remembered(
        "attribute that is set of what a function hands on",
        READY.format(asked="STATE.ready", mark="mark()"),
        {
            "app/state.py": "class State:\n    ready = False\n\n\nSTATE = State()\n\n\n"
            "def state():\n    return STATE\n",
            "app/mark.py": "from app.state import state\n\n\ndef mark():\n    found = state()\n    found.ready = True\n",
        },
        "from app.mark import mark\nfrom app.state import STATE",
    ),
    remembered(
        "variable of a module that its function sets", READY.format(asked="state.READY", mark="state.mark()"),
        {"app/state.py": MARKED}, "from app import state",
    ),
    remembered(
        "variable of a module by its whole name",
        READY.format(asked="app.state.READY", mark="app.state.mark()"), {"app/state.py": MARKED},
        "import app.state",
    ),
    remembered(
        "variable of a module that is set from outside",
        READY.format(asked="state.READY", mark="mark()"),
        {
            "app/state.py": "READY = False\n",
            "app/mark.py": "from app import state\n\n\ndef mark():\n    state.READY = True\n",
        },
        "from app import state\nfrom app.mark import mark",
    ),
    remembered(
        "own variable that is set from outside",
        "READY = False\n\n\n" + READY.format(asked="READY", mark="mark()"),
        {"app/mark.py": "import app.calc\n\n\ndef mark():\n    app.calc.READY = True\n"},
        "from app.mark import mark",
    ),
    remembered(
        "container of another file", READY.format(asked="'table' in SEEN", mark="mark()"),
        {"app/state.py": "SEEN = set()\n\n\ndef mark():\n    SEEN.add('table')\n"},
        "from app.state import SEEN, mark",
    ),
    remembered(
        "attribute that a function hands on", READY.format(asked="ready()", mark="mark()"),
        {
            **STATED,
            "app/ready.py": "from app.state import STATE\n\n\ndef ready():\n    return STATE.ready\n",
        },
        "from app.ready import ready\nfrom app.state import mark",
    ),
    remembered(
        "variable by which a function decides", READY.format(asked="ready()", mark="state.mark()"),
        {
            "app/state.py": MARKED,
            "app/ready.py": "from app import state\n\n\ndef ready():\n"
            "    if state.READY:\n        return True\n    return False\n",
        },
        "from app import state\nfrom app.ready import ready",
    ),
]  # fmt: skip
CLASSES = [
    remembered(
        "class of another file that says yes once", ONCE.format(asked="Log.first"), ON_CLASS,
        "from app.log import Log",
    ),
    remembered(
        "attribute of a class of another file", READY.format(asked="Log.ready", mark="Log.mark()"),
        ON_CLASS, "from app.log import Log",
    ),
    remembered(
        "class of another file under another name", ONCE.format(asked="log.Once.first"),
        {"app/log.py": CLASS_LOG + "\n\nOnce = Log\n"}, "from app import log",
    ),
    remembered(
        "class of the same file that says yes once", CLASS_LOG + "\n\n" + ONCE.format(asked="Log.first"), {},
    ),
    remembered(
        "new object whose class says yes once", ONCE.format(asked="Log().first"), ON_CLASS,
        "from app.log import Log",
    ),
    remembered(
        "answer of a class that a function hands on", ONCE.format(asked="fresh"),
        {**ON_CLASS, "app/fresh.py": "from app.log import Log\n\n\ndef fresh(key):\n    return Log.first(key)\n"},
        "from app.fresh import fresh",
    ),
    remembered(
        "inherited method that says yes once of the class",
        CALC.format(base="Log", asked="self.first"), ON_CLASS, "from app.log import Log",
    ),
    remembered(
        "inherited method that says yes once of the object",
        CALC.format(base="Log", asked="self.first"), OBJECT, "from app.log import Log",
    ),
    remembered(
        "inherited method, asked of super", CALC.format(base="Log", asked="super().first"),
        ON_CLASS, "from app.log import Log",
    ),
    remembered(
        "inherited method by way of a class between", CALC.format(base="Middle", asked="self.first"),
        {**ON_CLASS, "app/middle.py": "from app import log\n\n\nclass Middle(log.Log):\n    pass\n"},
        "from app.middle import Middle",
    ),
    remembered(
        "inherited method, asked of the class",
        "class Calc(Log):\n    @classmethod\n"
        + METHOD.format(asked="cls.first").replace("self", "cls")
        + "\n\ndef get(key):\n    return Calc.get(key)\n",
        ON_CLASS, "from app.log import Log",
    ),
    remembered(
        "method of a derived class that says yes once",
        "class Calc:\n" + METHOD.format(asked="self.first")
        + "\n\ndef get(key):\n    from app.own import OWN\n\n    return OWN.get(key)\n",
        {**ON_CLASS, "app/own.py": "from app.calc import Calc\nfrom app.log import Log\n\n\n"
         "class Own(Calc):\n    def first(self, key):\n        return Log.first(key)\n\n\nOWN = Own()\n"},
    ),
    remembered(
        "container of a class that objects fill", ONCE.format(asked="Log().first"),
        {
            "app/log.py": "class Log:\n    seen = set()\n\n    def first(self, key):\n"
            "        new = key not in self.seen\n        self.seen.add(key)\n        return new\n"
        },
        "from app.log import Log",
    ),
]  # fmt: skip
METHODS = [
    remembered(
        "object of another file that says yes once", ONCE.format(asked="LOG.first"), OBJECT,
        "from app.log import LOG",
    ),
    remembered(
        "object of a module that says yes once", ONCE.format(asked="log.LOG.first"), OBJECT,
        "from app import log",
    ),
    remembered(
        "object of the same file that says yes once",
        LOG + "\n\nLOG = Log()\n\n\n" + ONCE.format(asked="LOG.first"), {},
    ),
    remembered(
        "own object of a class of another file", "LOG = Log()\n\n\n" + ONCE.format(asked="LOG.first"),
        OBJECT, "from app.log import Log",
    ),
    remembered(
        "object that a function made", ONCE.format(asked="LOG.first"),
        {"app/log.py": LOG + "\n\ndef make():\n    return Log()\n\n\nLOG = make()\n"},
        "from app.log import LOG",
    ),
    remembered(
        "object by its annotation", ONCE.format(asked="LOG.first"),
        {"app/log.py": LOG + "\n\nLOGS = {0: Log()}\nLOG: Log = LOGS[0]\n"}, "from app.log import LOG",
    ),
    remembered(
        "object of a class that inherits the method", ONCE.format(asked="LOG.first"),
        {**OBJECT, "app/own.py": "from app.log import Log\n\n\nclass Own(Log):\n    pass\n\n\nLOG = Own()\n"},
        "from app.own import LOG",
    ),
    remembered(
        "object that a class holds", ONCE.format(asked="Holder.log.first"),
        {**OBJECT, "app/own.py": "from app.log import Log\n\n\nclass Holder:\n    log = Log()\n"},
        "from app.own import Holder",
    ),
    remembered(
        "object whose method hands an answer on", ONCE.format(asked="not LOG.again"), OBJECT,
        "from app.log import LOG",
    ),
    remembered(
        "object of which a function hands an answer on", ONCE.format(asked="fresh"),
        {**OBJECT, "app/fresh.py": "from app.log import LOG\n\n\ndef fresh(key):\n    return LOG.first(key)\n"},
        "from app.fresh import fresh",
    ),
    remembered(
        "object that a function hands on", ONCE.format(asked="log().first"),
        {"app/log.py": LOG + "\n\nLOG = Log()\n\n\ndef log():\n    return LOG\n"}, "from app.log import log",
    ),
    remembered(
        "method under a name of its own", "first = LOG.first\n\n\n" + ONCE.format(asked="first"), OBJECT,
        "from app.log import LOG",
    ),
]  # fmt: skip
NAMES = [
    remembered(
        "function under another name", "fresh = first\n\n\n" + ONCE.format(asked="fresh"), SEEING,
        "from app.log import first",
    ),
    remembered(
        "function under another name of its file", ONCE.format(asked="fresh"),
        {"app/log.py": SEEN + "\n\nfresh = first\n"}, "from app.log import fresh",
    ),
    remembered(
        "function with an argument", ONCE.format(asked="fresh").replace("('table')", "()"),
        {"app/log.py": "from functools import partial\n\n" + SEEN + "\n\nfresh = partial(first, 'table')\n"},
        "from app.log import fresh",
    ),
    remembered(
        "function in a table", ONCE.format(asked="KINDS['new']"),
        {"app/log.py": SEEN + "\n\nKINDS = {'new': first}\n"}, "from app.log import KINDS",
    ),
    remembered(
        "function as a method of a class", ONCE.format(asked="Kinds.new"),
        {"app/log.py": SEEN + "\n\nclass Kinds:\n    new = staticmethod(first)\n"},
        "from app.log import Kinds",
    ),
    remembered(
        "function with several signatures", ONCE.format(asked="fresh"),
        {
            "app/log.py": "from typing import overload\n\n" + SEEN + "\n\n@overload\ndef fresh(key: str) -> bool: ...\n\n\n"
            "@overload\ndef fresh(key: int) -> bool: ...\n\n\ndef fresh(key):\n    return first(key)\n"
        },
        "from app.log import fresh",
    ),
]  # fmt: skip


def same(name: str, asked: str, files: dict[str, str], imports: str) -> Case:
    """What is asked is the same each time: each test computes its value itself."""
    calc = (
        f"{imports}\n\n\ndef get(key):\n    if {asked}:\n        return work(key)\n"
        f"    return other(key)\n{WORK}\n\ndef other(key):\n    return key + key\n"
    )
    base = {
        "app/__init__.py": "",
        **files,
        "app/calc.py": calc,
        "test_a.py": TESTS.replace("get(2) > 0", "get(3) == 6"),
    }
    change = {"app/calc.py": calc.replace("key + key", "key + key + 1")}
    return Case(name, base, change, ("test_a.py::test_a",), most=1)


SAME = [
    same(
        "constant of a module", "key < settings.LIMIT", {"app/settings.py": "LIMIT = 3\n"},
        "from app import settings",
    ),
    same(
        "constant beside a variable that is set", "key < state.LIMIT",
        {"app/state.py": "LIMIT = 3\n" + MARKED}, "from app import state",
    ),
    same(
        "attribute of an object that nobody changes", "key < STATE.limit",
        {"app/state.py": STATE.replace("ready = False", "ready = False\n    limit = 3")},
        "from app.state import STATE",
    ),
    same(
        "method that asks what was given first", "LIMITS.low(key)",
        {
            "app/limits.py": "class Limits:\n    def __init__(self, limit):\n        self.limit = limit\n\n"
            "    def low(self, key):\n        return key < self.limit\n\n\nLIMITS = Limits(3)\n"
        },
        "from app.limits import LIMITS",
    ),
    same(
        "object that is made anew", "log(key).first(key)",
        {"app/log.py": LOG + "\n\ndef log(key):\n    return Log() if key < 3 else Other()\n\n\n"
         "class Other:\n    def first(self, key):\n        return False\n"},
        "from app.log import log",
    ),
    same(
        "variable that is given its value back", "key < state.LIMIT",
        {
            "app/state.py": "LIMIT = 3\n",
            "app/limited.py": "from app import state\n\n\ndef limited(limit):\n    old = state.LIMIT\n"
            "    state.LIMIT = limit\n    try:\n        yield\n    finally:\n        state.LIMIT = old\n",
        },
        "from app import state",
    ),
]  # fmt: skip
HELPERS = [
    answered(
        "value that helpers of another file keep", FETCHING, {"app/store.py": STORE},
        "from app.store import fetch, put",
    ),
    answered(
        "function of another file that says yes once", ONCE.format(asked="first"), SEEING,
        FILL + "from app.log import first",
    ),
    answered(
        "function of an imported module that says yes once", ONCE.format(asked="log.first"), SEEING,
        FILL + "from app import log",
    ),
    answered(
        "helper that a package hands on under another name", ONCE.format(asked="fresh"),
        {**SEEING, "app/__init__.py": "from .log import first as fresh\n"}, FILL + "from app import fresh",
    ),
    answered(
        "helper of a third file that hands an answer on", ONCE.format(asked="ready"),
        {**SEEING, "app/ready.py": "from app import log\n\n\ndef ready(key):\n    return bool(log.first(key))\n"},
        FILL + "from app.ready import ready",
    ),
    answered(
        "helper of the same file that hands an answer on",
        SEEN + "\n\ndef ready(key):\n    new = first(key)\n    return new\n\n\n" + ONCE.format(asked="ready"),
        SEEING, FILL,
    ),
    answered(
        "helper of the same file that hands the answer of another file on",
        "def ready(key):\n    return first(key)\n\n\n" + ONCE.format(asked="ready"),
        SEEING, FILL + "from app.log import first",
    ),
    answered(
        "helper of a third file that decides by one", ONCE.format(asked="ready"),
        {
            **SEEING,
            "app/ready.py": "from app import log\n\n\ndef ready(key):\n"
            "    return True if log.first(key) else False\n",
        },
        FILL + "from app.ready import ready",
    ),
    answered(
        "helper that the function imports itself",
        ONCE.format(asked="first").replace("    if", "    from .log import first\n\n    if", 1),
        SEEING, FILL,
    ),
    Case(
        "helper of another file that answers the same each time",
        {
            "app/__init__.py": "",
            "app/even.py": "LIMIT = 2\n\n\ndef even(key):\n    return key % LIMIT == 0\n",
            "app/store.py": STORE,
            "app/calc.py": "from app.even import even\nfrom app.store import put\n\n\n"
            "def get(key):\n    if even(key):\n        return work(key)\n    return key\n" + WORK,
            "test_a.py": "from app.calc import get\n\n\ndef test_a():\n    assert get(2) == 4\n\n\n"
            "def test_b():\n    assert get(3) == 3\n",
        },
        {
            "app/calc.py": "from app.even import even\nfrom app.store import put\n\n\n"
            "def get(key):\n    if even(key):\n        return work(key)\n    return key\n"
            + WORK.replace("2", "3")
        },
        ("test_a.py::test_a",),
        most=1,
    ),
]  # fmt: skip
ANSWERS = [*HELPERS, *ATTRIBUTES, *CLASSES, *METHODS, *NAMES, *SAME]

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


ANSWERS = [
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

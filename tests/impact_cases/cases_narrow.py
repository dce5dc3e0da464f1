"""Changes of a somewhat larger project that few tests, or none, can notice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from impact_text import told, tree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from impact_case import Case
    from impact_text import Edit

PROJECT = '''
--- shop/__init__.py
from shop.cart import Cart
from shop.money import Money
from shop.users import User

__version__ = '1.0'
--- shop/money.py
"""Money and its currencies."""
from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Currency(Enum):
    EUR = 'eur'
    USD = 'usd'


RATES = {Currency.EUR: 1, Currency.USD: 2}
SYMBOLS = {'eur': 'E', 'usd': '$'}


@dataclass(frozen=True)
class Money:
    amount: int
    currency: Currency = Currency.EUR

    def add(self, other: Money) -> Money:
        return Money(self.amount + other.amount, self.currency)

    def show(self) -> str:
        # how people write it
        return SYMBOLS[self.currency.value] + str(self.amount)


def convert(money: Money, to: Currency) -> Money:
    rate = RATES[to] / RATES[money.currency]
    return Money(int(money.amount * rate), to)
--- shop/cart.py
from shop import errors
from shop.money import Money

LIMIT = 3


class Cart:
    """Holds things."""

    kind = 'cart'
    discount = 0

    def __init__(self):
        self.items = []

    def put(self, name, price):
        if len(self.items) >= LIMIT:
            raise errors.Full('the cart is full')
        self.items.append((name, price))

    def total(self):
        total = Money(0)
        for _, price in self.items:
            total = total.add(price)
        return total

    def names(self):
        return sorted(name for name, _ in self.items)
--- shop/errors.py
class ShopError(Exception):
    pass


class Full(ShopError):
    pass
--- shop/users.py
import re

PATTERN = re.compile('[a-z]+@[a-z]+')
ADMINS = {'root@x'}


class User:
    def __init__(self, mail):
        if not PATTERN.match(mail):
            raise ValueError('bad mail: ' + mail)
        self.mail = mail

    @property
    def admin(self):
        return self.mail in ADMINS
--- shop/report.py
from pathlib import Path

FORMATS = {}


def register(name):
    def add(f):
        FORMATS[name] = f
        return f

    return add


@register('text')
def as_text(cart):
    return ','.join(cart.names())


@register('csv')
def as_csv(cart):
    return ';'.join(cart.names())


def header():
    return (Path(__file__).parent / 'header.txt').read_text()


def footer():
    return (Path(__file__).parent / 'footer.txt').read_text()
--- shop/header.txt
head
--- shop/footer.txt
foot
--- shop/unused.py
def nobody():
    return 1
--- README.md
hello
--- pyproject.toml
[project]
name = "shop"
version = "1.0"

[tool.ruff]
line-length = 80

[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = ["."]
--- tests/conftest.py
import pytest

from shop import Cart, Money


@pytest.fixture
def cart():
    return Cart()


@pytest.fixture
def full(cart):
    for n in range(3):
        cart.put(str(n), Money(n))
    return cart


@pytest.fixture
def price():
    return Money(5)
--- tests/test_money.py
import pytest

from shop.money import Currency, Money, convert


def make(amount):
    return Money(amount)


def test_add():
    assert make(1).add(Money(2)) == Money(3)


def test_show():
    assert Money(1, Currency.USD).show() == '$1'


def test_convert():
    assert convert(Money(1), Currency.USD).amount == 2


@pytest.mark.parametrize('amount', [1, 2, 3])
def test_amount(amount):
    assert Money(amount).amount == amount
--- tests/test_cart.py
import pytest

from shop.errors import Full
from shop.money import Money


def test_empty(cart):
    assert cart.names() == []


def test_total(full):
    assert full.total() == Money(3)


def test_full(full, price):
    with pytest.raises(Full, match='full'):
        full.put('x', price)


def test_kind(cart):
    assert cart.kind == 'cart'
--- tests/test_rest.py
import pytest

from shop import report
from shop.users import User


def test_admin():
    assert User('root@x').admin


def test_bad():
    with pytest.raises(ValueError):
        User('?')


def test_text(full):
    assert report.FORMATS['text'](full) == '0,1,2'


def test_csv(full):
    assert report.FORMATS['csv'](full) == '0;1;2'


def test_header():
    assert report.header() == 'head\\n'


def test_footer():
    assert report.footer() == 'foot\\n'
'''
FILES = tree(PROJECT)


def narrow(name: str, most: int, edits: Mapping[str, Edit], *must: str) -> Case:
    return told(name, PROJECT, edits, *must, most=most)


M, C, R = "tests/test_money.py::", "tests/test_cart.py::", "tests/test_rest.py::"
MONEY, CART, USERS, REPORT = (f"shop/{name}.py" for name in ("money", "cart", "users", "report"))
CONFTEST = "tests/conftest.py"
# The bounds are what is reached: fewer would do where imports change.
NARROW = [
    narrow(
        "annotation under the future import",
        0,
        {MONEY: ("other: Money) -> Money", "other: Money) -> object")},
    ),
    narrow("return annotation added", 0, {CART: ("def names(self):", "def names(self) -> list:")}),
    narrow(
        "comment inside a function", 0, {MONEY: ("# how people write it", "# as people write it")}
    ),
    narrow("license header above a module", 0, {CART: "# (c) us\n\n" + FILES[CART]}),
    narrow("docstring of a class", 0, {CART: ('"""Holds things."""', '"""Holds many things."""')}),
    narrow(
        "docstring of a module", 0, {MONEY: ('"""Money and its currencies."""', '"""Money."""')}
    ),
    narrow(
        "formatting of a call",
        0,
        {
            MONEY: (
                "Money(self.amount + other.amount, self.currency)",
                "Money(\n            self.amount + other.amount, self.currency\n        )",
            )
        },
    ),
    narrow("quotes and parentheses", 0, {CART: ("self.items = []", "self.items = ([])")}),
    narrow(
        "two methods change places",
        0,
        {
            CART: (
                "    def total(self):\n        total = Money(0)\n        for _, price in self.items:\n            total = total.add(price)\n        return total\n\n    def names(self):\n        return sorted(name for name, _ in self.items)\n",
                "    def names(self):\n        return sorted(name for name, _ in self.items)\n\n    def total(self):\n        total = Money(0)\n        for _, price in self.items:\n            total = total.add(price)\n        return total\n",
            )
        },
    ),
    narrow(
        "two functions change places",
        0,
        {
            REPORT: (
                "def header():\n    return (Path(__file__).parent / 'header.txt').read_text()\n\n\ndef footer():\n    return (Path(__file__).parent / 'footer.txt').read_text()\n",
                "def footer():\n    return (Path(__file__).parent / 'footer.txt').read_text()\n\n\ndef header():\n    return (Path(__file__).parent / 'header.txt').read_text()\n",
            )
        },
    ),
    narrow(
        "imports sorted",
        2,
        {
            "shop/__init__.py": (
                "from shop.cart import Cart\nfrom shop.money import Money\nfrom shop.users import User\n",
                "from shop.users import User\nfrom shop.cart import Cart\nfrom shop.money import Money\n",
            )
        },
    ),
    narrow(
        "re-export added", 2, {"shop/__init__.py": ("import Money\n", "import Currency, Money\n")}
    ),
    narrow(
        "__all__ added",
        0,
        {"shop/__init__.py": ("__version__", "__all__ = ['Cart', 'Money', 'User']\n__version__")},
    ),
    narrow("version of the package", 0, {"shop/__init__.py": ("'1.0'", "'1.1'")}),
    narrow("version in pyproject", 0, {"pyproject.toml": ('"1.0"', '"1.1"')}),
    narrow("settings of another tool", 0, {"pyproject.toml": ("80", "100")}),
    narrow(
        "workflow of a service, change log, ignore file",
        0,
        {".github/workflows/ci.yml": "on: push\n", "CHANGELOG.md": "x\n", ".gitignore": "*.pyc\n"},
    ),
    narrow("module nobody imports", 0, {"shop/unused.py": ("1", "2")}),
    narrow("module nobody imports is deleted", 0, {"shop/unused.py": None}),
    narrow("data file added beside others", 0, {"shop/other.txt": "x\n"}),
    narrow("one data file of two", 1, {"shop/header.txt": "other\n"}, R + "test_header"),
    narrow("entry of a table", 1, {MONEY: ("'$'", "'U'")}, M + "test_show"),
    narrow(
        "member appended to an enumeration",
        0,
        {MONEY: ("    USD = 'usd'\n", "    USD = 'usd'\n    CHF = 'chf'\n")},
    ),
    narrow(
        "pattern of a module",
        2,
        {USERS: ("'[a-z]+@[a-z]+'", "'[a-z]+@[a-z]+[.]'")},
        R + "test_admin",
    ),
    narrow("constant of one function", 1, {USERS: ("{'root@x'}", "set()")}, R + "test_admin"),
    narrow(
        "class attribute of one test", 1, {CART: ("kind = 'cart'", "kind = 'bag'")}, C + "test_kind"
    ),
    narrow("class attribute nobody uses", 0, {CART: ("discount = 0", "discount = 1")}),
    narrow("registered function", 1, {REPORT: ("';'.join", "'|'.join")}, R + "test_csv"),
    narrow(
        "registration added",
        2,
        {
            REPORT: (
                "def header",
                "@register('json')\ndef as_json(cart):\n    return str(cart.names())\n\n\ndef header",
            )
        },
    ),
    narrow(
        "message of an exception in a branch of one test",
        1,
        {CART: ("the cart is full", "no room")},
        C + "test_full",
    ),
    narrow(
        "message in a branch of one test, test not affected",
        1,
        {USERS: ("'bad mail: '", "'wrong mail: '")},
    ),
    narrow(
        "subclass nobody uses",
        1,
        {"shop/errors.py": FILES["shop/errors.py"] + "\n\nclass Empty(ShopError):\n    pass\n"},
    ),
    narrow(
        "method nobody calls",
        0,
        {CART: FILES[CART] + "\n    def clear(self):\n        self.items = []\n"},
    ),
    narrow(
        "field with a default appended to a dataclass",
        15,
        {
            MONEY: (
                "    currency: Currency = Currency.EUR\n",
                "    currency: Currency = Currency.EUR\n    note: str = ''\n",
            )
        },
    ),
    narrow(
        "local variable renamed",
        1,
        {
            MONEY: (
                "rate = RATES[to] / RATES[money.currency]\n    return Money(int(money.amount * rate), to)",
                "factor = RATES[to] / RATES[money.currency]\n    return Money(int(money.amount * factor), to)",
            )
        },
    ),
    narrow("fixture that one test uses", 1, {CONFTEST: ("return Money(5)", "return Money(6)")}),
    narrow(
        "fixture added that nobody uses",
        1,
        {CONFTEST: FILES[CONFTEST] + "\n\n@pytest.fixture\ndef rich():\n    return Money(100)\n"},
    ),
    narrow("comment in a conftest", 0, {CONFTEST: "# fixtures\n" + FILES[CONFTEST]}),
    narrow(
        "helper of a test file",
        1,
        {"tests/test_money.py": ("return Money(amount)", "return Money(amount + 1)")},
        M + "test_add",
    ),
    narrow(
        "value added to the parameters of one test",
        1,
        {"tests/test_money.py": ("[1, 2, 3]", "[1, 2, 3, None]")},
        M + "test_amount[None]",
    ),
    narrow("test renamed", 1, {"tests/test_money.py": ("test_show", "test_text")}, M + "test_text"),
    narrow(
        "import added to a test file",
        0,
        {"tests/test_money.py": ("import pytest", "import os\n\nimport pytest")},
    ),
    narrow(
        "comment in a test",
        0,
        {
            "tests/test_cart.py": (
                "    assert cart.names() == []",
                "    # nothing\n    assert cart.names() == []",
            )
        },
    ),
    narrow(
        "constant added to a test file",
        0,
        {"tests/test_cart.py": ("def test_empty", "SPARE = 1\n\n\ndef test_empty")},
    ),
    narrow(
        "new test file",
        1,
        {"tests/test_new.py": "def test_new():\n    assert False\n"},
        "tests/test_new.py::test_new",
    ),
    narrow(
        "new module with its test",
        1,
        {
            "shop/tax.py": "def tax(x):\n    return x\n",
            "tests/test_tax.py": "from shop.tax import tax\n\n\ndef test_tax():\n    assert tax(1) == 2\n",
        },
        "tests/test_tax.py::test_tax",
    ),
    narrow(
        "unused parameter with a default",
        3,
        {CART: ("def names(self):", "def names(self, upper=False):")},
    ),
]

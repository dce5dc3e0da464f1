"""What is a reason: texts by how they are made, and by what they say."""

from __future__ import annotations

import pytest
from staged import skips, staged

from covgate.source.skips.reasons import judge_text

PATH = "tests/test_shop.py"
HEAD = """\
import enum
import os
import sys
import textwrap

import pytest

from shop.client import HAVE_NETWORK

"""

# The expression of the reason, and what stands above it.
EMPTY = [
    ('textwrap.dedent("   ")', ""),
    ('"".join([])', ""),
    ('" ".join(["", ""])', ""),
    ("str()", ""),
    ("f\"{''}\"", ""),
    ("f\"{f'{WHY}'}\"", 'WHY = " "\n'),
    ("Why.NONE.value", 'class Why(enum.Enum):\n    LEDGER = "needs the ledger"\n    NONE = ""\n'),
    ("Why.NONE", 'class Why(str, enum.Enum):\n    LEDGER = "needs the ledger"\n    NONE = ""\n'),
    ('"" or None', ""),
    ('"" if HAVE_NETWORK else " "', ""),
    ("WHY", 'WHY: str = ""\n'),
    ("WHY", 'from typing import Final\nWHY: Final = "  "\n'),
    ("WHY", 'WHY = ""\nWHY += " "\n'),
    ("WHYS[0]", 'WHYS = ("", "needs the ledger")\n'),
    ("B", 'A, B = "needs the ledger", ""\n'),
    ('WHYS.get("x", "")', 'WHYS = {"a": "needs the ledger"}\n'),
    ('WHYS.get("b")', 'WHYS = {"a": "needs the ledger"}\n'),
    ('WHYS["a"]["b"]', 'WHYS = {"a": {"b": ""}}\n'),
    ("R.WHY", 'class Q:\n    WHY = ""\n\nclass R(Q):\n    pass\n'),
    ("why()", 'def why():\n    return ""\n'),
    ('why("")', "def why(text):\n    return text.strip()\n"),
    ('(lambda: "")()', ""),
    ('"todo".replace("todo", "")', ""),
    ('"x" * 0', ""),
    ('"%s" % ""', ""),
    ('"{why}".format(why="")', ""),
    ('(\n    ""\n    ""\n)', ""),
    ('(why := "")', ""),
    ('"\\U0001F41B"', ""),
    ('"\\u00a0"', ""),
    ("WHYS.a", 'from types import SimpleNamespace\nWHYS = SimpleNamespace(a="")\n'),
]
STATED = [
    ('textwrap.dedent("""\n    the ledger\n    is away\n""")', ""),
    ("Why.LEDGER.value", 'class Why(enum.Enum):\n    LEDGER = "needs the ledger"\n    NONE = ""\n'),
    ("Why.LEDGER", 'class Why(str, enum.Enum):\n    LEDGER = "needs the ledger"\n    NONE = ""\n'),
    ('os.environ.get("WHY", "")', ""),
    ("WHY", 'WHY = ""\nif sys.platform == "linux":\n    WHY = "linux has no ledger"\n'),
    ("WHY", 'WHY = ""\nWHY += "the ledger is away"\n'),
    ("WHYS[1]", 'WHYS = ("", "needs the ledger")\n'),
    ("A", 'A, B = "needs the ledger", ""\n'),
    ('WHYS.get("a")', 'WHYS = {"a": "needs the ledger"}\n'),
    ("why()", 'def why():\n    return "the ledger is away"\n'),
    ('"%(a)s needs" % {"a": "ledger"}', ""),
    ('"{why} is away".format(why="ledger")', ""),
    ("__doc__", ""),
    ('"42"', ""),
    ('(why := "the ledger is away")', ""),
    ('r"\\d fails"', ""),
    (
        "WHYS.a",
        'from types import SimpleNamespace\nWHYS = SimpleNamespace(a="the ledger is away")\n',
    ),
]
PLACEHOLDERS = [
    "TODO",
    "FIXME",
    "wip",
    "WIP.",
    "tbd",
    "xxx",
    "tmp",
    "disabled",
    "skip for now",
    "not working",
    "does not work",
    "doesn't work",
    "fails",
    "ignore",
    "broken test",
    "fix later",
    "!!!",
    "...",
    "-",
    "x",
    "temp",
    "skip this test",
    "flaky test",
    "skipping",
    "unstable",
    "no reason",
    "because",
    "todo: fix",
    "to do",
    "do not run",
    "don't run",
    "needs fixing",
    "will fix",
    "not ready yet",
    "pending",
    "Temporarily skipped.",
    "disabled temporarily",
    "known failure",
    "known bug",
    "skipped due to failure",
    "Skip test",
    "broken!",
    "(flaky)",
    "T.B.D.",
    "fix me!",
    "see later",
    "reason",
    "test is broken",
    "this test fails",
    "currently broken",
    "currently failing",
    "needs to be fixed",
    "under investigation",
    "investigate",
]
REASONS = [
    "#42",
    "GH-7",
    "py39+",
    "macOS",
    "Windows",
    "needs docker",
    "slow",
    "no GPU",
    "flaky on CI",
    "HTTP 500",
    "see #12",
    "requires root",
    "arm64",
    "upstream bug",
    "unsupported",
    "not supported on PyPy",
    "broken by numpy 2",
    "TODO(anna): port to asyncio",
    "skip until 3.0",
    "wip: SHOP-1",
    "fails on leap days",
    "https://example.org/1",
    "DST",
    "UTF-16",
    "no network",
    "flaky: DNS",
    "slow test",
    "integration",
    "manual only",
    "obsolete",
    "3.8+",
    "待修复 网络",
    "tests need Redis",
    "fix in SHOP-8",
    "xfail until parser is rewritten",
    "disabled in sandbox",
]


def found(reason: str, above: str) -> int:
    text = f"{above}\n@pytest.mark.skip(reason={reason})\ndef test_total():\n    assert total()\n"
    return len(skips(staged({}, {PATH: HEAD + text})))


@pytest.mark.parametrize(("reason", "above"), EMPTY)
def test_empty(reason: str, above: str) -> None:
    assert found(reason, above) == 1


@pytest.mark.parametrize(("reason", "above"), STATED)
def test_stated(reason: str, above: str) -> None:
    assert found(reason, above) == 0


@pytest.mark.parametrize("text", PLACEHOLDERS)
def test_placeholder(text: str) -> None:
    assert judge_text(text).state == "placeholder"


@pytest.mark.parametrize("text", REASONS)
def test_reason(text: str) -> None:
    assert judge_text(text).state == "stated"

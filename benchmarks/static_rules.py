"""Time the static rules: a commit of five test files, and a whole project of many.

    python benchmarks/static_rules.py [--files 2000] [--rounds 5]

Makes a repository in a temporary folder, with test files of the sizes and kinds that real suites
have, and asks the installed covgate. "Command" is all of it (interpreter start, git, reading,
judging, reporting), in seconds of the clock and of the processors; "judging" is the processor time
of covgate itself in a process that has started already, without git.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from measuring import measured

from covgate.change.reading import Request
from covgate.gate.judging import judge
from covgate.gate.question import Question
from covgate.source.modules import parse
from git import Repo

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

STATIC = "skip-without-reason,hollow-test"
TESTS_A_FILE = (4, 18)
_PLAIN = '''\
def test_{name}_{n}(tmp_path):
    """The {name} keeps what it was given."""
    {name} = make_{name}({n}, folder=tmp_path)
    {name}.add("first", {n})
    for key in ("first", "second", "third"):
        {name}.update({{key: len(key) * {n}}})
    assert {name}.total() == {n} * 16, "the sum of all"
    with pytest.raises(KeyError):
        {name}.take("nothing")
'''
_TABLE = """\
@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (1, {n}),
        (2, {n} * 2),
        pytest.param(3, {n} * 3, id="three"),
        pytest.param(-1, 0, marks=pytest.mark.xfail(reason="negative {name}s: see #{n}")),
    ],
)
def test_{name}_table_{n}(given, wanted):
    {name} = make_{name}(given)
    {name}.scale({n})
    assert {name}.total() == wanted
"""
_CLASS = """\
class Test{title}{n}:
    def setup_method(self):
        self.{name} = make_{name}({n})

    def test_empty(self):
        self.{name}.clear()
        assert not self.{name}.items

    def test_prints(self, capsys):
        print(self.{name})
        check_output(capsys.readouterr().out, "{name} {n}")

    @needs_network
    def test_sends(self):
        answer = self.{name}.send()
        assert answer.status == 200
"""
_SKIPPED = """\
@pytest.mark.skipif(sys.platform == "win32", reason="no symbolic links")
def test_{name}_link_{n}(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path)
    assert make_{name}({n}).follow(tmp_path / "link") == tmp_path
"""
_UNITTEST = """\
class {title}{n}Case(unittest.TestCase):
    def test_total(self):
        with mock.patch("shop.core.{name}.fetch", return_value={n}) as fetch:
            self.assertEqual(make_{name}({n}).total(), {n})
        fetch.assert_called_once_with({n})
"""
_HEAD = """\
import sys
import unittest
from unittest import mock

import pytest

from shop.core.{name} import make_{name}
from tests.support.checks import check_output
from tests.support.marks import needs_network


"""
_SUPPORT = {
    "marks": (
        "import os\n\nimport pytest\n\nneeds_network = pytest.mark.skipif(\n"
        '    "NETWORK" not in os.environ, reason="needs the network"\n)\n'
    ),
    "checks": "def check_output(text, wanted):\n    assert wanted in text\n",
}
_NAMES = ("order", "cart", "invoice", "parcel", "ledger", "voucher", "stock", "client")


class Sizes(NamedTuple):
    """What the project of a measurement holds."""

    files: int
    tests: int
    lines: int


def main(argv: Sequence[str] | None = None) -> int:
    """Make the project, measure, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        sizes = make_project(top, options.files)
        print(f"{sizes.files} test files, {sizes.tests} tests, {sizes.lines} lines of tests")
        print("\n| what | judging | command | its CPU |\n|---|--:|--:|--:|")
        for row in measure(top, options.rounds):
            print(row)
    return 0


def make_project(top: Path, files: int) -> Sizes:
    """Write and commit the project; the same for the same number of files."""
    chance = random.Random(files)
    tests = lines = 0
    for package in ("tests/__init__.py", "tests/support/__init__.py", "shop/__init__.py"):
        _write(top / package, "")
    _write(top / "shop/core/__init__.py", "")
    _write(top / "pyproject.toml", "[tool.pytest.ini_options]\npythonpath = ['.']\n")
    _write(
        top / "tests/conftest.py", "import pytest\n\n\n@pytest.fixture\ndef shop():\n    yield\n"
    )
    for name, text in _SUPPORT.items():
        _write(top / f"tests/support/{name}.py", text)
    for number in range(files):
        text = _test_file(chance, number)
        tests += text.count("def test_")
        lines += text.count("\n")
        _write(top / f"tests/part_{number // 50:02}/test_{number:04}.py", text)
        if number % 50 == 0:
            _write(top / f"tests/part_{number // 50:02}/__init__.py", "")
    for number in range(files // 4):
        name = _NAMES[number] if number < len(_NAMES) else f"module_{number:03}"
        _write(top / f"shop/core/{name}.py", _source_file(name, number))
    repo = Repo.init(top)
    with repo.config_writer() as config:
        config.set_value("user", "name", "bench")
        config.set_value("user", "email", "bench@example.org")
    repo.git.add("-A")
    repo.git.commit("-q", "-m", "all")
    return Sizes(files, tests, lines)


def _test_file(chance: random.Random, number: int) -> str:
    name = _NAMES[number % len(_NAMES)]
    kinds = chance.choices(
        (_PLAIN, _TABLE, _CLASS, _SKIPPED, _UNITTEST),
        (70, 12, 10, 3, 5),
        k=chance.randint(*TESTS_A_FILE),
    )
    parts = [kind.format(name=name, title=name.title(), n=n) for n, kind in enumerate(kinds)]
    return _HEAD.format(name=name) + "\n\n".join(parts)


def _source_file(name: str, number: int) -> str:
    methods = "".join(
        f"\n    def step_{n}(self, value):\n        if value > {n}:\n            return value\n"
        f"        return self.step_{max(n - 1, 0)}(value + {number})\n"
        for n in range(30)
    )
    make = f"def make_{name}(n, folder=None):\n    return {name.title()}()\n"
    return f"class {name.title()}:\n    items = ()\n{methods}\n\n{make}"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def measure(top: Path, rounds: int) -> Iterator[str]:
    """Yield the rows of the table."""
    for path in sorted((top / "tests").glob("part_*/test_*.py"))[:5]:
        text = path.read_text().replace("keeps what", "holds what")
        path.write_text(text + "\n\ndef test_added(tmp_path):\n    assert tmp_path.is_dir()\n")
    Repo(top).git.add("-A")
    yield _row("a commit of 5 test files", top, [], rounds, _judging(top, rounds))
    Repo(top).git.commit("-q", "-m", "five")
    yield _row("everything, nothing kept from before", top, ["--all"], rounds, afresh=True)
    yield _row("everything, again", top, ["--all"], rounds)
    path = sorted((top / "tests").glob("part_*/test_*.py"))[7]
    path.write_text(
        path.read_text() + "\n\ndef test_more(tmp_path):\n    assert tmp_path.is_dir()\n"
    )
    Repo(top).git.commit("-q", "-a", "-m", "one")
    yield _row("everything, one file edited since", top, ["--all"], 1)


def _row(
    what: str, top: Path, scope: list[str], rounds: int, own: float | None = None, *,
    afresh: bool = False,
) -> str:  # fmt: skip
    command = [sys.executable, "-m", "covgate", "check", "--only", STATIC, "--format", "json"]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))}
    wall, cpu = [], []
    for _ in range(rounds):
        if afresh:
            shutil.rmtree(top / ".git" / "covgate", ignore_errors=True)
        done = measured([*command, *scope], top, env)
        if done.code not in (0, 1):
            raise SystemExit(done.out + done.err)
        wall.append(done.cost.wall_s)
        cpu.append(done.cost.cpu_s)
    middle = [statistics.median(values) for values in (wall, cpu)]
    judging = "" if own is None else f"{own * 1000:.0f} ms"
    return f"| {what} | {judging} | {middle[0]:.2f} s | {middle[1]:.2f} s |"


def _judging(top: Path, rounds: int) -> float:
    """Return the processor time of one judgement in a process that has made one before."""
    rules = frozenset(STATIC.split(","))
    question = Question(top, dict(os.environ), Request(), rules)
    judge(question)
    spent = []
    for _ in range(rounds):
        parse.cache_clear()
        start = time.process_time()
        judge(question)
        spent.append(time.process_time() - start)
    return statistics.median(spent)


if __name__ == "__main__":
    raise SystemExit(main())

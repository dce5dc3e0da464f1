"""What recording costs is told as medians of each round's ratios."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from recording import Function, functions, with_line
from recording_table import CHECK, COVERAGE, LIMIT, PLAIN, RECORD, section
from workspace import Workspace

SOURCE = '''\
def documented(a,
               b):
    """Say."""
    return a


def short(): return 1


def nested():
    @property
    def inner():
        return 2
    return inner


class A:
    def method(self):
        if self:
            return 1
'''


def _row(step: str, way: str, cpu: float, **facts: Any) -> dict[str, Any]:
    cost = {"cpu_s": cpu, "wall_s": cpu, "peak_mb": 40.0}
    return {"step": step, "way": way, "cost": cost, "note": "", "failed": [], **facts}


def test_tables() -> None:
    rows = [{"step": "suite", "way": "", "tests": 100}]
    for number, slow in enumerate((1, 3, 2)):
        rows += [
            _row(f"record {number}", PLAIN, slow),
            _row(f"record {number}", COVERAGE, 2 * slow),
        ]
        rows.append(_row(f"record {number}", RECORD, 2.5 * slow, store_bytes=250_000))
        rows.append(_row(f"change a.py: f {number}", LIMIT, 1, tests=4))
        rows.append(_row(f"change a.py: f {number}", CHECK, 2, tests=5))
    rows.append(_row("change a.py: g 0", LIMIT, 1, tests=4))  # interrupted
    text = section("demo on Python 3.12: recording", rows, "2 cores")
    assert "| `covgate record` | 5.00 s | 5.00 s | 1.25 | 1.25 | 2.50 | 40 MB |" in text
    assert "The store: 0.2 MB for 100 tests, 2,500 bytes a test." in text
    assert (
        "| `a.py: f` | 4 | 5 | 1.00 s | 2.00 s | 2.00 | 1.00 s | 2.00 s | 2.00 | 0.20 s above |"
        in text
    )
    assert "a.py: g" not in text


def test_failing_tests_and_no_answer_are_said() -> None:
    rows = [
        _row("change a.py: f 0", LIMIT, 1, tests=4, failed=["t::x"]),
        _row("change a.py: f 0", CHECK, 2, tests=5),
        _row("change a.py: g 0", LIMIT, 1, tests=4),
        _row("change a.py: g 0", CHECK, 2, tests=None, failed=None, note="why"),
    ]
    rows += [_row("record 0", way, 1, store_bytes=0) for way in (PLAIN, COVERAGE, RECORD)]
    text = section("demo", rows, "")
    assert "| `a.py: f` | 4, `t::x` failed | 5 |" in text
    assert "| `a.py: g` | 4 | undecided: why |" in text


def test_functions_are_chosen_by_the_number_of_their_tests(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(SOURCE)
    (tmp_path / "test_a.py").write_text("def test_a():\n    pass\n")
    tests = {f"test_a.py::test_{n}" for n in range(3)}
    ran = {
        "a.py": {4: tests, 7: tests, 13: {"test_a.py::test_0"}, 19: {"test_a.py::test_1"}},
        "test_a.py": {2: tests},
    }
    work = Workspace(tmp_path, Path("python"), {})
    few = Function("a.py", "inner", 13, ("test_a.py::test_0",))
    many = Function("a.py", "documented", 4, tuple(sorted(tests)))
    middling = Function("a.py", "method", 19, ("test_a.py::test_1",))
    assert functions(work, ran) == [few, middling, many]
    assert functions(work, {}) == []


def test_a_line_is_put_before_a_statement() -> None:
    changed = with_line(SOURCE, 4, 7).splitlines()
    assert changed[2:5] == ['    """Say."""', "    _recorded = 7", "    return a"]
    compile(with_line(SOURCE, 19, 1), "a.py", "exec")

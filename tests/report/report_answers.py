"""Answers to render: one of each verdict, and any at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from covgate.report.answer import (
    UNDECIDED_RULE,
    Answer,
    DiffCoverageResult,
    FileLines,
    TestResult,
    Tests,
)
from covgate.rules.finding import Finding

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

CART = "src/shop/cart.py"
TEST_CART = "tests/test_cart.py"

ODD_NAMES = {
    "newline": "src/a\nb.py",
    "bytes": "src/caf\udce9.py",
    "quotes": 'src/"it\'s".py',
    "markup": "src/<b>&amp;|`x`_*.py",
    "escape": "src/\x1b[31mred\x07.py",
    "percent": "src/100%0A,:.py",
    "bidi": "src/\u202egpj.py",
    "wide": "src/日本語 ü.py",
    "command": "::error file=x::y",
    "lone surrogate": "src/\ud800.py",
    "xml": "src/\x00\x0b\ufffe.py",
}


def uncovered(path: str, line: int, end_line: int | None = None) -> Finding:
    return Finding(
        "diff-coverage",
        "changed lines are not run by any test",
        path,
        line,
        end_line,
        "add a test, or mark them with `# pragma: no cover - why`",
    )


def ran(number: int, failed: int = 0) -> tuple[TestResult, ...]:
    return tuple(
        TestResult(
            id=f"{TEST_CART}::test_{n:03}",
            why=f"imports {CART}",
            outcome="failed" if n < failed else "passed",
            seconds=0.5,
        )
        for n in range(number)
    )


def failing(number: int, failed: int, total: int | None = None) -> Tests:
    results = ran(number, failed)
    return Tests(total, 0, results, tuple(test.id for test in results[:failed]))


PASSED = Answer(
    "pass",
    "staged",
    "files are staged",
    "HEAD",
    "4b825dc6",
    tests=Tests(3120, 0, ran(42)),
    diff_coverage=DiffCoverageResult(97.36, 80.0, {CART: FileLines(tuple(range(1, 38)), (50,))}),
    timing={"tests": 2.1, "change": 0.02},
    environment={"python": "/home/me/shop/.venv/bin/python"},
)

BLOCKED = Answer(
    "block",
    "staged",
    "files are staged",
    "HEAD",
    "4b825dc6",
    findings=(
        uncovered(CART, 43),
        uncovered(CART, 41, 42),
        Finding(
            "tests-fail",
            "test_001 failed: assert 2 == 3",
            TEST_CART,
            30,
            None,
            "run it alone: `python -m pytest tests/test_cart.py::test_001`",
        ),
        Finding(
            "untracked-dependency",
            "the tests import src/shop/new.py, which is not part of the commit",
            "src/shop/new.py",
            help="`git add src/shop/new.py`",
            severity="warning",
        ),
    ),
    tests=failing(41, 2, 3120),
    diff_coverage=DiffCoverageResult(
        76.92, 80.0, {CART: FileLines(tuple(range(1, 11)), (41, 42, 43))}
    ),
    notes=("no evidence yet: tests were selected by their imports",),
    timing={"tests": 2.1},
    environment={"python": "/home/me/shop/.venv/bin/python", "found": ".venv of the project"},
    sources={
        CART: {
            40: "    total = sum(self.prices)",
            41: "    if coupon is None:",
            42: "        return total",
            43: "    return total - coupon",
        }
    },
    output="\x1b[31mFAILED\x1b[0m tests/test_cart.py::test_001\n1 failed\n",
)

UNDECIDED = Answer(
    "undecided",
    "range",
    "PRE_COMMIT_FROM_REF is set",
    "origin/main",
    "4b825dc6",
    findings=(
        Finding(
            UNDECIDED_RULE,
            "the tests did not end within 600 s",
            help="raise `timeout` in `[tool.covgate]`",
        ),
    ),
)

# Undecided, and it does not say why.
SILENT = Answer("undecided", "staged", "", "HEAD", "4b825dc6")

KINDS = {"passed": PASSED, "blocked": BLOCKED, "undecided": UNDECIDED, "silent": SILENT}


def odd(name: str) -> Answer:
    """An answer in which `name` stands wherever a file name can stand."""
    test = f"{name}::test_x"
    return Answer(
        "block",
        "staged",
        f"because of {name}",
        "HEAD",
        "4b825dc6",
        findings=(
            Finding("diff-coverage", f"{name} is not covered", name, 1, 2, f"look at {name}"),
            Finding("tests-fail", "failed", name, 1, help=name),
        ),
        tests=Tests(1, 0, (TestResult(test, name, "failed", 0.1),), (test,)),
        diff_coverage=DiffCoverageResult(50.0, 80.0, {name: FileLines((1,), (2,))}),
        notes=(name,),
        environment={name: name},
        sources={name: {1: name, 2: "x"}},
        output=f"{name}\n",
    )


_text = st.text(st.characters(exclude_categories=()), max_size=12) | st.sampled_from(
    sorted(ODD_NAMES.values())
)
_line = st.integers(1, 10_000)
_seconds = st.floats(0, 1e6)
_rule = st.sampled_from(["tests-fail", "diff-coverage", "skip-without-reason", UNDECIDED_RULE])


def _numbers() -> SearchStrategy[tuple[int, ...]]:
    return st.lists(_line, unique=True, max_size=6).map(lambda n: tuple(sorted(n)))


findings: SearchStrategy[Finding] = st.builds(
    Finding,
    _rule | _text,
    _text,
    st.none() | _text,
    st.none() | _line,
    st.none() | _line,
    _text,
    st.sampled_from(["error", "warning", "note"]),
)

_outcome = st.sampled_from(["passed", "failed", "error", "skipped", "xfailed"])

answers: SearchStrategy[Answer] = st.builds(
    Answer,
    verdict=st.sampled_from(["pass", "block", "undecided"]),
    mode=st.sampled_from(["staged", "range", "merge", "all"]),
    why_mode=_text,
    base=_text,
    tree=_text,
    findings=st.lists(findings, max_size=5).map(tuple),
    tests=st.builds(
        Tests,
        total=st.none() | st.integers(0, 10**6),
        reused=st.integers(0, 10**6),
        selected=st.lists(
            st.builds(TestResult, _text, _text, _outcome | _text, _seconds), max_size=3
        ).map(tuple),
        failed=st.lists(_text, max_size=4).map(tuple),
    ),
    diff_coverage=st.none()
    | st.builds(
        DiffCoverageResult,
        percent=st.none() | st.floats(0, 100),
        target=st.floats(0, 100),
        files=st.dictionaries(_text, st.builds(FileLines, _numbers(), _numbers()), max_size=4),
    ),
    notes=st.lists(_text, max_size=3).map(tuple),
    timing=st.dictionaries(_text | st.just("tests"), _seconds, max_size=3),
    environment=st.dictionaries(_text | st.just("python"), _text, max_size=3),
    sources=st.dictionaries(_text, st.dictionaries(_line, _text, max_size=5), max_size=3),
    output=_text,
)

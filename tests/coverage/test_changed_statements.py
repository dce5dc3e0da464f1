"""Changed lines to statements: what counts, what stands for something else, what is not judged."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from covgate.change.model import FileChange
from covgate.coverage.changed import ChangedStatements, is_tooling, judge_lines
from covgate.coverage.diff_cover import count, render
from covgate.run.plan import MeasuredFile

if TYPE_CHECKING:
    from pathlib import Path

# Lines 1 to 9: 4 and 5 continue 3, 6 is a comment, 7 is excluded, 8 is a partial branch.
FACTS = MeasuredFile(
    measured=True,
    imported=True,
    executed=frozenset({1, 3, 8}),
    missing=frozenset({2, 9}),
    excluded=frozenset({7}),
    partial={8: (1, 1)},
    statement_of={4: 3, 5: 3},
)


def changed(path: str, *lines: int) -> FileChange:
    return FileChange(path, path, "modified", "1", "2", frozenset(lines))


@pytest.mark.parametrize(
    ("lines", "covered", "uncovered"),
    [
        ((1,), (1,), ()),
        ((2,), (), (2,)),
        ((4,), (3,), ()),
        ((3, 4, 5), (3,), ()),
        ((6,), (), ()),
        ((7,), (), ()),
        ((8,), (), (8,)),
        ((99,), (), ()),
        (tuple(range(1, 10)), (1, 3), (2, 8, 9)),
    ],
    ids=str,
)
def test_statements_of_changed_lines(
    lines: tuple[int, ...], covered: tuple[int, ...], uncovered: tuple[int, ...]
) -> None:
    verdict = judge_lines([changed("m.py", *lines)], {"m.py": FACTS}).files["m.py"]
    assert (verdict.covered, verdict.uncovered) == (covered, uncovered)
    assert verdict.partial == ({8: (1, 2)} if 8 in lines else {})


@pytest.mark.parametrize(
    ("path", "facts", "judged"),
    [
        ("m.py", FACTS._replace(imported=False), True),
        ("m.py", MeasuredFile(measured=False, imported=False), False),
        ("m.py", MeasuredFile(measured=False, imported=True), False),
        ("tests/data.py", FACTS._replace(imported=False), False),
        ("tests/data.py", FACTS, True),
        ("setup.py", FACTS._replace(imported=False), False),
        ("pkg/setup.py", FACTS._replace(imported=False), True),
    ],
)
def test_which_files_are_judged(path: str, facts: MeasuredFile, judged: bool) -> None:
    verdicts = judge_lines([changed(path, 1, 2)], {path: facts})
    assert (path in verdicts.files) is judged
    assert (path in verdicts.unmeasured) is not judged


def test_files_without_changed_lines_or_facts_are_no_matter() -> None:
    verdicts = judge_lines([changed("a.py"), changed("b.py", 1)], {"a.py": FACTS})
    assert (verdicts.files, verdicts.unmeasured) == ({}, {})


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("setup.py", True),
        ("noxfile.py", True),
        ("conftest.py", True),
        ("pkg/conftest.py", True),
        ("pkg/test_m.py", True),
        ("pkg/m_test.py", True),
        ("tests/unit/helper.py", True),
        ("docs/conf.py", True),
        ("m.py", False),
        ("src/pkg/m.py", False),
        ("pkg/setup.py", False),
        ("testing.py", False),
        ("contests/m.py", False),
        ("scripts/release.py", False),
        ("tools/gen.py", False),
        ("plugins/k.py", False),
    ],
)
def test_tooling(path: str, expected: bool) -> None:
    assert is_tooling(path) is expected


LINES = st.frozensets(st.integers(1, 20))


@given(LINES, LINES, LINES, st.dictionaries(st.integers(1, 20), st.integers(1, 20)))
def test_every_changed_statement_is_counted_once(
    lines: frozenset[int],
    executed: frozenset[int],
    missing: frozenset[int],
    statement_of: dict[int, int],
) -> None:
    facts = MeasuredFile(
        True, True, executed, missing - executed, partial={3: (1, 1)}, statement_of=statement_of
    )
    files = judge_lines([changed("m.py", *lines)], {"m.py": facts}).files
    found = files.get("m.py", ChangedStatements((), ()))
    assert not set(found.covered) & set(found.uncovered)
    assert set(found.covered) | set(found.uncovered) <= executed | missing
    assert set(found.covered) <= executed
    numbers = count(files, "HEAD")
    assert numbers == (len(found.covered) + len(found.uncovered), len(found.uncovered))


FILES = {
    "a b.py": ChangedStatements((1, 2), (3,)),
    "m.py": ChangedStatements((1,), (8,), {8: (1, 2)}),
    "z.py": ChangedStatements((), ()),
}


def test_numbers_are_diff_cover_s() -> None:
    assert count(FILES, "HEAD") == (5, 2)
    assert count({}, "HEAD") == (0, 0)


@pytest.mark.parametrize("name", ["text", "html", "json", "markdown", "github"])
def test_reports_of_diff_cover(tmp_path: Path, name: str) -> None:
    for path in FILES:
        (tmp_path / path).write_text("x = 1\n" * 9)
    report = render(name, FILES, "HEAD", tmp_path).decode()
    plain = html.unescape(report)
    assert "m.py" in plain
    assert "a b.py" in plain

"""Exclusion comments without a reason are found when they are new, per function."""

from __future__ import annotations

import pytest
from weakened_project import findings, places

M = "shop/prices.py"
BODY = "def parse(text):\n    if text:\n        return 1\n    return 0\n"


def marked(line: int, comment: str = "# pragma: no cover", text: str = BODY) -> str:
    lines = text.splitlines()
    lines[line - 1] += f"  {comment}"
    return "\n".join(lines) + "\n"


WEAKER = {
    "a line": (BODY, marked(3), 3),
    "a block": (BODY, marked(2), 2),
    "a function": (BODY, marked(1), 1),
    "upper case": (BODY, marked(3, "# PRAGMA: NO COVER"), 3),
    "no spaces": (BODY, marked(3, "#pragma:no cover"), 3),
    "another directive is no reason": (BODY, marked(3, "# pragma: no cover  # noqa: E501"), 3),
    "type: ignore is no reason": (BODY, marked(3, "# pragma: no cover # type: ignore[x]"), 3),
    "punctuation is no reason": (BODY, marked(3, "# pragma: no cover - ..."), 3),
    "todo is no reason": (BODY, marked(3, "# pragma: no cover TODO"), 3),
    "reason removed": (marked(3, "# pragma: no cover - only on Windows"), marked(3), 3),
    "widened to the function": (marked(3), marked(1), 1),
    "one more in the function": (marked(3), marked(4, text=marked(3)), 4),
    "a copied function": (
        marked(3),
        marked(3) + marked(3).replace("parse", "parse_again"),
        7,
    ),
    "decorator": (BODY, "@cached  # pragma: no cover\n" + BODY, 1),
}


@pytest.mark.parametrize(("before", "after", "line"), WEAKER.values(), ids=WEAKER)
def test_a_new_exclusion_without_reason_is_found(before: str, after: str, line: int) -> None:
    assert places(findings({M: before}, {M: after})) == [f"{M}:{line}"]


SILENT = {
    "reason after it": (BODY, marked(3, "# pragma: no cover - only on Windows")),
    "reason in parentheses": (BODY, marked(3, "# pragma: no cover (py39)")),
    "reason in another comment": (BODY, marked(3, "# pragma: no cover  # only on Windows")),
    "an issue": (BODY, marked(3, "# pragma: no cover #482")),
    "reason before it": (BODY, marked(3, "# only on Windows  # pragma: no cover")),
    "comment above": (
        BODY,
        BODY.replace(
            "        return 1",
            "        # never happens on Linux\n        return 1  # pragma: no cover",
        ),
    ),
    "already there": (marked(3), marked(3) + "\n\nx = 1\n"),
    "line edited": (marked(3), marked(3).replace("return 1", "return 2")),
    "re-indented into a class": (
        marked(3),
        "class A:\n" + "".join(f"    {line}\n" for line in marked(3).splitlines()),
    ),
    "function renamed": (marked(1), marked(1).replace("parse", "read")),
    "main guard": (
        BODY,
        BODY + '\n\nif __name__ == "__main__":  # pragma: no cover\n    parse(1)\n',
    ),
    "in a string": (BODY, BODY + 'x = "# pragma: no cover"\n'),
    "in a docstring": (
        BODY,
        BODY.replace(":\n    if", ':\n    """# pragma: no cover"""\n    if', 1),
    ),
    "alone on a line": (BODY, BODY + "# pragma: no cover\n"),
    "in what is excluded anyway": (
        BODY,
        "if TYPE_CHECKING:\n    import ssl  # pragma: no cover\n" + BODY,
    ),
    "in a block with a reason": (
        BODY,
        marked(3, text=marked(2, "# pragma: no cover - only on 3.9")),
    ),
    "removed": (marked(3), BODY),
    "no branch": (BODY, marked(2, "# pragma: no branch")),
    "narrowed to a line": (marked(1), marked(3)),
    "does not parse": (BODY, BODY + "def (:\n"),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_an_exclusion_with_reason_or_history_is_silent(before: str, after: str) -> None:
    assert findings({M: before}, {M: after}) == []


def test_a_function_moved_to_another_file_is_silent() -> None:
    found = findings(
        {M: marked(3), "shop/slug.py": "x = 1\n"},
        {M: "y = 1\n", "shop/slug.py": "x = 1\n\n\n" + marked(3)},
    )

    assert found == []


def test_a_renamed_file_is_silent_and_a_new_one_is_not() -> None:
    renamed = findings({M: marked(3)}, {"shop/money.py": marked(3)}, {"shop/money.py": M})
    new = findings({}, {"shop/new.py": marked(3)})

    assert renamed == []
    assert places(new) == ["shop/new.py:3"]


def test_the_projects_own_exclusion_counts() -> None:
    rc = "[report]\nexclude_also = #\\s*nocov\n"

    assert places(findings({M: BODY, ".coveragerc": rc}, {M: marked(3, "# nocov")})) == [f"{M}:3"]
    assert findings({M: BODY, ".coveragerc": rc}, {M: marked(3, "# nocov: py39 only")}) == []
    assert findings({M: BODY}, {M: marked(3, "# nocov")}) == []
    only = rc.replace("also", "lines")
    assert findings({M: BODY, ".coveragerc": only}, {M: marked(3)}) == []


def test_an_exclusion_of_either_parent_is_not_added_by_a_merge() -> None:
    from weakened_project import BASE, change_of

    from covgate.config.model import Simple
    from covgate.rules.config_weakened import find

    ours, theirs = {**BASE, M: BODY}, {**BASE, M: marked(3)}
    both = {**BASE, M: marked(4, text=marked(3))}

    assert find(change_of([ours, theirs], theirs), Simple()) == []
    assert places(find(change_of([ours, theirs], both), Simple())) == [f"{M}:4"]


def test_a_change_of_code_alone_imports_nothing_heavy() -> None:
    import subprocess
    import sys
    from pathlib import Path

    paths = [str(Path(__file__).parent), *sys.path]
    script = (
        f"import sys; sys.path[:0] = {paths!r}\n"
        "from weakened_project import findings\n"
        "assert findings({}, {'shop/slug.py': 'x = 1\\n'}) == []\n"
        "print([m for m in ('yaml', 'coverage', 'covgate.policy.compare') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"

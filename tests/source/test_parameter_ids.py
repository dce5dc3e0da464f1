"""The values of parametrized tests by the ids that pytest gives to them."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from covgate.source.blocks.parameters import parameters

if TYPE_CHECKING:
    from pathlib import Path

VALUES = [
    "'x', [1, -2, 1.5, -0.5, None, True, 'a b']",
    "'x', [[1], {2: 3}, {4}, ()]",
    "'x, y', [(1, 'a'), [2, 'b']]",
    "('x', 'y'), [(1, [2]), pytest.param(3, 4), pytest.param(5, 6, id='six')]",
]


def text(values: str, more: str = "", name: str = "x") -> bytes:
    arguments = "x, y" if "y" in values.partition("[")[0] else "x"
    return (
        f"import pytest\n\n\n{more}@pytest.mark.parametrize({values})\n"
        f"def test_p({arguments}):\n    pass\n"
    ).encode()


def test_ids_are_those_of_pytest(tmp_path: Path) -> None:
    for number, values in enumerate(VALUES):
        (tmp_path / f"test_{number}.py").write_bytes(text(values))
    listed = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    for number, values in enumerate(VALUES):
        found = parameters(text(values), text(values), "test_p")
        assert found is not None
        tests = {f"test_{number}.py::test_p[{one}]" for one in found[0]}
        assert tests == {line for line in listed.splitlines() if f"test_{number}.py" in line}


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        pytest.param("'x', [1, 2]", "'x', [1, 2, 3]", {"1", "2"}, id="appended"),
        pytest.param("'x', [1, 2]", "'x', [0, 1, 2]", {"1", "2"}, id="in front"),
        pytest.param("'x', [[1], [2]]", "'x', [[0], [1], [2]]", set(), id="shifted"),
        pytest.param("'x', [[1], [2]]", "'x', [[1], [3]]", {"x0"}, id="by place"),
    ],
)
def test_same_values(old: str, new: str, kept: set[str]) -> None:
    found = parameters(text(old), text(new), "test_p")
    assert found is not None
    assert {one for one in found[0] if found[1].get(one) == found[0][one]} == kept


@pytest.mark.parametrize(
    "new",
    [
        pytest.param(text("'x', [1, 1]"), id="twice the same id"),
        pytest.param(text("'x', [1, VALUE]"), id="value by a name"),
        pytest.param(text("'x', [1, f(2)]"), id="value by a call"),
        pytest.param(text("'x', [1, 'é']"), id="id that is escaped"),
        pytest.param(text("'x', [1, 2], ids=['a', 'b']"), id="ids given"),
        pytest.param(text("'x', VALUES"), id="list by a name"),
        pytest.param(text("'x', [1]", "@pytest.mark.parametrize('y', [1])\n"), id="a second list"),
        pytest.param(text("'x', [1]", "@pytest.mark.slow\n"), id="another mark"),
        pytest.param(text("'x', [1, 2], indirect=True"), id="another way"),
        pytest.param(text("'x', [1]") + b"\n\ndef test_p():\n    pass\n", id="defined twice"),
        pytest.param(b"def", id="no Python"),
    ],
)
def test_not_certain(new: bytes) -> None:
    assert parameters(text("'x', [1]"), new, "test_p") is None

"""docs/tutorial.md, followed literally from an empty directory."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from offline_machine import Machine, of, section

if TYPE_CHECKING:
    from collections.abc import Mapping


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, clean_env: Mapping[str, str]) -> list[str]:
    """What each block said; the blocks run one after the other in one shell."""
    machine = Machine(tmp_path_factory.mktemp("tutorial"), clean_env, {})
    lines = []
    for number, block in enumerate(of(section("docs/tutorial.md"), "console")):
        lines += [f"echo '<<{number}>>'", block]
    (machine.folder / "work").mkdir()
    done = machine.follow("\n".join(lines), machine.folder / "work")
    assert done.code == 0, done.said
    return re.split(r"<<\d+>>\n", done.said)[1:]


EXPECTED = {
    2: "environment",
    3: "covgate: passed",
    4: "1 of 5 changed lines not covered",
    5: "diff-coverage: Changed lines are not run by tests",
    6: "blocked again, by the hook",
    7: "Take coupons",
    8: "2 of 2 known tests have a trace that holds",
    9: "covgate: passed",
}


def test_each_block_says_what_the_page_says(told: list[str]) -> None:
    said = {number: told[number] for number in EXPECTED}
    assert {n: text for n, text in said.items() if EXPECTED[n] not in text} == {}
    assert len(told) == 10
